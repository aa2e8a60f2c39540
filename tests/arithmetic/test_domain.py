"""Domains: parts with a grid each, compared with the numbers that are listed one by one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules.arithmetic.domain import MAX_GRIDS, AnyOf, Domain, Part
from kpirules.arithmetic.range import Range
from kpirules.compiler.totals import ExactTotals, GridTotals
from tests.strategies import ranges


#: all numbers that these tests look at: the grids and ends below lie on them
LINE = [Fraction(n, 12) for n in range(-120, 121)]
ENDS = st.integers(-16, 16).map(lambda n: Fraction(n, 2))
STEPS = st.sampled_from([1, 2, Fraction(1, 2), Fraction(3, 2), Fraction(2, 3)])
SPANS = ranges(ENDS)


@st.composite
def parts(draw):
    """Draw parts between two ends, on a grid, that have a number."""
    low, high = sorted((draw(ENDS), draw(ENDS)))
    part = Part.of(low, high, draw(STEPS))
    assume(part is not None)
    return part


def numbers_in(part, span=None):
    """Return the numbers of the line that a part has, within a range."""
    return [v for v in LINE if part.contains(v) and (span is None or span.contains(v))]


@given(ENDS, ENDS, STEPS)
def test_a_part_has_the_multiples_between_its_ends(one, other, step):
    """Both endpoints included; a single number is on any grid; None if there is no multiple."""
    low, high = sorted((one, other))
    part = Part.of(low, high, step)
    expected = [v for v in LINE if low <= v <= high and (v % step == 0 or low == high)]
    assert expected == ([] if part is None else part.numbers())
    if part is not None:
        assert (expected, len(expected)) == (numbers_in(part), part.size)


@pytest.mark.parametrize(
    ("expected", "part"),
    [
        (Part(Range.closed(1, 4)), Part.of(1, 4, None)),
        (Part(Range.closed(1, 4)), Part.of(1, 4, 0)),
        (Part(Range(None, (4, 1))), Part.of(None, 4, None)),
        (Part(Range((1, 0), None), 1), Part.of(Fraction(1, 2), None, 1)),
        (Part(Range()), Part.of(None, None, None)),
        (Part(Range.exactly(Fraction(1, 2))), Part.of(Fraction(1, 2), Fraction(1, 2), 1)),
        (None, Part.of(Fraction(1, 3), Fraction(1, 2), 1)),
    ],
)
def test_the_part_between_two_ends(expected, part):
    """On the grid from its first to its last number; a single number has no grid."""
    assert expected == part


@given(parts(), SPANS)
def test_numbers_within_a_range_are_in_both(part, span):
    """The numbers of the part that the range contains; None without any."""
    within = part.within(span)
    expected = numbers_in(part, span)
    assert expected == ([] if within is None else within.numbers())
    assert (expected or [None])[0] == part.first_in(span)


@given(parts(), STEPS)
def test_on_a_coarser_grid_a_part_has_the_multiples_of_both(part, step):
    """None without any, also of a single number."""
    on_grid = part.on_grid(step)
    expected = [v for v in numbers_in(part) if v % step == 0]
    assert expected == ([] if on_grid is None else on_grid.numbers())


def test_without_a_grid_or_an_end_a_part_has_no_count():
    """None, not 0."""
    assert [None, None, None, 1, 4] == [
        Part(Range.closed(1, 4)).size,
        Part(Range((1, 0), None), 1).size,
        Part(Range(None, (1, 1)), 1).size,
        Part(Range.exactly(4)).size,
        Part(Range.closed(1, 4), 1).size,
    ]
    assert [[4], [], [1, 2, 3, 4]] == [
        Part(Range.exactly(4)).numbers(),
        Part(Range.closed(1, 4)).numbers(),
        Part(Range.closed(1, 4), 1).numbers(),
    ]
    assert Part(Range((2, 0), None), 2) == Part(Range((1, 0), None)).on_grid(2).within(Range())


def test_without_a_grid_all_numbers_of_the_range_belong_to_a_part():
    """With one, its multiples."""
    third = Fraction(1, 3)
    assert Part(Range.closed(0, 1)).contains(third)
    assert not Part(Range.closed(0, 1), Fraction(1, 2)).contains(third)
    assert not Part(Range.closed(0, 1)).contains(2)
    assert Part(Range.closed(0, 1)) == Part(Range.closed(0, 3)).within(Range.closed(-1, 1))
    assert None is Part(Range.closed(0, 1)).within(Range.closed(2, 3))


@given(st.lists(parts(), max_size=3), SPANS)
def test_the_first_number_of_a_domain_is_the_least_of_its_parts(some, span):
    """None where no part has a number in the range."""
    every = [v for part in some for v in numbers_in(part, span)]
    domain = Domain.of([*some, None, *some])
    assert len(set(some)) == len(domain.parts)
    assert min(every, default=None) == domain.first_in(span)
    alone = AnyOf(tuple(Domain.of([part]) for part in some))
    assert min(every, default=None) == alone.first_in(span)


# ---------------------------------------------------------------- many parts, and sets of totals

NUMBERS = st.fractions(-20, 20, max_denominator=4)
PAIRS = st.tuples(NUMBERS, NUMBERS).map(sorted)
MANY_STEPS = st.sampled_from([None, 1, 2, 3, Fraction(1, 2), Fraction(3, 4)])
MANY_PARTS = st.lists(
    st.builds(lambda ends, step: Part.of(*ends, step), PAIRS, MANY_STEPS), max_size=12
)


@given(MANY_PARTS, PAIRS)
def test_the_least_number_is_that_of_one_of_the_parts(parts, ends):
    """Between two endpoints, the least number is the least of all parts' least numbers."""
    domain, span = Domain.of(parts), Range.closed(*ends)
    each = (part.first_in(span) for part in domain.parts)
    assert min((v for v in each if v is not None), default=None) == domain.first_in(span)


@given(MANY_PARTS, ranges())
def test_a_found_number_belongs_to_the_domain(parts, span):
    """With open ends too, a number is found if and only if a part has one there, and is its."""
    domain = Domain.of(parts)
    found = domain.first_in(span)
    has = any(part.first_in(span) is not None for part in domain.parts)
    assert has == (found is not None)
    assert found is None or (span.contains(found) and any(p.contains(found) for p in domain.parts))


def test_of_many_grids_the_later_parts_hold_every_number():
    """Beyond the limit of grids a domain may hold more numbers than its parts, and never fewer."""
    parts = [Part.of(0, 100, Fraction(i, 7)) for i in range(1, 3 * MAX_GRIDS)]
    domain = Domain.of(parts)
    span = Range.parse("> 1 .. < 1.01")
    assert [None] * len(parts) == [part.first_in(span) for part in parts]
    assert span.contains(domain.first_in(span))
    assert 10 * (MAX_GRIDS + 1) >= domain.cost


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


def test_costs_of_several_domains_add_up():
    """Numbers of any of several cost what each of them costs."""
    one = ExactTotals(bits=5, least=0, units=1, stages=())
    grid = GridTotals(domain=Range(), step=1)
    assert AnyOf((one, grid)).cost == one.cost + grid.cost
    assert GridTotals(domain=Range(), step=1, known=one).cost == one.cost
