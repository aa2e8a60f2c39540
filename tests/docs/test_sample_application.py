"""The sample application's own tests, over SQLite and PostgreSQL; a browser: `tests/e2e/test_hr_app.py`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import ROOT
from tests.programs import need_module, postgresql


HOME = ROOT / "docs" / "examples" / "hr-app"


def outcome(database):
    """Run its tests in a process of their own, whose settings reach no other test."""
    for module in ("django", "dj_database_url", "whitenoise"):
        need_module(module)
    own = {
        "HR_APP_DATABASE": database,
        "HR_APP_KEY": "for this test only",
        "DJANGO_SETTINGS_MODULE": "hr_app.settings",
        "KPIRULES_PATH": str(HOME / "src" / "hr_app" / "rulesets"),
        "PYTHONPATH": str(HOME / "src"),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "test", "tests"],
        cwd=HOME,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout
    return done.stdout


@pytest.mark.thorough("the sample application over SQLite")
def test_its_own_tests_pass():
    """Who sees what, who may do what, tokens, drafts, sign-off, other versions, files, languages."""
    assert "Found 21 test(s)." in outcome("sqlite://:memory:")


@pytest.mark.thorough("the sample application over PostgreSQL")
def test_its_own_tests_pass_over_postgresql(tmp_path):
    """The same tests."""
    need_module("psycopg")
    with postgresql(tmp_path) as address:
        assert "Found 21 test(s)." in outcome(address.replace("+psycopg", ""))
