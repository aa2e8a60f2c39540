"""Write score sheets in any format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from kpirules.errors import KpirulesError, expect, fetch
from kpirules.evaluation.result import Result
from kpirules.model.rubric import Rubric
from kpirules.sheets.batch import Entry, entries, monthly_report, papers
from kpirules.sheets.form import Person
from kpirules.sheets.form_builder import blank


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpirules.sheets.form import ScoreForm


Format: TypeAlias = Literal["html", "pdf", "xlsx"]


def sheet(
    rubric_or_result: Rubric | Result,
    format: Format = "html",  # noqa: A002 - the plain word for it
    lang: str = "en",
    *,
    records: Iterable[Mapping[str, object]] | None = None,
    rubric: Rubric | None = None,
    name: str = "",
    period: str = "",
) -> bytes:
    """Return the score sheet of a rubric or a result as the content of a file.

    Of a rubric: the blank form, or with ``records`` the sheets of all records, in their order, each
    on a page. A record may also name the person: ``name``, ``employee_no``, ``appraiser``, or 姓名,
    工号, 考核者. The sheet of a rejected record lists its problems. Of a result: its sheet, with
    ``name`` in the heading. Without ``rubric``, the rubric of a result is found by its fingerprint.

    ``format``: ``"html"`` (extra ``sheets``; UTF-8, one file that needs no other), ``"pdf"`` (extra
    ``pdf``), ``"xlsx"`` (extra ``excel``): a workbook to fill in, whose formulas score. ``lang`` is
    the language of all texts; ``period`` the month, as the heading shows it. The same arguments
    give the same bytes.

    Raises :class:`~kpirules.errors.RulesetError` for an unsound rubric,
    :class:`~kpirules.errors.MissingExtraError` if the library of the format is not installed, and
    :class:`~kpirules.errors.KpirulesError` if ``records`` is empty or the rubric of a result is not
    found.

    >>> from kpirules import load, sheet
    >>> page = sheet(load("customer-service"), lang="zh", period="2026-10").decode()
    >>> "客服部绩效考核办法" in page, "上级打分" in page, "<script" in page
    (True, True, False)
    """
    expect(rubric_or_result, (Rubric, Result), "sheet: expected a Rubric or a Result")
    if isinstance(rubric_or_result, Result):
        found = rubric or _rubric_of(rubric_or_result)
        entry = Entry(
            row=1, person=Person(name=name), given=rubric_or_result.inputs, outcome=rubric_or_result
        )
        return written(found, [entry], format, lang=lang, period=period)
    if records is None:
        return written(rubric_or_result, None, format, lang=lang, period=period)
    some = list(entries(rubric_or_result, records))
    return written(rubric_or_result, some, format, lang=lang, period=period)


def written(
    rubric: Rubric,
    some: Sequence[Entry] | None,
    format: Format,  # noqa: A002 - the plain word for it
    *,
    lang: str,
    period: str = "",
    advance: Callable[[], None] = lambda: None,
) -> bytes:
    """Write the sheets of some entries, or the blank form; call ``advance`` after each."""
    if some is not None and not some:
        raise KpirulesError("there are no records; without any it is the blank form that is meant")
    if format == "xlsx":
        # the formulas are compiled like the expressions of a dataframe
        for module in ("xlsxwriter", "narwhals", "polars"):
            fetch(module, "excel")
        from kpirules.sheets.excel.file import workbook  # noqa: PLC0415 - needs an extra

        return workbook(rubric, some, lang=lang, period=period, advance=advance)
    drawn: list[ScoreForm] = (
        [blank(rubric, lang=lang, period=period)]
        if some is None
        else list(papers(rubric, some, lang=lang, period=period))
    )
    if format == "pdf":
        from kpirules.sheets.pdf import document  # noqa: PLC0415 - needs an extra

        return document(drawn, advance)
    if format != "html":
        raise ValueError(f'format is "html", "pdf" or "xlsx", not {format!r}')
    from kpirules.sheets.html import page  # noqa: PLC0415 - needs an extra

    made = page(drawn).encode()
    for _ in drawn:
        advance()
    return made


def report(rubric: Rubric, some: Sequence[Entry], *, lang: str = "en", period: str = "") -> bytes:
    """Return a monthly report as HTML: totals, tiers, sections, appraisers, rejected rows."""
    from kpirules.sheets import charts  # noqa: PLC0415 - needs an extra
    from kpirules.sheets.html import report_page  # noqa: PLC0415 - needs an extra

    month = monthly_report(rubric, some, lang=lang, period=period)
    words = month.words
    pictures: dict[str, str] = {}
    if month.totals:
        bars = [(low, count) for low, _, count in month.totals]
        pictures["totals"] = charts.columns(bars, words["total"], words["count"])
    if month.tiers:
        pictures["tiers"] = charts.rows([(t, n, f"{n} ({s} %)") for t, n, s in month.tiers])
    if month.sections:
        lines = [(label, float(share), f"{share} %") for label, _, _, share in month.sections]
        pictures["sections"] = charts.rows(lines, 100)
    return report_page(month, pictures).encode()


def _rubric_of(result: Result) -> Rubric:
    """Find the rubric of a result by its fingerprint; raise ``KpirulesError`` if there is none."""
    from kpirules.api.verify import with_fingerprint  # noqa: PLC0415 - only if no rubric is given

    looked_at: list[str] = []
    found = with_fingerprint(result, (), looked_at)
    if found is None:
        raise KpirulesError(
            f"{result.rubric}: there is no rubric with the fingerprint {result.fingerprint[:12]}; "
            "give it as rubric=..."
        )
    return found
