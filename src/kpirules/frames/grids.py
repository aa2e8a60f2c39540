"""What the columns hold of a rubric that is scored record by record: the grids of its names."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules import order
from kpirules.criteria import CriterionPlan
from kpirules.frames.columns import Column, Shape, names_of
from kpirules.frames.units import BeyondError
from kpirules.numbers import exact
from kpirules.terms import axis_of, coarsest


if TYPE_CHECKING:
    from kpirules.numbers import Number
    from kpirules.plan import Plan
    from kpirules.quantities import QuantityPlan


#: what stands for the end of an axis without one
_FAR = Fraction(10**9)


def columns_of(plan: Plan) -> tuple[Column, ...]:
    """Give the columns of a rubric that is scored record by record."""
    grids = _Grids(plan)
    return tuple(Column(name=n, source=s, shape=grids.shape(s)) for n, s in names_of(plan))


class _Grids:
    """For each name a number that all its values are multiples of, also those rated directly."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._known: dict[str, Number | None] = {}

    def shape(self, source: str) -> Shape:
        """Give the shape of what a name comes to; texts where it lies on no grid of decimals."""
        head, _, _ = source.partition(".")
        if head == "unratable":
            return Shape.flag()
        if head == "band":
            return Shape.code()
        axis = self.plan.axis_of(source)
        step = None if axis.options is not None else self.grid(source)
        if step is None:
            return Shape.text()
        ends = [cut[0] for cut in (axis.domain.low, axis.domain.high) if cut is not None]
        far = max((abs(Fraction(end)) for end in ends), default=_FAR)
        try:
            return Shape.of(-far, far, Fraction(step).denominator)
        except BeyondError:
            return Shape.text()

    def grid(self, name: str) -> Number | None:
        """Give the grid of a name; None where there is none."""
        if name not in self._known:
            # what hangs on itself is refused before; an unfinished name lies on no grid
            self._known[name] = None
            self._known[name] = self._grid(name)
        return self._known[name]

    def _grid(self, name: str) -> Number | None:
        """Work the grid of a name out."""
        plan = self.plan
        head, _, rest = name.partition(".")
        if name in plan.scope.inputs:
            return axis_of(plan.scope.inputs[name]).step
        if head == "contribution":
            points = self.grid(f"points.{rest}")
            share = plan.weighing.factors.get(rest, 0) if plan.weighing.is_settled else None
            return None if points is None or share is None else abs(Fraction(points) * share)
        if head == "subtotal":
            return self._of_section(rest)
        if name == "raw_total":
            return self._of_raw_total()
        if name == "total":
            limits = [v for g in plan.rubric.gates for v in (g.total_at_most, g.total_at_least)]
            return coarsest([self.grid(order.BEFORE), *(exact(v) for v in limits if v is not None)])
        quantity = plan.quantities.get(name)
        return None if quantity is None else self._of_quantity(quantity)

    def _of_section(self, name: str) -> Number | None:
        """Give the grid of a section's sum."""
        section = next(s for s in self.plan.rubric.sections if s.id == name)
        if section.round is not None:
            return exact(section.round.to)
        clamp = section.clamp
        cuts = [] if clamp is None else [c[0] for c in (clamp.low, clamp.high) if c is not None]
        parts = [self.grid(f"contribution.{c.id}") for c in section.criteria if c.scored]
        return coarsest([*parts, *(abs(Fraction(cut)) for cut in cuts)])

    def _of_raw_total(self) -> Number | None:
        """Give the grid of the raw total."""
        rubric = self.plan.rubric
        names = [f"subtotal.{s.id}" for s in rubric.sections]
        names = names or [f"contribution.{c.id}" for c in rubric.criteria if c.scored]
        return coarsest([self.grid(name) for name in names])

    def _of_quantity(self, quantity: QuantityPlan) -> Number | None:
        """Give the grid of what a quantity comes to."""
        if quantity.quantity.round is not None:
            grid: Number | None = exact(quantity.quantity.round.to)
        else:
            clamp = quantity.quantity.clamp
            cuts = [] if clamp is None else [c[0] for c in (clamp.low, clamp.high) if c is not None]
            rows = [self._of_row(quantity, i) for i in range(len(quantity.rows))]
            grid = coarsest([*rows, *(abs(Fraction(cut)) for cut in cuts)])
        if isinstance(quantity, CriterionPlan):
            if quantity.raters and quantity.quantity.round is None:
                # the mean of several ratings lies on no grid of decimals
                return None
            grid = coarsest([grid, abs(Fraction(quantity.stand_in or 0))])
        return grid

    def _of_row(self, quantity: QuantityPlan, index: int) -> Number | None:
        """Give the grid of a row; a criterion with a formula may be rated off any grid."""
        row = quantity.rows[index]
        if row.formula is None:
            return quantity.award_step if row.is_award else abs(Fraction(row.points.only or 0))
        if isinstance(quantity, CriterionPlan):
            return None
        return row.formula.grid({name: self.grid(name) for name in row.formula.names})
