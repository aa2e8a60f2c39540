"""Lists of numbers, read together: what they have in common is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import lcm
from typing import Final, cast

from kpirules._internal.caching import BoundedCache
from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.number import LIMIT, MAX_DIGITS, Number
from kpirules.arithmetic.ratio import Numbers, Ratio, number_of


#: classes of numbers that are read together
_PLAIN: Final = frozenset({int, Decimal})


class _Known(BoundedCache[Ratio, Number]):
    """The numbers of ratios that lists have again and again."""

    __slots__ = ()

    def __missing__(self, ratio: Ratio) -> Number:
        number = number_of(ratio)
        self.keep(ratio, number)
        return number


_NUMBERS = _Known()


def _is_short(value: int | Decimal) -> bool:
    """Check whether an integer or a decimal is a number that may be within the limits."""
    if isinstance(value, int):
        return bool(-LIMIT < value < LIMIT)
    return value.is_finite() and -MAX_DIGITS <= value.adjusted() < MAX_DIGITS


def numbers_of(values: Sequence[object], axis: Axis, *, is_whole: bool) -> Numbers | None:
    """Return integers and decimals as numbers of an axis, also counted in a common unit.

    None if there are values of other classes, or if one may be not allowed.
    """
    if not values or not _PLAIN.issuperset(map(type, values)):
        return None
    plain = cast("Sequence[int | Decimal]", values)
    ratios = [value.as_integer_ratio() for value in plain if _is_short(value)]
    below = lcm(*[below for _, below in ratios])
    if len(ratios) < len(values) or below > (1 if is_whole else LIMIT):
        return None
    units = [above * (below // each) for above, each in ratios]
    ends = _NUMBERS[min(units), below], _NUMBERS[max(units), below]
    if not all(map(axis.domain.contains, ends)):
        return None
    step = axis.step
    if step is not None and any(u * step.denominator % (step.numerator * below) for u in units):
        return None
    numbers = Numbers(map(_NUMBERS.__getitem__, ratios))
    numbers.units = units, below
    return numbers
