"""Exact numbers: what may come in, how it is rounded, how it is shown. No rubric words, no floats.

Inside kpirules a number is an ``int`` where it is whole and a ``Fraction`` where it is not
(:data:`Number`). Both hash and compare as what they mean, so one table serves them. In a result it
is an :class:`Exact`; in a ruleset, whose numbers all have a finite decimal form, a ``Decimal``.
"""

from __future__ import annotations

import operator
import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from math import ceil, floor, trunc
from typing import TYPE_CHECKING, Any, TypeAlias, cast, overload

from kpirules.texts import brief


if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


#: an exact number: whole ones are ``int``, all others ``Fraction``
Number: TypeAlias = int | Fraction

#: the largest number of digits before, and after, the decimal point of a number that comes in.
#: No wage needs more, and arithmetic on what is within stays quick.
MAX_DIGITS = 18

#: the first number that is too large
LIMIT = 10**MAX_DIGITS

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


def canonical(value: Number) -> Number:
    """Give the one form of a number: ``int`` where it is whole.

    >>> canonical(Fraction(6, 3)), canonical(Fraction(1, 3))
    (2, Fraction(1, 3))
    """
    # a Fraction's class answers isinstance slowly for what is none, and most numbers are whole
    if value.__class__ is not int and value.denominator == 1:
        return value.numerator
    return value


