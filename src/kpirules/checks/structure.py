"""Check that each part is written in one of its allowed forms."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kpirules._internal.display import brief, plural, similar
from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.checks.places import placed_bands, placed_criteria, placed_quantities
from kpirules.checks.registry import RUBRIC, check, reports
from kpirules.compiler.domains import allowed_values, axis_of
from kpirules.diagnostics.finding import Finding
from kpirules.evaluation.record import RefusedError, reader_of
from kpirules.model.rubric import Adjustment, Criterion, Derived, Outcome, Quantity, Section, Total


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Band, Gate, Input, Rubric


def _bad(message: str, path: KeyPath, help_: str = "") -> Finding:
    return Finding(code="value", reason=message, path=path, advice=help_)


#: the most parts of a kind; a larger rubric is rejected before further checks
MAX_PARTS = 1_000
#: the most bands of all quantities together, and characters of their formulas
MAX_BANDS = 20_000
MAX_CHARACTERS = 500_000


@reports("too-large")
def sizes(rubric: Rubric) -> Iterator[Finding]:
    """Find parts that are too many to be checked in reasonable time."""
    counts: list[tuple[str, int, KeyPath]] = [
        ("inputs", len(rubric.inputs), ("inputs",)),
        ("derived facts", len(rubric.derived), ("derive",)),
        ("criteria", len(rubric.all_criteria), ("section",)),
        ("sections", len(rubric.sections), ("section",)),
        ("tiers", len(rubric.tiers), ("tier",)),
        ("adjustments", len(rubric.adjustments), ("adjust",)),
        ("gates", len(rubric.gates), ("gate",)),
        ("outcomes", len(rubric.outcomes), ("outcome",)),
        ("raters", len(rubric.raters), ("raters",)),
        ("examples", len(rubric.examples), ("example",)),
    ]
    counts += [("options", len(f.options), ("inputs", f.name)) for f in rubric.inputs]
    counts += [("bands", len(t.rows), ("bands", t.name)) for t in rubric.tables]
    counts += [
        ("bands", len(c.bands), (*path, "bands"))
        for c, path in placed_quantities(rubric)
        if isinstance(c.bands, tuple)
    ]
    for what, count, path in counts:
        if count > MAX_PARTS:
            yield _too_many(what, count, MAX_PARTS, path)
    # a table that several quantities share counts for each of them
    rows = characters = 0
    for c, path in placed_quantities(rubric):
        bands = [band for band, _ in placed_bands(c, path, rubric)]
        rows += len(bands)
        characters += len(c.formula or "") + sum(len(band.formula or "") for band in bands)
    if rows > MAX_BANDS:
        yield _too_many("bands of all quantities", rows, MAX_BANDS, ())
    if characters > MAX_CHARACTERS:
        what = "characters of formulas of all quantities"
        yield _too_many(what, characters, MAX_CHARACTERS, ())


def _too_many(what: str, count: int, most: int, path: KeyPath) -> Finding:
    message = f"{count} {what}; at most {most} can be checked"
    return Finding(code="too-large", reason=message, path=path)


def _word(quantity: Quantity) -> str:
    """Return the key of a quantity's plain value."""
    return "points" if isinstance(quantity, (Criterion, Adjustment)) else "value"


@check("value", phase=RUBRIC)
def one_way(rubric: Rubric) -> Iterator[Finding]:
    """Find quantities and bands that define their value in more than one way, or in none."""
    for quantity, path in placed_quantities(rubric):
        word = _word(quantity)
        ways = [w for w in (word, "formula", "bands") if getattr(quantity, w) is not None]
        if len(ways) > 1:
            yield _bad(f"says its {word} in two ways: {' and '.join(ways)}", (*path, ways[1]))
        if not ways and not isinstance(quantity, (Criterion, Total)):
            yield _bad(f"says no way to its {word}", path, f"write {word}, formula or bands")
        if quantity.of is not None and quantity.bands is None:
            yield _bad('"of" names the fact of bands, and there are none', (*path, "of"))
        sources: list[tuple[Quantity | Band, KeyPath]] = [(quantity, path)]
        for band, inner in placed_bands(quantity, path, rubric):
            yield from _one_way_band(band, word, inner)
            sources.append((band, inner))
        for each, inner in sources if not isinstance(quantity, Criterion) else ():
            if isinstance(each.points, Range):
                yield _bad(
                    "a range is awarded within by an appraiser, which is for criteria alone",
                    (*inner, "points"),
                )
            if isinstance(each.value, str) and isinstance(quantity, Total):
                yield _bad("the total is a number", (*inner, "value"))


def _one_way_band(band: Band, word: str, path: KeyPath) -> Iterator[Finding]:
    other = "value" if word == "points" else "points"
    if getattr(band, other) is not None:
        what = "a criterion's bands" if word == "points" else "these bands"
        yield _bad(f"{what} give {word}", (*path, other), f'write "{word}"')
    elif (getattr(band, word) is None) == (band.formula is None):
        yield _bad(f"a band gives either {word} or a formula", path)


