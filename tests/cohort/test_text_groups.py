"""Texts by which records are grouped: how they are read, shown, stored, and where they may stand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kpirules import (
    InputError,
    Result,
    RulesetError,
    evaluate_cohort,
    evaluate_many,
    loads,
    ratings_schema,
    validate,
)
from kpirules.record_schema.form_fields import input_field


RULES = """
schema = 1
id = "x"
inputs.team = { type = "text", label = "Team" }
inputs.place = { type = "count", cohort = { rank = "total", ties = "best", within = "team" } }
criterion = [{ id = "work", weight = 100 }]
outcome.used = { formula = "place" }
"""


@pytest.fixture(scope="module")
def rubric():
    """Give a ruleset with a place in each team."""
    return loads(RULES)


def places(rubric, teams):
    """Give the places of records of some teams, the first with the most points."""
    records = {f"r{i}": {"team": team, "work": 100 - i} for i, team in enumerate(teams)}
    found = evaluate_cohort(rubric, records)
    return [dict(found.results[key].outcomes)["used"] for key in records]


def test_any_text_names_a_group(rubric):
    """Outer blanks do not matter, and a number is its digits; case does."""
    assert [1, 1, 2, 3, 1] == places(rubric, ["North", "north", " north ", "north\n", "北"])
    assert [1, 2, 1, 2] == places(rubric, [12, "12", "012", "012"])
    assert [1, 2] == places(rubric, [Fraction(1, 2), "0.5"])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "team = True: is not a text; allowed: a text of at most 200 characters"),
        ([1], "team = [1]: is not a text; allowed: a text of at most 200 characters"),
        (
            "x" * 201,
            f"team = '{'x' * 60}'...: has 201 characters; allowed: a text of at most 200 characters",
        ),
        (
            " ",
            "team: is missing: place needs it of all who take part; allowed: a text of at most 200 characters",
        ),
    ],
)
def test_what_names_no_group_is_rejected(rubric, value, problem):
    """The problem says what is allowed."""
    found = evaluate_cohort(rubric, {"a": {"team": value, "work": 1}}, on_error="keep")
    assert [problem] == [str(p) for p in found.refused["a"].problems][:1]


def test_a_record_alone_may_give_it(rubric):
    """It is an input like any other, and is stored with the result."""
    found = evaluate_cohort(rubric, {"a": {"team": "North", "work": 1}}).results["a"]
    assert found == Result.from_json(found.to_json())
    assert "North" == found.inputs["team"]
    assert () == validate(rubric, {"team": "South", "place": 1, "work": 3})


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ('gate = [{ when = { team = "A" }, total_at_most = 1 }]', "gate[0].when.team"),
        (
            'gate = [{ when = { team = "missing" }, total_at_most = 1 }]',
            "gate[0].when.team",
        ),
        ('derive.n = { formula = "team + 1" }', "derive.n.formula"),
        (
            'derive.n = { of = "team", bands = [{ when = 1, value = 1 }, { when = "otherwise", value = 2 }] }',
            "derive.n.of",
        ),
    ],
)
def test_no_condition_and_no_formula_names_it(more, at):
    """The finding says that it only groups, and that a choice has options."""
    with pytest.raises(RulesetError) as caught:
        loads(RULES + more)
    (finding,) = caught.value.findings
    assert (at, "team is any text, which no condition and no formula can use") == (
        finding.place,
        finding.message(),
    )
    assert "make it a choice with options" in str(finding)


@pytest.mark.parametrize("key", ['options = ["a"]', 'range = "0..1"', "step = 1", "many = true"])
def test_it_has_no_key_of_other_types(key):
    """A text is not a list, has no options and no range."""
    with pytest.raises(RulesetError) as caught:
        loads(RULES.replace('label = "Team"', key))
    assert any('this is a "text"' in f.message() for f in caught.value.findings)


def test_forms_ask_for_a_text(rubric):
    """The schema of records and of a form limit its length."""
    schema = ratings_schema(rubric)["properties"]["team"]
    assert ("text", ["string", "null"], 200) == (
        schema["x-kind"],
        schema["type"],
        schema["maxLength"],
    )
    field = input_field(rubric.inputs[0], "zh", {})
    assert ("text", {"type": "string", "maxLength": 200}) == (
        field["kind"],
        {k: field["schema"][k] for k in ("type", "maxLength")},
    )


def test_the_first_of_many_texts_is_rejected_where_it_is(rubric):
    """Records alone are read as well."""
    records = [{"team": "a", "place": 1, "work": 1}, {"team": False, "place": 1, "work": 1}]
    outcomes = evaluate_many(rubric, records, on_error="return")
    outcomes = [*outcomes]
    assert isinstance(outcomes[1], InputError)
    assert not isinstance(outcomes[0], InputError)
