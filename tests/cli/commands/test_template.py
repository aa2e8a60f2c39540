"""``kpirules template``: the table of a month, filled in, is read by ``evaluate`` and ``sheet``."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from kpirules.cli.commands import template
from tests.sheets.excel.test_month_grid import filled, outcomes, some_records, top_of


ROSTER = "工号,姓名,部门\n00123,张三,=1+1\n00124,李四,乙部\n"


@pytest.fixture
def roster(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    return file


def rows_of(text):
    """Return the rows of a CSV file."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture(scope="module")
def rubric():
    from kpirules import load

    return load("customer-service")


def test_a_filled_grid_is_scored_like_the_csv_of_the_same_values(run, rubric, roster, tmp_path):
    """The results are equal; results of the grid itself are not columns of the record."""
    grid, table = tmp_path / "month.xlsx", tmp_path / "month.csv"
    ok = (0, "")
    assert ok == run("template", "customer-service", roster, "-o", grid, "--lang", "zh")[:2]
    assert ok == run("template", "customer-service", roster, "-o", table, "--lang", "zh")[:2]
    heading, *people = rows_of(table.read_text(encoding="utf-8"))
    assert ["工号", "姓名", "部门", "迟到、未打卡次数 (次)"] == heading[:4]
    assert [["00123", "张三", "'=1+1"], ["00124", "李四", "乙部"]] == [row[:3] for row in people]

    records = [some_records(rubric, 1)[0] | {"late": 1}, *some_records(rubric, 2)[:1]]
    grid.write_bytes(filled(grid.read_bytes(), rubric, records))
    code, out, err = run("evaluate", "customer-service", grid)
    made = rows_of(out)
    assert 0 == code, err
    assert heading == made[0][: len(heading)]
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([heading, *(row[: len(heading)] for row in made[1:])])
    assert (0, out) == run("evaluate", "customer-service", table)[:2]
    totals = [row[made[0].index("total")] for row in made[1:]]
    assert [str(total) for total, _, _ in outcomes(rubric, records)] == totals


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_people_there_are_blank_rows(run, tmp_path, lang):
    """Columns for numbers and names, and rows that evaluate skips."""
    file = tmp_path / "month.xlsx"
    assert 0 == run("template", "customer-service", "-o", file, "--lang", lang)[0]
    sheet = openpyxl.load_workbook(file).worksheets[0]
    name, no = {"zh": ("姓名", "工号"), "en": ("Name", "Employee no")}[lang]
    top, columns = top_of(sheet, name)
    assert 1 == columns[no]
    assert 30 == sheet.max_row - top
    code, out, err = run("evaluate", "customer-service", file)
    assert (0, 1) == (code, len(rows_of(out))), err


def test_columns_of_the_record_are_filled_in(run, tmp_path):
    """By any heading that evaluate reads; options by their labels, others as they were given."""
    file, grid = tmp_path / "known.csv", tmp_path / "month.xlsx"
    file.write_text("late,姓名,duty\n2,张三,met\nmany,李四,x\n", encoding="utf-8")
    assert 0 == run("template", "customer-service", file, "-o", grid, "--lang", "zh")[0]
    sheet = openpyxl.load_workbook(grid).worksheets[0]
    top, columns = top_of(sheet, "姓名")
    assert 1 == columns["姓名"]
    late, duty = columns["迟到、未打卡次数 (次)"], columns["值日情况"]
    cells = [(sheet.cell(i, late).value, sheet.cell(i, duty).value) for i in (top + 1, top + 2)]
    assert [(2, "按要求完成"), ("many", "x")] == cells


def test_a_misspelled_column_of_the_record_is_an_error(run, tmp_path):
    """It is not taken for a column about people."""
    file = tmp_path / "people.csv"
    file.write_text("name,incidentz\nA,1\n", encoding="utf-8")
    code, _, err = run("template", "customer-service", file, "-o", tmp_path / "month.csv")
    assert 2 == code
    assert "incidents" in err


def test_the_output_is_a_workbook_or_csv(run, tmp_path):
    """Any other ending is a usage error, and so is none."""
    for more in ((), ("-o", tmp_path / "x.html")):
        code, _, err = run("template", "customer-service", *more)
        assert (2, True) == (code, "-o FILE.xlsx, -o FILE.csv" in err)


@pytest.mark.parametrize("cell", ["5", "1.5", "95%", "13800000000"])
def test_an_unknown_column_of_numbers_may_be_a_misnamed_fact(run, tmp_path, cell):
    """The table is rejected as before: no blank form in place of a record."""
    file = tmp_path / "people.csv"
    file.write_text(f"name,delays\nA,\nB,{cell}\n", encoding="utf-8")
    code, _, err = run("sheet", "customer-service", file, "-o", tmp_path / "x.html")
    assert 2 == code
    assert "none of the columns is a name of the ruleset" in err


