"""Whether weights add up: criteria's to their section's, sections' to the whole."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.findings import Finding
from kpirules.numbers import Number, canonical, show


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.findings import KeyPath
    from kpirules.plan import Plan


def weights_sum(plan: Plan) -> Iterator[Finding]:
    """Find weights that do not add up to the whole."""
    rubric = plan.rubric
    each = [(c.id, weight) for c, _, weight in plan.weights]
    if not rubric.sections:
        if each:
            yield from _compare("the weights of the criteria", each, plan, plan.weight_place(0))
        return
    parts = [(s.id, plan.section_weight(s)) for s in rubric.sections]
    found = list(_compare("the weights of the sections", parts, plan, ("section", 0)))
    if not found and each:
        # what the criteria really add up to, where they do not keep to their sections
        found = list(_compare("the weights of all criteria", each, plan, plan.weight_place(0)))
    yield from found


def section_sum(plan: Plan) -> Iterator[Finding]:
    """Find sections whose criteria's weights do not add up to their own."""
    for s, section in enumerate(plan.rubric.sections):
        if section.weight is None:
            continue
        parts = [(c.id, weight) for c, inside, weight in plan.weights if inside is section]
        total, want = _total(parts), plan.section_weight(section)
        if total != want:
            yield Finding(
                code="section-sum",
                message=(
                    f'the criteria of "{section.id}" weigh {_added(parts)} = {show(total)}, '
                    f"{_off(total, want)} the section's {show(want)}"
                ),
                help=f"make them add up to {show(want)}",
                path=("section", s, "weight"),
                witness=((f"weights of {section.id}", total),),
            )


def _total(parts: list[tuple[str, Number]]) -> Number:
    """Add weights up."""
    return canonical(sum((Fraction(weight) for _, weight in parts), Fraction()))


def _compare(
    what: str, parts: list[tuple[str, Number]], plan: Plan, path: KeyPath
) -> Iterator[Finding]:
    """Find a sum that is not what it should be."""
    total, want = _total(parts), plan.weights_total
    if total != want:
        yield Finding(
            code="weights-sum",
            message=f"{what} are {_added(parts)} = {show(total)}, {_off(total, want)} {show(want)}",
            help=f"make them add up to {show(want)}",
            path=path,
            witness=(("weights", total),),
        )


def _added(parts: list[tuple[str, Number]]) -> str:
    """Spell a sum with the name of each part."""
    return " + ".join(f"{show(weight)} ({name})" for name, weight in parts) or "0"


def _off(total: Number, want: Number) -> str:
    """Say by how much a sum is off."""
    gap = show(canonical(abs(Fraction(total) - want)))
    return f"{gap} {'more' if total > want else 'less'} than"
