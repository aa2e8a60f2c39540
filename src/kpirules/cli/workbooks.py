"""Workbooks from outside, read row by row, and bounded: a small file can say that it is vast.

What a cell holds comes as it is. An error is a text such as ``#DIV/0!``, and a formula that nobody
worked out is its own text: no input takes either, while a default would stand in for nothing.
Numbers have the fifteen digits that spreadsheets show and compare by.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from contextlib import contextmanager
from decimal import Decimal
from itertools import repeat
from typing import IO, TYPE_CHECKING, Any

from kpirules.cli.io.tables import TableError
from kpirules.errors import KpirulesError
from kpirules.extras import fetch
from kpirules.sheets.layout import MOST_ROWS


if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


#: what one workbook may hold, unpacked
MAX_BYTES = 128 << 20
#: so many cells are read of it, the empty ones before others among them
MAX_CELLS = 20_000_000
#: so many empty rows within a table are somebody's gap, and not a cell that was forgotten far below
MAX_GAP = 1_000
#: in XML of more than so many pieces, a row or a text ends in each two of them: the library makes a
#: tree of all that stands between such ends
_PIECE, _FREE = 1 << 20, 2
_ENDS = re.compile(rb"</(?:\w+:)?(?:row|si)\s*>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
#: what could hide an end, or make one
_HIDING = re.compile(rb"<!|<\?(?!xml\s)")
#: what a parser takes for XML; and XML in which a byte of ASCII is what it seems to be
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe|\xfe\xff|\x00")
_PLAIN = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<"
    rb"(?:\?xml(?![^>]*encoding\s*=\s*.(?!utf-8|us-ascii|iso-8859-1))|[!a-z])",
    re.IGNORECASE,
)
_HELP = "open it in Excel or LibreOffice and save it as an Excel Workbook (.xlsx)"
_END: Any = object()


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
            content, has_formulas = self._looked_over(content)
            # as it was last worked out; and where there are formulas, these beside it
            books = [
                openpyxl.load_workbook(
                    content, read_only=True, data_only=is_worked_out, keep_links=False
                )
                for is_worked_out in ((True, False) if has_formulas else (True,))
            ]
        if not books[0].worksheets:
            raise TableError(file=self._file, message="has no worksheet", help=_HELP)
        sheets = [book.worksheets for book in books]
        self._sheets = {some[0].title: some for some in zip(*sheets, strict=True)}
        self._seen = tuple(s.title for s in sheets[0] if s.sheet_state == "visible")
        #: about so many rows the first sheet has, by what it says
        self.size: int = sheets[0][0].max_row or 0

    def _looked_over(self, content: io.BytesIO) -> tuple[io.BytesIO, bool]:
        """Leave out what would fill the memory, if it were read; say whether there are formulas.

        Which part is a sheet, only the library knows: without it, the workbook cannot be read.
        """
        has_formulas, left = False, set[str]()
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            if max(size, len(content.getbuffer())) > MAX_BYTES:
                raise TableError(
                    file=self._file,
                    message=f"holds more than {MAX_BYTES >> 20} MiB of text",
                    help="save its table as CSV",
                )
            for entry in entries:
                with archive.open(entry) as part:
                    found = _formulas_in(part, is_large=entry.file_size > _FREE * _PIECE)
                has_formulas |= bool(found)
                left |= set[str]() if found is not None else {entry.filename}
            if left:
                content = io.BytesIO()
                with zipfile.ZipFile(content, "w") as safe:
                    for entry in entries:
                        if entry.filename not in left:
                            safe.writestr(entry.filename, archive.read(entry))
        return content, has_formulas

    @contextmanager
    def _named(self) -> Generator[None]:
        """Say of which file it is that something is wrong; what is passed over is not said."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except (KpirulesError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the library meets in a damaged file
            reason = str(error) or type(error).__name__
            message = f"is no workbook that can be read: {reason}"
            raise TableError(file=self._file, message=message, help=_HELP) from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its sheets."""
        return tuple(self._sheets)

    @property
    def others(self) -> tuple[str, ...]:
        """The names of the sheets that can be seen, beside the one that holds the table."""
        return self._seen[1:]

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Give the rows of a sheet, each as far as its last cell."""
        sheets = self._sheets[name]
        for sheet in sheets:
            # what it says of its size is not believed
            sheet.reset_dimensions()
        rows = zip(*(sheet.iter_rows() for sheet in sheets), strict=True)
        number = 0
        while True:
            with self._named():
                row: tuple[Any, ...] = next(rows, _END)
            if row is _END:
                return
            number += 1
            self._left -= len(row[0]) + 1
            if self._left < 0 or number > MOST_ROWS:
                raise self._far("has too many cells")
            yield tuple(map(_held, *row))

    def _far(self, message: str) -> TableError:
        """Say that something stands where no table reaches."""
        help_ = "delete what stands far from the table, or save it as CSV"
        return TableError(file=self._file, message=message, help=help_)

    def heading(self) -> tuple[object, ...]:
        """Give the heading of the table."""
        found = next(self.table(), None)
        if found is None:
            raise TableError(file=self._file, message="its first sheet is empty", help=_HELP)
        return found

    def table(self) -> Iterator[tuple[object, ...]]:
        """Give the table on the first sheet that can be seen: its heading and its rows.

        It begins with the first row that holds something, in its first cell that does, and ends
        with the last row that does.
        """
        begun, begin, empty = False, 0, 0
        for number, row in enumerate(self.rows((self._seen or self.names)[0]), 1):
            if all(cell is None for cell in row):
                empty += 1
                continue
            if begun and empty > MAX_GAP:
                raise self._far(f"has {empty} empty rows, and a row below them")
            if begun:
                yield from repeat((), empty)
            else:
                begin = next(i for i, cell in enumerate(row) if cell is not None)
            end = max(i for i, cell in enumerate(row) if cell is not None)
            if any(cell is not None for cell in row[:begin]):
                raise TableError(
                    file=self._file,
                    line=number,
                    message="a cell stands before the first column of the heading",
                    help="give its column a name in the heading, or delete it",
                )
            yield row[begin : end + 1]
            begun, empty = True, 0


def _formulas_in(part: IO[bytes], *, is_large: bool) -> bool | None:
    """Say whether there may be formulas in a part; None where it is not to be read."""
    found, before, without = False, b"", 0
    for number, piece in enumerate(iter(lambda: part.read(_PIECE), b"")):
        if not number and not _XML.match(piece):
            return False
        text = before + piece
        without = 0 if _ENDS.search(text) else without + 1
        if not (number or _PLAIN.match(piece)) or b"<!DOCTYPE" in text:
            return None
        if is_large and (without > 1 or _HIDING.search(text)):
            return None
        found |= bool(_FORMULA.search(text))
        before = piece[-32:]
    return found


def _held(cell: Any, written: Any = None) -> object:  # noqa: ANN401 - openpyxl has no types
    """Give what a cell holds; ``written``: the same cell, its formula in place of its result."""
    value = cell.value
    if isinstance(value, float):
        # as a spreadsheet shows it: 0.1 + 0.2 is 0.3 there
        return Decimal(f"{value:.15g}")
    if value is None and written is not None and cell.data_type == "n":
        return None if written.value is None else str(written.value)
    return value
