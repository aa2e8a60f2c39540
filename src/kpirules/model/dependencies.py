"""The dependency order: each computed name comes after the names that it depends on.

A *graph* maps each name that a rubric computes to the names that it depends on. It is derived from
the rubric alone, so that it serves both the check of the rubric's names (cycles, consequences of a
fault) and the compiler (the order of the stages). Names that are not computed (inputs, ratings) are
its roots.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from kpirules._internal.typeguards import cache_last
from kpirules.formula import FormulaSyntaxError
from kpirules.model import names
from kpirules.model.crossing import bands_of, known_options, rows_of
from kpirules.model.demotions import demotions
from kpirules.model.formulas import FormulaParser, is_per_item, parser_of
from kpirules.model.inputs import cohorts
from kpirules.model.names import (
    Adjustment,
    Contribution,
    Derived,
    Gates,
    Name,
    Outcome,
    Points,
    RawTotal,
    Refusal,
    Subtotal,
    Tier,
    Total,
    TotalBeforeGates,
)
from kpirules.model.rubric import Quantity


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kpirules.arithmetic.decision_table import Entries
    from kpirules.model.crossing import BandRow
    from kpirules.model.rubric import Criterion, Rubric, When


#: the total and the tier before gates
BEFORE = str(TotalBeforeGates())
#: all gates except those that reject a record: they settle total and tier
GATES = str(Gates())
#: the tier, which gates and quotas settle
TIER = str(Tier())


def conditions(when: When | None, of: str | None) -> dict[str, Entries]:
    """Return the entries of a ``when`` by name."""
    if when is None:
        return {}
    return {c.name or of or "": c.entries for c in when.conditions}


def needs_of(
    quantity: Quantity, bands: Sequence[BandRow], formulas: FormulaParser
) -> tuple[str, ...]:
    """Return the names that a quantity needs: those of its conditions, then of its formulas."""
    texts = [text for text in (quantity.formula, *(b.formula for b in bands)) if text is not None]
    asked = [name for band in bands for name in conditions(band.when, quantity.of)]
    asked += [quantity.of] if quantity.tally is not None and quantity.of is not None else []
    parsed = (formulas.parse(text, per_item=is_per_item(quantity)) for text in texts)
    every = [*asked, *(name for formula in parsed for name in formula.names)]
    return tuple(dict.fromkeys(every))


@cache_last
def dependency_graph(rubric: Rubric) -> dict[str, tuple[str, ...]]:
    """Return the graph of a rubric; formulas with syntax errors depend on nothing."""
    options, formulas = known_options(rubric), parser_of(rubric)

    def needs(quantity: Quantity) -> tuple[str, ...]:
        bands = rows_of(quantity, bands_of(quantity, rubric), options)
        with suppress(FormulaSyntaxError):
            return needs_of(quantity, bands, formulas)
        return ()

    graph = {derived.name: needs(derived) for derived in rubric.derived}
    weights = {name: needs(Quantity(formula=text)) for name, text in weighed(rubric)}
    graph |= weights
    every: list[tuple[Criterion, str | None, str]] = [
        (c, s.id, f"weight.section.{s.id}") for s in rubric.sections for c in s.criteria
    ]
    every += [(c, None, "") for c in rubric.criteria]
    out = tuple(f"points.{c.id}" for c, _, _ in every if c.scored and c.missing == "exclude")
    scored: list[str] = []
    for c, section, of_section in every:
        own = tuple(name for name in (f"weight.{c.id}", of_section) if name in weights)
        graph[f"points.{c.id}"] = (*needs(c), *own)
        if c.scored:
            hangs = (f"points.{c.id}", *out, *weights)
            graph[f"contribution.{c.id}"] = tuple(dict.fromkeys(hangs))
            scored.append(f"contribution.{c.id}")
            if section is not None:
                sub = f"subtotal.{section}"
                graph[sub] = (*graph.get(sub, ()), f"contribution.{c.id}")
    for s in rubric.sections:
        graph.setdefault(f"subtotal.{s.id}", ())
    points = (f"points.{c.id}" for c, _, _ in every)
    graph["raw_total"] = (*points, *scored, *(f"subtotal.{s.id}" for s in rubric.sections))
    graph |= {f"adjust.{a.id}": needs(a) for a in rubric.adjustments}
    adjusted = tuple(f"adjust.{a.id}" for a in rubric.adjustments)
    own = needs(rubric.total) if rubric.total is not None else ()
    graph[BEFORE] = tuple(dict.fromkeys(("raw_total", *adjusted, *own)))
    asked: dict[str, None] = {BEFORE: None}
    for i, gate in enumerate(rubric.gates):
        names = tuple(conditions(gate.when, None))
        if gate.refuse:
            graph[str(Refusal(i))] = names
        else:
            asked |= dict.fromkeys(BEFORE if n in ("total", "tier") else n for n in names)
    graph[GATES] = tuple(asked)
    graph["total"] = (GATES,)
    graph["tier"] = (GATES, *(flag.name for flag in demotions(rubric)))
    for outcome in rubric.outcomes:
        graph[f"outcome.{outcome.name}"] = (*needs(outcome), GATES)
    for name in tier_outcomes(rubric):
        graph[f"outcome.{name}"] = ("tier", GATES)
    return graph


def cohort_needs(rubric: Rubric) -> dict[str, tuple[str, ...]]:
    """Return the names of a record that each input of a cohort depends on, by its name."""
    found: dict[str, tuple[str, ...]] = {}
    parser = parser_of(rubric)
    for fact, cohort in cohorts(rubric.inputs):
        every = [*cohort.groups, *conditions(cohort.where, None)]
        with suppress(FormulaSyntaxError):
            if cohort.over_group is not None:
                every += parser.parse_group(cohort.over_group).names
        for text in cohort.of_record:
            with suppress(FormulaSyntaxError):
                every += parser.parse(text).names
        found[fact.name] = tuple(dict.fromkeys(every))
    return found


def quota_needs(rubric: Rubric) -> dict[str, tuple[str, ...]]:
    """Return the names of a record that each quota depends on, beside its tier, by its name."""
    found: dict[str, tuple[str, ...]] = {}
    parser = parser_of(rubric)
    for quota in rubric.quotas:
        every = [*quota.groups, *conditions(quota.where, None)]
        for text in quota.limits.values():
            with suppress(FormulaSyntaxError):
                every += parser.parse_group(text).names
        for text in quota.ranks:
            with suppress(FormulaSyntaxError):
                every += parser.parse(text).names
        found[quota.name] = tuple(dict.fromkeys(every))
    return found


def demotion_needs(rubric: Rubric) -> dict[str, tuple[str, ...]]:
    """Return the names of a record that the flag of each demoting quota depends on, by its name.

    A quota is judged on the tiers after gates, as those before it left them.
    """
    found: dict[str, tuple[str, ...]] = {}
    of_quota = quota_needs(rubric)
    for flag in demotions(rubric):
        every = (GATES, *found, *of_quota[flag.quota.name])
        found[flag.name] = tuple(dict.fromkeys(every))
    return found


def whole_graph(rubric: Rubric) -> dict[str, tuple[str, ...]]:
    """Return the graph of a rubric with what is gathered from all records."""
    return {**cohort_needs(rubric), **demotion_needs(rubric), **dependency_graph(rubric)}


def computed_names(rubric: Rubric) -> Iterator[Name]:
    """Yield the computed names of a rubric: by kind, those of one kind in the order of the file."""
    yield from (Derived(derived.name) for derived in rubric.derived)
    yield from (Points(c.id) for c in rubric.all_criteria)
    yield from contributions(rubric.all_criteria)
    yield from (names.parse(name) for name, _ in weighed(rubric))
    yield from (Subtotal(section.id) for section in rubric.sections)
    yield RawTotal()
    yield from (Adjustment(adjustment.id) for adjustment in rubric.adjustments)
    yield from (Refusal(i) for i, gate in enumerate(rubric.gates) if gate.refuse)
    yield from (TotalBeforeGates(), Gates(), Total(), Tier())
    outcomes = (*tier_outcomes(rubric), *(outcome.name for outcome in rubric.outcomes))
    yield from (Outcome(name) for name in outcomes)


def contributions(criteria: Iterable[Criterion]) -> tuple[Contribution, ...]:
    """Return the contributions of those of some criteria that are scored."""
    return tuple(Contribution(c.id) for c in criteria if c.scored)


def summands(rubric: Rubric) -> tuple[Subtotal, ...] | tuple[Contribution, ...]:
    """Return what the raw total is the sum of: subtotals, or contributions without sections."""
    return tuple(Subtotal(s.id) for s in rubric.sections) or contributions(rubric.criteria)


def has_total(rubric: Rubric) -> bool:
    """Check whether records have a total: something is scored or adjusted, or it is computed."""
    total = rubric.total
    is_scored = any(c.scored for c in rubric.all_criteria)
    return is_scored or bool(rubric.adjustments) or (total is not None and total.is_given)


def weighed(rubric: Rubric) -> list[tuple[str, str]]:
    """Return the weights that are computed for each record: the name of each, and its formula."""
    every = [(f"weight.{c.id}", c.weight) for c in rubric.all_criteria if c.scored]
    every += [(f"weight.section.{s.id}", s.weight) for s in rubric.sections]
    return [(name, weight) for name, weight in every if isinstance(weight, str)]


def tier_outcomes(rubric: Rubric) -> tuple[str, ...]:
    """Return the names of the outcomes that tiers determine."""
    return tuple(
        name
        for name in ("pay", "coefficient")
        if any(getattr(tier, name) is not None for tier in rubric.tiers)
    )


def in_order(graph: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Sort computed names after the names that they depend on; cycles are broken anywhere."""
    placed: dict[str, None] = {}
    begun: set[str] = set()
    for first in graph:
        stack = [first]
        while stack:
            name = stack[-1]
            if name in placed:
                stack.pop()
                continue
            begun.add(name)
            further = [n for n in graph[name] if n in graph and n not in begun]
            if further:
                # reversed: the stack pops them in the order in which they are listed
                stack += reversed(further)
            else:
                placed[name] = None
                stack.pop()
    return tuple(placed)


def closure(
    names: Iterable[str], graph: Mapping[str, tuple[str, ...]], given: Collection[str] = ()
) -> set[str]:
    """Return the given names and all their dependencies; those of ``given`` are not followed."""
    found: set[str] = set()
    rest = list(names)
    while rest:
        name = rest.pop()
        if name not in found:
            found.add(name)
            if name not in given:
                rest += graph.get(name, ())
    return found


def circular(graph: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the names in cycles, and all that depend on one."""
    rest = {name: {n for n in needs if n in graph} for name, needs in graph.items()}
    used: dict[str, list[str]] = {name: [] for name in graph}
    for name, needs in rest.items():
        for need in needs:
            used[need].append(name)
    free = [name for name, needs in rest.items() if not needs]
    while free:
        name = free.pop()
        del rest[name]
        for other in used[name]:
            rest[other].discard(name)
            if not rest[other]:
                free.append(other)
    return set(rest)


def shortest_cycle(name: str, graph: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a shortest path from a name to itself, itself first; empty if there is none."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    for way in ways:
        for further in graph.get(way[-1], ()):
            if further == name:
                return way
            if further not in seen:
                seen.add(further)
                ways.append((*way, further))
    return ()
