"""The form profile: what generators of forms draw, and that it accepts what the evaluation accepts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from kpirules import evaluate, form_layout, load, ratings_schema, rulesets
from kpirules.evaluation.record import is_missing
from kpirules.testing import records, rubrics
from kpirules.testing.record_strategies import wild_records
from tests.record_schema.test_schema import WIDE, exactly, form, in_json, taken


def as_filled_in(rubric, record):
    """Return a record as a form gives it: missing values absent, raters nested, no idle rating."""
    fields = {f["name"]: f for s in form_layout(rubric)["sections"] for f in s["fields"]}
    made = {}
    for name, value in in_json(rubric, record).items():
        pairs = value.items() if isinstance(value, dict) else [(None, value)]
        for inner, each in pairs:
            field = fields.get(name if inner is None else f"{name}.{inner}")
            if field is None or is_missing(each):
                continue
            *above, last = field["path"]
            place = made
            for key in above:
                place = place.setdefault(key, {})
            place[last] = whole(each)
    return made


def whole(value):
    """Return a whole number as an int: for jsonschema, no Decimal is an integer."""
    if isinstance(value, list):
        return [*map(whole, value)]
    is_whole = isinstance(value, Decimal) and value == int(value)
    return int(value) if is_whole else value


def draws(schema):
    """Check whether generators draw a property: one type, and nothing that depends on others."""
    kind = schema["type"]
    assert isinstance(kind, str)
    assert not {"anyOf", "allOf", "if", "$ref", "pattern"} & schema.keys()
    if kind == "object":
        return all(map(draws, schema["properties"].values()))
    if kind == "array":
        return draws({"title": "", **schema["items"]})
    if "oneOf" in schema:
        assert all({"const", "title"} == each.keys() for each in schema["oneOf"])
        assert "string" == kind, "JSON Forms makes texts of the numbers that are chosen"
    return "title" in schema


def drawn_demand(demand):
    """Check whether a demand has no alternatives that a generator would draw."""
    if isinstance(demand, bool):
        return True
    assert not {"anyOf", "oneOf"} & demand.keys()
    inner = [*demand.get("allOf", []), demand.get("then", True)]
    return all(map(drawn_demand, inner))


@st.composite
def edited(draw, record):
    """Draw a record of which one value is left out, or another one."""
    names = sorted(record)
    if not names:
        return record
    name = draw(st.sampled_from(names))
    if draw(st.booleans()):
        return {n: v for n, v in record.items() if n != name}
    value = record[name]
    others = [True, -1, 0, 7, 10**18, Decimal("0.25"), "n/a", "yes", " ", [], {}, [1], None]
    if isinstance(value, int):
        others += [value + 1, value - 1]
    return {**record, name: draw(st.sampled_from(others))}


@given(st.data())
def test_a_form_takes_what_the_evaluation_takes(data):
    """Any rubric: an accepted record in JSON's types is valid; a valid one is accepted, but for x-unsaid."""
    rubric = data.draw(rubrics())
    schema = exactly(ratings_schema(rubric, profile="form"))
    Draft7Validator.check_schema(schema)
    assert all(map(draws, schema["properties"].values()))
    # JSON Forms draws a record with a combination as one value
    assert not {"allOf", "anyOf", "oneOf", "$ref"} & schema.keys()
    assert all(map(drawn_demand, [schema, *schema.get("$defs", {}).values()]))
    validator = Draft7Validator(schema)
    for _ in range(2):
        drawn = data.draw(st.one_of(records(rubric), wild_records(rubric)))
        record = as_filled_in(rubric, drawn)
        if "a fraction" in repr(record):
            continue
        if taken(rubric, record):
            assert [] == [e.message for e in validator.iter_errors(record)]
        elif "x-unsaid" not in schema:
            assert not validator.is_valid(record)
        changed = data.draw(edited(record))
        if "x-unsaid" not in schema and validator.is_valid(changed):
            assert taken(rubric, changed)


@pytest.mark.parametrize("found", rulesets(), ids=lambda r: r.id)
def test_the_examples_of_what_is_shipped_are_valid_where_they_are_accepted(found):
    """Rejected ones are not valid, and nothing is left unsaid that concerns them."""
    rubric = load(found.id)
    validator = Draft7Validator(exactly(ratings_schema(rubric, profile="form")))
    for example in rubric.examples:
        given = {n: list(v) if isinstance(v, tuple) else v for n, v in example.ratings}
        record = as_filled_in(rubric, given)
        assert taken(rubric, record) == validator.is_valid(record), example.name


