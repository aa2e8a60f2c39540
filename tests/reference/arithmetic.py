"""What a rubric gives for a record, worked out the slow and straight way, on fractions.

Written from the rule language alone: no partition, no plan, no table. It takes rubrics of any kind,
sound or not, and says for each question *all* answers, so that a test can see none or two.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

from kpirules.ranges import Range


def number(value):
    """Take a number as a fraction; a text spells one; a float means its shortest repr."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def inside(value, span):
    """Say whether a number lies in a range, from its two ends."""
    if span.low is not None:
        end, after = span.low
        if value < end or (after and value == end):
            return False
    if span.high is not None:
        end, after = span.high
        if value > end or (not after and value == end):
            return False
    return True


def holds(entry, value):
    """Say whether one entry of a ``when`` holds for a value."""
    if isinstance(entry, Range):
        return not isinstance(value, (bool, str)) and inside(number(value), entry)
    return type(entry) is type(value) and entry == value


def bands_of(criterion, rubric):
    """Give the bands of a criterion, its own or the table's that it names."""
    if isinstance(criterion.bands, str):
        return next(t.rows for t in rubric.tables if t.name == criterion.bands)
    return criterion.bands or ()


def facts_of(criterion, rubric):
    """Give the names of the facts that the bands of a criterion ask for, in their order."""
    names = []
    for band in bands_of(criterion, rubric):
        for condition in band.when.conditions if band.when is not None else ():
            name = condition.name or criterion.of
            if name not in names:
                names.append(name)
    return names


def taking(criterion, rubric, facts):
    """Give the indices of all bands that take some facts; ``otherwise`` where no other does."""
    bands = bands_of(criterion, rubric)
    found = [
        i
        for i, band in enumerate(bands)
        if not band.when.otherwise
        and all(
            any(holds(entry, facts[c.name or criterion.of]) for entry in c.entries)
            for c in band.when.conditions
        )
    ]
    return found or [i for i, band in enumerate(bands) if band.when.otherwise]


def awards(points, step):
    """Give all numbers on the grid of a finite range of points, or the one number that it is."""
    if not isinstance(points, Range):
        return [Fraction(points)]
    at = -(-number(points.low[0]) // number(step)) * number(step)
    found = []
    while at <= points.high[0]:
        if inside(at, points):
            found.append(at)
        at += number(step)
    return found


def scale_of(criterion):
    """Give the points at full marks."""
    return number(criterion.scale if criterion.scale is not None else criterion.weight or 0)


def possible(criterion, rubric):
    """Give all points that a criterion can give."""
    bands = bands_of(criterion, rubric)
    every = [band.points for band in bands]
    if not bands:
        every = [
            criterion.points
            if criterion.points is not None
            else Range.closed(0, scale_of(criterion))
        ]
    return sorted({value for points in every for value in awards(points, rubric.step)})


def contribution(criterion, rubric, points):
    """Give what points add to the total."""
    whole = number(rubric.weights_total or rubric.full_marks)
    share = number(rubric.full_marks) * number(criterion.weight) / whole
    return share * points / scale_of(criterion)


def totals(rubric):
    """Give all totals that can occur, by trying every combination of points."""
    scored = [c for c in rubric.all_criteria if c.scored]
    each = [[contribution(c, rubric, p) for p in possible(c, rubric)] for c in scored]
    return sorted({sum(parts, Fraction()) for parts in product(*each)})


def tiers_of(rubric, total):
    """Give the indices of all tiers that a total is in."""
    return [i for i, t in enumerate(rubric.tiers) if any(inside(total, span) for span in t.total)]


def points_of(criterion, rubric, record):
    """Give all (band, points) that a criterion may have by a record; facts decide, then ratings."""
    bands = bands_of(criterion, rubric)
    rating = record.get(criterion.id)
    facts = facts_of(criterion, rubric)
    picked = range(len(bands))
    if facts and all(name in record for name in facts):
        types = {fact.name: fact.type for fact in rubric.inputs}
        values = {
            n: record[n] if types[n] in ("choice", "flag") else number(record[n]) for n in facts
        }
        picked = taking(criterion, rubric, values)
    if not bands:
        return [
            (None, p)
            for p in possible(criterion, rubric)
            if rating is not None and p == number(rating)
        ]
    return [
        (i, points)
        for i in picked
        for points in awards(bands[i].points, rubric.step)
        if (not isinstance(bands[i].points, Range) if rating is None else points == number(rating))
    ]


def evaluate(rubric, record):
    """Give the points of each scored criterion, the total, and all tiers of it.

    ``ValueError`` where a criterion has no points by the record, or more than one.
    """
    points = {}
    total = Fraction()
    for criterion in rubric.all_criteria:
        if not criterion.scored:
            continue
        found = {p for _, p in points_of(criterion, rubric, record)}
        if len(found) != 1:
            raise ValueError(f"{criterion.id}: {len(found)} different points")
        (points[criterion.id],) = found
        total += contribution(criterion, rubric, points[criterion.id])
    return points, total, tiers_of(rubric, total)


def domain(fact, size=7):
    """Give the values of an input on its grid, rising; of endless ones so many, and of dense none."""
    if fact.type == "choice":
        return [option.code for option in fact.options]
    if fact.type == "flag":
        return [False, True]
    step = number(fact.step) if fact.step is not None else Fraction(1)
    low = Fraction(0) if fact.type == "count" else None
    if fact.range is not None and fact.range.low is not None:
        low = max(number(fact.range.low[0]), low if low is not None else number(fact.range.low[0]))
    at = -(-low // step) * step
    if fact.range is not None and not inside(at, fact.range):
        at += step
    found = []
    while len(found) < size and (fact.range is None or inside(at, fact.range)):
        found.append(at)
        at += step
    return found


def as_decimal(value):
    """Give a fraction of tenths as the decimal that a record has."""
    return Decimal(value.numerator) / Decimal(value.denominator)
