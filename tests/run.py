"""Run all checks: style, types, tests, coverage. ``python tests/run.py`` after an install of ``.[dev]``.

Every check runs, also after one has failed; the exit code is 0 only if all passed.
"""

from __future__ import annotations

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


def main():
    """Run each check from the top of the project, and say at the end which failed."""
    failed = []
    for check in CHECKS:
        print("+", *check, flush=True)
        if subprocess.run([sys.executable, "-m", *check], cwd=ROOT, check=False).returncode:
            failed.append(" ".join(check))
    print("failed: " + "; ".join(failed) if failed else "all checks passed", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
