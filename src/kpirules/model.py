"""The parts of a ruleset as frozen values: the whole language, with no behaviour beyond own facts.

Each class is one part of the file. A field's ``key`` metadata is its key in the file where it is
not the field's name. Short forms (a text for a range, a number, a list) are converted when a value
is made, and wrong values are rejected then (:class:`~kpirules.errors.ModelError`); everything
inside is a tuple, so a rubric never changes.

>>> tier = Tier(id="good", total="80..100", pay=200)
>>> tier.total, tier.pay
((<Range 80..100>,), Decimal('200'))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal, final, get_args

import attrs
from attrs import field
from attrs.converters import optional
from attrs.validators import optional as maybe

from kpirules.conditions import Condition, Entry, ExampleValue, When, pairs, when
from kpirules.labels import Option, Text, label_text, options
from kpirules.origin import Origin, Package, Provenance, comes_from, provenance_of
from kpirules.ranges import Range
from kpirules.texts import plural
from kpirules.values import (
    AtLeast,
    Each,
    IsA,
    Named,
    Value,
    above_0,
    calendar_date,
    decimal,
    default_of,
    flag,
    number_or_range,
    number_or_text,
    parts,
    range_text,
    spans,
    string,
    strings,
    told_apart,
    whole,
)
from kpirules.vocabulary import (
    Better,
    CriterionMissing,
    InputType,
    OneOf,
    PartMissing,
    Period,
    Rounding,
    currency,
    hyphened,
    name_text,
    part_missing,
    policy,
    rounding,
    schema,
    weights_total,
)


__all__ = ["Condition", "Entry", "ExampleValue", "Option", "Rounding", "Text", "When"]

_is_weight = AtLeast("a weight is")
_is_scale = above_0("a scale is")


@final
@attrs.frozen(kw_only=True)
class Band(Value):
    """One row of a table of bands: when it holds, and what it gives.

    Exactly one of ``points``, ``value`` and ``formula`` is given.
    """

    #: None in a judged criterion, whose points tell its bands apart
    when: When | None = field(default=None, converter=optional(when))
    #: in criteria and adjustments: a number, or (criteria only) a range to award within
    points: Decimal | Range | None = field(default=None, converter=optional(number_or_range))
    #: elsewhere: a number or a text
    value: Decimal | str | None = field(default=None, converter=optional(number_or_text))
    formula: str | None = field(default=None, converter=optional(string))
    label: Text | None = field(default=None, converter=optional(label_text))


def _bands(value: str | Sequence[Band]) -> tuple[Band, ...] | str:
    """Convert a list of bands, or the name of a table of bands."""
    return string(value) if isinstance(value, str) else parts(value)


@attrs.frozen(kw_only=True)
class Quantity(Value):
    """How a value comes about: a value, a range to award within, a formula, or bands."""

    #: the key of the plain value, which is the field of that name
    word: ClassVar[Literal["points", "value"]] = "value"

    points: Decimal | Range | None = field(default=None, converter=optional(number_or_range))
    value: Decimal | str | None = field(default=None, converter=optional(number_or_text))
    formula: str | None = field(default=None, converter=optional(string))
    #: bands of its own, or the name of a table of bands
    bands: tuple[Band, ...] | str | None = field(
        default=None, converter=optional(_bands), validator=Each(Band)
    )
    #: the name that the bands' bare ``when`` entries are about
    of: str | None = field(default=None, converter=optional(string))
    clamp: Range | None = field(default=None, converter=optional(range_text))
    round: Rounding | None = field(default=None, converter=optional(rounding))
    range: Range | None = field(default=None, converter=optional(range_text))

    def __attrs_post_init__(self) -> None:
        other = "points" if self.word == "value" else "value"
        if getattr(self, other) is not None:
            raise ValueError(f"is given by {self.word}, not by {other}")

    @property
    def is_given(self) -> bool:
        """Say whether the file gives a way to the value."""
        return any(v is not None for v in (self.points, self.value, self.formula, self.bands))


# ---------------------------------------------------------------- what is fed in


@final
@attrs.frozen(kw_only=True)
class Input(Value):
    """A fact that is fed in."""

    #: the name (the key of its table in the file)
    name: str = field(converter=name_text)
    type: InputType = field(validator=OneOf(get_args(InputType)))
    options: tuple[Option, ...] = field(default=(), converter=options)
    range: Range | None = field(default=None, converter=optional(range_text))
    step: Decimal | None = field(
        default=None, converter=optional(decimal), validator=above_0("a step is")
    )
    #: a list of numbers is given
    many: bool = field(default=False, validator=flag)
    unit: Text | None = field(default=None, converter=optional(label_text))
    label: Text | None = field(default=None, converter=optional(label_text))
    better: Better | None = field(default=None, validator=maybe(OneOf(get_args(Better))))
    #: used when nothing is given
    default: Decimal | str | bool | None = field(
        default=None, converter=optional(default_of), eq=told_apart
    )


@final
@attrs.frozen(kw_only=True)
class Derived(Quantity):
    """A fact that follows from others."""

    name: str = field(converter=name_text)
    label: Text | None = field(default=None, converter=optional(label_text))
    better: Better | None = field(default=None, validator=maybe(OneOf(get_args(Better))))


@final
@attrs.frozen(kw_only=True)
class Rater(Value):
    """Who rates, and how much the rating weighs."""

    name: str = field(converter=name_text)
    weight: Decimal = field(converter=decimal, validator=_is_weight)
    label: Text | None = field(default=None, converter=optional(label_text))


@final
@attrs.frozen(kw_only=True)
class BandTable(Value):
    """A table of bands that several quantities may name."""

    name: str = field(converter=name_text)
    rows: tuple[Band, ...] = field(converter=parts, validator=Each(Band))


# ---------------------------------------------------------------- the form


@final
@attrs.frozen(kw_only=True)
class Criterion(Quantity):
    """One scored line of the form."""

    word = "points"

    id: str = field(converter=name_text)
    label: Text | None = field(default=None, converter=optional(label_text))
    #: what it gives to the section at full marks: a number, or the name or formula of one
    weight: Decimal | str | None = field(
        default=None, converter=optional(number_or_text), validator=_is_weight
    )
    #: its points at full marks; None: its weight
    scale: Decimal | None = field(default=None, converter=optional(decimal), validator=_is_scale)
    #: False: on the form, not in the total
    scored: bool = field(default=True, validator=flag)
    #: what a missing value means: a policy, or a number of points
    missing: CriterionMissing | Decimal = field(default="error", converter=policy)
    #: the clause of the source that it comes from
    cite: Text | None = field(default=None, converter=optional(label_text))


@final
@attrs.frozen(kw_only=True)
class Section(Value):
    """A group of criteria with a weight."""

    id: str = field(converter=name_text)
    label: Text | None = field(default=None, converter=optional(label_text))
    #: None: the sum of its criteria's weights
    weight: Decimal | str | None = field(
        default=None, converter=optional(number_or_text), validator=_is_weight
    )
    #: what its criteria's weights add up to, where that is not its weight
    scale: Decimal | None = field(default=None, converter=optional(decimal), validator=_is_scale)
    clamp: Range | None = field(default=None, converter=optional(range_text))
    round: Rounding | None = field(default=None, converter=optional(rounding))
    criteria: tuple[Criterion, ...] = field(
        default=(), converter=parts, validator=Each(Criterion), metadata={"key": "criterion"}
    )


@final
@attrs.frozen(kw_only=True)
class Total(Quantity):
    """How the total comes about; nothing given: the raw total and all adjustments."""

    #: with fewer scored criteria the record is unratable
    minimum_scored: int | None = field(
        default=None, converter=optional(whole), validator=AtLeast("minimum_scored is", 1)
    )


@final
@attrs.frozen(kw_only=True)
class Adjustment(Quantity):
    """A bonus or deduction outside the weights, in points of the total."""

    word = "points"

    id: str = field(converter=name_text)
    label: Text | None = field(default=None, converter=optional(label_text))
    missing: PartMissing = field(default="error", converter=part_missing)


@final
@attrs.frozen(kw_only=True)
class Gate(Value):
    """A condition that limits the total or the tier, or refuses the record."""

    when: When = field(converter=when)
    refuse: bool = field(default=False, validator=flag)
    unratable: bool = field(default=False, validator=flag)
    total_at_most: Decimal | None = field(default=None, converter=optional(decimal))
    total_at_least: Decimal | None = field(default=None, converter=optional(decimal))
    tier_at_most: str | None = field(default=None, converter=optional(string))
    tier_at_least: str | None = field(default=None, converter=optional(string))
    #: by how many tiers the record falls
    demote: int | None = field(
        default=None, converter=optional(whole), validator=AtLeast("a gate demotes by", 1)
    )
    reason: Text | None = field(default=None, converter=optional(label_text))
    missing: PartMissing = field(default="error", converter=part_missing)


@final
@attrs.frozen(kw_only=True)
class Tier(Value):
    """A range of the total and its outcome."""

    id: str = field(converter=hyphened)
    label: Text | None = field(default=None, converter=optional(label_text))
    #: any of these ranges; none: reached by gates only
    total: tuple[Range, ...] = field(default=(), converter=spans)
    #: money, in the rubric's currency
    pay: Decimal | None = field(default=None, converter=optional(decimal))
    #: times a base
    coefficient: Decimal | None = field(default=None, converter=optional(decimal))


@final
@attrs.frozen(kw_only=True)
class Outcome(Quantity):
    """What follows from the total and the tier: money, a coefficient, a text."""

    name: str = field(converter=name_text)
    label: Text | None = field(default=None, converter=optional(label_text))
    missing: PartMissing = field(default="error", converter=part_missing)


# ---------------------------------------------------------------- about the form


@final
@attrs.frozen(kw_only=True)
class Source(Value):
    """Where the scheme comes from."""

    label: Text | None = field(default=None, converter=optional(label_text))
    url: str | None = field(default=None, converter=optional(string))
    note: Text | None = field(default=None, converter=optional(label_text))


@final
@attrs.frozen(kw_only=True)
class Pay(Value):
    """What a wage is made of."""

    components: tuple[str, ...] = field(default=(), converter=strings)


@final
@attrs.frozen(kw_only=True)
class Ruling(Value):
    """Where the source contradicts itself or is silent, and what was decided."""

    clause: str = field(converter=string)
    conflict: Text = field(converter=label_text)
    decision: Text = field(converter=label_text)
    #: the findings it answers, each as "code place"
    accepts: tuple[str, ...] = field(default=(), converter=strings)


@final
@attrs.frozen(kw_only=True)
class Example(Value):
    """A worked case: a record and what it must give."""

    name: str = field(converter=string)
    #: (name, value) of the record, nested names written with dots
    ratings: tuple[tuple[str, ExampleValue], ...] = field(
        default=(), converter=pairs, eq=told_apart
    )
    #: (name, value) expected, nested names written with dots
    expect: tuple[tuple[str, ExampleValue], ...] = field(default=(), converter=pairs, eq=told_apart)


@final
@attrs.frozen(kw_only=True, repr=False)
class Rubric(Value):
    """One appraisal scheme, in force from a date.

    >>> from kpirules import load
    >>> load("customer-service", on=date(2026, 10, 1))
    <Rubric customer-service from 2025-01-01: 4 sections, 12 criteria, 4 tiers>
    """

    id: str = field(converter=hyphened)
    schema: int = field(default=1, converter=schema)
    label: Text | None = field(default=None, converter=optional(label_text))
    #: the post that it is for
    role: Text | None = field(default=None, converter=optional(label_text))
    #: what is appraised
    period: Period | None = field(default=None, validator=maybe(OneOf(get_args(Period))))
    effective_from: date | None = field(default=None, converter=optional(calendar_date))
    effective_until: date | None = field(default=None, converter=optional(calendar_date))
    #: ISO 4217
    currency: str | None = field(default=None, converter=optional(currency))
    full_marks: Decimal = field(
        default=Decimal(100), converter=decimal, validator=above_0("full_marks is")
    )
    #: what all weights add up to: a number, "sum" (weights are shares); None: the full marks
    weights_total: Decimal | Literal["sum"] | None = field(
        default=None, converter=optional(weights_total), validator=above_0("weights_total is")
    )
    #: the grid of ratings, counted from 0
    step: Decimal = field(default=Decimal(1), converter=decimal, validator=above_0("step is"))
    note: Text | None = field(default=None, converter=optional(label_text))
    source: Source | None = field(default=None, validator=IsA(Source))
    inputs: tuple[Input, ...] = field(default=(), converter=parts, validator=Named(Input))
    derived: tuple[Derived, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Derived),
        metadata={"key": "derive"},
    )
    raters: tuple[Rater, ...] = field(default=(), converter=parts, validator=Named(Rater))
    tables: tuple[BandTable, ...] = field(
        default=(),
        converter=parts,
        validator=Named(BandTable),
        metadata={"key": "bands"},
    )
    sections: tuple[Section, ...] = field(
        default=(), converter=parts, validator=Each(Section), metadata={"key": "section"}
    )
    #: the criteria of a rubric without sections
    criteria: tuple[Criterion, ...] = field(
        default=(), converter=parts, validator=Each(Criterion), metadata={"key": "criterion"}
    )
    total: Total | None = field(default=None, validator=IsA(Total))
    adjustments: tuple[Adjustment, ...] = field(
        default=(), converter=parts, validator=Each(Adjustment), metadata={"key": "adjust"}
    )
    gates: tuple[Gate, ...] = field(
        default=(), converter=parts, validator=Each(Gate), metadata={"key": "gate"}
    )
    tiers: tuple[Tier, ...] = field(
        default=(), converter=parts, validator=Each(Tier), metadata={"key": "tier"}
    )
    outcomes: tuple[Outcome, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Outcome),
        metadata={"key": "outcome"},
    )
    pay: Pay | None = field(default=None, validator=IsA(Pay))
    rulings: tuple[Ruling, ...] = field(
        default=(), converter=parts, validator=Each(Ruling), metadata={"key": "ruling"}
    )
    examples: tuple[Example, ...] = field(
        default=(), converter=parts, validator=Each(Example), metadata={"key": "example"}
    )

    @property
    def origin(self) -> Origin | None:
        """The text that it was read from, in which findings are placed; a changed one has none."""
        return provenance_of(self).origin

    @property
    def package(self) -> Package | None:
        """The installed package that it comes from; results carry it."""
        return provenance_of(self).package

    def __getstate__(self) -> dict[str, Any]:
        fields = {f.name: getattr(self, f.name) for f in attrs.fields(Rubric)}
        return {**fields, "package": self.package}

    def __setstate__(self, state: dict[str, Any]) -> None:
        comes_from(self, Provenance(package=state.get("package")))
        for field_ in attrs.fields(Rubric):
            object.__setattr__(self, field_.name, state[field_.name])

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
        said = [f"{n} {plural(word, n)}" for n, word in counts if n]
        return f"<Rubric {self.id}{since}: {', '.join(said) or 'empty'}>"


#: the classes whose tables are written ``[part.NAME]`` in the file: their ``name`` is that key
NAMED: tuple[Callable[..., object], ...] = (Input, Derived, Rater, BandTable, Outcome)
