"""Workbooks as people have them: titles, merged cells, percents, formulas, many sheets."""

from __future__ import annotations

from decimal import Decimal

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from kpirules.cli import rows as cli_rows
from kpirules.cli.io import excel, readers
from kpirules.cli.io.sources import Options
from kpirules.cli.io.tables import is_percent, shown
from tests.cli.io.test_readers import ENGINES, TABLES, A, D, rows_of


HEAD = ["name", "late", "complaints"]


def book(path, rows, *merged, formats=()):
    """Write rows as a workbook, with merged ranges and (cell, number format)."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for ref in merged:
        made.active.merge_cells(ref)
    for cell, number_format in formats:
        made.active[cell].number_format = number_format
    made.save(path)
    return path


def outcomes(run, rules, file, *options):
    """Score a file: the exit code, and (total, error) of each row."""
    code, out, err = run("evaluate", rules, file, *options)
    return code, [(row["total"], row["error"]) for row in rows_of(out)], err


# ---------------------------------------------------------------- merged cells


def part_of(ref, *names):
    """Give what is wrong with the cells of a merged range."""
    return "; ".join(
        f"{name}: is part of the merged cell {ref}; give each row a cell of its own"
        for name in names
    )


@ENGINES
def test_merged_input_cells_are_rejected(run, monkeypatch, few):
    """Down a column and across columns, every row, with the range."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    code, found, err = outcomes(run, A, TABLES / "down.xlsx")
    assert (1, [("", part_of("B2:B4", "late"))] * 3 + [("100", "")]) == (code, found)
    assert f"row 2 (worksheet row 3), Bo: {part_of('B2:B4', 'late')}" in err
    code, found, _ = outcomes(run, D, TABLES / "across.xlsx")
    assert (1, ("", part_of("B2:C2", "late", "complaints")), ("100", "")) == (code, *found)


@ENGINES
@pytest.mark.parametrize("command", ["sheet", "report", "explain"])
def test_merged_input_cells_are_rejected_by_all_commands(run, tmp_path, monkeypatch, few, command):
    """Nobody's wage depends on the command."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    extra = ["--row", 2] if command == "explain" else ["-o", tmp_path / "out.html"]
    code, _, err = run(command, A, TABLES / "down.xlsx", *extra)
    assert 1 == code
    assert "is part of the merged cell B2:B4" in err


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("A1:C1", ["100", "100"]),
        ("A3:A4", ["100", "100"]),
        ("A5:C5", ["100", "100"]),
        ("C3:D3", ["100", "100"]),
        ("B3:B3", ["100", "100"]),
        ("A3:B3", ["", "100"]),
        ("B2:B3", ["", "100"]),
        ("B3:C4", ["", ""]),
        ("B3:B9", ["", ""]),
        ("B4:B9", ["100", "100"]),
    ],
)
def test_only_merged_cells_that_hide_an_input_matter(run, tmp_path, ref, expected):
    """Titles, names and a row that is several rows high are as they seem."""
    rows = [["October", None, None], HEAD, ["An", 0, 0], ["Bo", 0, 0]]
    file = book(tmp_path / "in.xlsx", rows, ref)
    _, found, _ = outcomes(run, D, file, "--heading", 2, "--allow-missing", "late")
    if ref == "A3:A4":
        expected = ["100", "100"]
    if ref == "B2:B3":
        # the heading is merged with its first cell: the column has its name
        assert part_of("B2:B3", "late") == found[0][1]
    assert expected == [total for total, _ in found]


def test_other_problems_of_a_row_are_named_too(run, tmp_path):
    """All at once."""
    rows = [HEAD, ["An", 1, "x"], ["Bo", None, 0], ["Cem", None, "x"]]
    file = book(tmp_path / "in.xlsx", rows, "B2:B3")
    _, found, _ = outcomes(run, D, file)
    assert found[0][1].startswith(part_of("B2:B3", "late") + "; complaints = 'x'")
    assert part_of("B2:B3", "late") == found[1][1]
    assert "complaints = 'x'" in found[2][1]


def test_merged_ranges_are_read_across_pieces_and_batches(run, tmp_path, monkeypatch):
    """A batch does not end within one, nor a range within a piece of the file."""
    rows = [HEAD, *([f"P{i}", 0, 0] for i in range(12))]
    merged = [f"B{i}:B{i + 1}" for i in (3, 6, 9)]
    file = book(tmp_path / "in.xlsx", rows, *merged)
    expected = outcomes(run, D, file)
    assert 6 == sum(not total for total, _ in expected[1])
    monkeypatch.setattr(readers, "ROWS", 1)
    monkeypatch.setattr(excel, "_PIECE", 64)
    monkeypatch.setattr(excel, "_FREE", 1 << 30)
    assert expected == outcomes(run, D, file)
    monkeypatch.setattr(excel, "MAX_RANGES", 2)
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert "has more than 2 merged cells" in err


# ---------------------------------------------------------------- percents


@pytest.mark.parametrize(
    ("expected", "value", "number_format"),
    [
        ("95%", Decimal("0.95"), "0%"),
        ("85.5%", Decimal("0.855"), "0.00%"),
        ("100%", 1, "0%;[Red]-0%"),
        ("0%", 0, "0%"),
        ("-5%", Decimal("-0.05"), "0%"),
        (Decimal("0.5"), Decimal("0.5"), '0.0" %"'),
        (Decimal("0.5"), Decimal("0.5"), "0.0\\%"),
        (True, True, "0%"),
        ("x", "x", "0%"),
        (None, None, "0%"),
    ],
)
def test_a_percent_is_read_as_it_is_shown(expected, value, number_format):
    """A format that quotes the sign shows the number itself."""
    assert expected == shown(value, number_format)
    assert isinstance(is_percent(number_format), bool)


SHARES = """schema = 1
id = "x"
inputs.rates = { type = "number", unit = "%", many = true, range = "-1000..1000" }
total.range = "any"
[[criterion]]
id = "a"
weight = 100
range = "any"
formula = "max(rates)"
"""


@pytest.mark.parametrize(
    ("file", "totals"), [("mixed.xlsx", ["100", "80", "80"]), ("all-percent.xlsx", ["100", "80"])]
)
@ENGINES
def test_percents_are_the_numbers_of_an_input_in_percent(run, monkeypatch, few, file, totals):
    """105% is 105, and so is 105; the cells come out as they were."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    code, found, _ = outcomes(run, A, TABLES / file)
    assert (0, totals) == (code, [total for total, _ in found])


