"""Periods of appraisal, and the earlier ones from which a record takes results."""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_mapping
from kpirules.model.condition import ExampleValue, pairs
from kpirules.model.values import string, wrong, wrong_kind
from kpirules.model.vocabulary import PeriodKind, Window


#: the number of months of each kind of period
MONTHS: Final[dict[PeriodKind, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
#: the letters before the number of a period within its year
_LETTERS: Final[dict[PeriodKind, str]] = {"quarter": "Q", "half": "H"}
#: the pattern of a period
PERIOD: Final = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]|Q[1-4]|H[12]))?", re.ASCII)
#: a period of each kind
EXAMPLES: Final = ("2025", "2025-H1", "2025-Q1", "2025-01")


@attrs.frozen
class Period:
    """A month, a quarter, a half-year or a year.

    Quarters, half-years and years begin with the year of the firm: with ``year_from=4``, 2025-Q1
    is April to June 2025, and 2025 is April 2025 to March 2026. 2025-01 is always January.

    >>> quarter = Period.parse("2025-Q1")
    >>> quarter.kind, str(quarter.previous()), quarter.contains(Period.parse("2025-03"))
    ('quarter', '2024-Q4', True)
    """

    kind: PeriodKind
    year: int
    #: which one of its kind it is within the year, from 1
    number: int = 1

    def __attrs_post_init__(self) -> None:
        if not PERIOD.fullmatch(str(self)):
            raise wrong("period", text=brief(str(self)), examples=EXAMPLES)

    @classmethod
    def parse(cls, text: "str | Period") -> "Period":
        """Parse 2025, 2025-H1, 2025-Q1 or 2025-01; raise ``ValueError`` for another text."""
        given: Any = text
        if isinstance(given, Period):
            return given
        if not PERIOD.fullmatch(string(given)):
            raise wrong("period", text=brief(given), examples=EXAMPLES)
        year, _, rest = given.partition("-")
        kind: PeriodKind = "month" if rest else "year"
        for other, letter in _LETTERS.items():
            kind = other if rest.startswith(letter) else kind
        return cls(kind, int(year), int(rest.lstrip("QH") or 1))

    def __str__(self) -> str:
        if self.kind == "year":
            return f"{self.year:04}"
        number = f"{self.number:02}" if self.kind == "month" else self.number
        return f"{self.year:04}-{_LETTERS.get(self.kind, '')}{number}"

    def first_month(self, year_from: int = 1) -> int:
        """Return its first month, counted from January of the year 0."""
        begin = 1 if self.kind == "month" else year_from
        return 12 * self.year + begin - 1 + (self.number - 1) * MONTHS[self.kind]

    def contains(self, other: "Period", year_from: int = 1) -> bool:
        """Check whether all months of another period are months of this one."""
        first, inner = self.first_month(year_from), other.first_month(year_from)
        return first <= inner and inner + MONTHS[other.kind] <= first + MONTHS[self.kind]

    def previous(self, count: int = 1) -> "Period":
        """Return the period of the same kind, a number of periods before this one."""
        a_year = 12 // MONTHS[self.kind]
        year, number = divmod(a_year * self.year + self.number - 1 - count, a_year)
        return Period(self.kind, year, number + 1)


def period_at(month: int, kind: PeriodKind, year_from: int = 1) -> Period:
    """Return the period of a kind that contains a month, counted from January of the year 0."""
    begin = 1 if kind == "month" else year_from
    year, rest = divmod(month - (begin - 1), 12)
    return Period(kind, year, rest // MONTHS[kind] + 1)


def window_of(
    period: Period, each: PeriodKind, window: Window | int, year_from: int = 1
) -> tuple[Period, ...]:
    """Return the earlier periods of a kind in the window of a period, the earliest first.

    >>> [str(p) for p in window_of(Period.parse("2025-Q1"), "month", "inside")]
    ['2025-01', '2025-02', '2025-03']
    >>> [str(p) for p in window_of(Period.parse("2025-02"), "month", 3)]
    ['2024-11', '2024-12', '2025-01']
    """
    first, step = period.first_month(year_from), MONTHS[each]
    if window == "inside":
        if step >= MONTHS[period.kind]:
            return ()
        return tuple(
            period_at(month, each, year_from)
            for month in range(first, first + MONTHS[period.kind], step)
        )
    # the period in which this one begins is not over
    last = period_at(first, each, year_from)
    if window == "so_far":
        begin = period_at(first, "year", year_from).first_month(year_from)
        count = (last.first_month(year_from) - begin) // step
    else:
        count = int(window)
    return tuple(last.previous(i) for i in range(count, 0, -1))


def is_empty_window(kind: PeriodKind, each: PeriodKind, window: Window | int) -> bool:
    """Check whether a window has no period, whichever period of a kind a record is of."""
    if window == "inside":
        return MONTHS[each] >= MONTHS[kind]
    return window == "so_far" and "year" in (kind, each)


def period_text(value: str | Period) -> str:
    """Return the text of a period."""
    return str(Period.parse(value))


def past_results(
    value: Mapping[str, object] | tuple[tuple[str, object], ...],
) -> tuple[tuple[str, ExampleValue], ...]:
    """Convert earlier results: their values, by period and name; an empty table says nothing."""
    if is_mapping(value):
        value = {name: inner for name, inner in value.items() if inner != {}}
    made = pairs(value)
    for name, item in made:
        period, _, inner = name.partition(".")
        Period.parse(period)
        if not inner:
            raise wrong_kind("past-result", item)
    return made
