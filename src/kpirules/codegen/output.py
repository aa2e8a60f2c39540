"""The columns that a result adds to a frame: their names, their order, and what they hold.

Which columns there are depends on the rubric alone, and is the same on every backend: places in a
table of bands (``Int16``), whole numbers (``Int64``), decimals (``Decimal(18, s)``), texts, flags.
A number that can be a fraction which no decimal equals is a decimal of :data:`PLACES` digits after
the point, rounded half up; the column ``X.exact`` after it holds the exact number as a text, such
as ``"1000/9"``.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, assert_never, cast

import attrs
import narwhals as nw

from kpirules.arithmetic.number import canonical, round_to, show
from kpirules.codegen import backend
from kpirules.codegen.decimal_places import Grids, decimals_of
from kpirules.codegen.fixed_point import BeyondError, TooLongResultError
from kpirules.compiler.domains import axis_of, coarsest
from kpirules.model.demotions import gathered_from_all, record_inputs
from kpirules.model.dependencies import computed_names
from kpirules.model.names import (
    Adjustment,
    Contribution,
    CriterionWeight,
    Derived,
    Gates,
    Outcome,
    Points,
    RawTotal,
    Refusal,
    SectionWeight,
    Subtotal,
    Tier,
    Total,
    TotalBeforeGates,
)
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.arithmetic.decision_table import Axis
    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.result import Result
    from kpirules.model.names import Name


@attrs.frozen
class BandIndex:
    """Which band of a criterion held."""

    id: str

    def __str__(self) -> str:
        return f"band.{self.id}"


@attrs.frozen
class Unratable:
    """Whether a record is unratable."""

    def __str__(self) -> str:
        return "unratable"


@attrs.frozen
class Gathered:
    """What was gathered for a record from all of them."""

    name: str

    def __str__(self) -> str:
        return f"gathered.{self.name}"


#: what a column of a result holds
Source: TypeAlias = Points | BandIndex | Subtotal | Adjustment | Total | Tier | Outcome | Unratable
#: a value of a result in a column; flags are whole numbers to Python
Value: TypeAlias = Decimal | Fraction | int | str | None
#: a decimal column has so many digits
DIGITS = 18
#: the caller's decimal context changes nothing
_CONTEXT = Context(prec=2 * DIGITS)
#: so many of them are after the point if no number of digits is enough
PLACES = 6
#: what the name of a column of exact numbers ends with
EXACT = ".exact"
#: decimals of unknown length have up to so many digits after the point
_MAX_PLACES = 9
#: the end of an axis without one
_FAR = Fraction(10**9)


@attrs.frozen
class Shape:
    """What a column holds."""

    kind: Literal["whole", "decimal", "text", "flag", "code", "exact"]
    #: decimals after the point
    scale: int = 0
    #: what has more decimals is rounded; the exact number has a column beside it
    is_rounded: bool = False

    @classmethod
    def of(cls, low: Fraction, high: Fraction, den: int) -> Shape:
        """Return the shape of the multiples of ``1 / den`` between two numbers."""
        scale = decimals_of(Fraction(1, den))
        if scale is None:
            raise BeyondError(Message.of("cannot-express.no-decimal"))
        if max(abs(low), abs(high)) * 10**scale >= 10**DIGITS:
            raise BeyondError(Message.of("cannot-express.digits", digits=DIGITS))
        return cls("decimal", scale) if scale else cls("whole")

    @classmethod
    def rounded(cls) -> Shape:
        """Return the shape of numbers that have a column of exact numbers beside them."""
        return cls("decimal", PLACES, is_rounded=True)

    @classmethod
    def text(cls) -> Shape:
        """Return the shape of texts."""
        return cls("text")

    @classmethod
    def flag(cls) -> Shape:
        """Return the shape of true and false."""
        return cls("flag")

    @property
    def den(self) -> int:
        """The units of a number: so many make one."""
        return int(10**self.scale)

    @property
    def dtype(self) -> Any:  # noqa: ANN401 - Narwhals' types are classes and instances
        """The type of the column, before its edge: numbers are in units."""
        others = {"text": nw.String, "exact": nw.String, "flag": nw.Boolean, "code": nw.Int16}
        return others.get(self.kind, nw.Int64)

    @classmethod
    def code(cls) -> Shape:
        """Return the shape of places in a table."""
        return cls("code")

    def units_of(self, value: Value) -> int | str | None:
        """Return a value of a result as the column holds it before its edge."""
        if value is None or isinstance(value, str):
            return value
        if self.kind == "flag":
            return bool(value)
        if self.kind == "exact":
            return show(value)
        if self.kind == "text":
            # numbers between texts; a stroke would make a date of them
            return show(value).replace("/", "÷")
        units = Fraction(value) * self.den
        if self.is_rounded:
            units = Fraction(round_to(units, 1, "half_up"))
        if units.denominator != 1 or abs(units) >= 10**DIGITS:
            raise TooLongResultError(canonical(Fraction(value)))
        return units.numerator

    def value(self, units: int | str | None) -> Decimal | int | str | None:
        """Return what people read for what the column holds before its edge."""
        if self.kind == "decimal" and isinstance(units, int):
            return Decimal(units).scaleb(-self.scale, context=_CONTEXT)
        return units


@attrs.frozen(kw_only=True)
class Column:
    """One column that a result adds."""

    name: str
    source: Source | Gathered
    shape: Shape

    def edge(self, name: str = "") -> nw.Expr:
        """Convert units to the numbers that people read, in the column of a name."""
        column = backend.col(name or self.name)
        if self.shape.kind != "decimal":
            return column
        unit = backend.lit(Decimal(1).scaleb(-self.shape.scale))
        counted = backend.cast_to(column, nw.Decimal(19, 0)) * unit
        return backend.cast_to(counted, nw.Decimal(DIGITS, self.shape.scale))


def columns_of(plan: Plan) -> tuple[Column, ...]:
    """Return the columns of a rubric that is scored record by record."""
    grids = Grids(plan)
    return tuple(
        Column(name=n, source=s, shape=Shape("exact") if n.endswith(EXACT) else _shape(grids, s))
        for n, s in names_of(plan)
    )


def gathered_columns(plan: Plan) -> tuple[Column, ...]:
    """Return the columns of what is gathered from all records, in the order of the inputs."""
    grids = Grids(plan)
    made: list[Column] = []
    for fact in gathered_from_all(record_inputs(plan.rubric)):
        source, axis, cohort = Gathered(fact.name), axis_of(fact), fact.cohort
        shapes = {"": Shape.flag()}
        if cohort is not None:
            default = abs(Fraction(fact.default)) if isinstance(fact.default, Decimal) else 0
            scale = decimals_of(axis.step or coarsest([grids.gathered(cohort), default]))
            exact_shape = {EXACT: Shape("exact")} if scale is None else {}
            shapes = {"": _decimal(axis, scale), **exact_shape}
        made += [Column(name=str(source) + n, source=source, shape=s) for n, s in shapes.items()]
    return tuple(made)


def _shape(grids: Grids, source: Source) -> Shape:
    """Return the shape of the numbers or texts of a name."""
    match source:
        case Unratable():
            return Shape.flag()
        case BandIndex():
            return Shape.code()
        case Points() | Subtotal() | Adjustment() | Total() | Tier() | Outcome():
            return _computed_shape(grids, str(source))
        case _ as never:
            assert_never(never)


def _computed_shape(grids: Grids, name: str) -> Shape:
    """Return the shape of the values of a computed name."""
    axis = grids.plan.axis_of(name)
    if axis.options is not None:
        return Shape.text()
    return _decimal(axis, grids.decimals(name))


def _decimal(axis: Axis, scale: int | None) -> Shape:
    """Return the shape of numbers of an axis with so many decimals; None: without an end."""
    if scale is None:
        return Shape.rounded()
    ends = [cut[0] for cut in (axis.domain.low, axis.domain.high) if cut is not None]
    far = max((abs(Fraction(end)) for end in ends), default=_FAR)
    # a number with more digits is a problem of its row
    fits = DIGITS - len(str(int(far)))
    scale = min(scale, max(fits, 0), _MAX_PLACES)
    return Shape("decimal", scale) if scale else Shape("whole")


def names_of(plan: Plan) -> list[tuple[str, Source]]:
    """Return the names of the columns, each with what it holds, in their order."""
    grids = Grids(plan)
    names: list[tuple[str, Source]] = []
    for name, source in numbers_of(plan):
        names.append((name, source))
        is_computed = not isinstance(source, BandIndex | Unratable)
        if is_computed and grids.is_fractional(str(source)):
            names.append((name + EXACT, source))
    return names


def numbers_of(plan: Plan) -> list[tuple[str, Source]]:
    """Return the names of the columns without those of exact numbers."""
    sources = [source for name in computed_names(plan.rubric) for source in _sources(name, plan)]
    sources += [Unratable()] if can_be_unratable(plan) else []
    # pay and coefficient are known by their names alone
    short: dict[Source, str] = {Outcome(name): name for name in ("pay", "coefficient")}
    return [(short.get(each, str(each)), each) for each in sources]


def _sources(name: Name, plan: Plan) -> tuple[Source, ...]:
    """Return what columns hold of a computed name."""
    match name:
        case Points(id):
            c = next(c for c in plan.criteria if c.id == id)
            if c.is_remark:
                return ()
            return (name,) if c.quantity.bands is None else (name, BandIndex(id))
        case Subtotal() | Adjustment() | Outcome():
            return (name,)
        case Total():
            return (name,) if plan.has_total else ()
        case Tier():
            return (name,) if plan.rubric.tiers else ()
        case Derived() | CriterionWeight() | SectionWeight() | Contribution() | RawTotal():
            return ()
        case Refusal() | TotalBeforeGates() | Gates():
            return ()
        case _ as never:
            assert_never(never)


def can_be_unratable(plan: Plan) -> bool:
    """Return whether some record may be unratable."""
    rubric = plan.rubric
    return (
        any(gate.unratable for gate in rubric.gates)
        or plan.weighing.has_computed_weights
        or any(c.scored and c.missing == "exclude" for c in rubric.all_criteria)
        or (rubric.total is not None and rubric.total.minimum_scored is not None)
    )


def values_of(result: Result, columns: tuple[Column, ...]) -> dict[str, Value]:
    """Return the value of a result for each column."""
    found: dict[str, Value] = {}
    for line in result.lines:
        found[f"points.{line.criterion}"] = line.points
        found[f"band.{line.criterion}"] = line.band
    found |= {f"subtotal.{name}": value for name, value in result.subtotals.items()}
    found |= {f"adjust.{step.name}": step.value for step in result.adjustments}
    found |= {f"outcome.{name}": value for name, value in result.outcomes.items()}
    found |= {"total": result.total, "unratable": result.unratable}
    found["tier"] = None if result.tier is None else result.tier.id
    for name in result.memberships:
        # a number, or whether a quota demotes
        found[str(Gathered(name))] = cast("Fraction", result.inputs[name])
    return {c.name: found.get(str(c.source)) for c in columns}
