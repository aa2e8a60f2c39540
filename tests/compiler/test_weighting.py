"""Weights: the contribution of a point to the total, computed by hand."""

from __future__ import annotations

from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpirules.compiler.plan import Plan
from kpirules.compiler.weighting import Sum
from kpirules.testing import rubrics
from kpirules.toml.parser import parse


HEAD = 'schema = 1\nid = "x"\n'
#: 40 for a and b, 60 for c and d, whose weights are parts of 200
SECTIONS = """
[[section]]
id = "s"
weight = 40
criterion = [{ id = "a", weight = 10, scale = 5 }, { id = "b", weight = 30 }, { id = "r", scored = false }]
[[section]]
id = "t"
weight = 60
scale = 200
criterion = [{ id = "c", weight = 50 }, { id = "d", weight = 150, scale = 10 }]
"""
#: the same without sections
FLAT = """
criterion = [{ id = "a", weight = 10, scale = 5 }, { id = "b", weight = 30 }, { id = "c", weight = 60 }]
"""


def plan_of(text):
    """Make a rubric ready."""
    return Plan(parse(HEAD + text, "x.rubric.toml"))


def weighing_of(text):
    """Give the weights of a rubric."""
    return plan_of(text).weighing


def shares_of(text, left, worked=None):
    """Return the contribution of a point of each remaining criterion."""
    return weighing_of(text).shares(worked or {}, set(left))


@pytest.mark.parametrize(
    ("expected", "left"),
    [
        ({"a": 2, "b": 1, "c": Fraction(3, 10), "d": Fraction(9, 2)}, "abcd"),
        # b has the weight of a as well
        ({"b": Fraction(4, 3), "c": Fraction(3, 10), "d": Fraction(9, 2)}, "bcd"),
        ({"a": 8, "d": 6}, "ad"),
        # t has the weight of s as well
        ({"c": Fraction(1, 2), "d": Fraction(15, 2)}, "cd"),
        ({"c": 2}, "c"),
        ({"a": 5, "b": Fraction(5, 2)}, "ab"),
        ({}, ""),
        ({}, "r"),
    ],
)
def test_what_is_left_has_the_weight_of_what_is_left_out(expected, left):
    """In its section first; of a section that is left out whole, the other sections."""
    assert expected == shares_of(SECTIONS, left)


@pytest.mark.parametrize(
    ("expected", "left"),
    [
        ({"a": 2, "b": 1, "c": 1}, "abc"),
        ({"a": Fraction(20, 7), "c": Fraction(10, 7)}, "ac"),
        ({"b": Fraction(10, 3)}, "b"),
        ({}, ""),
    ],
)
def test_without_sections_all_criteria_share_the_weight(expected, left):
    """As the weights of what is left are to each other."""
    assert expected == shares_of(FLAT, left)


def test_factors_are_the_shares_where_nothing_is_left_out():
    """Also for full marks that are not 100; not for what weighs nothing."""
    assert {"a": 2, "b": 1, "c": 1} == weighing_of(FLAT).factors
    half = "full_marks = 50\n" + FLAT
    assert 50 == weighing_of(half).full_marks
    # the weights are 100 of 50: nothing is scaled to make up for it
    assert {"a": 2, "b": 1, "c": 1} == weighing_of(half).factors
    hundred = "full_marks = 50\nweights_total = 100\n" + FLAT
    halves = {"a": 1, "b": Fraction(1, 2), "c": Fraction(1, 2)}
    assert halves == weighing_of(hundred).factors
    assert halves == weighing_of("full_marks = 50\nweights_total = 'sum'\n" + FLAT).factors
    none = FLAT.replace("weight = 60", "weight = 0").replace("weight = 30", "weight = 90")
    assert {"a": 2, "b": 1} == weighing_of(none).factors
    scaled = none.replace("weight = 0", "weight = 0, scale = 3")
    assert {"a": 2, "b": 1} == weighing_of(scaled).factors
    nothing = weighing_of(
        "weights_total = 'sum'\ncriterion = [{ id = 'a', weight = 0, scale = 3 }]\n"
    )
    assert {} == nothing.shares({}, {"a"})


