"""Numbers that may have more digits than the evaluation computes are a warning."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, check, evaluate, load_file, loads
from kpirules.api.load import check_text
from kpirules.arithmetic.number import LIMIT, MAX_COMPUTED_DIGITS, TooLongError
from kpirules.checks.digits import Size, size_of
from kpirules.formula import UndefinedError, parse
from tests import ROOT


HEAD = 'schema = 1\nid = "x"\n'
ONE = '[[criterion]]\nid = "a"\nweight = 100\n'
#: the longest number of a record, and a few others of many digits
LONG = Fraction(LIMIT**2 - 1, LIMIT)


def found(text):
    """Return the places that the finding names."""
    every = check_text(HEAD + text)
    assert not [f for f in every if f.severity == "error"]
    return [f.place for f in every if f.code == "number-too-long"]


def facts(count, more=""):
    """Return inputs that are numbers."""
    return "".join(f'inputs.x{i} = {{ type = "number"{more} }}\n' for i in range(count))


def product(count):
    """Return the product of inputs."""
    return " * ".join(f"x{i}" for i in range(count))


def quotients(count):
    """Return the sum of quotients of inputs."""
    return "+".join(f"ratio(1,x{i},0)" for i in range(count))


# a number of a record has up to 36 digits: 26 of them have 936, 28 have 1008
PLACES = {
    "derive.d": ONE + '[derive.d]\nformula = "{}"\n[outcome.o]\nformula = "d"\n',
    "criterion a": ONE + 'formula = "{}"\nclamp = "0..100"\n',
    "adjust.j": ONE + '[[adjust]]\nid = "j"\nformula = "{}"\n[total]\nclamp = "0..100"\n',
    "total": ONE + '[total]\nformula = "{}"\nclamp = "0..100"\n',
    "outcome.o": ONE + '[outcome.o]\nformula = "{}"\n',
}


@pytest.mark.parametrize("make", [product, quotients])
@pytest.mark.parametrize("place", PLACES)
def test_a_quantity_in_every_place_may_be_too_long(place, make):
    """28 numbers of 36 digits have more than 1000 digits together, 26 have fewer."""
    text = PLACES[place]
    (at,) = found(facts(28) + text.format(make(28)))
    assert at.startswith(place.split()[-1])
    assert "formula" in at
    assert [] == found(facts(26) + text.format(make(26)))


def test_weights_of_records_may_be_too_long():
    """A weight is a formula like any other."""
    text = 'weights_total = "sum"\ncriterion = [{{ id = "a", weight = "{}", scale = 10 }}]\n'
    positive = ', range = "1..2"'
    (at,) = found(facts(60, positive) + text.format(product(60)))
    assert "a.weight" == at
    assert [] == found(facts(20, positive) + text.format(product(20)))


def test_a_band_and_its_condition_count():
    """The names are as large as they are where the band holds."""
    text = (
        'inputs.x = { type = "count" }\n'
        + ONE
        + '[outcome.o]\nbands = [\n{ when = { x = "0..9" }, formula = "POWER" },\n'
        + '{ when = "otherwise", value = 0 },\n]\n'
    )
    text = text.replace("POWER", "*".join(["x"] * 200))
    assert [] == found(text.replace('"0..9"', '"0..9999"'))
    wider = text.replace('"0..9"', '"0..999999"')
    assert ["outcome.o.bands[0].formula"] == found(wider)


@pytest.mark.parametrize(
    "quantity",
    [
        'formula = "d * d", round = { to = 0.01, mode = "half_up" }, clamp = "0..100"',
        'formula = "round(d * d, 0.01)", clamp = "0..100"',
        'formula = "floor(d * d) / 7", range = "0..100"',
        'formula = "count(n) * d / d", range = "0..100"',
    ],
)
def test_rounding_and_bounds_on_the_way_are_enough(quantity):
    """A chain of any length stays short if each of its numbers is rounded and bounded."""
    chain = "".join(
        f"derive.d{i + 1} = {{ {quantity} }}\n".replace("d *", f"d{i} *") for i in range(9)
    )
    chain = chain.replace("* d", "* x").replace("/ d", "/ 2")
    many = 'inputs.n = { type = "number", many = true }\n'
    text = many + 'inputs.x = { type = "number" }\nderive.d0 = { formula = "x" }\n' + chain
    assert [] == found(
        text + 'outcome.o = { formula = "d9" }\noutcome.n = { formula = "count(n)" }\n' + ONE
    )


def test_one_cause_is_one_finding():
    """What depends on a number that is too long is not reported as well."""
    chain = "".join(f'derive.d{i + 1} = {{ formula = "d{i} * d{i}" }}\n' for i in range(20))
    text = 'inputs.d0 = { type = "number", range = "0..2" }\n' + chain
    text += 'outcome.o = { formula = "d20 + d8" }\n' + ONE
    assert ["derive.d6.formula"] == found(text)


def test_sums_of_contributions_may_be_too_long():
    """Of a form without sections, of a section, and of all sections: the total is reported."""
    c = '{{ id = "c{0}", weight = 1, formula = "ratio(1, x{0}, 0)", clamp = "0..1" }},\n'
    criteria = "".join(c.format(i) for i in range(50))
    head = "full_marks = 50\n" + facts(50)
    assert ["total"] == found(head + f"criterion = [{criteria}]\n")
    assert ["section.s"] == found(head + f'[[section]]\nid = "s"\ncriterion = [{criteria}]\n')
    rounded = criteria.replace("clamp", 'round = { to = 0.1, mode = "down" }, clamp')
    assert [] == found(head + f"criterion = [{rounded}]\n")
    parts = [criteria.splitlines()[i::2] for i in range(2)]
    sections = "".join(
        f'[[section]]\nid = "s{i}"\ncriterion = [{"".join(part)}]\n' for i, part in enumerate(parts)
    )
    assert ["total"] == found(head + sections)


def test_what_is_left_out_makes_fractions():
    """Sums of the weights that remain are divisors; a few of them are short."""
    c = '{{ id = "c{0}", weight = 0.5, missing = "exclude" }},\n'
    some = "".join(c.format(i) for i in range(200))
    assert [] == found(f"criterion = [{some}]\n")


def test_raters_gates_and_texts_are_no_cause():
    """Means of raters and limits of gates are short; texts have no digits."""
    text = (
        "raters = { self = 20.5, lead = 79.5 }\n"
        'inputs.kind = { type = "choice", options = ["a", "b"] }\n'
        'criterion = [{ id = "a", weight = 100, missing = 3 }, { id = "r", scored = false }]\n'
        'gate = [{ when = { kind = "a" }, total_at_most = 50.5 }]\n'
        'outcome.word = { of = "kind", bands = [{ when = "a", value = "yes" }, '
        '{ when = "b", value = "no" }] }\n'
        'outcome.o = { formula = "total / 7" }\n'
    )
    assert [] == found(text)


FORMS = sorted([*ROOT.glob("rulesets/*/*.rubric.toml"), *ROOT.glob("tests/cases/*.rubric.toml")])


@pytest.mark.parametrize("path", FORMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_real_form_has_long_numbers(path):
    """Forms that people use stay far below the limit."""
    assert "number-too-long" not in {f.code for f in check(load_file(path))}


def test_the_longest_record_is_rejected_where_check_warns():
    """The rejection names the input; a record of a few digits is scored."""
    rubric = loads(HEAD + facts(28) + PLACES["outcome.o"].format(product(28)))
    few = evaluate(rubric, {"a": 50, **{f"x{i}": 2 for i in range(28)}})
    assert 2**28 == few.outcomes["o"]
    with pytest.raises(InputError, match=r"a number of more than 1000 digits in outcome\.o"):
        evaluate(rubric, {"a": 50, **{f"x{i}": LONG for i in range(28)}})


# ---------------------------------------------------------------- the law

NUMBERS = st.one_of(
    st.integers(-(10**18) + 1, 10**18 - 1),
    st.fractions(-(10**18) + 1, 10**18 - 1, max_denominator=10**18).filter(
        lambda f: 10**18 % f.denominator == 0
    ),
    st.builds(Fraction, st.integers(-(10**36) + 1, 10**36 - 1), st.just(10**18)),
)
TEMPLATES = (
    *("{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / {b}", "-{a}", "{a} / 7", "mean({a}, {b}, 1)"),
    *("min({a}, {b}, 0.3)", "max({a}, {b})", "sum({a}, {b}, {a})", "abs({a})", "floor({a})"),
    *("ceil({a})", "round({a}, 0.3)", "round({a}, {b})", "clamp({a}, 1, {b})"),
    *("ratio({a}, {b}, 0.7)", "interpolate({a}, 0, 0.5, 3, 8)"),
    *("mean(n)", "sum(n) * {a}", "wmean(n, m)", "min(n)", "count(n) / {a}"),
)


def formulas():
    """Formulas over a, b, n and m, as deep as Hypothesis likes."""
    return st.recursive(
        st.sampled_from(["a", "b", "0.25", "3"]),
        lambda inner: st.builds(
            lambda text, a, b: text.format(a=f"({a})", b=f"({b})"),
            st.sampled_from(TEMPLATES),
            inner,
            inner,
        ),
        max_leaves=4,
    )


@given(formulas(), NUMBERS, NUMBERS, st.lists(NUMBERS, min_size=1, max_size=4))
def test_no_value_is_beyond_its_size(text, a, b, items):
    """A value lies between the bounds of its size, and has no more bits than they allow."""
    formula = parse(text, frozenset({"n", "m"}))
    given_ = Size(1 - LIMIT, LIMIT - 1, LIMIT)
    try:
        size = size_of(formula.tree, dict.fromkeys("abnm", given_))
    except TooLongError:
        return
    lists = {"n": tuple(items), "m": tuple(abs(item) for item in items)}
    try:
        value = Fraction(formula.tree.value({"a": a, "b": b, **lists}))
    except UndefinedError as error:
        assert str(MAX_COMPUTED_DIGITS) not in str(error)
        return
    assert size.low <= value <= size.high
    assert value.denominator.bit_length() <= size.below
    assert value.numerator.bit_length() <= size.above


def test_a_rubric_with_an_invalid_part_is_not_sized():
    """A weight that cannot be computed is a finding of its own, and the check does not fail."""
    text = (
        'inputs.n = { type = "count", range = "0..10" }\nweights_total = "sum"\n'
        'criterion = [{ id = "a", weight = "100 / (n + 1)" }, { id = "b", weight = 5, scale = 10 }]\n'
    )
    assert ["value"] == [f.code for f in check_text(HEAD + text) if f.severity == "error"]
