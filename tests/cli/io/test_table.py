"""The public ``table``: rows as the content of a file."""

from __future__ import annotations

import csv
import io
from datetime import date
from fractions import Fraction

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import Exact, KpirulesError, table


ROWS = [
    {"name": "An", "total": Exact(84), "pay": Exact("12.50")},
    {"name": "=HYPERLINK(1)", "total": Exact("10/3"), "since": date(2026, 10, 1)},
    {"name": "12345678901234567890", "total": 12345678901234567890, "pay": Fraction(1, 4)},
]


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_csv_file_has_the_columns_of_all_rows():
    """In the order in which they are named, with empty cells; exact, and without formulas."""
    assert [
        ["name", "total", "pay", "since"],
        ["An", "84", "12.5", ""],
        ["'=HYPERLINK(1)", "10÷3", "", "2026-10-01"],
        ["12345678901234567890", "12345678901234567890", "0.25", ""],
    ] == read(table(ROWS))


def test_a_workbook_has_numbers_where_it_can_hold_them():
    """Thirds and long numbers are texts; a text is never a formula."""
    sheet = openpyxl.load_workbook(io.BytesIO(table(ROWS, "xlsx"))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_col=3)]
    assert [
        ["An", 84, 12.5],
        ["=HYPERLINK(1)", "10÷3", None],
        ["12345678901234567890", "12345678901234567890", 0.25],
    ] == rows
    assert "s" == sheet["A3"].data_type


def test_no_rows_are_a_file_without_columns():
    """Also from an iterator; the same rows give the same bytes."""
    assert "" == table(iter([])).decode("utf-8-sig").strip()
    assert table(iter(ROWS), "xlsx") == table(ROWS, "xlsx")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_value_without_a_form_in_the_file_is_an_error(kind):
    """Nothing is written in its place."""
    with pytest.raises(KpirulesError, match="of type bytes has no text form"):
        table([{"name": b"An"}], kind)


def test_another_format_is_an_error():
    """It names the two that there are."""
    with pytest.raises(ValueError, match='format is "csv" or "xlsx", not \'pdf\''):
        table(ROWS, "pdf")


@given(st.lists(st.fractions() | st.decimals(allow_nan=False, allow_infinity=False, places=3)))
def test_every_number_is_read_back_exactly(numbers):
    """As a decimal, or as a fraction with the sign of division, escaped if it is negative."""
    rows = read(table([{"n": number, "end": "."} for number in numbers]))[1:]
    read_back = [Fraction(cell.removeprefix("'").replace("÷", "/")) for cell, _ in rows]
    assert [*map(Fraction, numbers)] == read_back
