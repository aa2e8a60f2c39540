"""A finding: what is wrong with a ruleset, where, and what would show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from kpirules.numbers import describe
from kpirules.texts import point, printable
from kpirules.trees import fields_of, is_tuple


if TYPE_CHECKING:
    from kpirules.model import Rubric


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

    def __str__(self) -> str:
        number = str(self.line)
        shown, pad, carets = point(self.source, self.column, self.end_column)
        return f" {number} | {shown}\n {' ' * len(number)} | {pad}{carets}"


@attrs.frozen(kw_only=True)
class Finding:
    """One thing that is wrong with a ruleset.

    >>> print(Finding(code="band-gap", message="no band takes this", witness=(("late", 3),)))
    error[band-gap]: no band takes this
      witness: late = 3
    """

    #: what kind of thing it is, such as ``weights-sum``
    code: str
    severity: Severity = "error"
    message: str
    #: what would be right
    help: str = ""
    #: where it is, by keys and indices; a conflict's other place is in ``other``
    path: KeyPath = ()
    other: KeyPath | None = None
    #: where it is, by ids, such as ``section.ability.skill.bands[1]``
    place: str = ""
    #: inputs that show it, by name
    witness: tuple[tuple[str, object], ...] = ()
    #: where it stands in the file, and where the other place of a conflict stands
    spots: tuple[Spot, ...] = ()

    def __str__(self) -> str:
        text = f"{self.severity}[{self.code}]: {self.message}"
        if self.spots:
            spot = self.spots[0]
            text = f"{printable(spot.file)}:{spot.line}:{spot.column}: {text}"
        elif self.place:
            text = f"{self.place}: {text}"
        for spot in self.spots:
            text += f"\n{spot}" if spot.source.strip() else ""
        if self.witness:
            shown = ", ".join(f"{name} = {describe(value)}" for name, value in self.witness)
            text += f"\n  witness: {shown}"
        if self.help:
            text += f"\n  help: {self.help}"
        return text


#: keys that a place by ids leaves out: what follows them is named by its own id
_SILENT = frozenset({"criterion"})


def place_of(rubric: Rubric, path: KeyPath) -> str:
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
        (f.name for f in fields_of(at.__class__) if str(f.metadata.get("key", f.name)) == key), key
    )
    return getattr(at, name, None)
