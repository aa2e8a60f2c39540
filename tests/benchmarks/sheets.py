"""What score sheets cost: time and size for so many employees, each kind in the same run.

``python tests/benchmarks/sheets.py [500]``
"""

from __future__ import annotations

import sys
import time

from kpirules import load, sheet


RECORD = {
    "late": 1, "absent": 0, "leave_days": 0, "incidents": 0, "duty": "met",
    "skill": 8, "feedback": 8, "manner": 4, "teamwork": 4,
    "volume": 17, "service": 16, "conversion": 9,
}  # fmt: skip


def main(arguments):
    """Print a line for each kind."""
    count = int(arguments[0]) if arguments else 500
    rubric = load("customer-service")
    some = [{**RECORD, "late": i % 4, "name": f"员工{i}"} for i in range(count)]
    for kind in ("html", "xlsx", "pdf"):
        sheet(rubric, kind, "zh")  # what is loaded is loaded once
        start = time.perf_counter()
        made = sheet(rubric, kind, "zh", records=some, period="2026-10")
        spent = time.perf_counter() - start
        print(f"{kind:5} {count} sheets: {spent:7.2f} s, {len(made) / 2**20:6.1f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
