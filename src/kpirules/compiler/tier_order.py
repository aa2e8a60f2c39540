"""The order of tiers: which is higher, and what lies so many steps below."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.arithmetic.number import Number
    from kpirules.model.rubric import Tier


def _highest(tier: Tier) -> tuple[bool, Number, int]:
    """Give the highest end of a tier's totals, so that tiers can be compared; no end is highest."""
    cuts = [span.high for span in tier.total]
    return max((True, 0, 0) if cut is None else (False, cut[0], cut[1]) for cut in cuts)


class Ladder:
    """Tiers by rank: the one with the highest total is highest.

    One without a total (only gates lead there) stands beside its neighbour in the file: below the
    tier that is written before it where the file goes down, above it where the file goes up.
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
                # beyond the nearest tier that is written before it
                at = ranked.index(max(before))
                ranked.insert(at if falls else at + 1, t)
            else:
                after = [u for u in ranked if u > t]
                at = ranked.index(min(after)) if after else 0
                ranked.insert(at + 1 if falls and after else at, t)
        #: indices of the tiers, the lowest first
        self.rising = tuple(ranked)
        self._rank = {tiers[t].id: rank for rank, t in enumerate(ranked)}
        self._ids = tuple(tiers[t].id for t in ranked)

    def rank(self, tier: str) -> int:
        """Give the rank of a tier by its id, the lowest 0."""
        return self._rank[tier]

    def at(self, rank: int) -> str:
        """Give the tier of a rank, the lowest or highest where the rank is beyond."""
        return self._ids[min(max(rank, 0), len(self._ids) - 1)]
