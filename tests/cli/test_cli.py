"""The command line, as a person or a script uses it."""

from __future__ import annotations

import builtins
import contextlib
import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kpirules._internal.display import width
from kpirules.cli import main
from tests import ROOT
from tests.dataframe.test_dataframe import GOOD


EXAMPLES = ROOT / "docs" / "examples"
MONTH = str(EXAMPLES / "2026-10.csv")
FAULTS = str(EXAMPLES / "2026-10-faults.csv")


def read(text):
    """Read CSV text as dictionaries."""
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))


def test_the_month_is_scored_and_every_row_comes_out(run):
    """All columns in, in order, then points, subtotals, total, tier, pay, error."""
    code, out, err = run("evaluate", "customer-service", MONTH)
    assert 0 == code
    rows = read(out)
    before = read(Path(MONTH).read_text(encoding="utf-8-sig"))
    assert before == [{k: row[k] for k in before[0]} for row in rows]
    expected = read((EXAMPLES / "2026-10.expected.csv").read_text(encoding="utf-8-sig"))
    for row, want in zip(rows, expected, strict=True):
        assert [want[k] for k in ("total", "tier", "pay")] == [
            row[k] for k in ("total", "tier", "pay")
        ]
        assert "" == row["error"]
    assert "60 rows: 60 scored (27 pass, 24 good, 7 fail, 2 excellent), 0 rejected\n" == err
    assert out.startswith("\ufeffemployee_no,name,late")
    assert "\r\n" in out


def test_refused_rows_come_out_with_their_problems(run, tmp_path):
    """The exit code is 1, the summary names the rows, the file has an error column."""
    target = tmp_path / "out.csv"
    code, out, err = run("evaluate", "customer-service", FAULTS, "-o", target)
    assert (1, "") == (code, out)
    rows = read(target.read_text(encoding="utf-8"))
    expected = read((EXAMPLES / "2026-10-faults.expected.csv").read_text(encoding="utf-8-sig"))
    assert [bool(w["faults"]) for w in expected] == [bool(r["error"]) for r in rows]
    for row, want in zip(rows, expected, strict=True):
        assert all(name in row["error"] for name in want["faults"].split(";"))
        assert want["total"] == row["total"]
    assert (
        "row 4 (line 5), KF004 彭杰: skill = '2': is not an allowed rating; allowed: 0, 1, 3 to 10"
        in err
    )
    assert err.splitlines()[-1].startswith("60 rows: 52 scored")
    assert err.splitlines()[-1].endswith(f"8 rejected -> {target}")


def test_many_refused_rows_are_counted_on_standard_error(run, tmp_path):
    """Ten are named, the others are counted; the output has them all."""
    path = tmp_path / "in.csv"
    path.write_text(",".join(GOOD) + "\n" + "x\n" * 13)
    code, out, err = run("evaluate", "customer-service", path)
    assert (1, 13) == (code, len(read(out)))
    assert "... and 3 more rejected rows" in err


def test_json_holds_every_row_with_its_whole_result(run, tmp_path):
    """The ending chooses the form; so does --format."""
    target = tmp_path / "out.json"
    assert 1 == run("evaluate", "customer-service", FAULTS, "-o", target)[0]
    rows = json.loads(target.read_text(encoding="utf-8"))
    assert (60, 52) == (len(rows), sum(r["result"] is not None for r in rows))
    assert ("87", "good") == (rows[0]["result"]["total"], rows[0]["result"]["tier"]["id"])
    (problem,) = rows[3]["problems"]
    assert "skill = '2': is not an allowed rating; allowed: 0, 1, 3 to 10" == problem["text"]
    assert ("not-allowed", ["skill"], "2") == tuple(problem[k] for k in ("code", "inputs", "value"))
    assert (4, 5) == (rows[3]["row"], rows[3]["line"])
    assert rows == json.loads(run("evaluate", "customer-service", FAULTS, "--format", "json")[1])


def test_an_output_is_not_overwritten_unless_forced(run, tmp_path):
    """Without --force nothing is read, scored or written."""
    target = tmp_path / "out.csv"
    target.write_text("mine")
    code, _, err = run("evaluate", "customer-service", MONTH, "-o", target)
    assert (2, "mine") == (code, target.read_text())
    assert "exists already\n  help: use --force to overwrite it" in err
    assert 0 == run("evaluate", "customer-service", MONTH, "-o", target, "--force")[0]
    code, _, err = run("evaluate", "customer-service", MONTH, "-o", tmp_path / "out.xyz")
    assert 2 == code
    assert "ends in .csv, .json, .jsonl, .parquet, .xlsx" in err


