"""Formulas, derived facts, lists, clamps and roundings: evaluated, proved, and rejected."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from typer.testing import CliRunner

from kpirules import InputError, Result, RulesetError, check, dumps, evaluate, loads
from kpirules.api.load import check_text
from kpirules.cli.app import app


HEAD = 'schema = 1\nid = "x"\n'

SUPPLIER = (
    HEAD
    + """inputs.lots = { type = "count", range = ">= 1", label = "Lots" }
inputs.rejected = { type = "count", label = { en = "Rejected", zh = "退货" } }
inputs.late = { type = "count" }
inputs.grade = { type = "choice", options = ["a", "b", "c"] }
[derive.bad]
formula = "ratio(rejected, lots, 0)"
clamp = "0..1"
better = "lower"
[derive.kind]
of = "grade"
bands = [{ when = "a", value = "good" }, { when = ["b", "c"], value = "poor" }]
[[criterion]]
id = "quality"
weight = 40
formula = "(1 - bad) * 40"
[[criterion]]
id = "delivery"
weight = 30
formula = "30 * (1 - late / lots)"
clamp = "0..30"
round = { to = 0.1, mode = "half_up" }
[[criterion]]
id = "service"
weight = 30
scale = 100
bands = [
  { when = { kind = "good" }, formula = "100 - 10 * late", label = "good" },
  { when = { kind = "poor", bad = 0 }, points = 150 },
  { when = "otherwise", points = "0..50" },
]
clamp = "0..100"
"""
)
RECORD = {"lots": 7, "rejected": 2, "late": 3, "grade": "a"}


@pytest.fixture(scope="module")
def rubric():
    """The supplier's form."""
    return loads(SUPPLIER)


def problems(rubric, record):
    """Return the texts of the problems of a record."""
    with pytest.raises(InputError) as caught:
        evaluate(rubric, record)
    return [str(problem) for problem in caught.value.problems]


def test_formulas_are_computed_exactly_clamped_and_rounded(rubric):
    """Each line states its value before it was clamped and rounded."""
    result = evaluate(rubric, RECORD)
    quality, delivery, service = result.lines
    assert (Fraction(200, 7), None) == (quality.points, quality.raw)
    assert (Decimal("17.1"), Fraction(120, 7)) == (delivery.points, delivery.raw)
    assert (Decimal(70), 0, "good") == (service.points, service.band, service.band_label.get())
    assert Fraction(200, 7) + Fraction("17.1") + 21 == result.total
    clamped = evaluate(rubric, {**RECORD, "late": 30, "rejected": 99})
    assert [0, 0, 0] == [line.points for line in clamped.lines]
    assert [None, Fraction(-690, 7), Decimal(-200)] == [line.raw for line in clamped.lines]


def test_facts_derived_from_facts_are_shown_and_pick_bands(rubric):
    """A derived text selects bands like a choice; the line states its value."""
    result = evaluate(rubric, {**RECORD, "grade": "b", "rejected": 0})
    line = result.lines[2]
    assert (1, 100, 150) == (line.band, line.points, line.raw)
    assert {"kind": "poor", "bad": 0, "late": 3} == line.inputs
    judged = evaluate(rubric, {**RECORD, "grade": "c", "service": 33})
    assert (2, 33) == (judged.lines[2].band, judged.lines[2].points)
    assert ["service: is missing; allowed: 0 to 100"] == problems(rubric, {**RECORD, "grade": "c"})


def test_a_result_with_formulas_is_explained_and_stored(rubric):
    """The words, and the JSON and back."""
    result = evaluate(rubric, RECORD)
    said = result.explain()
    assert "quality: 200/7 of 40 (≈ 28.5714) — Rejected = 2, Lots = 7" in said
    assert "delivery: 17.1 of 30 (computed 120/7 ≈ 17.1429) — late = 3, Lots = 7" in said
    assert "17.1 / 30 分 (计算值 120/7 ≈ 17.1429)" in result.explain("zh")
    again = Result.from_json(result.to_json())
    assert result == again


