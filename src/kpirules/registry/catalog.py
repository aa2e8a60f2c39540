"""The catalog: available rulesets, and versions effective on a date.

A ruleset is listed by its id and the date from which it is effective, so that it is found without
being read. It ends before the next version, or on its own last date, ``effective_until``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import attrs

from kpirules._internal.caching import LruCache
from kpirules._internal.typeguards import is_sequence
from kpirules.errors import (
    AmbiguousRulesetError,
    FileError,
    KpirulesError,
    NotOneRulesetError,
    RulesetNotFoundError,
    SourceError,
    TimeError,
)
from kpirules.registry.files import MAX_KNOWN, Known, read_once
from kpirules.registry.protocol import Source
from kpirules.registry.sources import (
    SUFFIX,
    Folders,
    FolderSource,
    PackageSource,
    date_of,
    default_sources,
)
from kpirules.registry.untrusted import entries_of, name_of, path_of, place_of, text_of
from kpirules.translations.message import Message


__all__ = ["SUFFIX", "Catalog", "Ruleset", "beside", "catalog", "date_of", "rulesets", "spans"]


@attrs.frozen(kw_only=True)
class Ruleset:
    """A ruleset that can be loaded: its id, the date from which it is effective, its source.

    >>> from kpirules import rulesets
    >>> found = next(r for r in rulesets() if r.id == "customer-service")
    >>> str(found.effective_from), found.effective_until, found.path.name
    ('2025-01-01', None, '2025-01-01.rubric.toml')
    """

    #: the rubric's id
    id: str
    #: the first day on which it is effective
    effective_from: date
    #: the source that lists it
    source: Source

    @property
    def path(self) -> Path | None:
        """The path of its file; None if its source has no files."""
        return path_of(self.source, self.id, self.effective_from)

    @property
    def place(self) -> str:
        """The place that findings name: the path, or the name in the source."""
        return place_of(self.source, self.id, self.effective_from)

    @property
    def effective_until(self) -> date | None:
        """The last date on which the ruleset is effective, if its file has one."""
        return _until(self)

    def read(self) -> str | bytes:
        """Read its text; raise :class:`~kpirules.errors.KpirulesError` if that is not possible."""
        return text_of(self.source, self.id, self.effective_from)


@attrs.frozen(kw_only=True)
class Catalog:
    """The available rulesets, and the sources and files that cannot be used."""

    #: ordered by id and date
    rulesets: tuple[Ruleset, ...]
    faults: tuple[SourceError, ...] = ()
    sources: tuple[Source, ...] = ()

    def pick(self, id: str, on: date | None, *, prefer: str | None = None) -> Ruleset:  # noqa: A002 - the word of the language
        """Return the ruleset of an id that is effective on a date.

        Without a date, the only version. ``prefer`` names the source to use if several have the id.
        Raises :class:`~kpirules.errors.RulesetNotFoundError`,
        :class:`~kpirules.errors.AmbiguousRulesetError`,
        :class:`~kpirules.errors.NotOneRulesetError`, and
        :class:`~kpirules.errors.SourceError` for an unknown source.
        """
        if prefer is not None and not any(is_called(s, prefer) for s in self.sources):
            names = tuple(dict.fromkeys(map(name_of, self.sources)))
            raise SourceError(source=prefer, reason=Message.of("source.unknown", known=names))
        versions = [r for r in self.rulesets if r.id == id]
        if not versions:
            ids = tuple(dict.fromkeys(r.id for r in self.rulesets))
            raise RulesetNotFoundError(id=id, known=ids, faults=self.faults)
        having = [s for s in self.sources if any(r.source is s for r in versions)]
        if len(having) > 1:
            liked = [s for s in having if prefer is not None and is_called(s, prefer)]
            if len(liked) != 1:
                raise AmbiguousRulesetError(id=id, sources=tuple(map(described, having)))
            versions = [r for r in versions if r.source is liked[0]]
        return _effective_version(versions, on)

    def within(
        self,
        id: str,  # noqa: A002 - the word of the language
        days: tuple[date, date],
        *,
        said: object,
        prefer: str | None = None,
        option: str = "on",
    ) -> Ruleset:
        """Return the ruleset of an id that is effective on a day, or during a whole month.

        ``said`` is the time as it was given, and ``option`` its name in errors. Raises the errors
        of :meth:`pick`, and :class:`~kpirules.errors.TimeError` for a month within which the rules
        change.
        """
        first, last = days
        found = self.pick(id, last, prefer=prefer)
        if first < last and self.pick(id, first, prefer=prefer) is not found:
            reason = Message.of("time.changes", date=found.effective_from)
            raise TimeError(said=str(said), message=reason, option=option)
        return found


def _effective_version(versions: Sequence[Ruleset], on: date | None) -> Ruleset:
    """Return the version of an id that is effective on a date."""
    there = (
        list(versions)
        if on is None
        else [r for r, _, until in spans(versions) if _is_effective(r, until, on)]
    )
    if len(there) > 1:
        files = tuple(r.place for r in there)
        raise NotOneRulesetError(id=versions[0].id, files=files, on=on)
    if there:
        return there[0]
    periods = tuple(effective(since, until) for _, since, until in spans(versions))
    known = tuple(map(str, periods))
    raise RulesetNotFoundError(id=versions[0].id, on=on, known=known, periods=periods)


def _is_effective(ruleset: Ruleset, until: date | None, on: date) -> bool:
    """Check whether a ruleset is effective on a date."""
    return ruleset.effective_from <= on and (until is None or on <= until)


def effective(since: date | None, until: date | None) -> Message:
    """Return the period in which rules are effective, in words."""
    if until is None:
        return Message.of("time.always" if since is None else "time.from", since=since)
    return Message.of("time.until" if since is None else "time.between", since=since, until=until)


def spans(versions: Sequence[Ruleset]) -> Iterator[tuple[Ruleset, date, date | None]]:
    """Yield the first and last date of each of an id's versions, in order.

    The last date is the version's own; without one, the day before the next version.
    """
    for i, version in enumerate(versions):
        until = version.effective_until
        if until is None and i + 1 < len(versions):
            until = versions[i + 1].effective_from - timedelta(days=1)
        yield version, version.effective_from, until


# ---------------------------------------------------------------- sources


def is_called(source: Source, name: str) -> bool:
    """Check whether a name means a source: its own, or a path of its folder."""
    if name == name_of(source):
        return True
    return isinstance(source, FolderSource) and Path(name).resolve() == source.folder.resolve()


def described(source: Source) -> str:
    """Return the name of a source; of a package, its version and its folders too."""
    if isinstance(source, PackageSource):
        return f"{source} ({', '.join(map(str, source.folders))})"
    return name_of(source)


def _distinct(sources: Iterable[Source]) -> list[Source]:
    """Return the sources, each once; they are compared by identity, since they may have no hash."""
    return list({id(source): source for source in sources}.values())


@attrs.frozen(eq=False)
class Places:
    """Where rulesets are looked for."""

    #: the sources that a call names: an unusable one is an error
    named: tuple[Source, ...]
    #: those that are used otherwise: an unusable one does not affect the others
    default: tuple[Source, ...] = ()
    faults: tuple[SourceError, ...] = ()
    #: all sources, in order
    all: tuple[Source, ...] = attrs.field(
        init=False,
        default=attrs.Factory(lambda self: (*self.named, *self.default), takes_self=True),
    )
    #: what identifies the sources
    key: tuple[object, ...] = attrs.field(
        init=False,
        default=attrs.Factory(lambda self: tuple(map(key_of, self.all)), takes_self=True),
    )

    def including(self, source: Source | None) -> Places:
        """Return the places with a further source, if they do not have it."""
        if source is None or key_of(source) in self.key:
            return self
        return attrs.evolve(self, named=(*self.named, source))

    def catalog(self, id: str | None = None) -> Catalog:  # noqa: A002 - the word of the language
        """List the rulesets of all sources, or those of an id.

        The folders of other ids are not read. If there is no such id, all rulesets are listed.
        """
        found: list[Ruleset] = []
        wrong = list(self.faults)
        for i, source in enumerate(self.all):
            try:
                listed, faults = _found_in(source, id)
            except SourceError as error:
                if i < len(self.named):
                    raise
                wrong.append(error)
                continue
            found += listed
            wrong += faults
        if id is not None and not found:
            return self.catalog()
        found.sort(key=lambda r: (r.id, r.effective_from))
        return Catalog(rulesets=tuple(found), faults=tuple(wrong), sources=self.all)


def places_of(folders: Folders = (), sources: Iterable[Source] | None = None) -> Places:
    """Return where to look: in ``folders``, and in ``sources`` or else the default ones.

    A folder that is named twice is one source. Raises :class:`TypeError` for an argument of another
    type, and :class:`~kpirules.errors.SourceError` for two sources that have one name.
    """
    given: list[Source] = [FolderSource(Path(folder)) for folder in folders]
    if sources is None:
        default, faults = default_sources()
        if not given:
            return _default_places(default, faults)
        named = _each_once(given)
        known = _each_once([*named, *default])
        return Places(named, known[len(named) :], faults)
    if not is_sequence(sources):
        kind = type(sources).__name__
        raise TypeError(f"sources: expected a list of sources, not a value of type {kind}")
    for source in sources:
        if isinstance(source, Source):
            given.append(source)
        else:
            kind = type(source).__name__
            wanted = "sources: expected objects with the methods list, read and stamp"
            raise TypeError(f"{wanted}, not a value of type {kind}")
    named = _each_once(given)
    names = [name_of(source) for source in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SourceError(source=twice, reason=Message.of("source.twice"))
    return Places(named)


@lru_cache(maxsize=8)
def _default_places(default: tuple[Source, ...], faults: tuple[SourceError, ...]) -> Places:
    """Return the default sources as places, which most calls use."""
    return Places((), default, faults)


def _each_once(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the sources without the same again, and without packages whose folders they have."""
    found: dict[object, Source] = {}
    folders: set[Path] = set()
    for source in _distinct(sources):
        if isinstance(source, (FolderSource, PackageSource)):
            own = {source.folder} if isinstance(source, FolderSource) else {*source.folders}
            resolved = {folder.resolve() for folder in own}
            if not resolved <= folders:
                found[source] = source
            folders |= resolved
        else:
            found.setdefault(key_of(source), source)
    return tuple(found.values())


