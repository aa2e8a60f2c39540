"""A half-filled form as formulas: points so far, items to fill in, the range of the total.

They show what :func:`kpirules.progress` returns for the same entries. A rubric for which formulas
over the points of its criteria cannot show the same has none of them, or no range.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpirules.arithmetic.exact import plain


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpirules.arithmetic.number import Number
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.rows import Row


#: the columns of the sheet ``work``, and the keys of their labels
SO_FAR, OPEN, CAN_BE = "=so-far", "=to-fill-in", "=can-be"
LABELS = {SO_FAR: "so-far", OPEN: "to-fill-in", CAN_BE: "can-be"}
#: what stands between the ends of a range
_TO = ".."


def _may_lack(row: Row) -> bool:
    """Check whether the formula of a row has a value although a name of it has none."""
    formula = row.formula
    return formula is not None and any(
        not any(formula.tree.lacking({name}.__contains__)) for name in formula.names
    )


class ProgressCells:
    """The formulas of a rubric for a half-filled form, and their values."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._scored = [
            (c, share)
            for c, share in zip(plan.criteria, plan.raw_totals.factors, strict=True)
            if c.is_scored and share
        ]
        self._units = plan.raw_totals.units

    @property
    def _is_counted(self) -> bool:
        """Check whether points so far are those of given values, in whole units."""
        return (
            bool(self._scored)
            and self._plan.weighing.is_settled
            and all(c.axis.step is not None and c.missing_default is None for c, _ in self._scored)
        )

    @property
    def _is_ranged(self) -> bool:
        """Check whether each open criterion can reach its ends whatever else is given."""
        rubric = self._plan.rubric
        is_limited = any(
            gate.unratable
            or gate.refuse
            or gate.total_at_most is not None
            or gate.total_at_least is not None
            for gate in rubric.gates
        )
        # a default, a band for a missing value, and "given" have points that can still change
        is_assumed = any(fact.assumed is not None for fact in rubric.inputs) or any(
            quantity.answered or any(map(_may_lack, quantity.rows))
            for quantity in self._plan.quantities.values()
        )
        return (
            self._plan.is_plain
            and not (is_limited or is_assumed or rubric.raters)
            and None not in self._ends(0) + self._ends(1)
            and plain(Fraction(1, self._units)) is not None
            and not any(c.is_judged and c.facts for c, _ in self._scored)
        )

    def _ends(self, pick: int) -> list[Number | None]:
        """Return the least or the greatest points of each criterion."""
        return [c.ends[pick] for c, _ in self._scored]

    def formulas(self, cell: Callable[[str], str]) -> dict[str, str]:
        """Return the formulas by column; ``cell`` returns the cell of a column of the row."""
        if not self._is_counted:
            return {}
        cells = [(c, share, cell(f"={c.points_name}")) for c, share in self._scored]
        opened = "+".join(f"ISTEXT({place})" for _, _, place in cells)
        found = {SO_FAR: self._sum(cells, None), OPEN: f"0+{opened}"}
        if self._is_ranged:
            low, high = (self._sum(cells, self._ends(pick)) for pick in (0, 1))
            found[CAN_BE] = f'{low}&"{_TO}"&{high}'
        return found

    def _sum(
        self, cells: list[tuple[CompiledCriterion, Number, str]], ends: list[Number | None] | None
    ) -> str:
        """Return the formula of the sum of contributions, with others for open criteria."""
        parts: list[str] = []
        for i, (_, share, place) in enumerate(cells):
            units = Fraction(share) * self._units
            counted = f"{place}*{units.numerator}"
            counted += f"/{units.denominator}" if units.denominator != 1 else ""
            other = 0 if ends is None else int(Fraction(ends[i] or 0) * units)
            parts.append(f"IF(ISTEXT({place}),{other},ROUND({counted},0))")
        return f"({'+'.join(parts)})/{self._units}"

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the formulas for the points of a row."""
        names = self.formulas(str)
        given = [row.get(f"={c.points_name}") for c, _ in self._scored]
        found: dict[str, Any] = {
            SO_FAR: float(self._total(given, None)),
            OPEN: sum(isinstance(value, str) for value in given),
        }
        if CAN_BE in names:
            ends = (self._total(given, self._ends(pick)) for pick in (0, 1))
            found[CAN_BE] = _TO.join(format(Decimal(f"{float(v):.15g}"), "f") for v in ends)
        return {name: found[name] for name in names}

    def _total(self, given: list[Any], ends: list[Number | None] | None) -> Fraction:
        """Return the sum of contributions, with others for open criteria."""
        total = Fraction()
        for i, ((_, share), value) in enumerate(zip(self._scored, given, strict=True)):
            other = 0 if ends is None else Fraction(ends[i] or 0) * Fraction(share)
            if isinstance(value, str):
                total += other
            else:
                total += Fraction(
                    round(Fraction(value) * Fraction(share) * self._units), self._units
                )
        return total
