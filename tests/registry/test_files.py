"""What files and folders contain is read again only if it may have changed, and then always."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules._internal.caching import LruCache
from kpirules.errors import FileError
from kpirules.registry import files
from kpirules.registry.files import checksum_of, have_states, names_in, read_once, state_of


#: after so many nanoseconds a change has another time
SETTLED = 2_000_000_000


class Disk:
    """One file on a disk whose clock ticks rarely, and counts its reads."""

    def __init__(self, tick):
        self.now, self.tick, self.reads = 10**18, tick, 0
        self.content, self.changed = 0, 0
        self.write()

    def write(self):
        """Change the content, in place: nothing but the time changes."""
        self.content += 1
        self.changed = self.now // self.tick * self.tick

    def state(self, _):
        return 1, 2, 3, self.changed, self.changed

    def read(self, _):
        self.reads += 1
        return self.content


@given(
    st.integers(1, SETTLED),
    st.lists(st.one_of(st.integers(0, 3 * SETTLED), st.sampled_from("wr")), max_size=30),
)
def test_a_change_is_seen_however_rarely_the_clock_of_the_disk_ticks(tick, steps):
    """The content that is read is that of now, also after two changes within one tick."""
    disk, known = Disk(tick), LruCache(4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "time_ns", lambda: disk.now)
        patch.setattr(files, "state_of", disk.state)
        for step in steps:
            if step == "w":
                disk.write()
            elif step == "r":
                assert disk.content == read_once(known, "file", disk.read)
            else:
                disk.now += step


def test_what_has_not_changed_for_a_while_is_read_once(monkeypatch):
    """Two seconds and more after its last change; before that, each time."""
    disk, known = Disk(1), LruCache(4)
    monkeypatch.setattr(files, "time_ns", lambda: disk.now)
    monkeypatch.setattr(files, "state_of", disk.state)
    for later, reads in ((0, 1), (SETTLED, 2), (1, 3), (1, 3), (10**12, 3)):
        disk.now += later
        read_once(known, "file", disk.read)
        assert reads == disk.reads


def test_what_cannot_be_read_is_not_remembered(tmp_path, monkeypatch):
    """A failure may pass: a folder has no names, a file no checksum, and then they have."""
    monkeypatch.setattr(files, "_SETTLED_NS", -(10**18))
    path = tmp_path / "x"
    path.write_text("x")
    folder = str(tmp_path)

    def fail(*_):
        raise OSError("too many open files")

    def no_content(path):
        raise FileError(file=str(path), reason="too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", fail)
        patch.setattr(files, "content_of", no_content)
        assert ((), None) == (names_in(folder), checksum_of(str(path)))
    assert ("x",) == names_in(folder)
    assert checksum_of(str(path)) is not None
    assert ((), None) == (names_in("a\0b"), checksum_of(folder))


def test_states_are_compared_as_they_are_taken(tmp_path):
    """The quick comparison agrees with the states of a file, a folder, and what does not exist."""
    path, gone = tmp_path / "x", tmp_path / "gone"
    path.write_text("x")
    states = [(str(each), state_of(str(each))) for each in (path, tmp_path, gone)]
    assert None is states[-1][1] is state_of("a\0b")
    assert have_states(states)
    gone.write_text("")
    assert not have_states(states[-1:])
    assert not have_states(states[1:2])
    assert have_states(states[:1])
    path.unlink()
    assert not have_states(states[:1])
    Path(gone).rename(path)
    assert not have_states(states[:1])
