"""Whether each part is written in one of the forms that it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.checks.names import placed_bands, placed_criteria
from kpirules.findings import Finding
from kpirules.plan import axis_of, describe_input
from kpirules.ranges import Range, RangeSyntaxError
from kpirules.records import RefusedError, reader_of


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.findings import KeyPath
    from kpirules.model import Band, Input, Rubric


def _bad(message: str, path: KeyPath, help_: str = "") -> Finding:
    """Refuse a form."""
    return Finding(code="value", message=message, path=path, help=help_)


#: parts of a kind; a rubric beyond these is refused before anything is compared
MOST_PARTS = 1_000


def sizes(rubric: Rubric) -> Iterator[Finding]:
    """Find parts that are too many to be checked in reasonable time."""
    counts: list[tuple[str, int, KeyPath]] = [
        ("inputs", len(rubric.inputs), ("inputs",)),
        ("criteria", len(rubric.all_criteria), ("section",)),
        ("sections", len(rubric.sections), ("section",)),
        ("tiers", len(rubric.tiers), ("tier",)),
    ]
    counts += [("options", len(f.options), ("inputs", f.name)) for f in rubric.inputs]
    counts += [("bands", len(t.rows), ("bands", t.name)) for t in rubric.tables]
    counts += [
        ("bands", len(c.bands), (*path, "bands"))
        for c, path in placed_criteria(rubric)
        if isinstance(c.bands, tuple)
    ]
    for what, count, path in counts:
        if count > MOST_PARTS:
            yield Finding(
                code="too-large",
                message=f"{count} {what}; at most {MOST_PARTS} can be checked",
                path=path,
            )


def one_way(rubric: Rubric) -> Iterator[Finding]:
    """Find criteria and bands that say their points in more than one way, or in none."""
    for criterion, path in placed_criteria(rubric):
        ways = [w for w in ("points", "formula", "bands") if getattr(criterion, w) is not None]
        if len(ways) > 1:
            yield _bad(f"says its points in two ways: {' and '.join(ways)}", (*path, ways[1]))
        if criterion.of is not None and criterion.bands is None:
            yield _bad('"of" names the fact of bands, and there are none', (*path, "of"))
        for band, inner in placed_bands(criterion, path, rubric):
            yield from _one_way_band(band, inner)


def _one_way_band(band: Band, path: KeyPath) -> Iterator[Finding]:
    """Check one band of a criterion."""
    if band.value is not None:
        yield _bad("a criterion's bands give points", (*path, "value"), 'write "points"')
    elif (band.points is None) == (band.formula is None):
        yield _bad("a band gives either points or a formula", path)


def all_or_no_when(rubric: Rubric) -> Iterator[Finding]:
    """Find tables of which some bands say when and others do not, or several say otherwise."""
    for criterion, path in placed_criteria(rubric):
        bands = list(placed_bands(criterion, path, rubric))
        if criterion.bands is not None and not bands and not isinstance(criterion.bands, str):
            yield _bad("there are no bands in the list", (*path, "bands"))
        silent = [inner for band, inner in bands if band.when is None]
        if silent and len(silent) < len(bands):
            yield _bad(
                'this band does not say "when", and others of its table do',
                silent[0],
                'write when = "otherwise" for what no other band takes',
            )
        others = [inner for band, inner in bands if band.when is not None and band.when.otherwise]
        for inner in others[1:]:
            yield Finding(
                code="band-overlap",
                message='two bands take what is "otherwise"',
                help='let one band alone say "otherwise"',
                path=(*inner, "when"),
                other=(*others[0], "when"),
            )
        if others and len(bands) == 1:
            yield _bad('"otherwise" alone: there is no other band', (*others[0], "when"))


def weights_given(rubric: Rubric) -> Iterator[Finding]:
    """Find scored criteria without a weight, and scales that points cannot be measured on."""
    for criterion, path in placed_criteria(rubric):
        weight = criterion.weight
        if criterion.scored and weight is None:
            yield _bad("has no weight", path, "write weight = ..., or scored = false")
        if not isinstance(weight, str) and weight is not None and weight < 0:
            yield _bad("a weight is 0 or more", (*path, "weight"))
        if criterion.scale is not None and criterion.scale <= 0:
            yield _bad("a scale is more than 0", (*path, "scale"))
        if not criterion.scored and weight is not None:
            yield _bad(
                "is not scored, and has a weight", (*path, "weight"), "leave one of them out"
            )


def section_weights(rubric: Rubric) -> Iterator[Finding]:
    """Find sections with a weight below 0, and criteria outside of the sections there are."""
    for s, section in enumerate(rubric.sections):
        if (
            section.weight is not None
            and not isinstance(section.weight, str)
            and section.weight < 0
        ):
            yield _bad("a weight is 0 or more", ("section", s, "weight"))
    if rubric.sections and rubric.criteria:
        yield _bad(
            "there are criteria in sections and criteria outside of them",
            ("criterion", 0),
            "put each of them into a section",
        )


def positive_numbers(rubric: Rubric) -> Iterator[Finding]:
    """Find full marks, steps and totals of weights that are not more than 0."""
    for key in ("full_marks", "step", "weights_total"):
        value = getattr(rubric, key)
        if value is not None and not isinstance(value, str) and value <= 0:
            yield _bad(f"{key} is more than 0", (key,))


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
    """Check the range, step and default of a number."""
    if fact.step is not None and fact.step <= 0:
        yield _bad("a step is more than 0", (*path, "step"))
    elif fact.type == "count" and fact.step is not None and fact.step != int(fact.step):
        yield _bad("a count's step is a whole number", (*path, "step"))
    elif fact.range is not None and axis_of(fact).domain.meet(fact.range) is None:
        yield _bad("no count lies in this range", (*path, "range"))
    elif axis_of(fact).domain.least(axis_of(fact).step) is None:
        yield _bad("no number on the grid lies in this range", (*path, "range"))


def default_fits(rubric: Rubric) -> Iterator[Finding]:
    """Find defaults that their own input would refuse."""
    for fact in rubric.inputs:
        if fact.default is None:
            continue
        try:
            reader_of(fact).read(fact.default)
        except RefusedError as error:
            yield _bad(
                f"the default {error}",
                ("inputs", fact.name, "default"),
                f"{fact.name} is {describe_input(fact)}",
            )


def _reads_as_range(code: str) -> bool:
    """Say whether an option's code could be taken for a range in a ``when``."""
    try:
        Range.parse(code)
    except RangeSyntaxError:
        return False
    return True


def tier_outcomes(rubric: Rubric) -> Iterator[Finding]:
    """Find tiers of which some have an outcome and others do not, or that no total reaches."""
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
