"""The JSON Schema of ruleset files, for editors: generated from the model, and checked in.

``python -m kpirules.toml.json_schema > src/kpirules/ruleset.schema.json`` regenerates it. It
describes single values. ``kpirules check`` reports the rest: undeclared names, duplicate ids, empty
ranges, numbers of more than 18 digits, formulas, and unsound schemes.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from kpirules.arithmetic.range import Range
from kpirules.model.curves import MAX_POINTS, MIN_POINTS, Point
from kpirules.model.language import (
    ON,
    REMOVAL,
    bare_of,
    descriptions,
    header_of,
    id_of,
    id_of_description,
    in_file,
    items_of,
    keys_of,
    of_field,
    parts_of,
    ranks,
    required,
    types_of,
)
from kpirules.model.quantity import Cells
from kpirules.model.rubric import Option, Rubric, Text, When
from kpirules.model.values import AtLeast
from kpirules.model.vocabulary import NAME


if TYPE_CHECKING:
    import attrs


#: the path of the checked-in schema, inside the package
FILE = Path(__file__).parents[1] / "ruleset.schema.json"

_DIGIT = "[0-9\uff10-\uff19]"
_POINT = "[.\uff0e]"
_NUMBER = rf"[-+\uff0d\uff0b]?({_DIGIT}+({_POINT}{_DIGIT}+)?|{_POINT}{_DIGIT}+)"
_BELOW, _ABOVE = "[<\uff1c]", "[>\uff1e]"
_OR_EQUAL = "[=\uff1d]"
_ONE_SIDE = rf"({_ABOVE}{_OR_EQUAL}?|{_BELOW}{_OR_EQUAL}?|\u2265|\u2264)\s*{_NUMBER}"
_BETWEEN = rf"({_ABOVE}\s*)?{_NUMBER}\s*{_POINT}{{2}}\s*({_BELOW}\s*)?{_NUMBER}"
#: the pattern of ranges, which is more tolerant than their parser
RANGE = rf"^\s*(any|{_ONE_SIDE}|{_BETWEEN})\s*$"

_TAG = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
#: a date, in the form in which TOML tools pass it to a schema
_DATE = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


_EXTENDS = descriptions(Rubric)["rubric.extends"]
_SCALAR = {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}
#: definitions that are not classes of the model
_DEFS: dict[str, dict[str, Any]] = {
    "label": {
        "description": 'A text, or a table of texts by language: { zh = "...", en = "..." }.',
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "propertyNames": {"pattern": _TAG},
                "additionalProperties": {"type": "string"},
                "minProperties": 1,
            },
        ],
    },
    "range": {
        "description": 'A range: "3..7", ">= 3", "> 3", "<= 3", "< 3", "80 .. < 90", "any".',
        "type": "string",
        "pattern": RANGE,
    },
    "entry": {
        "description": (
            'A number, a range such as ">= 3", an option, true or false, "missing", '
            "or a list of these."
        ),
        "anyOf": [*_SCALAR["anyOf"], {"type": "array", "minItems": 1, "items": _SCALAR}],
    },
    "conditions": {
        "description": "Names with their entries, all of which must hold.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [_ref("entry"), _ref("conditions")]},
    },
    "when": {
        "description": (
            "A table of names and entries, all of which must hold; one entry, "
            'with "of"; or "otherwise".'
        ),
        "anyOf": [_ref("conditions"), _ref("entry")],
    },
    "record": {
        "description": "Names with their values; dotted names may be written nested.",
        "type": "object",
        "additionalProperties": {
            "anyOf": [
                *_SCALAR["anyOf"],
                {"type": "array", "items": {}},
                _ref("record"),
            ]
        },
    },
    "extends": {
        "description": _EXTENDS,
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "required": ["id"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "description": _EXTENDS},
                    "on": {**_DATE, "description": ON.doc},
                },
            },
        ],
    },
}

_NUMBER_OR_RANGE = {"anyOf": [{"type": "number"}, _ref("range")]}
#: lists with another notation in a file, by the type of their items
_LISTS: dict[Any, dict[str, Any]] = {
    tuple: _ref("record"),
    Option: {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": _ref("label")},
        ]
    },
    # entries of a condition
    UnionType: _ref("entry"),
    Point: {
        "type": "array",
        "minItems": MIN_POINTS,
        "maxItems": MAX_POINTS,
        "items": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {"anyOf": [{"type": "number"}, {"type": "string"}]},
        },
    },
    Range: {"anyOf": [*_NUMBER_OR_RANGE["anyOf"], {"type": "array", "items": _NUMBER_OR_RANGE}]},
}


def ruleset_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a ruleset file."""
    defs = dict(_DEFS)
    needs: dict[str, dict[str, Any]] = {}
    for cls in parts_of(Rubric)[1:]:
        defs[cls.__name__] = _table(cls)
    for key in keys_of(Rubric):
        whole = _whole(items_of(Rubric, key))
        if whole:
            needs[key] = whole
    properties: dict[str, Any] = {}
    for each in in_file(Rubric):
        field = keys_of(Rubric).get(each.name)
        properties[each.name] = _ref("defaults") if field is None else _property(Rubric, field)
    properties["extends"] = _with_description(_EXTENDS, _DEFS["extends"])
    keys = {k: v for k, v in defs["Criterion"]["properties"].items() if k not in ("id", "remove")}
    words = {"description": _description_of(Rubric, "defaults"), "type": "object"}
    defs["defaults"] = {**words, "additionalProperties": False, "properties": keys}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kpirules ruleset",
        "description": _description_of(Rubric),
        "type": "object",
        "additionalProperties": False,
        "required": sorted(required(Rubric), key=ranks(Rubric).__getitem__),
        "properties": properties,
        # a part of a file that extends another may state only the differences
        "if": {"not": {"required": ["extends"]}},
        "then": {"properties": needs},
        "$defs": dict(sorted(defs.items())),
    }


