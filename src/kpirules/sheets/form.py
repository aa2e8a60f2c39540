"""The form of a rubric as people know it, blank or filled: what every kind of sheet is drawn from.

Texts are plain, in one language and already harmless
(:func:`kpirules._internal.display.printable`); no markup, no layout. HTML, PDF, workbook, report
and terminal only say how it looks; how a form comes about is :mod:`kpirules.sheets.form_builder`'s
matter.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import attrs

from kpirules._internal.display import printable
from kpirules.translations.sheet_words import own_words


if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True)
class Level:
    """One level of an item: points, and what they stand for."""

    points: str
    text: str
    #: the sheet is filled, and this is the level that was reached
    is_reached: bool = False


@attrs.frozen(kw_only=True)
class Fact:
    """A fact of the month that is counted or chosen."""

    name: str
    label: str
    unit: str
    #: what may be given, in words
    admissible: str
    #: the codes of what is chosen from, as a record has them
    codes: tuple[str, ...] = ()
    #: what was given; empty on a blank sheet and where it is missing
    value: str = ""


@attrs.frozen(kw_only=True)
class Item:
    """One line of the form."""

    id: str
    label: str
    #: what it gives at full marks; empty where it is not scored
    weight: str
    levels: tuple[Level, ...]
    kind: Literal["measured", "judged", "remark"]
    cite: str = ""
    #: the names under which it is rated, one for each rater
    ratings: tuple[str, ...] = ()
    #: on a filled sheet: the points; what was rated, in the order of the ratings; why
    points: str = ""
    rated: tuple[str, ...] = ()
    why: str = ""
    remark: str = ""


@attrs.frozen(kw_only=True)
class Part:
    """A section of the form; the whole form where it has none."""

    id: str
    label: str
    weight: str
    items: tuple[Item, ...]
    subtotal: str = ""
    #: the subtotal of full marks, between 0 and 1, for a picture; None on a blank sheet
    share: Fraction | None = None


@attrs.frozen(kw_only=True)
class Grade:
    """A tier: its totals, its name, what it pays."""

    id: str
    totals: str
    label: str
    values: tuple[str, ...]
    is_reached: bool = False


@attrs.frozen(kw_only=True)
class Rule:
    """What stands beside the criteria: an adjustment, a gate, an outcome."""

    kind: str
    label: str
    rows: tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True)
class Outcome:
    """What follows from a total, for a filled sheet."""

    name: str
    label: str
    value: str
    why: str = ""


@attrs.frozen(kw_only=True)
class Person:
    """Who a sheet is about, as its heading says it."""

    name: str = attrs.field(default="", converter=printable)
    number: str = attrs.field(default="", converter=printable)
    appraiser: str = attrs.field(default="", converter=printable)


@attrs.frozen(kw_only=True)
class Paper:
    """A form, blank or filled."""

    lang: str
    rubric: str
    title: str
    role: str
    period: str
    since: str
    currency: str
    full_marks: str
    source: str
    person: Person
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    #: the names of the columns in which ratings are given
    raters: tuple[str, ...]
    grades: tuple[Grade, ...]
    #: the headings of what the tiers pay
    pays: tuple[str, ...]
    rules: tuple[Rule, ...]
    rulings: tuple[tuple[str, str], ...]
    fingerprint: str
    state: Literal["blank", "filled", "unratable", "refused"] = "blank"
    total: str = ""
    tier: str = ""
    #: adjustments and gates that applied
    steps: tuple[Outcome, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    #: what is wrong with the record
    problems: tuple[str, ...] = ()

    @property
    def shares(self) -> list[tuple[str, int, str]]:
        """What the sections of a filled sheet reached: (label, per cent, words)."""
        return [
            (part.label, int(part.share * 100), f"{part.subtotal} {self.words['of']} {part.weight}")
            for part in self.parts
            if part.share is not None
        ]

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the form itself, in its language."""
        return own_words(self.lang)
