"""Ruleset files: what is read, what is refused and where, what comes back."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest

from kpirules import RulesetError, dumps, load, load_file, loads
from kpirules.api.load import check_text
from kpirules.arithmetic.range import Range
from kpirules.errors import FileError
from kpirules.model import Input, Rubric
from kpirules.toml import locate
from kpirules.toml.converter import unstructure
from kpirules.toml.parser import parse
from kpirules.toml.writer import fingerprint


#: every key of the language, in a file whose parts this version partly cannot evaluate
WHOLE = """
schema = 1
id = "whole-language"
label = "Everything"
role = { en = "Anyone", zh = "任何人" }
period = "year"
effective_from = 2025-01-01
effective_until = 2025-12-31
currency = "EUR"
full_marks = 5
weights_total = "sum"
step = 0.5
note = "a note"
source = { label = "A source", url = "urn:x", note = "n" }
inputs.late = { type = "count", label = "Late", better = "lower", range = "0..31", default = 0 }
inputs.sales = { type = "number", unit = "CNY", step = 0.01, range = ">= 0", many = true }
inputs.duty = { type = "choice", options = ["met", "not"], default = "met" }
inputs.grade = { type = "choice", options = { a = "A", b = { en = "B", zh = "乙" } } }
inputs.veto = { type = "flag", default = false }
pay.components = ["base", "performance"]

[derive.rate]
formula = "late / 2"
label = "Rate"
better = "lower"
round = { to = 0.01, mode = "half_up" }
range = "0..120"

[derive.kind]
of = "late"
bands = [{ when = 0, value = "none" }, { when = "missing", value = "unknown" }, { when = "otherwise", value = "some" }]

[raters]
self = 20
superior = { weight = 80, label = "Superior" }

[bands.steps]
rows = [{ when = "< 3", points = 1 }, { when = ">= 3", formula = "late" }]

[[section]]
id = "one"
label = { en = "One" }
weight = 60
scale = 100
clamp = "0..60"
round = { to = 1, mode = "half_even" }

[[section.criterion]]
id = "first"
label = "First"
weight = "late * 2"
scale = 100
bands = "steps"
of = "late"
missing = "exclude"
cite = "1.1"

[[section.criterion]]
id = "second"
weight = 40
points = "0..10"
clamp = "0..8"
missing = 3

[[section.criterion]]
id = "third"
weight = 10
bands = [
  { when = { late = [0, ">= 7"], duty = "met", veto = true }, points = "1..2", label = "x" },
  { when = { points.second = "> 1 .. < 3", rate = -0.5 }, points = 4.5 },
  { when = "otherwise", points = 0 },
]

[[section]]
id = "two"
criterion = [{ id = "remark", scored = false }]

[total]
formula = "raw_total + adjust.bonus"
round = { to = 0.1, mode = "floor" }
minimum_scored = 1

[[adjust]]
id = "bonus"
label = "Bonus"
points = 2
missing = "skip"

[[gate]]
when = { veto = true }
refuse = true
reason = { en = "Veto" }
missing = "skip"

[[gate]]
when = { late = ">= 3" }
total_at_most = 3
total_at_least = 1
tier_at_most = "low"
tier_at_least = "low"
demote = 1

[[gate]]
when = { duty = "missing" }
unratable = true

[[tier]]
id = "high-er"
label = "High"
total = ["4..5", 3]
pay = 300
coefficient = 1.2

[[tier]]
id = "low"
total = "< 3"
pay = -50
coefficient = 0.5

[outcome.days]
formula = "total * 2"
label = "Days"
missing = "skip"

[outcome.word]
value = "text"

[[ruling]]
clause = "1"
conflict = "c"
decision = { en = "d" }
accepts = ["rating-gap section.one.first"]

