"""Whole dataframes: exactly the numbers of ``evaluate``, row by row, on every backend."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import evaluate, evaluate_frame, load, loads
from kpirules.errors import FrameError, RowsError
from kpirules.testing import rubrics
from tests import tabling
from tests.drawing import share
from tests.shipped import RECORD as GOOD


KINDS = {**tabling.EAGER, **tabling.LAZY}


@pytest.fixture(scope="module")
def rubric():
    return load("customer-service")


def table(*changes, **columns):
    """Return a table of good records, each with some changes."""
    rows = [{**GOOD, **change} for change in changes]
    made = {name: pa.array([row[name] for row in rows]) for name in GOOD}
    return pa.table({"row": pa.array(range(len(rows)), pa.int64()), **made, **columns})


# ---------------------------------------------------------------- the law


@pytest.mark.parametrize("kind", tabling.EAGER)
@share(1 / 5)
@given(data=st.data())
def test_a_frame_in_memory_has_the_numbers_of_evaluate(kind, data):
    """Random rubrics of the whole language, random records: every row equals ``evaluate``."""
    rubric = data.draw(rubrics())
    rows = data.draw(tabling.tables(rubric))
    scored, _ = tabling.rows_of(tabling.scored(rubric, KINDS[kind](rows)))
    assert [] == tabling.differences(rubric, rows, scored)


@pytest.mark.parametrize("kind", tabling.LAZY)
@share(1 / 5)
@given(data=st.data())
def test_a_lazy_frame_has_the_numbers_of_evaluate(kind, data):
    """The same for lazy frames; a database may reject a rubric, with the name of the part."""
    rubric = data.draw(rubrics())
    rows = data.draw(tabling.tables(rubric))
    try:
        made = tabling.scored(rubric, KINDS[kind](rows))
    except FrameError as error:
        assert kind == "DuckDB"
        assert "DuckDB cannot say that exactly" in str(error)
        return
    scored, _ = tabling.rows_of(made)
    assert [] == tabling.differences(rubric, rows, scored)


@pytest.mark.parametrize("kind", KINDS)
def test_every_float_of_two_decimals_is_taken(kind):
    """A column of all of them, none missing: 0.07, 0.57, 1.1 and all others equal their decimals."""
    rubric = loads(
        """
