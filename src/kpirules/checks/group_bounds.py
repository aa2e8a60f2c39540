"""The bounds of numbers of groups, and the findings about those that an input does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.number import LIMIT, multiple
from kpirules.arithmetic.range import Range
from kpirules.checks.kinds import allowed_in_file
from kpirules.compiler.domains import axis_of, hull, within
from kpirules.diagnostics.finding import Finding
from kpirules.formula import HEADS
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.number import Number
    from kpirules.compiler.cohorts import CompiledGroup
    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.formula import Formula, GroupFormula
    from kpirules.formula.nodes import Node
    from kpirules.model.inputs import Input


class Box:
    """The numbers that the names of a cohort may have."""

    def __init__(self, compiled: CompiledGroup, plan: Plan) -> None:
        self._plan = plan
        where = compiled.asked
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


def group_bounds(compiled: CompiledGroup, box: Box) -> dict[str, Bounds]:
    """Return the bounds of the lists and numbers of the formula of a group."""
    found: dict[str, Bounds] = {HEADS: (1, None)}
    found |= {name: each.bounds(box.of(each)) for name, each in compiled.each}
    return found | {name: box.bounds(name) for name in compiled.common}


def trees_of(
    group: GroupFormula, compiled: CompiledGroup, box: Box
) -> list[tuple[Node, dict[str, Bounds]]]:
    """Return the trees of a formula over a group, those of each record first, with their bounds."""
    of_each = [(each.tree, box.of(each)) for _, each in group.lists]
    return [*of_each, (group.formula.tree, group_bounds(compiled, box))]


def divisors(trees: list[tuple[Node, dict[str, Bounds]]], path: KeyPath) -> Iterator[Finding]:
    """Find the first divisor that may be 0."""
    every = ((divisor, of) for tree, of in trees for divisor in tree.divisions())
    for divisor, of in every:
        low, high = divisor.node.bounds(of)
        is_above = low is not None and low > 0
        is_below = high is not None and high < 0 and not divisor.of_step
        if not is_above and not is_below:
            yield Finding(
                code="division-by-zero",
                reason=Message.of("finding.division-by-zero"),
                advice=Message.of("advice.division-by-zero"),
                path=path,
            )
            return


def not_allowed(fact: Input, span: Range, step: Number | None, key: str) -> Iterator[Finding]:
    """Find numbers within a range, multiples of a step, that an input may not or never allow."""
    allowed = axis_of(fact)
    if allowed.domain.meet(span) is None:
        yield Finding(
            code="gathered-range",
            reason=Message.of("finding.gathered-range_group", value=span, name=Named(fact.name)),
            advice=Message.of("advice.group-rejected", allowed=allowed_in_file(fact)),
            path=("inputs", fact.name, "cohort", key),
        )
    elif not allowed.domain.covers(span):
        yield outside(fact, span, key)
    elif allowed.step is not None and (step is None or not multiple(step, allowed.step)):
        value = Message.of("finding.gathered-range_any")
        if step is not None:
            value = Message.of("finding.gathered-range_step", step=step)
        yield outside(fact, value, key)


def outside(fact: Input, value: object, key: str) -> Finding:
    """Return the finding about numbers that an input may not allow."""
    return Finding(
        code="group-rejected",
        reason=Message.of("finding.group-rejected", value=value, name=Named(fact.name)),
        advice=Message.of("advice.group-rejected", allowed=allowed_in_file(fact)),
        path=("inputs", fact.name, "cohort", key),
    )
