"""`kpirules new`: the starter file of a language."""

from __future__ import annotations

from datetime import date

from kpirules.cli.commands.new import new_file


def test_a_language_without_a_starter_gets_the_english_one(tmp_path):
    """A language may have translations before it has a starter."""
    assert 0 == new_file("clerk", date(2026, 11, 1), tmp_path, "xx-YY")
    made = tmp_path / "clerk" / "2026-11-01.rubric.toml"
    assert 0 == new_file("sales", date(2026, 11, 1), tmp_path, "en")
    english = tmp_path / "sales" / "2026-11-01.rubric.toml"
    assert made.read_text("utf-8") == english.read_text("utf-8").replace(
        'id = "sales"', 'id = "clerk"'
    )
