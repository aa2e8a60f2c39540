"""Proofs over a box that a formula stays in a range and never divides by zero, or a counterexample.

The interval of a formula over a box may be wider than its values. A box whose interval is not good
enough is therefore halved, until each piece is proved or a point of one is a counterexample.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import attrs

from kpirules.arithmetic.interval import is_long
from kpirules.arithmetic.number import LIMIT, Number, canonical, multiple
from kpirules.formula.linear import Enclosure, Linear, enclosed
from kpirules.formula.nodes import Name, Operation, UndefinedError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kpirules.arithmetic.budget import Budget
    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.range import Range
    from kpirules.formula.nodes import Node


#: the maximum number of boxes, and of nodes in them; a question open by then is not decided
MAX_BOXES = 3_000
MAX_NODES = 20_000
#: the number of boxes that each proof may visit after the free budget is spent
FEW_BOXES = 8
#: the cost of visiting a node, in steps
NODE_STEPS = 40


def _boxes(tree: Node, budget: Budget) -> Iterator[None]:
    """Yield once for each box of a tree that may be visited."""
    size = tree.size()
    most = min(MAX_BOXES, MAX_NODES // size, budget.free // (NODE_STEPS * size))
    for _ in range(max(FEW_BOXES, most)):
        if not budget.spend(NODE_STEPS * size):
            return
        yield None


#: a point of a box, by name
Point: TypeAlias = "dict[str, Number]"


@attrs.frozen
class VariableInterval:
    """The interval of a variable, with or without a step; for a list, of its items.

    An end is None if the numbers of a computed name have no limit.
    """

    low: Number | None
    high: Number | None
    step: Number | None
    is_list: bool = False

    @classmethod
    def of(cls, ends: Bounds, step: Number | None, *, is_list: bool = False) -> VariableInterval:
        """Return a side; an unbounded end becomes the largest number that a record may hold."""
        low, high = ends
        unit = Fraction(step or 1)
        least, most = -((LIMIT - 1) // unit) * unit, (LIMIT - 1) // unit * unit
        return cls(
            canonical(least) if low is None else low,
            canonical(most) if high is None else high,
            step,
            is_list,
        )

    @property
    def ends(self) -> Bounds:
        """The least and the greatest number; None for an unbounded end."""
        return self.low, self.high

    @property
    def is_bounded(self) -> bool:
        """Check whether it has both ends."""
        return self.low is not None and self.high is not None

    @property
    def width(self) -> Number | None:
        """The difference between its ends; None if it is unbounded."""
        return None if self.low is None or self.high is None else self.high - self.low

    def near(self, *, high: bool = False) -> Number:
        """Return an end; the other one in place of one that it does not have, 0 without both."""
        first, other = (self.high, self.low) if high else (self.low, self.high)
        return first if first is not None else (other or 0)

    def cut(self) -> tuple[VariableInterval, VariableInterval]:
        """Halve the interval, or cut it nearer to an endpoint that is far from the other one."""
        middle = self._middle()
        if self.step is None:
            return attrs.evolve(self, high=middle), attrs.evolve(self, low=middle)
        below = canonical((middle // self.step) * Fraction(self.step))
        above = canonical(Fraction(below + self.step))
        return attrs.evolve(self, high=below), attrs.evolve(self, low=above)

    def _middle(self) -> Fraction:
        """Return the number at which it is cut."""
        if self.low is None:
            high = Fraction(self.high or 0)
            return Fraction() if self.high is None else high - 2 * (abs(high) + 8)
        low = Fraction(self.low)
        far = low + 2 * (abs(low) + 8)
        return far if self.high is None else min((low + Fraction(self.high)) / 2, far)


class Fault(NamedTuple):
    """A counterexample for a formula; without a point if the question was not decided."""

    point: Point | None
    #: the value at the point; None if the formula has no value there
    value: Number | None = None


def leaves(  # noqa: PLR0917 - as of the search
    tree: Node,
    box: Mapping[str, VariableInterval],
    within: Range,
    admits: Callable[[Point], bool],
    budget: Budget,
    finish: Callable[[Number], Number],
) -> Fault | None:
    """Return a counterexample if a formula can leave a range in a box; None: proved that not.

    ``admits`` checks whether a point of the box is possible; ``finish`` clamps and rounds, and is
    monotonic.
    """

    def wrong(point: Point) -> Fault | None:
        try:
            value = finish(tree.value(_values(point, box)))
        except UndefinedError:
            # a fault of its own, which :func:`divides_by_zero` reports
            return None
        return None if within.contains(value) else Fault(point, value)

    def fine(ends: Bounds) -> bool:
        low, high = (end if end is None else finish(end) for end in ends)
        return within.covers_bounds(low, high)

    return _search(tree, box, fine, wrong, admits, budget)


def divides_by_zero(
    divisor: Node,
    box: Mapping[str, VariableInterval],
    admits: Callable[[Point], bool],
    budget: Budget,
    *,
    positive: bool,
) -> Fault | None:
    """Return a counterexample if a divisor can be 0 in a box; ``positive``: or negative."""

    def wrong(point: Point) -> Fault | None:
        try:
            value = divisor.value(_values(point, box))
        except UndefinedError:
            return None
        is_wrong = value <= 0 if positive else value == 0
        return Fault(point) if is_wrong else None

    def fine(ends: Bounds) -> bool:
        low, high = ends
        return (low is not None and low > 0) or (not positive and high is not None and high < 0)

    return _search(divisor, box, fine, wrong, admits, budget, interval=_together)


def _together(tree: Node, ends: Mapping[str, Bounds]) -> Bounds:
    """Return the interval of a formula some of whose names cancel out."""
    of = {name: Enclosure(each, Linear.of_name(name)) for name, each in ends.items()}
    return enclosed(tree, of, ends).ends


def _alone(tree: Node, ends: Mapping[str, Bounds]) -> Bounds:
    """Return the interval of a formula, as if each place of a name had a value of its own."""
    return tree.bounds(ends)


def _values(
    point: Point, box: Mapping[str, VariableInterval]
) -> dict[str, Number | tuple[Number, ...]]:
    """Return the values of a point; a list has one item."""
    return {name: (value,) if box[name].is_list else value for name, value in point.items()}


class _Freed(NamedTuple):
    """A tree without operations over lists: each is a variable of its own.

    The items of a list may lie on both sides of a cut: only what is computed of them may be cut.
    """

    tree: Node
    box: dict[str, VariableInterval]
    #: the variables, by the operations over lists that they replace
    variables: dict[Node, str]

    @classmethod
    def of(cls, tree: Node, box: Mapping[str, VariableInterval]) -> _Freed:
        """Replace the operations over lists of a tree."""
        found = cls(tree, {name: side for name, side in box.items() if not side.is_list}, {})
        return found._replace(tree=found._freed(tree, box))

    def _freed(self, node: Node, box: Mapping[str, VariableInterval]) -> Node:
        names = tuple(dict.fromkeys(node.names()))
        if not any(box[name].is_list for name in names):
            return node
        if isinstance(node, Operation):
            return attrs.evolve(
                node, arguments=tuple(self._freed(each, box) for each in node.arguments)
            )
        if node not in self.variables:
            # a name of no record
            name = self.variables[node] = f"list operation {len(self.variables)}"
            low, high = node.bounds({n: box[n].ends for n in names})
            self.box[name] = VariableInterval(low, high, node.grid({n: box[n].step for n in names}))
        return Name(self.variables[node])

    def corner(
        self,
        at: Mapping[str, VariableInterval],
        box: Mapping[str, VariableInterval],
        *,
        high: bool,
    ) -> Point:
        """Return a corner of a box as values of the names; a list has one item, near the corner."""
        values: Point = {}
        for name, side in box.items():
            if not side.is_list:
                values[name] = at[name].near(high=high)
                continue
            of_list = [n for node, n in self.variables.items() if name in node.names()]
            item = at[of_list[0]].near(high=high) if len(of_list) == 1 else side.near(high=high)
            if side.step is not None:
                item = canonical(Fraction(item) // side.step * side.step)
            values[name] = item
        return values


def _search(  # noqa: PLR0917 - what is searched, what for, and what it may cost
    tree: Node,
    box: Mapping[str, VariableInterval],
    fine: Callable[[Bounds], bool],
    wrong: Callable[[Point], Fault | None],
    admits: Callable[[Point], bool],
    budget: Budget,
    *,
    interval: Callable[[Node, Mapping[str, Bounds]], Bounds] = _alone,
) -> Fault | None:
    """Halve a box until all of it is fine or a point is wrong; search lower values first."""
    freed = _Freed.of(tree, box)
    boxes = [freed.box]
    for _ in _boxes(tree, budget):
        if not boxes:
            return None
        at = boxes.pop()
        if fine(interval(freed.tree, {name: side.ends for name, side in at.items()})):
            continue
        for point in (freed.corner(at, box, high=False), freed.corner(at, box, high=True)):
            fault = wrong(point)
            if fault is not None and admits(point):
                return _nearest(fault, tree, box, wrong, admits, budget)
        wide = [name for name, side in at.items() if side.width != 0]
        ends = (end for name in wide for end in at[name].ends if end is not None)
        if any(map(is_long, ends)) or (freed.variables and not wide):
            # further halving cannot succeed, or the values of operations over lists need not occur
            return Fault(None)
        if wide:
            open_ = [name for name in wide if at[name].width is None]
            name = next(iter(open_), None) or max(wide, key=lambda n: at[n].width or 0)
            low, high = at[name].cut()
            for side in (high, low):
                # an unbounded part last: only its bounds can decide it
                boxes.insert(len(boxes) if side.is_bounded else 0, {**at, name: side})
    return Fault(None)


#: the fractions of 1 that are tried in turn for a number with few decimals
_FRACTIONS = (10, 1_000, 1_000_000)
#: the number of times that a point is moved along all of its names
_ROUNDS = 4


def _nearest(  # noqa: PLR0917 - as of the search
    fault: Fault,
    tree: Node,
    box: Mapping[str, VariableInterval],
    wrong: Callable[[Point], Fault | None],
    admits: Callable[[Point], bool],
    budget: Budget,
) -> Fault:
    """Move a counterexample to lower values, name by name, as long as it remains one.

    When the budget is spent, the point stays unchanged: it is still a counterexample.
    """
    steps = NODE_STEPS * tree.size()

    def still(point: Point) -> Fault | None:
        found = wrong(point) if budget.spend(steps) else None
        return found if found is not None and admits(point) else None

    for name, side in [*box.items()] * _ROUNDS:
        fault = _lowered(fault, name, side, still)
    return fault


def _lowered(
    fault: Fault, name: str, side: VariableInterval, still: Callable[[Point], Fault | None]
) -> Fault:
    """Return the counterexample with the lowest value of one name, by bisection.

    The candidates are the steps above the low endpoint; without steps, the numbers with as few
    decimals as possible. A point off the steps is below the next step.
    """
    for unit in (
        (Fraction(1, n) for n in _FRACTIONS) if side.step is None else (Fraction(side.step),)
    ):
        fault = _lowered_by(unit, fault, name, side, still)
        low = side.near()
        if fault.point is not None and multiple(Fraction(fault.point[name] - low), unit):
            break
    return fault


def _lowered_by(
    unit: Fraction,
    fault: Fault,
    name: str,
    side: VariableInterval,
    still: Callable[[Point], Fault | None],
) -> Fault:
    """Return the counterexample with the lowest multiple of a unit above the low endpoint."""
    point, lowest = fault.point or {}, side.near()
    # counts of units above the low endpoint: the least known counterexample, the greatest non-one
    shows, hides = ceil(Fraction(point[name] - lowest) / unit), -1
    while shows - hides > 1:
        steps = (shows + hides) // 2 if hides >= 0 else 0
        found = still({**point, name: canonical(lowest + steps * unit)})
        if found is None:
            hides = steps
        else:
            fault, shows = found, steps
    return fault
