"""What a record and the parts of a ruleset are made of: inputs, derived facts, raters, tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias, final, get_args

import attrs
from attrs import field
from attrs.validators import optional as maybe

from kpirules.arithmetic.range import Range
from kpirules.model.condition import When, when
from kpirules.model.language import Order, key
from kpirules.model.quantity import Band, Tally
from kpirules.model.quota import Quota
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
    kind_of,
    optional,
    parts,
    range_text,
    string,
    wrong,
)
from kpirules.model.vocabulary import (
    HYPHENED,
    PERIODS,
    Better,
    InputType,
    OneOf,
    Otherwise,
    PartMissing,
    PeriodKind,
    PeriodMissing,
    ShareRounding,
    Ties,
    Window,
    hyphenated_id,
    name_text,
    one_or_list,
    part_missing,
    period_missing,
    share_rounding,
    window,
)


@final
@attrs.frozen(kw_only=True)
class History(Value):
    """Where an input is gathered from: the results of earlier periods.

    >>> from kpirules import Input
    >>> months = Input(
    ...     name="months", type="number", many=True, history={"take": "total", "window": "inside"}
    ... )
    >>> months.history.take, months.history.window, months.history.missing
    ('total', 'inside', 'error')
    """

    rubric: str | None = field(
        default=None,
        converter=optional(hyphenated_id),
        metadata=key(
            "The id of the ruleset of the results.",
            pattern=HYPHENED,
            text="id",
            default="this ruleset",
        ),
    )
    take: str = field(
        converter=string,
        metadata=key(
            "What is taken of each result: total, tier, points.ID, outcome.NAME, an input, a derived fact.",
            text="name",
            fallback="total",
        ),
    )
    each: PeriodKind | None = field(
        default=None,
        validator=maybe(OneOf(get_args(PeriodKind))),
        metadata=key(
            "The period of each result.", default="the period of this ruleset", words=PERIODS
        ),
    )
    window: Window | int = field(
        converter=window,
        metadata=key(
            "Which periods, the earliest first: a word, or a number of periods before this one.",
            words={
                "inside": "all periods within this one",
                "so_far": "those of the same year before this one",
            },
            fallback=1,
        ),
    )
    missing: PeriodMissing | Decimal = field(
        default="error",
        converter=period_missing,
        metadata=key(
            "What happens if a period has no result, or its result has no such value: a word, or the number that stands for it.",
            words={"error": "the record is rejected", "skip": "the period is left out"},
        ),
    )

    def is_of(self, rubric: str) -> bool:
        """Check whether the results are those of a ruleset itself, which has the history."""
        return self.rubric in (None, rubric)


def history(value: History | Mapping[str, Any]) -> History:
    """Convert a history, or its table."""
    if isinstance(value, History):
        return value
    try:
        return History(**value)
    except TypeError:
        example = '{ take = "total", window = "inside" }'
        raise wrong("history", example=example, kind=kind_of(value)) from None


@final
@attrs.frozen(kw_only=True)
class Cohort(Value):
    """Where an input is gathered from: the records that are evaluated together.

    >>> from kpirules import Input
    >>> place = Input(
    ...     name="place", type="count", cohort={"rank": "total", "ties": "best", "within": "shop"}
    ... )
    >>> place.cohort.rank, place.cohort.within, place.cohort.missing
    (('total',), ('shop',), 'error')
    """

    formula: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            'One number for the group, such as "min(price)": sum, mean, min, max, count and wmean run over all who take part; heads is how many these are.',
            text="formula",
        ),
    )
    rank: tuple[str, ...] | str = field(
        default=(),
        converter=one_or_list,
        metadata=key(
            "The place of the record, 1 is the highest: a formula, or a list of which the next breaks ties of those before."
        ),
    )
    ties: Ties | None = field(
        default=None,
        validator=maybe(OneOf(get_args(Ties))),
        metadata=key(
            "Which place records of one standing have.",
            words={
                "best": "the best of theirs (1, 1, 3)",
                "worst": "the worst of theirs (2, 2, 3)",
                "refuse": "the group is rejected",
            },
        ),
    )
    share: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            'The amount of which the record has a share: a formula over the group, such as "200 * heads".',
            text="formula",
        ),
    )
    by: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            "In proportion to what the amount is shared: a formula of the record, 0 or more.",
            text="formula",
        ),
    )
    round: ShareRounding | None = field(
        default=None,
        converter=optional(share_rounding),
        metadata=key(
            'The rounding of the shares: { to = 0.01, mode = "largest_remainder" }.',
            default="exact",
            inline=True,
        ),
    )
    otherwise: Otherwise | None = field(
        default=None,
        validator=maybe(OneOf(get_args(Otherwise))),
        metadata=key(
            "What happens if nobody of the group has any part of by.",
            words={
                "refuse": "the group is rejected",
                "nothing": "each has 0",
                "equal": "all have equal shares",
            },
        ),
    )
    within: tuple[str, ...] | str = field(
        default=(),
        converter=one_or_list,
        metadata=key(
            "What the records of one group have in common: a text, a choice or a flag, or a list of these.",
            default="all records are one group",
        ),
    )
    where: When | None = field(
        default=None,
        converter=optional(when),
        metadata=key("Who takes part, as in when.", default="all"),
    )
    missing: PartMissing = field(
        default="error",
        converter=part_missing,
        metadata=key(
            "What happens if a record that takes part lacks a value.",
            words={"error": "the group is rejected", "skip": "the record takes no part"},
        ),
    )

    @property
    def ranks(self) -> tuple[str, ...]:
        """The formulas by which records are ranked."""
        return one_or_list(self.rank)

    @property
    def over_group(self) -> str | None:
        """The formula over the group, of its number or of the amount that it shares."""
        return self.share if self.formula is None else self.formula

    @property
    def of_record(self) -> tuple[str, ...]:
        """The formulas of a record, by which it is ranked or has its share."""
        return self.ranks if self.by is None else (*self.ranks, self.by)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names whose values the records of one group have in common."""
        return one_or_list(self.within)


