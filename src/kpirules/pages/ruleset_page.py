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
from kpirules.translations.message import Message


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
    The page is in ``lang``; the form is shown again in each other language of its title. Texts of
    the ruleset are HTML, escaped.

    >>> from kpirules import load
    >>> text = ruleset_page(load("accountant"))
    >>> text.splitlines()[1], "## Worked examples" in text, "<script" in text
    ('title: "accountant, from 2025-01-01"', True, False)
    """
    plan = Plan(rubric)
    title = rubric.label.get(lang) if rubric.label is not None else rubric.id
    parts = [
        front(title=name_of(rubric, lang)),
        f'<h1 lang="{said(lang)}">{said(title)}</h1>',
        pairs(_description(rubric, until, lang), lang=lang),
        "" if rubric.note is None else f"<p>{said(rubric.note.get(lang))}</p>",
        *_form(rubric, plan, lang),
        *_examples(rubric, lang),
        *_rulings(rubric, lang),
        *_changes(rubric, before, lang),
    ]
    return page(parts)


def name_of(rubric: Rubric, lang: str = "en") -> str:
    """Return the name of a version: id and date, which need no escaping."""
    if rubric.effective_from is None:
        return rubric.id
    return _text("page.name", lang, id=rubric.id, date=str(rubric.effective_from))


def _text(key: str, lang: str, **params: object) -> str:
    """Return a text of pages."""
    return Message.of(key, **params).text(lang)


def list_page(entries: Iterable[tuple[Rubric, date | None, str]], *, lang: str = "en") -> str:
    """Write the page that lists rulesets: each with its last day, if any, and its address."""
    w = words("page", lang)
    heads = [w[name] for name in ("id", "title", "post", "in-force-from", "to")]
    lines = [f"| {' | '.join(heads)} |", "| --- | --- | --- | --- | --- |"]
    for rubric, until, address in entries:
        texts = [
            "" if rubric.label is None else rubric.label.get(lang),
            "" if rubric.role is None else rubric.role.get(lang),
            f"{rubric.effective_from or ''}",
            f"{until or ''}",
        ]
        cells = [f"[{inert(rubric.id)}]({address})", *map(inert, texts)]
        lines.append(f"| {' | '.join(cells)} |")
    return page([front(title=w["rulesets"]), f"# {w['rulesets']}", "\n".join(lines)])


def _description(rubric: Rubric, until: date | None, lang: str) -> Iterator[tuple[str, str]]:
    """Yield (heading, HTML) for post, dates and source of a ruleset."""
    w = words("page", lang)
    yield w["id"], f"<code>{said(rubric.id)}</code>"
    if rubric.role is not None:
        yield w["post"], said(rubric.role.get(lang))
    if rubric.effective_from is not None:
        key = "page.from" if until is None else "page.from-to"
        since, end = str(rubric.effective_from), {} if until is None else {"end": str(until)}
        yield w["in-force"], _text(key, lang, date=since, **end)
    if rubric.period is not None:
        yield w["period"], said(rubric.period)
    if rubric.currency is not None:
        yield w["currency"], said(rubric.currency)
    source = rubric.source
    if source is not None:
        texts = [t.get(lang) for t in (source.label, source.note) if t is not None]
        yield w["source"], said(". ".join([*texts, *filter(None, [source.url])]))
    yield w["fingerprint"], f"<code>{fingerprint(rubric)}</code>"


# ---------------------------------------------------------------- the form


def _form(rubric: Rubric, plan: Plan, lang: str) -> Iterator[str]:
    """Write the form, its figures, and the form again in each other language."""
    paper = blank(rubric, lang=lang, plan=plan)
    w = words("page", lang)
    yield heading(w["form"])
    yield from _tables(paper)
    drawn = {
        ("weights", "weights-about"): figures.weights(plan, lang),
        ("levels", "levels-about"): figures.levels(plan, lang),
        ("tiers", "tiers-about"): figures.tiers(plan, lang),
    }
    yield heading(w["pictures"])
    for (name, about), svg in drawn.items():
        if svg:
            yield heading(w[name], 3)
            yield picture(w[about], svg)
    tags = [] if rubric.label is None else [tag for tag, _ in rubric.label.by_language if tag]
    for tag in tags:
        if tag != lang:
            named = _LANGUAGES.get(tag, w["other-language"])
            yield heading(_text("page.form-in", lang, language=named))
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
            blank_ = [""] * (1 + len(paper.columns))
            lines.append([f"<strong>{said(part.label)}</strong>", said(part.limit), *blank_])
        for item in part.items:
            levels = "".join(
                f"<li><b>{said(level.points)}</b> {said(level.text)}</li>" for level in item.levels
            )
            name = f"{said(item.label)}<br><code>{said(item.id)}</code>"
            standard = f'<ul class="kpi-levels">{levels}</ul>'
            lines.append([name, said(item.weight or "—"), standard, *map(said, item.texts)])
    heads = [*map(said, (w["item"], w["weight"], w["standard"], *paper.columns))]
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
            said(case.verdict) + _reasons(case.reasons, lang),
        ]
        for case in cases(rubric, lang)
    ]
    w = words("page", lang)
    heads = [w[name] for name in ("example", "record", "total", "comes-to")]
    yield heading(w["examples"])
    yield w["examples-about"]
    yield table(w["examples"], heads, rows, lang=lang)


def _reasons(text: str, lang: str) -> str:
    """Write the reasons for each point, folded."""
    if not text:
        return ""
    lines = "<br>".join(map(said, text.splitlines()))
    return f"<details><summary>{_text('page.why', lang)}</summary><small>{lines}</small></details>"


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
    w = words("page", lang)
    heads = [w[name] for name in ("clause", "conflict", "decision", "accepts")]
    yield heading(w["rulings"])
    yield table(w["rulings"], heads, rows, lang=lang)


def _changes(rubric: Rubric, before: Rubric | None, lang: str) -> Iterator[str]:
    """Write the differences from the previous version."""
    w = words("page", lang)
    yield heading(w["changes"])
    if before is None:
        yield w["first-version"]
        return
    rows = [
        [f"<code>{said(c.part)}</code>", said(c.before or "—"), said(c.after or "—")]
        for c in changes(before, rubric, lang)
    ]
    yield _text("page.against", lang, date=str(before.effective_from))
    if not rows:
        yield w["same" if core(before) == core(rubric) else "same-others"]
        return
    yield table(w["changes"], (w["part"], w["before"], w["now"]), rows, lang=lang)
