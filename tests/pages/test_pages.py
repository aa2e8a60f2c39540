"""Pages about rulesets: their content, the escaping of texts, and the command that writes them."""

from __future__ import annotations

import re
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser

import pytest
from hypothesis import given

from kpirules import load_file, loads, rulesets
from kpirules.arithmetic.range import Range
from kpirules.compiler.plan import Plan
from kpirules.errors import MissingExtraError, RulesetNotFoundError
from kpirules.pages import figures
from kpirules.pages.api import pages
from kpirules.pages.example_tables import cases
from kpirules.pages.markdown import inert, said
from kpirules.pages.ruleset_page import list_page, name_of, ruleset_page
from kpirules.pages.version_diff import Change, changes
from kpirules.sheets.form_values import shown
from kpirules.testing import rubrics
from kpirules.toml.parser import parse
from tests import TESTS
from tests.drawing import share


CASES = TESTS / "cases"
WHOLE = """
schema = 1
id = "clerk"
label = {{ en = "Clerk", zh = "文员", de = "Schreiber" }}
role = {{ en = "Office clerk" }}
period = "month"
currency = "EUR"
effective_from = {since}
effective_until = {until}
full_marks = 10
note = "{note}"
source = {{ label = "A handbook", note = "an extract", url = "https://example.org/h" }}

[inputs.late]
type = "count"
label = "Late"
unit = "times"
better = "lower"

[inputs.merits]
type = "count"

[[section]]
id = "work"
label = "Work"
weight = 10

[[section.criterion]]
id = "speed"
label = "Quality"
weight = {speed}
bands = [{{ points = "3..{speed}", label = "well" }}, {{ points = "0..2" }}]

[[section.criterion]]
id = "care"
label = "Quality"
weight = {care}
of = "late"
bands = [{{ when = 0, points = {care} }}, {{ when = ">= 1", points = 0 }}]

[[section.criterion]]
id = "words"
label = "Words"
scored = false

[[adjust]]
id = "merit"
label = "Merits"
of = "merits"
bands = [{{ when = 0, points = 0 }}, {{ when = ">= 1", points = 1 }}]

[total]
clamp = "0..10"

[[gate]]
when = {{ late = ">= 10" }}
unratable = true
reason = "hardly ever there"

[[tier]]
id = "high"
label = "High"
total = ">= 8"
pay = {pay}

[[tier]]
id = "low"
total = "< 8"
pay = 0

[outcome.word]
value = "kept"

[[ruling]]
clause = "R1"
conflict = "silent about 3"
decision = "{decision}"
accepts = ["rating-gap section.work.speed"]

[[example]]
name = "best"
ratings = {{ late = 0, merits = 0, speed = {speed} }}
expect = {{ total = 10 }}

[[example]]
name = "never there"
ratings = {{ late = 11, merits = 0, speed = 0 }}
expect = {{ unratable = true }}

[[example]]
name = "too much"
ratings = {{ late = 0, merits = 0, speed = 99 }}
expect = {{ refused = ["speed"] }}
"""
FIRST = {
    "since": "2024-01-01",
    "until": "2024-12-31",
    "note": "the first",
    "speed": 6,
    "care": 4,
    "pay": 100,
    "decision": "not awarded",
}
SECOND = {**FIRST, "since": "2025-01-01", "until": "2025-12-31", "speed": 7, "care": 3, "pay": 120}


def clerk(**other):
    return loads(WHOLE.format(**{**FIRST, **other}))


def cells(text):
    """Return the texts of all cells of a page, by row."""

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.rows = []
            self.open = False

        def handle_starttag(self, tag, _):
            if tag == "tr":
                self.rows.append([])
            if tag in ("td", "th"):
                self.rows[-1].append("")
                self.open = True

        def handle_endtag(self, tag):
            if tag in ("td", "th"):
                self.open = False

        def handle_data(self, data):
            if self.open:
                self.rows[-1][-1] += data

    reader = Reader()
    reader.feed(text)
    return reader.rows


# ---------------------------------------------------------------- one page


