"""The parser of formulas, with the messages for other texts."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules._internal.display import brief, shortened, similar
from kpirules.arithmetic.number import MAX_DIGITS, Number, exact
from kpirules.arithmetic.ratio import number_of
from kpirules.formula.curves import CurvePoints, Curves
from kpirules.formula.functions import FUNCTIONS, OF_LISTS, OF_NUMBERS, OPERATORS, SELECTIONS
from kpirules.formula.nodes import Constant, Item, Name, Node, OfList, Operation
from kpirules.formula.signature import MAX_COUNT, MAX_EXPONENT
from kpirules.formula.tokens import FormulaSyntaxError, Token, reason_and_advice, tokens
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpirules.arithmetic.interval import Bounds
    from kpirules.formula.nodes import Operand, Ratios
    from kpirules.formula.signature import Function


#: the maximum length of a formula, in characters, and its maximum depth of nesting
MAX_LENGTH = 500
MAX_DEPTH = 40


#: a list, and the selections from it, the innermost first
_Selected: TypeAlias = tuple[str, tuple[tuple[str, int], ...]]


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
    #: the names of the curves that it uses, and of those that these use
    curves: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names in the formula, each once, in the order of the text."""
        return tuple(dict.fromkeys(self.tree.names()))

    @cached_property
    def size(self) -> int:
        """Return the count of the nodes."""
        return self.tree.size()

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Return the names without each of which it has no value."""
        return tuple(name for name in self.names if self.lacking(name.__eq__))

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """Return the names without which it may have a value."""
        return tuple(name for name in self.names if name not in self.required)

    def lacking(self, is_missing: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the missing names without which it has no value; none if it has one."""
        if not any(map(is_missing, self.names)):
            return ()
        return tuple(dict.fromkeys(self.tree.lacking(is_missing)))

    def value(self, of: Mapping[str, Operand]) -> Number:
        """Return the value; raise :class:`UndefinedError` if there is none."""
        return number_of(self.ratio(of))

    @cached_property
    def ratio(self) -> Ratios:
        """The function that returns the value as a ratio."""
        return self.tree.compiled()

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return an interval of the value, for intervals of the names."""
        return self.tree.bounds(of)

    def grid(self, of: Mapping[str, Number | None]) -> Number | None:
        """Return a step of which all values are multiples, or None; 0 if all values are 0."""
        return self.tree.grid(of)


@lru_cache(maxsize=4096)
def parse(
    text: str,
    lists: frozenset[str] = frozenset(),
    items: frozenset[str] = frozenset(),
    *,
    curves: Curves = (),
) -> Formula:
    """Parse a formula; raise :class:`FormulaSyntaxError` with the error and its location.

    ``lists``: the names whose values are lists. ``items``: the names of lists that stand for one
    item, in a formula that is computed for each item. ``curves``: those that it may use.
    """
    if len(text) > MAX_LENGTH:
        reason = Message.of("formula.too-long", length=len(text), most=MAX_LENGTH)
        raise FormulaSyntaxError(reason=reason, end=len(text))
    names = _Names(lists, items, curves)
    tree = _Parser(text, names).read()
    return Formula(text=text, tree=tree, curves=frozenset(names.nodes))


#: the most nodes of a formula with the points of all curves in it, and how deep curves may nest
MAX_CURVE_NODES = 5_000
MAX_CURVE_DEPTH = 5


class _Names:
    """What the names of one formula are; the points of its curves, each parsed once."""

    def __init__(self, lists: frozenset[str], items: frozenset[str], curves: Curves) -> None:
        self.lists, self.items = lists, items
        self.curves: dict[str, CurvePoints] = {curve.name: curve for curve in curves}
        #: the nodes of the points that were parsed, by name: x1, y1, x2, y2, ...
        self.nodes: dict[str, tuple[Node, ...]] = {}
        #: how many nodes these are
        self.sizes: dict[str, int] = {}
        self._within: list[str] = []

    def expand(self, name: str) -> Message | None:
        """Parse the points of a curve; return the error if they are invalid."""
        if name in self._within or len(self._within) >= MAX_CURVE_DEPTH:
            return Message.of("formula.curve-invalid", name=name)
        if name not in self.nodes:
            curve = self.curves[name]
            self._within.append(name)
            try:
                made = [self._node(value) for point in curve.points for value in point]
            except FormulaSyntaxError as error:
                return Message.of("formula.curve-invalid_here", name=name, reason=error.reason)
            finally:
                self._within.pop()
            self.nodes[name] = tuple(node for node, _ in made)
            self.sizes[name] = sum(size for _, size in made)
        return None

    def _node(self, value: Number | str) -> tuple[Node, int]:
        """Return the node of a coordinate, and its size."""
        if not isinstance(value, str):
            return Constant(value), 1
        parser = _Parser(value[:MAX_LENGTH], self)
        return parser.read(), parser.size


class _Parser:
    """A parser of a formula's tokens, by recursive descent."""

    def __init__(self, text: str, names: _Names) -> None:
        self._text = text
        self._names = names
        self._tokens = list(tokens(text))
        #: the most nodes that it has, with those of curves
        self.size: int = len(self._tokens)
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        """Parse the whole text."""
        tree = self._sum()
        if self._next is not None:
            raise self._error(Message.of("formula.unexpected", text=self._next.text))
        return tree

    @property
    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _accept(self, *signs: str) -> str | None:
        """Consume one of several signs, if it comes next."""
        token = self._next
        if token is not None and token.kind == "sign" and token.text in signs:
            self._at += 1
            return token.text
        return None

    def _error(
        self, reason: Message, advice: Message | str = "", token: Token | None = None
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
        node = self._atom()
        if not self._accept("^"):
            return node
        if self._next is None or self._next.kind != "number":
            raise self._error(Message.of("formula.exponent", most=MAX_EXPONENT))
        token, exponent = self._next, self._atom()
        fault = OPERATORS["^"].fault([None, _constant(exponent)])
        if fault is not None:
            raise self._error(fault, token=token)
        again = self._next
        if self._accept("^"):
            raise self._error(Message.of("formula.exponent_again"), token=again)
        return Operation("^", (node, exponent))

    def _atom(self) -> Node:
        """Parse a number, name, operation or bracket."""
        if self._accept("("):
            node = self._sum()
            self._close()
            return node
        token = self._next
        if token is None:
            raise self._error(Message.of("formula.too-short"))
        if token.kind == "sign":
            raise self._error(Message.of("formula.no-value", text=token.text))
        if token.kind == "text":
            raise self._error(Message.of("formula.text", text=brief(token.text[1:-1])))
        self._at += 1
        return self._number(token) if token.kind == "number" else self._name(token)

    def _close(self, key: str = "formula.not-closed") -> None:
        """Consume a closing bracket; raise an error with a message if another text comes next."""
        if not self._accept(")"):
            raise self._error(Message.of(key))

    def _number(self, token: Token) -> Node:
        """Parse a number."""
        if len(token.text) > MAX_DIGITS:
            reason = Message.of("formula.too-many-digits", text=brief(token.text))
            raise self._error(reason, token=token)
        return Constant(exact(token.text))

    def _name(self, token: Token) -> Node:
        """Parse a name, or the operation that begins with it."""
        if self._accept("("):
            return self._operation(token)
        if token.text in FUNCTIONS:
            raise self._error(Message.of("formula.no-arguments", name=token.text), token=token)
        if token.text in self._names.lists:
            reason, advice = reason_and_advice("list", name=token.text)
            raise self._error(reason, advice, token)
        return Name(token.text)

    def _operation(self, word: Token) -> Node:
        """Parse the arguments of an operation."""
        function = FUNCTIONS.get(word.text)
        if function is None:
            raise self._unknown(word)
        self._not_an_item(word, function)
        if function.selects is not None:
            within = tuple(name for name in OF_LISTS)
            reason = Message.of("formula.selects", name=word.text, functions=within)
            raise self._error(reason, token=word)
        if function.is_item:
            return self._item(word)
        if function.is_curve:
            return self._curve(word)
        of_list = OF_LISTS.get(word.text)
        lists = self._lists_of() if of_list is not None else None
        if of_list is not None and lists is not None and len(lists) == of_list.lists:
            if any(selected for _, selected in lists[1:]):
                raise self._error(Message.of("formula.lists_selected"), token=word)
            return OfList(word.text, tuple(name for name, _ in lists), lists[0][1])
        if of_list is not None and (lists is not None or word.text not in OF_NUMBERS):
            key = "formula.lists" if of_list.lists == 1 else "formula.lists_weighted"
            raise self._error(Message.of(key, name=word.text), token=word)
        arguments, choice = [self._sum()], None
        while self._accept(","):
            choice = self._choice(function, len(arguments))
            if choice is not None:
                break
            arguments.append(self._sum())
        self._close("formula.no-comma")
        return self._checked(word, tuple(arguments), choice)

    def _curve(self, word: Token) -> Node:
        """Parse the arguments of ``curve``: a number, and the name of a curve."""
        x = self._sum()
        token = self._next if self._accept(",") else None
        if token is None or token.kind != "name":
            raise self._error(Message.of("formula.curve"), token=word)
        self._at += 1
        if not self._accept(")"):
            raise self._error(Message.of("formula.no-comma"))
        known, name = tuple(self._names.curves), token.text
        if name not in known:
            near = similar(name, known)
            suggestion = Message.of("problem-text.suggestion", name=near)
            others = Message.of("formula-help.curves", names=known) if known else ""
            reason = Message.of("formula.no-curve", name=name)
            raise self._error(reason, others if near is None else suggestion, token)
        fault = self._names.expand(name)
        if fault is not None:
            raise self._error(fault, token=token)
        self.size += self._names.sizes[name]
        if self.size > MAX_CURVE_NODES:
            raise self._error(
                Message.of("formula.curve-size", name=name, most=MAX_CURVE_NODES), token=token
            )
        points = self._names.nodes[name]
        made = "curve" if self._names.curves[name].goes_on else "interpolate"
        if OF_NUMBERS[made].fault([None, *map(_constant, points)]) is not None:
            raise self._error(Message.of("formula.curve-invalid", name=name), token=token)
        return Operation(made, (x, *points))

    def _unknown(self, word: Token) -> FormulaSyntaxError:
        """Return the error for a function that does not exist."""
        known = tuple(sorted(FUNCTIONS))
        near = similar(word.text, known)
        suggestion = Message.of("problem-text.suggestion", name=near)
        advice = Message.of("formula-help.operations", names=known) if near is None else suggestion
        reason = Message.of("formula.no-operation", name=brief(word.text)[1:-1])
        return self._error(reason, advice, word)

    def _not_an_item(self, word: Token, function: Function) -> None:
        """Raise an error for a function of a list whose argument stands for one item."""
        following = self._tokens[self._at : self._at + 2]
        if not function.takes_list or not self._names.items.intersection(
            t.text for t in following[:1]
        ):
            return
        is_alone = [token.text for token in following[1:]] == [")"]
        if function.numbers is None or is_alone:
            token = following[0]
            raise self._error(
                *reason_and_advice("item", name=token.text, function=word.text), token
            )

    def _choice(self, function: Function, count: int) -> str | None:
        """Parse the word in quotes that may be the last argument of a function."""
        token = self._next
        if token is None or not function.choices:
            return None
        text = token.text.strip("\"'")
        # beside all other arguments, a name without quotes was meant as the word
        is_bare = text in function.choices and count == OF_NUMBERS[function.name].most
        if token.kind != "text" and not is_bare:
            return None
        if token.kind != "text" or text not in function.choices:
            known = tuple(function.choices)
            near = similar(text, known)
            advice = Message.of("problem-text.suggestion", name=near) if near else ""
            reason = Message.of("formula.choice", text=shortened(token.text), words=known)
            raise self._error(reason, advice)
        self._at += 1
        return text

    def _item(self, word: Token) -> Node:
        """Parse the arguments of ``item``."""
        token = self._next
        if token is None or token.text not in self._names.lists:
            raise self._error(Message.of("formula.lists", name=word.text), token=word)
        self._at += 1
        place = self._count(word)
        if not self._accept(","):
            raise self._error(Message.of("formula.no-comma"))
        otherwise = self._sum()
        self._close("formula.no-comma")
        return Item(token.text, place, otherwise)

    def _count(self, word: Token) -> int:
        """Parse a comma and a number of items."""
        if not self._accept(","):
            raise self._error(Message.of("formula.no-comma"))
        token = self._next
        digits = "" if token is None else token.text
        number = int(digits) if digits.isdecimal() and len(digits) <= len(str(MAX_COUNT)) else 0
        if not 1 <= number <= MAX_COUNT:
            raise self._error(Message.of("formula.count", name=word.text, most=MAX_COUNT))
        self._at += 1
        return number

    def _lists_of(self) -> tuple[_Selected, ...] | None:
        """Parse arguments that are all lists; else consume nothing and return None."""
        start, found = self._at, list[_Selected]()
        while (one := self._list()) is not None:
            found.append(one)
            if self._accept(")"):
                return tuple(found)
            if not self._accept(","):
                break
        self._at = start
        return None

    def _list(self) -> _Selected | None:
        """Parse a list, or a selection from one; else consume nothing and return None."""
        token = self._next
        if token is None or token.text not in self._names.lists | SELECTIONS.keys():
            return None
        self._at += 1
        if token.text in self._names.lists:
            return token.text, ()
        inner = self._list() if self._accept("(") else None
        if inner is None:
            raise self._error(Message.of("formula.lists", name=token.text), token=token)
        name, selected = inner
        selected = (*selected, (token.text, self._count(token)))
        self._close("formula.no-comma")
        return name, selected

    def _checked(self, word: Token, arguments: tuple[Node, ...], choice: str | None) -> Node:
        """Return an operation over numbers; raise the error of its arguments."""
        text = word.text if choice is None else f"{word.text} {choice}"
        kind = OF_NUMBERS[text]
        count = len(arguments)
        if not kind.least <= count <= kind.most:
            key = "formula.arguments" if kind.least == kind.most else "formula.arguments_at-least"
            reason = Message.of(key, name=word.text, least=kind.least, given=count)
            raise self._error(reason, token=word)
        fault = kind.fault([_constant(argument) for argument in arguments])
        if fault is not None:
            raise self._error(fault, token=word)
        return Operation(text, arguments)


def _constant(node: Node) -> Number | None:
    """Return the literal number of a node, with or without a minus before it; else None."""
    if isinstance(node, Constant):
        return node.number
    if isinstance(node, Operation) and node.word == "neg":
        inner = _constant(node.arguments[0])
        return None if inner is None else -inner
    return None
