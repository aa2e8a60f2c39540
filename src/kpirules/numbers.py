"""Exact numbers: what may come in, how it is rounded, how it is shown. No rubric words, no floats.

Inside kpirules a number is an ``int`` where it is whole and a ``Fraction`` where it is not
(:data:`Number`). Both hash and compare as what they mean, so one table serves them. Outside, it is
a ``Decimal`` where it has a finite decimal form, else a ``Fraction``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, trunc
from typing import TYPE_CHECKING, TypeAlias

from kpirules.texts import brief


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


#: an exact number: whole ones are ``int``, all others ``Fraction``
Number: TypeAlias = int | Fraction

#: the largest number of digits before, and after, the decimal point of a number that comes in.
#: No wage needs more, and arithmetic on what is within stays quick.
MAX_DIGITS = 18

#: the first number that is too large
LIMIT = 10**MAX_DIGITS

#: the numerator and the denominator of a computed number have at most so many digits
MAX_COMPUTED_DIGITS = 1_000
_TOO_LONG = 10**MAX_COMPUTED_DIGITS
#: what has no more bits has no more digits: asked first, since it is asked of every number
_SHORT_BITS = _TOO_LONG.bit_length() - 1

#: a number as people write it: digits with an optional point; no exponent, no thousands separator
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)", re.ASCII)

#: full-width digits and signs, as Chinese input methods type them, beside their plain forms
NARROW: dict[int, str] = {
    **{0xFF10 + i: digit for i, digit in enumerate("0123456789")},
    0xFF0E: ".",
    0xFF0D: "-",
    0xFF0B: "+",
}


class NotExactError(ValueError):
    """What was given is no number that can be computed with exactly; the text says why."""


class TooLongError(ValueError):
    """A computed number of more than :data:`MAX_COMPUTED_DIGITS` digits."""

    def __str__(self) -> str:
        return f"a number of more than {MAX_COMPUTED_DIGITS} digits"


def canonical(value: Number) -> Number:
    """Give the one form of a number: ``int`` where it is whole.

    >>> canonical(Fraction(6, 3)), canonical(Fraction(1, 3))
    (2, Fraction(1, 3))
    """
    # a Fraction's class answers isinstance slowly for what is none, and most numbers are whole
    if value.__class__ is not int and value.denominator == 1:
        return value.numerator
    return value


def computed(value: Number) -> Number:
    """Return a computed number in its one form; raise :class:`TooLongError` if it is too long.

    >>> computed(Fraction(6, 3))
    2
    >>> computed(10**1000)
    Traceback (most recent call last):
        ...
    kpirules.numbers.TooLongError: a number of more than 1000 digits
    """
    value = canonical(value)
    for part in (value.numerator, value.denominator):
        if part.bit_length() > _SHORT_BITS and abs(part) >= _TOO_LONG:
            raise TooLongError
    return value


def added(numbers: Iterable[Number]) -> Number:
    """Return a sum; raise :class:`TooLongError` as soon as it is too long.

    >>> added([Fraction(1, 2), Fraction(3, 2), 1])
    3
    """
    total: Number = 0
    for number in numbers:
        total = computed(total + number)
    return total


def exact(value: object) -> Number:
    """Take a number that a program gives, exactly.

    ``int``, ``Decimal`` and ``Fraction`` mean themselves, a ``float`` its shortest repr (0.3 is
    3/10), a ``str`` the plain decimal that it spells. Refused with :class:`NotExactError`:
    booleans, NaN, infinity, exponents in text, more than 18 digits on either side of the point,
    and everything else.

    >>> exact(0.3), exact("7.50"), exact(Decimal("8.0"))
    (Fraction(3, 10), Fraction(15, 2), 8)
    >>> exact(True)
    Traceback (most recent call last):
        ...
    kpirules.numbers.NotExactError: is true or false, not a number
    """
    if isinstance(value, bool):
        raise NotExactError("is true or false, not a number")
    if isinstance(value, int):
        return _bounded(int(value))
    if isinstance(value, float):
        return _of_decimal(Decimal(float.__repr__(value)))
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if isinstance(value, Fraction):
        return _bounded(canonical(Fraction(value)))
    if isinstance(value, str):
        return _of_text(value)
    return _of_foreign(value)


def _of_foreign(value: object) -> Number:
    """Take the numbers of other libraries (NumPy's scalars) by the abstract types they register."""
    import numbers  # noqa: PLC0415 - only other libraries' numbers need it

    if isinstance(value, numbers.Integral):
        return _bounded(int(value))
    if isinstance(value, numbers.Rational):
        return _bounded(canonical(Fraction(int(value.numerator), int(value.denominator))))
    if isinstance(value, numbers.Real):
        # str of a NumPy float is its shortest repr in its own width; float() would lengthen it
        return _of_decimal(Decimal(str(value)))
    raise NotExactError(f"is not a number but {_kind(value)}")


def _kind(value: object) -> str:
    """Name a thing's type for a message."""
    return f"of type {type(value).__name__}"


def _of_text(text: str) -> Number:
    """Take a plain decimal, full-width digits included."""
    if len(text) > 4 * MAX_DIGITS:
        raise NotExactError(f"is not a number: a text of {len(text)} characters")
    plain = text.strip().translate(NARROW)
    if not PLAIN.fullmatch(plain):
        raise NotExactError("is not a number")
    return _of_decimal(Decimal(plain))


def _of_decimal(value: Decimal) -> Number:
    """Take a decimal within the bounds; the exponent is looked at before any digit is made."""
    if not value.is_finite():
        raise NotExactError("is not a number" if value.is_nan() else "is not a finite number")
    if value and value.adjusted() >= MAX_DIGITS:
        raise NotExactError(f"is too large: at most {MAX_DIGITS} digits before the decimal point")
    if value and value.adjusted() < -MAX_DIGITS:
        raise NotExactError(f"has more than {MAX_DIGITS} decimals")
    if not value:
        return 0
    return _bounded(canonical(Fraction(value)))


def _bounded(value: Number) -> Number:
    """Refuse what is too large or too fine to be meant."""
    if abs(value) >= LIMIT:
        raise NotExactError(f"is too large: at most {MAX_DIGITS} digits before the decimal point")
    if isinstance(value, Fraction) and value.denominator > LIMIT:
        raise NotExactError(f"has more than {MAX_DIGITS} decimals")
    return value


def decimal_of(value: Number) -> Decimal | Fraction:
    """Give a number as a ``Decimal`` where it has a finite decimal form, else as the ``Fraction``.

    Exact whatever the decimal context; a whole number never shows an exponent.

    >>> decimal_of(84), decimal_of(Fraction(15, 2)), decimal_of(Fraction(1, 3))
    (Decimal('84'), Decimal('7.5'), Fraction(1, 3))
    """
    if isinstance(value, int):
        return Decimal(value)
    text = _plain(value)
    return value if text is None else Decimal(text)


def _plain(value: Fraction) -> str | None:
    """Spell a fraction as a plain decimal, or None where its decimals never end."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return None
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def show(value: Number | Decimal) -> str:
    """Spell a number as people write it.

    >>> show(84), show(Fraction(15, 2)), show(Fraction(1000, 9)), show(Decimal("1E+2"))
    ('84', '7.5', '1000/9', '100')
    """
    if isinstance(value, Decimal):
        if value and value.as_tuple().exponent == 0:
            return str(value)
        value = Fraction(value)
    value = canonical(value)
    if isinstance(value, int):
        return str(value)
    return _plain(value) or str(value)


_HALF = Fraction(1, 2)

#: the rounding modes by their names in :mod:`decimal`, each for a number counted in units
MODES: dict[str, Callable[[Fraction], int]] = {
    "half_up": lambda v: floor(v + _HALF) if v >= 0 else ceil(v - _HALF),
    "half_down": lambda v: ceil(v - _HALF) if v >= 0 else floor(v + _HALF),
    "half_even": round,
    "floor": floor,
    "ceiling": ceil,
    "down": trunc,
    "up": lambda v: ceil(v) if v >= 0 else floor(v),
}


def round_to(value: Number, to: Number, mode: str) -> Number:
    """Round to a multiple of ``to`` by one of :data:`MODES`.

    >>> round_to(Fraction(3385, 1000), Fraction(1, 100), "half_up")
    Fraction(339, 100)
    """
    return canonical(MODES[mode](Fraction(value) / to) * to)


def multiple(value: Number, step: Number) -> bool:
    """Say whether a number lies on the grid of a step, counted from 0.

    >>> multiple(Fraction(15, 2), 1), multiple(Fraction(15, 2), Fraction(1, 2))
    (False, True)
    """
    return value % step == 0


def describe(value: object) -> str:
    """Show whatever was given: exact numbers plainly, all else briefly and harmlessly."""
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool) and abs(value) < LIMIT:
        return show(value)
    return brief(value)
