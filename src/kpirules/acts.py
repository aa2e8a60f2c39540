"""What is done at each stage of a record: one act for each kind of computed name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from kpirules import order
from kpirules.criteria import CriterionPlan, Outcome, Scored
from kpirules.errors import Problem
from kpirules.kept import keep
from kpirules.numbers import Exact, Number, added, computed, exact, show
from kpirules.partition import MISSING
from kpirules.quantities import Missing, QuantityPlan, RefusedValueError, Taken
from kpirules.result import EFFECTS, GateHeld, Step, TierReached
from kpirules.terms import finished


if TYPE_CHECKING:
    from kpirules.model import Gate, Section, Text
    from kpirules.plan import Plan
    from kpirules.stages import Run

#: what works one name out
Act: TypeAlias = "Callable[[Run], None]"


def acts_of(plan: Plan) -> Iterator[tuple[str, Act]]:
    """Give what is done at each computed name, as far as it is not lost."""
    every = (*_of_facts(plan), *_of_sums(plan), *_of_the_rest(plan))
    return ((name, act) for name, act in every if name not in plan.lost)


def _of_facts(plan: Plan) -> Iterator[tuple[str, Act]]:
    """Give the acts of derived facts, weights and criteria."""
    for derived in plan.rubric.derived:
        yield derived.name, partial(_derived, name=derived.name, label=derived.label)
    for name, _ in order.weighed(plan.rubric):
        yield name, partial(_weight, name=name)
    for c in plan.criteria:
        yield f"points.{c.id}", partial(_points, c=c, name=f"points.{c.id}")


def _of_sums(plan: Plan) -> Iterator[tuple[str, Act]]:
    """Give the acts of contributions and what they add up to."""
    for c in plan.criteria:
        if c.is_scored:
            yield f"contribution.{c.id}", partial(_contribution, criterion=c.id)
    for section in plan.rubric.sections:
        yield f"subtotal.{section.id}", partial(_subtotal, section=section)
    yield "raw_total", _raw_total


def _of_the_rest(plan: Plan) -> Iterator[tuple[str, Act]]:
    """Give the acts of adjustments, total, gates and outcomes."""
    rubric = plan.rubric
    for each in rubric.adjustments:
        name, skips = f"adjust.{each.id}", each.missing == "skip"
        yield name, partial(_adjust, name=name, label=each.label, skips=skips)
    for i, gate in enumerate(rubric.gates):
        if gate.refuse:
            yield order.refusal(i), partial(_refuse, index=i, gate=gate)
    yield order.BEFORE, _before
    yield order.GATES, _gates
    # the gates settle both
    yield "total", _settled
    yield "tier", _settled
    for outcome in rubric.outcomes:
        name, skips = f"outcome.{outcome.name}", outcome.missing == "skip"
        yield name, partial(_outcome, name=name, label=outcome.label, skips=skips)
    for name in order.tier_outcomes(rubric):
        yield f"outcome.{name}", partial(_outcome, name=f"outcome.{name}", label=None, skips=False)


def tier_reached(plan: Plan, name: str) -> TierReached:
    """Give a tier as a result has it."""
    tier = next(tier for tier in plan.rubric.tiers if tier.id == name)
    return TierReached(id=tier.id, label=tier.label)


def _take(run: Run, name: str) -> Taken | Missing | None:
    """Ask a quantity; None where it has no value."""
    try:
        taken = run.plan.quantities[name].take(run.values, strict=run.strict)
    except RefusedValueError as error:
        run.undefined(name, error)
        return None
    if isinstance(taken, Taken) and taken.value is None:
        # it states no way to its value, which is a finding of its own
        run.broken.add(name)
        return None
    return taken


def _step(run: Run, name: str, taken: Taken, label: Text | None = None) -> None:
    """Keep what a quantity came to, and how."""
    quantity = run.plan.quantities[name]
    run.values[name] = taken.value
    run.steps[name] = step_of(quantity, name, taken, run.values, label)


def step_of(
    quantity: QuantityPlan, name: str, taken: Taken, values: Mapping[str, Any], label: Text | None
) -> Step:
    """Say how a quantity came to its value."""
    row = quantity.rows[taken.row]
    value = taken.value
    raw = None if taken.raw is None or taken.raw == value else Exact(taken.raw)
    used = {n: values[n] for n in quantity.needs if values.get(n, MISSING) is not MISSING}
    return Step(
        name=name.rpartition(".")[2],
        label=label,
        value=Exact(value) if isinstance(value, (int, Fraction)) else value or "",
        raw=raw,
        band=None if row.band is None else taken.row,
        band_label=None if row.band is None else row.band.label,
        condition=row.condition,
        used=tuple(used.items()),
    )


def _derived(run: Run, *, name: str, label: Text | None) -> None:
    """Work a derived fact out; of what is missing, it is missing."""
    taken = _take(run, name)
    if isinstance(taken, Taken) and taken.value is not None:
        _step(run, name, taken, label)


def _weight(run: Run, *, name: str) -> None:
    """Work a weight out."""
    taken = _take(run, name)
    if isinstance(taken, Missing):
        run.lacking(name, taken)
    elif taken is not None:
        run.values[name] = run.weights[name] = cast("Number", taken.value)


def _points(run: Run, *, c: CriterionPlan, name: str) -> None:
    """Score a criterion."""
    weightless = c.is_scored and (
        c.is_weightless
        or (run.plan.weighing.is_worked_out and run.plan.weighing.is_weightless(c.id, run.weights))
    )
    if not weightless and not run.broken.isdisjoint(c.rating_names):
        run.broken.add(name)
        return

    made: Outcome | None = run.course.scored.get(run.key(c.id)) if run.keeps else None
    if made is None:
        try:
            made = c.score(run.values, partial(run.bare, c.id), weightless=weightless)
        except RefusedValueError as error:
            run.undefined(name, error)
            return
        if run.keeps and isinstance(made, Scored):
            keep(run.course.scored, run.key(c.id), made)
    if isinstance(made, Scored):
        run.scored[c.id] = made
        run.values[name] = MISSING if made.left_out else made.points
        if made.points is None and not made.left_out:
            # a remark, or a criterion that is not scored and was not rated
            del run.values[name]
    else:
        run.refuse(name, *made)


def _contribution(run: Run, *, criterion: str) -> None:
    """Work out what a criterion gives to the total."""
    share = run.settle().get(criterion, 0)
    points = run.scored[criterion].points
    out = points is None
    value = MISSING if points is None else computed(Fraction(points) * share)
    run.values[f"contribution.{criterion}"] = MISSING if out else value


def _subtotal(run: Run, *, section: Section) -> None:
    """Add a section up; one with nothing left is left out."""
    parts = [run.values.get(f"contribution.{c.id}") for c in section.criteria if c.scored]
    there = [part for part in parts if part is not MISSING]
    name = f"subtotal.{section.id}"
    if parts and not there:
        run.values[name] = MISSING
        return
    raw = added(part or 0 for part in there)
    value = finished(raw, section.clamp, section.round)
    run.values[name] = value
    if section.clamp is not None or section.round is not None:
        run.steps[name] = Step(
            name=section.id,
            label=section.label,
            value=Exact(value),
            raw=None if raw == value else Exact(raw),
        )


def _raw_total(run: Run) -> None:
    """Add the form up; with too few criteria scored, the record is unratable."""
    plan, rubric = run.plan, run.plan.rubric
    run.settle()
    if "raw_total" in run.broken:
        return
    names = [f"subtotal.{s.id}" for s in rubric.sections]
    names = names or [f"contribution.{c.id}" for c in rubric.criteria if c.scored]
    parts = [run.values.get(name, MISSING) for name in names]
    there = [part for part in parts if part is not MISSING]
    run.values["raw_total"] = added(there)
    scored = [c.id for c in plan.criteria if c.is_scored]
    counted = sum(1 for name in scored if run.scored[name].points is not None)
    least = 1 if rubric.total is None else (rubric.total.minimum_scored or 1)
    run.unratable = bool(scored) and counted < least


def _adjust(run: Run, *, name: str, label: Text | None, skips: bool) -> None:
    """Work an adjustment out; one that is skipped adds 0."""
    taken = _take(run, name)
    if isinstance(taken, Taken):
        _step(run, name, taken, label)
    elif taken is not None:
        if not skips:
            run.lacking(name, taken)
            return
        run.values[name] = 0
        name_ = name.rpartition(".")[2]
        run.steps[name] = Step(name=name_, label=label, value=Exact(0), skipped=True)


def _refuse(run: Run, *, index: int, gate: Gate) -> None:
    """Refuse the record where a gate says so."""
    name = order.refusal(index)
    quantity = run.plan.gates[index]
    taken = quantity.take(run.values)
    if isinstance(taken, Missing):
        if gate.missing != "skip":
            run.lacking(name, taken)
    elif taken.value == 1:
        roots = run.plan.scope.roots(quantity.needs)
        about = next((n for n in roots if n in run.given), (*roots, "record")[0])
        reason = "" if gate.reason is None else f": {gate.reason.get('en')}"
        message = f"is refused where {quantity.rows[0].condition}{reason}"
        run.refuse(name, Problem(input=about, value=run.given.get(about), message=message))


def _before(run: Run) -> None:
    """Work the total and the tier out, before gates."""
    if run.unratable:
        return
    taken = _take(run, order.BEFORE)
    if isinstance(taken, Missing):
        run.lacking(order.BEFORE, taken)
    elif taken is not None:
        total = cast("Number", taken.value)
        run.values["total"] = total
        quantity = run.plan.quantities[order.BEFORE]
        if quantity.quantity.is_given or taken.raw != total:
            run.steps[order.BEFORE] = step_of(quantity, "total", taken, run.values, None)
        _set_tier(run, order.BEFORE, total)


def _set_tier(run: Run, name: str, total: Number) -> None:
    """Look the tier of a total up: exactly one takes it, where there are tiers."""
    rows = run.plan.tiers.rows_at([total])
    if len(rows) == 1:
        run.values["tier"] = run.plan.rubric.tiers[rows[0]].id
    elif run.plan.rubric.tiers:
        many = f"{len(rows)} tiers take" if rows else "no tier takes"
        code = "tier-overlap" if rows else "tier-gap"
        needs = run.plan.scope.graph[order.BEFORE]
        run.undefined(name, RefusedValueError(f"{many} a total of {show(total)}", needs, code))


def _gates(run: Run) -> None:
    """Judge all gates on the total and tier as they stand; then let those that hold act."""
    if run.unratable:
        return
    plan = run.plan
    holding: list[Gate] = []
    for i, gate in enumerate(plan.rubric.gates):
        if gate.refuse:
            continue
        quantity = plan.gates[i]
        taken = quantity.take(run.values)
        if isinstance(taken, Missing):
            if gate.missing != "skip":
                run.lacking(order.GATES, taken)
        elif taken.value == 1:
            used = {n: run.values[n] for n in quantity.needs if n in run.values}
            holding.append(gate)
            run.held.append(
                GateHeld(
                    gate=i,
                    condition=quantity.rows[0].condition,
                    effect=effect_of(gate),
                    reason=gate.reason,
                    used=tuple((n, v) for n, v in used.items() if v is not MISSING),
                )
            )
    before = run.values.get("tier")
    run.before = None if before is None else tier_reached(plan, before)
    if any(gate.unratable for gate in holding):
        run.unratable = True
        for name in ("total", "tier"):
            run.values.pop(name, None)
        return
    _limit_total(run, holding)
    _limit_tier(run, holding)


def _settled(_: Run) -> None:
    """Do nothing: the gates have settled it."""


def _limit_total(run: Run, holding: list[Gate]) -> None:
    """Let gates limit the total; where they conflict the lower total wins."""
    total = run.values["total"]
    lows = [exact(g.total_at_least) for g in holding if g.total_at_least is not None]
    highs = [exact(g.total_at_most) for g in holding if g.total_at_most is not None]
    limited = min([max([total, *lows]), *highs])
    if limited != total:
        run.values["total"] = limited
        _set_tier(run, order.GATES, limited)


def _limit_tier(run: Run, holding: list[Gate]) -> None:
    """Let gates limit the tier; where they conflict the lower tier wins."""
    if "tier" not in run.values:
        return
    ladder = run.plan.ladder
    rank = ladder.rank(run.values["tier"]) - sum(g.demote or 0 for g in holding)
    lows = [ladder.rank(g.tier_at_least) for g in holding if g.tier_at_least is not None]
    highs = [ladder.rank(g.tier_at_most) for g in holding if g.tier_at_most is not None]
    # no tier lies below the lowest
    run.values["tier"] = ladder.at(min([max([rank, 0, *lows]), *highs]))


def effect_of(gate: Gate) -> tuple[tuple[str, Any], ...]:
    """Give what a gate does: (key, value)."""
    every = ((key, kind, getattr(gate, key)) for key, kind in EFFECTS.items())
    given = (each for each in every if each[2] is not None and each[2] is not False)
    return tuple((key, kind(value)) for key, kind, value in given)


def _outcome(run: Run, *, name: str, label: Text | None, skips: bool) -> None:
    """Work an outcome out; one that is skipped is none."""
    if run.unratable:
        return
    taken = _take(run, name)
    if isinstance(taken, Taken):
        _step(run, name, taken, label)
    elif taken is not None:
        if skips:
            run.values[name] = MISSING
        else:
            run.lacking(name, taken)
