"""Conversion between the parsed tree of a ruleset file and the model, both ways, by cattrs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache, partial
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import (
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from kpirules._internal.display import brief, similar
from kpirules._internal.typeguards import fields_of, is_dict, is_list
from kpirules.arithmetic.number import NARROW, PLAIN
from kpirules.arithmetic.range import Range
from kpirules.diagnostics.finding import Finding, KeyPath
from kpirules.errors import ModelError
from kpirules.model import rubric as model
from kpirules.model.curves import Point
from kpirules.model.language import (
    bare_of,
    header_of,
    headers_of,
    is_part,
    keys_of,
    kinds,
    of_field,
    replaced,
    types_of,
)
from kpirules.model.quantity import Cells
from kpirules.model.rubric import Option, Rubric, Text, When
from kpirules.model.values import every, take, wrong, wrong_kind
from kpirules.model.vocabulary import name_text
from kpirules.toml import unhooks
from kpirules.translations.message import Keyword, Message, MessageError, reason_of


#: the maximum number of unknown keys of one table for which a suggestion is computed
MAX_GUESSES = 50


def _from_file(field: attrs.Attribute[Any], kinds: tuple[Any, ...]) -> Callable[..., Any]:
    """Return the hook for a value of a file: as in Python, but numbers and dates are not texts."""

    def read(value: object) -> object:
        if isinstance(value, str) and not _may_be_text(kinds):
            if Range in kinds:
                return Range.parse(value)
            raise _quoted(value) if date in kinds else _not_a_number(value)
        return value

    def take_cell(name: str, item: object) -> object:
        try:
            return take(field, {name: read(item)})
        except ModelError:
            raise
        except ValueError as error:
            raise ModelError(part="", problems=(((name,), item, reason_of(error)),)) from None

    def take_value(value: object, _: object = None) -> object:
        if is_dict(value) and value and Cells in kinds:
            # the values of a table by two facts
            each: tuple[Any, ...] = every(
                ((), item, partial(take_cell, name, item)) for name, item in value.items()
            )
            return Cells(by_entry=tuple(pair for cells in each for pair in cells.by_entry))
        return take(field, read(value))

    return take_value


def _quoted(text: str) -> MessageError:
    """Return the error about a text in place of a date."""
    try:
        return wrong("date_quoted", date=date.fromisoformat(text.strip()).isoformat())
    except ValueError:
        return wrong_kind("date", text)


def _not_a_number(text: str) -> MessageError:
    """Return the error about a text in place of a number."""
    number = text.strip().translate(NARROW)
    if PLAIN.fullmatch(number):
        return wrong("number_quoted", number=number)
    return wrong_kind("number", text)


def _may_be_text(kinds: tuple[Any, ...]) -> bool:
    """Check whether a field allows a text."""
    return not {Decimal, int, date}.intersection(kinds) or any(
        kind is str or get_origin(kind) is Literal for kind in kinds
    )


def _list_of(kind: type, converter: Converter) -> Callable[..., Any]:
    """Return the hook for a list of tables (or texts), or for parts that are tables by name."""
    (item, *_) = get_args(kind)

    def take_list(value: object, _: object = None) -> tuple[Any, ...]:
        if not is_list(value):
            # a part whose header has single brackets
            raise wrong_kind("list_parts" if is_dict(value) and is_part(item) else "list", value)
        pairs = ((i, i, each) for i, each in enumerate(value))
        return each(pairs, lambda _i, each: converter.structure(each, item), item)

    def take_table(value: object, _: object = None) -> tuple[Any, ...]:
        if not is_dict(value):
            raise wrong_kind("table_parts" if is_list(value) else "table_by-name", value)
        pairs = ((name, name, each) for name, each in value.items())
        return each(pairs, lambda name, each: _named(converter, item, name, each), item)

    return take_table if header_of(item) else take_list


def _note(step: str | int, cls: type) -> str:
    """Return cattrs' note of the key or index at which an error occurred."""
    # its __new__ takes other arguments than that of str, which a type checker cannot see
    make: Any = IterableValidationNote
    note: str = make(f"@ {step}", step, cls)
    return note


def each(
    items: Iterator[tuple[str | int, Any, Any]], make: Callable[[Any, Any], Any], cls: type
) -> tuple[Any, ...]:
    """Build a value from each (step, first, second); collect all errors, each with its step."""
    made: list[Any] = []
    errors: list[Exception] = []
    for step, first, second in items:
        try:
            made.append(make(first, second))
        except Exception as error:  # noqa: BLE001 - all are collected, none is hidden
            error.add_note(_note(step, cls))
            errors.append(error)
    if errors:
        # as with the note: a type checker does not see the arguments of its __new__
        group: Any = IterableValidationError
        raise group("", errors, cls)
    return tuple(made)


