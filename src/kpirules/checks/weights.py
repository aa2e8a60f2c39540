"""Check that weights add up: criteria's to their section's, sections' to the whole."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.number import canonical
from kpirules.checks.registry import TIERS_ADVICE, WEIGHTS, check
from kpirules.compiler.criteria import number_of
from kpirules.diagnostics.finding import Finding
from kpirules.model.labels import sum_of_weights
from kpirules.translations.message import Joined, Keyword, Message, Named


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
    title="the weights of the form do not add up to 100, or to another declared sum",
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
                reason=Message.of("finding.weights-sum_shares"),
                advice=Message.of("advice.weights-sum_shares"),
                path=("weights_total",),
            )
        return
    parts = plan.rubric.sections or plan.weights
    places: Sequence[KeyPath] = [("section", s) for s in range(len(plan.rubric.sections))]
    places = places or plan.weight_places[: len(parts)]
    key = f"finding.weights-sum_{'sections' if plan.rubric.sections else 'criteria'}"
    found = list(_compare(key, top, _own(plan, places)))
    differs = any(section.scale is not None or section.cap for section in plan.rubric.sections)
    if not found and plan.rubric.sections and not differs:
        # the sum of all criteria, which may differ from the sum of the sections
        each = tuple((c.id, weight) for c, _, weight in plan.weights)
        every = top._replace(parts=each)
        places = plan.weight_places
        yield from _compare("finding.weights-sum_all", every, _own(plan, places))
    for finding in found:
        # where the form means another sum
        name = "full_marks" if plan.rubric.weights_total is None else "weights_total"
        word = Keyword(name, is_quoted=False)
        advice = Message.of(
            "advice.weights-sum_or", want=top.want, key=word, sum_of_weights=top.total
        )
        yield attrs.evolve(finding, advice=advice) if top.total > 0 else finding


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
        key = "finding.section-sum" if section.scale is None else "finding.section-sum_scale"
        name = Named(section.id, section.label)
        yield Finding(
            code="section-sum",
            reason=_wrong_sum(key, each, section=name),
            advice=Message.of(
                "advice.section-sum_cap" if section.cap else "advice.section-sum", want=each.want
            ),
            path=_own(plan, _of_section(section, s)),
            witness=((sum_of_weights(section.id), each.total),),
        )


@check(
    "section-cap",
    phase=TIERS_ADVICE,
    severity="warning",
    title="a cap that limits nothing, or is below a single criterion",
)
def section_cap(plan: Plan) -> Iterator[Finding]:
    """Find sections whose cap no sum exceeds, and criteria that exceed it alone."""
    if plan.without or plan.lost or plan.weighing.has_computed_weights or not plan.weights_hold:
        return
    for s, section in enumerate(plan.rubric.sections):
        if not section.cap:
            continue
        name = Named(section.id, section.label)
        path: KeyPath = ("section", s, "cap")
        most = plan.raw_totals.most_of(section)
        cap = plan.weighing.cap(section, {})
        if most is not None and most <= cap:
            key = "section-cap_weight" if section.weight is None else "section-cap"
            yield Finding(
                code="section-cap",
                reason=Message.of(f"finding.{key}", section=name, most=most, cap=cap),
                advice=Message.of(f"advice.{key}"),
                path=path,
            )
        base = number_of(section.scale or section.weight)
        for c, criterion in enumerate(section.criteria):
            weight = number_of(criterion.weight) if criterion.scored else 0
            if base and weight > base:
                yield Finding(
                    code="section-cap",
                    reason=Message.of(
                        "finding.section-cap_criterion",
                        name=Named(criterion.id, criterion.label),
                        weight=weight,
                        section=name,
                        cap=base,
                    ),
                    advice=Message.of("advice.section-cap_criterion"),
                    path=("section", s, "criterion", c, "weight"),
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


def _compare(key: str, each: Sum, path: KeyPath) -> Iterator[Finding]:
    """Find a sum that is not as required."""
    if each.total != each.want:
        yield Finding(
            code="weights-sum",
            reason=_wrong_sum(key, each),
            advice=Message.of("advice.weights-sum", want=each.want),
            path=path,
            witness=((sum_of_weights(), each.total),),
        )


def _wrong_sum(key: str, each: Sum, **params: object) -> Message:
    """Return the message about a sum that is not as required: its parts, the difference."""
    parts = tuple(
        Message.of("problem-part.weight", weight=weight, name=Named(name))
        for name, weight in each.parts
    )
    difference = Message.of(
        f"finding-part.{'more' if each.total > each.want else 'less'}",
        gap=canonical(abs(Fraction(each.total) - each.want)),
        want=each.want,
    )
    return Message.of(
        key,
        **params,
        # a section without scored criteria has no parts
        parts=Joined(parts or (0,), "list.plus"),
        sum_of_weights=each.total,
        difference=difference,
    )
