"""A rubric made ready: its tables as partitions, its weights as exact factors, in the form's order.

Everything that asks what a rubric does asks its plan: checks, evaluation, frames, comparison. A
plan is built from a rubric whose names and shape are right; whether its numbers hold together is
what the checks then ask of the plan.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

import attrs

from kpirules.numbers import Number, canonical, exact, show
from kpirules.partition import Axis, Entries, Partition, Value
from kpirules.ranges import Range, join, listing
from kpirules.reach import totals_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from kpirules.findings import KeyPath
    from kpirules.model import Band, Criterion, Input, Rubric, Section, Tier, When
    from kpirules.reach import Totals


_ZERO_UP = Range((0, 0), None)


def axis_of(fact: Input) -> Axis:
    """Give the values that an input may have."""
    if fact.type == "choice":
        return Axis(options=tuple(option.code for option in fact.options))
    if fact.type == "flag":
        return Axis(options=(False, True))
    step = None if fact.step is None else exact(fact.step)
    domain = fact.range or Range()
    if fact.type == "count":
        met = domain.meet(_ZERO_UP)
        domain = Range.exactly(0) if met is None else met
        step = step or 1
    return Axis(domain=domain, step=step)


def _rows(
    bands: Sequence[Band], names: Sequence[str], of: str | None
) -> list[list[Entries | None]]:
    """Give what each band takes on each name's axis; ``otherwise`` takes nothing by itself."""
    table: list[list[Entries | None]] = []
    for band in bands:
        when = _conditions(band.when, of)
        table.append([when.get(name) for name in names])
    return table


def _conditions(when: When | None, of: str | None) -> dict[str, Entries]:
    """Give the entries of a ``when`` by name."""
    if when is None:
        return {}
    return {c.name or of or "": c.entries for c in when.conditions}


def spell(when: When | None, of: str | None) -> str:
    """Spell a ``when`` in the words of the file: ``late = 1, absent = 0``."""
    if when is None:
        return ""
    if when.otherwise:
        return "otherwise"
    parts: list[str] = []
    for name, entries in _conditions(when, of).items():
        words = [_spell_entry(entry) for entry in entries]
        sign = "" if len(words) == 1 and words[0][0] in "<>" else "= "
        parts.append(f"{name} {sign}{' or '.join(words)}")
    return ", ".join(parts)


def _spell_entry(entry: object) -> str:
    """Spell one entry of a ``when``."""
    return str(entry).lower() if isinstance(entry, bool) else str(entry)


@attrs.frozen(kw_only=True)
class Row:
    """One band made ready."""

    band: Band | None
    #: the points that it gives: one number, or a range to award within
    points: Range
    condition: str


