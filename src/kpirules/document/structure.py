"""Between the parsed tree of a ruleset file and the model, both ways, by cattrs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import (
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from kpirules import conditions, labels, model, values, vocabulary
from kpirules.document import spelling
from kpirules.errors import ModelError
from kpirules.findings import Finding, KeyPath
from kpirules.model import NAMED, Option, Rubric, Text, When
from kpirules.ranges import Range
from kpirules.texts import brief, similar
from kpirules.trees import fields_of, is_list, is_table
from kpirules.values import got, take
from kpirules.vocabulary import name_text


#: unknown keys of one table for which what was meant is looked for
MOST_GUESSES = 50


#: classes of the model that are written as one value, or as parts of one
_VALUES = (Text, Range, When, Option)


def _kinds(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - unions are no types
    """Return the types that a field may have: those of a union, or of the items of a list."""
    if get_origin(kind) in (Union, UnionType, tuple):
        return tuple(inner for each in get_args(kind) for inner in _kinds(each))
    return (kind,)


def types_of(cls: type) -> dict[str, Any]:
    """Return the types of a class's fields, which are texts until they are resolved."""
    # names of the model and of the modules that it takes values from
    known = {**vars(values), **vars(labels), **vars(conditions), **vars(vocabulary), **vars(model)}
    attrs.resolve_types(cls, known)
    return {field.name: field.type for field in fields_of(cls)}


def _of_a_file(field: attrs.Attribute[Any], kinds: tuple[Any, ...]) -> Callable[..., Any]:
    """Make what takes a value of a file: as in Python, but numbers and dates are not texts."""

    def take_value(value: object, _: object = None) -> object:
        if isinstance(value, str) and not _may_be_text(kinds):
            if Range in kinds:
                return Range.parse(value)
            if date in kinds:
                raise ValueError(f"must be a date such as 2025-01-01, {got(value)}")
            raise ValueError(f"must be a number, {got(value)}")
        return take(field, value)

    return take_value


def _may_be_text(kinds: tuple[Any, ...]) -> bool:
    """Return whether a text may be written for a field."""
    return not {Decimal, int, date}.intersection(kinds) or any(
        kind is str or get_origin(kind) is Literal for kind in kinds
    )


def keys_of(cls: type) -> dict[str, str]:
    """Give the keys of a class's table in the file, each with its field's name."""
    hidden: set[str] = {"name"} if cls in NAMED else set()
    if issubclass(cls, model.Quantity):
        hidden.add("value" if cls.word == "points" else "points")
    return {
        field.metadata.get("key", field.name): field.name
        for field in fields_of(cls)
        if field.name not in hidden and field.init
    }


_weight = _of_a_file(attrs.fields(model.Rater).weight, (Decimal,))


def _list_of(kind: type, converter: Converter) -> Callable[..., Any]:
    """Take a list of tables (or texts), or the tables by name that some parts are written as."""
    (item, *_) = get_args(kind)

    def take_list(value: object, _: object = None) -> tuple[Any, ...]:
        if not is_list(value):
            raise ValueError(f"must be a list, {got(value)}")
        pairs = ((i, i, each) for i, each in enumerate(value))
        return each(pairs, lambda _i, each: converter.structure(each, item), item)

    def take_table(value: object, _: object = None) -> tuple[Any, ...]:
        if not is_table(value):
            raise ValueError(f"must be a table by name, {got(value)}")
        pairs = ((name, name, each) for name, each in value.items())
        return each(pairs, lambda name, each: _named(converter, item, name, each), item)

    return take_table if item in NAMED else take_list


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


def _named(converter: Any, cls: Any, name: str, value: object) -> Any:  # noqa: ANN401
    """Structure a table ``[part.NAME]``."""
    name_text(name)
    if not is_table(value):
        if cls is not model.Rater:
            raise ValueError(f"must be a table, {got(value)}")
        return model.Rater(name=name, weight=_weight(value))
    if "name" in value:
        raise ForbiddenExtraKeysError("", cls, {"name"})
    return converter.structure({"name": name, **value}, cls)


