"""The options of commands that read a file of records."""

from __future__ import annotations

from typing import Annotated

import typer

from kpirules.cli.io.sources import Options
from kpirules.cli.reader_language import language
from kpirules.cli.usage import whole


AllowOpt = Annotated[
    str, typer.Option("--allow-missing", metavar="metavar.names", help="option.allow-missing")
]
SheetOpt = Annotated[
    str | None, typer.Option("--sheet", metavar="metavar.name", help="option.sheet")
]
HeadingOpt = Annotated[
    int | None,
    typer.Option("--heading", metavar="metavar.row", help="option.heading", parser=whole),
]
EncodingOpt = Annotated[
    str | None, typer.Option("--encoding", metavar="metavar.name", help="option.encoding")
]


def options_of(
    allow_missing: str, sheet: str | None, heading: int | None, encoding: str | None
) -> Options:
    """Return what the command line states about a file of records."""
    names = tuple(name.strip() for name in allow_missing.split(",") if name.strip())
    return Options(
        encoding=encoding, sheet=sheet, heading=heading, allow_missing=names, lang=language()
    )
