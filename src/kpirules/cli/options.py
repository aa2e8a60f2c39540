"""The options of commands that read a file of records."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated

import typer

from kpirules.cli.io.sources import Options
from kpirules.translations.catalog import ENGLISH, LanguageError, languages, tag_of


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


def _language(lang: str) -> str:
    """Return the language of the option, else that of the locale; empty if neither names one."""
    try:
        return tag_of(lang) if lang else locale_language()
    except LanguageError as error:
        raise typer.BadParameter(str(error)) from None


def locale_language() -> str:
    """Return the language of the locale; empty for English and for one without translations."""
    values = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, values), ENGLISH)
    with suppress(LanguageError):
        return "" if tag_of(locale).startswith(ENGLISH) else tag_of(locale)
    return ""


LangOpt = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="LANGUAGE",
        help=f"The language: {', '.join(languages())} [that of the locale].",
        callback=_language,
        show_default=False,
    ),
]


def options_of(
    allow_missing: str,
    sheet: str | None,
    heading: int | None,
    encoding: str | None,
    lang: str,
) -> Options:
    """Return what the command line states about a file of records."""
    names = tuple(name.strip() for name in allow_missing.split(",") if name.strip())
    return Options(
        encoding=encoding, sheet=sheet, heading=heading, allow_missing=names, lang=lang or None
    )
