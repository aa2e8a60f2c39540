"""Random records of a rubric: records that it must score, and records that it must reject."""

# without "from __future__ import annotations": Hypothesis copies types of strategies to functions
# of its own modules, where the text of a type has no meaning

from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, cast

from hypothesis import assume
from hypothesis import strategies as st

from kpirules._internal.typeguards import is_tuple
from kpirules.api.programs import program_of
from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.domain import Part
from kpirules.arithmetic.number import Number, canonical, decimal_of, multiple
from kpirules.arithmetic.range import Range
from kpirules.compiler.computed import Missing, Taken
from kpirules.compiler.criteria import CompiledCriterion
from kpirules.compiler.domains import axis_of
from kpirules.compiler.plan import Plan
from kpirules.errors import InputError
from kpirules.evaluation.evaluator import Evaluator
from kpirules.model.inputs import Derived
from kpirules.model.rubric import Input, Rubric
from kpirules.testing.part_strategies import Draw


@st.composite
def records(draw: Draw, rubric: Rubric) -> dict[str, object]:
    """Draw a record that a sound rubric scores.

    A record holds inputs, ratings, or both if they agree. Numbers have any of the types that
    programs use. Values at which results change are frequent: each threshold, one step below and
    above it, the endpoints of the allowed range.
    """
    plan = Plan(rubric)
    evaluator = Evaluator(plan)
    pools = _thresholds(plan)
    facts: dict[str, Any] = {
        fact.name: draw(_values(fact, pools.get(fact.name, [])))
        for fact in rubric.inputs
        if draw(st.integers(0, 3))
    }
    record: dict[str, object] = {n: _plain(v, draw) for n, v in facts.items()}
    for c in _by_dependence(evaluator):
        for name in c.rating_names:
            rating = draw(_ratings(c, facts, evaluator))
            if rating is not None:
                facts[name] = rating
                record[name] = rating if isinstance(rating, str) else _plain(rating, draw)
    names = draw(st.permutations(list(record)))
    made = {name: record[name] for name in names}
    if (
        rubric.gates
        or rubric.raters
        or not plan.is_additive
        or bool(rubric.adjustments or rubric.outcomes)
    ):
        # whether such a record is scored depends on more than its single values
        assume(_is_scored(rubric, made))
    return made


def _is_scored(rubric: Rubric, record: dict[str, object]) -> bool:
    try:
        program_of(rubric).score(record)
    except InputError:
        return False
    return True


@st.composite
def wild_records(draw: Draw, rubric: Rubric) -> dict[str, object]:
    """Draw a record of values that are each allowed; the record may still be rejected."""
    plan = Plan(rubric)
    evaluator = Evaluator(plan)
    pools = _thresholds(plan)
    record: dict[str, object] = {}
    facts: dict[str, Any] = {
        fact.name: draw(_values(fact, pools.get(fact.name, [])))
        for fact in rubric.inputs
        if draw(st.integers(0, 3))
    }
    record |= {n: _plain(v, draw) for n, v in facts.items()}
    for c in _by_dependence(evaluator):
        for name in c.rating_names:
            known = facts if draw(st.booleans()) else {}
            rating = draw(_ratings(c, known, evaluator))
            if rating is not None:
                facts[name] = rating
                record[name] = rating if isinstance(rating, str) else _plain(rating, draw)
    return record


def _by_dependence(evaluator: Evaluator) -> list[CompiledCriterion]:
    """Return the criteria, each after those whose points it depends on."""
    context = evaluator.context
    return sorted(context.plan.criteria, key=lambda c: context.place(c.points_name))


def _thresholds(plan: Plan) -> dict[str, list[Number]]:
    """Return the endpoints of bands, by the name of the input."""
    found: dict[str, list[Number]] = {}
    for c in plan.criteria:
        for band in c.bands:
            for condition in band.when.conditions if band.when is not None else ():
                ends = [
                    cut[0]
                    for entry in condition.entries
                    if isinstance(entry, Range)
                    for cut in (entry.low, entry.high)
                    if cut is not None
                ]
                found.setdefault(condition.name or c.criterion.of or "", []).extend(ends)
    return found


