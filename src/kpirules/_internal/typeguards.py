"""Type guards for tables, lists and the fields of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeGuard, TypeVar

import attrs


_A = TypeVar("_A")
_R = TypeVar("_R")


def cache_last(function: Callable[[_A], _R]) -> Callable[[_A], _R]:
    """Cache the function's result for its last argument, compared by identity.

    For results that several checks request for the same rubric; comparing rubrics would cost more.
    """
    last: list[tuple[_A, _R]] = []

    @wraps(function)
    def ask(about: _A) -> _R:
        known = last[-1] if last else None
        if known is None or known[0] is not about:
            known = (about, function(about))
            last[:] = [known]
        return known[1]

    return ask


def is_dict(value: object) -> TypeGuard[dict[str, Any]]:
    """Check whether a value is a table; the keys of TOML and JSON tables are strings."""
    return isinstance(value, dict)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Check whether a value is a tuple, the type of the model's lists."""
    return isinstance(value, tuple)


def fields_of(cls: Any) -> tuple[attrs.Attribute[Any], ...]:  # noqa: ANN401
    """Return the fields of an attrs class."""
    return attrs.fields(cls) if attrs.has(cls) else ()


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Check whether a value is a mapping, such as a table."""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> TypeGuard[Iterable[Any]]:
    """Check whether a value can be iterated, and is not a text."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))


def is_list_or_tuple(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Check whether a value is a list or a tuple."""
    return isinstance(value, (list, tuple))


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
