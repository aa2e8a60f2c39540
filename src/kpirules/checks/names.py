"""Names: each declared once, each used name declared, none of the language's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.findings import Finding
from kpirules.plan import describe_input
from kpirules.ranges import Range, RangeSyntaxError
from kpirules.texts import brief, similar


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpirules.findings import KeyPath
    from kpirules.model import Band, Criterion, Entry, Input, Rubric


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
    criterion: Criterion, path: KeyPath, rubric: Rubric
) -> Iterator[tuple[Band, KeyPath]]:
    """Give the bands of a criterion, its own or its named table's, with their places."""
    if isinstance(criterion.bands, str):
        for table in rubric.tables:
            if table.name == criterion.bands:
                for i, band in enumerate(table.rows):
                    yield band, ("bands", table.name, "rows", i)
    else:
        for i, band in enumerate(criterion.bands or ()):
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


def unknown_names(rubric: Rubric) -> Iterator[Finding]:
    """Find names that bands ask for and nothing declares, and entries that a name cannot have."""
    facts = {fact.name: fact for fact in rubric.inputs}
    tables = {table.name: table.rows for table in rubric.tables}
    for criterion, path in placed_criteria(rubric):
        bands: Iterable[Band] = ()
        if isinstance(criterion.bands, str):
            if criterion.bands not in tables:
                yield _unknown(
                    criterion.bands, tuple(tables), (*path, "bands"), "table of bands", "tables"
                )
            bands = tables.get(criterion.bands, ())
        elif criterion.bands is not None:
            bands = criterion.bands
        if criterion.of is not None and criterion.of not in facts:
            yield _unknown(criterion.of, tuple(facts), (*path, "of"), "input", "inputs")
        for i, band in enumerate(bands):
            yield from _conditions(criterion, band, facts, (*path, "bands", i, "when"))


def _conditions(
    criterion: Criterion, band: Band, facts: dict[str, Input], path: KeyPath
) -> Iterator[Finding]:
    """Check the names and entries of one ``when``."""
    for condition in band.when.conditions if band.when is not None else ():
        name = condition.name or criterion.of
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
                yield from _entry(facts[name], entry, where)
        elif name != criterion.of:
            yield _unknown(name, tuple(facts), where, "input", "inputs")


def _entry(fact: Input, entry: Entry, path: KeyPath) -> Iterator[Finding]:
    """Check one entry against what its input may be."""
    codes = tuple(option.code for option in fact.options)
    if fact.type == "choice":
        fits = isinstance(entry, str) and (entry in codes or entry == "missing")
        near = similar(entry, codes) if isinstance(entry, str) else None
    else:
        wanted = bool if fact.type == "flag" else Range
        fits, near = isinstance(entry, wanted) or entry == "missing", None
    if fits:
        return
    shown = brief(entry) if isinstance(entry, str) else str(entry).lower()
    help_ = f'did you mean "{near}"?' if near else f"{fact.name} is {describe_input(fact)}"
    message = f"{fact.name} is never {shown}"
    if isinstance(entry, str) and fact.type not in ("choice", "flag"):
        try:
            Range.parse(entry)
        except RangeSyntaxError as error:
            message = str(error)
    yield Finding(code="value", message=message, help=help_, path=path)


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
