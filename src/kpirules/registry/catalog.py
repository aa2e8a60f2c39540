"""Which rulesets there are, which of them is in force on a date, and which one another extends.

A ruleset's file is named by its id and the date from which it is in force, so that files are found
without being read: ``<id>/<effective-from>.rubric.toml``. The next version ends it, or a date of
its own, ``effective_until``, does.
"""

from __future__ import annotations

import os
import tomllib
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

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


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


#: how a ruleset file's name ends; what stands before it is the date from which it is in force
SUFFIX: Final = ".rubric.toml"


@attrs.frozen(kw_only=True)
class Ruleset:
    """A ruleset that can be loaded: its id, the date from which it is in force, its file."""

    #: the folder's name, which is the rubric's id
    id: str
    #: the file's name before its ending
    effective_from: date
    path: Path
    #: where it was found
    source: Source

    @property
    def effective_until(self) -> date | None:
        """The last date on which it is in force, if its file says one."""
        return _until(self.path)


@attrs.frozen(kw_only=True)
class Catalog:
    """The rulesets that were found, and what could not be used."""

    #: by id and date
    rulesets: tuple[Ruleset, ...]
    faults: tuple[SourceError, ...] = ()
    sources: tuple[Source, ...] = ()

    def pick(self, id: str, on: date | None, *, prefer: str | None = None) -> Ruleset:  # noqa: A002 - the word of the language
        """Give the ruleset of an id that is in force on a date.

        Without a date, the only one. ``prefer`` names the source that is taken where several have
        the id. Raises :class:`~kpirules.errors.RulesetNotFoundError`,
        :class:`~kpirules.errors.AmbiguousRulesetError`,
        :class:`~kpirules.errors.NotOneRulesetError`, and
        :class:`~kpirules.registry.sources.SourceError` for an unknown source.
        """
        if prefer is not None and not any(s.is_called(prefer) for s in self.sources):
            names = ", ".join(dict.fromkeys(s.name for s in self.sources))
            raise SourceError(source=prefer, reason=f"no such source; there are: {names}")
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
        return _in_force(versions, on)

    def within(
        self,
        id: str,  # noqa: A002 - the word of the language
        on: object,
        *,
        prefer: str | None = None,
        option: str = "on",
    ) -> Ruleset:
        """Return the ruleset of an id that is effective on a day, or during a whole month.

        ``on`` is read by :func:`~kpirules.registry.dates.days_of`, which names it by ``option``;
        None is today. Raises what :meth:`pick` does, and :class:`~kpirules.errors.TimeError` for a
        month within which the rules change.
        """
        today = date.today()  # noqa: DTZ011 - a wage's date is the firm's own
        first, last = (today, today) if on is None else days_of(on, option)
        found = self.pick(id, last, prefer=prefer)
        if first < last and self.pick(id, first, prefer=prefer) != found:
            message = f"the rules change within it, on {found.effective_from}: name a date"
            raise TimeError(said=str(on), message=message, option=option)
        return found


def _in_force(versions: Sequence[Ruleset], on: date | None) -> Ruleset:
    """Give the one of an id's versions that is in force on a date."""
    there = (
        list(versions)
        if on is None
        else [r for r, _, until in spans(versions) if _holds(r, until, on)]
    )
    if len(there) > 1:
        files = tuple(str(r.path) for r in there)
        raise NotOneRulesetError(id=versions[0].id, files=files, on=on)
    if there:
        return there[0]
    known = tuple(effective(since, until) for _, since, until in spans(versions))
    raise RulesetNotFoundError(id=versions[0].id, on=on, known=known)


def _holds(ruleset: Ruleset, until: date | None, on: date) -> bool:
    """Say whether a ruleset is in force on a date."""
    return ruleset.effective_from <= on and (until is None or on <= until)


def effective(since: date | None, until: date | None) -> str:
    """Return from when to when rules are effective, in words."""
    if until is None:
        return "always" if since is None else f"from {since}"
    return f"until {until}" if since is None else f"{since} to {until}"


def spans(versions: Sequence[Ruleset]) -> Iterator[tuple[Ruleset, date, date | None]]:
    """Give the first and last date of each of an id's versions, in order.

    Its own last date; where it says none, the day before the next one begins.
    """
    for i, version in enumerate(versions):
        until = version.effective_until
        if until is None and i + 1 < len(versions):
            until = versions[i + 1].effective_from - timedelta(days=1)
        yield version, version.effective_from, until


