"""Check that gates can hold, and that they change something when they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.arithmetic.budget import TooLargeError
from kpirules.arithmetic.number import exact
from kpirules.arithmetic.range import Range
from kpirules.checks.registry import TIERS_ADVICE, check, reports
from kpirules.diagnostics.finding import Finding
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.compiler.plan import Plan
    from kpirules.model.rubric import Gate


@check(
    "gate-idle",
    phase=TIERS_ADVICE,
    severity="warning",
    title="a gate whose condition never holds, or that changes nothing",
)
@reports("too-large")
def gate_idle(plan: Plan) -> Iterator[Finding]:
    """Find gates that cannot hold, or that change nothing when they do."""
    if plan.without or plan.lost or not plan.weights_hold:
        return
    for g, gate in enumerate(plan.rubric.gates):
        try:
            can_hold = _can_hold(plan, g)
        except TooLargeError as error:
            yield Finding(
                code="too-large",
                severity="note",
                reason=Message.of("finding.too-large_gate", reason=error.reason),
                path=("gate", g, "when"),
            )
            continue
        if not can_hold:
            yield Finding(
                code="gate-idle",
                reason=Message.of("finding.gate-idle"),
                advice=Message.of("advice.gate-idle"),
                path=("gate", g, "when"),
            )
        elif not (gate.refuse or gate.unratable or _has_effect(plan, gate)):
            yield Finding(
                code="gate-idle",
                reason=Message.of("finding.gate-idle_effect"),
                advice=Message.of("advice.gate-idle_effect"),
                path=("gate", g),
            )


def _can_hold(plan: Plan, index: int) -> bool:
    """Check whether some record lets a gate hold, as far as that is known."""
    quantity = plan.gates[index]
    return 0 not in quantity.by_facts.unreached()


def _has_effect(plan: Plan, gate: Gate) -> bool:
    """Check whether a gate can change a total or a tier."""
    tier_order, totals = plan.tier_order, plan.totals
    most, least = gate.total_at_most, gate.total_at_least
    lowest, highest = 0, len(plan.rubric.tiers) - 1
    return (
        (most is not None and totals.first_in(Range((exact(most), 1), None)) is not None)
        or (least is not None and totals.first_in(Range(None, (exact(least), 0))) is not None)
        or (gate.tier_at_most is not None and tier_order.rank(gate.tier_at_most) < highest)
        or (gate.tier_at_least is not None and tier_order.rank(gate.tier_at_least) > lowest)
        or gate.demote is not None
    )
