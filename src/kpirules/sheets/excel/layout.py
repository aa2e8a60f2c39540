"""The positions of all cells of a form; the same for all employees of one rubric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from kpirules._internal.display import printable
from kpirules.arithmetic.range import listing
from kpirules.model.rubric import Input


if TYPE_CHECKING:
    from collections.abc import Container

    from kpirules.arithmetic.number import Number
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.sheets.form import ScoreForm


#: the limits of a worksheet
MAX_SHEET_ROWS, MAX_SHEET_COLUMNS = 1 << 20, 1 << 14
#: the hidden sheet that names the headings of the grid
KEY = "kpirules"
#: the cells of the person in the heading: (row, column), from 0
NAME, NUMBER, APPRAISER, DEPARTMENT = (2, 1), (2, 4), (3, 1), (4, 1)
#: the other cells of the heading
POST, PERIOD, STATE, LAST = (1, 1), (1, 4), (3, 4), (4, 4)
_FIRST = 6
#: the maximum number of allowed values for a drop-down list
MAX_LISTED = 400


@attrs.frozen(kw_only=True)
class Entry:
    """A value to fill in: its cell on a form, and what it may be."""

    #: the input name
    name: str
    row: int
    column: int
    kind: Literal["number", "choice", "flag", "remark"]
    #: (label, code) of the options; empty if the value is typed
    options: tuple[tuple[str, str], ...] = ()
    #: the numbers in a drop-down list
    numbers: tuple[Number, ...] = ()
    #: the allowed values, in words
    admissible: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Its row and column."""
        return self.row, self.column

    def shown(self, value: object) -> object:
        """Return the text that the cell shows for a value: the label of an option."""
        code = str(value).lower() if isinstance(value, bool) else value
        return next((label for label, c in self.options if c == code), value)


@attrs.frozen(kw_only=True)
class Layout:
    """The positions of a form's parts: rows and columns from 0."""

    entries: tuple[Entry, ...]
    #: the first row of each item's levels, by the item's id
    items: dict[str, int]
    #: the row of each section's heading and of its subtotal, by the section's id
    parts: dict[str, tuple[int, int]]
    #: the rows of the headings of the inputs and of the items
    facts: int
    table: int
    #: the first row of the results
    results: int
    #: the column of points
    score: int
    #: the last column
    last: int


def layout_of(plan: Plan, paper: ScoreForm, rated: Container[str] = ()) -> Layout:
    """Compute the layout of a form.

    A criterion that facts measure, or that does not count, is rated only under the names ``rated``.
    """
    entries: list[Entry] = []
    row = _FIRST
    facts = row
    for fact, drawn in zip(plan.scope.inputs.values(), paper.facts, strict=True):
        row += 1
        entries.append(_of_fact(fact, row, drawn.admissible, paper))
    table = row + 2 if paper.facts else _FIRST
    row = table
    criteria = {c.id: c for c in plan.criteria}
    items: dict[str, int] = {}
    parts: dict[str, tuple[int, int]] = {}
    for part in paper.parts:
        top = row + 1
        row += 1 if part.label else 0
        for item in part.items:
            row += 1
            items[item.id] = row
            c = criteria[item.id]
            is_asked = c.is_judged and not c.is_weightless
            entries += (e for e in _of_ratings(c, row, paper.lang) if is_asked or e.name in rated)
            row += len(item.levels) - 1
        row += 1 if part.label else 0
        parts[part.id] = (top, row)
    score = 3 + len(paper.raters)
    return Layout(
        entries=tuple(entries),
        items=items,
        parts=parts,
        facts=facts,
        table=table,
        results=row + 2,
        score=score,
        last=score + len(paper.columns),
    )


def _choices(fact: Input, lang: str) -> tuple[tuple[str, str], ...]:
    """Return (label, code) of the options; codes in place of labels if two labels are equal."""
    codes = [option.code for option in fact.options]
    shown = [printable(o.code if o.label is None else o.label.get(lang)) for o in fact.options]
    return tuple(zip(shown if len(set(shown)) == len(codes) else codes, codes, strict=True))


def _of_fact(fact: Input, row: int, admissible: str, paper: ScoreForm) -> Entry:
    """Return the entry of an input."""
    options: tuple[tuple[str, str], ...] = ()
    is_text = fact.many or fact.type == "text"
    kind: Literal["number", "choice", "flag", "remark"] = "remark" if is_text else "number"
    if fact.type == "choice":
        kind, options = "choice", _choices(fact, paper.lang)
    elif fact.type == "flag":
        kind, options = "flag", ((paper.words["yes"], "true"), (paper.words["no"], "false"))
    return Entry(
        name=fact.name, row=row, column=3, kind=kind, options=options, admissible=admissible
    )


def _of_ratings(c: CompiledCriterion, row: int, lang: str) -> list[Entry]:
    """Return the entries of a criterion's ratings, or of its remark."""
    if c.is_remark:
        return [Entry(name=c.id, row=row, column=3, kind="remark")]
    numbers = tuple(c.some_allowed(MAX_LISTED))
    return [
        Entry(
            name=name,
            row=row,
            column=3 + i,
            kind="number",
            numbers=numbers,
            admissible=listing(c.admissible, lang=lang),
        )
        for i, name in enumerate(c.rating_names)
    ]
