"""Converters and validators of single values of a ruleset, with their messages.

They are declared on the fields of :mod:`kpirules.model.rubric`. A rubric built in Python and one
read from a file therefore have the same values and get the same messages.
"""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial, wraps
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import attrs
import attrs.converters

from kpirules._internal.display import brief
from kpirules._internal.typeguards import fields_of, is_list_or_tuple, is_mapping, is_tuple
from kpirules.arithmetic.number import LIMIT, NARROW, PLAIN, NotExactError, decimal_of, exact
from kpirules.arithmetic.range import Cut, Range
from kpirules.errors import ModelError
from kpirules.model.provenance import Path
from kpirules.translations.message import Message, MessageError, reason_of


if TYPE_CHECKING:
    from attrs.converters import optional as optional  # noqa: PLC0414 - other modules import it
else:
    #: many fields have the same converter, and attrs inspects the signature of each new one
    optional = cache(attrs.converters.optional)

_T = TypeVar("_T")

#: the accepted types for a number with a finite decimal form; a float counts as its shortest repr
NumberLike: TypeAlias = Decimal | int | float | Fraction


# ---------------------------------------------------------------- a part of a rubric


class Value:
    """A part of a rubric: a frozen value whose fields are converted and validated on creation.

    Raises :class:`~kpirules.errors.ModelError` with all problems of the part.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        for base in cls.__mro__[1:]:
            if base.__dict__.get("__final__"):
                reason = "is a value: hold one in a class of yours rather than inherit it"
                raise TypeError(f"{cls.__name__}: {base.__name__} {reason}")

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        init: Any = cls.__init__

        @wraps(init)
        def made(self: "Value", *args: object, **given: object) -> None:
            try:
                init(self, *args, **given)
            except ValueError as error:
                raise _rejected(cls, args, given, error) from None

        # replaces the method that attrs generated
        type.__setattr__(cls, "__init__", made)


def take(field: "attrs.Attribute[Any]", value: object) -> Any:  # noqa: ANN401 - of the field's type
    """Convert and validate the value of one field."""
    convert: Any = getattr(field, "converter")  # noqa: B009 - its type is known in part
    taken = value if convert is None else convert(value)
    if field.validator is not None:
        field.validator(None, field, taken)
    return taken


def _rejected(
    cls: type, args: tuple[object, ...], given: dict[str, object], error: ValueError
) -> ModelError:
    """Return the error with the problems of all fields of an invalid part."""
    fields = {field.name: field for field in fields_of(cls) if field.init}
    values = dict(zip(fields, args, strict=False)) | given
    known = ((name, value) for name, value in values.items() if name in fields)
    try:
        every(((name,), value, partial(take, fields[name], value)) for name, value in known)
    except ModelError as found:
        return ModelError(part=cls.__name__, problems=found.problems)
    return ModelError(part=cls.__name__, problems=_located(error, (), None))


def _located(
    error: ValueError, path: Path, value: object
) -> tuple[tuple[Path, object, Message | str], ...]:
    """Return the problems of an error, with their locations below a path."""
    if isinstance(error, ModelError):
        return tuple(((*path, *inner), at, text) for inner, at, text in error.problems)
    return ((path, value, reason_of(error)),)


def every(items: Iterable[tuple[Path, object, Callable[[], _T]]]) -> tuple[_T, ...]:
    """Build an item from each (path, value); raise one error with the problems of all items."""
    made: list[_T] = []
    problems: list[tuple[Path, object, Message | str]] = []
    for path, value, make in items:
        try:
            made.append(make())
        except ValueError as error:
            problems += _located(error, path, value)
    if problems:
        raise ModelError(part="", problems=tuple(problems))
    return tuple(made)


class Validator(ABC):
    """A validator of attrs that raises ``ValueError`` for an invalid value of a field."""

    __slots__ = ()

    @abstractmethod
    def _check(self, value: Any) -> None:  # noqa: ANN401 - a value of any field
        """Raise ``ValueError`` for an invalid value."""

    def __call__(self, _: Any, __: Any, value: Any) -> None:  # noqa: ANN401 - as above
        """Check a value when a part is created."""
        self._check(value)


# ---------------------------------------------------------------- numbers, texts, flags, dates


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "kind.flag"),
    (int, "kind.number"),
    (Decimal, "kind.number"),
    (str, "kind.text"),
    (dict, "kind.table"),
    (list, "kind.list"),
    (date, "kind.date"),
)


def kind_of(value: object) -> Message | str:
    """Return the kind of a value, for a message that names the allowed kind."""
    key = next((key for cls, key in _KINDS if isinstance(value, cls)), None)
    if key is None and not hasattr(value, "tzinfo"):
        # of a type that exists in Python alone
        return brief(value)
    return Message.of(key or "kind.date")


def wrong(key: str, **params: object) -> MessageError:
    """Return the error about a value."""
    return MessageError(Message.of(f"value.{key}", **params))


def wrong_kind(key: str, value: object) -> MessageError:
    """Return the error about a value of a wrong kind."""
    return wrong(key, kind=kind_of(value))


def decimal(value: NumberLike | str) -> Decimal:
    """Convert an exact number with a finite decimal form.

    >>> decimal(0.1), decimal("7.50"), decimal(Fraction(1, 8))
    (Decimal('0.1'), Decimal('7.5'), Decimal('0.125'))
    """
    given: Any = value
    if given.__class__ is int and abs(given) < LIMIT:
        # the common case: a whole number
        return Decimal(given)
    try:
        taken = decimal_of(exact(given))
    except NotExactError as error:
        if isinstance(given, (Decimal, int, float, Fraction)) and not isinstance(given, bool):
            raise
        if isinstance(value, str):
            raise wrong("number_text", text=brief(value), reason=error.reason) from None
        raise wrong_kind("number", value) from None
    if isinstance(taken, Fraction):
        raise NotExactError(Message.of("problem.not-a-number_decimal"))
    return taken


def whole(value: int | Decimal) -> int:
    """Convert a whole number that is not negative."""
    taken = decimal(value)
    if taken < 0 or taken != int(taken):
        raise wrong("whole")
    return int(taken)


#: halves of surrogate pairs, which no file can contain
_HALVES = re.compile("[\ud800-\udfff]")


def string(value: str) -> str:
    """Return a text unchanged; numbers are not converted to texts."""
    given: Any = value
    if not isinstance(given, str):
        raise wrong_kind("text", given)
    if not given.isascii() and _HALVES.search(given):
        raise wrong("surrogate", text=brief(given))
    return given if given.__class__ is str else str.__str__(given)


@attrs.frozen
class IsFlag(Validator):
    """A validator of true and false."""

    def _check(self, value: Any) -> None:  # noqa: ANN401 - as above
        if not isinstance(value, bool):
            raise wrong_kind("flag", value)


flag: Final = IsFlag()


def default_of(value: NumberLike | str) -> Decimal | str | bool:
    """Convert the default of an input; a list of numbers has none."""
    if is_list_or_tuple(value):
        raise wrong("list-default")
    return scalar(value)


def calendar_date(value: date | str) -> date:
    """Convert a date, or its ISO form, without a time."""
    given: Any = value
    if isinstance(given, str):
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise wrong("date", kind=brief(given)) from None
    if type(given) is not date:
        raise wrong_kind("date", given)
    return given


def number_or_text(value: NumberLike | str) -> Decimal | str:
    """Convert a number, or a text if the field allows one."""
    return string(value) if isinstance(value, str) else decimal(value)


def number_or_formula(value: NumberLike | str) -> Decimal | str:
    """Convert a number, or the text of a formula; a formula without a name is a number."""
    if isinstance(value, str) and PLAIN.fullmatch(number := value.strip().translate(NARROW)):
        raise wrong("number_quoted", number=number)
    return number_or_text(value)


def scalar(value: NumberLike | str) -> Decimal | str | bool:
    """Convert a number, a text or a flag."""
    return value if isinstance(value, bool) else number_or_text(value)


@attrs.frozen
class AtLeast(Validator):
    """A validator of numbers with a minimum."""

    least: int = 0
    #: whether the minimum itself is excluded
    above: bool = False

    def _check(self, value: Any) -> None:  # noqa: ANN401 - as above
        if not isinstance(value, (int, Decimal)) or value > self.least:
            return
        if value < self.least or self.above:
            raise wrong("above" if self.above else "at-least", least=self.least)


is_at_least_0: Final = AtLeast()
is_above_0: Final = AtLeast(above=True)


# ---------------------------------------------------------------- lists


def parts(value: Sequence[Any]) -> tuple[Any, ...]:
    """Convert a list to a tuple; a validator checks the class of its items."""
    given: Any = value
    if not is_list_or_tuple(given):
        raise wrong_kind("list", given)
    return tuple(given)


@attrs.frozen
class IsA(Validator):
    """A validator of a part of a class."""

    cls: type

    def _check(self, value: Any) -> None:  # noqa: ANN401 - as above
        if value is not None and not isinstance(value, self.cls):
            raise wrong("part", part=self.cls.__name__, kind=kind_of(value))


@attrs.frozen
class Each(Validator):
    """A validator of lists whose items all have one class."""

    cls: type

    def _check(self, value: Any) -> None:  # noqa: ANN401 - as above
        # a text here is the name of a table of bands
        for i, item in enumerate(value if is_tuple(value) else ()):
            if not isinstance(item, self.cls):
                part, kind = self.cls.__name__, kind_of(item)
                raise wrong("part_item", item=i, part=part, kind=kind)


@attrs.frozen
class Named(Each):
    """A validator of lists that are written as tables by name: each name must be unique."""

    def _check(self, value: Any) -> None:  # noqa: ANN401 - as above
        super()._check(value)
        names: set[str] = set()
        for item in value:
            if item.name in names:
                raise wrong("name-twice", name=item.name)
            names.add(item.name)


def strings(value: Sequence[str]) -> tuple[str, ...]:
    """Convert a list of texts."""
    return every(((i,), item, partial(string, item)) for i, item in enumerate(parts(value)))


def name_value_pairs(value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - any value of a program
    """Convert the items of a table, or a list of (name, value) pairs."""
    items: Any = value.items() if is_mapping(value) else parts(value)
    for item in items:
        if not is_tuple(item) or len(item) != 2:  # noqa: PLR2004 - a pair
            raise wrong_kind("pairs", item)
    return [(string(name), item) for name, item in items]


def comparison_key(value: object) -> object:
    """Return the key for comparing values: True differs from 1, also in a list."""
    if is_tuple(value):
        return tuple(map(comparison_key, value))
    return value.__class__, value


# ---------------------------------------------------------------- ranges


def _cut(cut: Cut | None) -> Cut | None:
    """Convert one end of a range to canonical form."""
    if cut is None or (cut[0].__class__ is int and abs(cut[0]) < LIMIT and cut[1] in (0, 1)):
        return cut
    number = exact(cut[0])
    decimal(number)
    if cut[1] not in (0, 1):
        raise wrong("cut", cut=brief(cut))
    return number, cut[1]


def range_text(value: Range | str) -> Range:
    """Convert the text of a range."""
    given: Any = value
    if isinstance(given, Range):
        ends = _cut(given.low), _cut(given.high)
        return given if ends == (given.low, given.high) else Range(*ends)
    if not isinstance(given, str):
        raise wrong_kind("range", given)
    return Range.parse(given)


def span(value: Range | NumberLike | str) -> Range:
    """Convert a number, or a range, to a range."""
    if isinstance(value, (Range, str)):
        return range_text(value)
    return Range.exactly(exact(decimal(value)))


def spans(
    value: Range | NumberLike | str | Sequence[Range | NumberLike | str],
) -> tuple[Range, ...]:
    """Convert one number or range, or a list of them."""
    if isinstance(value, str) or not is_list_or_tuple(value):
        given: Any = value
        return (span(given),)
    return every(((i,), item, partial(span, item)) for i, item in enumerate(value))


def number_or_range(value: Range | NumberLike | str) -> Decimal | Range:
    """Convert a number, or a range of allowed ratings."""
    if isinstance(value, Range) or (isinstance(value, str) and not PLAIN.fullmatch(value)):
        return range_text(value)
    return decimal(value)
