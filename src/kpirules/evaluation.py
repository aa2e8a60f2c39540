"""One record through the plan.

How it is quick and still says everything: a *line* depends on nothing but its criterion and the
few values that it is worked out from. So each line is made once, by the plan's partitions, and
kept; so is each verdict on a total. Which values a criterion is worked out from depends on the
*names* that a record gives, so that is worked out once for each combination of names (a *shape*).
A record like one seen before is then a chain of look-ups. A record unlike any seen before takes
the same way with the look-ups filled in on the go. What is kept is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from kpirules.errors import InputError, Problem
from kpirules.numbers import Number, canonical, decimal_of, exact
from kpirules.records import RatingReader, RemarkReader, read_record, readers_of
from kpirules.result import Form, Heading, Line, Result, TierReached, Verdict, set_parts


if TYPE_CHECKING:
    from datetime import date

    from kpirules.model import Rubric
    from kpirules.plan import CriterionPlan, Plan
    from kpirules.result import Given


#: the most shapes, lines of a criterion, and verdicts that a rubric keeps
MOST_KEPT = 4_096

#: the types whose values can be looked up as they are: True, 1.0 and Decimal(1) would find 1
_PLAIN = frozenset({int, str})

_new_result = Result.__new__


def evaluate(
    rubric: Rubric | str, inputs: Mapping[str, object], *, on: date | None = None
) -> Result:
    """Score one record.

    Parameters: ``rubric``, a rubric or the id of a ruleset; ``inputs``, facts and ratings by name
    (numbers as ``int``, ``Decimal``, ``Fraction``, ``float`` meaning its shortest repr, or plain
    decimal text; None, ``""`` and ``"n/a"`` are missing); ``on``, the date whose rules hold, where
    an id is given (default: today).

    Returns a :class:`~kpirules.result.Result`. Raises :class:`~kpirules.errors.InputError` with
    all problems of the record, :class:`~kpirules.errors.RulesetError` for an unsound rubric,
    :class:`~kpirules.errors.RulesetNotFoundError` for an unknown id.

    >>> from kpirules import evaluate, load
    >>> record = {"late": 0, "absent": 0, "leave_days": 3, "incidents": 0, "duty": "met",
    ...           "skill": 9, "feedback": 9, "manner": 5, "teamwork": 5,
    ...           "volume": 18, "service": 19, "conversion": 8}
    >>> evaluate(load("customer-service"), record).pay
    Decimal('200')
    """
    if isinstance(rubric, str) or on is not None:
        from kpirules.catalog import in_force  # noqa: PLC0415 - the catalog stands above

        rubric = in_force(rubric, on)
    return evaluator(rubric).run(inputs)


class Evaluator:
    """A plan with what has been looked up so far."""

    def __init__(self, plan: Plan, form: Form) -> None:
        self.plan = plan
        self.form = form
        self._readers = readers_of(plan)
        self._desks = tuple(
            _Desk(c, factor, plan) for c, factor in zip(plan.criteria, plan.factors, strict=True)
        )
        self._defaults = {
            fact.name: self._readers[fact.name].read(fact.default)
            for fact in plan.rubric.inputs
            if fact.default is not None
        }
        self._shapes: dict[tuple[str, ...], tuple[list[_Step], tuple[Given, ...]]] = {}
        self._verdicts: dict[Number, Verdict] = {}

    def run(self, inputs: Mapping[str, object]) -> Result:
        """Score one record."""
        try:
            steps, defaults = self._shapes[names := (*inputs,)]
            values: Any = (*inputs.values(),)
            if not _PLAIN.issuperset(map(type, values)):
                return self._run_slowly(inputs)
            sources = values + defaults if defaults else values
            lines = (*[known[pick(sources)] for pick, known in steps],)
            verdict = self._verdicts[sum([line.units for line in lines])]
        except (KeyError, TypeError, AttributeError):
            return self._run_slowly(inputs)
        result = _new_result(Result)
        set_parts(result, (self.form, names, values, lines, verdict))
        return result

    def _run_slowly(self, inputs: Mapping[str, object]) -> Result:
        """Score a record of which something is new, or wrong."""
        if not isinstance(inputs, Mapping):
            kind = type(inputs).__name__
            problem = Problem(input="record", message=f"must be a mapping of names, not {kind}")
            raise InputError(rubric=self.form.rubric, problems=(problem,))
        given, problems = read_record(self._readers, inputs)
        faulty = {problem.input for problem in problems}
        defaults = {name: v for name, v in self._defaults.items() if name not in given}
        names, values = (*given, *defaults), (*given.values(), *defaults.values())
        lines: list[Line] = []
        steps: list[_Step] = []
        for desk in self._desks:
            wanted, missing = desk.needs(given, defaults, faulty)
            problems += missing
            if missing or faulty.intersection(wanted):
                continue
            pick = _picker([names.index(name) for name in wanted])
            line = desk.line(wanted, pick(values))
            if isinstance(line, Problem):
                problems.append(line)
            else:
                lines.append(line)
                steps.append((pick, desk.known(wanted)))
        if problems:
            order = {name: i for i, name in enumerate(self._readers)}
            problems.sort(key=lambda p: order.get(p.input, len(order)))
            raise InputError(rubric=self.form.rubric, problems=tuple(problems))
        if len(given) == len(inputs):
            _keep(self._shapes, tuple(given), (steps, tuple(defaults.values())))
        verdict = self._verdict(sum(line.units for line in lines))
        return Result(self.form, (*given,), (*given.values(),), (*lines,), verdict)

    def _verdict(self, units: Number) -> Verdict:
        """Say what follows from a total, counted in the plan's units."""
        if units not in self._verdicts:
            total = canonical(Fraction(units) / self.plan.units)
            tier = self.plan.tier_of(total)
            outcomes = {} if tier is None else {"pay": tier.pay, "coefficient": tier.coefficient}
            verdict = Verdict(
                total=decimal_of(total),
                tier=None if tier is None else TierReached(id=tier.id, label=tier.label),
                outcomes=tuple((k, v) for k, v in outcomes.items() if v is not None),
            )
            _keep(self._verdicts, units, verdict)
            return verdict
        return self._verdicts[units]


