"""Caches by identity, tables of a bounded size, and parts of a result that are built on demand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import ref


if TYPE_CHECKING:
    from collections.abc import Callable


_K = TypeVar("_K")
_V = TypeVar("_V")

#: the maximum number of entries of a bounded table
MAX_ENTRIES = 1_024
#: the maximum number of rulesets that a process holds for its calls; one takes up to 400 KiB
MAX_RULESETS = 2_048


class BoundedCache(dict[_K, _V]):
    """A table of at most :data:`MAX_ENTRIES` entries: a full one is emptied.

    For results that are computed from a few values again and again. Values that never recur fill
    the table at most once.
    """

    __slots__ = ()

    def keep(self, key: _K, value: _V) -> None:
        """Add an entry."""
        if len(self) >= self._most():
            self.clear()
        self[key] = value

    def _most(self) -> int:
        """Return the maximum number of entries."""
        return MAX_ENTRIES


class RulesetCache(BoundedCache[_K, _V]):
    """A table of at most :data:`MAX_RULESETS` entries."""

    __slots__ = ()

    def _most(self) -> int:
        return MAX_RULESETS


class LruCache(Generic[_K, _V]):
    """A table of a bounded size, from which the value goes that was not used for longest."""

    __slots__ = ("_known", "_lock", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[_K, _V] = {}
        self._lock = Lock()

    def get(self, key: _K) -> _V | None:
        """Return a value, or None."""
        with self._lock:
            if key not in self._known:
                return None
            # the last entry of a dict is the one used last
            value = self._known[key] = self._known.pop(key)
            return value

    def keep(self, key: _K, value: _V) -> None:
        """Add an entry."""
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = value
            if len(self._known) > self._most:
                del self._known[next(iter(self._known))]

    def __len__(self) -> int:
        return len(self._known)


class _ByIdentity(Generic[_K, _V]):
    """Values by the identity of objects."""

    __slots__ = ("_known",)

    def __init__(self, known: dict[int, tuple[object, _V]]) -> None:
        self._known = known

    def get(self, key: _K) -> _V | None:
        """Return the value of an object, or None."""
        known = self._known.get(id(key))
        return None if known is None else known[1]

    def __len__(self) -> int:
        return len(self._known)


class IdentityCache(_ByIdentity[_K, _V]):
    """Values by the identity of objects; an entry is removed when its object is collected.

    Equal objects may have different origins, and hashing a whole rubric is slow. A value must not
    refer to its object, which would never be collected; for such values there is
    :class:`HoldingIdentityCache`.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__({})

    def __setitem__(self, key: _K, value: _V) -> None:
        forget = self._forget(id(key))
        self._known[id(key)] = (ref(key, forget), value)

    def _forget(self, key: int) -> Callable[[object], None]:
        """Return the callback that removes an entry when its object is collected."""
        known = self._known

        def forget(gone: object) -> None:
            # another object may have the same id by now
            if key in known and known[key][0] is gone:
                del known[key]

        return forget


class HoldingIdentityCache(_ByIdentity[_K, _V]):
    """Values by the identity of at most :data:`MAX_RULESETS` objects, which are kept alive."""

    __slots__ = ("_bounded",)

    def __init__(self) -> None:
        # an object that is in the table is alive, so that no other has its id
        self._bounded: RulesetCache[int, tuple[object, _V]] = RulesetCache()
        super().__init__(self._bounded)

    def keep(self, key: _K, value: _V) -> None:
        """Add an entry."""
        self._bounded.keep(id(key), (key, value))


class Deferred(ABC, Generic[_V]):
    """A part of a result that is built once, on demand, together with its JSON text."""

    __slots__ = ("_made", "derived", "text")

    def __init__(self, derived: tuple[Deferred[Any], ...] = ()) -> None:
        self._made: _V | None = None
        #: the derived facts that were computed with it
        self.derived: tuple[Deferred[Any], ...] = derived
        #: its JSON text, once it has been requested
        self.text: str | None = None

    @abstractmethod
    def make(self) -> _V:
        """Build the part."""

    def get(self) -> _V:
        """Return the part; build it first if necessary."""
        if self._made is None:
            self._made = self.make()
        return self._made

    def __reduce__(self) -> tuple[type[Made[_V]], tuple[Any, ...]]:
        made = self.get()
        return Made, (made, self.derived) if self.derived else (made,)


class Made(Deferred[_V]):
    """A part of a result that exists already, such as one that was read from JSON."""

    __slots__ = ("_value",)

    def __init__(self, value: _V, derived: tuple[Deferred[Any], ...] = ()) -> None:
        super().__init__(derived=derived)
        self._value = value

    def make(self) -> _V:
        """Return the part."""
        return self._value
