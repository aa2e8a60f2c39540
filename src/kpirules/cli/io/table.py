"""The public ``table``: rows of an application as the content of a file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from kpirules.arithmetic.exact import Exact
from kpirules.cli.io.tables import Column
from kpirules.cli.io.writers import writing


def table(rows: Iterable[Mapping[str, object]], format: Literal["csv", "xlsx"] = "csv") -> bytes:  # noqa: A002 - the plain word for it
    r"""Return rows as the content of a file, as ``kpirules evaluate`` writes it.

    A row gives the values by column; the columns are in the order in which the rows name them, and
    a value that a row does not give is an empty cell. Values are texts, numbers, flags, dates,
    times, None. Numbers are exact: thirds, and in a workbook numbers of more than 15 digits, are
    texts. No spreadsheet reads a text as a formula.

    ``format``: ``"csv"`` (UTF-8 for Excel), ``"xlsx"`` (extra ``excel``). Raises
    :class:`~kpirules.errors.KpirulesError` for a value that the format cannot hold, with the name
    of its column, and :class:`~kpirules.errors.MissingExtraError` if the extra is not installed.

    >>> from kpirules import Exact, table
    >>> table([{"name": "An", "total": Exact(84)}, {"name": "=A1", "pay": None}]).decode()
    "\ufeffname,total,pay\r\nAn,84,\r\n'=A1,,\r\n"
    """
    if format not in ("csv", "xlsx"):
        raise ValueError(f'format is "csv" or "xlsx", not {format!r}')
    given = list(rows)
    names = dict.fromkeys(name for row in given for name in row)
    stream = io.BytesIO()
    with writing(stream, f".{format}") as write:
        write([Column(name, [plain(row.get(name)) for row in given]) for name in names])
    return stream.getvalue()


def plain(value: object) -> object:
    """Return an exact number as the decimal that it is, or as a fraction; else the value."""
    if not isinstance(value, (Exact, Fraction)):
        return value
    number = Exact(value)
    return number.exact if "/" in str(number) else Decimal(str(number))
