"""Sets of totals: the reachable sums of points, and ratings that add up to one."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property
from math import isqrt
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

    @property
    def lowest(self) -> int:
        """Return the number of units that the least points add."""
        return min(int(first * self.share) for first, _, _ in self.steps)

    def added_to(self, bits: int) -> int:
        """Return the totals after this stage, as bits above the least of them."""
        lowest = self.lowest
        more = 0
        for first, step, count in self.steps:
            start = bits << (int(first * self.share) - lowest)
            more |= spread(start, int(step * self.share), count)
        return more


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

    @property
    def _block(self) -> int:
        """Return the number of stages from one kept set of totals to the next."""
        return isqrt(len(self.stages)) + 1

    @cached_property
    def _kept(self) -> list[int]:
        """The totals before some of the stages.

        All others are computed from these when they are needed: a set of totals can take 100 KiB,
        and there can be 1 000 stages.
        """
        kept: list[int] = []
        bits = 1
        for i, stage in enumerate(self.stages):
            if i % self._block == 0:
                kept.append(bits)
            bits = stage.added_to(bits)
        return kept

    def _backwards(self) -> Iterator[tuple[Stage, int]]:
        """Yield the stages from the last to the first, each with the totals before it."""
        size = self._block
        for i in reversed(range(len(self._kept))):
            block = self.stages[i * size : (i + 1) * size]
            before = [self._kept[i]]
            for stage in block[:-1]:
                before.append(stage.added_to(before[-1]))
            yield from zip(reversed(block), reversed(before), strict=True)

    def record(self, total: Number) -> tuple[tuple[str, Number], ...]:
        """Return ratings by criterion that add up to a reachable total."""
        left, least = int(Fraction(total) * self.units), self.least
        ratings: list[tuple[str, Number]] = []
        for stage, before in self._backwards():
            least -= stage.lowest
            rests = ((points, left - int(points * stage.share)) for points in _each(stage.steps))
            points, left = next(
                (p, rest) for p, rest in rests if rest >= least and before >> (rest - least) & 1
            )
            if stage.section is None:
                ratings.append((stage.criterion, points))
            else:
                sums, subtotals = stage.section
                ratings += reversed(sums.record(subtotals[points]))
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
