"""Parts of a rubric with their places: criteria, bands, quantities, weights, computed names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.model.crossing import bands_of, known_options, rows_of
from kpirules.model.dependencies import BEFORE, GATES, weighed
from kpirules.model.names import (
    Adjustment,
    CriterionWeight,
    Outcome,
    Points,
    Refusal,
    SectionWeight,
)


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.crossing import BandRow
    from kpirules.model.rubric import Band, Criterion, Quantity, Rubric


def placed_criteria(rubric: Rubric) -> Iterator[tuple[Criterion, KeyPath]]:
    """Yield all criteria with their places."""
    for s, section in enumerate(rubric.sections):
        for c, criterion in enumerate(section.criteria):
            yield criterion, ("section", s, "criterion", c)
    for c, criterion in enumerate(rubric.criteria):
        yield criterion, ("criterion", c)


def placed_bands(
    quantity: Quantity, path: KeyPath, rubric: Rubric
) -> Iterator[tuple[Band, KeyPath]]:
    """Yield the bands of a quantity, its own or its named table's, with their places."""
    if isinstance(quantity.bands, str):
        for table in rubric.tables:
            if table.name == quantity.bands:
                for i, band in enumerate(table.rows):
                    yield band, ("bands", table.name, "rows", i)
    else:
        for i, band in enumerate(quantity.bands or ()):
            yield band, (*path, "bands", i)


def placed_rows(
    quantity: Quantity, path: KeyPath, rubric: Rubric
) -> Iterator[tuple[BandRow, KeyPath, KeyPath]]:
    """Yield the rows of a quantity's bands, with the place of the band and that of the cell."""
    places = [place for _, place in placed_bands(quantity, path, rubric)]
    for row in rows_of(quantity, bands_of(quantity, rubric), known_options(rubric)):
        index, *cell = row.place
        yield row, places[int(index)], (*places[int(index)], *cell)


def placed_quantities(rubric: Rubric) -> Iterator[tuple[Quantity, KeyPath]]:
    """Yield all quantities of every kind with their places."""
    for derived in rubric.derived:
        yield derived, ("derive", derived.name)
    yield from placed_criteria(rubric)
    if rubric.total is not None:
        yield rubric.total, ("total",)
    for i, adjustment in enumerate(rubric.adjustments):
        yield adjustment, ("adjust", i)
    for outcome in rubric.outcomes:
        yield outcome, ("outcome", outcome.name)


def placed_weights(rubric: Rubric) -> Iterator[tuple[str, str, KeyPath]]:
    """Yield the weights that are computed for each record: computed name, formula, place."""
    places: dict[str, KeyPath] = {
        str(CriterionWeight(c.id)): (*path, "weight") for c, path in placed_criteria(rubric)
    }
    places |= {
        str(SectionWeight(s.id)): ("section", i, "weight") for i, s in enumerate(rubric.sections)
    }
    for name, text in weighed(rubric):
        yield name, text, places[name]


def stages(rubric: Rubric) -> Iterator[tuple[str, KeyPath]]:
    """Yield the computed names that are quantities, with their places."""
    for derived in rubric.derived:
        yield derived.name, ("derive", derived.name)
    for criterion, path in placed_criteria(rubric):
        yield str(Points(criterion.id)), path
    yield BEFORE, ("total",)
    for i, adjustment in enumerate(rubric.adjustments):
        yield str(Adjustment(adjustment.id)), ("adjust", i)
    for i, gate in enumerate(rubric.gates):
        yield str(Refusal(i)) if gate.refuse else GATES, ("gate", i)
    for outcome in rubric.outcomes:
        yield str(Outcome(outcome.name)), ("outcome", outcome.name)


def stage_of(path: KeyPath, rubric: Rubric) -> str | None:
    """Return the computed name whose quantity is at a place or contains it, or None."""
    return next((name for name, place in stages(rubric) if path[: len(place)] == place), None)
