"""The reason why a gate rejects a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.evaluation.labels import Speaker
from kpirules.model.labels import labels_of, options_of
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.compiler.row_condition import Condition
    from kpirules.compiler.stages import RefusalStage
    from kpirules.model.rubric import Rubric
    from kpirules.model.text import Text


@attrs.frozen
class ConditionText:
    """A condition with the labels of its names and options."""

    condition: Condition
    labels: Mapping[str, Text] = attrs.field(eq=False, repr=False)
    options: Mapping[str, Mapping[str, Text]] = attrs.field(eq=False, repr=False)

    def get(self, lang: str | None = None, /) -> str:
        """Return the condition in a language; without one, as the ruleset file has it."""
        if lang is None:
            return str(self.condition)
        return Speaker(lang=lang, labels=self.labels, options=self.options).condition(
            self.condition
        )


def condition_text(condition: Condition, rubric: Rubric) -> ConditionText:
    """Return a condition with the labels of a rubric."""
    names = {name for name, _ in condition.asked}
    return ConditionText(
        condition,
        {name: label for name, label in labels_of(rubric) if name in names},
        {name: dict(codes) for name, codes in options_of(rubric) if name in names},
    )


def rejection_of(rubric: Rubric, stage: RefusalStage) -> Message:
    """Return why a gate rejects a record: when it holds, and its own reason."""
    text = condition_text(stage.quantity.rows[0].condition, rubric)
    if stage.gate.reason is None:
        return Message.of("problem.rejected-by-gate", condition=text)
    return Message.of(
        "problem.rejected-by-gate_reason", condition=text, explanation=stage.gate.reason
    )
