"""Check that exactly one band matches any allowed facts, and that its points are in range."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from kpirules.arithmetic.decision_table import MISSING, DecisionTable, Value
from kpirules.arithmetic.number import Number, multiple
from kpirules.arithmetic.range import Range
from kpirules.checks.gaps import gap_at
from kpirules.checks.registry import POINTS, QUANTITIES, RANGES, check, reports
from kpirules.checks.search import NOT_EXCLUDED, Suspicion
from kpirules.compiler.criteria import CompiledCriterion
from kpirules.compiler.domains import finished
from kpirules.diagnostics.finding import Finding
from kpirules.formula.prover import divides_by_zero, leaves
from kpirules.model.inputs import Derived
from kpirules.translations.message import Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.formula import Formula
    from kpirules.formula.nodes import Node
    from kpirules.formula.prover import Fault, VariableInterval

    #: the values of the names of a formula
    Box = Mapping[str, VariableInterval]


#: the most pairs of bands of one quantity that are reported together
MAX_PAIRS = 100


@check("band-gap", phase=QUANTITIES, severity="error", title="facts that no band matches")
@reports("band-overlap", severity="error", title="facts or a rating that two bands match")
@reports("band-unreachable", severity="error", title="a band that no facts match")
def band_cover(c: CompiledQuantity) -> Iterator[Finding]:
    """Find facts that no band matches, or that two match, and bands that match nothing."""
    if c.facts:
        yield from _facts(c)
    elif len(c.rows) > 1 and isinstance(c, CompiledCriterion):
        yield from _overlaps(c, c.by_rating, c.rating_names[:1], "finding.band-overlap_rating")


def _facts(c: CompiledQuantity) -> Iterator[Finding]:
    """Check a table over facts."""
    for gap in with_refusals(c).gaps() if c.otherwise is None else ():
        yield gap_at(c, gap, _witness(c, gap))
    yield from _overlaps(c, c.by_facts, c.facts, "finding.band-overlap")
    off = {row: entry for row, entry, _ in c.off_grid}
    for row in c.by_facts.unreached():
        if row != c.otherwise and row not in off:
            yield _unreachable(c, row, "finding.band-unreachable")
    if c.otherwise is not None and next(c.by_facts.gaps(), None) is None:
        yield _unreachable(c, c.otherwise, "finding.band-unreachable_otherwise")


def _witness(c: CompiledQuantity, values: Sequence[Value]) -> tuple[tuple[str, object], ...]:
    """Return values of the facts as a record has them: an item as a list of that item."""
    lists = c.scope.lists - c.lists
    pairs = zip(c.facts, values, strict=True)
    return tuple((n, (v,) if n in lists and v is not MISSING else v) for n, v in pairs)


def with_refusals(c: CompiledQuantity) -> DecisionTable:
    """Return the decision table of the bands and of the gates that reject by the same facts."""
    gates = [gate for gate in c.scope.refusals if all(n in c.facts for n in gate)]
    if not gates:
        return c.by_facts
    return c.by_facts.with_rows([[gate.get(name) for name in c.facts] for gate in gates])


def _unreachable(c: CompiledQuantity, row: int, key: str) -> Finding:
    return Finding(
        code="band-unreachable",
        reason=Message.of(key),
        advice=Message.of("advice.band-unreachable"),
        path=c.place(row),
    )


@check(
    "off-step",
    phase=QUANTITIES,
    severity="error",
    title="a number that is not a multiple of its step",
)
def entries_on_grid(c: CompiledQuantity) -> Iterator[Finding]:
    """Find conditions of bands that lie between the values of a fact."""
    for row, entry, name in c.off_grid:
        step = c.axes[name].step or 1
        yield Finding(
            code="off-step",
            reason=Message.of("finding.off-step_when", name=Named(name), range=entry, step=step),
            advice=Message.of("advice.off-step_when"),
            path=(*c.place(row)[: len(c.path) + 2], "when"),
        )


@check("value", phase=QUANTITIES)
def derived_in_range(c: CompiledQuantity) -> Iterator[Finding]:
    """Find derived facts whose range none of their values lies in: it rejects every record.

    A record must keep the range of a derived fact, so that one which some values leave is meant.
    """
    if not isinstance(c.quantity, Derived) or c.quantity.range is None:
        return
    if not c.values.parts and all(row.text is None for row in c.rows):
        yield Finding(
            code="value",
            reason=Message.of("finding.value_derived", name=c.named, range=c.limit),
            advice=Message.of("advice.value_derived"),
            path=(*c.path, "range"),
        )


def _overlaps(
    c: CompiledQuantity, table: DecisionTable, names: tuple[str, ...], key: str
) -> Iterator[Finding]:
    """Find pairs of bands that match the same facts or rating."""
    for first, second, witness in islice(table.overlaps(), MAX_PAIRS):
        yield Finding(
            code="band-overlap",
            reason=Message.of(key, name=c.named),
            advice=Message.of("advice.band-overlap"),
            path=c.place(second),
            other=c.place(first),
            witness=_witness(c, witness)
            if names == c.facts
            else tuple(zip(names, witness, strict=True)),
        )


@check(
    "points-out-of-range",
    phase=POINTS,
    severity="error",
    title="points or a total outside of their range",
)
@reports("off-step")
def award_ranges(c: CompiledCriterion) -> Iterator[Finding]:
    """Find points outside the criterion's range, and ranges of points with nothing to award."""
    for i, row in enumerate(c.rows):
        if row.formula is not None:
            continue
        path = c.place(i)
        if row.points.only is None and row.points.on_grid(c.step) is None:
            yield Finding(
                code="off-step",
                reason=Message.of("finding.off-step_points", points=row.points, step=c.step),
                advice=Message.of("advice.off-step_points"),
                path=path,
            )
        elif c.is_judged and row.points.only is not None and not multiple(row.points.only, c.step):
            yield Finding(
                code="off-step",
                reason=Message.of("finding.off-step_rating", points=row.points, step=c.step),
                advice=Message.of("advice.off-step_points"),
                path=path,
            )
        elif c.criterion.scored and not c.is_weightless and not c.limit.covers(c.given_by(row)):
            yield Finding(
                code="points-out-of-range",
                reason=Message.of("finding.points-out-of-range", points=row.points, range=c.limit),
                advice=Message.of("advice.points-out-of-range"),
                path=path,
                witness=_record_of(c, i),
            )


