"""The tree of a formula: nodes that give their value and their bounds, and the operations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs

from kpirules.formula import bounds as ends
from kpirules.formula.bounds import Bounds
from kpirules.numbers import Number, TooLongError, added, canonical, computed, round_to


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


#: what a name stands for: a number, or the numbers of a list
Operand: TypeAlias = "Number | tuple[Number, ...]"

#: an operation takes at most so many arguments
MAX_ARGUMENTS = 100


@attrs.frozen(kw_only=True, eq=False)
class UndefinedError(ValueError):
    """A formula without a value for some values of its names: it divides by 0, or by nothing."""

    #: what is undefined, such as "a division by 0"
    message: str
    #: the names that it hangs on
    names: tuple[str, ...]
    #: whether a divisor is 0, which `check` excludes; all else is for the record to keep
    divides: bool = False

    def __str__(self) -> str:
        return self.message


class Node(ABC):
    """A part of a formula."""

    __slots__ = ()

    @abstractmethod
    def value(self, of: Mapping[str, Operand]) -> Number:
        """Give the value, for values of the names; :class:`UndefinedError` where there is none."""

    @abstractmethod
    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Give bounds that the value never leaves, for bounds of the names (of a list's items)."""

    @abstractmethod
    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Give a number that all values are multiples of, by such numbers of the names, or None."""

    @abstractmethod
    def parts(self) -> tuple[Node, ...]:
        """Give the nodes that it is made of."""

    def size(self) -> int:
        """Return the count of its nodes."""
        return 1 + sum(part.size() for part in self.parts())

    def names(self) -> Iterator[str]:
        """Give the names in it, in the order of the text."""
        for part in self.parts():
            yield from part.names()

    def divisions(self) -> Iterator[Divisor]:
        """Give what it divides by, innermost first."""
        for part in self.parts():
            yield from part.divisions()


@attrs.frozen
class Constant(Node):
    """A number."""

    number: Number

    def value(self, of: Mapping[str, Operand]) -> Number:  # noqa: ARG002 - it hangs on no name
        """Give the value."""
        return self.number

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:  # noqa: ARG002 - as above
        """Give the bounds."""
        return self.number, self.number

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:  # noqa: ARG002 - as above
        """Give the grid of the values: the number itself; 0 is on any."""
        return canonical(abs(Fraction(self.number)))

    def parts(self) -> tuple[Node, ...]:
        """Give the nodes that it is made of."""
        return ()


@attrs.frozen
class Name(Node):
    """A name of one number."""

    name: str

    def value(self, of: Mapping[str, Operand]) -> Number:
        """Give the value."""
        return cast("Number", of[self.name])

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Give the bounds."""
        return of[self.name]

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Give the grid of the values."""
        return of[self.name]

    def parts(self) -> tuple[Node, ...]:
        """Give the nodes that it is made of."""
        return ()

    def names(self) -> Iterator[str]:
        """Give the names in it."""
        yield self.name


@attrs.frozen
class Divisor:
    """What a formula divides by, which must not be 0."""

    node: Node
    #: the step of a rounding, which must not be below 0 either
    of_step: bool


@attrs.frozen
class Operation(Node):
    """One of the operations over numbers."""

    word: str
    arguments: tuple[Node, ...]

    def value(self, of: Mapping[str, Operand]) -> Number:
        """Give the value."""
        values = [argument.value(of) for argument in self.arguments]
        try:
            return computed(OF_NUMBERS[self.word].value(values))
        except ZeroDivisionError:
            names = tuple(dict.fromkeys(self.divisor().node.names()))
            raise UndefinedError(message="a division by 0", names=names, divides=True) from None
        except TooLongError as error:
            raise UndefinedError(message=str(error), names=tuple(self.names())) from None

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Give the bounds."""
        found = [argument.bounds(of) for argument in self.arguments]
        return ends.shortened(OF_NUMBERS[self.word].bounds(found))

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Give the grid of the values."""
        if self.word == "round":
            # to a step that is known, or to some other
            step = self.arguments[1]
            return step.number if isinstance(step, Constant) else None
        if self.word in _BY_CONSTANTS:
            first, *rest = self.arguments
            grid, numbers = first.grid(of), [e.number for e in rest if isinstance(e, Constant)]
            is_known = grid is not None and len(numbers) == len(rest)
            found = (
                _BY_CONSTANTS[self.word](grid, numbers) if is_known and grid is not None else None
            )
        else:
            found = OF_NUMBERS[self.word].grid([argument.grid(of) for argument in self.arguments])
        # a grid as fine as that helps nobody
        return None if found is None or ends.is_long(found) else found

    def parts(self) -> tuple[Node, ...]:
        """Give the nodes that it is made of."""
        return self.arguments

    def divisor(self) -> Divisor:
        """Give what it divides by."""
        return Divisor(self.arguments[1], self.word == "round")

    def divisions(self) -> Iterator[Divisor]:
        """Give what it divides by."""
        yield from super().divisions()
        if self.word in ("/", "round"):
            yield self.divisor()


@attrs.frozen
class OfList(Node):
    """One of the operations over a list."""

    word: str
    #: the list, and for a weighted mean the list of weights
    lists: tuple[str, ...]

    def value(self, of: Mapping[str, Operand]) -> Number:
        """Give the value."""
        lists = [cast("tuple[Number, ...]", of[name]) for name in self.lists]
        if not lists[0] and self.word not in ("sum", "count"):
            raise UndefinedError(message=f"{self.word} of an empty list", names=self.lists)
        if len({len(items) for items in lists}) > 1:
            message = f"{' and '.join(self.lists)} have different lengths"
            raise UndefinedError(message=message, names=self.lists)
        try:
            return computed(OF_LISTS[self.word][0](lists))
        except TooLongError as error:
            raise UndefinedError(message=str(error), names=self.lists) from None
        except ZeroDivisionError:
            message = "weights that add up to 0"
            raise UndefinedError(message=message, names=self.lists[1:]) from None

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Give the bounds."""
        return OF_LISTS[self.word][1]([of[name] for name in self.lists])

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Give the grid of the values."""
        if self.word == "count":
            return 1
        return of[self.lists[0]] if self.word in ("min", "max", "sum") else None

    def parts(self) -> tuple[Node, ...]:
        """Give the nodes that it is made of."""
        return ()

    def names(self) -> Iterator[str]:
        """Give the names in it."""
        yield from self.lists


# ---------------------------------------------------------------- the operations


def _round(values: list[Number]) -> Number:
    """Round half up to a multiple; a step of 0 or less is a division by it."""
    value, step = values
    if step <= 0:
        raise ZeroDivisionError
    return round_to(value, step, "half_up")


def _weighted(lists: list[tuple[Number, ...]]) -> Number:
    """Give the mean of a list, weighted by another."""
    values, weights = lists
    whole = added(v * w for v, w in zip(values, weights, strict=True))
    return Fraction(whole) / added(weights)


def common(grids: Sequence[Number | None]) -> Number | None:
    """Give the coarsest grid that holds all grids: the greatest common divisor; 0 is on any."""
    known = [Fraction(grid) for grid in grids if grid is not None]
    if len(known) < len(grids):
        return None
    below = lcm(*(grid.denominator for grid in known))
    above = gcd(*(int(grid * below) for grid in known))
    return canonical(Fraction(above, below))


def _product(grids: list[Number | None]) -> Number | None:
    """Give the grid of a product."""
    one, other = grids
    return None if one is None or other is None else canonical(Fraction(one * other))


def _shared(grids: list[Number | None]) -> Number | None:
    """Give the grid of a mean."""
    grid = common(grids)
    return None if grid is None else canonical(Fraction(grid) / len(grids))


def _whole(_: list[Number | None]) -> Number | None:
    """Give the grid of whole numbers."""
    return 1


def _none(_: list[Number | None]) -> Number | None:
    """Give no grid."""
    return None


def _over(grid: Number, numbers: list[Number]) -> Number | None:
    """Return the grid of what is divided by a number."""
    return canonical(abs(Fraction(grid) / numbers[0])) if numbers[0] else None


def _along(grid: Number, numbers: list[Number]) -> Number | None:
    """Return the grid of lines between points."""
    xs, ys = numbers[::2], numbers[1::2]
    ends = [canonical(abs(Fraction(y))) for y in ys]
    slopes = [
        Fraction(y2 - y1) / (x2 - x1)
        for x1, x2, y1, y2 in zip(xs, xs[1:], ys, ys[1:], strict=False)
    ]
    steps = [
        canonical(abs(s * each)) for s, x in zip(slopes, xs, strict=False) for each in (grid, x)
    ]
    return common([*ends, *steps])


#: the grids of operations whose arguments but the first are numbers
_BY_CONSTANTS: dict[str, Callable[[Number, list[Number]], Number | None]] = {
    "/": _over,
    "interpolate": _along,
}


@attrs.frozen
class Kind:
    """How an operation is worked out, and how many arguments it takes."""

    value: Callable[[list[Number]], Number]
    bounds: Callable[[list[Bounds]], Bounds]
    #: the grid of its values by the grids of its arguments; None where there is none
    grid: Callable[[list[Number | None]], Number | None]
    least: int = 2
    most: int = 2


OF_NUMBERS: dict[str, Kind] = {
    "+": Kind(lambda v: v[0] + v[1], lambda b: ends.plus(*b), common),
    "-": Kind(lambda v: v[0] - v[1], lambda b: ends.plus(b[0], ends.minus(b[1])), common),
    "*": Kind(lambda v: v[0] * v[1], lambda b: ends.times(*b), _product),
    "/": Kind(lambda v: Fraction(v[0]) / v[1], lambda b: ends.over(*b), _none),
    "neg": Kind(lambda v: -v[0], lambda b: ends.minus(b[0]), common, 1, 1),
    "min": Kind(min, ends.least_of, common, 2, MAX_ARGUMENTS),
    "max": Kind(max, ends.greatest_of, common, 2, MAX_ARGUMENTS),
    "sum": Kind(added, ends.sum_of, common, 2, MAX_ARGUMENTS),
    "mean": Kind(lambda v: Fraction(added(v)) / len(v), ends.mean_of, _shared, 2, MAX_ARGUMENTS),
    "clamp": Kind(lambda v: min(max(v[0], v[1]), v[2]), ends.clamped, common, 3, 3),
    "abs": Kind(lambda v: abs(Fraction(v[0])), ends.absolute, common, 1, 1),
    "floor": Kind(lambda v: v[0].__floor__(), ends.rising(lambda x: x.__floor__()), _whole, 1, 1),
    "ceil": Kind(lambda v: v[0].__ceil__(), ends.rising(lambda x: x.__ceil__()), _whole, 1, 1),
    "round": Kind(_round, ends.rounded, _none),
    "ratio": Kind(lambda v: Fraction(v[0]) / v[1] if v[1] else v[2], ends.ratio, _none, 3, 3),
    "interpolate": Kind(ends.interpolated, ends.between_lines, _none, 5, MAX_ARGUMENTS),
}

_ListValue: TypeAlias = "Callable[[list[tuple[Number, ...]]], Number]"
OF_LISTS: dict[str, tuple[_ListValue, Callable[[list[Bounds]], Bounds]]] = {
    "min": (lambda v: min(v[0]), lambda b: b[0]),
    "max": (lambda v: max(v[0]), lambda b: b[0]),
    "mean": (lambda v: Fraction(added(v[0])) / len(v[0]), lambda b: b[0]),
    "count": (lambda v: len(v[0]), lambda _: (0, None)),
    "sum": (lambda v: added(v[0]), lambda b: ends.of_many(b[0])),
    "wmean": (_weighted, ends.between_items),
}

#: the words of the operations, which are no names
OPERATIONS = frozenset(OF_NUMBERS).union(OF_LISTS) - frozenset("+-*/") - {"neg"}
