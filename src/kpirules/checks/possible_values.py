"""The values that a name may have in a part of all records, and the halves of such a part."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.number import LIMIT, Number, canonical
from kpirules.arithmetic.range import Range
from kpirules.compiler.domains import within
from kpirules.compiler.per_item import CompiledList
from kpirules.formula.linear import Linear
from kpirules.formula.nodes import Constant, Name, OfList, Operation


if TYPE_CHECKING:
    from kpirules.arithmetic.decision_table import Entries
    from kpirules.arithmetic.interval import Bounds
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.formula.nodes import Node


@attrs.frozen
class Values:
    """The values that a name may have in the records of a part."""

    #: None: it has none
    axis: Axis | None
    #: whether it may have no value: it is not given, or depends on something that is not
    absent: bool = False
    #: the sum that the value is, if it is one
    linear: Linear | None = None

    @property
    def ends(self) -> Bounds:
        """The bounds of the numbers."""
        return (None, None) if self.axis is None else within(self.axis, LIMIT**3)


#: a part of all records: the values of each name of a record, and whether a criterion is rated
Part: TypeAlias = "dict[str, Values]"

NOTHING = Values(None, absent=True)


def inside(values: Values, span: Range) -> Values:
    """Return the values that lie in a range."""
    if values.axis is None or values.axis.options is not None:
        return values
    met = values.axis.domain.meet(span)
    axis = None if met is None else attrs.evolve(values.axis, domain=met)
    return attrs.evolve(values, axis=axis)


def scaled(values: Values, factor: Number) -> Values:
    """Return the values times a number, 0 or more."""
    if values.axis is None:
        return values
    low, high = values.axis.domain.low, values.axis.domain.high
    ends = (None if e is None else (canonical(Fraction(e[0]) * factor), e[1]) for e in (low, high))
    domain = Range(*ends) if factor else Range.exactly(0)
    step = values.axis.step
    linear = None if values.linear is None else values.linear.times(Fraction(factor))
    return Values(
        Axis(
            domain=domain,
            step=None if step is None or not factor else canonical(Fraction(step) * factor),
            missing=values.axis.missing,
        ),
        values.absent,
        linear,
    )


def is_sure(values: Values, entries: Entries) -> bool:
    """Check whether a condition holds for all values of a name."""
    axis = values.axis
    if values.absent or axis is None or axis.missing:
        return False
    if axis.options is not None:
        return all(option in entries for option in axis.options)
    return any(isinstance(e, Range) and e.covers(axis.domain) for e in entries)


def without(values: Values, entries: Entries) -> Values:
    """Return the values for which a condition does not hold, as far as ends or options show it."""
    axis = values.axis
    if axis is None:
        return values
    if axis.options is not None:
        rest = tuple(option for option in axis.options if option not in entries)
        left = attrs.evolve(axis, options=rest) if rest or axis.missing else None
        return attrs.evolve(values, axis=left)
    domain: Range | None = axis.domain
    for entry in entries:
        if domain is not None and isinstance(entry, Range):
            domain = _beside(domain, entry)
    if domain is None:
        left = Axis(options=(), missing=True) if axis.missing else None
        return attrs.evolve(values, axis=left)
    return attrs.evolve(values, axis=attrs.evolve(axis, domain=domain))


def _beside(domain: Range, gone: Range) -> Range | None:
    """Return a range without those numbers of another one that lie at its ends."""
    met = gone.meet(domain)
    if met is None or (met.low != domain.low and met.high != domain.high):
        return domain
    if met == domain:
        return None
    return Range(met.high, domain.high) if met.low == domain.low else Range(domain.low, met.low)


def halves(values: Values, *, is_list: bool) -> list[Values]:
    """Return the halves of the values of a name, the lower one last; none of a single value."""
    axis = values.axis
    if axis is None or axis.options == ():
        return []
    if values.absent or axis.missing:
        plain = attrs.evolve(values, axis=attrs.evolve(axis, missing=False), absent=False)
        missing = Axis(options=(), missing=True) if axis.missing else None
        return [Values(missing, values.absent), plain]
    if axis.options is not None:
        at = len(axis.options) // 2
        both = [attrs.evolve(axis, options=some) for some in (axis.options[at:], axis.options[:at])]
        return [attrs.evolve(values, axis=half) for half in both] if at else []
    if is_list or axis.domain.only is not None:
        return []
    domain, step = axis.domain, axis.step
    low = None if domain.low is None else Fraction(domain.low[0])
    high = None if domain.high is None else Fraction(domain.high[0])
    middle = _middle(low, high)
    cut = canonical(middle if step is None else middle // step * step)
    found = [Range((cut, 1), None).meet(domain), Range(None, (cut, 1)).meet(domain)]
    spans = [span if step is None or span is None else span.on_grid(step) for span in found]
    pieces = [span for span in spans if span is not None]
    if len(pieces) < len(found):
        # a single number, or one next to an end
        return []
    return [attrs.evolve(values, axis=attrs.evolve(axis, domain=span)) for span in pieces]


def _middle(low: Fraction | None, high: Fraction | None) -> Fraction:
    """Return the number at which numbers are cut: near an end that is far from the other one.

    At 0 where they lie on both sides of it: it is the number that most rules treat by itself.
    """
    if (low is None or low < 0) and (high is None or high > 0):
        return Fraction()
    if low is None:
        return Fraction() if high is None else high - 2 * (abs(high) + 8)
    far = low + 2 * (abs(low) + 8)
    return far if high is None else min((low + high) / 2, far)


def is_followable(q: CompiledQuantity) -> bool:
    """Check whether a quantity has one value, which is missing if one of its names is."""
    trees = (row.formula.tree for row in q.rows if row.formula is not None)
    return not isinstance(q, CompiledList) and all(map(_is_plain, trees))


def _is_plain(tree: Node) -> bool:
    """Check whether a formula has a value only if all its names have one."""
    is_known = isinstance(tree, Constant | Name | OfList) or (
        isinstance(tree, Operation) and tree.word != "given"
    )
    return is_known and all(map(_is_plain, tree.parts()))
