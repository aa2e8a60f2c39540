"""A compiled rubric: its quantities in dependency order, with exact weights.

Checks, evaluation, dataframes and comparisons read everything about a rubric from its plan. A
plan requires valid names and structure; whether the numbers are consistent is what the checks
examine by the plan.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING

from kpirules.arithmetic.decision_table import Axis, DecisionTable
from kpirules.arithmetic.domain import AnyOf, Domain, Part
from kpirules.arithmetic.number import Number, canonical, exact
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.sums import GridTotals
from kpirules.compiler.criteria import CompiledCriterion, number_of
from kpirules.compiler.demotions import Fall, falls_of
from kpirules.compiler.per_item import CompiledList
from kpirules.compiler.quantities import RATED, CompiledQuantity
from kpirules.compiler.rows import Row
from kpirules.compiler.symbols import Scope
from kpirules.compiler.totals import RawTotals
from kpirules.compiler.weighting import Weighting
from kpirules.formula import Formula
from kpirules.formula.nodes import Name, Operation
from kpirules.model import dependencies, names
from kpirules.model.formulas import is_per_item
from kpirules.model.rubric import Band, Condition, Derived, Outcome, Quantity, Total, When
from kpirules.model.tier_order import TierOrder
from kpirules.translations.message import Named


if TYPE_CHECKING:
    from kpirules.arithmetic.sums import Totals
    from kpirules.compiler.symbols import Draft
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Criterion, Quota, Rubric, Section, Tier
    from kpirules.translations.message import Message


#: the range of a weight
_NOT_BELOW_0 = Range((0, 0), None)


class CompiledTotal(CompiledQuantity):
    """The total before gates: the raw total plus all adjustments, or what replaces that sum."""

    def __init__(self, rubric: Rubric, scope: Scope) -> None:
        self.usual: Range = Range.closed(0, exact(rubric.full_marks))
        self._added = ("raw_total", *(f"adjust.{a.id}" for a in rubric.adjustments))
        super().__init__(rubric.total or Total(), ("total",), scope)

    def _make_rows(self) -> tuple[Row, ...]:
        if self.quantity.is_given:
            return super()._make_rows()
        names = [Name(name) for name in self._added]
        tree = Operation("sum", tuple(names)) if len(names) > 1 else names[0]
        return (Row(band=None, points=Range(), formula=Formula(text="", tree=tree)),)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """All names that it may need."""
        return super().needs if self.quantity.is_given else self._added

    @property
    def name(self) -> str:
        """Its name."""
        return "total"


class Plan:
    """A compiled rubric."""

    def __init__(
        self,
        rubric: Rubric,
        without: frozenset[KeyPath] = frozenset(),
        lost: frozenset[str] = frozenset(),
        undecided: frozenset[str] = frozenset(),
        draft: Draft | None = None,
    ) -> None:
        """Compile a rubric with valid names and structure (see :mod:`kpirules.checks.runner`).

        ``without`` holds the places of invalid criteria, ``lost`` the invalid computed names; the
        plan covers the rest alone.

        ``draft``: what is certain of a record of which values are missing.
        """
        self.rubric = rubric
        self.without = without
        self.lost = lost
        self.step: Number = exact(rubric.step)
        #: computed names about which `check` could not decide a question
        self.undecided = undecided
        #: what the names of the rubric mean
        self.scope: Scope = Scope(rubric, None if draft is None else draft.known)
        #: all criteria in the form's order, each with its section and its place
        self.placed: tuple[tuple[Criterion, Section | None, KeyPath], ...] = tuple(
            _criteria(rubric)
        )
        self.criteria: tuple[CompiledCriterion, ...] = tuple(
            CompiledCriterion(
                criterion,
                section,
                path,
                rubric,
                self.scope if draft is None else draft.scope,
                draft=draft,
            )
            for criterion, section, path in self.placed
            if path not in without
        )
        self.full_marks: Number = exact(rubric.full_marks)
        #: the weights of its criteria and sections
        self.weighing: Weighting = Weighting(rubric, self.criteria)
        #: the sums of the criteria's contributions
        self.raw_totals: RawTotals = RawTotals(self.weighing)
        #: the quantities by computed name, in dependency order
        self.quantities: dict[str, CompiledQuantity] = {}
        made = self._quantities()
        #: all computed names in dependency order
        self.order: tuple[str, ...] = tuple(
            n for n in dependencies.in_order(self.scope.graph) if n not in lost
        )
        #: the criteria by the input names of their ratings
        self.rated: dict[str, CompiledCriterion] = {
            name: c for c in self.criteria if not c.is_remark for name in c.rating_names
        }
        self.scope.describe_rating = {
            name: partial(_describe_ratings, c) for name, c in self.rated.items()
        }
        self._note_exclusions()
        asked = {n for quantity in made.values() for n in quantity.needs}
        asked |= {condition.name for gate in rubric.gates for condition in gate.when.conditions}
        self.scope.axes.source = self.axis_of
        for name in self.order:
            if name in made:
                self.quantities[name] = made[name]
                self._note_missing(name, made[name])
            if name in asked and "." not in name and name in made:
                # in dependency order: a long chain of derived facts causes no deep recursion
                self.scope.axes[name] = self.axis_of(name)

    def _quantities(self) -> dict[str, CompiledQuantity]:
        """Compile every quantity, by computed name."""
        rubric, scope = self.rubric, self.scope
        made: dict[str, CompiledQuantity] = {f"points.{c.id}": c for c in self.criteria}
        written: list[tuple[str, Quantity, KeyPath]] = [
            (d.name, d, ("derive", d.name)) for d in rubric.derived
        ]
        written += [
            (name, Quantity(formula=text, range=_NOT_BELOW_0), self._weight_place(name))
            for name, text in dependencies.weighed(rubric)
        ]
        written += [(f"adjust.{a.id}", a, ("adjust", i)) for i, a in enumerate(rubric.adjustments)]
        written += [(f"outcome.{o.name}", o, ("outcome", o.name)) for o in rubric.outcomes]
        written += [
            (f"outcome.{name}", _by_tier(rubric, name), ("tier",))
            for name in dependencies.tier_outcomes(rubric)
        ]
        for name, quantity, path in written:
            if name not in self.lost:
                kind = CompiledList if is_per_item(quantity) else CompiledQuantity
                made[name] = kind(quantity, path, scope)
        if dependencies.BEFORE not in self.lost:
            made[dependencies.BEFORE] = CompiledTotal(rubric, scope)
        for name, each in made.items():
            each.is_rated = isinstance(names.parse(name), names.TotalBeforeGates | names.Outcome)
        return made

    def _note_exclusions(self) -> None:
        """Record the names that may have no value because something was excluded."""
        scope, rubric = self.scope, self.rubric
        weighed = self.weighing.has_computed_weights
        least = (None if rubric.total is None else rubric.total.minimum_scored) or 1
        needs_all = len([c for c in self.criteria if c.is_scored and not c.is_weightless]) <= least
        for c in self.criteria:
            if c.is_remark:
                continue
            excluded = c.is_scored and c.criterion.missing == "exclude"
            if excluded or c.is_weightless or (c.is_scored and weighed):
                own = {c.points_name, c.contribution_name}
                scope.may_be_excluded |= own
                scope.unratable |= own if needs_all and not c.is_weightless else set()
            for name in c.rating_names:
                if c.is_weightless or (excluded and not c.is_measured):
                    scope.may_be_excluded.add(name)
                    scope.unratable |= {name} if needs_all and not c.is_weightless else set()
        for section in rubric.sections:
            points = (f"points.{c.id}" for c in section.criteria if c.scored)
            if scope.may_be_excluded.issuperset(points):
                scope.may_be_excluded.add(f"subtotal.{section.id}")
        scope.may_be_excluded |= {
            f"outcome.{o.name}" for o in rubric.outcomes if o.missing == "skip"
        }

    def _note_missing(self, name: str, quantity: CompiledQuantity) -> None:
        """Record a name that may have no value because something that it needs was excluded."""
        scope = self.scope
        is_derived = isinstance(quantity.quantity, Derived)
        is_unscored = isinstance(quantity, CompiledCriterion) and not quantity.is_scored
        may_lack = scope.may_be_excluded | scope.may_have_no_value
        if (is_derived or is_unscored) and quantity.lacking(may_lack.__contains__):
            scope.may_have_no_value.add(name)
        if is_derived and not quantity.lacking(lambda n: n not in scope.never_missing):
            scope.never_missing.add(name)

    def _weight_place(self, name: str) -> KeyPath:
        """Return the place of a weight by its computed name."""
        for s, section in enumerate(self.rubric.sections):
            if name == f"weight.section.{section.id}":
                return ("section", s, "weight")
        return next((*path, "weight") for c, _, path in self.placed if name == f"weight.{c.id}")

    @cached_property
    def gates(self) -> tuple[CompiledQuantity, ...]:
        """Each gate as a quantity: 1 if it holds, else 0."""
        made = [
            CompiledQuantity(_gate(gate.when), ("gate", i), self.scope)
            for i, gate in enumerate(self.rubric.gates)
        ]
        for gate, each in zip(self.rubric.gates, made, strict=True):
            each.is_rated = not gate.refuse
        return tuple(made)

    def axis_of(self, name: str) -> Axis:
        """Return the domain of a computed name."""
        if name in self.scope.known:
            return self.scope.known[name]
        if name in self.rated:
            return self.rated[name].rating_axis
        if name == "tier":
            return Axis(options=tuple(tier.id for tier in self.rubric.tiers))
        if name == dependencies.BEFORE and self.is_raw and not self.without:
            return self.raw_totals.axis(rated=True)
        if name in self.quantities:
            return self.quantities[name].axis
        if name == "total":
            axis = self.axis_of(dependencies.BEFORE)
            gates = self.rubric.gates
            every = [v for gate in gates for v in (gate.total_at_most, gate.total_at_least)]
            limits = [exact(limit) for limit in every if limit is not None]
            return _widened(axis, limits) if limits else axis
        computed = names.parse(name)
        if isinstance(computed, names.Contribution) and self.weighing.is_settled:
            index = next(i for i, c in enumerate(self.criteria) if c.id == computed.id)
            return _scaled(self.criteria[index].axis, self.raw_totals.factors[index])
        if name in ("raw_total", RATED):
            return self.raw_totals.axis(rated=name == RATED)
        return Axis()

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """The names of the outcomes, each after those that it depends on."""
        return tuple(n for n in self.order if isinstance(names.parse(n), names.Outcome))

    @cached_property
    def is_additive(self) -> bool:
        """Check whether each criterion's contribution is independent of the other criteria."""
        return self.weighing.is_settled and (
            self.rubric.total is None or self.rubric.total.minimum_scored is None
        )

    @cached_property
    def weights(self) -> tuple[tuple[Criterion, Section | None, Number], ...]:
        """All scored criteria, including invalid ones, with their weights."""
        return tuple((c, s, number_of(c.weight)) for c, s, _ in self.placed if c.scored)

    @cached_property
    def weight_places(self) -> tuple[KeyPath, ...]:
        """The place of each scored criterion."""
        return tuple(path for c, _, path in self.placed if c.scored)

    @cached_property
    def has_total(self) -> bool:
        """Check whether records have a total."""
        return dependencies.has_total(self.rubric)

    @property
    def weights_hold(self) -> bool:
        """Check whether all weights add up as required."""
        return self.weighing.holds

    @property
    def is_raw(self) -> bool:
        """Check whether the total before gates is the raw total."""
        total = self.rubric.total
        return not self.rubric.adjustments and (
            total is None or not (total.is_given or total.clamp or total.round)
        )

    @property
    def is_plain(self) -> bool:
        """Check whether the total of every record is the plain sum of the contributions."""
        return self.is_raw and self.weighing.is_settled

    @cached_property
    def totals(self) -> Totals:
        """The reachable totals, before gates.

        If the grid of totals is too fine to count them one by one, or points are unbounded, or a
        part of the rubric is too invalid to know its points, every step between the bounds is
        assumed.
        """
        if self.without or dependencies.BEFORE in self.lost:
            return GridTotals(domain=Range.closed(0, self.full_marks), step=self.step)
        if not self.is_plain:
            axis = self.axis_of(dependencies.BEFORE)
            return GridTotals(domain=axis.domain, step=axis.step, known=axis.known)
        return self.raw_totals.sums

    @cached_property
    def tier_order(self) -> TierOrder:
        """The tiers, by rank."""
        return TierOrder(self.rubric.tiers)

    @cached_property
    def falls(self) -> tuple[Fall, ...]:
        """What demoting quotas do to the tier, in the order in which they are judged."""
        return falls_of(self.rubric, self.tier_order)

    @cached_property
    def tiers(self) -> DecisionTable:
        """The decision table of the tiers over the total."""
        return DecisionTable([Axis()], [[tuple(tier.total)] for tier in self.rubric.tiers])

    def named_tiers(self, quota: Quota) -> tuple[Named, ...]:
        """Return the tiers of a quota with their labels, for a message."""
        labels = {tier.id: tier.label for tier in self.rubric.tiers}
        return tuple(Named(tier, labels[tier]) for tier in quota.tiers)

    def tier_of(self, total: Number) -> Tier | None:
        """Return the tier of a total; None if there are no tiers, or none for it."""
        rows = self.tiers.rows_at([total])
        return self.rubric.tiers[rows[0]] if rows else None

    def section_weight(self, section: Section) -> Number:
        """Return a section's weight: its own, else the sum of its criteria's."""
        return self.weighing.of_section(section, {})


