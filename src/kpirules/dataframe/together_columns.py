"""Rows that are evaluated together by expressions: stage by stage, columns and their groups.

First the columns that the first gathered inputs need, then windows over their groups, which make
another column, then the next; in the end every row, with all that was gathered for it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

import narwhals as nw
import polars as pl

from kpirules.arithmetic.number import exact
from kpirules.codegen.builder import PREFIX
from kpirules.codegen.cohort_expressions import PART, UNKNOWN, Members
from kpirules.codegen.fixed_point import BeyondError
from kpirules.codegen.input_expressions import says
from kpirules.codegen.output import DIGITS, Gathered
from kpirules.codegen.truth import every, some
from kpirules.dataframe import eager
from kpirules.dataframe.gathered_groups import Together
from kpirules.dataframe.row_cohorts import UncommonError, gathered, in_units, keeps
from kpirules.evaluation.groups import InputGroups
from kpirules.evaluation.quotas import QuotaGroups


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number
    from kpirules.dataframe.job import Job

    Frame = nw.DataFrame[Any]


def by_columns(job: Job, of: Together, frame: Frame, keys: pl.Series) -> Frame | None:
    """Evaluate all rows together by expressions; None if some row needs ``evaluate``.

    None also if a row gives what is gathered or common, and if a group has no value: the problems
    of records are those of their evaluation.
    """
    compiled, own = job.compiled, of.own
    if compiled is None or job.read.keys() & own.keys() or _has_empty_rows(job, frame):
        return None
    columns = {**job.read, **own}
    kinds = {name: kind for name, kind in job.kinds.items() if name not in of.groups.names}
    more: dict[str, nw.Series[Any]] = {}

    def table(groups: InputGroups | QuotaGroups) -> tuple[Members, pl.DataFrame]:
        made = of.groups.members(groups, kinds, columns, compiled.library)
        found = eager.of_levels(made, work, made.columns).to_polars()
        columns_read = [PART, *(column for column, _ in (*made.numbers, *made.common.values()))]
        there = found.filter(pl.col(PART).fill_null(value=True)).select(columns_read)
        if found[UNKNOWN].any() or sum(there.null_count().row(0)):
            raise UncommonError
        return made, found

    try:
        work = frame.with_columns(**_constants(of))
        for each in of.groups.inputs:
            name, fact = each.compiled.name, each.compiled.fact
            made, found = table(each)
            den = of.groups.dens[name]
            units = gathered(each, made, found, keys, den)
            if fact.default is not None:
                units = units.fill_null(in_units(exact(cast("Number", fact.default)), den))
            kinds[name] = job.kinds[name]
            work = work.with_columns(_series(own[name], units, work))
            without = (found[column].is_null() for column in made.group)
            shown = reduce(lambda column, gone: column.set(gone, None), without, units)
            more |= _shown(job, name, shown, den, work)
        if not all(keeps(each, *table(each)) for each in of.groups.quotas):
            return None
    except (BeyondError, UncommonError):
        return None
    return eager.made_by_columns(job, compiled, work, more)


def _has_empty_rows(job: Job, frame: Frame) -> bool:
    """Return whether some row gives nothing, and is rejected for that."""
    if not (job.rejects_empty and job.read):
        return False
    given = some(says(column, job.kinds[name]) for name, column in job.read.items())
    return not frame.select(every([given]).column.alias(PREFIX))[PREFIX].all()


def _constants(of: Together) -> dict[str, nw.Expr]:
    """Return the columns of what is common to all."""
    values = of.program.evaluator.context.readings.read(of.common)[0]
    made: dict[str, nw.Expr] = {}
    for name in of.common:
        value, column = values.get(name), of.own[name]
        if value is None:
            raise UncommonError
        if isinstance(value, (bool, str)):
            made[column] = nw.lit(value)
        else:
            units = in_units(cast("Number", value), of.groups.den(name))
            made[column] = nw.lit(units, dtype=nw.Int64)
    return made


def _series(name: str, units: pl.Series, frame: Frame) -> nw.Series[Any]:
    """Return units as a column of the library of a frame."""
    if frame.implementation.is_polars():
        return nw.from_native(units.alias(name), series_only=True)
    return nw.new_series(name, units.to_list(), nw.Int64, backend=frame.implementation)


def _shown(
    job: Job, name: str, units: pl.Series, den: int, frame: Frame
) -> dict[str, nw.Series[Any]]:
    """Return the column of what is gathered, in the units of its shape, if it is asked for."""
    made: dict[str, nw.Series[Any]] = {}
    for column in job.columns:
        if column.source == Gathered(name):
            times = Fraction(column.shape.den, den)
            most = cast("int | None", units.abs().max()) or 0
            if times.denominator != 1 or most * times >= 10**DIGITS:
                raise UncommonError
            made[column.name] = _series(column.name, units * times.numerator, frame)
    return made
