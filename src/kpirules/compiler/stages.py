"""The stages of a rubric, each kind a class: one sequence, each stage after those it depends on.

Whatever computes all names of a rubric goes through :func:`stages_of` and dispatches by ``match``,
so that a new kind of stage makes the type checker name every place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, assert_never

from kpirules.model import names
from kpirules.model.dependencies import computed_names
from kpirules.model.names import (
    Adjustment,
    Contribution,
    CriterionWeight,
    Derived,
    Gates,
    Name,
    Outcome,
    Points,
    RawTotal,
    Refusal,
    SectionWeight,
    Subtotal,
    Tier,
    Total,
    TotalBeforeGates,
)


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.demotions import Fall
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.model.rubric import Gate, Section, Text


class DerivedStage(NamedTuple):
    """Computes a derived fact; of what is missing, it is missing."""

    name: Derived
    quantity: CompiledQuantity
    label: Text | None


class WeightStage(NamedTuple):
    """Computes a weight for the record."""

    name: CriterionWeight | SectionWeight
    quantity: CompiledQuantity


class CriterionStage(NamedTuple):
    """Scores a criterion."""

    name: Points
    criterion: CompiledCriterion


class ContributionStage(NamedTuple):
    """Computes what a criterion gives to the total."""

    name: Contribution


class SubtotalStage(NamedTuple):
    """Adds a section up; one with nothing left is left out."""

    name: Subtotal
    section: Section
    #: the names of the contributions
    parts: tuple[str, ...]


class RawTotalStage(NamedTuple):
    """Adds the form up; with too few criteria scored, the record is unratable."""

    name: RawTotal


class AdjustmentStage(NamedTuple):
    """Computes an adjustment; one that is skipped adds 0."""

    name: Adjustment
    quantity: CompiledQuantity
    label: Text | None
    skips: bool


class RefusalStage(NamedTuple):
    """Rejects the record where a gate does."""

    name: Refusal
    gate: Gate
    quantity: CompiledQuantity


class TotalStage(NamedTuple):
    """Computes the total and its tier, as they are before gates."""

    name: TotalBeforeGates
    quantity: CompiledQuantity


class GatesStage(NamedTuple):
    """Judges all gates on total and tier as they are before; then those that hold limit both."""

    name: Gates
    #: the gates that do not reject, with their indices
    gates: tuple[tuple[int, Gate, CompiledQuantity], ...]


class SettledStage(NamedTuple):
    """The total or the tier, which the gates have settled."""

    name: Total | Tier


class DemotionStage(NamedTuple):
    """Takes the record from the tier that the gates have settled, as demoting quotas say."""

    name: Tier
    #: in the order in which they are judged
    falls: tuple[Fall, ...]


class OutcomeStage(NamedTuple):
    """Computes an outcome; one that is skipped is none."""

    name: Outcome
    quantity: CompiledQuantity
    label: Text | None
    skips: bool


Stage: TypeAlias = (
    DerivedStage
    | WeightStage
    | CriterionStage
    | ContributionStage
    | SubtotalStage
    | RawTotalStage
    | AdjustmentStage
    | RefusalStage
    | TotalStage
    | GatesStage
    | SettledStage
    | DemotionStage
    | OutcomeStage
)


#: the stages that add up to the raw total
SumStage: TypeAlias = ContributionStage | SubtotalStage | RawTotalStage


def stages_of(plan: Plan) -> Iterator[Stage]:
    """Yield the stages of a plan in its order, without those that are lost."""
    made = _Stages(plan)
    for text in plan.order:
        if text not in made.without:
            yield made.stage(names.parse(text))


def in_form_order(plan: Plan) -> Iterator[Stage]:
    """Yield the stages of a plan by kind, those of one kind in the order of the form."""
    made = {stage.name: stage for stage in stages_of(plan)}
    return (made[name] for name in computed_names(plan.rubric) if name in made)


class _Stages:
    """Makes the stages of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        rubric = plan.rubric
        self._criteria = {c.id: c for c in plan.criteria}
        self._sections = {s.id: s for s in rubric.sections}
        self._derived = {d.name: d for d in rubric.derived}
        self._adjustments = {a.id: a for a in rubric.adjustments}
        self._outcomes = {o.name: o for o in rubric.outcomes}
        broken = [c.id for c in rubric.all_criteria if c.id not in self._criteria]
        #: what the criteria that are too broken for the plan would compute
        self.without = {f"{kind}.{c}" for kind in ("points", "contribution") for c in broken}

    def stage(self, name: Name) -> Stage:  # noqa: C901, PLR0912 - a case a kind of name
        """Return the stage that computes a name."""
        plan, quantities = self._plan, self._plan.quantities
        match name:
            case Derived(id):
                return DerivedStage(
                    name=name, quantity=quantities[id], label=self._derived[id].label
                )
            case CriterionWeight() | SectionWeight():
                return WeightStage(name=name, quantity=quantities[str(name)])
            case Points(id):
                return CriterionStage(name=name, criterion=self._criteria[id])
            case Contribution():
                return ContributionStage(name=name)
            case Subtotal(id):
                section = self._sections[id]
                parts = (f"contribution.{c.id}" for c in section.criteria if c.scored)
                return SubtotalStage(name=name, section=section, parts=tuple(parts))
            case RawTotal():
                return RawTotalStage(name=name)
            case Adjustment(id):
                each = self._adjustments[id]
                return AdjustmentStage(
                    name=name,
                    quantity=quantities[str(name)],
                    label=each.label,
                    skips=each.missing == "skip",
                )
            case Refusal(index):
                return RefusalStage(
                    name=name, gate=plan.rubric.gates[index], quantity=plan.gates[index]
                )
            case TotalBeforeGates():
                return TotalStage(name=name, quantity=quantities[str(name)])
            case Gates():
                gates = enumerate(zip(plan.rubric.gates, plan.gates, strict=True))
                return GatesStage(
                    name=name, gates=tuple((i, g, q) for i, (g, q) in gates if not g.refuse)
                )
            case Tier() if plan.falls:
                return DemotionStage(name=name, falls=plan.falls)
            case Total() | Tier():
                return SettledStage(name=name)
            case Outcome(id):
                # those that tiers give are written nowhere else
                outcome = self._outcomes.get(id)
                return OutcomeStage(
                    name=name,
                    quantity=quantities[str(name)],
                    label=None if outcome is None else outcome.label,
                    skips=outcome is not None and outcome.missing == "skip",
                )
            case _ as never:
                assert_never(never)
