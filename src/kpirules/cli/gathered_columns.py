"""The columns of what was gathered from all rows of a table, before those of the result."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpirules.arithmetic.exact import Exact
from kpirules.cli.io.table import plain
from kpirules.cli.io.tables import Column
from kpirules.model.demotions import gathered_from_all


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpirules.evaluation.result import Result
    from kpirules.model.inputs import Input


#: what the id of such a column begins with: a column with the name of the input itself is read
PREFIX = "gathered."


def gathered_names(inputs: Iterable[Input]) -> tuple[str, ...]:
    """Return the ids of the columns of the inputs that are gathered from all rows."""
    return tuple(PREFIX + fact.name for fact in gathered_from_all(inputs))


def gathered_columns(
    inputs: Iterable[Input], results: Sequence[Result | None]
) -> tuple[Column, ...]:
    """Return what each result was gathered from all rows for; nothing for what a row gave."""
    made: list[Column] = []
    for fact in gathered_from_all(inputs):
        numbers: list[Any] = [
            result.inputs[fact.name]
            if result is not None and fact.name in result.memberships
            else None
            for result in results
        ]
        values = [plain(Exact(n)) if isinstance(n, Fraction) else n for n in numbers]
        made.append(Column(PREFIX + fact.name, values))
    return tuple(made)
