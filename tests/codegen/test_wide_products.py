"""Products of numbers with many decimals, in workbooks."""

from __future__ import annotations

import io

import openpyxl
import pytest

from kpirules import loads, sheet
from kpirules.sheets.excel.workbook import Book
from tests.costly import FILES


@pytest.mark.parametrize("power", [2, 4, 8, 16])
def test_a_product_of_many_decimals_has_no_factor_beyond_64_bits(power):
    """The workbook is written, whatever number of decimals the units have."""
    chain, name = "", "x"
    for i in range(power.bit_length() - 1):
        chain += f'derive.y{i} = {{ formula = "{name} * {name}" }}\n'
        name = f"y{i}"
    rubric = loads(
        'schema = 1\nid = "x"\n'
        'inputs.x = { type = "number", range = "0..1", step = 0.01 }\n'
        f"{chain}"
        f'[[criterion]]\nid = "a"\nweight = 100\nformula = "100 * {name}"\nround = {{ to = 1, mode = "floor" }}\n'
    )
    book = openpyxl.load_workbook(io.BytesIO(sheet(rubric, "xlsx")))
    assert book.sheetnames


def test_a_plan_has_a_limited_number_of_guards(monkeypatch):
    """A file of many wide products has a workbook soon; what is beyond the limit is left out."""
    monkeypatch.setattr("kpirules.codegen.fixed_point._MOST_GUARDS", 0)
    rubric = loads(
        'schema = 1\nid = "x"\ninputs.x = { type = "number" }\ncriterion = [{ id = "a", weight = 100 }]\n'
        'outcome.y = { formula = "x * x / 100" }\n'
    )
    assert {"=outcome.y"} == Book(rubric, None, "en", "").work.left_out.keys()


def test_what_no_formula_computes_is_not_computed_for_the_cells_either():
    """A table of a thousand bands over a number: its workbook is written at once, the part is named."""
    rubric = loads(FILES["a table of a thousand bands over a number"]())
    work = Book(rubric, None, "en", "").work
    assert (None, True) == (work.cannot, "=total" in work.left_out)
    assert "=total" not in work.values([{"x0": 5}])[0]


def test_an_input_that_no_formula_reads_is_not_read_for_the_cells_either():
    """A list: what depends on it is blank, and the rest is computed."""
    rubric = loads(
        'schema = 1\nid = "x"\ninputs.l = { type = "count", many = true, range = "0..9" }\n'
        'criterion = [{ id = "a", weight = 100 }]\noutcome.y = { formula = "sum(l)" }\n'
    )
    work = Book(rubric, None, "en", "").work
    values = work.values([{"a": 60}])[0]
    assert ({"=outcome.y"}, 60) == (work.left_out.keys() - {"=l"}, values["=total"])
    assert "=outcome.y" not in values


def test_a_rating_that_no_formula_reads_is_not_read_for_the_cells_either():
    """One with sixteen decimals: its points, and the total that needs them, are blank."""
    rubric = loads(
        'schema = 1\nid = "x"\nstep = 0.0000000000000001\ncriterion = [{ id = "a", weight = 100 }]\n'
    )
    work = Book(rubric, None, "en", "").work
    assert (None, True, True) == (
        work.cannot,
        "=points.a" in work.left_out,
        "=total" in work.left_out,
    )
    assert {"=points.a", "=total"}.isdisjoint(work.values([{}])[0])
