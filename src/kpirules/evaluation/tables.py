"""Evaluation by tables: what was computed for some values is looked up for the next such record.

The points of a criterion depend on the few values that a record gives for its names, and where
weights are the same for all records so does its line; what follows from the total depends on the
total, and on the names that gates, adjustments and outcomes ask for. Both are kept in bounded
tables by these values. Which names are given is known by the *shape* of a record: its names, in
their order. What is in no table is computed at the stages
(:mod:`kpirules.evaluation.stage_functions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import count
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast

from kpirules._internal.caching import BoundedCache, Deferred, Made
from kpirules.arithmetic.number import canonical
from kpirules.compiler.computed import Scored
from kpirules.errors import InputError
from kpirules.evaluation.readings import as_dict
from kpirules.evaluation.record import MAX_NAMES, RefusedError
from kpirules.evaluation.result import Result
from kpirules.evaluation.state import State
from kpirules.evaluation.trace import LineTrace, VerdictTrace


if TYPE_CHECKING:
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.errors import Problem
    from kpirules.evaluation.context import Context
    from kpirules.evaluation.evaluator import Evaluator
    from kpirules.evaluation.result_parts import Given


#: values of these classes that are equal are read as the same
_BARE: Final = frozenset({int, str, Decimal, Fraction, type(None)})
#: True equals 1 and is no number, and a float means its shortest repr: known by their class as well
_CLASSED: Final = frozenset({float, bool})
_TRUSTED: Final = _BARE | _CLASSED

#: a sum of contributions of fewer bits each is never too long
_SUMMAND_BITS = 3_000
#: the decimals that are counted where the step of points is unknown, such as those of a formula
_DECIMALS = 6
#: picks some values of a record: one as it is, several as a tuple
_Pick: TypeAlias = "Callable[[Any], Any]"


class _Shape(NamedTuple):
    """How records of the same names are looked up."""

    #: what picks the values that each criterion depends on, and its lines by them
    picks: tuple[_Pick, ...]
    lines: tuple[BoundedCache[Any, LineTrace], ...]
    #: what picks the values that the verdict depends on beside the total, and verdicts by them
    pick: _Pick | None
    verdicts: BoundedCache[Any, VerdictTrace]
    #: the places of names that nothing depends on
    idle: tuple[tuple[int, str], ...]
    #: the remarks: the index of the criterion, and the place of its name
    remarks: tuple[tuple[int, int], ...]
    #: whether it has no name that the rubric does not know
    is_known: bool


class GivenTrace(Deferred["Mapping[str, Given]"]):
    """The values of a record."""

    __slots__ = ("_context", "_names", "_values")

    def __init__(self, context: Context, names: tuple[str, ...], values: list[Any]) -> None:
        super().__init__()
        self._context = context
        self._names = names
        self._values = values

    def make(self) -> Mapping[str, Given]:
        """Return them, read."""
        record = dict(zip(self._names, self._values, strict=True))
        given, _ = self._context.readings.read(record)
        return self._context.counted(given)


class ProblemsTrace(Deferred[tuple["Problem", ...]]):
    """All problems of a record of which some values are not allowed."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[], tuple[Problem, ...]]) -> None:
        super().__init__()
        self._find = find

    def make(self) -> tuple[Problem, ...]:
        """Find them."""
        return self._find()