schema = 1
id = "cents"
full_marks = 1
step = 0.01
[inputs.paid]
type = "number"
range = "0..100"
step = 0.01
[[criterion]]
id = "share"
formula = "paid / 100"
weight = 1
[[example]]
name = "all"
ratings = { paid = 100 }
expect = { total = 1 }
"""
    )
    rows = pa.table({"paid": pa.array([n / 100 for n in range(10_001)], pa.float64())})
    for table in (rows, rows.slice(7, 1)):
        made, _ = tabling.rows_of(evaluate_frame(rubric, KINDS[kind](table), on_error="column"))
        assert [] == [row["paid"] for row in made if row["error"] is not None]


def test_the_added_columns_have_the_same_types_on_every_backend(rubric):
    """Whole numbers are Int64, positions in a table Int16, texts String, on every backend."""
    found = {}
    for kind, make in KINDS.items():
        frame = nw.from_native(evaluate_frame(rubric, make(table({})), on_error="column"))
        schema = frame.collect_schema()
        found[kind] = {n: str(t) for n, t in schema.items() if n not in GOOD and n != "row"}
    assert {"Int64", "Int16", "String"} == {t for types in found.values() for t in types.values()}
    assert all(types == found["polars"] for types in found.values())


DECIMAL = """
schema = 1
id = "halves"
step = 0.5
full_marks = 10
[[criterion]]
id = "skill"
weight = 10
[[tier]]
id = "low"
total = "< 5"
pay = 12.25
[[tier]]
id = "high"
total = ">= 5"
pay = 1000
"""


@pytest.mark.parametrize("kind", KINDS)
def test_decimals_are_decimals(kind):
    """Other numbers are decimals of as many digits as the rubric can give."""
    rows = pa.table({"row": pa.array([0, 1]), "skill": pa.array([4.5, 7.0])})
    scored, schema = tabling.rows_of(evaluate_frame(loads(DECIMAL), KINDS[kind](rows)))
    assert [Decimal("4.5"), Decimal("7.0")] == [row["total"] for row in scored]
    assert [Decimal("12.25"), Decimal("1000.00")] == [row["pay"] for row in scored]
    assert nw.Decimal(18, 1) == schema["total"]
    assert nw.Decimal(18, 2) == schema["pay"]


# ---------------------------------------------------------------- input


@pytest.mark.parametrize("kind", KINDS)
def test_columns_pass_through_and_rows_keep_their_order(kind, rubric):
    """Other columns stay unchanged, in order, before the added ones."""
    rows = table({}, {"skill": 2}, {"late": None}, {"skill": 10}).append_column(
        "name", pa.array(["Li", "Wu", "Ma", "Xu"])
    )
    scored, _ = tabling.rows_of(evaluate_frame(rubric, KINDS[kind](rows), on_error="column"))
    assert ["row", *GOOD, "name", "points.attendance"] == list(scored[0])[:15]
    assert ["Li", "Wu", "Ma", "Xu"] == [row["name"] for row in scored]
    assert [84, None, None, 86] == [row["total"] for row in scored]
    assert [None, False, False, None] == [row["error"] and "NaN" in row["error"] for row in scored]
    assert "skill" in scored[1]["error"]
    assert "late" in scored[2]["error"]


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_the_result_can_be_chosen(kind, rubric):
    """Only these are added, in the order of the result; every row has the values it has with all."""
    rows = table({}, {"skill": 2}, {"late": 2}, {"skill": 10})
    every, _ = tabling.rows_of(evaluate_frame(rubric, KINDS[kind](rows), on_error="column"))
    some, _ = tabling.rows_of(
        evaluate_frame(
            rubric, KINDS[kind](rows), on_error="column", columns=("pay", "total", "points.leave")
        )
    )
    added = ["points.leave", "total", "pay", "error", "problems"]
    assert ["row", *GOOD, *added] == list(some[0])
    assert [[row[name] for name in added] for row in every] == [
        [row[name] for name in added] for row in some
    ]


def test_chosen_columns_must_be_of_the_result(rubric):
    """A name that the result does not have is an error that lists those it has; so is a text."""
    with pytest.raises(ValueError, match=r"columns: late, totl: the result has points.attendance"):
        evaluate_frame(rubric, pl.from_arrow(table({})), columns=["totl", "late", "total"])
    with pytest.raises(ValueError, match="columns is a collection of names, not the text 'total'"):
        evaluate_frame(rubric, pl.from_arrow(table({})), columns="total")
    assert ["row", *GOOD] == evaluate_frame(rubric, pl.from_arrow(table({})), columns=()).columns


def test_columns_can_be_chosen_where_records_are_scored_one_by_one():
    """A rubric with fractions that no decimal has."""
    thirds = loads("""
        schema = 1
        id = "thirds"
        inputs.done = { type = "count", range = "0..3" }
        criterion = [{ id = "work", weight = 100, formula = "100 * done / 3" }]
    """)
    frame = pl.DataFrame({"done": [1, 3]})
    made = evaluate_frame(thirds, frame, columns=["total.exact"])
    assert evaluate_frame(thirds, frame).select("done", "total.exact").equals(made)


@pytest.mark.parametrize("kind", tabling.EAGER)
def test_all_problems_of_a_row_are_told_in_the_words_of_evaluate(kind, rubric):
    """Each with its name, its value and the allowed values."""
    rows = table({"skill": 2, "late": -1, "duty": "met"})
    scored, _ = tabling.rows_of(evaluate_frame(rubric, KINDS[kind](rows), on_error="column"))
    assert (
        "late = -1: is out of range; allowed: a whole number, at least 0; "
        "skill = 2: is not an allowed rating; allowed: 0, 1, 3 to 10"
    ) == scored[0]["error"]


@pytest.mark.parametrize("kind", tabling.LAZY)
def test_a_lazy_frame_tells_all_problems_of_a_row(kind, rubric):
    """Each with its name and the allowed values; the value itself is in the row."""
    rows = table({"skill": 2, "late": -1}, {"duty": None})
    scored, _ = tabling.rows_of(evaluate_frame(rubric, KINDS[kind](rows), on_error="column"))
    assert (
        "late: is not an allowed value; allowed: a whole number, at least 0; "
        "skill: is not an allowed value; allowed: 0, 1, 3 to 10"
    ) == scored[0]["error"]
    assert scored[1]["error"].startswith("duty: is missing; allowed: one of met")


@pytest.mark.parametrize("kind", tabling.EAGER)
def test_refused_rows_raise(kind, rubric):
    """The first of them are listed, with their problems."""
    rows = table({}, {"skill": 2})
    with pytest.raises(RowsError) as caught:
        evaluate_frame(rubric, KINDS[kind](rows))
    assert [1] == [row for row, _ in caught.value.first]
    assert "row 1: skill = 2: is not an allowed rating; allowed: 0, 1, 3 to 10" in str(caught.value)


def test_a_lazy_frame_raises_where_it_is_computed(rubric):
    """The error of its own library contains the problems; no row is silently null."""
    bad = table({}, {"skill": 2})
    made = evaluate_frame(rubric, pl.from_arrow(bad).lazy())
    with pytest.raises(pl.exceptions.PolarsError, match="skill: is not an allowed value"):
        made.collect()
    made = evaluate_frame(rubric, pl.from_arrow(bad).lazy())
    with pytest.raises(pl.exceptions.PolarsError, match="skill: is not an allowed value"):
        made.select("tier").collect()
    relation = evaluate_frame(rubric, duckdb.connect().from_arrow(bad))
    with pytest.raises(duckdb.Error, match="skill: is not an allowed value"):
        relation.fetchall()


def test_floats_mean_their_shortest_spelling():
    """0.3 is three tenths, also in 32 bits; numbers that are not multiples of the step are rejected."""
    rubric = loads(DECIMAL.replace("0.5", "0.1"))
    values = [0.3, 0.1 + 0.2, float("nan"), float("inf"), -0.0]
    frame = pl.DataFrame({"skill": values})
    made = evaluate_frame(rubric, frame, on_error="column")
    assert [Decimal("0.3"), None, None, None, Decimal("0.0")] == made["total"].to_list()
    short = frame.with_columns(pl.col("skill").cast(pl.Float32))
    made = evaluate_frame(rubric, short, on_error="column")
    assert [Decimal("0.3"), Decimal("0.3"), None, None, Decimal("0.0")] == made["total"].to_list()


@pytest.mark.parametrize(
    "dtype",
    [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64,
     pl.Float32, pl.Float64, pl.Decimal(18, 3), pl.String, pl.Categorical, pl.Enum(["8", "9"])],
)  # fmt: skip
def test_numbers_of_every_type_are_read(dtype, rubric):
    """Integers of all widths, floats, decimals, texts and categories of texts."""
    frame = pl.DataFrame([GOOD, {**GOOD, "skill": 9}])
    texts = frame.with_columns(pl.col("skill").cast(pl.String).cast(dtype))
    assert [84, 85] == evaluate_frame(rubric, texts)["total"].to_list()
    made = evaluate_frame(rubric, texts.lazy()).collect()
    assert [84, 85] == made["total"].to_list()


def test_texts_are_read_as_evaluate_reads_them(rubric):
    """Blanks, full-width digits and "n/a", as spreadsheets export them."""
    frame = pl.DataFrame({n: [str(v)] * 4 for n, v in GOOD.items()}).with_columns(
        skill=pl.Series([" 8 ", "８", "8.0", "n/a"]), duty=pl.Series(["met", " met ", "met", "met"])
    )
    made = evaluate_frame(rubric, frame, on_error="column")
    assert [84, 84, 84, None] == made["total"].to_list()
    assert made["error"][3].startswith("skill: is missing")


def test_flags_are_flags():
    """A column of true and false, of the words, or of 1 and 0; other numbers are not flags."""
    rubric = loads(
        'schema = 1\nid = "f"\n[inputs.present]\ntype = "flag"\n[[criterion]]\nid = "c"\n'
        "weight = 100\nbands = [{ when = { present = true }, points = 100 }, "
        '{ when = "otherwise", points = 0 }]\n'
    )
    for values in ([True, False], ["true", "FALSE"], [1, 0], [1.0, 0.0], ["yes", " N "]):
        for lazy in (False, True):
            frame = pl.DataFrame({"present": values})
            made = evaluate_frame(rubric, frame.lazy() if lazy else frame).lazy().collect()
            assert [100, 0] == made["total"].to_list()
    with pytest.raises(RowsError, match="present = 2: is not true or false"):
        evaluate_frame(rubric, pl.DataFrame({"present": [1, 2]}))
    with pytest.raises(FrameError, match=r"present: holds Date; allowed: true or false"):
        evaluate_frame(rubric, pl.DataFrame({"present": [date(2026, 1, 1)]}))


# ---------------------------------------------------------------- headings

DEFAULTS = """
schema = 1
id = "d"
inputs.late = { type = "count", default = 0, label = { zh = "迟到次数", en = "Late arrivals" } }
inputs.kind = { type = "choice", options = ["a", "b"], default = "a", label = "Kind of post" }
inputs.there = { type = "flag", default = true }
criterion = [
    { id = "p", weight = 50, formula = "50 - 10*late", clamp = "0..50" },
    { id = "q", weight = 50, bands = [
        { when = { kind = "a", there = true }, points = 50 }, { when = "otherwise", points = 0 } ] },
    { id = "note", scored = false },
]
tier = [{ id = "all", total = "0..100" }]
"""
EMPTY = "record: gives none of the values that the ruleset asks for"


def month(**columns):
    """Return rows of the ruleset above, under headings as people write them."""
    return pa.table(
        {
            "Name": ["An", "Bo", "Cy", "Di", "Ed"],
            "Late\n(times)": pa.array([5, None, 0, None, None], pa.int64()),
            "KIND of Post": pa.array(["b", None, "n/a", " \u3000", "n/a"]),
            "There ": pa.array([None, None, True, None, None], pa.bool_()),
            **columns,
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_columns_are_read_by_their_headings_and_come_out_under_them(kind):
    """On every backend: 0, rejected as empty, 100, rejected as empty, 100 ("n/a" is a value)."""
    rubric, frame = loads(DEFAULTS), KINDS[kind](month())
    made, schema = tabling.rows_of(evaluate_frame(rubric, frame, on_error="column"))
    assert [
        (0, None), (None, EMPTY), (100, None), (None, EMPTY), (100, None)
    ] == [(row["total"], row["error"]) for row in made]  # fmt: skip
    assert ["Name", "Late\n(times)", "KIND of Post", "There "] == list(schema)[:4]
    same = ("Name", "Late\n(times)", "KIND of Post", "There ")
    assert [{n: row[n] for n in same} for row in month().to_pylist()] == [
        {n: row[n] for n in same} for row in made
    ]
    with pytest.raises(Exception, match="gives none of the values that the ruleset asks for"):
        tabling.rows_of(evaluate_frame(rubric, frame))


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_row_has_one_problem(kind, rubric):
    """Also if all inputs are required: not a list of all missing values."""
    none = dict.fromkeys(GOOD)
    made, _ = tabling.rows_of(
        evaluate_frame(rubric, KINDS[kind](table({}, none, {"skill": None})), on_error="column")
    )
    assert [None, EMPTY] == [row["error"] for row in made[:2]]
    assert made[2]["error"].startswith("skill: is missing")


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_frame_of_records_alone_each_row_is_a_record(kind):
    """Without other columns, a row of nulls equals ``evaluate`` of {}: 100."""
    rubric = loads(DEFAULTS)
    columns = {
        "late": pa.nulls(1, pa.int64()),
        "kind": pa.array([""]),
        "there": pa.nulls(1, pa.bool_()),
    }
    made, _ = tabling.rows_of(
        evaluate_frame(rubric, KINDS[kind](pa.table(columns)), on_error="column")
    )
    assert [(100, None)] == [(row["total"], row["error"]) for row in made]
    assert 100 == evaluate(rubric, {}).total


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_gives_a_remark_alone_is_somebody(kind):
    """A remark is a value, so the row is not empty."""
    rows = pa.table({"who": ["An", "Bo"], "note": ["x", None], "late": pa.nulls(2, pa.int64())})
    made, _ = tabling.rows_of(tabling.scored(loads(DEFAULTS), KINDS[kind](rows)))
    assert [(100, None), (None, EMPTY)] == [(row["total"], row["error"]) for row in made]


@pytest.mark.parametrize("kind", KINDS)
def test_an_absent_column_is_an_error_though_it_has_a_default(kind):
    """All of them at once; with ``allow_missing`` their defaults apply."""
    rubric, frame = loads(DEFAULTS), KINDS[kind](pa.table({"LATE": [5, 1], "n": ["x", "y"]}))
    with pytest.raises(FrameError) as caught:
        evaluate_frame(rubric, frame)
    add = "add it, or name it in allow_missing"
    assert [
        ("kind", f"has no column (Kind of post); {add}"),
        ("there", f"has no column; {add}"),
    ] == [(problem.input, problem.message()) for problem in caught.value.problems]
    made = evaluate_frame(rubric, frame, allow_missing=("kind", "there"))
    assert [50, 90] == [row["total"] for row in tabling.rows_of(made)[0]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_the_result_in_capitals_is_never_taken_for_it(kind):
    """ "Total" is carried through, or rejected if "total" would be the same column."""
    frame = KINDS[kind](month(Total=[1, 2, 3, 4, 5]))
    if kind == "DuckDB":
        with pytest.raises(FrameError, match="Total: is what the result is called; rename it"):
            evaluate_frame(loads(DEFAULTS), frame, on_error="column")
        return
    made, _ = tabling.rows_of(evaluate_frame(loads(DEFAULTS), frame, on_error="column"))
    assert [(1, 0), (3, 100)] == [(row["Total"], row["total"]) for row in (made[0], made[2])]


def test_a_wrong_type_is_told_of_the_column_as_it_is_called():
    """Not by its input name."""
    frame = pl.DataFrame({"Late": [True], "kind": ["a"], "there": [True]})
    with pytest.raises(FrameError, match="Late: holds Boolean; allowed: a whole number"):
        evaluate_frame(loads(DEFAULTS), frame)


def test_names_of_pandas_that_are_not_texts_are_carried_through():
    """Numbers as names are ignored; names of several levels are rejected."""
    rubric = loads(DEFAULTS)
    frame = pd.DataFrame({1: [7], "late": [5], "kind": ["a"], "there": [True], None: [8]})
    made = evaluate_frame(rubric, frame)
    assert [1, "late", "kind", "there", None] == list(made.columns)[:5]
    assert [(7, 8, 50)] == list(zip(made[1], made[None], made["total"], strict=True))
    with pytest.raises(FrameError, match="none of the columns is a name of the ruleset"):
        evaluate_frame(rubric, pd.DataFrame({1: [7]}))
    with pytest.raises(FrameError, match="its columns have 2 levels"):
        evaluate_frame(rubric, pd.DataFrame({("late", "n"): [7]}))


def test_a_flag_that_is_missing_is_told_on_a_lazy_frame():
    """By its name; its column has no value that is not allowed."""
    rubric = loads(DEFAULTS.replace(", default = true", ""))
    frame = pl.LazyFrame({"late": [1], "kind": ["a"], "there": pl.Series([None], dtype=pl.Boolean)})
    made = evaluate_frame(rubric, frame, on_error="column").collect()
    assert made["error"][0].startswith("there: is missing; allowed: true or false")


@pytest.mark.parametrize("kind", ["polars", "pandas", "polars, lazy", "DuckDB"])
def test_the_problems_of_a_row_are_also_data(kind, rubric):
    """A JSON list of the dicts of its problems, in the language; null in rows that are scored."""
    rows = table({}, {"late": None, "skill": 2})
    for lang in (None, "zh"):
        frame = evaluate_frame(rubric, KINDS[kind](rows), on_error="column", lang=lang)
        good, bad = tabling.rows_of(frame)[0]
        assert (None, None) == (good["error"], good["problems"])
        problems = json.loads(bad["problems"])
        assert [("missing", "late"), ("not-allowed", "skill")] == [
            (problem["code"], problem["input"]) for problem in problems
        ]
        between = "; " if lang is None else "\uff1b"
        assert bad["error"] == between.join(problem["text"] for problem in problems)
        assert {"numbers": [0, 1, "3..10"]} == problems[1]["params"]


def test_errors_of_frames_have_a_text_in_each_language(rubric):
    """With labels of inputs, and their problems as data."""
    with pytest.raises(FrameError) as caught:
        evaluate_frame(rubric, pl.DataFrame([{**GOOD, "lat": 1}]).drop("late", "skill"))
    late, skill = caught.value.problems
    assert ("no-column", "lat", "no-column") == (late.code, late.suggestion, skill.code)
    head, first, _ = caught.value.text("zh").splitlines()
    assert head.startswith("customer-service")
    assert first.startswith("  迟到、未打卡次数")
    assert "no-column" == caught.value.to_dict("zh")["problems"][1]["code"]
    with pytest.raises(RowsError) as raised:
        evaluate_frame(rubric, pl.DataFrame([{**GOOD, "skill": 2}]))
    assert "专业技能 = 2" in raised.value.text("zh")
    assert [(0, "not-allowed")] == [
        (row["row"], row["problems"][0]["code"]) for row in raised.value.to_dict("zh")["rows"]
    ]


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_frame_is_scored(kind, rubric):
    """No rows in, no rows out, with all columns."""
    rows = table({}).slice(0, 0)
    scored, schema = tabling.rows_of(evaluate_frame(rubric, KINDS[kind](rows)))
    assert [] == scored
    assert nw.Int64 == schema["total"]


def test_missing_columns_are_named_all_at_once(rubric):
    """Each with the column that was probably meant."""
    frame = pl.DataFrame([GOOD]).drop("late", "skill").rename({"service": "servise"})
    with pytest.raises(FrameError) as caught:
        evaluate_frame(rubric, frame)
    assert (
        "customer-service: this frame cannot be scored\n"
        "  late: has no column (迟到、未打卡次数, Late arrivals and missed clock-ins)\n"
        "  skill: has no column (专业技能, Professional skill)\n"
        '  service: has no column (客户服务, Customer service); did you mean "servise"?'
    ) == str(caught.value)


def test_a_rating_stands_for_the_facts_behind_it(rubric):
    """If an appraiser provides the points, the inputs of the criterion need no column."""
    frame = pl.DataFrame([{**GOOD, "attendance": 4}]).drop("late", "absent")
    assert [84] == evaluate_frame(rubric, frame)["total"].to_list()


def test_a_wrong_type_names_the_column(rubric):
    """Dates, flags for numbers, numbers for options: one error for the column, not for each row."""
    frame = pl.DataFrame([GOOD]).with_columns(
        late=pl.lit(True), skill=pl.date(2025, 1, 1), duty=pl.lit(3)
    )
    with pytest.raises(FrameError) as caught:
        evaluate_frame(rubric, frame)
    assert [
        "late: holds Boolean; allowed: a whole number, at least 0",
        "duty: holds Int32; allowed: one of met, substandard, forgotten",
        "skill: holds Date; allowed: 0, 1, 3 to 10",
    ] == list(map(str, caught.value.problems))


def test_columns_twice_are_named(rubric):
    """pandas and Arrow allow repeated names."""
    frame = pd.DataFrame([GOOD])
    with pytest.raises(FrameError, match="late: is there 2 times; rename them"):
        evaluate_frame(rubric, pd.concat([frame, frame[["late"]]], axis=1))
    once = pa.Table.from_pylist([GOOD])
    with pytest.raises(FrameError, match="late: is there 2 times; rename them"):
        evaluate_frame(rubric, once.append_column("late", once["late"]))


def test_a_column_named_like_the_result_is_refused(rubric):
    """No column is overwritten."""
    frame = pl.DataFrame([{**GOOD, "total": 1, "error": "x"}])
    with pytest.raises(FrameError, match="total: is what the result is called; rename it"):
        evaluate_frame(rubric, frame)
    with pytest.raises(FrameError, match="error: is what the result is called"):
        evaluate_frame(rubric, frame, on_error="column")
    assert [84] == evaluate_frame(rubric, frame.drop("total"))["total"].to_list()
    with pytest.raises(FrameError, match="__kpirules_0: begins with __kpirules_; rename it"):
        evaluate_frame(rubric, pl.DataFrame([{**GOOD, "__kpirules_0": 1}]))


def test_a_frame_of_many_columns_is_scored(rubric):
    """10 000 columns pass through."""
    wide = pl.DataFrame([GOOD]).with_columns(**{f"x{i}": pl.lit(i) for i in range(10_000)})
    made = evaluate_frame(rubric, wide)
    assert (1, 84) == (len(made), made["total"][0])
    assert made.width > 10_000


def test_a_column_of_objects_may_hold_anything(rubric):
    """Each value is parsed as ``evaluate`` parses it; values that no record can hold are rejected."""
    values = [8, "8", 8.0, Decimal(8), None, float("nan"), "x", [8], True]
    frame = pd.DataFrame([GOOD] * len(values)).astype({"skill": object})
    frame["skill"] = pd.Series(values, dtype=object)
    frame.index = pd.Index(list("abcdefghi"))
    made = evaluate_frame(rubric, frame, on_error="column")
    total = [None if pd.isna(v) else int(v) for v in made["total"]]
    assert [84, 84, 84, 84, None, None, None, None, None] == total
    assert list("abcdefghi") == list(made.index)
    assert made["error"].iloc[4].startswith("skill: is missing")


def test_all_rows_wrong_and_one_row(rubric):
    """All rows are in the result, though none can be scored."""
    frame = pl.DataFrame([{**GOOD, "skill": 2}] * 5)
    made = evaluate_frame(rubric, frame, on_error="column")
    assert 5 == made["error"].drop_nulls().len()
    assert 5 == made["total"].null_count()
    with pytest.raises(RowsError):
        evaluate_frame(rubric, frame)


def test_a_source_that_disappears_is_told_by_its_library(rubric, tmp_path):
    """A lazy frame whose file was deleted raises, as it would without kpirules."""
    file = tmp_path / "staff.parquet"
    pl.DataFrame([GOOD]).write_parquet(file)
    made = evaluate_frame(rubric, pl.scan_parquet(file))
    file.unlink()
    with pytest.raises((OSError, pl.exceptions.PolarsError)):
        made.collect()


@pytest.mark.parametrize("wrong", [None, [GOOD], GOOD, "x", pl.Series([1]), pd.Series([1]), 3])
def test_no_frame_is_told(rubric, wrong):
    """An object that is not a dataframe is a TypeError; an unknown policy a ValueError."""
    said = f"evaluate_frame takes a dataframe of .*, not {type(wrong).__name__}; evaluate takes one"
    with pytest.raises(TypeError, match=said):
        evaluate_frame(rubric, wrong)
    with pytest.raises(ValueError, match="on_error is"):
        evaluate_frame(rubric, pl.DataFrame([GOOD]), on_error="skip")


def test_the_library_of_the_frame_is_the_library_of_the_result(rubric):
    """A relation gives a relation, a table gives a table."""
    for make in KINDS.values():
        frame = make(table({}))
        assert type(evaluate_frame(rubric, frame)) is type(frame)


def test_a_frame_is_scored_by_the_rules_of_a_date():
    """An id gives the version that is effective on the date."""
    frame = pl.DataFrame([GOOD])
    from datetime import date

    assert [84] == evaluate_frame("customer-service", frame, on=date(2025, 6, 1))["total"].to_list()


TWO_FACTS = """
schema = 1
id = "d"
inputs.p = { type = "number" }
inputs.g = { type = "choice", options = ["u", "v"], default = "u" }
[[criterion]]
id = "b"
weight = 100
bands = [
  { when = { p = ">= 95", g = "u" }, points = 100 },
  { when = { p = ">= 95", g = "v" }, points = 50 },
  { when = { p = "< 95" }, points = 0 },
]
"""


@pytest.mark.parametrize("kind", ["polars", "polars, lazy", "pandas", "DuckDB"])
@pytest.mark.parametrize("rated", [False, True])
def test_a_default_beside_other_facts_picks_the_band(kind, rated):
    """Also in a lazy frame, and with a column of ratings that are missing."""
    columns = {"g": pa.array([None, "", "v"]), "p": pa.array([95, 95, 95])}
    columns |= {"b": pa.nulls(3, pa.int64())} if rated else {}
    frame = {**tabling.EAGER, **tabling.LAZY}[kind](pa.table(columns))
    made, _ = tabling.rows_of(evaluate_frame(loads(TWO_FACTS), frame, on_error="column"))
    assert [(0, 100, None), (0, 100, None), (1, 50, None)] == [
        (row["band.b"], row["total"], row["error"]) for row in made
    ]
