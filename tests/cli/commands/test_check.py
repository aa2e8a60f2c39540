"""``kpirules check``: files and folders in, findings out, as a person or a program reads them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from kpirules._internal.display import width
from kpirules.api.load import check_file
from kpirules.cli.app import app
from kpirules.registry.sources import shipped


GAP = """schema = 1
id = "gap"
label = "客服部绩效考核"
inputs.late = { type = "count", label = "迟到" }
example = [{ name = "x", ratings = { late = 0 }, expect = { total = 100 } }, { name = "y", ratings = { late = 5 }, expect = { total = 0 } }]
[[criterion]]
id = "a"
label = "考勤"
weight = 100
of = "late"
bands = [{ when = 0, label = "全勤", points = 100 }, { when = ">= 2", points = 0 }]
"""

SOUND = GAP.replace('">= 2"', '">= 1"')
WARNED = SOUND.replace("inputs.late", "inputs.spare = { type = 'flag', label = 'x' }\ninputs.late")


@pytest.fixture
def files(tmp_path):
    """A folder: a sound file, one with a gap, one that is not TOML, one with a warning."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "sound.rubric.toml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "deep" / "gap.rubric.toml").write_text(GAP, encoding="utf-8")
    (tmp_path / "deep" / "er" / "broken.rubric.toml").write_text("schema = = 1", encoding="utf-8")
    (tmp_path / "warned.rubric.toml").write_text(WARNED, encoding="utf-8")
    (tmp_path / "other.toml").write_text("not = = a ruleset", encoding="utf-8")
    return tmp_path


