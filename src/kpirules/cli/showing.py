"""Rulesets as tables in the terminal, width-aware, plain where the output is no terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.box import ASCII, ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text as Shown

from kpirules.acts import effect_of
from kpirules.catalog import spans
from kpirules.numbers import show
from kpirules.plan import Plan
from kpirules.ranges import listing
from kpirules.texts import printable


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kpirules.catalog import Catalog
    from kpirules.criteria import CriterionPlan
    from kpirules.model import Rubric, Text, Tier
    from kpirules.quantities import QuantityPlan, Row


#: kpirules' own words, by language
_WORDS = {
    "en": {
        "item": "Item",
        "weight": "Weight",
        "standard": "Standard",
        "points": "Points",
        "total": "Total",
        "tier": "Tier",
        "pay": "Pay",
        "coefficient": "Coefficient",
        "remark": "not scored: a remark",
        "judged": "judged",
        "weighed": "each",
        "other": "Beside the criteria",
        "adjustment": "Adjustment",
        "gate": "Rule",
        "outcome": "Outcome",
        "rulings": "Rulings",
        "or": " or ",
    },
    "zh": {
        "item": "考核项目",
        "weight": "分值",
        "standard": "评分标准",
        "points": "得分",
        "total": "总分",
        "tier": "等级",
        "pay": "绩效工资",
        "coefficient": "系数",
        "remark": "不计分，只作备注",  # noqa: RUF001 - Chinese punctuation
        "judged": "由考核者评分",
        "weighed": "按人",
        "other": "其他规定",
        "adjustment": "加减分",
        "gate": "限制条款",
        "outcome": "结果",
        "rulings": "裁定说明",
        "or": "、",
    },
}
#: where the output is no terminal, lines are as wide as they need up to this
_PLAIN_WIDTH = 100


def _console() -> Console:
    """Make the console: standard output, without markup, highlighting or links."""
    probe = Console()
    width = None if probe.is_terminal else _PLAIN_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def _table(console: Console, *columns: str) -> Table:
    """Make a table with its columns."""
    box = ROUNDED if console.is_terminal and not console.legacy_windows else ASCII
    table = Table(box=box, show_lines=False, header_style="bold", pad_edge=True)
    for column in columns:
        table.add_column(Shown(column), overflow="fold")
    return table


def _cell(text: str, style: str = "") -> Shown:
    """Make a cell of text as it is: nothing in it is markup."""
    return Shown(printable(text), style=style)


def _say(label: Text | None, fallback: str, lang: str) -> str:
    """Give a label in a language, or the id."""
    return fallback if label is None else label.get(lang)


def show_list(found: Catalog, days: tuple[date, date] | None = None) -> None:
    """Print the rulesets there are, or those in force at a time."""
    console = _console()
    table = _table(console, "ID", "In force from", "to", "Source")
    ordered = sorted(found.rulesets, key=lambda r: (r.id, str(r.source), r.effective_from))
    by_id = groupby(ordered, key=lambda r: (r.id, str(r.source)))
    for (name, source), versions in by_id:
        for _, since, until in spans(tuple(versions)):
            if days is not None and (since > days[1] or (until is not None and until < days[0])):
                continue
            ends = "" if until is None else str(until)
            table.add_row(_cell(name), _cell(str(since)), _cell(ends), _cell(source))
    console.print(table)


def show_rubric(rubric: Rubric, lang: str) -> None:
    """Print a rubric's form: the criteria with their levels, the tiers, the rulings."""
    own = _WORDS["zh" if lang.partition("-")[0].lower() == "zh" else "en"]
    console = _console()
    since = "" if rubric.effective_from is None else f" · {rubric.effective_from}"
    console.print(_cell(f"{_say(rubric.label, rubric.id, lang)} ({rubric.id}{since})", "bold"))
    console.print(_form(console, rubric, own, lang))
    if rubric.tiers:
        console.print(_tiers(console, rubric.tiers, rubric.currency, own, lang))
    if rubric.adjustments or rubric.gates or rubric.outcomes:
        console.print(_others(console, rubric, own, lang))
    if rubric.rulings:
        console.print(_cell(own["rulings"], "bold"))
        for ruling in rubric.rulings:
            console.print(_cell(f"{ruling.clause}  {ruling.decision.get(lang)}"))


