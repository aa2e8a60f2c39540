"""Whether a formula can leave a range, or divide by zero: proved over a box, or shown by a point.

The bounds of a formula over a box may be wider than what it can come to. So a box whose bounds are
not good enough is cut in two, until each piece is proved or some point of one shows the fault.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules.arithmetic.interval import is_long
from kpirules.arithmetic.number import LIMIT, Number, canonical, multiple
from kpirules.formula.nodes import UndefinedError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kpirules.arithmetic.budget import Effort
    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.range import Range
    from kpirules.formula.nodes import Node


#: so many boxes are looked at, and nodes in them; what is not decided by then is not decided
MOST_BOXES = 3_000
MOST_NODES = 20_000
#: when the effort that is free is spent, each proof may still look at a few boxes
FEW_BOXES = 8
#: to look at a node costs so many steps
NODE_STEPS = 40


def _boxes(tree: Node, effort: Effort) -> Iterator[None]:
    """Yield a turn for each box of a tree that may be looked at."""
    size = tree.size()
    most = min(MOST_BOXES, MOST_NODES // size, effort.free // (NODE_STEPS * size))
    for _ in range(max(FEW_BOXES, most)):
        if not effort.spend(NODE_STEPS * size):
            return
        yield None


#: a point of a box, by name
Point: TypeAlias = "dict[str, Number]"


@attrs.frozen
class Side:
    """The values of one name: between two ends, on a grid or not; of a list, its items."""

    low: Number
    high: Number
    step: Number | None
    is_list: bool = False

    @classmethod
    def of(cls, ends: Bounds, step: Number | None, *, is_list: bool = False) -> Side:
        """Make a side; where there is no end, the largest number that a record may hold is one."""
        low, high = ends
        unit = Fraction(step or 1)
        least, most = -((LIMIT - 1) // unit) * unit, (LIMIT - 1) // unit * unit
        return cls(
            canonical(least) if low is None else low,
            canonical(most) if high is None else high,
            step,
            is_list,
        )

    def cut(self) -> tuple[Side, Side]:
        """Cut it in two: in the middle, or nearer to a low end that is far from the high one."""
        low, high = Fraction(self.low), Fraction(self.high)
        middle = min((low + high) / 2, low + 2 * (abs(low) + 8))
        if self.step is None:
            return attrs.evolve(self, high=middle), attrs.evolve(self, low=middle)
        below = canonical((middle // self.step) * Fraction(self.step))
        above = canonical(Fraction(below + self.step))
        return attrs.evolve(self, high=below), attrs.evolve(self, low=above)


@attrs.frozen
class Fault:
    """What a formula can do that it must not; without a point where that could not be decided."""

    point: Point | None
    #: what it comes to there; None where it has no value
    value: Number | None = None


def leaves(  # noqa: PLR0917 - as of the search
    tree: Node,
    box: Mapping[str, Side],
    within: Range,
    admits: Callable[[Point], bool],
    effort: Effort,
    finish: Callable[[Number], Number],
) -> Fault | None:
    """Say whether a formula can come to something outside of a range, in a box.

    ``admits`` says whether a point of the box may occur, ``finish`` clamps and rounds and never
    falls. None: it is proved that it cannot.
    """

    def wrong(point: Point) -> Fault | None:
        try:
            value = finish(tree.value(_values(point, box)))
        except UndefinedError:
            # a fault of its own
            return None
        return None if within.contains(value) else Fault(point, value)

    def fine(ends: Bounds) -> bool:
        low, high = (end if end is None else finish(end) for end in ends)
        return within.covers_bounds(low, high)

    return _search(tree, box, fine, wrong, admits, effort)


def divides_by_zero(
    divisor: Node,
    box: Mapping[str, Side],
    admits: Callable[[Point], bool],
    effort: Effort,
    *,
    positive: bool,
) -> Fault | None:
    """Say whether a divisor can be 0 in a box; ``positive``: or below it, as of a rounding step."""

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

    return _search(divisor, box, fine, wrong, admits, effort)


def _values(point: Point, box: Mapping[str, Side]) -> dict[str, Number | tuple[Number, ...]]:
    """Give the values of a point; a list has one item."""
    return {name: (value,) if box[name].is_list else value for name, value in point.items()}


def _search(  # noqa: PLR0917 - what is searched, what for, and what it may cost
    tree: Node,
    box: Mapping[str, Side],
    fine: Callable[[Bounds], bool],
    wrong: Callable[[Point], Fault | None],
    admits: Callable[[Point], bool],
    effort: Effort,
) -> Fault | None:
    """Cut a box up until all of it is fine, or a point is wrong; lower values first."""
    boxes = [dict(box)]
    for _ in _boxes(tree, effort):
        if not boxes:
            return None
        at = boxes.pop()
        if fine(tree.bounds({name: (side.low, side.high) for name, side in at.items()})):
            continue
        for point in ({n: s.low for n, s in at.items()}, {n: s.high for n, s in at.items()}):
            fault = wrong(point)
            if fault is not None and admits(point):
                return _nearest(fault, tree, box, wrong, admits, effort)
        wide = [name for name, side in at.items() if side.low < side.high]
        if any(is_long(at[name].high) or is_long(at[name].low) for name in wide):
            # cut so often that nothing will come of it
            return Fault(None)
        if wide:
            name = max(wide, key=lambda n: at[n].high - at[n].low)
            low, high = at[name].cut()
            boxes += [{**at, name: high}, {**at, name: low}]
    return Fault(None)


#: the parts of one among which a nicer number is looked for, one after the other
_FINER = (10, 1_000, 1_000_000)
#: how often a point is moved along all of its names
_ROUNDS = 4


def _nearest(  # noqa: PLR0917 - as of the search
    fault: Fault,
    tree: Node,
    box: Mapping[str, Side],
    wrong: Callable[[Point], Fault | None],
    admits: Callable[[Point], bool],
    effort: Effort,
) -> Fault:
    """Move a fault's point to lower values, name by name, as long as it stays a fault.

    When the effort is spent, the point stays where it is: it shows the fault all the same.
    """
    steps = NODE_STEPS * tree.size()

    def still(point: Point) -> Fault | None:
        found = wrong(point) if effort.spend(steps) else None
        return found if found is not None and admits(point) else None

    for name, side in [*box.items()] * _ROUNDS:
        fault = _lowered(fault, name, side, still)
    return fault


def _lowered(fault: Fault, name: str, side: Side, still: Callable[[Point], Fault | None]) -> Fault:
    """Find the lowest value of one name that still shows a fault, by halves.

    It is looked for on the steps above the low end; without steps, among the numbers of as few
    decimals as show one. A point beside the steps lies below the next of them.
    """
    for unit in (Fraction(1, n) for n in _FINER) if side.step is None else (Fraction(side.step),):
        fault = _lowered_by(unit, fault, name, side, still)
        if fault.point is not None and multiple(Fraction(fault.point[name] - side.low), unit):
            break
    return fault


def _lowered_by(
    unit: Fraction, fault: Fault, name: str, side: Side, still: Callable[[Point], Fault | None]
) -> Fault:
    """Find the lowest value on the steps of a unit above the low end that shows a fault."""
    point = fault.point or {}
    # so many steps above the low end: the least that is known to show it, and the most that is not
    shows, hides = ceil(Fraction(point[name] - side.low) / unit), -1
    while shows - hides > 1:
        steps = (shows + hides) // 2 if hides >= 0 else 0
        found = still({**point, name: canonical(side.low + steps * unit)})
        if found is None:
            hides = steps
        else:
            fault, shows = found, steps
    return fault
