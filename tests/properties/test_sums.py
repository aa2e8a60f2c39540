"""By brute force: the totals of small forms whose sections clamp and round, and may lose parts."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules.arithmetic.range import Range
from kpirules.compiler.plan import Plan
from kpirules.toml.parser import parse
from tests.properties.mutants import HEAD, MODES
from tests.reference.whole import Reference


CLAMPS = ["", ', clamp = "0..3"', ', clamp = "2..5"', ', clamp = "1..100"']
ROUNDS = [""] + [
    f', round = {{ to = {to}, mode = "{mode}" }}' for to in ("1", "2", "0.5") for mode in MODES
]


@st.composite
def forms(draw):
    """Draw a form of one or two sections with two criteria each."""
    sections = []
    for i in range(draw(st.integers(1, 2))):
        weight = draw(st.sampled_from([2, 4, 6]))
        criteria = [
            f'{{ id = "c{i}{j}", weight = {weight // 2}, scale = {draw(st.integers(2, 3))}, '
            f'missing = "{draw(st.sampled_from(["error", "exclude", "zero"]))}" }}'
            for j in range(2)
        ]
        if draw(st.integers(0, 9)) == 0:
            criteria = [f'{{ id = "u{i}", scored = false, scale = 3 }}']
        settled = draw(st.sampled_from(CLAMPS)) + draw(st.sampled_from(ROUNDS))
        sections.append(
            f'{{ id = "s{i}", weight = {weight}{settled}, criterion = [{", ".join(criteria)}] }}'
        )
    text = f'weights_total = "sum"\nfull_marks = 10\nsection = [{", ".join(sections)}]\n'
    return parse(HEAD + text + '[total]\nrange = "any"\n', "x.rubric.toml")


@given(forms())
def test_the_totals_that_occur_are_those_of_all_records(rubric):
    """Each total of some record and no other; and the returned ratings add up to it."""
    plan = Plan(rubric)
    scored = [c for c in plan.criteria if c.is_scored]
    assume(scored and plan.weights_hold)
    each = [
        [None] * (c.criterion.missing != "error") + list(range(int(c.scale) + 1)) for c in scored
    ]
    occurring = set()
    for ratings in product(*each):
        record = {c.id: v for c, v in zip(scored, ratings, strict=True) if v is not None}
        total, _ = Reference(rubric, record).before()
        occurring |= set() if total is None else {total}
    rising = sorted(occurring)
    assert rising == [plan.totals.first_in(Range.exactly(total)) for total in rising]
    ends = [None, *((total, 1) for total in rising)]
    starts = [*((total, 0) for total in rising), None]
    between = [Range(low, high) for low, high in zip(ends, starts, strict=True)]
    assert [None] * len(between) == [plan.totals.first_in(span) for span in between]
    for total in rising:
        record = dict(plan.totals.record(total))
        assert Fraction(total) == Reference(rubric, record).before()[0]
