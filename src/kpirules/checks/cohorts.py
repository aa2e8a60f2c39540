"""Check the inputs that are gathered from a cohort, and the cohorts of examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.number import LIMIT, multiple
from kpirules.arithmetic.range import Range
from kpirules.checks.invalidated import all_readable
from kpirules.checks.kinds import allowed_in_file, kinds
from kpirules.checks.references import fits_condition, fits_formula, unknown_fact
from kpirules.checks.registry import GATHERED, RUBRIC, check, reports
from kpirules.checks.structure import keys_in_quotes, wrong_value
from kpirules.compiler.cohorts import compiled_cohorts
from kpirules.compiler.domains import axis_of, hull, within
from kpirules.diagnostics.finding import Finding
from kpirules.formula import HEADS, UndefinedError
from kpirules.model.dependencies import cohort_needs
from kpirules.model.inputs import cohorts
from kpirules.translations.message import Given, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.number import Number
    from kpirules.compiler.cohorts import CompiledCohort
    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.formula import Formula
    from kpirules.model.inputs import Cohort, Input
    from kpirules.model.rubric import Rubric


#: the types of inputs that a cohort gives
_NUMERIC = ("count", "number")


@check("value", phase=RUBRIC)
@reports("unknown-name")
def cohort_shape(rubric: Rubric) -> Iterator[Finding]:
    """Find cohorts that do not fit their input, and names in them that are not known."""
    known = kinds(rubric)
    grouping = {f.name for f in rubric.inputs if f.type not in _NUMERIC and not f.many}
    for fact, cohort in cohorts(rubric.inputs):
        path: KeyPath = ("inputs", fact.name, "cohort")
        if fact.type not in _NUMERIC or fact.many or fact.history is not None:
            yield wrong_value(
                path,
                Message.of("finding.value_cohort-of"),
                Message.of("advice.value_cohort-of"),
            )
        yield from _forms(cohort, path)
        if cohort.formula is not None:
            where = (*path, "formula")
            yield from fits_formula(cohort.formula, rubric, where, of_outcome=True, of_group=True)
        for text in cohort.ranks:
            yield from fits_formula(text, rubric, (*path, "rank"), of_outcome=True)
        for name in cohort.groups:
            if name not in known:
                yield unknown_fact(name, known, (*path, "within"))
            elif name not in grouping:
                yield wrong_value(
                    (*path, "within"),
                    Message.of("finding.value_cohort-within", name=Named(name)),
                    Message.of("advice.value_cohort-within"),
                )
        for condition in () if cohort.where is None else cohort.where.conditions:
            yield from fits_condition(condition, None, known, (*path, "where"), of_outcome=True)


def _forms(cohort: Cohort, path: KeyPath) -> Iterator[Finding]:
    """Check that a cohort has one form, and what belongs to it."""
    forms = [key for key in ("formula", "rank") if getattr(cohort, key) not in (None, ())]
    if len(forms) != 1:
        yield wrong_value(
            path,
            Message.of(
                "finding.value_cohort-forms", keys=keys_in_quotes(("formula", "rank"), "list.or")
            ),
            Message.of("advice.value_cohort-forms"),
        )
    elif forms == ["rank"] and cohort.ties is None:
        yield wrong_value(
            path, Message.of("finding.value_cohort-ties"), Message.of("advice.value_cohort-ties")
        )
    elif forms == ["formula"] and cohort.ties is not None:
        yield wrong_value(
            (*path, "ties"),
            Message.of("finding.value_cohort-no-rank"),
            Message.of("advice.value_remove", keys=Given("ties")),
        )


# ---------------------------------------------------------------- values


@check(
    "group-rejected",
    phase=GATHERED,
    severity="warning",
    title="a number of a group that its input may not allow",
)
@reports("gathered-range")
@reports("division-by-zero")
def group_values(plan: Plan) -> Iterator[Finding]:
    """Find formulas over a group that may have no value, or one that their input does not allow."""
    if not _is_whole(plan.rubric):
        return
    for compiled in compiled_cohorts(plan):
        box = _Box(compiled, plan)
        yield from _divisors(compiled, box)
        if compiled.group is not None:
            yield from _values(compiled, box)
        elif not axis_of(compiled.fact).domain.covers(Range((1, 0), None)):
            yield _outside(compiled.fact, Range((1, 0), None), "rank")


def _is_whole(rubric: Rubric) -> bool:
    """Check whether all formulas of cohorts can be read, and their names are known."""
    needed = {name for needs in cohort_needs(rubric).values() for name in needs}
    is_one = all((c.formula is None) is bool(c.ranks) for _, c in cohorts(rubric.inputs))
    return is_one and all_readable(rubric) and needed <= kinds(rubric).keys()


class _Box:
    """The numbers that the names of a cohort may have."""

    def __init__(self, compiled: CompiledCohort, plan: Plan) -> None:
        self._plan = plan
        where = compiled.cohort.where
        self._where = {} if where is None else {c.name: c.entries for c in where.conditions}

    def bounds(self, name: str) -> Bounds:
        """Return the bounds of a name of a record that takes part."""
        scope = self._plan.scope
        axis = scope.axes[name]
        if axis.options is not None:
            return 0, 0
        finest = LIMIT if name in scope.inputs else LIMIT**3
        spans = [entry for entry in self._where.get(name, ()) if isinstance(entry, Range)]
        met = [m for span in spans if (m := span.meet(axis.domain)) is not None]
        return hull(
            [within(attrs.evolve(axis, domain=m), finest) for m in met] or [within(axis, finest)]
        )

    def of(self, formula: Formula) -> dict[str, Bounds]:
        """Return the bounds of the names of a formula of a record."""
        return {name: self.bounds(name) for name in formula.names}

    def grid(self, name: str) -> Number | None:
        """Return the step of a name."""
        return self._plan.scope.axes[name].step


def _group_bounds(compiled: CompiledCohort, box: _Box) -> dict[str, Bounds]:
    """Return the bounds of the lists and numbers of the formula of a group."""
    found: dict[str, Bounds] = {HEADS: (1, None)}
    found |= {name: each.bounds(box.of(each)) for name, each in compiled.each}
    return found | {name: box.bounds(name) for name in compiled.common}


def _divisors(compiled: CompiledCohort, box: _Box) -> Iterator[Finding]:
    """Find divisors that may be 0."""
    key = "formula" if compiled.group is not None else "rank"
    trees = [(each.tree, box.of(each)) for _, each in compiled.each]
    if compiled.group is not None:
        trees.append((compiled.group.formula.tree, _group_bounds(compiled, box)))
    for tree, of in trees:
        for divisor in tree.divisions():
            low, high = divisor.node.bounds(of)
            is_above = low is not None and low > 0
            is_below = high is not None and high < 0 and not divisor.of_step
            if not is_above and not is_below:
                yield Finding(
                    code="division-by-zero",
                    reason=Message.of("finding.division-by-zero"),
                    advice=Message.of("advice.division-by-zero"),
                    path=("inputs", compiled.name, "cohort", key),
                )
                return


def _values(compiled: CompiledCohort, box: _Box) -> Iterator[Finding]:
    """Find numbers of a group that the input may not allow."""
    assert compiled.group is not None  # noqa: S101 - as asked before
    formula, allowed = compiled.group.formula, axis_of(compiled.fact)
    low, high = hull([formula.bounds(_group_bounds(compiled, box)), *_of_nobody(compiled)])
    span = Range(None if low is None else (low, 0), None if high is None else (high, 1))
    grids = {
        HEADS: 1,
        **{name: each.grid({n: box.grid(n) for n in each.names}) for name, each in compiled.each},
    }
    step = formula.grid({**grids, **{name: box.grid(name) for name in compiled.common}})
    if allowed.domain.meet(span) is None:
        yield _never(compiled.fact, span)
    elif not allowed.domain.covers(span):
        yield _outside(compiled.fact, span, "formula")
    elif allowed.step is not None and (step is None or not multiple(step, allowed.step)):
        value = Message.of("finding.gathered-range_any")
        if step is not None:
            value = Message.of("finding.gathered-range_step", step=step)
        yield _outside(compiled.fact, value, "formula")


def _of_nobody(compiled: CompiledCohort) -> list[Bounds]:
    """Return the bounds of the value of a group in which nobody takes part, if it has one."""
    group, cohort = compiled.group, compiled.cohort
    assert group is not None  # noqa: S101 - as asked before
    if (cohort.where is None and cohort.missing == "error") or group.needs_some or group.common:
        return []
    env: dict[str, object] = {HEADS: 0, **{name: () for name, _ in group.lists}}
    try:
        value = group.formula.value(env)  # type: ignore[arg-type]  # lists without items
    except UndefinedError:
        return []
    return [(value, value)]


def _outside(fact: Input, value: object, key: str) -> Finding:
    """Return the finding about numbers that an input may not allow."""
    return Finding(
        code="group-rejected",
        reason=Message.of("finding.group-rejected", value=value, name=Named(fact.name)),
        advice=Message.of("advice.group-rejected", allowed=allowed_in_file(fact)),
        path=("inputs", fact.name, "cohort", key),
    )


def _never(fact: Input, value: object) -> Finding:
    """Return the finding about numbers that an input never allows."""
    return Finding(
        code="gathered-range",
        reason=Message.of("finding.gathered-range_group", value=value, name=Named(fact.name)),
        advice=Message.of("advice.group-rejected", allowed=allowed_in_file(fact)),
        path=("inputs", fact.name, "cohort", "formula"),
    )


# ---------------------------------------------------------------- examples


@check("value", phase=RUBRIC)
def examples_together(rubric: Rubric) -> Iterator[Finding]:
    """Find examples of one record and of several at once."""
    for e, example in enumerate(rubric.examples):
        path: KeyPath = ("example", e)
        single = tuple(key for key in ("ratings", "period", "history") if getattr(example, key))
        if example.records and single:
            yield wrong_value(
                (*path, single[0]),
                Message.of("finding.value_example-forms", keys=keys_in_quotes(single, "list.and")),
                Message.of("advice.value_example-forms"),
            )
        if example.common and not example.records:
            yield wrong_value(
                (*path, "common"),
                Message.of("finding.value_example-common"),
                Message.of("advice.value_remove", keys=Given("common")),
            )
