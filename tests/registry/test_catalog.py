"""Which ruleset is meant: versions and dates, sources and packages, files out of place."""

from __future__ import annotations

import os
import pickle
import sys
from datetime import date
from importlib import metadata

import pytest
from typer.testing import CliRunner

from kpirules import Result, evaluate, load, load_file, loads, rulesets
from kpirules._internal.caching import LruCache
from kpirules.api.load import check_file
from kpirules.cli.app import app
from kpirules.errors import (
    AmbiguousRulesetError,
    NotOneRulesetError,
    RulesetError,
    RulesetNotFoundError,
    SourceError,
)
from kpirules.registry import catalog as catalog_
from kpirules.registry import packages as packages_
from kpirules.registry import sources
from kpirules.registry.catalog import Catalog, catalog, date_of


TEXT = (
    'schema = 1\nid = "{}"\neffective_from = {}\n{}\ncriterion = [{{ id = "a", weight = 100 }}]\n'
)


def write(folder, id_, since, more="", text=TEXT):
    """Write a version of a ruleset to its path."""
    path = folder / id_ / f"{since}.rubric.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.format(id_, since, more), encoding="utf-8")
    return path


def run(*arguments, code=0):
    """Return the standard output and error of a command."""
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert code == done.exit_code, done.output
    return done.stdout, done.stderr


# ---------------------------------------------------------------- effective on a date


def test_each_month_has_the_rules_of_its_time(tmp_path):
    """A version is effective until the next one begins; a later one does not apply earlier."""
    for since, note in (("2024-01-01", "first"), ("2025-07-01", "second"), ("2026-01-01", "third")):
        write(tmp_path, "depot", since, f'note = "{note}"')

    def note(*day):
        return load("depot", on=date(*day), folders=[tmp_path]).note.get()

    assert "first" == note(2024, 1, 1) == note(2025, 6, 30)
    assert "second" == note(2025, 7, 1) == note(2025, 12, 31)
    assert "third" == note(2026, 1, 1) == note(2030, 1, 1)
    with pytest.raises(
        RulesetNotFoundError, match="in force on 2023-12-31; there are: 2024-01-01 to 2025-06-30"
    ):
        note(2023, 12, 31)


def test_a_version_may_end_by_itself_and_leave_a_time_without_any(tmp_path):
    """On such a day no version is effective; it is a warning, which a ruling may accept."""
    first = write(tmp_path, "depot", "2024-01-01", "effective_until = 2024-12-31")
    write(tmp_path, "depot", "2025-03-01")
    with pytest.raises(
        RulesetNotFoundError,
        match="on 2025-02-28; there are: 2024-01-01 to 2024-12-31, from 2025-03-01",
    ):
        load("depot", on=date(2025, 2, 28), folders=[tmp_path])
    (gap,) = (f for f in check_file(first) if f.severity != "note")
    assert "version-gap" == gap.code
    assert "no version is effective from 2025-01-01 to 2025-02-28" == gap.message()
    assert 4 == gap.spots[0].line
    ruling = 'ruling = [{ clause = "1", conflict = "c", decision = "d", accepts = ["version-gap effective_until"] }]'
    write(tmp_path, "depot", "2024-01-01", f"effective_until = 2024-12-31\n{ruling}")
    assert [("version-gap", "1")] == [
        (f.code, f.accepted_by) for f in check_file(first) if f.severity != "note"
    ]


