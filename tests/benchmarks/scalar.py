"""What one record costs: ratios from one run on one machine.

Run it with ``python tests/benchmarks/scalar.py``. Each ratio is the median over rounds that
alternate between the two sides, so that whatever else the machine does falls on both.

- ``evaluate``: one warm evaluation with the whole trace and strict checks, by the shipped ruleset,
  against a hand-written if/elif function that gives only (total, tier, pay). Bar: 2.0.
- ``formulas``: the same for twelve criteria that are formulas of a count each. Bar: 3.0.
- ``import``: ``import kpirules`` against ``import attrs, decimal, tomllib``, each in a fresh
  process, less the cost of starting one. Bar: 1.4.
- ``load``: reading, structuring, checking and making ready the shipped ruleset's text, warm,
  against ``tomllib.loads`` of it. Bar: 3.0.
- ``check``: everything that the check asks of the shipped ruleset, its examples run, in
  milliseconds. Bar: 10 ms.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[1]))

from kpirules import check, evaluate, load, loads
from reference.customer_service import fast, random_record
from shipped import shipped


ROUNDS = 200
RECORDS = 500


def clock(act, *arguments):
    """Time one call in nanoseconds."""
    begun = time.perf_counter_ns()
    act(*arguments)
    return time.perf_counter_ns() - begun


def alternate(one, other, rounds):
    """Time two sides in turn: their medians and the median ratio."""
    one(), other()
    pairs = []
    for i in range(rounds):
        # who goes first alternates as well
        if i % 2:
            a, b = clock(one), clock(other)
        else:
            b, a = clock(other), clock(one)
        pairs.append((a, b))
    ratio = statistics.median(a / b for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def scalar():
    """Evaluate records that differ, all of them seen before."""
    rubric = load("customer-service")
    rng = random.Random(20261101)
    records = [random_record(rng, direct=False) for _ in range(RECORDS)]
    for record in records:
        result = evaluate(rubric, record)
        assert (result.total, result.tier.id, result.pay) == fast(record)

    def ours():
        for record in records:
            evaluate(rubric, record)

    def by_hand():
        for record in records:
            fast(record)

    a, b, ratio = alternate(ours, by_hand, ROUNDS)
    return a / RECORDS / 1e3, b / RECORDS / 1e3, ratio, "µs"


def formulas():
    """Evaluate twelve formulas, and the same twelve by hand."""
    names = [f"f{i}" for i in range(12)]
    inputs = "".join(f'inputs.{n} = {{ type = "count" }}\n' for n in names)
    rows = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 10\nformula = "10 - 2 * {n}"\nclamp = "0..10"\n'
        for i, n in enumerate(names)
    )
    rubric = loads(f'schema = 1\nid = "x"\nfull_marks = 120\n{inputs}{rows}')

    def hand(record):
        total = 0
        for name in names:
            points = 10 - 2 * record[name]
            if points < 0:
                points = 0
            elif points > 10:
                points = 10
            total += points
        return total

    rng = random.Random(20261102)
    records = [{n: rng.randrange(9) for n in names} for _ in range(RECORDS)]
    for record in records:
        assert evaluate(rubric, record).total == hand(record)

    def ours():
        for record in records:
            evaluate(rubric, record)

    def by_hand():
        for record in records:
            hand(record)

    a, b, ratio = alternate(ours, by_hand, ROUNDS)
    return a / RECORDS / 1e3, b / RECORDS / 1e3, ratio, "µs"


def start(code):
    """Run code in a fresh process."""
    subprocess.run([sys.executable, "-c", code], check=True)


def imports(code="import kpirules"):
    """Import in fresh processes, less an empty one."""
    sides = [(lambda c=c: start(c)) for c in (code, "import attrs, decimal, tomllib", "pass")]
    times = [[], [], []]
    for i in range(40):
        for j in (0, 1, 2) if i % 2 else (2, 1, 0):
            times[j].append(clock(sides[j]))
    ours, theirs, empty = (statistics.median(t) for t in times)
    ours, theirs = ours - empty, theirs - empty
    return ours / 1e6, theirs / 1e6, ours / theirs, "ms"


def loading():
    """Read the shipped ruleset's text again and again."""
    text = shipped().read_text(encoding="utf-8")
    a, b, ratio = alternate(lambda: loads(text), lambda: tomllib.loads(text), 60)
    return a / 1e6, b / 1e6, ratio, "ms"


def checking():
    """Check the shipped ruleset, every cached thing of its plan worked out anew."""
    rubric = load("customer-service")
    times = [clock(check, rubric) for _ in range(60)]
    return statistics.median(times) / 1e6, 1.0, statistics.median(times) / 1e6, "ms"


def main():
    """Print each ratio beside its bar; exit with 1 where one is missed."""
    rows = [
        ("evaluate / by hand", 2.0, scalar()),
        ("12 formulas / by hand", 3.0, formulas()),
        ("import kpirules / attrs, decimal, tomllib", 1.4, imports()),
        ("load / tomllib.loads", 3.0, loading()),
        ("check / 1 ms", 10.0, checking()),
        (
            "from kpirules import evaluate / as above",
            None,
            imports("from kpirules import evaluate"),
        ),
    ]
    missed = False
    for name, bar, (ours, theirs, ratio, unit) in rows:
        limit = "no bar" if bar is None else f"bar {bar:.1f}"
        missed |= bar is not None and ratio > bar
        print(f"{name:42} {ours:8.2f} {unit} / {theirs:8.2f} {unit} = {ratio:5.2f}  ({limit})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
