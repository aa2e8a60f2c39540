"""A ruleset that is used again and again is looked for again as soon as anything has changed."""

from __future__ import annotations

import os
import threading
import time
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

import kpirules
from kpirules import FolderSource, MappingSource, PackageSource, evaluate, load, validate
from kpirules.api import load as api_load
from kpirules.errors import AmbiguousRulesetError, KpirulesError, RulesetNotFoundError
from kpirules.registry import files, sources
from kpirules.registry import search as search_
from kpirules.registry import watch as watch_
from kpirules.registry.search import Search


TEXT = 'schema = 1\nid = "{}"\neffective_from = {}\nnote = "{}"\n{}\n'
WORK = 'criterion = [{ id = "a", weight = 100 }]'


def write(folder, note, id_="depot", since="2025-01-01", more=WORK):
    """Write a version of a ruleset to its path."""
    path = folder / id_ / f"{since}.rubric.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT.format(id_, since, note, more), encoding="utf-8")
    return path


@pytest.fixture
def searches(monkeypatch):
    """Count the searches; files count as settled at once."""
    monkeypatch.setattr(files, "_SETTLED_NS", -(10**18))
    made = []

    class Counted(Search):
        def __init__(self, *arguments, **named):
            made.append(1)
            super().__init__(*arguments, **named)

    monkeypatch.setattr(api_load, "Search", Counted)
    return made


def settle(*arguments, **named):
    """Load until nothing is looked for any more."""
    for _ in range(2):
        load(*arguments, **named)


@pytest.mark.parametrize(
    "where",
    [
        lambda folder, _: {"sources": [FolderSource(folder)]},
        lambda folder, _: {"sources": (FolderSource(folder), PackageSource("kpirules"))},
        lambda folder, patch: patch.setenv("KPIRULES_PATH", str(folder)) or {},
    ],
    ids=["folder", "folder and package", "environment"],
)
@pytest.mark.parametrize("on", [None, "2026-10", "2026-10-31", date(2026, 10, 31)])
def test_nothing_is_looked_for_while_nothing_has_changed(
    tmp_path, monkeypatch, searches, where, on
):
    """The third call and all later ones compare states alone, whichever function is called."""
    write(tmp_path, "one")
    named = {**where(tmp_path, monkeypatch), "on": on}
    settle("depot", **named)
    del searches[:]
    rubric = load("depot", **named)
    assert rubric is load("depot", **named)
    assert 5 == evaluate("depot", {"a": 5}, **named).total
    assert 5 == kpirules.compile("depot", **named).evaluate({"a": 5}).total
    assert () == validate("depot", {"a": 5}, **named)
    assert [] == searches


def changes(folder):
    """Yield after each change of what is effective in 2026-10: the note, or the error."""
    path = write(folder, "one")
    yield "one"
    write(folder, "another text in place")
    yield "another text in place"
    new = write(folder / "aside", "moved over it")
    new.replace(path)
    yield "moved over it"
    later = write(folder, "a later version", since="2026-02-01")
    yield "a later version"
    later.rename(later.with_name("2027-02-01.rubric.toml"))
    yield "moved over it"
    later.with_name("2027-02-01.rubric.toml").unlink()
    yield "moved over it"
    (folder / "depot").rename(folder / "gone")
    yield RulesetNotFoundError
    (folder / "gone").rename(folder / "depot")
    yield "moved over it"
    path.unlink()
    yield RulesetNotFoundError
    path.symlink_to(write(folder / "elsewhere", "by a link"))
    yield "by a link"
    write(folder / "elsewhere", "the target of the link")
    yield "the target of the link"


@pytest.mark.parametrize("settled", [2_000_000_000, -(10**18)])
def test_no_change_of_files_is_missed(tmp_path, monkeypatch, settled):
    """Replaced, renamed, added, removed, linked: the next call finds what there is."""
    monkeypatch.setattr(files, "_SETTLED_NS", settled)
    where = [FolderSource(tmp_path)]
    for expected in changes(tmp_path):
        for _ in range(4):
            try:
                found = load("depot", on="2026-10", sources=where).note.get()
            except KpirulesError as error:
                found = type(error)
            assert expected == found


def test_a_change_in_place_of_the_same_size_is_seen_at_once(tmp_path):
    """Also within one tick of the clock, with the time of the old content."""
    where = [FolderSource(tmp_path)]
    for step in range(60):
        note = f"step {step:02}"
        os.utime(write(tmp_path, note), ns=(1, 1))
        assert note == load("depot", sources=where).note.get()


def test_a_change_of_what_is_extended_is_seen(tmp_path, searches):
    """The states are those of all rulesets that a ruleset is made of."""
    where = [FolderSource(tmp_path)]
    write(tmp_path, "base", id_="base")
    write(tmp_path, "own", more='extends = "base"')
    settle("depot", sources=where)
    del searches[:]
    assert 100 == load("depot", sources=where).criteria[0].weight
    assert [] == searches
    write(
        tmp_path,
        "base",
        id_="base",
        more='full_marks = 50\ncriterion = [{ id = "a", weight = 50 }]',
    )
    assert 50 == load("depot", sources=where).criteria[0].weight