[[example]]
name = "one"
ratings = { late = 1, sales = [1, 2.5], skill.self = 3, veto = true, duty = "met" }
expect = { total = "1000/9", points.first = 2, refused = ["late"], unratable = true }
"""


def whole():
    """Give the rubric of the whole language, not made ready."""
    return parse(WHOLE, "whole.rubric.toml")


def test_the_model_holds_the_whole_language():
    """Every key of the language arrives in its field, numbers exact."""
    rubric = whole()
    assert date(2025, 12, 31) == rubric.effective_until
    assert Decimal("0.5") == rubric.step
    assert "sum" == rubric.weights_total
    assert ("late", "sales", "duty", "grade", "veto") == tuple(f.name for f in rubric.inputs)
    assert Decimal("0.01") == rubric.inputs[1].step
    assert Range.parse("0..31") == rubric.inputs[0].range
    first, second, third = rubric.sections[0].criteria
    assert ("steps", "late", "late * 2") == (first.bands, first.of, first.weight)
    assert Decimal(3) == second.missing
    assert (Range.exactly(0), Range.parse(">= 7")) == third.bands[0].when.conditions[0].entries
    assert "points.second" == third.bands[1].when.conditions[0].name
    assert Decimal("4.5") == third.bands[1].points
    assert (Range.parse("4..5"), Range.exactly(3)) == rubric.tiers[0].total
    assert [("self", 20), ("superior", 80)] == [(r.name, r.weight) for r in rubric.raters]
    assert ("sales", (Decimal(1), Decimal("2.5"))) == rubric.examples[0].ratings[1]
    assert ("skill.self", Decimal(3)) == rubric.examples[0].ratings[2]
    assert 1 == rubric.total.minimum_scored
    assert "<Rubric whole-language from 2025-01-01: 2 sections, 4 criteria, 2 tiers>" == repr(
        rubric
    )


def test_a_rubric_comes_back_from_its_own_text():
    """Writing and reading are inverse, for the whole language and for what is shipped."""
    assert whole() == parse(dumps(whole()), "again")
    shipped = load("customer-service")
    assert shipped == loads(dumps(shipped))
    assert dumps(shipped) == dumps(loads(dumps(shipped)))


def test_texts_that_toml_must_escape_come_back():
    """Quotes, line breaks, control characters and empty tables survive."""
    text = (
        'schema = 1\nid = "x"\nlabel = "a\\"b\\n\\u007f"\noutcome.o = { value = 1 }\n\n[source]\n'
    )
    rubric = loads(text)
    assert rubric == loads(dumps(rubric))
    example = 'schema = 1\nid = "x"\nexample = [{ name = "n", ratings = { "a b" = 1 } }]\n'
    assert parse(example, "f") == parse(dumps(parse(example, "f")), "g")


def test_the_default_keys_of_criteria_are_written_into_each():
    """[defaults] fill what a criterion leaves out; a quantity of its own keeps theirs away."""
    text = """
