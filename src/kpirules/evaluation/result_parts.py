"""The parts of a result: the lines of criteria, steps, gates that held, the verdict, the form."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from kpirules._internal.positional import Positional
from kpirules.arithmetic.number import Exact, Number
from kpirules.compiler.row_condition import Condition
from kpirules.model.inputs import Cohort, Gathering, History
from kpirules.model.provenance import Package
from kpirules.model.quota import Quota
from kpirules.model.rubric import Text


#: an item of a list
Item: TypeAlias = Number | str | bool
#: a value of a record, as it was understood: a number, a text, a flag, a list
Given: TypeAlias = Item | tuple[Item, ...]

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
class Line(Positional):
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
    #: the points (or those of some raters) replace missing ratings
    assumed: bool = False

    @property
    def inputs(self) -> dict[str, Given]:
        """The facts and the rating that the line was computed from, by name."""
        return dict(self.used)


@attrs.frozen(kw_only=True)
class Step(Positional):
    """The value of a derived fact, an adjustment, a subtotal or an outcome, and the reason.

    >>> from kpirules import evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "sales"
    ... inputs.sales = { type = "number" }
    ... derive.commission = { formula = "sales / 10", clamp = "0..20" }
    ... outcome.pay = { formula = "100 + commission" }
    ... ''')
    >>> step = evaluate(rubric, {"sales": 500}).derived["commission"]
    >>> step.value, step.raw
    (Exact('20'), Exact('50'))
    """

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
class ListStep(Positional):
    """A derived fact that is computed for each item of lists: the value of each item.

    >>> from kpirules import evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "sales"
    ... inputs.sales = { type = "number", many = true }
    ... derive.commission = { many = true, formula = "sales / 10" }
    ... outcome.pay = { formula = "sum(commission)" }
    ... ''')
    >>> evaluate(rubric, {"sales": [500, 25]}).derived["commission"].values
    (Exact('50'), Exact('2.5'))
    """

    #: the name of the derived fact
    name: str
    label: Text | None = None
    values: tuple[Exact | str, ...]
    #: what each value was before it was clamped and rounded; None where that changed no value
    raw: tuple[Exact, ...] | None = None
    #: (name, value) of what the values were computed from
    used: tuple[tuple[str, Given], ...] = ()


@attrs.frozen(kw_only=True)
class QuotaPlace:
    """The place of a record among those in the tiers of a demoting quota.

    >>> from kpirules import evaluate_cohort, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "shop"
    ... criterion = [{ id = "work", weight = 100 }]
    ... tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]
    ... quota = [{ id = "top", tier = "A", at_most = "1", excess = "demote", ties = "worst" }]
    ... ''')
    >>> cohort = evaluate_cohort(rubric, {"li": {"work": 91}, "wu": {"work": 95}})
    >>> cohort.results["li"].gathered["demoted.top"].membership.quota
    QuotaPlace(allowed=Exact('1'), place=2, last=(Exact('95'),))
    """

    #: how many may have the tiers; None if nobody is counted
    allowed: Exact | None = None
    #: the place of the record, 1 is the highest; None if it is not in these tiers
    place: int | None = None
    #: by what the last record that stayed was ranked; empty if none stayed
    last: tuple[Exact, ...] = ()


@attrs.frozen(kw_only=True)
class ShareOf:
    """Of what a record has a share, and in proportion to what.

    >>> from kpirules import evaluate_cohort, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "shop"
    ... [inputs.part]
    ... type = "number"
    ... cohort = { share = "800", by = "total", otherwise = "equal" }
    ... [[criterion]]
    ... id = "work"
    ... weight = 100
    ... [outcome.bonus]
    ... formula = "part"
    ... ''')
    >>> cohort = evaluate_cohort(rubric, {"li": {"work": 50}, "wu": {"work": 30}})
    >>> cohort.results["li"].gathered["part"].membership.share
    ShareOf(amount=Exact('800'), claim=Exact('50'), claims=Exact('80'))
    """

    #: what is shared
    amount: Exact
    #: the record's own number by which it is shared, and the sum of those of all
    claim: Exact
    claims: Exact


@attrs.frozen(kw_only=True)
class Membership:
    """The group of a record that was evaluated together with others.

    >>> from kpirules import evaluate_cohort, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "shop"
    ... inputs.place = { type = "count", cohort = { rank = "total", ties = "best" } }
    ... criterion = [{ id = "work", weight = 100 }]
    ... outcome.bonus = { formula = "max(60 - 10 * place, 0)" }
    ... ''')
    >>> cohort = evaluate_cohort(rubric, {"li": {"work": 70}, "wu": {"work": 70}})
    >>> group = cohort.results["li"].gathered["place"].membership
    >>> group.heads, group.same
    (2, 1)
    """

    #: (name, value) of what its records have in common
    group: tuple[tuple[str, str | bool], ...] = ()
    #: how many take part
    heads: int
    #: how many others have the same place
    same: int = 0
    #: whether the default stands for a number: nobody takes part, or the record does not
    default: bool = False
    #: the place among those in the tiers of a demoting quota; None for an input
    quota: QuotaPlace | None = None
    #: of what the record has a share; None for other forms
    share: ShareOf | None = None


@attrs.frozen(kw_only=True)
class Gathered(Positional):
    """An input that comes from earlier results or from a cohort: its values, and their origin.

    >>> from kpirules import evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "quarter"
    ... [inputs.months]
    ... type = "number"
    ... many = true
    ... history = { rubric = "month", take = "total", each = "month", window = "inside" }
    ... [outcome.average]
    ... formula = "mean(months)"
    ... ''')
    >>> months = evaluate(rubric, {"months": [70, 55, 85]}).gathered["months"]
    >>> months.values, months.history.take, months.history.window
    ((70, 55, 85), 'total', 'inside')
    """

    #: the name of the input
    name: str
    #: one value of each earlier result, the earliest first; of a cohort the number alone
    values: tuple[Item, ...]
    #: the earlier results that they come from
    history: History | None = None
    #: the records that they come from
    cohort: Cohort | None = None
    #: the quota whose flag it is
    quota: Quota | None = None
    #: the group of these records; None if the record gave the value itself
    membership: Membership | None = None

    @property
    def origin(self) -> Gathering:
        """Where they come from."""
        origin = self.history or self.cohort or self.quota
        assert origin is not None  # noqa: S101 - a gathered input has one of them
        return origin


@attrs.frozen(kw_only=True)
class GateHeld(Positional):
    """A gate that held.

    >>> from kpirules import evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "calls"
    ... inputs.complaints = { type = "count" }
    ... criterion = [{ id = "calls", weight = 100 }]
    ... [[gate]]
    ... when = { complaints = ">= 2" }
    ... total_at_most = 59
    ... reason = "Complaints"
    ... ''')
    >>> (gate,) = evaluate(rubric, {"calls": 85, "complaints": 3}).gates
    >>> gate.effect, str(gate.reason), gate.used
    ((('total_at_most', Exact('59')),), 'Complaints', (('complaints', 3),))
    """

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
class Heading(Positional):
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
    #: (name, origin) of the inputs that are gathered; says nothing that the fingerprint does not
    gathered: tuple[tuple[str, Gathering], ...] = attrs.field(default=(), eq=False)
    #: the installed package that the rubric comes from; says nothing about what the result is
    package: Package | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True)
class TierReached(Positional):
    """The tier of a result.

    >>> from kpirules import evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "calls"
    ... criterion = [{ id = "calls", weight = 100 }]
    ... tier = [
    ...   { id = "good", total = ">= 80", label = "Good" },
    ...   { id = "fair", total = "< 80", label = "Fair" },
    ... ]
    ... ''')
    >>> tier = evaluate(rubric, {"calls": 85}).tier
    >>> tier.id, str(tier.label)
    ('good', 'Good')
    """

    id: str
    label: Text | None = None


@attrs.frozen(kw_only=True)
class Demoted(Positional):
    """A quota that took the record from its tier.

    >>> from kpirules import evaluate, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "shop"
    ... criterion = [{ id = "work", weight = 100 }]
    ... tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]
    ... quota = [{ id = "top", tier = "A", at_most = "1", excess = "demote", ties = "worst" }]
    ... ''')
    >>> (demoted,) = evaluate(rubric, {"work": 91, "demoted.top": True}).verdict.demoted
    >>> demoted.quota, demoted.tier.id, demoted.below.id
    ('top', 'A', 'B')
    """

    #: the id of the quota
    quota: str
    label: Text | None = None
    #: the tier before, and the tier after it
    tier: TierReached
    below: TierReached


@attrs.frozen(kw_only=True)
class Verdict(Positional):
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
    #: the quotas that demoted the record, after the gates, in the order in which they are judged
    demoted: tuple[Demoted, ...] = ()
    #: None where the record is unratable, and where nothing is scored
    total: Exact | None
    #: whether the record has no total although records of the ruleset have one, and no outcomes
    unratable: bool = attrs.field(
        default=attrs.Factory(lambda self: self.total is None, takes_self=True)
    )
    tier: TierReached | None
    #: money, coefficients, texts
    outcomes: tuple[Step, ...]
