"""Results as a type of pydantic, so that FastAPI takes them. Only pydantic imports this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kpirules.evaluation.result_json import tree_of
from kpirules.evaluation.result_parser import read


if TYPE_CHECKING:
    from kpirules.evaluation.result_content import ResultContent


_TABLE: Final = {"type": "object"}
_LIST: Final = {"type": "array", "items": _TABLE}
_NUMBER: Final = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+|/[0-9]+)?$"}
_PROPERTIES: Final[dict[str, dict[str, Any]]] = {
    "kpirules": {"type": "integer", "description": "the version of this format"},
    "rubric": _TABLE,
    "inputs": _TABLE,
    "derived": _LIST,
    "lines": _LIST,
    "subtotals": {"type": "object", "additionalProperties": _NUMBER},
    "settled": _LIST,
    "raw_total": _NUMBER,
    "adjustments": _LIST,
    "before": {"anyOf": [_TABLE, {"type": "null"}]},
    "tier_before": {"anyOf": [_TABLE, {"type": "null"}]},
    "gates": _LIST,
    "total": {"anyOf": [_NUMBER, {"type": "null"}]},
    "unratable": {"type": "boolean"},
    "tier": {"anyOf": [_TABLE, {"type": "null"}]},
    "outcomes": _LIST,
}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the JSON of results: its own keys and their types."""
    return {
        "title": "Result",
        "description": 'The result of a record. Computed numbers are texts: "84", "1000/9".',
        "type": "object",
        "properties": {**_PROPERTIES},
        "required": [*_PROPERTIES],
    }


def core_schema(result: type[ResultContent]) -> Any:  # noqa: ANN401 - its type is one of pydantic's
    """Return how pydantic validates results and serializes them.

    Valid are a result and the tree of its JSON. In Python a result is dumped as it is, in JSON as
    the tree.
    """
    from pydantic_core import core_schema as schemas  # noqa: PLC0415 - pydantic is not a dependency

    return schemas.no_info_plain_validator_function(
        lambda value: value if isinstance(value, result) else result(*read(value)),
        serialization=schemas.plain_serializer_function_ser_schema(tree_of, when_used="json"),
    )
