"""The fields of a form: one for each input and rating that a person may fill in, with its schema.

A field's schema uses only what generators of forms draw: one type, limits and steps of numbers, and
``oneOf`` with constants and titles. ``not`` is drawn by none, and checked by all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.number import LIMIT
from kpirules.arithmetic.range import numbers_of
from kpirules.compiler.domains import MAX_TEXT, axis_of, axis_of_domain, described
from kpirules.evaluation.labels import named
from kpirules.evaluation.list_items import MAX_ITEMS
from kpirules.evaluation.record import MAX_REMARK, is_missing
from kpirules.record_schema.json_logic import (
    Demand,
    any_of,
    in_decimals,
    in_json,
    negated,
    number_schema,
)
from kpirules.translations.catalog import template
from kpirules.translations.message import Joined, Message, shown


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.model.rubric import Input, Rater, Text
    from kpirules.translations.message import ByLanguage, Named

#: a JSON Schema
Schema: TypeAlias = "dict[str, Any]"


class LayoutField(TypedDict):
    """A field of a form: an input, a rating or a remark."""

    #: its name in problems and results: ``late``, ``skill``, ``skill.lead``
    name: str
    #: the keys under which its value lies in the record: ``["skill", "lead"]``
    path: list[str]
    label: str
    #: ``count``, ``number``, ``choice``, ``flag``, ``list``, ``rating`` or ``remark``
    kind: str
    unit: str | None
    #: its allowed values, for people
    description: str
    #: the criterion beside which it is drawn; None beside none
    criterion: str | None
    #: its schema in ``ratings_schema(rubric, profile="form")``
    schema: dict[str, Any]


def input_field(fact: Input, lang: str, labels: Mapping[str, ByLanguage]) -> LayoutField:
    """Return the field of an input; ``labels``: those of the names of its ruleset."""
    schema = _value_of(fact, lang)
    if fact.origin is not None:
        schema["readOnly"] = True
    if fact.assumed is not None:
        schema["default"] = in_json(fact.assumed)
    label = named(fact.label, fact.name, lang)
    return _field(
        tuple(fact.name.split(".")),
        label,
        "list" if fact.many else fact.type,
        described(fact, labels).text(lang),
        schema,
        unit=None if fact.unit is None else fact.unit.get(lang),
        title=label if fact.unit is None else _with_unit(label, fact.unit, lang),
    )


def rating_fields(
    c: CompiledCriterion, raters: Sequence[Rater], facts: Sequence[Named], lang: str
) -> Iterator[LayoutField]:
    """Yield the fields of a criterion: a rating, one for each rater, or a remark.

    A rating is instead of ``facts`` if there are some. A criterion whose points depend on nothing,
    or that is left out, has no field.
    """
    label = named(c.criterion.label, c.id, lang)
    if c.is_remark:
        schema: Schema = {"type": "string", "maxLength": MAX_REMARK}
        about = Message.of("allowed.remark", max_length=MAX_REMARK).text(lang)
        yield _field((c.id,), label, "remark", about, schema)
        return
    if c.is_weightless or not (c.is_judged or c.needs):
        return
    texts = (c.criterion.standard, _levels(c))
    allowed = Joined(tuple(text for text in texts if text is not None), "list.semicolon")
    about, schema = shown(allowed, lang), _ratings(c)
    if facts:
        # a fact may have the same label
        label = Message.of("form.points", name=label).text(lang)
        about = Message.of("form.instead", facts=tuple(facts), allowed=about).text(lang)
    if not c.raters:
        yield _field((c.id,), label, "rating", about, schema)
    for rater in raters if c.raters else ():
        own = label + template("result.colon", lang) + named(rater.label, rater.name, lang)
        yield _field((c.id, rater.name), own, "rating", about, schema)


def _field(
    path: tuple[str, ...],
    label: str,
    kind: str,
    description: str,
    schema: Schema,
    *,
    unit: str | None = None,
    title: str = "",
) -> LayoutField:
    """Return a field; its schema has the same texts, and the unit in its title."""
    about: Schema = {"title": title or label, "x-kind": kind}
    if kind not in ("choice", "flag"):
        # what these allow is drawn as such
        about["description"] = description
    if unit is not None:
        about["x-unit"] = unit
    return {
        "name": ".".join(path),
        "path": [*path],
        "label": label,
        "kind": kind,
        "unit": unit,
        "description": description,
        "criterion": None,
        "schema": about | schema,
    }


def _with_unit(label: str, unit: Text, lang: str) -> str:
    """Return a label with a unit in brackets."""
    return Message.of("form.in-unit", name=label, unit=unit).text(lang)


def _value_of(fact: Input, lang: str) -> Schema:
    """Return the schema of the values of an input."""
    if fact.many:
        return {"type": "array", "items": _item_of(fact, lang), "maxItems": MAX_ITEMS}
    return _item_of(fact, lang)


def _item_of(fact: Input, lang: str) -> Schema:
    """Return the schema of a value of an input; of a list, of one of its items."""
    if fact.type == "flag":
        return {"type": "boolean"}
    if fact.type == "choice":
        options = (o for o in fact.options if not is_missing(o.code))
        each = [{"const": o.code, "title": named(o.label, o.code, lang)} for o in options]
        return {"type": "string", "oneOf": each}
    if fact.type == "text":
        return {"type": "string", "maxLength": MAX_TEXT}
    axis = axis_of(fact)
    return _number((Part(axis.domain, axis.step),))


def _levels(c: CompiledCriterion) -> Message | Joined:
    """Return what each band awards, if all have labels; otherwise the allowed ratings."""
    found: list[Message] = []
    for i, row in enumerate(c.rows):
        part = c.allowed_by(i)
        if row.band is None or row.band.label is None or row.formula is not None or part is None:
            return c.allowed_ratings
        points = numbers_of((part.span,), part.step)
        found.append(Message.of("form.level", points=points, label=row.band.label))
    return Joined(tuple(found), "list.semicolon")


def _ratings(c: CompiledCriterion) -> Schema:
    """Return the schema of a rating."""
    if not c.is_judged:
        return _number(c.allowed.parts)
    return _number([Part(span, c.step) for span in c.admissible])


def _number(parts: Sequence[Part]) -> Schema:
    """Return the schema of the numbers of some parts: limits, and what lies between the gaps.

    A generator draws neither ``not`` nor what is within it: people type a number.
    """
    axis = axis_of_domain(Domain.of(parts))
    hull = _part(Part(axis.domain, axis.step))
    if len(parts) == 1:
        return hull
    single = [in_json(part.span.only) for part in parts if part.span.only is not None]
    some: list[Demand] = [_part(part) for part in parts if part.span.only is None]
    listed = [{"enum": single}] if single else []
    return {**hull, "not": negated(any_of([*some, *listed]))}


def _part(part: Part) -> Schema:
    """Return the schema of the numbers of a part; its ends are multiples of its step."""
    span, step = in_decimals(part.span, part.step)
    made: Schema = {"type": "number"}
    if step == 1:
        made, step = {"type": "integer"}, None
    elif step is not None and step == int(step):
        made = {"type": "integer"}
    limits = {} if span.low is not None else {"exclusiveMinimum": -LIMIT}
    limits |= {} if span.high is not None else {"exclusiveMaximum": LIMIT}
    return made | limits | number_schema(span, step)
