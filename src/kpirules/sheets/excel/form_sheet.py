"""The form of one employee on a worksheet: as printed, with the values of the grid."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import width
from kpirules.sheets.excel import layout as at


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.sheets.excel.formats import CellFormats
    from kpirules.sheets.excel.layout import Layout
    from kpirules.sheets.excel.workbook import Book
    from kpirules.sheets.form import Extras, Item, Part, ScoreForm


#: the rows of a form that are readable on one page, and the characters of its width
_ONE_PAGE, _PAGE_WIDTH = 85, 65
#: the characters of a line of an input's label, and of a standard
_FACT, _STANDARD = 30, 48
#: the height of a logo, in millimetres
_LOGO = 9


class FormSheet:
    """Writes one form."""

    def __init__(self, book: Book, sheet: Any, employee: int) -> None:  # noqa: ANN401 - XlsxWriter has no types
        self.book = book
        self.sheet = sheet
        self.faces: CellFormats = book.faces
        self.employee = employee
        self.paper: ScoreForm = book.paper
        self.layout: Layout = book.layout
        self.words: Mapping[str, str] = book.words
        self.last: int = self.layout.score

    def write(self) -> None:
        """Write all cells."""
        self._heading()
        self._facts()
        self._items()
        end = self._results(self.layout.results)
        self._page(end)
        for entry in self.layout.entries:
            face = self.faces.text if entry.kind == "remark" else self.faces.number
            self._show(entry.place, *self.book.entry_cell(self.employee, entry), face)

    # ------------------------------------------------------------ printed parts

    def _heading(self) -> None:
        """Write the title and the person."""
        sheet, faces, words, paper = self.sheet, self.faces, self.words, self.paper
        sheet.merge_range(0, 0, 0, self.last, paper.title, faces.title)
        last = self.book.last_totals[self.employee]
        about = partial(self.book.about, self.employee)
        for (row, column), label, (formula, value) in (
            (at.POST, words["post"], ("", paper.role)),
            (at.PERIOD, words["month"], ("", paper.period)),
            (at.NAME, words["name"], about("name")),
            (at.NUMBER, words["number"], about("number")),
            (at.APPRAISER, words["appraiser"], about("appraiser")),
            (at.DEPARTMENT, words["department"], about("department")),
            (at.STATE, words["state"], self.book.result(self.employee, "=state")),
            *([(at.LAST, words["last-total"], ("", last))] if last else []),
        ):
            sheet.write_string(row, column - 1, label, faces.label)
            if column == 1:
                sheet.merge_range(row, 1, row, 2, "", faces.line)
            self._show((row, column), formula, value, faces.line)

    def _facts(self) -> None:
        """Write the inputs, without values."""
        if not self.paper.facts:
            return
        sheet, faces, words = self.sheet, self.faces, self.words
        row = self.layout.facts
        for column, word in enumerate(("facts", "", "admissible", "value")):
            sheet.write_string(row, column, words[word] if word else "", faces.head)
        sheet.merge_range(row, 0, row, 1, words["facts"], faces.head)
        for i, fact in enumerate(self.paper.facts, row + 1):
            label = f"{fact.label} ({fact.unit})" if fact.unit else fact.label
            sheet.merge_range(i, 0, i, 1, label, faces.item)
            sheet.write_string(i, 2, fact.admissible, faces.text)
            self._fit(i, (label, _FACT), (fact.admissible, _STANDARD))

    def _items(self) -> None:
        """Write the sections and their items."""
        sheet, faces, words = self.sheet, self.faces, self.words
        heads = (words["item"], words["weight"], words["standard"], *self.paper.raters)
        # entries and results are in the same columns of every form: the further texts follow them
        for column, text in enumerate((*heads, words["score"], *self.paper.columns)):
            sheet.write_string(self.layout.table, column, text, faces.head)
        for part in self.paper.parts:
            top, last = self.layout.parts[part.id]
            if part.label:
                sheet.merge_range(top, 0, top, self.last, part.heading, faces.part)
            for item in part.items:
                self._item(item)
            if part.label:
                self._subtotal(part, last)

    def _item(self, item: Item) -> None:
        """Write one item, with a row for each level."""
        faces, first = self.faces, self.layout.items[item.id]
        last = first + len(item.levels) - 1
        self._write_over(first, last, 0, item.label, faces.item)
        self._write_over(first, last, 1, item.weight or "—", faces.number)
        for row, level in enumerate(item.levels, first):
            text = f"{level.points}: {level.text}" if level.points else level.text
            self.sheet.write_string(row, 2, text, faces.text)
            self._fit(row, (text, _STANDARD))
        for column in range(3, self.last):
            self._write_over(first, last, column, "", faces.text)
        self._write_over(first, last, self.last, "", faces.number)
        for column, text in enumerate(item.texts, self.last + 1):
            self._write_over(first, last, column, text, faces.text)
        if item.kind != "remark":
            name = f"=points.{item.id}"
            self._result((first, self.last), name)

    def _write_over(self, first: int, last: int, column: int, text: str, face: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write a cell over some rows."""
        if first < last:
            self.sheet.merge_range(first, column, last, column, text, face)
        elif text:
            self.sheet.write_string(first, column, text, face)
        else:
            self.sheet.write_blank(first, column, None, face)

    def _fit(self, row: int, *texts: tuple[str, int]) -> None:
        """Make a row as high as the longest of some texts: (text, characters of a line)."""
        lines = max(-(-width(text) // wide) for text, wide in texts)
        if lines > 1:
            self.sheet.set_row(row, 13 * lines)

    def _subtotal(self, part: Part, row: int) -> None:
        """Write the subtotal of a section."""
        word = "subtotal-out-of" if part.most else "subtotal-of"
        text = self.words[word].format(part=part.label, most=part.most)
        self.sheet.merge_range(row, 0, row, self.last - 1, text, self.faces.sum)
        name = f"=subtotal.{part.id}"
        self._result((row, self.last), name)

    def _results(self, row: int) -> int:
        """Write the results and everything below them; return the last row."""
        sheet, faces, words, paper = self.sheet, self.faces, self.words, self.paper
        for name, label in (*self.book.following(), *self.book.half_filled()):
            sheet.merge_range(row, 0, row, self.last - 1, label, faces.sum)
            self._result((row, self.last), name)
            row += 1
        for note in self.book.blanks():
            sheet.merge_range(row, 0, row, self.last, note, faces.note)
            sheet.set_row(row, 30)
            row += 1
        for note in self.book.problems[self.employee]:
            row = self._note(row, note)
        row = self._grades(row + 1)
        for rule in paper.rules:
            rows = "; ".join(f"{value} {when}".strip() for value, when in rule.rows)
            row = self._note(row, f"{rule.kind}: {rule.label}: {rows}")
        row += 1
        for label in paper.extras.boxes:
            sheet.write_string(row, 0, label, faces.label)
            sheet.merge_range(row, 1, row, self.last, "", faces.box)
            sheet.set_row(row, 50)
            row += 1
        for label in (words["appraiser"], words["employee"], *paper.extras.signatures):
            sheet.write_string(row, 0, f"{label} ({words['signature']})", faces.label)
            sheet.merge_range(row, 1, row, 2, "", faces.line)
            sheet.write_string(row, 3, words["date"], faces.label)
            sheet.write_blank(row, 4, None, faces.line)
            sheet.set_row(row, 26)
            row += 1
        if paper.extras.notes and paper.rulings:
            row = self._note(row + 1, words["rulings"])
            for clause, decision in paper.rulings:
                row = self._note(row, f"{clause}  {decision}")
        return self._note(row, words["fill-in"].format(sheet=words["overview"]))

    def _grades(self, row: int) -> int:
        """Write the tiers; return the next row."""
        sheet, faces, words, paper = self.sheet, self.faces, self.words, self.paper
        if not paper.grades:
            return row
        sheet.merge_range(row, 0, row, 1, words["total"], faces.head)
        sheet.write_string(row, 2, words["tier"], faces.head)
        for j, name in enumerate(paper.pays):
            sheet.write_string(row, 3 + j, name, faces.head)
        for i, grade in enumerate(paper.grades, row + 1):
            sheet.merge_range(i, 0, i, 1, grade.totals, faces.text)
            sheet.write_string(i, 2, grade.label, faces.text)
            for j, value in enumerate(grade.values):
                sheet.write_string(i, 3 + j, value, faces.number)
        return row + len(paper.grades) + 2

    def _note(self, row: int, text: str) -> int:
        """Write a note over the whole width; return the next row."""
        self.sheet.merge_range(row, 0, row, self.last, text, self.faces.note)
        self.sheet.set_row(row, 12 * (1 + width(text) // 105))
        return row + 1

    def _page(self, last: int) -> None:
        """Set up the page, and protect all cells except the boxes."""
        sheet, paper = self.sheet, self.paper
        further = self.layout.last - self.last
        widths = [20, 9, 44, *[13] * (self.last - 2), *[20] * further]
        for column, wide in enumerate(widths):
            sheet.set_column(column, column, wide)
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        if last < _ONE_PAGE:
            sheet.fit_to_pages(1, 1)
        else:
            # total, tiers and signatures are together on the last page
            sheet.set_print_scale(min(100, 100 * _PAGE_WIDTH // sum(widths)))
            sheet.set_h_pagebreaks([self.layout.results])
        sheet.print_area(0, 0, last, self.layout.last)
        about = f"{paper.rubric} {paper.fingerprint[:12]}".replace("&", "&&")
        sheet.set_footer(f"&L&8{about}&R&8&P / &N")
        self._header(paper.extras)
        sheet.hide_gridlines(2)
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def _header(self, extras: Extras) -> None:
        """Set the header of the printed page: logo, company."""
        company = extras.company.replace("&", "&&")
        picture = {}
        if extras.logo is not None:
            picture = {
                "image_left": "logo.png",
                "image_data_left": BytesIO(extras.logo.of_height(_LOGO)),
            }
        if picture or company:
            sign = "&L&G" if picture else ""
            self.sheet.set_header(f"{sign}&C&11 {company}", picture)

    # ------------------------------------------------------------ formulas

    def _result(self, place: tuple[int, int], name: str) -> None:
        """Write a cell that shows a result."""
        face = self.faces.text if name == "=tier" else self.faces.number
        self._show(place, *self.book.result(self.employee, name), face)

    def _show(self, place: tuple[int, int], formula: str, value: object, face: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write a cell that shows a value by a formula, or the value as a text."""
        if formula:
            self.sheet.write_formula(*place, f"={formula}", face, value)
        else:
            self.sheet.write_string(*place, str(value), face)
