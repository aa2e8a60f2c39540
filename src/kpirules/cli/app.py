"""The commands: arguments, help, and exit codes.

0: success; 1: rejected rows or an unsound ruleset; 2: usage error. Texts are keys of the
translations, which :mod:`kpirules.cli.usage` replaces by the texts of the reader's language.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from kpirules.cli.options import AllowOpt, EncodingOpt, HeadingOpt, SheetOpt, options_of
from kpirules.cli.process import write_data
from kpirules.cli.reader_language import label_language, language, write
from kpirules.cli.resolve import find
from kpirules.cli.usage import Command, Commands, choice, fail, whole
from kpirules.cli.version import root_options
from kpirules.errors import InputError, KpirulesError, RulesetError
from kpirules.registry.dates import days_of
from kpirules.translations.message import Joined, Message


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.model.rubric import Rubric


app: typer.Typer = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback(help="command.kpirules")(root_options)
_command = partial(app.command, cls=Command)

_RulesetArg = Annotated[str, typer.Argument(metavar="metavar.id", help="option.ruleset")]
_FileArg = Annotated[Path, typer.Argument(metavar="metavar.file-csv", help="option.records")]
_PathsArg = Annotated[list[Path], typer.Argument(metavar="metavar.paths", help="option.paths")]
_OnOpt = Annotated[str | None, typer.Option("--on", metavar="metavar.date", help="option.on")]
_FolderOpt = Annotated[
    list[Path] | None, typer.Option("--folder", metavar="metavar.dir", help="option.folder")
]
_PreferOpt = Annotated[
    str | None, typer.Option("--prefer", metavar="metavar.name", help="option.prefer")
]
_MonthOpt = Annotated[str, typer.Option("--month", metavar="metavar.month", help="option.month")]
_ForceOpt = Annotated[bool, typer.Option("--force", help="option.force")]


class Form(StrEnum):
    """The formats of results."""

    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"
    xlsx = "xlsx"


def _fail(error: KpirulesError, code: int = 2) -> NoReturn:
    """Print an error and exit."""
    if code == 1:
        sys.stderr.write(f"{error.text(language())}\n")
    else:
        write("cli.error", message=error)
    raise typer.Exit(code)


def _find(name: str, on: str | None, folders: list[Path] | None, prefer: str | None) -> Rubric:
    """Load a ruleset by id or path; exit with a message if it is missing or unsound."""
    try:
        return find(name, on, folders or (), prefer)
    except RulesetError as error:
        _fail(error, 1)
    except KpirulesError as error:
        _fail(error)


def _run(work: Callable[[], int]) -> None:
    """Run the work of a command; convert errors of kpirules to a message and an exit code."""
    try:
        code = work()
    except InputError as error:
        _fail(error, 1)
    except KpirulesError as error:
        _fail(error)
    if code:
        raise typer.Exit(code)


@_command("list", help="command.list")
def list_(on: _OnOpt = None, folder: _FolderOpt = None) -> None:
    """List the rulesets, or those in force on a date."""
    from kpirules.cli.render import show_list  # noqa: PLC0415 - rich is only for showing
    from kpirules.registry.catalog import catalog  # noqa: PLC0415 - as the next

    def work() -> int:
        found = catalog(folder or ())
        show_list(found, None if on is None else days_of(on, "--on"))
        for fault in found.faults:
            write("cli.error", message=Message.of("cli.unusable", fault=fault))
        return int(bool(found.faults))

    _run(work)


@_command(help="command.show")
def show(
    ruleset: _RulesetArg,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    *,
    resolved: Annotated[bool, typer.Option("--resolved", help="option.resolved")] = False,
) -> None:
    """Show a ruleset's form, or its file together with what it extends."""
    rubric = _find(ruleset, on, folder, prefer)
    if resolved:
        from kpirules.toml.writer import dumps  # noqa: PLC0415 - only when asked

        write_data(dumps(rubric))
        return
    from kpirules.cli.render import show_rubric  # noqa: PLC0415 - rich is only for showing

    show_rubric(rubric, label_language())


@_command(help="command.check")
def check(
    paths: _PathsArg,
    report: Annotated[
        str,
        typer.Option("--format", metavar="text|json|github", help="option.findings-format"),
    ] = "text",
    folder: _FolderOpt = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="option.strict")] = False,
) -> None:
    """Check files, and print their findings."""
    from kpirules.cli.commands.check import Report, check_paths  # noqa: PLC0415 - rich, for showing

    choice("--format", report, Report)
    _run(lambda: check_paths(paths, Report(report), strict=strict, folders=folder or ()))


@_command(help="command.evaluate")
def evaluate(
    ruleset: _RulesetArg,
    file: _FileArg,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.path", help="option.output"),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="|".join(Form), help="option.results-format")
    ] = "",
    *,
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    force: _ForceOpt = False,
    replace: Annotated[bool, typer.Option("--replace", help="option.replace")] = False,
) -> None:
    """Score each row of a table."""
    if form:
        choice("--format", form, Form)
    endings = {".ndjson": Form.jsonl, **{f".{each}": each for each in Form}}
    by_output = Form.csv if output is None else endings.get(output.suffix.lower())
    wanted = Form(form) if form else by_output
    if wanted is None:
        known = Joined(tuple(f".{each}" for each in Form))
        fail("usage.ending", output=str(output), endings=known)
    if file.suffix.lower() == ".json":
        fail("usage.json-records", file=str(file))
    if output is None and wanted in {Form.parquet, Form.xlsx}:
        fail("usage.to-file", format=str(wanted))
    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding)
    from kpirules.cli.commands.evaluate import score_table  # noqa: PLC0415 - only this command needs it

    _run(
        lambda: score_table(
            rubric, file, output, f".{wanted}", options, force=force, replace=replace
        )
    )


