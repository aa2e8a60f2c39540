"""Groups and places once more, slow and simple, from the documents and not from the code."""

from __future__ import annotations

from fractions import Fraction


def group_of(record, within):
    """Give what a record has in common with those of its group."""
    return tuple(record[name] for name in within)


def number_of(records, within, takes_part, act):
    """Give by key the number of the group: what ``act`` makes of those who take part."""
    made = {}
    for key, record in records.items():
        there = [
            other
            for other in records.values()
            if group_of(other, within) == group_of(record, within) and takes_part(other)
        ]
        made[key] = act(there)
    return made


def places_of(records, within, takes_part, standing, ties):
    """Give by key the place of a record among those who take part; None for the others."""
    made = {}
    for key, record in records.items():
        others = [
            other
            for name, other in records.items()
            if name != key
            and takes_part(other)
            and group_of(other, within) == group_of(record, within)
        ]
        higher = sum(standing(other) > standing(record) for other in others)
        same = sum(standing(other) == standing(record) for other in others)
        place = 1 + higher + (same if ties == "worst" else 0)
        made[key] = place if takes_part(record) else None
    return made


def mean(numbers):
    """Give the mean; None of nothing."""
    return sum(map(Fraction, numbers)) / len(numbers) if numbers else None


def shares_of(amount, claims, to, otherwise):
    """Give by key the share of an amount on a grid: largest remainders, one unit after the other.

    Exact without a grid; None if the group is refused.
    """
    amount = Fraction(amount)
    if sum(claims.values()) == 0:
        if otherwise == "nothing":
            return dict.fromkeys(claims, Fraction(0))
        if otherwise != "equal":
            return None
        claims = dict.fromkeys(claims, 1)
    exact = {key: amount * claim / sum(claims.values()) for key, claim in claims.items()}
    if to is None:
        return exact
    given = {}
    for key, share in exact.items():
        units = 0
        while (units + 1) * to <= share:
            units += 1
        given[key] = units * to
    waiting = list(claims)
    while sum(given.values()) + to <= amount:
        best = waiting[0]
        for key in waiting[1:]:
            mine = (exact[key] - given[key], claims[key])
            other = (exact[best] - given[best], claims[best])
            if mine > other or (mine == other and key < best):
                best = key
        waiting.remove(best)
        given[best] += to
    return given


def keeps(count, least, most):
    """Check whether a number keeps a quota: exactly, 0.9 is nobody."""
    return (least is None or Fraction(count) >= least) and (most is None or Fraction(count) <= most)


def broken_quotas(records, tiers, quotas):
    """Give by key the ids of the quotas that the group of a record breaks.

    ``tiers``: the tier of each record, None without one. ``quotas``: (id, tiers, names that a group
    has in common, who is counted, least, most), the last two made of the number of heads.
    """
    broken = {key: [] for key in records}
    for name, counted, within, takes_part, least, most in quotas:
        for key, record in records.items():
            there = [
                tiers[other]
                for other, each in records.items()
                if group_of(each, within) == group_of(record, within)
                and takes_part(each)
                and tiers[other] is not None
            ]
            count = sum(tier in counted for tier in there)
            limits = (None if limit is None else limit(len(there)) for limit in (least, most))
            if there and not keeps(count, *limits):
                broken[key].append(name)
    return broken


def demoted(records, tiers, order, quotas):
    """Give by key the tier after demoting quotas, and by quota who goes; None if a tie refuses.

    ``tiers``: the tier of each record after gates, None without one. ``order``: the tiers, the best
    first. ``quotas``: (id, tiers, names that a group has in common, who is counted, most, standing,
    ties), in the order of the file; ``most`` is made of the number of heads.
    """

    def place(item):
        number, (_, counted, *_) = item
        ranks = [order.index(tier) for tier in counted]
        return max(ranks), min(ranks), number

    now = dict(tiers)
    gone = {}
    for _, (name, counted, within, takes_part, most, standing, ties) in sorted(
        enumerate(quotas), key=place
    ):
        gone[name] = set()
        below = order[max(order.index(tier) for tier in counted) + 1]
        heads = {key for key in records if now[key] is not None and takes_part(records[key])}
        for group in {group_of(records[key], within) for key in heads}:
            there = {key for key in heads if group_of(records[key], within) == group}
            limit = most(len(there))
            held = {key for key in there if now[key] in counted}
            for key in held:
                higher = sum(standing(other) > standing(key) for other in held)
                same = sum(standing(other) == standing(key) for other in held)
                first, last = higher + 1, higher + same
                if ties == "refuse" and first <= limit < last:
                    return None
                if (last if ties == "worst" else first) > limit:
                    gone[name].add(key)
        for key in gone[name]:
            now[key] = below
    return now, gone
