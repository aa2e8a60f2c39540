"""The project as a whole: its door, its README, its wheel, its checks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
import zipfile
from datetime import date
from pathlib import Path

import pytest

from kpirules import load, rulesets
from kpirules.api.load import check_text
from kpirules.errors import RulesetNotFoundError
from kpirules.registry import sources
from tests import ROOT
from tests.shipped import shipped


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_importing_the_library_imports_none_of_the_extras():
    """Nor does scoring: an application pays for what it uses."""
    code = (
        "import sys; from kpirules import evaluate, load; import kpirules.cli;"
        "extras = {'typer', 'rich', 'click', 'hypothesis', 'pytest'} & set(sys.modules);"
        "assert not extras, extras; assert 'cattrs' not in sys.modules;"
        "evaluate('customer-service', {n: 5 for n in ('discipline', 'skill', 'feedback', 'manner',"
        "'teamwork', 'volume', 'service', 'conversion')} | {'attendance': 6, 'leave': 6,"
        "'duty_roster': 3}); assert not extras & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def block(heading):
    """Give the one command of the sh block below a heading of the README."""
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    (text,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    (line,) = text.strip().splitlines()
    return line


def test_ci_runs_exactly_the_readmes_test_command():
    """What people are told is what is run."""
    assert block("Test it") in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_readmes_run_command_scores_the_month(tmp_path):
    """Its last part, run as it stands in a copy of what it needs, prints what the README says."""
    command = block("Run it").split(" && ")[-1].split()
    assert ".venv/bin/kpirules" == command[0]
    done = subprocess.run(
        [sys.executable, "-m", "kpirules", *command[1:-3], "-o", str(tmp_path / "out.csv")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    said = re.search(r"It prints `(.*?) -> ", README)
    assert said is not None
    assert done.stderr.startswith(said[1])


def test_what_the_readmes_commands_write_is_not_taken_in_with_a_change():
    """Whoever runs them in a checkout commits none of it by accident."""
    names = set(re.findall(r"^(?:\$|python3) .* -o (\S+)", README, re.MULTILINE))
    assert {"2026-10.scored.csv"} == names
    for name in sorted(names):
        done = subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT, check=False)
        assert 0 == done.returncode, name


def test_the_readmes_rule_is_a_rule_of_the_shipped_file():
    """The excerpt stands in the ruleset as it stands in the README."""
    (excerpt,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert excerpt in shipped().read_text(encoding="utf-8")


def test_no_document_links_to_what_is_not_there():
    """Every relative link of the README and the documentation leads to a file.

    Pictures are made by the build, by the names that its script says.
    """
    script = (ROOT / "docs" / "website" / "pictures.py").read_text(encoding="utf-8")
    made = {f"pictures/{name}" for name in re.findall(r'"([a-z-]+\.png)"', script)}
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target and target.removeprefix("../") not in made:
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_no_module_is_larger_than_a_room():
    """Some four hundred lines; more is a sign of two rooms in one."""
    sizes = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in ROOT.glob("src/**/*.py")}
    assert {p: n for p, n in sizes.items() if n > 460} == {}


def test_core_modules_do_not_load_what_only_files_need():
    """The rooms that an evaluation needs import neither cattrs nor any extra at their top."""
    heavy = re.compile(r"^(?:import|from) (cattrs|rich|typer|hypothesis|pytest)", re.MULTILINE)
    for name in (
        "__init__",
        "model/rubric",
        "api/evaluate",
        "arithmetic/decision_table",
        "arithmetic/range",
        "compiler/plan",
        "evaluation/record",
    ):
        assert None is heavy.search((ROOT / f"src/kpirules/{name}.py").read_text(encoding="utf-8"))


def test_rulesets_are_found_in_a_checkout_and_in_a_package(tmp_path, monkeypatch):
    """One function, two places: inside the package where it is installed, else at the top level."""
    assert ROOT / "rulesets" == sources.shipped()
    inside = tmp_path / "kpirules" / "_rulesets"
    inside.mkdir(parents=True)
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "kpirules" / "registry" / "sources.py"))
    assert inside == sources.shipped()


def test_the_rubric_in_force_on_a_date_is_loaded(tmp_path, monkeypatch):
    """Of several versions the last begun; none before the first, none after the last has ended."""
    folder = tmp_path / "sales"
    folder.mkdir()
    criteria = 'criterion = [{{ id = "work", weight = 100 }}]'
    text = f'schema = 1\nid = "sales"\nnote = "{{}}"\neffective_from = {{}}\n{{}}\n{criteria}\n'
    for since, more in (("2025-01-01", ""), ("2026-01-01", "effective_until = 2026-06-30")):
        (folder / f"{since}.rubric.toml").write_text(text.format(since, since, more))
    monkeypatch.setattr(sources, "shipped", lambda: tmp_path)
    assert ["2025-01-01", "2026-01-01"] == [str(r.effective_from) for r in rulesets()]
    assert "2025-01-01" == load("sales", on=date(2025, 12, 31)).note.get()
    assert "2026-01-01" == load("sales", on=date(2026, 6, 30)).note.get()
    assert load("sales", on=date(2026, 1, 1)) is load("sales", on=date(2026, 1, 2))
    for day in (date(2024, 12, 31), date(2026, 7, 1)):
        with pytest.raises(
            RulesetNotFoundError, match="2025-01-01 to 2025-12-31, 2026-01-01 to 2026-06-30"
        ):
            load("sales", on=day)


def test_the_wheel_holds_the_tracked_files_and_no_others(wheel):
    """Every module, the type marker and every ruleset; nothing of tests or caches."""
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if ".dist-info/" not in n}
    listed = subprocess.run(
        ["git", "ls-files", "src", "rulesets"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    expected = {n.removeprefix("src/").replace("rulesets/", "kpirules/_rulesets/") for n in listed}
    assert expected == names


def test_the_wheel_installed_elsewhere_scores_the_month(wheel, tmp_path):
    """In a new environment, away from the checkout, with the source out of reach."""
    home = tmp_path / "env"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    (site,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # what the wheel depends on is taken from this environment; a path file adds the folder alone,
    # so that the checkout, which an editable install points to, is not reached
    own = next(p for p in map(Path, sys.path) if (p / "attrs").is_dir())
    (site / "own.pth").write_text(f"{own}\n")
    out = tmp_path / "out.csv"
    python = home / "bin" / "python"
    month = ROOT / "docs" / "examples" / "2026-10.csv"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    done = subprocess.run(
        [python, "-m", "kpirules", "evaluate", "customer-service", str(month), "-o", str(out)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert "60 rows: 60 scored (27 pass, 24 good, 7 fail, 2 excellent), 0 rejected" in done.stderr
    assert 0 == done.returncode
    assert 61 == len(out.read_text(encoding="utf-8").splitlines())
    where = "import kpirules, kpirules.registry.sources as c; print(kpirules.__file__); print(c.shipped())"
    shown = subprocess.run(
        [python, "-c", where],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert all(line.startswith(str(home)) for line in shown)


def test_the_readme_shows_the_fault_of_the_printed_award_column():
    """In a picture, whose words are those of the check at the line that the file has today."""
    from PIL import Image

    path = shipped("customer-service")
    text = path.read_text(encoding="utf-8").replace('total = "60..79" # T1', 'total = "70..79"')
    (gap,) = (
        f for f in check_text(text, file="customer-service.rubric.toml") if f.code == "tier-gap"
    )
    assert "](docs/images/finding.png)" in README
    with Image.open(ROOT / "docs" / "images" / "finding.png") as picture:
        assert str(gap) == picture.info["Source"]


def test_the_readme_is_short():
    """At most 120 lines, with one sentence in the terms of the field at its top."""
    assert 120 >= len(README.splitlines())
    assert (
        "rules engine for appraisal schemes, with proofs of completeness and consistency" in README
    )
