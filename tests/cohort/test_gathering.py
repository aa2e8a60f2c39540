"""Inputs that are gathered from results of earlier periods."""

from __future__ import annotations

import json
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kpirules import (
    Exact,
    FrameError,
    InputError,
    Result,
    RulesetError,
    evaluate,
    evaluate_frame,
    loads,
    result_schema,
    sheet,
    verify,
)
from kpirules.cohort import Period, gather
from kpirules.cohort.gathering import gathered_from
from kpirules.errors import StoredResultError
from kpirules.pages.example_tables import cases


MONTH = """
schema = 1
id = "month"
period = "month"
inputs.late = { type = "count" }
inputs.warned = { type = "flag" }
criterion = [{ id = "work", weight = 100, missing = "exclude" }]
outcome.pay = { formula = "total * 10 - late" }
tier = [{ id = "good", total = ">= 60" }, { id = "poor", total = "< 60" }]
"""
QUARTER = """
schema = 1
id = "quarter"
period = "quarter"
[inputs.months]
type = "number"
many = true
range = "0..100"
label = { en = "Totals of the months", zh = "各月总分" }
history = { rubric = "month", take = "total", each = "month", window = "inside"%s }
[outcome.average]
formula = "sum(months) / max(count(months), 1)"
"""
#: takes values of every kind
ALL = """
schema = 1
id = "year"
period = "year"
inputs.totals = { type = "number", many = true, history = { rubric = "month", take = "total", each = "month", window = "inside", missing = "skip" } }
inputs.tiers = { type = "choice", options = ["good", "poor"], many = true, history = { rubric = "month", take = "tier", each = "month", window = "inside", missing = "skip" } }
inputs.pays = { type = "number", many = true, history = { rubric = "month", take = "outcome.pay", each = "month", window = "inside", missing = "skip" } }
inputs.lates = { type = "count", many = true, history = { rubric = "month", take = "late", each = "month", window = "inside", missing = "skip" } }
inputs.warnings = { type = "flag", many = true, history = { rubric = "month", take = "warned", each = "month", window = "inside", missing = "skip" } }
inputs.points = { type = "number", many = true, history = { rubric = "month", take = "points.work", each = "month", window = "inside", missing = 0 } }
derive.poor = { of = "tiers", count = "poor" }
derive.warned = { of = "warnings", count = true }
outcome.whole = { formula = "sum(totals) + sum(pays) + sum(lates) + sum(points) + poor + warned" }
""".replace("inputs.points", "inputs.marks").replace("sum(points)", "sum(marks)")


@pytest.fixture(scope="module")
def month():
    """The rubric of a month."""
    return loads(MONTH)


@pytest.fixture(scope="module")
def past(month):
    """The results of January, February (unratable) and March."""
    works = {"2025-01": 70, "2025-02": None, "2025-03": 55}
    return {
        period: evaluate(month, {"late": i, "warned": i == 2, "work": work})
        for i, (period, work) in enumerate(works.items())
    }


def quarter(policy=""):
    """Give the rubric of a quarter with a policy for missing months."""
    return loads(QUARTER % policy)


def rejected(rubric, period, results, **more):
    """Give the texts of the problems of a gathering."""
    with pytest.raises(InputError) as error:
        gather(rubric, period, results, **more)
    return [str(problem) for problem in error.value.problems]


def test_missing_months_are_named_together(past):
    """A result without a total, and a month without a result."""
    del (some := dict(past))["2025-01"]
    assert [
        "months: lacks earlier results: there is no value for 2025-01, 2025-02 "
        "(total by month, within this period, by the ruleset month)"
    ] == rejected(quarter(), "2025-Q1", some)


def test_a_problem_is_told_with_labels(past):
    """In Chinese, with the label of the input."""
    with pytest.raises(InputError) as error:
        gather(quarter(), "2025-Q1", past)
    (problem,) = error.value.problems
    assert (
        "各月总分：缺少以前的考核结果：2025-02 没有值（规则 month：本期内各月的总分）"
        == problem.text("zh")
    )
    assert "missing" == problem.code


