"""Records that complete a draft, evaluated: they show which ends of a range are reached.

The bounds of :mod:`kpirules.compiler.endings` enclose all records that complete a draft. A bound is
exact where one of these records reaches it. The search is bounded, and the same at each run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property, partial
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

from kpirules.arithmetic.decision_table import MISSING
from kpirules.checks.pools import Pools
from kpirules.compiler.stages import (
    AdjustmentStage,
    DemotionStage,
    GatesStage,
    OutcomeStage,
    RefusalStage,
    TotalStage,
    WeightStage,
)
from kpirules.errors import InputError
from kpirules.evaluation.record import RefusedError


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.endings import Endings
    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.program import Program
    from kpirules.evaluation.result import Result


#: a record, read
Record: TypeAlias = "dict[str, Any]"
#: how good a record is for an aim; a rejected one is worse than any other
_Height: TypeAlias = "tuple[int, Fraction, Fraction]"

#: the most records that are evaluated for one draft, and the most stages of all of them
MAX_RECORDS, MAX_STAGES = 1_500, 60_000
#: the most values of a name that are tried
_MAX_VALUES = 24
#: the number of random records, and how often they have a name, and a rating in place of facts
_MAX_RANDOM, _GIVEN, _RATED = 400, 0.9, 0.5
#: the most totals that are aimed at
_MAX_AIMS = 40
#: the stages that need facts beside criteria
_BESIDE = (
    AdjustmentStage,
    DemotionStage,
    GatesStage,
    OutcomeStage,
    RefusalStage,
    TotalStage,
    WeightStage,
)


class Reached:
    """What the records that were evaluated have reached."""

    def __init__(self) -> None:
        self.totals: list[Fraction] = []
        self.pays: list[Fraction] = []
        self.tiers: set[str] = set()

    def add(self, result: Result) -> None:
        """Note a result."""
        if result.total is not None:
            self.totals = _ends(self.totals, result.total.number)
        if result.pay is not None:
            self.pays = _ends(self.pays, result.pay.number)
        if result.tier is not None:
            self.tiers.add(result.tier.id)

    def reaches(self, endings: Endings) -> bool:
        """Check whether all bounds are reached."""
        return (
            _reach(self.totals, endings.total)
            and _reach(self.pays, endings.pay)
            and self.tiers >= endings.tiers
        )


def _ends(ends: list[Fraction], value: Number) -> list[Fraction]:
    """Return the least and the greatest of some numbers and one more."""
    every = [*ends, Fraction(value)]
    return [min(every), max(every)]


def _reach(ends: list[Fraction], bounds: tuple[Number | None, Number | None] | None) -> bool:
    """Check whether two bounds are reached."""
    return not ends if bounds is None else ends == [*bounds]


class Completions:
    """The search for records that complete a draft and reach its bounds."""

    def __init__(
        self, program: Program, plan: Plan, given: Mapping[str, Any], endings: Endings
    ) -> None:
        """Prepare the search; ``plan`` is the residual plan of what is given."""
        self._program = program
        self._plan = program.plan
        self._residual = plan
        self._given = dict(given)
        self._endings = endings
        self._context = program.evaluator.context
        self._readers = self._context.readers
        asked = {*self._plan.scope.graph}
        self._random = random = Random(0)  # noqa: S311 - the same records at each run
        self._pools = Pools(self._plan, asked, self._read, random)
        #: the criteria that the draft leaves open
        self._open: list[CompiledCriterion] = [
            c
            for c in plan.criteria
            if not (c.is_remark or c.is_weightless) and not self._is_given(c)
        ]
        self._left = min(MAX_RECORDS, MAX_STAGES // (1 + len(self._context.order)))
        self._seen: dict[frozenset[tuple[str, Any]], Result | int] = {}
        self.reached: Reached = Reached()

    def _is_given(self, c: CompiledCriterion) -> bool:
        """Check whether the draft gives all ratings of a criterion."""
        return all(name in self._given for name in c.rating_names)

    def _read(self, name: str, value: object) -> Any:  # noqa: ANN401 - any value of a record
        try:
            return self._readers[name].read(value)
        except RefusedError:
            return MISSING

    def run(self) -> Reached:
        """Evaluate records until all bounds are reached, or the limit is."""
        for record in self._records():
            self._result(record)
            if self._left <= 0 or self.reached.reaches(self._endings):
                break
        return self.reached

    def _records(self) -> Iterator[Record]:
        """Yield records that may reach a bound: simple ones, ever better ones, any."""
        bases = [self._given, *self._bases()]
        yield from bases
        for aim in self._endings.aims[:_MAX_AIMS]:
            yield from self._adding_up(aim)
        ends: list[Record] = []
        (low, high), (least, most) = (
            span or (None, None) for span in (self._endings.total, self._endings.pay)
        )
        aims = (("total", -1, low), ("total", 1, high), ("pay", -1, least), ("pay", 1, most))
        for name, sign, end in aims:
            if end is not None:
                best = max(bases, key=partial(self._height, name=name, sign=sign))
                for better in self._climbed(best, name, sign, end):
                    yield better
                    best = better
                ends.append(best)
        for one, other in pairwise(ends):
            yield from self._between(one, other)
        for _ in range(_MAX_RANDOM):
            yield self._any()

    # ------------------------------------------------------------ simple records

    def _bases(self) -> Iterator[Record]:
        """Yield records with the lowest ratings, and with the highest."""
        for pick in (0, 1):
            ends = {
                name: (c.rating_axis.domain.low, c.rating_axis.domain.high)[pick]
                for c in self._open
                for name in c.rating_names
            }
            yield from self._with_facts({n: cut[0] for n, cut in ends.items() if cut is not None})

    def _adding_up(self, total: Number) -> Iterator[Record]:
        """Yield records whose points add up to a total before gates, if such points are known."""
        points = dict(self._residual.totals.record(total))
        if points:
            some = ((c, points[c.id]) for c in self._open if c.id in points)
            yield from self._with_facts({n: value for c, value in some for n in c.rating_names})

    def _with_facts(self, ratings: Mapping[str, Number]) -> Iterator[Record]:
        """Yield records with ratings, as far as they are allowed, and the ends of facts."""
        read = {name: self._read(name, value) for name, value in ratings.items()}
        allowed = {name: value for name, value in read.items() if value is not MISSING}
        for side in (0, -1):
            facts = {name: pool[side] for name, pool in self._facts.items() if pool}
            yield {**facts, **allowed, **self._given}

    @cached_property
    def _facts(self) -> dict[str, list[Any]]:
        """The values of the inputs that are not given and that not only criteria need."""
        context = self._context
        criteria = tuple(c.points_name for c in self._plan.criteria)
        asked = context.roots(
            (str(stage.name) for stage in context.stages if isinstance(stage, _BESIDE)), criteria
        )
        inputs = self._plan.scope.inputs
        return {n: self._values(n) for n in asked if n in inputs and n not in self._given}

    def _values(self, name: str) -> list[Any]:
        """Return some values of a name, rising if they are numbers, the ends included."""
        pool = [*dict.fromkeys(self._pools.all(name))]
        if all(isinstance(v, (int, Fraction)) and not isinstance(v, bool) for v in pool):
            pool.sort()
        if len(pool) <= _MAX_VALUES:
            return pool
        step = (len(pool) - 1) / (_MAX_VALUES - 1)
        return [pool[round(i * step)] for i in range(_MAX_VALUES)]

    # ------------------------------------------------------------ ever better records

    def _climbed(self, best: Record, name: str, sign: int, end: Number) -> Iterator[Record]:
        """Change one value after the other, as long as a total or pay gets lower, or higher.

        Yields the best record so far.
        """
        height = self._height(best, name, sign)
        while True:
            start = height
            for each in self._names:
                if height[:2] == (1, Fraction(end) * sign):
                    return
                rest = {n: v for n, v in best.items() if n != each}
                for record in (rest, *({**rest, each: v} for v in self._values(each))):
                    agreeing = self._agreeing(record)
                    if self._height(agreeing, name, sign) > height:
                        best, height = agreeing, self._height(agreeing, name, sign)
                    yield best
            if height == start:
                return

    def _between(self, low: Record, high: Record) -> Iterator[Record]:
        """Change one record into another, one name after the other, through the values between."""
        at = low
        for name in self._names:
            for value in self._values(name) if name in high else ():
                yield self._agreeing({**at, name: value})
            at = {
                **{n: v for n, v in at.items() if n != name},
                **{n: high[n] for n in high if n == name},
            }

    def _any(self) -> Record:
        """Return a random record: of each criterion, the rating or its facts."""
        record: Record = {}
        for name in self._names:
            pool = self._values(name)
            if pool and self._random.random() < _GIVEN:
                record[name] = self._random.choice(pool)
        for c in self._measured:
            if self._random.random() < _RATED:
                gone = {*self._plan.scope.roots(c.needs)} - self._facts.keys()
                record = {n: v for n, v in record.items() if n not in gone}
        return {**self._agreeing(record), **self._given}

    @cached_property
    def _names(self) -> list[str]:
        """The names that the draft leaves open."""
        remarks = {c.id for c in self._plan.criteria if c.is_remark}
        return [n for n in self._program.names if n not in self._given and n not in remarks]

    @cached_property
    def _measured(self) -> list[CompiledCriterion]:
        """The criteria whose points follow from facts alone."""
        return [c for c in self._plan.criteria if c.is_measured and not c.is_judged]

    def _agreeing(self, record: Record) -> Record:
        """Return a record without the ratings of criteria whose facts it has."""
        gone: set[str] = set()
        for c in self._measured:
            if all(name in record for name in self._plan.scope.roots(c.needs)):
                gone |= {*c.rating_names}
        return {n: v for n, v in record.items() if n not in gone or n in self._given}

    def _height(self, record: Record, name: str, sign: int) -> _Height:
        """Return how far a record moves a value; a rejected one by its number of problems."""
        result = self._result(record)
        if isinstance(result, int):
            return -1, Fraction(-result), Fraction()
        value = result.total if name == "total" else result.pay
        if value is None:
            return 0, Fraction(), Fraction()
        # where nothing is scored there is no total
        total = 0 if result.total is None else result.total.number
        return 1, Fraction(value.number) * sign, Fraction(total) * sign

    def _result(self, record: Record) -> Result | int:
        """Return the result of a record, or the number of its problems."""
        key = frozenset(record.items())
        known = self._seen.get(key)
        if known is not None:
            return known
        self._left -= 1
        found: Result | int
        try:
            found = self._program.score(record)
        except InputError as error:
            found = len(error.problems)
        else:
            self.reached.add(found)
        self._seen[key] = found
        return found
