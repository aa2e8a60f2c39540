"""Ranges of exact numbers: their grammar and their algebra. No rubric terms.

A range lies between two *cuts*. A cut is a position between numbers: ``(7, 0)`` just before 7,
``(7, 1)`` just after it; None means that the range is unbounded there. So a closed endpoint, an
open endpoint and a single number are one case, and ranges are compared by comparing their cuts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

import attrs

from kpirules._internal.display import brief
from kpirules._internal.positional import Positional
from kpirules.arithmetic.number import (
    MAX_DIGITS,
    NARROW,
    NotExactError,
    Number,
    canonical,
    exact,
    show,
)
from kpirules.translations.message import Message, MessageError, shown


#: a position between numbers: just before the number (0) or just after it (1)
Cut: TypeAlias = tuple[Number, int]


class RangeSyntaxError(MessageError):
    """A text that is not a range; the reason states the error and the correct form."""

    @classmethod
    def of(cls, key: str, **params: object) -> RangeSyntaxError:
        """Return the error with a reason and its values."""
        return cls(Message.of(f"range-text.{key}", **params))


@attrs.frozen(repr=False)
class Range(Positional):
    """All numbers between two cuts; None: unbounded.

    >>> Range.parse("80 .. < 90").contains(90)
    False
    >>> str(Range.parse("≥3")), str(Range.exactly(4)), str(Range())
    ('>= 3', '4', 'any')
    """

    #: the cut before the first number; None: unbounded below
    low: Cut | None = None
    #: the cut after the last number; None: unbounded above
    high: Cut | None = None

    def __attrs_post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise RangeSyntaxError.of("empty_ends", low=str(self.low), high=str(self.high))

    @classmethod
    def exactly(cls, value: Number) -> Range:
        """Return the range of one number."""
        return cls((value, 0), (value, 1))

    @classmethod
    def closed(cls, low: Number, high: Number) -> Range:
        """Return the range from one number to another, both included."""
        return cls((low, 0), (high, 1))

    @classmethod
    def parse(cls, text: str) -> Range:
        """Parse a range; raise :class:`RangeSyntaxError` if the text is not a range.

        ``"3..7"`` includes both endpoints; ``">= 3"``, ``"> 3"``, ``"<= 3"``, ``"< 3"``; ``"80 .. <
        90"``, ``"> 0 .. 5"``, ``"> 0 .. < 5"``; ``"any"``. ``≥``, ``≤`` and full-width characters
        are accepted too.
        """
        return _parse(cls, text)

    @property
    def only(self) -> Number | None:
        """Return the number of a range with a single number, else None."""
        if self.low and self.high and self.low[0] == self.high[0]:
            return self.low[0]
        return None

    def contains(self, value: Number) -> bool:
        """Check whether a number lies in the range."""
        low, high = self.low, self.high
        above, below = value.as_integer_ratio()
        # fractions are slow to compare: an endpoint with itself only if it is not passed
        if low is not None:
            least = low[0] * below
            if not (least < above or (least == above and low[1] <= 0)):
                return False
        if high is None:
            return True
        most = high[0] * below
        return above < most or (above == most and high[1] > 0)

    def meet(self, other: Range) -> Range | None:
        """Return the intersection of two ranges, or None.

        >>> str(Range.parse("1..5").meet(Range.parse("> 3")))
        '> 3 .. 5'
        """
        low, high = self.low, self.high
        if low is None or (other.low is not None and other.low > low):
            low = other.low
        if high is None or (other.high is not None and other.high < high):
            high = other.high
        if low is not None and high is not None and low >= high:
            return None
        return Range(low, high)

    def covers(self, other: Range) -> bool:
        """Check whether another range lies in this one."""
        return self.meet(other) == other

    def covers_bounds(self, low: Number | None, high: Number | None) -> bool:
        """Check whether all numbers from one to another lie in the range; None: unbounded."""
        cuts = None if low is None else (low, 0), None if high is None else (high, 1)
        return self.covers(Range(*cuts))

    def on_grid(self, step: Number) -> Range | None:
        """Return the range from the first to the last multiple of ``step``, or None.

        >>> str(Range.parse("> 0 .. < 5").on_grid(1)), Range.parse("> 0 .. < 1").on_grid(1)
        ('1..4', None)
        """
        low = high = None
        if self.low is not None:
            value, after = self.low
            low = (canonical((value // step + 1 if after else -(-value // step)) * step), 0)
        if self.high is not None:
            value, after = self.high
            high = (canonical((value // step if after else -(-value // step) - 1) * step), 1)
        if low is not None and high is not None and low[0] > high[0]:
            return None
        return Range(low, high)

    def least(self, step: Number | None = None) -> Number | None:
        """Return the least number of the range on the grid, or None if there is none.

        Without a lower endpoint it is the greatest number, without both it is 0. Without a grid, an
        open endpoint has no least number: then it is the first one with the fewest decimals.
        >>> Range.parse("> 84 .. < 85").least(), Range.parse("> 84").least(1)
        (Fraction(841, 10), 85)
        """
        if step is not None:
            grid = self.on_grid(step)
            if grid is None:
                return None
            return _end(grid)
        return _end(self) if _includes_end(self) else _simplest(self)

    def __str__(self) -> str:
        if self.only is not None:
            return show(self.only)
        if self.low is None:
            return "any" if self.high is None else f"<{'=' * self.high[1]} {show(self.high[0])}"
        if self.high is None:
            return f">{'=' * (1 - self.low[1])} {show(self.low[0])}"
        low = f"{'> ' * self.low[1]}{show(self.low[0])}"
        high = f"{'< ' * (1 - self.high[1])}{show(self.high[0])}"
        return f"{low} .. {high}" if self.low[1] or not self.high[1] else f"{low}..{high}"

    def __repr__(self) -> str:
        return f"<Range {self}>"


def _end(span: Range) -> Number:
    """Return the endpoint where the search starts: the lower, else the upper, else 0."""
    cut = span.low or span.high
    return 0 if cut is None else cut[0]


def _includes_end(span: Range) -> bool:
    """Check whether that endpoint belongs to the range."""
    if span.low is not None:
        return span.low[1] == 0
    return span.high is None or span.high[1] == 1


def _simplest(span: Range) -> Number:
    """Return the number with the fewest decimals between open endpoints, nearest to the start."""
    unit: Number = 1
    while (grid := span.on_grid(unit)) is None:
        unit = Fraction(unit, 10)
    return _end(grid)


_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_BETWEEN = re.compile(rf"(>)?\s*({_NUMBER})\s*\.\.\s*(<)?\s*({_NUMBER})", re.ASCII)
#: a near miss: signs for included endpoints, which need none; other signs between endpoints
_SIGNED = re.compile(rf"(>=?)?\s*({_NUMBER})\s*\.\.\s*(<=?)?\s*({_NUMBER})", re.ASCII)
_JOINED = re.compile(rf"({_NUMBER})\s*[-~–—～至到…]+\s*({_NUMBER})", re.ASCII)  # noqa: RUF001 - as people type
_ONE_SIDE = re.compile(rf"([<>]=?)\s*({_NUMBER})", re.ASCII)
_BARE = re.compile(_NUMBER, re.ASCII)

#: common substitutes for the grammar's signs, and full-width forms of them
_SIGNS: dict[int, str] = {
    0x2265: ">=",
    0x2264: "<=",
    0xFF1E: ">",
    0xFF1C: "<",
    0xFF1D: "=",
    0xFF05: "%",
    0x3000: " ",
    **NARROW,
}
#: the maximum length of a range, in characters
_MAX_LENGTH = 4 * MAX_DIGITS

_FORMS = Message.of("range-text.forms")


def _parse(cls: type[Range], text: str) -> Range:
    """Parse a range (see :meth:`Range.parse`)."""
    if len(text) > _MAX_LENGTH:
        raise RangeSyntaxError.of("too-long", length=len(text), forms=_FORMS)
    plain = text.translate(_SIGNS).strip()
    if plain == "any":
        return cls()
    if match := _BETWEEN.fullmatch(plain):
        after, low, before, high = match.groups()
        ends = (_number(low), int(after is not None)), (_number(high), int(before is None))
        if ends[0] >= ends[1]:
            raise _empty(text, *ends)
        return cls(*ends)
    if match := _ONE_SIDE.fullmatch(plain):
        sign, number = match.groups()
        value = _number(number)
        if sign[0] == ">":
            return cls((value, int(sign == ">")), None)
        return cls(None, (value, int(sign == "<=")))
    raise _syntax_error(text, plain)


def _number(digits: str) -> Number:
    """Parse a number of the grammar within the limits for numbers."""
    try:
        return exact(digits)
    except NotExactError as error:
        raise RangeSyntaxError.of("number", text=digits[:20], reason=error.reason) from None


def _empty(text: str, low: Cut, high: Cut) -> RangeSyntaxError:
    """Return the error for an empty range, with the range that was probably meant."""
    if low[0] > high[0]:
        swapped = f"{show(high[0])}..{show(low[0])}"
        return RangeSyntaxError.of("empty_swapped", text=brief(text), right=swapped)
    return RangeSyntaxError.of("empty", text=brief(text))


def _syntax_error(text: str, plain: str) -> RangeSyntaxError:
    """Return the error for a text that is not a range."""
    written = brief(text)
    if _BARE.fullmatch(plain):
        return RangeSyntaxError.of("quoted", text=written, right=plain)
    if plain in ("O", "o"):
        return RangeSyntaxError.of("letter", text=written)
    if "%" in plain:
        return RangeSyntaxError.of("percent", text=written)
    if joined := _JOINED.fullmatch(plain):
        low, high = joined.groups()
        return RangeSyntaxError.of("joined", text=written, right=f"{low}..{high}")
    if signed := _SIGNED.fullmatch(plain):
        after, low, before, high = signed.groups()
        right = f"{'> ' * (after == '>')}{low} .. {'< ' * (before == '<')}{high}"
        return RangeSyntaxError.of("signed", text=written, right=right)
    return RangeSyntaxError.of("unknown", text=written, forms=_FORMS)


def join(ranges: Iterable[Range], step: Number | None = None) -> tuple[Range, ...]:
    """Merge ranges into the fewest, in rising order; on a grid, neighbours are joined too.

    >>> [str(r) for r in join([Range.parse("3..7"), Range.parse("8..10"), Range.exactly(0)], 1)]
    ['0', '3..10']
    """
    spans = [r if step is None else r.on_grid(step) for r in ranges]
    rest = sorted((s for s in spans if s is not None), key=_sort_key)
    merged: list[Range] = []
    for span in rest:
        if merged and _touch(merged[-1], span, step):
            last = merged.pop()
            ends = (last.high, span.high)
            high = None if None in ends else max(e for e in ends if e is not None)
            merged.append(Range(last.low, high))
        else:
            merged.append(span)
    return tuple(merged)


def gaps_between(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Return the ranges of all numbers that lie in none of some ranges, in rising order.

    >>> [str(r) for r in gaps_between([Range.parse("3..7"), Range.parse("> 9")])]
    ['< 3', '> 7 .. 9']
    """
    found: list[Range] = []
    low: Cut | None = None
    is_open = True
    for span in join(ranges):
        if span.low is not None and (low is None or low < span.low):
            found.append(Range(low, span.low))
        low, is_open = span.high, span.high is not None
    return (*found, Range(low, None)) if is_open else tuple(found)


