"""The location of findings in the texts of a rubric: file, line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.diagnostics.finding import Finding, KeyPath, SourceLocation
from kpirules.model.provenance import FileText, Origin
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.toml.positions import Places


#: the maximum number of listed findings of one file; a last one states how many more there are
MAX_FINDINGS = 200

#: severities in descending order; errors reject a file
_SEVERITIES = ("error", "warning", "note")

#: findings about a name: they point at the key instead of its value
_AT_KEY = ("unknown-key", "unused-input", "unused-name")


def place(findings: Iterable[Finding], origin: Origin) -> tuple[Finding, ...]:
    """Locate findings in the texts of a rubric, and sort them."""
    every = list(findings)
    if all(finding.spots for finding in every):
        return tuple(every)
    texts = [_LocatedText(text) for text in origin.texts]
    order = [text.file for text in origin.texts]
    # of too many findings, keep the most severe, and of these the first in the file
    every.sort(key=lambda f: (_SEVERITIES.index(f.severity), *_offset(f, origin, texts)))
    placed = [_located(finding, origin, texts) for finding in every[:MAX_FINDINGS]]

    def in_order(finding: Finding) -> tuple[int, int, int, str, str]:
        spot = finding.spots[0]
        number = order.index(spot.file) if spot.file in order else len(order)
        return number, spot.line, spot.column, finding.code, finding.message()

    placed.sort(key=in_order)
    if len(every) > len(placed):
        more = Message.of("finding.more", count=len(every) - len(placed))
        placed.append(Finding(code="more", reason=more))
    return tuple(placed)


class _LocatedText:
    """A text with its positions."""

    def __init__(self, text: FileText) -> None:
        from kpirules.toml.positions import find_places  # noqa: PLC0415 - for a finding only

        self.file = text.file
        self.places: Places = find_places(text.text)
        self.lines = [line.rstrip("\r") for line in text.text.split("\n")]


def _offset(finding: Finding, origin: Origin, texts: list[_LocatedText]) -> tuple[int, int]:
    """Return the index of the text that contains a finding, and the approximate offset in it."""
    if finding.spots:
        return 0, 0
    number, path = origin.find(finding.path)
    return number, texts[number].places.offset(path)


def _located(finding: Finding, origin: Origin, texts: list[_LocatedText]) -> Finding:
    """Return a finding with its locations."""
    if finding.spots:
        return finding
    paths = [finding.path] + ([] if finding.other is None else [finding.other])
    at_key = finding.code in _AT_KEY
    spots: list[SourceLocation] = []
    for each in paths:
        number, path = origin.find(each)
        spots.append(_spot(path, texts[number], at_key=at_key))
    if finding.inside is not None:
        spots[0] = _inside(spots[0], *finding.inside)
    return attrs.evolve(finding, spots=tuple(spots))


def _spot(path: KeyPath, text: _LocatedText, *, at_key: bool) -> SourceLocation:
    """Return the location of a path: its value (or key), else the nearest part around it."""
    nearest = text.places.nearest(path)
    if not nearest:
        source = text.lines[0] if text.lines else ""
        return SourceLocation(file=text.file, line=1, column=1, end_column=2, source=source)
    found = text.places[nearest]
    span = found.key if found.value is None or nearest != path or at_key else found.value
    return SourceLocation(
        file=text.file,
        line=span.line,
        column=span.column,
        end_column=span.end_column,
        source=text.lines[span.line - 1] if span.line <= len(text.lines) else "",
    )


def _inside(spot: SourceLocation, start: int, end: int) -> SourceLocation:
    """Return the location of some characters of a quoted text, if it is written without escapes."""
    first = spot.column + 1 + start
    last = min(spot.column + 1 + end, spot.end_column)
    written = spot.source[spot.column - 1 : spot.column + 2]
    if "\\" in spot.source or written in ('"""', "'''") or first >= spot.end_column:
        return spot
    return attrs.evolve(spot, column=first, end_column=max(last, first + 1))
