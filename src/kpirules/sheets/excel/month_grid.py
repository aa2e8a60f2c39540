"""The grid of a month: a row for each person, with cells to fill in and formulas that score.

The formulas of a row (:mod:`kpirules.sheets.excel.calculation_sheet`) are in the same row of the
hidden sheet ``work``. Both sheets find each other's cells by the number of the row,
so that rows may be inserted, sorted and removed.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import printable, width
from kpirules.arithmetic.number import exact
from kpirules.evaluation.record import is_missing, read_value, readers_of
from kpirules.sheets.excel import layout as at
from kpirules.sheets.excel.calculation_sheet import ODD, WORK, Work, letters
from kpirules.sheets.excel.cell_formulas import quoted
from kpirules.sheets.excel.grid_reader import GRID
from kpirules.sheets.excel.package import sheet_class
from kpirules.sheets.excel.scoring_book import LISTS, ScoringBook, cell_value, write_value
from kpirules.sheets.form_values import shown as text_of
from kpirules.sheets.month_tables import rounded
from kpirules.sheets.month_template import headings_of, month_layout


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.excel.layout import Entry, Layout
    from kpirules.sheets.form import Extras
    from kpirules.sheets.month_template import Roster


#: rows without a person: below those of a roster, and of a grid without one
_SPARE, _BLANK = 10, 30
#: the number of people whose results are computed at a time, and of those whose cells are held
_TOGETHER, _HELD = 1_000, 128
#: the value of a cell with an invalid entry, which a formula shows
_INVALID = "#DIV/0!"
#: the colours of tiers, from the highest to the lowest, and of states
_TIERS = ("#C6EFCE", "#E2EFDA", "#FFF2CC", "#FCE4D6", "#F8CBAD")
_STATES = {"faulty": "#F8CBAD", "unratable": "#FCE4D6", "unfinished": "#EDEDED"}
#: the width of a column, in characters, and the lines of a remark that a row shows
_WIDTH, _TALL = 10, 6


class MonthGrid(ScoringBook):
    """Writes the workbook of a month."""

    #: rows without a person, below those of a roster
    spare: int = _SPARE

    def __init__(
        self,
        rubric: Rubric,
        roster: Roster,
        lang: str,
        period: str,
        extras: Extras | None = None,
    ) -> None:
        super().__init__(rubric, lang, period, extras)
        self.roster: Roster = roster
        #: the cells of a form; the grid has a column for each of its entries
        self.layout: Layout = month_layout(self.plan, self.paper, roster)
        self.work: Work = Work(self.plan, self.layout.entries, self.words)
        self.known: int = len(roster.records)
        self.headings: dict[str, str] = headings_of(self.plan, self.work.entries, lang)
        #: the results that the grid shows, with their headings
        self.results: list[tuple[str, str]] = list(self._results())
        #: texts that no cell can hold as a value, by person and input name
        self.invalid: list[dict[str, str]] = []
        #: the values of the results, by person
        self.shown: list[dict[str, object]] = []
        #: the column of the first entry, and of the first result
        self.first: int = len(roster.columns)
        self.end: int = self.first + len(self.work.entries)
        self._columns: dict[str, int] = {e.name: i for i, e in enumerate(self.work.entries)}
        self.notes: list[str] = self.blanks()
        #: the row of the sums, below which are the means, and of the heading, from 0
        self.sums: int = 1 + len(self.notes)
        self.top: int = self.sums + 2
        readers = readers_of(self.plan)
        spare = self.spare if self.known else _BLANK
        blanks: list[Mapping[str, object]] = [{}] * spare
        for given in (*roster.records, *blanks):
            record: dict[str, object] = {}
            invalid: dict[str, str] = {}
            for entry in self.work.entries:
                value = given.get(entry.name)
                value = None if is_missing(value) else value
                read = None if value is None else read_value(readers[entry.name], value)
                cell = cell_value(entry, read)
                if cell is not None:
                    record[entry.name] = cell
                elif value is not None:
                    invalid[entry.name] = text_of(value)
            self.records.append(record)
            self.invalid.append(invalid)

    def _results(self) -> list[tuple[str, str]]:
        """Return the results that the grid shows: (column of the sheet ``work``, heading)."""
        made = [(f"=subtotal.{p.id}", f"{p.label} ({p.most})") for p in self.paper.parts if p.label]
        made += [*self.following(), ("=state", self.words["state"])]
        taken = {heading for heading, _ in self.roster.columns} | {*self.headings.values()}
        found: list[tuple[str, str]] = []
        for name, text in made:
            heading, n = text, 1
            while heading in taken:
                n += 1
                heading = f"{text} ({n})"
            taken.add(heading)
            found.append((name, heading))
        return found

    @property
    def last(self) -> int:
        """The last row, from 0."""
        return self.top + len(self.records)

    # ------------------------------------------------------------ values

    def _compute(self, first: int, count: int) -> None:
        """Compute the values of the formulas of some people, in place of those before."""
        some = self.records[first : first + count]
        if self.values.keys() >= {*range(first, first + len(some))}:
            return
        self.values.clear()
        if not self.work.cannot:
            self.values.update(enumerate(self.work.values(some), first))
            for i, values in self.values.items():
                if self.invalid[i]:
                    results = (name for name in values if name.startswith("="))
                    values.update(dict.fromkeys(results, ""))
                    values.update({"=state": self.words["faulty"], ODD: True})
                    values.update(dict.fromkeys(self.invalid[i], _INVALID))

    def _compute_results(self) -> None:
        """Compute what the grid shows of all people, of whom the totals above them are."""
        for first in range(0, len(self.records), _TOGETHER):
            self._compute(first, _TOGETHER)
            some = range(first, min(first + _TOGETHER, len(self.records)))
            self.shown += ({n: self._value(i, n) for n, _ in self.results} for i in some)

    def _value(self, person: int, name: str) -> object:
        """Return the value that a result of a person shows."""
        if not (self.records[person] or self.invalid[person]):
            # nothing is scored before something is filled in
            is_named = person < self.known and any(v[person] for _, v in self.roster.columns)
            if self.work.entries or (name == "=state" and not is_named):
                is_shown = name == "=state" and is_named and not self.work.cannot
                return self.words["unfinished"] if is_shown else ""
        value = self.values.get(person, {}).get(name, "")
        return self.tier_label(value) if name == "=tier" else value

    # ------------------------------------------------------------ the file

    def titles_of_forms(self) -> Sequence[str]:
        """Return the titles of the forms behind the grid."""
        return ()

    def written(self, write_form: Callable[[Any, int], None] | None = None) -> bytes:
        """Write all sheets; ``write_form(sheet, i)`` writes the form of person ``i``."""
        made = sheet_class()
        grid = self.book.add_worksheet(self.words["overview"], made)
        forms = [self.book.add_worksheet(title, made) for title in self.titles_of_forms()]
        work, lists, key = self.hidden(WORK, LISTS, at.KEY)
        self.write_lists(lists)
        self._compute_results()
        for name, column in self.work.names.items():
            work.write_string(0, column, name)
        self._heading(grid)
        for person in range(len(self.records)):
            if not person % _HELD:
                grid.finish_rows()
                work.finish_rows()
                self._compute(person, _HELD)
            row = self.row_of(person)
            self._person(grid, row, person)
            self.work_row(work, row, person, partial(self.cell_of, row + 1))
            if write_form is not None and person < len(forms):
                write_form(forms[person], person)
                forms[person].finish()
        self._limits(grid)
        self._colours(grid)
        self._page(grid)
        self._key(key)
        grid.activate()
        self.book.close()
        return self.buffer.getvalue()

    def _column(self, column: int, sheet: str = "") -> str:
        """Return the cells of a column, from the first row of the sheet."""
        place = letters(column)
        return f"{sheet}${place}$1:${place}${self.last + 1}"

    def row_of(self, person: int) -> int:
        """Return the row of a person, from 0, on the grid and on the sheet ``work``."""
        return self.top + 1 + person

    def cell_of(self, row: int, entry: Entry) -> str:
        """Return the cell of an entry in a row, from 1."""
        return self.grid_cell(row, self.first + self._columns[entry.name])

    def grid_cell(self, row: int, column: int) -> str:
        """Return a cell of the grid, for formulas of other sheets."""
        sheet = "'" + self.words["overview"].replace("'", "''") + "'!"
        return f"INDEX({self._column(column, sheet)},{row})"

    def _heading(self, sheet: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the title, notes, sums, means and headings."""
        faces, words, paper = self.faces, self.words, self.paper
        end = self.end + len(self.results) - 1
        sheet.merge_range(0, 0, 0, end, f"{paper.title} {paper.period}".strip(), faces.title)
        for row, note in enumerate(self.notes, 1):
            sheet.merge_range(row, 0, row, end, note, faces.note)
            sheet.set_row(row, 12 * (1 + width(note) // 105))
        for row, word in ((self.sums, "sum"), (self.sums + 1, "mean")):
            for column in range(self.end):
                sheet.write_blank(row, column, None, faces.sum)
            sheet.write_string(row, 0, words[word], faces.sum)
        for j, (name, _) in enumerate(self.results):
            self._totals(sheet, self.end + j, name)
        texts = (
            *(heading for heading, _ in self.roster.columns),
            *self.headings.values(),
            *(heading for _, heading in self.results),
        )
        for column, text in enumerate(texts):
            sheet.write_string(self.top, column, printable(text), faces.head)
        sheet.set_column(0, max(self.first - 1, 0), 11)
        sheet.set_column(self.first, end, _WIDTH)
        # one character is left for the button of the filter
        sheet.set_row(self.top, 15 * max(2 + width(text) // (_WIDTH - 1) for text in texts))

    def _totals(self, sheet: Any, column: int, name: str) -> None:  # noqa: ANN401 - as above
        """Write the sum and the mean of a result; both follow the filter."""
        place = letters(column)
        cells = f"{place}{self.top + 2}:{place}{self.last + 1}"
        face = self.faces.sum
        values = [shown[name] for shown in self.shown]
        numbers = [exact(v) for v in values if isinstance(v, (int, float))]
        total = sum(map(Fraction, numbers), Fraction())
        for row in (self.sums, self.sums + 1):
            sheet.write_blank(row, column, None, face)
        if name == "=state":
            done = self.words["complete"]
            count = values.count(done)
            sheet.write_formula(self.sums, column, f"=COUNTIF({cells},{quoted(done)})", face, count)
        elif name in self._numeric:
            if not name.startswith(("=subtotal.", "=total")):
                formula = f'=IF(COUNT({cells})=0,"",SUBTOTAL(109,{cells}))'
                sheet.write_formula(
                    self.sums, column, formula, face, float(total) if numbers else ""
                )
            shown = float(rounded(total / len(numbers))) if numbers else ""
            formula = f'=IFERROR(ROUND(SUBTOTAL(101,{cells}),2),"")'
            sheet.write_formula(self.sums + 1, column, formula, face, shown)

    @property
    def _numeric(self) -> set[str]:
        """The results that are numbers."""
        texts = {f"=outcome.{o.name}" for o in self.rubric.outcomes}
        return {name for name, _ in self.results} - {"=tier", "=state"} - texts

    def _person(self, sheet: Any, row: int, person: int) -> None:  # noqa: ANN401 - as above
        """Write the row of a person."""
        for column, (_, values) in enumerate(self.roster.columns):
            value = values[person] if person < self.known else None
            if value is None or value == "":
                sheet.write_blank(row, column, None, self.faces.person)
            else:
                sheet.write_string(row, column, printable(str(value)), self.faces.person)
        record, invalid, lines = self.records[person], self.invalid[person], 1
        for column, entry in enumerate(self.work.entries, self.first):
            value = invalid.get(entry.name, entry.shown(record.get(entry.name)))
            self.write_entry(sheet, (row, column), entry, value)
            if entry.kind == "remark" and value is not None:
                lines = max(lines, -(-width(str(value)) // _WIDTH))
        if lines > 1:
            sheet.set_row(row, 13 * min(lines, _TALL))
        for column, (name, _) in enumerate(self.results, self.end):
            self._result(sheet, (row, column), name, person)

    def _result(self, sheet: Any, place: tuple[int, int], name: str, person: int) -> None:  # noqa: ANN401 - as above
        """Write a result of a person, which is empty before something is filled in."""
        face = self.faces.text if name in ("=state", "=tier") else self.faces.number
        if name not in self.work.names:
            sheet.write_blank(*place, None, face)
            return
        row = place[0] + 1
        # ROW() is an array in some contexts
        column = self._column(self.work.names[name], f"{WORK}!")
        formula = f"INDEX({column},ROWS(A$1:A{row}))"
        formula = self.tier_formula(formula) if name == "=tier" else formula
        for begin, shown in ((self.first, "unfinished"), (0, "")):
            if begin < self.end and (name == "=state" or shown):
                text = quoted(self.words[shown]) if shown and name == "=state" else '""'
                cells = f"${letters(begin)}{row}:${letters(self.end - 1)}{row}"
                formula = f"IF(COUNTA({cells})=0,{text},{formula})"
        sheet.write_formula(*place, f"={formula}", face, self.shown[person][name])

    def _limits(self, sheet: Any) -> None:  # noqa: ANN401 - as above
        """Limit the cells to fill in, and let people filter the rows."""
        for column, entry in enumerate(self.work.entries, self.first):
            self.validate(sheet, entry, (self.top + 1, column, self.last, column))
        sheet.autofilter(self.top, 0, self.last, self.end + len(self.results) - 1)

    def _colours(self, sheet: Any) -> None:  # noqa: ANN401 - as above
        """Colour tiers and states."""
        grades = self.paper.grades
        ranks = [i * (len(_TIERS) - 1) // max(len(grades) - 1, 1) for i in range(len(grades))]
        tiers = {g.label: _TIERS[rank] for g, rank in zip(grades, ranks, strict=True)}
        states = {self.words[word]: colour for word, colour in _STATES.items()}
        colours: Mapping[str, Mapping[str, str]] = {"=tier": tiers, "=state": states}
        for column, (name, _) in enumerate(self.results, self.end):
            place = letters(column)
            for text, colour in colours.get(name, {}).items():
                criteria = f"=EXACT(${place}{self.top + 2},{quoted(text)})"
                style = self.book.add_format({"bg_color": colour})
                rule = {"type": "formula", "criteria": criteria, "format": style}
                sheet.conditional_format(self.top + 1, column, self.last, column, rule)

    def _page(self, sheet: Any) -> None:  # noqa: ANN401 - as above
        """Set up the window and the page, and protect all cells except those to fill in."""
        sheet.freeze_panes(self.top + 1, min(self.first, 2))
        numbers = f"A{self.top + 2}:{letters(max(self.end - 1, 0))}{self.last + 1}"
        sheet.ignore_errors({"number_stored_as_text": numbers})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(self.top)
        sheet.set_footer("&R&8&P / &N")
        allowed = ("autofilter", "sort", "format_cells", "format_columns", "format_rows")
        sheet.protect("", dict.fromkeys(allowed, True))

    def _key(self, sheet: Any) -> None:  # noqa: ANN401 - as above
        """Write what the reader of the grid needs."""
        rows: list[Sequence[object]] = [
            (GRID, 1),
            ("rubric", self.rubric.id),
            ("fingerprint", self.paper.fingerprint),
            ("sheet", self.words["overview"]),
            *(("form", title) for title in self.titles_of_forms()),
            *(("heading", heading) for heading, _ in self.roster.columns if heading),
            *(("heading", heading) for heading in self.headings.values()),
            *(("result", heading) for _, heading in self.results),
        ]
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                write_value(sheet, i, j, value)
