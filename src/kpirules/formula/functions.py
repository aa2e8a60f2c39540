"""The functions of formulas: one table for everything that needs them.

Parser, evaluation, proofs, descriptions, reserved words, random formulas of tests and the list in
the documents follow from :data:`FUNCTIONS`. The operators, which have their own syntax, are
computed in the same way.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm
from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules.arithmetic import interval as ends
from kpirules.arithmetic.interval import Bounds
from kpirules.arithmetic.number import Number, added, canonical, round_to
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


#: the maximum number of arguments of a function
MAX_ARGUMENTS = 100

#: a step of which all values are multiples; None if there is none, 0 if all values are 0
Grid: TypeAlias = "Number | None"


def _no_fault(_: Sequence[Number | None]) -> Message | None:
    return None


@attrs.frozen(kw_only=True)
class OverNumbers:
    """The computation of a function or operator from numbers, and their count."""

    least: int = 2
    most: int = 2
    value: Callable[[list[Number]], Number]
    #: the interval of its values from the intervals of its arguments
    bounds: Callable[[list[Bounds]], Bounds]
    #: the step of its values from the steps of its arguments, and from literal arguments
    grid: Callable[[list[Grid], list[Number | None]], Grid]
    #: the index of the argument that is the divisor, which must not be 0
    divisor: int | None = None
    #: whether the divisor is a step, which must not be negative either
    of_step: bool = False
    #: the error in its arguments, determined from the literal ones
    fault: Callable[[Sequence[Number | None]], Message | None] = _no_fault
    #: a formula template for the random rubrics of tests, over numbers {a} and {b}
    example: str = "{a}"


@attrs.frozen(kw_only=True)
class OverLists:
    """The computation of a function from a list of numbers, or from a list and its weights."""

    lists: int = 1
    value: Callable[[list[tuple[Number, ...]]], Number]
    #: the interval of its values from the intervals of the items of each list
    bounds: Callable[[list[Bounds]], Bounds]
    #: the step of its values from the step of the items
    grid: Callable[[Grid], Grid]
    #: whether it has a value for an empty list
    of_empty: bool = False


@attrs.frozen(kw_only=True)
class Function:
    """A function of formulas, over numbers, over lists, or both."""

    name: str
    #: its notation; alternatives are separated by commas
    usage: str
    #: the description for rule authors
    description: str
    numbers: OverNumbers | None = None
    lists: OverLists | None = None


# ---------------------------------------------------------------- values


def _round(values: list[Number]) -> Number:
    """Round half up to a multiple; a step of 0 or less counts as a division by it."""
    value, step = values
    if step <= 0:
        raise ZeroDivisionError
    return round_to(value, step, "half_up")


def _weighted(lists: list[tuple[Number, ...]]) -> Number:
    """Return the mean of a list, weighted by another."""
    values, weights = lists
    whole = added(v * w for v, w in zip(values, weights, strict=True))
    return Fraction(whole) / added(weights)


def _mean(values: Sequence[Number]) -> Number:
    return Fraction(added(values)) / len(values)


# ---------------------------------------------------------------- grids


def common(grids: Sequence[Grid]) -> Grid:
    """Return the coarsest step that divides all steps, their gcd; None if one is unknown."""
    known = [Fraction(grid) for grid in grids if grid is not None]
    if len(known) < len(grids):
        return None
    below = lcm(*(grid.denominator for grid in known))
    above = gcd(*(int(grid * below) for grid in known))
    return canonical(Fraction(above, below))


def _common_grid(grids: list[Grid], _: list[Number | None]) -> Grid:
    return common(grids)


def _product_grid(grids: list[Grid], _: list[Number | None]) -> Grid:
    """Return the grid of a product."""
    one, other = grids
    return None if one is None or other is None else canonical(Fraction(one * other))


def _mean_grid(grids: list[Grid], _: list[Number | None]) -> Grid:
    """Return the grid of a mean."""
    grid = common(grids)
    return None if grid is None else canonical(Fraction(grid) / len(grids))


def _whole_grid(*_: object) -> Grid:
    return 1


def _no_grid(*_: object) -> Grid:
    return None


def _item_grid(grid: Grid) -> Grid:
    return grid


def _rounded_grid(_: list[Grid], numbers: list[Number | None]) -> Grid:
    """Return the step of a rounded value, if it is a literal."""
    return numbers[1]


def _quotient_grid(grids: list[Grid], numbers: list[Number | None]) -> Grid:
    """Return the step of a value divided by a literal."""
    grid, divisor = grids[0], numbers[1]
    return canonical(abs(Fraction(grid) / divisor)) if grid is not None and divisor else None


def _interpolated_grid(grids: list[Grid], numbers: list[Number | None]) -> Grid:
    """Return the step of values on lines between points."""
    grid, points = grids[0], [number for number in numbers[1:] if number is not None]
    if grid is None or len(points) < len(numbers) - 1:
        return None
    xs, ys = points[::2], points[1::2]
    heights = [canonical(abs(Fraction(y))) for y in ys]
    slopes = [
        Fraction(y2 - y1) / (x2 - x1)
        for x1, x2, y1, y2 in zip(xs, xs[1:], ys, ys[1:], strict=False)
    ]
    steps = [
        canonical(abs(s * each)) for s, x in zip(slopes, xs, strict=False) for each in (grid, x)
    ]
    return common([*heights, *steps])


# ---------------------------------------------------------------- arguments


def _points_fault(numbers: Sequence[Number | None]) -> Message | None:
    """Return the error in points, which must be literals, in pairs, of rising x."""
    points = [number for number in numbers[1:] if number is not None]
    if len(points) < len(numbers) - 1:
        return Message.of("formula.points")
    if len(points) % 2:
        return Message.of("formula.points_pairs")
    falls = next((b for a, b in pairwise(points[::2]) if b <= a), None)
    if falls is not None:
        return Message.of("formula.points_rising", number=falls)
    return None


# ---------------------------------------------------------------- the tables

#: the operators, by their word in a tree
OPERATORS: dict[str, OverNumbers] = {
    "+": OverNumbers(
        value=lambda v: v[0] + v[1], bounds=lambda b: ends.plus(*b), grid=_common_grid
    ),
    "-": OverNumbers(
        value=lambda v: v[0] - v[1],
        bounds=lambda b: ends.plus(b[0], ends.minus(b[1])),
        grid=_common_grid,
    ),
    "*": OverNumbers(
        value=lambda v: v[0] * v[1], bounds=lambda b: ends.times(*b), grid=_product_grid
    ),
    "/": OverNumbers(
        value=lambda v: Fraction(v[0]) / v[1],
        bounds=lambda b: ends.over(*b),
        grid=_quotient_grid,
        divisor=1,
    ),
    "neg": OverNumbers(
        least=1, most=1, value=lambda v: -v[0], bounds=lambda b: ends.minus(b[0]), grid=_common_grid
    ),
}

_TABLE: tuple[Function, ...] = (
    Function(
        name="min",
        usage="min(a, b, ...), min(list)",
        description="the least of the numbers",
        numbers=OverNumbers(
            example="min({a}, {b}, 4)",
            most=MAX_ARGUMENTS,
            value=min,
            bounds=ends.least_of,
            grid=_common_grid,
        ),
        lists=OverLists(value=lambda v: min(v[0]), bounds=lambda b: b[0], grid=_item_grid),
    ),
    Function(
        name="max",
        usage="max(a, b, ...), max(list)",
        description="the greatest of the numbers",
        numbers=OverNumbers(
            example="max({a}, 0.5) - {b}",
            most=MAX_ARGUMENTS,
            value=max,
            bounds=ends.greatest_of,
            grid=_common_grid,
        ),
        lists=OverLists(value=lambda v: max(v[0]), bounds=lambda b: b[0], grid=_item_grid),
    ),
    Function(
        name="sum",
        usage="sum(a, b, ...), sum(list)",
        description="the sum; 0 for an empty list",
        numbers=OverNumbers(
            example="sum({a}, {b}) / 3",
            most=MAX_ARGUMENTS,
            value=added,
            bounds=ends.sum_of,
            grid=_common_grid,
        ),
        lists=OverLists(
            value=lambda v: added(v[0]),
            bounds=lambda b: ends.of_many(b[0]),
            grid=_item_grid,
            of_empty=True,
        ),
    ),
    Function(
        name="mean",
        usage="mean(a, b, ...), mean(list)",
        description="the mean",
        numbers=OverNumbers(
            example="mean({a}, {b}, 1) / 2",
            most=MAX_ARGUMENTS,
            value=_mean,
            bounds=ends.mean_of,
            grid=_mean_grid,
        ),
        lists=OverLists(value=lambda v: _mean(v[0]), bounds=lambda b: b[0], grid=_no_grid),
    ),
    Function(
        name="abs",
        usage="abs(x)",
        description="the number without its sign",
        numbers=OverNumbers(
            example="-abs({a} - {b})",
            least=1,
            most=1,
            value=lambda v: abs(Fraction(v[0])),
            bounds=ends.absolute,
            grid=_common_grid,
        ),
    ),
    Function(
        name="floor",
        usage="floor(x)",
        description="the greatest whole number that is not above x",
        numbers=OverNumbers(
            example="floor({a} / 2)",
            least=1,
            most=1,
            value=lambda v: v[0].__floor__(),
            bounds=ends.rising(lambda x: x.__floor__()),
            grid=_whole_grid,
        ),
    ),
    Function(
        name="ceil",
        usage="ceil(x)",
        description="the least whole number that is not below x",
        numbers=OverNumbers(
            example="ceil({b} / 3)",
            least=1,
            most=1,
            value=lambda v: v[0].__ceil__(),
            bounds=ends.rising(lambda x: x.__ceil__()),
            grid=_whole_grid,
        ),
    ),
    Function(
        name="round",
        usage="round(x, step)",
        description="the nearest multiple of the step; a tie is rounded away from zero",
        numbers=OverNumbers(
            example="round({a} / 3, 0.1)",
            value=_round,
            bounds=ends.rounded,
            grid=_rounded_grid,
            divisor=1,
            of_step=True,
        ),
    ),
    Function(
        name="clamp",
        usage="clamp(x, low, high)",
        description="x, but not less than low and not more than high",
        numbers=OverNumbers(
            example="clamp({a}, 1, 3) * {b}",
            least=3,
            most=3,
            value=lambda v: min(max(v[0], v[1]), v[2]),
            bounds=ends.clamped,
            grid=_common_grid,
        ),
    ),
    Function(
        name="ratio",
        usage="ratio(a, b, otherwise)",
        description="a / b; the third argument if b is 0",
        numbers=OverNumbers(
            example="ratio({a}, {b}, 0.5) * 10",
            least=3,
            most=3,
            value=lambda v: Fraction(v[0]) / v[1] if v[1] else v[2],
            bounds=ends.ratio,
            grid=_no_grid,
        ),
    ),
    Function(
        name="interpolate",
        usage="interpolate(x, x1, y1, x2, y2, ...)",
        description="y on straight lines between points of rising x; outside, the y of the end",
        numbers=OverNumbers(
            example="interpolate({a}, 0, 0, 5, 10, 9, 2.5)",
            least=5,
            most=MAX_ARGUMENTS,
            value=ends.interpolated,
            bounds=ends.between_lines,
            grid=_interpolated_grid,
            fault=_points_fault,
        ),
    ),
    Function(
        name="count",
        usage="count(list)",
        description="the number of items of a list",
        lists=OverLists(
            value=lambda v: len(v[0]), bounds=lambda _: (0, None), grid=_whole_grid, of_empty=True
        ),
    ),
    Function(
        name="wmean",
        usage="wmean(list, weights)",
        description="the mean of a list, weighted by another of the same length",
        lists=OverLists(lists=2, value=_weighted, bounds=ends.between_items, grid=_no_grid),
    ),
)

#: the functions by name, in the order of the documents
FUNCTIONS: dict[str, Function] = {function.name: function for function in _TABLE}

#: the operations of a tree by their word, over numbers and over lists
OF_NUMBERS: dict[str, OverNumbers] = OPERATORS | {
    f.name: f.numbers for f in _TABLE if f.numbers is not None
}
OF_LISTS: dict[str, OverLists] = {f.name: f.lists for f in _TABLE if f.lists is not None}

#: the names of the functions, which are reserved
OPERATIONS = frozenset(FUNCTIONS)
