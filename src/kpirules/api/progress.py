"""The public ``progress``: what a draft of a record still needs, and how it can still end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.api.completions import Completions
from kpirules.api.evaluate import compiled
from kpirules.arithmetic.number import TooLongError, canonical, exact_of
from kpirules.compiler.computed import Missing, RejectedValueError
from kpirules.compiler.endings import endings_of
from kpirules.compiler.residual import residual
from kpirules.errors import InputError
from kpirules.evaluation.certain import certain_of
from kpirules.evaluation.progress import Need, Progress, ReachableRange
from kpirules.evaluation.trace import LineTrace, tier_reached
from kpirules.model.rubric import Rubric
from kpirules.registry.protocol import Source
from kpirules.translations.message import Joined, Message, Named


if TYPE_CHECKING:
    from kpirules.arithmetic.exact import Exact
    from kpirules.arithmetic.interval import Bounds
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.errors import Problem
    from kpirules.evaluation.program import Program
    from kpirules.evaluation.result import Line
    from kpirules.evaluation.state import State


def progress(
    rubric: Rubric | str,
    record: Mapping[str, object],
    *,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
) -> Progress:
    """Return the state of a draft: a record of which values are still missing.

    Parameters: those of :func:`~kpirules.evaluate`. A missing value is not a problem; values are
    read and checked as by :func:`~kpirules.evaluate`.

    Returns a :class:`~kpirules.evaluation.progress.Progress`: what is given and what is needed, the
    lines and subtotals so far, and the ranges in which total, tier and pay can end, over all
    records that add values to the draft and that :func:`~kpirules.evaluate` accepts. A value that
    is not allowed counts as missing. ``exact`` is True where a record is known for each end; a
    range that is not exact may be too wide, never too narrow.

    Raises :class:`~kpirules.errors.RulesetError` for an unsound rubric,
    :class:`~kpirules.errors.RulesetNotFoundError` for an unknown id, or rules that are not
    effective on the day, and :class:`~kpirules.errors.InputError` for what is not a record.

    >>> from kpirules import loads, progress
    >>> rubric = loads('''
    ... schema = 1
    ... id = "desk"
    ... criterion = [{ id = "work", weight = 60 }, { id = "care", weight = 40 }]
    ... tier = [{ id = "a", total = ">= 60", pay = 200 }, { id = "b", total = "< 60", pay = 0 }]
    ... ''')
    >>> draft = progress(rubric, {"work": 25})
    >>> [need.text() for need in draft.needed]
    ['care: a rating']
    >>> str(draft.total), [tier.id for tier in draft.tiers], str(draft.pay)
    ('25..65', ['a', 'b'], '0..200')
    """
    return _Draft(compiled(rubric, on, sources), record).progress()


class _Draft:
    """A draft, read and evaluated as far as it is given."""

    def __init__(self, program: Program, record: Mapping[str, object]) -> None:
        self.program = program
        self.plan = program.plan
        self.given, _ = program.evaluator.context.readings.read(record)
        self.state: State = program.evaluator.run(self.given, program.evaluator.context.order)
        self.certain = certain_of(self.state)
        self.record = record

    def progress(self) -> Progress:
        """Return the state of the draft."""
        plan = self.plan
        left = residual(plan, self.certain.values, self.certain.points, {*self.given})
        endings = endings_of(left)
        reached = Completions(self.program, left, self.given, endings).run()
        problems = self._problems()
        return Progress(
            rubric=plan.rubric.id,
            given=dict(self.given),
            needed=tuple(self._needs()),
            lines=tuple(self._lines()),
            subtotals=self._subtotals(),
            total=_range(endings.total, reached.totals),
            tiers=tuple(
                tier_reached(plan, t.id) for t in plan.rubric.tiers if t.id in endings.tiers
            ),
            pay=_range(endings.pay, reached.pays),
            problems=problems,
            exact=reached.reaches(endings),
        )

    def _problems(self) -> tuple[Problem, ...]:
        """Return all problems of the draft beside missing values."""
        try:
            self.program.score(self.record)
        except InputError as error:
            return tuple(problem for problem in error.problems if problem.code != "missing")
        return ()

    # ------------------------------------------------------------ what is there

    def _lines(self) -> Iterator[Line]:
        """Yield the lines that have points from what is given, or a remark."""
        state, plan = self.state, self.plan
        out = {name for name, scored in state.scored.items() if scored.left_out}
        shares = self.program.evaluator.context.shares(state.weights, out)
        for c in plan.criteria:
            scored = state.scored.get(c.id)
            if scored is None or scored.assumed or (scored.points is None and not scored.remark):
                continue
            weight = plan.weighing.of(c.criterion, state.weights) if c.is_scored else None
            yield LineTrace(c, scored, shares.get(c.id, 0), weight).get()

    def _subtotals(self) -> dict[str, Exact]:
        """Return the contributions of the lines, by section."""
        sums: dict[str, Fraction] = {s.id: Fraction() for s in self.plan.rubric.sections} or {
            "": Fraction()
        }
        for line in self._lines():
            sums[line.section or ""] += Fraction(line.contribution.number)
        own = {
            name: self.certain.values.get(f"subtotal.{name}", canonical(v))
            for name, v in sums.items()
        }
        return {name: exact_of(value) for name, value in own.items()}

    # ------------------------------------------------------------ what is needed

    def _needs(self) -> Iterator[Need]:
        """Yield what each line needs, then what the rules beside the lines need."""
        for c in self.plan.criteria:
            need = self._need_of(c) if c.id not in self.state.scored else None
            if need is not None:
                yield need
        by_stage: dict[str, list[str]] = {}
        for problem, name in zip(self.state.problems, self.state.reporters, strict=True):
            if problem.code == "missing" and not name.startswith("points."):
                by_stage.setdefault(name, []).append(problem.input)
        for name, inputs in by_stage.items():
            label = self.plan.scope.labels.get(name)
            facts = self._named(inputs)
            message = Message.of("need.facts", facts=facts)
            if label is not None:
                message = Message.of("need.line-facts", line=label, facts=facts)
            yield Need(inputs=tuple(inputs), message=message)

    def _named(self, names: Iterable[str]) -> Joined:
        """Return names with their labels, for a message."""
        return Joined(tuple(map(self.plan.scope.name, names)))

    def _raters(self, c: CompiledCriterion, ratings: Iterable[str]) -> Joined:
        """Return the raters of some ratings of a criterion, whose label is printed already."""
        labels = {f"{c.id}.{rater.name}": rater.label for rater in self.plan.rubric.raters}
        return Joined(tuple(Named(name, labels.get(name)) for name in ratings))

    def _need_of(self, c: CompiledCriterion) -> Need | None:
        """Return what a criterion needs that has no points yet; None if that is not known."""
        state, scope = self.state, self.plan.scope
        if (
            c.is_remark
            or not c.is_scored
            or not state.broken.isdisjoint(scope.graph[c.points_name])
        ):
            return None
        ratings = tuple(name for name in c.rating_names if name not in self.given)
        facts: tuple[str, ...] = ()
        if (
            c.is_measured
            and not all(row.is_award for row in c.rows)
            and len(ratings) == len(c.rating_names)
        ):
            try:
                taken = c.take(state.values)
            except (RejectedValueError, TooLongError):
                return None
            if isinstance(taken, Missing):
                facts = tuple(n for n in scope.roots(taken.names) if state.values.get(n) is None)
        line = scope.name(c.id)
        key = "either" if facts else "raters" if c.raters else "rating"
        message = Message.of(
            f"need.{key}", line=line, facts=self._named(facts), ratings=self._raters(c, ratings)
        )
        return (
            Need(criterion=c.id, inputs=facts, ratings=ratings, message=message)
            if ratings
            else None
        )


def _range(bounds: Bounds | None, ends: list[Fraction]) -> ReachableRange | None:
    """Return a range: exact if records reach both ends."""
    if bounds is None:
        return None
    low, high = bounds
    return ReachableRange(
        lowest=None if low is None else exact_of(low),
        highest=None if high is None else exact_of(high),
        exact=ends == [low, high],
    )
