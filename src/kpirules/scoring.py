"""One record through the plan.

How it is quick and still says everything: a *line* depends on nothing but its criterion and the
few values that it is worked out from, and a few lines together (a *part* of the result) on nothing
but theirs. So each part is made once, by the plan's partitions, and kept; so is each verdict on a
total. Which values a criterion is worked out from depends on the *names* that a record gives, and
that is worked out once for each combination of names. A record like one seen before is then a
chain of look-ups; anything new, missing or wrong takes the long way, which also fills the tables.
What is kept is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from kpirules.errors import InputError, Problem
from kpirules.numbers import Number, canonical, decimal_of, exact
from kpirules.plan import describe_input
from kpirules.quantities import Missing, RefusedValueError, Taken
from kpirules.ranges import Range, listing
from kpirules.records import (
    RatingReader,
    Reader,
    RefusedError,
    RemarkReader,
    is_missing,
    read_record,
    readers_of,
)
from kpirules.result import Form, Heading, Line, Part, Result, TierReached, Verdict, set_parts


if TYPE_CHECKING:
    from kpirules.plan import CriterionPlan, Plan
    from kpirules.result import Given


#: the most parts of one kind, lines of one criterion, combinations of names, and verdicts kept
MOST_KEPT = 8_192

#: what picks a part's values out of a record, and what makes the part, or knows it
_Step: TypeAlias = "tuple[Callable[..., Any], Callable[..., Part]]"


def scorer(plan: Plan) -> Callable[[Mapping[str, object]], Result]:
    """Give what scores records by a plan."""
    return Evaluator(plan, form_of(plan)).runner()


class Evaluator:
    """A plan with what has been worked out so far."""

    def __init__(self, plan: Plan, form: Form) -> None:
        self.plan = plan
        self.form = form
        self._readers = readers_of(plan)
        defaults: dict[str, Given] = {
            fact.name: self._readers[fact.name].read(fact.default)
            for fact in plan.rubric.inputs
            if fact.default is not None
        }
        self._desks = tuple(
            _Desk(c, factor, plan, defaults)
            for c, factor in zip(plan.criteria, plan.factors, strict=True)
        )
        #: the steps for a record of these names
        self._shapes: dict[tuple[str, ...], tuple[_Step, ...]] = {}
        #: the steps for the last record of this many names: most records give the same names
        self._latest: dict[int, tuple[_Step, ...]] = {}
        self._verdicts: dict[Number, Verdict] = {}

    def runner(self) -> Callable[[Mapping[str, object]], Result]:
        """Give what scores one record.

        A function over what it needs rather than a method: each look-up of an attribute would be
        a good part of the time that a record takes.
        """
        form, latest, verdicts = self.form, self._latest, self._verdicts
        run_in_full, new_result = self._run_in_full, Result.__new__

        def run(inputs: Mapping[str, object]) -> Result:
            # other mappings may make up a value for a name that they do not have
            if inputs.__class__ is not dict:
                return run_in_full(inputs)
            parts: list[Part] = []
            units: Number = 0
            try:
                # As many names as the steps pick, and all of them there: so there are no others.
                for pick, make in latest[len(inputs)]:
                    part = make(*pick(inputs))
                    units += part.units
                    parts.append(part)
                verdict = verdicts[units]
            except (KeyError, TypeError, ValueError):
                return run_in_full(inputs)
            result = new_result(Result)
            set_parts(result, (form, parts, verdict))
            return result

        return run

    def _run_in_full(self, inputs: Any) -> Result:  # noqa: ANN401 - whatever was given
        """Score a record of which something is new, missing or wrong."""
        if not isinstance(inputs, Mapping):
            kind = type(inputs).__name__
            problem = Problem(input="record", message=f"must be a mapping of names, not {kind}")
            raise InputError(rubric=self.form.rubric, problems=(problem,))
        given, problems = read_record(self._readers, cast("Mapping[Any, object]", inputs))
        problems += self._gather(given, {problem.input for problem in problems})
        if problems:
            order = {name: i for i, name in enumerate(self._readers)}
            problems.sort(key=lambda p: order.get(p.input, len(order)))
            raise InputError(rubric=self.form.rubric, problems=tuple(problems))
        names = tuple(given)
        steps = self._shapes.get(names)
        if steps is None:
            steps = self._steps(given)
            _keep(self._shapes, names, steps)
        self._latest[len(names)] = steps
        parts = [make(*pick(given)) for pick, make in steps]
        verdict = self._verdict(sum(part.units for part in parts))
        return Result(self.form, tuple(parts), verdict)

    def _gather(self, given: Mapping[str, Given], faulty: set[str]) -> list[Problem]:
        """Find what is missing from a record, and what does not agree in it."""
        problems: list[Problem] = []
        for desk in self._desks:
            wanted = desk.names(given, faulty)
            if not faulty.intersection(wanted):
                line = desk.line(wanted, tuple(given[name] for name in wanted))
                if not isinstance(line, Line):
                    problems += [problem for problem in line if problem not in problems]
        return problems

    def _steps(self, given: Mapping[str, Given]) -> tuple[_Step, ...]:
        """Work out how a record of these names is taken apart.

        A part has as many criteria as can be while all combinations of their values can be kept:
        fewer parts are fewer look-ups, and a part that differs from record to record is no help.
        """
        chunks: list[list[tuple[_Desk, tuple[str, ...]]]] = []
        size = 1
        for desk in self._desks:
            wanted = desk.names(given, set())
            more = desk.variety(wanted)
            if not chunks or size * more > MOST_KEPT:
                chunks.append([])
                size = 1
            size *= more
            chunks[-1].append((desk, wanted))
        used = {name for chunk in chunks for _, names in chunk for name in names}
        steps: list[_Step] = []
        for chunk in chunks:
            names = dict.fromkeys(n for _, ns in chunk for n in ns if n in given)
            steps.append(self._step(tuple(names), tuple(chunk)))
        idle = tuple(name for name in given if name not in used)
        # given, and not needed for any line: still part of what the result says was given
        return (*steps, self._step(idle, ())) if idle else tuple(steps)

    def _step(
        self, names: tuple[str, ...], chunk: tuple[tuple[_Desk, tuple[str, ...]], ...]
    ) -> _Step:
        """Make the step of a few criteria."""
        readers = self._readers

        # typed: True, 1.0 and Decimal(1) equal 1 and are not the same input
        @lru_cache(maxsize=MOST_KEPT, typed=True)
        def make(*values: object) -> Part:
            given = {n: _read(readers[n], v) for n, v in zip(names, values, strict=False)}
            lines: list[Line] = []
            for desk, wanted in chunk:
                line = desk.line(wanted, tuple(given[name] for name in wanted))
                if not isinstance(line, Line):
                    raise RefusedError(line[0].message)
                lines.append(line)
            units = canonical(sum((Fraction(line.units) for line in lines), Fraction()))
            return Part(lines=tuple(lines), given=tuple(given.items()), units=units)

        return _picker(names), make

    def _verdict(self, units: Number) -> Verdict:
        """Say what follows from a total, counted in the plan's units."""
        verdict = self._verdicts.get(units)
        if verdict is None:
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


