"""Tables of records of every kind of file, read by one path."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
from decimal import Decimal

import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpirules.cli import rows as cli_rows
from kpirules.cli.io import readers
from kpirules.cli.io.tables import Column
from kpirules.cli.io.writers import writing
from tests import TESTS
from tests.drawing import share


TABLES = TESTS / "tables"
D = TABLES / "d.rubric.toml"
A = TABLES / "a.rubric.toml"
ENGINES = pytest.mark.parametrize("few", [2_000, -1], ids=["records", "frames"])


def rows_of(text):
    """Read CSV text as dictionaries."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def write(path, names, rows):
    """Write a table of texts, or of numbers and None, by the ending of the path."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([names, *rows])
    elif path.suffix == ".jsonl":
        records = (dict(zip(names, row, strict=True)) for row in rows)
        path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    else:
        with writing(path, path.suffix) as put:
            put([Column(name, [row[i] for row in rows]) for i, name in enumerate(names)])
    return path


KINDS = pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])


# ---------------------------------------------------------------- headings


@ENGINES
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("case.csv", [("0", "fair", "0")]),
        ("linefeed.csv", [("0", "fair", "0")]),
        ("pipe.csv", [("0", "fair", "0"), ("55", "fair", "0")]),
    ],
)
def test_headings_are_read_whatever_their_spelling(run, monkeypatch, few, file, expected):
    """Case, blanks, line breaks, a remark in brackets and the delimiter do not matter."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    code, out, _ = run("evaluate", D, TABLES / file)
    assert 0 == code
    assert expected == [(r["total"], r["tier"], r["pay"]) for r in rows_of(out)]


def test_labels_are_headings(run):
    """In any language of the ruleset."""
    code, out, _ = run("evaluate", TABLES / "zh.rubric.toml", TABLES / "zh2.csv")
    (row,) = rows_of(out)
    assert (0, "0", "50", "50") == (
        code,
        row["points.punctuality"],
        row["points.work"],
        row["total"],
    )


@pytest.mark.parametrize("command", ["evaluate", "sheet", "report", "explain"])
@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("case2.csv", "none of the columns is a name of the ruleset"),
        (
            "german.csv",
            "none of the columns is a name of the ruleset; it asks for late, complaints",
        ),
        ("keys.jsonl", 'complaints: has no column; did you mean "complaint"?'),
        ("tailspace.xlsx", "complaints: has no column; add it, or name it in --allow-missing"),
    ],
)
def test_what_is_not_a_name_is_an_error_of_the_whole_file(run, tmp_path, command, file, message):
    """Nobody is scored by defaults alone."""
    extra = {"explain": ["--row", 1], "evaluate": []}.get(command, ["-o", tmp_path / "out.html"])
    code, out, err = run(command, D, TABLES / file, *extra)
    assert (2, "") == (code, out)
    assert message in err
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["evaluate", "sheet", "report", "explain"])
def test_an_absent_column_is_taken_as_its_default_where_that_is_allowed(run, tmp_path, command):
    """And that is noted."""
    extra = {"explain": ["--row", 1], "evaluate": []}.get(command, ["-o", tmp_path / "out.html"])
    file = TABLES / "tailspace.xlsx"
    code, _, err = run(command, D, file, "--allow-missing", " complaints,", *extra)
    assert 0 == code
    assert "note: no column complaints: the ruleset's default 0 is taken in every row" in err


