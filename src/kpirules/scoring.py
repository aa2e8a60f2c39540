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
from contextlib import suppress
from fractions import Fraction
from functools import cached_property, lru_cache
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from kpirules.errors import InputError, InternalSoundnessError, Problem
from kpirules.kept import MOST_KEPT, keep
from kpirules.numbers import Number, canonical, decimal_of, exact
from kpirules.records import Reader, RefusedError, is_missing, read_record, readers_of
from kpirules.result import Form, Heading, Part, Result, Verdict, set_parts
from kpirules.stages import Course, Run


if TYPE_CHECKING:
    from kpirules.criteria import CriterionPlan
    from kpirules.model import Rubric, Text
    from kpirules.plan import Plan
    from kpirules.result import Given


#: how many different values a count without an upper end is taken to have
USUAL_COUNTS = 12
#: faults by which there is not exactly one band or tier
NOT_ONE = frozenset({"band-gap", "band-overlap", "tier-gap", "tier-overlap"})
#: what picks a part's values out of a record, and what makes the part, or knows it
_Step: TypeAlias = "tuple[Callable[..., Any], Callable[..., Part]]"
#: the steps for a record, what picks what the verdict hangs on as well, and what makes the verdict
_Shape: TypeAlias = "tuple[tuple[_Step, ...], Callable[..., Any] | None, _Verdicts, Form]"


def scorer(plan: Plan) -> Callable[[Mapping[str, object]], Result]:
    """Give what scores records by a plan."""
    return Evaluator(plan).runner()


