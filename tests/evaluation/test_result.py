"""The numbers of a result: one type, exact, that everything takes which takes a Decimal; and money."""

from __future__ import annotations

import copy
import math
import operator
import pickle
import statistics
from decimal import (
    ROUND_CEILING,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    localcontext,
)
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules import InputError, evaluate, loads, payslip
from kpirules.arithmetic.number import MODES, Exact, NotExactError, exact, show


DECIMALS = st.decimals(
    min_value=-(10**20), max_value=10**20, allow_nan=False, allow_infinity=False, places=6
)
#: numbers with and without a finite decimal form, in each of the types
VALUES = st.one_of(st.fractions(max_denominator=10**6), st.integers(-(10**20), 10**20), DECIMALS)
OTHERS = st.one_of(VALUES, VALUES.map(Exact))


@given(VALUES)
def test_a_number_is_what_it_is_made_of(value):
    """It equals it, hashes as it, and comes back from text, pickle and copies."""
    number, whole = Exact(value), Fraction(value)
    assert number == value
    assert value == number
    assert hash(value) == hash(number)
    assert whole == number.exact == number.number == Fraction(number) == exact_or(number)
    assert whole.as_integer_ratio() == number.as_integer_ratio()
    assert show(whole) == str(number) == f"{number}"
    assert f"Exact('{show(whole)}')" == repr(number)
    for back in (Exact(str(number)), Exact(number), pickle.loads(pickle.dumps(number))):  # noqa: S301 - our own bytes
        assert (number, Exact) == (back, type(back))
    assert number is copy.copy(number) is copy.deepcopy(number) is +number
    assert (float(whole), bool(whole)) == (float(number), bool(number))


def exact_or(number):
    """Read a number as an input; one of too many digits is no input."""
    try:
        return exact(number)
    except NotExactError:
        return number.exact


@given(VALUES)
def test_a_decimal_stands_for_it(value):
    """The number itself where it has one; else the nearest of 28 digits, rounded half up."""
    number, whole = Exact(value), Fraction(value)
    plain = Decimal(number)
    assert Decimal is type(plain)
    if "/" not in str(number):
        assert (whole, str(number)) == (Fraction(plain), str(plain))
    else:
        assert (
            Context(prec=28, rounding=ROUND_HALF_UP).divide(
                Decimal(whole.numerator), Decimal(whole.denominator)
            )
            == plain
        )
    assert isinstance(number, Decimal)


@pytest.mark.parametrize("act", [operator.add, operator.sub, operator.mul, operator.truediv])
@given(one=VALUES, other=OTHERS)
def test_arithmetic_is_that_of_fractions(act, one, other):
    """From either side, with each type, whatever the decimal context."""
    first, second = Fraction(one), Fraction(other)
    assume(act is not operator.truediv or (first and second))
    with localcontext(Context(prec=3)):
        there, back = act(Exact(one), other), act(other, Exact(one))
    assert (act(first, second), Exact) == (there, type(there))
    assert (act(second, first), Exact) == (back, type(back))


