"""Determine which parts of a rubric are too invalid to check, so that no error hides another."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, assert_never

from kpirules.checks.places import (
    placed_criteria,
    placed_quantities,
    placed_rows,
    placed_weights,
    stage_of,
)
from kpirules.formula import FormulaSyntaxError
from kpirules.model.dependencies import GATES, dependency_graph, in_order
from kpirules.model.formulas import is_per_item, parser_of
from kpirules.model.inputs import cohorts
from kpirules.model.language import class_at, key_of, place_of
from kpirules.model.names import (
    Adjustment,
    Contribution,
    CriterionWeight,
    Derived,
    Gates,
    Outcome,
    Points,
    RawTotal,
    Refusal,
    SectionWeight,
    Subtotal,
    Tier,
    Total,
    TotalBeforeGates,
)
from kpirules.model.names import parse as parse_name
from kpirules.model.rubric import Rubric


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kpirules.diagnostics.finding import Finding, KeyPath
    from kpirules.formula import Formula
    from kpirules.model.rubric import Quantity


#: keys on which the weights depend, with the lists whose loss would lose some
_WEIGHTS = frozenset({"weight", "scored", "full_marks", "weights_total", "criterion", "section"})
#: findings that invalidate only the name of a part
_NAMES_ONLY = ("duplicate-id", "reserved-id")
#: findings that invalidate no part: unknown or missing keys (handled separately), sums of valid
#: parts, examples, the file's path and versions, unnecessary overrides
_NO_PART = (
    *("unknown-key", "missing-key", "weights-sum", "section-sum", "example-fails"),
    "nothing-scored",
    *("misfiled", "version-overlap", "version-gap", "override-idle"),
)


class Broken(NamedTuple):
    """The parts of a rubric that earlier findings invalidate."""

    #: the places of criteria whose points cannot be known
    criteria: frozenset[KeyPath]
    #: the places of criteria of which only the name is invalid: no record can refer to them
    nameless: frozenset[KeyPath]
    #: input names that cannot be read: of invalid criteria and inputs
    names: frozenset[str]
    #: computed names that cannot be evaluated, with all names that depend on them
    lost: frozenset[str]
    #: whether the weights cannot be added up
    weights: bool
    #: whether the tiers cannot be looked up
    tiers: bool
    #: whether uses of names may have been lost with a part of the text
    uses: bool

    @property
    def whole(self) -> bool:
        """Check whether nothing is invalid."""
        return not (self.criteria or self.names or self.weights or self.tiers or self.lost)

    def places(self, rubric: Rubric) -> tuple[str, ...]:
        """Return the places that could not be checked completely."""
        if self.whole:
            return ()
        return ("tier", "full_marks", *(place_of(rubric, path) for path in self.criteria))


NOTHING = Broken(
    criteria=frozenset(),
    nameless=frozenset(),
    names=frozenset(),
    lost=frozenset(),
    weights=False,
    tiers=False,
    uses=False,
)


def invalidated_by(
    rubric: Rubric, findings: Iterable[Finding], lost: tuple[KeyPath, ...]
) -> Broken:
    """Return what the errors found so far, and the ``lost`` parts of the text, invalidate."""
    errors = [f for f in findings if f.severity == "error"]
    if not errors and not lost:
        return NOTHING
    name_only = [f.path for f in errors if f.code in _NAMES_ONLY]
    paths = [f.path for f in errors if f.code not in (*_NAMES_ONLY, *_NO_PART)]
    paths = [path for path in (*paths, *lost) if not _describes(path)]
    inputs = {str(p[1]) for p in (*paths, *name_only) if p[:1] == ("inputs",) and len(p) > 1}
    stages_lost = {str(p[1]) for p in name_only if p[:1] == ("derive",) and len(p) > 1}
    stages_lost |= _invalidated_elsewhere(rubric, paths)
    within = _around(paths)
    quantities = {id(each): place for each, place in placed_quantities(rubric)}
    for each, place in placed_quantities(rubric):
        name = stage_of(place, rubric)
        if name is not None and _is_invalid(each, quantities[id(each)], rubric, within, inputs):
            stages_lost.add(name)
    graph = dependency_graph(rubric)
    stages_lost |= {name for name, needs in graph.items() if not inputs.isdisjoint(needs)}
    gone = _with_dependents(stages_lost, graph) if stages_lost else set[str]()
    criteria: set[KeyPath] = set()
    nameless: set[KeyPath] = set()
    names = set(inputs) | {d.name for d in rubric.derived if d.name in gone}
    for criterion, place in placed_criteria(rubric):
        if str(Points(criterion.id)) in gone:
            criteria.add(place)
            names.add(criterion.id)
        elif any(path[: len(place)] == place for path in name_only):
            nameless.add(place)
            names.add(criterion.id)
    weights = any(
        _WEIGHTS.intersection(path[-1:]) or path in criteria or not path for path in paths
    )
    return Broken(
        criteria=frozenset(criteria),
        nameless=frozenset(nameless),
        names=frozenset(names),
        lost=frozenset(gone),
        weights=weights,
        tiers=any(path[:1] in (("tier",), ("full_marks",), ("step",), ()) for path in paths),
        uses=any({"bands", "of", "formula", "derive"}.intersection(path) for path in lost)
        or ("section",) in lost,
    )


def _describes(path: KeyPath) -> bool:
    """Check whether a path leads to a description, on which no computed value depends."""
    steps = ((class_at(Rubric, path[:i]), step) for i, step in enumerate(path))
    return any(key_of(cls, step).descriptive for cls, step in steps if isinstance(step, str))


def _invalidated_elsewhere(rubric: Rubric, paths: list[KeyPath]) -> set[str]:
    """Return the names that gates, tiers, weights or raters invalidate."""
    found: set[str] = set()
    for path in paths:
        if path[:1] in (("gate",), ("tier",)):
            stage = stage_of(path, rubric)
            found.add(GATES if stage is None else stage)
        if path[:1] == ("raters",):
            found |= {str(Points(c.id)) for c in rubric.all_criteria}
    found |= {
        name
        for name, _, place in placed_weights(rubric)
        if any(path[: len(place)] == place for path in paths)
    }
    return found


def _with_dependents(names: set[str], graph: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return names and all names that depend on them; sums stay valid without invalid parts."""
    gone = set(names)
    for text in in_order(graph):
        match parse_name(text):
            case Contribution(id):
                is_gone = str(Points(id)) in gone
            case Subtotal() | RawTotal():
                is_gone = False
            case Derived() | Points() | CriterionWeight() | SectionWeight() | Adjustment():
                is_gone = not gone.isdisjoint(graph[text])
            case Refusal() | TotalBeforeGates() | Gates() | Total() | Tier() | Outcome():
                is_gone = not gone.isdisjoint(graph[text])
            case _ as never:
                assert_never(never)
        if is_gone:
            gone.add(text)
    return gone