@ENGINES
def test_a_policy_for_missing_values_is_named(run, tmp_path, monkeypatch, few):
    """Where it is not a default; an unknown name is an error."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    file = write(tmp_path / "in.csv", ["late"], [[0]])
    rules = TABLES / "zh.rubric.toml"
    code, out, err = run("evaluate", rules, file, "--allow-missing", "work")
    assert (0, "40") == (code, rows_of(out)[0]["total"])
    assert "note: no column work: what the ruleset declares for missing values is taken" in err
    code, _, err = run("evaluate", rules, file, "--allow-missing", "wrk")
    assert 2 == code
    assert 'wrk: in --allow-missing is not a name of this ruleset; did you mean "work"?' in err


# ---------------------------------------------------------------- blank rows, totals, keys


@ENGINES
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("blank.csv", (["100", "55", "", "55"], "1 rejected; 3 blank rows skipped")),
        ("blank2.csv", (["100", "55"], "0 rejected; 1 blank row skipped")),
        ("middle.xlsx", (["100", "55"], "0 rejected; 1 blank row skipped")),
        ("empty.jsonl", (["75"], "0 rejected; 2 blank rows skipped")),
    ],
)
def test_blank_rows_are_nobody(run, monkeypatch, few, file, expected):
    """They are not scored; they are counted apart; a footnote is rejected."""
    totals, summary = expected
    monkeypatch.setattr(cli_rows, "FEW", few)
    code, out, err = run("evaluate", D, TABLES / file)
    assert (int("" in totals), totals) == (code, [row["total"] for row in rows_of(out)])
    assert err.rstrip().endswith(summary)
    if file == "blank.csv":
        told = "row 3 (line 6), 备注：十月: record: gives none of the values that the ruleset asks for\n"
        assert told in err
        note = 'note: row 4 (line 7) ("Total") looks like a row of totals; it was scored like any'
        assert note in err


@KINDS
def test_blank_rows_are_nobody_on_sheets_too(run, tmp_path, kind):
    """In every kind of file, at any place; rows are numbered by people."""
    blank = [None, None, None] if kind != "csv" else ["\u3000", "\xa0", " "]
    rows = [blank, ["An", 0, 0], blank, blank, ["Bo", 2, 1], blank]
    file = write(tmp_path / f"in.{kind}", ["name", "late", "complaints"], rows)
    code, out, err = run("explain", D, file, "--row", 2)
    assert (0, "") == (code, err)
    assert "55" in out
    code, _, err = run("explain", D, file, "--row", 3)
    assert 2 == code
    assert "there is no row 3: the file has 2 below its heading" in err
    page = tmp_path / "out.html"
    assert 0 == run("sheet", D, file, "-o", page)[0]
    assert 2 == page.read_text(encoding="utf-8").count("<article")
    code, _, err = run("report", D, file, "-o", page, "--force")
    assert 0 == code
    assert err.startswith("2 rows: 2 scored (1 fair, 1 good), 0 rejected; ")
    code, out, err = run("evaluate", D, file)
    assert (0, 2) == (code, len(rows_of(out)))


@ENGINES
@KINDS
def test_a_row_that_gives_nothing_is_rejected_and_na_is_something(
    run, tmp_path, monkeypatch, few, kind
):
    """A carried cell alone is not a record; "n/a" states that there is nothing."""
    monkeypatch.setattr(cli_rows, "FEW", few)
    rows = [["note", "", ""], ["An", "n/a", ""]]
    if kind == "parquet":
        rows = [["note", None, None], ["An", "n/a", None]]
    file = write(tmp_path / f"in.{kind}", ["name", "late", "complaints"], rows)
    code, out, err = run("evaluate", D, file)
    said = [(row["total"], row["error"]) for row in rows_of(out)]
    reason = "record: gives none of the values that the ruleset asks for"
    assert (1, [("", reason), ("100", "")]) == (code, said)
    assert "2 rows: 1 scored (1 good), 1 rejected\n" in err
    page = tmp_path / "out.html"
    assert 1 == run("sheet", D, file, "-o", page)[0]
    assert "gives none of the values" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["evaluate", "sheet", "report"])
def test_totals_and_repeated_keys_are_noted(run, tmp_path, command):
    """By name and row; they are scored like any other."""
    rows = [["1", "An", 0, 0], ["1", "Bo", 0, 0], ["", "合计：", 0, 0], ["", "Grand Total", 0, 0]]
    file = write(tmp_path / "in.csv", ["employee_no", "name", "late", "complaints"], rows)
    extra = [] if command == "evaluate" else ["-o", tmp_path / "out.html"]
    code, _, err = run(command, D, file, *extra)
    assert 0 == code
    assert 'note: row 2 (line 3) and row 1 have the same employee_no, "1"; both were scored' in err
    assert 'note: row 3 (line 4) ("合计：") looks like a row of totals' in err
    assert 'note: row 4 (line 5) ("Grand Total") looks like a row of totals' in err


def test_many_notes_are_counted(run, tmp_path):
    """Ten are named."""
    file = write(tmp_path / "in.csv", ["name", "late", "complaints"], [["An", 0, 0]] * 13)
    code, _, err = run("evaluate", D, file)
    assert (0, 10) == (code, err.count("have the same name"))
    assert "... and 2 more notes of this kind\n" in err


def test_keys_without_end_are_not_all_remembered(run, tmp_path, monkeypatch):
    """Memory is bounded."""
    from kpirules.cli import notes
    from kpirules.cli.io import csv as csv_reader

    monkeypatch.setattr(notes, "_MAX_KEYS", 1)
    rows = [["An", 0, 0], ["Bo", 0, 0], ["Bo", 0, 0], ["An", 0, 0]]
    file = write(tmp_path / "in.csv", ["name", "late", "complaints"], rows)
    assert 1 == run("evaluate", D, file)[2].count("have the same name")
    # the same in several batches
    monkeypatch.setattr(csv_reader, "_MANY", 0)
    monkeypatch.setattr(csv_reader, "_PIECE", 1)
    assert 1 == run("evaluate", D, file)[2].count("have the same name")


def test_an_unratable_row_is_counted_apart(run, tmp_path):
    """It is not scored; a blank row is skipped."""
    rules, file = TABLES / "hrms.rubric.toml", TABLES / "hrms.csv"
    assert "3 rows: 3 scored, 0 rejected; 1 blank row skipped\n" == run("evaluate", rules, file)[2]
    other = tmp_path / "in.csv"
    other.write_text(file.read_text().replace(",,\n", "n/a,,\n"))
    for target in ("csv", "parquet"):
        out = tmp_path / f"out.{target}"
        code, _, err = run("evaluate", rules, other, "-o", out)
        assert 0 == code
        assert f"4 rows: 3 scored, 1 cannot be rated, 0 rejected -> {out}\n" == err
    code, _, err = run("report", rules, other, "-o", tmp_path / "out.html")
    assert 0 == code
    assert err.startswith("4 rows: 3 scored, 1 cannot be rated, 0 rejected -> ")


# ---------------------------------------------------------------- columns without a name


@pytest.mark.parametrize("file", ["spacer.csv", "spacer.xlsx"])
def test_spacer_columns_are_left_out(run, file):
    """Empty columns without a name are nobody's."""
    code, out, _ = run("evaluate", A, TABLES / file)
    (row,) = rows_of(out)
    assert (0, "40", "60", "100", "good", "200") == (
        code,
        *(row[k] for k in ("points.punctuality", "points.sales", "total", "tier", "pay")),
    )
    assert "" not in row


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_columns_without_a_name_are_carried_or_named_by_letter(run, tmp_path, kind):
    """One is carried as it is; of several nobody knows which is which."""
    file = tmp_path / f"in.{kind}"
    names = ["name", "", "late", "", "complaints"]
    write(tmp_path / "in.csv", names, [["An", "x", 0, "", 0]])
    if kind == "xlsx":
        _book(file, [names, ["An", "x", 0, None, 0]])
    code, out, _ = run("evaluate", D, file)
    assert (0, "x") == (code, rows_of(out)[0][""])
    write(tmp_path / "in.csv", names, [["An", "x", 0, "", 0], ["Bo", "", 0, "y", 0]])
    if kind == "xlsx":
        _book(file, [names, ["An", "x", 0, None, 0], ["Bo", None, 0, "y", 0]])
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert "columns B and D have no name\n  help: name them in the heading" in err


