"""Forms: standards in words, targets and data sources as columns, formulas with labels."""

from __future__ import annotations

import io

import openpyxl
import pytest

from kpirules import evaluate, loads, sheet
from kpirules.pages.ruleset_page import ruleset_page
from kpirules.pages.version_diff import Change, changes
from kpirules.sheets.form import Level
from kpirules.sheets.form_builder import blank, filled


TEXT = """
schema = 1
id = "desk"
label = { en = "Desk", zh = "前台" }
[source]
title = { en = "Monthly form", zh = "月度考核表" }
[inputs.errors]
type = "count"
label = { en = "Errors, all", zh = "差错" }
[inputs.late]
type = "count"
label = { en = "Late", zh = "迟到" }
[[section]]
id = "work"
label = { en = "Work", zh = "工作" }
[[section.criterion]]
id = "accuracy"
weight = 40
formula = "40 - 2*errors + 0 * points.attendance"
clamp = "0..40"
[[section.criterion]]
id = "attendance"
label = { en = "Attendance", zh = "出勤" }
weight = 30
bands = [{ when = { late = 0 }, points = 30 }, { when = { late = "1..2" }, points = 10 }, { when = "otherwise", points = 0 }]
standard = { en = "Never late", zh = "从不迟到" }
target = { en = "never", zh = "零" }
[[section.criterion]]
id = "manner"
weight = 30
bands = [{ points = "0..10" }, { points = "11..30", label = "fine" }]
standard = { en = "Kind to all", zh = "待人友善" }
data_source = { en = "Survey", zh = "调查" }
[[section.criterion]]
id = "remark"
scored = false
standard = { en = "Wishes for training", zh = "培训意愿" }
[[adjust]]
id = "bonus"
formula = "late * 0"
"""
RECORD = {"errors": 1, "late": 1, "manner": 20}


@pytest.fixture
def rubric():
    return loads(TEXT)


def items(form):
    return [item for part in form.parts for item in part.items]


def test_the_standard_is_shown_in_place_of_bands_without_a_label(rubric):
    """With the points of these bands; bands with labels follow, and a remark has it as well."""
    accuracy, attendance, manner, remark = items(blank(rubric, lang="en"))
    assert [Level(points="0, 10, 30", text="Never late")] == [*attendance.levels]
    assert [Level(points="0..10", text="Kind to all"), Level(points="11..30", text="fine")] == [
        *manner.levels
    ]
    assert [Level(points="", text="Wishes for training")] == [*remark.levels]
    assert ["0 to 40"] == [level.points for level in accuracy.levels]


def test_all_bands_with_labels_follow_the_standard():
    """It has no points of its own then."""
    text = TEXT.replace('points = "0..10" }', 'points = "0..10", label = "poor" }')
    manner = items(blank(loads(text), lang="zh"))[2]
    assert ["待人友善", "poor", "fine"] == [level.text for level in manner.levels]
    assert [""] == [level.points for level in manner.levels][:1]


def test_the_level_that_was_reached_is_marked(rubric):
    """The standard if the band has no label; else the label."""
    form = filled(rubric, evaluate(rubric, RECORD), lang="en")
    _, attendance, manner, _ = items(form)
    assert [True] == [level.is_reached for level in attendance.levels]
    assert [False, True] == [level.is_reached for level in manner.levels]


@pytest.mark.parametrize(
    ("lang", "formula", "bonus"),
    [
        ("en", "40 - 2\u00d7\u201cErrors, all\u201d + 0 \u00d7 Attendance", "Late \u00d7 0"),
        ("zh", "40 - 2\u00d7差错 + 0 \u00d7 出勤", "迟到 \u00d7 0"),
    ],
)
def test_a_formula_without_a_standard_has_labels(rubric, lang, formula, bonus):
    """A label with signs is quoted; the formula of an adjustment has labels too."""
    form = blank(rubric, lang=lang)
    assert [formula] == [level.text for level in items(form)[0].levels]
    assert ((bonus, ""),) == form.rules[0].rows


