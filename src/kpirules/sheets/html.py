"""Sheets as HTML: one file that holds all it needs, without script, to read, print and keep."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kpirules.errors import fetch
from kpirules.translations.sheet_words import own_words


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.sheets.batch import Month
    from kpirules.sheets.form import Paper


@cache
def _templates(jinja2: Any) -> Any:  # noqa: ANN401 - Jinja and its environment
    """Make the environment of the templates: whatever they are given is text."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kpirules.sheets"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


def style() -> str:
    """Give the style of all sheets."""
    return files("kpirules.sheets").joinpath("templates", "sheet.css").read_text(encoding="utf-8")


def page(papers: Sequence[Paper], *, css: str = "") -> str:
    """Lay out some sheets of one rubric as one page of HTML."""
    first = papers[0]
    parts = [first.title, first.period]
    if len(papers) == 1:
        parts.append(first.person.name)
    return str(
        _templates(fetch("jinja2", "sheets"))
        .get_template("sheets.html.jinja")
        .render(
            papers=papers,
            lang=first.lang,
            w=own_words(first.lang),
            title=" ".join(filter(None, parts)),
            css=_safe(style() + css),
        )
    )


def report_page(month: Month, pictures: Mapping[str, str]) -> str:
    """Lay out the report of a month; ``pictures`` are SVG of kpirules' own making."""
    return str(
        _templates(fetch("jinja2", "sheets"))
        .get_template("report.html.jinja")
        .render(
            m=month,
            lang=month.lang,
            w=own_words(month.lang),
            pictures={name: _safe(svg) for name, svg in pictures.items()},
            css=_safe(style()),
        )
    )


def _safe(text: str) -> Any:  # noqa: ANN401 - Jinja's Markup
    """Let a text stand as it is: the style, or a picture, that kpirules itself made."""
    return fetch("markupsafe", "sheets").Markup(text)
