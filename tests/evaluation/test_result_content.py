"""A result for attrs and cattrs: five fields, which are also its constructor's parameters."""

from __future__ import annotations

import copy
import json
import pickle
import weakref

import attrs
import cattrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import Exact, Result, evaluate, load
from kpirules.testing import records, rubrics
from tests.drawing import share


FIELDS = ["form", "inputs", "lines", "derived", "verdict"]


@pytest.fixture(scope="module")
def result():
    """Score the record of the first example of the shipped ruleset."""
    rubric = load("customer-service")
    return evaluate(rubric, dict(rubric.examples[0].ratings))


def as_lists(tree):
    """Return a tree with lists for tuples, in which attrs and cattrs differ."""
    if isinstance(tree, dict):
        return {name: as_lists(value) for name, value in tree.items()}
    return [*map(as_lists, tree)] if isinstance(tree, (list, tuple)) else tree


def test_attrs_and_cattrs_give_all_of_a_result(result):
    """Its five fields with all that they hold, as dictionaries; numbers stay exact."""
    for tree in (attrs.asdict(result), cattrs.unstructure(result)):
        assert FIELDS == list(tree)
        assert result.form.rubric == tree["form"]["rubric"]
        assert result.total == tree["verdict"]["total"]
        assert [line.criterion for line in result.lines] == [x["criterion"] for x in tree["lines"]]
        assert Exact is type(tree["lines"][0]["points"])
        assert result.inputs == tree["inputs"]


def test_a_changed_copy_has_the_change_and_no_other(result):
    """`attrs.evolve` copies; the copy of a part changes the result, whose original stays."""
    assert result == attrs.evolve(result)
    changed = attrs.evolve(result, verdict=attrs.evolve(result.verdict, total=Exact(90)))
    assert (Exact(90), result.lines) == (changed.total, changed.lines)
    assert changed != result
    assert "90" == json.loads(changed.to_json())["total"]


def test_a_result_never_changes(result):
    """Neither its fields nor what follows from them can be set."""
    for name in (*FIELDS, "total", "other"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(result, name, None)


@share(1 / 2)
@given(st.data(), rubrics())
def test_the_fields_are_all_of_a_result(data, rubric):
    """A result of its fields, a copy, and one from a pickle are equal and give the same JSON."""
    result = evaluate(rubric, data.draw(records(rubric)))
    fields = {name: getattr(result, name) for name in FIELDS}
    for same in (
        Result(**fields),
        attrs.evolve(result),
        copy.deepcopy(result),
        pickle.loads(pickle.dumps(result)),  # noqa: S301 - our own bytes
    ):
        assert (result, result.to_json()) == (same, same.to_json())
    assert as_lists(attrs.asdict(result)) == as_lists(cattrs.unstructure(result))
    assert result is weakref.ref(result)()