def test_a_page_says_what_the_ruleset_says():
    """Post, dates, form, tiers, other rules, rulings."""
    text = ruleset_page(clerk(), until=None)
    for part in (
        'title: "clerk, from 2024-01-01"',
        '<h1 lang="en">Clerk</h1>',
        "<dt>Post</dt><dd>Office clerk</dd>",
        "<dt>In force</dt><dd>from 2024-01-01</dd>",
        "<dt>Period</dt><dd>month</dd>",
        "<dt>Currency</dt><dd>EUR</dd>",
        "<dd>A handbook. an extract. https://example.org/h</dd>",
        "<p>the first</p>",
        "This is the first version.",
    ):
        assert part in text
    rows = cells(text)
    for row in (
        ["Late (times)", "late", "a whole number, at least 0"],
        ["merits", "merits", "a whole number, at least 0"],
        ["Work", "10", ""],
        ["Qualityspeed", "6", "3..6 well0..2 as judged by the appraiser"],
        ["Qualitycare", "4", "4 Late = 00 Late >= 1"],
        ["Wordswords", "—", " a remark, not scored"],
        ["High", ">= 8", "100"],
        ["low", "< 8", "0"],
        ["Adjustment: Merits", "0 merits = 01 merits >= 1"],
        ["Outcome: word", "kept "],
        ["R1", "silent about 3", "not awarded", "rating-gap section.work.speed"],
    ):
        assert row in rows
    assert ["Rule: hardly ever there", "cannot be rated "] in rows


def test_the_form_stands_in_each_language_of_its_title():
    """Chinese under its own name, others as another language; the inputs' texts are Chinese there."""
    text = ruleset_page(clerk())
    assert ["## The form", "## The form in 中文", "## The form in another language"] == re.findall(
        r"^## The form.*$", text, re.MULTILINE
    )
    assert 'lang="zh"' in text
    assert "整数" in text
    assert "## 考核表（English）" in ruleset_page(clerk(), lang="zh")


def test_worked_examples_stand_with_what_comes_of_them():
    """Scored, unratable and rejected; the reasons are folded below."""
    best, never, much = cases(clerk(), "en")
    assert ("late = 0, merits = 0, speed = 6", "10") == (best.record, best.total)
    assert "High, word kept, Performance pay 100 EUR" == best.verdict
    assert "Quality: 6 of 6" in best.reasons
    assert ("", "cannot be rated") == (never.total, never.verdict)
    assert ("", "") == (much.total, much.reasons)
    assert "refused: Quality = 99: is not an allowed rating; allowed: 0 to 6" == much.verdict
    rows = cells(ruleset_page(clerk()))
    assert ["too much", much.record, "", much.verdict] in rows
    (shown,) = (row for row in rows if row[0] == "best")
    assert shown[3].startswith("High, word kept, Performance pay 100 EURwhyClerk")


def test_an_example_without_tiers_or_pay():
    """Only the total."""
    text = """
schema = 1
id = "x"
criterion = [{ id = "a", weight = 100 }]
example = [{ name = "half", ratings = { a = 50 }, expect = { total = 50 } }]
tier = [{ id = "t", total = "0..100", coefficient = 1.5 }]
"""
    (case,) = cases(loads(text), "en")
    assert ("50", "t, Coefficient 1.5") == (case.total, case.verdict)
    (case,) = cases(loads(text.replace("tier =", "note = 'n' #")), "en")
    assert ("50", "") == (case.total, case.verdict)


def test_a_bare_ruleset_has_a_page_as_well():
    """Without label, dates, inputs, tiers, examples, rulings."""
    rubric = loads('schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]')
    assert "x" == name_of(rubric)
    text = ruleset_page(rubric)
    assert '<h1 lang="en">x</h1>' in text
    for absent in ("In force", "Worked examples", "Rulings", "Tiers", "Source", "Post"):
        assert absent not in text


# ---------------------------------------------------------------- versions


