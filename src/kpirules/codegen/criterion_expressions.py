"""Criteria over columns: the points of each, and the band that they come from."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.number import Number, multiple
from kpirules.arithmetic.range import Range
from kpirules.codegen import fixed_point as u
from kpirules.codegen.fixed_point import BeyondError, Units
from kpirules.codegen.input_expressions import NOTHING, Fact
from kpirules.codegen.truth import NO, YES, Truth, every, opposite, some
from kpirules.compiler.symbols import MISSING_VALUE
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.codegen.builder import Work
    from kpirules.compiler.criteria import CompiledCriterion


@attrs.frozen(kw_only=True)
class Scored:
    """What a criterion evaluates to."""

    points: Fact
    #: the index of the band, and where there is a single one
    band: Units
    banded: Truth


#: a criterion that is left out of every record, or takes no points
LEFT_OUT = Scored(points=attrs.evolve(NOTHING, is_out=True), band=u.code(0), banded=NO)


def score(work: Work, c: CompiledCriterion) -> Scored:
    """Compute what a criterion evaluates to in each row."""
    if c.is_weightless or c.is_remark:
        return LEFT_OUT
    if c.is_scored and c.criterion.missing == "exclude":
        raise BeyondError(Message.of("cannot-express.scales-others"))
    if c.raters and c.missing_default is not None:
        raise BeyondError(Message.of("cannot-express.some-raters"))
    rating = _rating(work, c)
    if not c.is_measured:
        return _judged(work, c, rating)
    facts = _measured(work, c, opposite(rating.given))
    return facts if rating.given.expr is False else _either(work, c, rating, facts)


def rating_step(c: CompiledCriterion) -> Number | None:
    """Return the grid of the ratings of a criterion; None where they lie on no grid."""
    if c.is_judged:
        return c.step
    (step, *others) = {part.step for part in c.allowed.parts if part.span.only is None} or {None}
    only = [part.span.only for part in c.allowed.parts if part.span.only is not None]
    if others or (step is not None and any(not multiple(value, step) for value in only)):
        raise BeyondError(Message.of("cannot-express.several-grids"))
    return step


def _rating(work: Work, c: CompiledCriterion) -> Fact:
    """Return the rating, or the weighted mean of the raters'; given where any of them is."""
    ratings = [work.env[name] for name in c.rating_names]
    if not c.raters:
        return ratings[0]
    given = some(r.given for r in ratings)
    after = frozenset[int]().union(*(r.after for r in ratings))
    parts: list[Units] = []
    for name, rating in zip(c.rating_names, ratings, strict=True):
        wrong = every([given, rating.lacking])
        after |= work.refuse(name, MISSING_VALUE, wrong, allowed=c.allowed_ratings)
        each = u.constant(0) if rating.number is None else rating.safe
        parts.append(u.times(each, u.constant(c.raters[name])))
    mean = u.times(u.total(parts), u.constant(Fraction(1, sum(map(Fraction, c.raters.values())))))
    return Fact(number=mean, given=given, after=after, level=mean.level, is_safe=True)


def _outside(c: CompiledCriterion) -> Message:
    """Return the reason that points are outside of their range."""
    return Message.of("problem.out-of-range_points", range=c.limit)


def _finished(c: CompiledCriterion, value: Units) -> tuple[Units, Truth]:
    """Clamp and round points; return also where they are outside of their range."""
    made = u.rounded(u.limited(value, c.criterion.clamp), c.criterion.round)
    return made, opposite(u.within(made, [c.limit]))


def _admitting(c: CompiledCriterion, number: Units) -> list[Truth]:
    """Return for each band where it allows a rating."""
    parts = map(c.allowed_by, range(len(c.rows)))
    return [NO if part is None else u.within(number, [part.span]) for part in parts]


def _single(c: CompiledCriterion, number: Units) -> tuple[Units, Truth]:
    """Return the index of the band that allows a rating, and where there is only one."""
    truths = _admitting(c, number)
    parts = map(c.allowed_by, range(len(c.rows)))
    ranges = [part.span for part in parts if part is not None]
    apart = all(a.meet(b) is None for a, b in combinations(ranges, 2))
    last = u.code(len(truths) - 1)
    index = u.chosen([(t, u.code(i)) for i, t in enumerate(truths[:-1])], last)
    if len(truths) == 1:
        return index, truths[0]
    if apart:
        return index, YES
    counts = [u.choose(t, u.constant(1), u.constant(0)) for t in truths]
    return index, u.within(u.total(counts), [Range.exactly(1)])


def _band_of_rating(c: CompiledCriterion, ratings: list[Fact]) -> tuple[Units, Truth]:
    """Return the band that allows the ratings; none where raters chose several."""
    numbers = [r.number for r in ratings]
    if None in numbers:
        return u.code(0), NO
    (index, banded), *others = [_single(c, n) for n in numbers if n is not None]
    for other, single in others:
        apart = u.plus(index, u.negative(other))
        banded = every([banded, single, u.within(apart, [Range.exactly(0)])])
    return index, banded


