"""Reachable totals: the sums of the points that the criteria can give, each exactly once."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.domain import AnyOf, Part
from kpirules.arithmetic.interval import is_long, plus, times
from kpirules.arithmetic.number import Number, canonical, exact
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.sums import ExactTotals, GridTotals, Stage, Steps, Totals, extent
from kpirules.compiler.criteria import number_of
from kpirules.compiler.domains import bounds_of, coarsest, finished, hull


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpirules.arithmetic.domain import Reachable
    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.range import Cut
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.weighting import Weighting
    from kpirules.model.rubric import Rubric, Section


#: totals on a grid with more steps than this are not counted one by one
MAX_TOTALS = 2_000_000


#: of more criteria than this that may be excluded, not every choice is examined
MAX_LEFT_OUT = 8
#: of more choices than this, only the bounds of the totals are known
MAX_CHOICES = 16


#: of more sums than this of a section that clamps or rounds, only their bounds are known
MAX_SUBTOTALS = 5_000


class RawTotals:
    """The reachable raw totals.

    The set of sums is one whole number whose bits are the totals, counted in units: adding a
    criterion shifts it by each of the points that the criterion can give. Criteria may share facts;
    each can also be rated directly, so that every sum of their points is reachable.
    """

    def __init__(self, weighing: Weighting) -> None:
        self._weighing = weighing
        #: contribution of one point of each criterion to the total, if nothing is excluded
        self.factors: tuple[Number, ...] = tuple(
            weighing.factors.get(c.id, 0) for c in weighing.criteria
        )

    @cached_property
    def units(self) -> int:
        """The denominator of the units in which contributions are counted, so that most are whole.

        1 if the units would be too small to count in.
        """
        pairs = zip(self.factors, self._weighing.criteria, strict=True)
        products = [(factor, point) for factor, c in pairs for point in _points_of(c)]
        return _units(products) or 1

    @cached_property
    def sums(self) -> Totals:
        """The sums of the points that the criteria can give, if nothing is excluded."""
        return sums_of(self._weighing, self.factors, self._weighing.limits)

    def most_of(self, section: Section) -> Number | None:
        """Return the greatest sum of a section's contributions, if nothing is excluded."""
        scored = zip(self._weighing.criteria, self.factors, strict=True)
        return _ends((c, f) for c, f in scored if c.section is section)[1]

    def axis(self, *, rated: bool) -> Axis:
        """Compute the domain of the raw total; ``rated``: of records with a total."""
        weighing, rubric = self._weighing, self._weighing.rubric
        if weighing.is_settled:
            found = self.sums
            if isinstance(found, GridTotals):
                return Axis(domain=found.domain, step=found.step)
            low, high = found.first_in(Range()), found.last_in(Range())
            step = canonical(Fraction(1, self.units))
            return Axis(domain=Range.closed(low or 0, high or 0), step=step, known=found)
        choices = None if weighing.has_computed_weights else _remaining(weighing.criteria)
        if choices is not None:
            total = rubric.total
            least = (None if total is None else total.minimum_scored) or 1
            enough = [left for left in choices if len(left) >= least]
            return _axis_of_choices(weighing, (rated and enough) or choices)
        mean = Range(*_cuts(hull(list(_means(weighing).values()))))
        if all(s.clamp is None and s.round is None for s in rubric.sections):
            return Axis(domain=mean)
        parts = _subtotals(weighing)
        ends: Bounds = (0, 0)
        for part in parts:
            ends = plus(ends, bounds_of(Axis(domain=part)))
        domain = Range(*_cuts(ends))
        if not any(s.round for s in rubric.sections) and _only_lowers(rubric, parts):
            return Axis(domain=domain.meet(Range(None, mean.high)) or domain)
        grids = [None if s.round is None else exact(s.round.to) for s in rubric.sections]
        return Axis(domain=domain, step=coarsest(grids))


def _cuts(ends: Bounds) -> tuple[Cut | None, Cut | None]:
    """Convert two bounds to the cuts of a range."""
    low, high = ends
    return (
        None if low is None else (canonical(Fraction(low)), 0),
        None if high is None else (canonical(Fraction(high)), 1),
    )


def _remaining(criteria: Sequence[CompiledCriterion]) -> list[set[str]] | None:
    """Return every set of criteria that may remain; None if there are too many."""
    scored = [c for c in criteria if c.is_scored and not c.is_weightless]
    may_go = [c.id for c in scored if c.criterion.missing == "exclude"]
    if len(may_go) > MAX_LEFT_OUT:
        return None
    gone = (some for size in range(len(may_go) + 1) for some in combinations(may_go, size))
    return [{c.id for c in scored}.difference(some) for some in gone]