def _read(reader: Reader, value: object) -> Given:
    """Read a value that must be there; what is missing takes the long way."""
    if is_missing(value):
        raise RefusedError("is missing")
    return reader.read(value)


def _keep(known: dict[Any, Any], key: object, value: object) -> None:
    """Keep a value for the next time, unless enough is kept."""
    if len(known) < MOST_KEPT:
        known[key] = value


def _picker(names: tuple[str, ...]) -> Callable[..., Any]:
    """Make what picks the values of some names out of a record, as a tuple."""
    if not names:
        return _nothing
    # one name alone would give its bare value: picked twice, it gives a tuple like the others
    return itemgetter(*names) if len(names) > 1 else itemgetter(*names, *names)


def _nothing(_: object) -> tuple[()]:
    """Pick no value."""
    return ()


class _Desk:
    """Where one criterion is scored."""

    def __init__(
        self, c: CriterionPlan, factor: Number, plan: Plan, defaults: Mapping[str, Given]
    ) -> None:
        self.c = c
        self.factor = factor
        self.units = plan.units
        self.id = c.criterion.id
        self._scope = plan.scope
        self._defaults = defaults
        #: the names of a record that its facts hang on
        self.roots = plan.scope.roots(c.needs)
        self._rating = RemarkReader(c) if c.is_remark else RatingReader(c)
        #: lines by the names that they were worked out from, then by the values
        self._known: dict[tuple[tuple[str, ...], tuple[Given, ...]], Line] = {}

    def names(self, given: Mapping[str, object], faulty: set[str]) -> tuple[str, ...]:
        """Say which names of a record the criterion is worked out from: facts, then its rating."""
        return tuple(name for name in (*self.roots, self.id) if name in given or name in faulty)

    def variety(self, names: tuple[str, ...]) -> int:
        """Say how many different lines can come of these names; a remark is seldom seen twice."""
        if not names:
            return 1
        if self.c.is_remark or self.c.needs != self.c.facts or self.roots != self.c.facts:
            return MOST_KEPT
        return self.c.by_facts.size if len(names) >= len(self.c.facts) > 0 else self.c.ratings

    def line(self, names: tuple[str, ...], values: tuple[Given, ...]) -> Line | tuple[Problem, ...]:
        """Give the line for values of these names, or what is wrong with them together."""
        known = self._known.get((names, values))
        if known is not None:
            return known
        made = self._make(dict(zip(names, values, strict=True)))
        if isinstance(made, Line):
            _keep(self._known, (names, values), made)
        return made

    def _make(self, given: dict[str, Any]) -> Line | tuple[Problem, ...]:
        """Work a line out.

        Facts count as given when the record gives all that is needed; a default stands in only
        where no rating is given.
        """
        c, rating = self.c, given.get(self.id)
        if c.is_remark:
            return self._line({}, None, None, remark=rating)
        facts = {name: value for name, value in given.items() if name != self.id}
        try:
            env, taken = self._come_to(facts, rated=rating is not None)
        except RefusedValueError as error:
            return (self._undefined(error, {**self._defaults, **given}),)
        if isinstance(taken, Missing):
            if rating is not None:
                return self._rated(rating, {}, c.rows_of_rating(rating))
            if not c.criterion.scored:
                return self._line({}, None, None)
            return self._unknown(taken, facts)
        if rating is None:
            if taken.value is None and c.criterion.scored:
                return (self._rating.problem(None, "is missing"),)
            value = cast("Number | None", taken.value)
            return self._line(env, taken.row, value, raw=taken.raw)
        if c.rows[taken.row].is_award:
            rows = c.rows_of_rating(rating) & 1 << taken.row
            return self._rated(rating, env, rows) if rows else (self._disagreement(rating, taken),)
        if rating != taken.value:
            return (self._disagreement(rating, taken),)
        return self._line({**env, self.id: rating}, taken.row, rating, raw=taken.raw)

    def _come_to(
        self, facts: dict[str, Any], *, rated: bool
    ) -> tuple[dict[str, Any], Taken | Missing]:
        """Ask the facts that are given; and with the defaults, where no rating stands."""
        env = self._scope.env(self.c.needs, facts)
        taken = self._take(env)
        if isinstance(taken, Missing) and not rated:
            env = self._scope.env(self.c.needs, {**self._defaults, **facts})
            taken = self._take(env)
        return env, taken

    def _take(self, env: dict[str, Any]) -> Taken | Missing:
        """Ask the facts; a criterion that needs none, and has points to award, is not decided."""
        if not self.c.is_measured:
            return Missing(())
        return self.c.take(env)

    def _rated(self, rating: Number, env: dict[str, Any], rows: int) -> Line | tuple[Problem, ...]:
        """Give the line of a rating that rows admit, clamped and rounded like any other points.

        What a band gives by facts has been already: to do it again changes nothing.
        """
        c = self.c
        try:
            points = c.finish(rating)
        except RefusedValueError as error:
            return (self._rating.problem(decimal_of(rating), str(error)),)
        index = rows.bit_length() - 1 if rows.bit_count() == 1 else None
        return self._line({**env, self.id: rating}, index, points, raw=rating)

    def _unknown(self, missing: Missing, facts: Mapping[str, object]) -> tuple[Problem, ...]:
        """Say what is missing: facts, or the rating of a judged criterion."""
        if not missing.names:
            return (self._rating.problem(None, "is missing"),)
        instead = f"; or rate {self.id} directly: {self._rating.admissible}"
        inputs = self._scope.inputs
        return tuple(
            Problem(
                input=name,
                message="is missing",
                admissible=describe_input(inputs[name]) + instead,
            )
            for name in self._scope.roots(missing.names)
            if name not in facts and name not in self._defaults
        )

    def _undefined(self, error: RefusedValueError, given: Mapping[str, object]) -> Problem:
        """Say that facts lead to no value; of the first of them that it hangs on."""
        roots = self._scope.roots(error.names)
        name = roots[0] if roots else self.id
        value = given.get(name)
        return Problem(input=name, value=value, message=f"{error} in {self.id}")

    def _line(
        self,
        used: dict[str, Any],
        row: int | None,
        points: Number | None,
        *,
        raw: Number | None = None,
        remark: str | None = None,
    ) -> Line:
        """Make the line; ``raw`` is what the points were before they were clamped and rounded."""
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
            raw=None if raw in (None, points) else decimal_of(raw),
            scale=None if plain or not c.scale else decimal_of(c.scale),
            weight=decimal_of(c.weight) if criterion.scored else None,
            contribution=decimal_of(canonical(contribution)),
            used=() if plain else tuple(used.items()),
            remark=remark,
            units=canonical(contribution * self.units),
        )

    def _disagreement(self, rating: Number, taken: Taken) -> Problem:
        """Say that facts and rating do not agree, and what the facts give."""
        row = self.c.rows[taken.row]
        given = row.points if row.is_award else Range.exactly(cast("Number", taken.value))
        return Problem(
            input=self.id,
            value=decimal_of(rating),
            message="does not agree with the facts",
            admissible=listing([given], self.c.step if self.c.is_judged else None),
        )


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
        labels=tuple((f.name, f.label) for f in rubric.inputs if f.label is not None),
        components=() if rubric.pay is None else rubric.pay.components,
    )
