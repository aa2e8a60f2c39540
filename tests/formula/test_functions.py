"""The table of formula functions: each against the slow arithmetic, and what follows from it."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules.checks.references import RESERVED
from kpirules.codegen.formula_expressions import _MAKERS
from kpirules.formula import FUNCTIONS, UndefinedError, parse
from kpirules.formula.functions import OF_LISTS, OF_NUMBERS
from kpirules.toml.json_schema import FILE
from tests.reference import arithmetic


OVER_NUMBERS = [function for function in FUNCTIONS.values() if function.numbers is not None]
OVER_LISTS = [function for function in FUNCTIONS.values() if function.lists is not None]
NUMBERS = st.fractions(-20, 20, max_denominator=8)


@pytest.mark.parametrize("function", OVER_NUMBERS, ids=lambda f: f.name)
@given(a=NUMBERS, b=NUMBERS)
def test_a_function_of_numbers_is_that_of_the_slow_arithmetic(function, a, b):
    """The value of its example is that of the reference, within its bounds and on its grid."""
    text = function.numbers.example.format(a="a", b="b")
    formula = parse(text)
    expected = arithmetic.formula(text, {"a": a, "b": b})
    assert expected == formula.value({"a": a, "b": b})
    assert (expected, expected) == formula.bounds({"a": (a, a), "b": (b, b)})
    grid = formula.grid({"a": Fraction(1, a.denominator), "b": Fraction(1, b.denominator)})
    assert grid is None or expected == 0 or expected % grid == 0
    assert function.name in text


@pytest.mark.parametrize("function", OVER_LISTS, ids=lambda f: f.name)
@given(pairs=st.lists(st.tuples(NUMBERS, st.fractions(0, 5, max_denominator=4)), max_size=6))
def test_a_function_of_a_list_is_that_of_the_slow_arithmetic(function, pairs):
    """As above; it has a value for an empty list exactly if the table declares that."""
    lists = {"l": tuple(item for item, _ in pairs), "w": tuple(weight for _, weight in pairs)}
    assume(not pairs or any(lists["w"]))
    text = f"{function.name}({', '.join(['l', 'w'][: function.lists.lists])})"
    formula = parse(text, frozenset(lists))
    if not pairs and not function.lists.of_empty:
        with pytest.raises(UndefinedError, match=f"{function.name} of an empty list"):
            formula.value(lists)
        return
    expected = arithmetic.formula(text, lists)
    assert expected == formula.value(lists)
    within = {name: (min(items, default=0), max(items, default=0)) for name, items in lists.items()}
    low, high = formula.bounds(within)
    assert low is None or low <= expected
    assert high is None or expected <= high
    grid = formula.grid({"l": Fraction(1, 840), "w": Fraction(1, 12)})
    assert grid is None or expected % grid == 0


def test_the_reference_has_the_same_functions():
    """Those of the table, each written once more."""
    assert {*FUNCTIONS} == {*arithmetic.FUNCTIONS}


def test_no_id_is_named_like_a_function():
    """The names of the table are reserved."""
    assert RESERVED > {*FUNCTIONS}


def test_editors_show_all_functions():
    """The JSON Schema lists the functions of the table."""
    listed = f"brackets, {', '.join(FUNCTIONS)}."
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    told = schema["$defs"]["Criterion"]["properties"]["formula"]["description"]
    assert told.endswith(listed)


def test_columns_have_each_function_of_numbers_but_one():
    """A quotient whose divisor differs by row is not counted in units."""
    assert {"ratio"} == OF_NUMBERS.keys() - _MAKERS.keys()
    assert OF_NUMBERS.keys() >= _MAKERS.keys()


def test_a_function_is_written_as_it_is_used():
    """Each usage names the function; one over a list mentions the list."""
    for name, function in FUNCTIONS.items():
        assert function.usage.startswith(f"{name}(")
        assert ("list" in function.usage) == (name in OF_LISTS)
