"""Compiled quantities: how a value is computed from names, and what names mean in a rubric.

A quantity is the one mechanism of the language. Every kind of quantity selects a row by its
bands, computes the row's value or formula, clamps, rounds, and checks the result's range.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.budget import TooLargeError
from kpirules.arithmetic.decision_table import MISSING, Axis, DecisionTable, Entries, Value
from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.number import LIMIT, Number, canonical
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.ratio import Ratio, number_of
from kpirules.compiler.computed import Env, Missing, RejectedValueError, Taken, asked, given
from kpirules.compiler.domains import (
    as_range,
    axis_of_domain,
    clamped_grid,
    finished,
    finisher,
    hull,
    rounded_grid,
    within,
)
from kpirules.compiler.row_condition import Condition, condition_of
from kpirules.compiler.rows import Row, tally_row
from kpirules.formula import UndefinedError
from kpirules.formula.prover import VariableInterval
from kpirules.model.dependencies import conditions, needs_of
from kpirules.model.formulas import is_per_item
from kpirules.model.rubric import Adjustment, Derived
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.arithmetic.interval import Bounds
    from kpirules.compiler.symbols import Scope
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.crossing import BandRow
    from kpirules.model.rubric import Quantity


#: the raw totals of records with a total
RATED = "raw_total of a record with a total"
#: the entry that matches a missing value
MISSING_ENTRY = "missing"
#: the domain of a list in a condition: it is given, as any list, or missing
_LIST_AXIS = Axis(options=((),))


class CompiledQuantity:
    """One compiled quantity."""

    def __init__(
        self,
        quantity: Quantity,
        path: KeyPath,
        scope: Scope,
        *,
        award: Range | None = None,
        award_step: Number | None = None,
    ) -> None:
        """Compile a quantity; ``award`` is the default range to award within, with its grid."""
        self.award: Range = award or Range()
        self.award_step = award_step
        self.quantity = quantity
        self.path = path
        self.scope = scope
        #: the names that are lists to it; to one that is computed for each item, none
        self.lists: frozenset[str] = frozenset() if is_per_item(quantity) else scope.lists
        self.rows: tuple[Row, ...] = self._make_rows()

    @cached_property
    def bands(self) -> tuple[BandRow, ...]:
        """The rows of its bands: in a table by two facts, one for each cell."""
        return self.scope.rows_of(self.quantity)

    def place(self, row: int) -> KeyPath:
        """Return the place of a row: of its band, or of its cell; without bands, its own."""
        return (*self.path, "bands", *self.bands[row].place) if self.bands else self.path

    def _make_rows(self) -> tuple[Row, ...]:
        """Compile the bands, or the only row of a quantity without bands."""
        if self.quantity.tally is not None:
            return (tally_row(self.quantity.of or "", self.quantity.tally, self.span),)
        if self.quantity.bands is None:
            return (self._row(None, self.quantity),)
        return tuple(self._row(band, band) for band in self.bands)

    def _row(self, band: BandRow | None, source: BandRow | Quantity) -> Row:
        condition = condition_of(None if band is None else band.when, self.quantity.of)
        if source.formula is not None:
            formula = self.scope.formulas.parse(source.formula, per_item=is_per_item(self.quantity))
            return Row(band=band, points=self.span, formula=formula, condition=condition)
        if isinstance(source.value, str):
            return Row(band=band, points=self.span, text=source.value, condition=condition)
        points = source.points if source.value is None else source.value
        award = self.award if points is None and band is None else as_range(points)
        if band is not None and not condition:
            condition = Condition(rating=award)
        return Row(band=band, points=award, condition=condition)

    #: whether it is evaluated only for records with a total
    is_rated = False

    #: the range if neither a range nor a clamp is written
    usual: Range = Range()

    @cached_property
    def span(self) -> Range:
        """The expected range of values, after clamping and rounding."""
        return self.quantity.range or self.quantity.clamp or self.usual

    @cached_property
    def limit(self) -> Range:
        """The range that a record must not leave; a clamp alone limits only rounded values."""
        if self.quantity.range is None and self.quantity.clamp is not None:
            return Range()
        return self.span

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """All names that it may need."""
        return needs_of(self.quantity, self.bands, self.scope.formulas)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The names in its bands' conditions, in the order of the file."""
        names = (n for band in self.bands for n in conditions(band.when, self.quantity.of))
        return tuple(dict.fromkeys(names))

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """The domain of each of these names."""
        return {name: self._axis_of(name) for name in self.facts}

    def axis_for(self, name: str) -> Axis:
        """Return the domain of a name as this quantity sees it."""
        return self.scope.axes[RATED if self.is_rated and name == "raw_total" else name]

    def _axis_of(self, name: str) -> Axis:
        """Return the domain of a name, with the point ``MISSING`` if a band matches it."""
        axis = _LIST_AXIS if name in self.lists else self.axis_for(name)
        is_answered = name in self.answered and name not in self.scope.never_missing
        if is_answered or self._may_be_out(name):
            return attrs.evolve(axis, missing=True)
        return axis

    def _may_be_out(self, name: str) -> bool:
        """Check whether a name may be excluded from a record to which the quantity applies."""
        scope = self.scope
        return name in scope.may_be_excluded and not (self.is_rated and name in scope.unratable)

    @cached_property
    def answered(self) -> frozenset[str]:
        """The names for which a band matches a missing value."""
        entries = (conditions(band.when, self.quantity.of).items() for band in self.bands)
        return frozenset(name for pairs in entries for name, some in pairs if MISSING_ENTRY in some)

    @cached_property
    def otherwise(self) -> int | None:
        """The index of the ``otherwise`` band, which matches if no other band does."""
        marked = (i for i, b in enumerate(self.bands) if b.when is not None and b.when.otherwise)
        return next(marked, None)

    @cached_property
    def by_facts(self) -> DecisionTable:
        """The decision table over the facts' domains; its ``otherwise`` row matches nothing."""
        rows = [self._entries(band) for band in self.bands]
        if self.otherwise is not None:
            rows[self.otherwise] = [() for _ in self.facts]
        return DecisionTable([self.axes[name] for name in self.facts], rows, self.scope.budget)

    def _entries(self, band: BandRow) -> list[Entries | None]:
        """Return what a band matches of each fact; None: anything."""
        when = conditions(band.when, self.quantity.of)
        return [
            tuple(MISSING if e == MISSING_ENTRY else e for e in when[name])
            if name in when
            else None
            for name in self.facts
        ]

    @cached_property
    def off_grid(self) -> tuple[tuple[int, Range, str], ...]:
        """The written conditions of bands that lie between a fact's steps: (band, entry, name)."""
        return tuple(
            (row, entry, name)
            for row, band in enumerate(self.bands)
            for name, entries in conditions(band.when, self.quantity.of).items()
            if name not in band.implied
            for entry in entries
            if isinstance(entry, Range) and self.axes[name].step is not None
            if entry.on_grid(self.axes[name].step or 1) is None
        )

    def rows_of_facts(self, facts: Sequence[Value]) -> int:
        """Return a bit for each band that matches these facts; a sound table gives one bit."""
        bits = self.by_facts.bits_at(facts)
        if not bits and self.otherwise is not None:
            return 1 << self.otherwise
        return bits

    @cached_property
    def always_needs(self) -> tuple[str, ...]:
        """The names without which it has no value, whichever band holds."""
        if self.bands:
            return tuple(name for name in self.facts if name not in self.answered)
        formula = self.rows[0].formula
        return self.needs if formula is None else formula.required

    def lacking(self, is_missing: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the missing names that it may need, whichever band holds."""
        names = [name for name in self.facts if is_missing(name)]
        for row in self.rows:
            names += row.formula.lacking(is_missing) if row.formula is not None else ()
        return tuple(dict.fromkeys(names))

    def take(self, env: Env, *, strict: bool = False) -> Taken | Missing:
        """Evaluate the quantity; raise :class:`RejectedValueError` if it has no value.

        ``strict``: no band matches a missing value.
        """
        index = 0
        if self.facts:
            answered = frozenset[str]() if strict else self.answered
            if any(env.get(name) is None and name not in answered for name in self.facts):
                out = self.lacking(lambda n: env.get(n) is None and n not in answered)
                return Missing(out)
            bits = self.rows_of_facts([asked(env, name, self.lists) for name in self.facts])
            if bits.bit_count() != 1:
                raise RejectedValueError.of_bands(bits, self.facts)
            index = bits.bit_length() - 1
        row = self.rows[index]
        if row.text is not None:
            return Taken(index, row.text)
        if row.formula is None:
            value = row.points.only
            return Taken(index, None) if value is None else Taken(index, self.finish(value), value)
        without = row.formula.lacking(lambda n: given(env, n) is MISSING)
        if without:
            return Missing(without)
        try:
            ratio = row.formula.ratio(env)
        except UndefinedError as error:
            code = "division-by-zero" if error.divides else error.code
            raise RejectedValueError(error.reason, error.names, code) from None
        raw = number_of(ratio)
        return Taken(index, self._finish(ratio, raw), raw)

    def finish(self, value: Number) -> Number:
        """Clamp and round a value, and check its range."""
        return self._finish(value.as_integer_ratio(), value)

    def _finish(self, ratio: Ratio, value: Number) -> Number:
        """Clamp and round the ratio of a value, and check its range."""
        done = self._finisher(ratio)
        made = value if done is ratio else number_of(done)
        if not self.limit.contains(made):
            outside = Message.of("problem.out-of-range_computed", result=made, range=self.limit)
            raise RejectedValueError(outside, self.needs, self.out_of_range_code, value=made)
        return made

    @cached_property
    def _finisher(self) -> Callable[[Ratio], Ratio]:
        return finisher(self.quantity.clamp, self.quantity.round)

    @property
    def skips(self) -> bool:
        """Check whether the rubric defines what happens when something that it needs is missing."""
        return isinstance(self.quantity, Derived) or (
            getattr(self.quantity, "missing", "error") != "error"
        )

    @property
    def out_of_range_code(self) -> str:
        """The finding code for values outside of the range; empty for a derived fact."""
        return "" if isinstance(self.quantity, Derived) else "points-out-of-range"

    # ------------------------------------------------------------ possible values

    @cached_property
    def axis(self) -> Axis:
        """The domain of its values."""
        texts = [self.rows[i].text for i in self.live if self.rows[i].text is not None]
        if texts:
            return Axis(options=tuple(dict.fromkeys(texts)))
        return axis_of_domain(self.values)

    @property
    def missing_default(self) -> Number | None:
        """The default for a missing value: of an adjustment that is skipped, 0; else None."""
        return (
            0 if isinstance(self.quantity, Adjustment) and self.quantity.missing == "skip" else None
        )

    @cached_property
    def values(self) -> Domain:
        """The possible numbers: those of each row, and the default."""
        default = self.missing_default
        parts = [self.part(i) for i in self.live if self.rows[i].text is None]
        return Domain.of([*parts, None if default is None else Part(Range.exactly(default))])

    @cached_property
    def live(self) -> tuple[int, ...]:
        """The rows that some record can reach; of a whole rubric, all: others are a finding."""
        every = range(len(self.rows))
        if not self.scope.known or not self.facts:
            return tuple(every)
        try:
            dead = {*self.by_facts.unreached()}
            if self.otherwise is not None and self.by_facts.gap() is not None:
                dead.discard(self.otherwise)
        except TooLargeError:
            return tuple(every)
        return tuple(i for i in every if i not in dead)

    def part(self, index: int) -> Part | None:
        """Return the possible numbers of a row within the range; None if there are none."""
        if index not in self._parts:
            low, high = self.reaches(index)
            part = Part.of(low, high, self.grids[index])
            self._parts[index] = None if part is None else part.within(self.limit)
        return self._parts[index]

    @cached_property
    def _parts(self) -> dict[int, Part | None]:
        """The cache of :meth:`part`."""
        return {}

    @cached_property
    def cost(self) -> int:
        """The cost of evaluating it, counted in nodes."""
        return 1 + max((row.formula.size for row in self.rows if row.formula), default=0)

    @cached_property
    def grids(self) -> tuple[Number | None, ...]:
        """For each row, a number of which all its finished values are multiples, or None."""
        return tuple(map(self._grid, range(len(self.rows))))

    def _grid(self, index: int) -> Number | None:
        """Compute the grid of a row."""
        row = self.rows[index]
        if row.formula is None and not row.is_award:
            only = self.reaches(index)[0]
            return None if only is None else canonical(abs(Fraction(only)))
        grid = (
            self.award_step
            if row.formula is None
            else row.formula.grid({name: self.axis_for(name).step for name in row.formula.names})
        )
        return rounded_grid(clamped_grid(grid, self.quantity.clamp), self.quantity.round)

    def reaches(self, index: int) -> Bounds:
        """Return bounds of the value of a row, clamped and rounded."""
        row = self.rows[index]
        if row.formula is None:
            points = row.points
            if row.is_award and self.award_step is not None:
                points = points.on_grid(self.award_step) or points
            low, high = (cut and cut[0] for cut in (points.low, points.high))
        else:
            low, high = row.formula.bounds(self.box(index))
        clamp, rounding = self.quantity.clamp, self.quantity.round
        # an open end may become closed: a clamp has ends
        ends = (clamp or Range()).low, (clamp or Range()).high
        low = low if low is not None else ends[0] and ends[0][0]
        high = high if high is not None else ends[1] and ends[1][0]
        return (
            None if low is None else finished(low, clamp, rounding),
            None if high is None else finished(high, clamp, rounding),
        )

    @property
    def name(self) -> str:
        """Its id or name."""
        return str(getattr(self.quantity, "id", None) or getattr(self.quantity, "name", ""))

    @property
    def named(self) -> Named:
        """Its name with its label, for a message."""
        return Named(self.name, getattr(self.quantity, "label", None))

    def sides(self, index: int) -> dict[str, VariableInterval]:
        """Return the intervals of the names of a row's formula, if the row holds."""
        formula = self.rows[index].formula
        names = formula.names if formula is not None else ()
        box, inputs = self.box(index), self.scope.inputs
        return {
            n: VariableInterval.of(box[n], step, is_list=n in self.lists)
            if n in inputs
            else VariableInterval(*box[n], step, n in self.lists)
            for n in names
            for step in (self.axis_for(n).step,)
        }

    def may_need(self, index: int) -> tuple[str, ...]:
        """Return the names that a row may need but that may have no value in a record."""
        scope, row = self.scope, self.rows[index]
        missing = [n for n in self.facts if n in scope.may_have_no_value and n not in self.answered]

        def may_lack(name: str) -> bool:
            out = self._may_be_out(name) and (
                name not in self.facts or self.facts_at(index, {name: MISSING}) is not None
            )
            return out or name in scope.may_have_no_value

        missing += row.formula.lacking(may_lack) if row.formula is not None else ()
        return tuple(dict.fromkeys(missing))

    def facts_at(self, index: int, point: Mapping[str, Value]) -> dict[str, Value] | None:
        """Return facts, some of them fixed, for which a row holds; None if there are none."""
        fixed = {i: point[name] for i, name in enumerate(self.facts) if name in point}
        if not self.facts:
            return {}
        found = self.by_facts.point_of(None if index == self.otherwise else index, fixed)
        return None if found is None else dict(zip(self.facts, found, strict=True))

    def box(self, index: int) -> dict[str, Bounds]:
        """Return the bounds of the names of a row's formula, if the row holds."""
        when = conditions(self.bands[index].when, self.quantity.of) if self.bands else {}
        found: dict[str, Bounds] = {}
        for name in self.needs:
            axis = self.axis_for(name)
            if axis.options is not None:
                # nothing depends on the items of such a list but their count
                found |= {name: (0, 0)} if name in self.lists else {}
                continue
            # a missing value is not a number: a formula over it is not evaluated
            spans = [e for e in when.get(name, ()) if isinstance(e, Range)]
            met = [m for e in spans if (m := e.meet(axis.domain)) is not None]
            # computed numbers may be closer to an open end than the numbers of a record
            finest = LIMIT if name in self.scope.inputs else LIMIT**3
            every = [within(attrs.evolve(axis, domain=m), finest) for m in met]
            found[name] = hull(every or [within(axis, finest)])
        return found
