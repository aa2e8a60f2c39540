"""The form as an Excel workbook that is filled in without kpirules: its formulas score.

Sheets: an overview of all employees; a form for each; and hidden ones: ``work`` with a row for each
employee, which says in formulas what a plan says of a row (:mod:`kpirules.sheets.cells`), ``lists``
of what may be chosen, and ``kpirules``, which says where everything stands, for reading it back.
"""

from __future__ import annotations

import io
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs

from kpirules.errors import InputError
from kpirules.extras import fetch
from kpirules.frames.compiling import CannotSayError, compiled
from kpirules.frames.units import BeyondError, some
from kpirules.numbers import exact
from kpirules.order import tier_outcomes
from kpirules.plan import Plan
from kpirules.sheets import layout as at
from kpirules.sheets.cells import MOST_CHARACTERS, REACH, Cell, Formulas
from kpirules.sheets.faces import Faces
from kpirules.sheets.formsheet import FormSheet
from kpirules.sheets.layout import layout_of
from kpirules.sheets.paper import Person, blank
from kpirules.texts import printable


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.frames.compiling import Compiled
    from kpirules.model import Rubric
    from kpirules.sheets.layout import Entry, Layout
    from kpirules.sheets.month import Entry as Row


_WORK, _LISTS = "work", "lists"
#: stands for the row of an employee until it is known
_ROW = "\x00"
#: no value: what arithmetic carries on
_NONE = "#N/A"


@attrs.frozen(kw_only=True)
class _Column:
    """A column of the sheet ``work``."""

    name: str
    #: the formula, with :data:`_ROW` for its row
    formula: str


