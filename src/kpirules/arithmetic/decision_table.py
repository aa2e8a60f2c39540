"""Decision tables over elementary cells: the rows that match a point, gaps and overlaps.

A table has *axes* and *rows*. Each row has, for each axis, the values that it matches (or any). The
thresholds of all rows cut each axis into elementary cells, whose values match the same rows. Each
cell has an integer, whose bits are those rows. Therefore

- the rows that match a point are the bitwise *and* of its cells' integers, one per axis;
- a *gap* is a choice of cells whose *and* is 0; an *overlap* is one whose *and* has two bits;
- a *witness* is the least value of each cell.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate, pairwise
from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from kpirules.arithmetic.budget import Budget, TooLargeError
from kpirules.arithmetic.number import Number
from kpirules.arithmetic.range import Cut, Range, join
from kpirules.translations.catalog import template


if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from kpirules.arithmetic.domain import Reachable


class _Missing:
    """The type of :data:`MISSING`, the value of an axis without input."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "missing"

    def __reduce__(self) -> str:
        return "MISSING"

    def get(self, lang: str | None = None, /) -> str:
        return template("word.missing", lang)


#: the point of an axis that means "no value"
MISSING: Final = _Missing()

#: a value on an axis: a number, one of the axis's options, or :data:`MISSING`
Value: TypeAlias = "Number | Hashable"

#: the values that a row matches on an axis: ranges, options, or :data:`MISSING`
Entries: TypeAlias = "tuple[Range | Hashable, ...]"


@attrs.frozen(kw_only=True)
class Axis:
    """The allowed values of one variable: numbers, or a fixed list of options."""

    #: the options, in order; None: numbers
    options: tuple[Hashable, ...] | None = None
    #: the numbers that are possible
    domain: Range = attrs.field(factory=Range)
    #: the step of the numbers, counted from 0; None: every number
    step: Number | None = None
    #: whether the value may be missing
    missing: bool = False
    #: the possible numbers, if more is known than the domain and the step; None: all
    known: Reachable | None = attrs.field(default=None, eq=False)

    def least_in(self, span: Range) -> Number | None:
        """Return the least number of the axis in a range, or None."""
        met = span.meet(self.domain)
        if met is None:
            return None
        return met.least(self.step) if self.known is None else self.known.first_in(met)


@attrs.frozen
class _Cells:
    """An axis cut into cells: the lookup of a value's cell, and the rows that match each cell."""

    #: the cuts between number cells, rising: cell ``i`` is before cut ``i``
    cuts: tuple[Cut, ...]
    #: the cell of each option (and of MISSING)
    points: dict[Hashable, int]
    #: for each cell, the rows that match it, as bits
    rows: tuple[int, ...]
    axis: Axis

    @cached_property
    def least(self) -> tuple[Value | None, ...]:
        """Return the least value of each cell; None for a cell without a value of the axis.

        Only gaps and overlaps need these, lookups do not.
        """
        numbers: list[Value | None] = []
        if self.axis.options is None:
            ends = (None, *self.cuts, None)
            numbers = [self.axis.least_in(Range(low, high)) for low, high in pairwise(ends)]
        return (*numbers, *self.points)

    def find(self, value: Value) -> int:
        """Return the cell of a value."""
        if value in self.points:
            return self.points[value]
        return bisect_right(self.cuts, (value, 0))


def _cut_axis(axis: Axis, column: Sequence[Entries | None]) -> _Cells:
    """Cut an axis at the values that each row matches (None: everything)."""
    wild = sum(1 << row for row, entries in enumerate(column) if entries is None)
    points: dict[Hashable, int] = {}
    rows: list[int] = []
    cuts: tuple[Cut, ...] = ()
    takers = _by_option(column)
    if axis.options is None:
        cuts, rows = _number_cells(axis, column, wild)
    for point in (*(axis.options or ()), *((MISSING,) if axis.missing else ())):
        points[point] = len(rows)
        rows.append(wild | takers.get(point, 0))
    return _Cells(cuts, points, tuple(rows), axis)


def _by_option(column: Sequence[Entries | None]) -> dict[Hashable, int]:
    """Return the rows that name each option, as bits."""
    takers: dict[Hashable, int] = {}
    for row, entries in enumerate(column):
        for entry in entries or ():
            takers[entry] = takers.get(entry, 0) | 1 << row
    return takers


