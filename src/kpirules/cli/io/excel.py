"""Workbooks from outside, read row by row, and bounded: a small file can claim to be vast.

A cell gives what it holds. An error is a text such as ``#DIV/0!``, and a formula without a computed
value is its own text: no input takes either, while a default would answer for an empty cell.
Numbers have the fifteen digits that spreadsheets show and compare by.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from kpirules._internal.display import brief
from kpirules.cli.io.sources import Options, Range, Row, Source
from kpirules.cli.io.tables import TableError, is_blank, shown
from kpirules.errors import KpirulesError, fetch
from kpirules.sheets.excel.form_reader import DamagedError, Filled, read
from kpirules.sheets.excel.layout import MOST_ROWS


if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from kpirules.compiler.plan import Plan


#: what one workbook may hold, unpacked
MAX_BYTES = 128 << 20
#: so many cells are read of it, the empty ones before others among them
MAX_CELLS = 20_000_000
#: so many empty rows within a table are a gap of the table; a cell below more was forgotten there
MAX_GAP = 1_000
#: so many merged ranges are read
MAX_RANGES = 100_000
#: so many sheets are named in a note
_NAMED = 10
#: so many rows of another sheet are looked at for a heading
_FIRST = 20
#: in XML of more than so many pieces, a row or a text ends in each two of them: the library makes a
#: tree of all that is between such ends
_PIECE, _FREE = 1 << 20, 2
_ENDS = re.compile(rb"</(?:\w+:)?(?:row|si)\s*>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref\s*=\s*[\"']"
    rb"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})[\"']"
)
#: more than the text of one merged range
_OVERLAP = 512
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
        """Open it. Raise :class:`TableError` if it is not a workbook, or too large; OSError."""
        self._file = str(path)
        self._left = MAX_CELLS
        openpyxl = fetch("openpyxl", "excel")
        with path.open("rb") as stream:
            content = io.BytesIO(stream.read(MAX_BYTES + 1))
        with self._named():
            content, has_formulas = self._looked_over(content)
            # as it was last computed; and where there are formulas, these beside it
            books = [
                openpyxl.load_workbook(
                    content, read_only=True, data_only=is_computed, keep_links=False
                )
                for is_computed in ((True, False) if has_formulas else (True,))
            ]
        if not books[0].worksheets:
            raise TableError(file=self._file, message="has no worksheet", help=_HELP)
        sheets = [book.worksheets for book in books]
        self._content = content
        self._sheets = {some[0].title: some for some in zip(*sheets, strict=True)}
        self.visible = tuple(s.title for s in sheets[0] if s.sheet_state == "visible")

    def _looked_over(self, content: io.BytesIO) -> tuple[io.BytesIO, bool]:
        """Leave out what would fill the memory if it were read; return whether there are formulas.

        Only the library knows which part is a sheet: without it, the workbook cannot be read.
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
        """Raise what the library meets as an error that names the file; pass over warnings."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except (KpirulesError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the library meets in a damaged file
            reason = str(error) or type(error).__name__
            message = f"is not a workbook that can be read: {reason}"
            raise TableError(file=self._file, message=message, help=_HELP) from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its sheets."""
        return tuple(self._sheets)

    def size(self, name: str) -> int:
        """Return about how many rows a sheet has, as it declares."""
        return self._sheets[name][0].max_row or 0

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a sheet, each as far as its last cell; percents as they are shown."""
        for cells, formats in self._cells(name):
            yield tuple(map(shown, cells, formats))

    def _cells(self, name: str) -> Iterator[tuple[tuple[object, ...], tuple[str, ...]]]:
        """Yield the values and the number formats of each row of a sheet."""
        sheets = self._sheets[name]
        for sheet in sheets:
            # what it declares as its size is not believed
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
                found = tuple(map(_held, *row)), tuple(map(_format_of, row[0]))
            yield found

    def _far(self, message: str) -> TableError:
        """Return the error about cells where no table reaches."""
        help_ = "delete what is far from the table, or save it as CSV"
        return TableError(file=self._file, message=message, help=help_)

    def table(self, name: str) -> Iterator[Row]:
        """Yield the rows of a sheet up to the last that holds something."""
        self._left = MAX_CELLS
        begun, empty = False, 0
        for number, (cells, formats) in enumerate(self._cells(name), 1):
            if all(map(is_blank, cells)):
                empty += 1
                continue
            if begun and empty > MAX_GAP:
                raise self._far(f"has {empty} empty rows, and a row below them")
            if begun:
                yield from ((number - empty + i, (), ()) for i in range(empty))
            yield number, cells, formats
            begun, empty = True, 0

    def merged(self, name: str) -> Iterator[Range]:
        """Yield the merged ranges of a sheet, which the library does not give row by row."""
        part = self._sheets[name][0]._worksheet_path  # noqa: SLF001 - it has no public name
        found, before = 0, b""
        with zipfile.ZipFile(self._content) as archive, archive.open(part) as stream:
            for piece in iter(lambda: stream.read(_PIECE), b""):
                text = before + piece
                end = 0
                for match in _MERGED.finditer(text):
                    found, end = found + 1, match.end()
                    if found > MAX_RANGES:
                        message = f"has more than {MAX_RANGES} merged cells"
                        raise TableError(file=self._file, message=message, help="unmerge them")
                    left, top, right, bottom = (each.decode() for each in match.groups())
                    yield Range(
                        ref=f"{left}{top}:{right}{bottom}",
                        top=int(top),
                        bottom=int(bottom),
                        left=_index(left),
                        right=_index(right),
                    )
                before = text[max(end, len(text) - _OVERLAP) :]


def _index(name: str) -> int:
    """Return the number of a column, from 0."""
    index = 0
    for letter in name:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _formulas_in(part: IO[bytes], *, is_large: bool) -> bool | None:
    """Return whether there may be formulas in a part; None if it is not to be read."""
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
    """Return what a cell holds; ``written``: the same cell, its formula in place of its result."""
    value = cell.value
    if isinstance(value, float):
        # as a spreadsheet shows it: 0.1 + 0.2 is 0.3 there
        return Decimal(f"{value:.15g}")
    if value is None and written is not None and cell.data_type == "n":
        return _formula(written.value)
    return value


def _formula(value: Any) -> str | None:  # noqa: ANN401 - openpyxl has no types
    """Return the text of a formula: a plain one, one of an array, or a data table."""
    if value is None or isinstance(value, str):
        return value
    text = getattr(value, "text", None)
    if isinstance(text, str):
        return text
    if hasattr(value, "r1"):
        return f"=TABLE({value.r1 or ''},{value.r2 or ''})"
    return str(value)


def _format_of(cell: Any) -> str:  # noqa: ANN401 - openpyxl has no types
    """Return the number format of a cell."""
    return "General" if cell.value is None else str(cell.number_format)


def source(path: Path, plan: Plan, options: Options) -> Source:
    """Open a workbook: the forms of one that kpirules made, or one sheet of any other."""
    del plan
    file = str(path)
    book = Book(path)
    try:
        filled = read(book)
    except DamagedError as error:
        raise TableError(file=file, message=str(error)) from None
    done = [0]
    if filled is not None:
        if options.sheet is not None or options.heading is not None:
            message = "is a workbook of score sheets, whose forms are all read"
            raise TableError(file=file, message=message, help="leave --sheet and --heading out")
        return _forms(filled, done)
    name = _chosen(book, options.sheet, file)

    if next(book.table(name), None) is None:
        raise TableError(file=file, message=f"its sheet {brief(name)} is empty", help=_HELP)

    def rows() -> Iterator[Row]:
        done[0] = 0
        for row in book.table(name):
            done[0] += 1
            yield row

    def others() -> Iterator[tuple[str, list[Row]]]:
        for other in book.visible:
            if other != name:
                yield other, list(islice(book.table(other), _FIRST))

    beside = [each for each in book.visible if each != name]
    note = f"only the sheet {brief(name)} is read; these are not: {_listed(beside)}"
    return Source(
        place="worksheet row",
        rows=rows,
        total=book.size(name),
        done=lambda: done[0],
        notes=(note,) if beside and options.sheet is None else (),
        merged=tuple(book.merged(name)),
        is_indented=True,
        others=others,
    )


def _chosen(book: Book, wanted: str | None, file: str) -> str:
    """Return the name of the sheet that is read."""
    if wanted is None:
        return (book.visible or book.names)[0]
    alike = [name for name in book.names if name.strip().casefold() == wanted.strip().casefold()]
    found = wanted if wanted in book.names else alike[0] if len(alike) == 1 else None
    if found is None:
        message = f"has no sheet {brief(wanted)}; there are: {_listed(book.names)}"
        raise TableError(file=file, message=message, help="choose one of them with --sheet")
    return found


def _forms(filled: Filled, done: list[int]) -> Source:
    """Return the records of a workbook that kpirules made."""

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(filled.rows, 1):
            done[0] = number
            yield number, cells, None

    return Source(
        place="form",
        rows=rows,
        names=filled.names,
        total=len(filled.rows),
        done=lambda: done[0],
        made_for=filled.fingerprint,
        notes=tuple(_noted(filled)),
    )


def _noted(filled: Filled) -> Iterator[str]:
    """Name the forms that are not there, and those that hold the same."""
    if filled.lost:
        yield f"forms that it was made with are not there any more: {_listed(filled.lost)}"
    if filled.twice:
        alike = _listed([f"{one} = {other}" for one, other in filled.twice])
        yield f"forms hold the same, so that somebody is scored twice: {alike}"


def _listed(names: Sequence[str]) -> str:
    """List names, the first of many."""
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(brief, names[:_NAMED])) + more
