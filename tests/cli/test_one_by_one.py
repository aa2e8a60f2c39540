"""Commands that score the rows of a table one by one refuse a ruleset with quotas."""

from __future__ import annotations

import pytest


RULES = """schema = 1
id = "grades"
effective_from = 2025-01-01
criterion = [{ id = "work", weight = 100 }]
tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]

[[quota]]
id = "top"
label = "Best grade"
tier = "A"
at_most = "ceil(0.5 * heads)"
excess = "refuse"
"""


@pytest.mark.parametrize(
    "more", [["evaluate"], ["sheet", "-o", "sheets.html"], ["explain", "--who", "A"]]
)
def test_a_table_is_refused_by_the_name_of_the_quota(run, tmp_path, more):
    """Nothing is written."""
    rules, table = tmp_path / "grades.rubric.toml", tmp_path / "month.csv"
    rules.write_text(RULES, encoding="utf-8")
    table.write_text("name,work\nA,95\nB,92\n", encoding="utf-8")
    command, *options = (tmp_path / o if o.endswith(".html") else o for o in more)
    code, out, err = run(command, rules, table, *options)
    assert 1 == code
    assert "quota.top: is a quota, and is judged over all records together" in out + err
    assert not (tmp_path / "sheets.html").exists()


def test_a_blank_form_needs_no_quota(run, tmp_path):
    """It is for one person."""
    rules = tmp_path / "grades.rubric.toml"
    rules.write_text(RULES, encoding="utf-8")
    assert 0 == run("sheet", rules, "-o", tmp_path / "blank.html")[0]
