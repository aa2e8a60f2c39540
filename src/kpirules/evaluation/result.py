"""The result of an evaluation: its content, its explanation, its JSON."""

from __future__ import annotations

from typing import final

import attrs

from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.result_content import ResultContent
from kpirules.evaluation.result_parts import (
    Form,
    GateHeld,
    Given,
    Heading,
    Line,
    Step,
    TierReached,
    Verdict,
)


#: the parts of a result are public together with it
__all__ = [
    "Condition",
    "Form",
    "GateHeld",
    "Given",
    "Heading",
    "Line",
    "Result",
    "Step",
    "TierReached",
    "Verdict",
]


@final
@attrs.frozen(eq=False, repr=False)
class Result(ResultContent):
    """One scored record: points, subtotals, total, tier, pay, and the reason for each.

    Results are values: they never change, and are equal where all that they say is equal.

    >>> from kpirules import evaluate
    >>> result = evaluate("customer-service", {
    ...     "late": 1, "absent": 0, "leave_days": 0, "incidents": 0, "duty": "met",
    ...     "skill": 8, "feedback": 8, "manner": 4, "teamwork": 4,
    ...     "volume": 17, "service": 16, "conversion": 9,
    ... })
    >>> result
    <Result customer-service: 84 of 100, good, pay 200>
    >>> result.subtotals["personnel"], result.lines[0].points
    (Exact('18'), Exact('4'))
    """

    def __init_subclass__(cls, **_: object) -> None:
        raise TypeError("Result is a value: hold one in a class of yours rather than inherit it")

    def explain(self, lang: str = "en") -> str:
        """Format the result with its reasons: each criterion, subtotals, total, tier, pay.

        ``lang`` is a language tag; labels fall back as :meth:`kpirules.model.rubric.Text.get` says,
        and the few words of kpirules' own are Chinese for ``zh``, English otherwise.
        """
        from kpirules.evaluation.explanation import explain  # noqa: PLC0415 - only when asked

        return explain(self, lang)

    def to_json(self) -> str:
        """Return the result as JSON text: all that it says, so that it can be read years later.

        Computed numbers are texts (``"84"``, ``"1000/9"``), since JSON readers make floats of
        numbers. What has an order is a list, so a database may reorder the keys of objects; equal
        results give equal text.
        """
        from kpirules.evaluation.result_json import dump  # noqa: PLC0415 - only when asked

        return dump(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> Result:
        """Read the text of :meth:`to_json`, also what a database made of it.

        Raises :class:`~kpirules.errors.StoredResultError`, a ``ValueError`` that names the place,
        where it is not such a text.
        """
        from kpirules.evaluation.result_parser import load  # noqa: PLC0415 - only when asked

        return cls.of(*load(text))
