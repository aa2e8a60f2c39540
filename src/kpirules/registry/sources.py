"""Sources of rulesets: folders, installed packages, and mappings.

Without other sources, kpirules looks into the folders of ``KPIRULES_PATH``, installed packages, and
the bundled rulesets. A package declares its rulesets by an entry point in the group
``kpirules.rulesets``; no code of the package is run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias, TypeGuard

import attrs

from kpirules._internal.display import printable
from kpirules.errors import SourceError
from kpirules.model.provenance import Package
from kpirules.registry.files import State, checksum_of, content_of, names_in, state_of
from kpirules.registry.packages import OWN, own_package, packages
from kpirules.registry.protocol import Entry, Source
from kpirules.translations.message import Message


#: the environment variable that lists folders, separated as in ``PATH``
PATH_VARIABLE = "KPIRULES_PATH"
#: the suffix of a ruleset file; the name before it is the date from which it is effective
SUFFIX: Final = ".rubric.toml"

#: the argument ``folders`` of the public functions
Folders: TypeAlias = Iterable[str | os.PathLike[str]]


@attrs.frozen(cache_hash=True)
class FolderSource:
    """A folder that contains rulesets as ``<id>/<effective-from>.rubric.toml``.

    >>> from kpirules import FolderSource
    >>> FolderSource("rulesets").name
    'rulesets'
    """

    folder: Path = attrs.field(converter=Path)

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self.folder)

    def __str__(self) -> str:
        return printable(self.name)

    def list(self) -> Iterator[Entry | SourceError]:
        """Yield the rulesets, and an error for each file with another name."""
        return _listed(self.folder)

    def read(self, id: str, effective_from: date, /) -> bytes:  # noqa: A002 - the word of the language
        """Read a file."""
        return content_of(self.path(id, effective_from))

    def stamp(self, id: str, /) -> Hashable:  # noqa: A002 - the word of the language
        """Return the names of an id's files, each with a checksum of its content."""
        return _stamp(self.folder, id)

    def path(self, id: str, effective_from: date, /) -> Path:  # noqa: A002 - the word of the language
        """Return the path of a ruleset's file."""
        return self.folder / id / f"{effective_from}{SUFFIX}"


@attrs.frozen(cache_hash=True)
class PackageSource:
    """The rulesets of an installed package, by the package's name.

    A package declares the modules that contain its ruleset files by entry points in the group
    ``kpirules.rulesets``. "kpirules" is the source of the bundled rulesets.

    >>> from kpirules import PackageSource, rulesets
    >>> {each.id for each in rulesets(sources=[PackageSource("kpirules")])} >= {"customer-service"}
    True
    """

    name: str
    _found: tuple[Package, tuple[Path, ...]] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(lambda self: _package(self.name), takes_self=True),
    )

    @property
    def package(self) -> Package:
        """Its name and version."""
        return self._found[0]

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of its ruleset files."""
        return self._found[1]

    def __str__(self) -> str:
        return printable(str(self.package))

    def list(self) -> Iterator[Entry | SourceError]:
        """Yield the rulesets, and an error for each file with another name."""
        for folder in self.folders:
            yield from _listed(folder)

    def read(self, id: str, effective_from: date, /) -> bytes:  # noqa: A002 - the word of the language
        """Read a file."""
        return content_of(self.path(id, effective_from))

    def stamp(self, id: str, /) -> Hashable:  # noqa: A002 - the word of the language
        """Return the names of an id's files, each with a checksum of its content."""
        return tuple([_stamp(folder, id) for folder in self.folders])

    def path(self, id: str, effective_from: date, /) -> Path:  # noqa: A002 - the word of the language
        """Return the path of a ruleset's file."""
        paths = [FolderSource(folder).path(id, effective_from) for folder in self.folders]
        return next((path for path in paths if path.exists()), paths[0])


@attrs.frozen(eq=False)
class MappingSource:
    r"""Rulesets by name, such as ``{"sales/2026-01-01": text}``: for tests and small tools.

    The mapping may change: the rulesets are then loaded again.

    >>> from kpirules import MappingSource, load
    >>> rules = 'schema = 1\nid = "sales"\neffective_from = 2026-01-01\n'
    >>> rules += 'criterion = [{ id = "orders", weight = 100 }]'
    >>> load("sales", on="2026-10", sources=[MappingSource({"sales/2026-01-01": rules})]).id
    'sales'
    """

    #: texts by ``<id>/<effective-from>``
    texts: Mapping[str, str | bytes]
    name: str = "mapping"

    def __str__(self) -> str:
        return printable(self.name)

    def list(self) -> Iterator[Entry | SourceError]:
        """Yield the rulesets, and an error for each that has another name."""
        for key in list(self.texts):
            id_, _, day = str(key).rpartition("/")
            since = day_of(day)
            if since is None or not id_:
                reason = Message.of("source.key")
                yield SourceError(source=f"{self.name}: {key}", reason=reason)
            else:
                yield id_, since

    def read(self, id: str, effective_from: date, /) -> str | bytes:  # noqa: A002 - the word of the language
        """Return a text."""
        return self.texts[f"{id}/{effective_from}"]

    def stamp(self, id: str, /) -> Hashable:  # noqa: A002 - the word of the language
        """Return the names and texts of an id."""
        return tuple(item for item in list(self.texts.items()) if item[0].startswith(f"{id}/"))


