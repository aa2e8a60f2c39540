"""Random derived facts of sound rubrics."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from kpirules.formula import parse
from kpirules.model.quantity import Cells
from kpirules.model.rubric import Band, Condition, Derived, Input, Option, When
from kpirules.model.vocabulary import NUMERIC
from kpirules.testing.part_strategies import (
    CLAMP,
    Draw,
    crossed,
    cuts,
    formulas,
    rounding,
    tables,
)


#: the kinds of derived facts of which no value is better
NOT_BETTER = ("texts", "tally", "items")


@st.composite
def tallies(draw: Draw, name: str, fact: Input) -> Derived:
    """Draw a derived fact that counts items of a list."""
    # which part of the clamp the items of a formula have is not known
    entries = (CLAMP,) if fact.range == CLAMP else draw(st.sampled_from(draw(cuts(fact))))
    word: dict[str, Any] = {draw(st.sampled_from(["count", "run"])): entries}
    return Derived(name=name, of=fact.name, **word)


@st.composite
def per_item(
    draw: Draw, name: str, fact: Input, numbers: tuple[str, ...], single: tuple[Input, ...]
) -> tuple[Derived, Input]:
    """Draw a derived fact for each item of a list, and the input that has such items."""
    item = attrs.evolve(fact, many=False)
    if fact.type in NUMERIC and draw(st.booleans()):
        text = draw(formulas((fact.name, *numbers), ()))
        if fact.name in parse(text).names:
            to = rounding(draw)
            made = Derived(name=name, many=True, formula=text, clamp=CLAMP, round=to)
            # entries between multiples of 2 alone: those of a formula such as 10 - 2 * x are even
            even = Decimal(2)
            return made, Input(name=name, type="number", range=CLAMP, step=even, many=True)
    others: list[Input] = draw(st.lists(st.sampled_from(single), max_size=1)) if single else []
    # each row depends on the item
    bands, of = draw(tables((item,), st.just(None)))
    of_all = len(others) == 1 and of is None and not any(b.when and b.when.otherwise for b in bands)
    if of_all and draw(st.booleans()):
        bands, others = draw(_divided(bands, others[0])), []
    if fact.range == CLAMP:
        # which part of the clamp the items of a formula have is not known
        every = Condition(name=fact.name, entries=(CLAMP,))
        bands, others, of = (Band(when=When(conditions=(every,))),), [], None
    values = [f"{name}_p", f"{name}_q"]
    valued = tuple(attrs.evolve(b, value=values[i % 2]) for i, b in enumerate(bands))
    cells_of, across = draw(
        crossed(valued, others, st.sampled_from(values), by_one=of is not None, way="value")
    )
    derived = Derived(name=name, many=True, bands=cells_of, of=of, across=across)
    cells = [
        dict(b.value.by_entry) if isinstance(b.value, Cells) else {"": b.value} for b in cells_of
    ]
    used = dict.fromkeys(str(text) for each in cells for text in each.values())
    options = tuple(Option(code=text) for text in used)
    return derived, Input(name=name, type="choice", options=options, many=True)


@st.composite
def _divided(draw: Draw, bands: tuple[Band, ...], fact: Input) -> tuple[Band, ...]:
    """Divide each band by the values of one more input."""
    rows: list[Band] = []
    for band in bands:
        own = band.when.conditions if band.when is not None else ()
        rows += [
            Band(when=When(conditions=(*own, Condition(name=fact.name, entries=entries))))
            for entries in draw(cuts(fact))
        ]
    return tuple(rows)


@st.composite
def derived_inputs(draw: Draw, facts: tuple[Input, ...]) -> tuple[Derived, ...]:
    """Draw derived inputs: numbers by formula or bands, texts by bands."""
    numbers = [fact.name for fact in facts if fact.type in NUMERIC and not fact.many]
    single = tuple(fact for fact in facts if not fact.many)
    many = [fact for fact in facts if fact.many]
    made: list[Derived] = []
    for i in range(draw(st.integers(0, 2 + bool(many)))):
        name = f"made_{i}"
        lists = tuple(fact.name for fact in many if fact.type in NUMERIC)
        kinds = ["formula"] * bool(numbers or lists) + ["bands", "texts"] * bool(single)
        kinds += ["tally", "items"] * bool(many)
        if not kinds:
            break
        kind = draw(st.sampled_from(kinds))
        better = draw(st.sampled_from([None, "higher"])) if kind not in NOT_BETTER else None
        if kind == "tally":
            each = draw(tallies(name, draw(st.sampled_from(many))))
            numbers.append(name)
        elif kind == "items":
            each, item = draw(per_item(name, draw(st.sampled_from(many)), tuple(numbers), single))
            many.append(item)
        elif kind == "formula":
            text = draw(formulas(tuple(numbers), lists))
            clamp = draw(st.sampled_from([None, CLAMP]))
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
    for each in (one for one in derived if not one.many):
        bands = each.bands if isinstance(each.bands, tuple) else ()
        texts = tuple(dict.fromkeys(b.value for b in bands if isinstance(b.value, str)))
        if len(texts) > 1:
            options = tuple(Option(code=text) for text in texts)
            found.append(Input(name=each.name, type="choice", options=options))
    return tuple(found)
