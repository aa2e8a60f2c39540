"""CSV as people have it."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kpirules import load_file
from kpirules.cli.io import csv as module
from kpirules.cli.io.readers import open_table
from kpirules.cli.io.sources import Options
from kpirules.cli.io.tables import TableError
from kpirules.compiler.plan import Plan
from tests.cli.io.test_excel import outcomes
from tests.cli.io.test_readers import A, D


LINES = ["name{}late{}complaints", '"An{}, a"{}0{}0', "{}{}", "Bo{}2{}1"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", ["utf-8", "utf-8 hint", "utf-8-sig", "utf-16 hint", "gb18030"])
def test_delimiters_and_line_ends_are_told_apart(run, tmp_path, delimiter, end, form):
    """A delimiter in quotes decides nothing; Excel's own hint line is not a row."""
    encoding, _, hint = form.partition(" ")
    text = end.join(line.replace("{}", delimiter) for line in LINES) + end * 3
    file = tmp_path / "in.csv"
    file.write_bytes(((f"sep={delimiter}\r\n" if hint else "") + text).encode(encoding))
    code, found, err = outcomes(run, D, file)
    assert (0, [("100", ""), ("55", "")]) == (code, found)
    assert "2 rows: 2 scored (1 fair, 1 good), 0 rejected; " in err


def test_the_names_of_the_ruleset_tell_the_delimiter(run, tmp_path):
    """Not what stands most often in the heading."""
    file = tmp_path / "in.csv"
    file.write_text("a,b,c,d,e;late;complaints\nx,y;2;1\n")
    assert (0, [("55", "")]) == outcomes(run, D, file)[:2]


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_a_title_above_the_heading_is_told(run, tmp_path, delimiter):
    """With the line that has the names, which --heading takes; blank lines count as lines."""
    file = tmp_path / "in.csv"
    lines = ["Facts, October", "", delimiter.join(["name", "late", "complaints"])]
    file.write_text("\n".join([*lines, delimiter.join(["An", "2", "1"]), ""]))
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert "line 1 is not the heading: none of its cells is a name of the ruleset; line 3" in err
    assert "help: --heading 3" in err
    assert (0, [("55", "")]) == outcomes(run, D, file, "--heading", 3)[:2]
    code, _, err = run("evaluate", D, file, "--heading", 2)
    assert 2 == code
    assert "line 2 is not a row with names of columns" in err


def test_short_rows_are_filled_and_empty_surplus_is_dropped(run, tmp_path):
    """Excel leaves trailing cells out, or too many empty ones."""
    file = tmp_path / "in.csv"
    file.write_text("name,late,complaints,,\nAn,5\nBo,0,0,,,\n")
    code, found, _ = outcomes(run, D, file)
    assert (0, [("50", ""), ("100", "")]) == (code, found)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        (": is empty", b""),
        (": is empty", b"\n \n"),
        (": columns are named twice: 'a'", b"a,b,a,late,complaints\n"),
        (":3: has 3 cells, and the heading has 2", b"late,complaints\n1,2\n1,2,3\n"),
        (":2: is not CSV: ", b'late,complaints\n"1"x,2\n'),
        (":1: is not CSV: ", b'"late"x,complaints\n1,2\n'),
        (":2: has a NUL character", b"late\n\0"),
        (":3: has a NUL character", b"late\n\xff\n\0"),
        (":1: is not UTF-8: byte 0xff", b"\xef\xbb\xbf\xff"),
        (": has more than 10000 columns", b",".join(b"c%d" % i for i in range(10_001))),
        (":2: is not CSV: field larger than field limit", b"late,complaints\n" + b"x" * 200_000),
    ],
    ids=range(11),
)
def test_what_is_not_a_table_is_rejected_at_its_line(run, tmp_path, message, data):
    """Each fault names its line."""
    file = tmp_path / "in.csv"
    file.write_bytes(data)
    code, out, err = run("evaluate", D, file)
    assert (2, "") == (code, out)
    assert f"in.csv{message}" in err


def test_a_percent_in_a_cell_is_as_in_a_workbook(run, tmp_path):
    """95% is 95 where the unit is %."""
    file = tmp_path / "in.csv"
    file.write_text("name,late,target\nAn,0,105%\nBo,0,95 %\n", encoding="utf-8")
    assert (0, [("100", ""), ("80", "")]) == outcomes(run, A, file)[:2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1]", "is not a JSON object"),
        ('{"late": 1, "late": 2}', 'is not JSON: "late" is given twice, as 1 and as 2'),
        ('{"late": 1, "late": true}', 'is not JSON: "late" is given twice, as 1 and as True'),
        ('{"a": {"b": 1}, "a.b": 2}', 'is not JSON: "a.b" is given twice, as 1 and as 2'),
    ],
)
def test_json_lines_are_objects_in_which_nothing_is_given_twice(run, tmp_path, line, message):
    """The last would win otherwise."""
    file = tmp_path / "in.jsonl"
    file.write_text(line + "\n")
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert f"in.jsonl:1: {message}" in err


@pytest.mark.parametrize("digits", ["1e99999999999999999999", "-1.5e-99999999999999999999"])
def test_a_number_of_json_lines_beyond_every_limit_is_rejected_as_it_is_written(
    run, tmp_path, digits
):
    """`Decimal` cannot hold such an exponent; the row comes out as it came in."""
    file = tmp_path / "in.jsonl"
    file.write_text(f'{{"late": {digits}, "complaints": 0}}\n')
    code, out, err = run("evaluate", D, file, "--format", "jsonl")
    assert 1 == code
    assert f"late = '{digits}': is not a number" in err
    assert digits == json.loads(out)["late"]


