"""The formulas of a rubric: which names are lists, and which curves there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules._internal.typeguards import cache_last
from kpirules.arithmetic.number import exact
from kpirules.formula import CurvePoints, Formula, parse, parse_group
from kpirules.model.inputs import Derived


if TYPE_CHECKING:
    from decimal import Decimal

    from kpirules.arithmetic.number import Number
    from kpirules.formula import Curves, GroupFormula
    from kpirules.model.curves import Curve
    from kpirules.model.rubric import Quantity, Rubric


@attrs.frozen(kw_only=True)
class FormulaParser:
    """The parser of the formulas of a rubric."""

    #: the names of inputs and derived facts that are lists
    lists: frozenset[str]
    #: the curves that formulas may use
    curves: Curves

    def parse(self, text: str, *, per_item: bool = False) -> Formula:
        """Parse a formula; raise :class:`FormulaSyntaxError` if it is not one.

        ``per_item``: it is computed for each item, so that a list is one of its items.
        """
        if per_item:
            return parse(text, items=self.lists, curves=self.curves)
        return parse(text, self.lists, curves=self.curves)

    def parse_group(self, text: str) -> GroupFormula:
        """Parse a formula over a group; raise :class:`FormulaSyntaxError` if it is not one."""
        return parse_group(text, self.lists, curves=self.curves)


@cache_last
def parser_of(rubric: Rubric) -> FormulaParser:
    """Return the parser of the formulas of a rubric."""
    derived = (fact.name for fact in rubric.derived if fact.many)
    lists = frozenset((*derived, *(fact.name for fact in rubric.inputs if fact.many)))
    return FormulaParser(lists=lists, curves=tuple(map(_points, rubric.curves)))


def is_per_item(quantity: Quantity) -> bool:
    """Check whether a quantity is computed for each item of lists."""
    return isinstance(quantity, Derived) and quantity.many


def _points(curve: Curve) -> CurvePoints:
    """Return a curve as formulas use it."""

    def number(value: Decimal | str) -> Number | str:
        return value if isinstance(value, str) else exact(value)

    points = tuple((number(point.x), number(point.y)) for point in curve.points)
    return CurvePoints(name=curve.name, points=points, goes_on=curve.beyond == "straight")
