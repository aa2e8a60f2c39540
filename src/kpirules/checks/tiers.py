"""Check that each reachable total has exactly one tier, and each tier a reachable total."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from itertools import combinations, islice
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import Number, exact
from kpirules.arithmetic.range import Range
from kpirules.checks.bands import MAX_PAIRS, values_in_range
from kpirules.checks.registry import TIERS, TIERS_ADVICE, check, reports
from kpirules.checks.search import Suspicion
from kpirules.diagnostics.finding import Finding
from kpirules.model.dependencies import BEFORE, GATES
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Tier


def _about_total(plan: Plan, key: str, **params: object) -> Message:
    """Return the message about a reachable total; of a part of a rubric, that it is assumed."""
    message = Message.of(key, **params)
    is_whole = not plan.without and BEFORE not in plan.lost
    return message if is_whole else Message.of("finding-part.assumed", reason=message)


def _named(tier: Tier) -> Named:
    """Return the name of a tier, for a message."""
    return Named(tier.id, tier.label)


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
            yield Finding(
                code="points-out-of-range",
                reason=_about_total(
                    plan, "finding.points-out-of-range_total", total=total, range=expected
                ),
                advice=Message.of("advice.points-out-of-range_total"),
                path=("full_marks",),
                witness=(("total", total),),
                record=plan.totals.record(total),
            )


@check("tier-gap", phase=TIERS, severity="error", title="a reachable total that has no tier")
@reports("tier-overlap", severity="error", title="a reachable total that has two tiers")
def tier_cover(plan: Plan) -> Iterator[Finding]:
    """Find totals that no tier matches, or that two match."""
    if not plan.rubric.tiers:
        return
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
                reason=_about_total(plan, "finding.tier-gap", total=total),
                advice=Message.of("advice.tier-gap"),
                path=above or below or ("tier",),
                other=below if above else None,
                witness=(("total", total),),
                record=plan.totals.record(total),
            )
        for pair in islice(combinations(rows, 2), MAX_PAIRS):
            overlaps.setdefault(pair, total)
    yield from _after_gates(plan)
    tiers = plan.rubric.tiers
    for (first, second), total in islice(overlaps.items(), MAX_PAIRS):
        yield Finding(
            code="tier-overlap",
            reason=_about_total(
                plan,
                "finding.tier-overlap",
                total=total,
                tier=_named(tiers[second]),
                other=_named(tiers[first]),
            ),
            advice=Message.of("advice.tier-overlap"),
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
            yield Finding(
                code=code,
                reason=Message.of(f"finding.{code}_gate", total=exact(value)),
                advice=Message.of(f"advice.{code}_gate"),
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
    led |= {fall.below for fall in plan.falls}
    for t, tier in enumerate(plan.rubric.tiers):
        if tier.id in led or any(gate.demote for gate in gates):
            continue
        if not tier.total and gates:
            yield Finding(
                code="tier-unreachable",
                reason=Message.of("finding.tier-unreachable_no-total", tier=_named(tier)),
                advice=Message.of("advice.tier-unreachable_no-total"),
                path=("tier", t),
            )
        if tier.total and all(plan.totals.first_in(span) is None for span in tier.total):
            yield Finding(
                code="tier-unreachable",
                reason=Message.of("finding.tier-unreachable", tier=_named(tier)),
                advice=Message.of("advice.tier-unreachable"),
                path=("tier", t, "total"),
            )
    if any(factor for factor in plan.raw_totals.factors) and (
        plan.totals.first_in(Range.exactly(plan.full_marks)) is None
    ):
        most = plan.totals.last_in(_expected(plan))
        yield Finding(
            code="full-marks-unreachable",
            reason=Message.of("finding.full-marks-unreachable", full_marks=plan.full_marks),
            advice=Message.of("advice.full-marks-unreachable"),
            path=("full_marks",),
            witness=() if most is None else (("total", most),),
            record=() if most is None else plan.totals.record(most),
        )


@check(
    "tier-split",
    phase=TIERS_ADVICE,
    severity="warning",
    title="a tier with totals on both sides of another tier",
)
def tier_split(plan: Plan) -> Iterator[Finding]:
    """Find tiers with totals below and above those of another tier, so that neither is higher."""
    for t, tier in enumerate(plan.rubric.tiers):
        split = (
            (u, other)
            for u, other in enumerate(plan.rubric.tiers)
            if u != t and any(_lies_between(span, tier) for span in other.total)
        )
        for u, other in islice(split, 1):
            yield Finding(
                code="tier-split",
                reason=Message.of("finding.tier-split", tier=_named(tier), other=_named(other)),
                advice=Message.of("advice.tier-split", tier=_named(tier)),
                path=("tier", t, "total"),
                other=("tier", u, "total"),
            )


def _lies_between(span: Range, tier: Tier) -> bool:
    """Check whether a range lies above a range of a tier and below another one of it."""
    is_above = any(span.low is not None and r.high and r.high <= span.low for r in tier.total)
    return is_above and any(
        span.high is not None and r.low and span.high <= r.low for r in tier.total
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
                    reason=Message.of(
                        f"finding.not-monotone_{outcome}",
                        total=total,
                        tier=_named(tier),
                        value=exact(pays),
                        below=below,
                        other=_named(other),
                        more=exact(getattr(other, outcome)),
                    ),
                    advice=Message.of(f"advice.not-monotone_{outcome}"),
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
    if isinstance(total, (int, Fraction)):
        aims = (("total", Range.exactly(total) if is_of_gate else _around(plan, total)),)
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
