"""The content of a result: its parts, each built when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Self

import attrs

from kpirules._internal.caching import Deferred, Made
from kpirules._internal.typeguards import is_tuple
from kpirules.arithmetic.number import Exact, Number, exact_of
from kpirules.evaluation.result_parts import (
    Form,
    GateHeld,
    Gathered,
    Given,
    Line,
    ListStep,
    Membership,
    Step,
    TierReached,
    Verdict,
)
from kpirules.model.inputs import Cohort, History
from kpirules.model.provenance import Package


#: the fields of a result for attrs; each is a property that builds its part
_FIELDS: dict[str, Any] = {
    "form": attrs.field(type=Form),
    "inputs": attrs.field(type=Mapping[str, Given]),
    "lines": attrs.field(type=tuple[Line, ...]),
    "derived": attrs.field(type=Mapping[str, Step | ListStep]),
    "verdict": attrs.field(type=Verdict),
}
_set: Callable[[object, str, object], None] = object.__setattr__


@attrs.frozen(these=_FIELDS, init=False, eq=False, repr=False, slots=False)
class ResultContent:
    """The parts of a result, and what follows from them.

    Explanations and JSON are made of it; :class:`~kpirules.evaluation.result.Result` offers both.
    """

    __slots__ = (
        "__weakref__",
        "form_part",
        "given_part",
        "line_parts",
        "memberships",
        "verdict_part",
    )

    #: what all results of the rubric share
    form_part: Deferred[Form]
    #: the record as it was understood; what was missing is left out
    given_part: Deferred[Mapping[str, Given]]
    #: one line for each criterion, in the form's order
    line_parts: Sequence[Deferred[Line]]
    #: all that follows from the contributions
    verdict_part: Deferred[Verdict]
    #: the groups of what was gathered for it, by the input; they say nothing about what the result
    #: is, so a record with what was gathered for it evaluates alone to an equal result
    memberships: Mapping[str, Membership]

    def __init__(
        self,
        form: Form,
        inputs: Mapping[str, Given],
        lines: Iterable[Line],
        derived: Mapping[str, Step | ListStep],
        verdict: Verdict,
        *,
        memberships: Mapping[str, Membership] | None = None,
    ) -> None:
        _set(self, "memberships", memberships or {})
        _set(self, "form_part", Made(form))
        _set(self, "given_part", Made(inputs))
        _set(self, "line_parts", tuple(map(Made, lines)))
        _set(self, "verdict_part", Made(verdict, derived=tuple(map(Made, derived.values()))))

    @classmethod
    def deferred(
        cls,
        form: Deferred[Form],
        given: Deferred[Mapping[str, Given]],
        lines: Sequence[Deferred[Line]],
        verdict: Deferred[Verdict],
    ) -> Self:
        """Return the result whose parts are built when they are first asked for."""
        made = cls.__new__(cls)
        _set(made, "memberships", {})
        _set(made, "form_part", form)
        _set(made, "given_part", given)
        _set(made, "line_parts", lines)
        _set(made, "verdict_part", verdict)
        return made

    def of_groups(self, memberships: Mapping[str, Membership]) -> Self:
        """Return the result with the groups of what was gathered for it."""
        parts = (self.form_part, self.given_part, self.line_parts, self.verdict_part)
        made = self.deferred(*parts)
        _set(made, "memberships", memberships)
        return made

    @property
    def form(self) -> Form:
        """What all results of the rubric share."""
        return self.form_part.get()

    @property
    def rubric(self) -> str:
        """The rubric's id."""
        return self.form.rubric

    @property
    def effective_from(self) -> date | None:
        """The date from which the rubric is effective."""
        return self.form.effective_from

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the rubric's canonical form."""
        return self.form.fingerprint

    @property
    def gathered(self) -> dict[str, Gathered]:
        """The inputs of the record that come from earlier results or from a cohort, by name."""
        given, found = self.inputs, dict[str, Gathered]()
        for name, origin in self.form.gathered:
            value = given.get(name)
            if value is not None:
                values: tuple[Any, ...] = value if is_tuple(value) else (value,)
                own = self.memberships.get(name)
                if isinstance(origin, History):
                    found[name] = Gathered(name=name, values=values, history=origin)
                elif isinstance(origin, Cohort):
                    found[name] = Gathered(name=name, values=values, cohort=origin, membership=own)
                else:
                    found[name] = Gathered(name=name, values=values, quota=origin, membership=own)
        return found

    @property
    def package(self) -> Package | None:
        """The name and version of the installed package that the rubric comes from."""
        return self.form.package

    @property
    def inputs(self) -> dict[str, Given]:
        """The record as it was understood, sorted by name; what was missing is left out."""
        return dict(sorted(self.given_part.get().items()))

    @property
    def lines(self) -> tuple[Line, ...]:
        """One line for each criterion, in the form's order."""
        return tuple([part.get() for part in self.line_parts])

    @property
    def derived(self) -> dict[str, Step | ListStep]:
        """The derived facts that were computed, sorted by name, each with its reason."""
        every = [step for part in self.line_parts for step in part.derived]
        steps = [step.get() for step in (*every, *self.verdict_part.derived)]
        return {step.name: step for step in sorted(steps, key=lambda step: step.name)}

    @property
    def subtotals(self) -> dict[str, Exact]:
        """The contribution of each section to the total, by its id, in the form's order.

        A section of which everything was left out is not in it.
        """
        sums: dict[str | None, Number] = {}
        out: set[str | None] = set()
        there: set[str | None] = set()
        for part in self.line_parts:
            line = part.get()
            section = line.section
            if line.left_out:
                out.add(section)
            elif line.weight is not None:
                there.add(section)
            sums[section] = sums.get(section, 0) + line.contribution.number
        found = {
            heading.id: exact_of(sums.get(heading.id, 0))
            for heading in self.form.sections
            if heading.id in there or heading.id not in out
        }
        settled = {step.name: step.value for step in self.verdict.subtotals if step.name in found}
        return found | settled  # type: ignore[return-value]  # a subtotal is a number

    @property
    def raw_total(self) -> Exact:
        """The sum of all sections, before adjustments."""
        return self.verdict.raw_total

    @property
    def adjustments(self) -> tuple[Step, ...]:
        """What was added to the raw total, or deducted."""
        return self.verdict.adjustments

    @property
    def gates(self) -> tuple[GateHeld, ...]:
        """The gates that held, in the order of the file."""
        return self.verdict.gates

    @property
    def verdict(self) -> Verdict:
        """All that follows from the contributions, stage by stage."""
        return self.verdict_part.get()

    @property
    def unratable(self) -> bool:
        """Whether the record cannot be rated: it has no total, no tier, no outcomes."""
        return self.verdict.unratable

    @property
    def total(self) -> Exact | None:
        """The total; None if unratable, and in a rubric in which nothing is scored."""
        return self.verdict.total

    @property
    def tier(self) -> TierReached | None:
        """The tier of the total; None in a rubric without tiers, and if unratable."""
        return self.verdict.tier

    @property
    def outcomes(self) -> dict[str, Exact | str]:
        """What follows from total and tier, by name."""
        return {step.name: step.value for step in self.verdict.outcomes}

    @property
    def pay(self) -> Exact | None:
        """The outcome of that name, in the rubric's currency; None where there is none."""
        value = self.outcomes.get("pay")
        return None if isinstance(value, str) else value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ResultContent):
            return NotImplemented
        return self._said == other._said

    def __hash__(self) -> int:
        return hash((self.fingerprint, self.lines, self.verdict))

    @property
    def _said(self) -> tuple[object, ...]:
        """All that the result says; the order of the record's names says nothing."""
        return (self.form, self.inputs, self.lines, self.derived, self.verdict)

    def __repr__(self) -> str:
        parts = ["unratable"] if self.unratable else []
        if self.total is not None:
            parts.append(f"{self.total} of {self.form.full_marks}")
        if self.tier is not None:
            parts.append(self.tier.id)
        parts += [f"{name} {value}" for name, value in self.outcomes.items()]
        return f"<{type(self).__name__} {self.rubric}: {', '.join(parts)}>"
