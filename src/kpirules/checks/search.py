"""The search for a record that shows a fault, among those where something changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from kpirules import order
from kpirules.criteria import CriterionPlan
from kpirules.findings import Finding
from kpirules.formula.tree import Constant
from kpirules.numbers import LIMIT, Number, canonical, multiple
from kpirules.partition import MISSING, Axis
from kpirules.program import Program
from kpirules.ranges import Range
from kpirules.records import RefusedError
from kpirules.state import INVALID, State


if TYPE_CHECKING:
    from kpirules.formula.tree import Node
    from kpirules.model import Criterion, Section
    from kpirules.plan import Plan
    from kpirules.quantities import QuantityPlan


#: what a record gives, as it is read
Record: TypeAlias = "dict[str, Any]"

#: records that are evaluated for one finding, and for all findings of a rubric
_MOST_OF_ONE = 600
_MOST_OF_ALL = 6_000
#: a part of a record (a stage, a node of its formula, a name) costs so many steps of the effort
PART_STEPS = 40
#: each finding may still look at so many
_FEW = 12
#: so often two records on both sides of a value are brought together
_PAIRS = 12
#: how often a value stays, and how often a name is left out, in a record like another
_KEPT, _LACKING = 0.8, 0.3
#: a name is tried with so many values on the way to what is aimed at
_TRIED = 10
#: a name has at most so many values at which something changes
_MOST_VALUES = 60


@attrs.frozen(kw_only=True)
class Suspicion:
    """A finding that a proof cannot exclude, and where records that show it may lie."""

    finding: Finding
    #: the computed name that has no value there
    name: str
    #: values of names, of the record or computed
    hint: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    #: where the values of a name lie
    aims: tuple[tuple[str, Range], ...] = ()


class Records:
    """The records of a plan: how they are read, and what comes of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.program = Program(plan)
        self.readers = self.program.readers
        #: so many records may still be evaluated
        self.left = _MOST_OF_ALL

    def run(self, stages: Iterable[str], record: Mapping[str, Any], cost: int = 0) -> State | None:
        """Evaluate what a search is about; None where a rule of the ruleset rejects the record."""
        if not self.plan.scope.effort.spend(cost):
            return None
        run = State(self.program, record).through(stages)
        return None if run.own_problems() else run

    def read(self, name: str, value: object) -> Any:  # noqa: ANN401 - any value of a record
        """Return a value as it is read, MISSING where it is not allowed."""
        try:
            return self.readers[name].read(value)
        except RefusedError:
            return MISSING

    @cached_property
    def examples(self) -> list[Record]:
        """The records of the examples, as far as they can be read."""
        found: list[Record] = []
        for example in self.plan.rubric.examples:
            read = {n: self.read(n, v) for n, v in example.ratings if n in self.readers}
            found.append({n: v for n, v in read.items() if v is not MISSING})
        return found


