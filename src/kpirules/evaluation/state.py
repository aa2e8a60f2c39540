"""The state of one record between stages: its values and its problems.

The values of names are in one table. A name of the record that is not given has None there, what
was left out of the record :data:`~kpirules.arithmetic.decision_table.MISSING`, and a name whose
value is not allowed :data:`INVALID`: all that depends on it is skipped, so that all problems of a
record are reported together.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

import attrs

from kpirules.arithmetic.decision_table import MISSING
from kpirules.compiler.computed import (
    ExcludedError,
    Missing,
    RejectedValueError,
    Taken,
    TakenList,
)
from kpirules.evaluation.trace import HeldTrace, ListStepTrace, StepTrace, VerdictTrace
from kpirules.model import dependencies
from kpirules.model.names import CriterionWeight, SectionWeight
from kpirules.translations.message import Joined, Message, Named, labelled


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kpirules.arithmetic.number import Number
    from kpirules.arithmetic.range import Range
    from kpirules.compiler.computed import Scored
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.demotions import Fall
    from kpirules.compiler.per_item import CompiledList
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.errors import Problem
    from kpirules.evaluation.context import Context
    from kpirules.evaluation.trace import DerivedTrace
    from kpirules.model.rubric import Section, Text


T = TypeVar("T")


class _Invalid:
    """The value of a name whose value in the record is not allowed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "invalid"


INVALID: Final = _Invalid()


class Fault(NamedTuple):
    """A record that leads to no value of a name, which `check` excludes."""

    #: the code of the finding
    code: str
    name: str
    error: RejectedValueError
    problem: Problem


