"""The option ``--version``."""

from __future__ import annotations

import kpirules


def test_the_version_is_printed_and_no_command_is_run(run):
    """On standard output, also before a command; the exit code is 0."""
    expected = (0, f"kpirules {kpirules.__version__}\n", "")
    assert expected == run("--version")
    assert expected == run("--version", "list")


def test_a_command_has_no_version(run):
    """It is an option of the whole command line."""
    code, out, err = run("list", "--version")
    assert (2, "") == (code, out)
    assert "--version" in err
