"""Exact numbers: conversion, rounding and formatting."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.arithmetic.number import (
    Exact,
    NotExactError,
    TooLongError,
    added,
    as_bool,
    canonical,
    computed,
    decimal_of,
    describe,
    exact,
    show,
)
from tests.strategies import HARD_NUMBERS, decimals, numbers


@pytest.mark.parametrize(
    ("expected", "given_value"),
    [
        (7, 7),
        (Fraction(3, 10), 0.3),
        (Fraction(15, 2), Decimal("7.50")),
        (8, Decimal("8.0")),
        (100, Decimal("1E+2")),
        (0, Decimal("0E-400000")),
        (0, -0.0),
        (Fraction(1, 3), Fraction(1, 3)),
        (2, Fraction(4, 2)),
        (-50, "-50"),
        (Fraction(1, 2), " .5 "),
        (Fraction(15, 2), "７．５"),
        (10**17, "1" + "0" * 17),
        (7, "7".rjust(72)),
        (7, "＋７"),
        (-7, "－７"),
        (10**18 - 1, 10**18 - 1),
        (1 - 10**18, Decimal(1 - 10**18)),
        (Fraction(1, 10**18), Fraction(1, 10**18)),
        (Fraction(1, 10**18), "0." + "1".rjust(18, "0")),
        (Fraction(15, 2), Exact("7.5")),
    ],
)
def test_values_of_exact_numbers_are_converted(expected, given_value):
    """Each form of a number means the one exact number, whole ones as int."""
    taken = exact(given_value)
    assert (expected, type(expected)) == (taken, type(taken))


class _Strange:
    """An object that cannot even be shown."""

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        ("is true or false, not a number", True),
        ("is not a number", float("nan")),
        ("is not a finite number", float("inf")),
        ("is not a number", Decimal("sNaN")),
        ("is not a finite number", Decimal("-Infinity")),
        ("is not a number", "abc"),
        ("is not a number", ""),
        ("is not a number", "1e3"),
        ("is not a number", "1,000"),
        ("is not a number", "٣"),
        ("is not a number: a text of 1000000 characters", "9" * 1_000_000),
        ("is not a number: a text of 73 characters", "7".rjust(73)),
        ("is too large: at most 18 digits before the decimal point", 10**400),
        ("is too large: at most 18 digits before the decimal point", Decimal("1e400000")),
        ("is too large: at most 18 digits before the decimal point", 10**18),
        ("is too large: at most 18 digits before the decimal point", Fraction(-(10**18))),
        ("has more than 18 decimals", Decimal("1e-400000")),
        ("has more than 18 decimals", Fraction(1, 10**18 + 1)),
        ("has more than 18 decimals", Decimal("1.0000000000000000001")),
        ("is not a number but of type list", [1]),
        ("is empty, not a number", None),
        ("is not a number but of type complex", 1j),
        ("is not a number but of type _Strange", _Strange()),
    ],
)
def test_other_values_are_rejected_with_the_reason(reason, value):
    """Only exact numbers within the limits are converted, without delay."""
    with pytest.raises(NotExactError) as caught:
        exact(value)
    assert reason == str(caught.value)


class _Integral:
    """What another library's integer looks like."""

    def __int__(self) -> int:
        return 7


class _Rational:
    """What another library's fraction looks like."""

    numerator = 3
    denominator = 6


class _Real:
    """What another library's float looks like: its text is its shortest repr."""

    def __str__(self) -> str:
        return "0.1"


def test_numbers_of_other_libraries_are_converted_by_their_registered_type():
    """NumPy's scalars register with the abstract types; a narrow float means its own shortest repr."""
    import numbers as abstract

    abstract.Integral.register(_Integral)
    abstract.Rational.register(_Rational)
    abstract.Real.register(_Real)
    assert 7 == exact(_Integral())
    assert Fraction(1, 2) == exact(_Rational())
    assert Fraction(1, 10) == exact(_Real())


class _Scalar:
    """A scalar of another library: it returns the value that it holds."""

    def __init__(self, held, kind="?"):
        self.held = held
        self.dtype = type("Dtype", (), {"kind": kind})

    def item(self):
        if isinstance(self.held, Exception):
            raise self.held
        return self.held

    def __int__(self):
        return self.held


class _Array(_Scalar):
    """What another library's array looks like: a scalar with a length."""

    def __len__(self):
        return 1


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (True, True),
        (False, False),
        (None, 1),
        (None, "true"),
        (True, _Scalar(held=True)),
        (False, _Scalar(held=False)),
        (None, _Scalar(1)),
        (None, _Scalar(TypeError())),
        (None, _Array(held=True)),
        (None, type("Field", (), {"item": True})()),
    ],
)
def test_a_truth_value_is_recognised_by_its_item(expected, value):
    """Truth values of any library; not values with a length, and not numbers."""
    assert expected is as_bool(value)


