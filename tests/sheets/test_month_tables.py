"""The tables of the monthly report."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction
from itertools import product

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import load, loads
from kpirules.cli.io.sources import Options
from kpirules.cli.last_month import last_results
from kpirules.compiler.plan import Plan
from kpirules.sheets.api import report
from kpirules.sheets.batch import entries, monthly_report
from kpirules.sheets.entry import Entry
from kpirules.sheets.form import Person
from kpirules.sheets.month_tables import LastResult, matched
from tests import ROOT
from tests.shipped import RECORD


MONTH = ROOT / "docs" / "examples" / "2026-10.csv"
FAULTS = ROOT / "docs" / "examples" / "2026-10-faults.csv"


@pytest.fixture(scope="module")
def rubric():
    """Return the customer-service ruleset."""
    return load("customer-service")


def people(*rows):
    """Return records of the shipped ruleset with other values."""
    return [{**RECORD, **row} for row in rows]


def tables(rubric, records, **options):
    """Return the tables of the report of some records, by title."""
    some = list(entries(rubric, records))
    made = monthly_report(rubric, some, **{"lang": "en", **options})
    return {table.title: table for table in made.tables}


def test_people_are_listed_by_place(rubric):
    """Equal totals have the same place, and the next one is left out."""
    records = people(
        {"name": "An", "employee_no": "1", "department": "A"},
        {"name": "Bo", "employee_no": "2", "late": 0},
        {"name": "Cy", "employee_no": "3", "service": 16},
        {"name": "Di", "employee_no": "4", "volume": 3, "service": 6},
        {"name": "Ed", "employee_no": "5", "late": "x"},
    )
    table = tables(rubric, records)["People"]
    head = ("Place", "No.", "Name", "Department", "Total", "Tier", "Performance amount (CNY)")
    assert head == table.heads
    assert [
        ("1", "2", "Bo", "", "86", "Good", "200"),
        ("2", "1", "An", "A", "84", "Good", "200"),
        ("2", "3", "Cy", "", "84", "Good", "200"),
        ("4", "4", "Di", "", "60", "Pass", "100"),
    ] == [*table.rows]
    assert {0, 4, 6} == {*table.numeric}


def test_the_columns_of_a_long_list_are_not_measured(rubric):
    """Only its list of people, whose cells would take long to measure on paper."""
    some = list(entries(rubric, [{**RECORD, "name": f"n{i}"} for i in range(301)]))
    for count, long in ((301, 1), (300, 0)):
        page = report(rubric, some[:count]).decode()
        assert long == page.count('<table class="report long">')


def test_pay_is_summed_by_tier(rubric):
    """Exactly; the mean is of those who are paid."""
    table = tables(rubric, people({}, {"late": 0}, {"volume": 3, "service": 6}))["Tiers"]
    assert ("Tier", "Number", "Share (%)", "Performance pay in all", "Mean pay") == table.heads
    assert ("Good", "2", "66.67", "400", "200") == table.rows[1]
    assert ("Excellent", "0", "0", "0", "") == table.rows[0]


def test_items_lose_points_of_the_total(rubric):
    """The means add up to what the total lacks of full marks."""
    table = tables(rubric, people({}, {"volume": 0, "service": 0}))["Items that lose most points"]
    assert ("Customer service", "12", "36.92") == table.rows[0]
    assert ("Reception or call volume", "11.5", "35.38") == table.rows[1]
    assert Fraction(65, 2) == sum(Fraction(row[1]) for row in table.rows)
    assert "100" == table.bars[0]


def test_a_month_of_full_marks_loses_nothing(rubric):
    """There is no such table, nor one of items that are not scored."""
    best = {"late": 0, "skill": 10, "feedback": 10, "manner": 5, "teamwork": 5}
    best |= {"volume": 20, "service": 20, "conversion": 10}
    assert "Items that lose most points" not in tables(rubric, people(best))


def test_departments_are_known_like_appraisers(rubric):
    """By the usual words in both languages; a person's own department is no unknown name."""
    records = people(
        {"\u90e8\u95e8": "B"}, {"Dept": "A", "late": 0}, {"\u6240\u5c5e\u90e8\u95e8": "A"}, {}
    )
    table = tables(rubric, records)["Departments"]
    assert [("A", "2", "0", "85", "84", "86"), ("B", "1", "0", "84", "84", "84")] == [*table.rows]


def test_a_rejected_row_says_who(rubric):
    """Row, number and name; a month without any says so."""
    table = tables(rubric, people({"name": "An", "late": "x"}, {}))["Not scored"]
    assert ("Row", "Name", "What is wrong") == table.heads
    assert ("1", "An") == table.rows[0][:2]
    assert "none" == tables(rubric, people({}))["Not scored"].note


def last(*rows):
    """Return results of last month."""
    return [
        LastResult(person=Person(number=number, name=name), total=total)
        for number, name, total in rows
    ]


