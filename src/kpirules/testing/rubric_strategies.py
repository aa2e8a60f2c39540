"""Random sound rubrics."""

# without "from __future__ import annotations": Hypothesis copies types of strategies to functions
# of its own modules, where the text of a type has no meaning

from decimal import Decimal
from fractions import Fraction

import attrs
from hypothesis import strategies as st

from kpirules.arithmetic.range import Range
from kpirules.model.quantity import Cells
from kpirules.model.rubric import (
    BandTable,
    Criterion,
    Derived,
    Rubric,
    Section,
    Tier,
)
from kpirules.model.vocabulary import NUMERIC
from kpirules.testing.derived_strategies import as_inputs, derived_inputs
from kpirules.testing.part_strategies import (
    FORMS,
    LABELS,
    RULINGS,
    Draw,
    criteria,
    curves,
    decimal,
    demoting_quotas,
    formulas,
    inputs,
    with_groups,
)
from kpirules.testing.stage_strategies import around


@st.composite
def weights(draw: Draw, total: int, count: int) -> list[Decimal]:
    """Draw ``count`` weights with the given sum; tenths occur."""
    unit = draw(st.sampled_from([1, 1, 10]))
    places = st.integers(1, total * unit - 1)
    at = sorted(draw(st.sets(places, min_size=count - 1, max_size=count - 1)))
    ends = zip([0, *at], [*at, total * unit], strict=True)
    return [decimal(Fraction(high - low, unit)) for low, high in ends]


@st.composite
def tiers(draw: Draw, rubric: Rubric) -> tuple[Tier, ...]:
    """Draw tiers that cover each reachable total exactly once."""
    full = int(rubric.full_marks)
    at = sorted(draw(st.sets(st.integers(1, full), min_size=0, max_size=3)))
    spans = [Range(None, (at[0], 0))] if at else [Range()]
    for i, cut in enumerate(at):
        spans.append(Range((cut, 0), (at[i + 1], 0) if i + 1 < len(at) else None))
    outcome = draw(st.sampled_from(["pay", "coefficient", None]))
    made: list[Tier] = []
    for i, span in enumerate(spans):
        more = {} if outcome is None else {outcome: Decimal(50 * i - 50)}
        made.append(Tier(id=f"tier-{i}", total=(span,), label=draw(LABELS), **more))
    return tuple(draw(st.permutations(made)))


def _is_text(derived: Derived) -> bool:
    """Return whether the values of a derived input are texts."""
    bands = derived.bands if isinstance(derived.bands, tuple) else ()
    # only values for each item of a list are tables by a second fact, and these are texts
    return any(isinstance(band.value, str | Cells) for band in bands)


@st.composite
def rubrics(draw: Draw, *, whole: bool = True, quotas: bool = False) -> Rubric:
    """Draw a sound rubric: one in which :func:`kpirules.check` finds no error.

    A rubric has any of: sections, inputs of every type, lists, derived inputs, measured and judged
    criteria, formulas, clamps, roundings, named tables of bands, scales, unscored criteria and
    remarks, tiers; every policy for missing values, normalised weights, weights given for each
    person, raters, adjustments, gates, outcomes. Warnings and notes occur. With ``whole=False`` a
    rubric has only criteria and tiers; with ``quotas=True`` it has tiers and, if these are
    several, demoting quotas, so that its records are evaluated together.
    """
    full_marks = draw(st.sampled_from([100, 100, 10, 5]))
    step = draw(st.sampled_from([Decimal(1), Decimal(1), Decimal("0.5")]))
    facts = tuple(draw(inputs(f"fact_{i}")) for i in range(draw(st.integers(0, 4))))
    derived = draw(derived_inputs(facts))
    numbers = tuple(f.name for f in facts if f.type in NUMERIC and not f.many)
    numbers += tuple(d.name for d in derived if not _is_text(d) and not d.many)
    lists = tuple(f.name for f in facts if f.type in NUMERIC and f.many)
    lists += tuple(d.name for d in derived if not _is_text(d) and d.many)
    formula = formulas(numbers, lists) if numbers or lists else None
    lines = draw(curves(numbers)) if numbers and draw(st.booleans()) else ()
    if lines:
        on_curve = st.sampled_from([f"curve({name}, {lines[-1].name})" for name in numbers])
        formula = on_curve | formula if formula is not None else on_curve
    asked = (*(f for f in facts if not f.many), *as_inputs(derived))
    count = draw(st.integers(1, 5))
    parts = draw(weights(full_marks, count))
    named: list[BandTable] = []
    made: list[Criterion] = []
    for i, weight in enumerate([*parts, *([None] * draw(st.integers(0, 1)))]):
        criterion, table = draw(criteria(f"item_{i}", weight, asked, step, formula))
        made.append(criterion)
        named += [] if table is None else [table]
    sections: list[Section] = []
    if draw(st.booleans()):
        at = draw(st.integers(1, len(made)))
        for i, group in enumerate(g for g in (made[:at], made[at:]) if g):
            total = sum(
                (Fraction(c.weight) for c in group if isinstance(c.weight, Decimal)), Fraction()
            )
            weight = draw(st.sampled_from([None, decimal(total)]))
            sections.append(
                Section(id=f"section_{i}", weight=weight, criteria=tuple(group), label=draw(LABELS))
            )
    rubric = Rubric(
        id="random",
        label=draw(LABELS),
        full_marks=Decimal(full_marks),
        step=step,
        inputs=draw(with_groups(facts)),
        derived=derived,
        tables=tuple(named),
        curves=lines,
        sections=tuple(sections),
        criteria=() if sections else tuple(made),
        rulings=draw(RULINGS),
        form=draw(FORMS),
    )
    if quotas or draw(st.booleans()):
        rubric = attrs.evolve(rubric, tiers=draw(tiers(rubric)))
    if quotas and len(rubric.tiers) > 1:
        within = tuple(f.name for f in facts if f.type not in NUMERIC and not f.many)
        drawn = st.lists(demoting_quotas(rubric.tiers, within), min_size=1, max_size=3)
        rubric = attrs.evolve(rubric, quotas=tuple({q.id: q for q in draw(drawn)}.values()))
    if not whole or draw(st.booleans()):
        return rubric
    return draw(around(rubric, asked, numbers))  # type: ignore[no-any-return]
