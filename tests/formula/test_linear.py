"""Intervals of formulas whose names occur together: sums and their quotients, on all small points."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.formula import UndefinedError, parse
from kpirules.formula.linear import Enclosure, Linear, enclosed, narrowed


NAMES = ("a", "b", "c")


def ends_of(text, **ends):
    """Return the interval of a formula, for intervals of its names."""
    of = {n: Enclosure(e, Linear.of_name(n)) for n, e in ends.items()}
    return enclosed(parse(text).tree, of, ends).ends


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ((0, 0), "a - a"),
        ((-10, 10), "a - b"),
        ((0, 10), "2 * a - a"),
        ((0, 10), "a * 2 - a"),
        ((0, 5), "a / 2"),
        ((-5, 0), "-(a / 2)"),
        ((0, 10), "sum(a, b) - b"),
        ((0, 10), "2 * mean(a, b) - b"),
        ((0, 100), "a * b"),
        ((0, 100), "a * a"),
        ((0, 10), "min(a + b, a)"),
        ((0, 0), "min(a + b, a) - a"),
        ((0, 0), "max(a, a + b) - a - b"),
        ((-10, 10), "a - min(a, b)"),
        ((-100, 100), "100 * (a - b) / (a + b)"),
        ((0, 1), "a / (a + b)"),
        ((0, 5), "ratio(a, a + b, 5)"),
        ((None, None), "a / (a - b)"),
        ((1, None), "(1 + a) / a"),
        ((None, None), "(1 - b) / a"),
        ((None, None), "a / (a - a)"),
        ((3, 3), "(abs(a) + 4) - (abs(a) + 1)"),
        ((1, 1), "abs(-1 - a) - a"),
        ((-10, 10), "abs(a - b) - abs(a - b)"),
    ],
)
def test_the_interval_of_names_that_occur_together(expected, text):
    """Of a and b from 0 to 10: exact for sums, and for quotients of sums as their multiples are."""
    assert expected == ends_of(text, a=(0, 10), b=(0, 10))


def test_shares_of_numbers_without_end():
    """A score of promoters and detractors lies between -100 and 100, for any counts."""
    counts = {"a": (0, None), "b": (0, None), "c": (0, None)}
    assert (-100, 100) == ends_of("100 * (a - b) / (a + b + c)", **counts)
    assert (-100, 100) == ends_of("100 * ratio(a - b, a + b + c, 0)", **counts)
    assert (-100, 200) == ends_of("ratio(100 * (a - b), a + b + c, 200)", **counts)
    # from their greatest values down
    assert (0, 1) == ends_of("a / (a + b)", a=(None, -1), b=(None, -1))
    # without ends nothing is known
    assert (None, None) == ends_of("a / (a + b)", a=(None, None), b=(0, 1))


def test_what_is_no_sum_has_its_own_interval():
    """A list has no sum; nor has a name whose sum is not known."""
    tree = parse("mean(l) - mean(l)", frozenset({"l"})).tree
    assert (-3, 3) == enclosed(tree, {"l": Enclosure((1, 4))}, {}).ends
    assert (-3, 3) == enclosed(parse("a - a").tree, {"a": Enclosure((1, 4))}, {}).ends


def test_a_sum_with_long_multiples_is_forgotten():
    """Its interval is that of the parts."""
    tiny = " / 7" * 120
    found = enclosed(
        parse(f"a{tiny}").tree, {"a": Enclosure((0, 1), Linear.of_name("a"))}, {"a": (0, 1)}
    )
    assert found.linear is None
    assert 0 == found.ends[0]


def test_what_two_intervals_have_in_common():
    """The first one where that is nothing."""
    assert (2, 3) == narrowed((0, 3), (2, None))
    assert (0, 3) == narrowed((0, 3), (4, 5))
    assert (None, 3) == narrowed((None, 3), (None, None))


SIDES = st.tuples(st.integers(-3, 3), st.integers(0, 3)).map(lambda e: (e[0], sum(e)))
PARTS = ("a", "b", "c", "2 * a", "-b", "a - c", "3", "a + b + c", "b / 2", "a - a", "2 * b + 1")
WHOLES = (
    *("({0}) + ({1})", "({0}) - ({1})", "({0}) / ({1})", "ratio({0}, {1}, a)", "min({0}, {1}, c)"),
    *("max({0}, {1})", "({0}) * ({1})", "mean({0}, {1}) / 2", "sum({0}, {1}, 1)", "-({0}) / ({1})"),
)


@given(st.sampled_from(WHOLES), st.sampled_from(PARTS), st.sampled_from(PARTS), SIDES, SIDES, SIDES)
def test_every_value_lies_in_the_interval(whole, one, other, a, b, c):  # noqa: PLR0917 - drawn
    """At each point of a box of whole numbers; the interval is never wider than without sums."""
    formula, ends = parse(whole.format(one, other)), dict(zip(NAMES, (a, b, c), strict=True))
    low, high = ends_of(whole.format(one, other), **ends)
    for point in itertools.product(*(range(e[0], e[1] + 1) for e in ends.values())):
        try:
            value = Fraction(formula.value(dict(zip(NAMES, point, strict=True))))
        except UndefinedError:
            continue
        assert low is None or low <= value
        assert high is None or value <= high
    wide_low, wide_high = formula.bounds(ends)
    assert wide_low is None or (low is not None and low >= wide_low)
    assert wide_high is None or (high is not None and high <= wide_high)
