"""The computed names of a rubric, each kind a class: one way to parse them, one to write them.

>>> parse("points.attendance"), str(Subtotal("ability")), parse("hours_paid")
(Points(id='attendance'), 'subtotal.ability', Derived(id='hours_paid'))
"""

from __future__ import annotations

import re
from typing import ClassVar, TypeAlias

import attrs


@attrs.frozen
class _WithId:
    """A name that ends in an id; one attrs class for all, since each costs time at import."""

    id: str
    #: what the name begins with
    head: ClassVar[str] = ""

    def __str__(self) -> str:
        return f"{self.head}{self.id}"


@attrs.frozen
class _Alone:
    """A name that a rubric has once."""

    text: ClassVar[str]

    def __str__(self) -> str:
        return self.text


class Derived(_WithId):
    """A derived fact."""

    __slots__ = ()


class Points(_WithId):
    """The points of a criterion."""

    __slots__ = ()
    head = "points."


class Contribution(_WithId):
    """What a criterion gives to the total."""

    __slots__ = ()
    head = "contribution."


class CriterionWeight(_WithId):
    """The weight of a criterion that is computed for each record."""

    __slots__ = ()
    head = "weight."


class SectionWeight(_WithId):
    """The weight of a section that is computed for each record."""

    __slots__ = ()
    head = "weight.section."


class Subtotal(_WithId):
    """What a section gives to the total."""

    __slots__ = ()
    head = "subtotal."


class RawTotal(_Alone):
    """What all criteria give together, before adjustments."""

    __slots__ = ()
    text = "raw_total"


class Adjustment(_WithId):
    """What is added to the raw total, or deducted."""

    __slots__ = ()
    head = "adjust."


@attrs.frozen
class Refusal:
    """Whether a gate rejects the record, by the index of the gate."""

    index: int

    def __str__(self) -> str:
        return f"gate[{self.index}]"


class TotalBeforeGates(_Alone):
    """The total and the tier, as they are before gates."""

    __slots__ = ()
    text = "total before gates"


class Gates(_Alone):
    """All gates but those that reject a record: they settle total and tier."""

    __slots__ = ()
    text = "gates"


class Total(_Alone):
    """The total."""

    __slots__ = ()
    text = "total"


class Tier(_Alone):
    """The tier of the total."""

    __slots__ = ()
    text = "tier"


class Outcome(_WithId):
    """What follows from total and tier."""

    __slots__ = ()
    head = "outcome."


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
#: the longer of two beginnings first
_WITH_ID = (Points, Contribution, SectionWeight, CriterionWeight, Subtotal, Adjustment, Outcome)
_REFUSAL = re.compile(r"gate\[([0-9]+)\]", re.ASCII)


def parse(text: str) -> Name:
    """Parse a computed name; one of no other kind is that of a derived fact."""
    if text in _ALONE:
        return _ALONE[text]
    for kind in _WITH_ID:
        if text.startswith(kind.head):
            return kind(text.removeprefix(kind.head))
    refusal = _REFUSAL.fullmatch(text)
    return Derived(text) if refusal is None else Refusal(int(refusal[1]))
