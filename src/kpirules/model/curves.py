"""Curves: lines between points, which formulas use by their name."""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any, final

import attrs
from attrs import field

from kpirules._internal.typeguards import is_list_or_tuple
from kpirules.model.language import key
from kpirules.model.values import (
    NumberLike,
    Value,
    every,
    number_or_formula,
    parts,
    wrong,
    wrong_kind,
)
from kpirules.model.vocabulary import Beyond, beyond, name_text


#: the fewest and the most points of a curve
MIN_POINTS, MAX_POINTS = 2, 49


@final
@attrs.frozen
class Point(Value):
    """One point of a curve: a number, or the text of a formula, for x and for y."""

    x: Decimal | str = field(converter=number_or_formula)
    y: Decimal | str = field(converter=number_or_formula)


#: the accepted types for a point
PointLike = Point | Sequence[NumberLike | str]


def _point(value: Any) -> Point:  # noqa: ANN401 - any value of a file or a program
    """Convert a point: a list of x and y."""
    if isinstance(value, Point):
        return value
    if not is_list_or_tuple(value):
        raise wrong_kind("point", value)
    if len(value) != 2:  # noqa: PLR2004 - x and y
        raise wrong("point_length", length=len(value))
    x, y = every(((i,), each, partial(number_or_formula, each)) for i, each in enumerate(value))
    return Point(x, y)


def _points(value: Sequence[PointLike]) -> tuple[Point, ...]:
    """Convert the points of a curve."""
    found = parts(value)
    if not MIN_POINTS <= len(found) <= MAX_POINTS:
        raise wrong("points", least=MIN_POINTS, most=MAX_POINTS, length=len(found))
    return every(((i,), each, partial(_point, each)) for i, each in enumerate(found))


@final
@attrs.frozen(kw_only=True)
class Curve(Value):
    """Straight lines between points, which formulas use as curve(x, NAME).

    >>> Curve(name="payout", points=[[80, 50], [100, "base"]]).points[1]
    Point(x=Decimal('100'), y='base')
    """

    name: str = field(converter=name_text, metadata=key(header=True))
    points: tuple[Point, ...] = field(
        converter=_points,
        metadata=key(
            "The points, each [x, y], with rising x: numbers or formulas.",
            essential=True,
            fallback=((0, 0), (1, 0)),
        ),
    )
    beyond: Beyond = field(
        default="end",
        converter=beyond,
        metadata=key(
            "The value outside of the points.",
            words={
                "end": "that of the nearest point",
                "straight": "the first and the last line go on",
            },
        ),
    )
