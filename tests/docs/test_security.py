"""The security page: its numbers are those of the code, and nothing in `src` executes or connects."""

from __future__ import annotations

import ast
import importlib
import re

import pytest

from tests import ROOT


MODULES = sorted((ROOT / "src" / "kpirules").rglob("*.py"))
#: names of what executes texts, wherever they stand
NAMES = {"eval", "exec", "__import__", "__builtins__", "builtins"}
#: modules that execute, start processes, open connections, or read what does
IMPORTS = {"pickle", "marshal", "shelve", "subprocess", "socket", "urllib", "http", "ctypes", "pty"}
IMPORTS |= {"ssl", "ftplib", "smtplib", "socketserver", "xmlrpc", "asyncio", "multiprocessing"}
IMPORTS |= {"code", "codeop", "runpy", "dill", "cloudpickle", "requests", "httpx", "builtins"}
#: what begins with these
OF_OS = ("system", "popen", "exec", "spawn", "fork", "posix_spawn", "startfile")
#: attributes by which the others could be reached
WAYS = {"__subclasses__", "__globals__", "__builtins__", "exec_module", "load_module"}
#: modules that import by a name; each takes it from a table of its own, or from such a module
BY_NAME = {
    "__init__.py",
    "_internal/above.py",
    "testing/__init__.py",
    "errors.py",
    "evaluation/record.py",
}


def forbidden(tree, *, by_name=False):
    """Give what a syntax tree has that executes texts, starts processes or opens connections."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Name) and node.id in NAMES:
            yield node.id
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names = [ast.unparse(node)]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            of = ast.unparse(node.args[0]) if node.args else ""
            if called == "compile" or (
                called in ("getattr", "vars") and of in ("os", "sys", "importlib")
            ):
                yield called
        for name in names:
            head, _, rest = name.partition(".")
            last = name.rpartition(".")[2]
            if (
                (head in IMPORTS and not isinstance(node, ast.Attribute))
                or (head in ("os", "posix", "nt") and rest.startswith(OF_OS))
                or last in WAYS
                or name in ("os.*", "importlib.*")
                or (last in ("import_module", "modules") and not by_name)
            ):
                yield name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_executes_texts_or_opens_connections(path):
    """No module evaluates a text, starts a process, reads pickles or opens a connection."""
    by_name = str(path.relative_to(ROOT / "src" / "kpirules")) in BY_NAME
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [] == list(forbidden(tree, by_name=by_name))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ("pickle", "import pickle"),
        ("marshal", "import marshal"),
        ("shelve.open", "from shelve import open as o"),
        ("ctypes", "import ctypes as c"),
        ("socket", "import socket"),
        ("urllib.parse.quote", "from urllib.parse import quote"),
        ("http.client", "import http.client"),
        ("eval", "eval('1')"),
        ("exec", "run = exec"),
        ("compile", "compile('1', '', 'eval')"),
        ("__import__", "__import__('os')"),
        ("builtins", "getattr(builtins, 'ev' + 'al')"),
        ("builtins", "import builtins"),
        ("__builtins__", "__builtins__['ev' + 'al']"),
        ("os.system", "os.system('x')"),
        ("os.execv", "from os import execv"),
        ("os.spawnlp", "from os import spawnlp as run"),
        ("os.*", "from os import *"),
        ("getattr", "getattr(os, 'sys' + 'tem')"),
        ("vars", "vars(os)['sys' + 'tem']"),
        ("sys.modules", "sys.modules['os']"),
        ("importlib.import_module", "from importlib import import_module"),
        ("importlib.import_module", "importlib.import_module('sub' + 'process')"),
        ("f.__globals__", "f.__globals__['x']"),
        ("object.__subclasses__", "object.__subclasses__()"),
        ("spec.loader.exec_module", "spec.loader.exec_module(m)"),
    ],
)
def test_what_is_forbidden_is_found(found, text):
    """The search for it finds each kind, and ways around it."""
    assert found in {*forbidden(ast.parse(text))}


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
