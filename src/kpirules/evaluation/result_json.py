"""A result as JSON (:mod:`kpirules.evaluation.result_parser` reads it back).

What has an order is a list: labels by language, used values, options, effects. So a database that
reorders the keys of objects, as PostgreSQL's ``jsonb`` does, changes nothing.

- A computed number is a text: a decimal, or a fraction such as ``1000/9``.
- In the record a whole number is a JSON number, any other ``{"number": "7.5"}``, which tells it
  from a text.
- A computed text is ``{"text": "..."}``.
- A condition is null, or one of ``{"asked": [["late", [{"range": ">= 3"}]]]}``, whose entries are
  ranges, texts (options, "missing") and flags; ``{"otherwise": true}``; ``{"rating": "3..7"}``;
  ``{"text": "..."}``, where it was read from version 1.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from kpirules._internal.caching import BoundedCache, IdentityCache
from kpirules._internal.typeguards import is_tuple
from kpirules.arithmetic.number import exact, show
from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.result_parts import Step
from kpirules.model.inputs import History
from kpirules.model.quota import Quota


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kpirules._internal.caching import Deferred
    from kpirules.arithmetic.number import Exact
    from kpirules.evaluation.result_content import ResultContent
    from kpirules.evaluation.result_parts import (
        Demoted,
        Form,
        GateHeld,
        Given,
        Heading,
        Line,
        ListStep,
        Membership,
        TierReached,
        Verdict,
    )
    from kpirules.model.inputs import Cohort, Gathering
    from kpirules.model.rubric import Entry, Text, When


#: the version of this form of JSON
VERSION = 2


_T = TypeVar("_T")
#: the texts of what results of one rubric share
_FORMS: IdentityCache[Form, str] = IdentityCache()
#: texts in quotes: names, and the options of choices
_QUOTED: BoundedCache[str, str] = BoundedCache()


def dump(result: ResultContent) -> str:
    """Return a result as JSON text (see :meth:`kpirules.evaluation.result.Result.to_json`).

    The text of :func:`tree_of`: that of each part is made once and kept with the part.
    """
    writer = Writer()
    form = _FORMS.get(result.form)
    if form is None:
        form = _FORMS[result.form] = _dumped(writer.form(result.form))
    inputs = [f"{_quoted(name)}: {_input(value)}" for name, value in result.inputs.items()]
    derived = [_dumped(writer.derived(step)) for step in result.derived.values()]
    lines = [part.text or _text(part, writer.line) for part in result.line_parts]
    sums = [f'{_quoted(name)}: "{value}"' for name, value in result.subtotals.items()]
    last = result.verdict_part
    gathered = writer.gathered(result)
    more = f'"gathered": {_dumped(gathered)}, ' if gathered else ""
    return (
        f'{{"kpirules": {VERSION}, "rubric": {form}, "inputs": {{{", ".join(inputs)}}}, '
        f'{more}"derived": [{", ".join(derived)}], "lines": [{", ".join(lines)}], '
        f'"subtotals": {{{", ".join(sums)}}}, {(last.text or _text(last, writer.verdict))[1:]}'
    )


def _text(part: Deferred[_T], write: Callable[[_T], object]) -> str:
    """Return the text of a part, and keep it."""
    part.text = text = _dumped(write(part.get()))
    return text


def _dumped(tree: object) -> str:
    """Return a tree as JSON text."""
    return json.dumps(tree, ensure_ascii=False)


def _quoted(text: str) -> str:
    """Return a text in quotes."""
    quoted = _QUOTED.get(text)
    if quoted is None:
        quoted = _dumped(text)
        _QUOTED.keep(text, quoted)
    return quoted


def _input(value: Given) -> str:
    """Return a value of the record as JSON text."""
    return str(value) if value.__class__ is int else _dumped(_given(value))


def tree_of(result: ResultContent, version: int = VERSION) -> dict[str, Any]:
    """Return the tree of a result's JSON, in the current version or in version 1."""
    return (Writer() if version == VERSION else _WriterOfVersion1()).result(result)


