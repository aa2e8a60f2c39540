"""The tables of the documents that are made from the code are those of the code."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests import ROOT


SCRIPT = ROOT / "docs" / "website" / "tables.py"
spec = spec_from_file_location("tables", SCRIPT)
tables = module_from_spec(spec)
spec.loader.exec_module(tables)


@pytest.mark.parametrize(("page", "name"), tables.TABLES)
def test_a_table_is_up_to_date(page, name):
    """`python docs/website/tables.py` would change nothing."""
    text = (tables.DOCS / page).read_text(encoding="utf-8")
    assert text == tables.filled(text, name, tables.TABLES[page, name]())


def test_the_script_writes_its_tables(tmp_path, monkeypatch):
    """It replaces what is between the comments, and nothing else."""
    monkeypatch.setattr(tables, "DOCS", tmp_path)
    for page in {page for page, _ in tables.TABLES}:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        comments = (
            f"<!-- {name}: made by docs/website/tables.py -->\nold\n<!-- end of {name} -->\n\n"
            for other, name in tables.TABLES
            if other == page
        )
        text = f"before\n\n{''.join(comments)}after\n"
        (tmp_path / page).write_text(text, encoding="utf-8")
    tables.main()
    made = (tmp_path / "exactness.md").read_text(encoding="utf-8")
    assert made.startswith("before\n\n<!-- modes: made by docs/website/tables.py -->\n\n| mode |")
    assert made.endswith("| `up` | away from zero |\n\n<!-- end of modes -->\n\nafter\n")


def test_a_page_without_the_comments_is_an_error():
    """A table that has no place is not left out silently."""
    with pytest.raises(ValueError, match="needs the comments of modes once, and has them 0 times"):
        tables.filled("no comments", "modes", iter(()))