def test_scalars_that_are_not_numbers_are_rejected():
    """Truth values and durations, though they register as whole numbers."""
    import numbers as abstract

    abstract.Integral.register(_Scalar)
    reasons = {}
    for name, value in {
        "truth": _Scalar(held=True),
        "duration": _Scalar(7, "m"),
        "moment": _Scalar(7, "M"),
        "whole": _Scalar(7, "i"),
    }.items():
        try:
            reasons[name] = exact(value)
        except NotExactError as error:
            reasons[name] = str(error)
    assert {
        "truth": "is true or false, not a number",
        "duration": "is not a number but of type _Scalar",
        "moment": "is not a number but of type _Scalar",
        "whole": 7,
    } == reasons
    # without a kind, its registered type decides
    plain = _Scalar(8)
    del plain.dtype
    assert 8 == exact(plain)


def test_a_decimal_of_a_class_of_its_own_is_its_number():
    """The subclass's own methods are not used."""

    class Odd(Decimal):
        def adjusted(self):
            return 99

        def is_finite(self):
            return False

    assert Fraction(15, 2) == exact(Odd("7.5"))


def test_a_computed_number_has_at_most_a_thousand_digits():
    """In the numerator and in the denominator, with either sign."""
    most = 10**1000 - 1
    for number in (most, -most, Fraction(1, most), Fraction(-most, 2)):
        assert number == computed(number)
        assert number == added([number, 0])
    for number in (most + 1, -most - 1, Fraction(1, most + 1), Fraction(most + 2, 2)):
        with pytest.raises(TooLongError, match="a number of more than 1000 digits"):
            computed(number)
        with pytest.raises(TooLongError):
            added([0, number])


@given(st.lists(st.fractions(-9, 9, max_denominator=40), max_size=6))
def test_a_sum_is_that_of_fractions(numbers):
    """Also of no numbers; a whole sum is an integer."""
    assert sum(numbers) == added(numbers)
    assert (Fraction(sum(numbers)).denominator == 1) == isinstance(added(numbers), int)


def test_a_sum_is_rejected_as_soon_as_it_is_too_long():
    """Even if what follows makes it short again; many long denominators are added one by one."""
    half = 10**1000 - 1
    for some in ([half, half, -half], [Fraction(1, half), Fraction(1, 10**9 + 7)]):
        with pytest.raises(TooLongError):
            added(some)
    assert half == added([half, -half, half])
    assert Fraction(3, half) == added([Fraction(1, half)] * 3)
    long, other = 10**700, 10**700 * 3
    assert Fraction(4, other) == added([Fraction(1, long), Fraction(1, other)])


@given(decimals)
def test_a_formatted_decimal_parses_to_itself(value):
    """show and exact are inverse for what has a finite decimal form."""
    assert value == exact(show(value))
    assert value == exact(decimal_of(value))


@given(numbers)
def test_numbers_go_out_without_loss(value):
    """decimal_of equals its argument, and is a Decimal exactly if there is a finite decimal form."""
    out = decimal_of(value)
    assert value == out
    rest = Fraction(value).denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    assert isinstance(out, Decimal) == (rest == 1)


@given(numbers, st.sampled_from([1, 2, 5, 28]))
def test_the_decimal_context_changes_nothing(value, precision):
    """A context of one digit gives the same numbers."""
    expected = decimal_of(value), show(value)
    with decimal.localcontext() as context:
        context.prec = precision
        assert expected == (decimal_of(value), show(value))


def test_whole_decimals_show_no_exponent():
    """1E+2 is shown as 100, whether it comes as a Decimal or through exact."""
    assert "100" == show(Decimal("1E+2")) == str(decimal_of(exact(Decimal("1E+2"))))


@given(st.fractions(-5, 5))
def test_canonical_numbers_are_int_exactly_where_they_are_whole(value):
    """One number has one form."""
    out = canonical(value)
    assert out == value
    assert isinstance(out, int) == (value.denominator == 1)


@pytest.mark.parametrize("value", HARD_NUMBERS)
def test_describe_shows_numbers_plainly(value):
    """A number is shown as show does."""
    assert show(value) == describe(value)


def test_describe_shows_all_else_briefly():
    """Flags, texts and monstrous numbers are shown briefly."""
    assert "True" == describe(True)
    assert "'met'" == describe("met")
    assert "1.000000000...E+400" == describe(10**400)


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("1E+99999999", Decimal("1e99999999")),
        ("-1E-99999999", Decimal("-1e-99999999")),
        ("0." + "9" * 5000, Decimal("0." + "9" * 5000)),
        ("0." + "0" * 899 + "1", Decimal("1e-900")),
    ],
)
def test_a_decimal_far_beyond_all_limits_is_shown_as_written(shown, value):
    """A number of a table that nothing computes with is neither written out nor an error."""
    assert shown == show(value)


def test_of_a_long_list_the_first_numbers_are_shown():
    """Eight; any list is shown as a ruleset file spells it, and never as Python does."""
    assert "[1, 2.5]" == describe((1, Fraction(5, 2)))
    assert "[0, 1, 2, 3, 4, 5, 6, 7, ...]" == describe(tuple(range(9)))
    assert "[1, true]" == describe((1, True))
    assert "[]" == describe(())
    assert "['a', [...]]" == describe(["a", [1, [2]]])
