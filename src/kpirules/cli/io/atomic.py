"""Output files: written whole or not at all, and over another file only when that is wanted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kpirules.cli.io.tables import TableError


def write_whole(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file so that nobody ever sees half of it (see :func:`whole`)."""
    with whole(path, force=force) as temporary:
        temporary.write_bytes(data)


@contextmanager
def whole(path: Path, *, force: bool) -> Generator[Path]:
    """Let a file be written so that nobody ever sees half of it.

    The content goes to a temporary file beside it, which then takes its name at once. Raises
    :class:`~kpirules.cli.io.tables.TableError` where the file exists and ``force`` is not given, or
    where it cannot be written; then, and where the writing is broken off, the folder is as it was.
    """
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        # a temporary file is made for its owner alone; the output is as any new file would be
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        if force:
            temporary.replace(path)
        else:
            os.link(temporary, path)
            temporary.unlink()
    except FileExistsError:
        _forget(temporary)
        raise exists(path) from None
    except OSError as error:
        _forget(temporary)
        reason = error.strerror or type(error).__name__
        raise TableError(file=str(path), message=f"cannot be written: {reason}") from None
    except BaseException:
        _forget(temporary)
        raise


def exists(path: Path) -> TableError:
    """Say that an output exists already."""
    return TableError(file=str(path), message="exists already", help="use --force to overwrite it")


def _forget(temporary: Path | None) -> None:
    """Take a temporary file away."""
    if temporary is not None:
        temporary.unlink(missing_ok=True)
