"""The same call on Spark, in local mode: exact, in order, and the same after a task has failed."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kpirules import evaluate_frame, load, loads
from kpirules.errors import FrameError
from kpirules.testing import rubrics
from tests import ROOT, tabling
from tests.dataframe.test_dataframe import DEFAULTS, EMPTY, GOOD, month, table
from tests.programs import need, need_module


JOB = ROOT / "docs" / "examples" / "spark" / "score.py"
LOCAL = {
    "spark.ui.enabled": "false",
    # plans of the largest rulesets take more than the 1 GiB that Spark has by default
    "spark.driver.memory": "4g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.log.level": "FATAL",
}

pytestmark = [
    # pyspark warns of pandas 3, which is not used here
    pytest.mark.filterwarnings("ignore"),
    # it takes long to start, and for each query
    pytest.mark.thorough("frames of Spark"),
]


@pytest.fixture(scope="module")
def spark():
    """Yield a Spark session in a Java process of its own, which is ended by its process id."""
    need("java")
    need_module("pyspark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

        # two tasks at a time, each tried up to four times
        builder = SparkSession.builder.master("local[2,4]")
        for key, value in LOCAL.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        yield session
        gateway = SparkContext._gateway
        session.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(60)
        SparkContext._gateway = SparkContext._jvm = None


def on_spark(spark, rows, parts=2):
    """Convert an Arrow table to a Spark frame, in some partitions."""
    return spark.createDataFrame(rows).repartitionByRange(parts, "row").sortWithinPartitions("row")


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_spark_has_the_numbers_of_evaluate(spark, data):
    """Random rubrics and records: every row equals ``evaluate``, or the part is named."""
    rubric = data.draw(rubrics())
    rows = data.draw(tabling.tables(rubric))
    # Spark has no unsigned numbers
    signed = [pa.int64() if pa.types.is_uint64(t) else t for t in rows.schema.types]
    rows = rows.cast(pa.schema(list(zip(rows.column_names, signed, strict=True))))
    try:
        made = tabling.scored(rubric, on_spark(spark, rows))
    except FrameError as error:
        assert "PySpark cannot say that exactly" in str(error)
        return
    scored = made.toArrow().to_pylist()
    assert [] == tabling.differences(rubric, rows, scored)


def test_columns_are_read_by_their_headings(spark):
    """As on every other backend; "Total" is the result's own column there, so it is rejected."""
    rubric, rows = loads(DEFAULTS), month(**{"`a.b` (c)": list("uvwxy")})
    made = evaluate_frame(rubric, spark.createDataFrame(rows), on_error="column")
    assert rows.column_names == made.columns[:5]
    assert [(0, None), (None, EMPTY), (100, None), (None, EMPTY), (100, None)] == [
        (row["total"], row["error"]) for row in made.collect()
    ]
    with pytest.raises(FrameError, match="Total: is what the result is called; rename it"):
        evaluate_frame(rubric, spark.createDataFrame(month(Total=[1, 2, 3, 4, 5])))


def test_the_types_are_those_of_every_other_backend(spark):
    """All columns, including the last."""
    rubric = load("customer-service")
    rows = table({}, {"skill": 2})
    here = evaluate_frame(rubric, on_spark(spark, rows), on_error="column").toArrow()
    there = evaluate_frame(rubric, rows, on_error="column")
    assert there.column_names == here.column_names
    plain = {"large_string": "string"}
    types = [[plain.get(str(t), str(t)) for t in each.schema.types] for each in (here, there)]
    assert types[0] == types[1]
    assert there.to_pylist()[0] == here.to_pylist()[0]


def test_refused_rows_raise_where_it_is_computed(spark):
    """Spark's own error contains the problems; if Spark would return null instead, the call is rejected."""
    rubric = load("customer-service")
    frame = on_spark(spark, table({}, {"skill": 2}))
    with pytest.raises(Exception, match="skill: is not an allowed value"):
        evaluate_frame(rubric, frame).collect()
    assert [84, 84] == [
        r["total"] for r in evaluate_frame(rubric, on_spark(spark, table({}, {}))).collect()
    ]
    spark.conf.set("spark.sql.ansi.enabled", "false")
    try:
        with pytest.raises(FrameError, match=r"needs spark\.sql\.ansi\.enabled"):
            evaluate_frame(rubric, frame)
        assert 2 == evaluate_frame(rubric, frame, on_error="column").count()
    finally:
        spark.conf.set("spark.sql.ansi.enabled", "true")


def test_types_that_spark_does_not_tell_exactly_are_refused(spark):
    """Short floats, and decimals that Spark may format with an exponent."""
    rubric = load("customer-service")
    frame = on_spark(spark, table({}))
    short = frame.withColumn("skill", frame["skill"].cast("float"))
    with pytest.raises(FrameError, match="skill: is Float32, whose digits Spark does not tell"):
        evaluate_frame(rubric, short)
    fine = frame.withColumn("skill", frame["skill"].cast("decimal(38, 10)"))
    with pytest.raises(FrameError, match="cast it to at most 6 decimals"):
        evaluate_frame(rubric, fine)


