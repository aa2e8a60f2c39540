"""The options of commands that read a file of records."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kpirules.cli.io.sources import EarlierOptions, Options
from kpirules.cli.reader_language import language
from kpirules.cli.usage import choice, fail, whole
from kpirules.model.inputs import histories
from kpirules.model.rubric import Rubric
from kpirules.translations.message import Joined, MessageError


class Form(StrEnum):
    """The formats of results."""

    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"
    xlsx = "xlsx"


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


CompanyOpt = Annotated[
    str, typer.Option("--company", metavar="metavar.name", help="option.company")
]
DepartmentOpt = Annotated[
    str, typer.Option("--department", metavar="metavar.name", help="option.department")
]
LastOpt = Annotated[Path | None, typer.Option("--last", metavar="metavar.path", help="option.last")]
LogoOpt = Annotated[Path | None, typer.Option("--logo", metavar="metavar.path", help="option.logo")]
NotesOpt = Annotated[bool, typer.Option("--notes", help="option.notes")]
EachOpt = Annotated[Path | None, typer.Option("--each", metavar="metavar.dir", help="option.each")]

FindingsOpt = Annotated[
    str, typer.Option("--format", metavar="text|json|github", help="option.findings-format")
]
RulesetArg = Annotated[str, typer.Argument(metavar="metavar.id", help="option.ruleset")]
OnOpt = Annotated[str | None, typer.Option("--on", metavar="metavar.date", help="option.on")]
FolderOpt = Annotated[
    list[Path] | None, typer.Option("--folder", metavar="metavar.dir", help="option.folder")
]
PreferOpt = Annotated[
    str | None, typer.Option("--prefer", metavar="metavar.name", help="option.prefer")
]
FileArg = Annotated[Path, typer.Argument(metavar="metavar.file-csv", help="option.records")]
EarlierOpt = Annotated[
    Path | None, typer.Option("--history", metavar="metavar.dir", help="option.history")
]
PeriodOpt = Annotated[str, typer.Option("--period", metavar="metavar.period", help="option.period")]
KeyOpt = Annotated[str, typer.Option("--key", metavar="metavar.name", help="option.key")]
YearOpt = Annotated[
    int | None,
    typer.Option("--year-from", metavar="metavar.month", help="option.year-from", parser=whole),
]
MonthOpt = Annotated[str, typer.Option("--month", metavar="metavar.month", help="option.month")]
ForceOpt = Annotated[bool, typer.Option("--force", help="option.force")]


def output_of(output: Path | None, *endings: str) -> Path:
    """Return the output; report a usage error if there is none with one of some endings."""
    if output is None or output.suffix.lower() not in endings:
        fail("usage.output", choices=", ".join(f"-o FILE{ending}" for ending in endings))
    return output


def options_of(
    allow_missing: str,
    sheet: str | None,
    heading: int | None,
    encoding: str | None,
    earlier: EarlierOptions | None = None,
) -> Options:
    """Return what the command line states about a file of records."""
    return Options(
        encoding=encoding,
        sheet=sheet,
        heading=heading,
        allow_missing=names_of(allow_missing),
        lang=language(),
        earlier=earlier,
    )


def earlier_of(
    rubric: Rubric, folder: Path | None, period: str, key: str, year_from: int | None
) -> EarlierOptions | None:
    """Return where earlier results are; report a usage error if the options do not fit together."""
    if folder is None:
        if period or key or year_from is not None:
            fail("usage.without-history")
        return None
    if not period or not key:
        fail("usage.history-needs", options="--period, --key")
    if not any(histories(rubric.inputs)):
        fail("usage.no-history", rubric=rubric.id)
    from kpirules.cohort.gathering import checked_period  # noqa: PLC0415 - only with the option

    first = 1 if year_from is None else year_from
    try:
        checked_period(rubric, period, first)
    except MessageError as error:
        fail("usage.history", reason=error.reason)
    return EarlierOptions(folder=folder, period=period, key=key, year_from=first)


def names_of(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas.

    >>> names_of("total, tier,")
    ('total', 'tier')
    """
    return tuple(name.strip() for name in text.split(",") if name.strip())


def format_of(form: str, output: Path | None) -> Form:
    """Return the format of results: as stated, else by the ending of the output, else CSV."""
    if form:
        choice("--format", form, Form)
        return Form(form)
    endings = {".ndjson": Form.jsonl, **{f".{each}": each for each in Form}}
    wanted = Form.csv if output is None else endings.get(output.suffix.lower())
    if wanted is None:
        known = Joined(tuple(f".{each}" for each in Form))
        fail("usage.ending", output=str(output), endings=known)
    return wanted
