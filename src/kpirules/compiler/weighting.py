"""Weights of criteria and sections: their sums, and the contribution of a point to the total.

A contribution is ``full_marks x weight / weights_total x points / scale``, and in a section with a
scale of its own ``x section weight / section scale`` (LANGUAGE, Weights). If something is excluded
from the record, the remaining weights are scaled up.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kpirules.arithmetic.number import Number, added, computed, exact
from kpirules.arithmetic.range import Range
from kpirules.model.dependencies import weighed


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.model.rubric import Criterion, Rubric, Section

#: weights that are computed for a record, by computed name
Worked = Mapping[str, Number]


class Sum(NamedTuple):
    """Weights that must add up to a number, and their sum."""

    #: the section of these criteria; None: the sections, or the criteria of the whole form
    section: Section | None
    parts: tuple[tuple[str, Number], ...]
    want: Number
    #: shares, whose sum may be any number but 0
    is_shares: bool = False
    #: the sum may be more than that: the subtotal is capped
    is_capped: bool = False

    @property
    def holds(self) -> bool:
        """Check whether the sum is as required."""
        if self.is_shares:
            return bool(self.total)
        return self.total == self.want or (self.is_capped and self.total > self.want)

    @property
    def total(self) -> Number:
        """The sum of the weights."""
        return added(weight for _, weight in self.parts)


class Weighting:
    """The weights of a rubric."""

    def __init__(self, rubric: Rubric, criteria: Sequence[CompiledCriterion]) -> None:
        self.rubric = rubric
        self.criteria: tuple[CompiledCriterion, ...] = tuple(criteria)
        self.full_marks: Number = exact(rubric.full_marks)
        self._plans = {c.id: c for c in criteria}
        self._sections: dict[str, Section | None] = {}
        for section in rubric.sections:
            self._sections |= {c.id: section for c in section.criteria if c.scored}
        self._sections |= {c.id: None for c in rubric.criteria if c.scored}
        self._members: dict[str | None, list[Criterion]] = {None: []}
        for section in rubric.sections:
            self._members[section.id] = [c for c in section.criteria if c.scored]
        self._members[None] = [c for c in rubric.criteria if c.scored]

    @cached_property
    def is_settled(self) -> bool:
        """Check whether every record has the same weights, and subtotals are plain sums."""
        return self.is_fixed and not any(s.settles for s in self.rubric.sections)

    @cached_property
    def is_fixed(self) -> bool:
        """Check whether every record has the same weights."""
        return not self.has_computed_weights and not any(
            c.scored and c.missing == "exclude" for c in self.rubric.all_criteria
        )

    @cached_property
    def has_computed_weights(self) -> bool:
        """Check whether some weight is computed for each record."""
        return bool(weighed(self.rubric))

    def of(self, criterion: Criterion, worked: Worked) -> Number:
        """Return a criterion's weight."""
        if isinstance(criterion.weight, str):
            return worked.get(f"weight.{criterion.id}", 0)
        return 0 if criterion.weight is None else exact(criterion.weight)

    def of_section(self, section: Section, worked: Worked) -> Number:
        """Return a section's weight: its own, else the sum of its criteria's."""
        if section.weight is None:
            return added(self.of(c, worked) for c in section.criteria if c.scored)
        if isinstance(section.weight, str):
            return worked.get(f"weight.section.{section.id}", 0)
        return exact(section.weight)

    def is_weightless(self, criterion: str, worked: Worked) -> bool:
        """Check whether the weight of a scored criterion, or of its section, is 0."""
        section = self._sections.get(criterion)
        plan = self._plans[criterion]
        return not self.of(plan.criterion, worked) or (
            section is not None and not self.of_section(section, worked)
        )

    def whole(self, worked: Worked) -> Number:
        """Return the sum that all weights must have."""
        total = self.rubric.weights_total
        if total == "sum":
            return added(weight for _, weight in self._top(worked))
        return self.full_marks if total is None else exact(total)

    def _top(self, worked: Worked) -> list[tuple[str, Number]]:
        """Return the weights of which the whole consists: the sections', or the criteria's."""
        if self.rubric.sections:
            return [(s.id, self.of_section(s, worked)) for s in self.rubric.sections]
        return [(c.id, self.of(c, worked)) for c in self._members[None]]

    def sums(self, worked: Worked) -> list[Sum]:
        """Return all weights that must add up, those of each section first."""
        found = [
            Sum(
                section=section,
                parts=tuple((c.id, self.of(c, worked)) for c in self._members[section.id]),
                want=self._base(section, worked),
                is_capped=section.cap,
            )
            for section in self.rubric.sections
        ]
        top = tuple(self._top(worked))
        shares = self.rubric.weights_total == "sum"
        found.append(Sum(section=None, parts=top, want=self.whole(worked), is_shares=shares))
        return found

    def _is_excluded(self, each: Sum, worked: Worked) -> bool:
        """Check whether the weights belong to a section that is excluded as a whole."""
        return each.section is not None and not self.of_section(each.section, worked)

    def faults(self, worked: Worked) -> list[Sum]:
        """Return the weights that do not add up as required."""
        return [s for s in self.sums(worked) if not s.holds and not self._is_excluded(s, worked)]

    def _base(self, section: Section | None, worked: Worked) -> Number:
        """Return the sum that the weights in a section must have."""
        if section is None:
            return self.whole(worked)
        if section.scale is not None:
            return exact(section.scale)
        return self.of_section(section, worked)

    @cached_property
    def holds(self) -> bool:
        """Check whether weights that are the same for all records add up."""
        if self.has_computed_weights or not any(self._members.values()):
            return True
        return not self.faults({})

    @cached_property
    def factors(self) -> dict[str, Number]:
        """The contribution of a point of each scored criterion, if nothing is excluded."""
        return {} if self.has_computed_weights else self.shares({}, self._all)

    @cached_property
    def _all(self) -> set[str]:
        """The scored criteria with a weight, where weights are the same for all records."""
        return {c for c in self._plans if c in self._sections and not self.is_weightless(c, {})}

    @cached_property
    def limits(self) -> dict[str, Range | None]:
        """The range that limits each subtotal, if nothing is excluded."""
        if self.has_computed_weights:
            return {section.id: section.clamp for section in self.rubric.sections}
        return {s.id: self.limit(s, {}, self._all) for s in self.rubric.sections}

    def cap(self, section: Section, worked: Worked, left: set[str] | None = None) -> Number:
        """Return the points of the total that a section's weight is, if some criteria remain."""
        weight = self._tops(worked, self._all if left is None else left).get(section.id, 0)
        return computed(self.full_marks * Fraction(weight) / Fraction(self.whole(worked)))

    def limit(self, section: Section, worked: Worked, left: set[str]) -> Range | None:
        """Return the range that limits a subtotal if some criteria remain: its cap, its clamp."""
        if not section.cap or not self.whole(worked):
            return section.clamp
        most = (self.cap(section, worked, left), 1)
        if section.clamp is None:
            return Range(None, most)
        low, high = section.clamp.low, section.clamp.high
        # a clamp comes after the cap, and may raise the subtotal above it
        most = most if low is None else max(most, (low[0], 1))
        return Range(low, most if high is None else min(most, high))

    def _tops(self, worked: Worked, left: set[str]) -> dict[str | None, Fraction]:
        """Return the weight of each section, scaled up if others are excluded; {} if all are."""
        tops: dict[str | None, Fraction] = {None: Fraction(self.whole(worked))}
        if self.rubric.sections:
            weights = {s.id: Fraction(self.of_section(s, worked)) for s in self.rubric.sections}
            some = {s for s, members in self._members.items() if any(c.id in left for c in members)}
            remain = Fraction(added(w for s, w in weights.items() if s in some))
            if not remain:
                return {}
            # scaled up only if a section is excluded: wrong sums stay as they are
            weighing = Fraction(added(w for s, w in weights.items() if self._members[s]))
            tops |= {s: w * weighing / remain for s, w in weights.items()}
        return tops

    def shares(self, worked: Worked, left: set[str]) -> dict[str, Number]:
        """Return the contribution of a point of each remaining criterion to the total."""
        whole = Fraction(self.whole(worked))
        if not whole:
            return {}
        tops = self._tops(worked, left)
        if not tops:
            return {}
        shares: dict[str, Number] = {}
        for name, members in self._members.items():
            if not members:
                continue
            section = next((s for s in self.rubric.sections if s.id == name), None)
            base = Fraction(self._base(section, worked))
            every = {c.id: Fraction(self.of(c, worked)) for c in members}
            remaining = Fraction(added(w for c, w in every.items() if c in left))
            if not remaining or not base:
                continue
            goal = Fraction(added(every.values()))
            if section is not None and section.cap and remaining < goal:
                # the rest is scaled up to the weight of the section, not to a sum above it
                goal = max(remaining, min(goal, base))
            scale_up = goal / remaining
            for c in members:
                scale = self._plans[c.id].scale if c.id in left else 0
                if scale:
                    part = every[c.id] * scale_up / base * tops[name] / whole
                    shares[c.id] = computed(self.full_marks * part / scale)
        return shares
