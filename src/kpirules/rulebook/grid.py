"""Read the sheets of a rule workbook: which cell belongs to which part and column.

The workbook is untrusted: sizes are limited, formulas are not computed, and a cell without a
readable value is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

import attrs

from kpirules._internal.display import similar
from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.rulebook.kinds import Formula, text_of
from kpirules.rulebook.layout import (
    ARROWS,
    SHEETS,
    Found,
    Level,
    Sheet,
    column_of,
    is_notes,
    sheet_of,
)
from kpirules.translations.catalog import languages
from kpirules.translations.message import Given, Message


if TYPE_CHECKING:
    from kpirules.rulebook.kinds import Scalar


#: the greatest number of rows and columns of a sheet that are read
MAX_ROWS, MAX_COLUMNS = 5_000, 250
#: the greatest size of a workbook: that of its texts, and of its cells in characters
MAX_SIZE, _CELL = 600_000, 10
#: the heading is in one of the first rows
_FIRST = 12
#: what a spreadsheet shows for a formula that has failed
_ERRORS = frozenset(
    {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"}
)


class Merged(Protocol):
    """Some merged cells; rows count from 1, columns from 0."""

    @property
    def top(self) -> int:
        """Return the first row."""
        ...

    @property
    def bottom(self) -> int:
        """Return the last row."""
        ...

    @property
    def left(self) -> int:
        """Return the first column."""
        ...


class Worksheets(Protocol):
    """The sheets of a workbook."""

    @property
    def names(self) -> Sequence[str]:
        """Return the names of the sheets."""
        ...

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a sheet."""
        ...

    def merged(self, name: str) -> Iterable[Merged]:
        """Yield the merged cells of a sheet."""
        ...


@attrs.frozen
class Cell:
    """A cell that is not empty."""

    sheet: str
    #: from 1
    row: int
    #: from 0
    column: int
    value: Scalar

    @property
    def text(self) -> str:
        """Return the value as a text."""
        return text_of(self.value)

    def location(self, file: str) -> SourceLocation:
        """Return the location of findings."""
        return SourceLocation(
            file=file,
            line=self.row,
            column=1,
            end_column=max(2, len(self.text) + 1),
            source=" ".join(self.text.splitlines()),
            cell=f"{self.sheet}!{letters(self.column)}{self.row}",
        )


@attrs.define
class Part:
    """A part of the ruleset, as the cells of its row have it."""

    level: Level
    #: the cells by the key of the column, and its language or number
    cells: dict[tuple[str, str], Cell]
    children: list[Part] = attrs.field(factory=list["Part"])
    id: str = ""

    def get(self, key: str, variant: str = "") -> Cell | None:
        """Return a cell."""
        return self.cells.get((key, variant))

    def variants(self, key: str) -> dict[str, Cell]:
        """Return the cells of a key by their language or number."""
        return {variant: cell for (name, variant), cell in self.cells.items() if name == key}

    @property
    def first(self) -> Cell:
        """Return the first cell."""
        return min(self.cells.values(), key=lambda each: (each.row, each.column))


@attrs.define
class Example:
    """A row of the sheet of examples."""

    name: Cell | None
    #: (heading, value) of the record, and of what is expected
    record: list[tuple[Cell, Cell]] = attrs.field(factory=list["tuple[Cell, Cell]"])
    expected: list[tuple[Cell, Cell]] = attrs.field(factory=list["tuple[Cell, Cell]"])


@attrs.define
class Grid:
    """The parts of a workbook."""

    file: str
    parts: dict[str, list[Part]] = attrs.field(factory=dict[str, "list[Part]"])
    examples: list[Example] = attrs.field(factory=list[Example])
    findings: list[Finding] = attrs.field(factory=list[Finding])
    #: the row (0: that of the part) and the column of ids, by the sheet and the key of the level
    ids: dict[tuple[str, str], tuple[int, int]] = attrs.field(
        factory=dict[tuple[str, str], tuple[int, int]]
    )

    def wrong(self, cell: Cell, reason: Message, advice: Message | str = "") -> None:
        """Report a cell."""
        spots = (cell.location(self.file),)
        self.findings.append(Finding(code="value", reason=reason, advice=advice, spots=spots))


