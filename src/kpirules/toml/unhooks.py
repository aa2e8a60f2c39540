"""Converts values of the model to the form in which a file has them."""

from __future__ import annotations

from collections.abc import Sequence

from kpirules.arithmetic.number import decimal_of
from kpirules.arithmetic.range import Range
from kpirules.model import rubric
from kpirules.model.curves import Point
from kpirules.model.quantity import Cells
from kpirules.model.rubric import Entry, Option, Text, When


def text(label: Text) -> object:
    """Return a text as a string or a table by language."""
    texts = dict(label.by_language)
    return texts[""] if list(texts) == [""] else texts


def range_text(span: Range) -> object:
    """Format a range; see :func:`entry` for ranges that are bare numbers."""
    return str(span) if span.only is None else f"{span}..{span}"


def entry(span: Entry) -> object:
    """Return an entry; a range of one number becomes the number."""
    if isinstance(span, Range):
        return str(span) if span.only is None else decimal_of(span.only)
    return span


def cells(table: Cells) -> dict[str, object]:
    """Return the values of a table by two facts, by option."""
    return {
        key: range_text(value) if isinstance(value, Range) else value
        for key, value in table.by_entry
    }


def points(listed: tuple[Point, ...]) -> list[object]:
    """Return the points of a curve as lists."""
    return [[point.x, point.y] for point in listed]


def one_or_list(items: Sequence[object]) -> object:
    """Return one item as itself, several as a list."""
    return items[0] if len(items) == 1 else list(items)


def entries(every: tuple[Entry, ...]) -> object:
    """Return the ranges of a tier, or what items are compared with."""
    return one_or_list([entry(each) for each in every])


def when(condition: When) -> object:
    """Return a ``when`` as a file has it."""
    if condition.otherwise:
        return "otherwise"
    by_name = {c.name: entries(c.entries) for c in condition.conditions}
    return by_name[""] if list(by_name) == [""] else by_name


def pairs(items: tuple[tuple[str, rubric.ExampleValue], ...]) -> dict[str, object]:
    """Return the table of an example."""
    return {name: _listed(value) for name, value in items}


def _listed(value: rubric.ExampleValue) -> object:
    """Return a value of an example, tuples as lists."""
    return [_listed(v) for v in value] if isinstance(value, tuple) else value


def options(listed: tuple[Option, ...]) -> object:
    """Return options as a table if any has a label, else as a list."""
    if any(o.label is not None for o in listed):
        return {o.code: o.code if o.label is None else text(o.label) for o in listed}
    return [o.code for o in listed]
