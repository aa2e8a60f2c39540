"""Small pieces of Markdown and HTML. What a ruleset says goes through :func:`said`.

What comes from a ruleset stands inside blocks of HTML, since HTML has one way to be escaped and
Markdown has none that all its readers share; only in tables of links it goes through :func:`inert`.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from kpirules._internal.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def said(text: str) -> str:
    """Give a text as HTML that shows it and does nothing else, on one line.

    >>> said('<b onclick="x">&')
    '&lt;b onclick=&quot;x&quot;&gt;&amp;'
    """
    return escape(printable(text), quote=True)


def inert(text: str) -> str:
    """Give a text as Markdown that shows it and does nothing else: each sign as an entity.

    >>> inert("a|b *c*")
    'a&#124;b &#42;c&#42;'
    """
    return "".join(
        f"&#{ord(c)};" if c.isascii() and not c.isalnum() and c != " " else c
        for c in printable(text)
    )


def heading(title: str, level: int = 2) -> str:
    """Give a heading of kpirules' own words."""
    return f"{'#' * level} {title}"


def front(**entries: str) -> str:
    """Give a page's front matter: texts, in the notation that YAML shares with JSON."""
    lines = [f"{name}: {json.dumps(value)}" for name, value in entries.items()]
    return "\n".join(["---", *lines, "---"])


def table(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, lang: str = "en"
) -> str:
    """Give a table; the first cell of a row names it. Cells are HTML already, ``name`` is text.

    It may be wider than a phone: it can be scrolled for itself, also by keyboard.
    """
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = [
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    ]
    role = f'role="region" tabindex="0" aria-label="{said(name)}" lang="{said(lang)}"'
    return "\n".join(
        [
            f'<div class="kpi-wide" {role}>',
            "<table>",
            f"<thead><tr>{head}</tr></thead>",
            "<tbody>",
            *body,
            "</tbody>",
            "</table>",
            "</div>",
        ]
    )


def pairs(entries: Iterable[tuple[str, str]], *, lang: str = "en") -> str:
    """Give a list of names and what they stand for; both are HTML already."""
    inner = "\n".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in entries)
    return f'<dl class="kpi-facts" lang="{said(lang)}">\n{inner}\n</dl>'


def picture(name: str, svg: str) -> str:
    """Give a picture of kpirules' own drawing; a table beside it says the same."""
    drawn = "\n".join(line for line in svg.splitlines() if line.strip())
    return f'<figure class="kpi-picture" role="img" aria-label="{said(name)}">\n{drawn}\n</figure>'


def page(parts: Iterable[str]) -> str:
    """Put the parts of a page together, a blank line between them."""
    return "\n\n".join(filter(None, parts)) + "\n"
