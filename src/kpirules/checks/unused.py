"""Find unused declarations, texts without a translation, and rulings that accept nothing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.display import similar
from kpirules._internal.typeguards import fields_of, is_tuple
from kpirules.checks.invalidated import all_readable, needed_by
from kpirules.checks.places import placed_quantities, placed_weights
from kpirules.checks.registry import TEXTS, USES, check, reports
from kpirules.diagnostics.finding import CODES, Finding, severity_of
from kpirules.model.dependencies import cohort_needs, quota_needs
from kpirules.model.inputs import histories
from kpirules.model.language import header_of, of_field
from kpirules.model.rubric import (
    Adjustment,
    Criterion,
    Example,
    Input,
    Option,
    Outcome,
    Quantity,
    Section,
    Text,
    Tier,
)
from kpirules.translations.message import Given, Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Rubric


@check("unused-input", phase=USES, severity="warning", title="an input that is not used")
def unused_inputs(rubric: Rubric) -> Iterator[Finding]:
    """Find unused inputs; an unknown name that is probably a typing error counts as a use."""
    known = tuple(fact.name for fact in rubric.inputs)
    for name in _unused(known, rubric):
        yield Finding(
            code="unused-input",
            reason=Message.of("finding.unused-input", name=Named(name)),
            advice=Message.of("advice.unused-input"),
            path=("inputs", name),
        )


def _unused(known: tuple[str, ...], rubric: Rubric) -> Iterator[str]:
    """Return the names that no quantity, gate or weight uses; none if a formula is unreadable."""
    if not all_readable(rubric):
        return iter(())
    asked = {n for q, path in placed_quantities(rubric) for n in needed_by(q, path, rubric)}
    asked |= {condition.name for gate in rubric.gates for condition in gate.when.conditions}
    asked |= {history.take for _, history in histories(rubric.inputs) if history.is_of(rubric.id)}
    gathered = {**cohort_needs(rubric), **quota_needs(rubric)}
    asked |= {name for needs in gathered.values() for name in needs}
    for _, text, path in placed_weights(rubric):
        asked |= needed_by(Quantity(formula=text), path, rubric)
    asked |= {near for name in asked - {*known} if (near := similar(name, known))}
    return (name for name in known if name not in asked)


@check(
    "unused-name",
    phase=USES,
    severity="warning",
    title="a derived fact or a table of bands that is not used",
)
def unused_names(rubric: Rubric) -> Iterator[Finding]:
    """Find derived facts that nothing uses, and tables of bands that nothing names."""
    for name in _unused(tuple(derived.name for derived in rubric.derived), rubric):
        yield Finding(
            code="unused-name",
            reason=Message.of("finding.unused-name", name=Named(name)),
            advice=Message.of("advice.unused-name"),
            path=("derive", name),
        )
    known = tuple(table.name for table in rubric.tables)
    named = {q.bands for q, _ in placed_quantities(rubric) if isinstance(q.bands, str)}
    named |= {near for name in named - {*known} if (near := similar(name, known))}
    for name in known:
        if name not in named:
            yield Finding(
                code="unused-name",
                reason=Message.of("finding.unused-name_table", name=Given(name)),
                advice=Message.of("advice.unused-name_table", name=name),
                path=("bands", name),
            )


# ---------------------------------------------------------------- languages

#: parts that people see by their label
_LABELLED: tuple[type, ...] = (Section, Criterion, Input, Option, Tier, Adjustment, Outcome)


@check(
    "label-missing",
    phase=TEXTS,
    severity="note",
    title="a text without a language that other texts have",
)
def labels(rubric: Rubric) -> Iterator[Finding]:
    """Find texts without a language that another text of the file has."""
    texts = list(_texts(rubric, ()))
    languages = dict.fromkeys(
        tag for text, _ in texts if text is not None for tag, _ in text.by_language if tag
    )
    for text, path in texts if languages else ():
        own = {} if text is None else dict(text.by_language)
        missing = [tag for tag in languages if tag not in own]
        if missing and "" not in own:
            key = "finding.label-missing" if text is None else "finding.label-missing_language"
            yield Finding(
                code="label-missing",
                reason=Message.of(key, missing=tuple(missing), languages=tuple(languages)),
                advice=Message.of("advice.label-missing", missing=tuple(missing)),
                path=path,
            )


def _texts(part: object, path: KeyPath) -> Iterator[tuple[Text | None, KeyPath]]:
    """Yield all texts of a part, with None for a visible part without a label."""
    if isinstance(part, Text):
        yield part, path
    elif is_tuple(part):
        for i, item in enumerate(part):
            # the step of a named table is its name, of an option its code
            name = "code" if isinstance(item, Option) else header_of(item.__class__)
            step = getattr(item, name) if name else i
            yield from _texts(item, (*path, step))
    else:
        kind: Any = part.__class__
        if isinstance(part, _LABELLED) and getattr(part, "label", None) is None:
            yield None, path
        for name, inner in _parts_of(kind):
            value = getattr(part, name)
            if value is not None:
                yield from _texts(value, (*path, *inner))


@cache
def _parts_of(cls: Any) -> tuple[tuple[str, KeyPath], ...]:  # noqa: ANN401 - any class
    """Return the fields of a class that may have texts, each with its steps in a path."""
    if issubclass(cls, Example):
        return ()
    return tuple(
        (field.name, () if issubclass(cls, Option) else (of_field(field).name,))
        for field in fields_of(cls)
        if field.init
    )


# ---------------------------------------------------------------- rulings


@reports(
    "ruling-idle", severity="warning", title="a ruling that accepts a finding that does not exist"
)
def accept(
    findings: Iterable[Finding], rubric: Rubric, invalid: tuple[str, ...]
) -> Iterator[Finding]:
    """Mark the findings that a ruling accepts, and find acceptances of findings that do not exist.

    ``invalid`` are the places that were not checked completely: acceptances there may be right.
    """
    every = list(findings)
    open_ = {(f.code, f.place) for f in every if f.severity != "error"}
    accepted: dict[tuple[str, str], str] = {}
    for r, ruling in enumerate(rubric.rulings):
        for a, entry in enumerate(ruling.accepts):
            code, _, place = (part.strip() for part in entry.partition(" "))
            if (code, place) in open_:
                accepted.setdefault((code, place), ruling.clause)
            elif severity_of(code) != "error" and place.startswith(invalid):
                continue
            else:
                yield Finding(
                    code="ruling-idle",
                    reason=_why_idle(code, place),
                    advice=_what_there_is(code, open_),
                    path=("ruling", r, "accepts", a),
                )
    for finding in every:
        clause = accepted.get((finding.code, finding.place))
        if clause is not None and finding.severity != "error":
            yield attrs.evolve(finding, accepted_by=clause)
        else:
            yield finding


def _why_idle(code: str, place: str) -> Message:
    """Explain why a ruling accepts nothing."""
    if code not in CODES:
        return Message.of("finding.ruling-idle_unknown", code=Given(code))
    if severity_of(code) == "error":
        return Message.of("finding.ruling-idle_error", code=code)
    return Message.of("finding.ruling-idle", entry=_entry(code, place))


def _entry(code: str, place: str) -> Given:
    """Return an entry of a ruling: a finding about the whole file has no place."""
    return Given(f"{code} {place}".rstrip())


def _what_there_is(code: str, there: set[tuple[str, str]]) -> Message:
    """Suggest what a ruling could accept."""
    if code not in CODES:
        near = similar(code, tuple(sorted(CODES)))
        if near is None:
            return Message.of("advice.ruling-idle_form")
        return Message.of("problem-text.suggestion", name=near)
    entries = tuple(_entry(c, place) for c, place in sorted(there) if c == code)
    if not entries:
        return Message.of("advice.ruling-idle")
    return Message.of("advice.ruling-idle_known", entries=Joined(entries, "list.or"))
