"""The keys of the rule language: metadata on the fields of the model, and functions that read it.

A field of the model carries a :class:`Key` in its metadata. Converter, writer, formatter, merge,
recovery and JSON Schema read everything about a key through the functions of this module; each
function takes the class whose table is read.
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


#: the key of a field's :class:`Key` in its metadata
_KEY: Final = "key"


class Order(IntEnum):
    """The position of a key in a formatted file: before the others, or after them."""

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

    #: the description for rule authors; :func:`descriptions` adds words and default to it
    doc: str = ""
    #: the words of a closed vocabulary, with the meaning of each
    words: Mapping[str, str] = attrs.field(factory=dict[str, str])
    #: the default, if it is not the default of the field: "the weight"
    default: str = ""
    #: what a text in the value is, if it is not a text for people: "formula", "name", "tier id"
    text: str = ""
    #: the key in the file, if it is not the name of the field
    name: str = ""
    #: the value is in the header of the part's own table, ``[inputs.NAME]``
    header: bool = False
    #: the value identifies the part in its list: ``extends`` merges the list by it
    id: bool = False
    #: the part may be written as this value alone
    bare: bool = False
    #: one of the alternatives that determine a value; a part has exactly one
    way: bool = False
    #: the key qualifies such an alternative and is replaced together with it
    of_way: bool = False
    #: a new part of a file that extends another has at least one such key, or an alternative
    essential: bool = False
    #: the value is inherited through ``extends``
    inherited: bool = True
    #: every file has the key, even with the default value
    stated: bool = False
    #: the value describes a part to people; no computed value depends on it
    descriptive: bool = False
    #: the table, or each table of the list, is written inline and not under a header
    inline: bool = False
    #: the keys of the table are dotted names
    dotted: bool = False
    #: the position in a formatted file; it precedes the order of the fields
    order: Order = Order.OTHERS
    #: the fallback for a required value that is missing or invalid; None: a new id
    fallback: object = None
    #: the pattern of the text
    pattern: re.Pattern[str] | None = None
    #: the key that follows in a file, and is resolved before a rubric is built
    then: Key | None = None
    #: the class of the table under such a key
    holds: type | None = None


def key(doc: str = "", **known: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of Key
    """Return the metadata of a field: its key in the file."""
    return {_KEY: Key(doc=doc, **known)}


#: the key that removes a part of the extended ruleset
REMOVAL: Final = Key(
    name="remove",
    doc="true: the part of the extended ruleset is removed. Only in a file with extends.",
    order=Order.REMOVE,
)
#: a key in the table of ``extends``, beside the id
ON: Final = Key(
    name="on",
    doc="A date on which the extended version is effective.",
    default="effective_from of this file",
)


@cache
def of_field(field: attrs.Attribute[Any]) -> Key:
    """Return the key of a field, with its name."""
    found: Key = field.metadata.get(_KEY, Key())
    return found if found.name else attrs.evolve(found, name=field.name)


def is_part(kind: object) -> TypeGuard[type]:
    """Check whether a type is a part of a ruleset with keys of its own."""
    return isinstance(kind, type) and any(_KEY in field.metadata for field in fields_of(kind))


@cache
def header_of(cls: type) -> str:
    """Return the field whose value is in the header of a class's table; empty if there is none."""
    return next((field.name for field in fields_of(cls) if of_field(field).header), "")


@cache
def id_of(cls: type) -> str:
    """Return the key that identifies a class's parts in their list; empty if there is none."""
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
    """Return the types of a class's fields; annotations are strings until they are resolved."""
    attrs.resolve_types(cls)
    return {field.name: field.type for field in fields_of(cls)}


