"""Score a dataframe of any kind: match its columns, choose the backend, report its problems.

A row that the expressions cover has exactly the numbers of ``evaluate``. In a frame in memory,
``evaluate`` itself scores the rows that the expressions do not cover, record by record, and all
rows of a rubric that expressions cannot represent. A database runs expressions alone: a part of a
rubric that they cannot represent is rejected by name.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

import attrs
import narwhals as nw

from kpirules._internal.typeguards import cache_last
from kpirules.api.load import in_force
from kpirules.api.programs import program_of
from kpirules.codegen import backend as ops
from kpirules.codegen.compiled_plan import CannotSayError, Compiled
from kpirules.codegen.generator import compiled, counted
from kpirules.codegen.input_expressions import SPELLED, kind_of
from kpirules.codegen.output import columns_of, names_of
from kpirules.compiler.plan import Plan
from kpirules.dataframe import eager, lazy, pandas, row_fallback, text_columns, together
from kpirules.dataframe.gathered_groups import GatheredGroups
from kpirules.dataframe.job import ERROR, PROBLEMS, Job
from kpirules.dataframe.validation import ambiguous, reserved, twice, wrong_types
from kpirules.errors import FrameError, Problem
from kpirules.evaluation.headings import match
from kpirules.evaluation.record import OptionReader, readers_of, reads_numbers
from kpirules.translations.catalog import tag_of
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from kpirules.dataframe.gathered_groups import Together
    from kpirules.evaluation.record import Reader
    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric


#: the backends by their Narwhals implementation
_BACKENDS = {
    nw.Implementation.POLARS: "polars",
    nw.Implementation.PYARROW: "pyarrow",
    nw.Implementation.DUCKDB: "DuckDB",
    nw.Implementation.PYSPARK: "PySpark",
    nw.Implementation.PYSPARK_CONNECT: "PySpark",
}
#: the maximum number of kinds of frames cached for a rubric
_MAX_KINDS = 32


class _CachedRubric:
    """A compiled rubric with its compiled expressions, cached because both are slow to make."""

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        program = program_of(rubric)
        self.score = program.score
        self.plan = Plan(rubric, undecided=program.plan.undecided)
        self.readers = readers_of(self.plan)
        #: the names of the columns of a result, in order
        self.names = tuple(name for name, _ in names_of(self.plan))
        self.made: dict[tuple[object, ...], Compiled | CannotSayError] = {}

    @cached_property
    def groups(self) -> GatheredGroups:
        """The inputs that are gathered from all rows, and the quotas."""
        return GatheredGroups(self.plan, self.readers)


_cached = cache_last(_CachedRubric)


def _expressions(
    cached: _CachedRubric,
    kinds: Mapping[str, str],
    columns: Mapping[str, str],
    backend: str,
    *,
    rejects_empty: bool = True,
    lang: str | None = None,
) -> Compiled:
    """Return the expressions for columns of some kinds; raise :class:`CannotSayError` if none."""
    spell = lazy.spelled if backend == "PySpark" else str
    library = ops.NARWHALS
    if backend == "polars":
        import polars  # noqa: ICN001, PLC0415 - the frame is one of polars

        library = cast("ops.Library", polars)
    key = (spell, library, rejects_empty, lang, *kinds.items(), *columns.items())
    if key not in cached.made:
        try:
            size = counted(cached.plan, kinds, rejects_empty=rejects_empty)
            made: Compiled | CannotSayError = compiled(
                cached.plan,
                kinds,
                spell,
                library,
                # polars itself finds what is shared
                ops.Reach(splits=size.splits and library is ops.NARWHALS),
                columns=columns,
                rejects_empty=rejects_empty,
                lang=lang,
                dependencies=size.dependencies,
            )
        except CannotSayError as error:
            made = error
        if len(cached.made) >= _MAX_KINDS:
            cached.made.clear()
        cached.made[key] = made
    made = cached.made[key]
    if isinstance(made, CannotSayError):
        raise made
    return made


def result_column_names(rubric: Rubric) -> tuple[str, ...]:
    """Return the names of the columns that a result adds, except those of problems."""
    return _cached(rubric).names


def values_by(
    rubric: Rubric, read: Sequence[str] | None, results: Sequence[Result | None]
) -> tuple[tuple[str, ...], tuple[list[object], ...], dict[int, tuple[Problem, ...]]]:
    """Return the columns that a frame of texts would hold for results (see ``api``)."""
    cached = _cached(rubric)
    columns = columns_of(cached.plan)
    if read is not None:
        kinds = {name: kind_of(nw.String()) for name in read}
        with suppress(CannotSayError):
            made = _expressions(cached, kinds, {name: name for name in read}, "")
            columns = tuple(column for column, _ in made.columns)
    columns = tuple(c for c in columns if c.shape.kind != "code" and c.name != "unratable")
    values, beyond = row_fallback.held(columns, results)
    return tuple(c.name for c in columns), values, beyond


def score_frame(
    rubric: Rubric | str,
    frame: Any,  # noqa: ANN401 - frames of any kind
    *,
    on_error: Literal["raise", "column"],
    on: date | str | None,
    allow_missing: Collection[str] = (),
    rejects_empty: bool | None = None,
    lang: str | None = None,
    columns: Collection[str] | None = None,
    key: str | None = None,
    common: Mapping[str, object] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Score every row of a frame (see :func:`kpirules.evaluate_frame`).

    ``rejects_empty``: whether a row without any value is rejected; None: reject it if the frame has
    other columns than those of the record, because such a row may be a footnote.
    """
    if on_error not in ("raise", "column"):
        raise ValueError(f'on_error is "raise" or "column", not {on_error!r}')
    if isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        native: Any = cast("Any", frame).to_native()
        made: Any = score_frame(
            rubric,
            native,
            on_error=on_error,
            on=on,
            allow_missing=allow_missing,
            lang=lang,
            columns=columns,
            key=key,
            common=common,
        )
        return nw.from_native(made)
    found = in_force(rubric, on)
    names = _names(found, frame)
    _reject(found, twice(names))
    cached = _cached(found)
    of = together.together(found, cached.groups, names, key, common)
    gathered = () if of is None else of.own
    headings = match(cached.plan, names, allow_missing=allow_missing, gathered=gathered)
    given = {name: c for c, name in zip(names, headings.names, strict=True) if name is not None}
    readers = cached.readers
    read = {name: given[name] for name in readers if name in given}
    is_pandas = pandas.is_pandas(frame)
    wide: nw.DataFrame[Any] | nw.LazyFrame[Any]
    values: dict[str, Sequence[object]] = {}
    if not is_pandas:
        wide = nw.from_native(frame)
    else:
        wide, spelled = pandas.table_of(frame, {c: readers[name] for name, c in read.items()})
        values = {name: spelled[c] for name, c in read.items() if c in spelled}
    problems = headings.problems
    if rejects_empty is None:
        # a file names the rows that are ambiguous
        problems = (*problems, *ambiguous(found, wide, read, values))
        rejects_empty = len(frame.columns if is_pandas else names) > len(read)
    asked = _Columns(
        names=names,
        problems=problems,
        read=read,
        values=values,
        rejects_empty=rejects_empty,
        lang=None if lang is None else tag_of(lang),
        added=_added(_all_names(cached, of), columns),
    )
    in_column = on_error == "column"
    if isinstance(wide, nw.LazyFrame):
        job = _job(cached, wide, asked, of, in_column=in_column)
        return _score_lazy(job, wide).to_native()
    of_numbers = [c for name, c in read.items() if reads_numbers(readers[name])]
    typed = text_columns.with_numbers(wide, of_numbers)
    job = _job(cached, typed, asked, of, in_column=in_column)
    if of is None:
        made = eager.scored(job, wide, typed)
    else:
        made = together.scored(job, of, wide, typed, together.keys_of(frame, of.key))
    if is_pandas:
        return pandas.beside(frame, made)
    return nw.concat([wide, made], how="horizontal").to_native()


