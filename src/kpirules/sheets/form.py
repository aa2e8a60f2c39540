"""The data of a form, blank or filled, from which all kinds of sheets are drawn.

Texts are plain, in one language and already escaped for terminals
(:func:`kpirules._internal.display.printable`), without markup. HTML, PDF, workbook, report and
terminal determine only the look; :mod:`kpirules.sheets.form_builder` builds forms.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import attrs

from kpirules._internal.display import printable
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.sheets.logo import Logo


@attrs.frozen(kw_only=True)
class Level:
    """A level of an item: points and their description."""

    points: str
    text: str
    #: whether a filled sheet has reached this level
    is_reached: bool = False


@attrs.frozen(kw_only=True)
class Fact:
    """An input of the month that is counted or chosen."""

    name: str
    label: str
    unit: str
    #: the allowed values, in words
    admissible: str
    #: the codes of the options, as in a record
    codes: tuple[str, ...] = ()
    #: the input value; empty on a blank sheet and if it is missing
    value: str = ""


@attrs.frozen(kw_only=True)
class Item:
    """A criterion on the form."""

    id: str
    label: str
    #: full marks; empty if the item is not scored
    weight: str
    levels: tuple[Level, ...]
    kind: Literal["measured", "judged", "remark"]
    #: the texts of the form's further columns
    texts: tuple[str, ...] = ()
    cite: str = ""
    #: the input names of its ratings, one for each rater
    ratings: tuple[str, ...] = ()
    #: on a filled sheet: the points; the ratings, in the order of their names; the reason
    points: str = ""
    rated: tuple[str, ...] = ()
    why: str = ""
    remark: str = ""


@attrs.frozen(kw_only=True)
class Part:
    """A section of the form, or the whole form if it has no sections."""

    id: str
    label: str
    weight: str
    items: tuple[Item, ...]
    #: its label with its weight
    heading: str = ""
    #: whether the items weigh more together, and the subtotal is limited to the weight
    is_capped: bool = False
    #: what its items can reach together; its weight if this is not known exactly
    most: str = ""
    subtotal: str = ""
    #: subtotal by full marks, from 0 to 1, for a chart; None on a blank sheet
    share: Fraction | None = None

    @property
    def limit(self) -> str:
        """The weight, as a limit if it is one."""
        return f"≤ {self.weight}" if self.is_capped and self.weight else self.weight


@attrs.frozen(kw_only=True)
class Grade:
    """A tier: its totals, its name, its pay and other values."""

    id: str
    totals: str
    label: str
    values: tuple[str, ...]
    is_reached: bool = False
    #: whether it is the lowest of several
    is_lowest: bool = False


@attrs.frozen(kw_only=True)
class Rule:
    """A rule besides the criteria: an adjustment, a gate, an outcome."""

    kind: str
    label: str
    rows: tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True)
class Outcome:
    """A step after the points on a filled sheet: an adjustment, a gate, an outcome."""

    name: str
    label: str
    value: str
    why: str = ""


@attrs.frozen(kw_only=True)
class Person:
    """The person in the heading of a sheet."""

    name: str = attrs.field(default="", converter=printable)
    number: str = attrs.field(default="", converter=printable)
    appraiser: str = attrs.field(default="", converter=printable)
    department: str = attrs.field(default="", converter=printable)


@attrs.frozen(kw_only=True)
class Extras:
    """What a form shows besides its ruleset: the firm, places to write, and notes."""

    company: str = attrs.field(default="", converter=printable)
    #: the department of all people; empty if it is that of each person
    department: str = attrs.field(default="", converter=printable)
    #: the department of people without one
    usual_department: str = attrs.field(default="", converter=printable)
    logo: Logo | None = None
    #: the labels of signatures besides those of appraiser and employee
    signatures: tuple[str, ...] = ()
    #: the labels of empty boxes: comments, goals
    boxes: tuple[str, ...] = ()
    #: whether the rulings and the whole fingerprint are shown
    notes: bool = False


@attrs.frozen(kw_only=True)
class ScoreForm:
    """A form, blank or filled."""

    lang: str
    rubric: str
    title: str
    role: str
    period: str
    since: str
    currency: str
    #: empty if records have no total
    full_marks: str
    #: the greatest total; full marks if it is not known exactly
    most: str
    source: str
    person: Person
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]
    #: the headings of the further columns of items: target and data source, where there are any
    columns: tuple[str, ...]
    #: the headings of the columns of ratings
    raters: tuple[str, ...]
    grades: tuple[Grade, ...]
    #: the headings of the values of tiers
    pays: tuple[str, ...]
    rules: tuple[Rule, ...]
    rulings: tuple[tuple[str, str], ...]
    fingerprint: str
    extras: Extras = Extras()
    state: Literal["blank", "filled", "unratable", "refused"] = "blank"
    #: the total of last month; empty if it is not asked for
    last: str = ""
    total: str = ""
    tier: str = ""
    #: adjustments and gates that applied
    steps: tuple[Outcome, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    #: the problems of the record
    problems: tuple[str, ...] = ()

    @property
    def department(self) -> str:
        """The department in the heading."""
        extras = self.extras
        return extras.department or self.person.department or extras.usual_department

    @property
    def is_lowest(self) -> bool:
        """Whether the tier reached is the lowest of several: its colour is not that of success."""
        return any(grade.is_reached and grade.is_lowest for grade in self.grades)

    @property
    def shares(self) -> list[tuple[str, int, str]]:
        """Subtotals of a filled sheet: (label, per cent, text)."""
        return [
            (part.label, int(part.share * 100), f"{part.subtotal} {self.words['of']} {part.most}")
            for part in self.parts
            if part.share is not None
        ]

    @property
    def words(self) -> Mapping[str, str]:
        """The fixed texts of a form, in its language."""
        return words("sheet", self.lang)
