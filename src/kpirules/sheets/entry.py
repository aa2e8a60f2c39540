"""A row of a table: the person, what is given, and the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.errors import InputError
    from kpirules.evaluation.result import Result
    from kpirules.sheets.form import Person


@attrs.frozen(kw_only=True)
class Entry:
    """A row: the person, the input values, and the result or the error."""

    #: the row number, from 1
    row: int
    person: Person
    given: Mapping[str, object]
    outcome: Result | InputError
    #: whether it names a person alone, and its form is to be filled in
    is_blank: bool = False
    #: the total of last month; empty if it is not asked for
    last: str = ""
