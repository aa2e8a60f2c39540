"""The protocol of a source: a place that has rulesets, also one of an application."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date
from typing import Protocol, TypeAlias, runtime_checkable

from kpirules.errors import SourceError


#: a ruleset of a source: its id, and the day from which it is effective
Entry: TypeAlias = tuple[str, date]


@runtime_checkable
class Source(Protocol):
    r"""A place that has rulesets, such as a table of a database.

    Any class with these three methods is a source. Its objects may have a ``name``, which messages
    show; without one, they show the name of the class. kpirules does not trust a source: it checks
    what the methods return, and raises :class:`~kpirules.errors.SourceError` for a value of a wrong
    type and in place of any exception of theirs. An object that can be hashed is compared by value:
    two equal sources are one, with one cache.

    >>> from datetime import date
    >>> from kpirules import Source, load
    >>> class Drafts:
    ...     name = "drafts"
    ...     text = 'schema = 1\nid = "x"\neffective_from = 2026-01-01'
    ...     text += '\ncriterion = [{ id = "a", weight = 100 }]'
    ...     def list(self):
    ...         return [("x", date(2026, 1, 1))]
    ...     def read(self, id, effective_from):
    ...         return self.text
    ...     def stamp(self, id):
    ...         return self.text
    >>> isinstance(Drafts(), Source), load("x", on="2026-10", sources=[Drafts()]).id
    (True, 'x')
    """

    def list(self) -> Iterable[Entry | SourceError]:
        """Return the id and the first effective day of every ruleset of the source.

        In place of an entry that cannot be used, it may return the error that tells why.
        """
        ...

    def read(self, id: str, effective_from: date, /) -> str | bytes:  # noqa: A002 - the word of the language
        """Return the text of a listed ruleset file, bytes in UTF-8."""
        ...

    def stamp(self, id: str, /) -> Hashable:  # noqa: A002 - as above
        """Return a value that changes with every change of the rulesets of an id.

        It is called at each use of a cached ruleset, which is loaded again if the value differs:
        also if a version is added or removed. A list of each version's day and text, as a tuple, is
        always right; a counter is faster. None: not known; then nothing is cached.
        """
        ...
