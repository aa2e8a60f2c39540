"""Random parts of sound rubrics, constructed so that they are consistent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs
from hypothesis import strategies as st

from kpirules.arithmetic.number import Number, canonical, decimal_of
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.rounding import MODES
from kpirules.compiler.domains import axis_of
from kpirules.formula import FUNCTIONS
from kpirules.model.curves import Curve, Point
from kpirules.model.quantity import Cells
from kpirules.model.rubric import (
    Band,
    BandTable,
    Condition,
    Criterion,
    Form,
    History,
    Input,
    Option,
    Quota,
    Rounding,
    Ruling,
    Text,
    When,
)
from kpirules.model.tier_order import TierOrder


if TYPE_CHECKING:
    from kpirules.model.rubric import Entry, Tier


#: the type of ``draw`` in a composite strategy
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


LABELS = st.none() | st.sampled_from(
    [Text.of("Plain"), Text.of({"zh": "考勤", "en": "Attendance"}), Text.of({"en": 'A "b" \\ c'})]
)

RULINGS = st.sampled_from(
    [(), (Ruling(clause="1", conflict=Text.of("silent"), decision=Text.of("whole points")),)]
)
FORMS = st.sampled_from(
    [
        None,
        Form(company=Text.of("A & B"), signature=Text.of("HR"), goals=True),
        Form(department=Text.of("Sales"), comments=True),
    ]
)


def decimal(number: Number) -> Decimal:
    """Convert a number with a finite decimal."""
    made = decimal_of(canonical(Fraction(number)))
    assert isinstance(made, Decimal)  # noqa: S101 - numbers here are multiples of one tenth
    return made


# ---------------------------------------------------------------- inputs and their entries


@st.composite
def _histories(draw: Draw, fact: Input) -> History:
    """Draw a history of an input over results of another ruleset."""
    names = ["total", "tier", "points.other", "outcome.pay", "other"]
    policies: list[Any] = ["error", "skip"]
    axis = axis_of(fact)
    if axis.options is None:
        policies.append(decimal(axis.domain.least(axis.step or Fraction(1)) or 0))
    return History(
        rubric="other-ruleset",
        take=draw(st.sampled_from(names)),
        each=draw(st.sampled_from([None, "month", "quarter", "half", "year"])),
        window=draw(st.integers(1, 12)),
        missing=draw(st.sampled_from(policies)),
    )


@st.composite
def inputs(draw: Draw, name: str) -> Input:
    """Draw an input of any type; a list may come from earlier results, a count from a cohort."""
    fact: Input = draw(_inputs(name))
    if fact.many and draw(st.booleans()):
        return attrs.evolve(fact, history=draw(_histories(fact)))
    is_free = fact.type == "count" and fact.range is None and fact.step is None
    if is_free and not fact.many and fact.default is None and draw(st.booleans()):
        how = draw(st.sampled_from(["heads", "share", "best", "worst", "refuse"]))
        # everybody has the same standing
        taken: dict[str, Any] = {"rank": "1", "ties": how}
        if how == "heads":
            taken = {"formula": "heads"}
        elif how == "share":
            taken = {
                "share": "3 * heads",
                "by": draw(st.sampled_from(["1", "0"])),
                "round": {"to": 1, "mode": "largest_remainder"},
                "otherwise": draw(st.sampled_from(["refuse", "nothing", "equal"])),
            }
        policy = draw(st.sampled_from(["error", "skip"]))
        return attrs.evolve(fact, cohort={**taken, "missing": policy})
    return fact


@st.composite
def with_groups(draw: Draw, facts: tuple[Input, ...]) -> tuple[Input, ...]:
    """Draw by what the records of cohorts are grouped: nothing, or any text."""
    if not any(fact.cohort for fact in facts) or draw(st.booleans()):
        return facts
    made = tuple(
        fact
        if fact.cohort is None
        else attrs.evolve(fact, cohort=attrs.evolve(fact.cohort, within=("team",)))
        for fact in facts
    )
    default = draw(st.sampled_from([None, "Sales"]))
    return (*made, Input(name="team", type="text", label=draw(LABELS), default=default))


@st.composite
def _inputs(draw: Draw, name: str) -> Input:
    """Draw an input of any type that a record gives."""
    kind = draw(st.sampled_from(["count", "count", "number", "choice", "flag"]))
    label = draw(LABELS)
    many = draw(st.integers(0, 4)) == 0
    if kind == "choice":
        size = draw(st.integers(2, 4))
        codes = [f"{name}_{letter}" for letter in "pqrs"[:size]]
        # a file labels all options of a choice, or none
        texts = LABELS.filter(bool) if draw(st.booleans()) else st.none()
        options = tuple(Option(code=code, label=draw(texts)) for code in codes)
        return Input(name=name, type="choice", options=options, label=label, many=many)
    if kind == "flag":
        return Input(name=name, type="flag", label=label, many=many)
    better = draw(st.sampled_from([None, None, "higher", "lower"]))
    if kind == "count":
        span = draw(st.sampled_from([None, None, Range.parse("0..9"), Range.parse("2..20")]))
        return Input(name=name, type="count", range=span, label=label, better=better, many=many)
    span = draw(st.sampled_from([None, Range.parse("0..100"), Range.parse("-5 .. < 5")]))
    step = draw(st.sampled_from([None, Decimal("0.5"), Decimal("0.1"), Decimal(1)]))
    return Input(
        name=name, type="number", range=span, step=step, label=label, better=better, many=many
    )


@st.composite
def cuts(draw: Draw, fact: Input) -> list[tuple[Entry, ...]]:
    """Draw entries of two to four rows that cover each value of an input exactly once.

    One row covers the only option of a choice, such as a text that is the same for all items.
    """
    if fact.type == "flag":
        return [(True,), (False,)]
    if fact.type == "choice":
        codes = draw(st.permutations([option.code for option in fact.options]))
        if len(codes) == 1:
            return [tuple(codes)]
        at = draw(st.integers(1, len(codes) - 1))
        return [tuple(codes[:at]), tuple(codes[at:])]
    low, high = _ends(fact)
    grid = Fraction(fact.step or 1)
    places = st.integers(1, int((high - low) / grid)).map(lambda i: canonical(low + i * grid))
    at = sorted(draw(st.sets(places, min_size=1, max_size=3)))
    parts: list[tuple[Entry, ...]] = [(Range(None, (at[0], 0)),)]
    for i, cut in enumerate(at):
        above = (at[i + 1], 0) if i + 1 < len(at) else None
        parts.append((Range((cut, 0), above),))
    if len(parts) > 2 and draw(st.booleans()):  # noqa: PLR2004 - at least two remain
        # a row may take several ranges
        last = parts.pop()
        parts[0] += last
    return parts


def _ends(fact: Input) -> tuple[Fraction, Fraction]:
    """Return two values of a number, whole steps apart, between which entries may divide it."""
    span = None if fact.range == CLAMP else fact.range
    low = span.low[0] if span is not None and span.low else Fraction(0)
    high = low + (6 if fact.type == "count" else 4)
    return Fraction(low), Fraction(high)


@st.composite
def demoting_quotas(draw: Draw, tiers: tuple[Tier, ...], within: tuple[str, ...]) -> Quota:
    """Draw a quota that demotes from one or two neighbouring tiers, none of them the lowest.

    There are at least two ``tiers``; ``within``: names that records may have in common.
    """
    order = TierOrder(tiers)
    low = draw(st.integers(1, len(tiers) - 1))
    high = draw(st.integers(low, min(low + 1, len(tiers) - 1)))
    ranks = ["total", "raw_total", "-total", "round(total / 10, 1)"]
    limits = ["0.4 * heads", "1", "heads / 2 - 1", "ceil(0.3 * heads)", "0"]
    return Quota(
        id=f"quota_{draw(st.integers(0, 10**6))}",
        label=draw(LABELS),
        tier=tuple(order.at(rank) for rank in range(low, high + 1)),
        at_most=draw(st.sampled_from(limits)),
        within=draw(st.sampled_from([(), within[:1], within])),
        excess="demote",
        by=tuple(draw(st.lists(st.sampled_from(ranks), max_size=2, unique=True))),
        ties=draw(st.sampled_from(["best", "worst", "refuse"])),
    )


# ---------------------------------------------------------------- quantities


@st.composite
def tables(
    draw: Draw, facts: tuple[Input, ...], points: st.SearchStrategy[Any]
) -> tuple[tuple[Band, ...], str | None]:
    """Draw bands over inputs, exactly one of which matches any values; and their ``of``."""
    order: list[Input] = draw(st.permutations(facts))
    leaves: list[tuple[Condition, ...]] = [()]
    for fact in order:
        longer: list[tuple[Condition, ...]] = []
        for leaf in leaves:
            if leaf and draw(st.booleans()):
                # this row does not depend on the input
                longer.append(leaf)
                continue
            longer += [(*leaf, Condition(name=fact.name, entries=e)) for e in draw(cuts(fact))]
        leaves = longer
    leaves = list(draw(st.permutations(leaves)))
    whens = [When(conditions=leaf) for leaf in leaves]
    if len(whens) > 1 and draw(st.booleans()):
        whens[-1] = When(otherwise=True)
    of = None
    if len(facts) == 1 and draw(st.booleans()):
        of = facts[0].name
        whens = [_without_names(when) for when in whens]
    bands = [Band(when=when, points=draw(points), label=draw(LABELS)) for when in whens]
    return tuple(bands), of


@st.composite
def crossed(
    draw: Draw,
    bands: tuple[Band, ...],
    facts: list[Input],
    values: st.SearchStrategy[Any],
    *,
    by_one: bool,
    way: Literal["points", "value"] = "points",
) -> tuple[tuple[Band, ...], str | None]:
    """Cross some bands with a second fact: points (or values) for each of its options or ranges.

    ``by_one``: the bands depend on one fact, in ``of``; only then may ``otherwise`` have cells.
    """
    if not facts or draw(st.integers(0, 3)) == 0:
        return bands, None
    fact = draw(st.sampled_from(facts))
    made: list[Band] = []
    for band in bands:
        if band.when is not None and band.when.otherwise and not by_one:
            made.append(band)
            continue
        keys = [str(e).lower() for entries in draw(cuts(fact)) for e in entries]
        if draw(st.booleans()):
            keys[-1] = "otherwise"
        cells = {key: draw(values) for key in keys}
        is_plain = made and draw(st.integers(0, 4)) == 0
        made.append(band if is_plain else attrs.evolve(band, **{way: cells}))
    return tuple(made), fact.name


def _without_names(when: When) -> When:
    """Remove the name from conditions, because ``of`` gives it."""
    entries = [Condition(name="", entries=c.entries) for c in when.conditions]
    return When(conditions=tuple(entries), otherwise=when.otherwise)


@st.composite
def levels(draw: Draw, scale: Fraction, step: Fraction) -> tuple[Band, ...]:
    """Draw disjoint ranges of ratings, all multiples of the step."""
    top = int(scale / step)
    ends = sorted(draw(st.sets(st.integers(0, top), min_size=1, max_size=6)))
    bands: list[Band] = []
    while ends:
        low = ends.pop(0)
        high = ends.pop(0) if ends and draw(st.booleans()) else low
        span = Range.closed(canonical(low * step), canonical(high * step))
        points = span if span.only is None else decimal(span.only)
        bands.append(Band(points=points, label=draw(LABELS)))
    return tuple(draw(st.permutations(bands)))


@st.composite
def criteria(  # noqa: PLR0917 - a strategy's parameters follow its draw
    draw: Draw,
    name: str,
    weight: Decimal | None,
    facts: tuple[Input, ...],
    step: Decimal,
    formula: st.SearchStrategy[str] | None = None,
) -> tuple[Criterion, BandTable | None]:
    """Draw a criterion of any kind, and the table of bands that it names, or None."""
    scale = draw(st.none() | st.sampled_from([Decimal(5), Decimal(10), Decimal(100)]))
    full = Fraction(weight or 0) if scale is None else Fraction(scale)
    grid = Fraction(step)
    made: dict[str, Any] = {"id": name, "label": draw(LABELS), "weight": weight, "scale": scale}
    made["scored"] = weight is not None
    if weight is None:
        made["scale"] = None
        full = Fraction(10)
    top = int(full / grid)
    on_grid = st.integers(0, top).map(lambda i: decimal(i * grid))
    any_points = st.integers(0, int(full * 2)).map(lambda i: decimal(Fraction(i, 2))) | on_grid
    kinds = ["judged", "range", "levels"] + ["table"] * 3 * bool(facts)
    kinds += ["formula"] * 2 * (formula is not None)
    kind = draw(st.sampled_from([*kinds, "remark"] if weight is None else kinds))
    table = None
    if kind == "range":
        low, high = sorted((draw(on_grid), draw(on_grid)))
        points = (
            low
            if low == high
            else Range.closed(canonical(Fraction(low)), canonical(Fraction(high)))
        )
        made["points"] = points
    elif kind == "levels":
        made["bands"] = draw(levels(full, grid))
    elif kind == "table":
        some = draw(st.lists(st.sampled_from(facts), min_size=1, max_size=3, unique_by=id))
        points = any_points
        if draw(st.booleans()):
            low = draw(on_grid)
            points = on_grid | st.just(_span(low, full, grid))
        bands, of = draw(tables(tuple(some), points))
        second = [fact for fact in facts if fact not in some]
        bands, across = draw(crossed(bands, second, points, by_one=of is not None))
        made |= {"bands": bands, "of": of, "across": across}
        if draw(st.booleans()):
            table = BandTable(name=f"{name}_table", rows=bands)
            made["bands"] = table.name
        if formula is not None and draw(st.booleans()):
            made |= _some_by_formula(draw, bands, formula, full)
            table = None
    elif kind == "formula" and formula is not None:
        made |= {"formula": draw(formula), "clamp": _clamp(full), "round": rounding(draw)}
    elif kind == "judged" and weight is None:
        made["points"] = Range.closed(0, 10)
    return Criterion(**made), table


def _clamp(full: Fraction) -> Range:
    """Return a clamp to whole numbers within full marks, so that rounded points stay within it."""
    return Range.closed(0, full.__floor__()) if full >= 1 else Range.exactly(0)


def _some_by_formula(
    draw: Draw, bands: tuple[Band, ...], formula: st.SearchStrategy[str], full: Fraction
) -> dict[str, Any]:
    """Replace the points of some bands of a table by a formula."""
    some: list[Band] = []
    # a few: checks of a formula in each of many cells need too many steps
    by_formula = draw(st.sets(st.integers(0, len(bands) - 1), max_size=2))
    for i, band in enumerate(bands):
        if i not in by_formula:
            some.append(band)
            continue
        made: Any = draw(formula)
        if isinstance(band.points, Cells):
            made = {key: draw(formula) for key, _ in band.points.by_entry}
        some.append(attrs.evolve(band, points=None, formula=made))
    return {"bands": tuple(some), "clamp": _clamp(full)}


def _span(low: Decimal, full: Fraction, grid: Fraction) -> Range | Decimal:
    """Return the range from a number to full marks, or the number if it is the whole range."""
    top = canonical((full // grid) * grid)
    first = canonical(Fraction(low))
    return low if first >= top else Range.closed(first, top)


# ---------------------------------------------------------------- formulas

#: formulas over one or two numbers, and over a list; a clamp limits their values
_FORMULAS = (
    "{a}",
    "10 - 2 * {a}",
    "{a} * 3 / 7 - {b}",
    "{a} / (abs({b}) + 1)",
    "{a} ^ 2 - {b} ^ 3 / 10",
    "interpolate({a}, 0, {b}, abs({b}) + 1, 9, abs({b}) + 4, {a})",
    *(f.numbers.example for f in FUNCTIONS.values() if f.numbers is not None),
    *(each.example for f in FUNCTIONS.values() for each in f.choices.values()),
)
_OF_LISTS = (
    "10 - sum({c}) / (count({c}) + 1)",
    "sum(highest({c}, 2)) - sum(lowest({c}, 1))",
    "count(highest({c}, 3)) + item({c}, 2, 0.5)",
    # lists of random records may be empty
    *(f"{f.name}({{c}})" for f in FUNCTIONS.values() if f.lists is not None and f.lists.of_empty),
)


#: a clamp of derived facts by formula
CLAMP = Range.closed(-20, 20)


@st.composite
def formulas(draw: Draw, numbers: tuple[str, ...], lists: tuple[str, ...]) -> str:
    """Draw a formula over some of the names of numbers or lists."""
    made = _OF_LISTS if lists and (not numbers or draw(st.booleans())) else _FORMULAS
    text: str = draw(st.sampled_from(made))
    names = {key: draw(st.sampled_from(numbers)) for key in "ab" if numbers}
    return text.format(**names, c=draw(st.sampled_from(lists)) if lists else "")


@st.composite
def curves(draw: Draw, numbers: tuple[str, ...]) -> tuple[Curve, ...]:
    """Draw a curve between numbers, or two, the second one between formulas."""
    name = draw(st.sampled_from(numbers))
    ys = st.integers(-3, 12).map(Decimal)
    beyond = st.sampled_from(["end", "straight"])
    flat = [(Decimal(0), draw(ys)), (Decimal(3), draw(ys)), (Decimal("7.5"), draw(ys))]
    line = Curve(name="line", points=flat, beyond=draw(beyond))
    if draw(st.booleans()):
        return (line,)
    bent: list[tuple[Any, Any]] = [
        (0, name),
        (f"abs({name}) + 1", f"curve({name}, line)"),
        (f"abs({name}) + 4", 9),
    ]
    return line, Curve(name="bent", points=[Point(x, y) for x, y in bent], beyond=draw(beyond))


def rounding(draw: Draw) -> Rounding | None:
    """Draw a rounding, or None."""
    if draw(st.booleans()):
        return None
    to = draw(st.sampled_from([Decimal("0.1"), Decimal(1)]))
    return Rounding(to=to, mode=draw(st.sampled_from([*MODES.values()])).name)
