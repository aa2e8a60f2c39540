"""CSV as people have it, and files written whole or not at all."""

from __future__ import annotations

import csv
import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.cli.io import atomic
from kpirules.cli.io.atomic import write_atomically
from kpirules.cli.io.csv_writer import harmless
from kpirules.cli.io.tables import Column, TableError
from kpirules.cli.io.writers import writing


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
    expected = [list(map(harmless, row)) for row in rows]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert [header, *expected] == list(csv.reader(stream))


def test_a_file_is_written_whole_and_over_another_only_when_wanted(tmp_path):
    """The folder never holds more than the old file or the new one."""
    path = tmp_path / "out.csv"
    write_atomically(path, b"one", force=False)
    with pytest.raises(TableError, match="exists already"):
        write_atomically(path, b"two", force=False)
    assert b"one" == path.read_bytes()
    write_atomically(path, b"two", force=True)
    assert b"two" == path.read_bytes()
    assert ["out.csv"] == [path.name for path in tmp_path.iterdir()]
    mask = os.umask(0)
    os.umask(mask)
    assert 0o666 & ~mask == path.stat().st_mode & 0o777


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    """A missing folder is said; an interrupted write takes its temporary file away."""
    with pytest.raises(TableError, match="cannot be written: No such file"):
        write_atomically(tmp_path / "none" / "out.csv", b"x", force=False)

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "out.csv", b"x", force=False)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(TableError, match="No space left on device"):
        write_atomically(tmp_path / "out.csv", b"x", force=True)
    assert [] == list(tmp_path.iterdir())
