"""Files of every format and size through the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal

import polars as pl
import pytest

from kpirules.cli import rows as cli_rows
from kpirules.cli.io import parquet, readers
from kpirules.cli.io.tables import Column
from kpirules.cli.io.writers import writing
from tests.dataframe.test_dataframe import GOOD


ROWS = [
    {"name": "Li", **GOOD},
    {"name": "=cmd()", **GOOD, "skill": 2},
    {"name": "吴", **GOOD, "skill": 10},
]
BAD = "skill = {}: is not an allowed rating; allowed: 0, 1, 3 to 10"


def write(path, rows):
    """Write records into a file of the format that its ending tells."""
    frame = pl.DataFrame(rows)
    if path.suffix == ".csv":
        frame.write_csv(path)
    elif path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".xlsx":
        with writing(path, ".xlsx") as put:
            put([Column(column.name, column) for column in frame])
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path):
    """Read a file that was written, with the library that made it for no one else."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).rows(named=True)
    if path.suffix in (".jsonl", ".ndjson"):
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".csv":
        return pl.read_csv(path, infer_schema=False).rows(named=True)
    from python_calamine import CalamineWorkbook

    head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("target", ["csv", "parquet", "xlsx", "jsonl"])
@pytest.mark.parametrize("source", ["csv", "parquet", "xlsx", "jsonl", "ndjson"])
def test_every_format_goes_into_every_other(run, source, target, tmp_path):
    """All rows come out in their order, a refused one with its problems; texts stay texts."""
    file, out = write(tmp_path / f"in.{source}", ROWS), tmp_path / f"out.{target}"
    code, _, err = run("evaluate", "customer-service", file, "-o", out, "--headings", "ids")
    # cells of texts are shown as texts
    bad = BAD.format("2" if source == "parquet" else "'2'")
    assert 1 == code
    assert "3 rows: 2 scored (2 good), 1 rejected" in err
    places = {"csv": " (line 3)", "xlsx": " (worksheet row 3)", "parquet": ""}
    assert f"row 2{places.get(source, ' (line 2)')}, =cmd(): {bad}" in err
    found = read(out)
    assert ["84", "", "86"] == [str(row["total"] or "").removesuffix(".0") for row in found]
    assert ["good", "", "good"] == [row["tier"] or "" for row in found]
    assert ["", bad, ""] == [row["error"] or "" for row in found]
    name = "'=cmd()" if target == "csv" else "=cmd()"
    assert ["Li", name, "吴"] == [row["name"] for row in found]
    assert ["name", *GOOD] == list(found[0])[:13]
    assert not any(column.startswith("band.") for column in found[0])


def test_a_large_file_is_scored_a_batch_at_a_time(run, tmp_path, monkeypatch):
    """What it comes to does not hang on how it is cut."""
    rows = [{"id": i, **GOOD, "skill": i % 11} for i in range(250)]
    file = write(tmp_path / "in.csv", rows)
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    assert 1 == run("evaluate", "customer-service", file, "-o", whole)[0]
    monkeypatch.setattr(cli_rows, "FEW", -1)
    monkeypatch.setattr(readers, "ROWS", 100)
    code, _, err = run("evaluate", "customer-service", file, "-o", parts)
    assert 1 == code
    assert "row 3 (line 4), 2: skill = '2': is not an allowed rating" in err
    assert "... and 13 more rejected rows" in err
    assert read(whole) == read(parts)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl", "parquet"])
@pytest.mark.parametrize("target", ["json", "csv", "xlsx"])
def test_rows_that_are_scored_one_by_one_are_few_at_a_time(
    run, kind, target, tmp_path, monkeypatch
):
    """Whatever a batch of the reader holds: the same output, with the rejected rows."""
    rows = [{**GOOD, "name": f"{i}", "skill": i} for i in range(7)]
    file = write(tmp_path / f"in.{kind}", rows)
    outputs = []
    for most in (1_000, 2):
        monkeypatch.setattr(cli_rows.ByRecord, "most", most)
        out = tmp_path / f"{most}.{target}"
        ids = () if target == "json" else ("--headings", "ids")
        assert 1 == run("evaluate", "customer-service", file, "-o", out, *ids)[0]
        outputs.append(json.loads(out.read_text("utf-8")) if target == "json" else read(out))
    assert 7 == len(outputs[0])
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_large_csv_file_is_read_in_its_encoding(run, encoding, tmp_path, monkeypatch):
    """As a small one is: by its mark, else UTF-8, else GB18030."""
    monkeypatch.setattr(cli_rows, "FEW", -1)
    file = tmp_path / "in.csv"
    lines = ["姓名;" + ";".join(GOOD), "吴;" + ";".join(map(str, GOOD.values()))]
    file.write_text("sep=;\n" + "\n".join(lines) + "\n", encoding=encoding)
    code, out, _ = run("evaluate", "customer-service", file)
    assert 0 == code
    assert "吴" in out
    assert ",84,good,200," in out


