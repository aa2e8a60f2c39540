"""Frames that are computed later, elsewhere: expressions alone, which a database can run.

A row that the expressions do not take is refused, with what is wrong said by the expressions too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import narwhals as nw

from kpirules.errors import FrameError
from kpirules.frames import eager
from kpirules.frames.job import ERROR
from kpirules.frames.work import PREFIX


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.frames.compiling import Compiled
    from kpirules.frames.job import Job

    Frame = nw.LazyFrame[Any]

_VALID = f"{PREFIX}valid"
_PROBLEMS = f"{PREFIX}problems"
#: what is said of a row that is not taken and shows no other problem
_UNKNOWN = "; record: cannot be scored here"


def spelled(name: str) -> str:
    """Give the name that a column has on Spark, to which a point is a step into a structure."""
    return name.replace(".", f"{PREFIX}point_")


def scored(job: Job, compiled: Compiled, frame: Frame) -> Frame:
    """Add the columns of the result."""
    names = frame.collect_schema().names()
    spell: Callable[[str], str] = str
    if frame.implementation.is_spark_like():
        spell = spelled
        frame = nw.from_native(frame.to_native().toDF(*map(spell, names)))
    for level in compiled.levels:
        frame = frame.with_columns(**level) if level else frame
    frame = frame.with_columns(compiled.valid.alias(_VALID))
    said = nw.when(compiled.problems != nw.lit("")).then(compiled.problems)
    problems = said.otherwise(nw.lit(_UNKNOWN)).str.slice(2)
    named = {spell(column.name): expr for column, expr in compiled.columns}
    if job.in_column:
        frame = frame.with_columns(**named, error=nw.when(~nw.col(_VALID)).then(problems))
    else:
        # a text that is no number cannot become one: so every backend tells what is wrong, where
        # it comes upon a row that cannot be scored
        told = nw.when(nw.col(_VALID)).then(nw.lit("0")).otherwise(problems)
        frame = frame.with_columns(told.cast(nw.Int64).alias(_PROBLEMS))
        fine = nw.col(_PROBLEMS) == 0
        frame = frame.with_columns(**{n: nw.when(fine).then(e) for n, e in named.items()})
    edges = [column.edge(spell(column.name)) for column in job.columns]
    errors = [ERROR] if job.in_column else []
    made = frame.select(*map(spell, names), *edges, *errors)
    if spell is str:
        return made
    added = [column.name for column in job.columns]
    return cast("Frame", nw.from_native(made.to_native().toDF(*names, *added, *errors)))


def by_batches(job: Job, frame: Frame) -> Frame:
    """Score a lazy frame of polars record by record, a batch at a time."""
    import polars as pl  # noqa: PLC0415 - the frame is one of polars

    def score(batch: pl.DataFrame) -> pl.DataFrame:
        wide = nw.from_native(batch, eager_only=True)
        both = nw.concat([wide, eager.scored(job, wide)], how="horizontal")
        return cast("pl.DataFrame", both.to_native())

    native: pl.LazyFrame = frame.to_native()
    schema = native.collect_schema()
    empty = score(pl.DataFrame(schema=schema))
    # what stands behind it in a query must not change what a batch holds
    made = native.map_batches(
        score,
        schema=empty.schema,
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        streamable=True,
    )
    return nw.from_native(made)


def spark_settings(job: Job, native: Any) -> None:  # noqa: ANN401 - a frame of PySpark
    """Refuse to raise where Spark would make null of what cannot be converted."""
    strict = native.sparkSession.conf.get("spark.sql.ansi.enabled")
    if not job.in_column and strict != "true":
        problem = 'on_error="raise" needs spark.sql.ansi.enabled; on_error="column" does not'
        raise FrameError(rubric=job.rubric, problems=(("", problem),))
