"""Frames whose rows are evaluated together: what their ruleset gathers from all of them.

As :func:`kpirules.evaluate_cohort`, but all rows come out: a row with a problem blocks its groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from kpirules._internal.display import brief
from kpirules._internal.logs import LOGGER
from kpirules._internal.typeguards import is_mapping
from kpirules.api.programs import program_of
from kpirules.codegen.fixed_point import TooLongResultError
from kpirules.cohort.evaluation import with_common
from kpirules.cohort.keys import key_problems, text_of_key, unique_names
from kpirules.dataframe import eager, pandas, row_fallback
from kpirules.dataframe.eager import Rejected
from kpirules.dataframe.gathered_groups import Together
from kpirules.errors import FrameError, Problem, RowsError
from kpirules.evaluation.cohort import evaluate_together
from kpirules.evaluation.headings import EMPTY_ROW, says_nothing
from kpirules.evaluation.quotas import one_by_one
from kpirules.evaluation.record import flat
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import narwhals as nw
    import polars as pl

    from kpirules.dataframe.gathered_groups import GatheredGroups
    from kpirules.dataframe.job import Job
    from kpirules.model.rubric import Rubric

    Frame = nw.DataFrame[Any]
#: a text that is a key as it is: it is neither blank nor "n/a"
_ORDINARY = r"^[\p{L}\p{N}][^/]*$"


def together(
    rubric: Rubric,
    groups: GatheredGroups,
    names: Sequence[str],
    key: str | None,
    common: Mapping[str, object] | None,
) -> Together | None:
    """Return how the rows of a frame are evaluated together; None if each is evaluated alone.

    Raises :class:`~kpirules.errors.InputError` if quotas need rows together;
    :class:`~kpirules.errors.FrameError` for a key that no column has, and for invalid values of
    ``common``; ``TypeError`` and ``ValueError`` for arguments of a wrong kind.
    """
    if key is None:
        if common is not None:
            raise ValueError("common is for rows that are evaluated together: give key as well")
        one_by_one(rubric)
        return None
    if not isinstance(cast("object", key), str):
        raise TypeError(f"key: expected the name of a column, not {brief(key)}")
    if common is not None and not is_mapping(cast("object", common)):
        raise TypeError(f"common: expected a table of names, not {brief(common)}")
    problems: list[Problem] = []
    if key not in names:
        reason = Message.of("problem.no-column_key", columns=tuple(map(brief, names)))
        problems.append(Problem(input=key, reason=reason))
    program = program_of(rubric)
    every = dict(flat(common or {}))
    problems += program.evaluator.context.readings.read(every)[1]
    if problems:
        raise FrameError(rubric=rubric.id, problems=tuple(problems))
    return Together(program=program, key=key, common=every, groups=groups)


def scored(job: Job, of: Together, wide: Frame, typed: Frame, keys: pl.Series) -> Frame:
    """Return the columns that the result adds, row by row.

    ``typed``: the frame for which the expressions are made, if its columns have other types.
    """
    from kpirules.dataframe.together_columns import by_columns  # noqa: PLC0415 - needs polars

    if keys.is_empty():
        problem = Problem(input="record", reason=Message.of("problem.empty-cohort"))
        raise FrameError(rubric=job.rubric, problems=(problem,))
    has_own = keys.n_unique() == len(keys) and "" not in keys
    made = by_columns(job, of, typed, keys) if has_own else None
    return _by_record(job, of, wide, keys.to_list()) if made is None else made


def keys_of(frame: Any, key: str) -> pl.Series:  # noqa: ANN401 - a frame in memory of any kind
    """Return the keys of the rows; an empty text for a missing one."""
    import polars as pl  # noqa: PLC0415 - as above

    column: Any = frame[key]
    values: Iterable[object]
    if isinstance(column, pl.Series):
        is_text = column.dtype == pl.String
        if is_text and column.str.contains(_ORDINARY).fill_null(value=False).all():
            return column
        values = column.to_list()
    elif pandas.is_pandas(frame):
        values = pandas.values_of(column)
    else:
        values = column.to_pylist()
    return pl.Series([text_of_key(value) for value in values], dtype=pl.String)


def _by_record(job: Job, of: Together, frame: Frame, keys: Sequence[str]) -> Frame:
    """Evaluate all rows together, record by record."""
    names = unique_names(keys, lambda i: Message.of("frame.place", row=i).text(job.lang))
    without = key_problems(keys, of.key)
    records: dict[str, Mapping[str, object]] = {}
    wrong: dict[str, list[Problem]] = {}
    empty: set[str] = set()
    for i, record in eager.records_of(job, frame, list(range(len(keys)))):
        records[names[i]] = record
        if i in without:
            wrong[names[i]] = [without[i]]
        elif job.rejects_empty and job.read and says_nothing(record.values()):
            empty.add(names[i])
            wrong[names[i]] = [EMPTY_ROW]
    named, others = with_common(records, of.common)
    wrong |= {name: [*wrong.get(name, ()), *problems] for name, problems in others.items()}
    score = of.program.score
    found = evaluate_together(of.program.evaluator, score, named, wrong, keeps_results=False)
    places: list[int] = []
    made: dict[str, list[Any]] = {column.name: [] for column in job.columns}
    rejected: dict[int, tuple[Problem, ...]] = {}
    for i, name in enumerate(names):
        refused = found.refused.get(name)
        if refused is not None:
            rejected[i] = (EMPTY_ROW,) if name in empty else refused.problems
            continue
        added = found.additions[name]
        result = score({**named[name], **added.values}).of_groups(added.memberships)
        try:
            cells = row_fallback.cells_of(result, job.columns)
        except TooLongResultError as error:
            rejected[i] = (Problem(input="result", reason=error.reason),)
            continue
        places.append(i)
        for column, cell in zip(job.columns, cells, strict=True):
            made[column.name].append(cell)
    return eager.made_by_record(job, frame, places, made, _rejected(job, rejected))


def _rejected(job: Job, problems: Mapping[int, tuple[Problem, ...]]) -> Rejected:
    """Return the rejected rows; raise :class:`RowsError` if no row may be rejected."""
    if problems and not job.in_column:
        first = tuple(problems.items())[: row_fallback.MAX_REPORTED]
        raise RowsError(rubric=job.rubric, first=first)
    # the rows of a group have the same problem: its text is made once
    numbers: dict[tuple[int, ...], int] = {}
    made = Rejected()
    for place, each in problems.items():
        same = tuple(map(id, each))
        if same not in numbers:
            numbers[same] = len(numbers)
            made.problems.append(each)
        made.places.append(place)
        made.numbers.append(numbers[same])
    if problems:
        LOGGER.info("rejected rows of ruleset %s: %d", job.rubric, len(problems))
    return made
