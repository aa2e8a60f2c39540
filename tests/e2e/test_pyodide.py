"""The library on the Python of browsers: Pyodide, under Node."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests import ROOT
from tests.core import CORE, LEAST
from tests.programs import need


pytestmark = pytest.mark.thorough("the core on the Python of browsers")

#: what is about things that this Python does not have
WITHOUT = {
    # processes
    "rulesets/test_customer_service.py::test_a_hundred_thousand_random_records_agree_with_the_reference",
    "toml/test_parser.py::test_a_rubric_is_written_the_same_whether_or_not_a_file_was_read_before",
    "evaluation/test_evaluation.py::test_the_hash_seed_changes_nothing",
    # threads
    "evaluation/test_evaluation.py::test_decimal_context_locale_and_threads_change_nothing",
    # links to files
    "cli/io/test_tables.py::test_a_file_is_written_whole_and_over_another_only_when_wanted",
    # its json, of the standard library, ends the program at a hundred thousand brackets
    "evaluation/test_evaluation.py::test_what_is_no_result_is_refused[text7]",
}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Fetch what the tests need for this Python: packages without compiled parts."""
    home = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", home]
    command += ["--only-binary", ":all:", "--python-version", "3.14", "--platform", "any"]
    command += ["--implementation", "py", "--abi", "none"]
    wanted = ["attrs>=25.1", "cattrs>=25.1", "hypothesis>=6.130", "pytest>=9"]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return home


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """Install the Pyodide of the playground."""
    npm, home = need("npm"), tmp_path_factory.mktemp("pyodide")
    wanted = json.loads((ROOT / "docs/website/playground/package.json").read_text("utf-8"))
    version = wanted["dependencies"]["pyodide"]
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", home]
    done = subprocess.run(
        [*command, f"pyodide@{version}"], capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return home / "node_modules"


def run(modules, wheels, *words):
    """Run pytest there; give the exit code and what it says."""
    words = ["-q", "-p", "no:cacheprovider", "--confcutdir=tests", *words]
    command = [need("node"), ROOT / "tests/pyodide/run.mjs", modules, wheels, ROOT]
    done = subprocess.run(
        [*command, json.dumps(words)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr[-2000:]


def test_the_core_passes_on_python_3_14_in_webassembly(modules, wheels):
    """All tests that need no more than the library, but for what this Python does not have."""
    aside = [f"--deselect=tests/{name}" for name in sorted(WITHOUT)]
    code, said = run(modules, wheels, *aside, "-m", "not thorough", *CORE)
    assert 0 == code, said
    assert "Python 3.14" in said
    assert "emscripten" in said
    counted = re.search(r"^(\d+) passed, (\d+) deselected", said, re.MULTILINE)
    assert counted is not None, said
    assert LEAST <= int(counted[1])
    assert len(WITHOUT) == int(counted[2])


def test_a_test_that_fails_there_is_seen(modules, wheels):
    """What is about processes fails on a Python that has none."""
    code, said = run(
        modules, wheels, "tests/evaluation/test_evaluation.py::test_the_hash_seed_changes_nothing"
    )
    assert 1 == code
    assert "1 failed" in said
