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
