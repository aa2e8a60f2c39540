"""Read a filled workbook: the record of each form, by the positions stored in the workbook.

The hidden sheet ``kpirules`` stores the positions of all entries, and a hidden column of each form
stores the entries of its rows. If they differ, cells were moved, and reading fails.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import attrs

from kpirules.sheets.excel.layout import KEY, MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, mark_of
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


_MARK = re.compile(mark_of(r"([0-9]{1,7})", r"([0-9a-f]{64})"))

Rows = list[tuple[object, ...]]


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
class Filled:
    """The records of a workbook."""

    rubric: str
    #: the fingerprint of the rubric of the workbook
    fingerprint: str
    names: tuple[str, ...]
    #: the values of the cells, a row for each form
    rows: tuple[tuple[object, ...], ...]
    #: the original forms that are missing
    lost: tuple[str, ...] = ()
    #: pairs of forms with the same content
    twice: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class _Key:
    """The content of the hidden sheet."""

    rubric: str
    fingerprint: str
    #: the hidden column
    column: int
    #: the original titles of the forms
    forms: tuple[str, ...]
    #: the cell of each column
    places: dict[str, tuple[int, int]]
    #: the code of each label, by column
    codes: dict[str, dict[str, str]]


class DamagedError(MessageError):
    """The positions stored in a workbook of kpirules are missing or do not match its cells."""


def read(book: Sheets) -> Filled | None:
    """Read the forms of a workbook; return None if kpirules did not write it.

    A form is a sheet that is marked as one, whatever its name; a copied form is a further record.
    Raises :class:`DamagedError` if a form cannot be read with certainty.
    """
    first: tuple[object, ...] = next(book.rows(KEY), ()) if KEY in book.names else ()
    if first[:1] != (KEY,):
        stray = next((name for name in book.names if _is_form(next(book.rows(name), ()))), None)
        if stray is None:
            return None
        raise DamagedError(Message.of("file.stray-form", form=stray))
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
            found[name] = tuple(_code_of(value, codes) for value, codes in record)
    return Filled(
        rubric=key.rubric,
        fingerprint=key.fingerprint,
        names=tuple(key.places),
        rows=tuple(found.values()),
        lost=tuple(title for i, title in enumerate(key.forms, 1) if i not in seen),
        twice=tuple(_duplicates(found)),
    )


def _is_form(first: Sequence[object]) -> bool:
    """Return whether a sheet is marked as a form, by its first row."""
    return any(isinstance(cell, str) and _MARK.fullmatch(cell) for cell in first)


def _duplicates(forms: Mapping[str, tuple[object, ...]]) -> Iterator[tuple[str, str]]:
    """Yield forms with the same content as an earlier one; forms without content are blank."""
    known: dict[tuple[str, ...], str] = {}
    for name, record in forms.items():
        earlier = known.setdefault(tuple(map(repr, record)), name)
        if earlier != name and any(value is not None for value in record):
            yield earlier, name


def _key_of(rows: Rows) -> _Key:
    """Parse the hidden sheet."""
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
        raise DamagedError(Message.of("file.damaged", sheet=KEY)) from None


def _number_of(name: str, cells: Rows, key: _Key) -> int:
    """Return the number of a form; raise :class:`DamagedError` if any entry has moved."""
    mark = _MARK.fullmatch(str(_at(cells, 0, key.column)))
    if mark is not None and mark[2] != key.fingerprint:
        raise DamagedError(Message.of("file.other-rules", form=name))
    rows = {row for row, _ in key.places.values()}
    marked = {row: str(_at(cells, row, key.column)).split() for row in rows}
    wrong = [
        entry
        for entry, (row, column) in key.places.items()
        if mark is None or f"{entry}={column}" not in marked[row]
    ]
    if mark is None:
        raise DamagedError(Message.of("file.moved", form=name))
    if wrong:
        raise DamagedError(Message.of("file.moved-entries", form=name, entries=tuple(wrong[:3])))
    return int(mark[1])


def _code_of(value: object, codes: dict[str, str] | None) -> object:
    """Return the code of a chosen label; a label of digits may have become a number."""
    if codes is None or value is None or isinstance(value, bool):
        return value
    return codes.get(str(value), value)


def _place(row: object, column: object) -> tuple[int, int]:
    """Parse the position of a cell."""
    place = (int(str(row)), int(str(column)))
    if not (0 <= place[0] < MAX_SHEET_ROWS and 0 <= place[1] < MAX_SHEET_COLUMNS):
        raise ValueError
    return place


def _at(cells: Sequence[Sequence[object]], row: int, column: int) -> object:
    """Return a cell's value; None if it is empty or beyond the end of the sheet."""
    if row >= len(cells) or column >= len(cells[row]):
        return None
    value = cells[row][column]
    return None if value == "" else value
