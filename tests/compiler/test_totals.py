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
