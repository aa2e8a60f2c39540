"""What a whole frame costs: ratios from one run on one machine.

Run it with ``python tests/benchmarks/batch.py [ROWS]`` (default: 10 million). Each ratio is between
the best of several rounds that alternate between the two sides. Above 20 million rows, which do not
fit into memory with all their results, only the file is scored.

- ``polars, totals`` and ``polars, all``: against the same logic by hand in idiomatic polars.
  Bars: 1.0 and 1.1.
- ``DuckDB``: tiers counted and pay added up, against SQL by hand with ``BETWEEN ... OR``; how many
  times faster. Bar: 3.0.
- ``NumPy, totals``: against the same logic by hand with ``numpy.select``.
- ``OpenFisca, totals``: against OpenFisca-core with the same form, where it is installed.
- ``Parquet, by tier``: scored and aggregated from a file, against a bare sum of the same columns,
  which is the limit, and against the same logic by hand in polars and in DuckDB's SQL; each in a
  process of its own, with the peak of its memory. Bars: 1.8 and 300 MiB at 10^8 rows.
- ``plan``: what a call costs before any row, in milliseconds. Bars: 10 (polars), 25 (SQL).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq

from kpirules import evaluate_frame, load


ROUNDS = 5
RUBRIC = load("customer-service")
#: what each judged criterion awards, level by level
LEVELS = {
    "skill": ((8, 10), (3, 7), (0, 1)),
    "feedback": ((8, 10), (3, 7), (0, 1)),
    "manner": ((5, 5), (3, 4), (0, 1)),
    "teamwork": ((5, 5), (3, 4), (0, 1)),
    "volume": ((16, 20), (6, 15), (0, 5)),
    "service": ((16, 20), (6, 15), (0, 5)),
    "conversion": ((8, 10), (3, 7), (0, 1)),
}
SECTIONS = {
    "personnel": ("attendance", "leave", "discipline", "duty_roster"),
    "ability": ("skill", "feedback"),
    "attitude": ("manner", "teamwork"),
    "results": ("volume", "service", "conversion"),
}
TIERS = (
    ("excellent", 90, 100, 300),
    ("good", 80, 89, 200),
    ("pass", 60, 79, 100),
    ("fail", 0, 59, -50),
)
NAMES = ("late", "absent", "leave_days", "incidents", *LEVELS)


def staff(rows, seed=1):
    """Make records of good data, as a file of 64-bit numbers and texts gives them."""
    random = np.random.default_rng(seed)
    columns = {
        "late": random.choice(5, rows, p=[0.7, 0.15, 0.08, 0.05, 0.02]),
        "absent": random.choice(2, rows, p=[0.95, 0.05]),
        "leave_days": random.choice(5, rows),
        "incidents": random.choice(4, rows),
    }
    for name, spans in LEVELS.items():
        given = [v for low, high in spans for v in range(low, high + 1)]
        columns[name] = random.choice(np.array(given), rows)
    duty = np.array(["met", "substandard", "forgotten"])[random.choice(3, rows)]
    return pl.DataFrame({**columns, "duty": duty})


def points_in_polars():
    """Give the points of each criterion, null where there are none."""
    c = pl.col
    made = {
        "attendance": pl.when((c.late == 0) & (c.absent == 0)).then(6)
        .when((c.late == 1) & (c.absent == 0)).then(4)
        .when((c.late == 2) & (c.absent == 0)).then(3)
        .when((c.late >= 0) & (c.absent >= 0)).then(0),
        "leave": pl.when(c.leave_days == 0).then(6).when(c.leave_days == 1).then(4)
        .when(c.leave_days == 2).then(3).when(c.leave_days >= 3).then(0),
        "discipline": pl.when(c.incidents == 0).then(5).when(c.incidents == 1).then(3)
        .when(c.incidents >= 2).then(0),
        "duty_roster": pl.when(c.duty == "met").then(3).when(c.duty == "substandard").then(2)
        .when(c.duty == "forgotten").then(0),
    }  # fmt: skip
    for name, spans in LEVELS.items():
        any_of = pl.any_horizontal(c(name).is_between(low, high) for low, high in spans)
        made[name] = pl.when(any_of).then(c(name))
    return made


def by_hand(frame, *, everything):
    """Score as somebody would write it in polars."""
    points = points_in_polars()
    if not everything:
        return frame.lazy().select(total=added(points.values()))
    c = pl.col
    lazy = frame.lazy().with_columns(**{f"points.{n}": e for n, e in points.items()})
    sums = {
        f"subtotal.{s}": added(c(f"points.{n}") for n in names) for s, names in SECTIONS.items()
    }
    lazy = lazy.with_columns(total=added(c(f"points.{n}") for n in points), **sums)
    tier = pay = None
    for name, low, high, money in TIERS:
        inside = c.total.is_between(low, high)
        tier = (pl if tier is None else tier).when(inside).then(pl.lit(name))
        pay = (pl if pay is None else pay).when(inside).then(money)
    bands = {}
    for name, spans in LEVELS.items():
        band = pl
        for i, (low, high) in enumerate(spans):
            band = band.when(c(name).is_between(low, high)).then(i)
        bands[f"band.{name}"] = band
    there = c.absent == 0
    bands["band.attendance"] = (
        pl.when(there & (c.late == 0)).then(0).when(there & (c.late == 1)).then(1)
        .when(there & (c.late == 2)).then(2).otherwise(3)
    )  # fmt: skip
    for name, column, options in (
        ("leave", "leave_days", (0, 1, 2)),
        ("discipline", "incidents", (0, 1)),
        ("duty_roster", "duty", ("met", "substandard")),
    ):
        band = pl
        for i, option in enumerate(options):
            band = band.when(c(column) == option).then(i)
        bands[f"band.{name}"] = band.otherwise(len(options))
    return lazy.with_columns(tier=tier, pay=pay, **bands)


def added(parts):
    """Add columns up; null where one is."""
    first, *rest = parts
    for part in rest:
        first = first + part
    return first


def sql_by_hand():
    """Score as somebody would write it in SQL."""
    points = {
        "attendance": "CASE WHEN late = 0 AND absent = 0 THEN 6 WHEN late = 1 AND absent = 0 THEN 4 "
        "WHEN late = 2 AND absent = 0 THEN 3 WHEN late >= 0 AND absent >= 0 THEN 0 END",
        "leave": "CASE WHEN leave_days = 0 THEN 6 WHEN leave_days = 1 THEN 4 "
        "WHEN leave_days = 2 THEN 3 WHEN leave_days >= 3 THEN 0 END",
        "discipline": "CASE WHEN incidents = 0 THEN 5 WHEN incidents = 1 THEN 3 "
        "WHEN incidents >= 2 THEN 0 END",
        "duty_roster": "CASE WHEN duty = 'met' THEN 3 WHEN duty = 'substandard' THEN 2 "
        "WHEN duty = 'forgotten' THEN 0 END",
    }
    for name, spans in LEVELS.items():
        inside = " OR ".join(f"{name} BETWEEN {low} AND {high}" for low, high in spans)
        points[name] = f"CASE WHEN {inside} THEN {name} END"
    columns = ", ".join(f"{sql} AS p_{name}" for name, sql in points.items())
    total = " + ".join(f"p_{name}" for name in points)
    tier = " ".join(f"WHEN total BETWEEN {a} AND {b} THEN '{n}'" for n, a, b, _ in TIERS)
    pay = " ".join(f"WHEN total BETWEEN {a} AND {b} THEN {m}" for _, a, b, m in TIERS)
    return (
        f"SELECT CASE {tier} END AS tier, CASE {pay} END AS pay, total FROM "
        f"(SELECT *, {total} AS total FROM (SELECT *, {columns} FROM staff))"
    )


#: what is done to a file; the sum is the limit
SIDES = ("sum", "kpirules, polars", "by hand, polars", "kpirules, DuckDB", "by hand, DuckDB")
GROUPED = "SELECT tier, count(*), sum(pay), sum(total) FROM {} GROUP BY tier ORDER BY tier"


def numpy_by_hand(columns):
    """Score as somebody would write it in NumPy: totals, -1 where there is none."""
    c, bad = columns, -10_000
    never = c["absent"] == 0
    parts = [
        np.select([never & (c["late"] == i) for i in range(3)], [6, 4, 3], 0),
        np.select([c["leave_days"] == i for i in range(3)], [6, 4, 3], 0),
        np.select([c["incidents"] == i for i in range(2)], [5, 3], 0),
        np.select([c["duty"] == v for v in range(3)], [3, 2, 0], bad),
    ]
    for name, spans in LEVELS.items():
        inside = np.zeros(len(c[name]), bool)
        for low, high in spans:
            inside |= (c[name] >= low) & (c[name] <= high)
        parts.append(np.where(inside, c[name], bad))
    return np.sum(parts, axis=0)


def best(*sides, rounds=ROUNDS):
    """Time some sides in turn: the best of each, in seconds."""
    found = [float("inf")] * len(sides)
    for _ in range(rounds):
        for i, side in enumerate(sides):
            begun = time.perf_counter()
            side()
            found[i] = min(found[i], time.perf_counter() - begun)
    return found


def in_a_process(what, file):
    """Do one side over a file in a process of its own: seconds, and the peak of its memory in MiB."""
    done = subprocess.run(
        [sys.executable, __file__, what, file], capture_output=True, text=True, check=True
    )
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def side(what, file):
    """Score a file and count its tiers, or add its columns up; print seconds and peak memory."""
    lazy = pl.scan_parquet(file)
    staff = duckdb.read_parquet(file)
    begun = time.perf_counter()
    if what == "kpirules, polars":
        made = evaluate_frame(RUBRIC, lazy, on_error="column")
        made.group_by("tier").agg(pl.len(), pl.sum("pay")).collect(engine="streaming")
    elif what == "by hand, polars":
        made = by_hand(lazy, everything=True)
        made.group_by("tier").agg(pl.len(), pl.sum("pay")).collect(engine="streaming")
    elif what == "kpirules, DuckDB":
        made = evaluate_frame(RUBRIC, staff, on_error="column")
        made.query("made", GROUPED.format("made")).fetchall()
    elif what == "by hand, DuckDB":
        staff.query("staff", GROUPED.format(f"({sql_by_hand()})")).fetchall()
    else:
        sums = [pl.sum(name) for name in NAMES] + [pl.col("duty").str.len_bytes().sum()]
        lazy.select(sums).collect(engine="streaming")
    seconds = time.perf_counter() - begun
    # of this process alone: what getrusage gives counts what it was forked from
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(seconds, int(status.split("VmHWM:")[1].split()[0]) / 1024)


def from_a_file(rows):
    """Print what it costs to score a file of so many rows, and to add its columns up."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.fspath(Path(folder) / "staff.parquet")
        writer = None
        for first in range(0, rows, 10**7):
            table = staff(min(10**7, rows - first), seed=first + 1).to_arrow()
            writer = writer or pq.ParquetWriter(file, table.schema)
            writer.write_table(table, row_group_size=250_000)
        writer.close()
        del table
        limit = None
        for what in SIDES:
            rounds = [in_a_process(what, file) for _ in range(3 if rows <= 10**7 else 2)]
            seconds, peak = (min(each) for each in zip(*rounds, strict=True))
            limit = limit or seconds
            print(
                f"Parquet, by tier   {what:17} {seconds / limit:5.2f} x   {seconds:.2f} s, "
                f"{peak:.0f} MiB",
                flush=True,
            )


