"""The keys of the rows of a table: each names a record, unless it is missing or not its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import describe
from kpirules.errors import Problem
from kpirules.evaluation.record import is_missing
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def text_of_key(value: object) -> str:
    """Return the key that a value is; an empty text for a missing one.

    >>> text_of_key("li"), text_of_key(7), text_of_key(None)
    ('li', '7', '')
    """
    return "" if is_missing(value) else value if isinstance(value, str) else describe(value)


def key_problems(keys: Sequence[str], column: str) -> dict[int, Problem]:
    """Return, by their places, the problems of the rows that have no key of their own.

    >>> [str(problem) for problem in key_problems(["li", "", "li"], "name").values()]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['record: has the key li 2 times; give each record a key of its own',
    'record: has nothing in the column name, which says who the row is about',
    'record: has the key li 2 times; give each record a key of its own']
    """
    counts = Counter(keys)
    found: dict[int, Problem] = {}
    for place, key in enumerate(keys):
        if not key:
            reason = Message.of("problem.no-key_row", key=column)
            found[place] = Problem(input="record", reason=reason)
        elif counts[key] > 1:
            reason = Message.of("problem.key-twice", key=key, count=counts[key])
            found[place] = Problem(input="record", reason=reason)
    return found


def unique_names(keys: Sequence[str], place: Callable[[int], str]) -> list[str]:
    """Return a name for each row: its key, with ``place`` where that is not its own.

    >>> unique_names(["li", "", "li"], lambda i: f"row {i}")
    ['li (row 0)', 'row 1', 'li (row 2)']
    """
    counts = Counter(keys)
    names: list[str] = []
    for i, key in enumerate(keys):
        name = key
        if counts[key] > 1 or not key:
            name = f"{key} ({place(i)})" if key else place(i)
            while name in counts:
                name += "*"
        names.append(name)
    return names
