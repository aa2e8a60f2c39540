"""Curves with a name, as formulas use them: points, which are numbers or formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number


@attrs.frozen(kw_only=True)
class CurvePoints:
    """The points of a curve, and how it goes on outside of them."""

    name: str
    #: x and y of each point: a number, or the text of a formula
    points: tuple[tuple[Number | str, Number | str], ...]
    #: the first and the last line go on; else the value is that of the nearest point
    goes_on: bool


#: the curves that formulas may use
Curves: TypeAlias = tuple[CurvePoints, ...]
