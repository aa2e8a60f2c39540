"""Messages about a table on standard error: notes, rejected rows, the summary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kpirules.cli.io.tables import format_value, is_blank
from kpirules.cli.reader_language import write
from kpirules.evaluation.headings import NAMES, NUMBERS, normal
from kpirules.toml.writer import fingerprint
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kpirules.cli.io.readers import Table
    from kpirules.cli.io.tables import Batch
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
    defaults = {fact.name: fact.default for fact in rubric.inputs}
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


def _note(note: Message) -> None:
    """Write a note on standard error."""
    write("cli.note", note=note)


class Tally:
    """Counts of the rows of a table so far, with rejected and suspicious ones."""

    def __init__(self, rubric: Rubric, table: Table) -> None:
        self._table = table
        self._labels = {tier.id: tier.label for tier in rubric.tiers}
        self._rows = self._rejected = self._unratable = 0
        self._tiers: Counter[str] = Counter()
        #: the first rejected rows
        self._first: list[tuple[Message, str]] = []
        self._suspicious: list[Message] = []
        self._key = _key_of(table.names)
        self._seen: dict[object, int] = {}

    def add(
        self,
        batch: Batch,
        errors: Sequence[str | None],
        unratable: int,
        tiers: Mapping[str, int],
    ) -> None:
        """Count a batch."""
        self._rows += len(batch.numbers)
        self._unratable += unratable
        self._tiers.update(tiers)
        for place, error in enumerate(errors):
            if error is not None:
                self._rejected += 1
                if len(self._first) < _NAMED:
                    self._first.append((self._location(batch, place), error))
        self._find_suspicious(batch)

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
            for place, cell in enumerate(column.texts):
                if isinstance(cell, str) and cell and _is_total(cell):
                    row = self._location(batch, place)
                    note = Message.of("note.totals", row=row, text=cell.strip())
                    self._suspicious.append(note)
        if self._key is None:
            return
        name = batch.columns[self._key].name
        for place, cell in enumerate(batch.columns[self._key].plain):
            if is_blank(cell):
                continue
            key = format_value(cell).strip()
            number = batch.numbers[place]
            before = self._seen.get(key)
            if before is not None:
                row = self._location(batch, place)
                note = Message.of("note.same-key", row=row, before=before, column=name, key=key)
                self._suspicious.append(note)
            elif len(self._seen) < _MAX_KEYS:
                self._seen[key] = number

    def finish(self, output: Path | None) -> int:
        """Write rejected rows, notes and the summary on standard error; return the exit code."""
        for row, problems in self._first:
            write("cli.row-problems", row=row, problems=problems)
        if self._rejected > len(self._first):
            write("cli.more-rejected", count=self._rejected - len(self._first))
        for note in self._suspicious[:_NAMED]:
            _note(note)
        if len(self._suspicious) > _NAMED:
            write("cli.more-notes", count=len(self._suspicious) - _NAMED)
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
        blank = self._table.blank
        write(
            "summary.rows",
            count=self._rows,
            parts=tuple(parts),
            skipped=Message.of("summary.skipped", count=blank) if blank else "",
            output="" if output is None else Message.of("summary.output", output=str(output)),
        )


def _is_total(cell: str) -> bool:
    """Return whether a text marks a row of totals."""
    return len(cell) < _LONGEST and normal(cell).rstrip(":") in _TOTALS


#: longer texts do not mark a row of totals
_LONGEST = 40


def _key_of(names: Sequence[str]) -> int | None:
    """Return the index of the column that identifies people: a number, else a name."""
    forms = list(map(normal, names))
    keys = map(normal, (*NUMBERS, *NAMES))
    return next((forms.index(key) for key in keys if key in forms), None)
