"""Read the grid of a month: a table whose results are formulas, below its title and totals.

The hidden sheet ``kpirules`` of the workbook stores the headings. The row with most of them is the
heading, so that the grid is found if rows were inserted, sorted or removed.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol

import attrs

from kpirules.sheets.excel.layout import KEY


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


#: the first cell of the hidden sheet
GRID = f"{KEY} grid"
#: the rows that are examined to find the heading
_FIRST = 20


class Sheets(Protocol):
    """The worksheets of a workbook."""

    @property
    def names(self) -> Sequence[str]:
        """Return the names of the worksheets."""
        ...

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a worksheet, each up to its last cell."""
        ...


@attrs.frozen(kw_only=True)
class Grid:
    """What a workbook stores about its grid."""

    fingerprint: str
    #: the name of its sheet, and those of the forms behind it
    sheet: str
    forms: frozenset[str]
    #: the headings of what is filled in, and of results
    headings: frozenset[str]
    results: frozenset[str]

    def table(
        self, rows: Iterable[tuple[int, Sequence[object], Sequence[str] | None]]
    ) -> Iterator[tuple[int, Sequence[object], Sequence[str] | None]]:
        """Yield the heading and the rows below it, without results and rows that are then empty."""
        rest = iter(rows)
        first = list(islice(rest, _FIRST))
        counts = [sum(_text(cell) in self.headings for cell in row[1]) for row in first]
        begin = counts.index(max(counts)) if any(counts) else 0
        heading = first[begin][1] if first else ()
        left = {i for i, cell in enumerate(heading) if _text(cell) in self.results}
        for number, cells, formats in chain(first[begin:], rest):
            found = [None if i in left else cell for i, cell in enumerate(cells)]
            if any(cell is not None for cell in found):
                yield number, found, formats


def read_grid(book: Sheets) -> Grid | None:
    """Return the grid of a workbook; None if it has none."""
    rows = list(book.rows(KEY)) if KEY in book.names else []
    if not rows or rows[0][:1] != (GRID,):
        return None
    cells = [(str(row[0]), str(row[1])) for row in rows if len(row) > 1]
    found = {kind: frozenset(text for k, text in cells if k == kind) for kind, _ in cells}
    return Grid(
        fingerprint=next(iter(found.get("fingerprint", ())), ""),
        sheet=next(iter(found.get("sheet", ())), ""),
        forms=found.get("form", frozenset()),
        headings=found.get("heading", frozenset()),
        results=found.get("result", frozenset()),
    )


def _text(cell: object) -> str:
    """Return the text of a heading cell."""
    return cell.strip() if isinstance(cell, str) else ""
