"""The tree of a result's JSON with its texts in one language, for programs that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules._internal.display import printable
from kpirules.evaluation.explanation import explain
from kpirules.evaluation.labels import named, speaker
from kpirules.evaluation.result_json import Writer
from kpirules.model.labels import OWN_LABELS
from kpirules.model.names import Outcome


if TYPE_CHECKING:
    from kpirules.evaluation.result_content import ResultContent
    from kpirules.evaluation.result_parts import (
        Demoted,
        Form,
        GateHeld,
        Heading,
        Line,
        ListStep,
        Step,
        TierReached,
    )
    from kpirules.model.rubric import Text
    from kpirules.translations.message import ByLanguage


def tree_with_texts(result: ResultContent, lang: str) -> dict[str, Any]:
    """Return the tree of a result's JSON, with labels and reasons in a language."""
    return _WriterWithTexts(result, lang).result(result)


class _WriterWithTexts(Writer):
    """Writes results in the current version; each part also has its label and its reason."""

    def __init__(self, result: ResultContent, lang: str) -> None:
        self._by = speaker(result, lang)

    def _label(self, label: Text | None, name: str) -> str:
        """Return a label, or the name."""
        return printable(named(label, name, self._by.lang))

    def result(self, result: ResultContent) -> dict[str, Any]:
        """Return the tree of a result with its explanation."""
        lang = self._by.lang
        return {**super().result(result), "lang": lang, "text": explain(result, lang)}

    def form(self, form: Form) -> dict[str, Any]:
        """Return what all results of a rubric share."""
        return {**super().form(form), "text": {"label": self._label(form.label, form.rubric)}}

    def heading(self, heading: Heading) -> dict[str, Any]:
        """Return a section."""
        text = {"label": self._label(heading.label, heading.id)}
        return {**super().heading(heading), "text": text}

    def tier(self, tier: TierReached | None) -> dict[str, Any] | None:
        """Return a tier."""
        tree = super().tier(tier)
        if tier is None or tree is None:
            return None
        return {**tree, "text": {"label": self._label(tier.label, tier.id)}}

    def items(self, step: ListStep) -> dict[str, Any]:
        """Return a derived fact that is a list."""
        reason = printable(self._by.why_items(step))
        text = {"label": self._label(step.label, step.name), "reason": reason}
        return {**super().items(step), "text": text}

    def step(self, step: Step) -> dict[str, Any]:
        """Return a step."""
        return {**super().step(step), "text": self._text(step, step.label)}

    def outcome(self, step: Step) -> dict[str, Any]:
        """Return an outcome; some have a label of their own."""
        label = step.label or OWN_LABELS.get(str(Outcome(step.name)))
        return {**super().step(step), "text": self._text(step, label)}

    def _text(self, step: Step, label: ByLanguage | None) -> dict[str, str]:
        """Return the texts of a step."""
        shown = step.name if label is None else label.get(self._by.lang)
        return {"label": printable(shown), "reason": printable(self._by.why(step))}

    def gate(self, gate: GateHeld) -> dict[str, Any]:
        """Return a gate that held."""
        by = self._by
        effect = by.own["comma"].join(by.effect(key, value) for key, value in gate.effect)
        reason = self._label(gate.reason, by.condition(gate.condition))
        return {**super().gate(gate), "text": {"reason": reason, "effect": printable(effect)}}

    def demoted(self, demoted: Demoted) -> dict[str, Any]:
        """Return a quota that demoted the record."""
        text = {
            "label": self._label(demoted.label, demoted.quota),
            "effect": printable(self._by.demoted(demoted)),
        }
        return {**super().demoted(demoted), "text": text}

    def line(self, line: Line) -> dict[str, Any]:
        """Return a line."""
        text = {"label": self._label(line.label, line.criterion), "reason": self._by.reason(line)}
        return {**super().line(line), "text": text}