class Evaluator:
    """A plan with what has been worked out so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.readers = readers_of(plan)
        defaults: dict[str, Given] = {}
        for fact in plan.rubric.inputs:
            # a default that is not allowed is a finding of its own
            with suppress(RefusedError):
                if fact.default is not None:
                    defaults[fact.name] = self.readers[fact.name].read(fact.default)
        self.course = Course(plan, defaults)
        self._roots = self.course.roots_of
        #: the steps for a record of these names
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        #: the steps for the last record of this many names: most records give the same names
        self._latest: dict[int, _Shape] = {}

    @cached_property
    def form(self) -> Form:
        """What all results share: made for the first, since a fingerprint takes its time."""
        return form_of(self.plan)

    def runner(self) -> Callable[[Mapping[str, object]], Result]:
        """Give what scores one record.

        A function over what it needs rather than a method: each look-up of an attribute would be
        a good part of the time that a record takes.
        """
        latest = self._latest
        run_in_full, new_result = self._run_in_full, Result.__new__

        def run(inputs: Mapping[str, object]) -> Result:
            # other mappings may make up a value for a name that they do not have
            if inputs.__class__ is not dict:
                return run_in_full(inputs)
            parts: list[Part] = []
            units: Number = 0
            try:
                # As many names as the steps pick, and all of them there: so there are no others.
                steps, pick_rest, verdicts, form = latest[len(inputs)]
                for pick, make in steps:
                    part = make(*pick(inputs))
                    units += part.units
                    parts.append(part)
                if pick_rest is None:
                    verdict = verdicts[units]
                else:
                    verdict = verdicts[units, *pick_rest(inputs)]
            except (KeyError, TypeError, ValueError):
                return run_in_full(inputs)
            result = new_result(Result)
            set_parts(result, (form, parts, verdict))
            return result

        return run

    def _run_in_full(self, inputs: Any) -> Result:  # noqa: ANN401 - whatever was given
        """Score a record of which something is new, missing or wrong, stage by stage."""
        if not isinstance(inputs, Mapping):
            kind = type(inputs).__name__
            problem = Problem(input="record", message=f"must be a mapping of names, not {kind}")
            raise InputError(rubric=self.plan.rubric.id, problems=(problem,))
        given, problems = read_record(self.readers, cast("Mapping[Any, object]", inputs))
        course = self.course
        run = Run(course, given, {p.input for p in problems}).through(course.order)
        ignored = {
            name
            for c in self.plan.criteria
            if (scored := run.scored.get(c.id)) is not None and scored.left_out == "weight"
            for name in c.rating_names
        }
        if not problems:
            self._hold_sound(run)
        problems = [p for p in (*problems, *run.problems) if p.input not in ignored]
        if problems:
            order = {name: i for i, name in enumerate(self.readers)}
            problems.sort(key=lambda p: order.get(p.input, len(order)))
            raise InputError(rubric=self.plan.rubric.id, problems=tuple(problems))
        given = {name: value for name, value in given.items() if name not in ignored}
        if self.plan.is_additive and self.plan.scope.lists.isdisjoint(given):
            # of a list, a tuple that equals it may be another input: (True, 2) and (1, 2)
            self._remember(given)
        lines = tuple(run.line(c) for c in self.plan.criteria)
        part = Part(lines=lines, given=tuple(given.items()), derived=run.derived())
        return Result(self.form, (part,), run.verdict())

    def evaluated(self, record: Mapping[str, object]) -> Run:
        """Return what comes of a record, of a sound rubric or not, stage by stage."""
        given, problems = read_record(self.readers, record)
        run = Run(self.course, given, {p.input for p in problems})
        run.problems += problems
        return run.through(self.course.order)

    def _hold_sound(self, run: Run) -> None:
        """Raise :class:`InternalSoundnessError` for a fault that `check` proved impossible."""
        if run.own_problems():
            return
        for fault in run.faults:
            if fault.code in NOT_ONE and fault.name not in self.plan.undecided:
                values = [(n, run.values[n]) for n in fault.error.names if n in run.values]
                raise InternalSoundnessError(
                    rubric=self.plan.rubric.id,
                    fingerprint=self.form.fingerprint,
                    place=fault.name,
                    code=fault.code,
                    message=str(fault.error),
                    values=tuple(values),
                )

    def _remember(self, given: Mapping[str, Given]) -> None:
        """Let the next record of these names take the short way."""
        names = tuple(given)
        shape = self._shapes.get(names)
        if shape is None:
            shape = self._shape(given)
            keep(self._shapes, names, shape)
        self._latest[len(names)] = shape

    def _shape(self, given: Mapping[str, Given]) -> _Shape:
        """Work out how a record of these names is taken apart.

        A part has as many criteria as can be while all combinations of their values can be kept:
        fewer parts are fewer look-ups, and a part that differs from record to record is no help.
        """
        chunks: list[list[CriterionPlan]] = []
        size = 1
        for c in self.plan.criteria:
            more = self._variety(c, tuple(n for n in self._roots[c.id] if n in given))
            if not chunks or size * more > MOST_KEPT:
                chunks.append([])
                size = 1
            size *= more
            chunks[-1].append(c)
        steps: list[_Step] = []
        used: set[str] = set()
        for chunk in chunks:
            names = dict.fromkeys(n for c in chunk for n in self._roots[c.id] if n in given)
            used.update(names)
            steps.append(self._step(tuple(names), tuple(chunk)))
        rest = tuple(name for name in self.course.later_roots if name in given)
        idle = tuple(name for name in given if name not in used)
        # given, and not needed for any line: still part of what the result says was given
        if idle:
            steps.append(self._step(idle, ()))
        return tuple(steps), _picker(rest) if rest else None, _Verdicts(self, rest), self.form

    def _variety(self, c: CriterionPlan, names: tuple[str, ...]) -> int:
        """Say how many different lines can come of these names; a remark is seldom seen twice."""
        if not names:
            return 1
        facts = [name for name in names if name not in c.rating_names]
        if c.is_remark:
            return MOST_KEPT
        if not {*facts} <= {*c.facts} or c.needs != c.facts:
            return prod(self._values(name) for name in facts)
        return c.by_facts.size if len(names) >= len(c.facts) > 0 else c.ratings

    def _values(self, name: str) -> int:
        """Say how many values a name of a record usually has."""
        fact = self.plan.scope.inputs.get(name)
        axis = self.plan.scope.axes[name]
        if axis.options is not None:
            return len(axis.options)
        low, high = axis.domain.low, axis.domain.high
        if low is not None and high is not None and axis.step is not None:
            return int((high[0] - low[0]) // axis.step) + 1
        # of what is counted each month there are seldom more than a few
        return USUAL_COUNTS if fact is not None and fact.type == "count" else MOST_KEPT

    def _step(self, names: tuple[str, ...], chunk: tuple[CriterionPlan, ...]) -> _Step:
        """Make the step of a few criteria."""
        course = self.course
        wanted = {name for c in chunk for name in course.of_points[c.id]}
        order = tuple(name for name in course.order if name in wanted)

        # typed: True, 1.0 and Decimal(1) equal 1 and are not the same input
        @lru_cache(maxsize=MOST_KEPT, typed=True)
        def make(*values: object) -> Part:
            given = self.read(names, values)
            run = Run(course, given).through(order)
            if run.problems:
                raise RefusedError(run.problems[0].message)
            lines = tuple(run.line(c) for c in chunk)
            units = canonical(sum((Fraction(line.units) for line in lines), Fraction()))
            derived = run.derived()
            return Part(lines=lines, given=tuple(given.items()), derived=derived, units=units)

        return _picker(names), make

    def conclude(self, units: Number, given: Mapping[str, Given]) -> Verdict:
        """Say what follows from a total, counted in the plan's units, and what else it hangs on."""
        run = Run(self.course, given)
        run.values["raw_total"] = canonical(Fraction(units) / self.plan.units)
        run.through(self.course.later)
        if run.problems:
            raise RefusedError(run.problems[0].message)
        return run.verdict()

    def read(self, names: tuple[str, ...], values: tuple[object, ...]) -> dict[str, Given]:
        """Read the values of some names that must be there."""
        return {n: _read(self.readers[n], v) for n, v in zip(names, values, strict=False)}