@pytest.mark.parametrize("copies", [1, 40])
def test_the_columns_that_are_written_can_be_chosen(run, tmp_path, copies):
    """One by one, and as a frame: only these are written, in the order of the result."""
    heading, *rows = Path(MONTH).read_text(encoding="utf-8-sig").splitlines()
    file = tmp_path / "month.csv"
    file.write_text("\n".join([heading, *rows * copies]), encoding="utf-8")
    _, every, _ = run("evaluate", "customer-service", file)
    code, some, _ = run("evaluate", "customer-service", file, "--columns", "pay, total")
    assert 0 == code
    table, full = read(some), read(every)
    names = heading.split(",")
    assert [*names, "total", "pay", "error", "problems"] == list(table[0])
    assert [(row["total"], row["pay"]) for row in full] == [
        (row["total"], row["pay"]) for row in table
    ]


def test_chosen_columns_must_be_of_the_result(run, tmp_path):
    """Exit code 2, and the list of columns; complete results as JSON have none."""
    code, _, err = run("evaluate", "customer-service", MONTH, "--columns", "late,total")
    assert 2 == code
    assert err.startswith("kpirules: late: the result has the columns points.attendance, ")
    code, _, err = run(
        "evaluate", "customer-service", MONTH, "--columns", "total", "--format", "json"
    )
    assert (2, "kpirules: --columns is for tables: --format json writes complete results\n") == (
        code,
        err,
    )


def test_a_scored_file_is_scored_again_only_when_its_results_may_be_replaced(run, tmp_path):
    """Columns named like a result are never taken for extra ones in silence."""
    scored = tmp_path / "scored.csv"
    run("evaluate", "customer-service", MONTH, "-o", scored)
    code, _, err = run("evaluate", "customer-service", scored)
    assert 2 == code
    assert "there are columns of a result already: points.attendance" in err
    code, out, _ = run("evaluate", "customer-service", scored, "--replace")
    assert (0, scored.read_text(encoding="utf-8")) == (code, out.replace("\r\n", "\n"))


def test_a_column_that_resembles_a_name_is_an_error(run, tmp_path):
    """A typo in a heading would otherwise make every row lack its fact."""
    path = tmp_path / "in.csv"
    text = Path(MONTH).read_text(encoding="utf-8-sig")
    path.write_text(text.replace("leave_days", "leave_day"), encoding="gb18030")
    code, _, err = run("evaluate", "customer-service", path)
    assert 2 == code
    assert 'leave_day: is not a name of this ruleset; did you mean "leave_days"?' in err


def test_formula_like_cells_come_out_harmless(run, tmp_path):
    """An extra cell that a spreadsheet would run is a text in the output."""
    path = tmp_path / "in.csv"
    path.write_text(f"name,{','.join(GOOD)}\n=cmd(),7\n")
    assert "'=cmd()" == read(run("evaluate", "customer-service", path)[1])[0]["name"]


def test_a_list_of_numbers_comes_out_so_that_it_can_be_read_again(run, tmp_path):
    """Also where it begins with a minus; a formula behind one does not."""
    rules, path = tmp_path / "tiny.rubric.toml", tmp_path / "in.csv"
    rules.write_text(
        'schema = 1\nid = "tiny"\n'
        'inputs.n = { type = "number", many = true, range = "-100..100" }\n'
        'criterion = [{ id = "a", weight = 100, formula = "sum(n)", clamp = "0..100" }]\n'
    )
    path.write_text("note,n\n-1;=2,-6;8.5\n")
    (row,) = read(run("evaluate", rules, path)[1])
    assert ("'-1;=2", "-6;8.5", "2.5") == (row["note"], row["n"], row["points.a"])


