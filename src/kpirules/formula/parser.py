"""Text to tree: the small closed grammar of formulas, and what is wrong with other texts."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, cast

import attrs

from kpirules._internal.display import brief, similar
from kpirules.arithmetic.number import MAX_DIGITS, Number, exact
from kpirules.formula.functions import FUNCTIONS, OF_LISTS, OF_NUMBERS
from kpirules.formula.nodes import Constant, Name, Node, OfList, Operation


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpirules.arithmetic.interval import Bounds
    from kpirules.formula.nodes import Operand


#: a longer text, or one that nests deeper, is refused
MAX_LENGTH = 500
MAX_DEPTH = 40


@attrs.frozen(kw_only=True, eq=False)
class FormulaSyntaxError(ValueError):
    """A text that is no formula: what is wrong, and at which characters, counted from 0."""

    message: str
    help: str = ""
    start: int = 0
    end: int

    def __str__(self) -> str:
        return self.message


_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)"
    r"|(?P<sign>[-+*/(),]))",
    re.ASCII,
)

#: what people type for the signs
_SIGNS = str.maketrans(
    "\u00d7\u00f7\u2212\uff0b\uff0d\uff0a\uff0f\uff08\uff09\uff0c\u3000", "*/-+-*/(), "
)


@attrs.frozen
class _Token:
    kind: str
    text: str
    start: int
    end: int


@attrs.frozen(kw_only=True)
class Formula:
    """A formula that was read: its text and its tree.

    >>> accuracy = parse("10 - 2 * errors")
    >>> accuracy.value({"errors": 3}), accuracy.names
    (4, ('errors',))
    >>> accuracy.bounds({"errors": (0, 4)})
    (2, 10)
    """

    text: str
    tree: Node

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once, in the order of the text."""
        return tuple(dict.fromkeys(self.tree.names()))

    @cached_property
    def size(self) -> int:
        """The count of its nodes."""
        return self.tree.size()

    def value(self, of: Mapping[str, Operand]) -> Number:
        """Give its value; :class:`UndefinedError` where there is none."""
        return self.tree.value(of)

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Give bounds that its value never leaves, for bounds of its names."""
        return self.tree.bounds(of)

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Give a number that all its values are multiples of, or None; 0 where all are 0."""
        return self.tree.grid(of)


@lru_cache(maxsize=4096)
def parse(text: str, lists: frozenset[str] = frozenset()) -> Formula:
    """Read a formula; :class:`FormulaSyntaxError` says what is wrong, and where in the text.

    ``lists``: the names that stand for lists of numbers.
    """
    if len(text) > MAX_LENGTH:
        message = f"a formula of {len(text)} characters; at most {MAX_LENGTH} are read"
        raise FormulaSyntaxError(message=message, end=len(text))
    return Formula(text=text, tree=_Reader(text, lists).read())


