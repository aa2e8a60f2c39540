"""Tables of the terminal: a cell that fits is printed as it is, any other is wrapped as text."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kpirules.cli import render
from kpirules.registry.catalog import catalog


CELLS = [
    "a",
    "",
    "two words",
    "按要求完成",
    "x" * 70,
    "one line\nand another",
    "tab\there",
    "a" * 19 + "按",
]


@pytest.mark.parametrize("width", [12, 40, 100])
@pytest.mark.parametrize("style", ["", "bold"])
@pytest.mark.parametrize("justify", ["left", "right"])
def test_a_cell_looks_as_text_does(width, style, justify):
    """In columns of any width, of each justification, with wide letters and long words."""
    shown = []
    for kind in (render.Cell, Text):
        console = Console(
            width=width, file=StringIO(), force_terminal=True, color_system="standard"
        )
        table = Table("first")
        table.add_column("second", justify=justify, overflow="fold")
        for cell in CELLS:
            table.add_row(kind(cell, style=style), kind(cell, style=style))
        console.print(table)
        shown.append(console.file.getvalue())
    assert shown[0] == shown[1]
    assert "按要求" in shown[0].replace("\n", "") or width == 12


def test_a_list_of_rulesets_names_each(tmp_path, capsys):
    """One line each, with id and date."""
    for i in range(30):
        folder = tmp_path / f"r{i:02}"
        folder.mkdir()
        text = f'schema = 1\nid = "r{i:02}"\ncriterion = [{{ id = "a", weight = 100 }}]\n'
        (folder / "2026-01-01.rubric.toml").write_text(text)
    render.show_list(catalog([tmp_path]))
    lines = capsys.readouterr().out.splitlines()
    assert [f"r{i:02}" for i in range(30)] == [
        line.split("|")[1].strip() for line in lines if "| r" in line
    ]
