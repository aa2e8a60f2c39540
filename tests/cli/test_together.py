"""A table whose rows are evaluated together: the commands, the notes, rejected rows, the outputs."""

from __future__ import annotations

import csv
import io
import json
import re

import openpyxl
import polars as pl
import pytest

from kpirules import Result, evaluate_cohort, load_file
from kpirules.cli import together


RULES = """schema = 1
id = "seller"
effective_from = 2025-01-01
period = "month"
[inputs.department]
type = "choice"
options = { s = { en = "Sales", zh = "销售部" }, p = { en = "Parts", zh = "配件部" } }
label = { en = "Department", zh = "部门" }
[inputs.full]
type = "flag"
label = { en = "Full time", zh = "全职" }
default = true
[inputs.pool]
type = "number"
range = ">= 0"
label = { en = "Pool", zh = "奖金池" }
[inputs.place]
type = "count"
range = ">= 1"
label = { en = "Place", zh = "名次" }
cohort = { rank = "total", ties = "best", within = ["department", "full"] }
[inputs.middle]
type = "number"
range = "0..90"
label = { en = "Mean", zh = "平均分" }
cohort = { formula = "mean(total)", within = "department" }
[inputs.part]
type = "number"
label = { en = "Part of the pool", zh = "每分奖金" }
cohort = { formula = "ratio(pool, sum(total), 0)" }
[[criterion]]
id = "work"
label = { en = "Work", zh = "工作" }
weight = 100
[outcome.bonus]
label = { en = "Bonus", zh = "奖金" }
formula = "total * part + middle / 76 + 10 / place"
[outcome.stars]
formula = "place"
"""
MONTH = """Name,department,work
Li Lei,s,83
Wu Min,s,83
Zhao Si,s,62
Qian Yi,p,41
"""
POOL = ("--common", "pool=5380")


@pytest.fixture
def rules(tmp_path):
    """Write the ruleset."""
    path = tmp_path / "seller.rubric.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def score(run, rules, tmp_path):
    """Return a function that scores a table together."""

    def scored(text, *options, command="evaluate", key="name", common=POOL):
        table = tmp_path / "month.csv"
        table.write_text(text, encoding="utf-8")
        return run(command, rules, table, "--key", key, *common, *options)

    return scored


def rows_of(out):
    """Read rows of CSV."""
    return list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))


def records(text):
    """Return the records of a table by name, as ``evaluate_cohort`` takes them."""
    rows = csv.DictReader(io.StringIO(text))
    return {row.pop("Name"): {n: v for n, v in row.items() if v} for row in rows}


def test_the_rows_are_scored_as_evaluate_cohort_scores_them(score, rules):
    """In every format; what was gathered has columns of its own."""
    code, out, err = score(MONTH)
    assert 0 == code
    expected = evaluate_cohort(load_file(rules), records(MONTH), common={"pool": 5380}).results
    made = rows_of(out)
    assert list(expected) == [row["Name"] for row in made]
    for row, result in zip(made, expected.values(), strict=True):
        assert str(result.total) == row["total"]
        assert str(result.outcomes["bonus"]) == row["outcome.bonus.exact"].replace("÷", "/")
        assert str(result.inputs["place"]) == row["gathered.place"]
    assert "note: place: p, full: true: 1 record; s, full: true: 3 records" in err
    assert "note: middle: p: 41 (1 record); s: 76 (3 records)" in err
    assert "note: part: all records: 20 (4 records)" in err
    full = [
        Result.from_dict(row["result"]) for row in json.loads(score(MONTH, "--format", "json")[1])
    ]
    assert list(expected.values()) == full
    assert [each.gathered for each in expected.values()] == [each.gathered for each in full]


