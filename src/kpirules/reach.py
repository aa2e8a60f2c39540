"""The totals that can occur: the sums of what the criteria can give, each exactly once."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.numbers import Number, canonical
from kpirules.partition import TooLargeError
from kpirules.ranges import Range


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.plan import CriterionPlan, Plan


#: more totals than this are not looked at one by one
MOST_TOTALS = 200_000


def reachable_totals(plan: Plan) -> Iterator[Number]:
    """Give every total that some record reaches, rising.

    The set of sums is one whole number whose bits are the totals, counted in the plan's units: to
    add a criterion is to shift it by each of the points that the criterion can give. Criteria that
    share facts are added as if they did not, so a total may be given that only contradictory facts
    would reach. :class:`~kpirules.partition.TooLargeError` for more than 200 000 totals.
    """
    sums, least = 1, 0
    for c, factor in zip(plan.criteria, plan.factors, strict=True):
        if not c.criterion.scored:
            continue
        share = canonical(Fraction(factor) * plan.units)
        shifts = {int(points * share) for points in _points(c)}
        lowest = min(shifts)
        if sums.bit_length() + max(shifts) - lowest > MOST_TOTALS:
            raise TooLargeError("more than 200 000 totals can occur")
        least += lowest
        added = 0
        for shift in shifts:
            added |= sums << (shift - lowest)
        sums = added
    for place in range(sums.bit_length()):
        if sums >> place & 1:
            # whole points are the rule, and quicker than fractions
            total = least + place
            yield total if plan.units == 1 else canonical(Fraction(total, plan.units))


def _points(c: CriterionPlan) -> Iterator[Number]:
    """Give all points that a criterion can give."""
    for row in c.rows:
        if row.points.only is not None:
            yield row.points.only
        else:
            yield from _grid(row.points, c.step)


def _grid(points: Range, step: Number) -> Iterator[Number]:
    """Give the multiples of a step in a range."""
    span = points.on_grid(step)
    if span is None or span.low is None or span.high is None:
        raise TooLargeError(f"the points {points} have no end")
    count = (span.high[0] - span.low[0]) // step + 1
    if count > MOST_TOTALS:
        raise TooLargeError(f"{count} different points can be awarded")
    for i in range(int(count)):
        yield canonical(span.low[0] + i * step)