def test_what_is_different_from_the_version_before():
    """Part by part, in the order of the form; removed parts are last."""
    before, after = clerk(), clerk(**SECOND)
    assert [
        Change(part="criterion.speed", before=BEFORE, after=BEFORE.replace("6", "7")),
        Change(
            part="criterion.care",
            before="Quality 4 points: 4 Late = 0; 0 Late >= 1",
            after="Quality 3 points: 3 Late = 0; 0 Late >= 1",
        ),
        Change(part="tier.high", before="High · >= 8 · 100", after="High · >= 8 · 120"),
    ] == changes(before, after, "en")
    plain = loads(
        'schema = 1\nid = "clerk"\nlabel = "Clerk"\nrole = "Office clerk"\nfull_marks = 10\n'
        'criterion = [{ id = "speed", label = "Quality", weight = 10 }]'
    )
    gone = {c.part for c in changes(before, plain, "en") if not c.after}
    assert {
        "inputs.late",
        "inputs.merits",
        "section.work",
        "criterion.care",
        "criterion.words",
        "tier.high",
        "tier.low",
        "Adjustment: Merits",
        "Rule: hardly ever there",
        "Outcome: word",
        "ruling.R1",
        "total",
        "period",
        "currency",
    } == gone


BEFORE = "Quality 6 points: 3..6 well; 0..2 as judged by the appraiser"


def test_a_page_tells_the_changes():
    """In a table, or a sentence that the form has no changes."""
    text = ruleset_page(clerk(**SECOND), before=clerk())
    assert "Against the version in force from 2024-01-01:" in text
    assert ["tier.high", "High · >= 8 · 100", "High · >= 8 · 120"] in cells(text)
    same = ruleset_page(clerk(since="2025-01-01", until="2025-12-31"), before=clerk())
    assert "Nothing on the form is different." in same


BEHIND = """
schema = 1
id = "clerk"
full_marks = 10
step = 1
[inputs.late]
type = "count"
default = 0
better = "lower"
[inputs.duty]
type = "choice"
options = { met = "Done", not = "Not done" }
[inputs.share]
type = "number"
range = "0..100"
[inputs.marks]
type = "number"
many = true
[derive.half]
formula = "share / 2"
[derive.each]
many = true
formula = "marks / 2"
[derive.good]
of = "each"
count = ">= 3"
[derive.way]
bands = [{ when = { half = "< 10" }, value = "few" }, { when = "otherwise", value = "many" }]
[[section]]
id = "s"
label = "S"
weight = 10
clamp = "0..10"
[[section.criterion]]
id = "a"
label = "A"
weight = 6
of = "late"
cite = "3.1"
bands = [
  { when = 0, points = 6, label = "well" },
  { when = ">= 1", formula = "max(0, 5 - late)", label = "well" },
]
round = { to = 1, mode = "half_up" }
[[section.criterion]]
id = "b"
weight = 4
missing = "zero"
of = "duty"
bands = [{ when = "met", points = 4 }, { when = "not", points = 0 }]
[[adjust]]
id = "merit"
label = "Merits"
bands = [{ when = { way = "few" }, points = 0, label = "few" }, { when = "otherwise", points = 1, label = "many" }]
[total]
clamp = "0..10"
[[gate]]
when = { late = ">= 10" }
unratable = true
reason = "hardly ever there"
[[gate]]
when = { late = ">= 5" }
total_at_most = 5
[[tier]]
id = "all"
total = "any"
pay = 10
[outcome.word]
label = "Word"
missing = "skip"
bands = [{ when = { total = "< 5" }, value = "low", label = "Low" }, { when = { total = ">= 5" }, value = "high", label = "High" }]
[outcome.free]
value = "yes"
"""


