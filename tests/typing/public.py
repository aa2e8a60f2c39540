"""What the public surface means to a type checker; read by mypy and pyright, never run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, assert_type

import attrs
import polars as pl
from hypothesis.strategies import SearchStrategy

from kpirules import (
    Band,
    Criterion,
    Exact,
    FileError,
    Finding,
    FrameError,
    Input,
    InputError,
    Line,
    MissingExtraError,
    Payslip,
    Problem,
    Program,
    Range,
    Result,
    RowsError,
    Rubric,
    Ruleset,
    RulesetError,
    RulesetNotFoundError,
    Section,
    StoredResultError,
    Text,
    Tier,
    Verification,
    __version__,
    check,
    compile,  # noqa: A004 - the word of the field
    dumps,
    evaluate,
    evaluate_frame,
    fingerprint,
    load,
    load_file,
    loads,
    payslip,
    ratings_schema,
    rulesets,
    sheet,
    verify,
)
from kpirules.evaluation.result import TierReached
from kpirules.model import Rounding
from kpirules.model.provenance import Package
from kpirules.testing import bad_records, records, rubrics, unsound_rubrics


rubric = load("customer-service")
assert_type(rubric, Rubric)
assert_type(loads(dumps(rubric)), Rubric)
result = evaluate(rubric, {"late": 1})
assert_type(result, Result)
assert_type(evaluate("customer-service", {}), Result)
assert_type(compile(rubric), Program)
assert_type(compile("x", on="2026-10").evaluate({"late": 1}), Result)
assert_type(compile(rubric).rubric, Rubric)
assert_type(attrs.evolve(result, verdict=result.verdict), Result)
assert_type(attrs.evolve(rubric, id="y"), Rubric)
assert_type(fingerprint(rubric), str)
version: str = __version__
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
assert_type(rubric.sections, tuple[Section, ...])
assert_type(rubric.sections[0].label, Text | None)
assert_type(str(Text.of({"zh": "甲"})), str)
assert_type(attrs.evolve(tier, pay=3), Tier)


def problems_of(error: InputError) -> tuple[Problem, ...]:
    """Give the problems of an error with their type."""
    return error.problems


def errors(
    *,
    not_found: RulesetNotFoundError,
    unsound: RulesetError,
    frame: FrameError,
    rows: RowsError,
    file: FileError,
    stored: StoredResultError,
    missing: MissingExtraError,
) -> None:
    """Give the fields of errors with their types."""
    assert_type(not_found.known, tuple[str, ...])
    assert_type(unsound.findings, tuple[Finding, ...])
    assert_type(rows.first, tuple[tuple[int, tuple[Problem, ...]], ...])
    assert_type((frame.rubric, file.file), tuple[str, str])
    assert_type((stored.where, missing.extra), tuple[str, str])


def strategies() -> None:
    """Give the strategies with their types."""
    assert_type(rubrics(), SearchStrategy[Rubric])
    assert_type(unsound_rubrics("band-gap"), SearchStrategy[Rubric])
    assert_type(records(rubric), SearchStrategy[dict[str, object]])
    assert_type(bad_records(rubric), SearchStrategy[dict[str, object]])
