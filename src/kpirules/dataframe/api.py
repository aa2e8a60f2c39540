"""The door to frames: it needs the extra ``frames``, and says so where that is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from kpirules.errors import fetch


if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric

    _F = TypeVar("_F")


def evaluate_frame(
    rubric: Rubric | str,
    frame: _F,
    *,
    on_error: Literal["raise", "column"] = "raise",
    on: date | str | None = None,
    allow_missing: Collection[str] = (),
) -> _F:
    """Score every row of a dataframe: the numbers of :func:`~kpirules.evaluate`, row by row.

    Parameters: ``rubric``, a rubric or the id of a ruleset; ``frame``, a polars ``DataFrame`` or
    ``LazyFrame``, a pandas ``DataFrame``, a pyarrow ``Table``, a DuckDB relation, or a PySpark
    ``DataFrame``, with one row a record and a column for each input and rating (null, ``""`` and
    ``"n/a"`` are missing); ``on_error``, what becomes of rows that cannot be scored: ``"raise"``,
    or ``"column"``, which adds a text column ``error`` with all problems of each; ``on``, the day
    or month whose rules hold, as :func:`~kpirules.load` takes it; ``allow_missing``, names of
    inputs, ratings or criteria that need no column: their ``default`` or ``missing`` answers in
    every row.

    A column is read if its heading is a name of the record, or a label of it in any language. Case,
    width, blanks and a unit in brackets at its end do not matter. All other columns are carried
    through, but one that is nearly a name is an error. If a frame has other columns than those of
    the record, a row in which no column that is read gives anything is rejected: it may be a
    footnote. In a frame of nothing else it is a record like any other.

    Returns a frame of the same kind: all rows in their order, all columns as they were, and after
    them ``points.X`` and ``band.X`` (counted from 0) of each criterion, ``subtotal.X``,
    ``adjust.X``, ``total``, ``tier``, ``pay`` and further outcomes. Whole numbers are ``Int64``,
    others decimals; where a rubric can come to fractions that no decimal equals, decimals of six
    digits after the point; the column ``total.exact`` beside ``total`` then has the exact number,
    such as ``"1000/9"``. Floats mean their shortest spelling. A row that is refused has null
    everywhere.

    Raises :class:`~kpirules.errors.FrameError` with all that is wrong with the columns (among them
    every input that the ruleset asks for and that has no column), or with the part of the rubric
    that a database backend cannot say exactly; ``TypeError`` for what is not a dataframe;
    :class:`~kpirules.errors.RowsError` for rows that cannot be scored. On a lazy frame these rise
    where it is computed, as an error of its own library that tells the problems.

    >>> import polars as pl
    >>> from kpirules import evaluate_frame
    >>> staff = pl.DataFrame({"name": ["Li", "Wu"], "late": [0, 1], "absent": [0, 0],
    ...     "leave_days": [0, 3], "incidents": [0, 0], "duty": ["met", "met"],
    ...     "skill": [9, 8], "feedback": [9, 8], "manner": [5, 4], "teamwork": [5, 4],
    ...     "volume": [18, 17], "service": [19, 16], "conversion": [8, 9]})
    >>> evaluate_frame("customer-service", staff).select("name", "total", "tier", "pay").rows()
    [('Li', 93, 'excellent', 300), ('Wu', 78, 'pass', 100)]
    """
    made: _F = _scoring().score_frame(
        rubric, frame, on_error=on_error, on=on, allow_missing=allow_missing
    )
    return made


def added_to(rubric: Rubric) -> tuple[str, ...]:
    """Give the names of the columns that the result of a rubric adds, without that of errors."""
    names: tuple[str, ...] = _scoring().added_by(rubric)
    return names


def values_by(
    rubric: Rubric, read: Sequence[str], results: Sequence[Result | None]
) -> tuple[tuple[str, ...], tuple[list[object], ...], dict[int, str]]:
    """Return what a frame of texts would hold of results that were scored record by record.

    Returns the names of the columns that are added, but those of bands; the values of each; and the
    problems, by the place of the result, of those that no column holds.
    """
    made: tuple[tuple[str, ...], tuple[list[object], ...], dict[int, str]]
    made = _scoring().values_by(rubric, read, results)
    return made


def _scoring() -> Any:  # noqa: ANN401 - a module
    """Fetch what needs the extra, or say so."""
    fetch("narwhals", "frames")
    from kpirules.dataframe import execute  # noqa: PLC0415 - needs the extra

    return execute
