"""A ruleset that is built in Python is that of the file, and as short."""

from __future__ import annotations

from kpirules import load_file
from tests import ROOT
from tests.docs.test_documents_run import blocks
from tests.typing.help_desk import rubric


def test_the_scheme_of_the_tutorial_in_python_is_that_of_its_file(tmp_path):
    """In at most 25 lines, with names of `kpirules` alone, which mypy and pyright accept."""
    file = tmp_path / "help-desk" / "2027-01-01.rubric.toml"
    file.parent.mkdir()
    title = "rulesets/help-desk/2027-01-01.rubric.toml"
    (text, *_) = (b for _, name, b, _ in blocks("docs/tutorial.md") if name == title)
    file.write_text(text, encoding="utf-8")
    assert load_file(file) == rubric


def test_the_page_shows_the_code_that_type_checkers_read():
    """The first block of the page is the file of `tests/typing`."""
    code = (ROOT / "tests" / "typing" / "help_desk.py").read_text(encoding="utf-8")
    lines = [line for line in code.splitlines() if line and not line.startswith("#")]
    assert len(lines) <= 25
    (_, _, shown, _), *_ = blocks("docs/how-to/build-in-python.md")
    assert lines == [line for line in shown.splitlines() if line]
    assert ["from kpirules import"] == [line[:20] for line in lines if "import" in line]
