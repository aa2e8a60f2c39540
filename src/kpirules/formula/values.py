"""The values of the functions of formulas, on ratios."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from kpirules.arithmetic import ratio as ratios
from kpirules.arithmetic.number import Number, sum_of
from kpirules.arithmetic.ratio import Numbers, Ratio
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class NegativeRootError(MessageError):
    """A square root of a number below 0."""

    def __init__(self) -> None:
        super().__init__(Message.of("problem.negative-root"))


def rounded(mode: str) -> Callable[[Ratio, Ratio], Ratio]:
    """Return the function that rounds to a multiple; a step of 0 or less divides by 0."""

    def act(value: Ratio, step: Ratio) -> Ratio:
        if step[0] <= 0:
            raise ZeroDivisionError
        return ratios.rounded(value, step, mode)

    return act


def root(value: Ratio, step: Ratio) -> Ratio:
    """Return the square root, rounded half up to a multiple of a step, as ``round`` does."""
    if step[0] <= 0:
        raise ZeroDivisionError
    if value[0] < 0:
        raise NegativeRootError
    return ratios.rounded_root(value, step)


def power(value: Ratio, exponent: Ratio) -> Ratio:
    """Return a power with a whole exponent."""
    return value[0] ** exponent[0], value[1] ** exponent[0]


def first(value: Ratio, *_: Ratio) -> Ratio:
    """Return the first of some values."""
    return value


def of_list(act: Callable[..., Ratio]) -> Callable[[list[Sequence[Number]]], Ratio]:
    """Return the function of a list that is a function of its items."""
    return lambda lists: act(*_ratios(lists[0]))


def highest(items: Sequence[Number], count: int) -> list[int]:
    """Return the places of the highest items; of equal ones, the first."""
    return sorted(sorted(range(len(items)), key=lambda i: -items[i])[:count])


def lowest(items: Sequence[Number], count: int) -> list[int]:
    """Return the places of the lowest items; of equal ones, the first."""
    return sorted(sorted(range(len(items)), key=items.__getitem__)[:count])


def trimmed(items: Sequence[Number], count: int) -> list[int]:
    """Return the places of all items but so many highest and so many lowest ones."""
    return sorted(sorted(range(len(items)), key=items.__getitem__)[count : len(items) - count])


def _ratios(numbers: Sequence[Number]) -> list[Ratio]:
    return [number.as_integer_ratio() for number in numbers]


def total(*ratios: Ratio) -> Ratio:
    """Return the sum."""
    return sum_of(ratios)


def mean(*ratios: Ratio) -> Ratio:
    """Return the mean."""
    above, below = sum_of(ratios)
    return above, below * len(ratios)


def _units(numbers: Sequence[Number]) -> tuple[list[int], int] | None:
    """Return whole numbers of a common unit, and its denominator, if they are known."""
    return numbers.units if isinstance(numbers, Numbers) else None


def sum_of_list(numbers: Sequence[Number]) -> Ratio:
    """Return the sum of a list."""
    units = _units(numbers)
    return total(*_ratios(numbers)) if units is None else (sum(units[0]), units[1])


def mean_of_list(numbers: Sequence[Number]) -> Ratio:
    """Return the mean of a list."""
    above, below = sum_of_list(numbers)
    return above, below * len(numbers)


def weighted(lists: list[Sequence[Number]]) -> Ratio:
    """Return the mean of a list, weighted by another."""
    values, weights = lists
    some, others = map(_units, lists)
    if some is None or others is None:
        pairs = zip(_ratios(values), _ratios(weights), strict=True)
        products = sum_of([ratios.times(value, weight) for value, weight in pairs])
    else:
        products = sum(map(mul, some[0], others[0])), some[1] * others[1]
    return ratios.over(products, sum_of_list(weights))


def quotient(one: Ratio, other: Ratio, otherwise: Ratio) -> Ratio:
    """Return a quotient; of a divisor of 0 another value."""
    return ratios.over(one, other) if other[0] else otherwise
