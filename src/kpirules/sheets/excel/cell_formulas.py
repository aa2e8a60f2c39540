"""Expressions as formulas of a worksheet: the words of Narwhals, written for Excel and LibreOffice.

A plan over columns (:mod:`kpirules.codegen.generator`) is compiled with these in place of a
dataframe's expressions, so that a workbook says what every other backend says. Numbers are whole
numbers of units below 10**14, which a double holds exactly and both programs compare exactly.

What is null elsewhere is ``#N/A`` here, which arithmetic carries on. A truth is written twice, as
where it holds and as where it does not: where it is null, neither does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import attrs

from kpirules.codegen.backend import Reach


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


#: doubles are compared by fifteen digits, by Excel and by LibreOffice
REACH = Reach(most=10**14, furthest=10**9, finest=10**4, splits=True)
#: Excel's limits: characters of a formula, of a text in it, functions within one another, arguments
_MOST_CHARACTERS = 8_192
_MOST_TEXT = 250
_MOST_DEEP = 64
_MOST_ARGUMENTS = 200
_STEP = 10**6

_TEXTS = re.compile('"[^"]*"')
_BRACKETS = re.compile(r"[()]")

Kind = Literal["number", "text", "truth"]


@attrs.frozen(eq=False)
class Cell:
    """A formula without its equals sign."""

    kind: Kind
    text: str
    #: of a truth: where it does not hold
    denied: str = ""
    #: it may be #N/A, or another error that stands for it
    may_be_null: bool = False
    #: of a truth that is fed in: the cell itself
    source: str = ""
    #: so many terms stand side by side in a sum, or in an AND and the OR that denies it
    terms: int = 1

    # to compare makes another formula, so that a formula is equal to itself alone
    __hash__ = object.__hash__

    # ------------------------------------------------------------ truths

    def __and__(self, other: Cell) -> Cell:
        """Say that both hold."""
        return _joined(self, other, "AND", "OR")

    def __or__(self, other: Cell) -> Cell:
        """Say that either holds."""
        return _joined(self, other, "OR", "AND")

    def __invert__(self) -> Cell:
        """Say that it does not hold."""
        return attrs.evolve(self, text=self.denied, denied=self.text)

    def fill_null(self, *, value: bool) -> Cell:
        """Let a truth be known where it is null."""
        if value:
            return _truth(f"NOT({self.denied})", self.denied)
        return _truth(self.text, f"NOT({self.text})")

    def is_null(self) -> Cell:
        """Say where there is nothing."""
        place = self.source or self.text
        return _truth(f"ISERROR({place})", f"NOT(ISERROR({place}))")

    def is_finite(self) -> Cell:
        """Say where a cell holds a number."""
        return _truth(f"ISNUMBER({self.text})", f"NOT(ISNUMBER({self.text}))")

    def _compared(self, sign: str, against: str, other: Any) -> Cell:  # noqa: ANN401 - any constant
        """Compare numbers; where one is null, nothing is known."""
        right = _cell(other)
        if "text" in (self.kind, right.kind):
            said = f"EXACT({self.text},{right.text})"
            yes, no = (said, f"NOT({said})")
            yes, no = (yes, no) if sign == "=" else (no, yes)
        else:
            yes, no = (f"{self.text}{s}{right.text}" for s in (sign, against))
        if self.may_be_null or right.may_be_null:
            yes, no = f"IFERROR({yes},FALSE)", f"IFERROR({no},FALSE)"
        return _truth(yes, no)

    def __eq__(self, other: object) -> Cell:  # type: ignore[override]
        return self._compared("=", "<>", other)

    def __ne__(self, other: object) -> Cell:  # type: ignore[override]
        return self._compared("<>", "=", other)

    def __lt__(self, other: object) -> Cell:
        return self._compared("<", ">=", other)

    def __le__(self, other: object) -> Cell:
        return self._compared("<=", ">", other)

    def __gt__(self, other: object) -> Cell:
        return self._compared(">", "<=", other)

    def __ge__(self, other: object) -> Cell:
        return self._compared(">=", "<", other)

    def is_between(self, low: object, high: object) -> Cell:
        """Say where a number lies between two others, both included."""
        return (self >= low) & (self <= high)

    def is_in(self, values: Iterable[object]) -> Cell:
        """Say where it is one of some."""
        found, *rest = [self == value for value in values]
        for each in rest:
            found |= each
        return found

    # ------------------------------------------------------------ numbers

    def _with(self, sign: str, other: object) -> Cell:
        return _number(f"({self.text}{sign}{_cell(other).text})", self, _cell(other))

    def _after(self, sign: str, other: object) -> Cell:
        return _number(f"({_cell(other).text}{sign}{self.text})", self, _cell(other))

    def __add__(self, other: object) -> Cell:
        if self.terms == 1:
            return attrs.evolve(self._with("+", other), terms=2)
        made = _number(f"{self.text[:-1]}+{_cell(other).text})", self, _cell(other))
        return attrs.evolve(made, terms=self.terms + 1)

    def __radd__(self, other: object) -> Cell:
        return self._after("+", other)

    def __sub__(self, other: object) -> Cell:
        return self._with("-", other)

    def __mul__(self, other: object) -> Cell:
        return self._with("*", other)

    def __truediv__(self, other: object) -> Cell:
        return self._with("/", other)

    def __mod__(self, other: object) -> Cell:
        """Give what is left, never below 0, as Python does."""
        by, text = _cell(other), self.text
        if isinstance(other, int) and other < _STEP:
            # Excel has no answer where more than some 10**12 multiples are taken off at once
            text = f"MOD({text},{other * _STEP})"
        return _number(f"MOD({text},{by.text})", self, by)

    def __floordiv__(self, other: object) -> Cell:
        """Divide by the greatest multiple that is not greater, so that nothing is rounded."""
        by = _cell(other).text
        return _number(f"(({self.text}-{(self % other).text})/{by})", self, _cell(other))

    def floor(self) -> Cell:
        """Give the whole number below."""
        return _number(f"INT({self.text})", self)

    def cast(self, _: object) -> Cell:
        """Do nothing: a cell holds what it holds."""
        return self

    # ------------------------------------------------------------ texts

    @property
    def str(self) -> Cell:
        """Texts are asked as they are: a workbook's cells are chosen from lists."""
        return self

    def len_chars(self) -> Cell:
        """Count characters."""
        return _number(f"LEN({self.text})", self)

    def slice(self, start: int) -> Cell:
        """Leave some characters out at the beginning."""
        text = f"MID({self.text},{start + 1},{_MOST_CHARACTERS})"
        return Cell("text", text, "", self.may_be_null)


