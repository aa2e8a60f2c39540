"""A program: a compiled plan, and the evaluation of one record.

Each value of a record is read once and cached in a bounded table; so are the line of a criterion,
by the values that it depends on, and what follows from a total. So a record costs as many look-ups
as it has names and its form has criteria (:mod:`kpirules.evaluation.tables`). What is in no table
is computed stage by stage (:mod:`kpirules.evaluation.evaluator`), for every kind of record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TypeAlias

from kpirules.compiler.plan import Plan
from kpirules.evaluation.evaluator import Evaluator
from kpirules.evaluation.result import Result
from kpirules.evaluation.tables import Tables
from kpirules.model.rubric import Rubric


#: a function that gets every result, such as one that writes an audit trail
OnResult: TypeAlias = Callable[[Result], object]


class Program:
    """A rubric, checked and compiled: :func:`~kpirules.compile` makes it.

    >>> from kpirules import compile
    >>> compile("customer-service").rubric.id
    'customer-service'
    """

    def __init__(self, plan: Plan, on_result: OnResult | None = None) -> None:
        self.plan = plan
        self._on_result = on_result
        self.evaluator: Evaluator = Evaluator(plan)

    @property
    def rubric(self) -> Rubric:
        """The rubric."""
        return self.plan.rubric

    @property
    def names(self) -> tuple[str, ...]:
        """All names that a record may have: inputs, then ratings and remarks."""
        return self.evaluator.context.names

    @cached_property
    def _tables(self) -> Tables:
        return Tables(self.evaluator)

    @cached_property
    def score(self) -> Callable[[Mapping[str, object]], Result]:
        """The function that evaluates one record without the log and without a hook.

        For records of kpirules' own, such as examples, and where rejected records are counted
        together.
        """
        return self._tables.evaluator()

    @cached_property
    def evaluate(self) -> Callable[[Mapping[str, object]], Result]:
        """The function that evaluates one record, as :func:`~kpirules.evaluate` does.

        It takes facts and ratings by name, returns a
        :class:`~kpirules.evaluation.result.Result`, and raises
        :class:`~kpirules.errors.InputError` with all problems of the record.
        """
        evaluate = self._tables.evaluator(is_counted=True)
        on_result = self._on_result
        if on_result is None:
            return evaluate

        def audited(record: Mapping[str, object]) -> Result:
            result = evaluate(record)
            on_result(result)
            return result

        return audited
