"""The evaluation of one record, stage by stage; at the end its lines and its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kpirules.arithmetic.decision_table import MISSING
from kpirules.errors import InputError, InternalSoundnessError, Problem
from kpirules.evaluation.context import Context
from kpirules.evaluation.stage_functions import Act, act_of
from kpirules.evaluation.state import State
from kpirules.evaluation.trace import LineTrace, VerdictTrace


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan


#: faults by which there is not exactly one band or tier
NOT_ONE = frozenset({"band-gap", "band-overlap", "tier-gap", "tier-overlap"})


class Evaluator:
    """Computes the stages of a plan for one record."""

    def __init__(self, plan: Plan) -> None:
        self.context: Context = Context(plan)
        self._acts: dict[str, Act] = {
            str(stage.name): act_of(stage, self.context, self._bare)
            for stage in self.context.stages
        }

    def through(self, state: State, names: Iterable[str]) -> State:
        """Compute some names, each after those that it depends on, and each once."""
        acts, done = self._acts, state.done
        for name in names:
            if name not in done:
                done.add(name)
                acts[name](state)
        return state

    def run(
        self, given: Mapping[str, Any], names: Iterable[str], *, defaults: bool = True
    ) -> State:
        """Compute some names of a record that was read."""
        return self.through(State(self.context, given, defaults=defaults), names)

    def _bare(self, state: State, criterion: str) -> Mapping[str, Any]:
        """Return the names that a criterion depends on: no default, and no answer to `missing`."""
        context = self.context
        if not context.assumes:
            return state.values
        bare = State(context, state.given, state.broken, defaults=False, strict=True)
        return self.through(bare, context.of_points(criterion)).values

    def computed(
        self, state: State, problems: list[Problem]
    ) -> tuple[list[LineTrace], VerdictTrace]:
        """Compute all stages of a record; :class:`InputError` where it is rejected.

        ``problems``: what is wrong with its values.
        """
        context = self.context
        self.through(state, context.order)
        ignored = state.ignored()
        problems = [p for p in problems if p.input not in ignored]
        pairs = zip(map(context.place, state.reporters), state.problems, strict=True)
        ordered = sorted(pairs, key=itemgetter(0)) if context.plan.weighing.is_settled else pairs
        found = [p for _, p in ordered if p.input not in ignored]
        if problems or found:
            raise self._rejected(state, problems, found)
        plan, weights = context.plan, state.weights
        lines: list[LineTrace] = []
        for c in plan.criteria:
            value = state.values.get(f"contribution.{c.id}", MISSING)
            weight = plan.weighing.of(c.criterion, weights) if c.is_scored else None
            lines.append(LineTrace(c, state.scored[c.id], 0 if value is MISSING else value, weight))
        return lines, state.verdict(context.derived)

    def _rejected(self, state: State, problems: list[Problem], found: list[Problem]) -> InputError:
        """Return the error for a record, with all that is wrong with it."""
        if not problems:
            self._hold_sound(state)
        places = self.context.place_of
        every = sorted([*problems, *found], key=lambda p: places.get(p.input, len(places)))
        return InputError(rubric=self.context.plan.rubric.id, problems=tuple(every))

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
