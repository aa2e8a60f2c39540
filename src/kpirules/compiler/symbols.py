"""What the names of a rubric mean: the values they may have, and what of a record they need."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.arithmetic.budget import Effort
from kpirules.arithmetic.decision_table import Axis, Value
from kpirules.arithmetic.range import Range
from kpirules.compiler.domains import axis_of, describe_input
from kpirules.model.dependencies import closure, conditions, graph_of


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kpirules.compiler.criteria import CriterionPlan
    from kpirules.compiler.plan import Plan
    from kpirules.model.rubric import Rubric


class Axes(dict[str, Axis]):
    """The values that names may have; those of computed names are worked out when asked for."""

    #: what works one out, said by the plan
    source: Callable[[str], Axis]

    def __missing__(self, name: str) -> Axis:
        axis = self[name] = self.source(name)
        return axis


class Scope:
    """What the names of a rubric mean: the values they may have, and what of a record they need.

    A plan fills it as it makes the quantities ready, in their order.
    """

    def __init__(self, rubric: Rubric) -> None:
        self.inputs = {fact.name: fact for fact in rubric.inputs}
        self.lists = frozenset(name for name, fact in self.inputs.items() if fact.many)
        self.tables = {table.name: table.rows for table in rubric.tables}
        #: what proofs about the formulas of the rubric may still cost
        self.effort = Effort()
        #: the values of names; of a list, of its items
        self.axes = Axes({n: axis_of(fact) for n, fact in self.inputs.items()})
        #: names that may have no value because what they are about was left out of the record
        self.may_be_out: set[str] = set()
        #: those of them without which a record is unratable
        self.unratable: set[str] = set()
        #: what the gates that refuse a record ask of its facts
        self.refusals = tuple(conditions(gate.when, None) for gate in rubric.gates if gate.refuse)
        #: derived facts that may have no value because they need such names
        self.may_lack: set[str] = set()
        #: what each computed name hangs on
        self.graph = graph_of(rubric)

        #: which values of a fact are better, where the rubric says it
        self.better: dict[str, str | None] = {f.name: f.better for f in rubric.inputs}
        self.better |= {d.name: d.better for d in rubric.derived}
        #: the criteria that the names of ratings rate
        self.rated: dict[str, CriterionPlan] = {}

    def is_refused(self, point: Mapping[str, Value]) -> bool:
        """Return whether a gate refuses every record with some values."""
        return any(
            all(
                name in point and any(_takes(entry, point[name]) for entry in entries)
                for name, entries in gate.items()
            )
            for gate in self.refusals
        )

    def admissible(self, name: str) -> str:
        """Say in words what may be given for a name of a record."""
        if name in self.inputs:
            return describe_input(self.inputs[name])
        return self.rated[name].admissible_text if name in self.rated else ""

    def set_out(self, plan: Plan) -> None:
        """Say what criteria add: the values of their ratings, and what may be left out."""
        lists = {f"subtotal.{s.id}": s.criteria for s in plan.rubric.sections}
        weighed = plan.weighing.is_worked_out
        total = plan.rubric.total
        least = (None if total is None else total.minimum_scored) or 1
        needs_all = len([c for c in plan.criteria if c.is_scored and not c.is_weightless]) <= least
        for c in plan.criteria:
            if c.is_remark:
                continue
            excluded = c.is_scored and c.criterion.missing == "exclude"
            if excluded or c.is_weightless or (c.is_scored and weighed):
                names = {f"points.{c.id}", f"contribution.{c.id}"}
                self.may_be_out |= names
                self.unratable |= names if needs_all and not c.is_weightless else set()
            for name in c.rating_names:
                self.rated[name] = c
                if c.is_weightless or (excluded and not c.is_measured):
                    self.may_be_out.add(name)
                    self.unratable |= {name} if needs_all and not c.is_weightless else set()
        for name, criteria in lists.items():
            if all(f"points.{c.id}" in self.may_be_out for c in criteria if c.scored):
                self.may_be_out.add(name)
        skipped = (o.name for o in plan.rubric.outcomes if o.missing == "skip")
        self.may_be_out |= {f"outcome.{name}" for name in skipped}

    def roots(self, names: Iterable[str]) -> tuple[str, ...]:
        """Give the names of a record that some names hang on."""
        every = closure(names, self.graph)
        names = dict.fromkeys((*self.inputs, *self.rated, *sorted(every)))
        return tuple(n for n in names if n in every and n not in self.graph)


def _takes(entry: object, value: Value) -> bool:
    """Return whether an entry of a ``when`` takes a value."""
    is_in = (
        isinstance(entry, Range) and isinstance(value, (int, Fraction)) and entry.contains(value)
    )
    return is_in or entry == value
