"""The rounding modes: each against a table by hand, against decimal, and as a column."""

from __future__ import annotations

import decimal
import json
from decimal import Decimal
from fractions import Fraction
from typing import get_args

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.arithmetic.number import multiple, round_to
from kpirules.arithmetic.rounding import MODES, Mode
from kpirules.codegen.fixed_point import Units, to_multiple
from kpirules.toml.json_schema import FILE
from tests.strategies import numbers, steps


#: the results of each mode for -2.5, -1.7, -1.5, -1.2, -1, 0, 1.2, 1.5, 1.7, 2.5
BY_HAND = {
    "half_up": (-3, -2, -2, -1, -1, 0, 1, 2, 2, 3),
    "half_even": (-2, -2, -2, -1, -1, 0, 1, 2, 2, 2),
    "half_down": (-2, -2, -1, -1, -1, 0, 1, 1, 2, 2),
    "floor": (-3, -2, -2, -2, -1, 0, 1, 1, 1, 2),
    "ceiling": (-2, -1, -1, -1, -1, 0, 2, 2, 2, 3),
    "down": (-2, -1, -1, -1, -1, 0, 1, 1, 1, 2),
    "up": (-3, -2, -2, -2, -1, 0, 2, 2, 2, 3),
}
VALUES = [Fraction(n, 10) for n in (-25, -17, -15, -12, -10, 0, 12, 15, 17, 25)]

#: the modes that the standard library's decimal has as well
OF_DECIMAL = sorted(mode for mode in MODES if hasattr(decimal, f"ROUND_{mode.upper()}"))


def test_each_mode_rounds_as_by_hand():
    """Every mode of the table, below and above zero, at ties and beside them."""
    assert BY_HAND == {mode: tuple(map(MODES[mode], VALUES)) for mode in MODES}


def test_each_mode_is_known_by_name_everywhere():
    """The type, the table and the JSON Schema have the same names in the same order."""
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    named = schema["$defs"]["Rounding"]["properties"]["mode"]["enum"]
    assert list(get_args(Mode)) == list(MODES) == named


@pytest.mark.parametrize("mode", MODES)
def test_a_column_is_rounded_as_a_number(mode):
    """The expression of a mode returns the same numbers as the mode, for even and odd steps."""
    units = list(range(-70, 71))
    frame = nw.from_native(pl.DataFrame({"x": units}))
    for step in (1, 2, 3, 10, 20):
        to = Fraction(step, 10)
        made = to_multiple(Units(expr=nw.col("x"), den=10, low=-70, high=70), to, mode)
        found = [Fraction(n, made.den) for n in frame.select(made.expr.alias("x"))["x"].to_list()]
        assert [round_to(Fraction(n, 10), to, mode) for n in units] == found


@given(st.integers(-10_000, 10_000), st.sampled_from([0, 1, 2]), st.sampled_from(OF_DECIMAL))
def test_rounding_is_that_of_the_standard_library(thousandths, places, mode):
    """For decimal grids the standard library's decimal is the oracle."""
    unit = Decimal(1).scaleb(-places)
    value = Decimal(thousandths) / 1000
    expected = value.quantize(unit, rounding=f"ROUND_{mode.upper()}")
    assert expected == round_to(Fraction(thousandths, 1000), Fraction(unit), mode)


@given(numbers, steps, st.sampled_from(sorted(MODES)))
def test_rounding_lands_on_the_grid_within_one_step(value, step, mode):
    """A rounded number is a multiple of the step, less than a step away, and stays there."""
    rounded = round_to(value, step, mode)
    assert multiple(rounded, step)
    assert abs(Fraction(rounded) - Fraction(value)) < step
    assert rounded == round_to(rounded, step, mode)
    if MODES[mode].moves == "tie":
        assert abs(Fraction(rounded) - Fraction(value)) <= Fraction(step) / 2