def test_a_ruleset_file_does_as_well_as_an_id(run, tmp_path):
    """A path that ends like a ruleset file is one; without tiers there is neither tier nor pay."""
    rules = tmp_path / "tiny.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "tiny"\ncriterion = [{ id = "a", weight = 100, scale = 8 }]\n'
    )
    path = tmp_path / "in.csv"
    path.write_text("a\n3\n")
    code, out, _ = run("evaluate", rules, path)
    assert (0, [{"a": "3", "points.a": "3", "total": "37.5", "error": "", "problems": ""}]) == (
        code,
        read(out),
    )
    code, out, _ = run("show", rules)
    assert (0, True) == (code, "judged" in out)
    rules.write_text('schema = 1\nid = "tiny"\ncriterion = [{ id = "a", weight = 90 }]\n')
    code, _, err = run("evaluate", rules, path)
    assert 1 == code
    assert f"{rules}:3:" in err
    assert "error[weights-sum]" in err


@pytest.mark.parametrize("on", ["2024-12-31", "2024-12"])
def test_a_path_is_held_to_a_date_as_an_id_is(run, on):
    """Its rules are not effective then: the same error."""
    path = next((ROOT / "rulesets" / "customer-service").glob("*.toml"))
    by_id = run("evaluate", "customer-service", MONTH, "--on", on)
    assert (2, "") == by_id[:2]
    assert "is in force on 2024-12-31; there are: from 2025-01-01" in by_id[2]
    assert by_id == run("evaluate", path, MONTH, "--on", on)
    assert 0 == run("evaluate", path, MONTH, "--on", "2026-10")[0]


def test_rules_of_another_day_are_read_with_on(run, tmp_path):
    """Where today has none."""
    run("new", "later", "--from", "2999-01-01", "--folder", tmp_path)
    code, _, err = run("show", "later", "--folder", tmp_path)
    assert (2, True) == (code, err.startswith("kpirules: the rules of later for another day"))
    assert 0 == run("show", "later", "--folder", tmp_path, "--on", "2999-01")[0]


def test_a_folder_that_was_forgotten_is_named(run, tmp_path, monkeypatch):
    """A ruleset that ``new`` has just written is not found without its folder."""
    monkeypatch.chdir(tmp_path)
    assert 0 == run("new", "cashier")[0]
    code, out, err = run("show", "cashier")
    assert (2, "") == (code, out)
    first, second = err.splitlines()[:2]
    assert "kpirules: rulesets/cashier is read with --folder rulesets" == first
    assert second.startswith('kpirules: no ruleset "cashier"; ')
    assert 0 == run("show", "cashier", "--folder", "rulesets")[0]
    code, _, err = run("show", "cashier", "--folder", "rulesets", "--on", "2001-01-01")
    assert 2 == code
    assert "is read with" not in err


def test_what_is_not_there_is_wrong_use(run, tmp_path):
    """Unknown ids, dates, files, rows and options exit with 2 and say what there is."""
    code, _, err = run("evaluate", "customer-servic", MONTH)
    assert (2, 'kpirules: no ruleset "customer-servic"; did you mean "customer-service"?\n') == (
        code,
        err,
    )
    code, _, err = run("show", "customer-service", "--on", "2024-01-01")
    assert 2 == code
    assert "is in force on 2024-01-01" in err
    code, _, err = run("evaluate", "customer-service", tmp_path / "none.csv")
    assert 2 == code
    assert "none.csv: cannot be read: No such file" in err
    code, _, err = run("explain", "customer-service", MONTH, "--row", 61)
    assert 2 == code
    assert "there is no row 61: the file has 60 below its heading" in err
    assert 2 == run("evaluate")[0]
    assert 2 == run("nonsense")[0]


@pytest.mark.parametrize(("command", "words"), [
    (("explain", "customer-service", MONTH, "--row", "3", "--lang", "zh"),
     ("杨思远", "迟到、未打卡次数", "59 / 100", "不合格", "-50 CNY")),
    (("show", "customer-service", "--lang", "zh"), ("考勤", "数据列名", "绩效工资 (CNY)")),
])  # fmt: skip
def test_a_terminal_has_tables_within_its_width(command, words):
    """Chinese characters take two columns; every line ends with its table's border."""
    mine, theirs = os.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "kpirules", *map(str, command)]
    with subprocess.Popen(command, stdout=theirs, env=environment) as process:
        os.close(theirs)
        said = b""
        # a terminal that is closed at the other end is an error on Linux
        with contextlib.suppress(OSError):
            while part := os.read(mine, 65536):
                said += part
        os.close(mine)
    assert 0 == process.returncode
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said.decode()).splitlines()
    assert all(any(word in line for line in lines) for word in words)
    assert 80 >= max(map(width, lines))
    table = [line for line in lines if line.startswith(("│", "├", "╭", "╰"))]
    assert len(table) > 20
    assert all(line.endswith(("│", "┤", "╮", "╯")) for line in table)


