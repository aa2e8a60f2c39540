"""What other frames, lists and a pool of processes cost: ratios from one run.

Run it with ``python tests/benchmarks/backends.py [--quick]``.

- ``pandas``: against the same rows in polars, converted from pandas and back. Bar: 1.2. Missed: 2.5,
  since each column of objects is looked through for values that Arrow would change.
- ``DuckDB``: tiers counted and pay added up, against SQL by hand, a million rows. Bar: a third of its
  time.
- ``plan``: what a call costs before any row, in milliseconds. Bars: 10 (polars), 25 (DuckDB).
- ``lists``: the shipped ruleset of lists, against weighted means by hand in polars, in floats. Bar: 3.
  Missed by far: no expression reads a list, so each row is evaluated as a record.
- ``pool``: results of two spawned processes, against one process. Bar: 1 / 1.6. The results have to
  be pickled, which takes longer than they take to evaluate.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import numpy as np
import polars as pl

from kpirules import evaluate, evaluate_frame, load
from tests.benchmarks import batch
from tests.benchmarks.bars import Row


#: the records that a process of the pool evaluates at a time
CHUNK = 2_000


def of_pandas(rows):
    """Measure a frame of pandas."""
    frame = batch.staff(rows).to_pandas()

    def converted():
        made = evaluate_frame(batch.RUBRIC, pl.from_pandas(frame), on_error="column")
        return made.to_pandas()

    ours, theirs = batch.best(
        lambda: evaluate_frame(batch.RUBRIC, frame, on_error="column"), converted, rounds=3
    )
    yield Row(name="pandas / polars and conversion", ours=ours, theirs=theirs, bar=1.2)


def of_duckdb(rows):
    """Measure a table of DuckDB, and plans."""
    connection = duckdb.connect()
    connection.register("arrow", batch.staff(rows).to_arrow())
    connection.execute("CREATE TABLE staff AS SELECT * FROM arrow")

    def relation():
        made = evaluate_frame(batch.RUBRIC, connection.table("staff"), on_error="column")
        return made.query("made", batch.GROUPED.format("made")).fetchall()

    def sql():
        return connection.sql(batch.GROUPED.format(f"({batch.sql_by_hand()})")).fetchall()

    assert [*map(str, relation())] == [*map(str, sql())]
    ours, theirs = batch.best(relation, sql, rounds=3)
    yield Row(name="DuckDB, by tier / by hand", ours=ours, theirs=theirs, bar=1 / 3)
    few = batch.staff(10)
    for name, one, bar in (
        ("polars", few.lazy(), 10.0),
        ("DuckDB", connection.from_arrow(few.to_arrow()), 25.0),
    ):
        (plan,) = batch.best(
            lambda one=one: evaluate_frame(batch.RUBRIC, one, on_error="column"), rounds=20
        )
        yield Row(name=f"plan, {name}", ours=plan * 1e3, unit="ms", bar=bar)


def of_lists(rows):
    """Measure the ruleset of lists."""
    rubric, random = load("developer"), np.random.default_rng(1)
    kinds = {
        "goal_scores": (3, 6),
        "goal_weights": (3, 100),
        "self_ratings": (2, 2),
        "feedback_ratings": (2, 2),
        "rating_weights": (2, 100),
    }
    # no weight is 0
    frame = pl.DataFrame(
        {
            name: (random.integers(0, most, (rows, count)) + name.endswith("weights")).tolist()
            for name, (count, most) in kinds.items()
        }
    )
    c = pl.col

    def mean(values, weights):
        return (c(values) * c(weights)).list.sum() / c(weights).list.sum()

    def hand():
        goals = mean("goal_scores", "goal_weights").round(3)
        own = (5 * mean("self_ratings", "rating_weights")).round(3)
        feedback = (5 * mean("feedback_ratings", "rating_weights")).round(3)
        total = ((goals + own + feedback) / 3).clip(0, 5).round(3)
        return frame.lazy().with_columns(total=total).collect()

    def ours():
        missing = ("goal_progress",)
        return evaluate_frame(rubric, frame, columns=("total",), allow_missing=missing)

    assert ((ours()["total"].cast(pl.Float64) - hand()["total"]).abs() < 0.002).all()
    scored, theirs = batch.best(ours, hand, rounds=3)
    yield Row(name="lists, total / by hand", ours=scored, theirs=theirs, bar=3)


def evaluated(records):
    """Evaluate some records."""
    return [evaluate(batch.RUBRIC, record) for record in records]


def of_a_pool(rows):
    """Measure two spawned processes, which are running when they are timed."""
    records = batch.staff(rows).to_dicts()
    chunks = [records[first : first + CHUNK] for first in range(0, rows, CHUNK)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert [*pool.map(evaluated, chunks[:4])] == [evaluated(chunk) for chunk in chunks[:4]]
        times = [[], []]
        for _ in range(3):
            begun = time.perf_counter()
            for _ in pool.map(evaluated, chunks):
                pass
            between = time.perf_counter()
            for chunk in chunks:
                evaluated(chunk)
            times[0].append(between - begun)
            times[1].append(time.perf_counter() - between)
    yield Row(
        name="two spawned processes / one process",
        ours=min(times[0]),
        theirs=min(times[1]),
        bar=1 / 1.6,
    )


def rows(*, quick=False):
    """Measure each side."""
    count = 100_000 if quick else 1_000_000
    yield from of_pandas(count)
    # the plan costs as much as a hundred thousand rows
    yield from of_duckdb(1_000_000)
    yield from of_lists(2_000 if quick else 20_000)
    yield from of_a_pool(20_000 if quick else 100_000)


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        print(row, flush=True)
