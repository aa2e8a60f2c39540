"""What a rubric gives for a record, worked out the slow and straight way, on fractions.

Written from the rule language alone: no partition, no plan, no table. It takes rubrics of any kind,
sound or not, and says for each question *all* answers, so that a test can see none or two.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise, product

from kpirules.arithmetic.range import Range


class UndefinedError(Exception):
    """A quantity without a value; ``divides``: by a division by zero, or a rounding to nothing."""

    def __init__(self, *, divides=False):
        super().__init__()
        self.divides = divides


# ---------------------------------------------------------------- formulas, by Python's own arithmetic


def half_up(value, to):
    """Round to a multiple, a tie away from zero."""
    if to <= 0:
        raise ZeroDivisionError
    steps = abs(Fraction(value)) / to
    whole = int(steps + Fraction(1, 2))
    return whole * to * (1 if value >= 0 else -1)


def lines(x, *points, straight=False):
    """Interpolate between points; outside the end values, or the first and the last line go on."""
    xs, ys = points[0::2], points[1::2]
    if any(after <= before for before, after in pairwise(xs)):
        raise ValueError
    if straight:
        i = next((i for i in range(1, len(xs)) if x <= xs[i]), len(xs) - 1)
        return ys[i - 1] + Fraction(ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1])
    if x <= xs[0]:
        return ys[0]
    for i in range(1, len(xs)):
        if x <= xs[i]:
            return ys[i - 1] + Fraction(ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1])
    return ys[-1]


def flat(values):
    """Give the numbers of one list, or of several arguments."""
    return list(values[0]) if len(values) == 1 else list(values)


class Part(list):
    """Some items of a list, with their places in it and its length."""

    def __init__(self, items, places):
        super().__init__(items[i] for i in places)
        whole = isinstance(items, Part)
        self.places = [items.places[i] for i in places] if whole else places
        self.length = items.length if whole else len(items)


def highest(items, n):
    """Give the n highest items in their order, the first of equal ones."""
    left = list(range(len(items)))
    found = []
    while left and len(found) < n:
        best = max(left, key=lambda i: (items[i], -i))
        found.append(best)
        left.remove(best)
    return Part(items, sorted(found))


def lowest(items, n):
    """Give the n lowest items in their order, the first of equal ones."""
    return Part(items, highest([-item for item in items], n).places)


def trim(items, n):
    """Give the items that remain without the n lowest and the n highest; none left is an error."""
    left = sorted((item, i) for i, item in enumerate(items))[int(n) :]
    left = left[: max(len(left) - int(n), 0)]
    if not left:
        raise ValueError
    return Part(items, sorted(i for _, i in left))


def item(items, n, otherwise):
    """Give the n-th item, the first is 1."""
    return items[int(n) - 1] if n <= len(items) else otherwise


def root(value, to):
    """Give the nearest multiple to the square root, by trying: the half above it is too much."""
    if to <= 0:
        raise ZeroDivisionError
    if value < 0:
        raise ValueError
    low, high = 0, 1
    while ((high + Fraction(1, 2)) * to) ** 2 <= value:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        if ((middle + Fraction(1, 2)) * to) ** 2 <= value:
            low = middle + 1
        else:
            high = middle
    return low * Fraction(to)


class Known:
    """Whether a part of a formula has a value; without one of its parts it has none."""

    def __init__(self, *, known=True):
        self.known = known

    def _with(self, *others):
        return Known(known=self.known and all(getattr(other, "known", True) for other in others))

    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __neg__ = _with
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = _with


def strict(act):
    """Give a function that has no value where an argument has none."""
    return lambda *v: next((one for one in v if isinstance(one, Known)), None) or act(*v)


def weighted(values, weights):
    """Give the weighted mean of a list; none of weights that add up to 0."""
    if isinstance(values, Part):
        if len(weights) != values.length:
            raise ValueError
        weights = [weights[i] for i in values.places]
    if len(values) != len(weights) or not sum(weights):
        raise ValueError
    return sum(a * b for a, b in zip(values, weights, strict=True)) / sum(weights)


def mean(values):
    """Give the mean; none of no numbers."""
    if not values:
        raise ValueError
    return Fraction(sum(values)) / len(values)


#: a number in a formula
NUMERAL = r"(?<![A-Za-z0-9_.])([0-9]+(?:\.[0-9]+)?)"

FUNCTIONS = {
    "min": lambda *v: min(flat(v)),
    "max": lambda *v: max(flat(v)),
    "sum": lambda *v: sum(flat(v), Fraction()),
    "mean": lambda *v: mean(flat(v)),
    "count": len,
    "clamp": lambda x, low, high: min(max(x, low), high),
    "abs": abs,
    "floor": lambda x: Fraction(Fraction(x).__floor__()),
    "ceil": lambda x: Fraction(Fraction(x).__ceil__()),
    "round": lambda x, to, mode=None: by_mode(x, to, mode) if mode else half_up(x, to),
    "root": root,
    "highest": highest,
    "lowest": lowest,
    "trim": trim,
    "item": item,
    "ratio": lambda a, b, other: Fraction(a) / b if b else other,
    "interpolate": lines,
    "curve": lambda x, curve: lines(x, *curve[0], straight=curve[1]),
    "wmean": weighted,
}
FUNCTIONS = {name: strict(act) for name, act in FUNCTIONS.items()}
FUNCTIONS["given"] = lambda *v: next(one for one in v if not isinstance(one, Known))
#: which of them have a value
KNOWN = {name: lambda first, *v: first._with(*v) for name in FUNCTIONS}  # noqa: SLF001 - as written above
KNOWN["given"] = lambda *v: Known(known=any(value.known for value in v))


def by_mode(value, to, mode):
    """Round to a multiple above 0 by a mode."""
    if to <= 0:
        raise ZeroDivisionError
    return rounded(value, to, mode)


def formula(text, env):
    """Give the value of a formula, each of its numbers a fraction; None where it is missing."""
    names = {"__builtins__": {}, "Known": Known, "Fraction": Fraction}
    code = text.replace("^", "**")
    known = re.sub(NUMERAL, "Known()", code)
    given = {n: Known(known=v is not None) for n, v in env.items()}
    if not eval(known, names, KNOWN | given).known:  # noqa: S307 - a test's own texts
        return None
    code = re.sub(NUMERAL, r"Fraction('\1')", code)
    try:
        there = {n: Known(known=False) if v is None else v for n, v in env.items()}
        value = eval(code, names, FUNCTIONS | there)  # noqa: S307 - as above
    except (ZeroDivisionError, ValueError) as error:
        raise UndefinedError(divides=isinstance(error, ZeroDivisionError)) from error
    return Fraction(value)


MODES = {
    "half_up": "ROUND_HALF_UP",
    "half_even": "ROUND_HALF_EVEN",
    "half_down": "ROUND_HALF_DOWN",
    "floor": "ROUND_FLOOR",
    "ceiling": "ROUND_CEILING",
    "down": "ROUND_DOWN",
    "up": "ROUND_UP",
}


def rounded(value, to, mode):
    """Round to a multiple by a mode of decimal: the steps are rounded to whole ones."""
    steps = Fraction(value) / number(to)
    # sixty digits tell every tie apart that the tests make
    with localcontext(Context(prec=60)):
        exact = Decimal(steps.numerator) / Decimal(steps.denominator)
        return int(exact.quantize(Decimal(1), rounding=MODES[mode])) * number(to)


def finished(quantity, value):
    """Clamp, then round."""
    if quantity.clamp is not None:
        if quantity.clamp.low is not None:
            value = max(value, quantity.clamp.low[0])
        if quantity.clamp.high is not None:
            value = min(value, quantity.clamp.high[0])
    if quantity.round is not None:
        value = rounded(value, quantity.round.to, quantity.round.mode)
    return Fraction(value)


def names_of(text):
    """Give the names in a formula; words in quotes are none."""
    words = re.findall(r"[A-Za-z_][A-Za-z0-9_.]*", re.sub(r"\"[^\"]*\"", "", text))
    return [word for word in words if word not in FUNCTIONS]


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
