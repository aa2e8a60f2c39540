"""Score a partitioned Parquet set with Spark.

    spark-submit score.py customer-service IN OUT

IN and OUT are folders that Spark reads and writes: on a disk, HDFS, or an object store. OUT must
not be there yet. Every row comes out; one that cannot be scored has its problems in the column
"error".
"""

from __future__ import annotations

import sys

from pyspark.sql import SparkSession

from kpirules import evaluate_frame, load


def main(ruleset: str, source: str, target: str) -> None:
    """Read, score, write; each partition becomes one."""
    spark = SparkSession.builder.appName(f"kpirules {ruleset}").getOrCreate()
    try:
        staff = spark.read.parquet(source)
        scored = evaluate_frame(load(ruleset), staff, on_error="column")
        scored.write.mode("errorifexists").parquet(target)
    finally:
        spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
