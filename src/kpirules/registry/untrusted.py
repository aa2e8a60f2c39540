"""Calls the methods of a source, which kpirules does not trust, and checks what they return."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_sequence
from kpirules.errors import KpirulesError, SourceError
from kpirules.registry.sources import FolderSource, PackageSource, is_own, listed_of
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from pathlib import Path

    from kpirules.registry.protocol import Entry, Source


#: the end of what a source lists
_END: Any = object()
#: the maximum number of rulesets that a source may list
MAX_RULESETS = 100_000


def name_of(source: Source) -> str:
    """Return the name of a source; without one, that of its class."""
    name: object = getattr(source, "name", None)
    return name if isinstance(name, str) and name else type(source).__name__


def path_of(source: Source, id: str, since: date) -> Path | None:  # noqa: A002 - the word of the language
    """Return the path of a ruleset's file; None if the source has no files."""
    return source.path(id, since) if isinstance(source, (FolderSource, PackageSource)) else None


def place_of(source: Source, id: str, since: date) -> str:  # noqa: A002 - as above
    """Return the place of a ruleset for findings: its path, or its name in the source."""
    path = path_of(source, id, since)
    return f"{name_of(source)}: {id}/{since}" if path is None else str(path)


def entries_of(
    source: Source,
    id: str | None = None,  # noqa: A002 - the word of the language
) -> Iterator[Entry | SourceError]:
    """Yield what a source lists, or what it lists of an id."""
    if is_own(source):
        yield from source.list() if id is None else listed_of(source, id)
        return
    for entry in _entries_of(source):
        if id is None or isinstance(entry, SourceError) or entry[0] == id:
            yield entry


def _entries_of(source: Source) -> Iterator[Entry | SourceError]:
    """Yield what a source of an application lists."""
    listed = _call(source, "list", source.list)
    if not is_sequence(listed):
        raise _wrong(source, "list", listed)
    # an iterator of the source may raise at each step, and may never end
    steps = _call(source, "list", iter, listed)
    for _ in range(MAX_RULESETS):
        entry = _call(source, "list", next, steps, _END)
        if entry is _END:
            return
        yield entry if isinstance(entry, SourceError) else _pair(source, entry)
    if _call(source, "list", next, steps, _END) is not _END:
        reason = Message.of("source.too-many", most=MAX_RULESETS)
        raise SourceError(source=name_of(source), reason=reason)


def _pair(source: Source, entry: object) -> Entry:
    """Return an id and a day; the type of a row that has them does not matter."""
    pair: object = None
    if is_sequence(entry):
        pair = _call(source, "list", list, islice(entry, 3))
    # a datetime is a date too, and would not be equal to any
    match pair:
        case [str(id_), date() as since] if id_ and type(since) is date:
            return str.__str__(id_), since
        case _:
            raise _wrong(source, "entry", entry)


def text_of(source: Source, id: str, since: date) -> bytes | str:  # noqa: A002 - the word of the language
    """Return the text of a ruleset; the parser limits its size."""
    text: object = _call(source, f"read {id}/{since}", source.read, id, since)
    if isinstance(text, (str, bytes)):
        return text
    raise _wrong(source, "text", text)


def stamp_of(source: Source, id: str) -> Hashable:  # noqa: A002 - the word of the language
    """Return the stamp of an id; None if it is not known."""
    stamp: Hashable = _call(source, f"stamp {id}", source.stamp, id)
    try:
        hash(stamp)
    except Exception:  # noqa: BLE001 - a stamp may be of any class
        raise _wrong(source, "stamp", stamp) from None
    return stamp


def is_same_stamp(one: object, other: object) -> bool:
    """Check whether two stamps are equal; if they cannot be compared, they are not."""
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - a stamp may be of any class
        return False


def _call(source: Source, call: str, function: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401 - whatever the source returns
    """Call a function of a source; raise :class:`SourceError` in place of its exceptions."""
    try:
        return function(*args)
    except KpirulesError:
        raise
    except Exception as error:
        # the traceback has the rest of the text
        kind = type(error).__name__
        reason = Message.of("source.failed", call=call, error=kind, text=brief(error))
        raise SourceError(source=name_of(source), reason=reason) from error


def _wrong(source: Source, kind: str, value: object) -> SourceError:
    """Return the error about what a method returned."""
    reason = Message.of(f"source.{kind}", value=brief(value))
    return SourceError(source=name_of(source), reason=reason)
