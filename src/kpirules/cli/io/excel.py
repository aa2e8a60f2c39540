"""Read workbooks row by row, with limits: a small untrusted file can declare a huge size.

An error is read as a text such as ``#DIV/0!``, and a formula without a computed value as its own
text. Inputs reject both, whereas an empty cell would get the default. Numbers have the fifteen
digits that spreadsheets display and compare.
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
from kpirules.cli.io.excel_writer import TOTALS
from kpirules.cli.io.sources import Options, Range, Row, Source
from kpirules.cli.io.tables import TableError, is_blank, shown
from kpirules.errors import KpirulesError, fetch
from kpirules.sheets.excel.grid_reader import read_grid
from kpirules.sheets.excel.layout import MAX_SHEET_ROWS
from kpirules.translations.catalog import languages
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from kpirules.compiler.plan import Plan


#: maximum size of a workbook, uncompressed
MAX_BYTES = 128 << 20
#: maximum of cells that are read from it, empty ones before others included
MAX_CELLS = 20_000_000
#: maximum of empty rows within a table; a cell below more is reported as stray
MAX_GAP = 1_000
#: maximum of merged ranges
MAX_RANGES = 100_000
#: maximum of sheets named in a note
_NAMED = 10
#: rows of another sheet that are examined to find a heading
_FIRST = 20
#: in XML larger than this many pieces, a row or a text must end in every two consecutive ones:
#: openpyxl builds a tree of everything between such ends
_PIECE, _FREE = 1 << 20, 2
_ENDS = re.compile(rb"</(?:\w+:)?(?:row|si)\s*>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref\s*=\s*[\"']"
    rb"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})[\"']"
)
#: longer than the text of one merged range
_OVERLAP = 512
#: markup that can hide an end tag, or produce one
_HIDING = re.compile(rb"<!|<\?(?!xml\s)")
#: the start of XML for a parser; and of XML whose ASCII bytes mean ASCII characters
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe|\xfe\xff|\x00")
_PLAIN = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<"
    rb"(?:\?xml(?![^>]*encoding\s*=\s*.(?!utf-8|us-ascii|iso-8859-1))|[!a-z])",
    re.IGNORECASE,
)
_HELP = Message.of("file-help.save-workbook")
#: the range of the totals, and the first cell of their row
_TOTALS = re.compile(r"([^!]+)!\$[A-Z]+\$([0-9]{1,7}):\$[A-Z]+\$[0-9]{1,7}")
_TOTAL_LABELS = frozenset(Message.of("results.totals").text(lang) for lang in languages())
_END: Any = object()


class Book:
    """An open workbook, read by openpyxl within limits."""

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        """Open a file. Raise :class:`TableError` if it is not a workbook, or too large; OSError.

        ``data`` is the content of a file that is not written yet.
        """
        self._file = str(path)
        self._left = MAX_CELLS
        openpyxl = fetch("openpyxl", "excel")
        if data is None:
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        content = io.BytesIO(data)
        with self._converted_errors():
            content, has_formulas = self._without_unsafe_parts(content)
            # with computed values; if there are formulas, also with their texts
            books = [
                openpyxl.load_workbook(
                    content, read_only=True, data_only=is_computed, keep_links=False
                )
                for is_computed in ((True, False) if has_formulas else (True,))
            ]
        if not books[0].worksheets:
            message = Message.of("file.no-worksheet")
            raise TableError(file=self._file, message=message, help=_HELP)
        named = books[0].defined_names.get(TOTALS)
        self._totals = None if named is None else _TOTALS.fullmatch(named.attr_text or "")
        sheets = [book.worksheets for book in books]
        self._content = content
        self._sheets = {some[0].title: some for some in zip(*sheets, strict=True)}
        self.visible: tuple[Any, ...] = tuple(
            s.title for s in sheets[0] if s.sheet_state == "visible"
        )

    def _without_unsafe_parts(self, content: io.BytesIO) -> tuple[io.BytesIO, bool]:
        """Remove parts that would exhaust the memory; return whether there are formulas.

        Only openpyxl knows which part is a sheet: if one is removed, it cannot read the workbook.
        """
        has_formulas, left = False, set[str]()
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            if max(size, len(content.getbuffer())) > MAX_BYTES:
                raise TableError(
                    file=self._file,
                    message=Message.of("file.much-text", size=MAX_BYTES >> 20),
                    help=Message.of("file-help.much-text"),
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
    def _converted_errors(self) -> Generator[None]:
        """Convert errors of openpyxl to an error that names the file; ignore its warnings."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except (KpirulesError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - any error about a damaged file
            reason = str(error) or type(error).__name__
            message = Message.of("file.not-a-workbook", reason=reason)
            raise TableError(file=self._file, message=message, help=_HELP) from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sheets."""
        return tuple(self._sheets)

    def size(self, name: str) -> int:
        """Return the number of rows that a sheet declares."""
        return self._sheets[name][0].max_row or 0

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a sheet, each up to its last cell; percentages as displayed."""
        for cells, formats in self._cells(name):
            yield tuple(map(shown, cells, formats))

    def _cells(self, name: str) -> Iterator[tuple[tuple[object, ...], tuple[str, ...]]]:
        """Yield the values and the number formats of each row of a sheet."""
        sheets = self._sheets[name]
        for sheet in sheets:
            # the declared size is not trusted
            sheet.reset_dimensions()
        rows = zip(*(sheet.iter_rows() for sheet in sheets), strict=True)
        number = 0
        while True:
            with self._converted_errors():
                row: tuple[Any, ...] = next(rows, _END)
                if row is _END:
                    return
                number += 1
                self._left -= len(row[0]) + 1
                if self._left < 0 or number > MAX_SHEET_ROWS:
                    raise self._far_cells(Message.of("file.many-cells"))
                found = tuple(map(_value_of, *row)), tuple(map(_format_of, row[0]))
            yield found

    def _far_cells(self, message: Message) -> TableError:
        """Return the error about cells far from the table."""
        help_ = Message.of("file-help.far-cells")
        return TableError(file=self._file, message=message, help=help_)

    def table(self, name: str) -> Iterator[Row]:
        """Yield the rows of a sheet up to the last that is not blank, without its totals."""
        self._left = MAX_CELLS
        begun, empty = False, 0
        for number, (cells, formats) in enumerate(self._cells(name), 1):
            if all(map(is_blank, cells)) or self._is_totals(name, number, cells):
                empty += 1
                continue
            if begun and empty > MAX_GAP:
                raise self._far_cells(Message.of("file.gap", rows=empty))
            if begun:
                yield from ((number - empty + i, (), ()) for i in range(empty))
            yield number, cells, formats
            begun, empty = True, 0

    def _is_totals(self, name: str, number: int, cells: Sequence[object]) -> bool:
        """Return whether a row is that of the totals, which kpirules wrote below its table."""
        found = self._totals
        return (
            found is not None
            and int(found[2]) == number
            and found[1].strip("'") == name
            and cells[0] in _TOTAL_LABELS
        )

    def merged(self, name: str) -> Iterator[Range]:
        """Yield the merged ranges of a sheet, which openpyxl does not read in read-only mode."""
        part = self._sheets[name][0]._worksheet_path  # noqa: SLF001 - no public name
        found, before = 0, b""
        with zipfile.ZipFile(self._content) as archive, archive.open(part) as stream:
            for piece in iter(lambda: stream.read(_PIECE), b""):
                text = before + piece
                end = 0
                for match in _MERGED.finditer(text):
                    found, end = found + 1, match.end()
                    if found > MAX_RANGES:
                        message = Message.of("file.many-merged", cells=MAX_RANGES)
                        help_ = Message.of("file-help.many-merged")
                        raise TableError(file=self._file, message=message, help=help_)
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
    """Return whether a part may have formulas; None if it must not be read."""
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


