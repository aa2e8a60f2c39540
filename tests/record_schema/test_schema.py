"""The JSON Schema of a rubric's records: what it takes, and what the evaluation takes, are the same."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kpirules import InputError, evaluate, load, loads, ratings_schema, rulesets
from kpirules.arithmetic.number import NotExactError, decimal_of, exact
from kpirules.evaluation.record import is_missing
from kpirules.testing import records, rubrics
from kpirules.testing.record_strategies import wild_records
from tests.shipped import RECORD


def form(text):
    return loads(f'schema = 1\nid = "x"\n{text}')


def valid(rubric, record):
    """Ask the schema, its numbers read exactly."""
    return Draft202012Validator(exactly(ratings_schema(rubric))).is_valid(exactly(record))


def exactly(tree):
    """Read a tree as JSON, numbers as decimals."""
    return json.loads(json.dumps(tree, default=float), parse_float=Decimal)


def taken(rubric, record):
    try:
        evaluate(rubric, record)
    except InputError:
        return False
    return True


def in_json(rubric, record):
    """Spell a record in JSON's own types: numbers as numbers."""
    numeric = {f.name for f in rubric.inputs if f.type in ("count", "number")}
    numeric |= {c.id for c in rubric.all_criteria if c.scored or c.is_given or c.range}

    def spell(name, value):
        if isinstance(value, (list, tuple)):
            return [spell(name, item) for item in value]
        if name.partition(".")[0] not in numeric or is_missing(value):
            return value
        try:
            number = decimal_of(exact(value))
        except NotExactError:
            return value
        return "a fraction" if isinstance(number, Fraction) else number

    return {
        name: {inner: spell(name, v) for inner, v in value.items()}
        if isinstance(value, dict)
        else spell(name, value)
        for name, value in record.items()
    }


def test_a_grid_of_thirds_has_the_numbers_that_json_can_write():
    """A step of 1/3 is no finite decimal; its multiples that are one are whole."""
    rubric = form("""
inputs.n = { type = "count", range = "0..9" }
criterion = [
  { id = "a", weight = 3, formula = "n / 3" },
  { id = "b", weight = 97 },
]
""")
    for record in ({"a": 1, "n": 3, "b": 5}, {"a": 2, "b": 4}, {"a": Decimal("0.5"), "b": 4}):
        assert taken(rubric, record) is valid(rubric, record) is (record["a"] >= 1)
    (span,) = ratings_schema(rubric)["properties"]["a"]["anyOf"]
    assert {"minimum": 0, "maximum": 3, "multipleOf": 1} == span


@given(st.data())
def test_the_schema_takes_what_the_evaluation_takes(data):
    """For any rubric: what is taken is valid; what is valid is taken, but for what is unsaid."""
    rubric = data.draw(rubrics())
    schema = exactly(ratings_schema(rubric))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for _ in range(2):
        drawn = data.draw(st.one_of(records(rubric), wild_records(rubric)))
        record = in_json(rubric, drawn)
        if any(isinstance(v, Fraction) for v in record.values()):
            continue
        if taken(rubric, record):
            assert validator.is_valid(record)
        elif "x-unsaid" not in schema:
            assert not validator.is_valid(record)


@pytest.mark.parametrize("found", rulesets(), ids=lambda r: r.id)
def test_the_examples_of_what_is_shipped_are_valid_where_they_are_taken(found):
    """Refused ones are not valid, and nothing is left unsaid that concerns them."""
    rubric = load(found.id)
    for example in rubric.examples:
        record = in_json(
            rubric, {n: list(v) if isinstance(v, tuple) else v for n, v in example.ratings}
        )
        assert taken(rubric, record) == valid(rubric, record), example.name


@pytest.mark.parametrize(
    ("expected", "more"),
    [
        (True, {}),
        (True, {"late": None, "absent": " ", "attendance": 4}),
        (True, {"late": 1.0}),
        (True, {"duty": " met "}),
        (True, {"problem_handling": "settled it", "leave": None}),
        (True, {"attendance": 4}),
        (False, {"attendance": 6}),
        (False, {"late": "N/A"}),
        (False, {"late": -1}),
        (False, {"late": 0.5}),
        (False, {"late": True}),
        (False, {"late": 10**18}),
        (False, {"late": {}}),
        (False, {"duty": "Meet"}),
        (False, {"skill": 2}),
        (False, {"skill": 8.5}),
        (False, {"skill": None}),
        (False, {"lat": 0}),
        (False, {"lat": {}}),
        (False, {"problem_handling": "x" * 2001}),
        (False, {"problem_handling": 3}),
    ],
)
def test_a_record_of_the_form(expected, more):
    """The schema and the evaluation say the same."""
    rubric = load("customer-service")
    assert expected == taken(rubric, {**RECORD, **more}) == valid(rubric, {**RECORD, **more})


