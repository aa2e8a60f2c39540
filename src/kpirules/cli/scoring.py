"""A table of records through the evaluation: every row in comes out again."""

from __future__ import annotations

import io
import json
import sys
import time
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs

from kpirules.cli.csvfiles import read_table
from kpirules.cli.io.atomic import check_output, write_whole
from kpirules.cli.io.tables import Column, TableError
from kpirules.cli.io.writers import writing
from kpirules.document.writing import fingerprint
from kpirules.errors import InputError
from kpirules.evaluation import evaluate
from kpirules.frames.grids import Grids
from kpirules.numbers import round_to, show
from kpirules.order import tier_outcomes
from kpirules.plan import Plan
from kpirules.records import readers_of
from kpirules.sheets.month import entries
from kpirules.texts import printable, similar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from kpirules.cli.csvfiles import Table
    from kpirules.cli.streams import Source
    from kpirules.model import Rubric
    from kpirules.result import Result


#: a file of more bytes is scored a batch at a time
LARGE = 64 << 20
#: so many refused rows are named on standard error; the output names all
_NAMED = 10
#: after so many seconds a progress bar appears
_PATIENCE = 1.0


@attrs.frozen
class Scored:
    """One row with what became of it."""

    #: the row's number, from 1, and the file's line on which it starts
    number: int
    line: int
    cells: tuple[str, ...]
    result: Result | None
    error: InputError | None


def is_large(file: Path) -> bool:
    """Say whether a file is too large to be held in memory with all that results say."""
    try:
        return file.stat().st_size > LARGE
    except OSError:
        # that it is not there is said where it is read
        return False


def names_of(rubric: Rubric) -> tuple[str, ...]:
    """Give the names that a record may have, in the form's order."""
    return tuple(readers_of(Plan(rubric)))


def _score(rubric: Rubric, table: Table) -> Iterator[Scored]:
    """Score each row."""
    known = set(names_of(rubric))
    places = [(i, name) for i, name in enumerate(table.header) if name in known]
    for number, (line, cells) in enumerate(zip(table.lines, table.rows, strict=True), 1):
        record = {name: cells[i] for i, name in places if cells[i]}
        try:
            yield Scored(number, line, cells, evaluate(rubric, record), None)
        except InputError as error:
            yield Scored(number, line, cells, None, error)


def result_columns(rubric: Rubric) -> tuple[str, ...]:
    """Name the columns that a result adds."""
    grids = Grids(Plan(rubric))
    names: list[str] = []
    for name in _names_of(rubric):
        names.append(name)
        source = name if "." in name or name == "total" else f"outcome.{name}"
        if name not in ("tier", "error") and grids.is_fractional(source):
            names.append(f"{name}.exact")
    return tuple(names)


def _names_of(rubric: Rubric) -> tuple[str, ...]:
    """Name the columns without those of exact numbers."""
    return (
        *(f"points.{c.id}" for c in rubric.all_criteria if c.scored or c.is_given),
        *(f"subtotal.{s.id}" for s in rubric.sections),
        *(f"adjust.{a.id}" for a in rubric.adjustments),
        "total",
        *(["tier"] if rubric.tiers else []),
        *tier_outcomes(rubric),
        *(_outcome_column(o.name) for o in rubric.outcomes),
        "error",
    )


def _outcome_column(name: str) -> str:
    """Name the column of an outcome; pay is known by its name alone."""
    return name if name in ("pay", "coefficient") else f"outcome.{name}"


def _result_cells(scored: Scored, columns: tuple[str, ...]) -> list[str]:
    """Give the cells that a result adds."""
    result = scored.result
    if result is None:
        problems = () if scored.error is None else scored.error.problems
        return [*[""] * (len(columns) - 1), "; ".join(map(str, problems))]
    values: dict[str, Any] = {f"points.{line.criterion}": line.points for line in result.lines}
    values |= {f"subtotal.{name}": value for name, value in result.subtotals.items()}
    values |= {f"adjust.{step.name}": step.value for step in result.adjustments}
    values |= {_outcome_column(name): value for name, value in result.outcomes.items()}
    values |= {"total": result.total, "error": "cannot be rated" if result.unratable else None}
    if result.tier is not None:
        values["tier"] = result.tier.id
    cells: list[str] = []
    for name in columns:
        value = values.get(name.removesuffix(".exact"))
        if f"{name}.exact" in columns and value is not None and not isinstance(value, str):
            value = round_to(Fraction(value), Fraction(1, 10**6), "half_up")
        cells.append(value if isinstance(value, str) else "" if value is None else show(value))
    return cells


def score_file(
    rubric: Rubric,
    file: Path,
    output: Path | None,
    *,
    as_json: bool,
    force: bool,
    replace: bool,
) -> int:
    """Score a file; returns the exit code."""
    check_output(output, file, force=force)
    columns = result_columns(rubric)
    table = _without_results(read_table(file), columns, str(file), replace=replace)
    note_columns(rubric, table.header)
    scored = list(_watched(_score(rubric, table), len(table.rows), _progress))
    if as_json:
        data = _as_json(scored, table).encode()
    else:
        rows = [[*s.cells, *_result_cells(s, columns)] for s in scored]
        names = (*table.header, *columns)
        buffer = io.BytesIO()
        with writing(buffer, ".csv") as write:
            write([Column(name, [row[i] for row in rows]) for i, name in enumerate(names)])
        data = buffer.getvalue()
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        write_whole(output, data, force=force)
    return _summary(scored, output)


