"""The groups of one gathered input: who belongs to each, who takes part, and what comes of it."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Exact, Number, TooLongError, added, canonical
from kpirules.compiler.cohorts import CompiledCohort, CompiledGroup
from kpirules.compiler.computed import Missing
from kpirules.errors import Problem
from kpirules.evaluation.evaluator import TOO_LONG
from kpirules.evaluation.record import RefusedError, reader_of, rejection
from kpirules.evaluation.result_parts import Membership, QuotaPlace, ShareOf
from kpirules.evaluation.shares import NoClaimError, shares
from kpirules.evaluation.state import INVALID
from kpirules.formula import HEADS, UndefinedError
from kpirules.translations.message import Message, MessageError, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.state import State
    from kpirules.formula import Formula, GroupFormula


#: a group: the values that its records have in common, in the order of ``within``
Group: TypeAlias = tuple[str | bool, ...]
#: what a group gives to a record: a number, or whether a quota demotes it
GroupValue: TypeAlias = Number | bool


class GroupError(MessageError):
    """A group for which there is no value."""


@attrs.frozen(kw_only=True)
class Member:
    """What one record is to the groups of an input."""

    #: its group; None if it is not known
    group: Group | None
    #: whether it takes part; None if it is not known
    takes_part: bool | None
    #: a number for each formula of the input
    numbers: tuple[Number, ...] = ()
    #: the values of the names that all records have in common
    common: tuple[Any, ...] = ()
    #: its tier, for a quota
    tier: str | None = None
    #: whether it says itself that a quota demotes it; None if it says nothing
    demoted: bool | None = None
    #: what it lacks, by which it is rejected
    problems: tuple[Problem, ...] = ()


@attrs.frozen(kw_only=True)
class Standing:
    """What a group gives to one of its records."""

    group: Group
    #: how many take part
    heads: int
    #: the number, or whether a quota demotes the record; None: nobody counted, or the record takes
    #: no part
    value: GroupValue | None
    #: how many others have the same place
    same: int = 0
    #: the amount that is shared; None for other forms, and if there is none
    amount: Number | None = None
    #: the place among those in the tiers of a quota; None for inputs
    quota: QuotaPlace | None = None
    #: of what the record has a share; None for other forms, and if there is none
    share: ShareOf | None = None


@attrs.frozen(kw_only=True)
class RowNumbers:
    """What the row of a group has beside the number of heads, by the names of the row."""

    numbers: Mapping[str, Number | None]
    #: how many are in the tiers of a quota, and how many it demotes
    count: int | None = None
    moved: int | None = None


_C_co = TypeVar("_C_co", bound=CompiledGroup, covariant=True)


class Groups(Generic[_C_co]):
    """The groups of one input, or of one quota."""

    def __init__(self, compiled: _C_co, plan: Plan) -> None:
        self._compiled = compiled
        self._plan = plan

    @property
    def compiled(self) -> _C_co:
        """What is computed over the groups."""
        return self._compiled

    def problem(self, reason: Message) -> Problem:
        """Return a problem of the records of a group."""
        return Problem(input=self.compiled.name, reason=reason, label=self.compiled.label)

    def member(self, state: State, *, is_rejected: bool) -> Member:
        """Return what a record is to the groups, by its values as far as they are known."""
        return self._member(state.values, self.compiled.each, is_rejected=is_rejected)

    def _member(
        self,
        values: Mapping[str, Any],
        asked: Sequence[tuple[str, Formula]],
        *,
        is_rejected: bool,
    ) -> Member:
        """Return what a record is to the groups; ``asked``: what is computed of it."""
        compiled = self.compiled
        group = self._group(values)
        takes_part, lacking = self._takes_part(values)
        if is_rejected or (takes_part is False and not lacking):
            return Member(group=group, takes_part=takes_part)
        if group is None and takes_part:
            lacking = [n for n in compiled.within if _is_missing(values, n)]
        elif not lacking:
            every = [n for _, each in asked for n in _lacking(each, values)]
            lacking = [*every, *(n for n in compiled.common if _is_missing(values, n))]
        # without its group, only who is known to take part would have to be in one
        if lacking and compiled.skips and (group is not None or not takes_part):
            return Member(group=group, takes_part=False)
        if lacking:
            return self._without(group, map(self._missing, dict.fromkeys(lacking)))
        return self._with_numbers(group, values, asked)

    def _group(self, values: Mapping[str, Any]) -> Group | None:
        """Return the group of a record."""
        found: list[str | bool] = []
        for name in self.compiled.within:
            value = values.get(name)
            if not isinstance(value, (str, bool)):
                return None
            found.append(value)
        return tuple(found)

    def _takes_part(self, values: Mapping[str, Any]) -> tuple[bool | None, list[str]]:
        """Return whether a record takes part, and what it lacks to know."""
        where = self.compiled.where
        if where is None:
            return True, []
        if any(values.get(name) is INVALID for name in where.needs):
            return None, []
        taken = where.take(values)
        if isinstance(taken, Missing):
            return None, list(taken.names)
        return taken.value == 1, []

    def _with_numbers(
        self,
        group: Group | None,
        values: Mapping[str, Any],
        asked: Sequence[tuple[str, Formula]],
    ) -> Member:
        """Return a record that takes part, with what it gives."""
        try:
            numbers = tuple(formula.value(values) for _, formula in asked)
        except UndefinedError as error:
            return self._without(group, [self._problem(error.reason, error.names)])
        wrong = self._wrong(numbers)
        if wrong is not None:
            return self._without(group, [wrong])
        common = tuple(values[name] for name in self.compiled.common)
        return Member(group=group, takes_part=True, numbers=numbers, common=common)

    def _wrong(self, numbers: Sequence[Number]) -> Problem | None:  # noqa: ARG002 - any numbers
        """Return the problem of a record with some numbers, if there is one."""
        return None

    def _without(self, group: Group | None, problems: Iterable[Problem]) -> Member:
        """Return a record that cannot give what its group needs."""
        return Member(group=group, takes_part=None, problems=tuple(problems))

    def _missing(self, name: str) -> Problem:
        """Return the problem of a record that lacks a name."""
        scope, compiled = self._plan.scope, self.compiled
        own = Named(compiled.name, compiled.label)
        if scope.allowed(name) is None:
            reason = Message.of("problem.missing_computed", name=scope.name(name), fact=own)
            return self.problem(reason)
        reason = Message.of("problem.missing_group", fact=own)
        return scope.problem(name, reason, allowed=scope.allowed(name))

    def _problem(self, reason: Message, names: Iterable[str]) -> Problem:
        """Return the problem of a record whose formula has no value."""
        compiled, scope = self.compiled, self._plan.scope
        roots = scope.roots(names)
        own = Named(compiled.name, compiled.label)
        place = Message.of("problem-part.in", reason=reason, place=own)
        problem = scope.problem((*roots, compiled.name)[0], place)
        return attrs.evolve(problem, inputs=roots or (compiled.name,))

    # ------------------------------------------------------------ one group

    def named(self, group: Group) -> Message | tuple[object, ...]:
        """Return what a message shows of a group: the values that it has in common."""
        if not group:
            return Message.of("together.all")
        names = self._plan.scope.inputs
        shown: list[object] = []
        for name, value in zip(self.compiled.within, group, strict=True):
            options = {option.code: option.label for option in names[name].options}
            is_flag = isinstance(value, bool)
            shown.append(
                Message.of("together.flag", name=Named(name, names[name].label), value=value)
                if is_flag
                else Named(str(value), options.get(str(value)))
            )
        return tuple(shown)

    def number(self, formula: GroupFormula, there: Sequence[Member]) -> Number | None:
        """Return the number of a formula over the records that take part in a group."""
        at = {name: i for i, (name, _) in enumerate(self.compiled.each)}
        places = {name: i for i, name in enumerate(self.compiled.common)}
        return self.number_of(
            formula,
            len(there),
            lambda name: tuple(member.numbers[at[name]] for member in there),
            lambda name: {member.common[places[name]] for member in there},
        )

    def number_of(
        self,
        formula: GroupFormula,
        heads: int,
        numbers: Callable[[str], tuple[Number, ...]],
        common: Callable[[str], set[Any]],
    ) -> Number | None:
        """Return the number of a formula over those who take part in a group.

        ``heads``: how many they are; ``numbers``: the values of one of its lists, by its name;
        ``common``: the different values of a name of theirs.
        """
        if not heads and (formula.needs_some or formula.common):
            return None
        env: dict[str, Any] = {HEADS: heads}
        env |= {name: numbers(name) for name, _ in formula.lists}
        for name in formula.common:
            values = common(name)
            if len(values) > 1:
                own = self._plan.scope.name(name)
                raise GroupError(Message.of("problem.not-common", name=own, count=len(values)))
            env[name] = values.pop()
        try:
            return formula.formula.value(env)
        except UndefinedError as error:
            if not heads:
                return None
            raise GroupError(error.reason) from None


class GatheringGroups(Groups[_C_co]):
    """The groups of what gives each record a value."""

    @abstractmethod
    def standings(self, group: Group, members: Mapping[str, Member]) -> dict[str, Standing]:
        """Return what a group gives to each of its records, by key; raise :class:`GroupError`.

        ``members``: all records of the group.
        """

    @abstractmethod
    def given(self, value: GroupValue | None) -> object:
        """Return the value of a record; ``None``: what one has that takes no part."""

    @abstractmethod
    def row(self, standings: Sequence[Standing]) -> RowNumbers:
        """Return the numbers of the row of a group."""

    def rejection(
        self,
        group: Group,  # noqa: ARG002 - any value is allowed
        value: GroupValue,  # noqa: ARG002 - as above
    ) -> Problem | None:
        """Return the problem of a value of a group that the input does not allow."""
        return None

    def membership(self, standing: Standing) -> Membership:
        """Return what a result holds of its group."""
        return Membership(
            group=tuple(zip(self.compiled.within, standing.group, strict=True)),
            heads=standing.heads,
            same=standing.same,
            default=standing.value is None,
            quota=standing.quota,
            share=standing.share,
        )


class InputGroups(GatheringGroups[CompiledCohort]):
    """The groups of one input."""

    def __init__(self, compiled: CompiledCohort, plan: Plan) -> None:
        super().__init__(compiled, plan)
        self._reader = reader_of(compiled.fact)

    def _wrong(self, numbers: Sequence[Number]) -> Problem | None:
        """Return the problem of a record that cannot have a share."""
        if self.compiled.form == "share" and numbers[-1] < 0:
            claim = self.compiled.of_record[0]
            reason = Message.of("problem.not-shared_claim", claim=claim.text, value=numbers[-1])
            return self._problem(reason, claim.names)
        return None

    def standings(self, group: Group, members: Mapping[str, Member]) -> dict[str, Standing]:
        """Return the number, the places or the shares of a group."""
        there = {key: member for key, member in members.items() if member.takes_part}
        heads = len(there)
        nothing = Standing(group=group, heads=heads, value=None)
        if self.compiled.form == "rank":
            return dict.fromkeys(members, nothing) | self._places(group, there)
        assert self.compiled.group is not None  # noqa: S101 - of the other two forms
        number = self.number(self.compiled.group, tuple(there.values()))
        if self.compiled.form == "formula":
            return dict.fromkeys(members, attrs.evolve(nothing, value=number))
        nothing = attrs.evolve(nothing, amount=number)
        return dict.fromkeys(members, nothing) | self._shares(nothing, there)

    def given(self, value: GroupValue | None) -> object:
        """Return the number of a record, or the default."""
        return self.compiled.fact.default if value is None else Exact(value)

    def row(self, standings: Sequence[Standing]) -> RowNumbers:
        """Return the numbers of the row of a group: its own, or those of what is shared."""
        first, form = standings[0], self.compiled.form
        if form == "formula":
            return RowNumbers(numbers={"value": first.value})
        if form == "rank" or first.amount is None:
            return RowNumbers(numbers={})
        given_out = added(s.value for s in standings if s.value is not None)
        left = canonical(Fraction(first.amount - given_out))
        numbers = {"amount": first.amount, "given_out": given_out, "left": left}
        return RowNumbers(numbers=numbers)

    def rejection(self, group: Group, value: GroupValue) -> Problem | None:
        """Return the problem of a value of a group that the input does not allow."""
        try:
            self._reader.read(Exact(value))
        except RefusedError as error:
            named = self.named(group)
            reason = Message.of("problem-part.group", reason=error.reason, group=named)
            return rejection(self._reader, Exact(value), reason)
        return None

    def _shares(self, standing: Standing, there: Mapping[str, Member]) -> dict[str, Standing]:
        """Return the shares of the records that take part."""
        cohort, amount = self.compiled.cohort, standing.amount
        if not there or amount is None:
            return {}
        if amount < 0:
            raise GroupError(Message.of("problem.not-shared_amount", amount=amount))
        claims = {key: member.numbers[-1] for key, member in there.items()}
        try:
            made = shares(amount, claims, cohort.round, cohort.otherwise)
        except NoClaimError as error:
            raise GroupError(error.reason) from None
        except TooLongError:
            raise GroupError(TOO_LONG) from None
        whole = Exact(added(claims.values()))
        return {
            key: attrs.evolve(
                standing,
                value=share,
                share=ShareOf(amount=Exact(amount), claim=Exact(claims[key]), claims=whole),
            )
            for key, share in made.items()
        }

    def _places(self, group: Group, there: Mapping[str, Member]) -> dict[str, Standing]:
        """Return the places of the records that take part."""
        order, counts, upto = ranking(member.numbers for member in there.values())
        ties = self.compiled.cohort.ties
        tied = max(counts.values(), default=1)
        if ties == "refuse" and tied > 1:
            several = next(each for each in order if counts[each] > 1)
            place = upto[several] - counts[several] + 1
            raise GroupError(Message.of("problem.tied", count=counts[several], place=place))
        return {
            key: Standing(
                group=group,
                heads=len(there),
                value=upto[own] if ties == "worst" else upto[own] - counts[own] + 1,
                same=counts[own] - 1,
            )
            for key, member in there.items()
            for own in (member.numbers,)
        }


#: by what a record is ranked: numbers, of which the next breaks ties of those before
Rank: TypeAlias = tuple[Number, ...]


def ranking(numbers: Iterable[Rank]) -> tuple[list[Rank], Counter[Rank], dict[Rank, int]]:
    """Return the standings from the highest, how many have each, and how many one at least."""
    counts = Counter(numbers)
    order = sorted(counts, reverse=True)
    upto = accumulate(counts[each] for each in order)
    return order, counts, dict(zip(order, upto, strict=True))


def _is_missing(values: Mapping[str, Any], name: str) -> bool:
    """Check whether a record has no value of a name."""
    value = values.get(name)
    return value is None or value is MISSING


def _lacking(formula: Formula, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the missing names without which a formula has no value."""
    return formula.lacking(lambda name: _is_missing(values, name))
