"""Score rows record by record: rows, or whole rubrics, that the expressions do not cover.

It calls ``evaluate``, so the problems of a row have the same messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules.codegen.fixed_point import TooLongResultError
from kpirules.codegen.output import values_of
from kpirules.errors import InputError, Problem, RowsError
from kpirules.evaluation.headings import EMPTY_ROW, says_nothing


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpirules.codegen.output import Column
    from kpirules.dataframe.job import Job
    from kpirules.evaluation.result import Result


#: the maximum number of rejected rows reported if no row may be rejected
MAX_REPORTED = 10


def held(
    columns: tuple[Column, ...], results: Sequence[Result | None]
) -> tuple[tuple[list[object], ...], dict[int, tuple[Problem, ...]]]:
    """Return each column's values for some results, and the problems of results that do not fit."""
    made: tuple[list[object], ...] = tuple([] for _ in columns)
    beyond: dict[int, tuple[Problem, ...]] = {}
    for place, result in enumerate(results):
        cells: list[object] = [None] * len(columns)
        try:
            if result is not None:
                values = values_of(result, columns)
                cells = [c.shape.value(c.shape.units_of(values[c.name])) for c in columns]
        except TooLongResultError as error:
            beyond[place] = (Problem(input="result", reason=error.reason),)
        for column, cell in zip(made, cells, strict=True):
            column.append(cell)
    return made, beyond


def scored(
    job: Job, records: Iterable[tuple[int, dict[str, Any]]]
) -> tuple[list[int], dict[str, list[Any]], dict[int, tuple[Problem, ...]]]:
    """Score (row index, record) pairs.

    Returns the indexes of the scored rows, the values of each column there, and the problems of
    each rejected row. Raises :class:`~kpirules.errors.RowsError` if no row may be rejected.
    """
    made: dict[str, list[Any]] = {column.name: [] for column in job.columns}
    places: list[int] = []
    rejected: dict[int, tuple[Problem, ...]] = {}
    for place, record in records:
        try:
            cells = _cells(job, record)
        except InputError as error:
            rejected[place] = error.problems
        except TooLongResultError as error:
            rejected[place] = (Problem(input="result", reason=error.reason),)
        else:
            places.append(place)
            for column, cell in zip(job.columns, cells, strict=True):
                made[column.name].append(cell)
        if not job.in_column and len(rejected) == MAX_REPORTED:
            break
    if rejected and not job.in_column:
        raise RowsError(rubric=job.rubric, first=tuple(rejected.items()))
    return places, made, rejected


def _cells(job: Job, record: dict[str, Any]) -> list[int | str | None]:
    """Return the column values of one record, in units."""
    if job.rejects_empty and job.read and says_nothing(record.values()):
        raise InputError(rubric=job.rubric, problems=(EMPTY_ROW,))
    return cells_of(job.score(record), job.columns)


def cells_of(result: Result, columns: tuple[Column, ...]) -> list[int | str | None]:
    """Return the column values of a result, in units; raise for one that a column cannot hold."""
    values = values_of(result, columns)
    return [column.shape.units_of(values[column.name]) for column in columns]
