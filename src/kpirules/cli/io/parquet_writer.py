"""Write tables as Parquet files: each column has one type that holds all its values exactly.

Rows arrive in batches, and only then are their types known. Consecutive batches of the same types
are written into one part; at the end, the parts are joined to one file.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kpirules.cli.io.tables import OutputError, format_value, temporary_files
from kpirules.errors import fetch
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from kpirules.cli.io.tables import Column


#: what is written, in messages
_FORM = Message.of("output.parquet")
#: maximum digits of an Arrow decimal
_DIGITS = 38
#: maximum digits of a whole number of 64 bits
_WHOLE = 19
#: Python types that a column may have; a mixture is written as texts
_TYPES = frozenset({str, int, float, bool, date, datetime, time, timedelta, Decimal})


@contextmanager
def writing(stream: BinaryIO) -> Generator[Callable[[Sequence[Column]], None]]:
    """Yield the function that writes columns into a new Parquet file in a stream."""
    pa, pq = fetch("pyarrow", "frames"), fetch("pyarrow.parquet", "frames")
    with temporary_files(_FORM):
        folder = tempfile.TemporaryDirectory(prefix="kpirules-", ignore_cleanup_errors=True)
    with folder:
        parts = _Parts(pa, pq, Path(folder.name))
        try:
            yield parts.write
            with temporary_files(_FORM):
                parts.stack.close()
        finally:
            # after an error the parts are not needed
            with suppress(OSError):
                parts.stack.close()
        parts.join(stream)


class _Parts:
    """The parts of a file, each with its own types."""

    def __init__(self, pa: Any, pq: Any, folder: Path) -> None:  # noqa: ANN401 - pyarrow has no types
        self.pa, self.pq, self.folder = pa, pq, folder
        self.schemas: list[Any] = []
        self.writer: Any = None
        #: closes the part that is being written
        self.stack = ExitStack()

    def _path(self, number: int) -> Path:
        """Return the path of a part."""
        return self.folder / f"{number}.parquet"

    def write(self, columns: Sequence[Column]) -> None:
        """Write rows into the part of their types."""
        table = self.pa.table({column.name: self._array(column) for column in columns})
        with temporary_files(_FORM):
            if not self.schemas or table.schema != self.schemas[-1]:
                self.stack.close()
                writer = self.pq.ParquetWriter(self._path(len(self.schemas)), table.schema)
                self.writer = self.stack.enter_context(writer)
                self.schemas.append(table.schema)
            self.writer.write_table(table)

    def _array(self, column: Column) -> Any:  # noqa: ANN401 - as above
        """Convert a column to an Arrow array."""
        to_arrow: Any = getattr(column.values, "to_arrow", None)
        if to_arrow is not None:
            return to_arrow()
        values = list(column.plain)
        types = {type(value) for value in values if value is not None}
        if types == {int, Decimal}:
            values = [Decimal(v) if isinstance(v, int) else v for v in values]
            types = {Decimal}
        if len(types) <= 1 and types <= _TYPES:
            try:
                return self.pa.array(values)
            except (self.pa.ArrowException, OverflowError, UnicodeError):
                # more digits than any type has
                pass
        return self._texts(column.name, values)

    def _texts(self, name: str, values: Sequence[object]) -> Any:  # noqa: ANN401 - as above
        """Convert values to an array of texts."""
        try:
            return self.pa.array(
                [None if v is None else format_value(v) for v in values], "large_string"
            )
        except UnicodeEncodeError as error:
            code = f"U+{ord(error.object[error.start]):04X}"
            message = Message.of("output.holds", character=code)
        except OutputError as error:
            message = error.message
        message = Message.of("output.not-parquet", message=message)
        message = Message.of("output.column", column=name, message=message)
        raise OutputError(message=message, help=Message.of("output-help.leave-out"))

    def join(self, stream: BinaryIO) -> None:
        """Join all parts to one file."""
        if not self.schemas:
            return
        if len(self.schemas) == 1:
            with self._path(0).open("rb") as part:
                shutil.copyfileobj(part, stream)
            return
        names = self.schemas[0].names
        types = [
            self._common([each.field(i).type for each in self.schemas]) for i in range(len(names))
        ]
        schema = self.pa.schema(list(zip(names, types, strict=True)))
        with self.pq.ParquetWriter(stream, schema) as writer:
            for number in range(len(self.schemas)):
                with self.pq.ParquetFile(self._path(number)) as part:
                    for batch in part.iter_batches():
                        arrays = map(self._cast, batch.columns, types, names)
                        made = self.pa.Table.from_arrays(list(arrays), schema=schema)
                        writer.write_table(made)

    def _common(self, types: Sequence[Any]) -> Any:  # noqa: ANN401 - as above
        """Return the type that holds all values of these types; text if there is no other."""
        is_ = self.pa.types
        some = [each for each in types if not is_.is_null(each)] or list(types)
        if all(each == some[0] for each in some):
            return some[0]
        if all(is_.is_integer(each) or is_.is_decimal(each) for each in some):
            decimals = [each for each in some if is_.is_decimal(each)]
            scale = max((each.scale for each in decimals), default=0)
            digits = scale + max(
                each.precision - each.scale if is_.is_decimal(each) else _WHOLE for each in some
            )
            if digits <= _DIGITS:
                return self.pa.decimal128(digits, scale)
        return self.pa.large_string()

    def _cast(self, array: Any, to: Any, name: str) -> Any:  # noqa: ANN401 - as above
        """Convert an array to a type that holds its values."""
        if array.type == to:
            return array
        if self.pa.types.is_decimal(to):
            values = [None if v is None else Decimal(v) for v in array.to_pylist()]
            return self.pa.array(values, to)
        if self.pa.types.is_large_string(to):
            return self._texts(name, array.to_pylist())
        # only nulls
        return self.pa.nulls(len(array), to)
