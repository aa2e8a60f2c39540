"""Rulesets as tables: of the width of the terminal, plain text for other outputs."""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING

from rich.box import ASCII, ROUNDED
from rich.segment import Segment
from rich.table import Table
from rich.text import Text as Shown

from kpirules._internal.display import printable
from kpirules.cli.console import OutputConsole
from kpirules.cli.reader_language import text
from kpirules.registry.catalog import spans


if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from rich.console import Console, ConsoleOptions

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric
    from kpirules.registry.catalog import Catalog
    from kpirules.sheets.form import Person, ScoreForm


#: maximum width of lines if the output is not a terminal, and COLUMNS is not set
_PLAIN_WIDTH = 100


def _console() -> OutputConsole:
    """Return the console: standard output, without markup, highlighting or links."""
    probe = OutputConsole()
    width = None if probe.is_terminal or "COLUMNS" in os.environ else _PLAIN_WIDTH
    return OutputConsole(width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def _table(console: OutputConsole, *columns: str) -> Table:
    """Return an empty table with columns of these headings."""
    box = ROUNDED if console.is_terminal and not console.legacy_windows else ASCII
    table = Table(box=box, show_lines=False, header_style="bold", pad_edge=True)
    for column in columns:
        table.add_column(Shown(column), overflow="fold")
    return table


class Cell(Shown):
    """A cell of literal text; one that fits in its column is not wrapped, which takes long."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        """Yield its text."""
        is_plain = not self.style and options.justify == "left" and self.plain.isprintable()
        if is_plain and self.cell_len <= options.max_width:
            return (Segment(self.plain),)
        return super().__rich_console__(console, options)


def _cell(content: str, style: str = "") -> Shown:
    """Return a cell of literal text, without markup."""
    return Cell(printable(content), style=style)


def show_list(found: Catalog, days: tuple[date, date] | None = None) -> None:
    """Print all rulesets, or those effective at a time."""
    console = _console()
    table = _table(console, *map(text, ("list.id", "list.from", "list.to", "list.source")))
    ordered = sorted(found.rulesets, key=lambda r: (r.id, str(r.source), r.effective_from))
    by_id = groupby(ordered, key=lambda r: (r.id, str(r.source)))
    for (name, source), versions in by_id:
        for _, since, until in spans(tuple(versions)):
            if days is not None and (since > days[1] or (until is not None and until < days[0])):
                continue
            ends = "" if until is None else str(until)
            table.add_row(_cell(name), _cell(str(since)), _cell(ends), _cell(source))
    console.print(table)


def show_rubric(rubric: Rubric, lang: str) -> None:
    """Print the form of a rubric: inputs, criteria with their levels, tiers, rules, rulings."""
    from kpirules.sheets.form_builder import blank  # noqa: PLC0415 - not for the list

    paper = blank(rubric, lang=lang)
    words = paper.words
    console = _console()
    since = f" · {paper.since}" if paper.since else ""
    console.print(_cell(f"{paper.title} ({paper.rubric}{since})", "bold"))
    if paper.facts:
        console.print(_facts(console, paper))
    console.print(_form(console, paper))
    if paper.grades:
        console.print(_grades(console, paper))
    if paper.rules:
        console.print(_rules(console, paper))
    if paper.rulings:
        console.print(_cell(words["rulings"], "bold"))
        for clause, decision in paper.rulings:
            console.print(_cell(f"{clause}  {decision}"))


def show_result(rubric: Rubric, result: Result, person: Person, lang: str) -> None:
    """Print a result: each item with its points and their reason, totals, tier, outcomes."""
    from kpirules.sheets.form_builder import filled  # noqa: PLC0415 - not for the list

    paper = filled(rubric, result, person=person, lang=lang)
    words = paper.words
    console = _console()
    form = " · ".join(filter(None, (paper.rubric, paper.since)))
    about = (paper.title, f"({form})", person.name, person.number)
    console.print(_cell(" ".join(filter(None, about)), "bold"))
    table = _table(console, words["item"], words["score"], words["weight"], words["reason"])
    table.columns[1].justify = table.columns[2].justify = "right"
    table.columns[1].no_wrap = table.columns[2].no_wrap = True
    for part in paper.parts:
        if part.label:
            table.add_section()
            table.add_row(*(_cell(t, "bold") for t in (part.label, part.subtotal, part.limit)))
        for item in part.items:
            # an item without points shows its remark in their place
            why = item.remark or ("" if item.why == item.points else item.why)
            table.add_row(*map(_cell, (f"  {item.label}", item.points, item.weight or "-", why)))
    console.print(table)
    total = f"{paper.total} / {paper.most}" if paper.total else words["unratable"]
    last = _table(console, words["total"], total)
    last.show_header = bool(paper.most)
    if paper.tier:
        last.add_row(_cell(words["tier"]), _cell(paper.tier))
    for step in (*paper.steps, *paper.outcomes):
        last.add_row(_cell(step.label), _cell(f"{step.value} {step.why}".strip()))
    console.print(last)


def _facts(console: OutputConsole, paper: ScoreForm) -> Table:
    """Return the table of inputs, with their names in a record."""
    words = paper.words
    table = _table(console, words["facts"], words["name-of-it"], words["admissible"])
    for fact in paper.facts:
        label = f"{fact.label} ({fact.unit})" if fact.unit else fact.label
        codes = f" ({', '.join(fact.codes)})" if fact.codes else ""
        table.add_row(_cell(label), _cell(fact.name), _cell(fact.admissible + codes))
    return table


def _form(console: OutputConsole, paper: ScoreForm) -> Table:
    """Return the table of criteria."""
    words = paper.words
    heads = (words["item"], words["weight"], words["points"], words["standard"])
    table = _table(console, *heads, *paper.columns)
    table.columns[1].justify = table.columns[2].justify = "right"
    table.columns[1].no_wrap = table.columns[2].no_wrap = True
    for part in paper.parts:
        if part.label:
            table.add_section()
            table.add_row(_cell(part.label, "bold"), _cell(part.limit, "bold"))
        for item in part.items:
            name, weight, texts = f"  {item.label}", item.weight or "-", item.texts
            for level in item.levels:
                table.add_row(*map(_cell, (name, weight, level.points, level.text, *texts)))
                name, weight, texts = "", "", ()
    return table


def _grades(console: OutputConsole, paper: ScoreForm) -> Table:
    """Return the table of tiers."""
    words = paper.words
    table = _table(console, words["total"], words["tier"], *paper.pays)
    for grade in paper.grades:
        table.add_row(_cell(grade.totals), _cell(grade.label), *map(_cell, grade.values))
    for column in table.columns[2:]:
        column.justify = "right"
    return table


def _rules(console: OutputConsole, paper: ScoreForm) -> Table:
    """Return the table of the other rules: adjustments, gates, outcomes."""
    words = paper.words
    table = _table(console, words["rules"], words["value"], words["standard"])
    for rule in paper.rules:
        name = f"{rule.kind}: {rule.label}"
        for value, when in rule.rows:
            table.add_row(_cell(name), _cell(value), _cell(when))
            name = ""
    return table
