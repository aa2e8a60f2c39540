"""The errors of dataframes: columns that cannot be used, and rows that are rejected."""

from __future__ import annotations

from typing import Any

from kpirules._internal.base_error import TranslatedError, frozen_error
from kpirules.diagnostics.problem import Problem, text_of
from kpirules.translations.message import Message


def problems_dict(rubric: str, problems: tuple[Problem, ...], lang: str | None) -> dict[str, Any]:
    """Return the problems of a record or a frame for JSON."""
    return {"rubric": rubric, "problems": [problem.to_dict(lang) for problem in problems]}


@frozen_error
class FrameError(TranslatedError):
    """A dataframe that cannot be scored, with all problems of its columns.

    >>> from kpirules import FrameError, evaluate_frame
    >>> import polars as pl
    >>> try:
    ...     evaluate_frame("customer-service", pl.DataFrame({"lat": [1], "absent": [0]}))
    ... except FrameError as error:
    ...     [(problem.code, problem.input) for problem in error.problems][0]
    ('no-column', 'late')
    """

    rubric: str
    #: all problems, each with the column, or the name that has none, as its ``input``; an empty
    #: ``input`` for a problem of the whole dataframe
    problems: tuple[Problem, ...]

    def text(self, lang: str | None = None) -> str:
        """Return the whole text, a line for each problem (see :meth:`Problem.text`)."""
        head = Message.of("frame.head", rubric=self.rubric).text(lang)
        return "\n".join([head, *(f"  {problem.text(lang)}" for problem in self.problems)])

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Return the error for JSON, with each problem (see :meth:`Problem.to_dict`)."""
        return problems_dict(self.rubric, self.problems, lang)


@frozen_error
class RowsError(TranslatedError):
    r"""Rows of a dataframe that cannot be scored.

    >>> import polars as pl
    >>> from kpirules import RowsError, evaluate_frame, loads
    >>> rubric = loads('schema = 1\nid = "x"\ncriterion = [{ id = "work", weight = 100 }]')
    >>> try:
    ...     evaluate_frame(rubric, pl.DataFrame({"work": [70, 170]}))
    ... except RowsError as error:
    ...     [(row, [problem.code for problem in problems]) for row, problems in error.first]
    [(1, ['not-allowed'])]
    """

    rubric: str
    #: the first of them: (row, counted from 0; the problems of the record); there may be more
    first: tuple[tuple[int, tuple[Problem, ...]], ...]

    def text(self, lang: str | None = None) -> str:
        """Return the whole text, a line for each row (see :meth:`Problem.text`)."""
        lines = [Message.of("frame.rows", rubric=self.rubric)]
        for row, found in self.first:
            lines.append(Message.of("frame.row", row=row, problems=text_of(found, lang)))
        lines.append(Message.of("frame.column-tells"))
        return "\n".join(line.text(lang) for line in lines)

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Return the error for JSON, with the problems of each row."""
        rows = [
            {"row": row, "problems": [problem.to_dict(lang) for problem in found]}
            for row, found in self.first
        ]
        return {"rubric": self.rubric, "rows": rows}
