"""pandas, whose columns hold anything: those that are read become columns of Arrow, with one type.

What Arrow has no one type for (a column of objects, of numbers beside texts) is read value by value
as a record is, and spelled as a text for the expressions; of what is not allowed, the record tells.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import narwhals as nw
import narwhals.dependencies as known

from kpirules.arithmetic.number import show
from kpirules.errors import fetch
from kpirules.evaluation.record import MAX_REMARK, RefusedError, is_missing


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.evaluation.record import Reader


def is_pandas(frame: object) -> bool:
    """Say whether a frame is one of pandas."""
    return known.is_pandas_dataframe(frame)


def table_of(
    frame: Any,  # noqa: ANN401 - pandas has no types
    readers: Mapping[str, Reader],
) -> tuple[nw.DataFrame[Any], dict[str, Sequence[object]]]:
    """Return some columns, given with what reads them.

    And the values of those that are spelled as texts, as records have them.
    """
    pa = fetch("pyarrow", "frames")

    columns: dict[str, Any] = {}
    spelled: dict[str, Sequence[object]] = {}
    for name, reader in readers.items():
        columns[name] = _array(frame[name])
        if columns[name] is None:
            spelled[name] = _values(frame[name])
            texts = [_spelled(reader, value) for value in spelled[name]]
            columns[name] = pa.array(texts, type=pa.string())
    if not columns:
        # a table without columns has no rows either
        columns = {"": pa.nulls(len(frame))}
    return nw.from_native(pa.table(columns), eager_only=True), spelled


#: the kinds of objects, as pandas names them, that one type of Arrow holds without loss
_ONE_TYPE = frozenset({"string", "integer", "boolean", "empty"})


def _array(column: Any) -> Any:  # noqa: ANN401 - neither has pyarrow
    """Return a column as an array of Arrow; None where no type of Arrow holds it without loss."""
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
    # Arrow spells no numbers of 16 bits
    return None if pa.types.is_float16(array.type) else array


def _values(column: Any) -> Sequence[object]:  # noqa: ANN401 - as above
    """Return the values of a column as they are; None for what pandas calls missing."""
    values = column.to_numpy()
    # of an array of bools, floats or objects its own scalars: "tolist" would widen them
    lost = column.isna().to_numpy()
    return [None if lost[i] else values[i] for i in range(len(values))]


#: a text that no input and no remark takes
_REFUSED = "\0" * (MAX_REMARK + 1)


def _spelled(reader: Reader, value: object) -> str | None:
    """Spell a value as the expressions take it; what is not allowed, as a text that they do not."""
    if is_missing(value):
        return value if isinstance(value, str) else None
    try:
        read = reader.read(value)
    except RefusedError:
        return _REFUSED
    if isinstance(read, bool):
        return str(read).lower()
    return show(read) if isinstance(read, (int, Fraction)) else str(read)


def beside(frame: Any, added: nw.DataFrame[Any]) -> Any:  # noqa: ANN401 - as above
    """Put columns of Arrow beside those of a frame, row by row."""
    pd = fetch("pandas", "frames")

    columns = added.to_native().to_pandas(types_mapper=pd.ArrowDtype)
    columns.index = frame.index
    return pd.concat([frame, columns], axis=1)
