"""The range grammar and its algebra."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules.arithmetic.number import multiple
from kpirules.arithmetic.range import Range, RangeSyntaxError, join, listing
from tests.strategies import HARD_NUMBERS, decimals, numbers, ranges, steps


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Range((3, 0), (7, 1)), "3..7"),
        (Range((3, 0), (7, 1)), " 3 .. 7 "),
        (Range((3, 0), None), ">= 3"),
        (Range((3, 0), None), "≥3"),
        (Range((3, 1), None), "> 3"),
        (Range((3, 1), None), "＞３"),
        (Range(None, (3, 1)), "<= 3"),
        (Range(None, (3, 1)), "≤ 3"),
        (Range(None, (3, 0)), "< 3"),
        (Range((80, 0), (90, 0)), "80 .. < 90"),
        (Range((80, 0), (90, 0)), "80..<90"),
        (Range((0, 1), (5, 1)), "> 0 .. 5"),
        (Range((0, 1), (5, 0)), "> 0 .. < 5"),
        (Range((-7, 0), (Fraction(-5, 2), 1)), "-7..-2.5"),
        (Range((3, 0), (3, 1)), "3..3"),
        (Range((3, 0), (7, 1)), "３．．７"),
        (Range(), "any"),
    ],
)
def test_the_grammar_reads(expected, text):
    """Each form of the grammar means its range."""
    assert expected == Range.parse(text)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ('write the lower end first, "3..7"', "7..3"),
        ("there is nothing between its ends", "3 .. < 3"),
        ("there is nothing between its ends", "> 3 .. 3"),
        ("a number in quotes: write it without quotes", "3"),
        ("a number in quotes", "-2.5"),
        ("a range has no percent sign", ">= 90%"),
        ('write ".." between the ends', "3-7"),
        ('write ".." between the ends', "3～7"),
        ('write ".." between the ends', "3 至 7"),
        ('write ".." between the ends, as in "1..5"', "1…5"),
        ('an end that is included has no sign: write "4 .. 5"', "4 .. <= 5"),
        ('an end that is included has no sign: write "0 .. 5"', ">= 0 .. <= 5"),
        ('an end that is included has no sign: write "> 0 .. 5"', "> 0 .. ≤5"),
        ('an end that is included has no sign: write "0 .. < 5"', ">=0 .. <5"),
        ("is the letter O: write the number 0", "O"),
        ("is not a range", "met"),
        ("is not a range", ""),
        ("is not a range", "3.."),
        ("is not a range", ">= 3 .."),
        ("is not a range", "< 3 .. 7"),
        ("is not a range", "3 .. > 7"),
        ("is not a range", ">= 1e3"),
        ("a range of 1000000 characters", ">" * 1_000_000),
        ("is too large", ">= 9999999999999999999"),
        ("has more than 18 decimals", ">= 0.0000000000000000001"),
    ],
)
def test_other_texts_are_rejected_with_a_suggestion(part, text):
    """The message states the error in the text, or the probable meaning."""
    with pytest.raises(RangeSyntaxError) as caught:
        Range.parse(text)
    assert part in str(caught.value)


FORMS = 'write "3..7", ">= 3", "> 3", "<= 3", "< 3" or "80 .. < 90"'


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("the range '7..3' is empty: write the lower end first, \"3..7\"", "7..3"),
        ("the range '3 .. < 3' is empty: there is nothing between its ends", "3 .. < 3"),
        ("'3' is a number in quotes: write it without quotes, 3", "3"),
        ("'O' is the letter O: write the number 0", "O"),
        ("'o' is the letter O: write the number 0", "o"),
        (
            "'>= 90%': a range has no percent sign; write the number itself, in the unit of the input",
            ">= 90%",
        ),
        (
            "'９０％': a range has no percent sign; write the number itself, in the unit of the input",
            "９０％",
        ),
        ('\'3-7\': write ".." between the ends, as in "3..7"', "3-7"),
        ("'>= 0 .. <= 5': an end that is included has no sign: write \"0 .. 5\"", ">= 0 .. <= 5"),
        (f"'met' is not a range; {FORMS}", "met"),
        (f"a range of 73 characters; {FORMS}", "3.." + "7".rjust(70)),
        (
            "99999999999999999999 is too large: at most 18 digits before the decimal point",
            f">= {'9' * 25}",
        ),
    ],
)
def test_a_message_quotes_the_text_and_shows_the_forms(message, text):
    """The whole message, with no more than the first 20 digits of a number."""
    with pytest.raises(RangeSyntaxError) as caught:
        Range.parse(text)
    assert message == str(caught.value)


def test_a_text_of_seventy_two_characters_is_read():
    """That is twice two numbers at their longest."""
    assert Range.closed(3, 7) == Range.parse("3.." + "7".rjust(69))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Range((3, 0), (7, 0)), "3 .. ＜ 7"),
        (Range((3, 0), None), "＞＝3"),
        (Range(None, (3, 1)), "＜＝　3"),
    ],
)
def test_full_width_signs_are_read(expected, text):
    """The signs of a Chinese input method are accepted as the ASCII signs."""
    assert expected == Range.parse(text)


@given(ranges(decimals))
def test_a_formatted_range_parses_to_itself(span):
    """str and parse are inverse, but for a single number, which is written as a number."""
    assume(span.only is None)
    assert span == Range.parse(str(span))


def test_a_range_of_one_number_is_formatted_as_the_number():
    """A range of one number has that number and its text."""
    assert ("7.5", Fraction(15, 2)) == (
        str(Range.exactly(Fraction(15, 2))),
        Range.exactly(Fraction(15, 2)).only,
    )
    assert "<Range 3..7>" == repr(Range.closed(3, 7))


def test_an_empty_range_cannot_be_made():
    """What lies between two cuts is never nothing."""
    for cuts in (((3, 1), (3, 0)), ((3, 1), (3, 1)), ((4, 0), (3, 1))):
        with pytest.raises(RangeSyntaxError) as caught:
            Range(*cuts)
        assert f"the range from {cuts[0]} to {cuts[1]} is empty" == str(caught.value)


@given(ranges(), ranges(), numbers)
def test_the_intersection_of_two_ranges_is_in_both(one, other, value):
    """A number is in the meet exactly if it is in both."""
    met = one.meet(other)
    both = one.contains(value) and other.contains(value)
    assert both == (met is not None and met.contains(value))


@given(ranges(), st.none() | numbers, st.none() | numbers)
def test_a_range_covers_bounds_exactly_if_its_cuts_are_not_within_them(span, low, high):
    """A range covers the numbers between two endpoints, both included; None is unbounded."""
    assume(low is None or high is None or low <= high)
    below = span.low is None or (low is not None and span.low <= (low, 0))
    above = span.high is None or (high is not None and (high, 1) <= span.high)
    assert (below and above) == span.covers_bounds(low, high)


def test_a_range_covers_its_own_ends():
    """Where they are in it."""
    assert Range.closed(3, 7).covers_bounds(3, 7)
    assert not Range.parse("> 3 .. 7").covers_bounds(3, 7)
    assert not Range.parse("3 .. < 7").covers_bounds(3, 7)
    assert Range.parse(">= 3").covers_bounds(3, None)
    assert Range.parse("<= 7").covers_bounds(None, 7)


def test_ranges_that_only_touch_share_nothing():
    """At most 3 and more than 3 have no number in common; at most 3 and at least 3 have 3."""
    assert None is Range.parse("<= 3").meet(Range.parse("> 3"))
    assert Range.exactly(3) == Range.parse("<= 3").meet(Range.parse(">= 3"))


@given(ranges(), steps, st.integers(-300, 300))
def test_on_a_grid_a_range_keeps_its_multiples(span, step, index):
    """The range on the grid has the same multiples of the step, and begins and ends with one."""
    value = index * step
    grid = span.on_grid(step)
    assert span.contains(value) == (grid is not None and grid.contains(value))
    for cut in () if grid is None else (grid.low, grid.high):
        assert cut is None or (multiple(cut[0], step) and span.contains(cut[0]))


@given(ranges(), st.none() | steps, numbers)
def test_the_least_number_is_in_the_range_and_none_on_the_grid_comes_before_it(span, step, other):
    """With a lower end and a grid, nothing smaller on the grid is in; without any, None."""
    least = span.least(step)
    if least is None:
        assert step is not None
        assert not (multiple(other, step) and span.contains(other))
        return
    assert span.contains(least)
    if step is not None:
        assert multiple(least, step)
        if span.low is not None and other < least and multiple(other, step):
            assert not span.contains(other)


@pytest.mark.parametrize(
    ("expected", "text", "step"),
    [
        (3, ">= 3", None),
        (4, "> 3", 1),
        (4, "> 3", None),
        (2, "< 3", 1),
        (3, "<= 3", None),
        (0, "any", 1),
        (0, "any", None),
        (Fraction(841, 10), "> 84 .. < 85", None),
        (Fraction(179, 2), "> 89 .. < 90", Fraction(1, 2)),
        (None, "> 89 .. < 90", 1),
        (2, "< 3", None),
        (Fraction(5, 2), ">= 2.5", None),
        (Fraction(5, 2), "<= 2.5", None),
        (Fraction(5, 2), "2.5 .. < 9", None),
        (1, "> 0", None),
        (0, "< 1", None),
    ],
)
def test_the_least_numbers_of_known_ranges(expected, text, step):
    """Open endpoints have the number with the fewest decimals, on a grid the first multiple."""
    assert expected == Range.parse(text).least(step)


@given(st.lists(ranges(), max_size=5), st.none() | steps, st.sampled_from(HARD_NUMBERS))
def test_joined_ranges_hold_the_same_numbers(spans, step, value):
    """A number (on the grid) is in the joined ranges exactly if it is in one of them."""
    assume(step is None or multiple(value, step))
    joined = join(spans, step)
    assert any(s.contains(value) for s in spans) == any(s.contains(value) for s in joined)
    for left, right in itertools.pairwise(joined):
        assert left.high is not None
        assert right.low is not None
        assert left.high < right.low


@pytest.mark.parametrize(
    ("expected", "texts", "step"),
    [
        ("0, 1, 3 to 10", ["8..10", "3..7", "0..1"], 1),
        ("0 to 1, 3 to 7, 8 to 10", ["8..10", "3..7", "0..1"], None),
        ("0 to 1", ["0..1"], Fraction(1, 2)),
        ("3, 4", ["3..4"], 1),
        ("1, 1.5", ["1..1.5"], Fraction(1, 2)),
        ("-1, 0", ["-1..0"], 1),
        ("-1 to 2", ["-1..2"], 1),
        ("1 to 5", ["1 .. < 3", "3..5"], None),
        ("any number", ["< 3", "< 5", "any", "<= 7"], None),
        ("at least 3", ["3..7", ">= 5"], 1),
        ("any number", ["any", "3..7"], None),
        ("at most 7", ["<= 2", "3..7"], 1),
        ("80 to less than 90", ["80 .. < 90"], None),
        ("80 to 89", ["80 .. < 90"], 1),
        ("more than 80, to 90", ["> 80 .. 90"], None),
        ("", ["> 0 .. < 1"], 1),
    ],
)
def test_listing_formats_the_numbers_for_people(expected, texts, step):
    """Neighbours on the grid join; two numbers are named, more are a span."""
    assert expected == listing([Range.parse(text) for text in texts], step)


@pytest.mark.parametrize(
    ("english", "chinese", "text"),
    [
        ("0 to 5", "0–5", "0..5"),
        ("-5 to 3", "-5 至 3", "-5..3"),
        ("-5 to -1", "-5 至 -1", "-5..-1"),
        ("at most -1", "不超过 -1", "<= -1"),
        ("-5 to less than 0", "-5 及以上、不足 0", "-5 .. < 0"),
    ],
)
def test_a_minus_sign_is_not_beside_a_dash(english, chinese, text):
    """Ranges with negative ends in words, in both languages."""
    span = Range.parse(text)
    assert (english, chinese) == (listing([span], lang="en"), listing([span], lang="zh"))
