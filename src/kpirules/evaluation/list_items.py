"""The items of a list in a record: of a sequence, an array of another library, or a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from kpirules._internal.display import folded


#: the longest list that is read
MAX_ITEMS = 1_000
#: what separates the items of a list in a text
_SEPARATOR = re.compile("[;\uff1b]")
#: the text of a list without items, as :func:`folded` leaves it; a blank text is a missing list
_EMPTY = "[]"


def items_of(value: Any) -> Sequence[object] | None:  # noqa: ANN401 - whatever was given
    """Return the items of a list; None for what is not a list.

    A list may be a text, as a cell of a table has it.

    >>> items_of((6, 9.5)), items_of("6; 9.5"), items_of("[]"), items_of(6)
    ((6, 9.5), ['6', ' 9.5'], [], None)
    """
    if value.__class__ is list or value.__class__ is tuple:
        return cast("Sequence[object]", value)
    if isinstance(value, str):
        return [] if folded(value) == _EMPTY else _SEPARATOR.split(value)
    if isinstance(value, (Mapping, bytes, bytearray, memoryview)):
        return None
    try:
        # a column's own items may be of another width than its numbers
        array: Any = value.to_numpy() if hasattr(value, "to_numpy") else value
        if not _is_sequence(array):
            array[:0]
        return array if len(array) > MAX_ITEMS else [*array]
    except (TypeError, ValueError, LookupError):
        return None


def _is_sequence(value: object) -> bool:
    """Return whether a value is one of Python's sequences."""
    return isinstance(value, Sequence)