schema = 1
id = "x"
defaults = { weight = 50, scale = 10, points = "0..5", missing = "error" }
criterion = [{ id = "a" }, { id = "b", bands = [{ points = 10 }, { points = "0..9" }] }]
"""
    first, second = loads(text).criteria
    assert (50, 10, Range.parse("0..5")) == (first.weight, first.scale, first.points)
    assert (50, 10, None) == (second.weight, second.scale, second.points)
    inside = text.replace("criterion = [", 'section = [{ id = "s", criterion = [').replace(
        '"0..9" }] }]', '"0..9" }] }] }]'
    )
    assert first == loads(inside).sections[0].criteria[0]


@pytest.mark.parametrize(
    "text",
    [
        'defaults = 3\nschema = 1\nid = "x"',
        'schema = 1\nid = "x"\ndefaults = {}\ncriterion = 3',
        'schema = 1\nid = "x"\ndefaults = {}\ncriterion = [3]\nsection = [3]',
    ],
)
def test_defaults_beside_broken_parts_leave_the_fault_to_be_found(text):
    """A table that is no table is reported, with defaults or without."""
    with pytest.raises(RulesetError, match="must be"):
        loads(text) if "defaults = 3" not in text else loads(text + "\ncriterion = 3")


def minimal(extra="", *, head='schema = 1\nid = "x"\n'):
    """Give a file with something in it."""
    return head + extra


#: (code, line, the text above the carets, part of the message or help, the file)
CASES = [
    ("missing-key", 1, "s", 'the key "id" is missing', "schema = 1"),
    ("value", 2, "2", "this version of kpirules reads schema 1", 'id = "x"\nschema = 2'),
    ("value", 1, '"9x"', "is not an id", 'id = "9x"\nschema = 1'),
    ("unknown-key", 3, "lable", 'did you mean "label"?', minimal('lable = "x"')),
    ("unknown-key", 3, "qqqqq", "the keys are id, schema", minimal("qqqqq = 1")),
    ("value", 3, "3", "must be a text in quotes, not a number", minimal("source = {url = 3}")),
    ("value", 3, '"2025"', "must be a date such as", minimal('effective_from = "2025"')),
    (
        "value",
        3,
        "2025-01-01T00:00:00",
        "must be a date",
        minimal("effective_from = 2025-01-01T00:00:00"),
    ),
    ("value", 3, "nan", "is not a number", minimal("full_marks = nan")),
    ("value", 3, "1e400000", "is too large", minimal("full_marks = 1e400000")),
    ("value", 3, "1e" + "9" * 30, "is not a finite number", minimal("full_marks = 1e" + "9" * 30)),
    ("value", 3, "true", "must be a number, not true or false", minimal("full_marks = true")),
    ("value", 3, "0", "must be more than 0", minimal("full_marks = 0")),
    ("value", 3, "3", "must be a text or a table by language", minimal("label = 3")),
    ("value", 3, "{}", "has no text in any language", minimal("label = {}")),
    ("value", 3, '{ "?" = "x" }', "is not a language tag", minimal('label = { "?" = "x" }')),
    ("value", 3, '"x"', "must be a list, not a text", minimal('ruling = "x"')),
    ("value", 3, "[]", "must be a table by name, not a list", minimal("inputs = []")),
    ("value", 3, "3", "must be a table, not a number", minimal("inputs = {a = 3}")),
    ("value", 3, "{}", "is not an id", minimal('inputs = {"a b" = {}}')),
    ("unknown-key", 3, "name", 'unknown key "name"', minimal("inputs.a = { name = 'b' }")),
    ("missing-key", 3, "{}", 'the key "type" is missing', minimal("inputs.a = {}")),
    ("value", 3, '"cuont"', 'did you mean "count"?', minimal('inputs.a = {type="cuont"}')),
    ("value", 3, "3", 'must be one of "count", "number"', minimal("inputs.a = {type = 3}")),
    ("value", 3, "3", "must be a list of codes", minimal('inputs.a = {type="choice",options=3}')),
    ("value", 3, "3", "must be a text in quotes", minimal('inputs.a={type="choice",options=[3]}')),
    ("value", 3, "3", "must be a range in quotes", minimal('inputs.a = {type="count", range = 3}')),
    (
        "value",
        3,
        '"3%"',
        "a range has no percent sign",
        minimal('inputs.a = {type="count", range = "3%"}'),
    ),
    ("value", 3, "3", "must be true or false", minimal('inputs.a = {type="count", many = 3}')),
    ("value", 3, "1.5", "must be a whole number", minimal("total = {minimum_scored = 1.5}")),
    (
        "value",
        3,
        "'x'",
        'must be one of "error", "zero", "exclude" or a number of points',
        minimal("criterion=[{id='a',missing='x'}]"),
    ),
    ("value", 3, "true", "or a number of points", minimal("criterion=[{id='a',missing=true}]")),
    ("value", 3, "3", 'must be one of "error", "skip"', minimal("adjust=[{id='a', missing = 3}]")),
    ("unknown-key", 3, "value", 'unknown key "value"', minimal("adjust=[{id='a',value = 3}]")),
    ("unknown-key", 3, "points", 'unknown key "points"', minimal("total={points = 3}")),
    ("value", 3, "{}", "has no condition", minimal("gate=[{refuse=true,when={}}]")),
    ("value", 3, "[]", "an empty list never holds", minimal("gate=[{refuse=true,when={a=[]}}]")),
    (
        "value",
        3,
        "2025-01-01",
        "must be a number, not a date",
        minimal("gate=[{when={a=2025-01-01}}]"),
    ),
    ("value", 3, "3", "must be a table, not a number", minimal("example=[{name='a',ratings=3}]")),
    (
        "value",
        3,
        "2025-01-01",
        "must be a number",
        minimal("example=[{name='a',ratings={a=2025-01-01}}]"),
    ),
    ("value", 3, "'3..<3'", "nothing between its ends", minimal("tier=[{id='a',total=['3..<3']}]")),
    ("value", 3, "'a'", "must be a table, not a text", minimal("criterion = ['a']")),
    ("value", 3, "3", "must be a table, not a number", minimal("pay = 3")),
    ("syntax", 3, "=", "the value is missing", minimal("a = ")),
    ("syntax", 3, "[", "this line is neither a key with a value, nor a header", minimal("[")),
    ("syntax", 2, "id", "id: the key is already given above", 'id = "x"\nid = "y"'),
    ("syntax", 2, '""', "the quotes of this line do not form pairs", 'id = "x"\n"""'),
    ("syntax", 2, '"""', "a text that begins with three quotes never ends", 'id = "x"\na = """'),
    ("syntax", 1, "9", "a number of thousands of digits", f"id = {'9' * 5000}"),
]


