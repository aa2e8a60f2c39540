"""Sheets as PDF: the HTML page, printed by WeasyPrint; each employee starts on a new page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules.errors import KpirulesError, fetch
from kpirules.sheets import html
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kpirules.sheets.batch import Month
    from kpirules.sheets.form import ScoreForm


_FONTS = '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif'


def document(papers: Sequence[ScoreForm], advance: Callable[[], None] = lambda: None) -> bytes:
    """Print sheets as a PDF; call ``advance`` after each.

    The file embeds its fonts, declares its language, and contains no date, so that the same sheets
    give the same bytes. No picture, style or font is fetched from elsewhere.
    """
    margins = _margins(papers[0].lang)
    return _printed((html.page([paper], css=margins) for paper in papers), advance)


def report_document(month: Month, pictures: Mapping[str, str]) -> bytes:
    """Print a monthly report as a PDF."""
    return _printed([html.report_page(month, pictures, css=_margins(month.lang))])


def _margins(lang: str) -> str:
    """Return the style of pages with their numbers."""
    counters = {"page": '" counter(page) "', "pages": '" counter(pages) "'}
    counted = f'"{words("sheet", lang)["page"].format(**counters)}"'
    return (
        f"@page {{ @bottom-center {{ content: {counted}; font: 8pt {_FONTS}; }} }} "
        f"body {{ font-family: {_FONTS} !important; }} details > summary {{ list-style: none; }}"
    )


def _printed(texts: Iterable[str], advance: Callable[[], None] = lambda: None) -> bytes:
    """Print some HTML pages one after the other."""
    try:
        weasyprint = fetch("weasyprint", "pdf")
    except OSError as error:
        reason = str(error).partition("\n")[0]
        raise KpirulesError(
            f"a PDF is laid out by the program library Pango, which is not there: {reason}"
        ) from None
    fonts = fetch("weasyprint.text.fonts", "pdf").FontConfiguration()
    # nothing from outside; a logo is a data URL
    nothing = fetch("weasyprint.urls", "pdf").URLFetcher(allowed_protocols=("data",))
    made: list[Any] = []
    for text in texts:
        made.append(weasyprint.HTML(string=text, url_fetcher=nothing).render(font_config=fonts))
        advance()
    first = made[0]
    pages = [each for one in made for each in one.pages]
    pdf: bytes = first.copy(pages).write_pdf(uncompressed_pdf=False)
    return pdf
