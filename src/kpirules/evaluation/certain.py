"""What is certain of a draft: the names whose values no further value of the record can change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import TooLongError
from kpirules.arithmetic.range import Range
from kpirules.compiler.computed import Missing, RejectedValueError, Taken
from kpirules.compiler.per_item import CompiledList
from kpirules.compiler.stages import (
    AdjustmentStage,
    CriterionStage,
    DerivedStage,
    OutcomeStage,
    RawTotalStage,
    Stage,
    WeightStage,
)
from kpirules.evaluation.state import INVALID
from kpirules.model.dependencies import GATES


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.evaluation.state import State


class Certain(NamedTuple):
    """What no further value of a record can change."""

    #: the values of names, given and computed
    values: dict[str, Any]
    #: the points of criteria by id, or the range of the band that the facts choose
    points: dict[str, Number | Range]


def certain_of(state: State) -> Certain:
    """Return what is certain of a draft of which all stages were computed.

    A default, and what a policy for missing values puts in the place of one, is not certain: the
    value may still be given.
    """
    names = {*state.given}
    points: dict[str, Number | Range] = {}
    for stage in state.context.stages:
        if isinstance(stage, CriterionStage):
            c = stage.criterion
            own = _points_of(c, state, names)
            if own is not None:
                points[c.id] = own
            weighs = not _weighs_nothing(c, state, names)
            is_certain = not weighs or (own is not None and not isinstance(own, Range))
        else:
            is_certain = _is_certain(stage, state, names)
        if is_certain:
            names.add(str(stage.name))
    values = {name: state.values.get(name) for name in names}
    nothing = (None, MISSING, INVALID)
    return Certain(
        {n: v for n, v in values.items() if not any(v is each for each in nothing)}, points
    )


def _is_certain(stage: Stage, state: State, names: set[str]) -> bool:
    """Check whether what a stage computes depends on certain names alone."""
    match stage:
        case DerivedStage(name=name, quantity=CompiledList() as quantity):
            return str(name) in state.list_steps and names.issuperset(quantity.needs)
        case DerivedStage() | WeightStage() | AdjustmentStage():
            return _taken(stage.quantity, state, names) is not None
        case OutcomeStage():
            return GATES in names and _taken(stage.quantity, state, names) is not None
        case RawTotalStage():
            needs = {*state.plan.scope.graph[str(stage.name)]}
            return names.issuperset(needs - state.context.unscored)
        case _:
            return names.issuperset(state.plan.scope.graph[str(stage.name)])


def _taken(quantity: CompiledQuantity, state: State, names: set[str]) -> Taken | None:
    """Return the value of a quantity if all names on which it depends are certain."""
    if not names.issuperset(quantity.facts) or not state.broken.isdisjoint(quantity.needs):
        return None
    try:
        taken = quantity.take(state.values)
    except (RejectedValueError, TooLongError):
        return None
    if isinstance(taken, Missing):
        return None
    formula = quantity.rows[taken.row].formula
    return taken if formula is None or names.issuperset(formula.names) else None


def _has_weight(c: CompiledCriterion, state: State, names: set[str]) -> bool:
    """Check whether the weights of a criterion and of its section are certain."""
    weights = {f"weight.{c.id}", f"weight.section.{c.section.id if c.section else ''}"}
    return names.issuperset(weights & state.plan.scope.graph.keys())


def _weighs_nothing(c: CompiledCriterion, state: State, names: set[str]) -> bool:
    """Check whether a criterion adds nothing to the total: a remark, or its weight is 0."""
    scored = state.scored.get(c.id)
    is_out = scored is not None and scored.left_out == "weight"
    return c.is_remark or (is_out and _has_weight(c, state, names))


def _points_of(c: CompiledCriterion, state: State, names: set[str]) -> Number | Range | None:
    """Return the certain points of a criterion, or the range within which they are awarded."""
    scored = state.scored.get(c.id)
    if not _has_weight(c, state, names) or (scored and scored.left_out == "weight"):
        return None
    if scored and names.issuperset(c.rating_names):
        return scored.points
    taken = _taken(c, state, names) if c.is_measured else None
    if taken is None:
        return None
    row = c.rows[taken.row]
    return row.points if row.is_award else cast("Number", taken.value)
