"""Check names: each declared once, each used name declared, none of the language's own words."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import similar
from kpirules.checks.entries import misfits
from kpirules.checks.kinds import Kind, kinds
from kpirules.checks.places import (
    placed_bands,
    placed_criteria,
    placed_quantities,
    placed_rows,
    placed_weights,
    stages,
)
from kpirules.checks.registry import RUBRIC, check, reports
from kpirules.diagnostics.finding import Finding
from kpirules.evaluation.examples import PREFIXES, STAGES
from kpirules.formula import FUNCTIONS, HEADS, FormulaSyntaxError, GroupFormula
from kpirules.model import names as computed
from kpirules.model.demotions import DEMOTED, demotions
from kpirules.model.dependencies import (
    circular,
    closure,
    dependency_graph,
    shortest_cycle,
    tier_outcomes,
    whole_graph,
)
from kpirules.model.formulas import is_per_item, parser_of
from kpirules.model.inputs import cohorts
from kpirules.model.labels import labels_of
from kpirules.model.names import Tier, Total
from kpirules.model.rubric import Outcome
from kpirules.translations.catalog import languages, template
from kpirules.translations.message import Given, Joined, Keyword, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Condition, Quantity, Rubric


#: words of the language, which cannot be ids: computed names, words of conditions, functions
RESERVED = frozenset({*STAGES, *PREFIXES, "missing", "otherwise", "any"} | FUNCTIONS.keys())


def _declared(rubric: Rubric) -> Iterator[tuple[str, str, KeyPath]]:
    """Yield each declared id with the namespace in which it must be unique, and its place."""
    shared = "part.shared"
    yield from ((shared, fact.name, ("inputs", fact.name)) for fact in rubric.inputs)
    yield from ((shared, derived.name, ("derive", derived.name)) for derived in rubric.derived)
    yield from ((shared, c.id, (*path, "id")) for c, path in placed_criteria(rubric))
    yield from ((shared, curve.name, ("curves", curve.name)) for curve in rubric.curves)
    yield from (("part.section", s.id, ("section", i, "id")) for i, s in enumerate(rubric.sections))
    yield from (("part.tier", t.id, ("tier", i, "id")) for i, t in enumerate(rubric.tiers))
    for a, adjustment in enumerate(rubric.adjustments):
        yield "part.adjustment", adjustment.id, ("adjust", a, "id")
    yield from (("part.quota", q.id, ("quota", i, "id")) for i, q in enumerate(rubric.quotas))
    for rater in rubric.raters:
        yield "part.rater", rater.name, ("raters", rater.name)
    for name in tier_outcomes(rubric):
        yield "part.outcome", name, ("tier",)
    for outcome in rubric.outcomes:
        yield "part.outcome", outcome.name, ("outcome", outcome.name)


@check("duplicate-id", phase=RUBRIC, severity="error", title="one id for two things")
def duplicate_ids(rubric: Rubric) -> Iterator[Finding]:
    """Find ids that are declared twice in one namespace."""
    first: dict[tuple[str, str], KeyPath] = {}
    for space, name, path in _declared(rubric):
        if (space, name) in first:
            yield Finding(
                code="duplicate-id",
                reason=Message.of("finding.duplicate-id", id=Given(name), parts=Message.of(space)),
                advice=Message.of("advice.duplicate-id"),
                path=path,
                other=first[space, name],
            )
        first.setdefault((space, name), path)
    for fact in rubric.inputs:
        codes = [option.code for option in fact.options]
        for code in dict.fromkeys(c for c in codes if codes.count(c) > 1):
            yield Finding(
                code="duplicate-id",
                reason=Message.of(
                    "finding.duplicate-id_option", option=Given(code), name=Named(fact.name)
                ),
                advice=Message.of("advice.duplicate-id_option"),
                path=("inputs", fact.name, "options"),
            )


@check("reserved-id", phase=RUBRIC, severity="error", title="a word of the language as an id")
def reserved_ids(rubric: Rubric) -> Iterator[Finding]:
    """Find ids that are words of the language, or of formulas over a group if there are any."""
    over_group = [cohort.over_group for _, cohort in cohorts(rubric.inputs)]
    is_grouped = any(over_group) or bool(rubric.quotas)
    for space, name, path in _declared(rubric):
        is_heads = name == HEADS and space == "part.shared" and is_grouped
        is_demoted = name == DEMOTED and space == "part.shared" and any(demotions(rubric))
        if (
            is_heads
            or is_demoted
            or (name in RESERVED and not (space == "part.outcome" and name == "pay"))
        ):
            yield Finding(
                code="reserved-id",
                reason=Message.of("finding.reserved-id", id=Given(name)),
                advice=Message.of("advice.reserved-id", id=name),
                path=path,
            )


@check("unknown-name", phase=RUBRIC, severity="error", title="a name that is not declared")
@reports("value")
def unknown_names(rubric: Rubric) -> Iterator[Finding]:
    """Find undeclared names, and entries of a ``when`` that a name cannot have."""
    every = kinds(rubric)
    items = {name: kind.of_item for name, kind in every.items()}
    tables = tuple(table.name for table in rubric.tables)
    for quantity, path in placed_quantities(rubric):
        if isinstance(quantity.bands, str) and quantity.bands not in tables:
            yield unknown(quantity.bands, tables, (*path, "bands"), "part.table")
        of_outcome = isinstance(quantity, Outcome)
        if quantity.of is not None:
            yield from _name(quantity.of, every, (*path, "of"), of_outcome=of_outcome)
            yield from _tally(quantity, every, path)
        # to a quantity for each item, a list is one of its items
        known = items if is_per_item(quantity) else every
        if quantity.across is not None:
            place = (*path, "across")
            yield from _name(quantity.across, known, place, of_outcome=of_outcome)
        for band, inner in placed_bands(quantity, path, rubric):
            for condition in band.when.conditions if band.when is not None else ():
                where = (*inner, "when")
                yield from fits_condition(
                    condition, quantity.of, known, where, of_outcome=of_outcome
                )
    for i, gate in enumerate(rubric.gates):
        for condition in gate.when.conditions:
            yield from fits_condition(condition, None, every, ("gate", i, "when"))


def _name(
    name: str, known: Mapping[str, Kind], path: KeyPath, *, of_outcome: bool = False
) -> Iterator[Finding]:
    """Check that a name is known, and may be used here."""
    if name not in known:
        yield unknown_fact(name, known, path)
    elif isinstance(computed.parse(name), computed.Outcome) and not of_outcome:
        yield Finding(
            code="value",
            reason=Message.of("finding.value_outcome", name=Named(name)),
            advice=Message.of("advice.value_outcome"),
            path=path,
        )
    elif known[name].what == "group":
        yield Finding(
            code="value",
            reason=Message.of("finding.value_text-use", name=Named(name)),
            advice=Message.of("advice.value_text-use"),
            path=path,
        )
    elif known[name].what == "mixed":
        yield Finding(
            code="value",
            reason=Message.of("finding.value_mixed", name=Named(name)),
            advice=Message.of("advice.value_texts-and-numbers"),
            path=path,
        )


def fits_condition(
    condition: Condition,
    of: str | None,
    known: Mapping[str, Kind],
    path: KeyPath,
    *,
    of_outcome: bool = False,
) -> Iterable[Finding]:
    """Check the name and the entries of one condition."""
    name = condition.name or of
    where = (*path, *condition.name.split(".")) if condition.name else path
    if name is None:
        yield Finding(
            code="value",
            reason=Message.of("finding.value_entry-without-name"),
            advice=Message.of("advice.value_entry-without-name"),
            path=where,
        )
        return
    if condition.name:
        yield from _name(name, known, where, of_outcome=of_outcome)
    if name in known:
        for entry in condition.entries:
            yield from misfits(name, known[name], entry, where)


def _tally(quantity: Quantity, known: Mapping[str, Kind], path: KeyPath) -> Iterator[Finding]:
    """Check that what is counted is the items of a list, and that they can match."""
    if quantity.tally is None or quantity.of is None or quantity.of not in known:
        return
    name, (how, entries) = quantity.of, quantity.tally
    kind = known[name]
    if kind.what != "list":
        yield Finding(
            code="value",
            reason=Message.of("finding.value_tally-of", name=Named(name), key=how),
            advice=Message.of("advice.value_tally-of"),
            path=(*path, "of"),
        )
        return
    for entry in entries:
        yield from misfits(name, kind.of_item, entry, (*path, how))


#: a name or a number in a formula
_WORD = re.compile(r"[A-Za-z0-9_.]+")


@check("value", phase=RUBRIC)
@reports("unknown-name")
def formulas(rubric: Rubric) -> Iterator[Finding]:
    """Find formulas that cannot be parsed, and names in them that are not numbers."""
    for quantity, path in placed_quantities(rubric):
        of_outcome = isinstance(quantity, Outcome)
        places: list[tuple[str | None, KeyPath]] = [(quantity.formula, (*path, "formula"))]
        places += [
            (row.formula, cell if cell != inner else (*inner, "formula"))
            for row, inner, cell in placed_rows(quantity, path, rubric)
        ]
        for text, where in places:
            if text is not None:
                per = is_per_item(quantity)
                yield from fits_formula(text, rubric, where, per_item=per, of_outcome=of_outcome)
    for _, text, where in placed_weights(rubric):
        yield from fits_formula(text, rubric, where)


@check("value", phase=RUBRIC)
def per_item(rubric: Rubric) -> Iterator[Finding]:
    """Find facts that are computed for each item of no list."""
    lists, graph = parser_of(rubric).lists, dependency_graph(rubric)
    for derived in rubric.derived:
        # what a formula with an error needs is not known
        if derived.many and graph[derived.name] and lists.isdisjoint(graph[derived.name]):
            yield Finding(
                code="value",
                reason=Message.of("finding.value_many-without-list", name=Named(derived.name)),
                advice=Message.of("advice.value_many-without-list"),
                path=("derive", derived.name, "many"),
            )


def fits_formula(
    text: str,
    rubric: Rubric,
    path: KeyPath,
    *,
    per_item: bool = False,
    of_outcome: bool = False,
    of_group: bool = False,
) -> Iterable[Finding]:
    """Check one formula; findings have their position inside its text."""
    known = kinds(rubric)
    if per_item:
        known = {name: kind.of_item for name, kind in known.items()}
    parser = parser_of(rubric)
    try:
        formula = parser.parse_group(text) if of_group else parser.parse(text, per_item=per_item)
    except FormulaSyntaxError as error:
        inside = (error.start, error.end)
        name = _labelled(text[slice(*inside)], rubric, known)
        advice = error.advice if name is None else Message.of("advice.value_label", name=name)
        yield Finding(
            code="value",
            reason=error.reason,
            advice=advice,
            suggestion=name,
            path=path,
            inside=inside,
        )
        return
    spans: dict[str, tuple[int, int]] = {}
    for found in _WORD.finditer(text):
        spans.setdefault(found[0], found.span())
    of_numbers = {
        *(
            formula.lists_of_numbers
            if isinstance(formula, GroupFormula)
            else formula.tree.lists_of_numbers()
        )
    }
    for name in formula.names:
        inside = spans.get(name, (0, len(text)))
        wrong = list(_name(name, known, path, of_outcome=of_outcome))
        yield from (attrs.evolve(finding, inside=inside) for finding in wrong)
        if not wrong and name in of_numbers and known[name].items not in ("number", ""):
            yield Finding(
                code="value",
                reason=Message.of("finding.value_formula-list", name=Named(name)),
                advice=Message.of("advice.value_formula-list", name=name),
                path=path,
                inside=inside,
            )
        elif not wrong and known[name].what not in ("number", "list"):
            yield Finding(
                code="value",
                reason=Message.of("finding.value_formula-name", name=Named(name)),
                advice=Message.of("advice.value_formula-name", name=name),
                path=path,
                inside=inside,
            )


def _labelled(text: str, rubric: Rubric, known: Mapping[str, Kind]) -> str | None:
    """Return the name of a formula that has a label, in any language; None if there is none."""
    if any(text == template(f"result.{Total()}", lang) for lang in languages()):
        return str(Total())
    named = ((name, [text for _, text in label.by_language]) for name, label in labels_of(rubric))
    return next((name for name, texts in named if text in texts and name in known), None)


@check("value", phase=RUBRIC)
def refusals(rubric: Rubric) -> Iterator[Finding]:
    """Find gates that reject a record by values that are computed after them."""
    graph = dependency_graph(rubric)
    derived = {d.name for d in rubric.derived}
    for i, gate in enumerate(rubric.gates):
        if gate.refuse:
            late = tuple(
                Named(c.name)
                for c in gate.when.conditions
                if any(n in graph and n not in derived for n in closure((c.name,), graph))
            )
            if late:
                yield Finding(
                    code="value",
                    reason=Message.of("finding.value_refuse-by-result", names=late),
                    advice=Message.of("advice.value_refuse-by-result"),
                    path=("gate", i, "when"),
                )


@check("cycle", phase=RUBRIC, severity="error", title="a quantity that depends on itself")
def cycles(rubric: Rubric) -> Iterator[Finding]:
    """Find circular dependencies."""
    graph = whole_graph(rubric)
    rest = circular(graph)
    places = dict(stages(rubric)) | {name: place for name, _, place in placed_weights(rubric)}
    places |= {fact.name: ("inputs", fact.name, "cohort") for fact, _ in cohorts(rubric.inputs)}
    quotas = {quota.id: i for i, quota in enumerate(rubric.quotas)}
    places |= {flag.name: ("quota", quotas[flag.quota.id]) for flag in demotions(rubric)}
    reported: set[str] = set()
    for name in places:
        if name not in rest or name in reported:
            continue
        way = shortest_cycle(name, graph)
        if way and not reported.intersection(way):
            reported.update(way)
            yield Finding(
                code="cycle",
                reason=Message.of("finding.cycle", names=arrows((*way, name))),
                advice=Message.of("advice.cycle"),
                path=places[name],
            )


def arrows(names: tuple[str, ...]) -> Joined:
    """Return names each of which needs the next one."""
    return Joined(tuple(map(Named, names)), "list.needs")


def faults_of_point(text: str, rubric: Rubric, path: KeyPath) -> tuple[Finding, ...]:
    """Return the findings about a formula of a curve's point; see :func:`formulas`.

    Whether it may use outcomes or items of lists depends on the formula that uses the curve.
    """
    found = tuple(fits_formula(text, rubric, path, of_outcome=True))
    if not found or not any(fits_formula(text, rubric, path, per_item=True, of_outcome=True)):
        return ()
    return found


def unknown_fact(name: str, known: Mapping[str, Kind], path: KeyPath) -> Finding:
    """Return the finding about an undeclared name, with similar names."""
    head, *rest = name.split(".")
    if rest:
        same = tuple(n for n in known if n.startswith(f"{head}.")) or tuple(known)
        return unknown(name, same, path, "part.name")
    if name == Tier.head:
        reason = Message.of("finding.unknown-name_no-tiers", key=Keyword(name, is_quoted=False))
        return Finding(code="unknown-name", reason=reason, path=path)
    near = {n.partition(".")[2]: n for n in known}.get(name) or similar(name, tuple(known))
    facts = (near,) if near else tuple(takewhile(lambda n: known[n].is_fact, known))
    return unknown(name, facts, path, "part.input", near)


def unknown(
    name: str, known: tuple[str, ...], path: KeyPath, part: str, near: str | None = None
) -> Finding:
    """Return the finding about an undeclared name of a kind of part; ``near``: a similar one."""
    near = near or similar(name, known)
    parts = Message.of(part)
    return Finding(
        code="unknown-name",
        reason=Message.of("finding.unknown-name", part=Message.of(part, count=1), name=Given(name)),
        advice=Message.of("problem-text.suggestion", name=near)
        if near
        else Message.of("advice.unknown-name", parts=parts, names=known)
        if known
        else Message.of("advice.unknown-name_none", parts=parts),
        suggestion=near,
        path=path,
    )
