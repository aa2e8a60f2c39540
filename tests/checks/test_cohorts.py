"""Findings about inputs that are gathered from a cohort, and about examples of several records."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from kpirules import check
from kpirules.api.load import check_text
from kpirules.errors import ModelError
from kpirules.model.inputs import Cohort
from kpirules.model.vocabulary import ShareRounding
from kpirules.testing import unsound_rubrics


HEAD = """
schema = 1
id = "x"
inputs.price = { type = "number", range = "1..9" }
inputs.free = { type = "number", range = "0..9" }
inputs.shop = { type = "choice", options = ["p", "q"] }
inputs.many = { type = "number", many = true }
inputs.tags = { type = "choice", options = ["a"], many = true }
criterion = [{ id = "work", weight = 100 }]
outcome.used = { formula = "got + price + free + count(many)" }
"""


def findings(cohort, keys='type = "number"', more=""):
    """Give code, place and message of the findings of a ruleset with one cohort, but for notes."""
    text = f"{HEAD}inputs.got = {{ {keys}, cohort = {{ {cohort} }} }}\n{more}"
    found = [f for f in check_text(text) if f.severity != "note" and f.code != "unused-input"]
    return [(f.code, f.place, f.message()) for f in found]


COHORT = "inputs.got.cohort"


@pytest.mark.parametrize(
    "cohort",
    [
        'formula = "min(price)", within = "shop"',
        'formula = "sum(price) / sum(price * price)"',
        'rank = ["total", "-price"], ties = "worst", within = ["shop"], missing = "skip"',
        'formula = "mean(highest(total, 3)) + heads", where = { shop = "p", price = ">= 2" }',
        'formula = "sum(1 / free)", where = { free = "> 0" }',
        'formula = "sum(sum(many))"',
        'share = "10 * heads", by = "price"',
        'share = "free", by = "total", otherwise = "refuse", within = "shop"',
        'share = "sum(price)", by = "free", where = { free = "> 0" }, missing = "skip"',
        'share = "10 * heads", by = "1", round = { to = 1, mode = "half_up" }',
        'formula = "sum(count(tags)) + count(1)"',
    ],
)
def test_a_cohort_that_is_right(cohort):
    """Nothing is reported."""
    assert [] == findings(cohort)


@pytest.mark.parametrize(
    ("cohort", "expected"),
    [
        ("", ("value", COHORT, 'a cohort has exactly one of "formula" or "rank" or "share"')),
        (
            'rank = "total"',
            ("value", COHORT, "the place of tied records is not given"),
        ),
        (
            'formula = "heads", ties = "best"',
            ("value", f"{COHORT}.ties", '"ties" belongs to "rank"'),
        ),
        (
            'share = "10", rank = "total"',
            ("value", COHORT, 'a cohort has exactly one of "formula" or "rank" or "share"'),
        ),
        (
            'share = "10"',
            ("value", COHORT, "it is not given what the amount is shared by"),
        ),
        (
            'formula = "heads", round = { to = 1, mode = "floor" }',
            ("value", f"{COHORT}.round", '"round" belongs to "share"'),
        ),
        (
            'rank = "total", ties = "best", otherwise = "equal"',
            ("value", f"{COHORT}.otherwise", '"otherwise" belongs to "share"'),
        ),
        (
            'share = "pools", by = "price"',
            ("unknown-name", f"{COHORT}.share", 'unknown input "pools"'),
        ),
        (
            'share = "10", by = "prices"',
            ("unknown-name", f"{COHORT}.by", 'unknown input "prices"'),
        ),
        (
            'share = "sum(1 / free)", by = "price"',
            ("division-by-zero", f"{COHORT}.share", "a divisor of this formula can be 0"),
        ),
        (
            'share = "10", by = "1 / free"',
            ("division-by-zero", f"{COHORT}.by", "a divisor of this formula can be 0"),
        ),
        (
            'share = "10", by = "free"',
            (
                "division-by-zero",
                f"{COHORT}.by",
                "what the amount is shared by can be 0 on all records",
            ),
        ),
        (
            'share = "10", by = "got"',
            ("cycle", COHORT, "circular dependency: got -> got"),
        ),
        (
            'formula = "heads", within = "price"',
            (
                "value",
                f"{COHORT}.within",
                "price is not a text, a choice or a flag, by which records are grouped",
            ),
        ),
        (
            'formula = "heads", within = "nope"',
            ("unknown-name", f"{COHORT}.within", 'there is no input "nope"'),
        ),
        (
            'formula = "sum(price"',
            ("value", f"{COHORT}.formula", '"," or ")" is expected here'),
        ),
        (
            f'formula = "{"sum(price) + " * 40}1"',
            ("value", f"{COHORT}.formula", "a formula of 521 characters; at most 500 are allowed"),
        ),
        (
            'formula = "mean(prices)"',
            ("unknown-name", f"{COHORT}.formula", 'unknown input "prices"'),
        ),
        (
            'formula = "1 / sum(free)"',
            ("division-by-zero", f"{COHORT}.formula", "a divisor of this formula can be 0"),
        ),
        (
            'formula = "sum(got)"',
            ("cycle", COHORT, "circular dependency: got -> got"),
        ),
    ],
)
def test_a_cohort_that_is_wrong(cohort, expected):
    """The finding names the key."""
    found = findings(cohort)
    assert expected[:2] in [each[:2] for each in found]
    if expected[0] == "value":
        assert expected in found


def test_a_number_that_the_input_never_allows():
    """It is an error; one that it may not allow is a warning."""
    (never,) = findings('formula = "min(price)"', 'type = "number", range = "> 9"')
    assert ("gathered-range", f"{COHORT}.formula") == never[:2]
    (maybe,) = findings('formula = "min(price)"', 'type = "number", range = "> 5"')
    assert ("group-rejected", f"{COHORT}.formula") == maybe[:2]
    (step,) = findings('formula = "mean(price)"', 'type = "count"')
    assert ("group-rejected", f"{COHORT}.formula") == step[:2]
    (place,) = findings('rank = "total", ties = "best"', 'type = "count", range = "1..3"')
    assert ("group-rejected", f"{COHORT}.rank") == place[:2]


def test_a_share_that_the_input_may_not_allow():
    """It lies between 0 and the amount, on the grid of its rounding."""
    share = 'share = "10 + free", by = "price"'
    (never,) = findings(share, 'type = "number", range = "> 19"')
    assert ("gathered-range", f"{COHORT}.share") == never[:2]
    (maybe,) = findings(share, 'type = "number", range = "0..12"')
    assert ("group-rejected", f"{COHORT}.share") == maybe[:2]
    assert "may be more than 0, to 19, which" in maybe[2]
    (step,) = findings(share, 'type = "count"')
    assert "may be any number, which" in step[2]
    rounded = f'{share}, round = {{ to = 0.5, mode = "largest_remainder" }}'
    (half,) = findings(rounded, 'type = "count"')
    assert "may be a multiple of 0.5, which" in half[2]
    whole = f'{share}, round = {{ to = 1, mode = "largest_remainder" }}'
    assert [] == findings(whole, 'type = "count", range = "0..19"')
    (up,) = findings(
        'share = "19 / 2", by = "1", round = { to = 2, mode = "up" }',
        'type = "count", range = "0..9"',
    )
    assert "may be 0 to 10, which" in up[2]


def test_a_rounding_of_shares_is_a_table_with_a_mode():
    """The finding names the key."""
    (found,) = findings('share = "10", by = "1", round = 5')
    assert ("value", f"{COHORT}.round") == found[:2]
    (found,) = findings('share = "10", by = "1", round = { to = 1, mode = "largest" }')
    assert ("value", f"{COHORT}.round.mode") == found[:2]
    assert "largest_remainder" in found[2]
    with pytest.raises(ModelError, match=r"Cohort.round = 5: must be"):
        Cohort(share="10", by="1", round=5)
    rounding = ShareRounding(to=1, mode="largest_remainder")
    assert rounding == Cohort(share="10", by="1", round=rounding).round


def test_what_is_below_0_cannot_be_shared():
    """Neither the amount nor what it is shared by."""
    found = findings('share = "free - 1", by = "price"', 'type = "number", range = ">= 0"')
    assert [("group-rejected", f"{COHORT}.share")] == [each[:2] for each in found]
    assert "the amount may be -1 to less than 0, which" in found[0][2]
    found = findings('share = "10", by = "free - price"', 'type = "number", range = ">= 0"')
    assert ("group-rejected", f"{COHORT}.by") in [each[:2] for each in found]


@pytest.mark.parametrize(
    ("share", "message"),
    [
        (
            'share = "100", by = "1", round = { to = 0.01, mode = "half_up" }',
            "an amount of 100 for 3 records gives shares of 33.33, together 99.99",
        ),
        (
            'share = "free + 1", by = "price", round = { to = 1, mode = "floor" }',
            "an amount of 1 for 2 records gives shares of 0, together 0",
        ),
        (
            'share = "10 * heads", by = "price", round = { to = 1, mode = "ceiling" }',
            "an amount of 20 for 2 records gives shares of 7, 14, together 21",
        ),
        (
            'share = "sum(free)", by = "free", otherwise = "equal", round = { to = 1, mode = "half_even" }',
            "an amount of 100 for 3 records gives shares of 33, together 99",
        ),
    ],
)
def test_shares_that_are_rounded_alone(share, message):
    """The least case in which they miss the amount."""
    (found,) = findings(share, 'type = "number", range = ">= 0"')
    assert ("share-sum", f"{COHORT}.round") == found[:2]
    assert found[2].endswith(message)


def test_a_list_is_not_gathered_from_a_cohort():
    """A cohort gives one number."""
    found = findings('formula = "heads"', 'type = "count", many = true')
    assert ("value", COHORT, "a cohort gives one number") in found


@pytest.mark.parametrize(
    ("cohort", "keys", "said"),
    [
        ("sum(total) / 2", "", "a multiple of 0.5"),
        ("count(1) + 1", ', range = ">= 3"', "at least 2"),
        ("mean(price)", "", "any number"),
        ("mean(price)", ', range = ">= 3"', "1 to 9"),
    ],
)
def test_the_numbers_of_a_group_are_said(cohort, keys, said):
    """Their step or their range, which the input does not allow."""
    (found,) = findings(f'formula = "{cohort}"', f'type = "count"{keys}')
    assert "group-rejected" == found[0]
    assert f"may be {said}, which got does not allow" in found[2]


def test_of_nobody_a_sum_is_0():
    """Where it may be that nobody takes part, the input must allow it."""
    some = 'formula = "sum(price)"'
    assert [] == findings(some, 'type = "number", range = "> 0"')
    found = findings(f'{some}, where = {{ shop = "p" }}', 'type = "number", range = "> 0"')
    assert ["group-rejected"] == [code for code, _, _ in found]


def test_a_gate_on_a_place_is_a_cycle():
    """The total depends on the gate, and the place on the total."""
    gate = '[[gate]]\nwhen = { got = "> 3" }\ntotal_at_most = 50\n'
    codes = [code for code, _, _ in findings('rank = "total", ties = "best"', more=gate)]
    assert "cycle" in codes


def test_an_example_of_several_records_is_compared():
    """Each difference with the key of its record."""
    example = """
