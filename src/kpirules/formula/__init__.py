"""Formulas: parsing to a checked tree, exact values of a tree, intervals of a tree over a box.

The grammar is small and closed: numbers, names, ``+ - * / ^``, brackets, unary minus, and the
operations of :data:`OPERATIONS`. Nothing is ever executed: a formula becomes a tree of nodes, each
of which gives a function of values of its names, and computes its interval from intervals of them.
This package knows no rubric terms.
"""

from kpirules.formula.curves import CurvePoints, Curves
from kpirules.formula.functions import FUNCTIONS, OPERATIONS
from kpirules.formula.group import HEADS, GroupFormula, parse_group
from kpirules.formula.nodes import UndefinedError
from kpirules.formula.parser import (
    MAX_DEPTH,
    MAX_LENGTH,
    Formula,
    parse,
)
from kpirules.formula.tokens import FormulaSyntaxError, labelled, names_in


__all__ = [
    "FUNCTIONS",
    "HEADS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "OPERATIONS",
    "CurvePoints",
    "Curves",
    "Formula",
    "FormulaSyntaxError",
    "GroupFormula",
    "UndefinedError",
    "labelled",
    "names_in",
    "parse",
    "parse_group",
]