def test_what_is_no_table_is_told(run, tmp_path, monkeypatch):
    """Where, what, and what would be right."""
    monkeypatch.setattr(cli_rows, "FEW", -1)
    head = ",".join(GOOD).encode()
    wrong = {
        "a.parquet": (b"no", "is not a Parquet file"),
        "a.xlsx": (b"no", "is not a workbook"),
        "a.jsonl": (b"{]", "a.jsonl:1: is not JSON"),
        "b.jsonl": (b"[1]\n", "b.jsonl:1: is not a JSON object"),
        "c.jsonl": (b'{"a": "' + b"x" * (1 << 20) + b'"}', "c.jsonl:1: has more than"),
        "a.csv": (b"late,late\n1,2\n", "columns are named twice: 'late'"),
        "b.csv": (head + b"\n1" + b"," * 12 + b"2\n", "has 13 cells, and the heading has 12"),
        "c.csv": (head + b'\n"1\n', "is not CSV"),
        "d.csv": (b"late\n\xff\xff\n", "is not UTF-8, and its encoding is not clear"),
        "e.csv": (b",".join(b"x%d" % i for i in range(10_001)), "more than 10000 columns"),
    }
    for name, (data, message) in wrong.items():
        (tmp_path / name).write_bytes(data)
        code, _, err = run("evaluate", "customer-service", tmp_path / name)
        assert 2 == code, name
        assert message in err, name
    code, _, err = run("evaluate", "customer-service", tmp_path / "none.parquet")
    assert 2 == code
    assert "cannot be read" in err


def test_files_without_rows_come_out_without_rows(run, tmp_path, monkeypatch):
    """With their columns; blank lines are no rows."""
    monkeypatch.setattr(cli_rows, "FEW", -1)
    for ending in ("parquet", "csv", "xlsx", "jsonl"):
        file = write(tmp_path / f"in.{ending}", ROWS[:1])
        if ending == "parquet":
            pl.DataFrame(ROWS).clear().write_parquet(file)
        elif ending == "csv":
            file.write_text(file.read_text().splitlines()[0] + "\n\n")
        elif ending == "xlsx":
            with writing(file, ".xlsx") as put:
                put([Column(column.name, column) for column in pl.DataFrame(ROWS).clear()])
        else:
            continue
        out = tmp_path / f"{ending}.parquet"
        assert 0 == run("evaluate", "customer-service", file, "-o", out)[0]
        assert (0, True) == (len(pl.read_parquet(out)), "total" in pl.read_parquet(out).columns)


@pytest.mark.parametrize("target", ["parquet", "xlsx", "csv", "jsonl"])
def test_batches_follow_one_another(run, target, tmp_path, monkeypatch):
    """Under one heading, in one file."""
    monkeypatch.setattr(parquet, "ROWS", 1)
    file, out = write(tmp_path / "in.parquet", ROWS), tmp_path / f"out.{target}"
    assert 1 == run("evaluate", "customer-service", file, "-o", out, "--headings", "ids")[0]
    assert 3 == len(read(out))


def test_columns_that_are_missing_are_named_once(run, tmp_path):
    """Not for each row."""
    file = write(tmp_path / "in.parquet", [{"late": 1}])
    code, _, err = run("evaluate", "customer-service", file)
    assert 2 == code
    assert "  absent: has no column (旷工次数, Unexcused absences)\n" in err


def test_an_earlier_result_is_replaced_where_that_is_wanted(run, tmp_path):
    """Else it is refused, before anything is written."""
    file, once = write(tmp_path / "in.parquet", ROWS), tmp_path / "once.parquet"
    run("evaluate", "customer-service", file, "-o", once)
    code, _, err = run("evaluate", "customer-service", once)
    assert 2 == code
    assert "there are columns of a result already: points.attendance" in err
    twice = tmp_path / "twice.parquet"
    assert 1 == run("evaluate", "customer-service", once, "-o", twice, "--replace")[0]
    assert read(once) == read(twice)
    assert 2 == run("evaluate", "customer-service", file, "-o", once)[0]


