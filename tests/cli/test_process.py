"""The command line on a machine that fails: one line, an exit code, nothing lost."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from kpirules import cli
from kpirules.cli import process
from kpirules.cli.process import report_write_error, safe_streams, write_data


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


@pytest.fixture
def mounted(tmp_path):
    """Return a function that mounts a file system of 64 KiB, with an option, on a new folder."""
    found = []

    def mount(option="rw"):
        place = tmp_path / "mounted"
        place.mkdir()
        options = f"size=64k,{option}"
        arguments = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
        try:
            done = subprocess.run(arguments, capture_output=True, check=False).returncode
        except FileNotFoundError:
            done = 1
        if done:
            pytest.skip("this user must not mount a file system")
        found.append(place)
        return place

    yield mount
    for place in found:
        subprocess.run(["umount", str(place)], check=True)


def names(folder):
    """All files and folders below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


COMMANDS = [
    ("list",),
    ("--help",),
    ("--version",),
    ("show", "x.rubric.toml"),
    ("show", "x.rubric.toml", "--resolved"),
    ("check", "x.rubric.toml"),
    ("check", "x.rubric.toml", "--format", "json"),
    ("check", "--help"),
    ("schema",),
    ("schema", "x.rubric.toml"),
    ("fmt", "--diff", "x.rubric.toml"),
    ("new", "y"),
    ("explain", "x.rubric.toml", "a.csv", "--row", "1"),
    ("evaluate", "x.rubric.toml", "a.csv"),
    ("evaluate", "x.rubric.toml", "a.csv", "--format", "json"),
]
#: outputs that a command writes into a folder
OUTPUTS = [
    ("sheet", "x.rubric.toml", "a.csv", "-o", "{}/o.pdf"),
    ("sheet", "x.rubric.toml", "-o", "{}/o.html"),
    ("sheet", "x.rubric.toml", "a.csv", "-o", "{}/o.xlsx"),
    ("report", "x.rubric.toml", "a.csv", "-o", "{}/o.html"),
    ("docs", "accountant", "-o", "{}/docs/deep"),
    ("new", "y", "--folder", "{}/rulesets"),
    ("evaluate", "x.rubric.toml", "a.csv", "-o", "{}/o.csv"),
    ("evaluate", "x.rubric.toml", "a.csv", "-o", "{}/o.json"),
    ("evaluate", "x.rubric.toml", "a.csv", "-o", "{}/o.jsonl"),
    ("evaluate", "x.rubric.toml", "a.csv", "-o", "{}/o.parquet"),
    ("evaluate", "x.rubric.toml", "a.csv", "-o", "{}/o.xlsx"),
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


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_reader_that_went_away_is_one_line_and_exit_code_2(arguments, folder):
    """As when the output is piped into a program that has ended."""
    end, begin = os.pipe()
    os.close(end)
    run = command(*arguments, cwd=folder, stdout=begin)
    os.close(begin)
    err = run.communicate(timeout=60)[1]
    line = "kpirules: standard output: cannot be written: Broken pipe"
    assert (2, line) == (run.returncode, err.splitlines()[-1])
    assert "Traceback" not in err


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_a_reader_that_stops_after_the_first_line_is_reported(form, folder):
    """The rest of the results is lost: one line, exit code 2."""
    rows = "".join(f"Li {number},50\n" for number in range(20_000))
    (folder / "long.csv").write_text("name,a\n" + rows)
    arguments = ("evaluate", "x.rubric.toml", "long.csv", "--format", form)
    run = command(*arguments, cwd=folder, stdout=subprocess.PIPE)
    run.stdout.readline()
    run.stdout.close()
    err = run.stderr.read()
    run.stderr.close()
    line = "kpirules: standard output: cannot be written: Broken pipe\n"
    assert (2, line) == (run.wait(60), err)


@pytest.mark.parametrize(
    "option", ["rw", pytest.param("ro", marks=pytest.mark.thorough("outputs in read-only folders"))]
)
@pytest.mark.parametrize("arguments", OUTPUTS, ids=lambda each: f"{each[0]} {each[-1]}")
def test_an_output_that_cannot_be_written_leaves_nothing(arguments, option, folder, mounted):
    """One line, exit code 2; neither a temporary file nor a new folder remains."""
    place = mounted(option)
    if option == "rw":
        with pytest.raises(OSError, match="No space"), (place / "full").open("wb") as stream:
            stream.write(b"x" * 2**17)
    before = names(place)
    run = command(*(each.format(place) for each in arguments), cwd=folder, stdout=subprocess.PIPE)
    out, err = run.communicate(timeout=60)
    reason = {"rw": "No space left on device", "ro": "Read-only file system"}[option]
    assert (2, "", 1) == (run.returncode, out, len(err.splitlines()))
    assert err.startswith(f"kpirules: {place}")
    assert err.endswith(f": cannot be written: {reason}\n")
    assert before == names(place)


def test_a_folder_that_has_room_for_some_pages_gets_none(folder, mounted):
    """A second run does not find pages of the first."""
    place = mounted()
    with (place / "most").open("wb") as stream:
        stream.write(b"x" * 40_000)
    run = command("docs", "-o", place / "docs", cwd=folder)
    assert "cannot be written: No space left on device" in run.communicate(timeout=60)[1]
    assert (2, ["most"]) == (run.returncode, names(place))


@pytest.mark.parametrize(
    ("ending", "form"), [("xlsx", "the workbook"), ("parquet", "the Parquet file")]
)
def test_a_full_folder_of_temporary_files_is_named(ending, form, folder, mounted):
    """The error names it, not the output; there nothing remains."""
    place = mounted()
    (place / "full").write_bytes(b"x" * 30_000)
    rows = "".join(f"Li {number} {number**9},50\n" for number in range(20_000))
    (folder / "long.csv").write_text("name,a\n" + rows)
    out = folder / f"o.{ending}"
    arguments = ("evaluate", "x.rubric.toml", "long.csv", "-o", out)
    run = command(*arguments, cwd=folder, env={**os.environ, "TMPDIR": str(place)})
    err = run.communicate(timeout=60)[1]
    assert [
        f"kpirules: {form} cannot be written: No space left on device",
        f"  help: {form} is put together in the folder for temporary files: free space there, "
        "or name another folder in TMPDIR",
    ] == err.splitlines()
    assert (2, ["full"]) == (run.returncode, names(place))
    assert ["a.csv", "long.csv", "mounted", "x.rubric.toml"] == sorted(
        path.name for path in folder.iterdir()
    )


# each takes seconds, so that the interrupt does not come after the end
@pytest.mark.parametrize(
    ("ending", "repeats"), [("csv", 20_000), ("xlsx", 2_000), ("json", 2_000), ("", 20_000)]
)
def test_an_interrupt_while_a_large_file_is_scored_leaves_nothing(ending, repeats, folder):
    """Exit code 130, nothing on standard error; an older output is as it was."""
    rows = "".join(f"Li {number},{number}\n" for number in range(100))
    (folder / "long.csv").write_text("name,a\n" + rows * repeats)
    for name in ("out", "tmp"):
        (folder / name).mkdir()
    out = folder / "out" / f"o.{ending}"
    out.write_bytes(b"old")
    where = ("-o", out, "--force") if ending else ()
    run = command(
        *("evaluate", "x.rubric.toml", "long.csv", *where),
        cwd=folder,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
    )
    try:
        if ending:
            deadline = time.monotonic() + 60
            while not any(p.stat().st_size for p in folder.rglob("*") if _is_begun(p)):
                assert run.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
        else:
            run.stdout.readline()
        run.send_signal(signal.SIGINT)
        err = run.communicate(timeout=60)[1]
    finally:
        run.kill()
    assert (130, "") == (run.returncode, err)
    assert (b"old", [out.name], []) == (
        out.read_bytes(),
        names(folder / "out"),
        names(folder / "tmp"),
    )


def _is_begun(path):
    """Whether a path is a temporary file of a run."""
    return path.is_file() and (path.parent.name.startswith("kpirules-") or path.suffix == ".tmp")


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


ASCII = {
    "locale": {"LC_ALL": "C"},
    "no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "strict": {"PYTHONIOENCODING": "ascii"},
    "gbk": {"PYTHONIOENCODING": "gbk"},
}
CHINESE = [
    *(
        ("list", "--folder", "."),
        ("check", "坏.rubric.toml"),
        ("fmt", "--diff", "x.rubric.toml"),
    ),
    *(("show", "x.rubric.toml"), ("explain", "x.rubric.toml", "a.csv", "--row", "1")),
    *(("explain", "x.rubric.toml", "坏.csv", "--row", "1"), ("verify", "无.json")),
    *(("evaluate", "x.rubric.toml", "坏.csv"), ("new", "y", "--folder", "规则")),
    *(("evaluate", "x.rubric.toml", "坏.csv", "-o", "出.csv"), ("docs", "accountant", "-o", "页")),
    *(("sheet", "x.rubric.toml", "坏.csv", "-o", f"单.{e}") for e in ("html", "xlsx", "pdf")),
    ("report", "x.rubric.toml", "坏.csv", "-o", "报.html"),
]
FOR_PROGRAMS = [
    ("schema",),
    ("schema", "x.rubric.toml"),
    ("check", "坏.rubric.toml", "--format", "json"),
    ("evaluate", "x.rubric.toml", "坏.csv", "--format", "json"),
    ("show", "x.rubric.toml", "--resolved"),
]


def chinese(arguments, kind, folder):
    """Run a command in Chinese where the locale is not; return its code and outputs."""
    (folder / "x.rubric.toml").write_text(RULES.replace("表", "表é😀"), encoding="utf-8")
    (folder / "坏.rubric.toml").write_text(RULES.replace("100", "90"), encoding="utf-8")
    (folder / "坏.csv").write_text("姓名,a\n吴,500\n", encoding="utf-8")
    takes = arguments[0] not in {"list", "check", "fmt", "verify"}
    run = subprocess.run(
        [sys.executable, "-m", "kpirules", *arguments, *(("--lang", "zh") if takes else ())],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **ASCII[kind]},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in run.stderr
    return run.returncode, run.stdout, run.stderr


@pytest.mark.parametrize("arguments", CHINESE, ids=" ".join)
def test_every_command_is_in_chinese_where_only_ascii_is(arguments, folder):
    """Characters that the locale lacks are escaped; the exit code is that of any locale."""
    kind = "no UTF-8 mode"
    code, out, err = chinese(arguments, kind, folder)
    expected = {
        "list": 1,
        "check": 1,
        "fmt": 1,
        "verify": 2,
        "report": 1,
        "sheet": 1,
        "evaluate": 1,
    }
    rejected = arguments[0] == "explain" and "坏.csv" in arguments
    assert (1 if rejected else expected.get(arguments[0], 0)) == code
    if arguments[0] != "evaluate":
        assert (out + err).isascii()


@pytest.mark.parametrize("kind", ASCII)
@pytest.mark.parametrize("arguments", FOR_PROGRAMS, ids=" ".join)
def test_what_programs_read_is_utf_8_in_every_locale(arguments, kind, folder):
    """JSON and TOML with escapes of Python would be other text, or not valid."""
    code, out, _ = chinese(arguments, kind, folder)
    assert (1 if "坏" in str(arguments) else 0) == code
    if "--resolved" in arguments:
        assert "Form 表é😀" == tomllib.loads(out.decode())["label"]
    else:
        assert json.loads(out.decode())


def test_a_file_name_that_is_not_text_is_escaped_for_programs(capfdbinary):
    """A lone surrogate is not UTF-8."""
    write_data("表\udce6\n")
    assert "表\\udce6\n".encode() == capfdbinary.readouterr().out


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
    assert 2 == report_write_error(OSError(errno.ENOSPC, "No space left on device", "out.csv"))
    assert (
        "kpirules: out.csv: cannot be written: No space left on device\n" == capsys.readouterr().err
    )
    with (tmp_path / "out").open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert 2 == report_write_error(OSError(errno.EPIPE, "Broken pipe"))
        stream.write("x")
    assert "" == (tmp_path / "out").read_text()


def test_a_fault_outside_of_commands_is_told_too(monkeypatch, capsys):
    """As of the help of all commands."""
    from kpirules.cli import app

    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(app, "app", full)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert 2 == caught.value.code
    assert "standard output: cannot be written: No space" in capsys.readouterr().err
    assert process.INTERRUPTED == 130


def test_a_fault_within_a_command_is_told(run, monkeypatch):
    """By any command, in one line."""
    from kpirules.cli import console, render

    class Full(console.OutputConsole):
        def print(self, *_):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(render, "OutputConsole", Full)
    code, _, err = run("list")
    assert (2, "kpirules: standard output: cannot be written: No space left on device\n") == (
        code,
        err,
    )

    class Gone(io.StringIO):
        def write(self, _):
            raise BrokenPipeError(32, "Broken pipe")

    gone = console.OutputConsole(file=Gone())
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
