"""Sources of rulesets: folders, packages, mappings, and those of an application, which nobody trusts."""

from __future__ import annotations

import itertools
import threading
from datetime import date, datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import (
    AmbiguousRulesetError,
    FolderSource,
    KpirulesError,
    MappingSource,
    NotOneRulesetError,
    PackageSource,
    RulesetError,
    RulesetNotFoundError,
    Source,
    SourceError,
    TimeError,
    check_file,
    check_text,
    compile,  # noqa: A004 - the word of the field
    evaluate,
    load,
    load_file,
    loads,
    rulesets,
    verify,
)
from kpirules._internal.caching import LruCache
from kpirules.api import load as api_load
from kpirules.api.load import load_found
from kpirules.pages.api import pages
from kpirules.registry import catalog as catalog_
from kpirules.registry import untrusted
from kpirules.registry.catalog import catalog


def text(id_="sales", since="2026-01-01", more="", note="a"):
    """Return a ruleset file."""
    return (
        f'schema = 1\nid = "{id_}"\neffective_from = {since}\nnote = "{note}"\n{more}\n'
        'criterion = [{ id = "a", weight = 100 }]\n'
    )


class Table:
    """A source as a database has it: rows of (id, day, text), each use of which is counted."""

    name = "db"

    def __init__(self, *rows):
        self.rows = list(rows)
        self.read_ = []

    def list(self):
        yield from ((id_, since) for id_, since, _ in self.rows)

    def read(self, id, effective_from):  # noqa: A002 - the protocol
        self.read_.append(f"{id}/{effective_from}")
        return next(t for i, since, t in self.rows if (i, since) == (id, effective_from))

    def stamp(self, id):  # noqa: A002 - the protocol
        return tuple((since, hash(t)) for i, since, t in self.rows if i == id)


def row(id_="sales", since="2026-01-01", more="", note="a"):
    return id_, date.fromisoformat(since), text(id_, since, more, note)


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch):
    """Begin each test without cached rubrics."""
    monkeypatch.setattr(api_load, "_CACHES", LruCache(4))


# ---------------------------------------------------------------- finding


def test_a_source_of_an_application_is_used_like_files():
    """Versions by date, a month within which they change, days without any."""
    db = Table(
        row(since="2025-01-01", more="effective_until = 2025-06-30", note="one"),
        row(since="2025-09-16", note="two"),
    )
    assert isinstance(db, Source)
    assert "one" == load("sales", on="2025-06", sources=[db]).note.get()
    assert "two" == load("sales", on="2025-10", sources=[db]).note.get()
    assert 5 == evaluate("sales", {"a": 5}, on="2025-10-31", sources=[db]).total
    assert 5 == compile("sales", on="2025-10", sources=[db]).evaluate({"a": 5}).total
    with pytest.raises(RulesetNotFoundError, match="2025-01-01 to 2025-06-30, from 2025-09-16"):
        load("sales", on="2025-07", sources=[db])
    with pytest.raises(TimeError, match="2025-09-16"):
        load("sales", on="2025-09", sources=[Table(row(since="2025-01-01"), db.rows[1])])
    ends = "effective_until = 2025-12-31"
    twice = Table(row(since="2025-01-01", more=ends), row(since="2025-09-16", more=ends))
    with pytest.raises(NotOneRulesetError, match="db: sales/2025-01-01 and db: sales/2025-09-16"):
        load("sales", on="2025-10", sources=[twice])


def test_the_sources_that_are_given_are_the_only_ones():
    """Bundled rulesets are found if their package is one of them; without sources there are none."""
    db = Table(row())
    assert ["sales"] == [r.id for r in rulesets(sources=[db])]
    with pytest.raises(
        RulesetNotFoundError, match='no ruleset "customer-service"; there are: sales'
    ):
        load("customer-service", sources=[db])
    with pytest.raises(RulesetNotFoundError, match="there are: none"):
        load("customer-service", sources=[])
    both = [db, PackageSource("kpirules")]
    assert "customer-service" == load("customer-service", sources=both).id
    assert "kpirules" == load("customer-service", sources=both).package.name


