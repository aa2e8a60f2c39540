"""pandas, whose columns hold anything: those that are read become columns of Arrow, with one type.

A column of objects may hold numbers beside texts; each is spelled as a text, which is then read
like any other.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import narwhals as nw
import narwhals.dependencies as known

from kpirules.extras import fetch


if TYPE_CHECKING:
    from collections.abc import Iterable


def is_pandas(frame: object) -> bool:
    """Say whether a frame is one of pandas."""
    return known.is_pandas_dataframe(frame)


def table_of(
    frame: Any,  # noqa: ANN401 - pandas has no types
    names: Iterable[str],
) -> nw.DataFrame[Any]:
    """Return the columns of some names."""
    pa = fetch("pyarrow", "frames")

    columns: dict[str, Any] = {name: _array(frame[name]) for name in names}
    if not columns:
        # a table without columns has no rows either
        columns = {"": pa.nulls(len(frame))}
    return nw.from_native(pa.table(columns), eager_only=True)


def _array(column: Any) -> Any:  # noqa: ANN401 - neither has pyarrow
    """Give a column as an array of Arrow."""
    pa = fetch("pyarrow", "frames")

    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        array = pa.array([_spelled(value) for value in column], type=pa.string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _spelled(value: object) -> str | None:
    """Spell one of many kinds of value; what no record holds is shown as what it is."""
    if value is None or value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, str) else repr(value)


def beside(frame: Any, added: nw.DataFrame[Any]) -> Any:  # noqa: ANN401 - as above
    """Put columns of Arrow beside those of a frame, row by row."""
    pd = fetch("pandas", "frames")

    columns = added.to_native().to_pandas(types_mapper=pd.ArrowDtype)
    columns.index = frame.index
    return pd.concat([frame, columns], axis=1)
