"""The positions of the keys of a TOML text: key path to line and column.

TOML parsers return values without positions. This scanner runs on text that :mod:`tomllib` has
accepted, so it need not validate; and only if there is a finding to locate.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import attrs


if TYPE_CHECKING:
    from collections.abc import Iterator


#: keys, and indices of lists
Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen
class Span:
    """A span of one line, counted from 1 in characters; the end is exclusive."""

    line: int
    column: int
    end_column: int


@attrs.frozen
class Place:
    """The position of a key, and of its value."""

    #: the key, the header of a table, or the item of a list itself
    key: Span
    #: the value's first line; None for a table under a header
    value: Span | None = None
    #: the value's offsets in the text
    start: int = 0
    end: int = 0


#: the offsets of a key and of its value; 0 without a value
_Offsets: TypeAlias = "tuple[int, int, int, int]"

#: a placeholder for a value whose end is not yet known
_LATER: _Offsets = (0, 0, 0, 0)

# Possessive, since backtracking is never needed: the text is valid TOML. But only characters are
# possessive: Python before 3.11.5 misreads a possessive group.
_BLANK = re.compile(r"[ \t]*+")
_BETWEEN = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\]++|\\.)*"|'[^']*+'""")
_VALUE = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']++|'(?!''))*'{3,5}"
    r'|"(?:[^"\\]++|\\.)*"'
    r"|'[^']*+'"
    # a space may separate a date from its time
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,#\]}]*+"
    r"|[^\s,#\]}]++",
    re.DOTALL,
)


@lru_cache(maxsize=8)
def find_places(text: str) -> Places:
    r"""Return the position of every key path of a TOML text that tomllib accepts.

    >>> places = find_places('[[tier]]\nid = "good"')
    >>> places["tier", 0, "id"].value
    Span(line=2, column=6, end_column=12)
    """
    finder = _Finder(text)
    finder.run()
    return Places(text, finder.places)


class Places(Mapping[Path, Place]):
    """Positions by path; lines and columns are computed on demand."""

    def __init__(self, text: str, offsets: dict[Path, _Offsets]) -> None:
        self._text = text
        self._offsets = offsets
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]

    def __getitem__(self, path: Path) -> Place:
        first, last, start, end = self._offsets[path]
        value = self._span(start, end) if end else None
        return Place(self._span(first, last), value, start, end)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._offsets)

    def __len__(self) -> int:
        return len(self._offsets)

    def nearest(self, path: Path) -> Path:
        """Return the longest prefix of a path that is in the text; empty if there is none."""
        while path and path not in self._offsets:
            path = path[:-1]
        return path

    def offset(self, path: Path) -> int:
        """Return the offset of a path, or of the nearest part around it."""
        first, _, start, end = self._offsets.get(self.nearest(path), (0, 0, 0, 0))
        return start if end else first

    def _span(self, start: int, end: int) -> Span:
        """Return a range of offsets as a span of the line where it starts."""
        line = bisect_right(self._starts, start)
        first = self._starts[line - 1]
        stop = self._text.find("\n", start, end)
        if stop >= 0:
            end = stop - self._text.startswith("\r", stop - 1)
        return Span(line, start - first + 1, max(end, start + 1) - first + 1)


class _Finder:
    """Scans a text from its start to its end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, _Offsets] = {}
        #: the number of tables so far of each array of tables
        self.counts: dict[Path, int] = {}

    def run(self) -> None:
        """Scan all lines."""
        table: Path = ()
        self.skip(_BETWEEN)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BETWEEN)

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Skip a match of a pattern at the current offset."""
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def keys(self) -> tuple[list[str], int, int]:
        """Read a dotted key; return its parts and its offsets."""
        parts: list[str] = []
        start = end = self.at
        while True:
            self.skip(_BLANK)
            match = _KEY.match(self.text, self.at)
            if match is None:  # pragma: no cover - tomllib has accepted the text
                raise ValueError(f"no key at {self.at}")
            parts.append(_unquoted(match[0]))
            self.at = end = match.end()
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return parts, start, end
            self.at += 1

    def header(self) -> Path:
        """Read ``[a.b]`` or ``[[a.b]]``; return the path of the table that follows."""
        start = self.at
        double = self.text.startswith("[[", start)
        self.at += 1 + double
        parts, _, _ = self.keys()
        self.at += 1 + double
        here = (start, self.at)
        path: Path = ()
        for part in parts[:-1]:
            path = self.enter((*path, part), here)
        path = (*path, parts[-1])
        if double:
            self.counts[path] = self.counts.get(path, 0) + 1
        return self.enter(path, here)

    def enter(self, path: Path, here: tuple[int, int]) -> Path:
        """Record a table; of an array of tables, the last one."""
        self.places.setdefault(path, (*here, 0, 0))
        if path in self.counts:
            path = (*path, self.counts[path] - 1)
            self.places.setdefault(path, (*here, 0, 0))
        return path

    def pair(self, table: Path) -> None:
        """Read ``key = value``."""
        self.skip(_BLANK)
        parts, start, end = self.keys()
        here = (start, end)
        path = table
        for part in parts[:-1]:
            path = (*path, part)
            self.places.setdefault(path, (*here, 0, 0))
        self.at += 1
        self.skip(_BLANK)
        self.value((*path, parts[-1]), here)

    def value(self, path: Path, key: tuple[int, int] | None) -> None:
        """Read a value and its contents."""
        start = self.at
        opening = self.text[start]
        # recorded before its contents, so that a path comes before the paths below it
        self.places[path] = _LATER
        if opening == "[":
            self.items(path)
        elif opening == "{":
            self.inline(path)
        else:
            self.skip(_VALUE)
        whole = (start, self.at)
        self.places[path] = (*(key or whole), *whole)

    def items(self, path: Path) -> None:
        """Read ``[value, ...]``."""
        self.at += 1
        self.skip(_BETWEEN)
        index = 0
        while not self.text.startswith("]", self.at):
            self.value((*path, index), None)
            index += 1
            self.skip(_BETWEEN)
            if self.text.startswith(",", self.at):
                self.at += 1
                self.skip(_BETWEEN)
        self.at += 1

    def inline(self, path: Path) -> None:
        """Read ``{ key = value, ... }``."""
        self.at += 1
        self.skip(_BETWEEN)
        while not self.text.startswith("}", self.at):
            self.pair(path)
            self.skip(_BETWEEN)
            if self.text.startswith(",", self.at):
                self.at += 1
                self.skip(_BETWEEN)
        self.at += 1


def _unquoted(key: str) -> str:
    """Return a key without its quotes."""
    if key[0] not in "\"'":
        return key
    if key[0] == "'" or "\\" not in key:
        return key[1:-1]
    return str(next(iter(tomllib.loads(f"{key} = 0"))))