def test_folders_and_sources_are_searched_together(tmp_path):
    """A folder is given by its path or as a source; the same folder twice is one."""
    path = tmp_path / "courier" / "2026-01-01.rubric.toml"
    path.parent.mkdir()
    path.write_text(text("courier"), encoding="utf-8")
    for folders, sources in (
        ([tmp_path], [Table(row())]),
        ([], [FolderSource(tmp_path), Table(row())]),
        ([tmp_path], [FolderSource(str(tmp_path)), Table(row())]),
    ):
        found = rulesets(folders, sources=sources)
        assert ["courier", "sales"] == [r.id for r in found]
        assert [path, None] == [r.path for r in found]
        assert [str(path), "db: sales/2026-01-01"] == [r.place for r in found]
        assert "courier" == load("courier", folders=folders, sources=sources).id
    with pytest.raises(SourceError, match="nowhere: no such folder"):
        rulesets(sources=[FolderSource("nowhere")])


def test_one_id_in_two_sources_is_an_error_unless_one_is_preferred(tmp_path):
    """Sources are named by their names."""
    db, mapping = Table(row(note="db")), MappingSource({"sales/2026-01-01": text(note="map")})
    with pytest.raises(AmbiguousRulesetError, match="db and mapping"):
        load("sales", sources=[db, mapping])
    for name, note in (("db", "db"), ("mapping", "map")):
        assert note == load("sales", sources=[db, mapping], prefer=name).note.get()
    with pytest.raises(SourceError, match="sqlite: no such source; there are: db, mapping"):
        load("sales", sources=[db, mapping], prefer="sqlite")


def test_two_sources_that_have_one_name_are_an_error():
    """Findings and `prefer` could not tell them apart; equal sources are one."""
    with pytest.raises(SourceError, match="mapping: two sources have this name"):
        rulesets(sources=[MappingSource({}), MappingSource({})])
    assert () == rulesets(sources=[MappingSource({}), MappingSource({}, name="other")])
    same = Table(row())
    assert 1 == len(rulesets(sources=[same, same]))


def test_a_source_without_a_name_has_that_of_its_class():
    """In places and errors."""

    class Drafts(Table):
        name = None

    assert ["Drafts: sales/2026-01-01"] == [r.place for r in rulesets(sources=[Drafts(row())])]


def test_findings_name_the_place_in_a_source():
    """As they name a file; text, findings and signature of a file are those of the source."""
    db = Table(("sales", date(2026, 1, 1), text(more="colour = 1")))
    with pytest.raises(RulesetError) as caught:
        load("sales", sources=[db])
    assert str(caught.value).startswith("db: sales/2026-01-01:5:1: error[unknown-key]: ")


def test_a_text_has_the_id_and_the_date_that_its_source_lists():
    """Else it is not loaded, as a file at a wrong path is not."""
    for listed, said in (
        (("shop", date(2026, 1, 1)), 'the id is "sales", but the source lists it as "shop"'),
        (
            ("sales", date(2026, 2, 1)),
            "effective_from is 2026-01-01, but the source lists 2026-02-01",
        ),
    ):
        with pytest.raises(RulesetError) as caught:
            load(listed[0], on="2026-10", sources=[Table((*listed, text()))])
        assert said in str(caught.value)
        assert ["misfiled"] == [f.code for f in caught.value.findings]
    undated = text().replace("effective_from", "# ")
    with pytest.raises(RulesetError, match="effective_from is missing, but the source lists"):
        load("sales", sources=[Table(("sales", date(2026, 1, 1), undated))])


# ---------------------------------------------------------------- extends

DERIVED = 'schema = 1\nid = "{}"\neffective_from = 2026-01-01\nextends = "{}"\n'


def test_a_ruleset_extends_one_of_the_same_source_first():
    """Then those of the other sources; a text is extended from the sources that are given."""
    base = row(note="of the database")
    child = ("inside", date(2026, 1, 1), DERIVED.format("inside", "sales"))
    db = Table(base, child)
    other = MappingSource({"sales/2026-01-01": text(note="of the mapping")})
    assert "of the database" == load("inside", sources=[db, other]).note.get()
    assert "of the database" == load("inside", sources=[other, db]).note.get()
    draft = DERIVED.format("draft", "sales")
    assert "of the database" == loads(draft, sources=[db]).note.get()
    assert [] == [f for f in check_text(draft, sources=[db]) if f.severity == "error"]
    assert ["unknown-ruleset"] == [f.code for f in check_text(draft, sources=[])]
    with pytest.raises(RulesetError, match="is in more than one source: db and mapping"):
        loads(draft, sources=[db, other])