def _form(console: Console, rubric: Rubric, own: dict[str, str], lang: str) -> Table:
    """Make the table of criteria."""
    table = _table(console, own["item"], own["weight"], own["points"], own["standard"])
    table.columns[1].justify = table.columns[2].justify = "right"
    table.columns[1].no_wrap = table.columns[2].no_wrap = True
    plan = Plan(rubric)
    section = None
    for c in plan.criteria:
        if c.section is not None and c.section is not section:
            section = c.section
            table.add_section()
            table.add_row(
                _cell(_say(section.label, section.id, lang), "bold"),
                _cell(show(plan.section_weight(section)), "bold"),
            )
        name = f"  {_say(c.criterion.label, c.criterion.id, lang)}"
        weight = show(c.weight) if c.criterion.scored else "-"
        if isinstance(c.criterion.weight, str):
            weight = own["weighed"]
        rows = _levels(c, own, lang)
        for i, (points, text) in enumerate(rows):
            first = i == 0
            table.add_row(
                _cell(name if first else ""),
                _cell(weight if first else ""),
                _cell(points),
                _cell(text),
            )
    return table


def _levels(c: CriterionPlan, own: dict[str, str], lang: str) -> list[tuple[str, str]]:
    """Give the levels of a criterion: points, and what they stand for."""
    if c.is_remark:
        return [("", own["remark"])]
    step = c.step if c.is_judged else None
    return [(_points(row, step), _standard(row, c, own, lang)) for row in c.rows]


def _points(row: Row, step: object) -> str:
    """Spell the points of a level."""
    return str(row.points) if step is not None else listing([row.points])


def _standard(row: Row, c: CriterionPlan, own: dict[str, str], lang: str) -> str:
    """Say what a level stands for."""
    if row.band is not None and row.band.label is not None:
        return row.band.label.get(lang)
    if row.formula is not None:
        return f"{row.condition}: {row.formula.text}" if row.condition else row.formula.text
    return row.condition if c.facts else own["judged"]


def _others(console: Console, rubric: Rubric, own: dict[str, str], lang: str) -> Table:
    """Make the table of what stands beside the criteria: adjustments, gates, outcomes."""
    table = _table(console, own["other"], own["points"], own["standard"])
    plan = Plan(rubric)
    named = [(f"adjust.{a.id}", own["adjustment"], a.label, a.id) for a in rubric.adjustments]
    after = [(f"outcome.{o.name}", own["outcome"], o.label, o.name) for o in rubric.outcomes]
    for name, kind, label, fallback in named:
        _quantity(table, plan.quantities[name], f"{kind}: {_say(label, fallback, lang)}", lang)
    for gate, quantity in zip(rubric.gates, plan.gates, strict=True):
        effects = [f"{key} {_effect(value)}".strip() for key, value in effect_of(gate)]
        acts = ", ".join(effects or ["refuse"])
        reason = quantity.rows[0].condition if gate.reason is None else gate.reason.get(lang)
        table.add_row(_cell(own["gate"]), _cell(acts), _cell(reason))
    for name, kind, label, fallback in after:
        _quantity(table, plan.quantities[name], f"{kind}: {_say(label, fallback, lang)}", lang)
    return table


def _effect(value: object) -> str:
    """Spell the value of what a gate does."""
    if value is True:
        return ""
    return value if isinstance(value, str) else show(value)  # type: ignore[arg-type]


def _quantity(table: Table, quantity: QuantityPlan, name: str, lang: str) -> None:
    """Add the rows of a quantity."""
    for i, row in enumerate(quantity.rows):
        value = row.text if row.text is not None else listing([row.points])
        if row.formula is not None:
            value = row.formula.text
        label = None if row.band is None else row.band.label
        why = row.condition if label is None else label.get(lang)
        table.add_row(_cell(name if i == 0 else ""), _cell(value), _cell(why))


def _tiers(
    console: Console, tiers: Sequence[Tier], currency: str | None, own: dict[str, str], lang: str
) -> Table:
    """Make the table of tiers."""
    outcomes = [n for n in ("pay", "coefficient") if getattr(tiers[0], n) is not None]
    heads = [f"{own[n]} ({currency})" if n == "pay" and currency else own[n] for n in outcomes]
    table = _table(console, own["total"], own["tier"], *heads)
    for tier in tiers:
        values = [getattr(tier, name) for name in outcomes]
        table.add_row(
            _cell(own["or"].join(map(str, tier.total))),
            _cell(_say(tier.label, tier.id, lang)),
            *(_cell("" if v is None else show(v)) for v in values),
        )
    for column in table.columns[2:]:
        column.justify = "right"
    return table
