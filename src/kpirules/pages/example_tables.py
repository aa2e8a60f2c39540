"""Evaluate the worked examples of a ruleset for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.api.evaluate import evaluate
from kpirules.arithmetic.number import show
from kpirules.diagnostics.problem import text_of
from kpirules.errors import InputError
from kpirules.evaluation.examples import run
from kpirules.sheets.form_builder import shown


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric


@attrs.frozen(kw_only=True)
class Case:
    """One worked example, formatted for display."""

    name: str
    record: str
    total: str
    #: tier and outcomes, or the reason for the rejection
    verdict: str
    #: the explanation of the result
    reasons: str = ""


def cases(rubric: Rubric, lang: str) -> Iterator[Case]:
    """Yield the evaluated examples of a rubric, in their order."""
    for example in rubric.examples:
        record = ", ".join(f"{name} = {shown(value)}" for name, value in example.ratings)
        outcome = run(dict(example.ratings), lambda given: evaluate(rubric, given))
        if isinstance(outcome, InputError):
            problems = text_of(outcome.problems, lang)
            yield Case(name=example.name, record=record, total="", verdict=f"refused: {problems}")
            continue
        yield Case(
            name=example.name,
            record=record,
            total="" if outcome.total is None else show(outcome.total),
            verdict=_verdict(outcome, rubric, lang),
            reasons=outcome.explain(lang),
        )


def _verdict(result: Result, rubric: Rubric, lang: str) -> str:
    """Format tier and outcomes."""
    if result.unratable:
        return "cannot be rated"
    tier = result.tier
    parts = [] if tier is None else [tier.id if tier.label is None else tier.label.get(lang)]
    for name, value in result.outcomes.items():
        amount = value if isinstance(value, str) else show(value)
        unit = f" {rubric.currency}" if name == "pay" and rubric.currency else ""
        parts.append(f"{name} {amount}{unit}")
    return ", ".join(parts)
