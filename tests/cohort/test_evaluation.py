"""Records that are evaluated together: arguments, rejected records, blocked groups, in words."""

from __future__ import annotations

import pytest

from kpirules import (
    InputError,
    evaluate,
    evaluate_cohort,
    evaluate_many,
    loads,
    progress,
    validate,
)
from kpirules.arithmetic.number import show


RULES = """
schema = 1
id = "x"
inputs.shop = { type = "choice", options = ["p", "q"] }
inputs.pool = { type = "number", default = 0 }
inputs.least = { type = "number", range = "0..60", cohort = { formula = "min(total) + pool", within = "shop" } }
inputs.place = { type = "count", cohort = { rank = "total", ties = "%s", within = "shop", missing = "skip" } }
criterion = [{ id = "work", weight = 100, missing = "exclude" }, { id = "more", weight = 0 }]
outcome.used = { formula = "least + place", missing = "skip" }
"""


@pytest.fixture(scope="module")
def rubric():
    """Give a ruleset with a number and a place of each shop."""
    return loads(RULES.replace(', { id = "more", weight = 0 }', "") % "best")


def texts(found):
    """Give the problems of the rejected records by key."""
    return {key: [str(p) for p in error.problems] for key, error in found.refused.items()}


def test_a_rejected_record_blocks_its_group_alone(rubric):
    """Others learn the key and no value of it."""
    found = evaluate_cohort(
        rubric,
        {
            "A": {"shop": "p", "work": 50},
            "B": {"shop": "p", "work": 101},
            "C": {"shop": "q", "work": 40},
        },
        on_error="keep",
    )
    assert ["C"] == list(found.results)
    assert {
        "A": ["least: cannot be gathered for p: the record B is rejected; correct it first"],
        "B": ["work = 101: is not an allowed rating; allowed: 0 to 100"],
    } == texts(found)
    assert [("least", "p"), ("place", "p")] == [
        (row.input, row.group["shop"]) for row in found.groups if row.blocked is not None
    ]
    assert "B" in found.refused["A"].text("zh")


def test_a_record_whose_group_is_not_known_blocks_all(rubric):
    """It may belong to any."""
    records = {"A": {"shop": "p", "work": 50}, "B": {"work": 50}, "C": {"shop": "q", "work": 1}}
    found = evaluate_cohort(rubric, records, on_error="keep")
    assert {} == found.results
    assert ["shop: is missing"] == [
        text.partition(":")[0] + ": is missing" for text in texts(found)["B"]
    ]


def test_one_person_and_equals(rubric):
    """One is first; of equals all are."""
    (one,) = evaluate_cohort(rubric, {"A": {"shop": "p", "work": 50}}).results.values()
    assert (50, 1) == (one.inputs["least"], one.inputs["place"])
    records = {key: {"shop": "p", "work": 50} for key in "ABC"}
    for result in evaluate_cohort(rubric, records).results.values():
        assert 1 == result.inputs["place"]


def test_ties_may_be_refused():
    """The whole group, with the number of records and their place."""
    rubric = loads(RULES.replace(', { id = "more", weight = 0 }', "") % "refuse")
    records = {"A": {"shop": "p", "work": 50}, "B": {"shop": "p", "work": 50}}
    found = evaluate_cohort(rubric, records, on_error="keep")
    text = "place: 2 records have the place 1 together, and ties are rejected (gathered for p)"
    assert {"A": [text], "B": [text]} == texts(found)


def test_a_number_outside_of_its_range_rejects_the_group(rubric):
    """With the number and the group."""
    records = {"A": {"shop": "p", "work": 80}, "B": {"shop": "q", "work": 50}}
    found = evaluate_cohort(rubric, records, on_error="keep")
    assert ["B"] == list(found.results)
    assert {
        "A": ["least = 80: is out of range (gathered for p); allowed: a number, 0 to 60"]
    } == texts(found)


def test_what_must_be_common_may_not_differ(rubric):
    """The name and how many values there are."""
    records = {"A": {"shop": "p", "work": 1, "pool": 1}, "B": {"shop": "p", "work": 1, "pool": 2}}
    found = evaluate_cohort(rubric, records, on_error="keep")
    text = (
        "least: pool has 2 different values in the group; it must have the same on all records"
        " (gathered for p)"
    )
    assert {"A": [text], "B": [text]} == texts(found)


