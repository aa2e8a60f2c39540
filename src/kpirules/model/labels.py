"""The labels of a rubric's names and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.model.names import (
    Adjustment,
    Contribution,
    Derived,
    Outcome,
    Points,
    Subtotal,
    Tier,
)


if TYPE_CHECKING:
    from kpirules.model.names import Name
    from kpirules.model.rubric import Rubric
    from kpirules.model.text import Text


def labels_of(rubric: Rubric) -> tuple[tuple[str, Text], ...]:
    """Return the labels of the names that results speak of: facts, ratings, raters."""
    found: list[tuple[Name | str, Text | None]] = [(f.name, f.label) for f in rubric.inputs]
    found += [(Derived(d.name), d.label) for d in rubric.derived]
    for c in rubric.all_criteria:
        found += [(Points(c.id), c.label), (Contribution(c.id), c.label)]
        found += [(f"{c.id}.{rater.name}", rater.label) for rater in rubric.raters]
        found.append((c.id, c.label))
    found += [(Subtotal(s.id), s.label) for s in rubric.sections]
    found += [(Adjustment(a.id), a.label) for a in rubric.adjustments]
    found += [(Outcome(o.name), o.label) for o in rubric.outcomes]
    return tuple((str(name), label) for name, label in found if label is not None)


def options_of(rubric: Rubric) -> tuple[tuple[str, tuple[tuple[str, Text], ...]], ...]:
    """Return the labels of what is chosen from, and of the tiers, by the code."""
    chosen = [(f.name, [(o.code, o.label) for o in f.options]) for f in rubric.inputs]
    chosen.append((Tier.head, [(tier.id, tier.label) for tier in rubric.tiers]))
    every = (
        (name, tuple((code, label) for code, label in codes if label is not None))
        for name, codes in chosen
    )
    return tuple((name, codes) for name, codes in every if codes)
