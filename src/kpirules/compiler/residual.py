"""The residual plan of a draft: what is certain of a record is a constant, the rest stays open.

So the domains of a plan, which `check` uses for all records, become those of all records that
complete the draft: its reachable totals are the totals in which the draft can end.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.typeguards import is_tuple
from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.number import Number, decimal_of
from kpirules.arithmetic.range import Range
from kpirules.compiler.plan import Plan
from kpirules.compiler.symbols import Draft


if TYPE_CHECKING:
    from kpirules.model.rubric import Criterion, Section


def residual(
    plan: Plan, values: Mapping[str, Any], points: Mapping[str, Number | Range], given: set[str]
) -> Plan:
    """Return the plan of all records that complete a draft.

    ``values`` are those of the names that are certain; ``points`` those of criteria that are
    certain, or the range of a band that the facts choose, by the criterion's id; ``given`` the
    names that the draft gives.
    """
    rubric = plan.rubric

    def left(c: Criterion) -> Criterion:
        weight = _weight(c.weight, values.get(f"weight.{c.id}"))
        own = points.get(c.id)
        if own is None:
            return c if weight == c.weight else attrs.evolve(c, weight=weight)
        made = attrs.evolve(c, weight=weight, value=None, formula=None, bands=None, of=None)
        if isinstance(own, Range):
            return attrs.evolve(made, points=own)
        # the draft has the points: a ruleset has no thirds
        return attrs.evolve(made, points=0, clamp=None, round=None, range=Range(), missing="error")

    def section(s: Section) -> Section:
        weight = _weight(s.weight, values.get(f"weight.section.{s.id}"))
        return attrs.evolve(s, weight=weight, criteria=tuple(map(left, s.criteria)))

    numbers = {name: own for name, own in points.items() if not isinstance(own, Range)}
    ratings = {n: values[n] for n in plan.rated if n in given and n in values}
    return Plan(
        attrs.evolve(
            rubric,
            sections=tuple(map(section, rubric.sections)),
            criteria=tuple(map(left, rubric.criteria)),
        ),
        draft=Draft(
            # nothing is known of the items of an empty list
            {n: plan.scope.axes[n] if v == () else axis_of_value(v) for n, v in values.items()},
            plan.scope,
            ratings,
            numbers,
        ),
    )


def _weight(weight: Decimal | str | None, value: Number | None) -> Decimal | str | None:
    """Return the weight of a draft: computed, if it is certain and a decimal number."""
    number = None if value is None else decimal_of(value)
    return weight if isinstance(number, Fraction | None) else Decimal(number)


def axis_of_value(value: object) -> Axis:
    """Return the domain that has one value; of a list that is not empty, that of its items."""
    items: tuple[Any, ...] = value if is_tuple(value) else (value,)
    if all(isinstance(item, (int, Fraction)) and not isinstance(item, bool) for item in items):
        return Axis(domain=Range.closed(min(items), max(items)))
    return Axis(options=tuple(dict.fromkeys(items)))
