"""The texts of compared results, in any language: messages with the labels of both results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.typeguards import is_tuple
from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.labels import Speaker
from kpirules.evaluation.result_parts import Demoted, GateHeld
from kpirules.model.labels import OWN_LABELS
from kpirules.model.names import Outcome, RawTotal, Tier, Total
from kpirules.translations.catalog import ENGLISH
from kpirules.translations.message import Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.evaluation.result_parts import Form
    from kpirules.model.rubric import Text
    from kpirules.translations.message import ByLanguage

#: the subjects of parts that have no name
_SUBJECTS = {
    "raw_total": OWN_LABELS[str(RawTotal())],
    "before": Message.of("compare.before"),
    "tier_before": Message.of("compare.tier-before"),
    "gate": Message.of("result.gate"),
    "total": OWN_LABELS[str(Total())],
    "tier": OWN_LABELS[str(Tier())],
}


@attrs.frozen
class Labels:
    """The labels of the names and options of a result."""

    names: Mapping[str, Text]
    options: Mapping[str, Mapping[str, Text]]

    @classmethod
    def of(cls, form: Form) -> Labels:
        """Return those of a form."""
        return cls(dict(form.labels), {name: dict(codes) for name, codes in form.options})

    def speaker(self, lang: str) -> Speaker:
        """Return the labels in a language."""
        return Speaker(lang=lang, labels=self.names, options=self.options)


@attrs.frozen
class _Band:
    """The condition of a band or a gate as a text: by labels in a language, else as in a file."""

    condition: Condition
    labels: Labels

    def get(self, lang: str | None = None, /) -> str:
        """Return the text."""
        if lang is None:
            return str(self.condition)
        return self.labels.speaker(lang).condition(self.condition)


def head_text(form: Form, count: int) -> Message:
    """Return the first line of a comparison."""
    key = "compare.head" if count else "compare.none"
    return Message.of(key, rubric=Named(form.rubric, form.label), count=count)


def change_text(subject: object, values: tuple[object, object], reasons: list[Message]) -> Message:
    """Return the text of a change: its subject, both values, the reasons."""
    why = Joined(tuple(reasons), "result.comma")
    if values[0] == values[1]:
        return Message.of("compare.reasons", subject=subject, reasons=why)
    key = "compare.values_why" if reasons else "compare.values"
    return Message.of(key, subject=subject, before=values[0], after=values[1], reasons=why)


def subject_of(part: str, name: str, label: Text | None, labels: tuple[Labels, Labels]) -> object:
    """Return what has changed."""
    if part == "ruleset":
        return Message.of(f"compare.field_{name}")
    if part in _SUBJECTS:
        return _SUBJECTS[part]
    own = OWN_LABELS.get(str(Outcome(name))) if part == "outcome" else None
    known = label or labels[1].names.get(name) or labels[0].names.get(name) or own
    named = Named(name, known) if name else Message.of(f"compare.all_{part}")
    return Message.of("compare.subtotal", part=named) if part == "subtotal" else named


def shown_values(
    part: str, name: str, values: tuple[Any, Any], labels: tuple[Labels, Labels]
) -> tuple[object, object]:
    """Return both values of a part as a message shows them."""
    if part == "gate":
        return _gates(values, labels)
    if part == "quota":
        one, other = (_value(each and _demoted(each), name, labels[0]) for each in values)
        return one, other
    if part == "ruleset" and name == "fingerprint":
        values = values[0][:12], values[1][:12]
    if part in ("tier", "tier_before"):
        name = str(Tier())
    if part == "total" and None in values:
        none = Message.of("result.unratable")
        return none if values[0] is None else values[0], none if values[1] is None else values[1]
    one, other = (_value(v, name, each) for v, each in zip(values, labels, strict=True))
    return one, other


def _value(value: object, name: str, labels: Labels) -> object:
    """Return a value as a message shows it: an option and a tier by its label."""
    if value is None or value in ("", ()):
        return Message.of("word.nothing")
    if isinstance(value, bool):
        return Message.of("result.yes" if value else "result.no")
    if isinstance(value, str):
        return Named(value, labels.options.get(name, {}).get(value))
    if is_tuple(value):
        return Joined(tuple(_value(each, name, labels) for each in value))
    return value


def _gates(values: tuple[Any, Any], labels: tuple[Labels, Labels]) -> tuple[object, object]:
    """Return the condition or the reason of a gate that held, and what it did."""
    shown = [
        Message.of("word.nothing") if gate is None else _gate(gate, each)
        for gate, each in zip(values, labels, strict=True)
    ]
    return shown[0], shown[1]


def _gate(gate: GateHeld, labels: Labels) -> Message:
    """Return a gate that held."""
    reason: ByLanguage = gate.reason or _Band(gate.condition, labels)
    return Message.of("compare.gate", reason=reason, effect=_Effect(gate, labels))


def _demoted(demoted: Demoted) -> Message:
    """Return what a quota did."""
    tiers = {"tier": demoted.tier, "below": demoted.below}
    named = {key: Named(tier.id, tier.label) for key, tier in tiers.items()}
    return Message.of("together.demoted", **named)


@attrs.frozen
class _Effect:
    """The effect of a gate as a text."""

    gate: GateHeld
    labels: Labels

    def get(self, lang: str | None = None, /) -> str:
        """Return the text."""
        by = Speaker(lang=ENGLISH, labels={}) if lang is None else self.labels.speaker(lang)
        return by.own["comma"].join(by.effect(key, value) for key, value in self.gate.effect)


def reason_text(
    code: str, name: str, values: tuple[Any, Any], labels: tuple[Labels, Labels]
) -> Message:
    """Return the text of a reason."""
    if code == "band":
        shown = _bands(values, labels)
    elif code == "left-out":
        keys = {"": "compare.counted", "missing": "result.missing", "weight": "result.weight"}
        shown = [Message.of(keys[value]) for value in values]
    else:
        shown = [_value(value, name, each) for value, each in zip(values, labels, strict=True)]
    label = labels[1].names.get(name) or labels[0].names.get(name) or OWN_LABELS.get(name)
    return Message.of(
        f"compare-reason.{code}", name=Named(name, label), before=shown[0], after=shown[1]
    )


def _bands(values: tuple[Any, Any], labels: tuple[Labels, Labels]) -> list[object]:
    """Return the labels of two bands; if these are the same, their conditions; else the rows."""
    one, other = values
    if None not in (one.band_label, other.band_label) and one.band_label != other.band_label:
        return [one.band_label, other.band_label]
    if one.condition != other.condition:
        nothing = Message.of("word.nothing")
        pairs = zip(values, labels, strict=True)
        return [_Band(each.condition, by) if each.condition else nothing for each, by in pairs]
    rows = [None if each.band is None else each.band + 1 for each in values]
    return [Message.of("word.nothing") if row is None else row for row in rows]