@_command(help="command.sheet")
def sheet(
    ruleset: _RulesetArg,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="metavar.records-or-blank", help="option.records-or-blank"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.path", help="option.output-sheet"),
    ] = None,
    *,
    month: _MonthOpt = "",
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    force: _ForceOpt = False,
) -> None:
    """Write the score sheet: blank, or filled for each row of a table."""
    from kpirules.cli.commands.sheet import write_sheets  # noqa: PLC0415 - only this command needs it

    if output is None or output.suffix.lower() not in {".html", ".pdf", ".xlsx"}:
        fail("usage.output", choices="-o FILE.html, -o FILE.pdf, -o FILE.xlsx")
    target = output
    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding)
    lang, period = label_language(), month or on or ""
    _run(lambda: write_sheets(rubric, file, target, options, lang=lang, period=period, force=force))


@_command(help="command.report")
def report(
    ruleset: _RulesetArg,
    file: Annotated[Path, typer.Argument(metavar="metavar.records", help="option.records")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.path", help="option.output-report"),
    ] = None,
    *,
    month: _MonthOpt = "",
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    force: _ForceOpt = False,
) -> None:
    """Write the report of a month."""
    from kpirules.cli.commands.sheet import write_report  # noqa: PLC0415 - only this command needs it

    if output is None or output.suffix.lower() != ".html":
        fail("usage.output", choices="-o FILE.html")
    target = output
    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding)
    lang, period = label_language(), month or on or ""
    _run(lambda: write_report(rubric, file, target, options, lang=lang, period=period, force=force))


@_command(help="command.docs")
def docs(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="metavar.ids", help="option.ids")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.dir", help="option.output-docs"),
    ] = None,
    *,
    folder: _FolderOpt = None,
    force: Annotated[bool, typer.Option("--force", help="option.force-pages")] = False,
) -> None:
    """Write a page about each version of rulesets."""
    from kpirules.cli.commands.docs import write_pages  # noqa: PLC0415 - only this command needs it

    if output is None:
        fail("usage.output", choices="-o DIR")
    target, lang = output, label_language()
    _run(lambda: write_pages(ids or (), target, folders=folder or (), lang=lang, force=force))


@_command(help="command.explain")
def explain(
    ruleset: _RulesetArg,
    file: _FileArg,
    row: Annotated[
        int, typer.Option("--row", metavar="metavar.row", help="option.row", parser=whole)
    ],
    *,
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
) -> None:
    """Explain the points of one row."""
    from kpirules.cli.commands.explain import explain_row  # noqa: PLC0415 - only this command needs it

    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding)
    _run(lambda: explain_row(rubric, file, row, label_language(), options))


@_command(help="command.verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="metavar.file-json", help="option.stored")],
    folder: _FolderOpt = None,
) -> None:
    """Compute stored results again under the rubric of their fingerprint."""
    from kpirules.cli.commands.verify import verify_file  # noqa: PLC0415 - only this command needs it

    _run(lambda: verify_file(file, folder or ()))


@_command(help="command.schema")
def schema(
    ruleset: Annotated[
        str | None, typer.Argument(metavar="metavar.id-or-none", help="option.schema-of")
    ] = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
) -> None:
    """Write the JSON Schema of ruleset files, or of the records of one ruleset."""
    import json  # noqa: PLC0415 - only this command needs it here

    if ruleset is None:
        from kpirules.toml.json_schema import schema_text  # noqa: PLC0415 - only when asked

        write_data(schema_text())
        return
    from kpirules.record_schema.schema import ratings_schema  # noqa: PLC0415 - only when asked

    made = ratings_schema(_find(ruleset, on, folder, prefer), lang=label_language())
    write_data(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


@_command(help="command.new")
def new(
    name: Annotated[str, typer.Argument(metavar="metavar.id", help="option.new-id")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="metavar.date", help="option.from")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="metavar.dir", help="option.rulesets")
    ] = Path("rulesets"),
) -> None:
    """Write a commented, sound file for a new role."""
    from kpirules.cli.commands.new import new_file  # noqa: PLC0415 - only this command needs it

    def work() -> int:
        day = None if since is None else days_of(since, "--from")[0]
        return new_file(name, day, folder, label_language())

    _run(work)


@_command(help="command.fmt")
def fmt(
    paths: _PathsArg,
    *,
    check_only: Annotated[bool, typer.Option("--check", help="option.fmt-check")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="option.fmt-diff")] = False,
) -> None:
    """Write ruleset files in the one layout."""
    from kpirules.cli.commands.new import format_files  # noqa: PLC0415 - only this command needs it

    _run(lambda: format_files(paths, check=check_only, diff=diff))
