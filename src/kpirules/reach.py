"""The totals that can occur: the sums of what the criteria can give, each exactly once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import attrs

from kpirules.numbers import Number, canonical
from kpirules.ranges import Range


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kpirules.plan import CriterionPlan, Plan


#: where the totals lie on a finer grid than this many steps, they are not counted one by one
MOST_TOTALS = 2_000_000


#: points that a criterion can give: the first, the distance to the next, and how many
_Steps: TypeAlias = tuple[Number, Number, int]


@attrs.frozen(kw_only=True)
class _Stage:
    """One criterion added to those before it."""

    criterion: str
    #: what one point adds, counted in units
    share: Number
    steps: tuple[_Steps, ...]
    #: the totals before it, and the least of them
    before: int
    least: int

    def had(self, units: int) -> bool:
        """Say whether a total could occur before the criterion was added."""
        return units >= self.least and bool(self.before >> (units - self.least) & 1)


@attrs.frozen(kw_only=True)
class ExactTotals:
    """The set of totals as one whole number: bit ``i`` stands for ``least + i`` units."""

    bits: int
    least: int
    #: so many units make 1
    units: int
    stages: tuple[_Stage, ...]
    #: all of them can occur; of formulas only bounds and a grid are known, so that some may not
    exact: bool = True

    def _within(self, span: Range) -> tuple[int, int]:
        """Give the bits in a range, moved down by the place that is said first."""
        first = 0
        if span.low is not None:
            value, after = span.low
            place = Fraction(value) * self.units - self.least
            first = max(0, place.__floor__() + 1 if after else place.__ceil__())
        bits = self.bits >> first
        if span.high is not None:
            value, after = span.high
            place = Fraction(value) * self.units - self.least
            end = place.__floor__() + 1 if after else place.__ceil__()
            bits &= (1 << max(0, end - first)) - 1
        return first, bits

    def _total(self, place: int) -> Number:
        """Give the total that a bit stands for."""
        return canonical(Fraction(self.least + place, self.units))

    def first_in(self, span: Range) -> Number | None:
        """Give the least total in a range, or None."""
        first, bits = self._within(span)
        return self._total(first + (bits & -bits).bit_length() - 1) if bits else None

    def last_in(self, span: Range) -> Number | None:
        """Give the greatest total in a range, or None."""
        first, bits = self._within(span)
        return self._total(first + bits.bit_length() - 1) if bits else None

    def record(self, total: Number) -> tuple[tuple[str, Number], ...]:
        """Give ratings by criterion that add up to a total that can occur."""
        left = int(Fraction(total) * self.units)
        ratings: list[tuple[str, Number]] = []
        for stage in reversed(self.stages):
            rests = ((points, left - int(points * stage.share)) for points in _each(stage.steps))
            points, left = next((p, rest) for p, rest in rests if stage.had(rest))
            ratings.append((stage.criterion, points))
        return tuple(reversed(ratings))


@attrs.frozen(kw_only=True)
class GridTotals:
    """Every step of a grid, or every number, between two ends: which totals occur is not known."""

    domain: Range
    #: None: any number between the ends
    step: Number | None
    exact: ClassVar[bool] = False

    def first_in(self, span: Range) -> Number | None:
        """Give the least total in a range, or None."""
        met = self.domain.meet(span)
        return None if met is None else met.least(self.step)

    def last_in(self, span: Range) -> Number | None:
        """Give the greatest total in a range, or None."""
        met = self.domain.meet(span)
        if met is not None and self.step is not None:
            met = met.on_grid(self.step)
        return met.high[0] if met is not None and met.high is not None else None

    def record(self, total: Number) -> tuple[tuple[str, Number], ...]:  # noqa: ARG002 - as of ExactTotals
        """Give nothing: which ratings add up to a total is not known."""
        return ()


#: which totals can occur: exactly these, or at most these
Totals: TypeAlias = ExactTotals | GridTotals


def totals_of(plan: Plan) -> Totals:
    """Give the totals that can occur.

    The set of sums is one whole number whose bits are the totals, counted in the plan's units: to
    add a criterion is to shift it by each of the points that the criterion can give. Criteria may
    share facts; each can also be rated directly, so that every sum of their points occurs.

    Where the grid of totals is too fine to count them one by one, or points have no end, or a part
    of the rubric is too broken to know its points, every step between the ends is taken to occur.
    """
    if plan.without:
        return GridTotals(domain=Range.closed(0, plan.full_marks), step=plan.step)
    scored = [(c, f) for c, f in zip(plan.criteria, plan.factors, strict=True) if f]
    stages: list[_Stage] = []
    sums, least, exact = 1, 0, True
    for c, factor in scored:
        share = canonical(Fraction(factor) * plan.units)
        steps = _points(c)
        exact = exact and all(row.formula is None for row in c.rows)
        exact = exact and (c.keeps_awards or not c.is_judged)
        if steps is None or sums.bit_length() + _extent(steps, share) > MOST_TOTALS:
            return _bounds(plan)
        stages.append(
            _Stage(criterion=c.criterion.id, share=share, steps=steps, before=sums, least=least)
        )
        lowest = min(int(first * share) for first, _, _ in steps)
        added = 0
        for first, step, count in steps:
            start = sums << (int(first * share) - lowest)
            added |= _spread(start, int(step * share), count)
        sums, least = added, least + lowest
    return ExactTotals(bits=sums, least=least, units=plan.units, stages=tuple(stages), exact=exact)


def _spread(bits: int, step: int, count: int) -> int:
    """Give the union of so many copies, each a step above the last: doubled rather than counted."""
    have = 1
    while have < count:
        more = min(have, count - have)
        bits |= bits << (more * step)
        have += more
    return bits


def _extent(steps: tuple[_Steps, ...], share: Number) -> int:
    """Say how many units lie between a criterion's least and greatest points."""
    lows = [first for first, _, _ in steps]
    highs = [first + step * (count - 1) for first, step, count in steps]
    return int((max(highs) - min(lows)) * share)


