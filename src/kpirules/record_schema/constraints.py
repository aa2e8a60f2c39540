"""What a record must hold, as JSON Schema: required values, and values that must agree.

Every demand is a schema over the whole record; true and false are schemas as well. If JSON Schema
cannot express a condition of the evaluation, the demand is left out and named in ``x-unsaid``. So
each record that the evaluation takes is valid, but for what :func:`~kpirules.ratings_schema` names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_never

from kpirules.arithmetic.number import exact
from kpirules.arithmetic.range import Range
from kpirules.compiler.quantities import MISSING_ENTRY
from kpirules.compiler.stages import (
    AdjustmentStage,
    ContributionStage,
    CriterionStage,
    DemotionStage,
    DerivedStage,
    GatesStage,
    OutcomeStage,
    RawTotalStage,
    RefusalStage,
    SettledStage,
    SubtotalStage,
    TotalStage,
    WeightStage,
    in_form_order,
)
from kpirules.model import names
from kpirules.model.dependencies import conditions
from kpirules.model.names import (
    Adjustment,
    Contribution,
    CriterionWeight,
    Derived,
    Gates,
    Outcome,
    Points,
    RawTotal,
    Refusal,
    SectionWeight,
    Subtotal,
    Tier,
    Total,
    TotalBeforeGates,
)
from kpirules.record_schema.json_logic import (
    Demand,
    all_of,
    any_of,
    blanks,
    implies,
    negated,
    number_schema,
    pattern_of,
)


if TYPE_CHECKING:
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.compiler.stages import Stage
    from kpirules.compiler.symbols import Scope
    from kpirules.model.rubric import When


class _NotMadeError(Exception):
    """A demand consists of another one, which must be made first."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Demands:
    """What the records of a plan must hold."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scope: Scope = plan.scope
        self.defs: dict[str, Any] = {
            "given": {"not": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": blanks()}]}}
        }
        #: why a valid record may still be rejected
        self.unsaid: dict[str, None] = {}
        #: the demands that a quantity has a value, by name, and the names of those being made
        self._made: dict[str, Demand] = {}
        self._making: list[str] = []
        self._criteria = {c.id: c for c in plan.criteria}
        self._weighed = plan.weighing.has_computed_weights

    def all(self) -> Demand:
        """Return all that a record must hold."""
        stages = [*in_form_order(self.plan)]

        first, second = (CriterionStage, WeightStage), (AdjustmentStage, RefusalStage)
        every = [each for s in stages if isinstance(s, first) for each in self._of(s)]
        self._formulas()
        every += [each for s in stages if isinstance(s, second) for each in self._of(s)]
        rest = (s for s in stages if not isinstance(s, (*first, *second)))
        later = [each for s in rest for each in self._of(s)]
        if self._may_be_unratable() and all_of(later) is not True:
            self.unsaid["what follows the total is asked for where the record can be rated"] = None
        else:
            every += later
        return all_of(every)

    def _of(self, stage: Stage) -> Iterator[Demand]:
        """Yield what a stage needs in every record."""
        match stage:
            case CriterionStage(criterion=c):
                yield self._criterion(c)
            case WeightStage(name=name):
                yield self.has(str(name))
                self.unsaid["weights that are worked out for each record must add up"] = None
            case RefusalStage():
                yield self._refusal(stage)
            case TotalStage(name=name):
                yield self.has(str(name))
            case GatesStage(gates=gates):
                asking = [q for _, gate, q in gates if gate.missing != "skip"]
                yield from (all_of(self._asked(quantity)) for quantity in asking)
            case AdjustmentStage(name=name) | OutcomeStage(name=name):
                yield stage.skips or self.has(str(name))
            case DemotionStage():
                self.unsaid["what demoting quotas did must fit the tier"] = None
            case (
                DerivedStage()
                | ContributionStage()
                | SubtotalStage()
                | RawTotalStage()
                | SettledStage()
            ):
                # needed only by what asks for them
                pass
            case _ as never:
                assert_never(never)

    def _asked(self, quantity: CompiledQuantity) -> list[Demand]:
        """Demand each name that the conditions of a quantity ask for."""
        return [self.present(n) for n in quantity.facts if n not in quantity.answered]

    def _may_be_unratable(self) -> bool:
        """Return whether a record may be unratable."""
        rubric = self.plan.rubric
        excluded = any(c.criterion.missing == "exclude" for c in self.plan.criteria if c.is_scored)
        least = rubric.total is not None and rubric.total.minimum_scored is not None
        return excluded or least or self._weighed or any(g.unratable for g in rubric.gates)

    def _formulas(self) -> None:
        """Add to ``unsaid`` what formulas may reject: values outside of a range, empty lists."""
        for name, quantity in self.plan.quantities.items():
            formulas = [row.formula for row in quantity.rows if row.formula is not None]
            lists = any(self.scope.lists.intersection(f.names) for f in formulas)
            proved = isinstance(names.parse(name), CriterionWeight | SectionWeight)
            if formulas and quantity.quantity.range is not None and not proved:
                self.unsaid[f"{name} must lie in {quantity.quantity.range}"] = None
            if lists:
                self.unsaid[f"{name} is worked out from lists, and not every list gives one"] = None

    # ------------------------------------------------------------ what is there

    def given(self, name: str) -> Demand:
        """Demand that the record gives a value."""
        return any_of(self.spellings(name))

    def spellings(self, name: str) -> Iterator[Demand]:
        """Yield the demand that the record gives a value, for each way to write its name."""
        there = {"$ref": "#/$defs/given"}
        yield {"required": [name], "properties": {name: there}}
        first, dot, rest = name.partition(".")
        if dot:
            # the rating of one of several raters, or the flag of a quota
            inner = {"type": "object", "required": [rest], "properties": {rest: there}}
            yield {"required": [first], "properties": {first: inner}}

    def known(self, name: str) -> Demand:
        """Demand that a name has a value."""
        fact = self.scope.inputs.get(name)
        if fact is not None:
            return fact.assumed is not None or self.given(name)
        if name in self.plan.rated:
            return self.given(name)
        match names.parse(name):
            case Points(id) | Contribution(id):
                c = self._criteria[id]
                if c.is_weightless:
                    return False
                asked = c.is_scored and c.criterion.missing != "exclude"
                return asked or self.scorable(c)
            case Subtotal(id):
                section = next(s for s in self.plan.rubric.sections if s.id == id)
                scored = [str(Points(c.id)) for c in section.criteria if c.scored]
                return not scored or any_of(map(self.known, scored))
            case Derived() | Outcome():
                return self.has(name)
            case (
                Adjustment()
                | RawTotal()
                | TotalBeforeGates()
                | Total()
                | Tier()
                | CriterionWeight()
                | SectionWeight()
                | Refusal()
                | Gates()
            ):
                # known in each record, or nothing can ask for it
                return True
            case _ as never:
                assert_never(never)

    def present(self, name: str) -> Demand:
        """Demand that a condition can be asked about a name: it is known, or was left out."""
        c = self.plan.rated.get(name)
        if c is not None:
            excluded = c.criterion.missing == "exclude" and not c.is_measured
            return c.is_weightless or excluded or self.given(name)
        kind = names.parse(name)
        return (
            isinstance(kind, Subtotal | Outcome)
            or (isinstance(kind, Points | Contribution) and self._criteria[kind.id].is_scored)
            or self.known(name)
        )

    def has(self, name: str) -> Demand:
        """Demand that a quantity has a value, without a rating."""
        if name not in self._made:
            if self._making:
                raise _NotMadeError(name)
            self._make(name)
        made = self._made[name]
        return made if isinstance(made, bool) else {"$ref": f"#/$defs/has%20{name}"}

    def _make(self, name: str) -> None:
        """Make the demand that a quantity has a value, after those that it consists of.

        The rubric is sound, so there is no circular dependency; a chain of dependencies may be
        longer than Python's stack.
        """
        self._making.append(name)
        while self._making:
            last = self._making[-1]
            try:
                made = self._has(self.plan.quantities[last], last)
            except _NotMadeError as error:
                self._making.append(error.name)
                continue
            self._making.pop()
            self._made[last] = made
            if not isinstance(made, bool):
                self.defs[f"has {last}"] = made

    def _has(self, quantity: CompiledQuantity, name: str) -> Demand:
        """Demand what a quantity needs: all that its conditions ask, and the formula that holds."""
        asked = self._asked(quantity)
        rows: list[Demand] = []
        for row in quantity.rows:
            tree = None if row.formula is None else row.formula.tree
            award = row.is_award and isinstance(names.parse(name), Points)
            rows.append(not award if tree is None else tree.has_value(self.known, all_of, any_of))
        if all(row == rows[0] for row in rows):
            return all_of([*asked, *rows[:1]])
        held = [self._holds(quantity, i, strict=False) for i in range(len(rows))]
        if None in held:
            self.unsaid[f"{name} needs what the band that holds asks for"] = None
            return all_of([*asked, any_of(rows)])
        return all_of([*asked, *(implies(h or False, r) for h, r in zip(held, rows, strict=True))])

    def rated(self, c: CompiledCriterion) -> Demand:
        """Demand that a criterion is rated, as far as it must be."""
        each = [self.given(name) for name in c.rating_names]
        return all_of(each) if c.criterion.missing == "error" else any_of(each)

    def scorable(self, c: CompiledCriterion) -> Demand:
        """Demand that a criterion has points of its own: facts, or a rating."""
        facts = self.has(str(Points(c.id))) if c.is_measured else False
        return any_of([facts, self.rated(c)])

    # ------------------------------------------------------------ what must agree

    def _criterion(self, c: CompiledCriterion) -> Demand:
        """Return what a record must hold for a criterion."""
        if c.is_remark or c.is_weightless:
            return True
        if self._weighed and c.is_scored:
            self.unsaid["what is asked for depends on the weights of the record"] = None
            return True
        demands: list[Demand] = []
        if c.is_scored and c.criterion.missing == "error":
            demands.append(self.scorable(c))
        if c.raters and c.criterion.missing == "error" and demands != [self.rated(c)]:
            some = any_of(self.given(name) for name in c.rating_names)
            demands.append(implies(some, self.rated(c)))
        demands += [negated(self.twice(name)) for name in c.raters]
        return all_of([*demands, self._agreement(c)])

    def twice(self, name: str) -> Demand:
        """Demand that a rating is given with dots and nested; a schema cannot compare the two."""
        return all_of(self.spellings(name))

    def _agreement(self, c: CompiledCriterion) -> Demand:
        """Demand that facts and ratings agree, where both are given."""
        if not c.is_measured:
            return True
        held = [self._holds(c, i, strict=True) for i in range(len(c.rows))]
        plain = None not in held and all(row.formula is None for row in c.rows)
        if not plain or (c.raters and not all(row.is_award for row in c.rows)):
            self.unsaid[f"{c.id}: facts and rating, where both are given, must agree"] = None
            return True
        facts = [self.given(name) for name in c.facts]
        demands: list[Demand] = []
        for row, holds in zip(c.rows, held, strict=True):
            span = row.points if row.is_award else c.given_by(row)
            within = self.within(c, number_schema(span, None))
            demands.append(implies(all_of([*facts, holds or False]), within))
        return all_of(demands)

    def within(self, c: CompiledCriterion, limits: dict[str, Any]) -> Demand:
        """Demand limits of all ratings of a criterion, for each way to write their names."""
        flat: dict[str, Any] = dict.fromkeys(c.rating_names, limits)
        nested = {name.removeprefix(f"{c.id}."): limits for name in flat}
        properties = flat if not c.raters else {**flat, c.id: {"properties": nested}}
        return {"properties": properties}

    def _refusal(self, stage: RefusalStage) -> Demand:
        """Demand that a gate does not reject the record."""
        skips = stage.gate.missing == "skip"
        there = all_of(self._asked(stage.quantity))
        holds = self._when(stage.gate.when, None, strict=False)
        if holds is None:
            self.unsaid[f"{stage.name} may refuse the record"] = None
            return skips or there
        refused = negated(all_of([there, holds]))
        return refused if skips else all_of([there, refused])

    def _holds(self, quantity: CompiledQuantity, index: int, *, strict: bool) -> Demand | None:
        """Demand that a row holds; None if JSON Schema cannot express that."""
        if not quantity.bands:
            return True
        of = quantity.quantity.of
        if index != quantity.otherwise:
            return self._when(quantity.bands[index].when, of, strict=strict)
        others = [
            self._when(band.when, of, strict=strict)
            for i, band in enumerate(quantity.bands)
            if i != index
        ]
        said = [each for each in others if each is not None]
        return negated(any_of(said)) if len(said) == len(others) else None

    def _when(self, when: When | None, of: str | None, *, strict: bool) -> Demand | None:
        """Demand that all conditions hold; None where they are not about plain inputs alone."""
        every: list[Demand] = []
        for name, entries in conditions(when, of).items():
            fact = self.scope.inputs.get(name)
            if fact is None or fact.many:
                return None
            there, default = self.given(name), None if strict else fact.assumed
            takes = all_of(
                [there, any_of(self.match(name, e) for e in entries if e != MISSING_ENTRY)]
            )
            if MISSING_ENTRY in entries and default is None and not strict:
                takes = any_of([takes, negated(there)])
            if default is not None and _takes(entries, default):
                takes = any_of([takes, negated(there)])
            every.append(takes)
        return all_of(every)

    def match(self, name: str, entry: object) -> Demand:
        """Demand that the value of an input is one that an entry takes."""
        if isinstance(entry, bool):
            # the long s folds to an s, and is taken for one
            word = "[tT][rR][uU][eE]" if entry else "[fF][aA][lL][sS\u017f][eE]"
            values: dict[str, Any] = {
                "anyOf": [{"const": entry}, {"type": "string", "pattern": rf"^\s*{word}\s*$"}]
            }
        elif isinstance(entry, Range):
            values = {"type": "number", **number_schema(entry, None)}
        else:
            values = {"type": "string", "pattern": rf"^\s*{pattern_of(str(entry))}\s*$"}
        return {"properties": {name: values}}


def _takes(entries: Sequence[object], value: Decimal | str | bool) -> bool:  # noqa: FBT001 - a flag is a value
    """Return whether some entry takes a default."""
    if isinstance(value, (bool, str)):
        return any(e == value for e in entries if type(e) is type(value))
    return any(isinstance(e, Range) and e.contains(exact(value)) for e in entries)
