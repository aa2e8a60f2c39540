"""Input limits, checked before the TOML parser runs: size, encoding, and slow constructs."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from kpirules.errors import FileError, KpirulesError, frozen_error
from kpirules.translations.message import Message
from kpirules.translations.system import NotRegularError, reason_of


if TYPE_CHECKING:
    from pathlib import Path


#: the maximum size of a ruleset file; the largest real ones have about 50 kB
MAX_BYTES = 1 << 18
#: the maximum nesting of brackets; a ruleset needs five
MAX_DEPTH = 32
#: the maximum parts of a dotted key; a ruleset needs four, and parsers take quadratic time
MAX_PARTS = 32
#: the maximum number of lines; and of values, brackets and dots of keys, each counted separately
#: outside of texts and comments
MAX_LINES = MAX_VALUES = 20_000


@frozen_error
class GuardError(KpirulesError):
    """A text that exceeds a limit, or that the parser rejected."""

    reason: Message
    #: what to write instead
    advice: Message
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.reason}"


class _Mark(NamedTuple):
    """A byte order mark and its encoding."""

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
_SAVE = Message.of("syntax-help.encoding")
_CLEAN = Message.of("syntax-help.control")
_FLAT = Message.of("syntax-help.too-deep")
_SMALLER = Message.of("syntax-help.too-large")

#: control characters that TOML does not allow, a carriage return only before a line feed; and
#: halves of surrogate pairs, which a string can contain but no file
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]|\r(?!\n)")
# Each token is matched whole, an unterminated text to its last character too, so that each
# character is visited a bounded number of times. Only characters are possessive: Python before
# 3.11.5 misreads a possessive group. The pattern after a group can match nothing, so that the
# engine never backtracks into the group.
_LONG = (
    r'"""(?:[^"\\]++|\\.|"(?!""))*(?:"{3,5})?'
    r"|'''(?:[^']++|'(?!''))*(?:'{3,5})?"
)
_SHORT = r""""(?:[^"\\\n]++|\\.)*"?+|'[^'\n]*+'?+"""
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*"|'[^'\n]*+')"""
_PARTS = re.compile(_PART, re.DOTALL)
#: brackets, and everything between them at once
_BRACKETS = re.compile(
    rf"(?P<text>(?:[^\"'#\[\]{{}}]++|{_LONG}|{_SHORT}|#[^\n]*+)+)"
    r"|(?P<open>[\[{])|(?P<close>[\]}])",
    re.DOTALL,
)
#: everything that is counted
_TOKEN = re.compile(
    rf"(?P<text>{_LONG}|#[^\n]*+)"
    rf"|(?P<key>{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*)"
    rf"|(?P<unended>{_SHORT})"
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<equals>=)|(?P<comma>,)",
    re.DOTALL,
)
#: the exceeded limit in the keys of messages, by kind of token
_COUNTED = {"open": "brackets", "equals": "values", "comma": "values", "key": "dots"}


def regular(path: Path) -> Path:
    """Return the path of a regular file; raise :class:`OSError` with a reason for all else.

    Opening a named pipe waits for a writer, possibly for ever; a device may never end.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise NotRegularError(next((kind for test, kind in _KINDS if test(mode)), "other"))
    return path


#: other kinds of files that a path may lead to
_KINDS = (
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
    (stat.S_ISSOCK, "socket"),
)


def read_bytes(path: Path) -> bytes:
    """Read a ruleset file, at most one byte more than the limit."""
    try:
        with regular(path).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(file=str(path), reason=reason_of(error)) from None


def decode(data: bytes) -> str:
    """Decode a file's bytes: UTF-8 without a byte order mark, within the limit of size.

    >>> decode("id = 'é'".encode())
    "id = 'é'"
    """
    if len(data) > MAX_BYTES:
        reason = Message.of("syntax.too-large", kibibytes=MAX_BYTES >> 10)
        raise GuardError(reason=reason, advice=_SMALLER)
    for mark in _MARKS:
        if data.startswith(mark.start):
            reason = Message.of("syntax.byte-order-mark", encoding=mark.name)
            raise GuardError(reason=reason, advice=_SAVE)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        key = "syntax.encoding_gbk" if _is_chinese(data) else "syntax.encoding"
        reason = Message.of(key, byte=f"0x{data[error.start]:02x}")
        raise GuardError(reason=reason, advice=_SAVE, line=line, column=column) from None


def _is_chinese(data: bytes) -> bool:
    """Check whether bytes are Chinese text in the encoding of Chinese Windows."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def guard(text: str) -> None:
    """Raise :class:`GuardError` for a text that exceeds a limit and would slow down a parser.

    Takes linear time. The limits are on length, forbidden characters, lines, values, nested
    brackets and parts of dotted keys.
    >>> guard("a = [" * 40)
    Traceback (most recent call last):
    kpirules.toml.limits.GuardError: 1:165: brackets are nested more than 32 deep
    """
    if len(text) > MAX_BYTES:
        reason = Message.of("syntax.too-large_characters", length=len(text))
        raise GuardError(reason=reason, advice=_SMALLER)
    if found := _FORBIDDEN.search(text):
        key = "syntax.control_surrogate" if found[0] >= "\ud800" else "syntax.control"
        reason = Message.of(key, character=f"U+{ord(found[0]):04X}")
        raise _at(text, found.start(), reason, _CLEAN)
    if text.count("\n") > MAX_LINES:
        raise GuardError(
            reason=Message.of("syntax.too-large_lines", most=MAX_LINES), advice=_SMALLER
        )
    depth = 0
    counts = dict.fromkeys(_COUNTED, 0)
    tokens = _TOKEN if _needs_full_count(text) else _BRACKETS
    for token in tokens.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
            if depth > MAX_DEPTH:
                reason = Message.of("syntax.too-deep", most=MAX_DEPTH)
                raise _at(text, token.start(), reason, _FLAT)
        elif kind == "close":
            depth = max(0, depth - 1)
        if kind in counts:
            counts[kind] += _dots(token) if kind == "key" else 1
            if counts[kind] > MAX_VALUES:
                reason = Message.of(f"syntax.too-large_{_COUNTED[kind]}", most=MAX_VALUES)
                raise _at(text, token.start(), reason, _SMALLER)


def _needs_full_count(text: str) -> bool:
    """Check whether more than brackets must be counted: an upper bound, with texts and comments."""
    return (
        max(map(text.count, ("=", ",", "."))) > MAX_VALUES
        # a key is on one line
        or max(line.count(".") for line in text.split("\n")) >= MAX_PARTS
    )


def _dots(token: re.Match[str]) -> int:
    """Count the dots between the parts of a key; raise if there are too many."""
    if "." not in token[0]:
        return 0
    parts = len(_PARTS.findall(token[0]))
    if parts > MAX_PARTS:
        reason = Message.of("syntax.too-deep_key", most=MAX_PARTS)
        raise _at(token.string, token.start(), reason, _FLAT)
    return parts - 1


def _at(text: str, offset: int, reason: Message, advice: Message) -> GuardError:
    """Return the error for an offset of the text."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return GuardError(reason=reason, advice=advice, line=line, column=column)
