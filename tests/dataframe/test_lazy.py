"""Plans of lazy frames: the texts of problems, shared parts, and the columns that are planned."""

from __future__ import annotations

import json

import duckdb
import polars as pl
import pytest

from kpirules import InputError, evaluate, evaluate_frame, loads
from kpirules.codegen.expression_size import MAX_INLINE
from kpirules.codegen.generator import counted
from kpirules.compiler.plan import Plan


KINDS = {"polars": pl.DataFrame.lazy, "DuckDB": duckdb.from_arrow}


def scored(kind, rubric, rows, **options):
    """Score rows in a frame of a kind."""
    made = evaluate_frame(rubric, KINDS[kind](pl.DataFrame(rows)), on_error="column", **options)
    return (made.collect() if kind == "polars" else made.pl()).to_dicts()


def criteria(count, label="Part"):
    """Return a ruleset of so many criteria."""
    each = "".join(
        f'[[criterion]]\nid = "c{i}"\nlabel = "{label} {i}"\nweight = 1\nscale = 10\n'
        for i in range(count)
    )
    return loads(f'schema = 1\nid = "many"\nfull_marks = {count}\n{each}')


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", ["ĀāĂ", "Ā $1 \\\\1 {}", "\U00100000\ue000"])
def test_a_text_of_a_problem_may_have_any_character(kind, label):
    """Letters and signs that a plan might use to note problems, and those of patterns."""
    rubric = criteria(3, label)
    row = {"c0": 11, "c1": 5, "c2": -1}
    (made,) = scored(kind, rubric, [row], lang="en")
    shown = (
        label.replace("\\\\", "\\")
        if label.isprintable()
        else label.encode("unicode_escape").decode()
    )
    texts = [f"{shown} {i}: is not an allowed value; allowed: 0 to 10" for i in (0, 2)]
    assert "; ".join(texts) == made["error"]
    assert ["c0", "c2"] == [problem["input"] for problem in json.loads(made["problems"])]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_may_have_any_number_of_problems(kind):
    """More than are put into one expression: none, the first, the last, all, each once."""
    rubric = criteria(70)
    good = {f"c{i}": 1 for i in range(70)}
    rows = [good, {**good, "c0": 11}, {**good, "c69": 11}, dict.fromkeys(good, 11)]
    made = scored(kind, rubric, rows)
    assert [7, None, None, None] == [row["total"] for row in made]
    listed = [json.loads(row["problems"] or "[]") for row in made]
    assert [[], ["c0"], ["c69"], [*good]] == [[p["input"] for p in each] for each in listed]


def test_texts_are_made_of_rejected_rows_alone(monkeypatch):
    """What polars runs in threads of its own, run again here: batch by batch the same texts."""
    batches = []
    real = pl.Expr.map_batches

    def kept(expr, function, **options):
        def noting(rows):
            made = function(rows)
            batches.append((function, rows, made))
            return made

        return real(expr, noting, **options)

    monkeypatch.setattr(pl.Expr, "map_batches", kept)
    rubric = criteria(3)
    good = {"c0": 1, "c1": 2, "c2": 3}
    bad = {**good, "c1": 11}
    for rows, count in (([good, bad, good, bad], 2), ([good, good], 0)):
        batches.clear()
        made = scored("polars", rubric, rows, columns=("total",), lang="en")
        assert count == sum(row["error"] is not None for row in made)
        texts = [None if row["total"] else "Part 1: is not an allowed value" for row in made]
        assert texts == [row["error"] and row["error"].partition(";")[0] for row in made]
        assert batches
        for function, rows_, told in batches:
            again = function(rows_)
            assert again.dtype == told.dtype
            assert again.to_list() == told.to_list()


@pytest.mark.parametrize("count", [3, 70])
def test_a_large_plan_has_columns_of_its_shared_parts(count):
    """The same numbers as `evaluate`, whether the plan is large or small."""
    rubric = criteria(count)
    kinds = {f"c{i}": "whole" for i in range(count)}
    assert (count == 70) == counted(Plan(rubric), kinds).splits
    rows = [{f"c{i}": (i + k) % 12 for i in range(count)} for k in range(3)]
    made = scored("DuckDB", rubric, rows)
    for row, found in zip(rows, made, strict=True):
        try:
            assert evaluate(rubric, row).total == found["total"]
        except InputError as error:
            assert len(error.problems) == len(json.loads(found["problems"]))


def test_a_database_plans_only_the_columns_that_are_wanted():
    """The SQL has the tier and the problems, and no column of another result."""
    rubric = loads(
        'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 60 }, { id = "b", weight = 40 }]\n'
        'tier = [{ id = "all", total = "any", pay = 3 }]\n'
    )
    frame = duckdb.sql("SELECT 1 AS a, 2 AS b")
    made = evaluate_frame(rubric, frame, on_error="column", columns=("tier",))
    assert ["a", "b", "tier", "error", "problems"] == made.columns
    sql = made.sql_query()
    assert "tier" in sql
    assert not [name for name in ("total", "points.a", "pay") if f'"{name}"' in sql]


def test_the_limit_of_small_plans_is_below_that_of_all():
    """A plan of a few criteria is made in one piece."""
    assert 0 < MAX_INLINE < 30_000
