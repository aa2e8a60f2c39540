"""CSV as people have it, and files written whole or not at all."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.cli import csvfiles
from kpirules.cli.csvfiles import read_table
from kpirules.cli.io import atomic
from kpirules.cli.io.atomic import write_whole
from kpirules.cli.io.tables import Column, TableError
from kpirules.cli.io.writers import harmless, writing


def table(tmp_path, data):
    """Read bytes as a CSV file."""
    path = tmp_path / "in.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_table(path)


TEXT = "编号,late\r\n甲,1\r\n"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("utf-8", TEXT.encode()),
        ("utf-8-sig", TEXT.encode("utf-8-sig")),
        ("gb18030", TEXT.encode("gb18030")),
        ("gb18030", TEXT.encode("gbk")),
        ("utf-16", TEXT.encode("utf-16")),
        ("utf-16", b"\xfe\xff" + TEXT.encode("utf-16-be")),
    ],
    ids=range(6),
)
def test_encodings_are_told_apart(tmp_path, encoding, data):
    """Every encoding that Excel writes gives the same table."""
    read = table(tmp_path, data)
    assert (encoding, ",") == (read.encoding, read.delimiter)
    assert (("编号", "late"), (("甲", "1"),), (2,)) == (read.header, read.rows, read.lines)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("hint", [False, True])
def test_delimiters_and_line_ends_are_told_apart(tmp_path, delimiter, end, hint):
    """A comma in a quoted heading decides nothing; Excel's own hint line is no row."""
    lines = ['"a, b, c, d"{}e', '1{}"two\nlines"', "{}", "3{}"]
    text = end.join(line.format(delimiter) for line in lines)
    text = (f"sep={delimiter}\r\n" if hint else "") + text + end * 3
    read = table(tmp_path, text)
    assert delimiter == read.delimiter
    assert ("a, b, c, d", "e") == read.header
    assert (("1", "two\nlines"), ("", ""), ("3", "")) == read.rows
    assert tuple(n + hint for n in (2, 4, 5)) == read.lines


def test_a_heading_alone_has_no_rows(tmp_path):
    """No rows is no error; a column without a name after the last is none."""
    assert ((), ("a", "b")) == (
        table(tmp_path, "a, b ,,\n").rows,
        table(tmp_path, "a, b ,,\n").header,
    )


def test_short_rows_are_filled_and_empty_surplus_is_dropped(tmp_path):
    """Excel leaves trailing cells out, or too many empty ones."""
    assert (("1", ""), ("2", "3")) == table(tmp_path, "a,b\n1\n2,3,,\n").rows


@pytest.mark.parametrize(
    ("line", "message", "data"),
    [
        (None, "is empty", b""),
        (None, "is empty", b"\n\n"),
        (1, "columns are named twice: 'a'", b"a,b,a\n"),
        (3, "has 3 cells, and the heading has 2", b"a,b\n1,2\n1,2,3\n"),
        (2, "is not CSV: ", b'a,b\n"1"x,2\n'),
        (2, "has a NUL character", b"a\n\0"),
        (2, "is not UTF-8 or GB18030: byte 0xff", b"a,b\n\xff\xff"),
        (1, "is not UTF-8: byte 0xff", b"\xef\xbb\xbf\xff"),
        (1, "has more than 10000 columns", b",".join(b"c%d" % i for i in range(10_001))),
        (2, "field larger than field limit", b"a\n" + b"x" * 200_000),
    ],
    ids=range(10),
)
def test_what_is_no_table_is_refused_at_its_line(tmp_path, line, message, data):
    """Each fault names its line."""
    with pytest.raises(TableError, match=message) as caught:
        table(tmp_path, data)
    assert line == caught.value.line


def test_size_is_bounded(tmp_path, monkeypatch):
    """Bytes and rows without end are refused."""
    monkeypatch.setattr(csvfiles, "MAX_ROWS", 2)
    assert 2 == len(table(tmp_path, "a\n1\n2\n").rows)
    with pytest.raises(TableError, match="more than 2 rows"):
        table(tmp_path, "a\n1\n2\n3\n")
    monkeypatch.setattr(csvfiles, "MAX_BYTES", 3)
    with pytest.raises(TableError, match="split it"):
        table(tmp_path, "a\n1\n2\n")
    with pytest.raises(TableError, match="cannot be read: No such file"):
        read_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("expected", "cell"),
    [
        ("'=cmd()", "=cmd()"),
        ("'+1+1", "+1+1"),
        ("'-1-1", "-1-1"),
        ("'@SUM(A1)", "@SUM(A1)"),
        ("' =x", " =x"),
        ("'＝x", "＝x"),
        ("'\n=x", "\n=x"),
        ("-50", "-50"),
        ("+7.5", "+7.5"),
        ("a=b", "a=b"),
        ("\ufffd[31mred", "\x1b[31mred"),
        ("a\ufffdb", "a\u202eb"),
        ("a\nb", "a\r\nb"),
        ("", ""),
    ],
    ids=range(14),
)
def test_cells_are_written_harmless(expected, cell):
    """What a spreadsheet or a terminal would act on becomes a text."""
    assert expected == harmless(cell)


cells = st.text("ab1,;\"'\n 客é.-=", max_size=6)


@given(
    st.lists(st.text("abc客", min_size=1, max_size=3), min_size=1, max_size=4, unique=True),
    st.data(),
)
def test_what_is_written_reads_back(tmp_path_factory, header, data):
    """Nothing is lost but what was made harmless."""
    row = st.lists(cells, min_size=len(header), max_size=len(header))
    rows = data.draw(st.lists(row, max_size=4))
    path = tmp_path_factory.mktemp("csv") / "out.csv"
    with writing(path, ".csv") as write:
        write([Column(name, [row[i] for row in rows]) for i, name in enumerate(header)])
    expected = [tuple(map(harmless, r)) for r in rows]
    while expected and not any(cell.strip() for cell in expected[-1]):
        expected.pop()
    read = read_table(path)
    assert (tuple(header), tuple(expected)) == (read.header, read.rows)


def test_a_file_is_written_whole_and_over_another_only_when_wanted(tmp_path):
    """The folder never holds more than the old file or the new one."""
    path = tmp_path / "out.csv"
    write_whole(path, b"one", force=False)
    with pytest.raises(TableError, match="exists already"):
        write_whole(path, b"two", force=False)
    assert b"one" == path.read_bytes()
    write_whole(path, b"two", force=True)
    assert b"two" == path.read_bytes()
    assert ["out.csv"] == [path.name for path in tmp_path.iterdir()]
    mask = os.umask(0)
    os.umask(mask)
    assert 0o666 & ~mask == path.stat().st_mode & 0o777


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    """A missing folder is said; an interrupted write takes its temporary file away."""
    with pytest.raises(TableError, match="cannot be written: No such file"):
        write_whole(tmp_path / "none" / "out.csv", b"x", force=False)

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "out.csv", b"x", force=False)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(TableError, match="No space left on device"):
        write_whole(tmp_path / "out.csv", b"x", force=True)
    assert [] == list(tmp_path.iterdir())
