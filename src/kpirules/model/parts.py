"""The parts of a form: criteria, sections, the total, adjustments, gates, tiers, outcomes."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal, final

import attrs
from attrs import field

from kpirules.arithmetic.range import Range
from kpirules.model.condition import When, when
from kpirules.model.language import Order, key
from kpirules.model.quantity import Quantity, Tally
from kpirules.model.text import Text, label_text
from kpirules.model.values import (
    AtLeast,
    Each,
    Value,
    decimal,
    flag,
    is_above_0,
    is_at_least_0,
    number_or_formula,
    optional,
    parts,
    range_text,
    spans,
    string,
    whole,
)
from kpirules.model.vocabulary import (
    HYPHENED,
    NAME,
    CriterionMissing,
    PartMissing,
    Rounding,
    hyphenated_id,
    name_text,
    part_missing,
    policy,
    rounding,
)


@final
@attrs.frozen(kw_only=True)
class Criterion(Quantity):
    """One line of the form.

    >>> from kpirules import Band, Criterion
    >>> bands = [Band(when={"late": 0}, points=10), Band(when={"late": ">= 1"}, points=5)]
    >>> Criterion(id="attendance", weight=10, bands=bands).weight
    Decimal('10')
    """

    absent: ClassVar[Literal["points", "value"]] = "value"

    id: str = field(
        converter=name_text,
        metadata=key(
            "The name of the criterion in records, conditions and formulas.",
            id=True,
            order=Order.NAME,
            pattern=NAME,
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its name on the form.", descriptive=True, order=Order.LABEL),
    )
    weight: Decimal | str | None = field(
        default=None,
        converter=optional(number_or_formula),
        validator=is_at_least_0,
        metadata=key(
            "Its share of the section at full marks; required unless scored = false. A formula or a name: computed for each record.",
            essential=True,
            text="formula",
        ),
    )
    scale: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        validator=is_above_0,
        metadata=key(
            "The points at full marks, if they differ from the weight (rated out of 100, weight 20).",
            default="the weight",
        ),
    )
    scored: bool = field(
        default=True,
        validator=flag,
        metadata=key("false: on the form, not in the total.", essential=True),
    )
    missing: CriterionMissing | Decimal = field(
        default="error",
        converter=policy,
        metadata=key(
            "What happens if the rating, or a fact of the criterion, is missing: a word, or a number of points.",
            words={
                "error": "the record is rejected",
                "zero": "0 points",
                "exclude": "the criterion is left out, the other weights of its section are scaled up",
            },
            descriptive=True,
        ),
    )
    standard: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key(
            "How its points are determined, in words: forms show it in place of a formula, and of bands without labels.",
            descriptive=True,
        ),
    )
    target: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The target, in words: a column of forms.", descriptive=True),
    )
    data_source: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key(
            "Where its facts are taken from, or who provides them: a column of forms.",
            descriptive=True,
        ),
    )
    cite: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The clause of the source that it implements.", descriptive=True),
    )


@final
@attrs.frozen(kw_only=True)
class Section(Value):
    """A group of criteria with a weight.

    >>> from kpirules import Criterion, Section
    >>> skill = Criterion(id="skill", weight=30, range="0..30")
    >>> Section(id="ability", weight=30, criteria=[skill], label={"zh": "能力"}).criteria[0].id
    'skill'
    """

    id: str = field(
        converter=name_text,
        metadata=key(
            "The name of the section in formulas: subtotal.ID.",
            id=True,
            order=Order.NAME,
            pattern=NAME,
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its name on the form.", descriptive=True, order=Order.LABEL),
    )
    weight: Decimal | str | None = field(
        default=None,
        converter=optional(number_or_formula),
        validator=is_at_least_0,
        metadata=key(
            "Its share of the total at full marks. A formula or a name: computed for each record.",
            default="the sum of the weights of its criteria",
            text="formula",
        ),
    )
    scale: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        validator=is_above_0,
        metadata=key(
            "The sum of the weights of its criteria, if it differs from its own weight.",
            default="the weight",
        ),
    )
    cap: bool = field(
        default=False,
        validator=flag,
        metadata=key(
            "true: the weights of its criteria may add up to more than its own, and the subtotal is limited to its weight."
        ),
    )
    clamp: Range | None = field(
        default=None,
        converter=optional(range_text),
        metadata=key('The subtotal is limited to this range, such as "0..20".', order=Order.WAY),
    )
    round: Rounding | None = field(
        default=None,
        converter=optional(rounding),
        metadata=key(
            'The rounding of the subtotal, after clamp: { to = 1, mode = "half_up" }.',
            inline=True,
            order=Order.WAY,
        ),
    )
    criteria: tuple[Criterion, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Criterion),
        metadata=key("The criteria of the section.", name="criterion", essential=True),
    )

    @property
    def settles(self) -> bool:
        """Check whether the subtotal is limited or rounded."""
        return self.cap or self.clamp is not None or self.round is not None


@final
@attrs.frozen(kw_only=True)
class Total(Quantity):
    """How the total is computed: unless stated here, it is the raw total plus all adjustments."""

    minimum_scored: int | None = field(
        default=None,
        converter=optional(whole),
        validator=AtLeast(1),
        metadata=key(
            "The least number of criteria that are not left out; with fewer, the record is unratable."
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Adjustment(Quantity):
    """A bonus or deduction outside the weights."""

    absent: ClassVar[Literal["points", "value"]] = "value"

    id: str = field(
        converter=name_text,
        metadata=key(
            "Its name in conditions and formulas: adjust.ID.",
            id=True,
            order=Order.NAME,
            pattern=NAME,
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its name on the form.", descriptive=True, order=Order.LABEL),
    )
    missing: PartMissing = field(
        default="error",
        converter=part_missing,
        metadata=key(
            "What happens if an input that it needs is missing.",
            words={"error": "the record is rejected", "skip": "it adds 0"},
            descriptive=True,
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Gate(Value):
    """A condition that limits the total or the tier, makes the record unratable, or rejects it."""

    when: When = field(
        converter=when,
        metadata=key(
            "The condition: a table of names and entries, all of which must hold.",
            dotted=True,
            fallback="otherwise",
        ),
    )
    refuse: bool = field(
        default=False, validator=flag, metadata=key("true: the record is rejected.")
    )
    unratable: bool = field(
        default=False,
        validator=flag,
        metadata=key("true: the record is unratable: it gets no total, no tier and no outcome."),
    )
    total_at_most: Decimal | None = field(
        default=None, converter=optional(decimal), metadata=key("The highest possible total.")
    )
    total_at_least: Decimal | None = field(
        default=None, converter=optional(decimal), metadata=key("The lowest possible total.")
    )
    tier_at_most: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key("The best possible tier.", text="tier id"),
    )
    tier_at_least: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key("The worst possible tier.", text="tier id"),
    )
    demote: int | None = field(
        default=None,
        converter=optional(whole),
        validator=AtLeast(1),
        metadata=key("The number of tiers by which the record falls."),
    )
    reason: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The reason, for the appraised person.", descriptive=True),
    )
    missing: PartMissing = field(
        default="error",
        converter=part_missing,
        metadata=key(
            "What happens if an input of its condition is missing.",
            words={"error": "the record is rejected", "skip": "the gate does not hold"},
            descriptive=True,
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Tier(Value):
    """A grade: a range of the total, and its pay.

    >>> from kpirules import Tier
    >>> tier = Tier(id="good", total="80..100", pay=200)
    >>> tier.total, tier.pay
    ((<Range 80..100>,), Decimal('200'))
    """

    id: str = field(
        converter=hyphenated_id,
        metadata=key(
            "The name of the tier in conditions and results.",
            id=True,
            order=Order.NAME,
            pattern=HYPHENED,
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its name for people.", descriptive=True, order=Order.LABEL),
    )
    total: tuple[Range, ...] = field(
        default=(),
        converter=spans,
        metadata=key(
            'The totals: a range such as "80..89", a number, or a list of these. A tier without it is reached through gates only.',
            essential=True,
        ),
    )
    pay: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        metadata=key(
            "Money in the currency of the ruleset, the outcome pay. On all tiers or on none."
        ),
    )
    coefficient: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        metadata=key("A factor, the outcome coefficient. On all tiers or on none."),
    )


@final
@attrs.frozen(kw_only=True)
class Outcome(Tally):
    """A result that follows from total and tier: money, a coefficient, a text."""

    name: str = field(converter=name_text, metadata=key(header=True))
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its name for people.", descriptive=True, order=Order.LABEL),
    )
    missing: PartMissing = field(
        default="error",
        converter=part_missing,
        metadata=key(
            "What happens if an input that it needs is missing.",
            words={"error": "the record is rejected", "skip": "the result has no such outcome"},
            descriptive=True,
        ),
    )
