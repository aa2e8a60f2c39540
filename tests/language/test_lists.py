"""Lists: of every type, computed for each item, counted, selected from; rejected and reported."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kpirules import (
    InputError,
    Result,
    StoredResultError,
    check,
    compare_results,
    dumps,
    evaluate,
    evaluate_frame,
    loads,
    progress,
    ratings_schema,
    result_schema,
)
from kpirules.api.load import check_text
from kpirules.evaluation.result_parts import ListStep
from tests.reference.whole import reference


HEAD = 'schema = 1\nid = "x"\n'
FACTS = """inputs.n = { type = "count", range = "0..9", many = true }
inputs.m = { type = "number", range = "0..9", many = true }
inputs.g = { type = "choice", options = { p = "Passed", f = { en = "Failed", zh = "不及格" } }, many = true, label = "Courses" }
inputs.t = { type = "flag", many = true }
inputs.k = { type = "count", range = "1..9" }
"""
DONE = 'criterion = [{ id = "work", weight = 100 }]\n'

SALES = (
    HEAD
    + """inputs.sales = { type = "number", range = ">= 0", many = true, label = "Sales" }
inputs.margins = { type = "number", range = "0..100", many = true, label = "Margins" }
inputs.courses = { type = "choice", options = { a = "Excellent", f = { en = "Failed", zh = "不及格" } }, many = true, label = "Courses" }
inputs.on_time = { type = "flag", many = true, label = "On time" }
inputs.rate = { type = "number", range = "1..10", label = "Rate" }
[derive.commission]
many = true
label = "Commission"
bands = [
  { when = { margins = "< 20" }, formula = "sales * rate / 300" },
  { when = { margins = ">= 20" }, formula = "sales * rate / 100" },
]
clamp = "0..100"
round = { to = 0.01, mode = "half_up" }
[derive.kind]
many = true
of = "commission"
bands = [{ when = "< 50", value = "small" }, { when = ">= 50", value = "large" }]
[derive.failures]
of = "courses"
count = "f"
label = "Failed courses"
[derive.streak]
of = "on_time"
run = true
[outcome.pay]
formula = "sum(highest(commission, 2)) - 10 * failures"
[outcome.larger]
of = "kind"
count = "large"
[outcome.zeros]
of = "sales"
run = [0, ">= 1000"]
clamp = "0..2"
[outcome.days]
formula = "streak + item(on_time_or_not, 2, 0)"
[derive.on_time_or_not]
many = true
of = "on_time"
bands = [{ when = true, value = 1 }, { when = false, value = 0 }]
"""
)
RECORD = {
    "sales": [1000, 2000, 0, 400],
    "margins": [10, 30, 5, 20],
    "courses": ["a", "Failed", "f"],
    "on_time": [True, False, True, True],
    "rate": 5,
}


@pytest.fixture(scope="module")
def rubric():
    """Commission for each sale."""
    return loads(SALES)


def problems(rubric, record, lang=None):
    """Return the texts of the problems of a record."""
    with pytest.raises(InputError) as caught:
        evaluate(rubric, record)
    return [problem.text(lang) for problem in caught.value.problems]


def found(text):
    """Return (code, message) of each finding of a file but notes and what nothing uses."""
    return [
        (f.code, f.message())
        for f in check_text(HEAD + FACTS + text + "\n" + DONE)
        if f.severity != "note" and not f.code.startswith("unused")
    ]


# ---------------------------------------------------------------- values


def test_a_fact_for_each_item_is_a_list(rubric):
    """Bands, formula, clamp and rounding apply to each item; other names are the same for each."""
    result = evaluate(rubric, RECORD)
    commission = result.derived["commission"]
    assert isinstance(commission, ListStep)
    assert (Decimal("16.67"), 100, 0, 20) == commission.values
    assert (Fraction(50, 3), 100, 0, 20) == commission.raw
    assert ("small", "large", "small", "small") == result.derived["kind"].values
    assert result.derived["kind"].raw is None
    used = dict(commission.used)
    assert {"margins": (10, 30, 5, 20), "sales": (1000, 2000, 0, 400), "rate": 5} == used


def test_items_that_match_are_counted_in_all_or_in_a_run(rubric):
    """Options by their code or label, flags, numbers, texts of derived facts; a clamp limits it."""
    result = evaluate(rubric, RECORD)
    assert (2, 2) == (result.derived["failures"].value, result.derived["streak"].value)
    assert (1, 2) == (result.outcomes["larger"], result.outcomes["zeros"])
    assert 3 == next(step for step in result.verdict.outcomes if step.name == "zeros").raw
    assert (100 + 20 - 20, 2) == (
        result.outcomes["pay"] - Decimal("-3.33") - Decimal("3.33"),
        result.outcomes["days"],
    )


def test_an_empty_list_is_a_list_of_nothing(rubric):
    """It has no items to match, and what is computed for each is empty."""
    empty = {"sales": [], "margins": (), "courses": [], "on_time": [], "rate": 5}
    result = evaluate(rubric, empty)
    assert () == result.derived["commission"].values
    assert (0, 0, 0) == tuple(result.outcomes[name] for name in ("pay", "larger", "zeros"))


def test_the_reference_agrees(rubric):
    """The slow reference computes the same stages."""
    record = {**RECORD, "courses": ["a", "f", "f"]}
    stages = reference(rubric, record)
    result = evaluate(rubric, record)
    assert {name: Fraction(value) for name, value in result.outcomes.items()} == {
        name.removeprefix("outcome."): v for name, v in stages.items() if name.startswith("outcome")
    }


def test_a_result_with_lists_is_explained_and_stored(rubric):
    """Items by their labels, in the language asked for; the JSON is read back."""
    result = evaluate(rubric, RECORD)
    assert "pay: +100" in result.explain().replace("Performance pay", "pay")
    labelled = loads(SALES.replace("[outcome.pay]", '[outcome.pay]\nlabel = "Pay"'))
    told = evaluate(labelled, RECORD)
    assert "Pay: +100 — Commission = 16.67; 100; 0; 20, Failed courses = 2" in told.explain()
    counted = loads(
        SALES.replace("[outcome.larger]", '[outcome.larger]\nlabel = "Large"').replace(
            'of = "kind"\ncount = "large"', 'of = "courses"\ncount = "f"'
        )
    )
    assert "Large: 2 — Courses = Excellent; Failed; Failed (Failed)" in evaluate(
        counted, RECORD
    ).explain("en")
    assert "Courses = Excellent; 不及格; 不及格 (不及格)" in evaluate(counted, RECORD).explain("zh")
    again = Result.from_json(result.to_json())
    assert result == again
    assert result.to_json() == again.to_json()


def test_a_ruleset_with_lists_is_written_and_read_back(rubric):
    """One entry as itself, several as a list."""
    text = dumps(rubric)
    assert rubric == loads(text)
    for line in ('count = "f"', "run = true", 'run = [0, ">= 1000"]', "many = true"):
        assert f"\n{line}\n" in text


def test_an_example_expects_the_items(rubric):
    """As a list: exactly, as a fraction or about."""
    expect = 'example = [{ name = "one", ratings = { sales = [1, 2], margins = [1, 50], courses = [], on_time = [], rate = 1 }, expect = { commission = VALUES } }]\n'
    for values in ("[0, 0.02]", '["~0", "2/100"]'):
        assert [] == [
            f.code
            for f in check_text(expect.replace("VALUES", values) + SALES)
            if f.severity == "error"
        ]
    for values, told in (
        ("[0, 0.03]", "commission: expected 0, 0.03, got 0, 0.02"),
        ("[0]", "commission: expected 0, got 0, 0.02"),
        ("0", "commission: expected 0, got 0, 0.02"),
    ):
        text = expect.replace("VALUES", values) + SALES
        (finding,) = (f for f in check_text(text) if f.code == "example-fails")
        assert told in finding.message(), values


# ---------------------------------------------------------------- records


def test_items_are_read_like_single_values(rubric):
    """From sequences, and from a text with semicolons of either width."""
    record = {
        **RECORD,
        "sales": "1000; 2000；0;400",
        "courses": "A;failed ; f",
        "on_time": "yes;no;1;是",
    }
    assert evaluate(rubric, RECORD) == evaluate(rubric, record)
    series = {name: pl.Series(value) for name, value in RECORD.items() if name != "rate"}
    assert evaluate(rubric, RECORD) == evaluate(rubric, {**RECORD, **series})


def test_an_item_that_is_not_allowed_rejects_the_record(rubric):
    """The message has its place and what is allowed, in both languages."""
    record = {**RECORD, "courses": ["a", "x"], "on_time": [True, None]}
    assert [
        "courses = ['a', 'x']: is not one of the options (item 2 of 2); allowed: a list whose items are each one of a, f",
        "on_time = [true, None]: is not true or false (item 2 of 2); allowed: a list whose items are each true or false",
    ] == problems(rubric, record)
    assert [
        "Courses = ['a', 'x']：不在选项之中（共 2 项中的第 2 项）；可填：若干项，每项为 Excellent、不及格",
        "On time = [true, None]：既不是“是”也不是“否”（共 2 项中的第 2 项）；可填：若干项，每项为是或否",
    ] == problems(rubric, record, "zh")
    assert [
        "courses = 7: is not a list; allowed: a list whose items are each one of a, f"
    ] == problems(rubric, {**RECORD, "courses": 7})
    assert "has 1001 items; at most 1000 are read" in "".join(
        problems(rubric, {**RECORD, "on_time": [True] * 1001})
    )
    assert "has 10000 numbers; at most 1000 are read" in "".join(
        problems(rubric, {**RECORD, "sales": [1] * 10_000})
    )


def test_lists_of_different_lengths_reject_the_record(rubric):
    """All of them are named, with their lengths, by their labels where people read them."""
    record = {**RECORD, "margins": [1]}
    reason = "lists of different lengths: margins has 1 item, sales has 4 items in commission"
    assert [f"sales = [1000, 2000, 0, 400]: {reason}"] == problems(rubric, record)
    with pytest.raises(InputError) as caught:
        evaluate(rubric, record)
    (problem,) = caught.value.problems
    assert {"sales", "margins"} == set(problem.inputs)
    assert "Margins 有 1 项、Sales 有 4 项" in problem.text("zh")


def test_an_item_outside_of_the_range_rejects_the_record():
    """The message names the item."""
    text = (
        HEAD
        + FACTS
        + 'derive.d = { many = true, formula = "n - 3", range = ">= 0" }\noutcome.o = { formula = "sum(d)" }\n'
    )
    made = loads(text)
    assert 3 == evaluate(made, {"n": [3, 6]}).outcomes["o"]
    assert ["n = [3, 2]: leads to -1, outside of at least 0 (item 2 of 2) in d"] == problems(
        made, {"n": [3, 2]}
    )


def test_what_is_derived_from_a_missing_list_is_missing():
    """For each item, counted, or selected; a band may ask whether the list is missing."""
    text = (
        HEAD
        + FACTS
        + """derive.d = { many = true, formula = "n * k" }
