"""The computed names of a rubric: one class for each kind, one parser, one format.

>>> parse("points.attendance"), str(Subtotal("ability")), parse("hours_paid")
(Points(id='attendance'), 'subtotal.ability', Derived(id='hours_paid'))
"""

from __future__ import annotations

import re
from typing import ClassVar, TypeAlias

import attrs


@attrs.frozen
class _WithId:
    """A name of one of several parts: its head, a point, and the id of the part."""

    head: ClassVar[str]

    id: str

    def __str__(self) -> str:
        return f"{self.head}.{self.id}"


@attrs.frozen
class _Alone:
    """A name that a rubric has once."""

    head: ClassVar[str]

    def __str__(self) -> str:
        return self.head


class Derived(_WithId):
    """A derived fact: its id; expectations of examples may write ``derived.`` before it."""

    __slots__ = ()
    head = "derived"

    def __str__(self) -> str:
        return self.id


class Points(_WithId):
    """The points of a criterion."""

    __slots__ = ()
    head = "points"


class Contribution(_WithId):
    """The contribution of a criterion to the total."""

    __slots__ = ()
    head = "contribution"


class CriterionWeight(_WithId):
    """The weight of a criterion, if it is computed for each record."""

    __slots__ = ()
    head = "weight"


class SectionWeight(_WithId):
    """The weight of a section, if it is computed for each record."""

    __slots__ = ()
    head = "weight.section"


class Subtotal(_WithId):
    """The contribution of a section to the total."""

    __slots__ = ()
    head = "subtotal"


class Adjustment(_WithId):
    """An amount that is added to the raw total, or deducted."""

    __slots__ = ()
    head = "adjust"


class Outcome(_WithId):
    """A result that follows from total and tier."""

    __slots__ = ()
    head = "outcome"


class RawTotal(_Alone):
    """The sum of all criteria, before adjustments."""

    __slots__ = ()
    head = "raw_total"


class TotalBeforeGates(_Alone):
    """The total and the tier before gates."""

    __slots__ = ()
    head = "total before gates"


class Gates(_Alone):
    """All gates except those that reject a record: they settle total and tier."""

    __slots__ = ()
    head = "gates"


class Total(_Alone):
    """The total."""

    __slots__ = ()
    head = "total"


class Tier(_Alone):
    """The tier of the total."""

    __slots__ = ()
    head = "tier"


@attrs.frozen
class Refusal:
    """The decision of a gate to reject the record, by the index of the gate."""

    index: int

    def __str__(self) -> str:
        return f"gate[{self.index}]"


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
