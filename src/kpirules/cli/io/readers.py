"""Read tables of records from files of every kind, in batches of rows.

The modules that return a :class:`Source` handle the differences between kinds of files. This module
finds the heading row, matches columns to names of the record, skips blank rows, and rejects cells
whose meaning is not clear.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING, cast

import attrs

from kpirules._internal.display import brief
from kpirules.cli.io import csv, excel, jsonl, parquet
from kpirules.cli.io.sources import MAX_COLUMNS, Options, Row, Source, letters
from kpirules.cli.io.tables import Batch, Column, TableError, filled_rows, format_value, is_blank
from kpirules.evaluation.headings import PERSONAL_FORMS, match, names_in, normal
from kpirules.evaluation.percentages import is_percentage, percent_readers, share_in
from kpirules.evaluation.record import readers_of, reads_numbers
from kpirules.toml.limits import regular
from kpirules.translations.message import Joined, Message, shown
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from kpirules.cli.io.sources import EarlierOptions, Opener, TogetherOptions
    from kpirules.compiler.plan import Plan
    from kpirules.errors import Problem
    from kpirules.evaluation.headings import Headings
    from kpirules.translations.message import ByLanguage


#: rows of a batch: enough to outweigh the fixed cost of scoring one, and few enough for the memory
#: of any machine
ROWS = 100_000
#: rows below the first that are examined to find the heading
_FIRST = 20
#: endings of tables that cannot be read, and are not CSV
_OTHER = frozenset((".xls", ".xlsm", ".xlsb", ".ods", ".numbers"))
_OPENERS: dict[str, Opener] = {
    ".parquet": parquet.source,
    ".xlsx": excel.source,
    ".jsonl": jsonl.source,
    ".ndjson": jsonl.source,
}
#: the options, with the readers that accept them
_KNOWN = {
    "encoding": ("--encoding", (csv.source,)),
    "sheet": ("--sheet", (excel.source,)),
    "heading": ("--heading", (csv.source, excel.source)),
}


class Table:
    """An open table of records with named columns, read in batches of rows."""

    def __init__(
        self,
        file: str,
        plan: Plan,
        found: Source,
        options: Options,
        results: Collection[str],
        *,
        keep: bool,
    ) -> None:
        """Match the columns except those of ``results``. Raise :class:`TableError`."""
        self.file = file
        self.source = found
        self.lang: str | None = options.lang
        self._needs = options.needs
        self._problem_of = plan.scope.problem
        self.label_of: Callable[[str], ByLanguage | None] = plan.scope.labels.get
        #: number of people and of blank rows in the batches so far
        self.rows: int = 0
        self.blank: int = 0
        self._begin, self._line = 0, 0
        names = found.names
        if names is None:
            names = self._heading(plan, options.heading)
        if not names:
            raise self._error(Message.of("file.empty"), Message.of("file-help.no-columns"))
        self._all = _checked(names, file)
        self._places = self._used_columns(() if keep else results)
        self.names: tuple[str, ...] = tuple(self._all[i] for i in self._places)
        self.earlier: EarlierOptions | None = options.earlier
        self.together: TogetherOptions | None = options.together
        self.headings: Headings = match(
            plan,
            ["" if name in results else name for name in self.names],
            allow_missing=options.allow_missing,
            needs=options.needs,
            gathered=options.gathered(plan.scope.inputs.values()),
        )
        if self.headings.problems:
            raise self._unmatched()
        #: the index in the batch's columns of each name of the record
        self.read: dict[str, int] = {
            n: i for i, n in enumerate(self.headings.names) if n is not None
        }
        self._numeric = {n for n, reader in readers_of(plan).items() if reads_numbers(reader)}
        self._percent = percent_readers(plan.rubric)
        self._percents = self._with_percents()

    @property
    def line(self) -> int | None:
        """The line of the heading, or its worksheet row; None if there is no heading."""
        return self._line or None

    # ------------------------------------------------------------ the heading

    def _heading(self, plan: Plan, wanted: int | None) -> tuple[str, ...]:
        """Return the cells of the heading row."""
        rows = self.source.rows()
        if wanted is not None:
            row = next((row for row in rows if row[0] >= wanted), None)
            if row is None or row[0] != wanted or all(map(is_blank, row[1])):
                place = Message.of(f"cli.{self.source.place}")
                message = Message.of("file.not-a-heading", place=place, row=wanted)
                raise self._error(message, Message.of("file-help.choose-heading"))
        else:
            row = next((row for row in rows if not all(map(is_blank, row[1]))), None)
            if row is None:
                raise self._error(Message.of("file.empty"), Message.of("file-help.empty"))
            self._check_heading(plan, row, list(islice(rows, _FIRST)))
        self._line = row[0]
        cells = ["" if is_blank(cell) else format_value(cell).strip() for cell in row[1]]
        while len(cells) > 1 and not cells[-1]:
            del cells[-1]
        if self.source.is_indented:
            self._begin = next(i for i, cell in enumerate(cells) if cell)
        return tuple(cells[self._begin :])

    def _check_heading(self, plan: Plan, first: Row, below: list[Row]) -> None:
        """Raise an error if another row has more names of the ruleset than the first."""
        place = Message.of("cli.line" if self.source.place == "line" else "cli.row")
        names = _names_of(plan, first)
        more, count = _most(plan, below)
        people = sum(isinstance(c, str) and normal(c) in PERSONAL_FORMS for c in first[1])
        if more is not None and count > names + people:
            only = Message.of("file.heading-only", names=names)
            message = Message.of(
                "file.other-heading",
                place=place,
                row=first[0],
                described=only if names else Message.of("file.heading-none"),
                other=more,
                count=count,
            )
            raise self._error(message, Message.of("file-help.heading", row=more))
        if names or (people and self._needs != "all"):
            return
        for sheet, rows in self.source.others():
            more, count = _most(plan, rows)
            if more is not None:
                message = Message.of(
                    "file.other-sheet",
                    place=place,
                    row=first[0],
                    other=more,
                    sheet=brief(sheet),
                    count=count,
                )
                raise self._error(message, Message.of("file-help.sheet", sheet=sheet))

    def _used_columns(self, without: Collection[str]) -> list[int]:
        """Return the indices of the columns to use: all but those without name and content."""
        nameless = [i for i, name in enumerate(self._all) if not name]
        filled: list[int] = []
        for batch in self._raw() if nameless else ():
            found = [i for i in nameless if not all(map(is_blank, batch.columns[i].cells))]
            filled = sorted({*filled, *found})
        if len(filled) > 1:
            *some, last = (letters(i + self._begin) for i in filled)
            named = Joined((Joined(tuple(some)), last), "list.and")
            message = Message.of("file.nameless", columns=named)
            raise self._error(message, Message.of("file-help.nameless"))
        left = set(nameless).difference(filled)
        return [i for i, name in enumerate(self._all) if i not in left and name not in without]

    def _error(self, message: Message, help_: Message | None = None) -> TableError:
        """Return an error about the whole file."""
        return TableError(file=self.file, line=self.line, message=message, help=help_)

    def _unmatched(self) -> TableError:
        """Return the error that lists all problems of the columns."""
        return self._error(Message.of("file.unmatched", problems=_Columns(self.headings.problems)))

    def typed(self, columns: Sequence[Column]) -> list[Column]:
        """Return columns with the numbers that are read; texts only have them in a CSV file."""
        if not self.source.is_untyped:
            return list(columns)
        numeric = {i for name, i in self.read.items() if name in self._numeric}
        return [c.with_numbers() if i in numeric else c for i, c in enumerate(columns)]

    # ------------------------------------------------------------ rows

    def _raw(self) -> Iterator[Batch]:
        """Yield batches of the rows that are not blank, with all columns."""
        self.rows = self.blank = 0
        if self.source.frames is not None:
            for frame in self.source.frames():
                first = self.rows + self.blank + 1
                yield self._batch_of_frame(frame, range(first, first + len(frame)))
            return
        pieces = None if self._begin else self.source.pieces
        found = self._lists() if pieces is None else pieces(self._line, len(self._all))
        begun = False
        for piece in found:
            if isinstance(piece, tuple):
                batch = self._batch_of_frame(piece[1], piece[0])
            else:
                kept = [row for row in piece if not all(map(is_blank, row[1]))]
                self.blank += len(piece) - len(kept)
                batch = self._batch_of_rows(kept)
            if batch.numbers:
                begun = True
                yield batch
        yield from [] if begun else [self._batch_of_rows([])]

    def _lists(self) -> Iterator[list[Row]]:
        """Yield the rows below the heading, as many as a batch has."""
        kept: list[Row] = []
        until = 0
        ends = sorted((r.top, r.bottom) for r in self.source.merged)
        for row in self.source.rows():
            if row[0] <= self._line:
                continue
            # a batch does not end within a merged range, whose rows are examined together
            if len(kept) >= ROWS and row[0] > until:
                yield kept
                kept = []
            while ends and ends[0][0] <= row[0]:
                until = max(until, ends.pop(0)[1])
            kept.append(row)
        yield kept

    def _batch_of_rows(self, rows: list[Row]) -> Batch:
        """Convert rows to columns, as many as the heading has."""
        width, begin = len(self._all), self._begin
        empty: object = "" if self.source.place == "line" else None
        cells: list[Sequence[object]] = []
        formats: list[list[str]] | None = None
        for line, found, shapes in rows:
            if begin or len(found) != width:
                self._check_width(line, found)
                some_cells = list(found[begin : begin + width])
                cells.append(some_cells + [empty] * (width - len(some_cells)))
            else:
                cells.append(found)
            if shapes is not None:
                formats = [] if formats is None else formats
                some = list(shapes[begin : begin + width])
                formats.append(some + ["General"] * (width - len(some)))
        columns = zip(*cells, strict=True) if cells else iter([()] * width)
        shapes_of = [None] * width if formats is None else list(zip(*formats, strict=True))
        numbers = range(self.rows + 1, self.rows + len(rows) + 1)
        self.rows += len(rows)
        return Batch(
            columns=tuple(
                Column(name, values, shape)
                for name, values, shape in zip(self._all, columns, shapes_of, strict=True)
            ),
            numbers=numbers,
            lines=[line for line, _, _ in rows],
        )

    def _check_width(self, line: int, cells: Sequence[object]) -> None:
        """Raise an error if a row has cells outside of the columns."""
        end = self._begin + len(self._all)
        if len(cells) > end and not all(map(is_blank, cells[end:])):
            found = len(cells) - self._begin
            message = Message.of("file.more-cells", cells=found, columns=len(self._all))
            help_ = Message.of("file-help.more-cells")
            raise TableError(file=self.file, line=line, message=message, help=help_)
        if self._begin and not all(map(is_blank, cells[: self._begin])):
            raise TableError(
                file=self.file,
                line=line,
                message=Message.of("file.cell-before"),
                help=Message.of("file-help.cell-before"),
            )

    def _batch_of_frame(self, frame: pl.DataFrame, lines: Sequence[int]) -> Batch:
        """Convert a frame to columns, without its blank rows; ``lines``: where its rows begin."""
        columns = [frame[name] for name in frame.columns]
        places = filled_rows(frame)
        self.blank += len(frame) - len(places)
        numbers = range(self.rows + 1, self.rows + len(places) + 1)
        self.rows += len(places)
        if len(places) < len(frame):
            columns = [column.gather(list(places)) for column in columns]
            lines = [lines[place] for place in places]
        values = (cast("Sequence[object]", column) for column in columns)
        return Batch(
            columns=tuple(map(Column, self._all, values)),
            numbers=numbers,
            lines=lines,
        )

    def batches(self) -> Iterator[Batch]:
        """Yield batches of the rows that are not blank, with the columns to use."""
        for raw in self._raw():
            problems: dict[int, list[Problem]] = {}
            for place, problem in (*self._merged(raw), *self._ambiguous(raw)):
                problems.setdefault(place, []).append(problem)
            yield Batch(
                columns=tuple(raw.columns[i] for i in self._places),
                numbers=raw.numbers,
                lines=raw.lines,
                problems={place: tuple(some) for place, some in problems.items()},
            )

    @property
    def read_headings(self) -> tuple[str, ...]:
        """The headings of the columns that are part of the record."""
        return tuple(self.names[i] for i in self.read.values())

    def record_columns(self, batch: Batch) -> dict[str, Sequence[object]]:
        """Return the values of each name of the record."""
        return {name: _read(batch.columns[i]) for name, i in self.read.items()}

    # ------------------------------------------------------------ rejected cells

    def _merged(self, raw: Batch) -> Iterator[tuple[int, Problem]]:
        """Yield (row, problem) for each input cell that shares a merged range with others."""
        lines = raw.lines
        for each in self.source.merged:
            low, high = bisect_left(lines, each.top), bisect_right(lines, each.bottom)
            names = [
                (self._places[i] + self._begin, name)
                for name, i in self.read.items()
                if each.left <= self._places[i] + self._begin <= each.right
            ]
            if low == high or not names:
                continue
            alone = (high - low) * len(names) == 1
            if alone and (lines[low], names[0][0]) == (each.top, each.left):
                continue
            reason = Message.of("problem.merged-cell", cells=each.ref)
            for place in range(low, high):
                for _, name in names:
                    yield place, self._problem_of(name, reason)

    def _with_percents(self) -> Mapping[str, int]:
        """Return the inputs in per cent whose column has a percentage, with the column's index."""
        left = {n: self._places[self.read[n]] for n in self._percent if n in self.read}
        found: dict[str, int] = {}
        for batch in self._raw() if left else ():
            for name, place in list(left.items()):
                if any(map(is_percentage, _read(batch.columns[place]))):
                    found[name] = left.pop(name)
        return found

    def _ambiguous(self, raw: Batch) -> Iterator[tuple[int, Problem]]:
        """Yield (row, problem) for each cell that may or may not be a percentage."""
        for name, column in self._percents.items():
            for place, cell in enumerate(_read(raw.columns[column])):
                number = share_in(cell, self._percent[name])
                if number is not None:
                    reason = Message.of(
                        "problem.ambiguous-percentage", hundred=number * 100, number=number
                    )
                    yield place, self._problem_of(name, reason, value=cell)
        if not self.source.made_for:
            return
        for name in self.read:
            for place, cell in enumerate(_read(raw.columns[self._places[self.read[name]]])):
                if is_percentage(cell):
                    reason = Message.of("problem.percentage_form")
                    plain = Message.of("allowed.plain-number")
                    yield place, self._problem_of(name, reason, value=cell, allowed=plain)


