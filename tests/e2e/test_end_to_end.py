"""The example package, from wheels in a fresh environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from tests import ROOT


pytestmark = pytest.mark.thorough("the example package from wheels in a fresh environment")

EXAMPLES = ROOT / "docs" / "examples"


def outside(**more):
    """Give an environment in which nothing of this checkout is reached."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV", "KPIRULES"))}
    return {**kept, **more}


def call(*command, cwd, code=0, **more):
    """Run a program away from the checkout; give what it prints."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=outside(**more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert code == done.returncode, done.stdout + done.stderr
    return done.stdout


# ---------------------------------------------------------------- the package of rulesets


def test_the_package_is_found_scores_and_passes_its_own_tests(fresh, tmp_path):
    """Beside kpirules' own wheel: listed with its version, its files and tests run by pytest."""
    kpirules = fresh.parent / "kpirules"
    listed = call(kpirules, "list", cwd=tmp_path)
    for line in ("courier ", "courier-night ", "customer-service "):
        assert f"| {line}" in listed
    assert 3 == listed.count("acme-rulesets 1.2.0")
    here = tmp_path / "package"
    shutil.copytree(EXAMPLES / "ruleset-package", here)
    said = call(fresh, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=here)
    assert "14 passed" in said
    assert (
        "3 files: 3 sound"
        in subprocess.run(
            [kpirules, "check", "--strict", here],
            capture_output=True,
            text=True,
            check=True,
            env=outside(),
        ).stderr
    )


def test_a_result_of_last_year_verifies_under_a_superseded_rubric(fresh, tmp_path):
    """Scored in 2025 by the rules of then, and verified when those of 2026 are in force."""
    month = tmp_path / "2025-11.csv"
    month.write_text("name,late,damaged\nAn,2,0\nBo,4,1\n", encoding="utf-8")
    kpirules = fresh.parent / "kpirules"
    call(
        kpirules, "evaluate", "courier", month, "--on", "2025-11", "-o", "stored.json", cwd=tmp_path
    )
    stored = json.loads((tmp_path / "stored.json").read_text(encoding="utf-8"))
    assert [("90", "2025-01-01"), ("60", "2025-01-01")] == [
        (row["result"]["total"], row["result"]["rubric"]["effective_from"]) for row in stored
    ]
    assert {"name": "acme-rulesets", "version": "1.2.0"} == stored[0]["result"]["rubric"]["package"]
    assert "" == call(kpirules, "verify", "stored.json", cwd=tmp_path)
    changed = (
        (tmp_path / "stored.json").read_text("utf-8").replace('"total": "90"', '"total": "91"')
    )
    (tmp_path / "stored.json").write_text(changed, encoding="utf-8")
    said = call(kpirules, "verify", "stored.json", cwd=tmp_path, code=1)
    assert "total: stored '91', recomputed '90'" in said