class Search:
    """The search for a record that shows one finding."""

    def __init__(self, of: Records, suspicion: Suspicion) -> None:
        self._of = of
        self._plan = of.plan
        self._program = of.program
        self._suspicion = suspicion
        plan = self._plan
        asked = order.closure((suspicion.name,), plan.scope.graph)
        refusing = [order.refusal(i) for i, gate in enumerate(plan.rubric.gates) if gate.refuse]
        names = [suspicion.name, *(n for n in refusing if n not in plan.lost)]
        self.stages = self._program.up_to(names)
        self.roots = self._program.roots(names)
        made = plan.quantities
        parts = sum(made[name].cost if name in made else 1 for name in self.stages)
        #: what a record costs of the effort
        self._cost = PART_STEPS * (parts + len(self.roots))
        self._asked = asked
        self._random = Random(0)  # noqa: S311 - the same records at each run
        self._left = max(_FEW, min(_MOST_OF_ONE, of.left))
        #: records on both sides of what is aimed at, by the name
        self._below: dict[str, list[Record]] = {}
        self._above: dict[str, list[Record]] = {}

    def shows(self, record: Record, at: Mapping[str, object] | None = None) -> bool:
        """Return whether a record shows the finding, with some values of computed names."""
        run = self._of.run(self.stages, record, self._cost)
        if run is None or any(run.values.get(n) != v for n, v in (at or {}).items()):
            return False
        self._note(run, record)
        wanted = (self._suspicion.name, self._suspicion.finding.code)
        return wanted in {(fault.name, fault.code) for fault in run.faults}

    def values(self, record: Record) -> dict[str, object]:
        """Return the values that the computed names of the witness have for a record."""
        run = State(self._program, record).through(self.stages)
        names = (name for name, _ in self._suspicion.finding.witness)
        computed = {n: run.values.get(n) for n in names if n in self._plan.scope.graph}
        return {n: v for n, v in computed.items() if v is not None and v is not INVALID}

    def _note(self, run: State, record: Record) -> None:
        """Note on which side of what is aimed at a record lies."""
        for name, span in self._suspicion.aims:
            value = run.values.get(name)
            if isinstance(value, (int, Fraction)) and not span.contains(value):
                is_below = span.low is not None and (value, 0) < span.low
                (self._below if is_below else self._above).setdefault(name, []).append(record)

    def found(self) -> Record | None:
        """Return a record that shows the finding, or None."""
        records = self._records()
        while self._left > 0:
            self._left -= 1
            self._of.left -= 1
            record = next(records)
            if self.shows(record):
                return record
        return None

    def _records(self) -> Iterator[Record]:
        """Yield records: those that are suggested, others, and those nearer to what is aimed at."""
        hint = self._hinted()
        yield hint
        yield from self._of.examples
        bases = [hint, *self._of.examples, {}]
        most = self._left // 3
        for turn in range(most):
            yield self._varied(bases[turn % len(bases)], keep=turn % len(bases) * 2 < len(bases))
        for name, _ in self._suspicion.aims:
            yield from self._nearer(name)
        for _ in range(_PAIRS):
            for name, span in self._suspicion.aims:
                yield from self._between(name, span)
        while True:
            yield self._varied({}, keep=False)

    def _hinted(self) -> Record:
        """Return the record that the proof suggests, as far as it speaks of names of a record."""
        record: Record = {}
        plan = self._plan
        for name, value in self._suspicion.hint.items():
            c = plan.scope.rated.get(name)
            head, _, rest = name.partition(".")
            names: Iterable[str] = (name,) if name in self._of.readers else ()
            if head == "points" or (c is None and name not in plan.scope.inputs):
                wanted = rest if head == "points" else name
                names = next((d.rating_names for d in plan.criteria if d.id == wanted), ())
            for each in names:
                read = self._of.read(each, (value,) if name in plan.scope.lists else value)
                if read is not MISSING:
                    record[each] = read
        return record

    def _varied(self, base: Record, *, keep: bool) -> Record:
        """Return a record like another, with other values for some or all names."""
        record: Record = {}
        for name in self.roots:
            if keep and name in base and self._random.random() < _KEPT:
                record[name] = base[name]
            elif not (self._may_lack(name) and self._random.random() < _LACKING):
                pool = self._pool(name)
                if pool:
                    record[name] = self._random.choice(pool)
        return self._weighed(record)

    def _weighed(self, record: Record) -> Record:
        """Return a record whose weights add up, where they are inputs of the record."""
        asked = [w for w in self._weights if not {*self.roots}.isdisjoint(w[0])]
        for names, want in asked:
            there = [n for n in names if n in self.roots]
            last = self._random.choice(there)
            rest = sum((Fraction(record.get(n, 0)) for n in names if n != last), Fraction())
            equal = canonical(want / len(names))
            new = {last: canonical(want - rest)}
            if self._of.read(last, new[last]) is MISSING:
                new = dict.fromkeys(names, equal)
            allowed = all(self._of.read(n, v) is not MISSING for n, v in new.items())
            record |= new if allowed else {}
        return record

    @cached_property
    def _weights(self) -> list[tuple[list[str], Fraction]]:
        """The inputs that are weights and must add up, and to what."""
        found: list[tuple[list[str], Fraction]] = []
        weighing = self._plan.weighing
        if not weighing.is_worked_out:
            return found
        for each in weighing.sums({}):
            sections = () if each.section is not None else self._plan.rubric.sections
            scored = [c for c in (each.section or self._plan.rubric).criteria if c.scored]
            parts: list[Criterion | Section] = [*(sections or scored)]
            texts = [p.weight.strip() for p in parts if isinstance(p.weight, str)]
            names = [text for text in texts if text in self._plan.scope.inputs]
            if names and len(names) == len(texts) and not each.is_shares:
                known = [Fraction(p.weight) for p in parts if isinstance(p.weight, Decimal)]
                found.append((names, Fraction(each.want) - sum(known, Fraction())))
        return found

    # ------------------------------------------------------------ values

    @cached_property
    def _pools(self) -> dict[str, list[Any]]:
        """The values of each name at which something changes."""
        return {}

    def least(self, name: str) -> list[Any]:
        """Return the plainest values of a name."""
        axis = self._plan.scope.axes[name]
        if axis.options is not None or name in self._plan.scope.lists:
            return self._pool(name)[:1]
        plain = [axis.least_in(Range()), 0]
        read = [self._of.read(name, value) for value in plain if value is not None]
        return [value for value in read if value is not MISSING]

    def _pool(self, name: str) -> list[Any]:
        """Return the values of a name at which something changes, and one that is drawn."""
        pool = self._pools.get(name)
        if pool is None:
            pool = self._pools[name] = self._values(name)
        axis = self._plan.scope.axes[name]
        if axis.options is None and name not in self._plan.scope.lists:
            drawn = self._of.read(name, self._drawn(axis))
            if drawn is not MISSING:
                return [*pool, drawn, drawn]
        return pool

    def _values(self, name: str) -> list[Any]:
        """Return the values of a name at which something changes."""
        scope = self._plan.scope
        axis = scope.axes[name]
        values: list[Any] = []
        if axis.options is not None:
            values = list(axis.options)
        else:
            step = axis.step or Fraction(1, 10)
            places = list(self._thresholds(name))[:_MOST_VALUES]
            near = [Fraction(p) + i * step for p in places for i in (0, 1, -1)]
            near += [Fraction(0), Fraction(step), *_ends(axis)]
            if axis.step is not None:
                near = [Fraction(v // axis.step * axis.step) for v in near]
            values = [canonical(Fraction(v)) for v in dict.fromkeys(near)]
        if name in scope.lists:
            values = [(), *((v,) for v in values), *pairwise(values)]
        read = [self._of.read(name, value) for value in values]
        return [value for value in dict.fromkeys(read) if value is not MISSING]

    def _may_lack(self, name: str) -> bool:
        """Return whether a record without a name may have a result."""
        c, fact = self._plan.scope.rated.get(name), self._plan.scope.inputs.get(name)
        if c is not None:
            return c.is_measured or c.criterion.missing != "error"
        return fact is not None and (fact.default is not None or name in self._answered)

    @cached_property
    def _answered(self) -> set[str]:
        """The names without which something still has a value: a band or a policy answers."""
        names: set[str] = set()
        for name, quantity in self._plan.quantities.items():
            if name in self._asked:
                names |= quantity.answered
                # what is measured may be rated directly, without its facts
                is_rated = isinstance(quantity, CriterionPlan)
                names.update(quantity.needs if quantity.skips or is_rated else ())
        return order.closure(names, self._plan.scope.graph)

    def _thresholds(self, name: str) -> Iterator[Number]:
        """Yield the numbers that bands and formulas compare a name with."""
        plan = self._plan
        quantities: list[QuantityPlan] = [q for n, q in plan.quantities.items() if n in self._asked]
        for quantity in (*quantities, *plan.gates):
            if name in quantity.needs:
                yield from _numbers_of(quantity, name)

    def _drawn(self, axis: Axis) -> Number:
        """Draw a number of an axis."""
        low, high = axis.domain.low, axis.domain.high
        first = Fraction(low[0]) if low is not None else None
        last = Fraction(high[0]) if high is not None else None
        wide = Fraction(self._random.choice((10, 100, 1_000, 10**6)))
        if first is None:
            first = (last - wide) if last is not None else -wide
        if last is None:
            last = first + wide
        step = Fraction(axis.step or Fraction(1, self._random.choice((1, 10, 100))))
        count = int((last - first) / step)
        at = first + self._random.randint(0, max(count, 0)) * step
        return canonical(at // step * step if axis.step is not None else at)

    # ------------------------------------------------------------ between two records

    def _nearer(self, name: str) -> Iterator[Record]:
        """Yield records whose value of a name comes ever nearer to what is aimed at."""
        below, above = self._below.get(name), self._above.get(name)
        for some, sign in ((below, 1), (above, -1)):
            if not some:
                continue
            best = max(some, key=lambda record: self._height(record, name, sign))
            for each in self.roots:
                pool = self._pool(each)
                for value in (*pool[:_TRIED], *pool[-_TRIED:]):
                    record = self._weighed({**best, each: value})
                    yield record
                    if self._height(record, name, sign) > self._height(best, name, sign):
                        best = record

    def _height(self, record: Record, name: str, sign: int) -> Fraction:
        """Return how far a record goes with the value of a name; one that is rejected nowhere."""
        run = self._of.run(self.stages, record, self._cost)
        value = None if run is None else run.values.get(name)
        if not isinstance(value, (int, Fraction)):
            return Fraction(-(LIMIT**2))
        return Fraction(value) * sign

    def _between(self, name: str, span: Range) -> Iterator[Record]:
        """Yield records between one below what is aimed at and one above it."""
        below, above = self._below.get(name, ()), self._above.get(name, ())
        if not below or not above:
            return
        low, high = self._random.choice(below), self._random.choice(above)
        names = [n for n in self.roots if low.get(n, MISSING) != high.get(n, MISSING)]
        self._random.shuffle(names)
        at = low
        for n in names:
            next_ = {**at, n: high[n]} if n in high else {k: v for k, v in at.items() if k != n}
            side = self._side(next_, name, span)
            yield next_
            if side > 0 and n in at and n in next_:
                yield from self._halved(at, next_, n, name, span)
            if side >= 0:
                return
            at = next_

    def _halved(
        self, low: Record, high: Record, along: str, name: str, span: Range
    ) -> Iterator[Record]:
        """Yield records between two that differ in one number, by halves."""
        axis = self._plan.scope.axes[along]
        step = Fraction(axis.step or Fraction(1, 1_000))
        a, b = low[along], high[along]
        while isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction)):
            middle = canonical((Fraction(a) + b) / 2 // step * step)
            if middle in (a, b) or not multiple(middle, step):
                return
            record = {**low, along: middle}
            if self._of.read(along, middle) is MISSING:
                return
            yield record
            side = self._side(record, name, span)
            if side == 0:
                return
            a, b = (middle, b) if side < 0 else (a, middle)

    def _side(self, record: Record, name: str, span: Range) -> int:
        """Return on which side of a range the value of a name lies: -1, 0 in it or nowhere, 1."""
        run = self._of.run(self.stages, record, self._cost)
        value = None if run is None else run.values.get(name)
        if not isinstance(value, (int, Fraction)) or span.contains(value):
            return 0
        return -1 if span.low is not None and (value, 0) < span.low else 1


def _ends(axis: Axis) -> list[Fraction]:
    """Return the ends of an axis."""
    cuts = (axis.domain.low, axis.domain.high)
    ends = [Fraction(cut[0]) for cut in cuts if cut is not None]
    if axis.domain.high is None:
        ends.append(Fraction((LIMIT - 1) // 1000))
    return ends


def _numbers_of(quantity: QuantityPlan, name: str) -> Iterator[Number]:
    """Yield the numbers that a quantity compares a name with."""
    for band in quantity.bands:
        for condition in band.when.conditions if band.when is not None else ():
            if (condition.name or quantity.quantity.of) == name:
                for entry in condition.entries:
                    if isinstance(entry, Range):
                        yield from (cut[0] for cut in (entry.low, entry.high) if cut is not None)
    for row in quantity.rows:
        if row.formula is not None and name in row.formula.names:
            yield from _constants(row.formula.tree)
            span = quantity.limit
            yield from (cut[0] for cut in (span.low, span.high) if cut is not None)


def _constants(tree: Node) -> Iterator[Number]:
    """Yield the numbers of a formula."""
    if isinstance(tree, Constant):
        yield tree.number
    for part in tree.parts():
        yield from _constants(part)
