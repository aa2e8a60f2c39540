"""List the differences between two versions of a form, part by part."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from kpirules.compiler.plan import Plan
from kpirules.pages.hidden_rules import hidden_texts
from kpirules.sheets.form_builder import blank


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.form import ScoreForm


@attrs.frozen(kw_only=True)
class Change:
    """A part of a form that differs; ``before`` or ``after`` is empty if the part is missing."""

    part: str
    before: str
    after: str


def changes(before: Rubric, after: Rubric, lang: str) -> list[Change]:
    """List the differences in the order of the form; parts that were removed are last.

    For each part, the difference of the visible form is followed by that of its hidden rules.
    """
    old, old_unseen = _visible_and_hidden(before, lang)
    new, new_unseen = _visible_and_hidden(after, lang)
    found: list[Change] = []
    for name in dict.fromkeys((*new, *new_unseen, *old, *old_unseen)):
        if old.get(name) != new.get(name):
            found.append(Change(part=name, before=old.get(name, ""), after=new.get(name, "")))
        one, other = old_unseen.get(name, {}), new_unseen.get(name, {})
        if one != other:
            found.append(
                Change(part=name, before=_difference(one, other), after=_difference(other, one))
            )
    return found


def _visible_and_hidden(
    rubric: Rubric, lang: str
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return the visible parts of a form, and the hidden rules of each part."""
    plan = Plan(rubric)
    paper = blank(rubric, lang=lang, plan=plan)
    return dict(_parts(paper)), dict(hidden_texts(rubric, plan, _rules(paper), lang))


def _difference(some: Mapping[str, str], others: Mapping[str, str]) -> str:
    """Format the entries that differ from those of the other mapping."""
    return "; ".join(f"{key}: {text}" for key, text in some.items() if others.get(key) != text)


def _parts(paper: ScoreForm) -> Iterator[tuple[str, str]]:
    """Yield (name, text) for each part of a form; the name is the same in each version."""
    w = paper.words
    yield "label", paper.title
    yield "role", paper.role
    yield "full_marks", paper.full_marks
    for fact in paper.facts:
        unit = f" ({fact.unit})" if fact.unit else ""
        yield f"inputs.{fact.name}", f"{fact.label}{unit}: {fact.admissible}"
    for part in paper.parts:
        if part.id:
            yield f"section.{part.id}", f"{part.label} {part.limit}".strip()
        for item in part.items:
            weight = f" {item.weight} {w['marks']}" if item.weight else ""
            levels = "; ".join(f"{level.points} {level.text}".strip() for level in item.levels)
            pairs = zip(paper.columns, item.texts, strict=True)
            texts = [levels, *(f"{head}: {text}" for head, text in pairs if text)]
            yield f"criterion.{item.id}", f"{item.label}{weight}: {'; '.join(texts)}"
    for grade in paper.grades:
        paid = ", ".join(filter(None, grade.values))
        yield f"tier.{grade.id}", " · ".join(filter(None, (grade.label, grade.totals, paid)))
    for name, rule in zip(_rules(paper), paper.rules, strict=True):
        yield name, "; ".join(f"{value} {when}".strip() for value, when in rule.rows)
    for clause, decision in paper.rulings:
        yield f"ruling.{clause}", decision


def _rules(paper: ScoreForm) -> list[str]:
    """Return the names of adjustments, gates and outcomes: kind and label, as forms have no ids.

    A name that occurs again gets a number.
    """
    often: Counter[str] = Counter()
    made: list[str] = []
    for rule in paper.rules:
        name = f"{rule.kind}: {rule.label}"
        often[name] += 1
        made.append(name if often[name] == 1 else f"{name} ({often[name]})")
    return made
