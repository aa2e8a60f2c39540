"""The tree of a formula: nodes that compute their value, their interval and their step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs

from kpirules.arithmetic.interval import Bounds, is_long, shortened
from kpirules.arithmetic.number import Number, TooLongError, canonical
from kpirules.arithmetic.ratio import Ratio, checked, number_of
from kpirules.formula.functions import OF_LISTS, OF_NUMBERS
from kpirules.translations.message import Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


DIVISION = Message.of("problem.division-by-zero")

#: the value of a name: a number, or the numbers of a list
Operand: TypeAlias = "Number | tuple[Number, ...]"
#: returns a ratio for values of the names, or raises :class:`UndefinedError`
Ratios: TypeAlias = "Callable[[Mapping[str, Operand]], Ratio]"


@attrs.frozen(kw_only=True, eq=False)
class UndefinedError(ValueError):
    """A formula without a value for some values of its names, such as a division by 0."""

    #: what is undefined, such as a division by 0
    reason: Message
    #: the names that the formula depends on
    names: tuple[str, ...]
    #: whether a divisor is 0, which `check` excludes; records must exclude all other cases
    divides: bool = False

    def __str__(self) -> str:
        return self.reason.text()


class Node(ABC):
    """A part of a formula."""

    __slots__ = ()

    def value(self, of: Mapping[str, Operand]) -> Number:
        """Return the value for values of the names, or raise :class:`UndefinedError`."""
        return number_of(self.compiled()(of))

    @abstractmethod
    def compiled(self) -> Ratios:
        """Return the function that returns the value as a ratio."""

    @abstractmethod
    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return an interval of the value, for intervals of the names (of a list's items)."""

    @abstractmethod
    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return a step of which all values are multiples, for steps of the names; or None."""

    @abstractmethod
    def parts(self) -> tuple[Node, ...]:
        """Return the child nodes."""

    def size(self) -> int:
        """Return the count of the nodes in this tree."""
        return 1 + sum(part.size() for part in self.parts())

    def names(self) -> Iterator[str]:
        """Yield the names in the tree, in the order of the text."""
        for part in self.parts():
            yield from part.names()

    def divisions(self) -> Iterator[Divisor]:
        """Yield the divisors in the tree, innermost first."""
        for part in self.parts():
            yield from part.divisions()


@attrs.frozen
class Constant(Node):
    """A number."""

    number: Number

    def compiled(self) -> Ratios:
        """Return the function that returns the number."""
        ratio = self.number.as_integer_ratio()
        return lambda _: ratio

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:  # noqa: ARG002 - it depends on no name
        """Return the interval that contains only the number."""
        return self.number, self.number

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:  # noqa: ARG002 - as above
        """Return the number itself as the step."""
        return canonical(abs(Fraction(self.number)))

    def parts(self) -> tuple[Node, ...]:
        """Return no nodes."""
        return ()


@attrs.frozen
class Name(Node):
    """A reference to one number."""

    name: str

    def compiled(self) -> Ratios:
        """Return the function that returns the value of the name."""
        name = self.name
        return lambda of: of[name].as_integer_ratio()  # type: ignore[union-attr]  # a number

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return the interval of the name."""
        return of[self.name]

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return the step of the name."""
        return of[self.name]

    def parts(self) -> tuple[Node, ...]:
        """Return no nodes."""
        return ()

    def names(self) -> Iterator[str]:
        """Yield the name."""
        yield self.name


@attrs.frozen
class Divisor:
    """A divisor in a formula, which must not be 0."""

    node: Node
    #: whether it is the step of a rounding, which must not be negative either
    of_step: bool


@attrs.frozen
class Operation(Node):
    """One of the operations over numbers."""

    word: str
    arguments: tuple[Node, ...]

    def compiled(self) -> Ratios:
        """Return the function that returns the value of the operation."""
        act, parts = OF_NUMBERS[self.word].value, [each.compiled() for each in self.arguments]

        def ratio(of: Mapping[str, Operand]) -> Ratio:
            try:
                return checked(act(*[part(of) for part in parts]))
            except ZeroDivisionError:
                names = tuple(dict.fromkeys(n for d in self._divisors() for n in d.node.names()))
                raise UndefinedError(reason=DIVISION, names=names, divides=True) from None
            except TooLongError as error:
                raise UndefinedError(reason=error.reason, names=tuple(self.names())) from None

        return ratio

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return the interval of the value."""
        found = [argument.bounds(of) for argument in self.arguments]
        return shortened(OF_NUMBERS[self.word].bounds(found))

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return the step of the values."""
        grids = [argument.grid(of) for argument in self.arguments]
        numbers = [e.number if isinstance(e, Constant) else None for e in self.arguments]
        found = OF_NUMBERS[self.word].grid(grids, numbers)
        # a step that fine is of no use
        return None if found is None or is_long(found) else found

    def parts(self) -> tuple[Node, ...]:
        """Return the arguments."""
        return self.arguments

    def _divisors(self) -> tuple[Divisor, ...]:
        """Return the divisor of this operation itself, if it has one."""
        kind = OF_NUMBERS[self.word]
        if kind.divisor is None:
            return ()
        return (Divisor(self.arguments[kind.divisor], kind.of_step),)

    def divisions(self) -> Iterator[Divisor]:
        """Yield the divisors in the arguments and of this operation."""
        yield from super().divisions()
        yield from self._divisors()


@attrs.frozen
class OfList(Node):
    """One of the operations over a list."""

    word: str
    #: the list, and for a weighted mean the list of weights
    lists: tuple[str, ...]

    def compiled(self) -> Ratios:
        """Return the function that returns the value of the operation."""
        return self._ratio

    def _ratio(self, of: Mapping[str, Operand]) -> Ratio:
        lists = [cast("tuple[Number, ...]", of[name]) for name in self.lists]
        if not lists[0] and not OF_LISTS[self.word].of_empty:
            empty = Message.of("problem.empty-list", function=self.word)
            raise UndefinedError(reason=empty, names=self.lists)
        if len({len(items) for items in lists}) > 1:
            names = Joined(tuple(map(Named, self.lists)), "list.and")
            raise UndefinedError(
                reason=Message.of("problem.lengths-differ", names=names), names=self.lists
            )
        try:
            return checked(OF_LISTS[self.word].value(lists))
        except TooLongError as error:
            raise UndefinedError(reason=error.reason, names=self.lists) from None
        except ZeroDivisionError:
            zero = Message.of("problem.division-by-zero_weights")
            raise UndefinedError(reason=zero, names=self.lists[1:]) from None

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return the interval of the value."""
        return OF_LISTS[self.word].bounds([of[name] for name in self.lists])

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return the step of the values."""
        return OF_LISTS[self.word].grid(of[self.lists[0]])

    def parts(self) -> tuple[Node, ...]:
        """Return no nodes."""
        return ()

    def names(self) -> Iterator[str]:
        """Yield the names of the lists."""
        yield from self.lists
