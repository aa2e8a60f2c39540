"""The paper form of the author guide by a workbook, as somebody types it who knows no TOML."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from kpirules.api.load import load_file
from kpirules.cli.app import app
from tests.programs import need_module


pytestmark = pytest.mark.thorough("a paper form by a workbook to a signed-off month")

FORM = {
    "Title": "Cashier, monthly appraisal",
    "Job": "Cashier",
    "Period": "month",
    "Currency": "EUR",
    "Full marks": 100,
}
#: as the form is printed: the spellings of people, and its three unclear places
AS_PRINTED = {
    "Data": [
        ("Name of the data", "Type", "Unit", "Better is"),
        ("Late arrivals", "count", "times", "lower"),
        ("Absences", "count", "days", "lower"),
        ("Till differences", "count", None, "lower"),
        ("Memberships sold", "number", "%", "higher"),
        ("Took cash", "yes or no"),
    ],
    "Items": [
        ("Section", "Section weight", "Item", "Weight", "Data 1", "Data 2", "When 1", "When 2",
         "Points", "Formula", "Level"),
        ("Conduct", 25, "Attendance", 15, "Late arrivals", "Absences", 0, 0, 15, None, "never late, never absent"),
        (None, None, None, None, None, None, "1-2", 0, 10, None, "late once or twice"),
        (None, None, None, None, None, None, ">=3", None, 0, None, "late three times"),
        (None, None, None, None, None, None, None, ">= 1", 0, None, "absent"),
        (None, None, "Teamwork", 10),
        ("Work", 75, "Service", 30, None, None, None, None, "26-30", None, "praised"),
        (None, None, None, None, None, None, None, None, "16-25", None, "courteous"),
        (None, None, None, None, None, None, None, None, "0-14", None, "complaints"),
        (None, None, "Till differences", 25, None, None, None, None, None, "25 - 5 * Till differences"),
        (None, None, "Memberships sold", 20, "Memberships sold", None, "100% and more", None, 20),
        (None, None, None, None, None, None, "80-99 %", None, 12),
        (None, None, None, None, None, None, "less", None, 0),
    ],
    "Tiers": [
        ("Tier", "Total", "Pay"),
        ("Excellent", "90-100", 500),
        ("Good", "75-89", 200),
        ("Pass", "60-74", 0),
        ("Fail", "below 60", -100),
    ],
    "Vetoes": [
        ("Data 1", "When 1", "Tier at most", "Reason"),
        ("Took cash", "yes", "Fail", "takes cash"),
    ],
}  # fmt: skip
EXAMPLES = [
    ("Example", "Late arrivals", "Absences", "Till differences", "Memberships sold", "Took cash",
     "Teamwork", "Service", "→ Total", "→ Tier", "→ Pay"),
    ("Anna", 0, 0, 0, "104%", "no", 9, 28, 97, "Excellent", 500),
    ("Ben", 2, 0, 1, "85%", "no", 8, 20, 70, "Pass", 0),
    ("Carla, took cash", 0, 0, 0, 100, "yes", 10, 30, 100, "Fail", -100),
]  # fmt: skip


def run(*arguments):
    """Run a command; return its exit code and all that it prints."""
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def columns_of(sheet, row=3):
    """Return the columns of a sheet by their headings."""
    return {cell.value: cell.column for cell in sheet[row] if cell.value}


def typed(sheet, headings, *rows):
    """Type rows below the headings of a sheet."""
    columns = columns_of(sheet)
    for number, row in enumerate(rows, 4):
        for heading, value in zip(headings, row, strict=False):
            if value is not None:
                sheet.cell(number, columns[heading], value)


def cells(sheet, changes):
    """Change cells of the sheet of items, by row and heading."""
    columns = columns_of(sheet)
    for (row, heading), value in changes.items():
        sheet.cell(row, columns[heading]).value = value


def test_a_paper_form_by_a_workbook_to_a_month_to_sign(tmp_path, monkeypatch):
    """Blank workbook, findings by cell, mended, examples, month, results, sheets, report."""
    for module in ("weasyprint", "openpyxl"):
        need_module(module)
    monkeypatch.chdir(tmp_path)
    assert 0 == run("new", "cashier", "--excel", "--from", "2027-01-01")[0]
    book = openpyxl.load_workbook("cashier.xlsx")
    for heading, value, *_ in book["Form"].iter_rows():
        if heading.value in FORM:
            value.value = FORM[heading.value]
    for title, (headings, *rows) in AS_PRINTED.items():
        typed(book[title], headings, *rows)
    book.save("cashier.xlsx")
    code, out = run("import", "cashier.xlsx")
    assert 1 == code
    found = dict(re.findall(r"cashier\.xlsx (\w+![A-Z]\d+): \w+\[([a-z-]+)\]", out))
    assert {"band-overlap", "rating-gap", "points-out-of-range", "value"} <= {*found.values()}
    assert '"Limit to (clamp)"' in out
    assert 'on the sheet "Decisions"' in out
    # each is mended where the finding is, with the columns that the blank workbook has
    items = book["Items"]
    cells(items, {
        (6, "When 1"): "otherwise",
        (6, "Level"): "late three times, or absent",
        **{(7, heading): None for heading in ("When 2", "Points", "Level")},
        (10, "Points"): "15-25",
        (12, "Limit to (clamp)"): "0-25",
        (15, "When 1"): "below 80",
    })  # fmt: skip
    decision = ("Service", "15 points are in no level", "15 is courteous")
    typed(book["Decisions"], ("Clause", "Open question", "Decision"), decision)
    for j, heading in enumerate(EXAMPLES[0], 1):
        book["Examples"].cell(3, j, heading)
    typed(book["Examples"], *EXAMPLES)
    book.save("cashier.xlsx")
    code, out = run("import", "cashier.xlsx", "--fill-ids")
    path = "rulesets/cashier/2027-01-01.rubric.toml"
    assert (0, True) == (code, f"kpirules template {path}" in out), out
    assert {"note"} == {*re.findall(r": (\w+)\[", out)}
    assert 5 == len(load_file(path).all_criteria)
    signed_off(path)


def signed_off(path):
    """Fill in the month of the rules, and make all that is signed and paid."""
    people = "number,name\nK1,Anna Weiss\nK2,Ben Adler\nK3,Carla Roth\n"
    Path("roster.csv").write_text(people, encoding="utf-8")
    assert 0 == run("template", path, "roster.csv", "-o", "month.xlsx")[0]
    book = openpyxl.load_workbook("month.xlsx")
    sheet = book.active
    columns = columns_of(sheet, 4)
    # labels, although items and data have the same ones
    assert {"Till differences (data)", "Memberships sold (%)", "Teamwork"} < {*columns}
    first = columns["Late arrivals (times)"]
    for row, (_, *given) in enumerate(EXAMPLES[1:], 5):
        for column, value in enumerate(given[:7], first):
            sheet.cell(row, column, float(value[:-1]) if str(value).endswith("%") else value)
    book.save("month.xlsx")
    code, out = run("evaluate", path, "month.xlsx", "-o", "results.jsonl")
    assert (0, True) == (code, "3 scored" in out), out
    rows = [json.loads(line) for line in Path("results.jsonl").read_text("utf-8").splitlines()]
    assert [(97, 500), (70, 0), (100, -100)] == [(r["total"], r["pay"]) for r in rows]
    month = ("--month", "2027-01")
    for command, output in (("sheet", "sheets.pdf"), ("report", "report.pdf")):
        assert 0 == run(command, path, "month.xlsx", "-o", output, *month)[0]
        assert Path(output).read_bytes().startswith(b"%PDF")
    code, out = run("explain", path, "month.xlsx", "--who", "K3")
    assert "takes cash" in out
    assert 0 == code