def _named(converter: Any, cls: Any, name: str, value: object) -> Any:  # noqa: ANN401
    """Structure a table ``[part.NAME]``, or the value that may replace it."""
    name_text(name)
    header, bare = header_of(cls), bare_of(cls)
    if not is_dict(value):
        if bare is None:
            raise wrong_kind("table", value)
        take_value = _from_file(bare, kinds(types_of(cls)[bare.name]))
        return cls(**{header: name, bare.name: take_value(value)})
    if header in value:
        raise ForbiddenExtraKeysError("", cls, {header})
    return converter.structure({header: name, **value}, cls)


def _table_of(cls: type, converter: Converter) -> Callable[..., Any]:
    """Return the hook that structures a table as a class of the model."""
    types = types_of(cls)
    known = {field.name: key for key, field in keys_of(cls).items()}
    fields: dict[str, Any] = {}
    for field in fields_of(cls):
        found = kinds(types[field.name])
        # tables are structured recursively, with the keys that lead to an error in them
        by_value = not any(map(is_part, found))
        fields[field.name] = override(
            omit=field.name not in known and field.name != header_of(cls),
            rename=known.get(field.name),
            struct_hook=_from_file(field, found) if by_value else None,
        )
    make: Any = make_dict_structure_fn
    made: Callable[..., Any] = make(
        cls,
        converter,
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=True,
        **fields,
    )

    def take_table(value: object, _: object = None) -> object:
        if not is_dict(value):
            raise wrong_kind("table", value)
        return made(value, cls)

    return take_table


