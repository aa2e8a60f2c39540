"""Check that something is scored, if rules use a total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.checks.invalidated import needed_by
from kpirules.checks.places import placed_quantities
from kpirules.checks.registry import RUBRIC, check
from kpirules.diagnostics.finding import Finding
from kpirules.model.dependencies import has_total
from kpirules.model.names import RawTotal, Tier, Total
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Rubric


#: the names that a record has only if something is scored
_OF_TOTAL = frozenset(map(str, (RawTotal(), Total(), Tier())))
#: the keys of a gate that limit the total or the tier
_LIMITS = ("total_at_most", "total_at_least", "tier_at_most", "tier_at_least", "demote")


@check(
    "nothing-scored",
    phase=RUBRIC,
    severity="error",
    title="a rule about the total of a ruleset that scores nothing",
)
def nothing_scored(rubric: Rubric) -> Iterator[Finding]:
    """Find rulesets without criteria and outcomes, and uses of a total that no record has."""
    if not (rubric.all_criteria or rubric.outcomes or has_total(rubric)):
        yield Finding(
            code="nothing-scored",
            reason=Message.of("finding.nothing-scored"),
            advice=Message.of("advice.nothing-scored"),
        )
    if has_total(rubric):
        return
    for path, name in _uses(rubric):
        yield Finding(
            code="nothing-scored",
            reason=Message.of("finding.nothing-scored_total", name=Named(name)),
            advice=Message.of("advice.nothing-scored_total"),
            path=path,
        )


def _uses(rubric: Rubric) -> Iterator[tuple[KeyPath, str]]:
    """Yield the parts that need a total, each with the name that it needs."""
    if rubric.total is not None:
        yield ("total",), "total"
    for quantity, path in placed_quantities(rubric):
        yield from ((path, name) for name in sorted(needed_by(quantity, path, rubric) & _OF_TOTAL))
    for g, gate in enumerate(rubric.gates):
        asked = sorted({condition.name for condition in gate.when.conditions} & _OF_TOTAL)
        yield from ((("gate", g, "when"), name) for name in asked)
        if any(getattr(gate, key) is not None for key in _LIMITS):
            yield ("gate", g), "total"
    if rubric.tiers:
        yield ("tier", 0), "total"
