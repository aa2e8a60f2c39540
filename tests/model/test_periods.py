"""Periods: their spelling, their months, and the windows before and within them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.model.periods import MONTHS, Period, is_empty_window, period_at, window_of
from kpirules.translations.message import MessageError


KINDS = st.sampled_from(list(MONTHS))
PERIODS = KINDS.flatmap(
    lambda kind: st.builds(
        Period, st.just(kind), st.integers(1900, 2100), st.integers(1, 12 // MONTHS[kind])
    )
)
FIRST = st.integers(1, 12)


def spelled(periods):
    """Give the texts of periods."""
    return [str(period) for period in periods]


def windows(text, each, window, year_from=1):
    """Give the texts of the periods in a window."""
    return spelled(window_of(Period.parse(text), each, window, year_from))


@pytest.mark.parametrize("text", ["2025", "2025-H1", "2025-H2", "2025-Q1", "2025-Q4", "2025-12"])
def test_a_period_is_spelled_as_it_is_read(text):
    """A period that is one already is returned."""
    period = Period.parse(text)
    assert (text, period) == (str(period), Period.parse(period))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25",
        "2025-",
        "2025-1",
        "2025-00",
        "2025-13",
        "2025-Q5",
        "2025-H3",
        "2025-q1",
        "２０２５",
    ],
)
def test_other_texts_are_not_periods(text):
    """The message shows a period of each kind."""
    with pytest.raises(MessageError, match="2025, 2025-H1, 2025-Q1, 2025-01"):
        Period.parse(text)


@pytest.mark.parametrize(
    "args", [("month", 2025, 13), ("quarter", 2025, 0), ("year", -1), ("year", 10_000)]
)
def test_a_period_that_has_no_spelling_is_rejected(args):
    """The constructor checks what the parser checks."""
    with pytest.raises(MessageError):
        Period(*args)


def test_a_number_is_not_a_period():
    """A year is a text."""
    with pytest.raises(MessageError, match="text in quotes"):
        Period.parse(2025)


@pytest.mark.parametrize(
    ("expected", "args"),
    [
        (["2025-01", "2025-02", "2025-03"], ("2025-Q1", "month", "inside")),
        (["2025-Q3", "2025-Q4"], ("2025-H2", "quarter", "inside")),
        (["2025-H1", "2025-H2"], ("2025", "half", "inside")),
        # the third quarter of a year that begins in April ends with December
        (["2025-10", "2025-11", "2025-12"], ("2025-Q3", "month", "inside", 4)),
        (["2026-01", "2026-02", "2026-03"], ("2025-Q4", "month", "inside", 4)),
        ([], ("2025-01", "month", "inside")),
        ([], ("2025-Q1", "half", "inside")),
        ([], ("2025-01", "month", "so_far")),
        (["2025-01", "2025-02"], ("2025-03", "month", "so_far")),
        (["2025-04", "2025-05"], ("2025-06", "month", "so_far", 4)),
        (["2025-11", "2025-12"], ("2026-01", "month", "so_far", 11)),
        # a quarter that is not over is not looked at
        (["2025-Q1"], ("2025-05", "quarter", "so_far")),
        ([], ("2025-03", "quarter", "so_far")),
        (["2024-11", "2024-12"], ("2025-01", "month", 2)),
        (["2024-Q4"], ("2025-03", "quarter", 1)),
        (["2023", "2024"], ("2025-H2", "year", 2)),
        (["2024-09", "2024-10"], ("2024-H2", "month", 2, 5)),
    ],
)
def test_the_periods_of_a_window(expected, args):
    """The earliest comes first; the period itself is in none of them."""
    assert expected == windows(*args)


@given(PERIODS, FIRST)
def test_a_period_begins_where_it_is_found(period, year_from):
    """Its first month lies in it, and the month before in the period before."""
    first = period.first_month(year_from)
    assert period == period_at(first, period.kind, year_from)
    assert period.previous() == period_at(first - 1, period.kind, year_from)


@given(PERIODS, KINDS, FIRST)
def test_inside_is_all_of_a_period(period, each, year_from):
    """What is inside is contained, and as long as the period; the window is empty as `check` says."""
    inside = window_of(period, each, "inside", year_from)
    assert all(period.contains(one, year_from) for one in inside)
    assert len(inside) * MONTHS[each] == (MONTHS[period.kind] if inside else 0)
    assert (inside == ()) == is_empty_window(period.kind, each, "inside")


@given(PERIODS, KINDS, st.integers(1, 30) | st.just("so_far"), FIRST)
def test_what_is_before_is_over(period, each, window, year_from):
    """Each period before ends before this one begins, and they follow each other."""
    before = window_of(period, each, window, year_from)
    ends = [one.first_month(year_from) + MONTHS[each] for one in before]
    assert all(end <= period.first_month(year_from) for end in ends)
    assert ends[:-1] == [one.first_month(year_from) for one in before[1:]]
    if window != "so_far":
        assert window == len(before)
    elif is_empty_window(period.kind, each, window):
        assert before == ()
    else:
        year = period_at(period.first_month(year_from), "year", year_from)
        assert all(year.contains(one, year_from) for one in before)
