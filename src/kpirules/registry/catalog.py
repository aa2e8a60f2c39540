"""The catalog: available rulesets, versions effective on a date, bases of ``extends``.

A ruleset's file is named by its id and the date from which it is effective, so that files are found
without being read: ``<id>/<effective-from>.rubric.toml``. It ends before the next version, or on
its own last date, ``effective_until``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import attrs

from kpirules.errors import (
    AmbiguousRulesetError,
    KpirulesError,
    NotOneRulesetError,
    RulesetNotFoundError,
    TimeError,
)
from kpirules.model.provenance import Base, FindBase
from kpirules.registry.dates import days_of
from kpirules.registry.sources import Source, SourceError, sources
from kpirules.translations.message import Message


#: the suffix of a ruleset file; the name before it is the date from which it is effective
SUFFIX: Final = ".rubric.toml"


@attrs.frozen(kw_only=True)
class Ruleset:
    """A ruleset that can be loaded: its id, the date from which it is effective, its file.

    >>> from kpirules import rulesets
    >>> found = next(r for r in rulesets() if r.id == "customer-service")
    >>> str(found.effective_from), found.effective_until, found.path.name
    ('2025-01-01', None, '2025-01-01.rubric.toml')
    """

    #: the folder's name, which is the rubric's id
    id: str
    #: the file's name without its suffix
    effective_from: date
    path: Path
    #: the source that contains it
    source: Source

    @property
    def effective_until(self) -> date | None:
        """The last date on which the ruleset is effective, if its file has one."""
        return _until(self.path)


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
        :class:`~kpirules.registry.sources.SourceError` for an unknown source.
        """
        if prefer is not None and not any(s.is_called(prefer) for s in self.sources):
            names = tuple(dict.fromkeys(s.name for s in self.sources))
            raise SourceError(source=prefer, reason=Message.of("source.unknown", known=names))
        versions = [r for r in self.rulesets if r.id == id]
        if not versions:
            ids = tuple(dict.fromkeys(r.id for r in self.rulesets))
            raise RulesetNotFoundError(id=id, known=ids, faults=self.faults)
        if len({r.source for r in versions}) > 1:
            liked = [r for r in versions if prefer is not None and r.source.is_called(prefer)]
            if len({r.source for r in liked}) != 1:
                having = {r.source for r in versions}
                places = (f"{s} ({s.folder})" for s in self.sources if s in having)
                raise AmbiguousRulesetError(id=id, sources=tuple(places))
            versions = liked
        return _effective_version(versions, on)

    def within(
        self,
        id: str,  # noqa: A002 - the word of the language
        on: object,
        *,
        prefer: str | None = None,
        option: str = "on",
    ) -> Ruleset:
        """Return the ruleset of an id that is effective on a day, or during a whole month.

        :func:`~kpirules.registry.dates.days_of` parses ``on`` and names it ``option`` in errors;
        None is today. Raises the errors of :meth:`pick`, and :class:`~kpirules.errors.TimeError`
        for a month within which the rules change.
        """
        today = date.today()  # noqa: DTZ011 - dates of wages are local dates of the employer
        first, last = (today, today) if on is None else days_of(on, option)
        found = self.pick(id, last, prefer=prefer)
        if first < last and self.pick(id, first, prefer=prefer) != found:
            reason = Message.of("time.changes", date=found.effective_from)
            raise TimeError(said=str(on), message=reason, option=option)
        return found


def _effective_version(versions: Sequence[Ruleset], on: date | None) -> Ruleset:
    """Return the version of an id that is effective on a date."""
    there = (
        list(versions)
        if on is None
        else [r for r, _, until in spans(versions) if _is_effective(r, until, on)]
    )
    if len(there) > 1:
        files = tuple(str(r.path) for r in there)
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


# ---------------------------------------------------------------- finding


def catalog(folders: Iterable[str | os.PathLike[str]] = ()) -> Catalog:
    """Find all rulesets: in ``folders``, ``KPIRULES_PATH``, packages, and the bundled ones.

    Raises :class:`~kpirules.registry.sources.SourceError` if one of ``folders`` is not a folder.
    """
    places, faults = sources(folders)
    return _catalog(places, faults)


