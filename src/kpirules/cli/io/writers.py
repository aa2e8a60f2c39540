"""Write tables as CSV, Parquet, JSON Lines and Excel workbooks, in batches of columns.

A value is written exactly, or :class:`~kpirules.cli.io.tables.OutputError` is raised: no value is
truncated, rounded or dropped.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from kpirules.arithmetic.number import show
from kpirules.cli.io import csv_writer, excel_writer, parquet_writer
from kpirules.cli.io.tables import OutputError, column_error, format_value, rows_of
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from kpirules.cli.io.excel_writer import Look
    from kpirules.cli.io.tables import Column

Write: TypeAlias = "Callable[[Sequence[Column]], None]"


@contextmanager
def writing(target: Path | BinaryIO, ending: str, look: Look | None = None) -> Generator[Write]:
    """Open a file or a stream for a table; yield the function that writes batches of columns.

    ``look``: the look of a worksheet.

    Raise :class:`OutputError` if the format cannot hold a value.
    """
    opened = partial(excel_writer.writing, look=look) if ending == ".xlsx" else _WRITERS[ending]
    with _binary(target) as stream, opened(stream) as write:
        yield write


@contextmanager
def _binary(target: Path | BinaryIO) -> Generator[BinaryIO]:
    """Open a file and close it afterwards; a given stream remains open."""
    if isinstance(target, Path):
        with target.open("wb") as stream:
            yield stream
    else:
        yield target


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
        return column_error(name, error)
    except ValueError:
        message = Message.of("output.not-json", value=str(value))
        return column_error(name, OutputError(message=message))
    return None


_WRITERS: dict[str, Callable[[BinaryIO], AbstractContextManager[Write]]] = {
    ".csv": csv_writer.writing,
    ".parquet": parquet_writer.writing,
    ".jsonl": _to_json_lines,
    ".ndjson": _to_json_lines,
}
