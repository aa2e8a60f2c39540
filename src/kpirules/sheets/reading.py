"""A filled workbook read back: the record of each form, by what the workbook says of itself."""

from __future__ import annotations

from typing import Any

import attrs

from kpirules.sheets.layout import KEY


#: of a worksheet
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384


@attrs.frozen(kw_only=True)
class Filled:
    """The records of a workbook."""

    rubric: str
    #: of the rubric that the workbook was made for
    fingerprint: str
    names: tuple[str, ...]
    #: what the cells hold, a row for each form
    rows: tuple[tuple[object, ...], ...]
    #: so many of the forms that it was made with are not there
    lost: int = 0


class DamagedError(ValueError):
    """A workbook of kpirules no longer says where its entries stand."""


def read(book: Any) -> Filled | None:  # noqa: ANN401 - Calamine's workbook
    """Read the forms of a workbook; None where it is not one of kpirules' own.

    A form is a sheet that begins as one, whatever it is called: one that was copied for somebody
    else is that person's. Raises :class:`DamagedError`.
    """
    if KEY not in book.sheet_names:
        return None
    key = [list(row) for row in book.get_sheet_by_name(KEY).to_python(skip_empty_area=False)]
    if not key or key[0][:1] != [KEY]:
        return None
    facts: dict[str, list[str]] = {}
    places: dict[str, tuple[int, int]] = {}
    options: dict[str, dict[str, str]] = {}
    try:
        for row in key:
            if row[0] in ("heading", "entry"):
                places[str(row[1])] = _place(row[2], row[3])
            elif row[0] == "option":
                options.setdefault(str(row[1]), {})[str(row[2])] = str(row[3])
            else:
                facts[str(row[0])] = [str(value) for value in row[1:3]]
        mark, made = facts["mark"], int(float(facts["forms"][0]))
        rubric, fingerprint = facts["rubric"][0], facts["fingerprint"][0]
    except (KeyError, IndexError, ValueError, TypeError, OverflowError):
        raise DamagedError(f"its hidden sheet {KEY} is damaged: make the workbook anew") from None
    rows: list[tuple[object, ...]] = []
    for name in book.sheet_names:
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if [_at(cells, 0, 0), _at(cells, 1, 0)] != mark:
            continue
        found = {name: _at(cells, *place) for name, place in places.items()}
        for entry, labels in options.items():
            value = found.get(entry)
            found[entry] = labels.get(value, value) if isinstance(value, str) else value
        rows.append(tuple(found.values()))
    return Filled(
        rubric=rubric,
        fingerprint=fingerprint,
        names=tuple(places),
        rows=tuple(rows),
        lost=max(0, made - len(rows)),
    )


def _place(row: object, column: object) -> tuple[int, int]:
    """Read where something stands."""
    place = (int(float(str(row))), int(float(str(column))))
    if not (0 <= place[0] < _MOST_ROWS and 0 <= place[1] < _MOST_COLUMNS):
        raise ValueError
    return place


def _at(cells: list[list[object]], row: int, column: int) -> object:
    """Give a cell; nothing where the sheet ends before it."""
    if row >= len(cells) or column >= len(cells[row]):
        return None
    value = cells[row][column]
    return None if value == "" else value
