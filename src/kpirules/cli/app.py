"""The commands: arguments, help, and exit codes.

0: success; 1: rejected rows or an unsound ruleset; 2: usage error. Texts are keys of the
translations, which :mod:`kpirules.cli.usage` replaces by the texts of the reader's language.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from kpirules.cli.options import (
    AllowOpt,
    CommonOpt,
    CompanyOpt,
    DepartmentOpt,
    EachOpt,
    EarlierOpt,
    EncodingOpt,
    FindingsOpt,
    FolderOpt,
    ForceOpt,
    HeadingOpt,
    KeyOpt,
    LastOpt,
    LogoOpt,
    MonthOpt,
    NotesOpt,
    OnOpt,
    PeriodOpt,
    PreferOpt,
    RulesetArg,
    SheetOpt,
    YearOpt,
    gathered_of,
    options_of,
    output_of,
)
from kpirules.cli.process import write_data
from kpirules.cli.reader_language import label_language, write
from kpirules.cli.runner import find_rubric, run
from kpirules.cli.score_commands import evaluate, explain
from kpirules.cli.template_command import template
from kpirules.cli.usage import Command, Commands, choice, fail
from kpirules.cli.version import root_options
from kpirules.registry.dates import days_of
from kpirules.translations.message import Message


app: typer.Typer = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback(help="command.kpirules")(root_options)
_command = partial(app.command, cls=Command)

_PathsArg = Annotated[list[Path], typer.Argument(metavar="metavar.paths", help="option.paths")]


#: the folder into which rulesets are written
_RULESETS = Path("rulesets")


@_command("list", help="command.list")
def list_(on: OnOpt = None, folder: FolderOpt = None) -> None:
    """List the rulesets, or those in force on a date."""
    from kpirules.cli.render import show_list  # noqa: PLC0415 - rich is only for showing
    from kpirules.registry.catalog import catalog  # noqa: PLC0415 - as the next

    def work() -> int:
        found = catalog(folder or ())
        show_list(found, None if on is None else days_of(on, "--on"))
        for fault in found.faults:
            write("cli.error", message=Message.of("cli.unusable", fault=fault))
        return int(bool(found.faults))

    run(work)


@_command(help="command.show")
def show(
    ruleset: RulesetArg,
    on: OnOpt = None,
    folder: FolderOpt = None,
    prefer: PreferOpt = None,
    *,
    resolved: Annotated[bool, typer.Option("--resolved", help="option.resolved")] = False,
) -> None:
    """Show a ruleset's form, or its file together with what it extends."""
    rubric = find_rubric(ruleset, on, folder, prefer)
    if resolved:
        from kpirules.toml.writer import dumps  # noqa: PLC0415 - only when asked

        write_data(dumps(rubric))
        return
    from kpirules.cli.render import show_rubric  # noqa: PLC0415 - rich is only for showing

    show_rubric(rubric, label_language())


@_command(help="command.check")
def check(
    paths: _PathsArg,
    report: FindingsOpt = "text",
    folder: FolderOpt = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="option.strict")] = False,
) -> None:
    """Check files, and print their findings."""
    from kpirules.cli.commands.check import Report, check_paths  # noqa: PLC0415 - rich, for showing

    choice("--format", report, Report)
    run(lambda: check_paths(paths, Report(report), strict=strict, folders=folder or ()))


_command(help="command.evaluate")(evaluate)