def test_a_task_that_fails_once_changes_nothing(spark):
    """The second of three partitions fails at its first try, and is tried again."""
    rubric = load("customer-service")
    rows = table(*({"skill": i % 11} for i in range(30)))
    frame = on_spark(spark, rows, 3)
    tries = spark.sparkContext.accumulator(0)

    def once(batches):
        from pyspark import TaskContext

        tries.add(1)
        context = TaskContext.get()
        for batch in batches:
            if context.partitionId() == 1 and context.attemptNumber() == 0:
                raise OSError("the disk is gone")
            yield batch

    shaky = frame.mapInArrow(once, frame.schema)
    assert 3 == frame.rdd.getNumPartitions()
    want = evaluate_frame(rubric, frame, on_error="column").toArrow()
    got = evaluate_frame(rubric, shaky, on_error="column").toArrow()
    assert want.to_pylist() == got.to_pylist()
    assert 30 == got.num_rows


def test_the_job_of_the_guide_scores_a_partitioned_set(tmp_path):
    """``spark-submit`` with a script of a few lines; a second run overwrites nothing."""
    need("java")
    need_module("pyspark")
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for part in range(3):
        rows = [{"id": part * 10 + i, **GOOD, "skill": i} for i in range(10)]
        pl.DataFrame(rows).write_parquet(source / f"part-{part}.parquet")
    submit = Path(sys.executable).with_name("spark-submit")
    settings_ = [part for key, value in LOCAL.items() for part in ("--conf", f"{key}={value}")]
    command = [submit, "--master", "local[2]", *settings_, JOB, "customer-service", source, target]
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable}

    def run():
        return subprocess.run(
            [*map(str, command)], capture_output=True, text=True, check=False, env=environment
        )

    done = run()
    assert 0 == done.returncode, done.stderr[-2000:]
    scored = pl.read_parquet(target / "*.parquet").sort("id")
    assert list(range(10)) * 3 == scored["skill"].to_list()
    want = evaluate_frame("customer-service", scored.select("id", *GOOD), on_error="column")
    assert want["total"].to_list() == scored["total"].to_list()
    assert 3 == scored["error"].is_not_null().sum()
    again = run()
    assert again.returncode
    assert "PATH_ALREADY_EXISTS" in again.stdout + again.stderr


def test_a_partition_of_a_date_appears_whole_and_once(spark, tmp_path, monkeypatch):
    """Of the columns that are named; again with the same bytes; a job that fails leaves nothing."""
    job = runpy.run_path(str(JOB.with_name("score_partition.py")))
    source, target = tmp_path / "in", tmp_path / "out"
    for date in ("2026-10-31", "2026-11-30"):
        folder = source / f"date={date}"
        folder.mkdir(parents=True)
        rows = [{"id": i, **GOOD, "skill": i % 11} for i in range(30)]
        pl.DataFrame(rows).write_parquet(folder / "part.parquet")

    def score(date="2026-10-31"):
        job["score"](spark, "customer-service", date, str(source), str(target), "total,tier,pay")
        parts = sorted((target / f"date={date}").glob("part-*"))
        return [part.read_bytes() for part in parts]

    first = score()
    assert ["date=2026-10-31"] == [each.name for each in target.iterdir()]
    made = pl.read_parquet(target / "date=2026-10-31" / "*.parquet")
    assert ["id", *GOOD, "total", "tier", "pay", "error", "problems"] == made.columns
    here = pl.DataFrame([{"id": i, **GOOD, "skill": i % 11} for i in range(30)])
    want = evaluate_frame("customer-service", here, on_error="column")
    assert want["total"].to_list() == made["total"].to_list()
    assert want["pay"].to_list() == made["pay"].to_list()
    stamp = (target / "date=2026-10-31").stat().st_mtime_ns
    assert first == score()
    assert stamp == (target / "date=2026-10-31").stat().st_mtime_ns
    shutil.rmtree(target / "date=2026-10-31")
    assert first == score()
    with monkeypatch.context() as patch:
        patch.setattr(job["Files"], "rename", None)
        with pytest.raises(TypeError):
            score("2026-11-30")
    assert ["date=2026-10-31"] == [each.name for each in target.iterdir()]
    assert 1 == len(score("2026-11-30"))
    # another job was faster
    with pytest.raises(Exception, match="exist"):
        job["Files"](spark).rename(str(source / "date=2026-11-30"), str(target / "date=2026-11-30"))
    plan = evaluate_frame("customer-service", spark.read.parquet(str(source)), on_error="column")
    assert "Exchange" not in plan._jdf.queryExecution().executedPlan().toString()
