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
from kpirules.formula.functions import OF_NUMBERS, SELECTIONS
from kpirules.toml.json_schema import FILE
from tests.reference import arithmetic


#: a curve has no notation over numbers
OVER_NUMBERS = [
    (name, over.example)
    for name, over in OF_NUMBERS.items()
    if name.split()[0] in FUNCTIONS and name != "curve"
]
OVER_LISTS = [function for function in FUNCTIONS.values() if function.lists is not None]
NONE = {"l": (0, 0), "w": (0, 0)}
NUMBERS = st.fractions(-20, 20, max_denominator=8)


@pytest.mark.parametrize(("name", "example"), OVER_NUMBERS, ids=[n for n, _ in OVER_NUMBERS])
@given(a=NUMBERS, b=NUMBERS)
def test_a_function_of_numbers_is_that_of_the_slow_arithmetic(name, example, a, b):
    """The value of its example is that of the reference, within its bounds and on its grid."""
    text = example.format(a="a", b="b")
    formula = parse(text)
    expected = arithmetic.formula(text, {"a": a, "b": b})
    assert expected == formula.value({"a": a, "b": b})
    low, high = formula.bounds({"a": (a, a), "b": (b, b)})
    assert low <= expected <= high
    assert low == high or OF_NUMBERS[name].of_given
    grid = formula.grid({"a": Fraction(1, a.denominator), "b": Fraction(1, b.denominator)})
    assert grid is None or expected == 0 or expected % grid == 0
    assert all(word in text for word in name.split())


@pytest.mark.parametrize("function", OVER_LISTS, ids=lambda f: f.name)
@given(
    pairs=st.lists(st.tuples(NUMBERS, st.fractions(1, 5, max_denominator=4)), max_size=6),
    selected=st.lists(st.tuples(st.sampled_from([*SELECTIONS]), st.integers(1, 3)), max_size=2),
)
def test_a_selection_from_a_list_is_that_of_the_slow_arithmetic(function, pairs, selected):
    """In each function of a list; weights are those of the items that remain."""
    lists = {"l": tuple(item for item, _ in pairs), "w": tuple(weight for _, weight in pairs)}
    inner = "l"
    for word, count in selected:
        inner = f"{word}({inner}, {count})"
    text = f"{function.name}({', '.join([inner, 'w'][: function.lists.lists])})"
    formula = parse(text, frozenset(lists))
    try:
        expected = arithmetic.formula(text, lists)
    except arithmetic.UndefinedError:
        with pytest.raises(UndefinedError):
            formula.value(lists)
        return
    assert expected == formula.value(lists)
    low, high = formula.bounds({name: (min(v), max(v)) for name, v in lists.items() if v} or NONE)
    assert low is None or low <= expected
    assert high is None or expected <= high


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


def test_columns_have_each_function_of_numbers_but_three():
    """Not a quotient whose divisor differs by row, a root, and what is given."""
    assert {"ratio", "root", "given"} == OF_NUMBERS.keys() - _MAKERS.keys()
    assert OF_NUMBERS.keys() >= _MAKERS.keys()


def test_a_function_is_written_as_it_is_used():
    """Each usage names the function; one over a list mentions the list."""
    for name, function in FUNCTIONS.items():
        assert function.usage.startswith(f"{name}(")
        assert ("list" in function.usage) == function.takes_list
