"""Compiled cohorts: what a gathered input or a quota needs of each record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, TypeAlias

from kpirules.compiler.quantities import CompiledQuantity
from kpirules.model.demotions import DEMOTED, judged
from kpirules.model.dependencies import in_order, whole_graph
from kpirules.model.inputs import cohorts
from kpirules.model.rubric import Band, Quantity, When


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.compiler.plan import Plan
    from kpirules.compiler.symbols import Scope
    from kpirules.formula import Formula, GroupFormula
    from kpirules.model.inputs import Cohort, Input
    from kpirules.model.rubric import Quota, Text


#: what a group gives to its records: one number, places, or shares
CohortForm: TypeAlias = Literal["formula", "rank", "share"]


class CompiledGroup(ABC):
    """What is computed over a group of records."""

    def __init__(
        self,
        part: Cohort | Quota,
        path: tuple[str | int, ...],
        scope: Scope,
        *,
        name: str,
        label: Text | None,
        of_record: Iterable[str],
    ) -> None:
        self.name = name
        self.label = label
        #: the formulas of a record: by which it is ranked, or has its share
        self.of_record: tuple[Formula, ...] = tuple(map(scope.formulas.parse, of_record))
        #: the name of the record that it fills
        self.fills: str = name
        #: the names whose values the records of a group have in common
        self.within: tuple[str, ...] = part.groups
        #: the condition under which a record takes part
        self.asked: When | None = part.where
        #: whether a record takes part: 1 or 0; None: all do
        self.where: CompiledQuantity | None = None
        if part.where is not None:
            bands = (
                Band(when=part.where, value=1),
                Band(when=When(otherwise=True), value=0),
            )
            self.where = CompiledQuantity(Quantity(bands=bands), (*path, "where"), scope)

    @property
    @abstractmethod
    def formulas(self) -> tuple[GroupFormula, ...]:
        """The formulas over the group."""

    @property
    def skips(self) -> bool:
        """Check whether a record that lacks a value takes no part."""
        return False

    @property
    def lists(self) -> tuple[tuple[str, Formula], ...]:
        """(name, formula) of what the formulas over the group ask of each record."""
        every = {name: each for formula in self.formulas for name, each in formula.lists}
        return tuple(every.items())

    @property
    def each(self) -> tuple[tuple[str, Formula], ...]:
        """(name, formula) of what is computed of each record that takes part."""
        return (*self.lists, *((formula.text, formula) for formula in self.of_record))

    @property
    def common(self) -> tuple[str, ...]:
        """The names whose value is the same on each record that takes part."""
        every = (name for formula in self.formulas for name in formula.common)
        return tuple(dict.fromkeys(every))


class CompiledCohort(CompiledGroup):
    """An input that is gathered from a cohort."""

    def __init__(self, fact: Input, cohort: Cohort, scope: Scope) -> None:
        path = ("inputs", fact.name, "cohort")
        super().__init__(
            cohort, path, scope, name=fact.name, label=fact.label, of_record=cohort.of_record
        )
        self.fact = fact
        self.cohort = cohort
        #: the formula of the group: its number, or the amount that it shares
        self.group: GroupFormula | None = (
            None if cohort.over_group is None else scope.formulas.parse_group(cohort.over_group)
        )

    @property
    def formulas(self) -> tuple[GroupFormula, ...]:
        """The formulas over the group."""
        return () if self.group is None else (self.group,)

    @property
    def skips(self) -> bool:
        """Check whether a record that lacks a value takes no part."""
        return self.cohort.missing == "skip"

    @property
    def form(self) -> CohortForm:
        """What the group gives."""
        return "rank" if self.group is None else "formula" if self.cohort.share is None else "share"


class CompiledQuota(CompiledGroup):
    """A quota of some tiers."""

    def __init__(self, index: int, quota: Quota, scope: Scope) -> None:
        path = ("quota", index)
        super().__init__(
            quota, path, scope, name=quota.name, label=quota.label, of_record=quota.ranks
        )
        self.index = index
        self.quota = quota
        self.fills: str = f"{DEMOTED}.{quota.id}"
        #: the formulas of the limits, by their keys
        self.limits: dict[str, GroupFormula] = {
            key: scope.formulas.parse_group(text) for key, text in quota.limits.items()
        }

    @property
    def formulas(self) -> tuple[GroupFormula, ...]:
        """The formulas over the group."""
        return tuple(self.limits.values())


def compiled_cohorts(plan: Plan) -> tuple[CompiledCohort, ...]:
    """Return the inputs of a plan that are gathered from a cohort, each after what it needs."""
    return tuple(each for each in compiled_gathered(plan) if isinstance(each, CompiledCohort))


def compiled_quotas(plan: Plan) -> tuple[CompiledQuota, ...]:
    """Return the quotas of a plan, in the order in which they are judged."""
    return tuple(CompiledQuota(i, quota, plan.scope) for i, quota in judged(plan.rubric))


def compiled_gathered(plan: Plan) -> tuple[CompiledCohort | CompiledQuota, ...]:
    """Return the inputs of cohorts and the demoting quotas, each after what it needs."""
    made: dict[str, CompiledCohort | CompiledQuota] = {
        **{
            fact.name: CompiledCohort(fact, cohort, plan.scope)
            for fact, cohort in cohorts(plan.rubric.inputs)
        },
        **{each.fills: each for each in compiled_quotas(plan) if each.quota.demotes},
    }
    if not made:
        return ()
    return tuple(made[name] for name in in_order(whole_graph(plan.rubric)) if name in made)