# ---------------------------------------------------------------- finding


def catalog(folders: Iterable[str | os.PathLike[str]] = ()) -> Catalog:
    """Find all rulesets: in the folders given, in ``KPIRULES_PATH``, in packages, shipped.

    Raises :class:`~kpirules.registry.sources.SourceError` where one of the folders is none.
    """
    places, faults = sources(folders)
    return _catalog(places, faults)


def _catalog(places: Iterable[Source], faults: Iterable[SourceError] = ()) -> Catalog:
    """Find the rulesets of some sources."""
    every = tuple(places)
    found: list[Ruleset] = []
    wrong = list(faults)
    for source in every:
        # what is installed does not change while a program runs; a folder may
        listed = _found_in(source) if source.package is None else _found_once(source)
        for each in listed:
            (found if isinstance(each, Ruleset) else wrong).append(each)  # type: ignore[arg-type]
    found.sort(key=lambda r: (r.id, r.effective_from, str(r.path)))
    return Catalog(rulesets=tuple(found), faults=tuple(wrong), sources=every)


def rulesets(folders: Iterable[str | os.PathLike[str]] = ()) -> tuple[Ruleset, ...]:
    """List the rulesets that :func:`~kpirules.load` knows, by id and date.

    Those that are shipped, those of installed packages (entry points in the group
    ``kpirules.rulesets``), those in the folders of ``KPIRULES_PATH`` and in the ``folders`` given.
    What cannot be used is in :attr:`Catalog.faults` of :func:`catalog`.

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
    """List the rulesets of a folder, and the files in it that are named otherwise."""
    try:
        paths = sorted({*source.folder.glob(f"*{SUFFIX}"), *source.folder.glob(f"*/*{SUFFIX}")})
    except OSError as error:  # pragma: no cover - glob passes over what it may not read
        yield SourceError(source=str(source.folder), reason=str(error))
        return
    for path in paths:
        since = date_of(path)
        if since is None or path.parent == source.folder:
            reason = f"not found by its name: write <id>/<effective-from>{SUFFIX}"
            yield SourceError(source=str(path), reason=reason)
        else:
            yield Ruleset(id=path.parent.name, effective_from=since, path=path, source=source)


def date_of(path: Path) -> date | None:
    """Give the date that a file is named by; None where it is named otherwise."""
    name = path.name.removesuffix(SUFFIX)
    try:
        since = date.fromisoformat(name)
    except ValueError:
        return None
    # 20250101 is a date as well, and would be the same one twice
    return since if since.isoformat() == name else None


def beside(path: Path) -> Catalog | None:
    """Give the rulesets of the folder that holds a file; None where it is named otherwise."""
    if date_of(path) is None:
        return None
    folder = path.absolute().parent.parent
    if not path.is_absolute():
        # what is found beside it is named as it is itself
        folder = Path(os.path.relpath(folder))
    return _catalog([Source(name=str(folder), folder=folder)])


def _until(path: Path) -> date | None:
    """Return the last date on which a file's rules are effective.

    None where it does not say, or cannot be read: what is wrong with such a file is reported when
    it is loaded; it hinders no other version.
    """
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - for this alone

    try:
        return _until_in(read_bytes(path))
    except KpirulesError:
        return None


@lru_cache(maxsize=256)
def _until_in(content: bytes) -> date | None:
    """Read the last date in a file's content: neither size nor time show every change of it."""
    from kpirules.toml.limits import decode, guard  # noqa: PLC0415 - for this alone

    try:
        text = decode(content)
        guard(text)
        # floats are as good as any other number here: none is looked at
        said = tomllib.loads(text).get("effective_until")
    except (KpirulesError, ValueError):
        return None
    return said if type(said) is date else None


# ---------------------------------------------------------------- what another extends


def bases_of(
    path: Path | None,
    folders: Iterable[str | os.PathLike[str]] = (),
    prefer: str | None = None,
) -> FindBase:
    """Make what finds the rulesets that a file extends.

    The versions that stand in the same folder of rulesets come first, then all others.
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
