"""Facts that no band matches: the bands on both sides of them, and the edit that closes the gap."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.range import Range
from kpirules.checks.registry import reports
from kpirules.diagnostics.finding import Finding
from kpirules.model.dependencies import conditions
from kpirules.translations.message import Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpirules.arithmetic.decision_table import Value
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.diagnostics.finding import KeyPath


@reports("band-gap", severity="error", title="facts that no band matches")
def gap_at(
    c: CompiledQuantity, gap: tuple[Value, ...], witness: tuple[tuple[str, object], ...]
) -> Finding:
    """Return the finding of facts that no band matches, at the bands on both sides of them."""
    below, above = _beside(c, gap) if len(gap) == 1 else (None, None)
    rows: list[KeyPath] = [c.place(row) for row in dict.fromkeys((below, above)) if row is not None]
    return Finding(
        code="band-gap",
        reason=Message.of("finding.band-gap", name=c.named),
        # a band for all other facts would also take those that the form forgot
        advice=_closing(c, gap, below)
        or Message.of("advice.band-gap" if len(gap) > 1 else "advice.band-gap_one"),
        path=rows[0] if rows else (*c.path, "bands"),
        other=rows[1] if len(rows) > 1 else None,
        witness=witness,
    )


def _ranges(c: CompiledQuantity) -> Iterator[tuple[int, Range]]:
    """Yield the ranges of the only fact that bands match, each with the band."""
    for row, band in enumerate(c.bands):
        for entries in conditions(band.when, c.quantity.of).values():
            yield from ((row, entry) for entry in entries if isinstance(entry, Range))


def _beside(c: CompiledQuantity, gap: tuple[Value, ...]) -> tuple[int | None, int | None]:
    """Return the bands next below and next above a gap of the only fact, if there are any."""
    (value,) = gap
    if not isinstance(value, (int, Fraction)) or c.axes[c.facts[0]].options is not None:
        return None, None
    low = [(e.high, row) for row, e in _ranges(c) if e.high is not None and e.high <= (value, 0)]
    high = [(e.low, row) for row, e in _ranges(c) if e.low is not None and e.low >= (value, 1)]
    return max(low)[1] if low else None, min(high)[1] if high else None


def _closing(c: CompiledQuantity, gap: tuple[Value, ...], below: int | None) -> Message | None:
    """Return the edit that closes a gap: of a band that ends one unit before the next one begins.

    A gap of several units, or one between the steps of a fact, may be meant for either band.
    """
    value = gap[0]
    if below is None or not isinstance(value, (int, Fraction)) or c.axes[c.facts[0]].step:
        return None
    hole = c.by_facts.cell(0, value)
    entry = next((e for row, e in _ranges(c) if row == below and e.high == hole.low), None)
    if entry is None or hole.low is None or hole.high is None:
        return None
    unit = Fraction(1, max(Fraction(cut[0]).denominator for cut in (hole.low, hole.high)))
    if hole.high[0] - hole.low[0] != unit:
        return None
    closed = Range(entry.low, hole.high)
    return Message.of("advice.band-gap_edit", old=str(entry), new=str(closed))


def all_gaps(findings: Sequence[Finding]) -> Finding:
    """Return one finding of the gaps of a quantity, with all their witnesses and edits."""
    first, *others = findings
    if not others or not isinstance(first.reason, Message):
        return first
    ((fact, _), *_) = first.witness
    values = tuple(dict(each.witness)[fact] for each in findings)
    edits = tuple(dict.fromkeys(each.advice for each in findings))
    return attrs.evolve(
        first,
        reason=Message.of(
            "finding.band-gap_several",
            name=dict(first.reason.params)["name"],
            fact=Named(fact),
            values=values,
        ),
        advice=Message.of("finding-part.edits", edits=Joined(edits, "list.semicolon")),
    )
