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
from kpirules.translations.message import Given, Message, MessageError, reason_of


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.arithmetic.number import Number
    from kpirules.evaluation.result_parts import Given as GivenValue
    from kpirules.evaluation.result_parts import Item

_T = TypeVar("_T")

#: the most digits of a number, above and below its fraction bar: those of a computed one
MAX_DIGITS = MAX_COMPUTED_DIGITS
#: the last position of a band or gate, and the largest number of tiers
MAX_INDEX = 1_000_000


@attrs.frozen
class Repeated:
    """An object that has a key twice: JSON readers keep one of the values, and not all the same."""

    key: str


def parse(text: str | bytes) -> object:
    """Parse JSON; ``ValueError`` where it is none. An object with a key twice is `Repeated`."""
    try:
        return json.loads(text, object_pairs_hook=_table, parse_constant=_no_constant)
    except RecursionError:
        raise MessageError(Message("stored.nested")) from None


def _table(pairs: list[tuple[str, object]]) -> object:
    """Return the table of an object."""
    table = dict(pairs)
    if len(table) == len(pairs):
        return table
    return Repeated(Counter(key for key, _ in pairs).most_common(1)[0][0])


def _no_constant(name: str) -> NoReturn:
    """Reject what JSON does not have: NaN, Infinity."""
    raise MessageError(Message.of("stored.no-constant", value=name))


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

    def wrong(self, key: str, /, **params: object) -> NoReturn:
        """Raise what is wrong here: a message by its key."""
        reason = Message.of(f"stored.{key}", **params)
        raise StoredResultError(where=printable(self.path[:200]), reason=reason)

    def expected(self, kind: str, /, **params: object) -> NoReturn:
        """Raise that something of another kind belongs here."""
        what = Message.of(f"stored-kind.{kind}", **params)
        self.wrong("other-kind", value=given_value(self.value), kind=what)

    # ------------------------------------------------------------ tables and lists

    def table(self) -> dict[str, Any]:
        """Return the table."""
        if isinstance(self.value, Repeated):
            self.wrong("key-twice", key=Given(self.value.key))
        if not is_dict(self.value):
            self.expected("object")
        for key in self.value:
            # a tree that a program built may have others
            Node(key, self.key, self.above).text()
        return self.value

    def __getitem__(self, key: str) -> Node:
        """Return the value of a key that must be there."""
        table = self.value if is_dict(self.value) else self.table()
        if key not in table:
            self.wrong("no-key", key=key)
        return Node(table[key], key, self)

    def member(self, key: str) -> Node:
        """Return the value of a key; None where it is not there."""
        return Node(self.table().get(key), key, self)

    def items(self) -> list[Node]:
        """Return the items of a list."""
        if not is_list(self.value):
            self.expected("list")
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
            self.expected("text")
        if not self.value.isascii():
            try:
                self.value.encode()
            except UnicodeEncodeError:
                self.wrong("half-character")
        return self.value

    def flag(self) -> bool:
        """Return true or false."""
        return self.value if isinstance(self.value, bool) else self.expected("flag")

    def index(self) -> int:
        """Return a position, or another small whole number."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INDEX:
            self.expected("index", most=MAX_INDEX)
        return value

    def number(self) -> Exact:
        """Return a computed number."""
        text = self.value
        if not isinstance(text, str):
            self.expected("number")
        try:
            # the decimals of a fraction are at most as many as its denominator has bits
            number = Exact(text) if len(text) <= 5 * MAX_DIGITS else None
        except NotExactError:
            self.expected("number")
        if number is None or size(number.number) > MAX_DIGITS:
            self.wrong("digits", value=Given(text), most=MAX_DIGITS)
        return number

    def value_of(self) -> Exact | str:
        """Return a computed value: a number, or a text in a table of its own."""
        return self["text"].text() if is_dict(self.value) else self.number()

    def date(self) -> date:
        """Return a date."""
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            self.expected("date")

    def range(self) -> Range:
        """Return a range, or the range of one number."""
        text = self.text()
        try:
            return Range.exactly(exact(text)) if PLAIN.fullmatch(text) else Range.parse(text)
        except (RangeSyntaxError, NotExactError) as error:
            self.wrong("no-range", value=Given(text), reason=reason_of(error))

    def given(self) -> GivenValue:
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
            self.expected("value")
        if size(value) > MAX_DIGITS:
            self.wrong("digits", value=given_value(value), most=MAX_DIGITS)
        return value


def size(number: Number) -> int:
    """Return about how many digits a number has, above or below its fraction bar."""
    # the logarithm of 2 is a little more than 0.301
    return max(abs(number.numerator), number.denominator).bit_length() * 301 // 1000


def given_value(value: object) -> object:
    """Return what a message shows of a value; of what holds others, its kind."""
    if isinstance(value, str):
        return Given(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return brief(value)
    return Message("stored-kind.list" if is_list(value) else "stored-kind.object")
