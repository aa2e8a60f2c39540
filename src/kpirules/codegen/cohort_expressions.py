"""What each row is to the groups of one input or quota, as expressions over the columns of a frame.

They hold for rows that are scored: a row for which they do not hold is marked as unknown, and
:mod:`kpirules.dataframe.together` decides what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from kpirules.arithmetic.range import Range
from kpirules.codegen import backend, input_expressions
from kpirules.codegen import fixed_point as u
from kpirules.codegen.builder import PREFIX
from kpirules.codegen.fixed_point import BeyondError
from kpirules.codegen.generator import Compiler
from kpirules.codegen.input_expressions import NOTHING
from kpirules.codegen.truth import NO, YES, Truth, every, opposite, some
from kpirules.compiler.cohorts import CompiledQuota
from kpirules.compiler.stages import stages_of
from kpirules.model.dependencies import closure
from kpirules.model.names import Outcome, Tier, Total, parse


if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import narwhals as nw

    from kpirules.codegen.fixed_point import Units
    from kpirules.codegen.input_expressions import Fact
    from kpirules.compiler.cohorts import CompiledGroup
    from kpirules.compiler.plan import Plan
    from kpirules.formula import Formula


#: the names of the columns: whether a row takes part, whether that or its values are not known
PART, UNKNOWN = f"{PREFIX}part", f"{PREFIX}unknown"
#: whether its tier is one of a quota
HELD = f"{PREFIX}held"
#: a text without outer blanks
_WRITTEN = r"(?s)^[\p{L}\p{N}\p{P}\p{S}](.*[\p{L}\p{N}\p{P}\p{S}])?$"
#: what means "missing", too, and is seldom written
_MISSING = ("n/A", "N/a")
_GROUP, _NUMBER, _COMMON = f"{PREFIX}group_", f"{PREFIX}number_", f"{PREFIX}common_"


@attrs.frozen(kw_only=True)
class Members:
    """The expressions of what rows are to the groups of one input or quota."""

    #: the columns that each level adds
    levels: tuple[dict[str, nw.Expr], ...]
    #: the columns that say it, by their names
    columns: Mapping[str, nw.Expr]
    #: the names of the columns that the rows of a group have in common
    group: tuple[str, ...]
    #: the columns of the numbers of each row, each with the number of units in 1
    numbers: tuple[tuple[str, int], ...]
    #: by the names that all rows must have in common: the same
    common: Mapping[str, tuple[str, int]]
    #: the library that the expressions are of
    library: backend.Library


def members(
    plan: Plan,
    compiled: CompiledGroup,
    kinds: Mapping[str, str],
    library: backend.Library,
    *,
    columns: Mapping[str, str],
) -> Members:
    """Compile what rows are to the groups of an input or quota.

    ``kinds`` and ``columns`` as of :func:`~kpirules.codegen.generator.compiled`, without what is
    gathered later. Raises :class:`~kpirules.codegen.fixed_point.BeyondError` for what expressions
    cannot express exactly.
    """
    where = () if compiled.where is None else compiled.where.needs
    formulas = [name for _, formula in compiled.each for name in formula.names]
    tier = [Tier.head] if isinstance(compiled, CompiledQuota) else []
    names = [*compiled.within, *where, *formulas, *compiled.common, *tier]
    needed = frozenset({*names, *closure(names, plan.scope.graph)})
    with backend.using(library):
        before = _Before(
            plan,
            kinds,
            columns,
            str,
            piecewise=False,
            rejects_empty=False,
            left_out=None,
            lang=None,
        )
        before.compile(needed)
        made = _Members(before, compiled)
        return attrs.evolve(made.made(), library=library)


class _Before(Compiler):
    """Makes the expressions of what is known before something is gathered."""

    #: the rows in which the value of a text is not as it is written
    unclear: Truth = NO

    def compile(self, needed: Collection[str]) -> None:
        """Compile names; ``needed``: they, and all that they depend on."""
        for fact in self.plan.rubric.inputs:
            if fact.name in needed and fact.type == "text":
                self._group(fact.name)
            elif fact.name in needed:
                self._input(fact)
        for c in self.plan.criteria:
            self._ratings(c)
        for stage in stages_of(self.plan):
            if str(stage.name) in needed:
                self._stage(stage)

    def _group(self, name: str) -> None:
        """Read a text by which rows are grouped, if it is written without outer blanks."""
        kind = self.kinds.get(name, "none")
        if kind not in input_expressions.TEXTS:
            raise BeyondError
        read = NOTHING
        if kind != "none":
            read = input_expressions.text(self._read_from(name), kind, ())
            value = cast("nw.Expr", read.text)
            wrong = ~value.str.contains(_WRITTEN) | value.is_in(_MISSING)
            self.unclear = some([self.unclear, every([read.given, Truth(expr=wrong)])])
        self.work.env[name] = read


class _Members:
    """Makes the expressions of one input or quota."""

    def __init__(self, before: _Before, compiled: CompiledGroup) -> None:
        self.work = work = before.work
        self.unclear, unratable = before.unclear, before.unratable
        self.compiled = compiled
        self.env: dict[str, Fact] = {
            name: attrs.evolve(fact, given=every([fact.given, opposite(unratable)]))
            if isinstance(parse(name), (Total, Tier, Outcome))
            else fact
            for name, fact in work.env.items()
        }

    def made(self) -> Members:
        """Compile all expressions."""
        compiled, env = self.compiled, self.env
        part, unknown = self._takes_part()
        columns: dict[str, nw.Expr] = {}
        if isinstance(compiled, CompiledQuota):
            part = every([part, env[Tier.head].given])
            held = self.work.holds(Tier.head, compiled.quota.tiers, env, answered=False)
            columns[HELD] = every([part, held]).column
        group: list[str] = []
        for i, name in enumerate(compiled.within):
            fact = env[name]
            key = fact.flag.column if fact.flag is not None else cast("nw.Expr", fact.text)
            group.append(f"{_GROUP}{i}")
            columns[group[-1]] = backend.when(fact.given.column).then(key)
        lacking = some(self._lacking(formula) for _, formula in compiled.each)
        lacking = some([lacking, *(env[name].lacking for name in compiled.common)])
        numbers: list[tuple[str, int]] = []
        for i, (_, formula) in enumerate(compiled.each):
            value = self.work.formula(formula, env)
            numbers.append((f"{_NUMBER}{i}", value.den))
            columns[numbers[-1][0]] = value.expr
        common: dict[str, tuple[str, int]] = {}
        for i, name in enumerate(compiled.common):
            number: Units = env[name].number or u.constant(0)
            common[name] = f"{_COMMON}{i}", number.den
            columns[common[name][0]] = number.expr
        without = some(env[name].lacking for name in compiled.within)
        missing = without if compiled.skips else some([without, lacking])
        unknown = some([self.unclear, unknown, every([part, missing])])
        if compiled.skips:
            part = every([part, opposite(lacking)])
        columns |= {PART: part.column, UNKNOWN: unknown.column}
        return Members(
            levels=tuple(self.work.levels),
            columns=columns,
            group=tuple(group),
            numbers=tuple(numbers),
            common=common,
            library=backend.NARWHALS,
        )

    def _takes_part(self) -> tuple[Truth, Truth]:
        """Return which rows take part, and of which that is not known."""
        where = self.compiled.where
        if where is None:
            return YES, NO
        took = self.work.take(where, self.env)
        return u.within(took.number or u.constant(0), [Range.exactly(1)]), took.lacking

    def _lacking(self, formula: Formula) -> Truth:
        """Return the rows in which a formula has no value."""
        for name in formula.names:
            if not formula.lacking(name.__eq__):
                # a function of those of its arguments that are given
                raise BeyondError
        return some(self.env[name].lacking for name in formula.names)