@attrs.frozen
class _Columns:
    """The problems of columns."""

    problems: tuple[Problem, ...]


@shown.register
def _(value: _Columns, lang: str | None) -> str:
    """Return the problems, each in a line, with the options of the command line."""
    lines = "\n  ".join(each.text(lang) for each in value.problems)
    return lines.replace("allow_missing", "--allow-missing")


def open_table(
    path: Path, plan: Plan, options: Options, results: Collection[str] = (), *, keep: bool = False
) -> Table:
    """Open a table of records. Raise :class:`TableError` with all its problems.

    ``results``: the headings of earlier results, which are not read; ``keep`` carries them through.
    """
    source = open_source(path, plan, options)
    return Table(str(path), plan, source, options, results, keep=keep)


def open_source(path: Path, plan: Plan, options: Options) -> Source:
    """Open a file by its ending, and return its rows as they are."""
    file, ending = str(path), path.suffix.lower()
    if ending in _OTHER:
        raise TableError(
            file=file,
            message=Message.of("file.kind", ending=path.suffix),
            help=Message.of("file-help.kind"),
        )
    opener = _OPENERS.get(ending, csv.source)
    for field, (option, openers) in _KNOWN.items():
        if getattr(options, field) is not None and opener not in openers:
            raise TableError(file=file, message=Message.of("file.option", option=option))
    try:
        return opener(regular(path), plan, options)
    except OSError as error:
        message = Message.of("file.cannot-read", reason=reason_of(error))
        raise TableError(file=file, message=message) from None


