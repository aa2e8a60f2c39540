"""Closed vocabularies, the patterns of names, and the rounding of numbers."""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, final, get_args

import attrs

from kpirules._internal.display import brief, similar
from kpirules.arithmetic.rounding import MODES, Mode
from kpirules.model.language import key
from kpirules.model.values import (
    NumberLike,
    Validator,
    Value,
    decimal,
    is_above_0,
    string,
    strings,
    whole,
    wrong,
    wrong_kind,
)
from kpirules.translations.message import Message, MessageError


InputType: TypeAlias = Literal["count", "number", "choice", "flag", "text"]
#: the types of inputs that are numbers
NUMERIC: Final = ("count", "number")
Better: TypeAlias = Literal["higher", "lower"]
Beyond: TypeAlias = Literal["end", "straight"]
PeriodKind: TypeAlias = Literal["month", "quarter", "half", "year"]
PERIODS: Final[dict[PeriodKind, str]] = {
    "month": "a month",
    "quarter": "a quarter",
    "half": "half a year",
    "year": "a year",
}
#: the windows of a history that are not a number of periods
Window: TypeAlias = Literal["inside", "so_far"]
#: which place records of one standing have
Ties: TypeAlias = Literal["best", "worst", "refuse"]
#: what the shares of a group are where nobody has any claim
Otherwise: TypeAlias = Literal["refuse", "nothing", "equal"]
#: what happens if a quota is not kept
Excess: TypeAlias = Literal["refuse", "demote"]
#: the mode in which the shares of a group add up to the amount
REMAINDERS: Final = "largest_remainder"
#: how the shares of a group are rounded
ShareMode: TypeAlias = Literal["largest_remainder"] | Mode
#: the greatest number of periods of a window
MAX_WINDOW: Final = 1_000
#: the policies for a missing value: of a criterion, beside a number of points; of any other part
CriterionMissing: TypeAlias = Literal["error", "zero", "exclude"]
PartMissing: TypeAlias = Literal["error", "skip"]
#: those of a history, beside a number
PeriodMissing: TypeAlias = Literal["error", "skip"]


def must_be(
    value: object, words: tuple[str, ...], key: str = "word", **params: object
) -> MessageError:
    """Return the error for a word outside of a vocabulary."""
    near = similar(value, words) if isinstance(value, str) else None
    listed = tuple(f'"{word}"' for word in words)
    return _suggesting(near, Message.of(f"value.{key}", words=listed, **params))


def _suggesting(near: str | None, reason: Message) -> MessageError:
    """Return the error with the word that was probably meant."""
    if near is None:
        return MessageError(reason)
    return wrong("suggestion", reason=reason, name=near)


@attrs.frozen
class OneOf(Validator):
    """A validator of the words of a closed vocabulary."""

    words: tuple[str, ...]

    def _check(self, value: Any) -> None:  # noqa: ANN401 - a value of any field
        if value not in self.words:
            raise must_be(value, self.words)


CURRENCY = re.compile("[A-Z]{3}", re.ASCII)


def currency(value: str) -> str:
    """Return the code of a currency."""
    text = string(value)
    if not CURRENCY.fullmatch(text):
        near = text.upper() if CURRENCY.fullmatch(text.upper()) else None
        raise _suggesting(near, Message.of("value.currency"))
    return text


#: the pattern of an id or name, and of the ids of rubrics and tiers, which may have hyphens
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
HYPHENED = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*", re.ASCII)


def name_text(value: str) -> str:
    """Return an id: letters, digits and ``_``, not starting with a digit."""
    text = string(value)
    if not NAME.fullmatch(text):
        raise wrong("id", text=brief(text))
    return text


def hyphenated_id(value: str) -> str:
    """Return the id of a rubric or tier, which may have hyphens."""
    text = string(value)
    if not HYPHENED.fullmatch(text):
        name_text(text)
    return text


def one_or_list(value: str | Sequence[str]) -> tuple[str, ...]:
    """Convert a text or a list of texts."""
    return (value,) if isinstance(value, str) else strings(value)