def test_two_versions_effective_at_once_are_an_error(tmp_path):
    """A finding in the version that should have ended, and no rubric is loaded on such a day."""
    first = write(tmp_path, "depot", "2024-01-01", "effective_until = 2025-12-31")
    second = write(tmp_path, "depot", "2025-07-01", "effective_until = 2025-09-30")
    with pytest.raises(NotOneRulesetError) as caught:
        load("depot", on=date(2025, 8, 1), folders=[tmp_path])
    assert (str(first), str(second)) == caught.value.files
    assert "2024-01-01" == str(
        load("depot", on=date(2025, 11, 1), folders=[tmp_path]).effective_from
    )
    (found,) = (f for f in check_file(first) if f.severity != "note")
    assert ("version-overlap", "error") == (found.code, found.severity)
    assert (
        "2025-07-01.rubric.toml is effective as well from 2025-07-01 to 2025-09-30"
        == found.message()
    )
    assert [] == [f for f in check_file(second) if f.severity != "note"]
    write(tmp_path, "depot", "2025-07-01")
    (found,) = (f for f in check_file(first) if f.severity != "note")
    assert (
        "2025-07-01.rubric.toml is effective as well from 2025-07-01 to 2025-12-31"
        == found.message()
    )


def test_a_version_that_ends_before_it_begins_is_a_fault(tmp_path):
    """The finding is at the date."""
    path = write(tmp_path, "depot", "2025-01-01", "effective_until = 2024-12-31")
    (found,) = (f for f in check_file(path) if f.severity != "note")
    assert (
        "value",
        "effective_until is 2024-12-31, before the first effective day 2025-01-01",
    ) == (found.code, found.message())


def test_a_file_says_what_its_name_says(tmp_path):
    """Id and date are those of folder and name, where a file is named by a date."""
    path = write(tmp_path, "depot", "2025-01-01")
    moved = tmp_path / "shop" / "2025-02-01.rubric.toml"
    moved.parent.mkdir()
    moved.write_bytes(path.read_bytes())
    expected = [
        ('the id is "depot", but the folder of the file is "shop"', 2),
        ("effective_from is 2025-01-01, but the name of the file has 2025-02-01", 3),
    ]
    assert expected == [
        (f.message(), f.spots[0].line) for f in check_file(moved) if f.code == "misfiled"
    ]
    with pytest.raises(RulesetError, match="misfiled"):
        load_file(moved)
    undated = tmp_path / "shop" / "2025-03-01.rubric.toml"
    undated.write_text('schema = 1\nid = "shop"\ncriterion = [{ id = "a", weight = 100 }]')
    assert ["effective_from is missing, but the name of the file has 2025-03-01"] == [
        f.message() for f in check_file(undated) if f.code == "misfiled"
    ]
    elsewhere = tmp_path / "any name.rubric.toml"
    elsewhere.write_bytes(path.read_bytes())
    assert "depot" == load_file(elsewhere).id
    assert None is date_of(tmp_path / "20250101.rubric.toml")


def test_an_unreadable_version_does_not_affect_others(tmp_path, monkeypatch):
    """Its own date is sufficient; loading it reports its errors."""
    broken = write(tmp_path, "depot", "2024-01-01", text="this is no TOML")
    write(tmp_path, "depot", "2025-01-01")
    assert "2025-01-01" == str(
        load("depot", on=date(2025, 1, 1), folders=[tmp_path]).effective_from
    )
    with pytest.raises(RulesetError, match="syntax"):
        load("depot", on=date(2024, 1, 1), folders=[tmp_path])
    (version, *_) = rulesets([tmp_path])[-2:]
    assert None is version.effective_until
    broken.unlink()
    assert None is version.effective_until


def test_a_file_is_read_again_when_it_has_changed(tmp_path):
    """And not while it has not."""
    path = write(tmp_path, "depot", "2025-01-01", 'note = "old"')
    first = load("depot", folders=[tmp_path])
    assert first is load("depot", folders=[tmp_path])
    write(tmp_path, "depot", "2025-01-01", 'note = "newer"')
    os.utime(path, ns=(1, 1))
    assert "newer" == load("depot", folders=[tmp_path]).note.get()


