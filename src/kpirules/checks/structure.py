"""Check that each part is written in one of its allowed forms."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kpirules.arithmetic.range import Range
from kpirules.checks.places import (
    placed_bands,
    placed_criteria,
    placed_quantities,
    placed_rows,
)
from kpirules.checks.references import unknown
from kpirules.checks.registry import RUBRIC, check, reports
from kpirules.diagnostics.finding import Finding
from kpirules.model.crossing import way_of
from kpirules.model.formulas import is_per_item
from kpirules.model.quantity import Tally
from kpirules.model.rubric import Adjustment, Criterion, Derived, Outcome, Quantity, Section, Total
from kpirules.translations.message import Given, Joined, Keyword, Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.crossing import BandRow
    from kpirules.model.rubric import Band, Gate, Rubric


def wrong_value(path: KeyPath, reason: Message, advice: Message | str = "") -> Finding:
    """Return the finding about a value that is not allowed."""
    return Finding(code="value", reason=reason, path=path, advice=advice)


def keys_in_quotes(keys: tuple[str, ...], by: str) -> Joined:
    """Return keys in quotes, joined."""
    return Joined(tuple(map(Keyword, keys)), by)


def bare(key: str) -> Keyword:
    """Return a key without quotes."""
    return Keyword(key, is_quoted=False)


#: the most parts of a kind; a larger rubric is rejected before further checks
MAX_PARTS = 1_000
#: the most bands of all quantities together, and characters of their formulas
MAX_BANDS = 20_000
MAX_CHARACTERS = 500_000


@reports("too-large")
def sizes(rubric: Rubric) -> Iterator[Finding]:
    """Find parts that are too many to be checked in reasonable time."""
    counts: list[tuple[str, int, KeyPath]] = [
        ("part.input", len(rubric.inputs), ("inputs",)),
        ("part.derived", len(rubric.derived), ("derive",)),
        ("part.criterion", len(rubric.all_criteria), ("section",)),
        ("part.section", len(rubric.sections), ("section",)),
        ("part.tier", len(rubric.tiers), ("tier",)),
        ("part.adjustment", len(rubric.adjustments), ("adjust",)),
        ("part.gate", len(rubric.gates), ("gate",)),
        ("part.quota", len(rubric.quotas), ("quota",)),
        ("part.outcome", len(rubric.outcomes), ("outcome",)),
        ("part.rater", len(rubric.raters), ("raters",)),
        ("part.example", len(rubric.examples), ("example",)),
    ]
    counts += [("part.option", len(f.options), ("inputs", f.name)) for f in rubric.inputs]
    counts += [("part.band", len(t.rows), ("bands", t.name)) for t in rubric.tables]
    counts += [
        ("part.band", len(c.bands), (*path, "bands"))
        for c, path in placed_quantities(rubric)
        if isinstance(c.bands, tuple)
    ]
    counts.append(("part.curve", len(rubric.curves), ("curves",)))
    for what, count, path in counts:
        if count > MAX_PARTS:
            yield _too_many(what, count, MAX_PARTS, path)
    # a table that several quantities share counts for each of them
    rows = 0
    points = (text for curve in rubric.curves for p in curve.points for text in (p.x, p.y))
    characters = sum(len(text) for text in points if isinstance(text, str))
    for c, path in placed_quantities(rubric):
        characters += len(c.formula or "")
        for band, _ in placed_bands(c, path, rubric):
            formulas = _formulas(band)
            characters += sum(map(len, formulas))
            rows += len(formulas)
    if rows > MAX_BANDS:
        yield _too_many("part.all-bands", rows, MAX_BANDS, ())
    if characters > MAX_CHARACTERS:
        yield _too_many("part.formula-character", characters, MAX_CHARACTERS, ())


def _formulas(band: Band) -> list[str]:
    """Return the formula of each cell of a band; an empty text for a plain value."""
    way = way_of(band)
    cells = None if way is None else getattr(band, way)
    formulas: list[object] = [band.formula] if cells is None else [v for _, v in cells.by_entry]
    is_formula = way in (None, "formula")
    return [each if is_formula and isinstance(each, str) else "" for each in formulas]


def _too_many(part: str, count: int, most: int, path: KeyPath) -> Finding:
    parts = Message.of(part, count=count)
    return Finding(
        code="too-large",
        reason=Message.of("finding.too-large_parts", length=count, parts=parts, max_length=most),
        advice=Message.of("advice.too-large_parts"),
        path=path,
    )


def _word(quantity: Quantity) -> str:
    """Return the key of a quantity's plain value."""
    return "points" if isinstance(quantity, (Criterion, Adjustment)) else "value"