def exact(value: object) -> Number:
    """Take a number that a program gives, exactly.

    ``int``, ``Decimal``, ``Fraction`` and :class:`Exact` mean themselves, a ``float`` its shortest
    repr (0.3 is 3/10), a ``str`` the plain decimal that it spells. Refused with
    :class:`NotExactError`: booleans, NaN, infinity, exponents in text, more than 18 digits on
    either side of the point, and everything else.

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
    if isinstance(value, Exact):
        return _bounded(value.number)
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
        value = value.number if isinstance(value, Exact) else Fraction(value)
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


#: the significant digits of the ``Decimal`` that stands for a number without a finite decimal form
_DIGITS = 28
#: decimals beyond this size are no amounts: arithmetic with them is that of ``Decimal``
_FAR = 10_000
#: what may be formatted as the text that it is: fill, alignment, width
_AS_TEXT = re.compile(r"(.?[<>^])?((?:[1-9][0-9]*)?)", re.DOTALL)
_PRECISION = re.compile(r"\.([0-9]+)[a-zA-Z%]?$", re.ASCII)
_SPELLED = re.compile(r"([+-]?[0-9]+)/([0-9]+)", re.ASCII)


class Exact(Decimal):
    """A number of a result: a ``Decimal`` that is exact even where its decimals never end.

    A number with a finite decimal form *is* that decimal. Of any other, such as 1000/9, code that
    knows only ``Decimal`` (a database driver) finds the nearest one of 28 significant digits,
    rounded half up; everything below is computed from the number itself, whatever the decimal
    context:

    - ``+``, ``-``, ``*``, ``/``, ``//``, ``%``, ``divmod`` with ``int``, ``Decimal``, ``Fraction``
      and ``Exact``, ``**`` with whole exponents, and ``-x``, ``+x``, ``abs(x)``, ``round(x, n)``,
      ``sum`` give an ``Exact``. As with ``Decimal``, ``//`` cuts towards zero and ``%`` takes the
      sign of the first number; a ``float`` is a ``TypeError``, a divisor of 0 a
      ``ZeroDivisionError``.
    - comparison, hash, ``int``, ``float``, ``round(x)``, ``math.floor``, ``math.ceil``,
      ``math.trunc``, ``as_integer_ratio``, ``Fraction(x)``. It equals the ``int``, ``Decimal``,
      ``Fraction`` and ``float`` of the same value.
    - ``format`` and ``quantize`` (which gives a plain ``Decimal`` with all its digits) round half
      to even where no other mode is given. A format without precision and type gives ``str``.

    Other methods of ``Decimal`` (``sqrt``, ``ln``, ``normalize``, ...) compute from the decimal.

    >>> share = Exact("1000/9")
    >>> share, share * 9, f"{share:.2f}", share + Decimal("0.5")
    (Exact('1000/9'), Exact('1000'), '111.11', Exact('2009/18'))
    >>> share == Fraction(1000, 9), Decimal(share)
    (True, Decimal('111.1111111111111111111111111'))

    Raises :class:`NotExactError` (a ``ValueError``) for text that is neither a plain decimal nor a
    fraction, and for NaN and infinity; ``TypeError`` for a ``float``.
    """

    __slots__ = ("_number",)

    _number: Number

    def __new__(cls, value: int | Decimal | Fraction | str = 0) -> Self:
        """Make the number of another one, or of its text, whatever its size."""
        number = _number_of(value)
        text: int | str | Decimal = number if isinstance(number, int) else _plain(number) or ""
        if text == "":
            rounding = Context(prec=_DIGITS, rounding=ROUND_HALF_UP)
            text = rounding.divide(Decimal(number.numerator), Decimal(number.denominator))
        made = super().__new__(cls, text)
        made._number = number
        return made

    @property
    def number(self) -> Number:
        """The number: an ``int`` where it is whole, else a ``Fraction``."""
        return self._number

    @property
    def exact(self) -> Fraction:
        """The number as a ``Fraction``."""
        return Fraction(self.number)

    # ------------------------------------------------------------ arithmetic

    def __add__(self, other: Any) -> Exact:  # noqa: ANN401 - what is no number gives a TypeError
        return _made(operator.add, self, other)

    def __radd__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(operator.add, other, self)

    def __sub__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(operator.sub, other, self)

    def __mul__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(_over, self, other)

    def __rtruediv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(_over, other, self)

    def __floordiv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(_times, self, other)

    def __rfloordiv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(_times, other, self)

    def __mod__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(_rest, self, other)

    def __rmod__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _made(_rest, other, self)

    def __divmod__(self, other: Any) -> tuple[Exact, Exact]:  # noqa: ANN401 - as above
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Exact, Exact]:  # noqa: ANN401 - as above
        return other // self, other % self

    def __pow__(self, other: Any, mod: object = None) -> Exact:  # noqa: ANN401 - as above
        return NotImplemented if mod is not None else _made(_power, self, other)

    def __rpow__(self, other: Any, mod: object = None) -> Exact:  # noqa: ANN401 - as above
        return NotImplemented if mod is not None else _made(_power, other, self)

    def __neg__(self) -> Exact:
        return Exact(-self.exact)

    def __pos__(self) -> Exact:
        return self

    def __abs__(self) -> Exact:
        return Exact(abs(self.exact))

    # ------------------------------------------------------------ comparison

    def __eq__(self, other: object) -> bool:
        return _compared(operator.eq, self, other)

    def __lt__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compared(operator.lt, self, other)

    def __le__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compared(operator.le, self, other)

    def __gt__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compared(operator.gt, self, other)

    def __ge__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compared(operator.ge, self, other)

    def __hash__(self) -> int:
        return hash(self.number)

    # ------------------------------------------------------------ whole numbers, digits, text

    def __int__(self) -> int:
        return trunc(self.number)

    def __trunc__(self) -> int:
        return trunc(self.number)

    def __floor__(self) -> int:
        return floor(self.number)

    def __ceil__(self) -> int:
        return ceil(self.number)

    def __float__(self) -> float:
        return float(self.number)

    @overload
    def __round__(self) -> int: ...
    @overload
    def __round__(self, ndigits: int, /) -> Exact: ...
    def __round__(self, ndigits: int | None = None) -> int | Exact:
        """Round half to even: to a whole number, or to so many decimals."""
        if ndigits is None:
            return round(self.number)
        return Exact(round(self.exact, ndigits))

    def as_integer_ratio(self) -> tuple[int, int]:
        """Return numerator and denominator in lowest terms."""
        return self.number.as_integer_ratio()

    def quantize(
        self, exp: Decimal | int, rounding: str | None = None, context: Context | None = None
    ) -> Decimal:
        """Return the decimal with the exponent of ``exp`` that is nearest to the number.

        ``rounding`` is a mode of :mod:`decimal`; else the mode of ``context``; else half to even.

        >>> Exact("1000/9").quantize(Decimal("0.01"))
        Decimal('111.11')
        """
        places = Decimal(exp).as_tuple().exponent
        if not isinstance(places, int):
            raise NotExactError(f"cannot have the exponent of {exp}")
        mode = rounding or (ROUND_HALF_EVEN if context is None else context.rounding)
        units = MODES[mode.removeprefix("ROUND_").lower()](self.exact / Fraction(10) ** places)
        return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), places))

    def __format__(self, spec: str, context: Context | None = None, /) -> str:
        """Format as ``Decimal`` does, rounded half to even from the number itself."""
        decimal = Decimal(self)
        if self.number != decimal:
            if text := _AS_TEXT.fullmatch(spec):
                return format(str(self), spec if text[1] else f">{spec}")
            if found := _PRECISION.search(spec):
                decimal = self._cut(int(found[1]) + 2)
        with localcontext(context or Context(rounding=ROUND_HALF_EVEN)):
            return format(decimal, spec)

    def _cut(self, digits: int) -> Decimal:
        """Return the first digits of a number whose decimals never end, and a 1 for the rest.

        It lies on the same side of each place where rounding to fewer digits changes.
        """
        places = digits + max(0, -self.adjusted())
        units = trunc(abs(self.exact) * 10**places)
        sign = "-" if self.number < 0 else ""
        return Decimal(f"{sign}{units}1E-{places + 1}")

    def __str__(self) -> str:
        return show(self)

    def __repr__(self) -> str:
        return f"Exact('{self}')"

    def __copy__(self) -> Exact:
        return self

    def __deepcopy__(self, memo: object, /) -> Exact:
        return self

    def __reduce__(self) -> tuple[type[Exact], tuple[str]]:
        return Exact, (str(self),)


def _number_of(value: object) -> Number:
    """Return what a number, or the text of one, stands for, whatever its size."""
    if isinstance(value, Exact):
        return value.number
    if isinstance(value, (int, Fraction)):
        return canonical(value if isinstance(value, int) else Fraction(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotExactError(f"{value} is not a finite number")
        return canonical(Fraction(value))
    if isinstance(value, str):
        if (match := _SPELLED.fullmatch(value)) and int(match[2]):
            return canonical(Fraction(int(match[1]), int(match[2])))
        if PLAIN.fullmatch(value):
            return canonical(Fraction(value))
        raise NotExactError(f"{brief(value)} is not a number")
    raise TypeError(f"an exact number is made of int, Decimal, Fraction or str, not {_kind(value)}")


def _operand(value: object) -> Fraction | None:
    """Return the number that takes part in exact arithmetic; None for anything else."""
    if isinstance(value, Exact):
        return value.exact
    if isinstance(value, Decimal):
        return Fraction(value) if value.is_finite() and abs(value.adjusted()) < _FAR else None
    return Fraction(value) if isinstance(value, (int, Fraction)) else None


def _made(act: Callable[[Fraction, Fraction], Number], one: object, other: object) -> Exact:
    """Compute with two numbers; anything else is for the other operand to answer."""
    first, second = _operand(one), _operand(other)
    if first is None or second is None:
        # what Python asks for, though no type says so
        return cast("Exact", NotImplemented)
    return Exact(act(first, second))


def _compared(act: Callable[[Any, Any], bool], one: Exact, other: object) -> bool:
    """Compare with another number, a ``float`` by its exact value."""
    number = other if isinstance(other, float) else _operand(other)
    return NotImplemented if number is None else act(one.exact, number)


def _over(one: Fraction, other: Fraction) -> Fraction:
    """Divide."""
    return one / other


def _times(one: Fraction, other: Fraction) -> int:
    """Divide without a remainder, towards zero as ``Decimal`` does."""
    return trunc(one / other)


def _rest(one: Fraction, other: Fraction) -> Fraction:
    """Return the remainder of :func:`_times`."""
    return one - _times(one, other) * other


def _power(one: Fraction, other: Fraction) -> Fraction:
    """Raise to a whole power."""
    if other.denominator != 1:
        raise TypeError("an exact number is raised to whole powers only")
    return Fraction(one**other.numerator)
