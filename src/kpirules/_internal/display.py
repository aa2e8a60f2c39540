"""Text shown to people: escaping, shortening, column widths, carets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator


def similar(name: str, known: tuple[str, ...], cutoff: float = 0.6) -> str | None:
    """Return the known name that a mistyped name probably means, or None.

    ``cutoff``: the minimum similarity, from 0 to 1.
    >>> similar("lat", ("late", "absent"))
    'late'
    """
    return name if name in known else _nearest(name[:100], name[-2:], known, cutoff)


@lru_cache(maxsize=256)
def _nearest(name: str, end: str, known: tuple[str, ...], cutoff: float) -> str | None:
    """Return the known name most like another, whose last two characters are ``end``.

    The results are cached: all rows of a file may have the same mistyped name.
    """
    import difflib  # noqa: PLC0415 - only when something is already wrong

    if len(known) > _MANY:
        # comparing is slow: compare only names with the same beginning or end, and a limited number
        starts = _by_ends(known)
        alike = (*starts.get(name[:2], ()), *starts.get(f"-{end}", ()))
        known = tuple(dict.fromkeys(alike))[: _MANY // 2]
    near = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    return near[0] if near else None


def folded(text: str) -> str:
    r"""Return a text for comparing spellings: case, character width and outer spaces are ignored.

    >>> folded(" \uff39e\uff33\u3000")
    'yes'
    """
    if not text.isascii():
        import unicodedata  # noqa: PLC0415 - most texts are ASCII

        # replace only wide and narrow forms by the plain ones; keep all else, such as "²" or "①"
        marks = ("<wide> ", "<narrow> ")
        wide = {c for c in text if unicodedata.decomposition(c).startswith(marks)}
        plain = (unicodedata.normalize("NFKC", c) if c in wide else c for c in text)
        text = unicodedata.normalize("NFC", "".join(plain))
    return text.strip().casefold()


#: the maximum number of names that are compared with a mistyped name
_MANY = 50


@lru_cache(maxsize=8)
def _by_ends(known: tuple[str, ...]) -> dict[str, list[str]]:
    """Return names by their first letters and, behind a dash, by their last letters."""
    found: dict[str, list[str]] = {}
    for name in known:
        found.setdefault(name[:2], []).append(name)
        found.setdefault(f"-{name[-2:]}", []).append(name)
    return found


#: the ideographic space, which is harmless although Python calls it not printable
_WIDE_SPACE = "\u3000"

#: the maximum length of a shown value, in characters
_BRIEF = 60


def brief(value: object) -> str:
    r"""Return a value in at most about 60 characters, without control characters.

    >>> brief(10**400)
    '1.000000000...E+400'
    >>> brief("7\x1b[31m")
    "'7\\x1b[31m'"
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return _brief_int(value)
    if isinstance(value, str):
        more = "..." if len(value) > _BRIEF else ""
        return f"{printable(repr(value[:_BRIEF]))}{more}"
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 - a foreign object's own fault must not hide the record's
        text = f"<{type(value).__name__}>"
    return shortened(text)


def shortened(text: str) -> str:
    """Return a text in at most about 60 characters, without control characters."""
    start = printable(text[: _BRIEF + 1])
    return start if len(start) <= _BRIEF else f"{start[:_BRIEF]}..."


def _brief_int(value: int) -> str:
    """Format an integer of any length in no language, independent of Python's limit on digits."""
    bits = value.bit_length()
    if bits <= 128:  # noqa: PLR2004 - at most 39 digits, shown whole
        return str(value)
    digits = bits * 30103 // 100000 + 1
    sign = "-" if value < 0 else ""
    if bits > 10_000:  # noqa: PLR2004 - an exact count would cost time that grows with the number
        return f"\N{ALMOST EQUAL TO} {sign}1E+{digits - 1}"
    text = str(abs(value))
    return f"{sign}{text[0]}.{text[1:10]}...E+{len(text) - 1}"


def printable(text: str) -> str:
    """Escape control and format characters, which could affect a terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == _WIDE_SPACE else c.encode("unicode_escape").decode()
        for c in text
    )


def point(source: str, column: int, end_column: int, most: int = 160) -> tuple[str, str, str]:
    """Return a source line with a caret below it; wide characters take two columns.

    The parts are the line (a tab becomes one space, control characters are escaped), the padding
    and the carets. Of a line of more than ``most`` columns only the part around the column is
    returned.
    >>> point("名 = 1", 1, 2)
    ('名 = 1', '', '^^')
    """
    clean = "".join(c if c.isprintable() or c == _WIDE_SPACE else " " for c in source)
    start, end = column - 1, max(end_column - 1, column)
    if len(clean) > most or width(clean) > most:
        # the part ends within the columns even if all its characters are wide
        cut = max(0, start - most // 6)
        clean = clean[cut : cut + most]
        start, end = start - cut, min(end - cut, len(clean))
        while width(clean) > most:
            clean = clean[:-1]
        end = min(end, max(len(clean), start + 1))
    return clean, " " * width(clean[:start]), "^" * max(1, width(clean[start:end]))


def width(text: str) -> int:
    """Return the number of terminal columns of a text: a Chinese character takes two.

    >>> width("考勤 6")
    6
    """
    import unicodedata  # noqa: PLC0415 - only when a text is shown

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) + wide - marks


def plural(word: str, count: int) -> str:
    """Return the singular or plural form of a word.

    >>> plural("criterion", 2), plural("tier", 1)
    ('criteria', 'tier')
    """
    several = "criteria" if word == "criterion" else f"{word}s"
    return word if count == 1 else several


#: wide characters; punctuation after which, and before which, no line is broken
_WIDE, _OPENING = "\u2e80-\u9fff\uff01-\uff60", "\u2018\u201c\u300a\u300c\uff08"
_CLOSING = "\u2019\u201d\u2026\u3001\u3002\u300b\u300d\uff01\uff09\uff0c\uff1a\uff1b\uff1f"
#: what a line is not broken within: spaces; a wide character or a word, with its punctuation
_UNBROKEN = re.compile(rf"\s+|[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}]+)?[{_CLOSING}]*")


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Yield the lines of a text of one paragraph, each of at most some columns of a terminal.

    A line is broken at spaces and between wide characters, but not before closing punctuation. A
    word of more columns has a line of its own.

    >>> list(wrapped("one two three", 8)), list(wrapped("考核。一张", 6))
    (['one two', 'three'], ['考核。', '一张'])
    """
    line = ""
    for piece in _UNBROKEN.findall(text):
        if width((line + piece).rstrip()) > columns and line.strip():
            yield line.rstrip()
            line = ""
        line += piece if line or not piece.isspace() else ""
    yield line.rstrip()