def test_json_lines_are_utf_8(run, tmp_path):
    """As JSON is."""
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'{"name": "\xff"}\n')
    assert "is not UTF-8\n  help: save it as UTF-8" in run("evaluate", D, file)[2]
    file.write_bytes(b"")
    assert "is empty" in run("evaluate", D, file)[2]


def test_what_is_not_csv_is_told_though_the_heading_is_looked_for(run, tmp_path):
    """The rows that are looked at for a heading end where the file is not CSV any more."""
    file = tmp_path / "in.csv"
    file.write_text('Facts\n"An,5\n')
    code, _, err = run("evaluate", D, file)
    assert 2 == code
    assert "in.csv" in err


def test_an_encoding_that_needs_a_mark_rejects_a_file_without_one(run, tmp_path):
    """UTF-16 and UTF-32 as named have a byte-order mark."""
    file = tmp_path / "in.csv"
    file.write_text("name,late,complaints\nAn,0,0\n")
    for encoding in ("utf-16", "utf-32"):
        code, out, err = run("evaluate", D, file, "--encoding", encoding)
        assert (2, "") == (code, out)
        assert "is not" in err


def test_nothing_beside_percentages_is_nothing(run, tmp_path):
    """A null is missing; a text that is not a number is what it is; 0 and 95 are clear."""
    file = tmp_path / "in.jsonl"
    cells = ['"95%"', "null", '"x"', "0", "95", "0.5"]
    file.write_text("".join(f'{{"late": 0, "target": {cell}}}\n' for cell in cells))
    code, found, _ = outcomes(run, A, file)
    assert 1 == code
    assert ["80", "", "", "50", "80", ""] == [total for total, _ in found]
    assert "is ambiguous" in found[5][1]


_CELLS = st.text(st.sampled_from('a1 "\u3000\u200b'), max_size=3) | st.sampled_from(
    [
        '"x, y"',
        '"a"',
        '""',
        '"a ""b"""',
        '" "',
        '"x\ny"',
        '"\n\n,"',
        '"x\r\ny"',
        '"x\ry"',
        '"a"b',
        'a"b"',
    ]
)
_LINES = st.lists(
    st.lists(_CELLS, min_size=1, max_size=4).map(",".join) | st.just(""), min_size=1, max_size=9
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=_LINES,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
    size=st.integers(1, 20),
)
@example(lines=['"a', 'b",1', "c,2"], end="\n", last=True, size=1)
@example(lines=["a,1,2,", "b,1", "", "c"], end="\r\n", last=False, size=3)
@example(lines=["a,1,2,3"], end="\n", last=True, size=9)
@example(lines=['1,"x\n\ny",', '"",2', '"\n"', '"a""",3,"4"'], end="\r\n", last=True, size=50)
@example(lines=['"a" ,1'], end="\n", last=True, size=9)
@example(lines=["x" * 200_000], end="\n", last=True, size=9)
def test_a_large_file_is_read_as_a_small_one(tmp_path, monkeypatch, *, lines, end, last, size):
    """In pieces of any size: the same cells, numbers, lines, blank rows and errors."""
    file = tmp_path / "in.csv"
    text = end.join(["name,late,complaints", *lines]) + end * last
    file.write_text(text, encoding="utf-8", newline="")
    monkeypatch.setattr(module, "_MANY", 10**9)
    small = rows_of(file)
    monkeypatch.setattr(module, "_MANY", 0)
    monkeypatch.setattr(module, "_PIECE", size)
    assert small == rows_of(file)
    # only lines that are not CSV, or too wide or long, are errors
    assert '"' in text or isinstance(small, tuple) or max(map(len, lines)) > 3


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('"a, b",1\n"",2\n', [("a, b", "1"), ("", "2")]),
        ('"a ""b""",1\r\n2,"3"\r\n', [('a "b"', "1"), ("2", "3")]),
        ('"x\n\ny",1\n2,"\n"\n3,4', [("x\n\ny", "1"), ("2", "\n"), ("3", "4")]),
        ('1,2\n"a"\n', [("1", "2"), ("a", "")]),
        # read row by row: other quotes, other line ends within a cell, blank lines, wide rows, NUL
        ('"a"b,1\n', None),
        ('a"b,1\n', None),
        ('a, "b"\n', None),
        ('"a,1\n', None),
        ('"x\r\ny",1\n', None),
        ('"a",1\n\n', None),
        ('"a",1,2\n', None),
        ('"a",\0\n', None),
        # longer than Python's reader allows
        ("x" * 140_000 + ",1\n", None),
    ],
)
def test_quoted_cells_are_read_as_columns_where_every_reader_agrees(text, rows):
    """Cells in quotes that begin and end them; all else is left to Python's reader."""
    found = module.frame_of(text, ",", 2)
    assert rows == (None if found is None else found[0].rows())


def rows_of(file):
    """Return all rows of a file with their numbers and lines, the blank rows, and its error."""
    rows = []
    try:
        table = open_table(file, Plan(load_file(D)), Options())
        for batch in table.batches():
            cells = [[cell or "" for cell in column.cells] for column in batch.columns]
            rows += zip(batch.numbers, batch.lines, zip(*cells, strict=True), strict=True)
    except TableError as error:
        # whole pieces are read before their errors are found
        return str(error)
    return rows, table.rows, table.blank
