"""Workbooks from outside, read row by row, and bounded: a small file can say that it is vast.

What a cell holds comes as it is: an error is a text such as ``#DIV/0!``, which no input takes, and
not nothing, which a default would stand in for. Numbers have the fifteen digits that spreadsheets
show and compare by.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from contextlib import contextmanager
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING

from kpirules.cli.csvfiles import MAX_BYTES, TableError
from kpirules.errors import KpirulesError
from kpirules.extras import fetch


if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


#: so many cells are read of a workbook, the empty ones before others among them
MAX_CELLS = 20_000_000
#: Excel itself has no more rows
MAX_ROWS = 1 << 20
#: so many empty rows within a table are somebody's gap, and not a cell that was forgotten far below
MAX_GAP = 1_000


class Book:
    """An open workbook."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises :class:`TableError` where it is none, or too large; OSError."""
        self._file = str(path)
        self._left = MAX_CELLS
        openpyxl = fetch("openpyxl", "excel")
        with path.open("rb") as stream:
            content = io.BytesIO(stream.read(MAX_BYTES + 1))
        with self._named():
            with zipfile.ZipFile(content) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
            if max(size, len(content.getbuffer())) > MAX_BYTES:
                raise TableError(
                    file=self._file,
                    message=f"holds more than {MAX_BYTES >> 20} MiB of text",
                    help="save its table as CSV",
                )
            with warnings.catch_warnings():
                # of what it passes over: colours, rules of validation
                warnings.simplefilter("ignore")
                book = openpyxl.load_workbook(
                    content, read_only=True, data_only=True, keep_links=False
                )
            self._sheets = {sheet.title: sheet for sheet in book.worksheets}
            #: about so many rows the first sheet has, by what it says
            self.size: int = next((sheet.max_row or 0 for sheet in book.worksheets), 0)

    @contextmanager
    def _named(self) -> Generator[None]:
        """Say of which file it is that something is wrong."""
        try:
            yield
        except (KpirulesError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the library meets in a damaged file
            reason = str(error) or type(error).__name__
            raise TableError(file=self._file, message=f"is no workbook: {reason}") from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its sheets."""
        return tuple(self._sheets)

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Give the rows of a sheet, each as far as its last cell."""
        sheet = self._sheets[name]
        # what it says of its size is not believed
        sheet.reset_dimensions()
        with self._named():
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                self._left -= len(row) + 1
                if self._left < 0 or number > MAX_ROWS:
                    raise self._far("has too many cells")
                yield tuple(map(_digits, row))

    def _far(self, message: str) -> TableError:
        """Say that something stands where no table reaches."""
        help_ = "delete what stands far from the table, or save it as CSV"
        return TableError(file=self._file, message=message, help=help_)

    def table(self) -> Iterator[tuple[object, ...]]:
        """Give the table on the first sheet: its heading and its rows.

        It begins with the first cell that holds something, and ends with the last row that does.
        """
        begun, begin, empty = False, 0, 0
        for row in self.rows(self.names[0]):
            if all(cell is None for cell in row):
                empty += 1
            elif begun and empty > MAX_GAP:
                raise self._far(f"has {empty} empty rows, and a row below them")
            elif begun:
                yield from repeat((), empty)
                yield row[begin:]
                empty = 0
            else:
                begin = next(i for i, cell in enumerate(row) if cell is not None)
                end = max(i for i, cell in enumerate(row) if cell is not None)
                yield row[begin : end + 1]
                begun, empty = True, 0


def _digits(value: object) -> object:
    """Give a number as a spreadsheet shows it: 0.1 + 0.2 is 0.3 there."""
    return Decimal(f"{value:.15g}") if isinstance(value, float) else value
