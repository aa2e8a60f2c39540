"""Each part of the language over columns, one by one: what expressions can represent, and what not."""

from __future__ import annotations

from fractions import Fraction

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kpirules import evaluate_frame, loads
from kpirules.codegen.fixed_point import Units, constant, times, to_multiple
from kpirules.dataframe import execute
from kpirules.errors import FrameError, RowsError
from tests import tabling
from tests.dataframe.test_dataframe import GOOD


KINDS = ("polars", "pyarrow", "polars, lazy", "DuckDB")
HEAD = 'schema = 1\nid = "r"\n'
ITEM = '[[criterion]]\nid = "part"\nweight = 100\n'
TIERS = "".join(
    f'[[tier]]\nid = "{name}"\ntotal = "{span}"\n'
    for name, span in (("low", "< 40"), ("mid", "40 .. < 80"), ("high", ">= 80"))
)

#: rubrics, and the columns of records that reach all of their parts
CASES = {
    "defaults of every type": (
        '[inputs.a]\ntype = "choice"\noptions = ["x", "y"]\ndefault = "x"\n'
        '[inputs.b]\ntype = "flag"\ndefault = true\n[inputs.c]\ntype = "number"\nstep = 5\ndefault = 5\n'
        '[inputs.d]\ntype = "flag"\ndefault = false\n'
        '[[criterion]]\nid = "part"\nweight = 100\nbands = [{ when = { a = "x", b = true }, points = 100 }, '
        '{ when = "otherwise", points = 50 }]\n'
        '[[adjust]]\nid = "extra"\nformula = "0 - c"\n'
        '[[adjust]]\nid = "more"\nbands = [{ when = { d = true }, points = -1 }, { when = "otherwise", points = 0 }]\n'
        '[total]\nclamp = "0..100"\n',
        {"a": ["x", "y", None, "z"], "b": [True, False, None, None], "c": [5, 7, None, 10]},
    ),
    "gates of every kind": (
        ITEM + TIERS + '[inputs.n]\ntype = "count"\n'
        '[[gate]]\nwhen = { n = 9 }\nrefuse = true\nreason = "nine"\n'
        '[[gate]]\nwhen = { n = 8 }\nrefuse = true\nmissing = "skip"\n'
        '[[gate]]\nwhen = { n = 1 }\ntier_at_least = "mid"\n'
        '[[gate]]\nwhen = { n = 2 }\ntier_at_most = "mid"\n'
        '[[gate]]\nwhen = { n = 3 }\ntotal_at_most = 50\n'
        '[[gate]]\nwhen = { n = 4 }\ntotal_at_least = 60\n'
        '[[gate]]\nwhen = { n = 5 }\ndemote = 1\n'
        '[[gate]]\nwhen = { n = 6, tier = ["low", "mid"] }\nunratable = true\n',
        {"n": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, None], "part": [90, 10, 95, 90, 5, 90, 50, 1, 1, 1, 1]},
    ),
    "texts that follow from texts": (
        ITEM + '[inputs.kind]\ntype = "choice"\noptions = ['
        + ", ".join(f'"k{i}"' for i in range(12)) + ']\n'
        '[derive.group]\nbands = [{ when = { kind = ["k1", "k2"] }, value = "first" }, '
        '{ when = { kind = "missing" }, value = "none" }, { when = "otherwise", value = "rest" }]\n'
        '[outcome.said]\nof = "group"\nbands = [{ when = ["first", "none"], value = "yes" }, '
        '{ when = "rest", value = 2.5 }]\n',
        {"kind": ["k1", "k11", None, "k2"], "part": [1, 2, 3, 4]},
    ),
    "weightless, and out of every record": (
        "weights_total = 100\n" + ITEM + '[[criterion]]\nid = "idle"\nweight = 0\nscale = 10\n'
        '[outcome.seen]\nof = "points.idle"\nbands = [{ when = "missing", value = 0 }, { when = "any", value = 1 }]\n',
        {"part": [1, 2], "idle": [5, 77]},
    ),
    "a section of which nothing counts": (
        '[[section]]\nid = "a"\nweight = 100\n[[section.criterion]]\nid = "part"\nweight = 100\n'
        '[[section]]\nid = "b"\nweight = 0\n[[section.criterion]]\nid = "idle"\nweight = 0\nscale = 10\n',
        {"part": [1, 2]},
    ),
    "raters and facts that must agree": (
        "step = 0.5\n[raters]\nself = 25\nlead = 75\n" '[inputs.n]\ntype = "count"\n'
        '[[criterion]]\nid = "part"\nweight = 100\nscale = 10\nbands = ['
        '{ when = { n = 0 }, points = "6..10" }, { when = { n = ">= 1" }, points = "0..5" }]\n',
        {"n": [0, 1, None, 1], "part.self": [7, 1, 6, 9], "part.lead": [8, 5, 6.5, 2]},
    ),
    "numbers that are finer inside than out": (
        '[inputs.n]\ntype = "number"\nrange = "0..100"\n'
        '[[criterion]]\nid = "part"\nweight = 100\nformula = "n / 3 * 0 + floor(n / 7) + ceil(n / 7) * 0"\n'
        'round = { to = 1, mode = "half_even" }\nrange = "0..100"\n',
        {"n": [0, 7.25, 99.5, 13.0]},
    ),
    "defaults without a column": (
        '[inputs.a]\ntype = "choice"\noptions = ["x", "y"]\ndefault = "x"\n'
        '[inputs.b]\ntype = "flag"\ndefault = true\n[inputs.c]\ntype = "count"\ndefault = 3\n'
        '[[criterion]]\nid = "part"\nweight = 100\nbands = [{ when = { a = "x", b = true, c = 3 }, points = 100 }, '
        '{ when = "otherwise", points = 50 }]\n[[criterion]]\nid = "more"\nscored = false\nrange = "0..5"\n'
        '[derive.d]\nformula = "c + 1"\n[outcome.x]\nformula = "d * 2"\n',
        {"more": [1, None]},
    ),
    "a formula over what is out of every record": (
        "weights_total = 100\n" + ITEM + '[[criterion]]\nid = "idle"\nweight = 0\nscale = 10\n'
        '[outcome.seen]\nformula = "points.idle + 1"\nmissing = "skip"\n',
        {"part": [1, 2]},
    ),
    "points that stand in": (
        ITEM + 'missing = "zero"\n[inputs.c]\ntype = "count"\n[derive.d]\nformula = "c + 1"\n'
        '[outcome.x]\nof = "d"\nbands = [{ when = "< 2", value = 1 }, { when = ">= 2", value = 2 }]\n',
        {"c": [0, 1]},
    ),
    "a table by two facts": (
        '[inputs.kind]\ntype = "choice"\noptions = ["x", "y", "z"]\n[inputs.b]\ntype = "flag"\n'
        '[inputs.n]\ntype = "count"\n[[criterion]]\nid = "line"\nweight = 100\nof = "kind"\nacross = "b"\n'
        'bands = [{ when = "x", points = { true = 28, false = 30, missing = 1 } }, '
        '{ when = "y", points = { true = "0..10", otherwise = 20, missing = 7 } }, { when = "z", points = 5 }]\n'
        '[outcome.word]\nof = "kind"\nacross = "n"\n'
        'bands = [{ when = ["x", "y"], value = { "0..5" = "A", otherwise = "B" } }, { when = "otherwise", value = "C" }]\n'
        '[outcome.far]\nof = "kind"\nacross = "n"\n'
        'bands = [{ when = "x", formula = { 0 = "1", otherwise = "2 * n" } }, { when = "otherwise", value = 0 }]\n',
        {"kind": ["x", "y", "y", "z", "x", "y"], "b": [True, False, True, None, None, None],
         "n": [0, 6, 5, 1, 9, 2], "line": [None, None, 4, None, None, None]},
    ),
    "curves": (
        '[inputs.n]\ntype = "number"\nrange = "-20..20"\nstep = 0.5\n'
        '[curves.near]\npoints = [[-4, 0], [0, 40], [8, 100]]\n'
        '[curves.far]\npoints = [[-4, 5], [0, 40], [8, 20]]\nbeyond = "straight"\n'
        '[[criterion]]\nid = "line"\nweight = 100\nformula = "curve(n, near)"\n'
        '[outcome.x]\nformula = "curve(n, far) + curve(total, near)"\n',
        {"n": [-20, -4, -0.5, 0, 7.5, 8, 20]},
    ),
    "a capped section": (
        '[[section]]\nid = "a"\nweight = 30\ncap = true\nround = { to = 0.5, mode = "half_up" }\n'
        'criterion = [{ id = "line", weight = 20, scale = 7 }, { id = "more", weight = 20 }]\n'
        '[[section]]\nid = "b"\nweight = 70\ncap = true\ncriterion = [{ id = "rest", weight = 80 }]\n',
        {"line": [7, 3, 0], "more": [20, 3, 11], "rest": [80, 60, 70]},
    ),
    "lists, told by the part": (
        '[inputs.n]\ntype = "count"\nmany = true\n[[criterion]]\nid = "part"\nweight = 100\n'
        'formula = "min(sum(n), 100)"\n',
        {"n": ["1;2", "", "200"]},
    ),
    "items that match, told by the part": (
        '[inputs.n]\ntype = "choice"\noptions = { a = "Good", f = "Failed" }\nmany = true\n'
        '[inputs.m]\ntype = "flag"\nmany = true\n[inputs.k]\ntype = "number"\nmany = true\n'
        '[derive.each]\nmany = true\nformula = "k / 3"\n[derive.c]\nof = "each"\ncount = "> 1"\n'
        '[[criterion]]\nid = "part"\nweight = 100\nformula = "min(c, 100)"\n'
        '[outcome.x]\nof = "n"\ncount = "f"\n[outcome.y]\nof = "m"\nrun = true\n',
        {"n": ["a;Failed", "f", "x"], "m": ["1;1;0", "no", "yes"], "k": ["3; 6", "4", "5"]},
    ),
    "powers, and roundings by any mode": (
        '[inputs.n]\ntype = "number"\nrange = "-5..9"\nstep = 0.5\n' + ITEM
        + "[outcome.x]\nformula = \"n ^ 3 - n ^ 2 + n ^ 0 + round(n / 4, 0.5, 'floor')\"\n"
        + "[outcome.y]\nformula = \"round(n, 2, 'up') + round(n / 2, 0.5, 'half_even')\"\n",
        {"part": [1, 2, 3, 4], "n": [-4.5, 0, 2.5, 9]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_each_part_has_the_numbers_of_evaluate(case, kind):
    """Row by row; only parts that a database cannot express exactly are rejected, by name."""
    text, columns = CASES[case]
    rubric = loads(HEAD + text)
    count = len(next(iter(columns.values())))
    rows = pa.table({"row": pa.array(range(count)), **columns})
    try:
        made = tabling.scored(rubric, {**tabling.EAGER, **tabling.LAZY}[kind](rows))
    except FrameError as error:
        assert ("DuckDB", True) == (kind, "told by the part" in case)
        assert "n is a list: DuckDB cannot say that exactly" in str(error)
        return
    scored, _ = tabling.rows_of(made)
    assert [] == tabling.differences(rubric, rows, scored)


CANNOT = {
    "many is a list": ITEM + '[inputs.many]\ntype = "number"\nmany = true\n[outcome.x]\nformula = "sum(many)"\n',
    "rounds to what differs": '[inputs.n]\ntype = "number"\nrange = "1..2"\n' + ITEM + '[outcome.x]\nformula = "round(1, n)"\n',
    "divides by what differs": '[inputs.n]\ntype = "number"\nrange = "1..2"\n' + ITEM + '[outcome.x]\nformula = "1 / n"\n',
    "no exact expression": '[inputs.n]\ntype = "number"\nrange = "1..2"\n' + ITEM + '[outcome.x]\nformula = "root(n, 0.1)"\n',
    "first value that a row has": '[inputs.n]\ntype = "number"\nrange = "1..2"\n' + ITEM + '[outcome.x]\nformula = "given(n, 1)"\n',
    "have defaults": '[inputs.n]\ntype = "count"\ndefault = 1\n[derive.m]\nformula = "n + 1"\n'
    '[[criterion]]\nid = "part"\nweight = 100\nof = "m"\nbands = [{ when = "< 3", points = 100 }, { when = ">= 3", points = 0 }]\n',
    "no decimal is equal to": 'weights_total = 3\n[[criterion]]\nid = "part"\nweight = 1\nscale = 1\n[[criterion]]\nid = "other"\nweight = 2\nscale = 1\n',
    "others leave out": ITEM + '[inputs.n]\ntype = "count"\n[outcome.x]\nformula = "n"\nmissing = "skip"\n'
    '[outcome.y]\nof = "outcome.x"\nbands = [{ when = "missing", value = 0 }, { when = ">= 0", value = 1 }]\n',
    "mixes texts with numbers": ITEM + '[inputs.n]\ntype = "count"\n[outcome.x]\nbands = [{ when = { n = 0 }, value = "none" }, { when = { n = ">= 1" }, formula = "n" }]\n',
    "too large": '[inputs.n]\ntype = "number"\n' + ITEM + '[outcome.x]\nformula = "n * n * n"\n',
    "more than 18 digits": '[inputs.n]\ntype = "number"\n' + ITEM + '[outcome.x]\nformula = "n * 1000.5"\n',
    "scales the others up": 'weights_total = 3\n[[criterion]]\nid = "part"\nweight = 1\nscale = 1\nmissing = "exclude"\n[[criterion]]\nid = "other"\nweight = 2\nscale = 1\n',
    "others up": ITEM + 'missing = "exclude"\n',
    "enough criteria": ITEM + '[[criterion]]\nid = "other"\nweight = 0\nscale = 1\n[total]\nminimum_scored = 2\n',
    "some raters": "[raters]\na = 1\nb = 1\n" + ITEM + "missing = 3\n",
    "for each record": '[inputs.w]\ntype = "count"\nrange = "0..100"\n' + ITEM.replace("100", '"w"') + "scale = 10\n",
}  # fmt: skip


@pytest.mark.parametrize("reason", CANNOT)
def test_what_a_database_cannot_say_is_refused_by_its_part(reason):
    """In memory it is scored record by record, also from a lazy frame of polars."""
    rubric = loads(HEAD + CANNOT[reason])
    frame = pl.DataFrame(
        {"row": [0, 1], "n": [1, 2], "part": [1, 0], "other": [1, 0], "w": [100, 100],
         "many": ["1;2", "3"], "part.a": [3, 4], "part.b": [5, None]}
    )  # fmt: skip
    names = {name.partition(".")[0] for name in ("n", "part", "other", "w", "many")}
    known = {i.name for i in rubric.inputs} | {c.id for c in rubric.all_criteria}
    frame = frame.drop([n for n in names if n not in known] + (["part"] if rubric.raters else []))
    frame = frame if rubric.raters else frame.drop("part.a", "part.b")
    table = frame.to_arrow()
    with pytest.raises(FrameError, match=f"{reason}.*: DuckDB cannot say that exactly"):
        evaluate_frame(rubric, duckdb.connect().from_arrow(table))
    for each in (frame, frame.lazy()):
        scored, _ = tabling.rows_of(evaluate_frame(rubric, each, on_error="column"))
        assert [] == tabling.differences(rubric, table, scored)


def test_a_result_that_its_column_cannot_hold_is_refused():
    """A number with more digits than a decimal of the column is reported, never truncated."""
    rubric = loads(
        HEAD + '[inputs.n]\ntype = "number"\n' + ITEM + '[outcome.x]\nformula = "n / 2"\n'
    )
    frame = pl.DataFrame({"part": ["1"], "n": ["0.12345678901"]})
    made = evaluate_frame(rubric, frame, on_error="column")
    assert "result: is 0.061728394505, which the column cannot hold" == made["error"][0]
    with pytest.raises(RowsError, match="which the column cannot hold"):
        evaluate_frame(rubric, frame)


def test_many_refused_rows_are_not_all_looked_at():
    """Ten are reported."""
    frame = pl.DataFrame([{**GOOD, "skill": 2}] * 50)
    with pytest.raises(RowsError) as caught:
        evaluate_frame("customer-service", frame)
    assert 10 == len(caught.value.first)


def test_a_frame_of_another_library_is_told(monkeypatch):
    """Narwhals supports more libraries than are tested here; its own frames are scored as their content."""
    frame = nw.from_native(pl.DataFrame([GOOD]).lazy())
    made = evaluate_frame("customer-service", frame)
    assert isinstance(made, nw.LazyFrame)
    assert [84] == made.collect()["total"].to_list()
    monkeypatch.setattr(execute, "_BACKENDS", {})
    with pytest.raises(FrameError, match="frames of polars are not scored"):
        evaluate_frame("customer-service", frame)


def test_a_rubric_without_any_input_is_scored():
    """A pandas frame of which no column is read."""
    rubric = loads(HEAD + "[outcome.x]\nvalue = 3\n")
    made = evaluate_frame(rubric, pd.DataFrame({"name": ["a", "b"]}), on_error="column")
    assert [3, 3] == [int(v) for v in made["outcome.x"]]


def test_options_in_categories_are_read():
    """As texts."""
    frame = pl.DataFrame([GOOD, {**GOOD, "duty": "x"}]).with_columns(
        pl.col("duty").cast(pl.Categorical)
    )
    made = evaluate_frame("customer-service", frame, on_error="column")
    assert [84, None] == made["total"].to_list()


def test_records_of_which_no_column_is_read_are_scored():
    """Record by record, if expressions cannot represent the rubric."""
    rubric = loads(HEAD + '[outcome.x]\nformula = "1 / 3"\n')
    made = evaluate_frame(rubric, pl.DataFrame({"name": ["a", "b"]}), on_error="column")
    assert ["1/3", "1/3"] == made["outcome.x.exact"].to_list()


def test_expressions_are_made_once_for_a_kind_of_frame(monkeypatch):
    """The cache is bounded."""
    monkeypatch.setattr(execute, "_MAX_KINDS", 1)
    for dtype in (pl.Int8, pl.Int64, pl.Int8):
        frame = pl.DataFrame([GOOD]).with_columns(pl.col("skill").cast(dtype))
        assert [84] == evaluate_frame("customer-service", frame)["total"].to_list()


def test_units_grow_no_finer_by_rounding():
    """A value rounded to tenths is counted in tenths; above 2^53, where some backends divide floats, it is unchanged."""
    frame = nw.from_native(pl.DataFrame({"x": [149, -150]}))
    tenth = Fraction(1, 10)
    small = to_multiple(Units(expr=nw.col("x"), den=1000, low=-200, high=200), tenth, "half_up")
    assert (10, [1, -2]) == (small.den, frame.select(small.expr)["x"].to_list())
    wide = to_multiple(Units(expr=nw.col("x"), den=1000, low=0, high=2**60), tenth, "half_up")
    assert (1000, [100, -200]) == (wide.den, frame.select(wide.expr)["x"].to_list())
    assert 0 == times(small, constant(0)).only
