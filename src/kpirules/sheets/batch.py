"""Score the records of a month, and compute the statistics of the monthly report."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import brief, printable
from kpirules.api.programs import program_of
from kpirules.arithmetic.number import canonical, show
from kpirules.compiler.plan import Plan
from kpirules.errors import InputError
from kpirules.evaluation.headings import (
    APPRAISERS,
    DEPARTMENTS,
    NAMES,
    NUMBERS,
    PERSONAL_FORMS,
    normal,
)
from kpirules.evaluation.quotas import one_by_one
from kpirules.evaluation.record import flat, is_missing, picked, read_value, readers_of
from kpirules.sheets.entry import Entry
from kpirules.sheets.form import Extras, Person
from kpirules.sheets.form_builder import blank, filled
from kpirules.sheets.month_tables import (
    Table,
    groups,
    groups_table,
    losses_table,
    matched,
    mean,
    people_table,
    rounded,
    tiers_table,
    unmatched_note,
)
from kpirules.toml.writer import fingerprint
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric
    from kpirules.sheets.form import ScoreForm
    from kpirules.sheets.month_tables import LastResult


#: the approximate number of bars of a histogram
_BARS = 20


@attrs.frozen(kw_only=True)
class Month:
    """The statistics of some records; numbers are formatted."""

    lang: str
    rubric: str
    title: str
    period: str
    since: str
    fingerprint: str
    #: (label, value)
    figures: tuple[tuple[str, str], ...]
    #: (lower end, upper end, count) of totals
    totals: tuple[tuple[str, str, int], ...]
    #: (label, count, per cent)
    tiers: tuple[tuple[str, int, str], ...]
    #: (label, mean, weight, per cent)
    sections: tuple[tuple[str, str, str, str], ...]
    #: (name, count, rejected, mean, lowest, highest)
    appraisers: tuple[tuple[str, int, int, str, str, str], ...]
    #: which people have a result of last month; empty without last month
    last: str
    #: the tables of the report
    tables: tuple[Table, ...]
    #: (row, name, problems)
    refused: tuple[tuple[int, str, tuple[str, ...]], ...]

    @property
    def words(self) -> Mapping[str, str]:
        """The fixed texts of a form, in its language."""
        return words("sheet", self.lang)


def person_of(row: Mapping[str, object]) -> Person:
    """Return the person of a row, by columns with the usual names."""

    def first(names: Sequence[str]) -> str:
        values = (known.get(normal(name)) for name in names)
        return next((_text(value) for value in values if value not in (None, "")), "")

    known = {normal(_text(key)): value for key, value in row.items()}

    return Person(
        name=first(NAMES),
        number=first(NUMBERS),
        appraiser=first(APPRAISERS),
        department=first(DEPARTMENTS),
    )


def _text(value: object) -> str:
    """Convert any value to text."""
    return value if isinstance(value, str) else brief(value)


def entries(
    rubric: Rubric, records: Iterable[Mapping[str, object]], *, strict: bool = True
) -> Iterator[Entry]:
    """Score records; unknown names may identify the person.

    Any other unknown name is an error of its record. Without ``strict`` it is ignored, as in a
    file, whose unknown columns are reported once.
    """
    one_by_one(rubric)
    score, known = program_of(rubric).score, readers_of(Plan(rubric))
    for number, row in enumerate(records, 1):
        about = {n: v for n, v in flat(row) if n not in known}
        person = person_of(about)
        unknown = (
            {n for n in about if normal(_text(n)) not in PERSONAL_FORMS} if strict else set[str]()
        )
        provided = [
            (n, v) for n, v in flat(row) if n in unknown or (n in known and not is_missing(v))
        ]
        asked = picked(row, {n for n, _ in provided})
        given = {n: read_value(known[n], v) if n in known else v for n, v in provided}
        try:
            outcome: Result | InputError = score(asked)
        except InputError as error:
            outcome = error
        yield Entry(row=number, person=person, given=given, outcome=outcome)


def papers(
    rubric: Rubric,
    some: Iterable[Entry],
    *,
    lang: str,
    period: str = "",
    extras: Extras | None = None,
) -> Iterator[ScoreForm]:
    """Yield the sheet of each entry."""
    plan = Plan(rubric)
    for entry in some:
        if entry.is_blank:
            yield attrs.evolve(
                blank(rubric, lang=lang, period=period, extras=extras, plan=plan),
                person=entry.person,
                last=entry.last,
            )
            continue
        yield filled(
            rubric,
            entry.outcome,
            person=entry.person,
            lang=lang,
            period=period,
            given=entry.given,
            extras=extras,
            last=entry.last,
            plan=plan,
        )


def monthly_report(
    rubric: Rubric,
    some: Sequence[Entry],
    *,
    lang: str,
    period: str = "",
    last: Sequence[LastResult] | None = None,
) -> Month:
    """Compute the statistics of a month's records; ``last``: the results of last month."""
    own = words("sheet", lang)
    results = [e.outcome for e in some if not isinstance(e.outcome, InputError)]
    totals = [Fraction(r.total) for r in results if r.total is not None]
    scored = sum(not result.unratable for result in results)
    figures = [
        (own["employees"], str(len(some))),
        (own["scored"], str(scored)),
        (own["not-scored"], str(len(some) - scored)),
    ]
    if totals:
        figures += [
            (own["mean"], rounded(mean(totals))),
            (own["median"], rounded(Fraction(median(totals)))),
            (own["lowest"], rounded(min(totals))),
            (own["highest"], rounded(max(totals))),
        ]
        pays = [Fraction(r.pay) for r in results if r.pay is not None]
        if pays:
            money = f" {printable(rubric.currency)}" if rubric.currency else ""
            figures.append((own["paid"], show(canonical(sum(pays, Fraction()))) + money))
    before = [] if last is None else [each.total for each in last if each.total is not None]
    if before:
        figures.append((own["last-mean"], rounded(mean(before))))
    matches = None if last is None else matched(some, last)
    tiers = tuple(_tiers(rubric, results, lang))
    sections = tuple(_sections(rubric, results, lang))
    appraisers = tuple(groups(some, lambda person: person.appraiser))
    departments = tuple(groups(some, lambda person: person.department))
    refused = tuple(_rejected(some, own["unratable"], lang))
    tables = [
        tiers_table(rubric, some, tiers, own) if tiers and totals else None,
        _sections_table(sections, own) if sections else None,
        losses_table(rubric, some, own, lang),
        groups_table(own["departments"], own["department"], departments, own)
        if departments
        else None,
        groups_table(own["appraisers"], own["appraiser"], appraisers, own) if appraisers else None,
        _rejected_table(some, refused, own),
        people_table(rubric, some, own, lang, matches) if totals else None,
    ]
    return Month(
        lang=lang,
        rubric=rubric.id,
        title=printable(rubric.id if rubric.label is None else rubric.label.get(lang)),
        period=printable(period),
        since="" if rubric.effective_from is None else str(rubric.effective_from),
        fingerprint=fingerprint(rubric),
        figures=tuple(figures),
        totals=tuple(spread(totals, Fraction(rubric.full_marks))),
        tiers=tiers,
        sections=sections,
        appraisers=appraisers,
        tables=tuple(filter(None, tables)),
        last="" if matches is None else unmatched_note(matches, lang),
        refused=refused,
    )


