"""Check tables by two facts: that they have rows, and that their cells are for options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.checks.entries import misfits
from kpirules.checks.kinds import kinds
from kpirules.checks.places import placed_bands, placed_quantities
from kpirules.checks.registry import RUBRIC, USES, check, reports
from kpirules.checks.structure import wrong_value
from kpirules.diagnostics.finding import Finding
from kpirules.model.crossing import OTHERWISE, entries_of, known_options, way_of
from kpirules.model.formulas import is_per_item, parser_of
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.quantity import Cells
    from kpirules.model.rubric import Band, Quantity, Rubric


def _crossed(
    quantity: Quantity, path: KeyPath, rubric: Rubric
) -> Iterator[tuple[Band, KeyPath, str, Cells]]:
    """Yield the bands with a table of values: the band, its place, its key and its cells."""
    for band, inner in placed_bands(quantity, path, rubric):
        way = way_of(band)
        if way is not None:
            yield band, inner, way, getattr(band, way)


@check("value", phase=RUBRIC)
def two_facts(rubric: Rubric) -> Iterator[Finding]:
    """Find tables by two facts in a form in which they have no rows."""
    for quantity, path in placed_quantities(rubric):
        crossed = list(_crossed(quantity, path, rubric))
        across = quantity.across
        if across is None:
            for _, inner, way, _ in crossed[:1]:
                yield _finding((*inner, way), "cells-without-across")
            continue
        bands = [band for band, _ in placed_bands(quantity, path, rubric)]
        if across == quantity.of:
            yield _finding((*path, "across"), "across-of", name=Named(across))
        lists = frozenset[str]() if is_per_item(quantity) else parser_of(rubric).lists
        if across in lists:
            yield _finding((*path, "across"), "across-list", name=Named(across))
        of = quantity.of
        plain = of is not None and of not in lists and all(_asks_of_alone(b, of) for b in bands)
        for band, inner, _, _ in crossed:
            when = band.when
            if when is not None and any(c.name == across for c in when.conditions):
                yield _finding((*inner, "when"), "across-asked", name=Named(across))
            if when is not None and when.otherwise and not plain:
                yield _finding((*inner, "when"), "across-otherwise")


def _asks_of_alone(band: Band, of: str) -> bool:
    """Check whether a band depends on no name but that in ``of``, or is for all other values."""
    return band.when is None or all(c.name in ("", of) for c in band.when.conditions)


def _finding(path: KeyPath, key: str, **params: object) -> Finding:
    reason, advice = (Message.of(f"{kind}.value_{key}", **params) for kind in ("finding", "advice"))
    return wrong_value(path, reason, advice)


@check("unused-name", phase=USES)
def unused_across(rubric: Rubric) -> Iterator[Finding]:
    """Find second facts by which no band has a table of values."""
    for quantity, path in placed_quantities(rubric):
        if quantity.across is not None and not list(_crossed(quantity, path, rubric)):
            yield Finding(
                code="unused-name",
                reason=Message.of("finding.unused-name_across"),
                advice=Message.of("advice.unused-name_across"),
                path=(*path, "across"),
            )


@check("value", phase=RUBRIC)
@reports("band-unreachable")
def cells(rubric: Rubric) -> Iterator[Finding]:
    """Find cells for what the second fact cannot be, and those that no option is left for."""
    known, options = kinds(rubric), known_options(rubric)
    for quantity, path in placed_quantities(rubric):
        across = quantity.across
        if across is None or across not in known:
            continue
        kind = known[across].of_item
        for _, inner, way, each in _crossed(quantity, path, rubric):
            for key, _ in each.by_entry:
                place = (*inner, way, key)
                entries = entries_of(key, each, options.get(across))
                if key != OTHERWISE:
                    for entry in entries:
                        yield from misfits(across, kind, entry, place)
                elif not entries:
                    yield Finding(
                        code="band-unreachable",
                        reason=Message.of("finding.band-unreachable_cell", name=Named(across)),
                        advice=Message.of("advice.band-unreachable"),
                        path=place,
                    )
