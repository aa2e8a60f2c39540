"""Fixtures and hooks of all tests: Hypothesis profiles, missing programs, thorough tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests import ROOT
from tests.programs import need, need_module


#: files for type checkers, or run by hand
collect_ignore = ["typing", "benchmarks", "mutation.py", "run.py"]

# The same few examples each time, so that only a change of the code can make a test fail; the
# thorough profile draws many, and new ones (see tests/run.py).
settings.register_profile(
    "default",
    max_examples=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough",
    settings.get_profile("default"),
    max_examples=500,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
# for a claim about many examples; hours for some files
settings.register_profile("ten-thousand", settings.get_profile("thorough"), max_examples=10_000)
# for a slow Python, such as in a browser
settings.register_profile("quick", settings.get_profile("default"), max_examples=40)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
if settings.default.derandomize:
    # Hypothesis also draws constants of the loaded modules, which differ from run to run if tests
    # are distributed: without them the examples are always the same.
    NO_CONSTANTS = providers._local_constants
    providers._get_local_constants = lambda: NO_CONSTANTS

#: the number of tests left to the thorough profile, by file and description of the marker
LEFT = Counter()


def pytest_deselected(items):
    """Count the tests that are left to the thorough profile."""
    for item in items:
        marker = item.get_closest_marker("thorough")
        if marker is not None and "not thorough" in item.config.option.markexpr:
            LEFT[f"{item.nodeid.partition('::')[0]}: {marker.args[0]}"] += 1


def pytest_sessionfinish(session):
    """Send the counts to the process that started this worker of pytest-xdist."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = dict(LEFT)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Store the counts of a worker; all workers have the same."""
    LEFT.update(Counter(getattr(node, "workeroutput", {}).get("left", {})) - LEFT)


def pytest_terminal_summary(terminalreporter):
    """Print which tests were left out, and the command that runs them."""
    if LEFT:
        total = sum(LEFT.values())
        terminalreporter.section(f"{total} tests are left to `python tests/run.py --thorough`")
        for name, count in LEFT.items():
            terminalreporter.line(f"{count:4} {name}")


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs the command line: (exit code, standard output, standard error)."""
    from typer.testing import CliRunner

    from kpirules.cli.app import app

    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments):
        result = CliRunner().invoke(app, [str(a) for a in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout_bytes.decode(), result.stderr

    return call


def build(source, out):
    """Build the wheel of a project."""
    need_module("build")
    need_module("hatchling")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*command, str(source)], check=True, capture_output=True)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Build the wheel of this project."""
    out = tmp_path_factory.mktemp("wheel")
    build(ROOT, out)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def fresh(wheel, tmp_path_factory):
    """Create an environment with only the wheels of this project and of the two examples."""
    home = tmp_path_factory.mktemp("fresh")
    out = tmp_path_factory.mktemp("wheels")
    for example in ("ruleset-package", "hr-app"):
        build(ROOT / "docs" / "examples" / example, out)
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, capture_output=True)
    acme, app = (next(out.glob(f"{name}-*.whl")) for name in ("acme_rulesets", "hr_app"))
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = [f"{wheel}[cli]", f"{acme}[test]", f"{app}[postgresql]"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    done = subprocess.run(
        [*install, *wanted], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return python


@pytest.fixture(scope="module")
def browser():
    """Start a browser with an empty profile; stop its driver after the module's tests."""
    need_module("playwright")
    chromium = need("chromium", "chromium-browser", "google-chrome")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@pytest.fixture
def page(browser):
    """Open a page of the browser, with an empty context."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """Install axe-core; ``axe(page)`` returns the violations of WCAG 2.2 AA of a page."""
    home = tmp_path_factory.mktemp("axe")
    command = [need("npm"), "install", "--no-save", "--no-audit", "--no-fund", "--prefix"]
    done = subprocess.run(
        [*command, str(home), "axe-core@~4.14.1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    program = (home / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def violations(page):
        page.evaluate(program)
        found = page.evaluate(
            """() => axe.run(document, {runOnly: {type: "tag", values:
            ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}})"""
        )
        assert len(found["passes"]) > 10
        return found["violations"]

    return violations
