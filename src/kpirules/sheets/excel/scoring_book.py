"""A workbook whose formulas score: its hidden sheets and its cells to fill in."""

from __future__ import annotations

import io
from datetime import datetime
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from kpirules._internal.display import printable
from kpirules.api.programs import program_of
from kpirules.arithmetic.number import exact
from kpirules.codegen.compiled_plan import CannotSayError
from kpirules.compiler.domains import axis_of
from kpirules.compiler.plan import Plan
from kpirules.model.dependencies import tier_outcomes
from kpirules.sheets.excel.calculation_sheet import NONE, ROW, letters
from kpirules.sheets.excel.cell_formulas import REACH
from kpirules.sheets.excel.formats import CellFormats
from kpirules.sheets.excel.package import sheet_class, workbook_of
from kpirules.sheets.form_builder import blank
from kpirules.sheets.form_values import shown as text_of
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.arithmetic.range import Range
    from kpirules.model.rubric import Rubric
    from kpirules.sheets.excel.calculation_sheet import Work
    from kpirules.sheets.excel.layout import Entry
    from kpirules.sheets.form import Extras, ScoreForm


LISTS = "lists"
#: Excel's maximum lengths of a validation message and its title
_MAX_MESSAGE, _MAX_TITLE = 250, 32
#: the default endpoints of numbers
_ENDS = (-(10**9), 10**9)
#: the name of the list of tiers, among the lists of options, which have input names
TIERS = ""
#: the ranges of labels and of their codes
Chosen: TypeAlias = tuple[str, str]


