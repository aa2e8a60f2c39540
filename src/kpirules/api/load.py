"""Load rulesets from a text, a file, or by id; each is read, proved sound and compiled."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules._internal.caching import MAX_RULESETS, LruCache, RulesetCache
from kpirules._internal.logs import LOGGER
from kpirules.api.programs import program_of
from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.errors import FileError, RulesetError, RulesetNotFoundError, expect
from kpirules.model.provenance import Provenance, set_provenance
from kpirules.model.rubric import Rubric
from kpirules.registry.catalog import Ruleset, effective, key_of, source_beside
from kpirules.registry.dates import days_of
from kpirules.registry.protocol import Source
from kpirules.registry.search import Search, Stamps
from kpirules.registry.sources import PATH_VARIABLE, Folders, PackageSource, date_of, is_own
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.model.provenance import FindBase
    from kpirules.registry.watch import Watch
    from kpirules.toml.parser import Reading


def loads(text: str, *, file: str = "<string>", sources: Iterable[Source] | None = None) -> Rubric:
    """Read a rubric from the text of a ruleset file.

    ``file`` is the name that errors give; ``sources``, where to look for the ruleset that it
    extends (see :func:`load`). Raises :class:`~kpirules.errors.RulesetError` with all that is wrong
    with the text or the scheme, each at its line and column.

    >>> from kpirules import loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "tiny"
    ... criterion = [{ id = "work", weight = 100 }]
    ... ''')
    >>> rubric.criteria[0].weight
    Decimal('100')
    """
    expect(text, str, "loads: expected the text of a ruleset file")
    return _load(text, file, Search(sources=sources).bases(None))


def load_file(
    path: str | os.PathLike[str],
    *,
    folders: Folders = (),
    prefer: str | None = None,
    sources: Iterable[Source] | None = None,
) -> Rubric:
    """Read a rubric from a ruleset file.

    What it extends is looked for beside it (where it is filed as ``<id>/<date>.rubric.toml``),
    then where :func:`load` looks. Raises :class:`~kpirules.errors.RulesetError` with all that is
    wrong with the file or the scheme, each at its line and column;
    :class:`~kpirules.errors.FileError` where the file cannot be read.
    """
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - only with a file

    expect(path, (str, os.PathLike), "load_file: expected the path of a ruleset file")
    file = Path(path)
    find = Search(folders, prefer, sources).bases(source_beside(file))
    return _load(read_bytes(file), str(path), find, file)


def load(
    id: str,  # noqa: A002 - the word of the language
    *,
    on: date | str | None = None,
    folders: Folders = (),
    prefer: str | None = None,
    sources: Iterable[Source] | None = None,
) -> Rubric:
    """Load the ruleset of that id that is effective on a date.

    ``on`` is a ``date``, the day of a ``datetime`` (pandas' ``Timestamp`` and NumPy's
    ``datetime64`` are taken as well), ``"2026-10-31"``, or a month, ``"2026-10"``, during all of
    which one version must hold. Without it, today's. The ruleset is looked for in the ``folders``
    given, in those of ``KPIRULES_PATH``, in installed packages, and in what is shipped; if
    ``sources`` are given, in ``folders`` and these alone (see :class:`~kpirules.Source`). Where
    several have the id, ``prefer`` says which is meant: the name of a package or another source, or
    a folder.

    A ruleset is cached with what it extends, and loaded again when one of the sources has another
    :meth:`stamp <kpirules.Source.stamp>`.

    Raises :class:`~kpirules.errors.RulesetNotFoundError` for an unknown id or a date on which none
    is effective, :class:`~kpirules.errors.NotOneRulesetError` for a date on which two are,
    :class:`~kpirules.errors.AmbiguousRulesetError` where several sources have the id,
    :class:`~kpirules.errors.TimeError` for an ``on`` that is not a date or month, or a month within
    which the rules change, :class:`~kpirules.errors.RulesetError` where the file is unsound,
    :class:`~kpirules.errors.SourceError` for a folder or source that cannot be used.

    >>> from datetime import date
    >>> from kpirules import load
    >>> load("customer-service", on=date(2026, 10, 31)).currency
    'CNY'
    >>> load("customer-service", on="2026-10").currency
    'CNY'
    """
    expect(id, str, "load: expected the id of a ruleset")
    if folders or prefer is not None:
        return load_within(Search(folders, prefer, sources), id, on)
    return _load_again(id, on, sources)


@attrs.frozen
class _Loaded:
    """A rubric, and the stamps of all ids that it was loaded with."""

    rubric: Rubric
    stamps: Stamps


@attrs.frozen
class _Watched:
    """A rubric, and what tells that a call still means it."""

    rubric: Rubric
    watch: Watch


#: the rubrics of calls without folders, which are asked for again and again
_WATCHED: RulesetCache[Hashable, _Watched] = RulesetCache()


def _load_again(id: str, on: object, sources: Iterable[Source] | None) -> Rubric:  # noqa: A002 - the word of the language
    """Load the ruleset of an id; if nothing has changed since the last time, without a search."""
    call = _call(id, on, sources)
    watched = None if call is None else _WATCHED.get(call)
    if watched is not None and watched.watch.is_current():
        return watched.rubric
    return load_within(Search(sources=sources), id, on, call=call)


def _call(id: str, on: object, sources: Iterable[Source] | None) -> Hashable | None:  # noqa: A002 - the word of the language
    """Return what identifies a call; None if that would have to be asked of objects of others."""
    if on is not None and type(on) is not str and type(on) is not date:
        return None
    if sources is None:
        return id, on, os.environ.get(PATH_VARIABLE)
    if isinstance(sources, (list, tuple)) and all(map(is_own, sources)):
        return id, on, (*sources,)
    return None


#: the rubrics of one combination of sources: by id and days, and by id and first day
_Cache: TypeAlias = LruCache[tuple[object, ...], _Loaded]
#: the caches by the sources
_CACHES: LruCache[Hashable, _Cache] = LruCache(64)
#: the maximum number of entries of each
_MAX_LOADED = 2 * MAX_RULESETS


def _cache_of(search: Search) -> _Cache:
    """Return the cache of the sources of a search."""
    cache = _CACHES.get(search.key)
    if cache is None:
        cache = _Cache(_MAX_LOADED)
        _CACHES.keep(search.key, cache)
    return cache


def load_within(
    search: Search,
    id: str,  # noqa: A002 - the word of the language
    on: object,
    option: str = "on",
    call: Hashable | None = None,
) -> Rubric:
    """Load the ruleset of an id at a time; ``option`` is the name of the time in errors.

    If nothing has changed since it was loaded, the sources are asked for their stamps alone; by the
    next ``call``, for the states of their files.
    """
    days = search.days(on, option)
    cache, key = _cache_of(search), (id, *days)
    known = cache.get(key)
    if known is not None:
        day = days[0] if on is None else None
        watch = None if call is None else search.watch(known.stamps, day)
        if search.is_current(known.stamps):
            if watch is not None:
                _WATCHED.keep(call, _Watched(known.rubric, watch))
            return known.rubric
    loaded = _loaded(search.within(id, days, on, option), search, cache)
    if search.is_cacheable:
        # the stamps of the search are older than its choice of a version
        cache.keep(key, _Loaded(loaded.rubric, {**loaded.stamps, **search.stamps}))
    return loaded.rubric


def load_found(
    found: Ruleset,
    folders: Folders = (),
    prefer: str | None = None,
    sources: Iterable[Source] | None = None,
) -> Rubric:
    """Load a ruleset that the catalog has found; raises as :func:`load_file` does."""
    # a change of its own source must be seen, whichever sources are given
    search = Search(folders, prefer, sources, own=found.source)
    search.ask(found.id)
    return _loaded(found, search, _cache_of(search)).rubric


def _loaded(found: Ruleset, search: Search, cache: _Cache) -> _Loaded:
    """Load a ruleset once, and again when it has changed, or what it extends."""
    key = (found.id, found.effective_from, key_of(found.source))
    known = cache.get(key)
    if known is not None and search.is_current(known.stamps):
        return known
    try:
        find = search.bases(found.source)
        rubric = _load(found.read(), found.place, find, found.path or found)
    except RulesetError as error:
        LOGGER.warning("%s cannot be used: findings %d", found.place, len(error.findings))
        raise
    if isinstance(found.source, PackageSource):
        set_provenance(rubric, Provenance(origin=rubric.origin, package=found.source.package))
    word = "loaded" if known is None else "reloaded"
    LOGGER.info("%s ruleset %s, effective from %s: %s", word, found.id, key[1], found.place)
    loaded = _Loaded(rubric, search.stamps)
    if search.is_cacheable:
        cache.keep(key, loaded)
    return loaded


def is_in_force(rubric: Rubric, day: date) -> bool:
    """Return whether a rubric is effective on a date; both its dates are included."""
    begun = rubric.effective_from is None or rubric.effective_from <= day
    return begun and (rubric.effective_until is None or day <= rubric.effective_until)


def in_force(
    rubric: Rubric | str, on: date | str | None, sources: Iterable[Source] | None = None
) -> Rubric:
    """Return the rubric of an id on a date, or a rubric itself where it is effective on it.

    A rubric must be effective during all of a month; ``sources`` are for an id. Raises what
    :func:`load` does.
    """
    if isinstance(rubric, str):
        return _load_again(rubric, on, sources)
    expect(rubric, Rubric, "rubric: expected a Rubric or the id of a ruleset")
    if on is not None:
        for day in days_of(on):
            if not is_in_force(rubric, day):
                times = effective(rubric.effective_from, rubric.effective_until)
                known = (str(times),)
                raise RulesetNotFoundError(id=rubric.id, on=day, known=known, periods=(times,))
    return rubric


def _load(
    content: bytes | str, file: str, find: FindBase, listed: Path | Ruleset | None = None
) -> Rubric:
    """Read, check and compile a text; ``listed`` has the id and the date that it must have."""
    from kpirules.toml.parser import read  # noqa: PLC0415 - costs 20 ms

    reading = _filed(read(content, file, find), listed)
    if reading.rubric is None or reading.findings:
        raise RulesetError(findings=_findings(reading, with_advice=False))
    program_of(reading.rubric)
    return reading.rubric


def _filed(reading: Reading, listed: Path | Ruleset | None) -> Reading:
    """Add the findings about the id and the date under which a text is found."""
    if listed is None or reading.rubric is None:
        return reading
    from kpirules.checks.versions import misfiled  # noqa: PLC0415 - only then

    if isinstance(listed, Ruleset):
        found = misfiled(reading.rubric, listed.id, listed.effective_from, "listed")
        return reading.with_findings(found)
    since = date_of(listed)
    if since is None:
        return reading
    folder = listed.absolute().parent.name
    return reading.with_findings(misfiled(reading.rubric, folder, since, "file"))


def check_text(
    content: bytes | str, *, file: str = "<string>", sources: Iterable[Source] | None = None
) -> tuple[Finding, ...]:
    r"""Return all findings about the content of a ruleset file.

    ``sources`` are where to look for the ruleset that it extends (see :func:`~kpirules.load`).
    What :func:`kpirules.check` reports of its rubric, and the errors of the text itself; an error
    of the text hides no other, as far as the rest can be read. In the order of the file.

    >>> from kpirules.api.load import check_text
    >>> text = 'schema = 1\nid = "x"\ncolour = "red"\ncriterion = [{ id = "a", weight = 90 }]'
    >>> [(f.code, f.spots[0].line) for f in check_text(text) if f.severity == "error"]
    [('unknown-key', 3), ('weights-sum', 4)]
    """
    expect(content, (str, bytes), "check_text: expected the content of a ruleset file")
    return _findings(examined(content, file, search=Search(sources=sources)))


def examined(
    content: bytes | str, file: str, path: Path | None = None, search: Search | None = None
) -> Reading:
    """Read a ruleset file's content; where it has a ``path``, look at where it lies as well."""
    from kpirules.toml.parser import read  # noqa: PLC0415 - costs 20 ms

    find = (search or Search()).bases(None if path is None else source_beside(path))
    reading = _filed(read(content, file, find), path)
    if path is None or reading.rubric is None:
        return reading
    from kpirules.checks.versions import versions  # noqa: PLC0415 - only with a file

    return reading.with_findings(versions(reading.rubric, path))


def check_file(
    path: str | os.PathLike[str],
    *,
    folders: Folders = (),
    sources: Iterable[Source] | None = None,
) -> tuple[Finding, ...]:
    """Return all findings about a ruleset file (see :func:`check_text`).

    A file that cannot be opened is a finding as well; so are versions beside it that are in force
    at the same time, or leave a time without any.
    """
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - only with a file

    expect(path, (str, os.PathLike), "check_file: expected the path of a ruleset file")
    try:
        content = read_bytes(Path(path))
    except FileError as error:
        return (unreadable(str(path), error),)
    search = Search(folders, sources=sources)
    return _findings(examined(content, str(path), Path(path), search))


def unreadable(file: str, error: FileError) -> Finding:
    """Return the finding about a file that cannot be read."""
    spot = SourceLocation(file=file, line=1, column=1, end_column=2, source="")
    reason = Message.of("finding.unreadable", reason=error.reason)
    return Finding(code="unreadable", reason=reason, spots=(spot,))


def _findings(reading: Reading, *, with_advice: bool = True) -> tuple[Finding, ...]:
    """Check what could be read."""
    from kpirules.checks.runner import findings_of  # noqa: PLC0415 - once a file
    from kpirules.toml.locate import place  # noqa: PLC0415 - only with a finding

    if reading.rubric is None:
        return place(reading.findings, reading.origin)
    return findings_of(reading.rubric, reading.findings, reading.lost, with_advice=with_advice)