def _checked(names: Sequence[str], file: str) -> tuple[str, ...]:
    """Return the names of the columns; raise an error for duplicates or too many."""
    found = tuple(name.strip() for name in names)
    if len(found) > MAX_COLUMNS:
        message = Message.of("file.too-many-columns", columns=MAX_COLUMNS)
        raise TableError(file=file, message=message)
    twice = sorted({brief(name) for name in found if name and found.count(name) > 1})
    if twice:
        message = Message.of("file.columns-twice", columns=tuple(twice))
        raise TableError(file=file, message=message, help=Message.of("file-help.columns-twice"))
    return found


def _names_of(plan: Plan, row: Row) -> int:
    """Return the number of cells of a row that are a name of the ruleset."""
    return names_in(plan, [cell for cell in row[1] if isinstance(cell, str)])


def _most(plan: Plan, rows: Sequence[Row]) -> tuple[int | None, int]:
    """Return the line of the first row with the most names of the ruleset, and their number."""
    counts = [(_names_of(plan, row), -row[0]) for row in rows]
    count, place = max(counts, default=(0, 0))
    return (-place, count) if count else (None, 0)


def _read(column: Column) -> Sequence[object]:
    """Return the values of a column for the evaluation: a polars Series, or exact texts."""
    if hasattr(column.values, "to_list"):
        return column.values
    return [v if v is None or isinstance(v, str) else format_value(v) for v in column.plain]
