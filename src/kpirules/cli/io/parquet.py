"""Read Parquet files in batches of rows; columns keep their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules.cli.io.sources import Options, Source
from kpirules.cli.io.tables import TableError
from kpirules.errors import fetch
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from kpirules.compiler.plan import Plan

#: rows of a batch
ROWS = 100_000


def source(path: Path, plan: Plan, options: Options) -> Source:
    """Open a Parquet file."""
    del plan, options
    polars, pa, pq = (fetch(name, "frames") for name in ("polars", "pyarrow", "pyarrow.parquet"))
    try:
        file: Any = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        message = Message.of("file.not-parquet", reason=str(error))
        raise TableError(file=str(path), message=message) from None
    done = [0]

    def frames() -> Iterator[pl.DataFrame]:
        done[0] = 0
        for batch in file.iter_batches(batch_size=ROWS):
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
