"""The result of an evaluation, with a line for each criterion."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, final

import attrs

from kpirules._internal.caching import Deferred, Made
from kpirules.arithmetic.number import Exact, Number, exact_of


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kpirules.arithmetic.range import Range
    from kpirules.model.provenance import Package
    from kpirules.model.rubric import Entry, Text


#: a value of a record, as it was understood: a number, a text, a flag, a list of numbers
Given: TypeAlias = Number | str | bool | tuple[Number, ...]

#: what a gate may do, by the key of the file that says it, and the type of its value
EFFECTS: Final = {
    "unratable": bool,
    "total_at_most": Exact,
    "total_at_least": Exact,
    "demote": int,
    "tier_at_least": str,
    "tier_at_most": str,
}


@attrs.frozen(kw_only=True)
class Condition:
    """When a band or a gate holds; false where there is no condition.

    ``str`` spells it in the words of the ruleset file; :class:`kpirules.evaluation.labels.Speaker`
    renders it by labels, in a language.

    >>> when = Condition(asked=(("kind", ("late or absent", "missing")), ("urgent", (True,))))
    >>> str(when), str(Condition(otherwise=True)), bool(Condition())
    ('kind = late or absent or missing, urgent = true', 'otherwise', False)
    """

    #: (name, entries), all of which hold: of one name any of its ranges, options, flags or
    #: "missing" may hold
    asked: tuple[tuple[str, tuple[Entry, ...]], ...] = ()
    #: it holds where no other band does
    otherwise: bool = False
    #: it holds for a rating in a range
    rating: Range | None = None
    #: all of it as text: what a result that was stored in version 1 has
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.asked or self.otherwise or self.rating is not None or self.text)

    def __str__(self) -> str:
        if self.otherwise:
            return "otherwise"
        if self.rating is not None:
            return str(self.rating)
        asked = (f"{name} {listed(entries, spelled)}" for name, entries in self.asked)
        return self.text or ", ".join(asked)


def spelled(entry: Entry) -> str:
    """Spell an entry of a condition as the ruleset file does."""
    return str(entry).lower() if isinstance(entry, bool) else str(entry)


def listed(entries: tuple[Entry, ...], show: Callable[[Entry], str], either: str = " or ") -> str:
    """Return what is asked of a name: ``>= 3``, ``= a or b``."""
    shown = either.join(map(show, entries))
    is_limit = len(entries) == 1 and not isinstance(entries[0], (str, bool)) and shown[0] in "<>"
    return shown if is_limit else f"= {shown}"


@attrs.frozen(kw_only=True)
class Line:
    """The points of one criterion, and the reason."""

    #: the criterion's id
    criterion: str
    label: Text | None = None
    #: the section's id; None in a rubric without sections
    section: str | None = None
    #: the clause of the source
    cite: Text | None = None
    #: the band's index in its table, from 0; None where no single band was taken
    band: int | None = None
    band_label: Text | None = None
    #: when that band holds
    condition: Condition = attrs.field(factory=Condition)
    #: points on the criterion's scale; None for a remark and for what was not rated
    points: Exact | None = None
    #: what the points were before they were clamped and rounded, where that changed them
    raw: Exact | None = None
    #: points at full marks; None for a remark and where none are said
    scale: Exact | None = None
    #: what it gives to its section at full marks; None where it is not scored
    weight: Exact | None = None
    #: what it gave to the total
    contribution: Exact = attrs.field(factory=Exact)
    #: (name, value) of the facts and rating that it was computed from
    used: tuple[tuple[str, Given], ...] = ()
    #: what was written on a criterion that takes no points
    remark: str | None = None
    #: why it was left out of the record: it is "missing", or its "weight" is 0
    left_out: Literal["", "missing", "weight"] = ""
    #: the points (or some rater's) stand in for what is missing
    assumed: bool = False

    @property
    def inputs(self) -> dict[str, Given]:
        """The facts and the rating that the line was computed from, by name."""
        return dict(self.used)


@attrs.frozen(kw_only=True)
class Step:
    """The value of one quantity beside the criteria, and the reason: a derived fact, ..."""

    #: its id or name
    name: str
    label: Text | None = None
    value: Exact | str
    #: what the value was before it was clamped and rounded, where that changed it
    raw: Exact | None = None
    #: the band's index in its table, from 0
    band: int | None = None
    band_label: Text | None = None
    #: when that band holds
    condition: Condition = attrs.field(factory=Condition)
    #: (name, value) of what it was computed from
    used: tuple[tuple[str, Given], ...] = ()
    #: an adjustment that adds 0, since something that it needs is missing
    skipped: bool = False


@attrs.frozen(kw_only=True)
class GateHeld:
    """A gate that held."""

    #: its index in the file, from 0
    gate: int
    #: when it holds
    condition: Condition
    #: (key, value) of what it does, such as ("tier_at_most", "fail")
    effect: tuple[tuple[str, Exact | str | bool | int], ...]
    reason: Text | None = None
    #: (name, value) of what it was judged on
    used: tuple[tuple[str, Given], ...] = ()


@attrs.frozen(kw_only=True)
class Heading:
    """One section on the form of a result."""

    id: str
    label: Text | None
    weight: Exact


@attrs.frozen(kw_only=True)
class Form:
    """What all results of one rubric share."""

    #: the rubric's id
    rubric: str
    label: Text | None
    effective_from: date | None
    #: SHA-256 of the rubric's canonical form
    fingerprint: str
    currency: str | None
    full_marks: Exact
    sections: tuple[Heading, ...]
    #: (name, label) of the inputs that have one
    labels: tuple[tuple[str, Text], ...]
    #: what a wage is made of
    components: tuple[str, ...]
    #: (name, ((code, label), ...)) of inputs with options that have one, and of the tiers; they say
    #: nothing that the fingerprint does not, and results stored before they were kept lack them
    options: tuple[tuple[str, tuple[tuple[str, Text], ...]], ...] = attrs.field(
        default=(), eq=False
    )
    #: the installed package that the rubric comes from; says nothing about what the result is
    package: Package | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True)
class TierReached:
    """The tier of a result."""

    id: str
    label: Text | None = None


@attrs.frozen(kw_only=True)
class Verdict:
    """What follows from the contributions."""

    raw_total: Exact
    #: sections whose sum was clamped or rounded
    subtotals: tuple[Step, ...] = ()
    adjustments: tuple[Step, ...] = ()
    #: the total before gates, where it is more than a plain sum
    before: Step | None = None
    tier_before: TierReached | None = None
    #: the gates that held
    gates: tuple[GateHeld, ...] = ()
    #: None where the record is unratable
    total: Exact | None
    tier: TierReached | None
    #: money, coefficients, texts
    outcomes: tuple[Step, ...]


@final
@attrs.frozen(eq=False, repr=False)
class Result:
    """One scored record: points, subtotals, total, tier, pay, and the reason for each.

    Results are values: they never change, and are equal where all that they say is equal.

    >>> from kpirules import evaluate
    >>> result = evaluate("customer-service", {
    ...     "late": 1, "absent": 0, "leave_days": 0, "incidents": 0, "duty": "met",
    ...     "skill": 8, "feedback": 8, "manner": 4, "teamwork": 4,
    ...     "volume": 17, "service": 16, "conversion": 9,
    ... })
    >>> result
    <Result customer-service: 84 of 100, good, pay 200>
    >>> result.subtotals["personnel"], result.lines[0].points
    (Exact('18'), Exact('4'))
    """

    #: what all results of the rubric share
    form_part: Deferred[Form]
    #: the record as it was understood; what was missing is left out
    given_part: Deferred[Mapping[str, Given]]
    #: one line for each criterion, in the form's order
    line_parts: Sequence[Deferred[Line]]
    #: all that follows from the contributions
    verdict_part: Deferred[Verdict]

    @classmethod
    def of(
        cls,
        form: Form,
        given: Mapping[str, Given],
        lines: Iterable[Line],
        derived: Iterable[Step],
        verdict: Verdict,
    ) -> Result:
        """Return the result of its parts."""
        return cls(
            Made(form),
            Made(given),
            tuple(map(Made, lines)),
            Made(verdict, derived=tuple(map(Made, derived))),
        )

    def __init_subclass__(cls, **_: object) -> None:
        raise TypeError("Result is a value: hold one in a class of yours rather than inherit it")

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
    def derived(self) -> dict[str, Step]:
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
        return self.verdict.total is None

    @property
    def total(self) -> Exact | None:
        """The total; None if unratable."""
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

    def explain(self, lang: str = "en") -> str:
        """Format the result with its reasons: each criterion, subtotals, total, tier, pay.

        ``lang`` is a language tag; labels fall back as :meth:`kpirules.model.rubric.Text.get` says,
        and the few words of kpirules' own are Chinese for ``zh``, English otherwise.
        """
        from kpirules.evaluation.explanation import explain  # noqa: PLC0415 - only when asked

        return explain(self, lang)

    def to_json(self) -> str:
        """Return the result as JSON text: all that it says, so that it can be read years later.

        Computed numbers are texts (``"84"``, ``"1000/9"``), since JSON readers make floats of
        numbers. What has an order is a list, so a database may reorder the keys of objects; equal
        results give equal text.
        """
        from kpirules.evaluation.result_json import dump  # noqa: PLC0415 - only when asked

        return dump(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> Result:
        """Read the text of :meth:`to_json`, also what a database made of it.

        Raises :class:`~kpirules.errors.StoredResultError`, a ``ValueError`` that names the place,
        where it is not such a text.
        """
        from kpirules.evaluation.result_parser import load  # noqa: PLC0415 - only when asked

        return load(text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        return self._said == other._said

    def __hash__(self) -> int:
        return hash((self.fingerprint, self.lines, self.verdict))

    @property
    def _said(self) -> tuple[object, ...]:
        """All that the result says; the order of the record's names says nothing."""
        return (self.form, self.inputs, self.lines, self.derived, self.verdict)

    def __reduce__(self) -> tuple[Callable[..., Result], tuple[Any, ...]]:
        derived = tuple(self.derived.values())
        return Result.of, (self.form, self.inputs, self.lines, derived, self.verdict)

    def __repr__(self) -> str:
        parts = ["unratable" if self.unratable else f"{self.total} of {self.form.full_marks}"]
        if self.tier is not None:
            parts.append(self.tier.id)
        parts += [f"{name} {value}" for name, value in self.outcomes.items()]
        return f"<Result {self.rubric}: {', '.join(parts)}>"
