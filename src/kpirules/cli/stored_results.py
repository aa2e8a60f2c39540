"""Read files of stored results: JSON that ``kpirules evaluate`` or an application wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules._internal.typeguards import is_list
from kpirules.cli.io.tables import TableError
from kpirules.evaluation.json_nodes import parse
from kpirules.toml.limits import regular
from kpirules.translations.message import Message
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


#: maximum size of a file of results
MAX_BYTES = 1 << 30
#: endings of tables, which have no complete results
TABLES = frozenset((".csv", ".xlsx", ".parquet", ".html", ".pdf"))
_TAKES = Message.of("file.results-json")


def stored_objects(file: Path) -> Iterator[object]:
    """Yield the objects of a file: one, those of a list, or one per line.

    An object is a result, or a row of ``kpirules evaluate`` with its result. Raise
    :class:`TableError` for a file that has none.
    """
    if file.suffix.lower() in TABLES:
        raise TableError(file=str(file), message=_TAKES)
    try:
        if regular(file).stat().st_size > MAX_BYTES:
            message, help_ = Message.of("file.too-large"), Message.of("file-help.split")
            raise TableError(file=str(file), message=message, help=help_)
        content = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Message.of("os.not-utf8")
        message = Message.of("file.cannot-read", reason=reason)
        raise TableError(file=str(file), message=message) from None
    try:
        tree = parse(content)
    except ValueError as error:
        lines = [line for line in map(str.strip, content.splitlines()) if line]
        if not any(line.startswith("{") for line in lines):
            raise TableError(file=str(file), message=_TAKES) from None
        tree = [_line(line) for line in lines]
        if len(lines) > 1 and not any(
            line.startswith("{") and line.endswith("}") for line in lines
        ):
            # one value over several lines
            message = Message.of("file.not-json", reason=str(error))
            raise TableError(file=str(file), message=message) from None
    yield from tree if is_list(tree) else [tree]


def _line(line: str) -> object:
    """Parse a line of JSON; return other text as it is, which is not a result."""
    try:
        return parse(line)
    except ValueError:
        return line
