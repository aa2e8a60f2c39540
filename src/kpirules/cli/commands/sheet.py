"""``kpirules sheet`` and ``kpirules report``: score sheets and monthly reports."""

from __future__ import annotations

import re
import sys
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import attrs

from kpirules._internal.display import brief
from kpirules.arithmetic.number import canonical, show
from kpirules.cli.io.atomic import check_output, write_all, write_atomically
from kpirules.cli.io.readers import open_table
from kpirules.cli.io.sources import Options
from kpirules.cli.io.tables import TableError, format_value, is_blank
from kpirules.cli.last_month import last_results
from kpirules.cli.notes import Tally, note_blank, note_table
from kpirules.cli.reader_language import text, write
from kpirules.cli.result_headings import result_headings
from kpirules.cli.rows import entries_of
from kpirules.cli.together import blocked
from kpirules.compiler.plan import Plan
from kpirules.diagnostics.problem import text_of
from kpirules.errors import InputError
from kpirules.evaluation.headings import PERSONAL_FORMS, normal
from kpirules.evaluation.record import readers_of
from kpirules.sheets.api import report, written
from kpirules.sheets.entry import Entry
from kpirules.sheets.form import Extras
from kpirules.sheets.logo import MAX_BYTES, Logo
from kpirules.sheets.month_tables import matched
from kpirules.translations.message import Message, MessageError
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from kpirules.cli.io.readers import Table
    from kpirules.model.rubric import Rubric
    from kpirules.sheets.month_tables import LastResult, Matches


#: the formats of sheets
SHEETS = ("html", "pdf", "xlsx")
#: the greatest number of characters of the name of a person's file
_MAX_NAME = 60
#: in place of a total of last month
NO_TOTAL = "—"
#: maximum of records of one file, which are held in memory
MAX_SHEETS = 1_000_000
#: a number, also a percentage
_NUMBER = re.compile(r"[-+]?[\d.,\s]*\d\s*%?")


def extras_of(company: str, department: str, logo: Path | None, *, notes: bool) -> Extras:
    """Return what the command line adds to forms; raise ``TableError`` for a faulty logo."""
    picture = None
    if logo is not None:
        try:
            with logo.open("rb") as file:
                # one byte more than allowed, so that a larger file is noticed
                picture = Logo(file.read(MAX_BYTES + 1))
        except OSError as error:
            message = Message.of("file.cannot-read", reason=reason_of(error))
            raise TableError(file=str(logo), message=message) from None
        except MessageError as error:
            raise TableError(file=str(logo), message=error.reason) from None
    return Extras(company=company, department=department, logo=picture, notes=notes)


def write_sheets(
    rubric: Rubric,
    file: Path | None,
    output: Path,
    options: Options,
    *,
    lang: str,
    period: str,
    extras: Extras | None = None,
    each: str = "",
    last: Path | None = None,
    force: bool,
    strict: bool = False,
) -> int:
    """Write the blank form, or a sheet for each record; return the exit code.

    With ``each``, a format, the output is a folder: a file for each record. ``last``: the results
    of last month. ``strict``: the code is 1 if no formula of a workbook computes a part.
    """
    if not each:
        check_output(output, file, force=force)
    before = _last(rubric, last, options)
    # a list of people alone gives blank forms
    options = attrs.evolve(options, needs="all or people")
    some, tally = (None, None) if file is None else _read(rubric, file, options)
    if some is not None and before is not None:
        some = _with_last(some, before)
    blank: list[Message] = []

    def note(part: Message) -> None:
        # a part is the same in the file of each person
        blank.extend([part] if part not in blank else [])

    make = partial(written, rubric, lang=lang, period=period, extras=extras, blank_part=note)
    with _progress(1 if some is None else len(some)) as advance:
        if each and some is not None:
            names = (output / f"{name}.{each}" for name in file_names(some))
            sheets = (make([entry], cast("Any", each), advance=advance) for entry in some)
            write_all(dict(zip(names, sheets, strict=True)), force=force, parents=True)
        else:
            kind: Any = output.suffix.lower()[1:]
            write_atomically(output, make(some, kind, advance=advance), force=force)
    code = 0 if tally is None else tally.finish(output)
    return max(code, note_blank(blank, strict=strict))


