"""The option ``--version``, which comes before a command."""

from __future__ import annotations

from typing import Annotated

import typer

from kpirules._internal.version import VERSION
from kpirules.cli.process import write_data


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer passes the option's value alone
    """Print the version and exit if it is asked for."""
    if asked:
        write_data(f"kpirules {VERSION}\n")
        raise typer.Exit


def root_options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="option.version"),
    ] = False,
) -> None:
    """Take the options that come before a command."""
