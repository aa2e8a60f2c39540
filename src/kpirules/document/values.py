"""One value of a ruleset file at a time: what it may be, and what is said where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from cattrs.errors import IterableValidationError, IterableValidationNote

from kpirules import model
from kpirules.model import Condition, Entry, Option, Text, When
from kpirules.numbers import LIMIT, NotExactError, decimal_of, exact
from kpirules.ranges import Range, RangeSyntaxError
from kpirules.texts import brief, similar
from kpirules.trees import is_list, is_table


#: the shape of an id or name; ids of rubrics and tiers may have a hyphen as well
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (Decimal, "a number"),
    (str, "a text"),
    (dict, "a table"),
    (list, "a list"),
)


def got(value: object) -> str:
    """Say what stands in the file instead of what was wanted."""
    kind = next((name for cls, name in _KINDS if isinstance(value, cls)), "a date or time")
    return f"not {kind}"


def number(value: object, _: object = None) -> Decimal:
    """Take an exact number of the file."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"must be a number, {got(value)}")
    if value.__class__ is int and abs(value) < LIMIT:
        return Decimal(value)
    taken = decimal_of(exact(value))
    if not isinstance(taken, Decimal):  # pragma: no cover - a file's number always has decimals
        raise NotExactError("has no finite decimal form")
    return taken


def whole(value: object, _: object = None) -> int:
    """Take a whole number that is not negative."""
    taken = number(value)
    if taken < 0 or taken != int(taken):
        raise ValueError("must be a whole number, 0 or more")
    return int(taken)


def string(value: object, _: object = None) -> str:
    """Take a text as it is; numbers do not turn into texts."""
    if not isinstance(value, str):
        raise ValueError(f"must be a text in quotes, {got(value)}")
    return value


def flag(value: object, _: object = None) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, {got(value)}")
    return value


def calendar_date(value: object, _: object = None) -> date:
    """Take a date without a time."""
    if type(value) is not date:
        raise ValueError(f"must be a date such as 2025-01-01, {got(value)}")
    return value


def number_or_text(value: object, _: object = None) -> Decimal | str | None:
    """Take a number, or a text where a text makes sense."""
    return value if isinstance(value, str) else number(value)


def scalar(value: object, _: object = None) -> Decimal | str | bool:
    """Take a number, a text or a flag."""
    return value if isinstance(value, (str, bool)) else number(value)


def range_text(value: object, _: object = None) -> Range:
    """Take a range text."""
    if not isinstance(value, str):
        raise ValueError(f'must be a range in quotes, such as "0..10", {got(value)}')
    return Range.parse(value)


def _span(value: object, _: object = None) -> Range:
    """Take a number or a range text as a range."""
    return range_text(value) if isinstance(value, str) else Range.exactly(exact(number(value)))


def number_or_range(value: object, _: object = None) -> Decimal | Range:
    """Take a number, or a range to award within."""
    return range_text(value) if isinstance(value, str) else number(value)


def label_text(value: object, _: object = None) -> Text:
    """Take a text, or a table of texts by language tag."""
    if isinstance(value, str):
        return Text.of(value)
    if not is_table(value):
        raise ValueError(
            f'must be a text or a table by language such as {{ zh = "...", en = "..." }}, '
            f"{got(value)}"
        )
    if not value:
        raise ValueError("has no text in any language")
    for tag in value:
        if not _TAG.fullmatch(tag):
            raise ValueError(f'{brief(tag)} is no language tag such as "zh" or "en-GB"')
    return Text.of({tag: string(text) for tag, text in value.items()})


def _entry(value: object) -> Entry:
    """Take one entry of a ``when``: a text that reads as a range is one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return Range.parse(value)
        except RangeSyntaxError:
            return value
    return Range.exactly(exact(number(value)))


def _entries(value: object) -> tuple[Entry, ...]:
    """Take an entry or a list of them."""
    if is_list(value):
        if not value:
            raise ValueError("an empty list never holds: name at least one entry")
        return tuple(map(_entry, value))
    return (_entry(value),)


def when(value: object, _: object = None) -> When:
    """Take the table of a ``when``, or ``"otherwise"``, or the bare entry that ``of`` names."""
    if value == "otherwise":
        return When(otherwise=True)
    if not is_table(value):
        return When(conditions=(Condition(name="", entries=_entries(value)),))
    if not value:
        raise ValueError('has no condition; what always holds is written "otherwise"')
    return When(
        conditions=each(
            ((name, name, entry) for name, entry in _flat(value)),
            lambda name, entry: Condition(name=name, entries=_entries(entry)),
            When,
        )
    )


def _flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give the leaves of a table of dotted names; nested and dotted are the same."""
    for key, value in tree.items():
        if is_table(value) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _note(step: str | int, cls: type) -> str:
    """Make cattrs' note that says at which key or index an error happened."""
    # its __new__ takes what str's does not, which a type checker cannot see
    make: Any = IterableValidationNote
    note: str = make(f"@ {step}", step, cls)
    return note


