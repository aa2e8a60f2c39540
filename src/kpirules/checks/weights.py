"""Check that weights add up: criteria's to their section's, sections' to the whole."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import Number, canonical, show
from kpirules.checks.registry import WEIGHTS, check
from kpirules.diagnostics.finding import Finding


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpirules.compiler.plan import Plan
    from kpirules.compiler.weighting import Sum
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Section


@check(
    "weights-sum",
    phase=WEIGHTS,
    severity="error",
    title="the weights of the form do not add up to 100, or to what it says instead",
)
def weights_sum(plan: Plan) -> Iterator[Finding]:
    """Find weights that do not add up to the whole."""
    if not plan.weights or plan.weighing.has_computed_weights:
        return
    *_, top = plan.weighing.sums({})
    if top.is_shares:
        if not top.holds:
            yield Finding(
                code="weights-sum",
                reason="all shares are 0: there is nothing to weigh",
                advice="give at least one of them a weight",
                path=("weights_total",),
            )
        return
    what = "the weights of the sections" if plan.rubric.sections else "the weights of the criteria"
    parts = plan.rubric.sections or plan.weights
    places: list[KeyPath] = [("section", s) for s in range(len(plan.rubric.sections))]
    places = places or [plan.weight_place(i) for i in range(len(parts))]
    found = list(_compare(what, top, _own(plan, places)))
    scaled = any(section.scale is not None for section in plan.rubric.sections)
    if not found and plan.rubric.sections and not scaled:
        # the sum of all criteria, which may differ from the sum of the sections
        each = tuple((c.id, weight) for c, _, weight in plan.weights)
        every = top._replace(parts=each)
        places = [plan.weight_place(i) for i in range(len(plan.weights))]
        found = list(_compare("the weights of all criteria", every, _own(plan, places)))
    yield from found


@check(
    "section-sum",
    phase=WEIGHTS,
    severity="error",
    title="the weights inside a section do not add up to the section's own",
)
def section_sum(plan: Plan) -> Iterator[Finding]:
    """Find sections whose criteria's weights do not add up to their own, or to their scale."""
    for s, each in enumerate(plan.weighing.sums({})[:-1]):
        section = each.section
        if section is None or each.holds or section.weight == 0:
            continue
        weights = [section.weight, *(c.weight for c in section.criteria if c.scored)]
        if any(isinstance(weight, str) for weight in weights):
            # checked for each record
            continue
        whose = "section's" if section.scale is None else "section's scale of"
        yield Finding(
            code="section-sum",
            reason=(
                f'the criteria of "{section.id}" weigh {_added(each.parts)} = {show(each.total)}, '
                f"{_difference(each.total, each.want)} the {whose} {show(each.want)}"
            ),
            advice=f"make them add up to {show(each.want)}",
            path=_own(plan, _of_section(section, s)),
            witness=((f"weights of {section.id}", each.total),),
        )


def _of_section(section: Section, index: int) -> list[KeyPath]:
    """Return the places of a section's own weight, and of its criteria's."""
    own: KeyPath = ("section", index, "weight" if section.scale is None else "scale")
    return [
        own,
        *(("section", index, "criterion", c, "weight") for c in range(len(section.criteria))),
    ]


def _own(plan: Plan, places: Sequence[KeyPath]) -> KeyPath:
    """Return the first place in the rubric's own file rather than in a file that it extends."""
    origin = plan.rubric.origin
    own = (path for path in places if origin is not None and not origin.find(path)[0])
    return next(own, places[0])


def _compare(what: str, each: Sum, path: KeyPath) -> Iterator[Finding]:
    """Find a sum that is not as required."""
    if each.total != each.want:
        yield Finding(
            code="weights-sum",
            reason=(
                f"{what} are {_added(each.parts)} = {show(each.total)}, "
                f"{_difference(each.total, each.want)} {show(each.want)}"
            ),
            advice=f"make them add up to {show(each.want)}",
            path=path,
            witness=(("weights", each.total),),
        )


def _added(parts: tuple[tuple[str, Number], ...]) -> str:
    """Format a sum with the name of each part."""
    return " + ".join(f"{show(weight)} ({name})" for name, weight in parts) or "0"


def _difference(total: Number, want: Number) -> str:
    """Format the difference of a sum from the required one."""
    gap = show(canonical(abs(Fraction(total) - want)))
    return f"{gap} {'more' if total > want else 'less'} than"
