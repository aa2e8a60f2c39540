"""Worked cases: what an example may say, and what is said when it does not come out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from kpirules import check, loads
from kpirules.api.load import check_text
from kpirules.compiler.plan import Plan
from kpirules.evaluation.examples import Difference, agrees, differences, run
from kpirules.evaluation.program import Program
from kpirules.evaluation.result_values import expected_from


TEXT = """schema = 1
id = "x"
inputs.late = { type = "count" }
[[section]]
id = "s"
criterion = [
  { id = "a", weight = 60, scale = 9, of = "late", bands = [{ when = 0, points = 9 }, { when = "otherwise", points = 1 }] },
  { id = "b", weight = 40 },
]
[[tier]]
id = "low"
total = "< 50"
pay = 0
[[tier]]
id = "high"
total = ">= 50"
pay = 12.5
"""


@pytest.fixture
def outcome():
    """What comes of one late arrival and 30 points."""
    rubric = loads(TEXT)
    return run({"late": 1, "b": 30}, Program(Plan(rubric)).evaluate)


def example(expect, ratings="late = 1, b = 30"):
    """Give the messages about one example."""
    text = f'{TEXT}\n[[example]]\nname = "e"\nratings = {{ {ratings} }}\nexpect = {{ {expect} }}\n'
    return [f.message() for f in check_text(text) if f.code == "example-fails"]


@pytest.mark.parametrize(
    ("expected", "got", "agree"),
    [
        (Decimal(84), Decimal("84.0"), True),
        (Decimal(84), 84, True),
        (Decimal(84), Decimal(85), False),
        ("1000/9", Fraction(1000, 9), True),
        ("-1/2", Decimal("-0.5"), True),
        ("1000/9", Fraction(1001, 9), False),
        ("~6.94", Fraction(125, 18), True),
        ("~6.95", Fraction(125, 18), False),
        ("~7", Fraction(125, 18), True),
        ("~-2.5", Decimal("-2.45"), True),
        ("~0.5", Decimal("0.45"), True),
        ("84", Decimal(84), False),
        ("abc", Decimal(84), False),
        (True, 1, False),
        (True, True, True),
        (True, False, False),
        ("good", "good", True),
        ("good", None, False),
        (Decimal(1), None, False),
        (Decimal(1), Fraction(10**40 + 1, 10**40), False),
    ],
)
def test_values_are_compared_exactly(expected, got, agree):
    """Numbers by value, fractions and roundings as texts, flags only with flags."""
    assert agree == agrees(expected, got)


def test_every_stage_of_a_result_can_be_expected(outcome):
    """Points, contributions, subtotals, totals, tier, outcomes, and what was given."""
    found = expected_from(outcome)
    assert {
        "late": 1,
        "b": 30,
        "points.a": 1,
        "points.b": 30,
        "contribution.b": 30,
        "tier": "low",
        "contribution.a": Fraction(20, 3),
        "subtotal.s": Fraction(110, 3),
        "pay": 0,
        "total": Fraction(110, 3),
        "raw_total": Fraction(110, 3),
        "outcome.pay": 0,
        "unratable": False,
    } == found
    assert () == tuple(differences(dict(found), outcome))


def test_each_difference_names_the_expected_and_the_actual_value():
    """Each name with what was expected and what came."""
    expected = '"e": points.a: expected 9, got 1; total: expected 100, got 110/3; tier: expected "high", got "low"'
    assert [expected] == example('points.a = 9, total = 100, tier = "high"')
    assert [] == example('total = "110/3", subtotal.s = "~36.67", contribution.a = "20/3"')
    assert ['"e": unratable: expected true, got false'] == example("unratable = true")
    assert ['"e": outcome.coefficient: expected 1, got nothing'] == example(
        "outcome.coefficient = 1"
    )


def test_a_refusal_can_be_expected():
    """By the names that it is about, in any order; a result in its place is a difference."""
    assert [] == example('refused = ["b"]', "late = 0")
    assert [] == example('refused = ["b", "late"]', "late = 0.5, b = 99")
    assert [] == example('refused = ["late", "b"]', "late = 0.5, b = 99")
    assert ['"e": refused: expected "late", got "b"'] == example('refused = ["late"]', "late = 0")
    assert ['"e": refused: expected "b", got a result'] == example(
        'refused = ["b"]', "late = 0, b = 30"
    )
    assert ['"e": refused: expected "b", "late", got "b"'] == example(
        'refused = ["b", "late"]', "late = 0"
    )
    said = '"e": record: expected a result, got a rejection: b: is missing; allowed: 0 to 40'
    assert [said] == example("total = 1", "late = 0")


def test_differences_are_read_in_chinese():
    """A rejection with its reasons; a result in the place of an expected rejection."""
    text = (
        f'{TEXT}\n[[example]]\nname = "一月"\nratings = {{ late = 0 }}\nexpect = {{ total = 1 }}\n'
    )
    (finding,) = [f for f in check_text(text) if f.code == "example-fails"]
    expected = "“一月”：本条记录：应为 评分结果，实际为 不予评分（b：没有填写；可填：0–40）"
    assert expected == finding.message("zh")
    text = text.replace("late = 0", "late = 0, b = 30").replace("total = 1", 'refused = ["b"]')
    (finding,) = [f for f in check_text(text) if f.code == "example-fails"]
    assert "“一月”：不予评分的依据：应为 “b”，实际为 评分结果" == finding.message("zh")


def test_the_witness_of_a_failing_example_is_its_record():
    """Fed in, it gives what the example does not say."""
    text = f'{TEXT}\n[[example]]\nname = "e"\nratings = {{ late = 1, b = 30 }}\nexpect = {{ total = 3 }}\n'
    (finding,) = [f for f in check_text(text) if f.code == "example-fails"]
    assert (("late", 1), ("b", 30)) == finding.witness
    assert ("error", 19) == (finding.severity, finding.spots[0].line)


@pytest.mark.parametrize(
    ("name", "help_"),
    [
        ("totl", 'did you mean "total"?'),
        ("points.aa", 'did you mean "points.a"?'),
        ("points.zzz", "there are: a, b"),
        ("subtotal.q", "there are: s"),
        ("outcome.pya", 'did you mean "outcome.pay"?'),
        ("derived.q", 'there is no name that begins with "derived"'),
    ],
)
def test_an_expectation_about_a_name_that_is_not_there(name, help_):
    """It is found where it stands, with what was probably meant."""
    text = f'{TEXT}\n[[example]]\nname = "e"\nratings = {{ late = 1, b = 30 }}\nexpect = {{ {name} = 3 }}\n'
    (finding,) = [f for f in check_text(text) if f.code == "unknown-name"]
    assert (f'a result has no "{name}"', help_) == (finding.message(), finding.help())
    assert 22 == finding.spots[0].line


def test_bands_and_tiers_that_no_example_reaches_are_named():
    """One note each; one alone where there is no example at all."""
    text = f'{TEXT}\n[[example]]\nname = "e"\nratings = {{ late = 1, b = 30 }}\nexpect = {{ }}\n'
    found = [(f.place, f.severity) for f in check(loads(text)) if f.code == "example-missing"]
    assert [("section.s.a.bands[0]", "note"), ("tier.high", "note")] == found
    (alone,) = [f for f in check(loads(TEXT)) if f.code == "example-missing"]
    assert "the ruleset has no example" == alone.message()


def test_differences_are_values():
    """Equal by their fields, with a text."""
    one = Difference(name="total", expected="1", got="2")
    assert one == Difference(name="total", expected="1", got="2")
    assert "total: expected 1, got 2" == str(one)
