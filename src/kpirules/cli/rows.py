"""Evaluate the rows of a table, one by one or as a dataframe, with equal results."""

from __future__ import annotations

import sys
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, cast

import attrs

from kpirules.api.programs import program_of
from kpirules.cli.earlier_results import EarlierResults
from kpirules.cli.gathered_columns import gathered_columns
from kpirules.cli.io.tables import Column, is_blank
from kpirules.cli.reader_language import text
from kpirules.cli.row import Row
from kpirules.cli.together import TogetherRows, blocked
from kpirules.diagnostics.problem import json_of, text_of
from kpirules.errors import InputError, Problem
from kpirules.evaluation.headings import EMPTY_ROW, PERSONAL_FORMS, normal
from kpirules.evaluation.quotas import one_by_one
from kpirules.evaluation.record import is_missing
from kpirules.model.demotions import record_inputs
from kpirules.sheets.batch import person_of
from kpirules.sheets.entry import Entry


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpirules.cli.io.readers import Table
    from kpirules.cli.io.tables import Batch
    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric


#: the columns of problems: as a text, and as a JSON list
ERROR, PROBLEMS = "error", "problems"
#: maximum of rows that are scored one by one, which starts sooner
FEW = 2_000


@attrs.frozen(kw_only=True)
class Scored:
    """A batch of rows with their results."""

    #: the columns of results; the last two have the problems
    columns: tuple[Column, ...]
    #: the problems of each row; None if it is not rejected
    errors: Sequence[str | None]
    unratable: int
    tiers: Counter[str]
    #: the places of the rows that are rejected for their group alone
    blocked: frozenset[int] = frozenset()
    #: each row with its result, if the rows were scored one by one
    outcomes: Sequence[tuple[Row, Result | InputError]] = ()


class Engine(Protocol):
    """An engine that scores the rows of one table."""

    @property
    def most(self) -> int:
        """The number of rows above which batches are to be divided."""
        ...

    def score(self, batch: Batch) -> Scored:
        """Score a batch."""
        ...


def rows_in(table: Table, batch: Batch) -> Iterator[Row]:
    """Yield the rows of a batch."""
    headings = [column.name for column in batch.columns]
    cells = zip(*(column.cells for column in batch.columns), strict=True)
    read = {n: Column(n, values).cells for n, values in table.record_columns(batch).items()}
    records = zip(*read.values(), strict=True) if read else iter([()] * len(batch.numbers))
    places = zip(batch.numbers, batch.lines, cells, records, strict=True)
    for place, (number, line, row, values) in enumerate(places):
        record = zip(read, values, strict=True)
        yield Row(
            number=number,
            line=line,
            cells=dict(zip(headings, row, strict=True)),
            record={name: value for name, value in record if not is_blank(value)},
            problems=batch.problems.get(place, ()),
        )


def result_columns(rubric: Rubric) -> tuple[str, ...]:
    """Return the names of the columns of results, without that of problems."""
    from kpirules.dataframe.api import added_columns  # noqa: PLC0415 - it needs Narwhals

    return added_columns(rubric)


class ByRecord:
    """Score rows one by one, by ``evaluate``."""

    #: a result takes a thousand times the space of a cell
    most: int = 1_000

    def __init__(self, rubric: Rubric, table: Table) -> None:
        self._rubric = rubric
        self._table = table
        if table.together is None:
            one_by_one(rubric)
        self._score = program_of(rubric).score
        self._earlier: EarlierResults | None = None
        if table.earlier is not None:
            self._earlier = EarlierResults(rubric, table, table.earlier)
        #: all rows, if they are evaluated together
        self.together: TogetherRows | None = None
        if table.together is not None:
            every = (row for batch in table.batches() for row in self._rows(batch))
            self.together = TogetherRows(rubric, table, table.together, every)

    def outcome(self, row: Row) -> Result | InputError:
        """Return the result of a row, or the error with all its problems."""
        known = {name for p in row.problems for name in (p.input, *p.inputs)}
        found: tuple[Problem, ...] = ()
        try:
            if row.record or not self._table.read:
                result = self._score(row.record)
                if not known:
                    return result
            elif not known:
                found = (EMPTY_ROW,)
        except InputError as error:
            if not known:
                return error
            found = tuple(p for p in error.problems if p.input not in known)
        return InputError(rubric=self._rubric.id, problems=(*row.problems, *found))

    def outcomes(self, batch: Batch) -> Iterator[tuple[Row, Result | InputError]]:
        """Yield each row of a batch with its result or error."""
        for row in self._rows(batch):
            if self.together is None:
                yield row, self.outcome(row)
            else:
                made = self.together.completed(row)
                yield made, self.together.outcome(made)

    def _rows(self, batch: Batch) -> Iterator[Row]:
        """Yield the rows of a batch with what is gathered from earlier results."""
        for row in rows_in(self._table, batch):
            made = row
            if self._earlier is not None:
                found, problems = self._earlier.gathered(row.cells, row.record)
                made = attrs.evolve(
                    row, record={**row.record, **found}, problems=(*row.problems, *problems)
                )
            yield made

    def score(self, batch: Batch) -> Scored:
        """Score a batch."""
        from kpirules.dataframe.api import values_by  # noqa: PLC0415 - it needs Narwhals

        outcomes = list(self.outcomes(batch))
        results = [None if isinstance(o, InputError) else o for _, o in outcomes]
        is_together = self.together is not None
        read = None if is_together else tuple(self._table.read)
        names, values, beyond = values_by(self._rubric, read, results)
        facts = record_inputs(self._rubric) if is_together else ()
        problems = [
            o.problems if isinstance(o, InputError) else beyond.get(i)
            for i, (_, o) in enumerate(outcomes)
        ]
        lang = self._table.lang
        errors = [None if found is None else text_of(found, lang) for found in problems]
        listed = [None if found is None else json_of(found, lang) for found in problems]
        rated = [r for r in results if r is not None]
        shown = [
            text("cli.cannot-be-rated")
            if error is None and result is not None and result.unratable
            else error
            for error, result in zip(errors, results, strict=True)
        ]
        return Scored(
            columns=(
                *gathered_columns(facts, results),
                *map(Column, names, values),
                Column(ERROR, shown),
                Column(PROBLEMS, listed),
            ),
            errors=errors,
            unratable=sum(result.unratable for result in rated),
            tiers=Counter(result.tier.id for result in rated if result.tier is not None),
            blocked=blocked(outcome for _, outcome in outcomes),
            outcomes=outcomes,
        )


