"""The numbers of heads for which no distribution over the tiers keeps all quotas.

Quotas count neighbouring tiers. So each is a bound of the difference of two sums, those of the
records in all tiers below one and below another; and whole numbers keep all bounds if and only if
no circle of bounds has a sum below 0 (Bellman and Ford).
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, lcm
from typing import TYPE_CHECKING

import attrs

from kpirules.formula import HEADS, UndefinedError
from kpirules.formula.nodes import Constant, Name, Operation


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpirules.formula import Formula
    from kpirules.formula.nodes import Node


#: the numbers of heads that are tried at least, and at most
LEAST, MOST = 100, 1_000
#: how many comparisons are made at most
_WORK = 3_000_000


@attrs.frozen(kw_only=True)
class Limits:
    """A quota whose limits depend on the number of heads alone."""

    #: its index in the file
    index: int
    #: the ranks of its tiers: the lowest, and the one above the highest
    low: int
    high: int
    #: the formulas of the limits, by their keys
    formulas: dict[str, Formula]

    def of(self, heads: int) -> tuple[int, int] | None:
        """Return the least and the greatest number of records; None if a limit has no value."""
        try:
            numbers = {key: each.value({HEADS: heads}) for key, each in self.formulas.items()}
        except UndefinedError:
            return None
        least, most = numbers.get("at_least", 0), numbers.get("at_most", heads)
        return max(ceil(least), 0), min(floor(most), heads)


def sizes(quotas: Sequence[Limits]) -> range:
    """Return the numbers of heads to try, as far as there is time.

    That is one period of all formulas, and twice the greatest number in them.
    """
    trees = [formula.tree for each in quotas for formula in each.formulas.values()]
    twice = [
        ceil(abs(Fraction(constant.number) * 2)) for tree in trees for constant in _constants(tree)
    ]
    period = lcm(*map(period_of, trees))
    most = min(max([LEAST, period, *twice]), MOST)
    nodes = 2 * len(quotas) + 2
    return range(1, max(2, min(most, _WORK // nodes**2) + 1))


def is_possible(heads: int, quotas: Sequence[Limits], tiers: int) -> bool:
    """Check whether some distribution of records over the tiers keeps all quotas."""
    nodes = sorted({0, tiers, *(e for q in quotas for e in (q.low, q.high))})
    at = {rank: i for i, rank in enumerate(nodes)}
    # (from, to, most): the sum below a rank is at most this above the sum below the other
    edges = [(i + 1, i, 0) for i in range(len(nodes) - 1)]
    edges += [(0, at[tiers], heads), (at[tiers], 0, -heads)]
    for quota in quotas:
        limits = quota.of(heads)
        if limits is not None:
            edges += [(at[quota.low], at[quota.high], limits[1])]
            edges += [(at[quota.high], at[quota.low], -limits[0])]
    sums = [0] * len(nodes)
    for _ in nodes:
        is_settled = True
        for start, end, most in edges:
            if sums[start] + most < sums[end]:
                sums[end] = sums[start] + most
                is_settled = False
        if is_settled:
            return True
    return False


def is_idle(quota: Limits) -> bool:
    """Check whether each limit of a quota is kept by every distribution, for any heads."""
    for key, formula in quota.formulas.items():
        slope, period = slope_of(formula.tree), period_of(formula.tree)
        is_steep = slope is not None and (slope >= 1 if key == "at_most" else slope <= 0)
        if not is_steep or period > MOST:
            return False
    limits = [(heads, quota.of(heads)) for heads in sizes([quota])]
    return all(found == (0, heads) for heads, found in limits)


def period_of(tree: Node) -> int:
    """Return after how many heads a formula repeats, if it is periodic."""
    every = [c.number.denominator for c in _constants(tree)]
    divisors = [d.node for d in tree.divisions()]
    every += [abs(c.number.numerator) for c in divisors if isinstance(c, Constant) and c.number]
    return lcm(*every)


def _constants(tree: Node) -> Iterator[Constant]:
    """Yield the numbers of a tree."""
    if isinstance(tree, Constant):
        yield tree
    for part in tree.parts():
        yield from _constants(part)


def slope_of(tree: Node) -> Fraction | None:
    """Return by how much a formula rises with each of the heads, over a period; None if unknown."""
    match tree:
        case Constant():
            return Fraction(0)
        case Name():
            return Fraction(1)
        case Operation(word="+" | "-" as word, arguments=(one, other)):
            first, second = slope_of(one), slope_of(other)
            if first is None or second is None:
                return None
            return first + second if word == "+" else first - second
        case (
            Operation(word="*", arguments=(Constant(number=factor), one))
            | Operation(word="*", arguments=(one, Constant(number=factor)))
        ):
            slope = slope_of(one)
            return None if slope is None else slope * factor
        case Operation(word="/", arguments=(one, Constant(number=divisor))) if divisor:
            slope = slope_of(one)
            return None if slope is None else slope / divisor
        case Operation(word=word, arguments=(one, *_)) if word.split()[0] in _ROUNDINGS:
            return slope_of(one)
        case _:
            return None


#: the functions that move a number to the next of a grid
_ROUNDINGS = ("floor", "ceil", "round")