class State:
    """The state of one record between stages."""

    __slots__ = (
        "before",
        "broken",
        "context",
        "done",
        "faults",
        "gated",
        "given",
        "held",
        "list_steps",
        "moved",
        "plan",
        "problems",
        "reporters",
        "scored",
        "shares",
        "steps",
        "strict",
        "unratable",
        "values",
        "weights",
    )

    def __init__(
        self,
        context: Context,
        given: Mapping[str, Any],
        faulty: Iterable[str] = (),
        *,
        defaults: bool = True,
        strict: bool = False,
    ) -> None:
        self.context: Context = context
        self.plan: Plan = context.plan
        self.given: Mapping[str, Any] = given
        #: whether bands for missing values do not apply
        self.strict: bool = strict
        #: what is known, by name
        self.values: dict[str, Any] = {
            **(context.defaults if defaults else context.without_defaults),
            **given,
        }
        #: names that were computed
        self.done: set[str] = set()
        #: names that cannot be known since something is wrong
        self.broken: set[str] = set()
        for name in faulty:
            self.lose(name)
        self.problems: list[Problem] = []
        #: the first stage that reported each
        self.reporters: list[str] = []
        #: those of them that `check` excludes
        self.faults: list[Fault] = []
        #: the points of criteria
        self.scored: dict[str, Scored] = {}
        #: how other quantities were computed
        self.steps: dict[str, StepTrace] = {}
        #: how the derived facts that are lists were computed
        self.list_steps: dict[str, ListStepTrace] = {}
        self.weights: dict[str, Number] = {}
        self.shares: dict[str, Number] | None = None
        self.held: list[HeldTrace] = []
        self.unratable: bool = False
        #: the tier before gates
        self.before: str | None = None
        #: the tier after gates, before quotas
        self.gated: str | None = None
        #: the quotas that demote the record, each with the tier that it takes the record from
        self.moved: list[tuple[Fall, str]] = []

    def put(self, c: CompiledCriterion, scored: Scored) -> None:
        """Store the points of a criterion."""
        self.done.add(c.points_name)
        self.scored[c.id] = scored
        # a remark, and a criterion that is not scored and was not rated, have no points
        if scored.left_out:
            self.values[c.points_name] = MISSING
        elif scored.points is not None:
            self.values[c.points_name] = scored.points

    def lose(self, name: str) -> None:
        """Mark a name as one without a valid value."""
        self.broken.add(name)
        self.values[name] = INVALID

    def reject(self, name: str, *problems: Problem) -> None:
        """Add problems, and mark a name as one without a valid value."""
        self.lose(name)
        for problem in problems:
            if problem not in self.problems:
                self.problems.append(problem)
                self.reporters.append(name)
                continue
            known = self.problems.index(problem)
            self.reporters[known] = min(self.reporters[known], name, key=self.context.place)

    def undefined(self, name: str, error: RejectedValueError) -> None:
        """Reject the record since a name has no value; store faults that `check` excludes."""
        roots = self.context.roots(error.names)
        given = [n for n in roots if n in self.given]
        about = tuple(given) or roots
        if error.code == "may-be-missing":
            about = tuple(n for n in roots if n not in self.given) or roots
        first = (*about, "record")[0]
        place = name.removeprefix("points.")
        reason = cast("Message", labelled(error.reason, self.plan.scope.labels))
        if error.allowed is None:
            is_total = place == dependencies.BEFORE
            where = Message.of("problem-part.total") if is_total else self.plan.scope.name(place)
            reason = Message.of("problem-part.in", reason=reason, place=where)
        problem = self.problem(first, reason, about, allowed=error.allowed)
        if error.code:
            self.faults.append(Fault(code=error.code, name=name, error=error, problem=problem))
        self.reject(name, problem)

    def lacking(self, name: str, missing: Missing) -> None:
        """Reject the record: something is missing, or was left out."""
        scope, values, readers = self.plan.scope, self.values, self.context.readers
        every = dependencies.closure(missing.names, scope.graph)
        out = tuple(n for n in sorted(every) if values.get(n) is MISSING)
        # what was left out need not be given
        left = dependencies.closure(missing.names, scope.graph, out).difference(out)
        without = (n for n in self.context.names if n in left)
        roots = [n for n in without if values.get(n) is None or values.get(n) is INVALID]
        if not roots:
            self.undefined(name, ExcludedError(out or missing.names))
            return
        self.reject(name, *(readers[n].problem(None, scope.missing(n)) for n in roots))

    def lack_beside(self, name: str) -> None:
        """Report the missing names of an outcome, adjustment or gate that cannot be computed."""
        graph = self.plan.scope.graph
        for quantity in self.context.beside.get(name, ()):
            # what depends on a broken name has a problem of its own
            names = tuple(
                n
                for n in quantity.always_needs
                if self.values.get(n) is None
                and self.broken.isdisjoint(dependencies.closure((n,), graph))
            )
            if names:
                self.lacking(name, Missing(names))

    def ignored(self) -> set[str]:
        """Return the ratings without effect: those of criteria without weight."""
        if not self.context.may_weigh_nothing:
            return set()
        return {
            name
            for c in self.plan.criteria
            if (scored := self.scored.get(c.id)) is not None and scored.left_out == "weight"
            for name in c.rating_names
        }

    def derived(self, names: Iterable[str]) -> tuple[DerivedTrace, ...]:
        """Return the derived facts of some names, as far as they were computed."""
        every: dict[str, DerivedTrace] = {**self.steps, **self.list_steps}
        return tuple([every[name] for name in names if name in every])

    def verdict(self, derived: Iterable[str]) -> VerdictTrace:
        """Return what follows from the contributions, with some derived facts."""
        return VerdictTrace(
            self.plan,
            self.values,
            self.steps,
            tuple(self.held),
            self.derived(derived),
            before=self.before,
            moved=tuple(self.moved),
            unratable=self.unratable,
        )

    def own_problems(self) -> list[Problem]:
        """Return the problems by which the record is rejected by a rule of the ruleset."""
        ours = [fault.problem for fault in self.faults]
        return [problem for problem in self.problems if problem not in ours]

    def take(self, name: str, quantity: CompiledQuantity) -> Taken | Missing | None:
        """Evaluate a quantity; None where it has no value."""
        return self._valid(name, partial(quantity.take, self.values, strict=self.strict))

    def take_items(self, name: str, quantity: CompiledList) -> TakenList | Missing | None:
        """Evaluate a quantity for each item of lists; None where it has no value."""
        return self._valid(name, partial(quantity.take_items, self.values))

    def _valid(self, name: str, take: Callable[[], T]) -> T | None:
        """Return what a quantity gives; None where it has no value."""
        try:
            taken = take()
        except RejectedValueError as error:
            self.undefined(name, error)
            return None
        if isinstance(taken, Taken) and taken.value is None:
            # it states no way to its value, which is a finding of its own
            self.lose(name)
            return None
        return taken

    def step(self, name: str, quantity: CompiledQuantity, taken: Taken, label: Text | None) -> None:
        """Store the value of a quantity, and how it was computed."""
        self.values[name] = taken.value
        self.steps[name] = StepTrace(name, label, quantity, taken, self.values)

    def list_step(
        self, name: str, quantity: CompiledList, taken: TakenList, label: Text | None
    ) -> None:
        """Store the values of a quantity for each item of lists."""
        self.values[name] = taken.value
        self.list_steps[name] = ListStepTrace(name, label, quantity, taken, self.values)

    def settle(self) -> dict[str, Number]:
        """Return what a point of each criterion is worth, once all that is left out is known."""
        if self.shares is None:
            weighing = self.plan.weighing
            if weighing.is_settled:
                self.shares = weighing.factors
                return self.shares
            self.shares = self.context.shares(self.weights, self._out)
            self._hold_weights()
        return self.shares

    def limit(self, section: Section) -> Range | None:
        """Return the range that limits the subtotal of a section."""
        weighing = self.plan.weighing
        if not section.cap or weighing.is_fixed:
            return weighing.limits[section.id]
        left = self.context.left(self.weights, self._out)
        return weighing.limit(section, self.weights, left)

    @property
    def _out(self) -> set[str]:
        """The criteria that are left out of the record."""
        return {name for name, scored in self.scored.items() if scored.left_out}

    def _hold_weights(self) -> None:
        """Reject weights that are computed for the record and do not add up."""
        if not self.plan.weighing.has_computed_weights or self.plan.without:
            return
        weighed = [name for name, _ in dependencies.weighed(self.plan.rubric)]
        for each in self.plan.weighing.faults(self.weights):
            roots = self.plan.scope.roots(
                name for name in weighed if each.section is None or _is_of(name, each.section)
            )
            first = (*roots, "record")[0]
            parts = Joined(
                tuple(
                    Message.of(
                        "problem-part.weight", weight=weight, name=self.plan.scope.name(name)
                    )
                    for name, weight in each.parts
                ),
                "list.plus",
            )
            reason = Message.of("problem.weights", parts=parts, sum_of_weights=each.total)
            if each.section is not None:
                section = Named(each.section.id, each.section.label)
                reason = Message.of(
                    "problem.weights_section",
                    section=section,
                    parts=parts,
                    sum_of_weights=each.total,
                )
            allowed = Message.of("allowed.shares")
            if not each.is_shares:
                key = "allowed.weights_cap" if each.is_capped else "allowed.weights"
                allowed = Message.of(key, sum=each.want)
            self.reject("raw_total", self.problem(first, reason, roots, allowed=allowed))

    def problem(
        self,
        first: str,
        reason: Message,
        names: tuple[str, ...],
        *,
        allowed: Message | None = None,
    ) -> Problem:
        """Return a problem with what was computed from some names of the record."""
        problem = self.plan.scope.problem(
            first, reason, value=self.given.get(first), allowed=allowed
        )
        return attrs.evolve(problem, inputs=names or (first,))


def _is_of(weight: str, section: Section) -> bool:
    """Check whether a weight, by its computed name, is a section's or of one of its criteria."""
    own = {str(CriterionWeight(c.id)) for c in section.criteria}
    return weight in own | {str(SectionWeight(section.id))}
