"""Tables, lists and the fields of the model, told apart with their types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeGuard, TypeVar

import attrs


_A = TypeVar("_A")
_R = TypeVar("_R")


def of_the_last(function: Callable[[_A], _R]) -> Callable[[_A], _R]:
    """Keep what a function gave for the last value that it was asked about, told by identity.

    For what several checks ask of one rubric in turn: to compare rubrics would cost more.
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


def is_table(value: object) -> TypeGuard[dict[str, Any]]:
    """Say whether a value is a table; keys are texts in TOML and JSON."""
    return isinstance(value, dict)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Say whether a value is a tuple, as the model's lists are."""
    return isinstance(value, tuple)


def fields_of(cls: Any) -> tuple[attrs.Attribute[Any], ...]:  # noqa: ANN401
    """Give the fields of an attrs class, of whatever types."""
    return attrs.fields(cls) if attrs.has(cls) else ()


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Return whether a value is a mapping, such as a table."""
    return isinstance(value, Mapping)


def is_series(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Return whether a value is a list or a tuple."""
    return isinstance(value, (list, tuple))


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Say whether a value is a list."""
    return isinstance(value, list)
