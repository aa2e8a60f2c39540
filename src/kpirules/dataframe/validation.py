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
from kpirules.evaluation.percentages import is_percentage, percent_readers, share_in
from kpirules.evaluation.record import (
    FlagReader,
    ListReader,
    OptionReader,
    RemarkReader,
    is_missing,
    readers_of,
)


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.record import Reader
    from kpirules.model.rubric import Rubric


#: Spark may format a decimal with more decimal places than this with an exponent
_SPARK_DECIMALS = 6


def wrong_types(
    plan: Plan, read: Mapping[str, str], schema: Mapping[str, nw.dtypes.DType], backend: str
) -> Iterator[tuple[str, str]]:
    """Yield (column, problem) for columns whose type cannot hold values of their input.

    ``read``: the columns that are read, by input name.
    """
    readers = readers_of(plan)
    for name, column in read.items():
        wrong = _wrong_type(readers[name], schema[column], backend)
        if wrong:
            yield column, wrong


def reserved(
    columns: Sequence[str], added: Iterable[str], backend: str
) -> Iterator[tuple[str, str]]:
    """Yield (column, problem) for columns whose names the result or the intermediate columns use.

    In SQL, "Total" and "total" are the same column.
    """
    spell = str.casefold if backend in ("DuckDB", "PySpark") else str
    there = {spell(name): name for name in columns}
    for name in added:
        if spell(name) in there:
            yield there[spell(name)], "is what the result is called; rename it"
    for name in columns:
        if spell(name).startswith(PREFIX):
            yield name, f"begins with {PREFIX}; rename it"


def twice(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return (column, problem) for each column name that occurs more than once."""
    counts = Counter(names)
    return [(name, f"is there {n} times; rename them") for name, n in counts.items() if n > 1]


def ambiguous(
    rubric: Rubric,
    wide: nw.DataFrame[Any] | nw.LazyFrame[Any],
    read: Mapping[str, str],
    values: Mapping[str, Sequence[object]],
) -> Iterator[tuple[str, str]]:
    """Yield (column, problem) for columns in memory with percentages and plain numbers like them.

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
            problem = f"holds {show(share)} beside percents such as {brief(shown)}"
            cure = f"write {show(share * 100)}% or {show(share)}%"
            yield column, f"{problem}, which is ambiguous; {cure}"


def _items(values: Iterable[object]) -> list[object]:
    """Return values, and the items of lists among them; without those that are missing."""
    found: list[object] = []
    for value in values:
        found += value if is_list(value) else [value]
    return [value for value in found if not is_missing(value)]


def _wrong_type(reader: Reader, dtype: nw.dtypes.DType, backend: str) -> str:
    """Return the problem of a column's type; empty if it has none."""
    kind = input_expressions.kind_of(dtype)
    if isinstance(reader, ListReader):
        return (
            ""
            if isinstance(dtype, nw.List) or kind in input_expressions.TEXTS
            else _expected(reader, dtype)
        )
    if isinstance(reader, (OptionReader, RemarkReader)):
        numbers = isinstance(reader, OptionReader) and reader.numbers
        allowed = input_expressions.NUMBERS if numbers else input_expressions.TEXTS
        return "" if kind in allowed else _expected(reader, dtype)
    if isinstance(reader, FlagReader):
        return "" if kind in input_expressions.FLAGS else _expected(reader, dtype)
    if kind not in input_expressions.NUMBERS:
        return _expected(reader, dtype)
    if backend == "PySpark" and isinstance(dtype, nw.Float32):
        return "is Float32, whose digits Spark does not tell; cast it to Float64 or a decimal"
    if backend == "PySpark" and isinstance(dtype, nw.Decimal) and dtype.scale > _SPARK_DECIMALS:
        return f"is {dtype}; cast it to at most {_SPARK_DECIMALS} decimals"
    return ""


def _expected(reader: Reader, dtype: nw.dtypes.DType) -> str:
    return f"holds {dtype}; allowed: {reader.allowed}"
