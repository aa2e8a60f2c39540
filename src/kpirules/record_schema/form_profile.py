"""The schema of a form: a record in JSON's own types, as generators of forms draw it.

Generators draw ``anyOf`` and ``oneOf`` of a record as one choice for the whole form, or not at all.
So alternatives are written with ``if`` and ``then``: a validator accepts the same records, and a
generator draws what ``then`` requires.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.arithmetic.range import Range
from kpirules.record_schema.constraints import Demands
from kpirules.record_schema.form_layout import layout_of
from kpirules.record_schema.json_logic import Demand, any_of, negated, number_schema


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.record_schema.form_fields import Schema
    from kpirules.record_schema.form_layout import FormLayout, LayoutLine

#: the dialect that the validators of generators read without an option
_DIALECT = "http://json-schema.org/draft-07/schema#"


class _FormDemands(Demands):
    """What a record of a form must hold: a missing value is absent, each name has one spelling."""

    def __init__(self, plan: Plan, fields: frozenset[str]) -> None:
        super().__init__(plan)
        self.defs.clear()
        self.fields = fields

    def spellings(self, name: str) -> Iterator[Demand]:
        """Yield the demand that a field is given; the ratings of several raters are nested."""
        c = self.plan.rated.get(name)
        if name in self.fields and c is not None and c.raters:
            inner = {"required": [name.removeprefix(f"{c.id}.")]}
            yield {"required": [c.id], "properties": {c.id: inner}}
        elif name in self.fields:
            yield {"required": [name]}

    def twice(self, name: str) -> Demand:  # noqa: ARG002 - no name has two spellings
        """Return that no rating is given twice."""
        return False

    def within(self, c: CompiledCriterion, limits: Schema) -> Demand:
        """Demand limits of the ratings of a criterion, if they are fields."""
        every = {name.removeprefix(f"{c.id}."): limits for name in c.rating_names}
        if self.fields.isdisjoint(c.rating_names):
            return True
        return {"properties": {c.id: {"properties": every}} if c.raters else every}

    def match(self, name: str, entry: object) -> Demand:
        """Demand that the value of an input is one that an entry takes."""
        if isinstance(entry, Range):
            return {"properties": {name: number_schema(entry, None)}}
        return {"properties": {name: {"const": entry}}}


def form_schema(plan: Plan, lang: str) -> Schema:
    """Return the schema of the form of a plan."""
    layout = layout_of(plan, lang)
    schema: Schema = {
        "$schema": _DIALECT,
        "title": layout["title"],
        "type": "object",
        "properties": _properties(layout),
        "additionalProperties": False,
        "x-rubric": layout["rubric"],
        "x-sections": [
            {"id": section["id"], "title": section["label"]}
            for section in layout["sections"]
            if section["id"] is not None
        ],
        "x-alternatives": [
            {"criterion": line["criterion"], "oneOf": [line["facts"], line["ratings"]]}
            for section in layout["sections"]
            for line in section["lines"]
            if line["alternative"]
        ],
    }
    fields = frozenset(f["name"] for section in layout["sections"] for f in section["fields"])
    demands = _FormDemands(plan, fields)
    demanded = _drawn(demands.all())
    defs = {name: _drawn(each) for name, each in demands.defs.items()}
    others: list[Demand] = []
    for each in _each(demanded, defs):
        if isinstance(each, dict) and "required" in each:
            _require(schema, each)
        else:
            others.append(each)
    only = others[0] if len(others) == 1 else None
    if isinstance(only, dict) and "properties" not in only:
        schema |= only
    elif others:
        # JSON Forms draws a record with "allOf" as one value
        schema |= {"if": True, "then": {"allOf": others}}
    if defs:
        schema["$defs"] = defs
    if demands.unsaid:
        schema["x-unsaid"] = list(demands.unsaid)
    return schema


def _properties(layout: FormLayout) -> Schema:
    """Return the schemas of all fields; those of several raters in an object of the criterion."""
    properties: Schema = {}
    for section in layout["sections"]:
        lines = {line["criterion"]: line for line in section["lines"]}
        for field in section["fields"]:
            line = None if field["criterion"] is None else lines[field["criterion"]]
            about = _about(section["id"], line)
            first, *rest = field["path"]
            if not rest:
                properties[first] = field["schema"] | about
                continue
            group: Schema = {
                **({"title": lines[first]["label"]} if first in lines else {}),
                **about,
                "type": "object",
                "properties": {},
            }
            closed = {"minProperties": 1, "additionalProperties": False}
            made = properties.setdefault(first, group | closed)
            made["properties"][rest[0]] = field["schema"] | about
    return properties


def _about(section: str | None, line: LayoutLine | None) -> Schema:
    """Return what a property belongs to."""
    about: Schema = {"x-section": section}
    if line is not None:
        about |= {"x-criterion": line["criterion"], "x-standard": line["standard"]}
        about |= {"x-target": line["target"], "x-data-source": line["data_source"]}
    return {key: value for key, value in about.items() if value is not None}


def _drawn(demand: Demand) -> Demand:
    """Return the same demand without ``anyOf`` outside of ``if`` and ``not``."""
    match demand:
        case {"allOf": every}:
            return {"allOf": [_drawn(each) for each in every]}
        case {"anyOf": [first, *others]}:
            return {"if": negated(any_of(others)), "then": _drawn(first)}
        case {"if": condition, "then": then}:
            return {"if": condition, "then": _drawn(then)}
        case _:
            return demand


def _each(demand: Demand, defs: Mapping[str, Demand]) -> Iterator[Demand]:
    """Yield the demands of which all must hold, each definition once."""
    rest, seen = [demand], set[str]()
    while rest:
        match rest.pop():
            case True:
                pass
            case {"allOf": every}:
                rest += reversed(every)
            case {"$ref": ref}:
                name = ref.removeprefix("#/$defs/").replace("%20", " ")
                rest += () if name in seen else (defs[name],)
                seen.add(name)
            case each:
                yield each


def _require(schema: Schema, demand: Schema) -> None:
    """Add what must be present to a schema, and to those of its properties."""
    required: list[str] = schema.setdefault("required", [])
    required += [name for name in demand["required"] if name not in required]
    for name, inner in demand.get("properties", {}).items():
        _require(schema["properties"][name], inner)
