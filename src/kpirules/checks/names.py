"""Names: each declared once, each used name declared, none of the language's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from kpirules.findings import Finding
from kpirules.formula import FormulaSyntaxError, parse
from kpirules.model import Derived
from kpirules.plan import describe_input
from kpirules.ranges import Range, RangeSyntaxError
from kpirules.terms import needs_of
from kpirules.texts import brief, similar


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpirules.findings import KeyPath
    from kpirules.model import Band, Criterion, Entry, Input, Quantity, Rubric


#: words of the language that are no ids
RESERVED = frozenset(
    {"total", "raw_total", "tier", "points", "contribution", "subtotal", "adjust", "outcome"}
    | {"derived", "missing", "otherwise", "any", "unratable", "refused", "pay"}
    | {"min", "max", "mean", "sum", "count", "wmean", "clamp", "abs", "floor", "ceil", "round"}
    | {"ratio", "interpolate"}
)


def placed_criteria(rubric: Rubric) -> Iterator[tuple[Criterion, KeyPath]]:
    """Give all criteria with their places."""
    for s, section in enumerate(rubric.sections):
        for c, criterion in enumerate(section.criteria):
            yield criterion, ("section", s, "criterion", c)
    for c, criterion in enumerate(rubric.criteria):
        yield criterion, ("criterion", c)


def placed_bands(
    quantity: Quantity, path: KeyPath, rubric: Rubric
) -> Iterator[tuple[Band, KeyPath]]:
    """Give the bands of a quantity, its own or its named table's, with their places."""
    if isinstance(quantity.bands, str):
        for table in rubric.tables:
            if table.name == quantity.bands:
                for i, band in enumerate(table.rows):
                    yield band, ("bands", table.name, "rows", i)
    else:
        for i, band in enumerate(quantity.bands or ()):
            yield band, (*path, "bands", i)


def _declared(rubric: Rubric) -> Iterator[tuple[str, str, KeyPath]]:
    """Give each declared id with the namespace that it must be alone in."""
    for fact in rubric.inputs:
        yield "inputs, derived facts and criteria", fact.name, ("inputs", fact.name)
    for derived in rubric.derived:
        yield "inputs, derived facts and criteria", derived.name, ("derive", derived.name)
    for criterion, path in placed_criteria(rubric):
        yield "inputs, derived facts and criteria", criterion.id, (*path, "id")
    for s, section in enumerate(rubric.sections):
        yield "sections", section.id, ("section", s, "id")
    for t, tier in enumerate(rubric.tiers):
        yield "tiers", tier.id, ("tier", t, "id")
    for a, adjustment in enumerate(rubric.adjustments):
        yield "adjustments", adjustment.id, ("adjust", a, "id")


def duplicate_ids(rubric: Rubric) -> Iterator[Finding]:
    """Find ids that are declared twice where they must be alone."""
    first: dict[tuple[str, str], KeyPath] = {}
    for space, name, path in _declared(rubric):
        if (space, name) in first:
            yield Finding(
                code="duplicate-id",
                message=f'"{name}" is declared twice: {space} each need an id of their own',
                help="rename one of the two",
                path=path,
                other=first[space, name],
            )
        first.setdefault((space, name), path)
    for i, fact in enumerate(rubric.inputs):
        codes = [option.code for option in fact.options]
        for code in dict.fromkeys(c for c in codes if codes.count(c) > 1):
            yield Finding(
                code="duplicate-id",
                message=f'the option "{code}" of {fact.name} is declared twice',
                path=("inputs", rubric.inputs[i].name, "options"),
            )


def reserved_ids(rubric: Rubric) -> Iterator[Finding]:
    """Find ids that are words of the language."""
    for _, name, path in _declared(rubric):
        if name in RESERVED:
            yield Finding(
                code="reserved-id",
                message=f'"{name}" is a word of the rule language and cannot be an id',
                help=f'rename it, for instance to "{name}_1"',
                path=path,
            )


def placed_quantities(rubric: Rubric) -> Iterator[tuple[Quantity, KeyPath]]:
    """Give derived facts and criteria, in this order, with their places."""
    for derived in rubric.derived:
        yield derived, ("derive", derived.name)
    yield from placed_criteria(rubric)