def _names(rubric: Rubric, frame: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return the names of all columns, with repetitions; of pandas only the names that are text."""
    _check_kind(frame)
    if pandas.is_pandas(frame):
        levels = frame.columns.nlevels
        if levels > 1:
            _reject(rubric, [_unsupported("_levels", levels=levels)])
        return [name for name in frame.columns if isinstance(name, str)]
    # names may be repeated: read them before another library rejects them
    columns: Any = getattr(frame, "column_names", None)
    if columns is None:
        is_lazy = hasattr(frame, "collect_schema")
        columns = frame.collect_schema().names() if is_lazy else getattr(frame, "columns", ())
    return list(cast("Sequence[str]", columns))


def _check_kind(frame: object) -> None:
    """Raise TypeError for an object that is not a dataframe."""
    try:
        nw.from_native(cast("Any", frame))
    except TypeError:
        kinds = "polars, pandas, pyarrow, DuckDB or PySpark"
        message = f"evaluate_frame takes a dataframe of {kinds}, not {type(frame).__name__}"
        raise TypeError(f"{message}; evaluate takes one record") from None
    except ValueError:
        # repeated columns are reported by name later
        pass


def _unsupported(variant: str, **params: object) -> Problem:
    """Return the problem of a frame that cannot be scored, whatever its columns."""
    return Problem(input="", reason=Message.of(f"problem.unsupported-frame{variant}", **params))


def _reject(rubric: Rubric, problems: Sequence[Problem]) -> None:
    """Raise :class:`FrameError` if there are problems."""
    if problems:
        raise FrameError(rubric=rubric.id, problems=tuple(problems))


@attrs.frozen(kw_only=True)
class _Columns:
    """The columns of a frame."""

    #: the names of all columns
    names: Sequence[str]
    #: the problems of the headings
    problems: Sequence[Problem]
    #: the columns that are read, by input name
    read: Mapping[str, str]
    #: by input name, the original values of columns that the frame holds as texts instead
    values: Mapping[str, Sequence[object]]
    #: whether a row without any value is rejected
    rejects_empty: bool
    #: the language of the problems
    lang: str | None
    #: the names of the columns that are added
    added: tuple[str, ...]


def _all_names(cached: _CachedRubric, of: Together | None) -> tuple[str, ...]:
    """Return the names of all columns that a result adds."""
    gathered = () if of is None else (column.name for column in of.groups.columns)
    return (*gathered, *cached.names)


def _added(names: tuple[str, ...], wanted: Collection[str] | None) -> tuple[str, ...]:
    """Return those of the names that are wanted, in order; raise ValueError for others."""
    if wanted is None:
        return names
    if isinstance(wanted, str):
        raise ValueError(f"columns is a collection of names, not the text {wanted!r}")
    unknown = sorted(set(wanted).difference(names))
    if unknown:
        raise ValueError(f"columns: {', '.join(unknown)}: the result has {', '.join(names)}")
    return tuple(name for name in names if name in wanted)


def _job(
    cached: _CachedRubric,
    wide: nw.DataFrame[Any] | nw.LazyFrame[Any],
    asked: _Columns,
    of: Together | None = None,
    *,
    in_column: bool,
) -> Job:
    """Check the columns and compile the expressions."""
    rubric, plan = cached.rubric, cached.plan
    backend = _BACKENDS.get(wide.implementation)
    if backend is None:
        kind = wide.implementation.name.lower()
        _reject(rubric, [_unsupported("", backend=kind)])
    if of is not None and isinstance(wide, nw.LazyFrame):
        _reject(rubric, [_unsupported("_together")])
    schema = _schema(wide)
    added = [*asked.added, *([ERROR, PROBLEMS] if in_column else [])]
    read, readers = asked.read, cached.readers
    wrong = wrong_types(readers, read, schema, backend or "")
    taken = reserved(asked.names, added, backend or "")
    _reject(rubric, [*asked.problems, *wrong, *taken])
    kinds = {name: _kind(readers[name], c, schema[c], wide) for name, c in read.items()}
    own: dict[str, str] = {}
    if of is not None:
        own = {name: column for name, column in of.own.items() if name not in read}
        kinds |= {name: of.groups.kind(name) for name in own}
    try:
        if of is not None:
            of.groups.check_expressible()
        made = _expressions(
            cached,
            kinds,
            {**read, **own},
            backend or "",
            rejects_empty=of is None and asked.rejects_empty,
            lang=asked.lang,
        )
        made = _only(made, asked.added)
        columns = tuple(column for column, _ in made.columns)
    except CannotSayError as error:
        if backend in ("DuckDB", "PySpark"):
            problem = _unsupported("_inexact", reason=error.about(error.part), backend=backend)
            raise FrameError(rubric=rubric.id, problems=(problem,)) from None
        made = None
        columns = tuple(column for column in columns_of(plan) if column.name in asked.added)
    if of is not None:
        columns = (*(c for c in of.groups.columns if c.name in asked.added), *columns)
    return Job(
        rubric=rubric.id,
        score=cached.score,
        read=read,
        kinds=kinds,
        readers=readers,
        columns=columns,
        compiled=made,
        in_column=in_column,
        lang=asked.lang,
        values=asked.values,
        rejects_empty=asked.rejects_empty,
    )


def _only(made: Compiled, names: Collection[str]) -> Compiled:
    """Return compiled expressions that add these columns only."""
    kept = [i for i, (column, _) in enumerate(made.columns) if column.name in names]
    return attrs.evolve(
        made,
        columns=tuple(made.columns[i] for i in kept),
        edges=tuple(made.edges[i] for i in kept),
    )


#: names of the types of columns that hold only nulls
_NULLS = frozenset({"null", "void"})
#: the number of first rows that show how the options of a column are written
_SAMPLE_ROWS = 100


def _schema(wide: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> dict[str, nw.dtypes.DType]:
    """Return the types of all columns; a type unknown to Narwhals becomes a type of objects."""
    schema: dict[str, nw.dtypes.DType] = dict(wide.collect_schema())
    unknown = [name for name, dtype in schema.items() if isinstance(dtype, nw.Unknown)]
    if unknown:
        types = _types(wide.to_native())
        schema |= {n: nw.Object() for n in unknown if types[n].strip('"').lower() not in _NULLS}
    return schema


def _types(native: Any) -> dict[str, str]:  # noqa: ANN401 - a frame of any kind
    """Return the types of all columns as a frame's own library names them."""
    if hasattr(native, "types"):
        # a DuckDB relation
        return dict(zip(native.columns, map(str, native.types), strict=True))
    schema: Any = native.collect_schema() if hasattr(native, "collect_schema") else native.schema
    if hasattr(schema, "items"):
        return {name: str(dtype) for name, dtype in schema.items()}
    # fields of Arrow or Spark
    return {f.name: str(f.type) if hasattr(f, "type") else f.dataType.typeName() for f in schema}


def _kind(
    reader: Reader,
    column: str,
    dtype: nw.dtypes.DType,
    wide: nw.DataFrame[Any] | nw.LazyFrame[Any],
) -> str:
    """Return the kind of a column; options that may be written in other ways are a separate kind.

    In memory the difference is only one of speed: other ways of writing are read record by record.
    """
    kind = kind_of(dtype)
    if not isinstance(reader, OptionReader) or kind not in ("string", "category"):
        return kind
    if isinstance(wide, nw.LazyFrame):
        return SPELLED
    first = wide[column].head(_SAMPLE_ROWS).cast(nw.String).to_list()
    return kind if {*first} <= {None, "", *reader.options} else SPELLED


def _score_lazy(job: Job, wide: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Score a lazy frame."""
    if wide.implementation.is_pyspark() or wide.implementation.is_pyspark_connect():
        lazy.check_spark_settings(job, wide.to_native())
    if job.compiled is not None:
        return lazy.scored(job, job.compiled, wide)
    return lazy.by_batches(job, wide)
