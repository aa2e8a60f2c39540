"""Public functions for dataframes; if the extra ``frames`` is missing, they raise an error."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from kpirules.errors import fetch
from kpirules.model.rubric import Rubric


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.errors import Problem
    from kpirules.evaluation.result import Result


_F = TypeVar("_F")


def evaluate_frame(
    rubric: Rubric | str,
    frame: _F,
    *,
    on_error: Literal["raise", "column"] = "raise",
    on: date | str | None = None,
    allow_missing: Collection[str] = (),
    lang: str | None = None,
    columns: Collection[str] | None = None,
    key: str | None = None,
    common: Mapping[str, object] | None = None,
) -> _F:
    """Score every row of a dataframe: the numbers of :func:`~kpirules.evaluate`, row by row.

    Parameters: ``rubric``, a rubric or the id of a ruleset; ``frame``, a polars ``DataFrame`` or
    ``LazyFrame``, a pandas ``DataFrame``, a pyarrow ``Table``, a DuckDB relation, or a PySpark
    ``DataFrame``, with one row for each record and a column for each input and rating (null, ``""``
    and ``"n/a"`` are missing); ``on_error``, what to do with rows that cannot be scored:
    ``"raise"``, or ``"column"``, which adds the columns ``error``, a text with all problems of each
    row, and ``problems``, the same as a JSON list of what ``Problem.to_dict`` returns;
    ``on``, the day or month whose rules apply, as in :func:`~kpirules.load`; ``allow_missing``,
    names of inputs, ratings or criteria that need no column: their ``default`` or ``missing``
    applies in every row; ``lang``, the language of the problems (default: English, with ids in
    place of labels); ``columns``, the names of the columns that are added, such as
    ``("total", "tier", "pay")`` (default: all); ``key``, the column that says who a row is about:
    all rows are evaluated together, as by :func:`~kpirules.evaluate_cohort` (frames in memory
    only); ``common``, with ``key``, names and values that each row has, such as a budget.

    A column is read if its heading is an input name of the record, or a label of it in any
    language. Case, width, blanks and a unit in brackets at the end do not matter. All other columns
    are carried through, but a heading that is almost an input name is an error. If a frame has
    other columns than those of the record, a row without any value in the columns that are read is
    rejected: it may be a footnote. If a frame has only columns of the record, such a row is a
    record like any other.

    Returns a frame of the same kind: all rows in their order, all columns as they were, and after
    them ``points.X`` and ``band.X`` (counted from 0) of each criterion, ``subtotal.X``,
    ``adjust.X``, ``total``, ``tier``, ``pay`` and further outcomes. Whole numbers are ``Int64``,
    others decimals. If a rubric can give fractions without a finite decimal, the decimals have six
    digits after the point, and the column ``total.exact`` beside ``total`` has the exact number,
    such as ``"1000/9"``. Floats are read by their shortest decimal. A rejected row has null in all
    columns of the result. With ``key``, what is gathered is in columns such as ``gathered.place``
    before the others, a row that gives it itself is taken at its word, and a rejected row blocks
    its groups: their rows are rejected, too.

    Raises :class:`~kpirules.errors.FrameError` with all problems of the columns (among them every
    input that the ruleset needs and that has no column), or with the part of the rubric that a
    database backend cannot express exactly; ``TypeError`` if ``frame`` is not a dataframe;
    ``ValueError`` for a name in ``columns`` that the result does not have;
    :class:`~kpirules.errors.RowsError` for rows that cannot be scored. A lazy frame raises when it
    is computed: an error of its own library whose text contains the problems.

    >>> import polars as pl
    >>> from kpirules import evaluate_frame
    >>> staff = pl.DataFrame({"name": ["Li", "Wu"], "late": [0, 1], "absent": [0, 0],
    ...     "leave_days": [0, 3], "incidents": [0, 0], "duty": ["met", "met"],
    ...     "skill": [9, 8], "feedback": [9, 8], "manner": [5, 4], "teamwork": [5, 4],
    ...     "volume": [18, 17], "service": [19, 16], "conversion": [8, 9]})
    >>> evaluate_frame("customer-service", staff).select("name", "total", "tier", "pay").rows()
    [('Li', 93, 'excellent', 300), ('Wu', 78, 'pass', 100)]

    >>> from kpirules import loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "shop"
    ... inputs.place = { type = "count", cohort = { rank = "total", ties = "best" } }
    ... criterion = [{ id = "work", weight = 100 }]
    ... ''')
    >>> month = pl.DataFrame({"name": ["Li", "Wu"], "work": [70, 85]})
    >>> evaluate_frame(rubric, month, key="name").select("name", "gathered.place").rows()
    [('Li', 2), ('Wu', 1)]
    """
    made: _F = _scoring().score_frame(
        rubric,
        frame,
        on_error=on_error,
        on=on,
        allow_missing=allow_missing,
        lang=lang,
        columns=columns,
        key=key,
        common=common,
    )
    return made


def added_columns(rubric: Rubric) -> tuple[str, ...]:
    """Return the names of the columns that a result adds, except those of problems."""
    names: tuple[str, ...] = _scoring().result_column_names(rubric)
    return names


def values_by(
    rubric: Rubric, read: Sequence[str] | None, results: Sequence[Result | None]
) -> tuple[tuple[str, ...], tuple[list[object], ...], dict[int, tuple[Problem, ...]]]:
    """Return the columns that a frame of texts would hold for results of records scored one by one.

    ``read``: the columns of the frame; None if no frame has what the records have.

    Returns the names of the added columns, without those of bands; the values of each column; and,
    by the index of the result, the problems of results that no column can hold.
    """
    made: tuple[tuple[str, ...], tuple[list[object], ...], dict[int, tuple[Problem, ...]]]
    made = _scoring().values_by(rubric, read, results)
    return made


def _scoring() -> Any:  # noqa: ANN401 - a module
    """Import the module that needs the extra; raise ``MissingExtraError`` without it."""
    fetch("narwhals", "frames")
    from kpirules.dataframe import execute  # noqa: PLC0415 - needs the extra

    return execute
