"""``kpirules template``: the table of a month to fill in, with a row for each person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import printable
from kpirules.cli.io.atomic import atomic_write, check_output, write_atomically
from kpirules.cli.io.excel_writer import MAX_CHARACTERS
from kpirules.cli.io.readers import open_table
from kpirules.cli.io.tables import (
    Column,
    OutputError,
    TableError,
    column_error,
    format_value,
    is_blank,
)
from kpirules.cli.io.writers import writing
from kpirules.cli.notes import Tally, note_blank, note_gathered, note_table
from kpirules.cli.reader_language import label_language
from kpirules.compiler.plan import Plan
from kpirules.diagnostics.problem import text_of
from kpirules.sheets.api import month_grid
from kpirules.sheets.form_builder import blank
from kpirules.sheets.month_template import Roster, headings_of, month_layout, no_people
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from pathlib import Path

    from kpirules.cli.io.sources import Options
    from kpirules.model.rubric import Rubric


#: maximum of people, whose rows are held in memory
MAX_PEOPLE = 100_000


def write_template(
    rubric: Rubric,
    file: Path | None,
    output: Path,
    options: Options,
    *,
    period: str,
    force: bool,
    strict: bool,
) -> int:
    """Write the table of a month for the people of a file, if there is one; return the exit code.

    The file may have some columns of the record; their values are filled in. ``strict``: the code
    is 1 if no formula of a workbook computes a part.
    """
    check_output(output, file, force=force)
    plan, lang, tally = Plan(rubric), label_language(), None
    roster, blank_parts = no_people(plan, lang), list[Message]()
    if file is not None:
        roster, tally = _read(rubric, plan, file, attrs.evolve(options, needs="none"))
    if output.suffix.lower() == ".xlsx":
        _check_cells(roster)
        made = month_grid(rubric, roster, lang=lang, period=period, blank_part=blank_parts.append)
        write_atomically(output, made, force=force)
    else:
        with atomic_write(output, force=force) as temporary, writing(temporary, ".csv") as write:
            write(_columns(plan, roster, lang))
    note_gathered(plan)
    code = 0 if tally is None else tally.finish(output)
    return max(code, note_blank(blank_parts, strict=strict))


def _read(rubric: Rubric, plan: Plan, file: Path, options: Options) -> tuple[Roster, Tally]:
    """Read the people of a file."""
    table = open_table(file, plan, options)
    note_table(rubric, table)
    tally = Tally(rubric, table, is_scored=False)
    read = set(table.read.values())
    about: dict[str, list[object]] = {n: [] for i, n in enumerate(table.names) if i not in read}
    records: list[dict[str, object]] = []
    for batch in table.batches():
        rows = range(len(batch.numbers))
        errors = [
            text_of(batch.problems[i], options.lang) if i in batch.problems else None for i in rows
        ]
        tally.add(batch, errors, 0, {})
        if table.rows > MAX_PEOPLE:
            message = Message.of("file.too-many-rows", rows=MAX_PEOPLE)
            raise TableError(file=str(file), message=message, help=Message.of("file-help.split"))
        for i, column in enumerate(batch.columns):
            if i not in read:
                about[column.name] += ("" if is_blank(v) else format_value(v) for v in column.plain)
        found = {n: Column(n, values).cells for n, values in table.record_columns(batch).items()}
        records += ({n: v[i] for n, v in found.items() if not is_blank(v[i])} for i in rows)
    columns = tuple((name, tuple(values)) for name, values in about.items())
    return Roster(columns=columns, records=tuple(records)), tally


def _check_cells(roster: Roster) -> None:
    """Raise :class:`OutputError` for a text that no cell of a workbook holds."""
    about = ((name, str(value)) for name, values in roster.columns for value in values)
    known = ((name, str(value)) for record in roster.records for name, value in record.items())
    for name, text in (*about, *known):
        if len(printable(text).encode("utf-16-le")) // 2 > MAX_CHARACTERS:
            message = Message.of("output.long-text", length=len(text), limit=MAX_CHARACTERS)
            raise column_error(name, OutputError(message=message))


def _columns(plan: Plan, roster: Roster, lang: str) -> list[Column]:
    """Return the columns of a table to fill in."""
    entries = month_layout(plan, blank(plan.rubric, lang=lang, plan=plan), roster).entries
    headings = headings_of(plan, entries, lang)
    return [
        *(Column(heading, values) for heading, values in roster.columns),
        *(
            Column(heading, [record.get(name, "") for record in roster.records])
            for name, heading in headings.items()
        ),
    ]