@pytest.mark.parametrize(
    ("expected", "policy"),
    [([70, 55], ', missing = "skip"'), ([70, Decimal("12.5"), 55], ", missing = 12.5")],
)
def test_missing_months_by_policy(past, expected, policy):
    """Left out, or replaced by a number."""
    assert {"months": expected} == gather(quarter(policy), "2025-Q1", past)


def test_what_a_record_gives_itself_is_not_looked_for(past):
    """Neither its value nor its problems; results from which nothing is taken are not of another ruleset."""
    rubric, period = loads(ALL), Period.parse("2025")
    names = {fact.name for fact in rubric.inputs}
    found, problems = gathered_from(rubric, period, past, 1, given=names - {"totals"})
    assert ({"totals": [70, 55]}, []) == (found, problems)
    found, problems = gathered_from(rubric, period, past, 1, given=names)
    assert ({}, []) == (found, problems)
    twice = [*past.items(), *past.items()]
    assert [3, 0] == [
        len(gathered_from(rubric, period, twice, 1, given=some)[1])
        for some in (names - {"totals"}, names)
    ]


def test_nobody_was_there_before():
    """Of no results at all, an empty list."""
    assert {"months": []} == gather(quarter(', missing = "skip"'), "2025-Q1", {})


def test_values_of_every_kind(past):
    """Total, tier, outcome, count, flag, points: each as the input reads it."""
    found = gather(loads(ALL), "2025", past)
    assert [70, 55] == found["totals"]
    assert ["good", "poor"] == found["tiers"]
    assert [700, 548] == found["pays"]
    assert [0, 1, 2] == found["lates"]
    assert [False, False, True] == found["warnings"]
    assert [70, 0, 55, *[0] * 9] == found["marks"]
    assert all(isinstance(value, Exact) for value in found["totals"])
    whole = evaluate(loads(ALL), found).outcomes["whole"]
    assert (70 + 55) + (700 + 548) + (1 + 2) + (70 + 55) + 1 + 1 == whole


def test_stored_results_are_read(past):
    """As trees or texts, also mixed with results; the period may be a `Period`."""
    rubric = quarter(', missing = "skip"')
    stored = {Period.parse(p): json.loads(json.dumps(r.to_dict())) for p, r in past.items()}
    pairs = [(p, r.to_dict() if p == "2025-01" else r) for p, r in past.items()]
    assert gather(rubric, "2025-Q1", past) == gather(rubric, Period.parse("2025-Q1"), stored)
    assert gather(rubric, "2025-Q1", past) == gather(rubric, "2025-Q1", pairs)
    texts = {p: r.to_json() for p, r in past.items()}
    assert gather(rubric, "2025-Q1", past) == gather(rubric, "2025-Q1", texts)


def test_years_that_begin_in_any_month(past):
    """The first quarter of a year that begins in December has January and February."""
    found = gather(quarter(', missing = "skip"'), "2024-Q1", past, year_from=12)
    assert {"months": [70]} == found


def test_two_results_of_a_month_are_rejected(past):
    """Though they are equal."""
    twice = [*past.items(), ("2025-01", past["2025-01"])]
    assert ["record: has two results of the ruleset month for 2025-01; give one"] == rejected(
        quarter(), "2025-Q1", twice
    )


def test_all_wrong_results_are_named_together(past):
    """One of another ruleset, one that cannot be read, one of a period that is there twice."""
    other = evaluate(
        loads('schema = 1\nid = "other"\ncriterion = [{ id = "a", weight = 100 }]'), {"a": 1}
    )
    results = [*past.items(), ("2025-04", other), ("2025-05", {"kpirules": 2}), ("2025-01", other)]
    problems = rejected(quarter(), "2025-Q1", results)
    assert [
        "record: has a result of the ruleset other for 2025-04; only results of month are gathered",
        'record: has a stored result for 2025-05 that cannot be read: $: has no "rubric"',
        "record: has a result of the ruleset other for 2025-01; only results of month are gathered",
    ] == problems


