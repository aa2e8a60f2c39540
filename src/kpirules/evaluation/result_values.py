"""The values of a result by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.evaluation.result_parts import Step
from kpirules.model import names
from kpirules.model.names import (
    Adjustment,
    Contribution,
    Derived,
    Points,
    RawTotal,
    Subtotal,
    Tier,
    Total,
)


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.arithmetic.number import Exact
    from kpirules.evaluation.result_content import ResultContent
    from kpirules.model.names import Name


def values_of(
    result: ResultContent,
) -> Iterator[tuple[Name, Exact | str | tuple[Exact | str, ...] | None]]:
    """Yield the computed names of a result, each with its value; None where there is none."""
    for name, step in result.derived.items():
        yield Derived(name), step.value if isinstance(step, Step) else step.values
    for line in result.lines:
        yield Points(line.criterion), line.points
        counts = line.weight is not None and not line.left_out
        yield Contribution(line.criterion), line.contribution if counts else None
    yield from ((Subtotal(name), value) for name, value in result.subtotals.items())
    yield RawTotal(), result.raw_total
    yield from ((Adjustment(step.name), step.value) for step in result.adjustments)
    yield Total(), result.total
    yield Tier(), None if result.tier is None else result.tier.id
    yield from ((names.Outcome(name), value) for name, value in result.outcomes.items())


def expected_from(result: ResultContent) -> dict[str, object]:
    """Return what a result holds, by the names that expectations use."""
    found: dict[str, object] = dict(result.inputs)
    for name, value in values_of(result):
        found[str(name)] = value
        if isinstance(name, Derived):
            found[f"{name.head}.{name}"] = value
    return found | {"unratable": result.unratable, "pay": result.outcomes.get("pay")}