def test_a_file_extends_a_ruleset_of_a_source(tmp_path):
    """`load_file` and `check_file` take sources too."""
    path = tmp_path / "draft.rubric.toml"
    path.write_text(DERIVED.format("draft", "sales"), encoding="utf-8")
    assert "a" == load_file(path, sources=[Table(row())]).note.get()
    assert [] == [f for f in check_file(path, sources=[Table(row())]) if f.severity == "error"]


def test_a_circle_in_a_database_is_found():
    """It is a finding with the places."""
    rows = [(a, date(2026, 1, 1), DERIVED.format(a, b)) for a, b in ("xy", "yx")]
    with pytest.raises(RulesetError) as caught:
        load("x", sources=[Table(*rows)])
    assert "db: x/2026-01-01 extends db: y/2026-01-01 extends db: x/2026-01-01" in str(caught.value)
    assert "db" not in caught.value.public()


# ---------------------------------------------------------------- caching


def test_a_ruleset_is_read_once_until_its_stamp_changes():
    """Changed, replaced, added, removed: what is loaded is what is there."""
    db = Table(row(note="one"))
    first = load("sales", on="2026-10", sources=[db])
    assert first is load("sales", on="2026-10-31", sources=[db])
    read = len(db.read_)
    assert first is load("sales", on="2026-10", sources=[db])
    assert first is load("sales", on="2026-10-31", sources=[db])
    assert read == len(db.read_)
    db.rows[0] = row(note="two")
    assert "two" == load("sales", on="2026-10", sources=[db]).note.get()
    db.rows.append(row(since="2026-05-01", note="three"))
    assert "three" == load("sales", on="2026-10", sources=[db]).note.get()
    db.rows.pop()
    assert "two" == load("sales", on="2026-10", sources=[db]).note.get()
    db.rows.clear()
    with pytest.raises(RulesetNotFoundError):
        load("sales", on="2026-10", sources=[db])


def test_a_ruleset_is_loaded_again_if_what_it_extends_changes():
    """Also if another version of it becomes effective, or another source gets it."""
    child = ("inside", date(2026, 1, 1), DERIVED.format("inside", "sales"))
    db, other = Table(child), Table(row(since="2025-01-01", note="one"))
    other.name = "other"
    both = [db, other]
    assert "one" == load("inside", sources=both).note.get()
    other.rows[0] = row(since="2025-01-01", note="two")
    assert "two" == load("inside", sources=both).note.get()
    other.rows.append(row(since="2025-06-01", note="three"))
    assert "three" == load("inside", sources=both).note.get()
    db.rows.append(row(since="2025-01-01", note="four"))
    assert "four" == load("inside", sources=both).note.get()
    other.rows.append(("inside", date(2026, 1, 1), ""))
    with pytest.raises(AmbiguousRulesetError):
        load("inside", sources=both)


class Unstamped(Table):
    def stamp(self, id):  # noqa: A002, ARG002 - the protocol
        return None


def test_nothing_is_cached_without_a_stamp():
    """None: the source does not know; a stamp that cannot be compared is never the same."""

    class Strange(Table):
        def stamp(self, id):  # noqa: A002, ARG002 - the protocol
            return Incomparable()

    for kind in (Unstamped, Strange):
        db = kind(row(note="one"))
        assert "one" == load("sales", sources=[db]).note.get()
        db.rows[0] = row(note="two")
        assert "two" == load("sales", sources=[db]).note.get()


class Incomparable:
    __hash__ = object.__hash__

    def __eq__(self, other):
        raise RuntimeError("no")


def test_a_change_while_a_ruleset_is_loaded_is_seen_the_next_time():
    """The stamp is older than what it stands for."""

    class Changing(Table):
        def read(self, id, effective_from):  # noqa: A002 - the protocol
            found = super().read(id, effective_from)
            self.rows[0] = row(note="two")
            return found

    db = Changing(row(note="one"))
    load("sales", sources=[db])
    assert "two" == load("sales", sources=[db]).note.get()


@attrs.frozen
class Tenant:
    """A source that is compared by value, made anew for each request."""

    name: str

    def list(self):
        return [("sales", date(2026, 1, 1))]

    def read(self, id, effective_from):  # noqa: A002, ARG002 - the protocol
        return text(note=self.name)

    def stamp(self, id):  # noqa: A002, ARG002 - the protocol
        return 1