def test_weights_that_do_not_hold_stay_as_they_are():
    """No criterion contributes more than its weight because others are too light."""
    light = FLAT.replace("weight = 60", "weight = 40")
    assert {"a": 2, "b": 1, "c": 1} == weighing_of(light).factors
    sections = SECTIONS.replace("weight = 60", "weight = 20")
    assert Fraction(1, 10) == weighing_of(sections).factors["c"]
    empty = SECTIONS + "[[section]]\nid = 'u'\nweight = 10\ncriterion = []\n"
    assert Fraction(3, 10) == weighing_of(empty).factors["c"]
    assert Fraction(1, 2) == weighing_of(empty).shares({}, set("cd"))["c"]


def test_the_weights_of_a_form_are_known():
    """Its own, or of a section the sum of its criteria's, remarks left out."""
    made = weighing_of(SECTIONS)
    s, t = made.rubric.sections
    assert [40, 60] == [made.of_section(s, {}), made.of_section(t, {})]
    assert [10, 30, 0] == [made.of(c, {}) for c in s.criteria]
    assert 100 == made.whole({})
    bare = weighing_of(SECTIONS.replace("weight = 40\n", ""))
    assert 40 == bare.of_section(bare.rubric.sections[0], {})
    shares = weighing_of("weights_total = 'sum'\n" + SECTIONS.replace("weight = 60", "weight = 20"))
    assert 60 == shares.whole({})
    assert 70 == weighing_of("weights_total = 70\n" + FLAT).whole({})
    assert 100 == weighing_of("weights_total = 'sum'\n" + FLAT).whole({})


def test_the_sums_are_those_of_each_section_and_of_the_form():
    """What they are of, what they are, and what they must be."""
    made = weighing_of(SECTIONS)
    s, t = made.rubric.sections
    assert [
        Sum(section=s, parts=(("a", 10), ("b", 30)), want=40),
        Sum(section=t, parts=(("c", 50), ("d", 150)), want=200),
        Sum(section=None, parts=(("s", 40), ("t", 60)), want=100),
    ] == made.sums({})
    assert [40, 200, 100] == [each.total for each in made.sums({})]
    assert made.holds
    assert [] == made.faults({})
    flat = weighing_of("weights_total = 'sum'\n" + FLAT)
    parts = (("a", 10), ("b", 30), ("c", 60))
    assert [Sum(section=None, parts=parts, want=100, is_shares=True)] == flat.sums({})


def test_sums_hold_if_they_are_what_they_must_be():
    """Shares may add up to anything but 0."""
    parts = (("a", 10), ("b", 30))
    assert Sum(section=None, parts=parts, want=40).holds
    assert not Sum(section=None, parts=parts, want=41).holds
    assert Sum(section=None, parts=parts, want=41, is_shares=True).holds
    assert not Sum(section=None, parts=(("a", 0),), want=0, is_shares=True).holds
    assert Sum(section=None, parts=(("a", 0),), want=0).holds


def test_faults_are_the_sums_that_do_not_hold():
    """But for those of a section that weighs nothing."""
    wrong = weighing_of(SECTIONS.replace("weight = 30", "weight = 20"))
    assert [("s", 30, 40)] == [(f.section.id, f.total, f.want) for f in wrong.faults({})]
    assert not wrong.holds
    top = weighing_of(SECTIONS.replace("weight = 60", "weight = 50"))
    assert [(None, 90, 100)] == [(f.section, f.total, f.want) for f in top.faults({})]
    idle = weighing_of(
        SECTIONS.replace("weight = 40", "weight = 0").replace("weight = 60", "weight = 100")
    )
    assert [] == idle.faults({})
    assert idle.holds
    assert weighing_of("criterion = []\n").holds
    of_a_record = WORKED.replace("weights_total = 'sum'", "")
    assert weighing_of(of_a_record).holds
    assert weighing_of(of_a_record).faults({})


