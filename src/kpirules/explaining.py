"""A result in words: a line for each criterion, what was given, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.numbers import Number, show
from kpirules.texts import printable


if TYPE_CHECKING:
    from fractions import Fraction

    from kpirules.model import Text
    from kpirules.result import Exact, Given, Line, Result


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
    for line in result.lines:
        if line.section != section and line.section is not None:
            section = line.section
            heading = headings[section]
            reached = _of(own, subtotals[section], heading.weight)
            lines.append(f"{_name(heading.label, section, lang)}{own[': ']}{reached}")
        lines.append(f"  {_line(line, own, labels, lang)}")
    total = _of(own, result.total, form.full_marks)
    lines.append(f"{own['total']}{own[': ']}{total}")
    if result.tier is not None:
        lines.append(f"{own['tier']}{own[': ']}{_name(result.tier.label, result.tier.id, lang)}")
    for name, value in result.outcomes.items():
        unit = f" {form.currency}" if name == "pay" and form.currency else ""
        shown = value if isinstance(value, str) else _signed(value, money=name == "pay")
        lines.append(f"{own.get(name, name)}{own[': ']}{shown}{unit}")
    return "\n".join(map(printable, lines))


def _line(line: Line, own: dict[str, str], labels: dict[str, Text], lang: str) -> str:
    """Say one criterion: points, and why."""
    head = f"{_name(line.label, line.criterion, lang)}{own[': ']}"
    if line.points is None:
        said = own["no points"]
        return head + said + (f" ({own['remark'].format(text=line.remark)})" if line.remark else "")
    head += show(line.points) if line.scale is None else _of(own, line.points, line.scale)
    if line.raw is not None:
        head += f" ({own['before'].format(raw=show(line.raw))})"
    if line.weight is None:
        head += f"{own[', ']}{own['no points']}"
    elif line.contribution != line.points:
        head += f"{own[', ']}{own['weighs'].format(contribution=show(line.contribution))}"
    reasons: list[str] = []
    if line.band_label is not None:
        reasons.append(line.band_label.get(lang))
    elif line.condition:
        reasons.append(line.condition)
    facts = [
        f"{_name(labels.get(n), n, lang)} = {_given(v)}"
        for n, v in line.used
        if n != line.criterion
    ]
    if any(name == line.criterion for name, _ in line.used):
        facts.append(own["rated"].format(points=show(line.points)))
    return f"{head} — {own[', '].join([*reasons, *facts])}"


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
