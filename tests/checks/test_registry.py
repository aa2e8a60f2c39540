"""The registry of checks: each reports the codes that it declares, and runs once."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections import Counter
from textwrap import dedent
from types import FunctionType

import pytest

from kpirules.checks import MODULES, registry
from kpirules.checks.registry import REPORTED, Phase, codes
from kpirules.diagnostics.finding import CODES, Finding, register


PHASES = {name: part for name, part in vars(registry).items() if isinstance(part, Phase)}


def functions_in(function):
    """Yield the functions of the checks that a function uses, itself first."""
    seen, left = set(), [function]
    while left:
        each = left.pop()
        if each not in seen:
            seen.add(each)
            yield each
            tree = ast.parse(dedent(inspect.getsource(each)))
            names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            found = (each.__globals__.get(name) for name in names)
            left += [
                f
                for f in found
                if isinstance(f, FunctionType)
                and f.__module__.startswith("kpirules.checks.")
                and f.__module__ != registry.__name__
            ]


def constants(node):
    """Yield the texts in an expression: of a choice, those of its branches."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant):
        yield node.value


def given_by(function):
    """Return the codes that a function reports, itself or by functions that it uses."""
    found = set()
    for each in functions_in(function):
        for node in ast.walk(ast.parse(dedent(inspect.getsource(each)))):
            match node:
                case ast.keyword(arg="code", value=value):
                    found.update(constants(value))
                case ast.Assign(targets=[ast.Name(id="code")], value=value):
                    found.update(constants(value))
    return found


@pytest.mark.parametrize("function", REPORTED, ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_a_check_reports_only_the_codes_that_it_declares(function):
    """Those and no others, each named once."""
    assert {*REPORTED[function]} == given_by(function)
    assert len({*REPORTED[function]}) == len(REPORTED[function])


def test_every_check_is_in_the_registry():
    """A function that yields findings and never runs would be a check that cannot fail."""
    made = {
        value
        for module in MODULES
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "") == module.__name__
        and value.__annotations__.get("return") == "Iterator[Finding]"
    }
    assert made <= {*REPORTED}
    asked = {each for phase in PHASES.values() for each in phase.checks}
    by_name = {"sizes", "examples_hold", "accept", "misfiled", "versions"}
    assert by_name == {each.__name__ for each in made - asked}


def test_each_code_is_declared_once():
    """Every code of a check has a severity and a title; another title for it is an error."""
    assert {code for reported in REPORTED.values() for code in reported} <= CODES.keys()
    for code in codes():
        assert code.title
        assert Finding(code=code.code, reason="m").severity == code.severity
    with pytest.raises(ValueError, match="the code tier-gap is registered twice"):
        register("tier-gap", "note", "something else")
    assert "error" == CODES["tier-gap"].severity
    assert [code.code for code in codes()] == sorted(CODES)


def test_each_check_is_asked_in_one_phase():
    """And those of a phase in the order of the modules, and of the functions in each."""
    asked = Counter(check for phase in PHASES.values() for check in phase.checks)
    assert {1} == {*asked.values()}
    assert {*asked} <= {*REPORTED}
    modules = [module.__name__ for module in MODULES]
    for phase in PHASES.values():
        places = [(modules.index(c.__module__), c.__code__.co_firstlineno) for c in phase.checks]
        assert places == sorted(places)


def test_an_error_is_asked_for_before_a_rubric_is_used():
    """Phases that are left out when a ruleset is loaded have no check of an error alone."""
    advice = ("POINTS_ADVICE", "TIERS_ADVICE", "USES", "TEXTS")
    for name, phase in PHASES.items():
        for each in phase.checks:
            severities = {CODES[code].severity for code in REPORTED[each]}
            assert "error" not in severities or name not in advice or len(severities) > 1, each
            assert ("error" in severities) or name in advice


@pytest.mark.parametrize("first", ["gates", "versions", "registry", "witnesses"])
def test_the_order_of_checks_does_not_depend_on_imports(first):
    """Whichever module is imported first, all codes are there and each phase has its order."""
    code = f"import kpirules.checks.{first}; from kpirules.checks import registry as r; "
    code += "print([c.__name__ for c in r.TIERS_ADVICE.checks], len(r.codes()))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = [c.__name__ for c in registry.TIERS_ADVICE.checks]
    assert f"{names} {len(CODES)}\n" == shown.stdout
