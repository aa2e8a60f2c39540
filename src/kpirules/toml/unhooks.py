"""Converts values of the model to the form in which a file has them."""

from __future__ import annotations

from kpirules.arithmetic.number import decimal_of
from kpirules.arithmetic.range import Range
from kpirules.model import rubric
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


def _one_or_list(items: list[object]) -> object:
    """Return one item as itself, several as a list."""
    return items[0] if len(items) == 1 else items


def spans(ranges: tuple[Range, ...]) -> object:
    """Return the ranges of a tier."""
    return _one_or_list([entry(span) for span in ranges])


def when(condition: When) -> object:
    """Return a ``when`` as a file has it."""
    if condition.otherwise:
        return "otherwise"
    entries = {c.name: _one_or_list([entry(e) for e in c.entries]) for c in condition.conditions}
    return entries[""] if list(entries) == [""] else entries


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
