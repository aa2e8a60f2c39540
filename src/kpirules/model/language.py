"""The keys of the rule language: metadata on the fields of the model, and how it is read.

A field of the model carries a :class:`Key` in its metadata. Converter, writer, formatter, merge,
recovery and JSON Schema read everything that they know of a key from there, through the functions
of this module; each of them takes the class whose table is read.

>>> from kpirules.model.rubric import Rubric, Tier
>>> list(keys_of(Tier))
['id', 'label', 'total', 'pay', 'coefficient']
>>> class_at(Rubric, ("section", 0, "criterion", 1, "round")).__name__
'Rounding'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import cache
from inspect import getdoc
from types import UnionType
from typing import Any, Final, TypeGuard, Union, get_args, get_origin

import attrs

from kpirules._internal.typeguards import fields_of, is_tuple
from kpirules.model.provenance import Path


#: the place of a field's :class:`Key` in its metadata
_KEY: Final = "key"


class Order(IntEnum):
    """Where a key is in a formatted file: before the others, or after them."""

    SCHEMA = -5
    NAME = -4
    REMOVE = -3
    LABEL = -2
    UNIT = -1
    OTHERS = 0
    OF = 1
    WAY = 2


@attrs.frozen(kw_only=True)
class Key:
    """One key of the rule language.

    Whether a key is required, its default and its values follow from its field: from the default,
    the type, the converter and the validator.
    """

    #: what the key means, for people who write rulesets: editors show it
    doc: str = ""
    #: the key in the file, where it is not the name of the field
    name: str = ""
    #: the value is in the header of the part's own table, ``[inputs.NAME]``
    header: bool = False
    #: the value names the part in its list: ``extends`` merges the list by it
    id: bool = False
    #: the part may be written as this value alone
    bare: bool = False
    #: one of the ways to a value, of which a part has one
    way: bool = False
    #: belongs to a way, and goes with it
    of_way: bool = False
    #: a new part of a file that extends another has at least one such key, or a way
    essential: bool = False
    #: ``extends`` takes the value over
    inherited: bool = True
    #: every file has the key, even where it has the default
    stated: bool = False
    #: describes a part to people; no computed value depends on it
    descriptive: bool = False
    #: the table, or each table of the list, is written in a line and not under a header
    inline: bool = False
    #: the keys of the table are names with dots
    dotted: bool = False
    #: the place in a formatted file, before that of the field
    order: Order = Order.OTHERS
    #: what takes the place of a required value that is missing or invalid; None: a new id
    fallback: object = None
    #: the pattern of the text
    pattern: re.Pattern[str] | None = None
    #: the key that follows in a file, and is resolved before a rubric is made
    then: Key | None = None
    #: the class whose table such a key holds
    holds: type | None = None


def key(doc: str = "", **known: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of Key
    """Return the metadata of a field: the key that it is in a file."""
    return {_KEY: Key(doc=doc, **known)}


#: the key that removes a part of the ruleset that is extended
REMOVAL: Final = Key(
    name="remove",
    doc="true: this part of the scheme that is extended is taken out. Only with extends.",
    order=Order.REMOVE,
)
#: in the table of ``extends``, beside the id
ON: Final = Key(
    name="on",
    doc="The date on which the version that is extended is in force. Default: the day on which this scheme begins.",
)


def of_field(field: attrs.Attribute[Any]) -> Key:
    """Return the key of a field, with its name."""
    found: Key = field.metadata.get(_KEY, Key())
    return found if found.name else attrs.evolve(found, name=field.name)


def is_part(kind: object) -> TypeGuard[type]:
    """Return whether a type is a part of a ruleset with keys of its own."""
    return isinstance(kind, type) and any(_KEY in field.metadata for field in fields_of(kind))


@cache
def header_of(cls: type) -> str:
    """Return the field whose value is in the header of a class's table; empty: there is none."""
    return next((field.name for field in fields_of(cls) if of_field(field).header), "")


@cache
def id_of(cls: type) -> str:
    """Return the key that names a class's parts in their list; empty: there is none."""
    return next((name for name, field in keys_of(cls).items() if of_field(field).id), "")


@cache
def keys_of(cls: type) -> Mapping[str, attrs.Attribute[Any]]:
    """Return the keys of a class's table in the file, each with its field."""
    absent = {getattr(cls, "absent", ""), header_of(cls)}
    return {
        of_field(field).name: field
        for field in fields_of(cls)
        if field.init and field.name not in absent
    }


@cache
def types_of(cls: type) -> Mapping[str, Any]:
    """Return the types of a class's fields, which are texts until they are resolved."""
    attrs.resolve_types(cls)
    return {field.name: field.type for field in fields_of(cls)}


