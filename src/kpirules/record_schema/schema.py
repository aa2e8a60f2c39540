"""What a record may hold, as JSON Schema: each input and rating, its label, its allowed values.

An application draws its form from it. What a record *must* hold is in
:mod:`kpirules.record_schema.constraints`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from kpirules.api.programs import program_of
from kpirules.arithmetic.number import LIMIT
from kpirules.compiler.domains import MAX_TEXT, axis_of, described
from kpirules.compiler.plan import Plan
from kpirules.evaluation.labels import named
from kpirules.evaluation.list_items import MAX_ITEMS
from kpirules.evaluation.record import MAX_REMARK
from kpirules.model.demotions import DEMOTED, demotions
from kpirules.model.rubric import Rubric
from kpirules.record_schema.constraints import Demands
from kpirules.record_schema.form_profile import form_schema
from kpirules.record_schema.json_logic import (
    blanks,
    in_decimals,
    in_json,
    number_schema,
    pattern_of,
)
from kpirules.translations.catalog import template


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.model.rubric import Input
    from kpirules.translations.message import ByLanguage


#: a JSON Schema
Schema: TypeAlias = "dict[str, Any]"

#: of more ratings than these, none is listed
MAX_LISTED = 101
#: for whom a schema is: for those who check any record, or for generators of forms
Profile: TypeAlias = Literal["strict", "form"]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def ratings_schema(rubric: Rubric, *, lang: str = "en", profile: Profile = "strict") -> Schema:
    """Return the JSON Schema (2020-12) of the records that :func:`~kpirules.evaluate` takes.

    The schema has one property for each input and each rating, in the form's order: ``title`` is
    its label in ``lang``, ``description`` names its allowed values, ``default`` is the value if it
    is missing. The options of a choice are the constants of its ``anyOf``; the ratings of a
    criterion are its ``examples`` if there are few. ``x-kind`` tells a form what to draw:
    ``count``, ``number``, ``choice``, ``flag``, ``list``, ``rating`` or ``remark``; ``x-section``
    and ``x-criterion`` name the line of the form, and ``x-sections`` lists the sections by id and
    title. An input that is gathered from earlier results is ``readOnly``. A rating with
    ``x-computed`` follows from facts or is ignored: a form leaves it out.

    ``profile="form"`` returns a schema (draft 7) that generators of forms draw, such as
    react-jsonschema-form and JSON Forms: each property has one type, limits and steps, or ``oneOf``
    with constants and titles; ratings of several raters are an object of their criterion. Its
    properties are in the order of :func:`~kpirules.form_layout`. A rating that is instead of facts
    is a property as well: ``x-alternatives`` lists both groups, and the facts are required only as
    long as the rating is missing. ``evaluate`` accepts each valid record, but for what ``x-unsaid``
    names and numbers of more than 18 decimals. It accepts other spellings too, which are not valid:
    numbers as text, labels of options, words and numbers for flags, null or a text for a missing
    value, a dot in the name of a rating; and ratings that are ignored (of weight 0) or that can
    only repeat what the rules fix.

    By the strict profile, a record is valid exactly if ``evaluate`` takes it, but for what JSON
    Schema cannot express: numbers written as text (``"7"``, ``"95%"``), other spellings of options
    and flags (a label, ``"yes"``, 1), and a rating given twice, with dots and nested, with one
    value, all of which ``evaluate`` takes as well; numbers of more than 18 decimals; and what
    ``x-unsaid`` names for this rubric, for which ``evaluate`` may reject a valid record. Steps such
    as 0.1 are exact only if numbers are read as decimals (``json.loads(text,
    parse_float=Decimal)``).

    Raises :class:`~kpirules.errors.RulesetError` for an unsound rubric; ``ValueError`` for an
    unknown profile.

    >>> from kpirules import load, ratings_schema
    >>> schema = ratings_schema(load("customer-service"))
    >>> schema["properties"]["late"]["title"], schema["properties"]["skill"]["description"]
    ('Late arrivals and missed clock-ins', '0, 1, 3 to 10')
    >>> form = ratings_schema(load("customer-service"), profile="form")
    >>> form["properties"]["duty"]["type"], form["properties"]["duty"]["oneOf"][0]
    ('string', {'const': 'met', 'title': 'Done as required'})
    """
    if profile not in get_args(Profile):
        raise ValueError(f'profile is "strict" or "form", not {profile!r}')
    program_of(rubric)
    plan = Plan(rubric)
    if profile == "form":
        return form_schema(plan, lang)
    demands = Demands(plan)
    demanded = demands.all()
    properties: Schema = {}
    for fact in plan.scope.inputs.values():
        properties[fact.name] = _of_input(fact, lang, plan.scope.labels)
    properties |= _of_demotions(rubric, properties)
    for c in plan.criteria:
        properties |= _of_criterion(c, rubric, lang)
    schema: Schema = {
        "$schema": _DIALECT,
        "title": named(rubric.label, rubric.id, lang),
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "x-rubric": rubric.id,
        "x-sections": [
            {"id": part.id, "title": named(part.label, part.id, lang)} for part in rubric.sections
        ],
    }
    if demanded is False:  # pragma: no cover - a rubric that takes no record
        schema["not"] = {}
    elif demanded is not True:
        schema["allOf"] = demanded["allOf"] if demanded.keys() == {"allOf"} else [demanded]
    if demands.unsaid:
        schema["x-unsaid"] = list(demands.unsaid)
    schema["$defs"] = demands.defs
    return schema


def _of_demotions(rubric: Rubric, properties: Schema) -> Schema:
    """Return the schema of the flags of quotas written nested."""
    flags = {flag.quota.id: properties[flag.name] for flag in demotions(rubric)}
    if not flags:
        return {}
    nested = {"type": "object", "properties": flags, "minProperties": 1}
    return {DEMOTED: {**nested, "additionalProperties": False}}


def _of_input(fact: Input, lang: str, labels: Mapping[str, ByLanguage]) -> Schema:
    """Return the schema of an input."""
    made: Schema = {
        "title": named(fact.label, fact.name, lang),
        "description": described(fact, labels).text(lang),
        "x-kind": "list" if fact.many else fact.type,
    }
    if fact.unit is not None:
        made["x-unit"] = fact.unit.get(lang)
    if fact.origin is not None:
        made["readOnly"] = True
    if fact.assumed is not None:
        made["default"] = in_json(fact.assumed)
    if fact.many:
        taken: Schema = {"type": ["array", "string", "null"], "items": _item(fact, lang)}
        return {**made, **taken, "maxItems": MAX_ITEMS, "pattern": blanks()}
    if fact.type == "flag":
        words = ("[tT][rR][uU][eE]", "[fF][aA][lL][sS\u017f][eE]")
        return {**made, "type": ["boolean", "string", "null"], "pattern": blanks(*words)}
    if fact.type == "text":
        return {**made, "type": ["string", "null"], "maxLength": MAX_TEXT}
    if fact.type == "choice":
        codes = [o.code for o in fact.options if o.code == o.code.strip()]
        texts = {o.code: o.label for o in fact.options}
        consts = [{"const": code, "title": named(texts[code], code, lang)} for code in codes]
        made |= {"type": ["string", "null"], "pattern": blanks(*map(pattern_of, codes))}
        # the last takes what the pattern takes besides: blanks around a code, and what is missing
        return {**made, "anyOf": [*consts, {}]}
    return {**made, "type": ["number", "string", "null"], **_number(fact), "pattern": blanks()}


def _number(fact: Input) -> Schema:
    """Return the limits of the numbers of an input."""
    axis = axis_of(fact)
    limits: Schema = {"exclusiveMinimum": -LIMIT, "exclusiveMaximum": LIMIT}
    return limits | number_schema(axis.domain, axis.step)


def _item(fact: Input, lang: str) -> Schema:
    """Return the schema of the items of a list."""
    if fact.type == "flag":
        return {"type": "boolean"}
    if fact.type == "choice":
        consts = [
            {"const": option.code, "title": named(option.label, option.code, lang)}
            for option in fact.options
        ]
        return {"anyOf": consts}
    return {"type": "number", **_number(fact)}


def _of_criterion(c: CompiledCriterion, rubric: Rubric, lang: str) -> Schema:
    """Return the schemas of a criterion's rating, or of each rater's."""
    title = named(c.criterion.label, c.id, lang)
    about: Schema = {"title": title, "x-criterion": c.id}
    if c.section is not None:
        about["x-section"] = c.section.id
    if c.is_remark:
        kind = {"x-kind": "remark", "type": ["string", "null"], "maxLength": MAX_REMARK}
        return {c.id: {**about, **kind}}
    if c.is_weightless or not c.is_judged:
        about["x-computed"] = True
    rating = {**about, **_rating(c, lang)}
    if not c.raters:
        return {c.id: rating}
    names = {r.name: named(r.label, r.name, lang) for r in rubric.raters}
    colon = template("result.colon", lang)
    each = {name: {**rating, "title": f"{title}{colon}{said}"} for name, said in names.items()}
    flat = {f"{c.id}.{name}": schema for name, schema in each.items()}
    # the same written nested; a form draws one of the two
    nested = {"type": "object", "properties": each, "minProperties": 1}
    return {**flat, c.id: {**about, **nested, "additionalProperties": False}}


def _rating(c: CompiledCriterion, lang: str) -> Schema:
    """Return the schema of a rating."""
    made: Schema = {"x-kind": "rating"}
    if c.is_weightless:
        # it is left out, and whatever is given for it is ignored
        return {**made, "description": template("sheet.left-out", lang)}
    made["description"] = c.allowed_ratings.text(lang)
    step = c.step if c.is_judged else None
    spans = [number_schema(span, None) for span in c.admissible]
    if not c.is_judged:
        spans = [number_schema(*in_decimals(part.span, part.step)) for part in c.allowed.parts]
    made |= {"type": ["number", "string", "null"], "pattern": blanks()}
    made |= number_schema(None, step)
    made |= {"exclusiveMinimum": -LIMIT, "exclusiveMaximum": LIMIT}
    made["anyOf"] = spans
    listed = c.some_allowed(MAX_LISTED)
    if listed:
        made["examples"] = [in_json(number) for number in listed]
    return made
