"""The rows of a compiled quantity: one for each band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.range import Range
from kpirules.compiler.row_condition import Condition
from kpirules.formula import Formula
from kpirules.formula.nodes import Matching


if TYPE_CHECKING:
    from kpirules.model.crossing import BandRow
    from kpirules.model.quantity import Tallying
    from kpirules.model.rubric import Entry


@attrs.frozen(kw_only=True)
class Row:
    """One compiled band, or the only row of a quantity without bands."""

    band: BandRow | None
    #: its points, a number or a range to award within; of a formula, its expected range
    points: Range
    formula: Formula | None = None
    #: its value, if that is a text
    text: str | None = None
    condition: Condition = attrs.field(factory=Condition)

    @property
    def is_award(self) -> bool:
        """Check whether an appraiser awards points within it."""
        return self.formula is None and self.text is None and self.points.only is None


def tally_row(name: str, tally: tuple[Tallying, tuple[Entry, ...]], span: Range) -> Row:
    """Return the only row of a quantity that counts the items of a list that match."""
    how, entries = tally
    condition = Condition(asked=((name, entries),))
    tree = Matching(name, how == "run", entries)
    formula = Formula(text=f"{how}({condition})", tree=tree)
    return Row(band=None, points=span, formula=formula, condition=condition)
