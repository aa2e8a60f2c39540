"""What all results of a rubric share: its labels, its sections, its fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules._internal.caching import Deferred, IdentityCache
from kpirules.arithmetic.number import Exact, exact
from kpirules.evaluation.result_parts import Form, Heading
from kpirules.model.demotions import record_inputs
from kpirules.model.inputs import origins
from kpirules.model.labels import labels_of, options_of


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan
    from kpirules.model.rubric import Rubric


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
        gathered=tuple((fact.name, origin) for fact, origin in origins(record_inputs(rubric))),
        package=rubric.package,
    )
    return form
