"""Tables of results for people, and their way back."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpirules import load, rulesets
from kpirules.cli import rows as cli_rows
from kpirules.cli.app import app
from kpirules.cli.io.excel_writer import TOTALS, Look
from kpirules.cli.io.tables import Column, OutputError
from kpirules.cli.io.writers import writing
from kpirules.cli.result_headings import labels_in, result_headings
from kpirules.compiler.plan import Plan
from kpirules.evaluation.headings import names_for
from kpirules.evaluation.record import readers_of
from kpirules.testing import rubrics
from kpirules.toml.writer import dumps
from tests import ROOT, tabling
from tests.drawing import share
from tests.office import converted


MONTH = ROOT / "docs" / "examples" / "2026-10.csv"
FAULTS = ROOT / "docs" / "examples" / "2026-10-faults.csv"


def lines(path):
    """Return the lines of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def sheet(path):
    """Return the only worksheet of a workbook."""
    return openpyxl.load_workbook(path).active


def test_a_workbook_has_headings_options_and_tiers_in_the_language(run, tmp_path):
    """It is for people; a program asks for ids."""
    out = tmp_path / "x.xlsx"
    assert 0 == run("evaluate", "customer-service", MONTH, "-o", out, "--lang", "zh")[0]
    head, first, *_ = sheet(out).iter_rows(values_only=True)
    assert (
        "工号",
        "姓名",
        "迟到、未打卡次数",
        "旷工次数",
        "请假天数",
        "违纪次数",
        "值日情况",
    ) == head[:7]
    assert ("KF001", "郭娜", 0, 0, 0, 0, "按要求完成") == first[:7]
    assert ("得分：考勤", "小计：人事考核") == (head[18], head[29])
    assert ("总分", "等级", "绩效工资", "问题") == head[-4:]
    assert (87, "良好", 200, None) == first[-4:]
    run("evaluate", "customer-service", MONTH, "-o", out, "--headings", "ids", "--force")
    head, first, *_ = sheet(out).iter_rows(values_only=True)
    assert ("employee_no", "name", "late") == head[:3]
    assert ("total", "tier", "pay", "error") == head[-4:]
    assert (87, "good", 200, None) == first[-4:]


def test_an_english_workbook_has_english_labels(run, tmp_path):
    """Also of people, in words that readers know."""
    out = tmp_path / "x.xlsx"
    assert 0 == run("evaluate", "customer-service", MONTH, "-o", out)[0]
    head, first, *_ = sheet(out).iter_rows(values_only=True)
    assert ("Employee no", "Name", "Late arrivals and missed clock-ins") == head[:3]
    assert ("Total", "Tier", "Performance pay", "What is wrong") == head[-4:]
    assert "Good" == first[-3]


def test_a_workbook_has_a_filter_widths_and_formats(run, tmp_path):
    """The heading and the people stay; pay has two decimals, points as many as they can have."""
    out = tmp_path / "x.xlsx"
    run("evaluate", "customer-service", MONTH, "-o", out, "--lang", "zh")
    made = sheet(out)
    assert "C2" == made.freeze_panes
    assert "A1:AK61" == made.auto_filter.ref
    assert ("#,##0.00", "0") == (made["AJ2"].number_format, made["AH2"].number_format)
    assert made["A1"].font.bold
    assert 60 >= max(each.width for each in made.column_dimensions.values()) > 8


