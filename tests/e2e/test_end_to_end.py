"""The example package and the example application, from wheels in a fresh environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from tests import ROOT
from tests.programs import free_port, postgresql


pytestmark = pytest.mark.thorough("the examples from wheels in a fresh environment")

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


# ---------------------------------------------------------------- the application


@contextmanager
def sqlite(home):
    """A database in a file."""
    yield f"sqlite:///{home / 'hr.sqlite3'}"


@pytest.fixture(params=[sqlite, postgresql], ids=["sqlite", "postgresql"])
def site(request, fresh, tmp_path):
    """Serve the application; give its address, and what starts it once more."""
    with request.param(tmp_path) as address:
        port = free_port()
        environment = outside(HR_APP_DATABASE=address, HR_APP_PORT=str(port))
        server = subprocess.Popen(
            [fresh.parent / "hr-app"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(200):
                if server.poll() is not None:
                    pytest.fail(server.stderr.read())
                try:
                    with urllib.request.urlopen(url, timeout=5):
                        break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()
            server.wait(20)
            server.stderr.close()


def fill(page, fields):
    for name, value in fields.items():
        field = page.locator(f'[name="{name}"]')
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Score").click()


def begin(page, site, role, month, lang="en"):
    page.goto(site)
    page.select_option('[name="role"]', role)
    page.fill('[name="month"]', month)
    page.select_option('[name="lang"]', lang)
    page.get_by_role("button", name="Fill in").click()


def test_months_are_appraised_in_a_browser(site, page):
    """The form is drawn from the schema; faults are shown together; each month has its rules."""
    begin(page, site, "courier", "2025-12")
    assert "rules in force from 2025-01-01" in page.inner_text("body")
    assert "Late deliveries" in page.inner_text("form")
    fill(page, {"employee": "An", "r.late": "4", "r.damaged": "0"})
    assert ("80", "bonus", "150", "same") == tuple(
        page.inner_text(f"#{name}") for name in ("total", "tier", "pay", "verified")
    )
    assert "acme-rulesets 1.2.0" in page.inner_text("body")
    assert "On time" in page.inner_text("#why")
    # the same person in the next month, by the rules of then
    begin(page, site, "courier", "2026-01")
    fill(page, {"employee": "An", "r.late": "4", "r.damaged": "0"})
    assert ("76", "plain", "0") == tuple(page.inner_text(f"#{n}") for n in ("total", "tier", "pay"))
    # the same month twice
    begin(page, site, "courier", "2026-01")
    fill(page, {"employee": "An", "r.late": "0", "r.damaged": "0"})
    assert "has been appraised for 2026-01 already" in page.inner_text("form")
    # the month of last year still verifies
    page.goto(site)
    page.get_by_role("link", name="An").first.click()
    assert ("80", "same") == (page.inner_text("#total"), page.inner_text("#verified"))


def test_a_form_with_options_ratings_and_faults(site, page):
    """In Chinese: all problems at once, what was filled in stays, and nothing in it is markup."""
    begin(page, site, "customer-service", "2026-10", "zh")
    assert "客服部绩效考核办法" in page.inner_text("h1")
    facts = {
        "r.late": "1",
        "r.absent": "0",
        "r.leave_days": "0",
        "r.incidents": "0",
        "r.duty": "met",
    }
    ratings = {"r.skill": "2", "r.feedback": "8", "r.manner": "4", "r.teamwork": "4"}
    results = {"r.volume": "17", "r.service": "16", "r.conversion": "9"}
    fill(page, {"employee": "<b>王</b>", **facts, **ratings, **results, "r.leave_days": "0.5"})
    said = page.inner_text("form")
    assert "skill = '2': is not an allowed rating; allowed: 0, 1, 3 to 10" in said
    assert "leave_days = '0.5': is not a whole number" in said
    assert "17" == page.input_value('[name="r.volume"]')
    assert "met" == page.input_value('[name="r.duty"]')
    fill(page, {"r.skill": "8", "r.leave_days": "0"})
    assert "<b>王</b> · 2026-10" == page.inner_text("h1")
    assert ("84", "good", "200", "same") == tuple(
        page.inner_text(f"#{name}") for name in ("total", "tier", "pay", "verified")
    )
    assert "考勤：4 / 6 分" in page.inner_text("#why")
    page.goto(site)
    assert ["2026-10", "<b>王</b>", "customer-service", "84", "good", "200"] == page.locator(
        "td"
    ).all_inner_texts()
    if os.environ.get("KPIRULES_PICTURES"):
        page.screenshot(path=os.environ["KPIRULES_PICTURES"])
