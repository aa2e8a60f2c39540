"""Check curves: that their points rise, that their formulas can be read, that they are used."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import exact
from kpirules.checks.places import placed_quantities, placed_rows, placed_weights
from kpirules.checks.references import arrows, faults_of_point
from kpirules.checks.registry import RUBRIC, USES, check, reports
from kpirules.diagnostics.finding import Finding
from kpirules.formula import FormulaSyntaxError, names_in
from kpirules.model.dependencies import circular, shortest_cycle
from kpirules.model.formulas import is_per_item, parser_of
from kpirules.translations.message import Given, Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.model.curves import Curve
    from kpirules.model.rubric import Rubric


@check("not-rising", phase=RUBRIC)
def points_rise(rubric: Rubric) -> Iterator[Finding]:
    """Find curves whose points do not rise, as far as these are numbers."""
    for curve in rubric.curves:
        for i, (before, after) in enumerate(pairwise(curve.points), 1):
            known = not isinstance(before.x, str) and not isinstance(after.x, str)
            if known and exact(after.x) <= exact(before.x):
                yield Finding(
                    code="not-rising",
                    reason=Message.of(
                        "finding.not-rising_points", before=exact(before.x), after=exact(after.x)
                    ),
                    advice=Message.of("advice.not-rising_points"),
                    path=("curves", curve.name, "points", i),
                )


@check("cycle", phase=RUBRIC)
@reports("value")
@reports("unknown-name")
def formulas(rubric: Rubric) -> Iterator[Finding]:
    """Find curves that need themselves, and formulas of points that cannot be computed."""
    graph = {curve.name: tuple(_used(curve, rubric)) for curve in rubric.curves}
    rest = circular(graph)
    reported: set[str] = set()
    for name in graph:
        way = shortest_cycle(name, graph) if name in rest and name not in reported else ()
        if way:
            reported.update(way)
            yield Finding(
                code="cycle",
                reason=Message.of("finding.cycle", names=arrows((*way, name))),
                advice=Message.of("advice.cycle"),
                path=("curves", name),
            )
    for curve in rubric.curves if not rest else ():
        for i, point in enumerate(curve.points):
            for j, text in enumerate((point.x, point.y)):
                if isinstance(text, str):
                    path = ("curves", curve.name, "points", i, j)
                    yield from faults_of_point(text, rubric, path)


def _used(curve: Curve, rubric: Rubric) -> Iterator[str]:
    """Yield the curves that the points of a curve use."""
    known = {each.name for each in rubric.curves}
    for point in curve.points:
        for text in (point.x, point.y):
            if isinstance(text, str):
                yield from (name for name in names_in(text) if name in known)


@check("unused-name", phase=USES)
def unused_curves(rubric: Rubric) -> Iterator[Finding]:
    """Find curves that no formula uses."""
    texts = [(text, False) for _, text, _ in placed_weights(rubric)]
    for quantity, path in placed_quantities(rubric):
        rows = (row.formula for row, _, _ in placed_rows(quantity, path, rubric))
        per_item = is_per_item(quantity)
        texts += [(text, per_item) for text in (quantity.formula, *rows) if text is not None]
    used: set[str] = set()
    for text, per_item in texts if rubric.curves else ():
        try:
            used |= parser_of(rubric).parse(text, per_item=per_item).curves
        except FormulaSyntaxError:
            # it may use any of them
            return
    for curve in rubric.curves:
        if curve.name not in used:
            yield Finding(
                code="unused-name",
                reason=Message.of("finding.unused-name_curve", name=Given(curve.name)),
                advice=Message.of("advice.unused-name_curve", name=curve.name),
                path=("curves", curve.name),
            )
