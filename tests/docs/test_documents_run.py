"""What the documents show is true: each page's files are written, its commands run, its outputs compared.

A page is read from the top in an empty folder, as a reader would follow it:

- a block with a title, ```` ```toml title="night.rubric.toml" ````, is a file. It is written; a piece
  of a ruleset is added to the file of that name; a `diff` changes the lines that it says;
- a `console` block is run, `$ ` before each command, and what is printed is compared with what
  stands below it. A line of `...` stands for any lines, on the pages that say why;
- a `toml` block without a title is parsed, and if it is a whole ruleset it must be sound;
- `json` is parsed, and Python blocks are run by Sybil (see conftest.py at the top level).
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kpirules.api.load import check_text
from tests import ROOT


BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)(?P<more>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)

#: a whole ruleset says its schema; a piece of one is added to the file
WHOLE = re.compile(r"^schema *= *1\b", re.MULTILINE)

LANGUAGES = {"console", "csv", "diff", "html", "json", "jsx", "python", "sh", "text", "toml"}

#: other programs and other machines, and where they are tried instead
NOT_RUN = {
    r"pip install": "installs: tests/docs/test_tutorial.py and tests/e2e/test_end_to_end.py do it",
    r"python3? -m venv": "makes an environment, as the tests of wheels do",
    r"source ": "enters an environment; the tests have theirs",
    r"pytest tests/": "the tests themselves",
    r"python tests/": "the checks themselves",
    r"ruff |mypy|pyright": "the checks themselves",
    r"hr-app": "tests/e2e/test_hr_app.py starts it, in a browser",
    r"npm install|npx esbuild": "tests/e2e/test_form_generators.py builds the forms, in a browser",
    r"spark-submit": "tests/dataframe/test_spark.py runs the job",
}

#: pages in whose folder there is what a checkout has
IN_A_CHECKOUT = {"README.md", "docs/index.zh.md"}

#: pages whose commands and outputs are compared elsewhere
ELSEWHERE = {
    "docs/findings/": "tests/docs/test_finding_pages.py compares each with what is found",
    "docs/score-many.md": "tests/cli/test_streams.py: files of all kinds, made there",
    "docs/score-sheets.md": "tests of the sheets: files that they make",
    "docs/examples/": "tests/e2e: the package and the application, installed",
}

#: pages on which `...` stands for lines, and what varies or is too long there
ELIDED = {
    "README.md": "a whole form, and many lines that are alike",
    "docs/how-to/django.md": "times, and what Django says of its test database",
    "docs/how-to/fastapi.md": "the time",
    "docs/how-to/rulesets-in-a-database.md": "the time",
    "docs/how-to/version-a-scheme.md": "the shipped rulesets are listed as well",
    "docs/how-to/test-a-ruleset-package.md": "versions, folders and times of pytest",
}

#: pages with blocks of `text` or `sh`, and what compares or runs them
OTHERWISE = {
    "README.md": "tests/project/test_project.py: the two commands",
}


def pages():
    """Give every page, by its path from the top."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if path.exists())


def blocks(page):
    """Give the language, title, text and line of each code block of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        title = re.search(r'title="([^"]+)"', found["more"])
        line = text.count("\n", 0, found.start()) + 1
        body = re.sub(rf"^{found['indent']}", "", found["body"], flags=re.MULTILINE)
        yield found["language"], title and title[1], body, f"{page}:{line}"


def elsewhere(page):
    return any(page.startswith(start) for start in ELSEWHERE)


def commands(body):
    """Give each command of a console block with the lines that are printed below it."""
    first, *rest = re.split(r"^\$ ", body, flags=re.MULTILINE)
    assert not first.strip(), "a console block begins with a command"
    for part in rest:
        command, _, output = part.partition("\n")
        yield command, output.strip("\n")


def not_run(command):
    return any(re.match(start, command) for start in NOT_RUN)


def printed(command, run):
    """Run a command in the folder; give what a terminal would show of it."""
    command = re.sub(r"\s+# .*", "", command).removeprefix(".venv/bin/")
    words, into = shlex.split(command), None
    if ">" in words:
        words, into = words[: words.index(">")], words[-1]
    match words:
        case ["kpirules", *arguments]:
            shown = run(*arguments)
        case ["cat", *names]:
            shown = "".join(Path(name).read_text(encoding="utf-8-sig") for name in names)
        case ["cp", old, new]:
            shutil.copy(old, new)
            shown = ""
        case ["mkdir", folder]:
            Path(folder).mkdir()
            shown = ""
        case ["python", *arguments]:
            shown = program(*arguments)
        case ["pytest", *arguments]:
            shown = program("-m", "pytest", "-p", "no:cacheprovider", *arguments)
        case _:
            pytest.fail(f"{command}: a command that this test does not know")
    if into:
        Path(into).write_text(shown, encoding="utf-8")
        return ""
    return "\n".join(line.rstrip() for line in shown.splitlines()).strip("\n")


def program(*arguments):
    """Run Python in the folder; give what it shows."""
    done = subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def agrees(said, shown):
    """Whether an output is the one that is said, where a line of `...` is any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.$", said, flags=re.MULTILINE)]
    return re.fullmatch("(?s:.*)".join(parts), shown) is not None


