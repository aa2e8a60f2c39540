"""CSV files as spreadsheets and HR systems write them, read whole."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import attrs

from kpirules.cli.io.tables import TableError
from kpirules.texts import brief


if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


#: what one file may hold
MAX_BYTES = 256 << 20
MAX_ROWS = 1_000_000
MAX_COLUMNS = 10_000


@attrs.frozen(kw_only=True)
class Table:
    """A file's cells, all as text."""

    header: tuple[str, ...]
    #: as many cells in each row as in the header
    rows: tuple[tuple[str, ...], ...]
    #: the file's line on which each row starts
    lines: tuple[int, ...]
    encoding: str
    delimiter: str


#: tables that are not read, and are no CSV under another name
_OTHER = frozenset((".xls", ".xlsm", ".xlsb", ".ods", ".numbers"))
#: so much of a large file is looked at together
_HEAD = 1 << 20

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_table(path: Path) -> Table:
    """Read a CSV file whose first row names its columns.

    The encoding is UTF-8, with or without a byte order mark, UTF-16 with one, or GB18030 (which
    GBK is part of); the delimiter is a comma, a semicolon or a tab, whichever parts the heading.
    Raises :class:`TableError` with the line where something is wrong.
    """
    file = str(path)
    _refuse_other(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TableError(file=file, message=f"cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise TableError(file=file, message=f"has more than {MAX_BYTES >> 20} MiB", help="split it")
    text, encoding = _decode(data, file)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        help_ = "save it as CSV; this may be a workbook"
        raise TableError(file=file, line=line, message="has a NUL character", help=help_)
    skipped, text = _without_hint(text)
    delimiter = _delimiter(text)
    return _rows(text, file, encoding, delimiter, skipped)


def _refuse_other(path: Path) -> None:
    """Refuse a file whose name says that it is no CSV."""
    if path.suffix.lower() in _OTHER:
        raise TableError(
            file=str(path),
            message=f"files of the kind {path.suffix} are not read",
            help="save it as an Excel Workbook (.xlsx) or as CSV",
        )


def _decode(data: bytes, file: str) -> tuple[str, str]:
    """Take bytes as text: by their mark, else UTF-8, else GB18030."""
    encodings = [name for mark, name in _MARKS if data.startswith(mark)] or ["utf-8", "gb18030"]
    place = 0
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            # what follows the mark of UTF-8 is counted without it
            after = 3 if encoding == "utf-8-sig" else 0
            place = error.start + after if encoding == encodings[0] else place
    line = data.count(b"\n", 0, place) + 1
    names = " or ".join(name.removesuffix("-sig").upper() for name in encodings)
    message = f"is not {names}: byte 0x{data[place]:02x}"
    raise TableError(file=file, line=line, message=message, help='save it as "CSV UTF-8"')


def sniff(path: Path) -> tuple[str, str, int]:
    """Tell the encoding and the delimiter of a CSV file that is too large to be read whole.

    Returns them with the number of lines before the heading. The whole file is decoded once, a
    part at a time: what follows in another encoding is told before anything is scored.
    """
    _refuse_other(path)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    marked = [name for mark, name in _MARKS if head.startswith(mark)]
    line = 1
    for encoding in (*(marked or ["utf-8"]), *([] if marked else ["gb18030"])):
        line = 1
        try:
            with path.open("r", encoding=encoding, newline="") as text:
                while part := text.read(_HEAD):
                    line += part.count("\n")
        except UnicodeDecodeError:
            continue
        with path.open("r", encoding=encoding, newline="") as text:
            skipped, begun = _without_hint(text.read(_HEAD))
        return encoding, _delimiter(begun), skipped
    raise TableError(
        file=str(path), line=line, message="is not UTF-8 or GB18030", help='save it as "CSV UTF-8"'
    )


def _without_hint(text: str) -> tuple[int, str]:
    """Take the line ``sep=;`` away that some programs write for Excel; it is the delimiter."""
    hint = re.match(r'"?sep=([,;\t])"?\r?\n', text, re.IGNORECASE)
    return (1, text[hint.end() :]) if hint else (0, text)


def _delimiter(text: str) -> str:
    """Choose what parts the heading: the one that stands there most often, outside of quotes."""
    heading = re.match(r'(?:[^"\r\n]|"[^"]*")*', text)
    bare = re.sub(r'"[^"]*"', "", heading[0] if heading else "")
    return max(",;\t", key=bare.count)


def _rows(text: str, file: str, encoding: str, delimiter: str, skipped: int) -> Table:
    """Take the text apart."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[list[str]] = []
    lines: list[int] = []
    begun = 1 + skipped
    try:
        for cells in reader:
            found.append(cells)
            lines.append(begun)
            begun = reader.line_num + 1 + skipped
            if len(found) > MAX_ROWS + 1:
                raise TableError(file=file, message=f"has more than {MAX_ROWS} rows")
    except csv.Error as error:
        line = reader.line_num + skipped
        raise TableError(file=file, line=line, message=f"is not CSV: {error}") from None
    while found and not any(cell.strip() for cell in found[-1]):
        del found[-1], lines[-1]
    if not found:
        raise TableError(file=file, message="is empty", help="the first row names the columns")
    header = _header(found[0], file, lines[0])
    rows = [_fitted(row, len(header), file, line) for row, line in _below(found, lines)]
    return Table(
        header=header,
        rows=tuple(rows),
        lines=tuple(lines[1:]),
        encoding=encoding,
        delimiter=delimiter,
    )


def _below(found: list[list[str]], lines: list[int]) -> Iterable[tuple[list[str], int]]:
    """Give the rows below the heading with their lines."""
    return zip(found[1:], lines[1:], strict=True)


def _header(cells: list[str], file: str, line: int) -> tuple[str, ...]:
    """Take the names of the columns; each may stand once."""
    names = [cell.strip() for cell in cells]
    if len(names) > MAX_COLUMNS:
        raise TableError(file=file, line=line, message=f"has more than {MAX_COLUMNS} columns")
    while len(names) > 1 and not names[-1]:
        del names[-1]
    twice = sorted({brief(name) for name in names if names.count(name) > 1})
    if twice:
        message = f"columns are named twice: {', '.join(twice)}"
        raise TableError(file=file, line=line, message=message, help="rename one of each")
    return tuple(names)


def _fitted(cells: list[str], count: int, file: str, line: int) -> tuple[str, ...]:
    """Give a row as many cells as the heading has; only empty ones may be too many."""
    if any(cell.strip() for cell in cells[count:]):
        message = f"has {len(cells)} cells, and the heading has {count}"
        raise TableError(file=file, line=line, message=message, help="a cell may lack its quotes")
    return (*cells[:count], *[""] * (count - len(cells)))