class CriterionPlan:
    """One criterion made ready: which band facts pick, which ratings each band admits.

    One question serves measured and judged criteria: *which bands take these facts and this
    rating?* Facts are asked of one partition, the rating of another, and a band must be in both.
    """

    def __init__(
        self, criterion: Criterion, section: Section | None, path: KeyPath, rubric: Rubric
    ) -> None:
        self.criterion = criterion
        self.section = section
        self.path = path
        self.step = exact(rubric.step)
        self._tables = {table.name: table.rows for table in rubric.tables}
        #: the inputs that its bands may ask for, by name
        self.inputs = {fact.name: fact for fact in rubric.inputs}
        self.weight = _number(criterion.weight)
        #: points at full marks; a criterion without weight or scale is a remark or gives nothing
        self.scale: Number = self.weight if criterion.scale is None else exact(criterion.scale)
        self.is_remark = not criterion.scored and not criterion.is_given and not criterion.range
        #: the range that its points are expected in
        self.range = criterion.range or Range.closed(min(0, self.scale), max(0, self.scale))
        self.rows = () if self.is_remark else self._make_rows()
        #: judged: an appraiser awards the points within a range
        self.is_judged = any(row.points.only is None for row in self.rows) or not self.facts

    def _make_rows(self) -> tuple[Row, ...]:
        """Give the bands, or the one band of a criterion that is not written with bands."""
        criterion = self.criterion
        if criterion.bands is None:
            points = criterion.points
            award = self.range if points is None else as_range(points)
            return (Row(band=None, points=award, condition=""),)
        return tuple(
            Row(
                band=band,
                points=as_range(band.points),
                condition=spell(band.when, criterion.of) or str(as_range(band.points)),
            )
            for band in self.bands
        )

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """The bands, of its own or of the table that it names."""
        bands = self.criterion.bands
        if isinstance(bands, str):
            return self._tables[bands]
        return bands or ()

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts that its bands ask for, in the order of the file."""
        names = (n for band in self.bands for n in _conditions(band.when, self.criterion.of))
        return tuple(dict.fromkeys(names))

    @cached_property
    def otherwise(self) -> int | None:
        """The index of the band that takes what no other does."""
        marked = (i for i, b in enumerate(self.bands) if b.when is not None and b.when.otherwise)
        return next(marked, None)

    @cached_property
    def by_facts(self) -> Partition:
        """The bands over the axes of the facts; ``otherwise`` is a row that takes nothing."""
        rows = _rows(self.bands, self.facts, self.criterion.of)
        if self.otherwise is not None:
            rows[self.otherwise] = [() for _ in self.facts]
        return Partition([self.axes[name] for name in self.facts], rows)

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """The values that each of the facts may have."""
        return {name: axis_of(self.inputs[name]) for name in self.facts}

    @cached_property
    def off_grid(self) -> tuple[tuple[int, Range, str], ...]:
        """What bands ask of a fact that lies between its steps: (band, entry, name)."""
        return tuple(
            (row, entry, name)
            for row, band in enumerate(self.bands)
            for name, entries in _conditions(band.when, self.criterion.of).items()
            for entry in entries
            if isinstance(entry, Range) and self.axes[name].step is not None
            if entry.on_grid(self.axes[name].step or 1) is None
        )

    @cached_property
    def by_rating(self) -> Partition:
        """The bands over the axis of the rating."""
        step = self.step if self.is_judged else None
        return Partition([Axis(step=step)], [[(row.points,)] for row in self.rows])

    @property
    def admissible(self) -> tuple[Range, ...]:
        """The ratings that may be given, in rising order."""
        return join([row.points for row in self.rows], self.step if self.is_judged else None)

    @property
    def ratings(self) -> int:
        """How many different ratings may be given; a million stands for what has no end."""
        step = self.step if self.is_judged else 1
        ends = [(r.low, r.high) for r in self.admissible]
        counts = [
            int((high[0] - low[0]) // step) + 1 if low and high else 1_000_000 for low, high in ends
        ]
        return sum(counts)

    @cached_property
    def admissible_text(self) -> str:
        """Spell the ratings that may be given."""
        return listing(self.admissible, self.step if self.is_judged else None)

    def rows_of_facts(self, facts: Sequence[Value]) -> int:
        """Give the bands that take these facts, a bit each; a sound table gives one."""
        bits = self.by_facts.bits_at(facts)
        if not bits and self.otherwise is not None:
            return 1 << self.otherwise
        return bits

    def rows_of_rating(self, rating: Number) -> int:
        """Give the bands that admit a rating on the grid of the step, a bit each."""
        return self.by_rating.bits_at([rating])


def as_range(points: Decimal | Range | None) -> Range:
    """Take points as a range; a number is the range of that number alone."""
    if isinstance(points, Range):
        return points
    return Range.exactly(0 if points is None else exact(points))


def _number(value: Decimal | str | None) -> Number:
    """Take a weight that is a number; what is left out counts 0."""
    return 0 if value is None or isinstance(value, str) else exact(value)


class Plan:
    """A rubric made ready."""

    def __init__(self, rubric: Rubric, without: frozenset[KeyPath] = frozenset()) -> None:
        """Take a rubric whose names and shape are right (see :mod:`kpirules.checks`).

        ``without``: the places of criteria that are too broken to be made ready. The plan of the
        rest answers for these alone.
        """
        self.rubric = rubric
        self.without = without
        self.step = exact(rubric.step)
        #: all criteria in the form's order, each with its section and its place
        self.placed = tuple(_criteria(rubric))
        self.criteria = tuple(
            CriterionPlan(criterion, section, path, rubric)
            for criterion, section, path in self.placed
            if path not in without
        )
        self.full_marks = exact(rubric.full_marks)
        self.weights_total = (
            exact(rubric.weights_total)
            if rubric.weights_total is not None and not isinstance(rubric.weights_total, str)
            else self.full_marks
        )
        #: what a point of each criterion is worth in the total (LANGUAGE, Weights)
        self.factors = tuple(self._factor(c) for c in self.criteria)
        #: contributions are counted in units of one over this, so that most are whole
        self.units = lcm(
            *(
                (Fraction(factor) * point).denominator
                for factor, c in zip(self.factors, self.criteria, strict=True)
                for point in _points_of(c)
            )
        )

    @cached_property
    def weights(self) -> tuple[tuple[Criterion, Section | None, Number], ...]:
        """All scored criteria, also those too broken to be made ready, with their weights."""
        return tuple((c, s, _number(c.weight)) for c, s, _ in self.placed if c.scored)

    def weight_place(self, index: int) -> KeyPath:
        """Give the place of the scored criterion of an index."""
        return [path for c, _, path in self.placed if c.scored][index]

    @cached_property
    def weights_hold(self) -> bool:
        """Say whether all weights add up to the whole."""
        return not self.weights or _sum(w for _, _, w in self.weights) == self.weights_total

    @cached_property
    def totals(self) -> Totals:
        """The totals that can occur."""
        return totals_of(self)

    def _factor(self, c: CriterionPlan) -> Number:
        """Give what one point of a criterion adds to the total."""
        if not c.criterion.scored or not c.scale or not self.weights_total:
            return 0
        share = Fraction(self.full_marks) * c.weight / self.weights_total / c.scale
        return canonical(share)

    @cached_property
    def tiers(self) -> Partition:
        """The tiers over the axis of the total."""
        return Partition([Axis()], [[tuple(tier.total)] for tier in self.rubric.tiers])

    def tier_of(self, total: Number) -> Tier | None:
        """Give the tier of a total; None where there are no tiers, or none for it."""
        rows = self.tiers.rows_at([total])
        return self.rubric.tiers[rows[0]] if rows else None

    def section_weight(self, section: Section) -> Number:
        """Give a section's weight: its own, else the sum of its criteria's."""
        if section.weight is not None:
            return _number(section.weight)
        return _sum(_number(c.weight) for c in section.criteria if c.scored)


def _sum(numbers: Iterable[Number]) -> Number:
    """Add numbers up."""
    return canonical(sum((Fraction(number) for number in numbers), Fraction()))


def _criteria(rubric: Rubric) -> list[tuple[Criterion, Section | None, KeyPath]]:
    """Give all criteria in the form's order, each with its section and its place."""
    placed: list[tuple[Criterion, Section | None, KeyPath]] = [
        (criterion, section, ("section", s, "criterion", c))
        for s, section in enumerate(rubric.sections)
        for c, criterion in enumerate(section.criteria)
    ]
    placed += [(c, None, ("criterion", i)) for i, c in enumerate(rubric.criteria)]
    return placed


def _points_of(c: CriterionPlan) -> list[Number]:
    """Give numbers that all points of a criterion are multiples of: its grid, or its points."""
    if c.is_judged:
        return [c.step]
    return [row.points.only for row in c.rows if row.points.only is not None]


def describe_input(fact: Input) -> str:
    """Say in words what may be given for an input."""
    if fact.type == "choice":
        return "one of " + ", ".join(option.code for option in fact.options)
    if fact.type == "flag":
        return "true or false"
    axis = axis_of(fact)
    kind = "a whole number" if axis.step == 1 else "a number"
    where = "" if axis.domain == Range() else f" in {axis.domain}"
    if axis.domain == _ZERO_UP:
        where = ", 0 or more"
    grid = "" if axis.step in (None, 1) else f", in steps of {show(axis.step or 1)}"
    return f"{kind}{where}{grid}"
