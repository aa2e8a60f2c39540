"""Parses the bytes of a ruleset file to a TOML tree, or reports them as invalid TOML."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.toml.limits import GuardError, decode, guard
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.toml.stop import Mistake, Repair


#: the maximum number of reported mistakes; each one takes a parse of the whole text
MAX_MISTAKES = 20

#: an integer with more digits than Python parses
_DIGITS = re.compile(r"[0-9_]{4300,}")

#: the position in a message of tomllib, which has no fields for it before Python 3.14
_AT = re.compile(r"(.*?) ?\(at line (\d+), column (\d+)\)", re.DOTALL)


def parse_toml(data: bytes | str, file: str) -> tuple[str, dict[str, Any], tuple[Finding, ...]]:
    """Return the text of a file's content and its tree, or the findings about invalid TOML."""
    text = ""
    try:
        text = decode(data) if isinstance(data, bytes) else data
        guard(text)
    except GuardError as error:
        spot = _spot(text, file, error.line, error.column)
        return (
            text,
            {},
            (Finding(code="syntax", reason=error.reason, advice=error.advice, spots=(spot,)),),
        )
    with suppress(ValueError):
        return text, _tree(text), ()
    return text, {}, _findings(text, file)


def _tree(text: str) -> dict[str, Any]:
    """Parse TOML 1.0; numbers exactly."""
    return tomllib.loads(text, parse_float=_decimal)


def _decimal(digits: str) -> Decimal:
    """Parse a number with a point or an exponent; its limits are checked later."""
    try:
        return Decimal(digits.replace("_", ""))
    except InvalidOperation:
        # an exponent that Decimal cannot hold; the limits reject it as they reject infinity
        return Decimal("Infinity")


def _findings(text: str, file: str) -> tuple[Finding, ...]:
    """Return a finding for each mistake of a text that is not TOML.

    A mistake with a repair hides no later one: the repaired text is parsed again.
    """
    from kpirules.toml.mistakes import recognise  # noqa: PLC0415 - only for an invalid file

    # as tomllib does: positions are those of a text with line feeds alone
    repaired = text = text.replace("\r\n", "\n")
    repairs: list[Repair] = []
    found: list[Finding] = []
    reached = 0
    while len(found) < MAX_MISTAKES:
        try:
            _tree(repaired)
            break
        except tomllib.TOMLDecodeError as error:
            at, reason = _where(error, repaired)
            mistake = recognise(repaired, at, reason)
        except ValueError:
            # Python rejects an integer of thousands of digits without its position
            at, mistake = len(repaired), _too_long(repaired)
        finding = _finding(mistake, text, file, repairs)
        at = _original(at, repairs)
        if found and (at < reached or finding in found):
            # the last repair was not what the author meant
            break
        found.append(finding)
        if mistake.repair is None:
            break
        reached = at
        repairs.append(mistake.repair)
        repaired = mistake.repair.apply(repaired)
    found.sort(key=lambda finding: (finding.spots[0].line, finding.spots[0].column))
    return tuple(found)


def _original(offset: int, repairs: Iterable[Repair]) -> int:
    """Return the offset in a text for one after some repairs."""
    for repair in reversed([*repairs]):
        offset = repair.original(offset)
    return offset


def _finding(mistake: Mistake, text: str, file: str, repairs: list[Repair]) -> Finding:
    """Return the finding of a mistake in a repaired text."""
    start, end = (_original(offset, repairs) for offset in (mistake.start, mistake.end))
    spots = [_spot(text, file, *_line_and_column(text, start), end - start)]
    if mistake.other is not None:
        spots.append(_spot(text, file, *_line_and_column(text, _original(mistake.other, repairs))))
    return Finding(code="syntax", reason=mistake.reason, advice=mistake.advice, spots=tuple(spots))


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _spot(text: str, file: str, line: int, column: int, length: int = 1) -> SourceLocation:
    """Return the location of some characters of a line."""
    lines = text.split("\n")
    source = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
    end = max(min(column + length, len(source) + 1), column + 1)
    return SourceLocation(file=file, line=line, column=column, end_column=end, source=source)


def _too_long(text: str) -> Mistake:
    """Return the mistake of an integer that is too long for Python, at its position."""
    from kpirules.toml.stop import Mistake  # noqa: PLC0415 - only for an invalid file

    found = _DIGITS.search(text)
    start = 0 if found is None else found.start()
    return Mistake(
        start=start,
        end=start + 1,
        reason=Message.of("syntax.too-many-digits"),
        advice=Message.of("syntax-help.too-many-digits"),
    )


def _where(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """Split tomllib's message into the offset and the reason."""
    match = _AT.fullmatch(str(error))
    if match is None:
        return len(text), str(error)
    reason, line, column = match.groups()
    start = 0
    for _ in range(int(line) - 1):
        start = text.index("\n", start) + 1
    return start + int(column) - 1, reason