def _book(path, rows):
    """Write rows as a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


# ---------------------------------------------------------------- one answer


@pytest.mark.parametrize("file", ["a.xls", "a.ods", "a.XLSB"])
def test_other_tables_are_named(run, tmp_path, file):
    """They are not CSV under another name."""
    (tmp_path / file).write_bytes(b"x")
    code, _, err = run("evaluate", D, tmp_path / file)
    assert 2 == code
    assert "are not read\n  help: save it as an Excel Workbook (.xlsx) or as CSV" in err


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("csv", ["--sheet", "a"]),
        ("parquet", ["--heading", "2"]),
        ("jsonl", ["--encoding", "cp1252"]),
        ("xlsx", ["--encoding", "cp1252"]),
    ],
)
def test_an_option_that_a_file_does_not_know_is_an_error(run, tmp_path, kind, option):
    """It is not passed over in silence."""
    file = write(tmp_path / f"in.{kind}", ["late", "complaints"], [[0, 0]])
    code, _, err = run("evaluate", D, file, *option)
    assert 2 == code
    assert f"{option[0]} is not for files of this kind" in err


@KINDS
def test_every_kind_of_file_is_written_as_json(run, tmp_path, kind):
    """With the whole result of each row."""
    rows = [["An", 0, 0], ["Bo", 2.5, 1]]
    file = write(tmp_path / f"in.{kind}", ["name", "late", "complaints"], rows)
    out = tmp_path / "out.json"
    assert 1 == run("evaluate", D, file, "-o", out)[0]
    found = json.loads(out.read_text(encoding="utf-8"))
    assert ["100", None] == [row["result"] and row["result"]["total"] for row in found]
    assert [1, 2] == [row["row"] for row in found]
    assert "is not a whole number" in found[1]["problems"][0]["text"]
    shutil.copy(out, tmp_path / "again.json")
    code, said, _ = run("evaluate", D, file, "--format", "json")
    assert (1, out.read_text(encoding="utf-8")) == (code, said)


def test_a_file_without_rows_is_an_empty_list_in_json(run, tmp_path):
    """And no error."""
    file = write(tmp_path / "in.csv", ["late", "complaints"], [])
    assert (0, "[]\n") == run("evaluate", D, file, "--format", "json")[:2]


def test_a_parquet_file_may_hold_nested_columns(run, tmp_path):
    """They are carried; a row of empty lists is blank."""
    file = tmp_path / "in.parquet"
    pl.DataFrame(
        {"late": [0, None], "complaints": [0, None], "tags": [["a"], []], "day": [True, None]}
    ).write_parquet(file)
    code, _, err = run("evaluate", D, file, "-o", tmp_path / "out.parquet")
    assert (0, True) == (code, "1 row: 1 scored (1 good), 0 rejected; 1 blank row" in err)


def test_too_many_records_for_memory_are_an_error(run, tmp_path, monkeypatch):
    """Sheets and reports hold all of them."""
    from kpirules.cli.commands import sheet

    monkeypatch.setattr(sheet, "MAX_SHEETS", 1)
    file = write(tmp_path / "in.csv", ["late", "complaints"], [[0, 0]] * 2)
    code, _, err = run("report", D, file, "-o", tmp_path / "out.html")
    assert 2 == code
    assert "has more than 1 rows" in err


cells = st.sampled_from(["0", "1", "3", " 2 ", "", "n/a", "x", "0.5", "-1", "\u3000"])


@settings(share(1 / 5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["", "An", "Bo"]), cells, cells), min_size=1, max_size=6))
def test_all_routes_give_one_answer(run, tmp_path, monkeypatch, rows):
    """Small and large, whatever the kind of file: the same rows, totals and problems."""
    answers = []
    # a workbook does not have blank rows at its end
    rows = [*rows, ("An", "0", "0")]
    # an empty file of JSON lines names no columns
    for kind, few, batch in (
        ("csv", 2_000, 100_000),
        ("csv", -1, 100_000),
        ("csv", -1, 2),
        ("xlsx", 2_000, 100_000),
        ("jsonl", -1, 1),
        ("parquet", -1, 100_000),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(cli_rows, "FEW", few)
            patch.setattr(readers, "ROWS", batch)
            file = tmp_path / f"in.{kind}"
            if kind == "parquet":
                schema = dict.fromkeys(["name", "late", "complaints"], pl.String)
                pl.DataFrame(rows, schema=schema, orient="row").write_parquet(file)
            else:
                write(file, ["name", "late", "complaints"], rows)
            code, out, err = run("evaluate", D, file)
        answers.append((code, out.replace("\r", ""), err.rpartition("\n")[0].count("rejected")))
        said = err.splitlines()[-1]
        answers[-1] = (*answers[-1][:2], said)
    assert [answers[0]] * len(answers) == answers


# ---------------------------------------------------------------- types


def test_numbers_of_a_csv_file_are_numbers_in_a_workbook(run, tmp_path):
    """Those that are read; an id, a number with other signs and a rejected text remain texts."""
    rows = [["007", "1", "0"], ["8", " 2.50", "n/a"], ["9", "１", "+1"]]
    file = write(tmp_path / "in.csv", ["employee_no", "late", "complaints"], rows)
    out = tmp_path / "out.xlsx"
    assert 1 == run("evaluate", D, file, "-o", out, "--headings", "ids")[0]
    found = [row[:3] for row in openpyxl.load_workbook(out).active.iter_rows(values_only=True)]
    assert [("007", 1, 0), ("8", 2.5, "n/a"), ("9", "１", 1)] == found[1:]


def test_texts_of_files_with_types_remain_texts(run, tmp_path):
    """From a workbook to a workbook."""
    file = write(tmp_path / "in.xlsx", ["name", "late", "complaints"], [["An", "1", 0]])
    out = tmp_path / "out.xlsx"
    assert 0 == run("evaluate", D, file, "-o", out)[0]
    found = list(openpyxl.load_workbook(out).active.iter_rows(values_only=True))
    assert ("An", "1", 0) == found[1][:3]


NANOSECONDS = pa.array([1_001], pa.timestamp("ns"))
FAR = pa.array([2**31 - 1], pa.date32())
BEYOND = {
    "time": (pa.array([1_001], pa.time64("ns")), "a time with nanoseconds"),
    "duration": (pa.array([1_001], pa.duration("ns")), "a time with nanoseconds"),
    "moment": (NANOSECONDS, "a time with nanoseconds"),
    "zoned": (pa.array([1_001], pa.timestamp("ns", "Asia/Tokyo")), "a time with nanoseconds"),
    "list": (pa.array([[1_001]], pa.list_(pa.time64("ns"))), "a time with nanoseconds"),
    "table": (pa.StructArray.from_arrays([FAR], ["x"]), "a date beyond the years 1 to 9999"),
    "date": (FAR, "a date beyond the years 1 to 9999"),
    "year 0": (pa.array([-(2**62)], pa.timestamp("us")), "a date beyond the years 1 to 9999"),
    "ages": (pa.array([2**62], pa.duration("ms")), "a date beyond the years 1 to 9999"),
}


@pytest.mark.parametrize("kind", BEYOND)
@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl", "json"])
def test_a_moment_that_would_be_cut_is_an_error(run, tmp_path, kind, ending):
    """It names the column; nothing is written."""
    values, message = BEYOND[kind]
    file = tmp_path / "in.parquet"
    pq.write_table(pa.table({"late": [0], "complaints": [0], "seen": values}), file)
    out = tmp_path / f"out.{ending}"
    code, _, err = run("evaluate", D, file, "-o", out)
    assert (2, False) == (code, out.exists())
    assert f'kpirules: column "seen": holds {message}\n  help: only a Parquet file' in err


@pytest.mark.parametrize("kind", BEYOND)
def test_a_parquet_file_keeps_every_moment(run, tmp_path, kind):
    """As does a sheet, which does not show it."""
    file, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"late": [0], "complaints": [0], "seen": BEYOND[kind][0]}), file)
    assert 0 == run("evaluate", D, file, "-o", out)[0]
    assert pl.read_parquet(file)["seen"].equals(pl.read_parquet(out)["seen"])
    assert 0 == run("sheet", D, file, "-o", tmp_path / "out.html")[0]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_short_floats_have_their_shortest_decimal(run, tmp_path, ending):
    """As where they are read; also in a list."""
    file, out = tmp_path / "in.parquet", tmp_path / f"out.{ending}"
    numbers = pa.array([1.1, None], pa.float32())
    lists = pa.array([[1.1], None], pa.list_(pa.float32()))
    table = {"late": [0, 0], "complaints": [0, 0], "rate": numbers, "rates": lists}
    pq.write_table(pa.table(table), file)
    assert 0 == run("evaluate", D, file, "-o", out, "--headings", "ids")[0]
    if ending == "csv":
        found = [list(row.values())[2:4] for row in rows_of(out.read_text("utf-8-sig"))]
    elif ending == "xlsx":
        rows = list(openpyxl.load_workbook(out).active.iter_rows(values_only=True))
        found = [[str(cell or "") for cell in row[2:4]] for row in rows[1:]]
    else:
        records = map(json.loads, out.read_text("utf-8").splitlines())
        found = [[str(r["rate"] or ""), str((r["rates"] or [""])[0])] for r in records]
    assert [["1.1", "1.1"], ["", ""]] == found


def test_a_damaged_parquet_file_is_named(run, tmp_path):
    """Also if only a page is damaged, which is found while the output is written."""
    file, out = tmp_path / "in.parquet", tmp_path / "out.csv"
    table = pa.table({"late": list(range(5000)), "complaints": [0] * 5000})
    pq.write_table(table, file, compression="zstd", use_dictionary=False)
    whole = file.read_bytes()
    page = whole.index(b"\x28\xb5\x2f\xfd") + 4
    for damaged in (whole[:page] + b"\xff" * 64 + whole[page + 64 :], whole[:-40] + whole[-8:]):
        file.write_bytes(damaged)
        code, _, err = run("evaluate", D, file, "-o", out)
        assert (2, False) == (code, out.exists())
        assert f"kpirules: {file}: is not a Parquet file that can be read: " in err


def test_a_parquet_file_that_cannot_be_opened_has_the_words_of_the_system(
    run, tmp_path, monkeypatch
):
    """Not those of Arrow."""
    code, _, err = run("evaluate", D, tmp_path / "no.parquet")
    assert 2 == code
    assert err.endswith("no.parquet: cannot be read: No such file or directory\n")

    def fail(_):
        raise OSError(errno.EIO, "of Arrow")

    monkeypatch.setattr(pq, "ParquetFile", fail)
    file = tmp_path / "in.parquet"
    file.write_bytes(b"")
    code, _, err = run("evaluate", D, file)
    assert (2, f"kpirules: {file}: cannot be read: {os.strerror(errno.EIO)}\n") == (code, err)


@pytest.mark.parametrize("name", ["late", "x"])
def test_numbers_too_wide_for_any_reader_are_an_error(run, tmp_path, name):
    """By column, carried or read."""
    wide = pa.array([Decimal(1)], pa.decimal256(50, 2))
    file = tmp_path / "in.parquet"
    pq.write_table(pa.table({"late": [0], "complaints": [0]} | {name: wide}), file)
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert f"with numbers of more than 38 digits: {name} (decimal256(50, 2))" in err


def test_blank_texts_of_a_dictionary_are_blank(run, tmp_path):
    """As texts are."""
    names = pa.array(["An", "", " "]).dictionary_encode()
    file = tmp_path / "in.parquet"
    table = pa.table({"name": names, "late": [0, None, None], "complaints": [0, None, None]})
    pq.write_table(table, file)
    assert "1 row: 1 scored (1 good), 0 rejected; 2 blank rows" in run("evaluate", D, file)[2]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_what_json_cannot_hold_is_an_error(run, tmp_path, ending):
    """By column; a lone surrogate is an escape."""
    file, out = tmp_path / "in.jsonl", tmp_path / f"out.{ending}"
    file.write_text('{"late": 0, "complaints": 0, "x": "\\ud800"}\n', encoding="utf-8")
    assert 0 == run("evaluate", D, file, "-o", out)[0]
    assert b'"x": "\\ud800"' in out.read_bytes()
    file.write_text('{"late": 0, "complaints": 0, "x": NaN}\n', encoding="utf-8")
    code, _, err = run("evaluate", D, file, "-o", out, "--force")
    assert 2 == code
    assert 'column "x": nan is not a value of JSON' in err


@pytest.mark.parametrize("heading", ["Employee No", "ＮＯ", "工 号", "Employee\nName", "姓　名"])
@pytest.mark.parametrize("command", ["evaluate", "sheet"])
def test_people_are_found_whatever_the_spelling_of_the_heading(run, tmp_path, heading, command):
    """Their key is noted if it is there twice, and their sheets name them."""
    file = write(tmp_path / "in.csv", [heading, "late", "complaints"], [["007", 0, 0]] * 2)
    out = tmp_path / ("out.csv" if command == "evaluate" else "out.html")
    code, _, err = run(command, D, file, "-o", out)
    assert (0, 1) == (code, err.count('"007"; both were scored'))
    assert "007" in out.read_text(encoding="utf-8")
