"""The evaluation of one record, stage by stage; at the end its lines and its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kpirules._internal.caching import BoundedCache
from kpirules.arithmetic.number import MAX_COMPUTED_DIGITS, TooLongError
from kpirules.compiler.computed import RejectedValueError
from kpirules.errors import InputError, InternalSoundnessError, Problem
from kpirules.evaluation.context import Context
from kpirules.evaluation.stage_functions import Act, act_of
from kpirules.evaluation.state import State
from kpirules.evaluation.trace import LineTrace, VerdictTrace
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan


TOO_LONG = Message.of("problem.too-long_leads", max_digits=MAX_COMPUTED_DIGITS)

#: faults by which there is not exactly one band or tier
NOT_ONE = frozenset({"band-gap", "band-overlap", "tier-gap", "tier-overlap"})


class Evaluator:
    """Computes the stages of a plan for one record."""

    def __init__(self, plan: Plan) -> None:
        self.context: Context = Context(plan)
        #: the function of each stage, and the names that it depends on
        self._acts: dict[str, tuple[Act, tuple[str, ...]]] = {
            (name := str(stage.name)): (act_of(stage, self._bare), plan.scope.graph[name])
            for stage in self.context.stages
        }
        self._rest: BoundedCache[frozenset[str], tuple[tuple[str, ...], set[str]]] = BoundedCache()

    @cached_property
    def _silent(self) -> frozenset[str]:
        """The sums that have no problems of their own: they cannot be too long."""
        context = self.context
        is_silent = context.plan.weighing.is_settled and context.is_counted
        return frozenset(context.sums if is_silent else ())

    def through(self, state: State, names: Iterable[str]) -> State:
        """Compute some names, each after those that it depends on, and each once.

        A name that depends on an invalid one is skipped.
        """
        acts, done, broken, beside = self._acts, state.done, state.broken, self.context.beside
        for name in names:
            if name in done:
                continue
            done.add(name)
            act, needs = acts[name]
            if not broken or broken.isdisjoint(needs):
                try:
                    act(state)
                except TooLongError:
                    state.undefined(name, RejectedValueError(TOO_LONG, needs))
            else:
                state.lose(name)
                if name in beside:
                    state.lack_beside(name)
        return state

    def run(
        self, given: Mapping[str, Any], names: Iterable[str], *, defaults: bool = True
    ) -> State:
        """Compute some names of a record that was read."""
        return self.through(State(self.context, given, defaults=defaults), names)

    def _bare(self, state: State, criterion: str) -> Mapping[str, Any]:
        """Return the names that a criterion depends on: no default, and no answer to `missing`.

        Points, and what else was computed of the record, are as they are in its result.
        """
        context = self.context
        if not context.assumes:
            return state.values
        names = context.of_points(criterion)
        bare = State(context, state.given, state.broken, defaults=False, strict=True)
        bare.done.update(name for name in names if name not in context.facts)
        bare.values.update((name, state.values[name]) for name in bare.done if name in state.values)
        self.through(bare, names)
        # what has no value without defaults is missing
        return {**bare.values, **dict.fromkeys(bare.broken - state.broken)}

    def problems(self, state: State, problems: list[Problem]) -> tuple[Problem, ...]:
        """Compute all stages of a record, and return its problems, in the order of the form.

        ``problems``: what is wrong with its values.
        """
        context = self.context
        names = context.order
        if state.broken:
            names, lost = self._left(frozenset(state.broken))
            state.broken |= lost
        self.through(state, names)
        ignored = state.ignored()
        pairs = zip(map(context.place, state.reporters), state.problems, strict=True)
        ordered = sorted(pairs, key=itemgetter(0)) if context.plan.weighing.is_settled else pairs
        # a fault is not a problem of a rating without effect, but of what needs its points
        faults = [fault.problem for fault in state.faults] if ignored else ()
        found = [p for _, p in ordered if p.input not in ignored or p in faults]
        if ignored:
            problems = [p for p in problems if p.input not in ignored]
        if found and not problems:
            self._hold_sound(state)
        places = context.place_of
        return tuple(sorted([*problems, *found], key=lambda p: places.get(p.input, len(places))))

    def computed(
        self, state: State, problems: list[Problem]
    ) -> tuple[list[LineTrace], VerdictTrace]:
        """Compute all stages of a record; :class:`InputError` where it is rejected."""
        context = self.context
        found = self.problems(state, problems)
        if found:
            raise InputError(rubric=context.plan.rubric.id, problems=found)
        plan, shares = context.plan, state.settle()
        lines = [
            LineTrace(
                c,
                state.scored[c.id],
                shares.get(c.id, 0),
                plan.weighing.of(c.criterion, state.weights) if c.is_scored else None,
            )
            for c in plan.criteria
        ]
        return lines, state.verdict(context.derived)

    def _left(self, broken: frozenset[str]) -> tuple[tuple[str, ...], set[str]]:
        """Return the stages that may have problems beside invalid names, and all invalid names."""
        found = self._rest.get(broken)
        if found is None:
            context, lost = self.context, set(broken)
            for name, (_, needs) in self._acts.items():
                if not lost.isdisjoint(needs):
                    lost.add(name)
            asked = [n for n in context.order if n not in lost and n not in self._silent]
            rest = {*context.up_to(asked), *lost.intersection(context.beside)}
            found = tuple(name for name in context.order if name in rest), lost
            self._rest.keep(broken, found)
        return found

    def _hold_sound(self, state: State) -> None:
        """Raise :class:`InternalSoundnessError` for a fault that `check` proved impossible."""
        if state.own_problems():
            return
        plan = self.context.plan
        for fault in state.faults:
            if fault.code in NOT_ONE and fault.name not in plan.undecided:
                values = [(n, state.values.get(n)) for n in fault.error.names]
                raise InternalSoundnessError(
                    rubric=plan.rubric.id,
                    fingerprint=self.context.form.get().fingerprint,
                    place=fault.name,
                    code=fault.code,
                    message=str(fault.error),
                    values=tuple((n, v) for n, v in values if v is not None),
                )