@_command(help="command.sheet")
def sheet(
    ruleset: RulesetArg,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="metavar.records-or-blank", help="option.records-or-blank"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.path", help="option.output-sheet"),
    ] = None,
    *,
    each: EachOpt = None,
    form: Annotated[
        str, typer.Option("--format", metavar="html|pdf|xlsx", help="option.each-format")
    ] = "pdf",
    month: MonthOpt = "",
    last: LastOpt = None,
    company: CompanyOpt = "",
    department: DepartmentOpt = "",
    logo: LogoOpt = None,
    notes: NotesOpt = False,
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    earlier: EarlierOpt = None,
    period: PeriodOpt = "",
    key: KeyOpt = "",
    year_from: YearOpt = None,
    common: CommonOpt = None,
    on: OnOpt = None,
    folder: FolderOpt = None,
    prefer: PreferOpt = None,
    force: ForceOpt = False,
    strict: Annotated[bool, typer.Option("--strict", help="option.strict-workbook")] = False,
) -> None:
    """Write the score sheet: blank, or filled for each row of a table."""
    from kpirules.cli.commands.sheet import SHEETS, extras_of, write_sheets  # noqa: PLC0415 - only this command needs it

    choice("--format", form, SHEETS)
    target = each if output is None else output
    if target is None or (output is not None and output.suffix.lower()[1:] not in SHEETS):
        fail("usage.output", choices="-o FILE.html, -o FILE.pdf, -o FILE.xlsx, --each DIR")
    if each is not None and (output is not None or file is None):
        fail("usage.each")
    if last is not None and file is None:
        fail("usage.last")
    if (key or earlier is not None) and file is None:
        fail("usage.gathered-of", options="--key, --history")
    rubric = find_rubric(ruleset, on, folder, prefer)
    gathered = gathered_of(
        rubric, earlier, period=period, key=key, year_from=year_from, common=common
    )
    options = options_of(allow_missing, worksheet, heading, encoding, gathered)
    write_them = partial(write_sheets, rubric, file, target, options, lang=label_language())
    run(
        lambda: write_them(
            period=month or period or on or "",
            extras=extras_of(company, department, logo, notes=notes),
            each=form if each else "",
            last=last,
            force=force,
            strict=strict,
        )
    )


_command(help="command.template")(template)


@_command(help="command.report")
def report(
    ruleset: RulesetArg,
    file: Annotated[Path, typer.Argument(metavar="metavar.records", help="option.records")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.path", help="option.output-report"),
    ] = None,
    *,
    last: LastOpt = None,
    month: MonthOpt = "",
    allow_missing: AllowOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    earlier: EarlierOpt = None,
    period: PeriodOpt = "",
    key: KeyOpt = "",
    year_from: YearOpt = None,
    common: CommonOpt = None,
    on: OnOpt = None,
    folder: FolderOpt = None,
    prefer: PreferOpt = None,
    force: ForceOpt = False,
) -> None:
    """Write the report of a month."""
    from kpirules.cli.commands.sheet import write_report  # noqa: PLC0415 - only this command needs it

    target = output_of(output, ".html", ".pdf", ".xlsx")
    rubric = find_rubric(ruleset, on, folder, prefer)
    gathered = gathered_of(
        rubric, earlier, period=period, key=key, year_from=year_from, common=common
    )
    options = options_of(allow_missing, worksheet, heading, encoding, gathered)
    texts = {"lang": label_language(), "period": month or period or on or ""}
    run(lambda: write_report(rubric, file, target, options, **texts, force=force, last=last))


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
    folder: FolderOpt = None,
    force: Annotated[bool, typer.Option("--force", help="option.force-pages")] = False,
) -> None:
    """Write a page about each version of rulesets."""
    from kpirules.cli.commands.docs import write_pages  # noqa: PLC0415 - only this command needs it

    if output is None:
        fail("usage.output", choices="-o DIR")
    target, lang = output, label_language()
    run(lambda: write_pages(ids or (), target, folders=folder or (), lang=lang, force=force))


_command(help="command.explain")(explain)


@_command(help="command.verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="metavar.file-json", help="option.stored")],
    folder: FolderOpt = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", metavar="metavar.path", help="option.key-file"),
    ] = None,
) -> None:
    """Compute stored results again under the rubric of their fingerprint."""
    from kpirules.cli.commands.verify import verify_file  # noqa: PLC0415 - only this command needs it

    run(lambda: verify_file(file, folder or (), key_file))