@pytest.mark.parametrize(
    ("was", "is_", "part", "before", "after"),
    [
        ("when = 0, points", "when = '0..1', points", "criterion.a", "well: late = 0", "well: late = 0..1"),
        ("max(0, 5 -", "max(0, 4 -", "criterion.a",
         "well (2): late >= 1: max(0, 5 - late)", "well (2): late >= 1: max(0, 4 - late)"),
        ('mode = "half_up"', 'mode = "floor"', "criterion.a",
         "round: to 1, mode half_up", "round: to 1, mode floor"),
        ('cite = "3.1"', 'cite = "3.2"', "criterion.a", "cite: 3.1", "cite: 3.2"),
        ('missing = "zero"', "missing = 1", "criterion.b", "missing: zero", "missing: 1"),
        ("default = 0\n", "", "inputs.late", "default: 0", ""),
        ('met = "Done", not', 'done = "Done", not', "inputs.duty", "options: met, not", "options: done, not"),
        ("share / 2", "share / 4", "derive.half", "formula: share / 2", "formula: share / 4"),
        ('count = ">= 3"', 'count = [">= 4", 0]', "derive.good", "count: >= 3", "count: >= 4, 0"),
        ('count = ">= 3"', 'run = ">= 3"', "derive.good", "count: >= 3", "run: >= 3"),
        ('of = "each"', 'of = "marks"', "derive.good", "of: each", "of: marks"),
        ('half = "< 10"', 'half = "< 9"', "derive.way", "few: half < 10", "few: half < 9"),
        ('clamp = "0..10"\n[[section.c', 'clamp = "0..9"\n[[section.c', "section.s",
         "clamp: 0..10", "clamp: 0..9"),
        ('[total]\nclamp = "0..10"', '[total]\nclamp = "1..10"', "total", "clamp: 0..10", "clamp: 1..10"),
        ('way = "few" }, points', 'way = "many" }, points', "Adjustment: Merits",
         "few: way = few", "few: way = many"),
        ('late = ">= 10"', 'late = ">= 9"', "Rule: hardly ever there", "when: late >= 10", "when: late >= 9"),
        ('missing = "skip"', 'missing = "error"', "Outcome: Word", "missing: skip", ""),
        ('"< 5" }, value', '"< 4" }, value', "Outcome: Word", "Low: total < 5", "Low: total < 4"),
        ("step = 1\n", "step = 0.5\n", "step", "", "step: 0.5"),
        ("full_marks = 10\n", "full_marks = 10\nraters = { boss = 1 }\n", "raters", "", "raters: boss weight 1"),
        ("full_marks = 10\n", "full_marks = 10\npay = { components = ['base', 'pay'] }\n", "pay", "",
         "pay: components base, pay"),
    ],
)  # fmt: skip
def test_what_no_form_shows_is_told_as_well(was, is_, part, before, after):
    """Behind labels, beside the items: two versions that look the same and score differently."""
    assert was in BEHIND
    text = BEHIND.replace(was, is_, 1)
    if "done =" in is_:
        text = text.replace('when = "met"', 'when = "done"')
    one, other = parse(BEHIND, "one"), parse(text, "other")
    found = changes(one, other, "en")
    assert Change(part=part, before=before, after=after) in found
    assert all(c.part in (part, "criterion.b", "derive.half") for c in found)
    page = ruleset_page(loads(BEHIND), before=other)
    assert "Nothing on the form" not in page
    assert [part, after or "—", before or "—"] in cells(page)


def test_a_weight_for_each_person_is_told_by_its_name():
    """The form shows only that each person has a weight."""
    text = (
        'schema = 1\nid = "w"\nweights_total = "sum"\n'
        'inputs = { one = { type = "count" }, two = { type = "count" }, on = { type = "flag", default = %s } }\n'
        'criterion = [{ id = "a", weight = "%s", scale = 5 }]\n'
    )
    one, other = (parse(text % pair, "w") for pair in (("true", "one"), ("false", "two")))
    assert [
        Change(part="inputs.on", before="default: true", after="default: false"),
        Change(part="criterion.a", before="weight: one", after="weight: two"),
    ] == changes(one, other, "en")


