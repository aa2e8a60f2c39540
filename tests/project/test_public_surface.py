"""The public names: there, listed, with types for type checkers and at run time."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import typing
from functools import cached_property

import attrs
import pytest

import kpirules
from kpirules import errors, model
from tests import ROOT


#: the modules whose ``__all__`` is public
MODULES = ("kpirules", "kpirules.cohort", "kpirules.errors", "kpirules.model", "kpirules.testing")


def test_every_name_is_there_and_no_other():
    """Each is imported when it is asked for, and listed; an unknown one is an AttributeError."""
    assert sorted(kpirules.__all__) == kpirules.__all__
    for name in {*kpirules.__all__} - {"__version__"}:
        assert name == getattr(kpirules, name).__name__
    assert set(kpirules.__all__) <= set(dir(kpirules))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = kpirules.nonsense


def test_the_page_of_the_reference_lists_the_names():
    """`docs/api.md` has each name of `kpirules`, and no other."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^::: kpirules\.(\w+)$", page, re.MULTILINE)
    assert sorted({*kpirules.__all__} - {"__version__"}) == sorted(listed)
    assert "`kpirules.__version__`" in page


def test_all_errors_are_exported():
    """What `kpirules.errors` has of errors, an application catches from `kpirules`."""
    found = [getattr(errors, name) for name in errors.__all__]
    exceptions = {e.__name__ for e in found if inspect.isclass(e) and issubclass(e, Exception)}
    assert exceptions == {name for name in kpirules.__all__ if name.endswith("Error")}


def test_the_version_is_that_of_the_project():
    """`pyproject.toml` takes it from the code, so that there is one."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", kpirules.__version__)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in project
    assert 'path = "src/kpirules/_internal/version.py"' in project


def functions(value):
    """Yield a public object and, of a class, its constructor, methods and properties."""
    yield value
    for name in dir(value) if inspect.isclass(value) else ():
        member = inspect.getattr_static(value, name)
        for kind, attribute in (
            (property, "fget"),
            (classmethod, "__func__"),
            (cached_property, "func"),
        ):
            if isinstance(member, kind):
                member = getattr(member, attribute)
        # the constructor of a protocol is one of the module typing
        is_own = getattr(member, "__module__", "") != "typing"
        if (
            is_own
            and inspect.isfunction(member)
            and (name == "__init__" or not name.startswith("_"))
        ):
            yield member


PUBLIC = [
    pytest.param(value, id=f"{module}.{name}")
    for module in MODULES
    for name in importlib.import_module(module).__all__
    if callable(value := getattr(importlib.import_module(module), name))
]


@pytest.mark.parametrize("value", PUBLIC)
def test_types_are_known_at_run_time(value):
    """`typing.get_type_hints` works for every public function, class, method and property."""
    for function in functions(value):
        hints = typing.get_type_hints(function)
        assert "return" in hints or inspect.isclass(function), function


@pytest.mark.parametrize("name", ["Tier", "Band", "Rubric"])
def test_a_constructor_shows_what_it_takes(name):
    """A signature has types, as help() shows them, and no texts of types."""
    for parameter in inspect.signature(getattr(kpirules, name)).parameters.values():
        assert "ForwardRef" not in str(parameter)


def test_no_deprecated_name_is_used():
    """Importing all public names and scoring a record raises no DeprecationWarning."""
    code = (
        "from kpirules import *; import kpirules.testing as t; [getattr(t, n) for n in t.__all__];"
        "rubric = load('customer-service'); ratings_schema(rubric); dumps(rubric); check(rubric);"
        "print(len(fingerprint(rubric)))"
    )
    command = [sys.executable, "-W", "error::DeprecationWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("64\n", "") == (done.stdout, done.stderr)


@pytest.mark.thorough("the types of all public names, by another type checker")
def test_all_types_are_known_to_type_checkers(tmp_path):
    """Pyright verifies 100 % of the types that a user of the installed package can see."""
    # pyright does not read the path files by which an editable install is found
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])
    options = ["--verifytypes", "kpirules", "--ignoreexternal", "--outputjson"]
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    report = json.loads(done.stdout)["typeCompleteness"]
    assert [] == [
        (symbol["name"], [d["message"] for d in symbol["diagnostics"]])
        for symbol in report["symbols"]
        if symbol["isTypeAmbiguous"] or not symbol["isTypeKnown"]
    ]
    assert 1 == report["completenessScore"]
    assert len(report["symbols"]) > 1000


def classes_in(annotation):
    """Yield the classes that a type is made of."""
    if inspect.isclass(annotation):
        yield annotation
    for part in typing.get_args(annotation):
        yield from classes_in(part)


def test_each_part_of_a_ruleset_can_be_built():
    """What the list of a rubric or of one of its parts holds is a class of `kpirules.model`."""
    known, rest = set(), [kpirules.Rubric]
    while rest:
        each = rest.pop()
        known.add(each)
        types = typing.get_type_hints(each).values()
        lists = [t for t in types if typing.get_origin(t) is tuple]
        rest += [c for t in lists for c in classes_in(t) if attrs.has(c) and c not in known]
    names = {c.__name__ for c in known}
    assert {"Criterion", "Curve", "Input", "Tier"} <= names
    # a point of a curve is written as a list
    assert names - {"Point"} <= {*model.__all__, *kpirules.__all__}
