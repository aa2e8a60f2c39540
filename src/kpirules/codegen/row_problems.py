"""The problems of a row as expressions: which it has, and on which of its values they depend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.codegen import backend, input_expressions
from kpirules.codegen.truth import Truth, every, opposite, some
from kpirules.diagnostics.problem_patterns import free_characters
from kpirules.evaluation.headings import EMPTY_ROW


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import narwhals as nw

    from kpirules.codegen.builder import Work
    from kpirules.errors import Problem


def marks(work: Work, empty: Truth, lang: str | None) -> tuple[nw.Expr, dict[str, Problem]]:
    """Return the problems of a row as a text with a character for each, and what these mean.

    ``empty``: where a row gives nothing; ``lang``: the language of the problems. Their texts are
    put in later, so that each condition is computed once.
    """
    marked: dict[str, Problem] = {}
    plan, conditions = work.plan, work.conditions
    free = free_characters((EMPTY_ROW, *(c.problem for c in conditions)), lang)

    def mark(problem: Problem) -> nw.Expr:
        character = next(free)
        marked[character] = problem
        return backend.lit(character)

    nothing = mark(EMPTY_ROW)
    names = [*plan.scope.inputs, *(n for c in plan.criteria for n in c.rating_names)]
    places = {name: i for i, name in enumerate(names)}
    rising = sorted(conditions, key=lambda c: places.get(c.about, len(places)))
    parts: list[nw.Expr] = []
    absent = {c.about: c for c in conditions if c.implied}
    admitted = {c.about for c in conditions if c.taken is not None}
    for condition in rising:
        if condition.taken is not None and condition.about in absent:
            # allowed, or nothing is given, or neither
            lacking = absent[condition.about]
            then = backend.when(condition.taken.column).then(backend.lit(""))
            then = then.when(lacking.wrong.column).then(mark(lacking.problem))
            parts.append(then.otherwise(mark(condition.problem)))
            continue
        if condition.implied and condition.about in admitted:
            # told with what is given for the name
            continue
        before = [
            opposite(filled(conditions[i].wrong))
            for i in sorted(condition.after)
            if conditions[i] is not condition
        ]
        here = every([filled(condition.wrong), *before])
        then = backend.when(here.column).then(mark(condition.problem))
        parts.append(then.otherwise(backend.lit("")))
    found = backend.concat(parts) if parts else backend.lit("")
    return backend.when(empty.column).then(nothing).otherwise(found), marked


def allowed(
    work: Work, kinds: Mapping[str, str], read_from: Callable[[str], str]
) -> dict[str, nw.Expr]:
    """Return, by the names of columns, where the value is given and allowed."""
    conditions = {c.about: c for c in work.conditions}
    found: dict[str, nw.Expr] = {}
    for name, kind in kinds.items():
        fact = work.bare.get(name)
        if fact is not None:
            truth = every([fact.given, fact.taken])
        else:
            # a remark, which only its length can make invalid
            fits = opposite(filled(conditions[name].wrong))
            truth = every([input_expressions.says(read_from(name), kind), fits])
        found[name] = filled(truth).column
    return found


def told(
    work: Work, kinds: Mapping[str, str], dependencies: Sequence[frozenset[str]]
) -> dict[str, nw.Expr]:
    """Return, by name, where a problem depends on the value though it is allowed.

    ``dependencies``: the names on whose values each condition depends.
    """
    found: dict[str, list[Truth]] = {}
    for condition, names in zip(work.conditions, dependencies, strict=True):
        if condition.taken is None and names:
            for name in {*names, condition.about}.intersection(kinds):
                found.setdefault(name, []).append(filled(condition.wrong))
    return {name: some(truths).column for name, truths in found.items()}


def filled(truth: Truth) -> Truth:
    """Return a truth with false in place of null."""
    if isinstance(truth.expr, bool):
        return truth
    return Truth(expr=truth.expr.fill_null(value=False), level=truth.level)