def _description_of(cls: type, key: str = "") -> str:
    """Return the description of a class's table, or of a key of it."""
    return descriptions(Rubric)[id_of_description(cls, key)]


def _property(cls: type, field: attrs.Attribute[Any]) -> dict[str, Any]:
    """Return the schema of a key of a class's table."""
    key = of_field(field)
    schema = _bounded(_schema_of(types_of(cls)[field.name]), field)
    if key.pattern is not None:
        schema = {"type": "string", "pattern": f"^{key.pattern.pattern}$"}
    if key.stated:
        schema = {"const": field.default}
    return _with_description(_description_of(cls, key.name), schema)


def _names(cls: type) -> list[str]:
    """Return the keys that identify a part of a class among the others.

    A part with an id, or with a name in its header, may omit other keys: it may change another
    part.
    """
    own = [id_of(cls)] if id_of(cls) else []
    return own if own or header_of(cls) else list(required(cls))


def _table(cls: type) -> dict[str, Any]:
    """Return the schema of a class's table."""
    properties = {key: _property(cls, field) for key, field in keys_of(cls).items()}
    if id_of(cls) or header_of(cls):
        properties[REMOVAL.name] = {"description": REMOVAL.doc, "const": True}
    made: dict[str, Any] = {"description": _description_of(cls), "type": "object"}
    if _names(cls):
        made["required"] = _names(cls)
    made |= {"additionalProperties": False, "properties": properties}
    return made if bare_of(cls) is None else {"anyOf": [{"type": "number"}, made]}


def _with_description(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Add the description of a key.

    taplo shows the description of a reference's target instead of the one beside the reference; and
    of alternatives all descriptions, one below the other: so the first one has the key's own.
    """
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    made: dict[str, Any] = {**_DEFS.get(name, schema), "description": words}
    if "anyOf" in made:
        del made["description"]
        alternatives: list[dict[str, Any]] = made["anyOf"]
        first, *rest = [_DEFS.get(str(e.get("$ref", ""))[8:], e) for e in alternatives]
        silent = [{k: v for k, v in each.items() if k != "description"} for each in rest]
        made["anyOf"] = [_with_description(words, first), *silent]
    return made


def _schema_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a type of any kind; one case each
    """Return the schema of a field's type."""
    options = [o for o in get_args(kind) if o is not type(None)]
    if get_origin(kind) in (Union, UnionType):
        every = [_schema_of(each) for each in options if each is not Cells]
        if len(every) < len(options):
            each = every[0] if len(every) == 1 else {"anyOf": every}
            cells = {"type": "object", "minProperties": 1, "additionalProperties": each}
            every = [*every, cells]
        return every[0] if len(every) == 1 else {"anyOf": every}
    if get_origin(kind) is Literal:
        return {"enum": options}
    if get_origin(kind) is tuple:
        item = options[0]
        listed = _LISTS.get(get_origin(item) or item)
        if listed is not None:
            return listed
        if header_of(item):
            each = _ref(item.__name__)
            names = {"pattern": f"^{NAME.pattern}$"}
            return {"type": "object", "propertyNames": names, "additionalProperties": each}
        return {"type": "array", "items": _schema_of(item)}
    simple: dict[Any, dict[str, Any]] = {
        str: {"type": "string"},
        bool: {"type": "boolean"},
        int: {"type": "integer", "minimum": 0},
        Decimal: {"type": "number"},
        date: _DATE,
        Text: _ref("label"),
        Range: _ref("range"),
        When: _ref("when"),
    }
    return simple[kind] if kind in simple else _ref(kind.__name__)


def _bounded(schema: dict[str, Any], field: attrs.Attribute[Any]) -> dict[str, Any]:
    """Add the bound of a field's numbers to its schema."""
    bound = field.validator
    if not isinstance(bound, AtLeast):
        return schema
    key = "exclusiveMinimum" if bound.above else "minimum"
    each = [
        {**one, key: bound.least} if one.get("type") in ("number", "integer") else one
        for one in schema.get("anyOf", [schema])
    ]
    return {"anyOf": each} if "anyOf" in schema else each[0]


def _whole(cls: type | None) -> dict[str, Any]:
    """Return the required keys of each part under a key in a file that extends no other."""
    rest = [] if cls is None else [key for key in required(cls) if key not in _names(cls)]
    if cls is None or not rest:
        return {}
    needs: dict[str, Any] = {"required": rest}
    if bare_of(cls) is not None:
        needs = {"if": {"type": "object"}, "then": needs}
    return {"additionalProperties": needs} if header_of(cls) else {"items": needs}


def schema_text() -> str:
    """Return the text of the checked-in schema."""
    return FILE.read_text(encoding="utf-8")


def main() -> None:
    """Write the schema to standard output."""
    json.dump(ruleset_schema(), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
