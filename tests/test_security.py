"""The security page: its numbers are those of the code, and nothing in `src` executes or connects."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest


ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "src" / "kpirules").rglob("*.py"))
#: calls by name, and modules
CALLS = {"eval", "exec", "compile", "__import__"}
IMPORTS = {"pickle", "marshal", "shelve", "subprocess", "socket", "urllib", "http", "ctypes"}
SYSTEM = {f"os.{word}" for word in ("system", "popen", "execv", "execve", "spawnv", "fork")}


def forbidden(tree):
    """Give what a syntax tree has that executes texts, starts processes or opens connections."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield node.func.id
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.partition(".")[0] in IMPORTS)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in IMPORTS:
            yield node.module
        if isinstance(node, ast.Attribute) and ast.unparse(node) in SYSTEM:
            yield ast.unparse(node)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_executes_texts_or_opens_connections(path):
    """No module evaluates a text, starts a process, reads pickles or opens a connection."""
    assert [] == list(forbidden(ast.parse(path.read_text(encoding="utf-8"))))


def test_what_is_forbidden_is_found():
    """The search for it finds each kind."""
    text = "import pickle\nfrom urllib.parse import quote\neval('1')\nos.system('x')\n"
    assert {"pickle", "urllib.parse", "eval", "os.system"} == {*forbidden(ast.parse(text))}


def limits():
    """Give the limits that the page states: (number, module, name)."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    for number, place in re.findall(r"^\| .* \| (\d+) \| `([\w.]+)` \|$", text, re.MULTILINE):
        yield int(number), *place.rsplit(".", 1)


@pytest.mark.parametrize(("number", "module", "name"), [*limits()])
def test_the_limits_are_those_of_the_code(number, module, name):
    """Each number of the page is the constant that it names."""
    assert number == getattr(importlib.import_module(f"kpirules.{module}"), name)


def test_all_limits_are_read():
    """The table has its rows."""
    assert len(list(limits())) >= 18
