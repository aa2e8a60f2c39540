"""Evaluate the worked examples of a ruleset for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.api.evaluate import evaluate
from kpirules.arithmetic.number import show
from kpirules.diagnostics.problem import text_of
from kpirules.errors import InputError
from kpirules.evaluation.examples import run
from kpirules.evaluation.history import of_example
from kpirules.evaluation.labels import named
from kpirules.sheets.form_values import shown
from kpirules.translations.catalog import template, words


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
        given, lacking = of_example(rubric, example)
        record = ", ".join(f"{name} = {shown(value)}" for name, value in given.items())
        outcome = run(given, lambda record: evaluate(rubric, record), lacking)
        if isinstance(outcome, InputError):
            problems = text_of(outcome.problems, lang)
            refused = template("page.refused", lang)
            yield Case(name=example.name, record=record, total="", verdict=f"{refused}{problems}")
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
        return template("result.unratable", lang)
    tier = result.tier
    parts = [] if tier is None else [tier.id if tier.label is None else tier.label.get(lang)]
    own = words("result", lang)
    labels = {outcome.name: outcome.label for outcome in rubric.outcomes}
    for name, value in result.outcomes.items():
        amount = value if isinstance(value, str) else show(value)
        unit = f" {rubric.currency}" if name == "pay" and rubric.currency else ""
        parts.append(f"{named(labels.get(name), own.get(name, name), lang)} {amount}{unit}")
    return ", ".join(parts)