def test_last_month_stands_beside(rubric):
    """By number, whatever the name; a change has its sign; who is new or gone is named."""
    records = people({"employee_no": "1", "name": "An"}, {"employee_no": "2"}, {"employee_no": "3"})
    before = last(("1", "Ann", Fraction(80)), ("3", "", Fraction(85)), ("4", "Di", None))
    table = tables(rubric, records, last=before)["People"]
    assert ("Last month", "Change") == table.heads[-2:]
    assert [("80", "+4"), ("", ""), ("85", "-1")] == [row[-2:] for row in table.rows]
    some = list(entries(rubric, records))
    made = monthly_report(rubric, some, lang="en", last=before)
    assert (
        "Last month: 2 people matched. Without a result of last month: 1 (2). "
        "Last month only: 1 (4 Di)."
    ) == made.last
    assert "82.5" == dict(made.figures)["Mean of last month"]
    none = monthly_report(rubric, some, lang="en", last=[])
    assert "Mean of last month" not in dict(none.figures)
    assert none.last.startswith("Last month: 0 people matched.")


def test_many_without_a_match_are_counted(rubric):
    """Ten are named."""
    some = list(entries(rubric, people(*({"name": f"P{i}"} for i in range(12)))))
    made = monthly_report(rubric, some, lang="zh", last=[])
    assert "没有上月成绩：12 人（P0、P1、P2、P3、P4、P5、P6、P7、P8、P9、...）。" in made.last


PEOPLE = st.lists(
    st.tuples(st.sampled_from(["", "1", "2", "3"]), st.sampled_from(["", "An", "Bo"])), max_size=6
)


@given(here=PEOPLE, there=PEOPLE)
def test_a_match_is_of_one_person(here, there):
    """Everybody is matched with one other of the same number or name, or counted as without."""
    some = [
        Entry(row=i, person=Person(number=number, name=name), given={}, outcome=None)
        for i, (number, name) in enumerate(here, 1)
    ]
    before = last(*((number, name, None) for number, name in there))
    found = matched(some, before)
    assert len(some) == len(found.last) + len(found.new)
    assert len(before) == len(found.last) + len(found.gone)
    for i, other in found.last.items():
        mine, theirs = some[i].person, other.person
        assert mine.number == theirs.number != "" or mine.name == theirs.name != ""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_is_a_page_a_workbook_and_a_pdf(rubric, lang):
    """The same tables; numbers are numbers in the workbook; equal bytes for equal months."""
    with FAULTS.open(encoding="utf-8-sig") as stream:
        some = list(entries(rubric, list(csv.DictReader(stream))))
    before = last(("KF001", "", Fraction(1000, 9)))
    month = monthly_report(rubric, some, lang=lang, last=before)
    page = report(rubric, some, lang=lang, last=before).decode()
    assert all(f"<h2>{table.title}</h2>" in page for table in month.tables)
    made = report(rubric, some, "xlsx", lang=lang, last=before)
    assert made == report(rubric, some, "xlsx", lang=lang, last=before)
    book = openpyxl.load_workbook(io.BytesIO(made))
    # the name of a sheet has 31 characters at most
    names = {table.title[:31]: table for table in month.tables}
    assert [*names] == book.sheetnames[1:]
    for name, table in names.items():
        head, *rows = book[name].iter_rows(values_only=True)
        assert table.heads == head
        assert len(table.rows) == len(rows)
    listed = list(book[month.tables[-1].title].iter_rows(min_row=2, values_only=True))
    assert (1, "KF040", 100, 300) == (listed[0][0], listed[0][1], listed[0][3], listed[0][5])
    assert "A2" == book[month.tables[-1].title].freeze_panes
    fraction = next(row for row in listed if row[1] == "KF001")
    assert "1000/9" in fraction
    assert report(rubric, some, "pdf", lang=lang, last=before).startswith(b"%PDF")


def test_a_workbook_of_a_month_of_nobody(rubric):
    """Sheets of the same title have different names; a table without rows has its remark."""
    book = openpyxl.load_workbook(io.BytesIO(report(rubric, [], "xlsx")))
    assert "none" == book["Not scored"]["A1"].value
    own = loads(
        'schema = 1\nid = "r"\n[[criterion]]\nid = "a"\nweight = 100\n'
        '[[tier]]\nid = "t"\ntotal = "any"\n'
    )
    made = report(own, list(entries(own, [{"a": 50, "name": "=1+1"}])), "xlsx", lang="zh")
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert "=1+1" == book["人员名单"]["B2"].value
    assert "s" == book["人员名单"]["B2"].data_type


def test_a_small_month_has_no_chart(rubric):
    """Of five people on, whole numbers on the axis."""
    few = report(rubric, list(entries(rubric, people({}, {}, {}, {})))).decode()
    some = report(rubric, list(entries(rubric, people({}, {}, {}, {}, {})))).decode()
    assert (0, 1) == (few.count("<svg"), some.count("<svg"))
    assert not re.findall(r">\d\.\d<", some[some.index("<svg") : some.index("</svg>")])


