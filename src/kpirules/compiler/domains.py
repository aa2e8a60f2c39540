"""Helpers of quantities: domains of inputs, bands, bounds, clamping and rounding."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.number import Number, canonical, exact, multiple
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.ratio import Ratio, is_less, number_of, rounded
from kpirules.formula.functions import common
from kpirules.model.inputs import History
from kpirules.model.labels import source_of
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.range import Cut
    from kpirules.model.rubric import Input, Rounding
    from kpirules.translations.message import ByLanguage


ZERO_UP = Range((0, 0), None)
#: the most characters of a text by which records are grouped
MAX_TEXT = 200


def axis_of(fact: Input) -> Axis:
    """Return the domain of an input; of a list, the domain of its items."""
    if fact.type == "choice":
        return Axis(options=tuple(option.code for option in fact.options))
    if fact.type == "flag":
        return Axis(options=(False, True))
    if fact.type == "text":
        # it only groups: no condition or formula asks what it may be
        return Axis(options=())
    step = None if fact.step is None else exact(fact.step)
    domain = fact.range or Range()
    if fact.type == "count":
        met = domain.meet(ZERO_UP)
        domain = Range.exactly(0) if met is None else met
        step = step or 1
    return Axis(domain=domain, step=step)


#: of domains with more parts than this, only the ends and one grid are known
_MAX_PARTS = 200


def axis_of_domain(domain: Domain) -> Axis:
    """Convert a domain to an axis; an empty domain gives the number 0."""
    parts = domain.parts or (Part(Range.exactly(0)),)
    ends = [(p.span.low and p.span.low, p.span.high) for p in parts]
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    low = None if None in lows else min(cut for cut in lows if cut is not None)
    high = None if None in highs else max(cut for cut in highs if cut is not None)
    grids = [
        canonical(abs(Fraction(p.span.only))) if p.span.only is not None else p.step for p in parts
    ]
    known = Domain(parts) if 1 < len(parts) <= _MAX_PARTS else None
    return Axis(domain=Range(low, high), step=coarsest(grids), known=known)


def bounds_of(axis: Axis) -> Bounds:
    """Return the least and the greatest number of an axis, None for an unbounded end."""
    domain = axis.domain
    if axis.step is not None:
        domain = domain.on_grid(axis.step) or domain
    return domain.low and domain.low[0], domain.high and domain.high[0]


def within(axis: Axis, finest: int) -> Bounds:
    """Return the least and the greatest number that may occur on an axis.

    An open end has a nearest number, since numbers have limited digits: it is at least one over
    ``finest`` away. Open ends without a number between them are the bounds themselves.
    """
    low, high = ends = bounds_of(axis)
    if axis.step is None:
        if low is not None and axis.domain.low == (low, 1):
            low = canonical(low + Fraction(1, finest * Fraction(low).denominator))
        if high is not None and axis.domain.high == (high, 0):
            high = canonical(high - Fraction(1, finest * Fraction(high).denominator))
    return ends if low is not None and high is not None and low > high else (low, high)


def coarsest(grids: Sequence[Number | None]) -> Number | None:
    """Return the coarsest common grid, or None; values that are all 0 lie on any grid."""
    return None if None in grids else common(grids) or 1


def hull(spans: list[Bounds]) -> Bounds:
    """Return the bounds that enclose all given bounds; (0, 0) for none."""
    some = spans or [(0, 0)]
    lows, highs = [low for low, _ in some], [high for _, high in some]
    return (
        None if None in lows else min(v for v in lows if v is not None),
        None if None in highs else max(v for v in highs if v is not None),
    )


def finisher(clamp: Range | None, rounding: Rounding | None) -> Callable[[Ratio], Ratio]:
    """Return the function that clamps a value, then rounds it; one that it leaves is the same."""
    low = None if clamp is None else _end(clamp.low)
    high = None if clamp is None else _end(clamp.high)
    step = None if rounding is None else exact(rounding.to).as_integer_ratio()
    mode = "" if rounding is None else rounding.mode

    def finish(value: Ratio) -> Ratio:
        if low is not None and is_less(value, low):
            value = low
        if high is not None and is_less(high, value):
            value = high
        return value if step is None else rounded(value, step, mode)

    return finish


def _end(cut: Cut | None) -> Ratio | None:
    return None if cut is None else cut[0].as_integer_ratio()


def finished(value: Number, clamp: Range | None, rounding: Rounding | None) -> Number:
    """Clamp a value, then round it."""
    return number_of(finisher(clamp, rounding)(value.as_integer_ratio()))


def as_range(points: object) -> Range:
    """Convert points to a range; a number becomes the range of that number alone."""
    if isinstance(points, Range):
        return points
    return Range.exactly(0 if points is None else exact(points))


#: the texts for a number and for a list of numbers, by whether they are whole
_KINDS = {
    False: ("allowed.number", "allowed.number-list"),
    True: ("allowed.count", "allowed.count-list"),
}


def allowed_values(fact: Input) -> Message:
    """Describe the allowed values of an input."""
    if fact.type == "choice":
        options = tuple(Named(option.code, option.label) for option in fact.options)
        return Message.of(
            "allowed.option-list" if fact.many else "allowed.options", options=options
        )
    if fact.type == "flag":
        return Message.of("allowed.flag-list" if fact.many else "allowed.flag")
    if fact.type == "text":
        return Message.of("allowed.remark", max_length=MAX_TEXT)
    axis = axis_of(fact)
    one, several = _KINDS[axis.step == 1]
    allowed = Message.of(several if fact.many else one)
    if axis.domain != Range():
        allowed = Message.of("allowed.in-range", kind=allowed, range=axis.domain)
    if axis.step in (None, 1):
        return allowed
    return Message.of("allowed.in-steps", values=allowed, step=axis.step)


def described(fact: Input, labels: Mapping[str, ByLanguage]) -> Message:
    """Describe the allowed values of an input, and where one that is gathered comes from."""
    allowed = allowed_values(fact)
    if fact.origin is None:
        return allowed
    key = "history.allowed" if isinstance(fact.origin, History) else "together.allowed"
    return Message.of(key, allowed=allowed, source=source_of(fact.origin, labels))


def clamped_grid(grid: Number | None, clamp: Range | None) -> Number | None:
    """Return the grid of values after clamping, from their grid before, or None."""
    ends = () if clamp is None else (clamp.low, clamp.high)
    return coarsest([grid, *(abs(Fraction(cut[0])) for cut in ends if cut is not None)])


def rounded_grid(grid: Number | None, rounding: Rounding | None) -> Number | None:
    """Return the grid of values after rounding, from their grid before."""
    if rounding is None:
        return grid
    to = exact(rounding.to)
    return grid if grid is not None and multiple(grid, to) else to
