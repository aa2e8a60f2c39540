"""Dataframes of a ruleset whose inputs are gathered: a table does not gather, and says so."""

from __future__ import annotations

import polars as pl
import pytest

from kpirules import FrameError, evaluate_frame, loads


RULES = """
schema = 1
id = "shop"
period = "month"
criterion = [{ id = "work", weight = 100 }]
inputs.place = { type = "count", label = "Place", cohort = { rank = "total", ties = "best" } }
inputs.past = { type = "number", many = true, range = "0..100", history = { take = "total", window = 2 } }
outcome.bonus = { formula = "60 - 10 * place" }
outcome.items = { formula = "count(past)" }
"""


@pytest.fixture(scope="module")
def rubric():
    """Give a ruleset with a place and a history."""
    return loads(RULES)


@pytest.mark.parametrize("backend", ["polars", "lazy", "pandas", "pyarrow", "duckdb"])
def test_a_frame_without_the_columns_is_refused_with_the_source_of_the_values(rubric, backend):
    """On every backend, before a row is scored."""
    table = pl.DataFrame({"work": [84]})
    if backend == "duckdb":
        frame = pytest.importorskip("duckdb").from_arrow(table.to_arrow())
    else:
        frame = {
            "polars": lambda: table,
            "lazy": table.lazy,
            "pandas": table.to_pandas,
            "pyarrow": table.to_arrow,
        }[backend]()
    with pytest.raises(FrameError) as caught:
        evaluate_frame(rubric, frame)
    assert [
        "place: has no column (Place): it is gathered from all records (place by total);"
        " evaluate them together, or add the column",
        "past: has no column: it comes from earlier results (total by period, the 2 before this"
        " period); gather it from them, or add the column",
    ] == [str(problem) for problem in caught.value.problems]
    assert "请一起考核" in caught.value.text("zh")


def test_a_row_without_the_value_is_rejected_with_its_source(rubric):
    """A row with it is scored."""
    frame = pl.DataFrame({"work": [84, 84], "place": [None, 1], "past": ["70", "70;80"]})
    made = evaluate_frame(rubric, frame, on_error="column")
    assert made["error"][0].startswith("place: is missing: it is gathered from all records")
    assert (None, 50) == (made["error"][1], made["outcome.bonus"][1])
