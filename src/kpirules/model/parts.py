"""The parts of a form: criteria, sections, the total, adjustments, gates, tiers, outcomes."""

from __future__ import annotations

from decimal import Decimal
from typing import final

import attrs
from attrs import field

from kpirules.arithmetic.range import Range
from kpirules.model.condition import When, when
from kpirules.model.language import Order, key
from kpirules.model.quantity import Quantity
from kpirules.model.text import Text, label_text
from kpirules.model.values import (
    AtLeast,
    Each,
    Value,
    decimal,
    flag,
    is_scale,
    is_weight,
    number_or_text,
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

    absent = "value"

    id: str = field(
        converter=name_text,
        metadata=key(
            "The criterion's name for programs; a rating is given under it.",
            id=True,
            order=Order.NAME,
            pattern=NAME,
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("What it is called on the form.", descriptive=True, order=Order.LABEL),
    )
    weight: Decimal | str | None = field(
        default=None,
        converter=optional(number_or_text),
        validator=is_weight,
        metadata=key(
            "What it gives to its section at full marks. A name or formula: worked out for each record.",
            essential=True,
        ),
    )
    scale: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        validator=is_scale,
        metadata=key(
            "The points at full marks, when they are not the weight (judged on 100, weighs 20)."
        ),
    )
    scored: bool = field(
        default=True,
        validator=flag,
        metadata=key("false: on the form, not in the total. Default: true.", essential=True),
    )
    missing: CriterionMissing | Decimal = field(
        default="error",
        converter=policy,
        metadata=key(
            'When nothing is given: "error" (default, the record is refused), "zero", a number of points, or "exclude" (left out, other weights are scaled up).',
            descriptive=True,
        ),
    )
    cite: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The clause of the source that it comes from.", descriptive=True),
    )


@final
@attrs.frozen(kw_only=True)
class Section(Value):
    """A group of criteria with a weight."""

    id: str = field(
        converter=name_text,
        metadata=key("The section's name for programs.", id=True, order=Order.NAME, pattern=NAME),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("What it is called on the form.", descriptive=True, order=Order.LABEL),
    )
    weight: Decimal | str | None = field(
        default=None,
        converter=optional(number_or_text),
        validator=is_weight,
        metadata=key(
            "What it gives at full marks. Default: the sum of its criteria's weights. A name or formula: worked out for each record."
        ),
    )
    scale: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        validator=is_scale,
        metadata=key("What its criteria's weights add up to, when that is not its weight."),
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
            'How the subtotal is rounded: { to = 1, mode = "half_up" }.',
            inline=True,
            order=Order.WAY,
        ),
    )
    criteria: tuple[Criterion, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Criterion),
        metadata=key("A scored line of the section.", name="criterion", essential=True),
    )


@final
@attrs.frozen(kw_only=True)
class Total(Quantity):
    """How the total comes about.

    Without a way to its value it is the raw total and all adjustments.
    """

    minimum_scored: int | None = field(
        default=None,
        converter=optional(whole),
        validator=AtLeast("minimum_scored is", 1),
        metadata=key("With fewer criteria scored, the record is unratable."),
    )


@final
@attrs.frozen(kw_only=True)
class Adjustment(Quantity):
    """A bonus or deduction outside the weights."""

    absent = "value"

    id: str = field(
        converter=name_text,
        metadata=key(
            "Its name for programs; adjust.ID in formulas.", id=True, order=Order.NAME, pattern=NAME
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("What it is called on the form.", descriptive=True, order=Order.LABEL),
    )
    missing: PartMissing = field(
        default="error",
        converter=part_missing,
        metadata=key(
            'When something that it needs is missing: "error" (default), or "skip" (adds 0).',
            descriptive=True,
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Gate(Value):
    """A condition that limits the total or the tier, or refuses the record."""

    when: When = field(
        converter=when,
        metadata=key(
            "When it holds: a table of names and entries, all of which must hold.",
            dotted=True,
            fallback="otherwise",
        ),
    )
    refuse: bool = field(
        default=False, validator=flag, metadata=key("true: the record is refused.")
    )
    unratable: bool = field(
        default=False,
        validator=flag,
        metadata=key("true: there is no total, no tier and no outcome."),
    )
    total_at_most: Decimal | None = field(
        default=None, converter=optional(decimal), metadata=key("The total is no more than this.")
    )
    total_at_least: Decimal | None = field(
        default=None, converter=optional(decimal), metadata=key("The total is no less than this.")
    )
    tier_at_most: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key("The tier is no better than this one, by its id."),
    )
    tier_at_least: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key("The tier is no worse than this one, by its id."),
    )
    demote: int | None = field(
        default=None,
        converter=optional(whole),
        validator=AtLeast("a gate demotes by", 1),
        metadata=key("By how many tiers the record falls."),
    )
    reason: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Why, for the appraised person to read.", descriptive=True),
    )
    missing: PartMissing = field(
        default="error",
        converter=part_missing,
        metadata=key(
            'When something that it asks for is missing: "error" (default), or "skip" (does not hold).',
            descriptive=True,
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Tier(Value):
    """A range of the total and what follows from it.

    >>> from kpirules import Tier
    >>> tier = Tier(id="good", total="80..100", pay=200)
    >>> tier.total, tier.pay
    ((<Range 80..100>,), Decimal('200'))
    """

    id: str = field(
        converter=hyphenated_id,
        metadata=key("The tier's name for programs.", id=True, order=Order.NAME, pattern=HYPHENED),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("What it is called.", descriptive=True, order=Order.LABEL),
    )
    total: tuple[Range, ...] = field(
        default=(),
        converter=spans,
        metadata=key(
            'The totals: a range such as "80..89", a number, or a list of these. Left out: reached by gates only.',
            essential=True,
        ),
    )
    pay: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        metadata=key("Money, in the scheme's currency. On all tiers or on none."),
    )
    coefficient: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        metadata=key("What a base is multiplied with. On all tiers or on none."),
    )


@final
@attrs.frozen(kw_only=True)
class Outcome(Quantity):
    """What follows from the total and the tier: money, a coefficient, a text."""

    name: str = field(converter=name_text, metadata=key(header=True))
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("What it is called.", descriptive=True, order=Order.LABEL),
    )
    missing: PartMissing = field(
        default="error",
        converter=part_missing,
        metadata=key(
            'When something that it needs is missing: "error" (default), or "skip" (there is none).',
            descriptive=True,
        ),
    )
