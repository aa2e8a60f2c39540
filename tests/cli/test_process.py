"""The command line on a machine that fails: one line, an exit code, nothing lost."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kpirules import cli
from kpirules.cli import process
from kpirules.cli.process import report_write_error, safe_streams


FULL = Path("/dev/full")
RULES = 'schema = 1\nid = "x"\nlabel = "Form 表"\n[[criterion]]\nid = "a"\nweight = 100\n'


@pytest.fixture
def folder(tmp_path):
    """A folder with a ruleset and a month."""
    (tmp_path / "x.rubric.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "a.csv").write_text("name,a\nLi,50\n", encoding="utf-8")
    return tmp_path


def command(*arguments, **options):
    """Start the command line in a process of its own."""
    whole = [sys.executable, "-m", "kpirules", *map(str, arguments)]
    return subprocess.Popen(whole, stderr=subprocess.PIPE, text=True, **options)


COMMANDS = [
    ("list",),
    ("--help",),
    ("show", "x.rubric.toml"),
    ("show", "x.rubric.toml", "--resolved"),
    ("check", "x.rubric.toml", "--format", "json"),
    ("schema",),
    ("explain", "x.rubric.toml", "a.csv", "--row", "1"),
    ("evaluate", "x.rubric.toml", "a.csv"),
]


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk_is_one_line_and_exit_code_2(arguments, folder):
    """Whatever command writes to it."""
    with FULL.open("w") as full:
        run = command(*arguments, cwd=folder, stdout=full)
        err = run.communicate(timeout=60)[1]
    line = "kpirules: standard output: cannot be written: No space left on device"
    assert (2, line) == (run.returncode, err.strip().splitlines()[-1])
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", COMMANDS[2:4], ids=" ".join)
def test_a_reader_that_went_away_is_one_line_and_exit_code_2(arguments, folder):
    """As when the output is piped into a program that has ended."""
    end, begin = os.pipe()
    os.close(end)
    run = command(*arguments, cwd=folder, stdout=begin)
    os.close(begin)
    err = run.communicate(timeout=60)[1]
    assert (2, "kpirules: standard output: cannot be written: Broken pipe\n") == (
        run.returncode,
        err,
    )


def test_a_closed_standard_output_is_no_place_for_a_result(folder):
    """It fails; what is written elsewhere does not need it."""
    shell = f'"{sys.executable}" -m kpirules evaluate x.rubric.toml a.csv'
    closed = subprocess.run(
        ["sh", "-c", f"{shell} >&-"], cwd=folder, capture_output=True, text=True, check=False
    )
    message = "kpirules: standard output: cannot be written: it is closed"
    assert (2, message) == (closed.returncode, closed.stderr.strip().splitlines()[-1])
    silent = f"{shell} -o out.csv >&- 2>&-"
    assert 0 == subprocess.run(["sh", "-c", silent], cwd=folder, check=False).returncode
    assert "50" in (folder / "out.csv").read_text(encoding="utf-8")


def test_chinese_is_readable_where_only_ascii_is(folder):
    """As escapes, without a traceback."""
    where = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
    }
    run = command("show", "x.rubric.toml", cwd=folder, stdout=subprocess.PIPE, env=where)
    out, err = run.communicate(timeout=60)
    assert (0, "") == (run.returncode, err)
    assert out.startswith(r"Form \u8868 (x")


def test_an_interrupt_ends_with_130_also_while_importing(folder):
    """Without a traceback."""
    slow = (
        "import sys, time, importlib.abc\n"
        "class Slow(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'kpirules.cli.app':\n"
        "            print('importing', flush=True)\n"
        "            time.sleep(60)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from kpirules.cli import main\n"
        "main()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", slow],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "importing\n" == run.stdout.readline()
    time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (130, "", "") == (run.returncode, out, err)


def test_the_process_is_prepared_and_left_as_it_was(monkeypatch):
    """Streams that are closed fail when they are used; an interrupt exits."""
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with safe_streams():
            sys.stderr.write("nobody reads it")
            with pytest.raises(io.UnsupportedOperation):
                sys.stdout.write("nobody reads it")
            with pytest.raises(SystemExit) as caught:
                signal.raise_signal(signal.SIGINT)
        assert 130 == caught.value.code
        assert signal.default_int_handler is signal.getsignal(signal.SIGINT)
        sys.stdout.close()
        sys.stderr.close()
        narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", narrow)
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with safe_streams():
            assert signal.SIG_IGN is signal.getsignal(signal.SIGINT)
            sys.stdout.write("表")
        narrow.flush()
        assert rb"\u8868" == narrow.buffer.getvalue()
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_lost_is_told_once(monkeypatch, capsys, tmp_path):
    """With the file, where there is one; afterwards nothing is written any more."""
    assert 2 == report_write_error(OSError(28, "No space left on device", "out.csv"))
    assert (
        "kpirules: out.csv: cannot be written: No space left on device\n" == capsys.readouterr().err
    )
    with (tmp_path / "out").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert 2 == report_write_error(OSError(32, "Broken pipe"))
        stream.write("x")
    assert "" == (tmp_path / "out").read_text()


def test_a_fault_outside_of_commands_is_told_too(monkeypatch, capsys):
    """As of the help of all commands."""
    from kpirules.cli import app

    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app, "app", full)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert 2 == caught.value.code
    assert "standard output: cannot be written: No space" in capsys.readouterr().err
    assert process.INTERRUPTED == 130


def test_a_fault_within_a_command_is_told(run, monkeypatch):
    """By any command, in one line."""
    from kpirules.cli import render

    class Full(render._Console):
        def print(self, *_):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(render, "_Console", Full)
    code, _, err = run("list")
    assert (2, "kpirules: standard output: cannot be written: No space left on device\n") == (
        code,
        err,
    )

    class Gone(io.StringIO):
        def write(self, _):
            raise BrokenPipeError(32, "Broken pipe")

    console = render.Console(file=Gone())
    monkeypatch.undo()
    gone = render._Console(file=console.file)
    with pytest.raises(BrokenPipeError):
        gone.print("x")


def test_two_runs_write_the_same_bytes(run, folder):
    """In every format, at any time."""
    for ending in ("csv", "xlsx", "parquet", "jsonl", "json"):
        outs = [folder / f"{i}.{ending}" for i in range(2)]
        for out in outs:
            assert 0 == run("evaluate", folder / "x.rubric.toml", folder / "a.csv", "-o", out)[0]
        assert outs[0].read_bytes() == outs[1].read_bytes()
    assert [50] == [
        row["result"]["total"] == "50" and 50 for row in json.loads(outs[0].read_text())
    ]