def _catalog(places: Iterable[Source], faults: Iterable[SourceError] = ()) -> Catalog:
    """Find the rulesets of several sources."""
    every = tuple(places)
    found: list[Ruleset] = []
    wrong = list(faults)
    for source in every:
        # installed packages do not change while a program runs; a folder may
        listed = _found_in(source) if source.package is None else _found_once(source)
        for each in listed:
            (found if isinstance(each, Ruleset) else wrong).append(each)  # type: ignore[arg-type]
    found.sort(key=lambda r: (r.id, r.effective_from, str(r.path)))
    return Catalog(rulesets=tuple(found), faults=tuple(wrong), sources=every)


def rulesets(folders: Iterable[str | os.PathLike[str]] = ()) -> tuple[Ruleset, ...]:
    """List the rulesets that :func:`~kpirules.load` knows, by id and date.

    The sources are the bundled rulesets, those of installed packages (entry points in the group
    ``kpirules.rulesets``), those in the folders of ``KPIRULES_PATH`` and in ``folders``. Unusable
    sources and files are in :attr:`Catalog.faults` of :func:`catalog`.

    >>> from kpirules import rulesets
    >>> [(r.id, str(r.effective_from)) for r in rulesets() if r.id == "customer-service"]
    [('customer-service', '2025-01-01')]
    """
    return catalog(folders).rulesets


@lru_cache(maxsize=64)
def _found_once(source: Source) -> tuple[Ruleset | SourceError, ...]:
    """List the rulesets of an installed package."""
    return tuple(_found_in(source))


def _found_in(source: Source) -> Iterator[Ruleset | SourceError]:
    """Yield the rulesets of a folder, and an error for each file with another name."""
    try:
        paths = sorted({*source.folder.glob(f"*{SUFFIX}"), *source.folder.glob(f"*/*{SUFFIX}")})
    except OSError as error:  # pragma: no cover - glob skips unreadable folders
        yield SourceError(source=str(source.folder), reason=str(error))
        return
    for path in paths:
        since = date_of(path)
        if since is None or path.parent == source.folder:
            reason = Message.of("source.file-name", suffix=SUFFIX)
            yield SourceError(source=str(path), reason=reason)
        else:
            yield Ruleset(id=path.parent.name, effective_from=since, path=path, source=source)


def date_of(path: Path) -> date | None:
    """Return the date in a file's name; None if the name is not a date."""
    name = path.name.removesuffix(SUFFIX)
    try:
        since = date.fromisoformat(name)
    except ValueError:
        return None
    # 20250101 is a date too, and would be a duplicate
    return since if since.isoformat() == name else None


def beside(path: Path) -> Catalog | None:
    """Return the rulesets of the folder that contains a file; None if its name is not a date."""
    if date_of(path) is None:
        return None
    folder = path.absolute().parent.parent
    if not path.is_absolute():
        # the paths of its siblings are then relative like its own
        folder = Path(os.path.relpath(folder))
    return _catalog([Source(name=str(folder), folder=folder)])


def _until(path: Path) -> date | None:
    """Return the last date on which a file's rules are effective.

    None if the file has none or cannot be read: loading the file reports its errors, and other
    versions remain usable.
    """
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - for this alone

    try:
        return _until_in(read_bytes(path))
    except KpirulesError:
        return None


@lru_cache(maxsize=256)
def _until_in(content: bytes) -> date | None:
    """Return the last date in a file's content; size and time do not reveal every change of it."""
    from kpirules.toml.limits import decode, guard  # noqa: PLC0415 - for this alone

    # few files have the key, and parsing takes long; only escapes can spell it in another way
    if b"effective_until" not in content and b"\\" not in content:
        return None
    try:
        text = decode(content)
        guard(text)
        # parse_float is left at its default: no number is used here
        until = tomllib.loads(text).get("effective_until")
    except (KpirulesError, ValueError):
        return None
    return until if type(until) is date else None


# ---------------------------------------------------------------- bases of extends


def bases_of(
    path: Path | None,
    folders: Iterable[str | os.PathLike[str]] = (),
    prefer: str | None = None,
) -> FindBase:
    """Return the function that finds the rulesets that a file extends.

    Versions in the same folder of rulesets take precedence over all others.
    """
    given = tuple(folders)

    def find(id: str, on: date | None) -> Base:  # noqa: A002 - the word of the language
        near = None if path is None else beside(path)
        if near is not None and any(r.id == id for r in near.rulesets):
            found = near.pick(id, on)
        else:
            found = catalog(given).pick(id, on, prefer=prefer)
        return Base(path=found.path, find=bases_of(found.path, given, prefer))

    return find