def _without_results(table: Table, columns: tuple[str, ...], file: str, *, replace: bool) -> Table:
    """Take the columns of an earlier result out, where that is wanted; else refuse them."""
    old = [name for name in table.header if name in columns]
    if not old:
        return table
    if not replace:
        raise TableError(
            file=file,
            line=1,
            message=f"there are columns of a result already: {', '.join(old)}",
            help="rename them, or use --replace to score again and replace them",
        )
    kept = [i for i, name in enumerate(table.header) if name not in columns]
    return attrs.evolve(
        table,
        header=tuple(table.header[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def note_columns(rubric: Rubric, header: Sequence[str]) -> None:
    """Say which columns are carried through although they resemble a name of the ruleset."""
    known = names_of(rubric)
    for name in header:
        near = None if name in known else similar(name, known)
        if near is not None and near not in header:
            sys.stderr.write(
                f'note: the column "{printable(name)}" is carried through and not read; '
                f'did you mean "{near}"?\n'
            )


def note_source(rubric: Rubric, source: Source, file: Path) -> None:
    """Say what is odd about a file: columns, forms, other rules than those it was made for."""
    note_columns(rubric, source.names)
    name = printable(str(file))
    for note in source.notes:
        sys.stderr.write(f"note: {name}: {note}\n")
    if source.made_for and source.made_for != fingerprint(rubric):
        sys.stderr.write(
            f"note: {name} was made for another version of the rules "
            f"({printable(source.made_for[:12])}); it is scored by {rubric.id} from "
            f"{rubric.effective_from} ({fingerprint(rubric)[:12]}); --on DATE picks another\n"
        )


def _as_json(scored: list[Scored], table: Table) -> str:
    """Give all rows as a JSON list."""
    objects = [
        {
            "row": s.number,
            "line": s.line,
            "record": dict(zip(table.header, s.cells, strict=True)),
            "result": None if s.result is None else json.loads(s.result.to_json()),
            "problems": [str(p) for p in s.error.problems] if s.error is not None else [],
        }
        for s in scored
    ]
    return json.dumps(objects, ensure_ascii=False, indent=1) + "\n"


def _summary(scored: list[Scored], output: Path | None) -> int:
    """Say on standard error how it went; returns the exit code."""
    refused = [s for s in scored if s.error is not None]
    tiers = Counter(s.result.tier.id for s in scored if s.result and s.result.tier)
    told = [
        (f"row {s.number} (line {s.line})", "; ".join(map(str, s.error.problems)))
        for s in refused[:_NAMED]
        if s.error is not None
    ]
    return summary(len(scored), len(refused), tiers, told, output)


def summary(
    rows: int,
    refused: int,
    tiers: Counter[str],
    told: Sequence[tuple[str, str]],
    output: Path | None,
) -> int:
    """Say on standard error how it went; ``told``: the first refused rows, and what is wrong."""
    for row, problems in told:
        sys.stderr.write(f"{row}: {problems}\n")
    if refused > len(told):
        sys.stderr.write(f"... and {refused - len(told)} more refused rows\n")
    # as many of one as of another: by name, since rows may be counted in any order
    ranked = sorted(tiers.items(), key=lambda each: (-each[1], each[0]))
    parts = ", ".join(f"{count} {tier}" for tier, count in ranked)
    where = "" if output is None else f" -> {output}"
    said = f" ({parts})" if parts else ""
    word = "row" if rows == 1 else "rows"
    sys.stderr.write(f"{rows} {word}: {rows - refused} scored{said}, {refused} refused{where}\n")
    return 1 if refused else 0


def _watched(
    rows: Iterable[Scored], total: int, start: Callable[[int], Callable[[int], None] | None]
) -> Iterator[Scored]:
    """Pass rows on, with a progress bar once it has taken a while."""
    begun = time.monotonic()
    advance: Callable[[int], None] | None = None
    asked = False
    for number, row in enumerate(rows, 1):
        yield row
        if not asked and number % 64 == 0 and time.monotonic() - begun > _PATIENCE:
            asked, advance = True, start(total)
        if advance is not None and (number % 64 == 0 or number == total):
            advance(number)


def _progress(total: int) -> Callable[[int], None] | None:
    """Start a progress bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        return None
    from rich.console import Console  # noqa: PLC0415 - only for long files on a terminal
    from rich.progress import Progress  # noqa: PLC0415 - only for long files on a terminal

    bar = Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task("Scoring", total=total)
    bar.start()

    def advance(done: int) -> None:
        bar.update(task, completed=done)
        if done == total:
            bar.stop()

    return advance


def records_of(rubric: Rubric, file: Path) -> list[dict[str, object]]:
    """Read the records of a file of any kind, with its other columns."""
    ending = file.suffix.lower().replace(".ndjson", ".jsonl")
    if ending not in (".xlsx", ".parquet", ".jsonl"):
        table = read_table(file)
        note_columns(rubric, table.header)
        return [dict(zip(table.header, row, strict=True)) for row in table.rows]
    from kpirules.cli.streams import opened  # noqa: PLC0415 - needs the extra frames

    source = opened(file, ending)
    note_source(rubric, source, file)
    return [row for batch in source.batches() for row in batch.to_dicts()]


def explain_row(rubric: Rubric, file: Path, row: int, lang: str) -> int:
    """Say how the points of one row come about; returns the exit code."""
    found = records_of(rubric, file)
    if not 1 <= row <= len(found):
        raise TableError(
            file=str(file),
            line=None,
            message=f"there is no row {row}: the file has {len(found)} below its heading",
            help="",
        )
    (entry,) = entries(rubric, [found[row - 1]], strict=False)
    if isinstance(entry.outcome, InputError):
        raise entry.outcome
    if sys.stdout.isatty():
        from kpirules.cli.showing import show_result  # noqa: PLC0415 - tables are for terminals

        show_result(rubric, entry.outcome, entry.person, lang)
    else:
        sys.stdout.write(entry.outcome.explain(lang) + "\n")
    return 0