class _Reader:
    """Reads a formula from its tokens, by recursive descent."""

    def __init__(self, text: str, lists: frozenset[str]) -> None:
        self._text = text
        self._lists = lists
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        """Read the whole text."""
        tree = self._sum()
        if self._next is not None:
            raise self._wrong(f'"{self._next.text}" is not expected here')
        return tree

    @property
    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _takes(self, *signs: str) -> str | None:
        """Take one of some signs, if it comes next."""
        token = self._next
        if token is not None and token.kind == "sign" and token.text in signs:
            self._at += 1
            return token.text
        return None

    def _wrong(
        self, message: str, help_: str = "", token: _Token | None = None
    ) -> FormulaSyntaxError:
        """Say what is wrong with what comes next, or with a token."""
        at = token or self._next
        end = len(self._text)
        start, stop = (at.start, at.end) if at else (end, end + 1)
        return FormulaSyntaxError(message=message, help=help_, start=start, end=stop)

    def _sum(self) -> Node:
        """Read terms with + and -."""
        node = self._product()
        while sign := self._takes("+", "-"):
            node = Operation(sign, (node, self._product()))
        return node

    def _product(self) -> Node:
        """Read factors with * and /."""
        node = self._factor()
        while sign := self._takes("*", "/"):
            node = Operation(sign, (node, self._factor()))
        return node

    def _factor(self) -> Node:
        """Read a number, a name, an operation, a bracket, or one of them with a minus before it."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._wrong(f"brackets and signs nest deeper than {MAX_DEPTH}")
        node = self._plain_factor()
        self._depth -= 1
        return node

    def _plain_factor(self) -> Node:
        """Read a factor, whatever its depth."""
        if self._takes("-"):
            return Operation("neg", (self._factor(),))
        if self._takes("("):
            node = self._sum()
            if not self._takes(")"):
                raise self._wrong('a bracket is open: ")" is expected here')
            return node
        token = self._next
        if token is None:
            raise self._wrong("the formula ends too early")
        if token.kind == "sign":
            raise self._wrong(f'a number or a name is expected before "{token.text}"')
        self._at += 1
        return self._number(token) if token.kind == "number" else self._name(token)

    def _number(self, token: _Token) -> Node:
        """Take a number."""
        if len(token.text) > MAX_DIGITS:
            raise self._wrong(f"{brief(token.text)} has too many digits", token=token)
        return Constant(exact(token.text))

    def _name(self, token: _Token) -> Node:
        """Take a name, or read the operation that begins with it."""
        if self._takes("("):
            return self._operation(token)
        if token.text in FUNCTIONS:
            raise self._wrong(
                f'"{token.text}" is an operation: write {token.text}(...)', token=token
            )
        if token.text in self._lists:
            help_ = f"write sum({token.text}), mean({token.text}) or the like"
            raise self._wrong(f"{token.text} is a list, not a number", help_, token)
        return Name(token.text)

    def _operation(self, word: _Token) -> Node:
        """Read the arguments of an operation."""
        if word.text not in FUNCTIONS:
            known = tuple(sorted(FUNCTIONS))
            near = similar(word.text, known)
            help_ = f'did you mean "{near}"?' if near else f"the operations are {', '.join(known)}"
            raise self._wrong(f'there is no operation "{brief(word.text)[1:-1]}"', help_, word)
        of_list = OF_LISTS.get(word.text)
        lists = self._list_names() if of_list is not None else None
        if of_list is not None and lists is not None and len(lists) == of_list.lists:
            return OfList(word.text, lists)
        if of_list is not None and (lists is not None or word.text not in OF_NUMBERS):
            raise self._wrong(f"{word.text} takes {_lists(of_list.lists)}", token=word)
        arguments = [self._sum()]
        while self._takes(","):
            arguments.append(self._sum())
        if not self._takes(")"):
            raise self._wrong('"," or ")" is expected here')
        return self._checked(word, tuple(arguments))

    def _list_names(self) -> tuple[str, ...] | None:
        """Read arguments that are all names of lists; None, and nothing read, for others."""
        start, names = self._at, list[str]()
        while (token := self._next) is not None and token.text in self._lists:
            names.append(token.text)
            self._at += 1
            if self._takes(")"):
                return tuple(names)
            if not self._takes(","):
                break
        self._at = start
        return None

    def _checked(self, word: _Token, arguments: tuple[Node, ...]) -> Node:
        """Check the arguments of an operation over numbers."""
        kind = OF_NUMBERS[word.text]
        count = len(arguments)
        if not kind.least <= count <= kind.most:
            wanted = str(kind.least) if kind.least == kind.most else f"{kind.least} or more"
            raise self._wrong(f"{word.text} takes {wanted} arguments, not {count}", token=word)
        fault = kind.fault([_constant(argument) for argument in arguments])
        if fault is not None:
            raise self._wrong(fault, token=word)
        return Operation(word.text, arguments)


def _lists(count: int) -> str:
    """Say how many lists an operation takes."""
    return "the name of a list" if count == 1 else "the names of a list and of its weights"


def _constant(node: Node) -> Number | None:
    """Give the number that a node is, with or without a minus before it."""
    if isinstance(node, Constant):
        return node.number
    if isinstance(node, Operation) and node.word == "neg":
        inner = _constant(node.arguments[0])
        return None if inner is None else -inner
    return None


def _tokens(text: str) -> Iterator[_Token]:
    """Cut a text into tokens."""
    plain = text.translate(_SIGNS)
    at = 0
    end = len(plain.rstrip())
    while at < end:
        match = _TOKEN.match(plain, at)
        if match is None:
            start = at + len(plain[at:]) - len(plain[at:].lstrip())
            raise FormulaSyntaxError(
                message=f"{brief(text[start])} has no place in a formula",
                help="a formula has numbers, names, + - * / ( ) and operations such as min(a, b)",
                start=start,
                end=start + 1,
            )
        kind = cast("str", match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind), match.end())
        at = match.end()
