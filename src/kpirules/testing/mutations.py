"""Random rubrics with one injected defect each, by the code of the finding that must report it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
from hypothesis import assume
from hypothesis import strategies as st

from kpirules.arithmetic.number import decimal_of, exact
from kpirules.arithmetic.range import Range
from kpirules.checks.registry import codes
from kpirules.compiler.plan import Plan
from kpirules.model.curves import Curve
from kpirules.model.rubric import (
    Band,
    BandTable,
    Condition,
    Criterion,
    Derived,
    Example,
    Gate,
    Input,
    Option,
    Outcome,
    Rubric,
    Ruling,
    Text,
    Tier,
    When,
)
from kpirules.testing.gathered_mutations import (
    FACT,
    gathered_range,
    group_rejected,
    history_unknown,
    no_claim,
    quota_floor,
    quota_idle,
    quota_impossible,
    share_sum,
    window_empty,
)
from kpirules.testing.part_strategies import decimal
from kpirules.testing.record_strategies import records
from kpirules.testing.rubric_strategies import rubrics


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.testing.part_strategies import Draw


def unsound_rubrics(code: str | None = None) -> st.SearchStrategy[Rubric]:
    """Draw a sound rubric with one injected defect, which :func:`kpirules.check` must find.

    ``code``: the code of the finding, one of :data:`UNSOUND`; any of them if omitted. Raises
    ``ValueError`` for a code that a rubric cannot have (of a text that is not TOML, for instance).

    >>> from kpirules.testing import UNSOUND
    >>> "tier-gap" in UNSOUND, "syntax" in UNSOUND
    (True, False)
    """
    if code is not None and code not in _MUTATIONS:
        known = ", ".join(sorted(UNSOUND))
        reason = "is not planted" if code in {each.code for each in codes()} else "is no finding"
        raise ValueError(f'"{code}" {reason}; there are: {known}')
    return _mutated(code)


@st.composite
def _mutated(draw: Draw, code: str | None) -> Rubric:
    """Inject a defect of a kind, or of any kind."""
    kind = draw(st.sampled_from(sorted(UNSOUND))) if code is None else code
    return _MUTATIONS[kind](draw, draw(rubrics(whole=False)))


def _with_criterion(draw: Draw, rubric: Rubric, **changes: Any) -> Rubric:  # noqa: ANN401
    """Change a scored criterion with a positive weight; drop the examples, which could now fail."""
    scored = [c for c in rubric.all_criteria if c.scored and (c.weight or 0) > 0]  # type: ignore[operator]
    chosen = draw(st.sampled_from(scored))
    plain = dict.fromkeys(("points", "formula", "bands", "of", "range", "clamp", "round"))
    made = attrs.evolve(chosen, **{**plain, **changes})
    return _replaced(rubric, chosen, made)


def _replaced(rubric: Rubric, old: Criterion, new: Criterion) -> Rubric:
    """Replace a criterion; drop the examples."""

    def swap(criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
        return tuple(new if c is old else c for c in criteria)

    sections = tuple(attrs.evolve(s, criteria=swap(s.criteria)) for s in rubric.sections)
    return attrs.evolve(rubric, criteria=swap(rubric.criteria), sections=sections, examples=())


def _over_fact(
    draw: Draw, rubric: Rubric, *rows: tuple[str, Any], fact: Input | None = None
) -> Rubric:
    """Make a criterion depend on a new input: rows of (range text or "otherwise", points)."""
    bands = tuple(
        Band(
            when=When(otherwise=True)
            if text == "otherwise"
            else When(conditions=(Condition(name="", entries=(_entry(text),)),)),
            points=points,
        )
        for text, points in rows
    )
    changed = _with_criterion(draw, rubric, bands=bands, of=FACT, scale=Decimal(10))
    new = fact or Input(name=FACT, type="count")
    return attrs.evolve(changed, inputs=(*changed.inputs, new))


def _entry(text: str) -> Range:
    """Parse a range, or a single number."""
    return Range.exactly(int(text)) if text.isdigit() else Range.parse(text)


def _gap(draw: Draw, rubric: Rubric) -> Rubric:
    at = draw(st.integers(0, 5))
    if draw(st.booleans()):
        return _gap_of_items(rubric, at)
    return _over_fact(draw, rubric, (f"<= {at}", Decimal(10)), (f">= {at + 2}", Decimal(0)))


def _gap_of_items(rubric: Rubric, at: int) -> Rubric:
    fact = Input(name=FACT, type="count", many=True)
    bands = tuple(
        Band(when=When(conditions=(Condition(name="", entries=(_entry(text),)),)), value=Decimal(i))
        for i, text in enumerate((f"<= {at}", f">= {at + 2}"))
    )
    made = Derived(name="planted_too", many=True, of=FACT, bands=bands)
    return attrs.evolve(rubric, inputs=(*rubric.inputs, fact), derived=(*rubric.derived, made))


def _overlap(draw: Draw, rubric: Rubric) -> Rubric:
    at = draw(st.integers(0, 5))
    return _over_fact(draw, rubric, (f"<= {at}", Decimal(10)), (f">= {at}", Decimal(0)))


def _unreachable(draw: Draw, rubric: Rubric) -> Rubric:
    never = draw(st.sampled_from(["< 0", "otherwise"]))
    return _over_fact(draw, rubric, (">= 0", Decimal(10)), (never, Decimal(0)))


def _out_of_range(draw: Draw, rubric: Rubric) -> Rubric:
    points = draw(st.sampled_from([Decimal(11), Decimal("-0.5"), Decimal(1000)]))
    return _over_fact(draw, rubric, ("0", points), ("otherwise", Decimal(0)))


def _falling(draw: Draw, rubric: Rubric) -> Rubric:
    better = draw(st.sampled_from(["higher", "lower"]))
    points = (Decimal(10), Decimal(0)) if better == "higher" else (Decimal(0), Decimal(10))
    fact = Input(name=FACT, type="count", better=better)
    return _over_fact(draw, rubric, ("<= 2", points[0]), ("otherwise", points[1]), fact=fact)


def _unknown(draw: Draw, rubric: Rubric) -> Rubric:
    made = _over_fact(draw, rubric, ("0", Decimal(10)), ("otherwise", Decimal(0)))
    return attrs.evolve(made, inputs=rubric.inputs)


def _off_step(draw: Draw, rubric: Rubric) -> Rubric:
    half = decimal(Fraction(rubric.step) / 2)
    return _with_criterion(draw, rubric, scale=Decimal(10), bands=(Band(points=half),))


def _rating_gap(draw: Draw, rubric: Rubric) -> Rubric:
    step = exact(rubric.step)
    bands = (Band(points=Range.closed(0, step)), Band(points=Range.closed(step * 3, step * 4)))
    return _with_criterion(draw, rubric, scale=Decimal(10), bands=bands)


def _no_full_marks(draw: Draw, rubric: Rubric) -> Rubric:
    return _with_criterion(draw, rubric, scale=Decimal(10), points=Decimal(0))


def _weights(draw: Draw, rubric: Rubric) -> Rubric:
    chosen = draw(st.sampled_from([c for c in rubric.all_criteria if c.scored]))
    more = decimal(exact(chosen.weight) + draw(st.sampled_from([1, Fraction(1, 10)])))
    return _replaced(rubric, chosen, attrs.evolve(chosen, weight=more))


def _section(draw: Draw, rubric: Rubric) -> Rubric:
    assume(rubric.sections)
    first, *rest = rubric.sections
    weight = Plan(rubric).section_weight(first)
    wrong = attrs.evolve(first, weight=decimal(weight + draw(st.integers(1, 5))))
    return attrs.evolve(rubric, sections=(wrong, *rest))


def _tiers(rubric: Rubric, *spans: Range) -> Rubric:
    made = tuple(Tier(id=f"tier-{i}", total=(span,)) for i, span in enumerate(spans))
    return attrs.evolve(rubric, tiers=made, examples=())


def _some_total(draw: Draw, rubric: Rubric) -> Any:  # noqa: ANN401 - a number
    totals = Plan(rubric).totals
    # of formulas, only a superset of their values is known: a gap there may be no gap
    assume(totals.exact)
    total = draw(st.sampled_from([totals.first_in(Range()), totals.last_in(Range())]))
    # a file cannot contain an endpoint without a finite decimal
    assume(not _has_no_decimal(Fraction(total)))
    return total


def _tier_gap(draw: Draw, rubric: Rubric) -> Rubric:
    total = _some_total(draw, rubric)
    return _tiers(rubric, Range(None, (total, 0)), Range((total, 1), None))


def _tier_overlap(draw: Draw, rubric: Rubric) -> Rubric:
    total = _some_total(draw, rubric)
    return _tiers(rubric, Range(None, (total, 1)), Range((total, 0), None))


def _tier_unreachable(draw: Draw, rubric: Rubric) -> Rubric:
    beyond = exact(rubric.full_marks) + draw(st.integers(0, 3))
    return _tiers(rubric, Range(None, (beyond, 1)), Range((beyond, 1), None))


def _tier_split(draw: Draw, rubric: Rubric) -> Rubric:
    low = draw(st.integers(0, 3))
    ends = Range(None, (low, 0)), Range((low + 2, 0), None)
    tiers = (
        Tier(id="split", total=ends),
        Tier(id="between", total=(Range.parse(f"{low} .. < {low + 2}"),)),
    )
    return attrs.evolve(rubric, tiers=tiers, gates=(), outcomes=(), examples=())


def _duplicate(draw: Draw, rubric: Rubric) -> Rubric:
    chosen = draw(st.sampled_from(rubric.all_criteria))
    if draw(st.booleans()):
        return attrs.evolve(rubric, inputs=(*rubric.inputs, Input(name=chosen.id, type="count")))
    return _tiers_named(rubric, "same", "same")


def _tiers_named(rubric: Rubric, *ids: str) -> Rubric:
    full = exact(rubric.full_marks)
    spans = [Range(None, (full, 0)), Range((full, 0), None)]
    made = tuple(Tier(id=i, total=(span,)) for i, span in zip(ids, spans, strict=True))
    return attrs.evolve(rubric, tiers=made, examples=())


def _reserved(draw: Draw, rubric: Rubric) -> Rubric:
    word = draw(st.sampled_from(["total", "tier", "points", "missing"]))
    return attrs.evolve(rubric, inputs=(*rubric.inputs, Input(name=word, type="count")))


def _unused(_: Draw, rubric: Rubric) -> Rubric:
    return attrs.evolve(rubric, inputs=(*rubric.inputs, Input(name=FACT, type="flag")))


def _unused_table(_: Draw, rubric: Rubric) -> Rubric:
    table = BandTable(name=FACT, rows=(Band(points=Decimal(0)),))
    return attrs.evolve(rubric, tables=(*rubric.tables, table))


def _value(draw: Draw, rubric: Rubric) -> Rubric:
    wrong = draw(
        st.sampled_from(
            [
                Input(name=FACT, type="choice"),
                Input(name=FACT, type="count", range=Range.parse("< 0")),
                Input(name=FACT, type="count", default=Decimal("0.5")),
                Input(name=FACT, type="flag", many=True, default=True),
            ]
        )
    )
    return attrs.evolve(rubric, inputs=(*rubric.inputs, wrong))


def _too_large(_: Draw, rubric: Rubric) -> Rubric:
    options = tuple(Option(code=f"code_{i}") for i in range(1_001))
    fact = Input(name=FACT, type="choice", options=options)
    return attrs.evolve(rubric, inputs=(*rubric.inputs, fact))


def _example_fails(draw: Draw, rubric: Rubric) -> Rubric:
    from kpirules.api.evaluate import evaluate  # noqa: PLC0415 - only this mutation needs it

    record = draw(records(rubric))
    # a total may be a fraction, but the number of an example is a decimal
    wrong = decimal(Fraction(evaluate(rubric, record).total or 0).__floor__() - 1)
    # a rating that agrees with a formula may be a fraction, which a file cannot contain as a number
    assume(not any(isinstance(v, Fraction) and _has_no_decimal(v) for v in record.values()))
    ratings = tuple((n, _as_written(v)) for n, v in record.items())
    example = Example(name="planted", ratings=ratings, expect=(("total", wrong),))
    return attrs.evolve(rubric, examples=(example,))


def _has_no_decimal(value: Fraction) -> bool:
    """Return whether a fraction has no finite decimal."""
    return isinstance(decimal_of(value), Fraction)


def _as_written(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """Convert a value of a record to the value that a file contains."""
    items = cast("tuple[Any, ...]", value) if isinstance(value, (list, tuple)) else (value,)
    made = tuple(v if isinstance(v, (bool, str)) else decimal(exact(v)) for v in items)
    return made if items is value else made[0]


def _no_example(_: Draw, rubric: Rubric) -> Rubric:
    return attrs.evolve(rubric, examples=())


def _no_label(_: Draw, rubric: Rubric) -> Rubric:
    role = Text.of({"xx": "planted"})
    return attrs.evolve(rubric, label=Text.of({"zh": "planted"}), role=role)


def _idle(draw: Draw, rubric: Rubric) -> Rubric:
    entry = draw(st.sampled_from(["rating-gap nowhere", "no-such-code tier.a", "band-gap"]))
    silent = Text.of("silent")
    ruling = Ruling(clause="9", conflict=silent, decision=silent, accepts=(entry,))
    return attrs.evolve(rubric, rulings=(*rubric.rulings, ruling))


def _gate(draw: Draw, rubric: Rubric) -> Rubric:
    never = When(conditions=(Condition(name=FACT, entries=(Range.parse("< 0"),)),))
    gates = (Gate(when=never, **draw(st.sampled_from([{"refuse": True}, {"unratable": True}]))),)
    fact = Input(name=FACT, type="count", default=Decimal(0))
    return attrs.evolve(rubric, inputs=(*rubric.inputs, fact), gates=gates)


def _cycle(draw: Draw, rubric: Rubric) -> Rubric:
    other = draw(st.sampled_from([FACT, "planted_too"]))
    made = Derived(name=FACT, formula=f"{other} + 1")
    too = Derived(name="planted_too", formula=f"{FACT} / 2")
    return attrs.evolve(rubric, derived=(*rubric.derived, made, too))


def _division(draw: Draw, rubric: Rubric) -> Rubric:
    wrong = [f"1 / {FACT}", f"round(2, {FACT})", f"3 / ({FACT} - 4)", f"root(2, {FACT})"]
    text = draw(st.sampled_from([*wrong, f"1 / {FACT} ^ 2", f"given({FACT}, 1) / {FACT}"]))
    made = _with_criterion(draw, rubric, formula=text, clamp=Range.closed(0, 1))
    return attrs.evolve(made, inputs=(*made.inputs, Input(name=FACT, type="count")))


def _nothing_scored(draw: Draw, rubric: Rubric) -> Rubric:
    outcome = Outcome(name=FACT, formula=draw(st.sampled_from(["total", "2 * raw_total + 1"])))
    return Rubric(id=rubric.id, outcomes=(outcome,))


def _division_of_items(draw: Draw, rubric: Rubric) -> Rubric:
    fact = Input(name=FACT, type="count", many=True)
    text = draw(st.sampled_from([f"1 / {FACT}", f"2 / (3 - {FACT})"]))
    made = Derived(name="planted_too", many=True, formula=text)
    return attrs.evolve(rubric, inputs=(*rubric.inputs, fact), derived=(*rubric.derived, made))


def _may_be_missing(_: Draw, rubric: Rubric) -> Rubric:
    idle = Criterion(id=FACT, weight=Decimal(0), scale=Decimal(10))
    made = attrs.evolve(rubric, criteria=(*rubric.criteria, idle))
    if rubric.sections:
        first, *rest = rubric.sections
        first = attrs.evolve(first, criteria=(*first.criteria, idle))
        made = attrs.evolve(rubric, sections=(first, *rest))
    outcome = Outcome(name="planted_too", formula=f"points.{FACT} + 1")
    return attrs.evolve(made, outcomes=(*made.outcomes, outcome))


def _cap(_: Draw, rubric: Rubric) -> Rubric:
    assume(rubric.sections and not rubric.sections[0].cap)
    first, *rest = rubric.sections
    # its criteria weigh as much as the section, and give no more
    return attrs.evolve(rubric, sections=(attrs.evolve(first, cap=True), *rest))


def _not_rising(draw: Draw, rubric: Rubric) -> Rubric:
    points = ((0, 0), (draw(st.sampled_from([0, -1])), 5))
    curve = Curve(name=FACT, points=points)
    outcome = Outcome(name="planted_too", formula=f"curve(2, {FACT})")
    return attrs.evolve(
        rubric, curves=(*rubric.curves, curve), outcomes=(*rubric.outcomes, outcome)
    )


def _not_proved(_: Draw, rubric: Rubric) -> Rubric:
    facts = tuple(
        Input(name=name, type="number", range=Range.closed(0, 1_000), default=Decimal(0))
        for name in (FACT, "planted_too")
    )
    square = f"{FACT} * {FACT} + planted_too * planted_too - 2 * {FACT} * planted_too"
    outcome = Outcome(name="planted_rate", formula=f"100 / (1 + {square})")
    return attrs.evolve(
        rubric,
        inputs=(*rubric.inputs, *facts),
        outcomes=(*rubric.outcomes, outcome),
    )


_MUTATIONS: dict[str, Callable[[Draw, Rubric], Rubric]] = {
    "band-gap": _gap,
    "band-overlap": _overlap,
    "band-unreachable": _unreachable,
    "cycle": _cycle,
    "division-by-zero": lambda draw, rubric: draw(
        st.sampled_from([_division, _division_of_items, no_claim])
    )(draw, rubric),
    "duplicate-id": _duplicate,
    "example-fails": _example_fails,
    "example-missing": _no_example,
    "full-marks-unreachable": _no_full_marks,
    "gate-idle": _gate,
    "gathered-range": gathered_range,
    "group-rejected": group_rejected,
    "history-unknown": history_unknown,
    "label-missing": _no_label,
    "may-be-missing": _may_be_missing,
    "not-monotone": _falling,
    "not-proved": _not_proved,
    "nothing-scored": _nothing_scored,
    "not-rising": _not_rising,
    "off-step": _off_step,
    "points-out-of-range": _out_of_range,
    "quota-floor": quota_floor,
    "quota-idle": quota_idle,
    "quota-impossible": quota_impossible,
    "rating-gap": _rating_gap,
    "reserved-id": _reserved,
    "ruling-idle": _idle,
    "section-cap": _cap,
    "section-sum": _section,
    "share-sum": share_sum,
    "tier-gap": _tier_gap,
    "tier-overlap": _tier_overlap,
    "tier-split": _tier_split,
    "tier-unreachable": _tier_unreachable,
    "too-large": _too_large,
    "unknown-name": _unknown,
    "unused-input": _unused,
    "unused-name": _unused_table,
    "value": _value,
    "weights-sum": _weights,
    "window-empty": window_empty,
}

#: the codes that :func:`unsound_rubrics` accepts
UNSOUND: Final = frozenset(_MUTATIONS)
