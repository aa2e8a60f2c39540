"""A result in words: a line for each criterion, what was given, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules._internal.display import printable
from kpirules._internal.html import table
from kpirules.arithmetic.number import Exact
from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.labels import named, number, speaker
from kpirules.model.labels import source_of
from kpirules.translations.catalog import ENGLISH, words


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.evaluation.labels import Speaker
    from kpirules.evaluation.result_content import ResultContent
    from kpirules.evaluation.result_parts import GateHeld, Line


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
    """Format the inputs that come from earlier results: their values, and what these are."""
    for each in result.gathered.values():
        values = by.value(each.name, each.values) if each.values else by.own["nothing"]
        source = source_of(each.history, by.labels).text(by.lang)
        yield f"{by.name(each.name)}{by.own['colon']}{values} — {source}"


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
