"""A program: a compiled plan, and the evaluation of one record.

Each value of a record is read once and cached in a bounded table; so are the line of a criterion,
by the values that it depends on, and what follows from a total. So a record costs as many look-ups
as it has names and its form has criteria (:mod:`kpirules.evaluation.tables`). What is in no table
is computed stage by stage (:mod:`kpirules.evaluation.evaluator`), for every kind of record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from kpirules.compiler.plan import Plan
from kpirules.evaluation.evaluator import Evaluator
from kpirules.evaluation.result import Result
from kpirules.evaluation.tables import Tables


class Program:
    """A plan, compiled."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._evaluator = Evaluator(plan)

    @cached_property
    def evaluate(self) -> Callable[[Mapping[str, object]], Result]:
        """The function that evaluates one record."""
        return Tables(self._evaluator).evaluator()
