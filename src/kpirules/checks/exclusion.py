"""Proofs that no record shows a fault, over parts of all records.

The proofs of :mod:`kpirules.formula.prover` know the values of each name, but not which of them
occur together. Here a part of all records is a choice of possible values of each of its names. All
computed names follow from them, each with the values that it may have in such a record. A part in
which the fault cannot occur, or that the ruleset rejects, is done; another one is divided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.budget import TooLargeError
from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.number import LIMIT
from kpirules.arithmetic.range import Range
from kpirules.checks.bands import with_refusals
from kpirules.checks.possible_values import (
    NOTHING,
    Part,
    Values,
    halves,
    inside,
    is_followable,
    is_sure,
    scaled,
    without,
)
from kpirules.compiler.domains import finished, hull, within
from kpirules.compiler.quantities import MISSING_ENTRY, CompiledQuantity
from kpirules.formula.linear import Enclosure, Linear, enclosed
from kpirules.model import dependencies, names
from kpirules.model.names import (
    Contribution,
    Gates,
    Points,
    RawTotal,
    Refusal,
    Subtotal,
    Tier,
    Total,
)
from kpirules.model.rubric import Adjustment, Derived


if TYPE_CHECKING:
    from kpirules.arithmetic.interval import Bounds
    from kpirules.checks.search import Suspicion
    from kpirules.compiler.plan import Plan
    from kpirules.formula import Formula


#: the most divisions for one fault, and the steps of the budget for each name of a part and each
#: node of their formulas
MAX_DIVISIONS = 100
NAME_STEPS = 1_000
NODE_STEPS = 20
#: the faults that are excluded
EXCLUDED = frozenset(
    {
        *("band-gap", "band-overlap", "division-by-zero", "points-out-of-range"),
        *("tier-gap", "tier-overlap"),
    }
)


class Exclusion:
    """The proof that a fault of a name cannot occur."""

    def __init__(self, plan: Plan, suspicion: Suspicion) -> None:
        self._plan = plan
        self._scope = plan.scope
        self._name = suspicion.name
        self._code = suspicion.finding.code
        self._path = suspicion.finding.path
        rubric = plan.rubric
        self._criteria = {c.points_name: c for c in plan.criteria}
        # what rejects a record: gates, and derived facts with a range
        rules = [str(Refusal(i)) for i, gate in enumerate(rubric.gates) if gate.refuse]
        rules += [d.name for d in rubric.derived if d.range is not None]
        every = self._behind([self._name])
        for rule in rules:
            behind = self._behind([rule])
            # a rule about what depends on the name does not exclude a fault of the name
            if self._name not in behind and plan.lost.isdisjoint(behind):
                every |= behind
        del every[self._name]
        #: the gates that reject a record, with their conditions
        self._gates = [(g, dependencies.conditions(g.when, None)) for g in rubric.gates if g.refuse]
        #: the computed names in order
        self._names: tuple[str, ...] = tuple(n for n in plan.order if n in every)
        self._inputs: tuple[str, ...] = tuple(sorted(every.keys() - plan.scope.graph.keys()))
        followed = [plan.quantities[n] for n in (*self._names, self._name) if n in plan.quantities]
        formulas = (row.formula for q in followed for row in q.rows if row.formula is not None)
        #: the steps of the budget for a part
        self._cost: int = NAME_STEPS * (1 + len(self._names))
        self._cost += NODE_STEPS * sum(formula.size for formula in formulas)

    def _behind(self, left: list[str]) -> dict[str, None]:
        """Return some names and all from which their values follow."""
        every: dict[str, None] = {}
        while left:
            name = left.pop()
            if name not in every:
                every[name] = None
                left += self._needs(name)
        return every

    def _needs(self, name: str) -> Iterable[str]:
        """Return the names from which the values of a name follow."""
        plan = self._plan
        if name not in self._scope.graph:
            return ()
        match names.parse(name):
            case Points() if name == self._name:
                return self._criteria[name].needs
            case Refusal(index):
                return plan.gates[index].needs
            case _ if not self._is_followed(name):
                return ()
            case Contribution(id):
                return (f"points.{id}",)
            case Subtotal(id):
                section = next(s for s in plan.rubric.sections if s.id == id)
                return (f"contribution.{c.id}" for c in section.criteria if c.scored)
            case RawTotal():
                return map(str, dependencies.summands(plan.rubric))
            case Total() | Tier():
                return (dependencies.BEFORE,)
            case Gates():
                return ()
            case _:
                return plan.quantities[name].needs

    def holds(self) -> bool:
        """Check whether the proof succeeds within the budget."""
        made = self._plan.quantities
        followed = (made[n] for n in (*self._names, self._name) if n in made)
        if not self._is_about_facts() or not all(map(is_followable, followed)):
            return False
        try:
            first = self._all()
            if not self._scope.budget.spend(self._cost):
                return False
            parts = [first] if self._may_occur(first) else []
            for turn in range(MAX_DIVISIONS):
                if not parts:
                    return True
                left = self._divided(parts.pop(), turn)
                if left is None:
                    return False
                parts += left
        except TooLargeError:
            pass
        return False

    def _is_about_facts(self) -> bool:
        """Check whether the fault is one of facts and formulas, and not of ratings alone."""
        if self._code not in EXCLUDED or self._name not in self._plan.quantities:
            return False
        criterion = self._criteria.get(self._name)
        if criterion is None or self._code == "division-by-zero":
            return True
        in_formula = self._path[-1:] == ("formula",)
        return in_formula if self._code == "points-out-of-range" else bool(criterion.facts)

    def _divided(self, part: Part, turn: int) -> list[Part] | None:
        """Return the halves of a part in which the fault may occur.

        None if it cannot be divided, or if the budget is spent.
        """
        order = [*part]
        turn %= max(1, len(order))
        found: list[Part] | None = None
        for name in (*order[turn:], *order[:turn]):
            pieces = halves(part[name], is_list=name in self._scope.lists)
            cost, budget = len(pieces) * self._cost, self._scope.budget
            if budget.free < cost or not budget.spend(cost):
                return None
            both = [{**part, name: piece} for piece in pieces]
            left = [half for half in both if self._may_occur(half)]
            if len(left) < len(both):
                # it decides something
                return left
            found = found or both or None
        return found

    def _all(self) -> Part:
        """Return the part of all records."""
        part: Part = {}
        for name in self._inputs:
            part[name] = self._leaf(name)
        for name in self._names:
            if not self._is_followed(name):
                part[name] = self._leaf(name)
        return part

    def _leaf(self, name: str) -> Values:
        """Return all values that a name has at all."""
        scope = self._scope
        axis = attrs.evolve(scope.axes[name], missing=name in scope.may_be_excluded)
        is_sum = axis.options is None and name not in scope.lists
        return Values(
            axis, name not in scope.never_missing, Linear.of_name(name) if is_sum else None
        )

    def _is_followed(self, name: str) -> bool:
        """Check whether the values of a name follow from others; else all that it has are taken."""
        plan = self._plan
        match names.parse(name):
            case Contribution() | Subtotal() | RawTotal():
                return plan.weighing.is_settled and not plan.without
            case Points():
                # a rating may give any
                return False
            case Total():
                return all(gate.refuse for gate in plan.rubric.gates)
            case Tier():
                return all(gate.refuse for gate in plan.rubric.gates) and not plan.falls
            case Refusal() | Gates():
                return True
            case _:
                return name in plan.quantities

    # ------------------------------------------------------------ what follows in a part

    def _may_occur(self, part: Part) -> bool:
        """Check whether the fault may occur in a record of a part that no rule rejects."""
        env: Part = {}
        for name in (*part, *self._names):
            values = part[name] if name not in env and name in part else self._values_of(name, env)
            env[name] = self._allowed(name, values, env)
            if env[name].axis is None and not env[name].absent:
                # no record of the part has a value, or a rule rejects it
                return False
        values, faults = self._taken(self._plan.quantities[self._name], env)
        if self._name == dependencies.BEFORE and values.axis is not None:
            table = self._plan.tiers.over([values.axis])
            faults |= {"tier-gap"} if table.gap() is not None else set()
            faults |= {"tier-overlap"} if next(table.overlaps(), None) is not None else set()
        return self._code in faults

    def _values_of(self, name: str, env: Mapping[str, Values]) -> Values:
        """Return the values of a computed name."""
        plan = self._plan
        match names.parse(name):
            case _ if not self._is_followed(name):
                return env[name]
            case Refusal() | Gates():
                return NOTHING
            case Contribution(id):
                index = next(i for i, c in enumerate(plan.criteria) if c.id == id)
                return scaled(env[f"points.{id}"], plan.raw_totals.factors[index])
            case Subtotal() | RawTotal():
                return self._sum(name, [env[part] for part in self._needs(name)])
            case Total():
                return env[dependencies.BEFORE]
            case Tier():
                return self._tier(env[dependencies.BEFORE])
            case _:
                return self._with_exclusion(name, self._taken(plan.quantities[name], env)[0])

    def _with_exclusion(self, name: str, values: Values) -> Values:
        """Return the values of a name that may also be excluded from a record."""
        if name not in self._scope.may_be_excluded:
            return values
        axis = values.axis or Axis(options=())
        return attrs.evolve(values, axis=attrs.evolve(axis, missing=True))

    def _allowed(self, name: str, values: Values, env: Mapping[str, Values]) -> Values:
        """Return the values without those by which a gate or a range rejects the record."""
        quantity = self._plan.quantities.get(name)
        if quantity is not None and isinstance(quantity.quantity, Derived):
            values = inside(values, quantity.limit)
        for gate, asked in self._gates:
            if name not in asked:
                continue
            is_needed = gate.missing == "error" and name not in self._scope.may_have_no_value
            if is_needed and MISSING_ENTRY not in asked[name]:
                # a record without the value is rejected
                values = attrs.evolve(values, absent=False)
            if all(n in env and is_sure(env[n], asked[n]) for n in asked if n != name):
                values = without(values, asked[name])
        return values

    def _tier(self, total: Values) -> Values:
        """Return the tiers that a total may have."""
        tiers = self._plan.rubric.tiers
        if total.axis is None or not tiers:
            return NOTHING
        gone = self._plan.tiers.over([total.axis]).unreached()
        options = tuple(tier.id for t, tier in enumerate(tiers) if t not in gone)
        return Values(Axis(options=options), absent=True)

    def _sum(self, name: str, parts: list[Values]) -> Values:
        """Return the values of a sum."""
        ends: Bounds = (0, 0)
        linear: Linear | None = Linear(Fraction(), {})
        for part in parts:
            low, high = (0, 0) if part.axis is None else part.ends
            ends = (
                None if low is None or ends[0] is None else ends[0] + low,
                None if high is None or ends[1] is None else ends[1] + high,
            )
            if linear is not None:
                linear = None if part.linear is None else linear.plus(part.linear)
        return self._numbers(self._scope.axes[name], [ends], linear)

    # ------------------------------------------------------------ quantities

    def _taken(self, q: CompiledQuantity, env: Mapping[str, Values]) -> tuple[Values, set[str]]:
        """Return the values of a quantity, and the faults that may occur."""
        rows, absent, faults = self._rows(q, env)
        known = q.axis
        if known.options is not None:
            texts = {q.rows[i].text for i in rows}
            options = tuple(text for text in known.options if text in texts)
            return Values(Axis(options=options) if options else None, absent), faults
        spans: list[Bounds] = []
        linear: Linear | None = None
        for index in rows:
            row = q.rows[index]
            if row.formula is not None:
                found, may_lack = self._formula(q, index, row.formula, env, faults)
                absent = absent or may_lack
                if found is not None:
                    spans.append(found.ends)
                    linear = found.linear if len(rows) == 1 else None
            elif row.points.only is not None:
                value = finished(row.points.only, q.quantity.clamp, q.quantity.round)
                faults |= self._outside(q, (value, value))
                spans.append((value, value))
            else:
                # points to award, which no facts give
                absent = True
        if absent and isinstance(q.quantity, Adjustment) and q.missing_default is not None:
            linear = None if spans else Linear(Fraction(), {})
            spans.append((0, 0))
            absent = False
        return inside(self._numbers(known, spans, linear, absent=absent), q.limit), faults

    def _seen(self, q: CompiledQuantity, name: str, env: Mapping[str, Values]) -> Values:
        """Return the values of a name in the records for which a quantity is evaluated."""
        values = env[name]
        if not q.is_rated:
            return values
        if name == "raw_total":
            values = inside(values, q.axis_for(name).domain)
        if values.axis is not None and name in self._scope.unratable:
            axis = attrs.evolve(values.axis, missing=False)
            values = attrs.evolve(values, axis=None if axis.options == () else axis)
        return values

    def _rows(
        self, q: CompiledQuantity, env: Mapping[str, Values]
    ) -> tuple[list[int], bool, set[str]]:
        """Return the rows that may hold, whether facts may be missing, and the faults of both."""
        if not q.facts:
            return [*range(len(q.rows))], False, set()
        axes: list[Axis] = []
        lacking = False
        for name in q.facts:
            values = self._seen(q, name, env)
            is_answered = name in q.answered
            lacking = lacking or (values.absent and not is_answered)
            axis = values.axis or Axis(options=())
            missing = axis.missing or (values.absent and is_answered)
            axes.append(attrs.evolve(axis, missing=missing))
        # a fact without any value that a table can look up
        if any(not a.missing and a.options == () for a in axes):
            return [], True, set()
        table = with_refusals(q).over(axes)
        count = len(q.rows)
        gone = table.unreached()
        has_gap = table.gap() is not None
        rows = [i for i in range(count) if i not in gone and i != q.otherwise]
        faults: set[str] = set()
        if has_gap and q.otherwise is not None:
            rows.append(q.otherwise)
        elif has_gap:
            faults.add("band-gap")
        if any(second < count for _, second, _ in table.overlaps()):
            faults.add("band-overlap")
        return rows, lacking, faults

    def _formula(
        self,
        q: CompiledQuantity,
        index: int,
        formula: Formula,
        env: Mapping[str, Values],
        faults: set[str],
    ) -> tuple[Enclosure | None, bool]:
        """Return what is known of the formula of a row, and whether a name may lack a value."""
        when = dependencies.conditions(q.bands[index].when, q.quantity.of) if q.bands else {}
        of: dict[str, Enclosure] = {}
        lacking = False
        for name in formula.names:
            values = self._seen(q, name, env)
            lacking = lacking or values.absent or (values.axis is not None and values.axis.missing)
            if values.axis is None or values.axis.options is not None:
                # a number that is missing
                return None, True
            spans = [e for e in when.get(name, ()) if isinstance(e, Range)]
            met = [m for e in spans if (m := e.meet(values.axis.domain)) is not None]
            inside = [within(attrs.evolve(values.axis, domain=m), LIMIT**3) for m in met]
            of[name] = Enclosure(hull(inside) if inside else values.ends, values.linear)
        names_ = {n: env[n].ends for e in of.values() if e.linear for n in e.linear.factors}
        for divisor in formula.tree.divisions():
            low, high = enclosed(divisor.node, of, names_).ends
            is_above, is_below = low is not None and low > 0, high is not None and high < 0
            if not (is_above or (is_below and not divisor.of_step)):
                faults.add("division-by-zero")
        found = enclosed(formula.tree, of, names_)
        clamp, rounding = q.quantity.clamp, q.quantity.round
        low, high = found.ends
        if clamp is not None:
            low = clamp.low[0] if low is None and clamp.low is not None else low
            high = clamp.high[0] if high is None and clamp.high is not None else high
        done = (
            None if low is None else finished(low, clamp, rounding),
            None if high is None else finished(high, clamp, rounding),
        )
        faults |= self._outside(q, done)
        is_plain = clamp is None and rounding is None
        return Enclosure(done, found.linear if is_plain else None), lacking

    @staticmethod
    def _outside(q: CompiledQuantity, ends: Bounds) -> set[str]:
        """Return the fault of values that are outside of the range."""
        code = q.out_of_range_code
        return set() if not code or q.limit.covers_bounds(*ends) else {code}

    @staticmethod
    def _numbers(
        known: Axis, spans: list[Bounds], linear: Linear | None, *, absent: bool = False
    ) -> Values:
        """Return the numbers between some bounds, of those that a name has at all."""
        if not spans:
            return Values(None, absent)
        low, high = hull(spans)
        span = Range(None if low is None else (low, 0), None if high is None else (high, 1))
        met = span.meet(known.domain)
        axis = None if met is None else attrs.evolve(known, domain=met)
        return Values(axis, absent, linear)
