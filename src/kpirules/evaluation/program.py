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
from kpirules.model.rubric import Rubric


class Program:
    """A rubric, checked and compiled: :func:`~kpirules.compile` makes it.

    >>> from kpirules import compile
    >>> compile("customer-service").rubric.id
    'customer-service'
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._evaluator = Evaluator(plan)

    @property
    def rubric(self) -> Rubric:
        """The rubric."""
        return self.plan.rubric

    @cached_property
    def evaluate(self) -> Callable[[Mapping[str, object]], Result]:
        """The function that evaluates one record, as :func:`~kpirules.evaluate` does.

        It takes facts and ratings by name, returns a
        :class:`~kpirules.evaluation.result.Result`, and raises
        :class:`~kpirules.errors.InputError` with all problems of the record.
        """
        return Tables(self._evaluator).evaluator()
