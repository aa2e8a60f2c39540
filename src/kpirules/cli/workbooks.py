"""Workbooks from outside, looked at before a library lays their cells out.

A library makes room for every cell between the first and the last of a sheet: two cells, one in
each corner, would ask for all the memory there is. So the last cell is looked for before.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from kpirules.cli.csvfiles import TableError


if TYPE_CHECKING:
    from pathlib import Path


#: so many cells may lie between the corners of a sheet
MAX_CELLS = 20_000_000
#: and so many bytes of text may a workbook hold in all
MAX_BYTES = 1 << 30
_PART = 1 << 20
#: the name of a cell is at most as long as XFD1048576, and may be cut by the end of a part
_LONGEST = 24
_CELL = re.compile(rb'<c[^>]{0,200}?\br="([A-Z]{1,3})([0-9]{1,7})"')


def guard(path: Path) -> None:
    """Refuse a workbook that would ask for more memory than a table of people does."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise TableError(file=str(path), message="holds more than 1 GiB of text")
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _guard_sheet(path, archive, name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError) as error:
        raise TableError(file=str(path), message=f"is no workbook: {error}") from None


def _guard_sheet(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    """Look for the last row and column of a sheet, a part of it at a time."""
    rows = columns = 0
    with archive.open(name) as stream:
        rest = b""
        while part := stream.read(_PART):
            text = rest + part
            for letters, row in _CELL.findall(text):
                rows, columns = max(rows, int(row)), max(columns, _column(letters))
            rest = text[-_LONGEST - 200 :]
    if rows * columns > MAX_CELLS:
        message = f"has a sheet of {rows} rows and {columns} columns: too many cells"
        help_ = "delete what stands far from the table, or save it as CSV"
        raise TableError(file=str(path), message=message, help=help_)


def _column(letters: bytes) -> int:
    """Give the number of a column by its letters, from 1."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
