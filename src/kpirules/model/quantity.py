"""Quantities: the keys of bands and of all values that rules determine."""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Literal, TypeAlias, final

import attrs
from attrs import field

from kpirules._internal.typeguards import is_mapping
from kpirules.arithmetic.range import Range
from kpirules.formula import FUNCTIONS
from kpirules.model.condition import Entry, When, entries, when
from kpirules.model.language import Order, key
from kpirules.model.text import Text, label_text
from kpirules.model.values import (
    Each,
    NumberLike,
    Value,
    every,
    name_value_pairs,
    number_or_range,
    number_or_text,
    optional,
    parts,
    range_text,
    string,
    wrong,
)
from kpirules.model.vocabulary import Rounding, rounding


def _cell(value: Range | NumberLike | str) -> Decimal | Range | str:
    """Convert one value of a table by two facts."""
    return range_text(value) if isinstance(value, Range) else number_or_text(value)


def _by_entry(
    value: Mapping[str, Range | NumberLike | str] | Sequence[tuple[str, Range | NumberLike | str]],
    convert: Callable[[Any], Any] = _cell,
) -> tuple[tuple[str, Decimal | Range | str], ...]:
    """Convert the values by option or range, or their pairs."""
    pairs = name_value_pairs(value)
    if not pairs:
        raise wrong("empty-cells")
    names = [name for name, _ in pairs]
    if len({*names}) < len(names):
        raise wrong("name-twice_any")
    made = every(((name,), item, partial(convert, item)) for name, item in pairs)
    return tuple(zip(names, made, strict=True))


@final
@attrs.frozen(kw_only=True)
class Cells(Value):
    """The values of a band in a table by two facts, by the option or range of the second fact."""

    #: (option, range or "otherwise", value)
    by_entry: tuple[tuple[str, Decimal | Range | str], ...] = field(converter=_by_entry)


def _cells(value: object, convert: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - as converted
    """Convert a value, or the values of a table by two facts."""
    if isinstance(value, Cells):
        value = dict(value.by_entry)
    return Cells(by_entry=_by_entry(value, convert)) if is_mapping(value) else convert(value)


def _points(
    value: Range | NumberLike | str | Cells | Mapping[str, Range | NumberLike | str],
) -> Decimal | Range | Cells:
    """Convert points: a number or a range of allowed ratings, or those of each cell."""
    made: Decimal | Range | Cells = _cells(value, number_or_range)
    return made


def _value(
    value: NumberLike | str | Cells | Mapping[str, NumberLike | str],
) -> Decimal | str | Cells:
    """Convert a number or a text, or those of each cell."""
    made: Decimal | str | Cells = _cells(value, number_or_text)
    return made


def _formula(value: str | Cells | Mapping[str, str]) -> str | Cells:
    """Convert a formula, or those of each cell."""
    made: str | Cells = _cells(value, string)
    return made


@final
@attrs.frozen(kw_only=True)
class Band(Value):
    """One row of a table of bands: a condition and a value. Exactly one row must hold.

    Exactly one of ``points`` (in criteria and adjustments), ``value`` (elsewhere) and ``formula``
    is given. In a table by two facts (``across``), it may be a value for each option or range of
    the second fact.

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
    points: Decimal | Range | Cells | None = field(
        default=None,
        converter=optional(_points),
        metadata=key(
            'The points: a number, or a range of allowed ratings such as "8..10"; with "across", a table of these by option.'
        ),
    )
    value: Decimal | str | Cells | None = field(
        default=None,
        converter=optional(_value),
        metadata=key(
            'The value where it is not points: a number, or a text; with "across", a table of these by option.'
        ),
    )
    formula: str | Cells | None = field(
        default=None,
        converter=optional(_formula),
        metadata=key(
            'A formula, such as "10 - 2 * errors"; with "across", a table of these by option.',
            text="formula",
        ),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The description of the level, for people.", descriptive=True),
    )


def _bands(value: str | Sequence[Band]) -> tuple[Band, ...] | str:
    """Convert a list of bands, or the name of a table of bands."""
    return string(value) if isinstance(value, str) else parts(value)


#: how the items of a list that match are counted: all, or the most consecutive ones
Tallying: TypeAlias = Literal["count", "run"]


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
            'A formula, such as "10 - 2 * errors": numbers, names, + - * / ^, brackets, '
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
            "The one name on which the bands depend; when of each band is then its entry. With count or run: the list whose items are counted.",
            text="name",
            of_way=True,
            order=Order.OF,
        ),
    )
    across: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            'The second name on which the bands depend: their values are tables by its options or ranges, or "otherwise".',
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
    def tally(self) -> tuple[Tallying, tuple[Entry, ...]] | None:
        """How the items of a list that match entries are counted; None: they are not."""
        return None

    @property
    def is_given(self) -> bool:
        """Check whether the file determines the value."""
        ways = (self.points, self.value, self.formula, self.bands, self.tally)
        return any(way is not None for way in ways)


@attrs.frozen(kw_only=True)
class Tally(Quantity):
    """A quantity that may also count the items of a list that match."""

    count: tuple[Entry, ...] | None = field(
        default=None,
        converter=optional(entries),
        metadata=key(
            'The value is the number of items of the list in "of" that match: an entry as in when, or a list of entries.',
            way=True,
            order=Order.WAY,
        ),
    )
    run: tuple[Entry, ...] | None = field(
        default=None,
        converter=optional(entries),
        metadata=key(
            'The value is the greatest number of consecutive items of the list in "of" that match.',
            way=True,
            order=Order.WAY,
        ),
    )

    @property
    def tally(self) -> tuple[Tallying, tuple[Entry, ...]] | None:
        """How the items of a list that match entries are counted; None: they are not."""
        if self.count is not None:
            return "count", self.count
        return None if self.run is None else ("run", self.run)
