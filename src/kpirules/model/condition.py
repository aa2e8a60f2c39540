"""The conditions of bands and gates, and the records of examples: both have dotted names."""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias, final

import attrs

from kpirules._internal.typeguards import is_list_or_tuple, is_mapping
from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.model.provenance import Path
from kpirules.model.values import (
    Named,
    NumberLike,
    Value,
    every,
    flag,
    name_value_pairs,
    parts,
    scalar,
    span,
    string,
    wrong,
    wrong_kind,
)


#: one entry of a ``when``: a range of numbers, an option or text, a flag; "missing" is a text
Entry: TypeAlias = Range | str | bool
#: a value in an example: a number, a text (which may spell a fraction), a flag, or a list
ExampleValue: TypeAlias = Decimal | str | bool | tuple["ExampleValue", ...]


def _entry(value: Any) -> Entry:  # noqa: ANN401 - any value of a file or a program
    """Convert one entry of a ``when``; a text in the grammar of ranges becomes a range."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return Range.parse(value)
        except RangeSyntaxError:
            return string(value)
    return span(value)


#: the accepted types for the entries of one name
EntriesLike: TypeAlias = Entry | NumberLike | Sequence[Entry | NumberLike]
#: the accepted types for a ``when``: entries of the name in ``of``, or a table of them by name
WhenLike: TypeAlias = EntriesLike | Mapping[str, Any]


def entries(value: EntriesLike) -> tuple[Entry, ...]:
    """Convert an entry or a list of them."""
    if not is_list_or_tuple(value):
        return (_entry(value),)
    if not value:
        raise wrong("empty-list")
    return every(((i,), item, partial(_entry, item)) for i, item in enumerate(value))


@final
@attrs.frozen(kw_only=True)
class Condition(Value):
    """One name of a ``when`` with its entries, any of which may hold."""

    #: the name; empty for the name in the quantity's ``of``
    name: str = attrs.field(converter=string)
    entries: tuple[Entry, ...] = attrs.field(converter=entries)


@final
@attrs.frozen(kw_only=True)
class When(Value):
    """The conditions of a band or gate, all of which must hold; or ``otherwise``."""

    conditions: tuple[Condition, ...] = attrs.field(
        default=(), converter=parts, validator=Named(Condition)
    )
    otherwise: bool = attrs.field(default=False, validator=flag)

    def __attrs_post_init__(self) -> None:
        if not self.conditions and not self.otherwise:
            raise wrong("no-condition")
        if self.otherwise and self.conditions:
            raise wrong("otherwise")
        if self.conditions == (Condition(name="", entries=("otherwise",)),):
            raise wrong("otherwise_entry")


def when(value: When | WhenLike) -> When:
    """Convert a table of conditions, ``"otherwise"``, or a bare entry for the name in ``of``."""
    if isinstance(value, When):
        return value
    if isinstance(value, str) and value == "otherwise":
        return When(otherwise=True)
    if not isinstance(value, Mapping):
        return When(conditions=(Condition(name="", entries=entries(value)),))
    return When(
        conditions=every(
            (path, entry, partial(_condition, name, entry)) for path, name, entry in _flat(value)
        )
    )


def _condition(name: str, entry: Any) -> Condition:  # noqa: ANN401 - any value of a table
    """Return the condition of a table's key and value."""
    return Condition(name=name, entries=entries(entry))


def _flat(
    tree: Mapping[str, Any], prefix: str = "", path: Path = ()
) -> Iterator[tuple[Path, str, Any]]:
    """Yield the leaves of a table of dotted names; nested and dotted names are equivalent."""
    for key, value in tree.items():
        inner = (*path, *string(key).split("."))
        if is_mapping(value) and value:
            yield from _flat(value, f"{prefix}{key}.", inner)
        else:
            yield inner, f"{prefix}{key}", value


# ---------------------------------------------------------------- examples


def _example_value(value: object) -> ExampleValue:
    """Convert a value of an example: a scalar or a list of scalars."""
    if is_list_or_tuple(value):
        return every(((i,), item, partial(_example_value, item)) for i, item in enumerate(value))
    given: Any = value
    return scalar(given)


def pairs(
    value: Mapping[str, object] | Sequence[tuple[str, object]],
) -> tuple[tuple[str, ExampleValue], ...]:
    """Convert the record or the expectation of an example: a table, or (name, value) pairs."""
    if not isinstance(value, (Mapping, tuple)):
        raise wrong_kind("table", value)
    items = (
        _flat(value)
        if isinstance(value, Mapping)
        else (((n,), n, v) for n, v in name_value_pairs(value))
    )
    made = every((path, item, partial(_pair, name, item)) for path, name, item in items)
    if len({name for name, _ in made}) < len(made):
        raise wrong("name-twice_any")
    return made


def of_several(
    value: Mapping[str, object] | tuple[tuple[str, object], ...],
) -> tuple[tuple[str, ExampleValue], ...]:
    """Convert several records: their values, by key and name."""
    made = pairs(value)
    for name, item in made:
        if "." not in name:
            raise wrong_kind("table", item)
    return made


def _pair(name: str, value: object) -> tuple[str, ExampleValue]:
    """Convert one name of an example and its value."""
    return name, _example_value(value)
