"""Whether exactly one band takes whatever facts may be given, and whether its points fit."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kpirules.findings import Finding
from kpirules.numbers import multiple, show
from kpirules.partition import Partition
from kpirules.ranges import Range


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.plan import CriterionPlan, Plan


#: pairs of bands of one criterion that are named; who mends these will see any others
MOST_PAIRS = 100


def band_cover(plan: Plan) -> Iterator[Finding]:
    """Find facts that no band takes, or that two take, and bands that take nothing."""
    for c in plan.criteria:
        if c.facts:
            yield from _facts(c)
        elif len(c.rows) > 1:
            yield from _overlaps(c, c.by_rating, (c.criterion.id,), "rating")


def _facts(c: CriterionPlan) -> Iterator[Finding]:
    """Check a table over facts."""
    gap = c.by_facts.gap()
    if gap is not None and c.otherwise is None:
        yield Finding(
            code="band-gap",
            message=f'no band of "{c.criterion.id}" takes these facts',
            help='add a band for them, or one with when = "otherwise"',
            path=(*c.path, "bands"),
            witness=tuple(zip(c.facts, gap, strict=True)),
        )
    yield from _overlaps(c, c.by_facts, c.facts, "facts")
    for row in c.by_facts.unreached():
        if row != c.otherwise:
            yield _unreachable(c, row, "no facts that may be given reach this band")
    if gap is None and c.otherwise is not None:
        yield _unreachable(c, c.otherwise, "the other bands take everything: nothing is otherwise")


def _unreachable(c: CriterionPlan, row: int, message: str) -> Finding:
    """Say that a band takes nothing."""
    return Finding(
        code="band-unreachable",
        message=message,
        help="leave the band out, or correct when it applies",
        path=(*c.path, "bands", row),
    )


def _overlaps(
    c: CriterionPlan, table: Partition, names: tuple[str, ...], what: str
) -> Iterator[Finding]:
    """Find pairs of bands that take the same."""
    for first, second, witness in islice(table.overlaps(), MOST_PAIRS):
        yield Finding(
            code="band-overlap",
            message=f'two bands of "{c.criterion.id}" take the same {what}',
            help="let each be taken by one band only; the order of bands means nothing",
            path=(*c.path, "bands", second),
            other=(*c.path, "bands", first),
            witness=tuple(zip(names, witness, strict=True)),
        )


def award_ranges(plan: Plan) -> Iterator[Finding]:
    """Find points outside the criterion's range, and ranges of points with nothing to award."""
    for c in plan.criteria:
        for i, row in enumerate(c.rows):
            path = (*c.path, "bands", i) if row.band is not None else c.path
            if row.points.only is None and row.points.on_grid(c.step) is None:
                yield Finding(
                    code="off-step",
                    message=f"no multiple of {show(c.step)}, the step, lies in {row.points}",
                    path=path,
                )
            elif (
                c.is_judged
                and row.points.only is not None
                and not multiple(row.points.only, c.step)
            ):
                yield Finding(
                    code="off-step",
                    message=f"{row.points} is no multiple of {show(c.step)}, the step of ratings",
                    path=path,
                )
            elif c.criterion.scored and not _within(row.points, c.range):
                yield Finding(
                    code="points-out-of-range",
                    message=f"gives {row.points}, outside of the criterion's {c.range}",
                    help='correct the points, or say "range" where more is meant',
                    path=path,
                )


def _within(inner: Range, outer: Range) -> bool:
    """Say whether a range lies in another."""
    return inner.meet(outer) == inner
