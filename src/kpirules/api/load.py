"""Load rulesets from a text, a file, or by id; each is read, proved sound and compiled."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, TypeAlias

from kpirules._internal.caching import BoundedCache
from kpirules.api.programs import program_of
from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.errors import FileError, RulesetError, RulesetNotFoundError, expect
from kpirules.model.provenance import Provenance, set_provenance
from kpirules.model.rubric import Rubric
from kpirules.registry.catalog import Ruleset, bases_of, catalog, effective
from kpirules.registry.dates import days_of
from kpirules.registry.sources import PATH_VARIABLE
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.model.provenance import FindBase, Package
    from kpirules.toml.parser import Reading


#: a file or folder, and what changes when it does
_Seen: TypeAlias = "tuple[str, tuple[int, ...] | None]"


def loads(text: str, *, file: str = "<string>") -> Rubric:
    """Read a rubric from the text of a ruleset file.

    ``file`` is the name that errors give. Raises :class:`~kpirules.errors.RulesetError` with all
    that is wrong with the text or the scheme, each at its line and column.

    >>> from kpirules import loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "tiny"
    ... criterion = [{ id = "work", weight = 100 }]
    ... ''')
    >>> rubric.criteria[0].weight
    Decimal('100')
    """
    expect(text, str, "loads: expected the text of a ruleset file")
    return _load(text, file, bases_of(None))


def load_file(
    path: str | os.PathLike[str],
    *,
    folders: Iterable[str | os.PathLike[str]] = (),
    prefer: str | None = None,
) -> Rubric:
    """Read a rubric from a ruleset file.

    What it extends is looked for beside it (where it is filed as ``<id>/<date>.rubric.toml``),
    then where :func:`load` looks. Raises :class:`~kpirules.errors.RulesetError` with all that is
    wrong with the file or the scheme, each at its line and column;
    :class:`~kpirules.errors.FileError` where the file cannot be read.
    """
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - only with a file

    expect(path, (str, os.PathLike), "load_file: expected the path of a ruleset file")
    file = Path(path)
    return _load(read_bytes(file), str(path), bases_of(file, folders, prefer), file)


def load(
    id: str,  # noqa: A002 - the word of the language
    *,
    on: date | str | None = None,
    folders: Iterable[str | os.PathLike[str]] = (),
    prefer: str | None = None,
) -> Rubric:
    """Load the ruleset of that id that is effective on a date.

    ``on`` is a ``date``, the day of a ``datetime`` (pandas' ``Timestamp`` and NumPy's
    ``datetime64`` are taken as well), ``"2026-10-31"``, or a month, ``"2026-10"``, during all of
    which one version must hold. Without it, today's. The ruleset is looked for in the ``folders``
    given, in those of ``KPIRULES_PATH``, in installed packages, and in what is shipped; where
    several have the id, ``prefer`` says which is meant: a package's name or a folder.

    Raises :class:`~kpirules.errors.RulesetNotFoundError` for an unknown id or a date on which none
    is effective, :class:`~kpirules.errors.NotOneRulesetError` for a date on which two are,
    :class:`~kpirules.errors.AmbiguousRulesetError` where several sources have the id,
    :class:`~kpirules.errors.TimeError` for an ``on`` that is not a date or month, or a month within
    which the rules change, :class:`~kpirules.errors.RulesetError` where the file is unsound.

    >>> from datetime import date
    >>> from kpirules import load
    >>> load("customer-service", on=date(2026, 10, 31)).currency
    'CNY'
    >>> load("customer-service", on="2026-10").currency
    'CNY'
    """
    expect(id, str, "load: expected the id of a ruleset")
    where = tuple(folders)
    return load_found(catalog(where).within(id, on, prefer=prefer), where, prefer)


def load_found(
    found: Ruleset, folders: Iterable[str | os.PathLike[str]] = (), prefer: str | None = None
) -> Rubric:
    """Load a ruleset that the catalog has found; raises as :func:`load_file` does."""
    return _loaded(found.path, tuple(folders), prefer, found.source.package)


#: rubrics by the file and what says which others it may extend, with the state of all files read
_known: dict[object, tuple[dict[str, object], Rubric]] = {}


def _loaded(
    path: Path,
    folders: tuple[str | os.PathLike[str], ...],
    prefer: str | None,
    package: Package | None,
) -> Rubric:
    """Load a file once, and again when it has changed, or what it extends."""
    key = (path, folders, prefer, os.environ.get(PATH_VARIABLE))
    if key in _known:
        states, rubric = _known[key]
        if states == {file: _state(file) for file in states}:
            return rubric
    rubric = load_file(path, folders=folders, prefer=prefer)
    set_provenance(rubric, Provenance(origin=rubric.origin, package=package))
    texts = () if rubric.origin is None else rubric.origin.texts
    if len(_known) >= _MAX_LOADED:
        _known.clear()
    # as it was read: a file that has been replaced meanwhile differs from it
    _known[key] = ({t.file: _state(t.file, t.text.encode()) for t in texts}, rubric)
    return rubric


#: rubrics that are kept at once
_MAX_LOADED = 256


def _state(file: str, content: bytes | None = None) -> object:
    """Return what changes when a file does, or another version is laid beside it.

    The content, read where it is not given: a file may be replaced by one of the same size and
    time.
    """
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - only with a file

    try:
        folder = Path(file).parent.stat()
        there = read_bytes(Path(file)) if content is None else content
    except (OSError, FileError):
        return None
    return there, folder.st_ino, folder.st_mtime_ns, folder.st_ctime_ns


#: rubrics by the id and the sources, with the day and the state of all that says which it is
_current: BoundedCache[tuple[str, str | None], tuple[date, tuple[_Seen, ...], Rubric]] = (
    BoundedCache()
)
#: what was changed so lately when it was read may be changed once more at the same time
_SETTLED_NS = 2_000_000_000


def current(id: str) -> Rubric:  # noqa: A002 - the word of the language
    """Return the ruleset of an id that is effective today, as :func:`load` does.

    Where nothing has changed since it was loaded, it is not looked for again: neither its files,
    nor the folders that another version or another ruleset of the id may be laid into.
    """
    today = date.today()  # noqa: DTZ011 - rules begin on the local date of the caller
    path = os.environ.get(PATH_VARIABLE)
    known = _current.get((id, path))
    if known is not None and known[0] == today:
        for place, state in known[1]:
            if _stat(place) != state:
                break
        else:
            return known[2]
    begun = time_ns()
    rubric = load(id)
    seen = tuple((place, _stat(place)) for place in _places(rubric, path))
    if all(state is None or state[-1] < begun - _SETTLED_NS for _, state in seen):
        _current.keep((id, path), (today, seen, rubric))
    return rubric


def _stat(place: str) -> tuple[int, ...] | None:
    """Return what changes when a file or a folder does; None where it is not there."""
    try:
        found = os.stat(place)  # noqa: PTH116 - asked at each call
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _places(rubric: Rubric, path: str | None) -> Iterator[str]:
    """Yield the files of a rubric, and the folders that say which these are."""
    files = [Path(text.file) for text in (() if rubric.origin is None else rubric.origin.texts)]
    yield from map(str, dict.fromkeys([*files, *(file.parent for file in files)]))
    for source in filter(None, (path or "").split(os.pathsep)):
        yield source
        for id_ in dict.fromkeys(file.parent.name for file in files):
            folder = Path(source, id_)
            if folder.is_dir():
                yield str(folder)


def is_in_force(rubric: Rubric, day: date) -> bool:
    """Return whether a rubric is effective on a date; both its dates are included."""
    begun = rubric.effective_from is None or rubric.effective_from <= day
    return begun and (rubric.effective_until is None or day <= rubric.effective_until)


def in_force(rubric: Rubric | str, on: date | str | None) -> Rubric:
    """Return the rubric of an id on a date, or a rubric itself where it is effective on it.

    A rubric must be effective during all of a month. Raises what :func:`load` does.
    """
    from kpirules.model.rubric import Rubric  # noqa: PLC0415 - what is imported here costs every program

    if isinstance(rubric, str):
        return current(rubric) if on is None else load(rubric, on=on)
    expect(rubric, Rubric, "rubric: expected a Rubric or the id of a ruleset")
    if on is not None:
        for day in days_of(on):
            if not is_in_force(rubric, day):
                times = effective(rubric.effective_from, rubric.effective_until)
                known = (str(times),)
                raise RulesetNotFoundError(id=rubric.id, on=day, known=known, periods=(times,))
    return rubric


def _load(content: bytes | str, file: str, find: FindBase, path: Path | None = None) -> Rubric:
    """Read, check and compile."""
    from kpirules.toml.parser import read  # noqa: PLC0415 - costs 20 ms

    reading = _filed(read(content, file, find), path)
    if reading.rubric is None or reading.findings:
        raise RulesetError(findings=_findings(reading, with_advice=False))
    program_of(reading.rubric)
    return reading.rubric


def _filed(reading: Reading, path: Path | None) -> Reading:
    """Add the findings about the place of a file."""
    if path is None or reading.rubric is None:
        return reading
    from kpirules.checks.versions import misfiled  # noqa: PLC0415 - only with a file

    return reading.with_findings(misfiled(reading.rubric, path))


def check_text(content: bytes | str, *, file: str = "<string>") -> tuple[Finding, ...]:
    r"""Return all findings about the content of a ruleset file.

    What :func:`kpirules.check` reports of its rubric, and the errors of the text itself; an error
    of the text hides no other, as far as the rest can be read. In the order of the file.

    >>> from kpirules.api.load import check_text
    >>> text = 'schema = 1\nid = "x"\ncolour = "red"\ncriterion = [{ id = "a", weight = 90 }]'
    >>> [(f.code, f.spots[0].line) for f in check_text(text) if f.severity == "error"]
    [('unknown-key', 3), ('weights-sum', 4)]
    """
    expect(content, (str, bytes), "check_text: expected the content of a ruleset file")
    return examine(content, file)[1]


def examine(
    content: bytes | str,
    file: str,
    path: Path | None = None,
    folders: Iterable[str | os.PathLike[str]] = (),
) -> tuple[Reading, tuple[Finding, ...]]:
    """Return what could be read of a ruleset file's content, and all findings."""
    reading = examined(content, file, path, folders)
    return reading, _findings(reading)


def examined(
    content: bytes | str,
    file: str,
    path: Path | None = None,
    folders: Iterable[str | os.PathLike[str]] = (),
) -> Reading:
    """Read a ruleset file's content; where it has a ``path``, look at where it lies as well."""
    from kpirules.toml.parser import read  # noqa: PLC0415 - costs 20 ms

    reading = _filed(read(content, file, bases_of(path, folders)), path)
    if path is None or reading.rubric is None:
        return reading
    from kpirules.checks.versions import versions  # noqa: PLC0415 - only with a file

    return reading.with_findings(versions(reading.rubric, path))


def check_file(
    path: str | os.PathLike[str], *, folders: Iterable[str | os.PathLike[str]] = ()
) -> tuple[Finding, ...]:
    """Return all findings about a ruleset file (see :func:`check_text`).

    A file that cannot be opened is a finding as well; so are versions beside it that are in force
    at the same time, or leave a time without any.
    """
    from kpirules.toml.limits import read_bytes  # noqa: PLC0415 - only with a file

    expect(path, (str, os.PathLike), "check_file: expected the path of a ruleset file")
    try:
        content = read_bytes(Path(path))
    except FileError as error:
        return (unreadable(str(path), error),)
    return examine(content, str(path), Path(path), folders)[1]


def unreadable(file: str, error: FileError) -> Finding:
    """Return the finding about a file that cannot be read."""
    spot = SourceLocation(file=file, line=1, column=1, end_column=2, source="")
    reason = Message.of("finding.unreadable", reason=error.reason)
    return Finding(code="unreadable", reason=reason, spots=(spot,))


def _findings(reading: Reading, *, with_advice: bool = True) -> tuple[Finding, ...]:
    """Check what could be read."""
    from kpirules.checks.runner import findings_of  # noqa: PLC0415 - once a file
    from kpirules.toml.locate import place  # noqa: PLC0415 - only with a finding

    if reading.rubric is None:
        return place(reading.findings, reading.origin)
    return findings_of(reading.rubric, reading.findings, reading.lost, with_advice=with_advice)
