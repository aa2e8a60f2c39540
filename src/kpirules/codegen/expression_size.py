"""The size of a plan's expressions, counted before any library makes them.

An expression that asks for a value twice holds it twice, so that a few nested words can become
expressions of millions of nodes, which take a database gigabytes to plan. Compiled with this
library in place of a dataframe's, a plan makes nothing but counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_list, is_tuple
from kpirules.codegen.fixed_point import BeyondError
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


#: what holds of a row: an expression of at most so many nodes, each of which takes a database some
#: 0.2 ms and 20 KiB to plan
MAX_NODES = 50_000
#: a number, made of others by arithmetic or a comparison; and all columns of a ruleset together
MAX_OF_NUMBER = 20_000
MAX_OF_NUMBERS = 30_000
#: the number of nodes above which a plan is made sooner with columns for its shared parts
MAX_INLINE = 2_500


class Count:
    """An expression of which the number of nodes is known; each operation adds one.

    ``columns``: the columns on whose values it depends.
    """

    __slots__ = ("columns", "nodes")

    def __init__(
        self, *parts: object, is_number: bool = False, columns: frozenset[str] | None = None
    ) -> None:
        counts = list(_counts(parts))
        self.columns: frozenset[str] = (
            frozenset[str]().union(*(each.columns for each in counts))
            if columns is None
            else columns
        )
        self.nodes: int = 1 + sum(_nodes(part) for part in parts)
        most = MAX_OF_NUMBER if is_number else MAX_NODES
        if self.nodes > most:
            raise BeyondError(Message.of("cannot-express.long-expression", most=most))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a method, or a group of them
        if name.startswith("__"):
            raise AttributeError(name)
        return _Method(self)


class _Method(Count):
    """A method of an expression, or a group of methods such as ``str``."""

    __slots__ = ()

    def __call__(self, *arguments: object, **more: object) -> Count:
        """Return an expression of this one and the arguments."""
        return Count(self, *arguments, *more.values())


def nodes_of(parts: Iterable[object]) -> int:
    """Return the nodes of some expressions together."""
    return sum(map(_nodes, parts))


def _counts(parts: Iterable[object]) -> Iterator[Count]:
    """Yield the expressions among the parts of an expression."""
    for part in parts:
        if isinstance(part, Count):
            yield part
        elif is_list(part) or is_tuple(part):
            yield from _counts(part)


def _nodes(part: object) -> int:
    """Return the nodes of a part of an expression; what is no expression is one."""
    if isinstance(part, Count):
        return part.nodes
    if is_list(part) or is_tuple(part):
        return sum(map(_nodes, part))
    return 1


def _of_numbers(self: Count, other: object) -> Count:
    """Return an expression of two numbers."""
    return Count(self, other, is_number=True)


def _of_one(self: Count) -> Count:
    """Return an expression of one."""
    return Count(self)


def _of_truths(self: Count, other: object) -> Count:
    """Return an expression of two truths."""
    return Count(self, other)


for _word in ("add", "sub", "mul", "truediv", "floordiv", "mod"):
    setattr(Count, f"__{_word}__", _of_numbers)
    setattr(Count, f"__r{_word}__", _of_numbers)
for _word in ("lt", "le", "gt", "ge"):
    setattr(Count, f"__{_word}__", _of_numbers)
# texts are compared with these, numbers seldom
for _word in ("and", "or", "eq", "ne"):
    setattr(Count, f"__{_word}__", _of_truths)
for _word in ("invert", "neg"):
    setattr(Count, f"__{_word}__", _of_one)


class Counting:
    """The words that expressions are written in (see :class:`kpirules.codegen.backend.Library`)."""

    def __init__(self) -> None:
        self._numbers = 0

    def col(self, name: str) -> Count:
        """Count a column."""
        return Count(name, columns=frozenset({name}))

    def lit(self, value: object, dtype: object = None) -> Count:  # noqa: ARG002 - a library's words
        """Count a value."""
        return Count(value)

    def when(self, condition: object) -> Any:  # noqa: ANN401 - what waits for its ``then``
        """Count a condition."""
        return Count(condition)

    def concat_str(self, parts: list[object]) -> Count:
        """Count texts."""
        return Count(parts)

    def kept(self, name: str, expr: Count) -> Count:
        """Count the column into which an expression was put."""
        # what is larger holds of a row: it is made of all parts
        self._numbers += expr.nodes if expr.nodes <= MAX_OF_NUMBER else 0
        if self._numbers > MAX_OF_NUMBERS:
            raise BeyondError(Message.of("cannot-express.long-expressions", most=MAX_OF_NUMBERS))
        return Count(name, columns=expr.columns)

    def presence(self, expr: Count) -> Count:
        """Count whether a value is given, which is the same for all values."""
        return Count(expr, columns=frozenset())

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Return a type."""
        return lambda *_: name
