"""The function of each kind of stage, over the state of a record."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, assert_never, cast

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Number, added, computed
from kpirules.compiler.computed import (
    Missing,
    Outcome,
    RejectedValueError,
    Scored,
    Taken,
    TakenList,
)
from kpirules.compiler.domains import finished
from kpirules.compiler.per_item import CompiledList
from kpirules.compiler.stages import (
    AdjustmentStage,
    ContributionStage,
    CriterionStage,
    DemotionStage,
    DerivedStage,
    GatesStage,
    OutcomeStage,
    RawTotalStage,
    RefusalStage,
    SettledStage,
    Stage,
    SubtotalStage,
    TotalStage,
    WeightStage,
)
from kpirules.evaluation.rejections import rejection_of
from kpirules.evaluation.trace import HeldTrace, StepTrace
from kpirules.model import dependencies
from kpirules.model.tier_order import limited_total
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.compiler.computed import Env
    from kpirules.evaluation.state import State
    from kpirules.model.rubric import Gate


#: computes what a stage computes
Act: TypeAlias = "Callable[[State], None]"
#: returns what the criterion of an id depends on, without defaults
Bare: TypeAlias = "Callable[[State, str], Env]"


def act_of(stage: Stage, bare: Bare) -> Act:  # noqa: C901, PLR0912 - a case a kind of stage
    """Return the function of a stage."""
    name = str(stage.name)
    match stage:
        case DerivedStage():
            return partial(_derived, stage=stage, name=name)
        case WeightStage():
            return partial(_weight, stage=stage, name=name)
        case CriterionStage():
            return partial(_points, stage=stage, name=name, bare=bare)
        case ContributionStage():
            return partial(_contribution, criterion=stage.name.id, name=name)
        case SubtotalStage():
            return partial(_subtotal, stage=stage, name=name)
        case RawTotalStage():
            return _raw_total
        case AdjustmentStage():
            return partial(_adjust, stage=stage, name=name)
        case RefusalStage():
            return partial(_refuse, stage=stage, name=name)
        case TotalStage():
            return partial(_total, stage=stage)
        case GatesStage():
            return partial(_gates, stage=stage)
        case SettledStage():
            return _settled
        case DemotionStage():
            return partial(_demote, stage=stage, name=name)
        case OutcomeStage():
            return partial(_outcome, stage=stage, name=name)
        case _ as never:
            assert_never(never)


def _derived(state: State, *, stage: DerivedStage, name: str) -> None:
    """Compute a derived fact."""
    quantity = stage.quantity
    if isinstance(quantity, CompiledList):
        items = state.take_items(name, quantity)
        if isinstance(items, TakenList):
            state.list_step(name, quantity, items, stage.label)
        return
    taken = state.take(name, quantity)
    if isinstance(taken, Taken):
        state.step(name, quantity, taken, stage.label)


def _weight(state: State, *, stage: WeightStage, name: str) -> None:
    """Compute a weight."""
    taken = state.take(name, stage.quantity)
    if isinstance(taken, Missing):
        state.lacking(name, taken)
    elif taken is not None:
        state.values[name] = state.weights[name] = cast("Number", taken.value)


def _points(state: State, *, stage: CriterionStage, name: str, bare: Bare) -> None:
    """Compute the points of a criterion."""
    c, weighing = stage.criterion, state.plan.weighing
    weightless = c.is_weightless
    if weighing.has_computed_weights and c.is_scored and not weightless:
        weightless = weighing.is_weightless(c.id, state.weights)
    if not weightless and state.broken and not state.broken.isdisjoint(c.rating_names):
        state.lose(name)
        return
    try:
        made: Outcome = c.score(state.values, partial(bare, state, c.id), weightless=weightless)
    except RejectedValueError as error:
        state.undefined(name, error)
        return
    if isinstance(made, Scored):
        state.put(c, made)
    else:
        state.reject(name, *made)


def _contribution(state: State, *, criterion: str, name: str) -> None:
    """Compute the contribution of a criterion to the total."""
    share = state.settle().get(criterion, 0)
    points = state.scored[criterion].points
    if points is None:
        state.values[name] = MISSING
    else:
        state.values[name] = points if share == 1 else computed(points * share)


def _subtotal(state: State, *, stage: SubtotalStage, name: str) -> None:
    """Compute the subtotal of a section."""
    section, values = stage.section, state.values
    parts = [values.get(name) for name in stage.parts]
    there = [part for part in parts if part is not MISSING]
    if parts and not there:
        values[name] = MISSING
        return
    raw = added(part or 0 for part in there)
    value = values[name] = finished(raw, state.limit(section), section.round)
    if section.settles:
        taken = Taken(row=0, value=value, raw=raw)
        state.steps[name] = StepTrace(name, section.label, None, taken, {})


def _raw_total(state: State) -> None:
    """Compute the raw total."""
    plan, rubric, values = state.plan, state.plan.rubric, state.values
    state.settle()
    if "raw_total" in state.broken:
        return
    names = [f"subtotal.{s.id}" for s in rubric.sections]
    names = names or [f"contribution.{c.id}" for c in rubric.criteria if c.scored]
    parts = [values.get(name, MISSING) for name in names]
    values["raw_total"] = added(part for part in parts if part is not MISSING)
    scored = [c.id for c in plan.criteria if c.is_scored]
    counted = sum(1 for name in scored if state.scored[name].points is not None)
    least = 1 if rubric.total is None else (rubric.total.minimum_scored or 1)
    state.unratable = bool(scored) and counted < least


def _adjust(state: State, *, stage: AdjustmentStage, name: str) -> None:
    """Compute an adjustment."""
    taken = state.take(name, stage.quantity)
    if isinstance(taken, Taken):
        state.step(name, stage.quantity, taken, stage.label)
    elif taken is not None:
        if not stage.skips:
            state.lacking(name, taken)
            return
        state.values[name] = 0
        state.steps[name] = StepTrace(
            name, stage.label, None, Taken(row=0, value=0), {}, skipped=True
        )


def _refuse(state: State, *, stage: RefusalStage, name: str) -> None:
    """Reject the record where a gate does."""
    gate, quantity = stage.gate, stage.quantity
    taken = quantity.take(state.values)
    if isinstance(taken, Missing):
        if gate.missing != "skip":
            state.lacking(name, taken)
    elif taken.value == 1:
        roots = state.plan.scope.roots(quantity.needs)
        first = next((n for n in roots if n in state.given), (*roots, "record")[0])
        state.reject(name, state.problem(first, rejection_of(state.plan.rubric, stage), roots))


def _total(state: State, *, stage: TotalStage) -> None:
    """Compute the total and the tier, before gates."""
    if state.unratable or not state.plan.has_total:
        return
    quantity = stage.quantity
    taken = state.take(dependencies.BEFORE, quantity)
    if isinstance(taken, Missing):
        state.lacking(dependencies.BEFORE, taken)
    elif taken is not None:
        total = cast("Number", taken.value)
        state.values["total"] = total
        if quantity.quantity.is_given or taken.raw != total:
            state.steps[dependencies.BEFORE] = StepTrace(
                "total", None, quantity, taken, state.values
            )
        _set_tier(state, dependencies.BEFORE, total)


def _set_tier(state: State, name: str, total: Number) -> None:
    """Set the tier of a total: exactly one contains it, if there are tiers."""
    plan = state.plan
    if not plan.rubric.tiers:
        return
    rows = plan.tiers.rows_at([total])
    if len(rows) == 1:
        state.values["tier"] = plan.rubric.tiers[rows[0]].id
    else:
        code = "tier-overlap" if rows else "tier-gap"
        reason = Message.of(f"problem.{code}", total=total, tiers=len(rows))
        needs = plan.scope.graph[dependencies.BEFORE]
        state.undefined(name, RejectedValueError(reason, needs, code))


def _gates(state: State, *, stage: GatesStage) -> None:
    """Evaluate the gates; then let those that hold limit total and tier."""
    if state.unratable:
        return
    values = state.values
    holding: list[Gate] = []
    for index, gate, quantity in stage.gates:
        taken = quantity.take(values)
        if isinstance(taken, Missing):
            if gate.missing != "skip":
                state.lacking(dependencies.GATES, taken)
        elif taken.value == 1:
            holding.append(gate)
            used = ((n, values.get(n)) for n in quantity.needs)
            there = tuple((n, v) for n, v in used if v is not None and v is not MISSING)
            state.held.append(HeldTrace(index, gate, quantity, there))
    state.before = values.get("tier")
    _apply(state, holding)
    state.gated = values.get("tier")


def _apply(state: State, holding: list[Gate]) -> None:
    """Let the gates that hold limit total and tier."""
    if any(gate.unratable for gate in holding):
        state.unratable = True
        for name in ("total", "tier"):
            state.values.pop(name, None)
    elif holding:
        _limit_total(state, holding)
        _limit_tier(state, holding)


def _settled(_: State) -> None:
    """Leave the total, or the tier, as the gates have set it."""


def _demote(state: State, *, stage: DemotionStage, name: str) -> None:
    """Take the record from its tier where the flag of a quota says so, one quota after the other.

    The flag of a quota that does not count the tier of the record need not be given; it is no.
    """
    tier = state.gated
    for fall in stage.falls:
        flag = state.values.get(fall.name)
        if tier not in fall.tiers:
            if flag is True:
                reason = Message.of(
                    "problem.not-in-quota", tiers=state.plan.named_tiers(fall.quota)
                )
                state.reject(name, state.problem(fall.name, reason, (fall.name,)))
                return
            continue
        if flag is None:
            state.lacking(name, Missing((fall.name,)))
            return
        if flag is True:
            state.moved.append((fall, tier))
            tier = fall.below
    if tier is not None:
        state.values["tier"] = tier


def _limit_total(state: State, holding: list[Gate]) -> None:
    """Limit the total by gates; if they conflict, the lower total wins."""
    total = state.values.get("total")
    if total is None:
        return
    limited = limited_total(total, holding)
    if limited != total:
        state.values["total"] = limited
        _set_tier(state, dependencies.GATES, limited)


def _limit_tier(state: State, holding: list[Gate]) -> None:
    """Limit the tier by gates; if they conflict, the lower tier wins."""
    if state.values.get("tier") is None:
        return
    state.values["tier"] = state.plan.tier_order.limited(state.values["tier"], holding)


def _outcome(state: State, *, stage: OutcomeStage, name: str) -> None:
    """Compute an outcome."""
    if state.unratable:
        return
    taken = state.take(name, stage.quantity)
    if isinstance(taken, Taken):
        state.step(name, stage.quantity, taken, stage.label)
    elif taken is not None:
        if stage.skips:
            state.values[name] = MISSING
        else:
            state.lacking(name, taken)