def file_names(some: Sequence[Entry]) -> Iterator[str]:
    """Yield the name of each person's file: number and name, and no name twice.

    >>> from kpirules.sheets.form import Person
    >>> who = Entry(row=3, person=Person(name="Li ../Wei", number="KF001"), given={}, outcome=None)
    >>> list(file_names([who, who]))
    ['KF001-Li-Wei', 'KF001-Li-Wei-2']
    """
    taken = set[str]()
    for entry in some:
        person = entry.person
        parts = [re.sub(r"[^\w]+", "-", text).strip("-") for text in (person.number, person.name)]
        base = name = "-".join(filter(None, parts))[:_MAX_NAME] or f"row-{entry.row}"
        number = 1
        # file systems may not distinguish capital letters
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        yield name


def write_report(
    rubric: Rubric,
    file: Path,
    output: Path,
    options: Options,
    *,
    lang: str,
    period: str,
    force: bool,
    last: Path | None = None,
) -> int:
    """Write the report of a month; return the exit code. ``last``: the results of last month."""
    check_output(output, file, force=force)
    kind: Any = output.suffix.lower()[1:]
    before = _last(rubric, last, options)
    some, tally = _read(rubric, file, options)
    if before is not None:
        _note_last(matched(some, before))
    made = report(rubric, some, kind, lang=lang, period=period, last=before)
    write_atomically(output, made, force=force)
    return tally.finish(output)


def _last(rubric: Rubric, file: Path | None, options: Options) -> list[LastResult] | None:
    """Return the results of last month; None if there is no file of them."""
    return None if file is None else last_results(file, Plan(rubric), Options(lang=options.lang))


def _with_last(some: Sequence[Entry], before: Sequence[LastResult]) -> list[Entry]:
    """Return the entries with their totals of last month."""
    matches = matched(some, before)
    _note_last(matches)
    totals = {i: each.total for i, each in matches.last.items() if each.total is not None}
    return [
        attrs.evolve(entry, last=show(canonical(totals[i])) if i in totals else NO_TOTAL)
        for i, entry in enumerate(some)
    ]


def _note_last(matches: Matches) -> None:
    """Write a note about the people who are in one of two months only."""
    if matches.new or matches.gone:
        counts = {"new": len(matches.new), "gone": len(matches.gone)}
        note = Message.of("note.last-month", count=len(matches.last), **counts)
        write("cli.note", note=note)


def _read(rubric: Rubric, file: Path, options: Options) -> tuple[list[Entry], Tally]:
    """Read, score and count the records of a file; of people alone, only count them."""
    plan = Plan(rubric)
    table = open_table(file, plan, options, result_headings(rubric))
    note_table(rubric, table)
    people_alone = options.needs != "all" and bool(readers_of(plan)) and _has_no_records(table)
    if people_alone and not table.read:
        others = [n for n in table.names if n and normal(n) not in PERSONAL_FORMS]
        if _has_numbers(table, others):
            # they are facts whose headings the ruleset does not know
            return _read(rubric, file, attrs.evolve(options, needs="all"))
        if others:
            note = Message.of("note.people-alone", columns=tuple(map(brief, others)))
            write("cli.file-note", file=table.file, note=note)
    tally, some = Tally(rubric, table, is_scored=not people_alone), list[Entry]()
    if people_alone:
        table.together = None
    for batch, entries in entries_of(rubric, table):
        outcomes = [] if people_alone else [entry.outcome for entry in entries]
        results = [each for each in outcomes if not isinstance(each, InputError)]
        errors = [
            text_of(each.problems, options.lang) if isinstance(each, InputError) else None
            for each in outcomes
        ]
        tiers = Counter(result.tier.id for result in results if result.tier is not None)
        unratable = sum(result.unratable for result in results)
        tally.add(batch, errors, unratable, tiers, blocked=blocked(outcomes))
        some += (attrs.evolve(entry, is_blank=people_alone) for entry in entries)
        if len(some) > MAX_SHEETS:
            message = Message.of("file.too-many-rows", rows=MAX_SHEETS)
            raise TableError(file=str(file), message=message, help=Message.of("file-help.split"))
    return some, tally


def _has_no_records(table: Table) -> bool:
    """Return whether no row of a table has a value of the record."""
    columns = (c for batch in table.batches() for c in table.record_columns(batch).values())
    return all(is_blank(cell) for column in columns for cell in column)


def _has_numbers(table: Table, names: Sequence[str]) -> bool:
    """Return whether some columns have a cell with a number."""
    columns = (c for batch in table.batches() for c in batch.columns if c.name in names)
    cells = (cell for column in columns for cell in column.plain if not is_blank(cell))
    return any(_NUMBER.fullmatch(format_value(cell).strip()) for cell in cells)


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
