"""The public `validate` and `evaluate_many`."""

from __future__ import annotations

from itertools import count, islice
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, RulesetError, Tier, evaluate, evaluate_many, loads, validate
from kpirules.testing import bad_records, rubrics
from kpirules.testing.record_strategies import wild_records


DESK = 'schema = 1\nid = "desk"\ncriterion = [{ id = "work", weight = 100 }]'


@pytest.fixture(scope="module")
def desk():
    return loads(DESK)


def unsound(rubric):
    return type(rubric)(id="x", criteria=rubric.criteria, tiers=[Tier(id="a", total="0..9")])


# ---------------------------------------------------------------- validate


@given(st.data(), rubrics())
def test_validate_returns_the_problems_for_which_evaluate_rejects(data, rubric):
    """No problems exactly if the record is evaluated; else those of the error, in their order."""
    record = data.draw(wild_records(rubric) | bad_records(rubric))
    try:
        evaluate(rubric, record)
        expected = ()
    except InputError as error:
        expected = error.problems
        assert expected
    # NaN is not equal to itself
    assert [p.to_dict() for p in expected] == [p.to_dict() for p in validate(rubric, record)]


@pytest.mark.parametrize("record", [None, 7, [("work", 1)], {}, {"work": []}, {3: 4}, {"wrok": 1}])
def test_any_value_is_validated(desk, record):
    """What is not a record, and every unknown or missing name, is a problem and not an exception."""
    with pytest.raises(InputError) as error:
        evaluate(desk, record)
    assert error.value.problems == validate(desk, record)


def test_an_unsound_rubric_is_validated_by_nothing(desk):
    """The error of the ruleset is raised, and the day of the rules is that of `evaluate`."""
    with pytest.raises(RulesetError, match="tier-gap"):
        validate(unsound(desk), {})
    assert validate("customer-service", {}, on="2026-10")


# ---------------------------------------------------------------- evaluate_many


def test_the_outcomes_are_in_order(desk):
    """A result for each record; with on_error="return", the error in its place."""
    records = [{"work": 70}, {"work": 101}, {"work": 80}]
    outcomes = list(evaluate_many(desk, records, on_error="return"))
    assert [evaluate(desk, records[0]), evaluate(desk, records[2])] == outcomes[::2]
    assert validate(desk, records[1]) == outcomes[1].problems


def test_a_rejected_record_raises_with_its_number(desk):
    """The records before it have been yielded; the note names the record and its key."""
    records = [{"id": "A", "work": 70}, {"id": "B", "work": 101}, {"id": "C", "work": 80}]
    outcomes = evaluate_many(desk, records, key="id")
    assert next(outcomes)[0] == "A"
    with pytest.raises(InputError) as error:
        next(outcomes)
    assert ["record 2, key 'B'"] == error.value.__notes__
    with pytest.raises(InputError) as error:
        list(evaluate_many(desk, ({"work": n} for n in (1, 101))))
    assert ["record 2"] == error.value.__notes__


def test_records_are_read_as_they_are_asked_for(desk):
    """An endless generator works, and nothing is read beyond what is asked for."""
    read = []

    def records():
        for number in count():
            read.append(number)
            yield {"work": number % 101}

    outcomes = evaluate_many(desk, records())
    assert [] == read
    assert [0, 1, 2] == [int(result.total) for result in islice(outcomes, 3)]
    assert [0, 1, 2] == read


def test_a_returned_error_holds_no_frames(desk):
    """Its traceback is empty, so that a list of errors does not keep the records alive."""
    (outcome,) = evaluate_many(desk, [{"work": 101}], on_error="return")
    assert outcome.__traceback__ is None


def test_the_key_is_a_function_of_the_record(desk):
    """It is given the record as it is, and the record is evaluated as it is."""
    pairs = evaluate_many(desk, [{"work": 7}, {"work": 8}], key=lambda record: record["work"] * 10)
    assert [(70, 7), (80, 8)] == [(key, int(result.total)) for key, result in pairs]


def test_the_key_is_a_field(desk):
    """It is taken out of the record, unless it is a name of the rubric; any mapping is a record."""
    record = MappingProxyType({"person": ("A", 1), "work": 7})
    ((key, result),) = evaluate_many(desk, [record], key="person")
    assert (("A", 1), {"work": 7}) == (key, result.inputs)
    ((key, result),) = evaluate_many(desk, [record | {"person": "A"}], key="person")
    assert "A" == key
    ((key, result),) = evaluate_many(desk, [{"work": 7}], key="work")
    assert (7, {"work": 7}) == (key, result.inputs)


def test_a_record_without_its_key_is_rejected(desk):
    """The problem of the key comes before the others; what is not a record has no key."""
    pairs = list(
        evaluate_many(
            desk, [{"work": 7}, {"work": 101}, {"work": None}, 5], key="id", on_error="return"
        )
    )
    assert [None] * 4 == [key for key, _ in pairs]
    found = [[p.input for p in outcome.problems] for _, outcome in pairs]
    assert [["id"], ["id", "work"], ["id", "work"], ["record"]] == found
    ((_, outcome),) = evaluate_many(desk, [{}], key="work", on_error="return")
    assert ["work"] == [p.input for p in outcome.problems]


@pytest.mark.parametrize(
    ("records", "more", "error", "text"),
    [
        ({"work": 1}, {}, TypeError, "an iterable of records, not a value of type dict"),
        ("work", {}, TypeError, "an iterable of records, not a value of type str"),
        (7, {}, TypeError, "an iterable of records, not a value of type int"),
        ([], {"on_error": "skip"}, ValueError, 'expected "raise" or "return", not \'skip\''),
        ([], {"key": 5}, TypeError, "a function or the name of a field, not 5"),
    ],
)
def test_wrong_arguments_are_rejected_at_once(desk, records, more, error, text):
    """Before the first record is asked for."""
    with pytest.raises(error) as raised:
        evaluate_many(desk, records, **more)
    assert text in str(raised.value)


def test_an_unsound_rubric_is_rejected_at_once(desk):
    """Before the first record is asked for; an id is loaded for the day."""
    with pytest.raises(RulesetError, match="tier-gap"):
        evaluate_many(unsound(desk), [])
    assert [] == list(evaluate_many("customer-service", [], on="2026-10"))
