"""Results keep the group of what was gathered: in words, as JSON, and verified with all others."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from jsonschema import Draft202012Validator

from kpirules import (
    Result,
    StoredResultError,
    evaluate,
    evaluate_cohort,
    loads,
    result_schema,
    verify,
    verify_cohort,
)


RULES = """
schema = 1
id = "shop"
[inputs.department]
type = "choice"
options = { s = { en = "Sales", zh = "销售部" }, p = "Parts" }
[inputs.full]
type = "flag"
label = "Full time"
[inputs.price]
type = "count"
default = 5
label = "Price"
[inputs.place]
type = "count"
default = 9
label = "Place"
cohort = { rank = ["total", "-price"], ties = "best", within = ["department", "full"], where = { full = true } }
[inputs.middle]
type = "number"
label = "Mean"
cohort = { formula = "mean(total)", within = "department" }
[inputs.all]
type = "count"
label = "All"
cohort = { formula = "heads" }
[inputs.order]
type = "count"
label = "Order"
cohort = { rank = "1", ties = "worst" }
[[criterion]]
id = "work"
weight = 100
[outcome.bonus]
formula = "place + middle + all + order"
"""
RECORDS = {
    "Li Lei": {"department": "s", "full": True, "price": 5, "work": 83},
    "Wu Min": {"department": "s", "full": True, "work": 83},
    "Zhao Si": {"department": "s", "full": False, "work": 62},
    "Qian Yi": {"department": "p", "full": True, "work": 41},
}


@pytest.fixture(scope="module")
def rubric():
    """Give a ruleset with places and numbers of groups."""
    return loads(RULES)


@pytest.fixture(scope="module")
def results(rubric):
    """Give the results of four people."""
    return evaluate_cohort(rubric, RECORDS).results


def test_the_explanation_tells_the_group(results):
    """The place, the number of people, the own value, and how many have the same."""
    assert [
        "Place: 1 — place 1 of 2 in Sales, Full time: yes, by Total 83, Price 5; 1 other has the same",
        "Mean: 76 — from Total of all, within department: 3 records in Sales",
        "All: 4 — the number of records: 4 records",
        "Order: 4 — place 4 of 4; 3 others have the same",
    ] == results["Li Lei"].explain().splitlines()[-4:]
    assert "Place：1 — 销售部、Full time：是共 2 份，第 1 名" in results["Li Lei"].explain("zh")


def test_a_default_is_not_called_a_place(results):
    """Who takes no part has the default of the input."""
    assert (
        "Place: 9 — the default, since nobody takes part, or not this record (place by Total, Price"
        in results["Zhao Si"].explain()
    )
    assert results["Zhao Si"].gathered["place"].membership.default


def test_a_value_that_is_given_has_no_group(rubric):
    """It says where such values come from, as for a record alone."""
    records = {**RECORDS, "Li Lei": {**RECORDS["Li Lei"], "all": 7}}
    result = evaluate_cohort(rubric, records).results["Li Lei"]
    assert result.gathered["all"].membership is None
    assert "All: 7 — the number of records\n" in result.explain()


def test_the_groups_are_stored_and_read_back(results):
    """As JSON, pickled, copied; a result of the record alone is equal, and verifies."""
    result = results["Li Lei"]
    for again in (
        Result.from_json(result.to_json()),
        Result.from_dict(result.to_dict()),
        Result.from_dict(result.to_dict("zh")),
        pickle.loads(pickle.dumps(result)),  # noqa: S301 - our own bytes
        copy.deepcopy(result),
    ):
        assert (result, result.gathered) == (again, again.gathered)
        assert result.to_json() == again.to_json()
    tree = json.loads(result.to_json())["gathered"][0]["group"]
    assert {
        "within": [["department", "s"], ["full", True]],
        "heads": 2,
        "same": 1,
        "default": False,
    } == tree


def test_a_group_that_is_none_is_not_read(results):
    """The place in the text is named."""
    tree = results["Li Lei"].to_dict()
    tree["gathered"][0]["group"]["heads"] = -1
    with pytest.raises(StoredResultError, match=r"gathered\[0\]\.group\.heads"):
        Result.from_dict(tree)


def test_alone_the_group_is_taken_as_stored(rubric, results):
    """The bonus follows from the place; whether the place is right, only all records show."""
    text = results["Li Lei"].to_json()
    assert "same" == verify(text, rubric=rubric).outcome
    assert evaluate(rubric, results["Li Lei"].inputs) == results["Li Lei"]
    other = text.replace('"heads": 2, "same": 1', '"heads": 9, "same": 1')
    assert "same" == verify(other, rubric=rubric).outcome
    stored = {key: result.to_json() for key, result in results.items()} | {"Li Lei": other}
    found = verify_cohort(stored, rubric=rubric)
    assert ["gathered[0].group.heads: stored 9, recomputed 2"] == [
        str(each) for each in found["Li Lei"].differences
    ]
    assert {"differs", "same"} == {each.outcome for each in found.values()}


def test_a_forged_place_is_found(rubric, results):
    """Although the bonus follows from it; one that is missing changes the group."""
    stored = {key: result.to_json() for key, result in results.items()}
    assert {"same"} == {each.outcome for each in verify_cohort(stored, rubric=rubric).values()}
    forged = evaluate(rubric, {**results["Wu Min"].inputs, "place": 2})
    stored["Wu Min"] = forged.of_groups(results["Wu Min"].memberships).to_json()
    assert "same" == verify(stored["Wu Min"], rubric=rubric).outcome
    assert "differs" == verify_cohort(stored, rubric=rubric)["Wu Min"].outcome
    del stored["Wu Min"]
    assert {"differs"} == {
        each.outcome for key, each in verify_cohort(stored, rubric=rubric).items() if key[0] in "LZ"
    }


def test_records_that_the_rubric_rejects_differ(rubric, results):
    """One that was tampered with, and its group."""
    stored = {key: result.to_json() for key, result in results.items()}
    stored["Qian Yi"] = stored["Qian Yi"].replace('"work": 41', '"work": 141')
    found = verify_cohort(stored, rubric=rubric)
    assert {"differs"} == {each.outcome for each in found.values()}
    assert "refused" in str(found["Li Lei"].differences[0])


def test_a_result_of_another_rubric_is_not_of_the_cohort(rubric, results):
    """Nor is any if there is no rubric."""
    stored = {key: result.to_json() for key, result in results.items()}
    (other,) = evaluate_cohort(
        rubric.replace("work.range", "0..90"), {"X": RECORDS["Li Lei"]}
    ).results.values()
    found = verify_cohort({**stored, "X": other.to_json()}, rubric=rubric)
    assert {"same"} == {found[key].outcome for key in stored}
    assert "no-rubric" == found["X"].outcome
    assert {"no-rubric"} == {each.outcome for each in verify_cohort(stored).values()}
    assert {"X": "no-rubric"} == {
        key: each.outcome
        for key, each in verify_cohort(
            {"X": stored["Li Lei"]}, rubric=rubric.replace("work.range", "0..90")
        ).items()
    }
    assert {} == verify_cohort({}, rubric=rubric)
    with pytest.raises(TypeError, match="a table of texts by key"):
        verify_cohort([stored["Li Lei"]], rubric=rubric)


def test_nothing_of_another_is_told(results):
    """No name and no value of others in what one result says."""
    for key, result in results.items():
        others = {name for name in RECORDS if name != key} | {
            str(r.total) for r in results.values() if r.total != result.total
        }
        for text in (
            result.explain(),
            result.explain("zh"),
            result.to_json(),
            repr(result.gathered),
            str(result.to_dict("zh")),
        ):
            assert not [each for each in others if each in text.replace(result.fingerprint, "")]


SHARED = """
schema = 1
id = "x"
inputs.team = { type = "text", default = "N" }
inputs.pool = { type = "number" }
inputs.part = { type = "number", cohort = { share = "pool", by = "work / 2", round = { to = 0.01, mode = "largest_remainder" }, otherwise = "equal", within = %s } }
criterion = [{ id = "work", weight = 100 }]
outcome.bonus = { formula = "part" }
"""


@pytest.mark.parametrize(
    ("within", "works", "texts"),
    [
        (
            "[]",
            (50, 70, 60),
            ("222.22 of 800, for 25 of 90", "800 中的 222.22（90 中占 25）"),
        ),
        (
            '["team"]',
            (50, 70, 60),
            ("222.22 of 800, for 25 of 90 in N", "800 中的 222.22（90 中占 25）（N）"),
        ),
        (
            "[]",
            (0, 0),
            (
                "400 of 800; nobody has any part",
                "800 中的 400；全组都没有份额",
            ),
        ),
    ],
)
def test_a_share_tells_its_amount_and_its_part(within, works, texts):
    """Of the others it tells the sum alone; stored results keep it."""
    records = {f"p{i}": {"work": work, "pool": 800} for i, work in enumerate(works)}
    result = evaluate_cohort(loads(SHARED % within), records).results["p0"]
    for again in (result, Result.from_json(result.to_json()), copy.deepcopy(result)):
        assert again.gathered == result.gathered
        for lang, text in zip(("en", "zh"), texts, strict=True):
            assert text in again.explain(lang)
    Draft202012Validator(result_schema()).validate(json.loads(result.to_json()))
