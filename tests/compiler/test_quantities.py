"""Quantities: their values and what is known about them, compared with all values of their names."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.domain import Part
from kpirules.arithmetic.range import Range
from kpirules.compiler.computed import ExcludedError, Missing, RejectedValueError, Taken
from kpirules.compiler.plan import Plan
from kpirules.formula.prover import VariableInterval
from kpirules.toml.parser import parse
from kpirules.translations.message import Message


HEAD = (
    'schema = 1\nid = "x"\n'
    'inputs.n = { type = "count", range = "0..9" }\n'
    'inputs.m = { type = "number", range = "-2..4", step = 0.5 }\n'
    'inputs.q = { type = "number", range = "> 0 .. < 2" }\n'
    'inputs.d = { type = "choice", options = ["met", "not"] }\n'
    'inputs.many = { type = "count", many = true, range = "0..5" }\n'
    'criterion = [{ id = "a", weight = 100, missing = "exclude" }]\n'
)
NUMBERS = {"n": range(10), "m": [Fraction(k, 2) for k in range(-4, 9)], "d": ["met", "not"]}


def plan_of(text):
    """Make a rubric with a quantity ready."""
    return Plan(parse(HEAD + text, "x.rubric.toml"))


def derived(text):
    """Make a derived fact ready."""
    return plan_of(f"[derive.z]\n{text}\n").quantities["z"]


def taken(quantity, **env):
    """Return the value of a quantity, or why it has none."""
    try:
        return quantity.take(env)
    except RejectedValueError as error:
        return str(error), error.names, error.code


#: quantities, with the parts of their possible values
QUANTITIES = {
    "formula = '2 * n - 3'": [("-3..15", 1)],
    "formula = '2 * n'": [("0..18", 2)],
    "formula = 'm + 1'": [("-1..5", Fraction(1, 2))],
    "formula = '2 * n'\nclamp = '3..10'": [("3..10", 1)],
    "formula = '2 * n'\nclamp = '4..10'": [("4..10", 2)],
    "formula = '2 * n'\nclamp = '>= 4'": [("4..18", 2)],
    "formula = '2 * n'\nclamp = '<= 7.5'": [("0..7.5", Fraction(1, 2))],
    "formula = 'm'\nround = { to = 1, mode = 'floor' }": [("-2..4", 1)],
    "formula = 'm'\nround = { to = 3, mode = 'half_up' }": [("-3..3", 3)],
    "formula = '2 * n - 3'\nrange = '0..10'": [("0..10", 1)],
    "formula = '2 * n'\nrange = '1..5'": [("2..4", 2)],
    "formula = '12 / n'\nclamp = '1..8'": [("1..8", None)],
    "formula = '12 / n'\nclamp = '>= 2'": [(">= 2", None)],
    "formula = '12 / n'\nclamp = '<= 8'": [("<= 8", None)],
    "value = 2.5": [("2.5", None)],
    "value = 7\nclamp = '0..5'": [("5", None)],
    "value = -2.4\nround = { to = 1, mode = 'half_up' }": [("-2", None)],
    "of = 'n'\nbands = [{ when = '<= 3', value = 1 }, { when = '> 3', formula = 'n' }]": [
        ("1", None),
        ("4..9", 1),
    ],
    "of = 'n'\nbands = [{ when = [1, '3..5'], formula = '2 * n' }, { when = 'otherwise', value = 0 }]": [
        ("2..10", 2),
        ("0", None),
    ],
    "formula = 'n / 3'": [("0..3", Fraction(1, 3))],
    "formula = '6 / (n + 1)'": [("0.6..6", None)],
}


@pytest.mark.parametrize("text", QUANTITIES)
def test_what_a_quantity_comes_to_lies_in_its_parts(text):
    """Whatever its names are; the range of each part and its grid are known."""
    quantity = derived(text)
    expected = [(span, step) for span, step in QUANTITIES[text]]
    parts = [quantity.part(i) for i in range(len(quantity.rows))]
    assert expected == [(str(part.span), part.step) for part in parts]
    assert set(parts) == set(quantity.values.parts)
    reached = []
    for values in itertools.product(*(NUMBERS[name] for name in quantity.needs)):
        env = dict(zip(quantity.needs, values, strict=True))
        found = taken(quantity, **env)
        if isinstance(found, Taken):
            assert parts[found.row].contains(found.value)
            assert None is not quantity.values.first_in(Range.exactly(found.value))
            reached.append(found.value)
        else:
            assert found[0] == "a division by 0" or "outside of" in found[0]
    assert any(part.span.contains(min(reached)) for part in parts)


BANDS = (
    "of = 'n'\nbands = [{ when = '<= 3', value = 1 }, { when = '5..7', formula = 'm / (n - 6)' }, "
    "{ when = 7, value = 2 }, { when = 'missing', value = 4 }]\nclamp = '-3..3'\nrange = '-3..2'"
)


@pytest.mark.parametrize(
    ("expected", "env"),
    [
        (Taken(row=0, value=1, raw=1), {"n": 0}),
        (Taken(row=1, value=-1, raw=-1), {"n": 5, "m": 1}),
        (Taken(row=1, value=-3, raw=-4), {"n": 5, "m": 4}),
        (("no band takes the facts", ("n",), "band-gap"), {"n": 4}),
        (("2 bands take the facts", ("n",), "band-overlap"), {"n": 7, "m": 1}),
        (("a division by 0", ("n",), "division-by-zero"), {"n": 6, "m": 1}),
        (Missing(("m",)), {"n": 5}),
        (Missing(("m",)), {"n": 5, "m": MISSING}),
        # three of the clamp is not in the range
        (("leads to 3, outside of -3 to 2", ("n", "m"), ""), {}),
        (("leads to 3, outside of -3 to 2", ("n", "m"), ""), {"n": MISSING}),
    ],
)
def test_what_a_quantity_comes_to_for_a_record(expected, env):
    """The band, the value, and what it was before; else why there is none."""
    assert expected == taken(derived(BANDS), **env)


def test_no_band_answers_for_what_is_missing_where_that_is_asked():
    """Then it is missing, with all that is needed and not there."""
    quantity = derived(BANDS)
    assert Missing(("n", "m")) == quantity.take({}, strict=True)
    assert Missing(("n",)) == quantity.take({"m": 1}, strict=True)
    two = derived(
        "bands = [{ when = { n = '<= 3', m = 'missing' }, value = 1 }, { when = 'otherwise', value = 2 }]"
    )
    assert Missing(("n",)) == two.take({})
    assert Missing(("n", "m")) == two.take({}, strict=True)
    assert [1, 2, 2] == [two.take(env).value for env in ({"n": 3}, {"n": 3, "m": 0}, {"n": 4})]
    assert frozenset({"m"}) == two.answered
    assert ("n",) == two.always_needs
    assert ("n", "m") == two.facts == two.needs
    assert ("n", "m") == derived("formula = 'n + m'").always_needs
    assert (1, 0b10) == (two.otherwise, two.rows_of_facts([4, 0]))
    assert None is derived(BANDS).otherwise
    assert 0 == derived(BANDS).rows_of_facts([4])


def test_the_box_of_a_row_is_what_its_band_takes():
    """Of names that it does not ask for, all they may be; options have no bounds."""
    text = (
        "bands = [{ when = { n = [1, '3..5'], d = 'met' }, formula = 'n + q + sum(many)' }, "
        "{ when = { n = '> 5' }, value = 1 }, { when = 'otherwise', formula = 'm' }]"
    )
    quantity = derived(text)
    finest = Fraction(1, 10**18)
    every = {"q": (finest, 2 - finest), "many": (0, 5), "m": (-2, 4)}
    assert {"n": (1, 5), **every} == quantity.box(0)
    assert {"n": (6, 9), **every} == quantity.box(1)
    assert {"n": (0, 9), **every} == quantity.box(2)
    assert {
        "n": VariableInterval(1, 5, 1),
        "q": VariableInterval(finest, 2 - finest, None),
        "many": VariableInterval(0, 5, 1, is_list=True),
    } == quantity.sides(0)
    assert ({}, {"m": VariableInterval(-2, 4, Fraction(1, 2))}) == (
        quantity.sides(1),
        quantity.sides(2),
    )
    assert {"n": 1, "d": "met"} == quantity.facts_at(0, {})
    assert {"n": 4, "d": "met"} == quantity.facts_at(0, {"n": 4})
    assert None is quantity.facts_at(0, {"n": 2})
    assert {"n": 1, "d": "not"} == quantity.facts_at(2, {"n": 1})
    assert {"n": 0, "d": "met"} == quantity.facts_at(2, {})
    assert {} == derived("formula = 'n'").facts_at(0, {"n": 3})
    assert 6 == quantity.cost
    assert 1 == derived("value = 3").cost


def test_computed_names_may_lie_nearer_to_an_open_end():
    """Than a number of a record."""
    bands = "bands = [{ when = '> 0.5', formula = '%s' }, { when = 'otherwise', value = 0 }]\n"
    plan = plan_of(
        "[derive.w]\nof = 'q'\n" + bands % "q" + "[derive.y]\nformula = 'q'\n"
        "[derive.z]\nof = 'y'\n" + bands % "y"
    )
    half = Fraction(1, 2)
    assert half + half / 10**18 == plan.quantities["w"].box(0)["q"][0]
    assert half + half / 10**54 == plan.quantities["z"].box(0)["y"][0]


def test_what_bands_ask_between_the_steps_is_known():
    """The band, the entry and the name."""
    text = "of = 'n'\nbands = [{ when = [2, 2.5], value = 1 }, { when = '> 3 .. < 4', value = 2 }]"
    assert ((0, Range.exactly(Fraction(5, 2)), "n"), (1, Range.parse("> 3 .. < 4"), "n")) == (
        derived(text).off_grid
    )
    assert () == derived(text.replace("'n'", "'q'")).off_grid
    halves = derived("of = 'm'\nbands = [{ when = [1.5, 1.25], value = 1 }]")
    assert ((0, Range.exactly(Fraction(5, 4)), "m"),) == halves.off_grid


def test_a_text_is_a_value_of_its_own():
    """Its axis has the texts, each once, in the order of the bands."""
    quantity = derived(
        "of = 'n'\nbands = [{ when = '<= 3', value = 'low' }, { when = '4..5', value = 'high' }, "
        "{ when = '>= 6', value = 'low' }]"
    )
    assert ("low", "high") == quantity.axis.options
    assert Taken(row=1, value="high") == quantity.take({"n": 4})
    assert [False] * 3 == [row.is_award for row in quantity.rows]
    assert () == quantity.values.parts


def test_what_was_left_out_may_be_needed_in_vain():
    """By a formula over it, and by what needs such a fact; not where a band answers for it."""
    plan = plan_of(
        "[derive.y]\nformula = 'points.a'\n[derive.z]\nformula = 'y + n'\n[derive.w]\n"
        "bands = [{ when = { 'points.a' = 'missing' }, value = 1 }, "
        "{ when = 'otherwise', formula = 'points.a' }]\n"
    )
    found = {name: plan.quantities[name].may_need(0) for name in "yzw"}
    assert {"y": ("points.a",), "z": ("y",), "w": ()} == found
    assert () == plan.quantities["w"].may_need(1)
    assert plan.quantities["w"].axes["points.a"].missing
    assert not derived(BANDS.replace("missing", "9")).axes["n"].missing
    more = plan_of(
        "[derive.y]\nformula = 'points.a'\n[derive.z]\n"
        "bands = [{ when = { y = '<= 5', n = '<= 3' }, value = 1 }, { when = 'otherwise', value = 2 }]\n"
        "[derive.v]\nbands = [{ when = { y = 'missing' }, value = 1 }, { when = 'otherwise', value = 2 }]\n"
        "[derive.w]\nbands = [{ when = { 'points.a' = 'missing', n = '<= 3' }, value = 1 }, "
        "{ when = 'otherwise', formula = 'points.a' }]\n"
    ).quantities
    assert (("y",), ()) == (more["z"].may_need(0), more["v"].may_need(0))
    assert ("points.a",) == more["w"].may_need(1)
    plain = RejectedValueError(Message.of("problem.missing"), ("a",))
    assert ("is missing", ("a",), "", None) == (str(plain), plain.names, plain.code, plain.allowed)
    error = ExcludedError(("a", "b"))
    assert "needs a, b, which the record excludes," == str(error)
    assert (("a", "b"), "may-be-missing", None) == (error.names, error.code, error.allowed)


@pytest.mark.parametrize(
    ("limit", "span", "text"),
    [
        ("any", "any", ""),
        ("0..9", "0..9", "range = '0..9'"),
        ("any", "0..5", "clamp = '0..5'"),
        ("0..9", "0..9", "range = '0..9'\nclamp = '0..5'"),
    ],
)
def test_a_clamp_alone_is_no_limit(limit, span, text):
    """It is where values are expected; a rounding may leave it."""
    quantity = derived(f"formula = 'n'\n{text}")
    assert (limit, span) == (str(quantity.limit), str(quantity.span))


def test_what_stands_in_is_a_value_too():
    """Of an adjustment that is skipped, 0; of a derived fact, nothing."""
    plan = plan_of(
        "adjust = [{ id = 'j', formula = 'n + 5', missing = 'skip' }, { id = 'k', formula = 'n + 5' }]\n"
        "[derive.z]\nformula = 'n'\n"
    )
    j, k, z = (plan.quantities[name] for name in ("adjust.j", "adjust.k", "z"))
    assert (0, None, None) == (j.missing_default, k.missing_default, z.missing_default)
    assert [Part(Range.closed(5, 14), 1), Part(Range.exactly(0))] == list(j.values.parts)
    assert (True, False, True) == (j.skips, k.skips, z.skips)
    assert ("points-out-of-range", "") == (j.out_of_range_code, z.out_of_range_code)
    assert ("j", "z") == (j.name, z.name)


def test_a_value_without_bands_is_of_the_first_row():
    """Its grid is the value, whatever its sign; that of a formula is the formula's."""
    assert Taken(row=0, value=3, raw=3) == derived("value = 3").take({})
    grids = ("value = 2.5", "value = -2", "formula = '2 * n'", "formula = 'q'")
    assert [Fraction(5, 2), 2, 2, None] == [derived(text).grids[0] for text in grids]
    rounded = "value = 7\nround = { to = 2, mode = 'half_up' }"
    assert 8 == derived(rounded).grids[0]
    judged = plan_of("").criteria[0]
    assert (1, True) == (judged.grids[0], judged.rows[0].is_award)
    assert ("mean of an empty list", ("many",), "") == taken(
        derived("formula = 'mean(many)'"), many=()
    )


def test_the_raw_total_of_an_outcome_is_one_of_a_record_with_a_total():
    """An adjustment is evaluated for all records."""
    low = HEAD.replace('missing = "exclude"', 'missing = "exclude", points = "50..100"')
    made = Plan(
        parse(
            low + "adjust = [{ id = 'j', formula = 'raw_total' }]\n"
            "[outcome.o]\nformula = 'raw_total + n'\n",
            "x.rubric.toml",
        )
    ).quantities
    ends = [str(made[name].axis_for("raw_total").domain) for name in ("adjust.j", "outcome.o")]
    assert ["0..100", "50..100"] == ends
    assert "0..9" == str(made["outcome.o"].axis_for("n").domain)