def test_a_rating_stands_where_facts_are_missing_and_agrees_where_they_are_not(rubric):
    """A formula's points may be rated directly, within the range; or both, which must agree."""
    direct = evaluate(rubric, {"quality": 12.5, "delivery": 30, "service": 50})
    assert [Decimal("12.5"), 30, 50] == [line.points for line in direct.lines]
    assert [None, None, None] == [line.band for line in direct.lines]
    both = evaluate(rubric, {**RECORD, "delivery": Decimal("17.1")})
    assert Fraction(120, 7) == both.lines[1].raw
    assert ["delivery = 17: does not agree with the facts; allowed: 17.1"] == problems(
        rubric, {**RECORD, "delivery": 17}
    )
    assert ["quality = 41: is not an allowed rating; allowed: 0 to 40"] == problems(
        rubric, {**RECORD, "quality": 41}
    )
    assert ["service = 60: does not agree with the facts; allowed: 0 to 50"] == problems(
        rubric, {**RECORD, "grade": "c", "service": 60}
    )


def test_missing_values_are_named_by_the_inputs_that_they_depend_on(rubric):
    """Never by a derived fact, which is not an input."""
    found = problems(rubric, {"lots": 3})
    assert ["rejected", "rejected", "late", "late", "grade"] == [p.split(":")[0] for p in found]
    assert (
        "rejected: is missing; allowed: a whole number, at least 0; or rate quality directly: 0 to 40"
        in found
    )
    assert [
        "bad = 1: is not a name of this ruleset; allowed: the names lots, rejected, late, grade, quality, delivery, service"
    ] == problems(rubric, {**RECORD, "bad": 1})


LISTS = (
    HEAD
    + """inputs.scores = { type = "number", range = "0..5", step = 0.5, many = true }
inputs.shares = { type = "number", range = ">= 0", many = true }
[[criterion]]
id = "a"
weight = 100
scale = 5
formula = "wmean(scores, shares)"
"""
)


def test_lists_of_numbers_are_read_and_worked_with():
    """As a list, a tuple, or a text with semicolons; each number by its input's range and step."""
    rubric = loads(LISTS)
    for scores, shares in (([5, 3], [30, 70]), ((5, "3"), (30, 70)), ("5; 3", "30;70")):
        result = evaluate(rubric, {"scores": scores, "shares": shares})
        assert Decimal("3.6") == result.lines[0].points
        assert {"scores": (5, 3), "shares": (30, 70)} == result.inputs
    assert "scores = 5; 3, shares = 30; 70" in result.explain()
    half = evaluate(rubric, {"scores": [0.5], "shares": [1]})
    assert half == Result.from_json(half.to_json())
    assert half == evaluate(rubric, {"scores": (Fraction(1, 2),), "shares": [1]})
    wrong = {"scores": [5, 0.3], "shares": 7}
    assert [
        "scores = [5, 0.3]: is not a multiple of 0.5 (number 2 of 2); allowed: a list of numbers, 0 to 5, in steps of 0.5",
        "shares = 7: is not a list of numbers; allowed: a list of numbers, at least 0",
    ] == problems(rubric, wrong)
    assert ["scores"] == [
        p.split(" ")[0] for p in problems(rubric, {"scores": [True], "shares": [1]})
    ]
    evaluate(rubric, {"scores": [1], "shares": [1]})
    assert ["scores"] == [
        p.split(" ")[0] for p in problems(rubric, {"scores": (True,), "shares": [1]})
    ]
    assert (
        "has 1001 numbers; at most 1000 are read"
        in problems(rubric, {"scores": [1] * 1001, "shares": [1]})[0]
    )


@pytest.mark.parametrize(
    ("message", "record"),
    [
        ("scores = []: wmean of an empty list in a", {"scores": [], "shares": []}),
        (
            "scores = [1]: lists of different lengths: scores has 1 item, shares has 2 items in a",
            {"scores": [1], "shares": [1, 2]},
        ),
        ("shares = [0]: weights that add up to 0 in a", {"scores": [1], "shares": [0]}),
    ],
)
def test_a_formula_without_a_value_rejects_the_record(message, record):
    """The message names the input that the formula depends on, its value, and the criterion."""
    assert [message] == problems(loads(LISTS), record)


