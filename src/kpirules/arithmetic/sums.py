"""Sets of totals: the reachable sums of points, and ratings that add up to one."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import attrs

from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.domain import AnyOf
from kpirules.arithmetic.number import Number, canonical
from kpirules.arithmetic.range import Range


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.arithmetic.domain import Reachable


#: a byte that is not 0
_NOT_0 = re.compile(rb"[^\0]")

#: the possible points of a criterion: the first, the step, and their count
Steps: TypeAlias = tuple[Number, Number, int]


@attrs.frozen(kw_only=True)
class Stage:
    """One criterion added to the previous ones."""

    #: the criterion; empty for a section
    criterion: str
    #: the number of units that one point adds
    share: Number
    steps: tuple[Steps, ...]
    #: of a section that clamps or rounds: its sums, and one of them for each subtotal
    section: tuple[ExactTotals, dict[Number, Number]] | None = None
    #: the totals before this stage, and the least of them
    before: int
    least: int

    def had(self, units: int) -> bool:
        """Check whether a total is reachable before this criterion is added."""
        return units >= self.least and bool(self.before >> (units - self.least) & 1)


@attrs.frozen(kw_only=True)
class ExactTotals:
    """The set of totals as one integer: bit ``i`` is the total ``least + i`` units."""

    bits: int
    least: int
    #: the number of units in 1
    units: int
    stages: tuple[Stage, ...]
    #: whether all of them are reachable; of formulas only an interval and a step are known
    exact: bool = True

    @property
    def cost(self) -> int:
        """Return the cost of one query, in steps of the budget."""
        return 40

    def _positions(self, span: Range) -> tuple[int, int]:
        """Return the first bit position in a range, and the one after the last."""
        first, end = 0, self.bits.bit_length()
        if span.low is not None:
            value, after = span.low
            place = Fraction(value) * self.units - self.least
            first = max(0, place.__floor__() + 1 if after else place.__ceil__())
        if span.high is not None:
            value, after = span.high
            place = Fraction(value) * self.units - self.least
            # the range may end far beyond the totals
            end = min(end, place.__floor__() + 1 if after else place.__ceil__())
        return first, end

    @cached_property
    def _bytes(self) -> bytes:
        """Return the bits as bytes; finding the next bit there needs no shift of all bits."""
        return self.bits.to_bytes(self.bits.bit_length() // 8 + 1, "little")

    def _total(self, place: int) -> Number:
        """Return the total of a bit."""
        return canonical(Fraction(self.least + place, self.units))

    def first_in(self, span: Range) -> Number | None:
        """Return the least total in a range, or None."""
        first, end = self._positions(span)
        if first >= end:
            return None
        at, within = divmod(first, 8)
        bits = self._bytes[at] >> within << within
        if not bits:
            # there is one: the last byte has a bit, that of the greatest total
            at = next(_NOT_0.finditer(self._bytes, at + 1)).start()
            bits = self._bytes[at]
        place = 8 * at + (bits & -bits).bit_length() - 1
        return self._total(place) if place < end else None

    def last_in(self, span: Range) -> Number | None:
        """Return the greatest total in a range, or None."""
        first, end = self._positions(span)
        bits = self.bits & (1 << max(0, end)) - 1
        return self._total(bits.bit_length() - 1) if bits >> first else None

    def numbers(self) -> Iterator[Number]:
        """Yield all totals, rising."""
        digits = f"{self.bits:b}"
        return (self._total(i) for i, digit in enumerate(reversed(digits)) if digit == "1")

    def record(self, total: Number) -> tuple[tuple[str, Number], ...]:
        """Return ratings by criterion that add up to a reachable total."""
        left = int(Fraction(total) * self.units)
        ratings: list[tuple[str, Number]] = []
        for stage in reversed(self.stages):
            rests = ((points, left - int(points * stage.share)) for points in _each(stage.steps))
            points, left = next((p, rest) for p, rest in rests if stage.had(rest))
            if stage.section is None:
                ratings.append((stage.criterion, points))
            else:
                sums, before = stage.section
                ratings += reversed(sums.record(before[points]))
        return tuple(reversed(ratings))


@attrs.frozen(kw_only=True)
class GridTotals:
    """All multiples of a step, or all numbers, between two endpoints: a superset."""

    domain: Range
    #: None: any number between the endpoints
    step: Number | None
    #: the totals between the endpoints, if more is known about them
    known: Reachable | None = None
    exact: ClassVar[bool] = False

    @property
    def cost(self) -> int:
        """Return the cost of one query, in steps of the budget."""
        return 10 if self.known is None else self.known.cost

    def first_in(self, span: Range) -> Number | None:
        """Return the least total in a range, or None."""
        return Axis(domain=self.domain, step=self.step, known=self.known).least_in(span)

    def last_in(self, span: Range) -> Number | None:
        """Return the greatest total in a range, or None: of the grid, if nothing more is known."""
        met = self.domain.meet(span)
        if met is not None and self.step is not None:
            met = met.on_grid(self.step)
        return met.high[0] if met is not None and met.high is not None else None

    def record(self, total: Number) -> tuple[tuple[str, Number], ...]:
        """Return ratings by criterion that add up to a total, if they are known."""
        every = self.known.every if isinstance(self.known, AnyOf) else ()
        known = [each for each in every if isinstance(each, ExactTotals)]
        at = Range.exactly(total)
        return next((e.record(total) for e in known if e.first_in(at) is not None), ())


#: the reachable totals: exactly these, or a superset
Totals: TypeAlias = ExactTotals | GridTotals


def spread(bits: int, step: int, count: int) -> int:
    """Return the union of ``count`` copies, each shifted by ``step``; doubling, not counting."""
    have = 1
    while have < count:
        more = min(have, count - have)
        bits |= bits << (more * step)
        have += more
    return bits


def extent(steps: tuple[Steps, ...], share: Number) -> int:
    """Return the number of units between a criterion's least and greatest points."""
    lows = [first for first, _, _ in steps]
    highs = [first + step * (count - 1) for first, step, count in steps]
    return int((max(highs) - min(lows)) * share)


def _each(steps: tuple[Steps, ...]) -> Iterator[Number]:
    """Yield the points one by one, in the order of the steps."""
    return (
        canonical(Fraction(first + i * step)) for first, step, count in steps for i in range(count)
    )
