"""The groups of one quota: who is counted, whether the quota is kept, and whom it demotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from attrs import evolve

from kpirules.arithmetic.number import Exact
from kpirules.compiler.cohorts import CompiledQuota
from kpirules.errors import InputError, Problem
from kpirules.evaluation.groups import (
    GatheringGroups,
    GroupError,
    Groups,
    Member,
    RowNumbers,
    Standing,
    ranking,
)
from kpirules.evaluation.result_parts import QuotaPlace
from kpirules.model.demotions import judged
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.arithmetic.number import Number
    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.groups import Group, GroupValue
    from kpirules.evaluation.state import State
    from kpirules.model.rubric import Rubric


def one_by_one(rubric: Rubric) -> None:
    """Raise :class:`~kpirules.errors.InputError` if records may not be scored one by one.

    For what scores many records: one by one, nobody would see that a quota is not kept.
    """
    reason = Message.of("problem.quota_together")
    problems = tuple(Problem(input=q.name, reason=reason, label=q.label) for q in rubric.quotas)
    if problems:
        raise InputError(rubric=rubric.id, problems=problems)


@attrs.frozen(kw_only=True)
class Kept:
    """How a quota is kept in a group."""

    #: how many are counted
    heads: int
    #: how many of them are in the tiers of the quota
    count: int
    #: the limits, by their keys
    limits: dict[str, Number]
    #: why it is not kept
    reason: Message | None = None


class QuotaGroups(Groups[CompiledQuota]):
    """The groups of one quota."""

    def __init__(self, compiled: CompiledQuota, plan: Plan) -> None:
        super().__init__(compiled, plan)
        ids = [quota.id for _, quota in judged(plan.rubric)]
        own = ids.index(compiled.quota.id)
        self._before = tuple(f for f in plan.falls if ids.index(f.quota.id) < own)

    def member(self, state: State, *, is_rejected: bool) -> Member:
        """Return what a record is to the groups; one without a tier is not counted."""
        tier = self._tier(state)
        compiled = self.compiled
        # only those in its tiers are ranked
        asked = compiled.each if tier in compiled.quota.tiers else compiled.lists
        member = self._member(state.values, asked, is_rejected=is_rejected)
        if not is_rejected and tier is None:
            return Member(group=member.group, takes_part=False)
        demoted = state.given.get(compiled.fills)
        return evolve(member, tier=tier, demoted=demoted if isinstance(demoted, bool) else None)

    def _tier(self, state: State) -> str | None:
        """Return the tier of a record as the quotas that are judged before left it."""
        tier = state.gated
        for fall in self._before:
            if tier in fall.tiers and state.values.get(fall.name) is True:
                tier = fall.below
        return tier

    def kept(self, group: Group, members: Mapping[str, Member]) -> Kept:
        """Return how the quota is kept; raise :class:`GroupError` if a limit has no value.

        ``members``: all records of the group.
        """
        there = tuple(member for member in members.values() if member.takes_part)
        quota = self.compiled.quota
        count = sum(member.tier in quota.tiers for member in there)
        limits: dict[str, Number] = {}
        for key, formula in self.compiled.limits.items():
            limit = self.number(formula, there)
            if limit is not None:
                limits[key] = limit
        kept = Kept(heads=len(there), count=count, limits=limits)
        for key, limit in limits.items():
            if there and (count > limit if key == "at_most" else count < limit):
                reason = Message.of(
                    f"problem.quota_{key.replace('_', '-')}",
                    count=count,
                    heads=len(there),
                    tiers=self._plan.named_tiers(quota),
                    limit=limit,
                    group=self.named(group),
                )
                return evolve(kept, reason=reason)
        return kept


class DemotionGroups(QuotaGroups, GatheringGroups[CompiledQuota]):
    """The groups of one quota that demotes records."""

    def standings(self, group: Group, members: Mapping[str, Member]) -> dict[str, Standing]:
        """Return for each record whether the quota demotes it."""
        there = {key: member for key, member in members.items() if member.takes_part}
        limit = self.number(self.compiled.limits["at_most"], tuple(there.values()))
        nothing = Standing(group=group, heads=len(there), value=False, quota=QuotaPlace())
        made = dict.fromkeys(members, nothing)
        if limit is not None:
            made |= self._places(nothing, limit, there)
        return {
            key: standing if (own := members[key].demoted) is None else evolve(standing, value=own)
            for key, standing in made.items()
        }

    def _places(
        self, nothing: Standing, limit: Number, there: Mapping[str, Member]
    ) -> dict[str, Standing]:
        """Return the places of those in the tiers, of which those beyond the limit go."""
        compiled = self.compiled
        first, ties = len(compiled.lists), compiled.quota.ties
        ranks = {
            key: member.numbers[first:]
            for key, member in there.items()
            if member.tier in compiled.quota.tiers
        }
        order, counts, upto = ranking(ranks.values())
        best = {rank: upto[rank] - counts[rank] + 1 for rank in order}
        for rank in order:
            if ties == "refuse" and best[rank] <= limit < upto[rank]:
                raise GroupError(
                    Message.of(
                        "problem.tied_quota",
                        count=counts[rank],
                        place=best[rank],
                        limit=limit,
                        tiers=self._plan.named_tiers(compiled.quota),
                    )
                )
        places = upto if ties == "worst" else best
        stay = [rank for rank in order if places[rank] <= limit]
        last = tuple(map(Exact, stay[-1])) if stay else ()
        of_others = dict.fromkeys(there, evolve(nothing, quota=QuotaPlace(allowed=Exact(limit))))
        return of_others | {
            key: evolve(
                nothing,
                value=places[rank] > limit,
                same=counts[rank] - 1,
                quota=QuotaPlace(allowed=Exact(limit), place=places[rank], last=last),
            )
            for key, rank in ranks.items()
        }

    def given(self, value: GroupValue | None) -> object:
        """Return whether a record is demoted; one that takes no part is not."""
        return bool(value)

    def row(self, standings: Sequence[Standing]) -> RowNumbers:
        """Return the limit, how many are in the tiers, and how many of them are demoted."""
        every = [standing.quota for standing in standings if standing.quota is not None]
        limits = [each.allowed.number for each in every if each.allowed is not None]
        return RowNumbers(
            numbers={"at_most": limits[0] if limits else None},
            count=sum(each.place is not None for each in every),
            moved=sum(standing.value is True for standing in standings),
        )
