"""What follows from the points, over columns: sums, adjustments, total, tier, gates, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from kpirules.arithmetic.number import exact
from kpirules.arithmetic.range import Range
from kpirules.codegen import backend
from kpirules.codegen import fixed_point as u
from kpirules.codegen.builder import fact_of
from kpirules.codegen.fixed_point import BeyondError, Units
from kpirules.codegen.input_expressions import NOTHING, Fact
from kpirules.codegen.row_values import Took
from kpirules.codegen.truth import YES, Truth, every, opposite, some
from kpirules.evaluation.rejections import rejection_of
from kpirules.model.dependencies import contributions, summands
from kpirules.model.names import Points
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals as nw

    from kpirules.codegen.builder import Work
    from kpirules.codegen.criterion_expressions import Scored
    from kpirules.compiler.stages import (
        AdjustmentStage,
        ContributionStage,
        DerivedStage,
        GatesStage,
        OutcomeStage,
        RawTotalStage,
        RefusalStage,
        SubtotalStage,
        TotalStage,
    )
    from kpirules.model.names import Contribution, Subtotal
    from kpirules.model.rubric import Gate


_OUT = attrs.evolve(NOTHING, is_out=True)


def contribution(work: Work, scored: dict[str, Scored], stage: ContributionStage) -> None:
    """Compute what a criterion gives to the total."""
    name, criterion = str(stage.name), stage.name.id
    points = scored[criterion].points
    if points.is_out or points.number is None:
        work.env[name] = _OUT
        return
    share = u.constant(work.plan.weighing.factors.get(criterion, 0))
    number = u.times(points.number, share)
    work.env[name] = attrs.evolve(points, number=number, level=number.level)


def _sum(work: Work, names: Sequence[Contribution | Subtotal]) -> Fact:
    """Return the sum of those of some names that are not left out."""
    facts = [work.env[str(name)] for name in names]
    there = [fact for fact in facts if not fact.is_out]
    if facts and not there:
        return _OUT
    number = u.total([fact.number for fact in there if fact.number is not None])
    after = frozenset[int]().union(*(fact.after for fact in there))
    return Fact(number=number, after=after, level=number.level)


def subtotal(work: Work, stage: SubtotalStage) -> None:
    """Add a section up."""
    name, section = str(stage.name), stage.section
    made = _sum(work, contributions(section.criteria))
    if made.number is not None and (section.settles or name in work.asked):
        number = _guarded(work, made.number)
        number = work.keep(
            u.rounded(u.limited(number, work.plan.weighing.limits[section.id]), section.round)
        )
        made = attrs.evolve(made, number=number, level=number.level)
    work.env[name] = made


def _guarded(work: Work, number: Units) -> Units:
    """Return a sum that is null in rows where a given value is not allowed."""
    if number.only is not None:
        return number
    taken = work.taken()
    expr = backend.when(taken.column).then(number.expr)
    level = max(taken.level, number.level)
    guarded = attrs.evolve(number, expr=expr, level=level, is_kept=False, is_guarded=True)
    return work.keep(guarded)


def raw_total(work: Work, stage: RawTotalStage) -> None:
    """Add the form up."""
    plan, rubric = work.plan, work.plan.rubric
    made = _sum(work, summands(rubric))
    least = 1 if rubric.total is None else (rubric.total.minimum_scored or 1)
    scored = [c for c in plan.criteria if c.is_scored]
    if scored and sum(not work.env[str(Points(c.id))].is_out for c in scored) < least:
        raise BeyondError(Message.of("cannot-express.too-few"))
    number = _guarded(work, made.number or u.constant(0))
    fact = Fact(number=number, after=made.after, level=number.level, is_safe=True)
    work.env[str(stage.name)] = fact


def adjust(work: Work, stage: AdjustmentStage) -> None:
    """Compute an adjustment; one that is skipped adds 0."""
    took = work.take(stage.quantity)
    fact = _settled(work, stage, took, skips=stage.skips)
    if stage.skips and fact.number is not None:
        number = u.choose(took.lacking, u.constant(0), fact.number)
        fact = attrs.evolve(fact, number=number, level=number.level, given=YES)
    work.env[str(stage.name)] = _kept(work, fact)


def _settled(
    work: Work,
    stage: DerivedStage | AdjustmentStage | TotalStage | OutcomeStage,
    took: Took,
    *,
    skips: bool,
) -> Fact:
    """Return what a quantity evaluates to; reject the rows in which it has no allowed value."""
    there = opposite(took.lacking)
    name, quantity = str(stage.name), stage.quantity
    roots = work.plan.scope.roots(quantity.needs)
    outside = Message.of("problem.out-of-range_value", range=quantity.limit)
    reason = Message.of("problem-part.in", reason=outside, place=work.plan.scope.name(name))
    after = took.after | work.refuse_given(
        roots or (name,), reason, every([there, took.beyond]), took.after
    )
    if not skips:
        after |= work.refuse_lacking(name, took)
        there = YES
    return fact_of(took, given=there, after=after)


def _kept(work: Work, fact: Fact) -> Fact:
    """Return a fact in a column of its own, so that each use of it reads that column."""
    if fact.number is not None:
        number = work.keep(fact.number)
        fact = attrs.evolve(fact, number=number, level=number.level)
    else:
        text, level = work.keep_column(cast("nw.Expr", fact.text), fact.level)
        fact = attrs.evolve(fact, text=text, level=level)
    return attrs.evolve(fact, given=work.keep_truth(fact.given))


def derived(work: Work, stage: DerivedStage) -> None:
    """Compute a derived fact; if what it needs is missing, it is missing too."""
    took = work.take(stage.quantity)
    work.env[str(stage.name)] = _kept(work, _settled(work, stage, took, skips=True))


def refuse(work: Work, stage: RefusalStage) -> None:
    """Reject the rows that a gate rejects."""
    gate, quantity = stage.gate, stage.quantity
    took = work.take(quantity)
    if gate.missing != "skip":
        work.refuse_lacking(str(stage.name), took)
    roots = work.plan.scope.roots(quantity.needs)
    wrong = every([opposite(took.lacking), took.holds[0]])
    work.refuse_given(roots, rejection_of(work.plan.rubric, stage), wrong, took.after)


def before_gates(work: Work, stage: TotalStage) -> None:
    """Compute the total and the tier before gates."""
    took = work.take(stage.quantity)
    work.env["total"] = _kept(work, _settled(work, stage, took, skips=False))
    _find_tier(work)


def _rank(work: Work, total: Units) -> Units:
    """Return the rank of the tier of a total; the lowest rank is 0."""
    plan = work.plan
    cases = [
        (u.within(total, tier.total), u.constant(plan.tier_order.rank(tier.id)))
        for tier in plan.rubric.tiers
        if tier.total
    ]
    # a sound rubric has a tier for each total
    *first, last = cases
    return u.chosen(first, last[1])


def _find_tier(work: Work) -> None:
    """Look up the tier of the total, as its rank and as its id."""
    total = work.env["total"]
    work.rank = None
    if total.number is None or not any(tier.total for tier in work.plan.rubric.tiers):
        work.env["tier"] = NOTHING
        return
    _set_tier(work, work.keep(_rank(work, total.number)), total)


def _set_tier(work: Work, rank: Units, total: Fact) -> None:
    """Set the tier to that of a rank."""
    tier_order = work.plan.tier_order
    ids = [tier_order.at(r) for r in range(len(work.plan.rubric.tiers))]
    cases = [
        (u.within(rank, [Range.exactly(r)]), backend.lit(name)) for r, name in enumerate(ids[:-1])
    ]
    text, level = work.keep_column(u.chain(cases, backend.lit(ids[-1])), rank.level)
    work.rank = rank
    work.env["tier"] = Fact(
        text=text, code=rank, options=tuple(ids), after=total.after, level=level
    )


def gates(work: Work, stage: GatesStage) -> Truth:
    """Return the rows that are unratable; apply the gates that hold to total and tier.

    All gates are judged on the total and the tier before gates.
    """
    holding: list[tuple[Gate, Truth]] = []
    for _, gate, quantity in stage.gates:
        took = work.take(quantity)
        if gate.missing != "skip":
            work.refuse_lacking(str(stage.name), took)
        holds = every([opposite(took.lacking), took.holds[0]])
        holding.append((gate, work.keep_truth(holds)))
    unratable = some(holds for gate, holds in holding if gate.unratable)
    _limit_total(work, holding)
    _limit_tier(work, holding)
    return unratable


def _limit_total(work: Work, holding: list[tuple[Gate, Truth]]) -> None:
    """Limit the total by the gates that hold; if they conflict, the lower total wins."""
    fact = work.env["total"]
    total = before = fact.number or u.constant(0)
    for gate, holds in holding:
        if gate.total_at_least is not None:
            lifted = u.greater(total, u.constant(exact(gate.total_at_least)))
            total = u.choose(holds, lifted, total)
    for gate, holds in holding:
        if gate.total_at_most is not None:
            cut = u.lesser(total, u.constant(exact(gate.total_at_most)))
            total = u.choose(holds, cut, total)
    if total is not before:
        total = work.keep(total)
        work.env["total"] = attrs.evolve(fact, number=total, level=total.level)
        _find_tier(work)


def _limit_tier(work: Work, holding: list[tuple[Gate, Truth]]) -> None:
    """Limit the tier by the gates that hold; if they conflict, the lower tier wins."""
    if work.rank is None:
        return
    tier_order = work.plan.tier_order
    rank = before = work.rank
    for gate, holds in holding:
        if gate.demote:
            rank = u.choose(holds, u.plus(rank, u.constant(-gate.demote)), rank)
    for gate, holds in holding:
        if gate.tier_at_least is not None:
            least = u.constant(tier_order.rank(gate.tier_at_least))
            rank = u.choose(holds, u.greater(rank, least), rank)
    # no tier lies below the lowest
    rank = u.greater(rank, u.constant(0)) if rank is not before else rank
    for gate, holds in holding:
        if gate.tier_at_most is not None:
            most = u.constant(tier_order.rank(gate.tier_at_most))
            rank = u.choose(holds, u.lesser(rank, most), rank)
    if rank is not before:
        _set_tier(work, work.keep(rank), work.env["total"])


def outcome(work: Work, stage: OutcomeStage, *, unratable: Truth) -> None:
    """Compute an outcome; one that is skipped is null, as are all of an unratable row."""
    took = work.take(stage.quantity)
    if unratable.expr is not False:
        ratable = opposite(unratable)
        took = attrs.evolve(
            took,
            lacks=tuple(
                attrs.evolve(lack, where=every([ratable, lack.where]), asked=())
                for lack in took.lacks
            ),
            beyond=every([ratable, took.beyond]),
        )
    fact = _kept(work, _settled(work, stage, took, skips=stage.skips))
    work.env[str(stage.name)] = attrs.evolve(fact, may_be_excluded=fact.given.expr is not True)
