"""Parses the bytes of a ruleset file to a TOML tree, or reports them as invalid TOML."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.toml.limits import GuardError, decode, guard


#: an integer with more digits than Python parses
_DIGITS = re.compile(r"[0-9_]{4300,}")

#: the position in a message of tomllib, which has no fields for it before Python 3.14
_AT = re.compile(r"(.*?) ?\(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)

#: the quotes of word processors and Chinese keyboards
_CURLY = "\u201c\u201d\u2018\u2019\u300c\u300d\uff02\uff07"
_STRAIGHT = 'texts stand in straight quotes: "..."'


def parse_toml(data: bytes | str, file: str) -> tuple[str, dict[str, Any], tuple[Finding, ...]]:
    """Return the text of a file's content and its tree, or the findings about invalid TOML."""
    text = ""
    try:
        text = decode(data) if isinstance(data, bytes) else data
        guard(text)
        return text, _toml(text), ()
    except GuardError as error:
        finding = Finding(code="syntax", reason=error.message, advice=error.help)
        return text, {}, (_at(finding, text, file, error.line, error.column),)


def _toml(text: str) -> dict[str, Any]:
    """Parse TOML 1.0; numbers exactly."""
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        message, line, column = _where(error, text)
        wrong = text.split("\n")[line - 1][column - 1 : column]
        help_ = _STRAIGHT if wrong and wrong in _CURLY else ""
        raise GuardError(message=message, help=help_, line=line, column=column) from None
    except ValueError:
        # Python rejects an integer of thousands of digits without its position
        raise _too_long(text) from None


def _decimal(digits: str) -> Decimal:
    """Parse a number with a point or an exponent; its limits are checked later."""
    try:
        return Decimal(digits.replace("_", ""))
    except InvalidOperation:
        # an exponent that Decimal cannot hold; the limits reject it as they reject infinity
        return Decimal("Infinity")


def _too_long(text: str) -> GuardError:
    """Return the error for an integer that is too long for Python, at its position."""
    found = _DIGITS.search(text)
    start = found.start() if found else 0
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    message = "a number of thousands of digits"
    return GuardError(message=message, help="write it shorter", line=line, column=column)


def _where(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, int, int]:
    """Split tomllib's message into the problem, the line and the column."""
    match = _AT.fullmatch(str(error))
    lines = text.split("\n")
    end = (len(lines), len(lines[-1]) + 1)
    if match is None:  # pragma: no cover - every message of tomllib has a position
        return str(error), *end
    message, line, column = match.groups()
    line_column = (int(line), int(column)) if line else end
    return f"this is not TOML: {message[:1].lower()}{message[1:]}", *line_column


def _at(finding: Finding, text: str, file: str, line: int, column: int) -> Finding:
    """Locate a finding at a line and column."""
    lines = text.split("\n")
    source = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
    spot = SourceLocation(file=file, line=line, column=column, end_column=column + 1, source=source)
    return attrs.evolve(finding, spots=(spot,))