def test_a_derived_fact_out_of_its_range_rejects_the_record():
    """The range of a derived fact is a constraint on the record."""
    text = (
        HEAD
        + """inputs.a = { type = "count" }
derive.d = { formula = "a - 5", range = "0..3" }
criterion = [{ id = "c", weight = 100, formula = "d * 10", clamp = "0..100" }]
"""
    )
    rubric = loads(text)
    assert 30 == evaluate(rubric, {"a": 8}).total
    assert ["a = 9: leads to 4, outside of 0 to 3 in d"] == problems(rubric, {"a": 9})


def test_a_default_replaces_a_missing_input_of_a_formula():
    """Only if no rating is provided."""
    text = (
        HEAD
        + """inputs.a = { type = "count", default = 4 }
criterion = [{ id = "c", weight = 100, formula = "10 * a", clamp = "0..100" }]
"""
    )
    rubric = loads(text)
    assert (40, 70, 20) == tuple(evaluate(rubric, r).total for r in ({}, {"c": 70}, {"a": 2}))


def test_a_formula_without_names_is_a_number():
    """Its points need nothing."""
    rubric = loads(HEAD + 'criterion = [{ id = "c", weight = 100, formula = "2 * 50" }]\n')
    assert 100 == evaluate(rubric, {}).total
    assert rubric == loads(dumps(rubric))


FACTS = 'inputs.a = { type = "count", range = "0..9" }\ninputs.b = { type = "number" }\ninputs.d = { type = "choice", options = ["p", "q"] }\ninputs.m = { type = "number", many = true }\n'


def found(text):
    """Return (code, message, column, witness) of each error of a file."""
    return [
        (f.code, f.message(), f.spots[0].column, dict(f.witness))
        for f in check_text(HEAD + FACTS + text)
        if f.severity == "error"
    ]


def criterion(rest):
    """Return a criterion."""
    return f'[[criterion]]\nid = "c"\nweight = 10\nscale = 10\n{rest}\n[[criterion]]\nid = "other"\nweight = 90\n'


@pytest.mark.parametrize(
    ("expected", "rest"),
    [
        (
            (
                "points-out-of-range",
                "the value of the formula can be 11 (out of range); allowed: 0 to 10",
                11,
                {"a": 0},
            ),
            'formula = "11 - 2 * a"\nrange = "0..10"',
        ),
        (
            (
                "points-out-of-range",
                "the value of the formula can be 0.9 (out of range); allowed: 1 to 10",
                11,
                {"a": 1},
            ),
            'formula = "10 - 9.1 * a / 1"\nrange = "1..10"',
        ),
        (
            (
                "points-out-of-range",
                "the value of the formula can be 11 (out of range); allowed: 0 to 10",
                11,
                {"a": 0},
            ),
            'formula = "11 - a"',
        ),
        (
            (
                "points-out-of-range",
                "the value of the formula can be 12 (out of range); allowed: 0 to 10",
                44,
                {"a": 6},
            ),
            'bands = [{ when = { a = "> 5" }, formula = "2 * a" }, { when = "otherwise", points = 0 }]',
        ),
        (
            (
                "points-out-of-range",
                "the value of the formula can be -1 (out of range); allowed: 0 to 10",
                80,
                {"a": 0},
            ),
            'bands = [{ when = { a = "> 5" }, points = 9 }, { when = "otherwise", formula = "2 * a - 1" }]',
        ),
        (
            (
                "points-out-of-range",
                "the value of the formula can be 20 (out of range); allowed: 0 to 10",
                11,
                {"a": 0},
            ),
            'formula = "20 - a"\nclamp = "0..20"\nrange = "0..10"',
        ),
        (
            ("division-by-zero", "a divisor of this formula can be 0", 11, {"a": 3}),
            'formula = "1 / (a - 3)"\nclamp = "0..10"',
        ),
        (
            ("division-by-zero", "a divisor of this formula can be 0", 11, {"a": 0}),
            'formula = "round(a, a)"\nclamp = "0..10"',
        ),
        (
            ("division-by-zero", "a divisor of this formula can be 0", 42, {"d": "p", "b": 0}),
            'bands = [{ when = { d = "p" }, formula = "1 / b" }, { when = "otherwise", points = 0 }]\nclamp = "0..10"',
        ),
        (("value", "'%' is not allowed in a formula", 14, {}), 'formula = "a % 2"'),
        (("unknown-name", 'there is no input "q"', 16, {}), 'formula = "a + q + b"'),
        (
            ("value", "d is not a number, but formulas compute with numbers", 16, {}),
            'formula = "a + d"',
        ),
        (("value", "m is a list, not a number", 16, {}), 'formula = "a + m"'),
        (
            ("value", 'm is a list: a condition can only ask whether it is "missing"', 25, {}),
            'bands = [{ when = { m = 3 }, points = 1 }, { when = "otherwise", points = 0 }]',
        ),
        (
            ("value", "the range of clamp must include its ends: more than 0, to 10", 9, {}),
            'formula = "a"\nclamp = "> 0 .. 10"',
        ),
        (
            ("value", "the range of clamp must include its ends: 0 to less than 10", 9, {}),
            'formula = "a"\nclamp = "0 .. < 10"',
        ),
        (
            ("value", "must be more than 0", 16, {}),
            'formula = "a"\nround = { to = 0, mode = "up" }',
        ),
        (
            ("value", "no value within clamp (0 to 3) is in this range (5 to 6)", 9, {}),
            'formula = "a"\nclamp = "0..3"\nrange = "5..6"',
        ),
        (("value", 'the band has no "when"', 10, {}), 'bands = [{ formula = "a" }]'),
    ],
)
def test_errors_of_a_formula_are_found_at_their_location(expected, rest):
    """What can leave its range or divide by zero with a witness; what cannot be read in its text."""
    assert expected in found(criterion(rest))


