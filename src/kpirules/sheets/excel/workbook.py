"""Write the form as an Excel workbook that works without kpirules: its formulas score.

Sheets: an overview of all employees; a form for each; and hidden sheets: ``work`` with a row of
formulas for each employee, compiled from the rubric (:mod:`kpirules.sheets.excel.cell_formulas`),
``lists`` with the options, and ``kpirules`` with the positions of all entries, for reading the
workbook.
"""

from __future__ import annotations

import io
import unicodedata
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from kpirules._internal.display import printable
from kpirules.arithmetic.number import exact
from kpirules.compiler.plan import Plan
from kpirules.errors import InputError, fetch
from kpirules.evaluation.headings import APPRAISERS, NAMES, NUMBERS
from kpirules.model.dependencies import tier_outcomes
from kpirules.sheets.excel import layout as at
from kpirules.sheets.excel.calculation_sheet import NONE, OWN, ROW, WORK, Work, cell_of, letters
from kpirules.sheets.excel.cell_formulas import REACH, quoted
from kpirules.sheets.excel.formats import CellFormats
from kpirules.sheets.excel.layout import layout_of
from kpirules.sheets.form import Person
from kpirules.sheets.form_builder import blank, shown


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.batch import Entry as Row
    from kpirules.sheets.excel.layout import Entry, Layout
    from kpirules.sheets.form import ScoreForm


_LISTS = "lists"
#: the maximum length of a title; Excel allows 31, and a number may follow
_MAX_TITLE = 24
#: the name of the list of tiers, among the lists of options, which have input names
_TIERS = ""
#: the ranges of labels and of their codes
Chosen: TypeAlias = tuple[str, str]


