"""Where rulesets come from: folders, ``KPIRULES_PATH``, installed packages, those that are shipped.

A source is a folder of ``<id>/<effective-from>.rubric.toml``. A package says that it holds some by
an entry point in the group ``kpirules.rulesets``; nothing of the package is run. What cannot be
used is a fault that is told, and hinders nothing else.
"""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import printable
from kpirules.errors import KpirulesError, frozen_error
from kpirules.model.provenance import Package


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


#: the group of entry points; the value of each is the name of a package that holds ruleset files
GROUP = "kpirules.rulesets"
#: the variable of the environment that names folders, parted as in ``PATH``
PATH_VARIABLE = "KPIRULES_PATH"


@attrs.frozen(kw_only=True)
class Source:
    """A folder that holds rulesets."""

    #: the package's name; of a plain folder its path as it was given
    name: str
    folder: Path
    #: the installed package that holds the folder
    package: Package | None = None

    def __str__(self) -> str:
        return printable(self.name if self.package is None else str(self.package))

    def is_called(self, name: str) -> bool:
        """Say whether a name means this source: the package's, or the folder's path."""
        return name == self.name or Path(name).resolve() == self.folder.resolve()


@frozen_error
class SourceError(KpirulesError):
    """A source, or a file in one, that cannot be used."""

    #: the package, folder or file
    source: str
    #: what is wrong with it
    reason: str

    def __str__(self) -> str:
        return f"{printable(self.source)}: {self.reason}"


def sources(
    folders: Iterable[str | os.PathLike[str]] = (),
) -> tuple[tuple[Source, ...], tuple[SourceError, ...]]:
    """Give all sources, and those that cannot be used.

    In this order: the folders of the call, those of ``KPIRULES_PATH``, packages by name, what is
    shipped. A folder that is named twice is one source. Raises :class:`SourceError` for a folder
    of the call that is none.
    """
    found: dict[Path, Source] = {}
    faults: list[SourceError] = []
    for source in _folders(folders):
        if not source.folder.is_dir():
            raise SourceError(source=source.name, reason="no such folder")
        found.setdefault(source.folder.resolve(), source)
    for source in _folders(filter(None, os.environ.get(PATH_VARIABLE, "").split(os.pathsep))):
        if source.folder.is_dir():
            found.setdefault(source.folder.resolve(), source)
        else:
            reason = f"no such folder (named in {PATH_VARIABLE})"
            faults.append(SourceError(source=source.name, reason=reason))
    packaged, broken = _packages()
    for source in (*packaged, own()):
        found.setdefault(source.folder.resolve(), source)
    return tuple(found.values()), (*faults, *broken)


def shipped() -> Path:
    """Give the folder of the rulesets that come with kpirules.

    In an installed package it lies inside; in a checkout, which an editable install points to, it
    is the top-level folder ``rulesets``.
    """
    inside = Path(__file__).parents[1] / "_rulesets"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "rulesets"


def own() -> Source:
    """Give the source of what is shipped."""
    return Source(name="kpirules", folder=shipped(), package=_this())


@lru_cache(maxsize=1)
def _this() -> Package:
    """Give this package's name and version."""
    try:
        version = metadata.version("kpirules")
    except metadata.PackageNotFoundError:
        # a checkout on the path, which nothing has installed
        version = "unknown"
    return Package(name="kpirules", version=version)


def _folders(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Source]:
    """Give folders as sources."""
    for path in paths:
        yield Source(name=os.fspath(path), folder=Path(path))


@lru_cache(maxsize=1)
def _packages() -> tuple[tuple[Source, ...], tuple[SourceError, ...]]:
    """Look for packages, once: what is installed does not change while a program runs."""
    found: list[Source] = []
    faults: list[SourceError] = []
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda p: (p.value, p.name)):
        package = _package_of(point)
        try:
            found += [
                Source(name=package.name, folder=folder, package=package)
                for folder in _folders_of(point.value)
            ]
        except Exception as error:  # noqa: BLE001 - whatever a package does, it hinders no other
            reason = str(error) if isinstance(error, _NoFolderError) else repr(error)
            said = f"entry point {point.name!r} of {GROUP}: {reason}"
            faults.append(SourceError(source=str(package), reason=said))
    found.sort(key=lambda source: (source.name, str(source.folder)))
    return tuple(found), tuple(faults)


class _NoFolderError(Exception):
    """Says why a package has no folder."""


def _package_of(point: metadata.EntryPoint) -> Package:
    """Give name and version of the package that declares an entry point."""
    # what an entry point belongs to is not in its type, and is None where it was made by hand
    told = getattr(point, "dist", None)
    if told is None:
        return Package(name=point.value, version="unknown")
    return Package(name=told.name, version=told.version)


def _folders_of(module: str) -> list[Path]:
    """Give the folders of a package by its import name, without importing it."""
    # of a package in a package the outer one would be imported, which runs its code
    name, *inner = module.split(".")
    spec = find_spec(name)
    if spec is None:
        raise _NoFolderError(f"there is no package {name!r}")
    if spec.submodule_search_locations is None:
        raise _NoFolderError(f"{name!r} is a module and no package")
    folders = [Path(place, *inner) for place in spec.submodule_search_locations]
    there = [folder for folder in folders if folder.is_dir()]
    if not there:
        raise _NoFolderError(f"{module!r} is no folder with files")
    return there