def test_a_quota_and_an_origin_that_differ_are_named():
    """No form shows the rounding of a share, or a quota."""
    text = """
    schema = 1
    id = "x"
    inputs.part = { type = "number", range = ">= 0", cohort = { share = "9", by = "1", round = { to = %s, mode = "largest_remainder" } } }
    criterion = [{ id = "work", weight = 100 }]
    tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]
    quota = [{ id = "top", tier = "A", at_most = "ceil(%s * heads)", excess = "refuse" }]
    outcome.paid = { formula = "part" }
    """
    found = changes(loads(text % ("0.01", "0.1")), loads(text % ("1", "0.2")), "en")
    assert {"inputs.part", "quota.top"} == {change.part for change in found}


def test_what_is_different_beside_all_rules_is_not_denied():
    """A text in another language, a note: the form is unchanged, the file is not."""
    other = clerk(note="the second", since="2025-01-01", until="2025-12-31")
    said = ruleset_page(other, before=clerk())
    assert "Nothing on the form is different; other parts of the file are: texts" in said


def test_two_rules_of_one_name_are_two_parts():
    """The second has a number."""
    twice = GATE + GATE.replace(">= 10", ">= 20")
    text = WHOLE.format(**FIRST)
    assert GATE in text
    two = loads(text.replace(GATE, twice))
    name = "Rule: hardly ever there (2)"
    assert [
        Change(part=name, before="", after="cannot be rated"),
        Change(part=name, before="", after="when: late >= 20"),
    ] == changes(clerk(), two, "en")


GATE = """
[[gate]]
when = { late = ">= 10" }
unratable = true
reason = "hardly ever there"
"""


@pytest.fixture
def versions(tmp_path):
    """Return a folder with two versions of one ruleset."""
    folder = tmp_path / "rulesets" / "clerk"
    folder.mkdir(parents=True)
    for values in (FIRST, SECOND):
        (folder / f"{values['since']}.rubric.toml").write_text(
            WHOLE.format(**values), encoding="utf-8"
        )
    return folder.parent


def test_there_is_a_page_for_each_version_and_one_that_lists_them(versions):
    """Each page after the first lists the changes; each version that has ended shows its last day."""
    made = pages(rulesets([versions]), ["clerk"], folders=[versions])
    assert ["clerk/2024-01-01.md", "clerk/2025-01-01.md", "index.md"] == sorted(made)
    assert "from 2024-01-01 to 2024-12-31" in made["clerk/2024-01-01.md"]
    assert "This is the first version." in made["clerk/2024-01-01.md"]
    assert "Against the version in force from 2024-01-01:" in made["clerk/2025-01-01.md"]
    (line,) = (n for n in made["index.md"].splitlines() if "2024&#45;12" in n)
    assert (
        "| [clerk](clerk/2024-01-01.md) | Clerk | Office clerk | 2024&#45;01&#45;01 | 2024&#45;12&#45;31 |"
        == line
    )


def test_one_id_from_two_sources_has_a_page_for_each(versions, tmp_path):
    """The second has a name of its own."""
    other = tmp_path / "others"
    (other / "clerk").mkdir(parents=True)
    text = WHOLE.format(**{**FIRST, "pay": 7})
    (other / "clerk" / "2024-01-01.rubric.toml").write_text(text, encoding="utf-8")
    made = pages(rulesets([versions, other]), ["clerk"])
    assert 4 == len(made)
    (second,) = (
        n for n in made if n not in ("index.md", *(f"clerk/{y}-01-01.md" for y in (2024, 2025)))
    )
    assert f"]({second})" in made["index.md"]


def test_every_shipped_version_has_a_page():
    """All at once, without ids."""
    made = pages(rulesets())
    assert {f"{r.id}/{r.effective_from}.md" for r in rulesets()} | {"index.md"} == set(made)


def test_an_id_that_is_not_there_is_refused():
    """The error lists the known ids."""
    with pytest.raises(RulesetNotFoundError, match="accountant"):
        pages(rulesets(), ["nobody"])


# ---------------------------------------------------------------- hostile texts


HOSTILE = "</dd></td></h1></figure></svg><script>x()</script><img src=x onerror=x()>](javascript:x) `*_|\"'&amp;"


