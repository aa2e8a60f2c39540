"""The commands: arguments, help, and exit codes.

0: success; 1: rejected rows or an unsound ruleset; 2: usage error.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from kpirules.cli.options import (
    AllowOpt,
    EncodingOpt,
    HeadingOpt,
    LangOpt,
    SheetOpt,
    options_of,
)
from kpirules.cli.process import reported_write_errors, write_data
from kpirules.cli.resolve import find
from kpirules.cli.version import root_options
from kpirules.errors import InputError, KpirulesError, RulesetError
from kpirules.registry.dates import days_of
from kpirules.translations.catalog import ENGLISH


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.model.rubric import Rubric


class _Commands(TyperGroup):
    """The group of commands; it reports in one line that an output cannot be written."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer passes a context of its own type
        """Run a command and flush its output."""
        with reported_write_errors():
            return super().invoke(ctx)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        """Parse the arguments, and print the help of all commands if it is asked for."""
        with reported_write_errors():
            return super().make_context(*args, **kwargs)


app: typer.Typer = typer.Typer(
    cls=_Commands,
    help="Appraisal schemes as data: list them, check them, score a month by them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback()(root_options)

_RulesetArg = Annotated[
    str, typer.Argument(metavar="ID", help="A ruleset's id, or the path of a ruleset file.")
]
_FileArg = Annotated[Path, typer.Argument(metavar="FILE.csv", help="The records, a row each.")]
_OnOpt = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="A date or a month (2026-10) whose rules hold [today]."),
]
_FolderOpt = Annotated[
    list[Path] | None,
    typer.Option("--folder", metavar="DIR", help="A folder of rulesets, beside all others."),
]
_PreferOpt = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The package or folder whose ruleset is meant."),
]


class Form(StrEnum):
    """The formats of results."""

    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"
    xlsx = "xlsx"


def _fail(error: KpirulesError, code: int = 2) -> NoReturn:
    """Print an error and exit."""
    sys.stderr.write(f"kpirules: {error}\n" if code != 1 else f"{error}\n")
    raise typer.Exit(code)


def _find(name: str, on: str | None, folders: list[Path] | None, prefer: str | None) -> Rubric:
    """Load a ruleset by id or path; exit with a message if it is missing or unsound."""
    try:
        return find(name, on, folders or (), prefer)
    except RulesetError as error:
        _fail(error, 1)
    except KpirulesError as error:
        _fail(error)


def _usage_error(message: str) -> NoReturn:
    """Print a usage error and exit."""
    sys.stderr.write(f"kpirules: {message}\n")
    raise typer.Exit(2)


def _run(work: Callable[[], int], lang: str = "") -> None:
    """Run the work of a command; convert errors of kpirules to a message and an exit code."""
    try:
        code = work()
    except InputError as error:
        sys.stderr.write(f"{error.text(lang or None)}\n")
        raise typer.Exit(1) from None
    except KpirulesError as error:
        _fail(error)
    if code:
        raise typer.Exit(code)


@app.command("list")
def list_(on: _OnOpt = None, folder: _FolderOpt = None) -> None:
    """List the rulesets there are, or with --on those in force then.

    What cannot be used is named on standard error; then the exit code is 1.
    """
    from kpirules.cli.render import show_list  # noqa: PLC0415 - rich is only for showing
    from kpirules.registry.catalog import catalog  # noqa: PLC0415 - as the next

    def work() -> int:
        found = catalog(folder or ())
        show_list(found, None if on is None else days_of(on, "--on"))
        for fault in found.faults:
            sys.stderr.write(f"kpirules: cannot be used: {fault}\n")
        return int(bool(found.faults))

    _run(work)


@app.command()
def show(
    ruleset: _RulesetArg,
    lang: LangOpt = "",
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    *,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="As one file, what it extends taken in.")
    ] = False,
) -> None:
    """Show a ruleset's form: sections, criteria, levels, tiers, rulings."""
    rubric = _find(ruleset, on, folder, prefer)
    if resolved:
        from kpirules.toml.writer import dumps  # noqa: PLC0415 - only when asked

        write_data(dumps(rubric))
        return
    from kpirules.cli.render import show_rubric  # noqa: PLC0415 - rich is only for showing

    show_rubric(rubric, lang or ENGLISH)