@check("value", phase=RUBRIC)
def one_way(rubric: Rubric) -> Iterator[Finding]:
    """Find quantities and bands that define their value in more than one way, or in none."""
    for quantity, path in placed_quantities(rubric):
        word = _word(quantity)
        tallies = ("count", "run") if isinstance(quantity, Tally) else ()
        every = (word, "formula", "bands", *tallies)
        ways = tuple(way for way in every if getattr(quantity, way) is not None)
        if len(ways) > 1:
            yield wrong_value(
                (*path, ways[1]),
                Message.of("finding.value_several-ways", keys=keys_in_quotes(ways, "list.and")),
                Message.of("advice.value_several-ways"),
            )
        if not ways and not isinstance(quantity, (Criterion, Total)):
            yield wrong_value(
                path,
                Message.of("finding.value_no-way", keys=tuple(map(bare, every))),
                Message.of("advice.value_no-way"),
            )
        if quantity.of is not None and quantity.bands is None and quantity.tally is None:
            yield wrong_value(
                (*path, "of"),
                Message.of("finding.value_of-without-bands"),
                Message.of("advice.value_of-without-bands"),
            )
        for band, inner in placed_bands(quantity, path, rubric):
            yield from _one_way_band(band, word, inner)
        sources: list[tuple[Quantity | BandRow, KeyPath, KeyPath]] = [(quantity, path, path)]
        sources += placed_rows(quantity, path, rubric)
        for each, inner, cell in sources if not isinstance(quantity, Criterion) else ():
            if isinstance(each.points, Range):
                yield wrong_value(
                    cell if cell != inner else (*inner, "points"),
                    Message.of("finding.value_range-of-ratings", range=each.points),
                    Message.of("advice.value_range-of-ratings"),
                )
            if isinstance(each.value, str) and isinstance(quantity, Total):
                yield wrong_value(
                    cell if cell != inner else (*inner, "value"),
                    Message.of("finding.value_text-total", value=Given(each.value)),
                    Message.of("advice.value_text-total"),
                )


@check("value", phase=RUBRIC)
def tallies(rubric: Rubric) -> Iterator[Finding]:
    """Find counts of items without a list, and those for each item of one."""
    for quantity, path in placed_quantities(rubric):
        if quantity.tally is None:
            continue
        key, _ = quantity.tally
        if quantity.of is None:
            yield wrong_value(
                (*path, key),
                Message.of("finding.value_tally-without-of", key=key),
                Message.of("advice.value_tally-without-of"),
            )
        if is_per_item(quantity):
            yield wrong_value(
                (*path, "many"),
                Message.of("finding.value_tally-many", key=key),
                Message.of("advice.value_remove", keys=Keyword("many")),
            )


def _one_way_band(band: Band, word: str, path: KeyPath) -> Iterator[Finding]:
    other = "value" if word == "points" else "points"
    if getattr(band, other) is not None:
        yield wrong_value(
            (*path, other), Message.of("finding.value_other-key", key=bare(other), other=bare(word))
        )
    elif (getattr(band, word) is None) == (band.formula is None):
        keys = keys_in_quotes((word, "formula"), "list.or")
        yield wrong_value(path, Message.of("finding.value_one-of", keys=keys))


