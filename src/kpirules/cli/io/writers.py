"""Write tables as CSV, Parquet, JSON Lines and Excel workbooks, in batches of columns.

A value is written exactly, or :class:`~kpirules.cli.io.tables.OutputError` is raised: no value is
truncated, rounded or dropped.
"""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from kpirules.arithmetic.number import PLAIN, show
from kpirules.cli.io import excel_writer, parquet_writer
from kpirules.cli.io.tables import Column, OutputError, format_value, rows_of, with_fractions
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

Write: TypeAlias = "Callable[[Sequence[Column]], None]"


@contextmanager
def writing(target: Path | BinaryIO, ending: str) -> Generator[Write]:
    """Open a file or a stream for a table; yield the function that writes batches of columns.

    Raise :class:`OutputError` if the format cannot hold a value.
    """
    with _binary(target) as stream, _WRITERS[ending](stream) as write:
        yield write


@contextmanager
def _binary(target: Path | BinaryIO) -> Generator[BinaryIO]:
    """Open a file and close it afterwards; a given stream remains open."""
    if isinstance(target, Path):
        with target.open("wb") as stream:
            yield stream
    else:
        yield target


#: characters that start a formula in a spreadsheet, full-width forms included
_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
#: control characters: of a terminal, or of the direction of a text
_ACTIVE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def harmless(cell: str) -> str:
    """Escape a text so that it is plain text in any spreadsheet and terminal.

    A text that a spreadsheet would read as a formula is prefixed with an apostrophe; a plain number
    or percentage, or a list of numbers, remains unchanged. Control characters become U+FFFD.

    >>> harmless("=cmd()"), harmless("-50"), harmless("-6;0.5"), harmless("- see note")
    ("'=cmd()", '-50', '-6;0.5', "'- see note")
    """
    clean = _ACTIVE.sub("\ufffd", cell.replace("\r\n", "\n"))
    numbers = clean.removesuffix("%").split(";")
    if _FORMULA.match(clean) and not all(PLAIN.fullmatch(item.strip()) for item in numbers):
        return f"'{clean}"
    return clean


@contextmanager
def _to_csv(stream: BinaryIO) -> Generator[Write]:
    """Write CSV for Excel: a byte order mark, commas, CRLF; each cell escaped."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    begun = False

    def write(columns: Sequence[Column]) -> None:
        nonlocal begun
        if not begun:
            text.write("\ufeff")
            writer.writerow([harmless(column.name) for column in columns])
            begun = True
        # a row with one empty cell would be an empty line, which is not read as a row
        writer.writerows(zip(*map(_csv_cells, with_fractions(columns)), strict=True))

    try:
        yield write
        text.flush()
    finally:
        text.detach()


def _csv_cells(column: Column) -> list[str]:
    """Format the cells of a column for a CSV file."""
    cells = column.plain
    formats = column.formats or [""] * len(cells)
    try:
        return [harmless(_csv(*each)) for each in zip(cells, formats, strict=True)]
    except OutputError as error:
        raise _column_error(column.name, error) from None


def _csv(value: object, number_format: str) -> str:
    """Format a value for a CSV file, exactly, in the form that a spreadsheet displays."""
    if isinstance(value, Decimal) and value.is_finite():
        return show(value)
    if isinstance(value, Fraction):
        return excel_writer.fraction(value)
    if isinstance(value, datetime) and number_format and not excel_writer.has_time(number_format):
        return value.date().isoformat()
    return format_value(value)


@contextmanager
def _to_json_lines(stream: BinaryIO) -> Generator[Write]:
    """Write JSON Lines; decimals are strings, because a JSON parser may convert to floats."""

    def write(columns: Sequence[Column]) -> None:
        names = [column.name for column in columns]
        for row in rows_of(columns):
            cells = dict(zip(names, row, strict=True))
            text = json_text(cells, cells)
            stream.write(text.encode(errors=JSON_ERRORS) + b"\n")

    yield write


#: how to encode JSON: a lone surrogate is written as a JSON escape
JSON_ERRORS = "backslashreplace"


def json_text(value: object, cells: Mapping[str, object], indent: int | None = None) -> str:
    """Return the JSON text of a value that contains the cells of a row.

    Raise :class:`OutputError` for the first cell that JSON cannot hold.
    """
    try:
        return _json(value, indent)
    except (OutputError, ValueError):
        raise next(filter(None, map(_json_fault, cells, cells.values()))) from None


def _json(value: object, indent: int | None = None) -> str:
    """Return the JSON text of a value."""
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, default=_plain_text, indent=indent
    )


def _plain_text(value: object) -> str:
    """Format a value that has no JSON type."""
    return show(value) if isinstance(value, Decimal) and value.is_finite() else format_value(value)


def _json_fault(name: str, value: object) -> OutputError | None:
    """Return the error about a value that JSON cannot hold; None if it can."""
    try:
        _json(value)
    except OutputError as error:
        return _column_error(name, error)
    except ValueError:
        message = Message.of("output.not-json", value=str(value))
        return _column_error(name, OutputError(message=message))
    return None


def _column_error(name: str, error: OutputError) -> OutputError:
    """Return an error that names the column of a value."""
    message = Message.of("output.column", column=name, message=error.message)
    return OutputError(message=message, help=error.help or Message.of("output-help.column"))


_WRITERS: dict[str, Callable[[BinaryIO], AbstractContextManager[Write]]] = {
    ".csv": _to_csv,
    ".parquet": parquet_writer.writing,
    ".xlsx": excel_writer.writing,
    ".jsonl": _to_json_lines,
    ".ndjson": _to_json_lines,
}
