"""What the public surface means to a type checker; read by mypy and pyright, never run."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import assert_type

from hypothesis.strategies import SearchStrategy

from kpirules import (
    InputError,
    Result,
    Rubric,
    check,
    dumps,
    evaluate,
    load,
    loads,
    payslip,
    rulesets,
)
from kpirules.catalog import Ruleset
from kpirules.errors import Problem
from kpirules.findings import Finding
from kpirules.payslips import Payslip
from kpirules.result import Line, TierReached
from kpirules.testing import bad_records, records, rubrics, unsound_rubrics


rubric = load("customer-service")
assert_type(rubric, Rubric)
assert_type(loads(dumps(rubric)), Rubric)
result = evaluate(rubric, {"late": 1})
assert_type(result, Result)
assert_type(evaluate("customer-service", {}), Result)
assert_type(result.total, Decimal | Fraction | None)
assert_type(result.pay, Decimal | Fraction | None)
assert_type(result.tier, TierReached | None)
assert_type(result.lines, tuple[Line, ...])
assert_type(result.subtotals, dict[str, Decimal | Fraction])
assert_type(result.explain(), str)
assert_type(Result.from_json(result.to_json()), Result)
assert_type(payslip(result, base=1, commission=0), Payslip)
assert_type(check(rubric), tuple[Finding, ...])
assert_type(rulesets(), tuple[Ruleset, ...])


def problems_of(error: InputError) -> tuple[Problem, ...]:
    """Give the problems of an error with their type."""
    return error.problems


def strategies() -> None:
    """Give the strategies with their types."""
    assert_type(rubrics(), SearchStrategy[Rubric])
    assert_type(unsound_rubrics("band-gap"), SearchStrategy[Rubric])
    assert_type(records(rubric), SearchStrategy[dict[str, object]])
    assert_type(bad_records(rubric), SearchStrategy[dict[str, object]])
