"""Messages about a table on standard error: notes, rejected rows, the summary."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, cast

from kpirules.cli.io.tables import INVISIBLE, Batch, format_value, is_blank, is_texts
from kpirules.cli.people import identifying, person_in
from kpirules.cli.reader_language import write
from kpirules.evaluation.headings import normal
from kpirules.model.inputs import History, origins
from kpirules.model.labels import source_of
from kpirules.toml.writer import fingerprint
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from kpirules.cli.io.readers import Table
    from kpirules.cli.io.tables import Column
    from kpirules.compiler.plan import Plan
    from kpirules.model.rubric import Rubric


#: maximum of rows named on standard error; the output names all rejected rows
_NAMED = 10
#: maximum of keys stored to find duplicates
_MAX_KEYS = 2_000_000
#: texts that mark a row of totals, in normal form
_TOTALS = frozenset(
    (
        "合计",
        "总计",
        "小计",
        "合計",
        "總計",
        "小計",
        "total",
        "totals",
        "sum",
        "subtotal",
        "grandtotal",
    )
)


def note_table(rubric: Rubric, table: Table) -> None:
    """Write the notes about a table: of its reader, missing columns, another version."""
    source = table.source
    for note in source.notes:
        write("cli.file-note", file=table.file, note=note)
    defaults = {fact.name: fact.assumed for fact in rubric.inputs}
    for missing in table.headings.assumed:
        default, name = defaults.get(missing), Named(missing, table.label_of(missing))
        if default is None:
            _note(Message.of("note.policy", name=name))
        else:
            _note(Message.of("note.default", name=name, default=format_value(default)))
    if source.made_for and source.made_for != fingerprint(rubric):
        _note(
            Message.of(
                "note.other-version",
                file=table.file,
                made=source.made_for[:12],
                id=rubric.id,
                date=str(rubric.effective_from),
                fingerprint=fingerprint(rubric)[:12],
            )
        )


def note_gathered(plan: Plan) -> None:
    """Write a note about each input of a table to fill in that need not be filled in."""
    for fact, origin in origins(plan.scope.inputs.values()):
        key = "note.gathered_history" if isinstance(origin, History) else "note.gathered_cohort"
        source = source_of(origin, plan.scope.labels)
        _note(Message.of(key, name=Named(fact.name, fact.label), source=source))


def note_blank(parts: Sequence[Message], *, strict: bool) -> int:
    """Write the notes about the blank parts of a workbook; return the exit code."""
    for part in parts:
        _note(part)
    return int(strict and bool(parts))


def _note(note: Message) -> None:
    """Write a note on standard error."""
    write("cli.note", note=note)


class Tally:
    """Counts of the rows of a table so far, with rejected and suspicious ones."""

    def __init__(self, rubric: Rubric, table: Table, *, is_scored: bool = True) -> None:
        """Begin with no rows; without ``is_scored``, people are counted, and not results."""
        self._table = table
        self._is_scored = is_scored
        self._labels = {tier.id: tier.label for tier in rubric.tiers}
        self._rows = self._rejected = self._unratable = 0
        self._tiers: Counter[str] = Counter()
        #: the first rejected rows
        self._first: list[tuple[Message, str]] = []
        #: the first notes about rows of totals and same keys, with the number of their batch
        self._totals: list[tuple[int, Message]] = []
        self._same: list[tuple[int, Message]] = []
        #: the number of all notes, and of the batches
        self._notes = self._batches = 0
        self._people = identifying(table.names)
        # a key of two rows that are evaluated together is a problem of both
        self._key = None if table.together is not None else next(iter(self._people), None)
        #: the rows of each batch, with their keys
        self._keyed: list[tuple[Batch, Sequence[str]]] = []
        self._keys = 0
        #: the keys that are stored, once there are more
        self._stored: set[str] | None = None

    def add(
        self,
        batch: Batch,
        errors: Sequence[str | None],
        unratable: int,
        tiers: Mapping[str, int],
        *,
        blocked: Collection[int] = (),
    ) -> None:
        """Count a batch; ``blocked``: the rejected rows of which a note has said why."""
        self._rows += len(batch.numbers)
        self._unratable += unratable
        self._tiers.update(tiers)
        for place, error in enumerate(errors):
            if error is not None:
                self._rejected += 1
                if len(self._first) < _NAMED and place not in blocked:
                    self._first.append((self._rejected_row(batch, place), error))
        self._find_suspicious(batch)

    def _rejected_row(self, batch: Batch, place: int) -> Message:
        """Return the number and the location of a row, and the person."""
        row, person = self._location(batch, place), person_in(batch, place, self._people)
        return Message.of("cli.row-of-person", row=row, person=person) if person else row

    def _location(self, batch: Batch, place: int) -> Message:
        """Return the number of a row, with its location in the file."""
        row, where = batch.numbers[place], self._table.source.place
        if not where:
            return Message.of("cli.place", row=row)
        kind = Message.of(f"cli.{where}")
        return Message.of("cli.place-in-file", row=row, place=kind, line=batch.lines[place])

    def _find_suspicious(self, batch: Batch) -> None:
        """Collect notes about rows of totals and duplicate keys."""
        read = set(self._table.read.values())
        for i, column in enumerate(batch.columns):
            if i in read:
                continue
            totals = totals_in(column)
            for place, cell in enumerate(column.texts if totals else ()):
                if isinstance(cell, str) and cell in totals:
                    self._note(self._totals, batch, place, "note.totals", text=cell.strip())
        if self._key is not None:
            self._keyed.append(self._with_keys(batch, keys_in(batch.columns[self._key])))
        self._batches += 1

    def _with_keys(self, batch: Batch, keys: Sequence[str]) -> tuple[Batch, Sequence[str]]:
        """Return the rows of a batch with their keys; beyond the maximum, only those stored."""
        room = max(_MAX_KEYS - self._keys, 0)
        self._keys += len(keys)
        if len(keys) <= room:
            return Batch(columns=(), numbers=batch.numbers, lines=batch.lines), keys
        if self._stored is None:
            stored = (each for _, each in self._keyed)
            self._stored = {*chain.from_iterable(stored), *keys[:room]}
        places = [i for i, key in enumerate(keys) if i < room or key in self._stored]
        rows = Batch(
            columns=(),
            numbers=[batch.numbers[i] for i in places],
            lines=[batch.lines[i] for i in places],
        )
        return rows, [keys[i] for i in places]

    def _find_same_keys(self, name: str) -> None:
        """Add notes about keys that occurred before, in the column of a name."""
        repeated = repeated_keys([keys for _, keys in self._keyed])
        first: dict[str, int] = {}
        self._batches = 0
        for rows, keys in self._keyed if repeated else ():
            for place, key in enumerate(keys):
                if key in repeated:
                    about = {"before": first.get(key), "column": name, "key": key}
                    if about["before"] is not None:
                        self._note(self._same, rows, place, "note.same-key", **about)
                    first.setdefault(key, rows.numbers[place])
            self._batches += 1

    def _note(
        self,
        notes: list[tuple[int, Message]],
        batch: Batch,
        place: int,
        text: str,
        /,
        **params: object,
    ) -> None:
        """Count a note about a row; add it to those of its kind if it may be one of the first."""
        self._notes += 1
        if len(notes) < _NAMED:
            row = self._location(batch, place)
            notes.append((self._batches, Message.of(text, row=row, **params)))

    def finish(self, output: Path | None) -> int:
        """Write rejected rows, notes and the summary on standard error; return the exit code."""
        for row, problems in self._first:
            write("cli.row-problems", row=row, problems=problems)
        if self._rejected > len(self._first):
            write("cli.more-rejected", count=self._rejected - len(self._first))
        if self._key is not None:
            self._find_same_keys(self._table.names[self._key])
        notes = sorted([*self._totals, *self._same], key=itemgetter(0))
        for _, note in notes[:_NAMED]:
            _note(note)
        if self._notes > _NAMED:
            write("cli.more-notes", count=self._notes - _NAMED)
        self._write_summary(output)
        return 1 if self._rejected else 0

    def _write_summary(self, output: Path | None) -> None:
        """Write the line that counts the rows."""
        # tiers with equal counts are sorted by name, since rows may be counted in any order
        ranked = sorted(self._tiers.items(), key=lambda each: (-each[1], each[0]))
        tiers = tuple(
            Message.of("summary.tier", count=count, tier=Named(tier, self._labels.get(tier)))
            for tier, count in ranked
        )
        scored = self._rows - self._rejected - self._unratable
        parts = [Message.of("summary.scored", count=scored)]
        if tiers:
            parts = [Message.of("summary.scored-tiers", count=scored, tiers=tiers)]
        if self._unratable:
            parts.append(Message.of("summary.unratable", count=self._unratable))
        parts.append(Message.of("summary.rejected", count=self._rejected))
        if not self._is_scored:
            parts = parts[-1:] if self._rejected else [Message.of("summary.blank")]
        blank = self._table.blank
        write(
            "summary.rows",
            count=self._rows,
            parts=tuple(parts),
            skipped=Message.of("summary.skipped", count=blank) if blank else "",
            output="" if output is None else Message.of("summary.output", output=str(output)),
        )


def totals_in(column: Column) -> set[str]:
    """Return the texts of a column that mark a row of totals."""
    cells: Iterable[object] = column.texts
    if is_texts(column.values):
        others = column.values.str.contains(_OTHERS)
        cells = column.values.filter(~others).unique()
    texts = {cell for cell in cells if isinstance(cell, str)}
    return {text for text in texts if _is_total(text)}


def keys_in(column: Column) -> Sequence[str]:
    """Return the keys of a column without outer blanks; empty texts for blank cells.

    Those of a Series are a Series, which takes less memory.
    """
    values = column.values
    if is_texts(values) and not values.str.contains(_BLANKS).any():
        return cast("Sequence[str]", values.fill_null(""))
    return ["" if is_blank(cell) else format_value(cell).strip() for cell in column.plain]


def repeated_keys(batches: Sequence[Sequence[str]]) -> set[str]:
    """Return the keys that occur more than once in some batches."""
    if batches and all(map(is_texts, batches)):
        import polars as pl  # noqa: PLC0415 - the batches are Series

        joined = pl.concat(cast("Sequence[pl.Series]", batches))
        joined = joined.filter(joined != "")
        # most tables have no repeated key, which is found out faster than which it is
        is_unique = joined.n_unique() == len(joined)
        return set[str]() if is_unique else {*joined.filter(joined.is_duplicated())}
    counts = Counter(chain.from_iterable(batches))
    return {key for key, count in counts.items() if key and count > 1}


def _is_total(cell: str) -> bool:
    """Return whether a text marks a row of totals."""
    if len(cell) >= _LONGEST or _OTHER.match(cell):
        return False
    return normal(cell).rstrip(":") in _TOTALS


#: longer texts do not mark a row of totals
_LONGEST = 40
#: most numbers and Chinese names of people, which are recognised faster: texts that end in a digit,
#: or begin with a Chinese character that no mark of totals begins with
_OTHER = re.compile(r".*\d\Z|(?![合总總小])[\u3400-\u9fff]", re.DOTALL)
#: blanks at an end of a text, and characters without width, as a pattern of polars
_BLANKS = rf"^[\s\x1c-\x1f]|[\s\x1c-\x1f]$|[{INVISIBLE}]"
#: :data:`_OTHER` as a pattern of polars
_OTHERS = r"\d\z|^[\u{3400}-\u{9fff}--[合总總小]]"
