"""Check the inputs that are gathered from a cohort, and the cohorts of examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.arithmetic.range import Range
from kpirules.checks.group_bounds import Box, divisors, group_bounds, not_allowed, outside, trees_of
from kpirules.checks.group_names import fits_group
from kpirules.checks.invalidated import all_readable
from kpirules.checks.kinds import kinds
from kpirules.checks.references import fits_formula
from kpirules.checks.registry import GATHERED, RUBRIC, check, reports
from kpirules.checks.shares import share_values
from kpirules.checks.structure import keys_in_quotes, wrong_value
from kpirules.compiler.cohorts import compiled_cohorts
from kpirules.compiler.domains import axis_of, hull
from kpirules.diagnostics.finding import Finding
from kpirules.formula import HEADS, UndefinedError
from kpirules.model.dependencies import cohort_needs
from kpirules.model.inputs import cohorts
from kpirules.model.vocabulary import NUMERIC
from kpirules.translations.message import Given, Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.arithmetic.interval import Bounds
    from kpirules.compiler.cohorts import CompiledCohort
    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.inputs import Cohort
    from kpirules.model.rubric import Rubric


#: the forms of a cohort, and the keys that belong to one of them
_FORMS = ("formula", "rank", "share")
_OF_FORM = {"ties": "rank", "by": "share", "round": "share", "otherwise": "share"}


@check("value", phase=RUBRIC)
@reports("unknown-name")
def cohort_shape(rubric: Rubric) -> Iterator[Finding]:
    """Find cohorts that do not fit their input, and names in them that are not known."""
    for fact, cohort in cohorts(rubric.inputs):
        path: KeyPath = ("inputs", fact.name, "cohort")
        if fact.type not in NUMERIC or fact.many or fact.history is not None:
            yield wrong_value(
                path,
                Message.of("finding.value_cohort-of"),
                Message.of("advice.value_cohort-of"),
            )
        yield from _forms(cohort, path)
        yield from _texts(rubric, cohort, path)
        yield from fits_group(rubric, cohort, path)


def _texts(rubric: Rubric, cohort: Cohort, path: KeyPath) -> Iterator[Finding]:
    """Check the formulas of a cohort."""
    for key, text in (("formula", cohort.formula), ("share", cohort.share)):
        if text is not None:
            where = (*path, key)
            yield from fits_formula(text, rubric, where, of_outcome=True, of_group=True)
    for key, texts in (("rank", cohort.ranks), ("by", filter(None, [cohort.by]))):
        for text in texts:
            yield from fits_formula(text, rubric, (*path, key), of_outcome=True)


def _forms(cohort: Cohort, path: KeyPath) -> Iterator[Finding]:
    """Check that a cohort has one form, and what belongs to it."""
    forms = _forms_of(cohort)
    if len(forms) != 1:
        yield wrong_value(
            path,
            Message.of("finding.value_cohort-forms", keys=keys_in_quotes(_FORMS, "list.or")),
            Message.of("advice.value_cohort-forms"),
        )
        return
    (form,) = forms
    if form == "rank" and cohort.ties is None:
        yield wrong_value(
            path, Message.of("finding.value_cohort-ties"), Message.of("advice.value_cohort-ties")
        )
    if form == "share" and cohort.by is None:
        yield wrong_value(
            path, Message.of("finding.value_cohort-by"), Message.of("advice.value_cohort-by")
        )
    for key, owner in _OF_FORM.items():
        if owner != form and getattr(cohort, key) is not None:
            yield wrong_value(
                (*path, key),
                Message.of("finding.value_cohort-other", key=Given(key), form=Given(owner)),
                Message.of("advice.value_remove", keys=Given(key)),
            )


def _forms_of(cohort: Cohort) -> list[str]:
    """Return the forms that a cohort has."""
    return [key for key in _FORMS if getattr(cohort, key) not in (None, ())]


# ---------------------------------------------------------------- values


@check(
    "group-rejected",
    phase=GATHERED,
    severity="warning",
    title="a number of a group that its input may not allow",
)
@reports("share-sum", severity="warning", title="rounded shares that may miss the amount")
@reports("gathered-range")
@reports("division-by-zero")
def group_values(plan: Plan) -> Iterator[Finding]:
    """Find formulas over a group that may have no value, or one that their input does not allow."""
    if not _is_whole(plan.rubric):
        return
    for compiled in compiled_cohorts(plan):
        box = Box(compiled, plan)
        yield from _divisors(compiled, box)
        if compiled.form == "formula":
            yield from _values(compiled, box)
        elif compiled.form == "share":
            yield from share_values(compiled, box)
        elif not axis_of(compiled.fact).domain.covers(Range((1, 0), None)):
            yield outside(compiled.fact, Range((1, 0), None), "rank")


def _is_whole(rubric: Rubric) -> bool:
    """Check whether all formulas of cohorts can be read, and their names are known."""
    needed = {name for needs in cohort_needs(rubric).values() for name in needs}
    is_one = all(
        len(_forms_of(c)) == 1 and (c.share is None) is (c.by is None)
        for _, c in cohorts(rubric.inputs)
    )
    return is_one and all_readable(rubric) and needed <= kinds(rubric).keys()


def _divisors(compiled: CompiledCohort, box: Box) -> Iterator[Finding]:
    """Find divisors that may be 0."""
    path: KeyPath = ("inputs", compiled.name, "cohort")
    for formula in compiled.of_record:
        key = "rank" if compiled.form == "rank" else "by"
        yield from divisors([(formula.tree, box.of(formula))], (*path, key))
    for group in compiled.formulas:
        yield from divisors(trees_of(group, compiled, box), (*path, compiled.form))


def _values(compiled: CompiledCohort, box: Box) -> Iterator[Finding]:
    """Find numbers of a group that the input may not allow."""
    assert compiled.group is not None  # noqa: S101 - as asked before
    formula = compiled.group.formula
    low, high = hull([formula.bounds(group_bounds(compiled, box)), *_of_nobody(compiled)])
    span = Range(None if low is None else (low, 0), None if high is None else (high, 1))
    grids = {
        HEADS: 1,
        **{name: each.grid({n: box.grid(n) for n in each.names}) for name, each in compiled.each},
    }
    step = formula.grid({**grids, **{name: box.grid(name) for name in compiled.common}})
    yield from not_allowed(compiled.fact, span, step, "formula")


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
