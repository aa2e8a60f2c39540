"""What the evaluation of every record of a plan needs: readers, defaults, the order of stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpirules._internal.caching import BoundedCache
from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Number
from kpirules.compiler.stages import DerivedStage, Stage, SumStage, stages_of
from kpirules.evaluation.readings import Readings
from kpirules.evaluation.record import RefusedError, readers_of
from kpirules.evaluation.result_form import FormPart
from kpirules.model import dependencies, names
from kpirules.model.names import Adjustment, Outcome


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.evaluation.record import Reader
    from kpirules.evaluation.result_parts import Given


class Context:
    """What the evaluation of every record of a plan needs."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.readers: dict[str, Reader] = readers_of(plan)
        #: all names that a record may have
        self.names: tuple[str, ...] = tuple(self.readers)
        #: the place of each
        self.place_of: dict[str, int] = {name: i for i, name in enumerate(self.names)}
        self.readings: Readings = Readings(self.readers, plan.rubric.id)
        left_out = {
            name: MISSING
            for c in plan.criteria
            if c.is_weightless or (c.criterion.missing == "exclude" and not c.is_measured)
            for name in c.rating_names
        }
        #: the stages, each after those that it depends on
        self.stages: tuple[Stage, ...] = tuple(stages_of(plan))
        self.order: tuple[str, ...] = tuple(str(stage.name) for stage in self.stages)
        #: those that add up to the raw total
        self.sums: tuple[str, ...] = tuple(
            str(s.name) for s in self.stages if isinstance(s, SumStage)
        )
        others = (str(s.name) for s in self.stages if not isinstance(s, SumStage))
        asked = (needed for name in others for needed in plan.scope.graph[name])
        #: the values of names that a record does not give, without defaults and with them
        self.without_defaults: dict[str, Any] = dict.fromkeys((*self.names, *asked)) | left_out
        self.defaults: dict[str, Any] = self.without_defaults | dict(self._defaults())
        #: whether a criterion may be without weight in some record
        self.may_weigh_nothing: bool = plan.weighing.has_computed_weights or any(
            c.is_weightless for c in plan.criteria
        )
        self._idle = {n for c in plan.criteria if c.is_weightless for n in c.rating_names}
        #: the points of criteria that add nothing to the total
        self.unscored: frozenset[str] = frozenset(
            c.points_name for c in plan.criteria if not c.is_scored
        )
        #: the derived facts
        self.derived: tuple[str, ...] = tuple(
            str(s.name) for s in self.stages if isinstance(s, DerivedStage)
        )
        self.facts: frozenset[str] = frozenset(self.derived)
        self._places = {name: i for i, name in enumerate(self.order)}
        self._ratings_of = {c.points_name: c.rating_names for c in plan.criteria}
        #: the quantities that need their names in every record, by the name of the stage
        self.beside: dict[str, list[CompiledQuantity]] = _needing(plan)
        #: whether anything replaces facts that are not given: a default, a band for `missing`
        self.assumes: bool = self.defaults != self.without_defaults or any(
            stage.quantity.answered for stage in self.stages if isinstance(stage, DerivedStage)
        )
        #: what all results share
        self.form: FormPart = FormPart(plan)
        self._factors: BoundedCache[frozenset[str], dict[str, Number]] = BoundedCache()

    def _defaults(self) -> Iterator[tuple[str, Given]]:
        """Yield the defaults; one that is not allowed is a finding of its own."""
        for fact in self.plan.rubric.inputs:
            with suppress(RefusedError):
                if fact.assumed is not None:
                    yield fact.name, self.readers[fact.name].read(fact.assumed)

    @cached_property
    def is_counted(self) -> bool:
        """Check whether the points of all criteria are multiples of a step, within bounds."""
        scored = [c for c in self.plan.criteria if c.is_scored]
        return all(c.axis.step is not None and None not in c.ends for c in scored)

    # ------------------------------------------------------------ what depends on what

    def up_to(self, names: Iterable[str], given: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the stages that some names depend on, and these, in order; without those given."""
        every = dependencies.closure(names, self.plan.scope.graph, given)
        found = every.intersection(self._places).difference(given)
        return tuple(sorted(found, key=self._places.__getitem__))

    def roots(self, names: Iterable[str], given: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the names of a record that some names depend on; of points, the ratings too."""
        every = dependencies.closure(names, self.plan.scope.graph, given)
        for points in every.intersection(self._ratings_of):
            every.update(self._ratings_of[points])
        return tuple(sorted(every.intersection(self.place_of), key=self.place_of.__getitem__))

    def of_points(self, criterion: str) -> tuple[str, ...]:
        """Return the stages that the points of a criterion depend on, in order."""
        return self.up_to((f"points.{criterion}",))[:-1]

    def left(self, weights: Mapping[str, Number], out: set[str]) -> set[str]:
        """Return the scored criteria with a weight of which some are left out."""
        every = {c.id for c in self.plan.criteria if c.is_scored}
        return {n for n in every - out if not self.plan.weighing.is_weightless(n, weights)}

    def shares(self, weights: Mapping[str, Number], out: set[str]) -> dict[str, Number]:
        """Return what a point of each criterion gives to the total where some are left out."""
        weighing, left = self.plan.weighing, self.left(weights, out)
        if weighing.has_computed_weights:
            return weighing.shares(weights, left)
        key = frozenset(left)
        shares = self._factors.get(key)
        if shares is None:
            shares = weighing.shares(weights, left)
            self._factors.keep(key, shares)
        return shares

    def place(self, name: str) -> int:
        """Return the place of a stage in the order."""
        return self._places.get(name, -1)

    def counted(self, given: Mapping[str, Given]) -> Mapping[str, Given]:
        """Return what a record gives without the ratings of what weighs nothing."""
        if not self._idle:
            return given
        return {name: value for name, value in given.items() if name not in self._idle}


def _needing(plan: Plan) -> dict[str, list[CompiledQuantity]]:
    """Return the quantities that need their names in every record, by the name of the stage."""
    rubric = plan.rubric
    found: dict[str, list[CompiledQuantity]] = {}
    may_be_unratable = (
        any(c.missing == "exclude" for c in rubric.all_criteria if c.scored)
        or (rubric.total is not None and rubric.total.minimum_scored is not None)
        or any(gate.unratable for gate in rubric.gates)
        or plan.weighing.has_computed_weights
    )
    for name, quantity in plan.quantities.items():
        computed = names.parse(name)
        is_last = isinstance(computed, Outcome) and not may_be_unratable
        if (is_last or isinstance(computed, Adjustment)) and not quantity.skips:
            found[name] = [quantity]
    for index, gate in enumerate(rubric.gates):
        if not gate.refuse and gate.missing == "error" and not may_be_unratable:
            found.setdefault(dependencies.GATES, []).append(plan.gates[index])
    return found
