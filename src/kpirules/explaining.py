"""A result in words: a line for each criterion, what was given, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.numbers import Number, show
from kpirules.texts import printable


if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from kpirules.model import Text
    from kpirules.result import Exact, Given, Line, Result, Step, TierReached


#: kpirules' own words, by language
_WORDS = {
    "en": {
        "in force": "in force from {date}",
        "of": "{points} of {scale}",
        "weighs": "gives {contribution}",
        "remark": "remark: {text}",
        "no points": "not scored",
        "rated": "rated {points}",
        "before": "worked out {raw}",
        "unratable": "cannot be rated",
        "missing": "not given, left out",
        "weight": "weighs nothing, left out",
        "assumed": "stands in for what is not given",
        "skipped": "not given, adds nothing",
        "raw total": "Before adjustments",
        "gate": "Rule",
        "before gates": "Before rules",
        "total_at_most": "total at most {value}",
        "total_at_least": "total at least {value}",
        "tier_at_most": "tier at most {value}",
        "tier_at_least": "tier at least {value}",
        "demote": "down by {value} tiers",
        "unratable gate": "cannot be rated",
        "total": "Total",
        "tier": "Tier",
        "pay": "Performance pay",
        "coefficient": "Coefficient",
        ": ": ": ",
        ", ": ", ",
    },
    "zh": {
        "in force": "自 {date} 起施行",
        "of": "{points} / {scale} 分",
        "weighs": "计 {contribution} 分",
        "remark": "备注：{text}",  # noqa: RUF001 - Chinese punctuation
        "no points": "不计分",
        "rated": "评 {points} 分",
        "before": "计算值 {raw}",
        "unratable": "无法评定",
        "missing": "未提供，不计入",  # noqa: RUF001 - Chinese punctuation
        "weight": "权重为零，不计入",  # noqa: RUF001 - Chinese punctuation
        "assumed": "未提供，以此代替",  # noqa: RUF001 - Chinese punctuation
        "skipped": "未提供，不加不减",  # noqa: RUF001 - Chinese punctuation
        "raw total": "加减分前",
        "gate": "限制条款",
        "before gates": "限制前",
        "total_at_most": "总分不高于 {value}",
        "total_at_least": "总分不低于 {value}",
        "tier_at_most": "等级不高于 {value}",
        "tier_at_least": "等级不低于 {value}",
        "demote": "降 {value} 级",
        "unratable gate": "无法评定",
        "total": "总分",
        "tier": "等级",
        "pay": "绩效工资",
        "coefficient": "系数",
        ": ": "：",  # noqa: RUF001 - Chinese punctuation
        ", ": "，",  # noqa: RUF001 - Chinese punctuation
    },
}


def words(lang: str) -> dict[str, str]:
    """Give kpirules' own words in a language: Chinese for ``zh`` and its kin, else English."""
    return _WORDS["zh" if lang.partition("-")[0].lower() == "zh" else "en"]


def explain(result: Result, lang: str) -> str:
    """Say a result in words (see :meth:`kpirules.result.Result.explain`)."""
    own = words(lang)
    form = result.form
    title = _name(form.label, form.rubric, lang)
    if form.effective_from is not None:
        title += f" ({own['in force'].format(date=form.effective_from)})"
    lines = [title]
    section: str | None = None
    headings = {heading.id: heading for heading in form.sections}
    labels = dict(form.labels)
    subtotals = result.subtotals
    settled = {s.name: s.raw for s in result.verdict.subtotals if s.raw is not None}
    for line in result.lines:
        if line.section != section and line.section is not None:
            section = line.section
            heading = headings[section]
            subtotal = subtotals.get(section)
            reached = own["missing"] if subtotal is None else _of(own, subtotal, heading.weight)
            if section in settled:
                reached += f" ({own['before'].format(raw=show(settled[section]))})"
            lines.append(f"{_name(heading.label, section, lang)}{own[': ']}{reached}")
        lines.append(f"  {_line(line, own, labels, lang)}")
    lines += _after(result, own, labels, lang)
    return "\n".join(map(printable, lines))


