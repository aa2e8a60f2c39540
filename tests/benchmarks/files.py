"""What files and large frames cost: ratios from one run on one machine.

Run it with ``python tests/benchmarks/files.py [ROWS]`` (default: one million). Both sides of a file run
in a process of its own, with the peak of its memory.

- ``CSV -> CSV``: the command line, against polars by hand (bar: 1.5, and 512 MiB) and against
  Python's csv with a function by hand (no bar); once more with a quoted cell in each row.
- ``Parquet -> Parquet``: the command line, against polars by hand. Bar: 1.1.
- ``results as JSON``: ten thousand people, against ``json.dumps`` of the same rows. Bar: 3.
- ``a text column``, ``a decimal column``: what a frame costs more when one of its whole numbers is a
  text (bar: 0.1 s for a million) or a ``Decimal(18, 2)`` (bar: 3 x the query by hand).
- ``rejected rows``: what a tenth of the rows that is rejected costs, against the other rows: with one
  faulty value, and with a different one in each row. Bar: 1.
- ``total, tier, pay``: only these columns, against the same by hand. Bar: 1.0.
- ``formulas of floats``: the total of the accountant, against exact whole numbers by hand. Bar: 2.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import polars as pl

from kpirules import evaluate_frame, load
from tests.benchmarks import batch
from tests.benchmarks.bars import Row
from tests.reference.customer_service import fast


def measured(*command):
    """Run a command: its seconds, the peak of its memory in MiB, the seconds of processors."""
    code = (
        "import os, resource, subprocess, sys, time\n"
        "begun = time.perf_counter()\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True)\n"
        "spent = time.perf_counter() - begun\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "assert done.returncode == 0, done.stderr\n"
        "print(spent, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(os.fspath, command)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak, processors = map(float, done.stdout.split())
    return seconds, peak, processors


def against(name, one, other, bar=None):
    """Compare the times of two commands; the note has those of processors, which vary less."""
    note = f"processors {one[2]:.2f} s / {other[2]:.2f} s = {one[2] / other[2]:.2f}"
    return Row(name=name, ours=one[0], theirs=other[0], bar=bar, note=note)


def ours(file, output):
    """Score a file by the command line."""
    return measured(
        sys.executable,
        "-m",
        "kpirules",
        "evaluate",
        "customer-service",
        file,
        "-o",
        output,
        "--force",
    )


def side(what, file, output):
    """Score a file by hand."""
    return measured(sys.executable, __file__, what, file, output)


def by_hand(what, file, output):
    """Do what :func:`side` names, in this process."""
    if what == "polars":
        frame = pl.read_csv(file) if file.endswith(".csv") else pl.read_parquet(file)
        made = batch.by_hand(frame, everything=True).collect()
        write = made.write_csv if output.endswith(".csv") else made.write_parquet
        write(output)
        return
    with Path(file).open(newline="") as source, Path(output).open("w", newline="") as target:
        rows = csv.DictReader(source)
        writer = csv.writer(target)
        for row in rows:
            record = {"duty": row["duty"], **{n: int(row[n]) for n in batch.NAMES}}
            writer.writerow([*row.values(), *fast(record)])


def of_files(rows):
    """Measure files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame = batch.staff(rows).with_columns(employee=pl.format("P{}", pl.int_range(pl.len())))
        for ending, bar in ((".csv", 1.5), (".parquet", 1.1)):
            file, output = folder / f"staff{ending}", folder / f"out{ending}"
            (frame.write_csv if ending == ".csv" else frame.write_parquet)(file)
            scored = ours(file, output)
            kind = ending[1:]
            yield against(
                f"{kind} -> {kind}, {rows} rows / polars",
                scored,
                side("polars", file, output),
                bar,
            )
            yield Row(name=f"{kind} -> {kind}, peak of memory", ours=scored[1], unit="MiB", bar=512)
            if ending == ".csv":
                python = side("Python", file, output)
                yield against("csv -> csv / Python's csv and a function", scored, python)
                quoted = folder / "quoted.csv"
                frame.with_columns(pl.format("Team 1, {}", "employee").alias("employee")).write_csv(
                    quoted
                )
                scored = ours(quoted, output)
                polars = side("polars", quoted, output)
                yield against("csv with quotes / polars", scored, polars, bar)
                yield Row(
                    name="csv with quotes, peak of memory", ours=scored[1], unit="MiB", bar=512
                )
        people = min(rows, 10_000)
        frame.head(people).write_csv(folder / "few.csv")
        seconds, peak, _ = ours(folder / "few.csv", folder / "few.json")
        content = json.loads((folder / "few.json").read_bytes())
        begun = time.perf_counter()
        json.dumps(content, ensure_ascii=False, indent=1)
        dumps = time.perf_counter() - begun
        yield Row(
            name=f"results as JSON, {people} people / json.dumps", ours=seconds, theirs=dumps, bar=3
        )
        yield Row(name="results as JSON, peak of memory", ours=peak, unit="MiB", bar=512)


