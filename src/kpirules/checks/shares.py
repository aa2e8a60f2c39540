"""Check the inputs that have a share of an amount."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import added, canonical, exact, round_to
from kpirules.arithmetic.range import Range
from kpirules.checks.group_bounds import group_bounds, not_allowed
from kpirules.diagnostics.finding import Finding
from kpirules.evaluation.shares import shares
from kpirules.formula import HEADS
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.number import Number
    from kpirules.checks.group_bounds import Box
    from kpirules.compiler.cohorts import CompiledCohort
    from kpirules.model.vocabulary import ShareRounding


#: an amount that people know, and the greatest number of shares that is tried
_AMOUNT = 100
_MOST = 100


def share_values(compiled: CompiledCohort, box: Box) -> Iterator[Finding]:
    """Find amounts and claims below 0, shares that the input may not allow, and sums that miss."""
    group, claim = compiled.group, compiled.of_record[0]
    assert group is not None  # noqa: S101 - a share has both
    amount, by = group.formula.bounds(group_bounds(compiled, box)), claim.bounds(box.of(claim))
    below = [("share", amount), ("by", by)]
    for key, (low, _) in below:
        if low is None or low < 0:
            yield _negative(compiled, key, low)
    if compiled.cohort.otherwise is None and _may_be_0(by):
        yield Finding(
            code="division-by-zero",
            reason=Message.of("finding.division-by-zero_share"),
            advice=Message.of("advice.division-by-zero_share"),
            path=("inputs", compiled.name, "cohort", "by"),
        )
    yield from _range(compiled, amount, by)
    rounding = compiled.cohort.round
    if rounding is not None and rounding.is_alone:
        yield from _sums(compiled, rounding, box, by)


def _may_be_0(bounds: Bounds) -> bool:
    """Check whether a number may be 0."""
    low, high = bounds
    return (low is None or low <= 0) and (high is None or high >= 0)


def _negative(compiled: CompiledCohort, key: str, low: Number | None) -> Finding:
    """Return the finding about an amount or a claim that may be less than 0."""
    span = Range(None if low is None else (low, 0), (0, 0))
    return Finding(
        code="group-rejected",
        reason=Message.of(f"finding.group-rejected_{key}", value=span),
        advice=Message.of("advice.group-rejected_share"),
        path=("inputs", compiled.name, "cohort", key),
    )


def _range(compiled: CompiledCohort, amount: Bounds, by: Bounds) -> Iterator[Finding]:
    """Find shares that the input may not allow: each lies between 0 and the amount."""
    rounding = compiled.cohort.round
    most = None if amount[1] is None else max(amount[1], 0)
    if rounding is not None and most is not None:
        mode = rounding.mode if rounding.is_alone else "floor"
        most = round_to(most, exact(rounding.to), mode)
    is_above = all(low is not None and low > 0 for low, _ in (amount, by))
    least = (0, 1 if is_above and rounding is None and most != 0 else 0)
    span = Range(least, None if most is None else (most, 1))
    step = None if rounding is None else exact(rounding.to)
    yield from not_allowed(compiled.fact, span, step, "share")


def _sums(
    compiled: CompiledCohort, rounding: ShareRounding, box: Box, by: Bounds
) -> Iterator[Finding]:
    """Find the least case in which rounded shares miss the amount: equal parts, or one is more."""
    group, to = compiled.group, exact(rounding.to)
    assert group is not None  # noqa: S101 - a share has both
    low, high = by
    one = low if low is not None and low > 0 else 1 if high is None else canonical(Fraction(high))
    more = 2 * one if high is None else min(2 * one, high)
    of = group_bounds(compiled, box)
    cases = (
        (count, amount, last)
        for chosen in ((_AMOUNT,), ())
        for count in range(2, _MOST)
        for amount in _amounts(group.formula.bounds({**of, HEADS: (count, count)}), to, chosen)
        for last in dict.fromkeys((one, one if chosen else more))
    )
    for count, amount, last in cases:
        claims = {str(i): one for i in range(count - 1)} | {"last": last}
        made = shares(amount, claims, rounding, "equal")
        total = added(made.values())
        if total != amount:
            yield Finding(
                code="share-sum",
                reason=Message.of(
                    "finding.share-sum",
                    amount=amount,
                    count=count,
                    shares=tuple(dict.fromkeys(made.values())),
                    total=total,
                ),
                advice=Message.of("advice.share-sum"),
                path=("inputs", compiled.name, "cohort", "round"),
            )
            return


def _amounts(bounds: Bounds, to: Number, chosen: tuple[Number, ...]) -> Iterator[Number]:
    """Yield the amounts on a grid that may occur, of those that are chosen or of the ends."""
    low, high = bounds
    span = Range(None if low is None else (low, 0), None if high is None else (high, 1))
    for amount in chosen or (*(end for end in bounds if end is not None), to):
        on_grid = round_to(amount, to, "ceiling")
        if on_grid > 0 and span.contains(on_grid):
            yield on_grid