def _values(fact: Input, pool: list[Number]) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of an input."""
    if fact.type == "text":
        return st.sampled_from(["Sales", "stock", "12"])
    axis = axis_of(fact)
    items = _numbers(axis, pool) if axis.options is None else st.sampled_from(axis.options)
    return st.lists(items, max_size=4).map(tuple) if fact.many else items


def _numbers(axis: Axis, pool: list[Number]) -> st.SearchStrategy[Number]:
    """Return a strategy for the numbers of a domain, with thresholds drawn most often."""
    step = axis.step or Fraction(1, 4)
    first = axis.domain.least(step) or 0
    near = [canonical(Fraction(value) + i * step) for value in pool for i in (-1, 0, 1)]
    some = st.integers(0, 30).map(lambda i: canonical(first + i * Fraction(step)))
    wide = st.integers(-400, 400).map(lambda i: canonical(i * Fraction(step)))
    every = some | wide | st.sampled_from(near) if near else some | wide
    return every.filter(lambda v: axis.domain.contains(v) and axis.domain.least() is not None)


@st.composite
def _ratings(
    draw: Draw, c: CompiledCriterion, facts: dict[str, Any], evaluator: Evaluator
) -> Number | str | None:
    """Draw a rating of a criterion that agrees with what is known, or None for no rating."""
    if c.is_remark:
        remark: str | None = draw(st.none() | st.sampled_from(["kept calm", "投诉已处理"]))
        return remark
    state = evaluator.run(facts, evaluator.context.of_points(c.id), defaults=False)
    # points that need more than is known are missing
    env = {**state.values, **dict.fromkeys(state.broken)}
    taken = c.take(env) if c.is_measured else Missing(())
    settled = isinstance(taken, Taken) and taken.value is not None
    if (settled or not c.criterion.scored) and draw(st.booleans()):
        return None
    if isinstance(taken, Taken) and taken.value is not None:
        return _on_grid(c, cast("Number", taken.value))
    allowed = c.allowed_by(taken.row) if isinstance(taken, Taken) else None
    parts = c.allowed.parts if not isinstance(taken, Taken) else (allowed,) if allowed else ()
    ranges = [grid for grid in map(partial(_ratings_within, c), parts) if grid is not None]
    if not ranges:
        return None
    first, last, step = draw(st.sampled_from(ranges))
    return canonical(first + draw(st.integers(0, int((last - first) / step))) * step)


def _ratings_within(c: CompiledCriterion, part: Part) -> tuple[Fraction, Fraction, Fraction] | None:
    """Return the first and last rating of a part and the step between them; None without any."""
    step = Fraction(part.step or (c.step if c.is_judged else Fraction(1, 2)))
    if part.span.only is not None:
        return Fraction(part.span.only), Fraction(part.span.only), step
    grid = part.span.on_grid(step)
    low, high = (grid.low, grid.high) if grid is not None else (None, None)
    return (Fraction(low[0]), Fraction(high[0]), step) if low and high else None


def _on_grid(c: CompiledCriterion, rating: Number) -> Number | None:
    """Return a rating, or None if the criterion takes only multiples of its step and it is not one.

    A formula beside bands of ratings may compute a value that nobody can give as a rating.
    """
    return rating if not c.is_judged or multiple(rating, c.step) else None


def _plain(value: Any, draw: Draw) -> object:  # noqa: ANN401 - any value of a record
    """Convert a value to a type that programs use: int, Decimal, Fraction, float, text or list."""
    if isinstance(value, (bool, str)):
        return value
    if is_tuple(value):
        items = [_plain(item, draw) for item in value]
        return draw(st.sampled_from([items, tuple(items)]))
    number = decimal_of(value)
    if isinstance(number, Fraction):
        return number
    forms: list[object] = [number, Fraction(value), format(number, "f")]
    forms += [float(number)] if Decimal(repr(float(number))) == number else []
    if isinstance(value, int):
        forms += [value, value, value]
    return draw(st.sampled_from(forms))


# ---------------------------------------------------------------- records to reject

_NOT_NUMBERS: list[object] = ["abc", float("nan"), float("inf"), True, 10**400, [1], "1e3", "7,5"]


@st.composite
def bad_records(draw: Draw, rubric: Rubric) -> dict[str, object]:
    """Draw a record that a sound rubric rejects: a valid record with one error.

    The error is an unknown name, a value that is not a number, a value that is out of range or not
    a multiple of the step, a rating that is not allowed, or a missing value.
    """
    plan = Plan(rubric)
    record = draw(records(rubric))
    wrongs: list[tuple[str, object]] = [("no_such_name", 1)]
    for fact in rubric.inputs:
        axis = axis_of(fact)
        wrongs += [(fact.name, value) for value in (["abc", 7, None][:2] if axis.options else ())]
        wrongs += [(fact.name, value) for value in ("x" * 201, True) if fact.type == "text"]
        if fact.many:
            wrongs += [(fact.name, value) for value in (*_NOT_NUMBERS[:5], ["abc"])]
            wrongs += [(fact.name, [True])] if fact.type != "flag" else []
        elif axis.options is None:
            wrongs += [(fact.name, value) for value in _NOT_NUMBERS]
            if axis.step is not None:
                wrongs.append((fact.name, canonical(Fraction(axis.step) / 3)))
            ends = [cut for cut in (axis.domain.low, axis.domain.high) if cut is not None]
            wrongs += [(fact.name, cut[0] + (1 if cut is axis.domain.high else -1)) for cut in ends]
    # whether a criterion with a computed weight needs a rating depends on the record
    scored = [c for c in plan.criteria if c.is_scored and not isinstance(c.criterion.weight, str)]
    for c in scored:
        tops = [row.points.high[0] for row in c.rows if row.points.high is not None]
        for name in c.rating_names:
            wrongs += [(name, value) for value in (*_NOT_NUMBERS, max(tops) + 1)]
    needed = [c for c in scored if c.criterion.missing == "error"]
    needed = [c for c in needed if not c.is_measured or _needs_a_fact(c, plan)]
    if needed and draw(st.booleans()):
        c = draw(st.sampled_from(needed))
        lost = (*c.rating_names, *plan.scope.roots(c.needs))
        return {name: value for name, value in record.items() if name not in lost}
    name, value = draw(st.sampled_from(wrongs))
    return {**record, name: value}


def _needs_a_fact(c: CompiledCriterion, plan: Plan) -> bool:
    """Check whether facts alone give no rating if all facts that it depends on are missing.

    A formula without names has a value whatever is missing, and so may one with ``given``.
    """
    roots = plan.scope.roots(c.needs)
    missing = {f.name for f in plan.rubric.inputs if f.name in roots and f.assumed is None}
    for name, quantity in plan.quantities.items():
        if isinstance(quantity.quantity, Derived) and not missing.isdisjoint(quantity.always_needs):
            missing.add(name)
    return not missing.isdisjoint(c.always_needs)
