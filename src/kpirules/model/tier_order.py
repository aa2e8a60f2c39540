"""The order of tiers, and how gates that hold limit a total and its tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.arithmetic.number import exact


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.arithmetic.number import Number
    from kpirules.model.rubric import Gate, Tier


def _highest(tier: Tier) -> tuple[bool, Number, int]:
    """Return a sort key for the highest total of a tier; an open end is highest."""
    cuts = [span.high for span in tier.total]
    return max((True, 0, 0) if cut is None else (False, cut[0], cut[1]) for cut in cuts)


def limited_total(total: Number, gates: Sequence[Gate]) -> Number:
    """Limit a total by the gates that hold; if they conflict, the lower total wins."""
    lows = [exact(gate.total_at_least) for gate in gates if gate.total_at_least is not None]
    highs = [exact(gate.total_at_most) for gate in gates if gate.total_at_most is not None]
    return min([max([total, *lows]), *highs])


class TierOrder:
    """Tiers by rank: the one with the highest total is highest.

    A tier without a total (only gates lead to it) is next to its neighbour in the file: below the
    tier that is written before it if the tiers are in falling order, above it if in rising order.
    """

    def __init__(self, tiers: Sequence[Tier]) -> None:
        highest = {t: _highest(tier) for t, tier in enumerate(tiers) if tier.total}
        ranked = sorted(highest, key=highest.__getitem__)
        falls = not ranked or ranked[0] >= ranked[-1]
        for t, tier in enumerate(tiers):
            if tier.total:
                continue
            before = [u for u in ranked if u < t]
            if before:
                # directly after the nearest tier that is written before it
                at = ranked.index(max(before))
                ranked.insert(at if falls else at + 1, t)
            else:
                after = [u for u in ranked if u > t]
                at = ranked.index(min(after)) if after else 0
                ranked.insert(at + 1 if falls and after else at, t)
        #: indices of the tiers, the lowest first
        self.rising: tuple[int, ...] = tuple(ranked)
        self._rank = {tiers[t].id: rank for rank, t in enumerate(ranked)}
        self._ids = tuple(tiers[t].id for t in ranked)

    def rank(self, tier: str) -> int:
        """Return the rank of a tier by its id, the lowest 0."""
        return self._rank[tier]

    def limited(self, tier: str, gates: Sequence[Gate]) -> str:
        """Limit a tier by the gates that hold; if they conflict, the lower tier wins."""
        rank = self.rank(tier) - sum(gate.demote or 0 for gate in gates)
        lows = [self.rank(g.tier_at_least) for g in gates if g.tier_at_least is not None]
        highs = [self.rank(g.tier_at_most) for g in gates if g.tier_at_most is not None]
        # no tier lies below the lowest
        return self.at(min([max([rank, 0, *lows]), *highs]))

    def at(self, rank: int) -> str:
        """Return the tier of a rank, the lowest or highest if the rank is outside."""
        return self._ids[min(max(rank, 0), len(self._ids) - 1)]
