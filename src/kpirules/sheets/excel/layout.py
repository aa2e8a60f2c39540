"""Where everything stands on a form of the workbook; the same for all employees of one rubric.

Written down in the workbook itself (sheet ``kpirules``, and a hidden column of each form), so that
it can be read back whatever became of its looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from kpirules._internal.display import printable
from kpirules.arithmetic.range import listing
from kpirules.model.rubric import Input


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number
    from kpirules.compiler.criteria import CriterionPlan
    from kpirules.compiler.plan import Plan
    from kpirules.sheets.form import Paper


#: what a worksheet has
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
#: the sheet that says what stands where
KEY = "kpirules"
#: where the heading says who it is about: (row, column), from 0
NAME, NUMBER, APPRAISER = (2, 1), (2, 4), (3, 1)
PERIOD = (1, 4)
#: the row of the hidden column that says all that a form holds as one text
OWN = 1
_FIRST = 5
#: of more admissible values than these none is listed
MOST_LISTED = 400


@attrs.frozen(kw_only=True)
class Entry:
    """A cell of the form that is filled in."""

    #: the name of the record
    name: str
    row: int
    column: int
    kind: Literal["number", "choice", "flag", "remark"]
    #: (shown, code) of what may be chosen; empty where it is typed
    options: tuple[tuple[str, str], ...] = ()
    #: the numbers that may be chosen
    numbers: tuple[Number, ...] = ()
    #: what may be given, in words
    admissible: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Its row and column."""
        return self.row, self.column

    def shown(self, value: object) -> object:
        """Give a value as the cell shows it: the label of what is chosen."""
        code = str(value).lower() if isinstance(value, bool) else value
        return next((label for label, c in self.options if c == code), value)


@attrs.frozen(kw_only=True)
class Layout:
    """Where everything stands: rows and columns from 0."""

    entries: tuple[Entry, ...]
    #: the first row of each item's levels, by the item's id
    items: dict[str, int]
    #: the row of each section's heading and of its subtotal, by the section's id
    parts: dict[str, tuple[int, int]]
    #: the heading of the facts, and that of the items
    facts: int
    table: int
    #: the first row of what follows from the points
    results: int
    #: the column of points
    score: int

    @property
    def marks(self) -> int:
        """The hidden column that says what stands in each row."""
        return self.score + 1


def mark_of(number: object, fingerprint: str) -> str:
    """Say at the top of the hidden column which form it is, from 1, and of which rules."""
    return f"{KEY} form {number} {fingerprint}"


def layout_of(plan: Plan, paper: Paper, *, rated: bool = True) -> Layout:
    """Lay a form out; ``rated``: what follows from facts may be rated directly as well."""
    entries: list[Entry] = []
    row = _FIRST
    facts = row
    for fact, drawn in zip(plan.rubric.inputs, paper.facts, strict=True):
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
            if not c.is_weightless and (rated or not c.is_measured):
                entries += _of_ratings(c, row)
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
    )


def _choices(fact: Input, lang: str) -> tuple[tuple[str, str], ...]:
    """Give what is chosen from, as it is shown, with its codes; codes where labels are alike."""
    codes = [option.code for option in fact.options]
    shown = [printable(o.code if o.label is None else o.label.get(lang)) for o in fact.options]
    return tuple(zip(shown if len(set(shown)) == len(codes) else codes, codes, strict=True))


def _of_fact(fact: Input, row: int, admissible: str, paper: Paper) -> Entry:
    """Place a fact."""
    options: tuple[tuple[str, str], ...] = ()
    kind: Literal["number", "choice", "flag", "remark"] = "remark" if fact.many else "number"
    if fact.type == "choice":
        kind, options = "choice", _choices(fact, paper.lang)
    elif fact.type == "flag":
        kind, options = "flag", ((paper.words["yes"], "true"), (paper.words["no"], "false"))
    return Entry(
        name=fact.name, row=row, column=3, kind=kind, options=options, admissible=admissible
    )


def _of_ratings(c: CriterionPlan, row: int) -> list[Entry]:
    """Place the ratings of a criterion, or its remark."""
    if c.is_remark:
        return [Entry(name=c.id, row=row, column=3, kind="remark")]
    numbers = tuple(c.some_admissible(MOST_LISTED))
    return [
        Entry(
            name=name,
            row=row,
            column=3 + i,
            kind="number",
            numbers=numbers,
            admissible=listing(c.admissible),
        )
        for i, name in enumerate(c.rating_names)
    ]
