"""A filled workbook read back: the record of each form, by what the workbook says of itself.

The hidden sheet ``kpirules`` says where everything stands, and a hidden column of each form what
stands in its rows. Where they differ, somebody moved something, and nothing is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import attrs

from kpirules.sheets.excel.layout import KEY, MOST_COLUMNS, MOST_ROWS, mark_of


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


_MARK = re.compile(mark_of(r"([0-9]{1,7})", r"([0-9a-f]{64})"))

Rows = list[tuple[object, ...]]


class Sheets(Protocol):
    """The worksheets of a workbook."""

    @property
    def names(self) -> Sequence[str]:
        """Give their names."""
        ...

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Give the rows of one, each as far as its last cell."""
        ...


@attrs.frozen(kw_only=True)
class Filled:
    """The records of a workbook."""

    rubric: str
    #: of the rubric that the workbook was made for
    fingerprint: str
    names: tuple[str, ...]
    #: what the cells hold, a row for each form
    rows: tuple[tuple[object, ...], ...]
    #: the forms that it was made with and that are not there
    lost: tuple[str, ...] = ()
    #: the forms that hold the same: one, and one like it
    twice: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class _Key:
    """What the hidden sheet says."""

    rubric: str
    fingerprint: str
    #: the column of the marks
    column: int
    #: the titles of the forms, as they were made
    forms: tuple[str, ...]
    #: the cell of each column
    places: dict[str, tuple[int, int]]
    #: what stands for a label
    codes: dict[str, dict[str, str]]


class DamagedError(ValueError):
    """A workbook of kpirules no longer says where its entries stand."""


def read(book: Sheets) -> Filled | None:
    """Read the forms of a workbook; None where it is not one of kpirules' own.

    A form is a sheet that is marked as one, whatever it is called: one that was copied for somebody
    else is that person's. Raises :class:`DamagedError`.
    """
    first: tuple[object, ...] = next(book.rows(KEY), ()) if KEY in book.names else ()
    if first[:1] != (KEY,):
        stray = next((name for name in book.names if _is_form(next(book.rows(name), ()))), None)
        if stray is None:
            return None
        raise DamagedError(
            f'"{stray}" is a form without the rest of its workbook: put it back, or save what it '
            "holds as a table"
        )
    key = _key_of(list(book.rows(KEY)))
    found: dict[str, tuple[object, ...]] = {}
    seen: set[int] = set()
    for name in book.names:
        lines = book.rows(name)
        first = next(lines, ())
        if _is_form(first):
            cells = [first, *lines]
            seen.add(_number_of(name, cells, key))
            record = ((_at(cells, *place), key.codes.get(n)) for n, place in key.places.items())
            found[name] = tuple(_meant(value, codes) for value, codes in record)
    return Filled(
        rubric=key.rubric,
        fingerprint=key.fingerprint,
        names=tuple(key.places),
        rows=tuple(found.values()),
        lost=tuple(title for i, title in enumerate(key.forms, 1) if i not in seen),
        twice=tuple(_twice(found)),
    )


def _is_form(first: Sequence[object]) -> bool:
    """Say whether a sheet with such a first row is marked as a form."""
    return any(isinstance(cell, str) and _MARK.fullmatch(cell) for cell in first)


def _twice(forms: Mapping[str, tuple[object, ...]]) -> Iterator[tuple[str, str]]:
    """Name the forms that hold the same as an earlier one; those that hold nothing are blank."""
    known: dict[tuple[str, ...], str] = {}
    for name, record in forms.items():
        earlier = known.setdefault(tuple(map(repr, record)), name)
        if earlier != name and any(value is not None for value in record):
            yield earlier, name


def _key_of(rows: Rows) -> _Key:
    """Read the sheet that says where everything stands."""
    facts: dict[str, str] = {}
    forms: list[str] = []
    places: dict[str, tuple[int, int]] = {}
    codes: dict[str, dict[str, str]] = {}
    try:
        for row in rows[1:]:
            kind, name = str(row[0]), str(row[1])
            if kind == "form":
                forms.append(name)
            elif kind == "entry":
                places[name] = _place(row[2], row[3])
            elif kind == "option":
                codes.setdefault(name, {})[str(row[2])] = str(row[3])
            else:
                facts[kind] = name
        return _Key(
            rubric=facts["rubric"],
            fingerprint=facts["fingerprint"],
            column=_place(0, facts["marks"])[1],
            forms=tuple(forms),
            places=places,
            codes=codes,
        )
    except (KeyError, IndexError, ArithmeticError, ValueError):
        raise DamagedError(f"its hidden sheet {KEY} is damaged: make the workbook anew") from None


def _number_of(name: str, cells: Rows, key: _Key) -> int:
    """Give the number of a form, once it is certain that all stands in its place."""
    mark = _MARK.fullmatch(str(_at(cells, 0, key.column)))
    if mark is not None and mark[2] != key.fingerprint:
        raise DamagedError(
            f'the form "{name}" belongs to a workbook of other rules: read it from that one'
        )
    rows = {row for row, _ in key.places.values()}
    stands = {row: str(_at(cells, row, key.column)).split() for row in rows}
    wrong = [
        entry
        for entry, (row, column) in key.places.items()
        if mark is None or f"{entry}={column}" not in stands[row]
    ]
    if mark is None or wrong:
        raise DamagedError(
            f'in the form "{name}" rows or columns were moved'
            + (f" ({', '.join(wrong[:3])})" if mark is not None else "")
            + ": undo that, or fill in a form that is as it was made"
        )
    return int(mark[1])


def _meant(value: object, codes: dict[str, str] | None) -> object:
    """Give the code of what was chosen; a label of digits may have become a number."""
    if codes is None or value is None or isinstance(value, bool):
        return value
    return codes.get(str(value), value)


def _place(row: object, column: object) -> tuple[int, int]:
    """Read where something stands."""
    place = (int(str(row)), int(str(column)))
    if not (0 <= place[0] < MOST_ROWS and 0 <= place[1] < MOST_COLUMNS):
        raise ValueError
    return place


def _at(cells: Sequence[Sequence[object]], row: int, column: int) -> object:
    """Give a cell; nothing where the sheet ends before it."""
    if row >= len(cells) or column >= len(cells[row]):
        return None
    value = cells[row][column]
    return None if value == "" else value