@pytest.fixture
def run():
    """Run the command in this process: (exit code, standard output, standard error)."""

    def call(*arguments):
        result = CliRunner().invoke(app, ["check", *(str(a) for a in arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return call


def test_the_shipped_rulesets_are_sound(run):
    """Exit code 0; what rulings accept is listed with its ruling."""
    code, out, err = run(shipped())
    assert 0 == code
    assert 11 == out.count("accepted[rating-gap]") == out.count("(ruling T4)")
    assert "10 files: 10 sound; 11 accepted by rulings\n" == err


def test_all_files_of_a_folder_are_checked_whatever_is_wrong_with_one(run, files):
    """A file that is not TOML hides nothing of the others; other files are left alone."""
    code, out, err = run(files)
    assert 1 == code
    assert "broken.rubric.toml:1:10: error[syntax]" in out
    assert "gap.rubric.toml:11:10: error[band-gap]" in out
    assert "warned.rubric.toml:4:1: warning[unused-input]" in out
    assert "other.toml" not in out
    assert "4 files: 2 sound; 2 errors, 1 warning\n" == err


def test_a_finding_is_printed_like_a_compilers(run, files):
    """Path, line, column, the line, a caret under Chinese text, witness, help, code."""
    path = files / "deep" / "gap.rubric.toml"
    code, out, _ = run(path)
    assert 1 == code
    lines = out.splitlines()
    assert f'{path}:11:10: error[band-gap]: no band of "a" matches these facts' == lines[0]
    assert ' 11 | bands = [{ when = 0, label = "全勤", points = 100 }' in lines[1]
    carets = lines[2].index("^"), lines[2].rindex("^") + 1
    assert (width(" 11 | bands = ["), width(lines[1].partition(", {")[0].rstrip(","))) == carets
    assert "  witness: late = 1" in lines
    assert "  help: extend a band, or add one for these facts" in lines


def test_a_file_is_checked_once_however_often_it_is_named(run, files):
    """A folder and a file in it are not two."""
    path = files / "sound.rubric.toml"
    assert "1 file: 1 sound\n" == run(path, path)[2]
    assert "4 files" in run(files, path)[2]


def test_strict_fails_on_warnings_as_well(run, files):
    """Without it a warning is shown, and the exit code is 0."""
    path = files / "warned.rubric.toml"
    assert 0 == run(path)[0]
    assert 1 == run(path, "--strict")[0]
    assert 0 == run(shipped(), "--strict")[0]


def test_paths_that_lead_nowhere_are_named_and_the_others_checked(run, files):
    """Wrong use is exit code 2, where nothing worse is found."""
    (files / "empty").mkdir()
    code, _, err = run(files / "sound.rubric.toml", files / "nowhere", files / "empty")
    assert 2 == code
    assert "nowhere: no such file or folder\n" in err
    assert "empty: no file in this folder ends in .rubric.toml\n" in err
    assert "1 file: 1 sound\n" in err
    assert 1 == run(files, files / "nowhere")[0]
    assert 2 == run(files, "--format", "xml")[0]


def test_json_is_a_list_of_objects(run, files):
    """With code, severity, file, line, column, message, witness and the ruling that accepts it."""
    code, out, _ = run(files, "--format", "json")
    assert 1 == code
    found = {f["code"]: f for f in json.loads(out)}
    gap = found["band-gap"]
    assert ("error", 11, 10, {"late": 1}, None) == tuple(
        gap[k] for k in ("severity", "line", "column", "witness", "accepted_by")
    )
    assert str(files / "deep" / "gap.rubric.toml") == gap["file"]
    assert 'no band of "a" matches these facts' == gap["message"]
    assert {"syntax", "band-gap", "unused-input"} == set(found)
    accepted = json.loads(run(shipped(), "--format", "json")[1])
    assert ["T4"] * 11 == [f["accepted_by"] for f in accepted]
    assert [] == json.loads(run(files / "sound.rubric.toml", "--format", "json")[1])


def test_json_keeps_numbers_exactly_and_both_places_of_a_conflict(run, files):
    """Numbers are numbers, and lists are lists; pairs and records are objects as well."""
    text = """schema = 1
id = "x"
step = 0.5
inputs.sales = { type = "number", range = ">= 0", step = 0.5, better = "higher" }
[[criterion]]
id = "a"
weight = 60
of = "sales"
bands = [{ when = "0 .. < 1.5", points = 60 }, { when = ">= 1.5", points = 0 }]
[[criterion]]
id = "b"
weight = 40
[[tier]]
id = "low"
total = "<= 10.5"
[[tier]]
id = "high"
total = ">= 10.5"
"""
    path = files / "x.rubric.toml"
    path.write_text(text, encoding="utf-8")
    found = {f["code"]: f for f in json.loads(run(path, "--format", "json")[1])}
    assert {"total": 10.5} == found["tier-overlap"]["witness"]
    assert {"a": 0, "b": 10.5} == found["tier-overlap"]["record"]
    assert {"file": str(path), "line": 15, "column": 9} == found["tier-overlap"]["other"]
    assert ({"sales": 1.5}, {"sales": 0}) == (
        found["not-monotone"]["witness"],
        found["not-monotone"]["against"],
    )
    note = found["example-missing"]
    assert ("note", None) == (note["severity"], note["witness"])


def test_a_witness_with_a_list_has_a_list(run, files):
    """Its items are numbers."""
    path = files / "x.rubric.toml"
    path.write_text(
        'schema = 1\nid = "x"\ninputs.n = { type = "number", range = "0..9", step = 0.5, many = true }\n'
        'criterion = [{ id = "a", weight = 100 }]\noutcome.o = { formula = "1 / (sum(n) - 1.5)" }\n',
        encoding="utf-8",
    )
    found = {f["code"]: f for f in json.loads(run(path, "--format", "json")[1])}
    assert {"n": [1.5]} == found["division-by-zero"]["witness"]


def test_github_annotations_are_escaped(run, files):
    """One line each; a file's name or message cannot make another command."""
    odd = files / "a,b:c%.rubric.toml"
    odd.write_text(GAP, encoding="utf-8")
    code, out, _ = run(odd, "--format", "github")
    assert 1 == code
    (line,) = out.splitlines()
    assert line.startswith("::error file=")
    assert "a%2Cb%3Ac%25.rubric.toml,line=11,col=10,title=band-gap::no band" in line
    assert "%0Awitness: late = 1%0Ahelp: " in line
    assert "::warning file=" in run(files / "warned.rubric.toml", "--format", "github")[1]
    assert "" == run(shipped(), "--format", "github")[1]


def test_a_file_that_cannot_be_opened_is_a_finding(run, tmp_path):
    """Its name and the system's reason; the others are checked all the same."""
    folder = tmp_path / "dir.rubric.toml"
    folder.mkdir()
    (found,) = check_file(folder)
    assert "unreadable" == found.code
    assert str(found).startswith(f"{folder}:1:1: error[unreadable]: cannot be read: ")
    loop = tmp_path / "loop.rubric.toml"
    loop.symlink_to(folder)
    code, out, err = run(tmp_path)
    assert 1 == code
    assert 2 == out.count("error[unreadable]")
    assert "2 files: 0 sound; 2 errors\n" == err


def on_terminal(*arguments):
    """Run the command on a terminal of 80 columns, and give what it shows."""
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kpirules", "check", *map(str, arguments)],
        stdout=secondary,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm"},
    )
    os.close(secondary)
    shown = b""
    while True:
        try:
            more = os.read(primary, 4096)
        except OSError:
            break
        shown += more
    process.wait()
    os.close(primary)
    return shown.decode()


def test_colour_is_for_terminals_and_lines_are_cut_to_them(run, files):
    """On a terminal the code is coloured, and a long source line shows the part that matters."""
    path = files / "deep" / "gap.rubric.toml"
    path.write_text(GAP.replace("全勤", "全勤" * 60), encoding="utf-8")
    shown = on_terminal(path)
    assert "\x1b[1;31merror" in shown
    source = next(line for line in shown.splitlines() if " 11 |" in line)
    assert 80 >= width(source)
    assert "\x1b" not in run(path)[1]
    assert "\x1b[2maccepted" in on_terminal(shipped())


def test_a_hostile_name_does_nothing_to_the_terminal(run, tmp_path):
    """Control characters of a file's name or text come out as escapes."""
    path = tmp_path / "a\x1b[31m.rubric.toml"
    path.write_text(GAP.replace('id = "a"', 'id = "a"\n"\\u001b[31m" = 1'), encoding="utf-8")
    code, out, err = run(path, tmp_path / "no\x1b[2J")
    assert 1 == code
    assert "\x1b" not in out + err
    assert "[bold]" not in out
