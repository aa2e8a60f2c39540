"""The totals that can occur, compared with the totals of all records of small forms."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpirules import InputError, evaluate, loads
from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.range import Range
from kpirules.compiler import totals
from kpirules.compiler.plan import Plan
from kpirules.compiler.totals import ExactTotals, GridTotals
from kpirules.toml.parser import parse
from tests.strategies import ranges


HEAD = 'schema = 1\nid = "x"\nfull_marks = 10\n'


def plan_of(text):
    """Make a rubric ready."""
    return Plan(parse(HEAD + text, "x.rubric.toml"))


def raw_totals(text):
    """Return the raw totals of all records: each rating left out, or each that is allowed."""
    rubric = loads(HEAD + text)
    ratings = [[None, *c.some_allowed(50)] for c in plan_of(text).criteria for _ in c.rating_names]
    names = [name for c in plan_of(text).criteria for name in c.rating_names]
    found = set()
    for values in itertools.product(*ratings):
        record = {n: v for n, v in zip(names, values, strict=True) if v is not None}
        try:
            result = evaluate(rubric, record)
        except InputError:
            continue
        if not result.unratable:
            found.add(result.raw_total)
    return found


def every(totals, most=500):
    """Return all totals of a set, each by the one before."""
    found, span = [], Range()
    while len(found) < most and (first := totals.first_in(span)) is not None:
        found.append(first)
        span = Range((first, 1), None)
    return found


def criteria(*some):
    """Write criteria."""
    return f"criterion = [{', '.join(f'{{ {each} }}' for each in some)}]\n"


# ---------------------------------------------------------------- sums of the points of criteria

STEPS = "bands = [{ points = 0 }, { points = 2 }, { points = 5 }]"
SUMS = {
    "awards": criteria("id = 'a', weight = 4", "id = 'b', weight = 6"),
    "single points": criteria(f"id = 'a', weight = 5, {STEPS}", f"id = 'b', weight = 5, {STEPS}"),
    "scales": criteria("id = 'a', weight = 7, scale = 3", "id = 'b', weight = 3, scale = 2"),
    "one that has a default": criteria(
        f"id = 'a', weight = 5, {STEPS}", "id = 'b', weight = 5, missing = 3, points = '4..5'"
    ),
    "steps of a half": "step = 0.5\n" + criteria("id = 'a', weight = 4", "id = 'b', weight = 6"),
    "below 0": criteria(
        "id = 'a', weight = 4, range = '-2..4'", "id = 'b', weight = 6, range = '2..6'"
    ),
    "below 0, in steps of several units": criteria(
        "id = 'a', weight = 4, scale = 2, range = '-2..1'", "id = 'b', weight = 6, range = '4..6'"
    ),
    "sections": "[[section]]\nid = 's'\nweight = 4\n"
    + criteria("id = 'a', weight = 4", "id = 'r', scored = false")
    + "[[section]]\nid = 't'\nweight = 6\nscale = 3\n"
    + criteria("id = 'b', weight = 1", "id = 'c', weight = 2"),
    "one without weight": criteria("id = 'a', weight = 10", "id = 'b', weight = 0, scale = 3"),
    "raters": "raters = { x = 1, y = 2 }\n"
    + criteria(f"id = 'a', weight = 5, {STEPS}", f"id = 'b', weight = 5, {STEPS}"),
}


@pytest.mark.parametrize("name", SUMS)
def test_the_sums_are_the_raw_totals_of_all_records(name):
    """Each once, in rising order, by the first and by the last."""
    plan = plan_of(SUMS[name])
    expected = sorted(raw_totals(SUMS[name]))
    assert plan.is_raw
    assert plan.is_plain
    assert isinstance(plan.totals, ExactTotals)
    assert expected == every(plan.totals)
    assert expected[-1] == plan.totals.last_in(Range())
    axis = plan.raw_totals.axis(rated=True)
    assert (expected[0], expected[-1]) == (axis.domain.low[0], axis.domain.high[0])
    assert all(Fraction(total) % axis.step == 0 for total in expected)
    assert expected == every(axis.known)


@settings(max_examples=50)
@given(st.sampled_from(list(SUMS)), ranges(st.integers(-20, 60).map(lambda n: Fraction(n, 5))))
def test_the_first_and_last_total_in_a_range_are_those_of_the_list(name, span):
    """None where none is in."""
    totals = plan_of(SUMS[name]).totals
    inside = [total for total in every(totals) if span.contains(total)]
    assert (inside[0] if inside else None) == totals.first_in(span)
    assert (inside[-1] if inside else None) == totals.last_in(span)


@pytest.mark.parametrize("name", [name for name in SUMS if name != "raters"])
def test_each_total_has_a_record(name):
    """Points of each criterion that counts, which add up to the total."""
    plan = plan_of(SUMS[name])
    factors = {c.id: f for c, f in zip(plan.criteria, plan.raw_totals.factors, strict=True)}
    for total in every(plan.totals):
        record = dict(plan.totals.record(total))
        assert total == sum(factors[c] * points for c, points in record.items())
        assert {c for c in factors if factors[c]} == set(record)
        assert all(
            c.values.first_in(Range.exactly(record[c.id])) is not None
            for c in plan.criteria
            if c.id in record
        )


@pytest.mark.parametrize(
    ("exact", "text"),
    [
        (True, SUMS["awards"]),
        (True, SUMS["single points"]),
        (False, SUMS["one that has a default"]),
        (False, SUMS["raters"]),
        (False, criteria("id = 'a', weight = 10, clamp = '1..9'")),
        (False, criteria("id = 'a', weight = 10, round = { to = 2, mode = 'half_up' }")),
        (True, criteria("id = 'a', weight = 10, points = 5, clamp = '1..9'")),
        (
            False,
            "inputs.n = { type = 'count', range = '0..9' }\n"
            + criteria("id = 'a', weight = 10, formula = 'n'"),
        ),
        (
            True,
            "inputs.n = { type = 'count', range = '0..9' }\n"
            + criteria("id = 'a', weight = 10, of = 'n', bands = [{ when = 'any', points = 7 }]"),
        ),
        (
            False,
            "inputs.n = { type = 'count', range = '0..9' }\n"
            + criteria(
                "id = 'a', weight = 10, of = 'n', "
                "bands = [{ when = '< 5', points = 7 }, { when = '>= 5', formula = 'n' }]"
            ),
        ),
    ],
)
def test_totals_are_reachable_if_each_point_is_allowed(exact, text):
    """Not where points are rounded, means, defaults, or of formulas."""
    assert exact is plan_of(text).totals.exact


# ---------------------------------------------------------------- optional criteria

OUT = "missing = 'exclude'"
N = "inputs.n = { type = 'count', range = '1..2' }\n"
ROUND = "round = { to = 2, mode = 'half_up' }"


def sections(*some):
    """Write sections, each of a head and its criteria."""
    return "".join(f"[[section]]\nid = 's{i}'\n{head}\n{own}" for i, (head, own) in enumerate(some))


#: the ends of the raw totals of records with a total, and of all records, the grid, and whether
#: each raw total is known
OTHERS = {
    "one may be left out": (
        ("1..10", "1..10", None, True),
        criteria(f"id = 'a', weight = 4, {OUT}", "id = 'b', weight = 6, points = '1..6'"),
    ),
    "all may be left out": (
        ("2.5..10", "0..10", None, True),
        criteria(
            f"id = 'a', weight = 4, points = '1..4', {OUT}",
            f"id = 'b', weight = 6, points = '2..6', {OUT}",
        ),
    ),
    "two must be there": (
        ("3..10", "0..10", None, True),
        "total = { minimum_scored = 2 }\n"
        + criteria(
            f"id = 'a', weight = 4, points = '1..4', {OUT}",
            f"id = 'b', weight = 6, points = '2..6', {OUT}",
        ),
    ),
    "what weighs nothing does not count": (
        ("1..10", "1..10", None, True),
        criteria(
            f"id = 'a', weight = 4, {OUT}",
            "id = 'b', weight = 6, points = '1..6'",
            f"id = 'c', weight = 0, scale = 3, {OUT}",
            f"id = 'd', scored = false, {OUT}",
        ),
    ),
    "what weighs nothing is not one of those that must be there": (
        ("3..10", "0..10", None, True),
        "total = { minimum_scored = 2 }\n"
        + criteria(
            f"id = 'a', weight = 4, points = '1..4', {OUT}",
            f"id = 'b', weight = 6, points = '2..6', {OUT}",
            "id = 'c', weight = 0, scale = 3",
            "id = 'd', scored = false",
        ),
    ),
    "a section may be left out": (
        ("3..10", "3..10", None, True),
        sections(
            ("weight = 4", criteria(f"id = 'a', weight = 4, {OUT}")),
            ("weight = 6", criteria("id = 'b', weight = 6, points = '3..6'")),
        ),
    ),
    "a section is clamped": (
        ("0..9", "0..9", None, True),
        sections(
            ("weight = 4\nclamp = '0..3'", criteria("id = 'a', weight = 4")),
            ("weight = 6", criteria("id = 'b', weight = 6")),
        ),
    ),
    "a section is clamped from below": (
        ("3..10", "3..10", None, True),
        sections(
            ("weight = 4\nclamp = '2..4'", criteria("id = 'a', weight = 4")),
            ("weight = 6", criteria("id = 'b', weight = 6, points = '1..6'")),
        ),
    ),
    "a section is rounded": (
        ("0..10", "0..10", 2, True),
        sections(
            (f"weight = 4\n{ROUND}", criteria("id = 'a', weight = 4")),
            (f"weight = 6\n{ROUND}", criteria("id = 'b', weight = 6")),
        ),
    ),
    "one of the sections is rounded": (
        ("0..10", "0..10", None, True),
        sections(
            (f"weight = 4\n{ROUND}", criteria("id = 'a', weight = 4")),
            ("weight = 6", criteria("id = 'b', weight = 6")),
        ),
    ),
    "the clamped section may be left out": (
        ("4..10", "4..10", None, True),
        sections(
            ("weight = 4\nclamp = '1..3'", criteria(f"id = 'a', weight = 4, {OUT}")),
            ("weight = 6", criteria("id = 'b', weight = 6, points = '3..6'")),
        ),
    ),
    "the clamped section, left out, has a remark": (
        ("5..8", "5..8", None, True),
        sections(
            (
                "weight = 4\nclamp = '1..3'",
                criteria(f"id = 'a', weight = 4, {OUT}", "id = 'r', scored = false"),
            ),
            (
                "weight = 6\nclamp = '0..5'",
                criteria("id = 'b', weight = 6, points = '5..6'"),
            ),
        ),
    ),
    "a clamped section of remarks": (
        ("1..7", "1..7", None, True),
        sections(
            ("weight = 0\nclamp = '1..3'", criteria("id = 'a', scored = false")),
            ("weight = 10\nclamp = '0..6'", criteria("id = 'b', weight = 10")),
        ),
    ),
    "weights of a record": (
        ("2..10", "2..10", None, False),
        N
        + "weights_total = 'sum'\n"
        + criteria(
            "id = 'a', weight = 'n', scale = 5, points = '1..5'",
            "id = 'b', weight = 'n', scale = 5, points = '2..4'",
        ),
    ),
    "five may be left out": (
        ("2..10", "0..10", None, False),
        criteria(
            *(f"id = 'c{i}', weight = 2, scale = 5, points = '1..5', {OUT}" for i in range(5))
        ),
    ),
}


NINE = criteria(*(f"id = 'c{i}', weight = 1, scale = 5, points = '1..5', {OUT}" for i in range(9)))


def also_required(text):
    """Return criteria with one more, which may not be left out."""
    return text.replace("]\n", ", { id = 'c9', weight = 1, scale = 5, points = '1..5' }]\n")


def wide(settles, also="", points="points = '3..6'"):
    """Return a form with so many optional criteria that not each choice is enumerated."""
    return sections(
        (f"weight = 4\nscale = 9\n{settles}", NINE),
        (f"weight = 6\n{also}", criteria(f"id = 'b', weight = 6, {points}")),
    )


#: the sum of a section is bounded by its least and greatest share of the weights
WIDE = {
    "no section is settled": ("2..10", None, wide("")),
    "a clamp lowers": ("3..10", None, wide("clamp = '0..3'")),
    "a clamp without a lower end lowers": ("3..10", None, wide("clamp = '<= 3'")),
    "a clamp raises": ("4..13", None, wide("clamp = '1..3'")),
    "one of two clamps raises": ("4..13", None, wide("clamp = '0..3'", "clamp = '4..20'")),
    "a section is rounded": ("3..20", None, wide(ROUND)),
    "both sections are rounded": (
        "3..19",
        1,
        wide(ROUND, "round = { to = 3, mode = 'half_up' }"),
    ),
    "one may be below 0": ("-5..13", None, wide("clamp = '0..3'", "", "range = '-3..6'")),
    "one is at least -1": (
        "-1..13",
        None,
        "step = 0.2\n" + wide("clamp = '0..3'", "", "range = '-0.6..6'"),
    ),
    "of a section, some must be there": (
        "3..10",
        None,
        sections(
            (f"weight = 4\nscale = 10\n{ROUND}", also_required(NINE)),
            ("weight = 6", criteria("id = 'b', weight = 6, points = '3..6'")),
        ),
    ),
    "what weighs nothing": (
        "2..10",
        None,
        wide(
            "",
            "",
            "points = '3..6' }, { id = 'c', weight = 0, range = '0..9', scale = 3 "
            "}, { id = 'd', scored = false",
        ),
    ),
    "a section of remarks": (
        "3..20",
        None,
        wide(ROUND) + "[[section]]\nid = 'r'\nweight = 0\n" + criteria("id = 'd', scored = false"),
    ),
    "all weights of sections are of the record": (
        "0..10",
        None,
        N
        + "weights_total = 'sum'\n"
        + sections(
            (
                "weight = 'n'\nscale = 4\nclamp = '0..3'",
                criteria("id = 'a', weight = 4, points = '1..4'"),
            ),
            ("weight = 'n'\nscale = 6", criteria("id = 'b', weight = 6, points = '3..6'")),
        ),
    ),
    "one has no upper end": (">= 3", None, wide(ROUND, "", "range = '>= 3'")),
    "one has no lower end": ("<= 20", None, wide(ROUND, "", "range = '<= 6'")),
    "both may be left out": ("0..10", None, wide("clamp = '0..3'", "", f"points = '3..6', {OUT}")),
    "one has no weight": (
        "0..10",
        None,
        sections(
            ("weight = 10\nscale = 9\nclamp = '0..10'", NINE),
            ("weight = 0", criteria("id = 'b', weight = 6, points = '1..6'")),
        ),
    ),
    "weights are of the record": (
        "0..10",
        None,
        N
        + "weights_total = 'sum'\n"
        + sections(
            (
                "weight = 'n'\nscale = 4\nclamp = '0..3'",
                criteria("id = 'a', weight = 4, points = '1..4'"),
            ),
            ("weight = 6", criteria("id = 'b', weight = 6, points = '3..6'")),
        ),
    ),
}


@pytest.mark.parametrize("name", WIDE)
def test_of_many_choices_the_raw_total_is_bounded_by_the_shares(name):
    """The ends and the grid; the means of any choice are between those of the criteria."""
    domain, step, text = WIDE[name]
    axis = plan_of(text).raw_totals.axis(rated=True)
    assert (domain, step, None) == (str(axis.domain), axis.step, axis.known)


def optional(count):
    """Return a form of optional criteria, all of which must be there, and its least raw total."""
    scales = [5, *[2] * (count - 1)]
    own = (
        f"id = 'c{i}', weight = 1, scale = {scale}, points = '1..{scale}', {OUT}"
        for i, scale in enumerate(scales)
    )
    least = sum(Fraction(10, count) / scale for scale in scales)
    head = f"weights_total = {count}\ntotal = {{ minimum_scored = {count} }}\n"
    return head + criteria(*own), least


@pytest.mark.parametrize("count", [7, 8])
def test_every_choice_of_eight_optional_criteria_is_examined(count):
    """The least raw total with all of them is the sum of their least contributions."""
    text, least = optional(count)
    assert Range.closed(least, 10) == plan_of(text).raw_totals.axis(rated=True).domain


def test_of_nine_optional_criteria_only_the_bounds_of_their_means_are_known():
    """The least share of the full marks that one of them can give."""
    text, least = optional(9)
    assert Range.closed(2, 10) == plan_of(text).raw_totals.axis(rated=True).domain
    assert least > 2


def test_sixteen_choices_are_looked_at_one_by_one():
    """Of more, only the ends are known."""
    four = criteria(*(f"id = 'c{i}', weight = 2.5, scale = 2, {OUT}" for i in range(4)))
    assert plan_of(four).raw_totals.axis(rated=False).known is not None


@pytest.mark.parametrize(
    "form",
    [
        "id = 'a', weight = 4",
        "id = 'a', weight = 4, scale = 2",
        "id = 'a', weight = 4, bands = [{ points = 0 }, { points = 1 }, { points = 4 }]",
    ],
)
def test_totals_are_counted_as_far_as_there_are_not_too_many(monkeypatch, form):
    """From the least to the greatest, in units."""
    text = criteria("id = 'b', weight = 6", form)
    monkeypatch.setattr(totals, "MAX_TOTALS", 11)
    assert isinstance(plan_of(text).totals, ExactTotals)
    monkeypatch.setattr(totals, "MAX_TOTALS", 10)
    assert isinstance(plan_of(text).totals, GridTotals)


@pytest.mark.parametrize("name", OTHERS)
def test_the_raw_total_never_leaves_its_axis(name):
    """Its endpoints are totals of some records; if it is exact, so are all numbers in it."""
    (rated, of_all, step, is_known), text = OTHERS[name]
    plan = plan_of(text)
    axes = [plan.raw_totals.axis(rated=flag) for flag in (True, False)]
    assert [rated, of_all] == [str(axis.domain) for axis in axes]
    assert [step, step] == [axis.step for axis in axes]
    assert is_known is (axes[0].known is not None)
    totals = SOME[name] if name in SOME else sorted(raw_totals(text))
    if is_known:
        assert totals == every(axes[0].known)
    assert axes[0].domain.covers(Range.closed(totals[0], totals[-1]))
    assert all(step is None or Fraction(total) % step == 0 for total in totals)


@pytest.mark.parametrize("name", [name for name in OTHERS if OTHERS[name][0][3]])
def test_each_known_total_has_a_record_that_gives_it(name):
    """Also where criteria are left out, and where sections clamp or round their sums."""
    text = OTHERS[name][1]
    rubric, found = loads(HEAD + text), plan_of(text).totals
    for total in every(found):
        assert total == evaluate(rubric, dict(found.record(total))).raw_total


def test_the_sums_of_a_limited_section_are_computed_one_by_one_if_they_are_few(monkeypatch):
    """Five sums of the section; of more than the limit, no sum of the form is known."""
    _, text = OTHERS["a section is clamped"]
    monkeypatch.setattr(totals, "MAX_SUBTOTALS", 5)
    axis = plan_of(text).raw_totals.axis(rated=True)
    assert sorted(raw_totals(text)) == every(axis.known)
    monkeypatch.setattr(totals, "MAX_SUBTOTALS", 4)
    axis = plan_of(text).raw_totals.axis(rated=True)
    assert ("0..9", None) == (str(axis.domain), axis.known)


def test_of_a_limited_section_whose_sums_are_not_counted_only_the_ends_are_known():
    """The domain of the raw total respects the clamp; the plain sums have no grid."""
    text = FINE + sections(
        ("weight = 4\nclamp = '0..3'", criteria("id = 'a', weight = 4")),
        ("weight = 6", criteria("id = 'b', weight = 6")),
    )
    plan = plan_of(text)
    axis = plan.raw_totals.axis(rated=True)
    assert ("0..9", None) == (str(axis.domain), axis.known)
    assert GridTotals(domain=Range.closed(0, 10), step=None) == plan.raw_totals.sums


def test_the_ends_of_the_axis_are_the_least_and_the_greatest_sum():
    """Also if one of them is 0."""
    for points in ("-3..0", "0..3", "-3..3"):
        axis = plan_of(criteria(f"id = 'a', weight = 10, range = '{points}'")).raw_totals.axis(
            rated=True
        )
        assert points == str(axis.domain)


def test_a_criterion_that_cannot_give_points_adds_nothing():
    """No multiple of the step lies in its range: the totals are those of the others."""
    text = criteria("id = 'a', weight = 4, points = '0.2..0.8'", "id = 'b', weight = 6")
    found = plan_of(text).totals
    assert list(range(7)) == every(found)
    assert [(("a", 0), ("b", n)) for n in range(7)] == [found.record(n) for n in range(7)]


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (1, criteria("id = 'a', weight = 4", "id = 'b', weight = 6")),
        (6, criteria("id = 'a', weight = 5, scale = 3", "id = 'b', weight = 5, scale = 2")),
        (2, "step = 0.5\n" + criteria("id = 'a', weight = 10")),
    ],
)
def test_units_are_the_common_denominator_of_all_contributions(units, text):
    """Each contribution of a step is a whole number of units."""
    assert units == plan_of(text).raw_totals.units


def test_units_that_are_too_small_are_not_counted():
    """Contributions whose common denominator has more than 320 bits: only the ends are known."""
    scales = [10**15 + 2 * i + 1 for i in range(40)]
    text = "weights_total = 40\n" + criteria(
        *(f"id = 'c{i}', weight = 1, scale = {scale}" for i, scale in enumerate(scales))
    )
    plan = plan_of(text)
    assert GridTotals(domain=Range.closed(0, 10), step=None) == plan.totals
    assert 1 == plan.raw_totals.units


#: of many records, some
SOME = {"weights of a record": [2, 9], "five may be left out": [2, 10]}


# ---------------------------------------------------------------- totals that are not counted

FINE = "step = 0.000001\n"
BOUNDED = {
    "too many totals": (
        ("0..10", Fraction(1, 10**6)),
        FINE + criteria("id = 'a', weight = 4", "id = 'b', weight = 6"),
    ),
    "a third of a fine step": (
        ("0..10", Fraction(1, 3 * 10**6)),
        FINE + criteria("id = 'a', weight = 4", "id = 'b', weight = 6, scale = 18"),
    ),
    "no upper end": (
        (">= 4", 1),
        criteria("id = 'a', weight = 4, range = '>= 1'", "id = 'b', weight = 6, points = '3..6'"),
    ),
    "no lower end": (
        ("<= 10", 1),
        criteria("id = 'a', weight = 4, range = '<= 4'", "id = 'b', weight = 6, points = '3..6'"),
    ),
    "no end": (("any", 1), criteria("id = 'a', weight = 10, range = 'any'")),
    "one of two formulas divides": (
        ("2..10", None),
        N
        + criteria(
            "id = 'a', weight = 4, formula = '4 / n', clamp = '1..4'",
            "id = 'b', weight = 6",
        ),
    ),
    "formulas that divide": (
        ("5..10", None),
        N + criteria("id = 'a', weight = 10, formula = '10 / n', clamp = '1..10'"),
    ),
}


@pytest.mark.parametrize("name", BOUNDED)
def test_of_totals_that_are_not_counted_the_ends_and_the_grid_are_known(name):
    """Every step between the ends is assumed to be reachable."""
    (domain, step), text = BOUNDED[name]
    totals = plan_of(text).totals
    assert (GridTotals(domain=Range.parse(domain), step=step), False) == (totals, totals.exact)
    axis = plan_of(text).raw_totals.axis(rated=True)
    assert (domain, step, None) == (str(axis.domain), axis.step, axis.known)


def test_the_first_and_last_of_a_grid_lie_on_it():
    """Without a grid, they are the ends; where more is known, the first that is known."""
    thirds = GridTotals(domain=Range.closed(0, 10), step=Fraction(1, 3))
    span = Range.parse("> 1.1 .. < 2.9")
    assert (Fraction(4, 3), Fraction(8, 3)) == (thirds.first_in(span), thirds.last_in(span))
    every_one = GridTotals(domain=Range.closed(0, 10), step=None)
    assert (0, 10) == (every_one.first_in(Range()), every_one.last_in(Range()))
    assert (3, 7) == (every_one.first_in(Range.closed(3, 7)), every_one.last_in(Range.closed(3, 7)))
    beside = Range.closed(11, 12)
    assert (None, None) == (every_one.first_in(beside), every_one.last_in(beside))
    assert (None, None) == (thirds.first_in(beside), thirds.last_in(beside))
    assert None is GridTotals(domain=Range(), step=1).last_in(Range())
    assert None is GridTotals(domain=Range(), step=None).last_in(Range())
    known = Domain((Part(Range.exactly(4)),))
    assert 4 == GridTotals(domain=Range(), step=None, known=known).first_in(Range())
    assert () == thirds.record(1)


def test_all_steps_up_to_full_marks_are_reachable_in_an_invalid_rubric():
    """So are those of a total of its own for its axis."""
    text = "step = 0.5\n" + criteria("id = 'a', weight = 4", "id = 'b', weight = 6")
    rubric = parse(HEAD + text, "x.rubric.toml")
    expected = GridTotals(domain=Range.closed(0, 10), step=Fraction(1, 2))
    assert expected == Plan(rubric, without=frozenset({("criterion", 0)})).totals
    assert expected == Plan(rubric, lost=frozenset({"total before gates"})).totals
    own = plan_of("total = { clamp = '3..8' }\n" + criteria("id = 'a', weight = 10"))
    assert (False, False) == (own.is_raw, own.is_plain)
    assert [3, 4, 5, 6, 7, 8] == every(own.totals)
    assert not own.totals.exact


@pytest.mark.parametrize(
    ("raw", "plain", "text"),
    [
        (True, True, ""),
        (True, True, "total = { minimum_scored = 1 }\n"),
        (False, False, "total = { formula = 'raw_total' }\n"),
        (False, False, "total = { round = { to = 2, mode = 'half_up' } }\n"),
        (False, False, "total = { clamp = '0..10' }\n"),
        (False, False, "adjust = [{ id = 'j', points = 0 }]\n"),
        (True, False, "section = [{ id = 's', weight = 0, clamp = '0..3', criterion = [] }]\n"),
    ],
)
def test_a_raw_total_is_what_nothing_is_done_to(raw, plain, text):
    """And plain, where the weights are the same for all records."""
    own = "" if "section" in text else criteria("id = 'a', weight = 10")
    plan = plan_of(text + own)
    assert (raw, plain) == (plan.is_raw, plan.is_plain)
