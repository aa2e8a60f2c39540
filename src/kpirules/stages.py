"""One record through all stages: each computed name, in the plan's order (LANGUAGE, The order).

Every stage is one act over the names that are known so far. What a stage finds wrong is kept, and
what hangs on it is passed over, so that all problems of a record are told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs

from kpirules import order
from kpirules.acts import Act, acts_of, tier_reached
from kpirules.criteria import CriterionPlan, Scored
from kpirules.errors import Problem
from kpirules.kept import keep
from kpirules.numbers import Exact, Number, TooLongError, canonical, show
from kpirules.partition import MISSING
from kpirules.quantities import LeftOutError, Missing, RefusedValueError
from kpirules.result import Condition, GateHeld, Line, Step, TierReached, Verdict


if TYPE_CHECKING:
    from kpirules.plan import Plan
    from kpirules.quantities import QuantityPlan


class Course:
    """The stages of a plan."""

    def __init__(self, plan: Plan, defaults: Mapping[str, Any]) -> None:
        self.plan = plan
        #: the values of inputs for which nothing is given
        self.defaults = defaults
        #: what is left out of a record that does not give it
        self.left_out = {
            name: MISSING
            for c in plan.criteria
            if c.is_weightless or (c.criterion.missing == "exclude" and not c.is_measured)
            for name in c.rating_names
        }
        #: all names that a record may have
        self.names = self._names()
        self.acts: dict[str, Act] = dict(acts_of(plan))
        #: whether anything stands for facts that are not given: a default, a band for `missing`
        self.assumes = bool(defaults) or any(
            plan.quantities[d.name].answered for d in plan.rubric.derived if d.name not in plan.lost
        )
        self.order = tuple(name for name in plan.order if name in self.acts)
        #: names of a record that each criterion hangs on
        self.roots_of = {c.id: self.roots((f"points.{c.id}",)) for c in plan.criteria}
        #: what criteria came to, and their lines, by the criterion and the values of these names
        self.scored: dict[tuple[Any, ...], Scored] = {}
        self.lines: dict[tuple[Any, ...], Line] = {}
        #: names that each criterion hangs on, in order, itself last
        self.of_points = {c.id: self.up_to((f"points.{c.id}",)) for c in plan.criteria}
        #: what needs its names in every record, by the name of its stage
        self.beside = _needing(plan)
        #: derived facts that no criterion hangs on
        used = {name for names in self.of_points.values() for name in names}
        loose = [d.name for d in plan.rubric.derived if d.name not in used]
        last = [n for n in self.order if n == order.GATES or n.startswith(("gate[", "outcome."))]
        adjusts = [n for n in self.order if n.startswith("adjust.")]
        #: what follows from the raw total, and needs nothing of the record but these names
        self.later = self.up_to((*loose, *adjusts, *last), ("raw_total",))
        self.later_roots = self.roots((*loose, *adjusts, *last), ("raw_total",))

    def _names(self) -> list[str]:
        """Give all names that a record may have."""
        ratings = [name for c in self.plan.criteria for name in c.rating_names]
        return [*self.plan.scope.inputs, *ratings]

    def up_to(self, names: Iterable[str], given: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Give the stages that some names hang on, and these, in order; those given left out."""
        every = order.closure(names, self.plan.scope.graph, given)
        return tuple(n for n in self.order if n in every and n not in given)

    def roots(self, names: Iterable[str], given: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Give the names of a record that some names hang on; ratings stand behind points."""
        every = order.closure(names, self.plan.scope.graph, given)
        for c in self.plan.criteria:
            if f"points.{c.id}" in every:
                every.update(c.rating_names)
        return tuple(name for name in self.names if name in every)


def _needing(plan: Plan) -> dict[str, list[QuantityPlan]]:
    """Return what needs its names in every record, by the name of its stage."""
    rubric = plan.rubric
    found: dict[str, list[QuantityPlan]] = {}
    may_be_unratable = (
        any(c.missing == "exclude" for c in rubric.all_criteria if c.scored)
        or (rubric.total is not None and rubric.total.minimum_scored is not None)
        or any(gate.unratable for gate in rubric.gates)
        or plan.weighing.is_worked_out
    )
    for name, quantity in plan.quantities.items():
        is_last = name.startswith("outcome.") and not may_be_unratable
        if (is_last or name.startswith("adjust.")) and not quantity.skips:
            found[name] = [quantity]
    for index, gate in enumerate(rubric.gates):
        if not gate.refuse and gate.missing == "error" and not may_be_unratable:
            found.setdefault(order.GATES, []).append(plan.gates[index])
    return found


@attrs.frozen(kw_only=True)
class Fault:
    """A record that leads to no value of a name, which `check` excludes."""

    #: the code of the finding
    code: str
    name: str
    error: RefusedValueError
    problem: Problem


class Run:
    """A record on its way through the stages."""

    def __init__(
        self,
        course: Course,
        given: Mapping[str, Any],
        faulty: Iterable[str] = (),
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.course = course
        self.plan = course.plan
        self.given = given
        #: what is known, by name
        self.values: dict[str, Any] = {
            **course.left_out,
            **(course.defaults if defaults is None else defaults),
            **given,
        }
        #: what was worked out from the whole of a record may be kept, without defaults it may not
        self.keeps = defaults is None and not course.plan.weighing.is_worked_out
        #: no band answers for what is missing: only what the record gives counts as given
        self.strict = defaults is not None
        #: names that cannot be known since something is wrong
        self.broken = set(faulty)
        self.problems: list[Problem] = []
        #: those of them that `check` excludes
        self.faults: list[Fault] = []
        self.scored: dict[str, Scored] = {}
        self.steps: dict[str, Step] = {}
        self.weights: dict[str, Number] = {}
        self.shares: dict[str, Number] | None = None
        self.held: list[GateHeld] = []
        self.unratable = False
        self.before: TierReached | None = None

    def through(self, names: Iterable[str]) -> Run:
        """Work some names out, each after those that it hangs on."""
        acts, graph = self.course.acts, self.plan.scope.graph
        for name in names:
            if self.broken and not self.broken.isdisjoint(graph[name]):
                self.broken.add(name)
                self._lack_beside(name)
                continue
            try:
                acts[name](self)
            except TooLongError as error:
                needs = tuple(graph[name])
                self.undefined(name, RefusedValueError(f"leads to {error}", needs))
        return self

    def bare(self, criterion: str) -> Mapping[str, Any]:
        """Return the names that a criterion depends on: no default, and no answer to `missing`."""
        if not self.course.assumes:
            return self.values
        names = self.course.of_points[criterion][:-1]
        return Run(self.course, self.given, self.broken, {}).through(names).values

    def key(self, criterion: str) -> tuple[Any, ...]:
        """Give the criterion with the values of the names that it hangs on."""
        return (criterion, *map(self.given.get, self.course.roots_of[criterion]))

    def refuse(self, name: str, *problems: Problem) -> None:
        """Keep what is wrong, and that a name cannot be known."""
        self.broken.add(name)
        self.problems += [p for p in problems if p not in self.problems]

    def undefined(self, name: str, error: RefusedValueError) -> None:
        """Reject the record: it leads to no value of a name; note what `check` excludes."""
        roots = self._inputs_of(error.names)
        given = [n for n in roots if n in self.given]
        about = given or roots
        if error.code == "may-be-missing":
            about = [n for n in roots if n not in self.given] or roots
        first = (*about, "record")[0]
        place = name.removeprefix("points.")
        message = f"{error} in {'the total' if place == order.BEFORE else place}"
        problem = Problem(
            input=first,
            value=self.given.get(first),
            message=str(error) if error.allowed else message,
            admissible=error.allowed,
        )
        if error.code:
            self.faults.append(Fault(code=error.code, name=name, error=error, problem=problem))
        self.refuse(name, problem)

    def _inputs_of(self, names: Iterable[str]) -> list[str]:
        """Return the names of a record that some names depend on, and ratings behind points."""
        every = order.closure(names, self.plan.scope.graph)
        every |= {
            n for c in self.plan.criteria if f"points.{c.id}" in every for n in c.rating_names
        }
        return [n for n in self.course.names if n in every]

    def lacking(self, name: str, missing: Missing) -> None:
        """Reject the record: something is missing, or was left out."""
        scope = self.plan.scope
        every = order.closure(missing.names, scope.graph)
        out = tuple(n for n in sorted(every) if self.values.get(n) is MISSING)
        # what was left out need not be given
        left = order.closure(missing.names, scope.graph, out).difference(out)
        roots = [n for n in self.course.names if n in left and n not in self.values]
        if not roots:
            self.undefined(name, LeftOutError(out or missing.names))
            return
        self.refuse(
            name,
            *(
                Problem(input=n, message="is missing", admissible=scope.admissible(n))
                for n in roots
            ),
        )

    def _lack_beside(self, name: str) -> None:
        """Report what an outcome, adjustment or gate lacks, though it cannot be computed."""
        for quantity in self.course.beside.get(name, ()):
            names = tuple(
                n for n in quantity.always_needs if n not in self.values and n not in self.broken
            )
            if names:
                self.lacking(name, Missing(names))

    def own_problems(self) -> list[Problem]:
        """Return the problems by which the record is rejected by a rule of the ruleset."""
        ours = [fault.problem for fault in self.faults]
        return [problem for problem in self.problems if problem not in ours]

    def settle(self) -> dict[str, Number]:
        """Give what a point of each criterion is worth: known when what may be left out is."""
        if self.shares is None:
            weighing = self.plan.weighing
            if weighing.is_settled:
                self.shares = weighing.factors
                return self.shares
            out = {name for name, scored in self.scored.items() if scored.left_out}
            every = {c.id for c in self.plan.criteria if c.is_scored}
            left = {n for n in every - out if not weighing.is_weightless(n, self.weights)}
            self.shares = weighing.shares(self.weights, left)
            self._hold_weights()
        return self.shares

    def _hold_weights(self) -> None:
        """Refuse weights that are worked out for the record and do not add up."""
        if not self.plan.weighing.is_worked_out or self.plan.without:
            return
        roots = self.plan.scope.roots(name for name, _ in order.weighed(self.plan.rubric))
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
            self.refuse("raw_total", problem)

    # ------------------------------------------------------------ what came of it

    def derived(self) -> tuple[Step, ...]:
        """Give the derived facts that were worked out."""
        names = (d.name for d in self.plan.rubric.derived)
        return tuple(self.steps[name] for name in names if name in self.steps)

    def line(self, c: CriterionPlan) -> Line:
        """Give the line of a criterion."""
        if not (self.keeps and self.plan.weighing.is_settled):
            return self._line(c, (self.shares or {}).get(c.id, 0))
        key = self.key(c.id)
        line = self.course.lines.get(key)
        if line is None:
            line = self._line(c, self.plan.weighing.factors.get(c.id, 0))
            keep(self.course.lines, key, line)
        return line

    def _line(self, c: CriterionPlan, factor: Number) -> Line:
        """Make the line of a criterion, a point of which gives so much to the total."""
        scored, criterion = self.scored[c.id], c.criterion
        band = None if scored.row is None else c.rows[scored.row].band
        contribution = Fraction(scored.points or 0) * factor
        weight = self.plan.weighing.of(criterion, self.weights) if c.is_scored else None
        raw = scored.raw
        return Line(
            criterion=c.id,
            label=criterion.label,
            section=None if c.section is None else c.section.id,
            cite=criterion.cite,
            band=None if band is None else scored.row,
            band_label=None if band is None else band.label,
            condition=Condition() if scored.row is None else c.rows[scored.row].condition,
            points=None if scored.points is None else Exact(scored.points),
            raw=None if raw is None or raw == scored.points else Exact(raw),
            scale=None if c.is_remark or not c.scale else Exact(c.scale),
            weight=None if weight is None else Exact(weight),
            contribution=Exact(contribution),
            used=scored.used,
            remark=scored.remark,
            left_out=scored.left_out,
            assumed=scored.assumed,
            units=canonical(contribution * self.plan.units),
        )

    def verdict(self) -> Verdict:
        """Give what follows from the raw total."""
        values, steps = self.values, self.steps
        rubric = self.plan.rubric
        total, tier = values.get("total"), values.get("tier")
        outcomes = [name for name in self.course.order if name.startswith("outcome.")]
        return Verdict(
            raw_total=Exact(values["raw_total"]),
            subtotals=tuple(
                steps[name]
                for name in (f"subtotal.{s.id}" for s in rubric.sections)
                if name in steps
            ),
            adjustments=tuple(
                steps[name]
                for name in (f"adjust.{a.id}" for a in rubric.adjustments)
                if name in steps
            ),
            before=steps.get(order.BEFORE),
            tier_before=self.before,
            gates=tuple(self.held),
            total=None if self.unratable or total is None else Exact(total),
            tier=None if self.unratable or tier is None else tier_reached(self.plan, tier),
            outcomes=tuple(steps[name] for name in outcomes if name in steps),
            derived=self.derived(),
        )
