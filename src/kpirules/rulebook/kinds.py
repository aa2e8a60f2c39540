"""The kinds of cells of a rule workbook: how each is read, written, and chosen from a list.

``read`` converts the value of a cell to that of the ruleset file and ``write`` converts it back.
What cannot be read raises :class:`~kpirules.translations.message.MessageError`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TypeAlias

import attrs

from kpirules._internal.display import folded
from kpirules._internal.typeguards import is_list
from kpirules.arithmetic.number import decimal_of, show
from kpirules.arithmetic.range import Range
from kpirules.evaluation.record import FLAGS
from kpirules.rulebook.names import Names
from kpirules.rulebook.spelling import date_of, number_of, plain, range_of
from kpirules.translations.catalog import languages, template
from kpirules.translations.message import Given, Joined, Message, MessageError


#: the value of a cell
Scalar: TypeAlias = int | Decimal | str | bool | date

#: what separates the items of a list in a cell; a writer uses the first
SEPARATORS = re.compile(r"\s*[;\uff1b\n]\s*")
BETWEEN = "; "
#: the digits that a cell holds
_MAX_DIGITS = 15


@attrs.frozen(kw_only=True)
class Around:
    """What the meaning of a cell depends on."""

    names: Names
    #: the language of the workbook that is written
    lang: str
    #: the fact whose values the cell has
    subject: str = ""


def wrong(key: str, **params: object) -> MessageError:
    """Return the error about a cell that cannot be read."""
    return MessageError(Message.of(f"rulebook.{key}", **params))


def text_of(value: Scalar) -> str:
    """Return the value of a cell as a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else show(value)


def shown(value: object) -> str:
    """Return a value of the ruleset file as a text."""
    if is_list(value):
        return BETWEEN.join(map(shown, value))
    return text_of(value) if isinstance(value, (bool, int, Decimal, date)) else str(value)


def _check_date(value: Scalar) -> None:
    """Reject a date: a spreadsheet makes one of 1-2."""
    if isinstance(value, date):
        raise wrong("is-date", text=text_of(value))


