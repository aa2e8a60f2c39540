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
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpirules.arithmetic.number import Number
    from kpirules.arithmetic.rounding import Toward
    from kpirules.model.rubric import Rounding


#: a division of units is exact below this, also where a backend divides floats
_EXACT = 2**53


class BeyondError(ValueError):
    """Something that expressions over columns cannot express exactly; the text is the reason."""


class TooLongResultError(BeyondError):
    """A result of a record that its column cannot hold."""

    def __init__(self, value: Number) -> None:
        self.reason: Message = Message.of("problem.result-too-long", result=value)
        super().__init__(str(self.reason))


@attrs.frozen(kw_only=True)
class Truth:
    """Something that holds for a row or not, never null; a plain bool if it is known."""

    expr: nw.Expr | bool
    level: int = 0

    @property
    def column(self) -> nw.Expr:
        """The expression, also of a plain bool."""
        return backend.lit(self.expr) if isinstance(self.expr, bool) else self.expr


YES = Truth(expr=True)
NO = Truth(expr=False)


def every(truths: Iterable[Truth]) -> Truth:
    """Return whether all hold."""
    return _joined(truths, neutral=True)


def some(truths: Iterable[Truth]) -> Truth:
    """Return whether any holds."""
    return _joined(truths, neutral=False)


def _joined(truths: Iterable[Truth], *, neutral: bool) -> Truth:
    found: Truth = Truth(expr=neutral)
    for truth in truths:
        if isinstance(truth.expr, bool):
            if truth.expr is not neutral:
                return truth
        elif isinstance(found.expr, bool):
            found = truth
        else:
            expr = found.expr & truth.expr if neutral else found.expr | truth.expr
            found = Truth(expr=expr, level=max(found.level, truth.level))
    return found


def opposite(truth: Truth) -> Truth:
    """Return whether something does not hold."""
    expr = not truth.expr if isinstance(truth.expr, bool) else ~truth.expr
    return Truth(expr=expr, level=truth.level)


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
            raise BeyondError("can come to numbers that are too large")
        if self.den >= backend.reach().most:
            raise BeyondError("can come to fractions that are too small")

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


def plus(a: Units, b: Units) -> Units:
    """Return the sum of two numbers."""
    a, b = _together([a, b])
    low, high = a.low + b.low, a.high + b.high
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
        # counted in the units of what it is rounded to
        expr, low, high = expr // larger, low // larger, high // larger
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
