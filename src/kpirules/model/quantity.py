"""Quantities: the keys of bands and of all values that rules determine."""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Literal, final

import attrs
from attrs import field

from kpirules.arithmetic.range import Range
from kpirules.formula import FUNCTIONS
from kpirules.model.condition import When, when
from kpirules.model.language import Order, key
from kpirules.model.text import Text, label_text
from kpirules.model.values import (
    Each,
    Value,
    number_or_range,
    number_or_text,
    optional,
    parts,
    range_text,
    string,
    wrong,
)
from kpirules.model.vocabulary import Rounding, rounding


@final
@attrs.frozen(kw_only=True)
class Band(Value):
    """One row of a table of bands: a condition and a value. Exactly one row must hold.

    Exactly one of ``points`` (in criteria and adjustments), ``value`` (elsewhere) and ``formula``
    is given.

    >>> from kpirules import Band
    >>> Band(when={"late": "1..3"}, points=5).points
    Decimal('5')
    """

    #: None in a judged criterion, whose bands differ by their points
    when: When | None = field(
        default=None,
        converter=optional(when),
        metadata=key(
            'The condition: a table of names and entries, all of which must hold; with "of", the entry alone; or "otherwise": no other band holds.',
            dotted=True,
        ),
    )
    points: Decimal | Range | None = field(
        default=None,
        converter=optional(number_or_range),
        metadata=key('The points: a number, or a range of allowed ratings such as "8..10".'),
    )
    value: Decimal | str | None = field(
        default=None,
        converter=optional(number_or_text),
        metadata=key("The value where it is not points: a number, or a text."),
    )
    formula: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key('A formula, such as "10 - 2 * errors".', text="formula"),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The description of the level, for people.", descriptive=True),
    )


def _bands(value: str | Sequence[Band]) -> tuple[Band, ...] | str:
    """Convert a list of bands, or the name of a table of bands."""
    return string(value) if isinstance(value, str) else parts(value)


@attrs.frozen(kw_only=True)
class Quantity(Value):
    """How a value is determined: a value, a range of allowed ratings, a formula, or bands."""

    #: the other name of the plain value, which is not a key of the class
    absent: ClassVar[Literal["points", "value"]] = "points"

    points: Decimal | Range | None = field(
        default=None,
        converter=optional(number_or_range),
        metadata=key(
            'The points: a number, or a range of allowed ratings such as "0..10".',
            way=True,
            order=Order.WAY,
        ),
    )
    value: Decimal | str | None = field(
        default=None,
        converter=optional(number_or_text),
        metadata=key(
            "The value where it is not points: a number, or a text.", way=True, order=Order.WAY
        ),
    )
    formula: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            'A formula, such as "10 - 2 * errors": numbers, names, + - * /, brackets, '
            f"{', '.join(FUNCTIONS)}.",
            text="formula",
            way=True,
            order=Order.WAY,
        ),
    )
    bands: tuple[Band, ...] | str | None = field(
        default=None,
        converter=optional(_bands),
        validator=Each(Band),
        metadata=key(
            "Bands, exactly one of which holds for each record; or the name of a table of bands.",
            text="name of a table",
            way=True,
            inline=True,
            order=Order.WAY,
        ),
    )
    of: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            "The one name on which the bands depend; when of each band is then its entry.",
            text="name",
            of_way=True,
            order=Order.OF,
        ),
    )
    clamp: Range | None = field(
        default=None,
        converter=optional(range_text),
        metadata=key(
            'The value is limited to this range, such as "0..10"; the result states where this changed it.',
            order=Order.WAY,
        ),
    )
    round: Rounding | None = field(
        default=None,
        converter=optional(rounding),
        metadata=key(
            'The rounding of the value, after clamp: { to = 0.1, mode = "half_up" }.',
            inline=True,
            order=Order.WAY,
        ),
    )
    range: Range | None = field(
        default=None,
        converter=optional(range_text),
        metadata=key(
            "The range that the value must lie in, after clamp and round. check proves it (not for derived facts), and a record outside of it is rejected.",
            order=Order.WAY,
        ),
    )

    def __attrs_post_init__(self) -> None:
        if getattr(self, self.absent) is not None:
            word = "value" if self.absent == "points" else "points"
            raise wrong("absent", right=word, given=self.absent)

    @property
    def is_given(self) -> bool:
        """Check whether the file determines the value."""
        return any(v is not None for v in (self.points, self.value, self.formula, self.bands))
