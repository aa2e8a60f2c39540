"""The state of a draft: what is given, what is needed, and how the record can still end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpirules.arithmetic.exact import Exact
from kpirules.arithmetic.number import show
from kpirules.diagnostics.problem import Problem
from kpirules.evaluation.result_parts import Given, Line, TierReached
from kpirules.translations.message import Message


@attrs.frozen(kw_only=True)
class ReachableRange:
    """The least and the greatest value that a draft can still reach.

    >>> from kpirules import loads, progress
    >>> rubric = loads('''
    ... schema = 1
    ... id = "desk"
    ... criterion = [{ id = "work", weight = 60 }, { id = "care", weight = 40 }]
    ... ''')
    >>> total = progress(rubric, {"work": 50}).total
    >>> str(total), total.lowest, total.highest, total.exact
    ('50..90', Exact('50'), Exact('90'), True)
    """

    #: None: there is no least value
    lowest: Exact | None
    #: None: there is no greatest value
    highest: Exact | None
    #: whether both are reached by records that complete the draft; else the range may be too wide
    exact: bool

    def __str__(self) -> str:
        low, high = ("" if end is None else show(end) for end in (self.lowest, self.highest))
        return low if low and low == high else f"{low}..{high}"


@attrs.frozen(kw_only=True)
class Need:
    """What one line of the form, or a rule beside the lines, still needs.

    >>> from kpirules import progress
    >>> need = progress("customer-service", {"late": 1}).needed[0]
    >>> need.criterion, need.inputs, need.ratings
    ('attendance', ('absent',), ('attendance',))
    >>> print(need.text(), "|", need.text("en"))
    attendance: absent; or a rating | Attendance: Unexcused absences; or a rating
    """

    #: the criterion; None for an adjustment, gate, outcome or weight
    criterion: str | None = None
    #: the facts that are missing
    inputs: tuple[str, ...] = ()
    #: the ratings that are missing; beside facts: either all facts or all ratings are needed
    ratings: tuple[str, ...] = ()
    #: the need as a text
    message: Message = attrs.field(eq=False, repr=False)

    def text(self, lang: str | None = None) -> str:
        """Return what is needed: with labels in a language; without one, in English with ids."""
        return self.message.text(lang)


@attrs.frozen(kw_only=True)
class Progress:
    """The state of a draft: a record of which values are still missing.

    >>> from kpirules import progress
    >>> draft = progress("customer-service", {"late": 1, "absent": 0, "skill": 9})
    >>> draft.is_complete, len(draft.lines), draft.subtotals["personnel"]
    (False, 2, Exact('4'))
    >>> str(draft.total), str(draft.pay), draft.exact
    ('13..97', '-50..300', True)
    """

    #: the id of the rubric
    rubric: str
    #: the record as it is understood, without the values that are not allowed
    given: Mapping[str, Given]
    #: what must still be given so that the record can be evaluated, in the order of the form; a
    #: value that is not allowed counts as missing
    needed: tuple[Need, ...]
    #: the lines that have points, or a remark
    lines: tuple[Line, ...]
    #: the contribution of these lines to the total, by section; "" in a rubric without sections
    subtotals: Mapping[str, Exact]
    #: the total; None if no record that completes the draft has one
    total: ReachableRange | None
    #: the tiers that are still possible, in the order of the file
    tiers: tuple[TierReached, ...]
    #: the outcome of that name; None if there is none
    pay: ReachableRange | None
    #: all problems beside missing values
    problems: tuple[Problem, ...]
    #: whether the ranges of total and pay are exact, and each tier is reached by a record
    exact: bool

    @property
    def is_complete(self) -> bool:
        """Whether the record can be evaluated as it is."""
        return not self.needed and not self.problems

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Return the state for JSON: numbers as texts, as in the JSON of a result.

        Labels and texts are in a language; without one, in English with ids.
        """
        return {
            "rubric": self.rubric,
            "complete": self.is_complete,
            "needed": [
                {
                    "criterion": need.criterion,
                    "inputs": list(need.inputs),
                    "ratings": list(need.ratings),
                    "text": need.text(lang),
                }
                for need in self.needed
            ],
            "points": [
                {"criterion": line.criterion, "points": show(line.points)}
                for line in self.lines
                if line.points is not None
            ],
            "subtotals": [
                {"section": name, "contribution": show(value)}
                for name, value in self.subtotals.items()
            ],
            "total": _plain(self.total),
            "tiers": [
                {"id": tier.id, "label": tier.id if tier.label is None else tier.label.get(lang)}
                for tier in self.tiers
            ],
            "pay": _plain(self.pay),
            "exact": self.exact,
            "problems": [problem.to_dict(lang) for problem in self.problems],
        }


def _plain(reach: ReachableRange | None) -> dict[str, Any] | None:
    """Return a range for JSON."""
    if reach is None:
        return None
    low, high = reach.lowest, reach.highest
    return {
        "lowest": None if low is None else show(low),
        "highest": None if high is None else show(high),
        "exact": reach.exact,
    }
