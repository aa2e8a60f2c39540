"""Write small pieces of Markdown and HTML; :func:`said` escapes the texts of a ruleset.

Texts of a ruleset are placed in blocks of HTML, because HTML has one way to escape and Markdown has
none that all its parsers share. In tables of links :func:`inert` escapes them.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from kpirules._internal.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def said(text: str) -> str:
    """Escape a text for HTML, on one line, so that it is only displayed.

    >>> said('<b onclick="x">&')
    '&lt;b onclick=&quot;x&quot;&gt;&amp;'
    """
    return escape(printable(text), quote=True)


def inert(text: str) -> str:
    """Escape a text for Markdown so that it is only displayed: each special character as an entity.

    >>> inert("a|b *c*")
    'a&#124;b &#42;c&#42;'
    """
    return "".join(
        f"&#{ord(c)};" if c.isascii() and not c.isalnum() and c != " " else c
        for c in printable(text)
    )


def heading(title: str, level: int = 2) -> str:
    """Return a heading; ``title`` is kpirules' own text and not escaped."""
    return f"{'#' * level} {title}"


def front(**entries: str) -> str:
    """Return a page's front matter: texts in JSON notation, which is valid YAML."""
    lines = [f"{name}: {json.dumps(value)}" for name, value in entries.items()]
    return "\n".join(["---", *lines, "---"])


def table(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, lang: str = "en"
) -> str:
    """Return a table; the first cell of a row is its heading. Cells are HTML, ``name`` is text.

    A table that is wider than the screen scrolls by itself, also by keyboard.
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
    """Return a list of names and values; both are HTML."""
    inner = "\n".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in entries)
    return f'<dl class="kpi-facts" lang="{said(lang)}">\n{inner}\n</dl>'


def picture(name: str, svg: str) -> str:
    """Return a figure drawn by kpirules; a table beside it holds the same data."""
    drawn = "\n".join(line for line in svg.splitlines() if line.strip())
    return f'<figure class="kpi-picture" role="img" aria-label="{said(name)}">\n{drawn}\n</figure>'


def page(parts: Iterable[str]) -> str:
    """Join the parts of a page, with a blank line between them."""
    return "\n\n".join(filter(None, parts)) + "\n"