def _package(name: str) -> tuple[Package, tuple[Path, ...]]:
    """Return a package and its folders; raise :class:`SourceError` for an unknown name."""
    known = {**packages()[0], OWN: (own_package(), (shipped(),))}
    if name not in known:
        raise SourceError(source=name, reason=Message.of("source.unknown", known=(*known,)))
    return known[name]


# ---------------------------------------------------------------- folders


def day_of(name: str) -> date | None:
    """Return the date that a name is; None if it is not a date."""
    try:
        since = date.fromisoformat(name)
    except ValueError:
        return None
    # 20250101 is a date too, and would be a duplicate
    return since if since.isoformat() == name else None


def date_of(path: Path) -> date | None:
    """Return the date in a file's name; None if the name is not a date."""
    return day_of(path.name.removesuffix(SUFFIX))


def _listed(folder: Path, id: str | None = None) -> Iterator[Entry | SourceError]:  # noqa: A002 - the word of the language
    """Yield the rulesets of a folder, or of an id, and an error for each misnamed file."""
    if not folder.is_dir():
        raise SourceError(source=str(folder), reason=Message.of("source.no-folder"))
    root = str(folder)
    for name in names_in(root) if id is None else filter(_is_name, (id,)):
        inside = f"{root}{os.sep}{name}"
        if id is None and name.endswith(SUFFIX):
            yield _misnamed(inside)
        for file in _files_in(inside):
            since = day_of(file.removesuffix(SUFFIX))
            yield _misnamed(f"{inside}{os.sep}{file}") if since is None else (name, since)


def _misnamed(path: str) -> SourceError:
    """Return the error about a file that is not found by its name."""
    return SourceError(source=path, reason=Message.of("source.file-name", suffix=SUFFIX))


def _files_in(folder: str) -> Sequence[str]:
    """Return the names of the ruleset files in a folder."""
    return [name for name in names_in(folder) if name.endswith(SUFFIX)]


def _is_name(id: str) -> bool:  # noqa: A002 - as above
    """Check whether an id can be the name of a folder."""
    return id not in {"", ".", ".."} and {"/", os.sep}.isdisjoint(id)


def _stamp(folder: Path, id: str) -> Hashable:  # noqa: A002 - as above
    """Return the names of an id's files in a folder, each with a checksum of its content."""
    if not _is_name(id):
        return ()
    inside = f"{folder}{os.sep}{id}"
    return tuple([(name, checksum_of(f"{inside}{os.sep}{name}")) for name in _files_in(inside)])


def is_own(source: Source) -> TypeGuard[FolderSource | PackageSource]:
    """Check whether a source is one of kpirules: its files are found by their paths."""
    # a subclass may find them in another way
    return source.__class__ in (FolderSource, PackageSource)


def listed_of(source: FolderSource | PackageSource, id: str) -> Iterator[Entry | SourceError]:  # noqa: A002 - as above
    """Yield the rulesets of an id as the source lists them; look at no other id."""
    for folder in folders_of(source):
        yield from _listed(folder, id)


def states_of(source: FolderSource | PackageSource, id: str) -> Iterator[tuple[str, State]]:  # noqa: A002 - as above
    """Yield each path that changes with an id's rulesets, and its state."""
    for folder in folders_of(source) if _is_name(id) else ():
        inside = f"{folder}{os.sep}{id}"
        # before its files: it changes when one is added
        yield inside, state_of(inside)
        for name in _files_in(inside):
            path = f"{inside}{os.sep}{name}"
            yield path, state_of(path)


def folders_of(source: FolderSource | PackageSource) -> tuple[Path, ...]:
    """Return the folders of a source."""
    return (source.folder,) if isinstance(source, FolderSource) else source.folders


# ---------------------------------------------------------------- which are used


def default_sources() -> tuple[tuple[Source, ...], tuple[SourceError, ...]]:
    """Return the sources that are used if a call names none, and errors for unusable ones.

    The order: the folders of ``KPIRULES_PATH``, packages by name, the bundled rulesets.
    """
    found: list[Source] = []
    faults: list[SourceError] = []
    listed = os.environ.get(PATH_VARIABLE)
    for path in filter(None, listed.split(os.pathsep)) if listed else ():
        if os.path.isdir(path):  # noqa: PTH112 - asked at each call
            found.append(FolderSource(Path(path)))
        else:
            reason = Message.of("source.no-folder_path", variable=PATH_VARIABLE)
            faults.append(SourceError(source=path, reason=reason))
    known, broken = packaged()
    return ((*found, *known), (*faults, *broken)) if found or faults else (known, broken)


def packaged() -> tuple[tuple[PackageSource, ...], tuple[SourceError, ...]]:
    """Return the sources of packages, and an error for each unusable one: the same object again."""
    return _packaged(shipped)


@lru_cache(maxsize=1)
def _packaged(
    _: Callable[[], Path],
) -> tuple[tuple[PackageSource, ...], tuple[SourceError, ...]]:
    """Return the sources of packages, cached: installed packages do not change during a run.

    The argument is the function that finds the bundled rulesets.
    """
    found, faults = packages()
    return tuple(PackageSource(name) for name in (*found, OWN)), faults


def shipped() -> Path:
    """Return the folder of the bundled rulesets.

    An installed package contains it; in a checkout, which an editable install points to, it is the
    top-level folder ``rulesets``.
    """
    inside = Path(__file__).parents[1] / "_rulesets"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "rulesets"


def own() -> PackageSource:
    """Return the source of the bundled rulesets."""
    return PackageSource(OWN)