def test_the_output_is_a_table_of_results(score, tmp_path):
    """With labels in a workbook; read again, it is scored again by ``--replace`` alone."""
    for ending in ("xlsx", "parquet", "jsonl"):
        out = tmp_path / f"o.{ending}"
        assert 0 == score(MONTH, "-o", out)[0]
    first = [cell.value for cell in openpyxl.load_workbook(tmp_path / "o.xlsx").active[1]]
    assert ["Gathered: Place", "Gathered: Mean", "Gathered: Part of the pool"] == first[3:6]
    assert [1, 1, 3, 1] == pl.read_parquet(tmp_path / "o.parquet")["gathered.place"].to_list()
    out = score(MONTH, "--columns", "total,gathered.place", "--headings", "labels", "--lang", "zh")[
        1
    ]
    assert ["姓名", "部门", "工作", "汇集：名次", "总分"] == list(rows_of(out)[0])[:5]
    code, _, err = score(out, key="姓名")
    assert 2 == code
    assert "汇集：名次" in err
    again = rows_of(score(out, "--replace", key="姓名")[1])
    assert ["1", "1", "3", "1"] == [row["gathered.place"] for row in again]


def test_a_column_of_a_gathered_input_counts_as_given(score):
    """An empty cell is gathered; what is given has no column beside it."""
    made = rows_of(score("Name,department,work,place\nLi,s,80,7\nWu,s,70,\n")[1])
    assert [("7", ""), ("", "2")] == [(row["place"], row["gathered.place"]) for row in made]
    assert ["7", "2"] == [row["outcome.stars"] for row in made]


def test_every_row_comes_out_and_a_blocked_group_is_named_once(score):
    """The rows that are wrong have their problems, the others the reason with the key."""
    text = MONTH.replace("Wu Min,s,83", "Wu Min,s,183")
    code, out, err = score(text)
    assert 1 == code
    made = {row["Name"]: row for row in rows_of(out)}
    assert records(text).keys() == made.keys()
    assert made["Wu Min"]["error"].startswith("work = '183': is not an allowed rating")
    for name in ("Li Lei", "Zhao Si"):
        assert (
            "place: cannot be gathered for s, full: true: the record Wu Min is rejected; correct it first"
            == made[name]["error"]
        )
    # the part of the pool is that of all
    assert made["Qian Yi"]["error"].startswith("part: cannot be gathered for all records")
    assert 1 == err.count("note: place cannot be gathered for s")
    assert "Li Lei" not in err
    assert "row 2 (line 3), Wu Min: work = '183'" in err
    assert "... and 3 more rejected rows" in err


def test_a_key_of_two_rows_and_a_row_without_one_are_rejected(score):
    """Both, by their rows; a row with a key alone is empty; a name that looks like a row is its own."""
    text = MONTH + "Li Lei,p,1\n,s,5\nrow 6,p,2\nEmpty,,\n"
    code, out, _ = score(text)
    assert 1 == code
    errors = [row["error"] for row in rows_of(out)]
    twice = "record: has the key Li Lei 2 times; give each record a key of its own"
    assert [twice, twice] == [errors[0], errors[4]]
    assert "record: has nothing in the column Name, which says who the row is about" == errors[5]
    assert "record: gives none of the values that the ruleset asks for" == errors[7]
    assert "among them Empty, Li Lei (row 1), row 6*;" in errors[1]
    assert 8 == len(errors)


def test_a_value_that_differs_from_the_common_one_is_rejected(score):
    """A column of the name may give the same."""
    text = "Name,department,work,pool\nLi,s,80,5380\nWu,p,70,1\n"
    errors = [row["error"] for row in rows_of(score(text)[1])]
    assert "pool = '1': is given twice, the other time as '5380'; give it once" == errors[1]
    assert "" == rows_of(score(text.replace(",1\n", ",5380\n"))[1])[0]["error"]
    made = rows_of(score(text.replace(",1\n", ",\n"), common=("--common", "奖金池 = 5380"))[1])
    assert ["", ""] == [row["error"] for row in made]


