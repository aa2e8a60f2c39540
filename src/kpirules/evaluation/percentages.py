"""Columns of percents: texts such as 95%, and plain numbers beside them that may be shares."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from kpirules.evaluation.record import NumberReader, RefusedError, is_percent


if TYPE_CHECKING:
    from kpirules.model.rubric import Rubric


_PERCENTAGE = re.compile(r"\s*[^\s%]+\s*%\s*")
#: a plain number of this size or more is not a share such as 0.95
_SHARES = 10


def percent_readers(rubric: Rubric) -> dict[str, NumberReader]:
    """Return the readers of single numbers for the inputs whose unit is per cent."""
    return {fact.name: NumberReader(fact) for fact in rubric.inputs if is_percent(fact)}


def is_percentage(cell: object) -> bool:
    """Return whether a cell is a text such as 95%, or a list with one.

    >>> is_percentage("95 %"), is_percentage("1;95%"), is_percentage("95"), is_percentage(95)
    (True, True, False, False)
    """
    if not isinstance(cell, str) or (cell.isascii() and "%" not in cell):
        return False
    items = unicodedata.normalize("NFKC", cell).split(";")
    return any(map(_PERCENTAGE.fullmatch, items))


def share_in(cell: object, reader: NumberReader) -> Decimal | None:
    """Return the first plain number of a cell that may be a share: 0.95 for 95%.

    It is near 0, and 100 times as much is allowed, too.
    """
    for item in unicodedata.normalize("NFKC", str(cell)).split(";"):
        with suppress(InvalidOperation, RefusedError):
            number = Decimal(item.strip())
            if number.is_finite() and 0 < abs(number) < _SHARES:
                reader.read(number * 100)
                return number
    return None
