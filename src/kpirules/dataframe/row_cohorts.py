"""What groups of rows give, from columns of whole numbers: places, shares, numbers, quotas.

The rules are those of :mod:`kpirules.evaluation.groups`. Numbers of a group are computed by it,
group by group; places and shares of the rows by windows over the columns.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import polars as pl

from kpirules.arithmetic.number import TooLongError, canonical
from kpirules.codegen.builder import PREFIX
from kpirules.codegen.cohort_expressions import HELD, PART
from kpirules.evaluation.groups import GroupError
from kpirules.evaluation.shares import NoClaimError, shares


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpirules.arithmetic.number import Number
    from kpirules.codegen.cohort_expressions import Members
    from kpirules.compiler.cohorts import CompiledGroup
    from kpirules.evaluation.groups import Groups, InputGroups
    from kpirules.evaluation.quotas import QuotaGroups
    from kpirules.formula import GroupFormula
    from kpirules.model.inputs import Cohort


#: whole numbers of a column are below this
_MOST = 2**62
#: columns of the rows, or of the groups
_ALL, _HEADS, _KEY, _ROWS = (f"{PREFIX}{n}" for n in ("all", "heads", "key", "rows"))
_CLAIM, _VALUE, _FLOOR, _REST = (f"{PREFIX}{n}" for n in ("claim", "value", "floor", "rest"))
#: of a group: a share is ``claim * times // parts`` units, and they add up to ``units``
_TIMES, _PARTS, _UNITS, _EQUAL = (f"{PREFIX}{n}" for n in ("times", "parts", "units", "equal"))
#: what the rows of a group have in common, as the columns hold it
_Group: TypeAlias = "tuple[Any, ...]"


class UncommonError(ValueError):
    """Groups for which columns are not enough: they are evaluated record by record."""


def gathered(
    groups: InputGroups, members: Members, table: pl.DataFrame, keys: pl.Series, den: int
) -> pl.Series:
    """Return what an input gathers, in units of ``1 / den``; null: nobody counted, or not this row.

    ``table``: the columns of ``members``. Raises :class:`UncommonError`.
    """
    of = _Table(members, table)
    compiled = groups.compiled
    if compiled.form == "rank":
        return _places(of, compiled.cohort.ties) * den
    assert compiled.group is not None  # noqa: S101 - of the other two forms
    numbers = of.numbers(groups, compiled.group)
    if compiled.form == "formula":
        return of.told(numbers, den)
    return _shares(of, groups, numbers, keys, den)


def keeps(groups: QuotaGroups, members: Members, table: pl.DataFrame) -> bool:
    """Return whether each group keeps a quota; raise :class:`UncommonError`."""
    of = _Table(members, table)
    held = of.there.group_by(of.group).agg(pl.col(HELD).sum().alias(_VALUE))
    counts = dict(_by_group(held, of.group, _VALUE))
    for key, formula in groups.compiled.limits.items():
        for group, limit in of.numbers(groups, formula):
            count = counts.get(group)
            if count is None or limit is None:
                continue
            if count > limit if key == "at_most" else count < limit:
                return False
    return True


class _Table:
    """The rows of a frame as what they are to the groups of one input or quota."""

    def __init__(self, members: Members, table: pl.DataFrame) -> None:
        self.members = members
        #: the columns that the rows of a group have in common
        self.group: list[str] = list(members.group) or [_ALL]
        # texts are slow to group by
        texts = (pl.col(name) for name in members.group if table.schema[name] == pl.String)
        self.rows = table.with_columns(each.cast(pl.Categorical) for each in texts)
        if not members.group:
            self.rows = table.with_columns(pl.lit(0).alias(_ALL))
        self.there = self.rows.filter(pl.col(PART))

    def there_with(self, keys: pl.Series) -> pl.DataFrame:
        """Return the rows that take part, with their places and keys."""
        rows = self.rows.with_row_index(_ROWS).with_columns(keys.alias(_KEY))
        return rows.filter(pl.col(PART))

    def numbers(
        self, groups: Groups[CompiledGroup], formula: GroupFormula
    ) -> list[tuple[_Group, Number | None]]:
        """Return the number of a formula for each group; raise :class:`UncommonError`."""
        at = {
            name: column
            for (name, _), column in zip(groups.compiled.each, self.members.numbers, strict=True)
        }
        lists = {name: at[name] for name, _ in formula.lists}
        common = {name: self.members.common[name] for name in formula.common}
        parts = [pl.len().alias(_HEADS)]
        parts += [pl.col(c) for c in dict.fromkeys(column for column, _ in lists.values())]
        parts += [pl.col(column).unique() for column, _ in common.values()]
        found = self.there.group_by(self.group).agg(parts)
        every = self.rows.select(self.group).unique().drop_nulls()
        made: list[tuple[_Group, Number | None]] = []
        for row in every.join(found, on=self.group, how="left").iter_rows(named=True):

            def values(of: tuple[str, int], row: dict[str, list[int]] = row) -> tuple[Number, ...]:
                column, den = of
                units = row[column] or []
                return tuple(units if den == 1 else (canonical(Fraction(n, den)) for n in units))

            try:
                number = groups.number_of(
                    formula,
                    row[_HEADS] or 0,
                    lambda name: values(lists[name]),
                    lambda name: {*values(common[name])},
                )
            except GroupError:
                raise UncommonError from None
            made.append((tuple(row[name] for name in self.group), number))
        return made

    def told(self, numbers: Sequence[tuple[_Group, Number | None]], den: int) -> pl.Series:
        """Return the numbers of groups as a column of all their rows, in units."""
        units = [None if n is None else in_units(n, den) for _, n in numbers]
        return self.joined(self.rows, {_VALUE: units}, numbers)[_VALUE]

    def joined(
        self,
        rows: pl.DataFrame,
        columns: dict[str, list[int | None]],
        groups: Sequence[tuple[_Group, object]],
    ) -> pl.DataFrame:
        """Return rows with columns of their groups."""
        names = {
            name: pl.Series(name, [key[i] for key, _ in groups], dtype=rows.schema[name])
            for i, name in enumerate(self.group)
        }
        made = pl.DataFrame([*names.values(), *(_whole(n, each) for n, each in columns.items())])
        return rows.join(made, on=self.group, how="left", maintain_order="left")


def _whole(name: str, values: Sequence[int | None]) -> pl.Series:
    return pl.Series(name, values, dtype=pl.Int64)


def _by_group(table: pl.DataFrame, group: list[str], value: str) -> Iterator[tuple[_Group, int]]:
    """Yield each group of a table with a value."""
    for row in table.select(*group, value).iter_rows():
        yield tuple(row[:-1]), cast("int", row[-1])


def in_units(number: Number, den: int) -> int:
    """Return a number in units; raise :class:`UncommonError` if a column cannot hold it."""
    units = Fraction(number) * den
    if units.denominator != 1 or abs(units) >= _MOST:
        raise UncommonError
    return units.numerator


def _places(of: _Table, ties: str | None) -> pl.Series:
    """Return the place of each row that takes part, 1 the highest."""
    names = [column for column, _ in of.members.numbers]
    rows = of.rows
    if len(names) == 1:
        rows = rows.with_columns(pl.col(names[0]).alias(_VALUE))
    else:
        # the different standings, in order
        order = of.there.select(names).unique().sort(names).with_row_index(_VALUE)
        rows = rows.join(order, on=names, how="left", maintain_order="left")
    value = pl.when(pl.col(PART)).then(pl.col(_VALUE))
    place = value.rank("max" if ties == "worst" else "min", descending=True)
    ranked = rows.select(
        (place.over(of.group) if of.members.group else place).cast(pl.Int64).alias(_VALUE),
        *of.group,
    )
    if ties == "refuse" and not ranked.drop_nulls(_VALUE).is_unique().all():
        raise UncommonError
    return ranked[_VALUE]


def _shares(
    of: _Table,
    groups: InputGroups,
    amounts: Sequence[tuple[_Group, Number | None]],
    keys: pl.Series,
    den: int,
) -> pl.Series:
    """Return the share of each row that takes part."""
    column, _ = of.members.numbers[-1]
    there = of.there_with(keys).with_columns(pl.col(column).alias(_CLAIM))
    if (there[_CLAIM] < 0).any():
        raise UncommonError
    found = _by_remainders(of, groups.compiled.cohort, there, amounts, den)
    if found is None:
        found = _one_by_one(of, groups.compiled.cohort, there, dict(amounts), den)
    nothing = pl.repeat(None, len(of.rows), dtype=pl.Int64, eager=True)
    return nothing.scatter(found[_ROWS], found[_VALUE])


def _one_by_one(
    of: _Table,
    cohort: Cohort,
    there: pl.DataFrame,
    amounts: Mapping[_Group, Number | None],
    den: int,
) -> pl.DataFrame:
    """Return the places of rows and their shares, each group by the function of a cohort."""
    _, parts = of.members.numbers[-1]
    rows: list[int] = []
    units: list[int] = []
    for group, some in there.group_by(of.group):
        claims = {
            key: canonical(Fraction(claim, parts))
            for key, claim in some.select(_KEY, _CLAIM).iter_rows()
        }
        amount = amounts[group]
        if amount is None or amount < 0:
            raise UncommonError
        try:
            made = shares(amount, claims, cohort.round, cohort.otherwise)
        except (NoClaimError, TooLongError):
            raise UncommonError from None
        rows += some[_ROWS].to_list()
        units += [in_units(share, den) for share in made.values()]
    return pl.DataFrame({_ROWS: rows, _VALUE: _whole(_VALUE, units)})


def _by_remainders(
    of: _Table,
    cohort: Cohort,
    there: pl.DataFrame,
    amounts: Sequence[tuple[_Group, Number | None]],
    den: int,
) -> pl.DataFrame | None:
    """Return the places of rows and their shares; None for other roundings, or for more bits."""
    rounding = cohort.round
    to = Fraction(0 if rounding is None or rounding.is_alone else rounding.to)
    unit = to * den
    if not unit or unit.denominator != 1:
        return None
    made = _divided(of, there, amounts, to, cohort.otherwise)
    if made is None or (made[_VALUE] > _MOST // unit.numerator).any():
        return None
    return made.with_columns(pl.col(_VALUE) * unit.numerator)


def _divided(
    of: _Table,
    there: pl.DataFrame,
    amounts: Sequence[tuple[_Group, Number | None]],
    to: Fraction,
    otherwise: str | None,
) -> pl.DataFrame | None:
    """Return shares by largest remainders, in units of the grid; None if they need more bits.

    Raises :class:`UncommonError` for an amount that is not shared.
    """
    found = there.group_by(of.group).agg(
        pl.col(_CLAIM).cast(pl.Int128).sum().alias(_VALUE),
        pl.col(_CLAIM).max().alias(_FLOOR),
        pl.len().alias(_HEADS),
    )
    known = {row[:-3]: row[-3:] for row in found.iter_rows()}
    columns: dict[str, list[int | None]] = {n: [] for n in (_TIMES, _PARTS, _UNITS, _EQUAL)}
    groups: list[tuple[_Group, None]] = []
    for group, amount in amounts:
        if group not in known:
            continue
        whole, most, heads = known[group]
        if amount is None or amount < 0 or (not whole and otherwise not in ("equal", "nothing")):
            raise UncommonError
        is_equal = not whole and otherwise == "equal"
        if is_equal:
            whole, most = heads, 1
        units = Fraction(amount) / to if whole else Fraction(0)
        times, divisor = units.numerator, units.denominator * (whole or 1)
        if times * most >= _MOST or divisor >= _MOST:
            return None
        groups.append((group, None))
        for name, number in zip(columns, (times, divisor, units // 1, int(is_equal)), strict=True):
            columns[name].append(number)
    rows = of.joined(there, columns, groups).with_columns(
        pl.when(pl.col(_EQUAL) == 1).then(1).otherwise(pl.col(_CLAIM)).alias(_CLAIM)
    )
    product = pl.col(_TIMES) * pl.col(_CLAIM)
    rows = rows.with_columns(
        (product // pl.col(_PARTS)).alias(_FLOOR), (product % pl.col(_PARTS)).alias(_REST)
    )
    left = pl.col(_UNITS) - pl.col(_FLOOR).sum()
    order = [pl.col(_REST), pl.col(_CLAIM), pl.col(_KEY)]
    return rows.sort(order, descending=[True, True, False]).select(
        _ROWS,
        (pl.col(_FLOOR) + (pl.int_range(pl.len()) < left).cast(pl.Int64))
        .over(of.group)
        .alias(_VALUE),
    )
