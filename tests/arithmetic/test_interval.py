"""Arithmetic of bounds, compared with the corners of boxes whose missing ends are very far away."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.arithmetic import interval
from kpirules.arithmetic.ratio import rounded_root


FAR = 10**6
ENDS = st.integers(-3, 3) | st.sampled_from([Fraction(1, 2), Fraction(-1, 2), Fraction(5, 2)])


@st.composite
def boxes(draw):
    """Draw bounds, each end of which may be missing."""
    low, high = sorted((draw(ENDS), draw(ENDS)))
    return draw(st.sampled_from([low, low, None])), draw(st.sampled_from([high, high, None]))


def corners(*some):
    """Return all choices of one endpoint each; an unbounded one becomes a far number."""
    ends = [(-FAR if b[0] is None else b[0], FAR if b[1] is None else b[1]) for b in some]
    return itertools.product(*ends)


def settled(values):
    """Return the least and the greatest of some values; far is unbounded, and very near is 0."""
    found = min(values), max(values)
    near = [0 if abs(v) < Fraction(1, 1000) else v for v in found]
    return tuple(None if abs(v) > FAR // 10 else v for v in near)


def over_corners(act, *some):
    """Return the bounds of a function that is monotonic in each of its arguments."""
    return settled([act(*values) for values in corners(*some)])


@given(boxes(), boxes(), boxes())
def test_bounds_are_those_of_the_corners(one, other, third):
    """Of what rises or falls all along each of its arguments."""
    assert over_corners(lambda a, b: a + b, one, other) == interval.plus(one, other)
    assert over_corners(lambda a: -a, one) == interval.minus(one)
    assert over_corners(lambda a, b: a * b, one, other) == interval.times(one, other)
    assert over_corners(max, one, other, third) == interval.greatest_of([one, other, third])
    assert over_corners(min, one, other, third) == interval.least_of([one, other, third])
    assert over_corners(lambda *v: sum(v), one, other, third) == interval.sum_of(
        [one, other, third]
    )
    assert over_corners(lambda *v: Fraction(sum(v)) / 3, one, other, third) == interval.mean_of(
        [one, other, third]
    )
    clamped = over_corners(lambda v, low, high: min(max(v, low), high), one, other, third)
    assert clamped == interval.clamped([one, other, third])
    assert over_corners(lambda v: v // 1, one) == interval.rising(lambda v: v.__floor__())([one])


@given(boxes())
def test_a_distance_from_0_is_bounded_by_the_nearest_and_the_farthest_number(one):
    """The nearest is 0 where that is in."""
    (low,), (high,) = corners(one)
    nearest = [0] if low <= 0 <= high else []
    assert settled([abs(low), abs(high), *nearest]) == interval.absolute([one])


@given(boxes(), boxes(), boxes())
def test_a_quotient_by_bounds_that_contain_0_is_unbounded(one, other, instead):
    """Otherwise the corners are the bounds; a ratio has its default if the divisor can only be 0."""
    (low,), (high,) = corners(other)
    expected = (None, None)
    if not low <= 0 <= high:
        expected = over_corners(lambda a, b: Fraction(a) / b, one, other)
    assert expected == interval.over(one, other)
    assert (instead if other == (0, 0) else expected) == interval.ratio([one, other, instead])


def test_the_reciprocal_of_an_unbounded_value_approaches_0():
    """On either side of 0."""
    assert (-1, 0) == interval.over((1, 2), (None, -2))
    assert (0, 1) == interval.over((1, 2), (2, None))


@given(boxes(), st.sampled_from([1, 2, 3, Fraction(1, 2), Fraction(1, 3)]))
def test_rounding_to_a_step_is_monotonic(value, step):
    """To a step that is known, the bounds are those of the ends; a half goes away from 0."""

    def rounded(number):
        away = (abs(number) / Fraction(step) + Fraction(1, 2)).__floor__() * step
        return away if number >= 0 else -away

    low, high = value
    expected = None if low is None else rounded(low), None if high is None else rounded(high)
    assert expected == interval.rounded([value, (step, step)])


@pytest.mark.parametrize(
    ("expected", "value", "to"),
    [
        ((-1, 5), (0, 4), (1, 2)),
        ((Fraction(-1, 2), Fraction(9, 2)), (0, 4), (Fraction(1, 2), 1)),
        ((None, None), (0, 4), (1, None)),
        ((None, None), (0, 4), (0, 2)),
        ((None, None), (0, 4), (0, 0)),
        ((None, None), (0, 4), (-1, -1)),
        ((None, None), (0, 4), (None, 2)),
        ((None, None), (0, 4), (None, None)),
        ((None, 5), (None, 4), (1, 2)),
    ],
)
def test_rounding_changes_a_value_by_at_most_half_the_largest_step(expected, value, to):
    """Nothing is known where the step may be 0 or has no upper end."""
    assert expected == interval.rounded([value, to])


@given(boxes(), boxes())
def test_a_sum_of_any_number_of_items_is_bounded_by_0_where_all_have_one_sign(each, weights):
    """A weighted mean by its items, where no weight is below 0."""
    low, high = each
    assert (
        0 if low is not None and low >= 0 else None,
        0 if high is not None and high <= 0 else None,
    ) == interval.of_many(each)
    is_fine = weights[0] is not None and weights[0] >= 0
    assert (each if is_fine else (None, None)) == interval.between_items([each, weights])


# ---------------------------------------------------------------- short ends

LONGEST = 2**interval.MAX_BITS - 1


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        (False, LONGEST),
        (True, LONGEST + 1),
        (False, -LONGEST),
        (False, Fraction(1, LONGEST)),
        (True, Fraction(1, LONGEST + 1)),
        (True, Fraction(LONGEST + 1, 3)),
    ],
)
def test_a_number_is_long_with_more_bits_on_either_side_of_its_line(expected, number):
    """As many as are allowed are short."""
    assert expected is interval.is_long(number)
    assert (number == interval.shortened((number, number))[0]) is not expected


@pytest.mark.parametrize("sign", [1, -1])
def test_long_ends_are_moved_outward_to_a_grid(sign):
    """Half of the bits are behind the point."""
    grid = 2 ** (interval.MAX_BITS // 2)
    long = sign * (7 + Fraction(1, 3 * 2**interval.MAX_BITS))
    low, high = interval.shortened((long, long))
    assert low < long < high
    assert Fraction(1, grid) == high - low
    assert (low * grid, high * grid) == ((long * grid).__floor__(), (long * grid).__ceil__())
    assert (None, None) == interval.shortened((None, None))


def test_an_end_that_is_too_large_is_left_out():
    """It needs all bits before the point and half of them behind."""
    third = Fraction(1, 3 * 2**interval.MAX_BITS)
    most = 2 ** (interval.MAX_BITS // 2)
    assert most - 1 == interval.shortened((most - 1 + third, None))[0]
    assert (None, None) == interval.shortened((most + third, most + third))


@given(
    st.tuples(st.fractions(-9, 9, max_denominator=6), st.fractions(-9, 9, max_denominator=6)),
    st.tuples(st.fractions("1/4", 3), st.fractions("1/4", 3)),
    st.data(),
)
def test_roots_and_powers_lie_in_their_intervals(ends_of_x, ends_of_step, data):
    """Of any number between the ends, and any step; the least and the greatest may be open."""
    low, high = sorted(ends_of_x)
    least, most = sorted(ends_of_step)
    x, to = data.draw(st.sampled_from([low, high])), data.draw(st.sampled_from([least, most]))
    opened = (data.draw(st.sampled_from([low, None])), data.draw(st.sampled_from([high, None])))
    for exponent in (0, 1, 2, 3):
        bottom, top = interval.power([opened, (exponent, exponent)])
        assert bottom is None or bottom <= x**exponent
        assert top is None or x**exponent <= top
    if x >= 0:
        root = Fraction(*rounded_root(x.as_integer_ratio(), to.as_integer_ratio()))
        assert root >= 0
        for steps in ((least, most), (to, to)):
            bottom, top = interval.root([opened, steps])
            assert bottom <= root
            assert top is None or root <= top


def test_the_interval_of_a_root_whose_step_may_be_0_has_no_end():
    """But no root is below 0."""
    assert (0, None) == interval.root([(1, 4), (0, 1)])
    assert (0, None) == interval.root([(1, 4), (1, None)])
    assert (1, 2) == interval.root([(1, 4), (1, 1)])
    assert (0, 0) == interval.root([(-4, -1), (1, 1)])


@pytest.mark.parametrize(
    ("expected", "mode"), [((-1, 5), "half_even"), ((-2, 6), "floor"), ((-2, 6), "up")]
)
def test_a_rounding_by_any_mode_moves_a_number_by_at_most_a_step(expected, mode):
    """By half of it if the mode concerns ties alone."""
    assert expected == interval.rounded([(0, 4), (1, 2)], mode)
    assert (0, 4) == interval.rounded([(0, 4), (2, 2)], mode)
