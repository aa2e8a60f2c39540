"""Interval arithmetic: the interval of a value, from the intervals of its parts.

No endpoint is a long number: :func:`shortened` moves a long one outward to a short one, or drops
it, so that an interval may be wider than necessary and never narrower.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, isqrt
from typing import TYPE_CHECKING, TypeAlias, cast

from kpirules.arithmetic.number import Number, canonical, round_to
from kpirules.arithmetic.ratio import number_of, rounded_root


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


#: the least and the greatest possible value; None: unbounded
Bounds: TypeAlias = "tuple[Number | None, Number | None]"


#: the maximum number of bits of the numerator and of the denominator of an endpoint
MAX_BITS = 320


def is_long(number: Number) -> bool:
    """Check whether a number is too long for an endpoint."""
    return max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS


def shortened(bounds: Bounds) -> Bounds:
    """Return the enclosing interval with short endpoints; too large ones are dropped."""
    return _shortened(bounds[0], floor), _shortened(bounds[1], ceil)


def _shortened(end: Number | None, outward: Callable[[Fraction], int]) -> Number | None:
    """Return a short endpoint unchanged, else the nearest one outward on a coarse grid."""
    if end is None or not is_long(end):
        return end
    # half of the bits for the whole part, half for the fraction
    half = MAX_BITS // 2
    units = outward(Fraction(end) * (1 << half))
    return None if units.bit_length() > MAX_BITS else canonical(Fraction(units, 1 << half))


def lowest_end(ends: Sequence[Number | None]) -> Number | None:
    """Return the least endpoint; None if one is unbounded."""
    known = [end for end in ends if end is not None]
    return min(known) if len(known) == len(ends) else None


def highest_end(ends: Sequence[Number | None]) -> Number | None:
    """Return the greatest endpoint; None if one is unbounded."""
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def plus(one: Bounds, other: Bounds) -> Bounds:
    """Return the interval of a sum."""
    return (
        None if one[0] is None or other[0] is None else one[0] + other[0],
        None if one[1] is None or other[1] is None else one[1] + other[1],
    )


def minus(one: Bounds) -> Bounds:
    """Return the interval of the negated value."""
    return None if one[1] is None else -one[1], None if one[0] is None else -one[0]


def times(one: Bounds, other: Bounds) -> Bounds:
    """Return the interval of a product; 0 times an unbounded endpoint is 0."""
    if (0, 0) in (one, other):
        return 0, 0
    products: list[Number] = []
    low = high = False
    for a, a_up in ((one[0], False), (one[1], True)):
        for b, b_up in ((other[0], False), (other[1], True)):
            if a is not None and b is not None:
                products.append(a * b)
                continue
            # an unbounded endpoint times another: infinite with the product's sign, or 0
            sign = _sign(a, up=a_up) * _sign(b, up=b_up)
            low, high = low or sign < 0, high or sign > 0
    return None if low else min(products), None if high else max(products)


def _sign(end: Number | None, *, up: bool) -> int:
    """Return the sign of an endpoint; an unbounded one is beyond all numbers."""
    if end is None:
        return 1 if up else -1
    return (end > 0) - (end < 0)


def over(one: Bounds, other: Bounds) -> Bounds:
    """Return the interval of a quotient; unbounded if the divisor's interval contains 0."""
    low, high = other
    if (low is None or low <= 0) and (high is None or high >= 0):
        return None, None
    # the reciprocal of an unbounded endpoint comes arbitrarily close to 0
    inverse = (
        0 if high is None else Fraction(1) / high,
        0 if low is None else Fraction(1) / low,
    )
    return times(one, inverse)


def rising(act: Callable[[Number], Number]) -> Callable[[list[Bounds]], Bounds]:
    """Return the interval function of a monotonic function, computed from the endpoints."""
    return lambda all_: (
        None if all_[0][0] is None else act(all_[0][0]),
        None if all_[0][1] is None else act(all_[0][1]),
    )


def absolute(all_: list[Bounds]) -> Bounds:
    """Return the interval of an absolute value."""
    low, high = all_[0]
    up = None if low is None or high is None else max(-low, high)
    if low is not None and low >= 0:
        return low, high
    if high is not None and high <= 0:
        return minus(all_[0])
    return 0, up


