"""Tells that nothing has changed which a search for a ruleset depended on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import attrs

from kpirules.registry.files import State, have_states, is_settled
from kpirules.registry.sources import packaged


@attrs.frozen
class Watch:
    """What a search depended on: while it is current, the search finds the same again."""

    #: the paths of the sources, each with its state before the search
    states: tuple[tuple[str, State], ...]
    #: when the day of the search begins and ends, if its result depends on the day
    day: tuple[float, float] | None
    #: the sources of packages, if the search used them
    packages: object | None
    #: the names of the time zone, in which days begin and end
    zone: object = attrs.field(factory=lambda: time.tzname)

    def is_current(self) -> bool:
        """Check that nothing has changed."""
        day = self.day
        return (
            # each setting of the time zone makes new names
            (day is None or (day[0] <= time.time() < day[1] and self.zone is time.tzname))
            and (self.packages is None or self.packages is packaged())
            and have_states(self.states)
        )


def watch(
    states: Iterable[tuple[str, State]], day: date | None, packages: object | None
) -> Watch | None:
    """Return the watch of a search on a day; None if states may not tell later changes.

    They do not tell a second change of a file soon after a first.
    """
    now, found = time.time_ns(), tuple(states)
    if not all(is_settled(state, now) for _, state in found):
        return None
    days = None if day is None else (_begin(day), _begin(day + timedelta(days=1)))
    return Watch(found, days, packages)


def _begin(day: date) -> float:
    """Return when a local day begins, in seconds."""
    return datetime.combine(day, datetime.min.time()).timestamp()


def today() -> date:
    """Return the day that is meant if a call gives none."""
    return date.today()  # noqa: DTZ011 - dates of wages are local dates of the employer
