"""The sources of rulesets: folders, ``KPIRULES_PATH``, installed packages, the bundled rulesets.

A source is a folder of ``<id>/<effective-from>.rubric.toml``. A package declares its rulesets by an
entry point in the group ``kpirules.rulesets``; no code of the package is run. A source or file that
cannot be used is reported as a fault and does not affect the others.
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
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


#: the group of entry points; the value of each is the name of a package that contains ruleset files
GROUP = "kpirules.rulesets"
#: the environment variable that lists folders, separated as in ``PATH``
PATH_VARIABLE = "KPIRULES_PATH"


@attrs.frozen(kw_only=True)
class Source:
    """A folder that contains rulesets."""

    #: the package's name; for a plain folder the given path
    name: str
    folder: Path
    #: the installed package that contains the folder
    package: Package | None = None

    def __str__(self) -> str:
        return printable(self.name if self.package is None else str(self.package))

    def is_called(self, name: str) -> bool:
        """Check whether a name means this source: the package's, or the folder's path."""
        return name == self.name or Path(name).resolve() == self.folder.resolve()


@frozen_error
class SourceError(KpirulesError):
    """A source, or a file in one, that cannot be used."""

    #: the package, folder or file
    source: str
    #: the problem
    reason: Message | str

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        return Message.of("error.of", subject=self.source, reason=self.reason).text(lang)


def sources(
    folders: Iterable[str | os.PathLike[str]] = (),
) -> tuple[tuple[Source, ...], tuple[SourceError, ...]]:
    """Return all sources, and errors for those that cannot be used.

    The order: ``folders``, those of ``KPIRULES_PATH``, packages by name, the bundled rulesets. A
    folder that is named twice is one source. Raises :class:`SourceError` if one of ``folders`` is
    not a folder.
    """
    found: dict[Path, Source] = {}
    faults: list[SourceError] = []
    for source in _folders(folders):
        if not source.folder.is_dir():
            raise SourceError(source=source.name, reason=Message.of("source.no-folder"))
        found.setdefault(source.folder.resolve(), source)
    for source in _folders(filter(None, os.environ.get(PATH_VARIABLE, "").split(os.pathsep))):
        if source.folder.is_dir():
            found.setdefault(source.folder.resolve(), source)
        else:
            reason = Message.of("source.no-folder_path", variable=PATH_VARIABLE)
            faults.append(SourceError(source=source.name, reason=reason))
    packaged, broken = _packages()
    for source in (*packaged, own()):
        found.setdefault(source.folder.resolve(), source)
    return tuple(found.values()), (*faults, *broken)


def shipped() -> Path:
    """Return the folder of the bundled rulesets.

    An installed package contains it; in a checkout, which an editable install points to, it is the
    top-level folder ``rulesets``.
    """
    inside = Path(__file__).parents[1] / "_rulesets"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "rulesets"


def own() -> Source:
    """Return the source of the bundled rulesets."""
    return Source(name="kpirules", folder=shipped(), package=_own_package())


@lru_cache(maxsize=1)
def _own_package() -> Package:
    """Return the name and version of kpirules."""
    try:
        version = metadata.version("kpirules")
    except metadata.PackageNotFoundError:
        # a checkout on the path that is not installed
        version = "unknown"
    return Package(name="kpirules", version=version)


def _folders(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Source]:
    """Yield the source of each folder."""
    for path in paths:
        yield Source(name=os.fspath(path), folder=Path(path))


@lru_cache(maxsize=1)
def _packages() -> tuple[tuple[Source, ...], tuple[SourceError, ...]]:
    """Return the sources of packages, cached: installed packages do not change during a run."""
    found: list[Source] = []
    faults: list[SourceError] = []
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda p: (p.value, p.name)):
        package = _package_of(point)
        try:
            found += [
                Source(name=package.name, folder=folder, package=package)
                for folder in _folders_of(point.value)
            ]
        except Exception as error:  # noqa: BLE001 - one package must not affect others
            inner = error.reason if isinstance(error, MessageError) else repr(error)
            reason = Message.of("source.entry-point", name=point.name, group=GROUP, reason=inner)
            faults.append(SourceError(source=str(package), reason=reason))
    found.sort(key=lambda source: (source.name, str(source.folder)))
    return tuple(found), tuple(faults)


def _package_of(point: metadata.EntryPoint) -> Package:
    """Return the name and version of the package that declares an entry point."""
    # the type does not declare ``dist``, and it is None for an entry point created by hand
    distribution = getattr(point, "dist", None)
    if distribution is None:
        return Package(name=point.value, version="unknown")
    return Package(name=distribution.name, version=distribution.version)


def _folders_of(module: str) -> list[Path]:
    """Return the folders of a package by its import name, without importing it."""
    # looking up a nested package would import the outer one, which runs its code
    name, *inner = module.split(".")
    spec = find_spec(name)
    if spec is None:
        raise MessageError(Message.of("source.no-package", name=name))
    if spec.submodule_search_locations is None:
        raise MessageError(Message.of("source.module", name=name))
    folders = [Path(place, *inner) for place in spec.submodule_search_locations]
    there = [folder for folder in folders if folder.is_dir()]
    if not there:
        raise MessageError(Message.of("source.no-files", name=module))
    return there
