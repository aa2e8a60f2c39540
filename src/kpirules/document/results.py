"""A result to JSON text and back, exactly.

Computed numbers are texts: a decimal, or a fraction such as ``1000/9``. In the record a whole
number is a JSON number, any other ``{"number": "7.5"}``, so that it is told from a text.
"""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpirules.model import Text
from kpirules.numbers import canonical, decimal_of, exact, show
from kpirules.result import Form, Heading, Line, Part, Result, TierReached, Verdict
from kpirules.trees import is_list, is_table, is_tuple


if TYPE_CHECKING:
    from kpirules.result import Exact, Given


#: the version of this form of JSON
VERSION = 1


def dump(result: Result) -> str:
    """Give a result as JSON text (see :meth:`kpirules.result.Result.to_json`)."""
    form = result.form
    tree = {
        "kpirules": VERSION,
        "rubric": {
            "id": form.rubric,
            "label": _text_out(form.label),
            "effective_from": None if form.effective_from is None else str(form.effective_from),
            "fingerprint": form.fingerprint,
            "currency": form.currency,
            "full_marks": show(form.full_marks),
            "sections": [
                {"id": s.id, "label": _text_out(s.label), "weight": show(s.weight)}
                for s in form.sections
            ],
            "labels": {name: _text_out(label) for name, label in form.labels},
            "components": list(form.components),
        },
        "inputs": {name: _given_out(value) for name, value in result.inputs.items()},
        "lines": [_line_out(line) for line in result.lines],
        "subtotals": {name: show(value) for name, value in result.subtotals.items()},
        "total": show(result.total),
        "tier": None
        if result.tier is None
        else {"id": result.tier.id, "label": _text_out(result.tier.label)},
        "outcomes": {
            name: {"text": value} if isinstance(value, str) else show(value)
            for name, value in result.outcomes.items()
        },
    }
    return json.dumps(tree, ensure_ascii=False)


def load(text: str | bytes) -> Result:
    """Read a result's JSON text (see :meth:`kpirules.result.Result.from_json`)."""
    try:
        tree = json.loads(text)
        version = tree["kpirules"]
        if version != VERSION:
            raise ValueError(f"version {version!r} of the form; this kpirules reads {VERSION}")
        return _result(tree)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise ValueError(f"this is not the JSON of a result ({detail[:100]})") from None


def _result(tree: dict[str, Any]) -> Result:
    """Build a result from its tree."""
    rubric = tree["rubric"]
    since = rubric["effective_from"]
    form = Form(
        rubric=rubric["id"],
        label=_text_in(rubric["label"]),
        effective_from=None if since is None else date.fromisoformat(since),
        fingerprint=rubric["fingerprint"],
        currency=rubric["currency"],
        full_marks=_number_in(rubric["full_marks"]),
        sections=tuple(
            Heading(id=s["id"], label=_text_in(s["label"]), weight=_number_in(s["weight"]))
            for s in rubric["sections"]
        ),
        labels=tuple((name, Text(tuple(t.items()))) for name, t in rubric["labels"].items()),
        components=tuple(rubric["components"]),
    )
    tier = tree["tier"]
    verdict = Verdict(
        total=_number_in(tree["total"]),
        tier=None if tier is None else TierReached(id=tier["id"], label=_text_in(tier["label"])),
        outcomes=tuple(
            (name, value["text"] if is_table(value) else _number_in(value))
            for name, value in tree["outcomes"].items()
        ),
    )
    inputs = {name: _given_in(value) for name, value in tree["inputs"].items()}
    lines = tuple(map(_line_in, tree["lines"]))
    return Result(form, (Part(lines=lines, given=tuple(inputs.items())),), verdict)


def _line_out(line: Line) -> dict[str, Any]:
    """Give a line's tree."""
    return {
        "criterion": line.criterion,
        "label": _text_out(line.label),
        "section": line.section,
        "cite": _text_out(line.cite),
        "band": line.band,
        "band_label": _text_out(line.band_label),
        "condition": line.condition,
        "points": _number_out(line.points),
        "raw": _number_out(line.raw),
        "scale": _number_out(line.scale),
        "weight": _number_out(line.weight),
        "contribution": show(line.contribution),
        "inputs": {name: _given_out(value) for name, value in line.used},
        "remark": line.remark,
    }


def _line_in(tree: dict[str, Any]) -> Line:
    """Build a line from its tree."""
    return Line(
        criterion=tree["criterion"],
        label=_text_in(tree["label"]),
        section=tree["section"],
        cite=_text_in(tree["cite"]),
        band=tree["band"],
        band_label=_text_in(tree["band_label"]),
        condition=tree["condition"],
        points=None if tree["points"] is None else _number_in(tree["points"]),
        raw=None if tree.get("raw") is None else _number_in(tree["raw"]),
        scale=None if tree["scale"] is None else _number_in(tree["scale"]),
        weight=None if tree["weight"] is None else _number_in(tree["weight"]),
        contribution=_number_in(tree["contribution"]),
        used=tuple((name, _given_in(value)) for name, value in tree["inputs"].items()),
        remark=tree["remark"],
    )


def _text_out(text: Text | None) -> dict[str, str] | None:
    """Give a label as a table by language."""
    return None if text is None else dict(text.by_language)


def _text_in(tree: dict[str, str] | None) -> Text | None:
    """Read a label."""
    return None if tree is None else Text(tuple(tree.items()))


def _number_out(value: Exact | None) -> str | None:
    """Give a computed number as a text."""
    return None if value is None else show(value)


def _number_in(text: str) -> Exact:
    """Read a computed number: a decimal or a fraction."""
    top, slash, bottom = text.partition("/")
    return decimal_of(canonical(Fraction(int(top), int(bottom)) if slash else _decimal_in(text)))


def _decimal_in(text: str) -> Fraction:
    """Read a decimal of any length; a computed number may have more digits than an input."""
    whole, _, places = text.partition(".")
    return Fraction(int(whole + places), 10 ** len(places))


def _given_out(value: Given) -> object:
    """Give a value of the record."""
    if is_tuple(value):
        return [_given_out(item) for item in value]
    return {"number": show(value)} if isinstance(value, Fraction) else value


def _given_in(tree: object) -> Given:
    """Read a value of the record."""
    if is_table(tree):
        text = str(tree["number"])
        top, slash, bottom = text.partition("/")
        return canonical(Fraction(int(top), int(bottom))) if slash else exact(text)
    if is_list(tree):
        return tuple(exact(_given_in(item)) for item in tree)
    if isinstance(tree, (bool, int, str)):
        return tree
    raise TypeError(f"{tree!r} is no value of a record")
