"""A program: a compiled plan, and the evaluation of one record.

Each value of a record is read once and cached in a bounded table; so are the line of a criterion,
by the values that it depends on, and what follows from a total. So a record costs as many look-ups
as it has names and its form has criteria. What is in no table is computed by the stages
(:mod:`kpirules.evaluation.stage_functions`), for every kind of record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kpirules._internal.caching import BoundedCache
from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Number
from kpirules.compiler.stages import DerivedStage, Stage, stages_of
from kpirules.errors import InputError, InternalSoundnessError, Problem
from kpirules.evaluation.readings import Readings
from kpirules.evaluation.record import RefusedError, read_record, readers_of
from kpirules.evaluation.result import Result
from kpirules.evaluation.result_form import FormPart
from kpirules.evaluation.stage_functions import Act, act_of
from kpirules.evaluation.state import State
from kpirules.evaluation.tables import Tables
from kpirules.evaluation.trace import LineTrace, VerdictTrace
from kpirules.model import dependencies, names
from kpirules.model.names import Adjustment, Outcome


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.evaluation.result_parts import Given


#: faults by which there is not exactly one band or tier
NOT_ONE = frozenset({"band-gap", "band-overlap", "tier-gap", "tier-overlap"})


class Program:
    """A plan, compiled."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.readers = readers_of(plan)
        #: all names that a record may have
        self.names = tuple(self.readers)
        self._place = {name: i for i, name in enumerate(self.names)}
        self.readings = Readings(self.readers, plan.rubric.id)
        left_out = {
            name: MISSING
            for c in plan.criteria
            if c.is_weightless or (c.criterion.missing == "exclude" and not c.is_measured)
            for name in c.rating_names
        }
        #: the values of names that a record does not give, without defaults and with them
        graph = plan.scope.graph
        sums = ("contribution.", "subtotal.", "raw_total")
        asked = (n for name, needs in graph.items() if not name.startswith(sums) for n in needs)
        self.without_defaults: dict[str, Any] = dict.fromkeys((*self.names, *asked)) | left_out
        self.defaults = self.without_defaults | dict(self._defaults())
        #: the stages, each after those that it depends on
        self.stages: tuple[Stage, ...] = tuple(stages_of(plan))
        self.order = tuple(str(stage.name) for stage in self.stages)
        #: whether a criterion may be without weight in some record
        self.may_weigh_nothing = plan.weighing.has_computed_weights or any(
            c.is_weightless for c in plan.criteria
        )
        self._idle = {n for c in plan.criteria if c.is_weightless for n in c.rating_names}
        #: the derived facts
        self.derived = tuple(str(s.name) for s in self.stages if isinstance(s, DerivedStage))
        self._places = {name: i for i, name in enumerate(self.order)}
        #: the quantities that need their names in every record, by the name of the stage
        self.beside = _needing(plan)
        self.acts: dict[str, Act] = {str(s.name): act_of(s, self) for s in self.stages}
        #: whether anything replaces facts that are not given: a default, a band for `missing`
        self.assumes = self.defaults != self.without_defaults or any(
            stage.quantity.answered for stage in self.stages if isinstance(stage, DerivedStage)
        )
        #: what all results share
        self.form = FormPart(plan)
        self._factors: BoundedCache[frozenset[str], dict[str, Number]] = BoundedCache()

    def _defaults(self) -> Iterator[tuple[str, Given]]:
        """Yield the defaults; one that is not allowed is a finding of its own."""
        for fact in self.plan.rubric.inputs:
            with suppress(RefusedError):
                if fact.default is not None:
                    yield fact.name, self.readers[fact.name].read(fact.default)

    # ------------------------------------------------------------ what depends on what

    def up_to(self, names: Iterable[str], given: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the stages that some names depend on, and these, in order; without those given."""
        every = dependencies.closure(names, self.plan.scope.graph, given)
        return tuple(n for n in self.order if n in every and n not in given)

    def roots(self, names: Iterable[str], given: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the names of a record that some names depend on; of points, the ratings too."""
        every = dependencies.closure(names, self.plan.scope.graph, given)
        for c in self.plan.criteria:
            if f"points.{c.id}" in every:
                every.update(c.rating_names)
        return tuple(name for name in self.names if name in every)

    def of_points(self, criterion: str) -> tuple[str, ...]:
        """Return the stages that the points of a criterion depend on, in order."""
        return self.up_to((f"points.{criterion}",))[:-1]

    def bare(self, state: State, criterion: str) -> Mapping[str, Any]:
        """Return the names that a criterion depends on: no default, and no answer to `missing`."""
        if not self.assumes:
            return state.values
        bare = State(self, state.given, state.broken, defaults=False, strict=True)
        return bare.through(self.of_points(criterion)).values

    def shares(self, weights: Mapping[str, Number], out: set[str]) -> dict[str, Number]:
        """Return what a point of each criterion gives to the total where some are left out."""
        weighing = self.plan.weighing
        every = {c.id for c in self.plan.criteria if c.is_scored}
        left = {n for n in every - out if not weighing.is_weightless(n, weights)}
        if weighing.has_computed_weights:
            return weighing.shares(weights, left)
        key = frozenset(left)
        shares = self._factors.get(key)
        if shares is None:
            shares = weighing.shares(weights, left)
            self._factors.keep(key, shares)
        return shares

    # ------------------------------------------------------------ one record

    def evaluated(self, record: Mapping[str, object]) -> State:
        """Return the state of a record after all stages, whether or not the rubric is sound."""
        given, problems = read_record(self.readers, record)
        state = State(self, given, {p.input for p in problems})
        state.problems += problems
        state.reporters += [""] * len(problems)
        return state.through(self.order)

    @cached_property
    def evaluate(self) -> Callable[[Mapping[str, object]], Result]:
        """The function that evaluates one record."""
        return Tables(self).evaluator()

    def place(self, name: str) -> int:
        """Return the place of a stage in the order."""
        return self._places.get(name, -1)

    def counted(self, given: Mapping[str, Given]) -> Mapping[str, Given]:
        """Return what a record gives without the ratings of what weighs nothing."""
        if not self._idle:
            return given
        return {name: value for name, value in given.items() if name not in self._idle}

    def computed(
        self, state: State, problems: list[Problem]
    ) -> tuple[list[LineTrace], VerdictTrace]:
        """Compute all stages of a record; :class:`InputError` where it is rejected.

        ``problems``: what is wrong with its values.
        """
        state.through(self.order)
        ignored = state.ignored()
        problems = [p for p in problems if p.input not in ignored]
        pairs = zip(map(self.place, state.reporters), state.problems, strict=True)
        ordered = sorted(pairs, key=itemgetter(0)) if self.plan.weighing.is_settled else pairs
        found = [p for _, p in ordered if p.input not in ignored]
        if problems or found:
            raise self._rejected(state, problems, found)
        plan, weights = self.plan, state.weights
        lines: list[LineTrace] = []
        for c in plan.criteria:
            value = state.values.get(f"contribution.{c.id}", MISSING)
            weight = plan.weighing.of(c.criterion, weights) if c.is_scored else None
            lines.append(LineTrace(c, state.scored[c.id], 0 if value is MISSING else value, weight))
        return lines, VerdictTrace(state, self.derived)

    def _rejected(self, state: State, problems: list[Problem], found: list[Problem]) -> InputError:
        """Return the error for a record, with all that is wrong with it."""
        if not problems:
            self._hold_sound(state)
        every = sorted(
            [*problems, *found], key=lambda p: self._place.get(p.input, len(self._place))
        )
        return InputError(rubric=self.plan.rubric.id, problems=tuple(every))

    def _hold_sound(self, state: State) -> None:
        """Raise :class:`InternalSoundnessError` for a fault that `check` proved impossible."""
        if state.own_problems():
            return
        for fault in state.faults:
            if fault.code in NOT_ONE and fault.name not in self.plan.undecided:
                values = [(n, state.values.get(n)) for n in fault.error.names]
                raise InternalSoundnessError(
                    rubric=self.plan.rubric.id,
                    fingerprint=self.form.get().fingerprint,
                    place=fault.name,
                    code=fault.code,
                    message=str(fault.error),
                    values=tuple((n, v) for n, v in values if v is not None),
                )


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
