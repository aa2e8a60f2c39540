"""What folders and files of rulesets contain, read again only if they may have changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from operator import attrgetter
from pathlib import Path
from time import time_ns
from typing import TypeAlias, TypeVar

from kpirules._internal.caching import LruCache
from kpirules.errors import FileError


_T = TypeVar("_T")

#: what the system reports of a file or folder, which changes with its content; None: there is none
State: TypeAlias = tuple[int, int, int, int, int] | None

#: what was changed within this time may be changed once more without another time of change
_SETTLED_NS = 2_000_000_000
#: what was read, with the state that the file or folder had before
Known: TypeAlias = LruCache[str, tuple[State, _T]]
#: the maximum number of folders, and of files, whose content is cached
MAX_KNOWN = 16_384
_NAMES: Known[tuple[str, ...]] = LruCache(MAX_KNOWN)
_CHECKSUMS: Known[bytes] = LruCache(MAX_KNOWN)


#: the fields of a state
_STATE = attrgetter("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")


def state_of(path: str) -> State:
    """Return the state of a file or folder."""
    try:
        return _STATE(os.stat(path))  # noqa: PTH116 - asked at each call
    except (OSError, ValueError):
        # a name with a zero byte cannot be that of a file
        return None


def have_states(states: Iterable[tuple[str, State]]) -> bool:
    """Check whether all paths have these states: the same as :func:`state_of`, but faster."""
    get, stat, exists, flag = _STATE, os.stat, os.access, os.F_OK
    try:
        for path, state in states:
            # asking for what does not exist is faster
            if exists(path, flag) if state is None else get(stat(path)) != state:
                return False
    except OSError:
        return False
    return True


def is_settled(state: State, now: int) -> bool:
    """Check whether each change from ``now`` on, a time in nanoseconds, gives another state.

    The clock of a file system is coarse: two changes within one tick leave the same state.
    """
    return state is None or max(state[3:]) < now - _SETTLED_NS


def names_in(folder: str) -> tuple[str, ...]:
    """Return the sorted names in a folder; none if it cannot be read."""
    try:
        return read_once(_NAMES, folder, _names)
    except (OSError, ValueError):
        return ()


def checksum_of(path: str) -> bytes | None:
    """Return a checksum of a file's content; None if it cannot be read."""
    try:
        return read_once(_CHECKSUMS, path, _checksum)
    except FileError:
        return None


def content_of(path: Path) -> bytes:
    """Read a ruleset file, within the limit of size."""
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - only with a file

    return read_bytes(path)


def read_once(known: Known[_T], path: str, read: Callable[[str], _T]) -> _T:
    """Return what ``read`` finds in a file or folder; call it only if that may have changed.

    An exception of ``read`` is raised, and not cached.
    """
    # the state comes first: a change while the path is read is seen the next time
    now, state = time_ns(), state_of(path)
    found = known.get(path)
    if found is not None and found[0] == state:
        return found[1]
    content = read(path)
    if state is not None and is_settled(state, now):
        known.keep(path, (state, content))
    return content


def _names(folder: str) -> tuple[str, ...]:
    return tuple(sorted(os.listdir(folder)))  # noqa: PTH208 - names alone


def _checksum(path: str) -> bytes:
    from hashlib import sha256  # noqa: PLC0415 - not for a text

    return sha256(content_of(Path(path))).digest()
