"""Evaluate the worked examples of a ruleset for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.api.evaluate import evaluate
from kpirules.arithmetic.number import show
from kpirules.cohort.evaluation import evaluate_cohort
from kpirules.diagnostics.problem import text_of
from kpirules.errors import InputError
from kpirules.evaluation.examples import run
from kpirules.evaluation.history import of_example
from kpirules.evaluation.labels import named
from kpirules.sheets.form_values import shown
from kpirules.translations.catalog import template, words


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Example, Rubric


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
    every = (each for example in rubric.examples for each in _outcomes(example, rubric))
    for name, given, outcome in every:
        record = ", ".join(f"{fact} = {shown(value)}" for fact, value in given.items())
        if isinstance(outcome, InputError):
            problems = text_of(outcome.problems, lang)
            refused = template("page.refused", lang)
            yield Case(name=name, record=record, total="", verdict=f"{refused}{problems}")
            continue
        yield Case(
            name=name,
            record=record,
            total="" if outcome.total is None else show(outcome.total),
            verdict=_verdict(outcome, rubric, lang),
            reasons=outcome.explain(lang),
        )


def _outcomes(
    example: Example, rubric: Rubric
) -> Iterator[tuple[str, Mapping[str, object], Result | InputError]]:
    """Yield name, record and outcome of an example; of records that it has together, each."""
    if not example.records:
        given, lacking = of_example(rubric, example)
        yield example.name, given, run(given, lambda record: evaluate(rubric, record), lacking)
        return
    found = evaluate_cohort(rubric, example.together, on_error="keep")
    outcomes: dict[str, Result | InputError] = {**found.results, **found.refused}
    for key, record in example.together.items():
        yield f"{example.name}: {key}", record, outcomes[key]


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
