"""The whole language against the slow reference, which was written from the documents alone."""

from __future__ import annotations

from decimal import Decimal

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules import Result, check, evaluate
from kpirules.compiler.plan import Plan
from kpirules.model import Criterion
from kpirules.testing import records, rubrics
from kpirules.testing.record_strategies import wild_records
from tests.comparing import worked_out
from tests.drawing import share
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


@st.composite
def with_defaults(draw):
    """Draw a rubric whose facts have defaults, and in which one line shows the points of another."""
    rubric = draw(rubrics())
    facts = [
        attrs.evolve(fact, default=draw(_default(fact))) if draw(st.booleans()) else fact
        for fact in rubric.inputs
    ]
    shown = Criterion(id="shown", formula="points.item_0", scored=False, weight=None)
    if not rubric.sections:
        return attrs.evolve(rubric, inputs=facts, criteria=(*rubric.criteria, shown))
    *before, last = rubric.sections
    last = attrs.evolve(last, criteria=(*last.criteria, shown))
    return attrs.evolve(rubric, inputs=facts, sections=(*before, last))


def _default(fact):
    """Draw a default of an input; a list has none."""
    if fact.many:
        return st.none()
    if fact.type == "flag":
        return st.booleans()
    if fact.type == "choice":
        return st.sampled_from([option.code for option in fact.options])
    low = fact.range.low[0] if fact.range is not None and fact.range.low else 0
    return st.sampled_from([Decimal(low), Decimal(low) + 1])


@share(1 / 5)
@given(st.data())
def test_facts_without_their_defaults_decide_beside_a_rating(data):
    """Of lines that are rated although their facts have defaults, or depend on those of others."""
    rubric = data.draw(with_defaults())
    assume(not any(f.severity == "error" for f in check(rubric)))
    facts = {fact.name for fact in rubric.inputs}
    shown = next(c for c in Plan(rubric).criteria if c.id == "shown")
    for _ in range(3):
        drawn = data.draw(records(rubric)) | data.draw(wild_records(rubric))
        some = data.draw(st.sets(st.sampled_from(sorted(facts)))) if facts else set()
        rated = {n for n in drawn if n.startswith("item_0")} if data.draw(st.booleans()) else set()
        record = {n: v for n, v in drawn.items() if n not in some | rated}
        if "shown" in record or not rubric.raters:
            rating = data.draw(st.integers(0, 5))
            # a rating that no facts can give is rejected: the reference does not know which ones
            if any(part.contains(rating) for part in shown.allowed.parts):
                record.setdefault("shown", rating)
        assert reference(rubric, record) == worked_out(rubric, record)