@check("value", phase=RUBRIC)
@reports("band-overlap")
def all_or_no_when(rubric: Rubric) -> Iterator[Finding]:
    """Find tables in which some bands have a ``when`` and others none, or several ``otherwise``."""
    for quantity, path in placed_quantities(rubric):
        bands = list(placed_bands(quantity, path, rubric))
        if quantity.bands is not None and not bands and not isinstance(quantity.bands, str):
            yield _bad("there are no bands in the list", (*path, "bands"))
        silent = [inner for band, inner in bands if band.when is None]
        judged = isinstance(quantity, Criterion) and not any(b.formula for b, _ in bands)
        if silent and (len(silent) < len(bands) or not judged):
            others = ", and others of its table do" if len(silent) < len(bands) else ""
            yield _bad(
                f'this band does not say "when"{others}',
                silent[0],
                'write when = "otherwise" for what no other band takes',
            )
        others_ = [inner for band, inner in bands if band.when is not None and band.when.otherwise]
        for inner in others_[1:]:
            yield Finding(
                code="band-overlap",
                reason='two bands take what is "otherwise"',
                advice='let one band alone say "otherwise"',
                path=(*inner, "when"),
                other=(*others_[0], "when"),
            )
        if others_ and len(bands) == 1:
            yield _bad('"otherwise" alone: there is no other band', (*others_[0], "when"))


@check("value", phase=RUBRIC)
def limits(rubric: Rubric) -> Iterator[Finding]:
    """Find clamps with open ends, and ranges in which no clamped value lies."""
    places: list[tuple[Quantity | Section, KeyPath]] = [*placed_quantities(rubric)]
    places += [(section, ("section", s)) for s, section in enumerate(rubric.sections)]
    for quantity, path in places:
        clamp = quantity.clamp or Range()
        if (clamp.low and clamp.low[1]) or (clamp.high and not clamp.high[1]):
            yield _bad("the ends of a clamp are in it", (*path, "clamp"), 'write "0..10" or ">= 0"')
        range_ = None if isinstance(quantity, Section) else quantity.range
        if range_ is not None and clamp.meet(range_) is None:
            yield _bad("no clamped value lies in this range", (*path, "range"))


@check("value", phase=RUBRIC)
def minimum_scored(rubric: Rubric) -> Iterator[Finding]:
    """Find a minimum of scored criteria that no record reaches."""
    least = None if rubric.total is None else rubric.total.minimum_scored
    count = len([c for c in rubric.all_criteria if c.scored])
    if least is not None and least > max(count, 1):
        message = f"of {count} scored {plural('criterion', count)} every record is unratable"
        yield _bad(message, ("total", "minimum_scored"), f"write {count} or less")


@check("value", phase=RUBRIC)
def texts_alone(rubric: Rubric) -> Iterator[Finding]:
    """Find facts that are texts in one band and numbers in another, and limited texts."""
    for quantity, path in placed_quantities(rubric):
        if not isinstance(quantity, (Derived, Outcome)):
            continue
        bands = (band for band, _ in placed_bands(quantity, path, rubric))
        sources: list[Quantity | Band] = [quantity, *bands]
        texts = [each.value for each in sources if isinstance(each.value, str)]
        numbers = [e for e in sources if e.formula is not None or isinstance(e.value, Decimal)]
        if texts and numbers and isinstance(quantity, Derived):
            yield _bad("is a text here and a number there: it is one of them", path)
        if texts and (quantity.clamp or quantity.round or quantity.range):
            yield _bad("a text has no clamp, round or range", path)
        if "missing" in texts:
            yield _bad('the text "missing" is a word of the rule language', path)


@check("value", phase=RUBRIC)
def lists(rubric: Rubric) -> Iterator[Finding]:
    """Find lists of other items than numbers, and lists with a default."""
    for fact in rubric.inputs:
        if fact.many and fact.type not in ("count", "number"):
            yield _bad("a list is of numbers", ("inputs", fact.name, "many"))
        elif fact.many and fact.default is not None:
            yield _bad("a list has no default", ("inputs", fact.name, "default"))


@check("value", phase=RUBRIC)
def weights_given(rubric: Rubric) -> Iterator[Finding]:
    """Find scored criteria without a weight, and weights without a scale to measure points on."""
    for criterion, path in placed_criteria(rubric):
        weight = criterion.weight
        if isinstance(weight, str) and criterion.scale is None:
            yield _bad(
                "a weight that is worked out for each record needs a scale",
                (*path, "weight"),
                "write scale = ..., the points at full marks",
            )
        if criterion.scored and weight is None:
            yield _bad("has no weight", path, "write weight = ..., or scored = false")
        if not criterion.scored and weight is not None:
            yield _bad(
                "is not scored, and has a weight", (*path, "weight"), "leave one of them out"
            )


@check("value", phase=RUBRIC)
def criteria_outside(rubric: Rubric) -> Iterator[Finding]:
    """Find criteria outside of sections if there are sections."""
    if rubric.sections and rubric.criteria:
        yield _bad(
            "there are criteria in sections and criteria outside of them",
            ("criterion", 0),
            "put each of them into a section",
        )


