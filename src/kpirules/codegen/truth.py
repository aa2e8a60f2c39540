"""What holds of rows: never null, and combined without columns where it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.codegen import backend


if TYPE_CHECKING:
    from collections.abc import Iterable

    import narwhals as nw


@attrs.frozen(kw_only=True)
class Truth:
    """Something that holds for a row or not, never null; a plain bool if it is known."""

    expr: nw.Expr | bool
    level: int = 0

    @property
    def column(self) -> nw.Expr:
        """The expression, also of a plain bool."""
        return backend.lit(self.expr) if isinstance(self.expr, bool) else self.expr


YES = Truth(expr=True)
NO = Truth(expr=False)


def every(truths: Iterable[Truth]) -> Truth:
    """Return whether all hold."""
    return _joined(truths, neutral=True)


def some(truths: Iterable[Truth]) -> Truth:
    """Return whether any holds."""
    return _joined(truths, neutral=False)


def _joined(truths: Iterable[Truth], *, neutral: bool) -> Truth:
    found: Truth = Truth(expr=neutral)
    for truth in truths:
        if isinstance(truth.expr, bool):
            if truth.expr is not neutral:
                return truth
        elif isinstance(found.expr, bool):
            found = truth
        else:
            expr = found.expr & truth.expr if neutral else found.expr | truth.expr
            found = Truth(expr=expr, level=max(found.level, truth.level))
    return found


def opposite(truth: Truth) -> Truth:
    """Return whether something does not hold."""
    expr = not truth.expr if isinstance(truth.expr, bool) else ~truth.expr
    return Truth(expr=expr, level=truth.level)