def _after(
    result: Result, own: dict[str, str], labels: dict[str, Text], lang: str
) -> Iterator[str]:
    """Say what follows from the sections: adjustments, total, gates, tier, outcomes."""
    form, verdict = result.form, result.verdict
    colon = own[": "]
    if verdict.adjustments or verdict.before is not None:
        yield f"{own['raw total']}{colon}{show(verdict.raw_total)}"
    for step in verdict.adjustments:
        why = own["skipped"] if step.skipped else _why(step, own, labels, lang)
        said = _signed(step.value, money=True) if not isinstance(step.value, str) else step.value
        yield f"  {_name(step.label, step.name, lang)}{colon}{said}{why and f' — {why}'}"
    before = verdict.before
    if before is not None and before.raw is not None:
        yield f"  {own['before'].format(raw=show(before.raw))}"
    moved = verdict.gates and result.tier != verdict.tier_before
    if moved and verdict.tier_before is not None:
        yield f"{own['before gates']}{colon}{_tier(verdict.tier_before, lang)}"
    for gate in verdict.gates:
        acts = own[", "].join(_effect(key, value, own) for key, value in gate.effect)
        reason = gate.condition if gate.reason is None else gate.reason.get(lang)
        facts = _facts(gate.used, own, labels, lang)
        yield f"{own['gate']}{colon}{reason} — {own[', '].join(filter(None, [acts, facts]))}"
    reached = own["unratable"] if result.total is None else _of(own, result.total, form.full_marks)
    yield f"{own['total']}{colon}{reached}"
    if result.tier is not None:
        yield f"{own['tier']}{colon}{_tier(result.tier, lang)}"
    for step in verdict.outcomes:
        unit = f" {form.currency}" if step.name == "pay" and form.currency else ""
        value = step.value
        shown = value if isinstance(value, str) else _signed(value, money=step.name == "pay")
        why = _why(step, own, labels, lang) if step.label is not None else ""
        name = own.get(step.name, step.name) if step.label is None else step.label.get(lang)
        yield f"{name}{colon}{shown}{unit}{why and f' — {why}'}"


def _tier(tier: TierReached, lang: str) -> str:
    """Name a tier."""
    return _name(tier.label, tier.id, lang)


def _effect(key: str, value: object, own: dict[str, str]) -> str:
    """Say what a gate does."""
    if key == "unratable":
        return own["unratable gate"]
    shown = value if isinstance(value, str) else show(value)  # type: ignore[arg-type]
    return own[key].format(value=shown)


def _why(step: Step, own: dict[str, str], labels: dict[str, Text], lang: str) -> str:
    """Say why a quantity came to its value: the band, the facts, what was clamped or rounded."""
    label = None if step.band_label is None else step.band_label.get(lang)
    reasons = [label or step.condition]
    reasons += [_facts((pair,), own, labels, lang) for pair in step.used]
    if step.raw is not None:
        reasons.append(own["before"].format(raw=show(step.raw)))
    # a condition often says what the facts say again
    return own[", "].join(dict.fromkeys(filter(None, reasons)))


def _facts(
    used: tuple[tuple[str, Given], ...], own: dict[str, str], labels: dict[str, Text], lang: str
) -> str:
    """Say what something was worked out from."""
    return own[", "].join(f"{_name(labels.get(n), n, lang)} = {_given(v)}" for n, v in used)


def _line(line: Line, own: dict[str, str], labels: dict[str, Text], lang: str) -> str:
    """Say one criterion: points, and why."""
    head = f"{_name(line.label, line.criterion, lang)}{own[': ']}"
    if line.left_out:
        return head + own[line.left_out]
    if line.points is None:
        remark = f" ({own['remark'].format(text=line.remark)})" if line.remark else ""
        return head + own["no points"] + remark
    head += show(line.points) if line.scale is None else _of(own, line.points, line.scale)
    if line.raw is not None:
        head += f" ({own['before'].format(raw=show(line.raw))})"
    if line.weight is None:
        head += f"{own[', ']}{own['no points']}"
    elif line.contribution != line.points:
        head += f"{own[', ']}{own['weighs'].format(contribution=show(line.contribution))}"
    why = _reasons(line, own, labels, lang)
    return f"{head} — {why}" if why else head


def _reasons(line: Line, own: dict[str, str], labels: dict[str, Text], lang: str) -> str:
    """Say why a criterion has its points."""
    if line.points is None:
        return ""
    label = None if line.band_label is None else line.band_label.get(lang)
    facts = tuple(pair for pair in line.used if pair[0] != line.criterion)
    reasons = [label or line.condition, _facts(facts, own, labels, lang)]
    if len(facts) < len(line.used):
        reasons.append(own["rated"].format(points=show(line.points)))
    if line.assumed:
        reasons.append(own["assumed"])
    return own[", "].join(filter(None, reasons))


def reason_of(line: Line, labels: dict[str, Text], lang: str) -> str:
    """Say in words why a line has its points, with the clause that it comes from."""
    own = words(lang)
    cite = "" if line.cite is None else line.cite.get(lang)
    reasons = [_reasons(line, own, labels, lang), cite]
    if line.left_out:
        reasons = [own[line.left_out], cite]
    elif line.raw is not None:
        reasons.insert(1, own["before"].format(raw=show(line.raw)))
    return printable(own[", "].join(filter(None, reasons)))


def _name(label: Text | None, fallback: str, lang: str) -> str:
    """Give a label in a language, or the id."""
    return fallback if label is None else label.get(lang)


def _of(own: dict[str, str], points: Exact, scale: Exact) -> str:
    """Say points of full marks."""
    return own["of"].format(points=show(points), scale=show(scale))


def _signed(value: Exact, *, money: bool) -> str:
    """Show money with its sign, since some is deducted."""
    return f"+{show(value)}" if money and value > 0 else show(value)


def _given(value: Given | Number | Fraction) -> str:
    """Show a value of the record."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "; ".join(map(show, value))
    return value if isinstance(value, str) else show(value)