def _points(c: CriterionPlan) -> tuple[_Steps, ...] | None:
    """Give all points that a criterion can give; None where they have no end."""
    steps: list[_Steps] = []
    for i, row in enumerate(c.rows):
        low, high = c.reaches(i)
        if not row.is_award or not c.keeps_awards:
            grid = 0 if low == high else c.row_grid(i)
            if low is None or high is None or grid is None:
                return None
            first = low if grid == 0 else -(-low // grid) * grid
            count = 1 if grid == 0 else int((high - first) // grid) + 1
            # a formula that never keeps to its range has a finding of its own
            steps += [(first, grid, count)] * (count > 0)
            continue
        span = row.points.on_grid(c.step)
        if span is None:
            # a finding of its own says that nothing can be awarded here
            continue
        if span.low is None or span.high is None:
            return None
        count = (span.high[0] - span.low[0]) // c.step + 1
        steps.append((span.low[0], c.step, int(count)))
    return tuple(sorted(steps)) or ((0, 0, 1),)


def _each(steps: tuple[_Steps, ...]) -> Iterator[Number]:
    """Give points one by one, as the steps come."""
    return (
        canonical(Fraction(first + i * step)) for first, step, count in steps for i in range(count)
    )


def _bounds(plan: Plan) -> GridTotals:
    """Give the ends that no total leaves, and the grid that every total lies on."""
    scored = [(c, f) for c, f in zip(plan.criteria, plan.factors, strict=True) if f]
    spans = [([c.reaches(i) for i in range(len(c.rows))], f) for c, f in scored]
    low = _added([_end([low for low, _ in ends], min, f) for ends, f in spans])
    high = _added([_end([high for _, high in ends], max, f) for ends, f in spans])
    domain = Range(None if low is None else (low, 0), None if high is None else (high, 1))
    dense = any(
        c.row_grid(i) is None for c, _ in scored for i, r in enumerate(c.rows) if not r.is_award
    )
    return GridTotals(domain=domain, step=None if dense else canonical(Fraction(1, plan.units)))


def _end(
    ends: list[Number | None], pick: Callable[[list[Number]], Number], factor: Number
) -> Number | None:
    """Give the least or greatest contribution of a criterion; None where there is no end."""
    known = [end for end in ends if end is not None]
    return pick(known) * factor if len(known) == len(ends) else None


def _added(ends: list[Number | None]) -> Number | None:
    """Add ends up; None where one of them is missing."""
    known = [Fraction(end) for end in ends if end is not None]
    return canonical(sum(known, Fraction())) if len(known) == len(ends) else None
