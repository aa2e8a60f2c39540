"""Exact arithmetic with ratios: pairs of whole numbers, reduced only where a number is needed.

A reduction to lowest terms takes longer than the arithmetic itself, so a formula or a rounding of
many steps computes with ratios, and its result becomes a number at the end.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, TypeAlias

from kpirules.arithmetic.number import SHORT_BITS, Number, computed
from kpirules.arithmetic.rounding import MODES


if TYPE_CHECKING:
    from collections.abc import Callable


#: a numerator and a denominator above 0, perhaps not in lowest terms
Ratio: TypeAlias = tuple[int, int]


class Numbers(tuple[Number, ...]):  # noqa: SLOT001 - a tuple has no slots but empty ones
    """A list of numbers of a record; a type of its own, so that no other is taken for one."""

    #: the numbers as whole numbers of a common unit, and its denominator; None: not known
    units: tuple[list[int], int] | None = None


def number_of(ratio: Ratio) -> Number:
    """Return the number of a ratio.

    >>> number_of((6, 4)), number_of((6, 3))
    (Fraction(3, 2), 2)
    """
    above, below = ratio
    if below == 1:
        return above
    return Fraction(above, below) if above % below else above // below


def checked(ratio: Ratio) -> Ratio:
    """Return a ratio of numbers that are not too long.

    Raises :class:`~kpirules.arithmetic.number.TooLongError` if its number is too long.
    """
    if ratio[0].bit_length() > SHORT_BITS or ratio[1].bit_length() > SHORT_BITS:
        return computed(Fraction(*ratio)).as_integer_ratio()
    return ratio


def by_numbers(act: Callable[[list[Number]], Number]) -> Callable[..., Ratio]:
    """Return the function of ratios that computes with their numbers."""
    return lambda *ratios: act(list(map(number_of, ratios))).as_integer_ratio()


def is_less(one: Ratio, other: Ratio) -> bool:
    """Check whether a ratio is less than another."""
    return one[0] * other[1] < other[0] * one[1]


def plus(one: Ratio, other: Ratio) -> Ratio:
    """Return a sum."""
    above, below = one
    more, by = other
    return (above + more, below) if below == by else (above * by + more * below, below * by)


def minus(one: Ratio, other: Ratio) -> Ratio:
    """Return a difference."""
    above, below = one
    less, by = other
    return (above - less, below) if below == by else (above * by - less * below, below * by)


def times(one: Ratio, other: Ratio) -> Ratio:
    """Return a product."""
    return one[0] * other[0], one[1] * other[1]


def over(one: Ratio, other: Ratio) -> Ratio:
    """Return a quotient; raise :class:`ZeroDivisionError` for a divisor of 0."""
    divisor, by = other
    if not divisor:
        raise ZeroDivisionError
    if divisor < 0:
        divisor, by = -divisor, -by
    return one[0] * by, one[1] * divisor


def least(first: Ratio, *others: Ratio) -> Ratio:
    """Return the least."""
    for other in others:
        if is_less(other, first):
            first = other
    return first


def greatest(first: Ratio, *others: Ratio) -> Ratio:
    """Return the greatest."""
    for other in others:
        if is_less(first, other):
            first = other
    return first


def negative(value: Ratio) -> Ratio:
    """Return a ratio with the other sign."""
    return -value[0], value[1]


def absolute(value: Ratio) -> Ratio:
    """Return a ratio without its sign."""
    return abs(value[0]), value[1]


def floor(value: Ratio) -> Ratio:
    """Return the greatest whole number that is not above a ratio."""
    return value[0] // value[1], 1


def ceiling(value: Ratio) -> Ratio:
    """Return the least whole number that is not below a ratio."""
    return -(-value[0] // value[1]), 1


def clamped(value: Ratio, low: Ratio, high: Ratio) -> Ratio:
    """Return a ratio that is not below ``low``; ``high``, if it is above that."""
    return least(greatest(value, low), high)


def rounded(value: Ratio, to: Ratio, mode: str) -> Ratio:
    """Round to a multiple of ``to``, which is above 0, by one of :data:`MODES`."""
    step, by = to
    return MODES[mode].whole(value[0] * by, value[1] * step) * step, by


def rounded_root(value: Ratio, to: Ratio) -> Ratio:
    """Round the square root of a ratio that is not below 0 half up to a multiple of ``to``.

    >>> rounded_root((2, 1), (1, 100)), rounded_root((9, 4), (1, 1))
    ((141, 100), (2, 1))
    """
    step, by = to
    # with whole numbers: n + 1/2 <= root exactly if 2 * n + 1 <= the root of four times the square
    squared = 4 * value[0] * by * by // (value[1] * step * step)
    return (isqrt(squared) + 1) // 2 * step, by