def test_what_weighs_nothing_is_known():
    """The criterion, or its section."""
    made = weighing_of(SECTIONS.replace("weight = 40", "weight = 0").replace("50 }", "0 }"))
    assert [True, True, True, False] == [made.is_weightless(c, {}) for c in "abcd"]
    flat = weighing_of(FLAT.replace("weight = 60", "weight = 0"))
    assert [False, False, True] == [flat.is_weightless(c, {}) for c in "abc"]
    assert not weighing_of("criterion = []\n").factors


#: a weight of each place is computed from a fact
WORKED = """
inputs.n = { type = "count", range = "0..9" }
weights_total = 'sum'
[[section]]
id = "s"
weight = "10 * n"
criterion = [{ id = "a", weight = "n", scale = 5 }, { id = "b", weight = 30 }]
[[section]]
id = "t"
criterion = [{ id = "c", weight = 50 }]
"""


def test_weights_that_are_worked_out_are_those_of_the_record():
    """A weight that is not computed counts 0."""
    made = weighing_of(WORKED)
    s, t = made.rubric.sections
    a, b = s.criteria
    worked = {"weight.a": 20, "weight.section.s": 50}
    assert [20, 30] == [made.of(a, worked), made.of(b, worked)]
    assert [50, 50] == [made.of_section(s, worked), made.of_section(t, worked)]
    assert 100 == made.whole(worked)
    assert [0, 0] == [made.of(a, {}), made.of_section(s, {})]
    assert made.has_computed_weights
    assert {} == made.factors
    # they are proved record by record
    assert made.holds
    assert {"a": 4, "b": 1, "c": 1} == made.shares(worked, set("abc"))
    assert {"c": 2} == made.shares({}, set("abc"))
    assert {} == made.shares({"weight.a": -30}, set("ab"))


@pytest.mark.parametrize(
    ("settled", "worked", "text"),
    [
        (True, False, SECTIONS),
        (True, False, FLAT),
        (True, False, FLAT.replace("weight = 10", "missing = 'zero', weight = 10")),
        (False, False, FLAT.replace("weight = 10", "missing = 'exclude', weight = 10")),
        (True, False, SECTIONS.replace("scored = false", "scored = false, missing = 'exclude'")),
        (False, False, SECTIONS.replace("weight = 40", "weight = 40\nclamp = '0..30'")),
        (
            False,
            False,
            SECTIONS.replace("weight = 40", "weight = 40\nround = { to = 1, mode = 'half_up' }"),
        ),
        (False, True, WORKED),
    ],
)
def test_weights_are_settled_where_they_are_the_same_for_every_record(settled, worked, text):
    """And where the subtotals are plain sums."""
    made = weighing_of(text)
    assert (settled, worked) == (made.is_settled, made.has_computed_weights)


def test_what_is_too_broken_to_be_made_ready_gives_nothing():
    """The contributions of the others are unchanged."""
    rubric = parse(HEAD + FLAT, "x.rubric.toml")
    made = Plan(rubric, without=frozenset({("criterion", 0)})).weighing
    assert {"b": Fraction(10, 9), "c": Fraction(10, 9)} == made.factors


@settings(max_examples=30)
@given(st.data(), rubrics())
def test_full_points_of_all_that_is_left_give_full_marks(data, rubric):
    """Whatever is left out: the weights are scaled up to the whole.

    Those of a section give what its weight is of the full marks; with a cap they may give more,
    never less, and the cap is exactly that.
    """
    made = Plan(attrs.evolve(rubric, total=None)).weighing
    scale = {c.id: p.scale for p in Plan(rubric).criteria for c in [p.criterion] if c.scored}
    if made.has_computed_weights:
        return
    some = sorted(c for c in scale if not made.is_weightless(c, {}))
    left = set(data.draw(st.lists(st.sampled_from(some), min_size=1))) if some else set()
    shares = made.shares({}, left)
    assert left == set(shares)
    parts = [shares[c.id] * scale[c.id] for c in rubric.criteria if c.id in left]
    for section in rubric.sections:
        full = [shares[c.id] * scale[c.id] for c in section.criteria if c.id in left]
        top = made.cap(section, {}, left) if full else 0
        assert sum(full) == top or (section.cap and sum(full) > top)
        parts.append(top)
    assert (made.full_marks if left else 0) == sum(parts)
