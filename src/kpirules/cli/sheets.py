"""Score sheets and month reports from files of records."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kpirules.cli.io.atomic import check_output, write_whole
from kpirules.cli.scoring import records_of, summary
from kpirules.errors import InputError
from kpirules.sheets.door import report, written
from kpirules.sheets.month import entries


if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from kpirules.model import Rubric
    from kpirules.sheets.month import Entry


#: so many refused rows are named on standard error; their sheets name all
_NAMED = 10


def write_sheets(
    rubric: Rubric, file: Path | None, output: Path, *, lang: str, period: str, force: bool
) -> int:
    """Write the blank form, or a sheet for each record; returns the exit code."""
    check_output(output, file, force=force)
    kind: Any = output.suffix.lower()[1:]
    some = None if file is None else _entries(rubric, file)
    with _progress(1 if some is None else len(some)) as advance:
        made = written(rubric, some, kind, lang=lang, period=period, advance=advance)
    write_whole(output, made, force=force)
    return 0 if some is None else _told(some, output)


def write_report(
    rubric: Rubric, file: Path, output: Path, *, lang: str, period: str, force: bool
) -> int:
    """Write the report of a month; returns the exit code."""
    check_output(output, file, force=force)
    some = _entries(rubric, file)
    write_whole(output, report(rubric, some, lang=lang, period=period), force=force)
    return _told(some, output)


def _entries(rubric: Rubric, file: Path) -> list[Entry]:
    """Read and score the records of a file."""
    return list(entries(rubric, records_of(rubric, file), strict=False))


def _told(some: list[Entry], output: Path) -> int:
    """Say on standard error how it went; returns the exit code."""
    refused = [e for e in some if isinstance(e.outcome, InputError)]
    results = [e.outcome for e in some if not isinstance(e.outcome, InputError)]
    told = [
        (f"row {e.row}", "; ".join(map(str, e.outcome.problems)))
        for e in refused[:_NAMED]
        if isinstance(e.outcome, InputError)
    ]
    tiers = Counter(r.tier.id for r in results if r.tier is not None)
    return summary(len(some), len(refused), tiers, told, output)


@contextmanager
def _progress(total: int) -> Generator[Callable[[], None]]:
    """Show how many sheets are done, on a terminal."""
    if not sys.stderr.isatty() or total == 1:
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import Progress  # noqa: PLC0415 - only on a terminal

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Sheets", total=total)
        yield lambda: bar.advance(task)