def entries_of(rubric: Rubric, table: Table) -> Iterator[tuple[Batch, list[Entry]]]:
    """Yield the batches of a table, with the person and the result of each row."""
    engine = ByRecord(rubric, table)
    headings = set(table.read_headings)
    used = set(table.read.values()) | {
        i for i, name in enumerate(table.names) if normal(name) in PERSONAL_FORMS
    }
    for batch in table.batches():
        made: list[Entry] = []
        columns = tuple(
            Column(column.name, column.plain if i in used else [None] * len(batch.numbers))
            for i, column in enumerate(batch.columns)
        )
        for row, outcome in engine.outcomes(attrs.evolve(batch, columns=columns)):
            about = {name: value for name, value in row.cells.items() if name not in headings}
            given = {name: value for name, value in row.record.items() if not is_missing(value)}
            person = person_of(about)
            made.append(Entry(row=row.number, person=person, given=given, outcome=outcome))
        yield batch, made


class AsFrame:
    """Score all rows of a batch together, as a dataframe."""

    most: int = sys.maxsize

    def __init__(self, rubric: Rubric, table: Table, wanted: tuple[str, ...]) -> None:
        self._rubric = rubric
        self._table = table
        # the tier is counted, and what cannot be rated is a problem
        self._wanted = {*wanted, "tier", "unratable"}.intersection(result_columns(rubric))
        self._records = ByRecord(rubric, table)

    def score(self, batch: Batch) -> Scored:
        """Score a batch."""
        import polars as pl  # noqa: PLC0415 - the extra is installed

        from kpirules.dataframe.execute import score_frame  # noqa: PLC0415 - as above

        read = self._table.record_columns(batch)
        frame = pl.DataFrame(
            [
                cast("pl.Series", values).alias(name)
                if isinstance(values, pl.Series)
                else pl.Series(name, values, dtype=pl.String)
                for name, values in read.items()
            ]
        )
        made = score_frame(
            self._rubric,
            frame,
            on_error="column",
            on=None,
            allow_missing=self._table.headings.assumed,
            rejects_empty=True,
            lang=self._table.lang,
            columns=self._wanted,
        )
        added = made.columns[len(read) :]
        made = made.select([name for name in added if not name.startswith("band.")])
        if batch.problems:
            made = self._rejected(batch, made)
        errors = made[ERROR].to_list()
        unratable = 0
        if "unratable" in made.columns:
            unratable = int(made["unratable"].sum() or 0)
            shown = pl.when(pl.col("unratable")).then(pl.lit(text("cli.cannot-be-rated")))
            made = made.with_columns(pl.coalesce(ERROR, shown).alias(ERROR)).drop("unratable")
        tiers: dict[str, int] = {}
        if "tier" in made.columns:
            tiers = dict(made["tier"].drop_nulls().value_counts().iter_rows())
        return Scored(
            columns=tuple(Column(s.name, cast("Sequence[object]", s)) for s in made),
            errors=errors,
            unratable=unratable,
            tiers=Counter(tiers),
        )

    def _rejected(self, batch: Batch, made: Any) -> Any:  # noqa: ANN401 - polars frames
        """Return the results, with problems in place of those of rows with rejected cells."""
        import polars as pl  # noqa: PLC0415 - the extra is installed

        places = list(batch.problems)
        some = attrs.evolve(
            batch,
            columns=tuple(column.at(places) for column in batch.columns),
            numbers=[batch.numbers[p] for p in places],
            lines=[batch.lines[p] for p in places],
            problems={i: batch.problems[p] for i, p in enumerate(places)},
        )
        outcomes = zip(places, self._records.outcomes(some), strict=True)
        found = {place: cast("InputError", error).problems for place, (_, error) in outcomes}
        is_left = pl.Series([place not in found for place in range(len(made))], dtype=pl.Boolean)
        made = made.with_columns(pl.when(is_left).then(pl.col(n)).alias(n) for n in made.columns)
        for name, form in ((ERROR, text_of), (PROBLEMS, json_of)):
            texts = [form(problems, self._table.lang) for problems in found.values()]
            column = made[name].scatter(list(found), pl.Series(texts, dtype=pl.String))
            made = made.with_columns(column.alias(name))
        return made


def engine_for(rubric: Rubric, table: Table, ending: str, wanted: tuple[str, ...]) -> Engine:
    """Return the faster engine for a table and an output format; all give equal results.

    ``wanted``: the columns of the result that are written.
    """
    source = table.source
    is_small = source.frames is None and source.total <= FEW and ending != ".parquet"
    is_gathered = table.earlier is not None or table.together is not None
    by_record = is_gathered or ending == ".json" or is_small or not table.read
    if by_record or find_spec("polars") is None:
        return ByRecord(rubric, table)
    return AsFrame(rubric, table, wanted)