def _around(paths: Iterable[KeyPath]) -> set[KeyPath]:
    """Return all places that contain a path; not the part of which only the weight is wrong."""
    return {
        path[:end] for path in paths for end in range(len(path) + 1) if path[end:] != ("weight",)
    }


def _is_invalid(
    quantity: Quantity, place: KeyPath, rubric: Rubric, within: set[KeyPath], lost: set[str]
) -> bool:
    """Check whether the value of a quantity cannot be known."""
    if place in within or ("step",) in within:
        return True
    if isinstance(quantity.bands, str) and ("bands", quantity.bands) in within:
        return True
    used = {name for f in _formulas_of(quantity, place, rubric) for name in f.curves}
    if not used.isdisjoint(_invalid_curves(within)):
        return True
    return bool(lost.intersection(needed_by(quantity, place, rubric)))


#: the length of the path of a part with a name: "curves", the name
_NAMED = 2


def _invalid_curves(within: set[KeyPath]) -> Iterator[str]:
    """Yield the names of the curves that are invalid."""
    return (str(path[1]) for path in within if path[:1] == ("curves",) and len(path) == _NAMED)


def _formulas_of(quantity: Quantity, place: KeyPath, rubric: Rubric) -> Iterator[Formula]:
    """Yield the formulas of a quantity, as far as they can be parsed."""
    rows = (row.formula for row, _, _ in placed_rows(quantity, place, rubric))
    for text in (quantity.formula, *rows):
        with suppress(FormulaSyntaxError):
            if text is not None:
                yield parser_of(rubric).parse(text, per_item=is_per_item(quantity))


def all_readable(rubric: Rubric) -> bool:
    """Check whether all formulas can be parsed; one that cannot may use any name."""
    every = [(text, False) for _, text, _ in placed_weights(rubric)]
    for quantity, place in placed_quantities(rubric):
        formulas = (
            quantity.formula,
            *(r.formula for r, _, _ in placed_rows(quantity, place, rubric)),
        )
        every += [(text, is_per_item(quantity)) for text in formulas if text is not None]
    try:
        for text, per_item in every:
            parser_of(rubric).parse(text, per_item=per_item)
        for _, cohort in cohorts(rubric.inputs):
            for text in cohort.of_record:
                parser_of(rubric).parse(text)
            if cohort.over_group is not None:
                parser_of(rubric).parse_group(cohort.over_group)
        for text in (text for quota in rubric.quotas for text in quota.limits.values()):
            parser_of(rubric).parse_group(text)
        for text in (text for quota in rubric.quotas for text in quota.ranks):
            parser_of(rubric).parse(text)
    except FormulaSyntaxError:
        return False
    return True


def needed_by(quantity: Quantity, place: KeyPath, rubric: Rubric) -> set[str]:
    """Return the names that a quantity needs, as far as its formulas can be parsed."""
    bands = [row for row, _, _ in placed_rows(quantity, place, rubric)]
    asked = {condition.name for b in bands if b.when is not None for condition in b.when.conditions}
    asked |= {quantity.of or "", quantity.across or ""}
    return asked.union(*(f.names for f in _formulas_of(quantity, place, rubric))) - {""}
