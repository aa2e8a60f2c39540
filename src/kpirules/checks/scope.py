"""What the language has and this version does not evaluate yet: refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.checks.names import placed_bands, placed_criteria, placed_quantities
from kpirules.findings import Finding


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.findings import KeyPath
    from kpirules.model import Rubric, Section, When


def _refuse(path: KeyPath, what: str) -> Finding:
    """Refuse one part."""
    return Finding(
        code="not-supported",
        message=f"{what} cannot be evaluated by this version of kpirules",
        help="use a version that can, or leave this part out; it is never ignored",
        path=path,
    )


#: parts of the file by their key, with the model's field
_PARTS = {
    "extends": "extends",
    "raters": "raters",
    "adjust": "adjustments",
    "gate": "gates",
    "outcome": "outcomes",
    "total": "total",
}


def not_supported(rubric: Rubric) -> Iterator[Finding]:
    """Refuse every part that would be left out of the evaluation."""
    for part, field in _PARTS.items():
        if getattr(rubric, field):
            yield _refuse((part,), f'"{part}"')
    if isinstance(rubric.weights_total, str):
        yield _refuse(("weights_total",), "weights as shares")
    for quantity, place in placed_quantities(rubric):
        for band, inner in placed_bands(quantity, place, rubric):
            if _asks_missing(band.when):
                yield _refuse((*inner, "when"), '"missing" as a condition')
    for s, section in enumerate(rubric.sections):
        yield from _section(section, ("section", s))
    yield from _criteria(rubric)


def _criteria(rubric: Rubric) -> Iterator[Finding]:
    """Refuse the parts of criteria."""
    for criterion, place in placed_criteria(rubric):
        if isinstance(criterion.weight, str):
            yield _refuse((*place, "weight"), "a weight that is a name or formula")
        if criterion.missing != "error":
            yield _refuse((*place, "missing"), f'missing = "{criterion.missing}"')


def _section(section: Section, path: KeyPath) -> Iterator[Finding]:
    """Refuse the parts of a section."""
    for name in ("scale", "clamp", "round"):
        if getattr(section, name) is not None:
            yield _refuse((*path, name), f'"{name}" of a section')
    if isinstance(section.weight, str):
        yield _refuse((*path, "weight"), "a weight that is a name or formula")


def _asks_missing(when: When | None) -> bool:
    """Say whether a condition answers for a missing input."""
    return when is not None and any("missing" in c.entries for c in when.conditions)
