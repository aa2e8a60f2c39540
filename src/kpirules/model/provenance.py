"""The provenance of a rubric: its source texts, and the package that contains them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

import attrs

from kpirules._internal.caching import IdentityCache


#: keys, and indices of lists
Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen(kw_only=True)
class FileText:
    """A file's name and its text."""

    file: str
    text: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Origin:
    """The source texts of a rubric: its own file, and the files that it extends."""

    #: the rubric's own file comes first
    texts: tuple[FileText, ...]
    #: returns the index of a text, and a path in it, for a path of the rubric; None: there is one
    #: text
    locate: Callable[[Path], tuple[int, Path]] | None = attrs.field(
        default=None, repr=False, eq=False
    )

    def find(self, path: Path) -> tuple[int, Path]:
        """Return the index of the text that contains a path of the rubric, and its path there."""
        return (0, path) if self.locate is None else self.locate(path)


@attrs.frozen(kw_only=True)
class Package:
    """An installed package that contains ruleset files."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@attrs.frozen(kw_only=True)
class Base:
    """A ruleset that another extends, with the function that finds its own bases."""

    #: the path of its file, or its name in its source
    place: str
    #: reads its text; raises ``KpirulesError`` if that is not possible
    read: Callable[[], bytes | str]
    find: FindBase


#: finds the ruleset of an id on a date; raises the errors of
#: :meth:`~kpirules.registry.catalog.Catalog.pick`
FindBase = Callable[[str, date | None], Base]


@attrs.frozen(kw_only=True)
class Provenance:
    """The provenance of a rubric, as far as it is known."""

    origin: Origin | None = None
    package: Package | None = None


_UNKNOWN = Provenance()
#: kept outside of the rubrics, whose values are the rules alone
_KNOWN: IdentityCache[object, Provenance] = IdentityCache()


def set_provenance(rubric: object, provenance: Provenance) -> None:
    """Register the provenance of a rubric."""
    _KNOWN[rubric] = provenance


def provenance_of(rubric: object) -> Provenance:
    """Return the provenance of a rubric."""
    return _KNOWN.get(rubric) or _UNKNOWN