def clamped(all_: list[Bounds]) -> Bounds:
    """Return the interval of clamp(x, low, high), which is min(max(x, low), high)."""
    value, low, high = all_
    raised = greatest_of([value, low])
    return least_of([raised, high])


def greatest_of(all_: list[Bounds]) -> Bounds:
    """Return the interval of the maximum of several values."""
    lows = [low for low, _ in all_ if low is not None]
    return (max(lows) if lows else None), highest_end([high for _, high in all_])


def least_of(all_: list[Bounds]) -> Bounds:
    """Return the interval of the minimum of several values."""
    highs = [high for _, high in all_ if high is not None]
    return lowest_end([low for low, _ in all_]), (min(highs) if highs else None)


def sum_of(all_: list[Bounds]) -> Bounds:
    """Return the interval of a sum."""
    total: Bounds = (0, 0)
    for each in all_:
        total = shortened(plus(total, each))
    return total


def mean_of(all_: list[Bounds]) -> Bounds:
    """Return the interval of a mean."""
    share = Fraction(1, len(all_))
    return times(sum_of(all_), (share, share))


def ratio(all_: list[Bounds]) -> Bounds:
    """Return the interval of a quotient, or of the default for a divisor of 0."""
    one, other, instead = all_
    low, high = other
    holds_zero = (low is None or low <= 0) and (high is None or high >= 0)
    if not holds_zero:
        return over(one, other)
    if other == (0, 0):
        return instead
    return None, None


def rounded(all_: list[Bounds], mode: str = "half_up") -> Bounds:
    """Return the interval of round(x, to): exact if the step is fixed, else wider."""
    value, step = all_
    if step[0] is not None and step[0] == step[1] and step[0] > 0:
        to = step[0]
        return rising(lambda x: round_to(x, to, mode))([value])
    wide = Fraction(1, 2) if mode.startswith("half") else Fraction(1)
    return plus(value, _around(step, wide))


def _around(step: Bounds, wide: Fraction) -> Bounds:
    """Return how far a rounding to a multiple of a step moves a number; ``wide``: in steps."""
    least, most = step
    if least is None or least <= 0 or most is None:
        return None, None
    return -most * wide, most * wide


def root(all_: list[Bounds]) -> Bounds:
    """Return the interval of a rounded square root, which no number below 0 has."""
    (low, high), step = all_
    # whole numbers of these units enclose the root
    unit = 1 << 32
    least = 0 if low is None or low <= 0 else isqrt(floor(low * unit * unit))
    most = None
    if high is not None:
        most = Fraction(isqrt(ceil(max(high, 0) * unit * unit)) + 1, unit)
    if step[0] is not None and step[0] == step[1] and step[0] > 0:
        to = step[0].as_integer_ratio()
        exact = [
            None if end is None else number_of(rounded_root(max(end, 0).as_integer_ratio(), to))
            for end in (low or 0, high)
        ]
        return exact[0], exact[1]
    low, high = plus((Fraction(least, unit), most), _around(step, Fraction(1, 2)))
    return (0 if low is None else max(low, 0)), high


def power(all_: list[Bounds]) -> Bounds:
    """Return the interval of x ^ n; n is a whole number."""
    exponent = cast("int", all_[1][0])
    if not exponent:
        return 1, 1
    value = all_[0] if exponent % 2 else absolute(all_[:1])
    return rising(lambda x: x**exponent)([value])


def any_of(all_: list[Bounds]) -> Bounds:
    """Return the interval of a value that is one of several."""
    return lowest_end([low for low, _ in all_]), highest_end([high for _, high in all_])


def of_many(each: Bounds, most: int | None = None) -> Bounds:
    """Return the interval of the sum of a list of at most ``most`` items, perhaps of none."""
    low, high = each
    if most is not None:
        return (
            None if low is None else min(low * most, 0),
            None if high is None else max(high * most, 0),
        )
    return (
        0 if low is not None and low >= 0 else None,
        0 if high is not None and high <= 0 else None,
    )


def between_items(lists: list[Bounds]) -> Bounds:
    """Return the interval of a weighted mean: the items', unless weights may be negative."""
    items, weights = lists
    return items if weights[0] is not None and weights[0] >= 0 else (None, None)
