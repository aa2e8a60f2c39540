"""The house is as its page says: each room on its floor, and no import points up."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "kpirules"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def floors():
    """Give each room's floor, as the page's table says."""
    table = PAGE.partition("\n## The floors\n")[2].partition("\n## ")[0]
    found, floor = [], 0
    for number, room in re.findall(r"^\| (\d)?[^|]*\| `(\w+)` \|", table, re.MULTILINE):
        floor = int(number or floor)
        found.append((room, floor))
    assert len(found) == len(dict(found)), "a room stands in the table twice"
    return dict(found)


def imported(tree):
    """Give the rooms that a module imports when it is imported itself, not for types alone."""
    for node in tree:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            package, _, rest = node.module.partition(".")
            if package == "kpirules":
                yield from [rest.split(".")[0]] if rest else [a.name for a in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("kpirules."):
                    yield alias.name.split(".")[1]
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imported(ast.iter_child_nodes(node))


def rooms():
    """Give each module with the room that it belongs to; the door and ``__main__`` are none."""
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room not in {"__init__", "__main__"}:
            yield room, path


def test_every_room_has_a_floor():
    """The table has each room once, and no other."""
    assert {room for room, _ in rooms()} == set(floors())


def test_no_import_points_up():
    """A room imports from its own floor and from those below."""
    floor = floors()
    up = {
        f"{path.relative_to(SOURCE)}: {other}"
        for room, path in rooms()
        for other in imported(ast.parse(path.read_text(encoding="utf-8")).body)
        if floor.get(other, 0) > floor[room]
    }
    assert set() == up


@pytest.mark.parametrize("room", re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE))
def test_the_modules_of_a_larger_room_are_there(room):
    """What the page names is a module of that room, named once."""
    part = PAGE.partition(f"\n### `{room}`\n")[2].partition("\n### ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", part, re.MULTILINE)
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    there = {path.stem for path in (SOURCE / room).glob("*.py")} - {"__init__"}
    assert len(named) == len(set(named))
    assert set(named) == there


def test_what_the_contributors_page_names_is_there():
    """Each file or folder that it names, but for those that its examples would add."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|docs|rulesets)/[\w./-]+)`", page))
    assert len(named) > 20
    assert {"docs/findings/tier-dull.md"} == {n for n in named if not (ROOT / n).exists()}
