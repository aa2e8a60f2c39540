"""Tables of records in files of every kind, a batch of rows at a time, so that none is too large.

Each format is read by the library that knows it. Cells of CSV, Excel and JSON lines become texts,
spelled exactly, since their rows may hold anything; the columns of a Parquet file keep their types.
"""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

import attrs

from kpirules.cli.csvfiles import MAX_COLUMNS, sniff
from kpirules.cli.io.tables import TableError, spelled
from kpirules.cli.workbooks import Book
from kpirules.extras import fetch
from kpirules.sheets.reading import DamagedError, Filled, read
from kpirules.texts import brief
from kpirules.trees import is_table


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    import polars as pl

    Batches: TypeAlias = "Iterator[pl.DataFrame]"

#: so many rows are scored at a time: enough for the work to outweigh its beginning, few enough for
#: any machine
ROWS = 100_000
#: so many of a workbook's sheets are named
_NAMED = 10
#: a line of JSON is not longer
MAX_LINE = 1 << 20


@attrs.frozen(kw_only=True)
class Source:
    """A file that is read a batch at a time."""

    names: tuple[str, ...]
    batches: Callable[[], Batches]
    #: how much there is to read, and how much of it has been: rows, or bytes
    total: int
    done: Callable[[], int]
    #: the fingerprint of the rubric that a workbook was made for
    made_for: str = ""
    #: what else is to be said of it
    notes: tuple[str, ...] = ()


def opened(path: Path, ending: str) -> Source:
    """Open a file by the ending that tells its format."""
    file = str(path)
    try:
        return _OPENERS[ending](path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TableError(file=file, message=f"cannot be read: {reason}") from None


def _checked(names: Iterable[object], file: str) -> tuple[str, ...]:
    """Take the names of columns; each may stand once."""
    found = tuple(str(name).strip() if name is not None else "" for name in names)
    if len(found) > MAX_COLUMNS:
        raise TableError(file=file, message=f"has more than {MAX_COLUMNS} columns")
    twice = sorted({brief(name) for name in found if found.count(name) > 1})
    if twice:
        message = f"columns are named twice: {', '.join(twice)}"
        raise TableError(file=file, line=1, message=message, help="rename one of each")
    return found


def _parquet(path: Path) -> Source:
    """Read a Parquet file."""
    pl, pa, pq = (fetch(name, "frames") for name in ("polars", "pyarrow", "pyarrow.parquet"))

    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise TableError(file=str(path), message=f"is no Parquet file: {error}") from None
    done = [0]

    def batches() -> Batches:
        for batch in file.iter_batches(batch_size=ROWS):
            done[0] += batch.num_rows
            yield pl.from_arrow(pa.Table.from_batches([batch]))
        if not file.metadata.num_rows:
            yield pl.from_arrow(file.schema_arrow.empty_table())

    names = _checked(file.schema_arrow.names, str(path))
    return Source(names=names, batches=batches, total=file.metadata.num_rows, done=lambda: done[0])


def _texts(names: tuple[str, ...], rows: Iterable[list[str | None]], file: str) -> Batches:
    """Give rows of texts as frames."""
    pl = fetch("polars", "frames")
    schema = dict.fromkeys(names, pl.String)
    rows = iter(rows)
    before, first = 0, True
    while (some := list(islice(rows, ROWS))) or first:
        first = False
        for number, row in enumerate(some, before + 1):
            if any(cell for cell in row[len(names) :]):
                message = f"has {len(row)} cells, and the heading has {len(names)}"
                said = brief(row[0] or "")
                raise TableError(file=file, message=f"row {number} {message}: {said}")
        before += len(some)
        columns = {
            name: [row[i] if i < len(row) else None for row in some] for i, name in enumerate(names)
        }
        yield pl.DataFrame(columns, schema=schema)


def _csv(path: Path) -> Source:
    """Read a CSV file; its encoding and delimiter are told by its beginning."""
    encoding, delimiter, skipped = sniff(path)
    file, size = str(path), path.stat().st_size
    done = [0]

    def cells() -> Generator[list[str | None]]:
        with path.open("rb") as raw:
            text = io.TextIOWrapper(raw, encoding=encoding, newline="")
            for _ in range(skipped):
                text.readline()
            rows = csv.reader(text, delimiter=delimiter, strict=True)
            try:
                for row in rows:
                    if row:
                        yield list(row)
                        done[0] = raw.tell()
            except csv.Error as error:
                line = rows.line_num + skipped
                raise TableError(file=file, line=line, message=f"is not CSV: {error}") from None

    with closing(cells()) as first:
        names = _checked(next(first, list[str | None]()), file)
    return Source(
        names=names,
        batches=lambda: _texts(names, islice(cells(), 1, None), file),
        total=size,
        done=lambda: done[0],
    )


def _xlsx(path: Path) -> Source:
    """Read a workbook: the forms of one that kpirules made, or the first sheet of any other."""
    file = str(path)
    book = Book(path)
    try:
        filled = read(book)
    except DamagedError as error:
        raise TableError(file=file, message=str(error)) from None
    names = _checked(book.heading() if filled is None else filled.names, file)
    done = [0]

    def batches() -> Batches:
        rows = islice(book.table(), 1, None) if filled is None else filled.rows
        for batch in _texts(names, ([_cell(v) for v in row] for row in rows), file):
            done[0] += len(batch)
            yield batch

    return Source(
        names=names,
        batches=batches,
        total=book.size if filled is None else len(filled.rows),
        done=lambda: done[0],
        made_for="" if filled is None else filled.fingerprint,
        notes=tuple(_others(book) if filled is None else _noted(filled)),
    )


def _others(book: Book) -> Iterator[str]:
    """Say that there are other sheets than the one that is read."""
    if book.others:
        named = _listed(book.others)
        yield f"only the first sheet is read; these are not: {named}"


def _noted(filled: Filled) -> Iterator[str]:
    """Say which forms are gone, and which hold the same."""
    if filled.lost:
        yield f"forms that it was made with are not there any more: {_listed(filled.lost)}"
    if filled.twice:
        alike = _listed([f"{one} = {other}" for one, other in filled.twice])
        yield f"forms hold the same, so that somebody is scored twice: {alike}"


def _listed(names: Sequence[str]) -> str:
    """List names, the first of many."""
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(brief, names[:_NAMED])) + more