@pytest.mark.parametrize(("code", "line", "mark", "part", "text"), CASES)
def test_a_fault_of_a_file_is_found_at_its_place(code, line, mark, part, text):
    """Each fault has its code, its place and a message that says what would be right."""
    with pytest.raises(RulesetError) as caught:
        loads(text, file="a.rubric.toml")
    found = [
        f for f in caught.value.findings if f.code == code and part in f"{f.message()} {f.help()}"
    ]
    assert found, str(caught.value)
    spot = found[0].spots[0]
    assert ("a.rubric.toml", line) == (spot.file, spot.line)
    assert mark == spot.source[spot.column - 1 : spot.end_column - 1]
    assert text.split("\n")[line - 1] == spot.source


def test_all_faults_of_a_file_are_in_one_error_in_its_order():
    """A file with five faults of five kinds reports all five, each on its line."""
    text = """schema = 1
id = "x"
lable = "y"
full_marks = nan
period = 3
tier = [{ id = "a", total = "7..3" }]
inputs.late = { type = "cont" }
"""
    with pytest.raises(RulesetError) as caught:
        loads(text)
    assert [3, 4, 5, 6, 7] == [f.spots[0].line for f in caught.value.findings]


def test_an_error_shows_the_line_and_a_caret_below_the_fault():
    """Chinese characters take two columns, so the caret stands where it should."""
    with pytest.raises(RulesetError) as caught:
        loads('schema = 1\nid = "x"\nlabel = { zh = "客服", en = 3 }\n', file="f.toml")
    expected = (
        "f.toml:3:27: error[value]: must be a text in quotes, not a number\n"
        ' 3 | label = { zh = "客服", en = 3 }\n'
        "   |                             ^"
    )
    assert expected == str(caught.value)


def test_more_findings_than_anyone_reads_are_counted(monkeypatch):
    """The list of one file is bounded, and says how many more there are."""
    monkeypatch.setattr(locate, "MAX_FINDINGS", 2)
    with pytest.raises(RulesetError) as caught:
        loads('schema = 1\nid = "x"\noutcome.o = { value = 1 }\na = 1\nb = 1\nc = 1\n')
    assert ["unknown-key", "unknown-key", "more"] == [f.code for f in caught.value.findings]
    assert "and 1 more finding, not listed" == caught.value.findings[-1].message()