@pytest.mark.parametrize(
    ("expected", "record"),
    [
        (True, {"f": True, "n": 2}),
        (True, {"f": False, "n": 0.3, "a": 3, "l": [1, 2.5]}),
        (True, {"f": True, "n": 2, "d": "a.b"}),
        (True, {"f": False, "d": " odd", "n": 2, "a": 1}),
        (True, {"b": 30}),
        (False, {"b": 30.5}),
        (False, {"f": True, "n": 5}),
        (False, {"f": True, "n": 0}),
        (False, {"f": True, "n": 0.25}),
        (False, {"f": True, "d": "a.b", "n": 2, "a": 20}),
        (False, {"f": False, "n": 4}),
        (False, {"n": 2, "l": [True]}),
        (False, {"n": 2, "l": 3}),
    ],
)
def test_flags_defaults_lists_gates_and_policies(expected, record):
    """As the evaluation takes them."""
    rubric = form(WIDE)
    schema = exactly(ratings_schema(rubric, profile="form"))
    assert expected == Draft7Validator(schema).is_valid(exactly(record))
    assert expected == taken(rubric, record) or {"f": True, "n": 0} == record


def test_what_is_drawn_of_each_kind():
    """One type each; limits on the grid of the step; constants with titles; no field without a use."""
    schema = ratings_schema(form(WIDE), profile="form")
    properties = schema["properties"]
    assert ["f", "d", "n", "l", "a", "b"] == sorted(properties, key="fdnlab".index)
    assert {"title": "f", "x-kind": "flag", "type": "boolean", "x-criterion": "a"} == properties[
        "f"
    ]
    assert [{"const": "a.b", "title": "A"}, {"const": " odd", "title": "B"}] == properties["d"][
        "oneOf"
    ]
    assert ("string", "a.b") == (properties["d"]["type"], properties["d"]["default"])
    assert {
        "title": "n (h)",
        "x-unit": "h",
        "type": "number",
        "minimum": 0.1,
        "maximum": 4.9,
        "multipleOf": 0.1,
    } == {
        key: properties["n"][key]
        for key in ("title", "x-unit", "type", "minimum", "maximum", "multipleOf")
    }
    assert ("array", "number", 1000) == (
        properties["l"]["type"],
        properties["l"]["items"]["type"],
        properties["l"]["maxItems"],
    )
    assert "http://json-schema.org/draft-07/schema#" == schema["$schema"]
    assert [{"criterion": "b", "oneOf": [["n"], ["b"]]}] == schema["x-alternatives"]
    assert ("b (points)", "7, 60, 6 to 54, in steps of 6 (instead of n)") == (
        properties["b"]["title"],
        properties["b"]["description"],
    )


def test_what_must_be_given_is_required_as_generators_draw_it():
    """Names that every record needs; facts as long as their rating is missing."""
    schema = ratings_schema(load("customer-service"), profile="form")
    assert ["skill", "feedback", "manner", "teamwork", "volume", "service", "conversion"] == schema[
        "required"
    ]
    first, *_ = schema["then"]["allOf"]
    assert {
        "if": {"not": {"required": ["attendance"]}},
        "then": {"$ref": "#/$defs/has%20points.attendance"},
    } == first
    one = form(
        "inputs.n = { type = 'count' }\n[[criterion]]\nid = 'a'\nweight = 100\n"
        "bands = [{ when = { n = 0 }, formula = '100 - n' }, { when = 'otherwise', points = 0 }]"
    )
    assert {"not": {"required": ["a"]}} == ratings_schema(one, profile="form")["if"]
    bonus = form(
        "inputs.n = { type = 'count', range = '0..9' }\nderive.m.formula = 'n + 1'\nderive.k.formula = 'n + m'\n"
        "criterion = [{ id = 'a', weight = 100 }]\n[total]\nclamp = '0..100'\n[[adjust]]\nid = 'j'\nformula = 'm + k'"
    )
    assert ["a", "n"] == ratings_schema(bonus, profile="form")["required"]
    none = form("[[criterion]]\nid = 'a'\nweight = 100\npoints = 100")
    assert {} == ratings_schema(none, profile="form")["properties"]
    assert not {"required", "if", "then", "$defs"} & ratings_schema(none, profile="form").keys()
    assert evaluate(none, {}).total == 100


