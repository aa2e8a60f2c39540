"""The row of a person, and the person of a row."""

from __future__ import annotations

import pytest

from tests import ROOT


MONTH = ROOT / "docs" / "examples" / "2026-10.csv"
FAULTS = ROOT / "docs" / "examples" / "2026-10-faults.csv"


@pytest.fixture
def month(tmp_path):
    """Return a function that writes the month with other headings or cells."""

    def write(*changes):
        text = MONTH.read_text(encoding="utf-8-sig")
        for old, new in changes:
            text = text.replace(old, new)
        path = tmp_path / "month.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("who", ["KF003", "杨思远"])
@pytest.mark.parametrize("command", ["sheet", "template"])
def test_a_person_is_found_in_a_workbook(run, tmp_path, command, who):
    """One of forms, and the grid of a month."""
    lines = MONTH.read_text(encoding="utf-8-sig").splitlines()[:5]
    table, book = tmp_path / "few.csv", tmp_path / "few.xlsx"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run(command, "customer-service", table, "-o", book)
    expected = run("explain", "customer-service", table, "--row", 3)[1]
    assert "Total: 59 of 100" in expected
    assert expected == run("explain", "customer-service", book, "--who", who)[1]


@pytest.mark.parametrize("who", ["KF003", "kf-003", " KF003 ", "\uff2bF003", "杨思远", "杨 思远"])
@pytest.mark.parametrize(
    "headings",
    [("employee_no", "name"), ("工号", "姓名"), ("编号", "员工"), ("Employee No", "Name")],
)
def test_a_person_is_found_by_number_or_name(run, month, who, headings):
    """The explanation is that of the row, whatever the columns are called."""
    path = month(("employee_no,name", ",".join(headings)))
    expected = run("explain", "customer-service", path, "--row", 3)
    assert 0 == expected[0]
    assert expected == run("explain", "customer-service", path, "--who", who)


def test_the_exact_text_comes_first(run, month):
    """1-23 is not 12-3, though they differ in a dash only; 1 23 could be either."""
    path = month(("KF001", "1-23"), ("KF002", "12-3"))
    second = run("explain", "customer-service", path, "--row", 2)
    assert second == run("explain", "customer-service", path, "--who", "12-3")
    code, out, err = run("explain", "customer-service", path, "--who", "1 23")
    assert (2, "") == (code, out)
    assert "2 rows are of 1 23" in err
    assert "choose one with --row: row 1, 1-23 郭娜, row 2, 12-3 王涛" in err


def test_a_person_in_no_row_is_an_error_with_near_ones(run, month):
    """The number with a part in common, the most similar one, else the first people."""
    for who, help_ in (
        ("思远", "near are KF003 杨思远, KF016 梁思远"),
        ("KG003", "near are KF003 杨思远\n"),
        ("nobody", "in it are KF001 郭娜, KF002 王涛,"),
    ):
        code, out, err = run("explain", "customer-service", MONTH, "--who", who)
        assert (2, "") == (code, out)
        assert f"nobody in it is {who}" in err
        assert help_ in err
    path = month(("KF001,", ","))
    assert (
        "in it are KF002 王涛, KF003" in run("explain", "customer-service", path, "--who", "x")[2]
    )
    # an appraiser is not the person whom a row is about
    assert 2 == run("explain", "customer-service", MONTH, "--who", "李主管")[0]


def test_a_table_without_people_has_no_person(run, month):
    """The error names the headings that identify a person."""
    path = month(("employee_no,name", "a,b"))
    code, _, err = run("explain", "customer-service", path, "--who", "KF003", "--lang", "zh")
    assert 2 == code
    assert "没有一列说明各行是谁的记录" in err
    assert "工号、" in err


def test_a_rejected_row_is_named_with_its_person(run, month, tmp_path):
    """Number and name, as far as there are any; also from a score sheet and in Chinese."""
    code, _, err = run("evaluate", "customer-service", FAULTS, "-o", tmp_path / "x.csv")
    assert 1 == code
    assert "row 4 (line 5), KF004 彭杰: skill = '2'" in err
    _, _, err = run("sheet", "customer-service", FAULTS, "-o", tmp_path / "x.html", "--lang", "zh")
    assert "第 4 行（文件行 5） KF004 彭杰：专业技能 = '2'：不是允许的评分" in err
    path = month(("employee_no,name", "a,name"), ("KF002,王涛,0,0", "KF002,王涛,x,0"))
    assert "row 2 (line 3), 王涛: late = 'x'" in run("evaluate", "customer-service", path)[2]
    path = month(("employee_no,name", "a,b"), ("KF002,王涛,0,0", "KF002,王涛,x,0"))
    assert "row 2 (line 3): late = 'x'" in run("evaluate", "customer-service", path)[2]