@pytest.mark.parametrize(
    "rest",
    [
        'formula = "9 - a"\n',
        'formula = "a * 9"\nclamp = "0..5"\nrange = "0..10"',
        'formula = "a"\nclamp = ">= 0"',
        'formula = "a"\nclamp = "<= 10"',
        'formula = "11 - 2 * a"\nclamp = "0..10"',
        'formula = "a * a - a * a + 5"\nclamp = "0..10"',
        'formula = "a * (9 - a) / 3"',
        'formula = "1 / (a + 1)"',
        'formula = "1 / (a - 10)"\nclamp = "0..10"',
        'formula = "ratio(1, a, 0)"\nclamp = "0..10"',
        'bands = [{ when = { a = 0 }, points = 0 }, { when = { a = ">= 1" }, formula = "9 / a" }]',
        'bands = [{ when = { a = [0, "7..9"] }, formula = "10 - a" }, { when = "otherwise", formula = "a" }]',
        'formula = "10 - count(m) - sum(m)"\nclamp = "0..10"',
    ],
)
def test_proved_formulas_have_no_finding(rest):
    """Also where bounds alone are too wide, and the box must be cut up."""
    assert [] == found(criterion(rest))


def test_a_formula_that_divides_by_zero_is_judged_where_it_has_a_value():
    """Of its range, of a divisor in a divisor, of a band of one value."""
    assert ["division-by-zero", "points-out-of-range"] == sorted(
        c for c, *_ in found(criterion('formula = "a / (a - 3)"'))
    )
    twice = found(criterion('formula = "1 / (1 / a)"\nclamp = "0..10"'))
    assert [("division-by-zero", {"a": 0})] == [(c, w) for c, _, _, w in twice]
    listed = 'inputs.k = { type = "number", range = "0..1", many = true }\n'
    listed += criterion('formula = "1 / (wmean(k, k) - 1)"\nclamp = "0..10"')
    assert [("division-by-zero", {"k": (1,)})] == [(c, w) for c, _, _, w in found(listed)]
    rows = 'bands = [{ when = { a = 0 }, formula = "1 / a" }, { when = "otherwise", points = 1 }]'
    assert [("division-by-zero", {"a": 0})] == [(c, w) for c, _, _, w in found(criterion(rows))]


def test_one_sided_clamps_leave_the_other_side_alone():
    """Their ends are in."""
    text = (
        HEAD
        + FACTS
        + 'criterion = [{ id = "other", weight = 100 }, { id = "c", scored = false, formula = "3 * a - 5", clamp = "%s" }]'
    )
    at_least, at_most = loads(text % ">= 0"), loads(text % "<= 4")
    record = {"other": 0}
    assert [0, 22] == [evaluate(at_least, {**record, "a": a}).lines[1].points for a in (0, 9)]
    assert [-5, 4] == [evaluate(at_most, {**record, "a": a}).lines[1].points for a in (0, 9)]


