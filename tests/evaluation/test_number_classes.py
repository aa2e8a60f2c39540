"""Classes of whole numbers: a reader allows all of a class, or rejects all for the same reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpirules.arithmetic.number import LIMIT
from kpirules.compiler.plan import Plan
from kpirules.evaluation.number_classes import classes_of
from kpirules.evaluation.record import RefusedError, readers_of
from kpirules.testing import rubrics


WHOLE = st.integers(-120, 1_200) | st.sampled_from([-LIMIT, 1 - LIMIT, LIMIT - 1, LIMIT])


def outcome(reader, value):
    """Return why a reader rejects a value; None if it does not."""
    try:
        reader.read(value)
    except RefusedError as error:
        return error.reason
    return None


@given(rubric=rubrics(), values=st.lists(WHOLE, min_size=2, max_size=40))
def test_whole_numbers_of_a_class_are_read_alike(rubric, values):
    """By every reader of numbers of random rubrics."""
    for reader in readers_of(Plan(rubric)).values():
        class_of = classes_of(reader)
        if class_of is None:
            continue
        outcomes = {class_of(value): outcome(reader, value) for value in values}
        for value in values:
            assert outcomes[class_of(value)] == outcome(reader, value)
