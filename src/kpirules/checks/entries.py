"""Check that the entries of conditions are values that their names can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules._internal.display import similar
from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.diagnostics.finding import Finding
from kpirules.translations.message import Given, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.checks.kinds import Kind
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.condition import Entry


def misfits(name: str, kind: Kind, entry: Entry, path: KeyPath) -> Iterator[Finding]:
    """Yield the finding about an entry that a name cannot have the value of, if it cannot."""
    near = None
    if entry == "missing" and kind.what != "list" and kind.items:
        yield Finding(
            code="value",
            reason=Message.of("finding.value_item-missing", name=Named(name)),
            advice=Message.of("advice.value_item-missing"),
            path=path,
        )
        return
    if kind.what == "list" and entry != "missing":
        yield Finding(
            code="value",
            reason=Message.of("finding.value_list-entry", name=Named(name)),
            advice=Message.of("advice.value_list-entry", name=name),
            path=path,
        )
    if kind.what in ("list", "group"):
        return
    if kind.what == "text":
        fits = isinstance(entry, str) and (entry in kind.options or entry == "missing")
        near = similar(entry, kind.options) if isinstance(entry, str) and not fits else None
    else:
        wanted = bool if kind.what == "flag" else Range
        fits = isinstance(entry, wanted) or entry == "missing"
    if fits or kind.what == "mixed":
        return
    reason = Message.of("finding.value_entry", name=Named(name), entry=Given(entry))
    if isinstance(entry, str) and kind.what == "number":
        try:
            Range.parse(entry)
        except RangeSyntaxError as error:
            reason = error.reason
    yield Finding(
        code="value",
        reason=reason,
        advice=Message.of("problem-text.suggestion", name=near)
        if near
        else Message.of("problem-text.allowed", allowed=kind.allowed),
        suggestion=near,
        path=path,
    )