def _number_cells(
    axis: Axis, column: Sequence[Entries | None], wild: int
) -> tuple[tuple[Cut, ...], list[int]]:
    """Cut the numbers of an axis at the endpoints of its domain and of every range."""
    taken = [
        (row, _extend_to_grid(span, axis.step))
        for row, entries in enumerate(column)
        for span in join((e for e in entries or () if isinstance(e, Range)), axis.step)
    ]
    domain = axis.domain if axis.step is None else axis.domain.on_grid(axis.step)
    spans = [span for _, span in taken] + (
        [] if domain is None else [_extend_to_grid(domain, axis.step)]
    )
    cuts = tuple(sorted({cut for s in spans for cut in (s.low, s.high) if cut is not None}))
    index = {cut: i for i, cut in enumerate(cuts, 1)}
    changes = [0] * (len(cuts) + 1)
    for row, span in taken:
        # the joined ranges of a row do not touch: each begins and ends at its own cuts
        changes[0 if span.low is None else index[span.low]] ^= 1 << row
        if span.high is not None:
            changes[index[span.high]] ^= 1 << row
    return cuts, [wild | bits for bits in accumulate(changes, int.__xor__)]


def _extend_to_grid(span: Range, step: Number | None) -> Range:
    """Extend a range on a grid to the next number, so that neighbours share a cut."""
    if step is None or span.high is None:
        return span
    return Range(span.low, (span.high[0] + step, 0))


#: the maximum number of compared sets of rows of one search, which take about a second
_MAX_STEPS = 5_000_000
#: the maximum number of cells on the axes of a table
_MAX_CELLS = 100_000
#: the maximum number of axes, which is the depth of a search
_MAX_AXES = 200


