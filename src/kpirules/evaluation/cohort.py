"""The evaluation of records together: what is gathered from all of them, then each record.

Inputs of a cohort are gathered in the order of their dependencies, each for all records. A rejected
record blocks every group in which it may take part, since a number without it would be wrong.
Nothing depends on the order of the records, or on other groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules.arithmetic.number import Exact
from kpirules.compiler.cohorts import CompiledQuota, compiled_gathered, compiled_quotas
from kpirules.errors import InputError, Problem
from kpirules.evaluation.groups import (
    GatheringGroups,
    Group,
    GroupError,
    Groups,
    InputGroups,
    Member,
    RowNumbers,
    Standing,
)
from kpirules.evaluation.quotas import DemotionGroups, QuotaGroups
from kpirules.evaluation.record import is_missing
from kpirules.evaluation.state import State
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kpirules.compiler.cohorts import CompiledGroup
    from kpirules.evaluation.evaluator import Evaluator
    from kpirules.evaluation.result import Result
    from kpirules.evaluation.result_parts import Membership

#: a record as it is given
Record: TypeAlias = "Mapping[str, object]"
#: how many keys of rejected records a problem names
_NAMED = 3


@attrs.frozen(kw_only=True)
class GroupRow:
    """One group of one gathered input.

    >>> from kpirules import evaluate_cohort, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "bids"
    ... inputs.price = { type = "number", range = "> 0" }
    ... inputs.least = { type = "number", range = "> 0", cohort = { formula = "min(price)" } }
    ... outcome.rate = { formula = "least / price" }
    ... ''')
    >>> (row,) = evaluate_cohort(rubric, {"A": {"price": 8}, "B": {"price": 10}}).groups
    >>> row.input, row.group, row.heads, row.value
    ('least', {}, 2, Exact('8'))
    """

    #: the name of the input, or of the quota: quota.ID
    input: str
    #: the values that the records of the group have in common, by name
    group: dict[str, str | bool]
    #: how many take part
    heads: int
    #: the number of the group; None for places and shares, and if nobody counted
    value: Exact | None
    #: the amount that is shared, what the shares add up to, and what is left; None for other forms
    amount: Exact | None = None
    given_out: Exact | None = None
    left: Exact | None = None
    #: the limits of a quota, and how many are in its tiers before it demotes; None for inputs
    at_most: Exact | None = None
    at_least: Exact | None = None
    count: int | None = None
    #: how many of them a quota demoted; None for inputs, and for a quota that rejects the group
    moved: int | None = None
    #: why the group has no value; None if it has one
    blocked: Message | None = None


@attrs.define(eq=False)
class _Person:
    """One record of a cohort while it is evaluated."""

    key: str
    record: dict[str, object]
    #: the problems of what it was given
    first: list[Problem]
    #: the names that are gathered from all records, and that it gives itself
    gives: frozenset[str]
    problems: tuple[Problem, ...] = ()
    #: the problems of its groups, by which it will be rejected
    waiting: list[Problem] = attrs.field(factory=list[Problem])
    #: the keys of the records that are rejected for their own values, by which this one is
    causes: frozenset[str] = frozenset()
    members: dict[str, Member] = attrs.field(factory=dict[str, Member])
    standings: dict[str, Standing] = attrs.field(factory=dict[str, Standing])
    result: Result | None = None
    additions: Additions | None = None

    @property
    def is_rejected(self) -> bool:
        """Check whether it is rejected."""
        return bool(self.problems)

    def reject(self, problems: Iterable[Problem], causes: Iterable[str] = ()) -> None:
        """Reject the record, unless it is rejected already."""
        every = tuple(problems)
        if every and not self.problems:
            self.problems = every
            self.causes = frozenset(causes) or frozenset((self.key,))

    def wait(self, problem: Problem, causes: Iterable[str]) -> None:
        """Store a problem of a group, by which the record will be rejected."""
        if not self.problems:
            self.waiting.append(problem)
            self.causes |= frozenset(causes) or frozenset((self.key,))

    def settle(self) -> None:
        """Reject the record by the problems of its groups."""
        self.reject(self.waiting, self.causes)
        self.waiting = []


@attrs.frozen
class Additions:
    """What was gathered for one record: the values by name, and the groups that they come from."""

    values: Mapping[str, object]
    memberships: Mapping[str, Membership]


@attrs.frozen(kw_only=True)
class Together:
    """The outcome of records that were evaluated together."""

    results: dict[str, Result]
    refused: dict[str, InputError]
    groups: tuple[GroupRow, ...]
    #: what was gathered for each record that is not rejected, by key
    additions: dict[str, Additions]
    #: the keys of the records that are refused for their own values
    causes: tuple[str, ...]


def evaluate_together(
    evaluator: Evaluator,
    score: Callable[[Record], Result],
    records: Mapping[str, Record],
    wrong: Mapping[str, list[Problem]],
    *,
    keeps_results: bool = True,
) -> Together:
    """Evaluate records that depend on each other, by their keys.

    ``wrong``: problems of records beside their values. Without ``keeps_results`` there are no
    results, which take much memory: a record with its additions evaluates alone to its result.
    """
    every = _Evaluation(evaluator, score, records, wrong, keeps_results=keeps_results)
    every.gather()
    every.count()
    every.finish()
    return every.outcome()


class _Evaluation:
    """The evaluation of one cohort."""

    def __init__(
        self,
        evaluator: Evaluator,
        score: Callable[[Record], Result],
        records: Mapping[str, Record],
        wrong: Mapping[str, list[Problem]],
        *,
        keeps_results: bool,
    ) -> None:
        self._keeps_results = keeps_results
        self._evaluator = evaluator
        self._score = score
        plan = evaluator.context.plan
        self._gathered = [
            DemotionGroups(each, plan)
            if isinstance(each, CompiledQuota)
            else InputGroups(each, plan)
            for each in compiled_gathered(plan)
        ]
        self._quotas = [
            QuotaGroups(each, plan) for each in compiled_quotas(plan) if not each.quota.demotes
        ]
        names = [groups.compiled.fills for groups in self._gathered]
        self._people = [
            _Person(
                key=key,
                record={**record},
                first=list(wrong.get(key, ())),
                gives=frozenset(n for n in names if not is_missing(record.get(n))),
            )
            for key, record in records.items()
        ]
        self._by_key = {person.key: person for person in self._people}
        self._rows: dict[tuple[str, Group], GroupRow] = {}
        #: the people of each group of one input, and the rejected ones that may be in it
        self._in_group: dict[Group, list[_Person]] = {}
        self._rejected: dict[Group | None, list[_Person]] = {}

    def gather(self) -> None:
        """Gather all that is gathered for all records, in the order of its dependencies."""
        waiting = {groups.compiled.fills for groups in self._gathered}
        for groups in self._gathered:
            name, fills = groups.compiled.name, groups.compiled.fills
            self._find_members(groups, waiting)
            waiting.discard(fills)
            for group, people in self._sorted_groups(name):
                self._gather(groups, group, people)
            for person in self._people:
                if person.members[name].group is None and fills not in person.gives:
                    # it takes no part, or is rejected
                    person.record[fills] = groups.given(None)
            self._settle()

    def count(self) -> None:
        """Count the tiers of each quota; a group in which one is not kept is rejected by all."""
        for groups in self._quotas:
            self._find_members(groups, set())
        for groups in self._quotas:
            for group, people in self._sorted_groups(groups.compiled.name):
                self._keep(groups, group, people)
        self._settle()

    def _find_members(self, groups: Groups[CompiledGroup], waiting: set[str]) -> None:
        """Find what each record is to some groups; reject those that lack what these need."""
        for person in self._people:
            state = self._state(person, waiting)
            member = groups.member(state, is_rejected=person.is_rejected)
            person.members[groups.compiled.name] = member
            person.reject(member.problems)

    def _keep(self, groups: QuotaGroups, group: Group, people: list[_Person]) -> None:
        """Reject a group in which a quota is not kept."""
        name = groups.compiled.name
        blockers = self._blockers(group)
        if blockers:
            self._block(groups, group, blockers)
            return
        try:
            kept = groups.kept(group, {person.key: person.members[name] for person in people})
        except GroupError as error:
            self._refuse(groups, group, people, _in_group(error, groups, group))
            return
        numbers = RowNumbers(numbers=kept.limits, count=kept.count)
        self._row(groups, group, kept.heads, numbers, kept.reason)
        if kept.reason is not None:
            for person in people:
                person.wait(groups.problem(kept.reason), ())

    def _settle(self) -> None:
        """Reject the records by the problems of their groups."""
        for person in self._people:
            person.settle()

    def _state(self, person: _Person, waiting: set[str]) -> State:
        """Return what is known of a record; reject it for what is wrong with it."""
        context = self._evaluator.context
        given, problems = context.readings.read(person.record)
        problems = [*person.first, *problems]
        unknown = waiting - person.gives
        state = State(context, given, [*(p.input for p in problems), *unknown])
        person.reject(self._evaluator.problems(state, problems))
        return state

    def _sorted_groups(self, name: str) -> list[tuple[Group, list[_Person]]]:
        """Return the groups of an input with all their records, by what they have in common.

        What the groups of the input do to each other is known from now on: a record that is
        rejected by one of them is in no other.
        """
        self._in_group, self._rejected = {}, {}
        for person in self._people:
            member = person.members[name]
            if member.group is not None:
                self._in_group.setdefault(member.group, []).append(person)
            if person.is_rejected and member.takes_part is not False:
                self._rejected.setdefault(member.group, []).append(person)
        return sorted(self._in_group.items(), key=lambda item: tuple(map(str, item[0])))

    def _gather(
        self, groups: InputGroups | DemotionGroups, group: Group, people: list[_Person]
    ) -> None:
        """Gather an input, or the flag of a quota, for the records of one group."""
        name, fills = groups.compiled.name, groups.compiled.fills
        blockers = self._blockers(group)
        there = [person for person in people if person.members[name].takes_part]
        if blockers:
            self._block(groups, group, blockers)
            return
        members = {person.key: person.members[name] for person in people}
        try:
            standings = groups.standings(group, members)
        except GroupError as error:
            self._refuse(groups, group, people, _in_group(error, groups, group))
            return
        for person in people:
            person.standings[name] = standing = standings[person.key]
            value = standing.value
            if person.is_rejected or fills in person.gives:
                continue
            if value is not None:
                wrong = groups.rejection(group, value)
                if wrong is not None:
                    person.reject([wrong])
            person.record[fills] = groups.given(value)
        self._row(groups, group, len(there), groups.row([standings[p.key] for p in people]))

    def _blockers(self, group: Group) -> list[_Person]:
        """Return the rejected records that may take part in a group of the input."""
        return [*self._rejected.get(group, ()), *self._rejected.get(None, ())]

    def _block(self, groups: Groups[CompiledGroup], group: Group, blockers: list[_Person]) -> None:
        """Reject the records of a group of which some are rejected."""
        keys = sorted({key for blocker in blockers for key in blocker.causes})
        is_judged = not isinstance(groups, GatheringGroups)
        reason = Message.of(
            "problem.group-blocked_quota" if is_judged else "problem.group-blocked",
            count=len(keys),
            keys=tuple(keys[:_NAMED]),
            group=groups.named(group),
        )
        self._refuse(groups, group, self._in_group[group], reason, keys)

    def _refuse(
        self,
        groups: Groups[CompiledGroup],
        group: Group,
        people: list[_Person],
        reason: Message,
        causes: Iterable[str] = (),
    ) -> None:
        """Reject the records of a group for a reason, but those that give the value themselves."""
        name, fills = groups.compiled.name, groups.compiled.fills
        problem = groups.problem(reason)
        heads = sum(person.members[name].takes_part is True for person in people)
        self._row(groups, group, heads, RowNumbers(numbers={}), reason)
        for person in people:
            if fills not in person.gives:
                person.wait(problem, causes)

    def _row(
        self,
        groups: Groups[CompiledGroup],
        group: Group,
        heads: int,
        found: RowNumbers,
        blocked: Message | None = None,
    ) -> None:
        """Store the row of a group."""
        names = groups.compiled.within
        numbers = found.numbers.items()
        made = {key: None if number is None else Exact(number) for key, number in numbers}
        self._rows[groups.compiled.name, group] = GroupRow(
            input=groups.compiled.name,
            group=dict(zip(names, group, strict=True)),
            heads=heads,
            value=made.get("value"),
            amount=made.get("amount"),
            given_out=made.get("given_out"),
            left=made.get("left"),
            at_most=made.get("at_most"),
            at_least=made.get("at_least"),
            count=found.count,
            moved=found.moved,
            blocked=blocked,
        )

    def finish(self) -> None:
        """Evaluate every record; those that are rejected now block their groups, too."""
        for person in self._people:
            if not person.is_rejected and not person.first:
                self._evaluate(person)
            else:
                person.reject(person.first)
        rejected = -1
        while rejected != (rejected := sum(p.is_rejected for p in self._people)):
            for groups in (*self._gathered, *self._quotas):
                name, fills = groups.compiled.name, groups.compiled.fills
                for group, people in self._sorted_groups(name):
                    left = [p for p in people if not p.is_rejected and fills not in p.gives]
                    blockers = self._blockers(group) if left else []
                    if blockers:
                        self._block(groups, group, blockers)
                self._settle()

    def _evaluate(self, person: _Person) -> None:
        """Evaluate one record with all that was gathered for it."""
        record = {name: value for name, value in person.record.items() if value is not None}
        try:
            result = self._score(record)
        except InputError as error:
            person.reject(error.problems)
            return
        person.additions = added = self._additions(person)
        if self._keeps_results:
            person.result = result.of_groups(added.memberships)

    def _additions(self, person: _Person) -> Additions:
        """Return what was gathered for a record."""
        values: dict[str, object] = {}
        memberships: dict[str, Membership] = {}
        for groups in self._gathered:
            name = groups.compiled.fills
            if name not in person.gives and person.record[name] is not None:
                values[name] = person.record[name]
                standing = person.standings.get(groups.compiled.name)
                memberships |= {} if standing is None else {name: groups.membership(standing)}
        return Additions(values, memberships)

    def outcome(self) -> Together:
        """Return the outcome of all records."""
        rubric = self._evaluator.context.plan.rubric.id
        rejected = [person for person in self._people if person.is_rejected]
        return Together(
            results={
                person.key: person.result
                for person in self._people
                if person.result is not None and not person.is_rejected
            },
            refused={p.key: InputError(rubric=rubric, problems=p.problems) for p in rejected},
            groups=tuple(self._rows.values()),
            additions={
                person.key: person.additions
                for person in self._people
                if person.additions is not None and not person.is_rejected
            },
            causes=tuple(p.key for p in rejected if p.causes == frozenset((p.key,))),
        )


def _in_group(error: GroupError, groups: Groups[CompiledGroup], group: Group) -> Message:
    """Return why a group has no value, with what its records have in common."""
    return Message.of("problem-part.group", reason=error.reason, group=groups.named(group))
