"""Frames in memory: expressions for all rows, and ``evaluate`` for the rows they do not cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from kpirules.codegen import backend
from kpirules.codegen.builder import PREFIX
from kpirules.dataframe import row_fallback
from kpirules.dataframe.job import ERROR, PROBLEMS
from kpirules.diagnostics.problem import json_of, text_of


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.codegen.generator import Compiled
    from kpirules.dataframe.job import Job
    from kpirules.errors import Problem

    Frame = nw.DataFrame[Any]

_VALID = f"{PREFIX}valid"


def scored(job: Job, frame: Frame) -> Frame:
    """Return the columns that the result adds, row by row."""
    if job.compiled is None:
        units, left = _nulls(job, frame), list(range(len(frame)))
    else:
        units = _evaluated(job.compiled, frame)
        valid = units[_VALID]
        left = [] if valid.all() else (~valid).arg_true().to_list()
        units = units.drop(_VALID)
    rejected: dict[int, tuple[Problem, ...]] = {}
    if left:
        places, made, rejected = row_fallback.scored(job, _records(job, frame, left))
        units = _inserted(job, units, places, made)
    if job.in_column:
        units = _with_problems(units, rejected, job.lang)
    edges = [column.edge() for column in job.columns]
    return units.select(*edges, *([ERROR, PROBLEMS] if job.in_column else []))


def _evaluated(compiled: Compiled, frame: Frame) -> Frame:
    """Evaluate all expressions."""
    named = [expr.alias(column.name) for column, expr in compiled.columns]
    # polars optimizes the whole query better than its single steps
    is_native = compiled.library is not backend.NARWHALS
    work: Any = frame.to_native().lazy() if is_native else frame
    for level in compiled.levels:
        work = work.with_columns(**level) if level else work
    # expressions that are constant over all rows take their length from the frame
    names = [column.name for column, _ in compiled.columns]
    made = work.with_columns(*named, compiled.valid.alias(_VALID)).select(*names, _VALID)
    return nw.from_native(made.collect(), eager_only=True) if is_native else made


def _nulls(job: Job, frame: Frame) -> Frame:
    """Return the columns of the result, all values null."""
    empty: dict[str, list[Any]] = {c.name: [None] * len(frame) for c in job.columns}
    schema = {column.name: column.shape.dtype for column in job.columns}
    return nw.from_dict(empty, schema=schema, backend=frame.implementation)


def _records(job: Job, frame: Frame, places: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row index, record) for some rows."""
    there = frame.select(*(_shortest(frame, c).alias(n) for n, c in job.read.items()))
    if not job.read:
        yield from ((place, {}) for place in places)
        return
    some = there if len(places) == len(frame) else there[places]
    for place, record in zip(places, some.iter_rows(named=True), strict=True):
        yield place, {**record, **{name: values[place] for name, values in job.values.items()}}


def _shortest(frame: Frame, name: str) -> nw.Expr:
    """Convert a float of fewer than 64 bits by its shortest decimal."""
    column = nw.col(name)
    is_short = isinstance(frame.schema[name], (nw.Float16, nw.Float32))
    return column.cast(nw.String).cast(nw.Float64) if is_short else column


def _inserted(job: Job, units: Frame, places: list[int], made: dict[str, list[Any]]) -> Frame:
    """Insert the values that were scored record by record into their rows."""
    if not places:
        return units
    columns: list[nw.Series[Any]] = []
    for column in job.columns:
        values = nw.new_series(
            column.name, made[column.name], column.shape.dtype, backend=units.implementation
        )
        columns.append(units[column.name].scatter(places, values))
    return units.with_columns(*columns)


def _with_problems(
    units: Frame, rejected: dict[int, tuple[Problem, ...]], lang: str | None
) -> Frame:
    """Add the columns of problems."""
    for name, form in ((ERROR, text_of), (PROBLEMS, json_of)):
        units = units.with_columns(nw.lit(None, dtype=nw.String).alias(name))
        if rejected:
            texts = [form(problems, lang) for problems in rejected.values()]
            column = nw.new_series(name, texts, nw.String, backend=units.implementation)
            units = units.with_columns(units[name].scatter(list(rejected), column))
    return units