@pytest.mark.parametrize("ending", ["html", "xlsx"])
def test_names_alone_give_blank_forms(run, roster, tmp_path, ending):
    """A form for each person; the exit code is 0, and no line is about a problem."""
    file = tmp_path / f"forms.{ending}"
    roster.write_text(roster.read_text("utf-8").replace("部门", "地点"), "utf-8")
    note = f"note: {roster}: names people alone; columns that are not read: '地点'\n"
    code, _, err = run("sheet", "customer-service", roster, "-o", file)
    assert (0, f"{note}2 rows: to fill in -> {file}\n") == (code, err)
    if ending == "html":
        page = file.read_text(encoding="utf-8")
        assert "张三" in page
        assert "李四" in page
    else:
        assert ["Overview", "张三", "李四"] == openpyxl.load_workbook(file).sheetnames[:3]


def test_a_table_without_any_value_gives_blank_forms(run, roster, tmp_path):
    """The empty grid and the empty CSV of a month give the forms of their people."""
    for ending in ("csv", "xlsx"):
        month, forms = tmp_path / f"month.{ending}", tmp_path / f"{ending}.html"
        run("template", "customer-service", roster, "-o", month)
        code, _, err = run("sheet", "customer-service", month, "-o", forms)
        assert (0, f"2 rows: to fill in -> {forms}\n") == (code, err)


def test_the_report_of_names_alone_is_an_error(run, roster, tmp_path):
    """There is nothing to report."""
    code, _, err = run("report", "customer-service", roster, "-o", tmp_path / "r.html")
    assert 2 == code
    assert "none of the columns is a name of the ruleset" in err


def test_neither_names_nor_records_is_an_error_of_sheets(run, tmp_path):
    """The columns that the ruleset needs are named."""
    file = tmp_path / "x.csv"
    file.write_text("place\nA\n", encoding="utf-8")
    code, _, err = run("sheet", "customer-service", file, "-o", tmp_path / "x.html")
    assert 2 == code
    assert "none of the columns is a name of the ruleset" in err


def test_a_row_with_values_among_others_is_scored(run, roster, tmp_path):
    """Then those without values are rejected, as evaluate rejects them."""
    month = tmp_path / "month.csv"
    run("template", "customer-service", roster, "-o", month)
    heading, *people = rows_of(month.read_text(encoding="utf-8"))
    people[0][3] = "1"
    with month.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([heading, *people])
    code, _, err = run("sheet", "customer-service", month, "-o", tmp_path / "x.html")
    assert 1 == code
    assert "2 rejected" in err


@pytest.mark.parametrize("command", ["template", "sheet"])
def test_a_blank_part_is_named_and_is_an_error_if_asked(run, tmp_path, command):
    """With the parts and the cure; the exit code is 1 under --strict."""
    file = tmp_path / "month.xlsx"
    code, _, err = run(command, "developer", "-o", file)
    assert 0 == code
    assert err.startswith("note: ")
    assert "blank in the workbook" in err
    assert "score it with kpirules evaluate" in err
    assert 1 == run(command, "developer", "-o", file, "--strict", "--force")[0]
    assert 0 == run(command, "customer-service", "-o", file, "--strict", "--force")[0]


@pytest.mark.parametrize("command", ["template", "sheet"])
def test_a_department_may_be_called_like_a_criterion(run, tmp_path, command):
    """The first row is the heading nevertheless: it has columns about people."""
    people, file = tmp_path / "people.csv", tmp_path / "made.xlsx"
    people.write_text("employee_no,name,department\nA1,An,Service\n", encoding="utf-8")
    code, _, err = run(command, "customer-service", people, "-o", file)
    assert (0, True) == (code, err.endswith(f"1 row: to fill in -> {file}\n")), err


def test_a_text_that_no_cell_holds_is_an_error(run, tmp_path):
    """Nothing is cut off; a CSV file holds it."""
    people = tmp_path / "people.csv"
    people.write_text(f"name,note\nAn,{'x' * 40_000}\n", encoding="utf-8")
    code, _, err = run("template", "customer-service", people, "-o", tmp_path / "month.xlsx")
    assert (2, True) == (code, "note" in err and "40000" in err.replace(" ", "")), err
    assert 0 == run("template", "customer-service", people, "-o", tmp_path / "month.csv")[0]


def test_there_are_limits_of_people(run, roster, tmp_path, monkeypatch):
    """Their rows are held in memory."""
    monkeypatch.setattr(template, "MAX_PEOPLE", 1)
    code, _, err = run("template", "customer-service", roster, "-o", tmp_path / "month.csv")
    assert (2, True) == (code, "more than 1 rows" in err), err


def test_cells_that_may_be_something_else_are_named(run, tmp_path):
    """A merged cell of the record belongs to several people: their rows are rejected."""
    book = openpyxl.Workbook()
    for row in (["name", "late"], ["An", 2], ["Bo", None]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.save(tmp_path / "people.xlsx")
    arguments = ("template", "customer-service", tmp_path / "people.xlsx")
    code, _, err = run(*arguments, "-o", tmp_path / "month.xlsx")
    assert (1, True) == (code, "2 rows: 2 rejected" in err), err
