"""Records that are evaluated together: numbers that a group does not have, arguments of other types, stored results."""

from __future__ import annotations

import json

import pytest

from kpirules import Example, Input, Result, Rubric, evaluate_cohort, loads
from kpirules.errors import ModelError, StoredResultError
from kpirules.model.inputs import Cohort
from kpirules.pages.example_tables import cases


RULES = """
schema = 1
id = "x"
inputs.shop = {{ type = "choice", options = ["p", "q"] }}
inputs.flag = {{ type = "flag" }}
inputs.n = {{ type = "number" }}
inputs.m = {{ type = "number", default = 0 }}
inputs.pos = {{ type = "number", range = "0..9" }}
inputs.many = {{ type = "number", many = true }}
inputs.got = {{ {keys}, cohort = {{ {cohort} }} }}
derive.near = {{ formula = "m + 1", range = "0..5" }}
criterion = [{{ id = "work", weight = 100 }}]
outcome.used = {{ formula = "n + near + sum(many) + pos", missing = "skip" }}
outcome.also = {{ formula = "got", missing = "skip" }}
"""
A = {"n": 0, "pos": 1, "many": [1], "work": 1}
B = {"n": 4, "pos": 9, "many": [1], "work": 2}
LONG = "1" * 18


def form(cohort, keys='type = "number"'):
    """Give a ruleset with one input that is gathered as a text says."""
    return loads(RULES.format(keys=keys, cohort=cohort))


def together(cohort, records, **options):
    """Give the problems of rejected records, and what is gathered for the others, by key."""
    found = evaluate_cohort(form(cohort, **options), records, on_error="keep")
    texts = {key: [str(p) for p in error.problems] for key, error in found.refused.items()}
    return texts | {key: result.inputs.get("got") for key, result in found.results.items()}


BLOCKED = "got: cannot be gathered for all records: the record {} is rejected; correct it first"


@pytest.mark.parametrize(
    ("cohort", "records", "expected"),
    [
        # of a record
        (
            'formula = "sum(mean(many))"',
            {"A": {**A, "many": []}, "B": B},
            {"A": ["many: mean of an empty list in got"], "B": [BLOCKED.format("A")]},
        ),
        (
            'formula = "sum((n ^ 12) ^ 12)"',
            {"A": {**A, "n": LONG}, "B": B},
            {"A": ["n: a number of more than 1000 digits in got"], "B": [BLOCKED.format("A")]},
        ),
        # of the group
        (
            'formula = "(sum(n) ^ 12) ^ 12"',
            {"A": {**A, "n": LONG}},
            {"A": ["got: a number of more than 1000 digits (gathered for all records)"]},
        ),
        (
            'formula = "wmean(n, pos)"',
            {"A": {**A, "pos": 0}},
            {"A": ["got: weights that add up to 0 (gathered for all records)"]},
        ),
        # of nobody
        ('formula = "sum(n) / heads", where = { pos = "< 0.5" }', {"A": A}, {"A": None}),
        ('formula = "sum(n)", where = { pos = "< 0.5" }', {"A": A}, {"A": 0}),
        # who takes part cannot be told
        (
            'formula = "sum(n)", where = { near = "< 5" }',
            {"A": {**A, "m": 9}, "B": B},
            {"A": ["m = 9: leads to 10, outside of 0 to 5 in near"], "B": [BLOCKED.format("A")]},
        ),
        (
            'formula = "sum(n)", where = { pos = "< 5" }',
            {"A": {**A, "pos": 10}, "B": B},
            {
                "A": ["pos = 10: is out of range; allowed: a number, 0 to 9"],
                "B": [BLOCKED.format("A")],
            },
        ),
    ],
)
def test_a_number_that_is_not_there(cohort, records, expected):
    """The reason is said of the record or of the group; of nobody there is no mean."""
    found = together(cohort, records)
    assert expected == found


@pytest.mark.parametrize(("default", "value"), [("", None), (", default = 7", 7)])
@pytest.mark.parametrize(
    ("more", "records"),
    [
        ("where = { pos = '< 5' }", {"A": {**A, "shop": "p"}, "B": B}),
        ("where = { shop = 'p' }, missing = 'skip'", {"A": {**A, "shop": "p"}, "B": B}),
    ],
)
def test_who_takes_no_part_needs_no_group(default, value, more, records):
    """It has no place, or the default; whether it takes part may be unknown, if that is skipped."""
    keys = f'type = "count"{default}'
    found = together(f'rank = "n", ties = "best", within = "shop", {more}', records, keys=keys)
    assert {"A": 1, "B": value} == found