class _Work:
    """The columns of the sheet ``work``: what is fed in, what is kept on the way, what comes of it."""

    def __init__(self, plan: Plan, layout: Layout, words: Mapping[str, str]) -> None:
        self.plan = plan
        self.layout = layout
        self.words = words
        self.names: list[str] = [entry.name for entry in layout.entries]
        self.columns: list[_Column] = []
        #: why nothing is worked out
        self.cannot = ""
        self.kinds = {e.name: _KINDS[e.kind] for e in layout.entries}
        cells = {e.name: _cell_of(e, self._place(e.name)) for e in layout.entries}
        formulas = Formulas(cells, self._place)
        try:
            made = compiled(
                plan,
                self.kinds,
                library=formulas,
                reach=REACH,
                piecewise=True,  # type: ignore[arg-type]
            )
            self.columns = self._columns(made)
        except (CannotSayError, BeyondError) as error:
            self.cannot = str(error)

    def _place(self, name: str) -> str:
        """Give the cell of a name in the row of an employee."""
        if name not in self.names:
            self.names.append(name)
        return f"{_letters(self.names.index(name))}{_ROW}"

    def _columns(self, made: Compiled) -> list[_Column]:
        """Write the formulas of all columns behind those that are fed in."""
        found = {name: _value(expr) for level in made.levels for name, expr in level.items()}
        for column, expr in made.columns:
            scale = f"/{column.shape.den}" if column.shape.den != 1 else ""
            found[f"={column.name}"] = f'IFERROR({_value(expr)}{scale},"")'
        wrong = some(c.wrong for c in made.conditions if c.taken is not None)
        faulty = wrong.expr if isinstance(wrong.expr, bool) else wrong.expr.fill_null(value=False)
        words = [f'"{self.words[w]}"' for w in ("complete", "faulty", "unfinished")]
        said = f"IF({_value(faulty)},{words[1]},{words[2]})"
        found["=state"] = f"IF({_value(made.valid)},{words[0]},{said})"
        for name in found:
            self._place(name)
        for name, formula in found.items():
            if len(formula) > MOST_CHARACTERS:
                raise BeyondError(f"{name.lstrip('=')} needs a formula longer than Excel's")
        return [_Column(name=name, formula=found[name]) for name in self.names if name in found]

    def reference(self, name: str, row: int) -> str:
        """Refer to a result of an employee from another sheet."""
        return f"{_WORK}!${_letters(self.names.index(name))}${row + 1}"

    def values(self, records: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        """Say what the formulas come to: the same plan, run by polars.

        Not every program works a workbook out when it opens it.
        """
        pl = fetch("polars", "frames")
        made = compiled(self.plan, self.kinds, library=pl, reach=REACH, piecewise=True)
        types = {"float": pl.Float64, "string": pl.String, "flag": pl.Boolean}
        rows = [{n: _fed(r.get(n), k) for n, k in self.kinds.items()} for r in records]
        frame = pl.DataFrame(rows, schema={n: types[k] for n, k in self.kinds.items()})
        if not self.kinds:
            frame = pl.DataFrame({"": [None] * len(rows)})
        lazy = frame.lazy()
        for level in made.levels:
            lazy = lazy.with_columns(**level)
        named = [expr.alias(f"={column.name}") for column, expr in made.columns]
        wrong = some(c.wrong for c in made.conditions if c.taken is not None)
        known = (wrong.column if isinstance(wrong.expr, bool) else wrong.expr).fill_null(
            value=False
        )
        lazy = lazy.with_columns(*named, made.valid.alias("=valid"), known.alias("=faulty"))
        return [self._shown(row, made) for row in lazy.collect().to_dicts()]

    def _shown(self, row: dict[str, Any], made: Compiled) -> dict[str, Any]:
        """Say what cells show for a row."""
        for column, _ in made.columns:
            value = row[f"={column.name}"]
            if isinstance(value, int) and not isinstance(value, bool) and column.shape.scale:
                value = float(Fraction(value, column.shape.den))
            row[f"={column.name}"] = "" if value is None else value
        word = "complete" if row["=valid"] else "faulty" if row["=faulty"] else "unfinished"
        row["=state"] = self.words[word]
        return {name: _NONE if value is None else value for name, value in row.items()}


_KINDS = {"number": "float", "choice": "string", "flag": "flag", "remark": "string"}


def _cell_of(entry: Entry, place: str) -> Cell:
    """Give the cell that holds what is fed in."""
    kind = {"flag": "truth", "number": "number"}.get(entry.kind, "text")
    if kind == "truth":
        # null where nothing is given: it neither holds nor does not
        yes, no = f"IFERROR({place},FALSE)", f"IFERROR(NOT({place}),FALSE)"
        return Cell("truth", yes, no, may_be_null=True, source=place)
    return Cell(kind, place, may_be_null=True)  # type: ignore[arg-type]


def _fed(value: object, kind: str) -> object:
    """Give a value of a record as a cell holds it."""
    if value is None:
        return None
    if kind == "float":
        return float(exact(value))
    return value if kind == "flag" else str(value)


def _value(expr: Any) -> str:  # noqa: ANN401 - a cell, or a chain that is not finished
    """Give the formula of an expression."""
    if isinstance(expr, bool):
        return str(expr).upper()
    return str(expr.text)


def _letters(column: int) -> str:
    """Name a column as a worksheet does: A, ..., Z, AA, ..."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def workbook(
    rubric: Rubric,
    some_rows: Sequence[Row] | None,
    *,
    lang: str,
    period: str = "",
    advance: Callable[[], None] = lambda: None,
) -> bytes:
    """Write the workbook: a blank form, or one for each entry, filled as far as its record is."""
    return Book(rubric, some_rows, lang, period).written(advance)


class Book:
    """A workbook on its way."""

    def __init__(self, rubric: Rubric, rows: Sequence[Row] | None, lang: str, period: str) -> None:
        self.rubric = rubric
        self.plan = Plan(rubric)
        self.paper = blank(rubric, lang=lang, period=period, plan=self.plan)
        self.words = self.paper.words
        self.layout = layout_of(self.plan, self.paper)
        self.work = _Work(self.plan, self.layout, self.words)
        if self.work.cannot:
            # what can be said of facts alone
            layout = layout_of(self.plan, self.paper, rated=False)
            work = _Work(self.plan, layout, self.words)
            if not work.cannot:
                self.layout, self.work = layout, work
        self.people = [Person()] if rows is None else [row.person for row in rows]
        self.records = [{}] if rows is None else [self._taken(row) for row in rows]
        self.titles = _titles(self.people, self.words)
        self.values: list[dict[str, Any]] = (
            [] if self.work.cannot else self.work.values(self.records)
        )

    def _taken(self, row: Row) -> dict[str, object]:
        """Give what the form shows of a record: what each cell can hold, and nothing else."""
        known = row.given if isinstance(row.outcome, InputError) else row.outcome.inputs
        return {
            entry.name: value
            for entry in self.layout.entries
            if (value := _of_cell(entry, known.get(entry.name))) is not None
        }

    def written(self, advance: Callable[[], None]) -> bytes:
        """Write all sheets."""
        xlsxwriter = fetch("xlsxwriter", "excel")
        buffer = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False}  # fmt: skip
        book = xlsxwriter.Workbook(buffer, options)
        # the same sheets are the same bytes
        book.set_properties({"title": self.paper.title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a file's stamp has no zone
        faces = Faces(book, self.paper.lang)
        overview = book.add_worksheet(self.words["overview"])
        forms = [book.add_worksheet(title) for title in self.titles]
        work, lists, key = (book.add_worksheet(n) for n in (_WORK, _LISTS, at.KEY))
        for sheet in (work, lists, key):
            sheet.hide()
            sheet.protect()
        chosen = self._lists(lists)
        for i, form in enumerate(forms):
            FormSheet(self, form, faces, i).write(chosen)
            advance()
        self._overview(overview, faces)
        self._work(work)
        self._key(key)
        overview.activate()
        book.close()
        return buffer.getvalue()

    # ------------------------------------------------------------ hidden sheets

    def _lists(self, sheet: Any) -> dict[str, str]:  # noqa: ANN401 - XlsxWriter has no types
        """Write what may be chosen, a column each; returns where it stands, by name."""
        chosen: dict[str, str] = {}
        column = 0
        for entry in self.layout.entries:
            values: list[Any] = [float(number) for number in entry.numbers]
            values = values or [label for label, _ in entry.options]
            if not values:
                continue
            for row, value in enumerate(values):
                _put(sheet, row, column, value)
            letters = _letters(column)
            chosen[entry.name] = f"={_LISTS}!${letters}$1:${letters}${len(values)}"
            column += 1
            for row, (_, code) in enumerate(entry.options):
                sheet.write_string(row, column, code)
            column += 1 if entry.options else 0
        return chosen

    def _work(self, sheet: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the formulas, a row for each employee."""
        for column, name in enumerate(self.work.names):
            sheet.write_string(0, column, name)
        lists = self._columns_of_lists()
        for i, title in enumerate(self.titles):
            values = self.values[i] if self.values else {}
            row = str(i + 2)
            for column, entry in enumerate(self.layout.entries):
                place = f"'{title}'!${_letters(entry.column)}${entry.row + 1}"
                formula = _fed_by(entry, place, lists.get(entry.name))
                cached = self.records[i].get(entry.name, _NONE)
                sheet.write_formula(i + 1, column, f"={formula}", None, cached)
            for each in self.work.columns:
                column = self.work.names.index(each.name)
                formula = each.formula.replace(_ROW, row)
                cached = values.get(each.name, "")
                sheet.write_formula(i + 1, column, f"={formula}", None, cached)

    def _columns_of_lists(self) -> dict[str, tuple[str, str]]:
        """Say where labels and codes stand, by the name of what is chosen."""
        found: dict[str, tuple[str, str]] = {}
        column = 0
        for entry in self.layout.entries:
            if entry.options:
                some_ = (_letters(column), _letters(column + 1))
                a, b = (f"{_LISTS}!${x}$1:${x}${len(entry.options)}" for x in some_)
                found[entry.name] = (a, b)
                column += 2
            elif entry.numbers:
                column += 1
        return found

    def _key(self, sheet: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write where everything stands."""
        rows: list[list[Any]] = [
            [at.KEY, 1],
            ["rubric", self.rubric.id],
            ["fingerprint", self.paper.fingerprint],
            ["heading", "name", *at.NAME],
            ["heading", "employee_no", *at.NUMBER],
            ["heading", "appraiser", *at.APPRAISER],
            *(["form", title] for title in self.titles),
        ]
        for entry in self.layout.entries:
            rows.append(["entry", entry.name, entry.row, entry.column, entry.kind])
            rows += [["option", entry.name, label, code] for label, code in entry.options]
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                _put(sheet, i, j, value)

    # ------------------------------------------------------------ the overview

    def _overview(self, sheet: Any, faces: Faces) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write a row for each employee: what the forms came to."""
        words, paper = self.words, self.paper
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
            for j, (row, column) in enumerate((at.NUMBER, at.NAME)):
                place = f"'{form}'!${_letters(column)}${row + 1}"
                cached = (self.people[i].number, self.people[i].name)[j]
                sheet.write_formula(
                    i + 2, j, f'=IF({place}="","",{place})', faces.text, printable(cached)
                )
            for j, (name, _) in enumerate(columns):
                self.result(sheet, i + 2, j + 2, name, i, faces)
        if self.work.cannot:
            said = words["cannot"].format(reason=self.work.cannot)
            sheet.write_string(len(self.titles) + 3, 0, said, faces.note)
        sheet.freeze_panes(2, 2)
        sheet.set_column(0, 1, 14)
        sheet.set_column(2, len(columns) + 1, 15)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.protect()

    def following(self) -> list[tuple[str, str]]:
        """Name what follows from the points: (column of the sheet ``work``, label)."""
        words, paper = self.words, self.paper
        made = [
            (f"=adjust.{a.id}", printable(a.id if a.label is None else a.label.get(paper.lang)))
            for a in self.rubric.adjustments
        ]
        made.append(("=total", f"{words['total']} ({words['of']} {paper.full_marks})"))
        made += [("=tier", words["tier"])] if paper.grades else []
        known = {"pay": words["amount"]}
        outcomes = {o.name: o.label for o in self.rubric.outcomes}
        for name in (*tier_outcomes(self.rubric), *outcomes):
            label = outcomes.get(name)
            said = known.get(name, name) if label is None else label.get(paper.lang)
            unit = f" ({paper.currency})" if name == "pay" and paper.currency else ""
            column = name if name in ("pay", "coefficient") else f"outcome.{name}"
            made.append((f"={column}", printable(said) + unit))
        return made

    def result(
        self,
        sheet: Any,
        row: int,
        column: int,
        name: str,
        employee: int,
        faces: Faces,
    ) -> None:
        """Write a cell that shows a result of an employee; with a reason where it cannot."""
        face = faces.text if name in ("=state", "=tier") else faces.number
        if self.work.cannot or name not in self.work.names:
            text = self.words["cannot"].format(reason=self.work.cannot) if name == "=total" else ""
            text = self.words["unfinished"] if name == "=state" else text
            sheet.write_string(row, column, text, face)
            return
        cached = self.values[employee].get(name, "")
        formula = f"={self.work.reference(name, employee + 1)}"
        if name == "=tier":
            formula, cached = self._by_label(formula[1:], cached)
        sheet.write_formula(row, column, formula, face, cached)

    def _by_label(self, place: str, tier: object) -> tuple[str, object]:
        """Show a tier by its label."""
        labels = {grade.id: grade.label for grade in self.paper.grades}
        formula = place
        for name, label in labels.items():
            quoted = label.replace('"', '""')
            formula = f'IF(EXACT({place},"{name}"),"{quoted}",{formula})'
        return f"={formula}", labels.get(str(tier), tier)


def _of_cell(entry: Entry, value: object) -> object:
    """Give a value as a cell of the form can hold it; None where it cannot."""
    if value is None or isinstance(value, tuple):
        return None
    if entry.kind == "number":
        try:
            return float(exact(value))
        except ValueError:
            return None
    if entry.kind == "flag":
        word = str(value).strip().lower()
        return {"true": True, "false": False}.get(word)
    if entry.kind == "choice":
        return str(value) if str(value) in [code for _, code in entry.options] else None
    return printable(str(value))


def _fed_by(entry: Entry, place: str, lists: tuple[str, str] | None) -> str:
    """Write the formula that takes what a form's cell holds; #N/A where it holds nothing."""
    if lists is None:
        return f"IF(ISBLANK({place}),NA(),{place})"
    labels, codes = lists
    found = f"SUMPRODUCT(EXACT({labels},{place})*ROW({labels}))"
    code = f"INDEX({codes},{found},1)"
    if entry.kind == "flag":
        return f'IF({found}=0,NA(),EXACT({code},"true"))'
    # what is no option is handed on, to be refused
    return f"IF(ISBLANK({place}),NA(),IF({found}=0,{place},{code}))"


def _put(sheet: Any, row: int, column: int, value: object, face: Any = None) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Write a value as what it is: a text is never a formula."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        sheet.write_number(row, column, value, face)
    else:
        sheet.write_string(row, column, str(value), face)


def _titles(people: Sequence[Person], words: Mapping[str, str]) -> list[str]:
    """Name the forms by their employees, as a worksheet may be named, each once."""
    taken = {n.lower() for n in (words["overview"], _WORK, _LISTS, at.KEY, "history")}
    titles: list[str] = []
    for i, person in enumerate(people, 1):
        plain = "".join(c for c in person.name or person.number if c.isalnum() or c in " -_")
        base = plain.strip()[:24] or (words["blank"] if len(people) == 1 else str(i))
        title, n = base, 1
        while title.lower() in taken:
            n += 1
            title = f"{base} {n}"
        taken.add(title.lower())
        titles.append(title)
    return titles