def test_sources_have_caches_of_their_own():
    """Equal sources share one; others, and those without a hash, do not; only so many are kept."""
    one = load("sales", sources=[Tenant("one")])
    assert one is load("sales", sources=[Tenant("one")])
    assert "two" == load("sales", sources=[Tenant("two")]).note.get()

    class Unhashable(Table):
        __hash__ = None

        def __eq__(self, other):
            return True

    first, second = Unhashable(row(note="1")), Unhashable(row(note="2"))
    second.name = "second"
    assert ["1", "2"] == [load("sales", sources=[s]).note.get() for s in (first, second)]
    assert load("sales", sources=[first]) is load("sales", sources=[first])
    for number in range(9):
        load("sales", sources=[Tenant(str(number))])
    assert 4 == len(api_load._CACHES)  # noqa: SLF001 - the cache is under test


def test_the_ruleset_that_was_not_used_for_longest_goes():
    """A cache of three entries that is asked for a, b, c, a, d no longer has b."""
    cache = LruCache(3)
    for key in "abc":
        cache.keep(key, key.upper())
    assert "A" == cache.get("a")
    cache.keep("d", "D")
    assert [None, "A", "C", "D"] == [cache.get(key) for key in "bacd"]
    cache.keep("a", "a")
    assert (3, "a") == (len(cache), cache.get("a"))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60), st.integers(1, 4))
def test_a_cache_has_what_was_used_last(steps, most):
    """The law of an LRU cache, against a list."""
    cache, model = LruCache(most), []
    for key, is_kept in steps:
        if is_kept:
            cache.keep(key, key)
        elif (key in model) != (cache.get(key) is not None):
            pytest.fail("another content")
        if is_kept or key in model:
            model = [*(k for k in model if k != key), key][-most:]
    assert len(model) == len(cache)


def test_threads_may_load_at_once():
    """Each gets the ruleset, and what is cached stays bounded."""
    source, failed = Tenant("threads"), []

    def work():
        try:
            for _ in range(30):
                assert "threads" == load("sales", sources=[source]).note.get()
        except BaseException as error:  # noqa: BLE001 - reported below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == failed


def test_a_ruleset_of_a_list_is_loaded_from_its_own_source():
    """Its changes are seen, and it extends those of its source, whichever sources are given."""
    db = Table(row(), ("inside", date(2026, 1, 1), DERIVED.format("inside", "sales")))
    inside, sales = rulesets(sources=[db])
    assert ["inside", "sales"] == [inside.id, sales.id]
    assert "a" == load_found(inside).note.get() == load_found(sales, sources=[db]).note.get()
    db.rows[0] = row(note="changed")
    assert "changed" == load_found(inside).note.get() == load_found(sales).note.get()
    assert {"index.md", "inside/2026-01-01.md", "sales/2026-01-01.md"} == {*pages([inside, sales])}


# ---------------------------------------------------------------- sources that are not trusted


class Odd(Table):
    """A source whose methods return what they are told."""

    def __init__(self, **values):
        super().__init__(row())
        self.values = values

    def __getattribute__(self, name):
        values = object.__getattribute__(self, "__dict__").get("values", {})
        if name not in values:
            return object.__getattribute__(self, name)

        def method(*_):
            value = values[name]
            if isinstance(value, Exception):
                raise value
            return value() if callable(value) else value

        return method


class Quiet:
    def __str__(self):
        raise RuntimeError("no text")


def broken():
    yield "sales", date(2026, 1, 1)
    raise OSError("connection lost")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"list": None},
            'db: "list" must return an iterable of pairs of an id and a date, not None',
        ),
        ({"list": "sales"}, "must return an iterable of pairs of an id and a date, not 'sales'"),
        ({"list": 5}, "not 5"),
        ({"list": [None]}, 'db: "list" returned None; expected a pair of an id'),
        ({"list": ["sales/2026-01-01"]}, "returned 'sales/2026-01-01'"),
        ({"list": [("sales", "2026-01-01")]}, "expected a pair of an id"),
        ({"list": [("sales", datetime(2026, 1, 1))]}, "a date (without a time)"),  # noqa: DTZ001
        ({"list": [("", date(2026, 1, 1))]}, "expected a pair"),
        ({"list": [(b"sales", date(2026, 1, 1))]}, "expected a pair"),
        ({"list": [("sales", date(2026, 1, 1), 1)]}, "expected a pair"),
        ({"list": [itertools.count()]}, "expected a pair"),
        ({"list": [Quiet()]}, "returned <Quiet>"),
        ({"list": ValueError("no table")}, "db: list failed: ValueError: no table"),
        ({"list": broken}, "db: list failed: OSError: connection lost"),
        ({"read": None}, 'db: "read" must return the text of the ruleset, not None'),
        ({"read": 5}, "not 5"),
        ({"read": KeyError("x")}, "db: read sales/2026-01-01 failed: KeyError: 'x'"),
        ({"stamp": [1]}, 'db: "stamp" must return a value that can be hashed'),
        ({"stamp": ValueError("x\ny" * 500)}, "db: stamp sales failed: ValueError: x"),
    ],
)
def test_what_a_method_returns_or_raises_becomes_a_clear_error(values, said):
    """The source, the method, the value, and what is allowed; never another ruleset."""
    db = Odd(**values)
    with pytest.raises(SourceError) as caught:
        load("sales", sources=[db, PackageSource("kpirules")], prefer="db")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300
    assert "db" not in caught.value.public()