def _judged(work: Work, c: CompiledCriterion, rating: Fact) -> Scored:
    """Score a criterion that only an appraiser gives points for."""
    number = rating.number or u.constant(0)
    points, beyond = _finished(c, number)
    after = rating.after | work.refuse_given(
        c.rating_names,
        _outside(c),
        every([rating.given, beyond]),
        rating.after,
    )
    given = rating.given
    if c.missing_default is not None:
        points = u.choose(given, points, u.constant(c.missing_default))
        given = YES
    elif c.is_scored:
        for name in c.rating_names:
            after |= work.refuse_missing(name, rating.lacking)
        given = YES
    made = Fact(number=points, given=given, after=after, level=points.level)
    index, banded = _band_of_rating(c, [work.env[name] for name in c.rating_names])
    # where it must be rated, it is in every row that is scored
    there = YES if c.is_scored and c.missing_default is None else rating.given
    return Scored(points=made, band=index, banded=every([there, banded]))


def _measured(work: Work, c: CompiledCriterion, where: Truth) -> Scored:
    """Score a criterion by facts, in the rows in which it is not rated."""
    took = work.take(c)
    there = every([where, opposite(took.lacking)])
    after = took.after | work.refuse_given(
        (*c.scope.roots(c.needs), c.id),
        Message.of("problem-part.in", reason=_outside(c), place=c.scope.name(c.id)),
        every([there, took.beyond]),
        took.after,
    )
    awards = some(t for row, t in zip(c.rows, took.holds, strict=True) if row.is_award)
    lacking = some([took.lacking, awards])
    points = took.number or u.constant(0)
    given = YES
    if c.missing_default is not None:
        points = u.choose(lacking, u.constant(c.missing_default), points)
    elif c.is_scored:
        after |= work.refuse_lacking(c.id, took, where=where, allowed=c.allowed_or_rate)
        for name in c.rating_names:
            after |= work.refuse(
                name, MISSING_VALUE, every([there, awards]), after, allowed=c.allowed_ratings
            )
    else:
        given = opposite(lacking)
    made = Fact(number=points, given=given, after=after, level=points.level, is_safe=True)
    # the facts pick a band also where nothing was awarded within it; where they must be given,
    # they are in every row that is scored
    banded = opposite(lacking if c.is_scored else took.lacking)
    banded = YES if c.is_scored and c.missing_default is None else banded
    has_bands = Truth(expr=c.quantity.bands is not None)
    return Scored(points=made, band=took.index, banded=every([banded, has_bands]))


def _either(work: Work, c: CompiledCriterion, rating: Fact, facts: Scored) -> Scored:
    """Score a criterion by facts, or by a rating, or by both, which must agree."""
    number = rating.number or u.constant(0)
    if any(work.is_assumed(name) for name in c.needs):
        raise BeyondError(Message.of("cannot-express.rated-and-measured"))
    took = work.take(c, dict(work.env) | work.bare, strict=True)
    both = every([rating.given, opposite(took.lacking)])
    rated, beyond = _finished(c, number)
    after = rating.after | facts.points.after | took.after
    # as if they were one table: the row that the facts pick gives its points, or admits what is
    # awarded within it
    apart = u.plus(rated, u.negative(took.number or u.constant(0)))
    equal = u.within(apart, [Range.exactly(0)])
    agrees = some(
        every([holds, admits if row.is_award else equal])
        for row, holds, admits in zip(c.rows, took.holds, _admitted(work, c), strict=True)
    )
    wrong = every([both, opposite(agrees)])
    reason = Message.of("problem.disagrees")
    after |= work.refuse_given(c.rating_names, reason, wrong, after, allowed=c.allowed_ratings)
    after |= work.refuse_given(c.rating_names, _outside(c), every([rating.given, beyond]), after)
    points = u.choose(rating.given, rated, facts.points.number or u.constant(0))
    given = some([rating.given, facts.points.given])
    made = Fact(number=points, given=given, after=after, level=points.level)
    index, banded = _band_of_rating(c, [work.env[name] for name in c.rating_names])
    alone = every([rating.given, took.lacking])
    unrated = every([opposite(rating.given), facts.banded])
    single = some([both, every([alone, banded]), unrated])
    has_bands = Truth(expr=c.quantity.bands is not None)
    band = u.chosen([(alone, index), (unrated, facts.band)], took.index)
    return Scored(points=made, band=band, banded=every([single, has_bands]))


def _admitted(work: Work, c: CompiledCriterion) -> list[Truth]:
    """Return for each band where it allows all ratings that are given."""
    found = [YES for _ in c.rows]
    for name in c.rating_names:
        fact = work.env[name]
        rows = _admitting(c, fact.number or u.constant(0))
        found = [every([t, some([fact.lacking, r])]) for t, r in zip(found, rows, strict=True)]
    return found