def _sort_key(span: Range) -> tuple[bool, Cut | tuple[()]]:
    """Return the sort key by lower cut; ranges without one come first."""
    return (span.low is not None, span.low or ())


def _touch(left: Range, right: Range, step: Number | None) -> bool:
    """Check whether no number lies between two ranges, of which the left one starts first."""
    if left.high is None or right.low is None:
        return True
    if left.high >= right.low:
        return True
    return step is not None and right.low[0] - left.high[0] == step


def numbers_of(ranges: Iterable[Range], step: Number | None = None) -> tuple[Number | Range, ...]:
    """Return the numbers of ranges for a message: in rising order, single numbers as such.

    >>> numbers_of([Range.parse("8..10"), Range.parse("3..7"), Range.parse("0..1")], 1)
    (0, 1, <Range 3..10>)
    """
    found: list[Number | Range] = []
    for span in join(ranges, step):
        low, high = span.low, span.high
        if span.only is not None:
            found.append(span.only)
        elif step and low and high and not low[1] and high[1] and high[0] - low[0] == step:
            found += [low[0], high[0]]
        else:
            found.append(span)
    return tuple(found)


def listing(ranges: Iterable[Range], step: Number | None = None, lang: str | None = None) -> str:
    """Format the numbers of ranges for people: ``0, 1, 3 to 10``.

    >>> listing([Range.parse("8..10"), Range.parse("3..7"), Range.parse("0..1")], 1)
    '0, 1, 3 to 10'
    """
    return shown(numbers_of(ranges, step), lang)


@shown.register
def _(value: Range, lang: str | None) -> str:
    return _in_words(value).text(lang)


def _in_words(span: Range) -> Message:
    """Return a range in words: ``80 to less than 90``."""
    if span.only is not None:
        return Message.of("list.one", value=span.only)
    low, high = span.low, span.high
    if low is None and high is None:
        return Message.of("range.any")
    if low is None and high is not None:
        return Message.of("range.at-most" if high[1] else "range.less-than", high=high[0])
    if low is not None and high is None:
        return Message.of("range.more-than" if low[1] else "range.at-least", low=low[0])
    kinds = {
        (0, 1): "closed",
        (0, 0): "from-to-below",
        (1, 1): "above-to",
        (1, 0): "above-to-below",
    }
    (first, after), (last, before) = low or (0, 0), high or (0, 0)
    kind = kinds[after, before]
    if kind == "closed" and first < 0:
        # a dash before or after a minus sign cannot be read
        kind = "closed-negative"
    return Message.of(f"range.{kind}", low=first, high=last)
