"""The numbers of a result: exact decimals, even if their decimal form is infinite."""

from __future__ import annotations

import operator
import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from math import ceil, floor, trunc
from typing import TYPE_CHECKING, Any, TypeAlias, cast, overload

from kpirules._internal.display import brief
from kpirules.arithmetic.rounding import MODES
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


#: an exact number: ``int`` if it is whole, else ``Fraction``
Number: TypeAlias = int | Fraction

#: a plain decimal: digits with an optional point; no exponent, no thousands separator
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)", re.ASCII)


class NotExactError(MessageError):
    """A value that cannot be converted to an exact number."""


def canonical(value: Number) -> Number:
    """Return the canonical form of a number: ``int`` if it is whole.

    >>> canonical(Fraction(6, 3)), canonical(Fraction(1, 3))
    (2, Fraction(1, 3))
    """
    # isinstance is slow with Fraction's abstract base class, and most numbers are whole
    if value.__class__ is not int and value.denominator == 1:
        return value.numerator
    return value


def plain(value: Fraction) -> str | None:
    """Format a fraction as a plain decimal; None if its decimal form is infinite."""
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


#: the significant digits of the ``Decimal`` that approximates a number without a finite decimal
#: form
_DIGITS = 28
#: decimals with a larger exponent are not amounts: they compute as ``Decimal``
_MAX_EXPONENT = 10_000
#: the format specifications of text: fill, alignment, width
_AS_TEXT = re.compile(r"(.?[<>^])?((?:[1-9][0-9]*)?)", re.DOTALL)
_PRECISION = re.compile(r"\.([0-9]+)[a-zA-Z%]?$", re.ASCII)
_FRACTION = re.compile(r"([+-]?[0-9]+)/([0-9]+)", re.ASCII)


class Exact(Decimal):
    """A number of a result: a ``Decimal`` that is exact even if its decimal form is infinite.

    A number with a finite decimal form *is* that decimal. For any other, such as 1000/9, code that
    knows only ``Decimal`` (a database driver) reads the nearest one of 28 significant digits,
    rounded half up; the operations below compute from the number itself, whatever the decimal
    context:

    - ``+``, ``-``, ``*``, ``/``, ``//``, ``%``, ``divmod`` with ``int``, ``Decimal``, ``Fraction``
      and ``Exact``, ``**`` with whole exponents, and ``-x``, ``+x``, ``abs(x)``, ``round(x, n)``,
      ``sum`` return an ``Exact``. As with ``Decimal``, ``//`` truncates towards zero and ``%``
      takes the sign of the first number; a ``float`` raises ``TypeError``, a divisor of 0
      ``ZeroDivisionError``.
    - comparison, hash, ``int``, ``float``, ``round(x)``, ``math.floor``, ``math.ceil``,
      ``math.trunc``, ``as_integer_ratio``, ``Fraction(x)``. It equals the ``int``, ``Decimal``,
      ``Fraction`` and ``float`` of the same value.
    - ``format`` and ``quantize`` (which returns a plain ``Decimal`` with all its digits) round half
      to even if no other mode is given. A format without precision and type returns ``str(x)``.

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
        """Create the number from another number or from its text, of any size."""
        number = _number_of(value)
        text: int | str | Decimal = number if isinstance(number, int) else plain(number) or ""
        if text == "":
            rounding = Context(prec=_DIGITS, rounding=ROUND_HALF_UP)
            text = rounding.divide(Decimal(number.numerator), Decimal(number.denominator))
        made = super().__new__(cls, text)
        made._number = number
        return made

    @property
    def number(self) -> Number:
        """The number: an ``int`` if it is whole, else a ``Fraction``."""
        return self._number

    @property
    def exact(self) -> Fraction:
        """The number as a ``Fraction``."""
        return Fraction(self.number)

    # ------------------------------------------------------------ arithmetic

    def __add__(self, other: Any) -> Exact:  # noqa: ANN401 - other types raise TypeError
        return _compute(operator.add, self, other)

    def __radd__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(operator.add, other, self)

    def __sub__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(operator.sub, other, self)

    def __mul__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(_divide, self, other)

    def __rtruediv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(_divide, other, self)

    def __floordiv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(_truncated_quotient, self, other)

    def __rfloordiv__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(_truncated_quotient, other, self)

    def __mod__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(_remainder, self, other)

    def __rmod__(self, other: Any) -> Exact:  # noqa: ANN401 - as above
        return _compute(_remainder, other, self)

    def __divmod__(self, other: Any) -> tuple[Exact, Exact]:  # noqa: ANN401 - as above
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Exact, Exact]:  # noqa: ANN401 - as above
        return other // self, other % self

    def __pow__(self, other: Any, mod: object = None) -> Exact:  # noqa: ANN401 - as above
        return NotImplemented if mod is not None else _compute(_power, self, other)

    def __rpow__(self, other: Any, mod: object = None) -> Exact:  # noqa: ANN401 - as above
        return NotImplemented if mod is not None else _compute(_power, other, self)

    def __neg__(self) -> Exact:
        return Exact(-self.exact)

    def __pos__(self) -> Exact:
        return self

    def __abs__(self) -> Exact:
        return Exact(abs(self.exact))

    # ------------------------------------------------------------ comparison

    def __eq__(self, other: object) -> bool:
        return _compare(operator.eq, self, other)

    def __ne__(self, other: object) -> bool:
        return _compare(operator.ne, self, other)

    def __lt__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compare(operator.lt, self, other)

    def __le__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compare(operator.le, self, other)

    def __gt__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compare(operator.gt, self, other)

    def __ge__(self, other: Any) -> bool:  # noqa: ANN401 - as above
        return _compare(operator.ge, self, other)

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
        """Round half to even: to an integer, or to ``ndigits`` decimals."""
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

        ``rounding`` is a mode of :mod:`decimal`; without it the mode of ``context``, else half to
        even.

        >>> Exact("1000/9").quantize(Decimal("0.01"))
        Decimal('111.11')
        """
        places = Decimal(exp).as_tuple().exponent
        if not isinstance(places, int):
            raise NotExactError(Message.of("problem.not-a-number_exponent", value=exp))
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
                decimal = self._truncated(int(found[1]) + 2)
        with localcontext(context or Context(rounding=ROUND_HALF_EVEN)):
            return format(decimal, spec)

    def _truncated(self, digits: int) -> Decimal:
        """Return the first digits of a number with an infinite decimal form, followed by a 1.

        The result rounds to fewer digits exactly as the number itself does.
        """
        places = digits + max(0, -self.adjusted())
        units = trunc(abs(self.exact) * 10**places)
        sign = "-" if self.number < 0 else ""
        return Decimal(f"{sign}{units}1E-{places + 1}")

    def __str__(self) -> str:
        number = self._number
        return str(number) if isinstance(number, int) else plain(number) or str(number)

    def __repr__(self) -> str:
        return f"Exact('{self}')"

    def __copy__(self) -> Exact:
        return self

    def __deepcopy__(self, memo: object, /) -> Exact:
        return self

    def __reduce__(self) -> tuple[type[Exact], tuple[Any]]:
        number = self._number
        return Exact, (number if isinstance(number, int) else str(self),)


