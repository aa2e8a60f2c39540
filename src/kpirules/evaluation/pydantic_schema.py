"""Results as a type of pydantic, so that FastAPI takes them. Only pydantic imports this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.evaluation.result_json import tree_of
from kpirules.evaluation.result_parser import read
from kpirules.evaluation.result_schema import result_schema


if TYPE_CHECKING:
    from kpirules.evaluation.result_content import ResultContent


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of results as a part of another schema.

    It has no references, which would be resolved in the description of the service, and no keys
    for texts, which a serialized result does not have.
    """
    schema = result_schema()
    kept = {key: schema["properties"][key] for key in schema["required"]}
    return {
        "title": "Result",
        "description": schema["description"],
        "type": "object",
        "properties": _resolved(kept, schema["$defs"]),
        "required": schema["required"],
    }


def _resolved(schema: Any, defs: dict[str, Any]) -> Any:  # noqa: ANN401 - any part of a schema
    """Replace the references of a schema by what they refer to; none refers to itself."""
    if is_list(schema):
        return [_resolved(each, defs) for each in schema]
    if not is_dict(schema):
        return schema
    if "$ref" in schema:
        return _resolved(defs[schema["$ref"].rpartition("/")[2]], defs)
    return {key: _resolved(value, defs) for key, value in schema.items()}


def core_schema(result: type[ResultContent]) -> Any:  # noqa: ANN401 - its type is one of pydantic's
    """Return how pydantic validates results and serializes them.

    Valid are a result and the tree of its JSON. In Python a result is dumped as it is, in JSON as
    the tree.
    """
    from pydantic_core import core_schema as schemas  # noqa: PLC0415 - pydantic is not a dependency

    return schemas.no_info_plain_validator_function(
        lambda value: value if isinstance(value, result) else result(**read(value)),
        serialization=schemas.plain_serializer_function_ser_schema(tree_of, when_used="json"),
    )