def change(text, difference):
    """Apply a block of lines with `-`, `+` or a blank before them."""
    lines = difference.splitlines()
    old = "".join(f"\n{line[1:]}" for line in lines if not line.startswith("+"))
    new = "".join(f"\n{line[1:]}" for line in lines if not line.startswith("-"))
    assert 1 == f"\n{text}".count(f"{old}\n"), f"these lines do not stand there once:{old}"
    return f"\n{text}".replace(f"{old}\n", f"{new}\n")[1:]


def lay(title, language, body):
    """Write a file, add to it, or change it, as a block with a title says."""
    path = Path(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    if language == "diff":
        body = change(path.read_text(encoding="utf-8"), body)
    elif title.endswith(".rubric.toml") and not WHOLE.search(body):
        body = path.read_text(encoding="utf-8") + "\n" + body
    path.write_text(body, encoding="utf-8")


@pytest.fixture
def terminal(monkeypatch):
    """Run the command line in this process; give what a terminal of 80 columns would show."""
    from typer.testing import CliRunner

    from kpirules.cli.app import app

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("KPIRULES_PATH", raising=False)

    def call(*arguments):
        result = CliRunner().invoke(app, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        # where kpirules is installed is another place for everybody, and no folder `rulesets`
        return result.output.replace("\r\n", "\n").replace(f"{ROOT}/rulesets", "...")

    return call


@pytest.mark.parametrize("page", [page for page in pages() if not elsewhere(page)])
def test_a_page_is_true(page, terminal, tmp_path, monkeypatch):
    """Read from the top in a folder of its own, with each output compared."""
    monkeypatch.chdir(tmp_path)
    if page in IN_A_CHECKOUT:
        shutil.copytree(ROOT / "rulesets", "rulesets")
        shutil.copytree(ROOT / "docs" / "examples", "docs/examples")
    for language, title, body, place in blocks(page):
        if title:
            lay(title, language, body)
        elif language == "console":
            for command, said in commands(body):
                if not not_run(command):
                    shown = printed(command, terminal)
                    assert agrees(said, shown), f"{place}: $ {command}\n{shown}"
                    assert page in ELIDED or not re.search(r"^\.\.\.$", said, re.MULTILINE), place
        elif language == "toml":
            tomllib.loads(body)
            if WHOLE.search(body):
                found = [f for f in check_text(body, file=place) if f.severity == "error"]
                assert [] == found, place
        elif language == "json":
            json.loads(body)


@pytest.mark.parametrize("page", pages())
def test_every_block_is_of_a_kind_that_is_tried(page):
    """Each has a language, one that is run, compared or parsed; the others say what does it."""
    for language, title, _, place in blocks(page):
        assert language in LANGUAGES, f"{place}: {language or 'no language'}"
        if language in {"text", "sh"}:
            assert title or page in OTHERWISE or elsewhere(page), f"{place}: nothing compares it"
        assert language != "diff" or title, f"{place}: a change of which file?"


def test_every_exception_is_still_needed():
    """What is not run, elided or compared elsewhere is there."""
    all_ = [block for page in pages() for block in blocks(page)]
    said = [c for language, _, body, _ in all_ if language == "console" for c in commands(body)]
    for start in NOT_RUN:
        assert any(re.match(start, command) for command, _ in said), start
    for page in ELIDED:
        assert re.search(r"^\.\.\.$", (ROOT / page).read_text("utf-8"), re.MULTILINE), page
    for page in OTHERWISE:
        assert any(block[0] in {"text", "sh"} for block in blocks(page)), page


def test_the_mechanism_finds_what_is_false(terminal, tmp_path, monkeypatch):
    """An output that differs, lines that are not there, a command that nobody knows."""
    monkeypatch.chdir(tmp_path)
    assert agrees("one\n...\nthree", "one\ntwo\n2\nthree")
    assert not agrees("one\n...\nfour", "one\ntwo\nthree")
    assert not agrees("one.", "ones")
    Path("a.csv").write_text("\ufeffname\r\nAn\r\n", encoding="utf-8")
    assert "name\nAn" == printed("cat a.csv  # a file", terminal)
    assert "a\nB\nc\n" == change("a\nb\nc\n", " a\n-b\n+B\n")
    with pytest.raises(AssertionError, match="do not stand there once"):
        change("a\n", "-b\n+c\n")
    with pytest.raises(pytest.fail.Exception, match="does not know"):
        printed("rm -r x", terminal)
    lay("x/a.rubric.toml", "toml", 'schema = 1\nid = "a"\n')
    lay("x/a.rubric.toml", "toml", 'label = "A"\n')
    assert 'schema = 1\nid = "a"\n\nlabel = "A"\n' == Path("x/a.rubric.toml").read_text("utf-8")