def test_an_undecided_question_is_a_warning(monkeypatch):
    """Two questions are neither proved nor shown by a record: the ruleset can be used."""
    from kpirules.formula import prover

    monkeypatch.setattr(prover, "FEW_BOXES", 2)
    monkeypatch.setattr(prover, "MAX_BOXES", 2)
    text = criterion('formula = "b * b - b * b + 1 / (b * b - b * b + 1)"')
    told = "a divisor of this formula can be 0 (division-by-zero)"
    open_ = [f for f in check_text(HEAD + FACTS + text) if f.code == "not-proved"]
    assert [("warning", f"neither proved nor shown by a record: {told}", ())] == [
        (f.severity, f.message(), f.witness) for f in open_
    ]
    assert loads(HEAD + FACTS + text)


def test_awarded_points_are_clamped_and_rounded_as_well():
    """The line states the awarded points; the allowed points do not change."""
    text = (
        HEAD
        + """step = 0.5
[[criterion]]
id = "a"
weight = 60
clamp = "0..50"
round = { to = 1, mode = "half_up" }
[[criterion]]
id = "b"
weight = 40
[[tier]]
id = "t"
total = "0..90"
"""
    )
    rubric = loads(text)
    for awarded, points, raw in ((60, 50, 60), (7.5, 8, 7.5), (7, 7, None)):
        line = evaluate(rubric, {"a": awarded, "b": 0}).lines[0]
        assert (points, raw) == (line.points, line.raw if raw is None else float(line.raw))
    assert ["a = 60.5: is not an allowed rating; allowed: 0 to 60"] == problems(
        rubric, {"a": 60.5, "b": 0}
    )
    wide = text.replace('clamp = "0..50"', 'range = "0..50"\nbands = [{ points = "0..60" }]')
    assert "points-out-of-range" in {f.code for f in check_text(wide)}
    free = text.replace("weight = 60", "scored = false\nrange = '0..5'\npoints = '0..9'").replace(
        "weight = 40", "weight = 100"
    )
    unscored = loads(free.replace('clamp = "0..50"\n', "").replace("0..90", "0..100"))
    assert ["a = 8: leads to 8, outside of 0 to 5; allowed: 0 to 9"] == problems(
        unscored, {"a": 8, "b": 1}
    )


def test_a_long_formula_is_abandoned_sooner(monkeypatch):
    """Its boxes cost more, and a file may have many such formulas."""
    from kpirules.checks import exclusion
    from kpirules.formula import prover

    monkeypatch.setattr(exclusion, "MAX_DIVISIONS", 0)
    text = criterion('formula = "a * (9 - a) / 3"')
    assert [] == found(text)
    monkeypatch.setattr(prover, "FEW_BOXES", 1)
    monkeypatch.setattr(prover, "MAX_NODES", 30)
    assert ["not-proved"] == [
        f.code for f in check_text(HEAD + FACTS + text) if f.code == "not-proved"
    ]


