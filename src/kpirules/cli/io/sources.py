"""What the reader of each kind of file gives: rows of cells, each with its place in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import attrs


if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from kpirules.compiler.plan import Plan


#: a table has at most so many columns
MAX_COLUMNS = 10_000
#: the line or the row of the worksheet, the cells, and their number formats in a workbook
Row: TypeAlias = "tuple[int, Sequence[object], Sequence[str] | None]"


@attrs.frozen(kw_only=True)
class Options:
    """What the command line states about a file."""

    #: the name of its encoding
    encoding: str | None = None
    #: the worksheet that holds the table
    sheet: str | None = None
    #: the line or the row of the worksheet that names the columns
    heading: int | None = None
    #: inputs and ratings that need no column, since their declared policy answers for them
    allow_missing: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Range:
    """A merged range of a worksheet; rows and columns are counted from 1 and from 0."""

    ref: str
    top: int
    bottom: int
    left: int
    right: int


@attrs.frozen(kw_only=True)
class Source:
    """A file whose rows are read one after the other, as often as they are asked for."""

    #: what the place of a row is called: "line", "worksheet row", "form"; empty where there is none
    place: str
    #: the rows from the first that can be the heading, or below it where ``names`` is given
    rows: Callable[[], Iterator[Row]]
    #: the names of the columns where no row is the heading
    names: tuple[str, ...] | None = None
    #: about how much there is to read, and how much of it has been read: rows, or bytes
    total: int
    done: Callable[[], int]
    #: the fingerprint of the rubric that a workbook was made for
    made_for: str = ""
    #: what people should know of the file
    notes: tuple[str, ...] = ()
    #: the merged ranges of the worksheet
    merged: tuple[Range, ...] = ()
    #: whether the first column is that of the heading's first cell that is not blank
    is_indented: bool = False
    #: worksheets beside the one that is read, as (name, first rows)
    others: Callable[[], Iterator[tuple[str, list[Row]]]] = lambda: iter(())
    #: the whole table as frames, where the file has columns and no rows
    frames: Callable[[], Iterator[pl.DataFrame]] | None = None


Opener: TypeAlias = "Callable[[Path, Plan, Options], Source]"


def letters(index: int) -> str:
    """Return the letters of a column, counted from 0.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
