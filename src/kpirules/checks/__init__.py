"""Whether a rubric is sound: one small function a kind of finding, in a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.checks import bands, names, scope, shape, totals, weights
from kpirules.errors import RulesetError
from kpirules.findings import Finding, place_of
from kpirules.partition import TooLargeError
from kpirules.plan import Plan


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kpirules.model import Rubric


#: asked of the rubric alone; only where they find no error can a plan be built
OF_THE_RUBRIC: tuple[Callable[[Rubric], Iterator[Finding]], ...] = (
    scope.not_supported,
    names.duplicate_ids,
    names.reserved_ids,
    names.unknown_names,
    shape.one_way,
    shape.all_or_no_when,
    shape.weights_given,
    shape.section_weights,
    shape.positive_numbers,
    shape.input_shape,
    shape.default_fits,
    shape.tier_outcomes,
)

#: asked of the plan
OF_THE_PLAN: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    weights.weights_sum,
    weights.section_sum,
    bands.band_cover,
    bands.award_ranges,
    totals.tier_cover,
)


def check(rubric: Rubric) -> tuple[Finding, ...]:
    """Say everything that is wrong with a rubric; nothing for a sound one.

    >>> from kpirules import load
    >>> from kpirules.checks import check
    >>> check(load("customer-service"))
    ()
    """
    return _look(rubric)[0]


def sound_plan(rubric: Rubric) -> Plan:
    """Make a sound rubric's plan; :class:`~kpirules.errors.RulesetError` for an unsound one."""
    findings, plan = _look(rubric)
    if plan is None or any(f.severity == "error" for f in findings):
        raise RulesetError(findings=findings)
    return plan


def _look(rubric: Rubric) -> tuple[tuple[Finding, ...], Plan | None]:
    """Check a rubric, and give its plan where one can be built."""
    found = list(shape.sizes(rubric))
    if not found:
        found = [finding for ask in OF_THE_RUBRIC for finding in ask(rubric)]
    plan = None
    if not any(f.severity == "error" for f in found):
        plan = Plan(rubric)
        for ask in OF_THE_PLAN:
            try:
                found += ask(plan)
            except TooLargeError as error:
                found.append(_too_large(error))
    return tuple(attrs.evolve(f, place=place_of(rubric, f.path)) for f in found), plan


def _too_large(error: TooLargeError) -> Finding:
    """Say that a table cannot be decided in reasonable time."""
    return Finding(
        code="too-large",
        message=f"a table of bands is too large to decide: {error}",
        help="split it into several criteria, or let fewer facts decide together",
    )
