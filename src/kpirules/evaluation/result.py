"""The result of an evaluation: its content, its explanation, its JSON."""

from __future__ import annotations

from typing import Any, final

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

    __slots__ = ()

    def __init_subclass__(cls, **_: object) -> None:
        raise TypeError("Result is a value: hold one in a class of yours rather than inherit it")

    def explain(self, lang: str = "en") -> str:
        """Format the result with its reasons: each criterion, subtotals, total, tier, pay.

        ``lang`` is a language tag; labels fall back as :meth:`kpirules.model.rubric.Text.get` says,
        and the few words of kpirules' own are Chinese for ``zh``, English otherwise.
        """
        from kpirules.evaluation.explanation import explain  # noqa: PLC0415 - only when asked

        return explain(self, lang)

    def _repr_html_(self) -> str:
        """Return the result as a table for notebooks, in English where it has English labels."""
        from kpirules.evaluation.explanation import html  # noqa: PLC0415 - only when asked

        return html(self)

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

        return cls(*load(text))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:  # noqa: ANN401 - its type is one of pydantic's
        """Return how pydantic validates results and serializes them."""
        from kpirules.evaluation.pydantic_schema import core_schema  # noqa: PLC0415 - as above

        return core_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: object) -> dict[str, Any]:
        """Return the JSON Schema of the JSON of results."""
        from kpirules.evaluation.pydantic_schema import json_schema  # noqa: PLC0415 - as above

        return json_schema()
