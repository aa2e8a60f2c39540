"""The options of commands that read a file of records."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import attrs
import typer

from kpirules.cli.io.sources import EarlierOptions, Options, TogetherOptions
from kpirules.cli.reader_language import language
from kpirules.cli.usage import choice, fail, whole
from kpirules.model.inputs import cohorts, histories
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
CommonOpt = Annotated[
    list[str] | None,
    typer.Option("--common", metavar="metavar.name-value", help="option.common"),
]
ForceOpt = Annotated[bool, typer.Option("--force", help="option.force")]


def output_of(output: Path | None, *endings: str) -> Path:
    """Return the output; report a usage error if there is none with one of some endings."""
    if output is None or output.suffix.lower() not in endings:
        fail("usage.output", choices=", ".join(f"-o FILE{ending}" for ending in endings))
    return output


@attrs.frozen(kw_only=True)
class Gathered:
    """Where the inputs that are gathered come from."""

    earlier: EarlierOptions | None = None
    together: TogetherOptions | None = None


def options_of(
    allow_missing: str,
    sheet: str | None,
    heading: int | None,
    encoding: str | None,
    gathered: Gathered | None = None,
) -> Options:
    """Return what the command line states about a file of records."""
    return Options(
        encoding=encoding,
        sheet=sheet,
        heading=heading,
        allow_missing=names_of(allow_missing),
        lang=language(),
        earlier=None if gathered is None else gathered.earlier,
        together=None if gathered is None else gathered.together,
    )


def gathered_of(
    rubric: Rubric,
    folder: Path | None,
    *,
    period: str,
    key: str,
    year_from: int | None,
    common: Sequence[str] | None,
) -> Gathered:
    """Return where inputs are gathered from; report a usage error if options do not fit."""
    earlier = _earlier(rubric, folder, period, key, year_from)
    is_together = bool(rubric.quotas) or any(cohorts(rubric.inputs))
    if common and not key:
        fail("usage.common-needs")
    if (key and earlier is None and not is_together) or (common and not is_together):
        fail("usage.no-cohort", option="--common" if common else "--key", rubric=rubric.id)
    if not key or not is_together:
        return Gathered(earlier=earlier)
    together = TogetherOptions(key=key, common=tuple(_common(rubric, common or ()).items()))
    return Gathered(earlier=earlier, together=together)


def _common(rubric: Rubric, texts: Sequence[str]) -> dict[str, str]:
    """Return the values that all rows have, by the names of the record."""
    from kpirules.compiler.plan import Plan  # noqa: PLC0415 - only with the option
    from kpirules.evaluation.headings import names_for  # noqa: PLC0415 - as above

    plan = Plan(rubric)
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        names = names_for(plan, name)
        if not sign or not value or len(names) != 1:
            fail("usage.common", given=text, names=tuple(plan.scope.inputs))
        if names[0] in found:
            fail("usage.common-twice", name=name)
        found[names[0]] = value
    return found


def _earlier(
    rubric: Rubric, folder: Path | None, period: str, key: str, year_from: int | None
) -> EarlierOptions | None:
    """Return where earlier results are; report a usage error if the options do not fit together."""
    if folder is None:
        if period or year_from is not None:
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
