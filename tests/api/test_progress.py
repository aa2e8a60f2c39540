"""The public `progress`: what a draft still needs, and how it can still end."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import (
    InputError,
    Need,
    RulesetError,
    Tier,
    evaluate,
    load,
    loads,
    progress,
    validate,
)
from kpirules.arithmetic.range import Range
from kpirules.compiler.plan import Plan
from kpirules.testing import bad_records, records, rubrics


# ---------------------------------------------------------------- laws


def contains(reach, value):
    """Return whether a value lies between the ends of a range."""
    low, high = reach.lowest, reach.highest
    return (low is None or low <= value) and (high is None or value <= high)


@given(st.data(), rubrics())
def test_every_completion_lies_in_the_range(data, rubric):
    """Total, tier and pay of a record lie in the ranges of each draft of it."""
    record = data.draw(records(rubric))
    result = evaluate(rubric, record)
    draft = {n: v for n, v in record.items() if data.draw(st.booleans(), label=n)}
    state = progress(rubric, draft)
    assert state.is_complete == (validate(rubric, draft) == ())
    if not result.unratable:
        assert contains(state.total, result.total)
        assert result.tier is None or result.tier in state.tiers
        assert result.pay is None or contains(state.pay, result.pay)


@given(st.data(), rubrics(whole=False))
def test_a_full_record_ends_in_its_result(data, rubric):
    """If nothing is left open, both ends of the range are the total of `evaluate`."""
    record = data.draw(records(rubric))
    result = evaluate(rubric, record)
    by_name = {f.name for f in rubric.inputs} | {c.id for c in rubric.all_criteria if c.scored}
    full = dict(record)
    for name in by_name - record.keys():
        line = next((line for line in result.lines if line.criterion == name), None)
        if line is None or line.points is None:
            return
    state = progress(rubric, full)
    assert state.is_complete
    assert (result.total, result.total) == (state.total.lowest, state.total.highest)
    assert ((), True) == (state.needed, state.exact)
    assert (() if result.tier is None else (result.tier,)) == state.tiers
    assert result.pay == (None if state.pay is None else state.pay.highest)


@given(rubrics(whole=False))
def test_an_empty_record_can_reach_every_total(rubric):
    """The range is that of the reachable totals, and it is exact where these are."""
    totals = Plan(rubric).totals
    state = progress(rubric, {})
    if totals.exact:
        ends = (totals.first_in(Range()), totals.last_in(Range()))
        assert (*ends, True) == (state.total.lowest, state.total.highest, state.total.exact)


@given(st.data(), rubrics())
def test_the_problems_are_those_of_validate(data, rubric):
    """They are those of `validate` without what is missing, which is needed."""
    record = data.draw(bad_records(rubric))
    expected = [p.to_dict() for p in validate(rubric, record) if p.code != "missing"]
    assert expected == [p.to_dict() for p in progress(rubric, record).problems]


# ---------------------------------------------------------------- by enumeration

HEAD = 'schema = 1\nid = "x"\nfull_marks = 10\n'
TWO = 'criterion = [{ id = "a", weight = 6, scale = 2 }, { id = "b", weight = 4, scale = 2 }]\n'
TIERS = """
tier = [
    { id = "good", total = ">= 6", pay = 200 },
    { id = "fair", total = "3 .. < 6", pay = 100 },
    { id = "poor", total = "< 3", pay = -50 },
]
"""
FACTS = """
inputs.late = { type = "count", range = "0..3" }
inputs.duty = { type = "choice", options = ["met", "not"] }
"""
MEASURED = """
[[criterion]]
id = "a"
weight = 6
of = "late"
bands = [{ when = 0, points = 6 }, { when = "1..2", points = 3 }, { when = 3, points = 0 }]
[[criterion]]
id = "b"
weight = 4
bands = [
    { when = { late = 0, duty = "met" }, points = 4 },
    { when = { late = 0, duty = "not" }, points = 2 },
    { when = { late = ">= 1" }, points = 1 },
]
"""
RULESETS = {
    "judged": HEAD + TWO + TIERS,
    "measured, with shared facts": HEAD + FACTS + TIERS + MEASURED,
    "left out": HEAD + TIERS + TWO.replace("scale = 2 }", 'scale = 2, missing = "exclude" }'),
    "zero": HEAD + TIERS + TWO.replace("scale = 2 }", 'scale = 2, missing = "zero" }'),
    "raters": HEAD + TIERS + TWO + "raters = { self = 20, superior = 80 }\n",
    "gates": HEAD
    + FACTS
    + TIERS
    + TWO
    + """
