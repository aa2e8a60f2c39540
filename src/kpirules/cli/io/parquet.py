"""Read Parquet files in batches of rows; columns keep their types."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kpirules.cli.io.sources import Options, Source
from kpirules.cli.io.tables import TableError
from kpirules.errors import fetch
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    import polars as pl

    from kpirules.compiler.plan import Plan

#: rows of a batch
ROWS = 100_000


def source(path: Path, plan: Plan, options: Options) -> Source:
    """Open a Parquet file."""
    del plan, options
    polars, pa, pq = (fetch(name, "frames") for name in ("polars", "pyarrow", "pyarrow.parquet"))
    with _converted_errors(path, pa.ArrowException):
        file: Any = pq.ParquetFile(path)
    _check_types(path, file.schema_arrow)
    done = [0]

    def frames() -> Iterator[pl.DataFrame]:
        done[0] = 0
        batches = file.iter_batches(batch_size=ROWS)
        while True:
            with _converted_errors(path, pa.ArrowException):
                batch = next(batches, None)
            if batch is None:
                break
            done[0] += batch.num_rows
            yield polars.from_arrow(pa.Table.from_batches([batch]))
        if not file.metadata.num_rows:
            yield polars.from_arrow(file.schema_arrow.empty_table())

    return Source(
        place="",
        rows=lambda: iter(()),
        names=tuple(file.schema_arrow.names),
        total=file.metadata.num_rows,
        done=lambda: done[0],
        frames=frames,
    )


@contextmanager
def _converted_errors(path: Path, also: type[Exception]) -> Generator[None]:
    """Convert errors about a damaged file to an error that names it; ``also``: those of Arrow."""
    try:
        yield
    except (also, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            # of the system
            raise
        reason = " ".join(str(error).split())
        message = Message.of("file.not-parquet", reason=reason)
        raise TableError(file=str(path), message=message) from None


def _check_types(path: Path, schema: Any) -> None:  # noqa: ANN401 - pyarrow has no types
    """Raise an error for the columns whose type polars cannot read."""
    wide = [field for field in schema if "decimal256(" in str(field.type)]
    if wide:
        listed = tuple(f"{field.name} ({field.type})" for field in wide)
        raise TableError(
            file=str(path),
            message=Message.of("file.wide-decimals", columns=listed),
            help=Message.of("file-help.wide-decimals"),
        )
