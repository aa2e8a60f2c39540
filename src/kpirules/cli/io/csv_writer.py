"""Write tables as CSV, in batches of columns; each cell is escaped for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from kpirules.arithmetic.number import PLAIN, show
from kpirules.cli.io import excel_writer
from kpirules.cli.io.tables import Column, OutputError, column_error, format_value, with_fractions


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    import polars as pl


#: characters that start a formula in a spreadsheet, full-width forms included
_FORMULA = r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
_BEGINS = re.compile(_FORMULA)
#: control characters: of a terminal, or of the direction of a text
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ACTIVE = re.compile(rf"[{_CONTROLS}\ud800-\udfff]")
#: the texts of a Series, which has no surrogates, that may be escaped
_SUSPICIOUS = rf"^{_FORMULA}|[{_CONTROLS}]"


def harmless(cell: str) -> str:
    """Escape a text so that it is plain text in any spreadsheet and terminal.

    A text that a spreadsheet would read as a formula is prefixed with an apostrophe; a plain number
    or percentage, or a list of numbers, remains unchanged. Control characters become U+FFFD.

    >>> harmless("=cmd()"), harmless("-50"), harmless("-6;0.5"), harmless("- see note")
    ("'=cmd()", '-50', '-6;0.5', "'- see note")
    """
    clean = _ACTIVE.sub("\ufffd", cell.replace("\r\n", "\n"))
    numbers = clean.removesuffix("%").split(";")
    if _BEGINS.match(clean) and not all(PLAIN.fullmatch(item.strip()) for item in numbers):
        return f"'{clean}"
    return clean


@contextmanager
def writing(stream: BinaryIO) -> Generator[Callable[[Sequence[Column]], None]]:
    """Write CSV for Excel: a byte order mark, commas, CRLF; each cell escaped."""
    begun = False

    def write(columns: Sequence[Column]) -> None:
        nonlocal begun
        if not begun:
            names = [[harmless(column.name)] for column in columns]
            stream.write(b"\xef\xbb\xbf" + _rows(names))
            begun = True
        exact = with_fractions(columns)
        if len(exact) > 1 and any(hasattr(column.values, "to_list") for column in exact):
            stream.write(_rows_of_series(exact))
        else:
            stream.write(_rows([_texts(column) for column in exact]))

    yield write


def _rows(columns: Sequence[Sequence[str]]) -> bytes:
    """Return the rows of columns of escaped texts as CSV."""
    made = io.StringIO(newline="")
    # a row with one empty cell would be an empty line, which is not read as a row: it is quoted
    csv.writer(made, lineterminator="\r\n").writerows(zip(*columns, strict=True))
    return made.getvalue().encode()


def _rows_of_series(columns: Sequence[Column]) -> memoryview:
    """Return the rows of two columns and more, some of them Series of polars, as CSV."""
    import polars as pl  # noqa: PLC0415 - a Series is one of polars

    series = (_series(column).alias(str(i)) for i, column in enumerate(columns))
    frame = pl.DataFrame(list(series))
    is_active = frame.select(pl.col(pl.String).str.contains(_SUSPICIOUS).any())
    escaped = [_escaped(frame[name]) for name in is_active.columns if is_active[name].item()]
    # polars quotes an empty text, so that it differs from null
    frame = frame.with_columns(escaped).with_columns(pl.col(pl.String).replace("", None))
    made = io.BytesIO()
    frame.write_csv(made, include_header=False, line_terminator="\r\n")
    return made.getbuffer()


def _escaped(series: pl.Series) -> pl.Series:
    """Escape the texts of a Series that spreadsheets or terminals may run."""
    import polars as pl  # noqa: PLC0415 - as above

    places = series.str.contains(_SUSPICIOUS).fill_null(value=False).arg_true()
    texts = [harmless(cell) for cell in series.gather(places).to_list()]
    return series.scatter(places, pl.Series(texts, dtype=pl.String))


def _texts(column: Column) -> list[str]:
    """Format and escape the cells of a column."""
    cells = column.plain
    formats = column.formats or [""] * len(cells)
    try:
        return [harmless(_text(*each)) for each in zip(cells, formats, strict=True)]
    except OutputError as error:
        raise column_error(column.name, error) from None


def _series(column: Column) -> pl.Series:
    """Format the cells of a column as a Series: texts, and numbers that are written as they are."""
    import polars as pl  # noqa: PLC0415 - as above

    values = column.values
    if column.formats is None:
        try:
            series = values if isinstance(values, pl.Series) else pl.Series(values, dtype=pl.String)
        except (TypeError, UnicodeEncodeError):
            # other values than texts, or texts with surrogates
            series = pl.Series(dtype=pl.Null)
        dtype = series.dtype
        if dtype.is_integer() or isinstance(dtype, (pl.Boolean, pl.String)):
            return series
        if isinstance(dtype, pl.Decimal):
            text = series.cast(pl.String)
            return text.str.strip_chars_end("0").str.strip_chars_end(".") if dtype.scale else text
    return pl.Series(_texts(column), dtype=pl.String)


def _text(value: object, number_format: str) -> str:
    """Format a value for a CSV file, exactly, in the form that a spreadsheet displays."""
    if isinstance(value, Decimal) and value.is_finite():
        return show(value)
    if isinstance(value, Fraction):
        return excel_writer.fraction(value)
    if isinstance(value, datetime) and number_format and not excel_writer.has_time(number_format):
        return value.date().isoformat()
    return format_value(value)
