"""Results in pickles: what they hold, and how many bytes that takes."""

from __future__ import annotations

import copy
import pickle
import random
import subprocess
import sys

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import Result, Text, evaluate, evaluate_many, load, loads
from kpirules._internal.positional import restored
from kpirules.arithmetic.range import Range
from kpirules.testing import records, rubrics
from tests.drawing import share
from tests.reference.customer_service import random_record


@pytest.fixture(scope="module")
def many():
    """Score a hundred records of the shipped ruleset."""
    rng = random.Random(1)
    rubric = load("customer-service")
    return list(evaluate_many(rubric, (random_record(rng, direct=False) for _ in range(100))))


def unpickled(value):
    """Return what a pickle of a value holds."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes


def test_results_pickled_together_take_a_fraction_of_a_kilobyte_each(many):
    """At most 1.5 KiB each of ten, 400 bytes of a hundred, 5 000 of one alone."""
    assert len(pickle.dumps(many[:10])) / 10 <= 1_536
    assert len(pickle.dumps(many)) / 100 <= 400
    assert len(pickle.dumps(many[0])) <= 5_000


def test_results_pickled_together_share_their_parts(many):
    """Lines of the same values are the same object, as before; so is what all results share."""
    again = unpickled(many)
    assert again == many
    assert 1 == len({id(result.form) for result in again})
    kept = [{id(result.lines[0]) for result in each} for each in (many, again)]
    assert len(kept[0]) == len(kept[1])
    assert [r.to_json() for r in many] == [r.to_json() for r in again]


def test_results_pickled_apart_share_what_is_the_same_in_all(many):
    """The form of the second is that of the first."""
    one, other = (unpickled(result) for result in many[:2])
    assert one.form is other.form
    assert [many[0].form, many[0].form.options, many[0].package] == [
        one.form,
        one.form.options,
        one.package,
    ]


def test_a_process_that_does_not_know_the_ruleset_reads_a_pickle(tmp_path):
    """The total, the label of the tier and the explanation, without the ruleset's file."""
    rubric = loads(
        'schema = 1\nid = "x"\nlabel = "Wärter ⚑"\ncriterion = [{ id = "a", weight = 100 }]\n'
        'tier = [{ id = "all", label = "每个", total = "any" }]'
    )
    result = evaluate(rubric, {"a": "70"})
    path = tmp_path / "result.pickle"
    path.write_bytes(pickle.dumps(result))
    code = (
        "import pickle, sys; r = pickle.load(open(sys.argv[1], 'rb')); "
        "sys.stdout.buffer.write((r.explain('zh') + r.to_json()).encode())"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True)
    assert result.explain("zh") + result.to_json() == done.stdout.decode()


def test_a_pickle_of_a_pickle_is_the_same(many):
    """Results go through several processes."""
    assert many[:3] == unpickled(unpickled(many[:3]))


def test_a_copy_of_a_result_is_the_result(many):
    """It never changes."""
    assert many[0] is copy.copy(many[0]) is copy.deepcopy(many[0])


def test_a_result_of_fields_of_ones_own_is_pickled(many):
    """With other labels than the ruleset has."""
    form = attrs.evolve(many[0].form, label=Text.of({"en": "Other"}), package=None)
    changed = attrs.evolve(many[0], form=form)
    assert (changed, None, "Other") == (
        again := unpickled(changed),
        again.package,
        str(again.form.label),
    )


@share(1 / 2)
@given(st.data(), rubrics())
def test_a_pickle_holds_all_of_a_result(data, rubric):
    """Of any ruleset: equal, with the same JSON, also of several results together."""
    some = [evaluate(rubric, data.draw(records(rubric))) for _ in range(2)]
    again = unpickled(some)
    assert some == again
    assert [each.to_json() for each in some] == [each.to_json() for each in again]
    assert [Result] * 2 == [type(each) for each in again]


@pytest.mark.parametrize(
    "value", [Range.parse("3 .. < 7"), Range(), Text.of("a"), Text.of({"en": "b"})]
)
def test_a_value_is_pickled_without_the_names_of_its_fields(value):
    """It is equal to what the pickle gives, which has no name of a field."""
    data = pickle.dumps(value)
    assert value == pickle.loads(data)  # noqa: S301 - our own bytes
    assert value == copy.deepcopy(value)
    assert not [f.name for f in attrs.fields(type(value)) if f.name.encode() in data]


def test_a_value_of_other_fields_is_not_restored():
    """A pickle of a version whose class has more or fewer fields."""
    with pytest.raises(ValueError, match="shorter"):
        restored(Range, (1, 0))