def _axis_of_choices(weighing: Weighting, choices: Sequence[set[str]]) -> Axis:
    """Compute the domain of the raw total over all sets of criteria that may remain."""
    sections: Sequence[Section | None] = weighing.rubric.sections or (None,)
    settles = any(section is not None and section.settles for section in sections)
    knows = len(choices) <= MAX_CHOICES
    spans: list[Bounds] = []
    known: list[Reachable] = []
    for left in choices:
        shares = weighing.shares({}, left)
        limits = {s.id: weighing.limit(s, {}, left) for s in weighing.rubric.sections}
        total: Bounds = (0, 0)
        for section in sections:
            own = [c for c in weighing.criteria if c.section is section and c.id in left]
            part: Bounds = (0, 0)
            for c in own:
                share = shares.get(c.id, 0)
                part = plus(part, times(c.ends, (share, share)))
            if section is not None and (own or not any(c.scored for c in section.criteria)):
                part = _settled(part, section, limits[section.id])
            total = plus(total, part)
        spans.append(total)
        if knows:
            factors = [shares.get(c.id, 0) for c in weighing.criteria]
            found = sums_of(weighing, factors, limits)
            # the bounds of sums are not those of sections that clamp or round them
            knows = isinstance(found, ExactTotals) or not settles
            known.append(found)
    domain = Range(*_cuts(hull(spans)))
    grids = [None if s is None or s.round is None else exact(s.round.to) for s in sections]
    return Axis(domain=domain, step=coarsest(grids), known=AnyOf(tuple(known)) if knows else None)


def _settled(ends: Bounds, section: Section, limit: Range | None) -> Bounds:
    """Return the bounds of a subtotal from those of the sum of its contributions."""
    low, high = ends
    if limit is not None:
        # an end that is not known is where the limit is
        low = low if low is not None or limit.low is None else limit.low[0]
        high = high if high is not None or limit.high is None else limit.high[0]
    return (
        None if low is None else finished(low, limit, section.round),
        None if high is None else finished(high, limit, section.round),
    )


def _only_lowers(rubric: Rubric, parts: Sequence[Range]) -> bool:
    """Check whether no section gives less than 0, and no clamp raises a section's sum."""
    clamps = [s.clamp.low for s in rubric.sections if s.clamp is not None]
    return all(low is not None and low[0] >= 0 for low in (part.low for part in parts)) and all(
        low is None or low[0] <= 0 for low in clamps
    )


def _means(weighing: Weighting) -> dict[str | None, Bounds]:
    """Return the bounds of the mean of each section's criteria, or of all, as parts of full marks.

    The total is a mean of these, as long as no section clamps or rounds.
    """
    found: dict[str | None, Bounds] = {}
    for section in weighing.rubric.sections or (None,):
        spans: list[Bounds] = []
        for c in weighing.criteria:
            if c.section is section and c.is_scored and not c.is_weightless and c.scale:
                share = Fraction(weighing.full_marks) / c.scale
                spans.append(times(c.ends, (share, share)))
        if section is None:
            found[None] = hull(spans)
        elif spans:
            mean = hull(spans)
            if section.cap:
                mean = _capped(mean, section, weighing.full_marks)
            found[section.id] = mean
    return found


def _subtotals(weighing: Weighting) -> list[Range]:
    """Return the range of each section's sum; a section may receive the weight of others."""
    sections = weighing.rubric.sections
    weights = {s.id: Fraction(weighing.of_section(s, {})) for s in sections}
    whole = sum(weights.values(), Fraction())
    # a section may receive the weight of the others that may be excluded as a whole
    may_go = {s.id: weights[s.id] for s in sections if _may_be_out(s)}
    gone = sum(may_go.values(), Fraction())
    means = _means(weighing)
    found: list[Range] = []
    for section in sections:
        low, high = means.get(section.id, (0, 0))
        weight = weights[section.id]
        rest = whole - gone + may_go.get(section.id, 0)
        shares = {weight / every for every in (whole, rest) if every}
        if section.id in may_go or weighing.has_computed_weights:
            shares |= {Fraction(0), Fraction(1)}
        ends = (
            None if low is None else min(Fraction(low) * share for share in shares),
            None if high is None else max(Fraction(high) * share for share in shares),
        )
        found.append(Range(*_cuts(_settled(ends, section, section.clamp))))
    return found


def _capped(mean: Bounds, section: Section, full_marks: Number) -> Bounds:
    """Return the bounds of a capped sum as a mean, from those of the mean of its criteria."""
    weights = [c.weight for c in section.criteria if c.scored]
    base = section.scale or section.weight
    # how much more than the weight of the section the weights of its criteria are together
    more: Fraction | None = None
    if base is None:
        more = Fraction(1)
    elif not isinstance(base, str) and not any(isinstance(w, str) for w in weights):
        more = max(Fraction(1), sum(map(Fraction, map(number_of, weights))) / Fraction(base or 1))
    low, high = mean
    if low is not None:
        low = min(low, full_marks) if low >= 0 else times((low, low), (1, more))[0]
    if high is None or high > 0:
        high = full_marks if high is None or more is None else min(full_marks, high * more)
    return low, high


def _may_be_out(section: Section) -> bool:
    """Check whether a section may be excluded as a whole."""
    return all(c.missing == "exclude" or not c.weight for c in section.criteria if c.scored)