@check("points-out-of-range", phase=POINTS)
def default_points(c: CompiledCriterion) -> Iterator[Finding]:
    """Find default points for missing inputs outside of the criterion's range."""
    default = None if c.criterion.missing == "zero" else c.missing_default
    if default is not None and not c.span.contains(default):
        yield Finding(
            code="points-out-of-range",
            reason=Message.of("finding.points-out-of-range_missing", points=default, range=c.span),
            advice=Message.of("advice.points-out-of-range_missing"),
            path=(*c.path, "missing"),
        )


@check("points-out-of-range", phase=POINTS)
def rater_means(c: CompiledCriterion) -> Iterator[Finding]:
    """Find means of raters outside of the range, with default ratings of missing raters."""
    outside = [Range(c.limit.high, None), Range(None, c.limit.low)]
    means = c.means.parts if c.raters and c.is_scored and not c.is_weightless else ()
    if any(part.within(end) for part in means for end in outside if end != Range()):
        yield Finding(
            code="points-out-of-range",
            reason=Message.of("finding.points-out-of-range_raters", range=c.limit),
            advice=Message.of("advice.points-out-of-range_can"),
            path=(*c.path, "missing"),
        )


def _record_of(c: CompiledCriterion, row: int) -> tuple[tuple[str, object], ...]:
    """Return the smallest record for which a band gives points outside of the range."""
    points = c.rows[row].points
    facts: tuple[tuple[str, object], ...] = ()
    if c.facts:
        values = c.by_facts.gap() if row == c.otherwise else c.by_facts.least_of(row)
        facts = tuple(zip(c.facts, values or (), strict=False))
    if points.only is not None and facts:
        return facts
    below = points.meet(Range(None, c.limit.low)) if c.limit.low is not None else None
    above = points.meet(Range(c.limit.high, None)) if c.limit.high is not None else None
    step = c.step if c.is_judged else None
    outside = [r.least(step) for r in (below, above) if r is not None]
    rating = next((r for r in outside if r is not None), None)
    return facts if rating is None else (*facts, (c.rating_names[0], rating))


@check("points-out-of-range", phase=RANGES)
def values_in_range(c: CompiledQuantity) -> Iterator[Finding]:
    """Find formulas and values that can leave their expected range."""
    if c.limit == Range():
        return
    clamp, rounding = c.quantity.clamp, c.quantity.round
    finish = partial(finished, clamp=clamp, rounding=rounding)
    within = clamp is not None and rounding is None and c.limit.covers(clamp)
    for i, row in enumerate(c.rows):
        if row.formula is not None and not within:
            yield from _formula_in_range(c, i, row.formula, finish)
        only = None if row.formula is not None else row.points.only
        if isinstance(c, CompiledCriterion) or row.text is not None or only is None:
            # `award_ranges` checks the points of criteria
            continue
        if not c.limit.contains(finish(only)):
            yield Finding(
                code="points-out-of-range",
                reason=Message.of(
                    "finding.points-out-of-range_value", value=finish(only), range=c.limit
                ),
                advice=Message.of("advice.points-out-of-range_value"),
                path=c.place(i),
            )


def _formula_in_range(
    c: CompiledQuantity, index: int, formula: Formula, finish: Callable[[Number], Number]
) -> Iterator[Finding]:
    """Find a value of a row's formula outside of the range."""
    admits = partial(_occurs, c, index)
    fault = leaves(formula.tree, c.sides(index), c.limit, admits, c.scope.budget, finish)
    if fault is not None:
        # without a formula of its own, the total is a sum
        subject = Message.of("finding-part.formula" if formula.text else "finding-part.total")
        reason = Message.of("finding.points-out-of-range_unknown", subject=subject, range=c.limit)
        if fault.value is not None:
            reason = Message.of(
                "finding.points-out-of-range_can",
                subject=subject,
                value=fault.value,
                range=c.limit,
            )
        yield Finding(
            code="points-out-of-range",
            reason=_possible(fault, reason),
            advice=Message.of("advice.points-out-of-range_can"),
            path=formula_place(c, index) if formula.text else c.path,
            witness=_facts_of(c, index, fault.point),
        )


