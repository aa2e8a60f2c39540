"""Read CSV files of spreadsheets and HR systems."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from kpirules.cli.io.encoding import encoding_of
from kpirules.cli.io.sources import Options, Row, Source
from kpirules.cli.io.tables import TableError, is_blank
from kpirules.evaluation.headings import names_in
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from kpirules.compiler.plan import Plan


#: maximum of characters and rows that are examined to find the delimiter
_HEAD, _FIRST = 1 << 16, 21
_DELIMITERS = ",;\t|"


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
            for line, cells in _rows(stream, delimiter, file, skipped):
                done[0] = line
                yield line, cells, None

    return Source(
        place="line",
        rows=rows,
        total=_lines(path),
        done=lambda: done[0],
        notes=notes,
        is_untyped=True,
    )


def _lines(path: Path) -> int:
    """Return about how many lines a file has."""
    with path.open("rb") as stream:
        return sum(piece.count(b"\n") for piece in iter(lambda: stream.read(1 << 20), b""))


def _rows(
    stream: TextIO, delimiter: str, file: str, skipped: int = 0
) -> Iterator[tuple[int, list[str]]]:
    """Yield (first line, cells) of each row."""
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    begun = 1 + skipped
    try:
        for cells in reader:
            yield begun, cells
            begun = reader.line_num + 1 + skipped
    except csv.Error as error:
        line = reader.line_num + skipped
        message = Message.of("file.not-csv", reason=str(error))
        raise TableError(file=file, line=line, message=message) from None


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