def cohort(value: Cohort | Mapping[str, Any]) -> Cohort:
    """Convert a cohort, or its table."""
    if isinstance(value, Cohort):
        return value
    try:
        return Cohort(**value)
    except TypeError:
        example = '{ formula = "mean(total)" }'
        raise wrong("cohort", example=example, kind=kind_of(value)) from None


#: where an input is gathered from; the flag of a quota is from the quota itself
Gathering: TypeAlias = History | Cohort | Quota


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
                "text": "any text, by which records are grouped (within); no condition or formula names it",
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
    many: bool = field(default=False, validator=flag, metadata=key("true: the value is a list."))
    history: History | None = field(
        default=None,
        converter=optional(history),
        metadata=key(
            'The value is gathered from results of earlier periods: { take = "total", each = "month", window = "inside" }.',
            inline=True,
        ),
    )
    cohort: Cohort | None = field(
        default=None,
        converter=optional(cohort),
        metadata=key(
            'The value is gathered from all records that are evaluated together: { formula = "mean(total)" }, a rank, or a share.',
            inline=True,
        ),
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

    @property
    def origin(self) -> Gathering | None:
        """Where it is gathered from; None if a record states it."""
        return self.cohort if self.history is None else self.history

    @property
    def assumed(self) -> Decimal | str | bool | None:
        """What stands for a missing value of a record: not of a cohort that nobody looked at."""
        return self.default if self.cohort is None else None


def histories(inputs: Iterable[Input]) -> Iterator[tuple[Input, History]]:
    """Yield the inputs that are gathered from earlier results."""
    return ((fact, fact.history) for fact in inputs if fact.history is not None)


def origins(inputs: Iterable[Input]) -> Iterator[tuple[Input, Gathering]]:
    """Yield the inputs that are gathered."""
    return ((fact, fact.origin) for fact in inputs if fact.origin is not None)


def cohorts(inputs: Iterable[Input]) -> Iterator[tuple[Input, Cohort]]:
    """Yield the inputs that are gathered from all records that are evaluated together."""
    return ((fact, fact.cohort) for fact in inputs if fact.cohort is not None)


@final
@attrs.frozen(kw_only=True)
class Derived(Tally):
    """A fact that is computed from others."""

    name: str = field(converter=name_text, metadata=key(header=True))
    many: bool = field(
        default=False,
        validator=flag,
        metadata=key(
            "true: the value is computed for each item of the lists that it names, which have the same length; it is a list."
        ),
    )
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
