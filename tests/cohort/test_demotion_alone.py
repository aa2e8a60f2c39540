"""What one record of a ruleset with demoting quotas is taken for: schemas, forms, drafts, storage."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from kpirules import (
    Result,
    evaluate,
    evaluate_cohort,
    form_layout,
    loads,
    progress,
    ratings_schema,
    result_schema,
)
from kpirules.api.load import check_text
from kpirules.errors import StoredResultError


RULES = """
schema = 1
id = "grades"
inputs.sales = { type = "count" }
criterion = [{ id = "work", weight = 100 }]
tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "80 .. < 90" }, { id = "C", total = "< 80" }]
[[quota]]
id = "top"
label = { en = "Best", zh = "优秀" }
tier = "A"
at_most = "0.5 * heads"
excess = "demote"
ties = "worst"
[[quota]]
id = "next"
tier = "B"
at_most = "0.5 * heads"
where = { sales = ">= 1" }
excess = "demote"
ties = "worst"
[outcome.pay]
of = "tier"
bands = [{ when = "A", value = 30 }, { when = "B", value = 20 }, { when = "C", value = 10 }]
[outcome.note]
bands = [{ when = { "demoted.top" = true }, value = "moved" }, { when = "otherwise", value = "as it was" }]
missing = "skip"
"""


@pytest.fixture(scope="module")
def rubric():
    """Give a ruleset with two quotas, the flag of one of which an outcome asks for."""
    return loads(RULES)


FULL = {"sales": 1, "work": 95}


@pytest.mark.parametrize("profile", ["strict", "form"])
def test_schemas_have_the_flags(rubric, profile):
    """Read-only; also nested; and the schema tells what it cannot express."""
    schema = ratings_schema(rubric, profile=profile)
    assert "what demoting quotas did must fit the tier" in schema["x-unsaid"]
    nested = schema["properties"]["demoted"]["properties"]
    assert ["top", "next"] == list(nested)
    assert nested["top"]["readOnly"]
    assert "Best" == nested["top"]["title"]
    validator = (Draft202012Validator if profile == "strict" else Draft7Validator)(schema)
    flags = {"top": True, "next": False}
    assert validator.is_valid({**FULL, "demoted": flags})
    assert not validator.is_valid({**FULL, "demoted": {"others": True}})
    assert "B" == evaluate(rubric, {**FULL, "demoted": flags}).tier.id
    if profile == "strict":
        assert validator.is_valid({**FULL, **{f"demoted.{n}": v for n, v in flags.items()}})


def test_the_layout_of_a_form_has_the_flags(rubric):
    """With the path of their values in a record, and what the tier depends on."""
    layout = form_layout(rubric)
    fields = {f["name"]: f for section in layout["sections"] for f in section["fields"]}
    assert ["demoted", "top"] == fields["demoted.top"]["path"]
    assert "flag" == fields["demoted.top"]["kind"]
    pay = next(total for total in layout["totals"] if total["name"] == "outcome.pay")
    assert "outcome.pay" == pay["name"]


def test_a_draft_may_still_be_demoted(rubric):
    """Until the flag is given: then it may end in the tiers that are left."""
    assert {"A", "B", "C"} == {tier.id for tier in progress(rubric, FULL).tiers}
    stays = progress(rubric, {**FULL, "demoted.top": False})
    assert (["A"], "30") == ([tier.id for tier in stays.tiers], str(stays.pay))
    falls = progress(rubric, {**FULL, "demoted.top": True, "demoted.next": True})
    assert "10" == str(falls.pay)


def test_results_with_flags_fit_the_schema_of_results(rubric):
    """Of a cohort, of a record alone, in a language."""
    cohort = evaluate_cohort(
        rubric, {"li": FULL, "wu": {**FULL, "work": 90}, "an": {**FULL, "work": 20}}
    )
    validator = Draft202012Validator(result_schema())
    for result in (*cohort.results.values(), evaluate(rubric, {**FULL, "demoted.top": False})):
        for tree in (result.to_dict(), result.to_dict("en")):
            assert [] == [error.message for error in validator.iter_errors(tree)]


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("gathered", 0, "quota", "ties"), "none", "gathered[0].quota"),
        (("gathered", 0, "quota", "id"), "a b", "gathered[0].quota"),
        (("gathered", 0, "group", "place"), -1, "gathered[0].group.place"),
        (("gathered", 0, "group", "last"), ["x"], "gathered[0].group.last[0]"),
        (("demoted", 0, "below"), None, "demoted[0].below"),
    ],
)
def test_a_damaged_result_is_rejected_at_its_place(rubric, path, value, place):
    """Whatever is in it."""
    cohort = evaluate_cohort(rubric, {"li": FULL, "wu": {**FULL, "work": 90}})
    tree = json.loads(cohort.results["wu"].to_json())
    part = tree
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(StoredResultError) as caught:
        Result.from_dict(tree)
    assert place in str(caught.value)


def test_a_fault_that_only_a_demoted_record_has_is_found():
    """A divisor that is 0 in a tier to which no total leads, but a quota."""
    text = """
schema = 1
id = "x"
inputs.sales = { type = "count" }
[[criterion]]
id = "work"
weight = 100
of = "sales"
bands = [{ when = "0..5", points = 95 }, { when = "> 5", points = 96 }]
[[tier]]
id = "A"
total = ">= 90"
[[tier]]
id = "B"
total = "< 90"
[outcome.pay]
of = "tier"
bands = [{ when = "A", value = 30 }, { when = "B", formula = "10 / (sales - 3)" }]
"""
    quota = 'quota = [{ id = "q", tier = "A", at_most = "1", excess = "demote", ties = "best" }]\n'
    (found,) = [
        f for f in check_text(text.replace("[[crit", quota + "[[crit")) if f.severity == "error"
    ]
    assert "division-by-zero" == found.code
    fine = text.replace("- 3", "+ 3").replace("[[crit", quota + "[[crit")
    assert [] == [f.code for f in check_text(fine) if f.severity == "error"]