def letters(column: int) -> str:
    """Return the letters of a column, which counts from 0.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name


def read_grid(book: Worksheets, file: str) -> Grid:
    """Read all sheets of a workbook."""
    grid, size = Grid(file), 0
    for title in book.names:
        sheet = sheet_of(title)
        if sheet is None:
            known = Message.of("rulebook.unknown-sheet", sheet=Given(title), known=_titles())
            grid.wrong(Cell(title, 1, 0, title), known, Message.of("rulebook-help.unknown-sheet"))
            continue
        rows = _rows(book, title, grid)
        size += sum(len(cell.text) + _CELL for row in rows for cell in row.values())
        if size > MAX_SIZE:
            too_large = Grid(file)
            too_large.wrong(Cell(title, 1, 0, title), Message.of("rulebook.too-large"))
            return too_large
        _read_sheet(sheet, _transposed(rows) if sheet.is_upright else rows, title, grid)
    return grid


def _titles() -> tuple[Message, ...]:
    """Return the names of the sheets."""
    return tuple(Message.of(f"rulebook-sheet.{sheet.name}") for sheet in SHEETS)


def _rows(book: Worksheets, title: str, grid: Grid) -> list[dict[int, Cell]]:
    """Return the cells of each row of a sheet by column."""
    found: list[dict[int, Cell]] = []
    for number, row in enumerate(book.rows(title), 1):
        cells = {i: _value_of(value) for i, value in enumerate(row[:MAX_COLUMNS])}
        some = {i: Cell(title, number, i, v) for i, v in cells.items() if v not in (None, "")}
        if some and number > MAX_ROWS:
            cell = next(iter(some.values()))
            grid.wrong(cell, Message.of("rulebook.many-rows", rows=MAX_ROWS))
            break
        found.append({i: cell for i, cell in some.items() if not _is_error(cell, grid)})
    _fill_merged(book.merged(title), found, grid)
    return found


def _fill_merged(merged: Iterable[Merged], rows: list[dict[int, Cell]], grid: Grid) -> None:
    """Give merged cells below each other the value of the first."""
    left = MAX_ROWS * 10
    for each in merged:
        first = rows[each.top - 1].get(each.left) if each.top <= len(rows) else None
        if first is not None:
            left -= each.bottom - each.top
            if left < 0:
                grid.wrong(first, Message.of("rulebook.many-merged"))
                return
            for number in range(each.top, min(each.bottom, len(rows))):
                rows[number].setdefault(each.left, attrs.evolve(first, row=number + 1))


def _value_of(value: object) -> Scalar | None:
    """Return the value of a cell; None if it is empty."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if value is None or isinstance(value, (bool, int, Decimal, date)):
        return value
    return str(value)


def _is_error(cell: Cell, grid: Grid) -> bool:
    """Report a cell whose formula has failed; return whether it has."""
    if cell.text in _ERRORS:
        _report_formula("error", cell, grid)
        return True
    return False


def _is_formula(cell: Cell, grid: Grid) -> bool:
    """Report a cell with a formula that has no value; return whether it is one."""
    if isinstance(cell.value, str) and cell.value.startswith("="):
        _report_formula("formula", cell, grid)
        return True
    return False


def _report_formula(key: str, cell: Cell, grid: Grid) -> None:
    """Report a cell with a formula of the spreadsheet."""
    advice = Message.of(f"rulebook-help.{key}")
    grid.wrong(cell, Message.of(f"rulebook.{key}", text=Given(cell.text)), advice)


def _transposed(rows: list[dict[int, Cell]]) -> list[dict[int, Cell]]:
    """Return the headings and values of an upright sheet as two rows."""
    return [{i: row[at] for i, row in enumerate(rows) if at in row} for at in (0, 1)]


def _read_sheet(sheet: Sheet, rows: list[dict[int, Cell]], title: str, grid: Grid) -> None:
    """Read the parts of a sheet."""
    at = _heading_row(sheet, rows)
    if at is None:
        if any(rows):
            cell = next(cell for row in rows for cell in row.values())
            heads = Message.of("rulebook.no-heading", known=_headings(sheet))
            grid.wrong(attrs.evolve(cell, sheet=title), heads)
        return
    if sheet.name == "examples":
        _read_examples(sheet, rows[at], rows[at + 1 :], grid)
        return
    columns = _columns(sheet, rows[at], grid)
    for row in rows[at + 1 :]:
        for i, cell in row.items():
            if i not in columns and i not in rows[at]:
                grid.wrong(cell, Message.of("rulebook.no-column"))
    _Rows(sheet, columns, grid).read(rows[at + 1 :])


def _columns(sheet: Sheet, headings: dict[int, Cell], grid: Grid) -> dict[int, Found]:
    """Return the columns of headings; report unknown and repeated ones."""
    columns: dict[int, Found] = {}
    seen: dict[Found, Cell] = {}
    for i, cell in headings.items():
        found = column_of(sheet, cell.text)
        if found is None:
            if not is_notes(cell.text):
                _report_heading(sheet, cell, grid)
        elif found in seen:
            other = seen[found].location(grid.file).cell
            grid.wrong(cell, Message.of("rulebook.column-twice", text=cell.text, other=other))
        else:
            seen[found], columns[i] = cell, found
            if found.column.key == "id":
                at = (cell.row, cell.column + 1) if sheet.is_upright else (0, cell.column)
                grid.ids[cell.sheet, found.level.key] = at
    return columns