def test_decimals_keep_their_digits(run, tmp_path):
    """A decimal of Parquet is one in the result, a text in JSON, and a number for Excel."""
    rules = tmp_path / "halves.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "halves"\nstep = 0.5\n[[criterion]]\nid = "skill"\nweight = 100\n'
    )
    file = tmp_path / "in.parquet"
    pl.DataFrame({"skill": [Decimal("12.5"), None]}).write_parquet(file)
    for ending, total in (("parquet", Decimal("12.5")), ("jsonl", "12.5"), ("xlsx", 12.5)):
        out = tmp_path / f"out.{ending}"
        assert 0 == run("evaluate", rules, file, "-o", out, "--headings", "ids")[0]
        assert [total] == [row["total"] for row in read(out)]


def test_json_lines_may_hold_tables_and_lists(run, tmp_path):
    """What is below a name is written with dots; numbers are read exactly."""
    rules = tmp_path / "r.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "r"\nstep = 0.1\nraters = { self = 50, lead = 50 }\n'
        '[inputs.calls]\ntype = "number"\nmany = true\n'
        '[[criterion]]\nid = "skill"\nweight = 100\n'
        '[outcome.calls_made]\nformula = "sum(calls)"\n'
    )
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text('{"skill": {"self": 0.1, "lead": 0.2}, "calls": [1.5, 2], "x": {}}\n\n')
    assert 0 == run("evaluate", rules, file, "-o", out)[0]
    found = read(out)[0]
    assert ("0.15", "3.5") == (found["total"], found["outcome.calls_made"])


def test_wrong_use_is_told(run, tmp_path):
    """An unknown ending, a workbook on the terminal, records in one JSON text."""
    file = write(tmp_path / "in.parquet", ROWS)
    for arguments, message in (
        ([file, "--format", "xlsx"], "xlsx is written to a file: give -o"),
        ([file, "-o", tmp_path / "x.doc"], "ends in .csv, .json, .jsonl, .parquet, .xlsx"),
        ([tmp_path / "x.json"], "records are read from .csv, .jsonl, .parquet or .xlsx"),
    ):
        code, _, err = run("evaluate", "customer-service", *arguments)
        assert 2 == code
        assert message in err


def test_an_unratable_row_says_so(run, tmp_path):
    """It is not refused, and has no total."""
    rules = tmp_path / "u.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "u"\n[[criterion]]\nid = "skill"\nweight = 100\n'
        "[[gate]]\nwhen = { skill = 0 }\nunratable = true\n"
    )
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text('{"skill": 0}\n{"skill": 50}\n')
    assert 0 == run("evaluate", rules, file, "-o", out)[0]
    assert ["cannot be rated", None] == [row["error"] for row in read(out)]
    assert [None, 50] == [row["total"] for row in read(out)]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_broken_off_leaves_nothing(sign, tmp_path):
    """Neither half a file nor one of another name."""
    file = tmp_path / "in.parquet"
    pl.DataFrame([GOOD]).select(pl.all().repeat_by(1_500_000).explode()).write_parquet(file)
    out = tmp_path / "out" / "scored.csv"
    out.parent.mkdir()
    command = [sys.executable, "-m", "kpirules", "evaluate", "customer-service", file, "-o", out]
    process = subprocess.Popen([*map(str, command)], stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while not any(f.stat().st_size for f in out.parent.iterdir()):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(process.pid, sign)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode
    assert [] == list(out.parent.iterdir())


@pytest.mark.parametrize("patience", [-1, 1e9])
def test_progress_is_shown_on_a_terminal(patience, tmp_path, monkeypatch):
    """With an estimate of the time that is left, once it has taken a while."""
    from io import StringIO

    from kpirules.cli.commands import evaluate

    class Terminal(StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(evaluate, "_PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    from kpirules import load

    file = write(tmp_path / "in.parquet", ROWS)
    out = tmp_path / "out.parquet"
    from kpirules.cli.io.sources import Options

    rubric = load("customer-service")
    done = evaluate.score_table(
        rubric, file, out, ".parquet", Options(), force=False, replace=False
    )
    assert 1 == done
    assert (patience < 0) == ("Scoring" in terminal.getvalue())
    assert (patience < 0) == ("100%" in terminal.getvalue())


def test_a_library_that_lacks_another_says_which(tmp_path, monkeypatch):
    """Only the library of an extra is named with its extra."""
    from kpirules.errors import fetch

    (tmp_path / "lacking_library.py").write_text("import not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_there"):
        fetch("lacking_library", "frames")