@check("division-by-zero", phase=QUANTITIES, severity="error", title="a divisor that can be 0")
def divisors(c: CompiledQuantity) -> Iterator[Finding]:
    """Find formulas that can divide by zero."""

    def divisions(tree: Node, sides: Box) -> Iterator[tuple[Node, bool, Box]]:
        return ((each.node, each.of_step, sides) for each in tree.divisions())

    for row, fault in _not_above_zero(c, divisions):
        yield Finding(
            code="division-by-zero",
            reason=_possible(fault, Message.of("finding.division-by-zero")),
            advice=Message.of("advice.division-by-zero"),
            path=formula_place(c, row),
            witness=_facts_of(c, row, fault.point),
        )


@check(
    "not-rising",
    phase=QUANTITIES,
    severity="error",
    title="points of a line whose x may not rise",
)
def points_rise(c: CompiledQuantity) -> Iterator[Finding]:
    """Find lines between points whose x may not rise."""

    def distances(tree: Node, sides: Box) -> Iterator[tuple[Node, bool, Box]]:
        # the names of y would only be halved in vain
        return ((d, True, {n: sides[n] for n in d.names()}) for d in tree.distances())

    for row, fault in _not_above_zero(c, distances):
        yield Finding(
            code="not-rising",
            reason=_possible(fault, Message.of("finding.not-rising")),
            advice=Message.of("advice.not-rising"),
            path=formula_place(c, row),
            witness=_facts_of(c, row, fault.point),
        )


def _not_above_zero(
    c: CompiledQuantity, asked: Callable[[Node, Box], Iterator[tuple[Node, bool, Box]]]
) -> Iterator[tuple[int, Fault]]:
    """Yield the rows in whose formula a node can be 0, or negative if it must be positive."""
    for i, row in enumerate(c.rows):
        if row.formula is None:
            continue
        admits = partial(_occurs, c, i)
        for node, positive, box in asked(row.formula.tree, c.sides(i)):
            fault = divides_by_zero(node, box, admits, c.scope.budget, positive=positive)
            if fault is not None:
                yield i, fault
                break


@check(
    "may-be-missing",
    phase=QUANTITIES,
    severity="error",
    title="a value that is needed, although records may omit it",
)
def may_be_missing(c: CompiledQuantity) -> Iterator[Finding]:
    """Find quantities that need names which a record may lack, without a rule for that case."""
    if c.skips:
        return
    for i, row in enumerate(c.rows):
        names = c.may_need(i)
        if names:
            needed = Joined(tuple(map(Named, names)), "list.and")
            yield Finding(
                code="may-be-missing",
                reason=Message.of("finding.may-be-missing", names=needed),
                advice=Message.of("advice.may-be-missing"),
                path=formula_place(c, i)
                if row.formula is not None and row.formula.text
                else c.path,
            )


def _possible(fault: Fault, message: Message) -> Message:
    """Return the message about a fault; of one that no point shows, that it is not excluded."""
    return Message.of(NOT_EXCLUDED, reason=message) if fault.point is None else message


def _occurs(c: CompiledQuantity, row: int, point: dict[str, Number]) -> bool:
    """Check whether there are facts with these values for which a row holds."""
    return c.facts_at(row, point) is not None and not c.scope.is_refused(point)


def _facts_of(
    c: CompiledQuantity, row: int, point: dict[str, Number] | None
) -> tuple[tuple[str, object], ...]:
    """Return the facts of a witness: those of the formula, and those of the band's condition."""
    if point is None:
        return ()
    lists = {name: (value,) for name, value in point.items() if name in c.scope.lists}
    every: dict[str, object] = {**(c.facts_at(row, point) or {}), **point, **lists}
    return tuple((name, every[name]) for name in c.needs if name in every)


def formula_place(c: CompiledQuantity, row: int) -> KeyPath:
    """Return the place of the formula of a row; a weight is its formula."""
    if c.path[-1:] == ("weight",):
        return c.path
    if c.quantity.tally is not None:
        return (*c.path, c.quantity.tally[0])
    place = c.place(row)
    # the place of a cell is that of its formula
    return place if len(place) > len(c.path) + 2 else (*place, "formula")


def suspicion(name: str, c: CompiledQuantity, finding: Finding) -> Suspicion:
    """Return a finding about a quantity, with hints for the search for a record that shows it."""
    aims: list[tuple[str, Range]] = []
    for fact, value in finding.witness:
        if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
            at = c.facts.index(fact) if fact in c.facts else None
            span = Range.exactly(value) if at is None else c.by_facts.cell(at, value)
            aims.append((fact, span))
    if finding.code == "points-out-of-range":
        ends = (Range(c.limit.high, None), Range(None, c.limit.low))
        aims += [(name, end) for end in ends if end != Range()]
    return Suspicion(finding=finding, name=name, hint=dict(finding.witness), aims=tuple(aims))
