"""The options of commands that read a file of records."""

from __future__ import annotations

from typing import Annotated

import typer

from kpirules.cli.io.sources import Options


AllowOpt = Annotated[
    str,
    typer.Option(
        "--allow-missing",
        metavar="NAMES",
        help="Inputs that need no column, as late,absent: their default holds.",
    ),
]
SheetOpt = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="The worksheet to read [the first].")
]
HeadingOpt = Annotated[
    int | None,
    typer.Option(
        "--heading",
        metavar="ROW",
        min=1,
        help="The row or line with the columns' names [the first].",
    ),
]
EncodingOpt = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="The encoding of a CSV file [UTF-8]."),
]


def options_of(
    allow_missing: str, sheet: str | None, heading: int | None, encoding: str | None
) -> Options:
    """Return what the command line states about a file of records."""
    names = tuple(name.strip() for name in allow_missing.split(",") if name.strip())
    return Options(encoding=encoding, sheet=sheet, heading=heading, allow_missing=names)