[[gate]]
when = { late = ">= 2" }
total_at_most = 5
[[gate]]
when = { duty = "not", total = ">= 6" }
demote = 1
[[gate]]
when = { late = 3, duty = "not" }
refuse = true
""",
    "a gate that is skipped": HEAD
    + FACTS
    + TIERS
    + TWO
    + '[[gate]]\nwhen = { late = ">= 2" }\ntier_at_least = "fair"\nmissing = "skip"\n',
    "adjustments": HEAD
    + FACTS
    + TWO.replace("6", "5").replace("4", "5")
    + """
[total]
clamp = "0..10"
[[adjust]]
id = "bonus"
bands = [{ when = { duty = "met" }, formula = "late / 2" }, { when = { duty = "not" }, points = -1 }]
[outcome.pay]
formula = "10 * total"
""",
    "pay by a formula": HEAD
    + FACTS
    + TWO
    + """
[derive.share]
of = "duty"
bands = [{ when = "met", value = 1 }, { when = "not", value = 0.5 }]
[outcome.base]
of = "total"
bands = [{ when = ">= 6", value = 100 }, { when = "< 6", value = 40 }]
[outcome.pay]
formula = "outcome.base * share - late"
""",
}
RULESETS["sections that round"] = (
    HEAD
    + TIERS
    + """
[[section]]
id = "s"
round = { to = 1, mode = "half_up" }
criterion = [{ id = "a", weight = 5, scale = 2 }, { id = "b", weight = 5, scale = 2 }]
"""
)
RULESETS["unratable"] = HEAD + FACTS + TWO + "[[gate]]\nwhen = { late = 3 }\nunratable = true\n"
RULESETS["computed weights"] = (
    HEAD
    + TIERS
    + """
