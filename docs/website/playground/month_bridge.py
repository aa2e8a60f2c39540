"""The month in the playground: a table of people is scored, shown and written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from kpirules import InputError, loads, table
from kpirules._internal.display import printable
from kpirules.arithmetic.number import show
from kpirules.cli.io.readers import open_table
from kpirules.cli.io.sources import Options
from kpirules.cli.io.tables import TableError
from kpirules.cli.result_headings import result_headings
from kpirules.cli.rows import entries_of
from kpirules.compiler.plan import Plan
from kpirules.evaluation.headings import PERSONAL_FORMS, normal
from kpirules.evaluation.labels import named, speaker
from kpirules.model.labels import OWN_LABELS
from kpirules.sheets import month_template
from kpirules.sheets.api import report
from kpirules.sheets.form_builder import blank
from kpirules.translations.catalog import words
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.model import Rubric
    from kpirules.sheets.entry import Entry


#: the greatest number of people of a month in a browser
MAX_PEOPLE = 5_000


@attrs.frozen(kw_only=True)
class Month:
    """The people of a table with their results."""

    rubric: Rubric
    entries: list[Entry]
    #: what the reader of the file reports
    notes: list[str]
    #: the headings of columns that are neither about people nor read
    unread: list[str]


def read_month(name: str, content: bytes, text: str, lang: str) -> Month:
    """Score a CSV file or a workbook; raise ``KpirulesError`` if it is not a table of a month."""
    rubric = loads(text)
    try:
        return _read_table(rubric, name, content, lang)
    except TableError as error:
        # the file as people know it, not the copy that is read
        raise TableError(
            file=printable(name), line=error.line, message=error.message, help=error.help
        ) from None


def _read_table(rubric: Rubric, name: str, content: bytes, lang: str) -> Month:
    """Score a file; errors name the copy of it that is read."""
    with tempfile.TemporaryDirectory() as folder:
        # the name is only shown, never a path
        path = Path(folder) / f"month{Path(name).suffix.lower()}"
        path.write_bytes(content)
        found = open_table(path, Plan(rubric), Options(lang=lang), result_headings(rubric))
        read = set(found.read_headings)
        known = {n for n in found.names if n and n not in read}
        notes = [note.text(lang) for note in found.source.notes]
        made: list[Entry] = []
        for _, some in entries_of(rubric, found):
            made += some
            if len(made) > MAX_PEOPLE:
                raise TooManyError(lang)
    unread = sorted(known - _people_headings(found.names))
    return Month(rubric=rubric, entries=made, notes=notes, unread=list(map(printable, unread)))


class TooManyError(ValueError):
    """A table of more people than a browser scores."""

    def __init__(self, lang: str) -> None:
        super().__init__(Message.of("file.too-many-rows", rows=MAX_PEOPLE).text(lang))


def _people_headings(names: tuple[str, ...]) -> set[str]:
    """Return the headings that are about people."""
    return {name for name in names if normal(name) in PERSONAL_FORMS}


def described(month: Month, lang: str) -> dict[str, Any]:
    """Describe the table of a month."""
    rows = [_row(each, month.rubric, lang) for each in month.entries]
    return {"rows": rows, "notes": month.notes, "unread": month.unread}


def _row(entry: Entry, rubric: Rubric, lang: str) -> dict[str, Any]:
    """Describe a row: the person, and the result with its reasons or the problems."""
    person, outcome = entry.person, entry.outcome
    row: dict[str, Any] = {
        "number": printable(person.number),
        "name": printable(person.name) or str(entry.row),
        "total": "",
        "tier": "",
        "pay": "",
        "reasons": [],
        "problems": [],
    }
    if isinstance(outcome, InputError):
        row["problems"] = [printable(problem.text(lang)) for problem in outcome.problems]
        return row
    by, pay = speaker(outcome, lang), outcome.outcomes.get("pay")
    row["total"] = "" if outcome.total is None else show(outcome.total)
    if outcome.tier is not None:
        row["tier"] = printable(named(outcome.tier.label, outcome.tier.id, lang))
    unit = f" {rubric.currency}" if rubric.currency else ""
    if pay is not None:
        row["pay"] = printable(pay) if isinstance(pay, str) else show(pay) + unit
    for line in outcome.lines:
        label = named(line.label, line.criterion, lang)
        points = "" if line.points is None else show(line.points)
        row["reasons"].append([printable(label), points, by.reason(line)])
    row["words"] = outcome.explain(lang)
    return row


# ---------------------------------------------------------------- files of a month


def results_file(month: Month, lang: str) -> bytes:
    """Write the results of a month as a workbook: a row for each person."""
    own = words("sheet", lang)
    total, tier, pay = (OWN_LABELS[n].text(lang) for n in ("total", "tier", "outcome.pay"))
    problems = Message.of("results.error").text(lang)
    rows: list[dict[str, object]] = []
    for entry in month.entries:
        person, outcome = entry.person, entry.outcome
        row: dict[str, object] = {own["employee-no"]: person.number, own["name"]: person.name}
        if isinstance(outcome, InputError):
            row[problems] = "\n".join(problem.text(lang) for problem in outcome.problems)
            rows.append(row)
            continue
        row[total] = outcome.total
        if outcome.tier is not None:
            row[tier] = named(outcome.tier.label, outcome.tier.id, lang)
        row[pay] = outcome.outcomes.get("pay")
        for line in outcome.lines:
            name = named(line.label, line.criterion, lang)
            row[name if name not in row else f"{name} ({line.criterion})"] = line.points
        row[problems] = ""
        rows.append(row)
    headings = dict.fromkeys(name for row in rows for name in row)
    return table([{name: row.get(name) for name in headings} for row in rows], "xlsx")


def report_file(month: Month, lang: str) -> bytes:
    """Write the report of a month as a workbook."""
    return report(month.rubric, month.entries, "xlsx", lang=lang)


def template_file(text: str, lang: str) -> bytes:
    """Write the headings of a month to fill in as a workbook, with space for people."""
    rubric = loads(text)
    plan = Plan(rubric)
    nobody = month_template.no_people(plan, lang)
    layout = month_template.month_layout(plan, blank(rubric, lang=lang, plan=plan), nobody)
    headings = month_template.headings_of(plan, layout.entries, lang)
    about = [heading for heading, _ in nobody.columns]
    return table([dict.fromkeys([*about, *headings.values()])], "xlsx")


#: the month that was read last
_last: list[Month] = []


def _read(given: dict[str, str], data: bytes) -> dict[str, Any]:
    """Read and score a month, which is then at hand for files."""
    _last[:] = [read_month(given["name"], data, given["ruleset"], given["lang"])]
    return described(_last[0], given["lang"])


#: what the page asks for, by name
TASKS: dict[str, Callable[[dict[str, str], bytes], Any]] = {
    "template": lambda given, _: template_file(given["ruleset"], given["lang"]),
    "month": _read,
    "results": lambda given, _: results_file(_last[0], given["lang"]),
    "report": lambda given, _: report_file(_last[0], given["lang"]),
}
