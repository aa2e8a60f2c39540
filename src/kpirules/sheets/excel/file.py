"""Write the workbook of a ruleset as the content of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules.sheets.excel.form_sheet import FormSheet
from kpirules.sheets.excel.workbook import Book


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.entry import Entry as Row
    from kpirules.sheets.form import Extras
    from kpirules.translations.message import Message


def workbook(
    rubric: Rubric,
    some_rows: Sequence[Row] | None,
    *,
    lang: str,
    period: str = "",
    extras: Extras | None = None,
    advance: Callable[[], None] = lambda: None,
    blank: Callable[[Message], None] = lambda _: None,
) -> bytes:
    """Write a workbook: a row and a form for each entry, filled from its record, or blank ones.

    ``advance`` is called after each form, ``blank`` with a message for each part that no formula
    computes.
    """
    book = Book(rubric, some_rows, lang, period, extras)
    for message in book.blank_messages():
        blank(message)

    def write_form(form: Any, person: int) -> None:  # noqa: ANN401 - XlsxWriter has no types
        FormSheet(book, form, person).write()
        advance()

    return book.written(write_form)