class Seen(HTMLParser):
    """Collects elements and attributes."""

    def __init__(self):
        super().__init__()
        self.tags = set()
        self.attributes = set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}


def test_hostile_texts_are_shown_and_do_nothing():
    """In every text of a ruleset: it adds no element and no attribute."""
    quoted = HOSTILE.replace('"', '\\"')
    text = WHOLE.format(**{**FIRST, "note": quoted, "decision": quoted})
    places = ("Clerk", "Office clerk", "Quality", "Late", "times", "High", "well", "Merits")
    places += ("Words", "Work", "hardly ever there", "kept", "best", "A handbook", "silent about 3")
    for place in places:
        assert f'"{place}"' in text
        text = text.replace(f'"{place}"', f'"{quoted}"')
    tame, wild = clerk(), loads(text)
    expected, found = Seen(), Seen()
    expected.feed(ruleset_page(tame, before=clerk(note="x", pay=1)))
    page = ruleset_page(wild, before=tame)
    found.feed(page)
    assert expected.tags == found.tags
    assert expected.attributes == found.attributes
    assert len(places) <= page.count(said(HOSTILE))
    listed = list_page([(wild, None, "clerk/2024-01-01.md")])
    assert 2 == listed.count(inert(HOSTILE))
    assert "<script" not in listed


def test_control_characters_are_shown_as_what_they_are():
    """No text of a ruleset breaks a line of a page or reverses its direction."""
    assert r"a\nb\u202e" == said("a\nb\u202e")
    assert r"a&#92;nb" == inert("a\nb")


# ---------------------------------------------------------------- figures


def test_pictures_show_each_line_and_tier_in_order():
    """Two items of one label are distinguished by their ids; colours have names and defaults."""
    plan = Plan(clerk())
    drawn = figures.weights(plan, "en")
    assert ["Quality (speed)", "Quality (care)"] == re.findall(r">(Quality[^<]*)<", drawn)
    drawn = figures.levels(plan, "en")
    assert ["Quality (speed)", "Quality (care)"] == re.findall(r">(Quality[^<]*)<", drawn)
    assert "var(--bar, #2f6f9f)" in drawn
    assert "Words" not in drawn
    drawn = figures.tiers(plan, "en")
    assert drawn.index(">High<") < drawn.index(">low<")
    assert ">100 EUR<" in drawn


FORMULA = """
schema = 1
id = "x"
full_marks = 10
[inputs.n]
type = "count"
range = "0..10"
[[criterion]]
id = "c"
weight = 10
formula = "10 - n"
"""
SHARES = """
schema = 1
id = "x"
weights_total = "sum"
[inputs.share]
type = "number"
range = "1..5"
[[criterion]]
id = "c"
weight = "share"
scale = 10
[[criterion]]
id = "d"
weight = 1
scale = 10
"""


def test_what_no_numbers_give_is_not_drawn():
    """Points of formulas, computed weights, missing tiers."""
    plan = Plan(loads(FORMULA))
    assert ("", "") == (figures.levels(plan, "en"), figures.tiers(plan, "en"))
    assert ">c<" in figures.weights(plan, "en")
    plan = Plan(loads(SHARES))
    assert "" == figures.weights(plan, "en")


def test_a_ruleset_that_scores_nothing_has_no_picture_of_weights():
    """Its items are remarks."""
    scoreless = clerk()
    plan = Plan(scoreless)
    plan.criteria = tuple(c for c in plan.criteria if not c.criterion.scored)
    assert ("", "") == (figures.weights(plan, "en"), figures.levels(plan, "en"))


def test_a_tier_without_an_end_reaches_to_that_of_the_whole():
    """An endpoint beyond the whole scale is unchanged; a range without any endpoint is not drawn."""
    span = figures._spans
    parse = Range.parse
    assert [{"y": "a", "low": 8.0, "high": 10.0, "said": ""}] == list(
        span("a", [parse(">= 8")], (0, 10))
    )
    assert [{"y": "a", "low": 0.0, "high": 8.0, "said": "s"}] == list(
        span("a", [parse("<= 8")], (0, 10), "s")
    )
    assert [{"y": "a", "low": 10.0, "high": 12.0, "said": ""}] == list(
        span("a", [parse(">= 12")], (0, 10))
    )
    assert [] == list(span("a", [parse(">= 12"), parse("<= 1")], (None, None)))


