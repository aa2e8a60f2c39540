"""The bytes of a ruleset file to a tree of TOML, or what is wrong with them as TOML."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from kpirules.diagnostics.finding import Finding, Spot
from kpirules.toml.limits import GuardError, decode, guard


#: a whole number that is longer than Python reads
_DIGITS = re.compile(r"[0-9_]{4300,}")

#: where tomllib says that something stands; it has no fields for it before Python 3.14
_AT = re.compile(r"(.*?) ?\(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)

#: what word processors and Chinese keyboards make of quotes
_CURLY = "\u201c\u201d\u2018\u2019\u300c\u300d\uff02\uff07"
_STRAIGHT = 'texts stand in straight quotes: "..."'


def text_and_tree(data: bytes | str, file: str) -> tuple[str, dict[str, Any], tuple[Finding, ...]]:
    """Give the text of a file's content and its tree, or what is wrong with it as TOML."""
    text = ""
    try:
        text = decode(data) if isinstance(data, bytes) else data
        guard(text)
        return text, _toml(text), ()
    except GuardError as error:
        finding = Finding(code="syntax", message=error.message, help=error.help)
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
        # Python refuses to read a whole number of thousands of digits, and says neither which
        raise _too_long(text) from None


def _decimal(digits: str) -> Decimal:
    """Read a number with a point or an exponent; the bounds for numbers are looked at later."""
    try:
        return Decimal(digits.replace("_", ""))
    except InvalidOperation:
        # an exponent that Decimal cannot hold; the bounds refuse it as they refuse infinity
        return Decimal("Infinity")


def _too_long(text: str) -> GuardError:
    """Refuse a whole number that is longer than Python reads, at its place."""
    found = _DIGITS.search(text)
    start = found.start() if found else 0
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    message = "a number of thousands of digits"
    return GuardError(message=message, help="write it shorter", line=line, column=column)


def _where(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, int, int]:
    """Take tomllib's message apart into what and where."""
    match = _AT.fullmatch(str(error))
    lines = text.split("\n")
    end = (len(lines), len(lines[-1]) + 1)
    if match is None:  # pragma: no cover - every message of tomllib has a place
        return str(error), *end
    message, line, column = match.groups()
    line_column = (int(line), int(column)) if line else end
    return f"this is not TOML: {message[:1].lower()}{message[1:]}", *line_column


def _at(finding: Finding, text: str, file: str, line: int, column: int) -> Finding:
    """Place a finding at a line and column."""
    lines = text.split("\n")
    source = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
    spot = Spot(file=file, line=line, column=column, end_column=column + 1, source=source)
    return attrs.evolve(finding, spots=(spot,))