inputs.w = { type = "count", range = "4..6" }
criterion = [
    { id = "a", weight = "w", scale = 2 },
    { id = "b", weight = "10 - w", scale = 2 },
]
"""
)


def completions(rubric, draft):
    """Yield the result of every record that completes a draft."""
    plan = Plan(rubric)
    values = {}
    for fact in rubric.inputs:
        axis = plan.scope.axes[fact.name]
        every = axis.options or range(int(axis.domain.low[0]), int(axis.domain.high[0]) + 1)
        values[fact.name] = [None, *every]
    for c in plan.criteria:
        allowed = [n for part in c.allowed.parts for n in part.numbers()]
        values |= {name: [None, *allowed] for name in c.rating_names}
    free = [name for name in values if name not in draft]
    for some in product(*(values[name] for name in free)):
        record = {**draft, **{n: v for n, v in zip(free, some, strict=True) if v is not None}}
        try:
            yield evaluate(rubric, record)
        except InputError:
            continue


DRAFTS = [
    *({}, {"a": 1}, {"b": 2}, {"a": 0, "b": 2}, {"late": 0}, {"late": 3}, {"duty": "not"}),
    *(
        {"late": 2, "duty": "met"},
        {"late": 2, "a": 2},
        {"a.self": 2},
        {"a.superior": 0, "b.self": 1},
    ),
    *({"w": 5}, {"w": 4, "a": 2}),
]


@pytest.mark.parametrize("name", RULESETS)
def test_the_ends_are_reached(name):
    """The ranges are those of all records that complete the draft, found by trying each of them."""
    rubric = loads(RULESETS[name])
    for draft in DRAFTS:
        if progress(rubric, draft).problems:
            continue
        results = [r for r in completions(rubric, draft) if not r.unratable]
        state = progress(rubric, draft)
        if not results:
            assert not state.exact or state.total is None, draft
            continue
        totals, pays = [r.total for r in results], [r.pay for r in results if r.pay is not None]
        found = {r.tier for r in results if r.tier is not None}
        assert found <= {*state.tiers}, draft
        assert contains(state.total, min(totals)), draft
        assert contains(state.total, max(totals)), draft
        # a weight that is not known may be any: the range may be too wide, and says so
        assert state.exact or (name == "computed weights" and "w" not in draft), draft
        if state.exact:
            assert (min(totals), max(totals)) == (state.total.lowest, state.total.highest), draft
            assert found == {*state.tiers}, draft
            ends = None if state.pay is None else (state.pay.lowest, state.pay.highest)
            assert ((min(pays), max(pays)) if pays else None) == ends, draft


# ---------------------------------------------------------------- what is given and needed


@pytest.fixture(scope="module")
def service():
    return load("customer-service")


def test_a_line_needs_its_facts_or_its_rating(service):
    """By line: the facts that are missing, and the rating in their place; labels by language."""
    state = progress(service, {"late": 1})
    first, second = state.needed[:2]
    assert ("attendance", ("absent",), ("attendance",)) == (
        first.criterion,
        first.inputs,
        first.ratings,
    )
    assert "attendance: absent; or a rating" == first.text()
    assert "Attendance: Unexcused absences; or a rating" == first.text("en")
    assert "请假：请假天数；或直接评分" == second.text("zh")
    skill = next(need for need in state.needed if need.criterion == "skill")
    assert ((), ("skill",), "skill: a rating") == (skill.inputs, skill.ratings, skill.text())


def test_raters_are_needed_by_name():
    """The ratings that are missing, by the rater."""
    rubric = loads(RULESETS["raters"])
    first = progress(rubric, {"a.self": 1}).needed[0]
    assert ("a", (), ("a.superior",)) == (first.criterion, first.inputs, first.ratings)
    assert "a: a.superior" == first.text()


def test_the_rules_beside_the_lines_need_facts():
    """A gate needs its facts also where a line would take a rating; an outcome has its label."""
    state = progress(loads(RULESETS["gates"]), {"a": 1, "b": 1})
    assert [(None, ("late",), ()), (None, ("duty",), ())] == sorted(
        ((n.criterion, n.inputs, n.ratings) for n in state.needed), reverse=True
    ) or {"late", "duty"} == {name for need in state.needed for name in need.inputs}
    rubric = loads(
        RULESETS["pay by a formula"].replace(
            "[outcome.pay]\n", '[outcome.pay]\nlabel = { en = "Bonus", zh = "奖金" }\n'
        )
    )
    needs = [need.text("zh") for need in progress(rubric, {"a": 1, "b": 1}).needed]
    assert any(text.startswith("奖金：") for text in needs)


def test_a_value_that_is_not_allowed_counts_as_missing(service):
    """It is a problem and needed; the range is that of the draft without it."""
    state = progress(service, {"late": -1, "skill": 9})
    assert [("late", "out-of-range")] == [(p.input, p.code) for p in state.problems]
    assert "late" in state.needed[0].inputs
    assert {"skill": 9} == state.given
    assert progress(service, {"skill": 9}).total == state.total
    assert not state.is_complete


def test_a_draft_that_no_record_completes_is_not_exact():
    """Facts and rating that disagree are a problem; a rejecting gate as well."""
    rubric = loads(RULESETS["measured, with shared facts"])
    state = progress(rubric, {"late": 0, "a": 3})
    assert (["disagrees"], False) == ([p.code for p in state.problems], state.exact)
    state = progress(loads(RULESETS["gates"]), {"late": 3, "duty": "not"})
    assert (["rejected-by-gate"], False) == ([p.code for p in state.problems], state.exact)


def test_the_lines_so_far(service):
    """Lines with points, as in the result; the subtotals add their contributions up."""
    record = {"late": 0, "absent": 0, "skill": 9, "manner": 5}
    state = progress(service, record)
    assert [("attendance", 6), ("skill", 9), ("manner", 5)] == [
        (line.criterion, line.points) for line in state.lines
    ]
    assert {"personnel": 6, "ability": 9, "attitude": 5, "results": 0} == state.subtotals
    assert not state.is_complete


def test_nothing_is_scored_before_it_is_given():
    """A policy for missing values gives no line; a default gives one, and can still be replaced."""
    rubric = loads(RULESETS["zero"])
    state = progress(rubric, {"a": 2})
    assert (["a"], True) == ([line.criterion for line in state.lines], state.is_complete)
    assert (6, 10) == (state.total.lowest, state.total.highest)
    rubric = loads(
        RULESETS["measured, with shared facts"].replace('"0..3" }', '"0..3", default = 0 }')
    )
    state = progress(rubric, {"duty": "met"})
    assert ["a", "b"] == [line.criterion for line in state.lines]
    assert (1, 10, True) == (state.total.lowest, state.total.highest, state.is_complete)


def test_a_remark_is_a_line(service):
    """What is written on a criterion without points is given, and is never needed."""
    remarks = [c.id for c in service.all_criteria if not c.scored]
    state = progress(service, {remarks[0]: "kept calm"})
    assert [(remarks[0], "kept calm")] == [(line.criterion, line.remark) for line in state.lines]
    assert remarks[0] not in {need.criterion for need in state.needed}


def test_a_section_that_rounds_is_rounded_when_it_is_complete():
    """Before that, the subtotal is the plain sum of what is given."""
    rubric = loads(RULESETS["sections that round"])
    assert {"s": Decimal("2.5")} == progress(rubric, {"a": 1}).subtotals
    assert {"s": 3} == progress(rubric, {"a": 1, "b": 0}).subtotals


def test_a_record_that_cannot_be_rated_has_no_range():
    """If a gate makes every completion unratable, there is no total, no tier and no pay."""
    state = progress(loads(RULESETS["unratable"]), {"late": 3})
    assert (None, (), None, True) == (state.total, state.tiers, state.pay, state.exact)


def test_the_state_is_json():
    """Numbers are texts, labels and texts in a language; a range without total is null."""
    rubric = loads(RULESETS["judged"])
    state = progress(rubric, {"a": 1})
    data = json.loads(json.dumps(state.to_dict("en")))
    assert {
        "rubric": "x",
        "complete": False,
        "needed": [
            {"criterion": "b", "inputs": [], "ratings": ["b"], "text": "b: a rating"},
        ],
        "points": [{"criterion": "a", "points": "1"}],
        "subtotals": [{"section": "", "contribution": "3"}],
        "total": {"lowest": "3", "highest": "7", "exact": True},
        "tiers": [{"id": "good", "label": "good"}, {"id": "fair", "label": "fair"}],
        "pay": {"lowest": "100", "highest": "200", "exact": True},
        "exact": True,
        "problems": [],
    } == data
    assert progress(loads(RULESETS["unratable"]), {"late": 3}).to_dict()["total"] is None


def test_open_ends():
    """A total without bounds has no least and no greatest value."""
    rubric = loads(
        HEAD
        + """
