"""Run the checks: ``python tests/run.py`` after an install of ``.[dev]``.

The checks are style, types, and all tests except slow ones. ``--thorough`` runs the rest: whether these tests
reach every line and branch, the tests with the marker ``thorough``, the theorems with many new examples, and a
fuzzer. Every check runs, also after a failed one; the exit code is 0 only if all passed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from pathlib import Path


ROOT = Path(__file__).parents[1]
# the library uses nothing that is deprecated; `filterwarnings` of pyproject.toml says so to pytest's workers
PYTHON = [sys.executable, "-W", "error::DeprecationWarning"]
# an idle worker takes over tests of the other one, so that both end at the same time
PYTEST = ["pytest", "--durations=25", "-n", "2", "--dist", "worksteal"]
QUICK = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    # without it pyright uses the packages of the first Python on the path
    ["pyright", "--pythonpath", sys.executable],
    [*PYTEST, "-m", "not thorough"],
]
# the same tests take more than twice the time while their lines are counted
COVERAGE = [
    ["coverage", "erase"],
    ["coverage", "run", "-m", *PYTEST, "-m", "not thorough"],
    # what only Spark runs
    ["coverage", "run", "-m", "pytest", "tests/dataframe/test_spark.py"],
    ["coverage", "combine", "--quiet"],
    ["coverage", "report"],
]

#: the theorems, tried with new examples each time
THEOREMS = ["tests/properties"]


def thorough(seed):
    """Return the slow checks; random examples begin with a seed."""
    return [
        *COVERAGE,
        # the tests of a file share what takes long to start: a site, Spark, an office
        [*PYTEST[:-1], "loadfile", "-m", "thorough", f"--hypothesis-seed={seed}"],
        [*PYTEST, *THEOREMS, "-m", "hypothesis", f"--hypothesis-seed={seed}"],
        ["tests/fuzz/run.py", "--minutes", "10", "--seed", str(seed)],
    ]


def main():
    """Run each check in the root of the project, and print at the end which failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--thorough", action="store_true", help="run what takes long instead")
    parser.add_argument("--seed", type=int, help="repeat what --thorough drew")
    given = parser.parse_args()
    seed = random.randrange(2**32) if given.seed is None else given.seed
    if given.thorough:
        print(
            f"coverage, tests that take long, new examples of the theorems, a fuzzer: --seed {seed}"
        )
    else:
        print("style, types, tests; coverage and tests that take long are left to --thorough")
    failed = []
    for check in thorough(seed) if given.thorough else QUICK:
        print("+", *check, flush=True)
        command = [*PYTHON, *([] if check[0].endswith(".py") else ["-m"]), *check]
        # coverage is that of the tests as everybody runs them
        many = (
            {"HYPOTHESIS_PROFILE": "thorough"} if given.thorough and check not in COVERAGE else {}
        )
        if subprocess.run(command, cwd=ROOT, check=False, env=os.environ | many).returncode:
            failed.append(" ".join(check))
    print("failed: " + "; ".join(failed) if failed else "all checks passed", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
