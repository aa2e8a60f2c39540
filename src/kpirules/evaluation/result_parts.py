"""The parts of a result: the lines of criteria, steps, gates that held, the verdict, the form."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from kpirules.arithmetic.number import Exact, Number
from kpirules.compiler.row_condition import Condition
from kpirules.model.provenance import Package
from kpirules.model.rubric import Text


#: a value of a record, as it was understood: a number, a text, a flag, a list of numbers
Given: TypeAlias = Number | str | bool | tuple[Number, ...]

#: what a gate may do, by the key of the file that says it, and the type of its value
EFFECTS: Final[dict[str, type]] = {
    "unratable": bool,
    "total_at_most": Exact,
    "total_at_least": Exact,
    "demote": int,
    "tier_at_least": str,
    "tier_at_most": str,
}


@attrs.frozen(kw_only=True)
class Line:
    """The points of one criterion, and the reason.

    Points are on the criterion's ``scale``; ``contribution`` is in points of the total.

    >>> from kpirules import evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "desk"
    ... criterion = [{ id = "work", weight = 60 }, { id = "care", weight = 40, scale = 10 }]
    ... ''')
    >>> line = evaluate(rubric, {"work": 50, "care": 9}).lines[1]
    >>> line.criterion, line.points, line.scale, line.contribution, line.inputs
    ('care', Exact('9'), Exact('10'), Exact('36'), {'care': 9})
    """

    #: the criterion's id
    criterion: str
    label: Text | None = None
    #: the section's id; None in a rubric without sections
    section: str | None = None
    #: the clause of the source
    cite: Text | None = None
    #: the band's index in its table, from 0; None where no single band was taken
    band: int | None = None
    band_label: Text | None = None
    #: when that band holds
    condition: Condition = attrs.field(factory=Condition)
    #: points on the criterion's scale; None for a remark and for what was not rated
    points: Exact | None = None
    #: what the points were before they were clamped and rounded, where that changed them
    raw: Exact | None = None
    #: points at full marks; None for a remark and where none are said
    scale: Exact | None = None
    #: what it gives to its section at full marks; None where it is not scored
    weight: Exact | None = None
    #: what it gave to the total
    contribution: Exact = attrs.field(factory=Exact)
    #: (name, value) of the facts and rating that it was computed from
    used: tuple[tuple[str, Given], ...] = ()
    #: what was written on a criterion that takes no points
    remark: str | None = None
    #: why it was left out of the record: it is "missing", or its "weight" is 0
    left_out: Literal["", "missing", "weight"] = ""
    #: the points (or some rater's) stand in for what is missing
    assumed: bool = False

    @property
    def inputs(self) -> dict[str, Given]:
        """The facts and the rating that the line was computed from, by name."""
        return dict(self.used)


@attrs.frozen(kw_only=True)
class Step:
    """The value of one quantity beside the criteria, and the reason: a derived fact, ..."""

    #: its id or name
    name: str
    label: Text | None = None
    value: Exact | str
    #: what the value was before it was clamped and rounded, where that changed it
    raw: Exact | None = None
    #: the band's index in its table, from 0
    band: int | None = None
    band_label: Text | None = None
    #: when that band holds
    condition: Condition = attrs.field(factory=Condition)
    #: (name, value) of what it was computed from
    used: tuple[tuple[str, Given], ...] = ()
    #: an adjustment that adds 0, since something that it needs is missing
    skipped: bool = False


@attrs.frozen(kw_only=True)
class GateHeld:
    """A gate that held."""

    #: its index in the file, from 0
    gate: int
    #: when it holds
    condition: Condition
    #: (key, value) of what it does, such as ("tier_at_most", "fail")
    effect: tuple[tuple[str, Exact | str | bool | int], ...]
    reason: Text | None = None
    #: (name, value) of what it was judged on
    used: tuple[tuple[str, Given], ...] = ()


@attrs.frozen(kw_only=True)
class Heading:
    """One section on the form of a result."""

    id: str
    label: Text | None
    weight: Exact


@attrs.frozen(kw_only=True)
class Form:
    """What all results of one rubric share."""

    #: the rubric's id
    rubric: str
    label: Text | None
    effective_from: date | None
    #: SHA-256 of the rubric's canonical form
    fingerprint: str
    currency: str | None
    full_marks: Exact
    sections: tuple[Heading, ...]
    #: (name, label) of the inputs that have one
    labels: tuple[tuple[str, Text], ...]
    #: what a wage is made of
    components: tuple[str, ...]
    #: (name, ((code, label), ...)) of inputs with options that have one, and of the tiers; they say
    #: nothing that the fingerprint does not, and results stored before they were kept lack them
    options: tuple[tuple[str, tuple[tuple[str, Text], ...]], ...] = attrs.field(
        default=(), eq=False
    )
    #: the installed package that the rubric comes from; says nothing about what the result is
    package: Package | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True)
class TierReached:
    """The tier of a result."""

    id: str
    label: Text | None = None


@attrs.frozen(kw_only=True)
class Verdict:
    """What follows from the contributions."""

    raw_total: Exact
    #: sections whose sum was clamped or rounded
    subtotals: tuple[Step, ...] = ()
    adjustments: tuple[Step, ...] = ()
    #: the total before gates, where it is more than a plain sum
    before: Step | None = None
    tier_before: TierReached | None = None
    #: the gates that held
    gates: tuple[GateHeld, ...] = ()
    #: None where the record is unratable
    total: Exact | None
    tier: TierReached | None
    #: money, coefficients, texts
    outcomes: tuple[Step, ...]
