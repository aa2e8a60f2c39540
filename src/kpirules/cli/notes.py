"""Messages about a table on standard error: notes, rejected rows, the summary."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from kpirules._internal.display import printable
from kpirules.cli.io.tables import format_value, is_blank
from kpirules.evaluation.headings import NAMES, NUMBERS, normal
from kpirules.toml.writer import fingerprint


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
    source, name = table.source, printable(table.file)
    for note in source.notes:
        sys.stderr.write(f"note: {name}: {printable(note)}\n")
    defaults = {fact.name: fact.default for fact in rubric.inputs}
    for missing in table.headings.assumed:
        default = defaults.get(missing)
        policy = "what the ruleset declares for missing values"
        if default is not None:
            policy = f"the ruleset's default {format_value(default)}"
        sys.stderr.write(f"note: no column {missing}: {policy} is taken in every row\n")
    if source.made_for and source.made_for != fingerprint(rubric):
        sys.stderr.write(
            f"note: {name} was made for another version of the rules "
            f"({printable(source.made_for[:12])}); it is scored by {rubric.id} from "
            f"{rubric.effective_from} ({fingerprint(rubric)[:12]}); --on DATE picks another\n"
        )


class Tally:
    """Counts of the rows of a table so far, with rejected and suspicious ones."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows = self._rejected = self._unratable = 0
        self._tiers: Counter[str] = Counter()
        #: the first rejected rows
        self._first: list[tuple[str, str]] = []
        self._suspicious: list[str] = []
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

    def _location(self, batch: Batch, place: int) -> str:
        """Return the number of a row, with its location in the file."""
        where = self._table.source.place
        return f"row {batch.numbers[place]}" + (f" ({where} {batch.lines[place]})" if where else "")

    def _find_suspicious(self, batch: Batch) -> None:
        """Collect notes about rows of totals and duplicate keys."""
        read = set(self._table.read.values())
        for i, column in enumerate(batch.columns):
            if i in read:
                continue
            for place, cell in enumerate(column.texts):
                if isinstance(cell, str) and cell and _is_total(cell):
                    text = printable(cell.strip())
                    self._suspicious.append(
                        f'{self._location(batch, place)} ("{text}") looks like a row of totals; it '
                        "was scored like any other"
                    )
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
                self._suspicious.append(
                    f"{self._location(batch, place)} and row {before} have the same "
                    f'{printable(name)}, "{printable(key)}"; both were scored'
                )
            elif len(self._seen) < _MAX_KEYS:
                self._seen[key] = number

    def finish(self, output: Path | None) -> int:
        """Write rejected rows, notes and the summary on standard error; return the exit code."""
        for row, problems in self._first:
            sys.stderr.write(f"{row}: {problems}\n")
        if self._rejected > len(self._first):
            sys.stderr.write(f"... and {self._rejected - len(self._first)} more rejected rows\n")
        for note in self._suspicious[:_NAMED]:
            sys.stderr.write(f"note: {note}\n")
        if len(self._suspicious) > _NAMED:
            sys.stderr.write(f"... and {len(self._suspicious) - _NAMED} more notes of this kind\n")
        sys.stderr.write(self._summary(output) + "\n")
        return 1 if self._rejected else 0

    def _summary(self, output: Path | None) -> str:
        """Return the line that counts the rows."""
        # tiers with equal counts are sorted by name, since rows may be counted in any order
        ranked = sorted(self._tiers.items(), key=lambda each: (-each[1], each[0]))
        tiers = ", ".join(f"{count} {tier}" for tier, count in ranked)
        scored = self._rows - self._rejected - self._unratable
        parts = [f"{scored} scored" + (f" ({tiers})" if tiers else "")]
        parts += [f"{self._unratable} cannot be rated"] if self._unratable else []
        parts.append(f"{self._rejected} rejected")
        blank = self._table.blank
        skipped = f"; {blank} blank {'row' if blank == 1 else 'rows'} skipped" if blank else ""
        word = "row" if self._rows == 1 else "rows"
        where = "" if output is None else f" -> {output}"
        return f"{self._rows} {word}: {', '.join(parts)}{skipped}{where}"


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