def test_a_record_that_is_rejected_at_the_end_blocks_its_group():
    """For what has nothing to do with the group; but not who gives the value."""
    records = {
        "A": {**A, "shop": "p", "work": 101},
        "B": {**A, "shop": "p"},
        "C": {**A, "shop": "p", "got": 5},
        "D": {**A, "shop": "q"},
        "E": {**A, "shop": "q", "pos": None},
    }
    found = together('formula = "sum(n)", within = "shop"', records)
    assert ["A", "B"] == [key for key, value in found.items() if isinstance(value, list)]
    assert [5, 0, 0] == [found[key] for key in "CDE"]


def test_a_record_that_is_rejected_for_what_was_gathered_blocks_its_group():
    """What follows from the number of the group is known last."""
    rules = RULES.format(keys='type = "number"', cohort='formula = "min(n)", within = "shop"')
    rubric = loads(rules + 'derive.ahead = { formula = "n - got", range = "0..5" }\n')
    records = {
        "A": {**A, "shop": "p", "n": 9},
        "B": {**A, "shop": "p", "n": 1},
        "C": {**A, "shop": "q"},
    }
    found = evaluate_cohort(rubric, records, on_error="keep")
    texts = {key: [str(p) for p in error.problems] for key, error in found.refused.items()}
    assert ["C"] == list(found.results)
    assert ["A", "B"] == list(texts)
    assert "outside of 0 to 5 in ahead" in texts["A"][0]
    assert ["got: cannot be gathered for p: the record A is rejected; correct it first"] == texts[
        "B"
    ]


def test_a_group_that_is_rejected_spares_who_gives_the_value():
    """The number is out of range for the others only."""
    found = together(
        'formula = "min(n)", within = "flag"',
        {"A": {**A, "flag": True, "n": 9}, "B": {**A, "flag": True, "n": 9, "got": 1}},
        keys='type = "number", range = "0..5"',
    )
    assert "got = 9: is out of range (gathered for flag: true)" in found["A"][0]
    assert found["B"] == 1


def test_a_key_that_the_ruleset_asks_for_stays_in_the_record():
    """And a record that is no table is an error of the program that calls."""
    rubric = form('rank = "n", ties = "best"', keys='type = "count"')
    found = evaluate_cohort(rubric, [{**A, "shop": "p"}, {**B, "shop": "q"}], key="shop")
    assert {"p": "p", "q": "q"} == {key: r.inputs["shop"] for key, r in found.results.items()}
    with pytest.raises(TypeError, match="tables of names, not 7"):
        evaluate_cohort(rubric, [A, 7], key="shop", on_error="keep")


def test_a_damaged_cohort_of_a_stored_result_is_named():
    """By its place."""
    rubric = form('rank = "n", ties = "best"', keys='type = "count"')
    tree = json.loads(evaluate_cohort(rubric, {"A": A}).results["A"].to_json())
    assert Result.from_dict(tree).inputs["got"] == 1
    tree["gathered"][0]["cohort"]["ties"] = "other"
    with pytest.raises(StoredResultError, match="cohort"):
        Result.from_dict(tree)


def test_an_example_of_several_records_has_tables():
    """A value in place of a record is an error of the model."""
    with pytest.raises(ModelError):
        Example(name="e", records={"A": 5})


def test_a_page_shows_each_record_of_an_example():
    """With the key of each, and what was gathered; those that are rejected are left out."""
    tree = form('formula = "max(n)"').to_dict()
    tree["example"] = [{"name": "both", "records": {"A": dict(A), "B": dict(B)}}]
    found = list(cases(Rubric.from_dict(tree), "en"))
    assert ["both: A", "both: B"] == [case.name for case in found]
    assert ["1", "2"] == [case.total for case in found]


def test_a_cohort_is_a_table_of_its_keys():
    """Another value, and a key that a cohort does not have."""
    for wrong in (5, {"formula": "heads", "more": 1}):
        with pytest.raises(ModelError, match="cohort"):
            Input(name="n", type="count", cohort=wrong)
    whole = Cohort(formula="heads")
    assert whole is Input(name="n", type="count", cohort=whole).cohort
