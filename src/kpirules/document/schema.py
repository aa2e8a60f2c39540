"""The JSON Schema of ruleset files, for editors: made from the model, and checked in.

``python -m kpirules.document.schema > src/kpirules/ruleset.schema.json`` writes it anew. It says
what can be said of one value at a time. What it leaves to ``kpirules check``: names that nothing
declares, ids that are there twice, ranges that are empty, numbers of more than 18 digits, formulas,
and whether the scheme is sound.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from kpirules import model
from kpirules.document.structure import keys_of, types_of
from kpirules.document.wording import WORDS
from kpirules.model import NAMED, Quantity, Text, When
from kpirules.ranges import Range
from kpirules.trees import fields_of
from kpirules.values import AtLeast


#: where the schema is checked in, inside the package
FILE = Path(__file__).parents[1] / "ruleset.schema.json"

_DIGIT = "[0-9\uff10-\uff19]"
_POINT = "[.\uff0e]"
_NUMBER = rf"[-+\uff0d\uff0b]?({_DIGIT}+({_POINT}{_DIGIT}+)?|{_POINT}{_DIGIT}+)"
_BELOW, _ABOVE = "[<\uff1c]", "[>\uff1e]"
_OR_EQUAL = "[=\uff1d]"
_ONE_SIDE = rf"({_ABOVE}{_OR_EQUAL}?|{_BELOW}{_OR_EQUAL}?|\u2265|\u2264)\s*{_NUMBER}"
_BETWEEN = rf"({_ABOVE}\s*)?{_NUMBER}\s*{_POINT}{{2}}\s*({_BELOW}\s*)?{_NUMBER}"
#: range texts, as far as a pattern can tell
RANGE = rf"^\s*(any|{_ONE_SIDE}|{_BETWEEN})\s*$"

_ID = "^[A-Za-z_][A-Za-z0-9_]*$"
_HYPHENED = "^[A-Za-z_-][A-Za-z0-9_-]*$"
_TAG = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
#: a date, as TOML tools hand it to a schema
_DATE = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


_SCALAR = {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}
#: definitions that are no class of the model
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
        "description": WORDS["Rubric"]["extends"],
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "required": ["id"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "description": WORDS["Rubric"]["extends"]},
                    "on": {**_DATE, "description": WORDS["File"]["on"]},
                },
            },
        ],
    },
}

_NUMBER_OR_TEXT = {"anyOf": [{"type": "number"}, {"type": "string"}]}
_NUMBER_OR_RANGE = {"anyOf": [{"type": "number"}, _ref("range")]}
#: keys that their type alone does not tell
_SPECIAL: dict[tuple[str, str], dict[str, Any]] = {
    ("Rubric", "id"): {"type": "string", "pattern": _HYPHENED},
    ("Rubric", "schema"): {"const": 1},
    ("Rubric", "currency"): {"type": "string", "pattern": "^[A-Z]{3}$"},
    ("Tier", "id"): {"type": "string", "pattern": _HYPHENED},
    ("Tier", "total"): {
        "anyOf": [*_NUMBER_OR_RANGE["anyOf"], {"type": "array", "items": _NUMBER_OR_RANGE}]
    },
    ("Section", "id"): {"type": "string", "pattern": _ID},
    ("Criterion", "id"): {"type": "string", "pattern": _ID},
    ("Adjustment", "id"): {"type": "string", "pattern": _ID},
    ("Input", "options"): {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": _ref("label")},
        ]
    },
    ("Example", "ratings"): _ref("record"),
    ("Example", "expect"): _ref("record"),
}
#: parts that may be taken out of a rubric that is extended, with the key that is their id
_REMOVABLE = {
    "Section": "id",
    "Criterion": "id",
    "Adjustment": "id",
    "Tier": "id",
    "Ruling": "clause",
    "Input": "",
    "Derived": "",
    "Rater": "",
    "BandTable": "",
    "Outcome": "",
}


def ruleset_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a ruleset file."""
    named = (name for name in WORDS if name not in ("File", "Quantity", "Rubric"))
    classes: list[type] = [getattr(model, name) for name in named]
    defs = dict(_DEFS)
    required: dict[str, Any] = {}
    for cls in classes:
        made, needs = _table(cls)
        defs[cls.__name__] = made
        if needs:
            required[cls.__name__] = needs
    top, _ = _table(model.Rubric)
    properties: dict[str, Any] = {}
    for key, schema in top["properties"].items():
        properties[key] = schema
        if key == "effective_until":
            properties["extends"] = _told(WORDS["Rubric"]["extends"], _DEFS["extends"])
        if key == "raters":
            properties["defaults"] = _ref("defaults")
    keys = {k: v for k, v in defs["Criterion"]["properties"].items() if k not in ("id", "remove")}
    words = {"description": WORDS["Rubric"]["defaults"], "type": "object"}
    defs["defaults"] = {**words, "additionalProperties": False, "properties": keys}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kpirules ruleset",
        "description": WORDS["Rubric"][""],
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", "id"],
        "properties": properties,
        # a part of a file that extends another need say only what is different
        "if": {"not": {"required": ["extends"]}},
        "then": {"properties": _whole(required)},
        "$defs": dict(sorted(defs.items())),
    }