[[example]]
name = "two"
common = { many = [1], free = 1, shop = "p" }
records = { A = { price = 3, work = 9 }, B = { price = 5, work = 8 } }
expect = { A = { got = 3 }, B = { got = 4 } }
"""
    (found,) = findings('formula = "min(price)"', more=example)
    assert ("example-fails", "example[0]") == found[:2]
    assert found[2].endswith("B: got: expected 4, got 3")
    unknown = example.replace("B = { got", "C = { got")
    found = findings('formula = "min(price)"', more=unknown)
    assert [("unknown-name", "example[0].expect.C.got", 'a result has no "C"')] == found


def test_an_example_is_of_one_record_or_of_several():
    """Not of both; and common needs records."""
    both = '[[example]]\nname = "x"\nratings = { work = 1 }\nrecords = { A = { work = 1 } }\n'
    assert "example[0].ratings" in [p for _, p, _ in findings('formula = "heads"', more=both)]
    none = '[[example]]\nname = "x"\ncommon = { work = 1 }\n'
    assert "example[0].common" in [p for _, p, _ in findings('formula = "heads"', more=none)]


@settings(max_examples=15)
@given(rubric=unsound_rubrics("group-rejected"))
def test_a_planted_defect_is_found(rubric):
    """A number of a group that its input may not allow."""
    assert "group-rejected" in {finding.code for finding in check(rubric)}


REFUSALS = """
schema = 1
id = "x"
inputs.place = { type = "count", cohort = { rank = "total", ties = "refuse" } }
inputs.part = { type = "number", cohort = { share = "100", by = "total", otherwise = "refuse" } }
criterion = [{ id = "work", weight = 100 }]
outcome.bonus = { formula = "part + place" }
[[example]]
name = "two"
records = { A = { work = 1 }, B = { work = 3 } }
expect = { A = { place = 2, part = 25 }, B = { place = 1 } }
"""
TIED = """
[[example]]
name = "tied"
records = { A = { work = 1, part = 0 }, B = { work = 1, part = 0 } }
expect = { A = { refused = "place" }, B = { refused = "place" } }
"""
NOBODY = """
[[example]]
name = "nobody has a part"
records = { A = { work = 0, place = 1 }, B = { work = 0, place = 2 } }
expect = { A = { refused = "part" }, B = { refused = "part" } }
"""


@pytest.mark.parametrize(
    ("examples", "places"),
    [
        ("", [("place", "ties"), ("part", "otherwise")]),
        (TIED, [("part", "otherwise")]),
        (NOBODY, [("place", "ties")]),
        (TIED + NOBODY, []),
        # what fails shows nothing
        (
            TIED.replace('refused = "place"', "place = 1"),
            [("place", "ties"), ("part", "otherwise")],
        ),
    ],
)
def test_a_rejection_of_a_group_has_an_example(examples, places):
    """An example in which the group is rejected as it expects; else a note at the key."""
    found = [each for each in check_text(REFUSALS + examples) if each.code == "example-missing"]
    assert [f"inputs.{name}.cohort.{key}" for name, key in places] == [f.place for f in found]
