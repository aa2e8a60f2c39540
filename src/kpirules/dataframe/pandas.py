"""pandas frames, whose columns hold any objects: columns that are read become typed Arrow columns.

If no Arrow type fits (a column of objects, of numbers mixed with texts), each value is parsed as
the value of a record and formatted as a text for the expressions; ``evaluate`` reports a value that
is not allowed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import narwhals as nw
import narwhals.dependencies as known

from kpirules.arithmetic.number import show
from kpirules.errors import fetch
from kpirules.evaluation.record import MAX_REMARK, RefusedError, is_missing


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.evaluation.record import Reader


def is_pandas(frame: object) -> bool:
    """Return whether a frame is a pandas frame."""
    return known.is_pandas_dataframe(frame)


def table_of(
    frame: Any,  # noqa: ANN401 - pandas has no types
    readers: Mapping[str, Reader],
) -> tuple[nw.DataFrame[Any], dict[str, Sequence[object]]]:
    """Return the columns that have an input parser as a frame, and the values held as texts.

    The frame is one of polars, whose expressions are the fastest, or an Arrow table if its columns
    have types that polars does not have. The values are those of the columns that had to be
    formatted as texts, as a record holds them.
    """
    pa = fetch("pyarrow", "frames")

    columns: dict[str, Any] = {}
    spelled: dict[str, Sequence[object]] = {}
    for name, reader in readers.items():
        columns[name] = _array(frame[name])
        if columns[name] is None:
            spelled[name] = values_of(frame[name])
            texts = [_formatted(reader, value) for value in spelled[name]]
            columns[name] = pa.array(texts, type=pa.string())
    if not columns:
        # without columns a table would have no rows
        columns = {"": pa.nulls(len(frame))}
    return nw.from_native(_quickest(pa.table(columns)), eager_only=True), spelled


def _quickest(table: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return an Arrow table as a frame of polars; unchanged if polars has other types for it."""
    pl = fetch("polars", "frames")

    return pl.from_arrow(table) if all(map(_is_common, table.schema.types)) else table


def _is_common(kind: Any) -> bool:  # noqa: ANN401 - pyarrow has no types
    """Return whether polars has a type of Arrow as it is."""
    types = fetch("pyarrow", "frames").types
    return bool(
        types.is_integer(kind)
        or types.is_float64(kind)
        or types.is_boolean(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_null(kind)
    )


#: kinds of objects, by their pandas names, that one Arrow type holds without loss
_ONE_TYPE = frozenset({"string", "integer", "boolean", "empty"})


def _array(column: Any) -> Any:  # noqa: ANN401 - neither has pyarrow
    """Return a column as an Arrow array; None if no Arrow type holds it without loss."""
    pa = fetch("pyarrow", "frames")
    pd = fetch("pandas", "frames")

    if column.dtype == object and pd.api.types.infer_dtype(column) not in _ONE_TYPE:
        return None
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return None
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    # Arrow cannot format floats of 16 bits
    return None if pa.types.is_float16(array.type) else array


def values_of(column: Any) -> Sequence[object]:  # noqa: ANN401 - as above
    """Return the values of a column unchanged, and None for missing values."""
    values = column.to_numpy()
    # an array of bools, floats or objects gives its own scalars: "tolist" would widen them
    lost = column.isna().to_numpy()
    return [None if lost[i] else values[i] for i in range(len(values))]


#: a text that no input and no remark accepts
_INVALID = "\0" * (MAX_REMARK + 1)


def _formatted(reader: Reader, value: object) -> str | None:
    """Format a value for the expressions; an invalid value as a text that they reject."""
    if is_missing(value):
        return value if isinstance(value, str) else None
    try:
        read = reader.read(value)
    except RefusedError:
        return _INVALID
    if isinstance(read, bool):
        return str(read).lower()
    return show(read) if isinstance(read, (int, Fraction)) else str(read)


def beside(frame: Any, added: nw.DataFrame[Any]) -> Any:  # noqa: ANN401 - as above
    """Append Arrow columns to a pandas frame, row by row."""
    pa, pd = fetch("pyarrow", "frames"), fetch("pandas", "frames")

    table: Any = cast("Any", added).to_arrow()
    large = pa.large_string()
    kinds = [f.with_type(pa.string()) if f.type == large else f for f in table.schema]
    columns = table.cast(pa.schema(kinds)).to_pandas(types_mapper=pd.ArrowDtype)
    columns.index = frame.index
    return pd.concat([frame, columns], axis=1)
