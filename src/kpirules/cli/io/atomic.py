"""Output files: written whole or not at all, and over another file only when that is wanted."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.cli.io.tables import TableError


if TYPE_CHECKING:
    from collections.abc import Generator


#: the temporary files beside an output: whose process writes them stands in their names
_TEMPORARY = re.compile(r"\.kpirules-(\d+)-\w+\.tmp")
#: what has not been written to for so many seconds was left by a process that was killed
_OLD = 24 * 60 * 60


def check_output(output: Path | None, source: Path | None = None, *, force: bool) -> None:
    """Raise :class:`TableError` for an output that must not be written.

    That is the file which is read, also under another name; a file that exists, unless ``force``;
    and what is not a file. ``output`` is None for standard output.
    """
    if output is None:
        return
    with suppress(OSError):
        if source is not None and source.samefile(output):
            message = "is the file that is read"
            raise TableError(file=str(output), message=message, help="write to another file")
    if output.exists() and not output.is_file():
        message = "cannot be written: it is not a file"
        raise TableError(file=str(output), message=message, help="name a file")
    if output.exists() and not force:
        raise exists(output)


def write_whole(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file so that nobody ever sees half of it (see :func:`whole`)."""
    with whole(path, force=force) as temporary:
        temporary.write_bytes(data)


@contextmanager
def whole(path: Path, *, force: bool) -> Generator[Path]:
    """Let a file be written so that nobody ever sees half of it.

    The content goes to a temporary file beside it, which then takes its name at once. A symbolic
    link stays, and the file that it leads to is replaced; a file that is replaced passes its
    permissions on. Raises :class:`~kpirules.cli.io.tables.TableError` if the file exists and
    ``force`` is not given, or if it cannot be written; then, and if the writing is broken off, the
    folder is as it was.
    """
    check_output(path, force=force)
    target = Path(os.path.realpath(path))
    temporary = None
    try:
        _clean(target.parent)
        prefix = f".kpirules-{os.getpid()}-"
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=prefix, suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(_mode(target))
        if force:
            temporary.replace(target)
        else:
            _take_name(temporary, target)
    except FileExistsError:
        raise exists(path) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TableError(file=str(path), message=f"cannot be written: {reason}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def exists(path: Path) -> TableError:
    """Return the error that an output exists already."""
    return TableError(file=str(path), message="exists already", help="use --force to overwrite it")


def _mode(target: Path) -> int:
    """Return the permissions of the file that is replaced, or of a new one."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _take_name(temporary: Path, target: Path) -> None:
    """Give a file a name that no other file has; raise FileExistsError if one has it."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # no hard links there (FAT, network shares): an empty file holds the name meanwhile
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            temporary.replace(target)
        except OSError:
            target.unlink()
            raise


def _clean(folder: Path) -> None:
    """Remove what killed processes left in a folder."""
    for path in folder.glob(".kpirules-*.tmp"):
        match = _TEMPORARY.fullmatch(path.name)
        with suppress(OSError):
            is_old = time.time() - path.stat().st_mtime > _OLD
            if match and is_old and not Path("/proc", match[1]).exists():
                path.unlink()