def main(rows):
    """Print all ratios."""
    if rows > 2 * 10**7:
        from_a_file(rows)
        return
    frame = staff(rows)

    def ours():
        lazy = evaluate_frame(RUBRIC, frame.lazy(), on_error="column")
        return lazy.select("total").collect()

    assert ours()["total"].equals(
        by_hand(frame, everything=False).collect()["total"].cast(pl.Int64)
    )
    a, b = best(ours, lambda: by_hand(frame, everything=False).collect())
    print(f"polars, totals     {a / b:5.2f} x   {a:.2f} s, by hand {b:.2f} s, {rows} rows")
    a, b = best(
        lambda: evaluate_frame(RUBRIC, frame), lambda: by_hand(frame, everything=True).collect()
    )
    print(f"polars, all        {a / b:5.2f} x   {a:.2f} s, by hand {b:.2f} s")

    duty = frame["duty"].replace_strict({"met": 0, "substandard": 1, "forgotten": 2})
    columns = {n: frame[n].to_numpy() for n in NAMES} | {"duty": duty.to_numpy()}
    a, b = best(ours, lambda: numpy_by_hand(columns), rounds=2)
    print(f"NumPy, totals      {b / a:5.2f} times faster; by hand {b:.2f} s")

    try:
        from fisca import totals_of
    except ModuleNotFoundError:
        print("OpenFisca          not installed: pip install openfisca-core")
    else:
        theirs = totals_of(columns, LEVELS)
        assert np.array_equal(
            theirs(), by_hand(frame, everything=False).collect()["total"].to_numpy()
        )
        a, b = best(ours, theirs, rounds=2)
        print(f"OpenFisca, totals  {b / a:5.2f} times faster; OpenFisca {b:.2f} s")
        del theirs

    connection = duckdb.connect()
    connection.register("arrow", frame.to_arrow())
    connection.execute("CREATE TABLE staff AS SELECT * FROM arrow")
    connection.unregister("arrow")

    def relation():
        made = evaluate_frame(RUBRIC, connection.table("staff"), on_error="column")
        return made.query("made", GROUPED.format("made")).fetchall()

    def sql():
        return connection.sql(GROUPED.format(f"({sql_by_hand()})")).fetchall()

    assert [*map(str, relation())] == [*map(str, sql())]
    a, b = best(relation, sql)
    print(f"DuckDB             {b / a:5.2f} times faster   {a:.2f} s, by hand {b:.2f} s")

    from_a_file(rows)

    few = staff(10)
    table = connection.from_arrow(few.to_arrow())
    for name, one in (("polars", few.lazy()), ("DuckDB", table)):
        (a,) = best(lambda one=one: evaluate_frame(RUBRIC, one, on_error="column"), rounds=20)
        print(f"plan, {name}       {a * 1e3:5.1f} ms")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        side(*sys.argv[1:])
    else:
        main(int(float((sys.argv[1:] or ["1e7"])[0])))
