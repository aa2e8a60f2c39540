"""JSON Schema as logic: demands on a record, joined and negated; numbers and texts as schemas."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from kpirules.arithmetic.number import canonical
from kpirules.arithmetic.range import Range


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number


#: a demand; ``$defs`` hold those that others name
Demand: TypeAlias = "dict[str, Any] | bool"

_NOT_APPLICABLE = "[nN]/[aA]"
_SPECIAL = frozenset(".^$*+?()[]{}|\\/")


def pattern_of(text: str) -> str:
    """Return the pattern of a text as it is, for Python and for ECMAScript."""
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in text)


def blanks(*patterns: str) -> str:
    """Return the pattern of some texts with blanks around them, or of a missing value."""
    return rf"^\s*({'|'.join((*patterns, _NOT_APPLICABLE))})?\s*$"


def number_schema(span: Range | None, step: Number | None) -> dict[str, Any]:
    """Return the bounds and the step of a number."""
    made: dict[str, Any] = {}
    if span is not None and span.low is not None:
        value, above = span.low
        made["exclusiveMinimum" if above else "minimum"] = in_json(value)
    if span is not None and span.high is not None:
        value, included = span.high
        made["maximum" if included else "exclusiveMaximum"] = in_json(value)
    if step is not None:
        made["multipleOf"] = in_json(step)
    return made


def in_decimals(span: Range, step: Number | None) -> tuple[Range, Number | None]:
    """Return the ends and the step of those numbers of a grid that a finite decimal can be.

    >>> from kpirules import Range
    >>> in_decimals(Range.parse("0..2.5"), Fraction(1, 6))
    (<Range 0..2.5>, Fraction(1, 2))
    >>> in_decimals(Range.parse("0..2.5"), Fraction(1, 3))
    (<Range 0..2>, 1)
    """
    if step is None:
        return span, None
    rest = Fraction(step).denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    step = canonical(Fraction(step) * rest)
    return span.on_grid(step) or span, step


def in_json(value: Decimal | Number | str | bool) -> float | str | bool:  # noqa: FBT001 - a flag is a value
    """Return a value of the language as JSON has it."""
    if isinstance(value, (bool, str)):
        return value
    return int(value) if value == int(value) else float(Fraction(value))


def all_of(demands: Iterable[Demand]) -> Demand:
    """Demand all of some demands."""
    return _joined(demands, "allOf", of_none=True)


def any_of(demands: Iterable[Demand]) -> Demand:
    """Demand any of some demands."""
    return _joined(demands, "anyOf", of_none=False)


def _joined(demands: Iterable[Demand], word: str, *, of_none: bool) -> Demand:
    """Join demands by a word; ``of_none``: what no demand demands, so that its opposite decides."""
    found: dict[str, dict[str, Any]] = {}
    for each in demands:
        if isinstance(each, dict):
            found[repr(each)] = each
        elif each is not of_none:
            return each
    every = [*found.values()]
    return of_none if not every else every[0] if len(every) == 1 else {word: every}


def negated(demand: Demand) -> Demand:
    """Demand that something does not hold."""
    return {"not": demand} if isinstance(demand, dict) else not demand


def implies(one: Demand, other: Demand) -> Demand:
    """Demand the other where the one holds."""
    if one is False or other is True:
        return True
    return other if one is True else {"if": one, "then": other}