def unknown_names(rubric: Rubric) -> Iterator[Finding]:
    """Find names that nothing declares, and entries of a ``when`` that a name cannot have."""
    facts: dict[str, Input | Derived] = {fact.name: fact for fact in rubric.inputs}
    facts |= {derived.name: derived for derived in rubric.derived}
    tables = tuple(table.name for table in rubric.tables)
    for quantity, path in placed_quantities(rubric):
        if isinstance(quantity.bands, str) and quantity.bands not in tables:
            yield _unknown(quantity.bands, tables, (*path, "bands"), "table of bands", "tables")
        if quantity.of is not None and quantity.of not in facts:
            yield _unknown_fact(quantity.of, facts, rubric, (*path, "of"))
        for band, inner in placed_bands(quantity, path, rubric):
            yield from _conditions(quantity, band, facts, rubric, (*inner, "when"))


def _conditions(
    quantity: Quantity,
    band: Band,
    facts: dict[str, Input | Derived],
    rubric: Rubric,
    path: KeyPath,
) -> Iterator[Finding]:
    """Check the names and entries of one ``when``."""
    for condition in band.when.conditions if band.when is not None else ():
        name = condition.name or quantity.of
        where = (*path, *condition.name.split(".")) if condition.name else path
        if name is None:
            yield Finding(
                code="value",
                message='this entry says no name, and there is no "of" beside the bands',
                help='write { name = entry }, or of = "name" beside the bands',
                path=where,
            )
        elif name in facts:
            for entry in condition.entries:
                yield from _entry(name, facts[name], entry, rubric, where)
        elif name != quantity.of:
            yield _unknown_fact(name, facts, rubric, where)


def texts_of(quantity: Quantity, rubric: Rubric) -> tuple[str, ...]:
    """Give the texts that a quantity may come to; none for one of numbers."""
    bands = [band.value for band, _ in placed_bands(quantity, (), rubric)]
    return tuple(dict.fromkeys(v for v in (quantity.value, *bands) if isinstance(v, str)))


def formulas(rubric: Rubric) -> Iterator[Finding]:
    """Find formulas that cannot be read, and names in them that are no numbers."""
    facts: dict[str, Input | Derived] = {fact.name: fact for fact in rubric.inputs}
    facts |= {derived.name: derived for derived in rubric.derived}
    lists = frozenset(fact.name for fact in rubric.inputs if fact.many)
    for quantity, path in placed_quantities(rubric):
        places = [(quantity.formula, (*path, "formula"))]
        places += [(b.formula, (*p, "formula")) for b, p in placed_bands(quantity, path, rubric)]
        for text, where in places:
            if text is not None:
                yield from _formula(text, lists, facts, rubric, where)


def _formula(
    text: str,
    lists: frozenset[str],
    facts: dict[str, Input | Derived],
    rubric: Rubric,
    path: KeyPath,
) -> Iterator[Finding]:
    """Check one formula; what is wrong is shown inside its text."""
    try:
        names = parse(text, lists).names
    except FormulaSyntaxError as error:
        inside = (error.start, error.end)
        yield Finding(code="value", message=str(error), help=error.help, path=path, inside=inside)
        return
    for name in names:
        found = re.search(rf"(?<![A-Za-z0-9_.]){re.escape(name)}(?![A-Za-z0-9_.])", text)
        inside = found.span() if found else (0, len(text))
        if name not in facts:
            yield attrs.evolve(_unknown_fact(name, facts, rubric, path), inside=inside)
        elif not _is_number(facts[name], rubric):
            yield Finding(
                code="value",
                message=f"{name} is no number, and only numbers stand in a formula",
                help="let bands ask for it",
                path=path,
                inside=inside,
            )


def _is_number(fact: Input | Derived, rubric: Rubric) -> bool:
    """Say whether a fact is a number, or a list of them."""
    if isinstance(fact, Derived):
        return not texts_of(fact, rubric)
    return fact.type in ("count", "number")