inputs.sales = { type = "number" }
criterion = [{ id = "a", weight = 10, scale = 2 }]
[total]
formula = "raw_total + sales"
range = "any"
"""
    )
    state = progress(rubric, {"a": 1})
    assert (None, None, False) == (state.total.lowest, state.total.highest, state.total.exact)
    assert ".." == str(state.total)
    assert (12, 12) == (
        progress(rubric, {"a": 1, "sales": 7}).total.lowest,
        progress(rubric, {"a": 1, "sales": 7}).total.highest,
    )


def test_what_is_not_a_record_or_sound_is_an_error(service):
    """A list is no draft; an unsound rubric has no progress; the day is that of `evaluate`."""
    with pytest.raises(InputError, match="record"):
        progress(service, [("late", 1)])
    unsound = type(service)(
        id="x", criteria=service.sections[1].criteria, tiers=[Tier(id="a", total="0..9")]
    )
    with pytest.raises(RulesetError):
        progress(unsound, {})
    assert progress("customer-service", {}, on="2026-10").needed


def test_a_formula_without_a_value_needs_nothing_more():
    """The mean of an empty list is a problem, for a line and for a derived fact."""
    rubric = loads(
        """
schema = 1
id = "x"
inputs.some = { type = "number", range = "0..100", many = true }
[derive.average]
formula = "mean(some)"
[[criterion]]
id = "a"
weight = 60
formula = "0.6 * mean(some)"
[[criterion]]
id = "b"
weight = 40
"""
    )
    state = progress(rubric, {"some": []})
    assert {"empty-list"} == {p.code for p in state.problems}
    assert ["b"] == [need.criterion for need in state.needed]
    assert not state.exact
    assert 60 == progress(rubric, {"some": [100, 100], "b": 0}).total.highest


def test_pay_that_may_be_skipped():
    """Records without pay lie in no range; the range is that of the others."""
    rubric = loads(
        HEAD
        + TWO
        + """