def test_raters_are_an_object_of_their_criterion():
    """Each with a title of both; the object is required if one of its ratings is."""
    rubric = form(
        "raters = { self = 20, boss = { weight = 80, label = 'The boss' } }\n"
        "criterion = [{ id = 'a', weight = 60, scale = 5, label = 'Skill' }, { id = 'b', weight = 40, missing = 'exclude' }]"
    )
    schema = ratings_schema(rubric, profile="form")
    assert ["a"] == schema["required"]
    skill = schema["properties"]["a"]
    assert ("Skill", ["self", "boss"]) == (skill["title"], skill["required"])
    assert "Skill: The boss" == skill["properties"]["boss"]["title"]
    assert "required" not in schema["properties"]["b"]
    validator = Draft7Validator(schema)
    for expected, record in (
        (True, {"a": {"self": 3, "boss": 4}, "b": {"self": 1}}),
        (True, {"a": {"self": 3, "boss": 4}}),
        (False, {"a": {"self": 3}}),
        (False, {"a": {"self": 3, "boss": 4}, "b": {}}),
        (False, {}),
    ):
        assert expected == taken(rubric, record) == validator.is_valid(record)


def test_ratings_beside_facts_must_agree_also_those_of_several_raters():
    """Where points do not follow from a formula."""
    rubric = form(
        "raters = { self = 50, lead = 50 }\ninputs.n = { type = 'count' }\n"
        "inputs.m = { type = 'choice', options = ['x', 'y'] }\n"
        "[[criterion]]\nid = 'a'\nweight = 100\n"
        "bands = [{ when = { n = 0 }, points = '50..100' }, { when = { n = '>= 1', m = 'x' }, points = '0..40' }, { when = 'otherwise', points = '0..10' }]"
    )
    schema = ratings_schema(rubric, profile="form")
    validator = Draft7Validator(schema)
    assert "x-unsaid" not in schema
    for expected, record in (
        (True, {"n": 0, "m": "x", "a": {"self": 50, "lead": 60}}),
        (True, {"a": {"self": 50, "lead": 60}}),
        (False, {"n": 2, "m": "x", "a": {"self": 50, "lead": 60}}),
        (True, {"n": 2, "m": "x", "a": {"self": 40, "lead": 20}}),
        (False, {"n": 2, "m": "y", "a": {"self": 40, "lead": 20}}),
        (False, {"n": 2, "m": "y"}),
    ):
        assert expected == taken(rubric, record) == validator.is_valid(record), record


def test_ratings_with_gaps_are_numbers_whose_description_lists_the_levels():
    """A person reads what each rating means, and types one."""
    skill = ratings_schema(load("customer-service"), profile="form", lang="zh")["properties"][
        "skill"
    ]
    assert ("integer", 0, 10) == tuple(skill[key] for key in ("type", "minimum", "maximum"))
    assert skill["description"].endswith("；3–7：第二档；0、1：第三档")
    validator = Draft7Validator(skill)
    assert [0, 1, 3, 4, 5, 6, 7, 8, 9, 10] == [n for n in range(-2, 13) if validator.is_valid(n)]
    texts = form(
        "[[criterion]]\nid = 'a'\nweight = 5\nstandard = 'As the lead sees it'\ntarget = '5'\ndata_source = 'Lead'\n"
        "[[criterion]]\nid = 'b'\nweight = 95"
    )
    about = ratings_schema(texts, profile="form")["properties"]["a"]
    assert "As the lead sees it; 0 to 5" == about["description"]
    assert ("As the lead sees it", "5", "Lead") == tuple(
        about[f"x-{key}"] for key in ("standard", "target", "data-source")
    )
    assert (
        not {"x-standard", "x-target", "x-data-source"}
        & ratings_schema(texts, profile="form")["properties"]["b"].keys()
    )


def test_steps_that_no_decimal_has_are_those_that_it_can_have():
    """A third of a count: only whole points can be written."""
    rubric = form(
        "inputs.n = { type = 'count', range = '0..30' }\n[[criterion]]\nid = 'a'\nweight = 10\nformula = 'n / 3'\n"
        "[[criterion]]\nid = 'b'\nweight = 90\n"
    )
    rating = ratings_schema(rubric, profile="form")["properties"]["a"]
    assert ("integer", 0, 10) == (rating["type"], rating["minimum"], rating["maximum"])
    for expected, value in ((True, 7), (False, 0.5)):
        record = {"a": value, "b": 1}
        assert expected == taken(rubric, record) == Draft7Validator(rating).is_valid(value)


def test_an_unknown_profile_is_rejected():
    """With those that there are."""
    with pytest.raises(ValueError, match='profile is "strict" or "form", not \'wide\''):
        ratings_schema(load("customer-service"), profile="wide")
