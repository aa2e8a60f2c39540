"""The groups of one quota: who is counted, and whether the quota is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from kpirules.compiler.cohorts import CompiledQuota
from kpirules.errors import InputError, Problem
from kpirules.evaluation.groups import Groups, Member
from kpirules.model.names import Tier
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.arithmetic.number import Number
    from kpirules.evaluation.groups import Group
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

    def member(self, values: Mapping[str, Any], *, is_rejected: bool) -> Member:
        """Return what a record is to the groups; one without a tier is not counted."""
        member = super().member(values, is_rejected=is_rejected)
        tier = values.get(Tier.head)
        if is_rejected or isinstance(tier, str):
            return attrs.evolve(member, tier=tier if isinstance(tier, str) else None)
        return Member(group=member.group, takes_part=False)

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
                    tiers=self._tiers,
                    limit=limit,
                    group=self.named(group),
                )
                return attrs.evolve(kept, reason=reason)
        return kept

    @property
    def _tiers(self) -> tuple[Named, ...]:
        """The tiers of the quota, for a message."""
        labels = {tier.id: tier.label for tier in self._plan.rubric.tiers}
        return tuple(Named(tier, labels[tier]) for tier in self.compiled.quota.tiers)
