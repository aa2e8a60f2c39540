"""What is known of objects, tables of a bounded size, and what is made when it is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
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


class Deferred(ABC, Generic[_V]):
    """A part of a result that is made when it is first asked for, once; its JSON text with it."""

    __slots__ = ("_made", "derived", "text")

    def __init__(self, derived: tuple[Deferred[Any], ...] = ()) -> None:
        self._made: _V | None = None
        #: the derived facts that were computed with it
        self.derived = derived
        #: its JSON text, once somebody has asked for it
        self.text: str | None = None

    @abstractmethod
    def make(self) -> _V:
        """Make it."""

    def get(self) -> _V:
        """Return it."""
        if self._made is None:
            self._made = self.make()
        return self._made


class Made(Deferred[_V]):
    """A part of a result that was made before, such as one that was read."""

    __slots__ = ("_value",)

    def __init__(self, value: _V, derived: tuple[Deferred[Any], ...] = ()) -> None:
        super().__init__(derived=derived)
        self._value = value

    def make(self) -> _V:
        """Return it."""
        return self._value