def schema(value: int) -> int:
    """Return the version of the language."""
    if whole(value) != 1:
        raise wrong("schema", schema=value)
    return 1


def policy(value: CriterionMissing | NumberLike) -> CriterionMissing | Decimal:
    """Convert a criterion's policy for a missing value."""
    words = get_args(CriterionMissing)
    if isinstance(value, bool) or (isinstance(value, str) and value not in words):
        raise must_be(value, words, "word_or-points")
    return value if isinstance(value, str) else decimal(value)


def beyond(value: Beyond) -> Beyond:
    """Return how a curve goes on outside of its points."""
    if value not in get_args(Beyond):
        raise must_be(value, get_args(Beyond))
    return value


def part_missing(value: PartMissing) -> PartMissing:
    """Return the policy of an adjustment, gate or outcome for a missing value."""
    if value not in get_args(PartMissing):
        raise must_be(value, get_args(PartMissing))
    return value


def window(value: Window | int | Decimal) -> Window | int:
    """Convert the window of a history: a word, or a number of periods."""
    words = get_args(Window)
    if isinstance(value, bool) or (isinstance(value, str) and value not in words):
        raise must_be(value, words, "word_or-periods", most=MAX_WINDOW)
    if isinstance(value, str):
        return value
    count = whole(value)
    if not 1 <= count <= MAX_WINDOW:
        raise must_be(value, words, "word_or-periods", most=MAX_WINDOW)
    return count


def period_missing(value: PeriodMissing | NumberLike) -> PeriodMissing | Decimal:
    """Convert a history's policy for a period without a result."""
    words = get_args(PeriodMissing)
    if isinstance(value, bool) or (isinstance(value, str) and value not in words):
        raise must_be(value, words, "word_or-number")
    return value if isinstance(value, str) else decimal(value)


def weights_total(value: NumberLike | Literal["sum"]) -> Decimal | Literal["sum"]:
    """Convert the required sum of all weights."""
    if isinstance(value, str) and value != "sum":
        raise must_be(value, ("sum",), "word_or-number")
    return value if isinstance(value, str) else decimal(value)


@final
@attrs.frozen(kw_only=True)
class Rounding(Value):
    """How a number is rounded. Both keys are required."""

    to: Decimal = attrs.field(
        converter=decimal,
        validator=is_above_0,
        metadata=key("The value becomes a multiple of this number: 1, 0.1, 0.5.", fallback=1),
    )
    mode: Mode = attrs.field(
        validator=OneOf(get_args(Mode)),
        metadata=key(
            "Which multiple a value between two multiples becomes.",
            words={mode.name: mode.description for mode in MODES.values()},
            fallback="half_up",
        ),
    )


def rounding(value: Rounding | Mapping[str, Any]) -> Rounding:
    """Convert a rounding, or its table."""
    if isinstance(value, Rounding):
        return value
    try:
        return Rounding(**value)
    except TypeError:
        raise wrong_kind("rounding", value) from None


@final
@attrs.frozen(kw_only=True)
class ShareRounding(Value):
    """How the shares of a group are rounded. Both keys are required."""

    to: Decimal = attrs.field(
        converter=decimal,
        validator=is_above_0,
        metadata=key("Each share is a multiple of this number: 0.01, 1.", fallback=1),
    )
    mode: ShareMode = attrs.field(
        validator=OneOf((REMAINDERS, *get_args(Mode))),
        metadata=key(
            "How the shares become multiples: by their remainders, or each alone by a mode of rounding.",
            words={
                REMAINDERS: "each share is rounded down, and the units that are left go one each to the largest remainders, so that the shares add up to the amount",
                **{mode.name: mode.description for mode in MODES.values()},
            },
            fallback=REMAINDERS,
        ),
    )

    @property
    def is_alone(self) -> bool:
        """Check whether each share is rounded by itself."""
        return self.mode != REMAINDERS


def share_rounding(value: ShareRounding | Mapping[str, Any]) -> ShareRounding:
    """Convert the rounding of shares, or its table."""
    if isinstance(value, ShareRounding):
        return value
    try:
        return ShareRounding(**value)
    except TypeError:
        raise wrong_kind("rounding", value) from None