def _cell(value: object) -> str | None:
    """Spell a cell of a workbook, or a value of JSON, exactly."""
    return None if value is None else spelled(value)


def _json_lines(path: Path) -> Source:
    """Read a file with a JSON object a line."""
    file = str(path)
    names: dict[str, None] = {}
    with path.open(encoding="utf-8-sig") as lines:
        for record in _objects(lines, file):
            names |= dict.fromkeys(record)
    every = _checked(names, file)
    done = [0]

    def rows() -> Iterator[list[str | None]]:
        with path.open(encoding="utf-8-sig") as lines:
            for record in _objects(lines, file):
                done[0] += 1
                yield [_cell(record.get(name)) for name in every]

    with path.open("rb") as stream:
        total = sum(1 for line in stream if line.strip())
    return Source(
        names=every,
        batches=lambda: _texts(every, rows(), file),
        total=total,
        done=lambda: done[0],
    )


def _flat(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give names and values; a table under a name is written with dots."""
    for name, value in record.items():
        if is_table(value) and value:
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def _objects(stream: TextIO, file: str) -> Iterator[dict[str, Any]]:
    """Give the objects of a file of JSON lines, the names in them written with dots."""
    number = 0
    try:
        while line := stream.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                message = f"has more than {MAX_LINE} characters"
                raise TableError(file=file, line=number, message=message)
            if line.strip():
                record: object = json.loads(line, parse_float=Decimal)
                if not is_table(record):
                    raise TableError(file=file, line=number, message="is no JSON object")
                yield dict(_flat(record))
    except (ValueError, RecursionError) as error:
        raise TableError(file=file, line=number, message=f"is not JSON: {error}") from None


_OPENERS: dict[str, Callable[[Path], Source]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
