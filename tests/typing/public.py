"""What the public surface means to a type checker; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

import attrs
import polars as pl
from hypothesis.strategies import SearchStrategy

from kpirules import (
    Band,
    Comparison,
    Criterion,
    Exact,
    FileError,
    Finding,
    FolderSource,
    FormLayout,
    FrameError,
    GateHeld,
    Input,
    InputError,
    Line,
    ListStep,
    MappingSource,
    MissingExtraError,
    Need,
    PackageSource,
    Payslip,
    PlaceError,
    Problem,
    Program,
    Progress,
    Range,
    ReachableRange,
    Rescored,
    Result,
    RowsError,
    Rubric,
    Ruleset,
    RulesetError,
    RulesetNotFoundError,
    Section,
    Source,
    Step,
    StoredResultError,
    Text,
    Tier,
    TierReached,
    Verification,
    __version__,
    check,
    compare_results,
    compile,  # noqa: A004 - the word of the field
    dumps,
    evaluate,
    evaluate_frame,
    evaluate_many,
    fingerprint,
    form_layout,
    load,
    load_file,
    loads,
    payslip,
    progress,
    ratings_schema,
    rescore,
    result_schema,
    rulesets,
    sheet,
    table,
    validate,
    verify,
)
from kpirules.model import Rounding
from kpirules.model.provenance import Package
from kpirules.model.quantity import Cells
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
assert_type(validate(rubric, {"late": 1}), tuple[Problem, ...])
draft = progress(rubric, {"late": 1})
assert_type(draft, Progress)
assert_type(draft.needed, tuple[Need, ...])
assert_type((draft.total, draft.pay), tuple[ReachableRange | None, ReachableRange | None])
assert_type(draft.to_dict("zh"), dict[str, Any])
assert_type(evaluate_many(rubric, [{"late": 1}]), Iterator[Result])
assert_type(
    evaluate_many("x", [{"late": 1}], on_error="return", key=len),
    Iterator[tuple[int, Result | InputError]],
)
assert_type(evaluate_many("x", [], key="person"), Iterator[tuple[Any, Result]])
assert_type(attrs.evolve(result, verdict=result.verdict), Result)
assert_type(attrs.evolve(rubric, id="y"), Rubric)
assert_type(fingerprint(rubric), str)
assert_type(rubric.to_dict(json=True), dict[str, Any])
assert_type(Rubric.from_dict(rubric.to_dict()), Rubric)
assert_type(rubric.replace("tier.good.pay", 250), Rubric)
version: str = __version__
assert_type(result.total, Exact | None)
assert_type(result.pay, Exact | None)
assert_type(result.tier, TierReached | None)
assert_type(result.lines, tuple[Line, ...])
assert_type(result.derived, dict[str, Step | ListStep])
assert_type(result.adjustments, tuple[Step, ...])
assert_type(result.gates, tuple[GateHeld, ...])
assert_type(result.subtotals, dict[str, Exact])
assert_type(result.explain(), str)
assert_type(Result.from_json(result.to_json()), Result)
assert_type(result.to_dict("zh"), dict[str, Any])
assert_type(Result.from_dict(result.to_dict()), Result)
assert_type(result_schema(), dict[str, Any])
assert_type(compare_results(result, result), Comparison)
for rescored in rescore([result], "x", on="2026-10"):
    assert_type(rescored, Rescored)
    assert_type(rescored.new, Result | InputError)
    assert_type(rescored.comparison, Comparison | None)
assert_type(payslip(result, base=1, commission=0), Payslip)
assert_type(check(rubric), tuple[Finding, ...])
assert_type(rulesets(folders=["rulesets"]), tuple[Ruleset, ...])
assert_type(load("x", on=date(2026, 1, 1), folders=["rulesets"], prefer="kpirules"), Rubric)
source: Source = FolderSource("rulesets")
sources = [source, PackageSource("kpirules"), MappingSource({"x/2026-01-01": "schema = 1"})]
assert_type(load("x", sources=sources), Rubric)
assert_type(rulesets(sources=sources)[0].path, Path | None)
assert_type(evaluate("x", {}, sources=[source], on_result=print), Result)
assert_type(result.sign(b"0123456789abcdef"), str)
assert_type(verify("", sources=[source], key="k", signature="v1:"), Verification)
assert_type(load_file("x.rubric.toml", folders=["rulesets"]), Rubric)
assert_type(result.package, Package | None)
assert_type(form_layout(rubric, lang="zh"), FormLayout)
assert_type(form_layout(rubric)["sections"][0]["fields"][0]["path"], list[str])
assert_type(ratings_schema(rubric, lang="zh"), dict[str, Any])
assert_type(ratings_schema(rubric, profile="form"), dict[str, Any])
assert_type(sheet(rubric, "xlsx", "zh", records=[{"late": 1}], period="2026-10"), bytes)
assert_type(sheet(result, name="An"), bytes)
assert_type(table([{"name": "An", "total": result.total}], "xlsx"), bytes)
assert_type(evaluate_frame(rubric, pl.DataFrame(), on_error="column"), pl.DataFrame)
assert_type(evaluate_frame(rubric, pl.LazyFrame()), pl.LazyFrame)
assert_type(verify(result.to_json(), folders=["rulesets"]), Verification)

tier = Tier(id="a", total="60..100", pay=200, label={"zh": "甲", "en": "A"})
assert_type(tier.pay, Decimal | None)
assert_type(tier.total, tuple[Range, ...])
assert_type(Band(when={"late": "1..2"}, points="0..10").points, Decimal | Range | Cells | None)
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
    place: PlaceError,
) -> None:
    """Give the fields of errors with their types."""
    assert_type(not_found.known, tuple[str, ...])
    assert_type(unsound.findings, tuple[Finding, ...])
    assert_type(rows.first, tuple[tuple[int, tuple[Problem, ...]], ...])
    assert_type((frame.rubric, file.file), tuple[str, str])
    assert_type((stored.where, missing.extra), tuple[str, str])
    assert_type(place.known, tuple[str, ...])


def strategies() -> None:
    """Give the strategies with their types."""
    assert_type(rubrics(), SearchStrategy[Rubric])
    assert_type(unsound_rubrics("band-gap"), SearchStrategy[Rubric])
    assert_type(records(rubric), SearchStrategy[dict[str, object]])
    assert_type(bad_records(rubric), SearchStrategy[dict[str, object]])
