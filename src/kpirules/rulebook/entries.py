"""Cells of a rule workbook that depend on a fact: conditions on it, and its values in a record."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

import attrs

from kpirules._internal.display import folded
from kpirules._internal.typeguards import is_list
from kpirules.arithmetic.number import decimal_of
from kpirules.evaluation.record import FLAGS
from kpirules.rulebook.kinds import (
    BETWEEN,
    SEPARATORS,
    Around,
    Flag,
    Kind,
    Scalar,
    TierName,
    cell_number,
    number_in,
    text_of,
    wrong,
)
from kpirules.rulebook.names import Known, Names
from kpirules.rulebook.spelling import range_of
from kpirules.translations.catalog import languages, template
from kpirules.translations.message import Given, Message


#: what people write between several entries of a condition
_LOOSE = re.compile(r"\s*[;\uff1b\n、]\s*|\s+or\s+|\s*或\s*")


class Entry(Kind):
    """What a condition asks of its subject: a number, a range, an option, a flag; or several."""

    hint = "entry"

    def read(self, value: Scalar, at: Around) -> object:
        """Return the entry as the language has it."""
        one = self._one(value, at)
        if one is not None:
            return one
        text = text_of(value).strip()
        pieces = [piece for piece in _LOOSE.split(text) if piece]
        every = [self._one(piece, at) for piece in pieces]
        if len(every) > 1 and None not in every:
            return every
        subject = at.names.known(at.subject)
        if subject is not None and subject.kind in ("count", "number", "rating"):
            raise wrong(
                "range_entry", text=Given(text), otherwise=Message.of("rulebook-entry.otherwise")
            )
        # an option that there is not, for ``check`` to report
        return text

    def _one(self, value: Scalar, at: Around) -> object:
        """Return one entry; None if it is not one."""
        text = text_of(value).strip()
        for word in ("otherwise", "missing"):
            if folded(text) in _words(word):
                return word
        if at.subject == "tier":
            part = at.names.all("tier").found(text)
            return None if part is None else part.id
        subject = at.names.known(at.subject)
        if subject is None:
            subject = Known(id=at.subject)
        match subject.kind:
            case "choice":
                option = subject.options.found(text)
                return None if option is None else option.id
            case "flag":
                return value if isinstance(value, bool) else FLAGS.get(folded(text))
            case _:
                number = number_in(value, percent=int("%" in subject.units))
                span = range_of(text, subject.units) if number is None else None
                if span is None:
                    return number
                return str(span) if span.only is None else decimal_of(span.only)

    def write(self, value: object, at: Around) -> Scalar:
        """Return the text of the entry."""
        if is_list(value):
            return BETWEEN.join(text_of(self.write(each, at)) for each in value)
        if isinstance(value, bool):
            return Flag().write(value, at)
        if isinstance(value, (int, Decimal)):
            return cell_number(value)
        text = str(value)
        if text in ("otherwise", "missing"):
            return template(f"rulebook-entry.{text}", at.lang)
        if at.subject == "tier":
            return TierName().write(text, at)
        subject = at.names.known(at.subject)
        label = text if subject is None else subject.options.written(text, at.lang)
        return text if _LOOSE.search(label) or folded(label) in _reserved() else label


#: what people write for it besides the words of the languages
_ALSO = {"otherwise": ("else", "other", "others", "其他", "其它")}


@cache
def _words(word: str) -> frozenset[str]:
    """Return what people write for a word of conditions."""
    texts = (template(f"rulebook-entry.{word}", lang) for lang in languages())
    return frozenset({word, *map(folded, texts), *_ALSO.get(word, ())})


def _reserved() -> frozenset[str]:
    """Return the words of conditions."""
    return _words("otherwise") | _words("missing")


class Fact(Entry):
    """The value of a fact or item in a record."""

    hint = "given"
    is_text = False

    def read(self, value: Scalar, at: Around) -> object:
        """Return the value of the record."""
        subject = at.names.known(at.subject)
        if subject is not None and subject.many:
            one = attrs.evolve(subject, many=False)
            names = Names()
            names.add("inputs", one)
            pieces = SEPARATORS.split(text_of(value).strip())
            return [self.read(p, attrs.evolve(at, names=names)) for p in pieces if p and p != "[]"]
        if subject is not None and subject.kind in ("choice", "flag"):
            one_ = self._one(value, at)
            return text_of(value) if one_ is None else one_
        if subject is not None and subject.kind in ("remark", "text"):
            return text_of(value)
        if at.subject == "tier":
            return TierName().read(value, at)
        number = number_in(value, percent=int("%" in (subject.units if subject else ())))
        if number is not None or isinstance(value, bool):
            return value if number is None else number
        return text_of(value).strip()

    def write(self, value: object, at: Around) -> Scalar:
        """Return the text or number of the value."""
        if is_list(value):
            return BETWEEN.join(text_of(self.write(each, at)) for each in value) or "[]"
        if isinstance(value, str) and value in ("otherwise", "missing"):
            return value
        return super().write(value, at)
