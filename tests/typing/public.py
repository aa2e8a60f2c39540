"""What the public surface means to a type checker; read by mypy and pyright, never run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, assert_type

import polars as pl
from hypothesis.strategies import SearchStrategy

from kpirules import (
    InputError,
    Result,
    Rubric,
    check,
    dumps,
    evaluate,
    evaluate_frame,
    load,
    load_file,
    loads,
    payslip,
    ratings_schema,
    rulesets,
    sheet,
    verify,
)
from kpirules.api.verify import Verification
from kpirules.arithmetic.number import Exact
from kpirules.arithmetic.range import Range
from kpirules.diagnostics.finding import Finding
from kpirules.errors import Problem
from kpirules.evaluation.payslip import Payslip
from kpirules.evaluation.result import Line, TierReached
from kpirules.model import Band, Criterion, Input, Rounding, Tier
from kpirules.model.provenance import Package
from kpirules.registry.catalog import Ruleset
from kpirules.testing import bad_records, records, rubrics, unsound_rubrics


rubric = load("customer-service")
assert_type(rubric, Rubric)
assert_type(loads(dumps(rubric)), Rubric)
result = evaluate(rubric, {"late": 1})
assert_type(result, Result)
assert_type(evaluate("customer-service", {}), Result)
assert_type(result.total, Exact | None)
assert_type(result.pay, Exact | None)
assert_type(result.tier, TierReached | None)
assert_type(result.lines, tuple[Line, ...])
assert_type(result.subtotals, dict[str, Exact])
assert_type(result.explain(), str)
assert_type(Result.from_json(result.to_json()), Result)
assert_type(payslip(result, base=1, commission=0), Payslip)
assert_type(check(rubric), tuple[Finding, ...])
assert_type(rulesets(folders=["rulesets"]), tuple[Ruleset, ...])
assert_type(load("x", on=date(2026, 1, 1), folders=["rulesets"], prefer="kpirules"), Rubric)
assert_type(load_file("x.rubric.toml", folders=["rulesets"]), Rubric)
assert_type(result.package, Package | None)
assert_type(ratings_schema(rubric, lang="zh"), dict[str, Any])
assert_type(sheet(rubric, "xlsx", "zh", records=[{"late": 1}], period="2026-10"), bytes)
assert_type(sheet(result, name="An"), bytes)
assert_type(evaluate_frame(rubric, pl.DataFrame(), on_error="column"), pl.DataFrame)
assert_type(evaluate_frame(rubric, pl.LazyFrame()), pl.LazyFrame)
assert_type(verify(result.to_json(), folders=["rulesets"]), Verification)

tier = Tier(id="a", total="60..100", pay=200, label={"zh": "甲", "en": "A"})
assert_type(tier.pay, Decimal | None)
assert_type(tier.total, tuple[Range, ...])
assert_type(Band(when={"late": "1..2"}, points="0..10").points, Decimal | Range | None)
Tier(id="b", total=[5, "> 7"], coefficient=0.5)
Rounding(to=1, mode="half_up")
Rubric(
    id="x",
    effective_from="2026-01-01",
    inputs=[Input(name="late", type="count", options=["a"])],
    criteria=[Criterion(id="c", weight=100, bands=[Band(when=0, points=6), Band(when=">= 1")])],
)


def problems_of(error: InputError) -> tuple[Problem, ...]:
    """Give the problems of an error with their type."""
    return error.problems


def strategies() -> None:
    """Give the strategies with their types."""
    assert_type(rubrics(), SearchStrategy[Rubric])
    assert_type(unsound_rubrics("band-gap"), SearchStrategy[Rubric])
    assert_type(records(rubric), SearchStrategy[dict[str, object]])
    assert_type(bad_records(rubric), SearchStrategy[dict[str, object]])
