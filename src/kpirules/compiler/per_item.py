"""Derived facts that are computed for each item of the lists that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules.arithmetic.decision_table import MISSING
from kpirules.compiler.computed import Env, Missing, RejectedValueError, Taken, TakenList
from kpirules.compiler.quantities import CompiledQuantity
from kpirules.formula import UndefinedError
from kpirules.formula.nodes import same_length
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping


class CompiledList(CompiledQuantity):
    """A quantity for each item: to it, each list that it names is one of the items."""

    def take_items(self, env: Env) -> TakenList | Missing:
        """Evaluate the quantity for each item; raise an error if some item has no value."""
        known: dict[str, Any] = {name: env.get(name) for name in self.needs}
        lists = {n: items for n, items in known.items() if n in self.scope.lists}
        missing = tuple(n for n, items in lists.items() if items is None or items is MISSING)
        if missing:
            return Missing(missing)
        try:
            same_length(lists)
        except UndefinedError as error:
            raise RejectedValueError(error.reason, error.names) from None
        found: list[Taken] = []
        rows = [*zip(*lists.values(), strict=True)]
        for i, row in enumerate(rows, 1):
            taken = self._take_one(known | dict(zip(lists, row, strict=True)), i, len(rows))
            if isinstance(taken, Missing):
                return taken
            found.append(taken)
        return TakenList(tuple(found))

    def _take_one(self, env: Mapping[str, object], item: int, items: int) -> Taken | Missing:
        """Evaluate the quantity for one item, which an error names."""
        try:
            return self.take(env)
        except RejectedValueError as error:
            reason = Message.of(
                "problem-part.item_any", reason=error.reason, item=item, items=items
            )
            raise error.within(reason) from None
