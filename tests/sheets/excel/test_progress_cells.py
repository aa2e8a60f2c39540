"""A half-filled form in a workbook shows what `progress` returns."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import evaluate, load, loads, progress, sheet
from kpirules.compiler.plan import Plan
from kpirules.sheets.excel.calculation_sheet import Work
from kpirules.sheets.excel.layout import layout_of
from kpirules.sheets.excel.progress_cells import CAN_BE, OPEN, SO_FAR, ProgressCells
from kpirules.sheets.form_builder import blank
from kpirules.testing import records, rubrics
from kpirules.translations.catalog import words
from tests import office
from tests.drawing import share
from tests.sheets.excel.test_workbook import differences, number, table_of
from tests.shipped import RECORD as GOOD


@pytest.fixture(scope="module")
def rubric():
    return load("customer-service")


def shown(rubric, draft):
    """Return what a form must show for a draft, by `progress`."""
    state = progress(rubric, draft)
    found = {
        SO_FAR: sum(value.number for value in state.subtotals.values()),
        OPEN: sum(need.criterion is not None for need in state.needed),
    }
    return found | {CAN_BE: f"{state.total.lowest}..{state.total.highest}"}


DRAFTS = [dict(itertools.islice(GOOD.items(), size)) for size in (0, 3, 6, 9, len(GOOD))]


def test_the_formulas_show_what_progress_returns(rubric, tmp_path):
    """Points so far, items to fill in and the range of the total, computed by LibreOffice."""
    named = [{**draft, "name": str(i)} for i, draft in enumerate(DRAFTS)]
    book = sheet(rubric, "xlsx", records=[*named, {**GOOD, "skill": 2}])
    (made,) = office.recalculated(tmp_path, [book])
    assert [] == differences(book, made)
    *rows, faulty = table_of(made["work"])
    for draft, row in zip(DRAFTS[:-1], rows[:-1], strict=True):
        cells = {SO_FAR: number(row[SO_FAR]), OPEN: row[OPEN], CAN_BE: row[CAN_BE]}
        assert shown(rubric, draft) == cells
    for row, state in ((rows[-1], "complete"), (faulty, "check the entries")):
        assert [state, "", "", ""] == [row[n] for n in ("=state", SO_FAR, OPEN, CAN_BE)]
    texts = [[str(cell) for cell in row] for row in made["1"]]
    for label in ("Points so far", "Items to fill in", "The total can still be"):
        assert any(label in row for row in texts)


@share(1 / 2)
@given(st.data(), rubrics(whole=False))
def test_the_values_are_those_of_progress(data, rubric):
    """For random rubrics and drafts; a rubric of which formulas cannot show them has none."""
    record = data.draw(records(rubric))
    draft = {n: v for n, v in record.items() if data.draw(st.booleans())}
    cells = ProgressCells(Plan(rubric))
    state = progress(rubric, draft)
    lines = {line.criterion: line.points for line in state.lines}
    ids = [c.id for c in Plan(rubric).criteria]
    row = {f"=points.{name}": "" if lines.get(name) is None else lines[name].number for name in ids}
    values = cells.values(row)
    assert values.keys() == cells.formulas(str).keys()
    if values:
        expected = shown(rubric, draft)
        assert float(expected[SO_FAR]) == values[SO_FAR]
        if CAN_BE in values:
            low, high = values[CAN_BE].split("..")
            assert (float(low), float(high)) == (
                float(state.total.lowest),
                float(state.total.highest),
            )


@pytest.mark.parametrize(
    ("more", "columns"),
    [
        ("", [SO_FAR, OPEN, CAN_BE]),
        ("raters = { self = 20, superior = 80 }\n", [SO_FAR, OPEN]),
        ('gate = [{ when = { total = ">= 9" }, total_at_most = 8 }]\n', [SO_FAR, OPEN]),
        ('gate = [{ when = { total = ">= 9" }, unratable = true }]\n', [SO_FAR, OPEN]),
        ('total = { round = { to = 1, mode = "floor" } }\n', [SO_FAR, OPEN]),
        (
            'inputs.x = { type = "number", range = "0..1" }\nderive.y = { formula = "given(x, 2)" }\n',
            [SO_FAR, OPEN],
        ),
    ],
)
def test_a_range_is_shown_where_it_is_exact(more, columns):
    """Gates that limit the total, raters and a total of its own may narrow it."""
    rubric = loads(
        'schema = 1\nid = "x"\nfull_marks = 10\n'
        + more
        + 'criterion = [{ id = "a", weight = 6, scale = 2 }, { id = "b", weight = 4, scale = 2 }]\n'
    )
    assert columns == list(ProgressCells(Plan(rubric)).formulas(str))


@pytest.mark.parametrize("policy", ['"zero"', '"exclude"', "1"])
def test_a_policy_for_missing_items_has_no_points_so_far(policy):
    """The formulas cannot tell given points from those of the policy."""
    rubric = loads(
        'schema = 1\nid = "x"\ncriterion = [\n'
        f'    {{ id = "a", weight = 60, missing = {policy} }},\n    {{ id = "b", weight = 40 }},\n]\n'
    )
    assert {} == ProgressCells(Plan(rubric)).formulas(str)
    assert evaluate(rubric, {"a": 1, "b": 1}).total is not None


def test_a_formula_that_is_too_long_is_left_out():
    """The others stay, and the workbook computes."""
    criteria = "".join(f'[[criterion]]\nid = "item_{i}"\nweight = 1\n' for i in range(100))
    plan = Plan(loads(f'schema = 1\nid = "x"\n{criteria}'))
    assert [SO_FAR, OPEN, CAN_BE] == list(ProgressCells(plan).formulas(str))
    form = blank(plan.rubric, lang="en", plan=plan)
    work = Work(plan, layout_of(plan, form).entries, words("sheet", "en"))
    assert work.cannot is None
    assert [True, True, False] == [name in work.names for name in (SO_FAR, OPEN, CAN_BE)]
