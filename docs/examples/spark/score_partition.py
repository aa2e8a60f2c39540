"""Score one partition of a Parquet set that has a folder for each date, with Spark.

    spark-submit score_partition.py customer-service 2026-10-31 IN OUT total,tier,pay

Reads IN/date=2026-10-31, scores it by the rules that are effective on that date, and writes
OUT/date=2026-10-31 with the columns that are named, or all. The folder appears at once when all of
it is written: a job that fails leaves nothing that a reader sees. A partition that is there is left
as it is, so that the job may be run again at any time; to score it again, delete its folder.
"""

from __future__ import annotations

import sys
from typing import Any

from pyspark.sql import SparkSession

from kpirules import evaluate_frame, load


def main(*arguments: str) -> None:
    """Score a partition in a session of its own."""
    spark = SparkSession.builder.appName("kpirules " + " ".join(arguments[:2])).getOrCreate()
    try:
        score(spark, *arguments)
    finally:
        spark.stop()


def score(
    spark: SparkSession, ruleset: str, date: str, source: str, target: str, columns: str = ""
) -> None:
    """Read, score, write beside the target, rename."""
    files = Files(spark)
    folder = f"{target}/date={date}"
    if files.exists(folder):
        sys.stderr.write(f"{folder} is there and is left as it is\n")
        return
    # readers skip folders whose name begins with an underscore
    writing = f"{target}/_date={date}-{spark.sparkContext.applicationId}"
    scored = evaluate_frame(
        load(ruleset, on=date),
        spark.read.parquet(f"{source}/date={date}"),
        on_error="column",
        columns=columns.split(",") if columns else None,
    )
    try:
        scored.write.parquet(writing)
        files.rename(writing, folder)
    finally:
        files.delete(writing)


class Files:
    """The file system of Spark: a disk, HDFS, an object store."""

    def __init__(self, spark: SparkSession) -> None:
        # PySpark has no public names for files
        context: Any = spark.sparkContext
        self._gateway = context._gateway  # noqa: SLF001 - as above
        self._hadoop = context._jvm.org.apache.hadoop.fs  # noqa: SLF001 - as above
        self._settings = context._jsc.hadoopConfiguration()  # noqa: SLF001 - as above

    def exists(self, folder: str) -> bool:
        """Return whether a folder exists."""
        return bool(self._context(folder).util().exists(self._hadoop.Path(folder)))

    def delete(self, folder: str) -> None:
        """Delete a folder, if it exists."""
        if self.exists(folder):
            is_recursive = True
            self._context(folder).delete(self._hadoop.Path(folder), is_recursive)

    def rename(self, folder: str, name: str) -> None:
        """Rename a folder in one step; fail if another job was faster."""
        options = self._gateway.new_array(getattr(self._hadoop, "Options$Rename"), 0)
        paths = (self._hadoop.Path(folder), self._hadoop.Path(name))
        self._context(folder).rename(*paths, options)

    def _context(self, folder: str) -> Any:  # noqa: ANN401 - an object of Java
        """Return the file system of a folder."""
        uri = self._hadoop.Path(folder).toUri()
        if uri.getScheme() is None:
            return self._hadoop.FileContext.getFileContext(self._settings)
        return self._hadoop.FileContext.getFileContext(uri, self._settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
