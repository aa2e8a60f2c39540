"""Check what count and run of the items of a list ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.arithmetic.range import Range
from kpirules.checks.registry import QUANTITIES, check
from kpirules.diagnostics.finding import Finding
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.compiler.quantities import CompiledQuantity


@check("value", phase=QUANTITIES)
def entries_of_items(c: CompiledQuantity) -> Iterator[Finding]:
    """Find entries of count and run that no item of the list can match."""
    if c.quantity.tally is None:
        return
    name, (how, entries) = c.needs[0], c.quantity.tally
    for entry in entries:
        if isinstance(entry, Range) and c.scope.axes[name].least_in(entry) is None:
            yield Finding(
                code="value",
                reason=Message.of("finding.value_no-item", name=Named(name), range=entry),
                advice=Message.of("advice.value_no-item"),
                path=(*c.path, how),
            )
