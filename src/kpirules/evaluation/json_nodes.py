"""JSON that is not trusted, parsed and read value by value, each with its path."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import attrs

from kpirules._internal.display import brief, printable
from kpirules._internal.typeguards import is_dict, is_list
from kpirules.arithmetic.number import MAX_COMPUTED_DIGITS, PLAIN, Exact, NotExactError, exact
from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.errors import StoredResultError


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.arithmetic.number import Number
    from kpirules.evaluation.result_parts import Given, Item

_T = TypeVar("_T")

#: the most digits of a number, above and below its fraction bar: those of a computed one
MAX_DIGITS = MAX_COMPUTED_DIGITS
#: the last position of a band or gate, and the largest number of tiers
MAX_INDEX = 1_000_000

#: so many characters of a text are shown
_MAX_SHOWN = 60


@attrs.frozen
class Repeated:
    """An object that has a key twice: JSON readers keep one of the values, and not all the same."""

    key: str


def parse(text: str | bytes) -> object:
    """Parse JSON; ``ValueError`` where it is none. An object with a key twice is `Repeated`."""
    try:
        return json.loads(text, object_pairs_hook=_table, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _table(pairs: list[tuple[str, object]]) -> object:
    """Return the table of an object."""
    table = dict(pairs)
    if len(table) == len(pairs):
        return table
    return Repeated(Counter(key for key, _ in pairs).most_common(1)[0][0])


def _no_constant(name: str) -> NoReturn:
    """Reject what JSON does not have: NaN, Infinity."""
    raise ValueError(f"{name} is not a value of JSON")


class Node:
    """A value of the tree, which knows its place: its key or index in the node above."""

    # a plain class with slots: a result has hundreds of them
    __slots__ = ("above", "key", "value")

    def __init__(self, value: object, key: str | int = "$", above: Node | None = None) -> None:
        self.value: object = value
        self.key: str | int = key
        self.above: Node | None = above

    @property
    def path(self) -> str:
        """The place in the tree, such as ``$.lines[3].points``."""
        if self.above is None:
            return str(self.key)
        last = f"[{self.key}]" if isinstance(self.key, int) else f".{self.key}"
        return self.above.path + last

    def wrong(self, reason: str) -> NoReturn:
        """Raise what is wrong here."""
        raise StoredResultError(where=printable(self.path[:200]), reason=reason)

    def expected(self, what: str) -> NoReturn:
        """Raise that something else belongs here."""
        self.wrong(f"{shown(self.value)} is not {what}")

    # ------------------------------------------------------------ tables and lists

    def table(self) -> dict[str, Any]:
        """Return the table."""
        if isinstance(self.value, Repeated):
            self.wrong(f"has the key {shown(self.value.key)} twice")
        if not is_dict(self.value):
            self.expected("an object")
        for key in self.value:
            # a tree that a program built may have others
            Node(key, self.key, self.above).text()
        return self.value

    def __getitem__(self, key: str) -> Node:
        """Return the value of a key that must be there."""
        table = self.value if is_dict(self.value) else self.table()
        if key not in table:
            self.wrong(f'has no "{key}"')
        return Node(table[key], key, self)

    def member(self, key: str) -> Node:
        """Return the value of a key; None where it is not there."""
        return Node(self.table().get(key), key, self)

    def items(self) -> list[Node]:
        """Return the items of a list."""
        if not is_list(self.value):
            self.expected("a list")
        return [Node(item, i, self) for i, item in enumerate(self.value)]

    def each(self, read: Callable[[Node], _T]) -> tuple[_T, ...]:
        """Read all items of a list."""
        return tuple(map(read, self.items()))

    def maybe(self, read: Callable[[Node], _T]) -> _T | None:
        """Read what may be null."""
        return None if self.value is None else read(self)

    # ------------------------------------------------------------ single values

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str):
            self.expected("a text")
        if not self.value.isascii():
            try:
                self.value.encode()
            except UnicodeEncodeError:
                self.wrong("has half of a character, which no text has")
        return self.value

    def flag(self) -> bool:
        """Return true or false."""
        return self.value if isinstance(self.value, bool) else self.expected("true or false")

    def index(self) -> int:
        """Return a position, or another small whole number."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INDEX:
            self.expected(f"a whole number from 0 to {MAX_INDEX}")
        return value

    def number(self) -> Exact:
        """Return a computed number."""
        text = self.value
        if not isinstance(text, str):
            self.expected("a number")
        try:
            # the decimals of a fraction are at most as many as its denominator has bits
            number = Exact(text) if len(text) <= 5 * MAX_DIGITS else None
        except NotExactError:
            self.expected("a number")
        if number is None or size(number.number) > MAX_DIGITS:
            self.wrong(f"{shown(text)} has more than {MAX_DIGITS} digits")
        return number

    def value_of(self) -> Exact | str:
        """Return a computed value: a number, or a text in a table of its own."""
        return self["text"].text() if is_dict(self.value) else self.number()

    def date(self) -> date:
        """Return a date."""
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            self.expected("a date")

    def range(self) -> Range:
        """Return a range, or the range of one number."""
        text = self.text()
        try:
            return Range.exactly(exact(text)) if PLAIN.fullmatch(text) else Range.parse(text)
        except (RangeSyntaxError, NotExactError) as error:
            self.wrong(f"{shown(text)} is not a range: {error}")

    def given(self) -> Given:
        """Return a value of a record, or what was computed from one."""
        value = self.value
        if is_list(value):
            return self.each(Node.item)
        return self.item()

    def item(self) -> Item:
        """Return a value of a record that is not a list, or an item of one."""
        if isinstance(self.value, (bool, str)):
            return self.value if isinstance(self.value, bool) else self.text()
        return self.plain_number()

    def plain_number(self) -> Number:
        """Return a number of a record: a whole one, or a text in a table of its own."""
        value = self.value
        if is_dict(value):
            return self["number"].number().number
        if isinstance(value, bool) or not isinstance(value, int):
            self.expected("a value of a record")
        if size(value) > MAX_DIGITS:
            self.wrong(f"{brief(value)} has more than {MAX_DIGITS} digits")
        return value


def size(number: Number) -> int:
    """Return about how many digits a number has, above or below its fraction bar."""
    # the logarithm of 2 is a little more than 0.301
    return max(abs(number.numerator), number.denominator).bit_length() * 301 // 1000


def shown(value: object) -> str:
    """Show a value; of what holds others, its kind."""
    if isinstance(value, str):
        more = "..." if len(value) > _MAX_SHOWN else ""
        return printable(json.dumps(value[:_MAX_SHOWN], ensure_ascii=False)) + more
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return brief(value)
    return "a list" if is_list(value) else "an object"
