"""The columns that a result adds to a frame: their names, their order, and what they hold.

What a column holds hangs on the rubric alone, so it is the same on every backend: places in a
table of bands (``Int16``), whole numbers (``Int64``) where only whole numbers can come, decimals
(``Decimal(18, s)``) where all have as few decimals, else texts such as ``"1000/9"``; texts; flags.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs
import narwhals as nw

from kpirules.frames import ops
from kpirules.frames.units import BeyondError
from kpirules.numbers import show
from kpirules.order import tier_outcomes


if TYPE_CHECKING:
    from kpirules.plan import Plan
    from kpirules.result import Result


#: what a result says in a column; flags are whole numbers to Python
Value: TypeAlias = Decimal | Fraction | int | str | None
#: a decimal column has so many digits
DIGITS = 18
#: the caller's decimal context changes nothing
_EXACT = Context(prec=2 * DIGITS)


@attrs.frozen
class Shape:
    """What a column holds."""

    kind: Literal["whole", "decimal", "text", "flag", "code"]
    #: decimals after the point
    scale: int = 0

    @classmethod
    def of(cls, low: Fraction, high: Fraction, den: int) -> Shape:
        """Give the shape of the multiples of ``1 / den`` between two numbers."""
        rest, twos, fives = den, 0, 0
        while rest % 2 == 0:
            rest, twos = rest // 2, twos + 1
        while rest % 5 == 0:
            rest, fives = rest // 5, fives + 1
        scale = max(twos, fives)
        if rest != 1:
            raise BeyondError("can come to fractions that no decimal is equal to")
        if max(abs(low), abs(high)) * 10**scale >= 10**DIGITS:
            raise BeyondError(f"can come to more than {DIGITS} digits")
        return cls("decimal", scale) if scale else cls("whole")

    @classmethod
    def text(cls) -> Shape:
        """Give the shape of texts."""
        return cls("text")

    @classmethod
    def flag(cls) -> Shape:
        """Give the shape of true and false."""
        return cls("flag")

    @property
    def den(self) -> int:
        """The units of a number: so many make one."""
        return int(10**self.scale)

    @property
    def dtype(self) -> Any:  # noqa: ANN401 - Narwhals' types are classes and instances
        """The type of the column, before its edge: numbers are in units."""
        others = {"text": nw.String, "flag": nw.Boolean, "code": nw.Int16}
        return others.get(self.kind, nw.Int64)

    @classmethod
    def code(cls) -> Shape:
        """Give the shape of places in a table."""
        return cls("code")

    def units_of(self, value: Value) -> int | str | None:
        """Give a value of a result as the column holds it before its edge."""
        if value is None or isinstance(value, str):
            return value
        if self.kind == "flag":
            return bool(value)
        if self.kind == "text":
            return show(value)
        units = Fraction(value) * self.den
        if units.denominator != 1 or abs(units) >= 10**DIGITS:
            raise BeyondError(f"is {show(value)}, which the column cannot hold")
        return units.numerator

    def value(self, units: int | str | None) -> Decimal | int | str | None:
        """Return what people read for what the column holds before its edge."""
        if self.kind == "decimal" and isinstance(units, int):
            return Decimal(units).scaleb(-self.scale, context=_EXACT)
        return units


@attrs.frozen(kw_only=True)
class Column:
    """One column that a result adds."""

    name: str
    #: the name of what it holds, as the rubric knows it
    source: str
    shape: Shape

    def edge(self, name: str = "") -> nw.Expr:
        """Turn units into the numbers that people read, in the column of a name."""
        column = ops.col(name or self.name)
        if self.shape.kind != "decimal":
            return column
        unit = ops.lit(Decimal(1).scaleb(-self.shape.scale))
        counted = ops.cast_to(column, nw.Decimal(19, 0)) * unit
        return ops.cast_to(counted, nw.Decimal(DIGITS, self.shape.scale))


def names_of(plan: Plan) -> list[tuple[str, str]]:
    """Give the columns by name, each with the name of what it holds, in their order."""
    rubric = plan.rubric
    names: list[tuple[str, str]] = []
    for c in plan.criteria:
        if not c.is_remark:
            names.append((f"points.{c.id}", f"points.{c.id}"))
            if c.quantity.bands is not None:
                names.append((f"band.{c.id}", f"band.{c.id}"))
    names += [(f"subtotal.{s.id}", f"subtotal.{s.id}") for s in rubric.sections]
    names += [(f"adjust.{a.id}", f"adjust.{a.id}") for a in rubric.adjustments]
    names.append(("total", "total"))
    names += [("tier", "tier")] if rubric.tiers else []
    outcomes = (*tier_outcomes(rubric), *(o.name for o in rubric.outcomes))
    # pay and coefficient are known by their names alone
    short = ("pay", "coefficient")
    names += [(n if n in short else f"outcome.{n}", f"outcome.{n}") for n in outcomes]
    return names + ([("unratable", "unratable")] if can_be_unratable(plan) else [])


def can_be_unratable(plan: Plan) -> bool:
    """Say whether some record may be unratable."""
    rubric = plan.rubric
    return (
        any(gate.unratable for gate in rubric.gates)
        or plan.weighing.is_worked_out
        or any(c.scored and c.missing == "exclude" for c in rubric.all_criteria)
        or (rubric.total is not None and rubric.total.minimum_scored is not None)
    )


def values_of(result: Result, columns: tuple[Column, ...]) -> dict[str, Value]:
    """Give what a result says in each column."""
    found: dict[str, Value] = {}
    for line in result.lines:
        found[f"points.{line.criterion}"] = line.points
        found[f"band.{line.criterion}"] = line.band
    found |= {f"subtotal.{name}": value for name, value in result.subtotals.items()}
    found |= {f"adjust.{step.name}": step.value for step in result.adjustments}
    found |= {f"outcome.{name}": value for name, value in result.outcomes.items()}
    found |= {"total": result.total, "unratable": result.unratable}
    found["tier"] = None if result.tier is None else result.tier.id
    return {c.name: found.get(c.source) for c in columns}
