"""Fuzz for some minutes: ``python tests/fuzz/run.py --minutes 10 [--target NAME] [--seed N]``.

The corpus is mutated at random. With atheris installed and ``--atheris``, one target runs under its
coverage-guided engine instead. What breaks a target is written to the folder ``--out``.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random


sys.path.insert(0, str(Path(__file__).parents[2]))

#: one input ends within so many seconds of computing, and all within this memory
SECONDS = 20
MEMORY = 2 << 30


class TooLongError(BaseException):
    """An input that takes longer than allowed; no handler of the code under test takes it."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise :class:`TooLongError` inside the block when it has computed for so long."""

    def stop(*_: object) -> None:
        raise TooLongError(f"more than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def failure(
    name: str, target: Callable[[bytes], None], data: bytes, seconds: float = SECONDS
) -> tuple[str, str] | None:
    """Return the kind and the text of what an input raises that is not an error of kpirules."""
    try:
        with within(seconds):
            target(data)
    except (Exception, TooLongError) as error:  # noqa: BLE001 - whatever comes is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{name}: {type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
        return kind, str(error)
    return None


def main() -> int:
    """Fuzz, and return how many kinds of failures there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--target", action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path.cwd())
    parser.add_argument("--atheris", action="store_true")
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if given.atheris:
        return _guided(given.target, given.minutes, given.seed, given.out)
    from tests.fuzz.mutate import mutated, seeds
    from tests.fuzz.targets import TARGETS

    names = given.target or list(TARGETS)
    random = Random(given.seed)
    corpus = {name: seeds(name) for name in names}
    end = time.monotonic() + 60 * given.minutes
    runs, failures = dict.fromkeys(names, 0), dict[str, bytes]()
    while time.monotonic() < end:
        name = random.choice(names)
        data = mutated(random.choice(corpus[name]), random)
        runs[name] += 1
        found = failure(name, TARGETS[name], data)
        if found is not None and found[0] not in failures:
            failures[found[0]] = data
            (given.out / f"fuzz-{name}-{len(failures)}.bin").write_bytes(data)
            sys.stdout.write(f"{': '.join(found)}"[:300] + "\n")
            sys.stdout.flush()
    counts = ", ".join(f"{name} {count}" for name, count in runs.items())
    sys.stdout.write(f"{sum(runs.values())} inputs ({counts}), {len(failures)} kinds of failures\n")
    return len(failures)


def _guided(targets: list[str] | None, minutes: float, seed: int, out: Path) -> int:
    """Let atheris run one target; the process ends with it."""
    import atheris

    with atheris.instrument_imports(include=["kpirules"]):
        from tests.fuzz.mutate import seeds
        from tests.fuzz.targets import TARGETS
    (name,) = targets or ["ruleset"]
    with tempfile.TemporaryDirectory() as folder:
        for i, data in enumerate(seeds(name)):
            (Path(folder) / str(i)).write_bytes(data)
        options = [
            f"-max_total_time={int(60 * minutes)}",
            f"-timeout={SECONDS}",
            f"-seed={seed + 1}",
        ]
        options += [f"-artifact_prefix={out}/fuzz-{name}-", "-rss_limit_mb=2048", "-max_len=65536"]
        atheris.Setup([sys.argv[0], *options, folder], TARGETS[name])
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(min(1, main()))
