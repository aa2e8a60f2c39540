"""The pages about findings: one for each kind, and what they print is what is said."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from kpirules.api.load import check_file, check_text
from kpirules.checks.guarded import failed
from kpirules.checks.registry import codes
from kpirules.diagnostics.finding import CODES
from tests import ROOT


PAGES = ROOT / "docs" / "findings"

HEADINGS = (
    "The problem",
    "Why it matters",
    "Example",
    "How to repair it",
    "In published forms",
)


def no_such_file():
    """Nothing that stands in a file can show that it cannot be opened."""
    return check_file("sales.rubric.toml")


def a_thousand_bands():
    """A table of so many bands is too long for a page."""
    bands = "".join(f"  {{ when = {i}, points = {i / 10} }},\n" for i in range(1001))
    text = f"""schema = 1
id = "sales"
inputs.sales = {{ type = "count" }}

[[criterion]]
id = "volume"
weight = 100
of = "sales"
bands = [
{bands}]
"""
    return check_text(text, file="bad.rubric.toml")


def many_slips():
    """A file with so many faults is too long for a page."""
    criteria = "".join(f'  {{ id = "c{i}", wieght = 0.4 }},\n' for i in range(250))
    text = f'schema = 1\nid = "sales"\ncriterion = [\n{criteria}]\n'
    return check_text(text, file="bad.rubric.toml")


def a_check_that_fails():
    """No file is known by which a check fails."""
    return [attrs.evolve(failed(ZeroDivisionError(), ("tier",), "tier_cover"), place="tier")]


#: codes whose page shows no faulty file, with what their text comes from instead
WITHOUT_A_FILE = {
    "unreadable": no_such_file,  # there is no text that has it
    "too-large": a_thousand_bands,  # it takes more than 1000 bands
    "check-failed": a_check_that_fails,  # it would be a fault that is known
    "more": many_slips,  # it takes more than 200 findings
}


def page(code):
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def part(code, heading):
    """Give what stands under a heading of a page."""
    return page(code).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def blocks(code, heading, language):
    """Give the code blocks under a heading of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", part(code, heading), re.DOTALL | re.MULTILINE)


def printed(findings, code):
    """Give the findings of a code as they are printed."""
    return "\n".join(str(finding) for finding in findings if finding.code == code)


def test_every_code_has_a_page():
    """Each kind of finding has its page, and no page is about something else."""
    assert {*CODES, "README", "README.zh"} == {path.stem for path in PAGES.glob("*.md")}


def test_the_table_lists_every_code():
    """The table has each kind, sorted by code, with its severity and its page."""
    lines = page("README").splitlines()
    rows = [f"| [`{c.code}`]({c.code}.md) | {c.severity} | {c.title} |" for c in codes()]
    assert rows == [line for line in lines if line.startswith("| [")]


def test_the_chinese_overview_lists_every_code():
    """Its tables have each kind once, with its severity and its page."""
    severities = {"error": "错误", "warning": "警告", "note": "提示"}
    rows = re.findall(r"^\| \[`(\S+)`\]\((\S+)\.md\) \| (\S+) \|", page("README.zh"), re.MULTILINE)
    assert sorted((c.code, c.code, severities[c.severity]) for c in codes()) == sorted(rows)


def test_the_chinese_overview_shows_a_true_finding():
    """Its example is a finding of the Chinese guide, whose outputs are compared."""
    (example,) = re.findall(r"^```text\n(.*?)^```$", page("README.zh"), re.DOTALL | re.MULTILINE)
    assert example in (ROOT / "docs" / "author-guide.zh.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_page_says_what_it_is_about(code):
    """A page begins with its code and severity, and has its parts in their order, none empty."""
    kind = CODES[code]
    assert page(code).startswith(f"# `{code}`\n\n{kind.severity}: {kind.title}.\n")
    assert list(HEADINGS) == re.findall(r"^## (.*)$", page(code), re.MULTILINE)
    assert all(part(code, heading).strip() for heading in HEADINGS)


def found_in(texts):
    """Check the files of a page; one that says so in its first line is laid at its place."""
    filed = {
        path: text for text in texts for path in re.findall(r"\A# (\S+\.rubric\.toml)\n", text)
    }
    for path, text in filed.items():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    if filed:
        return [finding for path in filed for finding in check_file(path)]
    (text,) = texts
    return check_text(text, file="bad.rubric.toml")


@pytest.mark.parametrize("code", sorted(CODES.keys() - WITHOUT_A_FILE))
def test_the_file_that_has_it(code, tmp_path, monkeypatch):
    """The faulty file has the finding, in just the words that the page prints."""
    monkeypatch.chdir(tmp_path)
    findings = found_in(blocks(code, "Example", "toml"))
    (said,) = blocks(code, "Example", "text")
    assert printed(findings, code) == said.rstrip("\n")
    assert said.strip()


@pytest.mark.parametrize("code", WITHOUT_A_FILE)
def test_what_no_small_file_can_show(code, tmp_path, monkeypatch):
    """Where a page shows no faulty file, it prints what is said all the same."""
    monkeypatch.chdir(tmp_path)
    (said,) = blocks(code, "Example", "text")
    assert printed(WITHOUT_A_FILE[code](), code) == said.rstrip("\n")
    assert [] == blocks(code, "Example", "toml")


@pytest.mark.parametrize("code", sorted(CODES))
def test_the_file_put_right(code, tmp_path, monkeypatch):
    """The mended file has the finding no longer, and nothing else that counts."""
    monkeypatch.chdir(tmp_path)
    findings = [f for f in found_in(blocks(code, "How to repair it", "toml")) if f.counts]
    assert [] == [f for f in findings if f.code == code or f.severity != "note"]
