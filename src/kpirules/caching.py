"""What is known of an object for as long as it is there, and tables of a bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import ref


if TYPE_CHECKING:
    from collections.abc import Callable


_K = TypeVar("_K")
_V = TypeVar("_V")

#: a bounded table has at most so many entries
MOST = 1_024


class ByIdentity(Generic[_K, _V]):
    """Values by the identity of objects; an entry is gone when its object is.

    An object may be equal to another and of another origin, and to hash a whole rubric takes long.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, tuple[ref[Any], _V]] = {}

    def get(self, key: _K) -> _V | None:
        """Return what is known of an object, or None."""
        known = self._known.get(id(key))
        return None if known is None else known[1]

    def __setitem__(self, key: _K, value: _V) -> None:
        forget = self._forget(id(key))
        self._known[id(key)] = (ref(key, forget), value)

    def _forget(self, key: int) -> Callable[[object], None]:
        """Return what removes an entry when its object is gone."""
        known = self._known

        def forget(gone: object) -> None:
            # another object may be at its place already
            if key in known and known[key][0] is gone:
                del known[key]

        return forget

    def __len__(self) -> int:
        return len(self._known)


class Bounded(dict[_K, _V]):
    """A table of at most :data:`MOST` entries: one that is full is emptied.

    For what is made of a few values again and again. Values that never come again leave no more
    than a table full of them.
    """

    __slots__ = ()

    def keep(self, key: _K, value: _V) -> None:
        """Add an entry."""
        if len(self) >= MOST:
            self.clear()
        self[key] = value
