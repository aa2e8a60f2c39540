"""What is certain of a draft: the names that no further value can change."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import loads
from kpirules.api.programs import program_of
from kpirules.arithmetic.range import Range
from kpirules.evaluation.certain import certain_of
from kpirules.testing import records, rubrics
from tests.drawing import share


TEXT = """
schema = 1
id = "x"
full_marks = 10
inputs.late = { type = "count" }
inputs.kind = { type = "choice", options = ["sales", "desk"], default = "desk" }
inputs.sold = { type = "count", range = "0..9" }
[derive.often]
formula = "late * 2"
[[criterion]]
id = "a"
weight = 6
scale = 3
bands = [
    { when = { kind = "desk", late = 0 }, points = 3 },
    { when = { kind = "desk", late = ">= 1" }, points = "0..2" },
    { when = { kind = "sales" }, formula = "sold / 3" },
]
[[criterion]]
id = "b"
weight = 4
missing = "zero"
[[criterion]]
id = "note"
scored = false
"""


@pytest.fixture(scope="module")
def program():
    return program_of(loads(TEXT))


def certain(program, **given):
    """Return what is certain of a record."""
    return certain_of(program.evaluator.run(given, program.evaluator.context.order))


def test_values_of_certain_names_are_certain(program):
    """A derived fact of what is given; not a default, nor what needs one."""
    found = certain(program, late=2)
    assert {"late": 2, "often": 4} == found.values
    assert {} == found.points


def test_points_are_certain_by_rating_or_by_facts(program):
    """The facts of the band that holds are enough; of a band to award within, its range is."""
    assert {"a": 1} == certain(program, a=1).points
    assert {"a": 3} == certain(program, kind="desk", late=0).points
    assert {"a": Range.closed(0, 2)} == certain(program, kind="desk", late=1).points
    assert {"a": Fraction(4, 3)} == certain(program, kind="sales", late=0, sold=4).points
    assert {} == certain(program, kind="sales", late=0).points


def test_a_policy_for_missing_values_is_not_certain(program):
    """The points may still be given; the total is certain when they are, whatever the remark."""
    found = certain(program, a=3)
    assert ({"a": 3}, False) == (found.points, "total" in found.values)
    assert 10 == certain(program, a=3, b=4).values["total"]


@share(1 / 2)
@given(st.data(), rubrics())
def test_what_is_certain_does_not_change(data, rubric):
    """Each certain value of a draft is that of every record that completes it."""
    record = data.draw(records(rubric))
    program = program_of(rubric)
    context = program.evaluator.context
    given_, _ = context.readings.read(record)
    draft = {n: v for n, v in given_.items() if data.draw(st.booleans())}
    found = certain(program, **draft)
    after = program.evaluator.run(given_, context.order).values
    assert found.values == {name: after[name] for name in found.values}