derive.c = { of = "g", count = "p" }
derive.has = { of = "m", bands = [{ when = "missing", value = 7 }, { when = "otherwise", value = 8 }] }
outcome.a = { formula = "sum(d)", missing = "skip" }
outcome.b = { formula = "c", missing = "skip" }
outcome.h = { formula = "has" }
outcome.o = { formula = "count(g) + count(t)", missing = "skip" }
"""
    )
    made = loads(text)
    assert {"h": 7} == evaluate(made, {}).outcomes
    assert {"h": 8} == evaluate(made, {"m": [], "n": [1]}).outcomes
    assert {"a": 6, "h": 7, "b": 1, "o": 2} == evaluate(
        made, {"n": [1, 2], "k": 2, "g": ["p"], "t": [False]}
    ).outcomes
    for record in ({}, {"m": []}, {"n": [1, 2], "k": 2, "g": ["p"], "t": [False]}):
        stages = {"raw_total": 0}
        stages |= {f"outcome.{n}": v for n, v in evaluate(made, record).outcomes.items()}
        assert stages == reference(made, record)


def test_a_gate_may_ask_whether_a_list_is_missing():
    """And reject the record."""
    text = HEAD + FACTS + DONE + '[[gate]]\nwhen = { g = "missing" }\nrefuse = true\n'
    made = loads(text)
    assert 50 == evaluate(made, {"work": 50, "g": []}).total
    assert 1 == len(problems(made, {"work": 50}))


def test_given_takes_the_first_value_that_is_not_missing():
    """Later arguments are not computed; without any value, the formula is missing."""
    text = (
        HEAD
        + """inputs.a = { type = "number" }