@app.command()
def check(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Ruleset files, and folders that hold some."),
    ],
    report: Annotated[
        str, typer.Option("--format", metavar="text|json|github", help="How to write findings.")
    ] = "text",
    folder: _FolderOpt = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings as well.")] = False,
) -> None:
    """Prove rulesets sound, or show what is wrong with them.

    All files are checked, whatever is wrong with one. The exit code is 1 where there is an error
    that stands, with --strict also where there is a warning.
    """
    from kpirules.cli.commands.check import Report, check_paths  # noqa: PLC0415 - rich, for showing

    if report not in list(Report):
        sys.stderr.write(f"kpirules: --format is text, json or github, not {report}\n")
        raise typer.Exit(2)
    _run(lambda: check_paths(paths, Report(report), strict=strict, folders=folder or ()))


@app.command()
def evaluate(
    ruleset: _RulesetArg,
    file: _FileArg,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write here, by its ending [standard output]."),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="What to write [by the output's ending].")
    ] = None,
    *,
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    lang: LangOpt = "",
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace columns of an earlier result in FILE.csv.")
    ] = False,
) -> None:
    """Score each row of a table: .csv, .parquet, .xlsx or .jsonl, of any size.

    Columns are read by the names or labels of the ruleset's inputs and criteria; all others are
    carried through. Every row but blank ones comes out again, a rejected one with its problems in
    the column "error"; then the exit code is 1. Results are written in any of these formats, or
    with all that they hold as .json. An output is written whole or not at all.
    """
    endings = {".ndjson": Form.jsonl, **{f".{each}": each for each in Form}}
    wanted = form or (Form.csv if output is None else endings.get(output.suffix.lower()))
    if wanted is None:
        _usage_error(f"{output}: the output ends in .{', .'.join(Form)}, or give --format")
    if file.suffix.lower() == ".json":
        _usage_error(f"{file}: records are read from .csv, .jsonl, .parquet or .xlsx")
    if output is None and wanted in {Form.parquet, Form.xlsx}:
        _usage_error(f"{wanted} is written to a file: give -o")
    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding, lang)
    from kpirules.cli.commands.evaluate import score_table  # noqa: PLC0415 - only this command needs it

    _run(
        lambda: score_table(
            rubric, file, output, f".{wanted}", options, force=force, replace=replace
        )
    )


@app.command()
def sheet(
    ruleset: _RulesetArg,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[RATINGS]", help="The records, a row each [a blank form]."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write here: .html, .pdf or .xlsx.")
    ] = None,
    *,
    lang: LangOpt = "",
    month: Annotated[
        str, typer.Option(help="The month, as the heading shows it [that of --on].")
    ] = "",
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Write the score sheet: blank, or filled for each row of a table.

    HTML to read and print, PDF to sign, or an Excel workbook whose formulas score. Columns that
    the ruleset does not know say who a row is about: name, employee_no, appraiser (or 姓名, 工号,
    考核者). A rejected row has a sheet that says why; then the exit code is 1.
    """
    from kpirules.cli.commands.sheet import write_sheets  # noqa: PLC0415 - only this command needs it

    if output is None or output.suffix.lower() not in {".html", ".pdf", ".xlsx"}:
        _usage_error("say -o FILE.html, FILE.pdf or FILE.xlsx")
    target = output
    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding, lang)
    period = month or on or ""
    _run(
        lambda: write_sheets(
            rubric, file, target, options, lang=lang or ENGLISH, period=period, force=force
        )
    )


@app.command()
def report(
    ruleset: _RulesetArg,
    file: Annotated[Path, typer.Argument(metavar="RATINGS", help="The records, a row each.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write here: .html.")
    ] = None,
    *,
    lang: LangOpt = "",
    month: Annotated[
        str, typer.Option(help="The month, as the heading shows it [that of --on].")
    ] = "",
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Write the report of a month: totals, tiers, sections, appraisers, rejected rows."""
    from kpirules.cli.commands.sheet import write_report  # noqa: PLC0415 - only this command needs it

    if output is None or output.suffix.lower() != ".html":
        _usage_error("say -o FILE.html")
    target = output
    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding, lang)
    period = month or on or ""
    _run(
        lambda: write_report(
            rubric, file, target, options, lang=lang or ENGLISH, period=period, force=force
        )
    )


