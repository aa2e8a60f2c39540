"""Write the page of one version of a ruleset, and the page that lists all rulesets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.compiler.plan import Plan
from kpirules.pages import figures
from kpirules.pages.example_tables import cases
from kpirules.pages.hidden_rules import core
from kpirules.pages.markdown import front, heading, inert, page, pairs, picture, said, table
from kpirules.pages.version_diff import changes
from kpirules.sheets.form_builder import blank
from kpirules.toml.writer import fingerprint
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from kpirules.model.rubric import Rubric
    from kpirules.sheets.form import ScoreForm


#: languages of forms, with their own names
_LANGUAGES = {"en": "English", "zh": "中文"}


def ruleset_page(
    rubric: Rubric,
    *,
    before: Rubric | None = None,
    until: date | None = None,
    lang: str = "en",
) -> str:
    """Write the page of one version of a ruleset, as Markdown with blocks of HTML.

    ``before`` is the previous version, ``until`` the last day on which this one is effective.
    kpirules' own words are English; the form is shown in ``lang`` and in each other language of its
    title. Texts of the ruleset are HTML, escaped.

    >>> from kpirules import load
    >>> text = ruleset_page(load("accountant"))
    >>> text.splitlines()[1], "## Worked examples" in text, "<script" in text
    ('title: "accountant, from 2025-01-01"', True, False)
    """
    plan = Plan(rubric)
    title = rubric.label.get(lang) if rubric.label is not None else rubric.id
    parts = [
        front(title=name_of(rubric)),
        f'<h1 lang="{said(lang)}">{said(title)}</h1>',
        pairs(_description(rubric, until, lang), lang=lang),
        "" if rubric.note is None else f"<p>{said(rubric.note.get(lang))}</p>",
        *_form(rubric, plan, lang),
        *_examples(rubric, lang),
        *_rulings(rubric, lang),
        *_changes(rubric, before, lang),
    ]
    return page(parts)


def name_of(rubric: Rubric) -> str:
    """Return the name of a version: id and date, which need no escaping."""
    since = "" if rubric.effective_from is None else f", from {rubric.effective_from}"
    return f"{rubric.id}{since}"


def list_page(entries: Iterable[tuple[Rubric, date | None, str]], *, lang: str = "en") -> str:
    """Write the page that lists rulesets: each with its last day, if any, and its address."""
    lines = ["| Id | Title | Post | In force from | to |", "| --- | --- | --- | --- | --- |"]
    for rubric, until, address in entries:
        texts = [
            "" if rubric.label is None else rubric.label.get(lang),
            "" if rubric.role is None else rubric.role.get(lang),
            f"{rubric.effective_from or ''}",
            f"{until or ''}",
        ]
        cells = [f"[{inert(rubric.id)}]({address})", *map(inert, texts)]
        lines.append(f"| {' | '.join(cells)} |")
    return page([front(title="Rulesets"), "# Rulesets", "\n".join(lines)])


def _description(rubric: Rubric, until: date | None, lang: str) -> Iterator[tuple[str, str]]:
    """Yield (heading, HTML) for post, dates and source of a ruleset."""
    yield "Id", f"<code>{said(rubric.id)}</code>"
    if rubric.role is not None:
        yield "Post", said(rubric.role.get(lang))
    if rubric.effective_from is not None:
        end = "" if until is None else f" to {until}"
        yield "In force", f"from {rubric.effective_from}{end}"
    if rubric.period is not None:
        yield "Period", said(rubric.period)
    if rubric.currency is not None:
        yield "Currency", said(rubric.currency)
    source = rubric.source
    if source is not None:
        texts = [t.get(lang) for t in (source.label, source.note) if t is not None]
        yield "Source", said(". ".join([*texts, *filter(None, [source.url])]))
    yield "Fingerprint", f"<code>{fingerprint(rubric)}</code>"


# ---------------------------------------------------------------- the form


def _form(rubric: Rubric, plan: Plan, lang: str) -> Iterator[str]:
    """Write the form, its figures, and the form again in each other language."""
    paper = blank(rubric, lang=lang, plan=plan)
    yield heading("The form")
    yield from _tables(paper)
    drawn = {
        "Weights: what each line gives at full marks": figures.weights(plan, lang),
        "Levels: the points that each line can give": figures.levels(plan, lang),
        "Tiers: the totals of each": figures.tiers(plan, lang),
    }
    yield heading("In pictures")
    for name, svg in drawn.items():
        if svg:
            yield heading(name.partition(":")[0], 3)
            yield picture(name, svg)
    tags = [] if rubric.label is None else [tag for tag, _ in rubric.label.by_language if tag]
    for tag in tags:
        if tag != lang:
            yield heading(f"The form in {_LANGUAGES.get(tag, 'another language')}")
            yield from _tables(blank(rubric, lang=tag, plan=plan))


def _tables(paper: ScoreForm) -> Iterator[str]:
    """Write the tables of a form: inputs, items, tiers, other rules."""
    w, lang = words("sheet", paper.lang), paper.lang
    if paper.facts:
        rows = [
            [
                said(f"{fact.label} ({fact.unit})" if fact.unit else fact.label),
                f"<code>{said(fact.name)}</code>",
                said(fact.admissible),
            ]
            for fact in paper.facts
        ]
        yield table(
            w["facts"], (said(w["fact"]), "<code>id</code>", said(w["admissible"])), rows, lang=lang
        )
    lines: list[list[str]] = []
    for part in paper.parts:
        if part.label:
            lines.append([f"<strong>{said(part.label)}</strong>", said(part.weight), ""])
        for item in part.items:
            levels = "".join(
                f"<li><b>{said(level.points)}</b> {said(level.text)}</li>" for level in item.levels
            )
            name = f"{said(item.label)}<br><code>{said(item.id)}</code>"
            lines.append([name, said(item.weight or "—"), f'<ul class="kpi-levels">{levels}</ul>'])
    heads = [said(w[name]) for name in ("item", "weight", "standard")]
    yield table(w["item"], heads, lines, lang=lang)
    if paper.grades:
        heads = [said(text) for text in (w["tier"], w["total"], *paper.pays)]
        rows = [
            [said(grade.label), said(grade.totals), *map(said, grade.values)]
            for grade in paper.grades
        ]
        yield table(w["tiers"], heads, rows, lang=lang)
    if paper.rules:
        rows = [
            [
                said(f"{rule.kind}: {rule.label}"),
                "<br>".join(f"<b>{said(value)}</b> {said(when)}" for value, when in rule.rows),
            ]
            for rule in paper.rules
        ]
        yield table(w["rules"], (said(w["item"]), said(w["value"])), rows, lang=lang)


# ---------------------------------------------------------------- after the form


def _examples(rubric: Rubric, lang: str) -> Iterator[str]:
    """Write the worked examples with their results."""
    if not rubric.examples:
        return
    rows = [
        [
            said(case.name),
            f"<code>{said(case.record)}</code>",
            said(case.total),
            said(case.verdict) + _reasons(case.reasons),
        ]
        for case in cases(rubric, lang)
    ]
    yield heading("Worked examples")
    yield "Each is scored when this page is written; `kpirules check` holds it to what it says."
    yield table("Worked examples", ("Example", "Record", "Total", "Comes to"), rows, lang=lang)


def _reasons(text: str) -> str:
    """Write the reasons for each point, folded."""
    if not text:
        return ""
    lines = "<br>".join(map(said, text.splitlines()))
    return f"<details><summary>why</summary><small>{lines}</small></details>"


def _rulings(rubric: Rubric, lang: str) -> Iterator[str]:
    """Write the rulings: how gaps and contradictions of the source were decided."""
    if not rubric.rulings:
        return
    rows = [
        [
            said(ruling.clause),
            said(ruling.conflict.get(lang)),
            said(ruling.decision.get(lang)),
            "<br>".join(f"<code>{said(each)}</code>" for each in ruling.accepts),
        ]
        for ruling in rubric.rulings
    ]
    heads = ("Clause", "What the source leaves open", "What was decided", "Findings it answers")
    yield heading("Rulings")
    yield table("Rulings", heads, rows, lang=lang)


def _changes(rubric: Rubric, before: Rubric | None, lang: str) -> Iterator[str]:
    """Write the differences from the previous version."""
    yield heading("Changes")
    if before is None:
        yield "This is the first version."
        return
    rows = [
        [f"<code>{said(c.part)}</code>", said(c.before or "—"), said(c.after or "—")]
        for c in changes(before, rubric, lang)
    ]
    yield f"Against the version in force from {before.effective_from}:"
    if not rows:
        same = core(before) == core(rubric)
        others = "other parts of the file are: texts in other languages, sources, or examples"
        yield "Nothing on the form is different" + ("." if same else f"; {others}.")
        return
    yield table("Changes", ("Part of the form", "Before", "Now"), rows, lang=lang)
