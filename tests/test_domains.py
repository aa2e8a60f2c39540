"""Domains: the least of many numbers, each on a grid of its own, found without looking at all."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kpirules.domains import MOST_GRIDS, AnyOf, Domain, Part
from kpirules.ranges import Range
from kpirules.reach import ExactTotals, GridTotals
from strategies import ranges


NUMBERS = st.fractions(-20, 20, max_denominator=4)
ENDS = st.tuples(NUMBERS, NUMBERS).map(sorted)
STEPS = st.sampled_from([None, 1, 2, 3, Fraction(1, 2), Fraction(3, 4)])
PARTS = st.lists(st.builds(lambda ends, step: Part.of(*ends, step), ENDS, STEPS), max_size=12)


@given(PARTS, ENDS)
def test_the_least_number_is_that_of_one_of_the_parts(parts, ends):
    """Between two ends, the least is the least of what each part gives."""
    domain, span = Domain.of(parts), Range.closed(*ends)
    each = (part.first_in(span) for part in domain.parts)
    assert min((v for v in each if v is not None), default=None) == domain.first_in(span)


@given(PARTS, ranges())
def test_what_is_found_belongs_to_the_domain(parts, span):
    """With open ends too, a number is found if and only if a part has one there, and is its."""
    domain = Domain.of(parts)
    found = domain.first_in(span)
    has = any(part.first_in(span) is not None for part in domain.parts)
    assert has == (found is not None)
    assert found is None or (span.contains(found) and any(p.contains(found) for p in domain.parts))


def test_of_many_grids_the_later_parts_hold_every_number():
    """Beyond so many grids a domain may hold more numbers than its parts, and never fewer."""
    parts = [Part.of(0, 100, Fraction(i, 7)) for i in range(1, 3 * MOST_GRIDS)]
    domain = Domain.of(parts)
    span = Range.parse("> 1 .. < 1.01")
    assert [None] * len(parts) == [part.first_in(span) for part in parts]
    assert span.contains(domain.first_in(span))
    assert 10 * (MOST_GRIDS + 1) >= domain.cost


@given(st.integers(1, 2**80), st.integers(-30, 30), ranges())
def test_totals_are_found_by_their_bits(bits, least, span):
    """The least and greatest totals in a range are those of the bits that are set there."""
    totals = ExactTotals(bits=bits, least=least, units=3, stages=())
    every = [Fraction(least + i, 3) for i in range(bits.bit_length()) if bits >> i & 1]
    there = [total for total in every if span.contains(total)]
    assert (min(there, default=None), max(there, default=None)) == (
        totals.first_in(span),
        totals.last_in(span),
    )


def test_what_several_cost_is_added_up():
    """Numbers of any of several cost what each of them costs."""
    one = ExactTotals(bits=5, least=0, units=1, stages=())
    grid = GridTotals(domain=Range(), step=1)
    assert AnyOf((one, grid)).cost == one.cost + grid.cost
    assert GridTotals(domain=Range(), step=1, known=one).cost == one.cost