def test_comments_spacing_and_order_do_not_change_the_fingerprint():
    """The canonical form knows nothing of how a file is laid out; it knows every value."""
    one = 'schema = 1\nid = "x"\nfull_marks = 100\noutcome.o = { value = 1 }\ninputs.a = { type = "count", range = "0..9" }\n'
    other = '# a comment\nid="x"\nschema=1\noutcome.o = { value = 1 }\n[inputs.a]\nrange = "0 .. 9" # another\ntype = "count"\n'
    assert fingerprint(loads(one)) == fingerprint(loads(other))
    assert fingerprint(loads(one)) != fingerprint(loads(one.replace("0..9", "0..8")))
    assert fingerprint(loads(one)) == fingerprint(loads(one.replace("100", "100.0")))


def test_the_fingerprint_of_the_shipped_ruleset_is_known():
    """It changes only when the ruleset does: a stored result names it."""
    assert KNOWN == fingerprint(load("customer-service"))


def test_every_value_of_the_language_counts_in_the_fingerprint():
    """Dates, numbers, flags and texts are told apart."""
    assert 64 == len(fingerprint(whole()))
    tree = unstructure(whole())
    assert "whole-language" == tree["id"]


def test_a_file_is_read_by_its_path(tmp_path):
    """load_file reads what loads reads, and names the file in its errors."""
    path = tmp_path / "x.rubric.toml"
    path.write_text(minimal("outcome.o = { value = 1 }\n"), encoding="utf-8")
    assert "x" == load_file(path).id
    path.write_bytes(b"\xef\xbb\xbf" + minimal("outcome.o = { value = 1 }\n").encode())
    with pytest.raises(RulesetError, match="byte order mark"):
        load_file(path)
    with pytest.raises(FileError, match="cannot be read: No such file"):
        load_file(tmp_path / "none")
    with pytest.raises(FileError, match="cannot be read: it is a folder, not a regular file"):
        load_file(str(tmp_path))


KNOWN = "be6623fb4c3d3b433fccbdf5f44337780b923fcf10088550f7d6046007310ae8"


def test_quotes_of_a_word_processor_are_named():
    """Curly and full-width quotes: the help says which ones to write."""
    with pytest.raises(RulesetError) as caught:
        loads("schema = 1\nid = “x”\n")
    (finding,) = caught.value.findings
    assert 'write "x"' == finding.help()


def test_the_first_findings_of_a_file_are_listed(monkeypatch):
    """Where there are more than anyone reads, what is cut off is what comes last."""
    monkeypatch.setattr(locate, "MAX_FINDINGS", 2)
    text = "schema = 1\nid = 'x'\nfull_marks = 'x'\nperiod = 3\nzzz = 1\n"
    with pytest.raises(RulesetError) as caught:
        loads(text)
    assert [3, 4] == [f.spots[0].line for f in caught.value.findings[:2]]


def test_no_error_is_cut_off_by_warnings(monkeypatch):
    """What refuses a file is listed first, wherever it stands."""
    monkeypatch.setattr(locate, "MAX_FINDINGS", 2)
    unused = "".join(f"inputs.f{i} = {{ type = 'flag' }}\n" for i in range(9))
    text = f"schema = 1\nid = 'x'\n{unused}criterion = [{{ id = 'a', weight = 90 }}]\n"
    found = check_text(text)
    assert ["unused-input", "weights-sum", "more"] == [f.code for f in found]
    assert "and 9 more findings, not listed" == found[-1].message()


def test_a_rubric_is_written_the_same_whether_or_not_a_file_was_read_before():
    """The first thing that a process does with a rubric may be to write it."""
    code = (
        "from kpirules import dumps\n"
        "from kpirules.toml.writer import fingerprint\n"
        "from kpirules.model import Input, Rubric\n"
        "rubric = Rubric(id='x', inputs=(Input(name='a', type='count'),))\n"
        "print(fingerprint(rubric)); print(dumps(rubric))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rubric = Rubric(id="x", inputs=(Input(name="a", type="count"),))
    loads(dumps(load("customer-service")))
    assert ran.stdout == f"{fingerprint(rubric)}\n{dumps(rubric)}\n"
    assert "[inputs.a]" in ran.stdout