def each(
    items: Iterator[tuple[str | int, Any, Any]], make: Callable[[Any, Any], Any], cls: type
) -> tuple[Any, ...]:
    """Make a value of each (step, first, second); collect all errors, each with its step."""
    made: list[Any] = []
    errors: list[Exception] = []
    for step, first, second in items:
        try:
            made.append(make(first, second))
        except Exception as error:  # noqa: BLE001 - all are kept, none is hidden
            error.add_note(_note(step, cls))
            errors.append(error)
    if errors:
        # as with the note: its __new__ takes what a type checker does not see
        group: Any = IterableValidationError
        raise group("", errors, cls)
    return tuple(made)


def _example_value(value: object) -> model.ExampleValue:
    """Take a value of an example: a scalar or a list of them."""
    if is_list(value):
        return tuple(map(_example_value, value))
    return scalar(value)


def pairs(value: object, _: object = None) -> tuple[tuple[str, model.ExampleValue], ...]:
    """Take the record or the expectation of an example."""
    if not is_table(value):
        raise ValueError(f"must be a table, {got(value)}")
    return each(
        ((name, name, item) for name, item in _flat(value)),
        lambda name, item: (name, _example_value(item)),
        tuple,
    )


def options(value: object, _: object = None) -> tuple[Option, ...]:
    """Take options as a list of codes, or as a table from code to label."""
    if is_table(value):
        return each(
            ((code, code, label) for code, label in value.items()),
            lambda code, label: Option(code=code, label=label_text(label)),
            Option,
        )
    if not is_list(value):
        raise ValueError(f"must be a list of codes or a table of code = label, {got(value)}")
    return each(
        ((i, i, code) for i, code in enumerate(value)),
        lambda _i, code: Option(code=string(code)),
        Option,
    )


def spans(value: object, _: object = None) -> tuple[Range, ...]:
    """Take one number or range, or a list of them."""
    items = value if is_list(value) else [value]
    return each(((i, i, item) for i, item in enumerate(items)), lambda _i, v: _span(v), Range)


def name_text(value: object, _: object = None) -> str:
    """Take an id: letters, digits and ``_``, not starting with a digit."""
    text = string(value)
    if not NAME.fullmatch(text):
        raise ValueError(
            f"{brief(text)} is no id: write letters a-z, digits and _, not starting with a digit"
        )
    return text


def hyphened(value: object, _: object = None) -> str:
    """Take the id of a rubric or tier, which may have hyphens."""
    text = string(value)
    name_text(text.replace("-", "_"))
    return text


def schema(value: object, _: object = None) -> int:
    """Take the version of the language."""
    if whole(value) != 1:
        raise ValueError(f"this is schema {value}; this version of kpirules reads schema 1")
    return 1


def _policy(value: object, allowed: tuple[str, ...], *, points: bool = False) -> Decimal | str:
    """Take a policy for missing values, or a number of points where that is one."""
    if isinstance(value, str) and value in allowed:
        return value
    if points and not isinstance(value, (str, bool)):
        return number(value)
    words = ", ".join(f'"{word}"' for word in allowed)
    raise ValueError(f"must be {words}{' or a number of points' if points else ''}")


def criterion_missing(value: object, _: object = None) -> Decimal | str:
    """Take a criterion's policy."""
    return _policy(value, ("error", "zero", "exclude"), points=True)


def part_missing(value: object, _: object = None) -> Decimal | str:
    """Take the policy of an adjustment, gate or outcome."""
    return _policy(value, ("error", "skip"))


def literal(value: object, kind: Any) -> str:  # noqa: ANN401 - a Literal is no type
    """Take one of a few words."""
    words = get_args(kind)
    if value not in words or not isinstance(value, str):
        near = similar(value, words) if isinstance(value, str) else None
        hint = f'; did you mean "{near}"?' if near else ""
        listed = ", ".join(f'"{word}"' for word in words)
        raise ValueError(f"must be one of {listed}{hint}")
    return value
