"""Random parts of sound rubrics, constructed so that they are consistent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from hypothesis import strategies as st

from kpirules.arithmetic.number import Number, canonical, decimal_of
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.rounding import MODES
from kpirules.formula import FUNCTIONS
from kpirules.model.rubric import (
    Band,
    BandTable,
    Condition,
    Criterion,
    Derived,
    Input,
    Option,
    Rounding,
    Ruling,
    Text,
    When,
)


if TYPE_CHECKING:
    from kpirules.model.rubric import Entry


#: the type of ``draw`` in a composite strategy
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


LABELS = st.none() | st.sampled_from(
    [Text.of("Plain"), Text.of({"zh": "考勤", "en": "Attendance"}), Text.of({"en": 'A "b" \\ c'})]
)

RULINGS = st.sampled_from(
    [(), (Ruling(clause="1", conflict=Text.of("silent"), decision=Text.of("whole points")),)]
)


def decimal(number: Number) -> Decimal:
    """Convert a number with a finite decimal."""
    made = decimal_of(canonical(Fraction(number)))
    assert isinstance(made, Decimal)  # noqa: S101 - numbers here are multiples of one tenth
    return made


# ---------------------------------------------------------------- inputs and their entries


@st.composite
def inputs(draw: Draw, name: str) -> Input:
    """Draw an input of any type."""
    kind = draw(st.sampled_from(["count", "count", "number", "choice", "flag"]))
    label = draw(LABELS)
    if kind == "choice":
        size = draw(st.integers(2, 4))
        codes = [f"{name}_{letter}" for letter in "pqrs"[:size]]
        # a file labels all options of a choice, or none
        texts = LABELS.filter(bool) if draw(st.booleans()) else st.none()
        options = tuple(Option(code=code, label=draw(texts)) for code in codes)
        return Input(name=name, type="choice", options=options, label=label)
    if kind == "flag":
        return Input(name=name, type="flag", label=label)
    better = draw(st.sampled_from([None, None, "higher", "lower"]))
    if kind == "count":
        span = draw(st.sampled_from([None, None, Range.parse("0..9"), Range.parse("2..20")]))
        return Input(name=name, type="count", range=span, label=label, better=better)
    span = draw(st.sampled_from([None, Range.parse("0..100"), Range.parse("-5 .. < 5")]))
    step = draw(st.sampled_from([None, Decimal("0.5"), Decimal("0.1"), Decimal(1)]))
    many = draw(st.integers(0, 4)) == 0
    if many:
        return Input(name=name, type="number", range=span, step=step, label=label, many=True)
    return Input(name=name, type="number", range=span, step=step, label=label, better=better)


@st.composite
def cuts(draw: Draw, fact: Input) -> list[tuple[Entry, ...]]:
    """Draw entries of two to four rows that cover each value of an input exactly once."""
    if fact.type == "flag":
        return [(True,), (False,)]
    if fact.type == "choice":
        codes = draw(st.permutations([option.code for option in fact.options]))
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
    low = fact.range.low[0] if fact.range is not None and fact.range.low else Fraction(0)
    high = low + (6 if fact.type == "count" else 4)
    return Fraction(low), Fraction(high)


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
        made |= {"bands": bands, "of": of}
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
    some = [
        attrs.evolve(band, points=None, formula=draw(formula)) if draw(st.booleans()) else band
        for band in bands
    ]
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
    *(f.numbers.example for f in FUNCTIONS.values() if f.numbers is not None),
)
_OF_LISTS = (
    "10 - sum({c}) / (count({c}) + 1)",
    # lists of random records may be empty
    *(f"{f.name}({{c}})" for f in FUNCTIONS.values() if f.lists is not None and f.lists.of_empty),
)


@st.composite
def formulas(draw: Draw, numbers: tuple[str, ...], lists: tuple[str, ...]) -> str:
    """Draw a formula over some of the names of numbers or lists."""
    made = _OF_LISTS if lists and (not numbers or draw(st.booleans())) else _FORMULAS
    text: str = draw(st.sampled_from(made))
    names = {key: draw(st.sampled_from(numbers)) for key in "ab" if numbers}
    return text.format(**names, c=draw(st.sampled_from(lists)) if lists else "")


def rounding(draw: Draw) -> Rounding | None:
    """Draw a rounding, or None."""
    if draw(st.booleans()):
        return None
    to = draw(st.sampled_from([Decimal("0.1"), Decimal(1)]))
    return Rounding(to=to, mode=draw(st.sampled_from([*MODES.values()])).name)


@st.composite
def derived_inputs(draw: Draw, facts: tuple[Input, ...]) -> tuple[Derived, ...]:
    """Draw derived inputs: numbers by formula or bands, texts by bands."""
    numbers = [fact.name for fact in facts if fact.type in ("count", "number") and not fact.many]
    lists = tuple(fact.name for fact in facts if fact.many)
    single = tuple(fact for fact in facts if not fact.many)
    made: list[Derived] = []
    for i in range(draw(st.integers(0, 2))):
        name = f"made_{i}"
        kinds = ["formula"] * bool(numbers or lists) + ["bands", "texts"] * bool(single)
        if not kinds:
            break
        kind = draw(st.sampled_from(kinds))
        better = draw(st.sampled_from([None, "higher"])) if kind != "texts" else None
        if kind == "formula":
            text = draw(formulas(tuple(numbers), lists))
            clamp = draw(st.sampled_from([None, Range.closed(-20, 20)]))
            to = rounding(draw)
            each = Derived(name=name, formula=text, clamp=clamp, round=to, better=better)
            numbers.append(name)
        else:
            some = draw(st.lists(st.sampled_from(single), min_size=1, max_size=2, unique_by=id))
            bands, of = draw(tables(tuple(some), st.just(None)))
            values: st.SearchStrategy[Any] = st.sampled_from([f"{name}_p", f"{name}_q"])
            if kind == "bands":
                values = st.integers(-3, 9).map(Decimal)
                numbers.append(name)
            valued = tuple(attrs.evolve(band, value=draw(values)) for band in bands)
            each = Derived(name=name, bands=valued, of=of, better=better)
        made.append(each)
    return tuple(made)


def as_inputs(derived: tuple[Derived, ...]) -> tuple[Input, ...]:
    """Convert derived texts to choices, so that bands can use them."""
    found: list[Input] = []
    for each in derived:
        bands = each.bands if isinstance(each.bands, tuple) else ()
        texts = tuple(dict.fromkeys(b.value for b in bands if isinstance(b.value, str)))
        if len(texts) > 1:
            options = tuple(Option(code=text) for text in texts)
            found.append(Input(name=each.name, type="choice", options=options))
    return tuple(found)
