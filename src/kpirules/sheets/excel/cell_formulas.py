"""Expressions as worksheet formulas: the methods of Narwhals, written for Excel and LibreOffice.

A rubric over columns (:mod:`kpirules.codegen.generator`) is compiled with these in place of a
dataframe's expressions, so that a workbook computes the same as every other backend. Numbers are
whole numbers of units below 10**14, which a double holds exactly and both programs compare exactly.

Null is ``#N/A``, which arithmetic propagates. A predicate has two formulas: one is true where it
holds, the other where it does not. Where it is null, both are false.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import attrs

from kpirules.codegen.backend import Reach
from kpirules.codegen.fixed_point import BeyondError
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


#: Excel and LibreOffice compare doubles by fifteen digits
REACH = Reach(most=10**14, furthest=10**9, finest=10**4, splits=True)
#: Excel's limits: characters of a formula, of a text in it, nesting of functions, arguments
_MAX_CHARACTERS = 8_192
_MAX_TEXT = 250
_MAX_DEPTH = 64
_MAX_ARGUMENTS = 200
_STEP = 10**6
#: characters of a part of a formula: a longer part ends the compilation, before memory does
_MAX_PART = 4 * _MAX_CHARACTERS

_TEXTS = re.compile('"[^"]*"')
_BRACKETS = re.compile(r"[()]")

#: a formula as short as this is written again; the names of cells that store others
_SHORT, _STORED = 8, "=stored."

Kind = Literal["number", "text", "truth"]


@attrs.frozen(eq=False)
class Cell:
    """A formula without its equals sign."""

    kind: Kind
    text: str
    #: of a predicate: the formula that is true where it does not hold
    denied: str = ""
    #: whether it may be #N/A, or another error that means null
    may_be_null: bool = False
    #: of a predicate that is an input: the cell itself
    source: str = ""
    #: the number of terms of a sum, or of an AND and its negation by OR
    terms: int = 1

    def __attrs_post_init__(self) -> None:
        # of a predicate, only one of the two formulas may be needed
        if len(self.text) > _MAX_PART or len(self.denied) > _MAX_PART:
            raise BeyondError(Message.of("cannot-express.excel-length"))

    def __hash__(self) -> int:
        # comparing makes another formula, so a formula is equal only to itself
        return object.__hash__(self)

    # ------------------------------------------------------------ predicates

    def __and__(self, other: Cell) -> Cell:
        """Return the predicate that both hold."""
        return _joined(self, other, "AND", "OR")

    def __or__(self, other: Cell) -> Cell:
        """Return the predicate that at least one holds."""
        return _joined(self, other, "OR", "AND")

    def __invert__(self) -> Cell:
        """Return the negation."""
        return attrs.evolve(self, text=self.denied, denied=self.text)

    def fill_null(self, *, value: bool) -> Cell:
        """Replace null by a truth value."""
        if value:
            return _predicate(f"NOT({self.denied})", self.denied)
        return _predicate(self.text, f"NOT({self.text})")

    def is_null(self) -> Cell:
        """Return the predicate that the value is null."""
        place = self.source or self.text
        return _predicate(f"ISERROR({place})", f"NOT(ISERROR({place}))")

    def is_finite(self) -> Cell:
        """Return the predicate that a cell holds a number."""
        return _predicate(f"ISNUMBER({self.text})", f"NOT(ISNUMBER({self.text}))")

    def _compared(self, sign: str, against: str, other: Any) -> Cell:  # noqa: ANN401 - any constant
        """Compare two values; null if one of them is null."""
        right = _cell(other)
        if "text" in (self.kind, right.kind):
            equal = f"EXACT({self.text},{right.text})"
            yes, no = (equal, f"NOT({equal})")
            yes, no = (yes, no) if sign == "=" else (no, yes)
        else:
            yes, no = (f"{self.text}{s}{right.text}" for s in (sign, against))
        if self.may_be_null or right.may_be_null:
            yes, no = f"IFERROR({yes},FALSE)", f"IFERROR({no},FALSE)"
        return _predicate(yes, no)

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
        """Return the predicate that a number lies between two others, both included."""
        return (self >= low) & (self <= high)

    def is_in(self, values: Iterable[object]) -> Cell:
        """Return the predicate that the value is one of some values."""
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
        """Return the remainder, never below 0, as in Python."""
        by, text = _cell(other), self.text
        if isinstance(other, int) and other < _STEP:
            # Excel's MOD fails if the quotient exceeds about 10**12
            text = f"MOD({text},{other * _STEP})"
        return _number(f"MOD({text},{by.text})", self, by)

    def __floordiv__(self, other: object) -> Cell:
        """Subtract the remainder before dividing, so that nothing is rounded."""
        by = _cell(other).text
        return _number(f"(({self.text}-{(self % other).text})/{by})", self, _cell(other))

    def floor(self) -> Cell:
        """Round down to a whole number."""
        return _number(f"INT({self.text})", self)

    def cast(self, _: object) -> Cell:
        """Return the cell itself: cells have no types to convert."""
        return self

    # ------------------------------------------------------------ texts

    @property
    def str(self) -> Cell:
        """The text methods, on the cell itself: its texts are chosen from lists."""
        return self

    def len_chars(self) -> Cell:
        """Count characters."""
        return _number(f"LEN({self.text})", self)


def _predicate(text: str, denied: str, *, terms: int = 1) -> Cell:
    return Cell("truth", text, denied, terms=terms)


def _number(text: str, *of: Cell) -> Cell:
    may = any(cell.may_be_null for cell in of)
    return Cell("number", text, "", may)


def _joined(a: Cell, b: Cell, word: str, other: str) -> Cell:
    """Join two predicates; one function takes many arguments."""
    # comparisons and IF have brackets of their own, and count as one term
    more = a.terms > 1 and a.text.startswith(f"{word}(") and a.terms < _MAX_ARGUMENTS
    texts = ((word, a.text, b.text), (other, a.denied, b.denied))
    yes, no = (f"{x[:-1]},{y})" if more else f"{w}({x},{y})" for w, x, y in texts)
    return _predicate(yes, no, terms=a.terms + 1 if more else 2)


def fits(formula: str) -> bool:
    """Return whether Excel accepts a formula, by its length and the depth of its brackets.

    >>> fits("IF(" * 64 + "1" + ",2,3)" * 64), fits("IF(" * 65 + "1" + ",2,3)" * 65)
    (True, False)
    """
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_TEXTS.sub("", formula)):
        depth += -1 if bracket == ")" else 1
        deepest = max(deepest, depth)
    return len(formula) <= _MAX_CHARACTERS and deepest <= _MAX_DEPTH


def quoted(text: str) -> str:
    """Format a text within a formula; a long one in pieces.

    >>> quoted('2" wide')
    '"2"" wide"'
    """
    pieces = [text[i : i + _MAX_TEXT] for i in range(0, len(text), _MAX_TEXT)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def _cell(value: object) -> Cell:
    """Format a constant."""
    if isinstance(value, Cell):
        return value
    if value is None:
        return Cell("number", "NA()", may_be_null=True)
    if isinstance(value, bool):
        return _predicate(str(value).upper(), str(not value).upper())
    if isinstance(value, str):
        return Cell("text", quoted(value))
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else repr(value)
    return Cell("number", f"({text})" if text.startswith("-") else text)


@attrs.frozen
class _Chain:
    """An unfinished chain of cases: a condition without its value."""

    cases: tuple[tuple[Cell, Cell], ...]
    condition: Cell

    def then(self, value: object) -> _Then:
        """Add the value for the condition."""
        cases = (*self.cases, (self.condition, _cell(value)))
        return _Then(**attrs.asdict(_chain(cases, None), recurse=False), cases=cases)


@attrs.frozen(eq=False)
class _Then(Cell):
    """A chain of cases, null where no condition holds; it may be extended."""

    cases: tuple[tuple[Cell, Cell], ...] = ()

    def when(self, condition: Cell) -> _Chain:
        """Add a condition."""
        return _Chain(self.cases, condition)

    def otherwise(self, value: object) -> Cell:
        """Return the chain with a value for all other cases."""
        return _chain(self.cases, value)


def _chain(cases: tuple[tuple[Cell, Cell], ...], last: object) -> Cell:
    """Write a chain of cases."""
    made = _cell(last)
    for condition, then in reversed(cases):
        made = _chosen(condition, then, made)
    return made


def _chosen(condition: Cell, then: Cell, other: Cell) -> Cell:
    """Write an IF."""
    if "truth" in (then.kind, other.kind):
        yes, no = (f"IF({condition.text},{then.text},{other.text})", then.denied)
        return _predicate(yes, f"IF({condition.text},{no},{other.denied})")
    kind: Kind = then.kind if other.text == "NA()" else other.kind
    text = f"IF({condition.text},{then.text},{other.text})"
    return Cell(kind, text, "", then.may_be_null or other.may_be_null)


class Formulas:
    """A backend of expressions (:class:`kpirules.codegen.backend.Library`) over named cells."""

    def __init__(self, cells: Mapping[str, Cell], place: Callable[[str], str]) -> None:
        """Set the cells of inputs, and the function that assigns a cell to any other name."""
        self._cells = dict(cells)
        self._place = place
        #: the formulas of the cells without a name of the ruleset
        self.stored_formulas: dict[str, str] = {}

    def col(self, name: str) -> Cell:
        """Return a named cell."""
        return self._cells[name]

    def kept(self, name: str, expr: Cell) -> Cell:
        """Return the cell that stores a formula."""
        made = attrs.evolve(expr, text=self._place(name), terms=1)
        if made.kind == "truth":
            made = attrs.evolve(made, denied=f"NOT({made.text})")
        self._cells[name] = made
        return made

    def stored(self, expr: Cell) -> Cell:
        """Return the cell that stores a formula without a name; a short one is written again."""
        if len(expr.text) <= _SHORT:
            return expr
        name = f"{_STORED}{len(self.stored_formulas)}"
        self.stored_formulas[name] = expr.text
        return attrs.evolve(expr, text=self._place(name), terms=1)

    def quotient(self, dividend: Cell, divisor: Cell) -> Cell:
        """Return a quotient without a remainder."""
        return dividend / divisor

    def lit(self, value: object, dtype: object = None) -> Cell:
        """Return a constant."""
        del dtype
        return _cell(value)

    def when(self, condition: Cell) -> _Chain:
        """Begin a chain of cases."""
        return _Chain((), condition)

    def concat_str(self, parts: list[Cell]) -> Cell:
        """Concatenate texts."""
        text = "&".join(part.text for part in parts)
        return Cell("text", f"({text})", "", any(p.may_be_null for p in parts))

    def __getattr__(self, name: str) -> object:
        """Return the name of a type in place of the type: cells have none."""
        return name
