"""The script that measures the tests, on a module of four lines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


SCRIPT = Path(__file__).with_name("mutation.py")
MODULE = "FEW = 3\n\n\ndef is_few(count):\n    return count < FEW\n"
TESTS = """
from few import is_few


def test_few():
    assert is_few(2)
    assert not is_few({many})
"""


def measured(folder, many):
    """Run the script on a module and its tests."""
    module, tests = folder / "few.py", folder / "test_few.py"
    module.write_text(MODULE, encoding="utf-8")
    tests.write_text(TESTS.replace("{many}", str(many)), encoding="utf-8")
    (folder / "pytest.toml").write_text("[pytest]\n", encoding="utf-8")
    options = ["--modules", module, "--tests", tests, "--jobs", "1"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    done = subprocess.run(
        [sys.executable, SCRIPT, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_survivor_is_named_and_a_mutant_that_a_test_finds_is_killed(tmp_path):
    """Of a limit that is not tried, a change of the limit survives; of one that is, none does."""
    assert [
        "few.py:1: FEW = 3 -> FEW = 4",
        "few.py:5: return count < FEW -> return (count <= FEW)",
        "few: 60.0 % killed, 3 of 5 (0 by a limit of time or memory; 0 equivalent left out)",
    ] == measured(tmp_path, 5)
    assert [
        "few: 100.0 % killed, 5 of 5 (0 by a limit of time or memory; 0 equivalent left out)"
    ] == measured(tmp_path, 3)


def test_tests_that_fail_without_a_change_measure_nothing(tmp_path):
    """The script ends with what fails."""
    try:
        measured(tmp_path, 1)
    except AssertionError as error:
        assert "the tests fail without a change" in str(error)
    else:
        raise AssertionError