def test_an_unratable_record_rejects_or_is_left_out(rubric):
    """As missing says: here the first gathered input rejects it."""
    records = {"A": {"shop": "p", "work": 1}, "B": {"shop": "p"}}
    found = evaluate_cohort(rubric, records, on_error="keep")
    assert ["A", "B"] == list(found.refused)
    assert "the record has no total" in texts(found)["B"][0]


def test_a_record_may_give_what_is_gathered(rubric):
    """It is taken as it is, and the record is still one of its group."""
    records = {"A": {"shop": "p", "work": 50, "place": 7}, "B": {"shop": "p", "work": 40}}
    results = evaluate_cohort(rubric, records).results
    assert [7, 2] == [result.inputs["place"] for result in results.values()]


def test_alone_nothing_is_gathered():
    """The problem names where the value comes from; the default is not for this case."""
    rubric = loads(
        'schema = 1\nid = "x"\ncriterion = [{ id = "work", weight = 100 }]\n'
        'inputs.place = { type = "count", default = 0, cohort = { rank = "total", ties = "best" } }\n'
        'outcome.used = { formula = "place" }\n'
    )
    with pytest.raises(InputError, match=r"gathered from all records \(place by total\)"):
        evaluate(rubric, {"work": 50})
    assert 3 == evaluate(rubric, {"work": 50, "place": 3}).outcomes["used"]


def test_keys_and_what_is_common(rubric):
    """A field, a function; what all have in common is not given otherwise."""
    records = [{"who": 1, "work": 5}, {"who": 2, "work": 6}]
    assert ["1", "2"] == [
        *evaluate_cohort(rubric, records, key="who", common={"shop": "p"}).results
    ]
    records = [{"work": 5}, {"work": 6}]
    found = evaluate_cohort(rubric, records, key=lambda r: r["work"], common={"shop": "p"})
    assert ["5", "6"] == [*found.results]
    mixed = evaluate_cohort(
        rubric, {"A": {"work": 5, "shop": "q"}}, common={"shop": "p"}, on_error="keep"
    )
    assert "shop" == mixed.refused["A"].problems[0].input


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([], "a cohort has at least one record"),
        ([{"k": "a"}, {"k": "a"}], "has the key a 2 times"),
        ([{"work": 1}], "has no key in record 1"),
    ],
)
def test_no_records_and_keys_that_are_none(rubric, records, text):
    """Each is an error of the whole cohort."""
    with pytest.raises(InputError, match=text):
        evaluate_cohort(rubric, records, key="k", on_error="keep")


def test_arguments_of_a_wrong_kind(rubric):
    """Each is named."""
    with pytest.raises(TypeError, match="records"):
        evaluate_cohort(rubric, [{}])
    with pytest.raises(TypeError, match="records"):
        evaluate_cohort(rubric, {"A": {}}, key="k")
    with pytest.raises(TypeError, match="records"):
        evaluate_cohort(rubric, {"A": 3})
    with pytest.raises(ValueError, match="on_error"):
        evaluate_cohort(rubric, {"A": {}}, on_error="other")


def test_the_first_rejected_record_is_raised(rubric):
    """With its key as a note; not one that it blocks."""
    records = {"A": {"shop": "p", "work": 50}, "B": {"shop": "p", "work": 101}}
    with pytest.raises(InputError) as caught:
        evaluate_cohort(rubric, records)
    assert ["key 'B'; rejected records: 2"] == caught.value.__notes__


POOL = """
schema = 1
id = "pool"
inputs.pool = { type = "number" }
inputs.marks = { type = "number" }
inputs.bonus = { type = "number", range = "0..60", label = "Bonus", cohort = { share = "pool", by = "marks - 1", otherwise = "refuse", round = { to = 0.01, mode = "%s" } } }
outcome.pay = { formula = "bonus" }
ruling = [{ clause = "1", conflict = "x", decision = "y", accepts = ["group-rejected inputs.bonus.cohort.share", "group-rejected inputs.bonus.cohort.by", "share-sum"] }]
"""


@pytest.fixture(scope="module")
def pooled():
    """Give a ruleset that shares a pool to the last cent."""
    return loads(POOL % "largest_remainder")