def key_of(source: Source) -> object:
    """Return what identifies a source: its value, or itself if it has no hash."""
    try:
        hash(source)
    except TypeError:
        return _Itself(source)
    return source


@attrs.frozen(eq=False)
class _Itself:
    """A source that has no hash, compared by identity."""

    source: Source

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.source is other.source

    def __hash__(self) -> int:
        return id(self.source)


# ---------------------------------------------------------------- finding


def catalog(folders: Folders = (), sources: Iterable[Source] | None = None) -> Catalog:
    """Find all rulesets: in ``folders``, ``KPIRULES_PATH``, packages, and the bundled ones.

    Raises :class:`~kpirules.errors.SourceError` if one of ``folders`` or ``sources`` cannot be
    used.
    """
    return places_of(folders, sources).catalog()


def rulesets(
    folders: Folders = (), *, sources: Iterable[Source] | None = None
) -> tuple[Ruleset, ...]:
    """List the rulesets that :func:`~kpirules.load` knows, by id and date.

    The sources are the bundled rulesets, those of installed packages (entry points in the group
    ``kpirules.rulesets``), those in the folders of ``KPIRULES_PATH`` and in ``folders``; if
    ``sources`` are given, these and ``folders`` alone. Unusable sources and files are in
    :attr:`Catalog.faults` of :func:`catalog`.

    >>> from kpirules import rulesets
    >>> [(r.id, str(r.effective_from)) for r in rulesets() if r.id == "customer-service"]
    [('customer-service', '2025-01-01')]
    """
    return catalog(folders, sources).rulesets