#: what picks a criterion's values out of a record's, and the lines known so far for them
_Step: TypeAlias = "tuple[Callable[..., Any], dict[Any, Line]]"


def _keep(known: dict[Any, Any], key: object, value: object) -> None:
    """Keep a value for the next time, unless enough is kept."""
    if len(known) < MOST_KEPT:
        known[key] = value


def _picker(places: list[int]) -> Callable[..., Any]:
    """Make what picks a criterion's values out of a record's."""
    return itemgetter(*places) if places else itemgetter(slice(0, 0))


class _Desk:
    """Where one criterion is scored."""

    def __init__(self, c: CriterionPlan, factor: Number, plan: Plan) -> None:
        self.c = c
        self.factor = factor
        self.units = plan.units
        self.id = c.criterion.id
        self._labels = {fact.name: fact for fact in plan.rubric.inputs}
        self._rating = RemarkReader(c) if c.is_remark else RatingReader(c)
        #: lines by the names that they were worked out from, then by the values
        self._known: dict[tuple[str, ...], dict[Any, Line]] = {}

    def known(self, names: tuple[str, ...]) -> dict[Any, Line]:
        """Give the lines made so far from values of these names."""
        return self._known.setdefault(names, {})

    def needs(
        self, given: Mapping[str, Given], defaults: Mapping[str, Given], faulty: set[str]
    ) -> tuple[tuple[str, ...], list[Problem]]:
        """Say which names of a record the criterion is worked out from, and which are missing.

        Facts count as given when the record gives all of them; a default stands in only where no
        rating is given.
        """
        facts = self.c.facts
        rated = self.id in given or self.id in faulty
        own = (self.id,) if rated else ()
        here = [name for name in facts if name in given or name in faulty]
        if facts and len(here) == len(facts):
            return (*facts, *own), []
        if rated or not self.c.criterion.scored:
            return own, []
        missing = [name for name in facts if name not in here and name not in defaults]
        if facts and not missing:
            return facts, []
        return (), self._missing(missing)

    def _missing(self, facts: list[str]) -> list[Problem]:
        """Say what is missing: facts, or the rating of a judged criterion."""
        if not facts:
            return [self._rating.problem(None, "is missing")]
        from kpirules.plan import describe_input  # noqa: PLC0415 - only with a problem

        instead = f"; or rate {self.id} directly: {self._rating.admissible}"
        return [
            Problem(
                input=name,
                message="is missing",
                admissible=describe_input(self._labels[name]) + instead,
            )
            for name in facts
        ]

    def line(self, names: tuple[str, ...], key: Any) -> Line | Problem:  # noqa: ANN401
        """Give the line for values of these names, or what is wrong with them together."""
        known = self.known(names)
        if key not in known:
            values = key if len(names) != 1 else (key,)
            made = self._make(dict(zip(names, values, strict=True)))
            if isinstance(made, Problem):
                return made
            _keep(known, key, made)
            return made
        return known[key]

    def _make(self, used: dict[str, Any]) -> Line | Problem:
        """Work a line out."""
        c = self.c
        rating = used.get(self.id)
        if c.is_remark or not used:
            return self._line(used, None, None, rating if c.is_remark else None)
        facts = [used[name] for name in c.facts if name in used]
        rows = c.rows_of_facts(facts) if facts else -1
        if rating is not None:
            admitted = rows & c.rows_of_rating(rating)
            if not admitted:
                return self._disagreement(rating, rows)
            rows = admitted
        elif c.is_judged:
            return self._rating.problem(None, "is missing")
        row = rows.bit_length() - 1 if rows.bit_count() == 1 else None
        points = c.rows[row].points.only if rating is None and row is not None else rating
        return self._line(used, row, points, None)

    def _line(
        self, used: dict[str, Any], row: int | None, points: Number | None, remark: str | None
    ) -> Line:
        """Make the line."""
        c, criterion = self.c, self.c.criterion
        band = None if row is None else c.rows[row].band
        plain = c.is_remark
        contribution = Fraction(points or 0) * self.factor
        return Line(
            criterion=self.id,
            label=criterion.label,
            section=None if c.section is None else c.section.id,
            cite=criterion.cite,
            band=None if band is None else row,
            band_label=None if band is None else band.label,
            condition="" if row is None else c.rows[row].condition,
            points=None if points is None else decimal_of(points),
            scale=None if plain else decimal_of(c.scale),
            weight=decimal_of(c.weight) if criterion.scored else None,
            contribution=decimal_of(canonical(contribution)),
            used=() if plain else tuple(used.items()),
            remark=remark,
            units=canonical(contribution * self.units),
        )

    def _disagreement(self, rating: Number, rows: int) -> Problem:
        """Say that facts and rating do not agree, and what the facts give."""
        from kpirules.ranges import listing  # noqa: PLC0415 - only with a problem

        given = [row.points for i, row in enumerate(self.c.rows) if rows >> i & 1]
        return Problem(
            input=self.id,
            value=decimal_of(rating),
            message="does not agree with the facts",
            admissible=listing(given, self.c.step if self.c.is_judged else None),
        )


