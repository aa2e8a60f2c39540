"""Tables, lists and the fields of the model, told apart with their types."""

from __future__ import annotations

from typing import Any, TypeGuard

import attrs


def is_table(value: object) -> TypeGuard[dict[str, Any]]:
    """Say whether a value is a table; keys are texts in TOML and JSON."""
    return isinstance(value, dict)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Say whether a value is a tuple, as the model's lists are."""
    return isinstance(value, tuple)


def fields_of(cls: Any) -> tuple[attrs.Attribute[Any], ...]:  # noqa: ANN401
    """Give the fields of an attrs class, of whatever types."""
    return attrs.fields(cls) if attrs.has(cls) else ()


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Say whether a value is a list."""
    return isinstance(value, list)
