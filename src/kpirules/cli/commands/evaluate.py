"""``kpirules evaluate``: score a table into a file, in batches; no partial output is left."""

from __future__ import annotations

import io
import json
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kpirules.cli.gathered_columns import gathered_names
from kpirules.cli.io.atomic import atomic_write, check_output
from kpirules.cli.io.readers import open_table
from kpirules.cli.io.tables import Column, TableError
from kpirules.cli.io.writers import JSON_ERRORS, json_text, writing
from kpirules.cli.notes import Tally, note_table
from kpirules.cli.reader_language import text
from kpirules.cli.result_headings import ERRORS, ids_view, labels_view, result_headings
from kpirules.cli.rows import ERROR, PROBLEMS, engine_for, result_columns
from kpirules.cli.usage import fail
from kpirules.compiler.plan import Plan
from kpirules.errors import InputError
from kpirules.model.demotions import record_inputs
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from kpirules.cli.io.readers import Table
    from kpirules.cli.io.sources import Options
    from kpirules.cli.io.tables import Batch
    from kpirules.cli.result_headings import View
    from kpirules.cli.rows import Scored
    from kpirules.model.rubric import Rubric

    Put = Callable[[Batch, Scored], None]


#: seconds after which a progress bar appears
_PATIENCE = 1.0


def score_table(
    rubric: Rubric,
    file: Path,
    output: Path | None,
    ending: str,
    options: Options,
    *,
    columns: tuple[str, ...] = (),
    force: bool,
    replace: bool,
    labels: str | None = None,
) -> int:
    """Score a file and write the results in a format; return the exit code.

    ``columns``: the columns of the result that are written, beside those of problems; none: all.
    ``labels``: the language of headings, options and tiers; None: ids.
    """
    check_output(output, file, force=force)
    known = result_columns(rubric)
    if options.together is not None:
        known = (*gathered_names(record_inputs(rubric)), *known)
    wanted = _wanted(columns, tuple(n for n in known if not n.startswith("band.")))
    table = open_table(file, Plan(rubric), options, result_headings(rubric), keep=not replace)
    view = ids_view(rubric, table) if labels is None else labels_view(rubric, table, labels)
    _reject_results(rubric, table, {*known, ERROR, PROBLEMS, *view.results.values()})
    note_table(rubric, table)
    engine, tally = engine_for(rubric, table, ending, wanted), Tally(rubric, table)

    def write_results(target: Path | BinaryIO) -> None:
        with _writer(target, ending, table, view, wanted) as put, _progress(table) as advance:
            for batch in table.batches():
                for part in batch.parts(engine.most):
                    scored = engine.score(part)
                    tally.add(
                        part,
                        scored.errors,
                        scored.unratable,
                        scored.tiers,
                        blocked=scored.blocked,
                    )
                    put(part, scored)
                    if signals:
                        raise SystemExit(128 + signals[0])
                advance()

    with _termination_signals() as signals:
        if output is None:
            write_results(sys.stdout.buffer)
            sys.stdout.flush()
        else:
            with atomic_write(output, force=force) as temporary:
                write_results(temporary)
    return tally.finish(output)


def _wanted(columns: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of the result that are written, by default all; fail for unknown ones."""
    unknown = tuple(sorted(set(columns).difference(known)))
    if unknown:
        fail("usage.columns", unknown=unknown, known=known)
    return columns or known


def _reject_results(rubric: Rubric, table: Table, added: set[str]) -> None:
    """Raise an error if the table has columns of an earlier result.

    ``added``: the headings that are written, and the ids. Other labels of results are those of a
    result if the table has the column of problems, which every result has.
    """
    if ERRORS.intersection(table.names):
        added = {*added, *result_headings(rubric)}
    old = [name for name in table.names if name in added]
    if old:
        raise TableError(
            file=table.file,
            line=table.line,
            message=Message.of("file.result-columns", columns=tuple(old)),
            help=Message.of("file-help.result-columns"),
        )


@contextmanager
def _writer(
    target: Path | BinaryIO, ending: str, table: Table, view: View, wanted: tuple[str, ...]
) -> Generator[Put]:
    """Yield the function that writes batches with their results in a format."""
    if ending == ".json":
        with _json_writer(target, table.lang) as put:
            yield put
        return
    is_sheet = ending == ".xlsx"
    given = table.typed if is_sheet else list[Column]
    with writing(target, ending, view.look) as write:
        # a cell of a worksheet may not hold the list, and the text is for its readers
        names = {*wanted, ERROR, *([] if is_sheet else [PROBLEMS])}
        yield lambda batch, scored: write(
            [
                *view.given_columns(given(batch.columns)),
                *view.result_columns(
                    (c for c in scored.columns if c.name in names), formatted=is_sheet
                ),
            ]
        )


@contextmanager
def _json_writer(target: Path | BinaryIO, lang: str | None) -> Generator[Put]:
    """Yield the function that writes complete results as a JSON list, an object per row."""
    raw = target.open("wb") if isinstance(target, Path) else target
    stream = io.TextIOWrapper(
        raw, encoding="utf-8", errors=JSON_ERRORS, newline="\n", write_through=True
    )
    begun: list[bool] = []

    def put(batch: Batch, scored: Scored) -> None:
        del batch
        for row, outcome in scored.outcomes:
            rejected = outcome if isinstance(outcome, InputError) else None
            result = None if isinstance(outcome, InputError) else json.loads(outcome.to_json())
            made: dict[str, Any] = {
                "row": row.number,
                "line": row.line,
                "record": row.cells,
                "result": result,
                "problems": []
                if rejected is None
                else [problem.to_dict(lang) for problem in rejected.problems],
            }
            shown = json_text(made, row.cells, indent=1)
            stream.write(",\n " if begun else "[\n ")
            stream.write(shown.replace("\n", "\n "))
            begun.append(True)

    try:
        yield put
        stream.write("\n]\n" if begun else "[]\n")
        stream.flush()
    finally:
        if raw is target:
            stream.detach()
        else:
            stream.close()


@contextmanager
def _termination_signals() -> Generator[list[int]]:
    """Yield the list of received SIGTERM signals, so that the work can stop between two batches.

    An exception in the handler itself could be raised at a point where nothing handles it.
    """
    signals: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: signals.append(number))
    try:
        yield signals
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress(table: Table) -> Generator[Callable[[], None]]:
    """Yield the function that updates a progress bar, which appears on a terminal after a while."""
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

    title = text("cli.scoring")
    columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=max(table.source.total, 1))
    begun = time.monotonic()

    def advance() -> None:
        if time.monotonic() - begun > _PATIENCE:
            bar.start()
        bar.update(task, completed=table.source.done())

    try:
        yield advance
    finally:
        bar.stop()