class Tables:
    """The tables of a context."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        context = self._context = evaluator.context
        plan = context.plan
        self._criteria = plan.criteria
        self._every = range(len(plan.criteria))
        self._criterion_of = {
            name: i
            for i, c in enumerate(plan.criteria)
            for name in (c.points_name, c.contribution_name)
        }
        self._units = plan.raw_totals.units * (1 if context.is_counted else 10**_DECIMALS)
        #: whether the contribution of each criterion is independent of the others
        self._is_settled = plan.weighing.is_settled and not plan.lost and not plan.without
        #: the stages that the points of each criterion need, in order, and these last
        self._stages = [context.up_to((c.points_name,)) for c in plan.criteria]
        #: names without which a criterion has no line
        self._needed = [
            {*c.rating_names, *names, c.contribution_name}
            for c, names in zip(plan.criteria, self._stages, strict=True)
        ]
        self._derived = [self._derived_in(names) for names in self._stages]
        #: the other criteria whose lines each needs
        self._others = [
            [j for j in self._among(names) if j != i] for i, names in enumerate(self._stages)
        ]
        #: names of a record that the points of each depend on; of a remark, its line without one
        self._roots = [
            () if c.is_remark else context.roots((f"points.{c.id}",)) for c in plan.criteria
        ]
        self._remarks = {c.id: i for i, c in enumerate(plan.criteria) if c.is_remark}
        self._weights = [
            plan.weighing.of(c.criterion, {}) if c.is_scored else None for c in plan.criteria
        ]
        #: what a point of each gives to the total
        self._shares = [plan.weighing.factors.get(c.id, 0) for c in plan.criteria]
        #: what follows from the raw total
        used = {*context.sums, *(name for names in self._stages for name in names)}
        later = [name for name in context.order if name not in used]
        self._after = context.up_to(later, ("raw_total",))
        self._derived_after = self._derived_in(self._after)
        self._others_after = self._among(self._after)
        self._roots_after = context.roots(later, ("raw_total",))
        #: too few criteria count, whatever the record
        counted = sum(c.is_scored and not c.is_weightless for c in plan.criteria)
        least = 1 if plan.rubric.total is None else (plan.rubric.total.minimum_scored or 1)
        self._is_unratable = any(c.is_scored for c in plan.criteria) and counted < least
        self._rejected = count(1)
        self._shapes: BoundedCache[tuple[str, ...], _Shape] = BoundedCache()
        self._lines: BoundedCache[tuple[int, tuple[str, ...]], BoundedCache[Any, LineTrace]] = (
            BoundedCache()
        )
        self._verdicts: BoundedCache[tuple[str, ...], BoundedCache[Any, VerdictTrace]] = (
            BoundedCache()
        )

    def _derived_in(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the derived facts among some stages."""
        some = {*names}
        return tuple(name for name in self._context.derived if name in some)

    def _among(self, names: tuple[str, ...]) -> list[int]:
        """Return the criteria whose points or contributions are among some stages."""
        return sorted({self._criterion_of[name] for name in names if name in self._criterion_of})

    def evaluator(self, *, is_counted: bool = False) -> Callable[[Mapping[str, object]], Result]:
        """Return the function that evaluates one record, and whether it counts rejected ones."""
        compute = self._compute_counted if is_counted else self._compute
        shapes, context, is_settled = self._shapes, self._context, self._is_settled
        unknown = [None] * len(self._criteria)
        is_bare, get = _BARE.issuperset, dict[Any, Any].get
        form = context.form

        def evaluate(record: Mapping[str, object]) -> Result:
            plain = record if record.__class__ is dict else as_dict(record)
            if plain is None:
                return compute(record, _Look([*unknown]))
            names = tuple(plain)
            shape = shapes.get(names) or self._shape(names)
            values = [*plain.values()]
            keyed = values if is_bare(map(type, values)) else _keyed(values)
            if shape is None or keyed is None:
                return compute(plain, _Look([*unknown]))
            keys = [pick(keyed) for pick in shape.picks]
            lines: list[Any]
            try:
                lines = [*map(get, shape.lines, keys)]
            except TypeError:
                # a number that is no number has no hash
                return compute(plain, _Look([*unknown]))
            for i, place in shape.remarks:
                lines[i] = self._remark(i, values[place], lines[i])
            key = None if shape.pick is None else shape.pick(keyed)
            if is_settled and all(lines) and shape.is_known:
                units = _sum(lines)
                verdict = shape.verdicts.get(units if key is None else (units, key))
                if verdict is not None and not (shape.idle and self._is_wrong(shape, values)):
                    return Result.deferred(form, GivenTrace(context, names, values), lines, verdict)
            return compute(plain, _Look(lines, shape, keys, key))

        return evaluate

    def _remark(self, i: int, value: object, without: LineTrace | None) -> LineTrace | None:
        """Return the line of a remark, ``without`` one where there is none; None: not known."""
        c = self._criteria[i]
        try:
            name, text = self._context.readings.cell(c.id, value)
        except RefusedError:
            return None
        return without if name is None else LineTrace(c, Scored(remark=cast("str", text)))

    def _is_wrong(self, shape: _Shape, values: list[Any]) -> bool:
        """Return whether a value that nothing depends on is not allowed."""
        cell = self._context.readings.cell
        try:
            for place, name in shape.idle:
                cell(name, values[place])
        except (RefusedError, TypeError):
            return True
        return False

    def _compute_counted(self, record: object, look: _Look) -> Result:
        """Evaluate a record of which something is in no table; count it if it is rejected."""
        try:
            return self._compute(record, look)
        except InputError:
            from kpirules._internal.logs import LOGGER  # noqa: PLC0415 - only then

            rubric, number = self._context.plan.rubric.id, next(self._rejected)
            LOGGER.info("rejected a record of ruleset %s; rejected so far: %d", rubric, number)
            raise

    def _compute(self, record: object, look: _Look) -> Result:
        """Evaluate a record of which something is in no table."""
        context = self._context
        given, problems = context.readings.read(record)
        if problems and not context.may_weigh_nothing:
            # the record is rejected for these; its other problems wait until they are read
            every = ProblemsTrace(partial(self._problems, given, problems, look))
            raise InputError(rubric=context.plan.rubric.id, problems=every)
        state = State(context, given, [p.input for p in problems])
        traces = self._started(state, look)
        if traces is not None and not problems:
            return Result.deferred(context.form, Made(context.counted(given)), *traces)
        traces = self._evaluator.computed(state, problems)
        if not self._is_settled:
            for i, line in enumerate(traces[0]):
                look.keep_line(i, line)
        ignored = state.ignored()
        given = {name: value for name, value in given.items() if name not in ignored}
        return Result.deferred(context.form, Made(given), *traces)

    def _problems(
        self, given: Mapping[str, Given], problems: list[Problem], look: _Look
    ) -> tuple[Problem, ...]:
        """Return all problems of a record; ``problems``: those of its values."""
        state = State(self._context, given, [p.input for p in problems])
        self._started(state, look)
        return self._evaluator.problems(state, problems)

    def _started(self, state: State, look: _Look) -> tuple[list[LineTrace], VerdictTrace] | None:
        """Compute a valid record, if its lines do not depend on others; else store all lines."""
        traces = self._in_parts(state, look) if self._is_settled else None
        if traces is None:
            self._put(state, look, self._every)
        return traces

    def _put(self, state: State, look: _Look, some: Iterable[int]) -> None:
        """Store the lines of some criteria that the tables have."""
        for i in some:
            line = look.lines[i]
            if line is not None:
                state.put(self._criteria[i], line.scored)

    def _in_parts(self, state: State, look: _Look) -> tuple[list[LineTrace], VerdictTrace] | None:
        """Compute what is in no table, and keep what is valid; None if the record is not."""
        lines = look.lines
        for i, c in enumerate(self._criteria):
            if lines[i] is None:
                if self._others[i]:
                    self._put(state, look, self._others[i])
                self._evaluator.through(state, self._stages[i])
                if state.broken and not state.broken.isdisjoint(self._needed[i]):
                    continue
                line = self._line(state, i, c)
                if line.units is None:
                    # its contribution may be too long
                    self._evaluator.through(state, (c.contribution_name,))
                    if c.contribution_name in state.broken:
                        continue
                look.keep_line(i, line)
        if state.broken:
            return None
        found = cast("list[LineTrace]", lines)
        units = _sum(found)
        verdict = look.verdict(units)
        if verdict is None:
            self._put(state, look, self._others_after)
            self._add_up(state, look, units)
            self._evaluator.through(state, self._after)
            if state.broken:
                return None
            verdict = state.verdict(self._derived_after)
            look.keep_verdict(units, verdict)
        return found, verdict

    def _line(self, state: State, i: int, c: CompiledCriterion) -> LineTrace:
        """Return the line of a criterion that was scored."""
        scored, share = state.scored[c.id], self._shares[i]
        above, below = (scored.points or 0).as_integer_ratio()
        part, by = share.as_integer_ratio()
        units, rest = divmod(above * part * self._units, below * by)
        derived = state.derived(self._derived[i])
        known = None if rest or units.bit_length() >= _SUMMAND_BITS else units
        return LineTrace(c, scored, share, self._weights[i], units=known, derived=derived)

    def _add_up(self, state: State, look: _Look, units: int | None) -> None:
        """Compute the raw total of contributions whose sum is so many units."""
        if units is not None:
            state.done.add("raw_total")
            state.values["raw_total"] = canonical(Fraction(units, self._units))
            state.unratable = self._is_unratable
        else:
            self._put(state, look, self._every)
            self._evaluator.through(state, self._context.sums)

    def _shape(self, names: tuple[str, ...]) -> _Shape | None:
        """Return how records of some names are looked up; None where one is not known."""
        if any(name.__class__ is not str for name in names) or len(names) > MAX_NAMES:
            return None
        known = self._context.readers
        place = {name: i for i, name in enumerate(names) if name in known}
        own = [tuple(n for n in roots if n in place) for roots in self._roots]
        after = tuple(n for n in self._roots_after if n in place)
        used = {name for there in own for name in there}.union(after, self._remarks)
        shape = _Shape(
            picks=tuple(_picker([place[n] for n in there]) for there in own),
            lines=tuple(_table(self._lines, (i, there)) for i, there in enumerate(own)),
            pick=_picker([place[n] for n in after]) if after else None,
            verdicts=_table(self._verdicts, after),
            idle=tuple((i, name) for name, i in place.items() if name not in used),
            remarks=tuple((i, place[name]) for name, i in self._remarks.items() if name in place),
            is_known=len(place) == len(names),
        )
        self._shapes.keep(names, shape)
        return shape


