"""Columns of texts that are all plain numbers are evaluated as numbers, and told as they are written."""

from __future__ import annotations

import narwhals as nw
import polars as pl
import pytest

from kpirules import evaluate_frame, load
from kpirules.dataframe import text_columns
from tests.shipped import RECORD as GOOD


def types(*cells):
    """Return the type of a column of texts, with its values, as it is evaluated."""
    frame = nw.from_native(pl.DataFrame({"n": pl.Series(cells, dtype=pl.String)}), eager_only=True)
    column = text_columns.with_numbers(frame, ["n"]).to_native()["n"]
    return str(column.dtype), column.to_list()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", "-20", "0"], ("Int64", [1, -20, 0])),
        (["1", "", "n/a", "N/A", None], ("Int64", [1, None, None, None, None])),
        (["9223372036854775807"], ("Int64", [2**63 - 1])),
        ([], ("Int64", [])),
        (["1", "2.50", ""], ("Float64", [1.0, 2.5, None])),
        (["007", "-0"], ("Float64", [7.0, 0.0])),
        # as they are: blanks, signs, exponents, other digits, more digits than a float holds
        *(
            (["1", cell], ("String", ["1", cell]))
            for cell in (
                " 1",
                " ",
                "+1",
                "1e3",
                "1_0",
                "\uff11",
                "1.",
                ".5",
                "x",
                "95%",
                "0.12345678",
            )
        ),
        (["9223372036854775808"], ("String", ["9223372036854775808"])),
    ],
)
def test_texts_that_are_plain_numbers_become_numbers(cells, numbers):
    """A column in which each text is a plain number or missing; any other stays as it is."""
    assert numbers == types(*cells)


def test_columns_without_texts_and_other_libraries_are_left():
    """Only texts of polars are converted."""
    frame = nw.from_native(pl.DataFrame({"n": [1]}), eager_only=True)
    assert frame is text_columns.with_numbers(frame, ["n"])
    table = nw.from_native(pl.DataFrame({"n": ["1"]}).to_arrow(), eager_only=True)
    assert table is text_columns.with_numbers(table, ["n"])


def test_a_rejected_text_is_told_as_a_text():
    """The column is evaluated as whole numbers; the problem has the cell as it is written."""
    rubric = load("customer-service")
    frame = pl.DataFrame([GOOD, {**GOOD, "skill": 2}]).cast(pl.String)
    made = evaluate_frame(rubric, frame, on_error="column")
    assert [
        None,
        "skill = '2': is not an allowed rating; allowed: 0, 1, 3 to 10",
    ] == made["error"].to_list()
    assert made.select(frame.columns).equals(frame)
