"""The grid of a month: filled in, it shows what ``evaluate`` computes, and is read back."""

from __future__ import annotations

import io
import random
from decimal import Decimal

import attrs
import openpyxl
import pytest

from kpirules import InputError, evaluate, load, loads, rulesets, sheet
from kpirules.arithmetic.number import exact
from kpirules.cli.io import excel
from kpirules.compiler.plan import Plan
from kpirules.evaluation.record import readers_of
from kpirules.sheets.api import month_grid
from kpirules.sheets.form_builder import blank
from kpirules.sheets.month_template import Roster, headings_of, month_layout, no_people, read_back
from tests import office


PEOPLE = Roster(columns=(("姓名", ("张三", "=1+1")),), records=({}, {}))


@pytest.fixture(scope="module")
def rubric():
    return load("customer-service")


def headings(rubric, lang="zh"):
    """Return the entries of a grid with their headings."""
    plan = Plan(rubric)
    layout = month_layout(plan, blank(rubric, lang=lang, plan=plan), Roster(columns=()))
    entries = layout.entries
    found = headings_of(plan, entries, lang)
    return [(entry, found[entry.name]) for entry in entries]


def top_of(sheet, text):
    """Return the row of the headings and their columns, by their texts."""
    for row in sheet.iter_rows(max_row=20):
        cells = {cell.value: cell.column for cell in row}
        if text in cells:
            return row[0].row, cells
    raise AssertionError(text)


def some_records(rubric, count):
    """Return random records; one of them lacks a value."""
    chance = random.Random(20261128)
    plan = Plan(rubric)
    made = []
    for _ in range(count):
        record = {}
        for entry, _ in headings(rubric):
            fact = plan.scope.inputs.get(entry.name)
            if entry.kind in ("choice", "flag"):
                record[entry.name] = chance.choice([code for _, code in entry.options])
            elif entry.kind == "number" and fact is None:
                c = plan.rated[entry.name]
                some = list(c.some_allowed(50)) or [r.low[0] for r in c.admissible]
                record[entry.name] = chance.choice(some)
            elif entry.kind == "number":
                record[entry.name] = chance.choice([0, 1, 2, 3])
        made.append(record)
    made[-1].pop(next(iter(made[-1])))
    return made


