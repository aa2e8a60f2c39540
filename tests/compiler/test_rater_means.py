"""The possible means of the ratings of several raters."""

from __future__ import annotations

import pytest

from kpirules import loads
from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.range import Range
from kpirules.compiler.plan import Plan
from kpirules.compiler.rater_means import MAX_RATERS, Rater, means_of


@pytest.fixture(scope="module")
def quantity():
    text = 'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]\n'
    return Plan(loads(text)).criteria[0]


TWO = Domain((Part(Range.closed(0, 2), 1),))
WIDE = Domain((Part(Range.closed(0, 9_999), 1),))
DENSE = Domain((Part(Range.closed(0, 2)),))


def ends(domain):
    """Return the least and the greatest number of a domain."""
    return (
        min(part.span.low[0] for part in domain.parts),
        max(part.span.high[0] for part in domain.parts),
    )


def test_a_rating_that_is_given_is_the_only_one(quantity):
    """The mean of 1 (weight 1) and of 0 to 2 (weight 3)."""
    raters = [Rater.of(1, TWO, 1), Rater.of(3, TWO, None)]
    means = means_of(raters, quantity, is_complete=True)
    assert ["1/4", "1", "7/4"] == [str(part.span.only) for part in means.parts]


def test_a_given_rating_is_not_left_out(quantity):
    """The other one may be."""
    raters = [Rater.of(1, TWO, 2), Rater.of(1, TWO, None)]
    means = means_of(raters, quantity, is_complete=False)
    assert (1, 2) == ends(means)
    raters = [Rater.of(1, TWO, None), Rater.of(1, TWO, None)]
    assert (0, 2) == ends(means_of(raters, quantity, is_complete=False))


@pytest.mark.parametrize("other", [WIDE, DENSE])
def test_of_many_ratings_the_bounds_are_known(quantity, other):
    """With the rating that is given as one of them; the grid where there is one."""
    raters = [Rater.of(1, TWO, 2), Rater.of(1, other, None)]
    (part,) = means_of(raters, quantity, is_complete=True).parts
    high = other.parts[0].span.high[0]
    assert (1, (2 + high) / 2) == (part.span.low[0], part.span.high[0])
    assert (part.step is None) == (other is DENSE)


def test_of_many_raters_any_may_be_left_out(quantity):
    """The mean lies between the least and the greatest rating."""
    raters = [Rater.of(1, TWO, 1 if i else None) for i in range(MAX_RATERS + 1)]
    assert (0, 2) == ends(means_of(raters, quantity, is_complete=False))


def test_raters_without_weight_have_no_mean(quantity):
    """There are no points."""
    assert () == means_of([Rater.of(0, TWO, None)], quantity, is_complete=True).parts