class _Verdicts(dict[Any, Verdict]):
    """What follows from totals, by the total and the values of some names; made when asked for.

    A plain look-up is half the time of a call. Values that equal one another are told apart by the
    steps, each of which reads what it is given.
    """

    __slots__ = ("_evaluator", "_names")

    def __init__(self, evaluator: Evaluator, names: tuple[str, ...]) -> None:
        super().__init__()
        self._evaluator = evaluator
        self._names = names

    def __missing__(self, key: Any) -> Verdict:  # noqa: ANN401 - a total, or a total with values
        units, values = (key[0], key[1:]) if self._names else (key, ())
        given = self._evaluator.read(self._names, values)
        verdict = self._evaluator.conclude(units, given)
        keep(self, key, verdict)
        return verdict


def _read(reader: Reader, value: object) -> Given:
    """Read a value that must be there; what is missing takes the long way."""
    if is_missing(value):
        raise RefusedError("is missing")
    return reader.read(value)


def _picker(names: tuple[str, ...]) -> Callable[..., Any]:
    """Make what picks the values of some names out of a record, as a tuple."""
    if not names:
        return _nothing
    # one name alone would give its bare value: picked twice, it gives a tuple like the others
    return itemgetter(*names) if len(names) > 1 else itemgetter(*names, *names)


def _nothing(_: object) -> tuple[()]:
    """Pick no value."""
    return ()


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
        labels=labels_of(rubric),
        components=() if rubric.pay is None else rubric.pay.components,
        options=options_of(rubric),
        package=rubric.package,
    )


def labels_of(rubric: Rubric) -> tuple[tuple[str, Text], ...]:
    """Give the labels of the names that results speak of: facts, ratings, raters."""
    found: list[tuple[str, Text | None]] = [(f.name, f.label) for f in rubric.inputs]
    found += [(d.name, d.label) for d in rubric.derived]
    for c in rubric.all_criteria:
        found += [(f"points.{c.id}", c.label), (f"contribution.{c.id}", c.label)]
        found += [(f"{c.id}.{rater.name}", rater.label) for rater in rubric.raters]
        found.append((c.id, c.label))
    found += [(f"subtotal.{s.id}", s.label) for s in rubric.sections]
    found += [(f"adjust.{a.id}", a.label) for a in rubric.adjustments]
    found += [(f"outcome.{o.name}", o.label) for o in rubric.outcomes]
    return tuple((name, label) for name, label in found if label is not None)


def options_of(rubric: Rubric) -> tuple[tuple[str, tuple[tuple[str, Text], ...]], ...]:
    """Give the labels of what is chosen from, and of the tiers, by the code."""
    chosen = [(f.name, [(o.code, o.label) for o in f.options]) for f in rubric.inputs]
    chosen.append(("tier", [(tier.id, tier.label) for tier in rubric.tiers]))
    every = (
        (name, tuple((code, label) for code, label in codes if label is not None))
        for name, codes in chosen
    )
    return tuple((name, codes) for name, codes in every if codes)
