"""The JSON Schema of the JSON of results: a file of the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final


#: the path of the schema, inside the package
FILE: Final = Path(__file__).parents[1] / "result.schema.json"


def schema_text() -> str:
    """Return the text of the schema."""
    return FILE.read_text(encoding="utf-8")


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of results as :meth:`~kpirules.Result.to_dict` gives them.

    It describes the current version of the format; :meth:`~kpirules.Result.from_dict` also reads
    older ones. Later versions of kpirules may add keys, so it allows unknown ones.

    >>> from kpirules import result_schema
    >>> result_schema()["properties"]["kpirules"]["const"]
    2
    """
    schema: dict[str, Any] = json.loads(schema_text())
    return schema