def _describe_ratings(criterion: CompiledCriterion) -> Message:
    """Describe the allowed ratings of a criterion."""
    return criterion.allowed_ratings


def _gate(when: When) -> Quantity:
    """Convert a gate to a quantity: 1 if it holds, else 0."""
    otherwise = Band(when=When(otherwise=True), value=0)
    return Quantity(bands=(Band(when=when, value=1), otherwise))


def _by_tier(rubric: Rubric, name: str) -> Outcome:
    """Convert an outcome written in the tiers to the quantity that it abbreviates."""
    bands = tuple(
        Band(
            when=When(conditions=(Condition(name="tier", entries=(tier.id,)),)),
            value=getattr(tier, name),
        )
        for tier in rubric.tiers
    )
    return Outcome(name=name, of="tier", bands=bands)


def _widened(axis: Axis, limits: list[Number]) -> Axis:
    """Extend an axis so that it includes some numbers."""
    low, high = axis.domain.low, axis.domain.high
    ends = [Fraction(limit) for limit in limits]
    more = Domain(tuple(Part(Range.exactly(limit)) for limit in limits))
    on_grid = axis.step is not None and all((end / axis.step).denominator == 1 for end in ends)
    return Axis(
        domain=Range(
            None if low is None else min(low, (canonical(min(ends)), 0)),
            None if high is None else max(high, (canonical(max(ends)), 1)),
        ),
        step=axis.step if on_grid else None,
        known=None if axis.known is None else AnyOf((axis.known, more)),
    )


def _scaled(axis: Axis, factor: Number) -> Axis:
    """Multiply an axis by a number, 0 or more."""
    ends = (axis.domain.low, axis.domain.high)
    low, high = (None if e is None else (canonical(Fraction(e[0]) * factor), e[1]) for e in ends)
    step = None if axis.step is None or not factor else canonical(Fraction(axis.step) * factor)
    return Axis(domain=Range(low, high), step=step)


def _criteria(rubric: Rubric) -> list[tuple[Criterion, Section | None, KeyPath]]:
    """Return all criteria in the form's order, each with its section and its place."""
    placed: list[tuple[Criterion, Section | None, KeyPath]] = [
        (criterion, section, ("section", s, "criterion", c))
        for s, section in enumerate(rubric.sections)
        for c, criterion in enumerate(section.criteria)
    ]
    placed += [(c, None, ("criterion", i)) for i, c in enumerate(rubric.criteria)]
    return placed