def test_units_that_are_left_go_to_the_first_keys(pooled):
    """Of equal claims; the row has the amount, what is given out, and what is left."""
    records = {key: {"marks": 2} for key in "CAB"}
    found = evaluate_cohort(pooled, records, common={"pool": 100.005})
    assert {"C": "33.33", "A": "33.34", "B": "33.33"} == {
        key: show(result.inputs["bonus"]) for key, result in found.results.items()
    }
    (row,) = found.groups
    assert (3, None) == (row.heads, row.value)
    assert ("100.005", "100", "0.005") == (str(row.amount), str(row.given_out), str(row.left))


def test_shares_that_are_rounded_alone_may_miss_the_amount():
    """What is left may be less than 0."""
    records = {key: {"marks": 2} for key in "ABC"}
    (row,) = evaluate_cohort(loads(POOL % "up"), records, common={"pool": 100}).groups
    assert ("100.02", "-0.02") == (str(row.given_out), str(row.left))


@pytest.mark.parametrize(
    ("pool", "points", "text", "chinese"),
    [
        (
            -1,
            {"A": 2, "B": 3},
            dict.fromkeys(
                "AB", "bonus: the amount to share is -1, less than 0 (gathered for all records)"
            ),
            "Bonus：要分配的数额是 -1，小于 0（为 全体记录 汇集）",
        ),
        (
            10,
            {"A": 1, "B": 1},
            dict.fromkeys(
                "AB",
                "bonus: nobody of the group has any part of what it is shared by, and such a"
                " group is rejected (gathered for all records)",
            ),
            None,
        ),
        (
            10,
            {"A": 0.5, "B": 3},
            {
                "A": "marks: marks - 1 is -0.5, and nothing is shared by less than 0 in bonus",
                "B": "bonus: cannot be gathered for all records: the record A is rejected; correct it first",
            },
            None,
        ),
        (
            100,
            {"A": 2, "B": 5},
            {
                "A": "bonus: cannot be gathered for all records: the record B is rejected; correct it first",
                "B": "bonus = 80: is out of range (gathered for all records); allowed: a number, 0 to 60",
            },
            None,
        ),
    ],
)
def test_what_cannot_be_shared_rejects_the_group(pooled, pool, points, text, chinese):
    """A negative amount or claim, no claims at all, and a share that the input does not allow."""
    records = {key: {"marks": each} for key, each in points.items()}
    found = evaluate_cohort(pooled, records, common={"pool": pool}, on_error="keep")
    assert {key: [each] for key, each in text.items()} == texts(found)
    if chinese is not None:
        assert chinese == found.refused["A"].problems[0].text("zh")


def test_shares_with_too_many_digits_reject_the_group():
    """Also those whose sum alone is too long."""
    rubric = loads(
        'schema = 1\nid = "x"\ninputs.a = { type = "number", range = ">= 1" }\n'
        'inputs.got = { type = "number", range = ">= 0", cohort = { share = "1", by = "1 / a ^ 12", otherwise = "refuse" } }\n'
        'outcome.used = { formula = "got" }\n'
    )
    records = {str(i): {"a": 10**17 - i} for i in range(7)}
    found = evaluate_cohort(rubric, records, on_error="keep")
    assert {*records} == found.refused.keys()
    assert "digits" in texts(found)["0"][0]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Bonus: 50 — share by marks, of pool: 50 of 100, for 1 of 2"),
        ("zh", "Bonus：50 — pool中按marks分得的份额：100 中的 50（2 中占 1）"),
    ],
)
def test_a_share_is_explained(pooled, lang, text):
    """By what, and of what."""
    records = {key: {"marks": 2} for key in "AB"}
    result = evaluate_cohort(pooled, records, common={"pool": 100}).results["A"]
    assert text == result.explain(lang).splitlines()[-1]


def test_equal_shares_are_explained():
    """Of an amount without names."""
    rubric = loads(
        (POOL % "largest_remainder").replace("marks - 1", "1").replace('"pool", by', '"9", by')
    )
    result = evaluate(rubric, {"bonus": 4.5, "marks": 1, "pool": 0})
    assert "Bonus: 4.5 — equal share" == result.explain().splitlines()[-1]


