"""Hypothesis strategies and hand-made pools of hard values, shared by the tests."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from kpirules.arithmetic.number import canonical
from kpirules.arithmetic.range import Range


#: numbers where things change: ends, one step beside them, halves, signs
HARD_NUMBERS = [0, 1, -1, 2, 3, 7, 10, 59, 60, 79, 80, 89, 90, 100]
HARD_NUMBERS += [Fraction(1, 2), Fraction(-1, 2), Fraction(179, 2), Fraction(1, 10), Fraction(5, 2)]

numbers = st.one_of(
    st.sampled_from(HARD_NUMBERS),
    st.integers(-120, 120),
    st.fractions(-120, 120, max_denominator=8),
).map(lambda v: canonical(Fraction(v)))

#: numbers with a finite decimal form, as a file can spell them
decimals = st.one_of(
    st.sampled_from([v for v in HARD_NUMBERS if Fraction(v).denominator in (1, 2, 5, 10)]),
    st.integers(-1200, 1200).map(lambda v: Fraction(v, 10)),
).map(lambda v: canonical(Fraction(v)))

steps = st.sampled_from([1, 2, 5, Fraction(1, 2), Fraction(1, 10), Fraction(3, 4)])


@st.composite
def ranges(draw, values=numbers):
    """Any range that is not empty, with each kind of end."""
    low = draw(st.none() | st.tuples(values, st.sampled_from([0, 1])))
    high = draw(st.none() | st.tuples(values, st.sampled_from([0, 1])))
    if low is not None and high is not None:
        if low == high:
            high = (high[0], 1)
            low = (low[0], 0)
        low, high = min(low, high), max(low, high)
    return Range(low, high)
