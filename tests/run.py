"""Run all checks: style, types, tests, coverage. ``python tests/run.py`` after an install of ``.[dev]``.

Every check runs, also after one has failed; the exit code is 0 only if all passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


ROOT = Path(__file__).parents[1]
CHECKS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    # without it pyright asks the first Python on the path what is installed
    ["pyright", "--pythonpath", sys.executable],
    ["coverage", "erase"],
    # a file's tests stay together: they share what they start
    ["coverage", "run", "-m", "pytest", "--durations=25", "-n", "2", "--dist", "loadfile"],
    ["coverage", "combine", "--quiet"],
    ["coverage", "report"],
]
#: with new examples each time, whose seed is printed: theorems that hold for all that was drawn
NEW = ["pytest", "-q", "tests/test_theorems.py", "tests/test_whole_language.py"]
NEW += ["tests/properties/test_sums.py"]


def main():
    """Run each check from the top of the project, and say at the end which failed."""
    failed = []
    same = {name: value for name, value in os.environ.items() if name != "KPIRULES_NEW_EXAMPLES"}
    new = [NEW] if len(same) < len(os.environ) else []
    for check in CHECKS + new:
        print("+", *check, flush=True)
        environment = dict(os.environ) if check is NEW else same
        command = [sys.executable, "-m", *check]
        if subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode:
            failed.append(" ".join(check))
    print("failed: " + "; ".join(failed) if failed else "all checks passed", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
