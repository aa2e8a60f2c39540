"""The tree of a formula: nodes that compute their value, their interval and their step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import attrs

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.interval import Bounds, any_of, is_long, shortened
from kpirules.arithmetic.number import Number, canonical
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.ratio import Ratio, checked, number_of
from kpirules.formula.functions import OF_LISTS, OF_NUMBERS, SELECTIONS, common
from kpirules.translations.message import Joined, Message, MessageError, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


T = TypeVar("T")

DIVISION = Message.of("problem.division-by-zero")

#: the value of a name: a number, or the items of a list
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
    #: the finding that excludes another case; empty if there is none
    code: str = ""

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

    def own_names(self) -> tuple[str, ...]:
        """Return the names in this node itself."""
        return ()

    def names(self) -> Iterator[str]:
        """Yield the names in the tree, in the order of the text."""
        yield from self.own_names()
        for part in self.parts():
            yield from part.names()

    def lacking(self, is_missing: Callable[[str], bool]) -> Iterator[str]:
        """Yield the names without which there is no value; nothing if there is a value."""
        yield from filter(is_missing, self.own_names())
        for part in self.parts():
            yield from part.lacking(is_missing)

    def has_value(
        self,
        known: Callable[[str], T],
        every: Callable[[Iterable[T]], T],
        some: Callable[[Iterable[T]], T],
    ) -> T:
        """Return when there is a value: when every name is known, or some argument is given."""
        parts = [part.has_value(known, every, some) for part in self.parts()]
        return every([*map(known, self.own_names()), *parts])

    def lists_of_numbers(self) -> Iterator[str]:
        """Yield the names of the lists whose items must be numbers."""
        for part in self.parts():
            yield from part.lists_of_numbers()

    def divisions(self) -> Iterator[Divisor]:
        """Yield the divisors in the tree, innermost first."""
        for part in self.parts():
            yield from part.divisions()

    def distances(self) -> Iterator[Node]:
        """Yield the distances of the points of lines in the tree: each must be above 0."""
        for part in self.parts():
            yield from part.distances()


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

    def own_names(self) -> tuple[str, ...]:
        """Return the name."""
        return (self.name,)


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
        kind, parts = OF_NUMBERS[self.word], [each.compiled() for each in self.arguments]
        if kind.of_given:
            return self._first_given(parts)
        act = kind.value

        def ratio(of: Mapping[str, Operand]) -> Ratio:
            try:
                return checked(act(*[part(of) for part in parts]))
            except ZeroDivisionError:
                names = tuple(dict.fromkeys(n for d in self._divisors() for n in d.node.names()))
                raise UndefinedError(reason=DIVISION, names=names, divides=True) from None
            except MessageError as error:
                names, code = tuple(self.names()), getattr(error, "code", "")
                raise UndefinedError(reason=error.reason, names=names, code=code) from None

        return ratio

    def _first_given(self, parts: list[Ratios]) -> Ratios:
        """Return the function that returns the value of the first argument that has one."""
        act, pairs = OF_NUMBERS[self.word].value, tuple(zip(self.arguments, parts, strict=True))

        def ratio(of: Mapping[str, Operand]) -> Ratio:
            there = (part for node, part in pairs if not any(node.lacking(_missing_in(of))))
            return act(next(there)(of))

        return ratio

    def has_value(
        self,
        known: Callable[[str], T],
        every: Callable[[Iterable[T]], T],
        some: Callable[[Iterable[T]], T],
    ) -> T:
        """Return when there is a value."""
        if not OF_NUMBERS[self.word].of_given:
            return super().has_value(known, every, some)
        return some([part.has_value(known, every, some) for part in self.arguments])

    def lacking(self, is_missing: Callable[[str], bool]) -> Iterator[str]:
        """Yield the names that an argument lacks; if arguments may be missing, that all lack."""
        if not OF_NUMBERS[self.word].of_given:
            yield from super().lacking(is_missing)
            return
        every = [tuple(argument.lacking(is_missing)) for argument in self.arguments]
        if all(every):
            for names in every:
                yield from names

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

    def distances(self) -> Iterator[Node]:
        """Yield the distances of the points of lines, in the arguments and of this operation."""
        yield from super().distances()
        if OF_NUMBERS[self.word].is_lines:
            for before, after in pairwise(self.arguments[1::2]):
                if not (isinstance(before, Constant) and isinstance(after, Constant)):
                    yield Operation("-", (after, before))


def _missing_in(of: Mapping[str, object]) -> Callable[[str], bool]:
    """Return the test whether a name has no value."""

    def is_missing(name: str) -> bool:
        value = of.get(name)
        return value is None or value is MISSING

    return is_missing


@attrs.frozen
class OfList(Node):
    """One of the operations over a list."""

    word: str
    #: the list, and for a weighted mean the list of weights
    lists: tuple[str, ...]
    #: the selections from the list, the innermost first: the function and its number
    selected: tuple[tuple[str, int], ...] = ()

    def compiled(self) -> Ratios:
        """Return the function that returns the value of the operation."""
        return self._ratio

    def _ratio(self, of: Mapping[str, Operand]) -> Ratio:
        lists = [cast("tuple[Number, ...]", of[name]) for name in self.lists]
        if not lists[0] and not OF_LISTS[self.word].of_empty:
            empty = Message.of("problem.empty-list", function=self.word)
            raise UndefinedError(reason=empty, names=self.lists)
        same_length(dict(zip(self.lists, lists, strict=True)))
        for word, count in self.selected:
            places = SELECTIONS[word].places(lists[0], count)
            if not places and SELECTIONS[word].not_empty:
                left = Message.of("problem.empty-list_trim", items=len(lists[0]), number=count)
                raise UndefinedError(reason=left, names=self.lists)
            lists = [tuple(items[i] for i in places) for items in lists]
        try:
            return checked(OF_LISTS[self.word].value([*lists]))
        except MessageError as error:
            raise UndefinedError(reason=error.reason, names=self.lists) from None
        except ZeroDivisionError:
            zero = Message.of("problem.division-by-zero_weights")
            raise UndefinedError(reason=zero, names=self.lists[1:]) from None

    @property
    def most(self) -> int | None:
        """The greatest number of items that may remain of the list; None: any number."""
        every = (SELECTIONS[word].most(count) for word, count in self.selected)
        return min((most for most in every if most is not None), default=None)

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return the interval of the value."""
        return OF_LISTS[self.word].bounds([of[name] for name in self.lists], self.most)

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return the step of the values."""
        return OF_LISTS[self.word].grid(of[self.lists[0]])

    def parts(self) -> tuple[Node, ...]:
        """Return no nodes."""
        return ()

    def own_names(self) -> tuple[str, ...]:
        """Return the names of the lists."""
        return self.lists

    def lists_of_numbers(self) -> Iterator[str]:
        """Yield the lists, unless the function counts items of any kind."""
        yield from () if OF_LISTS[self.word].of_any and not self.selected else self.lists


@attrs.frozen
class Item(Node):
    """One item of a list, or another value if the list has no such item."""

    name: str
    #: the place of the item, from 1
    place: int
    otherwise: Node

    def compiled(self) -> Ratios:
        """Return the function that returns the item."""
        name, place, otherwise = self.name, self.place, self.otherwise.compiled()

        def ratio(of: Mapping[str, Operand]) -> Ratio:
            items = cast("tuple[Number, ...]", of[name])
            if len(items) < place:
                return otherwise(of)
            return items[place - 1].as_integer_ratio()

        return ratio

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return the interval of the items, and of the other value."""
        return any_of([of[self.name], self.otherwise.bounds(of)])

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return the common step of the items and of the other value."""
        return common([of[self.name], self.otherwise.grid(of)])

    def parts(self) -> tuple[Node, ...]:
        """Return the other value."""
        return (self.otherwise,)

    def own_names(self) -> tuple[str, ...]:
        """Return the name of the list."""
        return (self.name,)

    def lists_of_numbers(self) -> Iterator[str]:
        """Yield the list, and those of the other value."""
        yield self.name
        yield from super().lists_of_numbers()


@attrs.frozen
class Matching(Node):
    """The number of items of a list that match any of some entries."""

    name: str
    #: whether only the most consecutive ones are counted
    is_run: bool
    #: ranges of numbers, texts or flags
    entries: tuple[Range | str | bool, ...]

    def compiled(self) -> Ratios:
        """Return the function that returns the number."""
        return self._ratio

    def _ratio(self, of: Mapping[str, Operand]) -> Ratio:
        items = cast("tuple[object, ...]", of[self.name])
        found = [any(_matches(entry, item) for entry in self.entries) for item in items]
        if self.is_run:
            return max((len([*run]) for holds, run in groupby(found) if holds), default=0), 1
        return sum(found), 1

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:  # noqa: ARG002 - of any items
        """Return the interval of the number."""
        return 0, None

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:  # noqa: ARG002 - as above
        """Return 1: the number is whole."""
        return 1

    def parts(self) -> tuple[Node, ...]:
        """Return no nodes."""
        return ()

    def own_names(self) -> tuple[str, ...]:
        """Return the name of the list."""
        return (self.name,)


def _matches(entry: Range | str | bool, item: object) -> bool:  # noqa: FBT001 - an entry
    """Check whether an item is the one of an entry, or lies in its range."""
    if isinstance(entry, Range):
        is_number = isinstance(item, (int, Fraction)) and not isinstance(item, bool)
        return is_number and entry.contains(cast("Number", item))
    return type(entry) is type(item) and entry == item


def same_length(lists: Mapping[str, tuple[object, ...]]) -> None:
    """Raise :class:`UndefinedError` for lists of different lengths."""
    if len({len(items) for items in lists.values()}) > 1:
        lengths = Joined(
            tuple(
                Message.of("problem-part.length", name=Named(name), count=len(items))
                for name, items in lists.items()
            ),
            "list.comma",
        )
        reason = Message.of("problem.lengths-differ", lengths=lengths)
        raise UndefinedError(reason=reason, names=tuple(lists))
