"""The possible means of the ratings of several raters."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.interval import plus, times
from kpirules.arithmetic.number import Number, canonical, exact
from kpirules.arithmetic.range import Range
from kpirules.compiler.domains import axis_of_domain, bounds_of, clamped_grid, finished, hull
from kpirules.formula.functions import common


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.arithmetic.decision_table import Axis
    from kpirules.arithmetic.interval import Bounds
    from kpirules.compiler.quantities import CompiledQuantity


#: up to this number, combinations of ratings are computed one by one; of more, only a grid is known
MAX_MEANS = 4_000
#: up to this number of raters, every subset that may remain is considered
MAX_RATERS = 6


class Rater(NamedTuple):
    """A rater: the weight, and the possible ratings."""

    weight: Fraction
    ratings: Domain
    #: whether the rating is given, so that it cannot be missing
    is_given: bool = False

    @classmethod
    def of(cls, weight: Number, ratings: Domain, given: Number | None) -> Rater:
        """Return a rater; ``given`` is the rating of a draft."""
        if given is None:
            return cls(Fraction(weight), ratings)
        return cls(Fraction(weight), Domain((Part(Range.exactly(given)),)), is_given=True)

    @property
    def size(self) -> int | None:
        """The number of possible ratings; None if they are not countable."""
        sizes = [part.size for part in self.ratings.parts]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    def numbers(self) -> list[Number]:
        """Return all possible ratings."""
        return [value for part in self.ratings.parts for value in part.numbers()]


def means_of(raters: Sequence[Rater], quantity: CompiledQuantity, *, is_complete: bool) -> Domain:
    """Return the possible weighted means, clamped and rounded as the quantity defines.

    ``is_complete``: no rating is left out; else any of those that are not given may be.
    """
    clamp, rounding = quantity.quantity.clamp, quantity.quantity.round
    groups = [[*raters]] if is_complete else _subsets(raters)
    weighed = [group for group in groups if any(rater.weight for rater in group)]
    counts = [rater.size for rater in raters]
    count = None if None in counts else prod(each for each in counts if each is not None)
    if groups and count is not None and len(groups) * count <= MAX_MEANS:
        numbers = {rater: rater.numbers() for rater in raters}
        means = {
            finished(_mean(group, rated), clamp, rounding)
            for group in weighed
            for rated in product(*(numbers[rater] for rater in group))
        }
        return Domain(tuple(Part(Range.exactly(mean)) for mean in sorted(means)))
    axes = {rater: axis_of_domain(rater.ratings) for rater in raters}
    ends = [bounds_of(axis) for axis in axes.values()]
    if weighed:
        ends = [_bounds(group, axes) for group in weighed]
    low, high = hull(ends)
    grid: Number | None = None
    if weighed and all(axis.step is not None for axis in axes.values()):
        grid = common(
            [
                (axes[rater].step or 1) * rater.weight / _whole(group)
                for group in weighed
                for rater in group
            ]
        )
    part = Part.of(
        None if low is None else finished(low, clamp, rounding),
        None if high is None else finished(high, clamp, rounding),
        exact(rounding.to) if rounding is not None else clamped_grid(grid, quantity.quantity.clamp),
    )
    return Domain.of([part])


def _whole(group: Sequence[Rater]) -> Fraction:
    """Return the sum of the weights."""
    return sum((rater.weight for rater in group), Fraction())


def _mean(group: Sequence[Rater], ratings: Sequence[Number]) -> Number:
    """Return the weighted mean of some ratings."""
    pairs = zip(group, ratings, strict=True)
    return canonical(sum((r.weight * value for r, value in pairs), Fraction()) / _whole(group))


def _bounds(group: Sequence[Rater], axes: Mapping[Rater, Axis]) -> Bounds:
    """Return the bounds of the weighted mean."""
    total: Bounds = (0, 0)
    for rater in group:
        share = rater.weight / _whole(group)
        total = plus(total, times(bounds_of(axes[rater]), (share, share)))
    return total


def _subsets(raters: Sequence[Rater]) -> list[list[Rater]]:
    """Return every set of raters that may remain; none if there are too many."""
    sizes = range(1, len(raters) + 1 if len(raters) <= MAX_RATERS else 1)
    every = (some for size in sizes for some in combinations(raters, size))
    given = sum(rater.is_given for rater in raters)
    return [list(some) for some in every if sum(rater.is_given for rater in some) == given]