def _heading_row(sheet: Sheet, rows: list[dict[int, Cell]]) -> int | None:
    """Return the index of the row with most headings among the first."""
    counts = [
        sum(column_of(sheet, cell.text) is not None for cell in row.values())
        for row in rows[: 1 if sheet.is_upright else _FIRST]
    ]
    most = max(counts, default=0)
    return counts.index(most) if most else None


def _headings(sheet: Sheet) -> tuple[Message, ...]:
    """Return the headings of a sheet that every workbook has."""
    return tuple(
        Message.of(f"rulebook-column.{column.name}")
        for _, column in sheet.columns
        if column.is_basic
    )


def _report_heading(sheet: Sheet, cell: Cell, grid: Grid) -> None:
    """Report a heading that the sheet does not have."""
    known = (column.heading(lang) for _, column in sheet.columns for lang in languages())
    near = similar(cell.text, tuple(known))
    reason = Message.of("rulebook.unknown-column", text=Given(cell.text))
    advice = Message.of("rulebook-help.unknown-column", known=_headings(sheet))
    if near is not None:
        advice = Message.of("problem-text.suggestion", name=near)
    grid.wrong(cell, reason, advice)


def _read_examples(
    sheet: Sheet, headings: dict[int, Cell], rows: list[dict[int, Cell]], grid: Grid
) -> None:
    """Read the examples: a column for each name of the record, and for each expected value."""
    names = {i for i, cell in headings.items() if column_of(sheet, cell.text)}
    for row in filter(None, rows):
        example = Example(next((cell for i, cell in row.items() if i in names), None))
        for i, cell in row.items():
            heading = headings.get(i)
            if heading is None:
                grid.wrong(cell, Message.of("rulebook.no-column"))
            elif is_notes(heading.text) or _is_formula(cell, grid):
                continue
            elif i not in names:
                match = ARROWS.fullmatch(heading.text)
                named = heading if match is None else attrs.evolve(heading, value=match[1].strip())
                (example.record if match is None else example.expected).append((named, cell))
        grid.examples.append(example)


@attrs.define
class _Rows:
    """The rows of a sheet: which part each begins or continues."""

    sheet: Sheet
    columns: dict[int, Found]
    grid: Grid
    #: the last part of each level
    current: dict[str, Part] = attrs.field(factory=dict[str, Part])

    def read(self, rows: list[dict[int, Cell]]) -> None:
        """Read all rows; blank ones mean nothing."""
        for row in rows:
            for number, level in enumerate(self.sheet.levels):
                cells = {
                    (found.column.key, found.variant): row[i]
                    for i, found in self.columns.items()
                    if found.level is level and i in row and self._is_value(row[i], found)
                }
                if cells:
                    self._take(number, level, cells)

    def _is_value(self, cell: Cell, found: Found) -> bool:
        """Return whether a cell has a value; the column of formulas has those of rules."""
        return isinstance(found.column.kind, Formula) or not _is_formula(cell, self.grid)

    def _take(self, number: int, level: Level, cells: dict[tuple[str, str], Cell]) -> None:
        """Begin a part, or continue the one above."""
        part = self.current.get(level.key)
        is_last = number and number == len(self.sheet.levels) - 1
        if part is not None and not is_last and len(self.sheet.levels) > 1:
            identity = {c.key for c in level.columns if c.is_identity}
            named = {key: cell for key, cell in cells.items() if key[0] in identity}
            if all(
                key in part.cells and part.cells[key].text == c.text for key, c in named.items()
            ):
                self._continue(part, cells)
                return
        part = Part(level, cells)
        for below in self.sheet.levels[number + 1 :]:
            self.current.pop(below.key, None)
        self.current[level.key] = part
        above = [self.current[e.key] for e in self.sheet.levels[:number] if e.key in self.current]
        if above:
            above[-1].children.append(part)
        elif number and level.key != "criterion":
            self.grid.wrong(part.first, Message.of("rulebook.no-part"))
        else:
            self.grid.parts.setdefault(self.sheet.name, []).append(part)

    def _continue(self, part: Part, cells: dict[tuple[str, str], Cell]) -> None:
        """Add cells of a further row to a part."""
        for key, cell in cells.items():
            known = part.cells.setdefault(key, cell)
            if known.text != cell.text:
                other = known.location(self.grid.file).cell
                reason = Message.of("rulebook.differs", text=Given(cell.text), other=other)
                self.grid.wrong(cell, reason, Message.of("rulebook-help.differs"))
