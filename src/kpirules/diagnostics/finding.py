"""A finding: what is wrong with a ruleset, where, and what would show it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from kpirules._internal.display import point, printable
from kpirules.arithmetic.number import describe


#: where something stands in the file: its keys, and the indices of its lists
KeyPath: TypeAlias = tuple[str | int, ...]

Severity: TypeAlias = Literal["error", "warning", "note"]


@attrs.frozen(kw_only=True)
class Spot:
    """A place in a file; lines and columns count from 1, columns in characters, the end is out."""

    file: str
    line: int
    column: int
    end_column: int
    #: the text of the line
    source: str

    def lines(self, most: int = 160) -> tuple[str, str]:
        """Give the source line, at most so many columns of it, and the line with the caret."""
        number = str(self.line)
        shown, pad, carets = point(self.source, self.column, self.end_column, most)
        return f" {number} | {shown}", f" {' ' * len(number)} | {pad}{carets}"


@attrs.frozen
class Code:
    """A kind of finding."""

    code: str
    severity: Severity
    #: what it is, in one line
    title: str


#: every kind of finding by its code. Each has a page in ``docs/findings``. The codes of checks
#: register when :mod:`kpirules.checks.runner` is imported.
CODES: dict[str, Code] = {}


def register(code: str, severity: Severity, title: str) -> None:
    """Add a kind of finding."""
    known = CODES.setdefault(code, made := Code(code, severity, title))
    if known != made:
        raise ValueError(f"the code {code} is registered twice, as {known} and as {made}")


# codes that reading a text reports, or that are not of a single check
register("unreadable", "error", "the file cannot be opened")
register("syntax", "error", "the text is not TOML")
register("unknown-key", "error", "a key that the language does not have")
register("missing-key", "error", "a key that must be there")
register("value", "error", "something that cannot stand where it does")
register("too-large", "error", "more than can be decided")
register("unknown-ruleset", "error", "a rubric that is extended and is not to be had")
register("override-idle", "error", "an override that overrides nothing")
register("more", "note", "more findings than are listed")


def severity_of(code: str) -> Severity:
    """Return how severe findings of a code are; one of somebody else's is an error."""
    known = CODES.get(code)
    return "error" if known is None else known.severity


def _severity(finding: Finding) -> Severity:
    return severity_of(finding.code)


@attrs.frozen(kw_only=True)
class Finding:
    """One thing that is wrong with a ruleset.

    >>> print(Finding(code="band-gap", message="no band takes this", witness=(("late", 3),)))
    error[band-gap]: no band takes this
      witness: late = 3
    """

    #: what kind of thing it is: one of :data:`CODES`
    code: str
    severity: Severity = attrs.field(default=attrs.Factory(_severity, takes_self=True))
    message: str
    #: what would be right
    help: str = ""
    #: a known name that a mistyped one resembles
    suggestion: str | None = None
    #: where it is, by keys and indices; a conflict's other place is in ``other``
    path: KeyPath = ()
    other: KeyPath | None = None
    #: which characters of the text at the path, counted from 0; None: all of it
    inside: tuple[int, int] | None = None
    #: where it is, by ids, such as ``section.ability.skill.bands[1]``
    place: str = ""
    #: the smallest inputs that show it, by name; or the smallest total, or the sum that is off
    witness: tuple[tuple[str, object], ...] = ()
    #: where two records show it together (see ``not-monotone``): the other one
    against: tuple[tuple[str, object], ...] = ()
    #: where the witness is a total: ratings that add up to it
    record: tuple[tuple[str, object], ...] = ()
    #: the clause of the ruling that accepts it; a finding that is accepted counts no longer
    accepted_by: str | None = None
    #: where it stands in the file, and where the other place of a conflict stands
    spots: tuple[Spot, ...] = ()

    @property
    def counts(self) -> bool:
        """Say whether it is open: no ruling has accepted it."""
        return self.accepted_by is None

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self.lines()).rstrip("\n")

    def lines(self, most: int = 160) -> tuple[str, ...]:
        """Give the lines of its text; of a source line, at most so many columns."""
        where = f"{self.place}: " if self.place else ""
        if self.spots:
            spot = self.spots[0]
            where = f"{printable(spot.file)}:{spot.line}:{spot.column}: "
        word = self.severity if self.counts else "accepted"
        text = [f"{where}{word}[{self.code}]: {self.message}"]
        if not self.counts:
            return (f"{text[0]} (ruling {printable(self.accepted_by or '')})",)
        for spot in self.spots:
            text += spot.lines(most) if spot.source.strip() else ()
        return (*text, *self.details())

    def details(self) -> tuple[str, ...]:
        """Give the lines about what shows it, and about what would be right."""
        shown: list[str] = []
        for name in ("witness", "against", "record"):
            pairs: tuple[tuple[str, object], ...] = getattr(self, name)
            if pairs:
                said = ", ".join(f"{printable(key)} = {describe(value)}" for key, value in pairs)
                shown.append(f"  {name}: {said}")
        if self.help:
            shown.append(f"  help: {self.help}")
        return tuple(shown)
