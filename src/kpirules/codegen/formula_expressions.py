"""Formulas over columns: a checked tree as an expression in units."""

from __future__ import annotations

from fractions import Fraction
from functools import partial, reduce
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from kpirules.arithmetic.number import canonical
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.rounding import MODES
from kpirules.codegen import fixed_point as u
from kpirules.formula.nodes import Constant, Name
from kpirules.translations.message import Message


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
        key = _WITHOUT.get(operation.word, "cannot-express.function")
        raise u.BeyondError(Message.of(key, function=operation.word))
    return make(values)


#: the keys of the texts why functions have no expression
_WITHOUT = {"ratio": "cannot-express.ratio", "given": "cannot-express.given"}


def _over(values: list[Units]) -> Units:
    """Divide by a number that is the same for every row."""
    divisor = values[1].only
    if not divisor:
        raise u.BeyondError(Message.of("cannot-express.divisor"))
    return u.times(values[0], u.constant(1 / divisor))


def _round(mode: str) -> Callable[[list[Units]], Units]:
    """Return the function that rounds to a step that is the same for every row."""

    def act(values: list[Units]) -> Units:
        step = values[1].only
        if step is None or step <= 0:
            raise u.BeyondError(Message.of("cannot-express.rounding-step"))
        return u.to_multiple(values[0], step, mode)

    return act


def _power(values: list[Units]) -> Units:
    """Multiply a number with itself; the exponent is a literal."""
    exponent = int(cast("Fraction", values[1].only))
    return reduce(u.times, [values[0]] * exponent, u.constant(1))


def _mean(values: list[Units]) -> Units:
    """Compute the mean."""
    return u.times(u.total(values), u.constant(Fraction(1, len(values))))


def _interpolate(values: list[Units], *, goes_on: bool = False) -> Units:
    """Interpolate linearly between points that are the same for every row.

    ``goes_on``: the first and the last line go on outside of the points.
    """
    x, *ends = values
    points = [end.only for end in ends if end.only is not None]
    if len(points) < len(ends):
        raise u.BeyondError(Message.of("cannot-express.points-differ"))
    xs, ys = points[::2], points[1::2]
    cases = [(u.within(x, [Range(None, (canonical(xs[0]), 1))]), u.constant(ys[0]))]
    cases = [] if goes_on else cases
    for (x1, x2), (y1, y2) in zip(pairwise(xs), pairwise(ys), strict=True):
        slope = u.constant((y2 - y1) / (x2 - x1))
        low = None if goes_on and x1 == xs[0] else (canonical(x1), 0)
        high = None if goes_on and x2 == xs[-1] else (canonical(x2), 1)
        inside = u.limited(x, Range(low, high))
        along = u.times(u.plus(inside, u.constant(-x1)), slope)
        here = u.within(x, [Range(None, (canonical(x2), 1))])
        cases.append((here, u.plus(along, u.constant(y1))))
    if goes_on:
        *cases, (_, last) = cases
        return u.chosen(cases, last)
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
    "round": _round("half_up"),
    **{f"round {mode}": _round(mode) for mode in MODES},
    "^": _power,
    "interpolate": _interpolate,
    "curve": partial(_interpolate, goes_on=True),
}