@pytest.mark.parametrize("few", [2_000, -1], ids=["records", "frames"])
def test_the_row_of_totals_is_no_record(run, tmp_path, monkeypatch, few):
    """It sums pay; the file is read back without it, also as LibreOffice saved it."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    out, again = tmp_path / "x.xlsx", tmp_path / "again.csv"
    run("evaluate", "customer-service", FAULTS, "-o", out, "--lang", "zh")
    book = openpyxl.load_workbook(out)
    assert "kpirules!$A$62:$AK$62" == book.defined_names[TOTALS].attr_text
    assert ("合计", "=SUBTOTAL(109,AJ2:AJ61)") == (
        book.active["A62"].value,
        book.active["AJ62"].value,
    )
    pays = [row[35] or 0 for row in sheet(out).iter_rows(2, 61, values_only=True)]
    values = openpyxl.load_workbook(out, data_only=True).active
    assert sum(pays) == values["AJ62"].value
    code, _, err = run("evaluate", "customer-service", out, "-o", again, "--replace")
    assert 1 == code
    assert "60 rows: 52 scored" in err
    assert "looks like a row of totals" not in err


def test_libre_office_sums_what_is_shown_and_keeps_the_name(run, tmp_path):
    """The same sum, and 60 people again."""
    out = tmp_path / "x.xlsx"
    run("evaluate", "customer-service", MONTH, "-o", out)
    before = openpyxl.load_workbook(out, data_only=True).active["AJ62"].value
    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(converted(tmp_path / "office", "xlsx", {"x.xlsx": out.read_bytes()})[0])
    assert before == openpyxl.load_workbook(saved, data_only=True).active["AJ62"].value
    err = run("evaluate", "customer-service", saved, "-o", tmp_path / "y.csv", "--replace")[2]
    assert "60 rows: 60 scored" in err


def test_a_row_that_is_not_that_of_the_totals_is_read(run, tmp_path):
    """Somebody typed another first cell into it."""
    out = tmp_path / "x.xlsx"
    run("evaluate", "customer-service", MONTH, "-o", out)
    book = openpyxl.load_workbook(out)
    book.active["A62"] = "KF061"
    book.save(out)
    err = run("evaluate", "customer-service", out, "-o", tmp_path / "y.csv", "--replace")[2]
    assert "61 rows: 60 scored" in err


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_file_with_labels_is_read_back(run, tmp_path, ending, lang):
    """The same results in every format; without --replace it is rejected."""
    args = ("evaluate", "customer-service")
    out, again, direct = tmp_path / f"x.{ending}", tmp_path / "again.csv", tmp_path / "direct.csv"
    run(*args, MONTH, "-o", direct)
    assert 0 == run(*args, MONTH, "-o", out, "--headings", "labels", "--lang", lang)[0]
    assert 0 == run(*args, out, "-o", again, "--replace")[0]
    first, second = map(lines, (direct, again))
    names = slice(18, None)
    assert [row[names] for row in first] == [row[names] for row in second]
    code, _, err = run(*args, out)
    assert 2 == code
    assert "there are columns of a result already: " in err
    # a command that only reads a file ignores the results in it
    assert 0 == run("explain", "customer-service", out, "--who", "KF003")[0]


def test_lists_rejected_cells_and_texts_of_other_columns_remain(run, tmp_path):
    """An option is shown by its label if that is read as the option; a list item by item."""
    rules = tmp_path / "r.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "r"\nstep = 1\n[inputs.seen]\ntype = "choice"\nmany = true\n'
        'label = { zh = "查出", en = "Seen" }\n[inputs.seen.options]\n'
        'a = { zh = "甲", en = "A" }\nb = { zh = "乙", en = "a" }\n'
        '[[criterion]]\nid = "skill"\nlabel = { zh = "总分", en = "Total" }\nweight = 100\n'
        '[outcome.days]\nof = "seen"\ncount = "b"\n'
        '[outcome.share]\nformula = "total / 100"\n',
        encoding="utf-8",
    )
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("skill,seen,note\n50,a;b,x\n60,c,y\n70,,z\n", encoding="utf-8")
    code = run("evaluate", rules, file, "-o", out, "--headings", "labels", "--lang", "zh")[0]
    assert 1 == code
    head, *rows = lines(out)
    # the criterion is called as the total is, so that the total keeps its id
    assert ["总分", "查出", "note", "得分：总分", "total"] == head[:5]
    assert [["50", "甲;乙", "x"], ["60", "c", "y"], ["70", "", "z"]] == [r[:3] for r in rows]
    assert 1 == run("evaluate", rules, out, "-o", tmp_path / "again.csv", "--replace")[0]


def test_options_of_one_label_remain_codes(run, tmp_path):
    """A reader could not tell them apart; lists of a file with types remain lists, blanks blank."""
    rules = tmp_path / "r.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "r"\nstep = 1\n[inputs.seen]\ntype = "choice"\nmany = true\n'
        '[inputs.seen.options]\na = "甲"\nb = "乙"\nc = "乙"\n'
        '[[criterion]]\nid = "skill"\nweight = 100\n'
        '[outcome.days]\nof = "seen"\ncount = "b"\n',
        encoding="utf-8",
    )
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text(
        '{"skill": 5, "seen": ["a", "b", "c"]}\n{"skill": 5, "seen": "c;a"}\n{"skill": 5}\n'
    )
    run("evaluate", rules, file, "-o", out, "--headings", "labels", "--lang", "zh")
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [["甲", "b", "c"], "c;甲", None] == [row["seen"] for row in rows]


def test_a_column_of_ones_own_may_have_the_label_of_a_result(run, tmp_path):
    """It is carried through where no result has the same heading, else it is an error."""
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    text = MONTH.read_text(encoding="utf-8-sig").replace("appraiser", "等级")
    file.write_text(text, encoding="utf-8")
    assert 0 == run("evaluate", "customer-service", file, "-o", out)[0]
    head = lines(out)[0]
    assert {"等级", "tier"} <= {*head}
    args = ("evaluate", "customer-service", file, "-o", tmp_path / "x.xlsx", "--lang", "zh")
    code, _, err = run(*args)
    assert 2 == code
    assert "已有结果列：等级" in err
    assert 0 == run(*args, "--headings", "ids")[0]


def test_labels_are_for_tables(run, tmp_path):
    """JSON has the complete results; the option takes one of two words."""
    args = ("evaluate", "customer-service", MONTH, "-o", tmp_path / "x.json", "--headings")
    code, _, err = run(*args, "labels")
    assert 2 == code
    assert "--headings is for tables" in err
    assert "--headings: 'x' is not one of labels, ids" in run(*args, "x")[2]


@pytest.mark.parametrize("id_", sorted({each.id for each in rulesets()}))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_heading_of_a_result_is_one_of_a_record(id_, lang):
    """Of all shipped rulesets, and all headings differ."""
    rubric = load(id_)
    plan = Plan(rubric)
    labels = labels_in(plan, lang)
    assert len({*labels.values()}) == len(labels)
    assert not any(names_for(plan, text) for text in labels.values())
    assert {*labels, *labels.values()} <= result_headings(rubric)


def test_pay_with_more_decimals_keeps_them(run, tmp_path):
    """As many as the ruleset has; the sum is that of the numbers."""
    rules = tmp_path / "r.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "r"\nstep = 1\n[[criterion]]\nid = "skill"\nweight = 100\n'
        '[outcome.pay]\nformula = "total * 0.001"\n[outcome.third]\nformula = "total / 3"\n'
    )
    file, out = tmp_path / "in.csv", tmp_path / "out.xlsx"
    file.write_text("name,skill\nAn,51\nBo,60\n")
    assert 0 == run("evaluate", rules, file, "-o", out)[0]
    made = openpyxl.load_workbook(out, data_only=True).active
    head = [cell.value for cell in made[1]]
    pay = head.index("Performance pay")
    assert "#,##0.000" == made.cell(2, pay + 1).number_format
    assert Decimal("0.111") == Decimal(str(made.cell(4, pay + 1).value))
    third = head.index("outcome.third")
    assert "outcome.third (exact)" == head[third + 1]
    assert None is made.cell(4, third + 1).value


def test_an_empty_table_has_no_totals(run, tmp_path):
    """Only its heading; as do tables without a sum."""
    file, out = tmp_path / "in.csv", tmp_path / "out.xlsx"
    file.write_text(MONTH.read_text(encoding="utf-8-sig").splitlines()[0] + "\n")
    assert 0 == run("evaluate", "customer-service", file, "-o", out)[0]
    assert 1 == sheet(out).max_row
    run("evaluate", "customer-service", MONTH, "-o", out, "--columns", "total", "--force")
    assert 61 == sheet(out).max_row


def test_choices_of_another_type_are_shown_one_by_one(run, tmp_path):
    """A column of categories in a Parquet file."""
    frame = pl.read_csv(MONTH, infer_schema=False).with_columns(pl.col("duty").cast(pl.Categorical))
    file, out = tmp_path / "in.parquet", tmp_path / "out.csv"
    frame.write_parquet(file)
    args = ("evaluate", "customer-service", file, "-o", out, "--headings", "labels")
    assert 0 == run(*args, "--lang", "zh")[0]
    assert "按要求完成" in out.read_text(encoding="utf-8-sig")


def test_the_first_rows_make_the_widths(tmp_path):
    """A thousand; a column is never narrower than its heading, and a row of totals has all rows."""
    path = tmp_path / "x.xlsx"
    look = Look(totals=("pay",), total_label="Total")
    with writing(path, ".xlsx", look) as put:
        for _ in range(2):
            put([Column("a", ["\u4e2d" * 20] * 1_000), Column("pay", [Decimal("0.1")] * 1_000)])
        put([Column("a", ["x" * 50]), Column("pay", [Decimal("0.1")])])
    made = openpyxl.load_workbook(path, data_only=True).active
    assert 43 > made.column_dimensions["A"].width > 40
    assert Decimal("200.1") == Decimal(str(made["B2003"].value))
    assert "Total" == made["A2003"].value


def test_a_value_that_no_cell_holds_is_an_error_with_a_look(tmp_path):
    """It names the cell; a number of many digits is a text, and then there is no sum."""
    path = tmp_path / "x.xlsx"
    look = Look(totals=("pay",), total_label="Total")
    with pytest.raises(OutputError, match="A2"), writing(path, ".xlsx", look) as put:
        put([Column("a", [b"x"])])
    with writing(path, ".xlsx", look) as put:
        put([Column("a", ["x"]), Column("pay", [Decimal("1234567890123456.5")])])
    made = openpyxl.load_workbook(path).active
    assert ("1234567890123456.5", 2) == (made["B2"].value, made.max_row)
    with writing(path, ".xlsx", look) as put:
        put([Column("a", ["x", "y"]), Column("pay", [Decimal("99999999999999.9")] * 2)])
    assert 3 == openpyxl.load_workbook(path).active.max_row


@pytest.mark.thorough("random rulesets and months in every format")
@share(1 / 5)
@given(data=st.data())
def test_every_file_with_labels_is_read_back(data):
    """Random rubrics of the whole language: the same results from a file with labels as without."""
    rubric = data.draw(rubrics())
    table = data.draw(tabling.tables(rubric))
    ending = data.draw(st.sampled_from(["csv", "xlsx", "parquet", "jsonl"]))
    lang = data.draw(st.sampled_from(["en", "zh"]))
    allowed = ",".join(readers_of(Plan(rubric)))
    with TemporaryDirectory() as home:
        names = ("r.rubric.toml", f"in.{ending}", f"labels.{ending}", "direct.jsonl", "back.jsonl")
        rules, file, labels, direct, back = (Path(home, name) for name in names)
        rules.write_text(dumps(rubric), encoding="utf-8")
        with writing(file, f".{ending}") as put:
            put([Column(name, table[name].to_pylist()) for name in table.column_names])
        codes = [
            CliRunner().invoke(
                app, ["evaluate", str(rules), *map(str, more), "--allow-missing", allowed]
            )
            for more in (
                (file, "-o", direct),
                (file, "-o", labels, "--headings", "labels", "--lang", lang),
                (labels, "-o", back, "--replace"),
            )
        ]
        assert 1 == len({each.exit_code for each in codes}), codes[-1].output
        first, second = (
            [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            for path in (direct, back)
        )
    added = [*labels_in(Plan(rubric), lang)]
    for one, other in zip(first, second, strict=True):
        assert bool(one["error"]) == bool(other["error"])
        kept = [name for name in added if name not in ("error", "problems")]
        assert [one.get(name) for name in kept] == [other.get(name) for name in kept]