# ---------------------------------------------------------------- rubrics made ready


def evaluator(rubric: Rubric) -> Evaluator:
    """Give the evaluator of a rubric, made once.

    Raises :class:`~kpirules.errors.RulesetError` with all findings where the rubric is unsound.
    """
    ready: Any = rubric.ready
    return _prepare(rubric) if ready is None else ready


def _prepare(rubric: Rubric) -> Evaluator:
    """Check a rubric and make it ready."""
    from kpirules.checks import sound_plan  # noqa: PLC0415 - once a rubric

    plan = sound_plan(rubric)
    made = Evaluator(plan, form_of(plan))
    object.__setattr__(rubric, "ready", made)
    return made


def form_of(plan: Plan) -> Form:
    """Give what all results of a plan share."""
    from kpirules.document.writing import fingerprint  # noqa: PLC0415 - once a rubric

    rubric = plan.rubric
    return Form(
        rubric=rubric.id,
        label=rubric.label,
        effective_from=rubric.effective_from,
        fingerprint=fingerprint(rubric),
        currency=rubric.currency,
        full_marks=decimal_of(exact(rubric.full_marks)),
        sections=tuple(
            Heading(id=s.id, label=s.label, weight=decimal_of(plan.section_weight(s)))
            for s in rubric.sections
        ),
        components=() if rubric.pay is None else rubric.pay.components,
    )
