"""Output files: whole or not at all, with the permissions that they had, under the name that they had."""

from __future__ import annotations

import errno
import os
import time

import pytest

from kpirules.cli.io import atomic
from kpirules.cli.io.atomic import atomic_write, check_output, write_all, write_atomically
from kpirules.cli.io.tables import TableError


def names(folder):
    """The names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def mode(path):
    """The permissions of a file."""
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o444])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, kept):
    """What only its owner may read stays so; a new file is as the mask says."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    path.chmod(kept)
    write_atomically(path, b"new", force=True)
    assert (b"new", kept) == (path.read_bytes(), mode(path))
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "other", b"", force=True)
    finally:
        os.umask(before)
    assert 0o640 == mode(tmp_path / "other")


def test_a_symbolic_link_is_followed(tmp_path):
    """The file that it leads to is replaced, the link stays; also where there is no file yet."""
    (tmp_path / "deep").mkdir()
    real, link = tmp_path / "deep" / "real", tmp_path / "link"
    link.symlink_to(real)
    write_atomically(link, b"one", force=False)
    assert (b"one", True) == (real.read_bytes(), link.is_symlink())
    with pytest.raises(TableError, match="exists already"):
        write_atomically(link, b"two", force=False)
    write_atomically(link, b"two", force=True)
    assert (b"two", True) == (real.read_bytes(), link.is_symlink())
    assert ["real"] == names(tmp_path / "deep")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(TableError):
        write_atomically(loop, b"x", force=False)
    assert ["deep", "link", "loop"] == names(tmp_path)


@pytest.mark.parametrize("code", [1, 31, 38, 95])
def test_no_hard_link_is_needed(tmp_path, monkeypatch, code):
    """FAT and many network shares have none; nothing is overwritten there either."""

    def none(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(atomic.os, "link", none)
    path = tmp_path / "out"
    write_atomically(path, b"one", force=False)
    assert b"one" == path.read_bytes()
    with (
        pytest.raises(TableError, match="exists already"),
        atomic_write(tmp_path / "late", force=False) as made,
    ):
        made.write_bytes(b"two")
        (tmp_path / "late").write_bytes(b"somebody")
    assert b"somebody" == (tmp_path / "late").read_bytes()

    def fails(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(atomic.Path, "replace", fails)
    with pytest.raises(TableError, match="cannot be written: Input/output error"):
        write_atomically(tmp_path / "none", b"x", force=False)
    assert ["late", "out"] == names(tmp_path)


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path):
    """Between the first look and the end."""
    path = tmp_path / "out"
    with (
        pytest.raises(TableError, match="exists already"),
        atomic_write(path, force=False) as temporary,
    ):
        temporary.write_bytes(b"one")
        path.write_bytes(b"somebody")
    assert (b"somebody", ["out"]) == (path.read_bytes(), names(tmp_path))


def test_files_are_written_together_or_not_at_all(tmp_path):
    """With the folders that are missing, which are removed again."""
    files = {tmp_path / "a" / "b" / "1": b"1", tmp_path / "a" / "2": b"2"}
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "there").mkdir()
    wrong = {tmp_path / "there" / "new" / "0": b"0", **files, tmp_path / "file" / "3": b"3"}
    with pytest.raises(TableError, match="file/3: cannot be written: Not a directory"):
        write_all(wrong, force=True, parents=True)
    assert ["file", "there"] == names(tmp_path)
    assert [] == names(tmp_path / "there")
    with pytest.raises(TableError, match="a/b/1: cannot be written: No such file or directory"):
        write_all(files, force=False)
    write_all(files, force=False, parents=True)
    assert list(files.values()) == [path.read_bytes() for path in files]
    with (
        pytest.raises(ValueError, match="elsewhere"),
        atomic_write(tmp_path / "c" / "1", force=False, parents=True),
    ):
        (tmp_path / "c" / "other").write_bytes(b"somebody")
        raise ValueError("elsewhere")
    assert ["other"] == names(tmp_path / "c")


def test_what_killed_runs_left_is_removed_when_it_is_old(tmp_path):
    """Its own files, if nobody has written to them for a day and their process is gone."""
    gone, here = 2**22 + 1, os.getpid()
    old = [
        f".kpirules-{gone}-abc.tmp",
        f".kpirules-{here}-abc.tmp",
        ".kpirules-x.tmp",
        ".out.csv.abc",
    ]
    for name in old:
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (time.time() - 100_000,) * 2)
    (tmp_path / f".kpirules-{gone}-new.tmp").write_bytes(b"")
    write_atomically(tmp_path / "out", b"", force=False)
    assert sorted([*old[1:], f".kpirules-{gone}-new.tmp", "out"]) == names(tmp_path)


def test_the_file_that_is_read_is_not_written(tmp_path):
    """Also by another name, through either kind of link; --force changes nothing."""
    file, link, hard = tmp_path / "in.csv", tmp_path / "link.csv", tmp_path / "hard.csv"
    file.write_bytes(b"x")
    link.symlink_to(file)
    hard.hardlink_to(file)
    for output in (file, link, hard, tmp_path / "." / "in.csv"):
        with pytest.raises(TableError, match="is the file that is read"):
            check_output(output, file, force=True)
    check_output(tmp_path / "out.csv", file, force=False)
    check_output(None, file, force=False)
    check_output(tmp_path / "out.csv", tmp_path / "none", force=False)
    with pytest.raises(TableError, match="exists already"):
        check_output(file, None, force=False)


@pytest.mark.parametrize("form", ["folder", "pipe", "device"])
def test_what_is_not_a_file_is_never_replaced(tmp_path, form):
    """A folder, a named pipe, a device."""
    path = tmp_path / "out"
    if form == "folder":
        path.mkdir()
    elif form == "pipe":
        os.mkfifo(path)
    else:
        path = type(path)(os.devnull)
    for force in (False, True):
        with pytest.raises(TableError, match="cannot be written: it is not a file"):
            write_atomically(path, b"x", force=force)


@pytest.mark.parametrize("command", ["evaluate", "sheet"])
def test_a_workbook_is_not_written_over_itself(run, tmp_path, command):
    """Its other sheets would be gone."""
    import openpyxl

    (tmp_path / "x.rubric.toml").write_text(
        'schema = 1\nid = "x"\n[[criterion]]\nid = "a"\nweight = 100\n'
    )
    book = openpyxl.Workbook()
    book.active.append(["name", "a"])
    book.active.append(["Li", 50])
    book.create_sheet("Notes")["A1"] = "precious"
    file = tmp_path / "b.xlsx"
    book.save(file)
    code, _, err = run(command, tmp_path / "x.rubric.toml", file, "-o", file, "--force")
    assert (2, f"kpirules: {file}: is the file that is read\n  help: write to another file\n") == (
        code,
        err,
    )
    assert ["Sheet", "Notes"] == openpyxl.load_workbook(file).sheetnames
