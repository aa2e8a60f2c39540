"""Compiled cohorts: what an input that is gathered from a cohort needs of each record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from kpirules.compiler.quantities import CompiledQuantity
from kpirules.model.dependencies import in_order, whole_graph
from kpirules.model.inputs import cohorts
from kpirules.model.rubric import Band, Quantity, When


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.symbols import Scope
    from kpirules.formula import Formula, GroupFormula
    from kpirules.model.inputs import Cohort, Input


#: what a group gives to its records: one number, places, or shares
CohortForm: TypeAlias = Literal["formula", "rank", "share"]


class CompiledCohort:
    """An input that is gathered from a cohort."""

    def __init__(self, fact: Input, cohort: Cohort, scope: Scope) -> None:
        self.fact = fact
        self.cohort = cohort
        #: whether a record takes part: 1 or 0; None: all do
        self.where: CompiledQuantity | None = None
        if cohort.where is not None:
            bands = (
                Band(when=cohort.where, value=1),
                Band(when=When(otherwise=True), value=0),
            )
            path = ("inputs", fact.name, "cohort", "where")
            self.where = CompiledQuantity(Quantity(bands=bands), path, scope)
        #: the formula of the group: its number, or the amount that it shares
        self.group: GroupFormula | None = (
            None if cohort.over_group is None else scope.formulas.parse_group(cohort.over_group)
        )
        #: the formulas of a record: by which it is ranked, or has its share
        self.of_record: tuple[Formula, ...] = tuple(map(scope.formulas.parse, cohort.of_record))

    @property
    def name(self) -> str:
        """The name of the input."""
        return self.fact.name

    @property
    def form(self) -> CohortForm:
        """What the group gives."""
        return "rank" if self.group is None else "formula" if self.cohort.share is None else "share"

    @property
    def each(self) -> tuple[tuple[str, Formula], ...]:
        """(name, formula) of what is computed of each record that takes part."""
        lists = () if self.group is None else self.group.lists
        return (*lists, *((formula.text, formula) for formula in self.of_record))

    @property
    def common(self) -> tuple[str, ...]:
        """The names whose value is the same on each record that takes part."""
        return () if self.group is None else self.group.common


def compiled_cohorts(plan: Plan) -> tuple[CompiledCohort, ...]:
    """Return the inputs of a plan that are gathered from a cohort, each after what it needs."""
    made = {
        fact.name: CompiledCohort(fact, cohort, plan.scope)
        for fact, cohort in cohorts(plan.rubric.inputs)
    }
    if not made:
        return ()
    return tuple(made[name] for name in in_order(whole_graph(plan.rubric)) if name in made)
