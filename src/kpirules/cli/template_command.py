"""The arguments of ``kpirules template``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpirules.cli.options import (
    EncodingOpt,
    FolderOpt,
    ForceOpt,
    HeadingOpt,
    MonthOpt,
    OnOpt,
    PreferOpt,
    RulesetArg,
    SheetOpt,
    options_of,
    output_of,
)
from kpirules.cli.runner import find_rubric, run


def template(
    ruleset: RulesetArg,
    roster: Annotated[
        Path | None,
        typer.Argument(metavar="metavar.roster", help="option.roster"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="metavar.path", help="option.output-template"),
    ] = None,
    *,
    month: MonthOpt = "",
    worksheet: SheetOpt = None,
    heading: HeadingOpt = None,
    encoding: EncodingOpt = None,
    on: OnOpt = None,
    folder: FolderOpt = None,
    prefer: PreferOpt = None,
    force: ForceOpt = False,
    strict: Annotated[bool, typer.Option("--strict", help="option.strict-workbook")] = False,
) -> None:
    """Write the table of a month to fill in, with a row for each person."""
    from kpirules.cli.commands.template import write_template  # noqa: PLC0415 - only this command needs it

    target = output_of(output, ".xlsx", ".csv")
    rubric = find_rubric(ruleset, on, folder, prefer)
    options = options_of("", worksheet, heading, encoding)
    period = month or on or ""
    run(
        lambda: write_template(
            rubric, roster, target, options, period=period, force=force, strict=strict
        )
    )