class Book:
    """A workbook that is being written."""

    def __init__(self, rubric: Rubric, rows: Sequence[Row] | None, lang: str, period: str) -> None:
        self.rubric = rubric
        self.plan: Plan = Plan(rubric)
        self.paper: ScoreForm = blank(rubric, lang=lang, period=period, plan=self.plan)
        self.words: Mapping[str, str] = self.paper.words
        self.layout: Layout = layout_of(self.plan, self.paper)
        self.work: Work = Work(self.plan, self.layout, self.words)
        if self.work.cannot:
            # compute from inputs alone, without direct ratings
            layout = layout_of(self.plan, self.paper, rated=False)
            work = Work(self.plan, layout, self.words)
            if not work.cannot:
                self.layout, self.work = layout, work
        self.people: list[Person] = [Person()] if rows is None else [row.person for row in rows]
        #: the texts in the hidden column of each form, by row
        self.marks: dict[int, str] = self._marks()
        #: the lists of options, by input name
        self.chosen: dict[str, Chosen] = {}
        #: the values of each form
        self.records: list[dict[str, object]] = []
        #: the problems shown on each form
        self.notes: list[tuple[str, ...]] = []
        for row in rows or ():
            self._add_record(row)
        if rows is None:
            self.records, self.notes = [{}], [()]
        self.titles: list[str] = _titles(self.people, self.words)
        self.values: list[dict[str, Any]] = (
            [] if self.work.cannot else self.work.values(self.records)
        )
        xlsxwriter = fetch("xlsxwriter", "excel")
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False}  # fmt: skip
        self.buffer: io.BytesIO = io.BytesIO()
        self.book: Any = xlsxwriter.Workbook(self.buffer, options)
        # the same sheets give the same bytes
        self.book.set_properties({"title": self.paper.title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a file's stamp has no zone
        self.faces: CellFormats = CellFormats(self.book, self.paper.lang)

    def _add_record(self, row: Row) -> None:
        """Add a record to its form, completely or not at all: no form scores a part of one."""
        notes: list[str] = []
        if isinstance(row.outcome, InputError):
            notes = [problem.text(self.paper.lang) for problem in row.outcome.problems]
        given = row.given if isinstance(row.outcome, InputError) else row.outcome.inputs
        record: dict[str, object] = {}
        left = [name for name, value in given.items() if value is not None]
        for entry in self.layout.entries:
            value = _cell_value(entry, given.get(entry.name))
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
        made = _sheet_class()
        overview = book.add_worksheet(self.words["overview"], made)
        forms = [book.add_worksheet(title, made) for title in self.titles]
        work, lists, key = (book.add_worksheet(n, made) for n in (WORK, _LISTS, at.KEY))
        for sheet in (work, lists, key):
            sheet.hide()
            sheet.protect()
        self.chosen = self._lists(lists)
        for i, form in enumerate(forms):
            write_form(self, form, i)
        self._overview(overview)
        self._work(work)
        self._key(key)
        overview.activate()
        book.close()
        return self.buffer.getvalue()

    # ------------------------------------------------------------ hidden sheets

    def _lists(self, sheet: Any) -> dict[str, Chosen]:  # noqa: ANN401 - XlsxWriter has no types
        """Write the options and their codes; return their ranges by name."""
        chosen: dict[str, Chosen] = {}
        columns = count()
        tiers = tuple((grade.label, grade.id) for grade in self.paper.grades)
        listed = [(e.name, e.options, e.numbers) for e in self.layout.entries]
        for name, options, numbers in (*listed, (_TIERS, tiers, ())):
            shown: list[object] = [*map(float, numbers)]
            shown = shown or [label for label, _ in options]
            ranges = [
                self._list(sheet, next(columns), values)
                for values in (shown, [code for _, code in options])
                if values
            ]
            if ranges:
                chosen[name] = (ranges[0], ranges[-1])
        return chosen

    def _list(self, sheet: Any, column: int, values: Sequence[object]) -> str:  # noqa: ANN401 - XlsxWriter has no types
        """Write one column; return its range."""
        for row, value in enumerate(values):
            _write_value(sheet, row, column, value)
        place = letters(column)
        return f"{_LISTS}!${place}$1:${place}${len(values)}"

    def _work(self, sheet: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the formulas, a row for each employee."""
        for name, column in self.work.names.items():
            sheet.write_string(0, column, name)
        for i, title in enumerate(self.titles):
            values = self.values[i] if self.values else {}
            row = str(i + 2)
            for column, entry in enumerate(self.layout.entries):
                place = self.cell(title, entry.place)
                formula = _input_formula(entry, place, self.chosen.get(entry.name))
                cached = self.records[i].get(entry.name, NONE)
                sheet.write_formula(i + 1, column, f"={formula}", None, cached)
            if OWN in self.work.names:
                place = f"'{title}'!${letters(self.layout.marks)}${at.OWN + 1}"
                sheet.write_formula(i + 1, self.work.names[OWN], f"={place}", None, self.own(i))
            for each in self.work.columns:
                column = self.work.names[each.name]
                formula = each.formula.replace(ROW, row)
                cached = values.get(each.name, "")
                sheet.write_formula(i + 1, column, f"={formula}", None, cached)

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
                _write_value(sheet, i, j, value)

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
        heading = ((NAMES, at.NAME), (NUMBERS, at.NUMBER), (APPRAISERS, at.APPRAISER))
        # an input may have one of these names
        free = ((next((n for n in names if n not in entries), ""), at_) for names, at_ in heading)
        return {name: at_ for name, at_ in free if name} | entries

    # ------------------------------------------------------------ the overview

    def _overview(self, sheet: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the overview: a row for each employee with the results of the form."""
        words, paper, faces = self.words, self.paper, self.faces
        columns = [("=state", words["state"])]
        columns += [
            (f"=subtotal.{p.id}", f"{p.label} ({p.weight})") for p in paper.parts if p.label
        ]
        columns += self.following()
        title = f"{paper.title} {paper.period}".strip()
        sheet.merge_range(0, 0, 0, len(columns) + 1, title, faces.title)
        for j, text in enumerate((words["number"], words["name"], *(c[1] for c in columns))):
            sheet.write_string(1, j, text, faces.head)
        for i, form in enumerate(self.titles):
            for j, heading in enumerate((at.NUMBER, at.NAME)):
                place = self.cell(form, heading)
                cached = (self.people[i].number, self.people[i].name)[j]
                sheet.write_formula(i + 2, j, f'=IF({place}="","",{place})', faces.text, cached)
            for j, (name, _) in enumerate(columns):
                self.result(sheet, (i + 2, j + 2), name, i)
        if self.work.cannot:
            message = words["cannot"].format(reason=self.work.cannot)
            sheet.write_string(len(self.titles) + 3, 0, message, faces.note)
        sheet.freeze_panes(2, 2)
        sheet.set_column(0, 1, 14)
        sheet.set_column(2, len(columns) + 1, 15)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.protect()

    def following(self) -> list[tuple[str, str]]:
        """List the results after the points: (column of the sheet ``work``, label)."""
        words, paper = self.words, self.paper
        made = [
            (f"=adjust.{a.id}", printable(a.id if a.label is None else a.label.get(paper.lang)))
            for a in self.rubric.adjustments
        ]
        made.append(("=total", words["out-of"].format(full=paper.full_marks)))
        made += [("=tier", words["tier"])] if paper.grades else []
        known = {"pay": words["amount"]}
        outcomes = {o.name: o.label for o in self.rubric.outcomes}
        for name in (*tier_outcomes(self.rubric), *outcomes):
            label = outcomes.get(name)
            text = known.get(name, name) if label is None else label.get(paper.lang)
            unit = f" ({paper.currency})" if name == "pay" and paper.currency else ""
            column = name if name in ("pay", "coefficient") else f"outcome.{name}"
            made.append((f"={column}", printable(text) + unit))
        return made

    def result(
        self,
        sheet: Any,  # noqa: ANN401 - XlsxWriter has no types
        place: tuple[int, int],
        name: str,
        employee: int,
        *,
        guard: str = "",
    ) -> None:
        """Write a cell that shows a result of an employee, or the reason why it cannot be computed.

        On a form, ``guard`` is the cell with the form's entries as one text. A copy of a form still
        refers to the results of its original; if its entries differ, it shows no result.
        """
        face = self.faces.text if name in ("=state", "=tier") else self.faces.number
        if self.work.cannot or name not in self.work.names:
            text = self.words["cannot"].format(reason=self.work.cannot) if name == "=total" else ""
            text = self.words["unfinished"] if name == "=state" else text
            sheet.write_string(*place, text, face)
            return
        cached = self.values[employee].get(name, "")
        formula = self.work.reference(name, employee + 1)
        if name == "=tier":
            cached = {grade.id: grade.label for grade in self.paper.grades}.get(cached, cached)
            labels, codes = self.chosen[_TIERS]
            formula = f'IF({formula}="","",{_lookup(formula, (codes, labels))})'
        if guard:
            same = f"IFERROR(EXACT({guard},{self.work.reference(OWN, employee + 1)}),FALSE)"
            other = quoted(self.words["copied"]) if name == "=state" else '""'
            formula = f"IF({same},{formula},{other})"
        sheet.write_formula(*place, f"={formula}", face, cached)


@cache
def _sheet_class() -> Any:  # noqa: ANN401 - XlsxWriter has no types
    """Return the class of worksheets that write formulas unchanged.

    XlsxWriter would search each formula, including its texts, for some thirty newer functions to
    mark.
    """

    class Sheet(fetch("xlsxwriter.worksheet", "excel").Worksheet):  # type: ignore[misc]
        def _prepare_formula(self, formula: str, *_: object) -> str:
            return formula.removeprefix("=")

    return Sheet


def _cell_value(entry: Entry, value: object) -> object:
    """Convert a value to the value of a form's cell; None if a cell cannot hold it."""
    if value is None or isinstance(value, tuple):
        return None
    if entry.kind == "number":
        try:
            number = exact(value)
        except ValueError:
            return None
        # a cell cannot hold thirds, or numbers of more than fifteen digits
        return float(number) if exact(float(f"{float(number):.15g}")) == number else None
    if entry.kind == "flag":
        word = str(value).strip().lower()
        return {"true": True, "false": False}.get(word)
    if entry.kind == "choice":
        return str(value) if str(value) in [code for _, code in entry.options] else None
    return printable(str(value))


def _input_formula(entry: Entry, place: str, chosen: Chosen | None) -> str:
    """Write the formula that reads an entry of a form.

    It is #N/A if the cell is empty, and another error if its value is not valid.
    """
    given = place
    if entry.kind == "number":
        # LibreOffice counts truth values as numbers, and both programs dates; not every Excel has
        # CELL. Numbers beyond the limit are not computed. The text of a number has fifteen digits
        date = f'IFERROR(LEFT(CELL("format",{place})),"")="D"'
        near = f"ABS({place})<={REACH.furthest}"
        number = f"AND(ISNUMBER({place}),NOT(ISLOGICAL({place})),NOT({date}),{near})"
        given = f'IF({number},VALUE({place}&""),1/0)'
    elif chosen is not None:
        code = _lookup(place, chosen)
        if entry.kind == "flag":
            code = f'EXACT({code},"true")'
        given = f"IF(ISLOGICAL({place}),1/0,{code})"
    return f"IF(ISBLANK({place}),NA(),{given})"


def _lookup(place: str, lists: Chosen) -> str:
    """Write the formula that looks a text up in one list, for the value beside it in the other."""
    looked_in, given = lists
    row = f"SUMPRODUCT(EXACT({looked_in},{place})*ROW({looked_in}))"
    return f"IF({row}=0,1/0,INDEX({given},{row},1))"


def _as_text(value: object) -> str:
    """Format a cell's value as a formula does that converts it to text."""
    if isinstance(value, float):
        return format(Decimal(f"{value:.15g}"), "f")
    return "" if value is None else str(value)


def _write_value(sheet: Any, row: int, column: int, value: object) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Write a value by its type: a text is never a formula."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


def _titles(people: Sequence[Person], words: Mapping[str, str]) -> list[str]:
    """Return a title for each form: the employee's name, valid for a worksheet and unique."""
    taken = {_folded(n) for n in (words["overview"], WORK, _LISTS, at.KEY, "history")}
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
