"""Runs the Python examples of the README and the documentation as tests."""

from __future__ import annotations

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["*.md"],
).pytest()

#: runs pytest in a test, for the plugin's own tests
pytest_plugins = ["pytester"]