def test_a_cell_that_the_reader_rejects_blocks_its_group(run, rules, tmp_path):
    """A merged cell of a workbook: its row has this problem alone."""
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(MONTH)):
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.active.merge_cells("C2:C3")
    book.save(tmp_path / "m.xlsx")
    out = run("evaluate", rules, tmp_path / "m.xlsx", "--key", "Name", *POOL)[1]
    errors = [row["error"] for row in rows_of(out)]
    assert errors[0].startswith("work: ")
    assert "merged" in errors[0]
    assert "2 records are rejected, among them Li Lei, Wu Min" in errors[2]


def test_many_groups_are_counted(score, monkeypatch):
    """Of groups with and without a value, some are named."""
    monkeypatch.setattr(together, "MAX_GROUPS", 1)
    assert "place: p, full: true: 1 record; and 1 more group" in score(MONTH)[2]
    err = score(MONTH.replace("83", "183"))[2]
    assert "4 more groups have no value" in err or "more group" in err


def test_too_many_rows_are_refused(score, monkeypatch):
    """They are held in memory together."""
    monkeypatch.setattr(together, "MAX_ROWS", 3)
    code, out, err = score(MONTH)
    assert (2, "") == (code, out)
    assert "divide the table into several, each with whole groups" in err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_person_is_explained_among_all(score, lang):
    """With the own place and values; nothing of others."""
    code, out, _ = score(MONTH, "--who", "Zhao Si", "--lang", lang, command="explain")
    assert 0 == code
    places = {
        "en": "Place: 3 — place 3 of 3 in Sales, Full time: yes, by Total 62",
        "zh": "名次：3 — 销售部、全职：是共 3 份，第 3 名，按总分 62",
    }
    assert places[lang] in out
    assert not re.search(r"Li|Wu|Qian|\b83\b|\b41\b", out)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sheets_show_what_was_gathered_and_nothing_of_others(score, tmp_path, lang):
    """A page for each person, and that of a blocked one does not name who blocks it."""
    folder = tmp_path / lang
    given = ("--each", folder, "--format", "html", "--lang", lang, "--month", "2025-03")
    assert 0 == score(MONTH, *given, command="sheet")[0]
    page = (folder / "Zhao-Si.html").read_text(encoding="utf-8")
    said = {
        "en": "place 3 of 3 in Sales, Full time: yes, by Total 62",
        "zh": "共 3 份，第 3 名，按总分 62",
    }
    assert said[lang] in page
    body = page[page.index("<body") :]
    assert not re.search(r"Li Lei|Wu Min|Qian|>83<|>41<", body)
    blocked = MONTH.replace("Wu Min,s,83", "Wu Min,s,183")
    assert 1 == score(blocked, *given, "--force", command="sheet")[0]
    page = (folder / "Li-Lei.html").read_text(encoding="utf-8")
    assert {"en": "another record is rejected", "zh": "另有记录被退回"}[lang] in page
    assert "Wu Min" not in page
    wrong = (folder / "Wu-Min.html").read_text(encoding="utf-8")
    assert "183" in wrong


def test_a_result_has_nothing_of_others(score):
    """Its JSON in the file of all."""
    made = json.loads(score(MONTH, "--format", "json")[1])
    for row in made:
        text = json.dumps(row["result"], ensure_ascii=False).replace(
            row["result"]["rubric"]["fingerprint"], ""
        )
        others = {each["record"][key] for each in made for key in ("Name", "work")} - {
            *row["record"].values()
        }
        assert not [value for value in others if value in text]


def test_the_report_of_a_month_evaluated_together(score, tmp_path):
    """The people with their bonus."""
    out = tmp_path / "r.html"
    assert 0 == score(MONTH, "-o", out, command="report")[0]
    assert "Zhao Si" in out.read_text(encoding="utf-8")


def test_a_list_of_people_has_blank_sheets(score, tmp_path):
    """Nothing is gathered for them."""
    text = MONTH.replace("83", "").replace("62", "").replace("41", "")
    text = re.sub(",[sp],", ",,", text)
    code, _, err = score(text, "-o", tmp_path / "b.html", command="sheet")
    assert 0 == code
    assert "gathered" not in err


