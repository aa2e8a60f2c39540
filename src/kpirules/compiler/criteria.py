"""One compiled criterion: which band facts select, which ratings are allowed, which points follow.

One question serves measured and judged criteria: *which bands match these facts and this rating?*
One decision table covers the facts, another one the rating; a band must match in both.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import attrs

from kpirules.arithmetic.decision_table import Axis, DecisionTable
from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.number import Number, added, computed, decimal_of, exact
from kpirules.arithmetic.range import Range, join, numbers_of
from kpirules.compiler.computed import (
    Env,
    ExcludedError,
    Missing,
    Outcome,
    RejectedValueError,
    Scored,
    Taken,
    provided,
)
from kpirules.compiler.domains import axis_of_domain, bounds_of, finished
from kpirules.compiler.quantities import CompiledQuantity
from kpirules.compiler.rater_means import Rater, means_of
from kpirules.compiler.rows import Row
from kpirules.compiler.symbols import MISSING_VALUE
from kpirules.translations.message import Joined, Message


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.range import Cut
    from kpirules.compiler.symbols import Draft, Scope
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.errors import Problem
    from kpirules.model.rubric import Criterion, Rubric, Section


class CompiledCriterion(CompiledQuantity):
    """One compiled criterion."""

    def __init__(
        self,
        criterion: Criterion,
        section: Section | None,
        path: KeyPath,
        rubric: Rubric,
        scope: Scope,
        *,
        draft: Draft | None = None,
    ) -> None:
        """Compile a criterion; ``draft``: what is certain of a record."""
        self._given: Mapping[str, Number] = {} if draft is None else draft.ratings
        self.criterion = criterion
        self.id: str = criterion.id
        self.points_name: str = f"points.{criterion.id}"
        self.contribution_name: str = f"contribution.{criterion.id}"
        self.section = section
        self.step: Number = exact(rubric.step)
        self.weight: Number = number_of(criterion.weight)
        #: points at full marks; a criterion without both is a remark or adds nothing
        self.scale: Number = self.weight if criterion.scale is None else exact(criterion.scale)
        self.is_remark: bool = not (criterion.scored or criterion.is_given or criterion.range)
        full = Range.closed(min(0, self.scale), max(0, self.scale))
        self.usual: Range = full if criterion.scored else Range()
        award = criterion.range or full
        # the mean of several raters lies on no grid
        step = None if rubric.raters else self.step
        super().__init__(criterion, path, scope, award=award, award_step=step)
        if self.is_remark:
            self.rows: tuple[Row, ...] = ()
        if draft is not None and criterion.id in draft.points:
            self.rows = (Row(band=None, points=Range.exactly(draft.points[criterion.id])),)
        #: judged: an appraiser awards all or some of the points
        self.is_judged: bool = any(row.is_award for row in self.rows) or not self.is_measured
        #: the weights of the raters, by the input name of the rating of each
        self.raters: dict[str, Number] = (
            {}
            if self.is_remark
            else {f"{self.id}.{r.name}": exact(r.weight) for r in rubric.raters}
        )
        #: the input names of its ratings
        self.rating_names: tuple[str, ...] = tuple(self.raters) or (self.id,)
        self.is_scored: bool = criterion.scored
        #: the problems of missing facts, by the names that lack a value
        self._missing_facts: dict[tuple[str, ...], tuple[Problem, ...]] = {}
        in_section = section is not None and section.weight is not None
        #: its weight or its section's is always 0: it is excluded, and no input is required
        self.is_weightless: bool = criterion.scored and (
            (not isinstance(criterion.weight, str) and not self.weight)
            or (in_section and section is not None and section.weight == 0)
        )

    @cached_property
    def is_measured(self) -> bool:
        """Check whether its points depend on facts or formulas."""
        constant = (
            self.quantity.is_given
            and self.quantity.bands is None
            and not any(row.is_award for row in self.rows)
        )
        return bool(self.needs) or constant or any(row.formula is not None for row in self.rows)

    @property
    def keeps_awards(self) -> bool:
        """Check whether awarded points equal the rating: one rater, no clamp, no rounding."""
        plain = self.criterion.clamp is None and self.criterion.round is None
        return plain and not self.raters

    @property
    def skips(self) -> bool:
        """Check whether the rubric defines what happens when something that it needs is missing."""
        return super().skips or not self.is_scored or self.is_weightless

    @property
    def out_of_range_code(self) -> str:
        """The finding code for points outside of the range; empty if it contributes nothing."""
        return super().out_of_range_code if self.is_scored else ""

    @property
    def missing_default(self) -> Number | None:
        """Return the default points for missing inputs; None if there are none."""
        policy = self.criterion.missing
        if isinstance(policy, str):
            return 0 if policy == "zero" else None
        return exact(policy)

    @cached_property
    def ends(self) -> Bounds:
        """The least and the greatest points that it can give, with the default for missing ones."""
        return bounds_of(self.axis)

    @cached_property
    def values(self) -> Domain:
        """The points that it can give: by facts, by ratings, and the default for missing ones."""
        if not self.raters:
            return super().values
        own = [
            self.part(i) for i, row in enumerate(self.rows) if not row.is_award and self.is_measured
        ]
        default = (
            [] if self.missing_default is None else [Part(Range.exactly(self.missing_default))]
        )
        means = [part.within(self.limit) for part in self.means.parts]
        return Domain.of([*own, *default, *means])

    @cached_property
    def means(self) -> Domain:
        """The possible points of the mean of the raters, within the range or not."""
        default = self.missing_default
        some = list(self.allowed.parts)
        some += [] if default is None else [Part(Range.exactly(default))]
        raters = [
            Rater.of(weight, Domain.of(some), self._given.get(name))
            for name, weight in self.raters.items()
        ]
        return means_of(raters, self, is_complete=self.criterion.missing != "exclude")

    @property
    def rating_axis(self) -> Axis:
        """The domain of the allowed ratings."""
        return axis_of_domain(self.allowed)

    @cached_property
    def allowed(self) -> Domain:
        """The allowed direct ratings: points to award, or points that the facts can give."""
        return Domain.of(self._allowed)

    def allowed_by(self, index: int) -> Part | None:
        """Return the ratings that a row allows: points to award, or else its possible points."""
        return self._allowed[index]

    @cached_property
    def _allowed(self) -> tuple[Part | None, ...]:
        """The ratings that each row allows."""
        return tuple(map(self._allowed_by, range(len(self.rows))))

    def _allowed_by(self, index: int) -> Part | None:
        row = self.rows[index]
        if row.is_award or not self.is_measured:
            # a single number in a judged band is awarded like a range, and clamped afterwards
            return Part(row.points).on_grid(self.step)
        part = self.part(index) if row.formula is not None else Part(self.given_by(row))
        return part if part is None or not self.is_judged else part.on_grid(self.step)

    def better(self, name: str) -> str | None:
        """Return which values of a fact are better, if the rubric declares it."""
        return self.scope.better.get(name)

    def given_by(self, row: Row) -> Range:
        """Return the points of a row without a formula, clamped and rounded."""
        clamp, rounding = self.criterion.clamp or Range(), self.criterion.round
        points = row.points
        if row.is_award:
            points = points.on_grid(self.step) or points
        ends: list[Cut | None] = []
        for cut, limit, closed in ((points.low, clamp.low, 0), (points.high, clamp.high, 1)):
            if cut is None:
                # an open end may become closed: a clamp has ends
                made = limit
            else:
                value = finished(cut[0], self.criterion.clamp, rounding)
                # an end that is moved is reached; an unmoved one may be open
                stays = rounding is None and value == cut[0]
                made = (value, cut[1] if stays else closed)
            ends.append(made)
        return Range(*ends)

    @cached_property
    def by_rating(self) -> DecisionTable:
        """The decision table of the bands over the domain of the rating."""
        step = self.step if self.is_judged else None
        parts = map(self.allowed_by, range(len(self.rows)))
        return DecisionTable(
            [Axis(step=step)], [[() if p is None else (p.span,)] for p in parts], self.scope.budget
        )

    @property
    def admissible(self) -> tuple[Range, ...]:
        """The allowed ratings, in rising order."""
        spans = (part.span for part in self.allowed.parts)
        return join(spans, self.step if self.is_judged else None)

    @property
    def ratings(self) -> int:
        """The number of different ratings allowed; a million if they are unbounded."""
        if any(row.formula is not None for row in self.rows):
            return 1_000_000
        step = self.step if self.is_judged else 1
        ends = [(r.low, r.high) for r in self.admissible]
        counts = [
            int((high[0] - low[0]) // step) + 1 if low and high else 1_000_000 for low, high in ends
        ]
        return int(sum(counts) ** len(self.rating_names))

    def some_allowed(self, most: int) -> list[Number]:
        """List the allowed ratings in rising order; none if there are more than ``most``."""
        found: list[Number] = []
        for span in join(self.admissible, self.step if self.is_judged else None):
            if span.only is not None:
                found.append(span.only)
                continue
            if not self.is_judged or span.low is None or span.high is None:
                return []
            first, last = (Fraction(cut[0]) / self.step for cut in (span.low, span.high))
            if last - first > most:
                return []
            found += [n * self.step for n in range(int(first), int(last) + 1)]
        return sorted(found) if len(found) <= most else []

    @cached_property
    def allowed_ratings(self) -> Message:
        """Describe the allowed ratings."""
        if self.is_judged:
            return Message.of("allowed.numbers", numbers=numbers_of(self.admissible, self.step))
        groups: dict[Number | None, list[Range]] = {}
        for part in sorted(self.allowed.parts, key=lambda part: part.step is not None):
            groups.setdefault(part.step, []).append(part.span)
        every = [(step, numbers_of(spans)) for step, spans in groups.items()]
        parts = [
            numbers if step is None else Message.of("allowed.in-steps", values=numbers, step=step)
            for step, numbers in every
        ]
        return Message.of("allowed.numbers", numbers=parts[0] if len(parts) == 1 else tuple(parts))

    def rows_of_rating(self, rating: Number) -> int:
        """Return a bit for each band that allows a rating on the grid of the step."""
        bits = self.by_rating.bits_at([rating])
        rows = [i for i in range(len(self.rows)) if bits >> i & 1]
        parts = [(1 << i, self.allowed_by(i)) for i in rows]
        return sum(bit for bit, part in parts if part is not None and part.contains(rating))

    def score(self, env: Env, bare: Callable[[], Env], *, weightless: bool = False) -> Outcome:
        """Evaluate the criterion; raise :class:`RejectedValueError` if it has no value.

        The facts decide if the record provides all that are needed; beside a rating, no default
        replaces a missing fact: ``bare`` returns the names without defaults.
        """
        if weightless:
            return Scored(left_out="weight")
        ratings = dict(provided(env, self.rating_names))
        if self.is_remark:
            return Scored(remark=ratings.get(self.id))
        facts = bare() if ratings else env
        try:
            taken = self._by_facts(facts, strict=bool(ratings))
        except RejectedValueError:
            # facts that have a value only with defaults do not decide
            self._by_facts(env, strict=False)
            taken = Missing(())
        if ratings:
            return self._by_ratings(ratings, facts, taken)
        used = self._used(facts)
        if isinstance(taken, Taken) and (taken.value is not None or not self.is_scored):
            value = cast("Number | None", taken.value)
            return Scored(value, taken.raw, taken.row, used)
        if not self.is_scored:
            return Scored()
        return self._instead(taken if isinstance(taken, Missing) else Missing(()), facts)

    def _by_facts(self, env: Env, *, strict: bool) -> Taken | Missing:
        """Evaluate by facts; a criterion that needs none, and has points to award, is Missing."""
        return self.take(env, strict=strict) if self.is_measured else Missing(())

    def _used(self, env: Env) -> tuple[tuple[str, Any], ...]:
        """Return the provided values among those that it needs."""
        return tuple(provided(env, self.needs))

    def _by_ratings(self, ratings: dict[str, Any], facts: Env, taken: Taken | Missing) -> Outcome:
        """Evaluate by ratings; facts that are also provided must agree."""
        mean = self._mean(ratings)
        if not isinstance(mean, (int, Fraction)):
            return mean
        rows = [self.rows_of_rating(rating) for rating in ratings.values()]
        used = tuple(ratings.items())
        if isinstance(taken, Taken):
            used = (*self._used(facts), *used)
            row = self.rows[taken.row]
            if row.is_award:
                rows = [bits & 1 << taken.row for bits in rows]
                agrees = all(rows)
            else:
                clamp, rounding = self.criterion.clamp, self.criterion.round
                agrees = finished(mean, clamp, rounding) == taken.value
                rows = [1 << taken.row]
            if not agrees:
                return (self._disagreement(ratings, mean, taken, facts),)
        elif self.is_judged and not self.facts and any(bits.bit_count() > 1 for bits in rows):
            several = Message.of("problem.band-overlap_rating")
            raise RejectedValueError(several, tuple(ratings), "band-overlap")
        try:
            points = self.finish(mean)
        except RejectedValueError as error:
            error.names, error.allowed = tuple(ratings), self.allowed_ratings
            raise
        every = rows[0] if len(set(rows)) == 1 else 0
        index = every.bit_length() - 1 if every.bit_count() == 1 else None
        raw = mean
        if isinstance(taken, Taken) and taken.raw is not None:
            raw = taken.raw
        has_default = self.missing_default is not None and len(ratings) < len(self.raters)
        return Scored(points, raw, index, used, assumed=has_default)

    def _mean(self, ratings: Mapping[str, Number]) -> Number | tuple[Problem, ...]:
        """Return the rating, or the weighted mean of the raters; ``missing`` applies to each."""
        if not self.raters:
            return ratings[self.id]
        weights = dict(self.raters)
        every = dict(ratings)
        missing = [name for name in weights if name not in ratings]
        if missing and self.criterion.missing == "error":
            return tuple(self._missing_rating(name) for name in missing)
        for name in missing:
            if self.missing_default is None:
                weights.pop(name)
            else:
                every[name] = self.missing_default
        whole = added(weights.values())
        if not whole:
            return tuple(self._missing_rating(name) for name in missing)
        return computed(Fraction(added(every[n] * w for n, w in weights.items())) / whole)

    def _instead(self, missing: Missing, facts: Env) -> Outcome:
        """Return the default for what is missing, or the problem that it is missing."""
        default = self.missing_default
        if default is not None:
            if self.criterion.missing != "zero" and not self.span.contains(default):
                outside = Message.of(
                    "problem.out-of-range_computed", result=default, range=self.span
                )
                raise RejectedValueError(
                    outside, self.rating_names, "points-out-of-range", value=default
                )
            return Scored(points=default, assumed=True)
        if self.criterion.missing == "exclude":
            return Scored(left_out="missing")
        if not missing.names:
            return tuple(self._missing_rating(name) for name in self.rating_names)
        every = self._missing_facts.get(missing.names)
        if every is None:
            every = self._missing_facts[missing.names] = self._all_missing(missing.names)
        problems = tuple(problem for problem in every if facts.get(problem.input) is None)
        if not problems:
            raise ExcludedError(missing.names)
        return problems

    def _all_missing(self, names: tuple[str, ...]) -> tuple[Problem, ...]:
        """Return the problems of a record that gives nothing of what some names depend on."""
        return tuple(
            self.scope.problem(name, MISSING_VALUE, allowed=self.allowed_or_rate(name))
            for name in self.scope.roots(names)
        )

    def allowed_or_rate(self, name: str) -> Message:
        """Describe the allowed values of an input, and the ratings that may be given instead."""
        return Message.of(
            "allowed.or-rate",
            allowed=self.scope.allowed(name),
            ratings=Joined(tuple(map(self.scope.name, self.rating_names)), "list.or"),
            rating_allowed=self.allowed_ratings,
        )

    def _missing_rating(self, name: str) -> Problem:
        return self.scope.problem(name, MISSING_VALUE, allowed=self.allowed_ratings)

    def _disagreement(
        self, ratings: Mapping[str, Number], rating: Number, taken: Taken, facts: Env
    ) -> Problem:
        """Return the problem that facts and ratings disagree, with what the facts give."""
        row = self.rows[taken.row]
        given = row.points if row.is_award else Range.exactly(cast("Number", taken.value))
        allowed = numbers_of([given], self.step if self.is_judged else None)
        reason = Message.of("problem.disagrees")
        if len(ratings) > 1 and not row.is_award:
            reason = Message.of("problem.disagrees_mean", mean=rating)
        # of several raters, the first whose own rating is another one
        wrong = (n for n, own in ratings.items() if not given.contains(own))
        name = next(wrong, next(iter(ratings)))
        problem = self.scope.problem(
            name,
            reason,
            value=decimal_of(ratings[name]),
            allowed=Message.of("allowed.numbers", numbers=allowed),
        )
        about = [name for name, _ in provided(facts, self.scope.roots(self.needs))]
        return attrs.evolve(problem, inputs=tuple(dict.fromkeys((*about, *ratings))))


def number_of(value: Decimal | str | None) -> Number:
    """Return a numeric weight as an exact number; 0 for a missing weight or a formula."""
    return 0 if value is None or isinstance(value, str) else exact(value)
