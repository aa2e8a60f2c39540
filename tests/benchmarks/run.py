"""All bars in one run: what is measured, each with its bar, and which bars fall short.

``python tests/benchmarks/run.py --quick`` takes some three minutes; without it, files and frames have a
million rows. ``batch.py`` has further sides (DuckDB, NumPy, Parquet by tier, plans), ``sheets.py`` the
score sheets. Exit code 1 if a bar is missed.
"""

from __future__ import annotations

import sys
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import catalog, files, growth, scalar, sheets


def main(*, quick):
    """Print each row as soon as it is measured, then the rows whose bar is missed."""
    missed = []
    for module in (growth, files, sheets, catalog, scalar):
        for row in module.rows(quick=quick):
            print(row, flush=True)
            if row.is_missed:
                missed.append(row)
    print(f"\n{len(missed)} bars missed" + "".join(f"\n  {row}" for row in missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(quick="--quick" in sys.argv))
