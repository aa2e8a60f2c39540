"""``kpirules sheet`` and ``kpirules report``: score sheets and monthly reports."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kpirules.cli.io.atomic import check_output, write_atomically
from kpirules.cli.io.readers import open_table
from kpirules.cli.io.tables import TableError
from kpirules.cli.notes import Tally, note_table
from kpirules.cli.reader_language import text
from kpirules.cli.rows import entries_of, result_columns
from kpirules.compiler.plan import Plan
from kpirules.diagnostics.problem import text_of
from kpirules.errors import InputError
from kpirules.sheets.api import report, written
from kpirules.sheets.batch import Entry
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from kpirules.cli.io.sources import Options
    from kpirules.model.rubric import Rubric


#: maximum of records of one file, which are held in memory
MAX_SHEETS = 1_000_000


def write_sheets(
    rubric: Rubric,
    file: Path | None,
    output: Path,
    options: Options,
    *,
    lang: str,
    period: str,
    force: bool,
) -> int:
    """Write the blank form, or a sheet for each record; return the exit code."""
    check_output(output, file, force=force)
    kind: Any = output.suffix.lower()[1:]
    some, tally = (None, None) if file is None else _read(rubric, file, options)
    with _progress(1 if some is None else len(some)) as advance:
        made = written(rubric, some, kind, lang=lang, period=period, advance=advance)
    write_atomically(output, made, force=force)
    return 0 if tally is None else tally.finish(output)


def write_report(
    rubric: Rubric,
    file: Path,
    output: Path,
    options: Options,
    *,
    lang: str,
    period: str,
    force: bool,
) -> int:
    """Write the report of a month; return the exit code."""
    check_output(output, file, force=force)
    some, tally = _read(rubric, file, options)
    write_atomically(output, report(rubric, some, lang=lang, period=period), force=force)
    return tally.finish(output)


def _read(rubric: Rubric, file: Path, options: Options) -> tuple[list[Entry], Tally]:
    """Read, score and count the records of a file."""
    table = open_table(file, Plan(rubric), options, result_columns(rubric))
    note_table(rubric, table)
    tally, some = Tally(rubric, table), list[Entry]()
    for batch, entries in entries_of(rubric, table):
        outcomes = [entry.outcome for entry in entries]
        results = [each for each in outcomes if not isinstance(each, InputError)]
        errors = [
            text_of(each.problems, options.lang) if isinstance(each, InputError) else None
            for each in outcomes
        ]
        tiers = Counter(result.tier.id for result in results if result.tier is not None)
        tally.add(batch, errors, sum(result.unratable for result in results), tiers)
        some += entries
        if len(some) > MAX_SHEETS:
            message = Message.of("file.too-many-rows", rows=MAX_SHEETS)
            raise TableError(file=str(file), message=message, help=Message.of("file-help.split"))
    return some, tally


@contextmanager
def _progress(total: int) -> Generator[Callable[[], None]]:
    """Yield the function that advances a progress bar, on a terminal."""
    if not sys.stderr.isatty() or total == 1:
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import Progress  # noqa: PLC0415 - only on a terminal

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text("cli.sheets"), total=total)
        yield lambda: bar.advance(task)
