"""The layers of ``pyproject.toml`` hold, and the pages for contributors name what is there."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib

import grimp
import pytest

from tests import ROOT


SOURCE = ROOT / "src" / "kpirules"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project():
    """Read ``pyproject.toml``."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def contract(project):
    """Return the one contract of import-linter."""
    (only,) = project["tool"]["importlinter"]["contracts"]
    return only


def test_the_contract_holds():
    """No package imports from one above it, at import, within a function or for types."""
    # in a process of its own: it switches off all loggers that exist
    code = (
        "from importlinter.cli import lint_imports as run; exit(run(no_cache=True, no_logo=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert 0 == done.returncode, done.stdout.decode()


def circles(graph):
    """Return the sets of modules that import each other in a circle (Tarjan)."""
    found, stack, index, low = [], [], {}, {}

    def visit(module):
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in graph.find_modules_directly_imported_by(module):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            at = stack.index(module)
            found.append(set(stack[at:]))
            del stack[at:]

    for module in graph.modules:
        if module not in index:
            visit(module)
    return [circle for circle in found if len(circle) > 1]


def test_no_modules_import_each_other_in_a_circle():
    """What two modules need of each other is a third."""
    assert [] == circles(grimp.build_graph("kpirules", cache_dir=None))


def test_a_circle_is_found():
    """Its modules, without those that only import it or are imported by it."""
    graph = grimp.ImportGraph()
    for importer, imported in ("ab", "bc", "cb", "cd", "ee"):
        graph.add_import(importer=importer, imported=imported)
    assert [{"b", "c"}] == circles(graph)


def test_no_import_is_an_exception_of_the_contract(contract):
    """The contract ignores none."""
    assert [] == contract["ignore_imports"]


def test_functions_of_layers_above_are_named_by_listed_methods_alone():
    """Only the methods that the page lists import a module by its name."""
    users = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "import above" in path.read_text(encoding="utf-8")
    }
    assert {"model/rubric_data.py"} == users
    named = re.findall(
        r"above\(\"([\w.]+)\", \"(\w+)\"\)", (SOURCE / users.pop()).read_text("utf-8")
    )
    assert 3 == len(named)
    for module, name in named:
        assert callable(getattr(importlib.import_module(f"kpirules.{module}"), name))


def test_the_page_has_the_layers_of_the_contract(contract):
    """The table lists the layers from the bottom, as the contract does from the top."""
    table = PAGE.partition("\n## The layers\n")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert named == contract["layers"][::-1]


def test_the_page_names_modules_that_are_there():
    """Each ``layer.module`` of the page is a module."""
    layers = "|".join(p.name for p in SOURCE.iterdir() if p.is_dir())
    named = re.findall(rf"`((?:{layers})\.\w+)`", PAGE)
    assert len(named) > 5
    paths = {name: SOURCE / name.replace(".", "/") for name in named}
    assert [] == [n for n, p in paths.items() if not (p.with_suffix(".py").exists() or p.is_dir())]


def test_what_the_contributors_page_names_is_there():
    """Each file or folder that it names, but for those that its examples would add."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|docs|rulesets)/[\w./-]+)`", page))
    assert len(named) > 20
    assert {"docs/findings/tier-dull.md"} == {n for n in named if not (ROOT / n).exists()}