class DecisionTable:
    """A decision table over axes, cut into elementary cells.

    ``rows[r][a]`` are the values that row ``r`` matches on axis ``a``; None: any value.
    >>> late = Axis(domain=Range.parse(">= 0"), step=1)
    >>> table = DecisionTable([late], [[(Range.exactly(0),)], [(Range.parse("2..5"),)]])
    >>> table.rows_at([3]), list(table.rows_at([6]))
    ((1,), [])
    >>> table.gap()
    (1,)
    """

    def __init__(
        self,
        axes: Sequence[Axis],
        rows: Sequence[Sequence[Entries | None]],
        budget: Budget | None = None,
    ) -> None:
        """Cut the axes; raise :class:`TooLargeError` if the table is too large to decide.

        Searches count their steps in ``effort``, or in the table's own budget if that is None.
        """
        self._budget = budget or Budget()
        self._steps = 0
        self.axes: tuple[Axis, ...] = tuple(axes)
        self.count: int = len(rows)
        self._rows = rows
        self._all = (1 << self.count) - 1
        self._cells = tuple(
            _cut_axis(axis, [row[a] for row in rows]) for a, axis in enumerate(self.axes)
        )
        cells = sum(len(c.rows) for c in self._cells)
        if cells > _MAX_CELLS:
            raise TooLargeError("cells", cells=cells, rows=self.count, max_cells=_MAX_CELLS)

    def with_rows(self, rows: Sequence[Sequence[Entries | None]]) -> DecisionTable:
        """Return the table with further rows."""
        return DecisionTable(self.axes, [*self._rows, *rows])

    def over(self, axes: Sequence[Axis]) -> DecisionTable:
        """Return the table over other axes, such as parts of its own; it shares the budget."""
        return DecisionTable(axes, self._rows, self._budget)

    @property
    def size(self) -> int:
        """Return the number of elementary cells: the product over the axes."""
        return prod(map(len, self._axes))

    def bits_at(self, values: Sequence[Value | None]) -> int:
        """Return the rows that match a point, as bits; None leaves an axis open.

        The values must be allowed on the axes (see :meth:`admits`).
        """
        bits = self._all
        for cells, value in zip(self._cells, values, strict=True):
            if value is not None:
                bits &= cells.rows[cells.find(value)]
        return bits

    def cell(self, axis: int, value: Number) -> Range:
        """Return the range of numbers of an axis that match the same rows as the value."""
        cuts = (None, *self._cells[axis].cuts, None)
        at = self._cells[axis].find(value)
        return Range(cuts[at], cuts[at + 1])

    def rows_at(self, values: Sequence[Value | None]) -> tuple[int, ...]:
        """Return the indices of the rows that match a point."""
        return tuple(_ones(self.bits_at(values)))

    def gap(self) -> tuple[Value, ...] | None:
        """Return the least point that no row matches, or None if every point has a row.

        Least axis by axis, in their order. Raises :class:`TooLargeError` for a long search.
        """
        self._steps = 0
        return self._gap(self._axes)

    def gaps(self) -> Iterator[tuple[Value, ...]]:
        """Yield the least point of each gap; of a table with several axes, of one gap."""
        if len(self.axes) > 1:
            yield from filter(None, [self.gap()])
            return
        (cells,) = self._axes
        taken = 1
        for value, bits in cells:
            if taken and not bits:
                yield (value,)
            taken = bits

    def _gap(self, axes: list[list[tuple[Value, int]]]) -> tuple[Value, ...] | None:
        """Return the least point of some cells of each axis that no row matches."""
        failing: dict[tuple[int, int], bool] = {}

        def fails(axis: int, alive: int) -> bool:
            """Check whether cells of the axes from this one on can exclude all rows."""
            if not alive:
                return True
            if axis == len(axes):
                return False
            state = (axis, alive)
            if state not in failing:
                least = _minimal_sets(alive, axes[axis])
                self._count_steps(len(axes[axis]) * len(least))
                failing[state] = any(fails(axis + 1, m) for m in least)
            return failing[state]

        if len(axes) > _MAX_AXES:
            raise TooLargeError("axes", axes=len(axes), max_axes=_MAX_AXES)
        alive = self._all
        if not all(axes) or not fails(0, alive):
            return None
        witness: list[Value] = []
        for axis, cells in enumerate(axes):
            value, alive = next((v, alive & m) for v, m in cells if fails(axis + 1, alive & m))
            witness.append(value)
        return tuple(witness)

    def _count_steps(self, more: int) -> None:
        """Count the steps of a search; raise :class:`TooLargeError` if it is too long."""
        self._steps += more
        if not self._budget.spend(more) or self._steps > _MAX_STEPS:
            raise TooLargeError("steps", rows=self.count, axes=len(self.axes))

    def overlaps(self) -> Iterator[tuple[int, int, tuple[Value, ...]]]:
        """Yield each pair of rows that match a common point, with the least such point."""
        axes, columns = self._axes, self._columns
        self._steps = 0
        for first in range(self.count):
            # the rows that share a cell with the first one on every axis
            near = self._all & -(2 << first)
            for cells, column in zip(axes, columns, strict=True):
                self._count_steps(column[first].bit_count())
                beside = 0
                for i in _ones(column[first]):
                    beside |= cells[i][1]
                near &= beside
            for second in _ones(near):
                yield first, second, _least_point(axes, [c[first] & c[second] for c in columns])

    @cached_property
    def _axes(self) -> list[list[tuple[Value, int]]]:
        """Return the cells of each axis that hold a value; finding the values counts as steps."""
        known = ((axis.known, cells) for axis, cells in zip(self.axes, self._cells, strict=True))
        self._count_steps(sum((10 if k is None else k.cost) * len(c.rows) for k, c in known))
        return [self._axis_cells(c) for c in self._cells]

    @cached_property
    def _columns(self) -> list[list[int]]:
        """Return, for each axis and row, the cells that the row matches, as bits."""
        columns: list[list[int]] = []
        for cells in self._axes:
            column = [0] * self.count
            for i, (_, bits) in enumerate(cells):
                for row in _ones(bits):
                    column[row] |= 1 << i
            columns.append(column)
        return columns

    def least_of(self, row: int) -> tuple[Value, ...] | None:
        """Return the least point that a row matches, or None if there is none."""
        taken = [column[row] for column in self._columns]
        return _least_point(self._axes, taken) if all(taken) else None

    def point_of(self, row: int | None, fixed: Mapping[int, Value]) -> tuple[Value, ...] | None:
        """Return the least point of a row, or of no row, with fixed values of some axes."""
        given = {
            axis: (value, self._cells[axis].rows[self._cells[axis].find(value)])
            for axis, value in fixed.items()
        }
        if row is None:
            self._steps = 0
            every = enumerate(self._axes)
            return self._gap([[given[axis]] if axis in given else cells for axis, cells in every])
        point: list[Value] = []
        for axis, (cells, column) in enumerate(zip(self._axes, self._columns, strict=True)):
            value, taken = given.get(axis, (None, column[row]))
            if not (taken >> row & 1 if axis in given else taken):
                return None
            point.append(value if axis in given else cells[next(_ones(taken))][0])
        return tuple(point)

    def pieces(self) -> Iterator[tuple[Range, tuple[int, ...]]]:
        """Yield the ranges into which a single axis of numbers is cut, rising, with their rows."""
        (cells,) = self._cells
        for (low, high), bits in zip(pairwise((None, *cells.cuts, None)), cells.rows, strict=True):
            yield Range(low, high), tuple(_ones(bits))

    def neighbours(
        self, axis: int, wanted: Callable[[int | None, int | None], bool]
    ) -> Iterator[tuple[tuple[Value, ...], tuple[Value, ...]]]:
        """Yield pairs of points that differ only in neighbouring cells of one axis, lower first.

        Yields the least pair for each pair of rows that such points match and that is ``wanted``;
        None means no row. Raises :class:`TooLargeError` if a search is too long.
        """
        axes, columns = [*self._axes], [*self._columns]
        self._steps = 0
        if self.axes[axis].missing:
            # the cell of MISSING has no neighbour
            axes[axis] = axes[axis][:-1]
            columns[axis] = [bits & ~(1 << len(axes[axis])) for bits in columns[axis]]
        rows = range(self.count)
        for below in rows:
            self._count_steps(len(rows))
            for above in rows:
                if not wanted(below, above):
                    continue
                shared = [column[below] & column[above] for column in columns]
                shared[axis] = columns[axis][below] & columns[axis][above] >> 1
                if all(shared):
                    low = _least_point(axes, shared)
                    at = next(_ones(shared[axis]))
                    yield low, (*low[:axis], axes[axis][at + 1][0], *low[axis + 1 :])
        for row in rows:
            for up in (1, -1):
                if wanted(row, None) if up == 1 else wanted(None, row):
                    yield from self._gap_neighbours(axes, columns, axis, row, up)

    def _gap_neighbours(
        self,
        axes: list[list[tuple[Value, int]]],
        columns: list[list[int]],
        axis: int,
        row: int,
        up: int,
    ) -> Iterator[tuple[tuple[Value, ...], tuple[Value, ...]]]:
        """Yield, for each cell of a row on an axis, its least point beside which no row matches."""
        for at in _ones(columns[axis][row]):
            if not 0 <= at + up < len(axes[axis]):
                continue
            self._count_steps(sum(column[row].bit_count() for column in columns))
            both = zip(axes, columns, strict=True)
            taken = [[cells[i] for i in _ones(column[row])] for cells, column in both]
            taken[axis] = [axes[axis][at + up]]
            gap = self._gap(taken)
            if gap is not None:
                inside = (*gap[:axis], axes[axis][at][0], *gap[axis + 1 :])
                yield (inside, gap) if up == 1 else (gap, inside)

    def order(self, point: Sequence[Value]) -> tuple[object, ...]:
        """Return the sort key of a point: axis by axis, options in their order, then MISSING."""
        return tuple(
            (int(value is MISSING), cells.points.get(value, value))
            for cells, value in zip(self._cells, point, strict=True)
        )

    def unreached(self) -> tuple[int, ...]:
        """Return the rows that match no point."""
        every = self._all
        for cells in self._axes:
            reached = 0
            for _, bits in cells:
                reached |= bits
            every &= reached
        return tuple(_ones(self._all & ~every))

    @staticmethod
    def _axis_cells(cells: _Cells) -> list[tuple[Value, int]]:
        """Return the cells that hold a value: their least value and the rows that match them."""
        pairs = zip(cells.least, cells.rows, strict=True)
        return [(value, bits) for value, bits in pairs if value is not None]


def _least_point(axes: list[list[tuple[Value, int]]], taken: list[int]) -> tuple[Value, ...]:
    """Return the least point of the chosen cells of each axis, given as bits."""
    return tuple(cells[next(_ones(bits))][0] for cells, bits in zip(axes, taken, strict=True))


def _ones(bits: int) -> Iterator[int]:
    """Yield the positions of the ones in an integer, rising."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _minimal_sets(alive: int, cells: list[tuple[Value, int]]) -> list[int]:
    """Return the minimal sets of rows that cells leave; a gap needs no superset of another set."""
    least: list[int] = []
    for bits in sorted({alive & bits for _, bits in cells}, key=int.bit_count):
        if all(bits & other != other for other in least):
            least.append(bits)
    return least
