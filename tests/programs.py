"""Programs that some tests need: where one is missing a test is skipped with a clear word, or fails."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest


def missing(word):
    """Skip; where all programs are required, fail."""
    if os.environ.get("KPIRULES_REQUIRE_ALL"):
        pytest.fail(word)
    pytest.skip(word)


def need_module(name):
    """Ask for a module of Python."""
    if importlib.util.find_spec(name) is None:
        missing(f"{name} is not installed: pip install '.[dev]'")


def need(*names):
    """Ask for a program by any of its names; give its path."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing(f"{names[0]} is not installed")
    return found
