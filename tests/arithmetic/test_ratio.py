"""Arithmetic of ratios: as that of fractions, whatever the terms of a ratio."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.arithmetic import ratio as ratios
from kpirules.arithmetic.number import MAX_COMPUTED_DIGITS, TooLongError, round_to
from kpirules.arithmetic.rounding import MODES


#: a number, and one of its ratios
RATIOS = st.builds(
    lambda number, factor: (number, (number.numerator * factor, number.denominator * factor)),
    st.fractions(-20, 20, max_denominator=12),
    st.integers(1, 9),
)
LONG = 10**MAX_COMPUTED_DIGITS


@given(RATIOS, RATIOS)
def test_operations_of_two_ratios_are_those_of_fractions(one, other):
    """Sum, difference, product, least, greatest, order; the quotient, and its divisor of 0."""
    (a, x), (b, y) = one, other
    expected = (a + b, a - b, a * b, min(a, b), max(a, b))
    acts = (ratios.plus, ratios.minus, ratios.times, ratios.least, ratios.greatest)
    assert expected == tuple(Fraction(*act(x, y)) for act in acts)
    assert (a < b) == ratios.is_less(x, y)
    if b:
        above, below = ratios.over(x, y)
        assert (a / b, True) == (Fraction(above, below), below > 0)
    else:
        with pytest.raises(ZeroDivisionError):
            ratios.over(x, y)


@given(RATIOS, RATIOS, RATIOS, st.sampled_from(sorted(MODES)))
def test_operations_of_one_ratio_are_those_of_fractions(one, low, high, mode):
    """Sign, whole numbers, limits of which the upper one wins, and rounding in each mode."""
    (a, x), (b, y), (c, z) = one, low, high
    acts = (ratios.negative, ratios.absolute, ratios.floor, ratios.ceiling)
    assert (-a, abs(a), math.floor(a), math.ceil(a)) == tuple(Fraction(*act(x)) for act in acts)
    assert min(max(a, b), c) == Fraction(*ratios.clamped(x, y, z))
    if b > 0:
        assert round_to(a, b, mode) == Fraction(*ratios.rounded(x, y, mode))


@given(st.lists(RATIOS, min_size=1, max_size=4))
def test_least_and_greatest_of_many(some):
    """They are those of the numbers; a function of numbers gets the numbers."""
    numbers = [number for number, _ in some]
    terms = [ratio for _, ratio in some]
    assert min(numbers) == Fraction(*ratios.least(*terms))
    assert max(numbers) == Fraction(*ratios.greatest(*terms))
    assert sum(numbers) == Fraction(*ratios.by_numbers(lambda all_: Fraction(sum(all_)))(*terms))


@given(RATIOS)
def test_a_whole_number_is_an_integer(one):
    """As numbers are in canonical form."""
    number, ratio = one
    made = ratios.number_of(ratio)
    assert (number, number.denominator == 1) == (made, made.__class__ is int)


@pytest.mark.parametrize("ratio", [(LONG, 1), (1, LONG), (-LONG, 3), (LONG * 7, 7)])
def test_a_ratio_of_a_number_that_is_too_long_is_rejected(ratio):
    """The numerator or the denominator of the number in lowest terms has more digits."""
    with pytest.raises(TooLongError):
        ratios.checked(ratio)


def test_a_long_ratio_of_a_short_number_is_reduced():
    """The limit is one of numbers; a short ratio stays as it is."""
    assert (7, 3) == ratios.checked((LONG * 7, LONG * 3))
    assert (6, 4) == ratios.checked((6, 4))
    longest = LONG - 1
    assert (longest, 1) == ratios.checked((longest, 1))


@given(st.fractions(0, 10**6), st.fractions("1/1000", 10))
def test_a_root_is_rounded_half_up(value, to):
    """It lies at most half a step below the root, and less than half a step above it."""
    root = Fraction(*ratios.rounded_root(value.as_integer_ratio(), to.as_integer_ratio()))
    assert 0 == root % to
    assert max(root - to / 2, 0) ** 2 <= value < (root + to / 2) ** 2


def test_a_tie_of_a_root_goes_up():
    """The root of 9/4 is 3/2, halfway between 1 and 2."""
    assert (2, 1) == ratios.rounded_root((9, 4), (1, 1))
    assert (0, 1) == ratios.rounded_root((0, 5), (1, 1))
    assert (3, 2) == ratios.rounded_root((9, 4), (1, 2))
