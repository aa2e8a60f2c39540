"""What many rulesets cost: loading one of them by its id, listing all, checking all.

Run it with ``python tests/benchmarks/catalog.py``. The folders have 10 and 1 000 small rulesets, and
100 copies of the shipped one. Times are those of the processor.

- ``first load``: a ruleset that was not loaded before, of 1 000, against one of 10. Bar: 1.2.
- ``by id``: what ``evaluate`` costs more by an id of 1 000 than by the rubric. Bar: 5 µs.
- ``list``: all 1 000 in a running process, and by the command in a fresh one. Bar: 0.5 s.
- ``check``: 100 rulesets by the command in a fresh process. Bar: 0.7 s. Missed: each of them takes what
  the check of one does, whose time is spread over parsing (30 %), proofs (27 %), examples (22 %) and the
  places of its accepted findings (11 %).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

from kpirules import FolderSource, evaluate, load, rulesets
from tests.benchmarks.bars import Row
from tests.benchmarks.scalar import CLOCK, cpu
from tests.shipped import shipped


SMALL = (
    'schema = 1\nid = "ID"\neffective_from = 2026-01-01\ncriterion = [{ id = "a", weight = 100 }]\n'
)


def write(folder, count, text):
    """Write so many rulesets."""
    for i in range(count):
        path = folder / f"r{i:04}" / "2026-01-01.rubric.toml"
        path.parent.mkdir(parents=True)
        path.write_text(text.replace("ID", f"r{i:04}", 1))


def seconds(function, rounds):
    """Time a function: the median of some rounds, in seconds."""
    times = []
    for i in range(rounds):
        begun = CLOCK()
        function(i)
        times.append((CLOCK() - begun) / 1e9)
    return statistics.median(times)


def command(*arguments):
    """Time the command in a fresh process, without the start of Python, in seconds."""
    code = (
        "import os, sys; sys.stdout = open(os.devnull, 'w'); sys.stderr = sys.stdout; "
        f"sys.argv = {['kpirules', *map(str, arguments)]!r}; "
        "from kpirules.cli import main; "
        "\ntry: main()\nexcept SystemExit: pass"
    )
    return min(cpu(code) for _ in range(3)) / 1e9 - min(cpu("pass") for _ in range(3)) / 1e9


def rows(*, quick=False):
    """Measure each beside its bar."""
    rounds = 9 if quick else 40
    with tempfile.TemporaryDirectory() as made:
        few, many, hundred = (Path(made, name) for name in ("few", "many", "hundred"))
        write(few, 10 * rounds, SMALL)
        write(many, 1_000, SMALL)
        text = shipped().read_text(encoding="utf-8").replace("2025-01-01", "2026-01-01", 1)
        write(hundred, 100, text.replace('"customer-service"', '"ID"', 1))
        # files that were just written are read each time
        time.sleep(2.5)
        few_, many_ = [FolderSource(few)], [FolderSource(many)]
        load("r0000", sources=few_)
        yield Row(
            name="first load, of 1 000 rulesets / of few",
            ours=seconds(lambda i: load(f"r{i:04}", sources=many_), rounds) * 1e3,
            theirs=seconds(lambda i: load(f"r{i:04}", sources=few_), rounds) * 1e3,
            unit="ms",
            bar=1.2,
        )
        rubric, record, calls = load("r0001", sources=many_), {"a": 5}, range(2_000)
        by_id = seconds(lambda _: [evaluate("r0001", record, sources=many_) for _ in calls], rounds)
        itself = seconds(lambda _: [evaluate(rubric, record) for _ in calls], rounds)
        yield Row(
            name="by an id of 1 000, more than by the rubric",
            ours=(by_id - itself) / len(calls) * 1e6,
            unit="µs",
            bar=5.0,
        )
        rulesets(sources=many_)
        yield Row(
            name="list of 1 000 rulesets",
            ours=seconds(lambda _: rulesets(sources=many_), rounds),
            bar=0.5,
        )
        yield Row(
            name="kpirules list, 1 000 rulesets",
            ours=command("list", "--folder", many),
            bar=0.5,
        )
        yield Row(
            name="kpirules check, 100 rulesets",
            ours=command("check", hundred),
            bar=0.7,
        )


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        print(row, flush=True)