def of_frames(rows):
    """Measure frames in memory."""
    whole = batch.staff(rows)
    text = whole.with_columns(pl.col("late").cast(pl.String))
    decimal = whole.with_columns(pl.col("volume").cast(pl.Decimal(18, 2)))
    faulty = whole.with_columns(
        pl.when(pl.int_range(pl.len()) % 10 == 0).then(2).otherwise("skill").alias("skill")
    )

    def scored(frame, **options):
        return lambda: evaluate_frame(batch.RUBRIC, frame, on_error="column", **options)

    def hand(frame, *, everything=True):
        return lambda: batch.by_hand(frame, everything=everything).collect()

    main = ("total", "tier", "pay")
    a, b, c, d, e, f, g = batch.best(
        scored(whole),
        scored(text),
        scored(decimal),
        hand(whole),
        scored(whole, columns=main),
        lambda: batch.by_hand(whole, everything=True).select(main).collect(),
        lambda: evaluate_frame(
            batch.RUBRIC, whole.lazy(), on_error="column", columns=main
        ).collect(),
        rounds=3,
    )
    million = rows / 1e6
    yield Row(name="a text column costs more, for 10^6 rows", ours=(b - a) / million, bar=0.1)
    yield Row(name="a frame with a decimal column / by hand", ours=c, theirs=d, bar=3)
    yield Row(name="total, tier, pay / by hand", ours=e, theirs=f, bar=1)
    yield Row(name="total, tier, pay, lazy / by hand", ours=g, theirs=f, bar=1)
    other = pl.when(pl.int_range(pl.len()) % 10 == 0).then(pl.int_range(pl.len()) + 100)
    distinct = whole.with_columns(other.otherwise("skill").alias("skill"))
    for name, frame, count in (("", faulty, rows), (", all different", distinct, rows // 10)):
        a, b = batch.best(scored(frame.head(count)), scored(whole.head(count)), rounds=2)
        yield Row(
            name=f"a tenth of rows rejected{name} / all other rows",
            ours=a - 0.9 * b,
            theirs=0.9 * b,
            bar=1,
        )


def of_floats(rows):
    """Measure formulas of floats, against whole numbers of hundredths by hand."""
    rubric, random = load("accountant"), np.random.default_rng(1)
    hundredths = {"on_time_pct": 10_001, "cost_deviation_pct": 3_000}
    counts = {"correctness_events": 6, "vouchers_lost": 3, "general_errors": 5}
    frame = pl.DataFrame(
        {name: random.integers(0, most, rows) / 100 for name, most in hundredths.items()}
        | {name: random.integers(0, most, rows) for name, most in counts.items()}
    )
    c = pl.col

    def hand():
        units = {name: (c(name) * 100).round().cast(pl.Int64) for name in hundredths}
        exact = [(units[name] - c(name) * 100).abs() < 1e-6 for name in hundredths]
        on_time, off = units["on_time_pct"], units["cost_deviation_pct"]
        lost, wrong, errors = c.vouchers_lost, c.correctness_events, c.general_errors
        levels = (
            pl.when(wrong <= 1).then(100).when(wrong == 2).then(80).when(wrong == 3).then(60),
            pl.when(lost == 0).then(100),
            pl.when(errors == 0).then(100).when(errors == 1).then(90).when(errors == 2).then(60),
        )
        slope = (15_000 - 10 * off).clip(0, 15_000)
        # in ten thousandths
        total = (on_time + slope + 100 * sum(level.otherwise(0) for level in levels)) * 20
        fine = pl.all_horizontal(*exact, on_time.is_between(0, 10_000), off >= 0)
        return frame.lazy().with_columns(total=pl.when(fine).then(total)).collect()

    def ours():
        return evaluate_frame(rubric, frame, columns=("total",))

    totals = (ours()["total"].cast(pl.Float64) * 10_000).round().cast(pl.Int64)
    assert totals.equals(hand()["total"])
    a, b = batch.best(ours, hand, rounds=5)
    yield Row(name="formulas of floats, total / by hand", ours=a, theirs=b, bar=2)


def rows(*, quick=False, count=None):
    """Measure files and frames."""
    count = count or (100_000 if quick else 1_000_000)
    yield from of_files(count)
    yield from of_frames(count)
    yield from of_floats(count)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        by_hand(*sys.argv[1:])
    else:
        for row in rows(count=int(float((sys.argv[1:] or ["1e6"])[0]))):
            print(row, flush=True)
