"""The cap of a section: its items may weigh more together, and give its weight at most."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kpirules import loads
from kpirules.api.load import check_text
from kpirules.compiler.plan import Plan
from kpirules.sheets.form_builder import blank
from tests.language.test_stages import found, refused, score


EDUCATION = """
[[section]]
id = "edu"
label = "Education"
weight = 30
cap = true
criterion = [{ id = "degree", weight = 20, %s }, { id = "course", weight = 20, %s }]
[[section]]
id = "work"
weight = 70
criterion = [{ id = "years", weight = 70, missing = "%s" }]
"""
STRICT = 'missing = "error"'
CAPPED = EDUCATION % (STRICT, STRICT, "error")
OUT = EDUCATION % ('missing = "exclude"', 'missing = "exclude"', "exclude")


@pytest.mark.parametrize(
    ("degree", "course", "subtotal", "raw"),
    [(10, 20, 30, None), (20, 11, 30, 31), (20, 20, 30, 40), (0, 5, 5, None)],
)
def test_the_subtotal_is_limited_to_the_weight(degree, course, subtotal, raw):
    """And the result has the sum before where the cap limited it, as the explanation has."""
    result = score(CAPPED, degree=degree, course=course, years=0)
    assert subtotal == result.total == result.subtotals["edu"]
    assert raw == result.verdict.subtotals[0].raw
    text = f"Education: {subtotal} of 30" + (f" (computed {raw})" if raw else "")
    assert text in result.explain("en").splitlines()


def test_the_cap_is_the_share_of_the_total():
    """Weights of 200 in a form of 100 points: 60 of them are 30 points."""
    text = "weights_total = 200\n" + CAPPED.replace("= 30", "= 60").replace("70", "140")
    result = score(
        text.replace("weight = 20", "weight = 40, scale = 20"), degree=20, course=11, years=0
    )
    assert (30, 31) == (result.total, result.verdict.subtotals[0].raw)


def test_a_scale_is_the_sum_that_the_weights_may_exceed():
    """Items of 60 per cent each, of a section of 30 points."""
    text = CAPPED.replace("cap = true", "cap = true\nscale = 100").replace(
        "= 20", "= 60, scale = 10"
    )
    assert 27 == score(text, degree=10, course=5, years=0).total
    assert 30 == score(text, degree=10, course=7, years=0).total


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('clamp = "0..25"', 25),
        ('clamp = "35..50"', 35),
        ('clamp = "0..99"', 30),
        ('round = { to = 4, mode = "up" }', 32),
        ('clamp = "0..25"\nround = { to = 10, mode = "down" }', 20),
    ],
)
def test_clamp_and_rounding_come_after_the_cap(more, expected):
    """A clamp may raise the subtotal above the weight, and so may rounding."""
    text = CAPPED.replace("cap = true", f"cap = true\n{more}") + '[total]\nrange = "0..200"\n'
    assert expected == score(text, degree=20, course=20, years=0).total


def test_an_item_that_is_left_out_is_made_up_for_up_to_the_weight():
    """20 of 40 remain for a section of 30: they count one and a half times, never twice."""
    result = score(OUT, degree=20, years=0)
    assert (30, None) == (result.total, result.verdict.subtotals[0].raw)
    assert 15 == score(OUT, degree=10, years=0).total
    three = OUT.replace(
        '{ id = "course"', '{ id = "third", weight = 15, missing = "exclude" }, { id = "course"'
    )
    # 35 remain of 55, which is enough for 30: nothing is scaled
    assert 25 == score(three, degree=20, third=5, years=0).total


def test_the_cap_grows_with_a_section_that_takes_over_another():
    """The section is the whole form then, and its weight 100."""
    result = score(OUT, degree=20, course=20)
    assert (100, Fraction(400, 3)) == (result.total, result.verdict.subtotals[0].raw)
    assert 50 == score(OUT, degree=10, course=5).total


COMPUTED = """
[inputs.a]
type = "number"
range = "0..100"
[inputs.b]
type = "number"
range = "0..100"
[[section]]
id = "s"
weight = "a"
cap = true
criterion = [{ id = "x", weight = "b", scale = 10 }, { id = "y", weight = "b", scale = 10 }]
[[section]]
id = "t"
weight = "100 - a"
criterion = [{ id = "z", weight = "100 - a", scale = 10 }]
"""


def test_weights_of_a_person_may_be_more_than_the_cap_and_not_less():
    """The cap is the weight of the record."""
    result = score(COMPUTED, a=40, b=30, x=10, y=5, z=0)
    assert (40, 45) == (result.total, result.verdict.subtotals[0].raw)
    assert [
        "a = 40: the weights in s are 10 (x) + 10 (y) = 20; allowed: weights that add up to at least 40"
    ] == refused(COMPUTED, a=40, b=10, x=1, y=1, z=1)


# ---------------------------------------------------------------- check


def test_weights_below_the_cap_are_an_error():
    """They may add up to more than the weight of the section, not to less."""
    assert [] == found(CAPPED)
    assert [
        'section-sum: the weights of the criteria in "edu" are 14 (degree) + 14 (course) = 28, 2 less than 30, the weight of the section'
    ] == found(CAPPED.replace("= 20", "= 14"))
    _, finding = check_text("schema = 1\nid = 'x'\n" + CAPPED.replace("= 20", "= 14"))
    assert "change the weights, so that they add up to at least 30" == finding.help()
    assert "调整权重，使合计不低于 30" == finding.help("zh")


@pytest.mark.parametrize(
    ("text", "expected", "zh"),
    [
        (
            CAPPED.replace("= 20", "= 15"),
            'the cap of "edu" limits nothing: its criteria give 30 at most, and its weight gives 30',
            "“Education”的封顶不起作用：各考核项目合计最多 30 分，该部分的权重为 30 分",
        ),
        (
            CAPPED.replace("weight = 30\n", "").replace("= 20", "= 15"),
            'the cap of "edu" limits nothing: without a weight of its own, the section weighs as much as its criteria',
            "“Education”的封顶不起作用：该部分没有写权重，权重就是各考核项目的合计",
        ),
        (
            CAPPED.replace("weight = 20", "weight = 31", 1),
            'the weight of "degree" is 31, which is more than the cap of "edu", 30: its full marks cannot be reached',
            "“degree”的权重为 31，超过“Education”的封顶 30：得不到满分",
        ),
    ],
)
def test_a_cap_that_is_a_mistake_is_a_warning(text, expected, zh):
    """It limits nothing, or is below a single item."""
    assert [f"section-cap: {expected}"] == found(text)
    findings = check_text("schema = 1\nid = 'x'\n" + text)
    assert [zh] == [f.message("zh") for f in findings if f.code == "section-cap"]


def test_an_item_may_give_more_than_its_weight():
    """The cap of a section without a weight limits that."""
    text = CAPPED.replace("weight = 30\n", "").replace(
        "weight = 20", "weight = 15, range = '0..20'"
    )
    assert [] == found(text)
    assert 30 == score(text, degree=20, course=15, years=0).total


@pytest.mark.parametrize(
    "text",
    [
        CAPPED,
        # a formula of a number without steps: the sums of the section are too many to count
        '[inputs.n]\ntype = "number"\nrange = "0..1"\n'
        + CAPPED.replace(STRICT, 'formula = "20 * n"', 1),
        OUT,
        COMPUTED,
    ],
)
def test_reachable_totals_count_the_cap(text):
    """No total above full marks is reported, and full marks are reached."""
    assert [] == found(text)
    plan = Plan(loads(f'schema = 1\nid = "x"\n{text}'))
    domain = plan.raw_totals.axis(rated=True).domain
    assert 100 == domain.high[0]


def test_a_tier_between_totals_of_a_capped_section_is_found():
    """Sums of 40 that the cap makes 30: a tier for exactly 40 is not reached."""
    tiers = (
        '[[tier]]\nid = "a"\ntotal = "<= 30"\n[[tier]]\nid = "b"\ntotal = "31..40"\n'
        '[[tier]]\nid = "c"\ntotal = "> 40"\n'
    )
    alone = CAPPED.partition('[[section]]\nid = "work"')[0]
    text = "full_marks = 30\n" + alone + tiers
    assert [
        'tier-unreachable: no reachable total has the tier "b"',
        'tier-unreachable: no reachable total has the tier "c"',
    ] == found(text)


def negative(weights):
    """Return a form whose points may be negative, with many items that may be left out."""
    items = ", ".join(
        f'{{ id = "i{i}", weight = {weights}, range = "-10..10", scale = 10, missing = "exclude" }}'
        for i in range(9)
    )
    return f'[[section]]\nid = "s"\nweight = 100\ncap = true\ncriterion = [{items}]\n[total]\nrange = "any"\n'


def test_bounds_where_not_every_choice_is_examined():
    """More than eight items may be left out: points below 0 count as often as weights exceed the cap."""
    plan = Plan(loads(f'schema = 1\nid = "x"\n{negative(20)}'))
    domain = plan.raw_totals.axis(rated=True).domain
    assert (-180, 100) == (domain.low[0], domain.high[0])
    below = negative(20).replace("-10..10", "-10..-5")
    domain = Plan(loads(f'schema = 1\nid = "x"\n{below}')).raw_totals.axis(rated=True).domain
    assert (-180, -50) == (domain.low[0], domain.high[0])


def test_bounds_of_a_cap_without_a_weight_and_of_points_without_an_end():
    """The section weighs what its items do; points without a lower end leave the total without one."""
    own = negative(20).replace("weight = 100\n", "")
    plan = Plan(loads(f'schema = 1\nid = "x"\nfull_marks = 180\n{own}'))
    domain = plan.raw_totals.axis(rated=True).domain
    assert (-180, 180) == (domain.low[0], domain.high[0])
    endless = negative(20).replace("-10..10", "<= 10", 1)
    domain = Plan(loads(f'schema = 1\nid = "x"\n{endless}')).raw_totals.axis(rated=True).domain
    assert (None, 100) == (domain.low, domain.high[0])


# ---------------------------------------------------------------- forms


def test_a_form_shows_the_weight_as_a_limit():
    """In the heading of the section, and in columns of weights."""
    rubric = loads(f'schema = 1\nid = "x"\n{CAPPED}')
    part, other = blank(rubric, lang="en").parts
    assert ("Education (at most 30 points)", "≤ 30", "30") == (
        part.heading,
        part.limit,
        part.weight,
    )
    assert ("work (70 points)", "70") == (other.heading, other.limit)
    assert "Education（最多 30 分）" == blank(rubric, lang="zh").parts[0].heading
