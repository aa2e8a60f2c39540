"""Exact numbers: conversion, rounding and formatting. No rubric terms, no floats.

Inside kpirules a number is an ``int`` if it is whole, else a ``Fraction`` (:data:`Number`). Both
hash and compare by value, so one table serves both. In a result it is an :class:`Exact`; in a
ruleset, whose numbers all have a finite decimal form, a ``Decimal``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TypeGuard

from kpirules._internal.caching import BoundedCache
from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_list_or_tuple
from kpirules.arithmetic.exact import PLAIN, Exact, NotExactError, Number, canonical, plain
from kpirules.arithmetic.rounding import MODES
from kpirules.translations.catalog import template
from kpirules.translations.message import Message, MessageError, shown


__all__ = [
    "LIMIT",
    "MAX_COMPUTED_DIGITS",
    "MAX_DIGITS",
    "MODES",
    "NARROW",
    "PLAIN",
    "SHORT_BITS",
    "Exact",
    "NotExactError",
    "Number",
    "TooLongError",
    "added",
    "canonical",
    "computed",
    "decimal_of",
    "describe",
    "exact",
    "exact_of",
    "multiple",
    "round_to",
    "show",
    "sum_of",
]

#: the maximum number of digits before, and after, the decimal point of an input number. No wage
#: needs more, and arithmetic within this limit stays fast.
MAX_DIGITS = 18

#: the least number that is too large
LIMIT = 10**MAX_DIGITS

#: the maximum number of digits of the numerator and the denominator of a computed number
MAX_COMPUTED_DIGITS = 1_000
_TOO_LONG = 10**MAX_COMPUTED_DIGITS
#: a number with at most so many bits is within the limit of digits; this fast test comes first
SHORT_BITS = _TOO_LONG.bit_length() - 1

#: full-width digits and signs, as Chinese input methods type them, and their plain forms
NARROW: dict[int, str] = {
    **{0xFF10 + i: digit for i, digit in enumerate("0123456789")},
    0xFF0E: ".",
    0xFF0D: "-",
    0xFF0B: "+",
}


class TooLongError(MessageError):
    """A computed number of more than :data:`MAX_COMPUTED_DIGITS` digits."""

    def __init__(self) -> None:
        super().__init__(Message.of("problem.too-long_computed", max_digits=MAX_COMPUTED_DIGITS))


def computed(value: Number) -> Number:
    """Return a computed number in canonical form; raise :class:`TooLongError` if it is too long.

    >>> computed(Fraction(6, 3))
    2
    >>> computed(10**1000)
    Traceback (most recent call last):
        ...
    kpirules.arithmetic.number.TooLongError: a number of more than 1000 digits
    """
    value = canonical(value)
    for part in (value.numerator, value.denominator):
        if part.bit_length() > SHORT_BITS and abs(part) >= _TOO_LONG:
            raise TooLongError
    return value


def added(numbers: Iterable[Number]) -> Number:
    """Return a sum; raise :class:`TooLongError` as soon as it becomes too long.

    >>> added([Fraction(1, 2), Fraction(3, 2), 1])
    3
    """
    above, below = sum_of([number.as_integer_ratio() for number in numbers])
    return above if below == 1 else canonical(Fraction(above, below))


def sum_of(ratios: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return a sum of numerators and denominators as such, perhaps not in lowest terms.

    Raises :class:`TooLongError` as soon as the sum becomes too long.
    """
    every = {below for _, below in ratios}
    # a common denominator spares a reduction for each number
    if sum(map(int.bit_length, every)) < SHORT_BITS:
        whole = lcm(*every)
        parts = [above * (whole // below) for above, below in ratios]
        # no sum of some of them is longer
        if sum(map(abs, parts)).bit_length() < SHORT_BITS:
            return sum(parts), whole
    total: Number = 0
    for above, below in ratios:
        total = computed(total + Fraction(above, below))
    return total.as_integer_ratio()


def exact(value: object) -> Number:
    """Convert a number of a program exactly.

    ``int``, ``Decimal``, ``Fraction`` and :class:`Exact` keep their value, a ``float`` becomes its
    shortest repr (0.3 is 3/10), a ``str`` is parsed as a plain decimal. Raises
    :class:`NotExactError` for booleans, NaN, infinity, exponents in text, more than 18 digits on
    either side of the point, and all other types.

    >>> exact(0.3), exact("7.50"), exact(Decimal("8.0"))
    (Fraction(3, 10), Fraction(15, 2), 8)
    >>> exact(True)
    Traceback (most recent call last):
        ...
    kpirules.arithmetic.exact.NotExactError: is true or false, not a number
    """
    if type(value) is Decimal:
        # the most frequent class comes first
        return _of_decimal(value)
    if isinstance(value, bool):
        raise NotExactError(Message.of("problem.not-a-number_flag"))
    if isinstance(value, int):
        return _within_limits(int(value))
    if isinstance(value, float):
        return _of_decimal(Decimal(float.__repr__(value)))
    if isinstance(value, Exact):
        return _within_limits(value.number)
    if isinstance(value, Decimal):
        # a subclass may override conversions: use the decimal value only
        return _of_decimal(Decimal(value))
    if isinstance(value, Fraction):
        return _within_limits(canonical(Fraction(value)))
    if isinstance(value, str):
        return _of_text(value)
    return _of_third_party(value)


def as_bool(value: object) -> bool | None:
    """Return the bool of a truth value, also of another library's type; None for all other values.

    Another library's truth value is recognised by its ``item``, which returns a bool: NumPy's has
    no Python base type. A value with a length is an array.

    >>> as_bool(False), as_bool(0), as_bool("false")
    (False, None, None)
    """
    if isinstance(value, bool):
        return value
    item = getattr(value, "item", None)
    if callable(item) and not hasattr(value, "__len__"):
        try:
            held = item()
        except TypeError:
            return None
        return held if isinstance(held, bool) else None
    return None


def _of_third_party(value: object) -> Number:
    """Convert numbers of other libraries (NumPy's scalars) by the abstract types they register."""
    import numbers  # noqa: PLC0415 - only other libraries' numbers need it

    if value is None:
        raise NotExactError(Message.of("problem.not-a-number_empty"))
    if as_bool(value) is not None:
        raise NotExactError(Message.of("problem.not-a-number_flag"))
    if getattr(getattr(value, "dtype", None), "kind", "") in ("m", "M"):
        # NumPy registers durations as integers
        raise NotExactError(Message.of("problem.not-a-number_type", type=type(value).__name__))
    try:
        if isinstance(value, numbers.Integral):
            return _within_limits(int(value))
        if isinstance(value, numbers.Rational):
            return _within_limits(canonical(Fraction(int(value.numerator), int(value.denominator))))
        if isinstance(value, numbers.Real):
            # str of a NumPy float is its shortest repr in its own width; float() would lengthen it
            return _of_decimal(Decimal(str(value)))
    except ArithmeticError:
        # a number without a decimal form
        pass
    raise NotExactError(Message.of("problem.not-a-number_type", type=type(value).__name__))


def _of_text(text: str) -> Number:
    """Parse a plain decimal, full-width digits included."""
    if len(text) > 4 * MAX_DIGITS:
        raise NotExactError(Message.of("problem.not-a-number_text", length=len(text)))
    narrow = text.strip().translate(NARROW)
    if not PLAIN.fullmatch(narrow):
        raise NotExactError(Message.of("problem.not-a-number"))
    return _of_decimal(Decimal(narrow))


def _of_decimal(value: Decimal) -> Number:
    """Convert a decimal within the limits; the exponent is checked before any digit is expanded."""
    if not value.is_finite():
        key = "problem.not-a-number" if value.is_nan() else "problem.not-a-number_infinite"
        raise NotExactError(Message.of(key))
    if not value:
        return 0
    places = value.adjusted()
    if places >= MAX_DIGITS:
        raise NotExactError(Message.of("problem.too-long_whole", max_digits=MAX_DIGITS))
    if places < -MAX_DIGITS:
        raise NotExactError(Message.of("problem.too-long_decimals", max_digits=MAX_DIGITS))
    numerator, denominator = value.as_integer_ratio()
    return _within_limits(numerator if denominator == 1 else Fraction(numerator, denominator))


def _within_limits(value: Number) -> Number:
    """Raise :class:`NotExactError` for a number that is too large or has too many decimals."""
    # a fraction is slow to compare, and its type to check
    numerator, denominator = value.as_integer_ratio()
    if abs(numerator) >= LIMIT * denominator:
        raise NotExactError(Message.of("problem.too-long_whole", max_digits=MAX_DIGITS))
    if denominator > LIMIT:
        raise NotExactError(Message.of("problem.too-long_decimals", max_digits=MAX_DIGITS))
    return value


def decimal_of(value: Number) -> Decimal | Fraction:
    """Return a number as ``Decimal`` if it has a finite decimal form, else as ``Fraction``.

    Exact whatever the decimal context; a whole number never has an exponent.
    >>> decimal_of(84), decimal_of(Fraction(15, 2)), decimal_of(Fraction(1, 3))
    (Decimal('84'), Decimal('7.5'), Fraction(1, 3))
    """
    if isinstance(value, int):
        return Decimal(value)
    text = plain(value)
    return value if text is None else Decimal(text)


_EXACT: BoundedCache[Number, Exact] = BoundedCache()


def exact_of(value: Number) -> Exact:
    """Return the :class:`Exact` of a number, cached in a bounded table."""
    made = _EXACT.get(value)
    if made is None:
        made = Exact(value)
        _EXACT.keep(value, made)
    return made


def show(value: Number | Decimal) -> str:
    """Format a number for people.

    >>> show(84), show(Fraction(15, 2)), show(Fraction(1000, 9)), show(Decimal("1E+2"))
    ('84', '7.5', '1000/9', '100')
    """
    if isinstance(value, Exact):
        value = value.number
    elif isinstance(value, Decimal):
        if max(abs(value.adjusted()), len(value.as_tuple().digits)) > MAX_COMPUTED_DIGITS:
            # keep the exponent: written out, the zeros alone could fill the memory
            return str(value)
        value = Fraction(value)
    value = canonical(value)
    if isinstance(value, int):
        return str(value)
    return plain(value) or str(value)


def round_to(value: Number, to: Number, mode: str) -> Number:
    """Round to a multiple of ``to`` by one of :data:`MODES`.

    >>> round_to(Fraction(3385, 1000), Fraction(1, 100), "half_up")
    Fraction(339, 100)
    """
    return canonical(MODES[mode](Fraction(value) / to) * to)


def multiple(value: Number, step: Number) -> bool:
    """Check whether a number is a multiple of a step.

    >>> multiple(Fraction(15, 2), 1), multiple(Fraction(15, 2), Fraction(1, 2))
    (False, True)
    """
    return value % step == 0


#: the maximum number of shown items of a longer list
_MAX_SHOWN = 8


def describe(value: object) -> str:
    """Format any value for a message: exact numbers plainly, all else shortened and escaped.

    >>> describe(Fraction(-11, 2)), describe((1, Decimal("0.50"))), describe([True, "late"])
    ('-5.5', '[1, 0.50]', "[true, 'late']")
    """
    if _is_number(value):
        return show(value)
    if is_list_or_tuple(value):
        items = map(_item, value[:_MAX_SHOWN])
        return f"[{', '.join(items)}{', ...' if len(value) > _MAX_SHOWN else ''}]"
    return brief(value)


def _item(value: object) -> str:
    """Format an item of a list."""
    if isinstance(value, bool):
        return brief(value).lower()
    return "[...]" if is_list_or_tuple(value) else describe(value)


def _is_number(value: object) -> TypeGuard[Number]:
    """Check whether a value is a number that can be shown."""
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool) and abs(value) < LIMIT


@shown.register(int)
@shown.register(Fraction)
@shown.register(Decimal)
def _(value: Number | Decimal, lang: str | None) -> str:
    if isinstance(value, bool):
        return template(f"word.{value}".lower(), lang)
    if isinstance(value, Decimal):
        return show(value) if value.is_finite() else str(value)
    return describe(value)
