"""Read JSON Lines files: one JSON object per line."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_dict
from kpirules.cli.io.sources import Options, Row, Source
from kpirules.cli.io.tables import TableError
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from kpirules.compiler.plan import Plan


#: maximum characters of a line
MAX_LINE = 1 << 20


def source(path: Path, plan: Plan, options: Options) -> Source:
    """Open a JSON Lines file; its columns are all names of its objects."""
    del plan, options
    file = str(path)
    names: dict[str, None] = {}
    total = 0
    with path.open(encoding="utf-8-sig") as lines:
        for _, record in _objects(lines, file):
            names |= dict.fromkeys(record)
            total += 1
    every = tuple(names)
    done = [0]

    def rows() -> Iterator[Row]:
        done[0] = 0
        with path.open(encoding="utf-8-sig") as lines:
            for line, record in _objects(lines, file):
                done[0] += 1
                yield line, [record.get(name) for name in every], None

    return Source(place="line", rows=rows, names=every, total=total, done=lambda: done[0])


def _objects(stream: TextIO, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object); nested names are joined by dots."""
    number = 0
    try:
        while line := stream.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                message = Message.of("file.long-line", characters=MAX_LINE)
                raise TableError(file=file, line=number, message=message)
            if line.strip():
                record: object = json.loads(line, parse_float=_number, object_pairs_hook=_once)
                if not is_dict(record):
                    message = Message.of("file.not-an-object")
                    raise TableError(file=file, line=number, message=message)
                yield number, _once(list(_flat(record)))
    except UnicodeDecodeError:
        message, help_ = Message.of("file.not-utf8"), Message.of("file-help.save-utf8")
        raise TableError(file=file, message=message, help=help_) from None
    except (ValueError, RecursionError) as error:
        reason = error.reason if isinstance(error, MessageError) else str(error)
        message = Message.of("file.not-json", reason=reason)
        raise TableError(file=file, line=number, message=message) from None


def _number(digits: str) -> Decimal | str:
    """Return a number, or its text if ``Decimal`` cannot hold its exponent: no input admits it."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return pairs as a dict; raise ValueError for a name with two different values."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found and (type(found[name]), found[name]) != (type(value), value):
            one, two = str(found[name]), str(value)
            raise MessageError(Message.of("file.name-twice", name=name, one=one, two=two))
        found[name] = value
    return found


def _flat(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield names and values; the names of a nested object are joined by dots."""
    for name, value in record.items():
        if is_dict(value) and value:
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value