def _number_of(value: object) -> Number:
    """Return the exact number of a value or of its text, of any size."""
    if isinstance(value, Exact):
        return value.number
    if isinstance(value, (int, Fraction)):
        return canonical(value if isinstance(value, int) else Fraction(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotExactError(Message.of("problem.not-a-number_value-infinite", value=value))
        return canonical(Fraction(value))
    if isinstance(value, str):
        if (match := _FRACTION.fullmatch(value)) and int(match[2]):
            return canonical(Fraction(int(match[1]), int(match[2])))
        if PLAIN.fullmatch(value):
            return canonical(Fraction(value))
        raise NotExactError(Message.of("problem.not-a-number_value", value=brief(value)))
    kind = type(value).__name__
    raise TypeError(f"an exact number is made of int, Decimal, Fraction or str, not {kind}")


def _operand(value: object) -> Fraction | None:
    """Return the exact number of an operand; None if exact arithmetic does not support its type."""
    if isinstance(value, Exact):
        return value.exact
    if isinstance(value, Decimal):
        return (
            Fraction(value) if value.is_finite() and abs(value.adjusted()) < _MAX_EXPONENT else None
        )
    return Fraction(value) if isinstance(value, (int, Fraction)) else None


def _compute(act: Callable[[Fraction, Fraction], Number], one: object, other: object) -> Exact:
    """Compute with two numbers; return NotImplemented if the other operand is not a number."""
    first, second = _operand(one), _operand(other)
    if first is None or second is None:
        # the value that Python expects, although no type states it
        return cast("Exact", NotImplemented)
    return Exact(act(first, second))


def _compare(act: Callable[[Any, Any], bool], one: Exact, other: object) -> bool:
    """Compare with another number; a ``float`` counts as its exact value."""
    number = other if isinstance(other, float) else _operand(other)
    return NotImplemented if number is None else act(one.exact, number)


def _divide(one: Fraction, other: Fraction) -> Fraction:
    return one / other


def _truncated_quotient(one: Fraction, other: Fraction) -> int:
    """Return the quotient without remainder, truncated towards zero as ``Decimal`` does."""
    return trunc(one / other)


def _remainder(one: Fraction, other: Fraction) -> Fraction:
    """Return the remainder of :func:`_truncated_quotient`."""
    return one - _truncated_quotient(one, other) * other


def _power(one: Fraction, other: Fraction) -> Fraction:
    """Return the power; the exponent must be whole."""
    if other.denominator != 1:
        raise TypeError("an exact number is raised to whole powers only")
    return Fraction(one**other.numerator)
