"""The values that a name may have in a part of all records, and the halves of such a part."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.api.load import check_text
from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.range import Range
from kpirules.checks.possible_values import NOTHING, Values, halves, inside, is_sure, without


def numbers(text, step=None, **more):
    """Give numbers of a range."""
    return Values(Axis(domain=Range.parse(text), step=step), **more)


def options(*codes, missing=False, **more):
    """Give options."""
    return Values(Axis(options=codes, missing=missing), **more)


def left(values):
    """Give the range or the options of values; None without any."""
    if values.axis is None:
        return None
    return str(values.axis.domain) if values.axis.options is None else values.axis.options


@pytest.mark.parametrize(
    ("expected", "values", "entries"),
    [
        ("> 0 .. 9", numbers("0..9"), (Range.exactly(0),)),
        ("0 .. < 9", numbers("0..9"), (Range.parse(">= 9"),)),
        ("> 2 .. < 7", numbers("0..9"), (Range.parse("<= 2"), Range.parse(">= 7"))),
        ("0..9", numbers("0..9"), (Range.parse("3..4"), "missing")),
        ("0..9", numbers("0..9"), (Range.parse("20..30"),)),
        (None, numbers("0..9"), (Range.parse(">= 0"),)),
        (None, numbers("0..9"), (Range.parse("< 5"), Range.parse(">= 5"))),
        (("q",), options("p", "q"), ("p",)),
        (None, options("p"), ("p",)),
        ((), options("p", missing=True), ("p",)),
        (None, NOTHING, (Range.exactly(0),)),
    ],
)
def test_values_for_which_a_condition_does_not_hold(expected, values, entries):
    """As far as ends or options show it; within the numbers nothing is taken out."""
    assert expected == left(without(values, entries))


def test_numbers_that_may_be_missing_leave_what_is_missing():
    """All numbers are taken out."""
    values = Values(Axis(domain=Range.parse("0..9"), missing=True))
    found = without(values, (Range.parse("0..9"),)).axis
    assert ((), True) == (found.options, found.missing)


@pytest.mark.parametrize(
    ("sure", "values", "entries"),
    [
        (True, numbers("0..5"), (Range.parse("< 9"),)),
        (False, numbers("0..5"), (Range.parse("< 4"), Range.parse(">= 4"))),
        (False, numbers("0..5", absent=True), (Range.parse("< 9"),)),
        (True, options(False, True), (True, False)),
        (False, options(False, True), (True,)),
        (False, options("p", missing=True), ("p",)),
        (False, NOTHING, ("p",)),
        (False, numbers("0..5"), ("missing",)),
    ],
)
def test_a_condition_that_holds_for_all_values(sure, values, entries):
    """What may be missing is not sure."""
    assert sure == is_sure(values, entries)


@pytest.mark.parametrize(
    ("expected", "values"),
    [
        (["> 5..10", "0..5"], numbers("0..10")),
        (["> 0..4", "-4..0"], numbers("-4..4")),
        (["6..10", "0..5"], numbers("0..10", 1)),
        (["1", "0"], numbers("0..1", 1)),
        (["> 16", "0..16"], numbers(">= 0")),
        (["> -16..0", "<= -16"], numbers("<= 0")),
        (["> 0", "<= 0"], numbers("any")),
        ([], numbers("3..3")),
        ([], numbers("3..4", 5)),
        ([], NOTHING),
        ([], options("p")),
        ([("q", "r"), ("p",)], options("p", "q", "r")),
        ([None, "0..10"], numbers("0..10", absent=True)),
        ([(), ("p",)], options("p", missing=True)),
        ([], Values(Axis(options=(), missing=True), absent=True)),
    ],
)
def test_the_halves_of_values(expected, values):
    """The lower one last; first, whether there is a value at all."""
    shown = [left(half) for half in halves(values, is_list=False)]
    assert [
        each
        if each is None or isinstance(each, tuple)
        else str(Range.parse(each))
        if " " in each or ".." in each
        else each
        for each in expected
    ] == shown


def test_a_list_has_no_halves():
    """Its items may lie on both sides of a cut."""
    assert [] == halves(numbers("0..10"), is_list=True)


ENDS = st.fractions(-20, 20, max_denominator=4)


@given(ENDS, ENDS, st.sampled_from([None, 1, Fraction(1, 2)]), st.booleans(), st.booleans())
def test_the_halves_have_all_values_and_none_twice(one, other, step, low_open, high_open):
    """Each number of the grid lies in exactly one of them."""
    low, high = sorted((one, other))
    if low == high:
        return
    values = Values(Axis(domain=Range((low, int(low_open)), (high, int(not high_open))), step=step))
    pieces = halves(values, is_list=False)
    for i in range(-160, 161):
        number = Fraction(i, 8)
        if values.axis.domain.contains(number) and (step is None or number % step == 0):
            assert sum(piece.axis.domain.contains(number) for piece in pieces) == (
                1 if pieces else 0
            )


def test_values_within_a_range():
    """Options have none."""
    assert "2..5" == left(inside(numbers("0..5"), Range.parse(">= 2")))
    assert None is left(inside(numbers("0..5"), Range.parse("> 5")))
    assert ("p",) == left(inside(options("p"), Range.parse("> 5")))
    assert None is left(inside(NOTHING, Range()))
    assert (None, None) == NOTHING.ends


def test_a_value_that_is_not_known_is_not_called_a_number():
    """Bounds of lists have no value to show: the message says that the range may be left."""
    found = check_text("""
        schema = 1
        id = "spread"
        inputs.a = { type = "number", range = "1..10", many = true }
        [outcome.spread]
        formula = "mean(highest(a, 2)) - mean(lowest(a, 2))"
        range = "0..9"
    """)
    (text,) = [f.message("en") for f in found if f.code == "not-proved"]
    assert "the value of the formula can be out of range; allowed: 0 to 9" in text
