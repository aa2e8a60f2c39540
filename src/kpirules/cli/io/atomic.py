"""Write output files atomically, and replace a file only by request."""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.cli.io.tables import TableError
from kpirules.translations.message import Message
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


#: names of temporary files beside an output, with the id of the process that writes them
_TEMPORARY = re.compile(r"\.kpirules-(\d+)-\w+\.tmp")
#: seconds without a change after which a temporary file is taken as abandoned
_OLD = 24 * 60 * 60


def check_output(output: Path | None, source: Path | None = None, *, force: bool) -> None:
    """Raise :class:`TableError` for an output that must not be written.

    Rejected are the file that is read, also under another name; an existing file, unless
    ``force``; and a folder or device. ``output`` is None for standard output.
    """
    if output is None:
        return
    with suppress(OSError):
        if source is not None and source.samefile(output):
            message, help_ = Message.of("file.is-read"), Message.of("file-help.is-read")
            raise TableError(file=str(output), message=message, help=help_)
    if output.exists() and not output.is_file():
        message, help_ = Message.of("file.not-a-file"), Message.of("file-help.not-a-file")
        raise TableError(file=str(output), message=message, help=help_)
    if output.exists() and not force:
        raise exists_error(output)


def write_atomically(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file atomically (see :func:`atomic_write`)."""
    write_all({path: data}, force=force)


def write_all(files: Mapping[Path, bytes], *, force: bool, parents: bool = False) -> None:
    """Write all files, or none if one of them cannot be written (see :func:`atomic_write`)."""
    with ExitStack() as stack:
        for path, data in files.items():
            stack.enter_context(atomic_write(path, force=force, parents=parents)).write_bytes(data)


@contextmanager
def atomic_write(path: Path, *, force: bool, parents: bool = False) -> Generator[Path]:
    """Yield a temporary file beside a path; rename it to the path afterwards, atomically.

    A symbolic link remains, and its target is replaced; the new file has the permissions of the
    replaced one. Raise :class:`~kpirules.cli.io.tables.TableError` if the file exists and not
    ``force``, or if it cannot be written. After an error or an interruption the folder is
    unchanged. With ``parents``, missing folders are created, and removed after an error.
    """
    check_output(path, force=force)
    target = Path(os.path.realpath(path))
    temporary, created = None, list[Path]()
    try:
        if parents:
            _create(target.parent, created)
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
            _rename_new(temporary, target)
    except FileExistsError:
        raise exists_error(path) from None
    except OSError as error:
        message = Message.of("file.cannot-write", reason=reason_of(error))
        raise TableError(file=str(path), message=message) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        for folder in created if not target.exists() else ():
            # not empty if it has got other files in the meantime
            with suppress(OSError):
                folder.rmdir()


def _create(folder: Path, created: list[Path]) -> None:
    """Create a folder and the missing ones above it; put them into a list, the deepest first."""
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            if each.exists():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            each.mkdir()
            created.insert(0, each)


def exists_error(path: Path) -> TableError:
    """Return the error for an existing output."""
    message, help_ = Message.of("file.exists"), Message.of("file-help.exists")
    return TableError(file=str(path), message=message, help=help_)


def _mode(target: Path) -> int:
    """Return the permissions of the replaced file, or those of a new one."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _rename_new(temporary: Path, target: Path) -> None:
    """Rename a file; raise FileExistsError if another file has the name."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # no hard links (FAT, network shares): an empty file reserves the name
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            temporary.replace(target)
        except OSError:
            target.unlink()
            raise


def _clean(folder: Path) -> None:
    """Remove temporary files of killed processes from a folder."""
    for path in folder.glob(".kpirules-*.tmp"):
        match = _TEMPORARY.fullmatch(path.name)
        with suppress(OSError):
            is_old = time.time() - path.stat().st_mtime > _OLD
            if match and is_old and not Path("/proc", match[1]).exists():
                path.unlink()
