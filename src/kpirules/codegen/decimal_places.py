"""The grids of a rubric's numbers: which decimals its results need, and which have no end.

What is returned depends on the rubric alone, not on the columns of a frame.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, assert_never, cast

from kpirules.arithmetic.number import MAX_DIGITS, exact
from kpirules.compiler.criteria import CompiledCriterion
from kpirules.compiler.domains import axis_of, coarsest
from kpirules.compiler.stages import (
    AdjustmentStage,
    ContributionStage,
    CriterionStage,
    DemotionStage,
    DerivedStage,
    GatesStage,
    OutcomeStage,
    RawTotalStage,
    RefusalStage,
    SettledStage,
    SubtotalStage,
    TotalStage,
    WeightStage,
    stages_of,
)
from kpirules.formula import HEADS
from kpirules.model.dependencies import contributions, summands
from kpirules.model.names import Contribution, Points, Total, TotalBeforeGates


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.compiler.stages import Stage
    from kpirules.model.inputs import Cohort, Input
    from kpirules.model.rubric import Section


#: the grid of numbers that no step limits: so many decimals may be given
_FINEST = Fraction(1, 10**MAX_DIGITS)
#: the weights of so many raters are looked at in every combination
_MAX_RATERS = 8


def decimals_of(grid: Number | None) -> int | None:
    """Return how many decimals the multiples of a number need; None if that has no end.

    >>> decimals_of(Fraction(1, 8)), decimals_of(5), decimals_of(Fraction(1, 3))
    (3, 0, None)
    """
    if grid is None:
        return None
    rest, powers = Fraction(grid).denominator, [0, 0]
    for i, prime in enumerate((2, 5)):
        while rest % prime == 0:
            rest, powers[i] = rest // prime, powers[i] + 1
    return max(powers) if rest == 1 else None


class Grids:
    """For each name a number that all its values are multiples of, also those rated directly."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._stages = {str(stage.name): stage for stage in stages_of(plan)}
        self._known: dict[str, Number | None] = {}

    def decimals(self, source: str) -> int | None:
        """Return how many decimals a number of the result needs; None if that has no end."""
        return decimals_of(self.grid(source))

    def is_fractional(self, source: str) -> bool:
        """Return whether a number of the result can be a fraction that no decimal equals."""
        return self.plan.axis_of(source).options is None and self.decimals(source) is None

    def grid(self, name: str) -> Number | None:
        """Return the grid of a name; None if it has none."""
        if name not in self._known:
            # a cycle is rejected before; a name that is not finished lies on no grid
            self._known[name] = None
            self._known[name] = self._grid(name)
        return self._known[name]

    def _grid(self, name: str) -> Number | None:
        """Compute the grid of a name."""
        scope = self.plan.scope
        if name in scope.inputs:
            step = axis_of(scope.inputs[name]).step
            is_fraction = step is None and self._is_of_quotients(scope.inputs[name])
            return None if is_fraction else step or _FINEST
        if name in self.plan.rated:
            return self._of_rating(self.plan.rated[name])
        stage = self._stages.get(name)
        return None if stage is None else self._of_stage(stage)

    def _is_of_quotients(self, fact: Input) -> bool:
        """Return whether what is gathered from a group can be a fraction, such as a mean."""
        return fact.cohort is not None and decimals_of(self.gathered(fact.cohort)) is None

    def gathered(self, cohort: Cohort) -> Number | None:
        """Return the grid of what a group gives; None if it has none."""
        if cohort.formula is None:
            rounding = cohort.round
            return 1 if cohort.share is None else None if rounding is None else exact(rounding.to)
        group = self.plan.scope.formulas.parse_group(cohort.formula)
        grids: dict[str, Number | None] = {HEADS: 1}
        grids |= {name: self.grid(name) for name in group.common}
        for name, each in group.lists:
            grids[name] = each.grid({n: self.grid(n) for n in each.names})
        return group.formula.grid(grids)

    def _of_stage(self, stage: Stage) -> Number | None:
        """Compute the grid of what a stage computes."""
        match stage:
            case CriterionStage(criterion=quantity):
                return self._of_quantity(quantity)
            case ContributionStage(name=Contribution(id)):
                weighing = self.plan.weighing
                points = self.grid(str(Points(id)))
                share = weighing.factors.get(id, 0) if weighing.is_fixed else None
                return None if points is None or share is None else abs(Fraction(points) * share)
            case SubtotalStage(section=section):
                return self._of_section(section)
            case RawTotalStage():
                return coarsest([self.grid(str(name)) for name in summands(self.plan.rubric)])
            case SettledStage(name=Total()):
                gates = self.plan.rubric.gates
                limits = [v for g in gates for v in (g.total_at_most, g.total_at_least)]
                before = self.grid(str(TotalBeforeGates()))
                return coarsest([before, *(exact(v) for v in limits if v is not None)])
            case (
                DerivedStage(quantity=quantity)
                | WeightStage(quantity=quantity)
                | AdjustmentStage(quantity=quantity)
                | TotalStage(quantity=quantity)
                | OutcomeStage(quantity=quantity)
            ):
                return self._of_quantity(quantity)
            case RefusalStage() | GatesStage() | SettledStage() | DemotionStage():
                return None
            case _ as never:
                assert_never(never)

    def _of_section(self, section: Section) -> Number | None:
        """Compute the grid of a section's sum."""
        if section.round is not None:
            return exact(section.round.to)
        clamp = self.plan.weighing.limits[section.id]
        cuts = [] if clamp is None else [c[0] for c in (clamp.low, clamp.high) if c is not None]
        parts = [self.grid(str(name)) for name in contributions(section.criteria)]
        return coarsest([*parts, *(abs(Fraction(cut)) for cut in cuts)])

    def _of_quantity(self, quantity: CompiledQuantity) -> Number | None:
        """Return the grid of a quantity's values."""
        if quantity.quantity.round is not None:
            grid: Number | None = exact(quantity.quantity.round.to)
        else:
            clamp = quantity.quantity.clamp
            cuts = [] if clamp is None else [c[0] for c in (clamp.low, clamp.high) if c is not None]
            rows = [self._of_row(quantity, i) for i in range(len(quantity.rows))]
            if isinstance(quantity, CompiledCriterion):
                rows.append(self._of_ratings(quantity))
            grid = coarsest([*rows, *(abs(Fraction(cut)) for cut in cuts)])
        if isinstance(quantity, CompiledCriterion):
            grid = coarsest([grid, abs(Fraction(quantity.missing_default or 0))])
        return grid

    def _of_rating(self, criterion: CompiledCriterion) -> Number | None:
        """Return the grid of one rating, and of what is taken in place of one."""
        fixed = [abs(Fraction(r.points.only or 0)) for r in criterion.rows if not r.is_award]
        steps = [criterion.step] if criterion.is_judged else []
        finest = [_FINEST] if any(row.formula is not None for row in criterion.rows) else []
        return coarsest([*fixed, *steps, *finest, abs(Fraction(criterion.missing_default or 0))])

    def _of_ratings(self, criterion: CompiledCriterion) -> Number | None:
        """Return the grid of what ratings give: one of them, or the mean of the raters'."""
        one = self._of_rating(criterion)
        weights = [Fraction(weight) for weight in criterion.raters.values()]
        if one is None or not weights:
            return one
        some = [weights]
        if criterion.criterion.missing == "exclude":
            # any of the raters may be the only ones
            if len(weights) > _MAX_RATERS:
                return None
            some = [list(s) for n in range(1, len(weights)) for s in combinations(weights, n)]
            some.append(weights)
        parts = [coarsest(each) for each in some if sum(each)]
        wholes = [sum(each) for each in some if sum(each)]
        return coarsest(
            [Fraction(one) * (part or 0) / whole for part, whole in zip(parts, wholes, strict=True)]
        )

    def _of_row(self, quantity: CompiledQuantity, index: int) -> Number | None:
        """Return the grid of a row of the table."""
        row = quantity.rows[index]
        if row.formula is not None:
            return row.formula.grid({name: self.grid(name) for name in row.formula.names})
        if not row.is_award:
            return abs(Fraction(row.points.only or 0))
        # what is awarded is a rating, and nothing but a criterion has ratings
        return self._of_ratings(cast("CompiledCriterion", quantity))
