"""The result of opening a file of any kind: rows of cells, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from kpirules.model.demotions import gathered_from_all
from kpirules.model.inputs import histories


if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.headings import Needs
    from kpirules.model.inputs import Input
    from kpirules.translations.message import Message


#: maximum columns of a table
MAX_COLUMNS = 10_000
#: the line or worksheet row, the cells, and their number formats in a workbook
Row: TypeAlias = "tuple[int, Sequence[object], Sequence[str] | None]"
#: some rows: as a list, or as their first lines and a frame of texts
Piece: TypeAlias = "list[Row] | tuple[Sequence[int], pl.DataFrame]"


@attrs.frozen(kw_only=True)
class EarlierOptions:
    """The options of the command line about results of earlier periods."""

    #: the folder with their files
    folder: Path
    #: the period of the records
    period: str
    #: the column with the keys of people
    key: str
    #: the month in which years begin
    year_from: int = 1


@attrs.frozen(kw_only=True)
class TogetherOptions:
    """The options of the command line about rows that are evaluated together."""

    #: the column with the keys of people
    key: str
    #: names of the record with the values that all rows have
    common: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class Options:
    """The options of the command line about a file."""

    #: the name of its encoding
    encoding: str | None = None
    #: the worksheet that holds the table
    sheet: str | None = None
    #: the line or worksheet row of the heading
    heading: int | None = None
    #: inputs and ratings without a column; their declared policy for missing values applies
    allow_missing: tuple[str, ...] = ()
    #: the columns that the table needs
    needs: Needs = "all"
    #: the language of problems; None: English, with ids
    lang: str | None = None
    #: where the inputs with a history are gathered from
    earlier: EarlierOptions | None = None
    #: how the inputs with a cohort are gathered from all rows
    together: TogetherOptions | None = None

    def gathered(self, inputs: Iterable[Input]) -> tuple[str, ...]:
        """Return the names of inputs whose values come from elsewhere than a column."""
        facts = tuple(inputs)
        found = [fact.name for fact, _ in histories(facts) if self.earlier is not None]
        if self.together is not None:
            found += [fact.name for fact in gathered_from_all(facts)]
            found += [name for name, _ in self.together.common]
        return tuple(found)


@attrs.frozen(kw_only=True)
class Range:
    """A merged range of a worksheet; rows count from 1, columns from 0."""

    ref: str
    top: int
    bottom: int
    left: int
    right: int


@attrs.frozen(kw_only=True)
class Source:
    """An open file; each call of ``rows`` or ``frames`` reads it from the start."""

    #: what the number of a row counts; empty if it has none
    place: Literal["line", "worksheet-row", ""]
    #: the rows, from the first that can be the heading; without a heading if ``names`` is given
    rows: Callable[[], Iterator[Row]]
    #: the names of the columns if no row is the heading
    names: tuple[str, ...] | None = None
    #: the approximate number of rows or lines to read, and how many are read so far
    total: int
    done: Callable[[], int]
    #: the fingerprint of the rubric of a workbook written by kpirules
    made_for: str = ""
    #: notes about the file for the user
    notes: tuple[Message, ...] = ()
    #: the merged ranges of the worksheet
    merged: tuple[Range, ...] = ()
    #: whether all cells are texts, since the file has no types
    is_untyped: bool = False
    #: whether the first column is that of the first heading cell that is not blank
    is_indented: bool = False
    #: the other worksheets, as (name, first rows)
    others: Callable[[], Iterator[tuple[str, list[Row]]]] = lambda: iter(())
    #: the whole table as frames, if the file is columnar
    frames: Callable[[], Iterator[pl.DataFrame]] | None = None
    #: the rows below the heading, by its line and the number of columns; a large file of texts is
    #: read faster so than row by row
    pieces: Callable[[int, int], Iterator[Piece]] | None = None


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
