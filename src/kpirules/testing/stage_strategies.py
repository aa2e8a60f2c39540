"""Random parts around the criteria: missing values, weights, raters, gates and so on."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from kpirules.arithmetic.range import Range
from kpirules.arithmetic.rounding import MODES
from kpirules.model.rubric import (
    Adjustment,
    Band,
    Condition,
    Criterion,
    Gate,
    Input,
    Outcome,
    Rater,
    Rounding,
    Section,
    Text,
    Total,
    When,
)
from kpirules.testing.part_strategies import LABELS, cuts, decimal, formulas, rounding, tables


if TYPE_CHECKING:
    from kpirules.model.rubric import Rubric
    from kpirules.testing.part_strategies import Draw


@st.composite
def around(
    draw: Draw, rubric: Rubric, asked: tuple[Input, ...], numbers: tuple[str, ...]
) -> Rubric:
    """Add stages to a sound rubric that has only criteria, so that it remains sound.

    ``asked``: the inputs that bands may use; ``numbers``: the names that formulas may use.
    """
    made = draw(_missing(rubric))
    if draw(st.integers(0, 4)) == 0:
        made = draw(_normalised_weights(made))
    made = draw(_sections(made))
    if draw(st.integers(0, 4)) == 0:
        made = attrs.evolve(made, raters=draw(raters()))
    scored = tuple(f"points.{c.id}" for c in made.all_criteria if c.scored)
    adjusted = draw(adjustments(asked, (*numbers, *scored)))
    full = Range.closed(0, int(made.full_marks))
    # adjustments and rounding may lead beyond full marks
    plain = not adjusted and not any(s.round for s in made.sections)
    limit: dict[str, Any] = {} if plain else {"clamp": full}
    if draw(st.integers(0, 3)) == 0:
        limit |= {"clamp": full, "round": draw(st.just(None)) or rounding(draw)}
    if draw(st.integers(0, 5)) == 0:
        limit["minimum_scored"] = draw(st.integers(1, min(3, len(scored))))
    if draw(st.integers(0, 4)) == 0:
        limit |= {"clamp": full, "formula": _total(adjusted)}
    total = Total(**limit) if limit else None
    gates = draw(_gates(made, asked)) if draw(st.booleans()) else ()
    outcomes = draw(_outcomes(made, asked, numbers)) if draw(st.booleans()) else ()
    whole: Rubric = attrs.evolve(
        made, adjustments=adjusted, total=total, gates=gates, outcomes=outcomes
    )
    return whole


def _total(adjusted: tuple[Adjustment, ...]) -> str:
    """Return a formula that replaces the plain sum."""
    names = ["raw_total", *(f"adjust.{a.id}" for a in adjusted)]
    return " + ".join(names) + " / 2"


def _over_criteria(rubric: Rubric, change: Any) -> Rubric:  # noqa: ANN401 - a function
    """Change each criterion."""
    sections = tuple(
        attrs.evolve(s, criteria=tuple(change(c) for c in s.criteria)) for s in rubric.sections
    )
    criteria = tuple(change(c) for c in rubric.criteria)
    made: Rubric = attrs.evolve(rubric, criteria=criteria, sections=sections)
    return made


@st.composite
def _missing(draw: Draw, rubric: Rubric) -> Rubric:
    """Set the policy for missing values of some criteria."""
    if draw(st.booleans()):
        return rubric
    policies = ["error", "error", "zero", "exclude", "exclude", Decimal(1)]

    def change(c: Criterion) -> Criterion:
        policy: Any = draw(st.sampled_from(policies)) if c.scored else "error"
        full = Fraction(c.scale or c.weight or 0)
        return attrs.evolve(c, missing="zero" if policy == 1 and full < 1 else policy)

    return _over_criteria(rubric, change)


@st.composite
def _normalised_weights(draw: Draw, rubric: Rubric) -> Rubric:
    """Normalise weights; without sections, one weight may be given for each person."""
    made = attrs.evolve(rubric, weights_total="sum")
    if rubric.sections or not draw(st.booleans()):
        return made
    first, *rest = rubric.criteria
    if not first.scored or len([c for c in rest if c.scored]) == 0:
        return made
    fact = Input(name="weighing", type="number", range=Range.parse("0..50"), default=Decimal(3))
    own = attrs.evolve(first, weight="weighing", scale=first.scale or first.weight)
    return attrs.evolve(made, inputs=(*rubric.inputs, fact), criteria=(own, *rest))


@st.composite
def _sections(draw: Draw, rubric: Rubric) -> Rubric:
    """Add a scale, a cap, a clamp or a rounding to some sections."""
    made: list[Section] = []
    for section in rubric.sections:
        weights = [Fraction(c.weight or 0) for c in section.criteria if c.scored]
        whole = sum(weights, Fraction())
        more: dict[str, Any] = {}
        if draw(st.integers(0, 3)) == 0 and whole:
            # the weights remain, on a scale of their own
            more |= {"scale": decimal(whole), "weight": section.weight or decimal(whole)}
        if draw(st.integers(0, 3)) == 0 and whole:
            # the weights are doubled, and the points at full marks remain
            more |= {"cap": True, "criteria": tuple(map(_doubled, section.criteria))}
            more |= {"weight": section.weight or decimal(whole)}
        if draw(st.integers(0, 3)) == 0:
            more["clamp"] = Range.closed(0, int(rubric.full_marks))
        if draw(st.integers(0, 3)) == 0:
            mode = draw(st.sampled_from([*MODES.values()])).name
            more["round"] = Rounding(to=Decimal(1), mode=mode)
        made.append(attrs.evolve(section, **more))
    return attrs.evolve(rubric, sections=tuple(made))


def _doubled(criterion: Criterion) -> Criterion:
    """Double the weight of a criterion."""
    if not isinstance(criterion.weight, Decimal):
        return criterion
    scale = criterion.scale or criterion.weight or None
    return attrs.evolve(criterion, weight=2 * criterion.weight, scale=scale)


@st.composite
def raters(draw: Draw) -> tuple[Rater, ...]:
    """Draw one to three raters."""
    names = ["self", "superior", "peer"][: draw(st.integers(1, 3))]
    weights = st.sampled_from([Decimal(20), Decimal(50), Decimal("33.3")])
    return tuple(Rater(name=name, weight=draw(weights), label=draw(LABELS)) for name in names)


@st.composite
def adjustments(
    draw: Draw, asked: tuple[Input, ...], numbers: tuple[str, ...]
) -> tuple[Adjustment, ...]:
    """Draw up to two adjustments, by formula or bands."""
    made: list[Adjustment] = []
    for i in range(draw(st.sampled_from([0, 0, 1, 2]))):
        more: dict[str, Any] = {"id": f"extra_{i}", "label": draw(LABELS)}
        more["missing"] = draw(st.sampled_from(["skip", "skip", "error"]))
        if asked and draw(st.booleans()):
            some = draw(st.lists(st.sampled_from(asked), min_size=1, max_size=2, unique_by=id))
            values = st.integers(-5, 5).map(Decimal)
            bands, of = draw(tables(tuple(some), values))
            more |= {"bands": bands, "of": of}
            if draw(st.booleans()):
                more["bands"] = _with_missing_band(bands, of, some[0].name)
        else:
            # there is at least one scored criterion, whose points a formula may use
            more["formula"] = draw(formulas(numbers, ()))
            more["clamp"] = Range.closed(-5, 5)
            more["missing"] = "skip"
        made.append(Adjustment(**more))
    return tuple(made)


def _with_missing_band(bands: tuple[Band, ...], of: str | None, name: str) -> tuple[Band, ...]:
    """Add a band for a missing input, unless another band matches then."""
    every = [c for band in bands if band.when is not None for c in band.when.conditions]
    if of is None and any(c.name != name for c in every):
        return bands
    if any(band.when is not None and not band.when.conditions for band in bands):
        # the band ``otherwise`` already matches a missing input
        return bands
    missing = When(conditions=(Condition(name="" if of else name, entries=("missing",)),))
    return (*bands, Band(when=missing, points=Decimal(1)))


@st.composite
def _gates(draw: Draw, rubric: Rubric, asked: tuple[Input, ...]) -> tuple[Gate, ...]:
    """Draw up to three gates over facts, the total and points."""
    full = int(rubric.full_marks)
    tiers = [tier.id for tier in rubric.tiers]
    scored = [c.id for c in rubric.all_criteria if c.scored]
    made: list[Gate] = []
    for _ in range(draw(st.integers(1, 3))):
        kinds = ["total", "points"] + ["fact"] * 3 * bool(asked) + ["tier"] * bool(tiers)
        kind = draw(st.sampled_from(kinds))
        at = Range(None, (draw(st.integers(1, full)), 0))
        if kind == "fact":
            fact = draw(st.sampled_from(asked))
            entries = draw(st.sampled_from(draw(cuts(fact))))
            condition = Condition(name=fact.name, entries=entries)
        elif kind == "tier":
            condition = Condition(name="tier", entries=(draw(st.sampled_from(tiers)),))
        elif kind == "points":
            condition = Condition(name=f"points.{draw(st.sampled_from(scored))}", entries=(at,))
        else:
            condition = Condition(name="total", entries=(at,))
        effects = ["total_at_most", "total_at_least", "unratable"]
        effects += ["tier_at_most", "tier_at_least", "demote"] * bool(tiers)
        effects += ["refuse"] * (kind == "fact")
        key = draw(st.sampled_from(effects))
        value: Any = True
        if key.startswith("total"):
            value = Decimal(draw(st.integers(0, full)))
        elif key.startswith("tier"):
            value = draw(st.sampled_from(tiers))
        elif key == "demote":
            value = draw(st.integers(1, 2))
        reason = draw(st.none() | st.just(Text.of({"en": "A reason"})))
        missing = draw(st.sampled_from(["skip", "skip", "error"]))
        when = When(conditions=(condition,))
        made.append(Gate(when=when, reason=reason, missing=missing, **{key: value}))
    return tuple(made)


@st.composite
def _outcomes(
    draw: Draw, rubric: Rubric, asked: tuple[Input, ...], numbers: tuple[str, ...]
) -> tuple[Outcome, ...]:
    """Draw outcomes: of the total, of the tier, of facts, of one another; texts too."""
    made = [Outcome(name="bonus", formula="total * 2.5", round=rounding(draw))]
    if rubric.tiers:
        values = st.sampled_from([Decimal(1), Decimal("0.5"), "stays", "leaves"])
        bands = tuple(
            Band(
                when=When(conditions=(Condition(name="", entries=(tier.id,)),)),
                value=draw(values),
                label=draw(LABELS),
            )
            for tier in rubric.tiers
        )
        made.append(Outcome(name="step", of="tier", bands=bands, label=draw(LABELS)))
    if asked:
        bands, of = draw(tables((draw(st.sampled_from(asked)),), st.just(None)))
        valued = tuple(attrs.evolve(band, value=Decimal(i)) for i, band in enumerate(bands))
        made.append(Outcome(name="days", bands=valued, of=of, missing="skip"))
    if numbers and draw(st.booleans()):
        text = f"outcome.bonus + {draw(st.sampled_from(numbers))}"
        made.append(Outcome(name="both", formula=text, missing="skip"))
    return tuple(made)