def _truth(text: str, denied: str, *, terms: int = 1) -> Cell:
    return Cell("truth", text, denied, terms=terms)


def _number(text: str, *of: Cell) -> Cell:
    may = any(cell.may_be_null for cell in of)
    return Cell("number", text, "", may)


def _joined(a: Cell, b: Cell, word: str, other: str) -> Cell:
    """Join two truths; of many, one function holds all."""
    # what is compared or chosen has brackets of its own, and counts as one
    more = a.terms > 1 and a.text.startswith(f"{word}(") and a.terms < _MOST_ARGUMENTS
    texts = ((word, a.text, b.text), (other, a.denied, b.denied))
    yes, no = (f"{x[:-1]},{y})" if more else f"{w}({x},{y})" for w, x, y in texts)
    return _truth(yes, no, terms=a.terms + 1 if more else 2)


def fits(formula: str) -> bool:
    """Say whether Excel takes a formula: how long it is, and how deep its brackets stand.

    >>> fits("IF(" * 64 + "1" + ",2,3)" * 64), fits("IF(" * 65 + "1" + ",2,3)" * 65)
    (True, False)
    """
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_TEXTS.sub("", formula)):
        depth += -1 if bracket == ")" else 1
        deepest = max(deepest, depth)
    return len(formula) <= _MOST_CHARACTERS and deepest <= _MOST_DEEP