def test_a_second_source_of_an_id_is_seen(tmp_path, searches):
    """Which of the two is meant is an error at the next call, and not the one found before."""
    one, two = tmp_path / "one", tmp_path / "two"
    two.mkdir()
    where = [FolderSource(one), FolderSource(two)]
    write(one, "one")
    settle("depot", sources=where)
    write(two, "two")
    with pytest.raises(AmbiguousRulesetError):
        load("depot", sources=where)
    assert 3 == len(searches)


def test_the_environment_and_the_packages_are_part_of_a_call(tmp_path, monkeypatch, searches):
    """Another folder, no folder, other packages; a missing folder is asked for at each call."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        write(folder, folder.name)
        monkeypatch.setenv("KPIRULES_PATH", str(folder))
        settle("depot")
        assert folder.name == load("depot").note.get()
    monkeypatch.setenv("KPIRULES_PATH", str(one))
    del searches[:]
    assert "one" == load("depot").note.get()
    assert [] == searches
    monkeypatch.setattr(sources, "shipped", lambda: two)
    with pytest.raises(AmbiguousRulesetError):
        load("depot")
    monkeypatch.undo()
    monkeypatch.setenv("KPIRULES_PATH", os.pathsep.join([str(one), str(tmp_path / "none")]))
    settle("depot")
    write(tmp_path / "none", "none")
    with pytest.raises(AmbiguousRulesetError):
        load("depot")


def test_a_new_day_may_have_another_version(tmp_path, monkeypatch, searches):
    """Without a date it is today's: the watch ends with the day, in the time zone that is set."""
    begins = date(2026, 3, 1)
    write(tmp_path, "old")
    write(tmp_path, "new", since=str(begins))
    where = [FolderSource(tmp_path)]
    days = [begins - timedelta(days=1), begins]
    # what settles files is not the clock of the test
    clock = SimpleNamespace(tzname=time.tzname, now=0.0, time_ns=time.time_ns)
    clock.time = lambda: clock.now
    monkeypatch.setattr(watch_, "time", clock)
    seconds = datetime.combine(begins, datetime.min.time()).timestamp()
    for day, at, note in ((0, seconds - 1, "old"), (1, seconds, "new"), (0, seconds - 1, "old")):
        clock.now = at
        monkeypatch.setattr(search_, "today", lambda day=day: days[day])
        settle("depot", sources=where)
        assert note == load("depot", sources=where).note.get()
    del searches[:]
    load("depot", sources=where)
    assert [] == searches
    clock.tzname = ("another", "zone")
    load("depot", sources=where)
    assert [1] == searches


@pytest.mark.parametrize(
    ("on", "where"),
    [
        (
            "2026-10",
            lambda _: [
                MappingSource({"depot/2025-01-01": TEXT.format("depot", "2025-01-01", "one", WORK)})
            ],
        ),
        ("2026-10", lambda folder: iter([FolderSource(folder)])),
        (datetime(2026, 10, 1), lambda folder: [FolderSource(folder)]),  # noqa: DTZ001 - a local time
        ("2026-10", lambda folder: [type("Own", (FolderSource,), {})(folder)]),
    ],
    ids=["mapping", "iterator", "datetime", "subclass"],
)
def test_sources_and_days_of_others_are_asked_each_time(tmp_path, searches, on, where):
    """Their equality is not for kpirules to use, and a subclass may find its files elsewhere."""
    write(tmp_path, "one")
    for _ in range(3):
        assert "one" == load("depot", on=on, sources=where(tmp_path)).note.get()
    assert 3 == len(searches)


def test_a_reader_never_goes_back_to_an_older_version(tmp_path):
    """While another thread replaces the file, each reader sees the texts in their order."""
    where, seen, failed = [FolderSource(tmp_path)], [], []
    path, done = write(tmp_path, "000"), threading.Event()

    def read():
        try:
            while not done.is_set():
                before = path.read_text(encoding="utf-8")
                note = load("depot", sources=where).note.get()
                assert before.split('note = "')[1][:3] <= note
                seen.append(note)
        except BaseException as error:  # noqa: BLE001 - reported below
            failed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for step in range(1, 40):
        write(tmp_path / "aside", f"{step:03}").replace(path)
    done.set()
    reader.join()
    assert [] == failed
    assert sorted(seen) == seen
    assert "039" == load("depot", sources=where).note.get()


def test_only_the_folder_of_the_id_is_read(tmp_path, monkeypatch):
    """With what it extends, and its other versions; all folders only to name the known ids."""
    for name in ("a", "b", "c"):
        write(tmp_path, name, id_=name)
    write(tmp_path, "base", id_="base")
    write(tmp_path, "old", more='extends = "base"')
    write(tmp_path, "new", since="2026-01-01", more='extends = "base"')
    where, read, listdir = [FolderSource(tmp_path)], set(), os.listdir

    def counted(folder):
        read.add(os.path.relpath(folder, tmp_path))
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", counted)
    assert "new" == load("depot", on="2026-10", sources=where).note.get()
    assert {"depot", "base"} == read
    with pytest.raises(RulesetNotFoundError, match="a, b, base, c, depot"):
        load("none", sources=where)
    assert {"a", "b", "c", "depot", "base", "none", "."} == read
