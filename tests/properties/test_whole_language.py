"""The whole language against the slow reference, which was written from the documents alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpirules import Result, check, evaluate
from kpirules.testing import rubrics
from kpirules.testing.record_strategies import wild_records
from tests.comparing import worked_out
from tests.reference.whole import reference


@given(st.data())
def test_every_stage_of_every_record_is_what_the_reference_says(data):
    """Random sound rubrics of the whole language, random records: all stages agree, or both refuse."""
    rubric = data.draw(rubrics())
    errors = [str(f) for f in check(rubric) if f.severity == "error"]
    assert not errors
    record = data.draw(wild_records(rubric))
    expected = reference(rubric, record)
    # twice: the long way, and the way that knows it
    assert expected == worked_out(rubric, record)
    assert expected == worked_out(rubric, record)
    if expected is not None:
        result = evaluate(rubric, record)
        assert result == Result.from_json(result.to_json())
        assert result.to_json() == Result.from_json(result.to_json()).to_json()
        assert result.explain("zh")
        assert result.explain("en")
