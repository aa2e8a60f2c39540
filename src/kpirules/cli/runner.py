"""Run the work of a command: its ruleset, its errors, and its exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import typer

from kpirules.cli.reader_language import language, write
from kpirules.errors import InputError, KpirulesError, RulesetError


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kpirules.model.rubric import Rubric


def fail_with(error: KpirulesError, code: int = 2) -> NoReturn:
    """Print an error and exit."""
    if code == 1:
        sys.stderr.write(f"{error.text(language())}\n")
    else:
        write("cli.error", message=error)
    raise typer.Exit(code)


def find_rubric(
    name: str, on: str | None, folders: list[Path] | None, prefer: str | None
) -> Rubric:
    """Load a ruleset by id or path; exit with a message if it is missing or unsound."""
    try:
        from kpirules.cli.resolve import find  # noqa: PLC0415 - only for one

        return find(name, on, folders or (), prefer)
    except RulesetError as error:
        fail_with(error, 1)
    except KpirulesError as error:
        fail_with(error)


def run(work: Callable[[], int]) -> None:
    """Run the work of a command; convert errors of kpirules to a message and an exit code."""
    try:
        code = work()
    except InputError as error:
        fail_with(error, 1)
    except KpirulesError as error:
        fail_with(error)
    if code:
        raise typer.Exit(code)
