"""The tests, as packages: two test modules may have the same file name."""

from __future__ import annotations

from pathlib import Path


#: the checkout, and the folder of its tests
ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
