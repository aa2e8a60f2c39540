"""A finding: what is wrong with a ruleset, where, and what would show it."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import attrs

from kpirules.language import of_field
from kpirules.numbers import describe
from kpirules.texts import point, printable
from kpirules.trees import fields_of, is_tuple


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


#: every kind of finding: how grave it is, and what it says. Each has a page in ``docs/findings``.
CODES: dict[str, tuple[Severity, str]] = {
    # the text of the file
    "unreadable": ("error", "the file cannot be opened"),
    "syntax": ("error", "the text is not TOML"),
    "unknown-key": ("error", "a key that the language does not have"),
    "missing-key": ("error", "a key that must be there"),
    "value": ("error", "something that cannot stand where it does"),
    "too-large": ("error", "more than can be decided"),
    "check-failed": ("error", "a check that failed itself"),
    # where the file lies, and what it takes over
    "misfiled": ("error", "a file whose name or folder says something else than the file"),
    "version-overlap": ("error", "two versions in force at once"),
    "version-gap": ("warning", "a time between two versions without any in force"),
    "unknown-ruleset": ("error", "a rubric that is extended and is not to be had"),
    "override-idle": ("error", "an override that overrides nothing"),
    "more": ("note", "more findings than are listed"),
    # names
    "duplicate-id": ("error", "one id for two things"),
    "reserved-id": ("error", "a word of the language as an id"),
    "unknown-name": ("error", "a name that nothing declares"),
    "cycle": ("error", "a quantity that hangs on itself"),
    "unused-input": ("warning", "an input that nothing asks for"),
    "unused-name": ("warning", "a name that is declared and never used"),
    # weights
    "weights-sum": (
        "error",
        "the weights of the form do not add up to 100, or to what it says instead",
    ),
    "section-sum": ("error", "the weights inside a section do not add up to the section's own"),
    # bands
    "band-gap": ("error", "facts that no band takes"),
    "band-overlap": ("error", "facts or a rating that two bands take"),
    "band-unreachable": ("error", "a band that nothing reaches"),
    "rating-gap": ("warning", "a rating between the bands that no band admits"),
    "division-by-zero": ("error", "a divisor that can be 0"),
    "off-step": ("error", "a number off the grid that it must lie on"),
    "points-out-of-range": ("error", "points or a total outside of their range"),
    "may-be-missing": ("error", "a name that a record may leave out, and that something needs"),
    "not-proved": ("warning", "a question that is neither proved nor shown by a record"),
    "not-monotone": ("warning", "better facts give less, or a higher total pays less"),
    # totals and tiers
    "tier-gap": ("error", "a total that can occur and has no tier"),
    "tier-overlap": ("error", "a total that can occur and has two tiers"),
    "tier-unreachable": ("warning", "a tier that no total reaches"),
    "full-marks-unreachable": ("warning", "no record reaches full marks"),
    # gates
    "gate-idle": ("warning", "a gate that cannot hold, or changes nothing"),
    # what the file says about itself
    "example-fails": ("error", "an example that does not come out as it says"),
    "example-missing": ("note", "a band, gate or tier that no example reaches"),
    "label-missing": ("note", "a text that lacks a language that others have"),
    "ruling-idle": ("warning", "a ruling that accepts a finding that is not there"),
}


def _severity(finding: Finding) -> Severity:
    """Give how grave findings of a code are; one of somebody else's is an error."""
    return CODES.get(finding.code, ("error", ""))[0]


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


#: keys that a place by ids leaves out: what follows them is named by its own id
_SILENT = frozenset({"criterion"})


def place_of(rubric: object, path: KeyPath) -> str:
    """Name a place by ids: ``section.ability.skill.bands[1]``, ``tier.good``, ``inputs.late``."""
    parts: list[str] = []
    at: Any = rubric
    for step in path:
        if isinstance(step, int):
            at = at[step] if is_tuple(at) and step < len(at) else None
            name = getattr(at, "id", None)
            if name is None:
                parts.append(f"{parts.pop() if parts else ''}[{step}]")
            else:
                parts.append(name)
        else:
            at = _child(at, step)
            if step not in _SILENT:
                parts.append(step)
    return ".".join(parts)


def _child(at: Any, key: str) -> Any:  # noqa: ANN401 - any part of the model
    """Follow a key of the file into the model."""
    if is_tuple(at):
        return next((item for item in at if getattr(item, "name", None) == key), None)
    name = next(
        (field.name for field in fields_of(at.__class__) if of_field(field).name == key), key
    )
    return getattr(at, name, None)
