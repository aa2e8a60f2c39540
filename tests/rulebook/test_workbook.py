"""The rule workbook as a file: what people see and choose from."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from kpirules.api.load import load
from kpirules.rulebook.layout import SHEETS
from kpirules.rulebook.workbook import rule_workbook
from kpirules.toml.converter import unstructure
from tests.office import converted


def book(tree, lang="en"):
    """Open the workbook of a tree."""
    return openpyxl.load_workbook(io.BytesIO(rule_workbook(tree, lang)))


def headings(sheet, row=3):
    """Return the headings of a sheet."""
    return [cell.value for cell in sheet[row] if cell.value is not None]


def test_a_blank_workbook_has_the_sheets_and_columns_that_most_forms_need():
    """With an explanation of the sheet, and what to write into each column."""
    made = book({"id": "x", "effective_from": date(2027, 1, 1)})
    assert [sheet.title("en") for sheet in SHEETS if sheet.is_basic] == made.sheetnames
    items = made["Items"]
    assert [
        "Section", "Section weight", "Item", "Weight", "Data 1", "Data 2", "Limit to (clamp)",
        "When 1", "When 2", "Points", "Formula", "Level", "Section id", "Item id", "Notes",
    ] == headings(items)  # fmt: skip
    assert items["A1"].value.startswith("The form as it is printed")
    assert "15, or a range to award within: 8..10" == items["J2"].value
    assert ["Example", "→ Total", "→ Tier", "→ Performance pay", "Notes"] == headings(
        made["Examples"]
    )
    form = {row[0].value: row[1].value for row in made["Form"].iter_rows()}
    assert ("x", datetime(2027, 1, 1)) == (form["Ruleset id"], form["Effective from"])  # noqa: DTZ001


def test_words_and_names_are_chosen_from_lists():
    """Words of the language; names of the data and tiers sheets, where an id may be typed too."""
    made = book({}, "zh")
    lists = {
        each.formula1: each.showErrorMessage
        for each in made["数据"].data_validations.dataValidation
    }
    assert lists['"次数,数值,选项,是否,文字"']
    assert '"越高越好,越低越好"' in lists
    (names,) = {each.formula1 for each in made["考核项目"].data_validations.dataValidation}
    assert "'数据'!$A$4:$A$63" == names
    vetoes = {
        each.formula1: each.showErrorMessage
        for each in made["否决与限制"].data_validations.dataValidation
    }
    assert not vetoes["'等级'!$A$4:$A$63"]


def test_conditions_and_ranges_are_texts():
    """A spreadsheet makes a date of 1-2 that is typed into another cell; text is never a formula."""
    made = book(unstructure(load("customer-service")))
    items = made["Items"]
    columns = {cell.value: cell.column for cell in items[3]}
    assert "@" == items.cell(40, columns["When 1"]).number_format
    assert "@" == items.cell(40, columns["Points"]).number_format
    assert "General" == items.cell(40, columns["Weight"]).number_format
    evil = book({"label": "=HYPERLINK(1)", "note": "@x"})["Form"]
    assert "s" == evil["B1"].data_type
    assert "=HYPERLINK(1)" == evil["B1"].value


def test_labels_in_two_languages_have_two_columns():
    """That of the workbook comes first."""
    made = book(unstructure(load("customer-service")), "zh")
    assert ["部分 [zh]", "部分 [en]", "部分权重"] == headings(made["考核项目"])[:3]
    assert ["名称 [zh]", "名称 [en]"] == [made["考核表"].cell(i, 1).value for i in (1, 2)]


def test_numbers_of_more_digits_than_a_cell_holds_are_texts():
    """Others are numbers."""
    tree = {
        "criterion": [
            {"id": "a", "weight": Decimal("1234567890.123456")},
            {"id": "b", "weight": Decimal("0.5")},
        ]
    }
    items = book(tree)["Items"]
    column = next(cell.column for cell in items[3] if cell.value == "Weight")
    assert ["1234567890.123456", 0.5] == [items.cell(i, column).value for i in (4, 5)]


def test_the_same_rules_give_the_same_bytes():
    """Also a second later."""
    tree = unstructure(load("store-manager"))
    assert rule_workbook(tree, "zh") == rule_workbook(tree, "zh")


@pytest.mark.thorough("LibreOffice saves the workbook of a ruleset")
def test_a_workbook_that_another_program_has_saved_is_the_same_ruleset(tmp_path):
    """LibreOffice writes other cells, formats and texts."""
    from pathlib import Path

    from kpirules.cli.io.excel import Book
    from kpirules.rulebook.importing import imported
    from kpirules.toml.writer import fingerprint

    rubric = load("customer-service")
    content = rule_workbook(unstructure(rubric), "zh")
    (ods,) = converted(tmp_path, "ods", {"a.xlsx": content})
    (again,) = converted(tmp_path / "again", "xlsx", {"a.ods": ods})
    made = imported(Book(Path("a.xlsx"), again), "a.xlsx")
    assert fingerprint(rubric) == fingerprint(made.rubric)
