"""The expression of a column of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.codegen import backend
from kpirules.codegen import fixed_point as u
from kpirules.codegen.output import BandIndex, Column, Shape
from kpirules.codegen.truth import Truth, every


if TYPE_CHECKING:
    import narwhals as nw

    from kpirules.codegen.input_expressions import Fact
    from kpirules.codegen.output import Source


def result_column(name: str, source: Source, fact: Fact, valid: Truth) -> tuple[Column, nw.Expr]:
    """Return a column of the result, which is null in rows that are not scored."""
    there = every([valid, fact.given])
    if fact.text is not None:
        shape, expr = Shape.text(), fact.text
    else:
        number = fact.number or u.constant(0)
        is_band = isinstance(source, BandIndex)
        shape = Shape.code() if is_band else Shape.of(*number.bounds, number.den)
        expr = number.expr if is_band else number.in_units(shape.den).expr
    if fact.given.expr is False:
        expr = backend.lit(None, dtype=shape.dtype)
        return Column(name=name, source=source, shape=shape), expr
    if there.expr is not True:
        expr = backend.when(there.column).then(expr)
    return Column(name=name, source=source, shape=shape), expr