def test_a_workbook_is_explained_as_a_table_is(run, tmp_path):
    """Whatever is scored is explained."""
    book = tmp_path / "month.xlsx"
    assert 0 == run("sheet", "customer-service", MONTH, "-o", book)[0]
    from_book = run("explain", "customer-service", book, "--row", 3)
    assert from_book[:2] == run("explain", "customer-service", MONTH, "--row", 3)[:2]


def test_one_row_is_explained_in_either_language(run):
    """The lines of the result; a refused row says its problems and exits with 1."""
    code, out, _ = run("explain", "customer-service", MONTH, "--row", 3, "--lang", "zh")
    assert 0 == code
    assert "考勤：0 / 6 分 — 三次及以上，或有旷工" in out
    assert "Attendance: 0 of 6" in run("explain", "customer-service", MONTH, "--row", 3)[1]
    code, out, err = run("explain", "customer-service", FAULTS, "--row", 4)
    assert (1, "") == (code, out)
    assert "skill = '2': is not an allowed rating" in err


def test_the_rulesets_are_listed(run):
    """Id, date and file of each."""
    code, out, _ = run("list")
    assert 0 == code
    assert "customer-service" in out
    assert "2025-01-01" in out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_form_is_shown_within_the_terminals_width(run, monkeypatch, lang):
    """Every section, criterion, level, tier and ruling; no line wider than the terminal."""
    code, out, _ = run("show", "customer-service", "--lang", lang)
    assert 0 == code
    words = {
        "en": ["Professional skill", "Second level", "Excellent", "T8", "a remark, not scored"],
        "zh": ["专业技能", "第二档", "优秀", "T8", "不计分，只作备注"],
    }[lang]
    assert all(word in out for word in words)
    assert max(map(width, out.splitlines())) <= 100
    assert "\x1b" not in out


def test_help_fits_eighty_columns(run):
    """Each command says what it does."""
    for arguments in ([], ["list"], ["show"], ["evaluate"], ["explain"]):
        code, out, _ = run(*arguments, "--help")
        assert 0 == code
        assert "Usage" in out
        assert max(map(len, out.splitlines())) <= 80
    assert "Usage" in run()[1] + run()[2]


def test_the_entry_point_runs_the_commands(monkeypatch, capsys):
    """As installed, and as ``python -m kpirules``."""
    monkeypatch.setattr(sys, "argv", ["kpirules", "list"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert 0 == caught.value.code
    here = capsys.readouterr().out
    command = [sys.executable, "-m", "kpirules", "list"]
    assert here == subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "customer-service" in here


@pytest.mark.parametrize("module", ["typer", "kpirules.arithmetic.range"])
def test_without_its_extra_the_command_line_says_so_in_one_line(monkeypatch, capsys, module):
    """The extra is named; any other missing module is a fault and not hidden."""
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "kpirules.cli.app":
            raise ModuleNotFoundError(f"No module named {module!r}", name=module)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    if module == "typer":
        with pytest.raises(SystemExit) as caught:
            main()
        assert 2 == caught.value.code
        assert "pip install 'kpirules[cli]'" in capsys.readouterr().err
    else:
        with pytest.raises(ModuleNotFoundError):
            main()


def test_the_language_is_that_of_the_option_or_of_the_locale(tmp_path, monkeypatch, run):
    """An unknown one is an error that lists those there are; English is without labels."""
    record, table = {**GOOD, "skill": 2}, tmp_path / "a.csv"
    table.write_text(f"{','.join(record)}\n{','.join(map(str, record.values()))}\n")
    code, _, said = run("evaluate", "customer-service", table, "--lang", "tlh")
    assert (2, True) == (code, "'tlh' is not a language of kpirules: en, zh" in said)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    english, chinese = "skill = '2': is not an allowed rating", "专业技能 = '2'：不是允许的评分"
    for name, value, text in (
        ("LANG", "C.UTF-8", english),
        ("LANG", "tlh_AQ.UTF-8", english),
        ("LC_MESSAGES", "zh_CN.UTF-8", chinese),
        ("LC_ALL", "en_GB.UTF-8", english),
    ):
        monkeypatch.setenv(name, value)
        code, _, said = run("evaluate", "customer-service", table)
        assert (1, True) == (code, text in said), (name, value, said)