WIDE = """
inputs.f = { type = "flag" }
inputs.d = { type = "choice", options = { "a.b" = "A", " odd" = "B" }, default = "a.b", label = "D" }
inputs.n = { type = "number", range = "> 0 .. < 5", step = 0.1, unit = "h" }
inputs.l = { type = "number", many = true }
[[criterion]]
id = "a"
weight = 40
missing = "zero"
bands = [{ when = { f = true, d = "a.b" }, points = 40 }, { when = "otherwise", points = "0..20" }]
[[criterion]]
id = "b"
weight = 60
bands = [{ when = { n = "< 1" }, formula = "60 * n" }, { when = { n = "missing" }, points = 7 }, { when = { n = ">= 1" }, points = 60 }]
[[criterion]]
id = "o"
weight = 0
[derive.s]
formula = "sum(l)"
[[gate]]
when = { f = false, n = 4 }
refuse = true
missing = "skip"
[[gate]]
when = { s = "> 9" }
refuse = true
missing = "skip"
[[outcome.extra.bands]]
when = { d = "a.b" }
value = 1
[[outcome.extra.bands]]
when = "otherwise"
value = 2
"""


@pytest.mark.parametrize(
    ("expected", "record"),
    [
        (True, {"f": True, "n": 2}),
        (True, {"f": "tRuE ", "n": 2, "o": "whatever"}),
        (True, {"f": "fal\u017fe", "n": 2, "a": 20}),
        (True, {"n": None}),
        (True, {"f": False, "n": 0.3, "a": 3, "l": [1, 2.5]}),
        (True, {"b": 30}),
        (False, {"b": 30.5}),
        (False, {"f": False, "n": 4, "b": 60}),
        (False, {"f": True, "n": 5}),
        (False, {"f": True, "n": 0.25}),
        (False, {"f": True, "d": "a.b", "n": 2, "a": 20}),
        (False, {"f": False, "n": 4}),
        (False, {"f": 2, "n": 2}),
        (False, {"d": "axb", "n": 2}),
        (False, {"n": 2, "l": [True]}),
        (False, {"n": 2, "b": 59}),
    ],
)
def test_flags_defaults_lists_gates_and_policies(expected, record):
    """Each as the evaluation takes it."""
    rubric = form(WIDE)
    assert expected == taken(rubric, record)
    assert expected == valid(rubric, record) or {"n": 2, "b": 59} == record
    assert [
        "s is worked out from lists, and not every list gives one",
        "b: facts and rating, where both are given, must agree",
        "gate[1] may refuse the record",
    ] == sorted(ratings_schema(rubric)["x-unsaid"], key=lambda s: ("gate" in s, "facts" in s))


LATER = """
inputs.x = { type = "number", range = "0..9", default = 1 }
inputs.late = { type = "count" }
inputs.veto = { type = "flag" }
inputs.d = { type = "choice", options = ["u", "v"], default = "u" }
derive.rate = { formula = "x / 2" }
derive.kind = { bands = [{ when = { d = "u" }, value = 0 }, { when = { d = "v" }, formula = "late" }] }
section = [
  { id = "s", criterion = [{ id = "a", weight = 20, missing = "exclude" }, { id = "z", weight = 0 }] },
  { id = "t", criterion = [{ id = "b", weight = 80 }, { id = "note", scored = false, points = "0..5" }] },
]
derive.text = { bands = [{ when = { x = ">= 1" }, value = "much" }, { when = { x = "< 1" }, value = "little" }] }
derive.odd = { bands = [{ when = { text = "much" }, formula = "late" }, { when = { text = "little" }, value = 0 }] }
[[adjust]]
id = "j"
bands = [
  { when = { points.a = "missing" }, points = 0 },
  { when = { points.a = ">= 0" }, formula = "0 * points.a + 0 * subtotal.s + 0 * points.b" },
]
[[adjust]]
id = "k"
formula = "0 * odd + 0 * note + 0 * b + 0 * adjust.j"
missing = "skip"
[[adjust]]
id = "m"
formula = "0 * odd + 0 * kind + 0 * b"
[[gate]]
when = { veto = true, x = ">= 0", late = "missing" }
refuse = true
[[gate]]
when = { points.a = 3, a = 3, b = 3 }
total_at_most = 90
[total]
clamp = "0..100"
[outcome.p]
formula = "0 * late + total"
missing = "skip"
[outcome.q]
bands = [{ when = { outcome.p = ">= 0" }, formula = "0 * outcome.p + 0 * rate" }, { when = { outcome.p = "missing" }, value = 0 }]
[outcome.r]
bands = [{ when = { points.z = ">= 0" }, formula = "points.z" }, { when = { points.z = "missing", d = "u" }, value = 0 }, { when = { points.z = "missing", d = "v" }, formula = "late" }]
"""