def test_a_value_that_the_input_does_not_allow_is_rejected(month):
    """The problem names the period."""
    rubric = loads(QUARTER.replace("0..100", "0..60") % "")
    results = {
        f"2025-0{i}": evaluate(month, {"late": 0, "warned": False, "work": 50 * i}) for i in (1, 2)
    }
    assert [
        "months = 100: is out of range (the result of 2025-02); allowed: a number, 0 to 60",
        "months: lacks earlier results: there is no value for 2025-03 "
        "(total by month, within this period, by the ruleset month)",
    ] == rejected(rubric, "2025-Q1", results)


def test_a_period_of_another_kind_is_an_error(past):
    """Of the record, and of a result; and a month in which no year begins."""
    with pytest.raises(
        ValueError, match="2025-01 is not a period of this ruleset, whose period is a quarter"
    ):
        gather(quarter(), "2025-01", past)
    with pytest.raises(ValueError, match="'2025-1' is not a period"):
        gather(quarter(), "2025-Q1", {"2025-1": past["2025-01"]})
    with pytest.raises(
        ValueError, match="year_from is 13; it must be the number of a month, 1 to 12"
    ):
        gather(quarter(), "2025-Q1", past, year_from=13)


def test_an_unsound_ruleset_gathers_nothing():
    """Its findings are raised."""
    with pytest.raises(RulesetError):
        gather(
            loads(QUARTER.replace('"inside"', '"so_far"').replace('"quarter"', '"year"') % ""),
            "2025",
            {},
        )


def test_a_record_that_was_not_gathered_is_rejected():
    """The problem names where the values come from."""
    with pytest.raises(InputError) as error:
        evaluate(quarter(), {})
    assert [
        "months: is missing: it comes from earlier results (total by month, within this period, by the "
        "ruleset month); gather it from them, or give it; allowed: a list of numbers, 0 to 100"
    ] == [str(problem) for problem in error.value.problems]
    assert "missing" == error.value.problems[0].code


OWN = """
schema = 1
id = "own-months"
period = "month"
inputs.a = { type = "number", range = "0..100" }
inputs.before = { type = "number", range = "0..100", many = true, history = { take = "total", window = %s, missing = "skip" } }
total = { formula = "max(a - sum(before) / 2, 0)" }
"""


@settings(max_examples=30)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=15), st.sampled_from(["2", '"so_far"']))
def test_gathering_equals_a_list_by_hand(values, window):
    """Month after month, a ruleset takes its own earlier totals; each result verifies alone."""
    rubric = loads(OWN % window)
    past, totals = {}, []
    for i, value in enumerate(values):
        period = f"{2025 + i // 12}-{i % 12 + 1:02}"
        begin = i - i % 12 if window == '"so_far"' else max(i - 2, 0)
        record = gather(rubric, period, past)
        assert {"before": totals[begin:i]} == record
        result = evaluate(rubric, {**record, "a": value})
        assert result == evaluate(rubric, {"before": totals[begin:i], "a": value})
        assert result == Result.from_json(result.to_json())
        past[period] = result
        totals.append(result.total)
    assert "same" == verify(result.to_json(), rubric=rubric).outcome


def test_a_result_keeps_what_was_gathered(past):
    """In its JSON and when it is read back; the record alone gives the same result."""
    rubric = quarter(", missing = 12.5")
    result = evaluate(rubric, gather(rubric, "2025-Q1", past))
    history = {
        "rubric": "month",
        "take": "total",
        "each": "month",
        "window": "inside",
        "missing": {"number": "12.5"},
    }
    values = [70, {"number": "12.5"}, 55]
    assert [{"name": "months", "values": values, "history": history}] == result.to_dict()[
        "gathered"
    ]
    again = Result.from_json(result.to_json())
    assert result.gathered == again.gathered
    assert result.to_json() == again.to_json() == json.dumps(result.to_dict(), ensure_ascii=False)
    assert "months" == again.gathered["months"].name
    assert "gathered" not in evaluate("customer-service", _RECORD).to_dict()


