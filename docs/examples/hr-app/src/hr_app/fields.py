"""The fields of a form, by section, from the JSON Schema of a rubric's records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hr_app.words import WORDS
from kpirules import ratings_schema


if TYPE_CHECKING:
    from kpirules import Rubric


@dataclass(frozen=True)
class Field:
    """A field: its name in the record, its label, and what the browser may check."""

    name: str
    label: str
    #: ``number``, ``choice``, ``text`` or ``remark``
    kind: str
    #: ``min``, ``max`` and ``step`` of a number
    limits: dict[str, Any] = field(default_factory=dict)
    #: (value, label) of a choice
    options: tuple[tuple[str, str], ...] = ()
    #: the allowed numbers, as readers write them
    hint: str = ""
    default: str = ""


@dataclass(frozen=True)
class Group:
    """A section of the form, or its facts."""

    title: str
    fields: list[Field]


def groups_of(rubric: Rubric, lang: str) -> list[Group]:
    """Return the fields to fill in: the facts, then the ratings of each section."""
    schema = ratings_schema(rubric, lang=lang)
    words = WORDS[lang]
    sections = {part["id"]: part["title"] for part in schema["x-sections"]}
    groups: dict[str, Group] = {}
    for name, about in schema["properties"].items():
        # a rating that follows from facts has no field, nor has the nested spelling of raters
        if about.get("x-computed") or about.get("type") == "object":
            continue
        is_fact = "x-criterion" not in about
        title = words["facts"] if is_fact else sections.get(about.get("x-section"), words["items"])
        groups.setdefault(title, Group(title, [])).fields.append(field_of(name, about, lang))
    return list(groups.values())


def field_of(name: str, about: dict[str, Any], lang: str) -> Field:
    """Return the field of an input or rating."""
    unit = about.get("x-unit")
    label = f"{about['title']} ({unit})" if unit else about["title"]
    words = WORDS[lang]
    default = str(about.get("default", ""))
    match about["x-kind"]:
        case "choice":
            options = tuple((o["const"], o["title"]) for o in about["anyOf"] if "const" in o)
            return Field(name, label, "choice", options=options, default=default)
        case "flag":
            options = (("true", words["yes"]), ("false", words["no"]))
            return Field(name, label, "choice", options=options, default=default.lower())
        case "remark":
            return Field(name, label, "remark")
        case "list":
            return Field(name, label, "text", hint=words["list"], default=default)
        case _:
            hint = "" if spans_of(about) == [(None, None)] else hint_of(about)
            return Field(name, label, "number", limits_of(about), hint=hint, default=default)


def spans_of(about: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return the lowest and highest allowed number of each span; None without a limit."""
    spans = about.get("anyOf") or [about]
    return sorted(
        (
            (
                span.get("minimum", unless_huge(span.get("exclusiveMinimum"))),
                span.get("maximum", unless_huge(span.get("exclusiveMaximum"))),
            )
            for span in spans
        ),
        key=lambda ends: (ends[0] is not None, ends[0]),
    )


def unless_huge(limit: Any) -> Any:  # noqa: ANN401 - a number of JSON, or None
    """Return an open limit; None for the limit of all numbers."""
    return None if limit is None or abs(limit) >= 10**18 else limit


def limits_of(about: dict[str, Any]) -> dict[str, Any]:
    """Return what the browser may check of a number; ``evaluate`` checks the rest."""
    spans = spans_of(about)
    lows, highs = [low for low, _ in spans], [high for _, high in spans]
    limits: dict[str, Any] = {"step": about.get("multipleOf", "any")}
    if None not in lows:
        limits["min"] = min(lows)
        if limits["step"] != "any" and limits["min"] % limits["step"]:
            limits["step"] = "any"  # a browser counts steps from the minimum, not from 0
    if None not in highs:
        limits["max"] = max(highs)
    return limits


def hint_of(about: dict[str, Any]) -> str:
    """Return the allowed numbers in signs that every language has."""
    parts: list[str] = []
    for low, high in spans_of(about):
        if low is None:
            parts.append(f"≤ {high}")
        elif high is None:
            parts.append(f"≥ {low}")
        else:
            parts.append(str(low) if low == high else f"{low}–{high}")
    return ", ".join(parts)