@ENGINES
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_small_number_among_percents_is_ambiguous(run, tmp_path, monkeypatch, few, kind):
    """1 may mean 1% or 100%; 0 and 95 are what they are."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    rows = [["name", "late", "target"], *(["An", 0, v] for v in (0.95, 1, 0, 95, "n"))]
    file = tmp_path / f"in.{kind}"
    if kind == "xlsx":
        book(file, [*rows, ["Bo", 0, 0.8]], formats=[("C7", "0%")])
    else:
        cells = [*rows, ["Bo", 0, "８０％"]]
        file.write_text("".join(",".join(map(str, row)) + "\n" for row in cells), "utf-8")
    code, found, _ = outcomes(run, A, file)
    said = "is ambiguous, since other cells of this column are percents; write"
    assert 1 == code
    assert f"target = '0.95': {said} 95% or 0.95%" == found[0][1]
    assert f"target = '1': {said} 100% or 1%" == found[1][1]
    assert ["50", "80"] == [total for total, _ in found[2:4]]
    assert "is not a number" in found[4][1]


@pytest.mark.parametrize(
    ("expected", "cell"),
    [
        ("write 105% or 1.05%", "1.05"),
        ("write 999% or 9.99%", "9.99"),
        ("write 90% or 0.9%", "95%;0.9"),
        ("write 90% or 0.9%", "0.9;95"),
        ("", "11;95"),
        ("", "11"),
        ("", "-5%"),
        ("", "95%;11%"),
        ("", "0"),
    ],
)
def test_a_share_in_a_column_of_percents_is_ambiguous(run, tmp_path, monkeypatch, expected, cell):
    """If a hundred times as much is allowed, too; also in a list."""
    rules = tmp_path / "x.rubric.toml"
    rules.write_text(SHARES, encoding="utf-8")
    file = tmp_path / "in.csv"
    file.write_text(f"name,rates\nAn,{cell}\nBo,80%\n", encoding="utf-8")
    for few in (2_000, -1):
        monkeypatch.setattr(cli_rows, "FEW", few)
        _, found, _ = outcomes(run, rules, file)
        assert bool(expected) == ("is ambiguous" in found[0][1])
        assert expected in found[0][1]
        assert "" == found[1][1]


def test_a_number_that_cannot_be_a_share_is_itself(run, tmp_path):
    """5 is not 500% where at most 100% is allowed."""
    rules = tmp_path / "x.rubric.toml"
    rules.write_text(SHARES.replace("-1000..1000", "-100..100"), encoding="utf-8")
    file = tmp_path / "in.csv"
    file.write_text("rates\n5\n80%\n1.05\n", encoding="utf-8")
    assert (0, ["5", "80", "1.05"]) == (
        outcomes(run, rules, file)[0],
        [total for total, _ in outcomes(run, rules, file)[1]],
    )


def test_without_percents_small_numbers_are_themselves(run, tmp_path):
    """0.95 percent is rare, and not ambiguous where nobody writes 95%."""
    rows = [["name", "late", "target"], ["An", 0, 0.95]]
    assert (0, [("50", "")], "1 row: 1 scored (1 fair), 0 rejected\n") == outcomes(
        run, A, book(tmp_path / "in.xlsx", rows)
    )


def test_a_percent_elsewhere_is_rejected(run, tmp_path):
    """Half a complaint is not a count, and 100% of one is not one."""
    file = book(tmp_path / "in.xlsx", [HEAD, ["An", 1, 0]], formats=[("B2", "0%")])
    code, found, _ = outcomes(run, D, file)
    assert 1 == code
    assert found[0][1].startswith("late = '100%': ")


def test_carried_percents_come_out_as_numbers(run, tmp_path):
    """Only what is read is read as it is shown."""
    rows = [[*HEAD, "share"], ["An", 0, 0, 0.25]]
    file = book(tmp_path / "in.xlsx", rows, formats=[("D2", "0%")])
    out = tmp_path / "out.xlsx"
    assert 0 == run("evaluate", D, file, "-o", out)[0]
    cell = openpyxl.load_workbook(out).active["D2"]
    assert (0.25, "0%") == (cell.value, cell.number_format)


def test_percents_in_a_form_are_rejected(run, tmp_path):
    """Its own formulas take 95% as 0.95: the sheet would show other points than the result."""
    file = tmp_path / "form.xlsx"
    assert 0 == run("sheet", A, "-o", file)[0]
    form = openpyxl.load_workbook(file)
    grid = form.worksheets[0]
    (heading,) = (row for row in grid.iter_rows() if "late" in [cell.value for cell in row])
    columns = {str(cell.value).partition(" ")[0]: cell.column for cell in heading}
    for name, value, number_format in (("late", 0, "0"), ("target", 0.95, "0%")):
        cell = grid.cell(heading[0].row + 1, columns[name], value)
        cell.number_format = number_format
    form.save(file)
    code, found, err = outcomes(run, A, file)
    assert 1 == code
    assert (
        "target = '95%': is a cell in percents, which the formulas of the workbook" in found[0][1]
    )
    assert "row 1 (worksheet row 5): " in err


# ---------------------------------------------------------------- headings and sheets


def test_a_title_above_the_heading_is_told(run):
    """With the row that has the names, which --heading takes."""
    code, _, err = run("evaluate", A, TABLES / "title.xlsx")
    assert 2 == code
    said = "row 1 is not the heading: none of its cells is a name of the ruleset; row 2 has 2 of"
    assert f"{said} them\n  help: --heading 2\n" in err
    assert (0, [("100", "")]) == outcomes(run, A, TABLES / "title.xlsx", "--heading", 2)[:2]
    err = run("evaluate", A, TABLES / "title-gap.xlsx")[2]
    assert "help: --heading 3" in err
    code, found, _ = outcomes(run, A, TABLES / "title-gap.xlsx", "--heading", 3)
    assert (0, [("100", ""), ("60", "")]) == (code, found)


def test_a_title_that_is_a_name_is_told_too(run, tmp_path):
    """The row with the most names is the heading."""
    file = book(tmp_path / "in.xlsx", [["late"], HEAD, ["An", 0, 0]])
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert "row 1 is not the heading: 1 of them of its cells is a name" not in err
    assert "row 1 is not the heading: only 1 of its cells is a name of the ruleset; row 2" in err


@pytest.mark.parametrize("row", [3, 9])
def test_a_heading_that_is_not_there_is_told(run, tmp_path, row):
    """Blank rows and rows below the table name no columns."""
    file = book(tmp_path / "in.xlsx", [["t"], HEAD, [None, " "], ["An", 0, 0]])
    code, _, err = run("evaluate", D, file, "--heading", row)
    assert 2 == code
    assert f"worksheet row {row} is not a row with names of columns" in err


def test_a_sheet_is_chosen_by_its_name(run, tmp_path):
    """A cover sheet is told, with the sheet that has the names."""
    made = openpyxl.Workbook()
    made.active.title = "Cover"
    made.active.append(["October"])
    data = made.create_sheet("Data 2")
    for row in (HEAD, ["An", 0, 0]):
        data.append(row)
    made.create_sheet("empty")
    file = tmp_path / "in.xlsx"
    made.save(file)
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert "row 1 of the sheet 'Data 2' has 2 of them\n  help: --sheet Data 2\n" in err
    for name in ("Data 2", "data 2 "):
        code, found, err = outcomes(run, D, file, "--sheet", name)
        assert (0, [("100", "")], False) == (code, found, "note" in err)
    code, _, err = run("evaluate", D, file, "--sheet", "Dat")
    assert 2 == code
    assert "has no sheet 'Dat'; there are: 'Cover', 'Data 2', 'empty'" in err
    code, _, err = run("evaluate", D, file, "--sheet", "empty")
    assert 2 == code
    assert "is empty" in err


def test_no_sheet_with_a_name_is_an_error_of_the_columns(run, tmp_path):
    """As in any other file."""
    made = openpyxl.Workbook()
    made.active.append(["x"])
    made.create_sheet("y").append(["y"])
    made.save(tmp_path / "in.xlsx")
    code, _, err = run("evaluate", D, tmp_path / "in.xlsx")
    assert 2 == code
    assert "none of the columns is a name of the ruleset" in err


# ---------------------------------------------------------------- formulas


def test_formulas_without_a_result_are_their_text(run, tmp_path):
    """Also of arrays and data tables: no input takes them, and no default answers."""
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (HEAD, ["An", None, 0], ["Bo", None, 0], ["Cem", None, 0]):
        sheet.append(row)
    sheet["B2"] = "=1+1"
    sheet["B3"] = ArrayFormula("B3", "=SUM(C2:C3)")
    sheet["B4"] = DataTableFormula(ref="B4", dt2D=False, r1="C1", r2=None)
    made.save(tmp_path / "in.xlsx")
    code, found, _ = outcomes(run, D, tmp_path / "in.xlsx")
    assert 1 == code
    for (_, error), text in zip(found, ("=1+1", "=SUM(C2:C3)", "=TABLE(C1,)"), strict=True):
        assert f"late = '{text}': is not a number" in error


def test_an_unknown_formula_is_some_text():
    """Never nothing."""
    assert "7" == excel._formula(7)


def test_many_sheets_that_are_not_read_are_counted(run, tmp_path):
    """The note names ten of them, in the language of the run."""
    book = openpyxl.Workbook()
    book.active.append(["name", "late"])
    for number in range(12):
        book.create_sheet(f"s{number}")
    path = tmp_path / "in.xlsx"
    book.save(path)
    err = run("evaluate", "customer-service", path)[2]
    assert "" != err
    table = excel.source(path, None, Options())
    (note,) = table.notes
    assert "'s9', and 2 more" in str(note)
    assert "'s9'\uff0c另有 2 个" in note.text("zh")


@pytest.mark.parametrize(
    ("expected", "value", "number_format"),
    [
        ("00123", 123, "00000"),
        ("-007", -7, "000"),
        ("00", 0, "00"),
        (123, 123, "000"),
        (1234, 1234, "000"),
        (7, 7, "0"),
        (Decimal("7.5"), Decimal("7.5"), "000"),
        (7, 7, "000;[Red]000"),
        (True, True, "000"),
    ],
)
def test_leading_zeros_are_read_as_they_are_shown(expected, value, number_format):
    """Of whole numbers whose format is nothing but zeros."""
    assert (expected, type(expected)) == (
        shown(value, number_format),
        type(shown(value, number_format)),
    )


def test_leading_zeros_of_a_key_are_kept_outside_of_workbooks(run, tmp_path):
    """In CSV, JSON Lines, sheets and notes; in a workbook the number keeps its format."""
    rows = [["employee_no", "late", "complaints"], [123, 0, 0], ["00123", 0, 0]]
    file = book(tmp_path / "in.xlsx", rows, formats=[("A2", "00000")])
    code, out, err = run("evaluate", D, file)
    assert (0, 2) == (code, out.count("\n00123,0,0,"))
    assert 'have the same employee_no, "00123"; both were scored' in err
    assert 2 == run("evaluate", D, file, "--format", "jsonl")[1].count('"employee_no": "00123"')
    page = tmp_path / "out.html"
    assert 0 == run("sheet", D, file, "-o", page)[0]
    assert 2 <= page.read_text(encoding="utf-8").count("00123")
    again = tmp_path / "out.xlsx"
    assert 0 == run("evaluate", D, file, "-o", again)[0]
    cell = openpyxl.load_workbook(again).active["A2"]
    assert (123, "00000") == (cell.value, cell.number_format)
