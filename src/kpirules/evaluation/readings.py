"""Read the values of records; each value of a name is read once and cached in a bounded table."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from operator import getitem
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from kpirules._internal.caching import BoundedCache
from kpirules._internal.typeguards import is_dict, is_mapping
from kpirules.errors import InputError, Problem
from kpirules.evaluation.record import (
    MAX_NAMES,
    ListReader,
    Reader,
    RefusedError,
    RemarkReader,
    is_missing,
    read_record,
    rejection,
    unknown,
)
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.evaluation.result_parts import Given


@attrs.frozen(eq=False)
class Rejected:
    """Why a value is rejected."""

    reason: Message


#: a name with what was given for it, or with why that is rejected; no name if nothing was given
Cell = tuple[str | None, "Given | Rejected | None"]

#: classes whose values do not change, and whose hashes are Python's own
TRUSTED: Final = frozenset({int, str, float, Decimal, Fraction, bool, type(None)})
_WITH_LISTS: Final = TRUSTED | {list, tuple}
#: a rejected text of at most so many characters is cached
_SHORT: Final = 100
_NOTHING: Final[Cell] = (None, None)


class _Cells(BoundedCache["tuple[type, object]", Cell]):
    """The values of one name, read, by class and value: True equals 1 and is not a number."""

    __slots__ = ("_is_kept", "_reader")

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self._is_kept = not isinstance(reader, RemarkReader)

    def __missing__(self, key: tuple[type, object]) -> Cell:
        kind, value = key
        cell = _cell(self._reader, value)
        # equal numbers of other classes may differ in what is wrong with them, as in their digits
        if cell[1].__class__ is Rejected:
            is_kept = kind is int or (kind is str and len(cast("str", value)) <= _SHORT)
        else:
            is_kept = self._is_kept
        if is_kept:
            self.keep(key, cell)
        return cell


class _Lists:
    """The values of a name of lists, read."""

    __slots__ = ("_reader",)

    def __init__(self, reader: ListReader) -> None:
        self._reader = reader

    def __getitem__(self, key: tuple[type, object]) -> Cell:
        return _cell(self._reader, key[1])


def _cell(reader: Reader, value: object) -> Cell:
    """Read a value."""
    if is_missing(value):
        return _NOTHING
    try:
        return reader.name, reader.read(value)
    except RefusedError as error:
        return reader.name, Rejected(error.reason)


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
        """Return the valid values of a record, and its problems."""
        plain = as_dict(record)
        if plain is None:
            if is_mapping(record):
                return read_record(self._readers, record, self._read)
            kind = type(record).__name__
            problem = Problem(input="record", reason=Message.of("problem.not-a-record", type=kind))
            raise InputError(rubric=self._rubric, problems=(problem,))
        values = plain.values()
        kinds = [*map(type, values)]
        if _WITH_LISTS.issuperset(kinds) and len(plain) <= MAX_NAMES:
            try:
                tables = map(self._by_name.__getitem__, plain)
                given = dict(map(getitem, tables, zip(kinds, values, strict=True)))
            except (KeyError, TypeError):
                # an unknown name, or a value without a hash
                pass
            else:
                given.pop(None, None)
                return cast("dict[str, Given]", given), self._rejected(given, plain)
            unknown_names = [name for name in plain if name not in self._by_name]
            if unknown_names:
                found, problems = self.read({n: plain[n] for n in plain if n in self._by_name})
                problems += [unknown(name, plain[name], self._readers) for name in unknown_names]
                return found, problems
        return read_record(self._readers, plain, self._read)

    def _rejected(
        self, given: dict[str | None, Any], record: Mapping[str, object]
    ) -> list[Problem]:
        """Remove the values that are rejected, and return why they are."""
        if Rejected not in map(type, given.values()):
            return []
        rejected = [name for name in given if given[name].__class__ is Rejected]
        return [
            rejection(self._readers[name], record[name], given.pop(name).reason)
            for name in cast("list[str]", rejected)
        ]

    def _read(self, reader: Reader, value: object) -> Given:
        """Read a value that is not missing."""
        cell: Cell = _NOTHING
        if value.__class__ in TRUSTED:
            # a number that is no number has no hash
            with suppress(TypeError):
                cell = self.cell(reader.name, value)
        return reader.read(value) if cell[1] is None else cast("Given", cell[1])

    def cell(self, name: str, value: object) -> Cell:
        """Return a value of a name, read; raise :class:`RefusedError` if it is rejected."""
        cell: Cell = self._by_name[name][value.__class__, value]
        if isinstance(cell[1], Rejected):
            raise RefusedError(cell[1].reason)
        return cell


def as_dict(record: object) -> dict[Any, Any] | None:
    """Return a mapping of any class as a dict; None if that would lose something."""
    if is_dict(record) and record.__class__ is dict:
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
