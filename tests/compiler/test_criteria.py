"""Criteria: which ratings are allowed, and which points result by facts, by raters, and without either."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from kpirules.arithmetic.range import Range
from kpirules.compiler.computed import ExcludedError, Missing, RejectedValueError, Scored
from kpirules.compiler.criteria import CompiledCriterion, number_of
from kpirules.compiler.plan import Plan
from kpirules.toml.parser import parse


HEAD = 'schema = 1\nid = "x"\nfull_marks = 10\ninputs.n = { type = "count", range = "0..9" }\n'
BANDS = "of = 'n', bands = [{ when = '<= 3', points = 10 }, { when = '> 3', points = '2..5' }]"
RATERS = "raters = { x = 1, y = 3 }\n"


def criterion(text, head=""):
    """Make the one criterion of a form ready."""
    made = Plan(parse(f"{HEAD}{head}criterion = [{{ id = 'a', {text} }}]\n", "x.rubric.toml"))
    return made.criteria[0]


def scored(plan: CompiledCriterion, **env):
    """Return the points of a criterion, the problems of the record, or why there are none."""
    try:
        found = plan.score(env, lambda: env)
    except RejectedValueError as error:
        return str(error), error.names, error.code
    if isinstance(found, tuple):
        return [(p.input, p.message()) for p in found]
    return found


@pytest.mark.parametrize(
    ("ratings", "text", "head"),
    [
        ("0 to 10", "weight = 10", ""),
        ("0 to 4", "weight = 10, scale = 4", ""),
        ("0 to 10, in steps of 5", "weight = 10, formula = '5 * min(n, 2)'", ""),
        ("2 to 5, 10", f"weight = 10, {BANDS}", ""),
        ("2 to 3", "weight = 10, points = '2..3'", "step = 0.5\n"),
        ("1, 2", "weight = 10, range = '1..2'", ""),
        ("0, 4", "weight = 10, bands = [{ points = 0 }, { points = 4 }]", ""),
        ("7", "weight = 10, points = 7", ""),
        (
            "3, 5",
            "weight = 10, of = 'n', bands = [{ when = '<= 3', points = 2 }, { when = '> 3', points = 8 }], clamp = '3..5'",
            "",
        ),
        ("at least 2", "weight = 10, range = '>= 2'", ""),
        ("0 to 0.5", "weight = 10, scale = 0.5", "step = 0.25\n"),
        ("0 to 4.5, in steps of 0.5", "weight = 10, formula = 'n / 2'", ""),
        ("", "weight = 10, range = '0..5', formula = 'n + 7'", ""),
    ],
)
def test_the_ratings_that_are_allowed_are_spelled(ratings, text, head):
    """Points to award, or points that facts can give."""
    assert ratings == str(criterion(text, head).allowed_ratings)


@pytest.mark.parametrize(
    ("judged", "measured", "text"),
    [
        (True, False, "weight = 10"),
        (True, True, f"weight = 10, {BANDS}"),
        (False, True, "weight = 10, formula = 'n'"),
        (False, True, "weight = 10, formula = '7'"),
        (False, True, "weight = 10, points = 7"),
        (True, False, "weight = 10, bands = [{ points = 0 }, { points = 4 }]"),
        (True, False, "weight = 10, points = '2..5'"),
        (True, True, "weight = 10, bands = [{ formula = '7' }, { points = '0..3' }]"),
    ],
)
def test_a_criterion_is_judged_or_measured_or_both(judged, measured, text):
    """By who or what decides its points."""
    plan = criterion(text)
    assert (judged, measured) == (plan.is_judged, plan.is_measured)


def test_some_ratings_are_listed_where_they_are_few():
    """In rising order; none where there are more, or there is no end, or no step."""
    bands = criterion(f"weight = 10, {BANDS}")
    assert [2, 3, 4, 5, 10] == bands.some_allowed(5)
    assert [] == bands.some_allowed(4)
    assert list(range(11)) == criterion("weight = 10").some_allowed(11)
    assert Range.closed(0, 10) == criterion("weight = 10").rating_axis.domain
    assert [] == criterion("weight = 10").some_allowed(9)
    assert [] == criterion("weight = 10, range = '>= 2'").some_allowed(100)
    assert [] == criterion("weight = 10, formula = 'n'").some_allowed(100)
    halves = criterion("weight = 10, points = '2..3'", "step = 0.5\n")
    assert [2, Fraction(5, 2), 3] == halves.some_allowed(3)
    assert [5, 11, 3] == [bands.ratings, criterion("weight = 10").ratings, halves.ratings]
    assert 1_000_000 == criterion("weight = 10, formula = 'n'").ratings
    assert 1_000_000 == criterion("weight = 10, range = '>= 2'").ratings
    assert 25 == criterion(f"weight = 10, {BANDS}", RATERS).ratings


def test_the_ranges_of_ratings_are_joined_on_the_grid_of_what_is_judged():
    """Points of facts are separate values; a million represents an unbounded number."""
    judged = criterion("weight = 10, bands = [{ points = 2 }, { points = '3..5' }]")
    assert (Range.closed(2, 5),) == judged.admissible
    assert [2, 3, 4, 5] == judged.some_allowed(4)
    facts = "weight = 10, of = 'n', bands = [{ when = '<= 3', points = 2 }, { when = '> 3', points = 3 }]"
    measured = criterion(facts)
    assert (Range.exactly(2), Range.exactly(3)) == measured.admissible
    assert ([2, 3], 2) == (measured.some_allowed(2), measured.ratings)
    assert (1, None) == (judged.by_rating.axes[0].step, measured.by_rating.axes[0].step)
    assert (1, None) == (judged.grids[1], criterion("weight = 10", RATERS).grids[0])


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("2..8", "points = '>= 2', clamp = '<= 8'"),
        ("1..5", "points = '<= 5', clamp = '>= 1'"),
        ("2..4", "points = '2 .. < 5'"),
        ("2..4", "points = '2 .. < 5', clamp = '1..4'"),
        ("4", "points = 3, round = { to = 4, mode = 'half_up' }"),
    ],
)
def test_what_a_row_gives_is_clamped_and_rounded(expected, text):
    """Its ends are."""
    plan = criterion(f"weight = 10, range = 'any', {text}")
    given = plan.given_by(plan.rows[0])
    assert expected == str(given)


def test_defaults_do_not_stand_in_beside_a_rating():
    """The facts are then those of the record alone."""
    plan = criterion(f"weight = 10, {BANDS}")
    rated = plan.score({"n": 2, "a": 4}, lambda: {"a": 4})
    assert Scored(points=4, raw=4, row=1, used=(("a", 4),)) == rated
    unrated = plan.score({"n": 2}, dict)
    assert Scored(points=10, raw=10, row=0, used=(("n", 2),)) == unrated
    assert ("", False, None) == (unrated.left_out, unrated.assumed, unrated.remark)


def test_the_bands_of_a_rating_are_those_that_allow_it():
    """A bit each."""
    bands = criterion(f"weight = 10, {BANDS}")
    assert [0b1, 0b10, 0b10, 0, 0] == [bands.rows_of_rating(r) for r in (10, 2, 5, 1, 6)]
    two = criterion("weight = 10, bands = [{ points = '0..5' }, { points = '5..10' }]")
    assert [0b1, 0b11, 0b10] == [two.rows_of_rating(r) for r in (4, 5, 6)]
    steps = criterion("weight = 10, formula = '5 * min(n, 2)'")
    assert [1, 0, 1] == [steps.rows_of_rating(r) for r in (5, 6, 10)]


@pytest.mark.parametrize(
    ("expected", "env"),
    [
        (Scored(points=10, raw=10, row=0, used=(("n", 2),)), {"n": 2}),
        (Scored(points=10, raw=10, row=0, used=(("n", 2), ("a", 10))), {"n": 2, "a": 10}),
        (Scored(points=4, raw=4, row=1, used=(("n", 5), ("a", 4))), {"n": 5, "a": 4}),
        (Scored(points=4, raw=4, row=1, used=(("a", 4),)), {"a": 4}),
        (Scored(points=10, raw=10, row=0, used=(("a", 10),)), {"a": 10}),
        ([("a", "does not agree with the facts")], {"n": 2, "a": 9}),
        ([("a", "does not agree with the facts")], {"n": 5, "a": 10}),
        ([("a", "is missing")], {"n": 5}),
        ([("n", "is missing")], {}),
    ],
)
def test_facts_or_a_rating_or_both_decide(expected, env):
    """Both must agree."""
    assert expected == scored(criterion(f"weight = 10, {BANDS}"), **env)


def test_what_is_missing_or_does_not_agree_is_told_with_what_would_do():
    """The whole problem."""
    plan = criterion(f"weight = 10, {BANDS}")
    env = {"n": 2, "a": 9}
    (problem,) = plan.score(env, lambda: env)
    assert "a = 9: does not agree with the facts; allowed: 10" == str(problem)
    (problem,) = plan.score({"n": 5, "a": 10}, lambda: {"n": 5, "a": 10})
    assert "2 to 5" == str(problem.allowed)
    (problem,) = plan.score({}, dict)
    assert "a whole number, 0 to 9; or rate a directly: 2 to 5, 10" == str(problem.allowed)
    (problem,) = plan.score({"n": 5}, lambda: {"n": 5})
    assert "2 to 5, 10" == str(problem.allowed)
    raters = criterion(f"weight = 10, {BANDS}", RATERS)
    (problem,) = raters.score({}, dict)
    assert str(problem.allowed).endswith("; or rate a.x or a.y directly: 2 to 5, 10")


@pytest.mark.parametrize(
    ("expected", "text", "env"),
    [
        (Scored(points=0, assumed=True), "missing = 'zero'", {}),
        (Scored(points=3, assumed=True), "missing = 3", {}),
        (("leads to 11, outside of 0 to 10", ("a",), "points-out-of-range"), "missing = 11", {}),
        (Scored(left_out="missing"), "missing = 'exclude'", {}),
        ([("a", "is missing")], "missing = 'error'", {}),
        (Scored(points=4, raw=4, row=0, used=(("a", 4),)), "missing = 3", {"a": 4}),
    ],
)
def test_a_policy_says_what_is_done_where_nothing_is_given(expected, text, env):
    """Default points replace it, it is excluded, or it is missing; 0 may be out of the range."""
    assert expected == scored(criterion(f"weight = 10, {text}"), **env)
    low = criterion("weight = 10, range = '1..10', missing = 'zero'")
    assert Scored(points=0, assumed=True) == scored(low)


@pytest.mark.parametrize(
    ("expected", "text", "env"),
    [
        ((4, False), "weight = 10", {"a.x": 1, "a.y": 5}),
        ([("a.y", "is missing")], "weight = 10", {"a.x": 1}),
        ([("a.x", "is missing"), ("a.y", "is missing")], "weight = 10", {}),
        ((3, False), "weight = 10, missing = 'exclude'", {"a.x": 3}),
        ((Fraction(3, 4), True), "weight = 10, missing = 'zero'", {"a.x": 3}),
        ((Fraction(9, 2), True), "weight = 10, missing = 4", {"a.x": 6}),
        ((4, False), "weight = 10, missing = 'zero'", {"a.x": 1, "a.y": 5}),
        (
            ("several bands take the rating", ("a.x", "a.y"), "band-overlap"),
            "weight = 10, bands = [{ points = '0..5' }, { points = '5..10' }]",
            {"a.x": 4, "a.y": 5},
        ),
        ((5, False), "weight = 10, round = { to = 1, mode = 'half_up' }", {"a.x": 6, "a.y": 4}),
        ((4, False), "weight = 10, clamp = '0..4'", {"a.x": 6, "a.y": 4}),
    ],
)
def test_raters_give_a_weighted_mean(expected, text, env):
    """Of the raters who rated, or of all with the default; then it is clamped and rounded."""
    found = scored(criterion(text, RATERS), **env)
    assert expected == ((found.points, found.assumed) if isinstance(found, Scored) else found)


def test_raters_without_weight_are_as_good_as_none():
    """Who is left has to weigh something."""
    plan = criterion("weight = 10, missing = 'exclude'", "raters = { x = 0, y = 3 }\n")
    assert [("a.y", "is missing")] == scored(plan, **{"a.x": 3})
    assert 4 == scored(plan, **{"a.y": 4}).points


MEANS = {
    "weight = 10, bands = [{ points = 0 }, { points = 2 }, { points = 5 }]": RATERS,
    "weight = 10, points = '1..3', missing = 'exclude'": RATERS,
    "weight = 10, points = '1..3', missing = 'zero', range = '0..10'": RATERS,
    "weight = 10, points = '1..3', missing = 2": "raters = { x = 1, y = 1, z = 2 }\n",
    "weight = 10, clamp = '2..4', round = { to = 1, mode = 'half_up' }": RATERS,
    "weight = 10, points = '1..2', missing = 'exclude', round = { to = 0.5, mode = 'floor' }": (
        "raters = { x = 1, y = 0 }\n"
    ),
}


@pytest.mark.parametrize("text", MEANS)
def test_all_means_of_raters_are_known(text):
    """Each once, in rising order, including the default for all."""
    plan = criterion(text, MEANS[text])
    assert plan.is_judged
    ratings = [None, *plan.some_allowed(99)]
    found = set()
    for values in itertools.product(ratings, repeat=len(plan.rating_names)):
        env = {n: v for n, v in zip(plan.rating_names, values, strict=True) if v is not None}
        one = scored(plan, **env)
        if isinstance(one, Scored) and one.points is not None:
            found.add(one.points)
    only = [part.span.only for part in plan.means.parts]
    assert sorted(only) == only
    assert found == {part.span.only for part in plan.values.parts}


def test_of_too_many_means_the_ends_and_the_grid_are_known():
    """The grid is that of the ratings by the share of each rater."""
    many = "raters = { p = 1, q = 1, r = 1, s = 1, t = 1 }\n"
    (part,) = criterion("weight = 10", many).means.parts
    assert (Range.closed(0, 10), Fraction(1, 5)) == (part.span, part.step)
    (part,) = criterion("weight = 10, clamp = '1..8'", many).means.parts
    assert (Range.closed(1, 8), Fraction(1, 5)) == (part.span, part.step)
    (part,) = criterion("weight = 10, round = { to = 0.5, mode = 'ceiling' }", many).means.parts
    assert (Range.closed(0, 10), Fraction(1, 2)) == (part.span, part.step)
    (part,) = criterion("weight = 10, missing = 'exclude'", many).means.parts
    assert (Range.closed(0, 10), Fraction(1, 60)) == (part.span, part.step)
    seven = f"raters = {{ {', '.join(f'r{i} = 1' for i in range(7))} }}\n"
    (part,) = criterion("weight = 10, missing = 'exclude'", seven).means.parts
    assert (Range.closed(0, 10), None) == (part.span, part.step)


def test_a_remark_adds_nothing():
    """Whatever is written; what is not scored may have points all the same."""
    plan = criterion("scored = false")
    assert (True, False, ()) == (plan.is_remark, plan.is_scored, plan.rows)
    assert Scored(remark="fine") == scored(plan, a="fine")
    assert Scored() == scored(plan)
    given = criterion("scored = false, range = '0..5'")
    assert (False, "", True) == (given.is_remark, given.out_of_range_code, given.skips)
    assert Scored() == scored(given)
    assert 3 == scored(given, a=3).points
    measured = criterion("scored = false, formula = 'n'")
    assert Scored(points=4, raw=4, row=0, used=(("n", 4),)) == scored(measured, n=4)


def test_what_weighs_nothing_is_left_out():
    """By its own weight or that of its section."""
    plan = criterion("weight = 0, scale = 5")
    assert (True, True) == (plan.is_weightless, plan.skips)
    assert Scored(left_out="weight") == plan.score({"a": 3}, dict, weightless=True)
    full = criterion("weight = 10")
    assert (False, False, "points-out-of-range") == (
        full.is_weightless,
        full.skips,
        full.out_of_range_code,
    )
    assert criterion("weight = 10, missing = 'zero'").skips
    assert not criterion("weight = 'n', scale = 5").is_weightless
    idle = Plan(
        parse(
            HEAD + "section = [{ id = 's', weight = 0, criterion = [{ id = 'a', weight = 1 }] }, "
            "{ id = 't', criterion = [{ id = 'b', weight = 10 }] }]\n",
            "x.rubric.toml",
        )
    )
    assert [True, False] == [c.is_weightless for c in idle.criteria]
    assert (0, 0, 4) == (number_of(None), number_of("n"), number_of(4))


def test_what_needs_what_was_left_out_has_no_points():
    """The record cannot provide it."""
    made = Plan(
        parse(
            HEAD + "criterion = [{ id = 'a', weight = 5, missing = 'exclude' }, "
            "{ id = 'b', weight = 5, formula = 'points.a' }]\n",
            "x.rubric.toml",
        )
    )
    b = made.criteria[1]
    with pytest.raises(ExcludedError) as caught:
        b._instead(Missing(("points.a",)), {"a": 3})
    assert ("points.a",) == caught.value.names


@pytest.mark.parametrize(
    ("keeps", "text", "head"),
    [
        (True, "weight = 10", ""),
        (False, "weight = 10", RATERS),
        (False, "weight = 10, clamp = '0..5'", ""),
        (False, "weight = 10, round = { to = 2, mode = 'half_up' }", ""),
    ],
)
def test_points_are_the_rating_itself_of_one_rater_alone(keeps, text, head):
    """Without clamp or rounding."""
    plan = criterion(text, head)
    assert keeps is plan.keeps_awards
    assert (("a.x", "a.y") if head else ("a",)) == plan.rating_names
    assert ({"a.x": 1, "a.y": 3} if head else {}) == plan.raters


def test_a_rating_that_is_rounded_out_of_its_range_is_refused():
    """With the ratings that may be given."""
    plan = criterion("weight = 10, range = '0..9', round = { to = 10, mode = 'half_up' }")
    assert ("leads to 10, outside of 0 to 9", ("a",), "points-out-of-range") == scored(plan, a=9)
    with pytest.raises(RejectedValueError) as caught:
        plan.score({"a": 9}, dict)
    assert "0 to 9" == str(caught.value.allowed)
    two = criterion("weight = 10, bands = [{ points = '0..5' }, { points = '5..10' }]")
    assert ("several bands take the rating", ("a",), "band-overlap") == scored(two, a=5)
