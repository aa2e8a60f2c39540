"""The rule workbook as a file: headings, hints, lists to choose from, and space to fill in."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import width
from kpirules.errors import fetch
from kpirules.model.labels import OWN_LABELS
from kpirules.rulebook.grid import letters
from kpirules.rulebook.kinds import (
    Flag,
    Label,
    Name,
    Number,
    Points,
    TierName,
    Weight,
    Word,
)
from kpirules.rulebook.layout import ARROW, NOTES
from kpirules.rulebook.writer import Table, Tables, tables_of
from kpirules.sheets.excel.formats import CellFormats
from kpirules.translations.catalog import template


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.rulebook.kinds import Scalar
    from kpirules.rulebook.layout import Column


#: rows to fill in below those that are filled
_SPARE = 60
#: those of them that are printed
_PRINTED = 4
#: the row of the headings of a sheet, from 0, and the first row of its parts
_HEADINGS, _FIRST = 2, 3
#: the width of a column of numbers, of short texts, of long ones
_NARROW, _MIDDLE, _WIDE = 9, 16, 34
#: the height of a line
_LINE = 15
#: the columns of long texts
_LONG = frozenset(
    {"level", "conflict", "decision", "reason", "standard", "formula", "accepts", "note"}
)


def rule_workbook(
    tree: Mapping[str, Any], lang: str, notes: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """Return the workbook of the tree of a ruleset; an empty tree gives one to fill in.

    ``notes`` are texts for the column that is not read: by the id of a part, or by the name of a
    sheet for its first row.
    """
    return _File(tables_of(tree, lang), notes).content()


class _File:
    """A workbook that is being written."""

    def __init__(self, tables: Tables, notes: Mapping[str, str]) -> None:
        self.tables = tables
        self.notes = notes
        self.lang = tables.lang
        xlsxwriter = fetch("xlsxwriter", "excel")
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False}  # fmt: skip
        self.buffer: io.BytesIO = io.BytesIO()
        self.book: Any = xlsxwriter.Workbook(self.buffer, options)
        # the same rules give the same bytes
        self.book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a file's stamp has no zone
        self.faces: CellFormats = CellFormats(self.book, self.lang)
        self.about: Any = self.book.add_format({"font_name": self.faces.font, "font_size": 10})
        entry = {"border": 1, "border_color": "#C9CED6", "text_wrap": True, "valign": "vcenter",
                 "font_name": self.faces.font, "font_size": 10}  # fmt: skip
        self.entry: dict[str, Any] = {
            kind: self.book.add_format({**entry, **more})
            for kind, more in (
                ("text", {"num_format": "@"}),
                ("number", {"align": "right", "indent": 1}),
                ("date", {"num_format": "yyyy-mm-dd", "align": "left"}),
                ("first", {"num_format": "@", "bold": True, "bg_color": "#F1F3F6"}),
                ("id", {"num_format": "@", "font_color": "#8B929B"}),
                ("note", {"num_format": "@", "border": 0, "font_color": "#5A6270"}),
            )
        }

    def content(self) -> bytes:
        """Write all sheets; return the content of the file."""
        for table in self.tables.sheets:
            if not (table.sheet.is_basic or table.rows):
                continue
            sheet = self.book.add_worksheet(table.sheet.title(self.lang))
            if table.sheet.is_upright:
                self._upright(sheet, table)
            elif table.sheet.name == "examples":
                self._examples(sheet, table)
            else:
                self._parts(sheet, table)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
        self.book.close()
        return self.buffer.getvalue()

    # ------------------------------------------------------------ sheets

    def _upright(self, sheet: Any, table: Table) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the sheet of one part: heading, value, and what to write, from left to right."""
        row = table.rows[0] if table.rows else {}
        for i, (level, column, variant) in enumerate(table.columns(self.lang)):
            sheet.write_string(i, 0, column.heading(self.lang, variant), self.faces.head)
            face = self.entry[_face(column)]
            self._write(sheet, i, 1, row.get((level.key, column.key, variant)), face)
            sheet.write_string(i, 2, column.hint(self.lang), self.faces.note)
            self._list(sheet, (i, 1, i, 1), column)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 60)
        sheet.set_column(2, 2, 60)

    def _parts(self, sheet: Any, table: Table) -> None:  # noqa: ANN401 - as above
        """Write the sheet of parts, a row for each."""
        columns = table.columns(self.lang)
        last = _FIRST + len(table.rows) + _SPARE - 1
        self._top(sheet, table)
        for j, (level, column, variant) in enumerate(columns):
            self._heading(sheet, j, column.heading(self.lang, variant), column.hint(self.lang))
            face = self.entry[_face(column)]
            sheet.set_column(j, j, _width(column))
            for i in range(_FIRST, last + 1):
                row = table.rows[i - _FIRST] if i - _FIRST < len(table.rows) else {}
                self._write(sheet, i, j, row.get((level.key, column.key, variant)), face)
            self._list(sheet, (_FIRST, j, last, j), column)
        for i, row in enumerate(table.rows, _FIRST):
            note = self._note(table, i - _FIRST)
            texts = ((row.get((v.key, c.key, tag)), _width(c)) for v, c, tag in columns)
            lines = [_lines(note, _WIDE), *(_lines(text, wide) for text, wide in texts)]
            sheet.set_row(i, _LINE * max(lines))
            if note is not None:
                sheet.write_string(i, len(columns), note, self.entry["note"])
        self._notes(sheet, len(columns))
        sheet.print_area(0, 0, _FIRST + len(table.rows) + _PRINTED, len(columns))

    def _examples(self, sheet: Any, table: Table) -> None:  # noqa: ANN401 - as above
        """Write the sheet of examples: a column for each name."""
        self._top(sheet, table)
        (heading, names), *others = self.tables.examples
        every = [(heading, names), *others]
        if not others:
            every += [(text, []) for text in self._expected()]
        for j, (text, values) in enumerate(every):
            self._heading(
                sheet, j, text, template("rulebook-hint.example", self.lang) if not j else ""
            )
            sheet.set_column(j, j, _MIDDLE + (0 if j else _MIDDLE))
            for i in range(len(values) + (_SPARE // 2)):
                value = values[i] if i < len(values) else None
                self._write(sheet, _FIRST + i, j, value, self.entry["number" if j else "first"])
        self._notes(sheet, len(every))
        sheet.print_area(0, 0, _FIRST + len(names) + _PRINTED, len(every))

    def _expected(self) -> list[str]:
        """Return the headings of expected values on a sheet without examples."""
        names = ("total", "tier", "outcome.pay")
        return [f"{ARROW} {OWN_LABELS[name].text(self.lang)}" for name in names]

    def _top(self, sheet: Any, table: Table) -> None:  # noqa: ANN401 - as above
        """Write what the sheet is about."""
        about = template(f"rulebook-about.{table.sheet.name}", self.lang)
        sheet.write_string(0, 0, about, self.about)
        sheet.set_row(1, 42)
        sheet.set_row(_HEADINGS, 2 * _LINE)
        sheet.freeze_panes(_FIRST, 1)
        sheet.repeat_rows(_HEADINGS)

    def _heading(self, sheet: Any, column: int, text: str, hint: str) -> None:  # noqa: ANN401 - as above
        """Write a heading, and above it what to write below."""
        sheet.write_string(1, column, hint, self.faces.note)
        sheet.write_string(_HEADINGS, column, text, self.faces.head)

    def _notes(self, sheet: Any, column: int) -> None:  # noqa: ANN401 - as above
        """Write the heading of the column that is not read."""
        sheet.write_string(
            _HEADINGS, column, template(f"rulebook-column.{NOTES}", self.lang), self.faces.head
        )
        sheet.set_column(column, column, _WIDE)

    def _note(self, table: Table, index: int) -> str | None:
        """Return the text about a row, if there is one."""
        row = table.rows[index]
        names = [str(value) for (_, key, _), value in row.items() if key == "id"]
        names += [] if index else [table.sheet.name]
        return next((self.notes[name] for name in names if name in self.notes), None)

    # ------------------------------------------------------------ cells

    def _write(self, sheet: Any, row: int, column: int, value: Scalar | None, face: Any) -> None:  # noqa: ANN401 - as above
        """Write a value by its type: a text is never a formula."""
        if value is None:
            sheet.write_blank(row, column, None, face)
        elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            sheet.write_number(row, column, float(value), face)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), face)  # noqa: DTZ001 - a day
        else:
            sheet.write_string(row, column, str(value), face)

    def _list(self, sheet: Any, cells: tuple[int, int, int, int], column: Column) -> None:  # noqa: ANN401 - as above
        """Let cells be chosen from a list, if there is one."""
        kind = column.kind
        if isinstance(kind, (Word, Flag)):
            # a number may be allowed beside the words
            chosen = {"validate": "list", "source": kind.spellings(self.lang)}
            sheet.data_validation(*cells, {**chosen, "show_error": not column.is_open})
        elif isinstance(kind, (Name, TierName)):
            # a name that is not listed may be right: an id, or an item
            named = next(
                t
                for t in self.tables.sheets
                if t.sheet.name == ("data" if isinstance(kind, Name) else "tiers")
            )
            rows = _FIRST + len(named.rows) + _SPARE
            title = named.sheet.title(self.lang)
            source = f"='{title}'!${letters(0)}${_FIRST + 1}:${letters(0)}${rows}"
            sheet.data_validation(
                *cells, {"validate": "list", "source": source, "show_error": False}
            )


def _lines(value: Scalar | None, wide: int) -> int:
    """Return the number of lines of a value in a column of a width."""
    return 1 if value is None else -(-width(str(value)) // max(1, wide - 1)) or 1


def _face(column: Column) -> str:
    """Return the format of the cells of a column."""
    if column.key == "id":
        return "id"
    if column.is_identity and isinstance(column.kind, Label):
        return "first"
    if column.kind.hint == "date":
        return "date"
    return "text" if column.kind.is_text else "number"


def _width(column: Column) -> int:
    """Return the width of a column."""
    if column.key in _LONG or column.name in _LONG:
        return _WIDE
    if isinstance(column.kind, (Number, Weight, Flag, Points)):
        return _NARROW
    return _MIDDLE