@app.command()
def docs(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="The ids that are wanted [all].")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Write into this folder.")
    ] = None,
    *,
    lang: LangOpt = "",
    folder: _FolderOpt = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite pages.")] = False,
) -> None:
    """Write a page about each version of rulesets, as Markdown for a documentation site."""
    from kpirules.cli.commands.docs import write_pages  # noqa: PLC0415 - only this command needs it

    if output is None:
        _usage_error("say -o DIR")
    target = output
    _run(
        lambda: write_pages(
            ids or (), target, folders=folder or (), lang=lang or ENGLISH, force=force
        )
    )


@app.command()
def explain(
    ruleset: _RulesetArg,
    file: _FileArg,
    row: Annotated[int, typer.Option(help="Which record, from 1; blank rows are not counted.")],
    *,
    lang: LangOpt = "",
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
) -> None:
    """Explain how the points of one row come about."""
    from kpirules.cli.commands.explain import explain_row  # noqa: PLC0415 - only this command needs it

    rubric = _find(ruleset, on, folder, prefer)
    options = options_of(allow_missing, worksheet, heading, encoding, lang)
    _run(lambda: explain_row(rubric, file, row, lang or ENGLISH, options), lang)


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.json", help="Stored results: one, a list, or one a line."),
    ],
    folder: _FolderOpt = None,
) -> None:
    """Work stored results out again under the rubric of their fingerprint.

    Says which are the same, what differs, or that the rubric is not to be had; the exit code is 1
    unless all are the same.
    """
    from kpirules.cli.commands.verify import verify_file  # noqa: PLC0415 - only this command needs it

    _run(lambda: verify_file(file, folder or ()))


@app.command()
def schema(
    ruleset: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A ruleset's id or file: the schema of its records."),
    ] = None,
    lang: LangOpt = "",
    on: _OnOpt = None,
    folder: _FolderOpt = None,
    prefer: _PreferOpt = None,
) -> None:
    """Write the JSON Schema of ruleset files, for editors; or of the records of one, for forms."""
    import json  # noqa: PLC0415 - only this command needs it here

    if ruleset is None:
        from kpirules.toml.json_schema import schema_text  # noqa: PLC0415 - only when asked

        write_data(schema_text())
        return
    from kpirules.record_schema.schema import ratings_schema  # noqa: PLC0415 - only when asked

    made = ratings_schema(_find(ruleset, on, folder, prefer), lang=lang or ENGLISH)
    write_data(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of the new role.")],
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The first day of the rules [this month's]."),
    ] = None,
    folder: Annotated[Path, typer.Option(metavar="DIR", help="The folder of rulesets.")] = Path(
        "rulesets"
    ),
    lang: LangOpt = "",
) -> None:
    """Write a commented, sound file for a new role, and say what to edit next."""
    from kpirules.cli.commands.new import new_file  # noqa: PLC0415 - only this command needs it

    def work() -> int:
        day = None if since is None else days_of(since, "--from")[0]
        return new_file(name, day, folder, lang or ENGLISH)

    _run(work)


@app.command()
def fmt(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Ruleset files, and folders that hold some."),
    ],
    *,
    check_only: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 where something would be.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="As --check, and show what.")] = False,
) -> None:
    """Write ruleset files in the one layout, comments kept."""
    from kpirules.cli.commands.new import format_files  # noqa: PLC0415 - only this command needs it

    _run(lambda: format_files(paths, check=check_only, diff=diff))
