"""What is different between two versions of a form, part by part."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from kpirules.compiler.plan import Plan
from kpirules.pages.hidden_rules import unseen
from kpirules.sheets.form_builder import blank


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.form import Paper


@attrs.frozen(kw_only=True)
class Change:
    """One part of a form that is not what it was; empty where there was none, or is none."""

    part: str
    before: str
    after: str


def changes(before: Rubric, after: Rubric, lang: str) -> list[Change]:
    """List what is different, in the order of the form; what is gone stands at the end.

    Of a part first what the form shows, then what decides behind it.
    """
    old, old_unseen = _both(before, lang)
    new, new_unseen = _both(after, lang)
    found: list[Change] = []
    for name in dict.fromkeys((*new, *new_unseen, *old, *old_unseen)):
        if old.get(name) != new.get(name):
            found.append(Change(part=name, before=old.get(name, ""), after=new.get(name, "")))
        one, other = old_unseen.get(name, {}), new_unseen.get(name, {})
        if one != other:
            found.append(Change(part=name, before=_less(one, other), after=_less(other, one)))
    return found


def _both(rubric: Rubric, lang: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Give the parts that the form shows, and what it does not show of them."""
    plan = Plan(rubric)
    paper = blank(rubric, lang=lang, plan=plan)
    return dict(_parts(paper)), dict(unseen(rubric, plan, _rules(paper), lang))


def _less(some: Mapping[str, str], others: Mapping[str, str]) -> str:
    """Spell the entries that others do not have."""
    return "; ".join(f"{key}: {said}" for key, said in some.items() if others.get(key) != said)


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
    for name, rule in zip(_rules(paper), paper.rules, strict=True):
        yield name, "; ".join(f"{value} {when}".strip() for value, when in rule.rows)
    for clause, decision in paper.rulings:
        yield f"ruling.{clause}", decision


def _rules(paper: Paper) -> list[str]:
    """Name what stands beside the items; it has no id on the form, so kind and label are its name.

    Where two have the same, their order tells them apart.
    """
    often: Counter[str] = Counter()
    made: list[str] = []
    for rule in paper.rules:
        name = f"{rule.kind}: {rule.label}"
        often[name] += 1
        made.append(name if often[name] == 1 else f"{name} ({often[name]})")
    return made
