"""Text that is shown to people: made harmless, cut short, measured in columns, pointed at."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Sequence


def similar(name: str, known: tuple[str, ...], cutoff: float = 0.6) -> str | None:
    """Return the known name that a mistyped one was probably meant to be.

    ``cutoff``: how alike they must be, from 0 to 1.

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
        # comparing takes its time: only those that begin or end alike, and not all of these
        starts = _by_ends(known)
        alike = (*starts.get(name[:2], ()), *starts.get(f"-{end}", ()))
        known = tuple(dict.fromkeys(alike))[: _MANY // 2]
    near = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    return near[0] if near else None


def folded(text: str) -> str:
    r"""Return a text by which spellings are compared: without case, width and outer blanks.

    >>> folded(" \uff39e\uff33\u3000")
    'yes'
    """
    if not text.isascii():
        import unicodedata  # noqa: PLC0415 - most texts are ASCII

        # of a wide or narrow form the plain one; all else, "²" or "①", stays what it is
        marks = ("<wide> ", "<narrow> ")
        wide = {c for c in text if unicodedata.decomposition(c).startswith(marks)}
        plain = (unicodedata.normalize("NFKC", c) if c in wide else c for c in text)
        text = unicodedata.normalize("NFC", "".join(plain))
    return text.strip().casefold()


#: so many names are compared with one that is mistyped
_MANY = 50


@lru_cache(maxsize=8)
def _by_ends(known: tuple[str, ...]) -> dict[str, list[str]]:
    """Return names by how they begin and, behind a dash, by how they end."""
    found: dict[str, list[str]] = {}
    for name in known:
        found.setdefault(name[:2], []).append(name)
        found.setdefault(f"-{name[-2:]}", []).append(name)
    return found


def listed(names: Sequence[str]) -> str:
    """List names with commas; of very many the first.

    >>> listed(["a", "b"]), listed([f"n{i}" for i in range(500)])[-29:]
    ('a, b', 'n97, n98, n99, ... (400 more)')
    """
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f", ... ({more} more)" if more > 0 else "")


#: so many names are listed in one message
_LISTED = 100


#: the blank of Chinese text, harmless, though Python does not call it printable
_WIDE_SPACE = "\u3000"

#: a shown value is cut to this many characters
_BRIEF = 60


def brief(value: object) -> str:
    r"""Show a value in at most about 60 characters, without control characters.

    >>> brief(10**400)
    '1000000000... (401 digits)'
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
    text = printable(text)
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}..."


def _brief_int(value: int) -> str:
    """Show a whole number, however long, without Python's limit on digits getting in the way."""
    bits = value.bit_length()
    if bits <= 128:  # noqa: PLR2004 - at most 39 digits, shown whole
        return str(value)
    digits = bits * 30103 // 100000 + 1
    if bits > 10_000:  # noqa: PLR2004 - an exact count would cost time that grows with the number
        return f"a whole number of about {digits} digits"
    text = str(abs(value))
    sign = "-" if value < 0 else ""
    return f"{sign}{text[:10]}... ({len(text)} digits)"


def printable(text: str) -> str:
    """Replace what could act on a terminal: control and format characters become escapes."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == _WIDE_SPACE else c.encode("unicode_escape").decode()
        for c in text
    )


def point(source: str, column: int, end_column: int, most: int = 160) -> tuple[str, str, str]:
    """Lay out a source line with a caret below it; wide characters take two columns.

    Returns the line (tabs as one blank, control characters escaped away), the padding, the carets.
    Of a line of more than ``most`` columns it shows the part around the place.

    >>> point("名 = 1", 1, 2)
    ('名 = 1', '', '^^')
    """
    clean = "".join(c if c.isprintable() or c == _WIDE_SPACE else " " for c in source)
    start, end = column - 1, max(end_column - 1, column)
    if len(clean) > most or width(clean) > most:
        # the window ends within the columns even if all its characters are wide
        cut = max(0, start - most // 6)
        clean = clean[cut : cut + most]
        start, end = start - cut, min(end - cut, len(clean))
        while width(clean) > most:
            clean = clean[:-1]
        end = min(end, max(len(clean), start + 1))
    return clean, " " * width(clean[:start]), "^" * max(1, width(clean[start:end]))


def width(text: str) -> int:
    """Count the terminal columns of a text: a Chinese character takes two.

    >>> width("考勤 6")
    6
    """
    import unicodedata  # noqa: PLC0415 - only when a text is shown

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) + wide - marks


def plural(word: str, count: int) -> str:
    """Return a word in the number that fits.

    >>> plural("criterion", 2), plural("tier", 1)
    ('criteria', 'tier')
    """
    several = "criteria" if word == "criterion" else f"{word}s"
    return word if count == 1 else several
