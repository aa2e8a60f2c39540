"""Frames whose columns have percentages as texts."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kpirules import evaluate_frame, loads
from kpirules.errors import FrameError


RULES = """schema = 1
id = "x"
total.range = "any"
[inputs.rate]
type = "number"
unit = "%"
range = "-1000..1000"
[[criterion]]
id = "a"
weight = 100
range = "any"
formula = "rate"
"""
LISTS = RULES.replace('unit = "%"', 'unit = "%"\nmany = true').replace('"rate"', '"max(rate)"')


@pytest.fixture(scope="module")
def rubric():
    """A rubric of one rate."""
    return loads(RULES)


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"rate": ["95%", "0.95", "95"]}),
        pl.DataFrame({"rate": ["0.95", "95%", None]}, schema={"rate": pl.Categorical}),
        pd.DataFrame({"rate": ["95 %", 0.95, None]}),
        pd.DataFrame({"rate": pd.Categorical(["95%", "0.95"])}),
        pa.table({"rate": ["n/a", "0.95", "９５％"]}),
    ],
)
@pytest.mark.parametrize("on_error", ["column", "raise"])
def test_a_column_does_not_have_two_readings(rubric, frame, on_error):
    """A share beside percents is an error of the frame."""
    message = r"rate: holds 0\.95 beside percents such as '.*', which is ambiguous; write 95% or"
    with pytest.raises(FrameError, match=message):
        evaluate_frame(rubric, frame, on_error=on_error)


@pytest.mark.parametrize("cells", [["95%", "11"], ["0.95", "95"], ["0.95%", "-5%"], ["95%", "0"]])
def test_clear_percentages_are_numbers(rubric, cells):
    """With or without a sign."""
    made = evaluate_frame(rubric, pl.DataFrame({"rate": cells}))["total"].to_list()
    assert [Decimal(cell.removesuffix("%")) for cell in cells] == made


def test_items_of_lists_are_examined():
    """Lists of texts, and of texts and numbers."""
    for frame in (
        pl.DataFrame({"rate": [["95%"], ["0.95"]]}),
        pd.DataFrame({"rate": [["95%", 0.95]]}),
        pl.DataFrame({"rate": ["95%;0.95"]}),
    ):
        with pytest.raises(FrameError, match=r"rate: holds 0\.95 beside percents"):
            evaluate_frame(loads(LISTS), frame)


def test_a_lazy_frame_is_scored_without_a_look_at_its_rows(rubric):
    """Each text is what it is alone."""
    made = evaluate_frame(rubric, pl.LazyFrame({"rate": ["95%", "0.95"]})).collect()
    assert [Decimal(95), Decimal("0.95")] == made["total"].to_list()