def spread(totals: Sequence[Fraction], full: Fraction) -> Iterator[tuple[str, str, int]]:
    """Count totals in steps of equal width; the last step includes both its ends."""
    if not totals:
        return
    low, high = min(Fraction(0), *totals), max(full, *totals)
    width = _step((high - low) / _BARS or Fraction(1))
    first = low // width
    last = max(first, -(-high // width) - 1)
    counts = Counter(min(int(total // width), int(last)) for total in totals)
    for i in range(int(first), int(last) + 1):
        ends = (show(canonical(i * width)), show(canonical((i + 1) * width)))
        yield (*ends, counts[i])


def _step(least: Fraction) -> Fraction:
    """Return the least of 1, 2, 5, 10, 20, ... (or 0.5, 0.2, ...) that is not below ``least``."""
    ten = Fraction(1)
    while ten > least:
        ten /= 10
    while ten * 10 <= least:
        ten *= 10
    return next(ten * m for m in (1, 2, 5, 10) if ten * m >= least)


def _tiers(rubric: Rubric, results: Sequence[Result], lang: str) -> Iterator[tuple[str, int, str]]:
    """Yield the count and percentage of each tier."""
    reached = Counter(r.tier.id for r in results if r.tier is not None)
    whole = sum(reached.values())
    for tier in rubric.tiers:
        label = tier.id if tier.label is None else tier.label.get(lang)
        share = Fraction(100 * reached[tier.id], whole) if whole else Fraction(0)
        yield printable(label), reached[tier.id], rounded(share)


def _sections(
    rubric: Rubric, results: Sequence[Result], lang: str
) -> Iterator[tuple[str, str, str, str]]:
    """Yield the mean of each section, and its percentage of the weight."""
    plan = Plan(rubric)
    for section in rubric.sections:
        there = [r.subtotals[section.id] for r in results if section.id in r.subtotals]
        if not there or plan.weighing.has_computed_weights:
            continue
        average, weight = mean([Fraction(v) for v in there]), plan.section_weight(section)
        label = section.id if section.label is None else section.label.get(lang)
        share = 100 * average / Fraction(weight) if weight else Fraction(0)
        yield printable(label), rounded(average), show(weight), rounded(share)


def _rejected(
    some: Sequence[Entry], unratable: str, lang: str
) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield the rows without a total, with their problems."""
    for entry in some:
        name = printable(entry.person.name or entry.person.number)
        if isinstance(entry.outcome, InputError):
            problems = tuple(printable(problem.text(lang)) for problem in entry.outcome.problems)
            yield entry.row, name, problems
        elif entry.outcome.unratable:
            yield entry.row, name, (unratable,)


def _rejected_table(
    some: Sequence[Entry],
    refused: Sequence[tuple[int, str, tuple[str, ...]]],
    own: Mapping[str, str],
) -> Table:
    """Return the rows without a total, with who they are about."""
    people = {entry.row: entry.person for entry in some}
    return Table.of(
        own["not-scored"],
        [
            (own["row"], [str(row) for row, _, _ in refused], True),
            (own["number"], [people[row].number for row, _, _ in refused], False),
            (own["name"], [people[row].name for row, _, _ in refused], False),
            (own["problem"], ["\n".join(problems) for _, _, problems in refused], False),
        ],
        note="" if refused else own["none"],
    )


def _sections_table(sections: Sequence[tuple[str, str, str, str]], own: Mapping[str, str]) -> Table:
    """Return the means of the sections."""
    label, average, weight, share = zip(*sections, strict=True)
    return Table.of(
        own["averages"],
        [
            (own["section"], label, False),
            (own["mean"], average, True),
            (own["weight"], weight, True),
            ("%", share, True),
        ],
        bars=share,
    )