@pytest.mark.parametrize(
    "record",
    [
        {"f": 1},
        {"f": "yes"},
        {"f": "否", "a": 3},
        {"d": "b", "f": True},
        {"d": "A.B", "f": True},
        {"f": True, "l": "1;2"},
    ],
)
def test_the_schema_has_one_spelling_of_options_and_flags(record):
    """A label, another word, 1 or 0, numbers as text: the evaluation takes them as well."""
    rubric = form(WIDE)
    assert (True, False) == (taken(rubric, {**record, "n": 2}), valid(rubric, {**record, "n": 2}))


@pytest.mark.parametrize(
    ("expected", "record"),
    [
        (True, {"b": 40, "late": 0, "veto": False}),
        (True, {"b": 40, "late": 0, "veto": True, "a": 5, "note": 2}),
        (True, {"b": 40, "veto": False, "x": 0}),
        (True, {"b": 40, "late": 1, "veto": True, "z": "ignored"}),
        (False, {"b": 40, "veto": True, "x": 0}),
        (False, {"late": 0, "veto": False}),
        (False, {"b": 40, "late": 0}),
    ],
)
def test_what_later_stages_ask_for(expected, record):
    """Points, subtotals, adjustments and outcomes are there where what they hang on is."""
    rubric = form(LATER)
    assert expected == taken(rubric, record) == valid(rubric, record)
    unsaid = {f"{name} needs what the band that holds asks for" for name in ("odd", "adjust.j")}
    assert unsaid < set(ratings_schema(rubric)["x-unsaid"])
    # which band holds hangs on a text that is worked out: so this is for the evaluation to refuse
    assert (False, True) == (
        taken(rubric, {"b": 40, "veto": False}),
        valid(rubric, {"b": 40, "veto": False}),
    )


def test_what_cannot_be_said_is_named():
    """Weights for each record, values of facts that must keep to a range, records without a total."""
    rubric = form(
        "inputs.w = { type = 'number', range = '0..100' }\n"
        "derive.rate = { formula = 'w / 2', range = '0..40' }\n"
        "criterion = [{ id = 'a', weight = 'w', scale = 1 }, { id = 'b', weight = '100 - w', scale = 1, missing = 'exclude' }]\n"
        "[outcome.o]\nformula = 'rate'"
    )
    assert {
        "weights that are worked out for each record must add up",
        "what is asked for depends on the weights of the record",
        "rate must lie in 0..40",
        "what follows the total is asked for where the record can be rated",
    } == set(ratings_schema(rubric)["x-unsaid"])


def test_raters_are_written_flat_or_nested():
    """All of them where one is, unless a policy stands in."""
    rubric = form(
        "raters = { self = 20, boss = { weight = 80, label = 'The boss' } }\n"
        "criterion = [{ id = 'a', weight = 60, scale = 5 }, { id = 'b', weight = 40, missing = 'exclude' }]"
    )
    properties = ratings_schema(rubric)["properties"]
    assert ["a.self", "a.boss", "a", "b.self", "b.boss", "b"] == list(properties)
    assert "a: The boss" == properties["a.boss"]["title"]
    for expected, record in (
        (True, {"a": {"self": 3, "boss": 4}, "b": {"self": 1}}),
        (True, {"a.self": 3, "a": {"boss": 4}}),
        (False, {"a.self": 3}),
        (False, {"a": {"self": 3, "boss": 4}, "a.self": 4}),
        (True, {"a": {"self": 3, "boss": 4}, "a.self": None}),
        (False, {"a": {"self": 3, "chef": 3}}),
        (False, {"a": 3}),
        (False, {}),
    ):
        assert expected == taken(rubric, record) == valid(rubric, record)


