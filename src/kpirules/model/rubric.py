"""The parts of a ruleset as frozen values: the whole language, without behaviour.

Each class is one part of the file. A field's metadata describes its key in the file
(:class:`~kpirules.model.language.Key`). Short forms (a text for a range, a number, a list) are
converted when a value is created, and invalid values raise :class:`~kpirules.errors.ModelError`;
all contents are tuples, so a rubric never changes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal, final, get_args

import attrs
from attrs import field
from attrs.validators import optional as maybe

from kpirules._internal.display import plural
from kpirules.model.condition import Condition, Entry, ExampleValue, When, pairs
from kpirules.model.inputs import BandTable, Derived, Input, Rater
from kpirules.model.language import Key, Order, key
from kpirules.model.parts import Adjustment, Criterion, Gate, Outcome, Section, Tier, Total
from kpirules.model.provenance import Origin, Package, Provenance, provenance_of, set_provenance
from kpirules.model.quantity import Band, Quantity
from kpirules.model.text import Option, Text, label_text
from kpirules.model.values import (
    Each,
    IsA,
    Named,
    Value,
    above_0,
    calendar_date,
    comparison_key,
    decimal,
    optional,
    parts,
    string,
    strings,
)
from kpirules.model.vocabulary import (
    CURRENCY,
    HYPHENED,
    OneOf,
    Period,
    Rounding,
    currency,
    hyphenated_id,
    schema,
    weights_total,
)


__all__ = [
    "Adjustment",
    "Band",
    "BandTable",
    "Condition",
    "Criterion",
    "Derived",
    "Entry",
    "Example",
    "ExampleValue",
    "Gate",
    "Input",
    "Option",
    "Outcome",
    "Pay",
    "Quantity",
    "Rater",
    "Rounding",
    "Rubric",
    "Ruling",
    "Section",
    "Source",
    "Text",
    "Tier",
    "Total",
    "When",
]


@final
@attrs.frozen(kw_only=True)
class Source(Value):
    """Where the scheme comes from."""

    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its title.", descriptive=True, order=Order.LABEL),
    )
    url: str | None = field(
        default=None, converter=optional(string), metadata=key("Its address.", descriptive=True)
    )
    note: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("A remark on it.", descriptive=True),
    )


@final
@attrs.frozen(kw_only=True)
class Pay(Value):
    """What a wage is made of."""

    components: tuple[str, ...] = field(
        default=(),
        converter=strings,
        metadata=key('The names of its parts: ["base", "performance", "commission"].'),
    )


@final
@attrs.frozen(kw_only=True)
class Ruling(Value):
    """Where the source contradicts itself or is silent."""

    clause: str = field(
        converter=string,
        metadata=key(
            "The clause that it is about; the ruling's name.",
            id=True,
            order=Order.NAME,
            fallback="",
        ),
    )
    conflict: Text = field(
        converter=label_text,
        metadata=key(
            "What is contradicted or missing.", essential=True, descriptive=True, fallback=""
        ),
    )
    decision: Text = field(
        converter=label_text,
        metadata=key("What was decided, and why.", descriptive=True, fallback=""),
    )
    accepts: tuple[str, ...] = field(
        default=(),
        converter=strings,
        metadata=key(
            'The findings that it answers, each as "code place": "rating-gap section.ability.skill".'
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Example(Value):
    """A worked case. It is run at each check."""

    name: str = field(
        converter=string, metadata=key("What it shows.", order=Order.NAME, fallback="")
    )
    #: (name, value) of the record; nested names are dotted
    ratings: tuple[tuple[str, ExampleValue], ...] = field(
        default=(),
        converter=pairs,
        eq=comparison_key,
        metadata=key("The record: facts and ratings by name.", dotted=True),
    )
    #: (name, value) expected; nested names are dotted
    expect: tuple[tuple[str, ExampleValue], ...] = field(
        default=(),
        converter=pairs,
        eq=comparison_key,
        metadata=key(
            'What it must give: total, tier, pay, points.X, subtotal.S ...; or refused = ["input"]; or unratable = true.',
            dotted=True,
        ),
    )


_EXTENDS = Key(
    name="extends",
    doc="The id of a scheme that this one takes over. Parts with the same id are laid over it; remove = true takes a part out.",
    inherited=False,
)
_DEFAULTS = Key(
    name="defaults",
    doc="Keys of a criterion that hold wherever a criterion does not say otherwise.",
    holds=Criterion,
)


@final
@attrs.frozen(kw_only=True, repr=False)
class Rubric(Value):
    """One appraisal scheme, in force from a date.

    >>> from kpirules import load
    >>> load("customer-service", on=date(2026, 10, 1))
    <Rubric customer-service from 2025-01-01: 4 sections, 12 criteria, 4 tiers>
    """

    id: str = field(
        converter=hyphenated_id,
        metadata=key(
            'The name of the scheme for programs: letters, digits, "_" and "-", such as "sales-clerk". The file lies in a folder of this name.',
            order=Order.NAME,
            pattern=HYPHENED,
            inherited=False,
        ),
    )
    schema: int = field(
        default=1,
        converter=schema,
        metadata=key(
            "The version of the rule language. Always 1.",
            stated=True,
            inherited=False,
            fallback=1,
            order=Order.SCHEMA,
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The title of the scheme.", descriptive=True, order=Order.LABEL),
    )
    role: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The post that it is for.", descriptive=True),
    )
    period: Period | None = field(
        default=None,
        validator=maybe(OneOf(get_args(Period))),
        metadata=key('What is appraised: "month", "quarter", "year".'),
    )
    effective_from: date | None = field(
        default=None,
        converter=optional(calendar_date),
        metadata=key(
            "The first day on which the scheme is in force, such as 2025-01-01. The file is named by it.",
            inherited=False,
        ),
    )
    effective_until: date | None = field(
        default=None,
        converter=optional(calendar_date),
        metadata=key(
            "The last day on which the scheme is in force. Left out: it ends when the next version begins.",
            inherited=False,
            then=_EXTENDS,
        ),
    )
    currency: str | None = field(
        default=None,
        converter=optional(currency),
        metadata=key('The currency of pay, by its three letters: "CNY", "EUR".', pattern=CURRENCY),
    )
    full_marks: Decimal = field(
        default=Decimal(100),
        converter=decimal,
        validator=above_0("full_marks is"),
        metadata=key("The total at full marks. Default: 100."),
    )
    weights_total: Decimal | Literal["sum"] | None = field(
        default=None,
        converter=optional(weights_total),
        validator=above_0("weights_total is"),
        metadata=key(
            'What all weights add up to. Default: full_marks. "sum": weights are shares of whatever they add up to.'
        ),
    )
    #: the step of ratings, counted from 0
    step: Decimal = field(
        default=Decimal(1),
        converter=decimal,
        validator=above_0("step is"),
        metadata=key("Ratings are multiples of this. Default: 1, whole points only."),
    )
    note: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("A remark on the scheme.", descriptive=True),
    )
    source: Source | None = field(
        default=None, validator=IsA(Source), metadata=key("Where the scheme comes from.")
    )
    inputs: tuple[Input, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Input),
        metadata=key("The facts that are fed in, by name: [inputs.late]."),
    )
    derived: tuple[Derived, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Derived),
        metadata=key("Facts that follow from others, by name: [derive.rate].", name="derive"),
    )
    raters: tuple[Rater, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Rater),
        metadata=key(
            "Who rates, and how much each rating weighs: self = 20, superior = 80. The criterion's rating is the weighted mean.",
            then=_DEFAULTS,
        ),
    )
    tables: tuple[BandTable, ...] = field(
        default=(),
        converter=parts,
        validator=Named(BandTable),
        metadata=key(
            "Tables of bands that several parts may name: [bands.steps].",
            name="bands",
            order=Order.WAY,
        ),
    )
    sections: tuple[Section, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Section),
        metadata=key("A group of criteria with a weight.", name="section"),
    )
    #: the criteria of a rubric without sections
    criteria: tuple[Criterion, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Criterion),
        metadata=key("A scored line of a scheme without sections.", name="criterion"),
    )
    total: Total | None = field(
        default=None,
        validator=IsA(Total),
        metadata=key(
            "How the total comes about. Left out: the contributions and all adjustments, added up."
        ),
    )
    adjustments: tuple[Adjustment, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Adjustment),
        metadata=key(
            "A bonus or deduction outside the weights, in points of the total.", name="adjust"
        ),
    )
    gates: tuple[Gate, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Gate),
        metadata=key(
            "A condition that limits the total or the tier, leaves the record unrated, or refuses it.",
            name="gate",
        ),
    )
    tiers: tuple[Tier, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Tier),
        metadata=key("A range of the total and what follows from it.", name="tier"),
    )
    outcomes: tuple[Outcome, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Outcome),
        metadata=key(
            "What follows from the total and the tier, by name: [outcome.bonus].", name="outcome"
        ),
    )
    pay: Pay | None = field(
        default=None, validator=IsA(Pay), metadata=key("What a wage is made of.")
    )
    rulings: tuple[Ruling, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Ruling),
        metadata=key(
            "Where the source contradicts itself or is silent: what was decided, and why.",
            name="ruling",
        ),
    )
    examples: tuple[Example, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Example),
        metadata=key(
            "A worked case: a record and what it must give. It is run at each check.",
            name="example",
            inherited=False,
        ),
    )

    @property
    def origin(self) -> Origin | None:
        """The source text of the rubric, which locates findings; a modified copy has none."""
        return provenance_of(self).origin

    @property
    def package(self) -> Package | None:
        """The installed package that the rubric comes from; results carry it."""
        return provenance_of(self).package

    def __getstate__(self) -> dict[str, Any]:
        fields = {f.name: getattr(self, f.name) for f in attrs.fields(Rubric)}
        return {**fields, "package": self.package}

    def __setstate__(self, state: dict[str, Any]) -> None:
        set_provenance(self, Provenance(package=state.get("package")))
        for field_ in attrs.fields(Rubric):
            object.__setattr__(self, field_.name, state[field_.name])

    @property
    def all_criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the order of the form, with or without sections."""
        return (*(c for s in self.sections for c in s.criteria), *self.criteria)

    def __repr__(self) -> str:
        since = f" from {self.effective_from}" if self.effective_from else ""
        counts = (
            (len(self.sections), "section"),
            (len(self.all_criteria), "criterion"),
            (len(self.tiers), "tier"),
        )
        described = [f"{n} {plural(word, n)}" for n, word in counts if n]
        return f"<Rubric {self.id}{since}: {', '.join(described) or 'empty'}>"
