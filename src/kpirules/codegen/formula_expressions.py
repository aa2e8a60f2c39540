"""Formulas over columns: a checked tree as an expression in units."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from kpirules.arithmetic.number import canonical
from kpirules.arithmetic.range import Range
from kpirules.codegen import fixed_point as u
from kpirules.formula.nodes import Constant, Name


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpirules.codegen.fixed_point import Units
    from kpirules.formula.nodes import Node, Operation


def column_of(node: Node, names: Mapping[str, Units]) -> Units:
    """Compute a formula for each row.

    Raises :class:`~kpirules.codegen.fixed_point.BeyondError` if that is not possible exactly.
    """
    if isinstance(node, Constant):
        return u.constant(node.number)
    if isinstance(node, Name):
        return names[node.name]
    # a rubric with lists is refused at its inputs
    operation = cast("Operation", node)
    values = [column_of(argument, names) for argument in operation.arguments]
    make = _MAKERS.get(operation.word)
    if make is None:
        reason = _WITHOUT.get(operation.word, "has no expression over columns")
        raise u.BeyondError(f'"{operation.word}" {reason}')
    return make(values)


#: why functions have no expression
_WITHOUT = {"ratio": "gives fractions whose denominators differ by row"}


def _over(values: list[Units]) -> Units:
    """Divide by a number that is the same for every row."""
    divisor = values[1].only
    if not divisor:
        raise u.BeyondError("divides by what differs from row to row")
    return u.times(values[0], u.constant(1 / divisor))


def _round(values: list[Units]) -> Units:
    """Round half up to a step that is the same for every row."""
    step = values[1].only
    if step is None or step <= 0:
        raise u.BeyondError("rounds to what differs from row to row")
    return u.to_multiple(values[0], step, "half_up")


def _mean(values: list[Units]) -> Units:
    """Compute the mean."""
    return u.times(u.total(values), u.constant(Fraction(1, len(values))))


def _interpolate(values: list[Units]) -> Units:
    """Interpolate linearly between points that are the same for every row."""
    x, *ends = values
    # the grammar lets nothing but numbers stand there
    points = [end.only or Fraction() for end in ends]
    xs, ys = points[::2], points[1::2]
    cases = [(u.within(x, [Range(None, (canonical(xs[0]), 1))]), u.constant(ys[0]))]
    for (x1, x2), (y1, y2) in zip(pairwise(xs), pairwise(ys), strict=True):
        slope = u.constant((y2 - y1) / (x2 - x1))
        inside = u.limited(x, Range.closed(canonical(x1), canonical(x2)))
        along = u.times(u.plus(inside, u.constant(-x1)), slope)
        here = u.within(x, [Range(None, (canonical(x2), 1))])
        cases.append((here, u.plus(along, u.constant(y1))))
    return u.chosen(cases, u.constant(ys[-1]))


_MAKERS: dict[str, Callable[[list[Units]], Units]] = {
    "+": lambda v: u.plus(*v),
    "-": lambda v: u.plus(v[0], u.negative(v[1])),
    "*": lambda v: u.times(*v),
    "/": _over,
    "neg": lambda v: u.negative(*v),
    "min": lambda v: reduce(u.lesser, v),
    "max": lambda v: reduce(u.greater, v),
    "sum": u.total,
    "mean": _mean,
    "clamp": lambda v: u.lesser(u.greater(v[0], v[1]), v[2]),
    "abs": lambda v: u.size(*v),
    "floor": lambda v: u.to_multiple(v[0], Fraction(1), "floor"),
    "ceil": lambda v: u.to_multiple(v[0], Fraction(1), "ceiling"),
    "round": _round,
    "interpolate": _interpolate,
}