class _Look:
    """What the tables have for one record."""

    __slots__ = ("_key", "_keys", "_shape", "lines")

    def __init__(
        self,
        lines: list[LineTrace | None],
        shape: _Shape | None = None,
        keys: Sequence[Any] = (),
        key: object = None,
    ) -> None:
        #: the lines of the criteria, as far as they are known
        self.lines = lines
        #: where to look up; None where nothing may be kept
        self._shape = shape
        #: the keys of the lines
        self._keys = keys
        #: what the verdict is looked up by beside the total
        self._key = key

    def keep_line(self, i: int, line: LineTrace) -> None:
        """Store the line of a criterion, and cache it; a remark is seldom seen twice."""
        self.lines[i] = line
        if self._shape is not None and line.scored.remark is None:
            self._shape.lines[i].keep(self._keys[i], line)

    def verdict(self, units: int | None) -> VerdictTrace | None:
        """Return what follows from a total, if that is known."""
        shape = self._shape
        return None if shape is None else shape.verdicts.get(self._of(units))

    def keep_verdict(self, units: int | None, verdict: VerdictTrace) -> None:
        """Cache what follows from a total."""
        if self._shape is not None and units is not None:
            self._shape.verdicts.keep(self._of(units), verdict)

    def _of(self, units: int | None) -> object:
        """Return what a verdict is looked up by."""
        return units if self._key is None else (units, self._key)


def _sum(lines: Iterable[Any]) -> int | None:
    """Return the sum of contributions in units; None where one is not a whole number of them."""
    try:
        units: int = sum([line.units for line in lines])
    except TypeError:
        return None
    return units


def _table(
    tables: BoundedCache[Any, BoundedCache[Any, Any]], key: object
) -> BoundedCache[Any, Any]:
    """Return one of some tables."""
    table = tables.get(key)
    if table is None:
        table = BoundedCache[Any, Any]()
        tables.keep(key, table)
    return table


def _picker(places: list[int]) -> _Pick:
    """Return what picks the values of some places."""
    return itemgetter(*places) if places else _nothing


def _nothing(_: object) -> tuple[()]:
    """Return no value."""
    return ()


def _keyed(values: list[Any]) -> list[Any] | None:
    """Return values as they are looked up by; None where one may be changed later."""
    if not _TRUSTED.issuperset(map(type, values)):
        return None
    return [(v.__class__, v) if v.__class__ in _CLASSED else v for v in values]
