"""Evaluation by tables: what was computed for some values is looked up for the next such record.

The points of a criterion depend on the few values that a record gives for its names, and where
weights are the same for all records so does its line; what follows from the total depends on the
total, and on the names that gates, adjustments and outcomes ask for. Both are kept in bounded
tables by these values. Which names are given is known by the *shape* of a record: its names, in
their order. What is in no table is computed at the stages
(:mod:`kpirules.evaluation.stage_functions`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast

from kpirules._internal.caching import BoundedCache, Deferred, Made
from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Number, canonical
from kpirules.compiler.computed import Scored
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

#: a total of no more bits is never too long
_SHORT_BITS = 3_000
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


class Tables:
    """The tables of a context."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        context = self._context = evaluator.context
        plan = context.plan
        self._criteria = plan.criteria
        self._units = plan.raw_totals.units
        #: whether the contribution of each criterion is independent of the others
        self._is_settled = plan.weighing.is_settled and not plan.lost and not plan.without
        #: the stages that each criterion needs, in order, and what it gives to the total last
        self._stages = [
            context.up_to((f"contribution.{c.id}",))
            if c.is_scored and self._is_settled
            else context.up_to((f"points.{c.id}",))
            for c in plan.criteria
        ]
        #: names without which a criterion has no line
        self._needed = [
            {*c.rating_names, *names} for c, names in zip(plan.criteria, self._stages, strict=True)
        ]
        self._derived = [self._derived_in(names) for names in self._stages]
        #: names of a record that the points of each depend on; of a remark, its line without one
        self._roots = [
            () if c.is_remark else context.roots((f"points.{c.id}",)) for c in plan.criteria
        ]
        self._remarks = {c.id: i for i, c in enumerate(plan.criteria) if c.is_remark}
        self._weights = [
            plan.weighing.of(c.criterion, {}) if c.is_scored else None for c in plan.criteria
        ]
        #: what follows from the raw total
        used = {*context.sums, *(name for names in self._stages for name in names)}
        later = [name for name in context.order if name not in used]
        self._after = context.up_to(later, ("raw_total",))
        self._derived_after = self._derived_in(self._after)
        self._roots_after = context.roots(later, ("raw_total",))
        #: too few criteria count, whatever the record
        counted = sum(c.is_scored and not c.is_weightless for c in plan.criteria)
        least = 1 if plan.rubric.total is None else (plan.rubric.total.minimum_scored or 1)
        self._is_unratable = any(c.is_scored for c in plan.criteria) and counted < least
        self._shapes: BoundedCache[tuple[str, ...], _Shape] = BoundedCache()
        self._lines: BoundedCache[tuple[int, tuple[str, ...]], BoundedCache[Any, LineTrace]] = (
            BoundedCache()
        )
        self._verdicts: BoundedCache[tuple[str, ...], BoundedCache[Any, VerdictTrace]] = (
            BoundedCache()
        )

    def _derived_in(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the derived facts among some stages."""
        return tuple(name for name in self._context.derived if name in names)

    def evaluator(self) -> Callable[[Mapping[str, object]], Result]:
        """Return the function that evaluates one record."""
        shapes, context, is_settled = self._shapes, self._context, self._is_settled
        is_bare, get = _BARE.issuperset, dict[Any, Any].get
        form = context.form

        def evaluate(record: Mapping[str, object]) -> Result:
            plain = record if record.__class__ is dict else as_dict(record)
            if plain is None:
                return self._compute(record, None)
            names = tuple(plain)
            shape = shapes.get(names) or self._shape(names)
            if shape is None:
                return self._compute(record, None)
            values = [*plain.values()]
            keyed = values if is_bare(map(type, values)) else _keyed(values)
            if keyed is None:
                return self._compute(record, None)
            keys = [pick(keyed) for pick in shape.picks]
            lines: list[Any] | None
            try:
                lines = [*map(get, shape.lines, keys)]
            except TypeError:
                # a number that is no number has no hash
                lines = None
            if lines is None:
                return self._compute(record, None)
            for i, place in shape.remarks:
                lines[i] = self._remark(i, values[place], lines[i])
            key = None if shape.pick is None else shape.pick(keyed)
            if is_settled and all(lines) and shape.is_known:
                units = sum([line.units for line in lines])
                verdict = shape.verdicts.get(units if key is None else (units, key))
                if verdict is not None and not (shape.idle and self._is_wrong(shape, values)):
                    return Result.deferred(form, GivenTrace(context, names, values), lines, verdict)
            return self._compute(plain, _Look(shape, keys, lines, key))

        return evaluate

    def _remark(self, i: int, value: object, without: LineTrace | None) -> LineTrace | None:
        """Return the line of a remark, ``without`` one where there is none; None: not known."""
        c = self._criteria[i]
        try:
            name, text = self._context.readings.cell(c.id, value)
        except RefusedError:
            return None
        return without if name is None else LineTrace(c, Scored(remark=cast("str", text)), 0, None)

    def _is_wrong(self, shape: _Shape, values: list[Any]) -> bool:
        """Return whether a value that nothing depends on is not allowed."""
        cell = self._context.readings.cell
        try:
            for place, name in shape.idle:
                cell(name, values[place])
        except (RefusedError, TypeError):
            return True
        return False

    def _compute(self, record: object, look: _Look | None) -> Result:
        """Evaluate a record of which something is in no table."""
        context = self._context
        given, problems = context.readings.read(record)
        state = self._state(given, problems, look)
        if self._is_settled:
            traces = self._in_parts(state, look)
            if traces is not None and not problems:
                return Result.deferred(context.form, Made(context.counted(given)), *traces)
        lines, verdict = self._evaluator.computed(state, problems)
        if look is not None and not self._is_settled:
            for i, line in enumerate(lines):
                self._keep(look, i, line)
        ignored = state.ignored()
        given = {name: value for name, value in given.items() if name not in ignored}
        return Result.deferred(context.form, Made(given), lines, verdict)

    def _state(
        self, given: Mapping[str, Given], problems: list[Problem], look: _Look | None
    ) -> State:
        """Return the state of a record, with all lines that the tables have."""
        state = State(self._context, given, [p.input for p in problems])
        for c, line in zip(self._criteria, () if look is None else look.lines, strict=False):
            if line is not None:
                state.put(c, line.scored)
                if self._is_settled and c.is_scored:
                    name = c.contribution_name
                    state.done.add(name)
                    state.values[name] = MISSING if line.scored.left_out else line.contribution
        return state

    def _in_parts(
        self, state: State, look: _Look | None
    ) -> tuple[list[LineTrace], VerdictTrace] | None:
        """Compute what is in no table, and keep what is valid; None if the record is not."""
        lines: list[LineTrace] = []
        for i, c in enumerate(self._criteria):
            line = None if look is None else look.lines[i]
            if line is None:
                self._evaluator.through(state, self._stages[i])
                if state.broken and not state.broken.isdisjoint(self._needed[i]):
                    continue
                line = self._line(state, i, c)
                if look is not None:
                    self._keep(look, i, line)
            lines.append(line)
        if state.broken:
            return None
        units = sum([line.units for line in lines])
        verdict = None if look is None else look.verdict(units)
        if verdict is None:
            self._add_up(state, units)
            self._evaluator.through(state, self._after)
            if state.broken:
                return None
            verdict = state.verdict(self._derived_after)
            if look is not None:
                look.keep(units, verdict)
        return lines, verdict

    def _line(self, state: State, i: int, c: CompiledCriterion) -> LineTrace:
        """Return the line of a criterion that was scored."""
        value = state.values.get(c.contribution_name, MISSING)
        contribution: Number = 0 if value is MISSING else value
        units: Number
        units, rest = divmod(contribution.numerator * self._units, contribution.denominator)
        if rest:
            units = Fraction(contribution) * self._units
        derived = state.derived(self._derived[i])
        return LineTrace(
            c, state.scored[c.id], contribution, self._weights[i], units=units, derived=derived
        )

    def _add_up(self, state: State, units: Number) -> None:
        """Compute the raw total of contributions whose sum is so many units."""
        if isinstance(units, int) and units.bit_length() < _SHORT_BITS:
            state.done.add("raw_total")
            state.values["raw_total"] = canonical(Fraction(units, self._units))
            state.unratable = self._is_unratable
        else:
            self._evaluator.through(state, self._context.sums)

    def _keep(self, look: _Look, i: int, line: LineTrace) -> None:
        """Cache the line of a criterion; a remark is seldom seen twice."""
        if line.scored.remark is None:
            look.shape.lines[i].keep(look.keys[i], line)

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


class _Look(NamedTuple):
    """The results of the look-ups for one record."""

    shape: _Shape
    #: the keys of the criteria, and the lines found
    keys: list[Any]
    lines: list[LineTrace | None]
    #: what the verdict is looked up by beside the total
    key: object

    def verdict(self, units: Number) -> VerdictTrace | None:
        """Return what follows from a total, if that is known."""
        return self.shape.verdicts.get(units if self.key is None else (units, self.key))

    def keep(self, units: Number, verdict: VerdictTrace) -> None:
        """Cache what follows from a total."""
        self.shape.verdicts.keep(units if self.key is None else (units, self.key), verdict)


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
