"""Formulas over a group: functions of an expression run over all who take part.

``sum(payments * total / 100) / heads`` is a formula over the list of an expression's values, one of
each record that takes part. So its tree has the same nodes as any other formula; only the lists
have the texts of their expressions as names.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from kpirules.formula.functions import OF_LISTS, SELECTIONS
from kpirules.formula.nodes import OfList
from kpirules.formula.parser import MAX_LENGTH, Formula, Names, Parser
from kpirules.formula.tokens import FormulaSyntaxError
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.arithmetic.interval import Bounds
    from kpirules.formula.curves import Curves
    from kpirules.formula.nodes import Node
    from kpirules.formula.tokens import Token


#: the name of the number of records that take part
HEADS = "heads"
#: the functions that run over all who take part, by the number of expressions
_OVER_ALL = {name: OF_LISTS[name].lists for name in ("sum", "mean", "min", "max", "count", "wmean")}
#: the parts of a group that a function may take
_SELECTS = ("highest", "lowest")


@attrs.frozen(kw_only=True)
class GroupFormula:
    """A formula over a group.

    >>> formula = parse_group("sum(pay * total) / heads + pool")
    >>> formula.common, [(name, each.names) for name, each in formula.lists]
    (('pool',), [('each pay * total', ('pay', 'total'))])
    >>> formula.formula.value({"each pay * total": (10, 20), "heads": 2, "pool": 1})
    16
    """

    #: the formula of the group's numbers and lists
    formula: Formula
    #: (name, expression) of the lists of the values of each record
    lists: tuple[tuple[str, Formula], ...]

    @property
    def common(self) -> tuple[str, ...]:
        """The names whose value is the same on each record."""
        lists = dict(self.lists)
        return tuple(n for n in self.formula.names if n not in lists and n != HEADS)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of a record that it needs."""
        every = [*(n for _, each in self.lists for n in each.names), *self.common]
        return tuple(dict.fromkeys(every))

    @property
    def lists_of_numbers(self) -> tuple[str, ...]:
        """The names of lists of a record whose items must be numbers."""
        lists = dict(self.lists)
        every = [n for each in lists.values() for n in each.tree.lists_of_numbers()]
        own = (n for n in self.formula.tree.lists_of_numbers() if n not in lists)
        return tuple(dict.fromkeys([*every, *own]))

    @property
    def needs_some(self) -> bool:
        """Check whether it has no value for nobody."""
        return any(_needs_some(node) for node in _nodes(self.formula.tree))


def _nodes(node: Node) -> list[Node]:
    """Return a node and all below it."""
    return [node, *(inner for part in node.parts() for inner in _nodes(part))]


def _needs_some(node: Node) -> bool:
    return isinstance(node, OfList) and not OF_LISTS[node.word].of_empty


@attrs.frozen
class OfGroup(OfList):
    """One of the operations over all who take part, of whom there is at least one."""

    def bounds(self, of: Mapping[str, Bounds]) -> Bounds:
        """Return the interval of the value."""
        if self.word == "count":
            return 1, None
        low, high = super().bounds(of)
        first, last = of[self.lists[0]]
        if self.word == "sum" and not self.selected:
            low = first if first is not None and first > 0 else low
            high = last if last is not None and last < 0 else high
        return low, high


@lru_cache(maxsize=1024)
def parse_group(
    text: str, lists: frozenset[str] = frozenset(), *, curves: Curves = ()
) -> GroupFormula:
    """Parse a formula over a group; raise :class:`FormulaSyntaxError` with the error and its place.

    ``lists``: the names of a record whose values are lists. ``curves``: those that it may use.
    """
    if len(text) > MAX_LENGTH:
        reason = Message.of("formula.too-long", length=len(text), most=MAX_LENGTH)
        raise FormulaSyntaxError(reason=reason, end=len(text))
    names = Names(lists, frozenset(), curves)
    parser = _GroupParser(text, names)
    tree = parser.read()
    formula = Formula(text=text, tree=tree, curves=frozenset(names.nodes))
    return GroupFormula(formula=formula, lists=tuple(parser.each.items()))


class _GroupParser(Parser):
    """A parser of a formula over a group."""

    def __init__(self, text: str, names: Names) -> None:
        super().__init__(text, names)
        #: the expressions of each record, by the names of their lists
        self.each: dict[str, Formula] = {}
        self._is_inside = False

    def _operation(self, word: Token) -> Node:
        """Parse the arguments of an operation, or of a function over the group."""
        count = _OVER_ALL.get(word.text)
        if self._is_inside or count is None or self._arguments() != count:
            return super()._operation(word)
        self._is_inside = True
        name, selected = self._selected()
        lists = [name]
        while self._accept(","):
            lists.append(self._expression())
        self._close("formula.no-comma")
        self._is_inside = False
        return OfGroup(word.text, tuple(lists), selected)

    def _arguments(self) -> int:
        """Return the number of arguments up to the closing bracket."""
        depth, count = 0, 1
        for token in self._tokens[self._at :]:
            if token.kind == "sign" and token.text in "()":
                depth += 1 if token.text == "(" else -1
            if depth < 0:
                break
            count += token.kind == "sign" and token.text == "," and not depth
        return count

    def _selected(self) -> tuple[str, tuple[tuple[str, int], ...]]:
        """Parse an expression, or the highest or lowest values of one."""
        following = [token.text for token in self._tokens[self._at : self._at + 3]]
        is_list = len(following) > 2 and following[2] in self._names.lists | SELECTIONS.keys()  # noqa: PLR2004 - behind the bracket
        if following[1:2] != ["("] or following[0] not in _SELECTS or is_list:
            return self._expression(), ()
        word = self._tokens[self._at]
        self._at += 2
        name = self._expression()
        selected = ((word.text, self._count(word)),)
        self._close("formula.no-comma")
        return name, selected

    def _expression(self) -> str:
        """Parse an expression of a record; return the name of the list of its values."""
        start = self._next
        tree = self._sum()
        stop = self._tokens[self._at - 1]
        text = self._text[0 if start is None else start.start : stop.end]
        name = f"each {text}"
        self.each[name] = Formula(text=text, tree=tree)
        return name
