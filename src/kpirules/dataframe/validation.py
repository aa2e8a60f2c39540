"""Check the columns of a frame before any row is read; report all problems together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import narwhals as nw

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_list
from kpirules.arithmetic.number import show
from kpirules.codegen import input_expressions
from kpirules.codegen.builder import PREFIX
from kpirules.errors import Problem
from kpirules.evaluation.percentages import is_percentage, percent_readers, share_in
from kpirules.evaluation.record import (
    FlagReader,
    ListReader,
    OptionReader,
    RemarkReader,
    is_missing,
)
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.evaluation.record import Reader
    from kpirules.model.rubric import Rubric


#: Spark may format a decimal with more decimal places than this with an exponent
_SPARK_DECIMALS = 6


def wrong_types(
    readers: Mapping[str, Reader],
    read: Mapping[str, str],
    schema: Mapping[str, nw.dtypes.DType],
    backend: str,
) -> Iterator[Problem]:
    """Yield the problems of columns whose type cannot hold values of their input.

    ``read``: the columns that are read, by input name; ``readers``: what reads each of them.
    """
    for name, column in read.items():
        reader, dtype = readers[name], schema[column]
        reason, allowed = _unreadable_on_spark(dtype) if backend == "PySpark" else None, None
        if not _fits(reader, dtype):
            reason, allowed = Message.of("problem.column-type", type=str(dtype)), reader.allowed
        if reason is not None:
            yield Problem(input=column, reason=reason, allowed=allowed)


def reserved(columns: Sequence[str], added: Iterable[str], backend: str) -> Iterator[Problem]:
    """Yield the problems of columns whose names the result or the intermediate columns use.

    In SQL, "Total" and "total" are the same column.
    """
    spell = str.casefold if backend in ("DuckDB", "PySpark") else str
    there = {spell(name): name for name in columns}
    for name in added:
        if spell(name) in there:
            reason = Message.of("problem.reserved-column")
            yield Problem(input=there[spell(name)], reason=reason)
    for name in columns:
        if spell(name).startswith(PREFIX):
            reason = Message.of("problem.reserved-column_prefix", prefix=PREFIX)
            yield Problem(input=name, reason=reason)


def twice(names: Sequence[str]) -> list[Problem]:
    """Return a problem for each column name that occurs more than once."""
    counts = {name: count for name, count in Counter(names).items() if count > 1}
    key = "problem.repeated-column_name"
    return [Problem(input=n, reason=Message.of(key, count=count)) for n, count in counts.items()]


def ambiguous(
    rubric: Rubric,
    wide: nw.DataFrame[Any] | nw.LazyFrame[Any],
    read: Mapping[str, str],
    values: Mapping[str, Sequence[object]],
) -> Iterator[Problem]:
    """Yield the problems of columns in memory with percentages and plain numbers like them.

    ``values``: the original values of some columns, by input name.
    """
    if isinstance(wide, nw.LazyFrame):
        return
    for name, reader in percent_readers(rubric).items():
        column = read.get(name)
        if column is None or wide.schema[column].is_numeric():
            continue
        cells = _items(values[name] if name in values else wide[column].to_list())
        shown = next(filter(is_percentage, cells), None)
        share = next(filter(None, (share_in(cell, reader) for cell in cells)), None)
        if shown is not None and share is not None:
            reason = Message.of(
                "problem.ambiguous-percentage_column",
                number=show(share),
                percentage=brief(shown),
                hundred=show(share * 100),
            )
            yield Problem(input=column, reason=reason)


def _items(values: Iterable[object]) -> list[object]:
    """Return values, and the items of lists among them; without those that are missing."""
    found: list[object] = []
    for value in values:
        found += value if is_list(value) else [value]
    return [value for value in found if not is_missing(value)]


def _fits(reader: Reader, dtype: nw.dtypes.DType) -> bool:
    """Return whether the type of a column can hold values of its input."""
    kind = input_expressions.kind_of(dtype)
    if isinstance(reader, ListReader):
        return isinstance(dtype, nw.List) or kind in input_expressions.TEXTS
    if isinstance(reader, (OptionReader, RemarkReader)):
        numbers = isinstance(reader, OptionReader) and reader.numbers
        return kind in (input_expressions.NUMBERS if numbers else input_expressions.TEXTS)
    if isinstance(reader, FlagReader):
        return kind in input_expressions.FLAGS
    return kind in input_expressions.NUMBERS


def _unreadable_on_spark(dtype: nw.dtypes.DType) -> Message | None:
    """Return the problem of a type whose digits Spark does not give."""
    if isinstance(dtype, nw.Float32):
        return Message.of("problem.column-type_float32")
    if isinstance(dtype, nw.Decimal) and dtype.scale > _SPARK_DECIMALS:
        key = "problem.column-type_decimals"
        return Message.of(key, type=str(dtype), decimals=_SPARK_DECIMALS)
    return None
