"""What is refused before a TOML parser sees it: size, encoding, and what would keep it busy."""

from __future__ import annotations

import re

import attrs

from kpirules.errors import KpirulesError, frozen_error


#: a ruleset file is at most so large; the largest real ones have some 50 kB
MAX_BYTES = 1 << 18
#: brackets in brackets; a ruleset needs five
MAX_DEPTH = 32
#: parts of one dotted key; a ruleset needs four, and parsers take time by their square
MAX_PARTS = 32
#: lines, and values in lists and tables
MAX_LINES = MAX_VALUES = 20_000


@frozen_error
class GuardError(KpirulesError):
    """A text that is not given to the parser, or that the parser refused."""

    message: str
    #: what would be right
    help: str = ""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


@attrs.frozen
class _Mark:
    """A byte order mark and what it stands for."""

    start: bytes
    name: str


#: in this order: UTF-32's mark begins with UTF-16's
_MARKS = (
    _Mark(b"\xff\xfe\x00\x00", "UTF-32"),
    _Mark(b"\x00\x00\xfe\xff", "UTF-32"),
    _Mark(b"\xff\xfe", "UTF-16"),
    _Mark(b"\xfe\xff", "UTF-16"),
    _Mark(b"\xef\xbb\xbf", "UTF-8"),
)
_SAVE = 'save the file as "UTF-8" (without BOM)'

#: control characters that TOML does not allow; a carriage return only before a line feed
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
#: strings and comments, which may hold any bracket; and brackets
_BRACKETS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
    r"|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_CHAIN = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{MAX_PARTS}}}")


def decode(data: bytes) -> str:
    """Take a file's bytes as text: UTF-8 without a byte order mark, and not too many of them.

    >>> decode("id = 'é'".encode())
    "id = 'é'"
    """
    if len(data) > MAX_BYTES:
        raise GuardError(
            message=f"the file has more than {MAX_BYTES >> 10} KiB, which no ruleset needs",
            help="check that this is the right file; split what is really so large",
        )
    for mark in _MARKS:
        if data.startswith(mark.start):
            raise GuardError(
                message=f"the file begins with a {mark.name} byte order mark", help=_SAVE
            )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        guess = "; it looks like GB18030 (GBK)" if _is_chinese(data) else ""
        raise GuardError(
            message=f"the file is not UTF-8: byte 0x{data[error.start]:02x} here{guess}",
            help=_SAVE,
            line=line,
            column=column,
        ) from None


def _is_chinese(data: bytes) -> bool:
    """Say whether bytes read as Chinese in the encoding of Chinese Windows."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def guard(text: str) -> None:
    """Refuse a text that no ruleset would have and that would keep a parser busy.

    In time that grows with the text alone: its length, control characters, lines, brackets in
    brackets, parts of a dotted key. Raises :class:`GuardError`.
    """
    if len(text) > MAX_BYTES:
        raise GuardError(message=f"the text has {len(text)} characters, which no ruleset needs")
    if found := _CONTROL.search(text):
        code = f"U+{ord(found[0]):04X}"
        raise _at(text, found.start(), f"the control character {code} has no place in a ruleset")
    if text.count("\n") > MAX_LINES:
        raise GuardError(message=f"the text has more than {MAX_LINES} lines")
    if max(text.count("="), text.count(",")) > MAX_VALUES:
        raise GuardError(message=f"the text has more than {MAX_VALUES} values")
    depth = 0
    for token in _BRACKETS.finditer(text):
        if token["open"]:
            depth += 1
            if depth > MAX_DEPTH:
                raise _at(text, token.start(), f"brackets are nested more than {MAX_DEPTH} deep")
        elif token["close"]:
            depth = max(0, depth - 1)
    if found := _CHAIN.search(text):
        raise _at(text, found.start(), f"a key of more than {MAX_PARTS} parts")


def _at(text: str, offset: int, message: str) -> GuardError:
    """Refuse the text at an offset."""
    line = text.count("\n", 0, offset) + 1
    return GuardError(message=message, line=line, column=offset - text.rfind("\n", 0, offset))
