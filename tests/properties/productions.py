"""The productions of the rule language: listed from the model, and found in a rubric.

A production is a field that is given, by the kind of what is given (``Band.points: Range``); each
word of a closed vocabulary; each form of a range; each way a ``when`` is written; each function
and operator of formulas. A field that is added to the model adds its productions here.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, Union, get_args, get_origin, get_type_hints

import attrs

from kpirules.arithmetic.range import Range
from kpirules.formula import OPERATIONS
from kpirules.formula.functions import OPERATORS
from kpirules.model import Rubric, When
from kpirules.model.curves import Point
from kpirules.model.quantity import Cells
from kpirules.model.values import Value


def classes(base: type = Value) -> Iterator[type]:
    """Yield the classes that a rubric is made of: those of values that no other class inherits."""
    # a class with slots has a twin without fields of its own; the flag of a quota is in no file
    found = [c for c in base.__subclasses__() if c.__module__.startswith("kpirules.model.")]
    below = [c for c in found if not c.__module__.endswith(".demotions")]
    for cls in below:
        yield from classes(cls)
    if not below and "__attrs_attrs__" in vars(base):
        yield base


#: what a rubric is made of
CLASSES = sorted(classes(), key=lambda c: c.__name__)
#: fields that the evaluation fills, and those that a class inherits and does not take
NOT_WRITTEN = {"ready", "undecided", "origin", "package"}
RANGES = ("a..b", "a .. < b", "> a .. b", "> a .. < b", ">= a", "> a", "<= b", "< b", "a", "any")
WHENS = ("otherwise", "missing", "several entries", "several names", "of")
SIGNS = tuple(sign for sign in OPERATORS if not sign.isalpha())
FORMULA = re.compile(r"[A-Za-z_]\w*(?=\()")


def kinds(hint) -> list[str]:
    """Give the kinds of what a field may hold."""
    if get_origin(hint) in (Union, types.UnionType):
        return [kind for part in get_args(hint) for kind in kinds(part)]
    if get_origin(hint) is Literal:
        return [repr(word) for word in get_args(hint)]
    if hint is type(None):
        return []
    return ["some" if get_origin(hint) is not None else hint.__name__]


def fields(cls) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of a class that a file can write, with their kinds."""
    hints = get_type_hints(cls)
    absent = getattr(cls, "absent", None)
    for field in attrs.fields(cls):
        if field.init and field.name not in NOT_WRITTEN and field.name != absent:
            some = kinds(hints[field.name])
            # one text may be written without the brackets of a list; the part holds a list
            yield field.name, [kind for kind in some if kind != "str" or "some" not in some]


def all_productions() -> set[str]:
    """Give all productions of the language."""
    every = {f"{c.__name__}.{n}: {kind}" for c in CLASSES for n, some in fields(c) for kind in some}
    every |= {f"range {form}" for form in RANGES} | {f"when {form}" for form in WHENS}
    every |= {f"operator {sign}" for sign in (*SIGNS, "unary -", "brackets")}
    every |= {f"function {name}" for name in OPERATIONS}
    # a number is not an allowed rating within outside of criteria, and a total has no texts
    ranges = {f"{name}.points: Range" for name in ("Adjustment",)}
    return every - ranges - {"Total.value: str"}


def used(part) -> Iterator[str]:
    """Yield the productions that a part of a rubric uses."""
    if isinstance(part, Range):
        yield f"range {form_of(part)}"
    elif isinstance(part, tuple):
        for item in part:
            yield from used(item)
    elif isinstance(part, When):
        yield from used_when(part)
    if attrs.has(type(part)) and not isinstance(part, Range):
        for name, some in fields(type(part)):
            value = getattr(part, name)
            if value is None or value is False or value == ():
                continue
            kind = repr(value) if repr(value) in some else kind_of(value)
            if kind in some or "some" in some:
                yield f"{type(part).__name__}.{name}: {kind if kind in some else 'some'}"
            for text in formulas_in(part, name, value):
                yield from used_formula(text)
            yield from used(value)


def formulas_in(part, name: str, value) -> list[str]:
    """Give the texts of formulas in a field: of a table by two facts, those of its cells."""
    if name not in ("formula", "weight") and not isinstance(part, Point):
        return []
    values = [each for _, each in value.by_entry] if isinstance(value, Cells) else [value]
    return [each for each in values if isinstance(each, str)]


def kind_of(value) -> str:
    """Give the kind of a value."""
    return "Decimal" if isinstance(value, Decimal) else type(value).__name__


def form_of(span: Range) -> str:
    """Give the form in which a range is written."""
    if span.only is not None:
        return "a"
    low = "" if span.low is None else ("> a" if span.low[1] else "a")
    high = "" if span.high is None else ("b" if span.high[1] else "< b")
    if low and high:
        return "a..b" if (low, high) == ("a", "b") else f"{low} .. {high}"
    if low:
        return low if low == "> a" else ">= a"
    return {"b": "<= b", "< b": "< b", "": "any"}[high]


def used_when(when: When) -> Iterator[str]:
    """Yield the ways in which a condition is written."""
    if when.otherwise:
        yield "when otherwise"
    if len(when.conditions) > 1:
        yield "when several names"
    for condition in when.conditions:
        if len(condition.entries) > 1:
            yield "when several entries"
        if "missing" in condition.entries:
            yield "when missing"
        if not condition.name:
            yield "when of"


def used_formula(text: str) -> Iterator[str]:
    """Yield the functions and operators of a formula."""
    yield from (f"function {name}" for name in FORMULA.findall(text))
    yield from (f"operator {sign}" for sign in SIGNS if f" {sign} " in text)
    if re.search(r"(^|[(,*/+-] ?)-\s*[\w(]", text):
        yield "operator unary -"
    if re.search(r"(^|[-+*/(,]\s*)\(", text):
        yield "operator brackets"


def productions_of(rubric: Rubric) -> set[str]:
    """Give the productions that a rubric uses."""
    return set(used(rubric))
