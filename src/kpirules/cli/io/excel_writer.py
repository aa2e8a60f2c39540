"""Write tables as Excel workbooks: values keep their types; return codes are checked."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZipFile

import attrs

from kpirules._internal.display import width
from kpirules.arithmetic.number import show
from kpirules.cli.io.tables import OutputError, format_value, temporary_files, with_fractions
from kpirules.errors import fetch
from kpirules.sheets.excel.layout import MAX_SHEET_COLUMNS, MAX_SHEET_ROWS
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from kpirules.cli.io.tables import Column


#: limits of a worksheet: rows below its heading, characters (of UTF-16) in a cell
MAX_ROWS = MAX_SHEET_ROWS - 1
MAX_CHARACTERS = 32_767
#: digits of a number that spreadsheets display and edit
DIGITS = 15
#: the creation time in each workbook: constant, so that equal tables give equal files
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook knows no time zones
#: the default number formats of dates and times
_FORMATS: dict[type, str] = {
    date: "yyyy-mm-dd",
    datetime: "yyyy-mm-dd hh:mm:ss",
    time: "hh:mm:ss",
    timedelta: "[h]:mm:ss",
}
#: day 0, and the first day whose number is the same in all spreadsheets
_EPOCH, _FIRST = datetime(1899, 12, 30), datetime(1900, 3, 1)  # noqa: DTZ001 - as above
_LAST = timedelta(days=2_958_466)
#: the largest and the smallest number of a cell
_HUGE, _TINY = 9.99999999999999e307, 2.2250738585072014e-308
#: the name of the sheet, and that of the range of the totals, which are not a record
_SHEET, TOTALS = "kpirules", "kpirules_totals"
#: the looks of the heading and of the totals
_HEADING: dict[str, Any] = {
    "bold": True,
    "text_wrap": True,
    "valign": "top",
    "bg_color": "#E6EAF0",
    "bottom": 1,
}
_TOTALS: dict[str, Any] = {"bold": True, "top": 1, "num_format": "#,##0.00##"}
#: the number of the paper size
_A4 = 9
#: rows by which the widths of columns are found, and widths in characters: maximum of a column, of
#: its heading, what is added to a cell, and to a heading with the arrow of the filter
_MEASURED, _WIDEST, _WIDE_HEADING, _ROOM, _ARROW = 1_000, 60, 14, 2, 4
#: characters that XML cannot hold
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
#: what is written, in messages
_FORM = Message.of("output.workbook")
_ELSE = Message.of("output-help.other-format")


def fraction(value: Fraction) -> str:
    """Format an exact number so that no spreadsheet reads it as a date.

    >>> fraction(Fraction(10, 3)), fraction(Fraction(4))
    ('10÷3', '4')
    """
    return show(value).replace("/", "÷")


def has_time(number_format: str) -> bool:
    """Return whether a number format of a date shows a time of the day.

    >>> has_time("yyyy-mm-dd"), has_time("d/m/yy h:mm"), has_time('yyyy" hrs"')
    (False, True, False)
    """
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", number_format)
    return re.search("[hs]", bare, re.IGNORECASE) is not None


@attrs.frozen(kw_only=True)
class Look:
    """The look of a worksheet for people: a heading that stays, a filter, widths, totals."""

    #: how many of the first columns stay when the others are scrolled
    frozen: int = 0
    #: the headings of the columns that are summed below the table
    totals: tuple[str, ...] = ()
    #: the first cell of the row of totals
    total_label: str = ""


class _Number(float):
    """A number formatted with all its digits: XlsxWriter formats 16, and some have 17."""

    def __format__(self, spec: str) -> str:
        return float.__repr__(self).removesuffix(".0")


@contextmanager
def writing(
    stream: BinaryIO, look: Look | None = None
) -> Generator[Callable[[Sequence[Column]], None]]:
    """Yield the function that writes columns into the sheet of a new workbook in a stream."""
    xlsxwriter = fetch("xlsxwriter", "excel")
    with temporary_files(_FORM):
        folder = tempfile.TemporaryDirectory(prefix="kpirules-", ignore_cleanup_errors=True)
    options = {
        "constant_memory": True,
        "tmpdir": folder.name,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with folder:
        with temporary_files(_FORM):
            book = xlsxwriter.Workbook(stream, options)
            book.set_properties({"created": CREATED})
            sheet = _Sheet(book, look)
        try:
            yield sheet.write
            sheet.finish()
            with temporary_files(_FORM, xlsxwriter.exceptions.FileCreateError), _closed_archives():
                book.close()
        finally:
            # after an error XlsxWriter leaves its temporary file open; its content is not needed
            with suppress(OSError):
                sheet.sheet.row_data_fh.close()


@contextmanager
def _closed_archives() -> Generator[None]:
    """Close the archives that an error leaves open: their destructors would print errors."""
    try:
        yield
    except Exception as error:
        # XlsxWriter raises its own error; the archive is in a frame of the original one
        for frame, _ in walk_tb((error.__context__ or error).__traceback__):
            for value in frame.f_locals.values():
                if isinstance(value, ZipFile):
                    with suppress(OSError, ValueError):
                        value.close()
        raise


class _Sheet:
    """The worksheet, written row by row."""

    def __init__(self, book: Any, look: Look | None) -> None:  # noqa: ANN401 - XlsxWriter has no types
        self.book = book
        self.sheet = book.add_worksheet(_SHEET)
        self.look = look
        #: number of rows written, with the heading
        self.rows = 0
        #: the width of each column, as far as it is known
        self.widths: list[int] = []
        #: the sums of columns, by index; None if a value is not the number of a cell
        self.totals: dict[int, Fraction | None] = {}
        self.formats: dict[str, Any] = {}

    def write(self, columns: Sequence[Column]) -> None:
        """Write some rows."""
        if not self.rows:
            self._begin([column.name for column in columns])
        count = max((len(column.values) for column in columns), default=0)
        if self.rows - 1 + count > MAX_ROWS:
            message = Message.of("output.many-rows", limit=_spaced(MAX_ROWS))
            raise OutputError(message=message, help=_ELSE)
        none = [""] * count
        cells = [zip(c.cells, c.formats or none, strict=True) for c in with_fractions(columns)]
        self._add_up(columns)
        with temporary_files(_FORM):
            for row in zip(*cells, strict=True):
                for column, (value, number_format) in enumerate(row):
                    if value is not None and value != "":
                        self._put(column, value, number_format)
                self.rows += 1

    def _begin(self, names: Sequence[str]) -> None:
        """Write the heading."""
        if len(names) > MAX_SHEET_COLUMNS:
            limit = _spaced(MAX_SHEET_COLUMNS)
            message = Message.of("output.many-columns", limit=limit, columns=len(names))
            raise OutputError(message=message, help=_ELSE)
        look = self.look
        self.sheet.freeze_panes(1, 0 if look is None else look.frozen)
        bold = None if look is None else self.book.add_format(_HEADING)
        for column, name in enumerate(names):
            self._put(column, name, "", bold)
        self.rows = 1
        if look is not None:
            self.widths = [min(width(name) + _ARROW, _WIDE_HEADING) for name in names]
            self.totals = {i: Fraction() for i, name in enumerate(names) if name in look.totals}

    def _add_up(self, columns: Sequence[Column]) -> None:
        """Add some rows to the totals, and find out how wide the columns are by the first rows."""
        for i, total in self.totals.items():
            values = [value for value in columns[i].cells if value is not None]
            numbers = [Fraction(v) for v in values if isinstance(v, (int, Decimal))]
            is_sum = len(numbers) == len(values) and all(_number(v) is not None for v in values)
            self.totals[i] = sum(numbers, total) if is_sum and total is not None else None
        if self.rows > _MEASURED:
            return
        for i, known in enumerate(self.widths):
            cells = columns[i].between(0, _MEASURED).plain
            widest = max((width(_measured(cell)) for cell in cells), default=0)
            self.widths[i] = max(known, min(widest + _ROOM, _WIDEST))

    def finish(self) -> None:
        """Write what follows the rows: the filter, the widths, the totals."""
        if not self.widths:
            return
        last = len(self.widths) - 1
        self.sheet.autofilter(0, 0, self.rows - 1, last)
        self.sheet.set_landscape()
        self.sheet.set_paper(_A4)
        self.sheet.repeat_rows(0)
        if self.look is not None and self.look.frozen:
            self.sheet.repeat_columns(0, self.look.frozen - 1)
        for i, wide in enumerate(self.widths):
            self.sheet.set_column(i, i, wide)
        sums = {i: sum_ for i, sum_ in self.totals.items() if i and sum_ is not None}
        cells = {i: _of_decimal(Decimal(show(s))) for i, s in sums.items()}
        if self.look is None or not sums or not 1 < self.rows <= MAX_ROWS or None in cells.values():
            return
        bold = self.book.add_format(_TOTALS)
        xl = fetch("xlsxwriter.utility", "excel")
        for i in range(1, last + 1):
            if i in cells:
                letters = xl.xl_col_to_name(i)
                formula = f"=SUBTOTAL(109,{letters}2:{letters}{self.rows})"
                self.sheet.write_formula(self.rows, i, formula, bold, cells[i])
            else:
                self.sheet.write_blank(self.rows, i, None, bold)
        self.sheet.write_string(self.rows, 0, self.look.total_label, bold)
        cells_of = xl.xl_range_abs(self.rows, 0, self.rows, last)
        self.book.define_name(TOTALS, f"={_SHEET}!{cells_of}")

    def _put(
        self,
        column: int,
        value: object,
        number_format: str,
        face: Any = None,  # noqa: ANN401 - XlsxWriter has no types
    ) -> None:
        """Write a cell; raise an error if XlsxWriter did not write it."""
        row, sheet = self.rows, self.sheet
        number = _number(value)
        if number is not None:
            shape = self._format(value, number_format)
            code = sheet.write_number(row, column, number, shape)
        elif isinstance(value, bool):
            code = sheet.write_boolean(row, column, value, self._format(value, number_format))
        else:
            text = self._text(column, value)
            shape = face or self._format(text, number_format)
            if text.startswith("<r>") and text.endswith("</r>"):
                # XlsxWriter would read it as a rich string
                parts = (text[:1], self._cached_format(""), text[1:])
                code = sheet.write_rich_string(row, column, *parts, *filter(None, [shape]))
            else:
                code = sheet.write_string(row, column, text, shape)
        if code:
            raise self._cell_error(column, Message.of("output.not-written", code=code))

    def _format(self, value: object, number_format: str) -> Any:  # noqa: ANN401 - as above
        """Return the format of a cell: its own one, or the default of its type."""
        if number_format in ("", "General"):
            number_format = _FORMATS.get(type(value), "")
            if getattr(value, "microsecond", 0) or getattr(value, "microseconds", 0):
                number_format += ".000"
        return self._cached_format(number_format) if number_format else None

    def _cached_format(self, number_format: str) -> Any:  # noqa: ANN401 - as above
        """Return a format, cached."""
        if number_format not in self.formats:
            made = self.book.add_format({"num_format": number_format} if number_format else {})
            self.formats[number_format] = made
        return self.formats[number_format]

    def _text(self, column: int, value: object) -> str:
        """Return the text of a value; raise an error for one that a cell cannot hold."""
        try:
            text = fraction(value) if isinstance(value, Fraction) else format_value(value)
        except OutputError as error:
            raise self._cell_error(column, error.message) from None
        found = _NO_XML.search(text)
        if found:
            code = f"U+{ord(found[0]):04X}"
            message = Message.of("output.holds-not-workbook", character=code)
            raise self._cell_error(column, message)
        if len(text.encode("utf-16-le")) // 2 > MAX_CHARACTERS:
            limit = _spaced(MAX_CHARACTERS)
            message = Message.of("output.long-text", length=len(text), limit=limit)
            raise self._cell_error(column, message)
        return text

    def _cell_error(self, column: int, message: Message) -> OutputError:
        """Return the error about a cell that cannot be written."""
        name = fetch("xlsxwriter.utility", "excel").xl_rowcol_to_cell(self.rows, column)
        return OutputError(
            message=Message.of("output.cell", cell=name, message=message), help=_ELSE
        )


def _measured(value: object) -> str:
    """Return about the text that a cell shows: the longest line."""
    try:
        text = format_value(value)
    except OutputError:
        return ""
    return max(text[: 4 * _WIDEST].split("\n"), key=len)


def _spaced(number: int) -> str:
    """Format a large number with spaces between groups of digits."""
    return f"{number:,}".replace(",", " ")


def _number(value: object) -> _Number | None:
    """Return a value as the number of a cell; None if it is written as a text or a boolean.

    A number that a spreadsheet would display with other digits is written as a text.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _Number(value) if abs(value) < 10**DIGITS else None
    if isinstance(value, float):
        fits = isfinite(value) and (not value or _TINY <= abs(value) <= _HUGE)
        return _Number(value) if fits else None
    if isinstance(value, Decimal):
        return _of_decimal(value)
    serial = _serial(value)
    if serial is None or serial % timedelta(milliseconds=1) or not timedelta() <= serial < _LAST:
        return None
    return _Number(serial / timedelta(days=1))


def _of_decimal(value: Decimal) -> _Number | None:
    """Return a decimal as a number; None if it has too many digits."""
    if not value.is_finite() or abs(value.adjusted()) >= 10 * DIGITS:
        return None
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    fits = not value or (len(digits) <= DIGITS and value.adjusted() < DIGITS)
    return _Number(value) if fits else None


def _serial(value: object) -> timedelta | None:
    """Return the time since day 0 of spreadsheets; None for a value without one."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, time):
        if value.tzinfo is not None:
            return None
        return datetime.combine(_EPOCH, value) - _EPOCH
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return None if moment.tzinfo is not None or moment < _FIRST else moment - _EPOCH
    return None
