"""Whether each total that can occur has exactly one tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.findings import Finding
from kpirules.numbers import Number, canonical, show
from kpirules.reach import reachable_totals


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.plan import Plan


def tier_cover(plan: Plan) -> Iterator[Finding]:
    """Find totals that no tier takes, or that two take."""
    if not plan.rubric.tiers:
        return
    gap: Number | None = None
    overlaps: dict[tuple[int, int], Number] = {}
    for total in reachable_totals(plan):
        rows = plan.tiers.rows_at([total])
        if not rows and gap is None:
            gap = total
        for i, first in enumerate(rows):
            for second in rows[i + 1 :]:
                overlaps.setdefault((first, second), total)
    if gap is not None:
        yield Finding(
            code="tier-gap",
            message=f"a total of {show(canonical(gap))} can occur, and no tier takes it",
            help="widen a tier, or add one",
            path=("tier",),
            witness=(("total", gap),),
        )
    for (first, second), total in overlaps.items():
        yield Finding(
            code="tier-overlap",
            message=f"a total of {show(canonical(total))} is in two tiers",
            help="let one of them begin where the other ends",
            path=("tier", second, "total"),
            other=("tier", first, "total"),
            witness=(("total", total),),
        )