@given(one=VALUES, other=OTHERS)
def test_whole_division_is_that_of_decimals(one, other):
    """It cuts towards zero; the remainder has the sign of the first number."""
    first, second = Fraction(one), Fraction(other)
    assume(first and second)
    times = math.trunc(first / second)
    pair = (times, first - times * second)
    assert pair == divmod(Exact(one), other) == (Exact(one) // other, Exact(one) % other)
    if isinstance(one, Decimal):
        assert pair == divmod(one, Exact(other))
    assert (Exact(-3), Exact(-1)) == divmod(Exact(-7), 2) == divmod(Decimal(-7), Decimal(2))


@given(one=VALUES, power=st.integers(-5, 5))
def test_powers_are_those_of_fractions(one, power):
    """With a whole exponent of any type."""
    assume(one or power > 0)
    expected = Fraction(one) ** power
    assert expected == Exact(one) ** power == Exact(one) ** Decimal(power)
    assert 2**power == 2 ** Exact(power)


@given(one=VALUES, other=OTHERS | st.floats(allow_nan=False, allow_infinity=False))
def test_order_is_that_of_fractions(one, other):
    """From either side, with floats by their exact value too."""
    first, second = Fraction(one), Fraction(other)
    for act in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        assert act(first, second) == act(Exact(one), other)
        assert act(second, first) == act(other, Exact(one))


@given(VALUES)
def test_whole_numbers_and_signs_are_those_of_fractions(value):
    """To a whole number in each direction; half to even where nothing is said."""
    number, whole = Exact(value), Fraction(value)
    for act in (math.floor, math.ceil, math.trunc, int, round, abs, operator.neg):
        assert act(whole) == act(number)
    for digits in (-2, 0, 2, 30):
        rounded = round(number, digits)
        assert (round(whole, digits), Exact) == (rounded, type(rounded))


@given(VALUES, st.integers(-3, 8), st.sampled_from([*MODES]))
def test_quantize_rounds_the_number_itself(value, places, mode):
    """By each mode of decimal, to an exponent, with all its digits."""
    unit = Decimal(1).scaleb(-places)
    with localcontext(Context(prec=3)):
        rounded = Exact(value).quantize(unit, f"ROUND_{mode.upper()}")
    expected = MODES[mode](Fraction(value) * Fraction(10) ** places) * Fraction(10) ** -places
    assert (expected, -places) == (Fraction(rounded), rounded.as_tuple().exponent)
    assert Decimal is type(rounded)


def test_quantize_rounds_half_to_even_unless_told():
    """The mode of a context counts where one is given, as Django does; not that of the thread."""
    half = Exact("2.5")
    with localcontext(Context(rounding=ROUND_CEILING)):
        assert Decimal(2) == half.quantize(1)
    assert Decimal(3) == half.quantize(Decimal(1), context=Context(rounding=ROUND_CEILING))
    assert "84.00" == str(Exact(84).quantize(Decimal("0.01")))
    with pytest.raises(NotExactError, match="cannot have the exponent of Infinity"):
        half.quantize(Decimal("inf"))


@given(VALUES, st.integers(0, 30))
def test_format_rounds_the_number_itself(value, digits):
    """Half to even, from all its digits, whatever the decimal context."""
    with localcontext(Context(prec=3, rounding=ROUND_CEILING)):
        shown = f"{Exact(value):.{digits}f}"
    with localcontext(Context(prec=200, rounding=ROUND_HALF_EVEN)):
        assert round(Fraction(value), digits) == Fraction(shown)
    assert digits == len(shown.partition(".")[2])


@pytest.mark.parametrize(
    ("number", "spec", "shown"),
    [
        ("1000/9", "", "1000/9"),
        ("1000/9", ".2f", "111.11"),
        ("1000/9", ",.1f", "111.1"),
        ("1000000/9", ",.3f", "111,111.111"),
        ("2/3", ".0f", "1"),
        ("-2/3", "+.1f", "-0.7"),
        ("1/3000", ".2e", "3.33e-4"),
        ("1/3", ".1%", "33.3%"),
        ("2/3", ".4g", "0.6667"),
        ("1/3", "f", "0.3333333333333333333333333333"),
        ("1/3", "010.2f", "0000000.33"),
        ("1000/9", "10", "    1000/9"),
        ("1000/9", "<8", "1000/9  "),
        ("1000/9", "*^10", "**1000/9**"),
        ("84", ".2f", "84.00"),
        ("0.125", ".2f", "0.12"),
        ("0.375", ".2f", "0.38"),
        ("1234567.5", ",", "1,234,567.5"),
        ("84", ">5", "   84"),
    ],
)
def test_a_format_is_that_of_decimals(number, spec, shown):
    """Without precision and type it is the text, fraction and all."""
    assert shown == format(Exact(number), spec)


def test_sums_and_means_are_exact():
    """Of totals that have no finite decimal form among them."""
    totals = [Exact("100/3"), Exact("84"), Exact("100/3")]
    assert Fraction(452, 3) == sum(totals)
    assert Exact is type(sum(totals))
    assert Fraction(452, 9) == statistics.mean(totals)
    assert (Exact(84), Exact("100/3")) == (max(totals), min(totals))
    assert [Exact("100/3"), Exact("100/3"), Exact(84)] == sorted(totals)
    assert {Exact(84): 1} == {84: 1} == {Decimal(84): 1}
    assert Exact("203/6") == totals[0] + Decimal("0.5")


@pytest.mark.parametrize("act", [operator.add, operator.mul, operator.truediv, operator.floordiv])
def test_a_float_has_no_place_in_exact_arithmetic(act):
    """As with Decimal; nor has a text."""
    for other in (0.5, "1", None):
        for pair in ((Exact("1/3"), other), (other, Exact("1/3"))):
            with pytest.raises(TypeError):
                act(*pair)
    with pytest.raises(TypeError, match="made of int, Decimal, Fraction or str, not float"):
        Exact(0.5)


def test_what_has_no_exact_value_is_an_error():
    """A divisor of 0, a root, a power by a modulus."""
    for act in (operator.truediv, operator.floordiv, operator.mod):
        with pytest.raises(ZeroDivisionError):
            act(Exact(1), 0)
    for act in (lambda: Exact(2) ** Decimal("0.5"), lambda: Decimal(2) ** Exact("1/3")):
        with pytest.raises(TypeError, match="whole powers only"):
            act()
    for act in (lambda: pow(Exact(2), 3, 5), lambda: pow(2, Exact(3), 5)):
        with pytest.raises(TypeError):
            act()


@pytest.mark.parametrize("text", ["", "x", "1/0", "1/-3", "1e5", " 1", "1/2/3", "NaN"])
def test_a_text_that_is_no_number_is_an_error(text):
    """A plain decimal or a fraction is one."""
    with pytest.raises(NotExactError, match="is not a number"):
        Exact(text)
    with pytest.raises(NotExactError, match="NaN is not a finite number"):
        Exact(Decimal("NaN"))
    assert (0, 1, Fraction(-15, 2)) == (Exact(), Exact("+1"), Exact("-7.50"))
    assert "Exact('100')" == repr(Exact(Decimal("1E+2")))


def test_decimals_without_an_end_are_met_as_decimals_are():
    """Infinity and what is far beyond any amount compare, and compute as Decimal does."""
    third = Exact("1/3")
    for far in (Decimal("Infinity"), Decimal("1E+999999999")):
        assert third < far
        assert far > third
        assert far.copy_negate() < third
        assert third != far
    assert (third + Decimal("NaN")).is_nan()
    assert Decimal("Infinity") == Decimal("Infinity") - third
    assert third < math.inf
    assert third != "1/3"


def test_a_total_is_read_exactly_where_it_is_an_input():
    """What one rubric gave is a record's value for another: a decimal or not."""
    first = loads('schema = 1\nid = "a"\ncriterion = [{ id = "x", weight = 100, scale = 3 }]')
    second = loads(
        'schema = 1\nid = "b"\ninputs.last = { type = "number", range = "0..100" }\n'
        'criterion = [{ id = "x", weight = 100, formula = "last" }]'
    )
    for rating in (1, 3):
        total = evaluate(first, {"x": rating}).total
        assert total == evaluate(second, {"last": total}).total
        assert total == evaluate(second, {"last": total}).inputs["last"]


# ---------------------------------------------------------------- money


def paid(pay, currency):
    """Return a result that pays so much."""
    named = f'currency = "{currency}"\n' if currency else ""
    rubric = loads(
        f'schema = 1\nid = "m"\n{named}inputs.n = {{ type = "number", range = "-100..100" }}\n'
        'criterion = [{ id = "a", weight = 100 }]\n'
        f'outcome.pay = {{ formula = "{pay}" }}\n'
    )
    return evaluate(rubric, {"a": 1, "n": 1})


@pytest.mark.parametrize(
    ("currency", "step", "pay", "base", "total"),
    [
        ("CNY", "0.01", "33.33", "1000", "1033.33"),
        ("EUR", "0.01", "33.33", "1000", "1033.33"),
        ("JPY", "1", "33", "1000", "1033"),
        ("KWD", "0.001", "33.333", "1000", "1033.333"),
        ("CLF", "0.0001", "33.3333", "1000", "1033.3333"),
    ],
)
def test_money_is_rounded_to_the_minor_unit_of_its_currency(currency, step, pay, base, total):
    """ISO 4217: none, two, three or four digits; the payslip says from what."""
    slip = payslip(paid("100 * n / 3", currency), base=1000, round_to="currency")
    assert (Exact(pay), Exact(base), Exact(total)) == (
        slip["performance"],
        slip["base"],
        slip.total,
    )
    assert (Exact(step), "half_up") == (slip.rounded.to, slip.rounded.mode)
    assert Exact("3100/3") == slip.rounded.exact.total
    assert None is slip.rounded.exact.rounded
    assert currency == slip.currency == slip.rounded.exact.currency


def test_money_is_exact_unless_it_is_to_be_rounded():
    """A third of 100 stays one."""
    slip = payslip(paid("100 * n / 3", "EUR"), base="0.005")
    assert (Exact("20003/600"), None) == (slip.total, slip.rounded)


@given(
    amounts=st.lists(st.fractions(-1000, 1000, max_denominator=1000), min_size=1, max_size=5),
    step=st.sampled_from(["0.01", "0.05", "1", "10", "1/3"]),
    mode=st.sampled_from([*MODES]),
)
def test_a_rounded_payslip_adds_up(amounts, step, mode):
    """Each part is the nearest multiple in its mode, and the total is what the parts add up to."""
    step = Fraction(step)
    parts = {f"p{i}": amount for i, amount in enumerate(amounts)}
    slip = payslip(paid("5 * n", "EUR"), **parts, round_to=step, mode=mode)
    assert slip.total == sum(amount for _, amount in slip.parts)
    for name, amount in parts.items():
        assert MODES[mode](amount / step) * step == slip[name]
        assert amount == slip.rounded.exact[name]
    assert (step, mode) == (slip.rounded.to, slip.rounded.mode)


@pytest.mark.parametrize(
    ("currency", "given", "said"),
    [
        ("", {"round_to": "currency"}, "round_to = 'currency': the ruleset names no currency; "
         "allowed: a step, such as 0.01"),
        ("QQQ", {"round_to": "currency"}, "round_to = 'currency': QQQ is not a currency of ISO 4217 "
         "with a minor unit; allowed: a step, such as 0.01"),
        ("XAU", {"round_to": "currency"}, "round_to = 'currency': XAU is not a currency of ISO 4217 "
         "with a minor unit; allowed: a step, such as 0.01"),
        ("EUR", {"round_to": 0}, "round_to = 0: is not above 0; "
         'allowed: "currency", or a step above 0, such as 0.01'),
        ("EUR", {"round_to": "EUR"}, "round_to = 'EUR': is not a number; "
         'allowed: "currency", or a step above 0, such as 0.01'),
        ("EUR", {"round_to": True}, "round_to = True: is true or false, not a number; "
         'allowed: "currency", or a step above 0, such as 0.01'),
        ("EUR", {"mode": "half"}, "mode = 'half': is not a mode of rounding; "
         f"allowed: {', '.join(MODES)}"),
    ],
)  # fmt: skip
def test_money_that_cannot_be_rounded_is_an_error(currency, given, said):
    """With what would be right; beside what else is wrong."""
    with pytest.raises(InputError) as caught:
        payslip(paid("5 * n", currency), base="x", **given)
    assert ["base = 'x': is not a number", said] == [str(p) for p in caught.value.problems]
