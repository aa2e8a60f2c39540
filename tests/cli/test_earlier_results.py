"""A table whose inputs are gathered from a folder of earlier results."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest

from kpirules import evaluate, loads
from kpirules.cohort import gather


MONTH = """schema = 1
id = "seller-month"
period = "month"
effective_from = 2025-01-01
criterion = [{ id = "sales", weight = 100 }]
"""
QUARTER = """schema = 1
id = "seller-quarter"
period = "quarter"
effective_from = 2025-01-01
inputs.bonus = { type = "count", range = "0..10", default = 0 }
[inputs.months]
type = "number"
range = "0..100"
many = true
history = { rubric = "seller-month", take = "total", each = "month", window = "inside" }
[total]
formula = "min(100, mean(months) + bonus)"
"""
SALES = {"001": (10, 20, 30), "002": (71, 72, 73)}


@pytest.fixture
def folder(run, tmp_path):
    """Write the rulesets, and the results of three months."""
    (tmp_path / "month.rubric.toml").write_text(MONTH, encoding="utf-8")
    (tmp_path / "quarter.rubric.toml").write_text(QUARTER, encoding="utf-8")
    (tmp_path / "past").mkdir()
    for i in range(3):
        rows = "".join(f"{person},{sales[i]}\n" for person, sales in SALES.items())
        table = tmp_path / "month.csv"
        table.write_text("employee no,sales\n" + rows, encoding="utf-8")
        out = tmp_path / "past" / f"seller-2025-0{i + 1}.json"
        assert 0 == run("evaluate", tmp_path / "month.rubric.toml", table, "-o", out)[0]
    return tmp_path


@pytest.fixture
def score(run, folder):
    """Return a function that scores the rows of a quarter's table."""

    def scored(text, *options, command="evaluate", key="employee_no", period="2025-Q1"):
        table = folder / "quarter.csv"
        table.write_text(text, encoding="utf-8")
        options += () if "bonus" in text else ("--allow-missing", "bonus")
        given = ("--history", folder / "past", "--period", period, "--key", key)
        return run(command, folder / "quarter.rubric.toml", table, *given, *options)

    return scored


def rows_of(out):
    """Read rows of CSV."""
    return list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))


def test_each_row_is_scored_with_what_is_gathered_for_its_person(score):
    """As ``gather`` and ``evaluate`` do it, in whatever format, and the files are named."""
    month, quarter = loads(MONTH), loads(QUARTER)
    text = "employee_no,bonus\n002,5\n001,\n"
    code, out, err = score(text)
    assert 0 == code
    assert "note: " in err
    assert "earlier results: 2025-01 (2 people), 2025-02 (2 people), 2025-03 (2 people)" in err
    expected = []
    for person, bonus in (("002", 5), ("001", 0)):
        past = {
            f"2025-0{i + 1}": evaluate(month, {"sales": s}) for i, s in enumerate(SALES[person])
        }
        expected.append(evaluate(quarter, {**gather(quarter, "2025-Q1", past), "bonus": bonus}))
    assert [str(result.total) for result in expected] == [row["total"] for row in rows_of(out)]
    full = json.loads(score(text, "--format", "json")[1])
    assert [result.to_dict()["total"] for result in expected] == [
        row["result"]["total"] for row in full
    ]
    assert [70 + i for i in (1, 2, 3)] == full[0]["result"]["inputs"]["months"]


def test_explain_gathers_as_well(score):
    """The values and where they come from."""
    code, out, _ = score("employee_no,bonus\n002,5\n", "--who", "002", command="explain")
    assert 0 == code
    assert "months: 71; 72; 73" in out
    assert "by the ruleset seller-month" in out


def test_what_a_row_gives_is_not_gathered(score):
    """A column with a value counts; an empty cell is gathered."""
    out = score("employee_no,bonus,months\n001,0,50;60\n001,0,\n")[1]
    assert ["55", "20"] == [row["total"] for row in rows_of(out)]


def test_a_person_without_results_and_a_row_without_a_key_are_rejected(score):
    """Each row comes out, with its periods named, once."""
    code, out, _ = score("employee_no,bonus\n003,0\n,1\n001,99\n002,0\n")
    assert 1 == code
    errors = [row["error"] for row in rows_of(out)]
    assert errors[0].startswith(
        "months: lacks earlier results: there is no value for 2025-01, 2025-02, 2025-03 ("
    )
    assert 1 == errors[0].count("months")
    assert "the row has nothing in the column employee_no" in errors[1]
    assert errors[2].startswith("bonus = ")
    assert "" == errors[3]


