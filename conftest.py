"""Runs the Python examples of the README and the documentation as tests."""

from __future__ import annotations

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["*.md"],
).pytest()

#: projects of their own, whose code runs where it is installed (see tests/e2e and
#: tests/docs/test_sample_application.py)
collect_ignore_glob = [
    "docs/examples/hr-app/*/*.py",
    "docs/examples/hr-app/src/*/*.py",
    "docs/examples/ruleset-package/*/*.py",
    "docs/examples/ruleset-package/src/*/*.py",
    "docs/website/*",
]

#: runs pytest in a test, for the plugin's own tests
pytest_plugins = ["pytester"]