def kinds(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - unions are not types
    """Return the types that a field may have: those of a union, or of the items of a list."""
    if get_origin(kind) in (Union, UnionType, tuple):
        return tuple(inner for each in get_args(kind) for inner in kinds(each))
    return (kind,)


def key_of(cls: type | None, name: str) -> Key:
    """Return a key of a class's table; of an unknown one, nothing is known."""
    field = None if cls is None else keys_of(cls).get(name)
    return Key() if field is None else of_field(field)


def part_of(cls: type | None, name: str) -> type | None:
    """Return the class of the table, or of the tables, under a key of a class's table."""
    if cls is None:
        return None
    field = keys_of(cls).get(name)
    if field is not None:
        return next(filter(is_part, kinds(types_of(cls)[field.name])), None)
    return next((one.holds for one in in_file(cls) if one.name == name), None)


def items_of(cls: type | None, name: str) -> type | None:
    """Return the class of the parts that are a list, or tables by name, under a key."""
    field = None if cls is None else keys_of(cls).get(name)
    if cls is None or field is None or get_origin(types_of(cls)[field.name]) is not tuple:
        return None
    return part_of(cls, name)


def class_at(root: type, path: Path) -> type | None:
    """Return the class of the table at a path of keys; None where there is none."""
    cls: type | None = root
    by_name = False
    for step in path:
        if by_name:
            by_name = False
        elif isinstance(step, str):
            cls = part_of(cls, step)
            by_name = cls is not None and bool(header_of(cls))
    return None if by_name else cls


def items_at(root: type, path: Path) -> type | None:
    """Return the class of the parts that are a list, or tables by name, at a path of keys."""
    return items_of(class_at(root, path[:-1]), str(path[-1])) if path else None


def named_at(root: type, path: Path) -> type | None:
    """Return the class of the tables by name at a path of keys; None where there are none."""
    cls = items_at(root, path)
    return cls if cls is not None and header_of(cls) else None


def in_file(cls: type) -> Iterator[Key]:
    """Yield all keys that a class's table may have in a file, in the order of the fields."""
    for field in keys_of(cls).values():
        each = of_field(field)
        yield each
        if each.then is not None:
            yield each.then


@cache
def ranks(cls: type) -> Mapping[str, int]:
    """Return the place of each key of a class in a formatted file."""
    every = sorted((REMOVAL, *in_file(cls)), key=lambda each: each.order)
    return {each.name: i for i, each in enumerate(every)}


@cache
def required(cls: type) -> Mapping[str, Key]:
    """Return the keys that a class's table has in every file."""
    return {
        name: of_field(field)
        for name, field in keys_of(cls).items()
        if field.default is attrs.NOTHING or of_field(field).stated
    }


def bare_of(cls: type) -> attrs.Attribute[Any] | None:
    """Return the field whose value alone may stand for a part; None: there is none."""
    return next((field for field in fields_of(cls) if of_field(field).bare), None)


@cache
def ways_of(cls: type) -> frozenset[str]:
    """Return the keys that are ways to a class's value; empty for what is not a quantity."""
    return frozenset(name for name, field in keys_of(cls).items() if of_field(field).way)


@cache
def essentials(cls: type) -> frozenset[str]:
    """Return the keys of which a new part of a class has at least one."""
    own = frozenset(name for name, field in keys_of(cls).items() if of_field(field).essential)
    return own or ways_of(cls)


def replaced(cls: type | None, given: Iterable[str]) -> frozenset[str]:
    """Return the keys of a quantity that a new way replaces, where one is given."""
    every = [] if cls is None else list(map(of_field, fields_of(cls)))
    if not any(each.way and each.name in given for each in every):
        return frozenset()
    return frozenset(each.name for each in every if each.way or each.of_way)


# ---------------------------------------------------------------- descriptions


@cache
def parts_of(root: type) -> tuple[type, ...]:
    """Return a class, and those of all tables below its own, each once."""
    found = [root]
    for cls in found:
        for each in in_file(cls):
            part = part_of(cls, each.name)
            if part is not None and part not in found:
                found.append(part)
    return tuple(found)


def id_of_description(cls: type, name: str = "") -> str:
    """Return the stable id of the description of a class, or of a key of its table.

    It is the same for all classes that inherit a key: ``quantity.formula``, ``criterion.weight``.
    """
    bases = (b for b in cls.__mro__[1:] for field in fields_of(b) if of_field(field).name == name)
    owner = next(bases, cls)
    return ".".join(filter(None, (owner.__name__.lower(), name)))


@cache
def descriptions(root: type) -> Mapping[str, str]:
    """Return what all parts and keys mean, in English, by stable ids that translations share."""
    made = {f"file.{each.name}": each.doc for each in (REMOVAL, ON)}
    for cls in parts_of(root):
        # the summary of a class is the description of its table
        made[id_of_description(cls)] = (getdoc(cls) or "").partition("\n\n")[0]
        made |= {id_of_description(cls, each.name): each.doc for each in in_file(cls)}
    return made


#: keys that a place by ids leaves out: what follows them is named by its own id
_SILENT = frozenset({"criterion"})


def place_of(rubric: object, path: Path) -> str:
    """Name a place by ids: ``section.ability.skill.bands[1]``, ``tier.good``, ``inputs.late``."""
    parts: list[str] = []
    at: Any = rubric
    for step in path:
        if isinstance(step, int):
            at = at[step] if is_tuple(at) and step < len(at) else None
            name = getattr(at, "id", None)
            if name is None:
                parts.append(f"{parts.pop() if parts else ''}[{step}]")
            else:
                parts.append(name)
        else:
            at = _child(at, step)
            if step not in _SILENT:
                parts.append(step)
    return ".".join(parts)


def _child(at: Any, key: str) -> Any:  # noqa: ANN401 - any part of the model
    """Follow a key of the file into the model."""
    if is_tuple(at):
        return next((item for item in at if getattr(item, "name", None) == key), None)
    name = _names_of(at.__class__).get(key, key)
    return getattr(at, name, None)


@cache
def _names_of(cls: type) -> dict[str, str]:
    """Return the field names of a class by their keys."""
    return {of_field(field).name: field.name for field in fields_of(cls)}
