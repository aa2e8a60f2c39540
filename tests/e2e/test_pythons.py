"""The library, from its wheel, on the other Pythons that are on the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import ROOT
from tests.core import CORE, LEAST


pytestmark = pytest.mark.thorough("the core from its wheel on other Pythons")


def python_of(version):
    """Find a Python of a version: one that starts, by its own word of that version."""
    home = Path.home() / ".pyenv" / "versions"
    there = [
        *map(str, sorted(home.glob(f"{version}*/bin/python"))),
        shutil.which(f"python{version}"),
    ]
    asked = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    for path in filter(None, reversed(there)):
        said = subprocess.run([path, "-c", asked], capture_output=True, text=True, check=False)
        if version == said.stdout.strip():
            return path
    # not a program that these tests need: they ask about those that are there
    return pytest.skip(f"there is no Python {version} on this machine")


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_the_core_passes_from_the_wheel(version, wheel, tmp_path):
    """In a new environment, with the source out of reach, and no extra but that for tests."""
    python = python_of(version)
    outside = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV", "VIRTUAL"))
    }
    outside |= {
        "HYPOTHESIS_PROFILE": "quick",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path / "kept"),
    }
    home = tmp_path / "env"
    subprocess.run([python, "-m", "venv", home], check=True, capture_output=True, env=outside)
    own = home / "bin" / "python"
    install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*install, f"{wheel}[testing]"], capture_output=True, text=True, check=False, env=outside
    )
    assert 0 == done.returncode, done.stderr
    where = "import sys, kpirules; print('%d.%d' % sys.version_info[:2], kpirules.__file__)"
    said = subprocess.run(
        [own, "-c", where], capture_output=True, text=True, check=True, env=outside, cwd=tmp_path
    )
    assert said.stdout.startswith(f"{version} {home}")
    command = [own, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--confcutdir=tests"]
    done = subprocess.run(
        [*command, "-m", "not thorough", *CORE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=outside,
    )
    assert 0 == done.returncode, done.stdout[-4000:] + done.stderr
    counted = re.search(r"^(\d+) passed", done.stdout, re.MULTILINE)
    assert counted is not None, done.stdout
    assert LEAST <= int(counted[1])
