"""A row of a table: its cells, and the record that they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.errors import Problem


@attrs.frozen(kw_only=True)
class Row:
    """One row of a table."""

    #: its number, blank rows not counted; its line in the file or row of the worksheet
    number: int
    line: int
    #: the values of the cells, by heading
    cells: Mapping[str, object]
    #: the record of the row; without blank cells
    record: Mapping[str, object]
    #: the problems of cells that the reader of the file found
    problems: tuple[Problem, ...]
