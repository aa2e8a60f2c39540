"""Straight lines between points: values against the pieces, intervals against values."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.arithmetic.lines import NotRisingError, bounds_on_lines, on_lines


POINTS = [0, 5, 2, 1, 3, 7, 6, 4]


def line(x, *, goes_on=False):
    """Return the value of the lines between the points, piece by piece."""
    pieces = list(zip(POINTS[::2], POINTS[1::2], strict=True))
    if not goes_on:
        x = max(Fraction(0), min(Fraction(6), x))
    every = list(itertools.pairwise(pieces))
    (a, ya), (b, yb) = next(((p, q) for p, q in every if x <= q[0]), every[-1])
    return Fraction(ya * (b - x) + yb * (x - a)) / (b - a)


@given(st.fractions(-5, 12, max_denominator=6), st.booleans())
def test_between_points_the_value_lies_on_a_straight_line(x, goes_on):
    """Outside of them it is that of the nearest, or the first and the last line go on."""
    assert line(x, goes_on=goes_on) == on_lines([x, *POINTS], goes_on=goes_on)


@given(st.none() | st.integers(-2, 9), st.none() | st.integers(-2, 9))
def test_the_bounds_between_points_are_those_of_the_ends_and_the_points_within(one, other):
    """Where an end is missing, of all points on that side."""
    if one is not None and other is not None:
        one, other = sorted((one, other))
    low, high = -5 if one is None else one, 15 if other is None else other
    values = [line(Fraction(n, 2)) for n in range(2 * low, 2 * high + 1)]
    flat = [(n, n) for n in POINTS]
    assert (min(values), max(values)) == bounds_on_lines([(one, other), *flat])


@pytest.mark.parametrize(
    ("x", "points", "expected"),
    [
        ((None, None), [0, 0, 1, 1], (None, None)),
        ((None, 5), [0, 0, 1, 1], (None, 5)),
        ((-3, None), [0, 0, 1, 1], (-3, None)),
        ((None, 5), [0, 1, 1, 0], (-4, None)),
        ((-3, None), [0, 1, 1, 0], (None, 4)),
        ((None, None), [0, 2, 1, 2], (2, 2)),
        ((-1, 3), [0, 0, 1, 1, 2, 0], (-1, 1)),
    ],
)
def test_lines_that_go_on_have_the_bounds_of_their_directions(x, points, expected):
    """No end if x has none on that side, unless the line is level."""
    assert expected == bounds_on_lines([x, *((n, n) for n in points)], goes_on=True)


def test_points_that_do_not_rise_have_no_value():
    """The error names the two; their bounds are unknown."""
    with pytest.raises(NotRisingError, match="the points of a line do not rise: x is 3 after 3"):
        on_lines([1, 3, 0, 3, 1])
    assert (None, None) == bounds_on_lines([(1, 1), (3, 3), (0, 0), (3, 3), (1, 1)])


NUMBERS = st.fractions(-6, 6, max_denominator=3)


@st.composite
def intervals(draw):
    """Draw an interval with a number in it; ends may be missing."""
    low, at, high = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    return draw(st.sampled_from([low, low, None])), draw(st.sampled_from([high, high, None])), at


@given(st.lists(intervals(), min_size=5, max_size=7).filter(lambda v: len(v) % 2), st.booleans())
def test_each_value_lies_within_the_bounds(drawn, goes_on):
    """Of points that are intervals, as far as they rise."""
    try:
        value = on_lines([at for _, _, at in drawn], goes_on=goes_on)
    except NotRisingError:
        return
    low, high = bounds_on_lines([(low, high) for low, high, _ in drawn], goes_on=goes_on)
    assert low is None or low <= value
    assert high is None or value <= high


def test_bounds_get_close_to_the_value_of_a_small_box():
    """Between points that are intervals, the line counts and not only the values of the points."""
    low, high = bounds_on_lines([(4, 5), (0, 1), (0, 0), (10, 11), (100, 100)])
    assert (Fraction(300, 11), Fraction(500, 9)) == (low, high)
