"""Score the records of a month, and compute the statistics of the monthly report."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import brief, printable
from kpirules.api.programs import program_of
from kpirules.arithmetic.number import canonical, round_to, show
from kpirules.compiler.plan import Plan
from kpirules.errors import InputError
from kpirules.evaluation.headings import (
    APPRAISERS,
    NAMES,
    NUMBERS,
    PERSONAL_FORMS,
    normal,
)
from kpirules.evaluation.record import flat, is_missing, picked, read_value, readers_of
from kpirules.sheets.form import Person
from kpirules.sheets.form_builder import filled
from kpirules.toml.writer import fingerprint
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric
    from kpirules.sheets.form import ScoreForm


#: the approximate number of bars of a histogram
_BARS = 20


@attrs.frozen(kw_only=True)
class Entry:
    """A row: the person, the input values, and the result or the error."""

    #: the row number, from 1
    row: int
    person: Person
    given: Mapping[str, object]
    outcome: Result | InputError


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

    return Person(name=first(NAMES), number=first(NUMBERS), appraiser=first(APPRAISERS))


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
    score, known = program_of(rubric).evaluate, readers_of(Plan(rubric))
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
    rubric: Rubric, some: Iterable[Entry], *, lang: str, period: str = ""
) -> Iterator[ScoreForm]:
    """Yield the sheet of each entry."""
    plan = Plan(rubric)
    for entry in some:
        yield filled(
            rubric,
            entry.outcome,
            person=entry.person,
            lang=lang,
            period=period,
            given=entry.given,
            plan=plan,
        )


def monthly_report(rubric: Rubric, some: Sequence[Entry], *, lang: str, period: str = "") -> Month:
    """Compute the statistics of a month's records."""
    own = words("sheet", lang)
    results = [e.outcome for e in some if not isinstance(e.outcome, InputError)]
    totals = [Fraction(r.total) for r in results if r.total is not None]
    figures = [
        (own["employees"], str(len(some))),
        (own["scored"], str(len(totals))),
        (own["not-scored"], str(len(some) - len(totals))),
    ]
    if totals:
        figures += [
            (own["mean"], _rounded(_mean(totals))),
            (own["median"], _rounded(Fraction(median(totals)))),
            (own["lowest"], _rounded(min(totals))),
            (own["highest"], _rounded(max(totals))),
        ]
        pays = [Fraction(r.pay) for r in results if r.pay is not None]
        if pays:
            money = f" {printable(rubric.currency)}" if rubric.currency else ""
            figures.append((own["paid"], show(canonical(sum(pays, Fraction()))) + money))
    return Month(
        lang=lang,
        rubric=rubric.id,
        title=printable(rubric.id if rubric.label is None else rubric.label.get(lang)),
        period=printable(period),
        since="" if rubric.effective_from is None else str(rubric.effective_from),
        fingerprint=fingerprint(rubric),
        figures=tuple(figures),
        totals=tuple(spread(totals, Fraction(rubric.full_marks))),
        tiers=tuple(_tiers(rubric, results, lang)),
        sections=tuple(_sections(rubric, results, lang)),
        appraisers=tuple(_appraisers(some)),
        refused=tuple(_rejected(some, own["unratable"], lang)),
    )


def _rounded(number: Fraction) -> str:
    """Format a statistic with two decimals, half up; no pay depends on it."""
    return show(round_to(canonical(number), Fraction(1, 100), "half_up"))


def _mean(numbers: Sequence[Fraction]) -> Fraction:
    return sum(numbers, Fraction()) / len(numbers)


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
        yield printable(label), reached[tier.id], _rounded(share)


def _sections(
    rubric: Rubric, results: Sequence[Result], lang: str
) -> Iterator[tuple[str, str, str, str]]:
    """Yield the mean of each section, and its percentage of the weight."""
    plan = Plan(rubric)
    for section in rubric.sections:
        there = [r.subtotals[section.id] for r in results if section.id in r.subtotals]
        if not there or plan.weighing.has_computed_weights:
            continue
        mean, weight = _mean([Fraction(v) for v in there]), plan.section_weight(section)
        label = section.id if section.label is None else section.label.get(lang)
        share = 100 * mean / Fraction(weight) if weight else Fraction(0)
        yield printable(label), _rounded(mean), show(weight), _rounded(share)


def _appraisers(some: Sequence[Entry]) -> Iterator[tuple[str, int, int, str, str, str]]:
    """Yield the statistics of each appraiser."""
    groups: dict[str, list[Entry]] = {}
    for entry in some:
        if entry.person.appraiser:
            groups.setdefault(entry.person.appraiser, []).append(entry)
    for name, members in sorted(groups.items()):
        results = [e.outcome for e in members if not isinstance(e.outcome, InputError)]
        totals = [Fraction(r.total) for r in results if r.total is not None]
        three = (_mean(totals), min(totals), max(totals)) if totals else ()
        mean, low, high = [_rounded(value) for value in three] or ["", "", ""]
        yield printable(name), len(members), len(members) - len(totals), mean, low, high


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
