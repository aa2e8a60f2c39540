"""Installed packages that contain rulesets, found by their entry points without running them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from kpirules.errors import SourceError
from kpirules.model.provenance import Package
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from importlib import metadata


#: the group of entry points; the value of each is the name of a package that contains ruleset files
GROUP = "kpirules.rulesets"
#: the name of the package that has the bundled rulesets
OWN: Final = "kpirules"

#: packages by name, each with the folders of its ruleset files
Packages: TypeAlias = dict[str, tuple[Package, tuple[Path, ...]]]


@lru_cache(maxsize=1)
def packages() -> tuple[Packages, tuple[SourceError, ...]]:
    """Return the packages that have rulesets, and errors for those that cannot be used.

    Cached: installed packages do not change during a run. No code of a package is run; one that
    cannot be used does not affect the others.
    """
    from importlib import metadata  # noqa: PLC0415 - costs 10 ms

    found: Packages = {}
    faults: list[SourceError] = []
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda p: (p.value, p.name)):
        package = _package_of(point)
        try:
            folders = _folders_of(point.value)
        except Exception as error:  # noqa: BLE001 - one package must not affect others
            inner = error.reason if isinstance(error, MessageError) else repr(error)
            reason = Message.of("source.entry-point", name=point.name, group=GROUP, reason=inner)
            faults.append(SourceError(source=str(package), reason=reason))
            continue
        _, before = found.get(package.name, (package, ()))
        found[package.name] = (package, tuple(dict.fromkeys((*before, *folders))))
    return dict(sorted(found.items())), tuple(faults)


@lru_cache(maxsize=1)
def own_package() -> Package:
    """Return the name and version of kpirules."""
    from importlib import metadata  # noqa: PLC0415 - as above

    try:
        version = metadata.version(OWN)
    except metadata.PackageNotFoundError:
        # a checkout on the path that is not installed
        version = "unknown"
    return Package(name=OWN, version=version)


def _package_of(point: metadata.EntryPoint) -> Package:
    """Return the name and version of the package that declares an entry point."""
    # the type does not declare ``dist``, and it is None for an entry point created by hand
    distribution = getattr(point, "dist", None)
    if distribution is None:
        return Package(name=point.value, version="unknown")
    return Package(name=distribution.name, version=distribution.version)


def _folders_of(module: str) -> list[Path]:
    """Return the folders of a package by its import name, without importing it."""
    from importlib.util import find_spec  # noqa: PLC0415 - only with a package

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