inputs.base = { type = "count", range = "0..9" }
[outcome.pay]
formula = "base * total"
missing = "skip"
"""
    )
    state = progress(rubric, {"a": 2})
    assert (0, 90) == (state.pay.lowest, state.pay.highest)
    assert [Need(criterion="b", ratings=("b",), message=state.needed[0].message)] == list(
        state.needed
    )
    rubric = loads(
        HEAD
        + TWO
        + """
inputs.base = { type = "count", range = "0..9" }
[outcome.pay]
formula = "base * (9 - base)"
missing = "skip"
"""
    )
    state = progress(rubric, {"a": 2, "b": 2})
    # the proof knows 0 to 81; no record shows 81
    assert (0, 81, False) == (state.pay.lowest, state.pay.highest, state.exact)
    assert state.is_complete


def test_facts_may_choose_a_band_to_rate_within():
    """Before they are given, they or the rating are needed; then the rating is."""
    rubric = loads(
        """
schema = 1
id = "x"
full_marks = 3
inputs.late = { type = "count" }
[[criterion]]
id = "a"
weight = 3
of = "late"
bands = [{ when = 0, points = 3 }, { when = ">= 1", points = "0..2" }]
"""
    )
    (need,) = progress(rubric, {}).needed
    assert (("late",), ("a",)) == (need.inputs, need.ratings)
    state = progress(rubric, {"late": 1})
    assert [((), ("a",))] == [(need.inputs, need.ratings) for need in state.needed]
    assert (0, 2, True) == (state.total.lowest, state.total.highest, state.exact)


def test_many_values_are_sampled():
    """Of a fact with many bands some values are tried, both ends among them."""
    rows = ", ".join(f"{{ when = {i}, points = {i % 7 - 3} }}" for i in range(60))
    rubric = loads(
        HEAD
        + TWO
        + f"""
[total]
clamp = "0..10"
[inputs.days]
type = "count"
range = "0..59"
[[adjust]]
id = "extra"
of = "days"
bands = [{rows}]
"""
    )
    state = progress(rubric, {"a": 1, "b": 1})
    assert (2, 8) == (state.total.lowest, state.total.highest)