def _value_of(cell: Any, written: Any = None) -> object:  # noqa: ANN401 - openpyxl has no types
    """Return the value of a cell; ``written``: the same cell with its formula."""
    value = cell.value
    if isinstance(value, float):
        # as a spreadsheet displays it: 0.1 + 0.2 is 0.3
        return Decimal(f"{value:.15g}")
    if value is None and written is not None and cell.data_type == "n":
        return _formula(written.value)
    return value


def _formula(value: Any) -> str | None:  # noqa: ANN401 - openpyxl has no types
    """Return the text of a formula: a plain one, an array formula, or a data table."""
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
    """Open a workbook: the grid of one written by kpirules, or one sheet of any other."""
    del plan
    file, done = str(path), [0]
    book = Book(path)
    # the options name another table
    grid = read_grid(book) if options.sheet is None and options.heading is None else None
    is_there = grid is not None and grid.sheet in book.names
    name = grid.sheet if grid is not None and is_there else _chosen(book, options.sheet, file)

    if next(book.table(name), None) is None:
        message = Message.of("file.empty-sheet", sheet=brief(name))
        raise TableError(file=file, message=message, help=_HELP)

    def rows() -> Iterator[Row]:
        done[0] = 0
        found = book.table(name)
        for row in found if grid is None else grid.table(found):
            done[0] += 1
            yield row

    def others() -> Iterator[tuple[str, list[Row]]]:
        for other in book.visible:
            if other != name:
                yield other, list(islice(book.table(other), _FIRST))

    forms = frozenset[str]() if grid is None else grid.forms
    beside = [each for each in book.visible if each != name and each not in forms]
    note = Message.of("note.one-sheet", sheet=brief(name), others=_listed(beside))
    return Source(
        place="worksheet-row",
        rows=rows,
        total=book.size(name),
        done=lambda: done[0],
        made_for="" if grid is None else grid.fingerprint,
        notes=(note,) if beside and options.sheet is None else (),
        merged=tuple(book.merged(name)),
        is_indented=True,
        others=others,
    )


def _chosen(book: Book, wanted: str | None, file: str) -> str:
    """Return the name of the sheet to read."""
    if wanted is None:
        return (book.visible or book.names)[0]
    alike = [name for name in book.names if name.strip().casefold() == wanted.strip().casefold()]
    found = wanted if wanted in book.names else alike[0] if len(alike) == 1 else None
    if found is None:
        message = Message.of("file.no-sheet", sheet=brief(wanted), sheets=_listed(book.names))
        raise TableError(file=file, message=message, help=Message.of("file-help.no-sheet"))
    return found


def _listed(names: Sequence[str]) -> Message:
    """Return a list of names, shortened if there are many."""
    listed, more = tuple(map(brief, names[:_NAMED])), len(names) - _NAMED
    if more <= 0:
        return Message.of("cli.names", names=listed)
    return Message.of("cli.names-more", names=listed, count=more)
