"""The process of a command: its standard streams, and the signal that interrupts it."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn


if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType


#: the exit code that shells report for a program ended by SIGINT
INTERRUPTED = 128 + signal.SIGINT


@contextmanager
def safe_streams() -> Generator[None]:
    """Make the standard streams safe to write to, and exit with a code when interrupted.

    Characters outside of the encoding of a terminal are written as escapes. A closed stream is
    replaced: writing results to it raises an error, so no result is lost unnoticed.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - read-only: writing fails
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - never closed
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a handler
    """Exit with the code of an interrupted program."""
    sys.exit(INTERRUPTED)


def report_write_error(error: OSError) -> int:
    """Report an output that cannot be written; return the exit code."""
    what = error.filename or "standard output"
    reason = error.strerror or "it is closed"
    with suppress(OSError):
        sys.stderr.write(f"kpirules: {what}: cannot be written: {reason}\n")
        sys.stderr.flush()
    # the rest of the buffer is discarded, so that closing the stream at exit cannot fail
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return 2
