"""Write score sheets in any format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from kpirules.errors import KpirulesError, expect, fetch
from kpirules.evaluation.result import Result
from kpirules.model.rubric import Rubric
from kpirules.sheets.batch import entries, monthly_report, papers
from kpirules.sheets.entry import Entry
from kpirules.sheets.form import Extras, Person
from kpirules.sheets.form_builder import blank
from kpirules.sheets.logo import Logo


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpirules.sheets.form import ScoreForm
    from kpirules.sheets.month_tables import LastResult
    from kpirules.sheets.month_template import Roster
    from kpirules.translations.message import Message


Format: TypeAlias = Literal["html", "pdf", "xlsx"]

#: a chart of fewer totals shows nothing that the list of people does not
_FEW = 5


def sheet(
    rubric_or_result: Rubric | Result,
    format: Format = "html",  # noqa: A002 - the plain word for it
    lang: str = "en",
    *,
    records: Iterable[Mapping[str, object]] | None = None,
    rubric: Rubric | None = None,
    name: str = "",
    period: str = "",
    company: str = "",
    department: str = "",
    logo: bytes | None = None,
    notes: bool = False,
) -> bytes:
    """Return the score sheet of a rubric or a result as the content of a file.

    Of a rubric: the blank form, or with ``records`` the sheets of all records, in their order, each
    on a page. A record may also name the person: ``name``, ``employee_no``, ``appraiser``, or 姓名,
    工号, 考核者. The sheet of a rejected record lists its problems. Of a result: its sheet, with
    ``name`` in the heading. Without ``rubric``, the rubric of a result is found by its fingerprint.

    ``format``: ``"html"`` (extra ``sheets``; UTF-8, one file that needs no other), ``"pdf"`` (extra
    ``pdf``), ``"xlsx"`` (extra ``excel``): a workbook to fill in, whose formulas score. ``lang`` is
    the language of all texts; ``period`` the month, as the heading shows it, beside ``company``,
    ``department`` and ``logo`` (the content of a PNG file, at most 1 MiB and 4 megapixels).
    ``notes`` adds the rulings and the whole fingerprint. The same arguments give the same bytes.

    Raises :class:`~kpirules.errors.RulesetError` for an unsound rubric,
    :class:`~kpirules.errors.MissingExtraError` if the library of the format is not installed,
    :class:`~kpirules.errors.KpirulesError` if ``records`` is empty or the rubric of a result is not
    found, and ``ValueError`` if ``logo`` is not such a picture.

    >>> from kpirules import load, sheet
    >>> page = sheet(load("customer-service"), lang="zh", period="2026-10").decode()
    >>> "客服部绩效考核办法" in page, "上级打分" in page, "<script" in page
    (True, True, False)
    """
    expect(rubric_or_result, (Rubric, Result), "sheet: expected a Rubric or a Result")
    picture = None if logo is None else Logo(logo)
    extras = Extras(company=company, department=department, logo=picture, notes=notes)
    if isinstance(rubric_or_result, Result):
        found = rubric or _rubric_of(rubric_or_result)
        entry = Entry(
            row=1, person=Person(name=name), given=rubric_or_result.inputs, outcome=rubric_or_result
        )
        return written(found, [entry], format, lang=lang, period=period, extras=extras)
    if records is None:
        return written(rubric_or_result, None, format, lang=lang, period=period, extras=extras)
    some = list(entries(rubric_or_result, records))
    return written(rubric_or_result, some, format, lang=lang, period=period, extras=extras)


def written(
    rubric: Rubric,
    some: Sequence[Entry] | None,
    format: Format,  # noqa: A002 - the plain word for it
    *,
    lang: str,
    period: str = "",
    extras: Extras | None = None,
    advance: Callable[[], None] = lambda: None,
    blank_part: Callable[[Message], None] = lambda _: None,
) -> bytes:
    """Write the sheets of some entries, or the blank form; call ``advance`` after each.

    ``blank_part`` is called with a message for each part of a workbook that no formula computes.
    """
    if some is not None and not some:
        raise KpirulesError("there are no records; without any it is the blank form that is meant")
    if format == "xlsx":
        # the formulas are compiled like the expressions of a dataframe
        for module in ("xlsxwriter", "narwhals", "polars"):
            fetch(module, "excel")
        from kpirules.sheets.excel.file import workbook  # noqa: PLC0415 - needs an extra

        return workbook(
            rubric,
            some,
            lang=lang,
            period=period,
            extras=extras,
            advance=advance,
            blank=blank_part,
        )
    drawn: list[ScoreForm] = (
        [blank(rubric, lang=lang, period=period, extras=extras)]
        if some is None
        else list(papers(rubric, some, lang=lang, period=period, extras=extras))
    )
    if format == "pdf":
        from kpirules.sheets.pdf import document  # noqa: PLC0415 - needs an extra

        return document(drawn, advance)
    if format != "html":
        raise ValueError(f'format is "html", "pdf" or "xlsx", not {format!r}')
    from kpirules.sheets.html import file  # noqa: PLC0415 - needs an extra

    made = file(drawn)
    for _ in drawn:
        advance()
    return made


def month_grid(
    rubric: Rubric,
    roster: Roster,
    *,
    lang: str,
    period: str = "",
    blank_part: Callable[[Message], None] = lambda _: None,
) -> bytes:
    """Write the grid of a month as a workbook: a row for each person, with formulas that score.

    ``blank_part`` is called with a message for each part that no formula computes.
    """
    for module in ("xlsxwriter", "narwhals", "polars"):
        fetch(module, "excel")
    from kpirules.sheets.excel.month_grid import MonthGrid  # noqa: PLC0415 - needs an extra

    grid = MonthGrid(rubric, roster, lang, period)
    for message in grid.blank_messages():
        blank_part(message)
    return grid.written()


def report(
    rubric: Rubric,
    some: Sequence[Entry],
    format: Format = "html",  # noqa: A002 - the plain word for it
    *,
    lang: str = "en",
    period: str = "",
    last: Sequence[LastResult] | None = None,
) -> bytes:
    """Return a monthly report: totals, tiers, pay, sections, items, groups, rejected rows, people.

    ``last``: the results of last month.
    """
    month = monthly_report(rubric, some, lang=lang, period=period, last=last)
    if format == "xlsx":
        from kpirules.sheets.excel.report_book import report_workbook  # noqa: PLC0415 - needs an extra

        return report_workbook(month)
    from kpirules.sheets import charts  # noqa: PLC0415 - needs an extra
    from kpirules.sheets.html import report_page  # noqa: PLC0415 - needs an extra

    words, pictures = month.words, dict[str, str]()
    if sum(count for _, _, count in month.totals) >= _FEW:
        bars = [(f"{low}\u2013{high}", count) for low, high, count in month.totals]
        is_page = format == "html"
        pictures["totals"] = charts.columns(bars, words["total"], words["count"], themed=is_page)
    if format == "pdf":
        from kpirules.sheets.pdf import report_document  # noqa: PLC0415 - needs an extra

        return report_document(month, pictures)
    return report_page(month, pictures).encode()


def _rubric_of(result: Result) -> Rubric:
    """Find the rubric of a result by its fingerprint; raise ``KpirulesError`` if there is none."""
    from kpirules.api.verify import with_fingerprint  # noqa: PLC0415 - only if no rubric is given

    looked_at: list[str] = []
    found = with_fingerprint(result, looked_at)
    if found is None:
        raise KpirulesError(
            f"{result.rubric}: there is no rubric with the fingerprint {result.fingerprint[:12]}; "
            "give it as rubric=..."
        )
    return found
