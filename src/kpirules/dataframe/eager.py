"""Frames in memory: expressions for all rows, and ``evaluate`` for the rows they do not cover."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import attrs
import narwhals as nw

from kpirules._internal.logs import LOGGER
from kpirules.codegen import backend
from kpirules.codegen.builder import PREFIX
from kpirules.dataframe import row_fallback, row_groups
from kpirules.dataframe.job import ERROR, PROBLEMS
from kpirules.dataframe.row_groups import Groups
from kpirules.diagnostics.problem import json_of, text_of
from kpirules.diagnostics.problem_patterns import filled


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpirules.codegen.cohort_expressions import Members
    from kpirules.codegen.compiled_plan import Compiled
    from kpirules.dataframe.job import Job
    from kpirules.errors import Problem

    Frame = nw.DataFrame[Any]

_VALID = f"{PREFIX}valid"
_NUMBER = f"{PREFIX}number"


@attrs.frozen
class Akin:
    """Rows whose problems are those of another row except for the values that they show."""

    #: the number of the problems of that row, and its values by name
    number: int
    own: dict[str, object]
    #: the values of these rows, by name
    values: dict[str, list[object]]


@attrs.define
class Rejected:
    """Rejected rows, and for each the number of its texts."""

    #: the problems of some rows, whose texts are numbered first
    problems: list[tuple[Problem, ...]] = attrs.field(factory=list["tuple[Problem, ...]"])
    #: rows with such problems that show other values; their texts are numbered next, in order
    akin: list[Akin] = attrs.field(factory=list["Akin"])
    #: the problems of further rows, numbered last
    further: list[tuple[Problem, ...]] = attrs.field(factory=list["tuple[Problem, ...]"])
    places: list[int] = attrs.field(factory=list[int])
    numbers: list[int] = attrs.field(factory=list[int])

    def texts(self, lang: str | None) -> tuple[list[str], list[str]]:
        """Return all texts by their numbers, as the columns of problems have them."""
        texts = [text_of(each, lang) for each in self.problems]
        objects = [json_of(each, lang) for each in self.problems]
        for rows in self.akin:
            more, lists = filled(self.problems[rows.number], rows.own, rows.values, lang)
            texts += more
            objects += lists
        texts += [text_of(each, lang) for each in self.further]
        objects += [json_of(each, lang) for each in self.further]
        return texts, objects


def scored(job: Job, frame: Frame, typed: Frame | None = None) -> Frame:
    """Return the columns that the result adds, row by row.

    ``typed``: the frame for which the expressions are made, if its columns have other types.
    """
    typed = frame if typed is None else typed
    if job.compiled is None:
        units, left = _nulls(job, frame), list(range(len(frame)))
    else:
        units = _evaluated(job.compiled, typed)
        valid = units[_VALID]
        left = [] if valid.all() else (~valid).arg_true().to_list()
        units = units.drop(_VALID)
    rejected = Rejected()
    if left:
        groups = _groups(job, frame, typed, left)
        places, made, rejected = _scored_by_record(job, frame, left, groups)
        units = _inserted(job, units, places, made)
    return _at_the_edge(job, units, rejected)


def made_by_columns(
    job: Job, compiled: Compiled, frame: Frame, more: Mapping[str, nw.Series[Any]]
) -> Frame | None:
    """Return the columns that the result adds, from expressions; None if a row needs ``evaluate``.

    ``more``: further columns of the job, in units.
    """
    units = _evaluated(compiled, frame)
    if not units[_VALID].all():
        return None
    return _at_the_edge(job, units.with_columns(**more), Rejected())


def made_by_record(
    job: Job, frame: Frame, places: list[int], made: dict[str, list[Any]], rejected: Rejected
) -> Frame:
    """Return the columns that the result adds, from the values of the rows that are scored."""
    return _at_the_edge(job, _inserted(job, _nulls(job, frame), places, made), rejected)


def _at_the_edge(job: Job, units: Frame, rejected: Rejected) -> Frame:
    """Return columns as people read them, with those of problems."""
    if job.in_column:
        units = _with_problems(units, rejected, job.lang)
    edges = [column.edge() for column in job.columns]
    return units.select(*edges, *([ERROR, PROBLEMS] if job.in_column else []))


def _groups(job: Job, frame: Frame, typed: Frame, places: list[int]) -> Groups:
    """Return groups of some rows with the same problems."""
    if job.compiled is None or not job.in_column:
        return Groups(range(len(places)))
    some = frame[places]
    alike = some if typed is frame else typed[places]
    flags = of_levels(job.compiled, alike, row_groups.conditions(job.compiled))

    def values_of(name: str) -> Sequence[object]:
        if name in job.values:
            return [job.values[name][place] for place in places]
        return some.select(_shortest(some, job.read[name]))[job.read[name]].to_list()

    return row_groups.groups(job.readers, flags, values_of)


def _scored_by_record(
    job: Job, frame: Frame, left: list[int], groups: Groups
) -> tuple[list[int], dict[str, list[Any]], Rejected]:
    """Score rows record by record, and of those with the same problems only the first.

    Returns the indexes of the scored rows, the values of each column there, and the rejected rows.
    """
    first = sorted({*groups.first})
    akin = [groups.akin.get(i, i) for i in first]
    heads = sorted({*akin})
    some = [left[i] for i in heads]
    places, made, problems = row_fallback.scored(job, records_of(job, frame, some))
    told = {i: n for n, i in enumerate(i for i in heads if left[i] in problems)}
    rejected = Rejected(list(problems.values()))
    alike: dict[int, list[int]] = {}
    for i, head in zip(first, akin, strict=True):
        if i != head and head in told:
            alike.setdefault(head, []).append(i)
    shown = groups.shown.items()
    for head, rows in alike.items():
        own = {name: cells[head] for name, cells in shown}
        values = {name: [cells[i] for i in rows] for name, cells in shown}
        rejected.akin.append(Akin(told[head], own, values))
        told.update(zip(rows, count(len(told))))
    pairs = [(place, told[i]) for place, i in zip(left, groups.first, strict=True) if i in told]
    rejected.places = [place for place, _ in pairs]
    rejected.numbers = [number for _, number in pairs]
    if len(pairs) < len(left):
        known = {*some, *rejected.places}
        rest = [place for place in left if place not in known]
        more, values, others = row_fallback.scored(job, records_of(job, frame, rest))
        places += more
        made = {name: made[name] + values[name] for name in made}
        rejected.further += others.values()
        rejected.places += others
        rejected.numbers += range(len(told), len(told) + len(others))
    if rejected.places:
        LOGGER.info("rejected rows of ruleset %s: %d", job.rubric, len(rejected.places))
    return places, made, rejected


def _evaluated(compiled: Compiled, frame: Frame) -> Frame:
    """Evaluate all expressions."""
    named = {column.name: expr for column, expr in compiled.columns}
    return of_levels(compiled, frame, named | {_VALID: compiled.valid})


def of_levels(compiled: Compiled | Members, frame: Frame, named: Mapping[str, nw.Expr]) -> Frame:
    """Evaluate some expressions over the columns of all levels."""
    # polars optimizes the whole query better than its single steps
    is_native = compiled.library is not backend.NARWHALS
    work: Any = frame.to_native().lazy() if is_native else frame
    for level in compiled.levels:
        work = work.with_columns(**level) if level else work
    # expressions that are constant over all rows take their length from the frame
    made = work.with_columns(**named).select(*named)
    return nw.from_native(made.collect(), eager_only=True) if is_native else made


def _nulls(job: Job, frame: Frame) -> Frame:
    """Return the columns of the result, all values null."""
    empty: dict[str, list[Any]] = {c.name: [None] * len(frame) for c in job.columns}
    schema = {column.name: column.shape.dtype for column in job.columns}
    return nw.from_dict(empty, schema=schema, backend=frame.implementation)


def records_of(job: Job, frame: Frame, places: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
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


def _with_problems(units: Frame, rejected: Rejected, lang: str | None) -> Frame:
    """Add the columns of problems."""
    names = (ERROR, PROBLEMS)
    if not rejected.places:
        return units.with_columns(nw.lit(None, dtype=nw.String).alias(name) for name in names)
    nothing = units.with_columns(nw.lit(None, dtype=nw.Int64).alias(_NUMBER))[_NUMBER]
    numbers = nothing.scatter(rejected.places, rejected.numbers)
    for name, texts in zip(names, rejected.texts(lang), strict=True):
        column = nw.new_series(name, texts, nw.String, backend=units.implementation)
        units = units.with_columns(column[numbers].alias(name))
    return units
