"""The trace of a record: the value of each stage, in compact form.

The parts of a result that people read (lines, steps, gates, the verdict) are made of it when they
are first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from kpirules._internal.caching import Deferred
from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Exact, Number, computed, exact_of
from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.result_parts import (
    EFFECTS,
    Demoted,
    GateHeld,
    Line,
    ListStep,
    Step,
    TierReached,
    Verdict,
)
from kpirules.model.names import id_of


if TYPE_CHECKING:
    from kpirules.compiler.computed import Scored, Taken, TakenList
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.demotions import Fall
    from kpirules.compiler.per_item import CompiledList
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.model.rubric import Gate, Text


_NOTHING = Condition()


def tier_reached(plan: Plan, name: str) -> TierReached:
    """Return a tier as a result has it."""
    tier = next(tier for tier in plan.rubric.tiers if tier.id == name)
    return TierReached(id=tier.id, label=tier.label)


def effect_of(gate: Gate) -> tuple[tuple[str, Any], ...]:
    """Return what a gate does: (key, value)."""
    every = ((key, kind, getattr(gate, key)) for key, kind in EFFECTS.items())
    given = (each for each in every if each[2] is not None and each[2] is not False)
    return tuple((key, kind(value)) for key, kind, value in given)


class StepTrace(Deferred[Step]):
    """The value of a quantity beside the criteria, and how it was computed."""

    __slots__ = ("_label", "_quantity", "_skipped", "_taken", "_values", "name")

    def __init__(
        self,
        name: str,
        label: Text | None,
        quantity: CompiledQuantity | None,
        taken: Taken,
        values: Mapping[str, Any],
        *,
        skipped: bool = False,
    ) -> None:
        super().__init__()
        #: the name of the stage; of a part of it, what follows the last point is its own name
        self.name: str = name
        self._label = label
        self._quantity = quantity
        self._taken = taken
        self._values = values
        self._skipped = skipped

    def make(self) -> Step:
        """Return the step."""
        quantity, taken, values = self._quantity, self._taken, self._values
        row = None if quantity is None or self._skipped else quantity.rows[taken.row]
        band = None if row is None else row.band
        return Step(
            name=id_of(self.name),
            label=self._label,
            value=_exact(taken.value),
            raw=_raw_of(taken),
            band=None if band is None else taken.row,
            band_label=None if band is None else band.label,
            condition=_NOTHING if row is None else row.condition,
            used=() if quantity is None else _used(quantity, values),
            skipped=self._skipped,
        )


class ListStepTrace(Deferred[ListStep]):
    """The values of a derived fact that is computed for each item of lists."""

    __slots__ = ("_label", "_quantity", "_taken", "_values", "name")

    def __init__(
        self,
        name: str,
        label: Text | None,
        quantity: CompiledList,
        taken: TakenList,
        values: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self.name: str = name
        self._label = label
        self._quantity = quantity
        self._taken = taken
        self._values = values

    def make(self) -> ListStep:
        """Return the step."""
        items = self._taken.items
        is_changed = any(_raw_of(item) is not None for item in items)
        return ListStep(
            name=self.name,
            label=self._label,
            values=tuple(_exact(item.value) for item in items),
            raw=tuple(exact_of(item.raw or 0) for item in items) if is_changed else None,
            used=_used(self._quantity, self._values),
        )


def _used(quantity: CompiledQuantity, values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return what a quantity was computed from."""
    used = ((n, values.get(n)) for n in quantity.needs)
    return tuple((n, v) for n, v in used if v is not None and v is not MISSING)


def _exact(value: Number | str | None) -> Exact | str:
    """Return a value as a result has it."""
    return exact_of(value) if isinstance(value, (int, Fraction)) else value or ""


def _raw_of(taken: Taken) -> Exact | None:
    """Return the value before it was clamped and rounded, where that changed it."""
    raw = taken.raw
    return None if raw is None or raw == taken.value else exact_of(raw)


class HeldTrace(Deferred[GateHeld]):
    """A gate that held."""

    __slots__ = ("_gate", "_index", "_quantity", "_used")

    def __init__(
        self, index: int, gate: Gate, quantity: CompiledQuantity, used: tuple[tuple[str, Any], ...]
    ) -> None:
        super().__init__()
        self._index = index
        self._gate = gate
        self._quantity = quantity
        self._used = used

    def make(self) -> GateHeld:
        """Return the gate as a result has it."""
        return GateHeld(
            gate=self._index,
            condition=self._quantity.rows[0].condition,
            effect=effect_of(self._gate),
            reason=self._gate.reason,
            used=self._used,
        )


