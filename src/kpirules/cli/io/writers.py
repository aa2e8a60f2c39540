"""Writers of tables: CSV, Parquet, JSON lines and Excel workbooks, some columns at a time.

A value is written as it is, or :class:`~kpirules.cli.io.tables.OutputError` is raised: nothing is
cut, rounded or dropped.
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

from kpirules._internal.display import printable
from kpirules.arithmetic.number import PLAIN, show
from kpirules.cli.io import excel_writer, parquet_writer
from kpirules.cli.io.tables import Column, OutputError, rows_of, spelled, with_fractions


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager

Write: TypeAlias = "Callable[[Sequence[Column]], None]"


@contextmanager
def writing(target: Path | BinaryIO, ending: str) -> Generator[Write]:
    """Open a file or a stream for a table of a format; columns are written some rows at a time.

    Raise :class:`OutputError` if the format cannot hold what is to be written.
    """
    with _binary(target) as stream, _WRITERS[ending](stream) as write:
        yield write


@contextmanager
def _binary(target: Path | BinaryIO) -> Generator[BinaryIO]:
    """Open a file; a stream stays open."""
    if isinstance(target, Path):
        with target.open("wb") as stream:
            yield stream
    else:
        yield target


#: what a spreadsheet takes for the start of a formula, full-width forms included
_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
#: characters that act rather than show: on a terminal, or on the direction of a text
_ACTIVE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def harmless(cell: str) -> str:
    """Make a text that is a text in any spreadsheet and terminal.

    What a spreadsheet would take for a formula gets an apostrophe in front, which makes it a text
    there; a plain number or percentage stays, and so does a list of numbers. Control characters
    become U+FFFD.

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
    """Write CSV as Excel reads it best: a byte order mark, commas, CRLF; each cell harmless."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    begun = False

    def write(columns: Sequence[Column]) -> None:
        nonlocal begun
        if not begun:
            text.write("\ufeff")
            writer.writerow([harmless(column.name) for column in columns])
            begun = True
        # a row of one empty cell would be an empty line, which is not a row
        writer.writerows(zip(*map(_csv_cells, with_fractions(columns)), strict=True))

    try:
        yield write
        text.flush()
    finally:
        text.detach()


def _csv_cells(column: Column) -> list[str]:
    """Spell the cells of a column for a CSV file."""
    formats = column.formats or [""] * len(column.values)
    try:
        return [harmless(_csv(*each)) for each in zip(column.plain, formats, strict=True)]
    except OutputError as error:
        raise _unfit(column.name, error) from None


def _csv(value: object, number_format: str) -> str:
    """Spell a value for a CSV file, as a spreadsheet would show it, but exactly."""
    if isinstance(value, Decimal) and value.is_finite():
        return show(value)
    if isinstance(value, Fraction):
        return excel_writer.fraction(value)
    if isinstance(value, datetime) and number_format and not excel_writer.has_time(number_format):
        return value.date().isoformat()
    return spelled(value)


@contextmanager
def _to_json_lines(stream: BinaryIO) -> Generator[Write]:
    """Write a JSON object a line; numbers with decimals are texts, which no reader makes floats."""

    def write(columns: Sequence[Column]) -> None:
        names = [column.name for column in columns]
        for row in rows_of(columns):
            try:
                text = _json(dict(zip(names, row, strict=True)))
            except (OutputError, ValueError):
                raise next(filter(None, map(_json_fault, names, row))) from None
            # half of a pair of characters is written as JSON escapes it
            stream.write(text.encode(errors="backslashreplace") + b"\n")

    yield write


def _json(value: object) -> str:
    """Return the JSON text of a value."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_json_text)


def _json_text(value: object) -> str:
    """Spell a value for which JSON has no form of its own."""
    return show(value) if isinstance(value, Decimal) and value.is_finite() else spelled(value)


def _json_fault(name: str, value: object) -> OutputError | None:
    """Return what is wrong with a value that JSON cannot hold."""
    try:
        _json(value)
    except OutputError as error:
        return _unfit(name, error)
    except ValueError:
        message = f"{printable(str(value))} is not a value of JSON"
        return _unfit(name, OutputError(message=message))
    return None


def _unfit(name: str, error: OutputError) -> OutputError:
    """Name the column of a value that cannot be written."""
    help_ = error.help or "leave the column out, or write .parquet"
    return OutputError(message=f'column "{printable(name)}": {error.message}', help=help_)


_WRITERS: dict[str, Callable[[BinaryIO], AbstractContextManager[Write]]] = {
    ".csv": _to_csv,
    ".parquet": parquet_writer.writing,
    ".xlsx": excel_writer.writing,
    ".jsonl": _to_json_lines,
    ".ndjson": _to_json_lines,
}
