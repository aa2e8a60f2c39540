"""The columns that a result adds: numbers are numbers, and what has no end has its exact form beside it."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from fractions import Fraction

import duckdb
import openpyxl
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, evaluate, evaluate_frame, load, loads
from kpirules.arithmetic.number import decimal_of, round_to
from kpirules.codegen.decimal_places import Grids, decimals_of
from kpirules.codegen.fixed_point import BeyondError
from kpirules.codegen.output import EXACT, PLACES, Shape, columns_of, names_of, values_of
from kpirules.compiler.plan import Plan
from kpirules.errors import FrameError
from kpirules.model.names import Total
from kpirules.testing import rubrics
from kpirules.testing.record_strategies import wild_records


HEAD = 'schema = 1\nid = "x"\n'
THIRDS = """
schema = 1
id = "thirds"
full_marks = 5
weights_total = "sum"
raters = { self = 1, superior = 1, peer = 1 }
defaults = { scale = 5 }
criterion = [{ id = "skill", weight = 1 }, { id = "care", weight = 1 }]
tier = [{ id = "high", total = "3.5 .. 5" }, { id = "low", total = "0 .. < 3.5" }]
"""
MONTH = """name,skill.self,skill.superior,skill.peer,care.self,care.superior,care.peer
An,3,3,4,4,3,3
Bo,4,4,3,4,4,4
Cem,5,5,5,5,5,4
Dai,6,5,5,5,5,4
"""
#: the numbers of each person: points of skill, of care, total
EXPECTED = [("10/3", "10/3", "10/3"), ("11/3", "4", "23/6"), ("5", "14/3", "29/6"), (None,) * 3]
NAMES = ["points.skill", "points.care", "total"]


def rounded(text):
    """A number as its column has it."""
    return None if text is None else round_to(Fraction(text), Fraction(1, 10**6), "half_up")


@pytest.fixture
def thirds(tmp_path):
    """A ruleset whose totals come to thirds, and a month."""
    (tmp_path / "x.rubric.toml").write_text(THIRDS, encoding="utf-8")
    (tmp_path / "in.csv").write_text(MONTH, encoding="utf-8")
    return tmp_path


def test_fractions_are_decimals_with_the_exact_number_beside_them():
    """On every frame in memory, and on a lazy one of polars: the same names, types and digits."""
    rubric = loads(THIRDS)
    frame = pl.read_csv(io.StringIO(MONTH), infer_schema=False)
    for made in (
        evaluate_frame(rubric, frame, on_error="column"),
        evaluate_frame(rubric, frame.lazy(), on_error="column").collect(),
        pl.from_arrow(evaluate_frame(rubric, frame.to_arrow(), on_error="column")),
        pl.from_pandas(evaluate_frame(rubric, pd.read_csv(io.StringIO(MONTH)), on_error="column")),
    ):
        added = ["points.skill", "points.skill.exact", "points.care", "points.care.exact", "total"]
        assert [*added, "total.exact", "tier", "error", "problems"] == made.columns[7:]
        for i, name in enumerate(NAMES):
            assert pl.Decimal(18, PLACES) == made[name].dtype
            assert [row[i] for row in EXPECTED] == made[f"{name}.exact"].to_list()
            assert [rounded(row[i]) for row in EXPECTED] == made[name].to_list()
    assert Decimal("3.333333") == made["total"][0]
    with pytest.raises(FrameError, match=r"points\.skill can come to fractions.*DuckDB cannot"):
        evaluate_frame(rubric, duckdb.connect().from_arrow(frame.to_arrow()))


def test_a_spreadsheet_shows_no_date_where_there_is_none(run, thirds):
    """CSV: decimals, and the exact number in a spelling that is neither date nor formula."""
    code, out, _ = run("evaluate", thirds / "x.rubric.toml", thirds / "in.csv")
    assert 1 == code
    head, *rows = csv.reader(io.StringIO(out.removeprefix("\ufeff")))
    first = dict(zip(head, rows[0], strict=True))
    assert ("3.333333", "10÷3") == (first["total"], first["total.exact"])
    assert ["3.666667", "11÷3", "4", "4"] == rows[1][7:11]
    date = re.compile(r"\d+\s*[/\-]\s*\d+")
    assert [] == [cell for row in rows for cell in row if date.search(cell.partition(":")[0])]


def test_numbers_of_a_workbook_are_numbers(run, thirds):
    """They can be summed; the exact ones are texts."""
    out = thirds / "out.xlsx"
    rules, month = thirds / "x.rubric.toml", thirds / "in.csv"
    assert 1 == run("evaluate", rules, month, "-o", out, "--headings", "ids")[0]
    head, *rows = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    place = head.index("total")
    assert "total.exact" == head[place + 1]
    assert [3.333333, 3.833333, 4.833333] == [row[place] for row in rows[:3]]
    assert ["10÷3", "23÷6", "29÷6", None] == [row[place + 1] for row in rows]


def test_other_programs_get_the_exact_fraction(run, thirds):
    """Parquet and JSON lines: the text of a fraction; JSON: the result as it is."""
    for ending, read in (
        ("parquet", lambda path: pl.read_parquet(path).to_dicts()),
        ("jsonl", lambda path: [json.loads(line) for line in path.read_text().splitlines()]),
    ):
        out = thirds / f"out.{ending}"
        assert 1 == run("evaluate", thirds / "x.rubric.toml", thirds / "in.csv", "-o", out)[0]
        found = read(out)
        assert ["10/3", "23/6", "29/6", None] == [row["total.exact"] for row in found]
        assert Decimal("3.333333") == Decimal(found[0]["total"])
    whole = run("evaluate", thirds / "x.rubric.toml", thirds / "in.csv", "--format", "json")[1]
    assert "10/3" == json.loads(whole)[0]["result"]["total"]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
def test_exact_columns_are_columns_of_an_earlier_result(run, thirds, ending):
    """Rejected, or replaced."""
    once, twice = thirds / f"once.{ending}", thirds / f"twice.{ending}"
    rules = thirds / "x.rubric.toml"
    run("evaluate", rules, thirds / "in.csv", "-o", once, "--headings", "ids")
    code, _, err = run("evaluate", rules, once)
    assert 2 == code
    assert "points.skill, points.skill.exact, points.care" in err
    again = run("evaluate", rules, once, "-o", twice, "--replace", "--headings", "ids")
    assert 1 == again[0]
    if ending == "parquet":
        # texts of a CSV file and those of a Parquet file have other types of Arrow
        assert pl.read_parquet(once).equals(pl.read_parquet(twice))
    else:
        assert once.read_bytes() == twice.read_bytes()
    with pytest.raises(FrameError, match=r"total\.exact"):
        evaluate_frame(loads(THIRDS), pl.DataFrame({"skill.self": [1], "total.exact": ["4"]}))


FRACTIONAL = {
    # formulas
    "formula = 'n / 3'": True,
    "formula = 'n / 4'": False,
    "formula = '3 * (n / 3)'": False,
    "formula = 'n / (n + 1)'": True,
    "formula = 'n / 0.3'": True,
    "formula = 'mean(n, n, n)'": True,
    "formula = 'mean(n, 1)'": False,
    "formula = 'round(n / 3, 0.01)'": False,
    "formula = 'round(n / 3, n + 1)'": True,
    "formula = 'floor(n / 3)'": False,
    "formula = 'interpolate(n, 0, 0, 3, 1)'": True,
    "formula = 'interpolate(n, 0, 0, 4, 1)'": False,
    "formula = 'ratio(n, 2, 1)'": True,
    "formula = 'm * m'": False,
    "formula = 'n / 3'\nround = { to = 0.1, mode = 'half_up' }": False,
    "formula = 'points.a / 7'": True,
    "formula = 'sum(many)'": False,
    "formula = 'mean(many)'": True,
}


@pytest.mark.parametrize("formula", FRACTIONAL)
def test_the_exact_column_depends_on_the_ruleset(formula):
    """It is there exactly where fractions without a finite decimal can come."""
    rubric = loads(
        HEAD
        + '[inputs.n]\ntype = "count"\nrange = "0..9"\n[inputs.m]\ntype = "number"\nrange = "0..9"\n'
        '[inputs.many]\ntype = "number"\nmany = true\n'
        '[[criterion]]\nid = "a"\nweight = 100\n[outcome.x]\n' + formula + "\n"
    )
    names = [name for name, _ in names_of(Plan(rubric))]
    assert FRACTIONAL[formula] == ("outcome.x.exact" in names)
    assert "total.exact" not in names


RATERS = {
    "self = 20\nboss = 80": ("error", False),
    "self = 1\nboss = 2": ("error", True),
    "self = 40\nboss = 60": ("exclude", False),
    "self = 10\nboss = 20\npeer = 70": ("exclude", True),
    "self = 50\nboss = 50": ("exclude", False),
    "self = 50\nboss = 0\npeer = 50": ("exclude", False),
    "\n".join(f"r{i} = 1" for i in range(9)): ("exclude", True),
}


def test_what_is_not_a_number_has_no_grid():
    """The tier, and the gates."""
    grids = Grids(Plan(load("customer-service")))
    assert [None, None] == [grids.grid("tier"), grids.grid("gates")]


@pytest.mark.parametrize("raters", RATERS)
def test_a_mean_of_raters_is_fractional_by_their_weights(raters):
    """Of all of them, or of any of them if those who are missing are left out."""
    missing, expected = RATERS[raters]
    rubric = loads(
        HEAD + f'[raters]\n{raters}\n[[criterion]]\nid = "a"\nweight = 60\nmissing = "{missing}"\n'
        '[[criterion]]\nid = "b"\nweight = 40\n'
    )
    assert expected == Grids(Plan(rubric)).is_fractional("points.a")


def test_decimals_of_any_length_have_nine_places_or_fewer():
    """A number that has more is a problem of its row; it is not rounded."""
    rubric = loads(
        HEAD
        + '[inputs.n]\ntype = "number"\nrange = "0..1000000000000"\n[inputs.many]\ntype = "number"\nmany = true\n'
        '[[criterion]]\nid = "a"\nweight = 100\n[outcome.x]\nformula = "n"\n[outcome.y]\nformula = "sum(many)"\n'
    )
    shapes = {column.name: column.shape for column in columns_of(Plan(rubric))}
    assert (Shape("decimal", 5), Shape("decimal", 8)) == (shapes["outcome.x"], shapes["outcome.y"])
    frame = pl.DataFrame({"a": [1, 1], "many": ["1", "1"], "n": ["0.12345", "0.123456"]})
    made = evaluate_frame(rubric, frame, on_error="column")
    assert [Decimal("0.12345"), None] == made["outcome.x"].to_list()
    assert "result: is 0.123456, which the column cannot hold" == made["error"][1]


def test_texts_and_fractions_in_one_column_are_no_dates():
    """An outcome that is a word in some rows and a number in others is a column of texts."""
    rubric = loads(
        HEAD + '[inputs.n]\ntype = "count"\n[[criterion]]\nid = "a"\nweight = 100\n[outcome.x]\n'
        'bands = [{ when = { n = 0 }, value = "none" }, { when = { n = ">= 1" }, formula = "n / 3" }]\n'
    )
    made = evaluate_frame(rubric, pl.DataFrame({"a": [1, 1, 1], "n": [0, 1, 6]}))
    assert ["none", "1÷3", "2"] == made["outcome.x"].to_list()
    assert "outcome.x.exact" not in made.columns


def test_rounding_is_half_up_and_exact():
    """Away from zero in the middle; nothing passes through a float."""
    shape = Shape.rounded()
    values = [Fraction(1, 3), Fraction(-2, 3), Decimal("0.0000005"), Decimal("-0.0000005"), 4]
    assert [333333, -666667, 1, -1, 4000000] == [shape.units_of(value) for value in values]
    assert ["1/3", "-2/3"] == [Shape("exact").units_of(value) for value in values[:2]]
    assert (None, 3, 0) == (decimals_of(None), decimals_of(Fraction(1, 8)), decimals_of(7))
    assert EXACT == ".exact"
    with pytest.raises(BeyondError, match="fractions that no decimal is equal to"):
        Shape.of(Fraction(0), Fraction(1), 3)


def test_a_rating_in_a_formula_lies_on_its_steps():
    """What one of the raters gave has as many decimals as ratings may have."""
    rubric = loads(
        HEAD + 'step = 0.5\n[raters]\nself = 1\nboss = 2\n[[criterion]]\nid = "a"\nweight = 100\n'
        '[outcome.x]\nformula = "a.boss / 2"\n[outcome.y]\nformula = "a.boss / 3"\n'
    )
    shapes = {column.name: column.shape for column in columns_of(Plan(rubric))}
    assert (Shape("decimal", 2), Shape.rounded()) == (shapes["outcome.x"], shapes["outcome.y"])
    assert "outcome.x.exact" not in shapes
    assert "points.a.exact" in shapes


@given(st.data())
def test_every_fraction_has_its_exact_column(data):
    """Random rubrics and records: a number without a finite decimal lies in a column that has one."""
    rubric = data.draw(rubrics())
    columns = columns_of(Plan(rubric))
    names = {column.name for column in columns}
    try:
        result = evaluate(rubric, data.draw(wild_records(rubric)))
    except InputError:
        return
    for name, value in values_of(result, columns).items():
        if isinstance(value, (Fraction, Decimal)) and not isinstance(
            decimal_of(Fraction(value)), Decimal
        ):
            assert name.removesuffix(EXACT) + EXACT in names


def test_a_result_that_a_column_cannot_hold_is_told_at_its_row():
    """The rest of the rows have their values."""
    from kpirules import evaluate
    from kpirules.codegen.output import Column, Shape
    from kpirules.dataframe.row_fallback import held

    rubric = loads('schema = 1\nid = "x"\nstep = 0.5\ncriterion = [{ id = "a", weight = 100 }]\n')
    column = Column(name="total", source=Total(), shape=Shape("whole"))
    made, beyond = held(
        (column,), [evaluate(rubric, {"a": n}) for n in (1, Decimal("0.5"))] + [None]
    )
    assert ([1, None, None], [1]) == (list(made[0]), list(beyond))


def test_categories_that_are_codes_are_read_as_they_are():
    """A column of categories, each an option as the ruleset writes it."""
    rubric = loads(
        'schema = 1\nid = "x"\ninputs.kind = { type = "choice", options = ["x", "y"] }\n'
        '[[criterion]]\nid = "a"\nweight = 100\nbands = [{ when = { kind = "y" }, points = 100 },'
        ' { when = { kind = "x" }, points = 0 }]\n'
    )
    frame = pl.DataFrame({"kind": ["x", "y"]}, schema={"kind": pl.Categorical})
    assert [0, 100] == evaluate_frame(rubric, frame)["total"].to_list()
