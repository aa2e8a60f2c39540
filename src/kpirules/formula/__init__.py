"""Formulas: text to a checked tree, a tree to an exact value, a tree over a box to its bounds.

The grammar is small and closed: numbers, names, ``+ - * /``, brackets, unary minus, and the
operations of :data:`OPERATIONS`. Nothing is ever executed: a formula becomes a tree of nodes, each
of which gives its value for values of its names, and its bounds for bounds of them. There are no
rubric words here.
"""

from kpirules.formula.functions import FUNCTIONS, OPERATIONS
from kpirules.formula.nodes import UndefinedError
from kpirules.formula.parser import MAX_DEPTH, MAX_LENGTH, Formula, FormulaSyntaxError, parse


__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "OPERATIONS",
    "Formula",
    "FormulaSyntaxError",
    "UndefinedError",
    "parse",
]