@check("value", phase=RUBRIC)
@reports("band-overlap")
def all_or_no_when(rubric: Rubric) -> Iterator[Finding]:
    """Find tables in which some bands have a ``when`` and others none, or several ``otherwise``."""
    for quantity, path in placed_quantities(rubric):
        bands = list(placed_bands(quantity, path, rubric))
        if quantity.bands is not None and not bands and not isinstance(quantity.bands, str):
            yield wrong_value((*path, "bands"), Message.of("finding.value_no-bands"))
        silent = [inner for band, inner in bands if band.when is None]
        judged = isinstance(quantity, Criterion) and not any(
            b.formula or way_of(b) for b, _ in bands
        )
        if silent and (len(silent) < len(bands) or not judged):
            yield wrong_value(
                silent[0],
                Message.of("finding.value_no-when_others")
                if len(silent) < len(bands)
                else Message.of("finding.value_no-when"),
                Message.of("advice.value_no-when"),
            )
        others = [inner for band, inner in bands if band.when is not None and band.when.otherwise]
        for inner in others[1:]:
            yield Finding(
                code="band-overlap",
                reason=Message.of("finding.band-overlap_otherwise"),
                advice=Message.of("advice.band-overlap_otherwise"),
                path=(*inner, "when"),
                other=(*others[0], "when"),
            )
        if others and len(bands) == 1:
            yield wrong_value(
                (*others[0], "when"),
                Message.of("finding.value_only-otherwise"),
                Message.of("advice.value_only-otherwise"),
            )


@check("value", phase=RUBRIC)
def limits(rubric: Rubric) -> Iterator[Finding]:
    """Find clamps with open ends, and ranges in which no clamped value lies."""
    places: list[tuple[Quantity | Section, KeyPath]] = [*placed_quantities(rubric)]
    places += [(section, ("section", s)) for s, section in enumerate(rubric.sections)]
    for quantity, path in places:
        clamp = quantity.clamp or Range()
        if (clamp.low and clamp.low[1]) or (clamp.high and not clamp.high[1]):
            yield wrong_value(
                (*path, "clamp"),
                Message.of("finding.value_clamp", range=clamp),
                Message.of("advice.value_clamp"),
            )
        range_ = None if isinstance(quantity, Section) else quantity.range
        if range_ is not None and clamp.meet(range_) is None:
            yield wrong_value(
                (*path, "range"),
                Message.of("finding.value_clamp-outside", clamp=clamp, range=range_),
                Message.of("advice.value_clamp-outside"),
            )


@check("value", phase=RUBRIC)
def minimum_scored(rubric: Rubric) -> Iterator[Finding]:
    """Find a minimum of scored criteria that no record reaches."""
    least = None if rubric.total is None else rubric.total.minimum_scored
    count = len([c for c in rubric.all_criteria if c.scored])
    if least is not None and least > max(count, 1):
        yield wrong_value(
            ("total", "minimum_scored"),
            Message.of("finding.value_minimum-scored", minimum=least, count=count),
            Message.of("advice.value_at-most", most=max(count, 1)),
        )


@check("value", phase=RUBRIC)
def texts_alone(rubric: Rubric) -> Iterator[Finding]:
    """Find facts that are texts in one band and numbers in another, and limited texts."""
    for quantity, path in placed_quantities(rubric):
        if not isinstance(quantity, (Derived, Outcome)):
            continue
        rows = (row for row, _, _ in placed_rows(quantity, path, rubric))
        sources: list[Quantity | BandRow] = [quantity, *rows]
        texts = [each.value for each in sources if isinstance(each.value, str)]
        numbers = [e for e in sources if e.formula is not None or isinstance(e.value, Decimal)]
        if texts and numbers and isinstance(quantity, Derived):
            yield wrong_value(
                path,
                Message.of("finding.value_texts-and-numbers"),
                Message.of("advice.value_texts-and-numbers"),
            )
        limits_ = tuple(k for k in ("clamp", "round", "range") if getattr(quantity, k) is not None)
        if texts and limits_:
            yield wrong_value(
                path,
                Message.of("finding.value_limited-text", keys=keys_in_quotes(limits_, "list.and")),
                Message.of("advice.value_remove", keys=keys_in_quotes(limits_, "list.and")),
            )
        if "missing" in texts:
            yield wrong_value(
                path,
                Message.of("finding.value_reserved", value=Given("missing")),
                Message.of("advice.value_reserved"),
            )


