"""Help texts and usage errors in the reader's language, within the width of the terminal."""

from __future__ import annotations

import pytest
import typer.main

from kpirules._internal.display import width
from kpirules.cli.app import app


COMMANDS = sorted(typer.main.get_command(app).commands)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_fits_the_terminal(run, command, lang):
    """No line has more than 80 columns, where a Chinese character takes two."""
    code, out, err = run(*filter(None, [command, "--help", "--lang", lang]))
    assert (0, "") == (code, err)
    assert 80 >= max(map(width, out.splitlines()))
    assert out.startswith("Usage: " if lang == "en" else "用法：")


def test_the_help_lists_arguments_options_and_commands(run):
    """A required argument says so; a long name has a line of its own; each command has --lang."""
    out = run("evaluate", "--help")[1]
    assert "Usage: kpirules evaluate [OPTIONS] ID FILE.csv" in out.replace("root", "kpirules")
    assert "  ID        A ruleset's id, or the path of a ruleset file. [required]\n" in out
    assert "  --format csv|json|jsonl|parquet|xlsx\n" in out
    assert "  --lang LANGUAGE " in out
    out = run("--help")[1]
    assert all(f"\n  {command} " in out for command in COMMANDS)


def test_the_option_of_the_language_may_come_first(run, monkeypatch):
    """Before the command or after it; without it, the locale decides."""
    first, last = run("--lang", "zh", "check", "--help"), run("check", "--help", "--lang", "zh")
    assert first == last
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert first == run("check", "--help")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "chek is not a command; did you mean check?"),
        (["xyz"], "xyz is not a command"),
        (["-x"], "-x is not an option of this command"),
        (["--version=3"], "--version takes no value"),
        (["check"], "PATH... is missing"),
        (
            ["check", "a", "--stric"],
            "--stric is not an option of this command; did you mean --strict?",
        ),
        (["check", "a", "--strict=1"], "--strict takes no value"),
        (["check", "a", "--folder"], "--folder needs a value"),
        (["check", "a", "--format", "xml"], "--format: 'xml' is not one of text, json, github"),
        (["explain", "a", "b"], "give exactly one of --row, --who"),
        (["explain", "a", "b", "--row", "1", "--who", "x"], "give exactly one of --row, --who"),
        (["explain", "a", "b", "--who", " "], "give exactly one of --row, --who"),
        (["explain", "a", "b", "--row", "x"], "--row: 'x' is not a whole number from 1"),
        (["explain", "a", "b", "--row", "0"], "--row: '0' is not a whole number from 1"),
        (["explain", "a", "b", "c d", "--row", "1"], "c d: the command takes no further arguments"),
        (["check", "a", "--lang"], "--lang: '' is not a language of kpirules: en, zh"),
        (["check", "a", "--lang", "tlh"], "--lang: 'tlh' is not a language of kpirules: en, zh"),
        (["docs"], "give the output: -o DIR"),
    ],
)
def test_a_usage_error_is_one_line(run, arguments, said):
    """It names the argument, and below it the command that shows the help; the exit code is 2."""
    code, out, err = run(*arguments)
    first, *rest = err.splitlines()
    assert (2, "", f"kpirules: {said}") == (code, out, first)
    assert rest == [] or rest[0].startswith("  help: ")


def test_no_command_is_a_usage_error(run):
    """The help is on standard error."""
    code, out, err = run()
    assert (2, "") == (code, out)
    assert err.startswith("Usage: ")
