"""Write the form as an Excel workbook that works without kpirules: its formulas score.

Sheets: an overview of all employees; a form for each; and hidden sheets: ``work`` with a row of
formulas for each employee, compiled from the rubric (:mod:`kpirules.sheets.excel.cell_formulas`),
``lists`` with the options, and ``kpirules`` with the positions of all entries, for reading the
workbook.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import printable
from kpirules.errors import InputError
from kpirules.evaluation.headings import APPRAISERS, DEPARTMENTS, NAMES, NUMBERS
from kpirules.sheets.excel import layout as at
from kpirules.sheets.excel.calculation_sheet import (
    OWN,
    WORK,
    Work,
    cell_of,
    content_formula,
    letters,
)
from kpirules.sheets.excel.cell_formulas import quoted
from kpirules.sheets.excel.layout import layout_of
from kpirules.sheets.excel.package import sheet_class
from kpirules.sheets.excel.progress_cells import LABELS
from kpirules.sheets.excel.scoring_book import LISTS, ScoringBook, cell_value, write_value
from kpirules.sheets.form import Person
from kpirules.sheets.form_values import shown


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.entry import Entry as Row
    from kpirules.sheets.excel.layout import Layout
    from kpirules.sheets.form import Extras


#: the maximum length of a title; Excel allows 31, and a number may follow
_MAX_TITLE = 24
#: the number of employees whose cells are held at a time
_TOGETHER = 128


class Book(ScoringBook):
    """A workbook that is being written."""

    def __init__(
        self,
        rubric: Rubric,
        rows: Sequence[Row] | None,
        lang: str,
        period: str,
        extras: Extras | None = None,
    ) -> None:
        super().__init__(rubric, lang, period, extras)
        self.layout: Layout = layout_of(self.plan, self.paper)
        self.work: Work = self._work_of(self.layout)
        if self.work.cannot or self.work.left_out:
            # compute from inputs alone, without direct ratings
            layout = layout_of(self.plan, self.paper, rated=False)
            work = self._work_of(layout)
            if (bool(work.cannot), len(work.left_out)) < (
                bool(self.work.cannot),
                len(self.work.left_out),
            ):
                self.layout, self.work = layout, work
        self.people: list[Person] = [Person()] if rows is None else [row.person for row in rows]
        #: the texts in the hidden column of each form, by row
        self.marks: dict[int, str] = self._marks()
        #: the problems shown on each form
        self.notes: list[tuple[str, ...]] = []
        for row in rows or ():
            self._add_record(row)
        if rows is None:
            self.records.append({})
            self.notes.append(())
        #: the total of last month of each employee
        self.last: list[str] = [""] if rows is None else [row.last for row in rows]
        self.titles: list[str] = _titles(self.people, self.words)

    def _work_of(self, layout: Layout) -> Work:
        """Return the formulas over the entries of a layout."""
        beside = {"the form": content_formula(layout)}
        return Work(self.plan, layout.entries, self.words, beside)

    def _add_record(self, row: Row) -> None:
        """Add a record to its form, completely or not at all: no form scores a part of one."""
        notes: list[str] = []
        if isinstance(row.outcome, InputError) and not row.is_blank:
            notes = [problem.text(self.paper.lang) for problem in row.outcome.problems]
        given = row.given if isinstance(row.outcome, InputError) else row.outcome.inputs
        record: dict[str, object] = {}
        left = [name for name, value in given.items() if value is not None]
        for entry in self.layout.entries:
            value = cell_value(entry, given.get(entry.name))
            if value is not None:
                record[entry.name] = value
                left.remove(entry.name)
        if left:
            named = ", ".join(f"{name} = {shown(given[name])}" for name in left)
            notes.append(self.words["no-cell"].format(given=named))
        self.records.append({} if left else record)
        self.notes.append(tuple(self.words["noted"].format(problem=printable(n)) for n in notes))

    def written(self, write_form: Callable[[Book, Any, int], None]) -> bytes:
        """Write all sheets; ``write_form(book, sheet, i)`` writes the form of employee ``i``."""
        book = self.book
        made = sheet_class()
        overview = book.add_worksheet(self.words["overview"], made)
        forms = [book.add_worksheet(title, made) for title in self.titles]
        work, lists, key = self.hidden(WORK, LISTS, at.KEY)
        self.write_lists(lists)
        columns = self._overview(overview)
        for name, column in self.work.names.items():
            work.write_string(0, column, name)
        for first in range(0, len(forms), _TOGETHER):
            some = range(first, min(first + _TOGETHER, len(forms)))
            if not self.work.cannot:
                records = [self.records[i] for i in some]
                self.values.clear()
                self.values.update(zip(some, self.work.values(records), strict=True))
            for i in some:
                write_form(self, forms[i], i)
                forms[i].finish()
                self._overview_row(overview, i, columns)
                self._work_row(work, i)
            overview.finish_rows()
            work.finish_rows()
        self._reason(overview)
        self._key(key)
        overview.activate()
        book.close()
        return self.buffer.getvalue()

    # ------------------------------------------------------------ hidden sheets

    def _work_row(self, sheet: Any, employee: int) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the formulas of an employee."""
        title, row = self.titles[employee], employee + 1
        self.work_row(sheet, row, employee, lambda entry: self.cell(title, entry.place))
        if OWN in self.work.names:
            place = f"'{title}'!${letters(self.layout.marks)}${at.OWN + 1}"
            column = self.work.names[OWN]
            sheet.write_formula(row, column, f"={place}", None, self.own(employee))

    def own(self, employee: int) -> str:
        """Return the entries of a form as one text, equal to the value of its formula."""
        record = self.records[employee]
        some_ = (e for e in self.layout.entries if e.kind != "remark")
        return "|".join((*(_as_text(e.shown(record.get(e.name))) for e in some_), ""))

    def _key(self, sheet: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the positions of all entries."""
        rows: list[list[Any]] = [
            [at.KEY, 1],
            ["rubric", self.rubric.id],
            ["fingerprint", self.paper.fingerprint],
            ["marks", self.layout.marks],
            *(["form", title] for title in self.titles),
        ]
        rows += [["entry", name, *place] for name, place in self.places().items()]
        for entry in self.layout.entries:
            rows += [["option", entry.name, label, code] for label, code in entry.options]
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                write_value(sheet, i, j, value)

    def cell(self, form: str, place: tuple[int, int]) -> str:
        """Return a reference to an entry's cell on a form."""
        return cell_of(self.layout, place, f"'{form}'!", self.marks.get(place[0], ""))

    def _marks(self) -> dict[int, str]:
        """Return the names and columns of the entries in each row, for the hidden column."""
        rows: dict[int, list[str]] = {}
        for name, (row, column) in self.places().items():
            rows.setdefault(row, []).append(f"{name}={column}")
        return {row: " ".join(marks) for row, marks in rows.items()}

    def places(self) -> dict[str, tuple[int, int]]:
        """Return the cells of a form's record, by column name."""
        entries = {entry.name: entry.place for entry in self.layout.entries}
        heading = (
            (NAMES, at.NAME),
            (NUMBERS, at.NUMBER),
            (APPRAISERS, at.APPRAISER),
            (DEPARTMENTS, at.DEPARTMENT),
        )
        # an input may have one of these names
        free = ((next((n for n in names if n not in entries), ""), at_) for names, at_ in heading)
        return {name: at_ for name, at_ in free if name} | entries

    # ------------------------------------------------------------ the overview

    def _overview(self, sheet: Any) -> list[str]:  # noqa: ANN401 - XlsxWriter has no types
        """Write the heading of the overview; return the results that it shows."""
        words, paper, faces = self.words, self.paper, self.faces
        columns = [("=state", words["state"])]
        columns += [(f"=subtotal.{p.id}", f"{p.label} ({p.most})") for p in paper.parts if p.label]
        columns += self.following()
        title = f"{paper.title} {paper.period}".strip()
        sheet.merge_range(0, 0, 0, len(columns) + 1, title, faces.title)
        for j, text in enumerate((words["number"], words["name"], *(c[1] for c in columns))):
            sheet.write_string(1, j, text, faces.head)
        sheet.freeze_panes(2, 2)
        sheet.set_column(0, 1, 14)
        sheet.set_column(2, len(columns) + 1, 15)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.protect()
        return [name for name, _ in columns]

    def _overview_row(self, sheet: Any, employee: int, columns: Sequence[str]) -> None:  # noqa: ANN401 - as above
        """Write the results of an employee."""
        row, person = employee + 2, self.people[employee]
        for j, (heading, cached) in enumerate(((at.NUMBER, person.number), (at.NAME, person.name))):
            place = self.cell(self.titles[employee], heading)
            formula = f'=IF({place}="","",{place})'
            sheet.write_formula(row, j, formula, self.faces.text, cached)
        for j, name in enumerate(columns):
            self.result(sheet, (row, j + 2), name, employee)

    def _reason(self, sheet: Any) -> None:  # noqa: ANN401 - as above
        """Write why results are blank below the overview."""
        for row, note in enumerate(self.blanks(), len(self.titles) + 3):
            sheet.write_string(row, 0, note, self.faces.note)

    def half_filled(self) -> list[tuple[str, str]]:
        """List what a form shows before it is complete: (column of the sheet ``work``, label)."""
        return [(n, self.words[label]) for n, label in LABELS.items() if n in self.work.names]

    def result(
        self,
        sheet: Any,  # noqa: ANN401 - XlsxWriter has no types
        place: tuple[int, int],
        name: str,
        employee: int,
        *,
        guard: str = "",
    ) -> None:
        """Write a cell that shows a result of an employee; nothing if it is not computed.

        On a form, ``guard`` is the cell with the form's entries as one text. A copy of a form still
        refers to the results of its original; if its entries differ, it shows no result.
        """
        face = self.faces.text if name in ("=state", "=tier") else self.faces.number
        if self.work.cannot or name not in self.work.names:
            # the reason is below: a cell is too small for it
            text = self.words["unfinished"] if name == "=state" else ""
            sheet.write_string(*place, text, face)
            return
        cached = self.values[employee].get(name, "")
        formula = self.work.reference(name, employee + 1)
        if name == "=tier":
            cached, formula = self.tier_label(cached), self.tier_formula(formula)
        if guard:
            same = f"IFERROR(EXACT({guard},{self.work.reference(OWN, employee + 1)}),FALSE)"
            other = quoted(self.words["copied"]) if name == "=state" else '""'
            formula = f"IF({same},{formula},{other})"
        sheet.write_formula(*place, f"={formula}", face, cached)


def _as_text(value: object) -> str:
    """Format a cell's value as a formula does that converts it to text."""
    if isinstance(value, float):
        return format(Decimal(f"{value:.15g}"), "f")
    return "" if value is None else str(value)


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
