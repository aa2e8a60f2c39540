"""Search for a record that shows a fault, among records with boundary values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import LIMIT, canonical, multiple
from kpirules.arithmetic.range import Range
from kpirules.checks.pools import Pools
from kpirules.diagnostics.finding import Finding
from kpirules.evaluation.evaluator import Evaluator
from kpirules.evaluation.history import of_example
from kpirules.evaluation.record import RefusedError
from kpirules.evaluation.state import INVALID
from kpirules.model import dependencies
from kpirules.model.names import Points, Refusal, Tier, parse


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.record import Reader
    from kpirules.evaluation.state import State
    from kpirules.model.rubric import Criterion, Section


#: the inputs of a record, parsed
Record: TypeAlias = "dict[str, Any]"

#: the most records that are evaluated for one finding, and for all findings of a rubric
_MAX_OF_ONE = 600
_MAX_OF_ALL = 6_000
#: the cost of a part of a record (a stage, a node of its formula, a name) in proof budget
PART_STEPS = 40
#: the least number of records for each finding
_FEW = 12
#: after a record that shows a finding with other values than its witness, so many follow
_MORE = 100
#: how often two records on both sides of a value are combined
_PAIRS = 12
#: how often a value is kept, and how often a name is omitted, in a variation of a record
_KEPT, _OMITTED = 0.8, 0.3
#: how often facts and ratings of a criterion are both provided, and how often ratings alone
_BOTH, _RATED = 0.1, 0.4
#: a name is tried with twice so many values on the way to an aim, and all names so often
_TRIED, _ROUNDS = 6, 2


#: the key of a message about a fault that a proof does not exclude, and that no point shows yet
NOT_EXCLUDED = "finding-part.not-excluded"


@attrs.frozen(kw_only=True)
class Suspicion:
    """A finding that a proof cannot exclude, with hints for records that may show it."""

    finding: Finding
    #: the computed name that has no value there
    name: str
    #: suggested values of names, inputs or computed
    hint: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    #: the ranges in which the values of names may lie
    aims: tuple[tuple[str, Range], ...] = ()


class Records:
    """Parses and evaluates the records of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.evaluator: Evaluator = Evaluator(plan)
        context = self.evaluator.context
        #: all names that a record may have
        self.names: tuple[str, ...] = context.names
        self.readers: dict[str, Reader] = context.readers
        self._weighed = context.up_to(name for name, _ in dependencies.weighed(plan.rubric))
        #: so many records may still be evaluated
        self.left = _MAX_OF_ALL

    def run(self, stages: Iterable[str], record: Mapping[str, Any], cost: int = 0) -> State | None:
        """Evaluate some stages; return None if a rule of the ruleset rejects the record."""
        if not self.plan.scope.budget.spend(cost):
            return None
        run = self.evaluator.run(record, stages)
        return None if run.own_problems() or not self._weights_hold(record) else run

    def _weights_hold(self, record: Mapping[str, Any]) -> bool:
        """Check whether weights that are computed for a record add up, or are not all known."""
        if not self._weighed:
            return True
        run = self.evaluator.run(record, self._weighed)
        return bool(run.problems) or not self.plan.weighing.faults(run.weights)

    def read(self, name: str, value: object) -> Any:  # noqa: ANN401 - any value of a record
        """Return a parsed value, MISSING if it is not allowed."""
        try:
            return self.readers[name].read(value)
        except RefusedError:
            return MISSING

    @cached_property
    def examples(self) -> list[Record]:
        """The records of the examples, as far as they can be parsed."""
        rubric, readers = self.plan.rubric, self.readers
        records = [of_example(rubric, e)[0] for e in rubric.examples]
        every = ({n: self.read(n, v) for n, v in r.items() if n in readers} for r in records)
        return [{n: v for n, v in read.items() if v is not MISSING} for read in every]


