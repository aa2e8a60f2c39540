"""Values that are not TOML: dates, numbers, ranges and texts as people write them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from kpirules.arithmetic.number import exact, show
from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.toml.characters import narrowed
from kpirules.toml.stop import TEXT, Repair


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.toml.stop import Mistake, Stop


_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
#: a unit behind a number
_UNIT = r"\s*[^\s\d.~<>=,+-]{0,8}?\s*"
#: the words of ranges with one end
_ENDS = {
    **dict.fromkeys((">", "大于", "超过", "高于", "多于", "more than", "above", "over"), ">"),
    **dict.fromkeys(
        ("<", "小于", "不足", "低于", "少于", "未满", "less than", "below", "under"), "<"
    ),
    **dict.fromkeys((">=", "≥", "不小于", "不低于", "不少于", "至少", "at least"), ">="),
    **dict.fromkeys(
        ("<=", "≤", "不大于", "不高于", "不超过", "至多", "最多", "at most", "up to"), "<="
    ),
}
#: the words that multiply a number
_TIMES = {"百": 100, "k": 1_000, "千": 1_000, "万": 10_000, "亿": 100_000_000}

_Right: TypeAlias = "Callable[[re.Match[str]], str | None]"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


#: names of mistakes, each with the pattern of the value in plain characters and the right value:
#: empty if there is none, None if the value has no meaning either
_VALUES: tuple[tuple[str, re.Pattern[str], _Right], ...] = (
    (
        "date",
        _pattern(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*[日号]?"),
        lambda found: _day(int(found[1]), int(found[2]), int(found[3])),
    ),
    (
        "date",
        _pattern(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}|[0-9]{4}[-/年][0-9]{1,2}月?"),
        lambda _: None,
    ),
    ("number", _pattern(_NUMBER), lambda found: _number(found[0])),
    ("number", _pattern(r"[-+]?(?:\.[0-9]+|[0-9]+\.)"), lambda found: _number(found[0])),
    (
        "letter",
        _pattern(r"(?=.*[0-9])[0-9oli]+(?:\.[0-9oli]+)?"),
        lambda found: _number(found[0].lower().translate(str.maketrans("oli", "011"))),
    ),
    ("percent", _pattern(rf"({_NUMBER})\s*[%‰]"), lambda found: _number(found[1])),
    (
        "thousands",
        _pattern(r"[-+]?[0-9]{1,3}(?:[, '][0-9]{3})+(?:\.[0-9]+)?"),
        lambda found: _number(re.sub("[, ']", "", found[0])),
    ),
    (
        "range",
        _pattern(rf"({_NUMBER}){_UNIT}(?:\.\.+|[-~]+|至|到|to)\s*({_NUMBER}){_UNIT}"),
        lambda found: _range(f"{found[1]}..{found[2]}"),
    ),
    (
        "range",
        _pattern(rf"({_NUMBER}){_UNIT}(?:[及或]?以上|\+|or more)"),
        lambda found: _range(f">= {found[1]}"),
    ),
    (
        "range",
        _pattern(rf"({_NUMBER}){_UNIT}(?:[及或]?以下|or less)"),
        lambda found: _range(f"<= {found[1]}"),
    ),
    (
        "range",
        _pattern(rf"({'|'.join(sorted(_ENDS, key=len, reverse=True))})\s*({_NUMBER}){_UNIT}"),
        lambda found: _range(f"{_ENDS[found[1].lower()]} {found[2]}"),
    ),
    (
        "range",
        _pattern(r"(?=.*[<>≥≤]|.*\.\.)[<>=≥≤.\s0-9-]+"),
        lambda found: _range(found[0]),
    ),
    ("flag", _pattern("true|yes|on|y|是|真|对|√|✓"), lambda _: "true"),
    ("flag", _pattern("false|no|off|n|否|假|错"), lambda _: "false"),
    ("nothing", _pattern(r"null|none|nil|nan|n/a|无|空|-+|\?+"), lambda _: ""),
    (
        "unit",
        _pattern(rf"({_NUMBER})\s*({'|'.join(_TIMES)})\s*[^\s\d\"=]{{0,3}}"),
        lambda found: _times(found[1], _TIMES[found[2].lower()]),
    ),
    (
        "unit",
        _pattern(rf"(?:[^\w\s\"'({{\[.-]|[a-z]{{3}}\s|人民币)?\s*({_NUMBER})\s*[^\s\d\"=]{{0,8}}"),
        lambda found: _number(found[1]),
    ),
    ("no-opening-quote", _pattern(r"([^\"'=]+)[\"']"), lambda found: f'"{found[1]}"'),
    ("round-brackets", _pattern(r"\(.*"), lambda _: ""),
)


def bare_value(stop: Stop) -> Mistake | None:
    """Recognise a value that is not one."""
    start, end = stop.value, _end_of_value(stop)
    if start is None and stop.expected == "end":
        return _after_value(stop, end)
    if start is None or stop.last is None:
        return None
    written = stop.text[start:end].rstrip()
    end = start + len(written)
    if not written:
        return stop.mistake("no-value", *stop.last.span())
    if re.match(r"=|>\s*[\"'\[{]", written):
        return stop.mistake("equals-twice", start, start + 1, "")
    if stop.last.lastgroup in ("short", "text") and stop.expected == "end":
        return _after_value(stop, end)
    narrow = narrowed(written).strip()
    for key, pattern, right in _VALUES:
        if found := pattern.fullmatch(narrow):
            by = right(found)
            return stop.mistake(key if by is not None else f"{key}_unclear", start, end, by or None)
    if comment := re.match(rf"({_NUMBER}|true|false)\s*(//|--|;|/\*)", written):
        at = start + comment.start(2)
        return stop.mistake("comment", at, at + len(comment[2]), "#")
    if '"' in written or "=" in written:
        return _after_value(stop, end)
    return stop.mistake("no-quotes", start, end, f'"{written}"')


def _end_of_value(stop: Stop) -> int:
    """Return the offset where a value without quotes ends."""
    ends = {"": r"\#\n", "[": r",\]\#\n", "{": r",}\#\n"}[stop.bracket]
    found = re.compile(rf"(?:{TEXT}|[^{ends}])*").match(stop.text, stop.at)
    return stop.at if found is None else found.end()


def _after_value(stop: Stop, end: int) -> Mistake:
    """Return the mistake of something that follows a whole value."""
    rest = stop.text[stop.at : end]
    if mark := re.match(r"//+|--+|;+|/\*", rest):
        return stop.mistake("comment", stop.at, stop.at + mark.end(), "#")
    if not stop.bracket and re.match(r"[\w.-]+\s*=", rest):
        return stop.mistake("two-keys", stop.at, end, Repair(stop.at, stop.at, "\n"))
    return stop.mistake("after-value", stop.at, end)


def _number(text: str) -> str:
    """Return a number as TOML has it."""
    whole, _, decimals = text.lstrip("+").partition(".")
    sign, digits = whole.startswith("-") * "-", whole.lstrip("-").lstrip("0") or "0"
    return f"{sign}{digits}" + (f".{decimals}" if decimals else "")


def _times(text: str, factor: int) -> str:
    """Return a number with a word that multiplies it."""
    return show(exact(text) * factor)


def _range(text: str) -> str | None:
    """Return a range in quotes; None if the text is not a range."""
    try:
        return f'"{Range.parse(text)}"'
    except RangeSyntaxError:
        return None


def _day(year: int, month: int, day: int) -> str | None:
    """Return a date as TOML has it; None if there is no such day."""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