def test_the_heading_is_that_of_the_source(rubric):
    """Without one, it is the label of the ruleset, or its id."""
    assert "月度考核表" == blank(rubric, lang="zh").title
    assert "Desk" == blank(loads(TEXT.replace("title =", "note =")), lang="en").title


def test_targets_and_data_sources_are_columns_where_any_item_has_them(rubric):
    """In the terminal, on sheets, pages and workbooks; a form without such texts has no such column."""
    form = blank(rubric, lang="en")
    assert ("Target", "Data source") == form.columns
    assert [("", ""), ("never", ""), ("", "Survey"), ("", "")] == [i.texts for i in items(form)]
    only = blank(loads(TEXT.replace("target =", "cite =")), lang="zh")
    assert ("数据来源",) == only.columns
    plain = loads('schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]')
    assert () == blank(plain, lang="en").columns


def test_sheets_show_the_columns(rubric):
    """HTML: a heading and a cell for each, and wide rows over all columns."""
    page = sheet(rubric, lang="en").decode()
    assert '<th scope="col">Standard</th><th scope="col">Target</th>' in page
    assert '<td data-label="Data source">Survey</td>' in page
    assert 'colspan="7">Work' in page
    assert 'colspan="6">Subtotal' in page
    assert "Target" in ruleset_page(rubric)


def test_a_workbook_has_the_columns_and_is_read_back(rubric, run, tmp_path):
    """The further columns follow the score, so entries stay where they are on all forms."""
    made = sheet(rubric, "xlsx", "zh", records=[RECORD])
    page = openpyxl.load_workbook(io.BytesIO(made)).worksheets[1]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    heads = next(row for row in rows if "评分标准" in row)
    assert ["考核项目", "分值", "评分标准", "上级打分", "得分", "目标", "数据来源"] == heads[:7]
    attendance = next(row for row in rows if row[0] == "出勤")
    assert "零" == attendance[5]
    (tmp_path / "desk.rubric.toml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "desk.xlsx").write_bytes(made)
    code, out, _ = run(
        "evaluate", tmp_path / "desk.rubric.toml", tmp_path / "desk.xlsx", "--format", "jsonl"
    )
    assert (0, True) == (code, '"total": 68,' in out)


def test_the_page_of_a_version_shows_what_the_standard_hides(rubric):
    """The rules behind a standard, and the label behind a title."""
    other = loads(TEXT.replace('late = "1..2"', 'late = "1..3"').replace('"Desk"', '"Counter"'))
    assert [
        Change(part="label", before="label: Desk", after="label: Counter"),
        Change(part="criterion.attendance", before="10: late = 1..2", after="10: late = 1..3"),
    ] == changes(rubric, other, "en")
    named = loads(TEXT.replace('"never"', '"once"'))
    assert [
        Change(
            part="criterion.attendance",
            before="Attendance 30 points: 0, 10, 30 Never late; Target: never",
            after="Attendance 30 points: 0, 10, 30 Never late; Target: once",
        )
    ] == changes(rubric, named, "en")


@pytest.mark.parametrize(
    ("way", "lang", "expected"),
    [
        ("count", "en", ("number of items that match", "Late > 3")),
        ("run", "en", ("most consecutive items that match", "Late > 3")),
        ("count", "zh", ("符合条件的项数", "迟到 > 3")),
        ("run", "zh", ("最多连续符合条件的项数", "迟到 > 3")),
    ],
)
def test_a_count_of_items_is_in_words(way, lang, expected):
    """With the entry that items match as its condition, on the form and on the page."""
    text = """
schema = 1
id = "desk"
[inputs.late]
type = "count"
many = true
label = { en = "Late", zh = "迟到" }
"""
    rubric = loads(text + f'[outcome.often]\nof = "late"\n{way} = "> 3"\n')
    assert (expected,) == blank(rubric, lang=lang).rules[-1].rows
    assert expected[0] in ruleset_page(rubric, lang=lang)
