"""What is different between two versions of a form, part by part."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from kpirules.sheets.drawing import blank


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.model import Rubric
    from kpirules.sheets.paper import Paper


@attrs.frozen(kw_only=True)
class Change:
    """One part of a form that is not what it was; empty where there was none, or is none."""

    part: str
    before: str
    after: str


def changes(before: Rubric, after: Rubric, lang: str) -> list[Change]:
    """List what is different on the form, in its order; what is gone stands at the end."""
    old = dict(_parts(blank(before, lang=lang)))
    new = dict(_parts(blank(after, lang=lang)))
    names = [*new, *(name for name in old if name not in new)]
    return [
        Change(part=name, before=old.get(name, ""), after=new.get(name, ""))
        for name in names
        if old.get(name) != new.get(name)
    ]


def _parts(paper: Paper) -> Iterator[tuple[str, str]]:
    """Spell a form's parts, each under a name that stays what it is in the next version."""
    w = paper.words
    yield "label", paper.title
    yield "role", paper.role
    yield "full_marks", paper.full_marks
    for fact in paper.facts:
        unit = f" ({fact.unit})" if fact.unit else ""
        yield f"inputs.{fact.name}", f"{fact.label}{unit}: {fact.admissible}"
    for part in paper.parts:
        if part.id:
            yield f"section.{part.id}", f"{part.label} {part.weight}".strip()
        for item in part.items:
            weight = f" {item.weight} {w['marks']}" if item.weight else ""
            levels = "; ".join(f"{level.points} {level.text}".strip() for level in item.levels)
            yield f"criterion.{item.id}", f"{item.label}{weight}: {levels}"
    for grade in paper.grades:
        paid = ", ".join(filter(None, grade.values))
        yield f"tier.{grade.id}", " · ".join(filter(None, (grade.label, grade.totals, paid)))
    # what stands beside the items has no id on the form: its kind and label name it, and where two
    # have the same, their order
    often: Counter[str] = Counter()
    for rule in paper.rules:
        rows = "; ".join(f"{value} {when}".strip() for value, when in rule.rows)
        name = f"{rule.kind}: {rule.label}"
        often[name] += 1
        yield name if often[name] == 1 else f"{name} ({often[name]})", rows
    for clause, decision in paper.rulings:
        yield f"ruling.{clause}", decision
