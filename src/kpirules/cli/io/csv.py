"""Read CSV files of spreadsheets and HR systems."""

from __future__ import annotations

import csv
import io
import re
from contextlib import suppress
from importlib.util import find_spec
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING

from kpirules.cli.io.encoding import encoding_of
from kpirules.cli.io.sources import Options, Piece, Row, Source
from kpirules.cli.io.tables import TableError, is_blank
from kpirules.evaluation.headings import names_in
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

    import polars as pl

    from kpirules.compiler.plan import Plan


#: maximum of characters and rows that are examined to find the delimiter
_HEAD, _FIRST = 1 << 16, 21
_DELIMITERS = ",;\t|"
#: a file of more lines is read in pieces of this number of characters, and the rest of a line
_MANY, _PIECE = 10_000, 1 << 23


def source(path: Path, plan: Plan, options: Options) -> Source:
    """Open a CSV file; detect its encoding and its delimiter."""
    file = str(path)
    encoding, notes = encoding_of(path, plan, options.encoding)
    with path.open(encoding=encoding, newline="") as text:
        head = text.read(_HEAD)
    hint = re.match(r'\ufeff?"?sep=([,;\t|])"?\r?\n', head, re.IGNORECASE)
    skipped = 1 if hint else 0
    head = head[hint.end() :] if hint else head
    delimiter = hint[1] if hint else _delimiter(head, plan, options.heading)
    done = [0]

    def rows() -> Iterator[Row]:
        with path.open(encoding=encoding, newline="") as stream:
            for _ in range(skipped):
                stream.readline()
            for line, _, cells in _rows(stream, delimiter, file, skipped):
                done[0] = line
                yield line, cells, None

    def pieces(heading: int, width: int) -> Iterator[Piece]:
        with path.open(encoding=encoding, newline="") as stream:
            for piece in _pieces(stream, delimiter, file, heading, width):
                done[0] = piece[0][-1] if isinstance(piece, tuple) else piece[-1][0]
                yield piece

    total = _lines(path)
    is_large = total > _MANY and find_spec("polars") is not None
    return Source(
        place="line",
        rows=rows,
        total=total,
        done=lambda: done[0],
        notes=notes,
        is_untyped=True,
        pieces=pieces if is_large else None,
    )


def _lines(path: Path) -> int:
    """Return about how many lines a file has."""
    with path.open("rb") as stream:
        return sum(piece.count(b"\n") for piece in iter(lambda: stream.read(1 << 20), b""))


def _rows(
    lines: Iterable[str], delimiter: str, file: str, skipped: int = 0
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (first line, last line, cells) of each row; ``skipped``: lines before the first."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begun = 1 + skipped
    try:
        for cells in reader:
            last = reader.line_num + skipped
            yield begun, last, cells
            begun = last + 1
    except csv.Error as error:
        line = reader.line_num + skipped
        message = Message.of("file.not-csv", reason=str(error))
        raise TableError(file=file, line=line, message=message) from None


def _pieces(stream: TextIO, delimiter: str, file: str, heading: int, width: int) -> Iterator[Piece]:
    """Yield the rows below the heading, in pieces.

    A piece of complete rows without anything doubtful is a frame. The rows of any other are found
    by Python's reader; the last of them may end beyond the piece.
    """
    end = next(end for begin, end, _ in _rows(stream, delimiter, file) if begin >= heading)
    while text := stream.read(_PIECE):
        text += stream.readline()
        found = frame_of(text, delimiter, width)
        if found is not None:
            frame, inner = found
            begins = range(end + 1, end + 1 + len(frame))
            yield (begins if inner is None else _begins(end + 1, inner)), frame
            end += len(frame) + (0 if inner is None else sum(inner))
            continue
        lines = io.StringIO(text, newline="")
        until = end + sum(1 for _ in lines)
        lines.seek(0)
        rows: list[Row] = []
        for begin, last, cells in _rows(  # pragma: no branch - the last line of the piece ends it
            chain(lines, stream), delimiter, file, end
        ):
            rows.append((begin, cells, None))
            end = last
            if end >= until:
                break
        yield rows


def _begins(first: int, inner: Sequence[int]) -> list[int]:
    """Return the first lines of rows; ``inner``: the line ends within each."""
    return list(accumulate(inner[:-1], lambda line, ends: line + 1 + ends, initial=first))


def frame_of(
    text: str, delimiter: str, width: int
) -> tuple[pl.DataFrame, Sequence[int] | None] | None:
    """Return lines as a frame of texts; None if a line may be anything but a row.

    Returns also the number of line ends within the cells of each row; None if there are none.
    """
    import polars as pl  # noqa: PLC0415 - the extra is installed

    quoted = '"' in text
    if "\0" in text:
        return None
    bare, inner = _without_quoted(text, delimiter) if quoted else (text, False)
    bare = bare.replace("\r\n", "\n")
    if any(c in bare for c in '"\r') or bare.startswith("\n") or "\n\n" in bare:
        return None
    try:
        frame = pl.read_csv(
            (text.replace("\r\n", "\n") if quoted else bare).encode(),
            has_header=False,
            separator=delimiter,
            quote_char='"' if quoted else None,
            schema={str(i): pl.String for i in range(width)},
        )
    except (pl.exceptions.PolarsError, UnicodeEncodeError):
        # a row with more cells than the heading, which is reported with its line
        return None
    # a short row lacks cells
    frame = frame.fill_null("")
    longest = max(frame.select(pl.all().str.len_bytes().max()).row(0))
    rows = bare.count("\n") + (not bare.endswith("\n"))
    if longest > csv.field_size_limit() or len(frame) != rows:
        return None
    if not inner:
        return frame, None
    ends = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)))
    return frame, ends.to_series().to_list()


#: a quoted cell; polars and Python agree on its line ends if they are plain ones
_QUOTED = re.compile(r'"[^"\r]*(?:""[^"\r]*)*"')


def _without_quoted(text: str, delimiter: str) -> tuple[str, bool]:
    """Return lines with NUL in place of each quoted cell, and whether a cell has a line end.

    A quote that remains is not one at the begin or the end of a cell.
    """
    bare = _QUOTED.sub("\0", text)
    count = bare.count("\0")
    begins = bare.startswith("\0") + bare.count(f"{delimiter}\0") + bare.count("\n\0")
    ends = (
        bare.endswith("\0")
        + bare.count(f"\0{delimiter}")
        + bare.count("\0\n")
        + bare.count("\0\r\n")
    )
    if begins != count or ends != count:
        return '"', False
    return bare, bare.count("\n") < text.count("\n")


def _delimiter(head: str, plan: Plan, heading: int | None) -> str:
    """Return the delimiter with which a row has the most names of the ruleset.

    Ties, also without any name, are decided by the count of each delimiter in the heading outside
    of quotes, then by its count in the first lines together.
    """
    lines = head.splitlines()
    first = lines[heading - 1 :] if heading else [line for line in lines if not is_blank(line)]
    begun = first[: 1 if heading else _FIRST]
    bare = [re.sub(r'"[^"]*"?', "", line) for line in begun] or [""]

    def rank(delimiter: str) -> tuple[int, int, int]:
        found = csv.reader(iter(begun), delimiter=delimiter)
        names = max((names_in(plan, cells) for cells in islice(_safe(found), _FIRST)), default=0)
        return names, bare[0].count(delimiter), sum(line.count(delimiter) for line in bare)

    return max(_DELIMITERS, key=rank)


def _safe(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield the rows before the first that is not CSV."""
    with suppress(csv.Error):
        yield from rows
