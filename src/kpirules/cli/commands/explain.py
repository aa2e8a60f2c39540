"""``kpirules explain``: explain the result of one row of a table, by its number or its person."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kpirules.cli.io.readers import open_table
from kpirules.cli.io.tables import TableError
from kpirules.cli.notes import note_table
from kpirules.cli.people import row_of
from kpirules.cli.result_headings import result_headings
from kpirules.cli.rows import entries_of
from kpirules.compiler.plan import Plan
from kpirules.errors import InputError
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from pathlib import Path

    from kpirules.cli.io.sources import Options
    from kpirules.model.rubric import Rubric


def explain_row(rubric: Rubric, file: Path, chosen: int | str, lang: str, options: Options) -> int:
    """Print the points of one row with their reasons; return the exit code.

    ``chosen``: the number of the row, or what an identifying column has.
    """
    table = open_table(file, Plan(rubric), options, result_headings(rubric))
    note_table(rubric, table)
    row = row_of(table, chosen) if isinstance(chosen, str) else chosen
    some = (each for _, entries in entries_of(rubric, table) for each in entries)
    entry = next((each for each in some if each.row == row), None)
    if entry is None:
        message = Message.of("file.no-row", row=row, rows=table.rows)
        raise TableError(file=str(file), message=message)
    if isinstance(entry.outcome, InputError):
        raise entry.outcome
    if sys.stdout.isatty():
        from kpirules.cli.render import show_result  # noqa: PLC0415 - only on a terminal

        show_result(rubric, entry.outcome, entry.person, lang)
    else:
        sys.stdout.write(entry.outcome.explain(lang) + "\n")
    return 0
