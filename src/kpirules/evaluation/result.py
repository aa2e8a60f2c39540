"""The result of an evaluation: its content, its explanation, its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.result_content import ResultContent
from kpirules.evaluation.result_parts import (
    Demoted,
    Form,
    GateHeld,
    Gathered,
    Given,
    Heading,
    Line,
    ListStep,
    Membership,
    QuotaPlace,
    Step,
    TierReached,
    Verdict,
)


if TYPE_CHECKING:
    from collections.abc import Callable

#: the parts of a result are public together with it
__all__ = [
    "Condition",
    "Demoted",
    "Form",
    "GateHeld",
    "Gathered",
    "Given",
    "Heading",
    "Line",
    "ListStep",
    "Membership",
    "QuotaPlace",
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

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from kpirules.evaluation.pickling import (  # noqa: PLC0415 - only then
            packed,
            restored,
            restored_of_groups,
        )

        parts = (packed(self.form), self.inputs, self.verdict_part, *self.line_parts)
        if self.memberships:
            return restored_of_groups, (self.memberships, type(self), *parts)
        return restored, (type(self), *parts)

    def __copy__(self) -> Result:
        return self

    def __deepcopy__(self, memo: object, /) -> Result:
        return self

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

    def sign(self, key: str | bytes) -> str:
        r"""Return the signature of the text of :meth:`to_json`, to be stored beside it.

        HMAC-SHA-256 with a key of the application, of at least 16 bytes. A database may reorder the
        keys of the stored objects. :func:`~kpirules.verify` checks it.

        Raises :class:`TypeError` or :class:`ValueError` for a key that is not one.

        >>> from kpirules import evaluate, loads
        >>> rubric = loads('schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]')
        >>> evaluate(rubric, {"a": 70}).sign("0123456789abcdef")[:13]
        'v1:031f1e188e'
        """
        from kpirules.evaluation.result_json import tree_of  # noqa: PLC0415 - only when asked
        from kpirules.evaluation.signature import sign  # noqa: PLC0415 - only when asked

        return sign(tree_of(self), key)

    @classmethod
    def from_json(cls, text: str | bytes) -> Result:
        """Read the text of :meth:`to_json`, also what a database made of it.

        Raises :class:`~kpirules.errors.StoredResultError`, a ``ValueError`` that names the place,
        where it is not such a text.
        """
        from kpirules.evaluation.result_parser import load  # noqa: PLC0415 - only when asked

        return cls(**load(text))

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Return the result for JSON: the tree of :meth:`to_json`, made of new lists and dicts.

        :func:`~kpirules.result_schema` describes it. With a language tag ``lang``, the tree and
        each of its parts have the key ``text`` as well: labels and reasons in this language, to be
        shown. Store results without them: :func:`~kpirules.verify` does not know these keys.

        >>> from kpirules import evaluate, loads
        >>> rubric = loads('''
        ... schema = 1
        ... id = "desk"
        ... criterion = [{ id = "work", label = { en = "Work", zh = "工作" }, weight = 100 }]
        ... ''')
        >>> tree = evaluate(rubric, {"work": 70}).to_dict("zh")
        >>> tree["total"], tree["lines"][0]["text"]
        ('70', {'label': '工作', 'reason': '评 70 分'})
        """
        if lang is not None:
            from kpirules.evaluation.result_texts import tree_with_texts  # noqa: PLC0415 - as below

            return tree_with_texts(self, lang)
        from kpirules.evaluation.result_json import tree_of  # noqa: PLC0415 - only when asked

        return tree_of(self)

    @classmethod
    def from_dict(cls, tree: dict[str, Any]) -> Result:
        """Read the tree of :meth:`to_dict`, also of an older version of the format.

        Raises :class:`~kpirules.errors.StoredResultError` as :meth:`from_json` does. Keys that it
        does not know, such as texts in a language, are ignored.
        """
        from kpirules.evaluation.result_parser import read  # noqa: PLC0415 - only when asked

        return cls(**read(tree))

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