def _units(products: Iterable[tuple[Number, Number]]) -> int | None:
    """Return the common denominator of all products; None if the units are too small."""
    units = 1
    for factor, point in products:
        units = lcm(units, (factor * point).denominator)
        if is_long(units):
            return None
    return units


def _points_of(c: CompiledCriterion) -> list[Number]:
    """Return numbers of which all points of a criterion are multiples, as far as there are any."""
    grids = list(c.grids)
    only = [(part.span.only, part.step) for part in c.values.parts]
    grids += [step if one is None else canonical(abs(Fraction(one))) for one, step in only]
    return [grid for grid in grids if grid is not None]


def sums_of(
    weighing: Weighting, factors: Sequence[Number], limits: Mapping[str, Range | None]
) -> Totals:
    """Compute the sums of the points that the criteria can give, each times its factor.

    The sum of a section's criteria is limited and rounded as the section defines.
    """
    scored = [(c, f) for c, f in zip(weighing.criteria, factors, strict=True) if f]
    added: list[_Summand] = []
    for section in (*weighing.rubric.sections, None):
        own = [(c, f) for c, f in scored if c.section is section]
        more = [_Summand.of(c, f) for c, f in own]
        is_empty = section is not None and not any(c.scored for c in section.criteria)
        if section is not None and section.settles and (own or is_empty):
            limited = _limited(section, limits[section.id], _sum(own, more))
            if limited is None:
                return _bounds(scored, None)
            more = [limited]
        added += more
    return _sum(scored, added)


class _Summand(NamedTuple):
    """A summand of a total: a criterion, or a section that clamps or rounds its sum."""

    factor: Number
    #: None if they are unbounded
    steps: tuple[Steps, ...] | None
    #: numbers of which all points are multiples, as far as there are any
    grids: tuple[Number, ...]
    #: whether every value is reachable
    is_sure: bool
    criterion: str = ""
    section: tuple[ExactTotals, dict[Number, Number]] | None = None

    @classmethod
    def of(cls, c: CompiledCriterion, factor: Number) -> _Summand:
        """Return the summand of a criterion."""
        sure = c.missing_default is None and all(row.formula is None for row in c.rows)
        return cls(
            factor=factor,
            steps=_points(c),
            grids=tuple(_points_of(c)),
            is_sure=sure and (c.keeps_awards or not c.is_judged),
            criterion=c.id,
        )


def _limited(section: Section, limit: Range | None, sums: Totals) -> _Summand | None:
    """Return the summand of a section that limits or rounds; None if its sums are unknown."""
    if not isinstance(sums, ExactTotals) or sums.bits.bit_count() > MAX_SUBTOTALS:
        return None
    before = {finished(v, limit, section.round): v for v in sums.numbers()}
    values = sorted(before)
    return _Summand(
        factor=1,
        steps=tuple((value, 0, 1) for value in values),
        grids=tuple(canonical(abs(Fraction(value))) for value in values),
        is_sure=sums.exact,
        section=(sums, before),
    )


def _sum(scored: Sequence[tuple[CompiledCriterion, Number]], added: Sequence[_Summand]) -> Totals:
    """Compute all sums of the summands."""
    units = _units([(each.factor, grid) for each in added for grid in each.grids])
    if units is None:
        return _bounds(scored, units)
    stages: list[Stage] = []
    sums, least, sure = 1, 0, True
    for each in added:
        share, steps = canonical(Fraction(each.factor) * units), each.steps
        sure = sure and each.is_sure
        if steps is None or sums.bit_length() + extent(steps, share) > MAX_TOTALS:
            return _bounds(scored, units)
        stage = Stage(criterion=each.criterion, share=share, steps=steps, section=each.section)
        stages.append(stage)
        sums, least = stage.added_to(sums), least + stage.lowest
    return ExactTotals(bits=sums, least=least, units=units, stages=tuple(stages), exact=sure)


def _points(c: CompiledCriterion) -> tuple[Steps, ...] | None:
    """Return all points that a criterion can give; None if they are unbounded."""
    steps: list[Steps] = []
    # a criterion that cannot give any points adds 0
    for part in c.values.parts or (Part(Range.exactly(0)),):
        size, first = part.size, part.first_in(Range())
        if size is None or first is None:
            return None
        steps.append((first, part.step or 0, size))
    return tuple(sorted(steps))


def _ends(scored: Iterable[tuple[CompiledCriterion, Number]]) -> Bounds:
    """Return the bounds of the sum of some contributions."""
    ends: Bounds = (0, 0)
    for c, f in scored:
        ends = plus(ends, times(c.ends, (f, f)))
    return ends


def _bounds(scored: Sequence[tuple[CompiledCriterion, Number]], units: int | None) -> GridTotals:
    """Return the bounds of all totals, and the grid that every total lies on."""
    dense = units is None or any(c.axis.step is None for c, _ in scored)
    step = None if dense else canonical(Fraction(1, units or 1))
    return GridTotals(domain=Range(*_cuts(_ends(scored))), step=step)
