"""Only regular files are opened: a pipe, a device or a folder is rejected with words at once."""

from __future__ import annotations

import os
import socket

import pytest

from kpirules import KpirulesError, load, load_file
from kpirules.api.load import check_file
from kpirules.registry.catalog import catalog
from kpirules.toml.limits import regular


@pytest.fixture
def pipe(tmp_path):
    """Create a named pipe without a writer."""
    path = tmp_path / "x.rubric.toml"
    os.mkfifo(path)
    return path


def test_a_pipe_is_not_a_ruleset_file(pipe):
    """`load_file` and `check_file` name its kind, and do not wait."""
    with pytest.raises(KpirulesError, match="it is a named pipe, not a regular file"):
        load_file(pipe)
    (finding,) = check_file(pipe)
    assert finding.code == "unreadable"
    assert "named pipe" in finding.message()


@pytest.mark.parametrize(("path", "kind"), [("/dev/zero", "a device"), ("/dev", "a folder")])
def test_a_device_or_a_folder_is_not_a_ruleset_file(path, kind):
    """A device may never end; a folder has no content."""
    with pytest.raises(KpirulesError, match=f"it is {kind}"):
        load_file(path)


def test_a_socket_is_not_a_ruleset_file(tmp_path):
    """The message names a socket as such."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="it is a socket"):
            regular(tmp_path / "s")


def test_a_pipe_in_a_folder_of_rulesets_is_passed_over_or_named(tmp_path, monkeypatch):
    """A pipe in a folder of `KPIRULES_PATH` does not make any call wait."""
    folder = tmp_path / "piped"
    folder.mkdir()
    os.mkfifo(folder / "2026-01-01.rubric.toml")
    monkeypatch.setenv("KPIRULES_PATH", str(tmp_path))
    catalog(())
    with pytest.raises(KpirulesError, match="named pipe"):
        load("piped")


def test_a_pipe_is_not_a_file_of_results(run, pipe):
    """`kpirules verify` rejects a pipe in one line."""
    code, _, errors = run("verify", str(pipe))
    assert code == 2
    assert "it is a named pipe" in errors


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
@pytest.mark.parametrize("command", ["evaluate", "explain", "report", "sheet"])
def test_a_pipe_is_not_a_file_of_records(run, tmp_path, command, ending):
    """Nor for any command that reads a table, with any file name suffix."""
    os.mkfifo(tmp_path / f"x.{ending}")
    more = {"explain": ["--row", 1], "evaluate": []}.get(command, ["-o", tmp_path / "out.html"])
    code, _, err = run(command, "customer-service", tmp_path / f"x.{ending}", *more)
    assert 2 == code
    assert "cannot be read: it is a named pipe, not a regular file" in err
