"""Whether weights add up: criteria's to their section's, sections' to the whole."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.findings import Finding
from kpirules.numbers import Number, canonical, exact, show


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.findings import KeyPath
    from kpirules.plan import Plan


def weights_sum(plan: Plan) -> Iterator[Finding]:
    """Find weights that do not add up to the whole."""
    rubric = plan.rubric
    parts: list[tuple[str, Number, KeyPath]] = [
        (s.id, plan.section_weight(s), ("section", i)) for i, s in enumerate(rubric.sections)
    ]
    parts += [
        (c.criterion.id, c.weight, c.path)
        for c in plan.criteria
        if c.section is None and c.criterion.scored
    ]
    if not parts:
        return
    scored = [c for c in plan.criteria if c.criterion.scored]
    if rubric.sections:
        # what the criteria really add up to, where they do not keep to their sections
        inner = canonical(sum((Fraction(c.weight) for c in scored), Fraction()))
    else:
        inner = plan.weights_total
    total = canonical(sum((Fraction(weight) for _, weight, _ in parts), Fraction()))
    what = "sections" if rubric.sections else "criteria"
    yield from _compare(f"the weights of the {what}", total, plan.weights_total, parts)
    if total == plan.weights_total:
        kinds: list[tuple[str, Number, KeyPath]] = [
            (c.criterion.id, c.weight, c.path) for c in scored
        ]
        yield from _compare("the weights of all criteria", inner, plan.weights_total, kinds)


def section_sum(plan: Plan) -> Iterator[Finding]:
    """Find sections whose criteria's weights do not add up to their own."""
    for s, section in enumerate(plan.rubric.sections):
        if section.weight is None:
            continue
        parts: list[tuple[str, Number, KeyPath]] = [
            (c.criterion.id, c.weight, ("section", s, "weight"))
            for c in plan.criteria
            if c.section is section and c.criterion.scored
        ]
        total = canonical(sum((Fraction(weight) for _, weight, _ in parts), Fraction()))
        if total != plan.section_weight(section):
            want = plan.section_weight(section)
            yield Finding(
                code="section-sum",
                message=(
                    f'the criteria of "{section.id}" weigh {_added(parts)} = {show(total)}, '
                    f"{_off(total, want)} the section's {show(want)}"
                ),
                help=f"make them add up to {show(want)}",
                path=("section", s, "weight"),
            )


def _compare(
    what: str, total: Number, want: Number, parts: list[tuple[str, Number, KeyPath]]
) -> Iterator[Finding]:
    """Find a sum that is not what it should be."""
    if total != want:
        path = parts[0][2]
        yield Finding(
            code="weights-sum",
            message=f"{what} are {_added(parts)} = {show(total)}, {_off(total, want)} {show(want)}",
            help=f"make them add up to {show(exact(want))}",
            path=path,
        )


def _added(parts: list[tuple[str, Number, KeyPath]]) -> str:
    """Spell a sum with the name of each part."""
    return " + ".join(f"{show(weight)} ({name})" for name, weight, _ in parts) or "0"


def _off(total: Number, want: Number) -> str:
    """Say by how much a sum is off."""
    gap = show(canonical(abs(Fraction(total) - want)))
    return f"{gap} {'more' if total > want else 'less'} than"
