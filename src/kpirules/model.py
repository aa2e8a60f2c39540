"""What a ruleset says, as frozen values: the whole language, with no behaviour beyond own facts.

Each class is one part of the file. A field's ``key`` metadata is its key in the file where it is
not the field's name. Everything inside is a tuple, so a rubric never changes after it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, dataclass_transform

import attrs

from kpirules.numbers import LIMIT, NotExactError, decimal_of, exact
from kpirules.origin import Origin, Package
from kpirules.ranges import Range


if TYPE_CHECKING:
    from typing import TypeVar

    _T = TypeVar("_T")


def _decimal(value: object) -> Decimal:
    """Take an exact decimal of the file; fractions have no place there."""
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0 and abs(value) < LIMIT:
        # most are whole, and were taken exactly when they were read
        return value
    number = decimal_of(exact(value))
    if isinstance(number, Fraction):
        raise NotExactError("has no finite decimal form")
    return number


def _decimal_or_none(value: object) -> Decimal | None:
    """Take a number that may be left out."""
    return None if value is None else _decimal(value)


def _decimal_or_text(value: object) -> Decimal | str | None:
    """Take a number, or a text (a name, a formula, an option), or nothing."""
    return value if value is None or isinstance(value, str) else _decimal(value)


def key(name: str, **arguments: Any) -> Any:  # noqa: ANN401 - what attrs.field itself returns
    """Declare a field that the file knows by another key."""
    return attrs.field(metadata={"key": name}, **arguments)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field, key))
def _closed(cls: type[_T]) -> type[_T]:
    """Make a class a frozen value that cannot be subclassed from outside."""
    made = attrs.frozen(cls, kw_only=True)

    def refuse(subclass: type[object], /, **_: object) -> None:
        message = f"{cls.__name__} is a value: hold one in a class of yours rather than inherit it"
        raise TypeError(f"{subclass.__name__}: {message}")

    made.__init_subclass__ = classmethod(refuse)  # type: ignore[method-assign,assignment]
    return made


# ---------------------------------------------------------------- words of the language

Missing: TypeAlias = Literal["error", "zero", "exclude", "skip"]


@attrs.frozen
class Text:
    """Human text by language.

    >>> label = Text.of({"zh": "考勤", "en": "Attendance"})
    >>> label.get("zh"), label.get("zh-Hant"), label.get("de")
    ('考勤', '考勤', 'Attendance')
    """

    #: (language tag, text), in the order of the file; the tag is empty for a text without language
    by_language: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str | dict[str, str]) -> Text:
        """Make a text from a string, or from a table by language tag."""
        return cls((("", text),) if isinstance(text, str) else tuple(text.items()))

    def get(self, lang: str | None = None) -> str:
        """Give the text in a language, or the nearest there is.

        The order: the tag itself; the tag without its last part (``zh-Hant-TW``, ``zh-Hant``,
        ``zh``); another tag of the same language; the text without language; English; the first
        tag by alphabet.
        """
        texts = dict(self.by_language)
        tag = lang or "en"
        while tag:
            if tag in texts:
                return texts[tag]
            tag = tag.rpartition("-")[0]
        language = (lang or "en").partition("-")[0]
        near = sorted(t for t in texts if t.partition("-")[0] == language)
        for tag in (*near, "", "en", *sorted(texts)):
            if tag in texts:
                return texts[tag]
        return ""


@_closed
class Rounding:
    """How a number is rounded: to a multiple of ``to``, by a mode of :mod:`decimal`."""

    to: Decimal = attrs.field(converter=_decimal)
    mode: str


#: one entry of a ``when``: a range of numbers, an option or text, a flag; "missing" is a text
Entry: TypeAlias = Range | str | bool


@_closed
class Condition:
    """One name of a ``when`` with its entries, any of which may hold."""

    #: the name; empty for the name that the quantity's ``of`` gives
    name: str
    entries: tuple[Entry, ...]


@_closed
class When:
    """When a band or gate holds: all its conditions; or ``otherwise``, where no other band does."""

    conditions: tuple[Condition, ...] = ()
    otherwise: bool = False


@_closed
class Band:
    """One row of a table of bands: when it holds, and what it gives.

    Exactly one of ``points``, ``value`` and ``formula`` is given.
    """

    #: None in a judged criterion, whose points tell its bands apart
    when: When | None = None
    #: in criteria and adjustments: a number, or (criteria only) a range to award within
    points: Decimal | Range | None = None
    #: elsewhere: a number or a text
    value: Decimal | str | None = attrs.field(default=None, converter=_decimal_or_text)
    formula: str | None = None
    label: Text | None = None


@attrs.frozen(kw_only=True)
class Quantity:
    """How a value comes about: a value, a range to award within, a formula, or bands."""

    points: Decimal | Range | None = None
    value: Decimal | str | None = attrs.field(default=None, converter=_decimal_or_text)
    formula: str | None = None
    #: bands of its own, or the name of a table of bands
    bands: tuple[Band, ...] | str | None = None
    #: the name that the bands' bare ``when`` entries are about
    of: str | None = None
    clamp: Range | None = None
    round: Rounding | None = None
    range: Range | None = None

    @property
    def is_given(self) -> bool:
        """Say whether the file gives a way to the value."""
        return any(v is not None for v in (self.points, self.value, self.formula, self.bands))


# ---------------------------------------------------------------- what is fed in


@_closed
class Option:
    """One option of a choice."""

    code: str
    label: Text | None = None


@_closed
class Input:
    """A fact that is fed in."""

    #: the name (the key of its table in the file)
    name: str
    type: Literal["count", "number", "choice", "flag"]
    options: tuple[Option, ...] = ()
    range: Range | None = None
    step: Decimal | None = attrs.field(default=None, converter=_decimal_or_none)
    #: a list of numbers is given
    many: bool = False
    unit: Text | None = None
    label: Text | None = None
    better: Literal["higher", "lower"] | None = None
    #: used when nothing is given
    default: Decimal | str | bool | None = None


@attrs.frozen(kw_only=True)
class Derived(Quantity):
    """A fact that follows from others."""

    name: str
    label: Text | None = None
    better: Literal["higher", "lower"] | None = None


@_closed
class Rater:
    """Who rates, and how much the rating weighs."""

    name: str
    weight: Decimal = attrs.field(converter=_decimal)
    label: Text | None = None


@_closed
class BandTable:
    """A table of bands that several quantities may name."""

    name: str
    rows: tuple[Band, ...]


# ---------------------------------------------------------------- the form


@attrs.frozen(kw_only=True)
class Criterion(Quantity):
    """One scored line of the form."""

    id: str
    label: Text | None = None
    #: what it gives to the section at full marks: a number, or the name or formula of one
    weight: Decimal | str | None = attrs.field(default=None, converter=_decimal_or_text)
    #: its points at full marks; None: its weight
    scale: Decimal | None = attrs.field(default=None, converter=_decimal_or_none)
    #: False: on the form, not in the total
    scored: bool = True
    #: what a missing value means: a policy, or a number of points
    missing: Missing | Decimal = "error"
    #: the clause of the source that it comes from
    cite: Text | None = None


@_closed
class Section:
    """A group of criteria with a weight."""

    id: str
    label: Text | None = None
    #: None: the sum of its criteria's weights
    weight: Decimal | str | None = attrs.field(default=None, converter=_decimal_or_text)
    #: what its criteria's weights add up to, where that is not its weight
    scale: Decimal | None = attrs.field(default=None, converter=_decimal_or_none)
    clamp: Range | None = None
    round: Rounding | None = None
    criteria: tuple[Criterion, ...] = key("criterion", default=())


@attrs.frozen(kw_only=True)
class Total(Quantity):
    """How the total comes about; nothing given: the raw total and all adjustments."""

    #: with fewer scored criteria the record is unratable
    minimum_scored: int | None = None


@attrs.frozen(kw_only=True)
class Adjustment(Quantity):
    """A bonus or deduction outside the weights, in points of the total."""

    id: str
    label: Text | None = None
    missing: Missing = "error"


@_closed
class Gate:
    """A condition that limits the total or the tier, or refuses the record."""

    when: When
    refuse: bool = False
    unratable: bool = False
    total_at_most: Decimal | None = attrs.field(default=None, converter=_decimal_or_none)
    total_at_least: Decimal | None = attrs.field(default=None, converter=_decimal_or_none)
    tier_at_most: str | None = None
    tier_at_least: str | None = None
    #: by how many tiers the record falls
    demote: int | None = None
    reason: Text | None = None
    missing: Missing = "error"


@_closed
class Tier:
    """A range of the total and its outcome."""

    id: str
    label: Text | None = None
    #: any of these ranges; none: reached by gates only
    total: tuple[Range, ...] = ()
    #: money, in the rubric's currency
    pay: Decimal | None = attrs.field(default=None, converter=_decimal_or_none)
    #: times a base
    coefficient: Decimal | None = attrs.field(default=None, converter=_decimal_or_none)


@attrs.frozen(kw_only=True)
class Outcome(Quantity):
    """What follows from the total and the tier: money, a coefficient, a text."""

    name: str
    label: Text | None = None
    missing: Missing = "error"


# ---------------------------------------------------------------- about the form


@_closed
class Source:
    """Where the scheme comes from."""

    label: Text | None = None
    url: str | None = None
    note: Text | None = None


@_closed
class Pay:
    """What a wage is made of."""

    components: tuple[str, ...] = ()


@_closed
class Ruling:
    """Where the source contradicts itself or is silent, and what was decided."""

    clause: str
    conflict: Text
    decision: Text
    #: the findings it answers, each as "code place"
    accepts: tuple[str, ...] = ()


#: a value in an example: a number, a text (which may spell a fraction), a flag, or a list
ExampleValue: TypeAlias = Decimal | str | bool | tuple["ExampleValue", ...]


@_closed
class Example:
    """A worked case: a record and what it must give."""

    name: str
    #: (name, value) of the record, nested names written with dots
    ratings: tuple[tuple[str, ExampleValue], ...] = ()
    #: (name, value) expected, nested names written with dots
    expect: tuple[tuple[str, ExampleValue], ...] = ()


@attrs.frozen(kw_only=True, repr=False)
class Rubric:
    """One appraisal scheme, in force from a date.

    >>> from kpirules import load
    >>> load("customer-service", on=date(2026, 10, 1))
    <Rubric customer-service from 2025-01-01: 4 sections, 12 criteria, 4 tiers>
    """

    id: str
    schema: int = 1
    label: Text | None = None
    #: the post that it is for
    role: Text | None = None
    #: what is appraised: "month", "quarter", "year"
    period: str | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    #: ISO 4217
    currency: str | None = None
    full_marks: Decimal = attrs.field(default=Decimal(100), converter=_decimal)
    #: what all weights add up to: a number, "sum" (weights are shares); None: the full marks
    weights_total: Decimal | str | None = attrs.field(default=None, converter=_decimal_or_text)
    #: the grid of ratings, counted from 0
    step: Decimal = attrs.field(default=Decimal(1), converter=_decimal)
    note: Text | None = None
    source: Source | None = None
    inputs: tuple[Input, ...] = ()
    derived: tuple[Derived, ...] = key("derive", default=())
    raters: tuple[Rater, ...] = ()
    tables: tuple[BandTable, ...] = key("bands", default=())
    sections: tuple[Section, ...] = key("section", default=())
    #: the criteria of a rubric without sections
    criteria: tuple[Criterion, ...] = key("criterion", default=())
    total: Total | None = None
    adjustments: tuple[Adjustment, ...] = key("adjust", default=())
    gates: tuple[Gate, ...] = key("gate", default=())
    tiers: tuple[Tier, ...] = key("tier", default=())
    outcomes: tuple[Outcome, ...] = key("outcome", default=())
    pay: Pay | None = None
    rulings: tuple[Ruling, ...] = key("ruling", default=())
    examples: tuple[Example, ...] = key("example", default=())
    #: what the evaluation has made of the rubric: kept here so that it goes when the rubric does
    ready: Callable[[Mapping[str, object]], Any] | None = attrs.field(
        init=False, default=None, eq=False, repr=False
    )
    #: computed names about which `check` could not decide a question: known with ``ready``
    undecided: frozenset[str] = attrs.field(init=False, default=frozenset(), eq=False, repr=False)
    #: the text that it was read from, which findings are placed in; one that is changed has none
    origin: Origin | None = attrs.field(init=False, default=None, eq=False, repr=False)
    #: the installed package that it comes from; results carry it
    package: Package | None = attrs.field(init=False, default=None, eq=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        kept = (f.name for f in attrs.fields(Rubric) if f.init or f.name == "package")
        return {name: getattr(self, name) for name in kept}

    def __setstate__(self, state: dict[str, object]) -> None:
        made = {"ready": None, "origin": None, "undecided": frozenset[str]()}
        for name, value in {**state, **made}.items():
            object.__setattr__(self, name, value)

    @property
    def all_criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the form's order, of sections or not."""
        return (*(c for s in self.sections for c in s.criteria), *self.criteria)

    def __repr__(self) -> str:
        since = f" from {self.effective_from}" if self.effective_from else ""
        counts = (
            (len(self.sections), "section"),
            (len(self.all_criteria), "criterion"),
            (len(self.tiers), "tier"),
        )
        parts = [f"{n} {_plural(word, n)}" for n, word in counts if n]
        return f"<Rubric {self.id}{since}: {', '.join(parts) or 'empty'}>"


def _plural(word: str, count: int) -> str:
    """Give a word in the number that fits."""
    if count == 1:
        return word
    return "criteria" if word == "criterion" else f"{word}s"


#: the classes whose tables are written ``[part.NAME]`` in the file: their ``name`` is that key
NAMED: tuple[Callable[..., object], ...] = (Input, Derived, Rater, BandTable, Outcome)
