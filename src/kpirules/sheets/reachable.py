"""The greatest total and subtotals that records can reach, as far as they are known exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.arithmetic.range import Range
from kpirules.arithmetic.sums import ExactTotals
from kpirules.compiler.domains import finished


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number
    from kpirules.compiler.plan import Plan
    from kpirules.model.rubric import Section


def greatest_total(plan: Plan) -> Number:
    """Return the greatest total that a record can reach; full marks if it is not known exactly.

    It is known if every sum of points is reachable and nothing but a tier follows from it.
    """
    totals = plan.totals
    limits = any(
        gate.refuse
        or gate.unratable
        or gate.total_at_most is not None
        or gate.total_at_least is not None
        for gate in plan.rubric.gates
    )
    if limits or not _is_known(plan):
        return plan.full_marks
    found = totals.last_in(Range())
    return plan.full_marks if found is None else found


def greatest_subtotal(plan: Plan, section: Section) -> Number | None:
    """Return the greatest subtotal of a section; None if it is not known exactly."""
    if not _is_known(plan):
        return None
    most = plan.raw_totals.most_of(section)
    return None if most is None else finished(most, plan.weighing.limits[section.id], section.round)


def _is_known(plan: Plan) -> bool:
    """Check whether the sums of points are the reachable totals."""
    totals = plan.totals
    return isinstance(totals, ExactTotals) and totals.exact