def cycles(rubric: Rubric) -> Iterator[Finding]:
    """Find derived facts that hang on themselves."""
    derived = {each.name: each for each in rubric.derived}
    lists = frozenset(fact.name for fact in rubric.inputs if fact.many)
    needs = {
        name: tuple(n for n in _needed(each, rubric, lists) if n in derived)
        for name, each in derived.items()
    }
    told: set[str] = set()
    for name in derived:
        way = _way_back(name, needs)
        if way and not told.intersection(way):
            told.update(way)
            yield Finding(
                code="cycle",
                message=f"hangs on itself: {' needs '.join((*way, name))}",
                help="let one of them be worked out without the others",
                path=("derive", name),
            )


def _needed(quantity: Quantity, rubric: Rubric, lists: frozenset[str]) -> tuple[str, ...]:
    """Give the names that a quantity needs, as far as its formulas can be read."""
    bands = [band for band, _ in placed_bands(quantity, (), rubric)]
    try:
        return needs_of(quantity, bands, lists)
    except FormulaSyntaxError:
        return ()


def _way_back(name: str, needs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Give a way from a name to itself, itself first; empty where there is none."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    for way in ways:
        for further in needs[way[-1]]:
            if further == name:
                return way
            if further not in seen:
                seen.add(further)
                ways.append((*way, further))
    return ()


def _entry(
    name: str, fact: Input | Derived, entry: Entry, rubric: Rubric, path: KeyPath
) -> Iterator[Finding]:
    """Check one entry against what its fact may be."""
    if isinstance(fact, Derived):
        texts = texts_of(fact, rubric)
        fits = entry in texts if texts else isinstance(entry, Range)
        if not fits:
            known = f"{name} is one of {', '.join(texts)}" if texts else f"{name} is a number"
            shown = brief(entry) if isinstance(entry, str) else str(entry).lower()
            message = f"{name} is never {shown}"
            yield Finding(code="value", message=message, help=known, path=path)
        return
    codes = tuple(option.code for option in fact.options)
    if fact.many:
        fits, near = False, None
    elif fact.type == "choice":
        fits = isinstance(entry, str) and (entry in codes or entry == "missing")
        near = similar(entry, codes) if isinstance(entry, str) else None
    else:
        wanted = bool if fact.type == "flag" else Range
        fits, near = isinstance(entry, wanted) or entry == "missing", None
    if fits:
        return
    shown = brief(entry) if isinstance(entry, str) else str(entry).lower()
    help_ = f'did you mean "{near}"?' if near else f"{name} is {describe_input(fact)}"
    message = f"{name} is never {shown}"
    if isinstance(entry, str) and fact.type not in ("choice", "flag"):
        try:
            Range.parse(entry)
        except RangeSyntaxError as error:
            message = str(error)
    yield Finding(code="value", message=message, help=help_, path=path)


def _unknown_fact(name: str, facts: Mapping[str, object], rubric: Rubric, path: KeyPath) -> Finding:
    """Say that a name is not declared; or that this version does not let it be used here."""
    criteria = {criterion.id for criterion in rubric.all_criteria}
    head = name.partition(".")[0]
    if name in criteria or head in _STAGES:
        return Finding(
            code="not-supported",
            message=f'"{brief(name)[1:-1]}" cannot be asked for here by this version of kpirules',
            help="use inputs and derived facts, or a version that can; it is never ignored",
            path=path,
        )
    return _unknown(name, tuple(facts), path, "input", "inputs")


#: words for what is worked out after the facts
_STAGES = frozenset(
    {"points", "contribution", "subtotal", "adjust", "raw_total", "total", "tier", "outcome"}
)


def _unknown(name: str, known: tuple[str, ...], path: KeyPath, kind: str, kinds: str) -> Finding:
    """Say that a name is not declared."""
    near = similar(name, known)
    listed = f"the {kinds} are {', '.join(known)}" if known else f"there are no {kinds}"
    return Finding(
        code="unknown-name",
        message=f'there is no {kind} "{brief(name)[1:-1]}"',
        help=f'did you mean "{near}"?' if near else listed,
        path=path,
    )