def kinds(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - unions are not types
    """Return the types that a field may have: those of a union, or of the items of a list."""
    if get_origin(kind) in (Union, UnionType, tuple):
        return tuple(inner for each in get_args(kind) for inner in kinds(each))
    return (kind,)


def key_of(cls: type | None, name: str) -> Key:
    """Return a key of a class's table; for an unknown name, an empty key."""
    field = None if cls is None else keys_of(cls).get(name)
    return Key() if field is None else of_field(field)


def part_of(cls: type | None, name: str) -> type | None:
    """Return the class of the table, or of the tables, under a key of a class's table."""
    if cls is None:
        return None
    return _parts_below(cls).get(name)


@cache
def _parts_below(cls: type) -> Mapping[str, type | None]:
    """Return the class of the table, or of the tables, under each key of a class's table."""
    found = {each.name: each.holds for each in in_file(cls)}
    for name, field in keys_of(cls).items():
        found[name] = next(filter(is_part, kinds(types_of(cls)[field.name])), None)
    return found


def items_of(cls: type | None, name: str) -> type | None:
    """Return the class of the parts that are a list, or tables by name, under a key."""
    field = None if cls is None else keys_of(cls).get(name)
    if cls is None or field is None or get_origin(types_of(cls)[field.name]) is not tuple:
        return None
    return part_of(cls, name)


def class_at(root: type, path: Path) -> type | None:
    """Return the class of the table at a path of keys; None if there is none."""
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
    """Return the class of the tables by name at a path of keys; None if there are none."""
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
    """Return the position of each key of a class in a formatted file."""
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
    """Return the field whose value alone may represent a part; None if there is none."""
    return next((field for field in fields_of(cls) if of_field(field).bare), None)


@cache
def ways_of(cls: type) -> frozenset[str]:
    """Return the keys that determine a class's value; empty if the class is not a quantity."""
    return frozenset(name for name, field in keys_of(cls).items() if of_field(field).way)


@cache
def essentials(cls: type) -> frozenset[str]:
    """Return the keys of which a new part of a class has at least one."""
    own = frozenset(name for name, field in keys_of(cls).items() if of_field(field).essential)
    return own or ways_of(cls)


def replaced(cls: type | None, given: Iterable[str]) -> frozenset[str]:
    """Return the keys of a quantity that a new alternative replaces, if one is given."""
    every = [] if cls is None else list(map(of_field, fields_of(cls)))
    if not any(each.way and each.name in given for each in every):
        return frozenset()
    return frozenset(each.name for each in every if each.way or each.of_way)


# ---------------------------------------------------------------- descriptions


@cache
def parts_of(root: type) -> tuple[type, ...]:
    """Return a class and the classes of all tables below its own, each once."""
    found = [root]
    for cls in found:
        for each in in_file(cls):
            part = part_of(cls, each.name)
            if part is not None and part not in found:
                found.append(part)
    return tuple(found)


@cache
def headers_of(root: type) -> tuple[tuple[str, type], ...]:
    """Return the header of each part with a table of its own, and its class.

    >>> from kpirules.model.rubric import Rubric
    >>> [header for header, _ in headers_of(Rubric)][:3]
    ['[source]', '[inputs.NAME]', '[derive.NAME]']
    """
    return tuple(_headers(root, ""))


def _headers(cls: type, before: str) -> Iterator[tuple[str, type]]:
    """Yield the headers of the parts below a class."""
    for each in in_file(cls):
        part = part_of(cls, each.name)
        if part is not None and not each.inline:
            name = f"{before}{each.name}"
            if header_of(part):
                yield f"[{name}.NAME]", part
            elif items_of(cls, each.name):
                yield f"[[{name}]]", part
            else:
                yield f"[{name}]", part
            yield from _headers(part, f"{name}.")


def id_of_description(cls: type, name: str = "") -> str:
    """Return the stable id of the description of a class, or of a key of its table.

    It is the same for all classes that inherit a key: ``quantity.formula``, ``criterion.weight``.
    """
    bases = (b for b in cls.__mro__[1:] for field in fields_of(b) if of_field(field).name == name)
    # the last one is the class that declares it
    *_, owner = cls, *bases
    return ".".join(filter(None, (owner.__name__.lower(), name)))


@cache
def descriptions(root: type) -> Mapping[str, str]:
    """Return the English descriptions of all parts and keys, by ids that translations share."""
    made = {f"file.{each.name}": _described(each) for each in (REMOVAL, ON)}
    for cls in parts_of(root):
        # the summary of a class is the description of its table
        made[id_of_description(cls)] = (getdoc(cls) or "").partition("\n\n")[0]
        for each in in_file(cls):
            field = keys_of(cls).get(each.name)
            made[id_of_description(cls, each.name)] = _described(each, field)
    return made


def _described(each: Key, field: attrs.Attribute[Any] | None = None) -> str:
    """Return the description of a key: its meaning, its words, its default."""
    words = "; ".join(f'"{word}": {meaning}' for word, meaning in each.words.items())
    default = each.default if field is None else default_in_file(field)
    sentences = (each.doc, words and f"{words}.", default and f"Default: {default}.")
    return " ".join(filter(None, sentences))


def default_in_file(field: attrs.Attribute[Any]) -> str:
    """Return the default of a key, as a file has it or in words; empty if there is none.

    >>> from kpirules.model.rubric import Criterion
    >>> [default_in_file(keys_of(Criterion)[name]) for name in ("missing", "scored", "scale")]
    ['"error"', 'true', 'the weight']
    """
    value, each = field.default, of_field(field)
    if each.default or each.stated or value in (attrs.NOTHING, None, ()):
        return each.default
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


#: keys that a location by ids omits, because the id of the part follows
SILENT: Final = frozenset({"criterion"})


def place_of(rubric: object, path: Path) -> str:
    """Format a location by ids: ``section.ability.skill.bands[1]``, ``tier.good``."""
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
            if step not in SILENT:
                parts.append(step)
    return ".".join(parts)


def _child(at: Any, key: str) -> Any:  # noqa: ANN401 - any part of the model
    """Return the part of the model under a key of the file."""
    if is_tuple(at):
        return next((item for item in at if getattr(item, "name", None) == key), None)
    name = _names_of(at.__class__).get(key, key)
    return getattr(at, name, None)


@cache
def _names_of(cls: type) -> dict[str, str]:
    """Return the field names of a class by their keys."""
    return {of_field(field).name: field.name for field in fields_of(cls)}