def number_in(value: Scalar, *, percent: int = 0) -> int | Decimal | None:
    """Return a number; ``percent`` is what a percentage is divided by, 0: it is rejected."""
    _check_date(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return value
    spelled = number_of(value) if isinstance(value, str) else None
    if spelled is None:
        return None
    number, is_percent = spelled
    if is_percent and not percent:
        raise wrong("percent", text=Given(value))
    return number / percent if is_percent else number


def cell_number(number: int | Decimal) -> Scalar:
    """Return a number for a cell: as a text if it has more digits than a cell holds."""
    digits = Decimal(number).normalize().as_tuple().digits
    return number if len(digits) <= _MAX_DIGITS else show(number)


class Kind:
    """A kind of cells: texts as they are."""

    #: the name of the text about what to write into such a cell
    hint = "text"
    #: a spreadsheet must not make a number or a date of what is typed
    is_text = True

    def read(self, value: Scalar, at: Around) -> object:
        """Return the value of the ruleset file."""
        del at
        return text_of(value)

    def write(self, value: object, at: Around) -> Scalar:
        """Return the value of the cell."""
        del at
        return str(value)


class Label(Kind):
    """A text for people, in several languages."""


@attrs.frozen
class Number(Kind):
    """A number."""

    hint = "number"
    is_text = False

    #: what a percentage is divided by; 0: it is rejected
    percent: int = 0

    def read(self, value: Scalar, at: Around) -> object:
        """Return the number; the text if it is not one."""
        del at
        number = number_in(value, percent=self.percent)
        if number is None:
            raise wrong("number", text=Given(text_of(value)))
        return number

    def write(self, value: object, at: Around) -> Scalar:
        """Return the number."""
        del at
        return cell_number(value) if isinstance(value, (int, Decimal)) else str(value)


_NUMBER = Number()


class Span(Kind):
    """A range, or several; a number alone is the range of it if ``is_range``."""

    hint = "range"

    def __init__(self, *, is_range: bool, many: bool = False) -> None:
        self.is_range = is_range
        self.many = many

    def read(self, value: Scalar, at: Around) -> object:
        """Return the range as the language has it."""
        _check_date(value)
        texts = SEPARATORS.split(text_of(value).strip()) if self.many else [text_of(value)]
        every = [self._one(text, at) for text in texts if text]
        return every if len(every) > 1 else every[0]

    def _one(self, text: str, at: Around) -> object:
        """Return one range."""
        subject = at.names.known(at.subject)
        number = number_in(text, percent=int("%" in (subject.units if subject else ())))
        if number is not None:
            return f"{show(number)}..{show(number)}" if self.is_range else number
        span = range_of(text, subject.units if subject else ())
        if span is None:
            raise wrong("range", text=Given(text))
        return str(span) if span.only is None else f"{span}..{span}"

    def write(self, value: object, at: Around) -> Scalar:
        """Return the number, or the text of the ranges."""
        if is_list(value):
            return BETWEEN.join(text_of(self.write(each, at)) for each in value)
        if isinstance(value, (int, Decimal)):
            return cell_number(value)
        span = Range.parse(str(value))
        return str(span) if span.only is None else _NUMBER.write(decimal_of(span.only), at)


class Flag(Kind):
    """Yes or no."""

    hint = "flag"

    def read(self, value: Scalar, at: Around) -> object:
        """Return the truth."""
        del at
        truth = value if isinstance(value, bool) else FLAGS.get(folded(text_of(value)))
        if truth is None:
            raise wrong("flag", text=Given(text_of(value)))
        return truth

    def write(self, value: object, at: Around) -> Scalar:
        """Return the word of the language."""
        return template("result.yes" if value else "result.no", at.lang)

    def spellings(self, lang: str) -> list[str]:
        """Return both words in a language."""
        return [template(key, lang) for key in ("result.yes", "result.no")]


@attrs.frozen
class Word(Kind):
    """A word of a closed vocabulary, or else a number where that is allowed too."""

    name: str
    words: tuple[str, ...]
    or_number: bool = False

    def read(self, value: Scalar, at: Around) -> object:
        """Return the word of the language."""
        number = number_in(value) if self.or_number else None
        if number is not None:
            return number
        word = _spelled(self).get(folded(text_of(value)))
        if word is None:
            listed = Joined(tuple(map(Message.of, map(self._key, self.words))), "list.semicolon")
            raise wrong("word", text=Given(text_of(value)), words=listed)
        del at
        return word

    def write(self, value: object, at: Around) -> Scalar:
        """Return the word in the language of the workbook."""
        if isinstance(value, (int, Decimal)):
            return cell_number(value)
        return template(self._key(str(value)), at.lang)

    def _key(self, word: str) -> str:
        """Return the key of the translation of a word."""
        return f"rulebook-{self.name}.{word}"

    def spellings(self, lang: str) -> list[str]:
        """Return the words in a language."""
        return [template(self._key(word), lang) for word in self.words]


@cache
def _spelled(kind: Word) -> Mapping[str, str]:
    """Return the words of a vocabulary by what people write for them."""
    every = {folded(word): word for word in kind.words}
    for lang in languages():
        every |= dict(zip(map(folded, kind.spellings(lang)), kind.words, strict=True))
    return every


class Day(Kind):
    """A date."""

    hint = "date"
    is_text = False

    def read(self, value: Scalar, at: Around) -> object:
        """Return the date."""
        del at
        day = value if isinstance(value, date) else date_of(text_of(value))
        if day is None:
            raise wrong("date", text=Given(text_of(value)))
        return day.date() if isinstance(day, datetime) else day

    def write(self, value: object, at: Around) -> Scalar:
        """Return the date."""
        del at
        return value if isinstance(value, date) else str(value)


class Name(Kind):
    """A fact, an item, or a computed value, by its label or id."""

    hint = "data"

    def read(self, value: Scalar, at: Around) -> object:
        """Return the id; an unknown name remains, for ``check`` to report."""
        text = text_of(value).strip()
        return at.names.id_of(text) or text

    def write(self, value: object, at: Around) -> Scalar:
        """Return the label, or the id."""
        return at.names.text_of(str(value), at.lang)


class Formula(Kind):
    """A formula, in which labels may be in place of ids."""

    hint = "formula"

    def read(self, value: Scalar, at: Around) -> object:
        """Return the formula with ids."""
        # as a spreadsheet begins a formula
        return at.names.in_formula(plain(text_of(value)).removeprefix("=").strip())

    def write(self, value: object, at: Around) -> Scalar:
        """Return the formula with labels."""
        return at.names.of_formula(str(value), at.lang)


class Weight(Kind):
    """A number, or a formula; a percentage is its number."""

    hint = "weight"
    is_text = False

    def read(self, value: Scalar, at: Around) -> object:
        """Return the number or the formula."""
        number = number_in(value, percent=1)
        return Formula().read(value, at) if number is None else number

    def write(self, value: object, at: Around) -> Scalar:
        """Return the number or the formula."""
        if isinstance(value, (int, Decimal)):
            return cell_number(value)
        return Formula().write(value, at)


class Points(Kind):
    """Points: a number, or a range to award within."""

    hint = "points"

    def read(self, value: Scalar, at: Around) -> object:
        """Return the number or the range."""
        return Span(is_range=False).read(value, attrs.evolve(at, subject=""))

    def write(self, value: object, at: Around) -> Scalar:
        """Return the number or the range."""
        if isinstance(value, str) and (only := Range.parse(value).only) is not None:
            # "5..5" is a range to award within, 5 is not
            return f"{show(only)}..{show(only)}"
        return Span(is_range=False).write(value, at)


class Amount(Kind):
    """A number, or a text."""

    hint = "amount"
    is_text = False

    def read(self, value: Scalar, at: Around) -> object:
        """Return the number; any other text as it is."""
        del at
        number = number_in(value)
        return text_of(value) if number is None else number

    def write(self, value: object, at: Around) -> Scalar:
        """Return the number or the text."""
        del at
        return cell_number(value) if isinstance(value, (int, Decimal)) else str(value)


class TierName(Kind):
    """A tier, by its label or id."""

    hint = "tier"

    def read(self, value: Scalar, at: Around) -> object:
        """Return the id; an unknown tier remains, for ``check`` to report."""
        part = at.names.all("tier").found(text_of(value).strip())
        return text_of(value) if part is None else part.id

    def write(self, value: object, at: Around) -> Scalar:
        """Return the label, or the id."""
        return at.names.all("tier").written(str(value), at.lang)


class Lines(Kind):
    """Several texts."""

    hint = "lines"

    def read(self, value: Scalar, at: Around) -> list[str]:
        """Return the texts."""
        del at
        return [text for text in SEPARATORS.split(text_of(value).strip()) if text]

    def write(self, value: object, at: Around) -> Scalar:
        """Return the texts."""
        del at
        return BETWEEN.join(map(str, value)) if is_list(value) else str(value)
