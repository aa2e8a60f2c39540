"""Derived facts that are drawn: sound ones alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kpirules import check
from kpirules.model.rubric import Criterion, Derived, Input, Rubric
from kpirules.testing.derived_strategies import per_item
from kpirules.testing.part_strategies import CLAMP


@given(st.data())
def test_items_of_a_formula_are_not_divided_by_bands(data):
    """Which part of their clamp they have is not known: a band of another part would match nothing."""
    computed = Input(name="m", type="number", range=CLAMP, many=True)
    facts = (Input(name="f", type="number", range="-5..5", many=True),)
    derived, _ = data.draw(per_item("n", computed, (), ()))
    own = [
        entry for band in derived.bands or () for c in band.when.conditions for entry in c.entries
    ]
    assert own in ([], [CLAMP])
    made = Derived(name="m", many=True, formula="-abs(f - f)", clamp=CLAMP)
    rubric = Rubric(
        id="x",
        inputs=facts,
        derived=(made, derived),
        criteria=(Criterion(id="c", weight=100),),
    )
    assert [] == [finding for finding in check(rubric) if finding.severity == "error"]
