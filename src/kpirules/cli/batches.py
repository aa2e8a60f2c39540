"""Files of any size through the evaluation: a batch of rows at a time, whole or not at all."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from kpirules.cli.io.atomic import check_output, whole
from kpirules.cli.io.tables import Column, TableError
from kpirules.cli.io.writers import writing
from kpirules.cli.scoring import note_source, result_columns, summary
from kpirules.cli.streams import opened
from kpirules.frames.door import added_to, evaluate_frame


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    import polars as pl

    from kpirules.cli.io.writers import Write
    from kpirules.cli.streams import Source
    from kpirules.model import Rubric


#: after so many seconds a progress bar appears
_PATIENCE = 1.0
#: so many refused rows are named on standard error; the output names all
_NAMED = 10


class _Tally:
    """What became of the rows so far."""

    def __init__(self) -> None:
        self.rows = 0
        self.refused = 0
        self.tiers: Counter[str] = Counter()
        #: the first refused rows, by their numbers from 1
        self.first: list[tuple[int, str]] = []

    def add(self, scored: pl.DataFrame) -> None:
        """Count a batch."""
        errors = scored["error"]
        places = errors.is_not_null().arg_true().to_list()
        for place in places[: _NAMED - len(self.first)]:
            self.first.append((self.rows + place + 1, errors[place]))
        self.refused += len(places)
        self.rows += len(scored)
        if "tier" in scored.columns:
            counts = scored["tier"].drop_nulls().value_counts()
            self.tiers.update(dict(counts.iter_rows()))


def score_stream(
    rubric: Rubric,
    file: Path,
    output: Path | None,
    endings: tuple[str, str],
    *,
    force: bool,
    replace: bool,
) -> int:
    """Score a file of one format into another; returns the exit code."""
    check_output(output, file, force=force)
    source = opened(file, endings[0])
    drop = _old_results(rubric, source, str(file), replace=replace)
    note_source(rubric, source, file)
    tally = _Tally()

    def pour(write: Write) -> None:
        with _progress(source) as advance:
            for batch in source.batches():
                scored = evaluate_frame(rubric, batch.drop(drop), on_error="column")
                tally.add(scored)
                write([Column(s.name, cast("Sequence[object]", s)) for s in _shown(rubric, scored)])
                advance()
                if asked:
                    raise SystemExit(128 + asked[0])

    with _asked_to_end() as asked:
        if output is None:
            with writing(sys.stdout.buffer, endings[1]) as write:
                pour(write)
            sys.stdout.flush()
        else:
            with whole(output, force=force) as temporary, writing(temporary, endings[1]) as write:
                pour(write)
    told = [(f"row {number}", text) for number, text in tally.first]
    return summary(tally.rows, tally.refused, tally.tiers, told, output)


def _shown(rubric: Rubric, scored: pl.DataFrame) -> pl.DataFrame:
    """Give what the command line writes of a batch: no places of bands, one column of problems."""
    import polars as pl  # noqa: PLC0415 - the batch is one of polars

    bands = [f"band.{c.id}" for c in rubric.all_criteria if f"band.{c.id}" in scored.columns]
    if "unratable" in added_to(rubric):
        said = pl.when(pl.col("unratable")).then(pl.lit("cannot be rated"))
        scored = scored.with_columns(error=pl.coalesce("error", said)).drop("unratable")
    return scored.drop(bands)


def _old_results(rubric: Rubric, source: Source, file: str, *, replace: bool) -> list[str]:
    """Give the columns of an earlier result, where they are to be replaced; else refuse them."""
    added = {*result_columns(rubric), *added_to(rubric)}
    old = [name for name in source.names if name in added]
    if old and not replace:
        raise TableError(
            file=file,
            line=1,
            message=f"there are columns of a result already: {', '.join(old)}",
            help="rename them, or use --replace to score again and replace them",
        )
    return old


@contextmanager
def _asked_to_end() -> Generator[list[int]]:
    """Note requests to end, for the work to break off between two batches with nothing half left.

    An exception from the handler itself could come up where nobody lets it through.
    """
    asked: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress(source: Source) -> Generator[Callable[[], None]]:
    """Show how far it is, and how long it will take, once it has taken a while on a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import (  # noqa: PLC0415 - only on a terminal
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("Scoring"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("Scoring", total=max(source.total, 1))
    begun = time.monotonic()

    def advance() -> None:
        if time.monotonic() - begun > _PATIENCE:
            bar.start()
        bar.update(task, completed=source.done())

    try:
        yield advance
    finally:
        bar.stop()
