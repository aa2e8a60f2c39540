"""The cost of rows that are evaluated together, against the same query by hand in polars.

``python tests/benchmarks/cohorts.py [ROWS]`` prints ratios of times, each the best of three: one
rank, one share by largest remainders and two quotas, over everybody and within departments of some
1 000 people; and of one rejected row, for which all rows are evaluated record by record.
"""

from __future__ import annotations

import sys
import time

import polars as pl

from kpirules import evaluate_frame, loads


ROWS = 1_000_000
#: as many departments as this part of the rows
PEOPLE = 1_000
ROWS_BY_RECORD = 20_000
RULES = """
schema = 1
id = "bonus"
[inputs.shop]
type = "choice"
options = [{options}]
[inputs.pool]
type = "number"
range = "0..100000000"
step = 0.01
[inputs.place]
type = "count"
cohort = {{ rank = "total", ties = "best"{within} }}
[inputs.share]
type = "number"
range = ">= 0"
cohort = {{ share = "pool", by = "total", round = {{ to = 0.01, mode = "largest_remainder" }}, otherwise = "nothing"{within} }}
[[criterion]]
id = "sales"
weight = 60
[[criterion]]
id = "service"
weight = 40
[[tier]]
id = "A"
total = "90..100"
[[tier]]
id = "B"
total = "60..<90"
[[tier]]
id = "C"
total = "< 60"
[[quota]]
id = "top"
tier = "A"
at_most = "0.5 * heads"
excess = "refuse"{rows}
[[quota]]
id = "low"
tier = "C"
at_most = "0.9 * heads"
excess = "refuse"{rows}
[outcome.bonus]
formula = "share"
"""


def staff(rows, departments):
    """Give invented records."""
    number = pl.int_range(rows, eager=True)
    shop = pl.Series([f"s{i}" for i in range(departments)])
    return pl.DataFrame(
        {
            "key": ("k" + number.cast(pl.String).str.zfill(8)),
            "shop": shop[(number.hash(1) % departments).to_list()],
            "sales": (number.hash(2) % 61).cast(pl.Int64),
            "service": (number.hash(3) % 41).cast(pl.Int64),
        }
    )


def by_hand(frame, pool, *, is_within):
    """Compute what the ruleset computes, with the checks of ranges and of quotas."""
    group = ["shop"] if is_within else [pl.lit(0)]
    if not (frame["sales"].is_between(0, 60) & frame["service"].is_between(0, 40)).all():
        raise ValueError("a rating is not allowed")
    if frame["key"].n_unique() < len(frame):
        raise ValueError("a key is there twice")
    made = frame.with_columns(total=pl.col("sales") + pl.col("service"))
    made = made.with_columns(
        tier=pl.when(pl.col("total") >= 90)
        .then(pl.lit("A"))
        .when(pl.col("total") >= 60)
        .then(pl.lit("B"))
        .otherwise(pl.lit("C")),
        place=pl.col("total").rank("min", descending=True).over(group),
        whole=pl.col("total").sum().over(group),
    )
    product = pl.col("total") * pool
    made = made.with_columns(floor=product // pl.col("whole"), rest=product % pl.col("whole"))
    made = made.with_columns(left=pool - pl.col("floor").sum().over(group))
    order = pl.struct(rest=-pl.col("rest"), total=-pl.col("total"), key="key")
    turn = order.rank("ordinal").over(group)
    share = pl.col("floor") + (turn <= pl.col("left")).cast(pl.Int64)
    made = made.with_columns(
        share=share.cast(pl.Decimal(18, 0)) * pl.lit(0.01).cast(pl.Decimal(18, 2))
    )
    counts = made.group_by(group).agg(
        heads=pl.len(),
        top=(pl.col("tier") == "A").sum(),
        low=(pl.col("tier") == "C").sum(),
    )
    if not (
        (2 * counts["top"] <= counts["heads"]) & (10 * counts["low"] <= 9 * counts["heads"])
    ).all():
        raise ValueError("a quota is not kept")
    return made.drop("whole", "floor", "rest", "left")


def best(action):
    """Give the shortest of three times."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        made = action()
        times.append(time.perf_counter() - start)
    return min(times), made


def main(rows):
    """Print the ratios."""
    departments = max(rows // PEOPLE, 1)
    frame = staff(rows, departments)
    options = ", ".join(f'"s{i}"' for i in range(departments))
    for is_within in (False, True):
        within = ', within = "shop"' if is_within else ""
        text = RULES.format(
            options=options, within=within, rows='\nwithin = "shop"' if is_within else ""
        )
        rubric = loads(text)
        pool = 1_000_000 if is_within else 50_000_000
        own, made = best(lambda: evaluate_frame(rubric, frame, key="key", common={"pool": pool}))
        hand, same = best(lambda: by_hand(frame, 100 * pool, is_within=is_within))
        assert (made["gathered.share"].cast(pl.Float64) == same["share"].cast(pl.Float64)).all()
        assert (made["gathered.place"] == same["place"]).all()
        groups = departments if is_within else 1
        times = f"{own:.2f} s; by hand {hand:.2f} s"
        print(f"{rows} rows in {groups} groups: {own / hand:.2f} x ({times})")
        wrong = frame.head(ROWS_BY_RECORD).with_columns(
            sales=pl.when(pl.col("key") == frame["key"][0]).then(61).otherwise("sales")
        )
        start = time.perf_counter()
        evaluate_frame(rubric, wrong, key="key", common={"pool": pool}, on_error="column")
        each = (time.perf_counter() - start) / len(wrong)
        print(f"with one rejected row: {each * 1e6:.0f} microseconds for each row")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
