"""Values that are pickled by their position, without the names of their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs


_T = TypeVar("_T")
#: the names of the fields of each class
_NAMES: dict[type[Any], tuple[str, ...]] = {}
_set: Callable[[object, str, object], None] = object.__setattr__


class Positional:
    """A frozen attrs class whose pickles hold the values of its fields, in their order.

    Unpickling neither converts nor validates them again.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        kind = type(self)
        return restored, (kind, *[getattr(self, name) for name in _names(kind)])


def restored(kind: type[_T], *values: object) -> _T:
    """Return the value of a class with the values of its fields."""
    made = kind.__new__(kind)
    for name, value in zip(_names(kind), values, strict=True):
        _set(made, name, value)
    return made


def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a class."""
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in attrs.fields(kind))
    return names