def test_without_the_library_of_charts_the_extra_is_named(monkeypatch):
    """One line with the extra to install."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtraError, match="sheets"):
        ruleset_page(clerk())


# ---------------------------------------------------------------- the command


def test_the_command_writes_pages_and_no_page_over_another(run, tmp_path, versions):
    """Into folders that it creates; existing files are replaced only with --force."""
    out = tmp_path / "out"
    code, _, told = run("docs", "clerk", "-o", out, "--folder", versions)
    assert (0, f"2 pages and a list -> {out}\n") == (code, told)
    first = out / "clerk" / "2024-01-01.md"
    assert "This is the first version." in first.read_text(encoding="utf-8")
    code, _, told = run("docs", "clerk", "-o", out, "--folder", versions)
    assert 2 == code
    assert "exists already" in told
    first.write_text("old", encoding="utf-8")
    code, _, _ = run("docs", "clerk", "-o", out, "--folder", versions, "--force", "--lang", "zh")
    assert 0 == code
    assert '<h1 lang="zh">文员</h1>' in first.read_text(encoding="utf-8")


def test_the_command_says_what_is_wrong(run, tmp_path):
    """A missing folder, a folder that cannot be created, an unknown id."""
    code, _, told = run("docs")
    assert (2, "kpirules: give the output: -o DIR\n") == (code, told)
    (tmp_path / "file").write_text("")
    code, _, told = run("docs", "developer", "-o", tmp_path / "file")
    assert 2 == code
    assert "cannot be written" in told
    code, _, told = run("docs", "nobody", "-o", tmp_path / "out")
    assert 2 == code
    assert "nobody" in told
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- values of records


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "True"),
        ((Decimal("1.50"), 2), "1.5; 2"),
        (7.5, "7.5"),
        (Fraction(1, 3), "1/3"),
        (Decimal("1e99999999"), "1E+99999999"),
        (float("nan"), "nan"),
        (date(2025, 1, 2), "2025-01-02"),
        ([1, {"a": 2}], "1; {'a': 2}"),
    ],
)
def test_whatever_a_record_holds_is_shown_at_once(value, text):
    """On sheets and pages: numbers unchanged, anything else as text, without endless loops."""
    assert text == shown(value)


# ---------------------------------------------------------------- any ruleset


@pytest.mark.thorough("a page of each case")
@pytest.mark.parametrize("path", sorted(CASES.glob("*.rubric.toml")), ids=lambda p: p.name)
def test_every_real_form_has_a_page(path):
    """In its own languages, with all its examples and only the elements of pages."""
    rubric = load_file(path)
    known = Seen()
    known.feed(ruleset_page(clerk(**SECOND), before=clerk()))
    for lang in ("en", "zh"):
        page, found = ruleset_page(rubric, lang=lang), Seen()
        found.feed(page)
        assert found.tags <= known.tags
        names = {row[0] for row in cells(page)}
        several = {f"{e.name}: {key}" for e in rubric.examples for key in e.together}
        assert several | {e.name for e in rubric.examples if not e.together} <= names


@share(1 / 5)
@given(rubrics(), rubrics())
def test_any_two_sound_rulesets_have_pages_that_tell_them_apart(one, other):
    """For the whole language; a rubric does not differ from itself."""
    assert "Nothing on the form is different." in ruleset_page(one, before=one)
    assert [] == changes(one, one, "en")
    there = changes(one, other, "en")
    back = changes(other, one, "en")
    assert {(c.part, c.before, c.after) for c in there} == {
        (c.part, c.after, c.before) for c in back
    }
    page = ruleset_page(other, before=one)
    assert page == ruleset_page(other, before=one)
    assert all(said(change.part) in page for change in there)
