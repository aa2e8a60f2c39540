"""What the values of a record mean, each value of a name read once and kept in a bounded table."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from operator import getitem
from typing import TYPE_CHECKING, Any, Final, cast

from kpirules._internal.caching import Bounded
from kpirules._internal.typeguards import is_mapping, is_table
from kpirules.errors import InputError, Problem
from kpirules.evaluation.record import (
    MAX_NAMES,
    ListReader,
    Reader,
    RefusedError,
    RemarkReader,
    is_missing,
    read_record,
)


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.evaluation.result import Given


#: a name with what was given for it; nothing was given for no name
Cell = tuple[str | None, "Given | None"]

#: classes whose values do not change, and whose hashes are Python's own
TRUSTED: Final = frozenset({int, str, float, Decimal, Fraction, bool, type(None)})
_WITH_LISTS: Final = TRUSTED | {list, tuple}
_NOTHING: Final[Cell] = (None, None)


class _Cells(Bounded["tuple[type, object]", Cell]):
    """What the values of one name mean, by class and value: True equals 1 and is not a number."""

    __slots__ = ("_reader",)

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, key: tuple[type, object]) -> Cell:
        value = key[1]
        cell = _NOTHING if is_missing(value) else (self._reader.name, self._reader.read(value))
        if not isinstance(self._reader, RemarkReader):
            self.keep(key, cell)
        return cell


class _Lists:
    """What the values of a name of lists mean."""

    __slots__ = ("_reader",)

    def __init__(self, reader: ListReader) -> None:
        self._reader = reader

    def __getitem__(self, key: tuple[type, object]) -> Cell:
        value = key[1]
        return _NOTHING if is_missing(value) else (self._reader.name, self._reader.read(value))


class Readings:
    """Reads records."""

    def __init__(self, readers: Mapping[str, Reader], rubric: str) -> None:
        self._readers = readers
        self._rubric = rubric
        self._by_name: dict[str, Any] = {
            name: _Lists(reader) if isinstance(reader, ListReader) else _Cells(reader)
            for name, reader in readers.items()
        }

    def read(self, record: object) -> tuple[dict[str, Given], list[Problem]]:
        """Return what a record gives, and what is wrong with it."""
        if not is_mapping(record):
            kind = type(record).__name__
            problem = Problem(input="record", message=f"must be a mapping of names, not {kind}")
            raise InputError(rubric=self._rubric, problems=(problem,))
        plain = as_dict(record)
        if plain is None:
            return read_record(self._readers, record, self._read)
        values = plain.values()
        kinds = [*map(type, values)]
        if _WITH_LISTS.issuperset(kinds) and len(plain) <= MAX_NAMES:
            try:
                tables = map(self._by_name.__getitem__, plain)
                given = dict(map(getitem, tables, zip(kinds, values, strict=True)))
            except (KeyError, TypeError, RefusedError):
                # a name or value that is not allowed: each is looked at by itself
                pass
            else:
                given.pop(None, None)
                return cast("dict[str, Given]", given), []
        return read_record(self._readers, plain, self._read)

    def _read(self, reader: Reader, value: object) -> Given:
        """Read a value that is not missing."""
        cell: Cell = _NOTHING
        if value.__class__ in TRUSTED:
            # a number that is no number has no hash
            with suppress(TypeError):
                cell = self.cell(reader.name, value)
        return reader.read(value) if cell[1] is None else cell[1]

    def cell(self, name: str, value: object) -> Cell:
        """Return what a value of a name means; raises as a reader does."""
        return cast("Cell", self._by_name[name][value.__class__, value])


def as_dict(record: object) -> dict[Any, Any] | None:
    """Return a mapping of whatever class as a dict; None where that would lose something."""
    if is_table(record) and record.__class__ is dict:
        return record
    if not is_mapping(record) or len(record) > MAX_NAMES:
        return None
    try:
        plain = dict(record.items())
    except TypeError:
        # a name without a hash
        return None
    # some have a name twice
    return plain if len(plain) == len(record) else None
