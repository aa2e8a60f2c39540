"""Where a rubric comes from: the texts that it was read from, and the package that holds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path as FilePath
from typing import TypeAlias

import attrs

from kpirules._internal.caching import ByIdentity


#: keys, and indices of lists
Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen(kw_only=True)
class FileText:
    """A file's name and its text."""

    file: str
    text: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Origin:
    """The texts that a rubric was read from: its file's, and those of what it extends."""

    #: the rubric's own file comes first
    texts: tuple[FileText, ...]
    #: gives the number of a text, and a path in it, for a path of the rubric; None: there is one
    locate: Callable[[Path], tuple[int, Path]] | None = attrs.field(
        default=None, repr=False, eq=False
    )

    def find(self, path: Path) -> tuple[int, Path]:
        """Say in which of the texts a path of the rubric stands, and at which path of it."""
        return (0, path) if self.locate is None else self.locate(path)


@attrs.frozen(kw_only=True)
class Package:
    """An installed package that holds ruleset files."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@attrs.frozen(kw_only=True)
class Base:
    """A file that another extends, with what finds those that it extends itself."""

    path: FilePath
    find: FindBase


#: finds the ruleset of an id on a date; raises what :meth:`~kpirules.registry.catalog.Catalog.pick`
#: does
FindBase = Callable[[str, date | None], Base]


@attrs.frozen(kw_only=True)
class Provenance:
    """Where a rubric comes from, as far as it is known."""

    origin: Origin | None = None
    package: Package | None = None


_UNKNOWN = Provenance()
#: beside the rubrics, which say what the rules are and not where they come from
_KNOWN: ByIdentity[object, Provenance] = ByIdentity()


def comes_from(rubric: object, provenance: Provenance) -> None:
    """Note where a rubric comes from."""
    _KNOWN[rubric] = provenance


def provenance_of(rubric: object) -> Provenance:
    """Return where a rubric comes from."""
    return _KNOWN.get(rubric) or _UNKNOWN
