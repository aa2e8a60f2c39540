"""One search for rulesets: the sources, and the stamp of every id that it asks for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kpirules.errors import expect
from kpirules.model.provenance import Base
from kpirules.registry.catalog import Catalog, Places, places_of
from kpirules.registry.dates import days_of
from kpirules.registry.sources import is_own, packaged, states_of
from kpirules.registry.untrusted import is_same_stamp, stamp_of
from kpirules.registry.watch import Watch, today, watch


if TYPE_CHECKING:
    from kpirules.model.provenance import FindBase
    from kpirules.registry.catalog import Ruleset
    from kpirules.registry.protocol import Source
    from kpirules.registry.sources import Folders


#: the stamps of ids, one of each source
Stamps: TypeAlias = dict[str, tuple[Hashable, ...]]


class Search:
    """Looks for rulesets, and remembers the stamps of the ids that it was asked for.

    The stamps are taken before the sources are listed: a change in between is seen next time.
    """

    def __init__(
        self,
        folders: Folders = (),
        prefer: str | None = None,
        sources: Iterable[Source] | None = None,
        own: Source | None = None,
    ) -> None:
        if prefer is not None:
            expect(prefer, str, "prefer: expected the name of a source")
        self._folders: tuple[Path, ...] = tuple(map(Path, folders))
        self._sources = sources
        self._own = own
        self._prefer = prefer
        self._stamps: Stamps = {}
        if sources is not None:
            # an argument of a wrong type is an error at once
            self._places  # noqa: B018 - as above

    @cached_property
    def _places(self) -> Places:
        """Where to look; the installed packages are not looked at before that."""
        return places_of(self._folders, self._sources).including(self._own)

    @property
    def key(self) -> Hashable:
        """What identifies the sources."""
        return self._prefer, self._places.key

    def days(self, on: object, option: str = "on") -> tuple[date, date]:
        """Return the first and last day of a time; None is today."""
        return days_of(today() if on is None else on, option)

    def within(
        self,
        id: str,  # noqa: A002 - the word of the language
        days: tuple[date, date],
        on: object,
        option: str = "on",
    ) -> Ruleset:
        """Return the ruleset of an id on days, given as ``on`` (see :meth:`Catalog.within`)."""
        self.ask(id)
        found = self._places.catalog(id)
        return found.within(id, days, said=on, prefer=self._prefer, option=option)

    def ask(self, id: str) -> None:  # noqa: A002 - as above
        """Remember the stamps of an id."""
        self._stamps[id] = tuple([stamp_of(source, id) for source in self._places.all])

    def bases(self, near: Source | None) -> FindBase:
        """Return the function that finds the rulesets which one of a source extends.

        Versions in the same source take precedence over all others.
        """

        def find(id: str, on: date | None) -> Base:  # noqa: A002 - as above
            self.ask(id)
            beside = Catalog(rulesets=()) if near is None else Places((near,)).catalog(id)
            if any(each.id == id for each in beside.rulesets):
                found = beside.pick(id, on)
            else:
                found = self._places.catalog(id).pick(id, on, prefer=self._prefer)
            return Base(place=found.place, read=found.read, find=self.bases(found.source))

        return find

    # ------------------------------------------------------------ caching

    @property
    def stamps(self) -> Stamps:
        """The stamps of all ids that were asked for, one of each source."""
        return dict(self._stamps)

    @property
    def is_cacheable(self) -> bool:
        """Check whether all stamps are known."""
        return all(stamp is not None for stamps in self._stamps.values() for stamp in stamps)

    def watch(self, ids: Iterable[str], day: date | None) -> Watch | None:
        """Return what tells without a search that the rulesets of ids are still the same.

        All sources must be those of kpirules. None if only they can tell. Call it before
        :meth:`is_current`.
        """
        if self._places.faults:
            # a folder that is missing now may exist at the next call
            return None
        own = list(filter(is_own, self._places.all))
        states = [each for id_ in ids for source in own for each in states_of(source, id_)]
        return watch(states, day, packaged() if self._sources is None else None)

    def is_current(self, stamps: Stamps) -> bool:
        """Check whether the sources still have these stamps."""
        every = self._places.all
        for id_, before in stamps.items():
            for source, stamp in zip(every, before, strict=True):
                # a source of kpirules needs no check
                now = source.stamp(id_) if is_own(source) else stamp_of(source, id_)
                if now is not stamp and not is_same_stamp(now, stamp):
                    return False
        return True