def test_an_error_of_a_source_keeps_its_cause():
    """For the log of the operator."""
    cause = ValueError("x")
    with pytest.raises(SourceError) as caught:
        load("sales", sources=[Odd(list=cause)])
    assert cause is caught.value.__cause__


def test_a_source_may_fail_when_it_is_used_again():
    """The cached ruleset is not used then: it may be out of date."""
    db = Table(row())
    load("sales", sources=[db])
    db.stamp = lambda _: 1 / 0
    with pytest.raises(SourceError, match="db: stamp sales failed: ZeroDivisionError"):
        load("sales", sources=[db])


def test_a_list_without_an_end_is_an_error(monkeypatch):
    """It is not waited for."""
    monkeypatch.setattr(untrusted, "MAX_RULESETS", 50)
    days = (("sales", date.fromordinal(700_000 + n)) for n in itertools.count())
    with pytest.raises(SourceError, match="db: it lists more than 50 rulesets"):
        rulesets(sources=[Odd(list=days)])
    enough = [("sales", date.fromordinal(700_000 + n)) for n in range(50)]
    assert 50 == len(rulesets(sources=[Odd(list=enough)]))


@pytest.mark.parametrize(
    "big", ["#" * 300_000, b"#" * 300_000, "\ud800", b"\xff", "", b""], ids=lambda t: repr(t[:3])
)
def test_texts_of_a_source_have_the_limits_of_files(big):
    """Their findings name the place."""
    with pytest.raises(RulesetError, match="db: sales/2026-01-01:1:1"):
        load("sales", sources=[Odd(read=big)])


def test_a_text_may_be_bytes_or_a_subclass():
    """A str of a database's own class is a text."""

    class Sub(str):
        __slots__ = ()

    class Row(tuple):
        __slots__ = ()

    db = Odd(list=[Row((Sub("sales"), date(2026, 1, 1)))], read=text().encode())
    assert "sales" == load("sales", sources=[db]).id
    assert "sales" == load(Sub("sales"), sources=[Odd(read=Sub(text()))]).id


def test_an_entry_that_is_listed_twice_is_a_fault():
    """Which of the texts is meant cannot be known."""
    db = Table(row(), row(), row("courier"))
    found = catalog(sources=[db])
    assert ["courier"] == [r.id for r in found.rulesets]
    assert ["db: sales/2026-01-01: listed twice: remove one of the two"] == [
        str(f) for f in found.faults
    ]
    with pytest.raises(RulesetNotFoundError, match="listed twice"):
        load("sales", sources=[db])


def test_a_source_may_list_errors_of_entries():
    """They are faults; the others can be used."""
    fault = SourceError(source="db: row 7", reason="the id is empty")
    db = Odd(list=[fault, ("sales", date(2026, 1, 1))])
    assert (fault,) == catalog(sources=[db]).faults
    assert "sales" == load("sales", sources=[db]).id


@pytest.mark.parametrize("sources", [5, "db", b"bytes", [5], [None], ["rulesets"], Table()])
def test_what_is_not_a_list_of_sources_is_an_error(sources):
    """A TypeError that says what is expected."""
    with pytest.raises(TypeError, match="sources: expected"):
        load("sales", sources=sources)


def test_prefer_is_a_text():
    """A source itself is not."""
    with pytest.raises(TypeError, match="prefer: expected the name of a source"):
        load("sales", prefer=Table())