class ScoringBook:
    """A workbook that is being written; :attr:`work` is set by its subclasses."""

    work: Work

    def __init__(
        self, rubric: Rubric, lang: str, period: str, extras: Extras | None = None
    ) -> None:
        self.rubric = rubric
        self.plan: Plan = program_of(rubric).plan
        self.paper: ScoreForm = blank(
            rubric, lang=lang, period=period, extras=extras, plan=self.plan
        )
        self.words: Mapping[str, str] = self.paper.words
        #: the lists of options, by input name
        self.chosen: dict[str, Chosen] = {}
        #: the values of each employee
        self.records: list[dict[str, object]] = []
        #: the values of the formulas of some employees
        self.values: dict[int, dict[str, Any]] = {}
        self.buffer: io.BytesIO = io.BytesIO()
        self.book: Any = workbook_of(self.buffer)
        # the same sheets give the same bytes
        self.book.set_properties({"title": self.paper.title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a file's stamp has no zone
        self.faces: CellFormats = CellFormats(self.book, self.paper.lang)

    def hidden(self, *names: str) -> list[Any]:
        """Add hidden sheets."""
        sheets = [self.book.add_worksheet(name, sheet_class()) for name in names]
        for sheet in sheets:
            sheet.hide()
            sheet.protect()
        return sheets

    def write_lists(self, sheet: Any) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Write the options and their codes; set their ranges by name."""
        columns = count()
        tiers = tuple((grade.label, grade.id) for grade in self.paper.grades)
        listed = [(e.name, e.options, e.numbers) for e in self.work.entries]
        for name, options, numbers in (*listed, (TIERS, tiers, ())):
            shown: list[object] = [*map(float, numbers)]
            shown = shown or [label for label, _ in options]
            ranges = [
                _list(sheet, next(columns), values)
                for values in (shown, [code for _, code in options])
                if values
            ]
            if ranges:
                self.chosen[name] = (ranges[0], ranges[-1])

    def work_row(
        self,
        sheet: Any,  # noqa: ANN401 - as above
        row: int,
        employee: int,
        place_of: Callable[[Entry], str],
    ) -> None:
        """Write the formulas of an employee, whose entries are in the cells of ``place_of``."""
        record, values = self.records[employee], self.values.get(employee, {})
        for column, entry in enumerate(self.work.entries):
            formula = _input_formula(entry, place_of(entry), self.chosen.get(entry.name))
            cached = values.get(entry.name, record.get(entry.name, NONE))
            sheet.write_formula(row, column, f"={formula}", None, cached)
        for each in self.work.columns:
            formula = each.formula.replace(ROW, str(row + 1))
            cached = values.get(each.name, "")
            sheet.write_formula(row, self.work.names[each.name], f"={formula}", None, cached)

    def following(self) -> list[tuple[str, str]]:
        """List the results after the points: (column of the sheet ``work``, label)."""
        words, paper = self.words, self.paper
        made = [
            (f"=adjust.{a.id}", printable(a.id if a.label is None else a.label.get(paper.lang)))
            for a in self.rubric.adjustments
        ]
        if paper.most:
            made.append(("=total", words["out-of"].format(most=paper.most)))
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

    def write_entry(
        self,
        sheet: Any,  # noqa: ANN401 - as above
        place: tuple[int, int],
        entry: Entry,
        value: object,
    ) -> None:
        """Write a cell to fill in: empty, a number, or a text, which is never a formula."""
        faces = {"remark": self.faces.remark, "number": self.faces.entry}
        face = faces.get(entry.kind, self.faces.choice)
        if isinstance(value, float):
            sheet.write_number(*place, value, face)
        elif value is not None:
            sheet.write_string(*place, str(value), face)
        else:
            sheet.write_blank(*place, None, face)

    def validate(self, sheet: Any, entry: Entry, cells: tuple[int, int, int, int]) -> None:  # noqa: ANN401 - as above
        """Limit some cells to the values of an entry: (first row, column, last row, column)."""
        rule = self._validation(entry)
        if rule is not None:
            message = self.words["choose"].format(admissible=entry.admissible)[:_MAX_MESSAGE]
            title = self.label_of(entry)[:_MAX_TITLE]
            messages = {
                "input_title": title,
                "input_message": message,
                "error_title": title,
                "error_message": message,
            }
            sheet.data_validation(*cells, {**rule, **messages})

    def label_of(self, entry: Entry) -> str:
        """Return the label of an entry."""
        facts = {fact.name: fact.label for fact in self.paper.facts}
        items = {r: i.label for p in self.paper.parts for i in p.items for r in i.ratings}
        return facts.get(entry.name) or items.get(entry.name) or entry.name

    def _validation(self, entry: Entry) -> dict[str, Any] | None:
        """Return the validation of an entry."""
        chosen = self.chosen.get(entry.name)
        if chosen is not None:
            return {"validate": "list", "source": f"={chosen[0]}"}
        if entry.kind != "number":
            return None
        fact = self.plan.scope.inputs.get(entry.name)
        if fact is None:
            return _between("decimal", list(self.plan.rated[entry.name].admissible))
        axis = axis_of(fact)
        return _between("integer" if axis.step == 1 else "decimal", [axis.domain])

    def blanks(self) -> list[str]:
        """Return why results are blank, a text for each part that no formula computes."""
        if self.work.cannot:
            return [Message.of("sheet.cannot", reason=self._why).text(self.paper.lang)]
        return [message.text(self.paper.lang) for message in self.blank_messages()]

    @property
    def _why(self) -> Message | None:
        """Return the reason why nothing is computed, with the label of the part."""
        error = self.work.cannot
        if not isinstance(error, CannotSayError):
            return None if error is None else error.reason
        label = self.plan.scope.labels.get(error.part.rpartition(".")[2])
        return error.about(printable(error.part if label is None else label.get(self.paper.lang)))

    def blank_messages(self) -> list[Message]:
        """Return the blank results, by the part that no formula computes."""
        if self.work.cannot:
            return [Message.of("note.no-formulas", reason=self._why)]
        items = [(f"=points.{i.id}", i.label) for p in self.paper.parts for i in p.items]
        parts = [(f"=subtotal.{p.id}", p.label) for p in self.paper.parts if p.label]
        shown = {**dict(items), **dict(parts), **dict(self.following())}
        found: dict[str, list[str]] = {}
        for name, label in shown.items():
            # the columns of some outcomes have shorter names
            names = (name, f"=outcome.{name.removeprefix('=')}")
            cause = next((self.work.left_out[n] for n in names if n in self.work.left_out), None)
            if cause is not None and name not in self.work.names:
                found.setdefault(cause, []).append(label)
        labels = self.plan.scope.labels
        made: list[Message] = []
        for cause, texts in found.items():
            known = labels.get(cause) or labels.get(cause.rpartition(".")[2])
            named = cause if known is None else known.get(self.paper.lang)
            about = {"results": tuple(texts), "part": shown.get(f"={cause}", printable(named))}
            made.append(Message.of("note.no-formula", **about))
        quotas = (Named(quota.name, quota.label) for quota in self.rubric.quotas)
        return made + [Message.of("note.quota", name=name) for name in quotas]

    def tier_label(self, code: object) -> object:
        """Return the label of a tier, or any other value unchanged."""
        return {grade.id: grade.label for grade in self.paper.grades}.get(str(code), code)

    def tier_formula(self, reference: str) -> str:
        """Return the formula that shows the label of the tier in a cell of the sheet ``work``."""
        labels, codes = self.chosen[TIERS]
        return f'IF({reference}="","",{lookup(reference, (codes, labels))})'


def _list(sheet: Any, column: int, values: Sequence[object]) -> str:  # noqa: ANN401 - XlsxWriter has no types
    """Write one column; return its range."""
    for row, value in enumerate(values):
        write_value(sheet, row, column, value)
    place = letters(column)
    return f"{LISTS}!${place}$1:${place}${len(values)}"


def cell_value(entry: Entry, value: object) -> object:
    """Convert a value to the value of a form's cell; None if a cell cannot hold it."""
    if value is None:
        return None
    if entry.kind == "remark":
        return text_of(value)
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
    return str(value) if str(value) in [code for _, code in entry.options] else None


def _input_formula(entry: Entry, place: str, chosen: Chosen | None) -> str:
    """Write the formula that reads an entry of a form or of the month.

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
        code = lookup(place, chosen)
        if entry.kind == "flag":
            code = f'EXACT({code},"true")'
        given = f"IF(ISLOGICAL({place}),1/0,{code})"
    return f"IF(ISBLANK({place}),NA(),{given})"


def lookup(place: str, lists: Chosen) -> str:
    """Write the formula that looks a text up in one list, for the value beside it in the other."""
    looked_in, given = lists
    row = f"SUMPRODUCT(EXACT({looked_in},{place})*ROW({looked_in}))"
    return f"IF({row}=0,1/0,INDEX({given},{row},1))"


def write_value(sheet: Any, row: int, column: int, value: object) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Write a value by its type: a text is never a formula."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


def _between(kind: str, spans: list[Range]) -> dict[str, Any]:
    """Return a validation between the endpoints of some ranges."""
    lows = [_ENDS[0] if s.low is None else s.low[0] for s in spans]
    highs = [_ENDS[1] if s.high is None else s.high[0] for s in spans]
    low, high = (float(Fraction(v)) for v in (min(lows), max(highs)))
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
