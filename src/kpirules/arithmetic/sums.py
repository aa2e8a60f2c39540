"""Sets of totals: which sums of points can occur, and ratings that add up to one."""

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


#: a byte that has a bit
_NOT_0 = re.compile(rb"[^\0]")

#: points that a criterion can give: the first, the distance to the next, and how many
Steps: TypeAlias = tuple[Number, Number, int]


@attrs.frozen(kw_only=True)
class Stage:
    """One criterion added to those before it."""

    #: the criterion; empty for a section
    criterion: str
    #: what one point adds, counted in units
    share: Number
    steps: tuple[Steps, ...]
    #: of a section that clamps or rounds: its sums, and one of them for each subtotal
    section: tuple[ExactTotals, dict[Number, Number]] | None = None
    #: the totals before it, and the least of them
    before: int
    least: int

    def had(self, units: int) -> bool:
        """Say whether a total could occur before the criterion was added."""
        return units >= self.least and bool(self.before >> (units - self.least) & 1)


@attrs.frozen(kw_only=True)
class ExactTotals:
    """The set of totals as one whole number: bit ``i`` stands for ``least + i`` units."""

    bits: int
    least: int
    #: so many units make 1
    units: int
    stages: tuple[Stage, ...]
    #: all of them can occur; of formulas only bounds and a grid are known, so that some may not
    exact: bool = True

    @property
    def cost(self) -> int:
        """What it costs to ask for a number, counted in steps of the effort."""
        return 40

    def _places(self, span: Range) -> tuple[int, int]:
        """Return the first place in a range, and the one after the last."""
        first, end = 0, self.bits.bit_length()
        if span.low is not None:
            value, after = span.low
            place = Fraction(value) * self.units - self.least
            first = max(0, place.__floor__() + 1 if after else place.__ceil__())
        if span.high is not None:
            value, after = span.high
            place = Fraction(value) * self.units - self.least
            # a range may end far beyond the totals
            end = min(end, place.__floor__() + 1 if after else place.__ceil__())
        return first, end

    @cached_property
    def _bytes(self) -> bytes:
        """The bits, eight in a byte, so that the next one is found without moving all of them."""
        return self.bits.to_bytes(self.bits.bit_length() // 8 + 1, "little")

    def _total(self, place: int) -> Number:
        """Give the total that a bit stands for."""
        return canonical(Fraction(self.least + place, self.units))

    def first_in(self, span: Range) -> Number | None:
        """Give the least total in a range, or None."""
        first, end = self._places(span)
        if first >= end:
            return None
        at, within = divmod(first, 8)
        bits = self._bytes[at] >> within << within
        if not bits:
            found = _NOT_0.search(self._bytes, at + 1)
            if found is None:
                return None
            at = found.start()
            bits = self._bytes[at]
        place = 8 * at + (bits & -bits).bit_length() - 1
        return self._total(place) if place < end else None

    def last_in(self, span: Range) -> Number | None:
        """Give the greatest total in a range, or None."""
        first, end = self._places(span)
        bits = self.bits & (1 << max(0, end)) - 1
        return self._total(bits.bit_length() - 1) if bits >> first else None

    def numbers(self) -> Iterator[Number]:
        """Yield all totals, rising."""
        digits = f"{self.bits:b}"
        return (self._total(i) for i, digit in enumerate(reversed(digits)) if digit == "1")

    def record(self, total: Number) -> tuple[tuple[str, Number], ...]:
        """Give ratings by criterion that add up to a total that can occur."""
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
    """Every step of a grid, or every number, between two ends: which totals occur is not known."""

    domain: Range
    #: None: any number between the ends
    step: Number | None
    #: the totals between the ends, where more is known of them
    known: Reachable | None = None
    exact: ClassVar[bool] = False

    @property
    def cost(self) -> int:
        """What it costs to ask for a number, counted in steps of the effort."""
        return 10 if self.known is None else self.known.cost

    def first_in(self, span: Range) -> Number | None:
        """Give the least total in a range, or None."""
        return Axis(domain=self.domain, step=self.step, known=self.known).least_in(span)

    def last_in(self, span: Range) -> Number | None:
        """Give the greatest total in a range, or None: of the grid, where more is not known."""
        met = self.domain.meet(span)
        if met is not None and self.step is not None:
            met = met.on_grid(self.step)
        return met.high[0] if met is not None and met.high is not None else None

    def record(self, total: Number) -> tuple[tuple[str, Number], ...]:
        """Give ratings by criterion that add up to a total, where those are known."""
        every = self.known.every if isinstance(self.known, AnyOf) else ()
        known = [each for each in every if isinstance(each, ExactTotals)]
        at = Range.exactly(total)
        return next((e.record(total) for e in known if e.first_in(at) is not None), ())


#: which totals can occur: exactly these, or at most these
Totals: TypeAlias = ExactTotals | GridTotals


def spread(bits: int, step: int, count: int) -> int:
    """Give the union of so many copies, each a step above the last: doubled rather than counted."""
    have = 1
    while have < count:
        more = min(have, count - have)
        bits |= bits << (more * step)
        have += more
    return bits


def extent(steps: tuple[Steps, ...], share: Number) -> int:
    """Say how many units lie between a criterion's least and greatest points."""
    lows = [first for first, _, _ in steps]
    highs = [first + step * (count - 1) for first, step, count in steps]
    return int((max(highs) - min(lows)) * share)


def _each(steps: tuple[Steps, ...]) -> Iterator[Number]:
    """Give points one by one, as the steps come."""
    return (
        canonical(Fraction(first + i * step)) for first, step, count in steps for i in range(count)
    )