def _is_type(wanted: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - unions are not types
    """Return the predicate for fields of exactly that type."""

    def is_it(kind: Any) -> bool:  # noqa: ANN401 - unions are no types
        return bool(kind == wanted)

    return is_it


@cache
def converter() -> Converter:
    """Return the one converter between trees and models."""
    made = Converter(detailed_validation=True, forbid_extra_keys=True, omit_if_default=True)

    def bands(value: object, _: object = None) -> object:
        if isinstance(value, str):
            return value
        return made.structure(value, tuple[model.Band, ...])

    def table(cls: Any) -> Callable[..., Any]:  # noqa: ANN401 - cattrs passes any type
        return _table_of(cls, made)

    def items(kind: Any) -> Callable[..., Any]:  # noqa: ANN401 - cattrs passes any type
        return _list_of(kind, made)

    def tree(cls: Any) -> Callable[..., Any]:  # noqa: ANN401 - cattrs passes any type
        return _tree_of(cls, made)

    def is_tuple(kind: Any) -> bool:  # noqa: ANN401 - cattrs passes any type
        return get_origin(kind) is tuple

    made.register_structure_hook_factory(attrs.has, table)
    made.register_structure_hook_factory(is_tuple, items)
    made.register_structure_hook_func(_is_type(tuple[model.Band, ...] | str | None), bands)
    made.register_unstructure_hook_factory(attrs.has, tree)
    made.register_unstructure_hook(Text, unhooks.text)
    made.register_unstructure_hook(Range, unhooks.range_text)
    made.register_unstructure_hook(When, unhooks.when)
    made.register_unstructure_hook(Cells, unhooks.cells)
    return made


def structure(tree: dict[str, Any]) -> Rubric:
    """Build a rubric from the tree of its file, with defaults filled in.

    A cattrs error contains all problems (see :func:`problems`).
    """
    rubric: Rubric = converter().structure(tree, Rubric)
    return rubric


def with_defaults(tree: dict[str, Any]) -> dict[str, Any]:
    """Copy the ``[defaults]`` into each criterion that has no value of its own."""
    defaults = tree.get("defaults")
    if not is_dict(defaults):
        return tree

    def fill(criterion: object) -> object:
        if not is_dict(criterion):
            return criterion
        dropped = replaced(model.Criterion, criterion)
        taken = {k: v for k, v in defaults.items() if k not in dropped}
        return {**taken, **criterion}

    def fill_all(holder: dict[str, Any]) -> dict[str, Any]:
        criteria = holder.get("criterion")
        if not is_list(criteria):
            return holder
        return {**holder, "criterion": [fill(c) for c in criteria]}

    filled = fill_all({k: v for k, v in tree.items() if k != "defaults"})
    sections = filled.get("section")
    if is_list(sections):
        filled["section"] = [fill_all(s) if is_dict(s) else s for s in sections]
    return filled


# ---------------------------------------------------------------- errors


def problems(error: Exception, path: KeyPath = ()) -> Iterator[Finding]:
    """Yield a finding for each error in a cattrs error, with its path of keys."""
    if isinstance(error, BaseValidationError):
        for each in error.exceptions:
            step = _step(each, error.cl)
            inner = path if step is None else (*path, *step)
            yield from problems(each, inner)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = tuple(keys_of(error.cl))
        for i, extra in enumerate(sorted(error.extra_fields)):
            # suggestions are slow to compute: not for each of ten thousand keys
            near = similar(extra, known) if i < MAX_GUESSES else None
            yield Finding(
                code="unknown-key",
                reason=Message.of("finding.unknown-key", name=brief(extra)[1:-1]),
                advice=_advice(extra, near, known),
                suggestion=near,
                path=(*path, extra),
            )
    elif isinstance(error, KeyError):
        key = Keyword(str(path[-1]), is_quoted=False)
        yield Finding(
            code="missing-key",
            reason=Message.of("finding.missing-key", name=key),
            advice=Message.of("advice.missing-key", name=key),
            path=path[:-1],
        )
    elif isinstance(error, ModelError):
        yield from (
            Finding(code="value", reason=text, path=(*path, *inner))
            for inner, _, text in error.problems
        )
    else:
        yield Finding(code="value", reason=reason_of(error), path=path)


def _advice(name: str, near: str | None, known: tuple[str, ...]) -> Message:
    """Return the advice about an unknown key; ``near`` is the key that was probably meant."""
    if near is not None:
        return Message.of("problem-text.suggestion", name=near)
    keys = Message.of("advice.unknown-key", names=known)
    if name in keys_of(Rubric):
        return Message.of("advice.unknown-key_file", name=name, keys=keys)
    places = tuple(header for header, cls in headers_of(Rubric) if name in keys_of(cls))
    return Message.of("advice.unknown-key_elsewhere", places=places, keys=keys) if places else keys


def _step(error: BaseException, cls: type) -> KeyPath | None:
    """Parse the note of the key or index at which an error occurred."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return tuple(note.index.split(".")) if isinstance(note.index, str) else (note.index,)
        # the other kind of note that cattrs attaches
        name: str = note.name
        field = next(f for f in fields_of(cls) if f.name == name)
        return (of_field(field).name,)
    return None


# ---------------------------------------------------------------- back to a tree


#: the formats of lists that are not lists of tables, by the type of their items
_LIST_FORMATS: dict[Any, Callable[..., Any]] = {
    tuple: unhooks.pairs,
    Option: unhooks.options,
    Point: unhooks.points,
    Range: unhooks.entries,
    # entries of a condition
    UnionType: unhooks.entries,
}


def _tree_of(cls: type, converter_: Converter) -> Callable[..., Any]:
    """Return the hook that builds the table of a part, without defaults."""

    def by_name(parts: tuple[Any, ...]) -> dict[str, Any]:
        return {getattr(part, header_of(part.__class__)): table(part) for part in parts}

    table = converter_.unstructure
    types = types_of(cls)
    keys = {field.name: key for key, field in keys_of(cls).items()}
    fields: dict[str, Any] = {}
    for field in fields_of(cls):
        hook = None
        kind = types[field.name]
        lists = (each for each in (kind, *get_args(kind)) if get_origin(each) is tuple)
        listed = next(lists, None)
        if listed is not None:
            (item, *_) = get_args(listed)
            hook = _LIST_FORMATS.get(get_origin(item) or item)
            if listed is not kind and item is str and str in get_args(kind):
                hook = unhooks.one_or_list
            if header_of(item):
                hook = by_name
        fields[field.name] = override(
            omit=field.name not in keys,
            rename=keys.get(field.name),
            unstruct_hook=hook,
            omit_if_default=False if of_field(field).stated else None,
        )
    make: Any = make_dict_unstructure_fn
    made: Callable[..., Any] = make(cls, converter_, _cattrs_omit_if_default=True, **fields)
    return made


def unstructure(rubric: Rubric) -> dict[str, Any]:
    """Return the tree of a rubric, as in its file."""
    tree: dict[str, Any] = converter().unstructure(rubric)
    return tree