def filled(workbook, rubric, records, lang="zh"):
    """Fill in the cells of a grid, as a person does: options by their labels."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    sheet = book.worksheets[0]
    pairs = headings(rubric, lang)
    row, columns = top_of(sheet, pairs[0][1])
    for i, record in enumerate(records, row + 1):
        for entry, heading in pairs:
            if entry.name in record:
                value = entry.shown(record[entry.name])
                value = float(value) if entry.kind == "number" else value
                sheet.cell(i, columns[heading]).value = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def outcomes(rubric, records):
    """Return total, tier and pay of some records by ``evaluate``; the state alone if rejected."""
    found = []
    for record in records:
        try:
            result = evaluate(rubric, record)
        except InputError:
            found.append(None)
            continue
        found.append((result.total, result.tier and result.tier.label.get("zh"), result.pay))
    return found


def shown(rows, heading):
    """Return the rows of people of a computed grid: by the texts of the headings."""
    top = next(i for i, row in enumerate(rows) if heading in row)
    return rows[:top], [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]


def number(value):
    return None if value in ("", None) else exact(float(f"{value:.15g}"))


def test_a_filled_grid_shows_what_evaluate_computes(tmp_path):
    """Total, tier and pay of each shipped ruleset without lists; and the sum of pay above them."""
    some = [load(each.id) for each in rulesets()]
    some = [rubric for rubric in some if not any(fact.many for fact in rubric.inputs)]
    months = {rubric.id: some_records(rubric, 6) for rubric in some}
    books = [
        filled(month_grid(r, no_people(Plan(r), "zh"), lang="zh"), r, months[r.id]) for r in some
    ]
    for rubric, made in zip(some, office.recalculated(tmp_path, books), strict=True):
        words = blank(rubric, lang="zh").words
        above, rows = shown(next(iter(made.values())), words["state"])
        total = words["out-of"].format(most=blank(rubric, lang="zh").most)
        pay = next((n for n in rows[0] if n.startswith(words["amount"])), None)
        expected = outcomes(rubric, months[rubric.id])
        for row, said in zip(rows, expected, strict=False):
            if said is None:
                assert (words["unfinished"], "") == (row[words["state"]], row[total])
                continue
            assert words["complete"] == row[words["state"]], rubric.id
            assert said[0] == number(row[total]), rubric.id
            assert said[1] == (row.get(words["tier"]) or None), rubric.id
            assert said[2] == (number(row[pay]) if pay else None), rubric.id
        assert {""} == {row[words["state"]] for row in rows[len(expected) :]}, rubric.id
        pays = [said[2] for said in expected if said and said[2] is not None]
        if pay:
            place = list(rows[0]).index(pay)
            assert sum(pays) == number(above[-2][place]), rubric.id


def test_stored_results_are_those_that_are_computed(rubric, tmp_path):
    """A program that does not calculate shows the same: filled, invalid, and empty rows."""
    given = [*some_records(rubric, 3), {"late": "many"}, {}]
    roster = Roster(columns=(("姓名", ("甲", "乙", "丙", "丁", "戊")),), records=tuple(given))
    book = month_grid(rubric, roster, lang="zh")
    (made,) = office.recalculated(tmp_path, [book])
    stored = office.sheets(book)
    assert list(stored) == list(made)
    for name, rows in stored.items():
        anew = made[name][: len(rows)]
        assert rows == [row[: len(rows[0])] for row in anew], name
        assert {""} >= {cell for row in made[name][len(rows) :] for cell in row}, name


def test_a_filled_grid_is_read_back(rubric, tmp_path):
    """Each row gives its record, names people by their column, and leaves results out."""
    records = some_records(rubric, 2)
    file = tmp_path / "month.xlsx"
    file.write_bytes(filled(month_grid(rubric, PEOPLE, lang="zh"), rubric, records))
    from kpirules.cli.io.readers import open_table
    from kpirules.cli.io.sources import Options
    from kpirules.cli.rows import entries_of as rows_of

    table = open_table(file, Plan(rubric), Options())
    (entries,) = (some for _, some in rows_of(rubric, table))
    assert ["张三", "=1+1"] == [entry.person.name for entry in entries]
    scored = outcomes(rubric, records)[0]
    assert scored[0] == entries[0].outcome.total
    assert isinstance(entries[1].outcome, InputError)
    assert 2 == table.rows


def test_no_text_of_a_roster_is_a_formula(rubric):
    """It is a text in the cell."""
    book = openpyxl.load_workbook(io.BytesIO(month_grid(rubric, PEOPLE, lang="zh")))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    (cell,) = [cell for cell in cells if cell.value == "=1+1"]
    assert "s" == cell.data_type


def test_the_cells_have_lists_limits_colours_a_filter_and_a_frozen_heading(rubric):
    """All over the rows of people and the blank rows below them."""
    book = openpyxl.load_workbook(io.BytesIO(month_grid(rubric, PEOPLE, lang="zh")))
    sheet = book.worksheets[0]
    row, columns = top_of(sheet, "姓名")
    assert f"B{row + 1}" == sheet.freeze_panes
    assert sheet.auto_filter.ref.startswith(f"A{row}:")
    kinds = {rule.type for rule in sheet.data_validations.dataValidation}
    assert {"list", "whole"} <= kinds
    filled_in = [entry for entry, _ in headings(rubric) if entry.kind != "remark"]
    assert len(filled_in) == len(sheet.data_validations.dataValidation)
    assert sheet.conditional_formatting
    duty = columns["值日情况"]
    assert not sheet.cell(row + 1, duty).protection.locked


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", [each.id for each in rulesets()])
def test_every_heading_and_option_is_read_as_what_it_names(name, lang):
    """A label in the language, unless it would be read as another name."""
    from kpirules.evaluation.headings import match
    from kpirules.evaluation.record import readers_of

    plan = Plan(load(name))
    pairs = headings(plan.rubric, lang)
    found = match(plan, [heading for _, heading in pairs], needs="none")
    assert tuple(entry.name for entry, _ in pairs) == found.names
    for entry, _ in pairs:
        for label, code in entry.options:
            read = readers_of(plan)[entry.name].read(label)
            assert code == (str(read).lower() if isinstance(read, bool) else read)


def test_a_workbook_of_another_kind_has_no_grid(tmp_path):
    """The hidden sheet of forms is not that of a grid."""
    from kpirules.sheets.excel.grid_reader import read_grid

    book = openpyxl.Workbook()
    book.save(tmp_path / "x.xlsx")
    assert read_grid(excel.Book(tmp_path / "x.xlsx")) is None


COEFFICIENTS = """
schema = 1
id = "coefficients"
currency = "CNY"
[inputs.base]
type = "number"
label = { zh = "基数", en = "Base" }
range = ">= 0"
[inputs.attended]
type = "number"
label = { zh = "出勤率", en = "Attendance" }
unit = "%"
range = "0..100"
[[criterion]]
id = "work"
label = { zh = "工作业绩", en = "Work" }
weight = 100
[[tier]]
id = "a"
total = "90..100"
coefficient = 1.25
[[tier]]
id = "b"
total = "0..89"
coefficient = 0.85
[outcome.pay]
label = { zh = "绩效工资", en = "Pay" }
formula = "base * outcome.coefficient * attended / 100"
round = { to = 0.01, mode = "half_up" }
"""


def test_pay_by_base_and_coefficient_is_computed(tmp_path):
    """Of amounts that people are paid, also with cents and percentages with decimals."""
    rubric = loads(COEFFICIENTS)
    bases = [0, 1, 2000, 3333.55, 4999.99, 88000.5, 250000, "0.1234", 10**9]
    shares = [100, 98, 97.5, 66.67, 33.3333, 0]
    records = [
        {"base": base, "attended": share, "work": work}
        for base in bases
        for share in shares
        for work in (95, 60)
    ]
    records = [{n: Decimal(str(v)) for n, v in record.items()} for record in records]
    book = month_grid(rubric, Roster(columns=(), records=tuple(records)), lang="zh")
    (made,) = office.recalculated(tmp_path, [book])
    _, rows = shown(made["总表"], "状态")
    _, stored = shown(office.sheets(book)["总表"], "状态")
    assert stored[: len(records)] == rows[: len(records)]
    computed = 0
    for record, row in zip(records, rows, strict=False):
        pay = evaluate(rubric, record).pay
        if row["状态"] == "完成":
            computed += 1
            assert pay == number(row["绩效工资 (CNY)"]), record
        else:
            # more digits than a cell holds: nothing is shown
            assert ("请核对填写", "") == (row["状态"], row["绩效工资 (CNY)"]), record
            product = record["base"] * record["attended"]
            assert record["base"] == 10**9 or -4 >= product.normalize().as_tuple().exponent, record
    assert 80 < computed < len(records)


PARTS = """
schema = 1
id = "parts"
currency = "CNY"
[inputs.hours]
type = "number"
label = { zh = "工时", en = "Hours" }
range = ">= 1"
step = 0.5
[inputs.sales]
type = "count"
label = { zh = "销量", en = "Sales" }
[derive.rate]
label = { zh = "每小时销量", en = "Sales an hour" }
formula = "sales / hours"
[[criterion]]
id = "work"
label = { zh = "工作业绩", en = "Work" }
weight = 100
[outcome.pay]
label = { zh = "绩效工资", en = "Pay" }
formula = "100 * rate"
round = { to = 1, mode = "half_up" }
"""
GATED = """
schema = 1
id = "gated"
[inputs.events]
type = "count"
many = true
[derive.worst]
of = "events"
count = "> 2"
[[criterion]]
id = "work"
weight = 100
[[gate]]
when = { worst = ">= 1" }
refuse = true
reason = "three events"
"""


def test_a_part_that_no_formula_computes_is_blank_alone(tmp_path):
    """The total is computed and the pay is not, which the grid states; what it needs is asked for."""
    rubric, messages = loads(PARTS), []
    records = ({"work": 80, "hours": 2, "sales": 3}, {"work": 80, "sales": 3}, {})
    roster = Roster(columns=(("姓名", ("甲", "乙", "丙")),), records=records)
    book = month_grid(rubric, roster, lang="zh", blank_part=messages.append)
    (note,) = messages
    assert note.text("zh").startswith(
        "绩效工资 (CNY)：工作簿中留空，因为“每小时销量”没有精确的公式"
    )
    (made,) = office.recalculated(tmp_path, [book])
    above, rows = shown(made["总表"], "状态")
    assert note.text("zh") == above[1][0]
    states = [(row["状态"], row["总分（满分 100）"], row["绩效工资 (CNY)"]) for row in rows[:3]]
    assert [("完成", 80, ""), ("未完成", "", ""), ("未完成", "", "")] == states


def test_nothing_is_shown_of_rows_that_a_gate_without_formula_may_reject():
    """The whole workbook computes nothing, and states it."""
    messages = []
    rubric = loads(GATED)
    book = month_grid(rubric, no_people(Plan(rubric), "en"), lang="en", blank_part=messages.append)
    (note,) = messages
    assert "the workbook computes nothing: events is a list" in note.text()
    rows = office.sheets(book)["Overview"]
    assert rows[1][0].startswith("Not computed in this workbook: events is a list")


def test_the_reason_is_in_the_language_of_the_workbook():
    """With the label of the part, in the grid and in the workbook of forms."""
    labelled = GATED.replace(
        "[inputs.events]\n", '[inputs.events]\nlabel = { en = "Events", zh = "事件" }\n'
    )
    assert labelled != GATED
    rubric = loads(labelled)
    grid = month_grid(rubric, no_people(Plan(rubric), "zh"), lang="zh")
    forms = sheet(rubric, "xlsx", lang="zh")
    for made in (grid, forms):
        cells = [str(cell) for rows in office.sheets(made).values() for row in rows for cell in row]
        assert any(cell.startswith("本工作簿不计算：“事件”是列表。") for cell in cells)
        assert not any("is a list" in cell for cell in cells)


WIDE = """
schema = 1
id = "wide"
[inputs.base]
type = "number"
range = ">= 0"
[inputs.rate]
type = "number"
range = "0..1"
step = 0.0000001
[inputs.huge]
type = "number"
range = ">= 900000000"
[inputs.far]
type = "number"
range = ">= 5000000"
step = 0.0000001
[[criterion]]
id = "work"
weight = 100
[outcome.product]
formula = "12345 * base"
[outcome.added]
formula = "9 * base + 9 * base"
[outcome.units]
formula = "base + rate"
[outcome.never]
formula = "huge * 54321"
[outcome.fine]
formula = "far"
"""


def test_sums_products_and_fractions_beyond_the_digits_of_a_cell_are_told_apart(tmp_path):
    """A row shows what evaluate computes, or nothing; what no row can show is left out."""
    rubric, messages = loads(WIDE), []
    bases = ["0", "12.3456", "199999.5", "160000000", "180000000", "999999999"]
    records = [
        {
            "work": 50,
            "base": Decimal(base),
            "rate": Decimal("0.0000001"),
            "huge": 10**9,
            "far": 6 * 10**6,
        }
        for base in bases
    ]
    roster = Roster(columns=(), records=tuple(records))
    book = month_grid(rubric, roster, lang="en", blank_part=messages.append)
    blank_ = [message.text().split(":")[0] for message in messages]
    assert ["never", "fine"] == blank_
    (made,) = office.recalculated(tmp_path, [book])
    _, rows = shown(made["Overview"], "State")
    _, stored = shown(office.sheets(book)["Overview"], "State")
    assert stored[: len(records)] == rows[: len(records)]
    states = [row["State"] for row in rows[: len(records)]]
    assert ["complete"] * 3 == states[:3]
    assert "check the entries" == states[-1]
    for record, row in zip(records, rows, strict=False):
        outcomes_ = evaluate(rubric, record).outcomes
        for name in ("product", "added", "units"):
            if row["State"] == "complete":
                assert number(float(outcomes_[name])) == number(row[name]), record
            else:
                assert "" == row[name]


RATED = """
schema = 1
id = "rated"
[raters]
superior = { weight = 60, label = { zh = "上级", en = "Superior" } }
peer = 40
[[criterion]]
id = "work"
label = { zh = "工作业绩", en = "Work" }
weight = 50
[[criterion]]
id = "care"
weight = 50
"""


def test_each_rater_has_a_column():
    """Named by the criterion and the rater, each by its label if it has one."""
    assert ["工作业绩 (上级)", "工作业绩 (peer)", "care (上级)", "care (peer)"] == [
        heading for _, heading in headings(loads(RATED))
    ]


def test_an_option_whose_label_is_another_code_is_shown_by_its_code():
    """Else evaluate would read the other option."""
    text = 'schema = 1\nid = "x"\n[inputs.kind]\ntype = "choice"\n'
    text += 'options = { a = "one", b = "two" }\n[[criterion]]\nid = "work"\nweight = 100\n'
    (kind, _), *_ = headings(loads(text))
    assert (("one", "a"), ("two", "b")) == kind.options
    entry = attrs.evolve(kind, options=(("b", "a"), ("two", "b")))
    reader = readers_of(Plan(loads(text)))["kind"]
    assert [("a", "a"), ("two", "b")] == list(read_back(entry, reader))
