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
    """Fill in the form, and send it also if the browser would not."""
    for name, value in fields.items():
        field = page.locator(f'[name="{name}"]')
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("form").evaluate("form => { form.noValidate = true; }")
    page.locator("form button").click()


def begin(page, site, role, period, lang="en"):
    page.goto(f"{site}?lang={lang}")
    page.select_option('[name="role"]', role)
    page.fill('[name="period"]', period)
    page.locator("form button").click()


def figures(page):
    """Return what the page of a result shows: total, tier, pay, whether it verifies."""
    texts = [page.inner_text(f"#{name}") for name in ("total", "tier", "pay")]
    return [*texts, page.get_attribute("#verified", "data-outcome")]


def test_months_are_appraised_in_a_browser(site, page):
    """The form is drawn from the schema; problems are shown together; each month has its rules."""
    begin(page, site, "courier", "2025-12")
    assert "Rules effective from 2025-01-01" in page.inner_text("main")
    assert "Late deliveries" in page.inner_text("form")
    fill(page, {"employee": "An", "r.late": "4", "r.damaged": "0"})
    assert ["80", "Bonus", "150", "same"] == figures(page)
    assert "acme-rulesets 1.2.0" in page.inner_text("body")
    assert "On time" in page.inner_text("#why")
    # the same person in the next month, by the rules of then
    begin(page, site, "courier", "2026-01")
    fill(page, {"employee": "An", "r.late": "4", "r.damaged": "0"})
    assert ["76", "No bonus", "0", "same"] == figures(page)
    # the same month twice
    begin(page, site, "courier", "2026-01")
    fill(page, {"employee": "An", "r.late": "0", "r.damaged": "0"})
    assert "already has an appraisal for 2026-01" in page.inner_text("form")
    # the month of last year still verifies
    page.goto(f"{site}?lang=en")
    page.get_by_role("link", name="An", exact=True).last.click()
    assert ("80", "same") == (figures(page)[0], figures(page)[3])


def test_a_form_with_options_ratings_and_problems(site, page):
    """In Chinese: all problems at once, what was filled in stays, and nothing in it is markup."""
    begin(page, site, "customer-service", "2026-10", "zh")
    assert "客服部绩效考核办法" in page.inner_text("h1")
    # what follows from facts is not asked for; the rest is grouped, with limits
    assert ["当月事实", "工作能力", "工作态度", "工作业绩"] == page.locator(
        "legend"
    ).all_inner_texts()
    assert 12 == page.locator("input[name^='r.'], select[name^='r.']").count()
    skill = page.locator('[name="r.skill"]')
    assert ["number", "0", "10", "1"] == [
        skill.get_attribute(name) for name in ("type", "min", "max", "step")
    ]
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
    problems = page.locator("label .problem").all_inner_texts()
    assert ["不是整数", "不是允许的评分"] == problems
    assert "17" == page.input_value('[name="r.volume"]')
    assert "met" == page.input_value('[name="r.duty"]')
    fill(page, {"r.skill": "8", "r.leave_days": "0"})
    assert "<b>王</b> · 2026-10" == page.inner_text("h1")
    assert ["84", "良好", "200", "same"] == figures(page)
    assert "考勤：4 / 6 分" in page.inner_text("#why")
    page.goto(f"{site}?lang=zh")
    row = ["2026-10", "<b>王</b>", "客服部绩效考核办法", "84", "良好", "200"]
    assert row == page.locator("td").all_inner_texts()
    if os.environ.get("KPIRULES_PICTURES"):
        page.screenshot(path=os.environ["KPIRULES_PICTURES"])


def test_a_period_without_rules_is_explained_in_the_readers_language(site, page):
    """422 for what is not a month or a day, 404 without rules."""
    for period, status, text in (
        ("October", 422, "请填写月份"),
        ("2019-10", 404, "没有适用的规则"),
    ):
        answer = page.goto(f"{site}/appraise?role=customer-service&period={period}&lang=zh")
        assert status == answer.status
        assert text in page.inner_text("main")
