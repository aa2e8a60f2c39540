"""The parser of formulas, with the messages for other texts."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

import attrs

from kpirules._internal.display import brief, similar
from kpirules.arithmetic.number import MAX_DIGITS, Number, exact
from kpirules.formula.functions import FUNCTIONS, OF_LISTS, OF_NUMBERS
from kpirules.formula.nodes import Constant, Name, Node, OfList, Operation
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpirules.arithmetic.interval import Bounds
    from kpirules.formula.nodes import Operand


#: the maximum length of a formula, in characters, and its maximum depth of nesting
MAX_LENGTH = 500
MAX_DEPTH = 40


@attrs.frozen(kw_only=True, eq=False)
class FormulaSyntaxError(ValueError):
    """A text that is not a formula: the error and its characters, counted from 0."""

    reason: Message
    advice: Message | str = ""
    start: int = 0
    end: int

    def __str__(self) -> str:
        return self.reason.text()


_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)"
    r"|(?P<sign>[-+*/(),]))",
    re.ASCII,
)

#: a word that is not a name, since it has other letters than a-z
_LABEL = re.compile(r"[^\W\d][\w.]*")

#: common substitutes for the signs
_SIGNS = str.maketrans(
    "\u00d7\u00f7\u2212\uff0b\uff0d\uff0a\uff0f\uff08\uff09\uff0c\u3000", "*/-+-*/(), "
)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@attrs.frozen(kw_only=True)
class Formula:
    """A parsed formula: its text and its tree.

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
        """Return the names in the formula, each once, in the order of the text."""
        return tuple(dict.fromkeys(self.tree.names()))

    @cached_property
    def size(self) -> int:
        """Return the count of the nodes."""
        return self.tree.size()

    def value(self, of: Mapping[str, Operand]) -> Number:
        """Return the value; raise :class:`UndefinedError` if there is none."""
        return self.tree.value(of)

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return an interval of the value, for intervals of the names."""
        return self.tree.bounds(of)

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return a step of which all values are multiples, or None; 0 if all values are 0."""
        return self.tree.grid(of)


@lru_cache(maxsize=4096)
def parse(text: str, lists: frozenset[str] = frozenset()) -> Formula:
    """Parse a formula; raise :class:`FormulaSyntaxError` with the error and its location.

    ``lists``: the names whose values are lists of numbers.
    """
    if len(text) > MAX_LENGTH:
        reason = Message.of("formula.too-long", length=len(text), most=MAX_LENGTH)
        raise FormulaSyntaxError(reason=reason, end=len(text))
    return Formula(text=text, tree=_Parser(text, lists).read())


