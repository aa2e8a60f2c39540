"""The monthly report as a workbook: an overview, and a sheet for each table."""

from __future__ import annotations

import io
import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import width
from kpirules.errors import fetch
from kpirules.sheets.excel.formats import CellFormats


if TYPE_CHECKING:
    from kpirules.sheets.batch import Month
    from kpirules.sheets.month_tables import Table


#: the creation time in each workbook: constant, so that equal months give equal files
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook knows no time zones
#: characters that the name of a sheet may not have, and the maximum of its characters
_NO_NAME, _LONGEST = re.compile(r"[\[\]:*?/\\']"), 31
#: digits of a number that spreadsheets display; widths of columns in characters; characters of text
_DIGITS, _NARROW, _WIDE, _MAX = 15, 9, 60, 32_767
_A4 = 9


def report_workbook(month: Month) -> bytes:
    """Return a monthly report as the content of a workbook."""
    xlsxwriter = fetch("xlsxwriter", "excel")
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"created": _CREATED, "title": month.title})
    formats = CellFormats(book, month.lang)
    _overview(book, formats, month)
    for number, table in enumerate(month.tables, 2):
        _sheet(book, formats, table, number)
    book.close()
    return stream.getvalue()


def _overview(book: Any, formats: CellFormats, month: Month) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Write the sheet of figures."""
    sheet = _page(book, month.words["report"], 1)
    heading = " · ".join(filter(None, (month.words["report"], month.title, month.period)))
    sheet.merge_range(0, 0, 0, 3, heading, formats.title)
    sheet.set_row(0, 28)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 3, 18)
    for i, (label, value) in enumerate(month.figures, 2):
        sheet.write_string(i, 0, label, formats.item)
        _write(sheet, (i, 1), value, formats, is_number=True)
    row = len(month.figures) + 3
    rules = ", ".join(filter(None, (month.rubric, month.since)))
    notes = (month.last, f"{month.words['fingerprint']}: {rules} {month.fingerprint}")
    for note in filter(None, notes):
        sheet.merge_range(row, 0, row + 1, 3, note, formats.note)
        row += 2


def _sheet(book: Any, formats: CellFormats, table: Table, number: int) -> None:  # noqa: ANN401 - as above
    """Write a table: the heading stays, with a filter, and bars in the cells of shares."""
    sheet = _page(book, table.title, number)
    for column, head in enumerate(table.heads):
        sheet.write_string(0, column, head, formats.head)
        longest = max(
            (width(line) for row in table.rows for line in row[column].split("\n")), default=0
        )
        sheet.set_column(column, column, max(_NARROW, min(max(longest, width(head)) + 4, _WIDE)))
    for i, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            _write(sheet, (i, column), cell, formats, is_number=column in table.numeric)
    if not table.rows:
        sheet.write_string(0, 0, table.note, formats.label)
        return
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(table.rows), len(table.heads) - 1)
    if table.bars:
        place = max(i for i in table.numeric if "%" in table.heads[i])
        bar = {
            "type": "data_bar",
            "bar_color": "#9CC2E0",
            "min_type": "num",
            "min_value": 0,
        }
        sheet.conditional_format(1, place, len(table.rows), place, bar)


def _page(book: Any, title: str, number: int) -> Any:  # noqa: ANN401 - as above
    """Return a new sheet, of an A4 page's width."""
    name = _NO_NAME.sub(" ", title).strip()[:_LONGEST]
    taken = {sheet.name.casefold() for sheet in book.worksheets()}
    sheet = book.add_worksheet(f"{number} {name}"[:_LONGEST] if name.casefold() in taken else name)
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    return sheet


def _write(
    sheet: Any,  # noqa: ANN401 - as above
    place: tuple[int, int],
    text: str,
    formats: CellFormats,
    *,
    is_number: bool,
) -> None:
    """Write a cell: the text of a number as a number, if no digit of it is lost."""
    number = re.fullmatch(r"[-+]?\d+(\.\d+)?", text) if is_number else None
    if number and len(text.strip("+-").replace(".", "").strip("0")) <= _DIGITS:
        sheet.write_number(*place, Decimal(text), formats.number)
    else:
        sheet.write_string(*place, text[:_MAX], formats.text)
