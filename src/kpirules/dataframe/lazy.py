"""Lazy frames: expressions alone, which a database can run.

A row that the expressions do not cover is rejected, and expressions also write its problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import narwhals as nw

from kpirules.codegen import backend
from kpirules.codegen.builder import PREFIX
from kpirules.codegen.generator import UNKNOWN
from kpirules.dataframe import eager
from kpirules.dataframe.job import ERROR, PROBLEMS
from kpirules.errors import FrameError, Problem
from kpirules.translations.catalog import template
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from kpirules.codegen.compiled_plan import Compiled
    from kpirules.dataframe.job import Job

    Frame = nw.LazyFrame[Any]

_VALID = f"{PREFIX}valid"
_TEXT = f"{PREFIX}problems"
_MARKS = f"{PREFIX}marks"
#: the number of problems replaced in one expression: libraries limit how deep one is nested
_MAX_NESTED = 50


def spelled(name: str) -> str:
    """Return the name that a column has on Spark, where "." and "`" have a meaning of their own."""
    return name.replace(".", f"{PREFIX}point_").replace("`", f"{PREFIX}tick_")


def scored(job: Job, compiled: Compiled, frame: Frame) -> Frame:
    """Add the columns of the result."""
    names = frame.collect_schema().names()
    spell: Callable[[str], str] = str
    if frame.implementation.is_spark_like():
        spell = spelled
        frame = nw.from_native(frame.to_native().toDF(*map(spell, names)))
    errors = [ERROR, PROBLEMS] if job.in_column else []
    is_native = compiled.library is not backend.NARWHALS
    work: Any = frame.to_native() if is_native else frame
    for level in compiled.levels:
        work = work.with_columns(**level) if level else work
    with backend.using(compiled.library):
        work = _with_problems(job, compiled, work, spell)
    made = work.select(*map(spell, names), *compiled.edges, *errors)
    if is_native:
        return cast("Frame", nw.from_native(made))
    if spell is str:
        return cast("Frame", made)
    added = [column.name for column in job.columns]
    return cast("Frame", nw.from_native(made.to_native().toDF(*names, *added, *errors)))


def _with_problems(job: Job, compiled: Compiled, work: Any, spell: Callable[[str], str]) -> Any:  # noqa: ANN401 - a frame of Narwhals or another library
    """Add the results in units; report the problems of a row in columns or by failing."""
    named = {spell(column.name): expr for column, expr in compiled.columns}
    work = work.with_columns(compiled.valid.alias(_VALID))
    if job.in_column:
        is_native = compiled.library is not backend.NARWHALS
        work, rejected = (_told_natively if is_native else _told)(job, compiled, work)
        return work.with_columns(**named, **rejected)
    work, (text,) = _texts(job, compiled, work, in_column=False)
    # a text that is not a number cannot be converted to one: so every backend fails with the
    # problems as the text of its error, at the first row that cannot be scored
    number_or_problems = backend.when(backend.col(_VALID)).then(backend.lit("0")).otherwise(text)
    work = work.with_columns(backend.cast_to(number_or_problems, nw.Int64).alias(_TEXT))
    fine = backend.col(_TEXT) == 0
    return work.with_columns(**{n: backend.when(fine).then(e) for n, e in named.items()})


def _told(job: Job, compiled: Compiled, work: Any) -> tuple[Any, dict[str, nw.Expr]]:  # noqa: ANN401 - as above
    """Return the columns of problems, null in rows that are scored, and the frame for them."""
    work, (text, objects) = _texts(job, compiled, work, in_column=True)
    listed = backend.concat([backend.lit("["), objects, backend.lit("]")])
    told = {ERROR: text, PROBLEMS: listed}
    rejected = ~backend.col(_VALID)
    return work, {name: backend.when(rejected).then(expr) for name, expr in told.items()}


def _told_natively(job: Job, compiled: Compiled, work: pl.LazyFrame) -> tuple[Any, dict[str, Any]]:
    """Return the same for a frame of polars: texts are made of the rows that are rejected only."""
    import polars as pl  # noqa: PLC0415 - the frame is one of polars

    rejected = ~pl.col(_VALID)
    names = (ERROR, PROBLEMS)

    def told(rows: pl.Series) -> pl.Series:
        batch = rows.struct.unnest()
        some = batch.filter(rejected).lazy()
        with backend.using(compiled.library):
            made, columns = _told(job, compiled, some)
        texts: pl.DataFrame = made.select(**columns).collect()
        places = pl.when(rejected).then(rejected.cum_sum() - 1)
        return texts[batch.select(places).to_series()].to_struct(rows.name)

    def unless_all_scored(rows: pl.Series) -> pl.Series:
        if rows.struct.field(_VALID).all():
            nothing = pl.repeat(None, len(rows), dtype=pl.String, eager=True)
            return pl.DataFrame(dict.fromkeys(names, nothing)).to_struct(rows.name)
        return told(rows)

    read = sorted({_VALID, *cast("pl.Expr", compiled.marks).meta.root_names()})
    made = pl.struct(read).map_batches(
        unless_all_scored,
        return_dtype=pl.Struct(dict.fromkeys(names, pl.String)),
        is_elementwise=True,
    )
    both = pl.col(_TEXT).struct
    return work.with_columns(made.alias(_TEXT)), {name: both.field(name) for name in names}


def _texts(
    job: Job,
    compiled: Compiled,
    work: Any,  # noqa: ANN401 - as above
    *,
    in_column: bool,
) -> tuple[Any, list[nw.Expr]]:
    """Return the problems of a row as a text and, for columns, as the objects of a JSON list."""
    every = [*compiled.marked.values(), UNKNOWN]
    told = [(template("list.semicolon", job.lang), [p.text(job.lang) for p in every])]
    told += [(", ", [p.to_json(job.lang) for p in every])] if in_column else []
    return _with_told(compiled, work.with_columns(compiled.marks.alias(_MARKS)), told)


def _with_told(
    compiled: Compiled,
    work: Any,  # noqa: ANN401 - as above
    told: Sequence[tuple[str, Sequence[str]]],
) -> tuple[Any, list[nw.Expr]]:
    """Return all problems of a row as texts, and the frame with what they need.

    ``told``: what is between the problems of a text, and the texts of all marks and of no mark.
    """
    marks = backend.col(_MARKS)
    olds = [*compiled.marked]
    news = [[between + text for text in texts[:-1]] for between, texts in told]
    made: list[Any] = [marks for _ in told]
    if compiled.library is not backend.NARWHALS:
        made = [text.str.replace_many(olds, new) for text, new in zip(made, news, strict=True)]
    else:
        for i, (old, *new) in enumerate(zip(olds, *news, strict=True), 1):
            pairs = zip(made, new, strict=True)
            made = [text.str.replace_all(old, each, literal=True) for text, each in pairs]
            if i % _MAX_NESTED == 0:
                put = {f"{_MARKS}_{i}_{k}": text for k, text in enumerate(made)}
                work = work.with_columns(**put)
                made = [backend.col(name) for name in put]
    return work, [
        backend.when(marks == backend.lit(""))
        .then(backend.lit(texts[-1]))
        .otherwise(text.str.slice(len(between)))
        for text, (between, texts) in zip(made, told, strict=True)
    ]


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
    # later steps of the query must not change the content of a batch
    made = native.map_batches(
        score,
        schema=empty.schema,
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        streamable=True,
    )
    return nw.from_native(made)


def check_spark_settings(job: Job, native: Any) -> None:  # noqa: ANN401 - a frame of PySpark
    """Raise :class:`FrameError` if Spark would return null for a failed conversion."""
    strict = native.sparkSession.conf.get("spark.sql.ansi.enabled")
    if not job.in_column and strict != "true":
        problem = Problem(input="", reason=Message.of("problem.unsupported-frame_ansi"))
        raise FrameError(rubric=job.rubric, problems=(problem,))
