"""Read numbers, ranges, dates and formulas as people type them into cells.

Each function returns None for a text that it cannot read. Ranges follow the words of Chinese law:
以上 and 以下 include the number, 超过 and 不满 do not.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import NARROW
from kpirules.arithmetic.range import Range
from kpirules.translations.message import MessageError


if TYPE_CHECKING:
    from collections.abc import Iterable


#: signs of input methods and of printed forms, and their plain forms
_SIGNS: dict[int, str] = {
    **NARROW,
    # the full-width forms of all printable ASCII characters
    **{0xFF01 + i: chr(0x21 + i) for i in range(94)},
    **dict.fromkeys(map(ord, "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}"), "-"),
    **dict.fromkeys(map(ord, "\N{FULLWIDTH TILDE}\N{WAVE DASH}"), "~"),
    **dict.fromkeys(map(ord, "\N{IDEOGRAPHIC SPACE}\N{NO-BREAK SPACE}"), " "),
    ord("\N{MULTIPLICATION SIGN}"): "*",
    ord("\N{DIVISION SIGN}"): "/",
    ord("\N{LESS-THAN OR EQUAL TO}"): "<=",
    ord("\N{GREATER-THAN OR EQUAL TO}"): ">=",
    ord("\N{HORIZONTAL ELLIPSIS}"): "..",
}
_PLAIN = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_NUMBER = re.compile(_PLAIN, re.ASCII)
#: units that mean nothing more than the number
_UNITS = ("分", "元", "points", "point")
_N = rf"({_PLAIN})"
#: the spellings of ranges with one end, and with two
_SIDES = tuple(
    (re.compile(pattern.replace("N", _N), re.ASCII | re.IGNORECASE), sign)
    for pattern, sign in (
        (r"(?:>=|不低于|不少于|不小于|至少|大于等于|at least)\s*N", ">="),
        (r"N\s*(?:\(不含\)\s*以上|以上\s*\(不含\))", ">"),
        (r"N\s*(?:\(不含\)\s*以下|以下\s*\(不含\))", "<"),
        (
            r"N\s*(?:\(含\))?\s*(?:及以上|或以上|以上|(?:or|and) (?:more|above|over))",
            ">=",
        ),
        (r"(?:<=|不超过|不高于|不多于|不大于|至多|最多|小于等于|at most|up to)\s*N", "<="),
        (
            r"N\s*(?:\(含\))?\s*(?:及以下|或以下|以下|以内|(?:or|and) (?:less|fewer|below|under))",
            "<=",
        ),
        (r"(?:>|超过|大于|高于|多于|more than|above|over)\s*N", ">"),
        (r"(?:<|不满|未满|不足|小于|低于|少于|less than|fewer than|below|under)\s*N", "<"),
    )
)
_ENDS = r"\s*(?:\((不?)含\))?\s*"
_BETWEEN = re.compile(
    rf"{_N}{_ENDS}(?:~|-+|\.\.+|至|到|to)\s*{_N}{_ENDS}", re.ASCII | re.IGNORECASE
)
_BRACKETS = re.compile(rf"([\[(])\s*{_N}\s*[,;]\s*{_N}\s*([\])])", re.ASCII)
_AROUND = re.compile(rf"{_N}\s*(<=?)[^\d<>=]*(<=?)\s*{_N}", re.ASCII)
#: what joins two conditions; nothing between 80以上 and 90以下, or before a sign
_AND = re.compile(
    r"\s*(?:且|并且|\band\b|&)\s*"
    r"|\s*,?\s*(?<=[\d上,\s])(?=<|小于|低于|不满|不足|未满|少于|不超过|不高于)"
    r"|(?<=以上)\s*,?\s*(?=\d)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
#: longer texts are not ranges
_MAX_LENGTH = 100


def plain(text: str) -> str:
    r"""Return a text with plain signs and digits in place of those of input methods.

    >>> plain("\uff18\uff10\uff5e\uff19\uff10")
    '80~90'
    """
    return text.translate(_SIGNS).strip()


def number_of(text: str) -> tuple[Decimal, bool] | None:
    """Return the number of a text, and whether it is a percentage.

    >>> number_of("1,200.50"), number_of("85 %"), number_of("some")
    ((Decimal('1200.50'), False), (Decimal('85'), True), None)
    """
    digits = plain(text)
    is_percent = digits.endswith("%")
    for unit in ("%",) if is_percent else _UNITS:
        if digits.endswith(unit):
            digits = digits.removesuffix(unit).strip()
            break
    if not _NUMBER.fullmatch(digits):
        return None
    return Decimal(digits.replace(",", "")), is_percent


def range_of(text: str, units: Iterable[str] = ()) -> Range | None:
    """Return the range of a text; ``units`` may follow its numbers.

    >>> [str(range_of(t)) for t in ("80~99", "90分以上", "60 <= x < 75", "[60, 75)", "over 5")]
    ['80..99', '>= 90', '60 .. < 75', '60 .. < 75', '> 5']
    """
    if len(text) > _MAX_LENGTH:
        return None
    try:
        return Range.parse(text)
    except MessageError:
        pass
    short = plain(text)
    for unit in sorted({*map(plain, units), *_UNITS} - {""}, key=len, reverse=True):
        short = re.sub(rf"(?<=\d)\s*{re.escape(unit)}", " ", short).strip()
    try:
        return _between(short) or _sides(short)
    except MessageError:
        # a number of too many digits
        return None


def _between(text: str) -> Range | None:
    """Return a range with two ends in one of its spellings."""
    if found := _BETWEEN.fullmatch(text):
        return _closed(found[1], ">" if found[2] else ">=", found[3], "<" if found[4] else "<=")
    if found := _BRACKETS.fullmatch(text):
        ends = "<=" if found[4] == "]" else "<"
        return _closed(found[2], ">=" if found[1] == "[" else ">", found[3], ends)
    if found := _AROUND.fullmatch(text):
        return _closed(found[1], found[2].replace("<", ">"), found[4], found[3])
    return None


def _sides(text: str) -> Range | None:
    """Return a range of one or two conditions, such as ``at least 60 and below 75``."""
    # the "and" of "90 and more" joins no two conditions
    if (whole := _condition(text)) is not None:
        return whole
    parts = [part.strip() for part in _AND.split(text) if part.strip()]
    found = Range() if parts else None
    for part in parts:
        side = _condition(part)
        if side is None or found is None:
            return None
        found = found.meet(side)
    return found


def _condition(text: str) -> Range | None:
    """Return the range of one condition."""
    matches = ((pattern.fullmatch(text), sign) for pattern, sign in _SIDES)
    return next((_side(match, sign) for match, sign in matches if match), None)


def _closed(low: str, first: str, high: str, last: str) -> Range | None:
    """Return the range between two ends."""
    return _one_side(low, first).meet(_one_side(high, last))


def _side(match: re.Match[str], sign: str) -> Range:
    """Return the range of a condition, whose number is the one group that has matched."""
    return _one_side(next(filter(None, match.groups())), sign)


def _one_side(number: str, sign: str) -> Range:
    """Return a range with one end."""
    return Range.parse(f"{sign} {number.replace(',', '')}")


def date_of(text: str) -> date | None:
    """Return the date of a text.

    >>> date_of("2027/1/1")
    datetime.date(2027, 1, 1)
    """
    found = _DATE.fullmatch(plain(text))
    try:
        return found and date(*map(int, found.groups()))
    except ValueError:
        return None
