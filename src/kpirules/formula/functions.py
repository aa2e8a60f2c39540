"""The functions of formulas: one table for everything that needs them.

Parser, evaluation, proofs, descriptions, reserved words, random formulas of tests and the list in
the documents follow from :data:`FUNCTIONS`. The operators, which have their own syntax, are
computed in the same way.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import gcd, lcm
from typing import TYPE_CHECKING, cast

from kpirules.arithmetic import interval as ends
from kpirules.arithmetic import lines
from kpirules.arithmetic import ratio as ratios
from kpirules.arithmetic.number import Number, canonical
from kpirules.arithmetic.rounding import MODES
from kpirules.formula import values
from kpirules.formula.signature import (
    MAX_ARGUMENTS,
    MAX_EXPONENT,
    Function,
    Grid,
    OverLists,
    OverNumbers,
    Selection,
)
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.arithmetic.interval import Bounds


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


def _power_grid(grids: list[Grid], numbers: list[Number | None]) -> Grid:
    """Return the grid of a power."""
    grid, exponent = grids[0], cast("int", numbers[1])
    if not exponent:
        return 1
    return None if grid is None else canonical(Fraction(grid) ** exponent)


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
    # of points that are formulas, no grid is known
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


def _exponent_fault(numbers: Sequence[Number | None]) -> Message | None:
    """Return the error in an exponent, which must be a literal."""
    exponent = numbers[1]
    if isinstance(exponent, int) and 0 <= exponent <= MAX_EXPONENT:
        return None
    return Message.of("formula.exponent", most=MAX_EXPONENT)


def _points_fault(numbers: Sequence[Number | None]) -> Message | None:
    """Return the error in points, which must be in pairs, and of rising x as far as is known."""
    points = numbers[1:]
    if len(points) % 2:
        return Message.of("formula.points_pairs")
    pairs = pairwise(points[::2])
    falls = next((b for a, b in pairs if a is not None and b is not None and b <= a), None)
    if falls is not None:
        return Message.of("formula.points_rising", number=falls)
    return None


# ---------------------------------------------------------------- the tables

#: the operators, by their word in a tree
OPERATORS: dict[str, OverNumbers] = {
    "+": OverNumbers(value=ratios.plus, bounds=lambda b: ends.plus(*b), grid=_common_grid),
    "-": OverNumbers(
        value=ratios.minus,
        bounds=lambda b: ends.plus(b[0], ends.minus(b[1])),
        grid=_common_grid,
    ),
    "*": OverNumbers(value=ratios.times, bounds=lambda b: ends.times(*b), grid=_product_grid),
    "/": OverNumbers(
        value=ratios.over,
        bounds=lambda b: ends.over(*b),
        grid=_quotient_grid,
        divisor=1,
    ),
    "^": OverNumbers(
        value=values.power,
        bounds=ends.power,
        grid=_power_grid,
        fault=_exponent_fault,
    ),
    "neg": OverNumbers(
        least=1,
        most=1,
        value=ratios.negative,
        bounds=lambda b: ends.minus(b[0]),
        grid=_common_grid,
    ),
}


def _rounding(mode: str, example: str) -> OverNumbers:
    """Return the computation of round by one of the modes."""
    return OverNumbers(
        example=example,
        value=values.rounded(mode),
        bounds=partial(ends.rounded, mode=mode),
        grid=_rounded_grid,
        divisor=1,
        of_step=True,
    )


def _item_bounds(bounds: list[Bounds], _: int | None) -> Bounds:
    """Return the bounds of a value that lies between the items of a list."""
    return bounds[0]


_TABLE: tuple[Function, ...] = (
    Function(
        name="min",
        usage="min(a, b, ...), min(list)",
        description="the least of the numbers",
        numbers=OverNumbers(
            example="min({a}, {b}, 4)",
            most=MAX_ARGUMENTS,
            value=ratios.least,
            bounds=ends.least_of,
            grid=_common_grid,
        ),
        lists=OverLists(value=values.of_list(ratios.least), bounds=_item_bounds, grid=_item_grid),
    ),
    Function(
        name="max",
        usage="max(a, b, ...), max(list)",
        description="the greatest of the numbers",
        numbers=OverNumbers(
            example="max({a}, 0.5) - {b}",
            most=MAX_ARGUMENTS,
            value=ratios.greatest,
            bounds=ends.greatest_of,
            grid=_common_grid,
        ),
        lists=OverLists(
            value=values.of_list(ratios.greatest), bounds=_item_bounds, grid=_item_grid
        ),
    ),
    Function(
        name="sum",
        usage="sum(a, b, ...), sum(list)",
        description="the sum; 0 for an empty list",
        numbers=OverNumbers(
            example="sum({a}, {b}) / 3",
            most=MAX_ARGUMENTS,
            value=values.total,
            bounds=ends.sum_of,
            grid=_common_grid,
        ),
        lists=OverLists(
            value=lambda v: values.sum_of_list(v[0]),
            bounds=lambda b, most: ends.of_many(b[0], most),
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
            value=values.mean,
            bounds=ends.mean_of,
            grid=_mean_grid,
        ),
        lists=OverLists(
            value=lambda v: values.mean_of_list(v[0]), bounds=_item_bounds, grid=_no_grid
        ),
    ),
    Function(
        name="abs",
        usage="abs(x)",
        description="the number without its sign",
        numbers=OverNumbers(
            example="-abs({a} - {b})",
            least=1,
            most=1,
            value=ratios.absolute,
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
            value=ratios.floor,
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
            value=ratios.ceiling,
            bounds=ends.rising(lambda x: x.__ceil__()),
            grid=_whole_grid,
        ),
    ),
    Function(
        name="round",
        usage="round(x, step), round(x, step, mode)",
        description="the nearest multiple of the step; a tie away from zero, or by the mode",
        numbers=_rounding("half_up", "round({a} / 3, 0.1)"),
        choices={mode: _rounding(mode, f'round({{a}} / 7, 0.5, "{mode}")') for mode in MODES},
    ),
    Function(
        name="root",
        usage="root(x, step)",
        description="the square root, rounded half up to a multiple of the step",
        numbers=OverNumbers(
            example="root(abs({a}) + 2, 0.01) - {b}",
            value=values.root,
            bounds=ends.root,
            grid=_rounded_grid,
            divisor=1,
            of_step=True,
        ),
    ),
    Function(
        name="given",
        usage="given(a, b, ...)",
        description="the first of the numbers that is not missing",
        numbers=OverNumbers(
            example="given({a} * 2, {b}, 3)",
            most=MAX_ARGUMENTS,
            value=values.first,
            bounds=ends.any_of,
            grid=_common_grid,
            of_given=True,
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
            value=ratios.clamped,
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
            value=values.quotient,
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
            value=ratios.by_numbers(lines.on_lines),
            bounds=lines.bounds_on_lines,
            grid=_interpolated_grid,
            fault=_points_fault,
            is_lines=True,
        ),
    ),
    Function(
        name="curve",
        usage="curve(x, NAME)",
        description="y on the curve NAME, which has a table of its own: [curves.NAME]",
        is_curve=True,
    ),
    Function(
        name="count",
        usage="count(list)",
        description="the number of items of a list",
        lists=OverLists(
            value=lambda v: (len(v[0]), 1),
            bounds=lambda _, most: (0, most),
            grid=_whole_grid,
            of_empty=True,
            of_any=True,
        ),
    ),
    Function(
        name="wmean",
        usage="wmean(list, weights)",
        description="the mean of a list, weighted by another of the same length",
        lists=OverLists(
            lists=2,
            value=values.weighted,
            bounds=lambda b, _: ends.between_items(b),
            grid=_no_grid,
        ),
    ),
    Function(
        name="highest",
        usage="highest(list, n)",
        description="the n highest items, or all if there are fewer; in a function of a list",
        selects=Selection(places=values.highest, most=lambda n: n),
    ),
    Function(
        name="lowest",
        usage="lowest(list, n)",
        description="the n lowest items, or all if there are fewer; in a function of a list",
        selects=Selection(places=values.lowest, most=lambda n: n),
    ),
    Function(
        name="trim",
        usage="trim(list, n)",
        description="the list without its n highest and n lowest items; in a function of a list",
        selects=Selection(places=values.trimmed, most=lambda _: None, not_empty=True),
    ),
    Function(
        name="item",
        usage="item(list, n, otherwise)",
        description="the n-th item of a list, from 1; the third argument if there is none",
        is_item=True,
    ),
)

#: the functions by name, in the order of the documents
FUNCTIONS: dict[str, Function] = {function.name: function for function in _TABLE}

#: the operations of a tree by their word, over numbers and over lists
OF_NUMBERS: dict[str, OverNumbers] = (
    OPERATORS
    | {f.name: f.numbers for f in _TABLE if f.numbers is not None}
    # with a word in quotes, which follows the name of the function
    | {f"{f.name} {word}": each for f in _TABLE for word, each in f.choices.items()}
)
#: a curve that goes on beyond its points; any other one is a case of interpolate
OF_NUMBERS["curve"] = OverNumbers(
    least=5,
    most=MAX_ARGUMENTS,
    value=ratios.by_numbers(partial(lines.on_lines, goes_on=True)),
    bounds=partial(lines.bounds_on_lines, goes_on=True),
    grid=_interpolated_grid,
    fault=_points_fault,
    is_lines=True,
)
OF_LISTS: dict[str, OverLists] = {f.name: f.lists for f in _TABLE if f.lists is not None}
SELECTIONS: dict[str, Selection] = {f.name: f.selects for f in _TABLE if f.selects is not None}

#: the names of the functions, which are reserved
OPERATIONS = frozenset(FUNCTIONS)
