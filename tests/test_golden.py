"""The tool that freezes what the library computes finds a difference, and none where nothing changed."""

from __future__ import annotations

import pytest

from tests.golden import compare, write


# what these guard is the tool, which developers run by hand
pytestmark = pytest.mark.thorough("the tool that freezes results")

KINDS = ["results", "sheets"]
FILE = "cases/25-apgar.rubric.toml"


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """Freeze the results and sheets of the rulesets of the project and of three random ones."""
    folder = tmp_path_factory.mktemp("golden") / "frozen"
    write(folder, count=3, each=2, kinds=KINDS)
    return folder


def test_the_same_code_gives_the_same(frozen):
    """Nothing differs from what was written a moment ago."""
    assert [] == list(compare(frozen, kinds=KINDS))
    assert [] == list(compare(frozen, quick=True, kinds=KINDS))


def test_other_points_are_a_difference(frozen):
    """A ruleset that gives other points has other results and another sheet; no other ruleset has."""
    path = frozen / "inputs" / FILE
    text = path.read_text(encoding="utf-8")
    old, new = (f'when = "> 0 .. < 100", points = {n}' for n in (1, 2))
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        differences = list(compare(frozen, kinds=KINDS))
    finally:
        path.write_text(text, encoding="utf-8")
    assert {"results", "sheets"} == {kind for kind, _, _ in differences}
    assert all(key.startswith(f"{FILE} ") for _, key, _ in differences)
    lines = next(lines for kind, key, lines in differences if key == f"{FILE} text")
    assert any(line.startswith("+") and "points = 2" in line for line in lines)


def test_an_output_that_is_gone_is_a_difference(frozen):
    """What was stored and does not come out again is named."""
    records = frozen / "inputs" / "records.jsonl"
    text = records.read_text(encoding="utf-8")
    records.write_text(text.rpartition("\n[")[0] + "\n", encoding="utf-8")
    try:
        differences = list(compare(frozen, kinds=["results"]))
    finally:
        records.write_text(text, encoding="utf-8")
    assert differences
    assert all(lines == ["- it is not there any more"] for _, _, lines in differences)


def test_a_key_can_be_ignored(frozen):
    """A key of the JSON of results that changed on purpose is left out of the comparison."""
    path = frozen / "outputs" / "results.jsonl"
    text = path.read_text(encoding="utf-8")
    assert r"\"fingerprint\":" in text
    path.write_text(text.replace(r"\"fingerprint\":", r"\"place\":"), encoding="utf-8")
    try:
        assert [] != list(compare(frozen, kinds=["results"]))
        assert [] == list(compare(frozen, kinds=["results"], ignored=["fingerprint", "place"]))
    finally:
        path.write_text(text, encoding="utf-8")
