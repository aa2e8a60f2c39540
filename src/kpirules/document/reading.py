"""A ruleset file's bytes to a rubric, with everything wrong with them at its line and column."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import attrs

from kpirules.document.guard import GuardError, decode, guard
from kpirules.errors import RulesetError
from kpirules.findings import Finding, KeyPath, Spot
from kpirules.model import Rubric
from kpirules.origin import FileText, Origin, Provenance, comes_from


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.catalog import FindBase
    from kpirules.document.positions import Places


#: a whole number that is longer than Python reads
_DIGITS = re.compile(r"[0-9_]{4300,}")

#: of one file, at most so many findings are listed; how many more there are is said
MOST_FINDINGS = 200

#: where tomllib says that something stands; it has no fields for it before Python 3.14
_AT = re.compile(r"(.*?) ?\(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


@attrs.frozen(kw_only=True)
class Reading:
    """What could be read of a ruleset file, and what is wrong with the rest."""

    #: the file's text, and those of the files that it extends
    origin: Origin
    #: None where nothing could be read
    rubric: Rubric | None
    #: what is wrong with the text, some of it not yet placed in it
    findings: tuple[Finding, ...]
    #: the places of what could not be read
    lost: tuple[KeyPath, ...] = ()

    def with_findings(self, more: Iterable[Finding]) -> Reading:
        """Add findings."""
        return attrs.evolve(self, findings=(*self.findings, *more))


#: what word processors and Chinese keyboards make of quotes
_CURLY = "\u201c\u201d\u2018\u2019\u300c\u300d\uff02\uff07"
_STRAIGHT = 'texts stand in straight quotes: "..."'


def parse(data: bytes | str, file: str) -> Rubric:
    """Read a ruleset file's content; the rubric knows where it comes from.

    Raises :class:`~kpirules.errors.RulesetError` with all that is wrong with the content. Whether
    the rubric is sound is not asked here.
    """
    reading = read(data, file)
    if reading.rubric is None or reading.findings:
        raise RulesetError(findings=place(reading.findings, reading.origin))
    return reading.rubric


def read(data: bytes | str, file: str, find: FindBase | None = None) -> Reading:
    """Read what can be read of a ruleset file's content; ``find`` finds what it extends."""
    text, tree, faults = text_and_tree(data, file)
    origin = Origin(texts=(FileText(file=file, text=text),))
    findings: tuple[Finding, ...] = ()
    if not faults and "extends" in tree:
        from kpirules.document.extending import extended  # noqa: PLC0415 - only where one does

        tree, origin, faults, findings = extended(tree, origin.texts[0], find)
    if faults:
        return Reading(origin=origin, rubric=None, findings=faults)
    rubric, more, lost = _structured(tree)
    if rubric is not None:
        comes_from(rubric, Provenance(origin=origin))
    return Reading(origin=origin, rubric=rubric, findings=(*findings, *more), lost=lost)


def text_and_tree(data: bytes | str, file: str) -> tuple[str, dict[str, Any], tuple[Finding, ...]]:
    """Give the text of a file's content and its tree, or what is wrong with it as TOML."""
    text = ""
    try:
        text = decode(data) if isinstance(data, bytes) else data
        guard(text)
        return text, _toml(text), ()
    except GuardError as error:
        finding = Finding(code="syntax", message=error.message, help=error.help)
        return text, {}, (_at(finding, text, file, error.line, error.column),)


def _toml(text: str) -> dict[str, Any]:
    """Parse TOML 1.0; numbers exactly."""
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        message, line, column = _where(error, text)
        wrong = text.split("\n")[line - 1][column - 1 : column]
        help_ = _STRAIGHT if wrong and wrong in _CURLY else ""
        raise GuardError(message=message, help=help_, line=line, column=column) from None
    except ValueError:
        # Python refuses to read a whole number of thousands of digits, and says neither which
        raise _too_long(text) from None


def _decimal(digits: str) -> Decimal:
    """Read a number with a point or an exponent; the bounds for numbers are looked at later."""
    try:
        return Decimal(digits.replace("_", ""))
    except InvalidOperation:
        # an exponent that Decimal cannot hold; the bounds refuse it as they refuse infinity
        return Decimal("Infinity")


def _too_long(text: str) -> GuardError:
    """Refuse a whole number that is longer than Python reads, at its place."""
    found = _DIGITS.search(text)
    start = found.start() if found else 0
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    message = "a number of thousands of digits"
    return GuardError(message=message, help="write it shorter", line=line, column=column)


def _where(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, int, int]:
    """Take tomllib's message apart into what and where."""
    match = _AT.fullmatch(str(error))
    lines = text.split("\n")
    end = (len(lines), len(lines[-1]) + 1)
    if match is None:  # pragma: no cover - every message of tomllib has a place
        return str(error), *end
    message, line, column = match.groups()
    line_column = (int(line), int(column)) if line else end
    return f"this is not TOML: {message[:1].lower()}{message[1:]}", *line_column


#: after so many attempts at what is left of a faulty tree, its faults alone are reported
_ATTEMPTS = 3


