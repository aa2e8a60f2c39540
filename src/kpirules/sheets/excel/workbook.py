"""Write the forms of a month as an Excel workbook that works without kpirules: its formulas score.

Sheets: the grid of the month, to fill in (:mod:`kpirules.sheets.excel.month_grid`); behind it a
form for each person, which shows the person's row as it is printed; and hidden sheets: ``work``
with a row of formulas for each person, compiled from the rubric
(:mod:`kpirules.sheets.excel.cell_formulas`), ``lists`` with the options, and ``kpirules`` with the
headings of the grid, for reading the workbook.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import printable
from kpirules.api.programs import program_of
from kpirules.errors import InputError
from kpirules.evaluation.headings import APPRAISERS, DEPARTMENTS, NAMES, NUMBERS, normal
from kpirules.evaluation.record import readers_of
from kpirules.sheets.excel import layout as at
from kpirules.sheets.excel.calculation_sheet import WORK
from kpirules.sheets.excel.cell_formulas import quoted
from kpirules.sheets.excel.month_grid import MonthGrid
from kpirules.sheets.excel.progress_cells import LABELS
from kpirules.sheets.excel.scoring_book import LISTS
from kpirules.sheets.form import Person
from kpirules.sheets.month_template import people_of


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.entry import Entry as Row
    from kpirules.sheets.excel.layout import Entry
    from kpirules.sheets.form import Extras


#: the maximum length of a title; Excel allows 31, and a number may follow
_MAX_TITLE = 24
#: the headings of the columns about people, by what they hold
_HEADINGS = {
    "name": NAMES,
    "number": NUMBERS,
    "appraiser": APPRAISERS,
    "department": DEPARTMENTS,
}


class Book(MonthGrid):
    """A workbook that is being written: the grid of the month, and a form for each row."""

    spare: int = 0

    def __init__(
        self,
        rubric: Rubric,
        rows: Sequence[Row] | None,
        lang: str,
        period: str,
        extras: Extras | None = None,
    ) -> None:
        self.people: list[Person] = [Person()] if rows is None else [row.person for row in rows]
        plan = program_of(rubric).plan
        known = readers_of(plan)
        records: list[Mapping[str, object]]
        records = [{}] if rows is None else [_record_of(row, known) for row in rows]
        super().__init__(rubric, people_of(plan, self.people, records, lang), lang, period, extras)
        #: the problems that each form shows
        self.problems: list[tuple[str, ...]] = (
            [()] if rows is None else [tuple(self._problems_of(row)) for row in rows]
        )
        #: the total of last month of each employee
        self.last_totals: list[str] = [""] if rows is None else [row.last for row in rows]
        self.titles: list[str] = _titles(self.people, self.words)
        #: the columns of the grid about people, by what they hold
        self._about: dict[str, int] = {
            kind: column
            for column, (heading, _) in enumerate(self.roster.columns)
            for kind, names in _HEADINGS.items()
            if normal(heading) in map(normal, names)
        }

    def _problems_of(self, row: Row) -> Iterator[str]:
        """Yield the problems of a rejected record, for its form."""
        if isinstance(row.outcome, InputError) and not row.is_blank:
            for problem in row.outcome.problems:
                text = printable(problem.text(self.paper.lang))
                yield self.words["noted"].format(problem=text)

    def titles_of_forms(self) -> Sequence[str]:
        """Return the titles of the forms."""
        return self.titles

    def half_filled(self) -> list[tuple[str, str]]:
        """List what a form shows before it is complete: (column of the sheet ``work``, label)."""
        return [(n, self.words[label]) for n, label in LABELS.items() if n in self.work.names]

    # ------------------------------------------------------------ cells of a form

    def about(self, person: int, kind: str) -> tuple[str, str]:
        """Return what a form shows about a person: the formula, empty if none, and the value."""
        paper = attrs.evolve(self.paper, person=self.people[person])
        value = paper.department if kind == "department" else getattr(paper.person, kind)
        column = self._about.get(kind)
        if column is None or (kind == "department" and paper.extras.department):
            return "", value
        usual = paper.extras.usual_department if kind == "department" else ""
        cell = self.grid_cell(self.row_of(person) + 1, column)
        return f'IF({cell}="",{quoted(usual)},{cell})', value

    def entry_cell(self, person: int, entry: Entry) -> tuple[str, object]:
        """Return the formula that shows an entry of the grid on a form, and its value."""
        cell = self.cell_of(self.row_of(person) + 1, entry)
        value = entry.shown(self.records[person].get(entry.name))
        value = self.invalid[person].get(entry.name, value)
        return f'IF(ISBLANK({cell}),"",{cell})', "" if value is None else value

    def result(self, person: int, name: str) -> tuple[str, object]:
        """Return the formula that shows a result, and its value; no formula if not computed."""
        if self.work.cannot or name not in self.work.names:
            # the reason is below: a cell is too small for it
            return "", self.words["unfinished"] if name == "=state" else ""
        value = self.values[person].get(name, "")
        formula = self.work.reference(name, self.row_of(person))
        if name == "=tier":
            return self.tier_formula(formula), self.tier_label(value)
        return formula, value


def _record_of(row: Row, known: Mapping[str, object]) -> Mapping[str, object]:
    """Return the record to fill in, completely or not at all: no row scores a part of one."""
    given = row.given if isinstance(row.outcome, InputError) else row.outcome.inputs
    found = {name: value for name, value in given.items() if value is not None}
    return found if found.keys() <= known.keys() else {}


def _titles(people: Sequence[Person], words: Mapping[str, str]) -> list[str]:
    """Return a title for each form: the employee's name, valid for a worksheet and unique."""
    taken = {_folded(n) for n in (words["overview"], WORK, LISTS, at.KEY, "history")}
    titles: list[str] = []
    for i, person in enumerate(people, 1):
        plain = "".join(c for c in person.name or person.number if c.isalnum() or c in " -_")
        base = _short(plain.strip()) or (words["blank"] if len(people) == 1 else str(i))
        title, n = base, 1
        while _folded(title) in taken:
            n += 1
            title = f"{base} {n}"
        taken.add(_folded(title))
        titles.append(title)
    return titles


def _short(title: str) -> str:
    """Shorten a title; Excel counts UTF-16 code units."""
    return title.encode("utf-16-le")[: 2 * _MAX_TITLE].decode("utf-16-le", "ignore")


def _folded(title: str) -> str:
    """Fold case and width, because some versions of Excel treat such titles as equal."""
    return unicodedata.normalize("NFKC", title).casefold()