class _Parser:
    """A parser of a formula's tokens, by recursive descent."""

    def __init__(self, text: str, lists: frozenset[str]) -> None:
        self._text = text
        self._lists = lists
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        """Parse the whole text."""
        tree = self._sum()
        if self._next is not None:
            raise self._error(Message.of("formula.unexpected", text=self._next.text))
        return tree

    @property
    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _accept(self, *signs: str) -> str | None:
        """Consume one of several signs, if it comes next."""
        token = self._next
        if token is not None and token.kind == "sign" and token.text in signs:
            self._at += 1
            return token.text
        return None

    def _error(
        self, reason: Message, advice: Message | str = "", token: _Token | None = None
    ) -> FormulaSyntaxError:
        """Return the error for a token, or for the next one."""
        at = token or self._next
        end = len(self._text)
        start, stop = (at.start, at.end) if at else (end, end + 1)
        return FormulaSyntaxError(reason=reason, advice=advice, start=start, end=stop)

    def _sum(self) -> Node:
        """Parse terms with + and -."""
        node = self._product()
        while sign := self._accept("+", "-"):
            node = Operation(sign, (node, self._product()))
        return node

    def _product(self) -> Node:
        """Parse factors with * and /."""
        node = self._factor()
        while sign := self._accept("*", "/"):
            node = Operation(sign, (node, self._factor()))
        return node

    def _factor(self) -> Node:
        """Parse a number, name, operation or bracket, with an optional minus before it."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(Message.of("formula.too-deep", most=MAX_DEPTH))
        node = self._plain_factor()
        self._depth -= 1
        return node

    def _plain_factor(self) -> Node:
        """Parse a factor without checking the depth."""
        if self._accept("-"):
            return Operation("neg", (self._factor(),))
        if self._accept("("):
            node = self._sum()
            if not self._accept(")"):
                raise self._error(Message.of("formula.not-closed"))
            return node
        token = self._next
        if token is None:
            raise self._error(Message.of("formula.too-short"))
        if token.kind == "sign":
            raise self._error(Message.of("formula.no-value", text=token.text))
        self._at += 1
        return self._number(token) if token.kind == "number" else self._name(token)

    def _number(self, token: _Token) -> Node:
        """Parse a number."""
        if len(token.text) > MAX_DIGITS:
            reason = Message.of("formula.too-many-digits", text=brief(token.text))
            raise self._error(reason, token=token)
        return Constant(exact(token.text))

    def _name(self, token: _Token) -> Node:
        """Parse a name, or the operation that begins with it."""
        if self._accept("("):
            return self._operation(token)
        if token.text in FUNCTIONS:
            raise self._error(Message.of("formula.no-arguments", name=token.text), token=token)
        if token.text in self._lists:
            reason, advice = _both("list", name=token.text)
            raise self._error(reason, advice, token)
        return Name(token.text)

    def _operation(self, word: _Token) -> Node:
        """Parse the arguments of an operation."""
        if word.text not in FUNCTIONS:
            known = tuple(sorted(FUNCTIONS))
            near = similar(word.text, known)
            suggestion = Message.of("problem-text.suggestion", name=near)
            advice = (
                Message.of("formula-help.operations", names=known) if near is None else suggestion
            )
            reason = Message.of("formula.no-operation", name=brief(word.text)[1:-1])
            raise self._error(reason, advice, word)
        of_list = OF_LISTS.get(word.text)
        lists = self._list_names() if of_list is not None else None
        if of_list is not None and lists is not None and len(lists) == of_list.lists:
            return OfList(word.text, lists)
        if of_list is not None and (lists is not None or word.text not in OF_NUMBERS):
            key = "formula.lists" if of_list.lists == 1 else "formula.lists_weighted"
            raise self._error(Message.of(key, name=word.text), token=word)
        arguments = [self._sum()]
        while self._accept(","):
            arguments.append(self._sum())
        if not self._accept(")"):
            raise self._error(Message.of("formula.no-comma"))
        return self._checked(word, tuple(arguments))

    def _list_names(self) -> tuple[str, ...] | None:
        """Parse arguments that are all names of lists; else consume nothing and return None."""
        start, names = self._at, list[str]()
        while (token := self._next) is not None and token.text in self._lists:
            names.append(token.text)
            self._at += 1
            if self._accept(")"):
                return tuple(names)
            if not self._accept(","):
                break
        self._at = start
        return None

    def _checked(self, word: _Token, arguments: tuple[Node, ...]) -> Node:
        """Return an operation over numbers; raise the error of its arguments."""
        kind = OF_NUMBERS[word.text]
        count = len(arguments)
        if not kind.least <= count <= kind.most:
            key = "formula.arguments" if kind.least == kind.most else "formula.arguments_at-least"
            reason = Message.of(key, name=word.text, least=kind.least, given=count)
            raise self._error(reason, token=word)
        fault = kind.fault([_constant(argument) for argument in arguments])
        if fault is not None:
            raise self._error(fault, token=word)
        return Operation(word.text, arguments)


def _both(key: str, **params: object) -> tuple[Message, Message]:
    """Return the reason and the advice of an error."""
    return Message.of(f"formula.{key}", **params), Message.of(f"formula-help.{key}", **params)


def _constant(node: Node) -> Number | None:
    """Return the literal number of a node, with or without a minus before it; else None."""
    if isinstance(node, Constant):
        return node.number
    if isinstance(node, Operation) and node.word == "neg":
        inner = _constant(node.arguments[0])
        return None if inner is None else -inner
    return None


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens of a text."""
    plain = text.translate(_SIGNS)
    at = 0
    end = len(plain.rstrip())
    while at < end:
        match = _TOKEN.match(plain, at)
        if match is None:
            start = at + len(plain[at:]) - len(plain[at:].lstrip())
            label = _LABEL.match(text, start)
            stop = start + 1 if label is None else label.end()
            key = "character" if label is None else "label"
            reason, advice = _both(key, text=brief(text[start:stop]))
            raise FormulaSyntaxError(reason=reason, advice=advice, start=start, end=stop)
        kind = cast("str", match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind), match.end())
        at = match.end()
