"""Write the workbook of a ruleset as the content of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules.sheets.excel.form_sheet import FormSheet
from kpirules.sheets.excel.workbook import Book


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.batch import Entry as Row


def workbook(
    rubric: Rubric,
    some_rows: Sequence[Row] | None,
    *,
    lang: str,
    period: str = "",
    advance: Callable[[], None] = lambda: None,
) -> bytes:
    """Write a workbook: a blank form, or a form for each entry, filled from its record."""

    def write_form(book: Book, form: Any, employee: int) -> None:  # noqa: ANN401 - XlsxWriter has no types
        FormSheet(book, form, employee).write()
        advance()

    return Book(rubric, some_rows, lang, period).written(write_form)
