"""Intervals of formulas that know which of their names occur together.

The interval of ``x - x`` is that of two numbers that have nothing to do with each other. A sum of
multiples of names, however, has each name once, and its interval is exact. The same is known of a
quotient of two such sums: over numbers from their least values up, it lies between the quotients
of its coefficients.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from kpirules.arithmetic.interval import highest_end, is_long, lowest_end, plus, shortened, times
from kpirules.arithmetic.number import canonical
from kpirules.formula.functions import OF_NUMBERS
from kpirules.formula.nodes import Constant, Name, Operation


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.number import Number
    from kpirules.formula.nodes import Node


#: the words of quotients
_QUOTIENTS = frozenset({"/", "ratio"})


class Linear(NamedTuple):
    """A sum: a number, and multiples of names."""

    constant: Fraction
    factors: Mapping[str, Fraction]

    @classmethod
    def of_name(cls, name: str) -> Linear:
        """Return a name alone."""
        return cls(Fraction(), {name: Fraction(1)})

    def times(self, factor: Fraction) -> Linear:
        """Return a multiple of the sum."""
        return Linear(
            self.constant * factor, {n: f * factor for n, f in self.factors.items() if factor}
        )

    def plus(self, other: Linear) -> Linear:
        """Return the sum of two sums, without the names that cancel out."""
        names = dict.fromkeys((*self.factors, *other.factors))
        added = {n: self.factors.get(n, Fraction()) + other.factors.get(n, 0) for n in names}
        return Linear(self.constant + other.constant, {n: f for n, f in added.items() if f})

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return the interval of the sum, for intervals of the names."""
        found: Bounds = (canonical(self.constant), canonical(self.constant))
        for name, factor in self.factors.items():
            found = plus(found, times(of[name], (canonical(factor), canonical(factor))))
        return shortened(found)


class Enclosure(NamedTuple):
    """What is known of a value: its interval and, if it is one, the sum that it is."""

    ends: Bounds
    linear: Linear | None = None


def enclosed(node: Node, of: Mapping[str, Enclosure], least: Mapping[str, Bounds]) -> Enclosure:
    """Return what is known of a formula: ``of`` its names, ``least`` of the names in sums."""
    if isinstance(node, Constant):
        return Enclosure((node.number, node.number), Linear(Fraction(node.number), {}))
    if isinstance(node, Name):
        return of[node.name]
    if not isinstance(node, Operation):
        return Enclosure(node.bounds({name: of[name].ends for name in node.names()}))
    parts = [enclosed(part, of, least) for part in node.arguments]
    ends = shortened(OF_NUMBERS[node.word].bounds([part.ends for part in parts]))
    sums = [part.linear for part in parts if part.linear is not None]
    if len(sums) < len(parts):
        return Enclosure(ends)
    if node.word in ("min", "max"):
        sums = _picked(sums, least, sign=1 if node.word == "min" else -1)
    linear = _linear(_word_of(node.word, parts[0].ends), sums)
    if linear is not None and not any(map(is_long, linear.factors.values())):
        return Enclosure(narrowed(ends, linear.bounds(least)), linear)
    if node.word in _QUOTIENTS:
        ends = narrowed(ends, shortened(_quotient(sums, least)))
    return Enclosure(ends)


def _word_of(word: str, ends: Bounds) -> str:
    """Return the word of an operation; of an absolute value, that of what it is in an interval."""
    low, high = ends
    if word != "abs":
        return word
    if low is not None and low >= 0:
        # the number itself, which the greatest of one number is
        return "max"
    return "neg" if high is not None and high <= 0 else word


def _linear(word: str, sums: Sequence[Linear]) -> Linear | None:
    """Return the sum that an operation over sums is; None if it is none."""
    first, *others = sums
    match word, others:
        case "neg", []:
            return first.times(Fraction(-1))
        case (("min" | "max"), []):
            return first
        case (("+" | "sum" | "mean"), _):
            for other in others:
                first = first.plus(other)
            return first.times(Fraction(1, len(sums))) if word == "mean" else first
        case "-", [other]:
            return first.plus(other.times(Fraction(-1)))
        case "*", [other]:
            if not other.factors:
                return first.times(other.constant)
            return None if first.factors else other.times(first.constant)
        case "/", [other] if not other.factors and other.constant:
            return first.times(1 / other.constant)
        case _:
            return None


def _picked(sums: Sequence[Linear], least: Mapping[str, Bounds], *, sign: int) -> list[Linear]:
    """Return the sums of which the least one is taken, without those that another never exceeds.

    ``sign`` is -1 if the greatest one is taken.
    """
    found: list[Linear] = []
    for each in sums:
        if not any(_is_below(other, each, least, sign) for other in found):
            found = [other for other in found if not _is_below(each, other, least, sign)]
            found.append(each)
    return found


def _is_below(one: Linear, other: Linear, least: Mapping[str, Bounds], sign: int) -> bool:
    """Check whether a sum never exceeds another one; with -1 as the sign, the contrary."""
    low, _ = other.plus(one.times(Fraction(-1))).times(Fraction(sign)).bounds(least)
    return low is not None and low >= 0


def _quotient(sums: Sequence[Linear], least: Mapping[str, Bounds]) -> Bounds:
    """Return an interval of a quotient of two sums, or of the third one where the divisor is 0.

    Each name is its least value and a number that is not negative, so that above and below there
    are sums of multiples of such numbers. If the multiples below are not negative, the quotient
    lies between the quotients of the multiples.
    """
    above, below, *otherwise = sums
    start = (above.constant, below.constant)
    pairs: list[tuple[Fraction, Fraction]] = []
    for name in dict.fromkeys((*above.factors, *below.factors)):
        low, high = least[name]
        end, sign = (low, 1) if low is not None else (high, -1)
        if end is None:
            return None, None
        one, other = above.factors.get(name, Fraction()), below.factors.get(name, Fraction())
        start = (start[0] + one * end, start[1] + other * end)
        pairs.append((sign * one, sign * other))
    pairs.append(start)
    if all(other <= 0 for _, other in pairs):
        pairs = [(-one, -other) for one, other in pairs]
    quotients = [one / other for one, other in pairs if other]
    if not quotients or any(other < 0 for _, other in pairs):
        return None, None
    low_ends: list[Number | None] = [canonical(min(quotients))]
    high_ends: list[Number | None] = [canonical(max(quotients))]
    # what is added above and not below has no limit
    low_ends += [None for one, other in pairs if not other and one < 0]
    high_ends += [None for one, other in pairs if not other and one > 0]
    for each in otherwise:
        low, high = each.bounds(least)
        low_ends.append(low)
        high_ends.append(high)
    return lowest_end(low_ends), highest_end(high_ends)


def narrowed(one: Bounds, other: Bounds) -> Bounds:
    """Return what two intervals of a value have in common; the first one if that is nothing."""
    lows = [end for end in (one[0], other[0]) if end is not None]
    highs = [end for end in (one[1], other[1]) if end is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    return one if low is not None and high is not None and low > high else (low, high)
