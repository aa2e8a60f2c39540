"""Check that each reachable total has exactly one tier, and each tier a reachable total."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from itertools import combinations, islice
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import Number, canonical, exact, show
from kpirules.arithmetic.range import Range
from kpirules.checks.bands import MAX_PAIRS, values_in_range
from kpirules.checks.registry import TIERS, TIERS_ADVICE, check, reports
from kpirules.checks.search import Suspicion
from kpirules.diagnostics.finding import Finding
from kpirules.model.dependencies import BEFORE, GATES


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Tier


#: why a total is reported as merely possible
_MAY = "; while other faults stand, every step up to full marks is taken to occur"


def _certainty(plan: Plan) -> tuple[str, str]:
    """Return the verb for how certain a total is, and the reason."""
    is_whole = not plan.without and BEFORE not in plan.lost
    return ("can occur", "") if is_whole else ("may occur", _MAY)


def _expected(plan: Plan) -> Range:
    """Return the expected range of totals."""
    total = plan.quantities.get(BEFORE)
    return Range.closed(0, plan.full_marks) if total is None else total.limit


def _is_consistent(plan: Plan) -> bool:
    """Check whether no fault of weights or criteria explains totals outside of their range."""
    scored = [c for c in plan.criteria if c.criterion.scored and not c.is_weightless]
    rows = [(c, r) for c in scored for r in c.rows if r.formula is None]
    return plan.weights_hold and all(c.limit.covers(c.given_by(r)) for c, r in rows)


@check("points-out-of-range", phase=TIERS)
def total_range(plan: Plan) -> Iterator[Finding]:
    """Find totals outside of their expected range."""
    if not _is_consistent(plan) or BEFORE in plan.lost:
        return
    if not plan.is_plain:
        yield from values_in_range(plan.quantities[BEFORE])
        return
    expected = _expected(plan)
    for outside in (Range(None, expected.low), Range(expected.high, None)):
        if outside == Range():
            continue
        total = plan.totals.first_in(outside)
        if total is not None:
            verb, why = _certainty(plan)
            yield Finding(
                code="points-out-of-range",
                reason=f"a total of {show(total)} {verb}, outside of {expected}{why}",
                advice="let the ranges of the criteria keep the total within full marks",
                path=("full_marks",),
                witness=(("total", total),),
                record=plan.totals.record(total),
            )


@check("tier-gap", phase=TIERS, severity="error", title="a total that can occur and has no tier")
@reports("tier-overlap", severity="error", title="a total that can occur and has two tiers")
def tier_cover(plan: Plan) -> Iterator[Finding]:
    """Find totals that no tier matches, or that two match."""
    if not plan.rubric.tiers:
        return
    verb, why = _certainty(plan)
    overlaps: dict[tuple[int, int], Number] = {}
    for piece, rows in plan.tiers.pieces():
        met = piece.meet(_expected(plan))
        total = None if met is None else plan.totals.first_in(met)
        if total is None:
            continue
        if not rows:
            above, below = _beside(plan, total)
            yield Finding(
                code="tier-gap",
                reason=f"a total of {show(total)} {verb}, and no tier takes it{why}",
                advice="widen a tier, or add one",
                path=above or below or ("tier",),
                other=below if above else None,
                witness=(("total", total),),
                record=plan.totals.record(total),
            )
        for pair in islice(combinations(rows, 2), MAX_PAIRS):
            overlaps.setdefault(pair, total)
    yield from _after_gates(plan)
    for (first, second), total in islice(overlaps.items(), MAX_PAIRS):
        yield Finding(
            code="tier-overlap",
            reason=f"a total of {show(canonical(total))} {verb}, and is in two tiers{why}",
            advice="let one of them begin where the other ends",
            path=("tier", second, "total"),
            other=("tier", first, "total"),
            witness=(("total", total),),
            record=plan.totals.record(total),
        )


def _after_gates(plan: Plan) -> Iterator[Finding]:
    """Find totals set by gates that no tier matches, or that two match."""
    for g, gate in enumerate(plan.rubric.gates):
        for key in ("total_at_most", "total_at_least"):
            value = getattr(gate, key)
            rows = () if value is None else plan.tiers.rows_at([exact(value)])
            if value is None or len(rows) == 1:
                continue
            code = "tier-overlap" if rows else "tier-gap"
            found = "two tiers take it" if rows else "no tier takes it"
            yield Finding(
                code=code,
                reason=f"a gate leads to a total of {show(exact(value))}, and {found}",
                advice="correct the gate, or the totals of the tiers",
                path=("gate", g, key),
                witness=(("total", exact(value)),),
            )


def _beside(plan: Plan, total: Number) -> tuple[KeyPath | None, KeyPath | None]:
    """Return the places of the tiers next above and next below a total without a tier."""
    above: dict[Number, int] = {}
    below: dict[Number, int] = {}
    for t, tier in enumerate(plan.rubric.tiers):
        for span in tier.total:
            if span.low is not None and span.low[0] >= total:
                above.setdefault(span.low[0], t)
            if span.high is not None and span.high[0] <= total:
                below.setdefault(span.high[0], t)
    return (
        ("tier", above[min(above)], "total") if above else None,
        ("tier", below[max(below)], "total") if below else None,
    )


@check(
    "tier-unreachable", phase=TIERS_ADVICE, severity="warning", title="a tier that no total reaches"
)
@reports("full-marks-unreachable", severity="warning", title="no record reaches full marks")
def tiers_reached(plan: Plan) -> Iterator[Finding]:
    """Find tiers that no total reaches, and full marks that no record reaches."""
    if plan.without or not plan.weights_hold:
        return
    gates = plan.rubric.gates
    led = {name for g in gates for name in (g.tier_at_most, g.tier_at_least) if name is not None}
    limits = [exact(v) for g in gates for v in (g.total_at_most, g.total_at_least) if v is not None]
    led |= {tier.id for v in limits if (tier := plan.tier_of(v)) is not None}
    for t, tier in enumerate(plan.rubric.tiers):
        if tier.id in led or any(gate.demote for gate in gates):
            continue
        if not tier.total and gates:
            yield Finding(
                code="tier-unreachable",
                reason=f'the tier "{tier.id}" has no total, and no gate leads to it',
                advice="give it a total, or let a gate lead to it",
                path=("tier", t),
            )
        if tier.total and all(plan.totals.first_in(span) is None for span in tier.total):
            yield Finding(
                code="tier-unreachable",
                reason=f'no total that can occur is in the tier "{tier.id}"',
                advice="correct its total, or leave it out",
                path=("tier", t, "total"),
            )
    if any(factor for factor in plan.raw_totals.factors) and (
        plan.totals.first_in(Range.exactly(plan.full_marks)) is None
    ):
        most = plan.totals.last_in(_expected(plan))
        yield Finding(
            code="full-marks-unreachable",
            reason=f"no record reaches the full marks of {show(plan.full_marks)}",
            advice="let the best band of each criterion give its full points",
            path=("full_marks",),
            witness=() if most is None else (("total", most),),
            record=() if most is None else plan.totals.record(most),
        )


@check("not-monotone", phase=TIERS_ADVICE)
def monotone_tiers(plan: Plan) -> Iterator[Finding]:
    """Find totals that pay less than a lower one: the least, with the least that pays more."""
    if plan.without or not plan.weights_hold or not plan.rubric.tiers:
        return
    reached = [(plan.totals.first_in(piece), rows) for piece, rows in plan.tiers.pieces()]
    rising = [
        (total, t, plan.rubric.tiers[t])
        for total, rows in reached
        if total is not None
        for t in rows
    ]
    for outcome in ("pay", "coefficient"):
        # the tiers that pay more than all below them, rising
        tops: list[tuple[Number, int, Tier]] = []
        for total, t, tier in rising:
            pays = getattr(tier, outcome)
            if pays is None:
                break
            more = bisect_right(tops, pays, key=lambda top: getattr(top[2], outcome))
            if more == len(tops):
                tops.append((total, t, tier))
            elif tops[more][0] < total:
                below, u, other = tops[more]
                yield Finding(
                    code="not-monotone",
                    reason=(
                        f'a total of {show(total)} ("{tier.id}") gives a {outcome} of '
                        f"{show(exact(pays))}, and one of {show(below)} "
                        f'("{other.id}") gives {show(exact(getattr(other, outcome)))}'
                    ),
                    advice=f"correct the {outcome}, or the totals of the two tiers",
                    path=("tier", t),
                    other=("tier", u),
                    witness=(("total", total),),
                    against=(("total", below),),
                    record=plan.totals.record(total),
                )
                break


def suspicion(plan: Plan, finding: Finding) -> Suspicion:
    """Return a finding about totals, with hints for the search for a record that shows it."""
    is_of_gate = finding.path[:1] == ("gate",)
    total = dict(finding.witness).get("total")
    aims: tuple[tuple[str, Range], ...] = ()
    if isinstance(total, (int, Fraction)) and not is_of_gate:
        aims = (("total", _around(plan, total)),)
    elif finding.code == "points-out-of-range":
        ends = (Range(_expected(plan).high, None), Range(None, _expected(plan).low))
        aims = tuple(("total", end) for end in ends if end != Range())
    return Suspicion(
        finding=finding,
        name=GATES if is_of_gate else BEFORE,
        hint=dict(finding.record or finding.witness),
        aims=aims,
    )


def _around(plan: Plan, total: Number) -> Range:
    """Return the totals with the same tiers as a total, on the same side of the expected range."""
    span = plan.tiers.cell(0, total) if plan.rubric.tiers else Range()
    expected = _expected(plan)
    if expected.contains(total):
        return span.meet(expected) or span
    return (
        Range(expected.high, None)
        if expected.low is None or (total, 0) >= expected.low
        else Range(None, expected.low)
    )
