"""The state of one record between stages: its values and its problems.

The values of names are in one table. A name of the record that is not given has None there, what
was left out of the record :data:`~kpirules.arithmetic.decision_table.MISSING`, and a name whose
value is not allowed :data:`INVALID`: all that depends on it is skipped, so that all problems of a
record are reported together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Number, show
from kpirules.compiler.computed import ExcludedError, Missing, RejectedValueError, Taken
from kpirules.errors import Problem
from kpirules.evaluation.trace import HeldTrace, StepTrace
from kpirules.model import dependencies


if TYPE_CHECKING:
    from kpirules.compiler.computed import Scored
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.evaluation.program import Program
    from kpirules.model.rubric import Text


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
        "done",
        "faults",
        "given",
        "held",
        "plan",
        "problems",
        "program",
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
        program: Program,
        given: Mapping[str, Any],
        faulty: Iterable[str] = (),
        *,
        defaults: bool = True,
        strict: bool = False,
    ) -> None:
        self.program = program
        self.plan = program.plan
        self.given = given
        #: whether bands for missing values do not apply
        self.strict = strict
        #: what is known, by name
        self.values: dict[str, Any] = {
            **(program.defaults if defaults else program.without_defaults),
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
        self.weights: dict[str, Number] = {}
        self.shares: dict[str, Number] | None = None
        self.held: list[HeldTrace] = []
        self.unratable = False
        #: the tier before gates
        self.before: str | None = None

    def through(self, names: Iterable[str]) -> State:
        """Compute some names, each after those that it depends on, and each once."""
        acts, done = self.program.acts, self.done
        for name in names:
            if name not in done:
                done.add(name)
                acts[name](self)
        return self

    def put(self, c: CompiledCriterion, scored: Scored) -> None:
        """Store the points of a criterion."""
        name = c.points_name
        self.done.add(name)
        self.scored[c.id] = scored
        # a remark, and a criterion that is not scored and was not rated, have no points
        if scored.left_out or scored.points is not None:
            self.values[name] = MISSING if scored.left_out else scored.points

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
            self.reporters[known] = min(self.reporters[known], name, key=self.program.place)

    def undefined(self, name: str, error: RejectedValueError) -> None:
        """Reject the record since a name has no value; store faults that `check` excludes."""
        roots = self.program.roots(error.names)
        given = [n for n in roots if n in self.given]
        about = given or roots
        if error.code == "may-be-missing":
            about = tuple(n for n in roots if n not in self.given) or roots
        first = (*about, "record")[0]
        place = name.removeprefix("points.")
        message = f"{error} in {'the total' if place == dependencies.BEFORE else place}"
        problem = Problem(
            input=first,
            value=self.given.get(first),
            message=str(error) if error.allowed else message,
            admissible=error.allowed,
        )
        if error.code:
            self.faults.append(Fault(code=error.code, name=name, error=error, problem=problem))
        self.reject(name, problem)

    def lacking(self, name: str, missing: Missing) -> None:
        """Reject the record: something is missing, or was left out."""
        scope, values, readers = self.plan.scope, self.values, self.program.readers
        every = dependencies.closure(missing.names, scope.graph)
        out = tuple(n for n in sorted(every) if values.get(n) is MISSING)
        # what was left out need not be given
        left = dependencies.closure(missing.names, scope.graph, out).difference(out)
        without = (n for n in self.program.names if n in left)
        roots = [n for n in without if values.get(n) is None or values.get(n) is INVALID]
        if not roots:
            self.undefined(name, ExcludedError(out or missing.names))
            return
        problems = (
            Problem(input=n, message="is missing", admissible=readers[n].admissible) for n in roots
        )
        self.reject(name, *problems)

    def lack_beside(self, name: str) -> None:
        """Report the missing names of an outcome, adjustment or gate that cannot be computed."""
        for quantity in self.program.beside.get(name, ()):
            names = tuple(
                n
                for n in quantity.always_needs
                if self.values.get(n) is None and n not in self.broken
            )
            if names:
                self.lacking(name, Missing(names))

    def ignored(self) -> set[str]:
        """Return the ratings without effect: those of criteria without weight."""
        if not self.program.may_weigh_nothing:
            return set()
        return {
            name
            for c in self.plan.criteria
            if (scored := self.scored.get(c.id)) is not None and scored.left_out == "weight"
            for name in c.rating_names
        }

    def derived(self, names: Iterable[str]) -> tuple[StepTrace, ...]:
        """Return the derived facts of some names, as far as they were computed."""
        return tuple(self.steps[name] for name in names if name in self.steps)

    def own_problems(self) -> list[Problem]:
        """Return the problems by which the record is rejected by a rule of the ruleset."""
        ours = [fault.problem for fault in self.faults]
        return [problem for problem in self.problems if problem not in ours]

    def take(self, name: str, quantity: CompiledQuantity) -> Taken | Missing | None:
        """Evaluate a quantity; None where it has no value."""
        try:
            taken = quantity.take(self.values, strict=self.strict)
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

    def settle(self) -> dict[str, Number]:
        """Return what a point of each criterion is worth, once all that is left out is known."""
        if self.shares is None:
            weighing = self.plan.weighing
            if weighing.is_settled:
                self.shares = weighing.factors
                return self.shares
            out = {name for name, scored in self.scored.items() if scored.left_out}
            self.shares = self.program.shares(self.weights, out)
            self._hold_weights()
        return self.shares

    def _hold_weights(self) -> None:
        """Reject weights that are computed for the record and do not add up."""
        if not self.plan.weighing.has_computed_weights or self.plan.without:
            return
        roots = self.plan.scope.roots(name for name, _ in dependencies.weighed(self.plan.rubric))
        about = (*roots, "record")[0]
        for each in self.plan.weighing.faults(self.weights):
            inside = "" if each.section is None else f" in {each.section.id}"
            parts = " + ".join(f"{show(weight)} ({name})" for name, weight in each.parts)
            want = "more than 0" if each.is_shares else show(each.want)
            problem = Problem(
                input=about,
                value=self.given.get(about),
                message=f"the weights{inside} are {parts} = {show(each.total)}",
                admissible=f"weights that add up to {want}",
            )
            self.reject("raw_total", problem)