@pytest.mark.parametrize(
    ("expected", "derive"),
    [
        (
            "cycle: circular dependency: x -> y -> x",
            'derive.x = { formula = "y" }\nderive.y = { formula = "x + 1" }',
        ),
        (
            "cycle: circular dependency: x -> x",
            'derive.x = { of = "x", bands = [{ when = 1, value = 1 }, { when = "otherwise", value = 2 }] }',
        ),
        (
            "value: has none of these keys: value, formula, bands, count, run",
            "derive.x = { label = 'x' }",
        ),
        (
            'value: has "value" and "formula", but only one of them is allowed',
            "derive.x = { value = 1, formula = '1' }",
        ),
        (
            "value: points is not allowed here; use value",
            "derive.x = { of = 'a', bands = [{ when = 1, points = 1 }, { when = 'otherwise', value = 2 }] }",
        ),
        (
            'value: a band needs "value" or "formula", and only one of them',
            "derive.x = { of = 'a', bands = [{ when = 1 }, { when = 'otherwise', value = 2 }] }",
        ),
        ('value: the band has no "when"', "derive.x = { bands = [{ value = 2 }] }"),
        (
            "value: has texts and numbers as values",
            "derive.x = { of = 'a', bands = [{ when = 1, value = 'p' }, { when = 'otherwise', value = 2 }] }",
        ),
        (
            'value: "clamp" cannot be applied to a text',
            "derive.x = { value = 'p', clamp = '0..1' }",
        ),
        (
            'band-gap: no band of "x" matches these facts',
            "derive.x = { of = 'a', bands = [{ when = '> 1', value = 1 }, { when = 0, value = 2 }] }",
        ),
        (
            "division-by-zero: a divisor of this formula can be 0",
            "derive.x = { formula = '1 / a' }",
        ),
        ('unknown-name: there is no table of bands "t"', "derive.x = { bands = 't' }"),
        (
            'duplicate-id: "a" is declared twice; inputs, derived facts, criteria and curves need different ids',
            "derive.a = { value = 1 }",
        ),
    ],
)
def test_errors_of_a_derived_fact_are_found(expected, derive):
    """The same mechanism and findings as above; dependent criteria are not checked further."""
    rest = 'formula = "x"\nclamp = "0..10"' if "derive.x" in derive else 'formula = "a"'
    assert expected in [f"{c}: {m}" for c, m, _, _ in found(derive + "\n" + criterion(rest))]


@pytest.mark.parametrize(
    ("expected", "when"),
    [
        (
            '\'p\' is not a range; write "3..7", ">= 3", "> 3", "<= 3", "< 3" or "80 .. < 90"',
            "n = 'p'",
        ),
        ("3 is not a value of t", "t = 3"),
        ('"z" is not a value of t', "t = 'z'"),
    ],
)
def test_bands_match_the_values_of_a_derived_fact(expected, when):
    """A number by ranges, a text by its exact value."""
    derive = "derive.n = { formula = 'a' }\nderive.t = { of = 'a', bands = [{ when = 1, value = 'p' }, { when = 'otherwise', value = 'q' }] }\n"
    text = derive + criterion(
        f"bands = [{{ when = {{ {when} }}, points = 1 }}, {{ when = 'otherwise', points = 0 }}]"
    )
    assert expected in [m for _, m, _, _ in found(text)]


def test_lists_have_no_default():
    """Of any type; reported at their location."""
    text = 'inputs.x = { type = "flag", many = true, default = true }\ninputs.y = { type = "count", many = true, default = 3 }\noutcome.o = { value = 1 }\n'
    assert [("a list cannot have a default", 52), ("a list cannot have a default", 53)] == [
        (m, column) for _, m, column, _ in found(text)
    ]


def test_derived_facts_and_inputs_that_nothing_needs_are_found():
    """A formula is a use."""
    text = 'derive.x = { formula = "a" }\n' + criterion('formula = "b"\nclamp = "0..10"')
    codes = {(f.code, f.place) for f in check_text(HEAD + FACTS + text) if f.severity == "warning"}
    assert ("unused-name", "derive.x") in codes
    assert {"inputs.d", "inputs.m"} == {place for code, place in codes if code == "unused-input"}


def test_a_derived_number_is_cut_by_its_grid():
    """Whole numbers that follow from whole numbers leave no gap between 1 and 2."""
    rows = "derive.row = { of = 'a', bands = [{ when = '<= 3', value = 0 }, { when = '> 3', value = 2 }] }\nderive.both = { formula = 'row + a * 2', round = { to = 1, mode = 'up' } }\n"
    text = rows + criterion(
        "of = 'both'\nbands = [{ when = '0..7', points = 1 }, { when = '8..20', points = 0 }]"
    )
    assert [] == found(text)


