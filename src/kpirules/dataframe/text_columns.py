"""Columns of texts that are all plain numbers, as columns of numbers: they are evaluated faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from kpirules.codegen.input_expressions import PLAIN


if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    Frame = nw.DataFrame[Any]


#: texts that mean "missing" in every column
_MISSING = ("", "n/a", "N/A")


def with_numbers(frame: Frame, columns: Iterable[str]) -> Frame:
    """Return a frame of polars with numbers in place of texts, if a column has no other texts.

    ``columns``: those that hold numbers. Only whole numbers as they are usually written, and
    decimals of which a float holds every digit, are converted; a blank cell becomes null. Frames of
    other libraries are returned unchanged.
    """
    texts = [name for name in columns if isinstance(frame.schema[name], nw.String)]
    if not texts or not frame.implementation.is_polars():
        return frame
    import polars as pl  # noqa: PLC0415 - the frame is one of polars

    wide: pl.DataFrame = frame.to_native()
    # most columns of numbers have few different texts
    distinct = wide.select(pl.col(texts).unique().implode())
    types = {name: _type_of(distinct[name].explode()) for name in texts}
    found = (pl.col(n).cast(t, strict=False) for n, t in types.items() if t is not None)
    return nw.from_native(wide.with_columns(found), eager_only=True)


def _type_of(texts: pl.Series) -> type[pl.DataType] | None:
    """Return the type of numbers that holds each text, or null for it if it means "missing"."""
    import polars as pl  # noqa: PLC0415 - as above

    given = texts.filter(~texts.is_in(_MISSING))
    if (given.cast(pl.Int64, strict=False).cast(pl.String) == given).fill_null(value=False).all():
        return pl.Int64
    return pl.Float64 if given.str.contains(PLAIN).all() else None