class Writer:
    """Writes results in the current version."""

    version = VERSION

    def pairs(self, items: Iterable[tuple[str, object]]) -> object:
        """Return names with their values, in their order."""
        return [list(pair) for pair in items]

    def condition(self, condition: Condition) -> object:
        """Return when something holds."""
        if condition.otherwise:
            return {"otherwise": True}
        if condition.rating is not None:
            return {"rating": str(condition.rating)}
        if condition.text:
            return {"text": condition.text}
        asked = [[name, list(map(_entry, entries))] for name, entries in condition.asked]
        return {"asked": asked} if asked else None

    def result(self, result: ResultContent) -> dict[str, Any]:
        """Return the tree of a result."""
        gathered = self.gathered(result)
        return {
            "kpirules": self.version,
            "rubric": self.form(result.form),
            "inputs": {name: _given(value) for name, value in result.inputs.items()},
            **({"gathered": gathered} if gathered else {}),
            "derived": [self.derived(step) for step in result.derived.values()],
            "lines": [self.line(line) for line in result.lines],
            "subtotals": {name: show(value) for name, value in result.subtotals.items()},
            **self.verdict(result.verdict),
        }

    def gathered(self, result: ResultContent) -> list[dict[str, Any]]:
        """Return the inputs that are gathered."""
        return [
            {
                "name": each.name,
                "values": [_given(value) for value in each.values],
                **self.origin(each.origin),
                **self.membership(each.membership),
            }
            for each in result.gathered.values()
        ]

    def origin(self, origin: Gathering) -> dict[str, Any]:
        """Return where an input comes from, under the name of its kind."""
        if isinstance(origin, History):
            return {"history": self.history(origin)}
        return self.quota(origin) if isinstance(origin, Quota) else self.cohort(origin)

    def cohort(self, origin: Cohort) -> dict[str, Any]:
        """Return what is gathered of all records."""
        return {
            "cohort": {
                "formula": origin.formula,
                "rank": list(origin.ranks),
                "ties": origin.ties,
                "share": origin.share,
                "by": origin.by,
                "round": None
                if origin.round is None
                else {"to": show(exact(origin.round.to)), "mode": origin.round.mode},
                "otherwise": origin.otherwise,
                "within": list(origin.groups),
                "where": self.where(origin.where),
                "missing": origin.missing,
            }
        }

    def quota(self, quota: Quota) -> dict[str, Any]:
        """Return a demoting quota."""
        return {
            "quota": {
                "id": quota.id,
                "label": self.text(quota.label),
                "tier": list(quota.tiers),
                "at_most": quota.at_most,
                "by": list(quota.ranks),
                "ties": quota.ties,
                "within": list(quota.groups),
                "where": self.where(quota.where),
            }
        }

    def where(self, where: When | None) -> object:
        """Return who takes part."""
        asked = () if where is None else where.conditions
        return self.condition(Condition(asked=tuple((c.name, c.entries) for c in asked)))

    def membership(self, membership: Membership | None) -> dict[str, Any]:
        """Return the group of a record; nothing if it is not known."""
        if membership is None:
            return {}
        group = {
            "within": self.pairs(membership.group),
            "heads": membership.heads,
            "same": membership.same,
            "default": membership.default,
        }
        own = membership.quota
        if own is not None:
            last = [show(number) for number in own.last]
            group |= {"allowed": _number(own.allowed), "place": own.place, "last": last}
        share = membership.share
        if share is not None:
            group |= {
                "amount": show(share.amount),
                "claim": show(share.claim),
                "claims": show(share.claims),
            }
        return {"group": group}

    def history(self, history: History) -> dict[str, Any]:
        """Return where an input comes from."""
        missing = history.missing
        return {
            "rubric": history.rubric,
            "take": history.take,
            "each": history.each,
            "window": history.window,
            "missing": missing if isinstance(missing, str) else _given(exact(missing)),
        }

    def form(self, form: Form) -> dict[str, Any]:
        """Return what all results of a rubric share."""
        return {
            "id": form.rubric,
            "label": self.text(form.label),
            "effective_from": None if form.effective_from is None else str(form.effective_from),
            "fingerprint": form.fingerprint,
            "currency": form.currency,
            "full_marks": show(form.full_marks),
            "sections": [self.heading(heading) for heading in form.sections],
            "labels": self.texts(form.labels),
            "components": list(form.components),
            "options": self.pairs((name, self.texts(codes)) for name, codes in form.options),
            "package": None
            if form.package is None
            else {"name": form.package.name, "version": form.package.version},
        }

    def heading(self, heading: Heading) -> dict[str, Any]:
        """Return a section."""
        weight = show(heading.weight)
        return {"id": heading.id, "label": self.text(heading.label), "weight": weight}

    def verdict(self, verdict: Verdict) -> dict[str, Any]:
        """Return what follows from the contributions."""
        return {
            "settled": [self.step(step) for step in verdict.subtotals],
            "raw_total": show(verdict.raw_total),
            "adjustments": [self.step(step) for step in verdict.adjustments],
            "before": None if verdict.before is None else self.step(verdict.before),
            "tier_before": self.tier(verdict.tier_before),
            "gates": [self.gate(gate) for gate in verdict.gates],
            **({"demoted": [*map(self.demoted, verdict.demoted)]} if verdict.demoted else {}),
            "total": _number(verdict.total),
            "unratable": verdict.unratable,
            "tier": self.tier(verdict.tier),
            "outcomes": [self.outcome(step) for step in verdict.outcomes],
        }

    def text(self, text: Text | None) -> object:
        """Return a label by language."""
        return None if text is None else self.pairs(text.by_language)

    def texts(self, labels: Iterable[tuple[str, Text]]) -> object:
        """Return labels by name."""
        return self.pairs((name, self.text(label)) for name, label in labels)

    def used(self, used: tuple[tuple[str, Given], ...]) -> object:
        """Return what something was computed from."""
        return self.pairs((name, _given(value)) for name, value in used)

    def tier(self, tier: TierReached | None) -> dict[str, Any] | None:
        """Return a tier."""
        return None if tier is None else {"id": tier.id, "label": self.text(tier.label)}

    def derived(self, step: Step | ListStep) -> dict[str, Any]:
        """Return a derived fact."""
        return self.step(step) if isinstance(step, Step) else self.items(step)

    def items(self, step: ListStep) -> dict[str, Any]:
        """Return a derived fact that is a list."""
        return {
            "name": step.name,
            "label": self.text(step.label),
            "values": [_value(value) for value in step.values],
            "raw": None if step.raw is None else [show(raw) for raw in step.raw],
            "used": self.used(step.used),
        }

    def step(self, step: Step) -> dict[str, Any]:
        """Return a step."""
        return {
            "name": step.name,
            "label": self.text(step.label),
            "value": _value(step.value),
            "raw": _number(step.raw),
            "band": step.band,
            "band_label": self.text(step.band_label),
            "condition": self.condition(step.condition),
            "used": self.used(step.used),
            "skipped": step.skipped,
        }

    def outcome(self, step: Step) -> dict[str, Any]:
        """Return an outcome."""
        return self.step(step)

    def gate(self, gate: GateHeld) -> dict[str, Any]:
        """Return a gate that held."""
        effect = (
            (key, value if isinstance(value, (bool, int)) else _value(value))
            for key, value in gate.effect
        )
        return {
            "gate": gate.gate,
            "condition": self.condition(gate.condition),
            "effect": self.pairs(effect),
            "reason": self.text(gate.reason),
            "used": self.used(gate.used),
        }

    def demoted(self, demoted: Demoted) -> dict[str, Any]:
        """Return a quota that demoted the record."""
        return {
            "quota": demoted.quota,
            "label": self.text(demoted.label),
            "tier": self.tier(demoted.tier),
            "below": self.tier(demoted.below),
        }

    def line(self, line: Line) -> dict[str, Any]:
        """Return a line."""
        return {
            "criterion": line.criterion,
            "label": self.text(line.label),
            "section": line.section,
            "cite": self.text(line.cite),
            "band": line.band,
            "band_label": self.text(line.band_label),
            "condition": self.condition(line.condition),
            "points": _number(line.points),
            "raw": _number(line.raw),
            "scale": _number(line.scale),
            "weight": _number(line.weight),
            "contribution": show(line.contribution),
            "inputs": self.used(line.used),
            "remark": line.remark,
            "left_out": line.left_out,
            "assumed": line.assumed,
        }


class _WriterOfVersion1(Writer):
    """Writes results as version 1 did, to compare one that was stored then."""

    version = 1

    def pairs(self, items: Iterable[tuple[str, object]]) -> object:
        """Return an object, whose keys had the order."""
        return dict(items)

    def condition(self, condition: Condition) -> object:
        """Return the words of the ruleset file."""
        return str(condition)


def _entry(entry: Entry) -> object:
    """Return an entry of a condition."""
    return entry if isinstance(entry, (str, bool)) else {"range": str(entry)}


def _value(value: Exact | str) -> object:
    """Return a computed value."""
    return {"text": value} if isinstance(value, str) else show(value)


def _number(value: Exact | None) -> str | None:
    """Return a computed number."""
    return None if value is None else show(value)


def _given(value: Given) -> object:
    """Return a value of the record."""
    if is_tuple(value):
        return [_given(item) for item in value]
    return {"number": show(value)} if isinstance(value, Fraction) else value
