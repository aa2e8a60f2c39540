"""What all results of a rubric share: its labels, its sections, its fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules._internal.caching import Deferred, IdentityCache
from kpirules.arithmetic.number import Exact, exact
from kpirules.evaluation.result_parts import Form, Heading
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
    from kpirules.compiler.plan import Plan
    from kpirules.model.names import Name
    from kpirules.model.rubric import Rubric, Text


#: a fingerprint takes its time
_FORMS: IdentityCache[Rubric, Form] = IdentityCache()


class FormPart(Deferred[Form]):
    """What all results of a plan share, computed when first asked for: a fingerprint is slow."""

    __slots__ = ("_plan",)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def make(self) -> Form:
        """Return it."""
        return form_of(self._plan)


def form_of(plan: Plan) -> Form:
    """Return what all results of a plan share."""
    from kpirules.toml.writer import fingerprint  # noqa: PLC0415 - once a rubric

    rubric = plan.rubric
    known = _FORMS.get(rubric)
    if known is not None:
        return known
    form = _FORMS[rubric] = Form(
        rubric=rubric.id,
        label=rubric.label,
        effective_from=rubric.effective_from,
        fingerprint=fingerprint(rubric),
        currency=rubric.currency,
        full_marks=Exact(exact(rubric.full_marks)),
        sections=tuple(
            Heading(id=s.id, label=s.label, weight=Exact(plan.section_weight(s)))
            for s in rubric.sections
        ),
        labels=labels_of(rubric),
        components=() if rubric.pay is None else rubric.pay.components,
        options=options_of(rubric),
        package=rubric.package,
    )
    return form


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
