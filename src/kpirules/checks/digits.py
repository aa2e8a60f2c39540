"""Check that no number of a record becomes longer than the evaluation computes.

A record that leads to a longer number is rejected. How long the numbers of a name can be follows
from bounds of their values and of their denominators. These are bounds: a number that the check
reports may occur in no record, and a number that it does not report occurs in none.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property, reduce
from math import ceil, floor, lcm
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import attrs

from kpirules.arithmetic import interval
from kpirules.arithmetic.number import LIMIT, MAX_COMPUTED_DIGITS, Number, TooLongError, exact
from kpirules.checks.bands import formula_place
from kpirules.checks.registry import TIERS_ADVICE, check
from kpirules.compiler.criteria import CompiledCriterion
from kpirules.compiler.domains import axis_of, finished, hull
from kpirules.diagnostics.finding import Finding
from kpirules.evaluation.list_items import MAX_ITEMS
from kpirules.formula.functions import OF_LISTS, OF_NUMBERS
from kpirules.formula.nodes import Constant, Item, Matching, Name, Operation
from kpirules.model import names
from kpirules.model.dependencies import BEFORE
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.arithmetic.decision_table import Axis
    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.range import Range
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.formula.nodes import Node, OfList
    from kpirules.model.rubric import Rounding, Section


#: the bits of the largest numerator and denominator that the evaluation computes, and the largest
_MAX_BITS = (10**MAX_COMPUTED_DIGITS).bit_length() - 1
_MAX = 1 << _MAX_BITS


@attrs.frozen
class Size:
    """Bounds of some numbers, and of their denominators."""

    low: Number
    high: Number
    #: every denominator divides this number times another one, which has at most ``free`` bits
    of: int = 1
    free: int = 0
    #: the bits of the largest numerator, if they are known otherwise than by the largest number
    top: int = 2 * _MAX_BITS

    @property
    def below(self) -> int:
        """Return the bits of the largest denominator."""
        return self.of.bit_length() + self.free

    @property
    def whole(self) -> int:
        """Return the bits of the largest number, rounded up to a whole one."""
        return ceil(max(abs(Fraction(self.low)), abs(Fraction(self.high)))).bit_length()

    @property
    def above(self) -> int:
        """Return the bits of the largest numerator."""
        return min(self.whole + self.below, self.top)

    def short(self) -> Size:
        """Return the size itself; raise :class:`TooLongError` if a number may be too long."""
        if max(self.above, self.below) > _MAX_BITS:
            raise TooLongError
        return self


#: the sizes of names
Sizes: TypeAlias = "Mapping[str, Size]"
#: the size of a number of a record
_GIVEN = Size(1 - LIMIT, LIMIT - 1, LIMIT)


def _of_number(number: Number) -> Size:
    """Return the size of one number."""
    return Size(number, number, number.denominator)


def _bounded(
    bounds: Bounds, of: int, free: int, *, bits: int = _MAX_BITS, top: int = 2 * _MAX_BITS
) -> Size:
    """Return a size that is short enough; numbers at an unbounded end have so many ``bits``."""
    most = 1 << min(bits, _MAX_BITS)
    low = -most if bounds[0] is None else max(bounds[0], -_MAX)
    high = most if bounds[1] is None else min(bounds[1], _MAX)
    # long ends are moved outward
    return Size(
        floor(low) if interval.is_long(low) else low,
        ceil(high) if interval.is_long(high) else high,
        of,
        free,
        top,
    ).short()


def size_of(node: Node, of: Sizes) -> Size:
    """Return the size of the values of a formula, for the sizes of its names.

    Raise :class:`~kpirules.arithmetic.number.TooLongError` if a number on the way may be too long.
    """
    match node:
        case Constant(number):
            return _of_number(number)
        case Name(name):
            return of[name]
        case Operation("^", (base, Constant(int(exponent)))):
            return reduce(_times, [size_of(base, of)] * exponent, _of_number(1))
        case Item(name, _, otherwise):
            return _union([of[name], size_of(otherwise, of)])
        case Matching():
            return Size(0, MAX_ITEMS)
        case Operation(word, arguments):
            literals = [e.number if isinstance(e, Constant) else None for e in arguments]
            return _of_operation(word, [size_of(each, of) for each in arguments], literals)
        case _:
            over = cast("OfList", node)
            return _of_list(over, [of[name] for name in over.lists])


def _times(one: Size, other: Size) -> Size:
    """Return the size of a product."""
    return _of_operation("*", [one, other], [None, None])


def _of_operation(word: str, parts: list[Size], literals: list[Number | None]) -> Size:
    """Return the size of the values of an operation, given its literal arguments."""
    kind = OF_NUMBERS[word]
    bounds = kind.bounds([(part.low, part.high) for part in parts])
    # the step of the values, where it is the same whatever the arguments are
    step = kind.grid([None] * len(parts), literals)
    if step is not None:
        return _bounded(bounds, step.denominator, 0)
    step = kind.grid([Fraction(1, part.of) for part in parts], literals)
    if step is not None:
        free = sum(part.free for part in parts)
        top = sum(part.above for part in parts) if word == "*" else 2 * _MAX_BITS
        # long ends are dropped from bounds; no sum and no product has more bits than this
        bits = sum(part.whole for part in parts) + len(parts).bit_length()
        return _bounded(bounds, step.denominator, free, bits=bits, top=top)
    if kind.is_lines:
        # y + (y - y) / (x - x) * (x - x) of some of them
        bits = 2 * sum(part.above + part.below for part in parts)
        return _bounded(bounds, 1, bits, bits=bits, top=bits)
    # a quotient: the numerator of the second argument becomes a part of the denominator
    dividend, divisor, *rest = parts
    others = [dividend, *rest]
    top = sum(part.above for part in others) + divisor.below
    free = sum(part.below for part in others) + divisor.above
    return _bounded(bounds, 1, free, bits=top, top=top)


def _of_list(over: OfList, lists: list[Size]) -> Size:
    """Return the size of the values of an operation over lists."""
    kind = OF_LISTS[over.word]
    bounds = kind.bounds([(each.low, each.high) for each in lists], over.most)
    bits = MAX_ITEMS.bit_length() + sum(each.above + each.below for each in lists)
    step = kind.grid(Fraction(1, lists[0].of))
    of, free = (1, bits) if step is None else (step.denominator, 0)
    return _bounded(bounds, of, free, bits=bits, top=bits)


def _sum(parts: Iterable[Size]) -> Size:
    """Return the size of a sum."""
    return reduce(_plus, parts, _of_number(0))


def _plus(one: Size, other: Size) -> Size:
    """Return the size of a sum of two numbers."""
    low, high = interval.plus((one.low, one.high), (other.low, other.high))
    return _bounded((low, high), lcm(one.of, other.of), one.free + other.free)


def _union(sizes: Sequence[Size]) -> Size:
    """Return the size of numbers of several sizes."""
    low, high = hull([(each.low, each.high) for each in sizes])
    of, free = lcm(*(each.of for each in sizes)), max((each.free for each in sizes), default=0)
    return _bounded((low, high), of, free)


def _finished(size: Size, clamp: Range | None, rounding: Rounding | None) -> Size:
    """Return the size of numbers that are clamped and rounded."""
    bounds = finished(size.low, clamp, rounding), finished(size.high, clamp, rounding)
    if rounding is not None:
        return _bounded(bounds, exact(rounding.to).denominator, 0)
    ends = () if clamp is None else (clamp.low, clamp.high)
    of = lcm(size.of, *(end[0].denominator for end in ends if end is not None))
    return _bounded(bounds, of, size.free)


def _of_axis(axis: Axis) -> Size:
    """Return the size of the numbers of a record in a domain."""
    low, high = axis.domain.low, axis.domain.high
    return Size(
        _GIVEN.low if low is None else low[0],
        _GIVEN.high if high is None else high[0],
        LIMIT if axis.step is None else axis.step.denominator,
    )


@check(
    "number-too-long",
    phase=TIERS_ADVICE,
    severity="warning",
    title="a number that can have more digits than kpirules computes",
)
def numbers_fit(plan: Plan) -> Iterator[Finding]:
    """Find quantities and sums whose numbers may have more digits than the evaluation computes."""
    if plan.without or plan.lost or not plan.weights_hold:
        return
    sizes = _Sizes(plan)
    for name in plan.order:
        path = sizes.add(name)
        if path is not None:
            yield Finding(
                code="number-too-long",
                reason=Message.of(
                    "finding.number-too-long", name=Named(name), max_digits=MAX_COMPUTED_DIGITS
                ),
                advice=Message.of("advice.number-too-long"),
                path=path,
            )


class _Sizes:
    """The sizes of the names of a plan, each after those that it depends on."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        inputs = plan.rubric.inputs
        self.sizes = {f.name: _of_axis(axis_of(f)) for f in inputs if f.type in ("count", "number")}
        self.sizes |= {name: _of_axis(c.rating_axis) for name, c in plan.rated.items()}
        self.sections = {section.id: section for section in plan.rubric.sections}
        self.criteria = {c.id: c for c in plan.criteria}
        self.scaled: dict[str | None, int] = {}
        #: the names whose numbers may be too long, and those that depend on them
        self.long: set[str] = set()

    def add(self, name: str) -> KeyPath | None:
        """Add the size of a computed name; return its place if its numbers may be too long."""
        if not self.long.isdisjoint(self.plan.scope.graph[name]):
            # one finding is enough
            self.long.add(name)
            return None
        rubric, criteria = self.plan.rubric, self.plan.criteria
        path: KeyPath = ("total",)
        try:
            match names.parse(name):
                case names.Contribution(id) if id in self.criteria:
                    c = self.criteria[id]
                    self.sizes[name] = self._shared([c], c.section)
                case names.Subtotal(id):
                    section = self.sections[id]
                    path = ("section", [*self.sections].index(id))
                    own = [self.criteria[c.id] for c in section.criteria if c.id in self.criteria]
                    size = self._shared(own, section)
                    limit = self.plan.weighing.limits[id]
                    self.sizes[name] = _finished(size, limit, section.round)
                case names.RawTotal():
                    parts = [self.sizes[f"subtotal.{each}"] for each in self.sections]
                    alone = self._shared([] if parts else criteria, None)
                    self.sizes[name] = _sum([*parts, alone])
                case names.Total():
                    ends = [v for g in rubric.gates for v in (g.total_at_most, g.total_at_least)]
                    limits = [_of_number(exact(end)) for end in ends if end is not None]
                    self.sizes[name] = _union([self.sizes.get(BEFORE, _GIVEN), *limits])
                case _ if name in self.plan.quantities:
                    quantity = self.plan.quantities[name]
                    rows: list[Size] = []
                    for i, row in enumerate(quantity.rows):
                        has_text = row.formula is not None and row.formula.text
                        path = formula_place(quantity, i) if has_text else quantity.path
                        rows += self._row(quantity, i)
                    self.sizes[name] = _union([*rows, *self._rated(quantity)])
                case _:
                    pass
        except TooLongError:
            self.long.add(name)
            return path
        return None

    def _row(self, quantity: CompiledQuantity, index: int) -> Iterator[Size]:
        """Yield the size of the numbers of a row, if it has any."""
        row, limit = quantity.rows[index], quantity.limit
        if row.text is not None:
            return
        if row.formula is None:
            low, high = quantity.reaches(index)
            step = row.points.only if not row.is_award else quantity.award_step
            of = LIMIT if step is None else step.denominator
            yield _within(_GIVEN, (low, high), of)
            return
        box = quantity.box(index)
        of_names = {
            name: _within(self.sizes.get(name, _GIVEN), box.get(name, (None, None)))
            for name in row.formula.names
        }
        size = size_of(row.formula.tree, of_names)
        size = _finished(size, quantity.quantity.clamp, quantity.quantity.round)
        # a value outside of the range is rejected by another rule
        low, high = (cut and cut[0] for cut in (limit.low, limit.high))
        yield _within(size, (low, high))

    def _rated(self, quantity: CompiledQuantity) -> Iterator[Size]:
        """Yield the sizes of the points of a criterion that are not those of a row."""
        if not isinstance(quantity, CompiledCriterion) or quantity.is_remark:
            return
        rating = _of_axis(quantity.rating_axis)
        default = quantity.missing_default
        rating = rating if default is None else _union([rating, _of_number(default)])
        weights = _sum(map(_of_number, quantity.raters.values()))
        mean = attrs.evolve(rating, of=rating.of * weights.of, free=weights.above)
        size = mean if quantity.raters else rating
        yield _finished(size, quantity.criterion.clamp, quantity.criterion.round)

    def _shared(self, criteria: Iterable[CompiledCriterion], section: Section | None) -> Size:
        """Return the size of the sum of some contributions to a section, or to the form."""
        weighing, sizes = self.plan.weighing, self.sizes
        found = _of_number(0)
        for c in criteria:
            if not c.is_scored or not c.scale or c.is_weightless:
                continue
            most = Fraction(self.plan.full_marks) / c.scale
            if section is not None and section.cap:
                # its weight may be above that of the section
                most *= LIMIT
            factor = Size(0, most, most.denominator)
            if weighing.is_fixed:
                factor = _of_number(weighing.factors[c.id])
            points = sizes[c.points_name]
            found = _plus(found, _times(points, factor))
        if weighing.is_fixed:
            return found
        # where some are left out, contributions are divided by sums of the weights that remain
        free = found.free + self._divided(section) + self._divided_all
        return attrs.evolve(found, free=free).short()

    def _divided(self, section: Section | None) -> int:
        """Return the bits of the sum of the weights of a section's criteria, cached."""
        at = None if section is None else section.id
        if at not in self.scaled:
            criteria = self.plan.rubric.criteria if section is None else section.criteria
            weights = [(f"weight.{c.id}", c.weight) for c in criteria if c.scored]
            self.scaled[at] = self._weights(weights).above
        return self.scaled[at]

    @cached_property
    def _divided_all(self) -> int:
        """The bits of the sum of the weights of all sections."""
        weights = ((f"weight.section.{s.id}", s.weight) for s in self.sections.values())
        return self._weights(weights).above

    def _weights(self, weights: Iterable[tuple[str, Any]]) -> Size:
        """Return the size of the sum of some weights, those of each record by their name."""
        return _sum(
            self.sizes[name] if isinstance(weight, str) else _of_number(exact(weight or 0))
            for name, weight in weights
        )


def _within(size: Size, bounds: Bounds, of: int | None = None) -> Size:
    """Return the size of the numbers that lie between some bounds as well."""
    low = size.low if bounds[0] is None else max(size.low, bounds[0])
    high = size.high if bounds[1] is None else min(size.high, bounds[1])
    return attrs.evolve(size, low=low, high=high, of=size.of if of is None else of)
