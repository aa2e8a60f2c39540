"""Two results compared: each part in which they differ, and why, as far as they state it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Literal, TypeAlias, TypeVar

import attrs

from kpirules._internal.typeguards import fields_of
from kpirules.arithmetic.number import Exact
from kpirules.errors import expect
from kpirules.evaluation.comparison_texts import (
    Labels,
    change_text,
    head_text,
    reason_text,
    shown_values,
    subject_of,
)
from kpirules.evaluation.result import Result
from kpirules.evaluation.result_parts import (
    Demoted,
    Form,
    GateHeld,
    Heading,
    Line,
    ListStep,
    Step,
    TierReached,
    Verdict,
)
from kpirules.model.text import Text
from kpirules.translations.message import Message


_T = TypeVar("_T")
#: a line, or a value beside the lines
Stated: TypeAlias = Line | Step | ListStep

#: what identifies a gate, and a quota, in two versions of a ruleset
_GATE, _QUOTA = attrgetter("condition", "effect", "reason"), attrgetter("quota")
#: what may differ, in the order in which a comparison lists it
Part: TypeAlias = Literal[
    "ruleset",
    "section",
    "input",
    "derived",
    "line",
    "subtotal",
    "raw_total",
    "adjustment",
    "before",
    "tier_before",
    "gate",
    "quota",
    "total",
    "tier",
    "outcome",
]


@attrs.frozen(kw_only=True)
class Reason:
    """Why a part of two results differs, or in what else."""

    #: "value" (another value of ``name`` was used), "rating", "band", "rule" (the same values give
    #: another value), "section", "weight", "scale", "contribution", "raw", "left-out", "assumed",
    #: "skipped", "remark", "wording", "order", "removed", "added"; of totals and tiers "lines",
    #: "adjustments", "before", "gates", "quotas", "total"
    code: str
    name: str = ""
    before: object = None
    after: object = None
    message: Message = attrs.field(eq=False, repr=False)

    def text(self, lang: str | None = None) -> str:
        """Return the reason in a language; without one, in English with ids."""
        return self.message.text(lang)


@attrs.frozen(kw_only=True)
class Change:
    """A part of two results that differs."""

    part: Part
    #: the id of the criterion, the section, ...; the field of the ruleset
    name: str = ""
    #: its points or value in the first and in the second result; None where it has none
    before: object = None
    after: object = None
    reasons: tuple[Reason, ...] = ()
    message: Message = attrs.field(eq=False, repr=False)

    def text(self, lang: str | None = None) -> str:
        """Return the change with its reasons in a language; without one, in English with ids."""
        return self.message.text(lang)


@attrs.frozen(kw_only=True)
class Comparison:
    """What differs between two results; false if nothing does.

    >>> from kpirules import compare_results, evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "desk"
    ... criterion = [{ id = "work", weight = 60 }, { id = "care", weight = 40 }]
    ... ''')
    >>> one = evaluate(rubric, {"work": 50, "care": 30})
    >>> two = evaluate(rubric, {"work": 50, "care": 35})
    >>> print(compare_results(one, two))
    desk: 3 differences
      care: 30 → 35 (rated 30 → 35)
      Sum of the lines: 80 → 85
      Total: 80 → 85 (lines)
    >>> bool(compare_results(one, one))
    False
    """

    #: the results
    before: Result = attrs.field(repr=False)
    after: Result = attrs.field(repr=False)
    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of(self, part: Part) -> tuple[Change, ...]:
        """Return the changes of one kind of part, such as "line" or "outcome"."""
        return tuple(change for change in self.changes if change.part == part)

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return all changes in a language, a line each; without one, in English with ids."""
        head = head_text(self.after.form, len(self.changes)).text(lang)
        return "\n  ".join([head, *(change.text(lang) for change in self.changes)])


def compare_results(a: Result, b: Result) -> Comparison:
    """Compare two results: lines, total, tier, pay, and everything else that they state.

    Parameters: ``a`` and ``b``, results of any rulesets, such as that of a month under two versions
    of a ruleset.

    Returns a :class:`Comparison`. Its changes are in the order of the stages, from the rules and
    the inputs to the outcomes; each has the values of both results and the reasons: another rating,
    other points for the same rating, another weight, a gate. It has none exactly if the results are
    equal. Raises :class:`TypeError` for what is not a result.
    """
    for each in (a, b):
        expect(each, Result, "compare_results: expected two results")
    return Comparison(before=a, after=b, changes=tuple(_Comparing(a, b).changes()))


class _Comparing:
    """The comparison of two results."""

    def __init__(self, a: Result, b: Result) -> None:
        self.a = a
        self.b = b
        self.labels = Labels.of(a.form), Labels.of(b.form)

    def changes(self) -> Iterator[Change]:
        """Yield all changes, in the order of the stages."""
        a, b = self.a, self.b
        one, other = a.verdict, b.verdict
        yield from self._form(a.form, b.form)
        yield from self._matched("section", a.form.sections, b.form.sections, _id, self._section)
        lines = [*self._steps("line", a.lines, b.lines)]
        codes = ((line.name, reason.code) for line in lines for reason in line.reasons)
        rated = {name for name, code in codes if code in ("rating", "remark")}
        given, now = a.inputs, b.inputs
        for name in dict.fromkeys((*given, *now)):
            # another rating or remark is a reason of its line
            if name not in rated:
                yield from self._change("input", name, given.get(name), now.get(name))
        yield from self._steps("derived", a.derived.values(), b.derived.values())
        yield from lines
        yield from self._subtotals()
        yield from self._change("raw_total", "", one.raw_total, other.raw_total)
        adjustments = [*self._steps("adjustment", one.adjustments, other.adjustments)]
        yield from adjustments
        totals_before = [*self._before(one, other)]
        yield from totals_before
        sums = {
            "lines": one.raw_total != other.raw_total,
            "adjustments": bool(adjustments),
            "before": bool(totals_before),
        }
        yield from self._tier("tier_before", one.tier_before, other.tier_before, sums)
        gates = [*self._matched("gate", one.gates, other.gates, _GATE, self._gate)]
        yield from gates
        gated = {"gates": bool(gates)}
        yield from self._caused("total", one.total, other.total, {**sums, **gated})
        quotas = [*self._matched("quota", one.demoted, other.demoted, _QUOTA, self._demoted)]
        yield from quotas
        totals = {"total": one.total != other.total, **gated, "quotas": bool(quotas)}
        yield from self._tier("tier", one.tier, other.tier, totals)
        yield from self._steps("outcome", one.outcomes, other.outcomes)

    # ------------------------------------------------------------ changes and reasons

    def _change(
        self,
        part: Part,
        name: str,
        before: object,
        after: object,
        *,
        reasons: Iterable[Reason] = (),
        label: Text | None = None,
    ) -> Iterator[Change]:
        """Yield the change of a value, if there is one."""
        why = tuple(reasons)
        if why or before != after:
            subject = subject_of(part, name, label, self.labels)
            shown = shown_values(part, name, (before, after), self.labels)
            yield Change(
                part=part,
                name=name,
                before=before,
                after=after,
                reasons=why,
                message=change_text(subject, shown, [reason.message for reason in why]),
            )

    def _reason(
        self, code: str, name: str = "", before: object = None, after: object = None
    ) -> Reason:
        """Return a reason with its text."""
        message = reason_text(code, name, (before, after), self.labels)
        return Reason(code=code, name=name, before=before, after=after, message=message)

    def _caused(
        self, part: Part, before: object, after: object, causes: dict[str, bool]
    ) -> Iterator[Change]:
        """Yield the change of a value that follows from others; from none, by the rules alone."""
        if before != after:
            codes = [code for code, differs in causes.items() if differs] or ["rule"]
            reasons = map(self._reason, codes)
            yield from self._change(part, "", before, after, reasons=reasons)

    # ------------------------------------------------------------ parts

    def _matched(
        self,
        part: Part,
        before: Iterable[_T],
        after: Iterable[_T],
        key: Callable[[_T], object],
        compare: Callable[[_T | None, _T | None, _T], Iterator[Change]],
    ) -> Iterator[Change]:
        """Compare parts by their key: those of the second list in its order, then the removed."""
        one, other = _by_key(before, key), _by_key(after, key)
        for name in dict.fromkeys((*other, *one)):
            there = other[name] if name in other else one[name]
            yield from compare(one.get(name), other.get(name), there)
        if [name for name in one if name in other] != [name for name in other if name in one]:
            yield from self._change(part, "", None, None, reasons=[self._reason("order")])

    def _form(self, one: Form, other: Form) -> Iterator[Change]:
        """Compare what all results of a ruleset share; its sections are compared by themselves."""
        for field in fields_of(Form):
            if field.eq and field.name != "sections":
                before, after = getattr(one, field.name), getattr(other, field.name)
                if field.name == "labels":
                    reasons = self._wording(before, after)
                    yield from self._change("ruleset", "labels", None, None, reasons=reasons)
                else:
                    yield from self._change("ruleset", field.name, before, after)

    def _wording(self, one: object, other: object) -> Iterator[Reason]:
        """Yield the reason that texts for people differ."""
        if one != other:
            yield self._reason("wording")

    def _section(
        self, one: Heading | None, other: Heading | None, there: Heading
    ) -> Iterator[Change]:
        """Compare two sections of the form; one of the results may not have it."""
        before, after = (None if each is None else each.weight for each in (one, other))
        reasons = [*self._only(one, other)]
        if one is not None:
            reasons += self._wording(one.label, there.label)
        yield from self._change(
            "section", there.id, before, after, reasons=reasons, label=there.label
        )

    def _only(self, one: object, other: object) -> Iterator[Reason]:
        """Yield the reason that one of the results has the part and the other has not."""
        if one is None or other is None:
            yield self._reason("added" if one is None else "removed")

    def _tier(
        self,
        part: Part,
        one: TierReached | None,
        other: TierReached | None,
        causes: dict[str, bool],
    ) -> Iterator[Change]:
        """Compare two tiers."""
        before, after = (None if each is None else each.id for each in (one, other))
        if before == after:
            reasons = self._wording(one, other)
            yield from self._change(part, "", before, after, reasons=reasons)
        else:
            yield from self._caused(part, before, after, causes)

    def _gate(
        self, one: GateHeld | None, other: GateHeld | None, there: GateHeld
    ) -> Iterator[Change]:
        """Compare two gates; one of the results may not have it."""
        reasons: list[Reason] = []
        if one is not None and other is not None:
            reasons += self._used(one.used, other.used)
            reasons += () if one.gate == other.gate else [self._reason("order")]
        yield from self._change("gate", str(there.gate), one, other, reasons=reasons)

    def _demoted(
        self, one: Demoted | None, other: Demoted | None, there: Demoted
    ) -> Iterator[Change]:
        """Compare what a quota did; it demotes the record of one result alone, or of both."""
        yield from self._change("quota", there.quota, one, other, label=there.label)

    def _subtotals(self) -> Iterator[Change]:
        """Compare the contributions of sections, with what clamped or rounded them."""
        settled = self._steps("subtotal", self.a.verdict.subtotals, self.b.verdict.subtotals)
        one, other = self.a.subtotals, self.b.subtotals
        headings = (*self.a.form.sections, *self.b.form.sections)
        labels = {heading.id: heading.label for heading in headings}
        reasons = {change.name: change.reasons for change in settled}
        for name in dict.fromkeys((*other, *one, *reasons)):
            values = one.get(name), other.get(name)
            why, label = reasons.get(name, ()), labels.get(name)
            yield from self._change("subtotal", name, *values, reasons=why, label=label)

    def _before(self, one: Verdict, other: Verdict) -> Iterator[Change]:
        """Compare the totals before gates; one that is a plain sum is not stated."""
        if one.before is not None and other.before is not None:
            yield from self._steps("before", [one.before], [other.before])
        elif one.before != other.before:
            values = _total_before(one), _total_before(other)
            yield from self._change("before", "", *values, reasons=[self._reason("rule")])

    def _steps(
        self, part: Part, before: Iterable[Stated], after: Iterable[Stated]
    ) -> Iterator[Change]:
        """Compare lines or steps by their names."""

        def compare(one: Stated | None, other: Stated | None, there: Stated) -> Iterator[Change]:
            if one != other:
                yield from self._change(
                    part,
                    _name(there),
                    _value(one),
                    _value(other),
                    reasons=self._reasons(one, other),
                    label=there.label,
                )

        yield from self._matched(part, before, after, _name, compare)

    def _reasons(self, one: Stated | None, other: Stated | None) -> Iterator[Reason]:
        """Yield in what else two lines or steps differ than in their values."""
        if one is None or other is None:
            yield from self._only(one, other)
            return
        used = [*self._used(one.used, other.used, _name(other))]
        yield from used
        values = _value(one), _value(other)
        differ = False
        if not isinstance(one, ListStep) and not isinstance(other, ListStep):
            differ = (one.band, one.condition) != (other.band, other.condition)
            # without labels, the values used tell as much as the conditions of the bands
            if differ and not (used and one.band_label is None and other.band_label is None):
                text = reason_text("band", "", (one, other), self.labels)
                yield Reason(code="band", before=one.condition, after=other.condition, message=text)
        if not differ and not used and values[0] != values[1]:
            yield self._reason("rule")
        for field, code in _CODES.items():
            both = getattr(one, field, None), getattr(other, field, None)
            # what a line gives is mostly its points
            if both[0] != both[1] and not (field == "contribution" and both == values):
                yield self._reason(code, "", *both)
        texts = _texts(one, band=not differ), _texts(other, band=not differ)
        yield from self._wording(*texts)

    def _used(self, one: Any, other: Any, own: str = "") -> Iterator[Reason]:  # noqa: ANN401 - pairs of a name and a value
        """Yield the values from which both were computed that differ."""
        before, after = dict(one), dict(other)
        for name in dict.fromkeys((*before, *after)):
            if before.get(name) != after.get(name):
                code = "rating" if name == own else "value"
                yield self._reason(code, name, before.get(name), after.get(name))
        if before == after and one != other:
            yield self._reason("order")


#: the fields of lines and steps that are reasons, and their codes
_CODES = {
    "section": "section",
    "raw": "raw",
    "scale": "scale",
    "weight": "weight",
    "contribution": "contribution",
    "left_out": "left-out",
    "assumed": "assumed",
    "skipped": "skipped",
    "remark": "remark",
}


def _by_key(parts: Iterable[_T], key: Callable[[_T], object]) -> dict[tuple[object, int], _T]:
    """Return parts by their keys; one whose key was there already has a number."""
    seen: Counter[object] = Counter()
    found: dict[tuple[object, int], _T] = {}
    for part in parts:
        name = key(part)
        found[name, seen[name]] = part
        seen[name] += 1
    return found


def _id(part: Heading) -> str:
    """Return the id of a section."""
    return part.id


def _name(part: Stated) -> str:
    """Return the name of a line or a step."""
    return part.criterion if isinstance(part, Line) else part.name


def _total_before(verdict: Verdict) -> object:
    """Return the total before gates."""
    if verdict.before is not None:
        return verdict.before.value
    added = (step.value for step in verdict.adjustments if isinstance(step.value, Exact))
    return sum(added, verdict.raw_total)


def _texts(part: Stated, *, band: bool) -> list[object]:
    """Return the texts for people of a line or a step, with that of its band or without."""
    names = ("label", "cite", *(("band_label",) if band else ()))
    return [getattr(part, name, None) for name in names]


def _value(part: Stated | None) -> object:
    """Return the points of a line or the value of a step."""
    if part is None:
        return None
    if isinstance(part, ListStep):
        return part.values
    return part.points if isinstance(part, Line) else part.value