class Search:
    """The search for a record that shows one finding."""

    def __init__(self, of: Records, suspicion: Suspicion) -> None:
        self._of = of
        self._plan = of.plan
        self._evaluator = of.evaluator
        context = of.evaluator.context
        self._suspicion = suspicion
        plan = self._plan
        asked = dependencies.closure((suspicion.name,), plan.scope.graph)
        rejecting = [str(Refusal(i)) for i, gate in enumerate(plan.rubric.gates) if gate.refuse]
        # so does the flag of a quota, of a record that is not in its tiers
        rejecting += [Tier.head] * any(fall.name in asked for fall in plan.falls)
        names = [suspicion.name, *(n for n in rejecting if n not in plan.lost)]
        # and a derived fact outside of its range
        ranged = [d.name for d in plan.rubric.derived if d.range and d.name not in plan.lost]
        self.stages: tuple[str, ...] = context.up_to([*names, *ranged])
        self.roots: tuple[str, ...] = context.roots(names)
        made = plan.quantities
        parts = sum(made[name].cost if name in made else 1 for name in self.stages)
        #: the cost of a record in proof budget
        self._cost = PART_STEPS * (parts + len(self.roots))
        self._asked = asked
        self._random = Random(0)  # noqa: S311 - the same records at each run
        self.pools: Pools = Pools(plan, asked, of.read, self._random)
        self._left = max(_FEW, min(_MAX_OF_ONE, of.left))
        #: records on both sides of an aim, by the name
        self._below: dict[str, list[Record]] = {}
        self._above: dict[str, list[Record]] = {}

    def shows(self, record: Record, at: Mapping[str, object] | None = None) -> bool:
        """Check whether a record shows the finding, with these values of the witness if given."""
        run = self._of.run(self.stages, record, self._cost)
        if run is None or (at is not None and self._witness_of(run) != at):
            return False
        self._note(run, record)
        wanted = (self._suspicion.name, self._suspicion.finding.code)
        return wanted in {(fault.name, fault.code) for fault in run.faults} and self._is_its(run)

    def _is_its(self, run: State) -> bool:
        """Check whether a fault of a total is the one of the finding.

        An overlap must be that of the same two tiers, and a gate must set the total.
        """
        is_of_gate = self._suspicion.name == dependencies.GATES
        if self._suspicion.finding.code != "tier-overlap" and not is_of_gate:
            return True
        values = ((_value(run, name), span) for name, span in self._suspicion.aims)
        return all(isinstance(v, (int, Fraction)) and span.contains(v) for v, span in values)

    def values(self, record: Record) -> dict[str, object]:
        """Return the values of the witness's names for a record."""
        return self._witness_of(self._evaluator.run(record, self.stages))

    def _witness_of(self, run: State) -> dict[str, object]:
        """Return the values of the witness's names; of a total out of range, that total."""
        names = (name for name, _ in self._suspicion.finding.witness)
        return {name: _value(run, name) for name in names}

    def stated(self, record: Record) -> dict[str, object]:
        """Return what the message of the finding states of a record, by its names in messages.

        The total, and the value outside of its range.
        """
        run = self._evaluator.run(record, self.stages)
        wanted = (self._suspicion.name, self._suspicion.finding.code)
        outside = (f.error.value for f in run.faults if (f.name, f.code) == wanted)
        stated = {"total": _value(run, "total"), "value": next(outside, None)}
        return {name: v for name, v in stated.items() if isinstance(v, (int, Fraction))}

    def _note(self, run: State, record: Record) -> None:
        """Remember on which side of each aim a record lies."""
        for name, span in self._suspicion.aims:
            value = run.values.get(name)
            if isinstance(value, (int, Fraction)) and not span.contains(value):
                is_below = span.low is not None and (value, 0) < span.low
                (self._below if is_below else self._above).setdefault(name, []).append(record)

    def found(self) -> Record | None:
        """Return a record that shows the finding, preferably with its witness; or None."""
        records, other = self._records(), None
        witness = dict(self._suspicion.finding.witness)
        while self._left > 0:
            self._left -= 1
            self._of.left -= 1
            record = next(records)
            if self.shows(record):
                if self.values(record) == witness:
                    return record
                if other is None:
                    other, self._left = record, min(self._left, _MORE)
        return other

    def _records(self) -> Iterator[Record]:
        """Yield records: suggested ones, variations, and those closer to the aims."""
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
        """Return the record that the proof suggests, as far as its names are inputs."""
        record, plan = dict[str, Any](), self._plan
        for name, value in self._suspicion.hint.items():
            c = plan.rated.get(name)
            names: Iterable[str] = (name,) if name in self._of.readers else ()
            computed = parse(name)
            if isinstance(computed, Points) or (c is None and name not in plan.scope.inputs):
                wanted = computed.id if isinstance(computed, Points) else name
                names = next((d.rating_names for d in plan.criteria if d.id == wanted), ())
            for each in names:
                is_item = name in plan.scope.lists and value.__class__ is not tuple
                read = self._of.read(each, (value,) if is_item else value)
                record |= {} if read is MISSING else {each: read}
        return record

    def _varied(self, base: Record, *, keep: bool) -> Record:
        """Return a variation of a record, with other values for some or all names."""
        record: Record = {}
        omitted = self._omitted()
        for name in self.roots:
            if name in omitted:
                continue
            if keep and name in base and self._random.random() < _KEPT:
                record[name] = base[name]
            elif not (self._may_be_missing(name) and self._random.random() < _OMITTED):
                pool = self.pools.all(name)
                if pool:
                    record[name] = self._random.choice(pool)
        return self._weighed(record)

    def _omitted(self) -> set[str]:
        """Choose names to omit: of each measured criterion the ratings, or else its facts.

        If both are provided they must agree, which random values seldom do.
        """
        if self._random.random() < _BOTH:
            return set()
        by_facts: set[str] = set()
        omitted: set[str] = set()
        for ratings, facts in self._measured:
            if self._random.random() < _RATED:
                omitted |= facts
            else:
                by_facts |= facts
                omitted |= ratings
        return omitted - by_facts

    @cached_property
    def _measured(self) -> list[tuple[set[str], set[str]]]:
        """The input names of the ratings of each measured criterion, and of its facts."""
        scope = self._plan.scope
        every = [
            c for c in self._plan.criteria if c.is_measured and c.rating_names[0] in self.roots
        ]
        return [({*c.rating_names}, {*scope.roots(c.needs)}) for c in every]

    def _weighed(self, record: Record, but: str = "") -> Record:
        """Adjust the inputs of a record that are weights, so that they add up.

        The weight named ``but`` is not changed.
        """
        asked = [w for w in self._weights if not {*self.roots}.isdisjoint(w[0])]
        for names, want in asked:
            present = [n for n in names if n in self.roots and n != but]
            # beside a weight that is not changed, any other takes the rest; else a random one does
            chosen = present if but else self._random.sample(present, 1)
            for last in chosen:
                rest = sum((Fraction(record.get(n, 0)) for n in names if n != last), Fraction())
                if self._of.read(last, canonical(want - rest)) is not MISSING:
                    record[last] = canonical(want - rest)
                    break
            else:
                equal = dict.fromkeys(names, canonical(want / len(names)))
                allowed = all(self._of.read(n, v) is not MISSING for n, v in equal.items())
                record |= equal if allowed and not but else {}
        return record

    @cached_property
    def _weights(self) -> list[tuple[list[str], Fraction]]:
        """The inputs that are weights and must add up, with the required sum."""
        found: list[tuple[list[str], Fraction]] = []
        weighing = self._plan.weighing
        if not weighing.has_computed_weights:
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

    def _may_be_missing(self, name: str) -> bool:
        """Check whether a record may have a result without a name that the search uses."""
        c, fact = self._plan.rated.get(name), self._plan.scope.inputs.get(name)
        if c is not None:
            return c.criterion.missing != "error"
        return fact is not None and (fact.assumed is not None or name in self._answered)

    @cached_property
    def _answered(self) -> set[str]:
        """The names that may be missing, since a band or a policy covers that case."""
        names: set[str] = set()
        for name, quantity in self._plan.quantities.items():
            if name in self._asked:
                names |= quantity.answered
                names.update(n for r in quantity.rows if r.formula for n in r.formula.optional)
                policy = getattr(quantity.quantity, "missing", "error")
                names.update(quantity.needs if quantity.skips or policy != "error" else ())
        return dependencies.closure(names, self._plan.scope.graph)

    # ------------------------------------------------------------ between two records

    def _nearer(self, name: str) -> Iterator[Record]:
        """Yield records whose value of a name gets ever closer to the aim."""
        below, above = self._below.get(name), self._above.get(name)
        for some, sign in ((below, 1), (above, -1)):
            if not some:
                continue
            best = max(some, key=lambda record: self._height(record, name, sign))
            for each in self.roots * _ROUNDS:
                pool = self.pools.all(each)
                rest = {n: v for n, v in best.items() if n != each}
                others = [
                    {**rest, each: value}
                    for value in dict.fromkeys((*pool[:_TRIED], *pool[-_TRIED:]))
                ]
                others += [rest] if self._may_be_missing(each) else []
                for record in map(self._weighed, others):
                    yield record
                    if self._height(record, name, sign) > self._height(best, name, sign):
                        best = record

    def _height(self, record: Record, name: str, sign: int) -> Fraction:
        """Return how far a record moves the value of a name; a rejected record is the lowest."""
        run = self._of.run(self.stages, record, self._cost)
        value = None if run is None else run.values.get(name)
        if not isinstance(value, (int, Fraction)):
            return Fraction(-(LIMIT**2))
        return Fraction(value) * sign

    def _between(self, name: str, span: Range) -> Iterator[Record]:
        """Yield records between one below the aim and one above it."""
        below, above = self._below.get(name, ()), self._above.get(name, ())
        if not below or not above:
            return
        low, high = self._random.choice(below), self._random.choice(above)
        names = [n for n in self.roots if low.get(n, MISSING) != high.get(n, MISSING)]
        self._random.shuffle(names)
        at = low
        for n in names:
            next_ = {**at, n: high[n]} if n in high else {k: v for k, v in at.items() if k != n}
            next_ = self._weighed(next_, but=n)
            side = self._side(next_, name, span)
            yield next_
            if side > 0 and n in at and n in next_:
                yield from self._bisected(at, next_, n, name, span)
            if side >= 0:
                return
            at = next_

    def exact(self, record: Record) -> Record | None:
        """Change one number of a record so that it shows the finding with its witness; or None."""
        witness = dict(self._suspicion.finding.witness)
        for name, value in witness.items():
            if name in self._plan.scope.graph and isinstance(value, (int, Fraction)):
                for along in record:
                    pool = [v for v in self.pools.all(along) if isinstance(v, (int, Fraction))]
                    low, high = ({**record, along: pick(pool, default=0)} for pick in (min, max))
                    for each in self._bisected(low, high, along, name, Range.exactly(value)):
                        if self.shows(each, witness):
                            return each
        return None

    def lowered(self, record: Record, name: str) -> Record:
        """Lower a number of a record by bisection, so that the record still shows the finding."""
        axis, shown = self._plan.scope.axes[name], record[name]
        if not isinstance(shown, (int, Fraction)) or isinstance(shown, bool):
            return record
        step = Fraction(axis.step or Fraction(1, 1_000))
        for hidden in self.pools.least(name):
            below = Fraction(hidden)
            while below < shown:
                middle = canonical((below + shown) / 2 // step * step)
                if middle in (below, shown):
                    break
                each = {**record, name: middle}
                if self._of.read(name, middle) is not MISSING and self.shows(each):
                    record, shown = each, middle
                else:
                    below = Fraction(middle)
        return record

    def _bisected(
        self, low: Record, high: Record, along: str, name: str, span: Range
    ) -> Iterator[Record]:
        """Yield records between two that differ in one number, by bisection."""
        axis = self._plan.scope.axes[along]
        step = Fraction(axis.step or Fraction(1, 1_000))
        a, b = low[along], high[along]
        while isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction)):
            middle = canonical((Fraction(a) + b) / 2 // step * step)
            if middle in (a, b) or not multiple(middle, step):
                return
            record = self._weighed({**low, along: middle}, but=along)
            if self._of.read(along, middle) is MISSING:
                return
            yield record
            side = self._side(record, name, span)
            if side == 0:
                return
            a, b = (middle, b) if side < 0 else (a, middle)

    def _side(self, record: Record, name: str, span: Range) -> int:
        """Return the side of a range on which a value lies: -1, 0 (inside, or no value) or 1."""
        run = self._of.run(self.stages, record, self._cost)
        value = None if run is None else _value(run, name)
        if not isinstance(value, (int, Fraction)) or span.contains(value):
            return 0
        return -1 if span.low is not None and (value, 0) < span.low else 1


def _value(run: State, name: str) -> object:
    """Return the value of a name; of a total out of range, that total; MISSING without one."""
    value = run.values.get(name)
    if value is not None and value is not INVALID:
        return value
    outside = (f.error.value for f in run.faults if f.name == dependencies.BEFORE)
    return next(outside, MISSING) if name == "total" else MISSING