inputs.b = { type = "number" }
inputs.many = { type = "number", many = true }
outcome.first = { formula = "given(a, b, mean(many))", missing = "skip" }
outcome.rest = { formula = "given(a * b, 0) + 1" }
derive.known = { formula = "given(a, 5)" }
outcome.more = { formula = "known * 2" }
"""
    )
    made = loads(text)
    assert not [f for f in check(made) if f.severity == "error"]
    assert {"first": 1, "rest": 1, "more": 2} == evaluate(made, {"a": 1}).outcomes
    assert {"first": 2, "rest": 1, "more": 10} == evaluate(made, {"b": 2, "many": []}).outcomes
    assert {"first": 3, "rest": 1, "more": 10} == evaluate(made, {"many": [3]}).outcomes
    assert {"rest": 1, "more": 10} == evaluate(made, {}).outcomes
    assert {"first": 3, "rest": 7, "more": 6} == evaluate(made, {"a": 3, "b": 2}).outcomes
    needed = loads(
        HEAD
        + 'inputs.a = { type = "number" }\ninputs.b = { type = "number" }\noutcome.o = { formula = "given(a, b)" }\n'
    )
    assert ["a: is missing; allowed: a number", "b: is missing; allowed: a number"] == problems(
        needed, {}
    )


# ---------------------------------------------------------------- other parts that know lists


def test_the_schema_of_records_has_the_items(rubric):
    """A choice by its options, with labels; a flag as a boolean."""
    properties = ratings_schema(rubric, lang="zh")["properties"]
    assert {
        "anyOf": [{"const": "a", "title": "Excellent"}, {"const": "f", "title": "不及格"}]
    } == properties["courses"]["items"]
    assert {"type": "boolean"} == properties["on_time"]["items"]
    assert ["list"] * 4 == [
        properties[n]["x-kind"] for n in ("sales", "margins", "courses", "on_time")
    ]
    assert "0" in str(properties["sales"]["items"]["minimum"])


def test_the_schema_of_records_demands_one_of_the_values_that_given_takes():
    """Any of its arguments, each with all of its names."""
    text = (
        HEAD
        + """inputs.a = { type = "number" }
