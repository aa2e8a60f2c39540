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
from kpirules.model.condition import Condition, Entry, ExampleValue, When, of_several, pairs
from kpirules.model.curves import Curve
from kpirules.model.document import Form, Pay, Ruling, Source
from kpirules.model.inputs import BandTable, Cohort, Derived, History, Input, Rater
from kpirules.model.language import Key, Order, key
from kpirules.model.parts import Adjustment, Criterion, Gate, Outcome, Section, Tier, Total
from kpirules.model.periods import PERIOD, past_results, period_text
from kpirules.model.provenance import Origin, Package, Provenance, provenance_of, set_provenance
from kpirules.model.quantity import Band, Quantity
from kpirules.model.quota import Quota
from kpirules.model.rubric_data import RubricData
from kpirules.model.text import Option, Text, label_text
from kpirules.model.values import (
    Each,
    IsA,
    Named,
    Value,
    calendar_date,
    comparison_key,
    decimal,
    is_above_0,
    optional,
    parts,
    string,
)
from kpirules.model.vocabulary import (
    CURRENCY,
    HYPHENED,
    PERIODS,
    OneOf,
    PeriodKind,
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
    "Cohort",
    "Condition",
    "Criterion",
    "Curve",
    "Derived",
    "Entry",
    "Example",
    "ExampleValue",
    "Form",
    "Gate",
    "History",
    "Input",
    "Option",
    "Outcome",
    "Pay",
    "Quantity",
    "Quota",
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
class Example(Value):
    """A worked case: a record and its expected result. Each check evaluates it.

    >>> from kpirules import Example
    >>> Example(name="late once", ratings={"late": 1}, expect={"total": 75}).expect
    (('total', Decimal('75')),)
    """

    name: str = field(
        converter=string, metadata=key("The case that it shows.", order=Order.NAME, fallback="")
    )
    period: str | None = field(
        default=None,
        converter=optional(period_text),
        metadata=key(
            'The period of the record, such as "2025", "2025-H1", "2025-Q1" or "2025-01": the inputs with a history are gathered for it.',
            pattern=PERIOD,
        ),
    )
    #: (period.name, value) of earlier results
    history: tuple[tuple[str, ExampleValue], ...] = field(
        default=(),
        converter=past_results,
        eq=comparison_key,
        metadata=key(
            'What earlier results hold, by period and name: { "2025-01" = { total = 70 } }. A period that is not there has no result.',
            dotted=True,
        ),
    )
    #: (name, value) of the record; nested names are dotted
    ratings: tuple[tuple[str, ExampleValue], ...] = field(
        default=(),
        converter=pairs,
        eq=comparison_key,
        metadata=key("The record: inputs and ratings by name.", dotted=True),
    )
    #: (key.name, value) of the records that are evaluated together
    records: tuple[tuple[str, ExampleValue], ...] = field(
        default=(),
        converter=of_several,
        eq=comparison_key,
        metadata=key(
            "Records that are evaluated together, by their keys: { A = { late = 1 }, B = { late = 0 } }. What is expected of each is below its key.",
            dotted=True,
        ),
    )
    #: (name, value) that each of these records has
    common: tuple[tuple[str, ExampleValue], ...] = field(
        default=(),
        converter=pairs,
        eq=comparison_key,
        metadata=key(
            "Names and values that each of the records has: { pool = 3000 }.", dotted=True
        ),
    )
    #: (name, value) expected; nested names are dotted
    expect: tuple[tuple[str, ExampleValue], ...] = field(
        default=(),
        converter=pairs,
        eq=comparison_key,
        metadata=key(
            'The expected values by name: total, tier, pay, points.ID, subtotal.ID, ...; or refused = ["input"]; or unratable = true.',
            dotted=True,
        ),
    )

    @property
    def together(self) -> dict[str, dict[str, ExampleValue]]:
        """The records that are evaluated together, by key, with what they have in common."""
        common = dict(self.common)
        made: dict[str, dict[str, ExampleValue]] = {}
        for name, value in self.records:
            key, _, inner = name.partition(".")
            made.setdefault(key, {**common})[inner] = value
        return made


_EXTENDS = Key(
    name="extends",
    doc="The id of another ruleset, whose parts this one inherits. A part with the same id changes the inherited part; remove = true removes it.",
    text="id",
    inherited=False,
)
_DEFAULTS = Key(
    name="defaults",
    doc="Keys for all criteria that do not have the key themselves.",
    holds=Criterion,
)


@final
@attrs.frozen(kw_only=True, repr=False)
class Rubric(RubricData):
    """One appraisal scheme, effective from a date.

    >>> from kpirules import load
    >>> load("customer-service", on=date(2026, 10, 1))
    <Rubric customer-service from 2025-01-01: 4 sections, 12 criteria, 4 tiers>
    """

    id: str = field(
        converter=hyphenated_id,
        metadata=key(
            'The name of the ruleset for programs, and of the folder of its file: letters, digits, "_" and "-", such as "sales-clerk".',
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
        metadata=key("The title of the form.", descriptive=True, order=Order.LABEL),
    )
    role: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The job of the appraised people.", descriptive=True),
    )
    period: PeriodKind | None = field(
        default=None,
        validator=maybe(OneOf(get_args(PeriodKind))),
        metadata=key(
            "The period of one record.",
            words=PERIODS,
        ),
    )
    effective_from: date | None = field(
        default=None,
        converter=optional(calendar_date),
        metadata=key(
            "The first effective day, such as 2025-01-01. It is the name of the file.",
            inherited=False,
        ),
    )
    effective_until: date | None = field(
        default=None,
        converter=optional(calendar_date),
        metadata=key(
            "The last effective day.",
            default="the day before the next version",
            inherited=False,
            then=_EXTENDS,
        ),
    )
    currency: str | None = field(
        default=None,
        converter=optional(currency),
        metadata=key(
            'The currency of pay, as three letters: "CNY", "EUR".',
            pattern=CURRENCY,
            text="currency code",
        ),
    )
    full_marks: Decimal = field(
        default=Decimal(100),
        converter=decimal,
        validator=is_above_0,
        metadata=key("The total of a record with full marks everywhere."),
    )
    weights_total: Decimal | Literal["sum"] | None = field(
        default=None,
        converter=optional(weights_total),
        validator=is_above_0,
        metadata=key(
            "The required sum of the weights.",
            default="full_marks",
            words={"sum": "any sum: weights are shares of it"},
        ),
    )
    #: the step of ratings, counted from 0
    step: Decimal = field(
        default=Decimal(1),
        converter=decimal,
        validator=is_above_0,
        metadata=key("Ratings must be multiples of this."),
    )
    note: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("A remark on the ruleset.", descriptive=True),
    )
    source: Source | None = field(
        default=None,
        validator=IsA(Source),
        metadata=key("The document that the ruleset implements."),
    )
    inputs: tuple[Input, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Input),
        metadata=key("The facts that a record states, by name: [inputs.late]."),
    )
    derived: tuple[Derived, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Derived),
        metadata=key("Facts that are computed from others, by name: [derive.rate].", name="derive"),
    )
    raters: tuple[Rater, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Rater),
        metadata=key(
            "The raters and their weights: self = 20, superior = 80. The rating of a criterion is the weighted mean of theirs.",
            then=_DEFAULTS,
        ),
    )
    tables: tuple[BandTable, ...] = field(
        default=(),
        converter=parts,
        validator=Named(BandTable),
        metadata=key(
            "Tables of bands that several quantities may use: [bands.steps].",
            name="bands",
            order=Order.WAY,
        ),
    )
    curves: tuple[Curve, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Curve),
        metadata=key(
            "Curves that formulas may use, by name: curve(x, NAME).",
            order=Order.WAY,
        ),
    )
    sections: tuple[Section, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Section),
        metadata=key("The sections of the form: groups of criteria.", name="section"),
    )
    #: the criteria of a rubric without sections
    criteria: tuple[Criterion, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Criterion),
        metadata=key("The criteria of a ruleset without sections.", name="criterion"),
    )
    total: Total | None = field(
        default=None,
        validator=IsA(Total),
        metadata=key("How the total is computed.", default="the raw total plus all adjustments"),
    )
    adjustments: tuple[Adjustment, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Adjustment),
        metadata=key(
            "Bonuses and deductions outside of the weights, in points of the total.", name="adjust"
        ),
    )
    gates: tuple[Gate, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Gate),
        metadata=key(
            "Conditions that limit the total or the tier, make the record unratable, or reject it.",
            name="gate",
        ),
    )
    tiers: tuple[Tier, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Tier),
        metadata=key("The grades, by ranges of the total.", name="tier"),
    )
    quotas: tuple[Quota, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Quota),
        metadata=key("How many of a group may have a tier, or must.", name="quota"),
    )
    outcomes: tuple[Outcome, ...] = field(
        default=(),
        converter=parts,
        validator=Named(Outcome),
        metadata=key(
            "Results that follow from total and tier, by name: [outcome.bonus].", name="outcome"
        ),
    )
    pay: Pay | None = field(default=None, validator=IsA(Pay), metadata=key("The parts of a wage."))
    form: Form | None = field(
        default=None,
        validator=IsA(Form),
        metadata=key("What a firm adds to its score sheets."),
    )
    rulings: tuple[Ruling, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Ruling),
        metadata=key(
            "Decisions about clauses that contradict each other, or that leave a case open.",
            name="ruling",
        ),
    )
    examples: tuple[Example, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Example),
        metadata=key(
            "Worked cases: records with their expected results. Each check evaluates them.",
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

    def _repr_html_(self) -> str:
        """Return the criteria and tiers as a table for notebooks, in English where there is any."""
        from kpirules.model.notebook import html  # noqa: PLC0415 - only when asked

        title = self.id if self.label is None else str(self.label)
        return html(title, self.sections, self.criteria, self.tiers)

    def __repr__(self) -> str:
        since = f" from {self.effective_from}" if self.effective_from else ""
        counts = (
            (len(self.sections), "section"),
            (len(self.all_criteria), "criterion"),
            (len(self.tiers), "tier"),
        )
        described = [f"{n} {plural(word, n)}" for n, word in counts if n]
        return f"<Rubric {self.id}{since}: {', '.join(described) or 'empty'}>"