def test_rejected_and_damaged_results_are_no_results(score, folder):
    """A rejected row of an earlier month has no value; a result that cannot be read is said."""
    first, second = (folder / "past" / f"seller-2025-0{i}.json" for i in (1, 2))
    tree = json.loads(first.read_text(encoding="utf-8"))
    tree[0]["result"] = None
    first.write_text(json.dumps(tree), encoding="utf-8")
    tree = json.loads(second.read_text(encoding="utf-8"))
    del tree[1]["result"]["total"]
    # an application's own file has an object a line
    second.write_text("\n".join(map(json.dumps, tree)), encoding="utf-8")
    shutil.move(second, second.with_suffix(".jsonl"))
    errors = [row["error"] for row in rows_of(score("employee_no\n001\n002\n")[1])]
    assert "there is no value for 2025-01 (" in errors[0]
    assert "has a stored result for 2025-02 that cannot be read" in errors[1]
    assert "is missing" not in errors[1].replace("total", "")


def test_two_results_of_one_month_are_rejected(score, folder):
    """Neither is taken."""
    shutil.copy(folder / "past" / "seller-2025-01.json", folder / "past" / "2025-01 again.json")
    code, out, _ = score("employee_no\n001\n")
    assert 1 == code
    error = rows_of(out)[0]["error"]
    assert "record: has two results of the ruleset seller-month for 2025-01; give one" == error


def test_other_periods_are_not_read(score, folder):
    """A file outside of the window may be anything."""
    (folder / "past" / "2024-12.json").write_text("nothing", encoding="utf-8")
    (folder / "past" / "notes.txt").write_text("2025-01", encoding="utf-8")
    assert 0 == score("employee_no\n001\n")[0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("2025-01.csv", "a", "a table does not hold complete results\n  help: write the results"),
        ("january.json", "[]", "the name of the file must have one period\n  help: name each file"),
        ("2025-01 to 2025-02.json", "[]", "must have one period"),
        ("seller-2025-011.json", "[]", "must have one period"),
        ("2025-01-15.json", "[]", "must have one period"),
        ("2025-02.json", '[{"result": null, "record": {}}]', "object 1 is not a row with a result"),
        ("2025-02.json", '[{"record": {"employee_no": "1"}}]', "object 1 is not a row"),
        ("2025-02.json", "nothing", "results are read from JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(score, folder, name, content, message):
    """Nothing is left out in silence."""
    (folder / "past" / name).write_text(content, encoding="utf-8")
    code, out, err = score("employee_no\n001\n")
    assert (2, "") == (code, out)
    assert name in err
    assert message in err


def test_a_folder_without_results_is_an_error(score, folder):
    """Also one that is not there, and a table without the key."""
    code, _, err = score("name\n001\n")
    assert 2 == code
    assert "has no column employee_no\n  help: --key names one of its columns: 'name'" in err
    for path in (folder / "past").iterdir():
        path.unlink()
    assert "no file in it is one of earlier results" in score("employee_no\n001\n")[2]
    (folder / "past").rmdir()
    assert 2 == score("employee_no\n001\n")[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--period", "2025-Q1"), "--period and --year-from are for --history"),
        (("--year-from", "4"), "--period and --year-from are for --history"),
        (("--history", "."), "--history also needs --period, --key"),
        (("--history", ".", "--key", "n", "--period", "2025-13"), "--history: "),
        (
            ("--history", ".", "--key", "n", "--period", "2025-01"),
            "is not a period of this ruleset",
        ),
        (
            ("--history", ".", "--key", "n", "--period", "2025-Q1", "--year-from", "13"),
            "it must be the number of a month",
        ),
    ],
)
def test_options_that_do_not_fit_are_usage_errors(run, folder, options, message):
    """Before anything is read."""
    code, _, err = run("evaluate", folder / "quarter.rubric.toml", "none.csv", *options)
    assert 2 == code
    assert message in err


def test_a_ruleset_without_a_history_gathers_nothing(run, folder):
    """The option would be of no effect."""
    given = ("--history", folder, "--key", "n", "--period", "2025-01")
    code, _, err = run("evaluate", folder / "month.rubric.toml", "none.csv", *given)
    assert 2 == code
    assert "no input of the ruleset seller-month has a history" in err


def test_years_may_begin_in_april(score, folder):
    """The first quarter of the firm is April to June."""
    for i in (1, 2, 3):
        past = folder / "past"
        shutil.move(past / f"seller-2025-0{i}.json", past / f"seller-2025-0{i + 3}.json")
    code, out, _ = score("employee_no\n001\n", "--year-from", "4")
    assert (0, "20") == (code, rows_of(out)[0]["total"])
