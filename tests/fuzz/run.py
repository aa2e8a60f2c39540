"""Fuzz for some minutes: ``python tests/fuzz/run.py --minutes 10 [--target NAME] [--seed N]``.

With atheris installed and ``--atheris``, one target runs under its coverage-guided engine; without,
the corpus is mutated at random. What breaks a target is written to ``fuzz-*.bin`` in the current folder.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random


sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.mutate import mutated, seeds
from fuzz.targets import TARGETS


#: one input ends within so many seconds, and all within this memory
SECONDS = 20
MEMORY = 2 << 30


def main() -> int:
    """Fuzz, and return how many kinds of failures there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--target", choices=TARGETS, action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true")
    given = parser.parse_args()
    names = given.target or list(TARGETS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if given.atheris:
        import atheris

        atheris.Setup([sys.argv[0]], TARGETS[names[0]])
        atheris.Fuzz()
    random = Random(given.seed)
    corpus = {name: seeds(name) for name in names}
    end = time.monotonic() + 60 * given.minutes
    runs, failures = 0, dict[str, bytes]()
    while time.monotonic() < end:
        name = random.choice(names)
        data = mutated(random.choice(corpus[name]), random)
        runs += 1
        try:
            signal.alarm(SECONDS)
            TARGETS[name](data)
            signal.alarm(0)
        except Exception as error:  # noqa: BLE001 - whatever comes is what is looked for
            signal.alarm(0)
            last = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{name}: {type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
            if kind not in failures:
                failures[kind] = data
                Path(f"fuzz-{name}-{len(failures)}.bin").write_bytes(data)
                sys.stdout.write(f"{kind}: {error}"[:300] + "\n")
    sys.stdout.write(f"{runs} inputs, {len(failures)} kinds of failures\n")
    return len(failures)


if __name__ == "__main__":
    sys.exit(min(1, main()))