_RECORD = {
    "late": 1, "absent": 0, "leave_days": 0, "incidents": 0, "duty": "met", "skill": 8, "feedback": 8,
    "manner": 4, "teamwork": 4, "volume": 17, "service": 16, "conversion": 9,
}  # fmt: skip


def test_the_json_of_a_result_is_as_its_schema_says(past):
    """With a number and with a word as the policy for missing periods."""
    for policy in (", missing = 12.5", ', missing = "skip"'):
        rubric = quarter(policy)
        tree = evaluate(rubric, gather(rubric, "2025-Q1", past)).to_dict()
        Draft202012Validator(result_schema()).validate(tree)
        tree["gathered"][0]["history"]["window"] = "before"
        assert not Draft202012Validator(result_schema()).is_valid(tree)


def test_a_sheet_shows_what_was_gathered(past):
    """A line with its values, options by their labels, and where they come from."""
    rubric = loads(
        ALL.replace(
            'options = ["good", "poor"]', 'options = { good = "Well done", poor = "Too low" }'
        )
    )
    page = sheet(evaluate(rubric, gather(rubric, "2025", past)), rubric=rubric).decode()
    assert "Well done; Too low" in page
    assert "from earlier results: Tier by month, within this period, by the ruleset month" in page


def test_a_database_rejects_a_gathered_list(past):
    """By its name, as every list; a frame in memory has it as given."""
    rubric = quarter(', missing = "skip"')
    frame = pl.DataFrame({"months": ["70; 55"]})
    assert [62.5] == evaluate_frame(rubric, frame)["outcome.average"].cast(float).to_list()
    with pytest.raises(FrameError, match="months is a list"):
        evaluate_frame(rubric, duckdb.sql("select '70; 55' as months"))


def test_a_page_shows_examples_with_what_was_gathered(past):
    """The values of the lists, and the rejection where results are missing."""
    more = """
    [[example]]
    name = "two months"
    period = "2025-Q1"
    history = { "2025-01" = { total = 70 }, "2025-02" = { total = 55 }, "2025-03" = { total = 85 } }
    expect = { outcome.average = 70 }
    [[example]]
    name = "no results"
    period = "2025-Q1"
    expect = { refused = ["months"] }
    """
    first, second = cases(loads(QUARTER % "" + more), "en")
    assert "months = 70; 55; 85" == first.record
    assert "there is no value for 2025-01, 2025-02, 2025-03" in second.verdict


@pytest.mark.parametrize(
    ("where", "changes"),
    [
        ("$.gathered[0].history", {"window": "before"}),
        ("$.gathered[0].history", {"missing": "zero"}),
        ("$.gathered[0].history", {"each": "week"}),
        ("$.gathered[0].history", {"window": 0}),
        ("$.gathered[0].history.take", {"take": 3}),
    ],
)
def test_a_damaged_history_of_a_stored_result_is_named(past, where, changes):
    """The place and what is wrong."""
    tree = evaluate(
        quarter(", missing = 0"), gather(quarter(", missing = 0"), "2025-Q1", past)
    ).to_dict()
    tree["gathered"][0]["history"] |= changes
    with pytest.raises(StoredResultError) as error:
        Result.from_dict(tree)
    assert where == error.value.where


@pytest.mark.parametrize(
    ("last", "lang"),
    [
        (
            "Totals of the months: 70; 55 — Total by month, within this period, by the ruleset month",
            "en",
        ),
        ("各月总分：70; 55 — 规则 month：本期内各月的总分", "zh"),
    ],
)
def test_an_explanation_has_a_line_for_what_was_gathered(past, last, lang):
    """Its values, and what they are."""
    rubric = quarter(', missing = "skip"')
    result = evaluate(rubric, gather(rubric, "2025-Q1", past))
    assert last == result.explain(lang).splitlines()[-1]


def test_nothing_was_gathered_for_a_new_person():
    """The line says so."""
    rubric = quarter(', missing = "skip"')
    assert "Totals of the months: not given — " in evaluate(rubric, {"months": []}).explain()
