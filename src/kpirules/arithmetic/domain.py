"""Domains: numbers of several ranges, each on its own grid, with holes between them."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING, Protocol

import attrs

from kpirules.arithmetic.number import Number, canonical, multiple
from kpirules.arithmetic.range import Range, join


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.arithmetic.range import Cut


#: the maximum number of grids by which the parts of a domain are grouped
MAX_GRIDS = 16


class Reachable(Protocol):
    """A set of numbers whose least member in any range is known."""

    @property
    @abstractmethod
    def cost(self) -> int:
        """Return the cost of one query, in steps of the budget."""

    def first_in(self, span: Range) -> Number | None:
        """Return the least member in a range (see :meth:`Range.least`), or None."""


@attrs.frozen
class Part:
    """The numbers of a range that are multiples of a step; without a step, all of them."""

    span: Range
    step: Number | None = None

    @classmethod
    def of(cls, low: Number | None, high: Number | None, step: Number | None) -> Part | None:
        """Return the part between two endpoints, both included; None if it is empty."""
        span = Range(None if low is None else (low, 0), None if high is None else (high, 1))
        if not step or span.only is not None:
            return cls(span)
        met = span.on_grid(step)
        return None if met is None else cls(met, step)

    def within(self, span: Range) -> Part | None:
        """Return the numbers of the part that lie in a range; None if there are none."""
        met = self.span.meet(span)
        if met is not None and self.step and self.span.only is None:
            met = met.on_grid(self.step)
        return None if met is None else Part(met, self.step)

    def contains(self, value: Number) -> bool:
        """Check whether a number belongs to the part."""
        return self.span.contains(value) and (not self.step or multiple(value, self.step))

    def first_in(self, span: Range) -> Number | None:
        """Return the least number in a range, or None."""
        met = self.span.meet(span)
        return None if met is None else met.least(self.step)

    @property
    def size(self) -> int | None:
        """Return the count of its numbers; None if it is infinite."""
        if self.span.only is not None:
            return 1
        if not self.step or self.span.low is None or self.span.high is None:
            return None
        return int(Fraction(self.span.high[0] - self.span.low[0]) / self.step) + 1

    def on_grid(self, step: Number) -> Part | None:
        """Return the multiples of a step among its numbers; None if there are none."""
        if self.span.only is not None:
            return self if multiple(self.span.only, step) else None
        both = _common_multiple(self.step or step, step)
        span = self.span.on_grid(both)
        return None if span is None else Part(span, both)

    def numbers(self) -> list[Number]:
        """Return all numbers of a finite part, rising."""
        first = self.first_in(Range()) or 0
        return [canonical(first + i * Fraction(self.step or 0)) for i in range(self.size or 0)]


def _common_multiple(one: Number, other: Number) -> Number:
    """Return the least common multiple of two numbers."""
    a, b = Fraction(one), Fraction(other)
    above = lcm(a.numerator * b.denominator, b.numerator * a.denominator)
    return canonical(Fraction(above) / (a.denominator * b.denominator))


@attrs.frozen
class Domain:
    """The union of several parts.

    >>> domain = Domain((Part(Range.exactly(1)), Part(Range.closed(4, 6), 1)))
    >>> domain.first_in(Range.parse("> 1")), domain.first_in(Range.parse("2..3"))
    (4, None)
    """

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, parts: Iterable[Part | None]) -> Domain:
        """Return the domain of the non-empty parts, without duplicates."""
        return cls(tuple(dict.fromkeys(part for part in parts if part is not None)))

    @property
    def cost(self) -> int:
        """Return the cost of one query, in steps of the budget."""
        return 10 * len(self._grids)

    def first_in(self, span: Range) -> Number | None:
        """Return the least number in a range, or None."""
        found = (_first_in(parts, ends, span) for parts, ends in self._grids)
        return min((value for value in found if value is not None), default=None)

    @cached_property
    def _grids(self) -> list[tuple[list[Part], list[Cut]]]:
        """Return the parts by grid, joined and rising, with all upper endpoints but the last.

        Parts of more than :data:`MAX_GRIDS` grids are treated as if they held every number.
        """
        spans: dict[Number | None, list[Range]] = {}
        for part in self.parts:
            step = part.step if part.step in spans or len(spans) < MAX_GRIDS else None
            spans.setdefault(step or None, []).append(part.span)
        found: list[tuple[list[Part], list[Cut]]] = []
        for step, each in spans.items():
            joined = join(each, step)
            ends = [span.high for span in joined if span.high is not None]
            found.append(([Part(span, step) for span in joined], ends))
        return found


def _first_in(parts: list[Part], ends: list[Cut], span: Range) -> Number | None:
    """Return the least number in a range; the parts are disjoint, rising and on one grid."""
    at = 0 if span.low is None else bisect_right(ends, span.low)
    # the range may end before the next number of the first part, and begin after its last one
    found = (part.first_in(span) for part in parts[at : at + 2])
    return next((value for value in found if value is not None), None)


@attrs.frozen
class AnyOf:
    """The union of several sets of numbers."""

    every: tuple[Reachable, ...]

    @property
    def cost(self) -> int:
        """Return the cost of one query, in steps of the budget."""
        return sum(each.cost for each in self.every)

    def first_in(self, span: Range) -> Number | None:
        """Return the least number in a range, or None."""
        found = (each.first_in(span) for each in self.every)
        return min((value for value in found if value is not None), default=None)
