"""What a stage of Spark costs: rows a second and core, bytes shuffled, the time before the first row.

Run it with ``python tests/benchmarks/spark.py [ROWS]`` (default: two million, in eight files). It runs
``docs/examples/spark/score_partition.py`` on one core and reads Spark's event log. A second run, of one
row, tells what a job costs apart from its rows. ``docs/how-to/spark.md`` estimates a cluster by it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

from tests import ROOT
from tests.benchmarks.batch import staff


JOB = ROOT / "docs" / "examples" / "spark" / "score_partition.py"
FILES = 8


def run(folder, rows, columns):
    """Score so many rows; return the metrics of all tasks, and the seconds before the first."""
    part = folder / f"in-{rows}" / "date=2026-10-31"
    part.mkdir(parents=True, exist_ok=True)
    for i in range(FILES if rows > FILES else 1):
        staff(-(-rows // FILES), seed=i + 1).write_parquet(part / f"part-{i}.parquet")
    log = folder / f"log-{rows}-{columns}"
    log.mkdir()
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "2g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.log.level": "FATAL",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.dir": log.as_uri(),
    }
    submit = Path(sys.executable).with_name("spark-submit")
    confs = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    command = [submit, "--master", "local[1]", *confs, JOB, "customer-service", "2026-10-31"]
    command += [part.parent, folder / f"out-{rows}-{columns}", *([columns] if columns else [])]
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable}
    subprocess.run([*map(str, command)], check=True, capture_output=True, env=environment)
    (file,) = (path for path in log.rglob("*") if path.is_file())
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    begun = next(e["Timestamp"] for e in events if e["Event"] == "SparkListenerApplicationStart")
    tasks = [
        e
        for e in events
        if e["Event"] == "SparkListenerTaskEnd"
        and e["Task Metrics"]["Output Metrics"]["Records Written"]
    ]
    before = (min(task["Task Info"]["Launch Time"] for task in tasks) - begun) / 1e3
    return [task["Task Metrics"] for task in tasks], before


def main(rows):
    """Print the figures of a stage with all columns, and with three."""
    with tempfile.TemporaryDirectory() as made:
        for columns in ("", "total,tier,pay"):
            metrics, before = run(Path(made), rows, columns)
            seconds = sum(m["Executor CPU Time"] for m in metrics) / 1e9
            shuffled = sum(m["Shuffle Write Metrics"]["Shuffle Bytes Written"] for m in metrics)
            written = sum(m["Output Metrics"]["Bytes Written"] for m in metrics)
            print(
                f"{columns or 'all columns':16} {rows / seconds:9.0f} rows a second and core, "
                f"{len(metrics)} tasks, {shuffled} bytes shuffled, {written / rows:.0f} bytes a row "
                f"written, {before:.1f} s before the first task",
                flush=True,
            )


if __name__ == "__main__":
    main(int(float((sys.argv[1:] or ["2e6"])[0])))