#: a derived fact
DerivedTrace: TypeAlias = StepTrace | ListStepTrace


class LineTrace(Deferred[Line]):
    """The points of a criterion, and its contribution to the total."""

    __slots__ = ("_criterion", "_share", "_weight", "scored", "units")

    def __init__(
        self,
        criterion: CompiledCriterion,
        scored: Scored,
        share: Number = 0,
        weight: Number | None = None,
        *,
        units: int | None = 0,
        derived: tuple[DerivedTrace, ...] = (),
    ) -> None:
        super().__init__(derived=derived)
        self._criterion = criterion
        self.scored: Scored = scored
        #: what a point gives to the total
        self._share = share
        self._weight = weight
        #: its contribution to the total as a whole number of units; None where it is not one
        self.units: int | None = units

    @property
    def contribution(self) -> Number:
        """Its contribution to the total."""
        points = self.scored.points or 0
        return points if self._share == 1 else computed(points * self._share)

    def make(self) -> Line:
        """Return the line."""
        c, scored = self._criterion, self.scored
        criterion = c.criterion
        row = None if scored.row is None else c.rows[scored.row]
        band = None if row is None else row.band
        points, raw, weight = scored.points, scored.raw, self._weight
        return Line(
            criterion=c.id,
            label=criterion.label,
            section=None if c.section is None else c.section.id,
            cite=criterion.cite,
            band=None if band is None else scored.row,
            band_label=None if band is None else band.label,
            condition=_NOTHING if row is None else row.condition,
            points=None if points is None else exact_of(points),
            raw=None if raw is None or raw == points else exact_of(raw),
            scale=None if c.is_remark or not c.scale else exact_of(c.scale),
            weight=None if weight is None else exact_of(weight),
            contribution=exact_of(self.contribution),
            used=scored.used,
            remark=scored.remark,
            left_out=scored.left_out,
            assumed=scored.assumed,
        )


class VerdictTrace(Deferred[Verdict]):
    """What follows from the contributions."""

    __slots__ = ("_before", "_held", "_moved", "_plan", "_steps", "_unratable", "_values")

    def __init__(
        self,
        plan: Plan,
        values: Mapping[str, Any],
        steps: Mapping[str, StepTrace],
        held: tuple[HeldTrace, ...],
        derived: tuple[DerivedTrace, ...],
        *,
        before: str | None,
        moved: tuple[tuple[Fall, str], ...],
        unratable: bool,
    ) -> None:
        super().__init__(derived=derived)
        self._plan = plan
        self._values = values
        self._steps = steps
        self._held = held
        #: the tier before gates
        self._before = before
        #: the quotas that demote the record, each with the tier that it takes the record from
        self._moved = moved
        self._unratable = unratable

    def make(self) -> Verdict:
        """Return the verdict."""
        plan, values, steps = self._plan, self._values, self._steps
        rubric = plan.rubric
        before = None if self._before is None else tier_reached(plan, self._before)
        total, tier = values.get("total"), values.get("tier")
        reached = before if tier == self._before else tier and tier_reached(plan, tier)
        step = steps.get("total before gates")
        return Verdict(
            raw_total=exact_of(values["raw_total"]),
            subtotals=self._of(f"subtotal.{s.id}" for s in rubric.sections),
            adjustments=self._of(f"adjust.{a.id}" for a in rubric.adjustments),
            before=None if step is None else step.get(),
            tier_before=before,
            gates=tuple(held.get() for held in self._held),
            demoted=tuple(
                Demoted(
                    quota=fall.quota.id,
                    label=fall.quota.label,
                    tier=tier_reached(plan, tier_from),
                    below=tier_reached(plan, fall.below),
                )
                for fall, tier_from in self._moved
            ),
            total=None if self._unratable or total is None else exact_of(total),
            unratable=self._unratable,
            tier=None if self._unratable else reached,
            outcomes=self._of(plan.outcomes),
        )

    def _of(self, names: Iterable[str]) -> tuple[Step, ...]:
        """Return the steps of some names, as far as there are any."""
        return tuple(self._steps[name].get() for name in names if name in self._steps)
