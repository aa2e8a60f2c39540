"""Check the levels of criteria: ratings that none allows, and better facts that give less."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kpirules.arithmetic.budget import TooLargeError
from kpirules.arithmetic.range import Range, numbers_of
from kpirules.checks.registry import POINTS_ADVICE, check, reports
from kpirules.diagnostics.finding import Finding
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.compiler.criteria import CompiledCriterion


@check(
    "rating-gap",
    phase=POINTS_ADVICE,
    severity="warning",
    title="a rating between the bands that no band allows",
)
def rating_gaps(c: CompiledCriterion) -> Iterator[Finding]:
    """Find ratings between the bands of a judged criterion that no band allows.

    If every band is one number, the bands are a list of levels, and there are no gaps.
    """
    if c.facts or all(row.points.only is not None for row in c.rows):
        return
    spans = c.admissible
    for below, above in pairwise(spans):
        between = Range(below.high, above.low)
        yield Finding(
            code="rating-gap",
            reason=Message.of(
                "finding.rating-gap", name=c.named, ratings=numbers_of([between], c.step)
            ),
            advice=Message.of("advice.rating-gap"),
            path=c.path,
            witness=((c.rating_names[0], between.least(c.step)),),
        )


@check(
    "not-monotone",
    phase=POINTS_ADVICE,
    severity="warning",
    title="better facts give less, or a higher total pays less",
)
@reports("too-large")
def monotone_bands(c: CompiledCriterion) -> Iterator[Finding]:
    """Find better facts that give fewer points."""
    for axis, name in enumerate(c.facts):
        better = c.better(name)
        if better is not None:
            try:
                yield from _falls(c, axis, name, higher=better == "higher")
            except TooLargeError as error:
                yield Finding(
                    code="too-large",
                    severity="note",
                    reason=Message.of(
                        "finding.too-large_order", fact=Named(name), reason=error.reason
                    ),
                    path=(*c.path, "bands"),
                )


def _falls(c: CompiledCriterion, axis: int, name: str, *, higher: bool) -> Iterator[Finding]:
    """Find where a better fact gives fewer points: one finding per criterion and fact."""

    def wanted(below: int | None, above: int | None) -> bool:
        worse, better = (below, above) if higher else (above, below)
        first = c.otherwise if worse is None else worse
        second = c.otherwise if better is None else better
        if first is None or second is None or first == second:
            return False
        if c.rows[first].formula is not None or c.rows[second].formula is not None:
            # the values of formulas are not compared
            return False
        return _less(c.rows[second].points, c.rows[first].points)

    table = c.by_facts
    pairs = table.neighbours(axis, wanted)
    pair = min(pairs, key=lambda pair: table.order(pair[0]), default=None)
    if pair is not None:
        worse, better = pair if higher else (pair[1], pair[0])
        yield Finding(
            code="not-monotone",
            reason=Message.of("finding.not-monotone", fact=Named(name), name=c.named),
            advice=Message.of("advice.not-monotone", fact=Named(name)),
            path=(*c.path, "bands"),
            witness=tuple(zip(c.facts, better, strict=True)),
            against=tuple(zip(c.facts, worse, strict=True)),
        )


def _less(one: Range, other: Range) -> bool:
    """Check whether the least or greatest points of a band are below another's."""
    low = one.low is None or (other.low is not None and one.low < other.low)
    high = one.high is not None and (other.high is None or one.high < other.high)
    return (low and one.low != other.low) or high