def test_records_one_by_one_name_the_source_of_what_is_missing():
    """Each record, in whatever way it is evaluated, and nothing is computed without the value."""
    rubric = loads(
        RULES.replace(', missing = "skip" }\n', " }\n").replace(', { id = "more", weight = 0 }', "")
        % "best"
    )
    record = {"shop": "p", "work": 50}
    (outcome,) = evaluate_many(rubric, [record], on_error="return")
    about = "is missing: it is gathered from all records"
    assert ["least", "place"] == [p.input for p in outcome.problems]
    assert all(about in str(problem) for problem in outcome.problems)
    assert outcome.problems == validate(rubric, record)
    assert ("least", "place") == progress(rubric, record).needed[0].inputs


GRADES = """
schema = 1
id = "grades"
inputs.shop = { type = "choice", options = { p = "Park", q = "Quay" } }
inputs.size = { type = "number", range = ">= 1", default = 1 }
criterion = [{ id = "work", weight = 100, missing = "exclude" }]
tier = [{ id = "A", label = "Good", total = ">= 90" }, { id = "B", total = "< 90" }]

[[quota]]
id = "top"
label = "Best grade"
tier = "A"
at_most = "ceil(0.5 * heads) / size"
within = "shop"
excess = "refuse"
"""


@pytest.fixture(scope="module")
def graded():
    """Give a ruleset with a quota of each shop."""
    return loads(GRADES)


def test_a_broken_quota_rejects_its_group(graded):
    """With group, quota and numbers, in both languages; the row has the numbers."""
    records = {
        "A": {"shop": "p", "work": 95},
        "B": {"shop": "p", "work": 91},
        "C": {"shop": "p"},
        "D": {"shop": "q", "work": 90},
    }
    found = evaluate_cohort(graded, records, on_error="keep")
    text = "quota.top: 2 of 2 records have A (p), and at most 1 may"
    assert {"A": [text], "B": [text], "C": [text]} == texts(found)
    (problem,) = found.refused["A"].problems
    assert "Best grade：Park的 2 份记录中有 2 份是Good，最多只能有 1 份" == problem.text("zh")
    assert ("quota", "quota.top", None) == (problem.code, problem.input, problem.value)
    first, second = found.groups
    assert ("quota.top", {"shop": "p"}, 2, 1, None, 2) == (
        first.input, first.group, first.heads, first.at_most, first.at_least, first.count,
    )  # fmt: skip
    assert first.blocked is not None
    assert (1, 1, None) == (second.at_most, second.count, second.blocked)


def test_a_rejected_record_blocks_the_groups_that_it_may_be_counted_in(graded):
    """A quota without it would be wrong; one that evaluates with an error at last as well."""
    records = {"A": {"shop": "p", "work": 50}, "B": {"shop": "p", "work": 101}}
    found = evaluate_cohort(graded, records, on_error="keep")
    assert (
        "quota.top: cannot be judged for p: the record B is rejected; correct it first"
        in (texts(found)["A"])
    )
    lost = evaluate_cohort(
        graded, {"A": {"shop": "p", "work": 50}, "B": {"work": 1}}, on_error="keep"
    )
    assert {"A", "B"} == lost.refused.keys()


def test_a_limit_without_a_value_rejects_the_group(graded):
    """Where names differ that all have in common; of nobody, there is nothing to keep."""
    records = {"A": {"shop": "p", "work": 9, "size": 1}, "B": {"shop": "p", "work": 9, "size": 2}}
    found = evaluate_cohort(graded, records, on_error="keep")
    assert ["quota.top: size has 2 different values in the group; it must have the same on all records (gathered for p)"] == texts(found)["A"]  # fmt: skip
    (row,) = evaluate_cohort(graded, {"A": {"shop": "p"}}).groups
    assert (0, None, 0) == (row.heads, row.at_most, row.count)


def test_many_records_one_by_one_judge_no_quota(graded):
    """So they are refused; one record alone is scored."""
    assert 95 == evaluate(graded, {"shop": "p", "work": 95}).total
    reason = "quota.top: is a quota, and is judged over all records together: use evaluate_cohort"
    with pytest.raises(InputError, match=reason):
        evaluate_many(graded, [{"shop": "p", "work": 95}])
