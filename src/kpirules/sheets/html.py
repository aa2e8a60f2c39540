"""Sheets as HTML: one file without scripts or references, to read, print and store."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kpirules.errors import fetch
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.sheets.batch import Month
    from kpirules.sheets.form import ScoreForm


@cache
def _templates(jinja2: Any) -> Any:  # noqa: ANN401 - Jinja and its environment
    """Return the template environment, which escapes all values."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kpirules.sheets"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


def style() -> str:
    """Return the style sheet of all sheets."""
    return files("kpirules.sheets").joinpath("templates", "sheet.css").read_text(encoding="utf-8")


def page(papers: Sequence[ScoreForm], *, css: str = "") -> str:
    """Render the sheets of one rubric as one HTML page."""
    return file(papers, css=css).decode()


def file(papers: Sequence[ScoreForm], *, css: str = "") -> bytes:
    """Render the sheets of one rubric as the content of a file, sheet by sheet."""
    first = papers[0]
    parts = [first.title, first.period]
    if len(papers) == 1:
        parts.append(first.person.name)
    made = io.BytesIO()
    _templates(fetch("jinja2", "sheets")).get_template("sheets.html.jinja").stream(
        papers=papers,
        lang=first.lang,
        w=words("sheet", first.lang),
        title=" ".join(filter(None, parts)),
        css=_safe(style() + css),
    ).dump(made, "utf-8")
    return made.getvalue()


def report_page(month: Month, pictures: Mapping[str, str], *, css: str = "") -> str:
    """Render a monthly report; ``pictures`` are SVG drawn by kpirules."""
    return str(
        _templates(fetch("jinja2", "sheets"))
        .get_template("report.html.jinja")
        .render(
            m=month,
            lang=month.lang,
            w=words("sheet", month.lang),
            pictures={name: _safe(svg) for name, svg in pictures.items()},
            css=_safe(style() + css),
        )
    )


def _safe(text: str) -> Any:  # noqa: ANN401 - Jinja's Markup
    """Mark a style sheet or picture made by kpirules itself as not to be escaped."""
    return fetch("markupsafe", "sheets").Markup(text)
