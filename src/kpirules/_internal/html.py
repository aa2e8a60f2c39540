"""HTML that notebooks show for a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpirules._internal.display import printable


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], foot: Iterable[str] = ()
) -> str:
    """Return a table of texts; each line of ``foot`` takes the whole width.

    >>> table("a & b", ["Item"], [["late"]], ["Total: 4"]).count("<tr>")
    3
    """
    head = "".join(f'<th scope="col">{_shown(text)}</th>' for text in heads)
    body = ["".join(f"<td>{_shown(text)}</td>" for text in row) for row in rows]
    body += [f'<td colspan="{len(heads)}">{_shown(text)}</td>' for text in foot]
    return (
        f"<table><caption>{_shown(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(f'<tr>{row}</tr>' for row in body)}</tbody></table>"
    )


def preformatted(lines: Iterable[str]) -> str:
    r"""Return lines in a font of fixed width.

    >>> preformatted(["a < b", "  ^"])
    '<pre>a &lt; b\n  ^</pre>'
    """
    text = "\n".join(map(_shown, lines))
    return f"<pre>{text}</pre>"


def _shown(text: str) -> str:
    """Escape a text so that it is only displayed."""
    from html import escape  # noqa: PLC0415 - only in a notebook

    return escape(printable(text))
