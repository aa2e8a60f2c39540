"""All bars in one run: what is measured, each with its bar, and which bars fall short.

``python tests/benchmarks/run.py --quick`` takes some three minutes of a processor; without it, files and
frames have a million rows. Only Spark is measured by itself, as it needs Java (``spark.py``); ``batch.py``
has further sides (NumPy, Parquet by tier). Exit code 1 if a bar is missed.

Frames that miss their bar, how far they came at 100 000 rows, and the limit:

- Rejected rows (1.0): those with one fault 1.0 to 1.7, those whose values all differ 2.5 to 5, before 16
  to 25. Each such row takes 7 to 12 microseconds: its values are read and its texts written in Python.
- ``total, tier, pay`` of a lazy frame (1.0): 1.1 to 1.2, before 1.8. Choices are compared with all their
  spellings, and each call matches the headings.
- ``kpirules check`` of 100 rulesets: see ``catalog.py``; lists, pandas, DuckDB and the pool: see
  ``backends.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import backends, catalog, files, growth, scalar, sheets


def main(*, quick):
    """Print each row as soon as it is measured, then the rows whose bar is missed."""
    missed = []
    for module in (growth, files, backends, sheets, catalog, scalar):
        for row in module.rows(quick=quick):
            print(row, flush=True)
            if row.is_missed:
                missed.append(row)
    print(f"\n{len(missed)} bars missed" + "".join(f"\n  {row}" for row in missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(quick="--quick" in sys.argv))
