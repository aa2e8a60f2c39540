"""Rows with the same problems are evaluated once: each has the problems that ``evaluate`` reports."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, evaluate, evaluate_frame, load, loads
from kpirules.dataframe import row_fallback, row_groups
from kpirules.dataframe.row_groups import Groups
from kpirules.diagnostics.problem import json_of, text_of
from kpirules.testing import rubrics
from tests import tabling
from tests.drawing import share
from tests.shipped import RECORD as GOOD


COLUMNS = ("error", "problems")
#: conditions on several values: a gate, a range of points, raters who must agree, what is missing
CONDITIONS = (
    'schema = 1\nid = "r"\n[inputs.n]\ntype = "number"\nrange = "0..100"\n'
    '[inputs.m]\ntype = "number"\nrange = "0..100"\n[inputs.k]\ntype = "count"\n'
    '[[criterion]]\nid = "part"\nweight = 50\n[[criterion]]\nid = "rest"\nweight = 50\n'
    'formula = "n + m"\nclamp = "0..50"\n'
    '[[gate]]\nwhen = { n = "> 50", k = "> 1" }\nrefuse = true\n'
    '[[gate]]\nwhen = { m = "> 90" }\nrefuse = true\nmissing = "skip"\n'
    '[outcome.extra]\nformula = "n - k"\nmissing = "skip"\n'
)


def alone(monkeypatch, rubric, frame):
    """Score a frame whose rows are evaluated one by one."""
    with monkeypatch.context() as patch:
        patch.setattr(row_groups, "groups", lambda _, flags, __: Groups(range(len(flags))))
        return tabling.scored(rubric, frame)


def crossed(table, picks):
    """Return a table whose rows take each cell from some row of another."""
    columns = {
        name: table[name].take(pa.array([row[i] % len(table) for row in picks]))
        for i, name in enumerate(table.column_names)
    }
    return pa.table(columns)


@pytest.mark.parametrize("kind", tabling.EAGER)
@share(1 / 10)
@given(data=st.data())
def test_a_row_has_the_same_problems_in_every_frame(kind, data):
    """Random rubrics, rows of mixed cells: the same as if each row were evaluated."""
    rubric = data.draw(rubrics())
    rows = data.draw(tabling.tables(rubric))
    picks = st.lists(st.integers(0, 3), min_size=rows.num_columns, max_size=rows.num_columns)
    frame = tabling.EAGER[kind](crossed(rows, data.draw(st.lists(picks, min_size=1, max_size=40))))
    made, _ = tabling.rows_of(tabling.scored(rubric, frame))
    with pytest.MonkeyPatch.context() as patch:
        want, _ = tabling.rows_of(alone(patch, rubric, frame))
    assert want == made


def frame_of(**columns):
    """Return a table of good records, with other columns in place of theirs."""
    (length,) = {len(column) for column in columns.values()}
    good = {name: pl.Series([value] * length) for name, value in GOOD.items()}
    return pl.DataFrame({**good, **columns})


def evaluated(monkeypatch, frame, rubric):
    """Score a frame; return its columns of problems, and the records that were evaluated."""
    records = []

    def score(job, pairs):
        pairs = list(pairs)
        records.extend(record for _, record in pairs)
        return scored(job, pairs)

    scored = row_fallback.scored
    with monkeypatch.context() as patch:
        patch.setattr(row_fallback, "scored", score)
        made = evaluate_frame(rubric, frame, on_error="column")
    return made, records


def test_rows_with_the_same_problems_are_evaluated_once(monkeypatch):
    """300 rows with one of 3 faults: 3 records are evaluated; 2 faults of a row are told together."""
    rubric = load("customer-service")
    frame = frame_of(
        late=pl.int_range(300, eager=True),
        skill=pl.Series([2, 9, None] * 100),
        manner=pl.Series([9, 9, 5] * 100),
    )
    made, records = evaluated(monkeypatch, frame, rubric)
    told = made["error"].to_list()
    assert 3 == len(records)
    assert told[:3] * 100 == told
    assert [
        "skill = 2: is not an allowed rating; allowed: 0, 1, 3 to 10; "
        "manner = 9: is not an allowed rating; allowed: 0, 1, 3 to 5",
        "manner = 9: is not an allowed rating; allowed: 0, 1, 3 to 5",
        "skill: is missing; allowed: 0, 1, 3 to 10",
    ] == told[:3]


def test_remarks_distinguish_rows_only_if_they_are_too_long(monkeypatch):
    """Rows with the same fault and other remarks are evaluated once; a remark may be a fault."""
    rubric = loads(
        'schema = 1\nid = "r"\n[[criterion]]\nid = "part"\nweight = 100\n'
        '[[criterion]]\nid = "note"\nscored = false\n'
    )
    notes = ["a", "b", "c" * 2_001, None]
    frame = pl.DataFrame({"part": [101, 101, 50, None], "note": notes})
    made, records = evaluated(monkeypatch, frame, rubric)
    assert 3 == len(records)
    assert [told(rubric, row) for row in frame.to_dicts()][:3] == made.select(COLUMNS).rows()[:3]


def test_values_by_which_a_condition_fails_distinguish_rows(monkeypatch):
    """A gate on two inputs: rows that it rejects are told their own values, all others alike."""
    rubric = loads(CONDITIONS)
    n, k = [60, 60, 70, 10, 60], [2, 2, 2, 2, 0]
    frame = pl.DataFrame({"n": n, "m": [5] * 5, "k": k, "part": [10, 20, 30, 99, 99]})
    made, records = evaluated(monkeypatch, frame, rubric)
    wrong = "part = 99: is not an allowed rating; allowed: 0 to 50"
    gate = "n = {}: is rejected where n > 50, k > 1"
    assert [gate.format(60), gate.format(60), gate.format(70), wrong, wrong] == [
        text.split(" (")[0] for text in made["error"]
    ]
    assert 3 == len(records)


@pytest.mark.parametrize(
    ("name", "cells", "records"),
    [
        # NaN is one value; 0.0 and -0.0 are two
        ("n", pl.Series([float("nan"), float("nan"), -1.5, -1.5, 1e300]), 3),
        ("n", pl.Series(["x", "x", "", None, "n/a"]), 4),
        ("n", pl.Series([Decimal("-1.0"), Decimal("-1.0"), Decimal("-1.5"), None, None]), 2),
        # allowed, though no expression reads it: such rows are scored one by one
        ("n", pl.Series(["\uff11", "\uff11", "x", "x", "x"]), 3),
        ("k", pl.Series([-1, -1, -2, 1, 1]), 1),
    ],
)
def test_faults_are_told_together_that_differ_in_the_value_only(monkeypatch, name, cells, records):
    """A fault by its type and digits: as ``evaluate`` tells it, once for all of the same reason."""
    rubric = loads(CONDITIONS)
    frame = pl.DataFrame({"n": [1] * 5, "m": [1] * 5, "k": [1] * 5, "part": [1, 2, 3, 4, 5]})
    frame = frame.with_columns(cells.alias(name))
    made, evaluated_records = evaluated(monkeypatch, frame, rubric)
    assert records == len(evaluated_records)
    rows = frame.to_dicts()
    assert [told(rubric, row) for row in rows] == made.select(COLUMNS).rows()


def test_the_other_rows_of_a_group_without_problems_are_evaluated_too(monkeypatch):
    """If the first row of a group is not rejected, each row has its own numbers or problems."""
    rubric = loads(CONDITIONS)
    cells = ["\uff11", "\uff12", "x"]
    frame = pl.DataFrame({"n": cells, "m": [1] * 3, "k": [1] * 3, "part": [1] * 3})
    monkeypatch.setattr(row_groups, "groups", lambda _, flags, __: Groups([0] * len(flags)))
    made, records = evaluated(monkeypatch, frame, rubric)
    assert [("1",), ("2",), (None,)] == made.select(
        pl.col("points.rest").cast(pl.Int64).sub(1).cast(pl.String)
    ).rows()
    assert 3 == len(records)


def test_a_column_of_objects_is_told_by_type_and_value(monkeypatch):
    """2, "2" and 2.0 are told by one evaluation, each as it is; a number of NumPy by its own."""
    rubric = load("customer-service")
    cells = [2, "2", 2.0, 2, "2", Decimal(2), np.int64(2), np.int64(2)]
    frame = frame_of(absent=[0] * len(cells)).to_pandas()
    frame["skill"] = pd.Series(cells, dtype=object)
    made, records = evaluated(monkeypatch, frame, rubric)
    want = [told(rubric, {**GOOD, "skill": cell}) for cell in cells]
    assert want == list(made[list(COLUMNS)].itertuples(index=False, name=None))
    assert 3 == len(records)


def test_rows_whose_result_is_too_long_are_evaluated_one_by_one(monkeypatch):
    """Such a problem depends on values that are allowed."""
    rubric = loads(
        'schema = 1\nid = "r"\n[inputs.n]\ntype = "number"\n[[criterion]]\nid = "part"\nweight = 100\n'
        '[outcome.share]\nformula = "n * 1"\n'
    )
    cells = ["0.00000001", "0.00000001", "0.00000002", "1"]
    frame = pl.DataFrame({"n": cells, "part": [1] * 4})
    made, records = evaluated(monkeypatch, frame, rubric)
    assert 3 == len(records)
    digits = [f"result: is {cell}, which the column cannot hold" for cell in cells[:3]]
    assert [*digits, None] == made["error"].to_list()


def told(rubric, record):
    """Return the problems of a record as the columns have them."""
    try:
        evaluate(rubric, record)
    except InputError as error:
        return text_of(error.problems), json_of(error.problems)
    return None, None