def test_tiers_are_judged_on_what_formulas_can_give():
    """On a grid where there is one, else on every number between the ends."""
    tiers = "[[tier]]\nid='t'\ntotal='0..84'\n[[tier]]\nid='u'\ntotal='85..100'\n"
    dense = 'inputs.z = { type = "number", range = "0..10" }\n[[criterion]]\nid="c"\nweight=100\nscale=10\nformula="z"\n'
    (gap,) = [f for f in found(dense + tiers) if f[0] == "tier-gap"]
    assert {"total": Fraction(841, 10)} == gap[3]
    assert "the total 84.1 is reachable, but no tier contains it" == gap[1]
    halves = dense.replace('"0..10" }', '"0..10", step = 0.05 }')
    (gap,) = [f for f in found(halves + tiers) if f[0] == "tier-gap"]
    assert {"total": Fraction(169, 2)} == gap[3]
    whole = dense.replace('"0..10" }', '"0..10", step = 0.1 }')
    assert [] == [f for f in found(whole + tiers) if f[0] == "tier-gap"]


def test_an_invalid_derived_fact_invalidates_only_its_dependents():
    """One error hides no other."""
    text = 'derive.x = { formula = "q" }\nderive.y = { formula = "x" }\nderive.z = { formula = "y + x" }\n'
    text += (
        criterion('formula = "z"')
        + '[[criterion]]\nid="e"\nweight=1\nof="a"\nbands=[{when=0,points=1}]\n'
    )
    assert {"unknown-name", "band-gap", "weights-sum"} == {code for code, *_ in found(text)}
    backwards = 'derive.z = { formula = "y" }\nderive.y = { formula = "x" }\nderive.x = { formula = "1 +" }\n'
    assert ["value"] == [code for code, *_ in found(backwards + criterion('formula = "z"'))]


def test_examples_may_expect_derived_facts():
    """By their names, with or without the prefix."""
    text = (
        SUPPLIER
        + "example = [{ name = 'e', ratings = { lots = 4, rejected = 1, late = 0, grade = 'a' }, expect = { derived.bad = 0.25, kind = 'good', derived.kind = 'poor' } }]\n"
    )
    text = text.replace("[derive.bad]", "PLACE\n[derive.bad]", 1)
    example = text[text.index("example = ") :]
    text = text.replace(example, "").replace("PLACE\n", example)
    assert ['"e": derived.kind: expected "poor", got "good"'] == [
        f.message() for f in check_text(text) if f.code == "example-fails"
    ]


def test_a_better_derived_fact_that_gives_less_is_found():
    """Bands of a derived number are compared; values of formulas are not."""
    text = SUPPLIER.replace(
        '{ when = { kind = "poor", bad = 0 }, points = 150 }',
        '{ when = { kind = "poor", bad = 0 }, points = 0 }',
    ).replace('points = "0..50"', "points = 50")
    (fall,) = [f for f in check(loads(text)) if f.code == "not-monotone"]
    assert {"kind": "poor", "bad": 0} == dict(fall.witness)


def test_a_fault_in_a_formula_is_shown_in_its_text_where_that_is_written_as_it_is():
    """In a text with escapes the whole value is shown."""
    text = (
        HEAD
        + """criterion = [
  { id = 'a', weight = 100, formula = 'q + ' },
  { id = 'b', weight = 0, formula = "\\u0061 +" },
]
"""
    )
    with pytest.raises(RulesetError) as caught:
        loads(text)
    spots = [(f.spots[0].line, f.spots[0].column, f.message()) for f in caught.value.findings]
    early = "the formula ends too early"
    assert [(4, 44, early), (5, 37, early)] == spots


def test_a_form_with_formulas_is_shown(tmp_path):
    """The formula is in the place of a level's condition."""
    path = tmp_path / "x.rubric.toml"
    path.write_text(SUPPLIER, encoding="utf-8")
    shown = CliRunner().invoke(app, ["show", str(path)]).stdout
    assert "30 \u00d7 (1 - late / Lots)" in shown
    assert "0 to 30" in shown
    assert "| good" in shown


def test_lists_are_read_from_a_table(tmp_path):
    """A cell with semicolons, in a file with commas."""
    rules, table = tmp_path / "x.rubric.toml", tmp_path / "month.csv"
    rules.write_text(LISTS, encoding="utf-8")
    table.write_text("name,scores,shares\nx,5; 3,30;70\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["evaluate", str(rules), str(table)])
    assert 0 == done.exit_code
    assert done.stdout.splitlines()[1].startswith("x,5; 3,30;70,3.6,3.6,72,72,")