def _structured(
    tree: dict[str, Any],
) -> tuple[Rubric | None, tuple[Finding, ...], tuple[KeyPath, ...]]:
    """Structure a tree, or what is left of it without its faults; give these and what was lost."""
    # cattrs costs 20 ms to import, which only those who load a file should pay
    from cattrs.errors import BaseValidationError  # noqa: PLC0415 - as below

    from kpirules.document.structure import problems, structure, with_defaults  # noqa: PLC0415

    every: list[Finding] = []
    if "schema" not in tree:
        # a rubric that a program makes need not say it; a file does, for the readers to come
        message = 'the key "schema" is missing'
        every.append(Finding(code="missing-key", message=message, help="write schema = 1"))
    tree = with_defaults({"schema": 1, **tree})
    lost: list[KeyPath] = []
    for attempt in range(_ATTEMPTS):
        try:
            return structure(tree), tuple(every), tuple(lost)
        except BaseValidationError as error:
            from kpirules.document.mending import mend  # noqa: PLC0415 - only of a faulty file

            found = list(problems(error))
            tree, more = mend(tree, found)
            # what a stand-in is refused for is no fault of the file
            every += found if not attempt else ()
            lost += more
    return None, tuple(every), tuple(lost)


#: how grave findings are, what refuses a file first
_GRAVEST = ("error", "warning", "note")

#: findings about a name: they point at the key rather than at its value
_ABOUT_A_NAME = ("unknown-key", "unused-input", "unused-name")


def place(findings: Iterable[Finding], origin: Origin) -> tuple[Finding, ...]:
    """Say where findings stand in the texts of a rubric, and put them in their order."""
    every = list(findings)
    if all(finding.spots for finding in every):
        return tuple(every)
    texts = [_Placed(text) for text in origin.texts]
    order = [text.file for text in origin.texts]
    # where there are more than anyone reads: the gravest, and of these the first of the file
    every.sort(key=lambda f: (_GRAVEST.index(f.severity), *_offset(f, origin, texts)))
    placed = [_spotted(finding, origin, texts) for finding in every[:MOST_FINDINGS]]

    def in_order(finding: Finding) -> tuple[int, int, int, str, str]:
        spot = finding.spots[0]
        number = order.index(spot.file) if spot.file in order else len(order)
        return number, spot.line, spot.column, finding.code, finding.message

    placed.sort(key=in_order)
    if len(every) > len(placed):
        message = f"and {len(every) - len(placed)} more findings, not listed"
        placed.append(Finding(code="more", message=message))
    return tuple(placed)


class _Placed:
    """A text in which places are looked up."""

    def __init__(self, text: FileText) -> None:
        from kpirules.document.positions import find_places  # noqa: PLC0415 - for a finding only

        self.file = text.file
        self.places: Places = find_places(text.text)
        self.lines = [line.rstrip("\r") for line in text.text.split("\n")]


def _offset(finding: Finding, origin: Origin, texts: list[_Placed]) -> tuple[int, int]:
    """Give the number of the text in which a finding stands, and about where in it."""
    if finding.spots:
        return 0, 0
    number, path = origin.find(finding.path)
    return number, texts[number].places.offset(path)


def _spotted(finding: Finding, origin: Origin, texts: list[_Placed]) -> Finding:
    """Give a finding with its places."""
    if finding.spots:
        return finding
    paths = [finding.path] + ([] if finding.other is None else [finding.other])
    at_key = finding.code in _ABOUT_A_NAME
    spots: list[Spot] = []
    for each in paths:
        number, path = origin.find(each)
        spots.append(_spot(path, texts[number], at_key=at_key))
    if finding.inside is not None:
        spots[0] = _inside(spots[0], *finding.inside)
    return attrs.evolve(finding, spots=tuple(spots))


def _spot(path: KeyPath, text: _Placed, *, at_key: bool) -> Spot:
    """Find the place of a path: its value (or key), else the nearest part around it."""
    nearest = text.places.nearest(path)
    if not nearest:
        source = text.lines[0] if text.lines else ""
        return Spot(file=text.file, line=1, column=1, end_column=2, source=source)
    found = text.places[nearest]
    span = found.key if found.value is None or nearest != path or at_key else found.value
    return Spot(
        file=text.file,
        line=span.line,
        column=span.column,
        end_column=span.end_column,
        source=text.lines[span.line - 1] if span.line <= len(text.lines) else "",
    )


def _inside(spot: Spot, start: int, end: int) -> Spot:
    """Point at some characters of a text in quotes, where it is written as it is."""
    first = spot.column + 1 + start
    last = min(spot.column + 1 + end, spot.end_column)
    written = spot.source[spot.column - 1 : spot.column + 2]
    if "\\" in spot.source or written in ('"""', "'''") or first >= spot.end_column:
        return spot
    return attrs.evolve(spot, column=first, end_column=max(last, first + 1))


def _at(finding: Finding, text: str, file: str, line: int, column: int) -> Finding:
    """Place a finding at a line and column."""
    lines = text.split("\n")
    source = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
    spot = Spot(file=file, line=line, column=column, end_column=column + 1, source=source)
    return attrs.evolve(finding, spots=(spot,))