def test_only_so_many_rubrics_are_kept(tmp_path, monkeypatch):
    """A program that loads ever new files does not grow without end."""
    from kpirules.api import load as api_load

    monkeypatch.setattr(api_load, "_CACHES", LruCache(2))
    monkeypatch.setattr(api_load, "_MAX_LOADED", 2)
    for name in "abc":
        write(tmp_path, name, "2025-01-01")
        load(name, folders=[tmp_path])
    (cache,) = api_load._CACHES._known.values()  # noqa: SLF001 - the cache is under test
    assert 2 == len(cache)
    for name in "abc":
        load("customer-service", folders=[tmp_path / name])
    assert 2 == len(api_load._CACHES)  # noqa: SLF001 - as above


# ---------------------------------------------------------------- sources


class Point:
    """An entry point, as an installed package declares it."""

    def __init__(self, name, value, package=None):
        self.name, self.value = name, value
        self.dist = (
            None
            if package is None
            else type("Dist", (), dict(zip(("name", "version"), package, strict=True)))
        )


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Declare packages, as if they were installed."""
    points = []
    monkeypatch.setattr(
        metadata, "entry_points", lambda group: points if group == packages_.GROUP else []
    )
    monkeypatch.syspath_prepend(tmp_path)
    caches = (packages_.packages, sources._packaged)  # noqa: SLF001 - cleared for this test
    for cache in caches:
        cache.cache_clear()
    yield points
    for cache in caches:
        cache.cache_clear()


def test_a_package_brings_rulesets_with_its_name_and_version(tmp_path, packages):
    """Its files are found without its code being run; name and version are in the result."""
    home = tmp_path / "acme_rules"
    write(home, "acme-driver", "2025-01-01")
    (home / "__init__.py").write_text("raise RuntimeError('nobody runs me')")
    packages.append(Point("acme", "acme_rules", ("acme-rules", "1.2.0")))
    rubric = load("acme-driver")
    result = evaluate(rubric, {"a": 50})
    assert ("acme-rules", "1.2.0") == (result.package.name, result.package.version)
    again = Result.from_json(result.to_json())
    assert "acme-rules 1.2.0" == str(again.package)
    assert again == result == evaluate(load_file(rubric.origin.texts[0].file), {"a": 50})
    copy = pickle.loads(pickle.dumps(rubric))  # noqa: S301 - our own bytes
    assert "acme-rules 1.2.0" == str(evaluate(copy, {"a": 50}).package)
    out, _ = run("list")
    assert "acme-driver" in out
    assert "acme-rules 1.2.0" in out
    assert "acme_rules" not in sys.modules


def test_a_package_may_hold_its_rulesets_in_a_folder(tmp_path, packages):
    """The value of the entry point is then dotted."""
    write(tmp_path / "acme_more" / "data", "acme-cook", "2025-01-01")
    packages.append(Point("acme", "acme_more.data"))
    assert "acme-cook" == load("acme-cook").id
    (found,) = (r for r in rulesets() if r.id == "acme-cook")
    assert "acme_more.data unknown" == str(found.source)


def test_an_invalid_package_is_reported_and_affects_no_other(tmp_path, packages):
    """No module of that name, a module that is not a package, no folder, any error of an import system: each is reported."""
    (tmp_path / "acme_module.py").write_text("")
    (tmp_path / "acme_empty").mkdir()
    packages += [Point("a", "acme_none"), Point("b", "acme_module"), Point("c", "acme_empty.data")]
    packages += [Point("d", "..bad", ("bad", "0.1"))]
    found = catalog()
    assert [
        'bad 0.1: entry point "d" of kpirules.rulesets: ValueError',
        'acme_empty.data unknown: entry point "c" of kpirules.rulesets: "acme_empty.data" is not a folder with files',
        'acme_module unknown: entry point "b" of kpirules.rulesets: "acme_module" is a module, not a package',
        'acme_none unknown: entry point "a" of kpirules.rulesets: there is no package "acme_none"',
    ] == [str(fault).partition("(")[0] for fault in found.faults]
    assert "customer-service" == load("customer-service").id
    with pytest.raises(RulesetNotFoundError, match="cannot be used: acme_none unknown"):
        load("nothing-like-it")
    _, err = run("list", code=1)
    assert 4 == err.count("cannot be used")


def test_a_checkout_that_nothing_has_installed_has_no_version(monkeypatch):
    """It is found all the same."""

    def refuse(_):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "version", refuse)
    packages_.own_package.cache_clear()
    try:
        assert "kpirules unknown" == str(sources.own())
    finally:
        packages_.own_package.cache_clear()


def test_folders_come_from_the_call_and_from_the_environment(tmp_path, monkeypatch):
    """A missing folder is an error of a call, and otherwise a fault that affects no other source."""
    write(tmp_path / "one", "first", "2025-01-01")
    write(tmp_path / "two", "second", "2025-01-01")
    (tmp_path / "two" / "stray.rubric.toml").write_text("")
    (tmp_path / "two" / "second" / "2025-13-01.rubric.toml").write_text("")
    monkeypatch.setenv(
        "KPIRULES_PATH", os.pathsep.join([str(tmp_path / "two"), "", str(tmp_path / "gone")])
    )
    found = catalog([tmp_path / "one", tmp_path / "one"])
    assert {"first", "second"} < {r.id for r in found.rulesets}
    assert 1 == sum(r.id == "first" for r in found.rulesets)
    said = [str(fault) for fault in found.faults]
    assert f"{tmp_path / 'gone'}: no such folder (named in KPIRULES_PATH)" == said[0]
    assert ["not found by its name: write <id>/<effective-from>.rubric.toml"] * 2 == [
        line.partition(": ")[2] for line in said[1:]
    ]
    with pytest.raises(SourceError, match="gone: no such folder"):
        load("first", folders=[tmp_path / "gone"])
    _, err = run("list", "--folder", tmp_path / "gone", code=2)
    assert "no such folder" in err


def test_a_folder_that_disappears_while_it_is_looked_for_is_a_fault(tmp_path, monkeypatch):
    """It was there when the environment was read; the other sources can be used."""
    gone = sources.FolderSource(tmp_path / "gone")
    monkeypatch.setattr(catalog_, "default_sources", lambda: ((gone, sources.own()), ()))
    found = catalog()
    assert [f"{tmp_path / 'gone'}: no such folder"] == [str(fault) for fault in found.faults]
    assert "customer-service" in {each.id for each in found.rulesets}


def test_one_id_in_two_sources_is_an_error_unless_one_is_preferred(tmp_path, packages):
    """Both are named; a package is preferred by its name, a folder by its path."""
    write(tmp_path / "mine", "customer-service", "2025-01-01")
    mine = [tmp_path / "mine"]
    with pytest.raises(AmbiguousRulesetError) as caught:
        load("customer-service", folders=mine)
    one, two = caught.value.sources
    assert str(tmp_path / "mine") in one
    assert two.startswith("kpirules ")
    assert 1 == len(load("customer-service", folders=mine, prefer=str(tmp_path / "mine")).criteria)
    assert 4 == len(load("customer-service", folders=mine, prefer="kpirules").sections)
    with pytest.raises(SourceError, match=r"kpi: no such source; there are: .*kpirules"):
        load("customer-service", folders=mine, prefer="kpi")
    write(tmp_path / "other", "driver", "2025-01-01")
    with pytest.raises(AmbiguousRulesetError):
        load(
            "customer-service", folders=[*mine, tmp_path / "other"], prefer=str(tmp_path / "other")
        )
    _, err = run("show", "customer-service", "--folder", tmp_path / "mine", code=2)
    assert "is in more than one source" in err
    out, _ = run("show", "customer-service", "--folder", tmp_path / "mine", "--prefer", "kpirules")
    assert "Personnel record" in out


def test_without_a_date_the_only_version_is_picked(tmp_path):
    """Of several none is guessed."""
    write(tmp_path, "depot", "2024-01-01")
    one = catalog([tmp_path])
    assert "depot" == one.pick("depot", None).id
    write(tmp_path, "depot", "2025-01-01")
    with pytest.raises(NotOneRulesetError, match="no date to choose one"):
        catalog([tmp_path]).pick("depot", None)
    with pytest.raises(RulesetNotFoundError, match="there are: none"):
        Catalog(rulesets=()).pick("depot", None)


# ---------------------------------------------------------------- the command line


def test_list_shows_the_rulesets_effective_on_a_date(tmp_path):
    """A month, a date, or all; a month that is none is wrong use."""
    write(tmp_path, "depot", "2024-01-01", "effective_until = 2024-12-31")
    write(tmp_path, "depot", "2025-03-15")

    def rows(*arguments):
        out, _ = run("list", "--folder", tmp_path, *arguments)
        return [line.split("|")[2].strip() for line in out.splitlines() if "| depot" in line]

    assert ["2024-01-01", "2025-03-15"] == rows()
    assert ["2024-01-01"] == rows("--on", "2024-12")
    assert [] == rows("--on", "2025-02")
    assert ["2025-03-15"] == rows("--on", "2025-03")
    assert [] == rows("--on", "2025-03-14")
    for wrong in ("2025-13", "March", "2025-02-30"):
        _, err = run("list", "--on", wrong, code=2)
        assert "write a date, 2026-10-31, or a month, 2026-10" in err


def test_a_months_file_is_scored_by_the_rules_of_that_month(tmp_path):
    """The rules must apply to the whole month; without a month, the output states the default."""
    write(tmp_path, "depot", "2024-01-01")
    write(
        tmp_path,
        "depot",
        "2025-03-15",
        text=TEXT.replace("weight = 100", "weight = 100, scale = 10"),
    )
    month = tmp_path / "month.csv"
    month.write_text("name,a\nAn,10\n", encoding="utf-8")

    def total(*arguments):
        out, err = run("evaluate", "depot", month, "--folder", tmp_path, *arguments)
        return out.splitlines()[1].split(",")[3], err

    assert "10" == total("--on", "2025-02")[0]
    assert "100" == total("--on", "2025-04")[0]
    assert "100" == total("--on", "2025-03-31")[0]
    _, err = run("evaluate", "depot", month, "--folder", tmp_path, "--on", "2025-03", code=2)
    assert "the rules change within it, on 2025-03-15: name a date" in err
    found, err = total()
    assert "100" == found
    assert "depot, in force from 2025-03-15, is taken: today's; --on takes another" in err


def test_the_rules_of_a_rubric_itself_are_not_looked_up():
    """It is effective on the date, or rejected."""
    rubric = loads(TEXT.format("x", "2025-01-01", "effective_until = 2025-12-31"))
    assert 5 == evaluate(rubric, {"a": 5}, on=date(2025, 12, 31)).total
    with pytest.raises(RulesetNotFoundError):
        evaluate(rubric, {"a": 5}, on=date(2026, 1, 1))


def test_last_dates_are_kept_and_only_so_many(tmp_path):
    """The cache of last dates is bounded."""
    from kpirules.registry.catalog import _until_in

    for month in (1, 2, 3):
        write(tmp_path, "depot", f"2025-0{month}-01", f"effective_until = 2025-0{month}-15")
    ends = [str(r.effective_until) for r in rulesets([tmp_path]) if r.id == "depot"]
    assert ["2025-01-15", "2025-02-15", "2025-03-15"] == ends
    assert 256 == _until_in.cache_info().maxsize


def test_the_last_date_is_found_however_its_key_is_spelled(tmp_path):
    """A key in quotes with an escape is the same key; a file that is not TOML has no last date."""
    path = write(tmp_path, "depot", "2024-01-01", '"effective_unti\\u006c" = 2024-12-31')
    (version,) = (r for r in rulesets([tmp_path]) if r.id == "depot")
    assert date(2024, 12, 31) == version.effective_until

    path.write_text("effective_until = [", encoding="utf-8")
    assert None is version.effective_until