def test_a_template_says_which_columns_need_not_be_filled_in(run, rules, tmp_path):
    """With what to do instead."""
    _, _, err = run("template", rules, "-o", tmp_path / "t.csv")
    assert (
        "note: place is gathered from all records (place by total, within department, full): leave the"
        " column empty, and evaluate the table with --key" in err
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--common", "pool=1"), "--common is for rows that are evaluated together"),
        (
            ("--key", "Name", "--common", "pool"),
            "pool is not NAME=VALUE with a name of the ruleset",
        ),
        (("--key", "Name", "--common", "other=1"), "other=1 is not NAME=VALUE"),
        (("--key", "Name", "--common", "pool="), "pool= is not NAME=VALUE"),
        (
            ("--key", "Name", "--common", "pool=1", "--common", "pool=2"),
            "--common: pool is given twice",
        ),
        (("--period", "2025-01"), "--period and --year-from are for --history"),
    ],
)
def test_options_that_do_not_fit_are_usage_errors(run, rules, options, message):
    """Before anything is read."""
    code, _, err = run("evaluate", rules, "none.csv", *options)
    assert 2 == code
    assert message in err


def test_a_ruleset_that_gathers_nothing_has_no_use_for_a_key(run, tmp_path):
    """Nor for a common value; a blank sheet has none for either."""
    rules = tmp_path / "plain.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "plain"\neffective_from = 2025-01-01\n[[criterion]]\nid = "work"\nweight = 100\n',
        encoding="utf-8",
    )
    code, _, err = run("evaluate", rules, "none.csv", "--key", "Name")
    assert 2 == code
    assert "--key: no input of the ruleset plain is gathered from all records" in err
    err = run("evaluate", rules, "none.csv", "--key", "Name", "--common", "work=1")[2]
    assert "--common: no input of the ruleset plain" in err
    err = run("sheet", rules, "-o", tmp_path / "s.html", "--key", "Name")[2]
    assert "--key, --history: give the table of the month" in err


def test_a_key_that_is_no_column_is_an_error(score):
    """With the columns that there are."""
    code, _, err = score(MONTH, key="employee")
    assert 2 == code
    assert "has no column employee" in err


def test_shares_of_an_amount(run, tmp_path):
    """Exact, or to the cent; the note has the amount and what was given out."""
    text = RULES.replace(
        'cohort = { formula = "ratio(pool, sum(total), 0)" }',
        'cohort = { share = "pool", by = "total", otherwise = "nothing" }',
    )
    rules, table = tmp_path / "seller.rubric.toml", tmp_path / "m.csv"
    table.write_text(MONTH, encoding="utf-8")
    rules.write_text(
        text.replace("total * part + middle / 76 + 10 / place", "part"), encoding="utf-8"
    )
    given = ("evaluate", rules, table, "--key", "Name", "--common", "pool=100")
    _, out, err = run(*given)
    assert "8300÷269" == rows_of(out)[0]["outcome.bonus.exact"]
    assert "note: part: all records: 100 of 100 (4 records)" in err
    rounding = 'round = { to = 0.01, mode = "largest_remainder" }, otherwise'
    text = rules.read_text(encoding="utf-8").replace("otherwise", rounding, 1)
    rules.write_text(text, encoding="utf-8")
    made = rows_of(run(*given)[1])
    assert ["30.86", "30.85", "23.05", "15.24"] == [row["gathered.part"] for row in made]


GRADES = """schema = 1
id = "grades"
effective_from = 2025-01-01
inputs.shop = { type = "choice", options = { p = { en = "Park", zh = "公园店" }, q = { en = "Quay", zh = "码头店" } } }
criterion = [{ id = "work", weight = 100 }]
tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]

[[quota]]
id = "top"
label = { en = "Best grade", zh = "优秀名额" }
tier = "A"
at_most = "floor(0.5 * heads)"
within = "shop"
excess = "refuse"
"""


