"""What notebooks show for a rubric."""

from __future__ import annotations

from collections.abc import Iterable

from kpirules._internal.html import table
from kpirules.model.parts import Criterion, Section, Tier
from kpirules.translations.catalog import ENGLISH, words


def html(
    title: str,
    sections: Iterable[Section],
    criteria: Iterable[Criterion],
    tiers: Iterable[Tier],
) -> str:
    """Return a table of the criteria with their weights, and of the tiers with their totals."""
    word = words("sheet", ENGLISH)
    rows = [
        (section, _called(criterion), "" if criterion.weight is None else str(criterion.weight))
        for section, group in (*((_called(s), s.criteria) for s in sections), ("", criteria))
        for criterion in group
    ]
    foot = [
        f"{_called(tier)}: {', '.join(map(str, tier.total))}" if tier.total else _called(tier)
        for tier in tiers
    ]
    return table(title, [word["section"], word["item"], word["weight"]], rows, foot)


def _called(part: Section | Criterion | Tier) -> str:
    """Return the label of a part, or its id."""
    return part.id if part.label is None else str(part.label)
