"""Values that are not TOML: dates, numbers, ranges and texts as people write them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.toml.characters import narrowed
from kpirules.toml.stop import TEXT, Repair


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.toml.stop import Mistake, Stop


_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?"
#: a unit behind a number
_UNIT = r"\s*[^\s\d.~<>=,+-]{0,8}?\s*"

#: names of mistakes by the pattern of the value with plain characters, and the value that is right
_VALUES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
    (
        "date",
        re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*[日号]?"),
        lambda found: _day(int(found[1]), int(found[2]), int(found[3])),
    ),
    (
        "date",
        re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}|[0-9]{4}[-/年][0-9]{1,2}月?"),
        lambda _: None,
    ),
    ("number", re.compile(_NUMBER), lambda found: _number(found[0])),
    ("number", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.)"), lambda found: _number(found[0])),
    ("percent", re.compile(rf"({_NUMBER})\s*[%‰]"), lambda found: _number(found[1])),
    (
        "thousands",
        re.compile(r"[-+]?[0-9]{1,3}(?:[, '][0-9]{3})+(?:\.[0-9]+)?"),
        lambda found: _number(re.sub("[, ']", "", found[0])),
    ),
    (
        "range",
        re.compile(rf"({_NUMBER}){_UNIT}(?:\.\.+|[-~至到])\s*({_NUMBER}){_UNIT}"),
        lambda found: _range(f"{found[1]}..{found[2]}"),
    ),
    (
        "range",
        re.compile(rf"({_NUMBER}){_UNIT}(?:[及或]?以上|\+)"),
        lambda found: _range(f">= {found[1]}"),
    ),
    (
        "range",
        re.compile(rf"({_NUMBER}){_UNIT}[及或]?以下"),
        lambda found: _range(f"<= {found[1]}"),
    ),
    ("range", re.compile(r"(?=.*[<>≥≤]|.*\.\.)[<>=≥≤.\s0-9-]+"), lambda found: _range(found[0])),
    ("flag", re.compile("true|yes|on|y|是|真|对|√|✓", re.IGNORECASE), lambda _: "true"),
    ("flag", re.compile("false|no|off|n|否|假|错", re.IGNORECASE), lambda _: "false"),
    ("nothing", re.compile(r"null|none|nil|nan|n/a|无|空|-+|\?+", re.IGNORECASE), lambda _: ""),
    (
        "unit",
        re.compile(rf"[^\w\s\"'({{\[.-]?\s*({_NUMBER})\s*[^\s\d\"=]{{0,8}}"),
        lambda found: _number(found[1]),
    ),
    ("no-opening-quote", re.compile(r"([^\"'=]+)[\"']"), lambda found: f'"{found[1]}"'),
    ("round-brackets", re.compile(r"\(.*"), lambda _: ""),
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


def _number(text: str) -> str | None:
    """Return a number as TOML has it."""
    whole, _, decimals = text.lstrip("+").partition(".")
    sign, digits = whole.startswith("-") * "-", whole.lstrip("-").lstrip("0") or "0"
    return f"{sign}{digits}" + (f".{decimals}" if decimals else "")


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