def test_a_quota_is_judged_over_a_table(run, tmp_path):
    """Its group is rejected, the others are scored; without a key, the table is refused."""
    rules, month = tmp_path / "grades.rubric.toml", tmp_path / "month.csv"
    rules.write_text(GRADES, encoding="utf-8")
    month.write_text("Name,shop,work\nLi,p,95\nWu,p,91\nAn,q,90\nBo,q,20\n", encoding="utf-8")
    code, out, err = run("evaluate", str(rules), str(month), "--key", "Name")
    assert 1 == code
    assert ["", "", "A", "B"] == [
        row["tier"] for row in csv.DictReader(io.StringIO(out.lstrip("\ufeff")))
    ]
    assert "note: quota.top 2 of 2 records have A (p), and at most 1 may" in err
    assert "note: quota.top: q: 1 of 2 records" in err
    err = run("--lang", "zh", "evaluate", str(rules), str(month), "--key", "Name")[2]
    assert "优秀名额：码头店：2 份记录中 1 份" in err
    code, out, err = run("evaluate", str(rules), str(month))
    assert (1, "") == (code, out)
    assert "use evaluate_cohort, or name the column of keys: key of evaluate_frame, --key of" in err
    code, _, err = run("template", str(rules), "-o", str(tmp_path / "grid.xlsx"))
    about = "note: quota.top is judged over all records together, not in the workbook"
    assert (0, True) == (code, about in err)
    overview = openpyxl.load_workbook(tmp_path / "grid.xlsx").worksheets[0]
    assert "Best grade is judged over all records" in str([*overview.values])
    assert 1 == run("template", str(rules), "-o", str(tmp_path / "g.xlsx"), "--strict")[0]


def test_a_quota_demotes_over_a_table(run, tmp_path):
    """In columns of its own, with a note; sheets tell why; a workbook leaves the tier blank."""
    rules, month = tmp_path / "grades.rubric.toml", tmp_path / "month.csv"
    text = GRADES.replace('excess = "refuse"', 'excess = "demote"\nties = "worst"')
    rules.write_text(text, encoding="utf-8")
    month.write_text("Name,shop,work\nLi,p,95\nWu,p,91\nAn,q,90\nBo,q,20\n", encoding="utf-8")
    code, out, err = run("evaluate", str(rules), str(month), "--key", "Name")
    rows = [*csv.DictReader(io.StringIO(out.lstrip("\ufeff")))]
    assert (0, ["A", "B", "A", "B"]) == (code, [row["tier"] for row in rows])
    assert ["false", "true", "false", "false"] == [row["gathered.demoted.top"] for row in rows]
    assert (
        "note: quota.top: p: 2 of 2 records, 1 moved down; q: 1 of 2 records, 0 moved down" in err
    )
    err = run("--lang", "zh", "evaluate", str(rules), str(month), "--key", "Name")[2]
    assert "公园店：2 份记录中 2 份，降级 1 份" in err
    code, out, _ = run("explain", str(rules), str(month), "--key", "Name", "--who", "Wu")
    assert (0, True) == (code, "this record has place 2" in out)
    assert "Li" not in out
    page = tmp_path / "sheets.html"
    assert 0 == run("sheet", str(rules), str(month), "--key", "Name", "-o", str(page))[0]
    assert "A to B" in page.read_text(encoding="utf-8")
    # who gives the column says what the quota did
    month.write_text("Name,shop,work,demoted.top\nLi,p,95,no\nWu,p,91,no\n", encoding="utf-8")
    out = run("evaluate", str(rules), str(month), "--key", "Name")[1]
    assert ["A", "A"] == [r["tier"] for r in csv.DictReader(io.StringIO(out.lstrip("\ufeff")))]
    code, _, err = run("template", str(rules), "-o", str(tmp_path / "grid.xlsx"))
    assert (0, True) == (
        code,
        'Tier: blank in the workbook, since "Best grade" has no exact' in err,
    )
    assert "demoted.top is gathered from all records" in err
