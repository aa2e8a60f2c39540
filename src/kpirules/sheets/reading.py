"""A filled workbook read back: the record of each form, by what the workbook says of itself."""

from __future__ import annotations

from typing import Any

import attrs

from kpirules.sheets.layout import KEY


@attrs.frozen(kw_only=True)
class Filled:
    """The records of a workbook."""

    rubric: str
    #: of the rubric that the workbook was made for
    fingerprint: str
    names: tuple[str, ...]
    #: what the cells hold, a row for each form
    rows: tuple[tuple[object, ...], ...]


def read(book: Any) -> Filled | None:  # noqa: ANN401 - Calamine's workbook
    """Read the forms of a workbook; None where it is not one of kpirules' own."""
    if KEY not in book.sheet_names:
        return None
    key = [list(row) for row in book.get_sheet_by_name(KEY).to_python(skip_empty_area=False)]
    if not key or key[0][:1] != [KEY]:
        return None
    facts = {str(row[0]): str(row[1]) for row in key if row[0] in ("rubric", "fingerprint")}
    places: dict[str, tuple[int, int]] = {}
    options: dict[str, dict[str, str]] = {}
    forms: list[str] = []
    for row in key:
        if row[0] in ("heading", "entry"):
            places[str(row[1])] = (int(row[2]), int(row[3]))
        elif row[0] == "option":
            options.setdefault(str(row[1]), {})[str(row[2])] = str(row[3])
        elif row[0] == "form" and str(row[1]) in book.sheet_names:
            forms.append(str(row[1]))
    rows: list[tuple[object, ...]] = []
    for form in forms:
        cells = book.get_sheet_by_name(form).to_python(skip_empty_area=False)
        found = {name: _at(cells, *place) for name, place in places.items()}
        for name, labels in options.items():
            value = found[name]
            found[name] = labels.get(value, value) if isinstance(value, str) else value
        rows.append(tuple(found.values()))
    return Filled(
        rubric=facts.get("rubric", ""),
        fingerprint=facts.get("fingerprint", ""),
        names=tuple(places),
        rows=tuple(rows),
    )


def _at(cells: list[list[object]], row: int, column: int) -> object:
    """Give a cell; nothing where the sheet ends before it."""
    if row >= len(cells) or column >= len(cells[row]):
        return None
    value = cells[row][column]
    return None if value == "" else value