RESULTS = {
    "number,total\n1,80\n": ("1", Fraction(80)),
    "\n\n工号,总分,等级\n1,80.50,x\n\n": ("1", Fraction(161, 2)),
    "employee_no,total,total.exact\n1,3.333333,10/3\n": ("1", Fraction(10, 3)),
    "employee_no,total\n1\n": ("1", None),
}


@pytest.mark.parametrize("text", RESULTS)
def test_results_of_last_month_are_read(run, tmp_path, text):
    """By ids and labels; the exact column first."""
    file, before, out = tmp_path / "in.csv", tmp_path / "last.csv", tmp_path / "out.xlsx"
    names = ",".join(RECORD)
    file.write_text(f"employee_no,{names}\n1,{','.join(map(str, RECORD.values()))}\n")
    before.write_text(text, encoding="utf-8")
    code, _, err = run("report", "customer-service", file, "-o", out, "--last", before)
    assert (0, False) == (code, "last month" in err)
    row = next(openpyxl.load_workbook(out)["People"].iter_rows(min_row=2, values_only=True))
    expected = RESULTS[text][1]
    shown = None if expected is None else 84 - expected
    assert (shown is None) == (row[-1] == 200)
    if shown is not None:
        assert str(shown) == str(Fraction(str(row[-1])))


@pytest.mark.parametrize(
    ("kind", "headings"),
    [*product(("csv", "xlsx", "jsonl", "parquet"), ("ids", "labels")), ("json", "")],
)
def test_results_of_every_kind_are_those_of_last_month(run, tmp_path, kind, headings):
    """As evaluate writes them."""
    before, out = tmp_path / f"last.{kind}", tmp_path / "out.html"
    options = ("--headings", headings, "--lang", "zh") if headings else ()
    run("evaluate", "customer-service", FAULTS, "-o", before, *options)
    code, _, err = run("report", "customer-service", MONTH, "-o", out, "--last", before)
    assert (0, False) == (code, "last month" in err)
    assert "Last month: 60 people matched." in out.read_text(encoding="utf-8")


def test_a_third_is_exact_in_stored_results(run, tmp_path):
    """The total of JSON is the exact one; that of a rejected row is missing."""
    plan, options = Plan(load("customer-service")), Options(lang="en")
    file, before = tmp_path / "in.csv", tmp_path / "last.json"
    rubric = tmp_path / "thirds.rubric.toml"
    rubric.write_text(
        'schema = 1\nid = "thirds"\nderive.third = { formula = "a / 3" }\ninputs.a = { type = "count" }\n'
        'criterion = [{ id = "x", weight = 100, formula = "third", clamp = "0..100" }]\n'
    )
    file.write_text("name,a\nAn,10\nBo,x\n")
    run("evaluate", rubric, file, "-o", before)
    assert [("An", Fraction(10, 3)), ("Bo", None)] == [
        (each.person.name, each.total) for each in last_results(before, plan, options)
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row.pop("result"), "object 2 is not a row with a result and the number"),
        (lambda row: row.pop("record"), "object 2 is not a row with a result and the number"),
        (lambda row: row.update(record={"x": 1}), "object 2 is not a row with a result"),
        (lambda row: row["result"].update(total="1/0"), "object 2: "),
    ],
    ids=["no result", "no record", "nobody", "damaged"],
)
def test_stored_results_that_cannot_be_read_are_errors(run, tmp_path, change, message):
    """With the number of the object."""
    before, out = tmp_path / "last.json", tmp_path / "out.html"
    run("evaluate", "customer-service", MONTH, "-o", before)
    rows = json.loads(before.read_text(encoding="utf-8"))[:3]
    change(rows[1])
    before.write_text(json.dumps(rows), encoding="utf-8")
    code, _, err = run("report", "customer-service", MONTH, "-o", out, "--last", before)
    assert (2, True, False) == (code, message in err, out.exists()), err


def test_a_file_that_is_no_result_is_an_error(run, tmp_path):
    """It says what is missing, where; people in one month only are counted."""
    before, out = tmp_path / "last.csv", tmp_path / "out.html"
    args = ("report", "customer-service", MONTH, "-o", out, "--last", before)
    for text, message in (
        ("name,x\nAn,1\n", "has no column of totals"),
        ("", "has no column of totals"),
        ("x,total\nAn,1\n", "no column says who a row is about"),
        ("name,total\nAn,1\nBo,n/a\n", 'last.csv:3: "n/a" is not a total'),
        ("name,total\nAn,1/0\n", 'last.csv:2: "1/0" is not a total'),
    ):
        before.write_text(text)
        code, _, err = run(*args)
        assert 2 == code
        assert message in err
        assert not out.exists()
    before.write_text("name,total\nAn,1\n")
    _, _, err = run(*args)
    assert "last month: 0 people matched; 60 are not in the results of last month, 1 are in" in err
    assert 2 == run("report", "customer-service", MONTH, "-o", tmp_path / "x.csv")[0]
