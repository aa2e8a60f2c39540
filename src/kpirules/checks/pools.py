"""Boundary values of names, for the search for records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kpirules.arithmetic.decision_table import MISSING, Axis
from kpirules.arithmetic.number import LIMIT, Number, canonical
from kpirules.arithmetic.range import Range
from kpirules.formula.nodes import Constant


if TYPE_CHECKING:
    from random import Random

    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.formula.nodes import Node


#: the most boundary values of a name
_MAX_VALUES = 60
#: the most items of a random list
_LONGEST = 3


class Pools:
    """The boundary values of each name: those at which some result changes."""

    def __init__(
        self,
        plan: Plan,
        asked: set[str],
        read: Callable[[str, object], Any],
        random: Random,
    ) -> None:
        """Prepare the pools of a plan.

        ``asked`` are the relevant computed names; ``read`` parses an input value.
        """
        self._plan, self._asked, self._read, self._random = plan, asked, read, random
        self._pools: dict[str, list[Any]] = {}

    def least(self, name: str) -> list[Any]:
        """Return the simplest values of a name."""
        axis = self._plan.scope.axes[name]
        if axis.options is not None or name in self._plan.scope.lists:
            return self.all(name)[:1]
        plain = [axis.least_in(Range()), 0]
        read = [self._read(name, value) for value in plain if value is not None]
        return [value for value in read if value is not MISSING]

    def all(self, name: str) -> list[Any]:
        """Return the boundary values of a name, and random ones."""
        pool = self._pools.get(name)
        if pool is None:
            pool = self._pools[name] = self._values(name)
        return [*pool, *self._some(name)]

    def _some(self, name: str) -> list[Any]:
        """Return two random values of a name, or none of a name with options."""
        axis = self._plan.scope.axes[name]
        if axis.options is not None:
            return []
        if name not in self._plan.scope.lists:
            drawn = [self._read(name, self._drawn(axis))] * 2
        else:
            lengths = [self._random.randint(1, _LONGEST) for _ in range(2)]
            drawn = [
                self._read(name, tuple(self._drawn(axis) for _ in range(length)))
                for length in lengths
            ]
        return [value for value in drawn if value is not MISSING]

    def _values(self, name: str) -> list[Any]:
        """Compute the boundary values of a name."""
        scope = self._plan.scope
        axis = scope.axes[name]
        values: list[Any] = []
        if axis.options is not None:
            values = list(axis.options)
        else:
            step = axis.step or Fraction(1, 10)
            places = list(self._thresholds(name))[:_MAX_VALUES]
            near = [Fraction(p) + i * step for p in places for i in (0, 1, -1)]
            near += [Fraction(0), Fraction(step), -Fraction(step), *_ends(axis)]
            if axis.step is not None:
                near = [Fraction(v // axis.step * axis.step) for v in near]
            values = [canonical(Fraction(v)) for v in dict.fromkeys(near)]
        if name in scope.lists:
            ends = [v for v in values if v in (axis.domain.low or ())[:1]]
            ends += [v for v in values if v in (axis.domain.high or ())[:1]]
            values = [(), *((v,) for v in values), tuple(ends), *pairwise(values)]
        read = [self._read(name, value) for value in values]
        return [value for value in dict.fromkeys(read) if value is not MISSING]

    def _thresholds(self, name: str) -> Iterator[Number]:
        """Yield the numbers with which bands and formulas compare a name."""
        plan = self._plan
        quantities: list[CompiledQuantity] = [
            q for n, q in plan.quantities.items() if n in self._asked
        ]
        for quantity in (*quantities, *plan.gates):
            if name in quantity.needs:
                yield from _numbers_of(quantity, name)

    def _drawn(self, axis: Axis) -> Number:
        """Return a random number of an axis."""
        low, high = axis.domain.low, axis.domain.high
        first = Fraction(low[0]) if low is not None else None
        last = Fraction(high[0]) if high is not None else None
        wide = Fraction(self._random.choice((10, 100, 1_000, 10**6)))
        if first is None:
            first = (last - wide) if last is not None else -wide
        if last is None:
            last = first + wide
        step = Fraction(axis.step or Fraction(1, self._random.choice((1, 10, 100))))
        count = int((last - first) / step)
        at = first + self._random.randint(0, max(count, 0)) * step
        return canonical(at // step * step if axis.step is not None else at)


def _ends(axis: Axis) -> list[Fraction]:
    """Return the ends of an axis, with large numbers for open ones."""
    cuts = (axis.domain.low, axis.domain.high)
    ends = [Fraction(cut[0]) for cut in cuts if cut is not None]
    most = Fraction((LIMIT - 1) // 1000)
    ends += [most] if axis.domain.high is None else []
    ends += [-most] if axis.domain.low is None else []
    return ends


def _numbers_of(quantity: CompiledQuantity, name: str) -> Iterator[Number]:
    """Yield the numbers with which a quantity compares a name."""
    for band in quantity.bands:
        for condition in band.when.conditions if band.when is not None else ():
            if (condition.name or quantity.quantity.of) == name:
                for entry in condition.entries:
                    if isinstance(entry, Range):
                        yield from (cut[0] for cut in (entry.low, entry.high) if cut is not None)
    for row in quantity.rows:
        if row.formula is not None and name in row.formula.names:
            yield from _constants(row.formula.tree)
            span = quantity.limit
            yield from (cut[0] for cut in (span.low, span.high) if cut is not None)


def _constants(tree: Node) -> Iterator[Number]:
    """Yield the numbers of a formula."""
    if isinstance(tree, Constant):
        yield tree.number
    for part in tree.parts():
        yield from _constants(part)
