"""Numbers, ranges and dates as people type them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given

from kpirules.rulebook.spelling import date_of, number_of, plain, range_of
from tests.strategies import ranges


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("80..99", "80~99"),
        ("80..99", "８０～９９"),
        ("80..99", "80-99"),
        ("80..99", "80—99"),
        ("80..99", "80 – 99 分"),
        ("80..99", "80至99"),
        ("80..99", "80到99分"),
        ("80..99", "80 to 99 points"),
        ("80..99", "80...99"),
        ("80..99", "80…99"),
        ("80 .. < 90", "80 .. < 90"),
        ("80 .. < 90", "[80, 90)"),
        ("> 80 .. 90", "（80，90］"),
        ("80 .. < 90", "80 <= x < 90"),
        ("80 .. < 90", "80≤得分＜90"),
        ("80 .. < 90", "80分以上且低于90分"),
        ("80 .. < 90", "at least 80 and below 90"),
        (">= 90", "≥90"),
        (">= 90", "90以上"),
        (">= 90", "90分及以上"),
        (">= 90", "不低于90"),
        (">= 90", "90 or more"),
        (">= 100", "100 % and more"),
        (">= 60", "60 and over"),
        ("<= 5", "5 and less"),
        (">= 90", "AT LEAST 90"),
        ("<= 5", "5以下"),
        ("<= 5", "5 以内"),
        ("<= 5", "不超过5"),
        ("<= 5", "up to 5"),
        ("<= 5", "5 or fewer"),
        ("> 5", "超过5"),
        ("> 5", "＞5"),
        ("> 5", "more than 5"),
        ("< 60", "不满60"),
        ("< 60", "低于 60 分"),
        ("< 60", "under 60"),
        (">= 1200", "1,200以上"),
        ("-5..-3", "-5~-3"),
        ("1..2", "１－２次"),
        ("80..99", "80%~99%"),
        ("80 .. < 100", "80%（含）~100%（不含）"),
        ("> 80 .. 100", "80(不含)-100(含)"),
        (">= 80", "80分(含)以上"),
        ("> 80", "80分以上（不含）"),
        ("< 80", "80(不含)以下"),
        ("80 .. < 100", "≥80%，＜100%"),
        ("80 .. < 100", "大于等于80%小于100%"),
        ("80..99", "80分以上99分以下"),
        ("80 .. < 90", ">=80 <90"),
        (">= 1200", "≥1,200"),
    ],
)
def test_a_range_in_any_spelling(expected, text):
    """Signs and words of both languages; units after the numbers do not matter."""
    assert expected == str(range_of(text, ("次", "%")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "some",
        "90~80",
        "[90, 80)",
        "80 and",
        "at least 90 and below 80 and 3",
        "5次",
        "x" * 200,
        "9" * 30 + "以上",
    ],
)
def test_what_is_not_a_range_is_none(text):
    """Also an empty range, and one with a unit that its data does not have."""
    assert range_of(text) is None


@given(ranges())
def test_a_range_of_the_language_is_read_as_it_is(span):
    """As the language writes it, unless it is a single number."""
    ends = [Fraction(cut[0]) for cut in (span.low, span.high) if cut]
    assume(span.only is None and all(10**6 % end.denominator == 0 for end in ends))
    assert span == range_of(str(span))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ((Decimal(15), False), " １５分 "),
        ((Decimal(-100), False), "－100元"),
        ((Decimal("1200.5"), False), "1,200.5"),
        ((Decimal("85.5"), True), "85.5 ％"),
        (None, "12,00"),
        (None, "some"),
        (None, "1e3"),
    ],
)
def test_a_number_in_any_spelling(expected, text):
    """With a unit, with separators of thousands, full-width, or as a percentage."""
    assert expected == number_of(text)


@pytest.mark.parametrize(
    "text", ["2027-01-05", "2027/1/5", "2027.1.5", "2027年1月5日", "２０２７－１－５"]
)
def test_a_date_in_any_spelling(text):
    """Year, month, day."""
    assert date(2027, 1, 5) == date_of(text)


@pytest.mark.parametrize("text", ["5.1.27", "2027-13-01", "soon"])
def test_what_is_not_a_date_is_none(text):
    """Also a day that does not exist."""
    assert date_of(text) is None


def test_signs_of_input_methods_are_made_plain():
    """Full-width characters, signs of printed forms, ideographic blanks."""
    assert "25 - 5 * (a / b)" == plain("　25 － 5 × （a ÷ b） ")
