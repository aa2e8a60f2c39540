"""A rubric made ready: its tables as partitions, its weights as exact factors, in the form's order.

Everything that asks what a rubric does asks its plan: checks, evaluation, frames, comparison. A
plan is built from a rubric whose names and shape are right; whether its numbers hold together is
what the checks then ask of the plan.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

from kpirules.numbers import Number, canonical, exact, show
from kpirules.partition import Axis, Partition
from kpirules.quantities import QuantityPlan, Row, Scope
from kpirules.ranges import Range, join, listing
from kpirules.reach import totals_of
from kpirules.terms import ZERO_UP, axis_of, finished


if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from kpirules.findings import KeyPath
    from kpirules.formula.bounds import Bounds
    from kpirules.model import Criterion, Input, Rubric, Section, Tier
    from kpirules.reach import Totals


class CriterionPlan(QuantityPlan):
    """One criterion made ready: which band facts pick, which ratings each band admits.

    One question serves measured and judged criteria: *which bands take these facts and this
    rating?* Facts are asked of one partition, the rating of another, and a band must be in both.
    """

    def __init__(
        self,
        criterion: Criterion,
        section: Section | None,
        path: KeyPath,
        rubric: Rubric,
        scope: Scope,
    ) -> None:
        self.criterion = criterion
        self.section = section
        self.step = exact(rubric.step)
        self.weight = _number(criterion.weight)
        #: points at full marks; a criterion without weight or scale is a remark or gives nothing
        self.scale: Number = self.weight if criterion.scale is None else exact(criterion.scale)
        self.is_remark = not criterion.scored and not criterion.is_given and not criterion.range
        award = criterion.range or Range.closed(min(0, self.scale), max(0, self.scale))
        super().__init__(criterion, path, scope, award=award, award_step=self.step)
        if self.is_remark:
            self.rows = ()
        #: judged: an appraiser awards the points, or at least some of them
        self.is_judged = any(row.is_award for row in self.rows) or not self.is_measured

    @cached_property
    def is_measured(self) -> bool:
        """Say whether facts or formulas have a part in its points."""
        return bool(self.needs) or any(row.formula is not None for row in self.rows)

    @property
    def keeps_awards(self) -> bool:
        """Say whether awarded points are the rating itself, neither clamped nor rounded."""
        return self.criterion.clamp is None and self.criterion.round is None

    @cached_property
    def span(self) -> Range:
        """The range that its points are expected in."""
        own = self.criterion.range or self.criterion.clamp
        if own is None and not self.criterion.scored:
            return Range()
        return own or Range.closed(min(0, self.scale), max(0, self.scale))

    @property
    def range(self) -> Range:
        """The range that its points are expected in."""
        return self.span

    def reaches(self, index: int) -> Bounds:
        """Give bounds of the points of a row; that formulas keep to the range is proved apart."""
        low, high = super().reaches(index)
        if self.rows[index].formula is None:
            return low, high
        first, last = self.span.low and self.span.low[0], self.span.high and self.span.high[0]
        return (
            first if low is None else low if first is None else max(low, first),
            last if high is None else high if last is None else min(high, last),
        )

    def better(self, name: str) -> str | None:
        """Say which values of a fact are better, where the rubric says it."""
        derived = self.scope.derived.get(name)
        fact = self.scope.inputs[name] if derived is None else derived.quantity
        better: str | None = getattr(fact, "better", None)
        return better

    def given_by(self, row: Row) -> Range:
        """Give what a row without a formula gives, clamped and rounded."""
        low, high = (
            None
            if cut is None
            else (finished(cut[0], self.criterion.clamp, self.criterion.round), cut[1])
            for cut in (row.points.low, row.points.high)
        )
        if self.criterion.clamp is None and self.criterion.round is None:
            return row.points
        return Range(low and (low[0], 0), high and (high[0], 1))

    @cached_property
    def by_rating(self) -> Partition:
        """The bands over the axis of the rating."""
        step = self.step if self.is_judged else None
        return Partition([Axis(step=step)], [[(self._admits(row),)] for row in self.rows])

    def _admits(self, row: Row) -> Range:
        """Give the ratings that a row admits: what is awarded, or else what it comes to."""
        return row.points if row.is_award or row.formula is not None else self.given_by(row)

    @property
    def admissible(self) -> tuple[Range, ...]:
        """The ratings that may be given, in rising order."""
        return join(map(self._admits, self.rows), self.step if self.is_judged else None)

    @property
    def ratings(self) -> int:
        """How many different ratings may be given; a million stands for what has no end."""
        if any(row.formula is not None for row in self.rows):
            return 1_000_000
        step = self.step if self.is_judged else 1
        ends = [(r.low, r.high) for r in self.admissible]
        counts = [
            int((high[0] - low[0]) // step) + 1 if low and high else 1_000_000 for low, high in ends
        ]
        return sum(counts)

    @cached_property
    def admissible_text(self) -> str:
        """Spell the ratings that may be given."""
        return listing(self.admissible, self.step if self.is_judged else None)

    def rows_of_rating(self, rating: Number) -> int:
        """Give the bands that admit a rating on the grid of the step, a bit each."""
        return self.by_rating.bits_at([rating])


def _number(value: Decimal | str | None) -> Number:
    """Take a weight that is a number; what is left out counts 0."""
    return 0 if value is None or isinstance(value, str) else exact(value)


class Plan:
    """A rubric made ready."""

    def __init__(
        self,
        rubric: Rubric,
        without: frozenset[KeyPath] = frozenset(),
        lost: frozenset[str] = frozenset(),
    ) -> None:
        """Take a rubric whose names and shape are right (see :mod:`kpirules.checks`).

        ``without``: the places of criteria, and ``lost``: the names of derived facts, that are too
        broken to be made ready. The plan of the rest answers for these alone.
        """
        self.rubric = rubric
        self.without = without
        self.step = exact(rubric.step)
        #: what the names of the rubric mean
        self.scope = Scope(rubric, lost)
        #: all criteria in the form's order, each with its section and its place
        self.placed = tuple(_criteria(rubric))
        self.criteria = tuple(
            CriterionPlan(criterion, section, path, rubric, self.scope)
            for criterion, section, path in self.placed
            if path not in without
        )
        self.full_marks = exact(rubric.full_marks)
        self.weights_total = (
            exact(rubric.weights_total)
            if rubric.weights_total is not None and not isinstance(rubric.weights_total, str)
            else self.full_marks
        )
        #: what a point of each criterion is worth in the total (LANGUAGE, Weights)
        self.factors = tuple(self._factor(c) for c in self.criteria)
        #: contributions are counted in units of one over this, so that most are whole
        self.units = lcm(
            *(
                (Fraction(factor) * point).denominator
                for factor, c in zip(self.factors, self.criteria, strict=True)
                for point in _points_of(c)
            )
        )

    @cached_property
    def weights(self) -> tuple[tuple[Criterion, Section | None, Number], ...]:
        """All scored criteria, also those too broken to be made ready, with their weights."""
        return tuple((c, s, _number(c.weight)) for c, s, _ in self.placed if c.scored)

    def weight_place(self, index: int) -> KeyPath:
        """Give the place of the scored criterion of an index."""
        return [path for c, _, path in self.placed if c.scored][index]

    @cached_property
    def weights_hold(self) -> bool:
        """Say whether all weights add up to the whole."""
        return not self.weights or _sum(w for _, _, w in self.weights) == self.weights_total

    @cached_property
    def totals(self) -> Totals:
        """The totals that can occur."""
        return totals_of(self)

    def _factor(self, c: CriterionPlan) -> Number:
        """Give what one point of a criterion adds to the total."""
        if not c.criterion.scored or not c.scale or not self.weights_total:
            return 0
        share = Fraction(self.full_marks) * c.weight / self.weights_total / c.scale
        return canonical(share)

    @cached_property
    def tiers(self) -> Partition:
        """The tiers over the axis of the total."""
        return Partition([Axis()], [[tuple(tier.total)] for tier in self.rubric.tiers])

    def tier_of(self, total: Number) -> Tier | None:
        """Give the tier of a total; None where there are no tiers, or none for it."""
        rows = self.tiers.rows_at([total])
        return self.rubric.tiers[rows[0]] if rows else None

    def section_weight(self, section: Section) -> Number:
        """Give a section's weight: its own, else the sum of its criteria's."""
        if section.weight is not None:
            return _number(section.weight)
        return _sum(_number(c.weight) for c in section.criteria if c.scored)


def _sum(numbers: Iterable[Number]) -> Number:
    """Add numbers up."""
    return canonical(sum((Fraction(number) for number in numbers), Fraction()))


def _criteria(rubric: Rubric) -> list[tuple[Criterion, Section | None, KeyPath]]:
    """Give all criteria in the form's order, each with its section and its place."""
    placed: list[tuple[Criterion, Section | None, KeyPath]] = [
        (criterion, section, ("section", s, "criterion", c))
        for s, section in enumerate(rubric.sections)
        for c, criterion in enumerate(section.criteria)
    ]
    placed += [(c, None, ("criterion", i)) for i, c in enumerate(rubric.criteria)]
    return placed


def _points_of(c: CriterionPlan) -> list[Number]:
    """Give numbers that all points of a criterion are multiples of, as far as there are any."""
    grids = [c.row_grid(i) for i in range(len(c.rows))]
    return [grid for grid in grids if grid is not None]


def describe_input(fact: Input) -> str:
    """Say in words what may be given for an input."""
    if fact.type == "choice":
        return "one of " + ", ".join(option.code for option in fact.options)
    if fact.type == "flag":
        return "true or false"
    axis = axis_of(fact)
    kind = "a whole number" if axis.step == 1 else "a number"
    if fact.many:
        kind = "a list of whole numbers" if axis.step == 1 else "a list of numbers"
    where = "" if axis.domain == Range() else f" in {axis.domain}"
    if axis.domain == ZERO_UP:
        where = ", 0 or more"
    grid = "" if axis.step in (None, 1) else f", in steps of {show(axis.step or 1)}"
    return f"{kind}{where}{grid}"
