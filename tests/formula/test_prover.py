"""Proofs about formulas over boxes, compared with all points of small grids."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpirules.arithmetic.budget import RESERVE, Budget
from kpirules.arithmetic.number import LIMIT
from kpirules.arithmetic.range import Range
from kpirules.formula import UndefinedError, parse
from kpirules.formula.prover import (
    FEW_BOXES,
    MAX_BOXES,
    MAX_NODES,
    NODE_STEPS,
    Fault,
    VariableInterval,
    divides_by_zero,
    leaves,
)


def same(value):
    """Return a value unchanged."""
    return value


def always(_point):
    """Let every point occur."""
    return True


def left(text, box, within, *, admits=always, budget=None, finish=same, lists=()):
    """Ask whether a formula leaves a range."""
    tree = parse(text, frozenset(lists)).tree
    return leaves(tree, box, Range.parse(within), admits, budget or Budget(), finish)


def divides(text, box, *, positive=False, admits=always, budget=None):
    """Ask whether a divisor can be 0."""
    return divides_by_zero(parse(text).tree, box, admits, budget or Budget(), positive=positive)


# ---------------------------------------------------------------- sides


@pytest.mark.parametrize(
    ("expected", "ends", "step"),
    [
        ((1, 5), (1, 5), 1),
        ((1 - LIMIT, LIMIT - 1), (None, None), None),
        ((3, LIMIT - 1), (3, None), 1),
        ((1 - LIMIT, 3), (None, 3), 1),
        ((-((LIMIT - 1) // 17) * 17, (LIMIT - 1) // 17 * 17), (None, None), 17),
    ],
)
def test_an_unbounded_end_becomes_the_largest_number_of_a_record(expected, ends, step):
    """On the grid."""
    side = VariableInterval.of(ends, step)
    assert VariableInterval(*expected, step) == side
    assert not side.is_list
    assert VariableInterval.of(ends, step, is_list=True).is_list


@pytest.mark.parametrize(
    ("below", "above", "side"),
    [
        ((0, 5), (6, 10), VariableInterval(0, 10, 1)),
        ((0, 5), (5, 10), VariableInterval(0, 10, None)),
        ((0, 4), (6, 10), VariableInterval(0, 10, 2)),
        ((0, 16), (16, 100), VariableInterval(0, 100, None)),
        ((1, 19), (20, 1000), VariableInterval(1, 1000, 1)),
        ((-5, 21), (21, 1000), VariableInterval(-5, 1000, None)),
        ((-100, 0), (0, 100), VariableInterval(-100, 100, None)),
        (
            (0, 0),
            (Fraction(1, 2), Fraction(1, 2)),
            VariableInterval(0, Fraction(1, 2), Fraction(1, 2)),
        ),
        ((-3, -2), (-1, -1), VariableInterval(-3, -1, 1)),
    ],
)
def test_a_side_is_cut_in_the_middle_or_nearer_to_a_low_end_far_away(below, above, side):
    """On the grid the two halves have no number in common, and together all."""
    one, other = side.cut()
    assert (below, above) == ((one.low, one.high), (other.low, other.high))
    assert side.step == one.step == other.step


@pytest.mark.parametrize(
    ("below", "above", "side"),
    [
        ((None, 0), (0, None), VariableInterval(None, None, None)),
        ((None, 0), (1, None), VariableInterval(None, None, 1)),
        ((0, 16), (16, None), VariableInterval(0, None, None)),
        ((None, -21), (-20, 5), VariableInterval(None, 5, 1)),
    ],
)
def test_a_side_without_an_end_is_cut_near_the_other(below, above, side):
    """A computed number may be larger than any of a record."""
    one, other = side.cut()
    assert (below, above) == (one.ends, other.ends)
    assert (None, None) == (side.width, next(s.width for s in (one, other) if not s.is_bounded))
    assert (side.high or side.low or 0) == side.near(high=True)


# ---------------------------------------------------------------- proofs against all points

SMALL = st.tuples(st.integers(-4, 4), st.integers(0, 5)).map(
    lambda e: VariableInterval(e[0], sum(e), 1)
)
TEXTS = (
    *("a", "-a", "a + b", "a - b", "a * b", "a * a - b", "2 * a - 3", "abs(a) - b", "a / 2"),
    *("max(a, b)", "min(a, 2 * b)", "clamp(a * b, -3, 3)", "floor(a / 3)", "a * b - a - b"),
    *("a / (b + 7)", "interpolate(a, -1, 0, 2, 6)", "(a - b) * (a + b)", "1 / a", "a / b"),
)


def values_of(formula, box):
    """Return the value at each point of a box of integers; None if there is none."""
    found = {}
    for point in itertools.product(*(range(s.low, s.high + 1) for s in box.values())):
        try:
            found[point] = formula.value(dict(zip(box, point, strict=True)))
        except UndefinedError:
            found[point] = None
    return found


@given(st.sampled_from(TEXTS), SMALL, SMALL, st.integers(-9, 9), st.integers(0, 12))
def test_a_formula_leaves_a_range_exactly_if_some_point_does(text, a, b, low, size):
    """The fault has a point of the box and its value; without a fault all values are in the range."""
    box = {"a": a, "b": b}
    span = Range.closed(low, low + size)
    values = values_of(parse(text), box)
    outside = {p: v for p, v in values.items() if v is not None and not span.contains(v)}
    fault = leaves(parse(text).tree, box, span, always, Budget(), same)
    if any(v is None for v in values.values()) and not outside:
        # an undefined value may prevent the proof for a box: then it is undecided
        assert fault in (None, Fault(None))
    elif fault is None:
        assert {} == outside
    else:
        point = tuple(fault.point[n] for n in box)
        assert outside[point] == fault.value


@given(st.sampled_from(TEXTS), SMALL, SMALL, st.booleans())
def test_a_divisor_is_zero_exactly_if_it_is_at_some_point(text, a, b, positive):
    """``positive``: or below 0."""
    box = {"a": a, "b": b}
    values = values_of(parse(text), box)
    bad = {p for p, v in values.items() if v is not None and (v == 0 or (positive and v < 0))}
    fault = divides_by_zero(parse(text).tree, box, always, Budget(), positive=positive)
    if any(v is None for v in values.values()) and not bad:
        assert fault in (None, Fault(None))
    elif fault is None:
        assert set() == bad
    else:
        assert tuple(fault.point[n] for n in box) in bad


@given(st.sampled_from(("a", "a + b", "2 * a", "a * 3")), SMALL, SMALL, st.integers(-9, 30))
def test_the_point_of_a_rising_formula_is_the_lowest_of_each_name(text, a, b, most):
    """The shown point has the lowest value of each name, with the others unchanged."""
    box = {"a": a, "b": b}
    formula = parse(text)
    fault = leaves(formula.tree, box, Range(None, (most, 1)), always, Budget(), same)
    if fault is None:
        return
    for name in formula.names:
        lower = {**fault.point, name: fault.point[name] - 1}
        assert fault.point[name] == box[name].low or formula.value(lower) <= most
    for name in set(box).difference(formula.names):
        assert box[name].low == fault.point[name]


# ---------------------------------------------------------------- known answers

TEN = {"a": VariableInterval(0, 10, 1)}
FREE = {"a": VariableInterval(0, 10, None)}


def test_a_formula_within_its_range_has_no_fault():
    """Its least and greatest values are in."""
    assert None is left("10 - 2 * a", TEN, "-10..10")
    assert None is left("a", TEN, "> -1 .. < 11")
    assert Fault({"a": 10}, -10) == left("10 - 2 * a", TEN, "> -10 .. 10")
    assert Fault({"a": 0}, 10) == left("10 - 2 * a", TEN, "-10 .. < 10")


def test_the_lowest_value_that_shows_the_fault_is_named():
    """By the steps of the name; without, by as few decimals as show it."""
    assert Fault({"a": 6}, -2) == left("10 - 2 * a", TEN, "0..10")
    half = {"a": VariableInterval(0, 10, Fraction(1, 2))}
    assert Fault({"a": Fraction(11, 2)}, -1) == left("10 - 2 * a", half, "0..10")
    free = {"a": VariableInterval(0, 10, None)}
    assert Fault({"a": Fraction(51, 10)}, Fraction(-1, 5)) == left("10 - 2 * a", free, "0..10")
    nearer = {"a": VariableInterval(0, Fraction(5_000_003, 1_000_000), None)}
    found = left("10 - 2 * a", nearer, "0..10")
    assert {"a": Fraction(5_000_001, 1_000_000)} == found.point
    near = {"a": VariableInterval(0, Fraction(5003, 1000), None)}
    assert Fault({"a": Fraction(5001, 1000)}, Fraction(-1, 500)) == left(
        "10 - 2 * a", near, "0..10"
    )


def test_what_is_finished_is_asked_for_its_range():
    """A clamp or a rounding before the range counts."""
    assert None is left("a", TEN, "0..5", finish=lambda v: min(v, 5))
    assert Fault({"a": 0}, 1) == left("a", TEN, "2..20", finish=lambda v: v + 1)


def test_without_steps_it_is_the_bounds_that_prove():
    """As they are after a clamp or a rounding."""
    assert None is left("a", FREE, "0..10")
    assert None is left("a", FREE, "0..5", finish=lambda v: min(v, 5))
    assert None is divides("a + 0.5", FREE)
    assert None is divides("a - 10.5", FREE)
    assert None is divides("a + 0.5", FREE, positive=True)
    assert Fault({"a": 0}) == divides("a - 10.5", FREE, positive=True)


def test_the_widest_name_is_cut_first():
    """For any values of the name."""
    seen = []

    def noted(value):
        seen.append(value)
        return value

    box = {"b": VariableInterval(0, 2, 1), "a": VariableInterval(-10, 0, 1)}
    left("a + 100 * b", box, "-10..195", finish=noted, admits=lambda _: False)
    # the ends of the box, two of its corners, and the ends of the first half
    assert [-10, 200, -10, 200, -10, 195] == seen[:6]


def test_impossible_points_show_no_fault():
    """On steps, all points are looked at; without, it is not decided."""
    assert None is left("a", TEN, "0..5", admits=lambda _: False)
    assert Fault(None) == left("a", FREE, "0..5", admits=lambda _: False)
    assert Fault({"a": 8}, 8) == left("a", TEN, "0..5", admits=lambda p: p["a"] >= 8)


def test_an_item_of_a_list_is_asked_for_as_a_list():
    """A point has one item."""
    box = {"many": VariableInterval(0, 10, 1, is_list=True)}
    assert Fault({"many": 6}, 6) == left("mean(many)", box, "0..5", lists=("many",))


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("max(many) - min(many)", 2),
        ("sum(many) - 3 * mean(many)", 7),
        ("max(many) - mean(many)", 1),
    ],
)
def test_the_items_of_a_list_may_lie_on_both_sides_of_a_cut(text, most):
    """1 and 4 are 3 apart: a proof for lists of 1 and 2, and for lists of 3 and 4, is none for all."""
    for step in (1, None):
        box = {"many": VariableInterval(1, 4, step, is_list=True)}
        assert Fault(None) == left(text, box, f"-10000..{most}", lists=("many",))


def test_what_is_computed_of_a_list_is_cut():
    """The mean lies between 1 and 4, so that its square is known by parts; a point has one item."""
    box = {"many": VariableInterval(1, 4, 1, is_list=True), "a": VariableInterval(0, 1, 1)}
    proved = "mean(many) * mean(many) - 6 * mean(many)"
    assert None is left(proved, box, "-10..-4", lists=("many",))
    found = left("2 * mean(many) - a", box, "0..5", lists=("many",))
    assert Fault({"many": 3, "a": 0}, 6) == found
    without = {"many": VariableInterval(1, 4, None, is_list=True)}
    assert Fault({"many": Fraction(26, 10)}, Fraction(52, 10)) == left(
        "2 * mean(many)", without, "0..5", lists=("many",)
    )


def test_a_computed_number_may_be_larger_than_any_of_a_record():
    """Without an end, what lies beyond each number is searched last; only bounds decide it."""
    box = {"a": VariableInterval(0, None, 1)}
    assert Fault({"a": 10**20}) == divides("a - 10000000000 * 10000000000", box)
    assert None is divides("a + 1", box)
    assert None is divides("1 + a * a", {"a": VariableInterval(None, None, None)})
    assert Fault({"a": 6}, 6) == left("a", box, "0..5")
    assert Fault(None) == left("a - a", box, "0..0")
    assert Fault({"a": -6}, -6) == left("a", {"a": VariableInterval(None, -6, 1)}, "0..5")


def test_a_divisor_is_zero_or_where_it_must_be_positive_below():
    """A divisor of one sign is not a fault; a step below 0 is a fault."""
    assert Fault({"a": 5}) == divides("a - 5", TEN)
    assert None is divides("a + 1", TEN)
    assert None is divides("a - 11", TEN)
    assert Fault({"a": 0}) == divides("a - 11", TEN, positive=True)
    assert Fault({"a": 0}) == divides("a", TEN, positive=True)
    assert None is divides("1 / a + 1", {"a": VariableInterval(1, 9, 1)})
    assert None is divides("a - 5", TEN, admits=lambda _: False)
    assert Fault(None) == divides("a - 5", FREE, admits=lambda _: False)


# ---------------------------------------------------------------- costs


class Counting(Budget):
    """Counts how often it is asked, and for what."""

    def __init__(self, most):
        super().__init__(most)
        self.asked = []

    def spend(self, steps):
        self.asked.append(steps)
        return super().spend(steps)


#: a formula whose bounds are not good enough but at a point: it is 0 everywhere
HARD = "a * a - a * a"
MANY = {"a": VariableInterval(0, 10**9, 1)}


@pytest.mark.parametrize(
    ("boxes", "most"),
    [
        (FEW_BOXES, RESERVE),
        (FEW_BOXES, RESERVE + NODE_STEPS * 7 * FEW_BOXES),
        (100, RESERVE + NODE_STEPS * 7 * 100),
        (3, NODE_STEPS * 7 * 3),
        (min(MAX_BOXES, MAX_NODES // 7), 10**9),
    ],
)
def test_so_many_boxes_are_looked_at(boxes, most):
    """The free budget decides; without one, a few; each costs its nodes."""
    budget = Counting(most)
    assert Fault(None) == left(HARD, MANY, "0..0", budget=budget)
    asked = [steps for steps in budget.asked if steps == NODE_STEPS * 7]
    assert len(asked) == len(budget.asked)
    # a rejected request was counted too
    assert boxes == len(asked) - (budget.left < NODE_STEPS * 7 and most < RESERVE)


def test_a_small_formula_has_more_boxes():
    """The limit of boxes, for any budget; fewer if they become too small."""
    budget = Counting(10**9)
    assert Fault(None) == left("a - a", MANY, "0..0", budget=budget)
    assert [NODE_STEPS * 3] * MAX_BOXES == budget.asked
    budget = Counting(10**9)
    assert Fault(None) == left("a - a", FREE, "0..0", budget=budget)
    assert MAX_BOXES > len(budget.asked) > 300


def test_each_step_towards_a_nicer_point_costs_its_nodes():
    """As a box does."""
    budget = Counting(10**6)
    assert Fault({"a": 6}, -2) == left("10 - 2 * a", TEN, "0..10", budget=budget)
    assert {NODE_STEPS * 5} == set(budget.asked)
    assert len(budget.asked) > 2


def test_a_spent_effort_leaves_the_point_where_it_is():
    """It is still a counterexample."""
    budget = Budget(NODE_STEPS * 1)
    assert Fault({"a": 10}, 10) == left("a", TEN, "0..5", budget=budget)


@settings(max_examples=50)
@given(st.fractions(0, 9), st.sampled_from([None, 1, Fraction(1, 3), Fraction(2, 5)]))
def test_a_witness_lies_on_the_steps_above_the_low_end(low, step):
    """Or shows the fault beside them, if no step does."""
    side = VariableInterval(low, low + 10 * Fraction(step or 1), step)
    fault = leaves(parse("a").tree, {"a": side}, Range(None, (low, 1)), always, Budget(), same)
    expected = low + (Fraction(1, 10) if step is None else step)
    assert Fault({"a": expected}, expected) == fault