inputs.b = { type = "number" }
inputs.c = { type = "number" }
inputs.l = { type = "number", many = true }
outcome.o = { formula = "given(a, b + c) + item(l, 1, 0)" }
"""
    )
    taken = ({"a": 1, "l": []}, {"b": 1, "c": 2, "l": [3]}, {"a": 1, "b": 2, "l": []})
    rejected = ({"b": 1, "l": []}, {"a": 1}, {"l": [1]}, {})
    validator = Draft202012Validator(ratings_schema(loads(text)))
    assert [True] * 3 + [False] * 4 == [validator.is_valid(r) for r in (*taken, *rejected)]
    for record in rejected:
        with pytest.raises(InputError):
            evaluate(loads(text), record)
    assert [1, 6, 1] == [evaluate(loads(text), record).outcomes["o"] for record in taken]


def test_a_stored_list_must_have_a_raw_number_for_each_value(rubric):
    """Else the result is not read."""
    tree = json.loads(evaluate(rubric, RECORD).to_json())
    (step,) = (each for each in tree["derived"] if each["name"] == "commission")
    step["raw"].pop()
    with pytest.raises(StoredResultError, match="raw: has 3 numbers for 4 values"):
        Result.from_json(json.dumps(tree))


def test_frames_compute_lists_row_by_row(rubric):
    """From columns of lists, and from texts."""
    frame = pl.DataFrame(
        {
            "sales": ["1000; 2000", "5"],
            "margins": ["10;30", "50"],
            "courses": ["a;f", "x"],
            "on_time": ["1;0", "1"],
            "rate": [5, 5],
        }
    )
    made = evaluate_frame(rubric, frame, on_error="column")
    assert [Decimal("106.67"), None] == made["pay"].to_list()
    assert "courses" in made["error"][1]
    lists = pl.DataFrame(
        {
            "sales": [[1000, 2000]],
            "margins": [[10, 30]],
            "courses": [["a", "f"]],
            "on_time": [[True, False]],
            "rate": [5],
        }
    )
    assert [Decimal("106.67")] == evaluate_frame(rubric, lists)["pay"].to_list()


ITEMS = st.lists(st.integers(0, 9), max_size=6)


@given(ITEMS, st.integers(1, 4), st.integers(1, 9))
def test_laws_of_lists(items, count, at):
    """The highest and the rest add up to all; a count is no less than a run; sums by item agree."""
    made = loads(
        HEAD
        + FACTS
        + f"""derive.double = {{ many = true, formula = "n * 2" }}