def _table_of(cls: type, converter: Converter) -> Callable[..., Any]:
    """Take a table as a class of the model."""
    types = types_of(cls)
    known = {field: key for key, field in keys_of(cls).items()}
    fields: dict[str, Any] = {}
    for field in fields_of(cls):
        kinds = _kinds(types[field.name])
        # tables are taken as such, with the keys that lead to what is wrong in them
        by_value = not any(attrs.has(kind) and kind not in _VALUES for kind in kinds)
        fields[field.name] = override(
            omit=field.name not in known and field.name != "name",
            rename=known.get(field.name),
            struct_hook=_of_a_file(field, kinds) if by_value else None,
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
        if not is_table(value):
            raise ValueError(f"must be a table, {got(value)}")
        return made(value, cls)

    return take_table


def _is(wanted: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - unions are no types
    """Make the question whether a field is of just that type."""

    def is_it(kind: Any) -> bool:  # noqa: ANN401 - unions are no types
        return bool(kind == wanted)

    return is_it


@cache
def converter() -> Converter:
    """Make the one converter between trees and models."""
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
    made.register_structure_hook_func(_is(tuple[model.Band, ...] | str | None), bands)
    made.register_unstructure_hook_factory(attrs.has, tree)
    made.register_unstructure_hook(Text, spelling.text)
    made.register_unstructure_hook(Range, spelling.range_text)
    made.register_unstructure_hook(When, spelling.when)
    return made


def structure(tree: dict[str, Any]) -> Rubric:
    """Make a rubric from the tree of its file, defaults filled in.

    A cattrs error holds everything wrong (see :func:`problems`).
    """
    rubric: Rubric = converter().structure(tree, Rubric)
    return rubric


def with_defaults(tree: dict[str, Any]) -> dict[str, Any]:
    """Write the ``[defaults]`` into each criterion that does not say otherwise."""
    defaults = tree.get("defaults")
    if not is_table(defaults):
        return tree
    ways = {"points", "formula", "bands"}

    def fill(criterion: object) -> object:
        if not is_table(criterion):
            return criterion
        own = bool(ways & criterion.keys())
        taken = {k: v for k, v in defaults.items() if not (own and k in {*ways, "of"})}
        return {**taken, **criterion}

    def fill_all(holder: dict[str, Any]) -> dict[str, Any]:
        criteria = holder.get("criterion")
        if not is_list(criteria):
            return holder
        return {**holder, "criterion": [fill(c) for c in criteria]}

    filled = fill_all({k: v for k, v in tree.items() if k != "defaults"})
    sections = filled.get("section")
    if is_list(sections):
        filled["section"] = [fill_all(s) if is_table(s) else s for s in sections]
    return filled


# ---------------------------------------------------------------- what is wrong


def problems(error: Exception, path: KeyPath = ()) -> Iterator[Finding]:
    """Turn what cattrs raised into findings, each with the path of keys that it is about."""
    if isinstance(error, BaseValidationError):
        for each in error.exceptions:
            step = _step(each, error.cl)
            inner = path if step is None else (*path, *step)
            yield from problems(each, inner)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = tuple(keys_of(error.cl))
        for i, extra in enumerate(sorted(error.extra_fields)):
            # looking for what was meant takes time: not for each of ten thousand
            near = similar(extra, known) if i < MOST_GUESSES else None
            yield Finding(
                code="unknown-key",
                message=f'unknown key "{brief(extra)[1:-1]}"',
                help=f'did you mean "{near}"?' if near else f"the keys are {', '.join(known)}",
                suggestion=near,
                path=(*path, extra),
            )
    elif isinstance(error, KeyError):
        yield Finding(
            code="missing-key",
            message=f'the key "{path[-1]}" is missing',
            path=path[:-1],
        )
    elif isinstance(error, ModelError):
        yield from (
            Finding(code="value", message=text, path=(*path, *inner))
            for inner, _, text in error.problems
        )
    else:
        yield Finding(code="value", message=str(error), path=path)


def _step(error: BaseException, cls: type) -> KeyPath | None:
    """Read the note that says at which key or index an error happened."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return tuple(note.index.split(".")) if isinstance(note.index, str) else (note.index,)
        # the other kind that cattrs attaches
        name: str = note.name
        field = next(f for f in fields_of(cls) if f.name == name)
        return (field.metadata.get("key", field.name),)
    return None


# ---------------------------------------------------------------- back to a tree


#: fields that are not written by their type alone: (class, field) to hook
_SPELLED: dict[tuple[type, str], Callable[..., Any]] = {
    (model.Example, "ratings"): spelling.pairs,
    (model.Example, "expect"): spelling.pairs,
    (model.Input, "options"): spelling.options,
    (model.Tier, "total"): spelling.spans,
}


def _tree_of(cls: type, converter_: Converter) -> Callable[..., Any]:
    """Give a model value as a table, defaults left out."""

    def by_name(parts: tuple[Any, ...]) -> dict[str, Any]:
        return {part.name: converter_.unstructure(part) for part in parts}

    types = types_of(cls)
    keys = {field: key for key, field in keys_of(cls).items()}
    fields: dict[str, Any] = {}
    for field in fields_of(cls):
        hook = _SPELLED.get((cls, field.name))
        kind = types[field.name]
        if get_origin(kind) is tuple and get_args(kind)[0] in NAMED:
            hook = by_name
        fields[field.name] = override(
            omit=field.name not in keys,
            rename=keys.get(field.name),
            unstruct_hook=hook,
            # the schema is written even where it is the default: every file says it
            omit_if_default=None if field.name != "schema" else False,
        )
    make: Any = make_dict_unstructure_fn
    made: Callable[..., Any] = make(cls, converter_, _cattrs_omit_if_default=True, **fields)
    return made


def unstructure(rubric: Rubric) -> dict[str, Any]:
    """Give the tree of a rubric, as its file would have it."""
    tree: dict[str, Any] = converter().unstructure(rubric)
    return tree
