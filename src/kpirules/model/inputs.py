"""What a record and the parts of a ruleset are made of: inputs, derived facts, raters, tables."""

from __future__ import annotations

from decimal import Decimal
from typing import final, get_args

import attrs
from attrs import field
from attrs.validators import optional as maybe

from kpirules.arithmetic.range import Range
from kpirules.model.language import Order, key
from kpirules.model.quantity import Band, Quantity
from kpirules.model.text import Option, Text, label_text, options
from kpirules.model.values import (
    Each,
    Value,
    comparison_key,
    decimal,
    default_of,
    flag,
    is_above_0,
    is_at_least_0,
    optional,
    parts,
    range_text,
)
from kpirules.model.vocabulary import Better, InputType, OneOf, name_text


@final
@attrs.frozen(kw_only=True)
class Input(Value):
    """A fact that a record states.

    >>> from kpirules import Input
    >>> hours = Input(name="overtime", type="number", range="0..80", step=0.5, unit="h")
    >>> hours.range, hours.step, str(hours.unit)
    (<Range 0..80>, Decimal('0.5'), 'h')
    """

    name: str = field(converter=name_text, metadata=key(header=True))
    type: InputType = field(
        validator=OneOf(get_args(InputType)),
        metadata=key(
            "The kind of values.",
            words={
                "count": "a whole number, 0 or more",
                "number": "a number",
                "choice": "one of the options",
                "flag": "true or false",
            },
            essential=True,
            fallback="number",
            order=Order.NAME,
        ),
    )
    options: tuple[Option, ...] = field(
        default=(),
        converter=options,
        metadata=key(
            'The options of a choice: a list of codes, or a table of code and label: { met = "Done", not = "Not done" }.'
        ),
    )
    range: Range | None = field(
        default=None,
        converter=optional(range_text),
        metadata=key(
            'The allowed numbers, such as "0..31" or ">= 0"; a record with another is rejected.'
        ),
    )
    step: Decimal | None = field(
        default=None,
        converter=optional(decimal),
        validator=is_above_0,
        metadata=key("Numbers must be multiples of this, such as 0.5."),
    )
    many: bool = field(
        default=False, validator=flag, metadata=key("true: the value is a list of numbers.")
    )
    unit: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The unit, such as hours or %.", descriptive=True, order=Order.UNIT),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The name of the input on the form.", descriptive=True, order=Order.LABEL),
    )
    better: Better | None = field(
        default=None,
        validator=maybe(OneOf(get_args(Better))),
        metadata=key(
            "Which values are better: check then reports rules that give less for a better value.",
            words={"higher": "higher values are better", "lower": "lower values are better"},
            descriptive=True,
        ),
    )
    default: Decimal | str | bool | None = field(
        default=None,
        converter=optional(default_of),
        eq=comparison_key,
        metadata=key(
            "The value if the record has none. Without a default, a missing value is an error."
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Derived(Quantity):
    """A fact that is computed from others."""

    name: str = field(converter=name_text, metadata=key(header=True))
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its name for people.", descriptive=True, order=Order.LABEL),
    )
    better: Better | None = field(
        default=None,
        validator=maybe(OneOf(get_args(Better))),
        metadata=key(
            "Which values are better: check then reports rules that give less for a better value.",
            words={"higher": "higher values are better", "lower": "lower values are better"},
            descriptive=True,
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Rater(Value):
    """A person who rates: a weight, or { weight = 80, label = ... }."""

    name: str = field(converter=name_text, metadata=key(header=True))
    weight: Decimal = field(
        converter=decimal,
        validator=is_at_least_0,
        metadata=key(
            "The weight of the ratings of this rater.", essential=True, bare=True, fallback=1
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The name of the rater for people.", descriptive=True, order=Order.LABEL),
    )


@final
@attrs.frozen(kw_only=True)
class BandTable(Value):
    """A table of bands that several quantities use."""

    name: str = field(converter=name_text, metadata=key(header=True))
    rows: tuple[Band, ...] = field(
        converter=parts,
        validator=Each(Band),
        metadata=key("The bands.", essential=True, inline=True, fallback=()),
    )
