"""The tutorial, word for word: from its page, with the wheel in a fresh environment."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.docs import test_documents_run as documents


PAGE = "docs/tutorial.md"


def shown(command, fresh):
    """What a terminal would show of a command of the new environment, and its exit code."""
    words = command.split()
    if words[0] == "kpirules":
        words[0] = str(fresh.parent / "kpirules")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV", "KPIRULES"))}
    done = subprocess.run(
        words,
        env={**kept, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8-sig",
        check=False,
    )
    lines = (line.rstrip() for line in done.stdout.splitlines())
    return "\n".join(lines).strip("\n"), done.returncode


@pytest.mark.thorough("the tutorial from the wheel in a fresh environment")
def test_a_newcomer_gets_what_the_tutorial_says(fresh, wheel, tmp_path, monkeypatch):
    """Each file is laid, each command run, each output is the one that is printed."""
    monkeypatch.chdir(tmp_path)
    run = 0
    for language, title, body, place in documents.blocks(PAGE):
        if title:
            documents.lay(title, language, body)
        elif language == "console":
            for command, said in documents.commands(body):
                if not documents.not_run(command):
                    got, code = shown(command, fresh)
                    assert documents.agrees(said, got), f"{place}: $ {command}\n{got}"
                    # what the page says of exit codes: 1 where a row is rejected, or a file unsound
                    assert code == int(bool(re.search(r"[1-9]\d* rejected|error\[", got))), command
                    run += 1
    assert run >= 10
    # what the page says of Excel
    assert Path("scored.csv").read_bytes().startswith("\ufeff".encode())
    # what the page installs is what was installed: this wheel, with its command line
    page = (documents.ROOT / PAGE).read_text(encoding="utf-8")
    assert f"$ pip install './{wheel.name}[cli]'" in page


def test_the_tutorial_needs_nothing_but_its_page():
    """Every file that a command names was laid by a block or written by a command before."""
    page = (documents.ROOT / PAGE).read_text(encoding="utf-8")
    laid = set(re.findall(r'title="([^"]+)"', page)) | {"scored.csv", "rulesets"}
    for language, title, body, _ in documents.blocks(PAGE):
        if language == "console" and not title:
            for command, _ in documents.commands(body):
                if not documents.not_run(command):
                    files = re.findall(r"[\w./-]+\.(?:csv|toml)\b", command)
                    assert set(files) <= laid