def _found_in(
    source: Source,
    id: str | None,  # noqa: A002 - the word of the language
) -> tuple[list[Ruleset], list[SourceError]]:
    """List the rulesets of a source, or of an id, and an error for each unusable entry."""
    found: dict[tuple[str, date], Ruleset] = {}
    wrong: list[SourceError] = []
    twice: set[tuple[str, date]] = set()
    for entry in entries_of(source, id):
        if isinstance(entry, SourceError):
            wrong.append(entry)
        elif entry in found:
            twice.add(entry)
        else:
            found[entry] = Ruleset(id=entry[0], effective_from=entry[1], source=source)
    for entry in sorted(twice):
        # which of the two is meant cannot be known
        place = found.pop(entry).place
        wrong.append(SourceError(source=place, reason=Message.of("source.entry-twice")))
    return list(found.values()), wrong


def beside(path: Path) -> Catalog | None:
    """Return the versions beside a file, of its id; None if its name is not a date."""
    source = source_beside(path)
    return None if source is None else Places((source,)).catalog(path.absolute().parent.name)


def source_beside(path: Path) -> FolderSource | None:
    """Return the folder of rulesets that contains a file; None if its name is not a date."""
    if date_of(path) is None:
        return None
    folder = path.absolute().parent.parent
    # the paths of its siblings are then relative like its own
    return FolderSource(folder if path.is_absolute() else Path(os.path.relpath(folder)))


def _until(ruleset: Ruleset) -> date | None:
    """Return the last date on which a ruleset is effective.

    None if its text has none or is not valid: loading it reports its errors, and other versions
    remain usable.
    """
    path = ruleset.path
    try:
        if path is not None:
            return read_once(_ENDS, str(path), lambda _: _until_in(ruleset.read()))
        return _until_in(ruleset.read())
    except FileError:
        return None


#: the last dates in files
_ENDS: Known[date | None] = LruCache(MAX_KNOWN)


@lru_cache(maxsize=256)
def _until_in(content: bytes | str) -> date | None:
    """Return the last date in a ruleset's text; its size and time do not reveal every change."""
    from kpirules.toml.limits import MAX_BYTES, decode, guard  # noqa: PLC0415 - for this alone

    if len(content) > MAX_BYTES:
        return None
    try:
        text = content if isinstance(content, str) else decode(content)
        # few files have the key, and parsing takes long; only escapes can spell it in another way
        if "effective_until" not in text and "\\" not in text:
            return None
        guard(text)
        # parse_float is left at its default: no number is used here
        until = tomllib.loads(text).get("effective_until")
    except (KpirulesError, ValueError):
        return None
    return until if type(until) is date else None
