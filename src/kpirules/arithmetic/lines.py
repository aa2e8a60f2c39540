"""Straight lines between points of rising x: values, and their intervals.

Arguments are x, then the points: x1, y1, x2, y2, ... Outside of the points, the value is that of
the nearest point, or the first and the last line go on (``goes_on``).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from kpirules.arithmetic.interval import (
    Bounds,
    clamped,
    greatest_of,
    least_of,
    minus,
    over,
    plus,
    times,
)
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.arithmetic.number import Number


class NotRisingError(MessageError):
    """Points whose x do not rise."""

    #: the code of the finding that excludes them
    code = "not-rising"

    def __init__(self, before: Number, after: Number) -> None:
        super().__init__(Message.of("problem.not-rising", before=before, after=after))


def on_lines(values: Sequence[Number], *, goes_on: bool = False) -> Number:
    """Return y at x; raise :class:`NotRisingError` if the x of the points do not rise.

    >>> on_lines([3, 0, 0, 2, 10, 4, 30]), on_lines([5, 0, 0, 2, 10, 4, 30])
    (Fraction(20, 1), 30)
    >>> on_lines([5, 0, 0, 2, 10, 4, 30], goes_on=True)
    Fraction(40, 1)
    """
    x, points = values[0], list(zip(values[1::2], values[2::2], strict=True))
    for (before, _), (after, _) in pairwise(points):
        if after <= before:
            raise NotRisingError(before, after)
    if not goes_on and x <= points[0][0]:
        return points[0][1]
    if not goes_on and x >= points[-1][0]:
        return points[-1][1]
    lines = list(pairwise(points))
    (x1, y1), (x2, y2) = next((line for line in lines if x <= line[1][0]), lines[-1])
    return y1 + Fraction(y2 - y1) / (x2 - x1) * (x - x1)


def bounds_on_lines(all_: list[Bounds], *, goes_on: bool = False) -> Bounds:
    """Return the interval of y; exact if the points are numbers."""
    flat = [low for low, high in all_[1:] if low is not None and low == high]
    if len(flat) == len(all_) - 1:
        try:
            return _exact(all_[0], flat, goes_on=goes_on)
        except NotRisingError:
            return None, None
    x, points = all_[0], list(zip(all_[1::2], all_[2::2], strict=True))
    first, last = points[0], points[-1]
    parts = [
        _between(x, one, other)
        for one, other in pairwise(points)
        if _may_be_below(one[0], x) and _may_be_below(x, other[0])
    ]
    if _may_be_below(x, first[0]):
        parts.append(_along(x, first, points[1]) if goes_on else first[1])
    if _may_be_below(last[0], x):
        parts.append(_along(x, points[-2], last) if goes_on else last[1])
    return least_of(parts)[0], greatest_of(parts)[1]


def _exact(x: Bounds, flat: list[Number], *, goes_on: bool) -> Bounds:
    """Return the interval of y between points that are numbers."""
    low, high = x
    xs, ys = flat[0::2], flat[1::2]
    at = [
        xs[0] if low is None else low,
        *(each for each in xs if (low is None or low < each) and (high is None or each < high)),
        xs[-1] if high is None else high,
    ]
    values = [on_lines([each, *flat], goes_on=goes_on) for each in at]
    least, most = min(values), max(values)
    # the directions in which lines that go on leave all bounds
    falls = goes_on and ((low is None and ys[0] < ys[1]) or (high is None and ys[-1] < ys[-2]))
    rises = goes_on and ((low is None and ys[0] > ys[1]) or (high is None and ys[-1] > ys[-2]))
    return None if falls else least, None if rises else most


#: the intervals of x and y of a point
_Point: TypeAlias = tuple[Bounds, Bounds]


def _may_be_below(one: Bounds, other: Bounds) -> bool:
    """Check whether a number of an interval may be at most one of another."""
    return one[0] is None or other[1] is None or one[0] <= other[1]


def _between(x: Bounds, one: _Point, other: _Point) -> Bounds:
    """Return the interval of y between two points: within theirs, and near the line."""
    hull = least_of([one[1], other[1]])[0], greatest_of([one[1], other[1]])[1]
    share = clamped([_share(x, one, other), (0, 0), (1, 1)])
    near = plus(one[1], times(plus(other[1], minus(one[1])), share))
    lows = [end for end in (hull[0], near[0]) if end is not None]
    highs = [end for end in (hull[1], near[1]) if end is not None]
    return max(lows, default=None), min(highs, default=None)


def _along(x: Bounds, one: _Point, other: _Point) -> Bounds:
    """Return the interval of y on the line through two points."""
    return plus(one[1], times(plus(other[1], minus(one[1])), _share(x, one, other)))


def _share(x: Bounds, one: _Point, other: _Point) -> Bounds:
    """Return the interval of where x is, counted in the distance of two points."""
    return over(plus(x, minus(one[0])), plus(other[0], minus(one[0])))
