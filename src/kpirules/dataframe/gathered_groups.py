"""The gathered inputs and the quotas of a rubric, for frames whose rows are evaluated together."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from kpirules.codegen import backend
from kpirules.codegen.builder import PREFIX
from kpirules.codegen.cohort_expressions import Members, members
from kpirules.codegen.compiled_plan import CannotSayError
from kpirules.codegen.input_expressions import units_of
from kpirules.codegen.output import Gathered, gathered_columns
from kpirules.compiler.cohorts import compiled_cohorts, compiled_quotas
from kpirules.compiler.domains import axis_of
from kpirules.evaluation.groups import InputGroups
from kpirules.evaluation.quotas import QuotaGroups
from kpirules.evaluation.record import FlagReader, reads_numbers
from kpirules.model.demotions import gathered_from_all, record_inputs
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.codegen.output import Column
    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.program import Program
    from kpirules.evaluation.record import Reader


#: the greatest number of kinds of frames whose expressions are cached for a rubric
_MAX_KINDS = 64


class GatheredGroups:
    """The gathered inputs and the quotas of a rubric, with their columns."""

    def __init__(self, plan: Plan, readers: Mapping[str, Reader]) -> None:
        self.plan = plan
        self.inputs: tuple[InputGroups, ...] = tuple(
            InputGroups(each, plan) for each in compiled_cohorts(plan)
        )
        self.quotas: tuple[QuotaGroups, ...] = tuple(
            QuotaGroups(each, plan) for each in compiled_quotas(plan)
        )
        #: the columns of what is gathered
        self.columns: tuple[Column, ...] = gathered_columns(plan)
        self._readers = readers
        self._made: dict[tuple[object, ...], Members] = {}
        #: by the names of what is gathered: the number of units in 1
        self.dens: dict[str, int] = {
            column.source.name: _den(column.shape.den)
            for column in self.columns
            if isinstance(column.source, Gathered) and column.shape.kind != "flag"
        }
        #: the names that need no column
        self.names: tuple[str, ...] = tuple(
            fact.name for fact in gathered_from_all(record_inputs(plan.rubric))
        )

    def check_expressible(self) -> None:
        """Raise :class:`CannotSayError` if what is gathered can be a fraction without an end."""
        for column in self.columns:
            if column.shape.is_rounded:
                raise CannotSayError(column.name, Message.of("cannot-express.no-decimal"))

    def kind(self, name: str) -> str:
        """Return what a column of kpirules' own holds of a name of the record."""
        reader = self._readers[name]
        if isinstance(reader, FlagReader):
            return "flag"
        return units_of(self.den(name)) if reads_numbers(reader) else "string"

    def den(self, name: str) -> int:
        """Return the number of units in 1 of a name of the record."""
        if name in self.dens:
            return self.dens[name]
        fact = self.plan.scope.inputs.get(name)
        step = None if fact is None else axis_of(fact).step
        return _den(0 if step is None else Fraction(step).denominator)

    def members(
        self,
        groups: InputGroups | QuotaGroups,
        kinds: Mapping[str, str],
        columns: Mapping[str, str],
        library: backend.Library,
    ) -> Members:
        """Return the expressions of one input or quota; raise :class:`BeyondError` if none."""
        key = (groups.compiled.name, library, *kinds.items(), *columns.items())
        if key not in self._made:
            if len(self._made) >= _MAX_KINDS:
                self._made.clear()
            self._made[key] = members(self.plan, groups.compiled, kinds, library, columns=columns)
        return self._made[key]


def _den(den: int) -> int:
    """Return units that a column can be read in; 0: any."""
    finest = backend.Reach().finest
    return den if den and finest % den == 0 else finest


@attrs.frozen(kw_only=True)
class Together:
    """A rubric whose rows are evaluated together, and what a call gives for it."""

    program: Program
    #: the column that says who a row is about
    key: str
    #: names of the record with the values that all rows have
    common: Mapping[str, object]
    groups: GatheredGroups

    @property
    def own(self) -> dict[str, str]:
        """The columns of kpirules' own, by the names of the record that need no column."""
        return {name: f"{PREFIX}of_{name}" for name in (*self.groups.names, *self.common)}