derive.count_of = {{ of = "n", count = ">= {at}" }}
derive.run_of = {{ of = "n", run = ">= {at}" }}
derive.others = {{ of = "n", count = "< {at}" }}
outcome.double = {{ formula = "sum(double) - 2 * sum(n)" }}
outcome.runs = {{ formula = "count_of - run_of" }}
outcome.all = {{ formula = "count_of + others - count(n)" }}
outcome.top = {{ formula = "sum(highest(n, {count})) + sum(lowest(n, {count}))" }}
"""
    )
    outcomes = evaluate(made, {"n": items}).outcomes
    assert (0, 0) == (outcomes["double"], outcomes["all"])
    assert outcomes["runs"] >= 0
    ordered = sorted(items)
    assert sum(ordered[-count:]) + sum(ordered[:count]) == outcomes["top"]


# ---------------------------------------------------------------- findings


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            ("value", 'n is a list: a condition can only ask whether it is "missing"'),
            'outcome.o = { of = "n", bands = [{ when = 3, value = 1 }, { when = "otherwise", value = 2 }] }',
        ),
        (
            ("value", "an item of n is never missing"),
            'derive.d = { many = true, of = "n", bands = [{ when = "missing", value = 1 }, { when = "otherwise", value = 2 }] }',
        ),
        (
            ("value", "an item of n is never missing"),
            'derive.d = { of = "n", count = ["missing", 3] }',
        ),
        (
            ("value", "d is computed for each item, but it names no list"),
            'derive.d = { many = true, formula = "k + 1" }',
        ),
        (
            ("value", "n is one item here, not a list: this formula is computed for each item"),
            'derive.d = { many = true, formula = "n / sum(n)" }',
        ),
        (
            ("value", "n is one item here, not a list: this formula is computed for each item"),
            'derive.d = { many = true, formula = "count(n)" }',
        ),
        (
            ("value", "n is one item here, not a list: this formula is computed for each item"),
            'derive.d = { many = true, formula = "item(n, 1, 0)" }',
        ),
        (
            ("value", "n is a list, not a number"),
            'derive.d = { many = true, formula = "min(n, 3) + k" }\nderive.e = { formula = "min(n, 3)" }',
        ),
        (
            ("value", '"count" gives one number, not a list'),
            'derive.d = { many = true, of = "n", count = 3 }',
        ),
        (("value", '"run" needs "of": the name of the list'), "derive.d = { run = 3 }"),
        (
            ("value", 'k is not a list, whose items "count" could count'),
            'derive.d = { of = "k", count = 3 }',
        ),
        (("value", '"z" is not a value of g'), 'derive.d = { of = "g", count = "z" }'),
        (("value", "3 is not a value of g"), 'derive.d = { of = "g", run = 3 }'),
        (("value", '"true" is not a value of t'), 'derive.d = { of = "t", run = "true" }'),
        (("value", "no item of n can be 2.5"), 'derive.d = { of = "n", count = 2.5 }'),
        (("value", "no item of n can be more than 9"), 'derive.d = { of = "n", run = ["> 9", 3] }'),
        (
            ("value", "an empty list never holds: name at least one entry"),
            'derive.d = { of = "n", count = [] }',
        ),
        (
            ("value", 'has "count" and "run", but only one of them is allowed'),
            'derive.d = { of = "n", count = 3, run = 4 }',
        ),
        (("value", "the items of g are not numbers"), 'derive.d = { formula = "sum(g)" }'),
        (("value", "the items of t are not numbers"), 'derive.d = { formula = "item(t, 1, 0)" }'),
        (
            ("value", "the items of g are not numbers"),
            'derive.d = { formula = "k + count(highest(g, 1))" }',
        ),
        (("value", "g is a list, not a number"), 'derive.d = { formula = "g + 1" }'),
        (
            ("value", "g is not a number, but formulas compute with numbers"),
            'derive.d = { many = true, formula = "g + 1" }',
        ),
        (("unknown-name", 'there is no input "z"'), 'derive.d = { of = "z", count = 3 }'),
        (
            ("cycle", "circular dependency: a -> b -> a"),
            'derive.a = { many = true, formula = "b + n" }\nderive.b = { many = true, formula = "a + m" }',
        ),
        (
            ("division-by-zero", "a divisor of this formula can be 0"),
            'derive.d = { many = true, formula = "10 / (n - m)" }',
        ),
        (
            ("band-gap", 'no band of "d" matches these facts'),
            'derive.d = { many = true, of = "n", bands = [{ when = "<= 3", value = 1 }, { when = ">= 5", value = 2 }] }',
        ),
        (
            ("band-overlap", 'two bands of "d" match the same facts'),
            'derive.d = { many = true, of = "n", bands = [{ when = "<= 3", value = 1 }, { when = ">= 3", value = 2 }] }',
        ),
        (
            ("band-gap", 'no band of "d" matches these facts'),
            'derive.d = { of = "n", bands = [{ when = "missing", value = 1 }] }',
        ),
    ],
)
def test_what_is_wrong_about_lists_is_found(expected, text):
    """The message of each kind of error."""
    assert expected in found(text)


def test_what_the_number_of_items_or_a_selection_can_be_is_found():
    """With a record that shows it."""
    for text, code in (
        ('outcome.o = { formula = "1 / (count(n) - 2)" }', "division-by-zero"),
        ('outcome.o = { formula = "1 / (count(g) - 2)" }', "division-by-zero"),
        ('outcome.o = { formula = "sum(highest(n, 3))", range = "0..20" }', "points-out-of-range"),
        ('outcome.o = { of = "n", count = 3, range = "0..2" }', "not-proved"),
    ):
        assert [code] == [code for code, _ in found(text)], text


def test_a_witness_of_items_is_a_list():
    """As the record has it."""
    text = 'derive.d = { many = true, of = "n", bands = [{ when = "<= 3", value = 1 }, { when = ">= 5", value = 2 }] }\n'
    (gap,) = (f for f in check_text(HEAD + FACTS + text + DONE) if f.code == "band-gap")
    assert (("n", (4,)),) == gap.witness
    assert "n = [4]" in "\n".join(gap.lines())
    flags = 'derive.d = { many = true, bands = [{ when = { t = true, g = "p" }, value = 1 }] }\n'
    gaps = [f for f in check_text(HEAD + FACTS + flags + DONE) if f.code == "band-gap"]
    assert "t = [false]" in "\n".join(gaps[0].lines())


@pytest.mark.parametrize(
    "text",
    [
        'derive.d = { many = true, formula = "n / k", range = "0..9" }',
        'derive.d = { many = true, bands = [{ when = { n = "<= 3" }, value = 1 }, { when = "otherwise", formula = "10 / n" }] }',
        'outcome.o = { formula = "sum(highest(n, 3))", range = "0..27" }',
        'outcome.o = { formula = "mean(trim(n, 1))", range = "0..9" }',
        'outcome.o = { formula = "item(n, 2, 5) + 1", range = "1..10" }',
        'outcome.o = { formula = "10 / (1 + count(highest(m, 4)))", range = "2..10" }',
        'outcome.o = { of = "g", count = "p", range = ">= 0" }',
        'outcome.o = { formula = "root(k, 0.1) + k ^ 3", range = "2..732" }',
        'outcome.o = { formula = "1 / k ^ 2" }',
        'outcome.o = { formula = "given(k, 3)", range = "1..9" }',
    ],
)
def test_what_is_proved_about_lists_is_no_finding(text):
    """Bounds of items, of the greatest number of items, of powers and roots."""
    assert [] == found(text)


def test_powers_that_grow_without_end_are_reported_in_bounded_time():
    """By the check; a record with such a number is rejected."""
    deep = "(" * 6 + "late" + " ^ 12)" * 6
    text = HEAD + f'inputs.late = {{ type = "count" }}\noutcome.o = {{ formula = "{deep}" }}\n'
    assert "number-too-long" in [f.code for f in check_text(text)]
    made = loads(text)
    assert 1 == evaluate(made, {"late": 1}).outcomes["o"]
    assert ["late = 2: a number of more than 1000 digits in outcome.o"] == problems(
        made, {"late": 2}
    )


def test_a_selection_without_items_and_a_root_below_0_reject_the_record():
    """By their messages, in both languages."""
    made = loads(
        HEAD
        + 'inputs.n = { type = "number", many = true }\ninputs.a = { type = "number" }\noutcome.o = { formula = "mean(trim(n, 2))", missing = "skip" }\noutcome.r = { formula = "root(a, 0.1)", missing = "skip" }\n'
    )
    assert {"o": 3} == evaluate(made, {"n": [1, 2, 3, 4, 5]}).outcomes
    record = {"n": [1, 2, 3, 4], "a": -1}
    assert [
        "n = [1, 2, 3, 4]: nothing is left of 4 items without the 2 highest and the 2 lowest in outcome.o",
        "a = -1: the square root of a number below 0 in outcome.r",
    ] == problems(made, record)
    assert ["4 项去掉最高 2 项和最低 2 项后没有剩余", "负数没有平方根"] == [
        text.rpartition("：")[2] for text in problems(made, record, "zh")
    ]


# ---------------------------------------------------------------- drafts, comparisons, schemas


def test_the_schema_of_results_has_lists(rubric):
    """As data, and with texts in a language."""
    result = evaluate(rubric, RECORD)
    validator = Draft202012Validator(result_schema())
    for lang in (None, "en", "zh"):
        tree = result.to_dict(lang)
        assert [] == [error.message for error in validator.iter_errors(tree)]
        assert result == Result.from_dict(json.loads(json.dumps(tree)))
    (step,) = (each for each in result.to_dict("zh")["derived"] if each["name"] == "commission")
    assert "Commission" == step["text"]["label"]
    assert "Margins = 10; 30; 5; 20，Sales = 1000; 2000; 0; 400" in step["text"]["reason"]
    assert "50/3 ≈ 16.6667; 100; 0; 20" in step["text"]["reason"]


def test_two_results_with_lists_are_compared(rubric):
    """The values of the items, what they were computed from, and what clamped or rounded them."""
    one = evaluate(rubric, RECORD)
    other = evaluate(rubric, {**RECORD, "sales": [1000, 2000, 0, 300]})
    changes = {(c.part, c.name): c for c in compare_results(one, other).changes}
    changed = changes["derived", "commission"]
    assert (one.derived["commission"].values, other.derived["commission"].values) == (
        changed.before,
        changed.after,
    )
    assert ["value", "raw"] == [reason.code for reason in changed.reasons]
    assert () == compare_results(one, evaluate(rubric, RECORD)).changes
    less = loads(SALES.replace("sales * rate / 300", "sales * rate / 400"))
    by_rule = {c.name: c for c in compare_results(one, evaluate(less, RECORD)).changes}
    assert "rule" in [reason.code for reason in by_rule["commission"].reasons]


@pytest.mark.parametrize(
    "draft",
    [{}, {"sales": [1000, 200], "rate": 5}, {"courses": ["f"], "on_time": [], "sales": []}, RECORD],
)
def test_a_draft_with_lists_has_its_progress(draft):
    """The pay of a record that completes it lies between the bounds; what it needs is named."""
    text = SALES.replace('id = "x"\n', 'id = "x"\n' + DONE)
    known = progress(loads(text), draft)
    assert {"work"} <= {name for need in known.needed for name in (*need.inputs, *need.ratings)}
    complete = {"margins": [1] * len(draft.get("sales", ())), "courses": [], "on_time": []}
    record = {"sales": [], "rate": 3, "work": 50, **complete, **draft}
    pay = evaluate(loads(text), record).pay
    assert known.pay.lowest is None or known.pay.lowest <= pay
    assert known.pay.highest is None or pay <= known.pay.highest
    assert () == known.problems