# ---------------------------------------------------------------- the sources of kpirules


@pytest.mark.parametrize(
    "id_", ["../sales", "..", ".", "", "/etc", "a\0b", "x" * 5000, "\ud800", "销售"]
)
def test_an_id_that_is_no_folder_is_not_found(tmp_path, id_):
    """Whatever text it is; nothing outside of the folder is looked at."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales" / "2026-01-01.rubric.toml").write_text(text(), encoding="utf-8")
    with pytest.raises(RulesetNotFoundError):
        load(id_, sources=[FolderSource(inside)])
    assert () == FolderSource(inside).stamp(id_)


def test_a_file_of_a_folder_that_cannot_be_read_has_no_checksum(tmp_path):
    """Loading it reports why."""
    folder = tmp_path / "sales"
    folder.mkdir()
    (folder / "2026-01-01.rubric.toml").symlink_to(tmp_path / "gone")
    (folder / "2026-02-01.rubric.toml").mkdir()
    names = ["2026-01-01.rubric.toml", "2026-02-01.rubric.toml"]
    assert tuple((name, None) for name in names) == FolderSource(tmp_path).stamp("sales")
    with pytest.raises(KpirulesError, match="cannot be read"):
        load("sales", sources=[FolderSource(tmp_path)])


def test_a_mapping_has_rulesets_by_name():
    """Other names are faults; a change is seen."""
    texts = {"sales/2026-01-01": text(note="one"), "sales": "", "/2026-01-01": "", "x/2026": ""}
    source = MappingSource(texts)
    found = catalog(sources=[source])
    assert ["mapping: sales/2026-01-01"] == [r.place for r in found.rulesets]
    assert [f"mapping: {key}" for key in ("sales", "/2026-01-01", "x/2026")] == [
        f.source for f in found.faults
    ]
    assert "one" == load("sales", sources=[source]).note.get()
    texts["sales/2026-01-01"] = text(note="two").encode()
    assert "two" == load("sales", sources=[source]).note.get()
    gone = found.rulesets[0]
    texts.clear()
    with pytest.raises(SourceError, match="mapping: read sales/2026-01-01 failed: KeyError"):
        gone.read()
    with pytest.raises(SourceError, match="mapping: list failed: TypeError"):
        rulesets(sources=[MappingSource(5)])


def test_an_unknown_package_is_an_error():
    """The known ones are named."""
    with pytest.raises(SourceError, match=r"acme: no such source; there are: .*kpirules"):
        PackageSource("acme")


def test_sources_say_what_they_are(tmp_path):
    """Name and version, path, name."""
    package = PackageSource("kpirules")
    assert str(package.package) == str(package)
    assert str(tmp_path) == str(FolderSource(tmp_path))
    assert "texts" == str(MappingSource({}, name="texts"))
    assert FolderSource(tmp_path) == FolderSource(str(tmp_path))
    assert package == PackageSource("kpirules")


# ---------------------------------------------------------------- verification


def test_a_stored_result_verifies_with_the_ruleset_of_a_source():
    """Among all versions of its id; without the source there is no rubric."""
    db = Table(row(since="2025-01-01", note="one"), row(since="2026-01-01", note="two"))
    stored = evaluate("sales", {"a": 5}, on="2025-10", sources=[db]).to_json()
    done = verify(stored, sources=iter([db]))
    assert ("same", "db: sales/2025-01-01") == (done.outcome, done.file)
    assert "no-rubric" == verify(stored, sources=[]).outcome
    db.rows[0] = row(since="2025-01-01", note="changed")
    assert [
        "db: sales/2025-01-01: another fingerprint",
        "db: sales/2026-01-01: another fingerprint",
    ] == [each.partition(",")[0] for each in verify(stored, sources=[db]).looked_at]


def test_packages_are_looked_at_only_for_an_id(monkeypatch):
    """A text that extends nothing needs no source; one that is named is checked all the same."""

    def no_places(*_):
        raise AssertionError("the sources were looked at")

    with monkeypatch.context() as patch:
        patch.setattr(catalog_, "default_sources", no_places)
        assert "sales" == loads(text()).id
        assert () == tuple(f for f in check_text(text()) if f.severity == "error")
        with pytest.raises(AssertionError, match="looked at"):
            load("sales")
    with pytest.raises(TypeError, match="sources: expected a list of sources"):
        loads(text(), sources=5)
