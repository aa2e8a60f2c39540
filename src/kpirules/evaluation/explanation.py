"""A result in words: a line for each criterion, what was given, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules._internal.display import printable
from kpirules._internal.html import table
from kpirules.arithmetic.number import Exact
from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.labels import named, number, speaker
from kpirules.evaluation.result_values import expected_from
from kpirules.formula import names_in
from kpirules.model.demotions import DEMOTED
from kpirules.model.labels import source_of
from kpirules.model.names import Tier
from kpirules.translations.catalog import ENGLISH, words
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.evaluation.labels import Speaker
    from kpirules.evaluation.result_content import ResultContent
    from kpirules.evaluation.result_parts import GateHeld, Gathered, Given, Line, ShareOf
    from kpirules.model.inputs import Cohort
    from kpirules.model.quota import Quota


def html(result: ResultContent, lang: str = ENGLISH) -> str:
    """Return a table of a result: its criteria with their reasons, and what follows from them."""
    by, word = speaker(result, lang), words("sheet", lang)
    rows = [
        (
            named(line.label, line.criterion, lang),
            "" if line.points is None else number(line.points),
            "" if line.weight is None else number(line.weight),
            by.reason(line),
        )
        for line in result.lines
    ]
    heads = [word[key] for key in ("item", "score", "weight", "reason")]
    return table(_title(result, by), heads, rows, _after(result, by))


def _title(result: ResultContent, by: Speaker) -> str:
    """Return the title of the form, with the date from which it is effective."""
    form = result.form
    title = named(form.label, form.rubric, by.lang)
    if form.effective_from is None:
        return title
    return f"{title} ({by.own['in-force'].format(date=form.effective_from)})"


def explain(result: ResultContent, lang: str) -> str:
    """Format a result in words (see :meth:`kpirules.evaluation.result.Result.explain`)."""
    by = speaker(result, lang)
    own = by.own
    form = result.form
    lines = [_title(result, by)]
    section: str | None = None
    headings = {heading.id: heading for heading in form.sections}
    subtotals = result.subtotals
    settled = {s.name: s.raw for s in result.verdict.subtotals if s.raw is not None}
    for line in result.lines:
        if line.section != section and line.section is not None:
            section = line.section
            heading = headings[section]
            subtotal = subtotals.get(section)
            reached = own["missing"] if subtotal is None else by.of(subtotal, heading.weight)
            if section in settled:
                reached += f" ({own['before'].format(raw=number(settled[section]))})"
            lines.append(f"{named(heading.label, section, lang)}{own['colon']}{reached}")
        lines.append(f"  {_line(line, by)}")
    lines += _after(result, by)
    lines += _gathered(result, by)
    return "\n".join(map(printable, lines))


def _gathered(result: ResultContent, by: Speaker) -> Iterator[str]:
    """Format the gathered inputs: their values, and what these are."""
    for each in result.gathered.values():
        values = by.own["nothing"] if each.values == () else by.value(each.name, each.values)
        yield f"{by.name(each.name)}{by.own['colon']}{values} — {origin_text(result, each, by)}"


def origin_text(result: ResultContent, each: Gathered, by: Speaker) -> str:
    """Return where the values of a gathered input come from, and what the group says of them.

    Nothing of another record is in it.
    """
    source = source_of(each.origin, by.labels)
    own = each.membership
    if each.quota is not None:
        return _quota_text(result, each, by)
    if own is None or each.cohort is None:
        return source.text(by.lang)
    if own.default:
        return Message.of("together.default", source=source).text(by.lang)
    group = tuple(_common(name, value, by) for name, value in own.group)
    params = {"group": group} if group else {}
    if own.share is not None:
        return _share_text(source, each, own.share, group, by)
    if not each.cohort.ranks:
        key = "together.counted-within" if group else "together.counted"
        return Message.of(key, source=source, count=own.heads, **params).text(by.lang)
    key = "together.placed-within" if group else "together.placed"
    made = Message.of(key, place=each.values[0], heads=own.heads, **params)
    values = tuple(_standing(result, each.cohort, by))
    if values:
        made = Message.of("together.by-values", text=made, values=values)
    if own.same:
        made = Message.of("together.same", text=made, count=own.same)
    return made.text(by.lang)


def _share_text(
    source: Message, each: Gathered, of: ShareOf, group: tuple[str, ...], by: Speaker
) -> str:
    """Return of what a record has a share: the amount, its own claim, and the sum of all."""
    key = "together.shared" if of.claims else "together.shared-by-nothing"
    made = Message.of(
        key, source=source, share=each.values[0], amount=of.amount, claim=of.claim, claims=of.claims
    )
    if group:
        made = Message.of("together.shared-within", text=made, group=group)
    return made.text(by.lang)


def _quota_text(result: ResultContent, each: Gathered, by: Speaker) -> str:
    """Return what a demoting quota did to a record, and by which numbers.

    Of another record it says by what the last that stayed was ranked, and nothing else.
    """
    moved = next((d for d in result.verdict.demoted if f"{DEMOTED}.{d.quota}" == each.name), None)
    did = Message.of("together.stays").text(by.lang) if moved is None else by.demoted(moved)
    own, quota = each.membership, each.quota
    place = None if own is None else own.quota
    if own is None or quota is None or place is None:
        return did
    tiers = tuple(by.option(Tier.head, tier) for tier in quota.tiers)
    if place.place is None or place.allowed is None:
        return Message.of("together.not-in", text=did, tiers=tiers).text(by.lang)
    group = tuple(_common(name, value, by) for name, value in own.group)
    made = Message.of(
        "together.quota-place",
        text=did,
        group=group or Message.of("together.all"),
        count=own.heads,
        allowed=place.allowed,
        tiers=tiers,
        place=place.place,
    )
    values = tuple(_standing(result, quota, by))
    if values:
        made = Message.of("together.by-values", text=made, values=values)
    if own.same:
        made = Message.of("together.same", text=made, count=own.same)
    if moved is not None:
        key = "together.last" if place.last else "together.nobody"
        made = Message.of(key, text=made, **({"last": place.last} if place.last else {}))
    return made.text(by.lang)


def _standing(result: ResultContent, part: Cohort | Quota, by: Speaker) -> Iterator[Message]:
    """Yield the names by which a record is ranked, with its own values."""
    known = expected_from(result)
    for name in dict.fromkeys(n for text in part.ranks for n in names_in(text)):
        value: Any = known.get(name)
        if value is not None:
            yield Message.of("together.value", name=by.name(name), value=by.value(name, value))


def _common(name: str, value: Given, by: Speaker) -> str:
    """Return a value that the records of a group have in common."""
    shown = by.value(name, value)
    return f"{by.name(name)}{by.own['colon']}{shown}" if isinstance(value, bool) else shown


def _line(line: Line, by: Speaker) -> str:
    """Format one criterion: points, contribution, reason."""
    own = by.own
    head = f"{named(line.label, line.criterion, by.lang)}{own['colon']}"
    if line.left_out:
        return head + own[line.left_out]
    if line.points is None:
        remark = f" ({own['remark'].format(text=line.remark)})" if line.remark else ""
        return head + own["no-points"] + remark
    head += number(line.points) if line.scale is None else by.of(line.points, line.scale)
    if line.raw is not None:
        head += f" ({own['before'].format(raw=number(line.raw))})"
    gives = own["no-points"] if line.weight is None else by.weighed(line)
    head = own["comma"].join(filter(None, [head, gives]))
    why = by.reasons(line)
    return f"{head} — {why}" if why else head


def _after(result: ResultContent, by: Speaker) -> Iterator[str]:
    """Format what follows from the sections: adjustments, total, gates, tier, outcomes."""
    form, verdict, own = result.form, result.verdict, by.own
    colon = own["colon"]
    yield from _sums(result, by)
    for gate in verdict.gates:
        yield _gate(gate, by)
    for demoted in verdict.demoted:
        name = named(demoted.label, demoted.quota, by.lang)
        yield f"{own['quota']}{colon}{name} — {by.demoted(demoted)}"
    if result.unratable:
        cause = by.cause(result)
        yield f"{own['total']}{colon}{own['unratable']}{cause and f' — {cause}'}"
    elif result.total is not None:
        before = verdict.before
        as_worked_out = before is not None and before.value == result.total
        raw = before.raw if before is not None and as_worked_out else None
        reached = by.of(result.total, form.full_marks)
        worked = "" if raw is None else f" ({own['before'].format(raw=number(raw))})"
        yield f"{own['total']}{colon}{reached}{worked}"
    if result.tier is not None:
        yield f"{own['tier']}{colon}{by.tier(result.tier)}"
    for step in verdict.outcomes:
        unit = f" {form.currency}" if step.name == "pay" and form.currency else ""
        shown = _value(step.value, money=step.name == "pay")
        why = by.why(step) if step.label is not None else ""
        name = own.get(step.name, step.name) if step.label is None else step.label.get(by.lang)
        yield f"{name}{colon}{shown}{unit}{why and f' — {why}'}"


def _sums(result: ResultContent, by: Speaker) -> Iterator[str]:
    """Format the raw total if it differs from the total, or if rules begin with it."""
    verdict, own = result.verdict, by.own
    colon, before = own["colon"], verdict.before
    bare = None if before is None else before.value if before.raw is None else before.raw
    if verdict.adjustments:
        yield f"{own['raw-total']}{colon}{number(verdict.raw_total)}"
    elif bare is not None and bare != verdict.raw_total:
        yield f"{own['sum']}{colon}{number(verdict.raw_total)}"
    for step in verdict.adjustments:
        why = by.why(step)
        added = _value(step.value, money=True)
        yield f"  {named(step.label, step.name, by.lang)}{colon}{added}{why and f' — {why}'}"
    if not verdict.gates:
        return
    total = _before_gates(result)
    stood = [] if result.total is None or total == result.total else [_value(total)]
    if verdict.tier_before is not None and result.tier != verdict.tier_before:
        stood.append(by.tier(verdict.tier_before))
    if stood:
        yield f"{own['before-gates']}{colon}{own['comma'].join(stood)}"


def _before_gates(result: ResultContent) -> Exact | str:
    """Format the total before gates."""
    verdict = result.verdict
    if verdict.before is not None:
        return verdict.before.value
    added = (step.value for step in verdict.adjustments if isinstance(step.value, Exact))
    return sum(added, verdict.raw_total)


def _gate(gate: GateHeld, by: Speaker) -> str:
    """Format a gate that held: its condition, its effect, the values used."""
    own = by.own
    reason = named(gate.reason, by.condition(gate.condition), by.lang)
    acts = [by.effect(key, value) for key, value in gate.effect]
    facts = by.because(None, Condition(), gate.used)
    return f"{own['gate']}{own['colon']}{reason} — {own['comma'].join([*acts, *facts])}"


def _value(value: Exact | str, *, money: bool = False) -> str:
    """Format a value; money with its sign, since some is deducted."""
    if isinstance(value, str):
        return value
    return f"+{number(value)}" if money and value > 0 else number(value)