def quoted(text: str) -> str:
    """Write a text within a formula; a long one in pieces.

    >>> quoted('2" wide')
    '"2"" wide"'
    """
    pieces = [text[i : i + _MOST_TEXT] for i in range(0, len(text), _MOST_TEXT)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def _cell(value: object) -> Cell:
    """Write a constant."""
    if isinstance(value, Cell):
        return value
    if value is None:
        return Cell("number", "NA()", may_be_null=True)
    if isinstance(value, bool):
        return _truth(str(value).upper(), str(not value).upper())
    if isinstance(value, str):
        return Cell("text", quoted(value))
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else repr(value)
    return Cell("number", f"({text})" if text.startswith("-") else text)


@attrs.frozen
class _Chain:
    """A chain of cases that waits for more."""

    cases: tuple[tuple[Cell, Cell], ...]
    condition: Cell

    def then(self, value: object) -> _Then:
        """Say what it is where the condition holds."""
        cases = (*self.cases, (self.condition, _cell(value)))
        return _Then(**attrs.asdict(_chain(cases, None), recurse=False), cases=cases)


@attrs.frozen(eq=False)
class _Then(Cell):
    """A chain of cases, null where none holds; it may go on."""

    cases: tuple[tuple[Cell, Cell], ...] = ()

    def when(self, condition: Cell) -> _Chain:
        """Add a case."""
        return _Chain(self.cases, condition)

    def otherwise(self, value: object) -> Cell:
        """Say what it is where no case holds."""
        return _chain(self.cases, value)


def _chain(cases: tuple[tuple[Cell, Cell], ...], last: object) -> Cell:
    """Write a chain of cases."""
    made = _cell(last)
    for condition, then in reversed(cases):
        made = _chosen(condition, then, made)
    return made


def _chosen(condition: Cell, then: Cell, other: Cell) -> Cell:
    """Choose between two."""
    if "truth" in (then.kind, other.kind):
        yes, no = (f"IF({condition.text},{then.text},{other.text})", then.denied)
        return _truth(yes, f"IF({condition.text},{no},{other.denied})")
    kind: Kind = then.kind if other.text == "NA()" else other.kind
    text = f"IF({condition.text},{then.text},{other.text})"
    return Cell(kind, text, "", then.may_be_null or other.may_be_null)


class Formulas:
    """A library of expressions (:class:`kpirules.codegen.backend.Library`) over named cells."""

    def __init__(self, cells: Mapping[str, Cell], place: Callable[[str], str]) -> None:
        """Take the cells that hold what is fed in, and what gives a place to any other."""
        self._cells = dict(cells)
        self._place = place

    def col(self, name: str) -> Cell:
        """Give a named cell."""
        return self._cells[name]

    def kept(self, name: str, expr: Cell) -> Cell:
        """Give the cell into which a formula was put."""
        made = attrs.evolve(expr, text=self._place(name), terms=1)
        if made.kind == "truth":
            made = attrs.evolve(made, denied=f"NOT({made.text})")
        self._cells[name] = made
        return made

    def lit(self, value: object, dtype: object = None) -> Cell:
        """Give a constant."""
        del dtype
        return _cell(value)

    def when(self, condition: Cell) -> _Chain:
        """Begin a chain of cases."""
        return _Chain((), condition)

    def concat_str(self, parts: list[Cell]) -> Cell:
        """Put texts one behind the other."""
        text = "&".join(part.text for part in parts)
        return Cell("text", f"({text})", "", any(p.may_be_null for p in parts))

    def __getattr__(self, name: str) -> object:
        """Give a type: there are none, and its name stands for it."""
        return name
