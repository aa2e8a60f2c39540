"""What stands between a dataframe of any kind and the plan: its columns, its backend, its errors.

A row that the expressions take has exactly the numbers of ``evaluate``. Of the rows that they do
not take, in a frame that is in memory, ``evaluate`` itself decides, record by record; so it does
for a whole rubric that expressions cannot say. A database is given expressions alone: what they
cannot say of a rubric is refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import narwhals as nw

from kpirules.errors import FrameError
from kpirules.evaluation import evaluator
from kpirules.frames import arrow, eager, lazy, ops
from kpirules.frames.checking import problems_of, twice
from kpirules.frames.columns import names_of
from kpirules.frames.compiling import CannotSayError, Compiled, compiled, counted
from kpirules.frames.facts import kind_of
from kpirules.frames.grids import columns_of
from kpirules.frames.job import ERROR, Job
from kpirules.loading import in_force
from kpirules.plan import Plan
from kpirules.records import readers_of
from kpirules.trees import of_the_last


if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kpirules.model import Rubric


#: the backends, by their names in Narwhals
_BACKENDS = {
    nw.Implementation.POLARS: "polars",
    nw.Implementation.PYARROW: "pyarrow",
    nw.Implementation.DUCKDB: "DuckDB",
    nw.Implementation.PYSPARK: "PySpark",
    nw.Implementation.PYSPARK_CONNECT: "PySpark",
}
#: so many kinds of frames are remembered for a rubric
_MOST_KINDS = 32


class _Ready:
    """A rubric with its plan, and the expressions that were made of it: each takes its time."""

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        self.score = evaluator(rubric)
        self.plan = Plan(rubric)
        self.made: dict[tuple[object, ...], Compiled | CannotSayError] = {}


_ready = of_the_last(_Ready)


def _expressions(ready: _Ready, kinds: dict[str, str], backend: str) -> Compiled:
    """Give the expressions for columns of some kinds; :class:`CannotSayError` where none are."""
    spell = lazy.spelled if backend == "PySpark" else str
    library = ops.NARWHALS
    if backend == "polars":
        import polars  # noqa: ICN001, PLC0415 - the frame is one of polars

        library = cast("ops.Library", polars)
    key = (spell, library, *kinds.items())
    if key not in ready.made:
        try:
            counted(ready.plan, kinds)
            made: Compiled | CannotSayError = compiled(ready.plan, kinds, spell, library)
        except CannotSayError as error:
            made = error
        if len(ready.made) >= _MOST_KINDS:
            ready.made.clear()
        ready.made[key] = made
    made = ready.made[key]
    if isinstance(made, CannotSayError):
        raise made
    return made


def added_by(rubric: Rubric) -> tuple[str, ...]:
    """Give the names of the columns that the result of a rubric adds, without that of errors."""
    return tuple(name for name, _ in names_of(_ready(rubric).plan))


def score_frame(
    rubric: Rubric | str,
    frame: Any,  # noqa: ANN401 - frames of any kind
    *,
    on_error: Literal["raise", "column"],
    on: date | None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Score every row of a frame (see :func:`kpirules.evaluate_frame`)."""
    if on_error not in ("raise", "column"):
        raise ValueError(f'on_error is "raise" or "column", not {on_error!r}')
    if isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        native: Any = cast("Any", frame).to_native()
        return nw.from_native(score_frame(rubric, native, on_error=on_error, on=on))
    found = in_force(rubric, on)
    is_pandas = arrow.is_pandas(frame)
    names = _names(frame, is_pandas=is_pandas)
    _refuse(found, twice(names))
    ready = _ready(found)
    wide: nw.DataFrame[Any] | nw.LazyFrame[Any] = (
        arrow.table_of(frame, readers_of(ready.plan)) if is_pandas else nw.from_native(frame)
    )
    job = _job(ready, wide, names, in_column=on_error == "column")
    if isinstance(wide, nw.LazyFrame):
        return _later(job, wide).to_native()
    made = eager.scored(job, wide)
    if is_pandas:
        return arrow.beside(frame, made)
    return nw.concat([wide, made], how="horizontal").to_native()


def _names(frame: Any, *, is_pandas: bool) -> list[str]:  # noqa: ANN401 - as above
    """Give the names of all columns, each as often as it is there."""
    if is_pandas:
        return [name for name in frame.columns if isinstance(name, str)]
    # where names may stand twice, no other library is to see them first
    columns: Any = getattr(frame, "column_names", None)
    if columns is None:
        is_lazy = hasattr(frame, "collect_schema")
        columns = frame.collect_schema().names() if is_lazy else getattr(frame, "columns", ())
    return list(cast("Sequence[str]", columns))


def _refuse(rubric: Rubric, problems: Sequence[tuple[str, str]]) -> None:
    """Refuse a frame with problems."""
    if problems:
        raise FrameError(rubric=rubric.id, problems=tuple(problems))


def _job(
    ready: _Ready,
    wide: nw.DataFrame[Any] | nw.LazyFrame[Any],
    names: list[str],
    *,
    in_column: bool,
) -> Job:
    """Look at the columns, and make the expressions."""
    rubric, plan = ready.rubric, ready.plan
    backend = _BACKENDS.get(wide.implementation)
    if backend is None:
        kind = wide.implementation.name.lower()
        _refuse(rubric, [("", f"frames of {kind} are not scored; collect it, or use another")])
    schema = wide.collect_schema()
    added = [name for name, _ in names_of(plan)] + ([ERROR] if in_column else [])
    _refuse(rubric, problems_of(plan, names, schema, added, backend or ""))
    read = tuple(name for name in readers_of(plan) if name in schema)
    kinds = {name: kind_of(schema[name]) for name in read}
    try:
        made, columns = _expressions(ready, kinds, backend or ""), None
    except CannotSayError as error:
        if backend in ("DuckDB", "PySpark"):
            problem = f"{error}: {backend} cannot say that exactly; collect the frame first"
            raise FrameError(rubric=rubric.id, problems=(("", problem),)) from None
        made, columns = None, columns_of(plan)
    return Job(
        rubric=rubric.id,
        score=ready.score,
        read=read,
        columns=columns or tuple(c for c, _ in made.columns) if made else columns or (),
        compiled=made,
        in_column=in_column,
    )


def _later(job: Job, wide: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Score a frame that is computed later."""
    if wide.implementation.is_pyspark() or wide.implementation.is_pyspark_connect():
        lazy.spark_settings(job, wide.to_native())
    if job.compiled is not None:
        return lazy.scored(job, job.compiled, wide)
    return lazy.by_batches(job, wide)
