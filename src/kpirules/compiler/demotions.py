"""Compiled demotions: which tiers each demoting quota takes a record from, and to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.model.demotions import demotions


if TYPE_CHECKING:
    from kpirules.model.rubric import Quota, Rubric
    from kpirules.model.tier_order import TierOrder


@attrs.frozen
class Fall:
    """What a demoting quota does to a record with its flag."""

    quota: Quota
    #: the name of the flag
    name: str
    #: the tiers that it takes a record from
    tiers: frozenset[str]
    #: the tier below the lowest of them
    below: str


def falls_of(rubric: Rubric, order: TierOrder) -> tuple[Fall, ...]:
    """Return what the demoting quotas do, in the order in which they are judged."""
    known = {tier.id for tier in rubric.tiers}
    return tuple(
        Fall(
            quota=flag.quota,
            name=flag.name,
            tiers=frozenset(flag.quota.tiers),
            below=order.at(min(map(order.rank, flag.quota.tiers)) - 1),
        )
        for flag in demotions(rubric)
        if flag.quota.tiers and known.issuperset(flag.quota.tiers)
    )


def reachable(tiers: tuple[str, ...], falls: tuple[Fall, ...]) -> tuple[str, ...]:
    """Return some tiers, and those to which quotas may take records from them."""
    found = dict.fromkeys(tiers)
    for fall in falls:
        if not fall.tiers.isdisjoint(found):
            found[fall.below] = None
    return tuple(found)
