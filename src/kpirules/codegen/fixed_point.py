"""Numbers of a column as whole numbers of units, exact on every backend; no rubric words.

A dataframe's decimals and floats differ from backend to backend; its 64-bit whole numbers do not.
So a number is a whole number of units of ``1 / den``, with bounds that are known before any row is
seen: what could leave 64 bits is rejected when the expressions are made, never wrapped.

An expression has a *level*: it reads the columns that the levels below it added.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import ceil, floor, gcd, lcm
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs
import narwhals as nw

from kpirules.arithmetic.range import Range, join
from kpirules.arithmetic.rounding import MODES
from kpirules.codegen import backend
from kpirules.codegen.truth import NO, YES, Truth, every
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpirules.arithmetic.number import Number
    from kpirules.arithmetic.rounding import Toward
    from kpirules.model.rubric import Rounding


#: below this, a quotient of doubles is less than a half from the whole number that it is
_EXACT = 2**50
#: guarded numbers are below this part of the limit, so that some sums and roundings fit
_SHARE = 4
#: a product has as many decimals as leave room for such amounts
_AMOUNT = 10**8
#: the greatest number of guards of a plan: each takes several cells of a workbook
_MOST_GUARDS = 500
#: the digits of a power of ten in 64 bits, and those between the two steps of a remainder
_DIGITS, _STEP = 18, 6


class BeyondError(MessageError):
    """Something that expressions over columns cannot express exactly, with the reason."""

    def __init__(self, reason: Message | None = None) -> None:
        super().__init__(reason or Message.of("cannot-express.large-numbers"))


class TooLongResultError(BeyondError):
    """A result of a record that its column cannot hold."""

    def __init__(self, value: Number) -> None:
        super().__init__(Message.of("problem.result-too-long", result=value))


@attrs.frozen(kw_only=True)
class Units:
    """A number of each row, counted in units of ``1 / den``.

    In a row without such a number the expression is null or any other number; whether there is one
    is known apart from it.
    """

    expr: nw.Expr
    den: int
    #: the least and the greatest number of units
    low: int
    high: int
    level: int = 0
    #: it has a column of its own
    is_kept: bool = False
    #: null in each row in which a given value is not allowed
    is_guarded: bool = False

    def __attrs_post_init__(self) -> None:
        if max(abs(self.low), abs(self.high)) >= backend.reach().most:
            raise BeyondError
        if self.den >= backend.reach().most:
            raise BeyondError(Message.of("cannot-express.small-fractions"))

    @property
    def only(self) -> Fraction | None:
        """The number, if it is the same for every row."""
        return Fraction(self.low, self.den) if self.low == self.high else None

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """The least and the greatest number."""
        return Fraction(self.low, self.den), Fraction(self.high, self.den)

    def in_units(self, den: int) -> Units:
        """Convert to smaller units."""
        times = den // self.den
        if times == 1:
            return self
        low, high = self.low * times, self.high * times
        if _is_beyond(low, high) and self.only is None:
            return _guarded(_float(self.expr) * float(times), den, low, high, self.level)
        expr = whole(low) if low == high else self.expr * times
        return Units(expr=expr, den=den, low=low, high=high, level=self.level)


def whole(number: int) -> nw.Expr:
    """Return a whole number for every row, of the type that all units have."""
    return backend.lit(number, dtype=nw.Int64)


def code(place: int) -> Units:
    """Return one small number for every row: a place in a table, in a column of few bits."""
    return Units(expr=backend.lit(place, dtype=nw.Int16), den=1, low=place, high=place)


def constant(number: Number) -> Units:
    """Return one number for every row."""
    exact = Fraction(number)
    units = exact.numerator
    return Units(expr=whole(units), den=exact.denominator, low=units, high=units)


def _together(values: Sequence[Units]) -> list[Units]:
    """Convert all to the same units."""
    den = lcm(*(v.den for v in values))
    return [v.in_units(den) for v in values]


def _level(values: Iterable[Units | Truth]) -> int:
    return max(v.level for v in values)


def _is_beyond(low: int, high: int) -> bool:
    """Return whether numbers of units may be too large in some rows, which guards may leave out."""
    return backend.guards() is not None and max(abs(low), abs(high)) >= backend.reach().most


def _float(expr: nw.Expr) -> nw.Expr:
    """Convert whole numbers to floats, whose products do not wrap."""
    return backend.cast_to(expr, nw.Float64)


def _guarded(
    wide: nw.Expr, den: int, low: int, high: int, level: int, *, also: Truth = YES
) -> Units:
    """Return a number in the rows in which it is small enough; the other rows are guarded.

    A float is exact below the limit, and one beyond it is not rounded to one below.
    """
    guards, limit = _guards(), backend.reach().most // _SHARE
    if low > limit or high < -limit:
        raise BeyondError
    wide = backend.stored(wide)
    near = Truth(expr=wide.is_between(float(-limit), float(limit)), level=level)
    fits = every([near, also])
    guards.append(fits.column.fill_null(value=True))
    expr = backend.stored(backend.cast_to(backend.when(fits.column).then(wide), nw.Int64))
    return Units(expr=expr, den=den, low=max(low, -limit), high=min(high, limit), level=level)


def _guards() -> list[nw.Expr]:
    """Return the guards of rows; raise ``BeyondError`` if there are none, or too many."""
    guards = backend.guards()
    if guards is None or len(guards) >= _MOST_GUARDS:
        raise BeyondError
    return guards


def _product(a: Units, b: Units, low: int, high: int) -> Units:
    """Return a product that may be too large in its units, in larger ones by a power of ten.

    In each row the zeros at the end of the one number, and then of the other, are left out; the
    rows that have too few of them are guarded.
    """
    _guards()
    den, limit, digits = a.den * b.den, backend.reach().most // _SHARE, 0
    while (
        max(abs(low), abs(high)) > limit * 10**digits
        and limit * 10**digits < _AMOUNT * den
        and den % 10 ** (digits + 1) == 0
        and digits + _STEP < _DIGITS
    ):
        digits += 1
    level = _level([a, b])
    if digits == 0:
        return _guarded(_float(a.expr) * _float(b.expr), den, low, high, level)
    left, right = backend.stored(a.expr), backend.stored(b.expr)
    zeros = [(Truth(expr=left % 10**i == 0), i) for i in range(digits, 0, -1)]

    def power(digits_of: Callable[[int], int]) -> nw.Expr:
        cases = [(truth, whole(10 ** digits_of(i))) for truth, i in zeros]
        return backend.stored(chain(cases, whole(10 ** digits_of(0))))

    divisor = power(lambda i: digits - i)
    # in two steps: Excel's MOD has a limit for the quotient
    rest = backend.stored((right % power(lambda i: digits - i + _STEP)) % divisor)
    one = backend.quotient(left, power(lambda i: i))
    other = backend.quotient(right - rest, divisor)
    low, high = floor(Fraction(low, 10**digits)), ceil(Fraction(high, 10**digits))
    is_whole = Truth(expr=rest == 0, level=level)
    return _guarded(_float(one) * _float(other), den // 10**digits, low, high, level, also=is_whole)


def plus(a: Units, b: Units) -> Units:
    """Return the sum of two numbers."""
    a, b = _together([a, b])
    low, high = a.low + b.low, a.high + b.high
    if _is_beyond(low, high) and low != high:
        return _guarded(_float(a.expr) + _float(b.expr), a.den, low, high, _level([a, b]))
    # a constant as a plain number: a literal column would be as long as the frame
    left = a.expr if a.only is None else a.low
    right = b.expr if b.only is None else b.low
    expr = whole(low) if low == high else left + right
    return Units(expr=expr, den=a.den, low=low, high=high, level=_level([a, b]))  # type: ignore[arg-type]


def total(values: Sequence[Units]) -> Units:
    """Return the sum of all; 0 for none."""
    return reduce(plus, values) if values else constant(0)


def negative(a: Units) -> Units:
    """Return the number with the other sign."""
    return times(a, constant(-1))


def times(a: Units, b: Units) -> Units:
    """Return the product of two numbers."""
    if a.only is not None and b.only is not None:
        return constant(a.only * b.only)
    if a.only is not None:
        a, b = b, a
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    if b.only is None:
        den = a.den * b.den
        if _is_beyond(min(corners), max(corners)):
            return _product(a, b, min(corners), max(corners))
        return Units(
            expr=a.expr * b.expr,
            den=den,
            low=min(corners),
            high=max(corners),
            level=_level([a, b]),
        )
    # the product in the largest units that hold it
    factor = b.only / a.den
    low, high = sorted((a.low * factor.numerator, a.high * factor.numerator))
    same = factor.numerator == 1
    if _is_beyond(low, high):
        wide = _float(a.expr) * float(factor.numerator)
        return _guarded(wide, factor.denominator, low, high, a.level)
    expr = a.expr if same else a.expr * factor.numerator
    if factor == 0:
        return constant(0)
    return Units(expr=expr, den=factor.denominator, low=low, high=high, level=a.level)


def choose(truth: Truth, a: Units, b: Units) -> Units:
    """Return the one where something holds, the other where it does not."""
    return chosen([(truth, a)], b)


def chosen(cases: Sequence[tuple[Truth, Units]], last: Units) -> Units:
    """Return the number of the first case that holds, else the last."""
    if not cases:
        return last
    values = _together([*(value for _, value in cases), last])
    exprs, level = [v.expr for v in values], _level([*values, *(t for t, _ in cases)])
    return Units(
        expr=chain([(t, e) for (t, _), e in zip(cases, exprs, strict=False)], exprs[-1]),
        den=values[0].den,
        low=min(v.low for v in values),
        high=max(v.high for v in values),
        level=level,
    )


def chain(cases: Sequence[tuple[Truth, nw.Expr]], last: nw.Expr) -> nw.Expr:
    """Return the expression of the first case that holds, else the last."""
    kept: list[tuple[nw.Expr, nw.Expr]] = []
    for truth, expr in cases:
        if truth.expr is True:
            last = expr
            break
        if truth.expr is not False:
            kept.append((truth.column, expr))
    if not kept:
        return last
    (first, value), *rest = kept
    then = backend.when(first).then(value)
    for truth_, expr in rest:
        then = then.when(truth_).then(expr)
    return cast("nw.Expr", then.otherwise(last))


def lesser(a: Units, b: Units) -> Units:
    """Return the smaller number."""
    a, b = _together([a, b])
    if a.high <= b.low:
        return a
    if b.high <= a.low:
        return b
    made = choose(Truth(expr=a.expr < b.expr, level=_level([a, b])), a, b)
    return attrs.evolve(made, high=min(a.high, b.high))


def greater(a: Units, b: Units) -> Units:
    """Return the greater number."""
    return negative(lesser(negative(a), negative(b)))


def size(a: Units) -> Units:
    """Return the absolute value."""
    return greater(a, negative(a))


def limited(a: Units, clamp: Range | None) -> Units:
    """Limit a number to a range."""
    if clamp is not None and clamp.low is not None:
        a = greater(a, constant(clamp.low[0]))
    if clamp is not None and clamp.high is not None:
        a = lesser(a, constant(clamp.high[0]))
    return a


def rounded(a: Units, rounding: Rounding | None) -> Units:
    """Round to a multiple of a number."""
    if rounding is None:
        return a
    return to_multiple(a, Fraction(rounding.to), rounding.mode)


def to_multiple(a: Units, to: Fraction, mode: str) -> Units:
    """Round to a multiple of ``to`` by a mode of :data:`~kpirules.arithmetic.rounding.MODES`."""
    a = a.in_units(lcm(a.den, to.denominator))
    step = int(to * a.den)
    if step == 1:
        return a
    rest = a.expr % step
    down = a.expr - rest
    up = chain([(Truth(expr=rest > 0), down + step)], down)
    # whether what lies between two multiples goes up, as of `rounding`'s table
    toward: dict[Toward, Callable[[], nw.Expr | bool]] = {
        "below": lambda: False,
        "above": lambda: True,
        "zero": lambda: a.expr < 0,
        "away": lambda: a.expr >= 0,
        "even": lambda: down % (2 * step) != 0,
    }
    rule = MODES[mode]
    goes_up = Truth(expr=toward[rule.toward]())
    by_ties = rule.moves == "tie"
    expr = _nearest(rest, step, down, goes_up) if by_ties else chain([(goes_up, up)], down)
    low, high = floor(Fraction(a.low, step)) * step, ceil(Fraction(a.high, step)) * step
    larger = gcd(step, a.den)
    if larger > 1 and max(abs(low), abs(high)) < _EXACT:
        # counted in the units of what it is rounded to. Unlike a floor division of databases, the
        # quotient takes its dividend once. polars multiplies by the reciprocal, which is not exact
        expr = backend.cast_to((expr / larger + 0.5).floor(), nw.Int64)
        low, high = low // larger, high // larger
        return Units(expr=expr, den=a.den // larger, low=low, high=high, level=a.level)
    return Units(expr=expr, den=a.den, low=low, high=high, level=a.level)


def _nearest(rest: nw.Expr, step: int, down: nw.Expr, tie_up: Truth) -> nw.Expr:
    """Round to the nearer multiple; in the middle, up if asked."""
    cases = [(Truth(expr=rest * 2 > step), down + step)]
    if step % 2 == 0:
        cases.append((every([Truth(expr=rest * 2 == step), tie_up]), down + step))
    return chain(cases, down)


def within(a: Units, ranges: Iterable[Range]) -> Truth:
    """Return whether a number lies in some ranges: in one range with holes."""
    unit = Fraction(1, a.den)
    spans = [
        (
            a.low if r.low is None else max(a.low, int(r.low[0] * a.den)),
            a.high if r.high is None else min(a.high, int(r.high[0] * a.den)),
        )
        for r in join(ranges, unit)
    ]
    spans = [(low, high) for low, high in spans if low <= high]
    if not spans:
        return NO
    first, last = spans[0][0], spans[-1][1]
    holes = [(before[1] + 1, after[0] - 1) for before, after in pairwise(spans)]
    points = [low for low, high in holes if low == high]
    outside = [_between(a, low, high) for low, high in holes if low < high]
    if len(points) > 1:
        outside.append(a.expr.is_in(points))
    elif points:
        outside.append(a.expr == points[0])
    found = Truth(expr=_between(a, first, last), level=a.level)
    return every([found, *(Truth(expr=_not(o), level=a.level) for o in outside)])


def _not(expr: nw.Expr | bool) -> nw.Expr | bool:  # noqa: FBT001 - a truth value is what it is
    return not expr if isinstance(expr, bool) else ~expr


def _between(a: Units, low: int, high: int) -> nw.Expr | bool:
    """Compare units with two ends, as far as they can be beyond them."""
    if low == high:
        return a.low == a.high == low or a.expr == low
    if low <= a.low and high >= a.high:
        return True
    if low <= a.low:
        return a.expr <= high
    if high >= a.high:
        return a.expr >= low
    return a.expr.is_between(low, high)


Unary: TypeAlias = "Callable[[Units], Units]"
