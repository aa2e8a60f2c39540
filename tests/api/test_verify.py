"""A stored result is worked out again: the same, different, or by a rubric that is not to be had."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpirules import InputError, Result, evaluate, load, loads, verify
from kpirules.api.verify import Difference, StoredResultError
from kpirules.cli import stored_results
from kpirules.cli.app import app
from kpirules.testing import records, rubrics


TEXT = """schema = 1
id = "depot"
effective_from = {since}
criterion = [{{ id = "a", weight = 100{more} }}]
tier = [{{ id = "t", total = "any", pay = {pay} }}]
"""


def write(folder, since, more="", pay=10):
    path = folder / "depot" / f"{since}.rubric.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(TEXT.format(since=since, more=more, pay=pay), encoding="utf-8")
    return path


def run(*arguments, code=0):
    done = CliRunner().invoke(app, ["verify", *map(str, arguments)])
    assert code == done.exit_code, done.output
    return done.stdout, done.stderr


def test_a_result_of_last_year_still_verifies(tmp_path):
    """Under the rules of its time, though others have taken their place since."""
    old = write(tmp_path, "2025-01-01")
    stored = evaluate(load("depot", on=date(2025, 6, 30), folders=[tmp_path]), {"a": 70}).to_json()
    write(tmp_path, "2026-01-01", ", scale = 10", pay=20)
    found = verify(stored, folders=[tmp_path])
    assert ("same", str(old), ()) == (found.outcome, found.file, found.differences)
    assert not found.comparison
    assert found.comparison is not None
    assert str(found).startswith("depot, fingerprint ")
    assert str(found).endswith(": same")


def test_what_differs_is_said_by_its_place(tmp_path):
    """Whatever was changed: what came out, or what went in."""
    write(tmp_path, "2025-01-01")
    stored = evaluate(load("depot", folders=[tmp_path]), {"a": 70}).to_json()
    tree = json.loads(stored)
    tree["outcomes"][0]["value"] = "1000"
    tree["lines"].append(tree["lines"][0])
    found = verify(json.dumps(tree), folders=[tmp_path])
    assert ("differs", ["lines[1]", "outcomes[0].value"]) == (
        found.outcome,
        [d.name for d in found.differences],
    )
    assert "  outcomes[0].value: stored '1000', recomputed '10'" in str(found)
    tree = json.loads(stored)
    tree["inputs"]["a"] = 71
    changed = {
        d.name: d.recomputed for d in verify(json.dumps(tree), folders=[tmp_path]).differences
    }
    assert ("71", "71") == (changed["lines[0].points"], changed["total"])
    assert found.comparison.of("outcome")[0].text("zh").startswith("绩效工资：1000 → 10")
    tree["inputs"]["a"] = 171
    assert verify(json.dumps(tree), folders=[tmp_path]).comparison is None
    (refused,) = verify(json.dumps(tree), folders=[tmp_path]).differences
    assert "refused: a = 171: is not an allowed rating; allowed: 0 to 100" == refused.recomputed
    assert "x: stored nothing, recomputed 1" == str(Difference(name="x", stored=None, recomputed=1))


def test_a_rubric_that_is_not_to_be_had_is_said(tmp_path):
    """With the files that were looked at, and why they are not the one."""
    path = write(tmp_path, "2025-01-01")
    stored = evaluate(load("depot", folders=[tmp_path]), {"a": 70}).to_json()
    write(tmp_path, "2025-01-01", pay=11)
    broken = write(tmp_path, "2024-01-01", pay='"x')
    found = verify(stored, folders=[tmp_path])
    assert ("no-rubric", None) == (found.outcome, found.file)
    first, second = found.looked_at
    assert first.startswith(f"{path}: another fingerprint, ")
    assert second.startswith(f"{broken}:5:42: error[syntax]: ")
    assert "there is no rubric with this fingerprint\n  " in str(found)
    assert "no-rubric" == verify(stored).outcome
    other = loads(TEXT.format(since="2025-01-01", more="", pay=12))
    assert verify(stored, rubric=other).looked_at[0].startswith("depot: another fingerprint")
    own = loads(TEXT.format(since="2025-01-01", more="", pay=10))
    assert "same" == verify(stored.encode(), rubric=own).outcome


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "3", "[" * 100_000, '{"kpirules": 2}', '{"kpirules": 3}', "\xff"]
)
def test_what_is_no_result_is_refused(text):
    """In its own words."""
    with pytest.raises(StoredResultError):
        verify(text)


@given(st.data())
def test_every_result_verifies(data):
    """Whatever the rubric and the record: what was stored comes out again, byte for byte."""
    rubric = data.draw(rubrics())
    record = data.draw(records(rubric))
    try:
        result = evaluate(rubric, record)
    except InputError:
        return
    assert "same" == verify(result.to_json(), rubric=rubric).outcome
    assert result.to_json() == evaluate(rubric, Result.from_json(result.to_json()).inputs).to_json()


def test_a_file_of_results_is_verified(tmp_path):
    """One, a list, a line each, or what the command line wrote: exit code 1 unless all are same."""
    write(tmp_path, "2025-01-01")
    rubric = load("depot", folders=[tmp_path])
    one, two = (evaluate(rubric, {"a": n}).to_json() for n in (1, 2))
    file = tmp_path / "results.json"
    for text, said in (
        (one, "1 results: 1 the same\n"),
        (f"[{one}, {two}]", "2 results: 2 the same\n"),
        (f"{one}\n\n{two}\n", "2 results: 2 the same\n"),
    ):
        file.write_text(text, encoding="utf-8")
        assert ("", said) == run(file, "--folder", tmp_path)
    month = tmp_path / "month.csv"
    month.write_text("a\n5\n500\n")
    CliRunner().invoke(
        app,
        ["evaluate", "depot", str(month), "--folder", str(tmp_path), "-o", str(file), "--force"],
    )
    assert ("", "2 results: 1 the same, 1 rejected rows without a result\n") == run(
        file, "--folder", tmp_path
    )
    wrong = one.replace('"total": "1"', '"total": "100"')
    file.write_text(f"{wrong}\nnonsense\n{two}\n", encoding="utf-8")
    out, err = run(file, "--folder", tmp_path, code=1)
    assert "result 1: depot, fingerprint" in out
    assert "total: stored '100', recomputed '1'" in out
    assert "result 2: this is not the JSON of a result" in out
    assert "3 results: 1 the same, 1 different, 1 no result\n" == err
    assert "3 results: 2 without a rubric, 1 no result\n" == run(file, code=1)[1]


def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path, monkeypatch):
    """Not there, not UTF-8, or too large."""
    file = tmp_path / "x.json"
    assert "cannot be read: No such file" in run(file, code=2)[1]
    file.write_bytes(b"\xff\xfe")
    assert "cannot be read: it is not UTF-8" in run(file, code=2)[1]
    monkeypatch.setattr(stored_results, "MAX_BYTES", 1)
    assert "is too large" in run(file, code=2)[1]


@pytest.mark.parametrize("name", ["scored.csv", "scored.xlsx", "scored.txt"])
def test_what_verify_takes_is_stated(run, tmp_path, name):
    """In one sentence, for a table of results."""
    (tmp_path / name).write_bytes(b"name,total\nAn,84\n")
    code, out, err = run("verify", tmp_path / name)
    assert (2, "") == (code, out)
    assert "results are read from JSON: a result, a list of them, or one a line; kpirules" in err
    assert 1 == err.count("\n")


def test_a_damaged_list_is_an_error_of_the_file(run, tmp_path):
    """With the place, and not a problem for each of its lines."""
    rows = [{"row": 1, "result": None, "problems": []}] * 3
    file = tmp_path / "x.json"
    file.write_text(json.dumps(rows, indent=1)[:-20], encoding="utf-8")
    code, out, err = run("verify", file)
    assert (2, "") == (code, out)
    assert err.startswith(f"kpirules: {file}: is not JSON: ")
    assert "line 15 column 2" in err


# ---------------------------------------------------------------- signatures on the command line


KEY = b"0123456789abcdef"


@pytest.fixture
def signed(tmp_path):
    """Write a file of results: signed, changed afterwards, of another key, without a signature."""
    write(tmp_path, "2025-01-01")
    result = evaluate(load("depot", folders=[tmp_path]), {"a": 70})
    other = evaluate(load("depot", folders=[tmp_path]), {"a": 80})
    rows = [
        {"result": json.loads(each.to_json()), "signature": signature}
        for each, signature in (
            (result, result.sign(KEY)),
            (other, result.sign(KEY)),
            (result, result.sign(KEY[::-1])),
            (result, None),
            (result, 5),
        )
    ]
    file = tmp_path / "results.jsonl"
    lines = [*(json.dumps(row) for row in rows), result.to_json()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"], ids=repr)
def test_signatures_are_checked_with_the_key_of_a_file(signed, tmp_path, end):
    """The line break at its end is no part of the key."""
    key = tmp_path / "key"
    key.write_bytes(KEY + end)
    out, err = run(signed, "--folder", tmp_path, "--key-file", key, code=1)
    assert ["the signature is wrong"] * 2 + [
        "the signature is missing",
        "the signature is wrong",
        "the signature is missing",
    ] == [line.rpartition(": ")[2] for line in out.splitlines()]
    assert "6 results: 1 the same, 2 without a signature, 3 with a wrong signature\n" == err


def test_signatures_are_checked_with_the_key_of_the_environment(signed, tmp_path, monkeypatch):
    """A file that is named takes precedence; a key is never an argument."""
    monkeypatch.setenv("KPIRULES_KEY", KEY.decode())
    _, err = run(signed, "--folder", tmp_path, code=1)
    assert "1 the same, 2 without a signature" in err
    key = tmp_path / "key"
    key.write_bytes(b"another key of 16 bytes")
    _, err = run(signed, "--folder", tmp_path, "--key-file", key, code=1)
    assert "6 results: 2 without a signature, 4 with a wrong signature\n" == err


def test_signatures_that_are_not_checked_are_reported(signed, tmp_path, monkeypatch):
    """Without a key the results alone are compared."""
    monkeypatch.delenv("KPIRULES_KEY", raising=False)
    out, err = run(signed, "--folder", tmp_path)
    assert "" == out
    assert "the signatures of 4 results were not checked: give the key (--key-file)" in err
    assert "6 results: 6 the same" in err


def test_a_key_that_cannot_be_used_is_wrong_use(signed, tmp_path, monkeypatch):
    """Missing, too short, a folder; the key itself is not shown."""
    short = tmp_path / "key"
    short.write_bytes(b"secret\n")
    for key, said in (
        (short, f"{short}: the key has 6 bytes; at least 16 are needed"),
        (tmp_path / "none", "No such file"),
        (tmp_path, "it is a folder"),
    ):
        _, err = run(signed, "--key-file", key, code=2)
        assert said in err
    monkeypatch.setenv("KPIRULES_KEY", "secret")
    _, err = run(signed, code=2)
    assert "KPIRULES_KEY: the key has 6 bytes" in err
    assert "secret" not in err