@check("value", phase=RUBRIC)
def weights_given(rubric: Rubric) -> Iterator[Finding]:
    """Find scored criteria without a weight, and weights without a scale to measure points on."""
    for criterion, path in placed_criteria(rubric):
        weight = criterion.weight
        if isinstance(weight, str) and criterion.scale is None:
            yield wrong_value(
                (*path, "weight"),
                Message.of("finding.value_weight-without-scale"),
                Message.of("advice.value_weight-without-scale"),
            )
        if criterion.scored and weight is None:
            yield wrong_value(
                path, Message.of("finding.value_no-weight"), Message.of("advice.value_no-weight")
            )
        if not criterion.scored and weight is not None:
            yield wrong_value(
                (*path, "weight"),
                Message.of("finding.value_weight-not-scored"),
                Message.of("advice.value_weight-not-scored"),
            )


@check("value", phase=RUBRIC)
def criteria_outside(rubric: Rubric) -> Iterator[Finding]:
    """Find criteria outside of sections if there are sections."""
    if rubric.sections and rubric.criteria:
        yield wrong_value(
            ("criterion", 0),
            Message.of("finding.value_criteria-outside"),
            Message.of("advice.value_criteria-outside"),
        )


@check("value", phase=RUBRIC)
def tier_outcomes(rubric: Rubric) -> Iterator[Finding]:
    """Find tiers of which only some have an outcome, or that no total can reach."""
    for key in ("pay", "coefficient"):
        without = [t for t, tier in enumerate(rubric.tiers) if getattr(tier, key) is None]
        if without and len(without) < len(rubric.tiers):
            yield wrong_value(
                ("tier", without[0]),
                Message.of("finding.value_some-tiers", key=bare(key)),
                Message.of("advice.value_some-tiers", key=bare(key)),
            )
    for t, tier in enumerate(rubric.tiers):
        if not tier.total and not rubric.gates:
            yield wrong_value(
                ("tier", t),
                Message.of("finding.value_tier-without-total"),
                Message.of("advice.value_tier-without-total"),
            )


@check("value", phase=RUBRIC)
@reports("unknown-name")
def gates(rubric: Rubric) -> Iterator[Finding]:
    """Find gates without effect, with effects that exclude each other, or with an unknown tier."""
    tiers = tuple(tier.id for tier in rubric.tiers)
    for i, gate in enumerate(rubric.gates):
        path: KeyPath = ("gate", i)
        if gate.when.otherwise:
            yield wrong_value(
                (*path, "when"),
                Message.of("finding.value_gate-otherwise"),
                Message.of("advice.value_gate-otherwise"),
            )
        effects = tuple(key for key in LIMITS if getattr(gate, key) is not None)
        alone = tuple(key for key in ("refuse", "unratable") if getattr(gate, key))
        if not effects and not alone:
            yield wrong_value(
                path,
                Message.of("finding.value_gate-without-effect"),
                Message.of(
                    "advice.value_gate-without-effect",
                    keys=tuple(map(bare, ("refuse", "unratable", *LIMITS))),
                ),
            )
        if len(alone) + bool(effects) > 1:
            yield wrong_value(
                path,
                Message.of(
                    "finding.value_gate-effects",
                    keys=keys_in_quotes((*alone, *effects), "list.and"),
                ),
                Message.of("advice.value_gate-effects"),
            )
        yield from _tiers_of_gate(gate, tiers, path)


#: the effects of a gate on total and tier
LIMITS = ("total_at_most", "total_at_least", "tier_at_most", "tier_at_least", "demote")


def _tiers_of_gate(gate: Gate, tiers: tuple[str, ...], path: KeyPath) -> Iterator[Finding]:
    """Check the tiers that a gate names."""
    if gate.demote is not None and not tiers:
        yield wrong_value(
            (*path, "demote"), Message.of("finding.value_no-tiers", key=bare("demote"))
        )
    for key in ("tier_at_most", "tier_at_least"):
        named = getattr(gate, key)
        if named is not None and named not in tiers:
            yield unknown(named, tiers, (*path, key), "part.tier")


@check("value", phase=RUBRIC)
def raters(rubric: Rubric) -> Iterator[Finding]:
    """Find raters whose weights are all 0."""
    if rubric.raters and not any(rater.weight for rater in rubric.raters):
        yield wrong_value(
            ("raters",),
            Message.of("finding.value_raters-weights"),
            Message.of("advice.value_raters-weights"),
        )
