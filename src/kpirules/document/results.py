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
from kpirules.origin import Package
from kpirules.result import (
    Form,
    GateHeld,
    Heading,
    Line,
    Part,
    Result,
    Step,
    TierReached,
    Verdict,
)
from kpirules.trees import is_list, is_table, is_tuple


if TYPE_CHECKING:
    from kpirules.result import Exact, Given


#: the version of this form of JSON
VERSION = 1


def dump(result: Result) -> str:
    """Give a result as JSON text (see :meth:`kpirules.result.Result.to_json`)."""
    form, verdict = result.form, result.verdict
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
            "options": {
                name: {code: _text_out(label) for code, label in codes}
                for name, codes in form.options
            },
            "package": None
            if form.package is None
            else {"name": form.package.name, "version": form.package.version},
        },
        "inputs": {name: _given_out(value) for name, value in result.inputs.items()},
        "derived": [_step_out(step) for step in result.derived.values()],
        "lines": [_line_out(line) for line in result.lines],
        "subtotals": {name: show(value) for name, value in result.subtotals.items()},
        "settled": [_step_out(step) for step in verdict.subtotals],
        "raw_total": show(verdict.raw_total),
        "adjustments": [_step_out(step) for step in verdict.adjustments],
        "before": None if verdict.before is None else _step_out(verdict.before),
        "tier_before": _tier_out(verdict.tier_before),
        "gates": [_gate_out(gate) for gate in verdict.gates],
        "total": _number_out(verdict.total),
        "unratable": result.unratable,
        "tier": _tier_out(verdict.tier),
        "outcomes": [_step_out(step) for step in verdict.outcomes],
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
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
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
        # a text that was stored before results kept them has none
        options=tuple(
            (name, tuple((code, Text(tuple(t.items()))) for code, t in codes.items()))
            for name, codes in rubric.get("options", {}).items()
        ),
        package=None
        if rubric["package"] is None
        else Package(name=rubric["package"]["name"], version=rubric["package"]["version"]),
    )
    before = tree["before"]
    derived = tuple(map(_step_in, tree["derived"]))
    verdict = Verdict(
        raw_total=_number_in(tree["raw_total"]),
        subtotals=tuple(map(_step_in, tree["settled"])),
        adjustments=tuple(map(_step_in, tree["adjustments"])),
        before=None if before is None else _step_in(before),
        tier_before=_tier_in(tree["tier_before"]),
        gates=tuple(map(_gate_in, tree["gates"])),
        total=None if tree["total"] is None else _number_in(tree["total"]),
        tier=_tier_in(tree["tier"]),
        outcomes=tuple(map(_step_in, tree["outcomes"])),
        derived=derived,
    )
    inputs = {name: _given_in(value) for name, value in tree["inputs"].items()}
    lines = tuple(map(_line_in, tree["lines"]))
    return Result(form, (Part(lines=lines, given=tuple(inputs.items())),), verdict)


def _tier_out(tier: TierReached | None) -> dict[str, Any] | None:
    """Give a tier's tree."""
    return None if tier is None else {"id": tier.id, "label": _text_out(tier.label)}


def _tier_in(tree: dict[str, Any] | None) -> TierReached | None:
    """Build a tier from its tree."""
    return None if tree is None else TierReached(id=tree["id"], label=_text_in(tree["label"]))


def _value_out(value: Exact | str) -> object:
    """Give a computed value: a number as a text, a text in a table of its own."""
    return {"text": value} if isinstance(value, str) else _number_out(value)


def _value_in(tree: Any) -> Exact | str:  # noqa: ANN401 - whatever the text says
    """Read a computed value."""
    return str(tree["text"]) if is_table(tree) else _number_in(tree)


def _step_out(step: Step) -> dict[str, Any]:
    """Give a step's tree."""
    return {
        "name": step.name,
        "label": _text_out(step.label),
        "value": _value_out(step.value),
        "raw": _number_out(step.raw),
        "band": step.band,
        "band_label": _text_out(step.band_label),
        "condition": step.condition,
        "used": {name: _given_out(value) for name, value in step.used},
        "skipped": step.skipped,
    }


def _step_in(tree: dict[str, Any]) -> Step:
    """Build a step from its tree."""
    return Step(
        name=tree["name"],
        label=_text_in(tree["label"]),
        value=_value_in(tree["value"]),
        raw=None if tree["raw"] is None else _number_in(tree["raw"]),
        band=tree["band"],
        band_label=_text_in(tree["band_label"]),
        condition=tree["condition"],
        used=tuple((name, _given_in(value)) for name, value in tree["used"].items()),
        skipped=tree["skipped"],
    )


def _gate_out(gate: GateHeld) -> dict[str, Any]:
    """Give a gate's tree."""
    return {
        "gate": gate.gate,
        "condition": gate.condition,
        "effect": {
            key: value if isinstance(value, (bool, int)) else _value_out(value)
            for key, value in gate.effect
        },
        "reason": _text_out(gate.reason),
        "used": {name: _given_out(value) for name, value in gate.used},
    }


def _gate_in(tree: dict[str, Any]) -> GateHeld:
    """Build a gate from its tree."""
    return GateHeld(
        gate=tree["gate"],
        condition=tree["condition"],
        effect=tuple(
            (key, value if isinstance(value, (bool, int)) else _value_in(value))
            for key, value in tree["effect"].items()
        ),
        reason=_text_in(tree["reason"]),
        used=tuple((name, _given_in(value)) for name, value in tree["used"].items()),
    )


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
        "left_out": line.left_out,
        "assumed": line.assumed,
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
        raw=None if tree["raw"] is None else _number_in(tree["raw"]),
        scale=None if tree["scale"] is None else _number_in(tree["scale"]),
        weight=None if tree["weight"] is None else _number_in(tree["weight"]),
        contribution=_number_in(tree["contribution"]),
        used=tuple((name, _given_in(value)) for name, value in tree["inputs"].items()),
        remark=tree["remark"],
        left_out=tree["left_out"],
        assumed=tree["assumed"],
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
