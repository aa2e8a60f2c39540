"""The computed names of a rubric: one class for each kind, one parser, one format.

>>> parse("points.attendance"), str(Subtotal("ability")), parse("hours_paid")
(Points(id='attendance'), 'subtotal.ability', Derived(id='hours_paid'))
"""

from __future__ import annotations

import re
from typing import ClassVar, TypeAlias

import attrs


@attrs.frozen
class Derived:
    """A derived fact: its id; expectations of examples may write ``derived.`` before it."""

    head: ClassVar = "derived"

    id: str

    def __str__(self) -> str:
        return self.id


@attrs.frozen
class Points:
    """The points of a criterion."""

    head: ClassVar = "points"

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


@attrs.frozen
class Contribution:
    """The contribution of a criterion to the total."""

    head: ClassVar = "contribution"

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


@attrs.frozen
class CriterionWeight:
    """The weight of a criterion, if it is computed for each record."""

    head: ClassVar = "weight"

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


@attrs.frozen
class SectionWeight:
    """The weight of a section, if it is computed for each record."""

    head: ClassVar = "weight.section"

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


@attrs.frozen
class Subtotal:
    """The contribution of a section to the total."""

    head: ClassVar = "subtotal"

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


@attrs.frozen
class RawTotal:
    """The sum of all criteria, before adjustments."""

    def __str__(self) -> str:
        return "raw_total"


@attrs.frozen
class Adjustment:
    """An amount that is added to the raw total, or deducted."""

    head: ClassVar = "adjust"

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


@attrs.frozen
class Refusal:
    """The decision of a gate to reject the record, by the index of the gate."""

    index: int

    def __str__(self) -> str:
        return f"gate[{self.index}]"


@attrs.frozen
class TotalBeforeGates:
    """The total and the tier before gates."""

    def __str__(self) -> str:
        return "total before gates"


@attrs.frozen
class Gates:
    """All gates except those that reject a record: they settle total and tier."""

    def __str__(self) -> str:
        return "gates"


@attrs.frozen
class Total:
    """The total."""

    def __str__(self) -> str:
        return "total"


@attrs.frozen
class Tier:
    """The tier of the total."""

    def __str__(self) -> str:
        return "tier"


@attrs.frozen
class Outcome:
    """A result that follows from total and tier."""

    head: ClassVar = "outcome"

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


Name: TypeAlias = (
    Derived
    | Points
    | Contribution
    | CriterionWeight
    | SectionWeight
    | Subtotal
    | RawTotal
    | Adjustment
    | Refusal
    | TotalBeforeGates
    | Gates
    | Total
    | Tier
    | Outcome
)

_ALONE: dict[str, Name] = {
    str(name): name for name in (RawTotal(), TotalBeforeGates(), Gates(), Total(), Tier())
}
#: the longer of two heads first
_WITH_ID = (
    Points,
    Contribution,
    SectionWeight,
    CriterionWeight,
    Subtotal,
    Adjustment,
    Outcome,
    Derived,
)
_REFUSAL = re.compile(r"gate\[([0-9]+)\]", re.ASCII)


def parse(text: str) -> Name:
    """Parse a computed name; without a known prefix it is a derived fact."""
    if text in _ALONE:
        return _ALONE[text]
    for kind in _WITH_ID:
        if text.startswith(f"{kind.head}."):
            return kind(text.removeprefix(f"{kind.head}."))
    refusal = _REFUSAL.fullmatch(text)
    return Derived(text) if refusal is None else Refusal(int(refusal[1]))


def id_of(text: str) -> str:
    """Return the id in a computed name: what follows its head, or the whole of one without."""
    return text.rpartition(".")[2]