@_command(help="command.schema")
def schema(
    ruleset: Annotated[
        str | None, typer.Argument(metavar="metavar.id-or-none", help="option.schema-of")
    ] = None,
    on: OnOpt = None,
    folder: FolderOpt = None,
    prefer: PreferOpt = None,
    *,
    results: Annotated[bool, typer.Option("--results", help="option.results-schema")] = False,
) -> None:
    """Write the JSON Schema of ruleset files, of results, or of the records of one ruleset."""
    import json  # noqa: PLC0415 - only this command needs it here

    if results:
        from kpirules.evaluation import result_schema  # noqa: PLC0415 - only when asked

        if ruleset is not None:
            fail("usage.extra", arguments=ruleset)
        write_data(result_schema.schema_text())
        return
    if ruleset is None:
        from kpirules.toml.json_schema import schema_text  # noqa: PLC0415 - only when asked

        write_data(schema_text())
        return
    from kpirules.record_schema.schema import ratings_schema  # noqa: PLC0415 - only when asked

    made = ratings_schema(find_rubric(ruleset, on, folder, prefer), lang=label_language())
    write_data(json.dumps(made, ensure_ascii=False, indent=2) + "\n")


@_command(help="command.new")
def new(
    name: Annotated[str, typer.Argument(metavar="metavar.id", help="option.new-id")],
    since: Annotated[
        str | None, typer.Option("--from", metavar="metavar.date", help="option.from")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="metavar.dir", help="option.new-folder")
    ] = None,
    *,
    excel: Annotated[bool, typer.Option("--excel", help="option.new-excel")] = False,
) -> None:
    """Write a commented, sound file for a new role; or a workbook to fill in."""
    from kpirules.cli.commands.new import new_file, new_workbook  # noqa: PLC0415 - only this command needs it

    def work() -> int:
        day = None if since is None else days_of(since, "--from")[0]
        if excel:
            return new_workbook(name, day, folder or Path(), label_language())
        return new_file(name, day, folder or _RULESETS, label_language())

    run(work)


@_command("import", help="command.import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="metavar.file-xlsx", help="option.rule-workbook")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="metavar.dir", help="option.rulesets")
    ] = _RULESETS,
    form: FindingsOpt = "text",
    *,
    fill_ids: Annotated[bool, typer.Option("--fill-ids", help="option.fill-ids")] = False,
    force: ForceOpt = False,
) -> None:
    """Make a ruleset of a rule workbook."""
    from kpirules.cli.commands.check import Report  # noqa: PLC0415 - rich, for showing
    from kpirules.cli.commands.rulebook import import_workbook  # noqa: PLC0415 - only this command needs it

    choice("--format", form, Report)
    chosen = Report(form)
    run(lambda: import_workbook(file, output, report=chosen, force=force, fill_ids=fill_ids))


@_command(help="command.export")
def export(
    ruleset: RulesetArg,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.path", help="option.output-workbook"),
    ] = None,
    on: OnOpt = None,
    folder: FolderOpt = None,
    prefer: PreferOpt = None,
    *,
    excel: Annotated[bool, typer.Option("--excel", help="option.export-excel")] = False,
    force: ForceOpt = False,
) -> None:
    """Write the rules of a ruleset as a workbook."""
    from kpirules.cli.commands.rulebook import export_workbook  # noqa: PLC0415 - only this command needs it

    if not excel and (output is None or output.suffix.lower() != ".xlsx"):
        fail("usage.output", choices="--excel, -o FILE.xlsx")
    rubric = find_rubric(ruleset, on, folder, prefer)
    target = output or Path(f"{rubric.id}.xlsx")
    run(lambda: export_workbook(rubric, target, label_language(), force=force))


@_command(help="command.fmt")
def fmt(
    paths: _PathsArg,
    *,
    check_only: Annotated[bool, typer.Option("--check", help="option.fmt-check")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="option.fmt-diff")] = False,
) -> None:
    """Write ruleset files in the one layout."""
    from kpirules.cli.commands.new import format_files  # noqa: PLC0415 - only this command needs it

    run(lambda: format_files(paths, check=check_only, diff=diff))