@check("value", phase=RUBRIC)
def input_shape(rubric: Rubric) -> Iterator[Finding]:
    """Find inputs whose options, range, step or default do not fit their type."""
    for fact in rubric.inputs:
        path: KeyPath = ("inputs", fact.name)
        numeric = fact.type in ("count", "number")
        if fact.type == "choice" and not fact.options:
            yield _bad("a choice needs options", path, 'write options = ["...", "..."]')
        if fact.type != "choice" and fact.options:
            yield _bad(f"options are for a choice, and this is a {fact.type}", (*path, "options"))
        for key in ("range", "step"):
            if not numeric and getattr(fact, key) is not None:
                yield _bad(f"a {key} is for numbers, and this is a {fact.type}", (*path, key))
        if numeric:
            yield from _numeric(fact, path)
        for option in fact.options:
            if _reads_as_range(option.code) or option.code in ("missing", "otherwise"):
                yield _bad(
                    f'the option "{option.code}" reads as a word or range of the rule language',
                    (*path, "options"),
                    "choose another code; the label may say it",
                )


def _numeric(fact: Input, path: KeyPath) -> Iterator[Finding]:
    """Check the range and step of a number."""
    if fact.type == "count" and fact.step is not None and fact.step != int(fact.step):
        yield _bad("a count's step is a whole number", (*path, "step"))
    elif fact.range is not None and axis_of(fact).domain.meet(fact.range) is None:
        yield _bad("no count lies in this range", (*path, "range"))
    elif axis_of(fact).domain.least(axis_of(fact).step) is None:
        yield _bad("no number on the grid lies in this range", (*path, "range"))


@check("value", phase=RUBRIC)
def default_fits(rubric: Rubric) -> Iterator[Finding]:
    """Find defaults that their own input would reject."""
    for fact in rubric.inputs:
        if fact.default is None or fact.many:
            continue
        try:
            reader_of(fact).read(fact.default)
        except RefusedError as error:
            yield _bad(
                f"the default {error}",
                ("inputs", fact.name, "default"),
                f"{fact.name} is {allowed_values(fact)}",
            )


def _reads_as_range(code: str) -> bool:
    """Check whether an option's code could be read as a range in a ``when``."""
    try:
        Range.parse(code)
    except RangeSyntaxError:
        return False
    return True


@check("value", phase=RUBRIC)
def tier_outcomes(rubric: Rubric) -> Iterator[Finding]:
    """Find tiers of which only some have an outcome, or that no total can reach."""
    for key in ("pay", "coefficient"):
        without = [t for t, tier in enumerate(rubric.tiers) if getattr(tier, key) is None]
        if without and len(without) < len(rubric.tiers):
            yield _bad(
                f'this tier has no "{key}", and others have: on all tiers or on none',
                ("tier", without[0]),
            )
    for t, tier in enumerate(rubric.tiers):
        if not tier.total and not rubric.gates:
            yield _bad(
                "this tier has no total, and there is no gate that could lead to it", ("tier", t)
            )


@check("value", phase=RUBRIC)
@reports("unknown-name")
def gates(rubric: Rubric) -> Iterator[Finding]:
    """Find gates without effect, with effects that exclude each other, or with an unknown tier."""
    tiers = tuple(tier.id for tier in rubric.tiers)
    for i, gate in enumerate(rubric.gates):
        path: KeyPath = ("gate", i)
        if gate.when.otherwise:
            yield _bad("a gate holds by names, and not otherwise", (*path, "when"))
        effects = [key for key in LIMITS if getattr(gate, key) is not None]
        alone = [key for key in ("refuse", "unratable") if getattr(gate, key)]
        if not effects and not alone:
            yield _bad("this gate does nothing", path, f"write one of {', '.join(LIMITS)}")
        if len(alone) + bool(effects) > 1:
            every = " and ".join((*alone, *effects))
            yield _bad(f"{every} cannot stand in one gate", path, "write a gate for each")
        yield from _tiers_of_gate(gate, tiers, path)


#: the effects of a gate on total and tier
LIMITS = ("total_at_most", "total_at_least", "tier_at_most", "tier_at_least", "demote")


def _tiers_of_gate(gate: Gate, tiers: tuple[str, ...], path: KeyPath) -> Iterator[Finding]:
    """Check the tiers that a gate names."""
    if gate.demote is not None and not tiers:
        yield _bad("there are no tiers", (*path, "demote"))
    for key in ("tier_at_most", "tier_at_least"):
        named = getattr(gate, key)
        if named is not None and named not in tiers:
            near = similar(named, tiers)
            yield Finding(
                code="unknown-name",
                reason=f'there is no tier "{brief(named)[1:-1]}"',
                advice=f'did you mean "{near}"?' if near else f"the tiers are {', '.join(tiers)}",
                path=(*path, key),
            )


@check("value", phase=RUBRIC)
def raters(rubric: Rubric) -> Iterator[Finding]:
    """Find raters whose weights are all 0."""
    if rubric.raters and not any(rater.weight for rater in rubric.raters):
        yield _bad("no rater has a weight of more than 0", ("raters",))
