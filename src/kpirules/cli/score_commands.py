"""The arguments of ``kpirules evaluate`` and ``kpirules explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpirules.cli.options import (
    AllowOpt,
    CommonOpt,
    EarlierOpt,
    EncodingOpt,
    FileArg,
    FolderOpt,
    ForceOpt,
    Form,
    HeadingOpt,
    KeyOpt,
    OnOpt,
    PeriodOpt,
    PreferOpt,
    RulesetArg,
    SheetOpt,
    YearOpt,
    format_of,
    gathered_of,
    names_of,
    options_of,
)
from kpirules.cli.reader_language import label_language
from kpirules.cli.runner import find_rubric, run
from kpirules.cli.usage import choice, fail, whole


def evaluate(
    ruleset: RulesetArg,
    file: FileArg,
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
    earlier: EarlierOpt = None,
    period: PeriodOpt = "",
    key: KeyOpt = "",
    year_from: YearOpt = None,
    common: CommonOpt = None,
    on: OnOpt = None,
    folder: FolderOpt = None,
    prefer: PreferOpt = None,
    force: ForceOpt = False,
    replace: Annotated[bool, typer.Option("--replace", help="option.replace")] = False,
    columns: Annotated[
        str, typer.Option("--columns", metavar="metavar.names", help="option.columns")
    ] = "",
    headings: Annotated[
        str, typer.Option("--headings", metavar="labels|ids", help="option.headings")
    ] = "",
) -> None:
    """Score each row of a table."""
    wanted = format_of(form, output)
    if file.suffix.lower() == ".json":
        fail("usage.json-records", file=str(file))
    if output is None and wanted in {Form.parquet, Form.xlsx}:
        fail("usage.to-file", format=str(wanted))
    if headings:
        choice("--headings", headings, ("labels", "ids"))
    if (columns or headings) and wanted is Form.json:
        fail("usage.json-columns", option="--columns" if columns else "--headings")
    # a workbook is for people, the other formats are for programs
    is_labelled = (headings or ("labels" if wanted is Form.xlsx else "ids")) == "labels"
    rubric = find_rubric(ruleset, on, folder, prefer)
    gathered = gathered_of(
        rubric, earlier, period=period, key=key, year_from=year_from, common=common
    )
    options = options_of(allow_missing, worksheet, heading, encoding, gathered)
    from kpirules.cli.commands.evaluate import score_table  # noqa: PLC0415 - only this command needs it

    run(
        lambda: score_table(
            rubric,
            file,
            output,
            f".{wanted}",
            options,
            columns=names_of(columns),
            force=force,
            replace=replace,
            labels=label_language() if is_labelled else None,
        )
    )


def explain(
    ruleset: RulesetArg,
    file: FileArg,
    row: Annotated[
        int | None, typer.Option("--row", metavar="metavar.row", help="option.row", parser=whole)
    ] = None,
    who: Annotated[
        str | None, typer.Option("--who", metavar="metavar.name", help="option.who")
    ] = None,
    *,
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
) -> None:
    """Explain the points of one row."""
    chosen = [each for each in (row, who) if each is not None]
    if len(chosen) != 1 or not str(chosen[0]).strip():
        fail("usage.one-of", options="--row, --who")
    from kpirules.cli.commands.explain import explain_row  # noqa: PLC0415 - only this command needs it

    rubric = find_rubric(ruleset, on, folder, prefer)
    gathered = gathered_of(
        rubric, earlier, period=period, key=key, year_from=year_from, common=common
    )
    options = options_of(allow_missing, worksheet, heading, encoding, gathered)
    run(lambda: explain_row(rubric, file, chosen[0], label_language(), options))
