"""Writers of tables: CSV, Parquet, JSON lines and Excel workbooks, some columns at a time."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from kpirules.cli.io.tables import Column, rows_of, spelled
from kpirules.extras import fetch
from kpirules.numbers import PLAIN, show


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

Write: TypeAlias = "Callable[[Sequence[Column]], None]"


@contextmanager
def writing(target: Path | BinaryIO, ending: str) -> Generator[Write]:
    """Write columns, some rows after the other, into a file of a format or a stream."""
    with _WRITERS[ending](target) as write:
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
    there; a plain number stays. Control characters become U+FFFD.

    >>> harmless("=cmd()"), harmless("-50"), harmless("- see note")
    ("'=cmd()", '-50', "'- see note")
    """
    clean = _ACTIVE.sub("\ufffd", cell.replace("\r\n", "\n"))
    if _FORMULA.match(clean) and not PLAIN.fullmatch(clean):
        return f"'{clean}"
    return clean


def _plain(value: object) -> str:
    """Spell a value for a CSV file."""
    return show(value) if isinstance(value, Decimal) else spelled(value)


@contextmanager
def _to_csv(target: Path | BinaryIO) -> Generator[Write]:
    """Write CSV as Excel reads it best; each cell harmless."""
    with _binary(target) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\r\n")
        begun: list[int] = []

        def write(columns: Sequence[Column]) -> None:
            if not begun:
                text.write("\ufeff")
                writer.writerow([harmless(column.name) for column in columns])
            begun.append(1)
            # a row of one empty cell would be an empty line, which is not a row
            writer.writerows([harmless(_plain(cell)) for cell in row] for row in rows_of(columns))

        yield write
        text.flush()
        text.detach()


def _arrow(pa: Any, column: Column) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the values of a column as an array of Arrow."""
    to_arrow: Any = getattr(column.values, "to_arrow", None)
    return pa.array(column.values) if to_arrow is None else to_arrow()


@contextmanager
def _to_parquet(target: Path | BinaryIO) -> Generator[Write]:
    """Write a Parquet file."""
    pa, pq = fetch("pyarrow", "frames"), fetch("pyarrow.parquet", "frames")

    with _binary(target) as stream:
        writers: list[Any] = []

        def write(columns: Sequence[Column]) -> None:
            table = pa.table({column.name: _arrow(pa, column) for column in columns})
            if not writers:
                writers.append(pq.ParquetWriter(stream, table.schema))
            writers[0].write_table(table.cast(writers[0].schema))

        yield write
        for writer in writers:
            writer.close()


@contextmanager
def _to_json_lines(target: Path | BinaryIO) -> Generator[Write]:
    """Write a JSON object a line; numbers with decimals are texts, which no reader makes floats."""
    with _binary(target) as stream:

        def write(columns: Sequence[Column]) -> None:
            names = [column.name for column in columns]
            for row in rows_of(columns):
                record = dict(zip(names, row, strict=True))
                text = json.dumps(record, ensure_ascii=False, default=_plain)
                stream.write(text.encode() + b"\n")

        yield write


@contextmanager
def _to_xlsx(target: Path | BinaryIO) -> Generator[Write]:
    """Write the first sheet of a workbook; texts stay texts."""
    xlsxwriter = fetch("xlsxwriter", "excel")
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with _binary(target) as stream, xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet("kpirules")
        place = [0]

        def put(cells: Iterable[object]) -> None:
            for column, cell in enumerate(cells):
                if isinstance(cell, Decimal) and Decimal(repr(float(cell))) == cell:
                    sheet.write_number(place[0], column, float(cell))
                elif isinstance(cell, int) and not isinstance(cell, bool):
                    sheet.write_number(place[0], column, cell)
                elif cell is not None:
                    sheet.write_string(place[0], column, _plain(cell))
            place[0] += 1

        def write(columns: Sequence[Column]) -> None:
            if not place[0]:
                sheet.freeze_panes(1, 0)
                put(column.name for column in columns)
            for row in rows_of(columns):
                put(row)

        yield write


_WRITERS: dict[str, Any] = {
    ".csv": _to_csv,
    ".parquet": _to_parquet,
    ".xlsx": _to_xlsx,
    ".jsonl": _to_json_lines,
    ".ndjson": _to_json_lines,
}