def _table(cls: Any) -> tuple[dict[str, Any], list[str]]:  # noqa: ANN401 - a class of any kind
    """Give the schema of a class's table, and the keys that it needs beside its id."""
    kinds = types_of(cls)
    name = cls.__name__
    words = {**(WORDS["Quantity"] if issubclass(cls, Quantity) else {}), **WORDS[name]}
    types = {field.name: field for field in fields_of(cls)}
    properties: dict[str, Any] = {}
    needs: list[str] = []
    for key, field in keys_of(cls).items():
        schema = _SPECIAL.get((name, key)) or _bounded(_schema_of(kinds[field]), types[field])
        properties[key] = _told(words[key], schema)
        if types[field].default is attrs.NOTHING:
            needs.append(key)
    made: dict[str, Any] = {"description": words[""], "type": "object"}
    own = _REMOVABLE.get(name)
    ids = [own] if own else [key for key in needs if key in ("id", "name")]
    if own is not None:
        properties["remove"] = {"description": WORDS["File"]["remove"], "const": True}
    if name in ("Rounding", "Gate"):
        # no part that is merged key by key, or one that is written whole
        ids, needs = ([*needs], []) if name == "Gate" else (["to", "mode"], [])
    if ids:
        made["required"] = ids
    made |= {"additionalProperties": False, "properties": properties}
    rest = [key for key in needs if key not in ids]
    if cls is model.Rater:
        return {"anyOf": [{"type": "number"}, made]}, rest
    return made, rest


def _told(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Say what a key means.

    taplo shows the description of what a reference names rather than the one beside it; and of
    alternatives all that there are, one below the other: so the first of them has the key's own.
    """
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    made: dict[str, Any] = {**_DEFS.get(name, schema), "description": words}
    if "anyOf" in made:
        del made["description"]
        alternatives: list[dict[str, Any]] = made["anyOf"]
        first, *rest = [_DEFS.get(str(e.get("$ref", ""))[8:], e) for e in alternatives]
        silent = [{k: v for k, v in each.items() if k != "description"} for each in rest]
        made["anyOf"] = [_told(words, first), *silent]
    return made


def _schema_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a type of any kind; one case each
    """Give the schema of a field's type."""
    options = [o for o in get_args(kind) if o is not type(None)]
    if get_origin(kind) in (Union, UnionType):
        if len(options) == 1:
            return _schema_of(options[0])
        return {"anyOf": [_schema_of(each) for each in options]}
    if get_origin(kind) is Literal:
        return {"enum": options}
    if get_origin(kind) is tuple:
        item = options[0]
        if item in NAMED:
            each = _ref(item.__name__)
            names = {"pattern": _ID}
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


def _whole(required: dict[str, list[str]]) -> dict[str, Any]:
    """Give what a file needs that extends no other, by the key of the parts."""
    keys = {"inputs": "Input", "raters": "Rater", "bands": "BandTable", "ruling": "Ruling"}
    made: dict[str, Any] = {}
    for key, name in keys.items():
        needs: dict[str, Any] = {"required": required[name]}
        if name == "Rater":
            needs = {"if": {"type": "object"}, "then": needs}
        made[key] = {"items": needs} if key == "ruling" else {"additionalProperties": needs}
    return made


def schema_text() -> str:
    """Give the schema that is checked in, as text."""
    return FILE.read_text(encoding="utf-8")


def main() -> None:
    """Write the schema to standard output."""
    json.dump(ruleset_schema(), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