def test_a_form_can_be_drawn_from_it():
    """Labels, kinds, options, admissible values, defaults and units; in the language asked for."""
    properties = ratings_schema(load("customer-service"), lang="zh")["properties"]
    assert ["late", "absent", "leave_days", "incidents", "duty", "attendance"] == list(properties)[
        :6
    ]
    assert ("请假天数", "count", "天") == tuple(
        properties["leave_days"][k] for k in ("title", "x-kind", "x-unit")
    )
    assert [("met", "按要求完成"), ("substandard", "未达标准"), ("forgotten", "忘记值日")] == [
        (o["const"], o["title"]) for o in properties["duty"]["anyOf"] if "const" in o
    ]
    assert [0, 1, 3, 4, 5, 6, 7, 8, 9, 10] == properties["skill"]["examples"]
    assert ("rating", "ability", "0、1、3–10") == tuple(
        properties["skill"][k] for k in ("x-kind", "x-section", "description")
    )
    assert "remark" == properties["problem_handling"]["x-kind"]
    wide = ratings_schema(form(WIDE))["properties"]
    assert ("a.b", "D", "list", "h") == (
        wide["d"]["default"],
        wide["d"]["title"],
        wide["l"]["x-kind"],
        wide["n"]["x-unit"],
    )
    assert "left out" == wide["o"]["description"]
    assert "examples" not in wide["b"]
    many = form(
        "criterion = [{ id = 'a', weight = 50, scale = 1000 }, { id = 'b', weight = 50, points = '>= 0', range = 'any', scale = 9 }]\ntotal.clamp = '0..100'"
    )
    assert ["examples" in each for each in ratings_schema(many)["properties"].values()] == [
        False,
        False,
    ]
    number = form(
        "inputs.x = { type = 'number', default = 2.5 }\ninputs.y = { type = 'flag', default = true }\ncriterion = [{ id = 'a', weight = 100, formula = 'x', clamp = '0..100' }]\n[[adjust]]\nid = 'j'\nbands = [{ when = { y = true }, points = 1 }, { when = { y = false }, points = 0 }]\n[total]\nclamp = '0..100'"
    )
    assert [2.5, True] == [
        p["default"] for p in list(ratings_schema(number)["properties"].values())[:2]
    ]
    assert taken(number, {}) == valid(number, {}) is True


def test_a_form_leaves_out_what_follows_from_facts_and_groups_the_rest_by_section():
    """The shipped form has 12 fields and a remark, not 17; a rating beside facts stays a field."""
    schema = ratings_schema(load("customer-service"), lang="zh")
    computed = [n for n, each in schema["properties"].items() if each.get("x-computed")]
    assert ["attendance", "leave", "discipline", "duty_roster"] == computed
    assert 12 + 1 == len(schema["properties"]) - len(computed)
    assert {"id": "ability", "title": "工作能力"} == schema["x-sections"][1]
    used = {each.get("x-section") for each in schema["properties"].values()} - {None}
    assert used == {part["id"] for part in schema["x-sections"]}
    wide = ratings_schema(form(WIDE))
    assert [] == wide["x-sections"]
    # facts choose the band of `a` and an appraiser its points; `b` follows; `o` weighs nothing
    assert ["b", "o"] == [n for n, each in wide["properties"].items() if each.get("x-computed")]
    raters = "raters = { self = 50, lead = 50 }\n"
    rated = raters + (
        "inputs.n = { type = 'count' }\n[[criterion]]\nid = 'a'\nweight = 100\n"
        "bands = [{ when = { n = 0 }, points = 100 }, { when = 'otherwise', points = 0 }]"
    )
    flags = {n: p.get("x-computed") for n, p in ratings_schema(form(rated))["properties"].items()}
    assert {"n": None, "a.self": True, "a.lead": True, "a": True} == flags


GATHERED = """
period = "quarter"
[inputs.late]
type = "count"
label = { en = "Late", zh = "迟到" }
[inputs.before]
type = "count"
many = true
label = { en = "Late before", zh = "以前迟到" }
history = { take = "late", window = 2 }
[outcome.all]
formula = "late + sum(before)"
"""


@pytest.mark.parametrize("profile", ["strict", "form"])
def test_an_input_from_earlier_results_is_read_only(profile):
    """Both say where it comes from, with labels; a record that gives it is valid all the same."""
    rubric = form(GATHERED)
    properties = ratings_schema(rubric, lang="zh", profile=profile)["properties"]
    assert properties["before"]["readOnly"] is True
    assert properties["before"]["description"].endswith("取自以前的结果：此前 2 个考核期的迟到")
    assert "readOnly" not in properties["late"]
    assert valid(rubric, {"late": 1, "before": [0, 3]})
    assert not valid(rubric, {"late": 1})
